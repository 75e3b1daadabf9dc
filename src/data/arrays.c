/* arrays.c - makes samples of NumPy's .npz and .npy and of safetensors. See reading.h.
 *
 * x_train, y_train, x_test, y_test as Keras writes them, or x and y. The first index counts the
 * samples; x may hold vectors (N x d), images (N x height x width) or images in colour.
 */
#include "data/reading.h"
#include "data/tensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct arrays {
    ipd_tensor_file file;
    ipd_reading *r;
    int bytes;  /* 1: the inputs are unsigned bytes */
    int images; /* 1: the inputs are images */
    ipd_error *e;
} arrays;

/* The tensor of the first of these names that exists, or NULL. */
static const ipd_tensor *find(const arrays *a, const char *const *names)
{
    const ipd_tensor *t = NULL;
    for (int i = 0; names[i] && !t; i++)
        t = ipd_tensors_find(&a->file, names[i]);
    return t;
}

/* Reads a tensor's values; NULL on failure. Release them with ipd_space_free. */
static void *read_values(arrays *a, const ipd_tensor *t)
{
    ipd_space *space = a->r->d->space;
    void *values = ipd_space_allocate(space, t->bytes ? t->bytes : 1, 1, a->e);
    if (!values)
        ipd_fail_in(a->e, "%s", a->file.path);
    else if (ipd_tensors_read(&a->file, t, values, a->e)) {
        ipd_space_free(space, values);
        return NULL;
    }
    return values;
}

static size_t count_of(const ipd_tensor *t, int from)
{
    size_t count = 1;
    for (int i = from; i < t->rank; i++)
        count *= t->shape[i];
    return count;
}

/* The place of value i of a sample. Colours are stored one after another; `last`: in the file they
 * are the last index. */
static size_t place_of(const ipd_tensor *t, size_t i, int last)
{
    if (!last)
        return i;
    size_t colours = t->shape[3], pixels = t->shape[1] * t->shape[2];
    return i % colours * pixels + i / colours;
}

static int fail_value(arrays *a, const ipd_tensor *t, size_t n, size_t i, double x)
{
    return ipd_fail(a->e, IPD_EFORMAT, "%s: %s: value %zu of sample %zu is %s. %s", a->file.path,
                    t->name, i + 1, n + 1, isnan(x) ? "missing (NaN)" : "too large for a float",
                    isnan(x) ? "Use the mean of its input with --missing mean" : "Correct it");
}

/* Sets the shape of a sample, which training and test samples must share. */
static int set_shape(arrays *a, const ipd_tensor *t, int *last)
{
    ipd_dataset *d = a->r->d;
    size_t inputs = count_of(t, 1);
    const size_t *s = t->shape;
    *last = t->rank == 4 && s[3] <= 4;
    if (t->letters)
        return ipd_fail(a->e, IPD_EFORMAT, "%s: %s holds text. Samples are numbers", a->file.path,
                        t->name);
    if (t->rank < 1 || !inputs || !s[0])
        return ipd_fail(a->e, IPD_EFORMAT, "%s: %s is not an array of samples", a->file.path,
                        t->name);
    if (d->inputs && d->inputs != inputs)
        return ipd_fail(a->e, IPD_EFORMAT,
                        "%s: %s has %zu values per sample, but the training samples have %zu",
                        a->file.path, t->name, inputs, d->inputs);
    d->inputs = inputs;
    if (t->rank < 3)
        return 0;
    a->images = 1;
    d->width = t->rank == 3 || *last ? s[2] : s[3];
    d->height = inputs / d->width;
    return 0;
}

static int read_inputs(arrays *a, const ipd_tensor *t, ipd_samples *to)
{
    int last, may_miss = !strcmp(a->r->o->words[IPD_DATA_MISSING], "mean") ||
                         (a->r->old && a->r->old->fill);
    if (set_shape(a, t, &last))
        return -1;
    size_t N = t->shape[0], d = count_of(t, 1);
    void *values = read_values(a, t);
    if (!values || ipd_space_matrix(a->r->d->space, &to->X, d, N, a->e)) {
        ipd_space_free(a->r->d->space, values);
        return -1;
    }
    a->bytes = t->dtype == IPD_TEXT;
    int failed = 0;
    for (size_t n = 0; n < N && !failed; n++)
        for (size_t i = 0; i < d && !failed; i++) {
            double x = ipd_tensor_value(t, values, n * d + i);
            if (!(fabs(x) < 3.4e38) && !(isnan(x) && may_miss))
                failed = fail_value(a, t, n, i, x);
            to->X.data[n * d + place_of(t, i, last)] = (float)x;
        }
    ipd_space_free(a->r->d->space, values);
    return failed ? -1 : 0;
}

/* Writes a letter in UTF-8, without a 0; returns its bytes. */
static size_t put_letter(char *to, uint32_t code)
{
    int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
    for (int i = more; i > 0; i--, code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(first[more] | code);
    return (size_t)more + 1;
}

/* Writes a label that is stored as letters in UTF-8; -1 if it is empty or too long. */
static int label_text(const ipd_tensor *t, const void *values, size_t n, char *to, size_t size)
{
    size_t at = 0, letters = t->shape[1];
    for (size_t i = 0; i < letters; i++) {
        uint32_t code = (uint32_t)ipd_tensor_value(t, values, n * letters + i);
        if (!code)
            break;
        if (at + 5 > size)
            return -1;
        int is_letter = code < 0x110000 && (code < 0xD800 || code > 0xDFFF);
        at += put_letter(to + at, is_letter ? code : '?');
    }
    to[at] = 0;
    ipd_make_line(to);
    return at ? 0 : -1;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { LABEL = 128 };

/* Adds the different texts of the labels, sorted, as the classes. */
static int add_classes(arrays *a, const char (*texts)[LABEL], size_t N)
{
    ipd_names *classes = &a->r->d->encoding->classes;
    char(*sorted)[LABEL] = ipd_allocate(N, sizeof *sorted, a->e);
    if (!sorted)
        return -1;
    memcpy(sorted, texts, N * sizeof *sorted);
    qsort(sorted, N, sizeof *sorted, by_text);
    int failed = 0;
    for (size_t n = 0; n < N && !failed; n++)
        if (!n || strcmp(sorted[n], sorted[n - 1]))
            failed = ipd_names_add(classes, sorted[n], a->e);
    free(sorted);
    return failed;
}

/* Reads labels that are text. Saved weights know the classes; otherwise the training part does. */
static int read_names(arrays *a, const ipd_tensor *t, int part)
{
    ipd_reading *r = a->r;
    size_t N = t->shape[0];
    ipd_names *classes = &r->d->encoding->classes;
    const ipd_names *old = r->old ? &r->old->classes : NULL;
    ipd_samples *to = part ? &r->d->test : &r->d->train;
    void *values = read_values(a, t);
    char(*texts)[LABEL] = values ? ipd_allocate(N, sizeof *texts, a->e) : NULL;
    int failed =
        !texts || !(to->labels = ipd_space_allocate(r->d->space, N, sizeof *to->labels, a->e));
    for (size_t n = 0; n < N && !failed; n++)
        if (label_text(t, values, n, texts[n], LABEL))
            failed = ipd_fail(
                a->e, IPD_EFORMAT,
                "%s: %s: the text of sample %zu is empty or too long. Use 1 to %d bytes of UTF-8",
                a->file.path, t->name, n + 1, LABEL - 5);
    for (size_t i = 0; old && i < old->count && !failed && !part; i++)
        failed = ipd_names_add(classes, old->item[i], a->e);
    failed = failed || (!old && !part && add_classes(a, texts, N));
    if (!failed && classes->count > IPD_MAX_LABELS)
        failed = ipd_fail(a->e, IPD_EFORMAT, "%s: %s holds more than %d different texts",
                          a->file.path, t->name, IPD_MAX_LABELS);
    for (size_t n = 0; n < N && !failed; n++) {
        long label = n && !strcmp(texts[n], texts[n - 1]) ? (long)to->labels[n - 1]
                                                          : ipd_names_find(classes, texts[n]);
        if (label < 0)
            failed =
                ipd_fail(a->e, IPD_EFORMAT, "%s: %s: \"%.40s\" is not a class seen in training",
                         a->file.path, t->name, texts[n]);
        to->labels[n] = (ipd_label)label;
    }
    r->d->classes = classes->count;
    r->outputs = 1;
    free(texts);
    ipd_space_free(r->d->space, values);
    return failed ? -1 : 0;
}

static int read_targets(arrays *a, const ipd_tensor *t, const ipd_tensor *x, int part)
{
    ipd_reading *r = a->r;
    if (t->letters && t->shape[0] == x->shape[0])
        return read_names(a, t, part);
    if (t->rank < 1 || t->rank > 2 || t->shape[0] != x->shape[0])
        return ipd_fail(
            a->e, IPD_EFORMAT,
            "%s: %s must have %zu rows, one per sample of %s, and at most two dimensions",
            a->file.path, t->name, x->shape[0], x->name);
    size_t outputs = count_of(t, 1), count = outputs * t->shape[0];
    if (part && outputs != r->outputs)
        return ipd_fail(a->e, IPD_EFORMAT,
                        "%s: %s has %zu values per sample, but those of training "
                        "have %zu",
                        a->file.path, t->name, outputs, r->outputs);
    void *values = read_values(a, t);
    double *to = values ? ipd_space_allocate(r->d->space, count, sizeof *to, a->e) : NULL;
    r->targets[part] = to;
    r->outputs = outputs;
    r->integers = t->dtype != IPD_F32 && t->dtype != IPD_F64 && t->dtype != IPD_F16;
    for (size_t i = 0; to && i < count; i++)
        to[i] = ipd_tensor_value(t, values, i);
    ipd_space_free(r->d->space, values);
    return to ? 0 : -1;
}

/* Guesses the scale from the values. */
static ipd_scaling natural(const arrays *a)
{
    const ipd_matrix *X = &a->r->d->train.X;
    float low = 0, high = 0;
    if (a->bytes)
        return IPD_SCALE_PIXEL;
    if (!a->images)
        return IPD_SCALE_STANDARD;
    for (size_t i = 0; i < X->rows * X->cols; i++) {
        low = X->data[i] < low ? X->data[i] : low;
        high = X->data[i] > high ? X->data[i] : high;
    }
    return low < 0 || high > 255 ? IPD_SCALE_STANDARD : high > 1 ? IPD_SCALE_PIXEL : IPD_SCALE_NONE;
}

static int read_all(arrays *a)
{
    static const char *const
        x_names[] = {"x_train", "X_train", "x", "X", "data", "array", NULL},
        *const y_names[] = {"y_train", "Y_train", "y", "Y", "target", "labels", NULL},
        *const x_test[] = {"x_test", "X_test", NULL}, *const y_test[] = {"y_test", "Y_test", NULL};
    ipd_dataset *d = a->r->d;
    const ipd_tensor *x = find(a, x_names), *y = find(a, y_names);
    const ipd_tensor *x2 = find(a, x_test), *y2 = find(a, y_test);
    if (!x)
        return ipd_fail(a->e, IPD_EFORMAT,
                        "%s: holds no array of samples called x_train or x%s%.40s", a->file.path,
                        a->file.count ? ". Its first array is " : "",
                        a->file.count ? a->file.tensors[0].name : "");
    if (read_inputs(a, x, &d->train))
        return -1;
    int inputs = !strcmp(a->r->o->words[IPD_DATA_TARGET], "inputs") || a->r->only_inputs ||
                 (a->r->old && a->r->old->target == IPD_TARGET_INPUTS);
    if (!inputs && y && read_targets(a, y, x, 0))
        return -1;
    a->r->natural = natural(a);
    if (!x2 || a->r->only_inputs)
        return 0;
    if (!inputs && y && !y2)
        return ipd_fail(a->e, IPD_EFORMAT, "%s: holds %s, but no y_test", a->file.path, x2->name);
    a->r->keep_order = 1;
    return read_inputs(a, x2, &d->test) || (!inputs && y2 && read_targets(a, y2, x2, 1)) ? -1 : 0;
}

int ipd_read_arrays(ipd_reading *r, ipd_error *e)
{
    arrays a = {.r = r, .e = e};
    int failed = ipd_tensors_open(&a.file, r->path, e);
    a.file.takes_text = 1;
    failed = failed || read_all(&a);
    ipd_tensors_close(&a.file);
    return failed ? -1 : 0;
}
