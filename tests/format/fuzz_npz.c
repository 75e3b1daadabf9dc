/* fuzz_npz.c - any bytes at all as an .npz, or, wrapped in a zip file, as its array W1. */
#include "data/tensors.h"
#include "tests/fuzz.h"

#include <zip.h>

enum { RATIO = 1032 }; /* bytes that one byte of an .npz may stand for */

/* The bytes as the entry W1.npy of a zip file, malloc'ed. */
static uint8_t *wrap(const uint8_t *bytes, size_t length, size_t *size)
{
    zip_source_t *whole = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = zip_open_from_source(whole, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    zip_stat_t s;
    zip_source_keep(whole);
    fuzz_check(zip_file_add(zip, "W1.npy", zip_source_buffer(zip, bytes, length, 0), 0) == 0 &&
               !zip_set_file_compression(zip, 0, length % 2 ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 1) &&
               !zip_close(zip) && !zip_source_stat(whole, &s) && !zip_source_open(whole));
    uint8_t *archive = malloc(s.size);
    fuzz_check(archive && zip_source_read(whole, archive, s.size) == (zip_int64_t)s.size);
    zip_source_close(whole);
    zip_source_free(whole);
    *size = s.size;
    return archive;
}

static void read_all(const uint8_t *bytes, size_t length)
{
    ipd_error e = {0};
    ipd_tensor_file f;
    size_t total = 0;
    const char *path = fuzz_file(bytes, length);
    if (ipd_tensors_open(&f, path, &e))
        fuzz_check_error(&e, path);
    for (size_t i = 0; e.code == IPD_OK && i < f.count; i++) {
        const ipd_tensor *t = &f.tensors[i];
        void *values = malloc(t->bytes + 1);
        fuzz_check(values && (total += t->bytes) <= length * RATIO &&
                   ipd_tensors_find(&f, t->name) == t);
        if (ipd_tensors_read(&f, t, values, &e))
            fuzz_check_error(&e, path);
        free(values);
    }
    fuzz_taken += e.code == IPD_OK;
    ipd_tensors_close(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t size;
    if (length > 4 && !memcmp(bytes, "PK", 2)) {
        read_all(bytes, length);
        return 0;
    }
    uint8_t *archive = wrap(bytes, length, &size);
    read_all(archive, size);
    free(archive);
    return 0;
}

FUZZ_MAIN("tests/format/corpus_npz", NULL, 300, 8)
