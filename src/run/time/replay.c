/* replay.c - repeats a run's journal with the same bits; rewind.c has the commands that use it.
 * Worker.
 *
 * A replay has its own state beside the run's. It begins at the initial weights or at a snapshot,
 * repeats the run's units of work, and applies each change of the log after the same number of
 * units as the run did. It sends no requests: the answers are in the log. Every record is compared
 * with the run's, so a replay either reports a difference or ends with the same bits.
 */
#include "run/time/replay.h"
#include "base/clock.h"
#include "base/text.h"
#include "run/mailbox.h"
#include "run/time/log.h"
#include "run/time/state.h"
#include "run/trainer.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

unsigned long ipd_replay_end_of(const ipd_journal *path, size_t records)
{
    return records ? ((const unsigned long *)path->ends.items)[records - 1] : 0;
}

size_t ipd_replay_changes_before(const ipd_journal *path, size_t records)
{
    const ipd_journal_entry *log = path->log.items;
    size_t n = 0;
    while (records && n < path->log.count && log[n].units < ipd_replay_end_of(path, records))
        n++;
    return n;
}

/* Returns 1 if a pause or the run's end is waiting in the queue. */
static int is_stopped(const ipd_replay *r)
{
    ipd_run *run = r->run;
    pthread_mutex_lock(&run->lock);
    int stop = run->quit;
    for (const ipd_command *c = run->first; c; c = c->next)
        stop |= c->kind == IPD_DO_PAUSE && !r->stubborn;
    pthread_mutex_unlock(&run->lock);
    return stop;
}

/* Seconds that the remaining iterations took, from their records. */
static double seconds_left(const ipd_replay *r)
{
    double seconds = 0;
    for (size_t i = r->records; i < r->last && i < r->journal->records.count; i++)
        seconds += ipd_records_number(&r->journal->records, "seconds", i);
    return seconds;
}

void ipd_replay_announce(const ipd_replay *r)
{
    enum { LONG = 5 }; /* seconds */
    double seconds = seconds_left(r);
    size_t count = r->last - r->records;
    char time[16];
    if (!(seconds > LONG))
        return;
    ipd_text_duration(time, sizeof time, seconds);
    ipd_run_notify(r->run, "repeats %zu iteration%s, about %s; C-c cancels", count,
                   count == 1 ? "" : "s", time);
}

static void publish_status(ipd_replay *r)
{
    ipd_run *run = r->run;
    char text[120];
    if (ipd_seconds() - r->published < 0.05)
        return;
    r->published = ipd_seconds();
    size_t n = (size_t)snprintf(text, sizeof text, "%s: iteration %zu of %zu", r->verb,
                                r->records + 1, r->last);
    double seconds = seconds_left(r);
    if (seconds > 2)
        snprintf(text + n, sizeof text - n, ", about %.0f s left; a pause stops it", seconds);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, IPD_RUNNING, text);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

int ipd_replay_begin(ipd_replay *r, ipd_error *e)
{
    r->units = 0;
    r->records = r->log = 0;
    return ipd_trainer_open(r->run, &r->trainer, &r->run->first_settings, e);
}

int ipd_replay_begin_at(ipd_replay *r, const ipd_snapshot *snapshot, ipd_error *e)
{
    ipd_run_state m = {0};
    ipd_archive_rewind(snapshot->archive);
    int failed = ipd_run_state_transfer(r->run, &m, snapshot->archive, e);
    r->trainer = m.trainer;
    if (!failed && m.units != snapshot->units)
        failed = ipd_fail(e, IPD_EFORMAT, "a snapshot of the run is at another place than it says");
    r->units = m.units;
    r->records = (size_t)snapshot->iteration;
    r->log = snapshot->entries;
    r->within = m.units > ipd_replay_end_of(r->journal, r->records);
    return failed;
}

/* Applies a log entry. */
static int apply(ipd_replay *r, size_t index, ipd_error *e)
{
    ipd_change change;
    ipd_settings now = r->trainer.settings, new;
    ipd_variable x;
    ipd_matrix value;
    const char *method;
    switch (ipd_journal_read(r->journal, index, &method, &change)) {
    case IPD_LOG_SET:
        return ipd_trainer_set(r->run, &r->trainer, &change, e);
    case IPD_LOG_SWITCH:
        ipd_settings_from_parameters(&now, r->trainer.method->parameters(r->trainer.state));
        return ipd_switch_settings(r->run, &now, method, &change, &new, e) ||
                       ipd_trainer_switch(r->run, &r->trainer, &new, e)
                   ? -1
                   : 0;
    case IPD_LOG_WRITE:
        return ipd_journal_read_write(r->journal, index, &x, &value, e) ||
                       r->trainer.method->write(r->trainer.state, x, &value, e)
                   ? -1
                   : 0;
    case IPD_LOG_OTHER:
        break;
    }
    return 0;
}

int ipd_replay_apply(ipd_replay *r, ipd_error *e)
{
    const ipd_journal *journal = r->journal;
    const ipd_journal_entry *log = journal->log.items;
    for (; r->log < journal->log.count && log[r->log].units <= r->units; r->log++)
        if (apply(r, r->log, e))
            return -1;
    return 0;
}

/* Returns 1 for a value that a replay does not compute: a timing, a metric of the user, or a value
 * that an earlier version did not record. */
static int is_outside(const ipd_field *f, const ipd_record *was)
{
    return !strcmp(f->column, "seconds") || f->extent == IPD_BY_METRIC ||
           !strcmp(f->name, "metric_names") || (!strcmp(f->name, "batches") && isnan(was->batches));
}

/* Fails with the first value whose bits differ. */
static int compare_records(const ipd_record *was, const ipd_record *is, ipd_error *e)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, was->L); i++) {
            double a = ipd_field_value(f, was, i), b = ipd_field_value(f, is, i);
            char name[64];
            if (is_outside(f, was))
                continue;
            if (f->kind == IPD_STRING ? !strcmp(ipd_field_string(f, was), ipd_field_string(f, is))
                                      : !memcmp(&a, &b, sizeof a) || (isnan(a) && isnan(b)))
                continue;
            ipd_field_column(f, was->L, i, name, sizeof name);
            return ipd_fail(
                e, IPD_ENUMERIC,
                "the replay of iteration %d differs from its record: %s is %.17g, but was %.17g",
                was->iteration, name, b, a);
        }
    return 0;
}

static int end_iteration(ipd_replay *r, ipd_error *e)
{
    const ipd_journal *journal = r->journal;
    ipd_record record;
    if (ipd_trainer_finish(r->run, &r->trainer, &record, e))
        return -1;
    if (r->records >= journal->records.count ||
        r->units != ipd_replay_end_of(journal, r->records + 1))
        return ipd_fail(e, IPD_ENUMERIC,
                        "the replay ends iteration %zu after %lu blocks, but the run did not",
                        r->records + 1, r->units);
    r->within = 0;
    ipd_record was = ipd_records_get(&journal->records, r->records++);
    return compare_records(&was, &record, e);
}

int ipd_replay_advance(ipd_replay *r, int *done, ipd_error *e)
{
    ipd_unit unit;
    publish_status(r);
    if (is_stopped(r))
        return ipd_fail(e, IPD_EINTERRUPT, "stopped at iteration %zu of %zu", r->records + 1,
                        r->last);
    if (ipd_replay_apply(r, e) || r->trainer.method->advance(r->trainer.state, &unit, e))
        return -1;
    r->at = unit.at;
    r->units++;
    r->within = !unit.iteration_done;
    *done = unit.not_finite ? -1 : unit.iteration_done;
    return *done == 1 ? end_iteration(r, e) : 0;
}

int ipd_replay_not_finite(const ipd_replay *r, ipd_error *e)
{
    return ipd_fail(e, IPD_ENUMERIC, "a value in the replay of iteration %zu is not finite",
                    r->records + 1);
}

int ipd_replay_go_to(ipd_replay *r, size_t records, ipd_error *e)
{
    int done;
    while (r->records < records) {
        if (ipd_replay_advance(r, &done, e))
            return -1;
        if (done < 0)
            return ipd_replay_not_finite(r, e);
    }
    return 0;
}

int ipd_replay_finish(ipd_replay *r, int *diverged, ipd_error *e)
{
    int done = 0;
    while (r->units < r->journal->units && done >= 0)
        if (ipd_replay_advance(r, &done, e))
            return -1;
    *diverged = done < 0;
    if (r->units < r->journal->units)
        return ipd_replay_not_finite(r, e);
    return *diverged ? 0 : ipd_replay_apply(r, e);
}

int ipd_replay_check(const ipd_run *run, long iteration, ipd_error *e)
{
    if (iteration >= 0 && (size_t)iteration <= run->journal.records.count)
        return 1;
    ipd_fail(e, IPD_EUSAGE, "the run has not completed iteration %ld. Use 0 (the start) to %zu",
             iteration, run->journal.records.count);
    return 0;
}

/* The last snapshot at or before the end of this iteration, or NULL. */
static const ipd_snapshot *last_snapshot(ipd_run *run, size_t records)
{
    ipd_journal path = run->journal;
    path.units = ipd_replay_end_of(&path, records);
    path.log.count = ipd_replay_changes_before(&path, records);
    return ipd_snapshot_before(run, &path);
}

/* Writes the run as of the end of an iteration, with the state of the last snapshot before it or of
 * the start. Opening the archive replays the rest. */
static int write_as_of(ipd_run *run, size_t records, const ipd_parent *parent, ipd_archive *ar,
                       ipd_error *e)
{
    size_t changes = ipd_replay_changes_before(&run->journal, records);
    if (ipd_journal_write(run, records, changes, ar, parent, e))
        return -1;
    const ipd_snapshot *from = last_snapshot(run, records);
    if (from)
        return ipd_archive_append(ar, from->archive, e);
    ipd_replay r = {.run = run, .journal = &run->journal};
    int failed = ipd_replay_begin(&r, e);
    if (!failed) {
        ipd_run_state m = ipd_snapshot_state(&r.trainer, 0);
        failed = ipd_run_state_transfer(run, &m, ar, e);
    }
    ipd_trainer_close(&r.trainer);
    return failed;
}

int ipd_run_write_branch(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    const ipd_parent parent = {.id = run->history_id, .iteration = (int)c->count};
    return ipd_replay_check(run, c->count, e)
               ? write_as_of(run, (size_t)c->count, &parent, c->archive, e)
               : -1;
}

int ipd_run_write_last_good(ipd_run *run, const ipd_archive *older, ipd_archive *ar, ipd_error *e)
{
    size_t records = run->journal.records.count;
    int64_t done = -1, applied;
    const ipd_snapshot *snapshot = last_snapshot(run, records);
    if (older && (ipd_archive_number(older, "run.records", &done) ||
                  ipd_archive_number(older, "run.changes", &applied)))
        done = -1;
    if (done < (snapshot ? snapshot->iteration : 0) || done > (int64_t)records)
        return write_as_of(run, records, NULL, ar, e);
    if (ipd_journal_write(run, records, ipd_replay_changes_before(&run->journal, records), ar, NULL,
                          e))
        return -1;
    ipd_archive_ints(ar, &applied, 1, 0, INT_MAX, "run.applied");
    return ipd_archive_complete(ar, older, e);
}
