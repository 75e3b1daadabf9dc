/* folder.h - reads a data set from a folder with four IDX files. */
#ifndef IPD_DATA_FOLDER_H
#define IPD_DATA_FOLDER_H

#include "data/dataset.h"

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

/* Fills *d (except name, source and references) from the four files and checks that they match.
 * classes: the required number, or 0 for the largest label + 1 (at least 2). On failure *d owns
 * nothing. Any thread. */
int ipd_folder_read(ipd_dataset *d, const char *folder, size_t classes,
                    const ipd_dataset_options *options, ipd_error *e);

/* Copies N samples: X (inputs x N, pixels divided by 255) and labels. */
int ipd_samples_init(ipd_samples *s, const uint8_t *pixels, const uint8_t *labels, size_t inputs,
                     size_t N, ipd_error *e);
void ipd_samples_free(ipd_samples *s);

#endif
