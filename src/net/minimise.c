/* minimise.c - see minimise.h.
 *
 * The minimiser is no further from v than sqrt(f(t)/r) for any point t, where f is the cost less
 * its least possible first term. Among the tabulated points in that range, an interval has a local
 * minimum if the slope g of half the cost is negative at its left end and positive at its right
 * end. The two best intervals are searched; the second is left out if it cannot fall below the
 * first.
 */
#include "net/minimise.h"
#include "base/vector.h"

#include <math.h>
#include <string.h>

enum { LANES = 16, BLOCK = 128, ITEMS = 2 * BLOCK, MAX_STEPS = 80, MAX_KINKS = 40 };

#define NEAR 8 /* points are SPACING apart up to here */
#define SPACING 0.125
#define GROWTH 1.1 /* and this much further from 0 beyond, up to FAR */
#define FAR 1e4
#define TOLERANCE 1.2e-7f /* of a step, relative to the terms of g/r */
#define TINY 1e-9f
#define SHIFT 0.0463f /* keeps points off the round numbers where kinks are */

void ipd_profile_evaluate(const ipd_program *program, float y, const float *x, float *value,
                          float *slope, size_t count)
{
    float all[BLOCK], *to[] = {value, slope};
    for (size_t i = 0; i < BLOCK; i++)
        all[i] = y;
    for (size_t at = 0; at < count; at += BLOCK) {
        const float *in[] = {all, x + at};
        ipd_program_run(program, program->inputs == 1 ? in + 1 : in, to,
                        count - at < BLOCK ? count - at : BLOCK);
        to[0] += BLOCK;
        to[1] += BLOCK;
    }
}

static void evaluate(const ipd_profile *c, const float *x, float *value, float *slope, size_t count)
{
    ipd_profile_evaluate(c->program, c->y, x, value, slope, count);
}

/* Halves an interval repeatedly, towards the larger change of the slope. 1 if the change stays:
 * there is a kink between the new *low and *high. */
static int find_kink(const ipd_profile *c, float *low, float *high)
{
    float x[3] = {*low, 0, *high}, value[3], slope[3];
    float first = 0, now = 0;
    for (int i = 0; i < 24 && x[2] - x[0] > 4e-7f * (1 + fabsf(x[0])); i++) {
        x[1] = 0.5f * (x[0] + x[2]);
        evaluate(c, x, value, slope, 3);
        float left = fabsf(slope[1] - slope[0]), right = fabsf(slope[2] - slope[1]);
        if (i == 0)
            first = fabsf(slope[2] - slope[0]);
        now = left > right ? left : right;
        x[left > right ? 2 : 0] = x[1];
        if (!(now > 1e-3f && now > 0.25f * first))
            return 0;
    }
    *low = x[0];
    *high = x[2];
    return 1;
}

static int make_points(float *x)
{
    int n = 0;
    double far = NEAR;
    while (far * GROWTH < FAR)
        far *= GROWTH;
    for (double at = far; at > NEAR + SPACING; at /= GROWTH)
        x[n++] = (float)-at;
    for (int i = 0; i <= 2 * NEAR / SPACING; i++)
        x[n++] = (float)(-NEAR + i * SPACING) + SHIFT;
    for (double at = NEAR * GROWTH; at < FAR; at *= GROWTH)
        x[n++] = (float)at;
    return n;
}

/* The last point at or below x; -1 if there is none. */
static int point_below(const ipd_profile *c, float x)
{
    int low = -1, high = c->count;
    while (high - low > 1) {
        int mid = (low + high) / 2;
        if (c->at[mid] <= x)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* Finds the linear pieces. kink: indices of the points below the kinks. */
static void find_pieces(ipd_profile *c, const int *kink, int kinks)
{
    c->pieces = 0;
    if (kinks >= IPD_PROFILE_PIECES)
        return;
    for (int i = 0; i <= kinks; i++) {
        int from = i ? kink[i - 1] + 1 : 0, to = i < kinks ? kink[i] : c->count - 1;
        double slope = c->slope[from], offset = c->value[to] - slope * c->at[to];
        /* The smallest point has the smallest rounding. */
        for (int k = from; k <= to; k++)
            if (fabsf(c->at[k]) < fabsf(c->at[to]))
                offset = c->value[k] - slope * c->at[k];
        for (int k = from; k <= to; k++)
            if (c->slope[k] != c->slope[from] ||
                !(fabs(slope * c->at[k] + offset - c->value[k]) <=
                  4e-7 * (fabs(offset) + fabs(slope * c->at[k]) + 1e-3)))
                return;
        c->piece_slope[i] = (float)slope;
        c->piece_offset[i] = (float)offset;
    }
    c->bound[0] = -INFINITY;
    c->bound[kinks + 1] = INFINITY;
    for (int i = 1; i <= kinks; i++) { /* where the lines meet, unless the value jumps */
        float low = c->at[kink[i - 1]];
        float meet = (c->piece_offset[i] - c->piece_offset[i - 1]) /
                     (c->piece_slope[i - 1] - c->piece_slope[i]);
        if (!(fabsf(meet - low) <= 4e-6f * (1 + fabsf(low))))
            return;
        c->bound[i] = fabsf(meet) < 1e-7f ? 0 : meet;
    }
    c->pieces = kinks + 1;
}

void ipd_profile_make(ipd_profile *c, const ipd_program *program, float y)
{
    float x[IPD_PROFILE_POINTS];
    int n = make_points(x), kinks = 0, kink[MAX_KINKS];
    c->program = program;
    c->y = y;
    evaluate(c, x, c->value, c->slope, (size_t)n);
    c->count = 0;
    for (int i = 0; i < n; i++) {
        c->at[c->count++] = x[i];
        float low = x[i], high = i + 1 < n ? x[i + 1] : 0;
        if (i + 1 == n || kinks == MAX_KINKS || !(fabsf(c->slope[i + 1] - c->slope[i]) > 0.02f) ||
            !find_kink(c, &low, &high))
            continue;
        kink[kinks++] = c->count;
        c->at[c->count++] = low;
        c->at[c->count++] = high;
    }
    memcpy(x, c->at, sizeof x);
    evaluate(c, x, c->value, c->slope, (size_t)c->count);
    c->least = INFINITY;
    for (int i = 0; i < c->count; i++) {
        float fall = 0; /* to a minimum between this point and the next */
        if (i + 1 < c->count && c->slope[i] < 0 && c->slope[i + 1] > 0)
            fall = -c->slope[i] * (c->at[i + 1] - c->at[i]);
        c->least = c->value[i] - fall < c->least ? c->value[i] - fall : c->least;
    }
    find_pieces(c, kink, kinks);
}

/* A block of elements, and the intervals to search. */
typedef struct block {
    const ipd_profile *c;
    int is_loss;
    float r;
    size_t count, items;
    size_t lanes; /* count, rounded up for vector instructions */
    float w[BLOCK], v[BLOCK];
    float from[BLOCK], to[BLOCK]; /* the minimiser is between them */
    float best[BLOCK], x[BLOCK];  /* lowest cost so far and its place */
    /* The two best intervals: the lower cost of their ends, and the index of the left end. */
    float cost1[BLOCK], cost2[BLOCK], index1[BLOCK], index2[BLOCK];
    int owner[ITEMS]; /* the element of each interval to search */
    float low[ITEMS], high[ITEMS];
} block;

static float cost_of(const block *b, float w, float v, float x, float value)
{
    float fit = b->is_loss ? 2 * value : (value - w) * (value - w);
    return fit + b->r * (x - v) * (x - v);
}

/* Half the derivative of the cost. */
static float slope_of(const block *b, float w, float v, float x, float value, float slope)
{
    return (b->is_loss ? slope : (value - w) * slope) + b->r * (x - v);
}

/* The previous point: its place, and per element its cost and g. */
typedef struct previous {
    float at, cost[BLOCK], g[BLOCK];
} previous;

/* Compares the interval from the previous point, number `index`, to this one with the best two. It
 * leaves out points beyond the element's own range, so that the bits do not depend on the
 * others. */
IPD_INLINE void see_interval(block *b, size_t i, const previous *p, float at, float cost, float g,
                             float index)
{
    float cost1 = b->cost1[i], cost2 = b->cost2[i], index1 = b->index1[i], index2 = b->index2[i];
    float last = p->cost[i], low = last < cost ? last : cost;
    int is_min = (p->g[i] < 0) & (g >= 0) & (at >= b->from[i]) & (p->at <= b->to[i]);
    int first = is_min & (low < cost1), second = is_min & (low < cost2);
    float other = second ? low : cost2, other_index = second ? index : index2;
    b->cost2[i] = first ? cost1 : other;
    b->index2[i] = first ? index1 : other_index;
    b->cost1[i] = first ? low : cost1;
    b->index1[i] = first ? index : index1;
}

IPD_CLONES static void scan_point(block *b, int k, previous *p)
{
    float r = b->r, at = b->c->at[k], value = b->c->value[k], slope = b->c->slope[k];
    float fixed = b->is_loss ? 2 * value : 0, share = b->is_loss ? 0 : 1;
    float pull = b->is_loss ? slope : 0, index = (float)(k - 1);
    size_t lanes = b->lanes;
    IPD_INDEPENDENT
    for (size_t i = 0; i < lanes; i++) {
        float fit = share * (value - b->w[i]), off = at - b->v[i];
        float cost = fit * fit + fixed + r * off * off, g = fit * slope + pull + r * off;
        see_interval(b, i, p, at, cost, g, index);
        p->cost[i] = cost;
        p->g[i] = g;
    }
    p->at = at;
}

/* Finds the best intervals. */
static void scan(block *b)
{
    const ipd_profile *c = b->c;
    previous p = {.at = -INFINITY};
    float low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < b->lanes; i++) {
        int k = point_below(c, b->v[i]);
        k = k < 0 ? 0 : k;
        float cost = cost_of(b, b->w[i], b->v[i], c->at[k], c->value[k]);
        float reach = sqrtf(fmaxf(0, cost - (b->is_loss ? 2 * c->least : 0)) / b->r);
        b->from[i] = b->v[i] - reach;
        b->to[i] = b->v[i] + reach;
        low = b->from[i] < low ? b->from[i] : low;
        high = b->to[i] > high ? b->to[i] : high;
        p.cost[i] = b->cost1[i] = b->cost2[i] = INFINITY;
        p.g[i] = -1; /* far on the left the cost falls, far on the right it rises */
        b->index1[i] = b->index2[i] = (float)k;
    }
    int from = point_below(c, low), to = point_below(c, high) + 1;
    from = from < 0 ? 0 : from;
    to = to >= c->count ? c->count - 1 : to;
    for (int k = from; k <= to; k++)
        scan_point(b, k, &p);
    for (size_t i = 0; i < b->lanes; i++)
        see_interval(b, i, &p, INFINITY, INFINITY, 1, (float)to);
}

static void offer(block *b, size_t i, float x, float cost)
{
    if (!(cost < b->best[i]))
        return;
    b->best[i] = cost;
    b->x[i] = x;
}

/* The search in all intervals at once. A finished interval is replaced by the last one. */
typedef struct search {
    float x[ITEMS], x_last[ITEMS], g_last[ITEMS], step[ITEMS], step_last[ITEMS];
    float value[ITEMS], slope[ITEMS];
} search;

/* Adds the interval from point k to the next, with a start between them, unless its cost must stay
 * above `limit`. */
static void add_item(block *b, search *s, size_t i, int k, float limit)
{
    const ipd_profile *c = b->c;
    float w = b->w[i], v = b->v[i];
    int end = k < 0 ? 0 : k; /* the better end */
    if (k >= 0 && k + 1 < c->count &&
        cost_of(b, w, v, c->at[k + 1], c->value[k + 1]) < cost_of(b, w, v, c->at[k], c->value[k]))
        end = k + 1;
    float x = c->at[end], g = slope_of(b, w, v, x, c->value[end], c->slope[end]);
    float low = k < 0 ? v - fabsf(v) - FAR : c->at[k], next;
    float high = k + 1 >= c->count ? v + fabsf(v) + FAR : c->at[k + 1];
    /* From here the cost falls by less than 2 |g| width if g is monotone; 3 is to be safe. */
    if (cost_of(b, w, v, x, c->value[end]) - 3 * fabsf(g) * (high - low) > limit)
        return;
    if (k < 0 || k + 1 >= c->count) {
        next = x - g / ((b->is_loss ? 0 : c->slope[end] * c->slope[end]) + b->r);
    } else {
        int other = 2 * k + 1 - end;
        float g_other = slope_of(b, w, v, c->at[other], c->value[other], c->slope[other]);
        next = x - g * (c->at[other] - x) / (g_other - g);
    }
    if (!(next >= low && next <= high))
        next = 0.5f * (low + high);
    b->owner[b->items] = (int)i;
    b->low[b->items] = low;
    b->high[b->items] = high;
    s->x[b->items] = next;
    s->x_last[b->items] = x;
    s->g_last[b->items] = g;
    s->step[b->items] = fabsf(next - x);
    s->step_last[b->items++] = INFINITY;
}

/* One step of item i from its value and slope at x. 1 if it has converged: then x is the result. */
static int advance(block *b, search *s, size_t i)
{
    float w = b->w[b->owner[i]], v = b->v[b->owner[i]], x = s->x[i];
    float g = slope_of(b, w, v, x, s->value[i], s->slope[i]);
    /* Rounding of g hides shorter steps. */
    float size = (b->is_loss ? 1 : fabsf(s->value[i]) + fabsf(w)) * fabsf(s->slope[i]);
    float small = TOLERANCE * (fabsf(x) + fabsf(v) + size / b->r) + TINY;
    if (g > 0)
        b->high[i] = x;
    else
        b->low[i] = x;
    float next = x - g * (x - s->x_last[i]) / (g - s->g_last[i]);
    if (g == 0 || x == s->x_last[i])
        next = x;
    int done = fabsf(next - x) <= small;
    if (!done &&
        (!(next > b->low[i] && next < b->high[i]) || fabsf(next - x) > 0.5f * s->step_last[i])) {
        next = 0.5f * (b->low[i] + b->high[i]);
        done = fabsf(next - x) <= small;
    }
    s->step_last[i] = s->step[i];
    s->step[i] = fabsf(next - x);
    s->x_last[i] = x;
    s->g_last[i] = g;
    s->x[i] = next;
    return done || isnan(g);
}

static void move_item(block *b, search *s, size_t to, size_t from)
{
    b->owner[to] = b->owner[from];
    b->low[to] = b->low[from];
    b->high[to] = b->high[from];
    s->x[to] = s->x[from];
    s->x_last[to] = s->x_last[from];
    s->g_last[to] = s->g_last[from];
    s->step[to] = s->step[from];
    s->step_last[to] = s->step_last[from];
    s->value[to] = s->value[from];
    s->slope[to] = s->slope[from];
}

static void search_items(block *b, search *s)
{
    for (int k = 0; k < MAX_STEPS && b->items; k++) {
        evaluate(b->c, s->x, s->value, s->slope, b->items);
        for (size_t i = 0; i < b->items;) {
            int n = b->owner[i];
            float x = s->x[i];
            if (!advance(b, s, i) && k + 1 < MAX_STEPS) {
                i++;
                continue;
            }
            offer(b, (size_t)n, s->x[i], cost_of(b, b->w[n], b->v[n], x, s->value[i]));
            if (i != --b->items)
                move_item(b, s, i, b->items);
        }
    }
}

/* The best of the minimisers of the linear pieces. */
IPD_CLONES static void minimise_pieces(const ipd_profile *c, const float *w, const float *v,
                                       float r, float *x, float *best, size_t count)
{
    for (size_t i = 0; i < count; i++)
        best[i] = INFINITY;
    for (int k = 0; k < c->pieces; k++) {
        float s = c->piece_slope[k], o = c->piece_offset[k], scale = 1 / (s * s + r);
        float low = c->bound[k], high = c->bound[k + 1];
        for (size_t i = 0; i < count; i++) {
            float at = (s * (w[i] - o) + r * v[i]) * scale;
            at = at < low ? low : at;
            at = at > high ? high : at;
            float fit = s * at + o - w[i], off = at - v[i], cost = fit * fit + r * off * off;
            x[i] = cost < best[i] ? at : x[i];
            best[i] = cost < best[i] ? cost : best[i];
        }
    }
}

static void minimise_block(block *b)
{
    search s;
    if (b->c->pieces && !b->is_loss) {
        minimise_pieces(b->c, b->w, b->v, b->r, b->x, b->best, b->count);
        return;
    }
    for (size_t i = 0; i < b->count; i++)
        b->best[i] = INFINITY;
    b->items = 0;
    scan(b);
    for (size_t i = 0; i < b->count; i++) {
        add_item(b, &s, i, (int)b->index1[i], INFINITY);
        if (b->cost2[i] < INFINITY)
            add_item(b, &s, i, (int)b->index2[i], b->cost1[i]);
    }
    search_items(b, &s);
}

void ipd_profile_minimise(const ipd_profile *c, const float *w, const float *v, float r, float *x,
                          size_t count)
{
    block b = {.c = c, .r = r, .is_loss = !w};
    for (size_t at = 0; at < count; at += BLOCK) {
        b.count = count - at < BLOCK ? count - at : BLOCK;
        b.lanes = (b.count + LANES - 1) / LANES * LANES;
        for (size_t i = 0; i < b.lanes; i++) {
            size_t from = at + (i < b.count ? i : 0); /* the rest repeats the first element */
            int finite = isfinite(v[from]) && (!w || isfinite(w[from]));
            b.w[i] = w && finite ? w[from] : 0;
            b.v[i] = b.x[i] = finite ? v[from] : 0;
        }
        minimise_block(&b);
        for (size_t i = 0; i < b.count; i++) {
            float bad = (v[at + i] - v[at + i]) + (w ? w[at + i] - w[at + i] : 0);
            x[at + i] = b.x[i] + bad;
        }
    }
}
