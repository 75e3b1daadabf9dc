/* method_module.c - ip.method and ip.methods. */
#include "lua/classes.h"
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
        strchr(given, '\n') ? ipd_method_read(given, "", &e) : ipd_method_get(given, &e);
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

static int reloaded(lua_State *L, int status, lua_KContext context)
{
    (void)status;
    (void)context;
    return lua_gettop(L) - 1;
}

/* run:reload(file): switches to the present text of the method's file, as run:switch */
int ipd_lua_run_reload(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    const char *now = ipd_run_settings(r->run)->method;
    char known[4096];
    const char *path = luaL_optstring(L, 2, known);
    ipd_error e;
    lua_settop(L, 1);
    if (!ipd_method_find(now)->written)
        return luaL_error(L, "%s is built in. run:reload is for methods from files", now);
    if (path == known && !ipd_method_path(ipd_method_find(now), known, sizeof known))
        return luaL_error(L, "the file of %s is not known. Write run:reload(\"./mine.lua\")", now);
    const ipd_method *method = ipd_method_get(path, &e);
    if (!method)
        return luaL_error(L, "%s", e.text);
    if (!strcmp(method->name, now)) {
        lua_pushnil(L);
        lua_pushfstring(L, "%s is unchanged", path);
        return 2;
    }
    if (!ipd_method_is_reload(ipd_method_find(now), method))
        return luaL_error(L, "%s is the method %s, and the run has %s. Use run:switch", path,
                          method->name, now);
    lua_getfield(L, 1, "switch");
    lua_pushvalue(L, 1);
    lua_pushstring(L, method->name);
    lua_callk(L, 2, LUA_MULTRET, 0, reloaded);
    return reloaded(L, LUA_OK, 0);
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
