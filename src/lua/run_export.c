/* run_export.c - what a run writes of itself for elsewhere: run:script. */
#include "lua/core/internal.h"

/* run:script(path) -> path: ip.record of this one run. */
int ipd_lua_run_script(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_insert(L, 1);
    return ipd_lua_record_session(L);
}
