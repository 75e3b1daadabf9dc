/* export.h - records as CSV and JSON, with the names of ipd_record_fields. */
#ifndef IPD_FORMAT_EXPORT_H
#define IPD_FORMAT_EXPORT_H

#include "solver/record.h"

#include <stdio.h>

/* Writes x with as few digits as it takes to read the same bits back: "0.7", "1e-05", "inf", "nan".
 * Any thread; LC_NUMERIC must be "C". */
enum { IPD_NUMBER_TEXT = 32 };
void ipd_number_text(double x, char to[IPD_NUMBER_TEXT]);

/* Numbers are written by ipd_number_text; what does not exist is empty in CSV and null in JSON.
 * Return -1 where writing failed (errno says why). */
int ipd_csv_header(FILE *to, int L);
int ipd_csv_record(FILE *to, const ipd_record *record);
/* Text, quoted where it holds what CSV gives a meaning. */
void ipd_csv_string(FILE *to, const char *text);
/* One object, without an end of line. Values by layer are an array, layer 1 first; values by block an object: {"W2": ...}. */
int ipd_json_record(FILE *to, const ipd_record *record);
/* What stands after the name of one field in it. */
void ipd_json_field(FILE *to, const ipd_field *f, const ipd_record *record);
/* `text` in quotes, with JSON's escapes. */
int ipd_json_string(FILE *to, const char *text);
/* A number, or null where it is not finite. */
int ipd_json_number(FILE *to, double x);

#endif
