/* forward.c - the forward pass for the values of a record, separate from z. See solver.h. */
#include "solver/solver.h"

#include <math.h>

int ipd_solver_forward(const ipd_solver *s, const ipd_problem *problem, ipd_record *r, ipd_error *e)
{
    const ipd_variables *v = &s->v;
    const ipd_matrix *p1 = v->p_valid[1] ? &v->p[1] : NULL;
    ipd_inputs a0 = ipd_inputs_of(&v->a[0]);
    ipd_evaluation all, batch;
    ipd_forward_gap gap = {.z = v->z};
    size_t step = ipd_metrics_step(&s->par, problem->N);
    ipd_truth truth = ipd_problem_truth(problem), of_batch = {v->labels, v->Y.data, NULL, NULL};
    if (s->same_data ? ipd_network_compare(v->net, a0, truth, p1, step, &all, &gap, e)
                     : ipd_network_evaluate_some(v->net, problem->X, truth, step, &all, e) ||
                           ipd_network_compare(v->net, a0, of_batch, p1, 1, &batch, &gap, e))
        return -1;
    r->metrics_samples = (double)all.samples;
    r->train_accuracy = all.accuracy;
    r->train_rmse = all.rmse;
    r->forward_loss = all.loss;
    for (int l = 1; l <= v->net->L; l++)
        r->forward_gap[l] = gap.distance[l] == 0 ? 0 : sqrt(gap.distance[l] / gap.size[l]);
    return 0;
}
