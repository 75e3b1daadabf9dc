/* distribution.c - the distribution of a layer's W, z, a or gap: a histogram, its quantiles, and
 * their course since the view is shown. */
#include "plot/chart.h"
#include "plot/glyph.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The distribution to show; NULL if the probe has none of this layer. */
static const ipd_distribution *find(const ipd_model *m)
{
    const ipd_probe *p = m->probe;
    return p && p->what & IPD_PROBE_SPREADS && p->layer == ipd_model_layer(m)
               ? &p->spreads[m->spread.which]
               : NULL;
}

/* Writes the formula of the variable, such as "W2" or "z2 - W2 a1 - b2". */
static void name_of(const ipd_model *m, char *to, size_t size)
{
    int l = ipd_model_layer(m);
    char input[16];
    snprintf(input, sizeof input, l == 1 ? "X" : "a%d", l - 1);
    switch (m->spread.which) {
    case IPD_SPREAD_LINEAR:
        snprintf(to, size, "z%d − W%d %s − b%d", l, l, input, l);
        break;
    case IPD_SPREAD_ACTIVATION:
        snprintf(to, size, "a%d − σ(z%d)", l, l);
        break;
    default:
        snprintf(to, size, "%c%d", "Wza"[m->spread.which], l);
    }
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    const ipd_distribution *d = find(m);
    char name[64];
    name_of(m, name, sizeof name);
    snprintf(to, size, "distribution of %s", name);
    if (d && ipd_text_columns(to, m->ascii) + 24 < width)
        snprintf(to + strlen(to), size - strlen(to), " · before iteration %d",
                 m->probe->place.iteration);
}

/* Draws a column of the histogram; it fills a share of the area's height. */
static void draw_bar(ipd_canvas *c, int x, ipd_area in, double share)
{
    static const uint32_t eighths[] = {' ',    0x2581, 0x2582, 0x2583, 0x2584,
                                       0x2585, 0x2586, 0x2587, 0x2588};
    int steps = c->charset == IPD_BRAILLE ? 8 : c->charset == IPD_BLOCKS ? 2 : 1;
    int height = (int)ceil(share * in.height * steps - 1e-9);
    for (int y = 0; y < in.height && height > 0; y++, height -= steps) {
        int part = height < steps ? height * (8 / steps) : 8;
        ipd_canvas_put(c, x, in.y + in.height - 1 - y,
                       c->charset == IPD_ASCII ? '#' : eighths[part], IPD_INK_SERIES_1, 0);
    }
}

/* Draws the bars and, below them, an axis with the smallest value, zero and the largest value. */
static void draw_histogram(ipd_canvas *c, ipd_area in, const ipd_distribution *d)
{
    ipd_area bars = {in.x, in.y, in.width, in.height - 1};
    int axis = in.y + in.height - 1;
    unsigned most = 1;
    char text[32];
    for (int i = 0; i < IPD_BINS; i++)
        most = d->bins[i] > most ? d->bins[i] : most;
    for (int x = 0; x < in.width; x++) {
        int from = x * IPD_BINS / in.width, to = (x + 1) * IPD_BINS / in.width;
        unsigned count = d->bins[from];
        for (int i = from + 1; i < to; i++) /* of several bins in a column, show the fullest */
            count = d->bins[i] > count ? d->bins[i] : count;
        draw_bar(c, in.x + x, bars, (double)count / most);
    }
    ipd_short_number(text, sizeof text, (double)d->low, 3);
    int left = ipd_canvas_text(c, in.x, axis, in.width, IPD_INK_FAINT, 0, text);
    ipd_short_number(text, sizeof text, (double)d->high, 3);
    int right = ipd_text_columns(text, c->charset == IPD_ASCII);
    ipd_canvas_text_right(c, in.x, axis, in.width, IPD_INK_FAINT, 0, text);
    int zero = d->low < 0 && d->high > 0
                   ? (int)(-(double)d->low / ((double)d->high - d->low) * in.width)
                   : 0;
    if (zero > left && zero < in.width - right - 1)
        ipd_canvas_put(c, in.x + zero, axis, '0', IPD_INK_FAINT, 0);
}

/* Writes "median 2.6e-5  25–75%: -0.0068 to 0.0067 ...", which is cut at the end of the area. */
static void draw_facts(ipd_canvas *c, ipd_area in, const ipd_distribution *d)
{
    char text[256], number[IPD_QUANTILES][32];
    for (int i = 0; i < IPD_QUANTILES; i++)
        ipd_short_number(number[i], sizeof number[i], (double)d->quantile[i], 3);
    int n = snprintf(text, sizeof text,
                     "median %s  25–75%%: %s to %s  5–95%%: %s to %s  zeros %.1f%%  ", number[2],
                     number[1], number[3], number[0], number[4],
                     100 * (double)d->zeros / (double)d->count);
    snprintf(text + n, sizeof text - (size_t)n,
             d->count < d->all ? "%zu of %zu values" : "%zu values", d->count, d->all);
    ipd_canvas_text_cut(c, in.x, in.y, in.width, IPD_INK_TEXT, 0, text);
}

/* Reads the x of points; `source` is the course. */
static void read_x(const void *source, int column, size_t from, size_t count, double *to)
{
    const ipd_course_point *points = ((const ipd_list *)source)->items;
    (void)column;
    for (size_t i = 0; i < count; i++)
        to[i] = points[from + i].x;
}

/* Reads a quantile of points; `column` is variable * IPD_QUANTILES + quantile. */
static void read_quantile(const void *source, int column, size_t from, size_t count, double *to)
{
    const ipd_course_point *points = ((const ipd_list *)source)->items;
    for (size_t i = 0; i < count; i++)
        to[i] = (double)points[from + i].quantile[column / IPD_QUANTILES][column % IPD_QUANTILES];
}

static void draw_course(const ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static const char *const names[] = {"median", "25%", "75%", "5%", "95%"};
    static const int quantiles[] = {2, 1, 3, 0, 4}, inks[] = {0, 1, 1, 2, 2};
    const ipd_list *course = &m->spread.course;
    ipd_series series[IPD_QUANTILES];
    for (int i = 0; i < IPD_QUANTILES; i++)
        series[i] = (ipd_series){.name = names[i],
                                 .x = {.read = read_x, .source = course},
                                 .y = {.read = read_quantile,
                                       .source = course,
                                       .column = m->spread.which * IPD_QUANTILES + quantiles[i]},
                                 .count = course->count,
                                 .ink = (ipd_ink)(IPD_INK_SERIES_1 + inks[i])};
    ipd_chart chart = {.x_label = "iteration", .series = series, .series_count = IPD_QUANTILES};
    ipd_chart_draw(c, in, &chart);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    enum { WITH_COURSE = 11 };
    m->probe_wanted |= IPD_PROBE_SPREADS;
    m->probe_layer = ipd_model_layer(m);
    const ipd_distribution *d = find(m);
    const char *why = !m->has_run ? "no run"
                      : !d        ? "waits for the next block"
                      : !d->all && m->probe->spreads[IPD_SPREAD_Z].all
                          ? "this layer has no such variable"
                      : !d->all ? "there is no value before the first block, or the method has none"
                      : !d->count ? "no value is finite"
                                  : NULL;
    if (why) {
        ipd_view_say(c, in, why);
        return;
    }
    int course = in.height >= WITH_COURSE && m->spread.course.count > 1 ? in.height / 2 : 0;
    draw_facts(c, in, d);
    if (in.height > 2)
        draw_histogram(c, (ipd_area){in.x, in.y + 1, in.width, in.height - 1 - course}, d);
    if (course)
        draw_course(m, c, (ipd_area){in.x, in.y + in.height - course, in.width, course});
}

static int key(ipd_model *m, int code)
{
    int by = code == IPD_KEY_RIGHT || code == IPD_KEY_DOWN ? 1 : -1;
    if (code == IPD_KEY_LEFT || code == IPD_KEY_RIGHT) {
        m->spread.which = (m->spread.which + by + IPD_SPREADS) % IPD_SPREADS;
        return 1;
    }
    if (code != IPD_KEY_UP && code != IPD_KEY_DOWN)
        return 0;
    m->images.layer = ipd_model_layer(m) + by;
    m->images.layer = ipd_model_layer(m);
    return 1;
}

const ipd_view ipd_view_distribution = {
    .name = "distribution", .framed = 1, .title = title, .draw = draw, .key = key};
