/* tell.c - what a worker tells: answers, status and the log to the main thread, all of it to the history. */
#include "base/clock.h"
#include "run/run_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
void ipd_run_ring(ipd_run *run)
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
    view->progress = ipd_keep_progress(run);
}

void ipd_run_set_status(ipd_run *run, ipd_run_status status, const char *text)
{
    run->now.status = status;
    snprintf(run->now.status_text, sizeof run->now.status_text, "%s", text);
}

/* The lock is held. */
static void add_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e)
{
    ipd_reply reply = {.ticket = ticket, .cut = cut, .failed = e != NULL};
    if (!ticket)
        return;
    if (e)
        reply.error = *e;
    reply.place = place ? *place : run->now.place;
    ipd_answer_give(run, &reply);
}

/* Answers with a place; NULL: with what comes next. */
void ipd_run_reply_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e)
{
    pthread_mutex_lock(&run->lock);
    add_reply(run, ticket, cut, place, e);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

void ipd_run_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_error *e)
{
    ipd_run_reply_at(run, ticket, cut, NULL, e);
}

void ipd_run_notify(ipd_run *run, const char *format, ...)
{
    ipd_notice notice;
    va_list list;
    va_start(list, format);
    vsnprintf(notice.text, sizeof notice.text, format, list);
    va_end(list);
    pthread_mutex_lock(&run->lock);
    ipd_list_add(&run->outbox.notices, &notice, sizeof notice);
    pthread_mutex_unlock(&run->lock);
    ipd_run_ring(run);
}

/* A history that cannot be written is said once; training goes on without it. */
void ipd_run_history_lost(ipd_run *run, const ipd_error *e)
{
    ipd_history_close(run->history);
    run->history = NULL;
    run->history_path[0] = 0;
    ipd_run_notify(run, "%.450s; this run is not kept from here on%s", e->text,
                   run->history_id || *run->keep.folder ? "" : ", and has no checkpoints");
}

/* The number of the run that this one comes from, where this history has it; else 0. */
static long parent_here(ipd_run *run)
{
    ipd_history_run *p = malloc(sizeof *p);
    int same = p && run->parent.id &&
               ipd_history_find(run->history, run->parent.id, p, NULL) == 0 &&
               !strcmp(p->name, run->parent.name) && !strcmp(p->checksum, run->data->checksum);
    free(p);
    return same ? run->parent.id : 0;
}

/* What is held up by a lock or a full disk is said once, too; it waits and is written later. */
static void heed_history(ipd_run *run, int failed, const ipd_error *e)
{
    const char *why;
    if (failed) {
        ipd_run_history_lost(run, e);
        return;
    }
    if (!ipd_history_waiting(run->history, &why) || run->wait_said)
        return;
    run->wait_said = 1;
    ipd_run_notify(
        run, "%.360s; what is measured waits in memory, and is lost where that lasts to the end",
        why);
}

/* What the run has behind it, from these records and log entries on. */
static int write_story(ipd_run *run, size_t record, size_t change, ipd_error *e)
{
    const ipd_record *records = run->story.records.items;
    const ipd_logged *log = run->story.log.items;
    for (size_t i = record; i < run->story.records.count; i++)
        if (ipd_history_record(run->history, run->history_id, &records[i], e))
            return -1;
    for (size_t i = change; i < run->story.log.count; i++)
        if (ipd_history_change(run->history, run->history_id, &log[i].entry.place,
                               log[i].entry.text, e))
            return -1;
    return 0;
}

/* What a branch and a resumed run have behind them is theirs in the history too. */
static int keep_story(ipd_run *run, ipd_error *e)
{
    const ipd_parent *p = &run->parent;
    if (p->iteration >= 0 && ipd_history_set_parent(run->history, run->history_id, parent_here(run),
                                                    p->name, p->iteration, e))
        return -1;
    if (run->given) {
        const ipd_place start = {.iteration = 1, .batch = 1, .sweep = 1};
        char text[IPD_LOG_TEXT];
        snprintf(text, sizeof text, IPD_LOG_WEIGHTS "%.500s",
                 *run->initial ? run->initial : "memory");
        if (ipd_history_change(run->history, run->history_id, &start, text, e))
            return -1;
    }
    return write_story(run, 0, 0, e);
}

/* A run that was opened again goes on in its row, which may have been written further than the archive that it was opened
 * from. 1 where the history has no such row. */
static int find_row(ipd_run *run, ipd_error *e)
{
    long id, records, changes, given = run->given;
    const ipd_story *story = &run->story;
    if (!run->keep.reopened)
        return 1;
    if (ipd_history_reopen(run->history, run->keep.identity, &id, &records, &changes, e))
        return -1;
    if (!id)
        return 1;
    run->history_id = id;
    if (((size_t)records > story->records.count ||
         (size_t)changes > story->log.count + (size_t)given) &&
        ipd_history_rewind(run->history, id, (int)story->records.count,
                           story->log.count + (size_t)given, e))
        return -1;
    return write_story(run, (size_t)records, (size_t)(changes > given ? changes - given : 0), e);
}

static int add_row(ipd_run *run, ipd_error *e)
{
    return ipd_history_begin(run->history, &run->history_id, run->name, &run->first_settings,
                             run->data, run->L, run->d, e) ||
                   ipd_history_identify(run->history, run->history_id, run->keep.identity,
                                        run->keep.goal, e) ||
                   keep_story(run, e)
               ? -1
               : 0;
}

/* A run enters the history when it begins to work. */
void ipd_run_begin_history(ipd_run *run)
{
    ipd_error e;
    int none;
    if (run->history || !run->history_path[0])
        return;
    if (ipd_history_open(&run->history, run->history_path, 1, &e) ||
        (none = find_row(run, &e)) < 0 || (none && add_row(run, &e))) {
        ipd_run_history_lost(run, &e);
        return;
    }
    pthread_mutex_lock(&run->lock);
    run->now.id = run->history_id;
    pthread_mutex_unlock(&run->lock);
    ipd_keep_begin(run);
}

/* Ends the goal: its ticket is answered, the run rests; both at once for who looks. */
void ipd_run_rest(ipd_run *run, int cut, ipd_run_status status, const char *text,
                  const ipd_error *e)
{
    ipd_ticket ticket = run->goal == IPD_DO_START ? 0 : run->goal_ticket;
    run->goal = IPD_AT_REST;
    run->rests_since = ipd_seconds();
    run->goal_ticket = 0;
    if (status != IPD_RUNNING)
        ipd_question_withdraw(run);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    add_reply(run, ticket, cut, NULL, e);
    pthread_mutex_unlock(&run->lock);
    if (status != IPD_RUNNING)
        ipd_run_answer_switch(run);
    ipd_run_ring(run);
}

/* Adds to the log and to the history; the view shows what is in force now. */
void ipd_run_log_change(ipd_run *run, const ipd_log_entry *entry)
{
    ipd_error e;
    ipd_run_begin_history(run); /* with the story as it was */
    pthread_mutex_lock(&run->lock);
    ipd_run_refresh(run, &run->now);
    ipd_list_add(&run->outbox.log, entry, sizeof *entry);
    pthread_mutex_unlock(&run->lock);
    ipd_logged kept = {run->story.units, *entry};
    ipd_list_add(&run->story.log, &kept, sizeof kept);
    if (run->history)
        heed_history(
            run, ipd_history_change(run->history, run->history_id, &entry->place, entry->text, &e),
            &e);
}

void ipd_run_tell_history(ipd_run *run)
{
    ipd_error e;
    if (run->history)
        heed_history(
            run, ipd_history_stands(run->history, run->history_id, run->now.status_text, &e), &e);
}

void ipd_run_end_history(ipd_run *run)
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

void ipd_run_diverged(ipd_run *run, const ipd_place *at)
{
    char text[200], block[8];
    ipd_block_text(at->block, block);
    if (at->block.kind == IPD_STEP)
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
    ipd_run_rest(run, 1, IPD_DIVERGED, text, NULL);
}

/* What is on its way goes first; what has arrived is cut when the mail is taken. */
static void cut_mail(ipd_list *mail, size_t sent, size_t kept, size_t *keep)
{
    size_t arrived = sent - mail->count;
    mail->count = kept > arrived ? kept - arrived : 0;
    *keep = kept < arrived ? kept : arrived;
}

void ipd_run_cut(ipd_run *run, size_t records, size_t changes)
{
    ipd_story *story = &run->story;
    ipd_run_mail *out = &run->outbox;
    ipd_error e;
    pthread_mutex_lock(&run->lock);
    cut_mail(&out->records, story->records.count, records, &out->records_kept);
    cut_mail(&out->log, story->log.count, changes, &out->log_kept);
    out->cut = 1;
    run->now.rewinds++;
    run->now.blocks = 0; /* the latest updates are no longer part of it */
    pthread_mutex_unlock(&run->lock);
    story->records.count = story->ends.count = records;
    story->log.count = changes;
    if (run->history)
        heed_history(run,
                     ipd_history_rewind(run->history, run->history_id, (int)records,
                                        changes + (size_t)run->given, &e),
                     &e);
}

int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e)
{
    ipd_error lost;
    if (run->history)
        heed_history(run, ipd_history_record(run->history, run->history_id, record, &lost), &lost);
    int full = ipd_list_add(&run->story.records, record, sizeof *record) ||
               ipd_list_add(&run->story.ends, &run->story.units, sizeof run->story.units);
    pthread_mutex_lock(&run->lock);
    full |= ipd_list_add(&run->outbox.records, record, sizeof *record);
    pthread_mutex_unlock(&run->lock);
    return full ? ipd_fail(e, IPD_EMEMORY, "out of memory for the records") : 0;
}

void ipd_run_report_block(ipd_run *run, const ipd_unit *unit, double seconds)
{
    ipd_block_report report = {unit->at, unit->phi, unit->change, seconds};
    run->story.units++;
    run->seconds += seconds;
    if (unit->at.block.layer)
        run->seconds_by_block[ipd_block_index(unit->at.block, run->L)] += seconds;
    pthread_mutex_lock(&run->lock);
    run->now.recent[run->now.blocks++ % IPD_RECENT_BLOCKS] = report;
    ipd_run_refresh(run, &run->now);
    pthread_mutex_unlock(&run->lock);
}

/* What the audit found goes to the log. The record counts all; here are an iteration's first. */
void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit)
{
    enum { MOST = 5 };
    ipd_log_entry entry = {.place = unit->at};
    if (run->findings++ >= MOST)
        return;
    snprintf(entry.text, sizeof entry.text, IPD_LOG_AUDIT "%.500s", unit->finding);
    ipd_run_log_change(run, &entry);
}
