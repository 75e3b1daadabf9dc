/* variables.h - all variables of a run of iPDLAM, and the products remembered about them. */
#ifndef IPD_SOLVER_VARIABLES_H
#define IPD_SOLVER_VARIABLES_H

#include "net/network.h"

/* The samples a method trains on. It borrows all of them. */
typedef struct ipd_problem {
    ipd_inputs X;        /* d_0 x N */
    const ipd_matrix *Y; /* d_L x N targets; if Y->data is NULL, made of labels, batch by batch */
    const ipd_label *labels; /* N, for accuracies; NULL: Y holds values, not classes */
    size_t N;
    const double *unit, *weight; /* of values, for their accuracies; see truth.h */
    const ipd_loss *loss;        /* for targets made of labels */
} ipd_problem;

/* Makes Y, outputs x N, from the labels: the loss's target_on at the label, target_off elsewhere.
 * The caller frees it. Fails if a label is not below `outputs`. */
int ipd_targets(ipd_matrix *Y, const ipd_loss *loss, const ipd_label *labels, size_t N,
                size_t outputs, ipd_error *e);
/* Fills the columns of Y from as many labels, which must be below its number of rows. */
void ipd_targets_fill(ipd_matrix *Y, const ipd_loss *loss, const ipd_label *labels);

static inline ipd_truth ipd_problem_truth(const ipd_problem *p)
{
    return (ipd_truth){p->labels, p->Y->data, p->unit, p->weight};
}

/* 1 if the samples fit the network. */
static inline int ipd_problem_fits(const ipd_problem *p, const ipd_network *net)
{
    return p->N >= 1 && p->X.rows == net->d[0] && p->Y->rows == net->d[net->L] &&
           p->X.cols == p->N && p->Y->cols == p->N;
}

/* Each variable x and its previous iterate x_old. Entries l = 1 ... L (a: 0 ... L-1, where a[0] is
 * a view of the samples; a[L] is V_L, if a method has one). n is the number of loaded samples: N,
 * or those of a batch. */
typedef struct ipd_variables {
    ipd_network *net; /* W and b, newest */
    size_t n;
    ipd_matrix z[IPD_MAX_LAYERS + 1], z_old[IPD_MAX_LAYERS + 1]; /* d_l x n */
    ipd_matrix a[IPD_MAX_LAYERS + 1], a_old[IPD_MAX_LAYERS + 1]; /* d_l x n */
    ipd_matrix W_old[IPD_MAX_LAYERS + 1], b_old[IPD_MAX_LAYERS + 1];
    ipd_matrix p[IPD_MAX_LAYERS + 1]; /* d_l x n: W_l a_{l-1} + b_l, if p_valid[l] */
    int p_valid[IPD_MAX_LAYERS + 1];
    ipd_matrix Y; /* d_L x n, a view */
    const ipd_label *labels;
} ipd_variables;

/* One of them by name; its functions are in variable.h. */
typedef enum ipd_variable_kind {
    IPD_VARIABLE_W,
    IPD_VARIABLE_B,
    IPD_VARIABLE_Z,
    IPD_VARIABLE_A, /* of layer 0: X */
    IPD_VARIABLE_W_OLD,
    IPD_VARIABLE_B_OLD,
    IPD_VARIABLE_Z_OLD,
    IPD_VARIABLE_A_OLD,
    IPD_VARIABLE_LINEAR_GAP,
    IPD_VARIABLE_ACTIVATION_GAP,
    IPD_VARIABLE_Y,
    IPD_VARIABLES
} ipd_variable_kind;

typedef struct ipd_variable {
    ipd_variable_kind kind;
    int layer; /* 0 for X and Y */
} ipd_variable;

/* 1 if all members of v have the right shapes. */
int ipd_variables_fit(const ipd_variables *v);

#endif
