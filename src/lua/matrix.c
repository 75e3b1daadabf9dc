/* matrix.c - matrices in Lua: copies of weights and biases. */
#include "lua/core/internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Userdata "ipdlam.matrix". Lua owns the memory, which counts towards its limit. */
typedef struct matrix {
    size_t rows, cols;
    float data[]; /* rows*cols, column-major */
} matrix;

/* Userdata "ipdlam.row" for m[i]; user value 1 is the matrix. */
typedef struct row {
    size_t i;
} row;

void ipd_lua_push_matrix(lua_State *L, const ipd_matrix *m)
{
    size_t bytes = m->rows * m->cols * sizeof(float);
    matrix *copy = lua_newuserdatauv(L, sizeof *copy + bytes, 0);
    copy->rows = m->rows;
    copy->cols = m->cols;
    if (bytes)
        memcpy(copy->data, m->data, bytes);
    luaL_setmetatable(L, "ipdlam.matrix");
}

static matrix *check_matrix(lua_State *L, int index)
{
    return luaL_checkudata(L, index, "ipdlam.matrix");
}

/* The 0-based index at the stack index; raises outside 1 ... count. */
static size_t check_index(lua_State *L, int index, size_t count, const char *what)
{
    lua_Integer i = luaL_checkinteger(L, index);
    if (i < 1 || (size_t)i > count)
        luaL_error(L, "%s %I is outside 1 to %I", what, i, (lua_Integer)count);
    return (size_t)i - 1;
}

/* m:get(i, j) */
static int matrix_get(lua_State *L)
{
    matrix *m = check_matrix(L, 1);
    size_t i = check_index(L, 2, m->rows, "row"), j = check_index(L, 3, m->cols, "column");
    lua_pushnumber(L, m->data[i + j * m->rows]);
    return 1;
}

/* m:norm(): Frobenius */
static int matrix_norm(lua_State *L)
{
    matrix *m = check_matrix(L, 1);
    double sum = 0;
    for (size_t k = 0; k < m->rows * m->cols; k++)
        sum += (double)m->data[k] * m->data[k];
    lua_pushnumber(L, sqrt(sum));
    return 1;
}

static int matrix_rows(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_matrix(L, 1)->rows);
    return 1;
}

static int matrix_cols(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_matrix(L, 1)->cols);
    return 1;
}

/* m[i], or a method or field by the class's __index (the upvalue). */
static int matrix_index(lua_State *L)
{
    if (!lua_isinteger(L, 2)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, 2, 1);
        return 1;
    }
    matrix *m = check_matrix(L, 1);
    size_t i = check_index(L, 2, m->rows, "row");
    row *r = lua_newuserdatauv(L, sizeof *r, 1);
    r->i = i;
    luaL_setmetatable(L, "ipdlam.row");
    lua_pushvalue(L, 1);
    lua_setiuservalue(L, -2, 1);
    return 1;
}

static int row_index(lua_State *L)
{
    row *r = luaL_checkudata(L, 1, "ipdlam.row");
    if (!lua_isinteger(L, 2))
        return luaL_error(L, "index a row of a matrix by number: m[i][j]");
    lua_getiuservalue(L, 1, 1);
    matrix *m = check_matrix(L, -1);
    lua_pushnumber(L, m->data[r->i + check_index(L, 2, m->cols, "column") * m->rows]);
    return 1;
}

static int row_len(lua_State *L)
{
    luaL_checkudata(L, 1, "ipdlam.row");
    lua_getiuservalue(L, 1, 1);
    lua_pushinteger(L, (lua_Integer)check_matrix(L, -1)->cols);
    return 1;
}

enum { SHOWN = 6 };

static void add_row(luaL_Buffer *b, const matrix *m, size_t i)
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

static int matrix_tostring(lua_State *L)
{
    matrix *m = check_matrix(L, 1);
    char text[96];
    luaL_Buffer b;
    matrix_norm(L);
    double norm = lua_tonumber(L, -1);
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "matrix %zu x %zu, norm %.6g", m->rows, m->cols, norm);
    luaL_addstring(&b, text);
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
    const matrix *m = check_matrix(L, -1);
    luaL_buffinit(L, &b);
    snprintf(text, sizeof text, "row %zu of %zu", r->i + 1, m->rows);
    luaL_addstring(&b, text);
    add_row(&b, m, r->i);
    luaL_pushresult(&b);
    return 1;
}

void ipd_lua_open_matrix(lua_State *L)
{
    static const luaL_Reg methods[] = {{"get", matrix_get}, {"norm", matrix_norm}, {NULL, NULL}};
    static const luaL_Reg fields[] = {{"rows", matrix_rows}, {"cols", matrix_cols}, {NULL, NULL}};
    static const luaL_Reg meta[] = {
        {"__len", matrix_rows}, {"__tostring", matrix_tostring}, {NULL, NULL}};
    static const luaL_Reg row_meta[] = {
        {"__index", row_index}, {"__len", row_len}, {"__tostring", row_tostring}, {NULL, NULL}};
    static const ipd_lua_class matrix_class = {"ipdlam.matrix", methods, fields, meta};
    ipd_lua_class_open(L, &matrix_class);
    luaL_getmetatable(L, "ipdlam.matrix");
    lua_getfield(L, -1, "__index");
    lua_pushcclosure(L, matrix_index, 1);
    lua_setfield(L, -2, "__index");
    luaL_newmetatable(L, "ipdlam.row");
    luaL_setfuncs(L, row_meta, 0);
    lua_pop(L, 2);
}
