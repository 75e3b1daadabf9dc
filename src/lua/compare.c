/* compare.c - compares runs: ip.living, ip.overlay, ip.compare. In the workbench their curves are
 * drawn together; elsewhere the comparison is a table with character charts. */
#include "history/history.h"
#include "lua/classes.h"
#include "report/change_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the runs of the session ------------------------------------------------------------------ */

/* Pushes the newest run of the session with the name at index or, if that is an integer, with that
 * number in the history. Returns 0 and pushes nothing if there is none. */
static int push_run_of_session(lua_State *L, int index)
{
    ipd_lua *lua = ipd_lua_of(L);
    long id = lua_isinteger(L, index) ? (long)lua_tointeger(L, index) : 0;
    const char *name = lua_isinteger(L, index) ? NULL : lua_tostring(L, index);

    for (ipd_lua_run *r = lua->runs; r; r = r->next) {
        ipd_lua_card buffer;
        const ipd_lua_card *card = r->run || r->parked ? ipd_lua_card_of(r, &buffer) : NULL;
        if (card && (name ? !strcmp(card->name, name) : id && card->id == id))
            return ipd_lua_push_handle(L, r);
    }
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
        lua_pushfstring(L, "this session has no run '%s'. ip.living() lists its runs",
                        lua_tostring(L, 1));
        return 2;
    }
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        count += r->run || r->parked;
    lua_createtable(L, (int)count, 0);
    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        if ((r->run || r->parked) && ipd_lua_push_handle(L, r))
            lua_rawseti(L, -2, count--);
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}

/* --- the curves of a run, in memory or of the history ----------------------------------------- */

static void name_curves(const ipd_history_run *run, ipd_lua_curves *out)
{
    snprintf(out->name, sizeof out->name, "#%ld %.50s", run->id, run->name);
    out->id = run->id;
}

static void curves_of_history(lua_State *L, int index, ipd_lua_curves *out)
{
    name_curves(ipd_lua_history_run(L, index), out);
    out->records = ipd_lua_history_records(L, index);
}

/* Finds a run of the history; fills in its name and number alone. */
static int find_in_history(const ipd_lua *lua, long id, ipd_lua_curves *out, ipd_error *e)
{
    ipd_history_run *run = ipd_allocate(1, sizeof *run, e);
    ipd_history *h = NULL;
    int failed =
        !run || ipd_history_open(&h, lua->host.history, 0, e) || ipd_history_find(h, id, run, e);

    if (!failed)
        name_curves(run, out);
    ipd_history_close(h);
    free(run);
    return failed ? -1 : 0;
}

/* Reads a run of the history and leaves it on the stack. drawn: 1 if its curves are only drawn, for
 * which the host reads the records itself. */
static int read_history(lua_State *L, long id, int drawn, ipd_lua_curves *out, ipd_error *e)
{
    const ipd_lua *lua = ipd_lua_of(L);
    char name[24];

    if (!lua->host.history)
        return ipd_fail(e, IPD_ESTATE, "no history is open, so run %ld is not available", id);
    if (drawn) {
        lua_pushnil(L);
        return find_in_history(lua, id, out, e);
    }
    snprintf(name, sizeof name, "%ld", id);
    if (ipd_lua_push_old_run(L, name, e))
        return -1;
    curves_of_history(L, -1, out);
    return 0;
}

/* Returns 1 and sets *id if the value at the index is a row of ip.runs. */
static int is_row(lua_State *L, int index, long *id)
{
    if (lua_type(L, index) != LUA_TTABLE)
        return 0;
    int found = lua_getfield(L, index, "id") == LUA_TNUMBER && lua_isinteger(L, -1);
    *id = (long)lua_tointeger(L, -1);
    lua_pop(L, 1);
    return found;
}

/* Reads the value at the index: a run, its name, its number in the history or a row of ip.runs.
 * drawn: see read_history. What *out borrows stays on the stack. */
static int to_curves(lua_State *L, int index, int drawn, ipd_lua_curves *out, ipd_error *e)
{
    *out = (ipd_lua_curves){0};
    if (ipd_lua_history_run(L, index)) {
        curves_of_history(L, index, out);
        lua_pushvalue(L, index);
        return 0;
    }
    long id;
    if (is_row(L, index, &id))
        return read_history(L, id, drawn, out, e);
    int is_text = lua_type(L, index) == LUA_TSTRING, is_number = lua_isinteger(L, index);
    int found = (is_text || is_number) && push_run_of_session(L, index);
    if (is_number && !found)
        return read_history(L, (long)lua_tointeger(L, index), drawn, out, e);
    if (is_text && !found)
        luaL_error(L, "this session has no run '%s'. ip.living() lists its runs",
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

/* ip.overlay(run or number, ...) draws their curves beside those of the run on the screen;
 * ip.overlay() removes them. */
int ipd_lua_overlay(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    int count = lua_gettop(L);
    ipd_lua_curves curves;
    ipd_error e;

    if (!lua->host.overlay) {
        lua_pushnil(L);
        lua_pushliteral(L, "there is no screen here. ip.compare{ run, other } prints a comparison");
        return 2;
    }
    if (count == 0 && lua->host.overlay(lua->host.context, NULL, 0, &e))
        return ipd_lua_fail(L, &e);
    for (int i = 1; i <= count; i++)
        if (to_curves(L, i, 1, &curves, &e) || lua->host.overlay(lua->host.context, &curves, 0, &e))
            return ipd_lua_fail(L, &e);
    return 0;
}

/* --- ip.compare ------------------------------------------------------------------------------- */

static int list_change(void *context, const ipd_place *place, const char *text)
{
    ipd_change_list_add(context, place, text);
    return 0;
}

static int read_changes(const ipd_lua *lua, long id, ipd_change_list *list, ipd_error *e)
{
    ipd_history *h = NULL;

    if (ipd_history_open(&h, lua->host.history, 0, e))
        return -1;
    int failed = ipd_history_changes(h, id, list_change, list, e);
    ipd_history_close(h);
    return failed;
}

/* Pushes the changes made during the run, as text. */
static int push_changes(lua_State *L, const ipd_lua_curves *curves, ipd_error *e)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_change_list list = {0};
    const ipd_run *run = NULL;
    int failed = 0;

    for (ipd_lua_run *r = lua->runs; r; r = r->next)
        run = r->run && r->number == curves->number ? r->run : run;
    for (size_t i = 0; run && i < ipd_run_log_count(run); i++)
        ipd_change_list_add(&list, &ipd_run_log(run, i)->place, ipd_run_log(run, i)->text);
    if (!run && lua->host.history)
        failed = read_changes(lua, curves->id, &list, e);
    char *text = failed ? NULL : ipd_change_list_text(&list);
    ipd_change_list_free(&list);
    if (failed)
        return -1;
    if (!text)
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for a comparison");
    lua_pushstring(L, text); /* out of memory here loses the text */
    free(text);
    return 0;
}

/* ip.compare{ run, other }, with or without a screen. */
int ipd_lua_compare(lua_State *L)
{
    ipd_lua *lua = ipd_lua_of(L);
    ipd_lua_curves both[2];
    char *changes[2];
    ipd_error e;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_checkstack(L, 12, NULL);
    if (lua_rawlen(L, 1) != 2)
        return luaL_error(L, "give two runs: ip.compare{ run, other }");
    for (int i = 0; i < 2; i++) {
        lua_rawgeti(L, 1, i + 1);
        if (to_curves(L, lua_gettop(L), 0, &both[i], &e) || push_changes(L, &both[i], &e))
            return ipd_lua_fail(L, &e);
        changes[i] = (char *)lua_tostring(L, -1);
    }
    unsigned long shown = ipd_lua_current_number(lua);
    for (int i = 1; i >= 0 && lua->host.overlay; i--)
        if (!both[i].number || both[i].number != shown)
            if (lua->host.overlay(lua->host.context, &both[i], 1, &e))
                return ipd_lua_fail(L, &e);
    lua_createtable(L, 0, 2);
    int table = lua_gettop(L);
    ipd_lua_push_comparison(L, both, changes, !lua->host.overlay);
    lua_setfield(L, table, "text");
    lua_settop(L, table);
    IPD_LUA_SET(L, "differ_from", integer, ipd_lua_first_difference(&both[0], &both[1]));
    luaL_setmetatable(L, "ipdlam.text");
    return 1;
}
