/* workbench_runs.c - runs other than the one on the screen: overlays and the table of runs. */
#include "tui/model/changes.h"
#include "tui/workbench_private.h"

#include <stdio.h>
#include <string.h>

/* Adds an overlay, or without curves removes all of them. `before` is as in ipd_overlay. */
static int show_beside(ipd_workbench *w, const ipd_lua_curves *curves, int before, int difference,
                       ipd_error *e)
{
    ipd_overlays *all = &w->model.overlays;

    w->dirty = 1;
    w->model.chart.without_overlays = 0;
    if (!curves) {
        ipd_overlays_clear(all, 1);
        w->model.chart.difference = 0;
        return 0;
    }
    if (difference) { /* compare with this run only; pinned runs stay */
        ipd_overlays_clear(all, 0);
        w->model.chart.difference = 1;
    }
    ipd_overlay of = {.id = curves->id, .number = curves->number, .before = before};
    if (before == 1)
        ipd_overlay_name_before(of.name, curves->name);
    else
        snprintf(of.name, sizeof of.name, "%s", curves->name);
    ipd_overlay *o = ipd_overlay_add(all, &of);
    if (!o)
        return ipd_fail(e, IPD_EMEMORY, "out of memory for the curves of %s", curves->name);
    int old = !curves->number && w->history, failed = 0;
    if (!curves->records) {
        o->history = w->history;
        failed = ipd_overlay_read(o, (const char *const[]){NULL});
        *e = o->failed;
    } else if (ipd_columns_follow(&o->columns, &o->records, curves->records)) {
        failed = ipd_fail(e, IPD_EMEMORY, "out of memory for the records of %s", curves->name);
    }
    failed = failed || (old && ipd_changes_read(o, w->history, e));
    if (failed)
        ipd_overlay_remove(all, o);
    return failed ? -1 : 0;
}

/* Draws a path that the run has left, faint. */
static int show_left(ipd_workbench *w, const ipd_lua_curves *curves, int before, ipd_error *e)
{
    ipd_overlay of = {.id = curves->id, .number = curves->number, .before = before};
    ipd_overlay *o = ipd_overlay_add(&w->model.left_paths, &of);

    w->dirty = 1;
    return o && !ipd_columns_follow(&o->columns, &o->records, curves->records)
               ? 0
               : ipd_fail(e, IPD_EMEMORY, "out of memory for the records of %s", curves->name);
}

int ipd_workbench_overlay(void *workbench, const ipd_lua_curves *curves, int difference,
                          ipd_error *e)
{
    ipd_workbench *w = workbench;
    int before = curves && curves->path ? 1 + (int)curves->path : 0;

    if (curves && curves->faint)
        return show_left(w, curves, before, e);
    if (!curves)
        ipd_overlays_clear(&w->model.left_paths, 1);

    return show_beside(w, curves, before, difference, e);
}

/* 1 if the overlay's records begin with these, so that what follows is drawn already. */
static int goes_on(const ipd_overlay *o, const ipd_lua_curves *curves)
{
    size_t count = curves->records->count;
    return o->records.count >= count &&
           ipd_records_number(&o->records, "seconds", count - 1) ==
               ipd_records_number(curves->records, "seconds", count - 1);
}

void ipd_workbench_rewinding(void *workbench, const ipd_lua_curves *curves, long iteration)
{
    ipd_workbench *w = workbench;
    ipd_overlays *all = &w->model.overlays;
    ipd_error e;

    if (curves->number != ipd_lua_current_number(w->lua) ||
        iteration >= (long)curves->records->count)
        return;
    for (int i = 0; i < all->count; i++)
        if (all->items[i].before && all->items[i].number == curves->number &&
            goes_on(&all->items[i], curves))
            return;
    if (!all->count)
        w->model.chart.difference = 1;
    const ipd_run *run = ipd_lua_current_run(w->lua);
    if (show_beside(w, curves, 1, 0, &e)) {
        w->dirty = 1; /* out of memory: the curve is not kept */
    } else if (run) {
        w->rewinding = curves->number;
        w->rewinds = ipd_run_rewinds(run);
    }
}

/* The runs of the session, newest first. */
typedef struct session {
    const ipd_lua_listed *runs;
    size_t count;
} session;

static const ipd_lua_listed *find(const session *s, unsigned long number)
{
    for (size_t i = 0; i < s->count && number; i++)
        if (s->runs[i].number == number)
            return &s->runs[i];
    return NULL;
}

const ipd_lua_card *ipd_workbench_card(const ipd_lua_listed *listed, ipd_lua_card *filled)
{
    if (listed->card)
        return listed->card;
    ipd_lua_fill_card(filled, listed->run);
    return filled;
}

ipd_lua_curves ipd_workbench_curves(const ipd_run *run, unsigned long number)
{
    ipd_lua_curves curves = {
        .id = ipd_run_id(run), .number = number, .records = ipd_run_records(run)};

    snprintf(curves.name, sizeof curves.name, "%s", ipd_run_name(run));
    return curves;
}

/* Adds an overlay of a run of the session. */
static void add_run(ipd_workbench *w, unsigned long number, int difference)
{
    ipd_error e;
    ipd_run *run = ipd_lua_use_run(w->lua, number, &e);
    ipd_lua_curves curves = run ? ipd_workbench_curves(run, number) : (ipd_lua_curves){0};

    if (!run || ipd_workbench_overlay(w, &curves, difference, &e))
        ipd_workbench_say_error(w, &e);
}

/* Adds an overlay of the run that leaves the screen if it is pinned. */
static void keep_pinned(ipd_workbench *w, unsigned long number)
{
    const ipd_overlays *o = &w->model.overlays;
    const ipd_pin *pin = number ? ipd_pin_find(o, number, 0) : NULL;

    if (pin && !ipd_overlay_find(o, number, pin->id))
        add_run(w, number, 0);
}

/* Returns 1 if another run is on the screen now. If that run was an overlay, the previous run
 * becomes one in its place. */
static int change_places(ipd_workbench *w, const session *s, unsigned long shown)
{
    unsigned long before = find(s, w->shown) ? w->shown : 0;
    ipd_overlay *beside;

    if (w->shown == shown)
        return 0;
    w->shown = shown;
    w->dirty = 1;
    if (shown)
        ipd_overlays_show(&w->model.overlays, shown, 0);
    keep_pinned(w, before);
    if (shown && (beside = ipd_overlay_find(&w->model.overlays, shown, 0))) {
        ipd_overlay_remove(&w->model.overlays, beside);
        if (before)
            add_run(w, before, !w->model.overlays.count && w->model.chart.difference);
    }
    return 1;
}

/* 1 if `run` is the parent. Names repeat in every session, ids of the history do not; without a
 * history there are only names. */
static int is_from(const ipd_parent *parent, const ipd_lua_card *run)
{
    return parent->id ? parent->id == run->id : strcmp(parent->name, run->name) == 0;
}

/* Finds the newest branch whose parent is in the session, with one of the two on the screen. Writes
 * the indices of both; returns 0 if there is none. */
static int find_pair(const session *s, unsigned long shown, size_t *branch, size_t *from)
{
    ipd_lua_card one, other;

    for (size_t i = 0; i < s->count && shown; i++) {
        const ipd_parent *parent = &ipd_workbench_card(&s->runs[i], &one)->parent;
        for (size_t k = 0; k < s->count && parent->iteration >= 0; k++)
            if (i != k && (s->runs[i].number == shown || s->runs[k].number == shown) &&
                is_from(parent, ipd_workbench_card(&s->runs[k], &other))) {
                *branch = i;
                *from = k;
                return 1;
            }
    }
    return 0;
}

/* Draws a branch and its parent together, but only once: the user may remove the overlay. */
static void compare_branch(ipd_workbench *w, const session *s, unsigned long shown)
{
    size_t i, k;

    if (!find_pair(s, shown, &i, &k))
        return;
    unsigned long branch = s->runs[i].number, from = s->runs[k].number;
    if (w->compared[0] == branch && w->compared[1] == from)
        return;
    w->compared[0] = branch;
    w->compared[1] = from;
    add_run(w, branch == shown ? from : branch, 1);
}

/* 1 if the run has left the overlay's path and is on it again. */
static int is_entered(ipd_overlay *o, const ipd_lua_listed *listed)
{
    size_t n = o->records.count;
    if (!n || !listed || !listed->run)
        return 0;
    int same = ipd_run_record_count(listed->run) >= n &&
               ipd_records_number(ipd_run_records(listed->run), "seconds", n - 1) ==
                   ipd_records_number(&o->records, "seconds", n - 1);
    o->left |= !same;
    return same && o->left;
}

/* Removes the curve of a rewind that was cancelled. */
static void drop_cancelled(ipd_workbench *w, const session *s)
{
    ipd_overlays *all = &w->model.overlays;
    const ipd_lua_listed *listed = find(s, w->rewinding);
    const ipd_run *run = listed ? listed->run : NULL;

    if (!w->rewinding || w->activity != IPD_LUA_IDLE || ipd_stepping_busy(&w->stepping) ||
        (run && ipd_run_get_status(run) == IPD_RUNNING))
        return;
    for (int i = all->count - 1; run && ipd_run_rewinds(run) == w->rewinds && i >= 0; i--)
        if (all->items[i].before == 1 && all->items[i].number == w->rewinding) {
            ipd_overlay_remove(all, &all->items[i]);
            w->dirty = 1;
        }
    w->rewinding = 0;
}

/* 1 if any run of the session has advanced since the last check. */
static int has_news(ipd_workbench *w, const session *s)
{
    unsigned long seen = s->count;

    for (size_t i = 0; i < s->count; i++) {
        const ipd_run *run = s->runs[i].run;
        seen = 31 * seen + (run ? 8 * ipd_run_record_count(run) + ipd_run_get_status(run) : 7);
    }
    if (seen == w->session_seen)
        return 0;
    w->session_seen = seen;
    return 1;
}

void ipd_workbench_runs_update(ipd_workbench *w)
{
    ipd_run_list *list = &w->model.runs;
    ipd_overlays *overlays = &w->model.overlays;
    unsigned long shown = ipd_lua_current_number(w->lua);
    session s;

    s.runs = ipd_lua_list(w->lua, &s.count);
    unsigned long newest = s.count ? s.runs[0].number : 0;
    int is_new = newest != w->newest;
    w->newest = newest;
    if (change_places(w, &s, shown) || is_new) {
        s.runs = ipd_lua_list(w->lua, &s.count); /* a parked run may have been opened */
        compare_branch(w, &s, shown);
        s.runs = ipd_lua_list(w->lua, &s.count);
    }
    drop_cancelled(w, &s);
    for (int i = overlays->count - 1; i >= 0; i--) {
        ipd_overlay *o = &overlays->items[i];
        if (o->before && is_entered(o, find(&s, o->number)))
            ipd_overlay_remove(overlays, o);
    }
    for (int i = w->model.left_paths.count - 1; i >= 0; i--) {
        ipd_overlay *o = &w->model.left_paths.items[i];
        if (o->number != shown || is_entered(o, find(&s, o->number)))
            ipd_overlay_remove(&w->model.left_paths, o);
    }
    for (int i = 0; i < overlays->count; i++) {
        ipd_overlay *o = &overlays->items[i];
        const ipd_lua_listed *listed = o->before ? NULL : find(&s, o->number);
        if (!listed || !listed->run)
            continue;
        ipd_overlay_follow(o, listed->run);
        ipd_changes_follow(o, listed->run);
    }
    if ((list->wanted || overlays->count) && has_news(w, &s))
        w->news = 1;
    if (list->wanted)
        ipd_run_list_update(list, w->history, s.runs, s.count, shown);
}

void ipd_workbench_before_frame(ipd_workbench *w)
{
    w->model.probe_wanted = w->model.watch_wanted = 0;
    w->runs_were_wanted = w->model.runs.wanted;
    w->model.runs.wanted = 0;
}

void ipd_workbench_after_frame(ipd_workbench *w)
{
    for (int i = 0; i < w->model.overlays.count; i++) {
        ipd_error *e = &w->model.overlays.items[i].failed;
        if (e->code != IPD_OK)
            ipd_workbench_say_error(w, e);
        e->code = IPD_OK;
    }
    ipd_model_probe(&w->model, ipd_lua_current_run(w->lua));
    if (w->model.runs.wanted && !w->runs_were_wanted) {
        w->model.runs.stale = 1;
        ipd_workbench_runs_update(w);
        w->dirty = 1;
    }
}
