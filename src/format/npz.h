/* npz.h - what the reader and the writer of .npz share: the parts of a zip file. */
#ifndef IPD_FORMAT_NPZ_H
#define IPD_FORMAT_NPZ_H

#include "format/tensors.h"

#include <zlib.h>

enum {
    IPD_ZIP_LOCAL = 0x04034b50, /* signatures: before a file, its entry in the directory, the end */
    IPD_ZIP_CENTRAL = 0x02014b50,
    IPD_ZIP_END = 0x06054b50,
    IPD_ZIP_LOCAL_SIZE = 30, /* bytes of these, without names */
    IPD_ZIP_CENTRAL_SIZE = 46,
    IPD_ZIP_END_SIZE = 22
};

/* NumPy's names of the types. */
extern const char *const ipd_npz_dtypes[IPD_DTYPES];

/* CRC-32 and count of bytes as they come: an ipd_bytes_fn. */
typedef struct ipd_zip_sum {
    uLong crc;
    size_t size;
} ipd_zip_sum;
int ipd_zip_add(void *sum, const void *bytes, size_t count);

#endif
