/* publish.c - publishes records, changes and pauses: to the journal, the history and the main
 * thread. Worker. */
#include "base/clock.h"
#include "base/contract.h"
#include "run/journal.h"
#include "run/mailbox.h"
#include "run/request.h"
#include "run/time/log.h"
#include "run/time/tree.h"
#include "run/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ipd_run_answer_switch(ipd_run *run)
{
    ipd_command *c = run->switching;
    ipd_settings new;
    ipd_place at;
    ipd_error e;
    if (!c)
        return;
    if (ipd_run_can_work(run->now, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        run->switching = NULL;
        free(c);
        return;
    }
    if (ipd_switch_settings(run, &run->settings, c->method, &c->change, &new, &e)) {
        ipd_run_reply(run, c->ticket, 0, &e);
        c->ticket = 0;
        return;
    }
    at = ipd_switch_place(run, &new, run->now->place.iteration + 1);
    ipd_run_reply_at(run, c->ticket, 0, &at, NULL);
    c->ticket = 0;
}

/* Answers the goal's ticket and sets the status under one lock, so that observers see both or
 * neither. */
void ipd_run_end_goal(ipd_run *run, int cut, ipd_run_status status, const char *text,
                      const ipd_error *e)
{
    IPD_THREAD_OF(run);
    ipd_ticket ticket = run->goal == IPD_DO_START ? 0 : run->goal_ticket;
    int hold = ipd_event_waits(run);
    cut = cut && !run->reached;
    run->reached = 0;
    run->goal = IPD_NO_GOAL;
    run->paused_since = ipd_seconds();
    run->goal_ticket = 0;
    if (status != IPD_RUNNING)
        ipd_request_withdraw(run);
    pthread_mutex_lock(&run->lock);
    ipd_run_set_status(run, status, text);
    ipd_run_add_reply(run, ticket, cut, NULL, NULL, e, hold);
    pthread_mutex_unlock(&run->lock);
    if (status != IPD_RUNNING)
        ipd_run_answer_switch(run);
    ipd_run_ring(run);
}

void ipd_run_publish_entry(ipd_run *run)
{
    IPD_THREAD_OF(run);
    if (run->tree.futures.count)
        ipd_journal_merge(&run->journal);
    run->tree.back.count = 0;
    ipd_tree_settle(run);
    ipd_log_entry entry = ipd_journal_show(&run->journal, run->journal.log.count - 1);
    pthread_mutex_lock(&run->lock);
    ipd_run_refresh(run);
    ipd_list_add(&run->outbox.log, &entry, sizeof entry);
    pthread_mutex_unlock(&run->lock);
    ipd_run_history_change(run);
}

void ipd_run_log_change(ipd_run *run, const ipd_place *place, ipd_log_kind kind, const char *word,
                        const ipd_change *change)
{
    IPD_THREAD_OF(run);
    ipd_run_begin_history(run); /* with the journal before this change */
    if (ipd_journal_add(&run->journal, place, kind, word, change))
        ipd_run_notify(run, "out of memory for the log: a change is missing in it");
    else
        ipd_run_publish_entry(run);
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
    ipd_run_end_goal(run, 1, IPD_DIVERGED, text, NULL);
}

void ipd_run_failed(ipd_run *run, const ipd_error *e)
{
    char text[sizeof e->text + 16];
    snprintf(text, sizeof text, "failed: %s", e->text);
    ipd_run_end_goal(run, 1, IPD_FAILED, text, e);
}

/* Drops the last entries, so that `kept` of the `sent` ones remain: those in the outbox now, the
 * others when the main thread receives the mail, which keeps *keep. */
static void cut_mail(ipd_list *mail, size_t sent, size_t kept, size_t *keep)
{
    size_t arrived = sent - mail->count;
    mail->count = kept > arrived ? kept - arrived : 0;
    *keep = kept < arrived ? kept : arrived;
}

void ipd_run_move(ipd_run *run, ipd_journal *path)
{
    IPD_THREAD_OF(run);
    ipd_journal *journal = &run->journal, old = *journal;
    ipd_run_mail *out = &run->outbox;
    const ipd_tree_common same = ipd_tree_compare(journal, path);
    int left = same.records < old.records.count || same.entries < old.log.count;
    ipd_list shown = {0};
    for (size_t i = same.entries; i < path->log.count; i++) {
        ipd_log_entry entry = ipd_journal_show(path, i);
        ipd_list_add(&shown, &entry, sizeof entry);
    }
    ipd_run_view *now = ipd_run_view_lock(run);
    if (!out->cut || same.records < out->records_kept)
        out->records_kept = same.records;
    cut_mail(&out->log, journal->log.count, same.entries, &out->log_kept);
    ipd_list_add_all(&out->log, shown.items, shown.count, sizeof(ipd_log_entry));
    out->cut = 1;
    journal->units = path->units;
    journal->records = path->records;
    journal->ends = path->ends;
    journal->log = path->log;
    ipd_records_cut(&run->batches, 0);
    now->records = journal->records.count;
    now->rewinds++;
    now->blocks = 0; /* the latest updates no longer belong to the run */
    pthread_mutex_unlock(&run->lock);
    free(shown.items);
    ipd_tree_drop(&old);
    ipd_run_history_move(run, same.records, same.entries, left);
}

int ipd_run_report_record(ipd_run *run, const ipd_record *record, ipd_error *e)
{
    IPD_THREAD_OF(run);
    ipd_journal *journal = &run->journal;
    int full = ipd_list_add(&journal->ends, &journal->units, sizeof journal->units);
    pthread_mutex_lock(&run->lock);
    full = full || ipd_records_add(&journal->records, record);
    pthread_mutex_unlock(&run->lock);
    journal->ends.count = journal->records.count;
    if (full)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the records");
    ipd_tree_settle(run);
    ipd_run_history_record(run, record);
    ipd_run_view_lock(run)->records = journal->records.count;
    ipd_records_cut(&run->batches, 0);
    pthread_mutex_unlock(&run->lock);
    return 0;
}

int ipd_run_amend(ipd_run *run, const ipd_command *c, ipd_error *e)
{
    IPD_THREAD_OF(run);
    ipd_records *records = &run->journal.records;
    size_t last = records->count;
    if (c->count < 1 || (size_t)c->count != last)
        return ipd_fail(e, IPD_ESTATE, "%s belongs to iteration %ld, and the last one is %zu",
                        c->why, c->count, last);
    ipd_record record = ipd_records_get(records, last - 1);
    if (ipd_metric_put(&record, c->why, c->value, e))
        return -1;
    pthread_mutex_lock(&run->lock);
    ipd_records_cut(records, last - 1);
    int full = ipd_records_add(records, &record);
    pthread_mutex_unlock(&run->lock);
    if (full)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the records");
    ipd_run_history_metrics(run, &record);
    return 0;
}

void ipd_run_report_block(ipd_run *run, const ipd_unit *unit, double seconds)
{
    IPD_THREAD_OF(run);
    ipd_block_report report = {unit->at, unit->phi, unit->change, seconds};
    run->journal.units++;
    if (run->tree.futures.count) /* the run may have left a stored path with this unit */
        ipd_tree_settle(run);
    run->tree.back.count = 0;
    run->seconds += seconds;
    int index = ipd_block_index(unit->at.block, run->L);
    if (index >= 0)
        run->seconds_by_block[index] += seconds;
    ipd_run_view *now = ipd_run_view_lock(run);
    now->recent[now->blocks++ % IPD_RECENT_BLOCKS] = report;
    ipd_run_refresh(run);
    pthread_mutex_unlock(&run->lock);
}

/* Keeps every second record, under the lock. */
static void thin(ipd_records *batches)
{
    ipd_records half = {0};
    for (size_t i = 1; i < batches->count; i += 2) {
        ipd_record one = ipd_records_get(batches, i);
        if (ipd_records_add(&half, &one))
            break; /* no memory: fewer are shown */
    }
    ipd_records_free(batches);
    *batches = half;
}

void ipd_run_report_batch(ipd_run *run, const ipd_place *done)
{
    IPD_THREAD_OF(run);
    ipd_record record;
    if (!run->batches.count)
        run->batch_step = 1;
    if (done->batch % run->batch_step || !run->method->so_far(run->state, &record))
        return;
    record.seconds = run->seconds;
    pthread_mutex_lock(&run->lock);
    if (run->batches.count == IPD_BATCH_RECORDS) {
        thin(&run->batches);
        run->batch_step *= 2;
    }
    if (done->batch % run->batch_step == 0)
        ipd_records_add(&run->batches, &record); /* no memory: fewer are shown */
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_report_finding(ipd_run *run, const ipd_unit *unit)
{
    enum { MAX = 5 };
    char note[IPD_LOG_TEXT];
    if (run->findings++ >= MAX)
        return;
    snprintf(note, sizeof note, IPD_LOG_AUDIT "%.500s", unit->finding);
    ipd_run_log_change(run, &unit->at, IPD_LOG_OTHER, note, NULL);
}
