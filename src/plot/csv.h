/* csv.h - a CSV file (RFC 4180) as a table of texts, with the names in its first line: the output
 * of `ipdlam train`, a sweep or another program. Lines end in LF, CRLF or CR; blank lines are
 * skipped; unquoted cells and names lose the blanks around them. */
#ifndef IPD_PLOT_CSV_H
#define IPD_PLOT_CSV_H

#include "base/error.h"

#include <stddef.h>

typedef struct ipd_csv {
    char *text;        /* the file; cells point into it */
    const char **name; /* the names of the columns */
    const char **cell; /* rows * columns, row by row */
    size_t columns, rows;
} ipd_csv;

/* Reads the file, or standard input for "-". A row with more or fewer cells than names is an error
 * that gives the line. The caller frees the table, also after an error. */
int ipd_csv_read(ipd_csv *t, const char *path, ipd_error *e);
/* The same for a text from malloc, which then belongs to the table; `name` is for messages. */
int ipd_csv_parse(ipd_csv *t, char *text, const char *name, ipd_error *e);
void ipd_csv_free(ipd_csv *t);

/* The index of the column with this name, or -1. */
long ipd_csv_column(const ipd_csv *t, const char *name);
const char *ipd_csv_cell(const ipd_csv *t, size_t row, size_t column);
/* The cell as a number: NaN if missing (empty, NA, N/A, null, none, in any case), 1 for true, 0 for
 * false, infinite beyond the range of doubles. Returns -1 for other text. */
int ipd_csv_number(const ipd_csv *t, size_t row, size_t column, double *value);

#endif
