/* workbench_runs.c - other runs than the one on the screen: overlays, and the table of runs. */
#include "tui/workbench_private.h"

#include <stdio.h>
#include <string.h>

enum { MOST_LIVING = 256 };

int ipd_workbench_overlay(void *workbench, const ipd_lua_curves *curves, int difference,
                          ipd_error *e)
{
    ipd_workbench *w = workbench;
    ipd_overlays *all = &w->model.overlays;

    w->dirty = 1;
    w->model.chart.without_overlays = 0;
    if (!curves) {
        ipd_overlays_clear(all);
        w->model.chart.difference = 0;
        return 0;
    }
    if (difference) { /* with and without: these two alone */
        ipd_overlays_clear(all);
        w->model.chart.difference = 1;
    }
    ipd_overlay *o = ipd_overlay_add(all, curves->name);
    if (!o)
        return ipd_fail(e, IPD_EUSAGE,
                        "%d runs are shown beside this one already: ip.overlay() takes them away",
                        IPD_MAX_OVERLAYS);
    o->id = curves->id;
    o->run = curves->run;
    for (size_t i = 0; i < curves->count; i++)
        if (ipd_overlay_record(o, &curves->records[i]))
            return ipd_fail(e, IPD_EMEMORY, "out of memory for the records of %s", curves->name);
    return 0;
}

/* Whether an overlay goes on where these records end: it is their future already. */
static int goes_on(const ipd_overlay *o, const ipd_lua_curves *curves)
{
    return o->count >= curves->count &&
           o->records[curves->count - 1].seconds == curves->records[curves->count - 1].seconds;
}

void ipd_workbench_rewinding(void *workbench, const ipd_lua_curves *curves, long iteration)
{
    ipd_workbench *w = workbench;
    ipd_overlays *all = &w->model.overlays;
    ipd_lua_curves before = *curves;
    ipd_error e;

    if (curves->run != ipd_lua_current_run(w->lua) || iteration >= (long)curves->count)
        return;
    snprintf(before.name, sizeof before.name, "%.50s before", curves->name);
    before.run = NULL; /* nobody goes on with them */
    for (int i = 0; i < all->count; i++)
        if (!strcmp(all->items[i].name, before.name) && goes_on(&all->items[i], curves))
            return;
    if (!all->count)
        w->model.chart.difference = 1;
    if (ipd_workbench_overlay(w, &before, 0, &e))
        w->dirty = 1; /* four are there already: these stay away */
}

static void add_living(ipd_workbench *w, ipd_run *run, int difference)
{
    size_t count = ipd_run_record_count(run);
    ipd_lua_curves curves = {.id = ipd_run_id(run),
                             .run = run,
                             .records = count ? ipd_run_record(run, 0) : NULL,
                             .count = count};
    ipd_error e;

    snprintf(curves.name, sizeof curves.name, "%s", ipd_run_name(run));
    if (ipd_workbench_overlay(w, &curves, difference, &e))
        ipd_workbench_say_error(w, &e);
}

/* Another run is on the screen now: where it was beside the one before, they change places. */
static void change_places(ipd_workbench *w, ipd_run *const *living, int count, ipd_run *shown)
{
    const char *name = shown ? ipd_run_name(shown) : "";
    ipd_run *before = NULL;

    if (!strcmp(w->shown, name))
        return;
    for (int i = 0; i < count; i++)
        if (*w->shown && !strcmp(ipd_run_name(living[i]), w->shown))
            before = living[i];
    if (ipd_overlay_remove(&w->model.overlays, name) && before)
        add_living(w, before, !w->model.overlays.count && w->model.chart.difference);
    snprintf(w->shown, sizeof w->shown, "%s", name);
    w->dirty = 1;
}

/* Names come again in every session, numbers of the history do not; without a history there are only names. */
static int is_from(const ipd_parent *parent, const ipd_run *run)
{
    return parent->id ? parent->id == ipd_run_id(run)
                      : strcmp(parent->name, ipd_run_name(run)) == 0;
}

/* A branch and the run that it comes from, one of which is on the screen, are drawn beside each other: with and
 * without. Once; who takes the other one away does not want it. */
static void compare_branch(ipd_workbench *w, ipd_run *const *living, int count, ipd_run *shown)
{
    for (int i = 0; i < count && shown; i++) {
        const ipd_parent *parent = ipd_run_parent(living[i]);
        for (int k = 0; k < count && parent; k++) {
            const char *branch = ipd_run_name(living[i]), *from = ipd_run_name(living[k]);
            if (i == k || !is_from(parent, living[k]) ||
                (living[i] != shown && living[k] != shown) ||
                (!strcmp(w->compared[0], branch) && !strcmp(w->compared[1], from)))
                continue;
            snprintf(w->compared[0], sizeof w->compared[0], "%s", branch);
            snprintf(w->compared[1], sizeof w->compared[1], "%s", from);
            add_living(w, living[i] == shown ? living[k] : living[i], 1);
            return;
        }
    }
}

void ipd_workbench_runs_update(ipd_workbench *w)
{
    ipd_run *living[MOST_LIVING];
    ipd_run_list *list = &w->model.runs;

    ipd_run *shown = ipd_lua_current_run(w->lua);
    int count = ipd_lua_living_runs(w->lua, living, MOST_LIVING);

    change_places(w, living, count, shown);
    compare_branch(w, living, count, shown);
    ipd_overlays_follow(&w->model.overlays, living, count);
    if (list->wanted)
        ipd_run_list_update(list, w->history, living, count, shown);
}

void ipd_workbench_before_frame(ipd_workbench *w)
{
    w->model.look_wanted = 0;
    w->runs_were_wanted = w->model.runs.wanted;
    w->model.runs.wanted = 0;
}

void ipd_workbench_after_frame(ipd_workbench *w)
{
    ipd_model_look(&w->model, ipd_lua_current_run(w->lua));
    if (w->model.runs.wanted && !w->runs_were_wanted) {
        w->model.runs.stale = 1;
        ipd_workbench_runs_update(w);
        w->dirty = 1;
    }
}
