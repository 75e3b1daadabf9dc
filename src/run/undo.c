/* undo.c - how to take the last changes of settings back. Worker. */
#include "run/run_private.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

/* The value that is in force of what `name` stands for. */
static void remember(ipd_change *back, const ipd_settings *now, const char *name)
{
    char value[600];
    ipd_error e;
    for (int i = 0; i < back->count; i++)
        if (!strcmp(back->items[i].name, name))
            return;
    ipd_settings_get(now, ipd_setting_find(name), value, sizeof value);
    if (ipd_change_add(back, name, value, &e))
        back->count = IPD_MAX_CHANGES + 1; /* too much to be taken back at once */
}

void ipd_undo_remember(ipd_run *run, const ipd_change *change)
{
    static const char *const inertia[] = {"alpha", "beta", "gamma", NULL};
    ipd_undo undo = {
        .units = run->story.units, .place = run->method->place(run->state), .change = *change};
    ipd_settings now = run->settings;
    ipd_settings_from_parameters(&now, run->method->parameters(run->state));
    for (int i = 0; i < change->count && undo.back.count <= IPD_MAX_CHANGES; i++) {
        int all = !strcmp(change->items[i].name, "inertia");
        for (int k = 0; all && inertia[k] && undo.back.count <= IPD_MAX_CHANGES; k++)
            remember(&undo.back, &now, inertia[k]);
        if (!all)
            remember(&undo.back, &now, change->items[i].name);
    }
    ipd_undo *all = run->undos.items;
    if (run->undos.count == MOST)
        memmove(all, all + 1, --run->undos.count * sizeof *all);
    ipd_list_add(&run->undos, &undo, sizeof undo);
}

void ipd_undo_cut(ipd_run *run, unsigned long units)
{
    const ipd_undo *all = run->undos.items;
    while (run->undos.count && all[run->undos.count - 1].units >= units)
        run->undos.count--;
}

int ipd_undo_take(ipd_run *run, ipd_undo *undo, ipd_error *e)
{
    const ipd_undo *all = run->undos.items;
    if (!run->undos.count)
        return ipd_fail(e, IPD_ESTATE, "there is no change of settings to take back");
    *undo = all[--run->undos.count];
    if (undo->back.count > IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_ESTATE,
                        "the last change is too large to be taken back at once: set it anew");
    return 0;
}
