/* folder.h - a data set from a folder with four IDX files. */
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

/* "train-images-idx3-ubyte" and so on: what the file is called, without .gz; static. */
const char *ipd_folder_file_name(ipd_folder_part part);

/* Finds a part's file: plain before .gz, with "-idx" before ".idx". 0 and its path, or -1. */
int ipd_folder_file(char *path, size_t size, const char *folder, ipd_folder_part part);

/* 1 where the folder holds at least one of the four. */
int ipd_folder_holds(const char *folder);

/* Fills all of *d but name, source and references from the four files, and checks them against
 * each other. classes: how many there must be, or 0 for as many as the largest label says (at least
 * 2). On failure *d holds nothing. Any thread. */
int ipd_folder_read(ipd_dataset *d, const char *folder, size_t classes,
                    const ipd_dataset_options *options, ipd_error *e);

/* Makes N samples of bytes: X (inputs x N, divided by 255) and labels, copies of both. */
int ipd_samples_init(ipd_samples *s, const uint8_t *pixels, const uint8_t *labels, size_t inputs,
                     size_t N, ipd_error *e);
void ipd_samples_free(ipd_samples *s);

#endif
