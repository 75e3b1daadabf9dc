/* writer.c - the thread that writes checkpoints; see writer.h. Training continues while a file is
 * written, synced and renamed. */
#include "run/time/writer.h"

#include "base/clock.h"
#include "base/parallel.h"
#include "base/process.h"
#include "run/mailbox.h"
#include "run/time/space.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static ipd_write_job *first, **end = &first;
static int started;

static void say(void *context, const char *sentence)
{
    ipd_run_notify(context, "%s", sentence);
}

static void make_space(ipd_write_job *job)
{
    ipd_space space;
    ipd_space_make(&space, job->history, job->checkpoint.identity,
                   (double)ipd_archive_bytes(job->archive), say, job->run);
    job->beyond = !space.fits;
    job->limit = space.limit;
}

static void write_job(ipd_write_job *job)
{
    ipd_error e;
    double began = ipd_thread_seconds();
    if (job->limited)
        make_space(job);
    int failed = *job->folder ? ipd_checkpoint_keep(&job->checkpoint, job->folder, job->archive,
                                                    job->history, &e)
                              : ipd_checkpoint_write(&job->checkpoint, job->archive, &e);
    ipd_archive_free(job->archive);
    job->archive = NULL;
    job->cost += (ipd_thread_seconds() - began) / ipd_threads();
    job->done(job, failed ? &e : NULL);
}

static void *write_jobs(void *unused)
{
    for (;;) {
        pthread_mutex_lock(&lock);
        while (!first)
            pthread_cond_wait(&wake, &lock);
        ipd_write_job *job = first;
        if (!(first = job->next))
            end = &first;
        pthread_mutex_unlock(&lock);
        write_job(job);
    }
    return unused;
}

/* Starts the thread, under the lock. It lives as long as the process. */
static int start(void)
{
    pthread_t thread;
    if (started)
        return 0;
    started = !ipd_thread_start(&thread, write_jobs, NULL);
    if (started)
        pthread_detach(thread);
    return started ? 0 : -1;
}

void ipd_writer_add(ipd_write_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&lock);
    int failed = start();
    if (!failed) {
        *end = job;
        end = &job->next;
        pthread_cond_signal(&wake);
    }
    pthread_mutex_unlock(&lock);
    if (failed)
        write_job(job);
}
