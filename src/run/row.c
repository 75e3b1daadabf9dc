/* row.c - a run's row in the history: added when the run starts training, then kept up to date. Worker.
 *
 * The journal in memory is complete. If a lock or a full disk prevents writing, or the file is deleted or replaced, the next attempt
 * finds the row by the run's identity, or adds it, and writes what is missing.
 */
#include "base/clock.h"
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/time/log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds between two attempts. */
#define AGAIN 1.0

/* Reports once that the history cannot be written; training continues without it. */
static void give_up(ipd_run *run, const ipd_error *e)
{
    ipd_history_close(run->history);
    run->history = NULL;
    run->history_path[0] = 0;
    run->row_waits = 0;
    ipd_run_notify(run, "%.450s; the rest of this run is not stored%s", e->text,
                   run->history_id || *run->keep.folder ? "" : ", and it has no checkpoints");
}

static void say_waits(ipd_run *run, const char *why)
{
    if (!run->wait_reported)
        ipd_run_notify(run, "%.360s; records wait in memory, and are lost if this lasts to the end",
                       why);
    run->wait_reported = 1;
}

/* The parent's number, if it is in this history; else 0. */
static long parent_here(ipd_run *run)
{
    ipd_history_run *p = malloc(sizeof *p);
    int same = p && run->parent.id &&
               ipd_history_find(run->history, run->parent.id, p, NULL) == 0 &&
               !strcmp(p->name, run->parent.name) && !strcmp(p->checksum, run->data->checksum);
    free(p);
    return same ? run->parent.id : 0;
}

/* The row's changes begin with the file of given weights, which is not a log entry. */
static int write_weights(ipd_run *run, ipd_error *e)
{
    const ipd_place start = {.iteration = 1, .batch = 1, .sweep = 1};
    char text[sizeof IPD_LOG_WEIGHTS + sizeof run->initial];
    snprintf(text, sizeof text, IPD_LOG_WEIGHTS "%s", *run->initial ? run->initial : "memory");
    return ipd_history_change(run->history, run->history_id, &start, text, e);
}

static int rewind_row(ipd_run *run, size_t records, size_t changes, ipd_error *e)
{
    return ipd_history_rewind(run->history, run->history_id, (int)records,
                              changes + (size_t)run->given, e);
}

/* Notes that the row is up to date, unless items wait in the history's queue, which may be dropped. */
static void note_written(ipd_run *run)
{
    if (ipd_history_waiting(run->history, NULL))
        return;
    run->row_records = run->journal.records.count;
    run->row_changes = run->journal.log.count;
}

/* Writes the rest of the journal to a row that has this many records and changes. */
static int write_journal(ipd_run *run, size_t records, size_t changes, ipd_error *e)
{
    size_t given = (size_t)run->given;
    if (given && !changes && write_weights(run, e))
        return -1;
    changes -= changes ? given : 0;
    size_t keep = records < run->row_records ? records : run->row_records;
    size_t kept = changes < run->row_changes ? changes : run->row_changes;
    if ((keep < records || kept < changes) && rewind_row(run, keep, kept, e))
        return -1;
    for (size_t i = keep; i < run->journal.records.count; i++) {
        ipd_record record = ipd_records_get(&run->journal.records, i);
        if (ipd_history_record(run->history, run->history_id, &record, e))
            return -1;
    }
    for (size_t i = kept; i < run->journal.log.count; i++) {
        ipd_log_entry entry = ipd_journal_show(&run->journal, i);
        if (ipd_history_change(run->history, run->history_id, &entry.place, entry.text, e))
            return -1;
    }
    note_written(run);
    return 0;
}

static int enter(ipd_run *run, int patience, ipd_error *e)
{
    const ipd_parent *p = &run->parent;
    const ipd_history_new row = {.name = run->now.name,
                                 .identity = run->keep.identity,
                                 .wanted = run->history_id,
                                 .goal = run->keep.goal,
                                 .settings = &run->first_settings,
                                 .definitions = run->definitions,
                                 .data = run->data,
                                 .L = run->L,
                                 .widths = run->d};
    long id, records, changes;
    if (ipd_history_open_within(&run->history, run->history_path, 1, patience, e) ||
        ipd_history_reopen(run->history, run->keep.identity, &id, &records, &changes, e) ||
        (!id && ipd_history_begin(run->history, &id, &row, e)))
        return -1;
    run->history_id = id;
    if (run->renames && ipd_history_rename(run->history, id, run->now.name, e))
        return -1;
    if (p->iteration >= 0 &&
        ipd_history_set_parent(run->history, id, parent_here(run), p->name, p->iteration, e))
        return -1;
    return write_journal(run, (size_t)records, (size_t)changes, e);
}

/* Returns 0 if the row is up to date now. */
static int try_to_enter(ipd_run *run, int patience)
{
    ipd_error e;
    run->row_tried = ipd_seconds();
    if (enter(run, patience, &e)) {
        if (e.code != IPD_EBUSY) {
            give_up(run, &e);
            return -1;
        }
        ipd_history_close(run->history);
        run->history = NULL;
        run->row_waits = 1;
        say_waits(run, e.text);
        ipd_keep_begin(run);
        return -1;
    }
    run->row_waits = 0;
    ipd_history_set_patience(run->history, IPD_HISTORY_PATIENCE);
    pthread_mutex_lock(&run->lock);
    run->now.id = run->history_id;
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
    ipd_keep_begin(run);
    return 0;
}

void ipd_run_begin_history(ipd_run *run)
{
    IPD_THREAD_OF(run);
    if (!run->history && *run->history_path && !run->row_waits)
        try_to_enter(run, IPD_HISTORY_PATIENCE);
}

/* Returns 1 if the row exists and new items are written to it directly. */
static int has_row(ipd_run *run)
{
    ipd_history_place place = run->history ? ipd_history_moved(run->history) : IPD_HISTORY_IN_PLACE;
    if (place != IPD_HISTORY_IN_PLACE) {
        ipd_history_close(run->history);
        run->history = NULL;
        run->row_waits = 1;
        run->row_tried = 0;
        ipd_run_notify(run,
                       "%.400s%s was removed or replaced while this run was training. "
                       "The run is written to it anew",
                       run->history_path,
                       place == IPD_HISTORY_FILE_MOVED ? ": the history"
                                                       : "-wal: part of the history");
    }
    if (run->row_waits && ipd_seconds() - run->row_tried >= AGAIN)
        try_to_enter(run, place == IPD_HISTORY_IN_PLACE ? 0 : IPD_HISTORY_PATIENCE);
    else
        return run->history != NULL;
    return 0;
}

/* Handles the result of a write. If a lock or a full disk delays it, items wait in the history's queue; if that fails too, in the
 * journal. */
static void heed(ipd_run *run, int failed, const ipd_error *e)
{
    const char *why;
    if (failed && e->code == IPD_EBUSY) {
        say_waits(run, e->text);
        ipd_history_close(run->history);
        run->history = NULL;
        run->row_waits = 1;
    } else if (failed) {
        give_up(run, e);
    } else if (ipd_history_waiting(run->history, &why)) {
        say_waits(run, why);
    }
}

void ipd_run_history_record(ipd_run *run, const ipd_record *record)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (!has_row(run))
        return;
    int failed = ipd_history_record(run->history, run->history_id, record, &e);
    if (!failed)
        note_written(run);
    heed(run, failed, &e);
}

void ipd_run_history_metrics(ipd_run *run, const ipd_record *record)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (has_row(run))
        heed(run, ipd_history_metrics(run->history, run->history_id, record, &e), &e);
}

void ipd_run_history_change(ipd_run *run, const ipd_log_entry *entry)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (!has_row(run))
        return;
    int failed = ipd_history_change(run->history, run->history_id, &entry->place, entry->text, &e);
    if (!failed)
        note_written(run);
    heed(run, failed, &e);
}

void ipd_run_history_name(ipd_run *run)
{
    ipd_error e;
    if (has_row(run))
        heed(run, ipd_history_rename(run->history, run->history_id, run->now.name, &e), &e);
}

void ipd_run_history_rewind(ipd_run *run)
{
    IPD_THREAD_OF(run);
    size_t records = run->journal.records.count, changes = run->journal.log.count;
    ipd_error e;
    if (run->row_records > records)
        run->row_records = records;
    if (run->row_changes > changes)
        run->row_changes = changes;
    if (has_row(run))
        heed(run, rewind_row(run, records, changes, &e), &e);
}

double ipd_run_history_due(const ipd_run *run)
{
    const double lasts = 0.5; /* seconds */
    if (run->row_waits || (run->history && ipd_history_waiting(run->history, NULL)))
        return run->row_tried + AGAIN;
    return run->goal == IPD_NO_GOAL && run->history && !run->pause_written
               ? run->paused_since + lasts
               : INFINITY;
}

void ipd_run_update_history(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    has_row(run);
    if (!run->history)
        return;
    run->row_tried = ipd_seconds();
    heed(run,
         run->pause_written
             ? ipd_history_retry(run->history, &e)
             : ipd_history_update_status(run->history, run->history_id, run->now.status_text, &e),
         &e);
    run->pause_written = 1;
}

void ipd_run_left_text(char *to, size_t size, size_t iterations, int within)
{
    snprintf(to, size, "left %s iteration %zu", within ? "in" : "at", iterations + (within != 0));
}

void ipd_run_end_history(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    const char *why;
    char left[64];
    const char *ending = run->now.status == IPD_DIVERGED || run->now.status == IPD_FAILED
                             ? run->now.status_text
                             : run->ending;
    has_row(run);
    if (run->row_waits && try_to_enter(run, IPD_HISTORY_PATIENCE) && run->row_waits)
        ipd_fail(&run->lost, IPD_EIO,
                 "%.360s: the run is not in the history, and cannot wait longer",
                 run->history_path);
    if (!run->history)
        return;
    ipd_run_left_text(left, sizeof left, run->journal.records.count, run->within);
    int failed = ipd_history_status(run->history, run->history_id, *ending ? ending : left, &e);
    size_t waiting = ipd_history_waiting(run->history, &why);
    if (waiting)
        ipd_fail(&run->lost, IPD_EIO, "%.360s: the last %zu records are not in the history", why,
                 waiting);
    else if (failed)
        run->lost = e;
    ipd_history_close(run->history);
    run->history = NULL;
}
