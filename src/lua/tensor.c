/* tensor.c - the class of tensors: memory, elements, printing. See tensor.h. */
#include "lua/tensor.h"
#include "base/vector.h"
#include "lua/tensor_pending.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Userdata "ipdlam.row" for t[i]; user value 1 is the tensor. */
typedef struct row {
    size_t i;
} row;

void ipd_lua_push_tensor(lua_State *L, const ipd_matrix *m)
{
    ipd_matrix *copy = ipd_lua_new_tensor(L, m->rows, m->cols);
    if (m->rows && m->cols)
        ipd_matrix_copy(copy, m);
}

size_t ipd_lua_check_count(lua_State *L, int index, const char *what)
{
    lua_Integer n = luaL_checkinteger(L, index);
    if (n < 0)
        luaL_error(L, "%s must be a whole number, at least 0, and is %I", what, n);
    return (size_t)n;
}

int ipd_lua_check_layer(lua_State *L, int index, int last)
{
    lua_Integer l = luaL_checkinteger(L, index);
    if (l < 1 || l > last)
        luaL_error(L, "layer %I is outside 1 to %d", l, last);
    return (int)l;
}

/* The 0-based index at the stack index; raises an error outside 1 ... count. */
static size_t check_index(lua_State *L, int index, size_t count, const char *what)
{
    lua_Integer i = luaL_checkinteger(L, index);
    if (i < 1 || (size_t)i > count)
        luaL_error(L, "%s %I is outside 1 to %I", what, i, (lua_Integer)count);
    return (size_t)i - 1;
}

/* t:get(i, j) */
static int tensor_get(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    size_t i = check_index(L, 2, m->rows, "row"), j = check_index(L, 3, m->cols, "column");
    lua_pushnumber(L, m->data[i + j * m->rows]);
    return 1;
}

/* t:set(i, j, x) or t:set(other): returns t */
static int tensor_set(lua_State *L)
{
    ipd_matrix *m = ipd_lua_check_own(L, 1);
    const ipd_matrix *from = ipd_lua_to_tensor(L, 2);
    if (from && (from->rows != m->rows || from->cols != m->cols))
        return luaL_error(L, "set: a tensor of %I x %I cannot get the elements of one of %I x %I",
                          (lua_Integer)m->rows, (lua_Integer)m->cols, (lua_Integer)from->rows,
                          (lua_Integer)from->cols);
    if (from) {
        memmove(m->data, from->data, m->rows * m->cols * sizeof *m->data);
    } else {
        size_t i = check_index(L, 2, m->rows, "row"), j = check_index(L, 3, m->cols, "column");
        m->data[i + j * m->rows] = (float)luaL_checknumber(L, 4);
    }
    lua_settop(L, 1);
    return 1;
}

IPD_LUA_GETTER(tensor_rows, integer, ipd_lua_peek_tensor(L, 1)->rows)
IPD_LUA_GETTER(tensor_cols, integer, ipd_lua_peek_tensor(L, 1)->cols)

/* t[i], or a method or field by the class's __index (the upvalue). */
static int tensor_index(lua_State *L)
{
    if (!lua_isinteger(L, 2)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, 2, 1);
        return 1;
    }
    ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    size_t i = check_index(L, 2, m->rows, "row");
    row *r = lua_newuserdatauv(L, sizeof *r, 1);
    r->i = i;
    luaL_setmetatable(L, "ipdlam.row");
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int tensor_newindex(lua_State *L)
{
    return luaL_error(L, "an element of a tensor is set by t[i][j] = x, several by set, fill and "
                         "set_slice");
}

/* The element of the row at index 1 in the column at index 2; write: it is about to be set. */
static float *row_element(lua_State *L, int write)
{
    row *r = luaL_checkudata(L, 1, "ipdlam.row");
    if (!lua_isinteger(L, 2))
        luaL_error(L, "index a row of a tensor by number: t[i][j]");
    lua_getiuservalue(L, 1, 1);
    ipd_matrix *m = write ? ipd_lua_check_own(L, -1) : ipd_lua_check_tensor(L, -1);
    return &m->data[r->i + check_index(L, 2, m->cols, "column") * m->rows];
}

static int row_index(lua_State *L)
{
    lua_pushnumber(L, *row_element(L, 0));
    return 1;
}

static int row_newindex(lua_State *L)
{
    *row_element(L, 1) = (float)luaL_checknumber(L, 3);
    return 0;
}

static int row_len(lua_State *L)
{
    luaL_checkudata(L, 1, "ipdlam.row");
    lua_getiuservalue(L, 1, 1);
    lua_pushinteger(L, (lua_Integer)ipd_lua_check_tensor(L, -1)->cols);
    return 1;
}

enum { SHOWN = 6 };

static void add_row(luaL_Buffer *b, const ipd_matrix *m, size_t i)
{
    char text[32];
    luaL_addstring(b, "\n ");
    for (size_t j = 0; j < m->cols && j < SHOWN; j++) {
        snprintf(text, sizeof text, " %10.4g", m->data[i + j * m->rows]);
        luaL_addstring(b, text);
    }
    if (m->cols > SHOWN)
        luaL_addstring(b, "  ...");
}

static int tensor_tostring(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    char text[96];
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "tensor %zu x %zu, norm %.6g", m->rows, m->cols,
             sqrt(ipd_sum_squared(m->data, m->rows * m->cols)));
    luaL_addstring(&b, text);
    ipd_lua_add_origin(L, &b, 1);
    for (size_t i = 0; i < m->rows && i < SHOWN; i++)
        add_row(&b, m, i);
    if (m->rows > SHOWN)
        luaL_addstring(&b, "\n  ...");
    luaL_pushresult(&b);
    return 1;
}

static int row_tostring(lua_State *L)
{
    row *r = luaL_checkudata(L, 1, "ipdlam.row");
    lua_getiuservalue(L, 1, 1);
    luaL_Buffer b;
    char text[48];
    const ipd_matrix *m = ipd_lua_check_tensor(L, -1);
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "row %zu of %zu", r->i + 1, m->rows);
    luaL_addstring(&b, text);
    add_row(&b, m, r->i);
    luaL_pushresult(&b);
    return 1;
}

void ipd_lua_open_tensor(lua_State *L)
{
    static const luaL_Reg methods[] = {{"get", tensor_get}, {"set", tensor_set}, {NULL, NULL}};
    static const luaL_Reg fields[] = {{"rows", tensor_rows}, {"cols", tensor_cols}, {NULL, NULL}};
    static const luaL_Reg meta[] = {{"__len", tensor_rows},
                                    {"__tostring", tensor_tostring},
                                    {"__newindex", tensor_newindex},
                                    {NULL, NULL}};
    static const luaL_Reg row_meta[] = {{"__index", row_index},
                                        {"__newindex", row_newindex},
                                        {"__len", row_len},
                                        {"__tostring", row_tostring},
                                        {NULL, NULL}};
    static const ipd_lua_class tensor_class = {"ipdlam.tensor", methods, fields, meta};
    ipd_lua_class_open(L, &tensor_class);
    luaL_getmetatable(L, "ipdlam.tensor");
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, tensor_index, 1);
    lua_setfield(L, -2, "__index");
    luaL_newmetatable(L, "ipdlam.row");
    luaL_setfuncs(L, row_meta, 0);
    lua_pop(L, 2);
}
