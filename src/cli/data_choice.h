/* data_choice.h - the options of commands that choose samples of a data set: --label, --test ... */
#ifndef IPD_CLI_DATA_CHOICE_H
#define IPD_CLI_DATA_CHOICE_H

#include "cli/options.h"
#include "data/dataset.h"

typedef struct ipd_data_choice {
    const char *train, *test, *validation, *seed;
    const char *words[IPD_DATA_WORDS];
    int no_bar; /* 1: opening it shows nothing */
} ipd_data_choice;

/* Rows of a table of options. */
#define IPD_OPTION_WORD(C, I)                                                                      \
    IPD_OPTION(ipd_data_option_table[I].name, ipd_data_option_table[I].value, &(C).words[I],       \
               ipd_data_option_table[I].help)
#define IPD_OPTION_DATA_TRAIN(C)                                                                   \
    IPD_OPTION("train", "N", &(C).train, "the first N training samples (default 0: all)")
/* All others but --test. */
#define IPD_OPTIONS_DATA_OTHER(C)                                                                  \
    IPD_OPTION("validation", "N|P%", &(C).validation,                                              \
               "hold out N training samples, or P percent of all (default 0)"),                    \
        IPD_OPTION_WORD(C, IPD_DATA_LABEL), IPD_OPTION_WORD(C, IPD_DATA_TARGET),                   \
        IPD_OPTION_WORD(C, IPD_DATA_SCALE), IPD_OPTION_WORD(C, IPD_DATA_COLUMNS),                  \
        IPD_OPTION_WORD(C, IPD_DATA_DROP), IPD_OPTION_WORD(C, IPD_DATA_MISSING),                   \
        IPD_OPTION_WORD(C, IPD_DATA_SPLIT), IPD_OPTION_WORD(C, IPD_DATA_SPLIT_COLUMN),             \
        IPD_OPTION_WORD(C, IPD_DATA_HEADER), IPD_OPTION_WORD(C, IPD_DATA_SEPARATOR),               \
        IPD_OPTION_WORD(C, IPD_DATA_DECIMAL), IPD_OPTION_WORD(C, IPD_DATA_IMAGE),                  \
        IPD_OPTION_WORD(C, IPD_DATA_COLOUR)
#define IPD_OPTIONS_DATA(C)                                                                        \
    IPD_OPTION_DATA_TRAIN(C),                                                                      \
        IPD_OPTION("test", "N|P%|FILE", &(C).test,                                                 \
                   "the first N test samples; for data without any, N rows or P percent to hold "  \
                   "out (default 20%), or a file with them"),                                      \
        IPD_OPTIONS_DATA_OTHER(C)
#define IPD_OPTION_DATA_SEED(C)                                                                    \
    IPD_OPTION("data-seed", "N", &(C).seed, "seed of the split and of the digits (default 1)")

/* Sets the options that were given. */
int ipd_data_choice_read(const ipd_data_choice *c, ipd_dataset_options *o, ipd_error *e);
/* Opens a data set with these options, behind a progress bar. */
int ipd_data_choice_open(ipd_dataset **d, const char *name, const ipd_data_choice *c, ipd_error *e);
/* The name of an option that was given, or NULL. */
const char *ipd_data_choice_given(const ipd_data_choice *c);
/* Writes `name = "value"` in Lua for each given option, separated by ", "; `before` precedes the
 * first. */
void ipd_data_choice_lua(const ipd_data_choice *c, FILE *to, const char *before);

#endif
