/* probe.h - what the screen would like to see besides records: weights, and how the test samples are answered.
 *
 * Copies that the worker makes at a block boundary, and only where somebody asks: a run that nobody looks at pays
 * nothing, and training is the same bits either way. Main thread.
 */
#ifndef IPD_RUN_PROBE_H
#define IPD_RUN_PROBE_H

#include "run/run.h"

enum { IPD_PROBE_WEIGHTS = 1, IPD_PROBE_TEST = 2 };

typedef struct ipd_probe {
    int what; /* of the above: the rest is empty */
    ipd_place place;
    int layer;
    ipd_matrix W;     /* of that layer, d_l x d_{l-1} */
    size_t samples;   /* of the test set */
    size_t classes;   /* d_L */
    uint8_t *answers; /* of each sample: the largest output */
    float *margins; /* the output that was answered minus that of the label, >= 0; 0 where right */
    uint32_t *confusion; /* classes x classes: [label * classes + answer] samples */
} ipd_probe;

/* Asks for one at the next block boundary; layer is for IPD_PROBE_WEIGHTS. The answer has come when the ticket is
 * replied: then ipd_run_probe is the new one. 0 and *e where it cannot be. */
ipd_ticket ipd_run_ask_probe(ipd_run *run, int what, int layer, ipd_error *e);
/* The newest, or NULL; until the next poll. */
const ipd_probe *ipd_run_probe(const ipd_run *run);
void ipd_probe_free(ipd_probe *probe); /* takes NULL */

#endif
