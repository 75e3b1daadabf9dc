/* schedule.h - rho from iteration to iteration: step 8 of Algorithm 1, and what may stand for it. */
#ifndef IPD_SOLVER_SCHEDULE_H
#define IPD_SOLVER_SCHEDULE_H

#include "base/error.h"

typedef enum ipd_rho_kind {
    IPD_RHO_GEOMETRIC, /* "geometric": rho := min(theta rho, rho_max) */
    IPD_RHO_CONSTANT,  /* "constant": as it is set */
    IPD_RHO_PIECEWISE, /* "1:1, 20:5": from iteration 20 on rho is 5 */
    IPD_RHO_ASKED      /* "function": whoever runs the method sets rho before each iteration */
} ipd_rho_kind;

/* Without padding, zero beyond `count`: two that are alike have the same bytes. */
enum { IPD_MAX_RHO_STEPS = 32 };
typedef struct ipd_rho_schedule {
    int kind, count;               /* count: of the steps of IPD_RHO_PIECEWISE */
    int from[IPD_MAX_RHO_STEPS];   /* iterations >= 1, increasing */
    double rho[IPD_MAX_RHO_STEPS]; /* from there on; > 0 */
} ipd_rho_schedule;

/* The names that stand for a schedule of their own, NULL-ended: geometric and constant. */
const char *const *ipd_rho_schedule_names(void);

/* Reads the text of a schedule; -1 and *e where it is none. Any thread. */
int ipd_rho_schedule_parse(ipd_rho_schedule *s, const char *text, ipd_error *e);

/* What the steps say of iteration k; `rho` before the first step, and for other kinds. */
double ipd_rho_at(const ipd_rho_schedule *s, int k, double rho);

/* rho of iteration k, from that of the iteration before. rho_max caps IPD_RHO_GEOMETRIC alone:
 * values that were written down are checked against it when they are set. */
double ipd_rho_next(const ipd_rho_schedule *s, int k, double rho, double theta, double rho_max);

#endif
