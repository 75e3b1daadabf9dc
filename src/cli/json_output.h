/* json_output.h - what --json and --jsonl print: one JSON value, or a value per line. */
#ifndef IPD_CLI_JSON_OUTPUT_H
#define IPD_CLI_JSON_OUTPUT_H

#include "format/export.h"

/* Where a command's items go. The two flags are the options; a zeroed one prints nothing. */
typedef struct ipd_json_output {
    int whole, by_line; /* --json, --jsonl */
    FILE *to;           /* NULL: stdout */
    long count;         /* items so far */
    int begun;
} ipd_json_output;

/* Whether JSON is asked for. */
int ipd_json_asked(const ipd_json_output *o);
/* Around each item of an array, which is printed between them without an end of line, and after the last. Close also prints
 * the array that has no items. All are without effect where no JSON is asked for. */
void ipd_json_begin(ipd_json_output *o);
void ipd_json_item(ipd_json_output *o);
void ipd_json_end_item(ipd_json_output *o);
void ipd_json_close(ipd_json_output *o);

#endif
