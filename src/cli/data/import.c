/* import.c - `ipdlam data import`, with a progress bar on a terminal. */
#include "base/clock.h"
#include "base/ending.h"
#include "base/machine.h"
#include "cli/bar.h"
#include "cli/cli.h"
#include "cli/data/data.h"
#include "data/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Imports `names`: a source, or the files of a table in parts, ending with NULL. */
static int import(char **names, const char *out, const ipd_data_choice *choice, ipd_error *e)
{
    ipd_bar bar;
    ipd_data_progress progress = ipd_bar_start(&bar);
    ipd_dataset_options *o = ipd_allocate(1, sizeof *o, e);
    double began = ipd_seconds();
    int failed = !o || ipd_data_choice_read(choice, o, e) ||
                 ipd_store_import(*names, names[1] ? (const char *const *)names + 1 : NULL, o, out,
                                  &progress, e);
    ipd_bar_end(&bar);
    free(o);
    ipd_dataset *d = NULL;
    if (failed || ipd_dataset_open(&d, out, NULL, e))
        return -1;
    printf("%s: %zu training, %zu validation and %zu test samples of %zu inputs in %.1f s\n", out,
           d->train.X.cols, d->validation.X.cols, d->test.X.cols, d->inputs, ipd_seconds() - began);
    for (const char *line = d->warnings; *line; line = strchr(line, '\n') + 1)
        printf("warning: %.*s\n", (int)strcspn(line, "\n"), line);
    ipd_dataset_unref(d);
    return 0;
}

int ipd_cli_data_import(int argc, char **argv)
{
    ipd_data_choice choice = {0};
    int names = 0;
    const char *out = NULL;
    const ipd_option table[] = {
        IPD_OPTIONS_DATA(choice),
        IPD_OPTION("seed", "N", &choice.seed, "seed of the split and of the digits (default 1)"),
        IPD_OPTION("output", "OUT", &out, "the new folder (also -o); default: the last argument"),
        {0}};
    const ipd_options options = {
        .name = "data import",
        .usage =
            " [OPTION...] NAME|FILE...|FOLDER OUT\n\nWrites a data set, of any size, as the new "
            "folder OUT, with its split and scale. Several\nfiles are a table in parts. Every "
            "command opens it at once, and reads "
            "only what it uses.",
        .table = table,
        .operands = &names};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (!out && names > 1)
        out = argv[names--];
    if (!out || !names) {
        ipd_fail(&e, IPD_EUSAGE, "name a source and a new folder: ipdlam data import big.csv big");
        return ipd_cli_error("data import", &e);
    }
    if (ipd_bar_begin(&e))
        return ipd_cli_error("data import", &e);
    argv[names + 1] = NULL;
    code = import(argv + 1, out, &choice, &e) ? ipd_cli_error("data import", &e) : IPD_EXIT_DONE;
    ipd_ending_stop();
    return code;
}
