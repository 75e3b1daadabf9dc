/* mailbox.h - messages between the threads of a run: commands to the worker; replies, notices and
 * the view to the main thread. */
#ifndef IPD_RUN_MAILBOX_H
#define IPD_RUN_MAILBOX_H

#include "run/private.h"

/* Queues a command; see run.h. Main thread. */
ipd_ticket ipd_run_send(ipd_run *run, ipd_command command, ipd_error *e);
/* reply.c; the next three under the lock. Registers the answer that a command will get. */
void ipd_answer_expect(ipd_run *run, ipd_answer *a);
/* Fills in the answer and sends it; with `hold`, keeps it until ipd_answers_release. */
void ipd_answer_send(ipd_run *run, const ipd_reply *reply, int hold);
/* Sends the answers held back, with the current place; if e is not NULL, as failures. */
void ipd_answers_release(ipd_run *run, const ipd_error *e);
/* Moves answers, except discarded ones; returns their number. */
size_t ipd_answers_move(ipd_answers *to, ipd_answers *from);
void ipd_answers_free(ipd_answers *list);
/* mailbox.c and publish.c: worker. */
/* Signals the main thread that there is something to poll. */
void ipd_run_ring(ipd_run *run);
/* Takes the lock and returns the view that the main thread will see, to write to it until the lock
 * is released. */
ipd_run_view *ipd_run_view_lock(ipd_run *run);
/* Under the lock, or before the worker starts: fills in place, settings and order of the view from
 * the method's state. */
void ipd_run_refresh(ipd_run *run);
/* Under the lock. */
void ipd_run_set_status(ipd_run *run, ipd_run_status status, const char *text);
/* Under the lock: answers a ticket (0: none) with the members of ipd_reply; a place that is NULL is
 * that of the next unit of work. With `hold`, the answer waits until callbacks have returned. */
void ipd_run_add_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                       const ipd_place *at, const ipd_error *e, int hold);
/* Answers with a place; with NULL, as ipd_run_reply does, with that of the next unit of work. */
void ipd_run_reply_at(ipd_run *run, ipd_ticket ticket, int cut, const ipd_place *place,
                      const ipd_error *e);
void ipd_run_reply(ipd_run *run, ipd_ticket ticket, int cut, const ipd_error *e);
/* hold_reply answers when all callbacks of this boundary have returned. reply_quietly answers at
 * once, but does not wake the main thread. */
void ipd_run_hold_reply(ipd_run *run, ipd_ticket ticket);
void ipd_run_reply_quietly(ipd_run *run, ipd_ticket ticket);
/* Answers a change that took effect at this place; hold: as in ipd_run_add_reply. */
void ipd_run_reply_change(ipd_run *run, ipd_ticket ticket, const ipd_place *at, int hold);
/* Adds a notice, a sentence for the user. Worker, or the writer's thread. */
void ipd_run_notify(ipd_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
