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

/* Operands as they come, for ipd_options.other: context is an ipd_cli_operands. */
enum { IPD_CLI_MAX_OPERANDS = 16 };
typedef struct ipd_cli_operands {
    int max, count;
    const char *items[IPD_CLI_MAX_OPERANDS + 1]; /* ends with NULL */
} ipd_cli_operands;
int ipd_cli_take_operand(void *context, const char *name, const char *value, const char *next,
                         ipd_error *e);

/* Parses argv; on --help prints `usage`, the table and `more`. Returns -1 to go on, else the exit
 * code. `command` is "data info" for messages. */
int ipd_cli_data_parse(const char *command, const ipd_option *table, ipd_cli_operands *operands,
                       const char *usage, const char *more, int argc, char **argv);

#endif
