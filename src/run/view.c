/* view.c - the state of a run on the main thread, as of the last poll. */
#include "base/contract.h"
#include "run/private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

ipd_run_status ipd_run_get_status(const ipd_run *run)
{
    IPD_MAIN_THREAD();
    return run->seen.status;
}

int ipd_run_goes_on(const ipd_run_view *view)
{
    return view->status != IPD_DIVERGED && view->status != IPD_FAILED;
}

int ipd_run_can_work(const ipd_run_view *view, ipd_error *e)
{
    return ipd_run_goes_on(view)
               ? 0
               : ipd_fail(e, IPD_ESTATE, "this run cannot continue: %.400s", view->status_text);
}

int ipd_run_is_catching_up(const ipd_run *run)
{
    return run->seen.status == IPD_RUNNING && !strncmp(run->seen.status_text, "branches", 8);
}

const char *ipd_run_status_text(const ipd_run *run)
{
    return run->seen.status_text;
}

const char *ipd_run_name(const ipd_run *run)
{
    return run->seen.name;
}

long ipd_run_id(const ipd_run *run)
{
    return run->seen.id;
}

size_t ipd_run_record_count(const ipd_run *run)
{
    return run->records.count;
}

ipd_record ipd_run_record(const ipd_run *run, size_t index)
{
    assert(index < run->records.count);
    return ipd_records_get(&run->records, index);
}

const ipd_records *ipd_run_batch_records(const ipd_run *run)
{
    return &run->batches_seen;
}

const ipd_records *ipd_run_records(const ipd_run *run)
{
    return &run->records;
}

ipd_place ipd_run_place(const ipd_run *run)
{
    return run->seen.place;
}

long ipd_run_left(const ipd_run *run)
{
    return run->seen.status == IPD_RUNNING ? run->seen.left : 0;
}

const ipd_settings *ipd_run_settings(const ipd_run *run)
{
    return &run->seen.settings;
}

const char *ipd_run_definitions(const ipd_run *run)
{
    return run->definitions;
}

const ipd_settings *ipd_run_first_settings(const ipd_run *run)
{
    return &run->first_settings;
}

const ipd_network *ipd_run_first_network(const ipd_run *run)
{
    return &run->start;
}

const char *ipd_run_initial(const ipd_run *run)
{
    return run->given ? run->initial : NULL;
}

ipd_dataset *ipd_run_dataset(const ipd_run *run)
{
    return run->data;
}

int ipd_run_depth(const ipd_run *run)
{
    return run->L;
}

const size_t *ipd_run_widths(const ipd_run *run)
{
    return run->d;
}

const ipd_order *ipd_run_order(const ipd_run *run)
{
    return &run->seen.order;
}

size_t ipd_run_recent_blocks(const ipd_run *run, ipd_block_report *to, size_t max)
{
    unsigned long count = run->seen.blocks;
    if (count > IPD_RECENT_BLOCKS)
        count = IPD_RECENT_BLOCKS;
    if (count > max)
        count = max;
    for (unsigned long i = 0; i < count; i++)
        to[i] = run->seen.recent[(run->seen.blocks - count + i) % IPD_RECENT_BLOCKS];
    return count;
}

void ipd_reply_text(const ipd_reply *reply, char *to, size_t size)
{
    const ipd_block at = reply->at.block, next = reply->place.block;
    char block[8];

    ipd_place_text(&reply->at, to, size);
    size_t n = strlen(to);
    if (!next.kind || (at.kind == next.kind && at.layer == next.layer))
        return;
    ipd_block_text(next, block);
    snprintf(to + n, size - n, "; the sweep continues with %s", block);
}

size_t ipd_run_log_count(const ipd_run *run)
{
    return run->inbox.log.count;
}

void ipd_log_add_text(const char *entry, char *to, size_t size)
{
    static const char *const kinds[] = {"set ", "switch ", "write "};
    size_t n = strlen(to), kind = 0;
    while (kind < 3 && strncmp(entry, kinds[kind], strlen(kinds[kind])))
        kind++;
    if (kind == 3 || n + 1 >= size)
        return;
    n += (size_t)snprintf(to + n, size - n, "%s%s", n ? ", " : "",
                          entry + (kind ? 0 : strlen(kinds[0])));
    if (n >= size)
        strcpy(to + size - 4, "...");
}

const ipd_log_entry *ipd_run_log(const ipd_run *run, size_t index)
{
    assert(index < run->inbox.log.count);
    return (const ipd_log_entry *)run->inbox.log.items + index;
}

unsigned long ipd_run_rewinds(const ipd_run *run)
{
    return run->seen.rewinds;
}

void ipd_future_figures(ipd_future_info *info, const ipd_records *records)
{
    size_t n = records->count;
    info->iterations = (long)n;
    info->phi = n ? ipd_records_number(records, "phi", n - 1) : NAN;
    info->train = n ? ipd_records_number(records, "train_accuracy", n - 1) : NAN;
    info->test = n ? ipd_records_number(records, "test_accuracy", n - 1) : NAN;
    info->validation = n ? ipd_records_number(records, "validation_accuracy", n - 1) : NAN;
}

const ipd_future_info *ipd_run_futures(const ipd_run *run, size_t *count)
{
    *count = run->futures_seen.count;
    return run->futures_seen.items;
}

const ipd_snapshot_info *ipd_run_snapshots(const ipd_run *run, size_t *count)
{
    *count = run->seen.snapshot_count;
    return run->seen.snapshots;
}

double ipd_run_snapshot_budget(const ipd_run *run)
{
    return run->seen.snapshot_budget;
}

const ipd_parent *ipd_run_parent(const ipd_run *run)
{
    return run->parent.iteration < 0 ? NULL : &run->parent;
}

const ipd_request *ipd_run_request(const ipd_run *run)
{
    return &run->seen.request;
}

int ipd_progress_is_same(ipd_progress a, ipd_progress b)
{
    return a.units == b.units && a.changes == b.changes && a.rewinds == b.rewinds;
}

int ipd_run_unsaved(const ipd_run *run)
{
    return !ipd_progress_is_same(run->seen.progress, run->seen.saved);
}

const char *ipd_run_checkpoint(const ipd_run *run)
{
    return run->seen.checkpoint;
}

double ipd_run_checkpoint_bytes(const ipd_run *run)
{
    return run->seen.checkpoint_bytes;
}

size_t ipd_run_notice_count(const ipd_run *run)
{
    return run->inbox.notices.count;
}

const char *ipd_run_notice(const ipd_run *run, size_t index)
{
    return ((const ipd_notice *)run->inbox.notices.items + index)->text;
}

const char *ipd_run_identity(const ipd_run *run)
{
    return run->keep.identity;
}
