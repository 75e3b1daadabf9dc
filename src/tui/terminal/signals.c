#include "tui/terminal/signals.h"
#include "base/ending.h"
#include "base/space.h"
#include "tui/terminal/output.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static _Atomic(pthread_t) main_thread_id;
static atomic_uint flags;
static int pipe_ends[2] = {-1, -1};
static void (*on_interrupt)(void *, int);
static void *on_interrupt_context;

static volatile sig_atomic_t restore_fd = -1;
static struct termios restore_modes;
static char restore_bytes[256];
static size_t restore_count;
static char alternate_stack[1 << 16];

static const int plain_signals[] = {SIGWINCH, SIGINT, SIGTSTP, SIGCONT};
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
enum {
    PLAIN = sizeof plain_signals / sizeof *plain_signals,
    FATAL = sizeof fatal_signals / sizeof *fatal_signals
};
static struct sigaction old_plain[PLAIN], old_fatal[FATAL];

/* Uses only async-signal-safe calls. */
static void restore_now(void)
{
    int fd = restore_fd;

    if (fd < 0)
        return;
    restore_fd = -1;
    ssize_t ignored = write(fd, restore_bytes, restore_count);
    (void)ignored;
    tcsetattr(fd, TCSANOW, &restore_modes);
    ipd_output_restore_now();
}

/* Restores the terminal first, then the old action, which writes a core file, a sanitizer's report
 * or a message. A fault happens again when this returns; a sent signal must be raised again. */
static void on_fatal(int number, siginfo_t *info, void *context)
{
    (void)context;
    restore_now();
    for (int i = 0; i < FATAL; i++)
        if (fatal_signals[i] == number)
            sigaction(number, &old_fatal[i], NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void raise_flag(unsigned flag)
{
    atomic_fetch_or(&flags, flag);
    ssize_t ignored = write(pipe_ends[1], "", 1);
    (void)ignored;
}

static void on_plain(int number)
{
    /* Threads of libraries do not block signals: forward the signal to the main thread. */
    pthread_t main_thread = atomic_load(&main_thread_id);
    if (!pthread_equal(pthread_self(), main_thread)) {
        pthread_kill(main_thread, number);
        return;
    }
    int saved = errno;
    if (number == SIGINT && on_interrupt)
        on_interrupt(on_interrupt_context, number);
    raise_flag(number == SIGWINCH  ? IPD_SIGNAL_RESIZE
               : number == SIGINT  ? IPD_SIGNAL_INTERRUPT
               : number == SIGTSTP ? IPD_SIGNAL_STOP
                                   : IPD_SIGNAL_CONTINUE);
    errno = saved;
}

/* Called in the handler of a signal that ends the process. */
static void on_end(void *context, int number)
{
    (void)context;
    if (on_interrupt && number != SIGINT) /* on_plain has called it for SIGINT */
        on_interrupt(on_interrupt_context, number);
    raise_flag(IPD_SIGNAL_END);
}

/* Restores the terminal before the process ends, unless the terminal accepts no output. */
static void restore_last(void)
{
    enum { LONGEST_MS = 500 };
    struct pollfd p = {.fd = restore_fd, .events = POLLOUT};

    if (restore_fd >= 0 && poll(&p, 1, LONGEST_MS) > 0 && p.revents & POLLOUT)
        restore_now();
}

int ipd_signals_start(ipd_error *e)
{
    struct sigaction action = {0};
    stack_t stack = {.ss_sp = alternate_stack, .ss_size = sizeof alternate_stack};

    if (pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return ipd_fail(e, IPD_EIO, "cannot make a pipe for signals: %s", strerror(errno));
    atomic_store(&flags, 0);
    atomic_store(&main_thread_id, pthread_self());
    if (ipd_ending_begin(&(ipd_ending_host){.asked = on_end, .last = restore_last}, e) < 0) {
        close(pipe_ends[0]);
        close(pipe_ends[1]);
        pipe_ends[0] = pipe_ends[1] = -1;
        return -1;
    }
    sigfillset(&action.sa_mask);
    action.sa_handler = on_plain;
    action.sa_flags = 0; /* no SA_RESTART: blocking calls must return */
    for (int i = 0; i < PLAIN; i++)
        sigaction(plain_signals[i], &action, &old_plain[i]);
    sigaltstack(&stack, NULL);
    sigemptyset(&action.sa_mask);
    action.sa_sigaction = on_fatal;
    action.sa_flags = SA_ONSTACK | SA_NODEFER | SA_SIGINFO;
    ipd_space_on_fault(restore_now);
    for (int i = 0; i < FATAL; i++)
        sigaction(fatal_signals[i], &action, &old_fatal[i]);
    return 0;
}

void ipd_signals_stop(void)
{
    stack_t none = {.ss_flags = SS_DISABLE};

    if (pipe_ends[0] < 0)
        return;
    ipd_ending_stop();
    if (ipd_ending_signal())
        return; /* the next call ends the process */
    for (int i = 0; i < PLAIN; i++)
        sigaction(plain_signals[i], &old_plain[i], NULL);
    for (int i = 0; i < FATAL; i++)
        sigaction(fatal_signals[i], &old_fatal[i], NULL);
    sigaltstack(&none, NULL);
    on_interrupt = NULL;
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    pipe_ends[0] = pipe_ends[1] = -1;
}

int ipd_signals_fd(void)
{
    return pipe_ends[0];
}

unsigned ipd_signals_read(void)
{
    char bytes[512];

    while (read(pipe_ends[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes)
        ;
    return atomic_exchange(&flags, 0);
}

unsigned ipd_signals_pending(void)
{
    return atomic_load(&flags);
}

void ipd_signals_on_interrupt(void (*call)(void *context, int number), void *context)
{
    on_interrupt = NULL;
    on_interrupt_context = context;
    on_interrupt = call;
}

void ipd_signals_restore(int fd, const struct termios *modes, const char *bytes, size_t count)
{
    restore_fd = -1;
    if (fd < 0)
        return;
    restore_modes = *modes;
    restore_count = count < sizeof restore_bytes ? count : sizeof restore_bytes;
    memcpy(restore_bytes, bytes, restore_count);
    restore_fd = fd;
}

void ipd_signals_stop_process(void)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, handled;

    sigaction(SIGTSTP, &action, &handled);
    raise(SIGTSTP); /* to this thread: returns after the stop */
    sigaction(SIGTSTP, &handled, NULL);
}
