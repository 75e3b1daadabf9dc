/* audit_checks.h - the subproblem of one block, recomputed; see audit.h.
 *
 * Sizes: a product (W a)_in is given the size |W_i| |a_n| (Euclidean norms of a row and a column), a
 * sum the sizes of its terms. What rounding explains is a small share of them; the shares are the
 * constants below, about ten times the worst seen in runs without a finding.
 */
#ifndef IPD_SOLVER_AUDIT_CHECKS_H
#define IPD_SOLVER_AUDIT_CHECKS_H

#include "solver/audit.h"

/* Residual of normal equations, by the sizes of their terms. */
#define AUDIT_NORMAL 2e-5
/* An element of z against the minimiser of its branch, by the sizes of w, v and x. */
#define AUDIT_POSITION 2e-5
/* What an element of z costs, by their squares. */
#define AUDIT_COST 1e-6
/* Rise of a quadratic function at its minimum, by the squares of the sizes of its terms. */
#define AUDIT_RISE 1e-12

/* By how much more where delta is small: the Gram matrices that the solver then inverts amplify rounding
 * (FLOAT_GRAM in gram.c keeps that within bounds). 1 from delta = 0.3 on, at most this. */
#define AUDIT_LOOSE 40

/* Below this floats lose their digits (they end at 1e-38, squares of what is near them sooner). */
#define AUDIT_TINY 1e-30

/* What was found of one variable. */
typedef struct ipd_verdict {
    char part;                  /* 'z', 'V', 'W', 'b' or 'a' */
    double before, after;       /* F, but for what the block has no say in */
    double rounding;            /* of F */
    double residual, explained; /* of the worst element: |residual|, and what rounding explains */
} ipd_verdict;

/* The samples are taken in chunks of this many, which bounds the memory; tiles of a chunk go to
 * threads. */
enum { IPD_AUDIT_CHUNK = 512, IPD_AUDIT_TILE = 32 };

/* Doubles of room that the checks of a block of kind 'z', 'W' or 'a' need. */
size_t ipd_audit_room(const ipd_network *net, ipd_block block, size_t n);

/* The checks. The block's x^k and x^{k-1} are in the audit, the rest in s. */
void ipd_audit_z(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *z);
/* x against P^loss of y and (p + weight x^)/(1 + weight), all of d_L rows, x having been `was`, and `old` before. */
void ipd_audit_fit(const ipd_audit *audit, const ipd_solver *s, const ipd_matrix *x,
                   const ipd_matrix *was, const ipd_matrix *old, const ipd_matrix *p, ipd_prox prox,
                   ipd_verdict *v);
void ipd_audit_W(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *W,
                 ipd_verdict *b);
void ipd_audit_a(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *a);

/* Keeps a finding, the first of a block. */
void ipd_audit_find(ipd_audit *audit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Both amounts of one variable of layer l against what rounding explains, `loose` times. */
void ipd_audit_judge(ipd_audit *audit, const ipd_verdict *v, int l, double loose);
/* Makes room for the checks of a block. */
int ipd_audit_make_room(ipd_audit *audit, const ipd_network *net, ipd_block block, size_t n,
                        ipd_error *e);
/* *to := from, made anew where the shape is another. */
int ipd_audit_keep(ipd_matrix *to, const ipd_matrix *from, ipd_error *e);
/* A number that another x, with b where that is not NULL, hardly has; and whether x and x_old are still what the block's last
 * update left. */
uint64_t ipd_audit_print(const ipd_matrix *x, const ipd_matrix *b);
void ipd_audit_follow(ipd_audit *audit, int index, uint64_t now, uint64_t old);

/* From 1 to AUDIT_LOOSE. The amounts of a verdict are without it. */
double ipd_audit_loose(double delta);

/* Keeps the worst residual by what rounding explains; what is not a number is the worst of all. */
void ipd_verdict_worst(ipd_verdict *v, double residual, double explained);
/* Adds a tile's verdict. */
void ipd_verdict_add(ipd_verdict *to, const ipd_verdict *from);

/* to[j] := Euclidean norm of column j; of row i (added to what is there). */
void ipd_audit_column_norms(const double *x, size_t rows, size_t cols, double *to);
void ipd_audit_add_row_norms(const float *x, size_t rows, size_t cols, double *to);

#endif
