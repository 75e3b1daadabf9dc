/* trainer.h - what moves, in the run and in a replay of it alike, and what commands change in it. Worker. */
#ifndef IPD_RUN_TRAINER_H
#define IPD_RUN_TRAINER_H

#include "run/private.h"

/* trainer.c: what the run and a replay do alike. None of it logs or tells. */
ipd_trainer ipd_run_trainer(const ipd_run *run);
/* Makes the trainer's state with its settings from the first weights. */
int ipd_trainer_open(const ipd_run *run, ipd_trainer *a, const ipd_settings *settings,
                     ipd_error *e);
void ipd_trainer_close(ipd_trainer *a); /* takes an empty one */
/* Changes settings; goes over to the settings' method, between two iterations. On failure all is as before. */
int ipd_trainer_set(const ipd_run *run, ipd_trainer *a, const ipd_change *change, ipd_error *e);
int ipd_trainer_switch(const ipd_run *run, ipd_trainer *a, const ipd_settings *new, ipd_error *e);
/* Ends the iteration: the record, all but its seconds. */
int ipd_trainer_finish(const ipd_run *run, ipd_trainer *a, ipd_record *record, ipd_error *e);
/* apply.c: commands that change the run, each answered. Worker. */
void ipd_run_change_settings(ipd_run *run, const ipd_command *c);
void ipd_run_undo_change(ipd_run *run, const ipd_command *c);
void ipd_run_take_answer(ipd_run *run, const ipd_command *c);
void ipd_run_switch_method(ipd_run *run, const ipd_command *c);
/* Between two iterations: the switch that waits, if there is one. */
void ipd_run_carry_out_switch(ipd_run *run);
/* A switch that waits while the run rests is answered with the place where it will be; one that
 * cannot be any more fails. */
void ipd_run_answer_switch(ipd_run *run);
/* 0, or -1 where the run goes no further. */
int ipd_run_can_work(ipd_run *run, ipd_error *e);
/* What switching to the method `name` makes of the settings `now`; checks all. */
int ipd_switch_settings(const ipd_run *run, const ipd_settings *now, const char *name,
                        const ipd_change *change, ipd_settings *out, ipd_error *e);
/* Where a method with these settings starts at this iteration. */
ipd_place ipd_switch_place(const ipd_run *run, const ipd_settings *new, int iteration);

#endif
