/* store.h - imported data sets: a folder of scaled samples that is opened without reading it.
 *
 * The folder holds data.json, with everything but the samples, and for each part (train,
 * validation, test) the inputs in PART-x.npy and the labels or values in PART-y.npy. The arrays are
 * mapped, so that samples that are not in use take no memory. See ipdlam-data(5).
 */
#ifndef IPD_DATA_STORE_H
#define IPD_DATA_STORE_H

#include "data/reading.h"

/* 1 if the folder holds an imported data set. */
int ipd_store_holds(const char *folder);

/* 1 if an import makes files of this name in its folder. */
int ipd_store_makes(const char *name);

/* Opens it into *r->d, which is then complete. Checks everything except the inputs and values:
 * `ipdlam data info` compares these with the checksum. */
int ipd_store_read(ipd_reading *r, const char *folder, ipd_error *e);

/* Writes a data set into an existing folder, data.json last. */
int ipd_store_write(const ipd_dataset *d, const char *folder, const ipd_data_progress *progress,
                    ipd_error *e);

/* Reads all samples and compares them with the checksum. */
int ipd_store_check(const ipd_dataset *d, const ipd_data_progress *progress, ipd_error *e);

/* Reads any source (see ipd_dataset_open; more: as in ipd_dataset_open_in) and writes it as a new
 * folder `out`, which appears when it is complete. Memory does not grow with the number of samples;
 * see ipdlam-data(1). Main thread. */
int ipd_store_import(const char *name, const char *const *more, const ipd_dataset_options *options,
                     const char *out, const ipd_data_progress *progress, ipd_error *e);

#endif
