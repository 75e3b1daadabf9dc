/* undo.c - undo: the values before the last changes of settings. Worker. */
#include "base/contract.h"
#include "run/time/log.h"
#include "run/time/state.h"

#include <string.h>

enum { MAX = 64 };

/* Adds the present value of a setting, or of the settings that an alias stands for, to `back`. A
 * count above IPD_MAX_CHANGES marks a change that is too large to be undone. */
static void remember(ipd_change *back, const ipd_settings *now, const ipd_setting *setting)
{
    for (int i = 0; setting->alias && setting->alias[i]; i++)
        remember(back, now, ipd_setting_find(setting->alias[i]));
    for (int i = 0; i < back->count && i < IPD_MAX_CHANGES; i++)
        if (back->items[i].setting == setting)
            return;
    if (setting->alias || back->count > IPD_MAX_CHANGES)
        return;
    if (back->count < IPD_MAX_CHANGES) {
        back->items[back->count].setting = setting;
        ipd_settings_value(now, setting, &back->items[back->count].value);
    }
    back->count++;
}

void ipd_undo_remember(ipd_run *run, const ipd_change *change)
{
    IPD_THREAD_OF(run);
    ipd_undo undo = {
        .units = run->journal.units, .place = run->method->place(run->state), .change = *change};
    ipd_settings now = run->settings;
    ipd_settings_from_parameters(&now, run->method->parameters(run->state));
    for (int i = 0; i < change->count; i++)
        remember(&undo.back, &now, change->items[i].setting);
    ipd_undo *all = run->undos.items;
    if (run->undos.count == MAX)
        memmove(all, all + 1, --run->undos.count * sizeof *all);
    ipd_list_add(&run->undos, &undo, sizeof undo);
}

void ipd_undo_cut(ipd_run *run, unsigned long units)
{
    const ipd_undo *all = run->undos.items;
    while (run->undos.count && all[run->undos.count - 1].units >= units)
        run->undos.count--;
}

int ipd_undo_pop(ipd_run *run, ipd_undo *undo, ipd_error *e)
{
    IPD_THREAD_OF(run);
    const ipd_undo *all = run->undos.items;
    if (!run->undos.count)
        return ipd_fail(e, IPD_ESTATE, "there is no change of settings to undo");
    *undo = all[--run->undos.count];
    if (undo->back.count > IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_ESTATE,
                        "the last change has too many settings to be undone. Set the old values");
    return 0;
}

static void clear(ipd_journal *log)
{
    ipd_journal_free(log);
    *log = (ipd_journal){0};
}

/* An archive has two log entries per change: the change and the values before it. */
void ipd_undo_write(const ipd_run *run, unsigned long units, ipd_archive *ar)
{
    const ipd_undo *all = run->undos.items;
    ipd_journal log = {0};
    for (size_t i = 0; i < run->undos.count && all[i].units <= units; i++) {
        log.units = all[i].units;
        if (all[i].back.count > IPD_MAX_CHANGES ||
            ipd_journal_add(&log, &all[i].place, IPD_LOG_SET, NULL, &all[i].change) ||
            ipd_journal_add(&log, &all[i].place, IPD_LOG_SET, NULL, &all[i].back))
            clear(&log); /* earlier changes cannot be undone without this one */
    }
    ipd_journal_transfer(ar, &log, "run.undo");
    ipd_journal_free(&log);
}

void ipd_undo_read(ipd_run *run, ipd_archive *ar)
{
    ipd_journal log = {0};
    if (!ipd_archive_find(ar, "run.undo.entries"))
        return; /* nothing to undo, or a file of version 1 */
    ipd_journal_transfer(ar, &log, "run.undo");
    const ipd_journal_entry *x = log.log.items;
    if (log.log.count % 2 || log.log.count > 2 * MAX)
        ipd_archive_refuse(ar, "the changes to undo in the data are invalid");
    for (size_t i = 0; i < log.log.count && !ipd_archive_result(ar, NULL); i += 2) {
        ipd_undo undo = {.units = x[i].units, .place = x[i].place};
        const char *word;
        if (ipd_journal_read(&log, i, &word, &undo.change) ||
            ipd_journal_read(&log, i + 1, &word, &undo.back))
            ipd_archive_refuse(ar, "the changes to undo in the data are invalid");
        else
            ipd_list_add(&run->undos, &undo, sizeof undo);
    }
    ipd_journal_free(&log);
}
