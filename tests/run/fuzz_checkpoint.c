/* fuzz_checkpoint.c - arbitrary bytes as a checkpoint, and arbitrary values in a whole one.
 *
 * The target repairs the checksum: behind it the parser must stand by itself. A checkpoint that can be read is opened as
 * a run, which does a few blocks. As a test: the corpus and checkpoints of several methods, damaged copies of each, and
 * each of their values in turn. `fuzz_checkpoint FOLDER [all]` writes seeds for libFuzzer.
 */
#include "base/parallel.h"
#include "base/random.h"
#include "data/checksum.h"
#include "run/time/checkpoint.h"
#include "solver/variable.h"
#include "tests/fuzz.h"

enum { DIGITS = 64 };
static const char begin[] = "{\"__metadata__\":{\"sha256\":\"";

/* Twelve images of 3 x 2 in three classes, and six to test: a run on them is small. */
static ipd_dataset *data;

static void write_idx(const char *folder, const char *name, int items, int images)
{
    char path[128];
    unsigned char head[16] = {0, 0, 8, images ? 3 : 1, 0, 0, 0, (unsigned char)items, 0, 0, 0, 3, 0,
                              0, 0, 2};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    fwrite(head, 1, images ? 16 : 8, f);
    for (int i = 0; i < items * (images ? 6 : 1); i++)
        fputc(images ? i * 37 % 256 : i % 3, f);
    fclose(f);
}

static void make_data(void)
{
    static const char *const names[] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                        "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"};
    char folder[] = "/tmp/ipdlam-test-XXXXXX", path[128];
    ipd_error e;
    if (!mkdtemp(folder) || ipd_threads_set(1, &e)) /* more would mostly wait in so small a run */
        abort();
    for (int i = 0; i < 4; i++)
        write_idx(folder, names[i], i < 2 ? 12 : 6, i % 2 == 0);
    if (ipd_dataset_open(&data, folder, NULL, &e))
        abort();
    for (int i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* Opens a run from the archive and, with `works`, sends it commands. Returns 1 if it could be opened. */
static int use(ipd_archive *archive, int works)
{
    const ipd_run_options options = {.archive = archive, .snapshots = -1};
    ipd_error e = {0};
    ipd_reply reply;
    ipd_run *run;
    if (ipd_run_open(&run, data, NULL, &options, &e)) {
        fuzz_check_error(&e, "");
        return 0;
    }
    if (works) {
        ipd_ticket tickets[] = {ipd_run_step_blocks(run, 3, &e), ipd_run_go(run, 1, -1, &e),
                                ipd_run_go(run, 2, 0, &e),       ipd_run_forward(run, -1, &e),
                                ipd_run_go(run, 1, 2, &e),       ipd_run_rewind(run, 1, &e)};
        for (int i = 0; i < 6; i++)
            if (tickets[i])
                ipd_run_wait(run, tickets[i], &reply, &e);
    }
    ipd_run_free(run);
    return 1;
}

/* Sets the checksum in the file to that of its bytes. */
static void seal(uint8_t *bytes, size_t length)
{
    ipd_checksum sum;
    char digits[65];
    if (length < 8 + sizeof begin + DIGITS || memcmp(bytes + 8, begin, sizeof begin - 1))
        return;
    char *at = (char *)bytes + 8 + sizeof begin - 1;
    memset(at, '0', DIGITS);
    ipd_checksum_init(&sum);
    ipd_checksum_add(&sum, bytes, length);
    ipd_checksum_text(&sum, digits);
    memcpy(at, digits, DIGITS);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static ipd_checkpoint c;
    ipd_archive *archive;
    ipd_error e = {0};
    if (!data)
        make_data();
    uint8_t *copy = (uint8_t *)fuzz_text(bytes, length);
    seal(copy, length);
    const char *path = fuzz_file(copy, length);
    free(copy);
    if (ipd_checkpoint_read(&c, path, &archive, &e)) {
        fuzz_check_error(&e, path);
        fuzz_check(!archive);
    } else {
#ifdef IPD_LIBFUZZER
        static unsigned opened; /* most are only opened, which reads them and takes less time */
        use(archive, opened++ % 8 == 0);
#else
        use(archive, 1);
#endif
        fuzz_taken++;
    }
    ipd_archive_free(archive);
    return 0;
}

/* Texts that a checkpoint may have: methods, settings, places. */
static const char *const texts[] = {"ipdlam",
                                    "bcd",
                                    "relaxed_am",
                                    "adam",
                                    "sgd",
                                    "adamax",
                                    "amsgrad",
                                    "rmsprop",
                                    "adagrad",
                                    "adadelta",
                                    "increase",
                                    "decrease",
                                    "nested",
                                    "nested_reverse",
                                    "parallel",
                                    "order",
                                    "relu",
                                    "leaky_relu",
                                    "tanh",
                                    "sigmoid",
                                    "identity",
                                    "softplus",
                                    "squared",
                                    "cross_entropy",
                                    "hinge",
                                    "none",
                                    "ridge",
                                    "lasso",
                                    "elastic_net",
                                    "W1",
                                    "z1",
                                    "W1,W2,W3",
                                    "true",
                                    "false",
                                    "auto",
                                    "constant",
                                    "cosine",
                                    "anneal",
                                    "step",
                                    "1:1,2:5",
                                    "2,3,30",
                                    "0.1,0.2,0.3",
                                    "norm",
                                    "fixed",
                                    "he",
                                    "normal",
                                    "row",
                                    "mean",
                                    "mse",
                                    "z3 W3 a2 z2 W2 a1 z1 W1",
                                    "relu,tanh",
                                    "relu,relu,relu,relu",
                                    "z9 W1",
                                    "W0",
                                    "zz",
                                    "1:0",
                                    "0:1",
                                    "1:x",
                                    "2:1,1:2",
                                    "1:1e99",
                                    "1:1,2:2,3",
                                    "delta=linear:1..0:1..5",
                                    "delta=linear:1..0:2..1 alpha=1:2",
                                    "alpha=function",
                                    "lr=geometric:0..1",
                                    "W9",
                                    "W1_old",
                                    "X",
                                    "set delta = 0.3\nswitch adam: lr = 0.01\n",
                                    "5",
                                    "1e9",
                                    "-1",
                                    "0",
                                    "",
                                    "x"};
enum { TEXTS = sizeof texts / sizeof *texts };

#ifdef IPD_LIBFUZZER
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t length, size_t largest);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t largest, unsigned seed);

enum { VALUE = 4096 }; /* bytes of an entry that are changed, at most */

/* Another value for an entry: bytes of libFuzzer's, or a text, or a number with a meaning. */
static void mutate_entry(const ipd_entry *from, ipd_entry *what, uint8_t *value, ipd_random *r)
{
    static const int64_t whole[] = {0, -1, 1, 2, 3, 4, 5, 12, 1 << 24, INT32_MAX, INT64_MIN};
    static const double reals[] = {0, -1, 0.5, 1, 2, 1e-40, 1e308, 1.0 / 0.0, -1e9};
    const char *text = texts[ipd_random_below(r, TEXTS)];
    size_t size = from->bytes < VALUE ? from->bytes : VALUE;
    size_t unit = from->dtype == IPD_TEXT ? 1 : from->dtype == IPD_F32 ? 4 : 8;
    memcpy(value, from->data, size);
    if (from->dtype == IPD_TEXT && ipd_random_below(r, 2)) {
        size = strlen(text);
        memcpy(value, text, size);
    } else if (from->dtype == IPD_I64 && size >= 8 && ipd_random_below(r, 2)) {
        memcpy(value + ipd_random_below(r, size / 8) * 8, &whole[ipd_random_below(r, 11)], 8);
    } else if (from->dtype == IPD_F64 && size >= 8 && ipd_random_below(r, 2)) {
        memcpy(value + ipd_random_below(r, size / 8) * 8, &reals[ipd_random_below(r, 9)], 8);
    } else {
        size = LLVMFuzzerMutate(value, size, from->dtype == IPD_TEXT ? 64 : VALUE);
    }
    if (what->dims == 2 || (!what->dims && size / unit == 1))
        return;
    what->dims = 1;
    what->shape[0] = size / unit;
}

/* Half of the inputs are whole checkpoints of which one to four entries have other values: bytes changed at random
 * rarely pass the header. The others are libFuzzer's own. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t length, size_t largest, unsigned seed)
{
    static ipd_checkpoint c;
    static uint8_t value[VALUE];
    ipd_archive *from, *to;
    ipd_error e;
    ipd_random r;
    ipd_random_seed(&r, seed, 0);
    if (ipd_random_below(&r, 2) || length < 8)
        return LLVMFuzzerMutate(bytes, length, largest);
    seal(bytes, length);
    if (ipd_checkpoint_read(&c, fuzz_file(bytes, length), &from, &e))
        return LLVMFuzzerMutate(bytes, length, largest);
    size_t count = ipd_archive_count(from), changed = 1 + ipd_random_below(&r, 4);
    if (!count) {
        ipd_archive_free(from);
        return LLVMFuzzerMutate(bytes, length, largest);
    }
    to = ipd_archive_new(&e);
    size_t which[4];
    for (size_t i = 0; i < changed; i++)
        which[i] = ipd_random_below(&r, count);
    for (size_t i = 0; i < count; i++) {
        const ipd_entry *x = ipd_archive_entry(from, i);
        ipd_entry what = *x;
        int hit = 0;
        for (size_t k = 0; k < changed; k++)
            hit |= which[k] == i;
        if (hit && x->bytes <= VALUE)
            mutate_entry(x, &what, value, &r);
        ipd_entry *entry = ipd_archive_add(to, &what, &e);
        memcpy(entry->data, hit && x->bytes <= VALUE ? value : (uint8_t *)x->data, entry->bytes);
    }
    snprintf(c.path, sizeof c.path, "/dev/shm/fuzz-checkpoint-%d", (int)getpid());
    size_t n = length;
    if (!ipd_checkpoint_write(&c, to, &e)) {
        FILE *f = fopen(c.path, "rb");
        fuzz_check(f != NULL);
        n = fread(bytes, 1, largest, f);
        fclose(f);
    }
    ipd_archive_free(from);
    ipd_archive_free(to);
    return n;
}

#else
#include <math.h>

/* The number of damaged copies, and the step between the values that are tried. With IPDLAM_TEST_LONG=1: more copies, all values. */
static int copies = 15, stride = 4;

static char folder[] = "/tmp/ipdlam-test-XXXXXX";

static const struct kind {
    const char *name, *method, *batch, *past;
} kinds[] = {{"full", "ipdlam", "0", "12 metrics_every=2 2"},
             {"batches", "ipdlam", "5", "31 metrics_every=2 2"},
             {"bcd", "bcd", "0", "9 metrics_every=2 2"},
             {"adam", "adam", "4", "4 metrics_every=2 2"},
             {"sgd", "sgd", "4", "2 metrics_every=2 2"},
             {"paths", "sgd", "6", "5 lr=0.2 3 back:3 /W2 4 back:4 lr=0.3 2 back:1"},
             {"forks", "sgd", "6", "8 to:2 lr=0.2 6 to:1 lr=0.3 5"}};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Settings of further seeds: every part of the solvers is in reach of one. */
static const char *const seeds[] = {
    "method=relaxed_am batch=4 damping=2,3,30 average_weights=0.1",
    "method=relaxed_am batch=5 activation=leaky_relu relax=fixed order=parallel audit=true",
    "batch=4 activation=tanh loss=cross_entropy order=nested_reverse spectrum=true audit=true",
    "regularizer=lasso lambda=0.1 loss=hinge activation=leaky_relu delta=0.01",
    "regularizer=elastic_net lambda=0.1,0.2,0.3 delta=0 spectrum=true",
    "regularizer=ridge lambda=0.1 freeze=W1 batch=6 inner=2 shuffle=true bias_step=mean",
    "method=bcd activation=identity audit=true freeze=z1",
    "method=rmsprop batch=4 momentum=0.5 lr_schedule=cosine length=5",
    "method=adam batch=4 loss=cross_entropy weight_decay=0.1 lr_schedule=anneal length=5",
    "method=amsgrad batch=4 average_weights=0.1",
    "method=adamax batch=4",
    "method=adagrad batch=0",
    "method=adadelta batch=4 activation=sigmoid",
    "rho_schedule=1:1,2:5 batch=4 metrics_every=2",
};
enum { SEEDS = sizeof seeds / sizeof *seeds };

/* Pasts of further seeds: every kind of entry of a log, what waits, and the start of a branch. */
static const char *const pasts[] = {
    "3 order=W1,W2,W3,z3,z2,z1,a2,a1 damping=1,2,3 8 delta=0.3 freeze=W1 2 undo alpha=0.5 undo 9",
    "9 @adam 2 lr=0.01 1 @bcd 3 undo",
    "20 lambda=0.1,0.2,0.3 regularizer=ridge rho_schedule=1:1,5:2 9 audit=true 2 branch",
    "3 rho=2 /z1 @relaxed_am 2",
    "schedule=delta=1:0.1,2:0.3 9 alpha=0.2 3",
    "/W1 9 /b2 1 /a1 /z3 8 /W3",
    "3 freeze=W1 @bcd @sgd 2",
    "2 @relaxed_am 9 @adam 4 length=20 average_weights=0.5 lr_schedule=cosine 4 @ipdlam 3",
};
enum { PASTS = sizeof pasts / sizeof *pasts };

static int wait_for(ipd_run *run, ipd_ticket ticket)
{
    ipd_reply reply;
    ipd_error e;
    return !ticket || ipd_run_wait(run, ticket, &reply, &e);
}

/* Applies a text of NAME=VALUE, separated by spaces. */
static int set_all(ipd_settings *s, const char *text, ipd_error *e)
{
    char name[32], value[64];
    int n, failed = 0;
    for (; !failed && sscanf(text, " %31[^=]=%63s%n", name, value, &n) == 2; text += n)
        failed = ipd_settings_set(s, name, value, e);
    return failed || *text;
}

/* Halves a variable. */
static int halve(ipd_run *run, const char *name, ipd_error *e)
{
    ipd_variable x;
    ipd_matrix m = {0};
    int failed = ipd_variable_parse(&x, name) || wait_for(run, ipd_run_copy(run, x, &m, e));
    for (size_t i = 0; i < m.rows * m.cols; i++)
        m.data[i] /= 2;
    failed = failed || wait_for(run, ipd_run_write(run, x, &m, e));
    ipd_matrix_free(&m);
    return failed;
}

/* Sends a word of a run's past: blocks to do, a change NAME=VALUE, @METHOD for a switch, /VARIABLE to halve it, back:N for blocks to
 * go back, to:N to rewind, or "undo". */
static int live(ipd_run *run, const char *word, ipd_error *e)
{
    ipd_change change = {0};
    char name[32], value[64];
    if (sscanf(word, "%31[^=]=%63s", name, value) == 2)
        return ipd_change_add(&change, name, value, e) ||
               wait_for(run, ipd_run_set(run, &change, e));
    if (*word == '@')
        return wait_for(run, ipd_run_switch(run, word + 1, NULL, e));
    if (*word == '/')
        return halve(run, word + 1, e);
    if (sscanf(word, "back:%31s", name) == 1)
        return wait_for(run, ipd_run_back(run, 0, atol(name), e));
    if (sscanf(word, "to:%31s", name) == 1)
        return wait_for(run, ipd_run_rewind(run, atol(name), e));
    if (!strcmp(word, "undo"))
        return wait_for(run, ipd_run_undo(run, e));
    return wait_for(run, ipd_run_step_blocks(run, atol(word), e));
}

/* What a file of the run has: with the snapshots at its forks. */
static ipd_archive *written(ipd_run *run)
{
    static ipd_checkpoint c;
    char path[64];
    ipd_archive *a;
    ipd_error e;
    snprintf(path, sizeof path, "/dev/shm/fuzz-forks-%d", (int)getpid());
    if (wait_for(run, ipd_run_write_checkpoint(run, path, &e)) ||
        ipd_checkpoint_read(&c, path, &a, &e) || !ipd_archive_find(a, "run.snapshots"))
        abort();
    unlink(path);
    return a;
}

/* A run with this past, words separated by spaces, as an archive; it is described in *c. A past that ends in "branch" gives the
 * run as of its first iteration. more: further settings. */
static ipd_archive *make(const struct kind *k, const char *more, const char *past,
                         ipd_checkpoint *c)
{
    static const size_t hidden[] = {4, 2};
    const ipd_run_options options = {
        .hidden = hidden, .hidden_count = 2, .name = "a run", .snapshots = -1};
    ipd_settings s;
    ipd_error e = {0};
    ipd_run *run;
    ipd_archive *a = ipd_archive_new(&e);
    char word[64];
    int n, branch = 0;
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "method", k->method, &e) ||
        ipd_settings_set(&s, "batch", k->batch, &e) || set_all(&s, more, &e) ||
        ipd_run_open(&run, data, &s, &options, &e)) {
        fprintf(stderr, "%s: %s\n", more, e.text);
        abort();
    }
    for (const char *at = past; sscanf(at, " %63s%n", word, &n) == 1; at += n) {
        branch = !strcmp(word, "branch");
        if (!branch && live(run, word, &e)) {
            fprintf(stderr, "%s: %s: %s\n", past, word, e.text);
            abort();
        }
    }
    if (wait_for(run, branch ? ipd_run_branch(run, 1, a, &e) : ipd_run_archive(run, a, &e)))
        abort();
    if (!strcmp(k->name, "forks")) {
        ipd_archive_free(a);
        a = written(run);
    }
    ipd_checkpoint_describe(c, run, 20);
    ipd_run_free(run);
    return a;
}

enum { VARIANTS = 10 };

/* The archive with entry `which` removed (0), longer (1) or with other values (2 to 9); from 10 on, with a text that may mean
 * something; NULL if there is no such variant of it. */
static ipd_archive *vary(const ipd_archive *from, size_t which, int variant)
{
    static const int64_t whole[] = {0, -1, 1, 3, 1 << 24, INT32_MAX, INT64_MAX, INT64_MIN};
    static const double reals[] = {0, -1, NAN, INFINITY, 1e308, 1e-320, -1e38, 1e9};
    const char *text = variant < VARIANTS ? "" : texts[variant - VARIANTS];
    ipd_error e;
    if (variant >= VARIANTS && ipd_archive_entry(from, which)->dtype != IPD_TEXT)
        return NULL;
    ipd_archive *to = ipd_archive_new(&e);
    for (size_t i = 0; i < ipd_archive_count(from); i++) {
        const ipd_entry *x = ipd_archive_entry(from, i);
        ipd_entry what = *x;
        if (i == which && variant == 0)
            continue;
        if (i == which && variant >= VARIANTS)
            what.shape[0] = strlen(text);
        if (i == which && variant == 1 && what.dims == 0) {
            what.dims = 1;
            what.shape[0] = 2;
        } else if (i == which && variant == 1) {
            what.shape[0]++;
        }
        ipd_entry *entry = ipd_archive_add(to, &what, &e);
        memset(entry->data, 'x', entry->bytes);
        if (i == which && variant >= VARIANTS)
            memcpy(entry->data, text, entry->bytes);
        else
            memcpy(entry->data, x->data, x->bytes);
        if (i != which || variant < 2 || variant >= VARIANTS)
            continue;
        for (size_t k = 0; k < entry->bytes; k++) {
            if (x->dtype == IPD_F32 && k % sizeof(float) == 0)
                ((float *)entry->data)[k / sizeof(float)] = (float)reals[variant - 2];
            else if (x->dtype == IPD_F64 && k % sizeof(double) == 0)
                ((double *)entry->data)[k / sizeof(double)] = reals[variant - 2];
            else if (x->dtype == IPD_I64 && k % sizeof(int64_t) == 0)
                ((int64_t *)entry->data)[k / sizeof(int64_t)] = whole[variant - 2];
            else if (x->dtype == IPD_TEXT)
                ((char *)entry->data)[k] = "0-n9\n%s\xff"[(variant - 2) % 8];
        }
    }
    return to;
}

/* Every value of a checkpoint that is whole, in its turn. */
static void test_values(const struct kind *k)
{
    static ipd_checkpoint c;
    ipd_archive *a = make(k, "", k->past, &c);
    size_t opened = 0, tried = 0, count = ipd_archive_count(a);
    for (size_t i = 0; i < count; i++)
        for (int variant = (int)i % stride; variant < VARIANTS; variant += stride, tried++) {
            ipd_archive *other = vary(a, i, variant);
            opened += (size_t)use(other, 1);
            ipd_archive_free(other);
        }
    ok(opened > 0 && opened < tried,
       "%s: of %zu other values %zu make a run, the others are refused", k->name, tried, opened);
    ipd_archive_free(a);
}

static void write_seed(ipd_archive *a, ipd_checkpoint *c)
{
    ipd_error e;
    if (ipd_checkpoint_write(c, a, &e))
        abort();
}

/* A file for every variant of the entries whose names begin like this. */
static void write_variants(const ipd_archive *a, const char *prefix, ipd_checkpoint *c)
{
    char path[sizeof c->path];
    memcpy(path, c->path, sizeof path);
    for (size_t i = 0; i < ipd_archive_count(a); i++)
        for (int variant = 0; variant < VARIANTS + TEXTS; variant++) {
            if (strncmp(ipd_archive_entry(a, i)->name, prefix, strlen(prefix)))
                break;
            ipd_archive *other = vary(a, i, variant);
            if (other && snprintf(c->path, sizeof c->path, "%.200s-%zu-%d", path, i, variant))
                write_seed(other, c);
            ipd_archive_free(other);
        }
}

/* all: 1 to write the variants as well, many thousand files */
static void write_seeds(const char *to, int all)
{
    static const char *const journals[] = {"run.journal", "run.undo",     "run.waits",
                                           "run.tree",    "run.snapshot", NULL};
    static ipd_checkpoint c;
    for (int i = 0; i < KINDS + SEEDS + PASTS; i++) {
        int seed = i - KINDS, past = seed - SEEDS;
        const struct kind *k = &kinds[seed < 0 ? i : 0];
        const char *more = seed < 0 || past >= 0 ? "" : seeds[seed];
        ipd_archive *a = make(k, more, past < 0 ? k->past : pasts[past], &c);
        if (seed < 0)
            snprintf(c.path, sizeof c.path, "%s/%s", to, k->name);
        else
            snprintf(c.path, sizeof c.path, "%s/seed-%d", to, seed + 1);
        write_seed(a, &c);
        for (int n = 0; all && past >= 0 && journals[n]; n++)
            write_variants(a, journals[n], &c);
        if (all && (i == 0 || past == 1))
            write_variants(a, "", &c);
        ipd_archive_free(a);
    }
}

int main(int argc, char **argv)
{
    static const char special[] = "01234567899999-.,:[]{}\"FIU";
    char path[4096];
    make_data();
    if (getenv("IPDLAM_TEST_LONG"))
        copies = 300, stride = 1;
    if (argc > 1) {
        write_seeds(argv[1], argc > 2);
        return EXIT_SUCCESS;
    }
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    fuzz_replay("tests/run/corpus_checkpoint", special, copies, 10);
    write_seeds(folder, 0);
    for (int i = 0; i < KINDS; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, kinds[i].name);
        fuzz_replay_file(path, special, copies);
        unlink(path);
        test_values(&kinds[i]);
    }
    for (int i = 1; i <= SEEDS + PASTS; i++) {
        snprintf(path, sizeof path, "%s/seed-%d", folder, i);
        fuzz_replay_file(path, special, 1);
        unlink(path);
    }
    rmdir(folder);
    ipd_dataset_unref(data);
    return done();
}
#endif
