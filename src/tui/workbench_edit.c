/* workbench_edit.c - edits of runs by keys: name, tags, note and removal, and their undo. */
#include "history/history.h"
#include "run/time/remove.h"
#include "tui/workbench_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_history(const ipd_workbench *w, ipd_history **h, ipd_error *e)
{
    enum { PATIENCE = 500 }; /* milliseconds, while the screen waits */

    return w->history
               ? ipd_history_open_within(h, w->history, 0, PATIENCE, e)
               : ipd_fail(e, IPD_ESTATE, "this session has no history, so its runs have no row");
}

/* Renames a run: an open run, by its number in the session, writes its name itself. */
static int rename_run(ipd_workbench *w, ipd_history *h, unsigned long number, long id,
                      const char *name, ipd_error *e)
{
    ipd_run *run = number ? ipd_lua_use_run(w->lua, number, e) : NULL;

    if (!number && !*name)
        return ipd_fail(e, IPD_EUSAGE, "a run's name cannot be empty");
    if (!number)
        return ipd_history_rename(h, id, name, e);
    ipd_ticket ticket = run ? ipd_run_rename(run, name, e) : 0;
    if (ticket)
        ipd_run_forget(run, ticket);
    return ticket ? 0 : -1;
}

/* Makes one edit; *old gets the edit that takes it back. */
static int edit(ipd_workbench *w, ipd_history *h, ipd_run_edit what, unsigned long number, long id,
                const char *text, ipd_edit_undo *old, ipd_error *e)
{
    static ipd_history_run run;
    const char *before = "";

    *old = (ipd_edit_undo){.what = what, .number = number, .id = id};
    if (ipd_history_find(h, id, &run, e))
        return -1;
    if (what == IPD_EDIT_REMOVE) {
        if (*text && (number || ipd_history_is_open(&run)))
            return ipd_fail(e, IPD_ESTATE, "run %ld is open. End it first: run:close()", id);
        if (ipd_run_list_remove(&w->model.runs, id, *text))
            return ipd_fail(e, IPD_EMEMORY, "out of memory");
        ipd_run_list_arrange(&w->model.runs);
        return 0;
    }
    int whole = ipd_history_holds(h, &run, e);
    if (whole < 1)
        return whole ? -1
                     : ipd_fail(e, IPD_ESTATE,
                                "the texts of run %ld are too long to edit in a line. Use ipdlam "
                                "runs note, ipdlam runs tag or run:note(text)",
                                id);
    before = what == IPD_EDIT_NAME ? run.name : what == IPD_EDIT_TAGS ? run.tags : run.note;
    snprintf(old->text, sizeof old->text, "%s", before);
    return what == IPD_EDIT_NAME   ? rename_run(w, h, number, id, text, e)
           : what == IPD_EDIT_TAGS ? ipd_history_set_tags(h, id, text, e)
                                   : ipd_history_note(h, id, text, e);
}

/* The number of a run in the session; 0 if the run has been closed. */
static unsigned long open_number(ipd_workbench *w, unsigned long number)
{
    size_t count;
    const ipd_lua_listed *runs = ipd_lua_list(w->lua, &count);

    for (size_t i = 0; i < count; i++)
        if (runs[i].number == number)
            return number;
    return 0;
}

static void say(ipd_workbench *w, ipd_run_edit what, long id, int undone)
{
    static const char *const names[] = {"the name", "the tags", "the note"};
    char text[128];

    if (what != IPD_EDIT_REMOVE)
        snprintf(text, sizeof text, "run %ld: %s %s%s", id, names[what],
                 what == IPD_EDIT_TAGS ? "are " : "is ", undone ? "as before" : "changed");
    else if (undone)
        snprintf(text, sizeof text, "run %ld will not be removed", id);
    else
        snprintf(text, sizeof text,
                 "run %ld will be removed when the workbench ends. u in the table of runs keeps it",
                 id);
    ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
}

int ipd_workbench_edit(void *context, ipd_run_edit what, const ipd_run_row *row, const char *text,
                       ipd_error *e)
{
    ipd_workbench *w = context;
    ipd_edit_undo old, *last = w->undo_count ? &w->undo[w->undo_count - 1] : NULL;
    int undo = what == IPD_EDIT_UNDO;
    ipd_history *h;

    w->dirty = 1;
    if (undo && !last)
        return ipd_fail(e, IPD_ESTATE, "no edit of a run to take back");
    if (!undo && !row->id)
        return ipd_fail(e, IPD_ESTATE,
                        "this run enters the history with its first block. Train it first: %s",
                        ipd_key_or(IPD_ACT_BLOCK, "run:step_block()"));
    if (open_history(w, &h, e))
        return -1;
    int failed =
        undo ? edit(w, h, last->what, open_number(w, last->number), last->id, last->text, &old, e)
             : edit(w, h, what, row->number, row->id, text, &old, e);
    ipd_history_close(h);
    if (undo && (!failed || e->code == IPD_ESTATE))
        w->undo_count--;
    if (failed)
        return -1;
    if (!undo && w->undo_count == IPD_MAX_UNDO)
        memmove(w->undo, w->undo + 1, sizeof *w->undo * (size_t)--w->undo_count);
    if (!undo)
        w->undo[w->undo_count++] = old;
    say(w, old.what, old.id, undo);
    w->model.runs.stale = 1;
    return 0;
}

static void warn(const char *why)
{
    fprintf(stderr, "ipdlam: warning: %s\n", why);
}

void ipd_workbench_remove_runs(ipd_workbench *w)
{
    static ipd_history_run run;
    const ipd_list *ids = &w->model.runs.removed;
    ipd_removed removed = {0};
    ipd_history *h;
    ipd_error e;

    if (!ids->count)
        return;
    int failed = ipd_history_open(&h, w->history, 0, &e);
    for (size_t i = 0; i < ids->count && !failed; i++) {
        long id = ((const long *)ids->items)[i];
        if (ipd_history_find(h, id, &run, &e))
            continue; /* another process has removed it */
        if (ipd_history_is_open(&run))
            fprintf(stderr, "ipdlam: warning: run %ld is open again and was not removed\n", id);
        else
            failed = ipd_remove_run(h, id, &removed, warn, &e);
    }
    if (failed)
        warn(e.text);
    if (h)
        ipd_history_compact(h);
    ipd_history_close(h);
    if (removed.runs)
        fprintf(stderr, "%ld run%s removed\n", removed.runs, removed.runs == 1 ? "" : "s");
}
