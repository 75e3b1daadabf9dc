/* options.h - the options of a command as a table, which parsing, --help, completion in shells and
 * the man page use. */
#ifndef IPD_CLI_OPTIONS_H
#define IPD_CLI_OPTIONS_H

#include "base/error.h"
#include "cli/setting_options.h"

#include <stddef.h>

typedef enum ipd_option_kind {
    IPD_OPTION_FLAG,   /* *(int *)to = 1 */
    IPD_OPTION_TEXT,   /* *(const char **)to = the value */
    IPD_OPTION_LIST,   /* may be repeated: appends to a list of texts that ends with NULL */
    IPD_OPTION_COUNT,  /* *(long *)to, min ... max */
    IPD_OPTION_NUMBER, /* *(double *)to, min ... max */
} ipd_option_kind;

enum { IPD_OPTION_LIST_MAX = 16 };
typedef const char *ipd_option_list[IPD_OPTION_LIST_MAX + 1];

typedef struct ipd_option {
    const char *name;  /* "threads", without the dashes */
    const char *value; /* name of the value in help, such as "N"; NULL for flags */
    const char *help;  /* one line */
    ipd_option_kind kind;
    void *to;
    double min, max;
} ipd_option;

/* A row of a table; the kind follows from the type of TO. */
/* clang-format off */
#define IPD_OPTION_IN(NAME, VALUE, TO, MIN, MAX, HELP) \
    {NAME, VALUE, HELP, _Generic((TO), int *: IPD_OPTION_FLAG, const char **: IPD_OPTION_TEXT, \
     ipd_option_list *: IPD_OPTION_LIST, long *: IPD_OPTION_COUNT, double *: IPD_OPTION_NUMBER), TO, MIN, MAX}
/* clang-format on */
#define IPD_OPTION(NAME, VALUE, TO, HELP) IPD_OPTION_IN(NAME, VALUE, TO, 0, 0, HELP)

/* Rows that several commands use. */
#define IPD_OPTION_DATA(TO)                                                                        \
    IPD_OPTION("data", "NAME", TO,                                                                 \
               "data set: digits, mnist, fashion-mnist, a file or a folder (default digits)")
#define IPD_OPTION_LAYERS(TO)                                                                      \
    IPD_OPTION("layers", "N,N...", TO, "widths of the hidden layers, or none (default 300,300)")
#define IPD_OPTION_THREADS(TO)                                                                     \
    IPD_OPTION_IN("threads", "N", TO, 0, 1024, "threads (default 0: one per processor)")
#define IPD_OPTION_NO_HISTORY(TO)                                                                  \
    IPD_OPTION("no-history", NULL, TO, "do not keep the runs in the history")
#define IPD_OPTION_NO_INIT(TO) IPD_OPTION("no-init", NULL, TO, "do not run your init.lua")
/* --json and --jsonl, which exclude each other and fill in an ipd_json_output. JSON_PER is for
 * commands that print an object per WHAT, JSON for those that print one object, JSON_AS for
 * others. */
#define IPD_OPTION_JSON_AS(OUT, HELP, LINES)                                                       \
    IPD_OPTION("json", NULL, &(OUT).whole, HELP), IPD_OPTION("jsonl", NULL, &(OUT).by_line, LINES)
#define IPD_OPTION_JSON_PER(OUT, WHAT)                                                             \
    IPD_OPTION_JSON_AS(OUT, "print one JSON array with an object per " WHAT,                       \
                       "print a JSON object per " WHAT ", one per line")
#define IPD_OPTION_JSON(OUT)                                                                       \
    IPD_OPTION_JSON_AS(OUT, "print one JSON object and nothing else", "the same, in one line")

/* A command of the program or a verb of a command. */
typedef struct ipd_command {
    const char *name, *operands, *summary;
    int (*run)(int argc, char **argv); /* argv[0] is the name; returns an exit code */
} ipd_command;

typedef struct ipd_options {
    const char *name; /* "train", "data info"; "" is the workbench */
    /* The first part of --help: the arguments after the name, an empty line, a description. Verbs,
     * options and `after` follow. */
    const char *usage;
    const char *after;        /* NULL: a line that names the man page */
    const ipd_command *verbs; /* in help and completion; ends with a NULL name; may be NULL */
    size_t verb_size;         /* bytes from one verb to the next; 0: sizeof(ipd_command) */
    const ipd_option *table;  /* ends with a NULL name */
    /* Not NULL: every setting of a run is also an option, and is stored here. */
    ipd_given_settings *settings;
    const char *settings_title; /* of their list in --help; NULL: they are not listed */
    /* Operands are moved to argv[1] ... argv[*operands]. NULL: the command has none. */
    int *operands;
    int max_operands;  /* 0: any number */
    int ends_at_first; /* 1: all arguments after the first operand are operands */
} ipd_options;

/* Parses "--name value", "--name=value" and operands; "--" ends the options. Returns -1 if the
 * command should continue. Otherwise returns its exit code, after printing --help (or -h) on stdout
 * or an error on stderr. */
int ipd_options_parse(const ipd_options *options, int argc, char **argv);

/* Prints --help. */
void ipd_options_help(const ipd_options *options);

/* If set (by completion), it is called for every verb ("list") and option ("--data") with its
 * summary, and --help prints nothing. */
extern void (*ipd_options_each)(const char *word, const char *summary);

/* Runs the command of the program (of = ""), or the verb of the command `of`, that argv[0] names.
 * Returns its exit code. */
int ipd_command_run(const ipd_command *commands, const char *of, int argc, char **argv);

/* Parses the widths of hidden layers, "1500,1500" or "none"; at most IPD_MAX_LAYERS - 1. */
int ipd_options_widths(const char *text, size_t *widths, int *count, ipd_error *e);

#endif
