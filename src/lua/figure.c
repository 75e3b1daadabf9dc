/* figure.c - figures in Lua: ip.figure{ ... }, figure:save(path), figure:text(). */
#include "plot/figure.h"
#include "base/text.h"
#include "lua/classes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Userdata "ipdlam.figure"; user value 1 is the table that lua/figure.lua made. */

/* Returns zeroed memory that lasts as long as the anchor, a table: Lua frees it even after an
 * error. */
static void *hold(lua_State *L, int anchor, size_t bytes)
{
    void *memory = lua_newuserdatauv(L, bytes ? bytes : 1, 0);
    memset(memory, 0, bytes);
    lua_rawseti(L, anchor, (lua_Integer)lua_rawlen(L, anchor) + 1);
    return memory;
}

/* A text field; the string is valid as long as its table. */
static const char *text_field(lua_State *L, int table, const char *key)
{
    int type = lua_getfield(L, table, key);
    if (type != LUA_TSTRING && type != LUA_TNIL)
        luaL_error(L, "%s must be a text, not a %s", key, lua_typename(L, type));
    const char *text = lua_tostring(L, -1);
    lua_pop(L, 1);
    return text;
}

static double number_field(lua_State *L, int table, const char *key, double min, double max)
{
    int type = lua_getfield(L, table, key);
    double value = lua_tonumber(L, -1);
    if (type != LUA_TNIL && (type != LUA_TNUMBER || !(value >= min && value <= max)))
        luaL_error(L, "%s must be a number from %f to %f", key, min, max);
    lua_pop(L, 1);
    return value;
}

/* A boolean field, with its default. */
static int flag_field(lua_State *L, int table, const char *key, int otherwise)
{
    int type = lua_getfield(L, table, key);
    int value = type == LUA_TNIL ? otherwise : lua_toboolean(L, -1);
    if (type != LUA_TNIL && type != LUA_TBOOLEAN)
        luaL_error(L, "%s must be true or false, not a %s", key, lua_typename(L, type));
    lua_pop(L, 1);
    return value;
}

static ipd_figure_range range_field(lua_State *L, int table, const char *key)
{
    ipd_figure_range r = {0, 0};
    int type = lua_getfield(L, table, key);
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return r;
    }
    if (type == LUA_TTABLE) {
        lua_rawgeti(L, -1, 1);
        lua_rawgeti(L, -2, 2);
        r.low = lua_tonumber(L, -2);
        r.high = lua_tonumber(L, -1);
        lua_pop(L, 2);
    }
    if (!(r.low < r.high))
        luaL_error(L, "%s must be two numbers, the smaller one first: { 0, 1 }", key);
    lua_pop(L, 1);
    return r;
}

/* An array of *count numbers; if *count is 0, of any length, which *count is set to. NULL if the
 * field is nil. */
static const double *numbers_field(lua_State *L, int anchor, int table, const char *key,
                                   size_t *count)
{
    int type = lua_getfield(L, table, key);
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return NULL;
    }
    if (type != LUA_TTABLE)
        luaL_error(L, "%s must be a list of numbers, not a %s", key, lua_typename(L, type));
    size_t n = lua_rawlen(L, -1);
    if (*count && n != *count)
        luaL_error(L, "x and %s must have the same length: x has %d values and %s has %d", key,
                   (int)*count, key, (int)n);
    *count = n;
    int list = lua_gettop(L);
    double *values = hold(L, anchor, n * sizeof *values);
    for (size_t i = 0; i < n; i++) {
        if (lua_rawgeti(L, list, (lua_Integer)i + 1) != LUA_TNUMBER)
            luaL_error(L, "%s must be a list of numbers, but element %d is a %s", key, (int)i + 1,
                       luaL_typename(L, -1));
        values[i] = lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return values;
}

static void read_series(lua_State *L, int anchor, int table, void *to)
{
    ipd_figure_series *s = to;
    static const char *const known[] = {"name", "x",     "y",      "low",  "high",
                                        "line", "marks", "colour", "dash", NULL};
    ipd_lua_check_keys(L, table, "field of a series", known);
    s->name = text_field(L, table, "name");
    s->name = s->name ? s->name : "";
    s->x = numbers_field(L, anchor, table, "x", &s->count);
    s->y = numbers_field(L, anchor, table, "y", &s->count);
    if (!s->x || !s->y)
        luaL_error(
            L,
            "a series needs y, a list of numbers, or a run: { name = \"phi\", y = { 3, 2, 1 } }");
    s->low = numbers_field(L, anchor, table, "low", &s->count);
    s->high = numbers_field(L, anchor, table, "high", &s->count);
    s->line = flag_field(L, table, "line", 1);
    s->marks = flag_field(L, table, "marks", -1);
    s->colour = (int)number_field(L, table, "colour", 1, 8);
    s->dash = (int)number_field(L, table, "dash", 1, 4);
}

/* Reads each element of the list `key` with `read` into an array; sets *count. */
typedef void read_fn(lua_State *L, int anchor, int table, void *to);
static void *read_list(lua_State *L, int anchor, int table, const char *key, size_t size,
                       read_fn *read, int *count)
{
    if (lua_getfield(L, table, key) != LUA_TTABLE || !lua_rawlen(L, -1))
        luaL_error(L, "%s must be a list of at least one table", key);
    int list = lua_gettop(L);
    *count = (int)lua_rawlen(L, list);
    char *all = hold(L, anchor, (size_t)*count * size);
    for (int i = 0; i < *count; i++) {
        if (lua_rawgeti(L, list, i + 1) != LUA_TTABLE)
            luaL_error(L, "%s must be a list of tables, but element %d is a %s", key, i + 1,
                       luaL_typename(L, -1));
        read(L, anchor, lua_gettop(L), all + (size_t)i * size);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return all;
}

static void read_panel(lua_State *L, int anchor, int table, void *to)
{
    static const char *const known[] = {"title", "x_label", "y_label", "log_x",
                                        "log_y", "whole_x", "percent", "x",
                                        "y",     "series",  NULL};
    ipd_panel *p = to;
    ipd_lua_check_keys(L, table, "field of a panel", known);
    p->title = text_field(L, table, "title");
    p->x_label = text_field(L, table, "x_label");
    p->y_label = text_field(L, table, "y_label");
    p->x_kind = flag_field(L, table, "log_x", 0) ? IPD_LOG : IPD_LINEAR;
    p->y_kind = flag_field(L, table, "log_y", 0) ? IPD_LOG : IPD_LINEAR;
    p->x_whole = flag_field(L, table, "whole_x", 0);
    p->percent = flag_field(L, table, "percent", 0);
    p->x = range_field(L, table, "x");
    p->y = range_field(L, table, "y");
    if ((p->x_kind == IPD_LOG && p->x.low < p->x.high && p->x.low <= 0) ||
        (p->y_kind == IPD_LOG && p->y.low < p->y.high && p->y.low <= 0))
        luaL_error(L, "a logarithmic axis must begin above 0");
    p->series = read_list(L, anchor, table, "series", sizeof(ipd_figure_series), read_series,
                          &p->series_count);
}

/* Reads the table at the index, and pushes a table that keeps the memory of *f. */
static void read_figure(lua_State *L, int table, ipd_figure *f)
{
    static const char *const known[] = {"title", "columns", "width", "height", "panels", NULL};
    lua_newtable(L);
    int anchor = lua_gettop(L);
    luaL_checkstack(L, 24, "a figure");
    ipd_lua_check_keys(L, table, "field of a figure", known);
    *f = (ipd_figure){.title = text_field(L, table, "title"),
                      .columns = (int)number_field(L, table, "columns", 1, 16),
                      .width = number_field(L, table, "width", 40, 4000),
                      .height = number_field(L, table, "height", 40, 4000)};
    f->panels =
        read_list(L, anchor, table, "panels", sizeof(ipd_panel), read_panel, &f->panel_count);
}

int ipd_lua_new_figure(lua_State *L)
{
    ipd_figure f;
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    ipd_lua_push_prelude(L, "figure");
    lua_insert(L, 1);
    if (lua_pcall(L, 1, 1, 0) != LUA_OK)
        return luaL_error(L, "%s", luaL_tolstring(L, -1, NULL));
    read_figure(L, 1, &f); /* report mistakes here, where the user wrote them */
    lua_newuserdatauv(L, 1, 1);
    luaL_setmetatable(L, "ipdlam.figure");
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static void to_figure(lua_State *L, ipd_figure *f)
{
    luaL_checkudata(L, 1, "ipdlam.figure");
    lua_getiuservalue(L, 1, 1);
    read_figure(L, lua_gettop(L), f);
}

/* figure:save(path): returns the path. */
static int figure_save(lua_State *L)
{
    ipd_figure f;
    ipd_error e;
    const char *path = luaL_checkstring(L, 2);
    to_figure(L, &f);
    if (ipd_figure_write(&f, path, &e))
        return ipd_lua_fail(L, &e);
    lua_pushvalue(L, 2);
    return 1;
}

static int push_text(lua_State *L, const ipd_figure *f, int width, int height)
{
    char *text = NULL;
    size_t size = 0;
    ipd_error e;
    FILE *to = open_memstream(&text, &size);
    if (!to)
        return luaL_error(L, "no memory for a chart");
    int failed = ipd_figure_text(to, f, width, height, ipd_charset_of_locale(), 0, &e);
    failed = ipd_text_close(to, &text) || failed;
    if (failed) {
        free(text);
        return luaL_error(L, "no memory for a chart");
    }
    while (size && text[size - 1] == '\n')
        size--;
    lua_pushlstring(L, text, size);
    free(text);
    return 1;
}

/* figure:text(width, height): the figure in characters; the height is that of a panel. */
static int figure_text(lua_State *L)
{
    ipd_figure f;
    lua_Integer width = luaL_optinteger(L, 2, 78), height = luaL_optinteger(L, 3, 16);
    luaL_argcheck(L, width >= 20 && width <= 1000, 2, "use 20 to 1000 columns");
    luaL_argcheck(L, height >= 4 && height <= 500, 3, "use 4 to 500 lines");
    to_figure(L, &f);
    return push_text(L, &f, (int)width, (int)height);
}

static int figure_tostring(lua_State *L)
{
    ipd_figure f;
    lua_settop(L, 1);
    to_figure(L, &f);
    return push_text(L, &f, 78, 16);
}

void ipd_lua_open_figure(lua_State *L)
{
    static const luaL_Reg methods[] = {{"save", figure_save}, {"text", figure_text}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__tostring", figure_tostring}, {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.figure", methods, NULL, meta};
    ipd_lua_class_open(L, &class);
}
