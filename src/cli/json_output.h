/* json_output.h - what --json and --jsonl print: one JSON value, or a value per line. */
#ifndef IPD_CLI_JSON_OUTPUT_H
#define IPD_CLI_JSON_OUTPUT_H

#include "base/error.h"
#include "format/export.h"

/* Where a command's items go. The two flags are the options; a zeroed one prints nothing. */
typedef struct ipd_json_output {
    int whole, by_line; /* --json, --jsonl */
    FILE *to;           /* NULL: stdout */
    long count;         /* items so far */
    int begun;
} ipd_json_output;

/* Rows of a table of options: --json and --jsonl of a command that prints WHAT ("record")s, or one object. */
#define IPD_JSON_WHOLE(out, HELP)                                                                  \
    {                                                                                              \
        "json", NULL, HELP, IPD_OPTION_FLAG, &(out).whole, 0, 0                                    \
    }
#define IPD_JSON_LINES(out, HELP)                                                                  \
    {                                                                                              \
        "jsonl", NULL, HELP, IPD_OPTION_FLAG, &(out).by_line, 0, 0                                 \
    }
#define IPD_JSON_OPTIONS(out, WHAT)                                                                \
    IPD_JSON_WHOLE(out, "print one JSON array with an object per " WHAT),                          \
        IPD_JSON_LINES(out, "print a JSON object per " WHAT ", one per line")
#define IPD_JSON_OPTION(out)                                                                       \
    IPD_JSON_WHOLE(out, "print one JSON object and nothing else"),                                 \
        IPD_JSON_LINES(out, "the same, in one line")

/* Whether JSON is asked for. */
int ipd_json_asked(const ipd_json_output *o);
/* Fails where both are. */
int ipd_json_check(const ipd_json_output *o, ipd_error *e);

/* Around each item of an array, which is printed between them without an end of line, and after the last. Close also prints
 * the array that has no items. All are without effect where no JSON is asked for. */
void ipd_json_begin(ipd_json_output *o);
void ipd_json_item(ipd_json_output *o);
void ipd_json_end_item(ipd_json_output *o);
void ipd_json_close(ipd_json_output *o);

#endif
