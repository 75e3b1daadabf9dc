/* split.c - divides the samples into training, validation and test parts. See reading.h. */
#include "base/random.h"
#include "data/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SPLIT_STREAM = 1 << 24, DEFAULT_TEST = 20 };

void ipd_samples_free(ipd_dataset *d, ipd_samples *s)
{
    if (s->Y.data && s->Y.data != s->X.data)
        ipd_space_free_matrix(d->space, &s->Y);
    ipd_space_free_matrix(d->space, &s->X);
    ipd_space_free(d->space, (void *)s->bytes);
    ipd_space_free(d->space, s->labels);
    free(s->weight);
    *s = (ipd_samples){0};
}

/* Copies the chosen samples of `from`. */
static int gather(const ipd_reading *r, ipd_samples *to, const ipd_samples *from,
                  const uint32_t *chosen, size_t count, ipd_error *e)
{
    ipd_dataset *set = r->d;
    int stopped = 0;
    *to = (ipd_samples){0};
    size_t d = from->X.rows, outputs = from->Y.rows;
    if (!count)
        return 0;
    if (ipd_space_matrix(set->space, &to->X, d, count, e) ||
        (from->labels &&
         !(to->labels = ipd_space_allocate(set->space, count, sizeof *to->labels, e))) ||
        (outputs && ipd_space_matrix(set->space, &to->Y, outputs, count, e))) {
        ipd_samples_free(set, to);
        return -1;
    }
    for (size_t n = 0; n < count && !stopped; n++) {
        size_t at = chosen[n];
        stopped = ipd_data_report_sample(r->progress, "splitting", n, count, d, e);
        memcpy(to->X.data + n * d, from->X.data + at * d, d * sizeof *to->X.data);
        if (from->labels)
            to->labels[n] = from->labels[at];
        if (outputs)
            memcpy(to->Y.data + n * outputs, from->Y.data + at * outputs,
                   outputs * sizeof *to->Y.data);
    }
    if (stopped)
        ipd_samples_free(set, to);
    return stopped ? -1 : 0;
}

typedef struct place {
    double key; /* relative position within the class, 0 ... 1 */
    uint32_t label, sample;
} place;

static int by_key(const void *a, const void *b)
{
    const place *x = a, *y = b;
    if (x->key != y->key)
        return x->key > y->key ? 1 : -1;
    if (x->label != y->label)
        return x->label > y->label ? 1 : -1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Reorders a shuffled list so that each of its beginnings has all classes in proportion. */
static int stratify(ipd_dataset *d, uint32_t *order, size_t N, ipd_error *e)
{
    const ipd_label *labels = d->train.labels;
    size_t *counts = ipd_allocate(2 * d->classes, sizeof *counts, e), *seen = counts + d->classes;
    place *places = counts ? ipd_space_allocate(d->space, N, sizeof *places, e) : NULL;
    if (!places) {
        free(counts);
        return -1;
    }
    for (size_t i = 0; i < N; i++)
        counts[labels[i]]++;
    for (size_t i = 0; i < N; i++) {
        ipd_label label = labels[order[i]];
        places[i] = (place){((double)seen[label]++ + 0.5) / (double)counts[label], label, order[i]};
    }
    qsort(places, N, sizeof *places, by_key);
    for (size_t i = 0; i < N; i++)
        order[i] = places[i].sample;
    ipd_space_free(d->space, places);
    free(counts);
    return 0;
}

/* Fills order with the samples: first those to hold out. */
static int make_order(const ipd_reading *r, uint32_t *order, ipd_error *e)
{
    const ipd_samples *all = &r->d->train;
    const char *word = r->o->words[IPD_DATA_SPLIT];
    size_t N = all->X.cols;
    int last = !strcmp(word, "last") || (!*word && r->keep_order);
    ipd_random random;
    for (size_t i = 0; i < N; i++)
        order[i] = (uint32_t)(last ? N - 1 - i : i);
    if (last)
        return 0;
    ipd_random_seed(&random, r->o->seed ? r->o->seed : 1, SPLIT_STREAM);
    ipd_random_shuffle(&random, order, N);
    if (!strcmp(word, "stratified") && !all->labels)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: values have no classes to stratify by. Use --split "
                        "random or last",
                        r->path);
    return strcmp(word, "random") && all->labels ? stratify(r->d, order, N, e) : 0;
}

static int too_many(const ipd_reading *r, size_t all, size_t held, ipd_error *e)
{
    return ipd_fail(e, IPD_EUSAGE,
                    "%s has %zu training samples: holding out %zu leaves none to train on",
                    r->d->name, all, held);
}

static size_t share(double percent, size_t of)
{
    return (size_t)fmax(1, round(percent / 100 * (double)of));
}

/* Sets the numbers of test and validation samples to take from the N samples of the training
 * part. */
static int count_parts(const ipd_reading *r, size_t N, size_t *test, size_t *validation,
                       ipd_error *e)
{
    const ipd_dataset_options *o = r->o;
    int has_test = r->d->test.X.cols != 0 || r->has_test_file;
    *test = o->held_out ? o->held_out
            : has_test  ? 0
            : o->test   ? o->test
                        : share(o->test_percent > 0 ? o->test_percent : DEFAULT_TEST, N);
    if (*test >= N)
        return too_many(r, N, *test, e);
    *validation = o->validation               ? o->validation
                  : o->validation_percent > 0 ? share(o->validation_percent, N - *test)
                                              : 0;
    if (*test + *validation >= N)
        return too_many(r, N, *test + *validation, e);
    if (o->train > N - *test - *validation)
        return ipd_fail(
            e, IPD_EUSAGE,
            *test + *validation
                ? "%s has %zu training samples, but %zu for training and %zu for validation were "
                  "requested"
                : "%s: has %zu training samples, fewer than the %zu requested",
            r->d->name, N, o->train, *test + *validation);
    return 0;
}

/* Replaces *s by its first `count` samples. */
static int keep_first(const ipd_reading *r, ipd_samples *s, size_t count, ipd_error *e)
{
    ipd_samples kept;
    uint32_t *chosen = ipd_allocate(count, sizeof *chosen, e);
    if (!chosen)
        return -1;
    for (size_t i = 0; i < count; i++)
        chosen[i] = (uint32_t)i;
    int failed = gather(r, &kept, s, chosen, count, e);
    free(chosen);
    if (failed)
        return -1;
    ipd_samples_free(r->d, s);
    *s = kept;
    return 0;
}

/* The number of the source's test samples to keep. */
static int count_test(const ipd_reading *r, size_t *count, ipd_error *e)
{
    size_t N = r->d->test.X.cols;
    *count = !N                       ? 0
             : r->o->test             ? r->o->test
             : r->o->test_percent > 0 ? share(r->o->test_percent, N)
                                      : N;
    return *count <= N
               ? 0
               : ipd_fail(e, IPD_EUSAGE, "%s: has %zu test samples, fewer than the %zu requested",
                          r->d->name, N, *count);
}

static int cut_test(ipd_reading *r, ipd_error *e)
{
    size_t count;
    if (count_test(r, &count, e))
        return -1;
    return count < r->d->test.X.cols ? keep_first(r, &r->d->test, count, e) : 0;
}

int ipd_reading_numbers(const ipd_reading *r, size_t *train, size_t *validation, size_t *test,
                        ipd_error *e)
{
    size_t held, N = r->d->train.X.cols;
    if (count_parts(r, N, &held, validation, e) || count_test(r, test, e))
        return -1;
    *train = r->o->train ? r->o->train : N - held - *validation;
    return 0;
}

/* Divides d->train by `order`: first the `test` samples, then the `validation` samples, then the
 * others, of which `train` are kept. */
static int divide(const ipd_reading *r, uint32_t *order, size_t test, size_t validation,
                  size_t train, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_samples parts[IPD_PARTS] = {0};
    const size_t counts[IPD_PARTS] = {train, validation, test};
    const size_t firsts[IPD_PARTS] = {test + validation, test, 0};
    size_t N = d->train.X.cols;
    qsort(order + firsts[IPD_PART_TRAIN], N - test - validation, sizeof *order, by_number);
    qsort(order + test, validation, sizeof *order, by_number);
    qsort(order, test, sizeof *order, by_number);
    for (int i = 0; i < IPD_PARTS; i++)
        if (gather(r, &parts[i], &d->train, order + firsts[i], counts[i], e)) {
            for (int k = 0; k < i; k++)
                ipd_samples_free(d, &parts[k]);
            return -1;
        }
    ipd_samples_free(d, &d->train);
    d->train = parts[IPD_PART_TRAIN];
    if (validation) {
        ipd_samples_free(d, &d->validation);
        d->validation = parts[IPD_PART_VALIDATION];
    }
    if (test) {
        ipd_samples_free(d, &d->test);
        d->test = parts[IPD_PART_TEST];
    }
    return 0;
}

/* Divides by the parts that a column names. */
static int by_column(ipd_reading *r, ipd_error *e)
{
    size_t N = r->d->train.X.cols, counts[IPD_PARTS] = {0}, at[IPD_PARTS];
    static const char *const names[] = {"train", "validation", "test"};
    for (size_t i = 0; i < N; i++)
        counts[r->parts[i]]++;
    for (int i = 0; i < IPD_PARTS; i += 2)
        if (!counts[i])
            return ipd_fail(e, IPD_EFORMAT, "%s: no row is for %s in column %s", r->path, names[i],
                            r->o->words[IPD_DATA_SPLIT_COLUMN]);
    if (r->o->test || r->o->test_percent > 0 || r->o->validation || r->o->validation_percent > 0)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: the split column decides which samples are for test and "
                        "validation. Leave --test and --validation out",
                        r->path);
    uint32_t *order = ipd_space_allocate(r->d->space, N, sizeof *order, e);
    if (!order)
        return -1;
    at[IPD_PART_TEST] = 0;
    at[IPD_PART_VALIDATION] = counts[IPD_PART_TEST];
    at[IPD_PART_TRAIN] = counts[IPD_PART_TEST] + counts[IPD_PART_VALIDATION];
    for (size_t i = 0; i < N; i++)
        order[at[r->parts[i]]++] = (uint32_t)i;
    size_t train = r->o->train && r->o->train < counts[0] ? r->o->train : counts[0];
    int failed = divide(r, order, counts[IPD_PART_TEST], counts[IPD_PART_VALIDATION], train, e);
    ipd_space_free(r->d->space, order);
    return failed;
}

int ipd_reading_split(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    size_t N = d->train.X.cols, test = 0, validation = 0;
    if (r->o->whole && d->test.X.cols)
        return ipd_fail(e, IPD_EUSAGE, "%s: has training and test samples. Choose one of them",
                        r->path);
    if (r->o->whole)
        return 0;
    if (r->parts)
        return by_column(r, e);
    if (N > UINT32_MAX)
        return ipd_fail(e, IPD_EMEMORY, "%s: has more than %u samples", r->path, UINT32_MAX);
    if (count_parts(r, N, &test, &validation, e) || (!r->o->held_out && cut_test(r, e)))
        return -1;
    size_t train = r->o->train ? r->o->train : N - test - validation;
    d->held_out = r->o->held_out;
    if (!test && !validation)
        return train < N ? keep_first(r, &d->train, train, e) : 0;
    uint32_t *order = ipd_space_allocate(r->d->space, N, sizeof *order, e);
    int failed = !order || make_order(r, order, e) || divide(r, order, test, validation, train, e);
    ipd_space_free(r->d->space, order);
    return failed ? -1 : 0;
}
