/* memory.c - checks whether a run fits in memory, and finds a size that does. See memory.h. */
#include "run/memory.h"
#include "base/machine.h"
#include "solver/sweep.h"

#include <stdio.h>

/* The suggested mini-batch size, and the granularity of suggested sample counts. */
enum { OFFERED_BATCH = 512, ROUND = 1000 };

/* Bytes that a run on N samples in mini-batches of `batch` (0: full batch) needs besides its data:
 * the arrays of the method and of the audit. bytes: the inputs are bytes, which a full batch
 * converts to floats. */
static double memory_of(const ipd_settings *s, const ipd_network *shape, size_t N, size_t batch,
                        int bytes)
{
    const ipd_method *method = ipd_method_find(s->method);
    if (!method)
        return 0;
    double needed = method->memory(shape, N, batch);
    if (bytes && !batch)
        needed += sizeof(float) * (double)N * (double)shape->d[0];
    if (s->audit && method->blocks && method->blocks->audit)
        needed += ipd_audit_memory(method->blocks->audit, shape, N, batch);
    return needed;
}

/* The maximum number of samples that fit, in thousands; 0 if not even 1000 do. */
static size_t max_samples(const ipd_settings *s, const ipd_network *shape, size_t N, size_t batch,
                          int bytes, double available)
{
    size_t low = 0, high = N / ROUND;
    while (low < high) {
        size_t middle = (low + high + 1) / 2;
        if (memory_of(s, shape, middle * ROUND, batch, bytes) <= available)
            low = middle;
        else
            high = middle - 1;
    }
    return low * ROUND;
}

/* Writes a suggestion of what would fit. */
static void advise(char *to, size_t size, const ipd_settings *s, const ipd_network *shape, size_t N,
                   int bytes, double available)
{
    size_t batch = (size_t)s->batch;
    size_t fewer = batch ? 0 : max_samples(s, shape, N, batch, bytes, available);
    double batched = memory_of(s, shape, N, OFFERED_BATCH, bytes);
    char need[32];
    ipd_machine_bytes(need, sizeof need, batched);
    if (!batch && batched <= available && fewer)
        snprintf(to, size, "use batch = %d, which needs %s, or at most %zu training samples",
                 OFFERED_BATCH, need, fewer);
    else if (!batch && batched <= available)
        snprintf(to, size, "use batch = %d, which needs %s", OFFERED_BATCH, need);
    else if (fewer)
        snprintf(to, size, "use at most %zu training samples", fewer);
    else
        snprintf(to, size, "use narrower layers%s", batch > 32 ? " or a smaller batch" : "");
}

int ipd_run_fits(const ipd_settings *s, const ipd_network *shape, size_t N, int bytes,
                 double *needed, double *available, ipd_error *e)
{
    ipd_machine machine;
    char need[32], have[32], advice[128];
    *needed = memory_of(s, shape, N, (size_t)s->batch, bytes);
    ipd_machine_look(&machine);
    *available = machine.available;
    if (*available <= 0 || *needed <= *available)
        return 0;
    ipd_machine_bytes(need, sizeof need, *needed);
    ipd_machine_bytes(have, sizeof have, *available);
    advise(advice, sizeof advice, s, shape, N, bytes, *available);
    return ipd_fail(e, IPD_EMEMORY, "the run needs %s of memory, but only %s are available: %s",
                    need, have, advice);
}

int ipd_run_check_memory(const ipd_dataset *data, const ipd_settings *s,
                         const ipd_run_options *options, ipd_error *e)
{
    ipd_network shape = {.L = options->hidden_count + 1, .d = {data->inputs}};
    ipd_settings resolved = *s;
    double needed, available;
    if (!options->initial && shape.L > IPD_MAX_LAYERS)
        return 0; /* refused elsewhere */
    for (int l = 1; l < shape.L && !options->initial; l++)
        shape.d[l] = options->hidden[l - 1];
    shape.d[shape.L] = data->classes;
    ipd_settings_resolve_batch(&resolved, data->name, data->train.X.cols);
    return ipd_run_fits(&resolved, options->initial ? options->initial : &shape, data->train.X.cols,
                        data->train.bytes != NULL, &needed, &available, e);
}

int ipd_run_check(ipd_dataset *data, const ipd_settings *settings, const ipd_run_options *options,
                  ipd_error *e)
{
    ipd_settings resolved = *settings;
    int L = options->initial ? options->initial->L : options->hidden_count + 1;
    if (L > IPD_MAX_LAYERS)
        return ipd_fail(e, IPD_EUSAGE, "%d layers are too many. Use at most %d", L, IPD_MAX_LAYERS);
    return ipd_settings_check(&resolved, L, data->name, data->train.X.cols, e) ||
                   ipd_run_check_memory(data, settings, options, e)
               ? -1
               : 0;
}
