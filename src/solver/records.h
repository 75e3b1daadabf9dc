/* records.h - the records of a run in columns, with only as many values as its network has layers.
 *
 * Rows are appended at the end and can be cut there. They lie in chunks that never move, and a row
 * never changes. A share (ipd_records_share) has the same chunks, with reference counts, and is not
 * affected when the other side appends or cuts. So one thread may append while others read shares;
 * make the shares under a lock, of complete rows.
 */
#ifndef IPD_SOLVER_RECORDS_H
#define IPD_SOLVER_RECORDS_H

#include "solver/record.h"

struct ipd_chunk;
/* All zero is empty; ipd_records_free frees the contents. */
typedef struct ipd_records {
    int L; /* layers, the same in all rows; 0 before the first */
    size_t count;
    struct ipd_chunk **chunks;
    size_t capacity;
} ipd_records;

/* Appends a copy; returns 0, or -1 if memory runs out. */
int ipd_records_add(ipd_records *r, const ipd_record *record);
/* Makes empty records have `count` rows equal to this one; returns 0, or -1 if memory runs out. */
int ipd_records_make(ipd_records *r, const ipd_record *record, size_t count);
/* Sets a column in all rows, the one exception to the rule that rows never change: only for records
 * without shares. Returns 0, or -1 if memory runs out. */
int ipd_records_fill(ipd_records *r, int column, const double *values);
/* Keeps the first `count` rows. */
void ipd_records_cut(ipd_records *r, size_t count);
/* Makes `to` the first `count` rows of `from`. Sets *same, unless it is NULL, to the number of
 * these rows that `to` had already. Returns 0, or -1 if memory runs out: then `to` is unchanged. */
int ipd_records_share(ipd_records *to, const ipd_records *from, size_t count, size_t *same);
void ipd_records_free(ipd_records *r);

/* Returns the row, bit for bit. */
ipd_record ipd_records_get(const ipd_records *r, size_t row);
/* The column of a field's i-th value, for ipd_records_at; -1 if these records have none. */
int ipd_records_column(const ipd_records *r, const ipd_field *f, int i);
/* Copies values from a row on; NaN in column -1. The field must not be a string. */
void ipd_records_read(const ipd_records *r, int column, size_t from, size_t count, double *to);
double ipd_records_at(const ipd_records *r, int column, size_t row);
/* Copies a string into f->size bytes. */
void ipd_records_string(const ipd_records *r, const ipd_field *f, size_t row, char *to);
/* A value of a field without layers, by name. */
double ipd_records_number(const ipd_records *r, const char *field, size_t row);

#endif
