/* scale.c - scales inputs and values by the training samples, and computes the checksum of a data
 * set. See reading.h. */
#include "base/text.h"
#include "data/checksum.h"
#include "data/reading.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void ipd_reading_warn(ipd_reading *r, const char *format, ...)
{
    size_t length = strlen(r->d->warnings), size = sizeof r->d->warnings - length;
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(r->d->warnings + length, size, format, ap);
    va_end(ap);
    if (n < 0 || (size_t)n + 2 >= size)
        r->d->warnings[length] = 0;
    else
        strcat(r->d->warnings, "\n");
}

/* Sets offset and divisor of each row of m: mean and deviation over its columns, or minimum and
 * range (IPD_SCALE_UNIT). Skips NaN. The caller frees both. */
static int measure(const ipd_reading *r, const ipd_matrix *m, ipd_scaling scale, float **offset,
                   float **divisor, ipd_error *e)
{
    size_t d = m->rows, N = m->cols;
    int stopped = 0;
    double *sums = ipd_allocate(4 * d, sizeof *sums, e);
    *offset = sums ? ipd_allocate(d, sizeof **offset, e) : NULL;
    *divisor = *offset ? ipd_allocate(d, sizeof **divisor, e) : NULL;
    if (!*divisor) {
        free(sums);
        return -1;
    }
    double *sum = sums, *count = sums + d, *low = sums + 2 * d, *high = sums + 3 * d;
    for (size_t i = 0; i < d; i++) {
        low[i] = INFINITY;
        high[i] = -INFINITY;
    }
    for (size_t n = 0; n < N && !stopped; n++) {
        stopped = ipd_data_report_sample(r->progress, "measuring", n, 2 * N, d, e);
        for (size_t i = 0; i < d; i++) {
            float x = m->data[i + n * d];
            if (isnan(x))
                continue;
            sum[i] += (double)x;
            count[i]++;
            low[i] = fmin(low[i], (double)x);
            high[i] = fmax(high[i], (double)x);
        }
    }
    for (size_t i = 0; i < d; i++)
        sum[i] = count[i] > 0 ? sum[i] / count[i] : 0;
    double *squares = stopped ? NULL : ipd_allocate(d, sizeof *squares, e);
    for (size_t n = 0; squares && n < N && !stopped; n++) {
        stopped = ipd_data_report_sample(r->progress, "measuring", N + n, 2 * N, d, e);
        for (size_t i = 0; i < d; i++) {
            double x = (double)m->data[i + n * d] - sum[i];
            squares[i] += isnan(x) ? 0 : x * x;
        }
    }
    for (size_t i = 0; squares && i < d; i++) {
        int unit = scale == IPD_SCALE_UNIT;
        double width = unit ? high[i] - low[i] : sqrt(squares[i] / fmax(1, count[i]));
        (*offset)[i] = (float)(unit && count[i] > 0 ? low[i] : sum[i]);
        (*divisor)[i] = width > 0 && isfinite(width) ? (float)width : 1;
        if ((*divisor)[i] < 1e-30F) /* a quotient would overflow */
            (*divisor)[i] = 1;
    }
    int failed = !squares || stopped;
    free(squares);
    free(sums);
    return failed ? -1 : 0;
}

/* The mean of each input over the training samples replaces missing values. */
static int measure_fill(ipd_reading *r, ipd_error *e)
{
    float *divisor;
    if (measure(r, &r->d->train.X, IPD_SCALE_STANDARD, &r->d->encoding->fill, &divisor, e))
        return -1;
    free(divisor);
    return 0;
}

static float *copy_floats(const float *x, size_t count, ipd_error *e)
{
    float *to = ipd_allocate(count, sizeof *to, e);
    if (to)
        memcpy(to, x, count * sizeof *to);
    return to;
}

/* Copies the scale of saved weights. */
static int copy_scale(ipd_encoding *to, const ipd_encoding *old, ipd_error *e)
{
    size_t d = old->inputs, outputs = old->outputs;
    to->scale = old->scale;
    if ((old->fill && !(to->fill = copy_floats(old->fill, d, e))) ||
        (old->offset && (!(to->offset = copy_floats(old->offset, d, e)) ||
                         !(to->divisor = copy_floats(old->divisor, d, e)))) ||
        (old->target_offset &&
         (!(to->target_offset = copy_floats(old->target_offset, outputs, e)) ||
          !(to->target_divisor = copy_floats(old->target_divisor, outputs, e)))))
        return -1;
    return 0;
}

/* 1 if an input of any sample is missing. */
static int is_missing(const ipd_dataset *d)
{
    const ipd_matrix *parts[] = {&d->train.X, &d->validation.X, &d->test.X};
    for (int p = 0; p < IPD_PARTS; p++)
        for (size_t i = 0; i < parts[p]->rows * parts[p]->cols; i++)
            if (isnan(parts[p]->data[i]))
                return 1;
    return 0;
}

/* Chooses the scale and measures its numbers on the training samples; saved weights bring their
 * own. */
static int fit(ipd_reading *r, ipd_error *e)
{
    ipd_encoding *encoding = r->d->encoding;
    const char *word = r->o->words[IPD_DATA_SCALE];
    if (r->old) {
        /* Pixels may be bytes in one source and fractions in the other. */
        int old = r->old->scale == IPD_SCALE_PIXEL || r->old->scale == IPD_SCALE_NONE;
        int new = r->natural == IPD_SCALE_PIXEL || r->natural == IPD_SCALE_NONE;
        if (copy_scale(encoding, r->old, e))
            return -1;
        if (old && new && !*word && r->d->height > 1)
            encoding->scale = r->natural;
        return 0;
    }
    encoding->scale = *word ? (ipd_scaling)ipd_text_index(word, ipd_scale_names) : r->natural;
    if (is_missing(r->d) && measure_fill(r, e))
        return -1;
    if (encoding->scale != IPD_SCALE_UNIT && encoding->scale != IPD_SCALE_STANDARD)
        return 0;
    if (measure(r, &r->d->train.X, encoding->scale, &encoding->offset, &encoding->divisor, e))
        return -1;
    return encoding->target == IPD_TARGET_VALUES
               ? measure(r, &r->d->train.Y, IPD_SCALE_STANDARD, &encoding->target_offset,
                         &encoding->target_divisor, e)
               : 0;
}

double *ipd_r2_weights(const ipd_matrix *Y, int pooled, ipd_error *e)
{
    size_t d = Y->rows, N = Y->cols;
    double varying = 0, all = 0, *mean = ipd_allocate(d, sizeof *mean, e);
    double *w = mean ? ipd_allocate(d, sizeof *w, e) : NULL;
    for (size_t i = 0; w && i < d * N; i++)
        mean[i % d] += (double)Y->data[i] / (double)N;
    for (size_t i = 0; w && i < d * N; i++) {
        double x = (double)Y->data[i] - mean[i % d];
        w[i % d] += x * x;
    }
    for (size_t i = 0; w && i < d; i++) {
        varying += w[i] > 1e-12;
        all += w[i];
    }
    for (size_t i = 0; w && i < d; i++)
        w[i] = varying < 1 ? NAN : pooled ? 1 / all : w[i] > 1e-12 ? 1 / (w[i] * varying) : 0;
    free(mean);
    return w;
}

int ipd_reading_weigh(const ipd_dataset *set, ipd_samples *s, ipd_error *e)
{
    s->weight = ipd_r2_weights(&s->Y, set->encoding->target == IPD_TARGET_INPUTS, e);
    return s->weight ? 0 : -1;
}

static int scale_part(ipd_reading *r, ipd_samples *s, ipd_error *e)
{
    const ipd_encoding *encoding = r->d->encoding;
    size_t d = s->X.rows, outputs = s->Y.rows;
    for (size_t n = 0; n < s->X.cols; n++) {
        float *x = s->X.data + n * d;
        if (ipd_data_report_sample(r->progress, "scaling", n, s->X.cols, d, e))
            return -1;
        ipd_encoding_apply(encoding, x);
        for (size_t i = 0; i < d; i++)
            if (!isfinite(x[i]))
                return ipd_fail(e, IPD_EFORMAT, "%s: input %zu of a sample is %s", r->path, i + 1,
                                isnan(x[i]) ? "missing" : "too large after scaling");
    }
    for (size_t i = 0; encoding->target_offset && i < outputs * s->Y.cols; i++)
        s->Y.data[i] = (s->Y.data[i] - encoding->target_offset[i % outputs]) /
                       encoding->target_divisor[i % outputs];
    if (encoding->target == IPD_TARGET_INPUTS)
        s->Y = s->X;
    return r->d->values && s->X.cols ? ipd_reading_weigh(r->d, s, e) : 0;
}

/* Whether all inputs are bytes divided by 255. */
static int are_pixels(const ipd_samples *s, float *buffer)
{
    ipd_inputs X = ipd_samples_inputs(s);
    if (X.bytes && X.encoding->scale == IPD_SCALE_PIXEL)
        return 1;
    for (size_t n = 0; n < X.cols; n++) {
        const float *sample = ipd_inputs_at(&X, n, buffer);
        for (size_t i = 0; i < X.rows; i++) {
            float x = sample[i] * 255, whole = rintf(x);
            if (!(whole >= 0 && whole <= 255) || whole / 255 != sample[i])
                return 0;
        }
    }
    return 1;
}

/* Adds inputs to the checksum, with `pixels` as bytes. buffer: 2 X->rows floats of scratch. */
static int sum_inputs(ipd_checksum *sum, const ipd_inputs *X, int pixels, float *buffer,
                      const ipd_data_progress *progress, ipd_error *e)
{
    for (size_t n = 0; n < X->cols; n++) {
        if (ipd_data_report_sample(progress, "checksum", n, X->cols, X->rows, e))
            return -1;
        const float *sample = ipd_inputs_at(X, n, buffer);
        uint8_t *bytes = (uint8_t *)(buffer + X->rows);
        for (size_t i = 0; i < X->rows && pixels; i++)
            bytes[i] = (uint8_t)lrintf(sample[i] * 255);
        if (pixels)
            ipd_checksum_add(sum, bytes, X->rows);
        else
            ipd_checksum_add(sum, sample, X->rows * sizeof *sample);
    }
    return 0;
}

/* Adds samples to the checksum. bytes: labels count as one byte each. */
static int sum_samples(ipd_checksum *sum, const ipd_samples *s, int pixels, int bytes,
                       float *buffer, const ipd_data_progress *progress, ipd_error *e)
{
    ipd_inputs X = ipd_samples_inputs(s);
    if (sum_inputs(sum, &X, pixels, buffer, progress, e))
        return -1;
    for (size_t n = 0; s->labels && n < s->X.cols; n++) {
        uint8_t label = (uint8_t)s->labels[n];
        ipd_checksum_add(sum, bytes ? (const void *)&label : &s->labels[n],
                         bytes ? 1 : sizeof *s->labels);
    }
    if (s->Y.data && s->Y.data != s->X.data)
        ipd_checksum_add(sum, s->Y.data, s->Y.rows * s->Y.cols * sizeof *s->Y.data);
    return 0;
}

int ipd_reading_sum(const ipd_dataset *d, char to[65], const ipd_data_progress *progress,
                    ipd_error *e)
{
    const ipd_samples *const parts[IPD_PARTS] = {&d->train, &d->validation, &d->test};
    float *buffer = ipd_allocate(2 * d->inputs, sizeof *buffer, e);
    ipd_checksum sum;
    int pixels = 1, failed = 0;
    if (!buffer)
        return -1;
    ipd_checksum_init(&sum);
    for (int p = 0; p < IPD_PARTS && pixels; p++)
        pixels = are_pixels(parts[p], buffer);
    for (int p = 0; p < IPD_PARTS && !failed; p++)
        failed = sum_samples(&sum, parts[p], pixels, d->classes <= 256, buffer, progress, e);
    if (d->encoding->target == IPD_TARGET_INPUTS)
        ipd_checksum_add(&sum, "inputs", 6);
    if (!failed)
        ipd_checksum_text(&sum, to);
    free(buffer);
    return failed ? -1 : 0;
}

static void warn_of_classes(ipd_reading *r)
{
    const ipd_dataset *d = r->d;
    size_t least = SIZE_MAX, most = 0, *counts = calloc(d->classes, sizeof *counts);
    for (size_t n = 0; counts && d->train.labels && n < d->train.X.cols; n++)
        counts[d->train.labels[n]]++;
    for (size_t c = 0; counts && c < d->classes; c++) {
        least = counts[c] < least ? counts[c] : least;
        most = counts[c] > most ? counts[c] : most;
    }
    if (counts && d->train.labels && most > 10 * least)
        ipd_reading_warn(r, "the classes are unbalanced: %zu to %zu training samples each", least,
                         most);
    free(counts);
}

int ipd_reading_unit(ipd_dataset *d, ipd_error *e)
{
    if (d->encoding->target_divisor && !(d->unit = ipd_allocate(d->classes, sizeof *d->unit, e)))
        return -1;
    for (size_t i = 0; d->unit && i < d->classes; i++)
        d->unit[i] = (double)d->encoding->target_divisor[i];
    return 0;
}

int ipd_reading_scale(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    if (fit(r, e) || scale_part(r, &d->train, e) || scale_part(r, &d->validation, e) ||
        scale_part(r, &d->test, e))
        return -1;
    if (ipd_reading_unit(d, e) || ipd_reading_sum(d, d->checksum, r->progress, e))
        return -1;
    warn_of_classes(r);
    return 0;
}

int ipd_reading_check_inputs(const ipd_reading *r, ipd_error *e)
{
    return r->old && r->old->inputs != r->d->inputs
               ? ipd_fail(e, IPD_EUSAGE, "%s: has %zu inputs, but the network has %zu", r->path,
                          r->d->inputs, r->old->inputs)
               : 0;
}

int ipd_reading_finish(ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_encoding *encoding = d->encoding;
    if (!d->width)
        d->width = d->inputs, d->height = 1;
    encoding->inputs = d->inputs;
    encoding->width = d->width;
    encoding->height = d->height;
    if (ipd_reading_check_inputs(r, e))
        return -1;
    if (r->only_inputs)
        encoding->target = IPD_TARGET_CLASSES;
    else if (ipd_reading_targets(r, e) || ipd_reading_split(r, e))
        return -1;
    if (ipd_reading_scale(r, e))
        return -1;
    d->encoding_text = ipd_encoding_text(encoding);
    return d->encoding_text ? 0 : ipd_fail(e, IPD_EMEMORY, "out of memory");
}

void ipd_reading_free(ipd_reading *r)
{
    ipd_space *space = r->d ? r->d->space : NULL;
    ipd_space_free(space, r->targets[0]);
    ipd_space_free(space, r->targets[1]);
    ipd_space_free(space, r->parts);
    ipd_names_free(&r->output_names);
    free(r->label);
}
