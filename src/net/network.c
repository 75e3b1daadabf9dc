/* network.c - see network.h. */
#include "net/network.h"
#include "base/blas.h"
#include "base/parallel.h"
#include "base/random.h"
#include "base/text.h"
#include "base/vector.h"
#include "net/definitions.h"
#include "net/regularizer.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ipd_network_init(ipd_network *net, int L, const size_t *widths, const ipd_activation *sigma,
                     const ipd_loss *loss, ipd_error *e)
{
    *net = (ipd_network){0};
    if (L < 1 || L > IPD_MAX_LAYERS)
        return ipd_fail(e, IPD_EUSAGE, "a network of %d layers is not possible. Use 1 to %d", L,
                        IPD_MAX_LAYERS);
    for (int l = 0; l <= L; l++)
        if (widths[l] < 1 || widths[l] > 1000000)
            return ipd_fail(e, IPD_EUSAGE,
                            "width %zu of layer %d is not possible. Use 1 to 1000000", widths[l],
                            l);
    net->L = L;
    net->loss = loss;
    for (int l = 0; l <= L; l++)
        net->d[l] = widths[l];
    for (int l = 1; l < L; l++)
        net->sigma[l] = sigma;
    for (int l = 1; l <= L; l++)
        if (ipd_matrix_init(&net->W[l], net->d[l], net->d[l - 1], e) ||
            ipd_matrix_init(&net->b[l], net->d[l], 1, e)) {
            ipd_network_free(net);
            return -1;
        }
    return 0;
}

void ipd_network_free(ipd_network *net)
{
    for (int l = 1; l <= net->L; l++) {
        ipd_matrix_free(&net->W[l]);
        ipd_matrix_free(&net->b[l]);
    }
    free(net->encoding);
    *net = (ipd_network){0};
}

int ipd_network_copy(ipd_network *to, const ipd_network *from, ipd_error *e)
{
    if (ipd_network_init(to, from->L, from->d, NULL, from->loss, e))
        return -1;
    memcpy(to->sigma, from->sigma, sizeof to->sigma);
    to->width = from->width;
    to->height = from->height;
    if (from->encoding && !(to->encoding = strdup(from->encoding))) {
        ipd_network_free(to);
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    }
    for (int l = 1; l <= from->L; l++) {
        ipd_matrix_copy(&to->W[l], &from->W[l]);
        ipd_matrix_copy(&to->b[l], &from->b[l]);
    }
    return 0;
}

int ipd_network_alike(const ipd_network *one, const ipd_network *other)
{
    int alike = one->L == other->L && one->loss == other->loss && one->d[0] == other->d[0];
    for (int l = 1; alike && l <= one->L; l++)
        alike = one->d[l] == other->d[l] && one->sigma[l] == other->sigma[l];
    return alike;
}

/* to += share (from - to) */
static void move(ipd_matrix *to, const ipd_matrix *from, double share)
{
    for (size_t i = 0; i < to->rows * to->cols; i++)
        to->data[i] += (float)(share * ((double)from->data[i] - to->data[i]));
}

int ipd_network_average(ipd_network *to, const ipd_network *const *from, size_t count, ipd_error *e)
{
    assert(count >= 1);
    if (ipd_network_copy(to, from[0], e))
        return -1;
    for (size_t k = 1; k < count; k++) {
        assert(ipd_network_alike(to, from[k]));
        for (int l = 1; l <= to->L; l++) {
            move(&to->W[l], &from[k]->W[l], 1 / (double)(k + 1));
            move(&to->b[l], &from[k]->b[l], 1 / (double)(k + 1));
        }
    }
    return 0;
}

void ipd_network_activations(const ipd_network *net, char *to, size_t size)
{
    int same = 1;
    snprintf(to, size, "%s", net->L > 1 ? net->sigma[1]->name : ipd_activation_names()[0]);
    for (int l = 2; l < net->L; l++)
        same &= net->sigma[l] == net->sigma[1];
    for (int l = 2; l < net->L && !same; l++) {
        size_t n = strlen(to);
        snprintf(to + n, size - n, ",%s", net->sigma[l]->name);
    }
}

int ipd_network_set_activations(ipd_network *net, const char *list, ipd_error *e)
{
    static const char separators[] = " ,";
    const ipd_activation *found[IPD_MAX_LAYERS + 1];
    int count = 0;
    for (const char *at = list + strspn(list, separators); *at; at += strspn(at, separators)) {
        char word[40];
        size_t n = strcspn(at, separators);
        snprintf(word, sizeof word, "%.*s", (int)(n < sizeof word ? n : sizeof word - 1), at);
        if (count == IPD_MAX_LAYERS || !(found[count++] = ipd_activation_find(word)))
            return ipd_fail_unknown_in(e, "activation", word, ipd_activation_names());
        at += n;
    }
    if (count != 1 && count != net->L - 1)
        return ipd_fail(e, IPD_EUSAGE,
                        "%d activations do not fit %d hidden layers. Give one, or one per layer",
                        count, net->L - 1);
    for (int l = 1; l < net->L; l++)
        net->sigma[l] = found[count == 1 ? 0 : l - 1];
    return 0;
}

/* Appends the text of a definition, if there is one. */
static int add_definition(const ipd_own *own, char *to, size_t *used, ipd_error *e)
{
    if (!own)
        return 0;
    if (*used + strlen(own->text) + 2 > IPD_OWN_TEXTS)
        return ipd_fail(e, IPD_EUSAGE,
                        "the definitions of the network's functions need more than %d bytes. Use "
                        "fewer or shorter ones",
                        IPD_OWN_TEXTS - 1);
    *used += (size_t)snprintf(to + *used, IPD_OWN_TEXTS - *used, "%s\n", own->text);
    return 0;
}

int ipd_network_definitions(const ipd_network *net, char *to, ipd_error *e)
{
    size_t used = 0;
    *to = 0;
    for (int l = 1; l < net->L; l++) {
        int is_new = 1;
        for (int k = 1; k < l; k++)
            is_new &= net->sigma[k] != net->sigma[l];
        if (is_new && add_definition(net->sigma[l]->own, to, &used, e))
            return -1;
    }
    return add_definition(net->loss->own, to, &used, e);
}

/* Reads one definition. `net`, which may be NULL, uses it from now on. */
static int read_definition(ipd_network *net, const char *line, ipd_error *e)
{
    if (ipd_own_kind_of(line) == IPD_OWN_PENALTY)
        return ipd_regularizer_read(line, e) ? 0 : -1;
    if (ipd_own_kind_of(line) == IPD_OWN_LOSS) {
        const ipd_loss *f = ipd_loss_read(line, 0, e);
        if (f && net && !strcmp(net->loss->name, f->name))
            net->loss = f;
        return f ? 0 : -1;
    }
    const ipd_activation *f = ipd_activation_read(line, 0, e);
    for (int l = 1; f && net && l < net->L; l++)
        if (!strcmp(net->sigma[l]->name, f->name))
            net->sigma[l] = f;
    return f ? 0 : -1;
}

static int read_definitions(ipd_network *net, const char *lines, ipd_error *e)
{
    char line[IPD_OWN_TEXT];
    for (size_t n; *lines; lines += n + (lines[n] == '\n')) {
        n = strcspn(lines, "\n");
        if (n >= sizeof line)
            return ipd_fail(e, IPD_EFORMAT, "the definition of a function has more than %d bytes",
                            IPD_OWN_TEXT - 1);
        memcpy(line, lines, n);
        line[n] = 0;
        if (read_definition(net, line, e))
            return -1;
    }
    return 0;
}

int ipd_network_read_definitions(const char *lines, ipd_error *e)
{
    return read_definitions(NULL, lines, e);
}

int ipd_network_use_definitions(ipd_network *net, const char *lines, ipd_error *e)
{
    return read_definitions(net, lines, e);
}

static void randomize_layer(ipd_network *net, int l, uint64_t seed, double scale, double bias)
{
    ipd_matrix *W = &net->W[l];
    ipd_random r;
    ipd_random_seed(&r, seed, (uint64_t)l);
    for (size_t i = 0; i < W->rows; i++)
        for (size_t j = 0; j < W->cols; j++)
            W->data[i + j * W->rows] = (float)(scale * ipd_random_normal(&r));
    for (size_t i = 0; i < W->rows; i++)
        net->b[l].data[i] = (float)bias;
}

void ipd_network_randomize(ipd_network *net, uint64_t seed, double scale, double bias)
{
    for (int l = 1; l <= net->L; l++)
        randomize_layer(net, l, seed, scale, bias);
}

void ipd_network_randomize_by_inputs(ipd_network *net, uint64_t seed, double variance, double last,
                                     double bias)
{
    for (int l = 1; l <= net->L; l++)
        randomize_layer(net, l, seed, sqrt((l < net->L ? variance : last) / (double)net->d[l - 1]),
                        bias);
}

size_t ipd_argmax(const float *x, size_t d)
{
    size_t best = 0;
    for (size_t i = 1; i < d; i++)
        if (x[i] > x[best] || (isnan(x[best]) && !isnan(x[i])))
            best = i;
    return best;
}

typedef struct evaluation_job {
    const ipd_network *net;
    ipd_inputs X;
    const ipd_matrix *p1;
    ipd_truth truth;
    ipd_matrix *z_L;
    ipd_label *predicted;
    const ipd_matrix *z; /* z_l to compare with, or NULL */
    double *gaps;        /* if z: L distances and L sizes per task */
    size_t step, count;  /* sample i of `count` is column i * step of all matrices */
    size_t tile;         /* samples per task */
    size_t widest;       /* largest width of a layer's output */
    float *targets;      /* per thread, one target */
    float *scratch;      /* per thread, two pieces of widest x tile */
    double *losses;      /* per task */
    double (*errors)[2]; /* per task: sums of squares, weighted by unit and by weight */
    size_t *correct;     /* per task */
} evaluation_job;

/* to := samples first ... first+count-1 of those evaluated, d values each. */
static void gather_samples(const evaluation_job *j, const ipd_matrix *from, size_t first,
                           size_t count, float *to)
{
    size_t d = from->rows;
    for (size_t n = 0; n < count; n++)
        memcpy(to + n * d, from->data + (first + n) * j->step * d, d * sizeof *to);
}

/* Compares a tile p of the forward pass with z_l and computes a := sigma(p), except in the output
 * layer. Each sample has both done while it is in cache. */
static void compare_and_activate(evaluation_job *j, size_t task, int l, const float *p, float *a,
                                 size_t first, size_t count)
{
    size_t d = j->net->d[l], L = (size_t)j->net->L;
    for (size_t n = 0; n < count; n++, p += d, a += d) {
        if (j->z) {
            const float *z = j->z[l].data + (first + n) * j->step * d;
            double *gaps = j->gaps + task * 2 * L + l - 1;
            gaps[0] += ipd_sum_squared_difference(z, p, d);
            gaps[L] += ipd_sum_squared(p, d);
        }
        if (l < j->net->L)
            ipd_activation_apply(j->net->sigma[l], p, a, d);
    }
}

static void add_errors(const evaluation_job *j, size_t task, const float *z, const float *y)
{
    size_t d = j->net->d[j->net->L];
    for (size_t i = 0; i < d; i++) {
        double error = (double)z[i] - y[i], unit = j->truth.unit ? j->truth.unit[i] : 1;
        j->errors[task][0] += unit * unit * error * error;
        j->errors[task][1] += (j->truth.weight ? j->truth.weight[i] : 0) * error * error;
    }
}

static void count_outputs(evaluation_job *j, size_t task, int thread, const float *z, size_t first,
                          size_t count)
{
    const ipd_network *net = j->net;
    size_t d = net->d[net->L];
    /* one target, changed for each label and changed back, rather than filled for every sample */
    float *one_hot = j->targets + (size_t)thread * d;
    for (size_t i = 0; i < d; i++)
        one_hot[i] = net->loss->target_off;
    for (size_t n = 0; n < count; n++) {
        const float *out = z + n * d, *y = one_hot;
        size_t at = (first + n) * j->step, best = ipd_argmax(out, d);
        size_t label = j->truth.labels ? j->truth.labels[at] : d;
        j->correct[task] += best == label;
        if (j->predicted)
            j->predicted[first + n] = (ipd_label)best;
        if (j->truth.labels)
            one_hot[label] = net->loss->target_on;
        else
            add_errors(j, task, out, y = j->truth.values + at * d);
        j->losses[task] += ipd_loss_value(net->loss, y, out, d, 1);
        if (j->truth.labels)
            one_hot[label] = net->loss->target_off;
    }
    if (j->z_L)
        memcpy(j->z_L->data + first * d, z, d * count * sizeof *z);
}

static void evaluate_tile(void *context, size_t task, int thread)
{
    evaluation_job *j = context;
    const ipd_network *net = j->net;
    size_t first = task * j->tile, left = j->count - first;
    size_t count = left < j->tile ? left : j->tile;
    float *here = j->scratch + (size_t)thread * 2 * j->widest * j->tile;
    float *there = here + j->widest * j->tile;
    const float *a = here;
    if (j->step > 1 || !j->X.data)
        ipd_inputs_read(&j->X, first * j->step, j->step, count, here);
    else
        a = j->X.data + first * j->X.rows;
    for (int l = 1; l <= net->L; l++) {
        size_t d = net->d[l];
        const float *p = there;
        if (l == 1 && j->p1 && j->step == 1) {
            p = j->p1->data + first * d;
        } else if (l == 1 && j->p1) {
            gather_samples(j, j->p1, first, count, there);
        } else {
            for (size_t n = 0; n < count; n++)
                memcpy(there + n * d, net->b[l].data, d * sizeof *there);
            ipd_sgemm(IPD_PLAIN, IPD_PLAIN, d, count, net->d[l - 1], 1, net->W[l].data, d, a,
                      net->d[l - 1], 1, there, d);
        }
        compare_and_activate(j, task, l, p, there, first, count);
        a = l < net->L ? there : p;
        float *used = there;
        there = here;
        here = used;
    }
    count_outputs(j, task, thread, a, first, count);
}

/* Adds the tasks' results in order. */
static void add_up(const evaluation_job *j, size_t tasks, ipd_evaluation *out, ipd_forward_gap *gap)
{
    size_t L = (size_t)j->net->L;
    double error = 0, unexplained = 0;
    for (size_t t = 0; t < tasks; t++) {
        error += j->errors[t][0];
        unexplained += j->errors[t][1];
        out->loss += j->losses[t];
        out->correct += j->correct[t];
        for (size_t l = 1; l <= L && gap; l++) {
            gap->distance[l] += j->gaps[t * 2 * L + l - 1];
            gap->size[l] += j->gaps[t * 2 * L + L + l - 1];
        }
    }
    out->samples = j->count;
    double scale = (double)j->X.cols / (double)j->count;
    out->rmse = j->truth.labels ? NAN : sqrt(error / ((double)j->count * (double)j->net->d[L]));
    out->accuracy = j->truth.labels   ? (double)out->correct / (double)j->count
                    : j->truth.weight ? 1 - unexplained * scale
                                      : NAN;
    if (j->step > 1)
        out->loss *= scale;
}

/* Runs the forward pass that j describes: net, X, p1, truth, step and the arrays to write. */
static int evaluate(evaluation_job j, ipd_evaluation *out, ipd_forward_gap *gap, ipd_error *e)
{
    const ipd_network *net = j.net;
    const ipd_inputs *X = &j.X;
    j.widest = j.step > 1 || !X->data ? X->rows : 0;
    j.count = (X->cols + j.step - 1) / j.step;
    j.tile = ipd_piece_size(j.count, j.count >= 8192 ? 896 : j.count >= 1024 ? 256 : 128, 1);
    size_t tasks = (j.count + j.tile - 1) / j.tile, per_sample = 0;
    int result = -1;
    assert(X->rows == net->d[0] && j.step >= 1);
    assert(!j.p1 || (j.p1->rows == net->d[1] && j.p1->cols == X->cols));
    assert(!j.z_L || (j.z_L->rows == net->d[net->L] && j.z_L->cols == X->cols));
    *out = (ipd_evaluation){0};
    if (gap) {
        *gap = (ipd_forward_gap){.z = gap->z};
        j.z = gap->z;
    }
    if (X->cols == 0)
        return ipd_fail(e, IPD_EUSAGE, "there are no samples to evaluate");
    for (int l = 1; l <= net->L; l++) {
        j.widest = net->d[l] > j.widest ? net->d[l] : j.widest;
        if (l > 1 || !j.p1)
            per_sample += 2 * net->d[l] * net->d[l - 1];
    }
    j.scratch =
        ipd_allocate_unset((size_t)ipd_threads() * 2 * j.widest * j.tile, sizeof *j.scratch, e);
    j.losses = ipd_allocate(tasks, sizeof *j.losses, e);
    j.correct = ipd_allocate(tasks, sizeof *j.correct, e);
    j.errors = ipd_allocate(tasks, sizeof *j.errors, e);
    j.targets = ipd_allocate((size_t)ipd_threads() * net->d[net->L], sizeof *j.targets, e);
    if (gap)
        j.gaps = ipd_allocate(tasks * 2 * (size_t)net->L, sizeof *j.gaps, e);
    if (!j.scratch || !j.losses || !j.correct || !j.errors || !j.targets || (gap && !j.gaps))
        goto cleanup;
    ipd_parallel_for(tasks, evaluate_tile, &j);
    ipd_flops_add((uint64_t)per_sample * j.count);
    add_up(&j, tasks, out, gap);
    result = 0;
cleanup:
    free(j.scratch);
    free(j.losses);
    free(j.correct);
    free(j.gaps);
    free(j.errors);
    free(j.targets);
    return result;
}

int ipd_network_evaluate(const ipd_network *net, ipd_inputs X, ipd_truth truth,
                         const ipd_matrix *p1, ipd_evaluation *out, ipd_matrix *z_L,
                         ipd_label *predicted, ipd_error *e)
{
    evaluation_job j = {.net = net,
                        .X = X,
                        .p1 = p1,
                        .truth = truth,
                        .z_L = z_L,
                        .predicted = predicted,
                        .step = 1};
    return evaluate(j, out, NULL, e);
}

int ipd_network_evaluate_some(const ipd_network *net, ipd_inputs X, ipd_truth truth, size_t step,
                              ipd_evaluation *out, ipd_error *e)
{
    evaluation_job j = {.net = net, .X = X, .truth = truth, .step = step};
    return evaluate(j, out, NULL, e);
}

void ipd_recall_free(ipd_recall *recall)
{
    free(recall->samples);
    *recall = (ipd_recall){0};
}

int ipd_network_recall(const ipd_network *net, ipd_inputs X, const ipd_label *labels, size_t step,
                       ipd_evaluation *out, ipd_recall *recall, ipd_error *e)
{
    size_t classes = net->d[net->L], count = (X.cols + step - 1) / step;
    size_t *counts = ipd_allocate(2 * classes, sizeof *counts, e);
    ipd_label *predicted = ipd_allocate(count + 1, sizeof *predicted, e);
    evaluation_job j = {.net = net,
                        .X = X,
                        .truth = ipd_truth_labels(labels),
                        .predicted = predicted,
                        .step = step};
    *recall = (ipd_recall){classes, counts, counts ? counts + classes : NULL, 0};
    if (!counts || !predicted || evaluate(j, out, NULL, e)) {
        free(predicted);
        ipd_recall_free(recall);
        return -1;
    }
    for (size_t n = 0; n < count; n++) {
        recall->samples[labels[n * step]]++;
        recall->correct[labels[n * step]] += predicted[n] == labels[n * step];
    }
    size_t present = 0;
    for (size_t c = 0; c < classes; c++)
        if (recall->samples[c]) {
            recall->balanced += (double)recall->correct[c] / (double)recall->samples[c];
            present++;
        }
    recall->balanced /= (double)present;
    free(predicted);
    return 0;
}

int ipd_network_compare(const ipd_network *net, ipd_inputs X, ipd_truth truth, const ipd_matrix *p1,
                        size_t step, ipd_evaluation *out, ipd_forward_gap *gap, ipd_error *e)
{
    evaluation_job j = {.net = net, .X = X, .p1 = p1, .truth = truth, .step = step};
    return evaluate(j, out, gap, e);
}
