/* data.h - the verbs of `ipdlam data`. */
#ifndef IPD_CLI_DATA_DATA_H
#define IPD_CLI_DATA_DATA_H

#include "cli/data_choice.h"
#include "data/dataset.h"

/* Each gets its own argv, in which argv[0] is the verb, and returns an exit code. */
int ipd_cli_data_info(int argc, char **argv);
int ipd_cli_data_show(int argc, char **argv);
int ipd_cli_data_fetch(int argc, char **argv);
int ipd_cli_data_synth(int argc, char **argv);
int ipd_cli_data_import(int argc, char **argv);

/* Prints the chosen samples of a table, `room` columns wide. scaled: 1 for the values that the
 * network gets, 0 for those in the file. */
int ipd_cli_data_rows(const ipd_dataset *d, const ipd_samples *half, const size_t *chosen,
                      size_t count, size_t room, int scaled, ipd_error *e);

#endif
