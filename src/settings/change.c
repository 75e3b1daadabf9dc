/* change.c - several settings changed at once; see settings.h. */
#include "settings/private.h"

#include <stdio.h>
#include <string.h>

int ipd_change_add(ipd_change *c, const char *name, const char *value, ipd_error *e)
{
    const ipd_setting *setting = ipd_setting_find(name);
    char text[IPD_SETTING_TEXT], *to = text;
    if (c->count == IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_EUSAGE, "more than %d settings at once. Change them in two steps",
                        IPD_MAX_CHANGES);
    if (!setting)
        return ipd_settings_unknown(name, e);
    if (strlen(value) >= sizeof text)
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s...' is too long", name, value);
    for (const char *at = value; *at; at++) { /* ", " stands between two settings in a log */
        char letter = strchr("\t\n", *at) ? ' ' : *at; /* and an entry is one line */
        if (letter != ' ' || (to > text && to[-1] != ','))
            *to++ = letter;
    }
    *to = 0;
    if (ipd_value_read(setting, text, &c->items[c->count].value, e))
        return -1;
    c->items[c->count++].setting = setting;
    return 0;
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
    static const char *const verbs[] = {
        [IPD_LOG_SET] = "set ", [IPD_LOG_SWITCH] = "switch ", [IPD_LOG_OTHER] = ""};
    const char *colon = kind == IPD_LOG_SWITCH && change->count ? ": " : "";
    size_t at = (size_t)snprintf(to, size, "%s%s%s", verbs[kind], word, colon);
    if (kind != IPD_LOG_OTHER && at < size)
        ipd_change_text(change, to + at, size - at);
}

/* "name = value, name = value": adds them; ", " stands between two, and within none. */
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

int ipd_log_parse(const char *text, char method[16], ipd_change *change, ipd_error *e)
{
    int failed = 0;
    method[0] = 0;
    change->count = 0;
    if (!strncmp(text, "set ", 4)) {
        failed = parse_items(text + 4, change, e);
    } else if (!strncmp(text, "switch ", 7)) {
        const char *name = text + 7;
        size_t length = strcspn(name, ":");
        failed = length >= 16 || (name[length] && (strncmp(name + length, ": ", 2) ||
                                                   parse_items(name + length + 2, change, e)));
        if (!failed)
            snprintf(method, 16, "%.*s", (int)length, name);
    } else {
        return IPD_LOG_OTHER;
    }
    if (failed)
        return ipd_fail(e, IPD_EFORMAT, "the log's \"%.200s\" cannot be read", text);
    return *method ? IPD_LOG_SWITCH : IPD_LOG_SET;
}
