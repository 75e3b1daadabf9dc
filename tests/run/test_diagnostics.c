/* test_diagnostics.c - diagnostics in records: how far weights moved, how far z is from the
 * forward pass, rank and condition of the Gram matrices; against sums in double from copies.
 */
#include "base/blas.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "report/diagnostics.h"
#include "run/run.h"
#include "solver/steps.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>

static const size_t hidden[] = {40, 30};
static ipd_dataset *data;

static ipd_run *open_wide(const size_t *widths, size_t count, const char *preset,
                          const char *const *pairs)
{
    ipd_settings s;
    ipd_run_options o = {.hidden = widths, .hidden_count = count};
    ipd_run *run = NULL;
    ipd_error e;
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "preset", preset, &e))
        fatal(&e);
    for (; pairs && *pairs; pairs += 2)
        if (ipd_settings_set(&s, pairs[0], pairs[1], &e))
            fatal(&e);
    if (ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    return run;
}

static ipd_run *open_run(const char *preset, const char *const *pairs)
{
    return open_wide(hidden, 2, preset, pairs);
}

/* Returns the last record, until the next step. */
static const ipd_record *step(ipd_run *run, long n)
{
    static ipd_record last;
    ipd_error e = {0};
    wait_for(run, ipd_run_step(run, n, &e), &e);
    last = ipd_run_record(run, ipd_run_record_count(run) - 1);
    return &last;
}

static ipd_network weights(ipd_run *run)
{
    ipd_network net = {0};
    ipd_error e = {0};
    wait_for(run, ipd_run_copy_network(run, &net, &e), &e);
    return net;
}

static int near(double x, double y, double relative)
{
    if (fabs(x - y) <= relative * fabs(y))
        return 1;
    printf("# %.9g, expected %.9g\n", x, y);
    return 0;
}

/* |x - y| / |y| */
static double relative_distance(const ipd_matrix *x, const ipd_matrix *y)
{
    double by = 0, from = 0;
    for (size_t i = 0; i < x->rows * x->cols; i++) {
        by += pow((double)x->data[i] - y->data[i], 2);
        from += pow(y->data[i], 2);
    }
    return sqrt(by / from);
}

static int moved_is_right(const ipd_record *r, const ipd_network *now, const ipd_network *first)
{
    int right = 1;
    for (int l = 1; l <= now->L; l++)
        right &= near(r->moved_W[l], relative_distance(&now->W[l], &first->W[l]), 1e-7) &&
                 near(r->moved_b[l], relative_distance(&now->b[l], &first->b[l]), 1e-7);
    return right;
}

/* The distance of W and b from the initial ones, for every method, also after a switch. */
static void test_moved(void)
{
    static const char *const adam[] = {"method", "adam", NULL};
    ipd_run *run = open_run("default", adam);
    ipd_network first = weights(run), before, now;
    ipd_change none = {0};
    ipd_error e = {0};
    const ipd_record *r = step(run, 1);
    now = weights(run);
    ok(moved_is_right(r, &now, &first) && r->moved_W[1] > 0.01 && isnan(r->forward_gap[1]) &&
           isnan(r->gram_condition[1]),
       "adam: moved_W and moved_b are the distances from the initial weights");
    ipd_network_free(&now);
    ok(r->lr == 0.001, "lr is in the record");
    wait_for(run, ipd_run_switch(run, "ipdlam", &none, &e), &e);
    before = weights(run);
    r = step(run, 2);
    now = weights(run);
    ok(moved_is_right(r, &now, &first) && !moved_is_right(r, &now, &before) && isnan(r->lr),
       "after a switch the distance is still from the run's initial weights");
    ipd_network *all[] = {&first, &before, &now};
    for (int i = 0; i < 3; i++)
        ipd_network_free(all[i]);
    ipd_run_free(run);
    static const char *const zero[] = {"init_bias", "0", NULL};
    run = open_run("ipdlam", zero);
    r = step(run, 3);
    now = weights(run);
    double b = sqrt(ipd_sum_squared(now.b[3].data, now.d[3]));
    ok(b > 0 && near(r->moved_b[3], b, 1e-9), "for an initial b of zero moved_b is the norm of b");
    ipd_network_free(&now);
    ipd_run_free(run);
}

/* The norm of the last mini-batch's step, by stopping before it. */
static void test_optimizer_steps(void)
{
    static const char *const sgd[] = {"method", "sgd",   "momentum", "0.9", "lr",
                                      "0.1",    "batch", "128",      NULL};
    ipd_run *run = open_run("default", sgd);
    ipd_error e = {0};
    int right = 1;
    wait_for(run, ipd_run_step_blocks(run, 2, &e), &e); /* 3 batches an iteration */
    ipd_network before = weights(run);
    const ipd_record *r = step(run, 1);
    ipd_network after = weights(run);
    for (int l = 1; l <= 3; l++) {
        size_t count = before.d[l] * before.d[l - 1];
        double W = ipd_sum_squared_difference(after.W[l].data, before.W[l].data, count);
        double b = ipd_sum_squared_difference(after.b[l].data, before.b[l].data, before.d[l]);
        right &= near(r->step_W[l], sqrt(W), 1e-12) && near(r->step_b[l], sqrt(b), 1e-12) && W > 0;
    }
    ok(right, "sgd: step_W and step_b are those of the last mini-batch");
    ipd_network_free(&before);
    ipd_network_free(&after);
    ipd_run_free(run);
}

/* z_l of the forward pass over the first N samples, in double. */
static void check_forward(ipd_run *run, const ipd_record *r, size_t first, const char *what)
{
    ipd_network net = weights(run);
    ipd_matrix a = {0}, next;
    ipd_error e;
    int right = 1;
    for (int l = 1; l <= 3; l++) {
        ipd_matrix z = copy_variable(run, 'z', l);
        if (ipd_matrix_init(&next, net.d[l], z.cols, &e))
            fatal(&e);
        for (size_t n = 0; n < z.cols; n++)
            for (size_t i = 0; i < net.d[l]; i++) {
                const float *from = l == 1 ? data->train.X.data + (first + n) * net.d[0]
                                           : a.data + n * net.d[l - 1];
                double sum = net.b[l].data[i];
                for (size_t k = 0; k < net.d[l - 1]; k++)
                    sum += (double)net.W[l].data[i + k * net.d[l]] *
                           (l > 1 && from[k] < 0 ? 0 : from[k]);
                next.data[i + n * net.d[l]] = (float)sum;
            }
        double gap = relative_distance(&z, &next);
        right &= gap < 1e-5 ? r->forward_gap[l] < 1e-5 : near(r->forward_gap[l], gap, 1e-3);
        ipd_matrix_free(&a);
        ipd_matrix_free(&z);
        a = next;
    }
    ipd_matrix_free(&a);
    ipd_network_free(&net);
    ok(right && r->forward_gap[3] > 0.01, "%s: how far z is from the forward pass (%.2g %.2g %.2g)",
       what, r->forward_gap[1], r->forward_gap[2], r->forward_gap[3]);
}

static void test_forward_gap(void)
{
    static const char *const batches[] = {"batch", "128", "order", "nested_reverse", NULL};
    ipd_run *run = open_run("ipdlam", NULL);
    check_forward(run, step(run, 4), 0, "full batch");
    ipd_run_free(run);
    run = open_run("paper", batches);
    check_forward(run, step(run, 2), 256, "mini-batches, over the last");
    ipd_run_free(run);
}

/* Eigenvalues of a a^T in double, from a copy of a; rank and condition with kappa. */
static void check_spectrum(ipd_run *run, const ipd_record *r, double kappa, double close,
                           const char *what)
{
    int right = 1;
    ipd_error e;
    for (int l = 1; l <= 3; l++) {
        ipd_matrix a = l == 1 ? data->train.X : copy_variable(run, 'a', l - 1);
        int small = a.cols < a.rows;
        size_t n = small ? a.cols : a.rows, rank = 0;
        ipd_matrix64 G;
        double *values = calloc(n, sizeof *values), min = NAN;
        if (ipd_matrix64_init(&G, n, n, &e))
            fatal(&e);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                for (size_t k = 0; k < (small ? a.rows : a.cols); k++)
                    G.data[i + j * n] +=
                        small ? (double)a.data[k + i * a.rows] * a.data[k + j * a.rows]
                              : (double)a.data[i + k * a.rows] * a.data[j + k * a.rows];
        if (ipd_eigen64(&G, values, &e))
            fatal(&e);
        for (size_t i = n; i > 0 && values[i - 1] > 1e-10 * values[n - 1]; i--, rank++)
            min = values[i - 1];
        double condition = kappa > 0 ? (values[n - 1] + kappa) / (fmax(values[0], 0) + kappa)
                                     : values[n - 1] / min;
        right &= r->gram_rank[l] == (double)rank && near(r->gram_condition[l], condition, close);
        free(values);
        ipd_matrix64_free(&G);
        if (l > 1)
            ipd_matrix_free(&a);
    }
    ok(right, "%s: rank %g %g %g, condition %.3g %.3g %.3g", what, r->gram_rank[1], r->gram_rank[2],
       r->gram_rank[3], r->gram_condition[1], r->gram_condition[2], r->gram_condition[3]);
}

static void set(ipd_run *run, const char *name, const char *value)
{
    ipd_change c = {0};
    ipd_error e = {0};
    ipd_change_add(&c, name, value, &e);
    wait_for(run, ipd_run_set(run, &c, &e), &e);
}

/* Only eigenvalues above 1e-10 of the largest are counted. */
static void test_rank(void)
{
    static const double values[] = {2, 3e-10, 1e-10, 0};
    ipd_matrix64 G;
    ipd_spectrum s;
    ipd_error e;
    if (ipd_matrix64_init(&G, 4, 4, &e))
        fatal(&e);
    for (int i = 0; i < 4; i++)
        G.data[5 * i] = values[i];
    int failed = ipd_gram_spectrum(&G, &s, &e);
    ok(!failed && s.known && s.rank == 2 && s.max == 2 && near(s.inner, 3e-10, 1e-6) && s.min == 0,
       "rank %g, from %g down to %g", s.rank, s.max, s.inner);
    memset(G.data, 0, 16 * sizeof *G.data);
    failed = ipd_gram_spectrum(&G, &s, &e);
    ok(!failed && s.rank == 0 && s.max == 0, "a zero matrix has rank 0");
    G.data[5] = NAN;
    failed = ipd_gram_spectrum(&G, &s, &e);
    ok(!failed && s.known && isnan(s.rank), "a matrix that is not finite has no rank");
    ipd_matrix64_free(&G);
}

static void test_gram(void)
{
    static const char *const on[] = {"spectrum", "true", NULL};
    static const char *const limit[] = {"spectrum", "true", "delta", "0", NULL};
    ipd_run *run = open_run("ipdlam", on);
    step(run, 1);
    set(run, "delta", "0.5"); /* the data's eigenvalues are kept, not their condition */
    check_spectrum(run, step(run, 2), 0.5, 1e-6, "spectrum");
    double exact = ipd_run_record(run, 2).gram_condition[3];
    set(run, "spectrum", "false");
    const ipd_record *r = step(run, 1);
    /* The 1-norm's and the 2-norm's condition are within a factor of n. */
    ok(isnan(r->gram_rank[3]) && r->gram_condition[3] > exact / 30 &&
           r->gram_condition[3] < exact * 30 && r->gram_condition[1] > 100,
       "without spectrum the condition is an estimate: %.3g for %.3g", r->gram_condition[3], exact);
    ipd_run_free(run);
    run = open_run("ipdlam", limit);
    check_spectrum(run, step(run, 2), 0, 1e-3, "delta = 0");
    ipd_run_free(run);
}

/* Watching changes nothing, and says the same for any number of threads. */
static void test_repeat(void)
{
    static const char *const on[] = {"spectrum", "true", NULL};
    ipd_network nets[3];
    ipd_record records[3];
    ipd_error e;
    for (int i = 0; i < 3; i++) {
        if (ipd_threads_set(i == 0 ? 1 : 3, &e))
            fatal(&e);
        ipd_run *run = open_run("ipdlam", i < 2 ? on : NULL);
        records[i] = *step(run, 3);
        nets[i] = weights(run);
        ipd_run_free(run);
    }
    const ipd_record *x = &records[0], *y = &records[1], *z = &records[2];
    size_t size = 4 * sizeof(double);
    ok(!memcmp(x->moved_W, y->moved_W, size) && !memcmp(x->forward_gap, y->forward_gap, size) &&
           !memcmp(x->gram_condition, y->gram_condition, size) &&
           !memcmp(x->gram_rank, y->gram_rank, size),
       "the same bits with 1 thread and 3");
    ok(!memcmp(nets[1].W[2].data, nets[2].W[2].data, 1200 * sizeof(float)) && y->phi == z->phi &&
           isnan(z->gram_rank[1]) && y->gram_rank[1] > 1,
       "spectrum changes no bit of the training");
    for (int i = 0; i < 3; i++)
        ipd_network_free(&nets[i]);
}

/* In increase order with fresh z and a, I sweeps reach the last I layers: a_l has to move before z_l and
 * W_l do, and for that z_{l+1} and W_{l+1}. In nested reverse order, or in full batch, where z and a
 * stay, all learn. */
static void test_hidden_layers(void)
{
    static const char *const once[] = {"batch", "128", NULL};
    static const char *const twice[] = {"batch", "128", "inner", "2", NULL};
    static const char *const thrice[] = {"batch", "128", "inner", "3", NULL};
    static const char *const nested[] = {"batch", "128", "order", "nested_reverse", NULL};
    static const struct {
        const char *preset, *what;
        const char *const *pairs;
        int still; /* layers that do not learn */
    } cases[] = {{"paper", "increase: no hidden layer learns", once, 2},
                 {"paper", "inner = 2: layer 1 does not learn", twice, 1},
                 {"paper", "inner = 3: all learn", thrice, 0},
                 {"paper", "nested reverse: all learn", nested, 0},
                 {"ipdlam", "full batch: all learn", NULL, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ipd_run *run = open_run(cases[i].preset, cases[i].pairs);
        const ipd_record *r = step(run, 6);
        int right = r->moved_W[3] > 1;
        for (int l = 1; l < 3; l++)
            right &= l <= cases[i].still ? r->moved_W[l] < 1e-3 : r->moved_W[l] > 3e-3;
        for (int l = 1; l < 3 && cases[i].still == 2; l++)
            right &= r->moved_W[l] < 1e-5 && r->moved_b[l] < 1e-5 && r->forward_gap[l] < 1e-5;
        ok(right, "%s (%.2g %.2g %.2g)", cases[i].what, r->moved_W[1], r->moved_W[2],
           r->moved_W[3]);
        ipd_run_free(run);
    }
}

/* The sentences about the run so far; "" if there are none. */
static const char *said(ipd_run *run, const ipd_settings *s)
{
    static char text[2 * IPD_DIAGNOSTICS_NOTE];
    char notes[IPD_DIAGNOSTICS_NOTES][IPD_DIAGNOSTICS_NOTE];
    static ipd_diagnostics learned;
    learned = (ipd_diagnostics){0};
    ipd_diagnostics_read(&learned, ipd_run_records(run));
    int count = ipd_diagnostics_notes(&learned, s, "phi", notes);
    snprintf(text, sizeof text, "%s%s", count > 0 ? notes[0] : "", count > 1 ? notes[1] : "");
    return text;
}

/* Phi falls and z_L fits ever better, but the network that the weights stand for gets worse. */
static void test_phi_falls_alone(void)
{
    static const size_t widths[] = {30, 30, 30, 30};
    static const char *const pairs[] = {"rho_growth", "1", "init_scale", "0.1", NULL};
    ipd_dataset *few = data;
    ipd_error e;
    if (ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 1000, .test = 50}, &e))
        fatal(&e);
    ipd_run *run = open_wide(widths, 4, "ipdlam", pairs);
    step(run, 24);
    ipd_record before = ipd_run_record(run, 9), after = ipd_run_record(run, 23);
    int falls = 1;
    for (size_t i = 10; i < 24; i++)
        falls &= ipd_run_record(run, i).phi < ipd_run_record(run, i - 1).phi;
    ok(falls && after.phi < 0.5 * before.phi &&
           after.train_accuracy < before.train_accuracy - 0.02 &&
           after.auxiliary_accuracy >= before.auxiliary_accuracy && after.forward_gap[5] > 0.1,
       "phi falls from %.3g to %.3g, the training accuracy from %.1f %% to %.1f %%", before.phi,
       after.phi, 100 * before.train_accuracy, 100 * after.train_accuracy);
    const char *text = said(run, ipd_run_settings(run));
    ok(strstr(text, "phi fell by ") && strstr(text, "the training accuracy fell from ") &&
           strstr(text, " % away from the forward pass."),
       "%s", text);
    ipd_run_free(run);
    ipd_dataset_unref(data);
    data = few;
}

/* The records decide whether a sentence appears; the settings only affect the reason in it. */
static void test_notes(void)
{
    static const char *const once[] = {"batch", "128", NULL};
    static const char *const twice[] = {"batch", "128", "inner", "2", NULL};
    static const char *const nested[] = {"batch", "128", "order", "nested_reverse", NULL};
    static const char *const adam[] = {"method", "adam", NULL};
    static const char *const frozen[] = {"freeze", "W1", NULL};
    static const struct {
        const char *preset;
        const char *const *pairs;
        long steps;
        const char *note;
    } cases[] = {
        {"paper", once, 3,
         "Layers 1-2 did not move: in mini-batches with increase order and one sweep, only the "
         "last layer learns. "
         "Use order = nested_reverse, or inner = 3."},
        {"paper", twice, 3,
         "Layer 1 did not move: in mini-batches with increase order, 2 sweeps reach only the last "
         "2 layers. Use order = nested_reverse, or inner = 3."},
        {"ipdlam", NULL, 1,
         "Layers 1-2 have not moved yet: from a forward pass, increase order reaches one more "
         "layer "
         "per iteration."},
        {"ipdlam", NULL, 6, ""},
        {"ipdlam", frozen, 6, "Layer 1 did not move: frozen."},
        {"paper", nested, 3, ""},
        {"default", adam, 2, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ipd_run *run = open_run(cases[i].preset, cases[i].pairs);
        ok(!*said(run, ipd_run_settings(run)), "there are no notes before the first record");
        step(run, cases[i].steps);
        const char *text = said(run, ipd_run_settings(run));
        ok(!strcmp(text, cases[i].note), "%s, %ld: %s", cases[i].preset, cases[i].steps, text);
        ipd_run_free(run);
    }
    ipd_run *run = open_run("paper", once);
    step(run, 2);
    ok(!strcmp(said(run, NULL), "Layers 1-2 did not move."),
       "without settings a note gives no reason");
    ipd_run_free(run);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(2, &e) ||
        ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 320, .test = 50}, &e))
        fatal(&e);
    test_moved();
    test_optimizer_steps();
    test_forward_gap();
    test_rank();
    test_gram();
    test_repeat();
    test_hidden_layers();
    test_phi_falls_alone();
    test_notes();
    ipd_dataset_unref(data);
    return done();
}
