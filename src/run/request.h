/* request.h - what the worker asks of the main thread, callbacks among it, and what it copies for views. */
#ifndef IPD_RUN_REQUEST_H
#define IPD_RUN_REQUEST_H

#include "run/private.h"

/* ask.c: 0 where the settings ask nothing that nobody would answer. */
int ipd_request_check(const ipd_run *run, const ipd_settings *settings, ipd_error *e);
/* request.c */
/* Whether something must be answered before the next unit of work: asks it, or keeps asking. What is
 * not to be answered any more is withdrawn. Worker. */
int ipd_request_due(ipd_run *run);
/* Takes the open request back, where there is one. Worker. */
void ipd_request_withdraw(ipd_run *run);
/* Takes an answer over: fills *change with what it sets, if anything; -1 where the request is asked
 * no more; 1 where the run stops at breakpoint c->value. Worker. */
int ipd_request_take(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e);
/* event.c */
/* A callback is open; or some are due, too. */
int ipd_event_open(const ipd_run *run);
int ipd_event_waits(const ipd_run *run);
/* Notes what the end of a unit of work is, where it has callbacks. */
void ipd_event_note(ipd_run *run, const ipd_unit *unit);
void ipd_event_set_calls(ipd_run *run, unsigned calls);
/* After a rewind: what is due is not part of the run any more. */
void ipd_event_forget(ipd_run *run);
void ipd_event_end(ipd_run *run);
/* Asks about the next event that is due; 0 where none is, and none is open. */
int ipd_event_ask(ipd_run *run);
/* Makes what ipd_run_ask_probe asks for. Worker. */
int ipd_probe_take(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Takes over the newest probe. Main thread. */
void ipd_probe_receive(ipd_run *run);

#endif
