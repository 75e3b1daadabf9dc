/* parallel.c - see parallel.h. */
#include "base/parallel.h"
#include "base/blas.h"
#include "base/clock.h"
#include "base/process.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined __SSE2__
#include <xmmintrin.h>
#endif

#define MAX_THREADS 1024

static struct {
    pthread_mutex_t turn; /* one parallel-for at a time */
    pthread_mutex_t lock; /* guards the fields below that are not atomic */
    pthread_cond_t begin, end;
    pthread_t *workers; /* threads - 1 elements */
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
} pool = {.turn = PTHREAD_MUTEX_INITIALIZER,
          .lock = PTHREAD_MUTEX_INITIALIZER,
          .begin = PTHREAD_COND_INITIALIZER,
          .end = PTHREAD_COND_INITIALIZER};

static atomic_int apart; /* callers use no pool */

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

static void run_tasks(int thread)
{
    size_t task;
    uint64_t before = flush_subnormals();
    while ((task = atomic_fetch_add_explicit(&pool.next, 1, memory_order_relaxed)) < pool.count)
        pool.fn(pool.context, task, thread);
    restore_subnormals(before);
}

/* Waits for a job newer than `seen` and returns with the lock held. */
static void await_job(unsigned long seen)
{
    for (int i = 0; i < POLLS && atomic_load(&pool.job) == seen && !atomic_load(&pool.quit); i++)
        pause_briefly();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.job) == seen && !atomic_load(&pool.quit)) {
        pool.sleepers++;
        pthread_cond_wait(&pool.begin, &pool.lock);
        pool.sleepers--;
    }
}

static void *work(void *argument)
{
    int thread = (int)(size_t)argument;
    unsigned long seen = 0;
    for (;;) {
        await_job(seen);
        if (atomic_load(&pool.quit))
            break;
        seen = atomic_load(&pool.job);
        if (!pool.open) { /* too late: the others have finished it */
            pthread_mutex_unlock(&pool.lock);
            continue;
        }
        atomic_fetch_add(&pool.active, 1);
        pthread_mutex_unlock(&pool.lock);
        run_tasks(thread);
        pthread_mutex_lock(&pool.lock);
        if (atomic_fetch_sub(&pool.active, 1) == 1 && !pool.open)
            pthread_cond_signal(&pool.end);
        pthread_mutex_unlock(&pool.lock);
    }
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static void stop_workers(void)
{
    pthread_mutex_lock(&pool.lock);
    atomic_store(&pool.quit, 1);
    pthread_cond_broadcast(&pool.begin);
    pthread_mutex_unlock(&pool.lock);
    for (int t = 1; t < pool.threads; t++)
        pthread_join(pool.workers[t - 1], NULL);
    free(pool.workers);
    pool.workers = NULL;
    pool.threads = 1;
    atomic_store(&pool.quit, 0);
    atomic_store(&pool.job, 0); /* new workers start with seen = 0 */
}

static int processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : n;
}

static int start_workers(int threads, ipd_error *e)
{
    if (!(pool.workers = calloc((size_t)threads, sizeof *pool.workers)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory for %d threads", threads);
    for (pool.threads = 1; pool.threads < threads; pool.threads++) {
        int t = pool.threads;
        int failed = ipd_thread_start(&pool.workers[t - 1], work, (void *)(size_t)t);
        if (failed) {
            stop_workers();
            pool.threads = 0;
            return ipd_fail(e, IPD_EMEMORY,
                            "only %d of %d threads can start: %s. Use fewer threads or raise the "
                            "limit of processes (ulimit -u)",
                            t, threads, strerror(failed));
        }
    }
    return 0;
}

int ipd_threads_set(int threads, ipd_error *e)
{
    int result = 0;
    if (threads < 0 || threads > MAX_THREADS)
        return ipd_fail(e, IPD_EUSAGE, "threads = %d is out of range. Use 0 (all) to %d", threads,
                        MAX_THREADS);
    if (threads == 0)
        threads = processors();
    ipd_blas_one_thread();
    pthread_mutex_lock(&pool.turn);
    if (threads != pool.threads && !(result = ipd_blas_reserve(threads, e))) {
        if (pool.threads)
            stop_workers();
        result = start_workers(threads, e);
    }
    pthread_mutex_unlock(&pool.turn);
    return result;
}

int ipd_threads_ready(void)
{
    return pool.threads > 0;
}

int ipd_threads(void)
{
    return pool.threads ? pool.threads : 1;
}

void ipd_threads_apart(int on)
{
    atomic_store(&apart, on);
}

static void run_alone(size_t count, ipd_task_fn *fn, void *context)
{
    uint64_t before = flush_subnormals();
    for (size_t task = 0; task < count; task++)
        fn(context, task, 0);
    restore_subnormals(before);
}

void ipd_parallel_for(size_t count, ipd_task_fn *fn, void *context)
{
    if (count == 0)
        return;
    if (atomic_load(&apart)) {
        run_alone(count, fn, context);
        return;
    }
    pthread_mutex_lock(&pool.turn);
    pthread_mutex_lock(&pool.lock);
    pool.count = count;
    pool.fn = fn;
    pool.context = context;
    atomic_store(&pool.next, 0);
    if (count > 1 && pool.threads > 1) {
        pool.open = 1;
        atomic_fetch_add(&pool.job, 1);
        if (pool.sleepers)
            pthread_cond_broadcast(&pool.begin);
    }
    pthread_mutex_unlock(&pool.lock);
    run_tasks(0);
    pthread_mutex_lock(&pool.lock);
    pool.open = 0;
    pthread_mutex_unlock(&pool.lock);
    for (int i = 0; i < POLLS && atomic_load(&pool.active) > 0; i++)
        pause_briefly();
    pthread_mutex_lock(&pool.lock);
    while (atomic_load(&pool.active) > 0)
        pthread_cond_wait(&pool.end, &pool.lock);
    pthread_mutex_unlock(&pool.lock);
    pthread_mutex_unlock(&pool.turn);
}

size_t ipd_piece_size(size_t length, size_t max, int even)
{
    size_t together = even ? 2 : 1, groups = (length + together * max - 1) / (together * max);
    size_t pieces = groups ? groups * together : 1;
    return ((length + pieces - 1) / pieces + 7) / 8 * 8;
}
