/* reference.c - runs a reference case and compares the results. See reference.h. */
#include "check/reference.h"
#include "check/reference_private.h"
#include "solver/written.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The result of the comparison so far, and its place. */
typedef struct comparison {
    ipd_reference_result *result;
    int iteration, batch; /* batch 0: none */
} comparison;

/* Compares x with x_star; `where` is formatted only for the largest deviation so far. */
__attribute__((format(printf, 4, 5))) static void compare(comparison *c, double x, double x_star,
                                                          const char *where, ...)
{
    ipd_reference_result *r = c->result;
    double deviation = fabs(x - x_star) / (1 + fabs(x_star));
    char text[64];
    va_list ap;
    r->values++;
    if (isnan(deviation))
        deviation = INFINITY;
    if (deviation <= r->deviation)
        return;
    r->deviation = deviation;
    va_start(ap, where);
    vsnprintf(text, sizeof text, where, ap);
    va_end(ap);
    if (c->batch)
        snprintf(r->where, sizeof r->where, "iteration %d, batch %d, %s", c->iteration, c->batch,
                 text);
    else
        snprintf(r->where, sizeof r->where, "iteration %d, %s", c->iteration, text);
}

/* Compares one variable with a list of rows, or of numbers if m has one column. */
static int compare_matrix(comparison *c, const ipd_matrix *m, const json_t *rows, char kind, int l,
                          ipd_error *e)
{
    if (json_array_size(rows) != m->rows)
        return ipd_fail(e, IPD_EFORMAT, "expected: %c%d of iteration %d has %zu rows, not %zu",
                        kind, l, c->iteration, json_array_size(rows), m->rows);
    for (size_t i = 0; i < m->rows; i++) {
        const json_t *row = json_array_get(rows, i);
        if (json_is_array(row) ? json_array_size(row) != m->cols : m->cols != 1)
            return ipd_fail(e, IPD_EFORMAT,
                            "expected: row %zu of %c%d of iteration %d must have "
                            "%zu values",
                            i + 1, kind, l, c->iteration, m->cols);
        for (size_t j = 0; j < m->cols; j++) {
            const json_t *value = json_is_array(row) ? json_array_get(row, j) : row;
            if (!json_is_number(value))
                return ipd_fail(
                    e, IPD_EFORMAT,
                    "expected: row %zu of %c%d of iteration %d holds a value that is not a number",
                    i + 1, kind, l, c->iteration);
            compare(c, m->data[i + j * m->rows], json_number_value(value),
                    "%c%d row %zu column %zu", kind, l, i + 1, j + 1);
        }
    }
    return 0;
}

/* Compares a state: lists z, W, b (layers 1 ... L) and a (0 ... L-1). v is NULL for methods without
 * z and a. */
static int compare_state(comparison *c, const ipd_network *net, const ipd_variables *v,
                         ipd_written_state *own, const json_t *state, ipd_error *e)
{
    const char *name;
    json_t *list;
    json_object_foreach((json_t *)state, name, list)
    {
        int L = net->L;
        const ipd_matrix *m = v && !strcmp(name, "z")   ? v->z + 1
                              : !strcmp(name, "W")      ? net->W + 1
                              : !strcmp(name, "b")      ? net->b + 1
                              : v && !strcmp(name, "a") ? v->a
                                                        : NULL;
        const ipd_matrix *last = own && !m ? ipd_written_find(own, name, L) : NULL;
        if (last) { /* a variable of a method from a file, of the last layer */
            if (compare_matrix(c, last, list, *name, L, e))
                return -1;
            continue;
        }
        if (*name == 'a' && v && v->a[L].data)
            L++; /* a_L, too */
        if (!m)
            return ipd_fail(e, IPD_EFORMAT,
                            "expected: the state holds \"%.40s\", which is not one of %s", name,
                            v ? "z, W, b, a" : "W, b");
        if (json_array_size(list) != (size_t)L)
            return ipd_fail(e, IPD_EFORMAT, "expected: %s of iteration %d is not a list of %d",
                            name, c->iteration, L);
        for (int i = 0; i < L; i++)
            if (compare_matrix(c, &m[i], json_array_get(list, (size_t)i), *name,
                               *name == 'a' ? i : i + 1, e))
                return -1;
    }
    return 0;
}

/* Compares the values of an expected record. */
static int compare_record(comparison *c, int from_file, const ipd_record *record,
                          const json_t *expected, ipd_error *e)
{
    const char *name;
    json_t *value;
    if (!json_is_object(expected))
        return ipd_fail(e, IPD_EFORMAT, "expected: record %d is not an object", c->iteration);
    json_object_foreach((json_t *)expected, name, value)
    {
        const ipd_field *f = ipd_field_find(name);
        if (!strcmp(name, "state"))
            continue;
        if (!f || f->extent != IPD_SCALAR || f->kind == IPD_STRING)
            return ipd_fail(e, IPD_EFORMAT, "expected: \"%.40s\" is not a field of a record", name);
        if (!json_is_number(value))
            return ipd_fail(e, IPD_EFORMAT, "expected: %s of iteration %d is not a number", name,
                            c->iteration);
        double x = ipd_field_value(f, record, 0);
        if (!from_file || !isnan(x)) /* methods from files measure less */
            compare(c, x, json_number_value(value), "%s", name);
    }
    return 0;
}

/* Applies the case's changes at the current block; `applied` marks those done. */
static int apply_changes(const ipd_reference *c, void *state, char *applied, ipd_error *e)
{
    ipd_place at = c->method->place(state);
    ipd_settings s = c->settings;
    ipd_parameters p;
    char block[8];
    int changed = 0;
    ipd_block_text(at.block, block);
    ipd_settings_from_parameters(&s, c->method->parameters(state));
    for (size_t i = 0; i < json_array_size(c->changes); i++) {
        const json_t *change = json_array_get(c->changes, i);
        const char *before = json_string_value(json_object_get(change, "before")), *name;
        json_t *value;
        if (applied[i] || !before || strcmp(before, block) ||
            json_integer_value(json_object_get(change, "iteration")) != at.iteration)
            continue;
        json_object_foreach(json_object_get(change, "set"), name, value)
        {
            if (ipd_reference_set(&s, name, value, e))
                return -1;
        }
        applied[i] = 1;
        changed = 1;
    }
    if (!changed)
        return 0;
    if (ipd_reference_check(c, &s, &p, e))
        return -1;
    c->method->set(state, &p);
    return 0;
}

/* Runs one iteration, block by block. */
static int iterate(const ipd_reference *c, void *state, char *applied, ipd_record *record,
                   ipd_error *e)
{
    ipd_unit unit = {0};
    while (!unit.iteration_done)
        if (apply_changes(c, state, applied, e) || c->method->advance(state, &unit, e))
            return -1;
    return c->method->finish(state, record, e);
}

/* For a method from a file: starts at the case's z, if it has any, in place of a forward pass. */
static int start_z(const ipd_reference *c, void *state, ipd_error *e)
{
    const json_t *z = json_object_get(c->json, "z");
    if (!z || !c->method->written)
        return 0;
    if (ipd_written_begin(state, e))
        return -1;
    for (int l = 1; l <= c->net.L; l++) {
        ipd_matrix m;
        int failed =
            ipd_reference_matrix(json_array_get(z, (size_t)l - 1), "z", 0, c->X.cols, &m, e) ||
            c->method->write(state, (ipd_variable){IPD_VARIABLE_Z, l}, &m, e);
        ipd_matrix_free(&m);
        if (failed)
            return -1;
    }
    return 0;
}

static int run_case(const ipd_reference *c, void *state, char *applied,
                    ipd_reference_result *result, ipd_error *e)
{
    comparison compared = {.result = result};
    const ipd_method *method = c->method;
    ipd_record record;
    if (start_z(c, state, e))
        return -1;
    for (int k = 1; k <= c->iterations; k++) {
        const json_t *expected = json_array_get(c->expected, (size_t)k - 1);
        const json_t *variables = json_object_get(expected, "state");
        compared.iteration = k;
        ipd_record_init(&record, c->net.L);
        if (iterate(c, state, applied, &record, e) ||
            compare_record(&compared, method->written != NULL, &record, expected, e) ||
            (variables && compare_state(&compared, method->network(state), method->variables(state),
                                        method->written ? state : NULL, variables, e)))
            return -1;
        result->iterations = k;
    }
    for (size_t i = 0; i < json_array_size(c->changes); i++)
        if (!applied[i])
            return ipd_fail(
                e, IPD_EFORMAT,
                "settings: change %zu names a block or an iteration that is never reached", i + 1);
    return 0;
}

/* Compares the last mini-batch with the file. */
static int compare_batch(const ipd_reference *c, comparison *compared, const ipd_unit *unit,
                         const void *state, const json_t *expected, ipd_error *e)
{
    const json_t *loss = json_object_get(expected, "batch_loss");
    const json_t *weights = json_object_get(expected, "state");
    if (json_integer_value(json_object_get(expected, "epoch")) != unit->at.iteration ||
        json_integer_value(json_object_get(expected, "batch")) != unit->at.batch)
        return ipd_fail(e, IPD_EFORMAT,
                        "expected: epoch %d, batch %d is missing: another batch is in its place",
                        unit->at.iteration, unit->at.batch);
    compared->iteration = unit->at.iteration;
    compared->batch = unit->at.batch;
    if (loss && !json_is_number(loss))
        return ipd_fail(e, IPD_EFORMAT,
                        "expected: batch_loss of epoch %d, batch %d is not a number",
                        unit->at.iteration, unit->at.batch);
    if (loss && !(c->method->written && isnan(unit->phi)))
        compare(compared, unit->phi, json_number_value(loss), "batch_loss");
    if (!weights)
        return 0;
    return compare_state(compared, c->method->network(state), NULL, NULL, weights, e);
}

static int run_optimizer(const ipd_reference *c, void *state, ipd_reference_result *result,
                         ipd_error *e)
{
    comparison compared = {.result = result};
    const ipd_method *method = c->method;
    ipd_record record;
    size_t next = 0;
    for (int k = 1; k <= c->iterations; k++) {
        ipd_unit unit = {0};
        while (!unit.iteration_done)
            if (method->advance(state, &unit, e) ||
                compare_batch(c, &compared, &unit, state, json_array_get(c->expected, next++), e))
                return -1;
        if (method->finish(state, &record, e))
            return -1;
        result->iterations = k;
    }
    return 0;
}

int ipd_reference_verify(const char *path, const char *other, ipd_reference_result *result,
                         ipd_error *e)
{
    ipd_reference c;
    const ipd_method *method;
    char *applied = NULL;
    void *state = NULL;
    int failed = -1;
    memset(result, 0, sizeof *result);
    if (ipd_reference_read(&c, path, other, e))
        return -1;
    snprintf(result->name, sizeof result->name, "%s", c.name);
    method = c.method;
    ipd_problem problem = {
        .X = ipd_inputs_of(&c.X), .Y = &c.Y, .labels = c.labels, .weight = c.weight, .N = c.X.cols};
    if ((applied = ipd_allocate(json_array_size(c.changes) + 1, 1, e)) &&
        (state = method->open(method, &problem, &c.net, &c.parameters, e)))
        failed = method->variables ? run_case(&c, state, applied, result, e)
                                   : run_optimizer(&c, state, result, e);
    if (failed)
        ipd_fail_in(e, "%s", path);
    method->close(state);
    free(applied);
    ipd_reference_free(&c);
    return failed;
}
