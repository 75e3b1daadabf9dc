/* test_request.c - schedules of rho in runs; requests, answers and declined requests. */
#include "base/parallel.h"
#include "history/history.h"
#include "run/run.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const size_t hidden[] = {20, 12};
static ipd_dataset *data;

static ipd_run *open_run(const char *method, const char *schedule, const char *history)
{
    ipd_run_options o = {.hidden = hidden, .hidden_count = 2, .history = history, .answers = 1};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    if (ipd_settings_set((ipd_settings_init(&s), &s), "preset", "ipdlam", &e) ||
        ipd_settings_set(&s, "method", method, &e) ||
        ipd_settings_set(&s, "rho_schedule", schedule, &e) || ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    return run;
}

static void step(ipd_run *run, long n)
{
    ipd_error e;
    wait_for(run, ipd_run_step(run, n, &e), &e);
}

static ipd_ticket send_change(ipd_run *run, const char *name, const char *value, ipd_error *e)
{
    ipd_change c = {0};
    if (ipd_change_add(&c, name, value, e))
        fatal(e);
    return ipd_run_set(run, &c, e);
}

static void change(ipd_run *run, const char *name, const char *value)
{
    ipd_error e;
    wait_for(run, send_change(run, name, value, &e), &e);
}

/* Polls until something is asked; its number. */
static unsigned long request(ipd_run *run)
{
    while (!ipd_run_request(run)->number)
        ipd_run_poll(run, -1);
    return ipd_run_request(run)->number;
}

/* Steps n iterations; each is answered by the values in turn. */
static void step_with(ipd_run *run, long n, const double *values)
{
    ipd_reply reply;
    ipd_error e;
    ipd_ticket t = sent(ipd_run_step(run, n, &e), &e);
    while (!ipd_run_replied(run, t, &reply))
        if (ipd_run_request(run)->number)
            wait_for(run, ipd_run_answer(run, request(run), *values++, &e), &e);
        else
            ipd_run_poll(run, -1);
    if (reply.failed)
        fatal(&reply.error);
}

static int rhos_are(ipd_run *run, size_t count, const double *values)
{
    int same = ipd_run_record_count(run) == count;
    for (size_t i = 0; i < count && same; i++)
        if (ipd_run_record(run, i).rho != values[i]) {
            printf("# iteration %zu: rho is %.17g\n", i + 1, ipd_run_record(run, i).rho);
            same = 0;
        }
    return same;
}

static int log_is(ipd_run *run, size_t index, int iteration, const char *text)
{
    if (index >= ipd_run_log_count(run))
        return 0;
    const ipd_log_entry *l = ipd_run_log(run, index);
    if (l->place.iteration == iteration && l->place.block.kind == 'z' &&
        l->place.block.layer == 1 && !strcmp(l->text, text))
        return 1;
    printf("# the log has, at iteration %d: %s\n", l->place.iteration, l->text);
    return 0;
}

static void test_schedules(void)
{
    ipd_run *run = open_run("ipdlam", "geometric", NULL);
    step(run, 3);
    ok(rhos_are(run, 3, (double[]){1, 1.1, 1.1 * (1.1 * 1)}),
       "the default schedule of rho is geometric");
    ipd_run_free(run);
    run = open_run("ipdlam", "constant", NULL);
    step(run, 3);
    ok(rhos_are(run, 3, (double[]){1, 1, 1}), "rho_schedule = constant keeps rho");
    change(run, "rho", "2");
    step(run, 2);
    ok(rhos_are(run, 5, (double[]){1, 1, 1, 2, 2}), "a value set under a constant schedule stays");
    ipd_run_free(run);
    run = open_run("ipdlam", "2:4,4:0.5", NULL);
    step(run, 5);
    ok(rhos_are(run, 5, (double[]){1, 4, 4, 0.5, 0.5}), "rho follows steps");
    change(run, "rho_schedule", "6:3,7:9");
    ok(ipd_run_settings(run)->rho == 3 && !strcmp(ipd_run_settings(run)->rho_schedule, "6:3,7:9"),
       "new steps take effect in the next iteration");
    step(run, 2);
    ok(rhos_are(run, 7, (double[]){1, 4, 4, 0.5, 0.5, 3, 9}), "new steps stay in effect");
    ipd_error e;
    ok(!send_change(run, "rho_schedule", "8:1e10", &e) && strstr(e.text, "Raise rho_max too"),
       "steps beyond rho_max are refused: %s", e.text);
    wait_for(run, ipd_run_switch(run, "adam", NULL, &e), &e);
    step(run, 1);
    wait_for(run, ipd_run_switch(run, "ipdlam", NULL, &e), &e);
    step(run, 1);
    ok(ipd_run_record(run, 8).rho == 9, "after a switch of the method the steps continue");
    ipd_run_free(run);
}

static void replay_log(ipd_run *x, const char *what)
{
    ipd_run *y = open_run("ipdlam", "constant", NULL);
    ipd_network a = {0}, b = {0};
    ipd_error e;
    size_t entry = 0;
    for (;;) {
        int k = ipd_run_place(y).iteration;
        while (entry < ipd_run_log_count(x) && ipd_run_log(x, entry)->place.iteration == k) {
            char text[IPD_LOG_TEXT];
            snprintf(text, sizeof text, "%s", ipd_run_log(x, entry++)->text);
            change(y, "rho", text + strlen("set rho = "));
        }
        if (ipd_run_record_count(y) == ipd_run_record_count(x))
            break;
        step(y, 1);
    }
    wait_for(x, ipd_run_copy_network(x, &a, &e), &e);
    wait_for(y, ipd_run_copy_network(y, &b, &e), &e);
    int same = entry == ipd_run_log_count(x);
    for (int l = 1; l <= 3; l++)
        same &= !memcmp(a.W[l].data, b.W[l].data, a.W[l].rows * a.W[l].cols * sizeof(float)) &&
                !memcmp(a.b[l].data, b.b[l].data, a.b[l].rows * sizeof(float));
    for (size_t i = 0; i < ipd_run_record_count(x); i++)
        same &= ipd_run_record(x, i).phi == ipd_run_record(y, i).phi &&
                ipd_run_record(x, i).xi_start == ipd_run_record(y, i).xi_start &&
                ipd_run_record(x, i).xi_proved == ipd_run_record(y, i).xi_proved;
    ok(same, "%s", what);
    ipd_network_free(&a);
    ipd_network_free(&b);
    ipd_run_free(y);
}

static void test_answers(void)
{
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("ipdlam", "function", NULL);
    ipd_run_poll(run, 0);
    ok(!ipd_run_request(run)->number, "a paused run sends no requests");
    step_with(run, 6, (double[]){1, 1, 1.21, 1.21, 1 / 3.0, 1e12});
    ok(rhos_are(run, 6, (double[]){1, 1, 1.21, 1.21, 1 / 3.0, 1e9}),
       "each iteration has the rho that was answered, at most rho_max");
    ok(ipd_run_log_count(run) == 3 && log_is(run, 0, 3, "set rho = 1.21") &&
           log_is(run, 1, 5, "set rho = 0.3333333333333333") &&
           log_is(run, 2, 6, "set rho = 1000000000"),
       "the log has the answers that changed rho, and nothing else");
    ok(ipd_run_record(run, 2).xi_proved == ipd_run_record(run, 1).xi_proved,
       "before the first block a change is within no sweep");
    replay_log(run, "the log without the function gives the same bits");
    ipd_ticket t = sent(ipd_run_step_blocks(run, 1, &e), &e);
    unsigned long q = request(run);
    const ipd_request *asked = ipd_run_request(run);
    ok(asked->kind == IPD_ASK_VALUE && asked->place.iteration == 7 && asked->stepping &&
           ipd_run_get_status(run) == IPD_RUNNING &&
           !strcmp(ipd_run_status_text(run), "running, waits for rho of iteration 7"),
       "the status names the value that the run waits for: %s", ipd_run_status_text(run));
    static const double bad[] = {0, -1, NAN, INFINITY, 1e31};
    int refused = 0;
    for (int i = 0; i < 5; i++)
        refused += !ipd_run_answer(run, q, bad[i], &e) && e.code == IPD_EUSAGE;
    ok(refused == 5 && strstr(e.text, "Use more than 0 to 1e+30"), "impossible values: %s", e.text);
    ok(!ipd_run_replied(run, t, &r) && request(run) == q,
       "the run still waits after an impossible value");
    wait_for(run, ipd_run_answer(run, q, 5, &e), &e);
    wait_for(run, t, &e);
    ok(ipd_run_settings(run)->rho == 5, "after the answer the block is done");
    ipd_ticket again = sent(ipd_run_answer(run, q, 6, &e), &e);
    ok(ipd_run_wait(run, again, &r, &e) && e.code == IPD_ESTATE, "a second answer fails: %s",
       e.text);
    step(run, 1);
    ok(ipd_run_record(run, 6).rho == 5,
       "a value is requested once per iteration, not once per step");
    ipd_run_free(run);
}

static void test_waiting(void)
{
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("ipdlam", "function", NULL);
    ipd_ticket t = sent(ipd_run_step(run, 2, &e), &e);
    unsigned long q = request(run);
    change(run, "delta", "0.5");
    ok(ipd_run_settings(run)->delta == 0.5 && request(run) == q && !ipd_run_replied(run, t, &r),
       "a setting changes while the run waits");
    wait_for(run, ipd_run_pause(run, &e), &e);
    ok(ipd_run_replied(run, t, &r) && r.cut && !ipd_run_request(run)->number &&
           !strcmp(ipd_run_status_text(run), "paused"),
       "a pause cuts the step and withdraws the request");
    t = sent(ipd_run_answer(run, q, 3, &e), &e);
    ok(ipd_run_wait(run, t, &r, &e) && strstr(e.text, "no longer open"),
       "an answer after the withdrawal fails: %s", e.text);
    sent(ipd_run_start(run, &e), &e);
    unsigned long second = request(run);
    ok(second > q && !ipd_run_request(run)->stepping, "going on sends a new request");
    t = sent(ipd_run_step(run, 1, &e), &e);
    while (!ipd_run_request(run)->stepping)
        ipd_run_poll(run, -1);
    ok(request(run) == second && strstr(ipd_run_status_text(run), "waits for rho"),
       "a step takes the place of a start, and the request stands");
    wait_for(run, ipd_run_decline(run, second, "rho of iteration 1: no idea", &e), &e);
    ok(ipd_run_wait(run, t, &r, &e) && e.code == IPD_EUSAGE &&
           !strcmp(e.text, "rho of iteration 1: no idea") &&
           ipd_run_get_status(run) == IPD_PAUSED && ipd_run_record_count(run) == 0 &&
           !strcmp(ipd_run_status_text(run), "paused: rho of iteration 1: no idea"),
       "a declined request pauses the run: %s", ipd_run_status_text(run));
    change(run, "rho_schedule", "constant");
    step(run, 1);
    ok(rhos_are(run, 1, (double[]){1}), "the run goes on with another schedule");

    change(run, "rho_schedule", "function");
    t = sent(ipd_run_step(run, 1, &e), &e);
    q = request(run);
    change(run, "rho_schedule", "function");
    ok(request(run) > q, "another function causes a new request");
    change(run, "rho_schedule", "2:7");
    wait_for(run, t, &e);
    ok(rhos_are(run, 2, (double[]){1, 7}), "another schedule withdraws the request");

    change(run, "rho_schedule", "function");
    t = sent(ipd_run_step_blocks(run, 1, &e), &e);
    q = request(run);
    wait_for(run, ipd_run_switch(run, "adam", NULL, &e), &e);
    wait_for(run, t, &e);
    ok(!ipd_run_request(run)->number, "so does a switch to a method without rho");
    step(run, 1);
    wait_for(run, ipd_run_switch(run, "ipdlam", NULL, &e), &e);
    t = sent(ipd_run_step(run, 1, &e), &e);
    wait_for(run, ipd_run_answer(run, request(run), 4, &e), &e);
    wait_for(run, t, &e);
    ok(ipd_run_record(run, ipd_run_record_count(run) - 1).rho == 4,
       "after the switch back the run sends requests again");
    sent(ipd_run_step(run, 1, &e), &e);
    request(run);
    ipd_run_free(run);
    ok(1, "a run that waits can be freed");
}

static void test_refused(void)
{
    ipd_run_options o = {.hidden = hidden, .hidden_count = 2};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    ipd_change c = {0};
    ipd_settings_init(&s);
    ipd_settings_set(&s, "rho_schedule", "function", &e);
    ok(ipd_run_open(&run, data, &s, &o, &e) && e.code == IPD_EUSAGE &&
           strstr(e.text, "needs a function"),
       "a function that nobody would answer is refused at the start: %s", e.text);
    ipd_settings_init(&s);
    if (ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    ok(!send_change(run, "rho_schedule", "function", &e) && strstr(e.text, "needs a function"),
       "it is refused as a later change");
    ipd_change_add(&c, "rho_schedule", "function", &e);
    ok(!ipd_run_switch(run, "ipdlam", &c, &e) && strstr(e.text, "needs a function"),
       "it is refused in a switch");
    ipd_run_free(run);
    run = open_run("adam", "function", NULL);
    step(run, 2);
    ok(ipd_run_record_count(run) == 2, "an optimizer sends no requests for rho");
    ipd_run_free(run);
}

/* A listener that answers and waits: every message is delivered once, and in order. */
typedef struct heard {
    size_t records, changes, requests;
    int depth, deepest, wrong;
} heard;

static void listen(void *context, ipd_run *run, ipd_message message, unsigned long index)
{
    heard *h = context;
    ipd_error e;
    if (++h->depth > h->deepest)
        h->deepest = h->depth;
    switch (message) {
    case IPD_NEW_RECORD:
        h->wrong += index != h->records++;
        wait_for(run, send_change(run, "delta", h->records % 2 ? "0.5" : "1", &e), &e);
        break;
    case IPD_NEW_CHANGE:
        h->wrong += index != h->changes++;
        break;
    case IPD_NEW_REQUEST:
        h->requests++;
        wait_for(run, ipd_run_answer(run, index, 1 + (double)h->records, &e), &e);
        break;
    default:
        break;
    }
    h->depth--;
}

static void test_listener(void)
{
    ipd_run *run = open_run("ipdlam", "function", NULL);
    ipd_error e;
    heard h = {0};
    ipd_run_listen(run, listen, &h);
    while (ipd_run_record_count(run) < 12) {
        ipd_ticket t = sent(ipd_run_step(run, 1, &e), &e);
        while (!ipd_run_answered(run, t))
            ipd_run_poll(run, -1);
        ipd_run_forget(run, t);
    }
    while (ipd_run_poll(run, 0))
        ;
    ok(h.wrong == 0 && h.deepest == 1,
       "a listener that waits receives every message once and in order");
    ok(h.records == ipd_run_record_count(run) && h.changes == ipd_run_log_count(run) &&
           h.requests >= h.records,
       "%zu records, %zu changes, %zu requests", h.records, h.changes, h.requests);
    ipd_run_free(run);
}

static int see_run(void *context, const ipd_history_run *run)
{
    snprintf(context, IPD_HISTORY_SETTINGS, "%s", run->settings);
    return 0;
}

static int see_change(void *context, const ipd_place *place, const char *text)
{
    size_t n = strlen(context);
    snprintf((char *)context + n, 200 - n, "%d: %s; ", place->iteration, text);
    return 0;
}

static void test_history(void)
{
    char path[] = "/tmp/ipdlam-request-XXXXXX", seen[200] = "", settings[IPD_HISTORY_SETTINGS] = "";
    int file = mkstemp(path);
    ipd_history *h;
    ipd_error e;
    if (file < 0 || close(file) || unlink(path)) {
        skip("no temporary file");
        return;
    }
    ipd_run *run = open_run("ipdlam", "function", path);
    step_with(run, 2, (double[]){2, 3});
    long id = ipd_run_id(run);
    ipd_run_free(run);
    if (ipd_history_open(&h, path, 0, &e) || ipd_history_changes(h, id, see_change, seen, &e) ||
        ipd_history_runs(h, 0, see_run, settings, &e))
        fatal(&e);
    ipd_history_close(h);
    ok(strstr(settings, "\"rho_schedule\": \"function\"") != NULL,
       "the history names the function");
    ok(!strcmp(seen, "1: set rho = 2; 2: set rho = 3; "),
       "the history has the values of the function: %s", seen);
    unlink(path);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(2, &e) ||
        ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 150, .test = 50}, &e))
        fatal(&e);
    test_schedules();
    test_answers();
    test_waiting();
    test_refused();
    test_listener();
    test_history();
    ipd_dataset_unref(data);
    return done();
}
