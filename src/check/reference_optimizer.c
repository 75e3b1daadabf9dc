/* reference_optimizer.c - reference cases of the classical optimizers. See reference.h. */
#include "check/reference_private.h"
#include "settings/settings.h"

#include <math.h>
#include <string.h>

enum { MOST_EPOCHS = 10000 };

/* One number, by its name as a setting and in the range that it has there. */
static int take(const json_t *settings, const char *name, const char *setting, double own,
                double *out, ipd_error *e)
{
    const ipd_setting *s = ipd_setting_find(setting);
    if (ipd_reference_number(settings, name, own, out, e))
        return -1;
    if (!(*out >= 0 && *out <= s->most))
        return ipd_fail(e, IPD_EFORMAT, "settings: %s = %g is out of range: use 0 to %g", name,
                        *out, s->most);
    return 0;
}

int ipd_reference_read_optimizer(ipd_reference *c, const json_t *settings, ipd_error *e)
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
        ipd_reference_whole(settings, "batch", 0, 0, N, &batch, e) ||
        ipd_reference_whole(settings, "epochs", -1, 1, MOST_EPOCHS, &epochs, e))
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
                        "expected is not a list of %zu objects, one a mini-batch of each epoch",
                        (size_t)epochs * each);
    return 0;
}

/* What the file says of the mini-batch that was just taken. */
static int compare_batch(const ipd_reference *c, ipd_comparison *comparison, const ipd_unit *unit,
                         const void *state, const json_t *expected, ipd_error *e)
{
    const json_t *loss = json_object_get(expected, "batch_loss");
    const json_t *weights = json_object_get(expected, "state");
    if (json_integer_value(json_object_get(expected, "epoch")) != unit->at.iteration ||
        json_integer_value(json_object_get(expected, "batch")) != unit->at.batch)
        return ipd_fail(e, IPD_EFORMAT,
                        "expected: where epoch %d, batch %d must stand there is another",
                        unit->at.iteration, unit->at.batch);
    comparison->iteration = unit->at.iteration;
    comparison->batch = unit->at.batch;
    if (loss && !json_is_number(loss))
        return ipd_fail(e, IPD_EFORMAT,
                        "expected: batch_loss of epoch %d, batch %d is not a number",
                        unit->at.iteration, unit->at.batch);
    if (loss)
        ipd_reference_compare(comparison, unit->phi, json_number_value(loss), "batch_loss");
    if (!weights)
        return 0;
    return ipd_reference_compare_state(comparison, c->method->network(state), NULL, weights, e);
}

int ipd_reference_run_optimizer(const ipd_reference *c, void *state, ipd_reference_result *result,
                                ipd_error *e)
{
    ipd_comparison comparison = {.result = result};
    const ipd_method *method = c->method;
    ipd_record record;
    size_t next = 0;
    for (int k = 1; k <= c->iterations; k++) {
        ipd_unit unit = {0};
        while (!unit.iteration_done)
            if (method->advance(state, &unit, e) ||
                compare_batch(c, &comparison, &unit, state, json_array_get(c->expected, next++), e))
                return -1;
        if (method->finish(state, &record, e))
            return -1;
        result->iterations = k;
    }
    return 0;
}
