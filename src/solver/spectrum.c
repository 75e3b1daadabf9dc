/* spectrum.c - rank and condition of the Gram matrices, by their eigenvalues. See solver.h. */
#include "solver/solver.h"

#include <math.h>

/* Eigenvalues of the smaller side of a_{l-1}, the one that W_l's step inverts. */
static int spectrum_of(ipd_solver *s, int l, ipd_spectrum *to, ipd_error *e)
{
    const ipd_matrix *a = &s->v.a[l - 1];
    int dual = s->v.n < s->v.net->d[l - 1];
    size_t side = dual ? s->v.n : s->v.net->d[l - 1];
    ipd_matrix64 G = {0};
    int failed = ipd_matrix64_init(&G, side, side, e);
    if (!failed)
        failed = dual ? ipd_inner_gram(a, &G, 1, e) : ipd_sum_outer(a, a, &G, 1, e);
    if (!failed)
        failed = ipd_gram_spectrum(&G, to, e);
    ipd_matrix64_free(&G);
    return failed;
}

int ipd_solver_spectrum(ipd_solver *s, ipd_record *r, ipd_error *e)
{
    for (int l = 1; l <= s->v.net->L; l++) {
        ipd_spectrum made = {0}, *x = l == 1 && s->same_data ? &s->data_spectrum : &made;
        double kappa = ipd_W_kappa(s, l);
        if (!x->known && spectrum_of(s, l, x, e))
            return -1;
        /* Under an l1 penalty the step uses the primal side, which is singular here. */
        int primal = ipd_l1_share(s, l) > 0 && s->v.n < s->v.net->d[l - 1];
        r->gram_rank[l] = x->rank;
        /* 0/0 if a_{l-1} is zero and nothing is added: then nothing is inverted. */
        r->gram_condition[l] =
            kappa > 0 ? (x->max + kappa) / ((primal ? 0 : x->min) + kappa) : x->max / x->inner;
    }
    return 0;
}
