/* setting_options.h - the settings of a run as long options: "--rho-growth 1.1", "--nesterov", "--no-nesterov". */
#ifndef IPD_CLI_SETTING_OPTIONS_H
#define IPD_CLI_SETTING_OPTIONS_H

#include "settings/settings.h"

#include <stdio.h>

/* Settings as they came; the values are borrowed from argv. */
enum { IPD_MAX_GIVEN = 64 };
typedef struct ipd_given_settings {
    struct {
        const ipd_setting *setting;
        const char *value;
    } items[IPD_MAX_GIVEN];
    int count;
} ipd_given_settings;

/* The setting of an option's name without its dashes, NULL where there is none. */
const ipd_setting *ipd_setting_of_option(const char *name);
/* Takes an option that is a setting, as an ipd_option_fn does. */
int ipd_given_take(ipd_given_settings *given, const char *name, const char *value, const char *next,
                   ipd_error *e);
int ipd_given_add(ipd_given_settings *given, const ipd_setting *setting, const char *value,
                  ipd_error *e);
/* The options' names, 0, 1, ... and NULL at the end, for suggestions (ipd_option_names_fn). */
const char *ipd_setting_option_name(void *context, size_t index);

/* Applies them to *s: the preset first, wherever it stands, then the method, then the others, which change them. */
int ipd_given_apply(const ipd_given_settings *given, ipd_settings *s, ipd_error *e);
/* The value of the last that gives this setting; NULL where none does. */
const char *ipd_given_value(const ipd_given_settings *given, const char *setting);
/* Warns on stderr of those without an effect; *s are all settings, checked. has_weights: as ipd_settings_unused. */
void ipd_given_warn(const char *command, const ipd_given_settings *given, const ipd_settings *s,
                    int has_weights);

/* One line per setting, aligned with ipd_options_help. */
void ipd_setting_options_help(FILE *to);

#endif
