/* test_contract.c - preconditions: a call that violates one ends the program. */
#include "base/contract.h"
#include "base/matrix.h"
#include "tests/tap.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void *ask(void *answer)
{
    *(int *)answer = ipd_on_main_thread();
    return NULL;
}

static void copy_another_shape(void)
{
    float numbers[6] = {0};
    ipd_matrix to = {2, 3, numbers}, from = {3, 2, numbers};
    ipd_matrix_copy(&to, &from);
}

static void *work_for_another(void *run)
{
    IPD_THREAD_OF(run);
    return NULL;
}

static void *show_off_main(void *unused)
{
    (void)unused;
    IPD_MAIN_THREAD();
    return NULL;
}

static void on_a_thread(void *(*body)(void *), void *argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, body, argument);
    pthread_join(thread, NULL);
}

static void from_another_thread(void)
{
    on_a_thread(show_off_main, NULL);
}

static void of_another_owner(void)
{
    int run;
    on_a_thread(work_for_another, &run);
}

/* Returns 1 if a process that calls the function is ended by an assert. */
static int aborts(void (*broken)(void))
{
    int status;
    pid_t child = fork();
    if (!child) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(2);
        broken();
        _exit(0);
    }
    return waitpid(child, &status, 0) == child && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGABRT;
}

int main(void)
{
    int elsewhere = 1;
    on_a_thread(ask, &elsewhere);
    ok(ipd_on_main_thread() && !elsewhere, "a thread knows whether it is the first");
#ifdef NDEBUG
    skip("built without asserts");
#else
    ok(aborts(copy_another_shape), "matrices of different shapes are not copied");
    ok(aborts(from_another_thread), "what is for the main thread is for no other");
    ok(aborts(of_another_owner), "a worker does its own run's work only");
#endif
    return done();
}
