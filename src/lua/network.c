/* network.c - networks in Lua: widths to start from, or weights that were loaded. */
#include "base/text.h"
#include "format/weights.h"
#include "lua/classes.h"
#include "lua/tensor.h"

#include <stdio.h>
#include <string.h>

static ipd_lua_network *check_network(lua_State *L, int index)
{
    return ipd_lua_check_object(L, index, "ipdlam.network");
}

ipd_lua_network *ipd_lua_push_network(lua_State *L)
{
    ipd_lua_network *n = lua_newuserdatauv(L, sizeof *n, 0);
    memset(n, 0, sizeof *n);
    luaL_setmetatable(L, "ipdlam.network");
    return n;
}

/* The name under `key` of the table at index 1, or the default. */
static const char *name_field(lua_State *L, const char *key, const char *otherwise)
{
    if (lua_getfield(L, 1, key) == LUA_TNIL)
        return otherwise;
    if (lua_type(L, -1) != LUA_TSTRING)
        luaL_error(L, "%s must be a name, not a %s", key, luaL_typename(L, -1));
    return lua_tostring(L, -1); /* the table keeps it */
}

/* "relu", or { "relu", "tanh" } with one name per hidden layer; left on the stack. */
static const char *activation_field(lua_State *L)
{
    if (lua_getfield(L, 1, "activation") != LUA_TTABLE) {
        lua_pop(L, 1);
        return name_field(L, "activation", "relu");
    }
    lua_pushliteral(L, "");
    for (lua_Integer i = 1; i <= (lua_Integer)lua_rawlen(L, -2); i++) {
        if (lua_rawgeti(L, -2, i) != LUA_TSTRING)
            luaL_error(L, "activation must list names: { \"relu\", \"tanh\" }");
        lua_pushliteral(L, ",");
        lua_concat(L, 3);
    }
    return lua_tostring(L, -1);
}

static void check_keys(lua_State *L)
{
    static const char *const names[] = {"activation", "loss", NULL};
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) {
            if (ipd_text_index(lua_tostring(L, -2), names) < 0)
                ipd_lua_unknown(L, "option", lua_tostring(L, -2), names);
        } else if (!lua_isinteger(L, -2)) {
            luaL_error(L, "a network needs widths: ip.network{ 784, 300, 10 }");
        }
}

/* ip.network{ 784, 300, 300, 10, activation = "relu", loss = "squared" } */
int ipd_lua_new_network(lua_State *L)
{
    if (luaL_testudata(L, 1, "ipdlam.network")) {
        lua_settop(L, 1);
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    check_keys(L);
    lua_Integer widths = (lua_Integer)lua_rawlen(L, 1);
    if (widths < 2 || widths > IPD_MAX_LAYERS + 1)
        return luaL_error(L,
                          "a network has 2 to %d widths, inputs first: ip.network{ 784, 300, 10 }",
                          IPD_MAX_LAYERS + 1);
    const char *activation = activation_field(L), *loss = name_field(L, "loss", "squared");
    if (!ipd_loss_find(loss))
        return ipd_lua_unknown(L, "loss", loss, ipd_loss_names());
    ipd_lua_network *n = ipd_lua_push_network(L);
    n->net.L = (int)widths - 1;
    n->net.loss = ipd_loss_find(loss);
    n->activation_given = lua_getfield(L, 1, "activation") != LUA_TNIL;
    n->loss_given = lua_getfield(L, 1, "loss") != LUA_TNIL;
    lua_pop(L, 2);
    for (int l = 0; l < widths; l++) {
        int whole;
        lua_rawgeti(L, 1, l + 1);
        lua_Integer d = lua_tointegerx(L, -1, &whole);
        if (!whole || d < 1 || d > 1000000)
            return luaL_error(L, "width %d of the network must be a whole number, 1 to 1000000",
                              l + 1);
        lua_pop(L, 1);
        n->net.d[l] = (size_t)d;
    }
    ipd_error e;
    if (ipd_network_set_activations(&n->net, activation, &e))
        return luaL_error(L, "%s", e.text);
    return 1;
}

ipd_lua_network *ipd_lua_to_network(lua_State *L, int index)
{
    if (!luaL_testudata(L, index, "ipdlam.network") && !lua_istable(L, index))
        luaL_error(L, "net must be a network or a table of widths, not a %s",
                   luaL_typename(L, index));
    index = lua_absindex(L, index);
    lua_pushcfunction(L, ipd_lua_new_network);
    lua_pushvalue(L, index);
    lua_call(L, 1, 1);
    return check_network(L, -1);
}

/* ip.load(path [, { activation =, loss = }]) */
int ipd_lua_load_network(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    ipd_error e;
    ipd_lua_network *n = ipd_lua_push_network(L);
    if (ipd_weights_load(&n->net, path, ipd_activation_find("relu"), ipd_loss_find("squared"),
                         &e)) {
        if (e.code == IPD_EUSAGE) /* the fault is in the file, not in the call */
            e.code = IPD_EFORMAT;
        return ipd_lua_fail(L, &e);
    }
    n->has_weights = 1;
    return 1;
}

/* Describes entry i of the table at index 1, as a text left on the stack. */
static const char *describe_entry(lua_State *L, lua_Integer i)
{
    lua_rawgeti(L, 1, i);
    return luaL_tolstring(L, -1, NULL);
}

/* ip.average{ network, network, ... } */
int ipd_lua_average_networks(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = (lua_Integer)lua_rawlen(L, 1);
    if (count < 1)
        return luaL_error(L, "ip.average needs networks: ip.average{ network, network }");
    const ipd_network **from = lua_newuserdatauv(L, (size_t)count * sizeof *from, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        ipd_lua_network *n = luaL_testudata(L, -1, "ipdlam.network");
        if (!n || !n->has_weights)
            return luaL_error(L, "ip.average: network %I has no weights: it is %s", i,
                              describe_entry(L, i));
        from[i - 1] = &n->net;
        if (!ipd_network_alike(from[0], &n->net))
            return luaL_error(
                L,
                "ip.average: the networks must have the same shape, but network %I is a %s; the "
                "first is a %s",
                i, describe_entry(L, i), describe_entry(L, 1));
        lua_pop(L, 1);
    }
    ipd_error e;
    ipd_lua_network *n = ipd_lua_push_network(L);
    if (ipd_network_average(&n->net, from, (size_t)count, &e))
        return ipd_lua_fail(L, &e);
    n->has_weights = 1;
    return 1;
}

static int network_gc(lua_State *L)
{
    ipd_lua_network *n = check_network(L, 1);
    ipd_network_free(&n->net);
    memset(n, 0, sizeof *n);
    return 0;
}

/* Pushes W or b of a layer; raises an error if the network has no weights. */
static int push_parameter(lua_State *L, int weights)
{
    ipd_lua_network *n = check_network(L, 1);
    int l = ipd_lua_check_layer(L, 2, n->net.L);
    if (!n->has_weights)
        return luaL_error(L, "this network has only widths: weights are drawn when a run is made. "
                             "Use run:weights(l) or run:bias(l)");
    ipd_lua_push_tensor(L, weights ? &n->net.W[l] : &n->net.b[l]);
    return 1;
}

static int network_weights(lua_State *L)
{
    return push_parameter(L, 1);
}

static int network_bias(lua_State *L)
{
    return push_parameter(L, 0);
}

static int network_save(lua_State *L)
{
    ipd_lua_network *n = check_network(L, 1);
    ipd_error e;
    const char *path = luaL_checkstring(L, 2);
    if (!n->has_weights)
        return luaL_error(L, "this network has only widths: there are no weights to save. Use "
                             "run:save, or ip.load to read weights");
    if (ipd_weights_save(&n->net, path, &e))
        return ipd_lua_fail(L, &e);
    lua_pushstring(L, path);
    return 1;
}

static int push_accuracy(lua_State *L, const ipd_network *net, const ipd_dataset *d,
                         const ipd_samples *s)
{
    ipd_evaluation out;
    ipd_error e;
    if (ipd_network_evaluate(net, ipd_samples_inputs(s), ipd_samples_truth(d, s), NULL, &out, NULL,
                             NULL, &e))
        return ipd_lua_fail(L, &e);
    lua_pushnumber(L, out.accuracy);
    return 1;
}

/* net:evaluate(data) -> { train_accuracy =, validation_accuracy =, test_accuracy = } */
static int network_evaluate(lua_State *L)
{
    ipd_lua_network *n = check_network(L, 1);
    ipd_dataset *d;
    ipd_error e;
    if (!n->has_weights)
        return luaL_error(L, "this network has only widths: there are no weights to evaluate. Use "
                             "run:network(), or ip.load to read weights");
    if (ipd_lua_to_dataset(L, 2, &d, &e))
        return ipd_lua_fail(L, &e);
    if (n->net.d[0] != d->inputs || n->net.d[n->net.L] != d->classes)
        return luaL_error(
            L, "the network maps %d values to %d, but the data set %s has %d inputs and %d classes",
            (int)n->net.d[0], (int)n->net.d[n->net.L], d->name, (int)d->inputs, (int)d->classes);
    lua_createtable(L, 0, 3);
    int table = lua_gettop(L), count;
    if ((count = push_accuracy(L, &n->net, d, &d->train)) != 1)
        return count;
    lua_setfield(L, table, "train_accuracy");
    if (d->validation.X.cols) {
        if ((count = push_accuracy(L, &n->net, d, &d->validation)) != 1)
            return count;
        lua_setfield(L, table, "validation_accuracy");
    }
    if ((count = push_accuracy(L, &n->net, d, &d->test)) != 1)
        return count;
    lua_setfield(L, table, "test_accuracy");
    return 1;
}

static int get_widths(lua_State *L)
{
    const ipd_network *net = &check_network(L, 1)->net;
    return ipd_lua_push_widths(L, net->d, net->L + 1);
}

IPD_LUA_GETTER(get_layers, integer, check_network(L, 1)->net.L)

static int get_activation(lua_State *L)
{
    char names[512];
    ipd_network_activations(&check_network(L, 1)->net, names, sizeof names);
    lua_pushstring(L, names);
    return 1;
}

IPD_LUA_GETTER(get_loss, string, check_network(L, 1)->net.loss->name)

static int network_tostring(lua_State *L)
{
    const ipd_lua_network *n = check_network(L, 1);
    luaL_Buffer b;
    char text[64];
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "network ");
    for (int l = 0; l <= n->net.L; l++) {
        snprintf(text, sizeof text, "%s%zu", l ? "-" : "", n->net.d[l]);
        luaL_addstring(&b, text);
    }
    char names[512];
    ipd_network_activations(&n->net, names, sizeof names);
    luaL_addstring(&b, ", ");
    luaL_addstring(&b, names);
    snprintf(text, sizeof text, ", %s%s", n->net.loss ? n->net.loss->name : "none",
             n->has_weights ? ", with weights" : "");
    luaL_addstring(&b, text);
    luaL_pushresult(&b);
    return 1;
}

void ipd_lua_open_network(lua_State *L)
{
    static const luaL_Reg methods[] = {{"weights", network_weights},
                                       {"bias", network_bias},
                                       {"save", network_save},
                                       {"evaluate", network_evaluate},
                                       {NULL, NULL}};
    static const luaL_Reg fields[] = {{"widths", get_widths},
                                      {"layers", get_layers},
                                      {"activation", get_activation},
                                      {"loss", get_loss},
                                      {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__gc", network_gc}, {"__tostring", network_tostring}, {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.network", methods, fields, meta};
    ipd_lua_class_open(L, &class);
    luaL_getmetatable(L, class.name);
    lua_getfield(L, -1, "__methods");
    luaL_setfuncs(L, ipd_lua_network_compute, 0);
    lua_pop(L, 2);
}
