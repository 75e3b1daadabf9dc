/* worker.c - the thread that trains: commands in at block boundaries, records and answers out. */
#include "base/clock.h"
#include "base/parallel.h"
#include "base/vector.h"
#include "run/run_private.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { AT_REST = -1 };

/* Nanoseconds that the whole process was stopped, to be left out of timings. */
static _Atomic long long stopped;

void ipd_run_skip_clock(double seconds)
{
    atomic_fetch_add(&stopped, (long long)(seconds * 1e9));
}

static double now(void)
{
    return ipd_seconds() - 1e-9 * (double)atomic_load(&stopped);
}

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void *items = realloc(list->items, room * size);
        if (!items)
            return -1;
        list->items = items;
        list->room = room;
    }
    memcpy((char *)list->items + list->count++ * size, item, size);
    return 0;
}

/* Tells the main thread that there is something to poll. */
static void ring(ipd_run *run)
{
    unsigned long long one = 1;
    if (write(run->descriptor, &one, sizeof one) < 0) {
        /* The counter is full: it rings already. */
    }
}

void ipd_run_refresh(ipd_run *run, ipd_run_view *view)
{
    const ipd_parameters *par = run->method->parameters(run->state);
    ipd_settings_from_parameters(&run->settings, par);
    view->settings = run->settings;
    view->order = par->order;
    view->place = run->method->place(run->state);
}

static void set_status(ipd_run *run, ipd_run_status status, const char *text)
{
    run->now.status = status;
    snprintf(run->now.status_text, sizeof run->now.status_text, "%s", text);
}

/* Answers with a place; NULL: with what comes next. */
static void answer_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e)
{
    ipd_reply reply = {.ticket = ticket, .cut = cut, .failed = e != NULL};
    if (!ticket)
        return;
    if (e)
        reply.error = *e;
    pthread_mutex_lock(&run->lock);
    reply.place = place ? *place : run->now.place;
    ipd_list_add(&run->outbox.replies, &reply, sizeof reply);
    pthread_mutex_unlock(&run->lock);
    ring(run);
}

static void answer(ipd_run *run, ipd_ticket ticket, int cut, const ipd_error *e)
{
    answer_at(run, ticket, cut, NULL, e);
}

/* A history that cannot be written is said once; training goes on without it. */
static void history_lost(ipd_run *run, const ipd_error *e)
{
    ipd_history_close(run->history);
    run->history = NULL;
    run->history_path[0] = 0;
    pthread_mutex_lock(&run->lock);
    snprintf(run->now.history_warning, sizeof run->now.history_warning,
             "%.450s; this run is not kept from here on", e->text);
    pthread_mutex_unlock(&run->lock);
}

/* A run enters the history when it begins to work. */
static void begin_history(ipd_run *run)
{
    ipd_error e;
    if (run->history || !run->history_path[0])
        return;
    if (ipd_history_open(&run->history, run->history_path, 1, &e) ||
        ipd_history_begin(run->history, &run->history_id, run->name, &run->first_settings,
                          run->data, run->L, run->d, &e)) {
        history_lost(run, &e);
        return;
    }
    pthread_mutex_lock(&run->lock);
    run->now.id = run->history_id;
    pthread_mutex_unlock(&run->lock);
}

/* A switch that waits while the run rests is answered with the place where it will be; one that
 * cannot be any more fails. */
static void answer_switch(ipd_run *run)
{
    ipd_command *c = run->switching;
    ipd_settings new;
    ipd_place at;
    ipd_error e;
    if (!c)
        return;
    if (run->now.status == IPD_DIVERGED || run->now.status == IPD_FAILED) {
        ipd_fail(&e, IPD_ESTATE, "this run goes no further: %.400s", run->now.status_text);
        answer(run, c->ticket, 0, &e);
        run->switching = NULL;
        free(c);
        return;
    }
    if (ipd_switch_settings(run, &run->settings, c->method, &c->change, &new, &e)) {
        answer(run, c->ticket, 0, &e);
        c->ticket = 0;
        return;
    }
    at = ipd_switch_place(run, &new, run->now.place.iteration + 1);
    answer_at(run, c->ticket, 0, &at, NULL);
    c->ticket = 0;
}

/* Ends the goal: its ticket is answered, the run rests. */
static void rest(ipd_run *run, int cut, ipd_run_status status, const char *text, const ipd_error *e)
{
    ipd_ticket ticket = run->goal == IPD_DO_START ? 0 : run->goal_ticket;
    run->goal = AT_REST;
    run->goal_ticket = 0;
    if (status != IPD_RUNNING)
        ipd_question_withdraw(run);
    pthread_mutex_lock(&run->lock);
    set_status(run, status, text);
    pthread_mutex_unlock(&run->lock);
    answer(run, ticket, cut, e);
    if (status != IPD_RUNNING)
        answer_switch(run);
    ring(run);
}

static int can_work(ipd_run *run, ipd_error *e)
{
    if (run->now.status == IPD_DIVERGED || run->now.status == IPD_FAILED)
        return ipd_fail(e, IPD_ESTATE, "this run goes no further: %.400s", run->now.status_text);
    return 0;
}

static void begin_goal(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    if (can_work(run, &e)) {
        answer(run, c->ticket, 0, &e);
        return;
    }
    if (run->goal != AT_REST)
        rest(run, 1, IPD_RUNNING, "running", NULL);
    begin_history(run);
    run->goal = (int)c->kind;
    run->left = c->count;
    run->goal_ticket = c->ticket;
    pthread_mutex_lock(&run->lock);
    set_status(run, IPD_RUNNING, "running");
    pthread_mutex_unlock(&run->lock);
    if (c->kind == IPD_DO_START)
        answer(run, c->ticket, 0, NULL);
    ring(run);
}

/* Adds to the log and to the history; the view shows what is in force now. */
static void log_change(ipd_run *run, const ipd_log_entry *entry)
{
    ipd_error e;
    pthread_mutex_lock(&run->lock);
    ipd_run_refresh(run, &run->now);
    ipd_list_add(&run->outbox.log, entry, sizeof *entry);
    pthread_mutex_unlock(&run->lock);
    begin_history(run);
    if (run->history &&
        ipd_history_change(run->history, run->history_id, &entry->place, entry->text, &e))
        history_lost(run, &e);
}

/* A new schedule says anew what rho is: even the same function may be another one now. */
static void forget_answer(ipd_run *run, const ipd_change *change)
{
    for (int i = 0; i < change->count; i++)
        if (!strcmp(change->items[i].name, "rho_schedule")) {
            run->settled = 0;
            ipd_question_withdraw(run);
        }
}

static int apply_change(ipd_run *run, const ipd_change *change, ipd_error *e)
{
    ipd_settings new = run->settings;
    ipd_parameters par;
    ipd_log_entry entry;
    char text[sizeof entry.text - 8];
    ipd_settings_from_parameters(&new, run->method->parameters(run->state));
    ipd_change_text(change, text, sizeof text);
    if (can_work(run, e))
        return -1;
    if (strlen(text) == sizeof text - 1)
        return ipd_fail(e, IPD_EUSAGE, "this is too much for one change: set it in two steps");
    if (ipd_change_apply(change, &new, 1, e) ||
        ipd_settings_check(&new, run->L, run->data->name, run->problem.N, e) ||
        ipd_settings_parameters(&new, run->L, &par, e))
        return -1;
    run->settings = new;
    /* A new order may change what comes next: the log says where a replay stands when it applies
     * the change, the answer what comes next after it. */
    entry.place = run->method->place(run->state);
    run->method->set(run->state, &par);
    snprintf(entry.text, sizeof entry.text, "set %s", text);
    log_change(run, &entry);
    forget_answer(run, change);
    return 0;
}

static void change_settings(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    int failed = apply_change(run, &c->change, &e);
    answer(run, c->ticket, 0, failed ? &e : NULL);
}

/* The answer to a question, or that there is none. */
static void take_answer(ipd_run *run, const ipd_command *c)
{
    ipd_change change = {0};
    ipd_error e;
    char text[sizeof c->why + 16];
    if (ipd_question_take(run, c, &change, &e)) {
        answer(run, c->ticket, 0, &e);
        return;
    }
    int failed = c->why[0] ? ipd_fail(&e, IPD_EUSAGE, "%s", c->why)
                           : change.count && apply_change(run, &change, &e);
    if (failed) {
        snprintf(text, sizeof text, "paused: %.400s", e.text);
        rest(run, 1, IPD_PAUSED, text, &e);
    }
    answer(run, c->ticket, 0, NULL);
}

/* Between two iterations: the switch that waits, if there is one. */
static void carry_out_switch(ipd_run *run)
{
    ipd_command *c = run->switching;
    ipd_log_entry entry;
    ipd_settings now = run->settings, new;
    ipd_error e;
    if (!c)
        return;
    run->switching = NULL;
    entry.place = run->method->place(run->state);
    ipd_switch_text(c->method, &c->change, entry.text, sizeof entry.text);
    ipd_settings_from_parameters(&now, run->method->parameters(run->state));
    int failed = ipd_switch_settings(run, &now, c->method, &c->change, &new, &e) ||
                 ipd_switch_method(run, &new, &e);
    if (!failed) {
        log_change(run, &entry);
        run->settled = 0; /* rho is as at a start, until it is asked for */
        ipd_question_withdraw(run);
    } else if (!c->ticket) { /* it was answered while the run rested */
        snprintf(entry.text, sizeof entry.text, "still %s: %.500s", run->method->name, e.text);
        log_change(run, &entry);
    }
    answer(run, c->ticket, 0, failed ? &e : NULL);
    free(c);
}

static void switch_method(ipd_run *run, const ipd_command *c)
{
    ipd_settings new;
    ipd_error e;
    ipd_command *waiting = malloc(sizeof *waiting);
    if (!waiting)
        ipd_fail(&e, IPD_EMEMORY, "out of memory for a command");
    if (!waiting || can_work(run, &e) ||
        ipd_switch_settings(run, &run->settings, c->method, &c->change, &new, &e)) {
        free(waiting);
        answer(run, c->ticket, 0, &e);
        return;
    }
    if (run->switching) {
        ipd_fail(&e, IPD_ESTATE, "a later switch, to %s, took its place", c->method);
        answer(run, run->switching->ticket, 0, &e);
        free(run->switching);
    }
    *waiting = *c;
    run->switching = waiting;
    if (!run->within)
        carry_out_switch(run);
    else if (run->goal == AT_REST)
        answer_switch(run);
}

static int copy_variable(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_variables *v = run->method->variables ? run->method->variables(run->state) : NULL;
    const ipd_matrix *from = NULL;
    if (v && c->layer >= 1 && c->layer <= run->L)
        from = c->variable == 'z' ? &v->z[c->layer] : &v->a[c->layer]; /* a_L: V_L of bcd */
    if (!v)
        return ipd_fail(e, IPD_ESTATE, "%s has no %c%d: it moves W and b only", run->method->name,
                        c->variable, c->layer);
    if (!from || !from->data)
        return ipd_fail(e, IPD_ESTATE, "%c%d has no value yet: step the run first", c->variable,
                        c->layer);
    if (ipd_matrix_init(c->matrix, from->rows, from->cols, e))
        return -1;
    ipd_matrix_copy(c->matrix, from);
    return 0;
}

/* Carries out one command; 1 where the worker is to end. */
static int obey(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    int failed;
    switch (c->kind) {
    case IPD_DO_START:
    case IPD_DO_STEP:
    case IPD_DO_STEP_BLOCKS:
        begin_goal(run, c);
        return 0;
    case IPD_DO_PAUSE:
        if (run->goal != AT_REST)
            rest(run, 1, IPD_PAUSED, "paused", NULL);
        answer(run, c->ticket, 0, NULL);
        return 0;
    case IPD_DO_SET:
        change_settings(run, c);
        return 0;
    case IPD_DO_SWITCH:
        switch_method(run, c);
        return 0;
    case IPD_DO_ANSWER:
        take_answer(run, c);
        return 0;
    case IPD_DO_COPY_NETWORK:
        failed = ipd_network_copy(c->net, run->method->network(run->state), &e);
        answer(run, c->ticket, 0, failed ? &e : NULL);
        return 0;
    case IPD_DO_COPY_VARIABLE:
        failed = copy_variable(run, c, &e);
        answer(run, c->ticket, 0, failed ? &e : NULL);
        return 0;
    default:
        return 1;
    }
}

static void diverged(ipd_run *run, const ipd_place *at)
{
    char text[200], block[8];
    ipd_block_text(at->block, block);
    if (at->block.kind == 'g')
        snprintf(text, sizeof text,
                 "diverged at iteration %d, batch %d of %d: a value is not finite", at->iteration,
                 at->batch, at->batches);
    else if (at->batches > 1)
        snprintf(
            text, sizeof text,
            "diverged at iteration %d, batch %d of %d, block %s (layer %d): a value is not finite",
            at->iteration, at->batch, at->batches, block, at->block.layer);
    else
        snprintf(text, sizeof text,
                 "diverged at iteration %d, block %s (layer %d): a value is not finite",
                 at->iteration, block, at->block.layer);
    rest(run, 1, IPD_DIVERGED, text, NULL);
}

static void failed(ipd_run *run, const ipd_error *e)
{
    char text[sizeof e->text + 16];
    snprintf(text, sizeof text, "failed: %s", e->text);
    rest(run, 1, IPD_FAILED, text, e);
}

/* |x - start| / |start|; where the start is zero, |x|. */
static double moved(const ipd_matrix *x, const ipd_matrix *start)
{
    double by = ipd_sum_squared_difference(x->data, start->data, x->rows * x->cols);
    double from = ipd_sum_squared(start->data, x->rows * x->cols);
    return sqrt(from > 0 ? by / from : by);
}

/* The end of an iteration: the record, complete, to the history and to the main thread. */
static int finish_iteration(ipd_run *run, ipd_error *e)
{
    ipd_record record;
    ipd_evaluation test;
    if (run->method->finish(run->state, &record, e))
        return -1;
    if (run->data->test.X.cols) {
        if (ipd_network_evaluate(run->method->network(run->state), &run->data->test.X,
                                 run->data->test.labels, NULL, &test, NULL, NULL, e))
            return -1;
        record.test_accuracy = test.accuracy;
    }
    for (int l = 1; l <= run->L; l++) {
        const ipd_network *net = run->method->network(run->state);
        record.moved_W[l] = moved(&net->W[l], &run->start.W[l]);
        record.moved_b[l] = moved(&net->b[l], &run->start.b[l]);
    }
    record.seconds = run->seconds;
    if (run->method->variables)
        memcpy(record.seconds_by_block, run->seconds_by_block, sizeof record.seconds_by_block);
    run->findings = 0;
    run->seconds = 0;
    memset(run->seconds_by_block, 0, sizeof run->seconds_by_block);
    ipd_error lost;
    if (run->history && ipd_history_record(run->history, run->history_id, &record, &lost))
        history_lost(run, &lost);
    pthread_mutex_lock(&run->lock);
    int full = ipd_list_add(&run->outbox.records, &record, sizeof record);
    pthread_mutex_unlock(&run->lock);
    return full ? ipd_fail(e, IPD_EMEMORY, "out of memory for the records") : 0;
}

static void report_block(ipd_run *run, const ipd_unit *unit, double seconds)
{
    ipd_block_report report = {unit->at, unit->phi, unit->change, seconds};
    run->seconds += seconds;
    if (unit->at.block.layer)
        run->seconds_by_block[ipd_block_index(unit->at.block, run->L)] += seconds;
    pthread_mutex_lock(&run->lock);
    run->now.recent[run->now.blocks++ % IPD_RECENT_BLOCKS] = report;
    ipd_run_refresh(run, &run->now);
    pthread_mutex_unlock(&run->lock);
}

/* What the audit found goes to the log. The record counts all; here are an iteration's first. */
static void report_finding(ipd_run *run, const ipd_unit *unit)
{
    enum { MOST = 5 };
    ipd_log_entry entry = {.place = unit->at};
    if (run->findings++ >= MOST)
        return;
    snprintf(entry.text, sizeof entry.text, IPD_LOG_AUDIT "%.500s", unit->finding);
    log_change(run, &entry);
}

/* One unit of work towards the goal. */
static void work(ipd_run *run)
{
    ipd_unit unit;
    ipd_error e;
    double began = now();
    if (run->method->advance(run->state, &unit, &e)) {
        failed(run, &e);
        return;
    }
    report_block(run, &unit, now() - began);
    if (unit.finding)
        report_finding(run, &unit);
    if (unit.not_finite) {
        diverged(run, &unit.at);
        return;
    }
    run->within = !unit.iteration_done;
    if (unit.iteration_done) {
        if (finish_iteration(run, &e)) {
            failed(run, &e);
            return;
        }
        carry_out_switch(run);
        pthread_mutex_lock(&run->lock);
        ipd_run_refresh(run, &run->now);
        pthread_mutex_unlock(&run->lock);
    }
    if ((run->goal == IPD_DO_STEP_BLOCKS || (run->goal == IPD_DO_STEP && unit.iteration_done)) &&
        --run->left <= 0)
        rest(run, 0, IPD_PAUSED, "paused", NULL);
    else
        ring(run);
}

/* The next command, or NULL; waits for one where there is nothing else to do. */
static ipd_command *next_command(ipd_run *run)
{
    ipd_command *c;
    pthread_mutex_lock(&run->lock);
    while (!run->first && (run->goal == AT_REST || run->now.question.number))
        pthread_cond_wait(&run->wake, &run->lock);
    c = run->first;
    if (c) {
        run->first = c->next;
        if (!run->first)
            run->last = NULL;
    }
    pthread_mutex_unlock(&run->lock);
    return c;
}

static void end_history(ipd_run *run)
{
    ipd_error e;
    const char *ending = run->now.status == IPD_DIVERGED || run->now.status == IPD_FAILED
                             ? run->now.status_text
                             : run->ending;
    if (run->history)
        ipd_history_status(run->history, run->history_id, *ending ? ending : "finished", &e);
    ipd_history_close(run->history);
    run->history = NULL;
}

void *ipd_worker(void *argument)
{
    ipd_run *run = argument;
    for (;;) {
        ipd_command *c = next_command(run);
        int quit = c && obey(run, c), obeyed = c != NULL;
        free(c);
        if (quit)
            break;
        if (ipd_question_due(run))
            ring(run);
        else if (!obeyed)
            work(run);
    }
    if (run->goal != AT_REST)
        rest(run, 1, IPD_PAUSED, "paused", NULL);
    end_history(run);
    return NULL;
}
