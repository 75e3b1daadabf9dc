/* look.c - what views draw that records do not hold, copied at a block boundary; see look.h. */
#include "run/look.h"
#include "run/request.h"

#include <stdlib.h>
#include <string.h>

void ipd_look_free(ipd_look *look)
{
    if (!look)
        return;
    ipd_matrix_free(&look->W);
    free(look->answers);
    free(look->margins);
    free(look->confusion);
    free(look);
}

const ipd_look *ipd_run_look(const ipd_run *run)
{
    return run->look;
}

static int look_at_test(const ipd_run *run, ipd_look *look, ipd_error *e)
{
    const ipd_network *net = run->method->network(run->state);
    const ipd_samples *test = &run->data->test;
    size_t N = test->X.cols, classes = net->d[net->L];
    ipd_evaluation evaluation;
    ipd_matrix z = {0};

    if (!N)
        return ipd_fail(e, IPD_ESTATE, "there are no test samples");
    look->samples = N;
    look->classes = classes;
    look->answers = ipd_allocate(N, sizeof *look->answers, e);
    look->margins = look->answers ? ipd_allocate(N, sizeof *look->margins, e) : NULL;
    look->confusion =
        look->margins ? ipd_allocate(classes * classes, sizeof *look->confusion, e) : NULL;
    if (!look->confusion || ipd_matrix_init(&z, classes, N, e) ||
        ipd_network_evaluate(net, &test->X, test->labels, NULL, &evaluation, &z, look->answers,
                             e)) {
        ipd_matrix_free(&z);
        return -1;
    }
    for (size_t n = 0; n < N; n++) {
        size_t label = test->labels[n], answer = look->answers[n];
        look->margins[n] = z.data[n * classes + answer] - z.data[n * classes + label];
        look->confusion[label * classes + answer]++;
    }
    ipd_matrix_free(&z);
    return 0;
}

int ipd_look_take(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_network *net = run->method->network(run->state);
    ipd_look *look = ipd_allocate(1, sizeof *look, e), *before;
    const ipd_matrix *W = &net->W[c->layer];

    if (!look)
        return -1;
    look->what = (int)c->count;
    look->place = run->method->place(run->state);
    look->layer = c->layer;
    if (look->what & IPD_LOOK_WEIGHTS) {
        if (ipd_matrix_init(&look->W, W->rows, W->cols, e))
            goto fail;
        ipd_matrix_copy(&look->W, W);
    }
    if (look->what & IPD_LOOK_TEST && look_at_test(run, look, e))
        goto fail;
    pthread_mutex_lock(&run->lock);
    before = run->next_look;
    run->next_look = look;
    pthread_mutex_unlock(&run->lock);
    ipd_look_free(before);
    return 0;
fail:
    ipd_look_free(look);
    return -1;
}

void ipd_look_receive(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    ipd_look *next = run->next_look;
    run->next_look = NULL;
    pthread_mutex_unlock(&run->lock);
    if (!next)
        return;
    ipd_look_free(run->look);
    run->look = next;
}
