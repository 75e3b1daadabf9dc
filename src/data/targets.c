/* targets.c - chooses the targets of a data set: classes, values, or its inputs. See reading.h. */
#include "base/text.h"
#include "data/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to FEW different numbers in a column of floats can be classes. */
enum { FEW = 20, MANY_CLASSES = IPD_MAX_LABELS };

static size_t samples_of(const ipd_reading *r, int part)
{
    return part ? r->d->test.X.cols : r->d->train.X.cols;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Collects the different targets of a single output, sorted, at most `max`; *count = max + 1 if
 * there are more. The caller frees them. */
static double *distinct(const ipd_reading *r, size_t max, size_t *count, ipd_error *e)
{
    double *found = ipd_allocate(max + 1, sizeof *found, e);
    *count = 0;
    for (int part = 0; found && part < 2; part++)
        for (size_t n = 0; r->targets[part] && n < samples_of(r, part) && *count <= max; n++) {
            double x = r->targets[part][n];
            size_t low = 0, high = *count;
            while (low < high) {
                size_t middle = (low + high) / 2;
                if (found[middle] < x)
                    low = middle + 1;
                else
                    high = middle;
            }
            if (low < *count && found[low] == x)
                continue;
            memmove(found + low + 1, found + low, (*count - low) * sizeof *found);
            found[low] = x;
            ++*count;
        }
    return found;
}

/* Whether the targets are one-hot: rows of 0 and a single 1. */
static int is_one_hot(const ipd_reading *r)
{
    if (r->outputs < 2)
        return 0;
    for (int part = 0; part < 2; part++)
        for (size_t n = 0; r->targets[part] && n < samples_of(r, part); n++) {
            const double *y = r->targets[part] + n * r->outputs;
            size_t ones = 0, zeros = 0;
            for (size_t i = 0; i < r->outputs; i++) {
                ones += y[i] == 1;
                zeros += y[i] == 0;
            }
            if (ones != 1 || zeros != r->outputs - 1)
                return 0;
        }
    return 1;
}

static ipd_target choose(ipd_reading *r, const double *values, size_t count)
{
    const char *word = r->o->words[IPD_DATA_TARGET];
    if (r->old)
        return r->old->target;
    if (*word)
        return (ipd_target)ipd_text_index(word, ipd_target_names);
    if (r->d->train.labels)
        return IPD_TARGET_CLASSES;
    if (!r->targets[0])
        return IPD_TARGET_CLASSES; /* put_classes then fails */
    if (r->outputs > 1)
        return is_one_hot(r) ? IPD_TARGET_CLASSES : IPD_TARGET_VALUES;
    size_t N = samples_of(r, 0) + samples_of(r, 1);
    if (count > (r->integers ? MANY_CLASSES : (size_t)FEW) || (!r->integers && 2 * count > N))
        return IPD_TARGET_VALUES;
    for (size_t i = 0; i < count; i++)
        if (values[i] != floor(values[i]))
            return IPD_TARGET_VALUES;
    return IPD_TARGET_CLASSES;
}

static void free_labels(ipd_dataset *d)
{
    ipd_space_free(d->space, d->train.labels);
    ipd_space_free(d->space, d->test.labels);
    d->train.labels = d->test.labels = NULL;
}

/* The label of a number: its index, or the position of its name among the classes of old
 * weights. */
static int label_of(const ipd_reading *r, double x, const double *values, size_t count, int index,
                    ipd_label *to, ipd_error *e)
{
    char name[32];
    if (!r->old || !r->old->classes.count) {
        const double *at = index ? NULL : bsearch(&x, values, count, sizeof *values, compare);
        *to = (ipd_label)(index ? x : (double)(at - values));
        return 0;
    }
    snprintf(name, sizeof name, "%.15g", x);
    long found = ipd_names_find(&r->old->classes, name);
    *to = (ipd_label)found;
    return found < 0 ? ipd_fail(e, IPD_EFORMAT, "%s: label %s is not a class of the network",
                                r->path, name)
                     : 0;
}

static int number_classes(ipd_reading *r, const double *values, size_t count, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_samples *parts[] = {&d->train, &d->test};
    char name[32];
    if (count > MANY_CLASSES)
        return ipd_fail(
            e, IPD_EUSAGE,
            "%s: the label has more than %d different values. Learn them as values with "
            "--target values, or choose another column with --label",
            r->path, MANY_CLASSES);
    /* Integers from 0 are indices, as in IDX files: a missing digit stays a class. */
    int index = r->integers && values[0] >= 0 && values[count - 1] < MANY_CLASSES &&
                values[count - 1] < 4 * (double)count + 16 && values[0] == floor(values[0]);
    for (size_t i = 0; i < count && !index; i++) {
        snprintf(name, sizeof name, "%.15g", values[i]);
        if (ipd_names_add(&d->encoding->classes, name, e))
            return -1;
    }
    d->classes = index ? (size_t)values[count - 1] + 1 : count;
    for (int part = 0; part < 2; part++) {
        size_t N = samples_of(r, part);
        ipd_label *labels = N ? ipd_space_allocate(d->space, N, sizeof *labels, e) : NULL;
        parts[part]->labels = labels;
        if (N && !labels)
            return -1;
        for (size_t n = 0; n < N; n++)
            if (label_of(r, r->targets[part][n], values, count, index, &labels[n], e))
                return -1;
    }
    return 0;
}

static int one_hot_classes(ipd_reading *r, ipd_error *e)
{
    ipd_samples *parts[] = {&r->d->train, &r->d->test};
    for (int part = 0; part < 2; part++) {
        size_t N = samples_of(r, part);
        if (N && !(parts[part]->labels =
                       ipd_space_allocate(r->d->space, N, sizeof *parts[part]->labels, e)))
            return -1;
        for (size_t n = 0; n < N; n++)
            for (size_t i = 0; i < r->outputs; i++)
                if (r->targets[part][n * r->outputs + i] == 1)
                    parts[part]->labels[n] = (ipd_label)i;
    }
    r->d->classes = r->outputs;
    return 0;
}

static int put_values(ipd_reading *r, ipd_error *e)
{
    ipd_samples *parts[] = {&r->d->train, &r->d->test};
    if (!r->targets[0] && !r->d->train.labels)
        return ipd_fail(e, IPD_EUSAGE, "%s: has no targets. Learn its inputs with --target inputs",
                        r->path);
    if (!r->targets[0])
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: its labels are names, not numbers, so they are classes, not values",
                        r->path);
    for (int part = 0; part < 2; part++) {
        size_t N = samples_of(r, part);
        if (N && ipd_space_matrix(r->d->space, &parts[part]->Y, r->outputs, N, e))
            return -1;
        for (size_t i = 0; i < r->outputs * N; i++) {
            double x = r->targets[part][i];
            if (!(fabs(x) < 3.4e38))
                return ipd_fail(e, IPD_EFORMAT,
                                "%s: target %zu of sample %zu is not a finite number", r->path,
                                i % r->outputs + 1, i / r->outputs + 1);
            parts[part]->Y.data[i] = (float)x;
        }
    }
    r->d->classes = r->outputs;
    r->d->values = 1;
    ipd_names_free(&r->d->encoding->classes);
    r->d->encoding->classes = r->output_names;
    r->output_names = (ipd_names){0};
    return 0;
}

static int put_classes(ipd_reading *r, const double *values, size_t count, ipd_error *e)
{
    if (r->d->train.labels)
        return 0;
    if (!r->targets[0])
        return ipd_fail(
            e, IPD_EUSAGE,
            "%s: has no labels. Name their column with --label, or learn the inputs with "
            "--target inputs",
            r->path);
    if (r->outputs == 1)
        return number_classes(r, values, count, e);
    if (is_one_hot(r))
        return one_hot_classes(r, e);
    return ipd_fail(e, IPD_EUSAGE,
                    "%s: %zu target columns cannot be classes. Name one with --label", r->path,
                    r->outputs);
}

int ipd_reading_targets(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_encoding *encoding = d->encoding;
    size_t count = 0;
    double *values = r->targets[0] && r->outputs == 1 ? distinct(r, MANY_CLASSES, &count, e) : NULL;
    if (r->targets[0] && r->outputs == 1 && !values)
        return -1;
    int failed = 0;
    encoding->target = choose(r, values, count);
    if (encoding->target == IPD_TARGET_INPUTS) {
        free_labels(d);
        d->classes = d->inputs;
        d->values = 1;
        ipd_names_free(&encoding->classes);
    } else if (encoding->target == IPD_TARGET_VALUES) {
        failed = put_values(r, e);
        encoding->outputs = r->outputs;
    } else {
        failed = put_classes(r, values, count, e);
    }
    free(values);
    if (failed)
        return -1;
    if (r->old && r->old->classes.count)
        d->classes = r->old->classes.count;
    if (encoding->target == IPD_TARGET_CLASSES && d->classes < 2 && !r->old)
        return ipd_fail(e, IPD_EFORMAT,
                        "%s: all samples have the same label. Choose another column with --label",
                        r->path);
    if (d->classes > MANY_CLASSES)
        return ipd_fail(e, IPD_EUSAGE, "%s: asks for %zu outputs. At most %d are supported",
                        r->path, d->classes, MANY_CLASSES);
    return 0;
}
