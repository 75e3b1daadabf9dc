/* worker.c - the thread that trains: it takes commands at block boundaries and sends records and
 * answers. */
#include "run/worker.h"
#include "base/clock.h"
#include "base/contract.h"
#include "base/parallel.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/time/replay.h"
#include "run/time/state.h"
#include "run/time/tree.h"
#include "run/trainer.h"
#include "solver/variable.h"
#include "solver/written.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Nanoseconds that the whole process was stopped; timings exclude them. */
static _Atomic long long stopped;

void ipd_run_skip_clock(double seconds)
{
    atomic_fetch_add(&stopped, (long long)(seconds * 1e9));
}

static double now(void)
{
    return ipd_seconds() - 1e-9 * (double)atomic_load(&stopped);
}

static void begin_goal(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    if (ipd_run_can_work(run->now, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    if (run->goal != IPD_NO_GOAL)
        ipd_run_end_goal(run, 1, IPD_RUNNING, "running", NULL);
    ipd_run_begin_history(run);
    ipd_keep_start_clock(run);
    run->goal = (int)c->kind;
    run->left = c->count;
    run->goal_ticket = c->ticket;
    run->kind = c->block ? c->block : run->method->place(run->state).block.kind;
    run->passed = run->journal.units + 1; /* breakpoints here do not stop a start */
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_RUNNING, "running");
    pthread_mutex_unlock(&run->lock);
    if (run->pause_written) { /* the history still shows the pause */
        run->pause_written = 0;
        ipd_run_update_history(run);
        run->pause_written = 0;
    }
    if (c->kind == IPD_DO_START)
        ipd_run_reply(run, c->ticket, 0, NULL);
    ipd_run_ring(run);
}

static int copy_network(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_network *net =
        c->count ? run->method->averaged(run->state) : run->method->network(run->state);
    return net ? ipd_network_copy(c->net, net, e)
               : ipd_fail(e, IPD_ESTATE,
                          "the run keeps no mean of its weights yet. Set average_weights, such as "
                          "0.01, and train a mini-batch");
}

static void rename_run(ipd_run *run, const ipd_command *c)
{
    ipd_run_view *now = ipd_run_view_lock(run);
    memcpy(now->name, c->why, sizeof now->name);
    run->renames++;
    now->progress = ipd_keep_progress(run);
    pthread_mutex_unlock(&run->lock);
    ipd_run_history_name(run);
}

/* Carries out one command. */
static void obey(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    int failed = 0;
    switch (c->kind) {
    case IPD_DO_START:
    case IPD_DO_STEP:
    case IPD_DO_STEP_BLOCKS:
    case IPD_DO_STEP_KIND:
    case IPD_DO_STEP_BATCHES:
        begin_goal(run, c);
        return;
    case IPD_DO_PAUSE:
        if (run->goal != IPD_NO_GOAL)
            ipd_run_end_goal(run, 1, IPD_PAUSED, "paused", NULL);
        if (c->count)
            break;
        ipd_run_hold_reply(run, c->ticket);
        return;
    case IPD_DO_SET:
        ipd_run_change_settings(run, c);
        return;
    case IPD_DO_SWITCH:
        ipd_run_switch_method(run, c);
        return;
    case IPD_DO_ANSWER:
        ipd_run_accept_answer(run, c);
        return;
    case IPD_DO_UNDO:
        ipd_run_undo_change(run, c);
        return;
    case IPD_DO_BREAKS:
        run->breaks = (int)c->count;
        break;
    case IPD_DO_CALLS:
        ipd_event_set_calls(run, (unsigned)c->count);
        break;
    case IPD_DO_REWIND:
    case IPD_DO_BACK:
    case IPD_DO_FORWARD:
    case IPD_DO_REDO:
    case IPD_DO_GO:
        ipd_run_travel(run, c);
        return;
    case IPD_DO_VERIFY:
        ipd_run_verify_journal(run, c);
        return;
    case IPD_DO_CATCH_UP:
        ipd_run_catch_up(run);
        break;
    case IPD_DO_BUDGET:
        ipd_snapshots_set_budget(run, c->value);
        break;
    case IPD_DO_RENAME:
        rename_run(run, c);
        break;
    case IPD_DO_SAVE:
        if (!c->path)
            ipd_run_begin_history(run);
        ipd_keep_ask(run, c);
        return;
    case IPD_DO_ARCHIVE:
        failed = ipd_run_write_whole(run, c->archive, &e);
        break;
    case IPD_DO_BRANCH:
        failed = ipd_run_write_branch(run, c, &e);
        break;
    case IPD_DO_COPY_NETWORK:
        failed = copy_network(run, c, &e);
        break;
    case IPD_DO_COPY:
        failed = ipd_variable_copy(run->method, run->state, c->variable, c->matrix, &e);
        break;
    case IPD_DO_WRITE:
        ipd_run_write_variable(run, c);
        return;
    case IPD_DO_METRIC:
        failed = ipd_run_amend(run, c, &e);
        break;
    case IPD_DO_PATH:
        failed = ipd_tree_records(run, c->future, c->records, &e);
        break;
    case IPD_DO_PROBE:
        failed = ipd_probe_make(run, c, &e);
        break;
    }
    ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
}

static int finish_iteration(ipd_run *run, ipd_error *e)
{
    ipd_trainer trainer = ipd_run_trainer(run);
    ipd_record record;
    if (ipd_trainer_finish(run, &trainer, &record, e))
        return -1;
    run->settings = trainer.settings;
    record.seconds = run->seconds;
    if (run->method->variables)
        memcpy(record.seconds_by_block, run->seconds_by_block, sizeof record.seconds_by_block);
    run->findings = 0;
    run->seconds = 0;
    memset(run->seconds_by_block, 0, sizeof run->seconds_by_block);
    run->snapshots.worked += record.seconds;
    if (ipd_run_report_record(run, &record, e))
        return -1;
    run->within = 0;
    ipd_snapshot_take(run, 0);
    return 0;
}

/* Returns 1 if a block of the kind remains in this sweep. */
static int kind_remains(const ipd_run *run, const ipd_place *next)
{
    const ipd_order *order = &run->method->parameters(run->state)->order;
    int i = 0;
    while (i < order->count && (order->blocks[i].kind != next->block.kind ||
                                order->blocks[i].layer != next->block.layer))
        i++;
    while (i < order->count && order->blocks[i].kind != run->kind)
        i++;
    return i < order->count;
}

/* Returns 1 if the unit completes a mini-batch. */
static int is_new_batch(const ipd_run *run, const ipd_unit *unit)
{
    return unit->iteration_done || run->method->place(run->state).batch != unit->at.batch;
}

/* Returns 1 if the unit completes one of the requested steps. */
static int is_step(const ipd_run *run, const ipd_unit *unit)
{
    ipd_place next = run->method->place(run->state);
    int new_batch = is_new_batch(run, unit);
    switch (run->goal) {
    case IPD_DO_STEP_BLOCKS:
        return 1;
    case IPD_DO_STEP:
        return unit->iteration_done;
    case IPD_DO_STEP_BATCHES:
        return new_batch;
    case IPD_DO_STEP_KIND:
        return new_batch || next.sweep != unit->at.sweep || !kind_remains(run, &next);
    default:
        return 0;
    }
}

/* Call if no event is open: saves, ends the goal and answers, as far as that waited for
 * callbacks. */
static void finish_events(ipd_run *run)
{
    ipd_error e = run->call_error;
    if (!run->save_due && !run->reached && !run->held)
        return;
    if (run->save_due) {
        run->save_due = 0;
        ipd_keep_iteration(run);
    }
    if (run->reached)
        ipd_run_end_goal(run, 0, IPD_PAUSED, "paused", NULL);
    run->call_error = (ipd_error){0};
    if (!run->held)
        return;
    run->held = 0;
    pthread_mutex_lock(&run->lock);
    ipd_answers_release(run, e.code == IPD_OK ? NULL : &e);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

/* A method from a file has failed, or was stopped, before its block took effect: the run can go
 * on. */
static void not_advanced(ipd_run *run, const ipd_error *e)
{
    char text[sizeof e->text + 16];
    if (e->code == IPD_EINTERRUPT)
        return; /* a command waits */
    if (e->code != IPD_ECALLBACK) {
        ipd_run_failed(run, e);
        return;
    }
    snprintf(text, sizeof text, "paused: %s", e->text);
    ipd_run_end_goal(run, 1, IPD_PAUSED, text, e);
}

/* Returns 1 if a pause or the end of the run waits for the present block. Called within blocks. */
static int stops(void *context)
{
    ipd_run *run = context;
    pthread_mutex_lock(&run->lock);
    int stop = run->quit;
    for (const ipd_command *c = run->first; c && !stop; c = c->next)
        stop = c->kind == IPD_DO_PAUSE;
    pthread_mutex_unlock(&run->lock);
    return stop;
}

/* Does one unit of work towards the goal. */
static void work(ipd_run *run)
{
    ipd_unit unit;
    ipd_error e;
    double began = now();
    if (run->method->advance(run->state, &unit, &e)) {
        not_advanced(run, &e);
        return;
    }
    ipd_run_report_block(run, &unit, now() - began);
    if (unit.finding)
        ipd_run_report_finding(run, &unit);
    if (unit.not_finite) {
        ipd_run_diverged(run, &unit.at);
        return;
    }
    run->within = !unit.iteration_done;
    if (unit.at.batches > 1 && is_new_batch(run, &unit))
        ipd_run_report_batch(run, &unit.at);
    if (unit.iteration_done) {
        if (finish_iteration(run, &e)) {
            ipd_run_failed(run, &e);
            return;
        }
        ipd_run_carry_out_switch(run);
        pthread_mutex_lock(&run->lock);
        ipd_run_refresh(run);
        pthread_mutex_unlock(&run->lock);
        run->save_due = 1;
    }
    run->reached = is_step(run, &unit) && --run->left <= 0;
    if (run->calls)
        ipd_event_note(run, &unit);
    if (!ipd_event_ask(run)) {
        int ring = !run->reached;
        finish_events(run);
        if (ring)
            ipd_run_ring(run);
    }
}

/* Waits for a command, under the lock. A pause that lasts is written to the history, and a longer
 * one is saved. A short pause, as between two steps, is neither: that would cost two writes per
 * step. */
static void wait_for_command(ipd_run *run)
{
    struct timespec until;
    double tell = ipd_run_history_due(run);
    double save =
        ipd_event_open(run) ? INFINITY : ipd_keep_due(run); /* a callback belongs to its boundary */
    double left = fmin(tell, save) - ipd_seconds();
    if (isinf(left)) {
        pthread_cond_wait(&run->wake, &run->lock);
        return;
    }
    if (left <= 0) {
        pthread_mutex_unlock(&run->lock);
        if (tell <= save)
            ipd_run_update_history(run);
        else
            ipd_keep_save_paused(run);
        ipd_run_ring(run);
        pthread_mutex_lock(&run->lock);
        return;
    }
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(left * 1e9);
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&run->wake, &run->lock, &until);
}

/* The next command, or NULL; waits for one if there is nothing else to do. Sets *quit after the
 * last one. */
static ipd_command *next_command(ipd_run *run, int *quit)
{
    ipd_command *c;
    pthread_mutex_lock(&run->lock);
    if (!run->first && run->now->request.number) {
        atomic_store(&run->called, 0);
        pthread_mutex_unlock(&run->lock);
        ipd_look_out(&run->lookout, &run->called);
        pthread_mutex_lock(&run->lock);
    }
    while (!run->first && !run->quit && (run->goal == IPD_NO_GOAL || run->now->request.number) &&
           !ipd_keep_waits(run))
        wait_for_command(run);
    c = run->first;
    if (c) {
        run->first = c->next;
        if (!run->first)
            run->last = NULL;
    }
    *quit = !c && run->quit;
    pthread_mutex_unlock(&run->lock);
    return c;
}

/* Returns 1 if a request must be answered before the next unit of work; events come first. */
static int asks(ipd_run *run)
{
    if (ipd_event_ask(run))
        return 1;
    finish_events(run);
    return ipd_request_due(run);
}

void *ipd_worker(void *argument)
{
    ipd_run *run = argument;
    ipd_thread_owner = run;
    ipd_written_stopped = stops;
    ipd_written_stopped_by = run;
    for (int quit;;) {
        ipd_command *c = next_command(run, &quit);
        int obeyed = c != NULL;
        if (quit)
            break;
        if (c)
            obey(run, c);
        free(c);
        ipd_keep_turn(run);
        if (asks(run))
            ipd_run_ring(run);
        else if (!obeyed && run->goal != IPD_NO_GOAL)
            work(run);
    }
    ipd_event_end(run);
    if (run->goal != IPD_NO_GOAL)
        ipd_run_end_goal(run, 1, IPD_PAUSED, "paused", NULL);
    finish_events(run);
    ipd_keep_end(run);
    ipd_run_end_history(run);
    atomic_store(&run->finished, 1);
    return NULL;
}
