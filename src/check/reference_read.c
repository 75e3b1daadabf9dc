/* reference_read.c - reads a reference case. See reference.h. */
#include "base/file.h"
#include "check/reference_private.h"
#include "data/dataset.h"
#include "format/export.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 64 << 20, MAX_SAMPLES = 1 << 20, WIDEST = 1 << 14, MAX_ITERATIONS = 10000 };

/* Read a number or an integer from the settings object. `missing` is the value if the name is
 * absent; NaN, or an integer below `min`, makes that an error. */
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

static int read_integer(const json_t *object, const char *name, long missing, long min, long max,
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

int ipd_reference_matrix(const json_t *json, const char *name, int column, size_t max_columns,
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

/* Without labels the targets are values. */
static int read_labels(ipd_reference *c, const json_t *labels, ipd_error *e)
{
    size_t N = c->X.cols;
    if (!labels)
        return (c->weight = ipd_r2_weights(&c->Y, 0, e)) ? 0 : -1;
    if (!json_is_array(labels) || json_array_size(labels) != N)
        return ipd_fail(e, IPD_EFORMAT, "labels is not a list of %zu values, one per column of X",
                        N);
    if (!(c->labels = ipd_allocate(N, sizeof *c->labels, e)))
        return -1;
    for (size_t n = 0; n < N; n++) {
        const json_t *value = json_array_get(labels, n);
        if (!json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) >= (json_int_t)c->Y.rows || json_integer_value(value) > 255)
            return ipd_fail(e, IPD_EFORMAT, "labels: number %zu is not a class from 0 to %zu",
                            n + 1, c->Y.rows - 1);
        c->labels[n] = (ipd_label)json_integer_value(value);
    }
    return 0;
}

/* The name of the activation or the loss in the settings; "" if missing. */
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
    if (!c->labels && !ipd_loss_find(loss)->takes_values)
        return ipd_fail(e, IPD_EFORMAT, "labels are missing, which the loss %s needs", loss);
    if (L < 1 || L > IPD_MAX_LAYERS || json_array_size(b) != L)
        return ipd_fail(e, IPD_EFORMAT, "W and b are not lists of 1 to %d layers of equal length",
                        IPD_MAX_LAYERS);
    d[0] = c->X.rows;
    for (size_t l = 1; l <= L; l++)
        d[l] = json_array_size(json_array_get(W, l - 1));
    for (size_t l = 1; l <= L; l++)
        if (d[l] < 1 || d[l] > WIDEST)
            return ipd_fail(e, IPD_EFORMAT, "W: layer %zu is not a list of rows", l);
    if (d[L] > IPD_MAX_OUTPUTS)
        return ipd_fail(e, IPD_EFORMAT, "W: layer %zu has %zu rows. At most %d are supported", L,
                        d[L], IPD_MAX_OUTPUTS);
    if (d[L] != c->Y.rows)
        return ipd_fail(e, IPD_EFORMAT, "W: layer %zu has %zu rows, but Y has %zu", L, d[L],
                        c->Y.rows);
    if (ipd_network_init(&c->net, (int)L, d, ipd_activation_find(sigma), ipd_loss_find(loss), e))
        return -1;
    for (size_t l = 1; l <= L; l++)
        for (int bias = 0; bias < 2; bias++) {
            ipd_matrix *to = bias ? &c->net.b[l] : &c->net.W[l];
            snprintf(name, sizeof name, "%c%zu", bias ? 'b' : 'W', l);
            int failed = ipd_reference_matrix(json_array_get(bias ? b : W, l - 1), name, bias,
                                              WIDEST, &m, e);
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

/* Sets the order from its name or a list of blocks. */
static int set_order(ipd_settings *s, const json_t *value, ipd_error *e)
{
    char text[1024] = "";
    size_t at = 0;
    if (json_is_string(value))
        return ipd_settings_set(s, "order", json_string_value(value), e);
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *block = json_string_value(json_array_get(value, i));
        if (!block || strlen(block) > 7 || at + 9 > sizeof text)
            return ipd_fail(e, IPD_EFORMAT, "order is not a list of blocks");
        at += (size_t)snprintf(text + at, sizeof text - at, "%s ", block);
    }
    return ipd_settings_set(s, "order", text, e);
}

/* Sets damping from a number, "auto", or a list of one number per layer. */
static int set_damping(ipd_settings *s, const json_t *value, int L, ipd_error *e)
{
    char text[IPD_MAX_LAYERS * IPD_NUMBER_TEXT] = "", number[IPD_NUMBER_TEXT];
    if (json_is_string(value))
        return ipd_settings_set(s, "damping", json_string_value(value), e);
    if (json_is_array(value) && json_array_size(value) != (size_t)L)
        return ipd_fail(e, IPD_EFORMAT, "settings: damping is not a list of %d numbers", L);
    for (size_t i = 0; i < (json_is_array(value) ? (size_t)L : 1); i++) {
        const json_t *item = json_is_array(value) ? json_array_get(value, i) : value;
        if (!json_is_number(item))
            return ipd_fail(e, IPD_EFORMAT, "settings: damping %s",
                            value ? "is not a number, a list of numbers or auto" : "is missing");
        ipd_number_text(json_number_value(item), number);
        strcat(text, number);
        strcat(text, " ");
    }
    return ipd_settings_set(s, "damping", text, e);
}

/* Numbers, by their names in the file and as settings; a missing optional one keeps its default. */
static const struct number {
    const char *name, *setting;
    int optional;
} numbers[] = {{"alpha", "alpha", 0},
               {"beta", "beta", 0},
               {"gamma", "gamma", 0},
               {"delta", "delta", 0},
               {"rho0", "rho", 0},
               {"theta", "rho_growth", 0},
               {"rho_max", "rho_max", 0},
               {"damping_last", "damping_last", 1},
               {"kappa", "kappa", 0},
               {"bias_share", "bias_share", 0},
               {"relax_a", "relax_a", 0},
               {"relax_z", "relax_z", 0},
               {"relax_cap", "relax_cap", 1},
               {"shrink", "shrink", 1},
               {"lr", "lr", 1},
               {"momentum", "momentum", 1},
               {"beta1", "beta1", 1},
               {"beta2", "beta2", 1},
               {"decay", "smoothing", 1},
               {"decay", "decay", 1},
               {"eps", "eps", 1}};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* Rejects numbers below 0, even where a setting uses them to mean the method's default. */
static int set_number(ipd_settings *s, const struct number *n, const json_t *value, ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(n->setting);
    ipd_value x = {.number = json_number_value(value)};
    if (!value && n->optional)
        return 0;
    if (!json_is_number(value))
        return ipd_fail(e, IPD_EFORMAT, "settings: %s %s", n->name,
                        value ? "is not a number" : "is missing");
    if (!(x.number >= 0 && x.number <= setting->max) || (setting->open_min && x.number == 0))
        return ipd_fail(e, IPD_EFORMAT, "settings: %s = %g is out of range. Use %s0 to %g", n->name,
                        x.number, setting->open_min ? "more than " : "", setting->max);
    ipd_settings_put(s, setting, &x);
    return 0;
}

int ipd_reference_set(ipd_settings *s, const char *name, const json_t *value, ipd_error *e)
{
    if (!strcmp(name, "order"))
        return set_order(s, value, e);
    for (size_t i = 0; i < NUMBERS; i++)
        if (!strcmp(name, !strcmp(numbers[i].name, "rho0") ? "rho" : numbers[i].name) &&
            ipd_method_uses(ipd_method_find(s->method), numbers[i].setting))
            return set_number(s, &numbers[i], value, e);
    return ipd_fail(e, IPD_EFORMAT, "a change sets \"%.40s\", which cannot be changed", name);
}

int ipd_reference_check(const ipd_reference *c, ipd_settings *s, ipd_parameters *p, ipd_error *e)
{
    return ipd_settings_check(s, c->net.L, "", c->X.cols, e) ||
                   ipd_settings_parameters(s, c->net.L, p, e)
               ? -1
               : 0;
}

/* Reads the method and sets its defaults, without shuffling. */
static int read_method(ipd_reference *c, const json_t *settings, const char *other, ipd_error *e)
{
    const json_t *method = json_object_get(settings, "method");
    const char *name = other ? other : method ? json_string_value(method) : ipd_method_ipdlam.name;
    ipd_settings *s = &c->settings;
    c->method = other ? ipd_method_get(other, e) : ipd_method_find(name ? name : "");
    if (!c->method)
        return other ? -1 : ipd_fail(e, IPD_EFORMAT, "unknown method \"%.40s\"", name ? name : "");
    ipd_settings_init(s);
    s->shuffle = 0;
    return ipd_settings_set(s, "method", c->method->name, e) ||
                   ipd_settings_set(s, "activation", choice(settings, "activation"), e)
               ? -1
               : 0;
}

/* Reads the settings of methods with blocks. */
static int read_blocks(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    const json_t *order = json_object_get(settings, "order");
    ipd_settings *s = &c->settings;
    char number[IPD_NUMBER_TEXT];
    double ridge = 0;
    if (!order)
        return ipd_fail(e, IPD_EFORMAT, "settings: order is missing");
    if (set_order(s, order, e) || read_number(settings, "ridge", 0, &ridge, e) ||
        read_integer(settings, "inner", 1, 1, 1000, &s->inner, e))
        return -1;
    ipd_number_text(ridge, number);
    return ridge != 0 && (ipd_settings_set(s, "regularizer", "ridge", e) ||
                          ipd_settings_set(s, "lambda", number, e))
               ? -1
               : 0;
}

/* Reads the settings of relaxed_am, besides its numbers. */
static int read_relaxed(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    const json_t *damping = json_object_get(settings, "damping");
    const char *rule = json_string_value(json_object_get(settings, "relax"));
    if (set_damping(&c->settings, damping, c->net.L, e) ||
        ipd_settings_set(&c->settings, "relax", rule ? rule : "fixed", e))
        return -1;
    if (!json_is_array(damping) && !json_object_get(settings, "damping_last"))
        return ipd_fail(e, IPD_EFORMAT, "settings: damping_last is missing");
    return 0;
}

/* Checks that there is an entry for each iteration or mini-batch. */
static int read_expected(ipd_reference *c, ipd_error *e)
{
    size_t N = c->X.cols, batch = c->parameters.batch, count = (size_t)c->iterations;
    c->expected = json_object_get(c->json, "expected");
    if (!c->method->blocks)
        count *= batch ? (N + batch - 1) / batch : 1;
    if (json_array_size(c->expected) == count)
        return 0;
    return ipd_fail(e, IPD_EFORMAT, "expected is not a list of %zu %s", count,
                    c->method->blocks ? "records, one per iteration"
                                      : "objects, one per mini-batch of each epoch");
}

static int read_settings(ipd_reference *c, const json_t *settings, ipd_error *e)
{
    const json_t *nesterov = json_object_get(settings, "nesterov");
    ipd_settings *s = &c->settings;
    long iterations;
    for (size_t i = 0; i < NUMBERS; i++)
        if (ipd_method_uses(c->method, numbers[i].setting) &&
            set_number(s, &numbers[i], json_object_get(settings, numbers[i].name), e))
            return -1;
    for (const ipd_own_setting *x = c->method->own; x && *x->name; x++) {
        const json_t *value = json_object_get(settings, x->name);
        if (value && !json_is_number(value))
            return ipd_fail(e, IPD_EFORMAT, "settings: %s is not a number", x->name);
        if (value)
            s->own[x->slot] = json_number_value(value);
    }
    if (nesterov && !json_is_boolean(nesterov))
        return ipd_fail(e, IPD_EFORMAT, "settings: nesterov is neither true nor false");
    s->nesterov = json_is_true(nesterov);
    if ((c->method->blocks && read_blocks(c, settings, e)) ||
        (ipd_method_uses(c->method, "damping") && read_relaxed(c, settings, e)) ||
        read_integer(settings, "batch", 0, 0, (long)c->X.cols, &s->batch, e) ||
        read_integer(settings, c->method->blocks ? "iterations" : "epochs", -1, 1, MAX_ITERATIONS,
                     &iterations, e))
        return -1;
    c->iterations = (int)iterations;
    return ipd_reference_check(c, s, &c->parameters, e);
}

static int read_case(ipd_reference *c, const char *text, const char *method, ipd_error *e)
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
    if (ipd_reference_matrix(json_object_get(c->json, "X"), "X", 0, MAX_SAMPLES, &c->X, e) ||
        ipd_reference_matrix(json_object_get(c->json, "Y"), "Y", 0, MAX_SAMPLES, &c->Y, e))
        return -1;
    if (c->Y.cols != c->X.cols)
        return ipd_fail(e, IPD_EFORMAT, "Y has %zu columns, but X has %zu", c->Y.cols, c->X.cols);
    if (read_labels(c, json_object_get(c->json, "labels"), e) || read_network(c, settings, e) ||
        read_method(c, settings, method, e))
        return -1;
    if (read_settings(c, settings, e))
        return -1;
    c->changes = json_object_get(settings, "changes");
    if (c->changes && !json_is_array(c->changes))
        return ipd_fail(e, IPD_EFORMAT, "settings: changes is not a list");
    return read_expected(c, e);
}

int ipd_reference_read(ipd_reference *c, const char *path, const char *method, ipd_error *e)
{
    char *text = ipd_file_text(path, LARGEST_FILE, 0, e);
    memset(c, 0, sizeof *c);
    int failed = !text ? -1 : read_case(c, text, method, e) ? ipd_fail_in(e, "%s", path) : 0;
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
    free(c->weight);
    json_decref(c->json);
    memset(c, 0, sizeof *c);
}
