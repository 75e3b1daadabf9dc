/* json_output.h - the output of --json (one JSON value) and --jsonl (one value per line). */
#ifndef IPD_CLI_JSON_OUTPUT_H
#define IPD_CLI_JSON_OUTPUT_H

#include "format/export.h"

/* If all members are zero, nothing is printed. */
typedef struct ipd_json_output {
    int whole, by_line; /* --json, --jsonl */
    FILE *to;           /* NULL: stdout */
    long count;         /* items so far */
    int begun;          /* 1: the array is open */
} ipd_json_output;

/* Returns 1 if one of the options was given. Without them the other functions do nothing. */
int ipd_json_asked(const ipd_json_output *o);
/* Begin opens the array; without it, the first item does. For each item call item, print it without
 * a newline, and call end_item. Close ends the array, if it is open. */
void ipd_json_begin(ipd_json_output *o);
void ipd_json_item(ipd_json_output *o);
void ipd_json_end_item(ipd_json_output *o);
void ipd_json_close(ipd_json_output *o);

#endif
