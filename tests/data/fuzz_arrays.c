/* fuzz_arrays.c - .npz, .npy and safetensors as data sets: no input crashes, and each failure is one sentence. */
#include "data/dataset.h"
#include "tests/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_dataset_options o;
    ipd_dataset *d;
    ipd_error e;
    const char *path = fuzz_file(bytes, length);
    for (int i = 0; i < 2; i++) {
        memset(&o, 0, sizeof o);
        if (i) {
            strcpy(o.words[IPD_DATA_TARGET], "inputs");
            strcpy(o.words[IPD_DATA_MISSING], "mean");
        }
        if (ipd_dataset_open(&d, path, &o, &e)) {
            fuzz_check(e.code != IPD_OK && *e.text && !strchr(e.text, '\n'));
            continue;
        }
        fuzz_taken++;
        for (size_t n = 0; n < d->train.X.cols; n++)
            fuzz_check(d->values ? d->train.Y.rows == d->classes : d->train.labels[n] < d->classes);
        ipd_dataset_unref(d);
    }
    return 0;
}

FUZZ_MAIN("tests/data/corpus_arrays", NULL, 200, 10)
