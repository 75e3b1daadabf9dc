/* setting_options.h - the settings of a run as long options: "--rho-growth 1.1", "--nesterov",
 * "--no-nesterov". */
#ifndef IPD_CLI_SETTING_OPTIONS_H
#define IPD_CLI_SETTING_OPTIONS_H

#include "settings/settings.h"

/* Settings in the order they were given; the values point into argv. */
enum { IPD_MAX_GIVEN = 64 };
typedef struct ipd_given_settings {
    struct {
        const ipd_setting *setting;
        const char *value;
    } items[IPD_MAX_GIVEN];
    int count;
    /* 1: every setting takes a list of values, even a switch; seed is not a setting, rho is
     * rho_init. */
    int lists;
} ipd_given_settings;

/* Stores the option `name` if it is a setting. Returns 1 if it used the next argument, 0 if not,
 * IPD_NO_SETTING, or -1 and *e. */
enum { IPD_NO_SETTING = 2 };
int ipd_given_parse(ipd_given_settings *given, const char *name, const char *value,
                    const char *next, ipd_error *e);
int ipd_given_add(ipd_given_settings *given, const ipd_setting *setting, const char *value,
                  ipd_error *e);

/* A row of the list in --help. */
typedef struct ipd_option_row {
    char name[32], help[320];
    const char *value; /* name of the value; NULL: no value */
    int is_setting, is_switch;
} ipd_option_row;
/* Fills in the row of setting `index`. Returns 0 after the last one. */
int ipd_setting_row_at(size_t index, ipd_option_row *row);

/* Applies the settings to *s: first the preset, then the method, then the others, in any given
 * order. */
int ipd_given_apply(const ipd_given_settings *given, ipd_settings *s, ipd_error *e);
/* The last given value of a setting, or NULL. */
const char *ipd_given_value(const ipd_given_settings *given, const char *setting);
/* Fails if a setting, or an option (not NULL), is given together with --resume; `instead` says what
 * to do. */
int ipd_given_beside_resume(const ipd_given_settings *given, const char *option,
                            const char *instead, ipd_error *e);
/* Warns on stderr about given settings without an effect. *s holds all settings, checked;
 * has_weights as in ipd_settings_unused. */
void ipd_given_warn(const char *command, const ipd_given_settings *given, const ipd_settings *s,
                    int has_weights);

#endif
