/* tensors.h - files of named tensors: safetensors (safetensors.c), NumPy's .npz and .npy (npz.c).
 *
 * Readers trust nothing in a file: lengths, offsets, shapes, names and text are checked before
 * memory is allocated, and memory is bounded by the file's size. No content of a file is ever
 * executed.
 */
#ifndef IPD_DATA_TENSORS_H
#define IPD_DATA_TENSORS_H

#include "base/archive.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* More types, after those of an archive (ipd_dtype), of which IPD_TEXT means bytes here. */
enum {
    IPD_F16 = IPD_TEXT + 1,
    IPD_I8,
    IPD_I16,
    IPD_I32,
    IPD_U16,
    IPD_U32,
    IPD_U64,
    IPD_B8,
    IPD_DTYPES
};
size_t ipd_dtype_size(int dtype);

enum { IPD_TENSOR_RANK = 4, IPD_TENSOR_NAME = 64, IPD_NPZ_TEXTS = 5 };

/* A tensor of a file: its type, shape and position. */
typedef struct ipd_tensor {
    char name[IPD_TENSOR_NAME];
    int dtype;                     /* an ipd_dtype or one of the above */
    int swapped;                   /* npz: big-endian */
    int rank;                      /* 0 ... IPD_TENSOR_RANK */
    size_t shape[IPD_TENSOR_RANK]; /* the last index varies fastest; npz: each size is at least 1 */
    size_t bytes;                  /* bytes of its values */
    uint64_t begin; /* safetensors: offset after the header; npz: index of the entry */
    int fortran;    /* npz: the values are column-major */
    /* npz: bytes of a letter if this is text, 1 or 4; else 0. The last index counts the letters;
     * zeros end a text. */
    int letters;
} ipd_tensor;

typedef struct ipd_tensor_file {
    const char *path; /* borrowed */
    FILE *file;       /* npz: NULL once `zip` owns it */
    int npz;          /* 1: .npz or .npy */
    int npy;          /* 1: a single array, called "array" */
    int takes_text;   /* set by the caller: tensors with letters may be read */
    struct zip *zip;
    uint64_t size, header, data; /* bytes of the file; safetensors: of its header and its values */
    char *text;                  /* safetensors: the header as text */
    json_t *json;                /* safetensors: the header, parsed */
    ipd_tensor *tensors;
    size_t count;
    char *texts[IPD_NPZ_TEXTS]; /* npz: arrays of one string, by ipd_npz_text; NULL: none */
} ipd_tensor_file;

/* Opens a file of either format, detected by its first bytes, and reads its header. Every error
 * begins with the path. Call ipd_tensors_close in any case. */
int ipd_tensors_open(ipd_tensor_file *f, const char *path, ipd_error *e);
void ipd_tensors_close(ipd_tensor_file *f); /* accepts {0} */
/* The tensor of this name, or NULL. */
const ipd_tensor *ipd_tensors_find(const ipd_tensor_file *f, const char *name);
/* Reads the values of t, row-major, t->bytes bytes. */
int ipd_tensors_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e);
/* Value i of those read, as a number. */
double ipd_tensor_value(const ipd_tensor *t, const void *values, size_t i);
/* A string of the metadata, or NULL. */
const char *ipd_tensors_text(const ipd_tensor_file *f, const char *key);

/* A tensor to write. */
typedef struct ipd_tensor_out {
    char name[IPD_TENSOR_NAME];
    int dtype;
    int rank;
    size_t shape[IPD_TENSOR_RANK];
    const void *values; /* row-major, unless `columns` is set */
    int columns;        /* 1: rank 2, F32, column-major like an ipd_matrix */
} ipd_tensor_out;

/* Consumes the next bytes; nonzero on failure. */
typedef int ipd_bytes_fn(void *context, const void *bytes, size_t count);
/* Passes the values, row-major, to `to`. Nonzero if `to` failed or memory ran out. */
int ipd_tensor_emit(const ipd_tensor_out *t, ipd_bytes_fn *to, void *context);
int ipd_bytes_to_file(void *stream, const void *bytes, size_t count); /* an ipd_bytes_fn */

/* Returns the header of a safetensors file, padded so that the values begin at a multiple of 8;
 * free() it. `metadata` is a JSON object of strings, whose reference it takes. NULL if memory runs
 * out. */
char *ipd_safetensors_header(json_t *metadata, const ipd_tensor_out *t, size_t count);
/* Writes the header's length, the header and the values. -1 if writing fails. */
int ipd_safetensors_write(FILE *to, const char *header, const ipd_tensor_out *t, size_t count);
/* Writes a zip file of uncompressed .npy arrays, after building it in memory. `texts`: alternating
 * names and values of string arrays, NULL-terminated. -1 if writing fails or memory runs out. */
int ipd_npz_write(FILE *to, const ipd_tensor_out *t, size_t count, const char *const *texts);

/* The readers, for tensors.c. */
int ipd_safetensors_open(ipd_tensor_file *f, ipd_error *e);
/* The index in `texts` of activation, loss, image, definitions or encoding; -1 for other names. */
int ipd_npz_text(const char *name);
int ipd_npz_open(ipd_tensor_file *f, ipd_error *e);
int ipd_npy_open(ipd_tensor_file *f, ipd_error *e);
int ipd_npz_read(ipd_tensor_file *f, const ipd_tensor *t, void *to, ipd_error *e);
/* Adds an empty tensor of this name; NULL and *e if there are too many or the name is too long. */
ipd_tensor *ipd_tensors_add(ipd_tensor_file *f, const char *name, size_t length, ipd_error *e);
/* Reads `count` bytes at offset `at`; -1 and *e on failure. */
int ipd_tensors_bytes(ipd_tensor_file *f, uint64_t at, void *to, size_t count, ipd_error *e);
/* Sets t->bytes from dtype and shape; -1 if it exceeds `max`. */
int ipd_tensor_measure(ipd_tensor *t, uint64_t max);

#endif
