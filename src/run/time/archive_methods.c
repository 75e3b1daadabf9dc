/* archive_methods.c - the texts of methods from files in a run's archive. */
#include "run/time/log.h"
#include "run/time/state.h"
#include "solver/written.h"

#include <stdio.h>
#include <stdlib.h>

/* The methods that are written so far. */
typedef struct known_methods {
    const ipd_method *items[64];
    int count;
} known_methods;

/* Writes the text of a method, and the path of its file if it is known, unless the method is built
 * in or written already. */
static void write_method(ipd_archive *ar, const char *name, known_methods *known)
{
    const ipd_method *method = ipd_method_find(name);
    char path[4096];
    if (!method || !method->written || known->count == sizeof known->items / sizeof *known->items)
        return;
    for (int i = 0; i < known->count; i++)
        if (known->items[i] == method)
            return;
    known->items[known->count++] = method;
    ipd_archive_text(ar, (char *)method->written->text, SIZE_MAX, "run.method%d", known->count);
    if (ipd_method_path(method, path, sizeof path))
        ipd_archive_text(ar, path, sizeof path, "run.method_path%d", known->count);
}

void ipd_methods_write(const ipd_run *run, const ipd_journal *journal, ipd_archive *ar)
{
    known_methods known = {.count = 0};
    const char *name;
    ipd_change change;
    for (size_t i = 0; i < journal->log.count; i++)
        if (ipd_journal_read(journal, i, &name, &change) == IPD_LOG_SWITCH)
            write_method(ar, name, &known);
    write_method(ar, run->first_settings.method, &known);
    write_method(ar, run->method->name, &known);
    if (run->switching)
        write_method(ar, run->switching->method, &known);
}

int ipd_methods_read(ipd_archive *ar, ipd_error *e)
{
    char name[32], path_name[32], path[4096];
    const ipd_entry *entry;
    for (int i = 1; snprintf(name, sizeof name, "run.method%d", i),
             (entry = ipd_archive_find(ar, name)) != NULL;
         i++) {
        char *text = ipd_allocate(entry->bytes + 1, 1, e);
        if (!text)
            return -1;
        ipd_archive_text(ar, text, entry->bytes + 1, "%s", name);
        snprintf(path_name, sizeof path_name, "run.method_path%d", i);
        *path = 0;
        if (ipd_archive_find(ar, path_name))
            ipd_archive_text(ar, path, sizeof path, "%s", path_name);
        const ipd_method *method =
            ipd_archive_result(ar, e) ? NULL : ipd_method_read(text, path, e);
        free(text);
        if (!method)
            return ipd_fail_in(e, "method %d of the run", i);
    }
    return 0;
}
