/* log_old.c - reads the log in checkpoints of version 1, which is text. */
#include "run/time/log.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Adds an entry. from: units, and the columns of a place. */
static int add(ipd_journal *j, const int64_t *from, const char *line, ipd_error *e)
{
    ipd_place place;
    char method[IPD_METHOD_NAME];
    ipd_change change;
    int kind = ipd_log_parse(line, method, &change, e);
    if (kind < 0)
        return -1;
    if (ipd_journal_place(from + 1, &place) || (unsigned long)from[0] < j->units)
        return ipd_fail(e, IPD_EFORMAT, "the log in the data names invalid places");
    j->units = (unsigned long)from[0];
    const char *word = kind == IPD_LOG_SET ? NULL : kind == IPD_LOG_SWITCH ? method : line;
    return ipd_journal_add(j, &place, (ipd_log_kind)kind, word,
                           kind == IPD_LOG_OTHER ? NULL : &change)
               ? ipd_fail(e, IPD_EMEMORY, "out of memory for the log")
               : 0;
}

void ipd_journal_read_old(ipd_archive *ar, ipd_journal *j, int entries)
{
    ipd_list places = {0}, text = {0};
    const ipd_entry *lines = ipd_archive_find(ar, "run.log.text");
    ipd_error e;
    if (ipd_archive_list(ar, &places, (size_t)entries * IPD_OLD_PLACE, sizeof(int64_t)) ||
        ipd_archive_list(ar, &text, lines ? lines->bytes : 0, 1)) {
        free(places.items);
        return;
    }
    ipd_archive_ints(ar, places.items, places.count, 0, INT_MAX, "run.log.places");
    ipd_archive_text(ar, text.items, text.count + 1, "run.log.text");
    char *line = text.items;
    unsigned long units = j->units;
    j->units = 0;
    for (int i = 0; i < entries && !ipd_archive_result(ar, NULL); i++) {
        char *end = strchr(line, '\n');
        if (!end) {
            ipd_archive_refuse(ar, "the log in the data has fewer lines than entries");
            break;
        }
        *end = 0;
        if (add(j, (const int64_t *)places.items + (size_t)i * IPD_OLD_PLACE, line, &e))
            ipd_archive_refuse(ar, "%s", e.text);
        line = end + 1;
    }
    j->units = units;
    free(places.items);
    free(text.items);
}
