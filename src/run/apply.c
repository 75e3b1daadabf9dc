/* apply.c - commands that change a run at a block boundary: settings, answers, another method.
 * Worker. */
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/time/log.h"
#include "run/time/state.h"
#include "run/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A new schedule requests its values again: "function" may mean another function now. */
static void forget_answers(ipd_run *run, const ipd_change *change)
{
    for (int i = 0; i < change->count; i++)
        if (!strcmp(change->items[i].setting->name, "rho_schedule") ||
            !strcmp(change->items[i].setting->name, "schedule")) {
            run->settled = run->values = 0;
            ipd_request_withdraw(run);
        }
}

/* Stores the trainer's method, state and settings in the run. */
static void store_trainer(ipd_run *run, const ipd_trainer *a)
{
    run->method = a->method;
    run->state = a->state;
    run->settings = a->settings;
}

/* remember: 1 if undo can reverse it. *at: the place where it takes effect. */
static int apply_change(ipd_run *run, const ipd_change *change, int remember, ipd_place *at,
                        ipd_error *e)
{
    ipd_trainer trainer = ipd_run_trainer(run);
    char text[IPD_LOG_TEXT];
    ipd_log_text(IPD_LOG_SET, "", change, text, sizeof text);
    if (ipd_run_can_work(run->now, e))
        return -1;
    if (strlen(text) == sizeof text - 1)
        return ipd_fail(e, IPD_EUSAGE, "too many settings for one change. Set them in two steps");
    /* A new order may change the next block: this is the place where a replay applies the
     * change. */
    *at = run->method->place(run->state);
    size_t undos = run->undos.count;
    if (remember)
        ipd_undo_remember(run, change);
    if (ipd_trainer_set(run, &trainer, change, e)) {
        run->undos.count -= run->undos.count > undos;
        return -1;
    }
    store_trainer(run, &trainer);
    ipd_run_log_change(run, at, IPD_LOG_SET, NULL, change);
    forget_answers(run, change);
    return 0;
}

/* Answers a change. The answer waits for the callbacks on the change; if a callback is open, which
 * may have made the change itself, it comes at once. */
static void reply(ipd_run *run, ipd_ticket ticket, int open, const ipd_place *at,
                  const ipd_error *e)
{
    if (e)
        ipd_run_reply(run, ticket, 0, e);
    else
        ipd_run_reply_change(run, ticket, at, !open);
}

void ipd_run_change_settings(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_place at;
    ipd_error e;
    int open = ipd_event_open(run), failed = apply_change(run, &c->change, 1, &at, &e);
    reply(run, c->ticket, open, &at, failed ? &e : NULL);
}

/* The entry is added first: a write that is not in the journal could not be repeated. */
static int write_variable(ipd_run *run, const ipd_place *at, const ipd_command *c, ipd_error *e)
{
    if (ipd_run_can_work(run->now, e))
        return -1;
    ipd_run_begin_history(run);
    if (ipd_journal_add_write(&run->journal, at, c->variable, c->matrix))
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the log");
    if (run->method->write(run->state, c->variable, c->matrix, e)) {
        ipd_journal_withdraw(&run->journal);
        return -1;
    }
    ipd_run_publish_entry(run);
    return 0;
}

void ipd_run_write_variable(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_place at = run->method->place(run->state);
    ipd_error e;
    int open = ipd_event_open(run), failed = write_variable(run, &at, c, &e);
    ipd_matrix_free(c->matrix);
    free(c->matrix);
    reply(run, c->ticket, open, &at, failed ? &e : NULL);
}

/* Logs a note that names the undone change, then sets the old values like any other change. */
void ipd_run_undo_change(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_undo undo;
    ipd_place at = run->method->place(run->state);
    ipd_error e;
    char what[300], note[IPD_LOG_TEXT];
    if (ipd_run_can_work(run->now, &e) || ipd_undo_pop(run, &undo, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    ipd_change_text(&undo.change, what, sizeof what);
    snprintf(note, sizeof note, "undo: %s of iteration %d", what, undo.place.iteration);
    ipd_run_log_change(run, &at, IPD_LOG_OTHER, note, NULL);
    int open = ipd_event_open(run), failed = apply_change(run, &undo.back, 0, &at, &e);
    reply(run, c->ticket, open, &at, failed ? &e : NULL);
}

/* Accepts the answer to a request, or its refusal. */
void ipd_run_accept_answer(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_change change = {0};
    ipd_place at;
    ipd_error e;
    char text[sizeof c->why + 16];
    int open = ipd_event_open(run), stop = ipd_request_accept(run, c, &change, &e);
    if (stop < 0) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    if (stop) {
        char place[128];
        ipd_place_text(&run->now->place, place, sizeof place);
        snprintf(text, sizeof text, "paused at breakpoint %.0f: %s", c->value, place);
        ipd_run_end_goal(run, 1, IPD_PAUSED, text, NULL);
    }
    int failed = c->why[0] ? ipd_fail(&e, open ? IPD_ECALLBACK : IPD_EUSAGE, "%s", c->why)
                           : change.count && apply_change(run, &change, 0, &at, &e);
    if (failed) {
        snprintf(text, sizeof text, "paused: %.400s", e.text);
        if (open && run->call_error.code == IPD_OK)
            run->call_error = e;
        ipd_run_end_goal(run, 1, IPD_PAUSED, text, &e);
    }
    if (open && failed) /* after the replies that fail with it */
        ipd_run_hold_reply(run, c->ticket);
    else if (open &&
             run->goal != IPD_NO_GOAL) /* the next block or event will wake the main thread */
        ipd_run_reply_quietly(run, c->ticket);
    else
        ipd_run_reply(run, c->ticket, 0, NULL);
}

/* Between two iterations: carries out a pending switch, if any. */
void ipd_run_carry_out_switch(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_command *c = run->switching;
    char note[IPD_LOG_TEXT];
    ipd_settings now = run->settings, new;
    ipd_error e;
    if (!c)
        return;
    run->switching = NULL;
    ipd_place at = run->method->place(run->state);
    ipd_settings_from_parameters(&now, run->method->parameters(run->state));
    ipd_trainer trainer = ipd_run_trainer(run);
    int failed = ipd_switch_settings(run, &now, c->method, &c->change, &new, &e);
    int reload = !failed && ipd_method_is_reload(run->method, ipd_method_find(new.method));
    failed = failed || ipd_trainer_switch(run, &trainer, &new, &e);
    if (!failed) {
        store_trainer(run, &trainer);
        ipd_run_log_change(run, &at, IPD_LOG_SWITCH, c->method, &c->change);
        if (!reload) {
            run->settled = run->values = 0; /* rho has its initial value until it is requested */
            ipd_request_withdraw(run);
        }
    } else if (!c->ticket) { /* it was answered while the run was paused */
        snprintf(note, sizeof note, "still %s: %.500s", run->method->name, e.text);
        ipd_run_log_change(run, &at, IPD_LOG_OTHER, note, NULL);
    }
    reply(run, c->ticket, ipd_event_open(run), NULL, failed ? &e : NULL);
    free(c);
}

void ipd_run_switch_method(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_settings new;
    ipd_error e;
    ipd_command *waiting = malloc(sizeof *waiting);
    if (!waiting)
        ipd_fail(&e, IPD_EMEMORY, "out of memory for a command");
    if (!waiting || ipd_run_can_work(run->now, &e) ||
        ipd_switch_settings(run, &run->settings, c->method, &c->change, &new, &e)) {
        free(waiting);
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    if (run->switching) {
        ipd_fail(&e, IPD_ESTATE, "replaced by a later switch, to %s", c->method);
        ipd_run_reply(run, run->switching->ticket, 0, &e);
        free(run->switching);
    }
    *waiting = *c;
    run->switching = waiting;
    if (!run->within || ipd_method_is_reload(run->method, ipd_method_find(new.method)))
        ipd_run_carry_out_switch(run);
    else if (run->goal == IPD_NO_GOAL ||
             ipd_event_open(run)) /* a callback must not wait for its own run */
        ipd_run_answer_switch(run);
}
