/* digits.c - see digits.h.
 *
 * Each digit starts from a table of pen strokes (strokes.h). Their points are moved a little and
 * joined by smooth curves; the whole is bent, slanted, turned, scaled and placed, and traced by a
 * round pen of varying width and pressure. Arithmetic is limited to + - * / and sqrt of double,
 * whose bits IEEE 754 defines (the build forbids fused multiply-add); ipd_random_normal is avoided
 * because it needs a logarithm.
 */
#include "data/digits.h"

#include "base/random.h"
#include "data/strokes.h"

#include <math.h>
#include <string.h>

enum { SIDE = IPD_DIGITS_SIDE, PIECES = 6, MAX_DOTS = IPD_STROKE_MAX * PIECES };

/* Parameters of the variation. Lengths are fractions of a digit's height unless marked
 * as pixels. */
static const double jitter = 0.028;      /* of each point */
static const double bend = 0.18;         /* of the whole digit: quadratic and cubic terms */
static const double slant_mean = 0.10;   /* to the right, as most people write */
static const double slant_spread = 0.19; /* shear: x by y */
static const double turn_spread = 0.065; /* tangent of half the angle */
static const double height_mean = 19.0;  /* pixels */
static const double height_spread = 1.4; /* pixels */
static const double width_spread = 0.15; /* of the digit's width, relative */
static const double place_spread = 0.6;  /* pixels */
static const double pen_min = 0.65, pen_max = 1.75; /* radius, pixels */

/* A point of the pen's path: x, y and the pen's radius, in pixels after place(). */
typedef struct dot {
    double x, y, radius;
    int last; /* the pen is lifted after this point */
} dot;

typedef struct trace {
    dot dots[MAX_DOTS];
    int count;
} trace;

/* Mean 0, variance 1, within -3 ... 3: close enough to a normal. */
static double bell(ipd_random *r)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += ipd_random_uniform(r);
    return 2 * sum - 3;
}

static const ipd_stroke_variant *choose_variant(ipd_random *r, int digit)
{
    const ipd_stroke_variant *v = ipd_stroke_variants, *end = v + ipd_stroke_variant_count;
    uint64_t total = 0, pick;
    for (; v < end; v++)
        total += v->digit == digit ? v->weight : 0;
    pick = ipd_random_below(r, total);
    for (v = ipd_stroke_variants; v < end; v++) {
        if (v->digit != digit)
            continue;
        if (pick < v->weight)
            break;
        pick -= v->weight;
    }
    return v;
}

/* The Catmull-Rom curve from b to c at t in [0, 1], with neighbours a before and d after. */
static double curve(double a, double b, double c, double d, double t)
{
    double m = (c - a) / 2, n = (d - b) / 2;
    return b + t * (m + t * (3 * (c - b) - 2 * m - n + t * (2 * (b - c) + m + n)));
}

/* Moves the variant's points at random and joins them by curves. Coordinates are centred at 0, y in
 * -0.5 ... 0.5. */
static void trace_strokes(trace *to, const ipd_stroke_variant *v, ipd_random *r)
{
    const ipd_stroke_point *p = ipd_stroke_points + v->first;
    dot k[IPD_STROKE_MAX];
    for (int i = 0; i < v->count; i++)
        k[i] = (dot){p[i].x / 100.0 - 0.5 + jitter * bell(r),
                     p[i].y / 100.0 - 0.5 + jitter * bell(r), 1 + 0.16 * bell(r), p[i].last};
    to->count = 0;
    for (int i = 0; i < v->count; i++) {
        if (p[i].last) {
            to->dots[to->count++] = k[i];
            continue;
        }
        /* The curve ignores neighbours beyond a corner or the end of a stroke. */
        const dot *b = k + i, *c = b + 1;
        const dot *a = i == 0 || p[i].corner || p[i - 1].last ? b : b - 1;
        const dot *d = p[i + 1].corner || p[i + 1].last ? c : c + 1;
        for (int j = 0; j < PIECES; j++) {
            double t = (double)j / PIECES;
            to->dots[to->count++] =
                (dot){curve(a->x, b->x, c->x, d->x, t), curve(a->y, b->y, c->y, d->y, t),
                      b->radius + t * (c->radius - b->radius), 0};
        }
    }
}

/* Bends, slants and turns the whole digit. */
static void deform(trace *to, ipd_random *r)
{
    double c[2][7], slant = slant_mean + slant_spread * bell(r), t = turn_spread * bell(r);
    double cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
    double wide = 1 + width_spread * bell(r);
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 7; j++)
            c[i][j] = bend * bell(r);
    for (int i = 0; i < to->count; i++) {
        dot *q = to->dots + i;
        double x = q->x, y = q->y, moved[2];
        for (int k = 0; k < 2; k++)
            moved[k] = c[k][0] * x * x + c[k][1] * x * y + c[k][2] * y * y +
                       2 * (c[k][3] * x * x * x + c[k][4] * x * x * y + c[k][5] * x * y * y +
                            c[k][6] * y * y * y);
        x = (x + moved[0]) * wide;
        y = y + moved[1];
        x = x - slant * y;
        q->x = cosine * x - sine * y;
        q->y = sine * x + cosine * y;
    }
}

/* Scales the digit to a random height in pixels and places its middle near the image's. */
static void place(trace *to, ipd_random *r)
{
    double left = 9, right = -9, top = 9, bottom = -9;
    for (int i = 0; i < to->count; i++) {
        const dot *q = to->dots + i;
        left = q->x < left ? q->x : left;
        right = q->x > right ? q->x : right;
        top = q->y < top ? q->y : top;
        bottom = q->y > bottom ? q->y : bottom;
    }
    double size = bottom - top > right - left ? bottom - top : right - left;
    double scale = (height_mean + height_spread * bell(r)) / size;
    double x = SIDE / 2.0 + place_spread * bell(r), y = SIDE / 2.0 + place_spread * bell(r);
    double pen = pen_min + (pen_max - pen_min) * ipd_random_uniform(r);
    for (int i = 0; i < to->count; i++) {
        dot *q = to->dots + i;
        q->x = x + scale * (q->x - (left + right) / 2);
        q->y = y + scale * (q->y - (top + bottom) / 2);
        q->radius *= pen;
    }
}

/* Draws the pen's path from a to b. `ink` holds the maximum so far, as a fraction of black. */
static void draw_piece(double *ink, const dot *a, const dot *b, double soft)
{
    double dx = b->x - a->x, dy = b->y - a->y, length = dx * dx + dy * dy;
    double reach = (a->radius > b->radius ? a->radius : b->radius) + soft;
    double left = (a->x < b->x ? a->x : b->x) - reach, right = (a->x > b->x ? a->x : b->x) + reach;
    double top = (a->y < b->y ? a->y : b->y) - reach, bottom = (a->y > b->y ? a->y : b->y) + reach;
    int x0 = left > 0 ? (int)left : 0, x1 = right < SIDE - 1 ? (int)right : SIDE - 1;
    int y0 = top > 0 ? (int)top : 0, y1 = bottom < SIDE - 1 ? (int)bottom : SIDE - 1;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double px = x + 0.5 - a->x, py = y + 0.5 - a->y;
            double t = length > 0 ? (px * dx + py * dy) / length : 0;
            t = t < 0 ? 0 : t > 1 ? 1 : t;
            px -= t * dx;
            py -= t * dy;
            double square = px * px + py * py;
            if (square >= reach * reach)
                continue;
            double radius = a->radius + t * (b->radius - a->radius);
            double v = (radius + soft - sqrt(square)) / (2 * soft);
            if (v > ink[y * SIDE + x])
                ink[y * SIDE + x] = v;
        }
}

static void draw_digit(uint8_t *image, int digit, ipd_random *r)
{
    double ink[IPD_DIGITS_PIXELS] = {0};
    trace way;
    trace_strokes(&way, choose_variant(r, digit), r);
    deform(&way, r);
    place(&way, r);
    double soft = 0.5 + 0.3 * ipd_random_uniform(r), pressure = 0.8 + 0.3 * ipd_random_uniform(r);
    for (int i = 0; i + 1 < way.count; i++)
        if (!way.dots[i].last)
            draw_piece(ink, way.dots + i, way.dots + i + 1, soft);
    for (int i = 0; i < IPD_DIGITS_PIXELS; i++) {
        double v = (ink[i] > 1 ? 1 : ink[i]) * pressure;
        image[i] = (uint8_t)((v > 1 ? 1 : v) * 255 + 0.5);
    }
}

void ipd_digits_draw(uint8_t *images, uint8_t *labels, size_t first, size_t count, int test,
                     uint64_t seed)
{
    /* Four disjoint sets of random streams: one stream per sample and one per ten labels, for
     * training and test. */
    const uint64_t samples = (uint64_t)(test ? 2 : 1) << 60, tens = (uint64_t)(test ? 4 : 3) << 60;
    uint32_t order[10];
    ipd_random r;
    for (size_t i = first; i < first + count; i++) {
        if (i == first || i % 10 == 0) {
            for (uint32_t j = 0; j < 10; j++)
                order[j] = j;
            ipd_random_seed(&r, seed, tens | i / 10);
            ipd_random_shuffle(&r, order, 10);
        }
        labels[i - first] = (uint8_t)order[i % 10];
        ipd_random_seed(&r, seed, samples | i);
        draw_digit(images + (i - first) * IPD_DIGITS_PIXELS, (int)order[i % 10], &r);
    }
}
