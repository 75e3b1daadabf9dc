/* tensor_class.c - the class of tensors with all its methods. */
#include "lua/tensor.h"

void ipd_lua_open_tensors(lua_State *L)
{
    ipd_lua_open_tensor(L);
    luaL_getmetatable(L, "ipdlam.tensor");
    ipd_lua_add_tensor_operators(L);
    lua_getfield(L, -1, "__methods");
    luaL_setfuncs(L, ipd_lua_tensor_parts, 0);
    luaL_setfuncs(L, ipd_lua_tensor_math, 0);
    luaL_setfuncs(L, ipd_lua_tensor_linear, 0);
    ipd_lua_add_tensor_arithmetic(L);
    lua_pop(L, 2);
}
