/* records.h - the records of a run in columns, with as many values as its network has layers for.
 *
 * Rows are added at the end and cut from there. They lie in chunks that never move, and a row does not
 * change once it is added: a share (ipd_records_share) has the same chunks, counted, and stays as it is
 * whatever is added to the other one, or cut from it. So one thread adds while others read shares that
 * were made, under a lock, of the rows that were complete.
 */
#ifndef IPD_SOLVER_RECORDS_H
#define IPD_SOLVER_RECORDS_H

#include "solver/record.h"

struct ipd_chunk;
/* All zero is empty; ipd_records_free frees what it holds. */
typedef struct ipd_records {
    int L; /* of all rows; 0 before the first */
    size_t count;
    struct ipd_chunk **chunks;
    size_t room;
} ipd_records;

/* Adds a copy; 0, or -1 where memory runs out. */
int ipd_records_add(ipd_records *r, const ipd_record *record);
/* Keeps the first `count` rows. */
void ipd_records_cut(ipd_records *r, size_t count);
/* Makes `to` the first `count` rows of `from`; *same (or NULL): so many it had before. 0, or -1 where memory
 * runs out: it is as before then. */
int ipd_records_share(ipd_records *to, const ipd_records *from, size_t count, size_t *same);
void ipd_records_free(ipd_records *r);

/* The row, to the bit. */
ipd_record ipd_records_get(const ipd_records *r, size_t row);
/* The column of a field's i-th value, for ipd_records_at; -1 where these records have none. */
int ipd_records_column(const ipd_records *r, const ipd_field *f, int i);
/* Values from a row on; NaN in column -1. The field is not a string. */
void ipd_records_read(const ipd_records *r, int column, size_t from, size_t count, double *to);
double ipd_records_at(const ipd_records *r, int column, size_t row);
/* A string, into f->size bytes. */
void ipd_records_string(const ipd_records *r, const ipd_field *f, size_t row, char *to);
/* A value of a field without layers, by name. */
double ipd_records_number(const ipd_records *r, const char *field, size_t row);

#endif
