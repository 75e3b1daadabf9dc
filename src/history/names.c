/* names.c - the SQL of the names in conditions and orders. See query.h. */
#include "base/text.h"
#include "history/query.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define JSON(text, expression) "CASE WHEN json_valid(" text ") THEN " expression " END"
#define TAGS_OF                                                                                    \
    "(SELECT group_concat(tag, ',') FROM (SELECT tag FROM tags WHERE run = r.id ORDER BY tag))"
#define AT(member) offsetof(ipd_history_run, member), sizeof((ipd_history_run *)0)->member, NULL
#define NOT_READ 0, 0, NULL
#define MEASURE offsetof(ipd_history_run, measure), sizeof((ipd_history_run *)0)->measure
#define ALL IPD_RUN_ALL
#define NO_CSV (IPD_RUN_READ | IPD_RUN_SHOWN | IPD_RUN_CONDITION)
#define WHERE IPD_RUN_CONDITION
#define INT IPD_RUN_INT
#define LONG IPD_RUN_LONG
#define DOUBLE IPD_RUN_DOUBLE
#define TEXT IPD_RUN_TEXT
#define TAGS IPD_RUN_TAGS

static const char *const measures[] = {"accuracy", "R2", NULL};

const ipd_history_field ipd_history_fields[] = {
    {"id", "r.id", LONG, ALL, AT(id)},
    {"name", "r.name", TEXT, ALL, AT(name)},
    {"started", "r.started", TEXT, ALL, AT(started)},
    {"updated", "r.updated", TEXT, ALL, AT(updated)},
    {"status", "r.status", TEXT, IPD_RUN_READ | IPD_RUN_SHOWN | IPD_RUN_CSV, AT(status)},
    {"status", "ipd_state(r.status, r.host, r.pid, r.pid_started)", TEXT, WHERE, 0, 0,
     ipd_history_states},
    {"age", "(julianday('now') - julianday(r.started))", DOUBLE, WHERE, NOT_READ},
    {"dataset", "r.dataset", TEXT, ALL, AT(dataset)},
    {"source", "r.dataset_source", TEXT, NO_CSV, AT(source)},
    {"checksum", "r.dataset_checksum", TEXT, NO_CSV, AT(checksum)},
    {"network", "replace(trim(r.widths, '[]'), ', ', '-')", TEXT, IPD_RUN_CSV | IPD_RUN_CONDITION,
     AT(network)},
    {"depth", "(" JSON("r.widths", "json_array_length(r.widths)") " - 1)", LONG, WHERE, NOT_READ},
    {"version", "r.version", TEXT, ALL, AT(version)},
    {"openblas", "r.openblas", TEXT, ALL, AT(openblas)},
    {"kernel", "r.kernel", TEXT, ALL, AT(kernel)},
    {"host", "r.host", TEXT, NO_CSV, AT(host)},
    {"processor", "r.processor", TEXT, NO_CSV, AT(processor)},
    {"parent_name", "coalesce(r.parent_name, '')", TEXT, NO_CSV, AT(parent_name)},
    {"tag", TAGS_OF, TAGS, WHERE, NOT_READ},
    {"tags", TAGS_OF, TAGS, WHERE, NOT_READ},
    {"tags", TAGS_OF, TEXT, IPD_RUN_READ | IPD_RUN_CSV, AT(tags)},
    {"note", "coalesce(r.note, '')", TEXT, ALL, AT(note)},
    {"settings", "r.settings", TEXT, IPD_RUN_READ, AT(settings)},
    {"identity", "r.identity", TEXT, IPD_RUN_READ, AT(identity)},
    {"goal", "r.goal", LONG, IPD_RUN_READ, AT(goal)},
    {"train_samples", "r.train_samples", LONG, NO_CSV, AT(train)},
    {"test_samples", "r.test_samples", LONG, NO_CSV, AT(test)},
    {"validation", "r.validation", LONG, NO_CSV, AT(validation)},
    {"held_out", "r.held_out", LONG, NO_CSV, AT(held_out)},
    {"processors", "r.processors", INT, NO_CSV, AT(processors)},
    {"threads", "r.threads", INT, NO_CSV, AT(threads)},
    {"memory", "coalesce(r.memory, 0.0)", DOUBLE, NO_CSV, AT(memory)},
    {"seed", "r.seed", LONG, IPD_RUN_READ | IPD_RUN_SHOWN, AT(seed)},
    {"parent", "coalesce(r.parent, 0)", LONG, ALL, AT(parent)},
    {"parent_iteration", "coalesce(r.parent_iteration, 0)", INT, NO_CSV, AT(parent_iteration)},
    {"rewinds", "(SELECT count(*) FROM rewinds WHERE run = r.id)", LONG, WHERE, NOT_READ},
    {"checkpoints", "(SELECT count(*) FROM checkpoints WHERE run = r.id)", LONG, WHERE, NOT_READ},
    {"iteration", "coalesce(r.iteration, 0)", INT, ALL, AT(iteration)},
    {"records", "r.records", LONG, ALL, AT(records)},
    {"seconds", "r.seconds", DOUBLE, ALL, AT(seconds)},
    {"phi", "r.phi", DOUBLE, ALL, AT(phi)},
    {"forward_loss", "r.forward_loss", DOUBLE, ALL, AT(forward_loss)},
    {"measure", "coalesce(r.measure, 'accuracy')", TEXT, ALL, MEASURE, measures},
    {"train_accuracy", "r.train_accuracy", DOUBLE, ALL, AT(train_accuracy)},
    {"validation_accuracy", "r.validation_accuracy", DOUBLE, ALL, AT(validation_accuracy)},
    {"test_accuracy", "r.test_accuracy", DOUBLE, ALL, AT(test_accuracy)},
    {"train_rmse", "r.train_rmse", DOUBLE, ALL, AT(train_rmse)},
    {"validation_rmse", "r.validation_rmse", DOUBLE, ALL, AT(validation_rmse)},
    {"test_rmse", "r.test_rmse", DOUBLE, ALL, AT(test_rmse)},
    {"best_validation_accuracy", "r.best_validation_accuracy", DOUBLE, ALL,
     AT(best_validation_accuracy)},
    {"best_test_accuracy", "r.best_test_accuracy", DOUBLE, ALL, AT(best_test_accuracy)},
    {"best_iteration", "r.best_iteration", INT, NO_CSV, AT(best_iteration)},
    {NULL, NULL, INT, 0, NOT_READ},
};

int ipd_history_is_r2(const ipd_history_run *run)
{
    return !strcmp(run->measure, "R2");
}

double ipd_history_field_number(const ipd_history_field *f, const ipd_history_run *run)
{
    const void *at = (const char *)run + f->offset;
    return f->type == INT    ? *(const int *)at
           : f->type == LONG ? (double)*(const long *)at
                             : *(const double *)at;
}

const char *ipd_history_field_text(const ipd_history_field *f, const ipd_history_run *run)
{
    return (const char *)run + f->offset;
}

/* NULL for rho, which the records have, and for inertia, which stands for three settings. */
static const char *setting_name(const ipd_setting *s)
{
    return ipd_setting_is_first(s) ? s->name : NULL;
}

static void describe_setting(const ipd_setting *s, ipd_history_name *out)
{
    int list = s->kind == IPD_SET_NUMBERS; /* use the first number */
    char none[40] = ""; /* SQL that turns "not set", or a word instead of a number, into NULL */
    out->is_text = ipd_setting_is_text(s, "") && !list;
    if (s->kind == IPD_SET_CHOICE)
        out->choices = s->choices();
    if (list && s->choices)
        snprintf(none, sizeof none, ", '%s')", s->choices()[0]);
    else if (s->may_be_unset)
        strcpy(none, ", -1)");
    snprintf(out->sql, sizeof out->sql,
             "%s%s" JSON("r.settings", "json_extract(r.settings, '$.%s')") "%s%s",
             list ? "CAST(" : "", *none ? "nullif(" : "", s->name, none, list ? " AS REAL)" : "");
}

static void describe_value(const char *value, ipd_history_name *out)
{
    snprintf(out->sql, sizeof out->sql,
             "(SELECT %s FROM records l WHERE l.run = r.id AND l.iteration = r.iteration)", value);
}

/* A field of the run's last record, one of its CSV columns ("_2", "_W2"), or a user's metric
 * ("metric.NAME"). -1 if unknown. */
static int describe_field(const char *name, ipd_history_name *out)
{
    if (!strncmp(name, "metric.", 7) && !ipd_metric_check(name + 7, NULL)) {
        char value[160];
        snprintf(value, sizeof value, "json_extract(l.metric, '$.%s')", name + 7);
        describe_value(value, out);
        return 0;
    }
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
            if (strncmp(name, f->column, length) || name[length] != '_' ||
                f->extent == IPD_BY_METRIC)
                continue;
            const char *rest = name + length + 1;
            if (f->extent == IPD_BY_BLOCK) {
                if (ipd_block_parse(&block, rest, IPD_MAX_LAYERS))
                    continue;
                snprintf(value, sizeof value, "json_extract(l.\"%s\", '$.%c%d')", f->name,
                         block.kind, block.layer);
            } else {
                long first = f->extent == IPD_BY_CLASS ? 0 : 1;
                if (ipd_text_to_long(rest, &layer) || layer < first ||
                    layer - first >= ipd_field_count(f, IPD_MAX_LAYERS))
                    continue;
                snprintf(value, sizeof value, "json_extract(l.\"%s\", '$[%ld]')", f->name,
                         layer - first);
            }
        }
        out->is_text = f->kind == IPD_STRING;
        describe_value(value, out);
        return 0;
    }
    return -1;
}

int ipd_history_find_name(const char *name, ipd_history_name *out)
{
    *out = (ipd_history_name){0};
    if (!strncmp(name, "last.", 5))
        return describe_field(name + 5, out);
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++)
        if (f->uses & WHERE && !strcmp(f->name, name)) {
            out->is_text = f->type == TEXT || f->type == TAGS;
            out->is_tags = f->type == TAGS;
            out->choices = f->choices;
            snprintf(out->sql, sizeof out->sql, "%s", f->sql);
            return 0;
        }
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (setting_name(s) && !strcmp(s->name, name)) {
            describe_setting(s, out);
            return 0;
        }
    return describe_field(name, out);
}

/* All names, collected once, because the search for the nearest name uses them often. */
static struct {
    pthread_once_t once;
    size_t count;
    const char *names[256];
} all = {.once = PTHREAD_ONCE_INIT};

static void add_name(const char *name)
{
    assert(all.count + 1 < sizeof all.names / sizeof *all.names);
    all.names[all.count++] = name;
}

static void find_all(void)
{
    ipd_history_name known;
    for (const ipd_history_field *f = ipd_history_fields; f->name; f++)
        if (f->uses & WHERE)
            add_name(f->name);
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (setting_name(s) && !s->own)
            add_name(s->name);
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (f->extent == IPD_SCALAR && !ipd_history_find_name(f->name, &known) &&
            strstr(known.sql, "FROM records")) /* not hidden by a setting or a run's field */
            add_name(f->name);
}

const char *const *ipd_history_names(void)
{
    pthread_once(&all.once, find_all);
    return all.names;
}
