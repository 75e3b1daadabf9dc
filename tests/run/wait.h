/* wait.h - functions that wait for runs in tests; an unexpected failure ends the test. */
#ifndef TESTS_RUN_WAIT_H
#define TESTS_RUN_WAIT_H

#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>

__attribute__((unused, noreturn)) static void fatal(const ipd_error *e)
{
    printf("Bail out! %s\n", e->text);
    exit(99);
}

/* The ticket of a command that must have been sent; *why says why it was not. */
__attribute__((unused)) static ipd_ticket sent(ipd_ticket ticket, const ipd_error *why)
{
    if (!ticket)
        fatal(why);
    return ticket;
}

/* Waits for the answer of a command that must succeed. */
__attribute__((unused)) static ipd_reply wait_for(ipd_run *run, ipd_ticket ticket,
                                                  const ipd_error *why)
{
    ipd_reply reply;
    ipd_error e;
    if (ipd_run_wait(run, sent(ticket, why), &reply, &e))
        fatal(&e);
    return reply;
}

#endif
