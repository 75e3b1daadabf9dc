/* row.c - a run's row in the history: added when the run starts training, then kept up to date.
 * Worker.
 *
 * The journal in memory is complete. If a lock or a full disk prevents writing, or the file is
 * deleted or replaced, the next attempt finds the row by the run's identity, or adds it, and writes
 * what is missing.
 */
#include "base/clock.h"
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/time/log.h"
#include "run/time/replay.h"
#include "run/time/tree.h"

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
    return ipd_history_change(run->history, run->history_id, &start, text, 0, e);
}

/* The number of entries that the row has before changes of the log. */
static size_t given(const ipd_run *run)
{
    return (size_t)run->given;
}

/* The method from a file that an entry of the log switches to, or NULL. */
static const ipd_method *switched_to(const char *text)
{
    char name[IPD_METHOD_NAME] = "";
    ipd_change change;
    ipd_error e;
    const ipd_method *method =
        ipd_log_parse(text, name, &change, &e) == IPD_LOG_SWITCH ? ipd_method_find(name) : NULL;
    return method && method->written ? method : NULL;
}

static void write_method(FILE *to, const ipd_method *method)
{
    char *line = ipd_method_line(method);
    if (line)
        fprintf(to, "%s\n", line);
    free(line);
}

/* The definitions of the run's functions and of all its methods, one per line; free() them. */
static char *definitions_of(const ipd_run *run)
{
    const ipd_method *first = ipd_method_find(run->first_settings.method);
    size_t size, n = strlen(run->definitions);
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return NULL;
    fprintf(to, "%s%s", run->definitions, n && run->definitions[n - 1] != '\n' ? "\n" : "");
    write_method(to, first);
    for (size_t i = 0; i < run->journal.log.count; i++) {
        const ipd_method *method = switched_to(ipd_journal_show(&run->journal, i).text);
        int known = !method || method == first;
        for (size_t j = 0; j < i && !known; j++)
            known = switched_to(ipd_journal_show(&run->journal, j).text) == method;
        if (!known)
            write_method(to, method);
    }
    fclose(to);
    return text;
}

/* Writes an entry of the log; before a switch, the method's text. */
static int write_change(ipd_run *run, size_t index, ipd_error *e)
{
    const ipd_log_entry entry = ipd_journal_show(&run->journal, index);
    long number = (long)((const ipd_journal_entry *)run->journal.log.items)[index].number;
    if (switched_to(entry.text)) {
        char *definitions = definitions_of(run);
        int failed = definitions
                         ? ipd_history_define(run->history, run->history_id, definitions, e)
                         : ipd_fail(e, IPD_EMEMORY, "out of memory for the text of a method");
        free(definitions);
        if (failed)
            return -1;
    }
    return ipd_history_change(run->history, run->history_id, &entry.place, entry.text, number, e);
}

/* Writes the part of the journal that follows so many records and changes. */
static int write_rest(ipd_run *run, size_t records, size_t changes, ipd_error *e)
{
    const ipd_journal *j = &run->journal;
    for (size_t i = records; i < j->records.count; i++) {
        ipd_record record = ipd_records_get(&j->records, i);
        if (ipd_history_record(run->history, run->history_id, &record,
                               (long)ipd_tree_node_of(run, i), e))
            return -1;
    }
    for (size_t i = changes; i < j->log.count; i++)
        if (write_change(run, i, e))
            return -1;
    return 0;
}

static int move_row(ipd_run *run, size_t records, size_t changes, ipd_error *e)
{
    return ipd_history_rewind(run->history, run->history_id, (int)records, changes + given(run),
                              e) ||
                   write_rest(run, records, changes, e)
               ? -1
               : 0;
}

/* Counts the first changes of a row that are the same as the journal's. */
typedef struct same_changes {
    const ipd_run *run;
    size_t skipped, count;
    int differs;
} same_changes;

static int compare_change(void *context, const ipd_place *at, const char *text)
{
    same_changes *s = context;
    if (s->skipped < given(s->run)) {
        s->skipped++;
        return 0;
    }
    s->differs = s->count >= s->run->journal.log.count;
    if (!s->differs) {
        ipd_log_entry own = ipd_journal_show(&s->run->journal, s->count);
        s->differs = own.place.iteration != at->iteration || own.place.batch != at->batch ||
                     strcmp(own.text, text) != 0;
    }
    s->count += !s->differs;
    return s->differs;
}

/* Makes a row with this many records and changes like the journal. Another process may have written
 * to the row after the checkpoint that this run continues. */
static int write_journal(ipd_run *run, size_t records, size_t changes, ipd_error *e)
{
    const ipd_records *own = &run->journal.records;
    same_changes s = {.run = run};
    size_t same = 0;
    double *seconds = ipd_allocate(own->count + 1, sizeof *seconds, e);
    if (!seconds)
        return -1;
    for (size_t i = 0; i < own->count; i++)
        seconds[i] = ipd_records_number(own, "seconds", i);
    int failed =
        ipd_history_same_records(run->history, run->history_id, seconds, own->count, &same, e) ||
        (given(run) && !changes && write_weights(run, e)) ||
        ipd_history_changes(run->history, run->history_id, compare_change, &s, e);
    free(seconds);
    if (failed)
        return -1;
    /* Records after a change that differs are not the same, whatever their times. */
    while (same && s.count < run->journal.log.count &&
           ipd_replay_end_of(&run->journal, same) >
               ((const ipd_journal_entry *)run->journal.log.items)[s.count].units)
        same--;
    return same < records || s.differs ? move_row(run, same, s.count, e)
                                       : write_rest(run, same, s.count, e);
}

/* Puts the row's number into a default name that has another one. */
static void number_name(ipd_run *run, long id)
{
    char name[IPD_RUN_NAME];
    if (!run->wanted || id == run->wanted)
        return;
    ipd_run_default_name(run, run->wanted, name);
    run->wanted = id;
    if (strcmp(name, run->now->name) != 0)
        return;
    ipd_run_default_name(run, id, ipd_run_view_lock(run)->name);
    run->renames++;
    pthread_mutex_unlock(&run->lock);
}

/* Finds or adds the row, and makes it like the journal. patience: milliseconds to wait for a
 * lock. */
static int enter(ipd_run *run, int patience, ipd_error *e)
{
    char *definitions = definitions_of(run);
    const ipd_parent *p = &run->parent;
    const ipd_history_new row = {.name = run->now->name,
                                 .identity = run->keep.identity,
                                 .wanted = run->history_id ? run->history_id : run->wanted,
                                 .goal = run->keep.goal,
                                 .settings = &run->first_settings,
                                 .definitions = definitions,
                                 .data = run->data,
                                 .L = run->L,
                                 .widths = run->d};
    long id, records, changes;
    int failed = ipd_history_open_within(&run->history, run->history_path, 1, patience, e) ||
                 ipd_history_reopen(run->history, run->keep.identity, &id, &records, &changes, e) ||
                 (!id && ipd_history_begin(run->history, &id, &row, e));
    free(definitions);
    if (failed)
        return -1;
    run->history_id = id;
    number_name(run, id);
    if (run->renames && ipd_history_rename(run->history, id, run->now->name, e))
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
    ipd_run_view_lock(run)->id = run->history_id;
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

/* Returns 1 if a new item must be written to the row. Otherwise there is no row, or an attempt to
 * find it has written all items. */
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

/* Handles the result of a write. If a lock or a full disk delays it, items wait in the history's
 * queue; if the queue is full, in the journal. */
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
    heed(run, ipd_history_record(run->history, run->history_id, record, (long)run->tree.now, &e),
         &e);
}

void ipd_run_history_metrics(ipd_run *run, const ipd_record *record)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (has_row(run))
        heed(run, ipd_history_metrics(run->history, run->history_id, record, &e), &e);
}

void ipd_run_history_change(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (has_row(run))
        heed(run, write_change(run, run->journal.log.count - 1, &e), &e);
}

void ipd_run_history_name(ipd_run *run)
{
    ipd_error e;
    if (has_row(run))
        heed(run, ipd_history_rename(run->history, run->history_id, run->now->name, &e), &e);
}

void ipd_run_history_move(ipd_run *run, size_t records, size_t changes, int left)
{
    IPD_THREAD_OF(run);
    ipd_error e;
    if (has_row(run))
        heed(run,
             left ? move_row(run, records, changes, &e) : write_rest(run, records, changes, &e),
             &e);
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
             : ipd_history_update_status(run->history, run->history_id, run->now->status_text, &e),
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
    const char *ending = ipd_run_goes_on(run->now) ? run->ending : run->now->status_text;
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
