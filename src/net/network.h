/* network.h - a fully connected network: widths, weights, forward pass.
 *
 * Layers are l = 1 ... L with widths d[0] ... d[L]; arrays by layer use index l, entry 0 is unused.
 * z_l = W_l a_{l-1} + b_l and a_l = sigma(z_l); there is no activation after z_L.
 */
#ifndef IPD_NET_NETWORK_H
#define IPD_NET_NETWORK_H

#include "base/error.h"
#include "base/matrix.h"
#include "data/inputs.h"
#include "data/truth.h"
#include "net/activation.h"
#include "net/loss.h"

#include <stdint.h>

enum { IPD_MAX_LAYERS = 32 };

typedef struct ipd_network {
    int L;                                           /* number of layers, 1 ... IPD_MAX_LAYERS */
    size_t d[IPD_MAX_LAYERS + 1];                    /* widths */
    const ipd_activation *sigma[IPD_MAX_LAYERS + 1]; /* of hidden layer l = 1 ... L-1 */
    const ipd_loss *loss;
    char *encoding; /* JSON (data/encoding.h): how raw data become inputs; NULL: unknown; owned */
    size_t width, height; /* of the input images; 0: unknown, else width * height = d[0] */
    ipd_matrix W[IPD_MAX_LAYERS + 1]; /* d_l x d_{l-1}, column-major */
    ipd_matrix b[IPD_MAX_LAYERS + 1]; /* d_l x 1 */
} ipd_network;

/* Initialises a network of the given widths (L + 1 of them) with W and b zero and sigma in every
 * hidden layer. The caller frees it. */
int ipd_network_init(ipd_network *net, int L, const size_t *widths, const ipd_activation *sigma,
                     const ipd_loss *loss, ipd_error *e);
void ipd_network_free(ipd_network *net);
int ipd_network_copy(ipd_network *to, const ipd_network *from, ipd_error *e); /* initialises `to` */

/* 1 if widths, activations and loss are the same. */
int ipd_network_alike(const ipd_network *one, const ipd_network *other);

/* Initialises `to` with the mean of the weights and biases of `count` >= 1 networks, all alike. The
 * caller frees it. Fails if memory runs out. */
int ipd_network_average(ipd_network *to, const ipd_network *const *from, size_t count,
                        ipd_error *e);

/* Writes the hidden layers' activations: one name if all are the same, else one per layer,
 * comma-separated. Without hidden layers, the first known activation. */
void ipd_network_activations(const ipd_network *net, char *to, size_t size);

/* Sets the activations from such a list. Fails on an unknown name, or unless there are 1 or L-1
 * names. */
int ipd_network_set_activations(ipd_network *net, const char *list, ipd_error *e);

/* Writes the definitions of the user's functions in the network, one per line, to a buffer of
 * IPD_OWN_TEXTS bytes: "" if it has none. Fails if they need more. */
int ipd_network_definitions(const ipd_network *net, char *to, ipd_error *e);
/* Defines the functions in such lines, which are not trusted, without changing the meaning of a
 * name. */
int ipd_network_read_definitions(const char *lines, ipd_error *e);
/* Makes the network use these definitions in place of their names' current meanings. */
int ipd_network_use_definitions(ipd_network *net, const char *lines, ipd_error *e);

/* W_l ~ N(0, scale^2), drawn row by row (PyTorch's order), layer 1 first; every b_l := bias. */
void ipd_network_randomize(ipd_network *net, uint64_t seed, double scale, double bias);
/* The same with W_l ~ N(0, variance/d_{l-1}), where variance = 2 is He et al.; `last` is the
 * variance of the last layer. */
void ipd_network_randomize_by_inputs(ipd_network *net, uint64_t seed, double variance, double last,
                                     double bias);

/* The result of a forward pass. */
typedef struct ipd_evaluation {
    double loss; /* summed over the samples */
    /* Labels: the fraction of samples with the largest output at the label (ties: the first).
     * Values: R^2, the mean over the outputs of 1 - squared error/variance. */
    double accuracy;
    double rmse;    /* values: root of the mean squared error in the data's unit; else NaN */
    size_t correct; /* labels */
    size_t samples; /* number evaluated */
} ipd_evaluation;

/* Forward pass over all samples on all threads. p1: W_1 X + b_1 (d_1 x N) if already known, or
 * NULL. truth: of the N samples. If not NULL, z_L receives the outputs (d_L x N) and `predicted`
 * each sample's argmax. Same bits for any number of threads. */
int ipd_network_evaluate(const ipd_network *net, ipd_inputs X, ipd_truth truth,
                         const ipd_matrix *p1, ipd_evaluation *out, ipd_matrix *z_L,
                         ipd_label *predicted, ipd_error *e);

/* The same over every step-th sample, starting with the first; loss is scaled up to all samples. */
int ipd_network_evaluate_some(const ipd_network *net, ipd_inputs X, ipd_truth truth, size_t step,
                              ipd_evaluation *out, ipd_error *e);

/* Classes of the samples that an evaluation saw: with arrays of `classes` entries, which the caller
 * frees. */
typedef struct ipd_recall {
    size_t classes;
    size_t *samples, *correct; /* of each class */
    double balanced;           /* mean of correct/samples over the classes that have samples */
} ipd_recall;
/* Like ipd_network_evaluate_some, with labels, and counts each class. Fails if memory runs out;
 * then *recall needs no freeing. */
int ipd_network_recall(const ipd_network *net, ipd_inputs X, const ipd_label *labels, size_t step,
                       ipd_evaluation *out, ipd_recall *recall, ipd_error *e);
void ipd_recall_free(ipd_recall *recall);

/* The distance of given z_l from a forward pass: sums of squares over the samples. */
typedef struct ipd_forward_gap {
    const ipd_matrix *z;                 /* in: z[1] ... z[L], d_l x N; borrowed */
    double distance[IPD_MAX_LAYERS + 1]; /* out: ||z_l - the forward pass's z_l||^2 */
    double size[IPD_MAX_LAYERS + 1];     /* out: ||the forward pass's z_l||^2 */
} ipd_forward_gap;

/* Like ipd_network_evaluate_some, and fills *gap, which is not scaled up. Each tile is compared
 * while in cache: one more read of z, no product. */
int ipd_network_compare(const ipd_network *net, ipd_inputs X, ipd_truth truth, const ipd_matrix *p1,
                        size_t step, ipd_evaluation *out, ipd_forward_gap *gap, ipd_error *e);

/* Index of the largest of d values, the first in a tie; NaN counts as smallest. */
size_t ipd_argmax(const float *x, size_t d);

#endif
