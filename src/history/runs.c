/* runs.c - reads runs, for lists and by a user's text. See history.h. */
#include "base/text.h"
#include "history/private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads the widths; L = 0 if the text is not a list of widths. */
static void read_widths(ipd_history_run *run, const char *text)
{
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    size_t count = json_array_size(list), at = 0;
    if (count >= 2 && count <= IPD_MAX_LAYERS + 1) {
        run->L = (int)count - 1;
        for (size_t l = 0; l < count; l++) {
            run->widths[l] = (size_t)json_integer_value(json_array_get(list, l));
            if (at < sizeof run->network)
                at += (size_t)snprintf(run->network + at, sizeof run->network - at, "%s%zu",
                                       l ? "-" : "", run->widths[l]);
        }
    }
    json_decref(list);
}

void ipd_history_put_columns(FILE *to)
{
    fputs("SELECT r.pid, r.pid_started, r.widths", to);
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++)
        if (f->uses & IPD_RUN_READ)
            fprintf(to, ", %s", f->sql);
    fputs(" FROM runs r ", to);
}

void ipd_history_read_run(sqlite3_stmt *s, ipd_history_run *run)
{
    int column = 3;
    memset(run, 0, sizeof *run);
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++) {
        void *to = (char *)run + f->offset;
        if (!(f->uses & IPD_RUN_READ))
            continue;
        if (f->type == IPD_RUN_TEXT)
            ipd_history_copy_text(to, f->size, s, column);
        else if (f->type == IPD_RUN_DOUBLE)
            *(double *)to = ipd_history_number(s, column);
        else if (f->type == IPD_RUN_LONG)
            *(long *)to = (long)sqlite3_column_int64(s, column);
        else
            *(int *)to = sqlite3_column_int(s, column);
        column++;
    }
    read_widths(run, (const char *)sqlite3_column_text(s, 2));
    int process = ipd_history_process(run->host, (long)sqlite3_column_int64(s, 0),
                                      sqlite3_column_int64(s, 1));
    run->alive = process > 0;
    if (ipd_history_is_lost(run->status, process))
        strcpy(run->status, "lost");
}

/* Calls `each` for the rows of a statement that reads runs, and frees it. */
static int each_run(ipd_history *h, sqlite3_stmt *s, ipd_history_run_fn *each, void *context,
                    ipd_error *e)
{
    ipd_history_run run;
    int got;
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        ipd_history_read_run(s, &run);
        if (each(context, &run))
            break;
    }
    return ipd_history_end_query(h, s, got, e);
}

/* Prepares a SELECT of the columns of runs, followed by `rest`. */
static int prepare_runs(ipd_history *h, const char *rest, sqlite3_stmt **s, ipd_error *e)
{
    char *sql = NULL;
    size_t size;
    FILE *to = open_memstream(&sql, &size);
    if (to) {
        ipd_history_put_columns(to);
        fputs(rest, to);
    }
    int failed = !to || ipd_text_close(to, &sql)
                     ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path)
                     : ipd_history_prepare(h, sql, s, e);
    free(sql);
    return failed;
}

int ipd_history_runs(ipd_history *h, long limit, ipd_history_run_fn *each, void *context,
                     ipd_error *e)
{
    sqlite3_stmt *s;
    if (prepare_runs(h, "ORDER BY r.id DESC LIMIT ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, limit > 0 ? limit : -1);
    return each_run(h, s, each, context, e);
}

/* Runs a query for one run and frees it. none: the error if there is no row. */
static int read_one(ipd_history *h, sqlite3_stmt *s, ipd_history_run *out, const char *none,
                    ipd_error *e)
{
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW)
        ipd_history_read_run(s, out);
    if (ipd_history_end_query(h, s, got, e))
        return -1;
    return got == SQLITE_ROW ? 0 : ipd_fail(e, IPD_ESTATE, "%s: %s", h->path, none);
}

int ipd_history_next(ipd_history *h, long *next, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, "SELECT seq FROM sqlite_sequence WHERE name = 'runs'", &s, e))
        return -1;
    int got = sqlite3_step(s);
    *next = got == SQLITE_ROW ? (long)sqlite3_column_int64(s, 0) + 1 : 1;
    return ipd_history_end_query(h, s, got, e);
}

int ipd_history_find(ipd_history *h, long id, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    char none[64];
    if (prepare_runs(h, "WHERE r.id = ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    snprintf(none, sizeof none, "run %ld not found", id);
    return read_one(h, s, out, none, e);
}

/* Reads the first run in an order. */
static int first_run(ipd_history *h, const char *order, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    return prepare_runs(h, order, &s, e) ? -1 : read_one(h, s, out, "holds no runs yet", e);
}

int ipd_history_last_worked(ipd_history *h, ipd_history_run *out, ipd_error *e)
{
    return first_run(h, "ORDER BY r.updated DESC, r.id DESC LIMIT 1", out, e);
}

struct named {
    ipd_history_run *run; /* the newest of them */
    int count;
    char numbers[64]; /* numbers of the first few */
};

static int add_named(void *context, const ipd_history_run *run)
{
    struct named *n = context;
    size_t at = strlen(n->numbers);
    if (n->count++ == 0)
        *n->run = *run;
    if (n->count <= 4)
        snprintf(n->numbers + at, sizeof n->numbers - at, "%s%ld", at ? ", " : "", run->id);
    else if (n->count == 5)
        snprintf(n->numbers + at, sizeof n->numbers - at, ", ...");
    return 0;
}

/* Finds the runs with a name that begins with the text (exact: equals it), newest first. */
static int by_name(ipd_history *h, const char *text, int exact, struct named *n, ipd_error *e)
{
    sqlite3_stmt *s;
    if (prepare_runs(h,
                     exact ? "WHERE r.name = ?1 ORDER BY r.id DESC"
                           : "WHERE substr(r.name, 1, length(?1)) = ?1 ORDER BY r.id DESC",
                     &s, e))
        return -1;
    sqlite3_bind_text(s, 1, text, -1, SQLITE_STATIC);
    n->count = 0;
    *n->numbers = 0;
    return each_run(h, s, add_named, n, e);
}

int ipd_history_look_up(ipd_history *h, const char *text, ipd_history_run *out, ipd_error *e)
{
    long id;
    struct named n = {.run = out};
    if (!strcmp(text, "last"))
        return first_run(h, "ORDER BY r.id DESC LIMIT 1", out, e);
    if (!ipd_text_to_long(text, &id) && id > 0)
        return ipd_history_find(h, id, out, e);
    if (!*text)
        return ipd_fail(e, IPD_ESTATE, "name a run by its number, its name, or last");
    if (by_name(h, text, 1, &n, e))
        return -1;
    if (n.count > 1)
        return ipd_fail(e, IPD_ESTATE, "%d runs are called \"%.60s\". Name one by its number (%s)",
                        n.count, text, n.numbers);
    if (n.count == 0 && by_name(h, text, 0, &n, e))
        return -1;
    if (n.count > 1)
        return ipd_fail(e, IPD_ESTATE,
                        "the names of %d runs begin with \"%.60s\". Name one by its number (%s)",
                        n.count, text, n.numbers);
    if (n.count == 0)
        return ipd_fail(
            e, IPD_ESTATE,
            "no run is named \"%.60s\", and no name begins with it. `ipdlam runs` lists them",
            text);
    return 0;
}
