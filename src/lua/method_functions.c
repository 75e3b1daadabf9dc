/* method_functions.c - functions of the state that a method gets: s:p(l), s:activate(l, x),
 * proximal operators, the loss.
 *
 * Tiles are cut by shape, so that the bits are the same for any number of threads. */
#include "base/parallel.h"
#include "lua/method_private.h"
#include "lua/tensor_pending.h"

#include <string.h>

enum { TILE = 1 << 14 };

static ipd_method_state *check_state(lua_State *L)
{
    ipd_method_state *h = ipd_lua_of(L)->method;
    if (!h->state)
        luaL_error(L, "the state exists only while a block is computed");
    return h;
}

/* The tensor at the index, whose shape must be that of `like`; its values may be pending. */
static const ipd_matrix *check_like(lua_State *L, int index, const ipd_matrix *like)
{
    const ipd_matrix *m = ipd_lua_peek_tensor(L, index);
    if (m->rows != like->rows || m->cols != like->cols)
        luaL_error(L, "argument %d is %I x %I and must be %I x %I", index - 1, (lua_Integer)m->rows,
                   (lua_Integer)m->cols, (lua_Integer)like->rows, (lua_Integer)like->cols);
    return m;
}

/* s:p(l): W_l a_{l-1} + b_l */
static int product(lua_State *L)
{
    ipd_method_state *h = check_state(L);
    int l = ipd_lua_check_layer(L, 2, h->state->net.L);
    ipd_error e;
    if (!h->state->v.a[l - 1].data || !h->state->v.p[l].data)
        return luaL_error(L, "s:p needs the variable a");
    const ipd_matrix *p = ipd_written_product(h->state, l, &e);
    if (!p)
        return luaL_error(L, "%s", e.text);
    for (int i = 0; i < h->view_count; i++)
        if (!strcmp(h->views[i]->name, "p") && h->views[i]->layer == l) {
            h->views[i]->m = *p;
            lua_getfield(L, LUA_REGISTRYINDEX, "products");
            lua_rawgeti(L, -1, l);
            return 1;
        }
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "products");
    ipd_method_push_view(h, "p", l, p);
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, l);
    return 1;
}

/* A function of the loss on tiles of whole samples. */
typedef struct job {
    const ipd_loss *loss;
    const float *y, *x;
    float r; /* of the proximal operator; 0: the gradient */
    float *to;
    size_t count, d; /* elements of a tile; rows of a sample */
    size_t all;
} job;

static void tile(void *context, size_t task, int thread)
{
    const job *j = context;
    size_t first = task * j->count, n = j->all - first < j->count ? j->all - first : j->count;
    (void)thread;
    if (j->r > 0)
        ipd_loss_prox(j->loss, j->y + first, j->x + first, j->r, j->to + first, j->d, n / j->d);
    else
        ipd_loss_gradient(j->loss, j->y + first, j->x + first, j->to + first, j->d, n / j->d);
}

static int run(lua_State *L, job *j, const ipd_matrix *shape)
{
    ipd_matrix *to = ipd_lua_new_tensor(L, shape->rows, shape->cols);
    j->to = to->data;
    j->d = shape->rows ? shape->rows : 1;
    j->count = (TILE + j->d - 1) / j->d * j->d; /* whole samples */
    j->all = shape->rows * shape->cols;
    ipd_parallel_for((j->all + j->count - 1) / j->count, tile, j);
    return 1;
}

/* Functions by element, for pending tensors (tensor_pending.h). */
static void do_activate(const void *sigma, float r, const float *x, const float *y, float *to,
                        size_t count)
{
    (void)r, (void)y;
    ipd_activation_apply(sigma, x, to, count);
}

static void do_slope(const void *sigma, float r, const float *x, const float *y, float *to,
                     size_t count)
{
    (void)r, (void)y;
    ipd_activation_derivative(sigma, x, to, count);
}

static void do_prox(const void *sigma, float r, const float *w, const float *v, float *to,
                    size_t count)
{
    ipd_activation_prox(sigma, w, v, r, to, count);
}

/* Pushes a pending tensor: f, with sigma of layer l (at index 2), of the tensor at 3 and, if y is
 * 4, of the one at 4. */
static int wait_for(lua_State *L, ipd_step_fn *f, float r, int y)
{
    ipd_method_state *h = check_state(L);
    int l = ipd_lua_check_layer(L, 2, h->state->net.L - 1);
    const ipd_matrix *x = ipd_lua_peek_tensor(L, 3);
    ipd_step step = {.kind = IPD_STEP_FUNCTION, .f = f, .context = h->state->net.sigma[l], .r = r};
    return ipd_lua_wait(L, step, x->rows, x->cols, 3, y);
}

/* s:activate(l, x), s:slope(l, x): sigma_l and its derivative */
static int activate(lua_State *L)
{
    return wait_for(L, do_activate, 0, 0);
}

static int slope(lua_State *L)
{
    return wait_for(L, do_slope, 0, 0);
}

/* s:prox(l, w, v, r): argmin_x (sigma_l(x) - w)^2 + r (x - v)^2 */
static int prox(lua_State *L)
{
    float r = (float)luaL_checknumber(L, 5);
    check_like(L, 4, ipd_lua_peek_tensor(L, 3));
    luaL_argcheck(L, r > 0, 5, "the weight must be above 0");
    return wait_for(L, do_prox, r, 4);
}

/* s:loss(x): the sum over the samples */
static int loss(lua_State *L)
{
    ipd_method_state *h = check_state(L);
    const ipd_matrix *Y = &h->state->v.Y, *x = check_like(L, 2, Y);
    ipd_lua_check_tensor(L, 2);
    lua_pushnumber(L, ipd_loss_value(h->state->net.loss, Y->data, x->data, Y->rows, Y->cols));
    return 1;
}

static int loss_gradient(lua_State *L)
{
    ipd_method_state *h = check_state(L);
    const ipd_matrix *Y = &h->state->v.Y, *x = check_like(L, 2, Y);
    ipd_lua_check_tensor(L, 2);
    job j = {.loss = h->state->net.loss, .y = Y->data, .x = x->data};
    return run(L, &j, x);
}

/* s:loss_prox(v, r): argmin_x loss(y, x) + r/2 |x - v|^2 */
static int loss_prox(lua_State *L)
{
    ipd_method_state *h = check_state(L);
    const ipd_matrix *Y = &h->state->v.Y, *v = check_like(L, 2, Y);
    ipd_lua_check_tensor(L, 2);
    job j = {
        .loss = h->state->net.loss, .y = Y->data, .x = v->data, .r = (float)luaL_checknumber(L, 3)};
    luaL_argcheck(L, j.r > 0, 3, "the weight must be above 0");
    return run(L, &j, v);
}

/* s:ridge(l): the weight of |W_l|^2/2 in the objective */
static int ridge(lua_State *L)
{
    ipd_method_state *h = check_state(L);
    ipd_penalty penalty = h->state->par.penalty[ipd_lua_check_layer(L, 2, h->state->net.L)];
    if (penalty.l1 > 0 || penalty.own)
        return luaL_error(L, "this method has only ridge. Set regularizer = ridge or none");
    lua_pushnumber(L, penalty.l2);
    return 1;
}

const luaL_Reg ipd_method_functions[] = {
    {"p", product},           {"activate", activate}, {"slope", slope},
    {"prox", prox},           {"loss", loss},         {"loss_gradient", loss_gradient},
    {"loss_prox", loss_prox}, {"ridge", ridge},       {NULL, NULL}};
