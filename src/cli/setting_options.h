/* setting_options.h - the settings of a run as long options: "--rho-growth 1.1", "--nesterov", "--no-nesterov". */
#ifndef IPD_CLI_SETTING_OPTIONS_H
#define IPD_CLI_SETTING_OPTIONS_H

#include "settings/settings.h"

/* Settings as they came; the values are borrowed from argv. */
enum { IPD_MAX_GIVEN = 64 };
typedef struct ipd_given_settings {
    struct {
        const ipd_setting *setting;
        const char *value;
    } items[IPD_MAX_GIVEN];
    int count;
    int lists; /* every setting takes a list of values, also a switch; seed and rho are none */
} ipd_given_settings;

/* Takes the option `name` if it is a setting: 1 where it used the next word, 0 where not, IPD_NO_SETTING, -1 and *e. */
enum { IPD_NO_SETTING = 2 };
int ipd_given_take(ipd_given_settings *given, const char *name, const char *value, const char *next,
                   ipd_error *e);
int ipd_given_add(ipd_given_settings *given, const ipd_setting *setting, const char *value,
                  ipd_error *e);

/* An option as --help lists it: its name, the value's place, what it is. */
typedef struct ipd_option_row {
    char name[32], help[320];
    const char *value; /* NULL: it takes none */
    int is_setting, is_switch;
} ipd_option_row;
/* The row of a setting; 0 where `index` is behind the last. */
int ipd_setting_row_at(size_t index, ipd_option_row *row);

/* Applies them to *s: the preset first, wherever it stands, then the method, then the others, which change them. */
int ipd_given_apply(const ipd_given_settings *given, ipd_settings *s, ipd_error *e);
/* The value of the last that gives this setting; NULL where none does. */
const char *ipd_given_value(const ipd_given_settings *given, const char *setting);
/* Fails where settings, or an option that is not NULL, are given beside --resume; `instead` says what to do. */
int ipd_given_beside_resume(const ipd_given_settings *given, const char *option,
                            const char *instead, ipd_error *e);
/* Warns on stderr of those without an effect; *s are all settings, checked. has_weights: as ipd_settings_unused. */
void ipd_given_warn(const char *command, const ipd_given_settings *given, const ipd_settings *s,
                    int has_weights);

#endif
