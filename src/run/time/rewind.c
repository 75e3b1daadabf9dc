/* rewind.c - the commands that replay: rewinding, catching up when a branch is opened, and
 * verifying the journal. Worker. */
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/time/replay.h"
#include "run/time/state.h"
#include "run/time/tree.h"
#include "run/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Moves the run to the replay's state, and its journal to `path`, which ends at the place `at` of
 * the tree. */
static void adopt(ipd_replay *r, ipd_journal *path, ipd_tree_place at, const char *status)
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
    ipd_tree_undos(run, at);
    if (at.future)
        run->tree.now = at.future;
    ipd_run_move(run, path);
    ipd_event_forget(run);
    ipd_tree_show(run);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_PAUSED, status);
    ipd_run_refresh(run);
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

/* Begins a replay of a path at the nearest state on it: the present one, a snapshot, or the
 * start. */
static int begin_near(ipd_replay *r, ipd_error *e)
{
    ipd_run *run = r->run;
    const ipd_snapshot *from = ipd_snapshot_before(run, r->journal);
    ipd_snapshot here = ipd_snapshot_here(run);
    int ready = ipd_run_goes_on(run->now) && ipd_snapshot_fits(&here, r->journal) &&
                (!from || from->units < here.units);
    if (ready)
        here = ipd_snapshot_now(run);
    int failed = here.archive ? ipd_replay_begin_at(r, &here, e)
                 : from       ? ipd_replay_begin_at(r, from, e)
                              : ipd_replay_begin(r, e);
    ipd_archive_free(here.archive);
    if (!failed)
        ipd_replay_announce(r);
    return failed;
}

/* Sets *begin to the units done when the mini-batch of the last of `units` units began. Replays its
 * iteration. */
static int batch_before(ipd_run *run, unsigned long units, unsigned long *begin, ipd_error *e)
{
    ipd_journal from = run->journal;
    size_t records = from.ends.count;
    while (records && ipd_replay_end_of(&run->journal, records) >= units)
        records--;
    from.units = ipd_replay_end_of(&from, records);
    from.log.count = ipd_replay_changes_before(&from, records);
    ipd_replay r = {.run = run, .journal = &from, .verb = "looks back", .last = records + 1};
    ipd_place last = {0};
    int done = 0, failed = begin_near(&r, e);
    r.journal = &run->journal;
    while (!failed && r.units < units && done >= 0) {
        ipd_place at = r.trainer.method->place(r.trainer.state);
        if (at.iteration != last.iteration || at.batch != last.batch)
            *begin = r.units;
        last = at;
        failed = ipd_replay_advance(&r, &done, e);
    }
    ipd_trainer_close(&r.trainer);
    return failed;
}

/* The place some blocks or batches back. */
static int place_back(ipd_run *run, const ipd_command *c, ipd_tree_place *at, ipd_error *e)
{
    const ipd_journal_entry *log = run->journal.log.items;
    unsigned long units = run->journal.units, n = (unsigned long)c->count;
    if (!units)
        return ipd_fail(e, IPD_ESTATE, "the run is at its start");
    *at = (ipd_tree_place){.units = units > n ? units - n : 0};
    for (unsigned long i = 0; c->layer && i < n && units; i++) {
        if (batch_before(run, units, &at->units, e))
            return -1;
        units = at->units;
    }
    while (at->entries < run->journal.log.count && log[at->entries].units < at->units)
        at->entries++;
    return 0;
}

/* The place before the last move, if the run has not worked since. */
static int place_of_redo(ipd_run *run, ipd_tree_place *at, ipd_error *e)
{
    const ipd_journal *j = &run->journal;
    ipd_list *back = &run->tree.back;
    while (back->count) {
        *at = ((const ipd_tree_place *)back->items)[--back->count];
        if (at->future != run->tree.now || at->units != j->units || at->entries != j->log.count)
            return 0;
    }
    if (!run->now->rewinds && run->tree.futures.count < 2) /* the only path is the present one */
        return ipd_fail(e, IPD_ESTATE, "the run has not been rewound");
    return ipd_fail(e, IPD_ESTATE,
                    "the run has gone on since it was rewound: run:futures() lists its paths, and "
                    "run:go(path) enters one");
}

static int place_ahead(ipd_run *run, long count, ipd_tree_place *at, ipd_error *e)
{
    unsigned long ahead = ipd_tree_ahead(run);
    ipd_tree_place end;
    if (!ahead)
        return ipd_fail(e, IPD_ESTATE, "no path of the run continues from here");
    if (ipd_tree_end(run, ahead, -1, &end, e))
        return -1;
    long k = (long)run->journal.records.count + count;
    if (count > 0 && !ipd_tree_end(run, ahead, k, at, e))
        return 0;
    *at = end;
    return 0;
}

/* Finds where a command leads. */
static int destination(ipd_run *run, const ipd_command *c, ipd_tree_place *at, ipd_error *e)
{
    switch (c->kind) {
    case IPD_DO_BACK:
        return place_back(run, c, at, e);
    case IPD_DO_FORWARD:
        return place_ahead(run, c->count, at, e);
    case IPD_DO_REDO:
        return place_of_redo(run, at, e);
    case IPD_DO_GO:
        return ipd_tree_end(run, c->future, c->count, at, e);
    default:
        return ipd_tree_end(run, 0, c->count, at, e);
    }
}

static int is_here(const ipd_run *run, const ipd_journal *path)
{
    const ipd_tree_common c = ipd_tree_compare(&run->journal, path);
    return c.units == path->units && path->units == run->journal.units &&
           c.entries == path->log.count && path->log.count == run->journal.log.count;
}

/* Moves the run to a place of its tree. */
static int travel(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    ipd_tree_place here, at;
    ipd_journal path = {0};
    ipd_replay r = {.run = run, .journal = &path};
    int diverged = 0, back = c->kind == IPD_DO_REWIND || c->kind == IPD_DO_BACK;
    if (ipd_tree_leave(run, &here, e) || destination(run, c, &at, e) ||
        ipd_tree_path(run, at, &path, e))
        return -1;
    r.verb = back ? "rewinds" : "returns";
    r.last = path.records.count + (path.units > ipd_replay_end_of(&path, path.records.count));
    if (run->now->status == IPD_PAUSED && is_here(run, &path)) {
        if (at.future)
            run->tree.now = at.future;
        ipd_tree_drop(&path);
        ipd_tree_show(run);
        return 0;
    }
    if (begin_near(&r, e) || ipd_replay_finish(&r, &diverged, e)) {
        if (e->code == IPD_EINTERRUPT)
            ipd_fail(e, IPD_EINTERRUPT,
                     "the jump was cancelled in iteration %zu of %zu: the run is where it was",
                     r.records + 1, r.last);
        run->tree.back.count += c->kind == IPD_DO_REDO; /* the place can be entered later */
        ipd_trainer_close(&r.trainer);
        ipd_tree_drop(&path);
        return -1;
    }
    if (back || c->kind == IPD_DO_GO)
        ipd_list_add(&run->tree.back, &here, sizeof here);
    adopt(&r, &path, at, "paused");
    if (diverged) {
        ipd_run_diverged(run, &r.at);
    } else if (!run->within && back) {
        ipd_snapshot_take(run, 1); /* paths begin here */
    }
    return 0;
}

void ipd_run_travel(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_run_status status = run->now->status;
    char text[sizeof run->now->status_text];
    ipd_error e;
    if (c->kind == IPD_DO_REWIND && !ipd_replay_check(run, c->count, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    drop_plans(run);
    memcpy(text, status == IPD_RUNNING ? "paused" : run->now->status_text,
           status == IPD_RUNNING ? 7 : sizeof text);
    int failed = travel(run, c, &e);
    if (failed) {
        pthread_mutex_lock(&run->lock);
        ipd_run_set_status(run, status == IPD_RUNNING ? IPD_PAUSED : status, text);
        pthread_mutex_unlock(&run->lock);
    }
    ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
}

void ipd_run_catch_up(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_journal *journal = &run->journal, path;
    ipd_replay r = {.run = run,
                    .journal = journal,
                    .trainer = ipd_run_trainer(run),
                    .units = journal->units,
                    .verb = "branches",
                    .last = journal->records.count,
                    .stubborn = run->keep.reopened};
    char text[sizeof run->now->status_text];
    ipd_error e;
    while (r.records < journal->ends.count && ipd_replay_end_of(journal, r.records + 1) <= r.units)
        r.records++;
    r.log = run->applied > 0 ? run->applied : ipd_replay_changes_before(journal, r.records);
    int failed = ipd_replay_go_to(&r, journal->records.count, &e);
    run->state = r.trainer.state; /* the replay used, and may have replaced, the run's own state */
    run->method = r.trainer.method;
    if (failed && e.code != IPD_EINTERRUPT) {
        ipd_run_failed(run, &e);
        return;
    }
    /* Stopped early: the checkpoint has later records and must stay. */
    if (r.records < journal->records.count && run->keep.reopened) {
        ipd_run_at_end(run, IPD_END_LEAVE);
        return;
    }
    if (r.records < journal->records.count)
        snprintf(text, sizeof text, "paused: %s", e.text);
    else
        strcpy(text, "paused");
    journal->units = r.units;
    if (ipd_tree_path(run, (ipd_tree_place){0, r.units, r.log}, &path, &e)) {
        ipd_run_failed(run, &e);
        return;
    }
    /* adopt must not close the state that it adopts. */
    run->method = &ipd_method_ipdlam;
    run->state = NULL;
    adopt(&r, &path, (ipd_tree_place){0, r.units, r.log}, text);
    if (!r.within)
        ipd_snapshot_take(run, 0);
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
        if (s->items[i].units == r->units && s->items[i].entries == r->log &&
            ipd_snapshot_fits(&s->items[i], r->journal))
            return compare_state(r, s->items[i].archive, what, e);
    return 0;
}

static int compare_end(ipd_replay *r, ipd_error *e)
{
    ipd_trainer trainer = ipd_run_trainer(r->run);
    ipd_run_state m = ipd_snapshot_state(&trainer, r->run->journal.units);
    ipd_archive *was;
    if (r->run->now->status == IPD_FAILED) /* possibly in the middle of a block */
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
    ipd_replay r = {.run = run,
                    .journal = &run->journal,
                    .verb = "verifies",
                    .last = run->journal.records.count + run->within};
    char text[sizeof run->now->status_text];
    ipd_error e;
    int done = 0;
    if (run->goal != IPD_NO_GOAL)
        ipd_run_end_goal(run, 1, IPD_PAUSED, "paused", NULL);
    const ipd_run_status status = run->now->status;
    memcpy(text, run->now->status_text, sizeof text);
    int failed = ipd_replay_begin(&r, &e);
    while (!failed && r.units < run->journal.units) {
        failed = ipd_replay_advance(&r, &done, &e) || (done == 1 && compare_snapshot(&r, &e));
        if (!failed && done < 0 && r.units < run->journal.units)
            failed = ipd_replay_not_finite(&r, &e);
    }
    failed = failed || compare_end(&r, &e);
    ipd_trainer_close(&r.trainer);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    pthread_mutex_unlock(&run->lock);
    ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
}
