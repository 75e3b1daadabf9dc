/* run_export.c - what a run writes of itself for elsewhere: run:script. */
#include "base/path.h"
#include "lua/internal.h"
#include "run/safetensors.h"
#include "run/script.h"

#include <string.h>

/* The path with another ending: "again.lua" becomes "again.safetensors". */
static int beside(char *to, size_t size, const char *path, const char *ending, ipd_error *e)
{
    const char *dot = strrchr(path, '.'), *slash = strrchr(path, '/');
    size_t length = dot && (!slash || dot > slash) ? (size_t)(dot - path) : strlen(path);
    if (snprintf(to, size, "%.*s%s", (int)length, path, ending) >= (int)size)
        return ipd_fail(e, IPD_EIO, "%.60s...: the path is too long", path);
    return 0;
}

/* run:script(path) -> path; the first weights go beside it where no seed gives them. */
int ipd_lua_run_script(lua_State *L)
{
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    const char *path = luaL_checkstring(L, 2);
    char weights[4096];
    ipd_script s;
    ipd_new_file f;
    ipd_error e;
    ipd_lua_pump(r->lua);
    ipd_script_of_run(&s, r->run);
    if (s.given) {
        if (beside(weights, sizeof weights, path, ".safetensors", &e) ||
            ipd_weights_save(ipd_run_first_network(r->run), weights, &e))
            return ipd_lua_fail(L, &e);
        s.weights = weights;
    }
    if (ipd_new_file_open(&f, path, &e))
        return ipd_lua_fail(L, &e);
    ipd_script_head(f.stream);
    if (ipd_script_write(f.stream, &s, &e)) {
        ipd_new_file_abandon(&f);
        return ipd_lua_fail(L, &e);
    }
    if (ipd_new_file_commit(&f, &e))
        return ipd_lua_fail(L, &e);
    lua_settop(L, 2);
    return 1;
}
