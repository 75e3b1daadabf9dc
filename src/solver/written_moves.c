/* written_moves.c - new values of variables of a method from a file: checked, made, and undone if
 * the block fails later. See written.h.
 */
#include "base/parallel.h"
#include "base/vector.h"
#include "solver/written_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The previous iterate of W, b, z or a, or NULL. *step: its index in s->step; -1 for other
 * variables. */
static ipd_matrix *old_of(ipd_written_state *s, const char *name, int l, int *step)
{
    static const char *const names[] = {"W", "b", "z", "a"};
    ipd_matrix *old[] = {&s->v.W_old[l], &s->v.b_old[l], &s->v.z_old[l], &s->v.a_old[l]};
    for (*step = 0; *step < 4; ++*step)
        if (!strcmp(names[*step], name))
            return old[*step]->data ? old[*step] : NULL;
    *step = -1;
    return NULL;
}

static int check_move(ipd_written_state *s, const ipd_written_move *x, ipd_error *e)
{
    const ipd_matrix *now = ipd_written_find(s, x->name, x->layer);
    if (!now || strstr(x->name, "_old") || !strcmp(x->name, "X") || !strcmp(x->name, "Y") ||
        (*x->name == 'a' && !x->name[1] && x->layer == 0))
        return ipd_fail(e, IPD_ECALLBACK, "it returned %.20s of layer %d, which cannot be written",
                        x->name, x->layer);
    if (x->value->rows != now->rows || x->value->cols != now->cols)
        return ipd_fail(e, IPD_ECALLBACK,
                        "it returned %.20s of layer %d as %zu x %zu, which must be %zu x %zu",
                        x->name, x->layer, x->value->rows, x->value->cols, now->rows, now->cols);
    return 0;
}

/* A move, now := value, in tiles. */
typedef struct moving {
    const float *value, *before;
    float *now; /* may be `before` */
    size_t count;
    double *steps, *sizes; /* by tile: sums of the squares of the step, of absolute values */
} moving;

enum { TILE = 1 << 14 };

static void move_tile(void *context, size_t task, int thread)
{
    const moving *m = context;
    size_t first = task * TILE, left = m->count - first, count = left < TILE ? left : TILE;
    (void)thread;
    m->steps[task] = ipd_sum_squared_difference(m->value + first, m->before + first, count);
    m->sizes[task] = ipd_sum_absolute(m->value + first, count);
    memcpy(m->now + first, m->value + first, count * sizeof *m->now);
}

/* old := now, if the variable keeps a previous iterate, and now := value. Returns the norm of the
 * step. */
static double move(ipd_written_state *s, ipd_matrix *now, ipd_matrix *old, const ipd_matrix *value)
{
    size_t count = now->rows * now->cols, tiles = (count + TILE - 1) / TILE;
    moving m = {value->data, now->data, now->data, count, s->by_tile, s->by_tile + tiles};
    double step = 0, size = 0;
    if (old) {
        ipd_matrix_swap(now, old);
        m.now = now->data;
    }
    ipd_parallel_for(tiles, move_tile, &m);
    for (size_t i = 0; i < tiles; i++) {
        step += m.steps[i];
        size += m.sizes[i];
    }
    s->not_finite |= !isfinite(size);
    return sqrt(step);
}

/* Reserves space for the sums of the largest move. */
static int reserve_tiles(ipd_written_state *s, const ipd_written_move *moves, int count,
                         ipd_error *e)
{
    size_t most = 0;
    for (int i = 0; i < count; i++) {
        size_t tiles = (moves[i].value->rows * moves[i].value->cols + TILE - 1) / TILE;
        most = tiles > most ? tiles : most;
    }
    if (most <= s->tiles)
        return 0;
    free(s->by_tile);
    s->tiles = 0;
    if (!(s->by_tile = ipd_allocate_unset(2 * most, sizeof *s->by_tile, e)))
        return -1;
    s->tiles = most;
    return 0;
}

/* Copies the value that a move of the variable loses: the previous iterate, or without one the
 * value itself. */
static int keep(ipd_written_state *s, ipd_matrix *now, ipd_matrix *old, ipd_error *e)
{
    const ipd_matrix *from = old ? old : now;
    ipd_written_kept *k = &s->kept[s->kept_count];
    *k = (ipd_written_kept){now, old, {0}};
    if (ipd_matrix_init(&k->copy, from->rows, from->cols, e))
        return -1;
    s->kept_count++;
    ipd_matrix_copy(&k->copy, from);
    return 0;
}

void ipd_written_release(ipd_written_state *s, int undo)
{
    while (s->kept_count) {
        ipd_written_kept *k = &s->kept[--s->kept_count];
        if (undo && k->old)
            ipd_matrix_swap(k->now, k->old);
        if (undo)
            ipd_matrix_copy(k->old ? k->old : k->now, &k->copy);
        ipd_matrix_free(&k->copy);
    }
    if (undo)
        memset(s->v.p_valid, 0, sizeof s->v.p_valid);
}

int ipd_written_commit(ipd_written_state *s, const ipd_written_move *moves, int count, ipd_error *e)
{
    int L = s->net.L, step;
    if (reserve_tiles(s, moves, count, e))
        return -1;
    for (int i = 0; i < count; i++)
        if (check_move(s, &moves[i], e))
            return -1;
    for (int i = 0; i < count && s->keeps; i++)
        if (keep(s, ipd_written_find(s, moves[i].name, moves[i].layer),
                 old_of(s, moves[i].name, moves[i].layer, &step), e)) {
            ipd_written_release(s, 0);
            return -1;
        }
    for (int i = 0; i < count; i++) {
        const ipd_written_move *x = &moves[i];
        int l = x->layer;
        ipd_matrix *now = ipd_written_find(s, x->name, l), *old = old_of(s, x->name, l, &step);
        double norm = move(s, now, old, x->value);
        if (step >= 0 && s->batch == s->batches - 1)
            s->step[step][l] = norm;
        if (step == 0 || step == 1)
            s->v.p_valid[l] = 0;
        if (step == 3 && l < L)
            s->v.p_valid[l + 1] = 0;
    }
    return 0;
}

void ipd_written_stay(ipd_written_state *s, ipd_block block)
{
    static const char *const z[] = {"z", NULL}, *const W[] = {"W", "b", NULL},
                             *const a[] = {"a", NULL};
    const char *const *name = block.kind == IPD_Z ? z : block.kind == IPD_W ? W : a;
    int step;
    for (; *name; name++) {
        ipd_matrix *now = ipd_written_find(s, *name, block.layer),
                   *old = old_of(s, *name, block.layer, &step);
        if (step >= 0)
            s->step[step][block.layer] = 0;
        if (old)
            ipd_matrix_copy(old, now);
    }
}
