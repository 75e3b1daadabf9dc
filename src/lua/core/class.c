/* class.c - classes of userdata, and how errors reach Lua. */
#include "base/text.h"
#include "lua/core/internal.h"

#include <stdio.h>
#include <string.h>

static const char *article(const char *name)
{
    return strchr("aeiou", *name) ? "an" : "a";
}

/* __index with the upvalues methods, fields and the class's short name. */
static int class_index(lua_State *L)
{
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL)
        return 1;
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(2)) == LUA_TFUNCTION) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 1);
        return 1;
    }
    lua_settop(L, 2);
    if (luaL_getmetafield(L, 1, "__otherwise") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        lua_call(L, 2, 2);
        if (!lua_isnil(L, -2) || lua_toboolean(L, -1)) {
            lua_pop(L, 1);
            return 1;
        }
    }
    const char *name = lua_tostring(L, lua_upvalueindex(3));
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "%s %s has no element of type %s", article(name), name,
                          luaL_typename(L, 2));
    ipd_nearest near = {.word = lua_tostring(L, 2)};
    for (int t = 1; t <= 2; t++)
        for (lua_pushnil(L); lua_next(L, lua_upvalueindex(t)); lua_pop(L, 1))
            ipd_nearest_try(&near, lua_tostring(L, -2)); /* the table keeps the key */
    char kind[64], otherwise[64];
    ipd_error e;
    snprintf(kind, sizeof kind, "field of %s %s", article(name), name);
    snprintf(otherwise, sizeof otherwise, "?%s lists the fields.", name);
    ipd_fail_unknown(&e, kind, &near, otherwise);
    return luaL_error(L, "%s", e.text);
}

static int class_newindex(lua_State *L)
{
    const char *name = lua_tostring(L, lua_upvalueindex(1));
    return luaL_error(L, "the fields of %s %s cannot be set", article(name), name);
}

void ipd_lua_class_open(lua_State *L, const ipd_lua_class *c)
{
    static const luaL_Reg none[] = {{NULL, NULL}};
    const char *dot = strchr(c->name, '.');
    luaL_newmetatable(L, c->name);
    lua_newtable(L);
    luaL_setfuncs(L, c->methods ? c->methods : none, 0);
    lua_newtable(L);
    luaL_setfuncs(L, c->fields ? c->fields : none, 0);
    lua_pushvalue(L, -2);
    lua_setfield(L, -4, "__methods");
    lua_pushvalue(L, -1);
    lua_setfield(L, -4, "__fields");
    lua_pushstring(L, dot ? dot + 1 : c->name);
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, class_newindex, 1);
    lua_setfield(L, -5, "__newindex");
    lua_pushcclosure(L, class_index, 3);
    lua_setfield(L, -2, "__index");
    luaL_setfuncs(L, c->meta ? c->meta : none, 0);
    lua_pop(L, 1);
}

/* The name of the running function if it is a method of the class whose metatable is at the top,
 * else NULL. */
static const char *method_name(lua_State *L)
{
    lua_Debug ar;
    const char *name = NULL;
    if (lua_getfield(L, -1, "__methods") != LUA_TTABLE || !lua_getstack(L, 0, &ar))
        return NULL;
    lua_getinfo(L, "f", &ar);
    for (lua_pushnil(L); !name && lua_next(L, -3); lua_pop(L, 1))
        if (lua_rawequal(L, -1, -3))
            name = lua_tostring(L, -2); /* the table keeps the key */
    return name;
}

void *ipd_lua_check_object(lua_State *L, int index, const char *class)
{
    void *object = luaL_testudata(L, index, class);
    if (object)
        return object;
    if (index == 1 && luaL_getmetatable(L, class) == LUA_TTABLE) {
        const char *name = method_name(L), *dot = strchr(class, '.');
        if (name && dot)
            luaL_error(L, "%s:%s is called with a colon, not with a dot", dot + 1, name);
    }
    return luaL_checkudata(L, index, class);
}

int ipd_lua_fail(lua_State *L, const ipd_error *e)
{
    if (e->code == IPD_EUSAGE || e->code == IPD_EINTERRUPT || e->code == IPD_ECALLBACK ||
        ipd_lua_of(L)->check) /* a method from a file cannot go on */
        return luaL_error(L, "%s", e->text);
    lua_pushnil(L);
    lua_pushstring(L, e->text);
    return 2;
}

int ipd_lua_unknown(lua_State *L, const char *what, const char *word, const char *const *words)
{
    ipd_error e;
    ipd_fail_unknown_in(&e, what, word, words);
    return luaL_error(L, "%s", e.text);
}

void ipd_lua_check_keys(lua_State *L, int index, const char *what, const char *const *names)
{
    luaL_checktype(L, index, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "a number";
        if (ipd_text_index(key, names) < 0)
            ipd_lua_unknown(L, what, key, names);
    }
}
