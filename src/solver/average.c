/* average.c - see average.h. */
#include "solver/average.h"
#include "base/parallel.h"

void ipd_average_free(ipd_average *a)
{
    ipd_network_free(&a->net);
    *a = (ipd_average){.known = 0};
}

int ipd_average_prepare(ipd_average *a, double w, const ipd_network *net, ipd_error *e)
{
    if (w > 0 && !a->net.L)
        return ipd_network_copy(&a->net, net, e);
    if (w == 0 && a->net.L)
        ipd_average_free(a);
    return 0;
}

enum { CHUNK = 1 << 14 }; /* weights per task */

typedef struct mean_job {
    float w, *mean;
    const float *x;
    size_t count;
} mean_job;

static void add_chunk(void *context, size_t task, int thread)
{
    const mean_job *j = context;
    size_t first = task * CHUNK, last = first + CHUNK < j->count ? first + CHUNK : j->count;
    (void)thread;
    for (size_t i = first; i < last; i++)
        j->mean[i] += j->w * (j->x[i] - j->mean[i]);
}

void ipd_average_add(ipd_average *a, double w, const ipd_network *net)
{
    for (int l = 1; l <= a->net.L; l++)
        for (int bias = 0; bias < 2; bias++) {
            ipd_matrix *mean = bias ? &a->net.b[l] : &a->net.W[l];
            const ipd_matrix *x = bias ? &net->b[l] : &net->W[l];
            mean_job j = {(float)w, mean->data, x->data, x->rows * x->cols};
            if (a->known)
                ipd_parallel_for((j.count + CHUNK - 1) / CHUNK, add_chunk, &j);
            else
                ipd_matrix_copy(mean, x);
        }
    a->known = a->net.L > 0;
}

const ipd_network *ipd_average_of(const ipd_average *a)
{
    return a->known ? &a->net : NULL;
}

int ipd_average_transfer(ipd_average *a, const ipd_network *net, ipd_archive *ar, ipd_error *e)
{
    if (ipd_archive_reading(ar)) {
        ipd_average_free(a);
        if (!ipd_archive_find(ar, "mean_W1"))
            return ipd_archive_result(ar, e);
        if (ipd_network_copy(&a->net, net, e))
            return -1;
        a->known = 1;
    }
    for (int l = 1; l <= net->L && a->known; l++) {
        ipd_archive_matrix(ar, &a->net.W[l], "mean_W%d", l);
        ipd_archive_matrix(ar, &a->net.b[l], "mean_b%d", l);
    }
    return ipd_archive_result(ar, e);
}
