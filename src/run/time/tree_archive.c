/* tree_archive.c - the stored paths of a run in an archive; the format is in ipdlam-checkpoint(5).
 * See tree.h.
 *
 * Of a stored path's records only those are written that the path in the journal lacks.
 */
#include "run/time/log.h"
#include "run/time/state.h"
#include "run/time/tree.h"

#include <limits.h>
#include <stdlib.h>

/* Columns of a stored path: number, last entry, units, left, records in common with the journal's
 * path, records of its own. */
enum { COLUMNS = 6, NODE_COLUMNS = 2 };

/* Rows, ends and records of all stored paths, which are written together. */
typedef struct parts {
    ipd_list futures, ends; /* int64_t */
    ipd_records records;
} parts;

static void free_parts(parts *p)
{
    free(p->futures.items);
    free(p->ends.items);
    ipd_records_free(&p->records);
}

static int add_future(const ipd_run *run, const ipd_journal *journal, const ipd_future *f, parts *p)
{
    const ipd_tree_place end = {f->number, f->units, f->entries.count};
    const unsigned long *ends = f->ends.items, *entries = f->entries.items;
    ipd_journal path;
    ipd_error e;
    if (ipd_tree_path(run, end, &path, &e))
        return -1;
    size_t same = ipd_tree_compare(journal, &path).records;
    ipd_tree_drop(&path);
    const int64_t row[COLUMNS] = {
        (int64_t)f->number, (int64_t)(end.entries ? entries[end.entries - 1] : 0),
        (int64_t)f->units,  (int64_t)f->left,
        (int64_t)same,      (int64_t)(f->ends.count - same)};
    for (size_t i = same; i < f->ends.count; i++) {
        int64_t end_of = (int64_t)ends[i];
        ipd_record record = ipd_records_get(&f->records, i);
        if (ipd_list_add(&p->ends, &end_of, sizeof end_of) || ipd_records_add(&p->records, &record))
            return -1;
    }
    return ipd_list_add_all(&p->futures, row, COLUMNS, sizeof *row);
}

void ipd_tree_write(const ipd_run *run, const ipd_journal *journal, ipd_archive *ar)
{
    const ipd_tree *t = &run->tree;
    const ipd_future *f = t->futures.items;
    const ipd_tree_node *node = t->nodes.items;
    const ipd_journal_entry *log = journal->log.items;
    ipd_list nodes = {0};
    parts p = {0};
    int full = 0;
    int64_t now[] = {(int64_t)t->now, (int64_t)t->moves,
                     (int64_t)(journal->log.count ? log[journal->log.count - 1].number : 0)};
    for (size_t i = 0; i < t->futures.count && !full; i++)
        full = add_future(run, journal, &f[i], &p);
    for (size_t i = 0; i < t->nodes.count && !full; i++) {
        const int64_t row[NODE_COLUMNS] = {(int64_t)node[i].parent, (int64_t)node[i].shared};
        full = ipd_list_add_all(&nodes, row, NODE_COLUMNS, sizeof *row);
    }
    if (full)
        ipd_archive_refuse(ar, "out of memory for an archive");
    ipd_archive_ints(ar, now, 3, 0, INT_MAX, "run.tree.now");
    ipd_archive_ints(ar, nodes.items, nodes.count, 0, INT_MAX, "run.tree.nodes");
    ipd_archive_ints(ar, p.futures.items, p.futures.count, 0, INT_MAX, "run.tree.futures");
    ipd_archive_ints(ar, p.ends.items, p.ends.count, 0, INT_MAX, "run.tree.ends");
    p.records.L = run->L;
    ipd_archive_records(ar, &p.records, p.records.count, run->L, "run.tree.record");
    free_parts(&p);
    free(nodes.items);
}

/* Reads an entry of integers into an empty list. */
static void read_ints(ipd_archive *ar, ipd_list *list, size_t columns, const char *name)
{
    const ipd_entry *x = ipd_archive_find(ar, name);
    size_t count = x ? x->bytes / sizeof(int64_t) : 0;
    if (count % columns)
        ipd_archive_refuse(ar, "the number of integers of %s in the data is wrong", name);
    else if (!ipd_archive_list(ar, list, count, sizeof(int64_t)))
        ipd_archive_ints(ar, list->items, count, 0, INT_MAX, "%s", name);
}

int ipd_tree_chain(const ipd_journal *j, unsigned long head, ipd_list *numbers)
{
    const ipd_journal_entry *all = j->all.items;
    if (head > j->all.count)
        return -1;
    for (unsigned long n = head; n; n = all[n - 1].parent)
        if (ipd_list_add(numbers, &n, sizeof n))
            return -1;
    unsigned long *x = numbers->items;
    for (size_t i = 0; i < numbers->count / 2; i++) {
        unsigned long y = x[i];
        x[i] = x[numbers->count - 1 - i];
        x[numbers->count - 1 - i] = y;
    }
    return 0;
}

void ipd_tree_read_head(ipd_journal *j, ipd_archive *ar)
{
    int64_t now[3] = {0};
    ipd_list numbers = {0};
    const ipd_journal_entry *all = j->all.items;
    if (!ipd_archive_find(ar, "run.tree.now")) {
        for (size_t i = 0; i < j->all.count; i++)
            if (all[i].parent != i)
                ipd_archive_refuse(ar, "entry %zu of the journal in the data is invalid", i + 1);
        return;
    }
    ipd_archive_ints(ar, now, 3, 0, INT_MAX, "run.tree.now");
    if (ipd_archive_result(ar, NULL))
        return;
    if (ipd_tree_chain(j, (unsigned long)now[2], &numbers)) {
        ipd_archive_refuse(ar, "the journal in the data has no entry %ld", (long)now[2]);
    } else {
        const unsigned long *x = numbers.items;
        for (size_t i = 0; i < numbers.count; i++)
            ((ipd_journal_entry *)j->log.items)[i] =
                ((const ipd_journal_entry *)j->all.items)[x[i] - 1];
        j->log.count = numbers.count;
    }
    free(numbers.items);
}

/* Makes a stored path from its row and its own ends and records, which begin at index `at`. -1 if
 * they contradict each other. */
static int read_future(ipd_run *run, const int64_t *row, const parts *p, size_t at)
{
    const ipd_journal *j = &run->journal;
    const ipd_journal_entry *all = j->all.items;
    const int64_t *ends = p->ends.items;
    size_t same = (size_t)row[4], own = (size_t)row[5];
    ipd_future f = {.number = (unsigned long)row[0],
                    .units = (unsigned long)row[2],
                    .left = (unsigned long)row[3]};
    if (!row[0] || (size_t)row[0] > run->tree.nodes.count || own > p->ends.count - at ||
        same > j->ends.count || (size_t)row[1] > j->all.count ||
        (row[1] && all[row[1] - 1].units > f.units))
        return -1;
    for (size_t i = 0; i < run->tree.futures.count; i++)
        if (((ipd_future *)run->tree.futures.items)[i].number == f.number)
            return -1;
    int bad = ipd_tree_chain(j, (unsigned long)row[1], &f.entries) ||
              ipd_list_add_all(&f.ends, j->ends.items, same, sizeof(unsigned long)) ||
              ipd_records_share(&f.records, &j->records, same, NULL);
    unsigned long last = same ? ((unsigned long *)f.ends.items)[same - 1] : 0;
    for (size_t i = 0; i < own && !bad; i++) {
        ipd_record record = ipd_records_get(&p->records, at + i);
        unsigned long end = (unsigned long)ends[at + i];
        bad = end <= last || end > f.units || record.iteration != (int)(same + i + 1) ||
              ipd_list_add(&f.ends, &end, sizeof end) || ipd_records_add(&f.records, &record);
        last = end;
    }
    bad = bad || last > f.units || ipd_list_add(&run->tree.futures, &f, sizeof f);
    if (bad) {
        ipd_records_free(&f.records);
        free(f.ends.items);
        free(f.entries.items);
    }
    return bad ? -1 : 0;
}

static int read_nodes(ipd_tree *t, const ipd_list *nodes)
{
    const int64_t *x = nodes->items;
    for (size_t i = 0; i < nodes->count; i += NODE_COLUMNS) {
        const ipd_tree_node node = {(unsigned long)x[i], (size_t)x[i + 1]};
        if (node.parent > t->nodes.count || ipd_list_add(&t->nodes, &node, sizeof node))
            return -1;
    }
    return t->now > t->nodes.count ? -1 : 0;
}

void ipd_tree_read(ipd_run *run, ipd_archive *ar)
{
    ipd_tree *t = &run->tree;
    ipd_list nodes = {0};
    parts p = {0};
    int64_t now[3] = {0};
    if (!ipd_archive_find(ar, "run.tree.now"))
        return;
    ipd_archive_ints(ar, now, 3, 0, INT_MAX, "run.tree.now");
    t->now = (unsigned long)now[0];
    t->moves = (unsigned long)now[1];
    read_ints(ar, &nodes, NODE_COLUMNS, "run.tree.nodes");
    read_ints(ar, &p.futures, COLUMNS, "run.tree.futures");
    read_ints(ar, &p.ends, 1, "run.tree.ends");
    if (!ipd_archive_result(ar, NULL))
        ipd_archive_records(ar, &p.records, p.ends.count, run->L, "run.tree.record");
    int bad = ipd_archive_result(ar, NULL) || read_nodes(t, &nodes);
    size_t at = 0;
    const int64_t *row = p.futures.items;
    for (size_t i = 0; i < p.futures.count && !bad; i += COLUMNS) {
        bad = read_future(run, row + i, &p, at);
        at += (size_t)row[i + 5];
    }
    if (bad || at != p.ends.count)
        ipd_archive_refuse(ar, "the paths of the run in the data are invalid");
    free_parts(&p);
    free(nodes.items);
}
