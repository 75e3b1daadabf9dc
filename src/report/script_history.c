/* script_history.c - writes a run of the history as a script. See script.h. */
#include "report/script.h"

#include "settings/schedule.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Parses the JSON settings, in the order of their dependencies. */
int ipd_history_settings(const ipd_history_run *run, ipd_settings *s, ipd_error *e)
{
    json_t *json = json_loads(run->settings, 0, NULL), *value;
    const char *name;
    int failed = 0;
    ipd_settings_init(s);
    if (!json_is_object(json))
        failed = ipd_fail(e, IPD_EFORMAT, "the history's settings of this run cannot be read");
    for (int rank = 0; rank < IPD_SETTING_RANKS && !failed; rank++)
        json_object_foreach(json, name, value)
        {
            if (failed || !ipd_setting_find(name) || ipd_setting_rank(name) != rank)
                continue;
            char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
            failed = ipd_settings_set(s, name,
                                      json_is_string(value) ? json_string_value(value)
                                      : dumped              ? dumped
                                                            : "",
                                      e);
            free(dumped);
        }
    json_decref(json);
    return failed;
}

struct changes {
    ipd_log_entry *log;
    size_t count;
    char weights[4096];
};

static int add_change(void *context, const ipd_place *place, const char *text)
{
    struct changes *c = context;
    if (!strncmp(text, IPD_LOG_WEIGHTS, strlen(IPD_LOG_WEIGHTS))) {
        snprintf(c->weights, sizeof c->weights, "%s", text + strlen(IPD_LOG_WEIGHTS));
        return 0;
    }
    if (c->count % 64 == 0) {
        ipd_log_entry *more = realloc(c->log, (c->count + 64) * sizeof *more);
        if (!more)
            return 1;
        c->log = more;
    }
    c->log[c->count].place = *place;
    snprintf(c->log[c->count++].text, IPD_LOG_TEXT, "%s", text);
    return 0;
}

/* Whether a is later than b, ignoring blocks. */
static int later(const ipd_place *a, const ipd_place *b)
{
    if (a->iteration != b->iteration)
        return a->iteration > b->iteration;
    return a->batch != b->batch ? a->batch > b->batch : a->sweep > b->sweep;
}

/* The setting that follows a Lua function after these changes, rho first, or NULL. Malformed
 * changes are ignored here; writing the script reports them. */
static const char *ends_by_function(const ipd_settings *first, const struct changes *c)
{
    ipd_settings s = *first;
    ipd_error e;
    for (size_t i = 0; i < c->count; i++) {
        ipd_change change = {0};
        char method[IPD_METHOD_NAME] = "";
        int kind = ipd_log_parse(c->log[i].text, method, &change, &e);
        if (kind == IPD_LOG_OTHER || kind < 0)
            continue;
        if (kind != IPD_LOG_SET)
            ipd_settings_set(&s, "method", method, &e);
        ipd_change_apply(&change, &s, 0, &e);
    }
    const ipd_setting *other = ipd_schedules_function(s.schedule, 0);
    return !strcmp(s.rho_schedule, "function") ? "rho" : other ? other->name : NULL;
}

/* Fails if the run ends with a setting that follows a function, except rho if the caller has the
 * function. */
static int check_function(const ipd_history_run *run, const char *by_function, int has_function,
                          ipd_error *e)
{
    if (by_function && strcmp(by_function, "rho"))
        return ipd_fail(e, IPD_EUSAGE,
                        "run %ld takes %s from a function, which the history does not store. "
                        "Continue from its checkpoint, ip.resume(%ld, { %s = function(k, value, m) "
                        "... end })",
                        run->id, by_function, run->id, by_function);
    if (by_function && !has_function)
        return ipd_fail(e, IPD_EUSAGE,
                        "run %ld takes rho from a function, which the history does not store. Give "
                        "it again, ip.again(%ld, { rho = function(k, rho, m) ... end })",
                        run->id, run->id);
    return 0;
}

static int write_run(FILE *to, const ipd_history_run *run, const char *definitions,
                     const ipd_settings *settings, const struct changes *c, int again,
                     int has_function, ipd_error *e)
{
    char title[200];
    snprintf(title, sizeof title, "run %ld of the history, made by ipdlam %s: %ld iterations",
             run->id, run->version, run->records);
    ipd_script s = {.title = title,
                    .name = run->name,
                    .settings = settings,
                    .data = run->dataset,
                    .source = run->source,
                    .checksum = run->checksum,
                    .train = (size_t)run->train,
                    .test = (size_t)run->test,
                    .validation = (size_t)run->validation,
                    .held_out = (size_t)run->held_out,
                    .L = run->L,
                    .widths = run->widths,
                    .definitions = definitions,
                    .given = *c->weights != 0,
                    .weights = strcmp(c->weights, "memory") ? c->weights : NULL,
                    .log = c->log,
                    .log_count = c->count,
                    .end = {.iteration = (int)run->records + 1},
                    .ended = !strncmp(run->status, "diverged", 8),
                    .returns = again};
    if (s.ended)
        s.end.iteration++;
    const char *by_function = again && !s.ended ? ends_by_function(settings, c) : NULL;
    if (check_function(run, by_function, has_function, e))
        return -1;
    s.asks_rho = by_function != NULL;
    if (c->count && later(&c->log[c->count - 1].place, &s.end))
        s.end = c->log[c->count - 1].place;
    if (!run->L)
        return ipd_fail(e, IPD_EFORMAT, "the history's widths of run %ld cannot be read", run->id);
    return ipd_script_write(to, &s, e);
}

static int write_history(FILE *to, ipd_history *h, const ipd_history_run *run, int again,
                         int has_function, ipd_error *e)
{
    struct changes c = {0};
    ipd_settings settings;
    char *definitions = ipd_history_definitions(h, run->id, e);
    int failed = !definitions || ipd_method_read_lines(definitions, e) ||
                 ipd_network_read_definitions(definitions, e) ||
                 ipd_history_settings(run, &settings, e) ||
                 ipd_history_changes(h, run->id, add_change, &c, e) ||
                 write_run(to, run, definitions, &settings, &c, again, has_function, e);
    free(definitions);
    free(c.log);
    return failed ? -1 : 0;
}

int ipd_script_write_history(FILE *to, ipd_history *h, const ipd_history_run *run, ipd_error *e)
{
    return write_history(to, h, run, 0, 0, e);
}

int ipd_script_write_again(FILE *to, ipd_history *h, const ipd_history_run *run, int has_function,
                           ipd_error *e)
{
    return write_history(to, h, run, 1, has_function, e);
}
