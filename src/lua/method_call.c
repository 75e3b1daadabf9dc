/* method_call.c - the calls of a method from a file: a block's update, the objective. */
#include "lua/method_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *ipd_method_open_calls(const ipd_method *method, ipd_written_state *state, ipd_error *e)
{
    char chunk[IPD_METHOD_NAME + 8];
    snprintf(chunk, sizeof chunk, "%.*s.lua", (int)strcspn(method->name, "@"), method->name);
    return ipd_method_state_open(method->written->text, chunk, method, state, e);
}

/* Adds the views of a variable, a table by layer, to core.variables, which is at the top. */
static void add_variable(ipd_method_state *h, const char *name)
{
    lua_State *L = h->lua->L;
    int found = 0;
    lua_newtable(L);
    for (int l = 0; l <= h->state->net.L; l++) {
        const ipd_matrix *m = ipd_written_find(h->state, name, l);
        if (!m)
            continue;
        ipd_method_push_view(h, name, l, m);
        lua_rawseti(L, -2, l);
        found = 1;
    }
    if (found)
        lua_setfield(L, -2, name);
    else
        lua_pop(L, 1);
}

static int make_variables(lua_State *L)
{
    static const char *const names[] = {"z",     "a",     "W",     "b", "z_old",
                                        "a_old", "W_old", "b_old", NULL};
    ipd_method_state *h = ipd_lua_of(L)->method;
    lua_getfield(L, LUA_REGISTRYINDEX, "core");
    lua_getfield(L, -1, "variables");
    for (int i = 0; names[i]; i++)
        add_variable(h, names[i]);
    for (int i = 0; i < h->method->written->own_count; i++)
        add_variable(h, h->method->written->own[i].name);
    lua_getfield(L, -2, "now");
    ipd_method_push_view(h, "X", 0, &h->state->v.a[0]);
    lua_setfield(L, -2, "X");
    ipd_method_push_view(h, "Y", 0, &h->state->v.Y);
    lua_setfield(L, -2, "Y");
    return 0;
}

/* Writes the numbers of the present state to core.now. */
static void set_now(ipd_method_state *h)
{
    lua_State *L = h->lua->L;
    const ipd_written_state *s = h->state;
    const ipd_parameters *p = &s->par;
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"rho", s->rho},
        {"share", s->share},
        {"alpha", p->alpha},
        {"beta", p->beta},
        {"gamma", p->gamma},
        {"delta", p->delta},
        {"lr", p->optimizer.lr *
                   ipd_schedule_factor(p->optimizer.lr_schedule,
                                       ipd_schedule_done(p->length, s->k, s->batch, s->batches))},
        {"momentum", p->optimizer.momentum}};
    lua_getfield(L, LUA_REGISTRYINDEX, "core");
    lua_getfield(L, -1, "now");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (i < 2 || ipd_method_uses(h->method, numbers[i].name))
            IPD_LUA_SET(L, numbers[i].name, number, numbers[i].value);
    for (const ipd_own_setting *x = h->method->own; *x->name; x++)
        IPD_LUA_SET(L, x->name, number, p->own[x->slot]);
    IPD_LUA_SET(L, "L", integer, s->net.L);
    IPD_LUA_SET(L, "n", integer, (lua_Integer)s->v.n);
    IPD_LUA_SET(L, "k", integer, s->k);
    lua_pop(L, 2);
}

/* Points the views at the variables as they are now, and pushes a function of lua/method.lua. */
static int begin(ipd_method_state *h, const char *function, ipd_error *e)
{
    lua_State *L = h->lua->L;
    lua_settop(L, 0);
    if (!h->begun) {
        lua_pushcfunction(L, make_variables);
        if (ipd_method_state_call(h, 0, e))
            return -1;
        h->begun = 1;
    }
    for (int i = 0; i < h->view_count; i++) {
        ipd_view_tensor *view = h->views[i];
        if (strcmp(view->name, "p"))
            view->m = *ipd_written_find(h->state, view->name, view->layer);
    }
    set_now(h);
    lua_getfield(L, LUA_REGISTRYINDEX, function);
    return 0;
}

/* Commits the new values of a block, which are on the stack: name, layer, tensor, name, ... */
static int commit(ipd_method_state *h, ipd_error *e)
{
    lua_State *L = h->lua->L;
    ipd_written_move moves[IPD_WRITTEN_MOVES];
    int count = lua_gettop(L) / 3;
    char block[8];
    if (count > IPD_WRITTEN_MOVES)
        return ipd_fail(e, IPD_ECALLBACK, "a block returned more than %d values",
                        IPD_WRITTEN_MOVES);
    for (int i = 0; i < count; i++)
        moves[i] = (ipd_written_move){lua_tostring(L, 3 * i + 1), (int)lua_tointeger(L, 3 * i + 2),
                                      ipd_lua_to_tensor(L, 3 * i + 3)};
    if (!ipd_written_commit(h->state, moves, count, e))
        return 0;
    ipd_block_text(h->block, block);
    return ipd_fail_in(e, "%s %s of iteration %d", h->what, block, h->state->k);
}

/* Frees the tensors of the call if they are large; the next block reuses their memory. */
static void end_call(ipd_method_state *h)
{
    enum { LARGE = 32 << 20 };
    lua_settop(h->lua->L, 0);
    if (h->lua->memory > LARGE)
        lua_gc(h->lua->L, LUA_GCCOLLECT);
}

/* For tests: replaces the interpreter by a new one, which must not change a bit. */
static int start_afresh(ipd_method_state *h, ipd_error *e)
{
    ipd_method_state *fresh = ipd_method_open_calls(h->method, h->state, e), old = *h;
    if (!fresh)
        return -1;
    *h = *fresh;
    h->lua->method = h;
    *fresh = old;
    fresh->lua->method = fresh;
    ipd_method_state_close(fresh);
    return 0;
}

int ipd_method_update(void *interpreter, ipd_block block, ipd_error *e)
{
    ipd_method_state *h = interpreter;
    lua_State *L = h->lua->L;
    char kind[8] = {(char)block.kind, 0};
    if (getenv("IPDLAM_FRESH_METHODS")) {
        if (start_afresh(h, e))
            return -1;
        L = h->lua->L;
    }
    h->block = block;
    h->what = block.kind ? "block" : "start";
    if (begin(h, "update", e))
        return -1;
    lua_pushstring(L, block.kind == IPD_STEP ? "step" : block.kind ? kind : "start");
    lua_pushinteger(L, block.layer);
    int failed = ipd_method_state_call(h, 2, e) || commit(h, e);
    end_call(h);
    return failed ? -1 : 0;
}

int ipd_method_around(void *interpreter, ipd_block block, ipd_written_audit *audit, ipd_error *e)
{
    ipd_method_state *h = interpreter;
    lua_State *L = h->lua->L;
    const char kind[] = {(char)block.kind, 0};
    int failed = 0;
    h->block = block;
    h->what = "proximal term of block";
    if (begin(h, "around", e))
        return -1;
    lua_pushstring(L, kind);
    lua_pushinteger(L, block.layer);
    if (ipd_method_state_call(h, 2, e))
        return -1;
    for (int at = 1; at + 2 <= lua_gettop(L) && !failed; at += 3)
        for (int i = 0; i < audit->count; i++) {
            ipd_audited *x = &audit->of[i];
            const ipd_matrix *hat = ipd_lua_to_tensor(L, at + 1);
            if (strcmp(x->name, lua_tostring(L, at)))
                continue;
            x->skipped = !hat && !lua_toboolean(L, at + 1);
            if (x->skipped)
                continue;
            if (!hat || hat->rows != x->hat.rows || hat->cols != x->hat.cols)
                failed = ipd_fail(e, IPD_ECALLBACK, "proximal: %s has another shape", x->name);
            else
                ipd_matrix_copy(&x->hat, hat);
            x->weight = lua_tonumber(L, at + 2);
        }
    lua_settop(L, 0);
    return failed;
}

/* Sets a field of the record to the value at the index: a number, or a list of numbers by layer. */
static int set_field(lua_State *L, ipd_record *r, const char *name, int index, ipd_error *e)
{
    char by_layer[48];
    int is_list = lua_istable(L, index), part = ipd_metric_find(r->metric_names, name);
    snprintf(by_layer, sizeof by_layer, "%.30s_by_layer", name);
    const ipd_field *f = ipd_field_find(name), *all = ipd_field_find(by_layer);
    if (is_list && all)
        f = all;
    if (part >= 0 && lua_type(L, index) == LUA_TNUMBER) {
        r->metric[part] = lua_tonumber(L, index);
        return 0;
    }
    if (part < 0 && !f)
        return ipd_fail(e, IPD_ECALLBACK,
                        "objective: records have no field '%.40s'. Add it to `parts`, or use a "
                        "field of records",
                        name);
    if (!f || f->kind != IPD_DOUBLE || f->extent == IPD_BY_BLOCK || f->extent == IPD_BY_METRIC ||
        f->extent == IPD_BY_CLASS || (f->extent == IPD_SCALAR) == is_list)
        return ipd_fail(e, IPD_ECALLBACK, "objective: '%.40s' is no field of a record that %s",
                        name, is_list ? "has a value per layer" : "is a number");
    if (!is_list && lua_type(L, index) != LUA_TNUMBER)
        return ipd_fail(e, IPD_ECALLBACK, "objective: %.40s is a %s, which must be a number", name,
                        luaL_typename(L, index));
    double sum = 0;
    for (int i = 0; i < ipd_field_count(f, r->L); i++) {
        double x = is_list ? NAN : lua_tonumber(L, index);
        if (is_list && lua_rawgeti(L, index, i + 1) == LUA_TNUMBER)
            x = lua_tonumber(L, -1);
        if (is_list)
            lua_pop(L, 1);
        ipd_field_put(f, r, i, x);
        sum += isnan(x) ? 0 : x;
    }
    if (is_list && all)
        ipd_field_put(ipd_field_find(name), r, 0, sum);
    return 0;
}

int ipd_method_measure(void *interpreter, ipd_record *r, ipd_error *e)
{
    ipd_method_state *h = interpreter;
    lua_State *L = h->lua->L;
    int failed = 0;
    h->block = (ipd_block){0};
    h->what = "objective";
    h->state->audited = NAN;
    if (begin(h, "measure", e) || ipd_method_state_call(h, 0, e))
        return -1;
    for (int i = 1; i < lua_gettop(L) && !failed; i += 2)
        if (!strcmp(lua_tostring(L, i), "audited"))
            h->state->audited = lua_tonumber(L, i + 1);
        else
            failed = set_field(L, r, lua_tostring(L, i), i + 1, e);
    end_call(h);
    return failed;
}
