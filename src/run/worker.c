/* worker.c - the thread that trains: commands in at block boundaries, records and answers out. */
#include "base/clock.h"
#include "run/run_private.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void begin_goal(ipd_run *run, const ipd_command *c)
{
    ipd_error e;
    if (ipd_run_can_work(run, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    if (run->goal != IPD_AT_REST)
        ipd_run_rest(run, 1, IPD_RUNNING, "running", NULL);
    ipd_run_begin_history(run);
    run->goal = (int)c->kind;
    run->left = c->count;
    run->goal_ticket = c->ticket;
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_RUNNING, "running");
    pthread_mutex_unlock(&run->lock);
    if (c->kind == IPD_DO_START)
        ipd_run_reply(run, c->ticket, 0, NULL);
    ipd_run_ring(run);
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
        if (run->goal != IPD_AT_REST)
            ipd_run_rest(run, 1, IPD_PAUSED, "paused", NULL);
        ipd_run_reply(run, c->ticket, 0, NULL);
        return 0;
    case IPD_DO_SET:
        ipd_run_change_settings(run, c);
        return 0;
    case IPD_DO_SWITCH:
        ipd_run_switch_method(run, c);
        return 0;
    case IPD_DO_ANSWER:
        ipd_run_take_answer(run, c);
        return 0;
    case IPD_DO_ARCHIVE:
        ipd_run_write_archive(run, c);
        return 0;
    case IPD_DO_COPY_NETWORK:
        failed = ipd_network_copy(c->net, run->method->network(run->state), &e);
        ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
        return 0;
    case IPD_DO_LOOK:
        failed = ipd_look_take(run, c, &e);
        ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
        return 0;
    case IPD_DO_COPY_VARIABLE:
        failed = copy_variable(run, c, &e);
        ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
        return 0;
    default:
        return 1;
    }
}

static void failed(ipd_run *run, const ipd_error *e)
{
    char text[sizeof e->text + 16];
    snprintf(text, sizeof text, "failed: %s", e->text);
    ipd_run_rest(run, 1, IPD_FAILED, text, e);
}

/* The end of an iteration. */
static int finish_iteration(ipd_run *run, ipd_error *e)
{
    ipd_actor actor = ipd_run_actor(run);
    ipd_record record;
    if (ipd_actor_finish(run, &actor, &record, e))
        return -1;
    record.seconds = run->seconds;
    if (run->method->variables)
        memcpy(record.seconds_by_block, run->seconds_by_block, sizeof record.seconds_by_block);
    run->findings = 0;
    run->seconds = 0;
    memset(run->seconds_by_block, 0, sizeof run->seconds_by_block);
    return ipd_run_report_record(run, &record, e);
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
    ipd_run_report_block(run, &unit, now() - began);
    if (unit.finding)
        ipd_run_report_finding(run, &unit);
    if (unit.not_finite) {
        ipd_run_diverged(run, &unit.at);
        return;
    }
    run->within = !unit.iteration_done;
    if (unit.iteration_done) {
        if (finish_iteration(run, &e)) {
            failed(run, &e);
            return;
        }
        ipd_run_carry_out_switch(run);
        pthread_mutex_lock(&run->lock);
        ipd_run_refresh(run, &run->now);
        pthread_mutex_unlock(&run->lock);
    }
    if ((run->goal == IPD_DO_STEP_BLOCKS || (run->goal == IPD_DO_STEP && unit.iteration_done)) &&
        --run->left <= 0)
        ipd_run_rest(run, 0, IPD_PAUSED, "paused", NULL);
    else
        ipd_run_ring(run);
}

/* The next command, or NULL; waits for one where there is nothing else to do. */
static ipd_command *next_command(ipd_run *run)
{
    ipd_command *c;
    pthread_mutex_lock(&run->lock);
    while (!run->first && (run->goal == IPD_AT_REST || run->now.question.number))
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
            ipd_run_ring(run);
        else if (!obeyed)
            work(run);
    }
    if (run->goal != IPD_AT_REST)
        ipd_run_rest(run, 1, IPD_PAUSED, "paused", NULL);
    ipd_run_end_history(run);
    return NULL;
}
