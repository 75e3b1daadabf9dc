/* change.c - several settings changed at once; see settings.h. */
#include "run/settings_private.h"

#include <stdio.h>
#include <string.h>

int ipd_change_add(ipd_change *c, const char *name, const char *value, ipd_error *e)
{
    if (c->count == IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_EUSAGE, "more than %d settings at once: change them in two steps",
                        IPD_MAX_CHANGES);
    if (strlen(value) >= sizeof c->items[0].value || strlen(name) >= sizeof c->items[0].name)
        return strlen(name) >= sizeof c->items[0].name
                   ? ipd_settings_unknown(name, e)
                   : ipd_fail(e, IPD_EUSAGE, "%s = '%.40s...' is too long", name, value);
    strcpy(c->items[c->count].name, name);
    char *to = c->items[c->count].value;
    for (const char *at = value; *at; at++) /* ", " stands between two settings in a log */
        if (*at != ' ' || to == c->items[c->count].value || to[-1] != ',')
            *to++ = *at;
    *to = 0;
    c->count++;
    return 0;
}

int ipd_change_apply(const ipd_change *c, ipd_settings *s, int live, ipd_error *e)
{
    ipd_settings new = *s;
    for (int i = 0; i < c->count; i++) {
        const ipd_setting *setting = ipd_setting_find(c->items[i].name);
        if (live && setting && !strcmp(setting->name, "method"))
            return ipd_fail(e, IPD_EUSAGE,
                            "method is fixed when a run is made, but for run:switch(\"%.20s\")",
                            c->items[i].value);
        if (live && setting && setting->when == IPD_AT_START)
            return ipd_fail(
                e, IPD_EUSAGE,
                "%s is fixed when a run is made: make a new run with ip.run{ %s = ... }",
                setting->name, setting->name);
        if (ipd_settings_set(&new, c->items[i].name, c->items[i].value, e))
            return -1;
    }
    *s = new;
    return 0;
}

void ipd_change_text(const ipd_change *c, char *to, size_t size)
{
    size_t at = 0;
    if (size)
        to[0] = 0;
    for (int i = 0; i < c->count && at < size; i++)
        at += (size_t)snprintf(to + at, size - at, "%s%s = %s", i ? ", " : "", c->items[i].name,
                               c->items[i].value);
}
