#include "tui/model/changes.h"
#include "base/matrix.h"
#include "history/history.h"
#include "settings/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_CHANGES = 256 };

int ipd_change_counts(const ipd_settings *settings, const ipd_log_entry *entry)
{
    char name[32], form[IPD_SETTING_TEXT];

    if (!strncmp(entry->text, IPD_LOG_AUDIT, strlen(IPD_LOG_AUDIT)))
        return 0;
    if (sscanf(entry->text, "set %31[a-z0-9_] = ", name) != 1 || strchr(entry->text, ','))
        return 1;
    if (!strcmp(name, "rho"))
        return strcmp(settings->rho_schedule, "function") != 0;
    return !ipd_schedules_find(settings->schedule, name, form) || strcmp(form, "function");
}

/* Adds an entry if it counts. If memory runs out, the charts do not mark it. */
static void add(ipd_list *changes, const ipd_settings *settings, const ipd_log_entry *entry)
{
    ipd_log_entry *all = changes->items;

    if (!ipd_change_counts(settings, entry))
        return;
    if (changes->count == MAX_CHANGES)
        memmove(all, all + 1, --changes->count * sizeof *all);
    ipd_list_add(changes, entry, sizeof *entry);
}

void ipd_changes_follow(ipd_overlay *o, const ipd_run *run)
{
    size_t count = ipd_run_log_count(run);
    unsigned long rewinds = ipd_run_rewinds(run);

    if (o->log_seen == count && o->rewinds_seen == rewinds)
        return;
    o->log_seen = count;
    o->rewinds_seen = rewinds;
    o->changes.count = 0;
    for (size_t i = 0; i < count; i++)
        add(&o->changes, ipd_run_settings(run), ipd_run_log(run, i));
}

/* Reads a text from the settings that the history stores as JSON; "" if it has none. */
static void setting_of(const char *json, const char *name, char *to, size_t size)
{
    char key[64];

    *to = 0;
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(json, key);
    at = at ? at + strlen(key) : "";
    at += strspn(at, " ");
    if (*at == '"')
        snprintf(to, size, "%.*s", (int)strcspn(at + 1, "\""), at + 1);
}

typedef struct reading {
    ipd_list *changes;
    ipd_settings settings;
    ipd_history_run run;
} reading;

static int take(void *context, const ipd_place *place, const char *text)
{
    reading *r = context;
    ipd_log_entry entry = {.place = *place};

    snprintf(entry.text, sizeof entry.text, "%s", text);
    if (strncmp(text, IPD_LOG_WEIGHTS, strlen(IPD_LOG_WEIGHTS)) != 0)
        add(r->changes, &r->settings, &entry);
    return 0;
}

int ipd_changes_read(ipd_overlay *o, const char *history, ipd_error *e)
{
    ipd_history *h = NULL;
    reading *r = ipd_allocate(1, sizeof *r, e);
    int failed =
        !r || ipd_history_open(&h, history, 0, e) || ipd_history_find(h, o->id, &r->run, e);

    if (!failed) {
        r->changes = &o->changes;
        ipd_settings_init(&r->settings);
        setting_of(r->run.settings, "rho_schedule", r->settings.rho_schedule,
                   sizeof r->settings.rho_schedule);
        setting_of(r->run.settings, "schedule", r->settings.schedule, sizeof r->settings.schedule);
        failed = ipd_history_changes(h, o->id, take, r, e);
    }
    ipd_history_close(h);
    free(r);
    return failed ? -1 : 0;
}
