/* tensor_make.c - makes tensors: from numbers, tables, random numbers, parts of others. */
#include "base/elements.h"
#include "base/random.h"
#include "lua/tensor.h"

#include <string.h>

static void fill(ipd_matrix *m, float value)
{
    for (size_t i = 0; i < m->rows * m->cols; i++)
        m->data[i] = value;
}

/* A new tensor of the shape at index and index + 1. */
static ipd_matrix *make_shape(lua_State *L, int index)
{
    size_t rows = ipd_lua_check_count(L, index, "the number of rows");
    return ipd_lua_new_tensor(L, rows, ipd_lua_check_count(L, index + 1, "the number of columns"));
}

/* The number at the top of the stack, which is popped. */
static float pop_number(lua_State *L, size_t row, size_t col)
{
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_error(L, "ip.tensor: row %I, column %I is a %s; it must be a number",
                   (lua_Integer)row + 1, (lua_Integer)col + 1, luaL_typename(L, -1));
    float x = (float)lua_tonumber(L, -1);
    lua_pop(L, 1);
    return x;
}

/* ip.tensor{ { 1, 2 }, { 3, 4 } } by rows, ip.tensor{ 1, 2 } as a column */
static int from_table(lua_State *L)
{
    size_t rows = (size_t)luaL_len(L, 1), cols = 1;
    lua_rawgeti(L, 1, 1);
    int by_rows = lua_istable(L, -1);
    if (by_rows)
        cols = (size_t)luaL_len(L, -1);
    ipd_matrix *m = ipd_lua_new_tensor(L, rows, cols);
    for (size_t i = 0; i < rows; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        if (!by_rows) {
            m->data[i] = pop_number(L, i, 0);
            continue;
        }
        if (!lua_istable(L, -1) || (size_t)luaL_len(L, -1) != cols)
            return luaL_error(L, "ip.tensor: row 1 has %I numbers, and row %I does not",
                              (lua_Integer)cols, (lua_Integer)i + 1);
        for (size_t j = 0; j < cols; j++) {
            lua_rawgeti(L, -1, (lua_Integer)j + 1);
            m->data[i + j * rows] = pop_number(L, i, j);
        }
        lua_pop(L, 1);
    }
    return 1;
}

/* ip.tensor(rows, cols, value), ip.tensor(table), ip.tensor(tensor) */
static int make_tensor(lua_State *L)
{
    const ipd_matrix *from = ipd_lua_to_tensor(L, 1);
    if (from) {
        ipd_lua_push_tensor(L, from);
        return 1;
    }
    if (lua_istable(L, 1))
        return from_table(L);
    float value = (float)luaL_optnumber(L, 3, 0);
    fill(make_shape(L, 1), value);
    return 1;
}

static int zeros(lua_State *L)
{
    fill(make_shape(L, 1), 0);
    return 1;
}

static int ones(lua_State *L)
{
    fill(make_shape(L, 1), 1);
    return 1;
}

static int eye(lua_State *L)
{
    size_t n = ipd_lua_check_count(L, 1, "the number of rows");
    ipd_matrix *m = ipd_lua_new_tensor(L, n, n);
    fill(m, 0);
    for (size_t i = 0; i < n; i++)
        m->data[i * (n + 1)] = 1;
    return 1;
}

static int random_tensor(lua_State *L, double (*draw)(ipd_random *r))
{
    enum { STREAM = 91 };
    ipd_random r;
    ipd_random_seed(&r, ipd_lua_check_count(L, 3, "the seed"), STREAM);
    ipd_matrix *m = make_shape(L, 1);
    for (size_t i = 0; i < m->rows * m->cols; i++)
        m->data[i] = (float)draw(&r);
    return 1;
}

static int uniform(lua_State *L)
{
    return random_tensor(L, ipd_random_uniform);
}

static int normal(lua_State *L)
{
    return random_tensor(L, ipd_random_normal);
}

/* ip.where(mask, x, y): tensors of one shape; x and y may be numbers. Or elements and numbers. */
static int where(lua_State *L)
{
    for (int i = 1; i <= 3; i++)
        if (ipd_lua_is_element(L, i))
            return ipd_lua_choose_element(L);
    const ipd_matrix *mask = ipd_lua_check_tensor(L, 1), *of[2];
    ipd_matrix one[2];
    float numbers[2];
    for (int i = 0; i < 2; i++) {
        of[i] = ipd_lua_check_operand(L, i + 2, &numbers[i], &one[i]);
        if (of[i] != &one[i] && (of[i]->rows != mask->rows || of[i]->cols != mask->cols))
            return luaL_error(L, "where: the mask is %I x %I, and argument %d is %I x %I",
                              (lua_Integer)mask->rows, (lua_Integer)mask->cols, i + 2,
                              (lua_Integer)of[i]->rows, (lua_Integer)of[i]->cols);
    }
    ipd_choose(mask, of[0], of[1], ipd_lua_new_tensor(L, mask->rows, mask->cols));
    return 1;
}

/* Copies `from` into `to`, its first element to (row, col). */
static void put(ipd_matrix *to, size_t row, size_t col, const ipd_matrix *from)
{
    for (size_t c = 0; c < from->cols; c++)
        memmove(to->data + row + (col + c) * to->rows, from->data + c * from->rows,
                from->rows * sizeof *to->data);
}

/* The tensor i of the list at index 1, left at the top of the stack. */
static const ipd_matrix *push_listed(lua_State *L, const char *what, lua_Integer i)
{
    lua_rawgeti(L, 1, i);
    const ipd_matrix *m = ipd_lua_to_tensor(L, -1);
    if (!m)
        luaL_error(L, "%s: element %I of the list is a %s; it must be a tensor", what, i,
                   luaL_typename(L, -1));
    return m;
}

/* ip.hstack{ A, B, ... } (side by side), ip.vstack{ A, B, ... } (below each other) */
static int stack(lua_State *L, const char *what, int beside)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer count = luaL_len(L, 1);
    size_t rows = 0, cols = 0, at = 0;
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        const ipd_matrix *m = push_listed(L, what, i);
        if (i > 1 && (beside ? m->rows != rows : m->cols != cols))
            return luaL_error(L, "%s: tensor %I is %I x %I, and the first has %I %s", what, i,
                              (lua_Integer)m->rows, (lua_Integer)m->cols,
                              (lua_Integer)(beside ? rows : cols), beside ? "rows" : "columns");
        rows = beside ? m->rows : rows + m->rows;
        cols = beside ? cols + m->cols : m->cols;
    }
    ipd_matrix *to = ipd_lua_new_tensor(L, rows, cols);
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        const ipd_matrix *m = push_listed(L, what, i);
        put(to, beside ? 0 : at, beside ? at : 0, m);
        at += beside ? m->cols : m->rows;
    }
    return 1;
}

static int hstack(lua_State *L)
{
    return stack(L, "hstack", 1);
}

static int vstack(lua_State *L)
{
    return stack(L, "vstack", 0);
}

/* The bound at the index as a 1-based number; negative ones count from the end; nil is
 * `otherwise`. */
static size_t bound(lua_State *L, int index, size_t count, size_t otherwise, const char *what)
{
    if (lua_isnoneornil(L, index))
        return otherwise;
    lua_Integer i = luaL_checkinteger(L, index), n = (lua_Integer)count;
    lua_Integer from_start = i < 0 ? n + i + 1 : i;
    if (from_start < 1 || from_start > n)
        luaL_error(L, "slice: %s %I is outside 1 to %I", what, i, n);
    return (size_t)from_start;
}

/* t:slice(row1, row2, col1, col2): a copy, ends included */
static int slice(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    size_t r1 = bound(L, 2, m->rows, 1, "row"), r2 = bound(L, 3, m->rows, m->rows, "row");
    size_t c1 = bound(L, 4, m->cols, 1, "column"), c2 = bound(L, 5, m->cols, m->cols, "column");
    size_t rows = r2 < r1 ? 0 : r2 - r1 + 1, cols = c2 < c1 ? 0 : c2 - c1 + 1;
    ipd_matrix *to = ipd_lua_new_tensor(L, rows, cols);
    for (size_t c = 0; rows && c < cols; c++)
        memcpy(to->data + c * rows, m->data + r1 - 1 + (c1 - 1 + c) * m->rows,
               rows * sizeof *to->data);
    return 1;
}

/* t:set_slice(row, col, other): the first element of other goes there; returns t */
static int set_slice(lua_State *L)
{
    ipd_matrix *m = ipd_lua_check_own(L, 1);
    const ipd_matrix *from = ipd_lua_check_tensor(L, 4);
    lua_Integer r = luaL_checkinteger(L, 2), c = luaL_checkinteger(L, 3);
    if (r < 1 || c < 1 || (size_t)r - 1 > m->rows || (size_t)c - 1 > m->cols ||
        from->rows > m->rows - ((size_t)r - 1) || from->cols > m->cols - ((size_t)c - 1))
        return luaL_error(L, "set_slice: %I x %I at row %I, column %I does not fit into %I x %I",
                          (lua_Integer)from->rows, (lua_Integer)from->cols, r, c,
                          (lua_Integer)m->rows, (lua_Integer)m->cols);
    put(m, (size_t)r - 1, (size_t)c - 1, from);
    lua_settop(L, 1);
    return 1;
}

/* t:fill(x): returns t */
static int tensor_fill(lua_State *L)
{
    fill(ipd_lua_check_own(L, 1), (float)luaL_checknumber(L, 2));
    lua_settop(L, 1);
    return 1;
}

static int copy(lua_State *L)
{
    ipd_lua_push_tensor(L, ipd_lua_check_tensor(L, 1));
    return 1;
}

/* t:diag(): the diagonal of a tensor as a column; of a column, a tensor with that diagonal */
static int diag(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    size_t n = m->cols == 1 || m->rows < m->cols ? m->rows : m->cols;
    if (m->cols != 1) {
        ipd_matrix *to = ipd_lua_new_tensor(L, n, 1);
        for (size_t i = 0; i < n; i++)
            to->data[i] = m->data[i * (m->rows + 1)];
        return 1;
    }
    ipd_matrix *to = ipd_lua_new_tensor(L, n, n);
    fill(to, 0);
    for (size_t i = 0; i < n; i++)
        to->data[i * (n + 1)] = m->data[i];
    return 1;
}

/* t:table(): a list of rows */
static int to_table(lua_State *L)
{
    const ipd_matrix *m = ipd_lua_check_tensor(L, 1);
    lua_createtable(L, (int)(m->rows < 1 << 20 ? m->rows : 1 << 20), 0);
    for (size_t i = 0; i < m->rows; i++) {
        lua_createtable(L, (int)(m->cols < 1 << 20 ? m->cols : 1 << 20), 0);
        for (size_t j = 0; j < m->cols; j++) {
            lua_pushnumber(L, m->data[i + j * m->rows]);
            lua_rawseti(L, -2, (lua_Integer)j + 1);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

const luaL_Reg ipd_lua_tensor_makers[] = {
    {"tensor", make_tensor}, {"zeros", zeros},  {"ones", ones},   {"eye", eye},
    {"rand", uniform},       {"randn", normal}, {"where", where}, {"hstack", hstack},
    {"vstack", vstack},      {NULL, NULL}};

const luaL_Reg ipd_lua_tensor_parts[] = {
    {"slice", slice}, {"set_slice", set_slice}, {"fill", tensor_fill}, {"copy", copy},
    {"diag", diag},   {"table", to_table},      {NULL, NULL}};
