/* fuzz_store.c - the folder of an imported data set: no data.json and no arrays crash, each failure is one sentence,
 * and what opens has labels and values in range.
 *
 * An input is data.json, then for each array a line "==== NAME" and its bytes. Arrays that it does not
 * have are made as data.json announces them, so that a changed number does not end at the first size.
 */
#include "data/dataset.h"
#include "data/store.h"
#include "tests/fuzz.h"

#include <jansson.h>
#include <sys/stat.h>

enum { NAMES = 6, LARGEST_ARRAY = 1 << 16 };
static const char mark[] = "\n==== ";
static const char *const names[NAMES] = {"train-x.npy",      "train-y.npy", "validation-x.npy",
                                         "validation-y.npy", "test-x.npy",  "test-y.npy"};
static char folder[64];

static void file_path(char to[96], const char *name)
{
    snprintf(to, 96, "%s/%s", folder, name);
}

static void remove_folder(void)
{
    char path[96];
    for (int i = 0; i <= NAMES; i++) {
        file_path(path, i < NAMES ? names[i] : "data.json");
        unlink(path);
    }
    rmdir(folder);
}

static void make_folder(void)
{
    const char *where = getenv("TMPDIR");
    if (*folder)
        return;
    snprintf(folder, sizeof folder, "%.40s/fuzz-store-XXXXXX", where ? where : "/tmp");
    fuzz_check(mkdtemp(folder) != NULL);
    atexit(remove_folder);
}

static void write_file(const char *name, const void *bytes, size_t length)
{
    char path[96];
    file_path(path, name);
    FILE *f = fopen(path, "wb");
    fuzz_check(f && fwrite(bytes, 1, length, f) == length && !fclose(f));
}

/* Writes an array of N rows as data.json announces it; `y`: of labels or values. */
static void write_announced(const json_t *index, int i, json_int_t N)
{
    static char bytes[LARGEST_ARRAY];
    const char *encoding = json_string_value(json_object_get(index, "encoding"));
    int y = i % 2, labels = y && !(encoding && strstr(encoding, "\"values\""));
    int one = !y && json_integer_value(json_object_get(index, "version")) == 2; /* byte each */
    json_int_t columns = json_integer_value(json_object_get(index, y ? "outputs" : "inputs"));
    char shape[64];
    if (N < 1 || columns < 1 || N > LARGEST_ARRAY / 8 || columns > LARGEST_ARRAY / 8 / N)
        return;
    snprintf(shape, sizeof shape, labels ? "(%d,)" : "(%d, %d)", (int)N, (int)columns);
    memcpy(bytes, "\x93NUMPY\1\0\x76\0", 10);
    memset(bytes + 10, ' ', 118);
    int n = snprintf(bytes + 10, 118, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                     one      ? "|u1"
                     : labels ? "<u4"
                              : "<f4",
                     shape);
    bytes[10 + n] = ' ';
    bytes[127] = '\n';
    size_t count = (size_t)(labels ? N : N * columns);
    for (size_t k = 0; k < count; k++) {
        float value = (float)(k % 7) - 3;
        uint32_t label = (uint32_t)(k % (size_t)columns);
        bytes[128 + k] = (char)(31 * k);
        if (!one)
            memcpy(bytes + 128 + 4 * k, labels ? (void *)&label : (void *)&value, 4);
    }
    write_file(names[i], bytes, 128 + (one ? 1 : 4) * count);
}

/* Fills the folder. */
static void unpack(const uint8_t *bytes, size_t length)
{
    char path[96];
    const uint8_t *end = bytes + length, *at = memmem(bytes, length, mark, strlen(mark));
    write_file("data.json", bytes, at ? (size_t)(at - bytes) : length);
    json_t *index = json_loadb((const char *)bytes, at ? (size_t)(at - bytes) : length, 0, NULL);
    for (int i = 0; i < NAMES; i++) {
        char part[16];
        snprintf(part, sizeof part, "%.*s", (int)strcspn(names[i], "-"), names[i]);
        file_path(path, names[i]);
        unlink(path);
        write_announced(index, i,
                        json_integer_value(json_object_get(
                            json_object_get(json_object_get(index, "parts"), part), "samples")));
    }
    json_decref(index);
    while (at) {
        const uint8_t *name = at + strlen(mark);
        at = memmem(name, (size_t)(end - name), mark, strlen(mark));
        const uint8_t *stop = at ? at : end, *text = memchr(name, '\n', (size_t)(stop - name));
        for (int i = 0; text && i < NAMES; i++)
            if (strlen(names[i]) == (size_t)(text - name) &&
                !memcmp(names[i], name, strlen(names[i])))
                write_file(names[i], text + 1, (size_t)(stop - text - 1));
    }
}

static void check_part(const ipd_dataset *d, const ipd_samples *s)
{
    volatile float touched = 0;
    ipd_inputs X = ipd_samples_inputs(s);
    float *buffer = malloc((X.rows + 1) * sizeof *buffer);
    fuzz_check(buffer != NULL);
    for (size_t n = 0; n < s->X.cols; n++)
        fuzz_check(d->values ? s->Y.rows == d->classes && s->Y.cols == s->X.cols
                             : s->labels[n] < d->classes);
    for (size_t n = 0; n < X.cols; n++)
        for (size_t i = 0; i < X.rows; i++)
            touched = ipd_inputs_at(&X, n, buffer)[i];
    free(buffer);
    (void)touched;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_dataset_options o;
    ipd_dataset *d;
    ipd_error e;
    make_folder();
    unpack(bytes, length);
    for (int i = 0; i < 3; i++) {
        memset(&o, 0, sizeof o);
        o.train = i == 1 ? 2 : 0;
        o.validation = i == 1 ? 1 : 0;
        o.held_out = i == 2 ? 2 : 0;
        if (ipd_dataset_open(&d, folder, &o, &e)) {
            fuzz_check(e.code != IPD_OK && *e.text && !strchr(e.text, '\n'));
            continue;
        }
        fuzz_taken++;
        check_part(d, &d->train);
        check_part(d, &d->validation);
        check_part(d, &d->test);
        if (ipd_store_check(d, NULL, &e))
            fuzz_check(e.code != IPD_OK && *e.text && !strchr(e.text, '\n'));
        ipd_dataset_unref(d);
    }
    return 0;
}

FUZZ_MAIN("tests/data/corpus_store", "{}[]\":,=0123456789-", 200, 9)
