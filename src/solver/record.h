/* record.h - the measurements after every iteration, and their names in Lua fields, CSV columns,
 * JSON keys and SQL columns. */
#ifndef IPD_SOLVER_RECORD_H
#define IPD_SOLVER_RECORD_H

#include "solver/order.h"

enum { IPD_METHOD_NAME = 32 }; /* bytes of the name of a method, with its final 0 */

enum { IPD_FINDING_TEXT = 360 };
/* Metrics of the user in a record, and bytes of a name with its separator. */
enum { IPD_MAX_METRICS = 8, IPD_METRIC_NAME = 24 };

enum { IPD_RECALLS = 32 };

/* Plain values only, so that a copy is an assignment. Arrays by layer use index l (0 unused);
 * arrays by block use ipd_block_index. Values that do not exist are NaN. */
typedef struct ipd_record {
    int iteration;                         /* 1, 2, ... */
    int L;                                 /* number of layers: the used length of the arrays */
    double seconds;                        /* of this iteration, solving only */
    double rho, alpha, beta, gamma, delta; /* in force at the iteration's end */
    double lr;                             /* of the classical optimizers, likewise */
    double loss, regularizer;              /* sums over samples; over weights */
    double linear_gap, activation_gap;     /* sums of squares, without rho/2 */
    double phi;                            /* loss + regularizer + rho/2 (both gaps) */
    double xi, xi_start;                   /* NaN in mini-batches */
    int xi_proved;                         /* 1 if xi <= xi_start is proved */
    /* fractions, by a forward pass */
    double train_accuracy, validation_accuracy, test_accuracy;
    /* root mean squared errors of targets that are values, in their unit */
    double train_rmse, validation_rmse, test_rmse;
    /* with the setting `recall`: means and values of the classes, up to IPD_RECALLS of them */
    double validation_balanced_accuracy, test_balanced_accuracy;
    double validation_recall[IPD_RECALLS], test_recall[IPD_RECALLS];
    double validation_loss; /* summed over the validation samples */
    /* with the mean of the weights, see average.h */
    double averaged_train_accuracy, averaged_validation_accuracy, averaged_test_accuracy;
    double auxiliary_accuracy; /* argmax of z_L, on the training samples */
    double forward_loss;       /* loss of the forward pass, training samples */
    double gflop;              /* 10^9 operations of this iteration, metrics included */
    double samples;            /* N, for means */
    double batches;         /* mini-batches, 1 in full batch; NaN if saved by an earlier version */
    double metrics_samples; /* number of samples behind train_accuracy and forward_loss */
    double linear_gap_by_layer[IPD_MAX_LAYERS + 1];     /* l = 1 ... L */
    double activation_gap_by_layer[IPD_MAX_LAYERS + 1]; /* l = 1 ... L-1; of V_L: L */
    /* Euclidean norms of the last sweep's steps. */
    double step_z[IPD_MAX_LAYERS + 1], step_W[IPD_MAX_LAYERS + 1];
    double step_b[IPD_MAX_LAYERS + 1], step_a[IPD_MAX_LAYERS + 1];
    /* of the Gram matrix in W_l's step if delta = 0, or of a_{l-1} at the end with `spectrum`, else
     * NaN */
    double gram_rank[IPD_MAX_LAYERS + 1];
    double gram_condition[IPD_MAX_LAYERS + 1]; /* of the matrix inverted by W_l's last step */
    double moved_W[IPD_MAX_LAYERS + 1],
        moved_b[IPD_MAX_LAYERS + 1];        /* |W_l - W_l^start| / |W_l^start| */
    double forward_gap[IPD_MAX_LAYERS + 1]; /* |z_l - z_l^forward| / |z_l^forward| */
    double zeros[IPD_MAX_LAYERS + 1];       /* fraction of W_l's weights that are exactly zero */
    /* Worst of the iteration's W-steps under an l1 penalty, see sparse.h; NaN without one. */
    double sparse_residual[IPD_MAX_LAYERS + 1], sparse_rounds[IPD_MAX_LAYERS + 1];
    double change_by_block[IPD_MAX_BLOCKS];  /* change of phi by each block, summed over batches */
    double seconds_by_block[IPD_MAX_BLOCKS]; /* solving time of each block */
    double audit_blocks;                     /* number audited; NaN if the audit was off */
    double audit_findings;                   /* of these, blocks with a finding */
    /* worst, in units of the rounding tolerance: above 1 is a finding */
    double audit_rise, audit_residual;
    char audit_where[IPD_FINDING_TEXT]; /* the first finding: block, layer, batch, amounts */
    /* The user's metrics: their names, each ended by a space, and values in the same order. Later
     * records of a run may have more names at the end. */
    char metric_names[IPD_MAX_METRICS * IPD_METRIC_NAME + 1];
    double metric[IPD_MAX_METRICS];
    char order[24];               /* ipd_order.name */
    char method[IPD_METHOD_NAME]; /* "ipdlam" */
} ipd_record;

typedef enum ipd_extent {
    IPD_SCALAR,
    IPD_BY_LAYER,
    IPD_BY_HIDDEN_LAYER,
    IPD_BY_BLOCK,
    IPD_BY_METRIC,
    IPD_BY_CLASS /* IPD_RECALLS values, of classes 0, 1, ...; NaN beyond the last class */
} ipd_extent;
typedef enum ipd_value_kind { IPD_DOUBLE, IPD_INT, IPD_BOOL, IPD_STRING } ipd_value_kind;

typedef struct ipd_field {
    const char *name; /* "linear_gap_by_layer" in Lua, JSON and SQL; in CSV the column of layer 1
                         is `column` + "_1", of block W2 `column` + "_W2" */
    const char *column;
    ipd_value_kind kind;
    ipd_extent extent;
    size_t offset;    /* in ipd_record */
    size_t size;      /* bytes of a string's array, with its final 0; 0 for numbers */
    const char *help; /* one line */
} ipd_field;

/* One value of each record. */
typedef struct ipd_measure {
    const ipd_field *field;
    int index;                    /* as for ipd_field_value */
    char metric[IPD_METRIC_NAME]; /* of the field "metric": the name, and index is 0 */
} ipd_measure;

/* All fields in the order of output; ends with a NULL name. */
extern const ipd_field ipd_record_fields[];

/* Number of values of a field for L layers, and the array index of its i-th value (0-based). */
int ipd_field_count(const ipd_field *f, int L);
/* Writes the column name of the i-th value: "phi", "linear_gap_2", "change_W2". */
void ipd_field_column(const ipd_field *f, int L, int i, char *to, size_t size);
/* The i-th value as a number; NaN if it does not exist, or for strings. */
double ipd_field_value(const ipd_field *f, const ipd_record *r, int i);
/* Sets the i-th value; not for string fields. */
void ipd_field_put(const ipd_field *f, ipd_record *r, int i, double value);
/* Number of values of a field by class up to the last one that exists. */
int ipd_field_classes(const ipd_field *f, const ipd_record *r);
/* The value of a string field. */
const char *ipd_field_string(const ipd_field *f, const ipd_record *r);
/* The field called `name`, or NULL. */
const ipd_field *ipd_field_find(const char *name);

/* The i-th name of ipd_record.metric_names; returns 0 and "" if there are fewer. */
int ipd_metric_name(const char *names, int i, char to[IPD_METRIC_NAME]);
/* The index of a metric, or -1. */
int ipd_metric_find(const char *names, const char *name);
/* Sets a metric of the record, which is added if it is new. Returns -1 and *e if there is no space
 * for it. */
int ipd_metric_put(ipd_record *r, const char *name, double value, ipd_error *e);
/* Fails unless the text is a name that Lua can write after a dot, and no field of records has
 * it. */
int ipd_metric_check(const char *name, ipd_error *e);

/* Whether the accuracies of the record are R^2, since the targets are values. */
int ipd_record_is_r2(const ipd_record *r);
/* Writes an accuracy, "93.21%", or R^2, "R² 0.8532", with the given digits; "-" if it is
 * missing. */
enum { IPD_QUALITY_TEXT = 32 };
void ipd_quality_text(char to[IPD_QUALITY_TEXT], double value, int is_r2, int digits);

/* Sets every value to "does not exist". */
void ipd_record_init(ipd_record *r, int L);

#endif
