/* test_data.c - the digits generator, data sets by name and by folder, IDX files in memory. */
#include "base/path.h"
#include "data/checksum.h"
#include "data/dataset.h"
#include "data/digits.h"
#include "data/idx.h"
#include "data/strokes.h"
#include "tests/tap.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PIXELS = IPD_DIGITS_PIXELS };

/* The checksum (see ipd_dataset.checksum) of the default digits: 6000 and 1000 samples, seed 1. */
static const char digits_sha256[] =
    "5fe731db89baac73a33589466ec997770561f8b41df5445784852dbe9003dcf6";

static char folder[] = "/tmp/ipdlam-test-XXXXXX";

static void test_checksum(void)
{
    ipd_checksum c;
    char text[65];
    ipd_checksum_init(&c);
    ipd_checksum_add(&c, "a", 1);
    ipd_checksum_add(&c, "bc", 2);
    ipd_checksum_text(&c, text);
    ok(!strcmp(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
       "SHA-256 of abc");
}

static void test_strokes(void)
{
    int digits = 0, bad = 0;
    for (int i = 0; i < ipd_stroke_variant_count; i++) {
        const ipd_stroke_variant *v = ipd_stroke_variants + i;
        digits |= 1 << v->digit;
        bad += v->count < 2 || v->count > IPD_STROKE_MAX || !v->weight;
        bad += !ipd_stroke_points[v->first + v->count - 1].last;
    }
    ok(digits == 1023 && ipd_stroke_variant_count >= 30 && !bad,
       "each digit is written in several ways");
}

static void test_digits(void)
{
    enum { N = 200 };
    static uint8_t all[N * PIXELS], labels[N], some[N * PIXELS], some_labels[N];
    int by_class[10] = {0}, sorted = 0, inked = 0, edge = 0;
    ipd_digits_draw(all, labels, 0, N, 0, 7);
    ipd_digits_draw(some, some_labels, 33, 50, 0, 7);
    ok(!memcmp(some, all + 33 * PIXELS, 50 * PIXELS) && !memcmp(some_labels, labels + 33, 50),
       "a sample does not depend on how many are drawn, or from where on");
    for (int i = 0; i < N; i++) {
        const uint8_t *image = all + i * PIXELS;
        int ink = 0;
        by_class[labels[i]]++;
        sorted += i > 0 && labels[i] == (labels[i - 1] + 1) % 10;
        for (int p = 0; p < PIXELS; p++) {
            ink += image[p] > 127;
            edge += image[p] > 127 && (p % 28 == 0 || p % 28 == 27 || p < 28 || p >= 27 * 28);
        }
        inked += ink >= 12 && ink < PIXELS / 2;
    }
    for (int c = 1; c < 10; c++)
        by_class[0] = by_class[c] == N / 10 ? by_class[0] : -1;
    ok(by_class[0] == N / 10, "every digit is equally frequent");
    ok(sorted < N / 4, "the digits are in random order");
    ok(inked == N, "every image has ink, and room");
    ok(edge < N, "digits stay within the image");
    ipd_digits_draw(some, some_labels, 0, N, 1, 7);
    ok(memcmp(all, some, sizeof all) && memcmp(labels, some_labels, N),
       "the test part has other samples");
    ipd_digits_draw(some, some_labels, 0, N, 0, 8);
    ok(memcmp(all, some, sizeof all) && memcmp(labels, some_labels, N),
       "another seed gives other samples");
}

/* Counts pairs of equal images between the two halves. */
static int repeated(const ipd_dataset *d)
{
    size_t bytes = d->inputs * sizeof(float);
    int count = 0;
    for (size_t i = 0; i < d->test.X.cols; i++)
        for (size_t j = 0; j < d->train.X.cols; j++)
            count +=
                !memcmp(d->test.X.data + i * d->inputs, d->train.X.data + j * d->inputs, bytes);
    return count;
}

static void test_dataset(void)
{
    ipd_dataset *d, *e;
    ipd_error error;
    ok(ipd_dataset_open(&d, "digits", NULL, &error) == 0, "the digits open");
    ok(!strcmp(d->checksum, digits_sha256), "their bytes do not depend on the machine: %s",
       d->checksum);
    ok(d->train.X.cols == 6000 && d->test.X.cols == 1000 && d->inputs == PIXELS &&
           d->classes == 10 && d->width == 28 && d->height == 28,
       "digits: 6000 and 1000 samples of 28 x 28, in 10 classes");
    ok(!strcmp(d->name, "digits") && !strcmp(d->source, "generated, seed 1"),
       "the data set names its source");
    ok(repeated(d) == 0, "no test sample is a training sample");
    ipd_dataset_options options = {.train = 300, .test = 50};
    ok(ipd_dataset_open(&e, "digits", &options, &error) == 0 && e->train.X.cols == 300 &&
           e->test.X.cols == 50 && strcmp(d->checksum, e->checksum),
       "fewer digits");
    ok(!memcmp(e->train.X.data, d->train.X.data, 300 * PIXELS * sizeof(float)) &&
           !memcmp(e->test.labels, d->test.labels, 50),
       "fewer digits are the first ones");
    ok(ipd_dataset_ref(d) == d && d->references == 2, "one reference more");
    ipd_dataset_unref(d);
    ok(d->references == 1, "one reference less");
    ipd_dataset_unref(d);
    ipd_dataset_unref(e);
    ipd_dataset_unref(NULL);
    options = (ipd_dataset_options){.train = 20, .test = 10, .seed = 5};
    ok(ipd_dataset_open(&d, "digits", &options, &error) == 0 &&
           !strcmp(d->source, "generated, seed 5"),
       "another seed is named in the source");
    ipd_dataset_unref(d);
}

/* Opens the digits with these options and compares each part with the samples of `whole`. */
static void test_split(const ipd_dataset *whole, const ipd_dataset_options *o, size_t train,
                       size_t validation, size_t test)
{
    ipd_dataset *d;
    ipd_error e;
    ok(ipd_dataset_open(&d, "digits", o, &e) == 0 && d->train.X.cols == train &&
           d->validation.X.cols == validation && d->test.X.cols == test,
       "%zu, %zu and %zu samples", train, validation, test);
    const float *last = ipd_matrix_columns(&whole->train.X, 6000 - validation, validation).data;
    ok(!memcmp(d->train.X.data, whole->train.X.data, train * PIXELS * sizeof(float)) &&
           !memcmp(d->validation.X.data, last, validation * PIXELS * sizeof(float)) &&
           !memcmp(d->validation.labels, whole->train.labels + 6000 - validation, validation) &&
           !memcmp(d->test.X.data, whole->test.X.data, test * PIXELS * sizeof(float)),
       "the validation samples are the last training samples");
    ok(strcmp(d->checksum, whole->checksum), "the divided data set has its own checksum");
    ipd_dataset_unref(d);
}

static void test_validation(void)
{
    ipd_dataset *whole, *d;
    ipd_error e;
    static const char *const wrong[] = {"",    "%",     "0%",   "100%", "-1",
                                        "1.5", "10 %x", "many", "nan%"};
    ipd_dataset_options o = {.test = 30, .validation = 200};
    ipd_dataset_open(&whole, "digits", NULL, &e);
    test_split(whole, &o, 5800, 200, 30);
    o = (ipd_dataset_options){.train = 100};
    ok(!ipd_data_options_set(&o, "validation", "2.5%", &e), "a percentage of validation samples");
    test_split(whole, &o, 100, 150, 1000);
    o = (ipd_dataset_options){.train = 5900, .validation = 200};
    ok(ipd_dataset_open(&d, "digits", &o, &e) && !d &&
           strstr(e.text, "5900 for training and 200 for validation"),
       "%s", e.text);
    o = (ipd_dataset_options){.validation = 6000};
    ok(ipd_dataset_open(&d, "digits", &o, &e) && strstr(e.text, "leaves none"), "%s", e.text);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(ipd_data_options_set(&o, "validation", wrong[i], &e) && strstr(e.text, "such as 10%"),
           "%s", e.text);
    /* The checksum is the one that 0.1 computed. */
    o = (ipd_dataset_options){.train = 40, .held_out = 20};
    ok(!ipd_dataset_open(&d, "digits", &o, &e) && d->held_out == 20 && d->test.X.cols == 20 &&
           !d->validation.X.cols &&
           !strcmp(d->checksum, "79f9d3e108d9216a792f028884d4553cdb8df00adff9c79212ceed2d2c940729"),
       "samples held out in place of the test samples");
    ipd_dataset_unref(d);
    ipd_dataset_unref(whole);
}

static void test_names(void)
{
    ipd_dataset *d = (ipd_dataset *)folder;
    ipd_error e;
    char path[4096];
    ok(ipd_dataset_open(&d, "minst", NULL, &e) && e.code == IPD_EUSAGE && !d &&
           strstr(e.text, "Did you mean 'mnist'"),
       "an unknown name: the nearest is named");
    ok(ipd_dataset_open(&d, "cifar", NULL, &e) && strstr(e.text, "fashion-mnist"),
       "an unknown name, none near: all are named");
    ok(ipd_dataset_open(&d, "mnist", NULL, &e) && strstr(e.text, "ipdlam data fetch mnist"),
       "a known set that is missing: the command that fetches it");
    ok(ipd_dataset_find("digits", path, sizeof path) == 0 && !*path, "digits need no file");
    ok(ipd_dataset_find("mnist", path, sizeof path) && ipd_dataset_find("cifar", path, sizeof path),
       "other sets need files");
}

static void write_file(const char *where, const char *name, const void *bytes, size_t n)
{
    char path[4096];
    ipd_path_join(path, sizeof path, where, name, NULL);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, n, f) != n)
        abort();
    fclose(f);
}

/* Three training samples of 2 x 2 pixels, two to test with; the largest label is `max`. */
static void write_set(const char *where, uint8_t max)
{
    const uint8_t train[] = {0, 0, 8, 3, 0, 0,   0,   3,  0,  0,  0,  2,  0,  0,
                             0, 2, 0, 1, 2, 255, 128, 64, 32, 16, 10, 20, 30, 40};
    const uint8_t test[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 9, 8, 7, 6, 5, 4, 3, 2};
    const uint8_t train_labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 0, max, 0};
    const uint8_t test_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 0, 0};
    ipd_path_make_folder(where, NULL);
    write_file(where, "train-images-idx3-ubyte", train, sizeof train);
    write_file(where, "t10k-images-idx3-ubyte", test, sizeof test);
    write_file(where, "train-labels-idx1-ubyte", train_labels, sizeof train_labels);
    write_file(where, "t10k-labels-idx1-ubyte", test_labels, sizeof test_labels);
}

static size_t classes_of(const char *where)
{
    ipd_dataset *d;
    ipd_error e;
    if (ipd_dataset_open(&d, where, NULL, &e))
        return 0;
    size_t classes = d->classes;
    ipd_dataset_unref(d);
    return classes;
}

static void test_folder(void)
{
    ipd_dataset_options options = {.train = 2};
    ipd_dataset *d;
    ipd_error e;
    char here[4096];
    snprintf(here, sizeof here, "%s/own/", folder);
    write_set(here, 3);
    ok(ipd_dataset_open(&d, here, NULL, &e) == 0, "a folder opens");
    ok(d->train.X.cols == 3 && d->test.X.cols == 2 && d->inputs == 4 && d->width == 2 &&
           d->height == 2 && d->classes == 4,
       "it has the sizes of the files, and as many classes as the largest label says");
    ok(d->train.X.data[3] == 1 && d->train.X.data[4] == 128 / 255.0F && d->train.labels[1] == 3,
       "pixels are divided by 255, samples are columns");
    ok(!strcmp(d->name, here) && !strcmp(d->source, here), "the folder is its name and source");
    ipd_dataset_unref(d);
    ok(ipd_dataset_open(&d, here, &options, &e) == 0 && d->train.X.cols == 2 && d->test.X.cols == 2,
       "fewer training samples than the folder has");
    ipd_dataset_unref(d);
    options.train = 4;
    ok(ipd_dataset_open(&d, here, &options, &e) && e.code == IPD_EUSAGE &&
           strstr(e.text, "has 3 training samples, fewer than the 4 requested"),
       "more training samples than the folder has");
    write_set(here, 0);
    ok(classes_of(here) == 2, "at least two classes");
    write_set(here, 255);
    ok(classes_of(here) == 256, "at most 256 classes");
}

/* Opens a named data set and prints the folder where it was found. */
static const char *found(const char *name)
{
    static char source[4096];
    ipd_dataset *d;
    ipd_error e;
    if (ipd_dataset_open(&d, name, NULL, &e))
        snprintf(source, sizeof source, "%s", e.text);
    if (!d)
        return source;
    snprintf(source, sizeof source, "%s", d->source + strlen(folder));
    ipd_dataset_unref(d);
    return source;
}

static void test_places(void)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/xdg/ipdlam/mnist", folder);
    write_set(path, 9);
    ok(!strcmp(found("mnist"), "/xdg/ipdlam/mnist"), "a set is found in the XDG data folder");
    snprintf(path, sizeof path, "%s/sets/mnist", folder);
    write_set(path, 9);
    setenv("IPDLAM_DATA", path, 1);
    ok(!strcmp(found("mnist"), "/sets/mnist"), "IPDLAM_DATA is the set's own folder");
    ok(strstr(found("fashion-mnist"), "neither in IPDLAM_DATA"),
       "IPDLAM_DATA with one set has no other set");
    *strrchr(path, '/') = 0;
    setenv("IPDLAM_DATA", path, 1);
    ok(!strcmp(found("mnist"), "/sets/mnist"), "IPDLAM_DATA is the folder of all sets");
    strcat(path, "/mnist");
    write_set(path, 10);
    ok(strstr(found("mnist"), "label 2 is 10, but labels go from 0 to 9"),
       "a set of ten classes refuses label 10");
    unsetenv("IPDLAM_DATA");
}

static void test_idx(void)
{
    const uint8_t labels[] = {0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4};
    ipd_error e;
    ipd_idx x;
    ok(ipd_idx_parse(&x, labels, sizeof labels, "x", IPD_IDX_LABELS, 100, &e) == 0 &&
           x.count == 3 && x.size[0] == 3 && x.items[0] == 5 && x.items[2] == 4,
       "labels parsed from memory");
    ipd_idx_free(&x);
    ok(ipd_idx_parse(&x, labels, sizeof labels, "x", IPD_IDX_LABELS, 2, &e) &&
           e.code == IPD_EMEMORY && !x.bytes,
       "labels beyond the limit are refused");
    ipd_idx_free(&x);
}

static void remove_all(void)
{
    char command[sizeof folder + 16];
    snprintf(command, sizeof command, "rm -rf %s", folder);
    if (system(command))
        printf("# %s is left\n", folder);
}

/* Which steps of a read were published; one of them stops it. */
typedef struct steps {
    char seen[128];
    const char *stop;
    int wrong; /* a share was not 0 to 1 */
} steps;

static int on_step(void *context, const char *step, double share)
{
    steps *s = context;
    if (!strstr(s->seen, step))
        snprintf(s->seen + strlen(s->seen), sizeof s->seen - strlen(s->seen), "%s ", step);
    s->wrong |= !(share >= 0 && share <= 1);
    return s->stop && !strcmp(step, s->stop);
}

/* Long reads say how far they are, and each of their steps can be stopped. */
static void test_progress(void)
{
    static const char *const all[] = {"unpacking", "scanning",  "names",   "reading",
                                      "splitting", "measuring", "scaling", "checksum"};
    char path[64];
    ipd_dataset *d;
    ipd_error e;
    snprintf(path, sizeof path, "%s/long.csv.gz", folder);
    gzFile f = gzopen(path, "wb1");
    for (int i = 0; f && i < 400000; i++) /* more than one piece when it is unpacked */
        gzprintf(f, "%d.12345678,%s,%d.000000000000000000000,%s\n", i % 91, i % 2 ? "r" : "s",
                 i % 7, i % 3 ? "u" : "v");
    ok(f && gzclose(f) == Z_OK, "a long table is written");
    steps s = {0};
    const ipd_data_progress progress = {on_step, &s};
    int opened = !ipd_dataset_open_as(&d, path, NULL, NULL, &progress, &e), missing = 0, bad = 0;
    if (opened)
        ipd_dataset_unref(d);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        missing += !strstr(s.seen, all[i]);
    ok(opened && !missing && !s.wrong, "reading it publishes its steps: %s", s.seen);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        s = (steps){.stop = all[i]};
        d = NULL;
        bad +=
            !ipd_dataset_open_as(&d, path, NULL, NULL, &progress, &e) || e.code != IPD_EINTERRUPT;
        ipd_dataset_unref(d);
    }
    ok(!bad, "reading can be stopped in each step");
    unlink(path);
}

int main(void)
{
    char path[4096];
    if (!mkdtemp(folder))
        return 1;
    unsetenv("IPDLAM_DATA");
    setenv("HOME", folder, 1);
    snprintf(path, sizeof path, "%s/xdg", folder);
    setenv("XDG_DATA_HOME", path, 1);
    test_checksum();
    test_strokes();
    test_digits();
    test_dataset();
    test_validation();
    test_names();
    test_folder();
    test_places();
    test_idx();
    test_progress();
    remove_all();
    return done();
}
