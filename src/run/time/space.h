/* space.h - the limit for the checkpoints of a history, all runs together: checkpoint_space.
 *
 * What does not fit makes room: the checkpoints of runs that no living process works on go, the oldest first. A
 * checkpoint that fits even so little is written all the same; people are asked before, where they are there.
 */
#ifndef IPD_RUN_TIME_SPACE_H
#define IPD_RUN_TIME_SPACE_H

#include "base/error.h"

/* The limit: "20G" (K, M, G, T: powers of 1024), a number of bytes, or "10%" of the disk's free space. -1
 * and *e where the text is none of these. Before the first call it is IPDLAM_CHECKPOINT_SPACE, else 10 %, at
 * most 20G. */
int ipd_space_set(const char *text, ipd_error *e);
/* The limit in bytes for the disk of `folder`, where the checkpoints take so many bytes already. */
double ipd_space_limit(const char *folder, double taken);

typedef struct ipd_space {
    double limit, taken; /* bytes: checkpoints that stay, the run's own automatic ones left out */
    int fits;            /* 1: so many bytes more are within the limit */
} ipd_space;
typedef void ipd_space_fn(void *context, const char *sentence);
/* Sees whether `bytes` more fit beside the other checkpoints of a history (its file; "", NULL: the usual
 * one) on behalf of the run `identity`. With `say`, removes what must go, and says each. */
void ipd_space_make(ipd_space *space, const char *history, const char *identity, double bytes,
                    ipd_space_fn *say, void *context);

#endif
