/* names.c - the names that conditions and orders of runs know, as SQL. See query.h. */
#include "base/text.h"
#include "history/query.h"

#include <stdio.h>
#include <string.h>

#define NUMBER IPD_HISTORY_NUMBER
#define TEXT IPD_HISTORY_TEXT
#define JSON(text, expression) "CASE WHEN json_valid(" text ") THEN " expression " END"

static const struct column {
    const char *name, *sql;
    ipd_history_kind kind;
    const char *const *choices;
} columns[] = {
    {"id", "r.id", NUMBER, NULL},
    {"name", "r.name", TEXT, NULL},
    {"status", "ipd_state(r.status, r.host, r.pid, r.pid_started)", TEXT, ipd_history_states},
    {"started", "r.started", TEXT, NULL},
    {"updated", "r.updated", TEXT, NULL},
    {"age", "(julianday('now') - julianday(r.started))", NUMBER, NULL},
    {"dataset", "r.dataset", TEXT, NULL},
    {"source", "r.dataset_source", TEXT, NULL},
    {"checksum", "r.dataset_checksum", TEXT, NULL},
    {"train_samples", "r.train_samples", NUMBER, NULL},
    {"test_samples", "r.test_samples", NUMBER, NULL},
    {"validation", "r.validation", NUMBER, NULL},
    {"network", "replace(trim(r.widths, '[]'), ', ', '-')", TEXT, NULL},
    {"depth", "(" JSON("r.widths", "json_array_length(r.widths)") " - 1)", NUMBER, NULL},
    {"version", "r.version", TEXT, NULL},
    {"openblas", "r.openblas", TEXT, NULL},
    {"kernel", "r.kernel", TEXT, NULL},
    {"host", "r.host", TEXT, NULL},
    {"processor", "r.processor", TEXT, NULL},
    {"processors", "r.processors", NUMBER, NULL},
    {"memory", "r.memory", NUMBER, NULL},
    {"threads", "r.threads", NUMBER, NULL},
    {"parent", "coalesce(r.parent, 0)", NUMBER, NULL},
    {"parent_name", "coalesce(r.parent_name, '')", TEXT, NULL},
    {"parent_iteration", "coalesce(r.parent_iteration, 0)", NUMBER, NULL},
    {"tag", "(SELECT group_concat(tag, ',') FROM tags WHERE run = r.id)", IPD_HISTORY_TAGS, NULL},
    {"tags", "(SELECT group_concat(tag, ',') FROM tags WHERE run = r.id)", IPD_HISTORY_TAGS, NULL},
    {"note", "coalesce(r.note, '')", TEXT, NULL},
    {"rewinds", "(SELECT count(*) FROM rewinds WHERE run = r.id)", NUMBER, NULL},
    {"checkpoints", "(SELECT count(*) FROM checkpoints WHERE run = r.id)", NUMBER, NULL},
    {"iteration", "coalesce(r.iteration, 0)", NUMBER, NULL},
    {"records", "r.records", NUMBER, NULL},
    {"seconds", "r.seconds", NUMBER, NULL},
    {"phi", "r.phi", NUMBER, NULL},
    {"forward_loss", "r.forward_loss", NUMBER, NULL},
    {"train_accuracy", "r.train_accuracy", NUMBER, NULL},
    {"test_accuracy", "r.test_accuracy", NUMBER, NULL},
    {"best_test_accuracy", "r.best_test_accuracy", NUMBER, NULL},
    {"best_iteration", "r.best_iteration", NUMBER, NULL},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

/* rho is in records; inertia stands for three. */
static const char *setting_name(const ipd_setting *s)
{
    return strcmp(s->name, "rho") && strcmp(s->name, "inertia") ? s->name : NULL;
}

static void take_setting(const ipd_setting *s, ipd_history_name *out)
{
    const char *cast = s->kind == IPD_SET_NUMBERS ? "CAST(" : "";
    out->kind = ipd_setting_is_text(s, "") && s->kind != IPD_SET_NUMBERS ? TEXT : NUMBER;
    if (s->kind == IPD_SET_CHOICE)
        out->choices = s->choices();
    snprintf(out->sql, sizeof out->sql,
             "%s" JSON("r.settings", "json_extract(r.settings, '$.%s')") "%s", cast, s->name,
             *cast ? " AS REAL)" : "");
}

/* Fields of the run's last record; `suffix` is what a CSV column adds to the name: "_2", "_W2". */
static int take_field(const char *name, ipd_history_name *out)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        char value[160];
        size_t length = strlen(f->column);
        long layer;
        ipd_block block;
        if (f->extent == IPD_SCALAR) {
            if (strcmp(f->name, name))
                continue;
            snprintf(value, sizeof value, "l.\"%s\"", f->name);
        } else {
            if (strncmp(name, f->column, length) || name[length] != '_')
                continue;
            const char *rest = name + length + 1;
            if (f->extent == IPD_BY_BLOCK) {
                if (ipd_block_parse(&block, rest, IPD_MAX_LAYERS))
                    continue;
                snprintf(value, sizeof value, "json_extract(l.\"%s\", '$.%c%d')", f->name,
                         block.kind, block.layer);
            } else {
                if (ipd_text_to_long(rest, &layer) || layer < 1 || layer > IPD_MAX_LAYERS)
                    continue;
                snprintf(value, sizeof value, "json_extract(l.\"%s\", '$[%ld]')", f->name,
                         layer - 1);
            }
        }
        out->kind = f->kind == IPD_STRING ? TEXT : NUMBER;
        snprintf(out->sql, sizeof out->sql,
                 "(SELECT %s FROM records l WHERE l.run = r.id AND l.iteration = r.iteration)",
                 value);
        return 0;
    }
    return -1;
}

int ipd_history_find_name(const char *name, ipd_history_name *out)
{
    *out = (ipd_history_name){0};
    if (!strncmp(name, "last.", 5))
        return take_field(name + 5, out);
    for (int i = 0; i < COLUMNS; i++)
        if (!strcmp(columns[i].name, name)) {
            out->kind = columns[i].kind;
            out->choices = columns[i].choices;
            snprintf(out->sql, sizeof out->sql, "%s", columns[i].sql);
            return 0;
        }
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (setting_name(s) && !strcmp(s->name, name)) {
            take_setting(s, out);
            return 0;
        }
    return take_field(name, out);
}

const char *ipd_history_names(void *context, size_t index)
{
    (void)context;
    if (index < COLUMNS)
        return columns[index].name;
    index -= COLUMNS;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (setting_name(s) && index-- == 0)
            return s->name;
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        ipd_history_name known;
        /* What has been said above is passed over. */
        if (f->extent != IPD_SCALAR || ipd_history_find_name(f->name, &known) ||
            !strstr(known.sql, "FROM records"))
            continue;
        if (index-- == 0)
            return f->name;
    }
    return NULL;
}
