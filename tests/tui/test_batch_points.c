/* Points of mini-batches: the records that a run publishes within an iteration, the charts that
 * draw them, and the axis of mini-batches. */
#include "tests/run/plan.h"
#include "tui/view/curves.h"
#include "tui/view/curves_axis.h"

#include <locale.h>

enum { SAMPLES = 100, BATCH = 10, BATCHES = SAMPLES / BATCH };

static ipd_dataset *data;

static ipd_run *make_run(const char *method, const char *batch)
{
    static const size_t hidden[] = {5};
    ipd_run_options options = {
        .hidden = hidden, .hidden_count = 1, .name = "run", .snapshots = 1e8};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "method", method, &e) || ipd_settings_set(&s, "batch", batch, &e) ||
        ipd_run_open(&run, data, &s, &options, &e))
        fatal(&e);
    return run;
}

static void batches(ipd_run *run, long count)
{
    ipd_error e;
    await(run, ipd_run_step_batches(run, count, &e), &e);
}

static size_t points(const ipd_run *run)
{
    return ipd_run_batch_records(run)->count;
}

static void test_published(void)
{
    ipd_run *run = make_run("ipdlam", "10");
    ipd_error e;
    batches(run, 3);
    const ipd_records *r = ipd_run_batch_records(run);
    ok(r->count == 3 && ipd_records_number(r, "batches", 2) == 3 &&
           ipd_records_number(r, "samples", 2) == 3 * BATCH && !ipd_run_record_count(run),
       "mini-batches have records before the first iteration has one");
    double s[3];
    ipd_records_read(r, ipd_records_column(r, ipd_field_find("seconds"), 0), 0, 3, s);
    ok(s[0] > 0 && s[0] < s[1] && s[1] < s[2],
       "records of mini-batches have the seconds since the iteration began");
    await(run, ipd_run_step_blocks(run, 1, &e), &e);
    ok(points(run) == 3, "a part of a mini-batch has no record");
    await(run, ipd_run_step(run, 1, &e), &e);
    ok(points(run) == 0 && ipd_run_record_count(run) == 1,
       "the records of mini-batches end with the iteration");
    batches(run, 4);
    ok(points(run) == 4, "the next iteration has its own records of mini-batches");
    await(run, ipd_run_back(run, 1, 2, &e), &e);
    ok(points(run) == 0, "a rewind removes the records of mini-batches");
    batches(run, 1);
    ok(points(run) == 1, "the next mini-batch after a rewind has a record");
    ipd_run_free(run);
    run = make_run("sgd", "10");
    batches(run, 2);
    ok(points(run) == 2 && ipd_records_number(ipd_run_batch_records(run), "forward_loss", 1) > 0,
       "a record of a mini-batch of a classical optimizer has its loss");
    ipd_run_free(run);
    run = make_run("ipdlam", "0");
    await(run, ipd_run_step_blocks(run, 2, &e), &e);
    ok(points(run) == 0, "a full batch has no record of its own");
    ipd_run_free(run);
}

/* A run that is opened again within an iteration continues its points. */
static void test_resumed(void)
{
    ipd_run *run = make_run("ipdlam", "10"), *again;
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    await(run, ipd_run_step(run, 1, &e), &e);
    batches(run, 4);
    if (!ar || await(run, ipd_run_archive(run, ar, &e), &e))
        fatal(&e);
    ipd_archive_rewind(ar);
    ipd_run_options options = {.archive = ar};
    if (ipd_run_open(&again, data, NULL, &options, &e))
        fatal(&e);
    batches(again, 2);
    batches(run, 2);
    const ipd_records *r = ipd_run_batch_records(again), *other = ipd_run_batch_records(run);
    ok(r->count == 2 && other->count == 6 &&
           ipd_records_number(r, "phi", 1) == ipd_records_number(other, "phi", 5),
       "a run opened within an iteration has the same records from there on");
    ipd_archive_free(ar);
    ipd_run_free(run);
    ipd_run_free(again);
}

/* More mini-batches than are kept. */
static void test_thinned(void)
{
    enum { MANY = 2 * IPD_BATCH_RECORDS + 100 };
    ipd_dataset *few = data;
    ipd_error e;
    data = open_data("digits", MANY + 1, 20);
    ipd_run *run = make_run("sgd", "1");
    batches(run, MANY);
    const ipd_records *r = ipd_run_batch_records(run);
    int wrong = 0;
    for (size_t i = 0; i < r->count; i++)
        wrong += ipd_records_number(r, "batches", i) != 4.0 * (double)(i + 1);
    ok(r->count == MANY / 4 && !wrong,
       "of very many mini-batches every fourth has a record, up to %d", IPD_BATCH_RECORDS);
    await(run, ipd_run_step(run, 1, &e), &e);
    batches(run, 3);
    ok(points(run) == 3, "the next iteration begins with a record per mini-batch");
    ipd_run_free(run);
    ipd_dataset_unref(data);
    data = few;
}

static char *text_of(ipd_model *m, const ipd_view *v, int width, int height)
{
    static char text[1 << 16];
    ipd_canvas c;
    FILE *to = fmemopen(text, sizeof text, "w");
    if (ipd_canvas_init(&c, width, height, IPD_BRAILLE, NULL))
        return text;
    c.monochrome = 1;
    v->draw(m, &c, ipd_canvas_all(&c));
    ipd_canvas_print(&c, to, 0);
    ipd_canvas_free(&c);
    fclose(to);
    return text;
}

/* Characters of braille. */
static int dots(const char *text)
{
    int count = 0;
    for (; *text; text++)
        count += !memcmp(text, "\xE2\xA0", 2) || !memcmp(text, "\xE2\xA1", 2) ||
                 !memcmp(text, "\xE2\xA2", 2) || !memcmp(text, "\xE2\xA3", 2);
    return count;
}

static void test_drawn(void)
{
    ipd_run *run = make_run("ipdlam", "10");
    ipd_model m = {0};
    ipd_error e;
    char legend[200], legend_before[200];

    ipd_model_update(&m, run);
    ok(strstr(text_of(&m, &ipd_view_objective, 80, 14), "F5 runs") != NULL,
       "before the first mini-batch the chart says what to do");
    batches(run, 4);
    ipd_model_update(&m, run);
    const char *text = text_of(&m, &ipd_view_objective, 80, 14);
    ok(dots(text) >= 4 && strstr(text, "Φ") && strstr(text, "iteration"),
       "the first iteration has points, and the legend has names");
    ok(!strstr(text, "Φ 1") && !strstr(text, "at "),
       "the legend has no values in the first iteration");
    ok(strstr(text, "0.6 ") && !strstr(text, " 2 "),
       "the first iteration has the whole width of the chart");
    ok(dots(text_of(&m, &ipd_view_gaps, 80, 14)) >= 4,
       "the chart of the gaps has points in the first iteration");
    double x[IPD_BATCH_RECORDS];
    ok(ipd_axis_of_batches(&m, x) == 4 && x[0] == 0.1 && x[3] == 0.4,
       "points of mini-batches are at fractions of the iteration");
    await(run, ipd_run_step(run, 2, &e), &e);
    ipd_model_update(&m, run);
    text = text_of(&m, &ipd_view_objective, 80, 14);
    snprintf(legend_before, sizeof legend_before, "%.*s", (int)strcspn(text, "\n"), text);
    int before = dots(text);
    batches(run, 5);
    ipd_model_update(&m, run);
    text = text_of(&m, &ipd_view_objective, 80, 14);
    snprintf(legend, sizeof legend, "%.*s", (int)strcspn(text, "\n"), text);
    ok(dots(text) > before && !strcmp(legend, legend_before),
       "later iterations have points beside the curve, and the legend stays the same");
    ipd_curves_cursor_key(&m, IPD_KEY_END);
    ok(m.chart.cursor == 2, "the cursor stops at records of iterations");
    m.chart.cursor = 0;
    m.chart.x_quantity = IPD_X_BATCH;
    ok(ipd_axis_of_batches(&m, x) == 5 && x[0] == 2 * BATCHES + 1 && x[4] == 2 * BATCHES + 5,
       "points of mini-batches on the axis of mini-batches");
    m.chart.x_quantity = IPD_X_SAMPLES;
    ok(ipd_axis_of_batches(&m, x) == 5 && x[4] == 2 * SAMPLES + 5 * BATCH,
       "points of mini-batches on the axis of samples");
    m.chart.x_quantity = IPD_X_SECONDS;
    double end = ipd_run_record(run, 0).seconds + ipd_run_record(run, 1).seconds;
    ok(ipd_axis_of_batches(&m, x) == 5 && x[0] > end && x[4] > x[0],
       "points of mini-batches on the axis of seconds");
    m.chart.x_quantity = IPD_X_GFLOP;
    end = ipd_run_record(run, 0).gflop + ipd_run_record(run, 1).gflop;
    ok(ipd_axis_of_batches(&m, x) == 5 && x[0] > end && x[4] > x[0],
       "points of mini-batches on the axis of Gflop");
    ipd_model_free(&m);
    ipd_run_free(run);
}

/* A change of the batch size does not move earlier records on the axis. */
static void test_axis(void)
{
    ipd_run *run = make_run("ipdlam", "10");
    ipd_model m = {.chart.x_quantity = IPD_X_BATCH};
    ipd_error e;

    await(run, ipd_run_step(run, 2, &e), &e);
    (void)change(run, "batch", "50");
    await(run, ipd_run_step(run, 2, &e), &e);
    ipd_model_update(&m, run);
    const ipd_column *x = ipd_axis_of_run(&m);
    double at[4];
    for (size_t i = 0; i < 4; i++)
        at[i] = x ? ipd_value_at(&x->values, i) : 0;
    ok(at[0] == 10 && at[1] == 20 && at[2] == 22 && at[3] == 24,
       "the axis counts the mini-batches that each iteration had");
    ipd_records old = {0};
    for (size_t i = 0; i < 4; i++) {
        ipd_record r = ipd_run_record(run, i);
        r.batches = i < 3 ? NAN : r.batches;
        if (ipd_records_add(&old, &r))
            fatal(&e);
    }
    ipd_model_update_records(&m, &old);
    x = ipd_axis_of_run(&m);
    ok(x && ipd_value_at(&x->values, 3) == 8,
       "records without a number of mini-batches get that of the newest record");
    ipd_records_free(&old);
    ipd_model_free(&m);
    ipd_run_free(run);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    ipd_threads_set(1, NULL);
    data = open_data("digits", SAMPLES, 20);
    test_published();
    test_resumed();
    test_thinned();
    test_drawn();
    test_axis();
    ipd_dataset_unref(data);
    return done();
}
