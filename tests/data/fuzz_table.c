/* fuzz_table.c - tables of text: no input crashes, each failure is one sentence that names the file, and
 * what is read is consistent. The first byte chooses options. */
#include "data/dataset.h"
#include "tests/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const rules[] = {"refuse", "drop", "mean"};
    static const char *const targets[] = {"", "classes", "values", "inputs"};
    static ipd_dataset_options o;
    ipd_dataset *d;
    ipd_error e;
    if (!length)
        return 0;
    const char *path = fuzz_file(bytes + 1, length - 1);
    memset(&o, 0, sizeof o);
    strcpy(o.words[IPD_DATA_MISSING], rules[bytes[0] % 3]);
    strcpy(o.words[IPD_DATA_TARGET], targets[bytes[0] / 4 % 4]);
    if (bytes[0] & 64)
        strcpy(o.words[IPD_DATA_SPLIT], "last");
    if (ipd_dataset_open(&d, path, &o, &e)) {
        fuzz_check(e.code != IPD_OK && *e.text && !strchr(e.text, '\n'));
        return 0;
    }
    fuzz_taken++;
    const ipd_samples *parts[] = {&d->train, &d->validation, &d->test};
    for (int p = 0; p < 3; p++)
        for (size_t n = 0; n < parts[p]->X.cols; n++) {
            for (size_t i = 0; i < d->inputs; i++)
                fuzz_check(
                    parts[p]->X.data[n * d->inputs + i] - parts[p]->X.data[n * d->inputs + i] == 0);
            fuzz_check(d->values ? parts[p]->Y.rows == d->classes
                                 : parts[p]->labels[n] < d->classes);
        }
    ipd_encoding *x = ipd_encoding_parse(d->encoding_text, d->inputs, d->classes, &e);
    fuzz_check(x != NULL);
    ipd_encoding_free(x);
    ipd_dataset_unref(d);
    return 0;
}

FUZZ_MAIN("tests/data/corpus_table", ",;\t\"\n.?-e19", 300, 13)
