/* change.c - changes of several settings, and their text in a log. See settings.h. */
#include "base/text.h"
#include "settings/private.h"
#include "settings/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int ipd_change_add(ipd_change *c, const char *name, const char *value, ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(name);
    char text[IPD_SETTING_TEXT], *to = text;
    if (c->count == IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_EUSAGE, "more than %d settings at once. Change them in two steps",
                        IPD_MAX_CHANGES);
    if (!setting)
        return ipd_settings_fail_unknown(name, e);
    if (strlen(value) >= sizeof text)
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s...' is too long. Use less than %zu bytes", name,
                        value, sizeof text);
    /* In a log an entry is one line, and ", " separates two settings: a value must not contain
     * these. */
    for (const char *at = value; *at; at++) {
        char letter = strchr("\t\n", *at) ? ' ' : *at;
        if (letter != ' ' || (to > text && to[-1] != ','))
            *to++ = letter;
    }
    *to = 0;
    if (ipd_value_read(setting, text, &c->items[c->count].value, e))
        return -1;
    c->items[c->count++].setting = setting;
    return 0;
}

int ipd_change_give(ipd_change *c, const ipd_settings *now, const char *name, const char *value,
                    ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(name);
    const char *list = now->schedule;
    char schedule[IPD_SETTING_TEXT];
    int at = 0, is_form = setting && ipd_schedule_is_form(setting, value);
    while (at < c->count && strcmp(c->items[at].setting->name, "schedule"))
        at++;
    if (is_form && setting->offset == offsetof(ipd_settings, rho))
        return ipd_change_give(c, now, "rho_schedule", value, e);
    if (at < c->count)
        list = c->items[at].value.text;
    if (setting && (is_form || ipd_schedules_have(list, setting))) {
        if (ipd_schedules_put(list, setting, is_form ? value : NULL, schedule, e))
            return -1;
        if (at < c->count)
            strcpy(c->items[at].value.text, schedule);
        else if (ipd_change_add(c, "schedule", *schedule ? schedule : "none", e))
            return -1;
        if (is_form)
            return 0;
    }
    return ipd_change_add(c, name, value, e);
}

int ipd_change_apply(const ipd_change *c, ipd_settings *s, int live, ipd_error *e)
{
    ipd_settings new = *s;
    for (int i = 0; i < c->count; i++) {
        const ipd_setting *setting = c->items[i].setting;
        if (live && !strcmp(setting->name, "method"))
            return ipd_fail(
                e, IPD_EUSAGE,
                "method is fixed when a run is made. Change it with run:switch(\"%.20s\")",
                c->items[i].value.text);
        if (live && setting->when == IPD_AT_START)
            return ipd_fail(
                e, IPD_EUSAGE,
                "%s is fixed when a run is made. Make a new run with ip.run{ %s = ... }",
                setting->name, setting->name);
        ipd_settings_put(&new, setting, &c->items[i].value);
    }
    *s = new;
    return 0;
}

void ipd_change_text(const ipd_change *c, char *to, size_t size)
{
    size_t at = 0;
    if (size)
        to[0] = 0;
    for (int i = 0; i < c->count && at < size; i++) {
        const ipd_setting *setting = c->items[i].setting;
        char value[IPD_SETTING_TEXT];
        ipd_value_text(setting, &c->items[i].value, value, sizeof value);
        at +=
            (size_t)snprintf(to + at, size - at, "%s%s = %s", i ? ", " : "", setting->name, value);
    }
}

void ipd_log_text(ipd_log_kind kind, const char *word, const ipd_change *change, char *to,
                  size_t size)
{
    static const char *const verbs[] = {[IPD_LOG_SET] = "set ",
                                        [IPD_LOG_SWITCH] = "switch ",
                                        [IPD_LOG_OTHER] = "",
                                        [IPD_LOG_WRITE] = "write "};
    const char *colon = kind == IPD_LOG_SWITCH && change->count ? ": " : "";
    size_t at = (size_t)snprintf(to, size, "%s%s%s", verbs[kind], word, colon);
    if ((kind == IPD_LOG_SET || kind == IPD_LOG_SWITCH) && at < size)
        ipd_change_text(change, to + at, size - at);
}

/* Parses "name = value, name = value" and adds the settings. No value contains ", ". */
static int parse_items(const char *text, ipd_change *change, ipd_error *e)
{
    char name[24], value[IPD_SETTING_TEXT];
    while (*text) {
        size_t length = strcspn(text, " =");
        if (!length || length >= sizeof name || strncmp(text + length, " = ", 3))
            return -1;
        memcpy(name, text, length);
        name[length] = 0;
        text += length + 3;
        const char *end = strstr(text, ", ");
        length = end ? (size_t)(end - text) : strlen(text);
        if (length >= sizeof value)
            return -1;
        memcpy(value, text, length);
        value[length] = 0;
        text += length + (end ? 2 : 0);
        if (ipd_change_add(change, name, value, e))
            return -1;
    }
    return change->count ? 0 : -1;
}

int ipd_log_parse(const char *text, char method[IPD_METHOD_NAME], ipd_change *change, ipd_error *e)
{
    int failed = 0;
    method[0] = 0;
    change->count = 0;
    if (!strncmp(text, "set ", 4)) {
        failed = parse_items(text + 4, change, e);
    } else if (!strncmp(text, "switch ", 7)) {
        const char *name = text + 7;
        size_t length = strcspn(name, ":");
        failed = length >= IPD_METHOD_NAME ||
                 (name[length] &&
                  (strncmp(name + length, ": ", 2) || parse_items(name + length + 2, change, e)));
        if (!failed)
            snprintf(method, IPD_METHOD_NAME, "%.*s", (int)length, name);
    } else {
        return IPD_LOG_OTHER;
    }
    if (failed)
        return ipd_fail(e, IPD_EFORMAT, "invalid entry of the log: \"%.200s\"", text);
    return *method ? IPD_LOG_SWITCH : IPD_LOG_SET;
}
