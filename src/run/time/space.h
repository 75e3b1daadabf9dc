/* space.h - the limit for all checkpoints of a history together: checkpoint_space.
 *
 * If a new checkpoint does not fit, checkpoints of runs that have ended are removed, the oldest
 * first. If it still does not fit, it is written nevertheless; an interactive program asks the user
 * first.
 */
#ifndef IPD_RUN_TIME_SPACE_H
#define IPD_RUN_TIME_SPACE_H

#include "base/error.h"

/* Sets the limit: "20G" (K, M, G, T: powers of 1024), a number of bytes, or "10%" of the disk's
 * free space. -1 and *e for other texts. Before the first call it is IPDLAM_CHECKPOINT_SPACE, or
 * without that 10 %, at most 20G. */
int ipd_space_set(const char *text, ipd_error *e);
/* The limit in bytes on the disk of `folder`; `taken` is the size of the checkpoints there, which
 * counts as free space. */
double ipd_space_limit(const char *folder, double taken);

typedef struct ipd_space {
    double limit; /* bytes */
    double taken; /* bytes of the checkpoints that stay, without the run's automatic ones */
    int fits;     /* 1: the new checkpoint is within the limit */
} ipd_space;
typedef void ipd_space_fn(void *context, const char *sentence);
/* Checks whether a new checkpoint of `bytes` bytes of the run `identity` fits beside the other
 * checkpoints of a history (a file; "" and NULL: the default one) once checkpoints of ended runs
 * are removed. Removes them only if `say` is not NULL, and calls it with a sentence for each
 * run. */
void ipd_space_make(ipd_space *space, const char *history, const char *identity, double bytes,
                    ipd_space_fn *say, void *context);

#endif
