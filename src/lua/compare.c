/* compare.c - runs beside each other: ip.living, ip.overlay, ip.compare. On a screen their curves are drawn there;
 * without one the comparison is a table and charts of characters. */
#include "base/text.h"
#include "lua/internal.h"
#include "plot/chart.h"
#include "run/history.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHART_WIDTH = 76, CHART_HEIGHT = 14, DIFFERENCE_HEIGHT = 9, MOST_COMPARED = 5 };

/* --- the runs of the session ------------------------------------------------------------------- */

/* Pushes the newest run of the session with the name or, as an integer, the number in the history at index; 0,
 * and pushes nothing, where there is none. */
static int push_run_of_session(lua_State *L, int index)
{
    ipd_lua *lua = ipd_lua_of(L);
    long id = lua_isinteger(L, index) ? (long)lua_tointeger(L, index) : 0;
    const char *name = lua_isinteger(L, index) ? NULL : lua_tostring(L, index);

    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->run &&
            (name ? !strcmp(ipd_run_name(r->run), name) : id && ipd_run_id(r->run) == id) &&
            ipd_lua_push_handle(L, r))
            return 1;
    return 0;
}

/* ip.living(): the runs of the session, oldest first; ip.living(name or number): one of them. */
int ipd_lua_living(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    lua_Integer count = 0;

    if (!lua_isnoneornil(L, 1)) {
        luaL_argexpected(L, lua_isstring(L, 1), 1, "name or number");
        if (push_run_of_session(L, 1))
            return 1;
        lua_pushnil(L);
        lua_pushfstring(L, "this session has no run '%s': ip.living() lists its runs",
                        lua_tostring(L, 1));
        return 2;
    }
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        count += r->run != NULL;
    lua_createtable(L, (int)count, 0);
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if (r->run && ipd_lua_push_handle(L, r))
            lua_rawseti(L, -2, count--);
    return 1;
}

/* --- the curves of a run, in memory or of the history ------------------------------------------ */

typedef struct reading {
    ipd_record *to;
    size_t count, most;
} reading;

static int read_record(void *context, const ipd_record *record)
{
    reading *r = context;

    if (r->count == r->most)
        return 1;
    r->to[r->count++] = *record;
    return 0;
}

/* The records of a run of the history are left on the stack as userdata. */
static int read_history(lua_State *L, long id, ipd_lua_curves *out, ipd_error *e)
{
    const char *path = ipd_lua_of(L)->host.history;
    ipd_history *h = NULL;
    ipd_history_run run;
    reading r = {0};

    if (!path)
        return ipd_fail(e, IPD_ESTATE, "there is no history here to take run %ld from", id);
    if (ipd_history_open(&h, path, 0, e))
        return -1;
    int failed = ipd_history_find(h, id, &run, e);
    ipd_history_close(h);
    if (failed)
        return -1;
    r.most = run.records > 0 ? (size_t)run.records : 0;
    r.to = lua_newuserdatauv(L, r.most * sizeof *r.to + 1, 0);
    if (ipd_history_open(&h, path, 0, e))
        return -1;
    failed = ipd_history_records(h, id, read_record, &r, e);
    ipd_history_close(h);
    snprintf(out->name, sizeof out->name, "#%ld %.50s", id, run.name);
    out->id = id;
    out->records = r.to;
    out->count = r.count;
    return failed;
}

/* A run, its name, or a number of the history at index; what it borrows stays on the stack. */
static int to_curves(lua_State *L, int index, ipd_lua_curves *out, ipd_error *e)
{
    *out = (ipd_lua_curves){0};
    const ipd_history_run *old = ipd_lua_history_run(L, index);
    if (old) {
        snprintf(out->name, sizeof out->name, "#%ld %.50s", old->id, old->name);
        out->id = old->id;
        out->records = ipd_lua_history_records(L, index, &out->count);
        lua_pushvalue(L, index);
        return 0;
    }
    int is_text = lua_type(L, index) == LUA_TSTRING, is_number = lua_isinteger(L, index);
    int found = (is_text || is_number) && push_run_of_session(L, index);
    if (is_number && !found)
        return read_history(L, (long)lua_tointeger(L, index), out, e);
    if (is_text && !found)
        luaL_error(L, "this session has no run '%s': ip.living() lists its runs",
                   lua_tostring(L, index));
    if (!found)
        lua_pushvalue(L, index);
    ipd_lua_run *r = ipd_lua_test_run(L, -1);
    if (!r)
        luaL_error(L, "a run, its name, or its number in the history is expected, not a %s",
                   luaL_typename(L, index));
    ipd_lua_check_run(L, lua_gettop(L));
    ipd_lua_curves_of(out, r);
    return 0;
}

/* ip.overlay(run or number, ...): their curves beside those of the run on the screen; ip.overlay(): none. */
int ipd_lua_overlay(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    int count = lua_gettop(L);
    ipd_lua_curves curves;
    ipd_error e;

    if (!lua->host.overlay) {
        lua_pushnil(L);
        lua_pushliteral(L, "there is no screen here: ip.compare{ run, other } prints a comparison");
        return 2;
    }
    if (count == 0 && lua->host.overlay(lua->host.context, NULL, 0, &e))
        return ipd_lua_fail(L, &e);
    for (int i = 1; i <= count; i++)
        if (to_curves(L, i, &curves, &e) || lua->host.overlay(lua->host.context, &curves, 0, &e))
            return ipd_lua_fail(L, &e);
    return 0;
}

/* --- ip.compare --------------------------------------------------------------------------------- */

/* The index of the last iteration that both have; -1 where there is none. */
static long last_common(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    size_t count = a->count < b->count ? a->count : b->count;

    while (count && a->records[count - 1].iteration != b->records[count - 1].iteration)
        count--;
    return (long)count - 1;
}

static int differ(double x, double y)
{
    return x != y && !(isnan(x) && isnan(y));
}

/* The first iteration whose figures differ, or 0. */
static int first_difference(const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    for (long i = 0; i <= last_common(a, b); i++) {
        const ipd_record *x = &a->records[i], *y = &b->records[i];
        /* Found on other samples, or not at all, they say nothing of the training. */
        int same_samples = x->metrics_samples == y->metrics_samples;
        if (differ(x->phi, y->phi) || differ(x->rho, y->rho) ||
            (same_samples && (differ(x->forward_loss, y->forward_loss) ||
                              differ(x->test_accuracy, y->test_accuracy))))
            return x->iteration;
    }
    return 0;
}

static void add_row(FILE *to, const char *name, double x, double y)
{
    char a[24], b[24], difference[24];

    ipd_short_number(a, sizeof a, x, 5);
    ipd_short_number(b, sizeof b, y, 5);
    ipd_short_number(difference, sizeof difference, x - y, 3);
    fprintf(to, "%-20s %14s %14s %14s\n", name, a, b, difference);
}

static void write_table(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b)
{
    static const char *const fields[] = {
        "phi",          "loss",           "linear_gap",    "activation_gap",     "rho",
        "forward_loss", "train_accuracy", "test_accuracy", "auxiliary_accuracy", NULL};
    long at = last_common(a, b);
    int first = first_difference(a, b);

    fprintf(to, "%-20s %14.14s %14.14s %14s\n", "", a->name, b->name, "difference");
    fprintf(to, "%-20s %14zu %14zu\n", "iterations", a->count, b->count);
    if (at < 0) {
        fprintf(to, "there is no iteration that both have done");
        return;
    }
    for (int i = 0; fields[i]; i++) {
        const ipd_field *f = ipd_field_find(fields[i]);
        double x = ipd_field_value(f, &a->records[at], 0),
               y = ipd_field_value(f, &b->records[at], 0);
        if (!isnan(x) || !isnan(y))
            add_row(to, fields[i], x, y);
    }
    fprintf(to, "(at iteration %d; ", a->records[at].iteration);
    if (first)
        fprintf(to, "they differ from iteration %d on)", first);
    else
        fprintf(to, "they are the same so far)");
}

/* Phi where there is one, else the loss of the forward pass. */
static double objective(const ipd_record *r)
{
    return isnan(r->phi) ? r->forward_loss : r->phi;
}

static void write_charts(FILE *to, const ipd_lua_curves *a, const ipd_lua_curves *b, double *values)
{
    const ipd_lua_curves *both[] = {a, b};
    size_t most = a->count > b->count ? a->count : b->count;
    double *x = values, *y[2] = {x + most, x + 2 * most}, *difference = x + 3 * most;
    ipd_series series[2], minus = {.name = "difference", .x = x, .y = difference};

    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < both[k]->count; i++) {
            x[i] = both[k]->records[i].iteration;
            y[k][i] = objective(&both[k]->records[i]);
        }
        series[k] = (ipd_series){.name = both[k]->name,
                                 .x = x,
                                 .y = y[k],
                                 .count = both[k]->count,
                                 .ink = (ipd_ink)(IPD_INK_SERIES_1 + k)};
    }
    minus.count = (size_t)(last_common(a, b) + 1);
    for (size_t i = 0; i < minus.count; i++)
        difference[i] = y[0][i] - y[1][i];
    ipd_chart chart = {.title = "objective",
                       .x_label = "iteration",
                       .y_kind = IPD_LOG,
                       .x_whole = 1,
                       .series = series,
                       .series_count = 2,
                       .legend = 1};
    ipd_chart_text(to, &chart, CHART_WIDTH, CHART_HEIGHT, ipd_charset_of_locale(), 0, NULL);
    chart.title = NULL;
    chart.y_kind = IPD_LINEAR;
    chart.series = &minus;
    chart.series_count = 1;
    ipd_chart_text(to, &chart, CHART_WIDTH, DIFFERENCE_HEIGHT, ipd_charset_of_locale(), 0, NULL);
}

/* Everything as one text at the top of the stack. */
static int push_text(lua_State *L, const ipd_lua_curves *a, const ipd_lua_curves *b, int charts)
{
    size_t most = a->count > b->count ? a->count : b->count, size;
    double *values = charts ? lua_newuserdatauv(L, (4 * most + 1) * sizeof *values, 0) : NULL;
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);

    if (!to)
        return luaL_error(L, "out of memory for a comparison");
    if (charts && last_common(a, b) >= 0)
        write_charts(to, a, b, values);
    write_table(to, a, b);
    if (ipd_text_close(to, &text)) {
        free(text);
        return luaL_error(L, "out of memory for a comparison");
    }
    lua_pushstring(L, text); /* where this raises, the text is lost with the state's memory */
    free(text);
    return 1;
}

/* ip.compare{ run, other }: with and without. */
int ipd_lua_compare(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_curves both[2];
    ipd_error e;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (lua_rawlen(L, 1) != 2)
        return luaL_error(L, "two runs are compared: ip.compare{ run, other }");
    for (int i = 0; i < 2; i++) {
        lua_rawgeti(L, 1, i + 1);
        if (to_curves(L, lua_gettop(L), &both[i], &e))
            return ipd_lua_fail(L, &e);
    }
    unsigned long shown = ipd_lua_current_number(lua);
    for (int i = 1; i >= 0 && lua->host.overlay; i--)
        if (!both[i].number || both[i].number != shown)
            if (lua->host.overlay(lua->host.context, &both[i], 1, &e))
                return ipd_lua_fail(L, &e);
    lua_createtable(L, 0, 2);
    int table = lua_gettop(L);
    push_text(L, &both[0], &both[1], !lua->host.overlay);
    lua_setfield(L, table, "text");
    lua_settop(L, table);
    lua_pushinteger(L, first_difference(&both[0], &both[1]));
    lua_setfield(L, -2, "differ_from");
    luaL_setmetatable(L, "ipdlam.text");
    return 1;
}
