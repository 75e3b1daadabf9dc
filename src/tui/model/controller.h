/* controller.h - settings changed by keys: given to the run, and their answers. Main thread. */
#ifndef IPD_TUI_MODEL_CONTROLLER_H
#define IPD_TUI_MODEL_CONTROLLER_H

#include "run/run.h"

enum { IPD_CONTROLLER_MAX = 8, IPD_CONTROLLER_TEXT = 768 };

/* Changes that the run has not answered yet, oldest first. */
typedef struct ipd_controller {
    ipd_run *run;
    int count;
    struct {
        ipd_ticket ticket;
        char text[IPD_SETTING_TEXT + 64]; /* "delta = 0.3"; "" of an undo */
    } waiting[IPD_CONTROLLER_MAX];
} ipd_controller;

/* Gives the run a setting from text. -1 and *e: the setting's own sentence, or that there is no run. */
int ipd_controller_set(ipd_controller *s, ipd_run *run, const char *name, const char *value,
                       ipd_error *e);
/* Takes the run's last change of settings back, whoever made it. -1 and *e where there is no run. */
int ipd_controller_undo(ipd_controller *s, ipd_run *run, ipd_error *e);
/* Takes one answer, "delta = 0.3: at iteration 14, before W2", or why not: 1 and text; 0 where there is none. To be
 * called after the run was polled, until 0. */
int ipd_controller_work(ipd_controller *s, ipd_run *run, char *text, size_t size);
/* 1 while answers are awaited. */
int ipd_controller_busy(const ipd_controller *s);

#endif
