/* snapshot_archive.c - snapshots in a checkpoint: those at forks of the run's tree, so that a jump
 * there repeats nothing after a resume. The format is in ipdlam-checkpoint(5).
 */
#include "base/machine.h"
#include "run/time/state.h"
#include "run/time/tree.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of a snapshot: iteration, units, entries, the number of the last entry. */
enum { COLUMNS = 4, MAX = 16, MAX_NAME = IPD_ENTRY_NAME - sizeof "run.snapshot16." };
/* The maximum size of all snapshots in a checkpoint, relative to the state. */
#define MAX_SIZE 4.0

/* Returns 1 if a path leaves another one where the snapshot was taken. */
static int is_at_fork(const ipd_run *run, const ipd_snapshot *s)
{
    const ipd_tree_node *node = run->tree.nodes.items;
    for (size_t i = 0; i < run->tree.nodes.count; i++)
        if (node[i].parent && node[i].shared == (size_t)s->iteration)
            return 1;
    return 0;
}

static int has_short_names(const ipd_archive *ar)
{
    for (size_t i = 0; i < ipd_archive_count(ar); i++)
        if (strlen(ipd_archive_entry(ar, i)->name) > MAX_NAME)
            return 0;
    return 1;
}

/* Chooses snapshots that fit, the latest iterations first: a replay to an early one is short.
 * Returns their number. */
static int choose(const ipd_run *run, double room, const ipd_snapshot *chosen[MAX])
{
    const ipd_snapshots *s = &run->snapshots;
    int count = 0;
    for (size_t i = s->count; i-- > 0 && count < MAX;) {
        const ipd_snapshot *x = &s->items[i];
        if (!is_at_fork(run, x) || (double)x->bytes > room || !has_short_names(x->archive))
            continue;
        room -= (double)x->bytes;
        chosen[count++] = x;
    }
    return count;
}

/* Adds an entry of the archive `from` under another name. */
static int copy(ipd_archive *to, const ipd_entry *from, const char *name, ipd_error *e)
{
    ipd_entry what = *from;
    snprintf(what.name, sizeof what.name, "%.63s", name);
    ipd_entry *new = ipd_archive_add(to, &what, e);
    if (!new)
        return -1;
    if (from->bytes)
        memcpy(new->data, from->data, from->bytes);
    return 0;
}

int ipd_snapshots_write(const ipd_run *run, ipd_archive *ar, double room, ipd_error *e)
{
    const ipd_snapshot *chosen[MAX];
    int64_t rows[MAX * COLUMNS];
    char name[IPD_ENTRY_NAME + 32];
    ipd_machine machine;
    if (!run->snapshots.count || run->tree.nodes.count < 2)
        return 0;
    ipd_machine_look(&machine);
    double most = MAX_SIZE * (double)ipd_archive_bytes(ar);
    most = machine.available > 0 && machine.available / 2 < most ? machine.available / 2 : most;
    int count = choose(run, room < most ? room : most, chosen);
    for (int k = 0; k < count; k++) {
        const ipd_snapshot *s = chosen[k];
        const int64_t row[COLUMNS] = {s->iteration, (int64_t)s->units, (int64_t)s->entries,
                                      (int64_t)s->entry};
        memcpy(rows + k * COLUMNS, row, sizeof row);
        for (size_t i = 0; i < ipd_archive_count(s->archive); i++) {
            const ipd_entry *x = ipd_archive_entry(s->archive, i);
            snprintf(name, sizeof name, "run.snapshot%d.%s", k + 1, x->name);
            if (copy(ar, x, name, e))
                return -1;
        }
    }
    if (count)
        ipd_archive_ints(ar, rows, (size_t)count * COLUMNS, 0, INT64_MAX, "run.snapshots");
    return ipd_archive_result(ar, e);
}

/* The entries of snapshot k as an archive; NULL and *e if memory runs out. */
static ipd_archive *extract(const ipd_archive *ar, int k, ipd_error *e)
{
    char prefix[32];
    size_t n = (size_t)snprintf(prefix, sizeof prefix, "run.snapshot%d.", k);
    ipd_archive *to = ipd_archive_new(e);
    for (size_t i = 0; to && i < ipd_archive_count(ar); i++) {
        const ipd_entry *x = ipd_archive_entry(ar, i);
        if (!strncmp(x->name, prefix, n) && copy(to, x, x->name + n, e)) {
            ipd_archive_free(to);
            return NULL;
        }
    }
    return to;
}

/* Returns 1 if the journal has the entry, and as many before it on its path as the snapshot
 * says. */
static int has_entry(const ipd_journal *j, const ipd_snapshot *s)
{
    ipd_list numbers = {0};
    int fits = !ipd_tree_chain(j, s->entry, &numbers) && numbers.count == s->entries;
    free(numbers.items);
    return fits;
}

int ipd_snapshots_read(ipd_run *run, ipd_archive *ar, ipd_error *e)
{
    const ipd_entry *all = ipd_archive_find(ar, "run.snapshots");
    int64_t rows[MAX * COLUMNS];
    size_t count = all ? all->bytes / sizeof *rows : 0;
    if (!all || !run->snapshots.budget)
        return 0;
    if (!count || count % COLUMNS || count > MAX * COLUMNS)
        return ipd_fail(e, IPD_EFORMAT,
                        "the number of integers of run.snapshots in the data is wrong");
    ipd_archive_ints(ar, rows, count, 0, INT64_MAX, "run.snapshots");
    if (ipd_archive_result(ar, e))
        return -1;
    for (size_t i = 0; i < count / COLUMNS; i++) {
        const int64_t *row = rows + i * COLUMNS;
        ipd_snapshot s = {.iteration = (int)row[0],
                          .units = (unsigned long)row[1],
                          .entries = (size_t)row[2],
                          .entry = (unsigned long)row[3]};
        if (row[0] > INT_MAX || !has_entry(&run->journal, &s))
            return ipd_fail(e, IPD_EFORMAT, "snapshot %zu in the data contradicts its journal",
                            i + 1);
        if (!(s.archive = extract(ar, (int)i + 1, e)))
            return -1;
        if (!ipd_archive_count(s.archive)) {
            ipd_archive_free(s.archive);
            return ipd_fail(e, IPD_EFORMAT, "snapshot %zu in the data is empty", i + 1);
        }
        ipd_snapshot_add(run, &s);
    }
    return 0;
}
