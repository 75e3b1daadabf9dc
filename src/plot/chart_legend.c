/* chart_legend.c - the names and values of a chart's series, all values at one x. */
#include "plot/chart_frame.h"
#include "plot/glyph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GAP = 3, ENTRY = 128, PASSES = 64 };
/* The forms of a legend. LETTERS: letters and values, for one curve per run. */
enum { NAMES, NAMES_AND_VALUES, LETTERS };

/* The number of points at or before x. */
static size_t points_to(const ipd_series *s, double x)
{
    return ipd_chart_bisect(&s->x, s->count, x, 1);
}

/* The number of series in the legend. */
static int named(const ipd_chart *chart)
{
    return chart->series_count - chart->quiet;
}

static int has_values(const ipd_series *s)
{
    ipd_extremes e = ipd_extremes_of(&s->y, s->summary, 0, s->count);
    return e.min <= e.max || e.up || e.down;
}

/* Whether series k affects the place of the legend. */
static int counts(const ipd_chart *chart, int k)
{
    const ipd_series *s = &chart->series[k];
    return !s->scatter && !s->past && has_values(s);
}

/* The last x up to a bound at which the series has a value, or NaN. */
static double last_value(const ipd_series *s, double bound)
{
    size_t last = points_to(s, bound);

    while (last > 0 && isnan(ipd_value_at(&s->y, last - 1)))
        last--;
    return last ? ipd_value_at(&s->x, last - 1) : NAN;
}

/* The last x at which all series have a value, or NaN. */
static double common_place(const ipd_chart *chart)
{
    double x = INFINITY, before = NAN;

    for (int pass = 0; pass < PASSES && x != before && !isnan(x); pass++) {
        before = x;
        for (int k = 0; k < named(chart); k++)
            if (counts(chart, k))
                x = last_value(&chart->series[k], x);
    }
    return x == before && isfinite(x) ? x : NAN;
}

double ipd_chart_legend_place(const ipd_chart *chart)
{
    if (chart->has_cursor || chart->legend_at > 0)
        return chart->has_cursor ? chart->cursor : chart->legend_at;
    double x = chart->x_measured ? INFINITY : common_place(chart);
    for (int k = 0; k < named(chart) && chart->x_measured; k++)
        if (counts(chart, k))
            x = fmin(x, last_value(&chart->series[k], INFINITY));
    if (chart->x_measured)
        return isfinite(x) ? x : NAN;
    /* Iterations are always compared: without a common one, some series have dashes. */
    for (int k = 0; k < named(chart) && isnan(x) && chart->x_whole; k++)
        if (counts(chart, k))
            x = last_value(&chart->series[k], INFINITY);
    return x;
}

/* The text for the legend's place, empty if every series ends there. */
static void place_text(const ipd_chart *chart, double x, char *to, size_t size)
{
    int more = chart->has_cursor, lines = 0;

    for (int k = 0; k < named(chart); k++) {
        const ipd_series *s = &chart->series[k];
        lines += !s->scatter && has_values(s);
        more |= !s->scatter && !s->past && s->count && ipd_value_at(&s->x, s->count - 1) > x;
    }
    *to = 0;
    if (isnan(x) && lines > 1)
        snprintf(to, size, "last values");
    else if (more && !isnan(x) && chart->has_cursor && chart->cursor_text)
        snprintf(to, size, "at %s", chart->cursor_text);
    else if (more && !isnan(x))
        snprintf(to, size, chart->x_whole ? "at %.0f%s" : "at %.4g%s", x,
                 chart->x_unit ? chart->x_unit : "");
}

size_t ipd_chart_legend_point(const ipd_chart *chart, const ipd_series *s, double x)
{
    size_t last = points_to(s, isnan(x) ? INFINITY : x);

    if (s->scatter)
        return s->count;
    int within = last && (last < s->count || ipd_value_at(&s->x, last - 1) == x);
    if (!isnan(x) && !(chart->x_measured && within))
        return last && ipd_value_at(&s->x, last - 1) == x && !isnan(ipd_value_at(&s->y, last - 1))
                   ? last - 1
                   : s->count;
    while (last > 0 && isnan(ipd_value_at(&s->y, last - 1)))
        last--;
    return last ? last - 1 : s->count;
}

/* The entries of a legend: one per series, and one for its place if it has values. */
typedef struct legend {
    const ipd_chart *chart;
    double place;
    int values, count, series;
    char at[64];
} legend;

static legend legend_of(const ipd_chart *chart, int values)
{
    legend l = {.chart = chart, .values = values, .series = named(chart)};

    l.count = l.series + (chart->note != NULL);
    if (!values)
        return l;
    l.place = ipd_chart_legend_place(chart);
    place_text(chart, l.place, l.at, sizeof l.at);
    l.count += *l.at != 0;
    return l;
}

static void value_text(const ipd_chart *chart, double value, char *to, size_t size)
{
    const char *sign = chart->difference && value > 0 ? "+" : "";
    double shown = chart->percent ? 100 * value : value;

    if (chart->percent && fabs(shown) < 1e5) {
        snprintf(to, size, " %s%.*f%%", sign, chart->difference ? 2 : 1, shown);
        return;
    }
    size_t used = (size_t)snprintf(to, size, " %s", sign);
    ipd_short_number(to + used, size - used, shown, 4);
    if (chart->percent)
        strcat(to, "%");
}

/* Entry k: "train 97.6%", the name alone or the value alone, by the form; then "at 6" and the
 * note. */
static void entry_text(const legend *l, int k, char to[ENTRY])
{
    char value[32] = "";

    if (k >= l->series) {
        snprintf(to, ENTRY, "%s", k == l->series && *l->at ? l->at : l->chart->note);
        return;
    }
    const ipd_series *s = &l->chart->series[k];
    size_t at = l->values ? ipd_chart_legend_point(l->chart, s, l->place) : s->count;
    const char *note = l->values && s->note ? s->note : "";
    if (at < s->count)
        value_text(l->chart, ipd_value_at(&s->y, at), value, sizeof value - 1);
    else if (l->values && !s->scatter && !isnan(l->place))
        strcpy(value, " –");
    if (l->values == LETTERS)
        snprintf(to, ENTRY, "%s", value);
    else
        snprintf(to, ENTRY, " %s%s%s%s", s->name, value, *note ? " " : "", note);
}

int ipd_chart_pattern(const ipd_canvas *c, const ipd_chart *chart, int k)
{
    int form = chart->series[k].form;
    if (chart->series[k].letter && c->monochrome)
        return c->charset == IPD_ASCII ? form : k & 3;
    return form || !c->monochrome ? form : k < 3 ? k : 3;
}

enum { SAMPLE = 16 };

/* Writes a sample of the line of series k and its letter; nothing for the place. */
static void sample_of(const ipd_canvas *c, const legend *l, int k, char to[SAMPLE])
{
    ipd_charset set = ipd_chart_charset(c, l->chart);

    *to = 0;
    if (k >= l->series)
        return;
    const ipd_series *s = &l->chart->series[k];
    char letter[2] = {s->letter, 0};
    const char *line = s->no_line ? ipd_raster_mark_sample(set, c->monochrome, k)
                       : (set == IPD_ASCII || l->values == LETTERS) && s->letter
                           ? ""
                           : ipd_raster_sample(set, k, ipd_chart_pattern(c, l->chart, k));
    snprintf(to, SAMPLE, "%s%s", line, letter);
}

static int entry_columns(const ipd_canvas *c, const legend *l, int k)
{
    char text[ENTRY], sample[SAMPLE];

    entry_text(l, k, text);
    sample_of(c, l, k, sample);
    return ipd_text_columns(sample, 0) + ipd_text_columns(text, c->charset == IPD_ASCII);
}

static int draw_entry(ipd_canvas *c, int x, int y, int width, const legend *l, int k)
{
    char text[ENTRY], sample[SAMPLE];
    int place = k >= l->series;
    ipd_ink ink = place ? IPD_INK_KEY : l->chart->series[k].ink;

    sample_of(c, l, k, sample);
    entry_text(l, k, text);
    int used = ipd_canvas_text(c, x, y, width, ink, IPD_BOLD, sample);
    return used + ipd_canvas_text(c, x + used, y, width - used, place ? IPD_INK_KEY : IPD_INK_TEXT,
                                  0, text);
}

int ipd_chart_legend_columns(const ipd_canvas *c, const ipd_chart *chart, int values)
{
    legend l = legend_of(chart, values);
    int columns = -GAP;

    for (int k = 0; k < l.count; k++)
        columns += entry_columns(c, &l, k) + GAP;
    return columns;
}

static int rows_of(const ipd_canvas *c, int width, const ipd_chart *chart, int values)
{
    legend l = legend_of(chart, values);
    int rows = 1, used = chart->title ? ipd_text_columns(chart->title, 0) + GAP : 0;

    for (int k = 0; k < l.count; k++) {
        int columns = entry_columns(c, &l, k);
        if (used && used + columns > width) {
            rows++;
            used = 0;
        }
        used += columns + GAP;
    }
    return rows;
}

/* 1 if the letters alone tell the curves apart. */
static int has_letters(const ipd_chart *chart)
{
    for (int k = 0; k < named(chart); k++)
        if (!chart->series[k].letter || chart->series[k].form)
            return 0;
    return named(chart) > 1;
}

int ipd_chart_legend_rows(const ipd_canvas *c, ipd_area area, const ipd_chart *chart, int *values)
{
    enum { FEW = 6, AXES = 5 }; /* AXES: rows of a plot with axes */
    int many = chart->has_cursor || named(chart) > FEW;
    int half = area.height / 2 < area.height - AXES ? area.height / 2 : area.height - AXES;
    int max = named(chart) > FEW ? half : many ? (area.height - 1) / 3 : area.height / 7;

    const int order[] = {NAMES_AND_VALUES, chart->has_cursor ? LETTERS : NAMES,
                         chart->has_cursor ? NAMES : LETTERS};

    for (int i = 0; i < 3; i++) {
        int rows = rows_of(c, area.width, chart, order[i]);
        *values = order[i];
        if ((rows == 1 || rows <= max) && (order[i] != LETTERS || has_letters(chart)))
            return rows;
    }
    *values = NAMES;
    return 1;
}

void ipd_chart_draw_legend_rows(ipd_canvas *c, ipd_area area, const ipd_chart *chart, int used,
                                int values)
{
    legend l = legend_of(chart, values);

    for (int k = 0, y = area.y; k < l.count; k++) {
        int columns = entry_columns(c, &l, k);
        if (used && used + columns > area.width) {
            y++;
            used = 0;
        }
        draw_entry(c, area.x + used, y, area.width - used, &l, k);
        used += columns + GAP;
    }
}

int ipd_chart_legend(ipd_canvas *c, int x, int y, int width, const ipd_chart *chart)
{
    int all = ipd_chart_legend_columns(c, chart, 1) <= width, gap = all ? GAP : 2, used = 0;
    legend l = legend_of(chart, all);

    for (int k = 0; k < l.count && used < width; k++) {
        used += k ? gap : 0;
        if (used + entry_columns(c, &l, k) > width) { /* half a name is useless */
            used -= k ? gap - 1 : 0;
            return used + ipd_canvas_text(c, x + used, y, width - used, IPD_INK_FAINT, 0, "…");
        }
        used += draw_entry(c, x + used, y, width - used, &l, k);
    }
    return used;
}
