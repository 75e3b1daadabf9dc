/* test_switch.c - going on with another method, in every direction. */
#include "base/parallel.h"
#include "history/history.h"
#include "run/run.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

static const size_t hidden[] = {20};
static ipd_dataset *data;
static const char *rho_init = "2"; /* bcd has 1 */

/* Batches in order, so that a run that starts at iteration 1 takes the same ones. */
static ipd_run *open_run(const char *method, const ipd_network *initial, const char *history)
{
    ipd_settings s;
    ipd_run *run = NULL;
    ipd_error e;
    ipd_run_options o = {
        .hidden = hidden, .hidden_count = 1, .initial = initial, .history = history};
    ipd_settings_init(&s);
    if (ipd_settings_set(&s, "method", method, &e) || ipd_settings_set(&s, "batch", "100", &e) ||
        ipd_settings_set(&s, "shuffle", "false", &e) ||
        ipd_settings_set(&s, "rho_init", rho_init, &e) || ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    return run;
}

static void step(ipd_run *run, long n)
{
    ipd_error e = {0};
    wait_for(run, ipd_run_step(run, n, &e), &e);
}

static ipd_ticket send_switch(ipd_run *run, const char *method, const char *name, const char *value)
{
    ipd_change change = {0};
    ipd_error e = {0};
    if (name && ipd_change_add(&change, name, value, &e))
        fatal(&e);
    ipd_ticket ticket = ipd_run_switch(run, method, &change, &e);
    if (!ticket)
        fatal(&e);
    return ticket;
}

static ipd_network weights(ipd_run *run)
{
    ipd_network net = {0};
    ipd_error e = {0};
    wait_for(run, ipd_run_copy_network(run, &net, &e), &e);
    return net;
}

static int same_weights(const ipd_network *x, const ipd_network *y)
{
    for (int l = 1; l <= x->L; l++)
        if (memcmp(x->W[l].data, y->W[l].data, x->d[l] * x->d[l - 1] * sizeof(float)) ||
            memcmp(x->b[l].data, y->b[l].data, x->d[l] * sizeof(float)))
            return 0;
    return 1;
}

/* After the switch all goes as in a run that starts with these weights. */
static void test_direction(const char *from, const char *to)
{
    ipd_run *run = open_run(from, NULL, NULL);
    ipd_reply reply;
    char place[96], text[96];
    step(run, 2);
    ipd_network before = weights(run);
    reply = wait_for(run, send_switch(run, to, NULL, NULL), NULL);
    ipd_network after = weights(run);
    ipd_run *fresh = open_run(to, &before, NULL);
    ipd_place at = ipd_run_place(run), first = ipd_run_place(fresh);
    snprintf(text, sizeof text, "switch %s", to);
    ipd_place_text(&reply.place, place, sizeof place);
    ok(same_weights(&before, &after) && reply.place.iteration == 3 && reply.place.batch == 1 &&
           reply.place.batches == 3 && reply.place.block.kind == first.block.kind &&
           reply.place.block.layer == first.block.layer && at.iteration == 3 &&
           ipd_run_log_count(run) == 1 && !strcmp(ipd_run_log(run, 0)->text, text) &&
           ipd_run_log(run, 0)->place.iteration == 3,
       "%s to %s: the weights are handed over at %s", from, to, place);
    step(run, 2);
    step(fresh, 2);
    ipd_network here = weights(run), there = weights(fresh);
    ipd_record r = ipd_run_record(run, 3), s = ipd_run_record(fresh, 1);
    ok(same_weights(&here, &there) && r.iteration == 4 && !strcmp(r.method, to) &&
           !strcmp(ipd_run_record(run, 1).method, from) && !memcmp(&r.phi, &s.phi, sizeof r.phi) &&
           !memcmp(&r.rho, &s.rho, sizeof r.rho) && r.forward_loss == s.forward_loss,
       "%s to %s: as a run that starts there", from, to);
    ipd_network *all[] = {&before, &after, &here, &there};
    for (int i = 0; i < 4; i++)
        ipd_network_free(all[i]);
    ipd_run_free(run);
    ipd_run_free(fresh);
}

static void test_settings(void)
{
    ipd_run *run = open_run("ipdlam", NULL, NULL);
    ipd_error e = {0};
    const ipd_settings *s;
    step(run, 1);
    wait_for(run, send_switch(run, "adagrad", NULL, NULL), NULL);
    s = ipd_run_settings(run);
    ok(!strcmp(s->method, "adagrad") && s->lr == 0.01 && s->eps == 1e-10,
       "after a switch lr and eps are the new method's");
    wait_for(run, send_switch(run, "adam", "lr", "0.25"), NULL);
    s = ipd_run_settings(run);
    ok(s->lr == 0.25 && s->eps == 1e-8, "lr is as given, and eps is not that of the method before");
    step(run, 1);
    wait_for(run, send_switch(run, "ipdlam", "rho_init", "5"), NULL);
    ok(ipd_run_settings(run)->rho == 5, "rho is as given");
    ipd_change none = {0}, bad = {0};
    ok(!ipd_run_switch(run, "adan", &none, &e) && strstr(e.text, "Did you mean 'adam'?"), "%s",
       e.text);
    ipd_change_add(&bad, "seed", "3", &e);
    ok(!ipd_run_switch(run, "adam", &bad, &e) && strstr(e.text, "seed"), "%s", e.text);
    bad.count = 0;
    ok(ipd_change_add(&bad, "lr", "-3", &e) && strstr(e.text, "lr"), "%s", e.text);
    ok(!strcmp(ipd_run_settings(run)->method, "ipdlam") && ipd_run_log_count(run) == 3,
       "a refused switch changes nothing");
    ipd_run_free(run);
}

static double number(const ipd_run *run, char symbol)
{
    const ipd_settings *s = ipd_run_settings(run);
    return symbol == 'a'   ? s->alpha
           : symbol == 'd' ? s->delta
           : symbol == 't' ? s->rho_growth
                           : s->rho;
}

/* A switch to bcd sets its own inertia, delta and rho; a switch back restores the former ones. */
static void test_bcd(void)
{
    ipd_run *run = open_run("ipdlam", NULL, NULL);
    ipd_change change = {0};
    ipd_error e = {0};
    step(run, 2);
    wait_for(run, send_switch(run, "bcd", NULL, NULL), NULL);
    step(run, 1);
    ok(number(run, 'a') == 0 && number(run, 'd') == 5 && number(run, 'r') == 1 &&
           number(run, 't') == 1 && ipd_run_record(run, 2).rho == 1 &&
           !strcmp(ipd_run_record(run, 2).method, "bcd"),
       "bcd sets the values of its preset");
    ipd_change_add(&change, "alpha", "0.5", &e);
    ok(!ipd_run_set(run, &change, &e) && strstr(e.text, "bcd does not use alpha. Set alpha = 0"),
       "%s", e.text);
    change.count = 0;
    ipd_change_add(&change, "rho", "0.5", &e);
    ok(!ipd_run_set(run, &change, &e) && strstr(e.text, "bcd does not use rho. Set rho = 1"), "%s",
       e.text);
    change.count = 0;
    ipd_change_add(&change, "delta", "3", &e);
    ipd_change_add(&change, "order", "reverse", &e);
    wait_for(run, ipd_run_set(run, &change, &e), &e);
    step(run, 1);
    ok(ipd_run_record(run, 3).delta == 3 && !strcmp(ipd_run_record(run, 3).order, "reverse"),
       "delta and order can be changed under bcd");
    wait_for(run, send_switch(run, "ipdlam", "gamma", "0.25"), NULL);
    ok(number(run, 'a') == 0.7 && ipd_run_settings(run)->gamma == 0.25 && number(run, 'd') == 1 &&
           number(run, 'r') == 2 && number(run, 't') == 1.02,
       "after it, the preset's numbers and the first rho hold again");
    ipd_run_free(run);
    rho_init = "1";
    run = open_run("bcd", NULL, NULL);
    rho_init = "2";
    wait_for(run, ipd_run_step_blocks(run, 1, &e), &e);
    ipd_matrix V = copy_variable(run, 'a', 2);
    ok(V.rows == 10 && V.cols == 100, "V_L is a2 of two layers");
    ipd_matrix_free(&V);
    ipd_run_free(run);
}

static void test_waiting(void)
{
    ipd_run *run = open_run("ipdlam", NULL, NULL);
    ipd_error e = {0};
    ipd_reply reply;
    wait_for(run, ipd_run_step_blocks(run, 7, &e), &e);
    reply = wait_for(run, send_switch(run, "sgd", NULL, NULL), NULL);
    ok(reply.place.iteration == 2 && reply.place.batch == 1 && reply.place.block.kind == 'g' &&
           !strcmp(ipd_run_settings(run)->method, "ipdlam") && ipd_run_log_count(run) == 0,
       "a switch while paused within an iteration is answered with the place where it will happen");
    reply = wait_for(run, send_switch(run, "adam", NULL, NULL), NULL);
    step(run, 2);
    ok(!strcmp(ipd_run_record(run, 0).method, "ipdlam") &&
           !strcmp(ipd_run_record(run, 1).method, "adam") && ipd_run_log_count(run) == 1,
       "a later switch replaces the pending one and happens at the iteration's end");
    wait_for(run, ipd_run_step_blocks(run, 1, &e), &e);
    ipd_ticket waits = send_switch(run, "rmsprop", NULL, NULL);
    wait_for(run, waits, NULL);
    ipd_ticket start = ipd_run_start(run, &e), other = send_switch(run, "ipdlam", NULL, NULL);
    wait_for(run, start, &e);
    reply = wait_for(run, other, NULL);
    ok(reply.place.batch == 1 && reply.place.block.kind != 'g',
       "a switch while the run trains is answered once it is done");
    wait_for(run, ipd_run_pause(run, &e), &e);
    ok(!strcmp(ipd_run_settings(run)->method, "ipdlam"), "the run goes on with the new method");
    ipd_run_free(run);
    run = open_run("sgd", NULL, NULL); /* one that is never carried out */
    wait_for(run, ipd_run_step_blocks(run, 1, &e), &e);
    send_switch(run, "ipdlam", NULL, NULL);
    ipd_run_free(run);
}

static void test_frozen(void)
{
    ipd_run *run = open_run("adam", NULL, NULL);
    ipd_change change = {0};
    ipd_error e = {0};
    step(run, 1);
    ipd_network before = weights(run);
    ipd_change_add(&change, "freeze", "W1", &e);
    wait_for(run, ipd_run_set(run, &change, &e), &e);
    step(run, 1);
    ipd_network after = weights(run);
    size_t size = before.d[1] * before.d[0] * sizeof(float);
    ok(!memcmp(before.W[1].data, after.W[1].data, size) &&
           !memcmp(before.b[1].data, after.b[1].data, before.d[1] * sizeof(float)),
       "a frozen layer stays as it is");
    ok(memcmp(before.W[2].data, after.W[2].data, before.d[2] * sizeof(float)) != 0,
       "the other one moves");
    ipd_network_free(&before);
    ipd_network_free(&after);
    ipd_run_free(run);
}

static void test_steps(void)
{
    ipd_run *run = open_run("sgd", NULL, NULL);
    ipd_block_report report;
    ipd_reply reply;
    ipd_error e = {0};
    char text[96];
    ipd_place at = ipd_run_place(run);
    ipd_place_text(&at, text, sizeof text);
    ok(!strcmp(text, "iteration 1, batch 1 of 3"), "a place: %s", text);
    wait_for(run, ipd_run_step_blocks(run, 2, &e), &e);
    ok(ipd_run_recent_blocks(run, &report, 1) == 1 && report.at.block.kind == 'g' &&
           report.at.batch == 2 && report.phi > 0 && isnan(report.change),
       "a report has the batch and its loss");
    step(run, 1);
    ipd_record r = ipd_run_record(run, 0);
    ok(r.forward_loss > 0 && r.train_accuracy > 0 && r.test_accuracy > 0 && r.gflop > 0 &&
           r.seconds > 0 && r.samples == 250 && isnan(r.phi) && isnan(r.rho) &&
           isnan(r.seconds_by_block[0]) && !*r.order,
       "a record has the values that the method has");
    wait_for(run, send_switch(run, "sgd", "lr", "1e6"), NULL);
    ipd_ticket ticket = ipd_run_step(run, 9, &e);
    ipd_run_wait(run, ticket, &reply, &e);
    ok(ipd_run_get_status(run) == IPD_DIVERGED &&
           !strncmp(ipd_run_status_text(run), "diverged at iteration 2, batch ", 31),
       "%s", ipd_run_status_text(run));
    ok(!ipd_run_switch(run, "adam", NULL, &e) && strstr(e.text, "cannot continue"), "%s", e.text);
    ipd_run_free(run);
}

static void set(ipd_run *run, const char *name, const char *value)
{
    ipd_change c = {0};
    ipd_error e;
    if (ipd_change_add(&c, name, value, &e))
        fatal(&e);
    wait_for(run, ipd_run_set(run, &c, &e), &e);
}

/* A switch that is good when it is given, and not any more at the iteration's end. */
static void test_too_late(void)
{
    ipd_run *run = open_run("ipdlam", NULL, NULL);
    ipd_error e;
    ipd_reply reply;
    wait_for(run, ipd_run_step_blocks(run, 1, &e), &e);
    reply = wait_for(run, send_switch(run, "adam", NULL, NULL), NULL);
    ok(reply.place.iteration == 2, "a switch is promised for iteration 2");
    set(run, "regularizer", "ridge");
    step(run, 1);
    size_t entries = ipd_run_log_count(run);
    const ipd_log_entry *last = ipd_run_log(run, entries - 1);
    ok(entries == 2 && last->place.iteration == 2 &&
           !strncmp(last->text, "still ipdlam: adam does not use regularizer", 43) &&
           ipd_run_get_status(run) == IPD_PAUSED &&
           !strcmp(ipd_run_settings(run)->method, "ipdlam"),
       "the log says why it was not kept: %s", last->text);
    step(run, 1);
    ok(!strcmp(ipd_run_record(run, 1).method, "ipdlam"), "the run goes on with its method");

    wait_for(run, ipd_run_step_blocks(run, 1, &e), &e);
    set(run, "regularizer", "none");
    send_switch(run, "adam", NULL, NULL);
    set(run, "regularizer", "ridge");
    ipd_ticket ticket = send_switch(run, "sgd", "regularizer", "none");
    wait_for(run, ticket, NULL);
    step(run, 2);
    ok(!strcmp(ipd_run_record(run, 3).method, "sgd"),
       "a later switch with the missing setting succeeds");
    ipd_run_free(run);
}

static int see_change(void *context, const ipd_place *place, const char *text)
{
    char where[96];
    ipd_place_text(place, where, sizeof where);
    snprintf(context, 200, "%s: %s", where, text);
    return 0;
}

static void test_history(void)
{
    char path[] = "/tmp/ipdlam-switch-XXXXXX", seen[200] = "";
    int file = mkstemp(path);
    ipd_history *h;
    ipd_error e = {0};
    if (file < 0 || close(file) || unlink(path)) {
        skip("no temporary file");
        return;
    }
    ipd_run *run = open_run("adam", NULL, path);
    step(run, 1);
    wait_for(run, send_switch(run, "ipdlam", "delta", "2"), NULL);
    step(run, 1);
    long id = ipd_run_id(run);
    ipd_run_free(run);
    if (ipd_history_open(&h, path, 0, &e) || ipd_history_changes(h, id, see_change, seen, &e))
        fatal(&e);
    ipd_history_close(h);
    ok(!strcmp(seen, "iteration 2: switch ipdlam: delta = 2"), "the switch is in the history: %s",
       seen);
    unlink(path);
}

int main(void)
{
    static const char *const directions[][2] = {
        {"ipdlam", "adam"},   {"adam", "ipdlam"},    {"sgd", "rmsprop"},   {"amsgrad", "adadelta"},
        {"ipdlam", "adamax"}, {"adagrad", "ipdlam"}, {"ipdlam", "ipdlam"}, {"adam", "adam"}};
    ipd_error e;
    if (ipd_threads_set(2, &e) ||
        ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 250, .test = 50}, &e))
        fatal(&e);
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
        test_direction(directions[i][0], directions[i][1]);
    rho_init = "1";
    test_direction("ipdlam", "bcd");
    test_direction("bcd", "ipdlam");
    test_direction("bcd", "adam");
    test_direction("adam", "bcd");
    rho_init = "2";
    test_settings();
    test_bcd();
    test_waiting();
    test_frozen();
    test_steps();
    test_too_late();
    test_history();
    ipd_dataset_unref(data);
    return done();
}
