/* audit_checks.h - the subproblem of one block, recomputed; see audit.h.
 *
 * Sizes: a product (W a)_in has the size |W_i| |a_n| (Euclidean norms of a row and a column), a sum
 * the sizes of its terms. Rounding explains a small fraction of a size; these fractions are the
 * constants below, about ten times the worst seen in runs without a finding.
 */
#ifndef IPD_SOLVER_AUDIT_CHECKS_H
#define IPD_SOLVER_AUDIT_CHECKS_H

#include "solver/audit.h"

/* Residual of normal equations, relative to the sizes of their terms. */
#define AUDIT_NORMAL 2e-5
/* Distance of an element of z from the minimiser of its branch, relative to the sizes of w, v and
 * x. */
#define AUDIT_POSITION 2e-5
/* Excess cost of an element of z, relative to their squares. */
#define AUDIT_COST 1e-6
/* Rise of a quadratic function at its minimum, relative to the squares of the sizes of its
 * terms. */
#define AUDIT_RISE 1e-12

/* Largest factor on these tolerances for small delta: the inverted Gram matrices then amplify
 * rounding (FLOAT_GRAM in gram.c bounds that). The factor is 1 from delta = 0.3 on. */
#define AUDIT_LOOSE 40

/* Below this, floats lose digits: they end at 1e-38, squares even sooner. */
#define AUDIT_TINY 1e-30

/* The result of checking one variable. */
typedef struct ipd_verdict {
    char part;            /* 'z', 'V', 'W', 'b' or 'a' */
    double before, after; /* F without its terms that do not depend on the block */
    double rounding;      /* of F */
    /* of the worst element: |residual|, and the part that rounding explains */
    double residual, explained;
} ipd_verdict;

/* Samples per chunk, which bounds the memory, and per tile of a chunk; threads work on tiles. */
enum { IPD_AUDIT_CHUNK = 512, IPD_AUDIT_TILE = 32 };

/* Doubles of scratch for the checks of a block of kind 'z', 'W' or 'a'. */
size_t ipd_audit_scratch(const ipd_network *net, ipd_block block, size_t n);

/* The checks. The block's x^k and x^{k-1} are in the audit, the rest in s. */
void ipd_audit_z(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *z);
/* Checks x against P^loss of y and (p + weight x^)/(1 + weight), all of d_L rows. `was` is x before
 * the update, `old` the iterate before that. */
void ipd_audit_fit(const ipd_audit *audit, const ipd_solver *s, const ipd_matrix *x,
                   const ipd_matrix *was, const ipd_matrix *old, const ipd_matrix *p, ipd_prox prox,
                   ipd_verdict *v);
void ipd_audit_W(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *W,
                 ipd_verdict *b);
void ipd_audit_a(const ipd_audit *audit, const ipd_solver *s, int l, ipd_verdict *a);

/* Records a finding; only the first of a block is kept. */
void ipd_audit_find(ipd_audit *audit, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Compares the rise and the residual of one variable of layer l with `loose` times the explained
 * amounts. */
void ipd_audit_judge(ipd_audit *audit, const ipd_verdict *v, int l, double loose);
/* Allocates scratch for the checks of a block. */
int ipd_audit_reserve(ipd_audit *audit, const ipd_network *net, ipd_block block, size_t n,
                      ipd_error *e);
/* *to := from, reallocated if the shape differs. */
int ipd_audit_keep(ipd_matrix *to, const ipd_matrix *from, ipd_error *e);
/* A hash of x, and of b unless it is NULL. ipd_audit_follow compares the hashes of x and x_old with
 * those after the block's last update. */
uint64_t ipd_audit_print(const ipd_matrix *x, const ipd_matrix *b);
void ipd_audit_follow(ipd_audit *audit, int index, uint64_t now, uint64_t old);

/* The factor for delta, from 1 to AUDIT_LOOSE. The amounts in a verdict do not contain it. */
double ipd_audit_loose(double delta);

/* Takes `count` doubles off the scratch at *at. */
static inline double *ipd_audit_carve(double **at, size_t count)
{
    double *piece = *at;
    *at += count;
    return piece;
}

/* Keeps the worst residual relative to the explained amount; NaN is the worst of all. */
void ipd_verdict_worst(ipd_verdict *v, double residual, double explained);
/* Adds a tile's verdict. */
void ipd_verdict_add(ipd_verdict *to, const ipd_verdict *from);

/* Column norms: to[j] := Euclidean norm of column j. Row norms: adds to to[i] that of row i. */
void ipd_audit_column_norms(const double *x, size_t rows, size_t cols, double *to);
void ipd_audit_add_row_norms(const float *x, size_t rows, size_t cols, double *to);

#endif
