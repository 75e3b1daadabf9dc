/* idx.h - reads IDX files, the format of MNIST, plain or gzip-compressed; checks everything.
 *
 * An IDX file is the bytes 0, 0, T, D (T: the element type; D: the number of dimensions), D sizes
 * of four bytes each, then the elements, all big-endian. Types: 8 unsigned byte, 9 signed byte, 11
 * short, 12 int, 13 float, 14 double.
 */
#ifndef IPD_DATA_IDX_H
#define IPD_DATA_IDX_H

#include "base/space.h"

#include <stddef.h>
#include <stdint.h>

enum { IPD_IDX_IMAGES = 3, IPD_IDX_LABELS = 1, IPD_IDX_MAX = 3, IPD_IDX_BYTES = 8 };

typedef struct ipd_idx {
    int dimensions;           /* IPD_IDX_IMAGES or IPD_IDX_LABELS */
    size_t size[IPD_IDX_MAX]; /* images: N, height, width; labels: N; each at least 1 */
    size_t count;             /* number of elements: the product of the sizes */
    int type;                 /* of the elements: 8, 9, 11, 12, 13 or 14, see above */
    size_t length;            /* bytes of all elements */
    const uint8_t *items;     /* count elements inside `bytes`; the last dimension varies fastest */
    uint8_t *bytes;           /* owned, or of `space` */
    ipd_space *space;         /* borrowed; NULL: memory */
} ipd_idx;

/* Reads the whole file, or maps it if `space` is not NULL. The error names the file. Fails if the
 * file is missing, unreadable, not a regular file, damaged, empty, of another type or number of
 * dimensions, too large for this machine's memory, or shorter or longer than its header says. Free
 * it with ipd_idx_free. Any thread, with a space the main thread. */
int ipd_idx_read(ipd_space *space, ipd_idx *x, const char *path, int dimensions, ipd_error *e);

/* Parses a file's content in memory (copied); `path` is its name in messages. Fails if the elements
 * need more than `max` bytes. */
int ipd_idx_parse(ipd_idx *x, const uint8_t *content, size_t length, const char *path,
                  int dimensions, size_t max, ipd_error *e);

/* Reads and checks only the header of a plain or compressed file: sets dimensions, sizes and count,
 * no items. Fast; does not check the rest. Any thread. */
int ipd_idx_header(ipd_idx *x, const char *path, int dimensions, ipd_error *e);

/* Element i as a number. */
double ipd_idx_value(const ipd_idx *x, size_t i);
/* Fails unless the elements are unsigned bytes. */
int ipd_idx_check_bytes(const ipd_idx *x, const char *path, ipd_error *e);

/* Accepts an empty *x. */
void ipd_idx_free(ipd_idx *x);

#endif
