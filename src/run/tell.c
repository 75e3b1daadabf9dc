/* tell.c - what a worker tells the main thread: answers, status, records, the log. */
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
    pthread_mutex_lock(&run->lock);
    if (!atomic_exchange(&run->rang, 1) &&
        write(run->descriptor, &one, sizeof one) != sizeof one) /* only the descriptor wakes */
        atomic_store(&run->rang, 0);
    pthread_mutex_unlock(&run->lock);
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
                      const ipd_place *at, const ipd_error *e, int hold)
{
    ipd_reply reply = {.ticket = ticket, .cut = cut, .failed = e != NULL};
    if (!ticket)
        return;
    if (e)
        reply.error = *e;
    reply.place = place ? *place : run->now.place;
    reply.at = at ? *at : reply.place;
    ipd_answer_give(run, &reply, hold);
    if (hold)
        run->held = 1;
}

/* Answers with a place; NULL: with what comes next. */
void ipd_run_reply_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e)
{
    pthread_mutex_lock(&run->lock);
    add_reply(run, ticket, cut, place, NULL, e, 0);
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

void ipd_run_reply_quietly(ipd_run *run, ipd_ticket ticket)
{
    pthread_mutex_lock(&run->lock);
    add_reply(run, ticket, 0, NULL, NULL, NULL, 0);
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_hold_reply(ipd_run *run, ipd_ticket ticket)
{
    pthread_mutex_lock(&run->lock);
    add_reply(run, ticket, 0, NULL, NULL, NULL, 1);
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_reply_change(ipd_run *run, ipd_ticket ticket, const ipd_place *at, int hold)
{
    pthread_mutex_lock(&run->lock);
    add_reply(run, ticket, 0, NULL, at, NULL, hold);
    pthread_mutex_unlock(&run->lock);
    if (!hold)
        ipd_run_ring(run);
}

/* Ends the goal: its ticket is answered, the run rests; both at once for who looks. */
void ipd_run_rest(ipd_run *run, int cut, ipd_run_status status, const char *text,
                  const ipd_error *e)
{
    ipd_ticket ticket = run->goal == IPD_DO_START ? 0 : run->goal_ticket;
    int hold = ipd_event_waits(run);
    cut = cut && !run->reached; /* it came to its end */
    run->reached = 0;
    run->goal = IPD_AT_REST;
    run->rests_since = ipd_seconds();
    run->goal_ticket = 0;
    if (status != IPD_RUNNING)
        ipd_question_withdraw(run);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    add_reply(run, ticket, cut, NULL, NULL, e, hold);
    pthread_mutex_unlock(&run->lock);
    if (status != IPD_RUNNING)
        ipd_run_answer_switch(run);
    ipd_run_ring(run);
}

/* Adds to the log and to the history; the view shows what is in force now. */
void ipd_run_log_change(ipd_run *run, const ipd_log_entry *entry)
{
    ipd_run_begin_history(run); /* with the story as it was */
    ipd_logged kept = {run->story.units, *entry};
    ipd_list_add(&run->story.log, &kept, sizeof kept);
    pthread_mutex_lock(&run->lock);
    ipd_run_refresh(run, &run->now);
    ipd_list_add(&run->outbox.log, entry, sizeof *entry);
    pthread_mutex_unlock(&run->lock);
    ipd_run_history_change(run, entry);
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
    pthread_mutex_lock(&run->lock);
    cut_mail(&out->records, story->records.count, records, &out->records_kept);
    cut_mail(&out->log, story->log.count, changes, &out->log_kept);
    out->cut = 1;
    run->now.rewinds++;
    run->now.blocks = 0; /* the latest updates are no longer part of it */
    pthread_mutex_unlock(&run->lock);
    story->records.count = story->ends.count = records;
    story->log.count = changes;
    ipd_run_history_rewind(run);
}

int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e)
{
    int full = ipd_list_add(&run->story.records, record, sizeof *record) ||
               ipd_list_add(&run->story.ends, &run->story.units, sizeof run->story.units);
    if (!full)
        ipd_run_history_record(run, record);
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
