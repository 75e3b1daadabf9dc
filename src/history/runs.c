/* runs.c - runs for lists, and one by what people write. See history.h. */
#include "base/text.h"
#include "history/private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The widths, or L = 0 where the text is not a list of them. */
static void read_widths(ipd_history_run *run, const char *text)
{
    json_t *list = text ? json_loads(text, 0, NULL) : NULL;
    size_t count = json_array_size(list);
    if (count >= 2 && count <= IPD_MAX_LAYERS + 1) {
        run->L = (int)count - 1;
        for (size_t l = 0; l < count; l++)
            run->widths[l] = (size_t)json_integer_value(json_array_get(list, l));
    }
    json_decref(list);
}

static void read_machine(sqlite3_stmt *s, int at, ipd_history_run *run)
{
    ipd_history_copy_text(run->version, sizeof run->version, s, at++);
    ipd_history_copy_text(run->openblas, sizeof run->openblas, s, at++);
    ipd_history_copy_text(run->kernel, sizeof run->kernel, s, at++);
    ipd_history_copy_text(run->processor, sizeof run->processor, s, at++);
    run->processors = sqlite3_column_int(s, at++);
    run->threads = sqlite3_column_int(s, at++);
    run->memory = sqlite3_column_double(s, at++);
}

static void read_figures(sqlite3_stmt *s, int at, ipd_history_run *run)
{
    run->iteration = sqlite3_column_int(s, at++);
    run->records = (long)sqlite3_column_int64(s, at++);
    run->seconds = sqlite3_column_double(s, at++);
    run->phi = ipd_history_number(s, at++);
    run->forward_loss = ipd_history_number(s, at++);
    run->train_accuracy = ipd_history_number(s, at++);
    run->test_accuracy = ipd_history_number(s, at++);
    run->best_test_accuracy = ipd_history_number(s, at++);
    run->best_iteration = sqlite3_column_int(s, at++);
    ipd_history_copy_text(run->identity, sizeof run->identity, s, at++);
    run->goal = (long)sqlite3_column_int64(s, at++);
}

const char ipd_history_run_columns[] =
    "SELECT r.id, r.name, r.started, r.updated, r.status, r.host, r.pid, r.pid_started,"
    " r.parent, r.parent_name, r.parent_iteration, r.dataset, r.dataset_source,"
    " r.dataset_checksum, r.train_samples, r.test_samples, r.validation, r.widths, r.seed, "
    "r.settings,"
    " (SELECT group_concat(tag, ',') FROM (SELECT tag FROM tags WHERE run = r.id ORDER BY tag)),"
    " r.note, r.version, r.openblas, r.kernel, r.processor, r.processors, r.threads, r.memory,"
    " r.iteration, r.records, r.seconds, r.phi, r.forward_loss, r.train_accuracy,"
    " r.test_accuracy, r.best_test_accuracy, r.best_iteration, r.identity, r.goal FROM runs r ";

void ipd_history_read_run(sqlite3_stmt *s, ipd_history_run *run)
{
    int at = 0;
    memset(run, 0, sizeof *run);
    run->id = (long)sqlite3_column_int64(s, at++);
    ipd_history_copy_text(run->name, sizeof run->name, s, at++);
    ipd_history_copy_text(run->started, sizeof run->started, s, at++);
    ipd_history_copy_text(run->updated, sizeof run->updated, s, at++);
    ipd_history_copy_text(run->status, sizeof run->status, s, at++);
    ipd_history_copy_text(run->host, sizeof run->host, s, at);
    if (ipd_history_is_lost(run->status, run->host, (long)sqlite3_column_int64(s, at + 1),
                            sqlite3_column_int64(s, at + 2)))
        strcpy(run->status, "lost");
    at += 3;
    run->parent = (long)sqlite3_column_int64(s, at++);
    ipd_history_copy_text(run->parent_name, sizeof run->parent_name, s, at++);
    run->parent_iteration = sqlite3_column_int(s, at++);
    ipd_history_copy_text(run->dataset, sizeof run->dataset, s, at++);
    ipd_history_copy_text(run->source, sizeof run->source, s, at++);
    ipd_history_copy_text(run->checksum, sizeof run->checksum, s, at++);
    run->train = (long)sqlite3_column_int64(s, at++);
    run->test = (long)sqlite3_column_int64(s, at++);
    run->validation = (long)sqlite3_column_int64(s, at++);
    read_widths(run, (const char *)sqlite3_column_text(s, at++));
    run->seed = (long)sqlite3_column_int64(s, at++);
    ipd_history_copy_text(run->settings, sizeof run->settings, s, at++);
    ipd_history_copy_text(run->tags, sizeof run->tags, s, at++);
    ipd_history_copy_text(run->note, sizeof run->note, s, at++);
    read_machine(s, at, run);
    read_figures(s, at + 7, run);
}

int ipd_history_each_run(ipd_history *h, sqlite3_stmt *s, ipd_history_run_fn *each, void *context,
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

/* Prepares the columns of runs and what follows them. */
static int prepare_runs(ipd_history *h, const char *rest, sqlite3_stmt **s, ipd_error *e)
{
    char sql[2048];
    snprintf(sql, sizeof sql, "%s%s", ipd_history_run_columns, rest);
    return ipd_history_prepare(h, sql, s, e);
}

int ipd_history_runs(ipd_history *h, long limit, ipd_history_run_fn *each, void *context,
                     ipd_error *e)
{
    sqlite3_stmt *s;
    if (prepare_runs(h, "ORDER BY r.id DESC LIMIT ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, limit > 0 ? limit : -1);
    return ipd_history_each_run(h, s, each, context, e);
}

/* Runs a query for one run to its end and frees it; `none` says what was not there. */
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

int ipd_history_find(ipd_history *h, long id, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    char none[64];
    if (prepare_runs(h, "WHERE r.id = ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    snprintf(none, sizeof none, "there is no run %ld", id);
    return read_one(h, s, out, none, e);
}

int ipd_history_last(ipd_history *h, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    if (prepare_runs(h, "ORDER BY r.id DESC LIMIT 1", &s, e))
        return -1;
    return read_one(h, s, out, "holds no runs yet", e);
}

int ipd_history_last_worked(ipd_history *h, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    if (prepare_runs(h, "ORDER BY r.updated DESC, r.id DESC LIMIT 1", &s, e))
        return -1;
    return read_one(h, s, out, "holds no runs yet", e);
}

/* The runs whose name begins with the text (exact: is the text), newest first. */
struct named {
    ipd_history_run *run; /* the first of them */
    int count;
    char numbers[64]; /* of the first few */
};

static int take_named(void *context, const ipd_history_run *run)
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
    return ipd_history_each_run(h, s, take_named, n, e);
}

int ipd_history_look_up(ipd_history *h, const char *text, ipd_history_run *out, ipd_error *e)
{
    long id;
    struct named n = {.run = out};
    if (!strcmp(text, "last"))
        return ipd_history_last(h, out, e);
    if (!ipd_text_to_long(text, &id) && id > 0)
        return ipd_history_find(h, id, out, e);
    if (!*text)
        return ipd_fail(e, IPD_ESTATE, "a run is named by its number, its name, or last");
    if (by_name(h, text, 1, &n, e))
        return -1;
    if (n.count > 1)
        return ipd_fail(e, IPD_ESTATE, "%d runs are called \"%.60s\": name one by its number (%s)",
                        n.count, text, n.numbers);
    if (n.count == 0 && by_name(h, text, 0, &n, e))
        return -1;
    if (n.count > 1)
        return ipd_fail(e, IPD_ESTATE,
                        "the names of %d runs begin with \"%.60s\": name one by its number (%s)",
                        n.count, text, n.numbers);
    if (n.count == 0)
        return ipd_fail(e, IPD_ESTATE,
                        "there is no run \"%.60s\", and none whose name begins so: ipdlam runs "
                        "lists them",
                        text);
    return 0;
}
