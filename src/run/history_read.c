/* history_read.c - lists of runs, and their records as they were. See history.h. */
#include "run/history_private.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void copy_text(char *to, size_t size, sqlite3_stmt *s, int column)
{
    const unsigned char *text = sqlite3_column_text(s, column);
    snprintf(to, size, "%s", text ? (const char *)text : "");
}

static double number(sqlite3_stmt *s, int column)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NAN : sqlite3_column_double(s, column);
}

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

/* Whether the process that made the run is gone, as far as this machine can tell. */
static int is_lost(const char *status, const char *host, long pid)
{
    char here[128] = "";
    if (strcmp(status, "running") && strcmp(status, "paused"))
        return 0;
    gethostname(here, sizeof here - 1);
    return pid > 0 && !strcmp(host, here) && kill((pid_t)pid, 0) && errno == ESRCH;
}

#define RUN_COLUMNS                                                                                \
    "SELECT r.id, r.name, r.started, r.updated, r.status, r.host, r.pid, r.dataset,"               \
    " r.dataset_source, r.dataset_checksum, r.train_samples, r.test_samples, r.widths, r.version," \
    " r.kernel, r.threads, r.settings, s.count, s.seconds, s.best, l.phi, l.train_accuracy,"       \
    " l.test_accuracy FROM runs r"                                                                 \
    " LEFT JOIN (SELECT run, count(*) AS count, sum(seconds) AS seconds, max(iteration) AS last,"  \
    " max(test_accuracy) AS best FROM records GROUP BY run) s ON s.run = r.id"                     \
    " LEFT JOIN records l ON l.run = r.id AND l.iteration = s.last "

static void read_run(sqlite3_stmt *s, ipd_history_run *run)
{
    char host[128];
    memset(run, 0, sizeof *run);
    run->id = (long)sqlite3_column_int64(s, 0);
    copy_text(run->name, sizeof run->name, s, 1);
    copy_text(run->started, sizeof run->started, s, 2);
    copy_text(run->updated, sizeof run->updated, s, 3);
    copy_text(run->status, sizeof run->status, s, 4);
    copy_text(host, sizeof host, s, 5);
    if (is_lost(run->status, host, (long)sqlite3_column_int64(s, 6)))
        strcpy(run->status, "lost");
    copy_text(run->dataset, sizeof run->dataset, s, 7);
    copy_text(run->source, sizeof run->source, s, 8);
    copy_text(run->checksum, sizeof run->checksum, s, 9);
    run->train = (long)sqlite3_column_int64(s, 10);
    run->test = (long)sqlite3_column_int64(s, 11);
    read_widths(run, (const char *)sqlite3_column_text(s, 12));
    copy_text(run->version, sizeof run->version, s, 13);
    copy_text(run->kernel, sizeof run->kernel, s, 14);
    run->threads = sqlite3_column_int(s, 15);
    copy_text(run->settings, sizeof run->settings, s, 16);
    run->records = (long)sqlite3_column_int64(s, 17);
    run->seconds = sqlite3_column_double(s, 18);
    run->best_test_accuracy = number(s, 19);
    run->phi = number(s, 20);
    run->train_accuracy = number(s, 21);
    run->test_accuracy = number(s, 22);
}

int ipd_history_runs(ipd_history *h, long limit, ipd_history_run_fn *each, void *context,
                     ipd_error *e)
{
    sqlite3_stmt *s;
    ipd_history_run run;
    int got;
    if (ipd_history_prepare(h, RUN_COLUMNS "ORDER BY r.id DESC LIMIT ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, limit > 0 ? limit : -1);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        read_run(s, &run);
        if (each(context, &run))
            break;
    }
    int failed = got == SQLITE_ROW || got == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

/* Runs a query for one run to its end and frees it; `none` says what was not there. */
static int read_one(ipd_history *h, sqlite3_stmt *s, ipd_history_run *out, const char *none,
                    ipd_error *e)
{
    int failed = 0, got = sqlite3_step(s);
    if (got == SQLITE_ROW)
        read_run(s, out);
    else if (got == SQLITE_DONE)
        failed = ipd_fail(e, IPD_ESTATE, "%s: %s", h->path, none);
    else
        failed = ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

int ipd_history_find(ipd_history *h, long id, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    char none[64];
    if (ipd_history_prepare(h, RUN_COLUMNS "WHERE r.id = ?", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    snprintf(none, sizeof none, "there is no run %ld", id);
    return read_one(h, s, out, none, e);
}

int ipd_history_last(ipd_history *h, ipd_history_run *out, ipd_error *e)
{
    sqlite3_stmt *s;
    if (ipd_history_prepare(h, RUN_COLUMNS "ORDER BY r.id DESC LIMIT 1", &s, e))
        return -1;
    return read_one(h, s, out, "holds no runs yet", e);
}

/* Takes column `column` into field f of the record. */
static void read_field(sqlite3_stmt *s, int column, const ipd_field *f, ipd_record *record)
{
    char *at = (char *)record + f->offset;
    if (f->kind == IPD_STRING) {
        copy_text(at, f->size, s, column);
        return;
    }
    if (f->kind != IPD_DOUBLE) {
        *(int *)(void *)at = sqlite3_column_int(s, column);
        return;
    }
    double *values = (double *)(void *)at;
    if (f->extent == IPD_SCALAR) {
        *values = number(s, column);
        return;
    }
    const char *text = (const char *)sqlite3_column_text(s, column);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    char name[64];
    for (int i = 0; json && i < ipd_field_count(f, record->L); i++) {
        ipd_field_column(f, record->L, i, name, sizeof name);
        const json_t *value = f->extent == IPD_BY_BLOCK
                                  ? json_object_get(json, name + strlen(f->column) + 1)
                                  : json_array_get(json, (size_t)i);
        if (json_is_number(value))
            values[f->extent == IPD_BY_BLOCK ? i : i + 1] = json_number_value(value);
    }
    json_decref(json);
}

/* SELECT of every field in order; a column that an older file lacks is NULL. */
static int prepare_records(ipd_history *h, sqlite3_stmt **s, ipd_error *e)
{
    char sql[4096];
    size_t at = (size_t)snprintf(sql, sizeof sql, "SELECT run");
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        int there = sqlite3_table_column_metadata(h->db, NULL, "records", f->name, NULL, NULL, NULL,
                                                  NULL, NULL) == SQLITE_OK;
        at += (size_t)snprintf(sql + at, sizeof sql - at, there ? ", \"%s\"" : ", NULL AS \"%s\"",
                               f->name);
    }
    snprintf(sql + at, sizeof sql - at, " FROM records WHERE run = ? ORDER BY iteration");
    return ipd_history_prepare(h, sql, s, e);
}

int ipd_history_records(ipd_history *h, long id, ipd_history_record_fn *each, void *context,
                        ipd_error *e)
{
    ipd_history_run run;
    sqlite3_stmt *s;
    ipd_record record;
    int got;
    if (ipd_history_find(h, id, &run, e) || prepare_records(h, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        int column = 1;
        ipd_record_init(&record, run.L);
        for (const ipd_field *f = ipd_record_fields; f->name; f++)
            read_field(s, column++, f, &record);
        if (each(context, &record))
            break;
    }
    int failed = got == SQLITE_ROW || got == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}

int ipd_history_changes(ipd_history *h, long id, ipd_history_change_fn *each, void *context,
                        ipd_error *e)
{
    sqlite3_stmt *s;
    int got;
    if (ipd_history_prepare(h,
                            "SELECT iteration, batch, sweep, block, text FROM changes"
                            " WHERE run = ? ORDER BY id",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        ipd_place place = {.iteration = sqlite3_column_int(s, 0),
                           .batch = sqlite3_column_int(s, 1),
                           .sweep = sqlite3_column_int(s, 2)};
        const char *block = (const char *)sqlite3_column_text(s, 3);
        const char *text = (const char *)sqlite3_column_text(s, 4);
        if (block && ipd_block_parse(&place.block, block, IPD_MAX_LAYERS))
            place.block = (ipd_block){'g', 0};
        if (each(context, &place, text ? text : ""))
            break;
    }
    int failed = got == SQLITE_ROW || got == SQLITE_DONE ? 0 : ipd_history_fail(h, e);
    sqlite3_finalize(s);
    return failed;
}
