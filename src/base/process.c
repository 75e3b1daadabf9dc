/* process.c - see process.h. */
#include "base/process.h"
#include "base/contract.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Bytes. The deepest calls use less than 0.5 MiB: a factorisation within a save, Lua's 200 nested C
 * calls. Sanitizers need several times that. Without this, a thread's stack has the size of the
 * limit, which may be 128 KiB. */
enum { STACK = SANITIZED ? 16 << 20 : 2 << 20 };

/* Unlike an ignored signal, a handler is not inherited by child programs. */
static void on_failed_write(int number)
{
    (void)number;
}

void ipd_process_begin(void)
{
    struct sigaction action = {.sa_handler = on_failed_write, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGXFSZ, &action, NULL);
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        /* open returns the lowest free number, fd. Without /dev/null any descriptor that cannot be
         * written will do. */
        if (open("/dev/null", O_RDWR) < 0 && open("/", O_RDONLY) < 0)
            _exit(1);
    }
}

int ipd_thread_start(pthread_t *thread, void *(*body)(void *), void *argument)
{
    sigset_t all, old;
    pthread_attr_t attributes;
    static const int faults[] = {SIGBUS, SIGSEGV, SIGFPE, SIGILL}; /* their handlers must run */
    int failed = pthread_attr_init(&attributes);
    if (failed)
        return failed;
    sigfillset(&all);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(&all, faults[i]);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    failed = pthread_attr_setstacksize(&attributes, STACK);
    if (!failed)
        failed = pthread_create(thread, &attributes, body, argument);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
    return failed;
}

typedef struct command {
    int (*main_of)(int argc, char **argv);
    int argc, code;
    char **argv;
    sigset_t signals;
} command;

static void *run_command(void *argument)
{
    command *c = argument;
    ipd_become_main_thread();
    pthread_sigmask(SIG_SETMASK, &c->signals, NULL);
    c->code = c->main_of(c->argc, c->argv);
    return NULL;
}

int ipd_process_run(int (*main_of)(int argc, char **argv), int argc, char **argv)
{
    command c = {.main_of = main_of, .argc = argc, .argv = argv};
    struct rlimit limit;
    pthread_t thread;
    sigset_t all;
    if (getrlimit(RLIMIT_STACK, &limit) || limit.rlim_cur >= STACK)
        return main_of(argc, argv);
    /* The new thread acts as the main thread: this one must get no signals. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &c.signals);
    if (ipd_thread_start(&thread, run_command, &c)) {
        pthread_sigmask(SIG_SETMASK, &c.signals, NULL);
        return main_of(argc, argv); /* most commands need less stack */
    }
    pthread_join(thread, NULL);
    return c.code;
}
