/* test_optim.c - back-propagation against finite differences, each optimizer against its formula in
 * double, the same bits for any number of threads, and what they learn. */
#include "base/parallel.h"
#include "base/random.h"
#include "data/dataset.h"
#include "optim/backprop.h"
#include "optim/methods.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

enum { N = 7 };
static const size_t widths[] = {5, 6, 4, 3};

static void fatal(const ipd_error *e)
{
    printf("Bail out! %s\n", e->text);
    exit(99);
}

/* Reference implementations of the optimizers, in double. */

static double sigma(const char *name, double x)
{
    if (!strcmp(name, "relu"))
        return x > 0 ? x : 0;
    if (!strcmp(name, "leaky_relu"))
        return x > 0 ? x : 0.01 * x;
    if (!strcmp(name, "hard_tanh"))
        return x < -1 ? -1 : x > 1 ? 1 : x;
    if (!strcmp(name, "tanh"))
        return tanh(x);
    if (!strcmp(name, "sigmoid"))
        return 1 / (1 + exp(-x));
    return x;
}

static double loss_of(const char *name, const float *y, const double *z, size_t d)
{
    double sum = 0, parts = 0;
    for (size_t i = 0; i < d; i++) {
        parts += exp(z[i]);
        if (!strcmp(name, "squared"))
            sum += (z[i] - y[i]) * (z[i] - y[i]) / 2;
        else if (!strcmp(name, "hinge"))
            sum += fmax(0, 1 - y[i] * z[i]);
        else
            sum -= y[i] * z[i];
    }
    return strcmp(name, "cross_entropy") ? sum : sum + log(parts);
}

/* The mean loss with `moved` added to one weight, all in double. */
static double mean_loss(const ipd_network *net, const ipd_batch *batch, const float *weight,
                        double moved)
{
    double sum = 0, a[8], z[8];
    for (size_t n = 0; n < batch->X.cols; n++) {
        for (size_t i = 0; i < net->d[0]; i++)
            a[i] = batch->X.data[i + n * net->d[0]];
        for (int l = 1; l <= net->L; l++) {
            for (size_t i = 0; i < net->d[l]; i++) {
                const float *b = &net->b[l].data[i];
                z[i] = *b + (b == weight ? moved : 0);
                for (size_t j = 0; j < net->d[l - 1]; j++) {
                    const float *w = &net->W[l].data[i + j * net->d[l]];
                    z[i] += (*w + (w == weight ? moved : 0)) * a[j];
                }
            }
            for (size_t i = 0; i < net->d[l] && l < net->L; i++)
                a[i] = sigma(net->sigma[l]->name, z[i]);
        }
        sum += loss_of(net->loss->name, batch->Y.data + n * net->d[net->L], z, net->d[net->L]);
    }
    return sum / (double)batch->X.cols;
}

typedef struct small {
    ipd_network net;
    ipd_matrix X, Y;
    ipd_label labels[N];
    ipd_problem problem;
} small;

static void make_small(small *s, const char *activation, const char *loss)
{
    ipd_random r;
    ipd_error e;
    ipd_random_seed(&r, 7, 1);
    if (ipd_network_init(&s->net, 3, widths, ipd_activation_find(activation), ipd_loss_find(loss),
                         &e) ||
        ipd_matrix_init(&s->X, widths[0], N, &e))
        fatal(&e);
    ipd_network_randomize(&s->net, 3, 0.8, 0.1);
    for (size_t i = 0; i < widths[0] * N; i++)
        s->X.data[i] = (float)ipd_random_normal(&r);
    for (size_t n = 0; n < N; n++)
        s->labels[n] = (ipd_label)(n % widths[3]);
    if (ipd_targets(&s->Y, s->net.loss, s->labels, N, widths[3], &e))
        fatal(&e);
    s->problem = (ipd_problem){.X = ipd_inputs_of(&s->X), .Y = &s->Y, .labels = s->labels, .N = N};
}

static void free_small(small *s)
{
    ipd_network_free(&s->net);
    ipd_matrix_free(&s->X);
    ipd_matrix_free(&s->Y);
}

static void test_gradient(const char *activation, const char *loss)
{
    small s;
    ipd_backprop b = {0};
    ipd_error e;
    double value, worst = 0, size = 0, h = 1e-6;
    make_small(&s, activation, loss);
    ipd_batch batch = {s.X, s.Y, s.labels};
    if (ipd_backprop_resize(&b, &s.net, N, &e) ||
        ipd_backprop_gradient(&b, &s.net, &batch, &value, &e))
        fatal(&e);
    double expected = mean_loss(&s.net, &batch, NULL, 0);
    for (int l = 1; l <= 3; l++)
        for (int bias = 0; bias < 2; bias++) {
            const ipd_matrix *w = bias ? &s.net.b[l] : &s.net.W[l];
            const ipd_matrix *g = bias ? &b.db[l] : &b.dW[l];
            for (size_t i = 0; i < w->rows * w->cols; i++) {
                double up = mean_loss(&s.net, &batch, w->data + i, h);
                double down = mean_loss(&s.net, &batch, w->data + i, -h);
                worst = fmax(worst, fabs((up - down) / (2 * h) - g->data[i]));
                size = fmax(size, fabs(g->data[i]));
            }
        }
    ok(worst < 2e-6 * (1 + size) && size > 0.01 && fabs(value - expected) < 1e-6 * (1 + expected),
       "%s, %s: the gradient is that of finite differences (off by %.1e of %.2g)", activation, loss,
       worst, size);
    ipd_backprop_free(&b);
    free_small(&s);
}

static void test_kinks(void)
{
    static const float x[] = {-2, -1, 0, 1, 2};
    static const struct {
        const char *name;
        float y[5];
    } expected[] = {{"relu", {0, 0, 0, 1, 1}},
                    {"leaky_relu", {0.01f, 0.01f, 0.01f, 1, 1}},
                    {"hard_tanh", {0, 0, 1, 0, 0}},
                    {"identity", {1, 1, 1, 1, 1}}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        float y[5];
        ipd_activation_find(expected[i].name)->derivative(x, y, 5);
        ok(!memcmp(y, expected[i].y, sizeof y), "%s: its derivative at its kinks",
           expected[i].name);
    }
    static const float far[] = {-100, 100}, target[] = {1, 0};
    float g[2];
    ipd_loss_find("cross_entropy")->gradient(target, far, g, 2, 1);
    ok(fabsf(g[0] + 1) < 1e-6f && fabsf(g[1] - 1) < 1e-6f,
       "cross-entropy: gradient far from the target");
}

/* The state of one weight, and PyTorch's formulas in double. */
typedef struct past {
    double m, v, u;
} past;

static double rule(const char *name, const ipd_optimizer_parameters *p, int t, double g, past *s)
{
    double size, d;
    if (!strcmp(name, "sgd")) {
        s->m = t == 1 ? g : p->momentum * s->m + g;
        return p->lr * (p->nesterov ? g + p->momentum * s->m : s->m);
    }
    if (!strcmp(name, "adagrad")) {
        s->v += g * g;
        return p->lr * g / (sqrt(s->v) + p->eps);
    }
    if (!strcmp(name, "adadelta")) {
        s->v = p->decay * s->v + (1 - p->decay) * g * g;
        d = sqrt(s->u + p->eps) / sqrt(s->v + p->eps) * g;
        s->u = p->decay * s->u + (1 - p->decay) * d * d;
        return p->lr * d;
    }
    if (!strcmp(name, "rmsprop")) {
        s->v = p->smoothing * s->v + (1 - p->smoothing) * g * g;
        s->m = p->momentum * s->m + g / (sqrt(s->v) + p->eps);
        return p->lr * s->m;
    }
    s->m = p->beta1 * s->m + (1 - p->beta1) * g;
    d = p->lr * s->m / (1 - pow(p->beta1, t));
    if (!strcmp(name, "adamax")) {
        s->u = fmax(p->beta2 * s->u, fabs(g) + p->eps);
        return d / s->u;
    }
    s->v = p->beta2 * s->v + (1 - p->beta2) * g * g;
    s->u = fmax(s->u, s->v);
    size = !strcmp(name, "amsgrad") ? s->u : s->v;
    return d / (sqrt(size) / sqrt(1 - pow(p->beta2, t)) + p->eps);
}

/* With numbers that make every term count, decoupled weight decay among them; the gradient of each step is back-propagation's. */
static void test_rule(const char *name, int nesterov)
{
    static past pasts[100];
    const ipd_method *method = ipd_method_find(name);
    ipd_parameters par = {.optimizer = {.momentum = 0.5,
                                        .nesterov = nesterov,
                                        .beta1 = 0.8,
                                        .beta2 = 0.7,
                                        .smoothing = 0.6,
                                        .decay = 0.75,
                                        .eps = 0.1}};
    small s;
    ipd_backprop b = {0};
    ipd_network before = {0};
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    double worst = 0, loss, moved = 0;
    memset(pasts, 0, sizeof pasts);
    make_small(&s, "tanh", "squared");
    ipd_batch batch = {s.X, s.Y, s.labels};
    void *state = method->open(method, &s.problem, &s.net, &par, &e);
    if (!state || ipd_backprop_resize(&b, &s.net, N, &e))
        fatal(&e);
    for (int t = 1; t <= 20; t++) {
        size_t at = 0;
        par.optimizer.lr = t <= 10 ? 0.05 : 0.02; /* holds at once */
        par.optimizer.weight_decay = t <= 5 ? 0 : 0.4;
        double keep = 1 - par.optimizer.lr * par.optimizer.weight_decay; /* PyTorch's AdamW */
        method->set(state, &par);
        if (ipd_network_copy(&before, method->network(state), &e) ||
            ipd_backprop_gradient(&b, &before, &batch, &loss, &e) ||
            method->advance(state, &unit, &e) || method->finish(state, &record, &e))
            fatal(&e);
        const ipd_network *now = method->network(state);
        for (int l = 1; l <= 3; l++)
            for (size_t i = 0; i < widths[l] * (widths[l - 1] + 1); i++) {
                size_t first = widths[l] * widths[l - 1];
                int bias = i >= first;
                const ipd_matrix *old = bias ? &before.b[l] : &before.W[l];
                const ipd_matrix *new = bias ? &now->b[l] : &now->W[l];
                const ipd_matrix *g = bias ? &b.db[l] : &b.dW[l];
                size_t k = bias ? i - first : i;
                double d = rule(name, &par.optimizer, t, g->data[k], &pasts[at++]);
                worst = fmax(worst, fabs(keep * old->data[k] - d - new->data[k]));
                moved = fmax(moved, fabs(d));
            }
        ipd_network_free(&before);
    }
    ok(worst < 2e-6 && moved > 1e-3, "%s%s: its formula, 20 steps (off by %.1e)", name,
       nesterov ? " with Nesterov" : "", worst);
    method->close(state);
    ipd_backprop_free(&b);
    free_small(&s);
}

/* AdamW by hand: one weight w = 1 of z = w x + b, b = 0, x = 1, y = 0, squared loss, so that g = w + b. In the first step m/(1 - beta1) = g,
 * v/(1 - beta2) = g^2: w = (1 - lr decay) w - lr g/(|g| + eps), with lr 0.1, decay 0.5, eps 1: 0.95 - 0.1 * 1/2 = 0.9, and
 * b = -0.05. Then g = 0.85, m = 0.9 * 0.1 + 0.1 * 0.85 = 0.175, over 1 - 0.81: 0.92105; v = 0.5 * 0.5 + 0.5 * 0.7225 =
 * 0.61125, over 1 - 0.25: 0.815, its root 0.90277; w = 0.95 * 0.9 - 0.1 * 0.92105/1.90277 = 0.806594. */
static void test_adamw(void)
{
    static const size_t d[] = {1, 1};
    static float x = 1, y = 0;
    ipd_label label = 0;
    ipd_parameters par = {
        .optimizer = {.lr = 0.1, .beta1 = 0.9, .beta2 = 0.5, .eps = 1, .weight_decay = 0.5}};
    ipd_matrix X = {.rows = 1, .cols = 1, .data = &x}, Y = {.rows = 1, .cols = 1, .data = &y};
    ipd_problem problem = {.X = ipd_inputs_of(&X), .Y = &Y, .labels = &label, .N = 1};
    ipd_network net;
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    float w[2] = {0};
    if (ipd_network_init(&net, 1, d, ipd_activation_find("relu"), ipd_loss_find("squared"), &e))
        fatal(&e);
    net.W[1].data[0] = 1;
    void *state = ipd_method_adam.open(&ipd_method_adam, &problem, &net, &par, &e);
    for (int t = 0; t < 2; t++) {
        if (!state || ipd_method_adam.advance(state, &unit, &e) ||
            ipd_method_adam.finish(state, &record, &e))
            fatal(&e);
        w[t] = ipd_method_adam.network(state)->W[1].data[0];
    }
    ok(fabsf(w[0] - 0.9f) < 1e-6f && fabsf(w[1] - 0.806594f) < 1e-6f,
       "adam with weight_decay is AdamW, two steps by hand (%.6f, %.6f)", w[0], w[1]);
    ipd_method_adam.close(state);
    ipd_network_free(&net);
}

/* Trains 784-50-10 on the digits; the caller frees the network. Returns the test accuracy. */
static double train(const ipd_dataset *data, const char *name, const ipd_parameters *par,
                    int epochs, ipd_network *out)
{
    const ipd_method *method = ipd_method_find(name);
    static const size_t d[] = {784, 50, 10};
    ipd_network net;
    ipd_matrix Y;
    ipd_unit unit;
    ipd_record record;
    ipd_evaluation test;
    ipd_error e;
    if (ipd_network_init(&net, 2, d, ipd_activation_find("relu"), ipd_loss_find("cross_entropy"),
                         &e) ||
        ipd_targets(&Y, net.loss, data->train.labels, data->train.X.cols, 10, &e))
        fatal(&e);
    ipd_network_randomize(&net, 1, 0.05, 0.1);
    ipd_problem problem = {.X = ipd_samples_inputs(&data->train),
                           .Y = &Y,
                           .labels = data->train.labels,
                           .N = data->train.X.cols};
    void *state = method->open(method, &problem, &net, par, &e);
    if (!state)
        fatal(&e);
    for (int k = 0; k < epochs; k++) {
        do
            if (method->advance(state, &unit, &e))
                fatal(&e);
        while (!unit.iteration_done);
        if (method->finish(state, &record, &e))
            fatal(&e);
    }
    if (ipd_network_evaluate(method->network(state), ipd_samples_inputs(&data->test),
                             ipd_truth_labels(data->test.labels), NULL, &test, NULL, NULL, &e) ||
        ipd_network_copy(out, method->network(state), &e))
        fatal(&e);
    method->close(state);
    ipd_network_free(&net);
    ipd_matrix_free(&Y);
    return test.accuracy;
}

/* Plain sgd on one weight: the steps are lr f(u) g, with u the batches done of all. */
static void test_schedule(ipd_schedule_kind kind)
{
    enum { LENGTH = 3, SAMPLES = 4 };
    static const size_t d[] = {1, 1};
    float x[SAMPLES] = {1, 2, -1, 0.5f}, y[SAMPLES] = {0};
    ipd_label labels[SAMPLES] = {0};
    ipd_parameters par = {.batch = 2,
                          .length = LENGTH,
                          .optimizer = {.lr = 0.1, .lr_schedule = kind, .weight_decay = 0.5}};
    ipd_matrix X = {.rows = 1, .cols = SAMPLES, .data = x}, Y = X;
    ipd_network net;
    ipd_unit unit;
    ipd_record record;
    ipd_error e;
    double w = 1, b = 0, worst = 0;
    Y.data = y;
    ipd_problem problem = {.X = ipd_inputs_of(&X), .Y = &Y, .labels = labels, .N = SAMPLES};
    if (ipd_network_init(&net, 1, d, ipd_activation_find("relu"), ipd_loss_find("squared"), &e))
        fatal(&e);
    net.W[1].data[0] = 1;
    void *state = ipd_method_sgd.open(&ipd_method_sgd, &problem, &net, &par, &e);
    for (int t = 0; t < 2 * (LENGTH + 1); t++) {
        double u = fmin(t / 6.0, 1);
        double f = kind == IPD_SCHEDULE_COSINE   ? 0.5 + 0.5 * cos(3.14159265358979 * u)
                   : kind == IPD_SCHEDULE_ANNEAL ? (u <= 0.3 ? 1 : 1 - 0.99 * (u - 0.3) / 0.7)
                                                 : 1;
        double g = 0, h = 0;
        for (int n = 2 * (t % 2); n < 2 * (t % 2) + 2; n++) {
            g += (w * x[n] + b) * x[n] / 2;
            h += (w * x[n] + b) / 2;
        }
        w = (1 - 0.1 * f * 0.5) * w - 0.1 * f * g;
        b = (1 - 0.1 * f * 0.5) * b - 0.1 * f * h;
        if (!state || ipd_method_sgd.advance(state, &unit, &e) ||
            (unit.iteration_done && ipd_method_sgd.finish(state, &record, &e)))
            fatal(&e);
        worst = fmax(worst, fabs(w - ipd_method_sgd.network(state)->W[1].data[0]));
        if (unit.iteration_done)
            worst = fmax(worst, fabs(record.lr - 0.1 * f));
    }
    ok(worst < 1e-6, "sgd, lr_schedule %s: steps, decay and record (off by %.1e)",
       ipd_schedule_names()[kind], worst);
    ipd_method_sgd.close(state);
    ipd_network_free(&net);
}

static ipd_parameters parameters(const char *name, double lr, size_t batch)
{
    const ipd_method *method = ipd_method_find(name);
    return (ipd_parameters){.batch = batch,
                            .shuffle = 1,
                            .seed = 4,
                            .optimizer = {.lr = lr > 0 ? lr : method->lr,
                                          .momentum = 0.9,
                                          .beta1 = 0.9,
                                          .beta2 = 0.999,
                                          .smoothing = 0.99,
                                          .decay = 0.9,
                                          .eps = method->eps}};
}

static int same_bits(const ipd_network *x, const ipd_network *y)
{
    for (int l = 1; l <= x->L; l++)
        if (memcmp(x->W[l].data, y->W[l].data, x->d[l] * x->d[l - 1] * sizeof(float)) ||
            memcmp(x->b[l].data, y->b[l].data, x->d[l] * sizeof(float)))
            return 0;
    return 1;
}

static void test_threads(const ipd_dataset *data, const char *name, size_t batch)
{
    ipd_parameters par = parameters(name, 0, batch);
    ipd_network first, next;
    ipd_error e;
    int same = 1;
    for (int threads = 1; threads <= 3; threads++) {
        if (ipd_threads_set(threads, &e))
            fatal(&e);
        train(data, name, &par, 2, threads == 1 ? &first : &next);
        if (threads == 1)
            continue;
        same = same && same_bits(&first, &next);
        ipd_network_free(&next);
    }
    ipd_network_free(&first);
    ok(same, "%s, batch %zu: the same bits with 1, 2 and 3 threads", name, batch);
}

int main(void)
{
    /* A step size for each that suits 47 mini-batches an epoch. */
    static const struct {
        const char *name;
        double lr;
    } rates[] = {{"sgd", 0.05},   {"adagrad", 0.02},  {"adadelta", 1},  {"rmsprop", 5e-4},
                 {"adam", 0.002}, {"amsgrad", 0.002}, {"adamax", 0.005}};
    ipd_dataset *data, *few;
    ipd_error e;
    if (ipd_threads_set(2, &e))
        fatal(&e);
    for (const char *const *a = ipd_activation_names(); *a; a++)
        for (const char *const *l = ipd_loss_names(); *l; l++)
            test_gradient(*a, *l);
    test_kinks();
    int optimizers = 0;
    for (const char *const *name = ipd_method_names(); *name; name++)
        if (!ipd_method_find(*name)->variables) {
            test_rule(*name, 0);
            optimizers++;
        }
    test_rule("sgd", 1);
    test_adamw();
    for (int kind = IPD_SCHEDULE_CONSTANT; kind <= IPD_SCHEDULE_COSINE; kind++)
        test_schedule((ipd_schedule_kind)kind);
    ok(optimizers == sizeof rates / sizeof *rates, "each optimizer is tested");
    if (ipd_dataset_open(&data, "digits", &(ipd_dataset_options){0}, &e) ||
        ipd_dataset_open(&few, "digits", &(ipd_dataset_options){.train = 700, .test = 50}, &e))
        fatal(&e);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        ipd_parameters par = parameters(rates[i].name, rates[i].lr, 128);
        ipd_network net;
        double accuracy = train(data, rates[i].name, &par, 4, &net);
        ok(accuracy > 0.85, "%s: %.1f %% of the test digits after 4 epochs", rates[i].name,
           100 * accuracy);
        ipd_network_free(&net);
        test_threads(few, rates[i].name, i % 2 ? 0 : 97);
    }
    ipd_dataset_unref(data);
    ipd_dataset_unref(few);
    return done();
}
