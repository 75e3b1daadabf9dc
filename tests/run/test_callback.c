/* test_callback.c - events: a run waits at the boundary until all its callbacks have returned. */
#include "base/parallel.h"
#include "base/random.h"
#include "run/run.h"
#include "tests/run/wait.h"
#include "tests/tap.h"

#include <string.h>

enum { BLOCK = 1 << IPD_EVENT_BLOCK, BATCH = 1 << IPD_EVENT_BATCH };
enum { ITERATION = 1 << IPD_EVENT_ITERATION, CHANGE = 1 << IPD_EVENT_CHANGE };
enum { BATCHES = 3, BLOCKS = 8 }; /* of an iteration; of a batch */

static const size_t hidden[] = {8, 6};
static ipd_dataset *data;

static ipd_run *open_run(const char *batch)
{
    ipd_run_options o = {.hidden = hidden, .hidden_count = 2, .answers = 1, .snapshots = -1};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    if (ipd_settings_set((ipd_settings_init(&s), &s), "preset", "ipdlam", &e) ||
        ipd_settings_set(&s, "batch", batch, &e) || ipd_run_open(&run, data, &s, &o, &e))
        fatal(&e);
    return run;
}

static ipd_ticket send_change(ipd_run *run, const char *name, const char *value)
{
    ipd_change c = {0};
    ipd_error e;
    if (ipd_change_add(&c, name, value, &e))
        fatal(&e);
    return sent(ipd_run_set(run, &c, &e), &e);
}

static void set_calls(ipd_run *run, unsigned events)
{
    ipd_error e;
    wait_for(run, ipd_run_set_calls(run, events, &e), &e);
}

/* Polls until something is asked. */
static ipd_request request(ipd_run *run)
{
    while (!ipd_run_request(run)->number)
        ipd_run_poll(run, -1);
    return *ipd_run_request(run);
}

/* Returns 1 if the ticket is unanswered although the run has carried out all commands. */
static int is_held(ipd_run *run, ipd_ticket ticket)
{
    ipd_reply r;
    ipd_error e;
    wait_for(run, ipd_run_pause_within(run, &e), &e);
    return !ipd_run_replied(run, ticket, &r);
}

static void answer(ipd_run *run)
{
    ipd_error e;
    wait_for(run, ipd_run_answer(run, request(run).number, 0, &e), &e);
}

/* Declines the request and polls until the answer has arrived. */
static ipd_ticket decline(ipd_run *run, const char *why)
{
    ipd_error e;
    unsigned long number = request(run).number;
    ipd_ticket ticket = sent(ipd_run_decline(run, number, why, &e), &e);
    while (ipd_run_request(run)->number == number)
        ipd_run_poll(run, -1);
    return ticket;
}

static int is_event(ipd_run *run, ipd_event event, size_t index)
{
    ipd_request q = request(run);
    if (q.kind == IPD_ASK_CALLBACK && q.event == event && q.index == index)
        return 1;
    printf("# asked is event %d, %zu\n", (int)q.event, q.index);
    return 0;
}

/* Answers all requests until the ticket is answered; notes each event as "b", "B", "i" or "c". */
static ipd_reply answer_all(ipd_run *run, ipd_ticket ticket, char *seen, size_t size)
{
    ipd_reply r;
    size_t n = 0;
    while (!ipd_run_replied(run, ticket, &r))
        if (ipd_run_request(run)->number) {
            if (n + 1 < size)
                seen[n++] = "bBic"[request(run).event];
            answer(run);
        } else {
            ipd_run_poll(run, -1);
        }
    seen[n] = 0;
    ipd_run_forget(run, ticket);
    return r;
}

static void order(void)
{
    static const char *const whole = "bbbbbbbbBbbbbbbbbBbbbbbbbbBi";
    char seen[200];
    ipd_error e;
    ipd_run *run = open_run("20");
    ipd_reply r = wait_for(run, ipd_run_step(run, 1, &e), &e);
    ok(!r.cut && !ipd_run_request(run)->number, "without callbacks the run sends no requests");
    set_calls(run, BLOCK | BATCH | ITERATION);
    r = answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(!strcmp(seen, whole) && !r.failed && !r.cut && ipd_run_record_count(run) == 2,
       "events of block, batch and iteration come in this order: %s", seen);
    ok(r.place.iteration == 3, "the step is answered after its events");
    set_calls(run, BATCH);
    answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(!strcmp(seen, "BBB"), "with callbacks on batches only these are sent: %s", seen);
    set_calls(run, BLOCK);
    answer_all(run, sent(ipd_run_step_kind(run, 0, 1, &e), &e), seen, sizeof seen);
    ok(strspn(seen, "b") == strlen(seen) && *seen, "blocks of a step by kind: %s", seen);
    set_calls(run, 0);
    answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(!*seen, "without the callback no event is sent any more");
    ipd_run_free(run);
    run = open_run("0");
    set_calls(run, BATCH | ITERATION);
    answer_all(run, sent(ipd_run_step(run, 2, &e), &e), seen, sizeof seen);
    ok(!strcmp(seen, "BiBi"), "a full batch is one batch: %s", seen);
    set_calls(run, BLOCK | ITERATION);
    sent(ipd_run_step(run, 1, &e), &e);
    for (int i = 0; i < BLOCKS - 1; i++)
        answer(run);
    request(run); /* the last block */
    set_calls(run, BLOCK);
    answer(run);
    wait_for(run, ipd_run_pause(run, &e), &e);
    ok(!ipd_run_request(run)->number, "an event whose callback was removed is not sent");
    ipd_run_free(run);
}

static int same_run(ipd_run *a, ipd_run *b)
{
    size_t n = ipd_run_record_count(a);
    int same = n == ipd_run_record_count(b) && ipd_run_log_count(a) == ipd_run_log_count(b);
    for (size_t i = 0; i < n && same; i++)
        same = ipd_run_record(a, i).phi == ipd_run_record(b, i).phi;
    for (size_t i = 0; i < ipd_run_log_count(a) && same; i++)
        same = !memcmp(&ipd_run_log(a, i)->place, &ipd_run_log(b, i)->place, sizeof(ipd_place)) &&
               !strcmp(ipd_run_log(a, i)->text, ipd_run_log(b, i)->text);
    return same;
}

/* A change made at an event gives the same bits as the same change between two steps. */
static void changes(ipd_event event)
{
    enum { ITERATIONS = 3 };
    static const char *const names[] = {"block", "batch", "iteration"};
    char seen[200], value[20];
    int n = 0;
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("20"), *twin = open_run("20");
    set_calls(run, 1u << event);
    ipd_ticket t = sent(ipd_run_step(run, ITERATIONS, &e), &e);
    while (!ipd_run_replied(run, t, &r)) {
        if (!ipd_run_request(run)->number) {
            ipd_run_poll(run, -1);
            continue;
        }
        snprintf(value, sizeof value, "%g", 1 + 0.5 / ++n);
        ipd_reply at = wait_for(run, send_change(run, "delta", value), &e);
        if (memcmp(&at.place, &ipd_run_request(run)->place, sizeof at.place))
            n += 1000;
        answer(run);
    }
    for (int i = 1; ipd_run_record_count(twin) < ITERATIONS; i++) {
        wait_for(twin,
                 event == IPD_EVENT_BLOCK   ? ipd_run_step_blocks(twin, 1, &e)
                 : event == IPD_EVENT_BATCH ? ipd_run_step_batches(twin, 1, &e)
                                            : ipd_run_step(twin, 1, &e),
                 &e);
        snprintf(value, sizeof value, "%g", 1 + 0.5 / i);
        wait_for(twin, send_change(twin, "delta", value), &e);
    }
    ok(n < 1000 && same_run(run, twin), "set at a %s: there, and logged there (%d)", names[event],
       n);
    wait_for(run, ipd_run_verify(run, &e), &e);
    ok(!ipd_run_request(run)->number, "a replay sends no events and has the same bits");
    wait_for(run, ipd_run_rewind(run, 1, &e), &e);
    ok(!ipd_run_request(run)->number && ipd_run_record_count(run) == 1, "a rewind sends no events");
    answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(*seen, "the run sends events again when it goes on: %s", seen);
    ipd_run_free(run);
    ipd_run_free(twin);
}

static void pauses(void)
{
    ipd_error e;
    ipd_reply r;
    ipd_run *run = open_run("20");
    set_calls(run, BLOCK);
    ipd_ticket t = sent(ipd_run_step(run, 2, &e), &e);
    request(run);
    r = wait_for(run, ipd_run_pause_within(run, &e), &e);
    ok(ipd_run_get_status(run) == IPD_PAUSED && ipd_run_request(run)->number,
       "a pause from a callback is answered at once, and the callback stays open");
    ok(is_held(run, t), "the step is not answered before the callback returns");
    ipd_ticket other = sent(ipd_run_pause(run, &e), &e);
    ok(is_held(run, other), "nor is a pause that another sender requested");
    answer(run);
    ipd_reply step = wait_for(run, t, &e);
    ok(step.cut && !step.failed && !memcmp(&step.place, &r.place, sizeof r.place),
       "the pause ends the step early");
    wait_for(run, other, &e);
    wait_for(run, ipd_run_pause(run, &e), &e);
    ok(!ipd_run_request(run)->number, "the run is paused");
    t = sent(ipd_run_step_blocks(run, 1, &e), &e);
    request(run);
    wait_for(run, ipd_run_pause_within(run, &e), &e);
    answer(run);
    step = wait_for(run, t, &e);
    ok(!step.cut, "a step that is complete there is not cut");
    wait_for(run, ipd_run_start(run, &e), &e);
    request(run);
    t = sent(ipd_run_step_blocks(run, 2, &e), &e);
    ok(is_held(run, t), "a step sent meanwhile begins afterwards");
    t = sent(ipd_run_step_blocks(run, 2, &e), &e);
    answer(run);
    answer(run);
    answer(run);
    ok(!wait_for(run, t, &e).cut && ipd_run_get_status(run) == IPD_PAUSED,
       "that step is done completely");
    ipd_run_free(run);
}

static void declines(void)
{
    ipd_error e, why;
    ipd_reply r;
    char seen[20];
    ipd_run *run = open_run("0");
    set_calls(run, ITERATION | BATCH);
    ipd_ticket t = sent(ipd_run_step(run, 5, &e), &e);
    ipd_ticket declined = decline(run, "no luck");
    ok(is_event(run, IPD_EVENT_ITERATION, 0), "the next event of the boundary is sent");
    ok(is_held(run, t) && is_held(run, declined), "before any reply is sent");
    answer(run);
    ok(ipd_run_wait(run, t, &r, &why) && why.code == IPD_ECALLBACK && !strcmp(why.text, "no luck"),
       "the step fails with the reason that was given: %s", why.text);
    ok(ipd_run_answered(run, declined), "the refusal is answered together with the step");
    ok(ipd_run_record_count(run) == 1 && !strcmp(ipd_run_status_text(run), "paused: no luck"),
       "the run is %s", ipd_run_status_text(run));
    r = answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(!r.failed && !strcmp(seen, "Bi"), "the run goes on after that: %s", seen);
    wait_for(run, ipd_run_start(run, &e), &e);
    declined = decline(run, "again");
    answer(run);
    ok(ipd_run_wait(run, declined, &r, NULL),
       "a refusal fails if no step is waiting that could fail");
    ok(!strcmp(ipd_run_status_text(run), "paused: again"), "and the run is %s",
       ipd_run_status_text(run));
    ok(ipd_run_wait(run, ipd_run_answer(run, 1, 0, &e), &r, &e) && strstr(e.text, "no longer open"),
       "an answer to an answered request fails: %s", e.text);
    ipd_run_free(run);
}

static void at_rest(void)
{
    ipd_error e;
    ipd_reply r;
    char seen[20];
    ipd_run *run = open_run("0");
    wait_for(run, send_change(run, "delta", "2"), &e);
    set_calls(run, CHANGE);
    ok(!ipd_run_request(run)->number, "changes before the first callback send no events");
    ipd_ticket t = send_change(run, "delta", "3");
    ok(is_event(run, IPD_EVENT_CHANGE, 1) && is_held(run, t),
       "a change of a paused run is answered after its callbacks");
    wait_for(run, send_change(run, "delta", "4"), &e);
    ok(is_event(run, IPD_EVENT_CHANGE, 1), "a change from an open callback is answered at once");
    answer(run);
    ok(is_event(run, IPD_EVENT_CHANGE, 2) && is_held(run, t),
       "the event of that change comes next");
    answer(run);
    wait_for(run, t, &e);
    t = send_change(run, "delta", "5");
    ipd_ticket declined = decline(run, "bad");
    ok(ipd_run_wait(run, t, &r, &e) && e.code == IPD_ECALLBACK &&
           ipd_run_settings(run)->delta == 5 && ipd_run_answered(run, declined),
       "a refused change event fails the change, which stays in force: %s", e.text);
    r = answer_all(run, sent(ipd_run_undo(run, &e), &e), seen, sizeof seen);
    ok(!strcmp(seen, "cc") && ipd_run_settings(run)->delta == 4, "an undo is two entries: %s",
       seen);
    set_calls(run, CHANGE | ITERATION);
    t = sent(ipd_run_step(run, 1, &e), &e);
    ok(is_event(run, IPD_EVENT_ITERATION, 0), "an iteration ends");
    wait_for(run, send_change(run, "delta", "1"), &e);
    wait_for(run, ipd_run_undo(run, &e), &e);
    answer(run);
    r = answer_all(run, t, seen, sizeof seen);
    ok(!strcmp(seen, "ccc") && !r.failed && !r.cut,
       "changes of a callback send events after it: %s", seen);
    ipd_run_free(run);
}

/* Commands that replace the iteration that a callback is about. */
static void travels(void)
{
    ipd_error e;
    ipd_reply r;
    char seen[60];
    ipd_run *run = open_run("20");
    set_calls(run, ITERATION);
    answer_all(run, sent(ipd_run_step(run, 2, &e), &e), seen, sizeof seen);
    ipd_ticket t = sent(ipd_run_step(run, 5, &e), &e);
    ok(is_event(run, IPD_EVENT_ITERATION, 2), "the third iteration's callback is open");
    wait_for(run, ipd_run_rewind(run, 1, &e), &e);
    ok(ipd_run_record_count(run) == 1 && ipd_run_request(run)->index == 2,
       "it stays open although a rewind has removed its iteration");
    ipd_ticket next = sent(ipd_run_step(run, 1, &e), &e);
    ok(is_held(run, t), "the run goes on when the callback has returned");
    next = sent(ipd_run_step(run, 1, &e), &e);
    answer(run);
    r = wait_for(run, t, &e);
    ok(r.cut && is_event(run, IPD_EVENT_ITERATION, 1), "a new step cuts the step before");
    answer(run);
    wait_for(run, next, &e);
    set_calls(run, BLOCK | BATCH | ITERATION | CHANGE);
    t = sent(ipd_run_step_blocks(run, 1, &e), &e);
    request(run);
    ipd_change none = {0};
    r = wait_for(run, ipd_run_switch(run, "adam", &none, &e), &e);
    ok(r.place.iteration == 4, "a switch within an iteration: answered at once, for iteration %d",
       r.place.iteration);
    r = answer_all(run, t, seen, sizeof seen);
    ok(!strcmp(seen, "b"), "events sent: %s", seen);
    answer_all(run, sent(ipd_run_step(run, 1, &e), &e), seen, sizeof seen);
    ok(strstr(seen, "bBic") && !strcmp(ipd_run_settings(run)->method, "adam"),
       "the event of the switch comes after the iteration: %s", seen);
    sent(ipd_run_step(run, 1, &e), &e);
    request(run);
    ipd_archive *branch = ipd_archive_new(&e);
    ok(branch && !wait_for(run, ipd_run_branch(run, 2, branch, &e), &e).failed,
       "a branch is written while a callback is open");
    ipd_archive_free(branch);
    wait_for(run, ipd_run_verify(run, &e), &e);
    ok(request(run).kind == IPD_ASK_CALLBACK, "the run can be verified then");
    ipd_run_end(run, &e);
    ok(!ipd_run_request(run)->number && !ipd_run_answer(run, 1, 0, &e),
       "the run's end withdraws the event");
    ipd_run_free(run);
    run = open_run("20");
    set_calls(run, BLOCK | CHANGE);
    sent(ipd_run_step(run, 1, &e), &e);
    request(run);
    wait_for(run, send_change(run, "delta", "2"), &e);
    sent(ipd_run_pause(run, &e), &e);
    ipd_run_free(run);
    ok(1, "a run is freed while a callback is open, another due, and replies are held");
    run = open_run("20");
    set_calls(run, CHANGE);
    send_change(run, "delta", "2");
    ipd_run_free(run);
    ok(1, "a run is freed without waiting for an event");
}

/* Random commands at random events: the run ends each step, and a replay has the same bits. */
static void at_random(uint64_t seed)
{
    enum { STEPS = 60 };
    ipd_random r;
    ipd_error e;
    ipd_reply reply;
    char seen[400], value[20];
    int done = 0;
    ipd_random_seed(&r, seed, 7);
    ipd_run *run = open_run("20");
    for (int i = 0; i < STEPS; i++) {
        set_calls(run, (unsigned)ipd_random_below(&r, 16));
        ipd_ticket t = sent(ipd_random_below(&r, 2) ? ipd_run_step_blocks(run, 5, &e)
                                                    : ipd_run_step(run, 1, &e),
                            &e);
        for (int n = 0; n < 3 && !ipd_run_replied(run, t, &reply); n++) {
            if (!ipd_run_request(run)->number) {
                ipd_run_poll(run, -1);
                continue;
            }
            snprintf(value, sizeof value, "%g", 0.5 + (double)ipd_random_below(&r, 8) / 4);
            switch (ipd_random_below(&r, 8)) {
            case 0:
                wait_for(run, ipd_run_pause_within(run, &e), &e);
                break;
            case 1:
            case 2:
                wait_for(run, send_change(run, "delta", value), &e);
                break;
            case 3:
                ipd_run_forget(run, ipd_run_undo(run, &e));
                break;
            case 4:
                ipd_run_forget(run, decline(run, "no"));
                break;
            case 5:
                wait_for(run,
                         ipd_run_rewind(
                             run, (long)ipd_random_below(&r, ipd_run_record_count(run) + 1), &e),
                         &e);
                break;
            default:
                answer(run);
            }
        }
        answer_all(run, t, seen, sizeof seen);
        done++;
    }
    set_calls(run, 0);
    ok(done == STEPS && !ipd_run_wait(run, ipd_run_verify(run, &e), &reply, &e),
       "%d steps with random commands at events, verified (seed %d)", done, (int)seed);
    ipd_run_free(run);
}

int main(void)
{
    ipd_error e;
    if (ipd_threads_set(1, &e) ||
        ipd_dataset_open(&data, "digits", &(ipd_dataset_options){.train = 60, .test = 20}, &e))
        fatal(&e);
    order();
    changes(IPD_EVENT_BLOCK);
    changes(IPD_EVENT_BATCH);
    changes(IPD_EVENT_ITERATION);
    pauses();
    declines();
    at_rest();
    travels();
    for (uint64_t seed = 1; seed <= 5; seed++)
        at_random(seed);
    ipd_dataset_unref(data);
    return done();
}
