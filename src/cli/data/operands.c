/* operands.c - the words and options of the commands below `ipdlam data`; see data.h. */
#include "cli/cli.h"
#include "cli/data/data.h"

#include <stdio.h>

int ipd_cli_take_operand(void *context, const char *name, const char *value, const char *next,
                         ipd_error *e)
{
    ipd_cli_operands *o = context;
    (void)next;
    if (name)
        return IPD_OPTION_UNKNOWN;
    if (o->count == o->max)
        return ipd_fail(e, IPD_EUSAGE, "unexpected argument \"%.60s\". --help shows the usage",
                        value);
    o->items[o->count++] = value;
    return 0;
}

int ipd_cli_data_parse(const char *command, const ipd_option *table, ipd_cli_operands *operands,
                       const char *usage, const char *more, int argc, char **argv)
{
    ipd_options options = {.table = table, .other = ipd_cli_take_operand, .context = operands};
    ipd_error e;
    int status = ipd_options_parse(&options, argc, argv, &e);
    if (status < 0)
        return ipd_cli_error(command, &e);
    if (status == 0)
        return -1;
    fputs(usage, stdout);
    ipd_options_help(stdout, table);
    fputs(more, stdout);
    fputs("\nSee ipdlam-data(1).\n", stdout);
    return IPD_EXIT_DONE;
}
