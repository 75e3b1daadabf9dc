/* runs.c - the runs of the session: polls, parks, lists and frees them. */
#include "lua/core/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ipd_lua_reap(ipd_lua *lua)
{
    for (ipd_lua_run **p = &lua->runs; *p;) {
        ipd_lua_run *r = *p;
        if (!r->dead) {
            p = &r->next;
            continue;
        }
        *p = r->next;
        ipd_lua_drop_handle(lua, r);
        if (lua->waited == r)
            lua->waited = NULL;
        if (lua->pausing == r)
            lua->pausing = NULL;
        ipd_lua_forget_shelf(r);
        free(r);
    }
}

const ipd_lua_listed *ipd_lua_list(ipd_lua *lua, size_t *count)
{
    size_t n = 0, capacity = 0;
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        capacity++;
    if (capacity > lua->list_capacity) {
        ipd_lua_listed *list = realloc(lua->list, 2 * capacity * sizeof *list);
        if (list) {
            lua->list = list;
            lua->list_capacity = 2 * capacity;
        }
    }
    for (ipd_lua_run *r = lua->runs; r && n < lua->list_capacity; r = r->next)
        if (r->run || r->parked)
            lua->list[n++] =
                (ipd_lua_listed){r->number, r->run, r->run ? NULL : ipd_lua_card_of(r, NULL)};
    *count = n;
    return lua->list;
}

void ipd_lua_curves_of(ipd_lua_curves *curves, const ipd_lua_run *r)
{
    *curves = (ipd_lua_curves){
        .id = ipd_run_id(r->run), .number = r->number, .records = ipd_run_records(r->run)};
    snprintf(curves->name, sizeof curves->name, "%s", ipd_run_name(r->run));
}

void ipd_lua_stop_runs(ipd_lua *lua)
{
    lua->closing = 1;
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        ipd_run_free(r->run);
        r->run = NULL;
        r->parked = 0;
    }
}

void ipd_lua_free_runs(ipd_lua *lua)
{
    while (lua->runs) {
        ipd_lua_run *r = lua->runs;
        lua->runs = r->next;
        ipd_lua_forget_shelf(r);
        free(r);
    }
    free(lua->list);
    free(lua->polled);
}

/* Reports findings of the audit at once, whatever is running. */
static void warn_of_findings(ipd_lua *lua, ipd_lua_run *r)
{
    for (; r->log_seen < ipd_run_log_count(r->run); r->log_seen++) {
        const ipd_log_entry *entry = ipd_run_log(r->run, r->log_seen);
        char text[IPD_LOG_TEXT + 160], batch[32] = "";
        if (strncmp(entry->text, IPD_LOG_AUDIT, strlen(IPD_LOG_AUDIT)) || !lua->host.warning)
            continue;
        if (entry->place.batches > 1)
            snprintf(batch, sizeof batch, "batch %d, ", entry->place.batch);
        snprintf(text, sizeof text, "%s, audit: iteration %d, %s%s", ipd_run_name(r->run),
                 entry->place.iteration, batch, entry->text + strlen(IPD_LOG_AUDIT));
        lua->host.warning(lua->host.context, text);
    }
}

void ipd_lua_pump(ipd_lua *lua)
{
    ipd_lua_reap(lua);
    ipd_lua_hear(lua);
    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        if (!r->run)
            continue;
        ipd_lua_pass_notices(lua, r);
        warn_of_findings(lua, r);
        ipd_lua_report_failure(lua, r);
    }
    ipd_lua_park(lua);
    ipd_lua_show_current(lua);
}
