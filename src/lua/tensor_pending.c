/* tensor_pending.c - the memory of tensors, and pending tensors, which are computed when their
 * values are needed.
 *
 * In a state for a method from a file, an elementwise operation returns a pending tensor: it has no
 * values but knows its operands (user values 2 and 3). The first function that needs the values
 * (ipd_lua_check_tensor) computes it, with the pending operands that it depends on, in one pass
 * over memory. A transpose is pending in the same way, because products read the original without a
 * copy. The bits are those of immediate operations. Before a tensor is changed in place, all
 * pending tensors are computed. */
#include "lua/tensor_pending.h"
#include "solver/variable.h"

enum {
    X = 2,
    Y = 3
}; /* user values: the operands; once computed, X is the tensor with the values */
static const char waiting[] = "ipdlam.waiting";

typedef struct pending {
    ipd_matrix m;  /* data: NULL until it is computed */
    int transpose; /* 1: of X */
    int size;      /* steps, at most */
    ipd_step step; /* with the numbers among its operands */
} pending;

int ipd_lua_may_wait(lua_State *L)
{
    return ipd_lua_of(L)->method != NULL;
}

ipd_matrix *ipd_lua_peek_tensor(lua_State *L, int index)
{
    return ipd_lua_check_object(L, index, "ipdlam.tensor");
}

enum { ALIGNMENT = 64 };

static lua_Integer mebibytes(size_t bytes)
{
    return (lua_Integer)(bytes >> 20);
}

ipd_matrix *ipd_lua_new_tensor(lua_State *L, size_t rows, size_t cols)
{
    ipd_lua *lua = ipd_lua_of(L);
    size_t bytes;
    if (__builtin_mul_overflow(rows, cols, &bytes) ||
        __builtin_mul_overflow(bytes, sizeof(float), &bytes) || bytes > SIZE_MAX / 2)
        luaL_error(L, "a tensor of %I x %I is too large", (lua_Integer)rows, (lua_Integer)cols);
    bytes += sizeof(ipd_matrix) + ALIGNMENT;
    if (bytes > lua->memory_max - lua->memory)
        lua_gc(L, LUA_GCCOLLECT);
    if (bytes > lua->memory_max - lua->memory)
        luaL_error(L,
                   "a tensor of %I x %I needs %I MiB; Lua may use %I MiB and has %I in use. Use "
                   "fewer columns at a time",
                   (lua_Integer)rows, (lua_Integer)cols, mebibytes(bytes),
                   mebibytes(lua->memory_max), mebibytes(lua->memory));
    ipd_matrix *m = lua_newuserdatauv(L, bytes, 1); /* its origin */
    ipd_use_huge_pages(m, bytes);
    uintptr_t data = (uintptr_t)(m + 1) + ALIGNMENT - 1;
    *m = (ipd_matrix){rows, cols, (float *)(data / ALIGNMENT * ALIGNMENT)};
    luaL_setmetatable(L, "ipdlam.tensor");
    return m;
}

static pending *pending_of(ipd_matrix *m)
{
    return m && !m->data ? (pending *)(void *)m : NULL;
}

/* Pushes the table whose keys are the pending tensors; it does not keep them alive. */
static void push_waiting(lua_State *L)
{
    if (!luaL_getsubtable(L, LUA_REGISTRYINDEX, waiting))
        ipd_lua_set_weak(L, "k");
}

/* Adds the tensor at the index to the table of pending tensors, or removes it. */
static void wait_for(lua_State *L, int index, int waits)
{
    index = lua_absindex(L, index);
    push_waiting(L);
    lua_pushvalue(L, index);
    if (waits)
        lua_pushboolean(L, 1);
    else
        lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static pending *new_pending(lua_State *L, size_t rows, size_t cols)
{
    pending *p = lua_newuserdatauv(L, sizeof *p, Y);
    *p = (pending){.m = {rows, cols, NULL}};
    luaL_setmetatable(L, "ipdlam.tensor");
    wait_for(L, -1, 1);
    return p;
}

/* Makes the value at the index an operand of the pending tensor at the top: a tensor becomes user
 * value `which`, a number goes to *t. A pending operand of another shape or a transpose is computed
 * first. */
static void set_operand(lua_State *L, pending *p, int which, int index, ipd_term *t)
{
    *t = (ipd_term){NULL, 0, 0};
    if (lua_type(L, index) == LUA_TNUMBER) {
        t->number = (float)lua_tonumber(L, index);
        return;
    }
    const ipd_matrix *m = ipd_lua_peek_tensor(L, index);
    pending *q = pending_of((ipd_matrix *)m);
    if (q && (q->transpose || m->rows != p->m.rows || m->cols != p->m.cols ||
              p->size + q->size > IPD_MAX_STEPS)) {
        ipd_lua_check_tensor(L, index);
        q = NULL;
    }
    p->size += q ? q->size : 0;
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, which);
}

int ipd_lua_wait(lua_State *L, ipd_step step, size_t rows, size_t cols, int x, int y)
{
    x = lua_absindex(L, x);
    pending *p = new_pending(L, rows, cols);
    p->size = 1;
    p->step = step;
    set_operand(L, p, X, x, &p->step.x);
    if (y)
        set_operand(L, p, Y, y, &p->step.y);
    return 1;
}

int ipd_lua_wait_transposed(lua_State *L, int index)
{
    const ipd_matrix *x = ipd_lua_check_tensor(L, index);
    pending *p = new_pending(L, x->cols, x->rows);
    p->transpose = 1;
    lua_pushvalue(L, index);
    lua_setiuservalue(L, -2, X);
    return 1;
}

const ipd_matrix *ipd_lua_check_factor(lua_State *L, int index, ipd_transpose *as)
{
    pending *p = pending_of(ipd_lua_peek_tensor(L, index));
    *as = p && p->transpose ? IPD_TRANSPOSED : IPD_PLAIN;
    if (!*as)
        return ipd_lua_check_tensor(L, index);
    lua_getiuservalue(L, index, X);
    const ipd_matrix *m = ipd_lua_check_tensor(L, -1);
    lua_pop(L, 1);
    return m;
}

/* The state of a walk that lists the steps of an expression. */
typedef struct listing {
    ipd_expression *x;
    const pending *of[IPD_MAX_STEPS]; /* the tensor of each step */
} listing;

static void list(lua_State *L, listing *to, ipd_term *t);

/* The user value `which` of the tensor at the top as a term, if it is one. */
static void list_operand(lua_State *L, listing *to, int which, ipd_term *t)
{
    lua_getiuservalue(L, -1, which);
    if (!lua_isnil(L, -1))
        list(L, to, t);
    lua_pop(L, 1);
}

/* The tensor at the top as a term; a pending one becomes a step, once. */
static void list(lua_State *L, listing *to, ipd_term *t)
{
    ipd_matrix *m = ipd_lua_peek_tensor(L, -1);
    const pending *p = pending_of(m);
    luaL_checkstack(L, 8, NULL);
    *t = (ipd_term){m, 0, 0};
    if (!p)
        return;
    t->m = NULL;
    for (int i = 0; i < to->x->count && !t->step; i++)
        t->step = to->of[i] == p ? i + 1 : 0;
    if (t->step)
        return;
    ipd_step step = p->step;
    list_operand(L, to, X, &step.x);
    list_operand(L, to, Y, &step.y);
    to->of[to->x->count] = p;
    to->x->steps[to->x->count] = step;
    t->step = ++to->x->count;
}

void ipd_lua_list_steps(lua_State *L, int index, ipd_expression *x)
{
    listing to = {.x = x};
    const ipd_matrix *m = ipd_lua_peek_tensor(L, index);
    const pending *p = pending_of((ipd_matrix *)m);
    if (p && p->transpose)
        m = ipd_lua_check_tensor(L, index);
    *x = (ipd_expression){.rows = m->rows, .cols = m->cols};
    lua_pushvalue(L, index);
    list(L, &to, &x->result);
    lua_pop(L, 1);
}

ipd_matrix *ipd_lua_settle(lua_State *L, int index, ipd_matrix *m)
{
    const pending *p = pending_of(m);
    if (!p)
        return m;
    luaL_checkstack(L, 8, NULL);
    index = lua_absindex(L, index);
    if (p->transpose) {
        lua_getiuservalue(L, index, X);
        const ipd_matrix *x = ipd_lua_check_tensor(L, -1);
        ipd_transpose_matrix(x, ipd_lua_new_tensor(L, m->rows, m->cols));
        lua_remove(L, -2);
    } else {
        ipd_expression x;
        ipd_lua_list_steps(L, index, &x);
        ipd_expression_run(&x, ipd_lua_new_tensor(L, m->rows, m->cols));
    }
    const ipd_matrix *values = ipd_lua_peek_tensor(L, -1);
    lua_setiuservalue(L, index, X);
    lua_pushnil(L);
    lua_setiuservalue(L, index, Y);
    wait_for(L, index, 0);
    m->data = values->data;
    return m;
}

void ipd_lua_settle_all(lua_State *L)
{
    push_waiting(L);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pop(L, 1);
        ipd_lua_check_tensor(L, -1);
    }
    lua_pop(L, 1);
}

ipd_matrix *ipd_lua_check_tensor(lua_State *L, int index)
{
    return ipd_lua_settle(L, index, ipd_lua_peek_tensor(L, index));
}

ipd_matrix *ipd_lua_check_own(lua_State *L, int index)
{
    ipd_matrix *m = ipd_lua_check_tensor(L, index);
    if (lua_getiuservalue(L, index, 1) == LUA_TSTRING)
        luaL_error(L, "%s is a variable of the method. Return its new value instead of changing it",
                   lua_tostring(L, -1));
    lua_pop(L, 1);
    if (ipd_lua_may_wait(L))
        ipd_lua_settle_all(L);
    const ipd_lua_origin *o = ipd_lua_push_origin(L, index);
    char text[IPD_VARIABLE_TEXT];
    if (!o)
        return m;
    ipd_variable_text(o->x, text);
    luaL_error(L,
               "this tensor is a view of %s of a run. Write all of it by view:set(t), or change a "
               "copy: view:copy()",
               text);
    return NULL;
}

ipd_matrix *ipd_lua_to_tensor(lua_State *L, int index)
{
    return ipd_lua_settle(L, index, luaL_testudata(L, index, "ipdlam.tensor"));
}

const ipd_matrix *ipd_lua_check_operand(lua_State *L, int index, float *number, ipd_matrix *one)
{
    if (lua_type(L, index) != LUA_TNUMBER) {
        const ipd_matrix *m = ipd_lua_to_tensor(L, index);
        if (!m)
            luaL_typeerror(L, index, "tensor or number");
        return m;
    }
    *number = (float)lua_tonumber(L, index);
    *one = (ipd_matrix){1, 1, number};
    return one;
}
