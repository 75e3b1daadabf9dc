/* idx.h - reads IDX files, the format of MNIST, plain or compressed by gzip; trusts nothing.
 *
 * An IDX file is the bytes 0, 0, T, D (T: the element type, 8 = unsigned byte; D: how many
 * dimensions), D sizes of four bytes each, most significant first, then the elements.
 */
#ifndef IPD_DATA_IDX_H
#define IPD_DATA_IDX_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { IPD_IDX_IMAGES = 3, IPD_IDX_LABELS = 1, IPD_IDX_MAX = 3 };

typedef struct ipd_idx {
    int dimensions;           /* IPD_IDX_IMAGES or IPD_IDX_LABELS */
    size_t size[IPD_IDX_MAX]; /* images: N, height, width; labels: N; each at least 1 */
    size_t count;             /* elements: the sizes' product */
    const uint8_t *items;     /* count of them, inside `bytes`; the last size runs fastest */
    uint8_t *bytes;           /* owned */
} ipd_idx;

/* Reads the whole file. Fails, with a sentence that names the file, where it is missing,
 * unreadable, no regular file, damaged, of another type or number of dimensions, empty, too large
 * for this machine's memory, shorter or longer than its sizes say. ipd_idx_free in the end. Any
 * thread. */
int ipd_idx_read(ipd_idx *x, const char *path, int dimensions, ipd_error *e);

/* The same of a file's content in memory (copied), called `path` in messages. No more than `max`
 * bytes of memory are taken for the elements. */
int ipd_idx_parse(ipd_idx *x, const uint8_t *content, size_t length, const char *path,
                  int dimensions, size_t max, ipd_error *e);

/* Reads and checks the header alone, of a file that may be compressed: sets dimensions, sizes and
 * count, and no items. Quick; says nothing of the rest. Any thread. */
int ipd_idx_header(ipd_idx *x, const char *path, int dimensions, ipd_error *e);

/* Takes an empty one. */
void ipd_idx_free(ipd_idx *x);

#endif
