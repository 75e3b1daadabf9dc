/* setting_options.c - see setting_options.h. */
#include "cli/setting_options.h"
#include "cli/machine.h"
#include "cli/options.h"

#include <string.h>

static void translate(char *to, size_t size, const char *name, char from, char with)
{
    snprintf(to, size, "%s", name);
    for (; *to; to++)
        if (*to == from)
            *to = with;
}

const ipd_setting *ipd_setting_of_option(const char *name)
{
    char setting[64];
    translate(setting, sizeof setting, name, '-', '_');
    return strchr(name, '_') ? NULL : ipd_setting_find(setting);
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

int ipd_given_take(ipd_given_settings *given, const char *name, const char *value, const char *next,
                   ipd_error *e)
{
    const ipd_setting *s = name ? ipd_setting_of_option(name) : NULL;
    int used = 0;
    if (s && s->kind == IPD_SET_SWITCH) {
        value = value ? value : "true";
    } else if (s && !value) {
        if (!next)
            return ipd_fail(e, IPD_EUSAGE, "--%s needs a value: --%s VALUE", name, name);
        value = next;
        used = 1;
    } else if (!s && name && !strncmp(name, "no-", 3) && !value) {
        s = ipd_setting_of_option(name + 3);
        if (s && s->kind != IPD_SET_SWITCH)
            s = NULL;
        value = "false";
    }
    if (!s)
        return IPD_OPTION_UNKNOWN;
    return ipd_given_add(given, s, value, e) ? -1 : used;
}

/* The parser keeps the candidates it is given, so each has a place of its own. */
const char *ipd_setting_option_name(void *context, size_t index)
{
    static char names[IPD_MAX_GIVEN][32];
    (void)context;
    for (size_t i = 0; i <= index; i++)
        if (i == IPD_MAX_GIVEN || !ipd_settings_table[i].name)
            return NULL;
    translate(names[index], sizeof names[index], ipd_settings_table[index].name, '_', '-');
    return names[index];
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

void ipd_setting_options_help(FILE *to)
{
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        char name[32], text[320], values[128] = "", left[72];
        translate(name, sizeof name, s->name, '_', '-');
        const char *const *choices = s->choices ? s->choices() : NULL;
        for (size_t at = 0; choices && *choices && at < sizeof values; choices++)
            at += (size_t)snprintf(values + at, sizeof values - at, "%s%s", at ? ", " : ": ",
                                   *choices);
        const char *symbol = s->symbol && ipd_terminal_utf8() ? s->symbol : s->name;
        snprintf(text, sizeof text, "%s%s%s%s%s",
                 strcmp(s->name, "rho") ? s->help : "the same as --rho-init", s->symbol ? " (" : "",
                 s->symbol ? symbol : "", s->symbol ? ")" : "", values);
        if (s->kind == IPD_SET_SWITCH)
            snprintf(left, sizeof left, "%s, --no-%s", name, name);
        else
            snprintf(left, sizeof left, "%s", name);
        ipd_options_help_line(to, left,
                              s->kind == IPD_SET_SWITCH    ? NULL
                              : s->kind == IPD_SET_NUMBER  ? "X"
                              : s->kind == IPD_SET_NUMBERS ? "X,..."
                              : s->kind == IPD_SET_COUNT   ? "N"
                                                           : "NAME",
                              text);
    }
}
