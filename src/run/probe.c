/* probe.c - copies of weights and answers for views, made at a block boundary; see probe.h. */
#include "run/probe.h"
#include "run/request.h"

#include <math.h>
#include <stdlib.h>

void ipd_probe_free(ipd_probe *probe)
{
    if (!probe)
        return;
    ipd_matrix_free(&probe->W);
    ipd_matrix_free(&probe->outputs);
    ipd_matrix_free(&probe->plane);
    free(probe->answers);
    free(probe->margins);
    free(probe->confusion);
    free(probe);
}

const ipd_probe *ipd_run_probe(const ipd_run *run)
{
    return run->probe;
}

/* The outputs for values to learn, if they are not too many. */
static int probe_values(const ipd_network *net, const ipd_dataset *data, ipd_probe *probe,
                        ipd_error *e)
{
    enum { MAX_VALUES = 16 << 20 };
    const ipd_samples *test = &data->test;
    ipd_evaluation evaluation;
    if (probe->classes * probe->samples > MAX_VALUES)
        return 0;
    return ipd_matrix_init(&probe->outputs, probe->classes, probe->samples, e) ||
                   ipd_network_evaluate(net, ipd_samples_inputs(test),
                                        ipd_samples_truth(data, test), NULL, &evaluation,
                                        &probe->outputs, NULL, e)
               ? -1
               : 0;
}

/* The outputs over the rectangle of the training samples and a twentieth on each side. */
static int probe_plane(const ipd_network *net, const ipd_dataset *data, ipd_probe *probe,
                       ipd_error *e)
{
    enum { COUNT = IPD_PLANE_WIDTH * IPD_PLANE_HEIGHT };
    ipd_inputs X = ipd_samples_inputs(&data->train);
    const double steps[] = {IPD_PLANE_WIDTH, IPD_PLANE_HEIGHT};
    ipd_evaluation evaluation;
    ipd_matrix grid = {0};
    ipd_label *labels = ipd_allocate(COUNT, sizeof *labels, e); /* any: only the outputs are used */
    for (size_t k = 0; k < 2; k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t n = 0; n < X.cols; n++) {
            float sample[2];
            double x = (double)ipd_inputs_at(&X, n, sample)[k];
            low = fmin(low, x);
            high = fmax(high, x);
        }
        probe->side[k] = high > low ? 1.1 * (high - low) : 1;
        probe->corner[k] = (low + high - probe->side[k]) / 2;
    }
    int failed = !labels || ipd_matrix_init(&grid, 2, COUNT, e) ||
                 ipd_matrix_init(&probe->plane, net->d[net->L], COUNT, e);
    for (size_t i = 0; i < COUNT && !failed; i++)
        for (size_t k = 0; k < 2; k++)
            grid.data[2 * i + k] =
                (float)(probe->corner[k] +
                        probe->side[k] *
                            ((double)(k ? i / IPD_PLANE_WIDTH : i % IPD_PLANE_WIDTH) + 0.5) /
                            steps[k]);
    failed = failed || ipd_network_evaluate(net, ipd_inputs_of(&grid), ipd_truth_labels(labels),
                                            NULL, &evaluation, &probe->plane, NULL, e);
    probe->plane_low = INFINITY;
    probe->plane_high = -INFINITY;
    for (size_t i = 0; i < COUNT && !failed; i++) {
        float z = probe->plane.data[i * probe->plane.rows];
        probe->plane_low = z < probe->plane_low ? z : probe->plane_low;
        probe->plane_high = z > probe->plane_high ? z : probe->plane_high;
    }
    ipd_matrix_free(&grid);
    free(labels);
    return failed ? -1 : 0;
}

static int probe_test(const ipd_run *run, ipd_probe *probe, ipd_error *e)
{
    const ipd_network *net = run->method->network(run->state);
    const ipd_samples *test = &run->data->test;
    size_t N = test->X.cols, classes = net->d[net->L];
    ipd_evaluation evaluation;
    ipd_matrix z = {0};

    if (!N)
        return ipd_fail(e, IPD_ESTATE, "the data set has no test samples");
    probe->samples = N;
    probe->classes = classes;
    if (run->data->values)
        return probe_values(net, run->data, probe, e);
    probe->answers = ipd_allocate(N, sizeof *probe->answers, e);
    probe->margins = probe->answers ? ipd_allocate(N, sizeof *probe->margins, e) : NULL;
    probe->confusion =
        probe->margins ? ipd_allocate(classes * classes, sizeof *probe->confusion, e) : NULL;
    if (!probe->confusion || ipd_matrix_init(&z, classes, N, e) ||
        ipd_network_evaluate(net, ipd_samples_inputs(test), ipd_samples_truth(run->data, test),
                             NULL, &evaluation, &z, probe->answers, e)) {
        ipd_matrix_free(&z);
        return -1;
    }
    for (size_t n = 0; n < N; n++) {
        size_t label = test->labels[n], answer = probe->answers[n];
        probe->margins[n] = z.data[n * classes + answer] - z.data[n * classes + label];
        probe->confusion[label * classes + answer]++;
    }
    ipd_matrix_free(&z);
    return 0;
}

int ipd_probe_make(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_network *net = run->method->network(run->state);
    ipd_probe *probe = ipd_allocate(1, sizeof *probe, e), *before;
    const ipd_matrix *W = &net->W[c->layer];

    if (!probe)
        return -1;
    probe->what = (int)c->count;
    probe->place = run->method->place(run->state);
    probe->layer = c->layer;
    if (probe->what & IPD_PROBE_WEIGHTS) {
        if (ipd_matrix_init(&probe->W, W->rows, W->cols, e))
            goto fail;
        ipd_matrix_copy(&probe->W, W);
    }
    if (probe->what & IPD_PROBE_SPREADS &&
        ipd_distributions(run->method, run->state, c->layer, probe->spreads, e))
        goto fail;
    if (probe->what & IPD_PROBE_TEST && probe_test(run, probe, e))
        goto fail;
    if (probe->what & IPD_PROBE_PLANE && net->d[0] == 2 && probe_plane(net, run->data, probe, e))
        goto fail;
    pthread_mutex_lock(&run->lock);
    before = run->next_probe;
    run->next_probe = probe;
    pthread_mutex_unlock(&run->lock);
    ipd_probe_free(before);
    return 0;
fail:
    ipd_probe_free(probe);
    return -1;
}

void ipd_probe_receive(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    ipd_probe *next = run->next_probe;
    run->next_probe = NULL;
    pthread_mutex_unlock(&run->lock);
    if (!next)
        return;
    ipd_probe_free(run->probe);
    run->probe = next;
}
