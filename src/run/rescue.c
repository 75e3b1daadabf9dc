/* rescue.c - saves all open runs when the process must end without its main thread; see
 * base/ending.h. */
#include "base/ending.h"
#include "run/worker.h"

#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ipd_run *runs; /* whose workers were started */

/* Lets the worker end at the next block boundary. */
static void ask_to_end(ipd_run *run)
{
    pthread_mutex_lock(&run->lock);
    if (run->now->status == IPD_RUNNING && !run->quit)
        snprintf(run->ending, sizeof run->ending, "interrupted");
    run->quit = 1;
    atomic_store(&run->called, 1);
    pthread_cond_signal(&run->wake);
    pthread_mutex_unlock(&run->lock);
}

/* Holds the lock, so that no run is freed meanwhile. */
static void rescue(int (*give_up)(void))
{
    const struct timespec soon = {.tv_nsec = 5000000};
    pthread_mutex_lock(&lock);
    for (ipd_run *run = runs; run; run = run->next_open)
        ask_to_end(run);
    for (ipd_run *run = runs; run; run = run->next_open)
        while (!atomic_load(&run->finished) && !give_up())
            nanosleep(&soon, NULL);
    pthread_mutex_unlock(&lock);
}

void ipd_rescue_add(ipd_run *run)
{
    ipd_ending_on_rescue(rescue);
    pthread_mutex_lock(&lock);
    run->next_open = runs;
    runs = run;
    pthread_mutex_unlock(&lock);
}

void ipd_rescue_remove(ipd_run *run)
{
    pthread_mutex_lock(&lock);
    ipd_run **p = &runs;
    while (*p && *p != run)
        p = &(*p)->next_open;
    if (*p)
        *p = run->next_open;
    pthread_mutex_unlock(&lock);
}
