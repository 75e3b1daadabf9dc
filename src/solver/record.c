/* record.c - see record.h. */
#include "solver/record.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define AT(member) offsetof(ipd_record, member), 0
#define STRING_AT(member) offsetof(ipd_record, member), sizeof((ipd_record *)NULL)->member

const ipd_field ipd_record_fields[] = {
    {"iteration", "iteration", IPD_INT, IPD_SCALAR, AT(iteration),
     "number of the iteration, from 1"},
    {"seconds", "seconds", IPD_DOUBLE, IPD_SCALAR, AT(seconds),
     "seconds of this iteration, solving only"},
    {"rho", "rho", IPD_DOUBLE, IPD_SCALAR, AT(rho), "penalty weight that the iteration used"},
    {"alpha", "alpha", IPD_DOUBLE, IPD_SCALAR, AT(alpha), "inertia of z"},
    {"beta", "beta", IPD_DOUBLE, IPD_SCALAR, AT(beta), "inertia of W and b"},
    {"gamma", "gamma", IPD_DOUBLE, IPD_SCALAR, AT(gamma), "inertia of a"},
    {"delta", "delta", IPD_DOUBLE, IPD_SCALAR, AT(delta), "proximal weight"},
    {"lr", "lr", IPD_DOUBLE, IPD_SCALAR, AT(lr), "step size of a classical optimizer"},
    {"loss", "loss", IPD_DOUBLE, IPD_SCALAR, AT(loss),
     "loss of the output variable z_L, summed over samples"},
    {"regularizer", "regularizer", IPD_DOUBLE, IPD_SCALAR, AT(regularizer),
     "regularizer, summed over layers"},
    {"linear_gap", "linear_gap", IPD_DOUBLE, IPD_SCALAR, AT(linear_gap),
     "sum of squares of z_l - W_l a_{l-1} - b_l, all layers"},
    {"activation_gap", "activation_gap", IPD_DOUBLE, IPD_SCALAR, AT(activation_gap),
     "sum of squares of a_l - sigma(z_l), all hidden layers"},
    {"phi", "phi", IPD_DOUBLE, IPD_SCALAR, AT(phi),
     "penalty objective: loss + regularizer + rho/2 (linear_gap + activation_gap)"},
    {"xi", "xi", IPD_DOUBLE, IPD_SCALAR, AT(xi), "convergence monitor after the iteration"},
    {"xi_start", "xi_start", IPD_DOUBLE, IPD_SCALAR, AT(xi_start),
     "convergence monitor before the iteration, with its rho, delta and inertias"},
    {"xi_proved", "xi_proved", IPD_BOOL, IPD_SCALAR, AT(xi_proved),
     "whether xi <= xi_start is proved for this iteration"},
    {"train_accuracy", "train_accuracy", IPD_DOUBLE, IPD_SCALAR, AT(train_accuracy),
     "fraction of training samples classified correctly by a forward pass; R^2 if the targets are "
     "values"},
    {"test_accuracy", "test_accuracy", IPD_DOUBLE, IPD_SCALAR, AT(test_accuracy),
     "fraction of test samples classified correctly by a forward pass, or R^2"},
    {"validation_accuracy", "validation_accuracy", IPD_DOUBLE, IPD_SCALAR, AT(validation_accuracy),
     "fraction of validation samples classified correctly by a forward pass, or R^2"},
    {"train_rmse", "train_rmse", IPD_DOUBLE, IPD_SCALAR, AT(train_rmse),
     "root mean square error of a forward pass on the training samples, in the targets' unit"},
    {"test_rmse", "test_rmse", IPD_DOUBLE, IPD_SCALAR, AT(test_rmse),
     "root mean square error on the test samples"},
    {"validation_rmse", "validation_rmse", IPD_DOUBLE, IPD_SCALAR, AT(validation_rmse),
     "root mean square error on the validation samples"},
    {"validation_balanced_accuracy", "validation_balanced_accuracy", IPD_DOUBLE, IPD_SCALAR,
     AT(validation_balanced_accuracy),
     "mean of validation_recall over the classes (with the setting recall)"},
    {"test_balanced_accuracy", "test_balanced_accuracy", IPD_DOUBLE, IPD_SCALAR,
     AT(test_balanced_accuracy), "mean of test_recall over the classes (with the setting recall)"},
    {"validation_loss", "validation_loss", IPD_DOUBLE, IPD_SCALAR, AT(validation_loss),
     "loss of a forward pass, summed over the validation samples"},
    {"averaged_train_accuracy", "averaged_train_accuracy", IPD_DOUBLE, IPD_SCALAR,
     AT(averaged_train_accuracy), "train_accuracy with the running mean of the weights"},
    {"averaged_test_accuracy", "averaged_test_accuracy", IPD_DOUBLE, IPD_SCALAR,
     AT(averaged_test_accuracy), "test_accuracy with the running mean of the weights"},
    {"averaged_validation_accuracy", "averaged_validation_accuracy", IPD_DOUBLE, IPD_SCALAR,
     AT(averaged_validation_accuracy), "validation_accuracy with the running mean of the weights"},
    {"auxiliary_accuracy", "auxiliary_accuracy", IPD_DOUBLE, IPD_SCALAR, AT(auxiliary_accuracy),
     "fraction of training samples that the output variable z_L classifies correctly"},
    {"forward_loss", "forward_loss", IPD_DOUBLE, IPD_SCALAR, AT(forward_loss),
     "loss of a forward pass, summed over the training samples"},
    {"gflop", "gflop", IPD_DOUBLE, IPD_SCALAR, AT(gflop),
     "10^9 floating-point operations of this iteration"},
    {"samples", "samples", IPD_DOUBLE, IPD_SCALAR, AT(samples), "number of training samples"},
    {"batches", "batches", IPD_DOUBLE, IPD_SCALAR, AT(batches),
     "mini-batches of this iteration; 1 in full batch"},
    {"metrics_samples", "metrics_samples", IPD_DOUBLE, IPD_SCALAR, AT(metrics_samples),
     "number of training samples used for train_accuracy and forward_loss (and forward_gap in full "
     "batch)"},
    {"order", "order", IPD_STRING, IPD_SCALAR, STRING_AT(order), "order of the blocks"},
    {"method", "method", IPD_STRING, IPD_SCALAR, STRING_AT(method), "training method"},
    {"audit_blocks", "audit_blocks", IPD_DOUBLE, IPD_SCALAR, AT(audit_blocks),
     "block updates recomputed by the audit"},
    {"audit_findings", "audit_findings", IPD_DOUBLE, IPD_SCALAR, AT(audit_findings),
     "audited updates that did not minimise their own subproblem"},
    {"audit_rise", "audit_rise", IPD_DOUBLE, IPD_SCALAR, AT(audit_rise),
     "largest rise of a block's own objective, in units of the rounding error"},
    {"audit_residual", "audit_residual", IPD_DOUBLE, IPD_SCALAR, AT(audit_residual),
     "largest optimality residual of a block, in units of the rounding error"},
    {"audit_where", "audit_where", IPD_STRING, IPD_SCALAR, STRING_AT(audit_where),
     "first finding of the audit: batch, block, amounts"},
    {"metric_names", "metric_names", IPD_STRING, IPD_SCALAR, STRING_AT(metric_names),
     "names of the user's metrics (run:metric)"},
    {"metric", "metric", IPD_DOUBLE, IPD_BY_METRIC, AT(metric), "values of the user's metrics"},
    {"validation_recall", "validation_recall", IPD_DOUBLE, IPD_BY_CLASS, AT(validation_recall),
     "fraction of each class's validation samples classified correctly, class 0 first"},
    {"test_recall", "test_recall", IPD_DOUBLE, IPD_BY_CLASS, AT(test_recall),
     "fraction of each class's test samples classified correctly, class 0 first"},
    {"linear_gap_by_layer", "linear_gap", IPD_DOUBLE, IPD_BY_LAYER, AT(linear_gap_by_layer),
     "linear_gap of each layer"},
    {"activation_gap_by_layer", "activation_gap", IPD_DOUBLE, IPD_BY_HIDDEN_LAYER,
     AT(activation_gap_by_layer), "activation_gap of each hidden layer"},
    {"step_z", "step_z", IPD_DOUBLE, IPD_BY_LAYER, AT(step_z), "Euclidean norm of z_l's last step"},
    {"step_W", "step_W", IPD_DOUBLE, IPD_BY_LAYER, AT(step_W), "Euclidean norm of W_l's last step"},
    {"step_b", "step_b", IPD_DOUBLE, IPD_BY_LAYER, AT(step_b), "Euclidean norm of b_l's last step"},
    {"step_a", "step_a", IPD_DOUBLE, IPD_BY_HIDDEN_LAYER, AT(step_a),
     "Euclidean norm of a_l's last step"},
    {"gram_rank", "gram_rank", IPD_DOUBLE, IPD_BY_LAYER, AT(gram_rank),
     "rank of the Gram matrix in the step of W_l, where it was computed (delta = 0, spectrum)"},
    {"gram_condition", "gram_condition", IPD_DOUBLE, IPD_BY_LAYER, AT(gram_condition),
     "condition number of the matrix inverted in the step of W_l: estimated, or exact with "
     "spectrum"},
    {"moved_W", "moved_W", IPD_DOUBLE, IPD_BY_LAYER, AT(moved_W),
     "relative distance of W_l from the run's first W_l: |W - W_first| / |W_first|"},
    {"moved_b", "moved_b", IPD_DOUBLE, IPD_BY_LAYER, AT(moved_b),
     "relative distance of b_l from the run's first b_l"},
    {"forward_gap", "forward_gap", IPD_DOUBLE, IPD_BY_LAYER, AT(forward_gap),
     "relative distance of z_l from a forward pass (mini-batches: of the last batch)"},
    {"zeros", "zeros", IPD_DOUBLE, IPD_BY_LAYER, AT(zeros),
     "fraction of W_l's weights that are exactly zero"},
    {"sparse_residual", "sparse_residual", IPD_DOUBLE, IPD_BY_LAYER, AT(sparse_residual),
     "worst relative residual of W_l's steps with lasso or elastic_net"},
    {"sparse_rounds", "sparse_rounds", IPD_DOUBLE, IPD_BY_LAYER, AT(sparse_rounds),
     "most Newton rounds of W_l's steps with lasso or elastic_net"},
    {"change_by_block", "change", IPD_DOUBLE, IPD_BY_BLOCK, AT(change_by_block),
     "change of phi by each block in this iteration"},
    {"seconds_by_block", "seconds", IPD_DOUBLE, IPD_BY_BLOCK, AT(seconds_by_block),
     "seconds spent in each block in this iteration"},
    {0}};

int ipd_field_count(const ipd_field *f, int L)
{
    switch (f->extent) {
    case IPD_BY_LAYER:
        return L;
    case IPD_BY_HIDDEN_LAYER:
        return L - 1;
    case IPD_BY_BLOCK:
        return 3 * L - 1;
    case IPD_BY_METRIC:
        return IPD_MAX_METRICS;
    case IPD_BY_CLASS:
        return IPD_RECALLS;
    default:
        return 1;
    }
}

void ipd_field_column(const ipd_field *f, int L, int i, char *to, size_t size)
{
    switch (f->extent) {
    case IPD_SCALAR:
        snprintf(to, size, "%s", f->column);
        break;
    case IPD_BY_BLOCK: /* the numbering of ipd_block_index */
        snprintf(to, size, "%s_%c%d", f->column, "zWa"[i / L], i % L + 1);
        break;
    case IPD_BY_CLASS:
        snprintf(to, size, "%s_%d", f->column, i);
        break;
    default:
        snprintf(to, size, "%s_%d", f->column, i + 1);
    }
}

double ipd_field_value(const ipd_field *f, const ipd_record *r, int i)
{
    const char *at = (const char *)r + f->offset;
    if (f->kind == IPD_STRING)
        return NAN;
    if (f->kind != IPD_DOUBLE)
        return *(const int *)(const void *)at;
    if (f->extent == IPD_BY_LAYER || f->extent == IPD_BY_HIDDEN_LAYER)
        i++; /* entry 0 is unused */
    return ((const double *)(const void *)at)[i];
}

int ipd_field_classes(const ipd_field *f, const ipd_record *r)
{
    int count = IPD_RECALLS;
    while (count > 0 && isnan(ipd_field_value(f, r, count - 1)))
        count--;
    return count;
}

const char *ipd_field_string(const ipd_field *f, const ipd_record *r)
{
    return (const char *)r + f->offset;
}

void ipd_field_put(const ipd_field *f, ipd_record *r, int i, double value)
{
    char *at = (char *)r + f->offset;
    if (f->kind == IPD_STRING)
        return;
    if (f->kind != IPD_DOUBLE) {
        *(int *)(void *)at = value >= INT_MIN && value <= INT_MAX ? (int)value : 0;
        return;
    }
    if (f->extent == IPD_BY_LAYER || f->extent == IPD_BY_HIDDEN_LAYER)
        i++; /* entry 0 is unused */
    ((double *)(void *)at)[i] = value;
}

const ipd_field *ipd_field_find(const char *name)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

void ipd_record_init(ipd_record *r, int L)
{
    static const size_t longest[] = {[IPD_SCALAR] = 1,
                                     [IPD_BY_LAYER] = IPD_MAX_LAYERS + 1,
                                     [IPD_BY_HIDDEN_LAYER] = IPD_MAX_LAYERS + 1,
                                     [IPD_BY_BLOCK] = IPD_MAX_BLOCKS,
                                     [IPD_BY_METRIC] = IPD_MAX_METRICS,
                                     [IPD_BY_CLASS] = IPD_RECALLS};
    memset(r, 0, sizeof *r);
    r->L = L;
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        if (f->kind != IPD_DOUBLE)
            continue;
        double *values = (double *)(void *)((char *)r + f->offset);
        for (size_t i = 0; i < longest[f->extent]; i++)
            values[i] = NAN;
    }
}

int ipd_metric_name(const char *names, int i, char to[IPD_METRIC_NAME])
{
    size_t length;
    for (; i && *names; i--)
        names += strcspn(names, " ") + (strchr(names, ' ') != NULL);
    length = strcspn(names, " ");
    if (length >= IPD_METRIC_NAME)
        length = IPD_METRIC_NAME - 1;
    memcpy(to, names, length);
    to[length] = 0;
    return length > 0;
}

int ipd_metric_find(const char *names, const char *name)
{
    char one[IPD_METRIC_NAME];
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(names, i, one); i++)
        if (!strcmp(one, name))
            return i;
    return -1;
}

int ipd_metric_put(ipd_record *r, const char *name, double value, ipd_error *e)
{
    char one[IPD_METRIC_NAME];
    int at = ipd_metric_find(r->metric_names, name);
    if (at < 0) {
        for (at = 0; at < IPD_MAX_METRICS && ipd_metric_name(r->metric_names, at, one); at++)
            ;
        if (at == IPD_MAX_METRICS)
            return ipd_fail(e, IPD_EUSAGE, "a run has at most %d metrics, and this one has: %s",
                            IPD_MAX_METRICS, r->metric_names);
        size_t used = strlen(r->metric_names);
        snprintf(r->metric_names + used, sizeof r->metric_names - used, "%s ", name);
    }
    r->metric[at] = value;
    return 0;
}

int ipd_metric_check(const char *name, ipd_error *e)
{
    size_t length = strlen(name);
    for (size_t i = 0; i <= length; i++)
        if (length == 0 || length >= IPD_METRIC_NAME || isdigit((unsigned char)*name) ||
            (name[i] && name[i] != '_' && !isalnum((unsigned char)name[i])))
            return ipd_fail(e, IPD_EUSAGE,
                            "\"%.40s\" cannot name a metric. Use 1 to %d letters, digits and _, "
                            "and begin with a letter",
                            name, IPD_METRIC_NAME - 1);
    return ipd_field_find(name) ? ipd_fail(e, IPD_EUSAGE,
                                           "records have a field %s already. Use another name for "
                                           "the metric",
                                           name)
                                : 0;
}

int ipd_record_is_r2(const ipd_record *r)
{
    return isfinite(r->train_rmse) || isfinite(r->validation_rmse) || isfinite(r->test_rmse);
}

void ipd_quality_text(char to[IPD_QUALITY_TEXT], double value, int is_r2, int digits)
{
    if (!isfinite(value))
        strcpy(to, "-");
    else if (!is_r2)
        snprintf(to, IPD_QUALITY_TEXT, "%.*f%%", digits, 100 * value);
    else if (fabs(value) < 100)
        snprintf(to, IPD_QUALITY_TEXT, "R² %.*f", digits, value);
    else
        snprintf(to, IPD_QUALITY_TEXT, "R² %.*g", digits, value);
}
