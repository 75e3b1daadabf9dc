/* parallel.c - see parallel.h. */
#include "base/parallel.h"
#include "base/blas.h"
#include "base/clock.h"
#include "base/machine.h"
#include "base/process.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined __SSE2__
#include <xmmintrin.h>
#endif

#define MAX_THREADS 1024

/* A share of the threads: it does the jobs of one caller at a time. */
typedef struct pool {
    pthread_mutex_t turn; /* one parallel-for at a time */
    pthread_mutex_t lock; /* guards the fields below that are not atomic */
    pthread_cond_t begin, end;
    struct member *workers; /* threads - 1 elements */
    int threads;
    atomic_ulong job;  /* number of the job; grows with every parallel-for */
    atomic_int active; /* workers on the job */
    int open;          /* workers may still join the job */
    int sleepers;
    atomic_int quit;
    atomic_size_t next; /* the next task to run */
    size_t count;
    ipd_task_fn *fn;
    void *context;
} pool;

typedef struct member {
    pool *pool;
    int thread; /* 1, 2, ... */
    pthread_t id;
} member;

static pool pools[MAX_THREADS]; /* the first `shares` are in use */
static atomic_int shares;
static atomic_int threads_now;                             /* of all pools */
static pthread_mutex_t change = PTHREAD_MUTEX_INITIALIZER; /* of the pools */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_pools(void)
{
    for (int i = 0; i < MAX_THREADS; i++) {
        pthread_mutex_init(&pools[i].turn, NULL);
        pthread_mutex_init(&pools[i].lock, NULL);
        pthread_cond_init(&pools[i].begin, NULL);
        pthread_cond_init(&pools[i].end, NULL);
    }
    atomic_store(&shares, 1);
}

/* Jobs of a mini-batch follow each other within microseconds, faster than a thread can be woken:
 * poll for the next one this many times before sleeping. */
enum { POLLS = 4000 };

static void pause_briefly(void)
{
#if defined __x86_64__ || defined __i386__
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

int ipd_look_out(ipd_lookout *lookout, const atomic_int *flag)
{
    enum { MAX_SKIP = 1000 };
    const double max = 100e-6; /* seconds */
    if (atomic_load(flag) || lookout->skipped++ < lookout->skip)
        return atomic_load(flag);
    double began = ipd_seconds(), now = began;
    for (; !atomic_load(flag) && now - began < max; now = ipd_seconds())
        for (int i = 0; i < 20 && !atomic_load(flag); i++)
            pause_briefly();
    int seen = atomic_load(flag);
    lookout->skipped = 0;
    if (seen && ipd_seconds() - began < max) /* longer: this thread was descheduled */
        lookout->skip = 0;
    else if (lookout->skip < MAX_SKIP)
        lookout->skip = 2 * lookout->skip + 1;
    return seen;
}

/* Makes subnormal numbers zero in this thread, since arithmetic on them is a hundred times slower
 * and decaying means end in them forever. Returns the previous mode. */
#if defined __SSE2__
static uint64_t flush_subnormals(void)
{
    enum { FLUSH_RESULTS = 0x8000, FLUSH_ARGUMENTS = 0x0040 };
    unsigned before = _mm_getcsr();
    _mm_setcsr(before | FLUSH_RESULTS | FLUSH_ARGUMENTS);
    return before;
}

static void restore_subnormals(uint64_t before)
{
    _mm_setcsr((unsigned)before);
}
#elif defined __aarch64__
static uint64_t flush_subnormals(void)
{
    const uint64_t flush = 1U << 24;
    uint64_t before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before | flush));
    return before;
}

static void restore_subnormals(uint64_t before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}
#else
static uint64_t flush_subnormals(void)
{
    return 0;
}

static void restore_subnormals(uint64_t before)
{
    (void)before;
}
#endif

static void run_tasks(pool *c, int thread)
{
    size_t task;
    uint64_t before = flush_subnormals();
    while ((task = atomic_fetch_add_explicit(&c->next, 1, memory_order_relaxed)) < c->count)
        c->fn(c->context, task, thread);
    restore_subnormals(before);
}

/* Waits for a job newer than `seen` and returns with the lock held. */
static void await_job(pool *c, unsigned long seen)
{
    for (int i = 0; i < POLLS && atomic_load(&c->job) == seen && !atomic_load(&c->quit); i++)
        pause_briefly();
    pthread_mutex_lock(&c->lock);
    while (atomic_load(&c->job) == seen && !atomic_load(&c->quit)) {
        c->sleepers++;
        pthread_cond_wait(&c->begin, &c->lock);
        c->sleepers--;
    }
}

static void *work(void *argument)
{
    const member *m = argument;
    pool *c = m->pool;
    int thread = m->thread;
    unsigned long seen = 0;
    for (;;) {
        await_job(c, seen);
        if (atomic_load(&c->quit))
            break;
        seen = atomic_load(&c->job);
        if (!c->open) { /* too late: the others have finished it */
            pthread_mutex_unlock(&c->lock);
            continue;
        }
        atomic_fetch_add(&c->active, 1);
        pthread_mutex_unlock(&c->lock);
        run_tasks(c, thread);
        pthread_mutex_lock(&c->lock);
        if (atomic_fetch_sub(&c->active, 1) == 1 && !c->open)
            pthread_cond_signal(&c->end);
        pthread_mutex_unlock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

static void stop_workers(pool *c)
{
    pthread_mutex_lock(&c->lock);
    atomic_store(&c->quit, 1);
    pthread_cond_broadcast(&c->begin);
    pthread_mutex_unlock(&c->lock);
    for (int t = 1; t < c->threads; t++)
        pthread_join(c->workers[t - 1].id, NULL);
    free(c->workers);
    c->workers = NULL;
    c->threads = 1;
    atomic_store(&c->quit, 0);
    atomic_store(&c->job, 0); /* new workers start with seen = 0 */
}

static int start_workers(pool *c, int threads, ipd_error *e)
{
    if (!(c->workers = calloc((size_t)threads, sizeof *c->workers)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory for %d threads", threads);
    for (c->threads = 1; c->threads < threads; c->threads++) {
        int t = c->threads;
        c->workers[t - 1] = (member){.pool = c, .thread = t};
        int failed = ipd_thread_start(&c->workers[t - 1].id, work, &c->workers[t - 1]);
        if (failed) {
            stop_workers(c);
            return ipd_fail(e, IPD_EMEMORY,
                            "only %d of %d threads can start: %s. Use fewer threads or raise the "
                            "limit of processes (ulimit -u)",
                            t, threads, strerror(failed));
        }
    }
    return 0;
}

/* Divides the threads; all turns are locked. If some cannot start, their pools are smaller. */
static int divide(int threads, int into, ipd_error *e)
{
    int result = 0;
    for (int i = 0; i < atomic_load(&shares); i++)
        if (pools[i].threads)
            stop_workers(&pools[i]);
    for (int i = 0; i < into; i++) {
        int share = threads / into + (i < threads % into);
        if (start_workers(&pools[i], share < 1 ? 1 : share, e))
            result = -1;
        pools[i].threads = pools[i].threads ? pools[i].threads : 1;
    }
    threads_now = threads;
    atomic_store(&shares, into);
    return result;
}

/* Locks the pools in use and those that `into` shares need; returns their number. A caller that has
 * read an old number of shares may still lock a pool beyond them: it has no workers, so that the
 * caller runs the tasks alone. */
static int lock_pools(int into)
{
    pthread_once(&made, make_pools);
    pthread_mutex_lock(&change);
    int count = atomic_load(&shares) > into ? atomic_load(&shares) : into;
    for (int i = 0; i < count; i++)
        pthread_mutex_lock(&pools[i].turn);
    return count;
}

static void unlock_pools(int count)
{
    for (int i = 0; i < count; i++)
        pthread_mutex_unlock(&pools[i].turn);
    pthread_mutex_unlock(&change);
}

int ipd_threads_set(int threads, ipd_error *e)
{
    int result = 0;
    if (threads < 0 || threads > MAX_THREADS)
        return ipd_fail(e, IPD_EUSAGE, "threads = %d is out of range. Use 0 (all) to %d", threads,
                        MAX_THREADS);
    if (threads == 0)
        threads = ipd_machine_processors();
    ipd_blas_one_thread();
    int locked = lock_pools(1);
    if (threads != threads_now && !(result = ipd_blas_reserve(threads, e)) &&
        (result = divide(threads, 1, e)))
        threads_now = 0;
    unlock_pools(locked);
    return result;
}

int ipd_threads_divide(int into, ipd_error *e)
{
    int result = 0;
    assert(into >= 1 && into <= MAX_THREADS && threads_now);
    int locked = lock_pools(into);
    if (into != atomic_load(&shares))
        result = divide(threads_now, into, e);
    unlock_pools(locked);
    return result;
}

int ipd_threads_ready(void)
{
    return threads_now > 0;
}

int ipd_threads(void)
{
    return threads_now ? threads_now : 1;
}

/* Returns a free pool with its turn locked. If none is free, waits for the first one. */
static pool *acquire_pool(void)
{
    pthread_once(&made, make_pools);
    int count = atomic_load(&shares);
    for (int i = 0; count > 1 && i < count; i++)
        if (!pthread_mutex_trylock(&pools[i].turn))
            return &pools[i];
    pthread_mutex_lock(&pools[0].turn);
    return &pools[0];
}

void ipd_parallel_for(size_t count, ipd_task_fn *fn, void *context)
{
    if (count == 0)
        return;
    pool *c = acquire_pool();
    pthread_mutex_lock(&c->lock);
    c->count = count;
    c->fn = fn;
    c->context = context;
    atomic_store(&c->next, 0);
    if (count > 1 && c->threads > 1) {
        c->open = 1;
        atomic_fetch_add(&c->job, 1);
        if (c->sleepers)
            pthread_cond_broadcast(&c->begin);
    }
    pthread_mutex_unlock(&c->lock);
    run_tasks(c, 0);
    pthread_mutex_lock(&c->lock);
    c->open = 0;
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < POLLS && atomic_load(&c->active) > 0; i++)
        pause_briefly();
    pthread_mutex_lock(&c->lock);
    while (atomic_load(&c->active) > 0)
        pthread_cond_wait(&c->end, &c->lock);
    pthread_mutex_unlock(&c->lock);
    pthread_mutex_unlock(&c->turn);
}

size_t ipd_piece_size(size_t length, size_t max, int even)
{
    size_t together = even ? 2 : 1, groups = (length + together * max - 1) / (together * max);
    size_t pieces = groups ? groups * together : 1;
    return ((length + pieces - 1) / pieces + 7) / 8 * 8;
}
