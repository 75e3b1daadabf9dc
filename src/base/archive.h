/* archive.h - named values with their shapes, in memory: what a state is written to and read from.
 *
 * One function names all values of a state, for both directions: on a new archive each call below adds an
 * entry; after ipd_archive_rewind each sets the value from the entry of that name. The first that goes wrong
 * (memory; on reading: no such entry, another type or shape, a value out of range) is kept, later calls do
 * nothing, and ipd_archive_result says it. Values are stored to the bit, as they lie in memory.
 *
 *     ipd_archive_int(ar, &k, 1, INT_MAX, "iteration");
 *     ipd_archive_matrix(ar, &W, "W%d", l);
 *     return ipd_archive_result(ar, e);
 *
 * Whoever stores archives elsewhere lists entries, and adds them to a new one. A thread at a time.
 */
#ifndef IPD_BASE_ARCHIVE_H
#define IPD_BASE_ARCHIVE_H

#include "base/matrix.h"

#include <stdint.h>

typedef enum ipd_dtype { IPD_F32, IPD_F64, IPD_I64, IPD_TEXT } ipd_dtype;

enum { IPD_ENTRY_NAME = 64 };
typedef struct ipd_entry {
    char name[IPD_ENTRY_NAME]; /* "W2", "log.text" */
    ipd_dtype dtype;
    /* The slowest index first, as in NumPy and safetensors: a d x n matrix of this program, whose columns
     * are contiguous, has shape {n, d}. IPD_TEXT: {bytes}, without a final zero. dims: 0 is one number. */
    int dims;
    size_t shape[2];
    size_t bytes; /* of data */
    void *data;   /* the archive's, aligned to 64 bytes, or borrowed */
    int borrowed;
} ipd_entry;

typedef struct ipd_archive ipd_archive;

/* An empty one, for writing; NULL and *e where memory runs out. */
ipd_archive *ipd_archive_new(ipd_error *e);
void ipd_archive_free(ipd_archive *ar); /* takes NULL */
/* Only sizes are wanted: entries get no data, and ipd_archive_bytes says what they would take. */
void ipd_archive_measure(ipd_archive *ar);
/* Matrices and floats are not copied: their entries have the caller's data, which stays as it is until the
 * archive is freed. */
void ipd_archive_borrow(ipd_archive *ar);
/* From now on it is read, from the beginning; what went wrong before is forgotten. */
void ipd_archive_rewind(ipd_archive *ar);
int ipd_archive_reading(const ipd_archive *ar);
/* 0, or -1 and *e: the first thing that went wrong. */
int ipd_archive_result(const ipd_archive *ar, ipd_error *e);
/* Makes something go wrong: what is read makes no sense. Kept where it is the first. */
void ipd_archive_refuse(ipd_archive *ar, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The values. Names are made as by printf. `count` values go under one name; on reading there must be as
 * many. Where the archive is at fault, values are left as they are. */
void ipd_archive_floats(ipd_archive *ar, float *x, size_t count, const char *name, ...)
    __attribute__((format(printf, 4, 5)));
void ipd_archive_doubles(ipd_archive *ar, double *x, size_t count, const char *name, ...)
    __attribute__((format(printf, 4, 5)));
/* Each from min to max. */
void ipd_archive_ints(ipd_archive *ar, int64_t *x, size_t count, int64_t min, int64_t max,
                      const char *name, ...) __attribute__((format(printf, 6, 7)));
/* m's elements; its shape is m->rows x m->cols, which the caller has made. */
void ipd_archive_matrix(ipd_archive *ar, ipd_matrix *m, const char *name, ...)
    __attribute__((format(printf, 3, 4)));
/* One number from min to max. */
void ipd_archive_double(ipd_archive *ar, double *x, double min, double max, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
void ipd_archive_int(ipd_archive *ar, int *x, int min, int max, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
/* Text of fewer than `size` bytes. */
void ipd_archive_text(ipd_archive *ar, char *to, size_t size, const char *name, ...)
    __attribute__((format(printf, 4, 5)));

/* The entries, 0 ... count-1, in the order in which they were added. */
size_t ipd_archive_count(const ipd_archive *ar);
const ipd_entry *ipd_archive_entry(const ipd_archive *ar, size_t index);
/* The entry of this name, or NULL. */
const ipd_entry *ipd_archive_find(const ipd_archive *ar, const char *name);
/* The whole number under this name. -1 where there is none. */
int ipd_archive_number(const ipd_archive *ar, const char *name, int64_t *value);
/* Adds an entry (name, dtype, dims and shape; its bytes and data are passed over) with room for its data, zero:
 * the caller fills it in. NULL and *e where the name is there already, is empty or too long, the shape is too large for memory,
 * or memory runs out. */
ipd_entry *ipd_archive_add(ipd_archive *ar, const ipd_entry *what, ipd_error *e);
/* Adds copies of all entries of another. */
int ipd_archive_append(ipd_archive *ar, const ipd_archive *from, ipd_error *e);
/* The same of those whose names are not here yet. */
int ipd_archive_complete(ipd_archive *ar, const ipd_archive *from, ipd_error *e);
/* Bytes of all entries' data. */
size_t ipd_archive_bytes(const ipd_archive *ar);
/* Of all names, shapes and data, in order: another one where one bit is another. */
uint64_t ipd_archive_checksum(const ipd_archive *ar);

#endif
