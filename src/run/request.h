/* request.h - requests of the worker to the main thread, callbacks included, and copies for
 * views. */
#ifndef IPD_RUN_REQUEST_H
#define IPD_RUN_REQUEST_H

#include "run/private.h"

/* ask.c: 0 if the main thread answers the requests that these settings send, else -1 and *e. */
int ipd_request_check(const ipd_run *run, const ipd_settings *settings, ipd_error *e);
/* request.c */
/* Returns 1 if a request must be answered before the next unit of work, and sends it if it is new.
 * Withdraws an obsolete request. Worker. */
int ipd_request_due(ipd_run *run);
/* Withdraws the open request, if any. Worker. */
void ipd_request_withdraw(ipd_run *run);
/* Accepts an answer: fills in *change if it sets something. Returns -1 and *e if the request was
 * withdrawn, 1 if the run stops at breakpoint c->value, else 0. Worker. */
int ipd_request_accept(ipd_run *run, const ipd_command *c, ipd_change *change, ipd_error *e);
/* event.c */
/* Return 1 if a callback is open; if one is open or due. Worker, like the next six. */
int ipd_event_open(const ipd_run *run);
int ipd_event_waits(const ipd_run *run);
/* Notes the events, among those with callbacks, that a finished unit of work causes. */
void ipd_event_note(ipd_run *run, const ipd_unit *unit);
/* See ipd_run_set_calls. */
void ipd_event_set_calls(ipd_run *run, unsigned calls);
/* After a rewind: drops due events, which no longer belong to the run. */
void ipd_event_forget(ipd_run *run);
/* Drops all events; at the run's end. */
void ipd_event_end(ipd_run *run);
/* Sends the next due event; returns 0 if none is due or open. */
int ipd_event_ask(ipd_run *run);
/* Makes the copy for ipd_run_ask_probe. Worker. */
int ipd_probe_make(ipd_run *run, const ipd_command *c, ipd_error *e);
/* Receives the newest probe. Main thread. */
void ipd_probe_receive(ipd_run *run);

#endif
