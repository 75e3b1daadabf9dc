/* method_module.c - ip.method and ip.methods. */
#include "lua/method.h"
#include "lua/method_private.h"
#include "optim/methods.h"

#include <string.h>

/* ip.method(file or text) -> its name */
int ipd_lua_method(lua_State *L)
{
    const char *given = luaL_checkstring(L, 1);
    ipd_error e;
    const ipd_method *method =
        strchr(given, '\n') ? ipd_method_read(given, &e) : ipd_method_get(given, &e);
    if (!method)
        return ipd_lua_fail(L, &e);
    lua_pushstring(L, method->name);
    return 1;
}

static void push_settings_of(lua_State *L, const ipd_own_setting *x)
{
    lua_newtable(L);
    for (; x && *x->name; x++) {
        lua_createtable(L, 0, 4);
        IPD_LUA_SET(L, "help", string, x->help);
        IPD_LUA_SET(L, "default", number, x->start);
        IPD_LUA_SET(L, "min", number, x->min);
        IPD_LUA_SET(L, "max", number, x->max);
        luaL_setmetatable(L, "ipdlam.list");
        lua_setfield(L, -2, x->name);
    }
    luaL_setmetatable(L, "ipdlam.list");
}

/* ip.methods(): a description of each method, by name */
int ipd_lua_methods(lua_State *L)
{
    ipd_lua_methods_find();
    lua_newtable(L);
    for (const char *const *name = ipd_method_names(); *name; name++) {
        const ipd_method *method = ipd_method_find(*name);
        lua_createtable(L, 0, 4);
        IPD_LUA_SET(L, "summary", string, method->summary);
        IPD_LUA_SET(L, "uses", string, method->uses);
        if (method->written) {
            IPD_LUA_SET(L, "source", string, method->written->source);
            IPD_LUA_SET(L, "text", string, method->written->text);
            push_settings_of(L, method->own);
            lua_setfield(L, -2, "settings");
        }
        luaL_setmetatable(L, "ipdlam.list");
        lua_setfield(L, -2, *name);
    }
    luaL_setmetatable(L, "ipdlam.list");
    return 1;
}
