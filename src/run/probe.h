/* probe.h - copies for the screen: weights, the answers to the test samples, distributions. Main thread.
 *
 * The worker makes them at a block boundary, only on request. Runs without requests pay nothing, and training has the same bits
 * either way.
 */
#ifndef IPD_RUN_PROBE_H
#define IPD_RUN_PROBE_H

#include "run/distribution.h"
#include "run/run.h"

enum { IPD_PROBE_WEIGHTS = 1, IPD_PROBE_TEST = 2, IPD_PROBE_PLANE = 4, IPD_PROBE_SPREADS = 8 };
enum { IPD_PLANE_WIDTH = 120, IPD_PLANE_HEIGHT = 48 }; /* grid points */

typedef struct ipd_probe {
    int what; /* of the above: the rest is empty */
    ipd_place place;
    int layer;
    ipd_matrix W;                          /* of that layer, d_l x d_{l-1} */
    ipd_distribution spreads[IPD_SPREADS]; /* of that layer's variables */
    /* Of two inputs: the outputs at the grid points, d_L x (width * height), row by row from the lower
     * left corner; the rectangle, a little larger than the training samples; the least and largest
     * first output. */
    ipd_matrix plane;
    double corner[2], side[2];
    float plane_low, plane_high;
    size_t samples; /* of the test set */
    size_t classes; /* d_L */
    ipd_matrix
        outputs; /* d_L x samples, of values (at most 64 MiB); then the next three are NULL */
    ipd_label *answers; /* of each sample: the largest output */
    float *margins; /* the output that was answered minus that of the label, >= 0; 0 where right */
    uint32_t *confusion; /* classes x classes: [label * classes + answer] samples */
} ipd_probe;

/* Requests a probe at the next block boundary; layer is for IPD_PROBE_WEIGHTS and IPD_PROBE_SPREADS. Once the ticket is answered, ipd_run_probe returns it.
 * 0 and *e if that is not possible. */
ipd_ticket ipd_run_ask_probe(ipd_run *run, int what, int layer, ipd_error *e);
/* The newest, or NULL; until the next poll. */
const ipd_probe *ipd_run_probe(const ipd_run *run);
void ipd_probe_free(ipd_probe *probe); /* accepts NULL */

#endif
