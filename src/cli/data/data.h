/* data.h - the verbs of `ipdlam data`. */
#ifndef IPD_CLI_DATA_DATA_H
#define IPD_CLI_DATA_DATA_H

#include "cli/options.h"
#include "data/dataset.h"

/* Each gets its own argv, in which argv[0] is the verb, and returns an exit code. */
int ipd_cli_data_list(int argc, char **argv);
int ipd_cli_data_info(int argc, char **argv);
int ipd_cli_data_show(int argc, char **argv);
int ipd_cli_data_fetch(int argc, char **argv);

#endif
