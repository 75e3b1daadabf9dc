/* memory.c - the memory of a Lua state, with a limit; states apart from the session's. */
#include "base/machine.h"
#include "lua/core/internal.h"

#include <stdlib.h>

enum { LARGE = 32 << 20 };

static void drop_spare(ipd_lua *lua)
{
    free(lua->spare);
    lua->memory -= lua->spare_size;
    lua->spare = NULL;
    lua->spare_size = 0;
}

/* Keeps the last large block, since a loop soon makes a tensor of the same size, and the kernel clears
 * every page of fresh memory first. Measured (1500 x 1500 by 1500 x 60000, two threads): the product
 * has the rate of sgemm, in fresh memory 0.6 of it. */
static void free_block(ipd_lua *lua, void *old, size_t size)
{
    if (size < LARGE) {
        free(old);
        lua->memory -= size;
        return;
    }
    drop_spare(lua);
    lua->spare = old;
    lua->spare_size = size;
}

/* Lua's allocator, with a limit: a single call of string.rep reaches no hook. */
static void *allocate(void *context, void *old, size_t old_size, size_t size)
{
    ipd_lua *lua = context;
    if (!old)
        old_size = 0; /* old_size is a type in this case */
    if (size == 0) {
        if (old)
            free_block(lua, old, old_size);
        return NULL;
    }
    if (!old && size == lua->spare_size) {
        void *spare = lua->spare;
        lua->spare = NULL;
        lua->spare_size = 0;
        return spare;
    }
    if (size > old_size && size - old_size > lua->memory_max - lua->memory)
        drop_spare(lua);
    if (size > old_size && size - old_size > lua->memory_max - lua->memory)
        return NULL;
    void *new = realloc(old, size);
    if (!new && lua->spare) {
        drop_spare(lua);
        new = realloc(old, size);
    }
    if (new)
        lua->memory += size - old_size;
    return new;
}

void ipd_lua_limit_memory(ipd_lua *lua, size_t max)
{
    lua->memory_max = max > lua->memory ? max : lua->memory;
}

static size_t half_of_memory(void)
{
    enum { UNKNOWN = 1 << 30 };
    double total, available;
    ipd_machine_memory("", &total, &available);
    return total > 0 ? (size_t)(total / 2) : UNKNOWN;
}

int ipd_lua_new_state(ipd_lua *lua)
{
    if (!lua->memory_max)
        lua->memory_max = half_of_memory();
    lua->L = lua_newstate(allocate, lua);
    if (lua->L)
        *(ipd_lua **)lua_getextraspace(lua->L) = lua;
    return lua->L ? 0 : -1;
}

int ipd_lua_open_apart(ipd_lua **out, void (*check)(lua_State *L), size_t memory_max,
                       lua_CFunction open, void *method, ipd_error *e)
{
    ipd_lua *lua = calloc(1, sizeof *lua);
    if (lua) {
        lua->check = check;
        lua->method = method;
        lua->memory_max = memory_max;
    }
    if (!lua || ipd_lua_new_state(lua)) {
        free(lua);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for a Lua interpreter");
    }
    lua_pushcfunction(lua->L, open);
    if (lua_pcall(lua->L, 0, 0, 0)) {
        ipd_fail(e, IPD_ECALLBACK, "%s", lua_tostring(lua->L, -1));
        ipd_lua_close_apart(lua);
        return -1;
    }
    *out = lua;
    return 0;
}

void ipd_lua_close_apart(ipd_lua *lua)
{
    if (!lua)
        return;
    lua_close(lua->L);
    free(lua->spare);
    free(lua);
}
