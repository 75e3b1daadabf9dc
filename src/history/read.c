/* read.c - reads records, changes, rewinds and checkpoints of a run. See history.h. */
#include "base/text.h"
#include "history/private.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ipd_history_read_field(sqlite3_stmt *s, int column, const ipd_field *f, ipd_record *record)
{
    char *at = (char *)record + f->offset;
    if (f->kind == IPD_STRING) {
        ipd_history_copy_text(at, f->size, s, column);
        return;
    }
    if (f->kind != IPD_DOUBLE) {
        *(int *)(void *)at = sqlite3_column_int(s, column);
        return;
    }
    if (f->extent == IPD_SCALAR) {
        ipd_field_put(f, record, 0, ipd_history_number(s, column));
        return;
    }
    const char *text = (const char *)sqlite3_column_text(s, column);
    json_t *json = text ? json_loads(text, 0, NULL) : NULL;
    char name[64];
    for (int i = 0; json && i < ipd_field_count(f, record->L); i++) {
        ipd_field_column(f, record->L, i, name, sizeof name);
        const char *key = name + strlen(f->column) + 1;
        if (f->extent == IPD_BY_METRIC && ipd_metric_name(record->metric_names, i, name))
            key = name; /* the names precede the values */
        const json_t *value =
            json_is_object(json) ? json_object_get(json, key) : json_array_get(json, (size_t)i);
        if (json_is_number(value))
            ipd_field_put(f, record, i, json_number_value(value));
    }
    json_decref(json);
}

int ipd_history_select_records(ipd_history *h, const ipd_field *const *fields, int count,
                               sqlite3_stmt **s, ipd_error *e)
{
    char *sql = NULL;
    size_t size;
    FILE *to = open_memstream(&sql, &size);
    if (!to)
        return ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path);
    fputs("SELECT iteration", to);
    for (int k = 0; fields ? k < count : ipd_record_fields[k].name != NULL; k++) {
        const ipd_field *f = fields ? fields[k] : &ipd_record_fields[k];
        fprintf(to, ipd_history_has_column(h, "records", f->name) ? ", \"%s\"" : ", NULL AS \"%s\"",
                f->name);
    }
    fputs(" FROM records WHERE run = ? ORDER BY iteration", to);
    int failed = ipd_text_close(to, &sql) ? ipd_fail(e, IPD_EMEMORY, "%s: out of memory", h->path)
                                          : ipd_history_prepare(h, sql, s, e);
    free(sql);
    return failed;
}

int ipd_history_records(ipd_history *h, long id, ipd_history_record_fn *each, void *context,
                        ipd_error *e)
{
    ipd_history_run run;
    sqlite3_stmt *s;
    ipd_record record;
    int got;
    if (ipd_history_find(h, id, &run, e) || ipd_history_select_records(h, NULL, 0, &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        int column = 1;
        ipd_record_init(&record, run.L);
        for (const ipd_field *f = ipd_record_fields; f->name; f++)
            ipd_history_read_field(s, column++, f, &record);
        if (each(context, &record))
            break;
    }
    return ipd_history_end_query(h, s, got, e);
}

int ipd_history_same_records(ipd_history *h, long id, const double *seconds, size_t count,
                             size_t *same, ipd_error *e)
{
    sqlite3_stmt *s;
    int got;
    *same = 0;
    if (ipd_history_prepare(
            h, "SELECT iteration, seconds FROM records WHERE run = ? ORDER BY iteration", &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW && *same < count &&
           sqlite3_column_int64(s, 0) == (long long)*same + 1 &&
           sqlite3_column_double(s, 1) == seconds[*same])
        ++*same;
    return ipd_history_end_query(h, s, got, e);
}

char *ipd_history_definitions(ipd_history *h, long id, ipd_error *e)
{
    sqlite3_stmt *s;
    char *text = NULL;
    if (ipd_history_prepare(h, "SELECT coalesce(definitions, '') FROM runs WHERE id = ?", &s, e))
        return NULL;
    sqlite3_bind_int64(s, 1, id);
    int got = sqlite3_step(s);
    if (got == SQLITE_ROW && !(text = strdup((const char *)sqlite3_column_text(s, 0))))
        ipd_fail(e, IPD_EMEMORY, "out of memory for a run of the history");
    if (got == SQLITE_DONE)
        ipd_fail(e, IPD_EUSAGE, "the history has no run %ld", id);
    if (ipd_history_end_query(h, s, got == SQLITE_ROW ? SQLITE_DONE : got, e)) {
        free(text);
        return NULL;
    }
    return text;
}

int ipd_history_changes(ipd_history *h, long id, ipd_history_change_fn *each, void *context,
                        ipd_error *e)
{
    sqlite3_stmt *s;
    int got;
    char block[16], text[4096 + 32]; /* the longest change names a file of weights */
    if (ipd_history_prepare(h,
                            "SELECT iteration, batch, sweep, block, text FROM changes"
                            " WHERE run = ? AND rewind IS NULL ORDER BY id",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        ipd_place place = {.iteration = sqlite3_column_int(s, 0),
                           .batch = sqlite3_column_int(s, 1),
                           .sweep = sqlite3_column_int(s, 2)};
        ipd_history_copy_text(block, sizeof block, s, 3);
        ipd_history_copy_text(text, sizeof text, s, 4);
        if (ipd_block_parse(&place.block, block, IPD_MAX_LAYERS))
            place.block = (ipd_block){IPD_STEP, 0};
        if (each(context, &place, text))
            break;
    }
    return ipd_history_end_query(h, s, got, e);
}

int ipd_history_rewinds(ipd_history *h, long id, ipd_history_rewound_fn *each, void *context,
                        ipd_error *e)
{
    sqlite3_stmt *s;
    int got;
    char made[32];
    if (ipd_history_prepare(h,
                            "SELECT iteration, from_iteration,"
                            " (SELECT count(*) FROM rewound WHERE rewind = rewinds.id), made"
                            " FROM rewinds WHERE run = ? ORDER BY id",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        ipd_history_copy_text(made, sizeof made, s, 3);
        ipd_history_rewound rewind = {sqlite3_column_int(s, 0), sqlite3_column_int(s, 1),
                                      (long)sqlite3_column_int64(s, 2), made};
        if (each(context, &rewind))
            break;
    }
    return ipd_history_end_query(h, s, got, e);
}

int ipd_history_checkpoints(ipd_history *h, long id, ipd_history_checkpoint_fn *each, void *context,
                            ipd_error *e)
{
    sqlite3_stmt *s;
    int got;
    char made[32];
    if (ipd_history_prepare(h,
                            "SELECT run, iteration, size, path, made FROM checkpoints"
                            " WHERE ?1 = 0 OR run = ?1 ORDER BY id",
                            &s, e))
        return -1;
    sqlite3_bind_int64(s, 1, id);
    while ((got = sqlite3_step(s)) == SQLITE_ROW) {
        const char *path = (const char *)sqlite3_column_text(s, 3);
        ipd_history_copy_text(made, sizeof made, s, 4);
        ipd_history_checkpoint checkpoint = {(long)sqlite3_column_int64(s, 0),
                                             sqlite3_column_int(s, 1), sqlite3_column_int64(s, 2),
                                             path ? path : "", made};
        if (each(context, &checkpoint))
            break;
    }
    return ipd_history_end_query(h, s, got, e);
}
