/* Any doubles at all in scales, charts and figures: subnormal and huge ones, equal ones, NaN and
 * infinities among them. The number of sets may be given: tests/plot/test_doubles 1000000. */
#include "plot/chart.h"
#include "plot/figure.h"
#include "tests/plot/doubles.h"
#include "tests/tap.h"

#include <locale.h>

enum { SETS = 6000, POINTS = 120, SERIES = 3, DRAWN = 100 };

static double finite_number(void)
{
    for (;;) {
        double value = number(one_of(9));
        if (isfinite(value))
            return value;
    }
}

/* Prints the axis and the value of a failure; returns 0. */
static int complain(const char *what, const ipd_scale *s, double value)
{
    printf("# %s: %s axis %.17g ... %.17g, %.17g\n", what, s->kind == IPD_LOG ? "log" : "linear",
           s->low, s->high, value);
    return 0;
}

static int good_ticks(const ipd_scale *s, int percent)
{
    ipd_tick ticks[IPD_MAX_TICKS + 1];
    int max = 1 + one_of(IPD_MAX_TICKS + 3);

    memset(&ticks[IPD_MAX_TICKS], 'x', sizeof *ticks);
    int count = ipd_scale_ticks(s, max, one_of(4) == 0, percent, ticks);
    if (count < 0 || count > max || count > IPD_MAX_TICKS || ticks[IPD_MAX_TICKS].label[0] != 'x')
        return complain("the number of ticks", s, count);
    for (int i = 0; i < count; i++) {
        double place = ipd_scale_place(s, ticks[i].value);
        double read = strtod(ticks[i].label, NULL);
        if (!(place >= -1e-6 && place <= 1 + 1e-6))
            return complain("a tick beyond the axis", s, ticks[i].value);
        if (i && !(ticks[i].value > ticks[i - 1].value))
            return complain("ticks do not ascend", s, ticks[i].value);
        if (i && !(read > strtod(ticks[i - 1].label, NULL)) && isfinite(read))
            return complain("labels do not ascend", s, read);
        if (!percent && !(fabs(ipd_scale_place(s, read) - place) < 0.03))
            return complain("a label is not its tick's value", s, read);
    }
    return 1;
}

static int good_scale(void)
{
    ipd_scale_kind kind = one_of(2) ? IPD_LOG : IPD_LINEAR;
    double a = number(one_of(9)), b = one_of(4) ? number(one_of(9)) : a, value = finite_number();
    ipd_scale s = ipd_scale_fit(kind, fmin(a, b), fmax(a, b));

    for (int i = 0; i < 2; i++) {
        if (!isfinite(s.low) || !isfinite(s.high) || !(s.low < s.high) ||
            (kind == IPD_LOG && s.low <= 0))
            return complain("its ends", &s, a);
        if (fabs(ipd_scale_place(&s, s.low)) > 1e-9 || fabs(ipd_scale_place(&s, s.high) - 1) > 1e-9)
            return complain("the places of its ends", &s, a);
        if (isfinite(a) && isfinite(b) && (kind != IPD_LOG || fmin(a, b) > 0) &&
            (s.low > fmin(a, b) || s.high < fmax(a, b)))
            return complain("its ends do not hold the values", &s, a);
        if (isnan(ipd_scale_place(&s, value)) != (kind == IPD_LOG && value <= 0))
            return complain("a place", &s, value);
        double inner = ipd_scale_value(&s, 0.25);
        if (!(fabs(ipd_scale_place(&s, inner) - 0.25) < 1e-6) && s.low > 1e-300)
            return complain("a value from its place", &s, inner);
        if (!good_ticks(&s, one_of(3) == 0))
            return 0;
        ipd_scale_widen(&s, 0.04);
    }
    return 1;
}

static int good_number(void)
{
    double value = number(one_of(9));
    int digits = 1 + one_of(12);
    char text[24];

    ipd_short_number(text, sizeof text, value, digits);
    if (!isfinite(value))
        return *text != 0;
    /* Numbers from 1000 on have all of their whole digits. */
    double read = strtod(text, NULL), off = fabs(read / 2 - value / 2) * 2;
    if (off <= fabs(value) * 0.5001 * pow(10, 1 - digits) + DBL_TRUE_MIN || isinf(read))
        return 1;
    printf("# %.17g in %d digits is %s\n", value, digits, text);
    return 0;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* Finite and ascending. */
static void fill_x(double *x, size_t count)
{
    if (one_of(2)) {
        for (size_t i = 0; i < count; i++)
            x[i] = (double)(i + 1);
        return;
    }
    fill(x, count);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(x[i]))
            x[i] = finite_number();
    qsort(x, count, sizeof *x, compare);
}

static int is_drawn(const ipd_canvas *c)
{
    for (int i = 0; i < c->width * c->height; i++)
        if (c->cells[i].ink >= IPD_INK_SERIES_1)
            return 1;
    return 0;
}

/* If a value is in range, the chart has dots, marks or arrows. */
static int good_chart(void)
{
    static double x[SERIES][POINTS], y[SERIES][POINTS];
    ipd_series series[SERIES] = {0};
    ipd_chart_mark marks[] = {{finite_number(), "1", 0}, {finite_number(), "2", 0}};
    ipd_chart chart = {.title = one_of(2) ? "title" : NULL,
                       .x_kind = one_of(3) ? IPD_LINEAR : IPD_LOG,
                       .y_kind = one_of(2) ? IPD_LINEAR : IPD_LOG,
                       .x_whole = one_of(2),
                       .percent = one_of(5) == 0,
                       .series = series,
                       .series_count = 1 + one_of(SERIES),
                       .legend = one_of(2),
                       .has_cursor = one_of(4) == 0,
                       .cursor = finite_number(),
                       .marks = marks,
                       .mark_count = one_of(3),
                       .difference = one_of(6) == 0,
                       .margin = one_of(8),
                       .coarser = one_of(3)};
    ipd_canvas c;
    int shown = 0, ranged = one_of(4) == 0;

    for (int k = 0; k < chart.series_count; k++) {
        size_t count = (size_t)one_of(one_of(4) ? 12 : POINTS);
        int scatter = one_of(3) == 0;
        fill(y[k], count);
        (scatter ? fill : fill_x)(x[k], count);
        series[k] = (ipd_series){.name = "y",
                                 .x = {.array = x[k]},
                                 .y = {.array = y[k]},
                                 .count = count,
                                 .scatter = scatter,
                                 .no_line = scatter && one_of(2),
                                 .marks = one_of(3) - 1,
                                 .ink = (ipd_ink)(IPD_INK_SERIES_1 + k)};
        for (size_t i = 0; i < count; i++)
            shown |= isfinite(x[k][i]) && (chart.x_kind == IPD_LINEAR || x[k][i] > 0) &&
                     !isnan(y[k][i]) && !(isinf(y[k][i]) && chart.margin);
    }
    if (ranged) {
        chart.x_low = finite_number(), chart.x_high = finite_number();
        chart.y_low = finite_number(), chart.y_high = finite_number();
    }
    if (ipd_canvas_init(&c, 1 + one_of(90), 1 + one_of(24), (ipd_charset)one_of(3), NULL))
        return 0;
    c.monochrome = one_of(2);
    ipd_chart_draw(&c, ipd_canvas_all(&c), &chart);
    for (int i = 0; i < c.width; i++) /* the value at a click */
        if (isinf(ipd_chart_x_at(&c, ipd_canvas_all(&c), &chart, i)))
            return 0;
    /* Without axes there is no room for arrows, and a value beyond a given axis is drawn as an
     * arrow only. */
    int good = !shown || ranged || c.width < 40 || c.height < 12 || is_drawn(&c);
    if (!good) {
        printf("# nothing is drawn: %d series, %s, %s\n", chart.series_count,
               chart.x_kind == IPD_LOG ? "log x" : "linear x",
               chart.y_kind == IPD_LOG ? "log y" : "linear y");
        for (int k = 0; k < chart.series_count; k++)
            for (size_t i = 0; i < series[k].count; i++)
                printf("# %d: %.17g %.17g\n", k, x[k][i], y[k][i]);
    }
    ipd_canvas_free(&c);
    return good;
}

static int good_figure(int drawn)
{
    static double x[SERIES][POINTS], y[SERIES][POINTS], low[POINTS], high[POINTS];
    ipd_figure_series series[SERIES] = {0};
    ipd_panel panel = {.title = "figure",
                       .x_kind = one_of(3) ? IPD_LINEAR : IPD_LOG,
                       .y_kind = one_of(2) ? IPD_LINEAR : IPD_LOG,
                       .x_whole = one_of(2),
                       .percent = one_of(5) == 0,
                       .series = series,
                       .series_count = 1 + one_of(SERIES)};
    ipd_figure figure = {.panels = &panel, .panel_count = 1};
    char *text = NULL;
    size_t size = 0;

    fill(low, POINTS);
    fill(high, POINTS);
    for (int k = 0; k < panel.series_count; k++) {
        fill(x[k], POINTS);
        fill(y[k], POINTS);
        series[k] = (ipd_figure_series){.name = "",
                                        .x = x[k],
                                        .y = y[k],
                                        .low = one_of(2) ? low : NULL,
                                        .high = high,
                                        .count = (size_t)one_of(12),
                                        .line = one_of(2),
                                        .marks = one_of(3) - 1};
    }
    if (one_of(4) == 0)
        panel.x = (ipd_figure_range){finite_number(), finite_number()};
    if (one_of(4) == 0)
        panel.y = (ipd_figure_range){finite_number(), finite_number()};
    ipd_scale sx, sy;
    ipd_figure_scales(&panel, &sx, &sy);
    if (!(sx.low < sx.high) || !(sy.low < sy.high) || !isfinite(sy.low) || !isfinite(sy.high))
        return complain("a figure's", &sy, 0);
    FILE *to = open_memstream(&text, &size);
    int failed = !to || (drawn ? ipd_figure_draw(&figure, IPD_FORM_SVG, to, NULL)
                               : ipd_figure_text(to, &figure, 20 + one_of(70), 4 + one_of(20),
                                                 (ipd_charset)one_of(3), one_of(2), NULL));
    failed =
        (to && fclose(to)) || failed || (drawn && (strstr(text, "nan") || strstr(text, "inf")));
    free(text);
    return !failed;
}

int main(int argc, char **argv)
{
    long sets = argc > 1 ? atol(argv[1]) : some_of(SETS);
    int scales = 0, numbers = 0, charts = 0, figures = 0;

    setlocale(LC_CTYPE, "C.UTF-8");
    ipd_random_seed(&random_state, 16, 0);
    for (long i = 0; i < sets; i++) {
        scales += good_scale();
        numbers += good_number();
        charts += good_chart();
        figures += good_figure(ipd_figure_has_cairo() && i % DRAWN == 0);
    }
    ok(scales == sets, "scales of %ld sets of doubles, and their ticks", sets);
    ok(numbers == sets, "short texts of %ld numbers", sets);
    ok(charts == sets, "charts of %ld sets", sets);
    ok(figures == sets, "figures of %ld sets", sets);
    return done();
}
