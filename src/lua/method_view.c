/* method_view.c - views: tensors whose data are the variables of a method from a file. */
#include "lua/method_private.h"

#include <stdio.h>

void ipd_method_push_view(ipd_method_state *h, const char *name, int layer, const ipd_matrix *m)
{
    lua_State *L = h->lua->L;
    ipd_view_tensor *view = lua_newuserdatauv(L, sizeof *view, 1);
    *view = (ipd_view_tensor){.m = *m, .layer = layer};
    snprintf(view->name, sizeof view->name, "%s", name);
    lua_pushfstring(L, *name == 'X' || *name == 'Y' ? "s.%s" : "s.%s[%d]", name, layer);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, "ipdlam.tensor");
    luaL_ref(L, (lua_pushvalue(L, -1), LUA_REGISTRYINDEX)); /* it lives as long as the state */
    if (h->view_count < IPD_VIEW_TENSORS)
        h->views[h->view_count++] = view;
}
