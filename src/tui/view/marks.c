#include "tui/view/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An entry in the log of the run on the screen (overlay -1), NULL if it does not count, or in the
 * changes of an overlay. */
static const ipd_log_entry *entry_of(const ipd_model *m, int overlay, size_t index)
{
    if (overlay >= 0)
        return (const ipd_log_entry *)m->overlays.items[overlay].changes.items + index;
    const ipd_log_entry *entry = m->log(m->source, index);
    return ipd_change_counts(&m->settings, entry) ? entry : NULL;
}

/* Finds the newest marks of a run, at most `max`. */
static int find(const ipd_model *m, int overlay, ipd_mark *marks, int max)
{
    size_t all = overlay >= 0 ? m->overlays.items[overlay].changes.count
                 : m->log     ? m->log_count
                              : 0;
    int count = 0, number = 0;

    for (size_t i = 0; i < all && max > 0; i++) {
        const ipd_log_entry *entry = entry_of(m, overlay, i);
        if (!entry)
            continue;
        if (count && marks[count - 1].iteration == entry->place.iteration) {
            marks[count - 1].last = i;
            continue;
        }
        if (count == max)
            memmove(marks, marks + 1, (size_t)--count * sizeof *marks);
        ipd_mark *mark = &marks[count++];
        *mark = (ipd_mark){overlay, entry->place.iteration, i, i, "", 0};
        if (overlay < 0)
            snprintf(mark->name, sizeof mark->name, "%d", ++number);
        else
            snprintf(mark->name, sizeof mark->name, "%c%d",
                     ipd_slot_letter(m->overlays.items[overlay].slot), ++number);
    }
    return count;
}

int ipd_marks_of(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS])
{
    return find(m, -1, marks, IPD_MAX_MARKS);
}

/* 1 if one of the marks `own` has the same iteration and changes. */
static int is_shared(const ipd_model *m, const ipd_mark *own, int count, const ipd_mark *mark)
{
    char a[512], b[512];

    for (int i = 0; i < count; i++) {
        if (own[i].iteration != mark->iteration)
            continue;
        ipd_mark_text(m, &own[i], a, sizeof a);
        ipd_mark_text(m, mark, b, sizeof b);
        return !strcmp(a, b);
    }
    return 0;
}

static int compare(const void *a, const void *b)
{
    const ipd_mark *x = a, *y = b;

    if (x->iteration != y->iteration)
        return x->iteration < y->iteration ? -1 : 1;
    return (x->overlay > y->overlay) - (x->overlay < y->overlay);
}

int ipd_marks_of_all(const ipd_model *m, ipd_mark marks[IPD_MAX_MARKS])
{
    int own = ipd_marks_of(m, marks), count = own;

    for (int k = 0; k < m->overlays.count && ipd_model_has_overlays(m); k++) {
        int more = find(m, k, marks + count, IPD_MAX_MARKS - count), kept = count;
        for (int i = count; i < count + more; i++)
            if (!is_shared(m, marks, own, &marks[i]))
                marks[kept++] = marks[i];
        count = kept;
    }
    qsort(marks, (size_t)count, sizeof *marks, compare);
    return count;
}

void ipd_mark_text(const ipd_model *m, const ipd_mark *mark, char *to, size_t size)
{
    size_t used = 0;

    *to = 0;
    for (size_t i = mark->first; i <= mark->last && used < size; i++) {
        const ipd_log_entry *entry = entry_of(m, mark->overlay, i);
        const char *text = entry ? entry->text : "";
        if (!entry)
            continue;
        text += strncmp(text, "set ", 4) ? 0 : 4;
        used += (size_t)snprintf(to + used, size - used, "%s%s", used ? "; " : "", text);
    }
}
