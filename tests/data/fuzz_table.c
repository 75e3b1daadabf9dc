/* fuzz_table.c - tables of text: no input crashes, each failure is one sentence that names the file, and
 * what is read is consistent. The first byte chooses options; 128 is a table in two files, the second
 * behind a line "====". */
#include "data/dataset.h"
#include "tests/fuzz.h"

/* Opens the two parts. */
static int open_parts(ipd_dataset **d, const uint8_t *bytes, size_t length,
                      const ipd_dataset_options *o, ipd_error *e)
{
    static const char mark[] = "====\n";
    const uint8_t *at = memmem(bytes, length, mark, strlen(mark)), *end = bytes + length;
    const uint8_t *second = at ? at + strlen(mark) : end;
    char other[32];
    const char *path = fuzz_file(bytes, at ? (size_t)(at - bytes) : length);
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    snprintf(other, sizeof other, "/proc/self/fd/%d", fd);
    fuzz_check(fd >= 0 && write(fd, second, (size_t)(end - second)) == end - second);
    const char *const more[] = {other, NULL};
    int failed = ipd_dataset_open_in(d, path, more, o, NULL, NULL, e);
    close(fd);
    return failed;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const rules[] = {"refuse", "drop", "mean"};
    static const char *const targets[] = {"", "classes", "values", "inputs"};
    static ipd_dataset_options o;
    ipd_dataset *d;
    ipd_error e;
    if (!length)
        return 0;
    memset(&o, 0, sizeof o);
    strcpy(o.words[IPD_DATA_MISSING], rules[bytes[0] % 3]);
    strcpy(o.words[IPD_DATA_TARGET], targets[bytes[0] / 4 % 4]);
    if (bytes[0] & 64)
        strcpy(o.words[IPD_DATA_SPLIT], "last");
    if (bytes[0] & 128 ? open_parts(&d, bytes + 1, length - 1, &o, &e)
                       : ipd_dataset_open(&d, fuzz_file(bytes + 1, length - 1), &o, &e)) {
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
