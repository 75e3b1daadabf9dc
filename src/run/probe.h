/* probe.h - copies for the screen: weights, the answers to the test samples, distributions. Main
 * thread.
 *
 * The worker makes a probe at a block boundary, only on request. A run without requests pays
 * nothing, and training has the same bits either way.
 */
#ifndef IPD_RUN_PROBE_H
#define IPD_RUN_PROBE_H

#include "run/distribution.h"
#include "run/run.h"

enum { IPD_PROBE_WEIGHTS = 1, IPD_PROBE_TEST = 2, IPD_PROBE_PLANE = 4, IPD_PROBE_SPREADS = 8 };
enum { IPD_PLANE_WIDTH = 120, IPD_PLANE_HEIGHT = 48 }; /* grid points */

typedef struct ipd_probe {
    int what; /* sum of IPD_PROBE_...; the members of other parts are empty */
    ipd_place place;
    int layer;                             /* of the next two */
    ipd_matrix W;                          /* d_l x d_{l-1} */
    ipd_distribution spreads[IPD_SPREADS]; /* of the layer's variables */
    /* IPD_PROBE_PLANE, for networks of two inputs: the outputs at the grid points of a rectangle
     * that is a little larger than the training samples, d_L x (width * height), row by row from
     * the lower left corner; and the smallest and the largest first output. */
    ipd_matrix plane;
    double corner[2], side[2]; /* of the rectangle */
    float plane_low, plane_high;
    /* IPD_PROBE_TEST. If the targets are values, only the outputs exist, and only up to 64 MiB;
     * else only the members after them. */
    size_t samples;      /* of the test set */
    size_t classes;      /* d_L */
    ipd_matrix outputs;  /* d_L x samples */
    ipd_label *answers;  /* of each sample: the class with the largest output */
    float *margins;      /* of each sample: the largest output minus that of the label, >= 0 */
    uint32_t *confusion; /* classes x classes: [label * classes + answer] samples */
} ipd_probe;

/* Requests a probe at the next block boundary; layer is for IPD_PROBE_WEIGHTS and
 * IPD_PROBE_SPREADS. Once the ticket is answered, ipd_run_probe returns the probe. 0 and *e if
 * there is no such layer. */
ipd_ticket ipd_run_ask_probe(ipd_run *run, int what, int layer, ipd_error *e);
/* The newest probe, or NULL; valid until the next poll. */
const ipd_probe *ipd_run_probe(const ipd_run *run);
void ipd_probe_free(ipd_probe *probe); /* accepts NULL */

#endif
