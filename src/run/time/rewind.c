/* rewind.c - the commands that replay: rewinding, catching up when a branch is opened, and verifying the journal. Worker. */
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/time/replay.h"
#include "run/time/state.h"
#include "run/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves the run to the replay's state. Later entries are removed from the journal, the main thread's view and the history. */
static void adopt(ipd_replay *r, const char *status)
{
    ipd_run *run = r->run;
    run->method->close(run->state);
    run->method = r->trainer.method;
    run->state = r->trainer.state;
    run->settings = r->trainer.settings;
    run->within = r->within;
    run->findings = run->settled = run->values = 0;
    run->seconds = 0;
    memset(run->seconds_by_block, 0, sizeof run->seconds_by_block);
    run->journal.units = r->units;
    ipd_undo_cut(run, r->units);
    ipd_run_cut(run, r->records, r->log);
    ipd_event_forget(run);
    ipd_snapshots_cut(run, (int)r->records);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_PAUSED, status);
    ipd_run_refresh(run, &run->now);
    pthread_mutex_unlock(&run->lock);
}

/* Ends the current goal and a pending switch. */
static void drop_plans(ipd_run *run)
{
    ipd_error e;
    if (run->goal != IPD_NO_GOAL)
        ipd_run_end_goal(run, 1, IPD_RUNNING, "running", NULL);
    ipd_request_withdraw(run);
    if (!run->switching)
        return;
    ipd_fail(&e, IPD_ESTATE, "the run was rewound before the switch to %s took effect",
             run->switching->method);
    ipd_run_reply(run, run->switching->ticket, 0, &e);
    free(run->switching);
    run->switching = NULL;
}

void ipd_run_go_back(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_replay r = {.run = run, .verb = "rewinds", .last = (size_t)c->count};
    ipd_run_status status = run->now.status;
    char text[sizeof run->now.status_text];
    ipd_error e;
    if (!ipd_replay_check(run, c->count, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    drop_plans(run);
    memcpy(text, status == IPD_RUNNING ? "paused" : run->now.status_text,
           status == IPD_RUNNING ? 7 : sizeof text);
    const ipd_snapshot *from = ipd_snapshot_before(run, (int)c->count);
    if ((from ? ipd_replay_begin_at(&r, from, &e) : ipd_replay_begin(&r, &e)) ||
        ipd_replay_go_to(&r, (size_t)c->count, &e)) {
        ipd_trainer_close(&r.trainer);
        pthread_mutex_lock(&run->lock);
        ipd_run_set_status(run, status == IPD_RUNNING ? IPD_PAUSED : status, text);
        pthread_mutex_unlock(&run->lock);
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    r.log = ipd_replay_changes_before(run, r.records);
    adopt(&r, "paused");
    ipd_run_reply(run, c->ticket, 0, NULL);
}

void ipd_run_catch_up(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_journal *journal = &run->journal;
    ipd_replay r = {.run = run,
                    .trainer = ipd_run_trainer(run),
                    .units = journal->units,
                    .verb = "branches",
                    .last = journal->records.count,
                    .stubborn = run->keep.reopened};
    char text[sizeof run->now.status_text];
    ipd_error e;
    while (r.records < journal->ends.count && ipd_replay_end_of(run, r.records + 1) <= r.units)
        r.records++;
    r.log = run->applied > 0 ? run->applied : ipd_replay_changes_before(run, r.records);
    if (ipd_replay_go_to(&r, journal->records.count, &e) && e.code != IPD_EINTERRUPT) {
        run->state = r.trainer.state;
        run->method = r.trainer.method;
        snprintf(text, sizeof text, "failed: %s", e.text);
        ipd_run_end_goal(run, 1, IPD_FAILED, text, &e);
        return;
    }
    /* Stopped early: the checkpoint has later records and must stay. */
    if (r.records < journal->records.count && run->keep.reopened) {
        run->state = r.trainer.state;
        run->method = r.trainer.method;
        ipd_run_at_end(run, IPD_END_LEAVE);
        return;
    }
    if (r.records < journal->records.count)
        snprintf(text, sizeof text, "paused: %s", e.text);
    else
        strcpy(text, "paused");
    /* The replay used the run's own state, so adopt must not close it. */
    run->method = &ipd_method_ipdlam;
    run->state = NULL;
    adopt(&r, text);
    if (!r.within)
        ipd_snapshot_take(run);
    ipd_run_ring(run);
}

/* Fails with the first entry that differs between two archives of one state. */
static int compare_archives(const ipd_archive *was, const ipd_archive *is, const char *what,
                            ipd_error *e)
{
    for (size_t i = 0; i < ipd_archive_count(was); i++) {
        const ipd_entry *a = ipd_archive_entry(was, i);
        const ipd_entry *b = i < ipd_archive_count(is) ? ipd_archive_entry(is, i) : NULL;
        if (!b || strcmp(a->name, b->name) || a->bytes != b->bytes)
            return ipd_fail(e, IPD_ENUMERIC, "%s has %s, but its replay lacks it", what, a->name);
        const unsigned char *x = a->data, *y = b->data;
        size_t at = 0;
        while (at < a->bytes && x[at] == y[at])
            at++;
        if (at < a->bytes)
            return ipd_fail(e, IPD_ENUMERIC, "%s and its replay differ in %s, from byte %zu of %zu",
                            what, a->name, at, a->bytes);
    }
    return 0;
}

/* Compares the replay's state with a stored state of the run. */
static int compare_state(const ipd_replay *r, const ipd_archive *was, const char *what,
                         ipd_error *e)
{
    ipd_run_state m = ipd_snapshot_state(&r->trainer, r->units);
    ipd_archive *is = ipd_archive_new(e);
    int differs =
        !is || ipd_run_state_transfer(r->run, &m, is, e) || compare_archives(was, is, what, e);
    ipd_archive_free(is);
    return differs ? -1 : 0;
}

static int compare_snapshot(const ipd_replay *r, ipd_error *e)
{
    const ipd_snapshots *s = &r->run->snapshots;
    char what[64];
    snprintf(what, sizeof what, "the snapshot of iteration %zu", r->records);
    for (size_t i = 0; i < s->count; i++)
        if ((size_t)s->items[i].iteration == r->records)
            return compare_state(r, s->items[i].archive, what, e);
    return 0;
}

static int compare_end(ipd_replay *r, ipd_error *e)
{
    ipd_trainer trainer = ipd_run_trainer(r->run);
    ipd_run_state m = ipd_snapshot_state(&trainer, r->run->journal.units);
    ipd_archive *was;
    if (r->run->now.status == IPD_FAILED) /* possibly in the middle of a block */
        return 0;
    if (ipd_replay_apply(r, e) || !(was = ipd_archive_new(e)))
        return -1;
    int differs = ipd_run_state_transfer(r->run, &m, was, e) || compare_state(r, was, "the run", e);
    ipd_archive_free(was);
    return differs;
}

void ipd_run_verify_journal(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_replay r = {
        .run = run, .verb = "verifies", .last = run->journal.records.count + run->within};
    ipd_run_status status = run->now.status;
    char text[sizeof run->now.status_text];
    ipd_error e;
    int done = 0;
    if (run->goal != IPD_NO_GOAL)
        ipd_run_end_goal(run, 1, IPD_PAUSED, "paused", NULL);
    status = run->now.status;
    memcpy(text, run->now.status_text, sizeof text);
    int failed = ipd_replay_begin(&r, &e);
    while (!failed && r.units < run->journal.units) {
        failed = ipd_replay_advance(&r, &done, &e) || (done == 1 && compare_snapshot(&r, &e));
        if (!failed && done < 0 && r.units < run->journal.units)
            failed =
                ipd_fail(&e, IPD_ENUMERIC, "a value in the replay of iteration %zu is not finite",
                         r.records + 1);
    }
    failed = failed || compare_end(&r, &e);
    ipd_trainer_close(&r.trainer);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    pthread_mutex_unlock(&run->lock);
    ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
}
