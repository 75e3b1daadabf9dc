/* optimizer.h - the classical optimizers, except for their update rules.
 *
 * A unit of work is one mini-batch: back-propagation, then the rule on every weight separately. To
 * add an optimizer: write its rule and its table, and add its line in methods.c.
 */
#ifndef IPD_OPTIM_OPTIMIZER_H
#define IPD_OPTIM_OPTIMIZER_H

#include "optim/methods.h"

enum { IPD_MAX_SLOTS = 3 };

typedef struct ipd_rule {
    int slots; /* state values per weight, zero at the start; at most IPD_MAX_SLOTS */
    /* Updates count weights w from their gradients g. t = 1, 2, ...: mini-batches since the start,
     * including this one. slot[i]: count values. Elementwise; called within a task. */
    void (*update)(const ipd_optimizer_parameters *p, long t, float *w, const float *g,
                   float *const *slot, size_t count);
} ipd_rule;

/* The functions of ipd_method with these names. memory assumes IPD_MAX_SLOTS slots. */
void *ipd_optimizer_open(const ipd_method *method, const ipd_problem *problem,
                         const ipd_network *initial, const ipd_parameters *parameters,
                         ipd_error *e);
int ipd_optimizer_advance(void *state, ipd_unit *unit, ipd_error *e);
int ipd_optimizer_finish(void *state, ipd_record *record, ipd_error *e);
int ipd_optimizer_so_far(const void *state, ipd_record *record);
void ipd_optimizer_set(void *state, const ipd_parameters *parameters);
const ipd_parameters *ipd_optimizer_parameters_of(const void *state);
ipd_place ipd_optimizer_place(const void *state);
const ipd_network *ipd_optimizer_network(const void *state);
const ipd_network *ipd_optimizer_averaged(const void *state);
double ipd_optimizer_memory(const ipd_network *net, size_t N, size_t batch);
int ipd_optimizer_write(void *state, ipd_variable x, const ipd_matrix *value, ipd_error *e);
int ipd_optimizer_transfer(void *state, ipd_archive *ar, ipd_error *e);
void ipd_optimizer_close(void *state);

/* Settings that all optimizers use, for ipd_method.uses. */
#define IPD_OPTIMIZER_SETTINGS "lr lr_schedule weight_decay"

/* The members of ipd_method that all optimizers share. */
#define IPD_OPTIMIZER_MEMBERS                                                                      \
    .advice = "a smaller lr", .open = ipd_optimizer_open, .advance = ipd_optimizer_advance,        \
    .finish = ipd_optimizer_finish, .so_far = ipd_optimizer_so_far, .set = ipd_optimizer_set,      \
    .parameters = ipd_optimizer_parameters_of, .place = ipd_optimizer_place,                       \
    .network = ipd_optimizer_network, .averaged = ipd_optimizer_averaged,                          \
    .memory = ipd_optimizer_memory, .write = ipd_optimizer_write,                                  \
    .transfer = ipd_optimizer_transfer, .close = ipd_optimizer_close

#endif
