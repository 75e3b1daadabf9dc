/* wait.h - functions that wait for runs in tests; an unexpected failure ends the test. */
#ifndef TESTS_RUN_WAIT_H
#define TESTS_RUN_WAIT_H

#include "base/archive.h"
#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* A copy of z_l or a_l, from an archive of the run. */
__attribute__((unused)) static ipd_matrix copy_variable(ipd_run *run, char kind, int l)
{
    char name[16];
    ipd_matrix m;
    ipd_error e;
    ipd_archive *ar = ipd_archive_new(&e);
    snprintf(name, sizeof name, "%c%d", kind, l);
    if (!ar)
        fatal(&e);
    wait_for(run, ipd_run_archive(run, ar, &e), &e);
    const ipd_entry *entry = ipd_archive_find(ar, name);
    if (!entry || ipd_matrix_init(&m, entry->shape[1], entry->shape[0], &e)) {
        printf("Bail out! no %s\n", name);
        exit(99);
    }
    memcpy(m.data, entry->data, entry->bytes);
    ipd_archive_free(ar);
    return m;
}

#endif
