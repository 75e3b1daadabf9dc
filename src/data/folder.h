/* folder.h - reads a data set from a folder with four IDX files. */
#ifndef IPD_DATA_FOLDER_H
#define IPD_DATA_FOLDER_H

#include "data/folder_files.h"
#include "data/reading.h"

/* Reads the four files and checks that they match. classes: the required number, or 0 for the
 * largest label + 1 (at least 2). Any thread. */
int ipd_folder_read(ipd_reading *r, const char *folder, size_t classes, ipd_error *e);

/* Copies N samples: X (inputs x N, raw pixels) and labels. */
int ipd_samples_init(ipd_space *space, ipd_samples *s, const uint8_t *pixels, const uint8_t *labels,
                     size_t inputs, size_t N, ipd_error *e);

#endif
