/* archive.h - named values with their shapes, in memory: the form in which a state is saved and
 * restored.
 *
 * One function lists all values of a state and serves both directions. On a new archive each call
 * below adds an entry; after ipd_archive_rewind each call sets its value from the entry of that
 * name. The archive keeps the first error (out of memory; on reading also a missing entry, another
 * type or shape, a value out of range), ignores later calls, and returns the error from
 * ipd_archive_result. Values are stored bit for bit.
 *
 *     ipd_archive_int(ar, &k, 1, INT_MAX, "iteration");
 *     ipd_archive_matrix(ar, &W, "W%d", l);
 *     return ipd_archive_result(ar, e);
 *
 * Code that writes archives to files walks the entries; code that reads files adds entries to a new
 * archive. One thread at a time.
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
    /* Slowest index first, as in NumPy and safetensors: a d x n matrix, whose columns are
     * contiguous, has shape {n, d}. IPD_TEXT has shape {bytes}, without a final NUL. dims = 0 is a
     * single number. */
    int dims;
    size_t shape[2];
    size_t bytes; /* of data */
    void *data;   /* owned by the archive and aligned to 64 bytes, or borrowed */
    int borrowed;
    uint32_t hash; /* of the name; the archive sets it */
} ipd_entry;

typedef struct ipd_archive ipd_archive;

/* Returns an empty archive, in writing mode; NULL and *e if memory runs out. */
ipd_archive *ipd_archive_new(ipd_error *e);
void ipd_archive_free(ipd_archive *ar); /* accepts NULL */
/* Measures only: entries get no data, and ipd_archive_bytes returns the size they would have. */
void ipd_archive_measure(ipd_archive *ar);
/* Entries of matrices and floats point to the caller's data instead of a copy. The data must not
 * change until the archive is freed. */
void ipd_archive_borrow(ipd_archive *ar);
/* Switches to reading, from the first entry, and clears the error. */
void ipd_archive_rewind(ipd_archive *ar);
int ipd_archive_reading(const ipd_archive *ar);
/* Returns 0, or -1 with the first error in *e. */
int ipd_archive_result(const ipd_archive *ar, ipd_error *e);
/* Reports that a value read from the archive makes no sense. Keeps an earlier error. */
void ipd_archive_refuse(ipd_archive *ar, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The values. Names are formatted as by printf. `count` values share one name; on reading, the
 * entry must hold exactly `count`. After an error, values stay unchanged. */
void ipd_archive_floats(ipd_archive *ar, float *x, size_t count, const char *name, ...)
    __attribute__((format(printf, 4, 5)));
void ipd_archive_doubles(ipd_archive *ar, double *x, size_t count, const char *name, ...)
    __attribute__((format(printf, 4, 5)));
/* Returns an entry's `count` doubles in the archive itself, to set or to read; NULL after an error
 * or while measuring. */
double *ipd_archive_in_place(ipd_archive *ar, size_t count, const char *name);
/* Each value must lie in min ... max. */
void ipd_archive_ints(ipd_archive *ar, int64_t *x, size_t count, int64_t min, int64_t max,
                      const char *name, ...) __attribute__((format(printf, 6, 7)));
/* m's elements. The caller has allocated m; on reading, the entry must have its shape. */
void ipd_archive_matrix(ipd_archive *ar, ipd_matrix *m, const char *name, ...)
    __attribute__((format(printf, 3, 4)));
/* One number in min ... max. */
void ipd_archive_double(ipd_archive *ar, double *x, double min, double max, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
void ipd_archive_int(ipd_archive *ar, int *x, int min, int max, const char *name, ...)
    __attribute__((format(printf, 5, 6)));
/* Text of fewer than `size` bytes. */
void ipd_archive_text(ipd_archive *ar, char *to, size_t size, const char *name, ...)
    __attribute__((format(printf, 4, 5)));

/* The entries 0 ... count-1, in the order of insertion. */
size_t ipd_archive_count(const ipd_archive *ar);
const ipd_entry *ipd_archive_entry(const ipd_archive *ar, size_t index);
/* The entry of this name, or NULL. */
const ipd_entry *ipd_archive_find(const ipd_archive *ar, const char *name);
/* Gets the integer of this name; -1 if there is none. */
int ipd_archive_number(const ipd_archive *ar, const char *name, int64_t *value);
/* Adds an entry with the name, dtype, dims and shape of *what (its bytes and data are ignored) and
 * zeroed data, which the caller fills in. NULL and *e if the name exists already, is empty or too
 * long, if the shape is too large for memory, or if memory runs out. */
ipd_entry *ipd_archive_add(ipd_archive *ar, const ipd_entry *what, ipd_error *e);
/* Adds copies of all entries of `from`. */
int ipd_archive_append(ipd_archive *ar, const ipd_archive *from, ipd_error *e);
/* Adds copies of those entries whose names are missing here. */
int ipd_archive_complete(ipd_archive *ar, const ipd_archive *from, ipd_error *e);
/* Bytes of all entries' data. */
size_t ipd_archive_bytes(const ipd_archive *ar);
/* A checksum of all names, shapes and data, in order; any changed bit changes it. */
uint64_t ipd_archive_checksum(const ipd_archive *ar);

#endif
