/* by_hand.c - a pause by key while Lua steps the run. It ends the line of Lua: its next statements
 * would otherwise act at a place that the line does not expect. */
#include "lua/core/internal.h"

static ipd_lua_run *find(ipd_lua *lua, const ipd_run *run)
{
    ipd_lua_run *r = lua->runs;

    while (r && r->run != run)
        r = r->next;
    return r;
}

int ipd_lua_steps(ipd_lua *lua, const ipd_run *run)
{
    const ipd_lua_run *r = run ? find(lua, run) : NULL;

    return r && r->stepped && ((lua->chunk.L && !lua->chunk.printing) || lua->event.L);
}

int ipd_lua_pause(ipd_lua *lua, ipd_run *run, ipd_error *e)
{
    ipd_ticket ticket = ipd_run_pause(run, e);

    if (!ticket)
        return -1;
    if (lua->pausing) {
        ipd_run_forget(run, ticket);
    } else {
        lua->pausing = find(lua, run);
        lua->pause = ticket;
    }
    return 0;
}

void ipd_lua_check_pause(lua_State *L, ipd_lua_run *r)
{
    ipd_lua *lua = ipd_lua_of(L);

    /* The reply will come, unless the run waits for a callback that continues only after this
     * call. */
    while (lua->pausing == r && r->run && !ipd_lua_is_called(r)) {
        ipd_run_poll(r->run, 100);
        ipd_lua_heed_pause(lua);
    }
    if (*lua->why)
        ipd_lua_check_interrupt(L);
}
