/* workbench_watch.c - the watch expressions, which Lua evaluates when it is idle. */
#include "tui/workbench_private.h"

#include <stdlib.h>
#include <string.h>

/* 1 if the run has moved or its settings have changed since Lua evaluated the expressions. */
static int has_moved(const ipd_workbench *w)
{
    const ipd_model *m = &w->model;

    return m->records.count != w->watched_records || m->log_count != w->watched_log ||
           memcmp(&m->place, &w->watched, sizeof w->watched) != 0;
}

void ipd_workbench_watch(ipd_workbench *w)
{
    ipd_model *m = &w->model;
    ipd_error e;

    if (w->activity != IPD_LUA_IDLE || !m->watch_wanted || !m->has_run ||
        m->status == IPD_RUNNING || ipd_stepping_busy(&w->stepping) ||
        (!w->watch_stale && !has_moved(w)))
        return;
    if (ipd_lua_submit(w->lua, "require('ipdlam').watch() return", "=watch", &e))
        return;
    w->watch_stale = 0;
    w->watched = m->place;
    w->watched_records = m->records.count;
    w->watched_log = m->log_count;
    w->activity = IPD_LUA_BUSY;
}

void ipd_workbench_watched(void *workbench, const char *text, int show)
{
    ipd_workbench *w = workbench;
    char *copy = strdup(text);

    if (copy) {
        free(w->model.watches);
        w->model.watches = copy;
    }
    if (show && !w->model.watch_wanted)
        ipd_workbench_show(w, &ipd_view_watch);
    w->dirty = 1;
}
