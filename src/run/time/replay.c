/* replay.c - a run's story told again, to the same bits: going back, branches, and the proof of it. Worker.
 *
 * A replay has a state of its own beside the run's. It begins at the first weights or at a snapshot, takes the
 * units of work that the run took, and applies each change of the log after as many units as the run
 * had done then. It asks nothing: what was answered is in the log. Every record it makes is compared with
 * the run's, so it either says so or ends at the same bits.
 */
#include "base/clock.h"
#include "run/run_private.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct replay {
    ipd_run *run;
    ipd_actor actor;
    unsigned long units;
    size_t records, log; /* iterations finished; changes applied */
    int within;
    const char *verb; /* "rewinds" */
    size_t last;      /* iteration */
    double told;      /* when the main thread was last told, seconds */
    int stubborn;     /* 1: a pause does not stop it */
} replay;

static unsigned long end_of(const ipd_run *run, size_t records)
{
    return records ? ((const unsigned long *)run->story.ends.items)[records - 1] : 0;
}

/* Changes that came before the end of this iteration. */
static size_t changes_before(const ipd_run *run, size_t records)
{
    const ipd_logged *log = run->story.log.items;
    size_t n = 0;
    while (records && n < run->story.log.count && log[n].units < end_of(run, records))
        n++;
    return n;
}

/* Whether the main thread wants an end of it: commands after that wait. */
static int is_stopped(const replay *r)
{
    ipd_run *run = r->run;
    pthread_mutex_lock(&run->lock);
    int stop = run->quit;
    for (const ipd_command *c = run->first; c; c = c->next)
        stop |= c->kind == IPD_DO_PAUSE && !r->stubborn;
    pthread_mutex_unlock(&run->lock);
    return stop;
}

static void tell(replay *r)
{
    ipd_run *run = r->run;
    char text[120];
    if (ipd_seconds() - r->told < 0.05)
        return;
    r->told = ipd_seconds();
    snprintf(text, sizeof text, "%s: iteration %zu of %zu", r->verb, r->records + 1, r->last);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_RUNNING, text);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

static int begin_at_start(replay *r, ipd_error *e)
{
    r->units = 0;
    r->records = r->log = 0;
    return ipd_actor_open(r->run, &r->actor, &r->run->first_settings, e);
}

static int begin_at(replay *r, const ipd_snapshot *snapshot, ipd_error *e)
{
    ipd_moment m = {0};
    ipd_archive_rewind(snapshot->archive);
    int failed = ipd_moment_transfer(r->run, &m, snapshot->archive, e);
    r->actor = m.actor;
    r->units = m.units;
    r->records = (size_t)snapshot->iteration;
    r->log = changes_before(r->run, r->records);
    return failed;
}

static int apply(replay *r, const ipd_log_entry *entry, ipd_error *e)
{
    ipd_change change = {0};
    ipd_settings now = r->actor.settings, new;
    char method[16];
    switch (ipd_log_parse(entry->text, method, &change, e)) {
    case IPD_LOG_SET:
        return ipd_actor_set(r->run, &r->actor, &change, e);
    case IPD_LOG_SWITCH:
        ipd_settings_from_parameters(&now, r->actor.method->parameters(r->actor.state));
        return ipd_switch_settings(r->run, &now, method, &change, &new, e) ||
                       ipd_actor_switch(r->run, &r->actor, &new, e)
                   ? -1
                   : 0;
    case IPD_LOG_OTHER:
        return 0;
    default:
        return -1;
    }
}

/* What was changed at this boundary. */
static int apply_changes(replay *r, ipd_error *e)
{
    const ipd_story *story = &r->run->story;
    const ipd_logged *log = story->log.items;
    for (; r->log < story->log.count && log[r->log].units <= r->units; r->log++)
        if (apply(r, &log[r->log].entry, e))
            return -1;
    return 0;
}

/* The first value of which the bits differ; what is timed is none. */
static int compare_records(const ipd_record *was, const ipd_record *is, ipd_error *e)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, was->L); i++) {
            double a = ipd_field_value(f, was, i), b = ipd_field_value(f, is, i);
            char name[64];
            if (!strcmp(f->column, "seconds"))
                continue;
            if (f->kind == IPD_STRING ? !strcmp(ipd_field_string(f, was), ipd_field_string(f, is))
                                      : !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)))
                continue;
            ipd_field_column(f, was->L, i, name, sizeof name);
            return ipd_fail(
                e, IPD_ENUMERIC,
                "the replay of iteration %d differs from its record: %s is %.17g, and was %.17g",
                was->iteration, name, b, a);
        }
    return 0;
}

static int end_iteration(replay *r, ipd_error *e)
{
    const ipd_story *story = &r->run->story;
    ipd_record record;
    if (ipd_actor_finish(r->run, &r->actor, &record, e))
        return -1;
    if (r->records >= story->records.count || r->units != end_of(r->run, r->records + 1))
        return ipd_fail(e, IPD_ENUMERIC,
                        "the replay ends iteration %zu after %lu blocks, where the run did not",
                        r->records + 1, r->units);
    r->within = 0;
    return compare_records((const ipd_record *)story->records.items + r->records++, &record, e);
}

/* The next unit of work, with what was changed before it. *done: 1 at an iteration's end; -1: a value is
 * not finite. */
static int advance(replay *r, int *done, ipd_error *e)
{
    ipd_unit unit;
    tell(r);
    if (is_stopped(r))
        return ipd_fail(e, IPD_EINTERRUPT, "stopped at iteration %zu of %zu on the way",
                        r->records + 1, r->last);
    if (apply_changes(r, e) || r->actor.method->advance(r->actor.state, &unit, e))
        return -1;
    r->units++;
    r->within = !unit.iteration_done;
    *done = unit.not_finite ? -1 : unit.iteration_done;
    return *done == 1 ? end_iteration(r, e) : 0;
}

static int go_to(replay *r, size_t records, ipd_error *e)
{
    int done;
    while (r->records < records) {
        if (advance(r, &done, e))
            return -1;
        if (done < 0)
            return ipd_fail(e, IPD_ENUMERIC,
                            "the replay of iteration %zu has a value that is not finite",
                            r->records + 1);
    }
    return 0;
}

/* The run goes on from where the replay is: what its story has beyond that is dropped, here, in the
 * main thread's view and in the history. */
static void adopt(replay *r, const char *status)
{
    ipd_run *run = r->run;
    run->method->close(run->state);
    run->method = r->actor.method;
    run->state = r->actor.state;
    run->settings = r->actor.settings;
    run->within = r->within;
    run->findings = run->settled = 0;
    run->seconds = 0;
    memset(run->seconds_by_block, 0, sizeof run->seconds_by_block);
    run->story.units = r->units;
    ipd_undo_cut(run, r->units);
    ipd_run_cut(run, r->records, r->log);
    ipd_event_forget(run);
    ipd_snapshots_cut(run, (int)r->records);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_PAUSED, status);
    ipd_run_refresh(run, &run->now);
    pthread_mutex_unlock(&run->lock);
}

/* Ends what the run was at, and the switch that waits. */
static void drop_plans(ipd_run *run)
{
    ipd_error e;
    if (run->goal != IPD_AT_REST)
        ipd_run_rest(run, 1, IPD_RUNNING, "running", NULL);
    ipd_question_withdraw(run);
    if (!run->switching)
        return;
    ipd_fail(&e, IPD_ESTATE, "the run went back before the switch to %s was due",
             run->switching->method);
    ipd_run_reply(run, run->switching->ticket, 0, &e);
    free(run->switching);
    run->switching = NULL;
}

static int is_there(const ipd_run *run, long iteration, ipd_error *e)
{
    if (iteration >= 0 && (size_t)iteration <= run->story.records.count)
        return 1;
    ipd_fail(e, IPD_EUSAGE, "there is no end of iteration %ld: use 0 (the start) to %zu", iteration,
             run->story.records.count);
    return 0;
}

void ipd_run_go_back(ipd_run *run, const ipd_command *c)
{
    replay r = {.run = run, .verb = "rewinds", .last = (size_t)c->count};
    ipd_run_status status = run->now.status;
    char text[sizeof run->now.status_text];
    ipd_error e;
    if (!is_there(run, c->count, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    drop_plans(run);
    memcpy(text, status == IPD_RUNNING ? "paused" : run->now.status_text,
           status == IPD_RUNNING ? 7 : sizeof text);
    const ipd_snapshot *from = ipd_snapshot_before(run, (int)c->count);
    if ((from ? begin_at(&r, from, &e) : begin_at_start(&r, &e)) ||
        go_to(&r, (size_t)c->count, &e)) {
        ipd_actor_close(&r.actor);
        pthread_mutex_lock(&run->lock);
        ipd_run_set_status(run, status == IPD_RUNNING ? IPD_PAUSED : status, text);
        pthread_mutex_unlock(&run->lock);
        ipd_run_reply(run, c->ticket, 0, &e);
        return;
    }
    r.log = changes_before(run, r.records);
    adopt(&r, "paused");
    ipd_run_reply(run, c->ticket, 0, NULL);
}

void ipd_run_catch_up(ipd_run *run)
{
    ipd_story *story = &run->story;
    replay r = {.run = run,
                .actor = ipd_run_actor(run),
                .units = story->units,
                .verb = "branches",
                .last = story->records.count,
                .stubborn = run->keep.reopened};
    char text[sizeof run->now.status_text];
    ipd_error e;
    while (r.records < story->ends.count && end_of(run, r.records + 1) <= r.units)
        r.records++;
    r.log = run->applied > 0 ? run->applied : changes_before(run, r.records);
    if (go_to(&r, story->records.count, &e) && e.code != IPD_EINTERRUPT) {
        run->state = r.actor.state;
        run->method = r.actor.method;
        snprintf(text, sizeof text, "failed: %s", e.text);
        ipd_run_rest(run, 1, IPD_FAILED, text, &e);
        return;
    }
    if (r.records < story->records.count && run->keep.reopened) { /* its checkpoint has more */
        run->state = r.actor.state;
        run->method = r.actor.method;
        ipd_run_at_end(run, IPD_END_LEAVE);
        return;
    }
    if (r.records < story->records.count)
        snprintf(text, sizeof text, "paused: %s", e.text);
    else
        strcpy(text, "paused");
    /* Nothing is to be closed: the replay went on with the run's own state. */
    run->method = &ipd_method_ipdlam;
    run->state = NULL;
    adopt(&r, text);
    if (!r.within)
        ipd_snapshot_take(run);
    ipd_run_ring(run);
}

/* The first entry that two archives of one state have not in common. */
static int compare_archives(const ipd_archive *was, const ipd_archive *is, const char *what,
                            ipd_error *e)
{
    for (size_t i = 0; i < ipd_archive_count(was); i++) {
        const ipd_entry *a = ipd_archive_entry(was, i);
        const ipd_entry *b = i < ipd_archive_count(is) ? ipd_archive_entry(is, i) : NULL;
        if (!b || strcmp(a->name, b->name) || a->bytes != b->bytes)
            return ipd_fail(e, IPD_ENUMERIC, "%s has %s, and its replay has not", what, a->name);
        const unsigned char *x = a->data, *y = b->data;
        size_t at = 0;
        while (at < a->bytes && x[at] == y[at])
            at++;
        if (at < a->bytes)
            return ipd_fail(e, IPD_ENUMERIC,
                            "%s differs from its replay in %s, from byte %zu of %zu on", what,
                            a->name, at, a->bytes);
    }
    return 0;
}

/* The replay's state against what was kept of the run. */
static int compare_state(const replay *r, const ipd_archive *was, const char *what, ipd_error *e)
{
    ipd_moment m = ipd_snapshot_moment(&r->actor, r->units);
    ipd_archive *is = ipd_archive_new(e);
    int differs =
        !is || ipd_moment_transfer(r->run, &m, is, e) || compare_archives(was, is, what, e);
    ipd_archive_free(is);
    return differs ? -1 : 0;
}

static int compare_snapshot(const replay *r, ipd_error *e)
{
    const ipd_snapshots *s = &r->run->snapshots;
    char what[64];
    snprintf(what, sizeof what, "the snapshot of iteration %zu", r->records);
    for (size_t i = 0; i < s->count; i++)
        if ((size_t)s->items[i].iteration == r->records)
            return compare_state(r, s->items[i].archive, what, e);
    return 0;
}

static int compare_end(replay *r, ipd_error *e)
{
    ipd_actor actor = ipd_run_actor(r->run);
    ipd_moment m = ipd_snapshot_moment(&actor, r->run->story.units);
    ipd_archive *was;
    if (r->run->now.status == IPD_FAILED) /* in the middle of a block */
        return 0;
    if (apply_changes(r, e) || !(was = ipd_archive_new(e)))
        return -1;
    int differs = ipd_moment_transfer(r->run, &m, was, e) || compare_state(r, was, "the run", e);
    ipd_archive_free(was);
    return differs;
}

void ipd_run_verify_story(ipd_run *run, const ipd_command *c)
{
    replay r = {.run = run, .verb = "verifies", .last = run->story.records.count + run->within};
    ipd_run_status status = run->now.status;
    char text[sizeof run->now.status_text];
    ipd_error e;
    int done = 0;
    if (run->goal != IPD_AT_REST)
        ipd_run_rest(run, 1, IPD_PAUSED, "paused", NULL);
    status = run->now.status;
    memcpy(text, run->now.status_text, sizeof text);
    int failed = begin_at_start(&r, &e);
    while (!failed && r.units < run->story.units) {
        failed = advance(&r, &done, &e) || (done == 1 && compare_snapshot(&r, &e));
        if (!failed && done < 0 && r.units < run->story.units)
            failed = ipd_fail(&e, IPD_ENUMERIC,
                              "the replay of iteration %zu has a value that is not finite",
                              r.records + 1);
    }
    failed = failed || compare_end(&r, &e);
    ipd_actor_close(&r.actor);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    pthread_mutex_unlock(&run->lock);
    ipd_run_reply(run, c->ticket, 0, failed ? &e : NULL);
}

/* The run as of the end of an iteration, from the last snapshot or the start: who opens it takes the rest of the way. */
static int write_as_of(ipd_run *run, size_t records, const ipd_parent *parent, ipd_archive *ar,
                       ipd_error *e)
{
    if (ipd_story_write(run, records, changes_before(run, records), ar, parent, e))
        return -1;
    const ipd_snapshot *from = ipd_snapshot_before(run, (int)records);
    if (from)
        return ipd_archive_append(ar, from->archive, e);
    replay r = {.run = run};
    int failed = begin_at_start(&r, e);
    if (!failed) {
        ipd_moment m = ipd_snapshot_moment(&r.actor, 0);
        failed = ipd_moment_transfer(run, &m, ar, e);
    }
    ipd_actor_close(&r.actor);
    return failed;
}

int ipd_run_write_branch(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_parent parent = {.id = run->history_id, .iteration = (int)c->count};
    return is_there(run, c->count, e) ? write_as_of(run, (size_t)c->count, &parent, c->archive, e)
                                      : -1;
}

int ipd_run_write_last_good(ipd_run *run, const ipd_archive *older, ipd_archive *ar, ipd_error *e)
{
    size_t records = run->story.records.count;
    int64_t done = -1, applied;
    const ipd_snapshot *snapshot = ipd_snapshot_before(run, (int)records);
    if (older && (ipd_archive_number(older, "run.records", &done) ||
                  ipd_archive_number(older, "run.changes", &applied)))
        done = -1;
    if (done < (snapshot ? snapshot->iteration : 0) || done > (int64_t)records)
        return write_as_of(run, records, NULL, ar, e);
    if (ipd_story_write(run, records, changes_before(run, records), ar, NULL, e))
        return -1;
    ipd_archive_ints(ar, &applied, 1, 0, INT_MAX, "run.applied");
    return ipd_archive_complete(ar, older, e);
}
