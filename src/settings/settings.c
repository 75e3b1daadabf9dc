/* settings.c - setting, getting and changing single settings; see settings.h. */
#include "base/text.h"
#include "format/export.h"
#include "settings/private.h"
#include "settings/schedule.h"
#include "solver/written.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ipd_setting_rank(const char *name)
{
    static const char *const names[] = {"preset", "method", "schedule", NULL};
    static const int ranks[] = {0, 1, 3};
    int i = ipd_text_index(name, names);
    return i < 0 ? 2 : ranks[i];
}

int ipd_setting_is_first(const ipd_setting *s)
{
    for (const ipd_setting *t = ipd_settings_table; t->name && !s->alias; t++)
        if (t->alias && !t->alias[1] && !strcmp(t->alias[0], s->name))
            return 0;
    return !s->alias || !s->alias[1];
}

int ipd_setting_is_text(const ipd_setting *s, const char *value)
{
    double x;
    if (s->kind == IPD_SET_NUMBERS)
        return ipd_text_to_double(value, &x) != 0;
    return !ipd_setting_is_number(s);
}

int ipd_setting_is_unset(const ipd_setting *s, double x)
{
    return s->may_be_unset && x == -1;
}

int ipd_settings_fail_unknown(const char *name, ipd_error *e)
{
    ipd_nearest near = {.word = name};
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        ipd_nearest_try(&near, s->name);
    return ipd_fail_unknown(e, "setting", &near, "ipdlam train --help lists the settings.");
}

static int set_switch(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1", NULL};
    int found = ipd_text_index(value, words), on = found & 1;
    if (found >= 0) {
        memcpy(at, &on, sizeof on);
        return 0;
    }
    return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is neither true nor false", s->name, value);
}

static int is_choice(const ipd_setting *s, const char *word)
{
    return s->choices && ipd_text_index(word, s->choices()) >= 0;
}

/* A method may be a file; the setting is the name of its text. */
static int set_method(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    const ipd_method *method = ipd_method_get(value, e);
    if (method)
        snprintf(at, s->size, "%s", method->name);
    return method ? 0 : -1;
}

static int set_choice(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    if (s->offset == offsetof(ipd_settings, method))
        return set_method(at, s, value, e);
    if (!is_choice(s, value))
        return ipd_fail_unknown_in(e, s->name, value, s->choices());
    snprintf(at, s->size, "%s", value);
    return 0;
}

int ipd_settings_word(const char **text, char *word, size_t size)
{
    static const char separators[] = " ,\t\n";
    *text += strspn(*text, separators);
    size_t n = strcspn(*text, separators);
    snprintf(word, size, "%.*s", (int)(n < size ? n : size - 1), *text);
    *text += n;
    return n > 0;
}

void ipd_settings_item(const char *list, int l, char *word, size_t size)
{
    char next[64];
    int count = 0;
    *word = 0;
    while (ipd_settings_word(&list, next, sizeof next))
        if (++count == l || count == 1)
            snprintf(word, size, "%s", next);
    if (count > 1 && count < l)
        *word = 0;
}

/* Checks an item of a list and normalises it: a number gets the fewest digits that read back to the
 * same bits. */
static int read_item(const ipd_setting *s, char word[64], ipd_error *e)
{
    char number[IPD_NUMBER_TEXT];
    double x;
    if (is_choice(s, word))
        return 0;
    if (s->kind != IPD_SET_NUMBERS)
        return ipd_fail_unknown_in(e, s->name, word, s->choices());
    if (ipd_setting_read_number(&x, s, word, e))
        return -1;
    ipd_number_text(x, number);
    strcpy(word, number);
    return 0;
}

/* Sets a list of one item, or one per layer. Each item is checked; the result has commas. */
static int set_list(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    char word[64], list[IPD_SETTING_TEXT] = "", alone[64] = "";
    size_t n = 0;
    int count = 0;
    while (ipd_settings_word(&value, word, sizeof word)) {
        if (read_item(s, word, e))
            return -1;
        if (++count > IPD_MAX_LAYERS)
            return ipd_fail(e, IPD_EUSAGE, "%s has more items than %d layers can have", s->name,
                            IPD_MAX_LAYERS);
        if (s->kind == IPD_SET_NUMBERS && is_choice(s, word))
            strcpy(alone, word);
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? "," : "", word);
        if (n >= s->size)
            return ipd_fail(e, IPD_EUSAGE, "%s is too long. Give its numbers fewer digits",
                            s->name);
    }
    if (!count)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s is empty. Give one value for all layers, or one per layer", s->name);
    if (*alone && count > 1)
        return ipd_fail(e, IPD_EUSAGE, "%s = %.80s has %s in a list. Give %s alone, or numbers",
                        s->name, list, alone, alone);
    strcpy(at, list);
    return 0;
}

static int set_order(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    if (strlen(value) >= s->size)
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s...' is too long. Use less than %zu bytes",
                        s->name, value, s->size);
    snprintf(at, s->size, "%s", value);
    return 0;
}

/* Sets a name or a form; the steps of a form may have spaces between them. */
static int set_rho_schedule(char *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    char word[80], list[IPD_SETTING_TEXT] = "", form[IPD_SETTING_TEXT];
    size_t n = 0;
    for (int i = 0; s->choices()[i]; i++)
        if (!strcmp(value, s->choices()[i]))
            return set_order(at, s, value, e);
    if (!ipd_schedule_is_form(ipd_setting_find("rho"), value))
        return ipd_fail(e, IPD_EUSAGE,
                        "rho_schedule: '%.40s' is neither geometric, constant, anneal nor a "
                        "schedule. Write steps such as 1:1,20:5, or such as linear:1..5",
                        value);
    while (n < sizeof list && ipd_settings_word(&value, word, sizeof word))
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", n ? "," : "", word);
    if (n >= s->size)
        return set_order(at, s, list, e);
    return ipd_schedule_read_rho(list, form, e) ? -1 : set_order(at, s, form, e);
}

/* Copies the settings in `names`, separated by spaces, from *from. A batch above 0 is not
 * overwritten. */
static void copy_settings(ipd_settings *s, const ipd_settings *from, const char *names)
{
    char name[32];
    ipd_value value;
    while (ipd_settings_word(&names, name, sizeof name)) {
        const ipd_setting *setting = ipd_setting_find(name);
        if (!strcmp(name, "batch") && s->batch > 0)
            continue;
        ipd_settings_value(from, setting, &value);
        ipd_settings_put(s, setting, &value);
    }
}

/* Returns 1 for a list of blocks, or for a name of an order that the method has. */
static int has_order(const ipd_method *method, const char *name)
{
    ipd_order order = {.count = 0};
    if (ipd_text_index(name, ipd_order_names()) < 0 || (!method->sweep && !method->visits))
        return 1;
    snprintf(order.name, sizeof order.name, "%.23s", name);
    ipd_method_visits(method, &order, 1);
    return order.count > 0;
}

/* Sets the first order that the method has. */
static void put_first_order(ipd_settings *s, const ipd_method *method)
{
    const char *const *name = ipd_order_names();
    while (*name && !has_order(method, *name))
        name++;
    if (*name)
        strcpy(s->order, *name);
}

/* Sets the method. A method with its own preset takes inertia, proximal weight and penalty from
 * there. Other methods take those of the current preset or, if that belongs to a method with its
 * own preset, of the default preset. */
static void put_method(ipd_settings *s, const char *name)
{
    const ipd_method *before = ipd_method_find(s->method), *after = ipd_method_find(name);
    const ipd_preset *p = ipd_preset_find(after->preset ? after->preset : s->preset);
    memcpy(s->method, name, strlen(name) + 1);
    int reload = before && ipd_method_is_reload(before, after);
    for (const ipd_own_setting *x = after->own; x && *x->name && before != after; x++)
        if (!reload || !ipd_method_uses(before, x->name))
            s->own[x->slot] = x->start;
    if (after->written && after->written->full_batch)
        s->batch = 0;
    if (after->visits && !has_order(after, s->order))
        put_first_order(s, after);
    if ((before ? before->preset : NULL) == after->preset || !p)
        return;
    if (!after->preset && ipd_method_find(p->settings.method)->preset)
        p = &ipd_presets[0];
    copy_settings(s, &p->settings, "alpha beta gamma delta rho rho_growth rho_max rho_schedule");
    if (after->takes)
        copy_settings(s, &p->settings, after->takes);
    else if (before && before->takes && !has_order(ipd_method_find(p->settings.method), s->order))
        copy_settings(s, &p->settings, "order");
}

int ipd_value_read(const ipd_setting *setting, const char *text, ipd_value *value, ipd_error *e)
{
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        return ipd_setting_read_number(&value->number, setting, text, e);
    case IPD_SET_COUNT:
        return ipd_setting_read_count(&value->count, setting, text, e);
    case IPD_SET_SWITCH:
        return set_switch(&value->on, setting, text, e);
    case IPD_SET_CHOICE:
        return set_choice(value->text, setting, text, e);
    case IPD_SET_CHOICES:
    case IPD_SET_NUMBERS:
        return set_list(value->text, setting, text, e);
    case IPD_SET_BLOCKS:
        return set_order(value->text, setting, !strcmp(text, "none") ? "" : text, e);
    case IPD_SET_SCHEDULE:
        return set_rho_schedule(value->text, setting, text, e);
    case IPD_SET_SCHEDULES:
        return ipd_schedules_read(text, value->text, e);
    default:
        return set_order(value->text, setting, text, e);
    }
}

/* Bytes that a value occupies; a text includes its NUL. */
static size_t size_of(const ipd_setting *setting, const void *value)
{
    return setting->kind == IPD_SET_NUMBER   ? sizeof(double)
           : setting->kind == IPD_SET_COUNT  ? sizeof(long)
           : setting->kind == IPD_SET_SWITCH ? sizeof(int)
                                             : strlen(value) + 1;
}

void ipd_settings_value(const ipd_settings *s, const ipd_setting *setting, ipd_value *value)
{
    const void *at = (const char *)s + setting->offset;
    memcpy(value, at, size_of(setting, at));
}

void ipd_settings_put(ipd_settings *s, const ipd_setting *setting, const ipd_value *value)
{
    if (setting->offset == offsetof(ipd_settings, preset))
        *s = ipd_preset_find(value->text)->settings;
    else if (setting->offset == offsetof(ipd_settings, method))
        put_method(s, value->text);
    else if (setting->alias)
        for (int i = 0; setting->alias[i]; i++)
            ipd_settings_put(s, ipd_setting_find(setting->alias[i]), value);
    else
        memcpy((char *)s + setting->offset, value, size_of(setting, value));
}

int ipd_settings_set(ipd_settings *s, const char *name, const char *value, ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(name);
    char schedule[IPD_SETTING_TEXT];
    ipd_value read;
    if (!setting)
        return ipd_settings_fail_unknown(name, e);
    int is_form = ipd_schedule_is_form(setting, value);
    if (is_form && setting->offset == offsetof(ipd_settings, rho))
        return ipd_settings_set(s, "rho_schedule", value, e);
    if (is_form || ipd_schedules_have(s->schedule, setting)) {
        if (ipd_schedules_put(s->schedule, setting, is_form ? value : NULL, schedule, e))
            return -1;
        strcpy(s->schedule, schedule);
    }
    if (is_form)
        return 0;
    if (ipd_value_read(setting, value, &read, e))
        return -1;
    ipd_settings_put(s, setting, &read);
    return 0;
}

void ipd_value_text(const ipd_setting *setting, const ipd_value *value, char *to, size_t size)
{
    char number[IPD_NUMBER_TEXT];
    double x = value->number;
    switch (setting->kind) {
    case IPD_SET_NUMBER:
        ipd_number_text(x, number);
        snprintf(to, size, "%s", number);
        return;
    case IPD_SET_COUNT:
        snprintf(to, size, "%ld", value->count);
        return;
    case IPD_SET_SWITCH:
        snprintf(to, size, "%s", value->on ? "true" : "false");
        return;
    case IPD_SET_BLOCKS:
    case IPD_SET_SCHEDULES:
        snprintf(to, size, "%s", *value->text ? value->text : "none");
        return;
    default:
        snprintf(to, size, "%s", value->text);
    }
}

void ipd_settings_get(const ipd_settings *s, const ipd_setting *setting, char *to, size_t size)
{
    ipd_value value;
    ipd_settings_value(s, setting, &value);
    ipd_value_text(setting, &value, to, size);
}

void ipd_setting_json(FILE *to, const ipd_setting *setting, const char *value)
{
    char word[64];
    if (!ipd_setting_is_text(setting, value)) {
        fputs(ipd_setting_is_unset(setting, strtod(value, NULL)) ? "null" : value, to);
        return;
    }
    if (setting->kind != IPD_SET_NUMBERS || is_choice(setting, value)) {
        ipd_json_string(to, value);
        return;
    }
    for (const char *before = "["; ipd_settings_word(&value, word, sizeof word); before = ", ") {
        double x = 0;
        ipd_text_to_double(word, &x);
        fputs(before, to);
        ipd_json_number(to, x);
    }
    fputs("]", to);
}
