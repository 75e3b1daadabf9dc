/* snapshot.c - states stored at iterations' ends, from which a rewind replays. Worker.
 *
 * All snapshots of a run share a memory budget. If a new one does not fit, the least useful ones
 * are removed, so that snapshots are dense near the end and sparse before. The start needs no
 * snapshot: it is made from the initial weights.
 */
#include "base/clock.h"
#include "base/contract.h"
#include "base/machine.h"
#include "run/mailbox.h"
#include "run/time/state.h"
#include "run/trainer.h"

#include <string.h>

/* The default budget, as a part of the available memory including the snapshots. */
#define SHARE 0.25
/* The maximum part of the training time that snapshots may cost. */
#define MAX_TIME 0.02

/* Bytes; a small number if the system does not report it. */
static double memory_at_hand(void)
{
    enum { UNKNOWN = 256 << 20 };
    double total, available;
    ipd_machine_memory("", &total, &available);
    return total > 0 ? available : UNKNOWN;
}

static double bytes_kept(const ipd_snapshots *s)
{
    double bytes = 0;
    for (size_t i = 0; i < s->count; i++)
        bytes += (double)s->items[i].bytes;
    return bytes;
}

static double budget_of(const ipd_snapshots *s)
{
    return s->budget >= 0 ? s->budget : SHARE * (memory_at_hand() + bytes_kept(s));
}

static void drop(ipd_snapshots *s, size_t index)
{
    ipd_archive_free(s->items[index].archive);
    s->count--;
    memmove(&s->items[index], &s->items[index + 1], (s->count - index) * sizeof *s->items);
}

/* The snapshot whose removal leaves the smallest gap relative to its distance from the end. */
static size_t min_missed(const ipd_snapshots *s, int end)
{
    if (s->count && s->items[s->count - 1].iteration > end)
        end = s->items[s->count - 1].iteration;
    double min = 0;
    size_t which = 0;
    for (size_t i = 0; i < s->count; i++) {
        int before = i ? s->items[i - 1].iteration : 0;
        int after = i + 1 < s->count ? s->items[i + 1].iteration : end;
        double missed = (double)(after - before) / (double)(end - s->items[i].iteration + 1);
        if (i == 0 || missed < min) {
            min = missed;
            which = i;
        }
    }
    return which;
}

static void show_kept(ipd_run *run)
{
    const ipd_snapshots *s = &run->snapshots;
    ipd_run_view *now = ipd_run_view_lock(run);
    now->snapshot_count = s->count;
    now->snapshot_budget = s->budget;
    for (size_t i = 0; i < s->count; i++)
        now->snapshots[i] = (ipd_snapshot_info){s->items[i].iteration, (double)s->items[i].bytes};
    pthread_mutex_unlock(&run->lock);
}

/* Removes snapshots until `bytes` more bytes fit in the budget. Returns 0 if they never do. */
static int make_space(ipd_snapshots *s, double bytes, int end)
{
    double budget = budget_of(s);
    if (bytes > budget)
        return 0;
    while (s->count && (s->count == IPD_MAX_SNAPSHOTS || bytes_kept(s) + bytes > budget))
        drop(s, min_missed(s, end));
    return 1;
}

ipd_run_state ipd_snapshot_state(const ipd_trainer *trainer, unsigned long units)
{
    ipd_run_state m = {.trainer = *trainer, .units = units};
    ipd_settings_from_parameters(&m.trainer.settings, trainer->method->parameters(trainer->state));
    return m;
}

/* The present state in an archive; with `measure` only its size. NULL on failure. */
static ipd_archive *write_state(const ipd_run *run, int measure)
{
    ipd_error e;
    ipd_trainer trainer = ipd_run_trainer(run);
    ipd_run_state m = ipd_snapshot_state(&trainer, run->journal.units);
    ipd_archive *ar = ipd_archive_new(&e);
    if (ar && measure)
        ipd_archive_measure(ar);
    if (ar && !ipd_run_state_transfer(run, &m, ar, &e))
        return ar;
    ipd_archive_free(ar);
    return NULL;
}

ipd_snapshot ipd_snapshot_here(const ipd_run *run)
{
    const ipd_journal *j = &run->journal;
    const ipd_journal_entry *log = j->log.items;
    return (ipd_snapshot){.iteration = (int)j->records.count,
                          .units = j->units,
                          .entries = j->log.count,
                          .entry = j->log.count ? log[j->log.count - 1].number : 0};
}

/* Sets the archive of a snapshot, which may be NULL. */
static void set_archive(ipd_snapshot *s, ipd_archive *ar)
{
    s->archive = ar;
    s->bytes = ar ? ipd_archive_bytes(ar) : 0;
    s->checksum = ar ? ipd_archive_checksum(ar) : 0;
}

ipd_snapshot ipd_snapshot_now(const ipd_run *run)
{
    ipd_snapshot s = ipd_snapshot_here(run);
    set_archive(&s, write_state(run, 0));
    return s;
}

/* Keeps the snapshots in the order of their iterations. */
static void insert(ipd_snapshots *s, const ipd_snapshot *new)
{
    size_t i = s->count++;
    for (; i && s->items[i - 1].iteration > new->iteration; i--)
        s->items[i] = s->items[i - 1];
    s->items[i] = *new;
}

/* Returns 1 if a snapshot of the present place exists. */
static int has_present(const ipd_run *run)
{
    const ipd_snapshots *s = &run->snapshots;
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].units == run->journal.units &&
            ipd_snapshot_fits(&s->items[i], &run->journal))
            return 1;
    return 0;
}

void ipd_snapshot_take(ipd_run *run, int fork)
{
    IPD_THREAD_OF(run);
    ipd_snapshots *s = &run->snapshots;
    int iteration = (int)run->journal.records.count;
    double began = ipd_thread_seconds();
    if (s->budget == 0 || (!fork && s->count && s->cost > MAX_TIME * s->worked) || has_present(run))
        return;
    ipd_archive *ar = write_state(run, 1);
    size_t bytes = ar ? ipd_archive_bytes(ar) : 0;
    ipd_archive_free(ar);
    /* If memory is short, training continues without this snapshot. */
    if (!bytes || !make_space(s, (double)bytes, iteration))
        return;
    const ipd_snapshot new = ipd_snapshot_now(run);
    if (!new.archive)
        return;
    insert(s, &new);
    s->cost = ipd_thread_seconds() - began;
    s->worked = 0;
    show_kept(run);
}

void ipd_snapshot_add(ipd_run *run, ipd_snapshot *s)
{
    set_archive(s, s->archive);
    if (!make_space(&run->snapshots, (double)s->bytes, (int)run->journal.records.count)) {
        ipd_archive_free(s->archive);
        return;
    }
    insert(&run->snapshots, s);
    show_kept(run);
}

void ipd_snapshots_set_budget(ipd_run *run, double budget)
{
    IPD_THREAD_OF(run);
    ipd_snapshots *s = &run->snapshots;
    s->budget = budget;
    while (s->count && bytes_kept(s) > budget_of(s))
        drop(s, min_missed(s, (int)run->journal.records.count));
    show_kept(run);
}

int ipd_snapshot_fits(const ipd_snapshot *s, const ipd_journal *path)
{
    const ipd_journal_entry *log = path->log.items;
    const unsigned long *ends = path->ends.items;
    size_t n = s->entries, k = (size_t)s->iteration;
    if (k > path->ends.count || (k && ends[k - 1] > s->units) ||
        (k < path->ends.count && ends[k] <= s->units))
        return 0;
    return n <= path->log.count && (!n || log[n - 1].number == s->entry) &&
           s->units <= (n < path->log.count ? log[n].units : path->units);
}

const ipd_snapshot *ipd_snapshot_before(ipd_run *run, const ipd_journal *path)
{
    ipd_snapshots *s = &run->snapshots;
    for (size_t i = s->count; i-- > 0;) {
        if (!ipd_snapshot_fits(&s->items[i], path))
            continue;
        if (ipd_archive_checksum(s->items[i].archive) == s->items[i].checksum)
            return &s->items[i];
        drop(s, i); /* its memory was overwritten: try the previous one */
    }
    return NULL;
}

void ipd_snapshots_free(ipd_snapshots *s)
{
    while (s->count)
        drop(s, s->count - 1);
}
