/* controller.h - sends changes of settings by keys to the run and collects the answers. Main
 * thread. */
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
        char text[2 * IPD_SETTING_TEXT + 64]; /* run:set{ delta = 0.3 }; "" for an undo */
    } waiting[IPD_CONTROLLER_MAX];
} ipd_controller;

/* Sends the run a setting from text. -1 and *e if the value is wrong or there is no run. */
int ipd_controller_set(ipd_controller *s, ipd_run *run, const char *name, const char *value,
                       ipd_error *e);
/* Undoes the run's last change of settings, whoever made it. -1 and *e if there is no run. */
int ipd_controller_undo(ipd_controller *s, ipd_run *run, ipd_error *e);
/* Takes one answer. Returns 1 and writes the equivalent line of Lua, "run:set{ delta = 0.3 } -- at
 * iteration 14, before W2", or the error; 0 if there is no answer. Call it after each poll of the
 * run until it returns 0. */
int ipd_controller_work(ipd_controller *s, ipd_run *run, char *text, size_t size);
/* 1 while answers are outstanding. */
int ipd_controller_busy(const ipd_controller *s);

#endif
