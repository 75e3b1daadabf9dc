/* schedule.h - schedules: values of numeric settings by the number of the iteration.
 *
 * The setting `schedule` is a list of items SETTING=FORM, separated by spaces. Forms of iteration
 * k:
 *
 *   1:A,10:B              steps: A from iteration 1 on, B from iteration 10 on
 *   linear:A..B           from A at iteration 1 to B at the run's last one, `length`;
 *   cosine:A..B           along half a cosine;
 *   geometric:A..B        by the same factor every iteration;
 *   anneal:A..B           A for 30 % of the way, then linear to B
 *   linear:A..B:1..5      with a first and a last iteration, as for a warm-up; constant outside
 *   function              set by the caller before each iteration
 *
 * A setting of whole numbers takes the nearest one. A form for rho is in rho_schedule instead,
 * which may also be geometric, constant or anneal (solver/schedule.h). Any thread.
 */
#ifndef IPD_SETTINGS_SCHEDULE_H
#define IPD_SETTINGS_SCHEDULE_H

#include "settings/settings.h"

/* Checks such a list and normalises it: single spaces, numbers with the fewest digits. `to` has
 * IPD_SETTING_TEXT bytes. */
int ipd_schedules_read(const char *list, char *to, ipd_error *e);
/* 1 if a value of a numeric setting is to be read as a form: it has a colon, or is "function". */
int ipd_schedule_is_form(const ipd_setting *setting, const char *value);
/* Writes to `to` the list with the form `how` (NULL: none) for the setting, or for all settings of
 * an alias, in place of earlier forms. Fails if `how` is not a form. */
int ipd_schedules_put(const char *list, const ipd_setting *setting, const char *how,
                      char to[IPD_SETTING_TEXT], ipd_error *e);
/* 1 if the list has a form for the setting, or for one of the settings of an alias. */
int ipd_schedules_have(const char *list, const ipd_setting *setting);
/* Copies the form that the list has for the setting. Returns 0, with "", if there is none. */
int ipd_schedules_find(const char *list, const char *setting, char how[IPD_SETTING_TEXT]);
/* The i-th setting (0, 1, ...) whose form is `function`; NULL if there are fewer. */
const ipd_setting *ipd_schedules_function(const char *list, int i);
/* Writes the list without the items whose form is `function`; "none" if nothing is left. */
void ipd_schedules_without_functions(const char *list, char to[IPD_SETTING_TEXT]);
/* 1 if a form in s->schedule or s->rho_schedule needs the run's length. */
int ipd_schedules_need_length(const ipd_settings *s);
/* Checks and normalises a form of rho: `to` has IPD_SETTING_TEXT bytes. */
int ipd_schedule_read_rho(const char *form, char *to, ipd_error *e);
/* Fails if the form in s->rho_schedule, if any, exceeds rho_max. */
int ipd_schedule_check_rho(const ipd_settings *s, ipd_error *e);
/* Sets s->rho to the value of iteration k, if s->rho_schedule is a form other than `function`. */
void ipd_schedule_apply_rho(ipd_settings *s, int k);
/* Sets all settings in s->schedule to their values of iteration k, except those that follow a
 * function. The list must be valid. */
void ipd_schedules_apply(ipd_settings *s, int k);

#endif
