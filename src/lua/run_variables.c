/* run_variables.c - the variables of a run: run.W[l], run.b[l], run.z[l], run.a[l], their previous
 * iterates, gaps, run.X, run.Y; run:weights(l), run:bias(l).
 *
 * run.W is a userdata "ipdlam.layers" with the run's handle as user value 1. run.W[l] is a view: a
 * tensor with a copy of the value at the next block boundary and its origin (tensor_origin.c). A
 * view is read like any tensor; view:set(t) and run.W[l] = t write to the run.
 */
#include "lua/classes.h"
#include "lua/tensor.h"
#include "solver/variable.h"

/* A copy that the worker makes. */
typedef struct copied {
    ipd_matrix m;
    ipd_variable x;
} copied;

static int copied_gc(lua_State *L)
{
    ipd_matrix_free(&((copied *)luaL_checkudata(L, 1, "ipdlam.copied"))->m);
    return 0;
}

/* Pushes the view of the copy at index 2; index 1 is the run. */
static int view_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, view_k, 1, &reply);
    copied *c = lua_touserdata(L, 2);
    if (reply.failed)
        return luaL_error(L, "%s", reply.error.text);
    ipd_lua_push_tensor(L, &c->m);
    ipd_matrix_free(&c->m); /* it may be large, and the collector does not count it */
    ipd_lua_set_origin(L, c->x, &reply.place);
    return 1;
}

/* Returns a view of x of the run at index 1. */
static int view(lua_State *L, ipd_variable x)
{
    ipd_error e;
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    lua_settop(L, 1);
    copied *c = lua_newuserdatauv(L, sizeof *c, 0);
    *c = (copied){.x = x};
    luaL_setmetatable(L, "ipdlam.copied");
    ipd_ticket ticket = ipd_lua_given(r, ipd_run_copy(r->run, x, &c->m, &e));
    return ticket ? view_k(L, LUA_OK, (lua_KContext)ticket) : luaL_error(L, "%s", e.text);
}

/* Index 1 is the run, 2 the view or nil, 3 the tensor that was written. Returns the view, now with
 * that value. */
static int write_k(lua_State *L, int status, lua_KContext ticket)
{
    ipd_reply reply;
    (void)status;
    ipd_lua_await(L, (ipd_ticket)ticket, write_k, 0, &reply);
    if (reply.failed)
        return luaL_error(L, "%s", reply.error.text);
    ipd_matrix *m = ipd_lua_to_tensor(L, 2);
    lua_settop(L, 3);
    if (!m)
        return 0;
    ipd_variable x = ipd_lua_push_origin(L, 2)->x;
    lua_pop(L, 1);
    lua_pushvalue(L, 2);
    ipd_matrix_copy(m, ipd_lua_check_tensor(L, 3));
    ipd_lua_set_origin(L, x, &reply.place);
    return 1;
}

/* Writes the tensor at index 3 to x of the run at index 1. */
static int write(lua_State *L, ipd_variable x)
{
    ipd_error e;
    ipd_lua_run *r = ipd_lua_check_run(L, 1);
    const ipd_matrix *value = ipd_lua_to_tensor(L, 3);
    lua_settop(L, 3);
    if (!value)
        return luaL_error(L, "a variable of a run is set to a tensor: run.W[2]:set(t)");
    ipd_ticket ticket = ipd_lua_given(r, ipd_run_write(r->run, x, value, &e));
    return ticket ? write_k(L, LUA_OK, (lua_KContext)ticket) : luaL_error(L, "%s", e.text);
}

/* tensor:set; upvalue: the function for tensors that are no views. */
static int tensor_set(lua_State *L)
{
    ipd_lua_check_tensor(L, 1);
    const ipd_lua_origin *o = ipd_lua_push_origin(L, 1);
    if (!o) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, lua_gettop(L) - 1, 1);
        return 1;
    }
    lua_insert(L, 1);
    if (lua_type(L, 3) == LUA_TNUMBER)
        luaL_error(L, "a view is written as a whole: view:set(t)");
    return write(L, o->x);
}

/* --- run.W and the like: userdata "ipdlam.layers" --------------------------------------------- */

static ipd_variable_kind check_layers(lua_State *L)
{
    ipd_variable_kind kind = *(ipd_variable_kind *)luaL_checkudata(L, 1, "ipdlam.layers");
    lua_getiuservalue(L, 1, 1);
    lua_replace(L, 1);
    return kind;
}

static ipd_variable check_variable(lua_State *L)
{
    ipd_variable_kind kind = check_layers(L);
    if (!lua_isinteger(L, 2))
        luaL_error(L, "%s is indexed by a layer: run.%s[1]", ipd_variable_names[kind],
                   ipd_variable_names[kind]);
    lua_Integer l = lua_tointeger(L, 2);
    return (ipd_variable){kind, l < -1 || l > IPD_MAX_LAYERS + 1 ? IPD_MAX_LAYERS + 1 : (int)l};
}

static int layers_index(lua_State *L)
{
    return view(L, check_variable(L));
}

static int layers_newindex(lua_State *L)
{
    ipd_variable x = check_variable(L);
    lua_pushnil(L);
    lua_replace(L, 2);
    return write(L, x);
}

static int layers_len(lua_State *L)
{
    ipd_error e;
    ipd_variable x = {check_layers(L), 1};
    int depth = ipd_run_depth(ipd_lua_check_run(L, 1)->run);
    for (x.layer = depth; x.layer > 0 && ipd_variable_check(x, depth, 0, &e);)
        x.layer--;
    lua_pushinteger(L, x.layer);
    return 1;
}

static int layers_tostring(lua_State *L)
{
    const char *name =
        ipd_variable_names[*(ipd_variable_kind *)luaL_checkudata(L, 1, "ipdlam.layers")];
    lua_pushfstring(L, "%s of every layer of a run; run.%s[l] is a tensor", name, name);
    return 1;
}

/* A field of a run, such as run.W; upvalue: the kind of variable. */
static int get_layers(lua_State *L)
{
    ipd_lua_to_run(L, 1);
    ipd_variable_kind *layers = lua_newuserdatauv(L, sizeof *layers, 1);
    *layers = (ipd_variable_kind)lua_tointeger(L, lua_upvalueindex(1));
    luaL_setmetatable(L, "ipdlam.layers");
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int get_X(lua_State *L)
{
    return view(L, (ipd_variable){IPD_VARIABLE_A, 0});
}

static int get_Y(lua_State *L)
{
    return view(L, (ipd_variable){IPD_VARIABLE_Y, 0});
}

static int of_layer(lua_State *L, ipd_variable_kind kind)
{
    int depth = ipd_run_depth(ipd_lua_check_run(L, 1)->run);
    return view(L, (ipd_variable){kind, ipd_lua_check_layer(L, 2, depth)});
}

int ipd_lua_run_weights(lua_State *L)
{
    return of_layer(L, IPD_VARIABLE_W);
}

int ipd_lua_run_bias(lua_State *L)
{
    return of_layer(L, IPD_VARIABLE_B);
}

void ipd_lua_open_variables(lua_State *L)
{
    static const luaL_Reg layers[] = {{"__index", layers_index},
                                      {"__newindex", layers_newindex},
                                      {"__len", layers_len},
                                      {"__tostring", layers_tostring},
                                      {NULL, NULL}};
    luaL_newmetatable(L, "ipdlam.layers");
    luaL_setfuncs(L, layers, 0);
    luaL_newmetatable(L, "ipdlam.copied");
    IPD_LUA_SET(L, "__gc", cfunction, copied_gc);
    luaL_getmetatable(L, "ipdlam.run");
    lua_getfield(L, -1, "__fields");
    for (int kind = 0; kind < IPD_VARIABLE_Y; kind++) {
        lua_pushinteger(L, kind);
        lua_pushcclosure(L, get_layers, 1);
        lua_setfield(L, -2, ipd_variable_names[kind]);
    }
    IPD_LUA_SET(L, "X", cfunction, get_X);
    IPD_LUA_SET(L, "Y", cfunction, get_Y);
    lua_pop(L, 4);
    luaL_getmetatable(L, "ipdlam.tensor");
    lua_getfield(L, -1, "__methods");
    lua_getfield(L, -1, "set");
    lua_pushcclosure(L, tensor_set, 1);
    lua_setfield(L, -2, "set");
    lua_pop(L, 2);
}
