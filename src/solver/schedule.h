/* schedule.h - values that change during a run: rho from iteration to iteration (step 8 of
 * Algorithm 1), and factors that fall over the length of a run. */
#ifndef IPD_SOLVER_SCHEDULE_H
#define IPD_SOLVER_SCHEDULE_H

/* A factor f(u) of a setting, where u in [0, 1] is the fraction of the run that is done. */
typedef enum ipd_schedule_kind {
    IPD_SCHEDULE_CONSTANT, /* 1 */
    IPD_SCHEDULE_ANNEAL,   /* 1 for u <= 0.3, then linear to 0.01 at u = 1 */
    IPD_SCHEDULE_COSINE    /* (1 + cos(pi u))/2 */
} ipd_schedule_kind;

/* The names by kind; ends with NULL. */
const char *const *ipd_schedule_names(void);
/* The kind of a name; constant if it is unknown. */
ipd_schedule_kind ipd_schedule_find(const char *name);
/* f(u), above 0 for u < 1; for u > 1 the last value. Any thread. */
double ipd_schedule_factor(ipd_schedule_kind kind, double u);
/* u for batch 0, 1, ... of iteration k = 1, 2, ...: batches done divided by the batches of `length`
 * iterations; 0 if length is 0. */
double ipd_schedule_done(int length, int k, int batch, int batches);

typedef enum ipd_rho_schedule {
    IPD_RHO_GEOMETRIC, /* "geometric": rho := min(theta rho, rho_max) */
    IPD_RHO_CONSTANT,  /* "constant": as set, by hand or by a form (settings/schedule.h) */
    IPD_RHO_ANNEAL     /* "anneal": (1 + rho)/f - 1 in each batch, f of IPD_SCHEDULE_ANNEAL */
} ipd_rho_schedule;

/* The names by kind; ends with NULL. */
const char *const *ipd_rho_schedule_names(void);
/* The kind of a name; constant if it is none of them. */
ipd_rho_schedule ipd_rho_schedule_find(const char *name);

/* rho of the next iteration, from rho of the previous one. rho_max caps only IPD_RHO_GEOMETRIC:
 * explicit values are checked against it when they are set. */
double ipd_rho_next(ipd_rho_schedule s, double rho, double theta, double rho_max);

/* rho used by a batch, from the rho that is set; u: ipd_schedule_done. With squared loss z_L - p_L
 * is (y - p_L)/(1 + rho), so that IPD_RHO_ANNEAL shrinks it by f. rho_max does not cap it. */
double ipd_rho_in_force(ipd_rho_schedule s, double rho, double u);

#endif
