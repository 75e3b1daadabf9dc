/* export.h - records as CSV and JSON, with the names of ipd_record_fields. */
#ifndef IPD_FORMAT_EXPORT_H
#define IPD_FORMAT_EXPORT_H

#include "solver/record.h"

#include <stdio.h>

/* Writes x with the fewest of 15 to 17 digits that read back to the same bits: "0.7", "1e-05",
 * "inf", "nan". Any thread; LC_NUMERIC must be "C". */
enum { IPD_NUMBER_TEXT = 32 };
void ipd_number_text(double x, char to[IPD_NUMBER_TEXT]);

/* Numbers are written by ipd_number_text. A missing value is empty in CSV and null in JSON. The
 * columns end with those of `metrics`: names as in ipd_record.metric_names, the same for all rows.
 * Return -1 if writing failed (errno is set). */
int ipd_csv_header(FILE *to, int L, const char *metrics);
int ipd_csv_record(FILE *to, const ipd_record *record, const char *metrics);
/* Writes text, in quotes if it contains a comma, a quote or a line break. */
void ipd_csv_string(FILE *to, const char *text);
/* Writes one object without a newline. Values by layer are an array, layer 1 first; values by block
 * and the user's metrics are an object: {"W2": ...}. */
int ipd_json_record(FILE *to, const ipd_record *record);
/* Writes the value of one field of that object. */
void ipd_json_field(FILE *to, const ipd_field *f, const ipd_record *record);
/* Writes `text` in quotes, with JSON's escapes. */
int ipd_json_string(FILE *to, const char *text);
/* Writes a number, or null if it is not finite. */
int ipd_json_number(FILE *to, double x);

#endif
