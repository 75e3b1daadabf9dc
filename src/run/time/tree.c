/* tree.c - see tree.h. */
#include "run/time/tree.h"
#include "base/contract.h"
#include "run/mailbox.h"
#include "run/time/log.h"
#include "run/time/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const ipd_journal_entry *entry(const ipd_journal *j, unsigned long number)
{
    return (const ipd_journal_entry *)j->all.items + number - 1;
}

static ipd_future *find(const ipd_tree *tree, unsigned long number)
{
    ipd_future *f = tree->futures.items;
    for (size_t i = 0; i < tree->futures.count; i++)
        if (f[i].number == number)
            return &f[i];
    return NULL;
}

static unsigned long number_at(const ipd_future *f, size_t i)
{
    return ((const unsigned long *)f->entries.items)[i];
}

/* The number of iterations that end within so many units. */
static size_t records_at(const ipd_list *ends, unsigned long units)
{
    const unsigned long *end = ends->items;
    size_t n = ends->count;
    while (n && end[n - 1] > units)
        n--;
    return n;
}

/* Returns 1 if the journal's path is the beginning of the future. Entries have one parent, so two
 * logs that have one entry in common have all those before it in common. */
static int leads_to(const ipd_journal *j, const ipd_future *f)
{
    const ipd_journal_entry *log = j->log.items;
    size_t n = j->log.count;
    if (n > f->entries.count || (n && number_at(f, n - 1) != log[n - 1].number))
        return 0;
    return j->units <= (n < f->entries.count ? entry(j, number_at(f, n))->units : f->units);
}

/* Returns 1 if the future is the beginning of the journal's path. */
static int contains(const ipd_journal *j, const ipd_future *f)
{
    const ipd_journal_entry *log = j->log.items;
    size_t n = f->entries.count;
    if (n > j->log.count || (n && log[n - 1].number != number_at(f, n - 1)))
        return 0;
    return f->units <= (n < j->log.count ? log[n].units : j->units);
}

ipd_tree_common ipd_tree_compare(const ipd_journal *a, const ipd_journal *b)
{
    const ipd_journal_entry *x = a->log.items, *y = b->log.items;
    ipd_tree_common c = {.units = a->units < b->units ? a->units : b->units};
    while (c.entries < a->log.count && c.entries < b->log.count &&
           x[c.entries].number == y[c.entries].number)
        c.entries++;
    if (c.entries < a->log.count && x[c.entries].units < c.units)
        c.units = x[c.entries].units;
    if (c.entries < b->log.count && y[c.entries].units < c.units)
        c.units = y[c.entries].units;
    c.records = records_at(&a->ends, c.units);
    return c;
}

/* Copies the path up to a place, of a stored path or (f = NULL) of the present one; see
 * ipd_tree_path. */
static int path_of(const ipd_run *run, const ipd_future *f, ipd_tree_place at, ipd_journal *to)
{
    const ipd_journal *j = &run->journal;
    const ipd_list *ends = f ? &f->ends : &j->ends;
    size_t records = records_at(ends, at.units);
    *to = *j;
    to->units = at.units;
    to->records = (ipd_records){0};
    to->ends = to->log = (ipd_list){0};
    if (ipd_records_share(&to->records, f ? &f->records : &j->records, records, NULL) ||
        ipd_list_add_all(&to->ends, ends->items, records, sizeof(unsigned long)) ||
        (!f && ipd_list_add_all(&to->log, j->log.items, at.entries, sizeof(ipd_journal_entry))))
        return -1;
    for (size_t i = 0; f && i < at.entries; i++)
        if (ipd_list_add(&to->log, entry(j, number_at(f, i)), sizeof(ipd_journal_entry)))
            return -1;
    return 0;
}

int ipd_tree_path(const ipd_run *run, ipd_tree_place at, ipd_journal *to, ipd_error *e)
{
    if (!path_of(run, at.future ? find(&run->tree, at.future) : NULL, at, to))
        return 0;
    ipd_tree_drop(to);
    return ipd_fail(e, IPD_EMEMORY, "out of memory for a path of the run");
}

void ipd_tree_drop(ipd_journal *path)
{
    ipd_records_free(&path->records);
    free(path->ends.items);
    free(path->log.items);
    path->ends = path->log = (ipd_list){0};
}

static void free_future(ipd_future *f)
{
    ipd_records_free(&f->records);
    free(f->ends.items);
    free(f->entries.items);
    free(f->undos.items);
}

void ipd_tree_free(ipd_tree *tree)
{
    ipd_future *f = tree->futures.items;
    for (size_t i = 0; i < tree->futures.count; i++)
        free_future(&f[i]);
    free(tree->futures.items);
    free(tree->nodes.items);
    free(tree->back.items);
}

/* The part that the present path shares with a stored one. */
static ipd_tree_common compare_with(const ipd_run *run, const ipd_future *f)
{
    ipd_journal path;
    ipd_tree_common c = {0};
    if (!path_of(run, f, (ipd_tree_place){f->number, f->units, f->entries.count}, &path))
        c = ipd_tree_compare(&run->journal, &path);
    ipd_tree_drop(&path);
    return c;
}

void ipd_tree_settle(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_tree *t = &run->tree;
    const ipd_future *f = t->futures.items, *own = find(t, t->now);
    if (t->now && (!own || leads_to(&run->journal, own) || contains(&run->journal, own)))
        return;
    for (size_t i = 0; i < t->futures.count; i++)
        if (leads_to(&run->journal, &f[i]) || contains(&run->journal, &f[i])) {
            t->now = f[i].number;
            ipd_tree_show(run);
            return;
        }
    const ipd_tree_node node = {t->now, own ? compare_with(run, own).records : 0};
    if (!ipd_list_add(&t->nodes, &node, sizeof node))
        t->now = t->nodes.count;
    ipd_tree_show(run);
}

/* Copies the present path into an empty future. */
static int store(const ipd_run *run, ipd_future *f)
{
    const ipd_journal *j = &run->journal;
    const ipd_journal_entry *log = j->log.items;
    f->units = j->units;
    if (ipd_records_share(&f->records, &j->records, j->ends.count, NULL) ||
        ipd_list_add_all(&f->ends, j->ends.items, j->ends.count, sizeof(unsigned long)) ||
        ipd_list_add_all(&f->undos, run->undos.items, run->undos.count, sizeof(ipd_undo)))
        return -1;
    for (size_t i = 0; i < j->log.count; i++)
        if (ipd_list_add(&f->entries, &log[i].number, sizeof(unsigned long)))
            return -1;
    return 0;
}

/* A stored path that begins with the present one, preferably the path that the run is on; or
 * NULL. */
static ipd_future *inside(const ipd_run *run)
{
    const ipd_tree *t = &run->tree;
    ipd_future *f = t->futures.items, *own = find(t, t->now);
    if (own && leads_to(&run->journal, own))
        return own;
    for (size_t i = 0; i < t->futures.count; i++)
        if (leads_to(&run->journal, &f[i]))
            return &f[i];
    return NULL;
}

int ipd_tree_leave(ipd_run *run, ipd_tree_place *here, ipd_error *e)
{
    IPD_THREAD_OF(run);
    ipd_tree *t = &run->tree;
    ipd_tree_settle(run);
    ipd_future *f = inside(run), new = {.number = t->now};
    if (!f) {
        if (store(run, &new) || !(f = ipd_list_grow(t->futures.items, t->futures.count,
                                                    &t->futures.capacity, sizeof *f))) {
            free_future(&new);
            return ipd_fail(e, IPD_EMEMORY, "out of memory for the path that the run leaves");
        }
        t->futures.items = f;
        if ((f = find(t, t->now)))
            free_future(f);
        else
            f = (ipd_future *)t->futures.items + t->futures.count++;
        *f = new;
    }
    f->left = ++t->moves;
    if (here)
        *here = (ipd_tree_place){f->number, run->journal.units, run->journal.log.count};
    return 0;
}

unsigned long ipd_tree_ahead(const ipd_run *run)
{
    const ipd_future *f = run->tree.futures.items, *ahead = NULL;
    for (size_t i = 0; i < run->tree.futures.count; i++)
        if (leads_to(&run->journal, &f[i]) && (!ahead || f[i].left > ahead->left) &&
            (f[i].units > run->journal.units || f[i].entries.count > run->journal.log.count))
            ahead = &f[i];
    return ahead ? ahead->number : 0;
}

int ipd_tree_end(const ipd_run *run, unsigned long future, long k, ipd_tree_place *at, ipd_error *e)
{
    const ipd_journal *j = &run->journal;
    const ipd_journal_entry *log = j->log.items;
    const ipd_future *f = future ? find(&run->tree, future) : NULL;
    if (future && !f)
        return ipd_fail(e, IPD_EUSAGE, "the run has no path %lu. run:futures() lists its paths",
                        future);
    const ipd_list *ends = f ? &f->ends : &j->ends;
    size_t entries = f ? f->entries.count : j->log.count;
    *at = (ipd_tree_place){future, f ? f->units : j->units, entries};
    if (k < 0)
        return 0;
    if ((size_t)k > ends->count)
        return ipd_fail(e, IPD_EUSAGE,
                        "the %s has not completed iteration %ld. Use 0 (the start) to %zu",
                        f ? "path" : "run", k, ends->count);
    at->units = k ? ((const unsigned long *)ends->items)[k - 1] : 0;
    at->entries = 0;
    while (at->entries < entries &&
           (f ? entry(j, number_at(f, at->entries)) : &log[at->entries])->units < at->units)
        at->entries++;
    return 0;
}

int ipd_tree_records(const ipd_run *run, unsigned long future, ipd_records *to, ipd_error *e)
{
    ipd_tree_place end = {0};
    ipd_journal path;
    if (ipd_tree_end(run, future, -1, &end, e) || ipd_tree_path(run, end, &path, e))
        return -1;
    int failed = ipd_records_share(to, &path.records, path.records.count, NULL);
    ipd_tree_drop(&path);
    return failed ? ipd_fail(e, IPD_EMEMORY, "out of memory for a path of the run") : 0;
}

unsigned long ipd_tree_node_of(const ipd_run *run, size_t index)
{
    const ipd_tree_node *nodes = run->tree.nodes.items;
    unsigned long n = run->tree.now;
    while (n && nodes[n - 1].parent && index < nodes[n - 1].shared)
        n = nodes[n - 1].parent;
    return n;
}

void ipd_tree_undos(ipd_run *run, ipd_tree_place at)
{
    const ipd_future *f = at.future ? find(&run->tree, at.future) : NULL;
    if (f) {
        run->undos.count = 0;
        ipd_list_add_all(&run->undos, f->undos.items, f->undos.count, sizeof(ipd_undo));
    }
    if (!f || at.units < f->units || at.entries < f->entries.count)
        ipd_undo_cut(run, at.units);
}

/* The number of entries that a path shares with its parent. */
static size_t entries_shared(const ipd_run *run, const ipd_journal *path, unsigned long parent)
{
    const ipd_future *f = parent ? find(&run->tree, parent) : NULL;
    size_t n = 0;
    while (f && n < path->log.count && n < f->entries.count &&
           number_at(f, n) == ((const ipd_journal_entry *)path->log.items)[n].number)
        n++;
    return n;
}

/* Adds the description of a stored path, or (f = NULL) of the present one. */
static int show_path(const ipd_run *run, const ipd_future *f, ipd_list *to)
{
    const ipd_tree *t = &run->tree;
    const ipd_journal *j = &run->journal;
    unsigned long number = f ? f->number : t->now;
    const ipd_tree_node *node = (const ipd_tree_node *)t->nodes.items + number - 1;
    ipd_journal path;
    const ipd_tree_place end = {0, f ? f->units : j->units, f ? f->entries.count : j->log.count};
    if (path_of(run, f, end, &path)) {
        ipd_tree_drop(&path);
        return -1;
    }
    size_t n = path.records.count;
    ipd_future_info info = {.number = number,
                            .parent = node->parent,
                            .shared = (long)node->shared,
                            .iterations = (long)n,
                            .here = number == t->now,
                            .open = !f,
                            .ahead = f && number == ipd_tree_ahead(run),
                            .within =
                                records_at(&path.ends, path.units - 1) == n && path.units > 0};
    ipd_future_figures(&info, &path.records);
    info.entries = entries_shared(run, &path, node->parent);
    info.log = path.log.count;
    for (size_t i = info.entries; i < path.log.count; i++)
        ipd_log_add_text(ipd_journal_show(&path, i).text, info.set, sizeof info.set);
    ipd_tree_drop(&path);
    return ipd_list_add(to, &info, sizeof info);
}

void ipd_tree_show(ipd_run *run)
{
    const ipd_tree *t = &run->tree;
    const ipd_future *f = t->futures.items;
    ipd_list list = {0};
    int own = t->now && !inside(run);
    for (unsigned long number = 1; number <= t->nodes.count; number++)
        if (own && number == t->now)
            show_path(run, NULL, &list);
        else if ((f = find(t, number)))
            show_path(run, f, &list);
    ipd_run_view_lock(run)->futures++;
    free(run->futures.items);
    run->futures = list;
    pthread_mutex_unlock(&run->lock);
}
