/* setting_options.c - the settings of a run as options; see setting_options.h. */
#include "cli/setting_options.h"
#include "cli/machine.h"

#include <stdio.h>
#include <string.h>

static void translate(char *to, size_t size, const char *name, char from, char with)
{
    snprintf(to, size, "%s", name);
    for (; *to; to++)
        if (*to == from)
            *to = with;
}

/* The setting of an option (its name without the dashes), or NULL. */
static const ipd_setting *setting_of(const ipd_given_settings *given, const char *name)
{
    char setting[64];
    translate(setting, sizeof setting, name, '-', '_');
    if (strchr(name, '_') || (given->lists && !strcmp(setting, "seed")))
        return NULL;
    return ipd_setting_find(given->lists && !strcmp(setting, "rho") ? "rho_init" : setting);
}

int ipd_given_add(ipd_given_settings *given, const ipd_setting *setting, const char *value,
                  ipd_error *e)
{
    if (given->count == IPD_MAX_GIVEN)
        return ipd_fail(e, IPD_EUSAGE, "more than %d settings are given", IPD_MAX_GIVEN);
    given->items[given->count].setting = setting;
    given->items[given->count++].value = value;
    return 0;
}

int ipd_given_parse(ipd_given_settings *given, const char *name, const char *value,
                    const char *next, ipd_error *e)
{
    const ipd_setting *s = setting_of(given, name);
    int used = 0;
    ipd_error unread;
    if (!strcmp(name, "method") && (value || next)) /* its settings are options, too */
        ipd_method_get(value ? value : next, &unread);
    if (!s && !given->lists && !value && !strncmp(name, "no-", 3)) {
        s = setting_of(given, name + 3);
        value = "false";
        if (!s || s->kind != IPD_SET_SWITCH)
            return IPD_NO_SETTING;
    } else if (!s) {
        return IPD_NO_SETTING;
    } else if (!value && s->kind == IPD_SET_SWITCH && !given->lists) {
        value = "true";
    } else if (!value) {
        if (!next)
            return ipd_fail(e, IPD_EUSAGE, "--%s needs a value: --%s %s", name, name,
                            given->lists ? "VALUE,VALUE" : "VALUE");
        value = next;
        used = 1;
    }
    return ipd_given_add(given, s, value, e) ? -1 : used;
}

int ipd_given_apply(const ipd_given_settings *given, ipd_settings *s, ipd_error *e)
{
    for (int rank = 0; rank < IPD_SETTING_RANKS; rank++)
        for (int i = 0; i < given->count; i++)
            if (ipd_setting_rank(given->items[i].setting->name) == rank &&
                ipd_settings_set(s, given->items[i].setting->name, given->items[i].value, e))
                return -1;
    return 0;
}

const char *ipd_given_value(const ipd_given_settings *given, const char *setting)
{
    for (int i = given->count - 1; i >= 0; i--)
        if (!strcmp(given->items[i].setting->name, setting))
            return given->items[i].value;
    return NULL;
}

int ipd_given_beside_resume(const ipd_given_settings *given, const char *option,
                            const char *instead, ipd_error *e)
{
    if (!option && !given->count)
        return 0;
    return ipd_fail(e, IPD_EUSAGE, "--resume brings data, network and settings. Leave --%s out, %s",
                    option ? option : given->items[0].setting->name, instead);
}

void ipd_given_warn(const char *command, const ipd_given_settings *given, const ipd_settings *s,
                    int has_weights)
{
    for (int i = 0; i < given->count; i++) {
        char why[160];
        int again = 0;
        for (int j = 0; j < i; j++)
            again |= given->items[j].setting == given->items[i].setting;
        if (!again &&
            ipd_settings_unused(s, given->items[i].setting->name, has_weights, why, sizeof why))
            fprintf(stderr, "ipdlam %s: warning: %s\n", command, why);
    }
}

int ipd_setting_row_at(size_t index, ipd_option_row *row)
{
    const ipd_setting *s = ipd_settings_table;
    char values[128] = "";
    while (s->name && index)
        s++, index--;
    if (!s->name)
        return 0;
    const char *const *choices = s->choices ? s->choices() : NULL;
    for (size_t at = 0; choices && *choices && at < sizeof values; choices++)
        at += (size_t)snprintf(values + at, sizeof values - at, "%s%s", at ? ", " : ": ", *choices);
    const char *symbol = s->symbol && ipd_terminal_utf8() ? s->symbol : s->name;
    translate(row->name, sizeof row->name, s->name, '_', '-');
    snprintf(row->help, sizeof row->help, "%s%s%s%s%s",
             strcmp(s->name, "rho") ? s->help : "the same as --rho-init", s->symbol ? " (" : "",
             s->symbol ? symbol : "", s->symbol ? ")" : "", values);
    row->is_switch = s->kind == IPD_SET_SWITCH;
    row->is_setting = 1;
    row->value = row->is_switch                 ? NULL
                 : s->kind == IPD_SET_NUMBER    ? "X"
                 : s->kind == IPD_SET_NUMBERS   ? "X,..."
                 : s->kind == IPD_SET_COUNT     ? "N"
                 : s->kind == IPD_SET_SCHEDULES ? "LIST"
                                                : "NAME";
    return 1;
}
