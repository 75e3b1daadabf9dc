/* options.h - long options from tables: parsing, and the text of --help. */
#ifndef IPD_CLI_OPTIONS_H
#define IPD_CLI_OPTIONS_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

typedef enum ipd_option_kind {
    IPD_OPTION_FLAG,  /* *(int *)to = 1 */
    IPD_OPTION_TEXT,  /* *(const char **)to = the value as given */
    IPD_OPTION_COUNT, /* *(long *)to, least ... most */
    IPD_OPTION_NUMBER /* *(double *)to, least ... most */
} ipd_option_kind;

typedef struct ipd_option {
    const char *name;  /* "threads", without the dashes */
    const char *value; /* what stands for the value in help: "N"; NULL for flags */
    const char *help;  /* one line */
    ipd_option_kind kind;
    void *to;
    double min, max;
} ipd_option;

/* Takes what the table does not know: a further option (name and value, NULL where none was given
 * in the same word) or an operand (name NULL). Returns -1 with *e, 0 where the option took no value
 * from the next word, 1 where it did (`next`, NULL at the end). For an option nobody knows, return
 * IPD_OPTION_UNKNOWN and the parser says so. */
enum { IPD_OPTION_UNKNOWN = 2 };
typedef int ipd_option_fn(void *context, const char *name, const char *value, const char *next,
                          ipd_error *e);

/* A second list of names for suggestions, after the table's: 0, 1, ... and NULL at the end. */
typedef const char *ipd_option_names_fn(void *context, size_t index);

typedef struct ipd_options {
    /* --help: "eval WEIGHTS [OPTION...]", an empty line, and sentences; the options; `after`, or where to read more. NULL: the
     * caller prints its own. */
    const char *usage, *after;
    const ipd_option *table; /* ends with a NULL name */
    ipd_option_fn *other;    /* NULL: neither further options nor operands */
    int *
        first; /* not NULL: the options end at the first operand, of which this is the index in argv;
                                 * argc where there is none */
    ipd_option_names_fn *names; /* may be NULL */
    void *context;              /* of both */
} ipd_options;

/* Parses "--name value", "--name=value" and operands; "--" ends the options. Returns 0, 1 where
 * --help (or -h) was asked, -1 and *e (IPD_EUSAGE) that names the word and the nearest known one.
 */
int ipd_options_parse(const ipd_options *options, int argc, char **argv, ipd_error *e);

/* The widths of hidden layers from "1500,1500" or "none": at most IPD_MAX_LAYERS - 1 of them. */
int ipd_options_widths(const char *text, size_t *widths, int *count, ipd_error *e);

/* Prints one line an option, aligned: "  --threads N   ...". */
void ipd_options_help(FILE *to, const ipd_option *table);
void ipd_options_help_line(FILE *to, const char *name, const char *value, const char *help);

#endif
