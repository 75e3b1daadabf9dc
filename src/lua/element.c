/* element.c - ip.activation, ip.loss and ip.penalty: Lua functions of elements, traced once into a
 * program.
 *
 * The functions are called with elements, userdata "ipdlam.element", which have the operations of
 * tensors; each operation adds a step to the program. An element belongs to one trace, userdata
 * "ipdlam.trace", its user value 1. A trace ends with the call. */
#include "lua/classes.h"
#include "lua/tensor.h"
#include "net/activation.h"
#include "net/definitions.h"
#include "net/loss.h"
#include "net/regularizer.h"

#include <math.h>
#include <string.h>

typedef struct trace {
    ipd_program program;
    int is_open;
} trace;

typedef struct element {
    ipd_operand at;
} element;

static void push_element(lua_State *L, int trace_index, ipd_operand at)
{
    trace_index = lua_absindex(L, trace_index);
    element *x = lua_newuserdatauv(L, sizeof *x, 1);
    x->at = at;
    lua_pushvalue(L, trace_index);
    lua_setiuservalue(L, -2, 1);
    luaL_setmetatable(L, "ipdlam.element");
}

static trace *push_trace(lua_State *L, const char *inputs, unsigned uniform)
{
    trace *t = lua_newuserdatauv(L, sizeof *t, 0);
    ipd_program_init(&t->program, inputs, uniform);
    t->is_open = 1;
    luaL_setmetatable(L, "ipdlam.trace");
    return t;
}

static void raise(lua_State *L, const ipd_error *e)
{
    luaL_error(L, "%s", e->text);
}

/* Pushes the trace of the first element among the values 1 ... count and returns it. */
static trace *trace_of(lua_State *L, int count)
{
    for (int i = 1; i <= count; i++) {
        if (!luaL_testudata(L, i, "ipdlam.element"))
            continue;
        lua_getiuservalue(L, i, 1);
        trace *t = lua_touserdata(L, -1);
        if (!t->is_open)
            luaL_error(L, "an element exists only while its function is being defined");
        return t;
    }
    luaL_typeerror(L, 1, "element");
    return NULL;
}

/* The operand at the index: an element of t, or a number. */
static ipd_operand operand_at(lua_State *L, trace *t, int index)
{
    ipd_operand at;
    ipd_error e;
    if (lua_type(L, index) == LUA_TNUMBER) {
        if (ipd_program_number(&t->program, lua_tonumber(L, index), &at, &e))
            raise(L, &e);
        return at;
    }
    element *x = luaL_testudata(L, index, "ipdlam.element");
    if (!x)
        luaL_typeerror(L, index, "element or number");
    lua_getiuservalue(L, index, 1);
    if (lua_touserdata(L, -1) != t)
        luaL_error(L, "an element exists only while its function is being defined");
    lua_pop(L, 1);
    return x->at;
}

/* Adds the operation on the values at the stack indices index[0], ... and pushes its result. */
static int operate(lua_State *L, int op, const int *index)
{
    int count = ipd_program_arity(op), top = lua_gettop(L);
    trace *t = trace_of(L, top);
    ipd_operand of[3], at;
    ipd_error e;
    for (int j = 0; j < count; j++)
        of[j] = operand_at(L, t, index[j]);
    if (ipd_program_add(&t->program, op, of, &at, &e))
        raise(L, &e);
    push_element(L, top + 1, at);
    return 1;
}

/* x:exp(), -x, ...; upvalue: the operation. */
static int unary(lua_State *L)
{
    lua_settop(L, 1);
    return operate(L, (int)lua_tointeger(L, lua_upvalueindex(1)), (int[]){1});
}

/* x:add(y), x + y, ...; upvalues: the operation, and 1 to exchange the operands. x ^ 2 becomes x *
 * x. */
static int binary(lua_State *L)
{
    int op = (int)lua_tointeger(L, lua_upvalueindex(1)),
        swapped = lua_toboolean(L, lua_upvalueindex(2));
    lua_settop(L, 2);
    if (op == ipd_program_op("pow") && lua_type(L, 2) == LUA_TNUMBER && lua_tonumber(L, 2) == 2)
        return operate(L, ipd_program_op("mul"), (int[]){1, 1});
    return operate(L, op, swapped ? (int[]){2, 1} : (int[]){1, 2});
}

/* x:clip(low, high): nil is no bound */
static int clip(lua_State *L)
{
    lua_settop(L, 3);
    lua_pushvalue(L, 1);
    for (int i = 2; i <= 3; i++) {
        if (lua_isnil(L, i))
            continue;
        lua_getfield(L, 1, i == 2 ? "maximum" : "minimum");
        lua_insert(L, -2);
        lua_pushvalue(L, i);
        lua_call(L, 2, 1);
    }
    return 1;
}

int ipd_lua_is_element(lua_State *L, int index)
{
    return luaL_testudata(L, index, "ipdlam.element") != NULL;
}

int ipd_lua_choose_element(lua_State *L)
{
    lua_settop(L, 3);
    return operate(L, ipd_program_op("where"), (int[]){1, 2, 3});
}

static int compare(lua_State *L)
{
    return luaL_error(L,
                      "<, <=, > and >= give true or false. Compare elements with x:lt(y), x:le(y), "
                      "x:gt(y) and x:ge(y)");
}

static int to_string(lua_State *L)
{
    lua_pushliteral(L, "element of a function that is being defined");
    return 1;
}

/* Adds the methods to the table at the top, and the operators to the metatable below it. */
static void add_operations(lua_State *L)
{
    static const char *const ones[] = {"abs", "sign", "exp", "log", "sqrt", "tanh"};
    static const struct {
        const char *name, *op, *meta;
        int swapped;
    } twos[] = {{"add", "add", "__add", 0},
                {"sub", "sub", "__sub", 0},
                {"mul", "mul", "__mul", 0},
                {"div", "div", "__div", 0},
                {"pow", "pow", "__pow", 0},
                {"minimum", "minimum", NULL, 0},
                {"maximum", "maximum", NULL, 0},
                {"lt", "lt", NULL, 0},
                {"le", "le", NULL, 0},
                {"gt", "lt", NULL, 1},
                {"ge", "le", NULL, 1},
                {"eq", "eq", NULL, 0},
                {"ne", "ne", NULL, 0}};
    for (size_t i = 0; i < sizeof ones / sizeof *ones; i++) {
        lua_pushinteger(L, ipd_program_op(ones[i]));
        lua_pushcclosure(L, unary, 1);
        lua_setfield(L, -2, ones[i]);
    }
    for (size_t i = 0; i < sizeof twos / sizeof *twos; i++) {
        lua_pushinteger(L, ipd_program_op(twos[i].op));
        lua_pushboolean(L, twos[i].swapped);
        lua_pushcclosure(L, binary, 2);
        if (twos[i].meta) {
            lua_pushvalue(L, -1);
            lua_setfield(L, -4, twos[i].meta);
        }
        lua_setfield(L, -2, twos[i].name);
    }
    lua_pushinteger(L, ipd_program_op("neg"));
    lua_pushcclosure(L, unary, 1);
    lua_setfield(L, -3, "__unm");
}

void ipd_lua_open_element(lua_State *L)
{
    static const luaL_Reg methods[] = {{"clip", clip}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__lt", compare}, {"__le", compare}, {"__tostring", to_string}, {NULL, NULL}};
    static const ipd_lua_class class = {"ipdlam.element", methods, NULL, meta};
    ipd_lua_class_open(L, &class);
    luaL_newmetatable(L, "ipdlam.trace");
    lua_pop(L, 1);
    luaL_getmetatable(L, "ipdlam.element");
    lua_getfield(L, -1, "__methods");
    add_operations(L);
    lua_pop(L, 2);
}

/* Calls the function in field `name` of the table at index 1 with the inputs of the trace at the
 * top; returns the operand of its result. */
static ipd_operand call(lua_State *L, trace *t, const char *name)
{
    int at_trace = lua_gettop(L), of_type = lua_getfield(L, 1, name);
    if (of_type != LUA_TFUNCTION)
        luaL_error(L, "%s must be a function, not a %s", name, lua_typename(L, of_type));
    for (int i = 0; i < t->program.inputs; i++)
        push_element(L, at_trace, (ipd_operand)i);
    lua_call(L, t->program.inputs, 1);
    if (lua_type(L, -1) != LUA_TNUMBER && !ipd_lua_is_element(L, -1))
        luaL_error(L, "%s must return an element or a number, not a %s", name,
                   luaL_typename(L, -1));
    ipd_operand at = operand_at(L, t, lua_gettop(L));
    lua_settop(L, at_trace);
    return at;
}

static void finish(lua_State *L, trace *t, const ipd_operand *outputs, int count)
{
    ipd_error e;
    t->is_open = 0;
    if (ipd_program_finish(&t->program, outputs, count, &e))
        raise(L, &e);
}

/* Pushes the name of the function that has been defined, or fails. */
static int push_name(lua_State *L, const char *name, const ipd_error *e)
{
    if (!name)
        return ipd_lua_fail(L, e);
    lua_pushstring(L, name);
    return 1;
}

static const char *define(ipd_own_kind kind, const char *name, const ipd_program *both,
                          const ipd_program *prox, ipd_error *e)
{
    if (kind == IPD_OWN_LOSS) {
        const ipd_loss *f = ipd_loss_define(name, both, prox, e);
        return f ? f->name : NULL;
    }
    if (kind == IPD_OWN_PENALTY) {
        const ipd_regularizer *f = ipd_regularizer_define(name, both, prox, e);
        return f ? f->name : NULL;
    }
    const ipd_activation *f = ipd_activation_define(name, both, prox, e);
    return f ? f->name : NULL;
}

static const char *read_text(ipd_own_kind kind, const char *text, ipd_error *e)
{
    if (kind == IPD_OWN_LOSS) {
        const ipd_loss *f = ipd_loss_read(text, 1, e);
        return f ? f->name : NULL;
    }
    if (kind == IPD_OWN_PENALTY) {
        const ipd_regularizer *f = ipd_regularizer_read(text, e);
        return f ? f->name : NULL;
    }
    const ipd_activation *f = ipd_activation_read(text, 1, e);
    return f ? f->name : NULL;
}

/* Defines a function by the table or the text at index 1; returns its name. */
static int new_function(lua_State *L, ipd_own_kind kind)
{
    static const char *const keys[][5] = {{"name", "value", "slope", "prox", NULL},
                                          {"name", "value", "gradient", "prox", NULL},
                                          {"name", "value", "slope", "prox", NULL}};
    ipd_error e;
    if (lua_type(L, 1) == LUA_TSTRING)
        return push_name(L, read_text(kind, lua_tostring(L, 1), &e), &e);
    lua_settop(L, 1);
    ipd_lua_check_keys(L, 1, "field", keys[kind]);
    if (lua_getfield(L, 1, "name") != LUA_TSTRING)
        return luaL_error(L, "name must be a string: name = \"mine\"");
    trace *main = push_trace(L, ipd_own_inputs(kind), 0), *prox = NULL;
    ipd_operand outputs[2], output;
    outputs[0] = call(L, main, "value");
    outputs[1] = call(L, main, keys[kind][2]);
    finish(L, main, outputs, 2);
    if (lua_getfield(L, 1, "prox") != LUA_TNIL) {
        prox = push_trace(L, ipd_own_prox_inputs(kind), ipd_own_prox_uniform(kind));
        output = call(L, prox, "prox");
        finish(L, prox, &output, 1);
    }
    return push_name(
        L, define(kind, lua_tostring(L, 2), &main->program, prox ? &prox->program : NULL, &e), &e);
}

/* ip.activation{ name =, value =, slope =, prox = }, or ip.activation(text) */
int ipd_lua_new_activation(lua_State *L)
{
    return new_function(L, IPD_OWN_ACTIVATION);
}

/* ip.loss{ name =, value =, gradient =, prox = }, or ip.loss(text) */
int ipd_lua_new_loss(lua_State *L)
{
    return new_function(L, IPD_OWN_LOSS);
}

/* ip.penalty{ name =, value =, slope =, prox = }, or ip.penalty(text) */
int ipd_lua_new_penalty(lua_State *L)
{
    return new_function(L, IPD_OWN_PENALTY);
}
