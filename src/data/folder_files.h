/* folder_files.h - the four IDX files of a folder, by name. */
#ifndef IPD_DATA_FOLDER_FILES_H
#define IPD_DATA_FOLDER_FILES_H

#include <stddef.h>

typedef enum ipd_folder_part {
    IPD_TRAIN_IMAGES,
    IPD_TRAIN_LABELS,
    IPD_TEST_IMAGES,
    IPD_TEST_LABELS,
    IPD_FOLDER_PARTS
} ipd_folder_part;

/* The file's name without .gz, "train-images-idx3-ubyte" and so on; static. */
const char *ipd_folder_file_name(ipd_folder_part part);

/* Finds the file of a part; prefers plain to .gz, and "-idx" to ".idx". 0 and its path, or -1. */
int ipd_folder_file(char *path, size_t size, const char *folder, ipd_folder_part part);

/* 1 if the folder holds at least one of the four files. */
int ipd_folder_holds(const char *folder);

#endif
