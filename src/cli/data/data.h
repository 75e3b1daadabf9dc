/* data.h - the commands below `ipdlam data`, one a file. */
#ifndef IPD_CLI_DATA_DATA_H
#define IPD_CLI_DATA_DATA_H

#include "cli/options.h"
#include "data/dataset.h"

/* Each takes its own argv: argv[0] is the command's name. Returns an exit code. */
int ipd_cli_data_list(int argc, char **argv);
int ipd_cli_data_info(int argc, char **argv);
int ipd_cli_data_show(int argc, char **argv);
int ipd_cli_data_fetch(int argc, char **argv);

#endif
