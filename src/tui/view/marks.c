#include "tui/view/marks.h"
#include "settings/schedule.h"

#include <stdio.h>
#include <string.h>

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

int ipd_mark_counts(const ipd_model *m, const ipd_log_entry *entry)
{
    if (begins(entry->text, IPD_LOG_AUDIT))
        return 0;
    char name[32];
    if (sscanf(entry->text, "set %31[a-z0-9_] = ", name) != 1 || strchr(entry->text, ','))
        return 1;
    if (!strcmp(name, "rho"))
        return strcmp(m->settings.rho_schedule, "function") != 0;
    char form[IPD_SETTING_TEXT];
    return !ipd_schedules_find(m->settings.schedule, name, form) || strcmp(form, "function");
}

int ipd_marks_of(const ipd_model *m, ipd_mark *marks)
{
    int count = 0, number = 0;

    for (size_t i = 0; i < m->log_count && m->log; i++) {
        const ipd_log_entry *entry = m->log(m->source, i);
        if (!ipd_mark_counts(m, entry))
            continue;
        if (count && marks[count - 1].iteration == entry->place.iteration) {
            marks[count - 1].last = i;
            continue;
        }
        if (count == IPD_MAX_MARKS)
            memmove(marks, marks + 1, (size_t)--count * sizeof *marks);
        ipd_mark *mark = &marks[count++];
        *mark = (ipd_mark){++number, entry->place.iteration, i, i, ""};
        snprintf(mark->name, sizeof mark->name, "%d", number);
    }
    return count;
}

void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size)
{
    size_t used = 0;

    *to = 0;
    for (size_t i = mark->first; i <= mark->last && used < size; i++) {
        const ipd_log_entry *entry = m->log(m->source, i);
        const char *text = entry->text;
        if (!ipd_mark_counts(m, entry))
            continue;
        text += begins(text, "set ") ? 4 : 0;
        used += (size_t)snprintf(to + used, size - used, "%s%s", used ? "; " : "", text);
    }
}
