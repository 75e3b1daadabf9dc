/* workbench_lua.c - Lua functions of the workbench: ip.chart, ip.layout, ip.mouse, ip.screen,
 * ip.theme. Replaces functions that read the keyboard. */
#include "base/text.h"
#include "tui/terminal/picture.h"
#include "tui/terminal/screen.h"
#include "tui/terminal/terminal.h"
#include "tui/view/curves_axis.h"
#include "tui/workbench_private.h"

#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static int no_input(lua_State *L)
{
    lua_pushnil(L);
    lua_pushliteral(L, "the workbench uses the keyboard: nothing can be read from it here");
    return 2;
}

static int no_debugger(lua_State *L)
{
    return luaL_error(L, "debug.debug needs the keyboard. Use `ipdlam repl`");
}

static int replace_input(lua_State *L)
{
    lua_getglobal(L, "io");
    lua_pushcfunction(L, no_input);
    lua_setfield(L, -2, "read");
    lua_getglobal(L, "debug");
    lua_pushcfunction(L, no_debugger);
    lua_setfield(L, -2, "debug");
    return 0;
}

/* Writes the pane at a stack index as text. It is a view's name or a table of panes: { "objective",
 * "accuracy", columns = true, weight = 3 }. Returns the length, of which size - 1 bytes are
 * written. A luaL_Buffer would disturb the stack during the recursion. */
static size_t write_pane(lua_State *L, int index, char *to, size_t size, int depth)
{
    size_t n = 0;

    luaL_checkstack(L, 8, "a layout");
    if (lua_type(L, index) == LUA_TSTRING)
        return (size_t)snprintf(to, size, "%s", lua_tostring(L, index));
    if (!lua_istable(L, index) || depth > 8 || luaL_len(L, index) < 1)
        luaL_error(L,
                   "a layout is made of names of views and tables of them, nested at most 8 deep");
    lua_getfield(L, index, "columns");
    lua_getfield(L, index, "weight");
    n += (size_t)snprintf(to, size, lua_toboolean(L, -2) ? "columns" : "rows");
    if (!lua_isnil(L, -1) && n < size)
        n += (size_t)snprintf(to + n, size - n, ":%d", (int)luaL_checkinteger(L, -1));
    lua_pop(L, 2);
    for (lua_Integer i = 1; i <= luaL_len(L, index) && n < size; i++) {
        n += (size_t)snprintf(to + n, size - n, i > 1 ? ", " : "(");
        lua_geti(L, index, i);
        n += n < size ? write_pane(L, lua_gettop(L), to + n, size - n, depth + 1) : 0;
        lua_pop(L, 1);
    }
    return n < size ? n + (size_t)snprintf(to + n, size - n, ")") : n;
}

static int raise_error(lua_State *L, const ipd_error *e)
{
    return luaL_error(L, "%s", e->text);
}

/* Raises misuse; returns nil and the message of any other error. */
static int fail(lua_State *L, const ipd_error *e)
{
    if (e->code == IPD_EUSAGE)
        return raise_error(L, e);
    lua_pushnil(L);
    lua_pushstring(L, e->text);
    return 2;
}

/* ip.layout() -> { names, shown = name }; ip.layout(name); ip.layout{ name =, panes } */
static int layout(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    ipd_layouts *l = w->model.layouts;
    char tree[IPD_PANE_TEXT + 1];
    const char *name = "own";
    ipd_error e;

    if (lua_isnoneornil(L, 1)) {
        lua_newtable(L);
        for (int i = 1; ipd_layouts_name(l, i); i++) {
            lua_pushstring(L, ipd_layouts_name(l, i));
            lua_rawseti(L, -2, i);
        }
        lua_pushstring(L, ipd_layouts_name(l, ipd_layouts_current(l)));
        lua_setfield(L, -2, "shown");
        return 1;
    }
    if (lua_istable(L, 1)) {
        if (lua_getfield(L, 1, "name") != LUA_TNIL)
            name = luaL_checkstring(L, -1);
        if (write_pane(L, 1, tree, sizeof tree, 0) >= sizeof tree)
            return luaL_error(L, "the layout is too long. Use fewer panes");
        if (ipd_layouts_define(l, name, tree, &e) < 0)
            return raise_error(L, &e);
    } else {
        name = luaL_checkstring(L, 1);
    }
    if (ipd_layouts_choose(l, name, &e) < 0)
        return raise_error(L, &e);
    w->model.zoom = NULL;
    if (w->started) /* init.lua runs at every start, so it needs no file */
        ipd_workbench_keep_layouts(w);
    w->dirty = 1;
    return 0;
}

/* ip.mouse(on) */
static int mouse(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TBOOLEAN);
    ipd_terminal_mouse(lua_toboolean(L, 1));
    return 0;
}

/* ip.theme(name) */
static int theme(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    ipd_error e;

    if (lua_isnoneornil(L, 1)) {
        lua_pushstring(L, ipd_screen_theme_name());
        return 1;
    }
    if (ipd_screen_theme(luaL_checkstring(L, 1), &e) < 0)
        return raise_error(L, &e);
    w->canvas.monochrome = w->monochrome = ipd_screen_start();
    w->dirty = 1;
    return 0;
}

/* 1 if the metric is in the last record of the run on the screen. */
static int is_metric(const ipd_model *m, const char *name)
{
    const ipd_record *last = ipd_model_last(m);
    return last && ipd_metric_find(last->metric_names, name) >= 0;
}

static void check_field(lua_State *L, const ipd_model *m, const char *name)
{
    const ipd_field *f = ipd_field_find(name);
    ipd_nearest near = {.word = name};
    ipd_error e;

    if ((f && f->kind != IPD_STRING && f->extent != IPD_BY_METRIC) || is_metric(m, name))
        return;
    for (f = ipd_record_fields; f->name; f++)
        if (f->kind != IPD_STRING)
            ipd_nearest_try(&near, f->name);
    ipd_fail_unknown(&e, "field or metric", &near, "?record lists the fields of records.");
    raise_error(L, &e);
}

/* Calls run:metric(name, f) with the arguments of ip.chart. */
static void add_metric(lua_State *L)
{
    lua_getglobal(L, "run");
    if (lua_isnil(L, -1))
        luaL_error(L, "there is no run to add a metric to");
    lua_getfield(L, -1, "metric");
    lua_insert(L, -2);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 3, 0);
}

/* Reads the fields x and smooth of the table at index 1. */
static void chart_options(lua_State *L, ipd_chart_state *s)
{
    if (lua_getfield(L, 1, "x") != LUA_TNIL) {
        const char *x = luaL_checkstring(L, -1);
        int k = 0;
        while (ipd_axis_name(k) && strcmp(ipd_axis_name(k), x))
            k++;
        if (!ipd_axis_name(k))
            luaL_error(L, "unknown x axis '%s'. Use iteration, batch, samples, seconds or gflop",
                       x);
        s->x_quantity = (ipd_x_quantity)k;
    }
    if (lua_getfield(L, 1, "smooth") != LUA_TNIL) {
        double weight = lua_toboolean(L, -1) ? luaL_checknumber(L, -1) : 0;
        if (!(weight >= 0 && weight < 1))
            luaL_error(L, "smooth must be from 0 to below 1");
        s->smoothing = weight;
    }
    lua_pop(L, 2);
}

/* Writes the chart that had a key last, or else the objective. e->code is 0 on success. */
static void save_chart(ipd_workbench *w, const char *path, ipd_error *e)
{
    enum { WIDTH = 120, HEIGHT = 30 };
    ipd_model *m = &w->model;
    struct ipd_figure_wish wish = {.path = path, .bit = m->chart.last ? m->chart.last : 1};
    ipd_canvas c;

    if ((wish.failed = ipd_canvas_init(&c, WIDTH, HEIGHT, IPD_BRAILLE, &wish.error)) == 0) {
        m->figure = &wish;
        for (int k = 0; ipd_views[k] && !wish.done; k++)
            if (!strcmp(ipd_view_context(ipd_views[k]), "chart"))
                ipd_views[k]->draw(m, &c, ipd_canvas_all(&c));
        m->figure = NULL;
        ipd_canvas_free(&c);
        if (!wish.done)
            wish.failed =
                ipd_fail(&wish.error, IPD_ESTATE, "the chart has no curves yet. Train first: %s",
                         ipd_key_or(IPD_ACT_ITERATION, "run:step()"));
    }
    *e = wish.error;
    e->code = wish.failed ? e->code : 0;
}

/* ip.chart{ save = path } -> path, or nil and a message */
static int chart_save(lua_State *L, ipd_workbench *w)
{
    ipd_error e;

    lua_getfield(L, 1, "save");
    save_chart(w, luaL_checkstring(L, -1), &e);
    return e.code ? fail(L, &e) : 1;
}

/* ip.chart(name, ...), ip.chart(name, f), ip.chart{ names, x =, smooth =, save = }, ip.chart() */
static int chart(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    ipd_chart_state *s = &w->model.chart;
    int table = lua_istable(L, 1), function = lua_isfunction(L, 2);
    int count = table ? (int)luaL_len(L, 1) : function ? 1 : lua_gettop(L);
    enum { FIELDS = sizeof s->fields / sizeof *s->fields };
    char fields[FIELDS][sizeof s->fields[0]] = {{0}};

    luaL_argcheck(L, count <= FIELDS, 1, "at most 8 names");
    for (int i = 0; i < count; i++) {
        if (table)
            lua_geti(L, 1, i + 1);
        else
            lua_pushvalue(L, i + 1);
        const char *name = luaL_checkstring(L, -1);
        if (!function)
            check_field(L, &w->model, name);
        luaL_argcheck(L, strlen(name) < sizeof fields[0], 1,
                      "the name is too long: use at most 31 bytes");
        strcpy(fields[i], name);
        lua_pop(L, 1);
    }
    if (function)
        add_metric(L);
    if (table)
        chart_options(L, s);
    w->dirty = 1;
    if (table && lua_getfield(L, 1, "save") != LUA_TNIL)
        return chart_save(L, w);
    if (table && !count)
        return 0;
    memcpy(s->fields, fields, sizeof fields);
    ipd_workbench_show(w, &ipd_view_metrics);
    return 0;
}

/* ip.screen(path) -> path */
static int screen(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    const char *path = luaL_checkstring(L, 1);
    ipd_error e;

    ipd_lua_activity now = w->activity;
    w->activity = IPD_LUA_IDLE; /* the picture shows the workbench at rest */
    ipd_output_wait(w->output);
    ipd_workbench_draw(w);
    w->activity = now;
    if (ipd_picture_write(&w->canvas, path, &e))
        return fail(L, &e);
    lua_settop(L, 1);
    return 1;
}

void ipd_workbench_lua_open(ipd_workbench *w)
{
    lua_State *L = ipd_lua_state(w->lua);

    lua_pushcfunction(L, replace_input);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK)
        lua_pop(L, 1);
    ipd_workbench_copy_open(w);
    ipd_workbench_bind_open(w);
    ipd_lua_register(w->lua, "chart", chart, w);
    ipd_lua_register(w->lua, "layout", layout, w);
    ipd_lua_register(w->lua, "mouse", mouse, w);
    ipd_lua_register(w->lua, "screen", screen, w);
    ipd_lua_register(w->lua, "theme", theme, w);
}
