/* workbench_bind.c - ip.keys: binds keys to the actions of the workbench. */
#include "tui/help_topics.h"
#include "tui/workbench_private.h"

#include <lauxlib.h>
#include <string.h>

enum { MOST = 64 };

/* The keys that ip.keys gives an action; NULL: none. */
typedef struct wish {
    ipd_key *row;
    const char *names[2];
} wish;

/* Pushes a table of the keys of each action. */
static int push_keys(lua_State *L)
{
    ipd_error e;

    lua_newtable(L);
    for (int i = 0; ipd_key_action(i); i++) {
        const ipd_key *row = ipd_key_of_action(ipd_key_action(i), &e);
        lua_newtable(L);
        if (*row->name) {
            lua_pushstring(L, row->name);
            lua_rawseti(L, -2, 1);
        }
        if (row->also) {
            lua_pushstring(L, row->also);
            lua_rawseti(L, -2, 2);
        }
        lua_setfield(L, -2, ipd_key_action(i));
    }
    return 1;
}

/* Reads the value at the top of the stack, a key, a list of at most two or false, into to->names
 * and pops it. The table at index 1 keeps the strings alive. */
static void read_wish(lua_State *L, wish *to)
{
    const char *form = "give each action a key, a list of one or two keys, or false: "
                       "ip.keys{ run = \"F9\", block = { \"F11\", \"M-b\" } }";
    ipd_error e;
    int top = lua_gettop(L), count = 0;

    if (lua_type(L, top) == LUA_TSTRING) {
        to->names[count++] = lua_tostring(L, top);
    } else if (lua_istable(L, top)) {
        count = (int)lua_rawlen(L, top);
        for (int i = 0; i < count && count <= 2; i++)
            to->names[i] = lua_rawgeti(L, top, i + 1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    } else if (!lua_isboolean(L, top) || lua_toboolean(L, top)) {
        count = -1;
    }
    if (count < 0 || count > 2 || (count && !to->names[0]) || (count == 2 && !to->names[1]))
        luaL_error(L, "%s", form);
    for (int i = 0; i < count; i++)
        if (ipd_key_check(to->row, to->names[i], &e))
            luaL_error(L, "%s", e.text);
    lua_settop(L, top - 1);
}

/* 1 if two actions of the same context have the same key. */
static int is_taken(const wish *x, const wish *y)
{
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            if (x->names[i] && y->names[k] && !x->row->context == !y->row->context &&
                ipd_key_code(x->names[i]) == ipd_key_code(y->names[k]))
                return 1;
    return 0;
}

/* ip.keys{ action = key, ... }; ip.keys() -> the keys by action */
static int keys(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    wish wishes[MOST] = {0};
    int count = 0;
    ipd_error e;

    if (lua_isnoneornil(L, 1))
        return push_keys(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 1); count++) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return luaL_error(L, "name the actions: ip.keys{ run = \"F9\" }. ip.keys() lists them");
        if (count == MOST || !(wishes[count].row = ipd_key_of_action(lua_tostring(L, -2), &e)))
            return luaL_error(L, "%s", e.text);
        read_wish(L, &wishes[count]);
        for (int i = 0; i < count; i++)
            if (is_taken(&wishes[i], &wishes[count]))
                return luaL_error(L, "two actions have the same key. Give each its own");
    }
    for (int i = 0; i < count; i++)
        ipd_key_bind(wishes[i].row, wishes[i].names[0], wishes[i].names[1]);
    ipd_help_topics_keys(w->lua);
    w->dirty = 1;
    return 0;
}

void ipd_workbench_bind_open(ipd_workbench *w)
{
    ipd_lua_register(w->lua, "keys", keys, w);
}
