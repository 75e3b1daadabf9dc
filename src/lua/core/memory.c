/* memory.c - the memory of a Lua state, with a limit; states for methods from files. */
#include "base/machine.h"
#include "lua/core/internal.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE = 32 << 20 };

void ipd_lua_drop_spare(ipd_lua *lua)
{
    while (lua->spare_count) {
        ipd_lua_block *b = &lua->spare[--lua->spare_count];
        free(b->data);
        lua->memory -= b->size;
    }
}

/* Frees a block, or keeps it if it is large: a loop soon makes tensors of the same sizes, and the
 * kernel would clear every page of fresh memory. Measured (1500 x 1500 by 1500 x 60000, two
 * threads): a product into a kept block has the rate of sgemm, into fresh memory 0.6 of it. A
 * session keeps one block; a method, whose memory counts as the run's, keeps several. */
static void free_block(ipd_lua *lua, void *old, size_t size)
{
    int max = lua->method ? IPD_LUA_SPARE : 1;
    if (size < LARGE) {
        free(old);
        lua->memory -= size;
        return;
    }
    if (lua->spare_count == max) {
        free(lua->spare[0].data);
        lua->memory -= lua->spare[0].size;
        memmove(lua->spare, lua->spare + 1, (size_t)--lua->spare_count * sizeof *lua->spare);
    }
    lua->spare[lua->spare_count++] = (ipd_lua_block){old, size};
}

/* Takes a spare block of exactly this size, or returns NULL. */
static void *use_spare(ipd_lua *lua, size_t size)
{
    for (int i = lua->spare_count - 1; i >= 0; i--) {
        void *data = lua->spare[i].data;
        if (lua->spare[i].size != size)
            continue;
        lua->spare[i] = lua->spare[--lua->spare_count];
        return data;
    }
    return NULL;
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
    void *spare = old ? NULL : use_spare(lua, size);
    if (spare)
        return spare;
    if (size > old_size && size - old_size > lua->memory_max - lua->memory)
        ipd_lua_drop_spare(lua);
    if (size > old_size && size - old_size > lua->memory_max - lua->memory)
        return NULL;
    void *new = realloc(old, size);
    if (!new && lua->spare_count) {
        ipd_lua_drop_spare(lua);
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

int ipd_lua_open_apart(ipd_lua **out, void (*check)(lua_State *L), lua_CFunction open, void *method,
                       ipd_error *e)
{
    ipd_lua *lua = calloc(1, sizeof *lua);
    if (lua) {
        lua->check = check;
        lua->method = method;
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
    ipd_lua_drop_spare(lua);
    free(lua);
}
