/* undo.c - how to take the last changes of settings back. Worker. */
#include "run/time/state.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, LINE = 4096 };

/* The value that is in force of a setting, or of what it stands for. */
static void remember(ipd_change *back, const ipd_settings *now, const ipd_setting *setting)
{
    char value[IPD_SETTING_TEXT];
    ipd_error e;
    for (int i = 0; setting->alias && setting->alias[i]; i++)
        remember(back, now, ipd_setting_find(setting->alias[i]));
    for (int i = 0; i < back->count && i < IPD_MAX_CHANGES; i++)
        if (back->items[i].setting == setting)
            return;
    if (setting->alias || back->count > IPD_MAX_CHANGES)
        return;
    ipd_settings_get(now, setting, value, sizeof value);
    if (ipd_change_add(back, setting->name, value, &e))
        back->count = IPD_MAX_CHANGES + 1; /* too much to be taken back at once */
}

void ipd_undo_remember(ipd_run *run, const ipd_change *change)
{
    ipd_undo undo = {
        .units = run->journal.units, .place = run->method->place(run->state), .change = *change};
    ipd_settings now = run->settings;
    ipd_settings_from_parameters(&now, run->method->parameters(run->state));
    for (int i = 0; i < change->count; i++)
        remember(&undo.back, &now, change->items[i].setting);
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
        return ipd_fail(e, IPD_ESTATE, "there is no change of settings to undo");
    *undo = all[--run->undos.count];
    if (undo->back.count > IPD_MAX_CHANGES)
        return ipd_fail(e, IPD_ESTATE,
                        "the last change is too large to be undone at once. Set the values again");
    return 0;
}

/* "set delta = 0.3" and the end of the line; 0 where it would not be read as it was written. */
static int write_line(const ipd_change *change, char *to)
{
    char text[LINE], method[16];
    ipd_change again;
    ipd_error e;
    ipd_change_text(change, text, sizeof text);
    int length = snprintf(to, LINE, "set %s", text);
    if (change->count > IPD_MAX_CHANGES || length >= LINE - 1 || strchr(to, '\n') ||
        ipd_log_parse(to, method, &again, &e) != IPD_LOG_SET || again.count != change->count)
        return 0;
    strcpy(to + length, "\n");
    return 1;
}

static int read_line(const char **text, ipd_change *change)
{
    char line[LINE], method[16];
    size_t length = strcspn(*text, "\n");
    ipd_error e;
    if (length >= LINE || !(*text)[length])
        return -1;
    memcpy(line, *text, length);
    line[length] = 0;
    *text += length + 1;
    return ipd_log_parse(line, method, change, &e) == IPD_LOG_SET ? 0 : -1;
}

void ipd_undo_write(const ipd_run *run, unsigned long units, ipd_archive *ar)
{
    const ipd_undo *all = run->undos.items;
    int64_t places[2 * MOST];
    ipd_error e;
    int count = 0;
    char *text = ipd_allocate(2 * MOST, LINE, &e), *end = text;
    if (!text)
        return; /* nothing but the convenience is lost */
    for (size_t i = 0; i < run->undos.count && all[i].units <= units; i++) {
        char change[LINE], back[LINE];
        if (!write_line(&all[i].change, change) || !write_line(&all[i].back, back)) {
            count = 0; /* what came before it cannot be taken back without it */
            end = text;
            continue;
        }
        places[2 * count] = (int64_t)all[i].units;
        places[2 * count++ + 1] = all[i].place.iteration;
        end = stpcpy(stpcpy(end, change), back);
    }
    *end = 0;
    if (count) {
        ipd_archive_ints(ar, places, (size_t)(2 * count), 0, INT_MAX, "run.undo.places");
        ipd_archive_text(ar, text, 2 * MOST * LINE, "run.undo.text");
    }
    free(text);
}

void ipd_undo_read(ipd_run *run, ipd_archive *ar)
{
    const ipd_entry *entry = ipd_archive_find(ar, "run.undo.places");
    size_t count = entry ? entry->bytes / sizeof(int64_t) / 2 : 0;
    int64_t places[2 * MOST];
    ipd_error e;
    if (!count)
        return; /* also a file of 0.1.0 */
    char *text = count <= MOST ? ipd_allocate(2 * MOST, LINE, &e) : NULL;
    if (!text) {
        ipd_archive_refuse(ar, "the data have %zu changes to undo", count);
        return;
    }
    const char *line = text;
    ipd_archive_ints(ar, places, 2 * count, 0, INT_MAX, "run.undo.places");
    ipd_archive_text(ar, text, 2 * MOST * LINE, "run.undo.text");
    for (size_t i = 0; i < count && !ipd_archive_result(ar, NULL); i++) {
        ipd_undo undo = {.units = (unsigned long)places[2 * i],
                         .place = {.iteration = (int)places[2 * i + 1]}};
        if (read_line(&line, &undo.change) || read_line(&line, &undo.back))
            ipd_archive_refuse(ar, "the changes to undo in the data are invalid");
        else
            ipd_list_add(&run->undos, &undo, sizeof undo);
    }
    free(text);
}
