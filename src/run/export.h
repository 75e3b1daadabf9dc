/* export.h - records as CSV and JSON, with the names of ipd_record_fields. */
#ifndef IPD_RUN_EXPORT_H
#define IPD_RUN_EXPORT_H

#include "solver/record.h"

#include <stdio.h>

/* Numbers are written with as many digits as it takes to read the same bits back; what does not
 * exist is empty in CSV and null in JSON. Return -1 where writing failed. */
int ipd_csv_header(FILE *to, int L);
int ipd_csv_record(FILE *to, const ipd_record *record);
int ipd_json_record(FILE *to, const ipd_record *record); /* one line */

#endif
