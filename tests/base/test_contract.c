/* test_contract.c - preconditions: a call that violates one ends the program. */
#include "base/contract.h"
#include "base/matrix.h"
#include "run/time/keep.h"
#include "run/time/replay.h"
#include "run/time/state.h"
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

static void take_snapshot(ipd_run *run)
{
    ipd_snapshot_take(run, 0);
}

/* Functions of run/time for the run's worker only. */
static void (*const of_worker[])(ipd_run *) = {
    ipd_keep_begin,       ipd_keep_start_clock, ipd_keep_iteration, ipd_keep_turn,
    ipd_keep_save_paused, ipd_keep_end,         ipd_run_catch_up,   take_snapshot};
static void (*const with_command[])(ipd_run *, const ipd_command *) = {ipd_keep_ask, ipd_run_travel,
                                                                       ipd_run_verify_journal};
static size_t tried; /* index of one of the first, then of one of the others */
enum {
    OF_WORKER = sizeof of_worker / sizeof *of_worker,
    TRIED = OF_WORKER + sizeof with_command / sizeof *with_command
};

static void off_the_worker(void)
{
    static ipd_run run;
    static ipd_command command;
    alarm(10);
    if (tried < OF_WORKER)
        of_worker[tried](&run);
    else
        with_command[tried - OF_WORKER](&run, &command);
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
    ok(ipd_on_main_thread() && !elsewhere, "a thread knows whether it is the main one");
#ifdef NDEBUG
    skip("built without asserts");
#else
    ok(aborts(copy_another_shape), "matrices of different shapes are not copied");
    ok(aborts(from_another_thread), "functions of the main thread abort on another thread");
    ok(aborts(of_another_owner), "a worker aborts on the work of another run");
    for (tried = 0; tried < TRIED; tried++)
        ok(aborts(off_the_worker), "function %zu of the worker aborts on another thread", tried);
#endif
    return done();
}
