/* keep.c - decides when a run is saved, and which state. Worker.
 *
 * The worker copies its state into an archive and continues training; the writer thread (writer.c)
 * writes the file. It writes one file per run at a time: a save that is due meanwhile waits for the
 * next block boundary.
 *
 * A run that starts from its seed is first saved after it has trained for a while, since it can be
 * repeated from the seed. A resumed run has the file that it started from. Every other run is saved
 * as soon as it enters its history.
 */
#include "run/time/keep.h"
#include "base/clock.h"
#include "base/contract.h"
#include "base/machine.h"
#include "base/path.h"
#include "run/mailbox.h"
#include "run/time/replay.h"
#include "run/time/space.h"
#include "run/time/state.h"
#include "run/time/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* Seconds between automatic saves, and the parts of that after which the first one is due and a
 * paused run is saved. */
#define INTERVAL 60.0
#define FIRST (1.0 / 6)
#define REST (1.0 / 20)
/* The maximum part of the training time that automatic saves may cost. */
#define MAX_TIME 0.04
/* The assumed speed of a save (copy, checksum, write) before the first one is measured, in bytes
 * per second of training. */
#define SPEED 5e8

static void make_identity(char to[IPD_IDENTITY])
{
    unsigned char bytes[(IPD_IDENTITY - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        uint64_t now = (uint64_t)(1e9 * ipd_seconds()); /* the system has no random numbers yet */
        memcpy(bytes, &now, sizeof bytes);
    }
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(to + 2 * i, 3, "%02x", bytes[i]);
}

static double interval(void)
{
    const char *text = getenv("IPDLAM_CHECKPOINT_INTERVAL");
    char *end;
    double seconds = text ? strtod(text, &end) : INTERVAL;
    return text && (end == text || *end || !(seconds >= 0)) ? INTERVAL : seconds;
}

int ipd_keep_init(ipd_run *run, const ipd_run_options *options, ipd_error *e)
{
    ipd_keep *k = &run->keep;
    const ipd_keeping *o = &options->keep;
    make_identity(k->identity);
    k->reopened = o->reopen && options->archive;
    k->every_iterations = o->every_iterations;
    k->every_seconds = o->every_seconds;
    k->goal = o->goal;
    k->interval = interval();
    if (ipd_path_copy(k->folder, sizeof k->folder, o->folder ? o->folder : "", e) ||
        ipd_path_copy(k->from, sizeof k->from, o->from ? o->from : "", e))
        return -1;
    memcpy(k->history, run->history_path, sizeof k->history);
    return 0;
}

void ipd_keep_free(ipd_run *run)
{
    ipd_command *c;
    while ((c = run->keep.asked)) {
        run->keep.asked = c->next;
        free(c->path);
        free(c);
    }
}

static int is_automatic(const ipd_run *run)
{
    return *run->keep.history && (run->history || run->row_waits || run->history_id);
}

/* Returns 1 if ipd_keeping asks for checkpoints at intervals. */
static int has_intervals(const ipd_run *run)
{
    return run->keep.every_iterations || run->keep.every_seconds > 0;
}

static int is_busy(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    int busy = run->keep.busy;
    pthread_mutex_unlock(&run->lock);
    return busy;
}

static void wait_for_writer(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    while (run->keep.busy)
        pthread_cond_wait(&run->wake, &run->lock);
    pthread_mutex_unlock(&run->lock);
}

/* The folder of the run's files; -1 if it has none. */
static int folder_of(const ipd_run *run, char *to, size_t size, ipd_error *e)
{
    const ipd_keep *k = &run->keep;
    if (*k->folder) {
        snprintf(to, size, "%s", k->folder);
        return 0;
    }
    if (!is_automatic(run))
        return ipd_fail(e, IPD_ESTATE, "this run is not in a history. Name a file");
    return run->history_id ? ipd_checkpoint_folder(to, size, k->history, run->history_id, e)
                           : ipd_checkpoint_folder_of(to, size, k->history, k->identity, e);
}

/* Whether both errors have the same reason, which follows the path. A reason is
 * reported once, not once per file. */
static int is_known(const ipd_error *e, const ipd_error *last)
{
    const char *why = strstr(e->text, ": "), *known = strstr(last->text, ": ");
    return why && known && !strcmp(why, known);
}

/* Called on the writer's thread when a job is done. */
static void saved(ipd_write_job *job, const ipd_error *e)
{
    ipd_run *run = job->run;
    ipd_keep *k = &run->keep;
    int known = 0;
    if (*job->folder) {
        ipd_run_view *now = ipd_run_view_lock(run);
        known = e && is_known(e, &k->error);
        k->error = e ? *e : (ipd_error){0};
        k->cost = job->cost;
        if (!e) {
            now->saved = job->progress;
            now->checkpoint_bytes = (double)job->checkpoint.size;
            memcpy(now->checkpoint, job->checkpoint.path, sizeof now->checkpoint);
        }
        pthread_mutex_unlock(&run->lock);
    }
    if (e && !job->ticket && !known)
        ipd_run_notify(run, "no checkpoint: %.500s", e->text);
    if (!e && job->beyond && !k->beyond_reported) {
        char size[32], limit[32];
        ipd_machine_bytes(size, sizeof size, (double)job->checkpoint.size);
        ipd_machine_bytes(limit, sizeof limit, job->limit);
        ipd_run_notify(run,
                       "the checkpoint of this run (%s) was written although it exceeds "
                       "checkpoint_space (%s): no finished run has a checkpoint to remove",
                       size, limit);
        k->beyond_reported = 1;
    }
    ipd_run_reply(run, job->ticket, 0, e);
    free(job);
    pthread_mutex_lock(&run->lock); /* after unlocking the run may be freed */
    k->busy = 0;
    pthread_cond_signal(&run->wake);
    pthread_mutex_unlock(&run->lock);
}

/* Bytes of the run's state. */
static double size_of(ipd_run *run)
{
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    double bytes = 0;
    if (ar) {
        ipd_archive_measure(ar);
        if (!ipd_run_write_whole(run, ar, &e))
            bytes = (double)ipd_archive_bytes(ar);
    }
    ipd_archive_free(ar);
    return bytes;
}

/* Returns 1 if less memory is available than twice the size of the state. */
static int is_memory_short(ipd_run *run)
{
    ipd_machine machine;
    ipd_machine_look(&machine);
    return machine.available > 0 && 2 * size_of(run) > machine.available;
}

/* Bytes that checkpoint_space leaves for snapshots in a checkpoint whose state takes `bytes`
 * bytes. */
static double room_for_snapshots(const ipd_run *run, int limited, double bytes)
{
    ipd_space space;
    if (!limited || !run->snapshots.count || !run->tree.futures.count)
        return INFINITY;
    ipd_space_make(&space, run->keep.history, run->keep.identity, bytes, NULL, NULL);
    return space.limit - space.taken - bytes;
}

static int write_state(ipd_run *run, ipd_archive *ar, int limited, int borrowed, ipd_error *e)
{
    ipd_archive *older = NULL;
    ipd_checkpoint c;
    if (ipd_run_goes_on(run->now)) {
        if (ipd_run_write_whole(run, ar, e))
            return -1;
        double room =
            borrowed ? 0 : room_for_snapshots(run, limited, (double)ipd_archive_bytes(ar));
        return ipd_snapshots_write(run, ar, room, e);
    }
    if (*run->now->checkpoint)
        ipd_checkpoint_read(&c, run->now->checkpoint, &older, e);
    int failed = ipd_run_write_last_good(run, older, ar, e);
    ipd_archive_free(older);
    return failed;
}

/* Returns 1 if a run that diverged or failed has a checkpoint at the end of its last complete
 * iteration or later; that is all that can be saved. */
static int has_last_good(ipd_run *run)
{
    const unsigned long *ends = run->journal.ends.items;
    size_t count = run->journal.records.count;
    ipd_run_view *now = ipd_run_view_lock(run);
    ipd_progress saved = now->saved;
    int has = !ipd_run_goes_on(now) && *now->checkpoint && saved.rewinds == now->rewinds && count &&
              saved.units >= ends[count - 1];
    if (has)
        now->saved = ipd_keep_progress(run);
    pthread_mutex_unlock(&run->lock);
    return has;
}

static int is_unsaved(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    const char *path = run->now->checkpoint;
    int unsaved = !ipd_progress_is_same(ipd_keep_progress(run), run->now->saved) ||
                  (*path && access(path, F_OK));
    pthread_mutex_unlock(&run->lock);
    return unsaved && !has_last_good(run);
}

/* Restarts the clocks at a save. */
static void restart_clocks(ipd_run *run, int automatic)
{
    ipd_keep *k = &run->keep;
    k->since = ipd_seconds();
    k->saves++;
    if (automatic)
        return;
    k->asked_since = k->since;
    k->iteration = (long)run->journal.records.count;
}

/* An archive of the state: a copy or, if memory is short, a view of the live arrays (*borrowed =
 * 1). NULL and *e on failure. */
static ipd_archive *copy_state(ipd_run *run, int limited, int *borrowed, ipd_error *e)
{
    *borrowed = ipd_run_goes_on(run->now) && is_memory_short(run);
    for (;;) {
        ipd_archive *ar = ipd_archive_new(e);
        if (!ar)
            return NULL;
        if (*borrowed)
            ipd_archive_borrow(ar);
        if (!write_state(run, ar, limited, *borrowed, e))
            return ar;
        ipd_archive_free(ar);
        if (*borrowed || !ipd_run_goes_on(run->now) || e->code != IPD_EMEMORY)
            return NULL;
        *borrowed = 1;
    }
}

/* Begins to save the present state to `path` (NULL: the run's folder). -1 and *e on failure. */
static int save(ipd_run *run, const char *path, int automatic, ipd_ticket ticket, ipd_error *e)
{
    ipd_keep *k = &run->keep;
    double began = ipd_seconds();
    int borrowed;
    ipd_place at = run->method->place(run->state);
    ipd_write_job *job = ipd_allocate(1, sizeof *job, e);
    if (!job)
        return -1;
    ipd_checkpoint_of_run(&job->checkpoint, run->data, run->history_id, run->now->name, k->goal,
                          run->settings.method, &at);
    memcpy(job->checkpoint.identity, k->identity, sizeof k->identity);
    job->checkpoint.automatic = automatic;
    snprintf(job->history, sizeof job->history, "%s", k->history);
    if (path)
        snprintf(job->checkpoint.path, sizeof job->checkpoint.path, "%s", path);
    if ((!path && folder_of(run, job->folder, sizeof job->folder, e)) ||
        !(job->archive = copy_state(run, !path && !*k->folder, &borrowed, e))) {
        free(job);
        return -1;
    }
    job->run = run;
    job->limited = !path && !*k->folder;
    job->progress = ipd_keep_progress(run);
    job->ticket = ticket;
    job->cost = ipd_seconds() - began;
    job->done = saved;
    pthread_mutex_lock(&run->lock);
    k->busy = 1;
    pthread_mutex_unlock(&run->lock);
    if (!path)
        restart_clocks(run, automatic);
    ipd_writer_add(job);
    if (borrowed) { /* the live arrays must not change until they are written */
        wait_for_writer(run);
        pthread_mutex_lock(&run->lock);
        k->cost = ipd_seconds() - began;
        pthread_mutex_unlock(&run->lock);
    }
    return 0;
}

static void save_by_itself(ipd_run *run, int automatic)
{
    ipd_keep *k = &run->keep;
    ipd_error e;
    if (!save(run, NULL, automatic, 0, &e))
        return;
    restart_clocks(run, automatic); /* wait before the next attempt */
    if (!is_known(&e, &k->error))
        ipd_run_notify(run, "no checkpoint: %.500s", e.text);
    k->error = e;
}

/* Tells the main thread which file is the run's checkpoint. */
static void show_checkpoint(ipd_run *run, const char *path)
{
    ipd_run_view *now = ipd_run_view_lock(run);
    snprintf(now->checkpoint, sizeof now->checkpoint, "%s", path);
    pthread_mutex_unlock(&run->lock);
}

void ipd_keep_begin(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_keep *k = &run->keep;
    char folder[4096];
    ipd_error e;
    if (!is_automatic(run) || folder_of(run, folder, sizeof folder, &e))
        return;
    if (*k->placed && strcmp(folder, k->placed)) {
        char path[sizeof run->now->checkpoint];
        wait_for_writer(run);
        memcpy(path, run->now->checkpoint, sizeof path);
        ipd_checkpoint_move(k->placed, folder, k->identity, path, sizeof path);
        show_checkpoint(run, path);
    }
    memcpy(k->placed, folder, sizeof folder);
    if (!k->begun) {
        double bytes = size_of(run);
        ipd_run_view_lock(run)->checkpoint_bytes = bytes;
        k->cost = bytes / SPEED;
        pthread_mutex_unlock(&run->lock);
    }
    if (!k->begun && ipd_checkpoint_check(folder, &e)) { /* report it before the first save */
        ipd_run_notify(run, "no checkpoint: %.500s", e.text);
        k->error = e;
    }
    if (!k->begun && !*run->now->checkpoint) {
        char path[sizeof run->now->checkpoint];
        if (!*k->from)
            k->at_once = run->given || run->journal.units || run->journal.log.count;
        else if (ipd_checkpoint_link(k->from, folder, k->identity, path, sizeof path))
            k->at_once = 1;
        else
            show_checkpoint(run, path);
    }
    k->begun = 1;
    if (run->history)
        ipd_checkpoint_register(folder, k->identity, run->history, run->history_id);
}

void ipd_keep_start_clock(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_keep *k = &run->keep;
    if (!k->since || !is_unsaved(run))
        k->since = ipd_seconds();
    if (k->saves)
        return;
    k->asked_since = k->since;
    k->iteration = (long)run->journal.records.count;
}

void ipd_keep_iteration(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_keep *k = &run->keep;
    size_t count = run->journal.records.count;
    double last = ipd_records_number(&run->journal.records, "seconds", count - 1);
    double now = ipd_seconds(), due = k->saves ? k->interval : FIRST * k->interval;
    if ((k->every_iterations && (long)count - k->iteration >= k->every_iterations) ||
        (k->every_seconds > 0 && now - k->asked_since >= k->every_seconds)) {
        wait_for_writer(run);
        save_by_itself(run, 0);
    } else if (is_automatic(run) && !is_busy(run) &&
               now - k->since + last >= fmax(due, k->cost / MAX_TIME)) {
        save_by_itself(run, 1);
    }
}

void ipd_keep_ask(ipd_run *run, const ipd_command *c)
{
    IPD_THREAD_OF(run);
    ipd_command **end = &run->keep.asked, *copy = malloc(sizeof *copy);
    ipd_error e;
    if (!copy) {
        ipd_fail(&e, IPD_EMEMORY, "out of memory for a command");
        ipd_run_reply(run, c->ticket, 0, &e);
        free(c->path);
        return;
    }
    *copy = *c;
    copy->next = NULL;
    while (*end)
        end = &(*end)->next;
    *end = copy;
}

void ipd_keep_turn(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_keep *k = &run->keep;
    ipd_command *c = k->asked;
    ipd_error e;
    if ((!c && !k->at_once) || is_busy(run))
        return;
    if (!c) {
        k->at_once = 0;
        save_by_itself(run, 1);
        return;
    }
    k->asked = c->next;
    if (!c->count && !is_unsaved(run) && *run->now->checkpoint)
        ipd_run_reply(run, c->ticket, 0, NULL);
    else if (save(run, c->path, !c->count, c->ticket, &e))
        ipd_run_reply(run, c->ticket, 0, &e);
    free(c->path);
    free(c);
}

int ipd_keep_waits(const ipd_run *run)
{
    return !run->keep.busy && (run->keep.asked || run->keep.at_once);
}

double ipd_keep_due(ipd_run *run)
{
    IPD_THREAD_OF(run);
    const ipd_keep *k = &run->keep;
    if (k->busy || !is_automatic(run) ||
        ipd_progress_is_same(ipd_keep_progress(run), run->now->saved))
        return INFINITY;
    double rest = fmin(k->interval, fmax(REST * k->interval, 3 * k->cost)); /* seconds of pause */
    double again = k->error.code != IPD_OK ? k->interval : fmin(k->interval, 10 * k->cost);
    return fmax(run->paused_since + rest, k->saves ? k->since + again : 0);
}

void ipd_keep_save_paused(ipd_run *run)
{
    IPD_THREAD_OF(run);
    if (is_unsaved(run))
        save_by_itself(run, 1);
}

void ipd_keep_end(ipd_run *run)
{
    IPD_THREAD_OF(run);
    ipd_keep *k = &run->keep;
    char folder[4096];
    ipd_error e;
    do {
        wait_for_writer(run);
        ipd_keep_turn(run);
    } while (k->asked);
    wait_for_writer(run);
    if (k->at_end == IPD_END_SAVE && (is_automatic(run) || has_intervals(run)) && is_unsaved(run)) {
        save_by_itself(run, !has_intervals(run));
        wait_for_writer(run);
        if (k->error.code != IPD_OK)
            run->lost = k->error;
    }
    if (k->at_end == IPD_END_DROP && !folder_of(run, folder, sizeof folder, &e))
        ipd_checkpoint_drop(folder, k->identity, k->history);
    else if (*k->placed)
        rmdir(k->placed); /* if it is empty */
}

void ipd_run_at_end(ipd_run *run, ipd_end end)
{
    pthread_mutex_lock(&run->lock);
    run->keep.at_end = end;
    pthread_mutex_unlock(&run->lock);
}
