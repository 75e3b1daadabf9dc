/* tensor_math.c - arithmetic, functions and reductions of tensors by element. */
#include "base/elements.h"
#include "base/vector.h"
#include "lua/tensor_pending.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How the second operand of a method is repeated: not at all, as a row, as a column. */
typedef enum shape { SAME, ROW, COLUMN } shape;
static const char *const shapes[] = {"", "_row", "_col"}; /* end of a method's name */

static const struct arithmetic {
    const char *name;
    ipd_binary op;
    int swapped; /* 1: the operands are exchanged */
    int repeats; /* 1: the methods NAME_row, NAME_col and NAME_ exist, too */
} operations[] = {
    {"add", IPD_ADD, 0, 1},         {"sub", IPD_SUBTRACT, 0, 1},  {"mul", IPD_MULTIPLY, 0, 1},
    {"div", IPD_DIVIDE, 0, 1},      {"pow", IPD_POWER, 0, 0},     {"minimum", IPD_MINIMUM, 0, 0},
    {"maximum", IPD_MAXIMUM, 0, 0}, {"lt", IPD_LESS, 0, 0},       {"le", IPD_LESS_EQUAL, 0, 0},
    {"gt", IPD_LESS, 1, 0},         {"ge", IPD_LESS_EQUAL, 1, 0}, {"eq", IPD_EQUAL, 0, 0},
    {"ne", IPD_NOT_EQUAL, 0, 0},
};
enum { OPERATIONS = sizeof operations / sizeof *operations };

static int same_shape(const ipd_matrix *x, const ipd_matrix *y)
{
    return x->rows == y->rows && x->cols == y->cols;
}

static void check_shapes(lua_State *L, const char *what, shape how, const ipd_matrix *x,
                         const ipd_matrix *y)
{
    lua_Integer rows = (lua_Integer)x->rows, cols = (lua_Integer)x->cols;
    lua_Integer r = (lua_Integer)y->rows, c = (lua_Integer)y->cols;
    if (how == ROW && (y->rows != 1 || y->cols != x->cols))
        luaL_error(L, "%s: %I x %I needs a row of 1 x %I and got %I x %I", what, rows, cols, cols,
                   r, c);
    if (how == COLUMN && (y->cols != 1 || y->rows != x->rows))
        luaL_error(L, "%s: %I x %I needs a column of %I x 1 and got %I x %I", what, rows, cols,
                   rows, r, c);
    if (how == SAME && !same_shape(x, y))
        luaL_error(
            L,
            "%s: the shapes %I x %I and %I x %I differ. add_row and add_col, ... repeat a row "
            "or a column",
            what, rows, cols, r, c);
}

/* Like ipd_lua_check_operand; with `waits`, a tensor may be pending. */
static const ipd_matrix *read_operand(lua_State *L, int index, int waits, float *number,
                                      ipd_matrix *one)
{
    return waits && lua_isuserdata(L, index) ? ipd_lua_peek_tensor(L, index)
                                             : ipd_lua_check_operand(L, index, number, one);
}

static int wait_for(lua_State *L, ipd_binary op, const ipd_matrix *like, int x, int y)
{
    ipd_step step = {.kind = IPD_STEP_BINARY, .op = (int)op};
    return ipd_lua_wait(L, step, like->rows, like->cols, x, y);
}

/* t:add(y), t:add_row(y), t:add_(y), ...; upvalues: index of the operation, shape, 1 for in
 * place. */
static int arithmetic(lua_State *L)
{
    const struct arithmetic *a = &operations[lua_tointeger(L, lua_upvalueindex(1))];
    shape how = (shape)lua_tointeger(L, lua_upvalueindex(2));
    int in_place = lua_toboolean(L, lua_upvalueindex(3)), waits = !in_place && ipd_lua_may_wait(L);
    ipd_matrix *x = waits ? ipd_lua_peek_tensor(L, 1) : ipd_lua_check_tensor(L, 1), one;
    float number;
    const ipd_matrix *y = read_operand(L, 2, waits, &number, &one);
    char name[32];
    snprintf(name, sizeof name, "%s%s", a->name, shapes[how]);
    if (y != &one || how != SAME)
        check_shapes(L, name, how, x, y);
    if (waits)
        return wait_for(L, a->op, x, a->swapped ? 2 : 1, a->swapped ? 1 : 2);
    if (!in_place) {
        ipd_matrix *to = ipd_lua_new_tensor(L, x->rows, x->cols);
        ipd_combine(a->op, a->swapped ? y : x, a->swapped ? x : y, to);
        return 1;
    }
    ipd_combine(a->op, x, y, ipd_lua_check_own(L, 1));
    lua_settop(L, 1);
    return 1;
}

/* Metamethod: x op y of two tensors of one shape, or of a tensor and a number; upvalues: operation
 * and sign. */
static int operate(lua_State *L)
{
    ipd_binary op = (ipd_binary)lua_tointeger(L, lua_upvalueindex(1));
    ipd_matrix one[2];
    float numbers[2];
    int waits = ipd_lua_may_wait(L);
    const ipd_matrix *x = read_operand(L, 1, waits, &numbers[0], &one[0]);
    const ipd_matrix *y = read_operand(L, 2, waits, &numbers[1], &one[1]);
    const ipd_matrix *shaped = x == &one[0] ? y : x;
    int both = x != &one[0] && y != &one[1];
    if (both && op == IPD_MULTIPLY)
        return ipd_lua_multiply(L);
    if (both)
        check_shapes(L, lua_tostring(L, lua_upvalueindex(2)), SAME, x, y);
    if (waits)
        return wait_for(L, op, shaped, 1, 2);
    ipd_combine(op, x, y, ipd_lua_new_tensor(L, shaped->rows, shaped->cols));
    return 1;
}

/* Equal shapes and elements; NaN equals nothing. */
static int equals(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_to_tensor(L, 1), *y = ipd_lua_to_tensor(L, 2);
    int same = x && y && same_shape(x, y);
    for (size_t i = 0; same && i < x->rows * x->cols; i++)
        same = x->data[i] == y->data[i];
    lua_pushboolean(L, same);
    return 1;
}

/* t:abs(), ..., and -t; upvalue: the function. */
static int map(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_peek_tensor(L, 1);
    ipd_unary op = (ipd_unary)lua_tointeger(L, lua_upvalueindex(1));
    ipd_step step = {.kind = IPD_STEP_UNARY, .op = (int)op};
    if (ipd_lua_may_wait(L))
        return ipd_lua_wait(L, step, x->rows, x->cols, 1, 0);
    ipd_map(op, x, ipd_lua_new_tensor(L, x->rows, x->cols));
    return 1;
}

/* t:clip(low, high): nil is no bound */
static int tensor_clip(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    float low = lua_isnoneornil(L, 2) ? -INFINITY : (float)luaL_checknumber(L, 2);
    float high = lua_isnoneornil(L, 3) ? INFINITY : (float)luaL_checknumber(L, 3);
    ipd_matrix *to = ipd_lua_new_tensor(L, x->rows, x->cols);
    ipd_combine(IPD_MAXIMUM, x, &(ipd_matrix){1, 1, &low}, to);
    ipd_combine(IPD_MINIMUM, to, &(ipd_matrix){1, 1, &high}, to);
    return 1;
}

static const char *const reductions[] = {"sum", "mean", "max", "min", "argmax", "argmin", NULL};

/* t:sum(), ...; argmax and argmin return two numbers, row and column. Upvalue: the index in
 * reductions. */
static int reduce(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    ipd_reduction what = (ipd_reduction)lua_tointeger(L, lua_upvalueindex(1));
    double value = ipd_reduce(what, x);
    if (what < IPD_ARGMAX) {
        lua_pushnumber(L, value);
        return 1;
    }
    if (!value)
        return luaL_error(L, "%s: the tensor of %I x %I has no elements", reductions[what],
                          (lua_Integer)x->rows, (lua_Integer)x->cols);
    lua_pushinteger(L, (lua_Integer)(((size_t)value - 1) % x->rows) + 1);
    lua_pushinteger(L, (lua_Integer)(((size_t)value - 1) / x->rows) + 1);
    return 2;
}

/* t:over_rows(what): one value per column, 1 x cols */
static int over_rows(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    int what = luaL_checkoption(L, 2, "sum", reductions);
    ipd_reduce_columns((ipd_reduction)what, x, ipd_lua_new_tensor(L, 1, x->cols));
    return 1;
}

/* t:over_cols(what): one value per row, rows x 1 */
static int over_cols(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    int what = luaL_checkoption(L, 2, "sum", reductions);
    ipd_reduce_rows((ipd_reduction)what, x, ipd_lua_new_tensor(L, x->rows, 1));
    return 1;
}

/* t:dot(y) */
static int tensor_dot(lua_State *L)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1), *y = ipd_lua_check_tensor(L, 2);
    check_shapes(L, "dot", SAME, x, y);
    lua_pushnumber(L, ipd_dot(x, y));
    return 1;
}

/* t:norm(kind): "fro" (Frobenius), 1 (largest column sum of absolute values), "inf" (row sum) */
static int tensor_norm(lua_State *L)
{
    const char *kind = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
    int rows = !strcmp(kind, "inf");
    if (lua_isnoneornil(L, 2) || !strcmp(kind, "fro")) {
        ipd_expression all;
        ipd_error e;
        double sum;
        ipd_lua_list_steps(L, 1, &all);
        if (ipd_expression_squared(&all, &sum, &e))
            return luaL_error(L, "norm: %s", e.text);
        lua_pushnumber(L, sqrt(sum));
        return 1;
    }
    const ipd_matrix *x = ipd_lua_check_tensor(L, 1);
    if (!rows && (!lua_isinteger(L, 2) || lua_tointeger(L, 2) != 1))
        return luaL_error(L, "norm: use \"fro\", 1 or \"inf\"");
    double largest = 0;
    for (size_t i = 0; i < (rows ? x->rows : x->cols); i++) {
        double sum = rows ? 0 : ipd_sum_absolute(x->data + i * x->rows, x->rows);
        for (size_t c = 0; rows && c < x->cols; c++)
            sum += fabsf(x->data[i + c * x->rows]);
        if (!(sum <= largest)) /* also for NaN */
            largest = sum;
        if (isnan(sum))
            break;
    }
    lua_pushnumber(L, largest);
    return 1;
}

const luaL_Reg ipd_lua_tensor_math[] = {{"clip", tensor_clip},    {"over_rows", over_rows},
                                        {"over_cols", over_cols}, {"dot", tensor_dot},
                                        {"norm", tensor_norm},    {NULL, NULL}};

/* Sets field `name` of the table at the top to f with the upvalues i and `text`. */
static void set_closure(lua_State *L, const char *name, lua_CFunction f, int i, const char *text)
{
    lua_pushinteger(L, i);
    lua_pushstring(L, text);
    lua_pushcclosure(L, f, 2);
    lua_setfield(L, -2, name);
}

void ipd_lua_add_tensor_operators(lua_State *L)
{
    static const struct {
        const char *name, *sign;
        ipd_binary op;
    } operators[] = {{"__add", "+", IPD_ADD},
                     {"__sub", "-", IPD_SUBTRACT},
                     {"__mul", "*", IPD_MULTIPLY},
                     {"__div", "/", IPD_DIVIDE},
                     {"__pow", "^", IPD_POWER}};
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        set_closure(L, operators[i].name, operate, (int)operators[i].op, operators[i].sign);
    set_closure(L, "__unm", map, IPD_NEGATE, "-");
    lua_pushcfunction(L, equals);
    lua_setfield(L, -2, "__eq");
}

void ipd_lua_add_tensor_arithmetic(lua_State *L)
{
    static const char *const functions[] = {"abs", "sign", "exp", "log", "sqrt", "tanh"};
    for (int i = 0; i < 6; i++) /* in the order of ipd_unary */
        set_closure(L, functions[i], map, IPD_ABSOLUTE + i, functions[i]);
    for (int i = 0; reductions[i]; i++)
        set_closure(L, reductions[i], reduce, i, reductions[i]);
    for (int i = 0; i < OPERATIONS; i++)
        for (int how = SAME; how <= (operations[i].repeats ? COLUMN : SAME); how++)
            for (int in_place = 0; in_place <= operations[i].repeats; in_place++) {
                lua_pushfstring(L, "%s%s%s", operations[i].name, shapes[how], in_place ? "_" : "");
                lua_pushinteger(L, i);
                lua_pushinteger(L, how);
                lua_pushboolean(L, in_place);
                lua_pushcclosure(L, arithmetic, 3);
                lua_rawset(L, -3);
            }
}
