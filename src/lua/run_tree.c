/* run_tree.c - the paths of a run: going back by blocks and batches, forward, and to another
 * path. */
#include "lua/classes.h"
#include "plot/glyph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Waits for a command that moves the run; returns the place. */
static int move(lua_State *L, ipd_lua_run *r, ipd_ticket ticket, const ipd_error *e)
{
    r->stepped = 1;
    return ipd_lua_command(L, r, ticket, ipd_lua_place_k, e);
}

static int back(lua_State *L, int batches)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    lua_Integer n = ipd_lua_check_steps(L, 2);
    ipd_error e;
    ipd_lua_check_can_wait(L, r);
    return move(L, r, ipd_run_back(r->run, batches, (long)n, &e), &e);
}

/* run:back_block(n), run:back_batch(n) -> the place */
int ipd_lua_run_back_block(lua_State *L)
{
    return back(L, 0);
}

int ipd_lua_run_back_batch(lua_State *L)
{
    return back(L, 1);
}

/* run:forward(k) -> the place; without k to the end of the path */
int ipd_lua_run_forward(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    lua_Integer k = luaL_optinteger(L, 2, -1);
    ipd_error e;
    luaL_argcheck(L, (k >= 1 && k <= 1000000000) || lua_isnoneornil(L, 2), 2, "must be at least 1");
    ipd_lua_check_can_wait(L, r);
    return move(L, r, ipd_run_forward(r->run, (long)k, &e), &e);
}

/* run:redo() -> the place before the last move back */
int ipd_lua_run_redo(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_error e;
    ipd_lua_check_can_wait(L, r);
    return move(L, r, ipd_run_redo(r->run, &e), &e);
}

/* run:go(path, k) -> the place; without k the end of the path */
int ipd_lua_run_go(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    lua_Integer path = luaL_checkinteger(L, 2), k = luaL_optinteger(L, 3, -1);
    ipd_error e;
    luaL_argcheck(L, path >= 1, 2, "must be the number of a path, see run:futures()");
    luaL_argcheck(L, k >= 0 || lua_isnoneornil(L, 3), 3, "must be an iteration");
    ipd_lua_check_can_wait(L, r);
    return move(L, r, ipd_run_go(r->run, (unsigned long)path, (long)k, &e), &e);
}

static int free_records(lua_State *L)
{
    ipd_records_free(lua_touserdata(L, 1));
    return 0;
}

/* Pushes a userdata for the records of a path, which frees them. */
static ipd_records *push_records(lua_State *L)
{
    ipd_records *records = lua_newuserdatauv(L, sizeof *records, 0);
    *records = (ipd_records){0};
    if (luaL_newmetatable(L, "ipdlam.path")) {
        lua_pushcfunction(L, free_records);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    return records;
}

/* The first path from `number` on that the run is not on; 0 if there is none. */
static unsigned long path_from(const ipd_run *run, unsigned long number)
{
    size_t count;
    const ipd_future_info *f = ipd_run_futures(run, &count);
    for (size_t i = 0; i < count; i++)
        if (f[i].number >= number && !f[i].here)
            return f[i].number;
    return 0;
}

static int draw_path_k(lua_State *L, int status, lua_KContext ticket);

/* Asks for the records of a path. Stack: the run, 1 if all paths are drawn, the path, its
 * records. */
static int ask_path(lua_State *L, ipd_lua_run *r, unsigned long path)
{
    ipd_error e;
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)path);
    ipd_records *records = push_records(L);
    return ipd_lua_command(L, r, ipd_run_copy_path(r->run, path, records, &e), draw_path_k, &e);
}

static int draw_path_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    ipd_lua_curves curves;
    ipd_error e;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, draw_path_k, 1, &reply);
    if (reply.failed)
        return ipd_lua_fail(L, &reply.error);
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    ipd_lua_curves_of(&curves, r);
    curves.path = (unsigned long)lua_tointeger(L, 3);
    curves.records = lua_touserdata(L, 4);
    curves.faint = lua_toboolean(L, 2);
    if (r->lua->host.overlay(r->lua->host.context, &curves, 0, &e))
        return ipd_lua_fail(L, &e);
    unsigned long next = curves.faint ? path_from(r->run, curves.path + 1) : 0;
    return next ? ask_path(L, r, next) : 0;
}

/* run:draw_path(path) draws the path beside the run; run:draw_path() draws all other paths,
 * faint */
int ipd_lua_run_draw_path(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    int all = lua_isnoneornil(L, 2);
    lua_Integer path = all ? 1 : luaL_checkinteger(L, 2);
    luaL_argcheck(L, path >= 1, 2, "must be the number of a path, see run:futures()");
    if (!r->lua->host.overlay) {
        lua_pushnil(L);
        lua_pushliteral(L, "there is no screen here. run:futures() prints the paths");
        return 2;
    }
    unsigned long first = all ? path_from(r->run, 1) : (unsigned long)path;
    if (!first) {
        lua_pushnil(L);
        lua_pushliteral(L, "the run has no other path. run:rewind(k) and a change begin one");
        return 2;
    }
    lua_settop(L, 1);
    lua_pushboolean(L, all);
    return ask_path(L, r, first);
}

static void push_number(lua_State *L, const char *name, double x)
{
    if (isnan(x))
        return;
    lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

/* run:futures() -> a list of the run's paths */
int ipd_lua_run_futures(lua_State *L)
{
    size_t count;
    const ipd_run *run = ipd_lua_check_run(L, 1)->run;
    const ipd_future_info *f = ipd_run_futures(run, &count);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_createtable(L, 0, 11);
        IPD_LUA_SET(L, "node", integer, (lua_Integer)f[i].number);
        if (f[i].parent)
            IPD_LUA_SET(L, "parent", integer, (lua_Integer)f[i].parent);
        IPD_LUA_SET(L, "shared", integer, f[i].shared);
        IPD_LUA_SET(L, "iterations", integer, f[i].iterations);
        IPD_LUA_SET(L, "set", string, f[i].set);
        IPD_LUA_SET(L, "here", boolean, f[i].here);
        IPD_LUA_SET(L, "measure", string, ipd_run_dataset(run)->values ? "R2" : "accuracy");
        push_number(L, "phi", f[i].phi);
        push_number(L, "train_accuracy", f[i].train);
        push_number(L, "test_accuracy", f[i].test);
        push_number(L, "validation_accuracy", f[i].validation);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    luaL_setmetatable(L, "ipdlam.futures");
    return 1;
}

/* A field of the table at the top, as a number; NaN if it is missing. */
static double number_of(lua_State *L, const char *name)
{
    double x = lua_getfield(L, -1, name) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    lua_pop(L, 1);
    return x;
}

/* One line per path; a star marks the one that the run is on. */
static int futures_tostring(lua_State *L)
{
    luaL_Buffer b;
    char line[96], quality[IPD_QUALITY_TEXT];
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    luaL_buffinit(L, &b);
    snprintf(line, sizeof line, "%6s %8s %10s %11s %9s  changes", "path", "from", "iterations",
             "phi", "test");
    luaL_addstring(&b, line);
    for (lua_Integer i = 1; i <= count; i++) {
        char from[24] = "";
        lua_rawgeti(L, 1, i);
        double parent = number_of(L, "parent"), test = number_of(L, "test_accuracy");
        if (parent > 0)
            snprintf(from, sizeof from, "%.0f@%.0f", parent, number_of(L, "shared"));
        lua_getfield(L, -1, "here");
        int here = lua_toboolean(L, -1);
        lua_getfield(L, -2, "measure");
        int is_r2 = lua_isstring(L, -1) && !strcmp(lua_tostring(L, -1), "R2");
        lua_pop(L, 2);
        snprintf(line, sizeof line, "\n%s%5.0f %8s %10.0f %11.6g", here ? "*" : " ",
                 number_of(L, "node"), from, number_of(L, "iterations"), number_of(L, "phi"));
        luaL_addstring(&b, line);
        ipd_quality_text(quality, test, is_r2, is_r2 ? 3 : 2);
        snprintf(line, sizeof line, " %*s%s  ", 9 - ipd_text_columns(quality, 0), "", quality);
        luaL_addstring(&b, line);
        lua_getfield(L, -1, "set");
        lua_remove(L, -2);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    return 1;
}

void ipd_lua_open_futures(lua_State *L)
{
    luaL_newmetatable(L, "ipdlam.futures");
    IPD_LUA_SET(L, "__tostring", cfunction, futures_tostring);
    lua_pop(L, 1);
}
