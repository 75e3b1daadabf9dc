/* ending.c - see ending.h. */
#include "base/ending.h"
#include "base/clock.h"
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define GRACE 10.0 /* seconds */

/* Signals that request the end; so do the real-time signals. */
static const int requests[] = {SIGTERM,   SIGHUP,  SIGQUIT,   SIGUSR1, SIGUSR2,
                               SIGXCPU,   SIGALRM, SIGVTALRM, SIGPROF, SIGIO,
#ifdef SIGPWR
                               SIGPWR,
#endif
#ifdef SIGSTKFLT
                               SIGSTKFLT,
#endif
                               0};

static ipd_ending_host host;
static _Atomic(pthread_t) main_thread;
static pthread_t watchdog;
static int begun;
static atomic_int ending; /* the signal that requested the end */
static atomic_int hurries, heard, over;
static int wake[2] = {-1, -1}; /* a pipe; a byte in it wakes the watchdog */
static struct sigaction before[_NSIG];
static char caught[_NSIG];
static void (*rescue_runs)(int (*give_up)(void));

static void ring(void)
{
    ssize_t ignored = write(wake[1], "", 1);
    (void)ignored;
}

static void note(int number)
{
    int none = 0;
    atomic_compare_exchange_strong(&ending, &none, number);
    ring();
}

static void on_signal(int number)
{
    enum { PATIENCE = 3 };
    static volatile sig_atomic_t interrupts;
    int kept = errno;
    pthread_t thread = atomic_load(&main_thread);
    if (!pthread_equal(pthread_self(), thread)) { /* a thread of a library: forward it */
        pthread_kill(thread, number);
        errno = kept;
        return;
    }
    if (number == SIGINT && ++interrupts % PATIENCE == 0)
        atomic_fetch_add(&hurries, 1);
    note(number);
    host.asked(host.context, number);
    errno = kept;
}

/* Makes a write to a pipe without a reader fail with EPIPE. Unlike an ignored signal, a handler is
 * not inherited by child programs. */
static void on_failed_write(int number)
{
    (void)number;
}

/* Installs a handler, unless nohup or a script ignores the signal: then it stays ignored. */
static void install(int number, void (*handler)(int))
{
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before[number]) || before[number].sa_handler == SIG_IGN)
        return;
    caught[number] = !sigaction(number, &action, NULL);
}

static double grace(void)
{
    const char *text = getenv("IPDLAM_GRACE");
    char *end;
    double seconds = text ? strtod(text, &end) : GRACE;
    return text && (end == text || *end || !(seconds >= 0)) ? GRACE : fmin(seconds, 1e6);
}

/* Waits until `time` (seconds on the monotonic clock) or a byte in the pipe. */
static void wait_for_ring(double time)
{
    char bytes[64];
    double left = fmax(time - ipd_seconds(), 0);
    struct pollfd p = {wake[0], POLLIN, 0};
    int timeout = left < 1e6 ? (int)(1e3 * left) + 1 : -1;
    if (poll(&p, 1, timeout) > 0 && read(wake[0], bytes, sizeof bytes) < 0)
        return; /* another read emptied the pipe */
}

/* Waits until `time`, the end of the command, or max_hurries. */
static void wait_until(double time, int max_hurries)
{
    while (ipd_seconds() < time && !atomic_load(&over) && atomic_load(&hurries) < max_hurries)
        wait_for_ring(time);
}

static int is_pressed(void)
{
    return atomic_load(&over) || atomic_load(&hurries) >= 2;
}

/* Applies the signal's default action, which ends the process. */
static void die_of(int number)
{
    sigset_t one;
    signal(number, SIG_DFL);
    sigemptyset(&one);
    sigaddset(&one, number);
    pthread_sigmask(SIG_UNBLOCK, &one, NULL);
    raise(number);
}

static void *watch(void *unused)
{
    while (!atomic_load(&ending) && !atomic_load(&over))
        wait_for_ring(INFINITY);
    double began = ipd_seconds(), patience = grace();
    wait_until(began + patience / 2, 1);
    if (atomic_load(&heard))
        wait_until(began + patience, 1);
    if (atomic_load(&over))
        return unused;
    if (rescue_runs)
        rescue_runs(is_pressed);
    /* The main thread may be about to print what was saved: leave it a moment. */
    double end = atomic_load(&hurries) ? ipd_seconds() + 0.5 : began + patience;
    wait_until(fmax(end, ipd_seconds() + fmin(0.5, patience / 2)), 2);
    if (atomic_load(&over))
        return unused;
    if (host.last)
        host.last();
    die_of(atomic_load(&ending));
    return unused;
}

int ipd_ending_begin(const ipd_ending_host *h, ipd_error *e)
{
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK))
        return ipd_fail(e, IPD_EIO, "cannot make a pipe: %s", strerror(errno));
    host = *h;
    atomic_store(&main_thread, pthread_self());
    atomic_store(&ending, 0);
    atomic_store(&hurries, 0);
    atomic_store(&heard, 0);
    atomic_store(&over, 0);
    int failed = ipd_thread_start(&watchdog, watch, NULL);
    if (failed) {
        close(wake[0]);
        close(wake[1]);
        return ipd_fail(e, IPD_EMEMORY,
                        "cannot start a thread: %s. Raise the limit of processes (ulimit -u)",
                        strerror(failed));
    }
    begun = 1;
    memset(caught, 0, sizeof caught);
    for (int i = 0; requests[i]; i++)
        install(requests[i], on_signal);
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
        install(number, on_signal);
    if (h->interrupt_ends)
        install(SIGINT, on_signal);
    install(SIGPIPE, h->pipe_ends ? on_signal : on_failed_write);
    return 0;
}

void ipd_ending_stop(void)
{
    if (!begun || atomic_load(&ending))
        return;
    for (int number = 1; number < _NSIG; number++)
        if (caught[number])
            sigaction(number, &before[number], NULL);
    begun = 0;
    atomic_store(&over, 1);
    ring();
    pthread_join(watchdog, NULL);
    close(wake[0]);
    close(wake[1]);
}

int ipd_ending_signal(void)
{
    return atomic_load(&ending);
}

void ipd_ending_heard(void)
{
    atomic_store(&heard, 1);
}

void ipd_ending_ask(int number)
{
    if (!begun)
        return;
    note(number);
    host.asked(host.context, number);
}

void ipd_ending_hurry(int number)
{
    atomic_fetch_add(&hurries, 1);
    note(number);
    if (begun)
        host.asked(host.context, number);
}

void ipd_ending_die(int number)
{
    fflush(stdout);
    fflush(stderr);
    prctl(PR_SET_DUMPABLE, 0); /* no core file for SIGQUIT and SIGXCPU: the end is orderly */
    die_of(number);
}

void ipd_ending_on_rescue(void (*rescue)(int (*give_up)(void)))
{
    rescue_runs = rescue;
}
