/* reference_read.c - reading a reference case. See reference.h. */
#include "base/file.h"
#include "check/reference_private.h"
#include "settings/settings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 64 << 20, MAX_SAMPLES = 1 << 20, WIDEST = 1 << 14, MAX_ITERATIONS = 10000 };

/* A number of an object, `missing` where it has none of this name. */
/* Numbers and whole numbers of the settings object, `missing` where they have none of this name
 * (NaN, or a number below `min`: then it is an error). */
static int read_number(const json_t *object, const char *name, double missing, double *out,
                       ipd_error *e)
{
    const json_t *value = json_object_get(object, name);
    if (!value && !isnan(missing)) {
        *out = missing;
        return 0;
    }
    if (!json_is_number(value))
        return ipd_fail(e, IPD_EFORMAT, "settings: %s %s", name,
                        value ? "is not a number" : "is missing");
    *out = json_number_value(value);
    return 0;
}

static int read_whole(const json_t *object, const char *name, long missing, long min, long max,
                      long *out, ipd_error *e)
{
    const json_t *value = json_object_get(object, name);
    *out = missing;
    if (!value && missing >= min)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < min ||
        json_integer_value(value) > max)
        return ipd_fail(e, IPD_EFORMAT, "settings: %s must be a whole number from %ld to %ld", name,
                        min, max);
    *out = (long)json_integer_value(value);
    return 0;
}

/* A list of rows of numbers, or (column) a list of numbers. Makes *m. */
static int matrix(const json_t *json, const char *name, int column, size_t max_columns,
                  ipd_matrix *m, ipd_error *e)
{
    const json_t *first = json_array_get(json, 0);
    size_t rows = json_array_size(json), cols = column ? 1 : json_array_size(first);
    if (!json_is_array(json) || !rows || !cols || rows > WIDEST || cols > max_columns)
        return ipd_fail(e, IPD_EFORMAT, "%s is not a list of %s of a valid size", name,
                        column ? "numbers" : "rows");
    if (ipd_matrix_init(m, rows, cols, e))
        return -1;
    for (size_t i = 0; i < rows; i++) {
        const json_t *row = json_array_get(json, i);
        if (!column && json_array_size(row) != cols)
            return ipd_fail(e, IPD_EFORMAT, "%s: row %zu has %zu values, but the first has %zu",
                            name, i + 1, json_array_size(row), cols);
        for (size_t j = 0; j < cols; j++) {
            const json_t *value = column ? row : json_array_get(row, j);
            float x = (float)json_number_value(value);
            if (!json_is_number(value) || !isfinite(x))
                return ipd_fail(e, IPD_EFORMAT, "%s: row %zu, column %zu is not a finite number",
                                name, i + 1, j + 1);
            m->data[i + j * rows] = x;
        }
    }
    return 0;
}

static int read_labels(ipd_reference *c, const json_t *labels, ipd_error *e)
{
    size_t N = c->X.cols;
    if (!json_is_array(labels) || json_array_size(labels) != N)
        return ipd_fail(e, IPD_EFORMAT, "labels is not a list of %zu values, one per column of X",
                        N);
    if (!(c->labels = ipd_allocate(N, 1, e)))
        return -1;
    for (size_t n = 0; n < N; n++) {
        const json_t *value = json_array_get(labels, n);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) >= (json_int_t)c->Y.rows || json_integer_value(value) > 255)
            return ipd_fail(e, IPD_EFORMAT, "labels: number %zu is not a class from 0 to %zu",
                            n + 1, c->Y.rows - 1);
        c->labels[n] = (uint8_t)json_integer_value(value);
    }
    return 0;
}

/* The activation or loss that the settings name. */
static const char *choice(const json_t *settings, const char *name)
{
    const char *text = json_string_value(json_object_get(settings, name));
    return text ? text : "";
}

static int read_network(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    const json_t *W = json_object_get(c->json, "W"), *b = json_object_get(c->json, "b");
    size_t L = json_array_size(W), d[IPD_MAX_LAYERS + 1];
    const char *sigma = choice(settings, "activation"), *loss = choice(settings, "loss");
    ipd_matrix m = {0};
    char name[16];
    if (!ipd_activation_find(sigma))
        return ipd_fail(e, IPD_EFORMAT, "unknown activation \"%.40s\"", sigma);
    if (!ipd_loss_find(loss))
        return ipd_fail(e, IPD_EFORMAT, "unknown loss \"%.40s\"", loss);
    if (L < 1 || L > IPD_MAX_LAYERS || json_array_size(b) != L)
        return ipd_fail(e, IPD_EFORMAT, "W and b are not lists of 1 to %d layers of equal length",
                        IPD_MAX_LAYERS);
    d[0] = c->X.rows;
    for (size_t l = 1; l <= L; l++)
        d[l] = json_array_size(json_array_get(W, l - 1));
    for (size_t l = 1; l <= L; l++)
        if (d[l] < 1 || d[l] > WIDEST)
            return ipd_fail(e, IPD_EFORMAT, "W: layer %zu is not a list of rows", l);
    if (d[L] > 256)
        return ipd_fail(e, IPD_EFORMAT,
                        "W: layer %zu has %zu rows, but labels can tell at most 256 classes apart",
                        L, d[L]);
    if (d[L] != c->Y.rows)
        return ipd_fail(e, IPD_EFORMAT, "W: layer %zu has %zu rows, but Y has %zu", L, d[L],
                        c->Y.rows);
    if (ipd_network_init(&c->net, (int)L, d, ipd_activation_find(sigma), ipd_loss_find(loss), e))
        return -1;
    for (size_t l = 1; l <= L; l++)
        for (int bias = 0; bias < 2; bias++) {
            ipd_matrix *to = bias ? &c->net.b[l] : &c->net.W[l];
            snprintf(name, sizeof name, "%c%zu", bias ? 'b' : 'W', l);
            int failed = matrix(json_array_get(bias ? b : W, l - 1), name, bias, WIDEST, &m, e);
            if (!failed && (m.rows != to->rows || m.cols != to->cols))
                failed = ipd_fail(e, IPD_EFORMAT, "%s is %zu x %zu but must be %zu x %zu", name,
                                  m.rows, m.cols, to->rows, to->cols);
            if (!failed)
                ipd_matrix_copy(to, &m);
            ipd_matrix_free(&m);
            if (failed)
                return -1;
        }
    return 0;
}

static int set_order(ipd_parameters *p, const json_t *value, int L, ipd_error *e)
{
    char text[1024] = "";
    size_t at = 0;
    if (json_is_string(value))
        return ipd_method_order(&ipd_method_ipdlam, &p->order, json_string_value(value), L, e);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *block = json_string_value(json_array_get(value, i));
        if (!block || strlen(block) > 7 || at + 9 > sizeof text)
            return ipd_fail(e, IPD_EFORMAT, "order is not a list of blocks");
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ", block);
    }
    return ipd_method_order(&ipd_method_ipdlam, &p->order, text, L, e);
}

int ipd_reference_set(ipd_parameters *p, const char *name, const json_t *value, int L, ipd_error *e)
{
    struct {
        const char *name;
        double *to;
    } numbers[] = {{"alpha", &p->alpha},    {"beta", &p->beta}, {"gamma", &p->gamma},
                   {"delta", &p->delta},    {"rho", &p->rho},   {"theta", &p->theta},
                   {"rho_max", &p->rho_max}};
    if (!strcmp(name, "order"))
        return set_order(p, value, L, e);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(name, numbers[i].name))
            continue;
        double x = json_number_value(value);
        if (!json_is_number(value) || x < 0 || x > 1e30 || (x == 0 && !strncmp(name, "rho", 3)))
            return ipd_fail(e, IPD_EFORMAT, "%s is not a number in range", name);
        *numbers[i].to = x;
        return 0;
    }
    return ipd_fail(e, IPD_EFORMAT, "a change sets \"%.40s\", which cannot be changed", name);
}

static int read_method(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    const json_t *method = json_object_get(settings, "method");
    const char *name = method ? json_string_value(method) : "ipdlam";
    c->method = ipd_method_find(name ? name : "");
    if (!c->method)
        return ipd_fail(e, IPD_EFORMAT, "unknown method \"%.40s\"", name ? name : "");
    return 0;
}

static int read_parameters(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    static const char *const names[] = {"alpha", "beta", "gamma", "delta", "theta", "rho_max"};
    ipd_parameters *p = &c->parameters;
    double x, ridge = 0;
    long batch, inner, iterations, N = (long)c->X.cols;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (read_number(settings, names[i], NAN, &x, e) ||
            ipd_reference_set(p, names[i], json_object_get(settings, names[i]), c->net.L, e))
            return -1;
    if (read_number(settings, "rho0", NAN, &x, e) ||
        ipd_reference_set(p, "rho", json_object_get(settings, "rho0"), c->net.L, e) ||
        ipd_reference_set(p, "order", json_object_get(settings, "order"), c->net.L, e) ||
        read_number(settings, "ridge", 0, &ridge, e) ||
        read_whole(settings, "batch", 0, 0, N, &batch, e) ||
        read_whole(settings, "inner", 1, 1, 1000, &inner, e) ||
        read_whole(settings, "iterations", -1, 1, MAX_ITERATIONS, &iterations, e))
        return -1;
    if (!(ridge >= 0))
        return ipd_fail(e, IPD_EFORMAT, "settings: ridge = %g is negative", ridge);
    for (int l = 1; l <= c->net.L; l++)
        p->penalty[l].l2 = ridge;
    p->batch = (size_t)batch;
    p->inner = (int)inner;
    c->iterations = (int)iterations;
    return 0;
}

/* A number for the hidden layers, or "auto", and damping_last for the last; or a list of one number per layer. */
static int read_damping(const json_t *settings, int L, double *to, ipd_error *e)
{
    const json_t *damping = json_object_get(settings, "damping");
    int list = json_is_array(damping), by_rule = json_is_string(damping);
    double hidden = 2.0 * (L - 1);
    if (by_rule && strcmp(json_string_value(damping), "auto"))
        return ipd_fail(e, IPD_EFORMAT, "settings: damping is neither a number, a list nor auto");
    if (list && json_array_size(damping) != (size_t)L)
        return ipd_fail(e, IPD_EFORMAT, "settings: damping is not a list of %d numbers", L);
    if (!list && ((!by_rule && read_number(settings, "damping", NAN, &hidden, e)) ||
                  read_number(settings, "damping_last", NAN, &to[L], e)))
        return -1;
    for (int l = 1; l <= L; l++) {
        if (list)
            to[l] = json_number_value(json_array_get(damping, (size_t)l - 1));
        else if (l < L)
            to[l] = hidden;
        if (!(to[l] >= 1e-9 && to[l] <= 1e9))
            return ipd_fail(e, IPD_EFORMAT,
                            "settings: damping of layer %d is not a number from 1e-9 to 1e9", l);
    }
    return 0;
}

/* relaxed_am: the names of its page. */
static int read_relaxed(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    ipd_parameters *p = &c->parameters;
    ipd_relaxed_parameters *r = &p->relaxed;
    const char *rule = json_string_value(json_object_get(settings, "relax"));
    const struct {
        const char *name;
        double *to, missing, min, max;
    } numbers[] = {{"beta", &p->beta, NAN, 0, 1},
                   {"rho0", &p->rho, NAN, 1e-30, 1e30},
                   {"theta", &p->theta, NAN, 1e-6, 1e6},
                   {"rho_max", &p->rho_max, NAN, 1e-30, 1e30},
                   {"kappa", &r->kappa, NAN, 1e-9, 1e9},
                   {"bias_share", &r->bias_share, NAN, 1e-9, 1e9},
                   {"relax_a", &r->relax_a, NAN, 1e-9, 2},
                   {"relax_z", &r->relax_z, NAN, 1e-9, 2},
                   {"relax_cap", &r->relax_cap, 1.95, 1e-9, 2},
                   {"shrink", &r->shrink, 0, 0, 1}};
    long batch, iterations;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (read_number(settings, numbers[i].name, numbers[i].missing, numbers[i].to, e))
            return -1;
        if (!(*numbers[i].to >= numbers[i].min && *numbers[i].to <= numbers[i].max))
            return ipd_fail(e, IPD_EFORMAT, "settings: %s = %g is out of range. Use %g to %g",
                            numbers[i].name, *numbers[i].to, numbers[i].min, numbers[i].max);
    }
    r->by_norm = rule && !strcmp(rule, "norm");
    if (read_damping(settings, c->net.L, r->damping, e))
        return -1;
    if (read_whole(settings, "batch", -1, 1, (long)c->X.cols, &batch, e) ||
        read_whole(settings, "iterations", -1, 1, MAX_ITERATIONS, &iterations, e))
        return -1;
    p->batch = (size_t)batch;
    p->inner = 1;
    c->iterations = (int)iterations;
    return ipd_method_order(c->method, &p->order, "nested_reverse", c->net.L, e);
}

enum { MAX_EPOCHS = 10000 };

/* One number, by its name as a setting and in the range that it has there. */
static int take(const json_t *settings, const char *name, const char *setting, double own,
                double *out, ipd_error *e)
{
    const ipd_setting *s = ipd_setting_find(setting);
    if (read_number(settings, name, own, out, e))
        return -1;
    if (!(*out >= 0 && *out <= s->max))
        return ipd_fail(e, IPD_EFORMAT, "settings: %s = %g is out of range. Use 0 to %g", name,
                        *out, s->max);
    return 0;
}

static int read_optimizer(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    ipd_optimizer_parameters *p = &c->parameters.optimizer;
    const json_t *nesterov = json_object_get(settings, "nesterov");
    long batch, epochs, N = (long)c->X.cols;
    if (take(settings, "lr", "lr", c->method->lr, &p->lr, e) ||
        take(settings, "momentum", "momentum", 0, &p->momentum, e) ||
        take(settings, "beta1", "beta1", 0.9, &p->beta1, e) ||
        take(settings, "beta2", "beta2", 0.999, &p->beta2, e) ||
        take(settings, "decay", "smoothing", 0.99, &p->smoothing, e) ||
        take(settings, "decay", "decay", 0.9, &p->decay, e) ||
        take(settings, "eps", "eps", c->method->eps, &p->eps, e) ||
        read_whole(settings, "batch", 0, 0, N, &batch, e) ||
        read_whole(settings, "epochs", -1, 1, MAX_EPOCHS, &epochs, e))
        return -1;
    if (nesterov && !json_is_boolean(nesterov))
        return ipd_fail(e, IPD_EFORMAT, "settings: nesterov is neither true nor false");
    p->nesterov = json_is_true(nesterov);
    c->parameters.batch = (size_t)batch;
    c->iterations = (int)epochs;
    c->expected = json_object_get(c->json, "expected");
    size_t each = batch ? ((size_t)N + (size_t)batch - 1) / (size_t)batch : 1;
    if (json_array_size(c->expected) != (size_t)epochs * each)
        return ipd_fail(e, IPD_EFORMAT,
                        "expected is not a list of %zu objects, one per mini-batch of each epoch",
                        (size_t)epochs * each);
    return 0;
}

static int read_case(ipd_reference *c, const char *text, ipd_error *e)
{
    json_error_t why;
    if (!(c->json = json_loads(text, JSON_REJECT_DUPLICATES, &why)))
        return ipd_fail(e, IPD_EFORMAT, "is not JSON: %.150s in line %d", why.text, why.line);
    if (!json_is_object(c->json))
        return ipd_fail(e, IPD_EFORMAT, "is not a reference case: it is not a JSON object");
    const json_t *settings = json_object_get(c->json, "settings");
    const char *name = json_string_value(json_object_get(c->json, "name"));
    snprintf(c->name, sizeof c->name, "%s", name ? name : "");
    if (!json_is_object(settings))
        return ipd_fail(e, IPD_EFORMAT, "is not a reference case: it has no settings");
    if (matrix(json_object_get(c->json, "X"), "X", 0, MAX_SAMPLES, &c->X, e) ||
        matrix(json_object_get(c->json, "Y"), "Y", 0, MAX_SAMPLES, &c->Y, e))
        return -1;
    if (c->Y.cols != c->X.cols)
        return ipd_fail(e, IPD_EFORMAT, "Y has %zu columns, but X has %zu", c->Y.cols, c->X.cols);
    if (read_labels(c, json_object_get(c->json, "labels"), e) || read_network(c, settings, e) ||
        read_method(c, settings, e))
        return -1;
    if (c->method == &ipd_method_relaxed_am ? read_relaxed(c, settings, e)
        : c->method->variables              ? read_parameters(c, settings, e)
                                            : read_optimizer(c, settings, e))
        return -1;
    c->changes = json_object_get(settings, "changes");
    if (c->changes && !json_is_array(c->changes))
        return ipd_fail(e, IPD_EFORMAT, "settings: changes is not a list");
    c->expected = json_object_get(c->json, "expected");
    if (!c->method->variables)
        return 0;
    if (json_array_size(c->expected) != (size_t)c->iterations)
        return ipd_fail(e, IPD_EFORMAT, "expected is not a list of %d records, one per iteration",
                        c->iterations);
    return 0;
}

int ipd_reference_read(ipd_reference *c, const char *path, ipd_error *e)
{
    char *text = ipd_file_text(path, LARGEST_FILE, 0, e);
    memset(c, 0, sizeof *c);
    int failed = !text ? -1 : read_case(c, text, e) ? ipd_fail_in(e, "%s", path) : 0;
    free(text);
    if (failed)
        ipd_reference_free(c);
    return failed;
}

void ipd_reference_free(ipd_reference *c)
{
    ipd_matrix_free(&c->X);
    ipd_matrix_free(&c->Y);
    ipd_network_free(&c->net);
    free(c->labels);
    json_decref(c->json);
    memset(c, 0, sizeof *c);
}
