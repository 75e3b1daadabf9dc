/* run_export.c - run:script. */
#include "lua/core/internal.h"

/* run:script(path) -> path. Does ip.record for this run. */
int ipd_lua_run_script(lua_State *L)
{
    ipd_lua_check_run(L, 1);
    luaL_checkstring(L, 2);
    lua_settop(L, 2);
    lua_insert(L, 1);
    return ipd_lua_record_session(L);
}
