/* test_probe.c - copies for the screen are made only on request and do not change training. */
#include "run/probe.h"
#include "tests/tap.h"

#include <string.h>

static ipd_dataset *data;

static ipd_run *open_run(void)
{
    static const size_t hidden[] = {20, 20};
    ipd_run_options options = {.hidden = hidden, .hidden_count = 2};
    ipd_settings s;
    ipd_run *run = NULL;
    ipd_error e;

    ipd_settings_init(&s);
    if (ipd_run_open(&run, data, &s, &options, &e))
        printf("# %s\n", e.text);
    return run;
}

static int step(ipd_run *run)
{
    ipd_reply reply;
    ipd_error e;
    ipd_ticket t = ipd_run_step(run, 1, &e);

    return t && ipd_run_wait(run, t, &reply, &e) == 0;
}

static const ipd_probe *look_at(ipd_run *run, int what, int layer)
{
    ipd_reply reply;
    ipd_error e;
    ipd_ticket t = ipd_run_ask_probe(run, what, layer, &e);

    return t && ipd_run_wait(run, t, &reply, &e) == 0 ? ipd_run_probe(run) : NULL;
}

/* Of W_2, recomputed from a copy; z, a and the gaps by what must hold. */
static void test_distributions(ipd_run *run)
{
    const ipd_probe *probe = look_at(run, IPD_PROBE_WEIGHTS | IPD_PROBE_SPREADS, 2);
    if (!ok(probe && probe->spreads[IPD_SPREAD_W].count == 400, "W2 has a distribution"))
        return;
    const ipd_distribution *d = &probe->spreads[IPD_SPREAD_W], *of = probe->spreads;
    size_t below = 0, in_bins = 0, low = 0, high = 0;
    for (int i = 0; i < 400; i++) {
        below += probe->W.data[i] < d->quantile[2];
        low += probe->W.data[i] < d->low;
        high += probe->W.data[i] > d->high;
    }
    for (int i = 0; i < IPD_BINS; i++)
        in_bins += d->bins[i];
    ok(below == 200 && in_bins == 400 && !low && !high,
       "half of W2 is below the median, all between the ends: %zu, %zu", below, in_bins);
    size_t all = of[IPD_SPREAD_Z].all;
    ok(all && all % 20 == 0 && of[IPD_SPREAD_A].all == all && of[IPD_SPREAD_LINEAR].count == all,
       "z2, a2 and their gaps are described from the present batch: %zu", all);
    /* z2 is positive, so a2 - z2 is the gap */
    const ipd_distribution *z = &of[IPD_SPREAD_Z], *a = &of[IPD_SPREAD_A],
                           *gap = &of[IPD_SPREAD_ACTIVATION];
    ok(z->low > 0 && gap->low < 0 && gap->high > 0 && a->high - z->high <= gap->high &&
           a->low - z->low >= gap->low && of[IPD_SPREAD_LINEAR].high < z->low,
       "a2 is sigma(z2) and its gap, and z2 is near W2 a1 + b2");
    probe = look_at(run, IPD_PROBE_SPREADS, 3);
    ok(probe && probe->spreads[IPD_SPREAD_Z].all == all / 2 && !probe->spreads[IPD_SPREAD_A].all,
       "the last layer has no a");
}

static void test_content(ipd_run *run)
{
    ipd_error e;
    const ipd_probe *probe = look_at(run, IPD_PROBE_TEST | IPD_PROBE_WEIGHTS, 2);

    ok(probe && probe->W.rows == 20 && probe->W.cols == 20 && probe->layer == 2,
       "a probe has a copy of the weights");
    ok(probe && probe->place.iteration == 2, "the place is that of the next block");
    size_t sum = 0, right = 0, consistent = 1;
    for (size_t i = 0; probe && i < probe->classes * probe->classes; i++) {
        sum += probe->confusion[i];
        right += i % (probe->classes + 1) == 0 ? probe->confusion[i] : 0;
    }
    for (size_t n = 0; probe && n < probe->samples; n++)
        consistent &= (probe->answers[n] == data->test.labels[n]) == (probe->margins[n] == 0);
    double accuracy = ipd_run_record(run, ipd_run_record_count(run) - 1).test_accuracy;
    ok(sum == 200 && (double)right / 200 == accuracy,
       "the diagonal of the confusion matrix is the test accuracy: %zu, %g", right, accuracy);
    ok(consistent, "a margin is above zero where the answer is wrong, and only there");
    test_distributions(run);
    probe = look_at(run, IPD_PROBE_WEIGHTS, 1);
    ok(probe && probe->W.cols == 784 && !probe->answers, "a probe has only the requested parts");
    ok(!ipd_run_ask_probe(run, IPD_PROBE_WEIGHTS, 9, &e) && strstr(e.text, "W3"),
       "a missing layer is an error: %s", e.text);
}

int main(void)
{
    ipd_dataset_options few = {.train = 300, .test = 200};
    ipd_error e;

    if (ipd_dataset_open(&data, "digits", &few, &e))
        return 1;
    ipd_run *watched = open_run(), *alone = open_run();
    ok(watched && alone, "two runs open");
    ok(!ipd_run_probe(watched), "without a request there is no probe");
    int same = step(watched) && step(alone);
    test_content(watched);
    for (int i = 0; i < 3; i++) {
        look_at(watched, IPD_PROBE_TEST | IPD_PROBE_WEIGHTS | IPD_PROBE_SPREADS, 1 + i);
        same &= step(watched) && step(alone);
    }
    ipd_record x = ipd_run_record(watched, 3), y = ipd_run_record(alone, 3);
    ok(same && memcmp(&x.phi, &y.phi, sizeof x.phi) == 0 &&
           memcmp(x.moved_W, y.moved_W, sizeof x.moved_W) == 0,
       "a run with probes trains to the same bits");
    ipd_run_ask_probe(watched, IPD_PROBE_TEST, 1, &e); /* not waited for: freed with the run */
    ipd_run_free(watched);
    ipd_run_free(alone);
    ipd_dataset_unref(data);
    return done();
}
