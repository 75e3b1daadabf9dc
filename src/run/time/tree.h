/* tree.h - the paths of a run: the one that it is on, and those that it has left and can enter
 * again. Worker, or before it starts.
 *
 * A path is a log of changes and a number of units of work, which determine all its bits. No stored
 * path is the beginning of another one, so the stored paths are the leaves of a tree. The path that
 * the run is on lies inside a stored one after a rewind, and leaves it with the first unit of work
 * or change that is not the same. Then it becomes a path of its own, with a new number.
 */
#ifndef IPD_RUN_TIME_TREE_H
#define IPD_RUN_TIME_TREE_H

#include "run/private.h"

/* The part of two paths that is the same. */
typedef struct ipd_tree_common {
    unsigned long units;
    size_t records, entries;
} ipd_tree_common;
ipd_tree_common ipd_tree_compare(const ipd_journal *a, const ipd_journal *b);

/* Sets tree.now to the path that the run is on. Call after a unit of work, before its record is
 * published, and after a change. */
void ipd_tree_settle(ipd_run *run);
/* Stores the path that the run is on, unless it lies inside a stored one. Call before the run
 * moves. *here (or NULL) becomes the present place. -1 and *e if memory runs out. */
int ipd_tree_leave(ipd_run *run, ipd_tree_place *here, ipd_error *e);
/* Makes the path up to a place, whose future is 0 (the path that the run is on) or stored. *to has
 * its own records, ends and log, which ipd_tree_drop frees, and shares the rest with the run's
 * journal. */
int ipd_tree_path(const ipd_run *run, ipd_tree_place at, ipd_journal *to, ipd_error *e);
void ipd_tree_drop(ipd_journal *path);
/* The end of a path, or the end of its iteration k, before the changes made there. -1 and *e if the
 * path is unknown or shorter. */
int ipd_tree_end(const ipd_run *run, unsigned long future, long k, ipd_tree_place *at,
                 ipd_error *e);
/* Copies the records of a path to *to, which is empty. -1 and *e if the path is unknown or memory
 * runs out. */
int ipd_tree_records(const ipd_run *run, unsigned long future, ipd_records *to, ipd_error *e);
/* Of the stored paths that continue the present one, the one that the run left last; 0: none. */
unsigned long ipd_tree_ahead(const ipd_run *run);
/* The path under which record `index` of the present path was computed. */
unsigned long ipd_tree_node_of(const ipd_run *run, size_t index);
/* Sets run->undos to the changes that can be undone at this place. */
void ipd_tree_undos(ipd_run *run, ipd_tree_place at);
/* Shows all paths to the main thread. */
void ipd_tree_show(ipd_run *run);
void ipd_tree_free(ipd_tree *tree);
/* tree_archive.c: the stored paths in an archive. Reading refuses paths that contradict the
 * journal, which is read before. */
void ipd_tree_write(const ipd_run *run, const ipd_journal *journal, ipd_archive *ar);
void ipd_tree_read(ipd_run *run, ipd_archive *ar);
/* Reduces the journal's log, which has all entries, to the path that the run is on. */
void ipd_tree_read_head(ipd_journal *journal, ipd_archive *ar);
/* Adds the numbers (unsigned long) of this entry and all those before it on its path, in order, to
 * an empty list. -1 if there is no such entry. */
int ipd_tree_chain(const ipd_journal *journal, unsigned long head, ipd_list *numbers);

#endif
