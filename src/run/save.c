/* save.c - the main thread's side of checkpoints and notices; see run.h. */
#include "run/run_private.h"
#include "run/time/space.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int has_folder(const ipd_run *run, ipd_error *e)
{
    if (*run->keep.folder || *run->keep.history)
        return 1;
    ipd_fail(e, IPD_ESTATE, "this run is in no history: name a file for its checkpoint");
    return 0;
}

ipd_ticket ipd_run_save(ipd_run *run, ipd_error *e)
{
    return has_folder(run, e) ? ipd_run_send(run, (ipd_command){.kind = IPD_DO_SAVE}, e) : 0;
}

ipd_ticket ipd_run_write_checkpoint(ipd_run *run, const char *path, ipd_error *e)
{
    ipd_command c = {.kind = IPD_DO_SAVE, .count = 1};
    if (path && strlen(path) >= sizeof run->now.checkpoint) {
        ipd_fail(e, IPD_EUSAGE, "%.60s...: the path is too long", path);
        return 0;
    }
    if (!path && !has_folder(run, e))
        return 0;
    if (path && !(c.path = strdup(path))) {
        ipd_fail(e, IPD_EMEMORY, "%s: out of memory", path);
        return 0;
    }
    ipd_ticket ticket = ipd_run_send(run, c, e);
    if (!ticket)
        free(c.path);
    return ticket;
}

int ipd_run_unsaved(const ipd_run *run)
{
    ipd_progress a = run->seen.progress, b = run->seen.saved;
    return a.units != b.units || a.changes != b.changes || a.rewinds != b.rewinds;
}

const char *ipd_run_checkpoint(const ipd_run *run)
{
    return run->seen.checkpoint;
}

double ipd_run_checkpoint_bytes(const ipd_run *run)
{
    return run->seen.checkpoint_bytes;
}

int ipd_run_checkpoint_fits(const ipd_run *run, double *limit)
{
    ipd_space space;
    *limit = INFINITY;
    if (*run->keep.folder || !*run->keep.history)
        return 1;
    ipd_space_make(&space, run->keep.history, run->keep.identity, run->seen.checkpoint_bytes, NULL,
                   NULL);
    *limit = space.limit;
    return space.fits;
}

void ipd_run_set_ending(ipd_run *run, const char *ending)
{
    pthread_mutex_lock(&run->lock);
    snprintf(run->ending, sizeof run->ending, "%s", ending);
    pthread_mutex_unlock(&run->lock);
}

void ipd_run_at_end(ipd_run *run, ipd_end end)
{
    pthread_mutex_lock(&run->lock);
    run->keep.at_end = end;
    pthread_mutex_unlock(&run->lock);
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

int ipd_run_end(ipd_run *run, ipd_error *e)
{
    if (run->thread_started && !run->ended) {
        pthread_mutex_lock(&run->lock);
        run->quit = 1;
        atomic_store(&run->called, 1);
        pthread_cond_signal(&run->wake);
        pthread_mutex_unlock(&run->lock);
        pthread_join(run->thread, NULL);
        ipd_rescue_remove(run);
        run->ended = 1;
        ipd_run_poll(run, 0);
    }
    if (run->lost.code == IPD_OK)
        return 0;
    if (e)
        *e = run->lost;
    return -1;
}
