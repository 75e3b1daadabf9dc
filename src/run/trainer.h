/* trainer.h - the trainer: method, state and settings, for a run and for its replays, and the
 * commands that change it. Worker. */
#ifndef IPD_RUN_TRAINER_H
#define IPD_RUN_TRAINER_H

#include "run/private.h"

/* trainer.c: shared by run and replay. Nothing here logs or publishes. */
ipd_trainer ipd_run_trainer(const ipd_run *run); /* the run's; its state is borrowed */
/* Makes the trainer's state with its settings from the first weights. */
int ipd_trainer_open(const ipd_run *run, ipd_trainer *a, const ipd_settings *settings,
                     ipd_error *e);
void ipd_trainer_close(ipd_trainer *a); /* accepts an empty one */
/* Change settings; switch to the settings' method, between two iterations. On failure nothing has
 * changed. */
int ipd_trainer_set(const ipd_run *run, ipd_trainer *a, const ipd_change *change, ipd_error *e);
int ipd_trainer_switch(const ipd_run *run, ipd_trainer *a, const ipd_settings *new, ipd_error *e);
/* Ends the iteration and fills in the record, except its seconds. Then sets the values that
 * schedules have in the next iteration. */
int ipd_trainer_finish(const ipd_run *run, ipd_trainer *a, ipd_record *record, ipd_error *e);
/* apply.c: commands that change the run, each answered. Worker. */
void ipd_run_change_settings(ipd_run *run, const ipd_command *c);
void ipd_run_write_variable(ipd_run *run, const ipd_command *c);
void ipd_run_undo_change(ipd_run *run, const ipd_command *c);
void ipd_run_accept_answer(ipd_run *run, const ipd_command *c);
void ipd_run_switch_method(ipd_run *run, const ipd_command *c);
/* Between two iterations: carries out a pending switch, if any. */
void ipd_run_carry_out_switch(ipd_run *run);
/* Answers a pending switch while the run is paused, with the place where it will happen, or with an
 * error if it is no longer possible. */
void ipd_run_answer_switch(ipd_run *run);
/* The settings after a switch from `now` to the method `name`; checks all. */
int ipd_switch_settings(const ipd_run *run, const ipd_settings *now, const char *name,
                        const ipd_change *change, ipd_settings *out, ipd_error *e);
/* The place where a method with these settings starts at this iteration. */
ipd_place ipd_switch_place(const ipd_run *run, const ipd_settings *new, int iteration);

#endif
