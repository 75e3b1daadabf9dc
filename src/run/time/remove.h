/* remove.h - removes runs from the history with the files of their checkpoints. */
#ifndef IPD_RUN_TIME_REMOVE_H
#define IPD_RUN_TIME_REMOVE_H

#include "history/history.h"

/* What was removed: numbers of runs and files, and bytes of the files. */
typedef struct ipd_removed {
    long runs, files;
    double bytes;
} ipd_removed;

/* The checkpoints in the history, oldest first. ipd_remove_list_free frees the paths. */
typedef struct ipd_checkpoint_row {
    long run;
    int iteration;
    char *path;
} ipd_checkpoint_row;
typedef struct ipd_remove_list {
    ipd_checkpoint_row *items;
    size_t count, capacity;
} ipd_remove_list;
/* Lists the checkpoints of a run, or with id = 0 of all runs. -1 and *e, with nothing to free. */
int ipd_remove_list_find(ipd_remove_list *list, ipd_history *h, long id, ipd_error *e);
void ipd_remove_list_free(ipd_remove_list *list);

/* Removes the file of a checkpoint and adds its size to *bytes. Returns 1, or 0 if there is no such
 * file; -1 and *e if it is not a checkpoint or cannot be removed. */
int ipd_remove_file(const char *path, double *bytes, ipd_error *e);
/* Removes a run from the history, then the files of its checkpoints, and adds them to *removed. A
 * file that cannot be removed is passed to `warn` and is no failure. -1 and *e if the run stays. */
int ipd_remove_run(ipd_history *h, long id, ipd_removed *removed, void (*warn)(const char *why),
                   ipd_error *e);

#endif
