/* tensors.h - tensors by name in a file, as safetensors (safetensors.c) or as NumPy's .npz (npz.c).
 *
 * Reading trusts the file in nothing: lengths, offsets, shapes, names and text are checked before
 * memory is taken, which is bounded by the file's size. Nothing in a file is ever run.
 */
#ifndef IPD_FORMAT_TENSORS_H
#define IPD_FORMAT_TENSORS_H

#include "base/archive.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The types of an archive: IPD_TEXT is bytes here. */
enum { IPD_DTYPES = IPD_TEXT + 1 };
size_t ipd_dtype_size(ipd_dtype dtype);

enum { IPD_TENSOR_RANK = 4, IPD_TENSOR_NAME = 64 };

/* A tensor of a file: what it is and where. */
typedef struct ipd_tensor {
    char name[IPD_TENSOR_NAME];
    ipd_dtype dtype;
    int rank;                      /* 0 ... IPD_TENSOR_RANK */
    size_t shape[IPD_TENSOR_RANK]; /* the last runs fastest; npz: each at least 1 */
    size_t bytes;                  /* of its values */
    uint64_t begin; /* safetensors: from the header's end; npz: number of the entry */
    int fortran;    /* npz: the values lie by columns */
} ipd_tensor;

typedef struct ipd_tensor_file {
    const char *path; /* borrowed */
    FILE *file;       /* npz: NULL once `zip` has it */
    int npz;
    struct zip *zip;
    uint64_t size, header, data; /* bytes: of all; safetensors: of header and of values */
    char *text;                  /* safetensors: the header as it stands */
    json_t *json;                /* safetensors: the header */
    ipd_tensor *tensors;
    size_t count;
    char texts[3][512]; /* npz: arrays of one text, by ipd_npz_text; "" = none */
} ipd_tensor_file;

/* Opens a file of either kind, known by its first bytes, and reads its header. Every failure is one
 * sentence that begins with the path. ipd_tensors_close in any case. */
int ipd_tensors_open(ipd_tensor_file *f, const char *path, ipd_error *e);
void ipd_tensors_close(ipd_tensor_file *f); /* takes {0} */
/* The tensor of this name, or NULL. */
const ipd_tensor *ipd_tensors_find(const ipd_tensor_file *f, const char *name);
/* Reads its values, row-major, into t->bytes bytes. */
int ipd_tensors_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e);
/* A text of the metadata, or NULL. */
const char *ipd_tensors_text(const ipd_tensor_file *f, const char *key);

/* A tensor to write. */
typedef struct ipd_tensor_out {
    char name[IPD_TENSOR_NAME];
    ipd_dtype dtype;
    int rank;
    size_t shape[IPD_TENSOR_RANK];
    const void *values; /* as they lie, row-major */
    int columns;        /* 1: of rank 2, F32, column-major, as an ipd_matrix lies */
} ipd_tensor_out;

/* Takes bytes as they come; nonzero where it cannot. */
typedef int ipd_bytes_fn(void *context, const void *bytes, size_t count);
/* Hands the values over, row-major. Nonzero where `to` said so or memory ran out. */
int ipd_tensor_emit(const ipd_tensor_out *t, ipd_bytes_fn *to, void *context);
int ipd_bytes_to_file(void *stream, const void *bytes, size_t count); /* an ipd_bytes_fn */

/* The header of a safetensors file, padded so that the values begin at a multiple of 8; free() it.
 * `metadata` is a JSON object of texts, taken over; NULL where memory runs out. */
char *ipd_safetensors_header(json_t *metadata, const ipd_tensor_out *t, size_t count);
/* Writes the file's length, header and values. -1 where writing fails. */
int ipd_safetensors_write(FILE *to, const char *header, const ipd_tensor_out *t, size_t count);
/* Writes a zip file of .npy arrays, stored, which is in memory first. `texts`: names and values of arrays of text, by turns, up to
 * a NULL. -1 where writing fails or memory runs out. */
int ipd_npz_write(FILE *to, const ipd_tensor_out *t, size_t count, const char *const *texts);

/* For tensors.c: the readers. */
int ipd_safetensors_open(ipd_tensor_file *f, ipd_error *e);
/* The place in texts of activation, loss or image; -1 for other names. */
int ipd_npz_text(const char *name);
int ipd_npz_open(ipd_tensor_file *f, ipd_error *e);
int ipd_npz_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e);
/* Adds an empty tensor of this name, or NULL with a sentence: too many, or the name too long. */
ipd_tensor *ipd_tensors_add(ipd_tensor_file *f, const char *name, size_t length, ipd_error *e);
/* Reads `count` bytes at `at`; -1 with a sentence. */
int ipd_tensors_bytes(ipd_tensor_file *f, uint64_t at, void *to, size_t count, ipd_error *e);
/* Sets t->bytes from dtype and shape; -1 where that is more than `max`. */
int ipd_tensor_measure(ipd_tensor *t, uint64_t max);

#endif
