/* Charts as text, and the parts they are made of. */
#include "base/clock.h"
#include "plot/chart.h"
#include "plot/glyph.h"
#include "tests/golden.h"

#include <locale.h>
#include <math.h>

enum { MOST = 100000 };
static double x[MOST], phi[MOST], train[MOST], test[MOST];

/* No sin or exp: their last bits differ between libraries, and a dot may move. */
static void make_data(size_t count)
{
    double fall = 20000, rise = 0.4;

    for (size_t i = 0; i < count; i++) {
        x[i] = (double)i + 1;
        fall *= count < 50 ? 0.6 : 1 - 9.0 / (double)count;
        rise *= count < 50 ? 0.7 : 1 - 5.0 / (double)count;
        phi[i] = fall * (i % 3 == 1 ? 1.4 : 1);
        train[i] = 0.976 - rise;
        test[i] = 0.95 - rise * (i % 2 ? 1 : 0.9);
    }
}

static char *text_of(const ipd_chart *chart, int width, int height, ipd_charset set, int colour)
{
    static char text[1 << 18];
    ipd_error e;
    FILE *f = fmemopen(text, sizeof text, "w");

    if (ipd_chart_text(f, chart, width, height, set, colour, &e) < 0)
        snprintf(text, sizeof text, "%s\n", e.text);
    fclose(f);
    return text;
}

static void test_golden(size_t count, int width, int height)
{
    static const struct {
        const char *name;
        ipd_charset set;
        int colour;
    } forms[] = {{"braille", IPD_BRAILLE, 1},
                 {"monochrome", IPD_BRAILLE, 0},
                 {"blocks", IPD_BLOCKS, 0},
                 {"ascii", IPD_ASCII, 0}};
    ipd_series s = {.name = "Φ",
                    .x = {.array = x},
                    .y = {.array = phi},
                    .count = count,
                    .ink = IPD_INK_SERIES_1};
    ipd_series t[2] = {{.name = "train",
                        .x = {.array = x},
                        .y = {.array = train},
                        .count = count,
                        .ink = IPD_INK_SERIES_1 + 1},
                       {.name = "test",
                        .x = {.array = x},
                        .y = {.array = test},
                        .count = count,
                        .ink = IPD_INK_SERIES_1 + 2}};
    ipd_chart objective = {.title = "objective Φ",
                           .x_label = "iteration",
                           .y_kind = IPD_LOG,
                           .x_whole = 1,
                           .x_reach = 10,
                           .series = &s,
                           .series_count = 1};
    ipd_chart accuracy = {.title = "accuracy",
                          .x_label = "iteration",
                          .percent = 1,
                          .x_whole = 1,
                          .x_reach = 10,
                          .series = t,
                          .series_count = 2,
                          .legend = 1};
    char name[64];

    make_data(count);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        snprintf(name, sizeof name, "objective_%zu_%dx%d_%s", count, width, height, forms[i].name);
        golden("tests/plot/golden", name,
               text_of(&objective, width, height, forms[i].set, forms[i].colour));
        snprintf(name, sizeof name, "accuracy_%zu_%dx%d_%s", count, width, height, forms[i].name);
        golden("tests/plot/golden", name,
               text_of(&accuracy, width, height, forms[i].set, forms[i].colour));
    }
}

static int count_of(const char *text, const char *what)
{
    int count = 0;
    while ((text = strstr(text, what)))
        count++, text += strlen(what);
    return count;
}

static void test_holes(void)
{
    double y[] = {100, NAN, 10, 0, INFINITY, 1, -INFINITY};
    ipd_series s = {
        .name = "y", .x = {.array = x}, .y = {.array = y}, .count = 7, .ink = IPD_INK_SERIES_1};
    ipd_chart chart = {.y_kind = IPD_LOG, .series = &s, .series_count = 1};

    make_data(7);
    const char *text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 3 && count_of(text, "^") == 1 && count_of(text, "v") == 2,
       "NaN leaves a gap; infinite values, and 0 on a log axis, are arrows");
    for (int i = 0; i < 7; i++)
        y[i] = NAN;
    text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 0 && count_of(text, "|") > 5, "only NaN draws only the axes");
    s.count = 0;
    text = text_of(&chart, 60, 12, IPD_BRAILLE, 1);
    ok(count_of(text, "│") + count_of(text, "┤") == 10, "no points draw only the axes");
    y[0] = 5;
    s.count = 1;
    ok(count_of(text_of(&chart, 60, 12, IPD_BRAILLE, 0), "●") == 1, "one point is one mark");
}

/* A peak of one point among many must be seen, however far apart the columns of dots are. */
static void test_decimation(void)
{
    ipd_series s = {.name = "y",
                    .x = {.array = x},
                    .y = {.array = phi},
                    .count = MOST,
                    .ink = IPD_INK_SERIES_1};
    ipd_chart chart = {.series = &s, .series_count = 1};

    make_data(MOST);
    for (size_t i = 0; i < MOST; i++)
        phi[i] = 0;
    phi[54321] = 100;
    const char *text = text_of(&chart, 50, 12, IPD_ASCII, 0);
    int lines_with_peak = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        if (memchr(line, '*', strcspn(line, "\n")))
            lines_with_peak++;
    ok(lines_with_peak == 10, "one point of 100000 stands out from bottom to top");
}

static void test_shared_cells(void)
{
    double same[] = {1, 2, 3};
    ipd_series s[2] = {
        {.name = "a", .x = {.array = x}, .y = {.array = same}, .count = 3, .ink = IPD_INK_SERIES_1},
        {.name = "b",
         .x = {.array = x},
         .y = {.array = same},
         .count = 3,
         .ink = IPD_INK_SERIES_1 + 1}};
    ipd_chart chart = {.series = s, .series_count = 2};
    ipd_canvas c;
    int first = 0, other = 0;

    make_data(3);
    ok(ipd_canvas_init(&c, 40, 10, IPD_BRAILLE, NULL) == 0, "a canvas");
    ipd_chart_draw(&c, ipd_canvas_all(&c), &chart);
    for (int i = 0; i < 400; i++) {
        first += c.cells[i].ink == IPD_INK_SERIES_1;
        other += c.cells[i].ink > IPD_INK_SERIES_1;
    }
    ok(first > 30 && other == 0, "series that coincide have the colour of the first");
    ipd_canvas_free(&c);
}

static void test_any_size(void)
{
    ipd_series s = {
        .name = "Φ", .x = {.array = x}, .y = {.array = phi}, .count = 40, .ink = IPD_INK_SERIES_1};
    ipd_chart chart = {.title = "objective",
                       .x_label = "iteration",
                       .y_kind = IPD_LOG,
                       .series = &s,
                       .series_count = 1,
                       .legend = 1};

    make_data(40);
    for (int width = 1; width < 40; width++)
        for (int height = 1; height < 12; height++)
            text_of(&chart, width, height, (width + height) % 3, width & 1);
    ok(1, "every size from 1 x 1 on is drawn");
    ipd_error e;
    ok(ipd_chart_text(stdout, &chart, 0, 5, IPD_ASCII, 0, &e) < 0 && *e.text,
       "no width is an error with a sentence");
}

static int ticks_are(ipd_scale_kind kind, double low, double high, int max, const char *expected)
{
    ipd_scale s = ipd_scale_fit(kind, low, high);
    ipd_tick ticks[IPD_MAX_TICKS];
    char text[256] = "";
    int n = ipd_scale_ticks(&s, max, 0, 0, ticks);

    for (int i = 0; i < n; i++) {
        strcat(text, i ? " " : "");
        strcat(text, ticks[i].label);
        double place = ipd_scale_place(&s, ticks[i].value);
        if (!(place >= -1e-9 && place <= 1 + 1e-9))
            return 0;
    }
    if (strcmp(text, expected) == 0)
        return 1;
    printf("# ticks are: %s\n", text);
    return 0;
}

static void test_ticks(void)
{
    ok(ticks_are(IPD_LINEAR, 0, 10, 6, "0 2 4 6 8 10"), "ticks from 0 to 10");
    ok(ticks_are(IPD_LINEAR, -1, 1, 5, "-1.0 -0.5 0.0 0.5 1.0"), "ticks across zero");
    ok(ticks_are(IPD_LINEAR, 0.951, 0.973, 5, "0.955 0.960 0.965 0.970"), "fine ticks");
    ok(ticks_are(IPD_LINEAR, 0, 120000, 8, "0 2e4 4e4 6e4 8e4 1.0e5 1.2e5"),
       "an axis with large numbers has one form for all");
    ok(ticks_are(IPD_LOG, 1e-3, 1e4, 8, "0.001 0.01 0.1 1 10 100 1000 1e4"), "decades");
    ok(ticks_are(IPD_LOG, 1e-9, 1e9, 5, "1e-8 1e-4 1 1e4 1e8"), "few of many decades keep 1");
    ok(ticks_are(IPD_LOG, 3, 300, 8, "5 10 20 50 100 200"), "two decades");
    ok(ticks_are(IPD_LOG, 62, 75, 4, "65 70 75"), "less than a decade");
    char text[24];
    ipd_short_number(text, sizeof text, 12145.3, 3);
    ok(strcmp(text, "1.21e4") == 0, "numbers are short: %s", text);
    ipd_short_number(text, sizeof text, 0.16789, 3);
    ok(strcmp(text, "0.168") == 0, "numbers keep their digits: %s", text);
    ipd_short_number(text, sizeof text, -3.2e-7, 2);
    ok(strcmp(text, "-3.2e-7") == 0, "small numbers: %s", text);
}

static void test_text(void)
{
    ipd_canvas c;
    uint32_t code;

    ok(ipd_utf8_decode("\xc3\xa9", 2, &code) == 2 && code == 0xE9, "two bytes of UTF-8");
    ok(ipd_utf8_decode("\xc0\x80", 2, &code) == 1 && code == 0xFFFD, "an overlong form is refused");
    ok(ipd_utf8_decode("\xed\xa0\x80", 3, &code) == 1 && code == 0xFFFD, "a surrogate is refused");
    ok(ipd_utf8_decode("\xe2\xa0", 2, &code) == 1 && code == 0xFFFD, "half a character is refused");
    ok(ipd_text_columns("Φ ρ", 0) == 3 && ipd_text_columns("Φ ρ", 1) == 7, "columns of text");
    char cut[32];
    ipd_text_middle(cut, sizeof cut, "digits-300-300-ipdlam-7", 14, 0);
    ok(!strcmp(cut, "digi…-ipdlam-7"), "a long name keeps its end");
    ipd_text_middle(cut, sizeof cut, "ΦΦΦΦΦΦ", 5, 0);
    ok(!strcmp(cut, "Φ…ΦΦΦ"), "a name is shortened by whole characters");
    if (ipd_canvas_init(&c, 12, 3, IPD_BRAILLE, NULL) == 0) {
        ok(ipd_canvas_text(&c, 8, 0, 4, IPD_INK_TEXT, 0, "ab\tcdef") == 4, "text is clipped");
        ok(c.cells[10].code == ' ', "control characters are blanks");
        ipd_canvas_text(&c, -2, 1, 20, IPD_INK_TEXT, 0, "left and right of the canvas");
        ok(c.cells[12].code == 'f', "text may begin outside");
        ipd_canvas_put(&c, 0, 99, 'x', IPD_INK_TEXT, 0);
        ipd_canvas_free(&c);
    }
}

/* The rows of one column of a chart's text that are not blank. */
static int filled(const char *text, int column, const char *blank)
{
    int count = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        count += (int)strcspn(line, "\n") > column && !strchr(blank, line[column]);
    return count;
}

/* Only points within the range of the x axis are drawn, and the y axis fits them. */
static void test_zoom(void)
{
    ipd_series s = {.name = "y",
                    .x = {.array = x},
                    .y = {.array = phi},
                    .count = MOST,
                    .ink = IPD_INK_SERIES_1};
    ipd_chart chart = {.series = &s, .series_count = 1, .x_low = 1000, .x_high = 1100};

    make_data(MOST);
    for (size_t i = 0; i < MOST; i++)
        phi[i] = i % 2;
    phi[54321] = 100;
    const char *text = text_of(&chart, 50, 12, IPD_ASCII, 0);
    ok(strstr(text, "1.0+") && !strstr(text, "100+"), "a peak out of sight moves no axis");
    chart.x_high = 1001;
    text = text_of(&chart, 50, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 2, "two points in sight are two marks");
    chart.x_low = 2e6;
    chart.x_high = 3e6;
    text = text_of(&chart, 50, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 0, "a range without points has no dots");
    double far[] = {0, 1}, two[] = {999, 1000};
    ipd_series line = {.x = {.array = far}, .y = {.array = two}, .count = 2};
    chart = (ipd_chart){.series = &line, .series_count = 1, .x_low = 0.4, .x_high = 1};
    text = text_of(&chart, 50, 12, IPD_ASCII, 0);
    ok(count_of(text, ".") > 30, "a line comes in from a point out of sight");
}

static void test_cursor_and_marks(void)
{
    ipd_chart_mark marks[] = {{10, "1", 0}, {11, "2", 0}, {50, "3", 0}};
    ipd_series s = {.name = "y",
                    .x = {.array = x},
                    .y = {.array = train},
                    .count = 100,
                    .ink = IPD_INK_SERIES_1};
    ipd_chart chart = {.series = &s,
                       .series_count = 1,
                       .legend = 1,
                       .x_whole = 1,
                       .marks = marks,
                       .mark_count = 3,
                       .has_cursor = 1,
                       .cursor = 42};
    char expected[40];

    make_data(100);
    train[41] = 0.125;
    const char *text = text_of(&chart, 60, 14, IPD_ASCII, 0);
    snprintf(expected, sizeof expected, "y 0.1250");
    ok(strstr(text, expected) != NULL, "the legend has the value at the cursor");
    ok(strstr(text, " 42 ") && count_of(text, "^") == 1, "the axis has the cursor's x");
    ok(strstr(text, "1+") && strstr(text, "3") && count_of(text, ":") > 12,
       "marks have lines and names; marks too close to each other share a name");
    chart.cursor = 1000;
    ok(strstr(text_of(&chart, 60, 14, IPD_ASCII, 0), "y -"), "no value where there is no point");
    chart.x_low = 20;
    chart.x_high = 30;
    chart.cursor = 25;
    text = text_of(&chart, 60, 14, IPD_ASCII, 0);
    ok(count_of(text, ":") == 0, "marks out of sight are not drawn");
    ipd_canvas c;
    ipd_area area = {0, 0, 60, 14};
    if (ipd_canvas_init(&c, 60, 14, IPD_ASCII, NULL) == 0) {
        double left = NAN;
        int column = 0;
        while (isnan(left))
            left = ipd_chart_x_at(&c, area, &chart, column++);
        ok(left == 20 && ipd_chart_x_at(&c, area, &chart, 59) == 30,
           "a column of the canvas has an x");
        ipd_canvas_free(&c);
    }
}

/* All values of a legend belong to one x. */
static void test_legend(void)
{
    double own[] = {9, 8, 7, 6, 5}, other[] = {1, 2, 3}, some[] = {40, NAN, 42, NAN, NAN};
    double seconds[] = {0.5, 1.5, 2.5};
    ipd_series s[3] = {{.name = "own", .x = {.array = x}, .y = {.array = own}, .count = 5},
                       {.name = "other", .x = {.array = x}, .y = {.array = other}, .count = 3},
                       {.name = "some", .x = {.array = x}, .y = {.array = some}, .count = 5}};
    ipd_chart chart = {.x_whole = 1, .series = s, .series_count = 1, .legend = 1};

    make_data(5);
    const char *text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 5.000\n") != NULL, "one series: its last value");
    chart.series_count = 3;
    text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 7.000   + other 3.000   x some 42.00   at 3\n") != NULL,
       "several series: their values at the last x that all have");
    s[1].past = s[2].past = 1;
    text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 5.000   + other -   x some -\n") != NULL,
       "a series that has ended does not move this x");
    s[1].past = s[2].past = 0;
    chart.has_cursor = 1;
    chart.cursor = 4;
    text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 6.000   + other -   x some -   at 4\n") != NULL,
       "at the cursor: a dash where there is no value");
    chart.has_cursor = 0;
    chart.series_count = 2;
    s[1].x.array = seconds;
    text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 5.000   + other -\n") != NULL,
       "series without a common iteration have dashes");
    chart.x_whole = 0;
    text = text_of(&chart, 70, 12, IPD_ASCII, 0);
    ok(strstr(text, "own 5.000   + other 3.000   last values\n") != NULL,
       "series without any other common x have their last values, and the legend says so");
}

/* Points in any order, with and without lines. */
static void test_scatter(void)
{
    double at[] = {5, 1, 9, NAN, 3}, y[] = {3, 1, 2, 2, INFINITY};
    ipd_series s = {
        .name = "s", .x = {.array = at}, .y = {.array = y}, .count = 5, .scatter = 1, .no_line = 1};
    ipd_chart chart = {.series = &s, .series_count = 1, .legend = 1};

    const char *text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 1 + 3 && count_of(text, "^") == 1 && strstr(text, "* s\n"),
       "every point has its mark, infinite ones an arrow");
    s.no_line = 0;
    text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, ".") > 60, "lines go from point to point, also to the left");
    chart.y_low = 1.5;
    chart.y_high = 2.5;
    s.no_line = 1;
    text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 2 && count_of(text, "^") == 2 && count_of(text, "v") == 1,
       "values beyond a given axis have arrows");
    double far_x[] = {1, 2}, far_y[] = {-100, 101};
    s = (ipd_series){.name = "s", .x = {.array = far_x}, .y = {.array = far_y}, .count = 2};
    chart.y_low = 0;
    chart.y_high = 1;
    text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    int first = 60, last = 0;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        size_t dot = strcspn(line, "."), end = strcspn(line, "\n");
        if (strchr("|+", line[3]) && dot < end && dot > 5) {
            first = (int)dot < first ? (int)dot : first;
            last = (int)dot > last ? (int)dot : last;
        }
    }
    ok(first > 28 && last < 36,
       "a line between points far outside crosses the plot steeply: "
       "columns %d to %d",
       first, last);
}

static void test_forms(void)
{
    ipd_series s[2] = {
        {.name = "a",
         .x = {.array = x},
         .y = {.array = train},
         .count = 500,
         .ink = IPD_INK_SERIES_1},
        {.name = "b", .x = {.array = x}, .y = {.array = test}, .count = 500, .form = 1}};
    ipd_chart chart = {.series = s, .series_count = 2, .legend = 1};

    make_data(500);
    ok(strstr(text_of(&chart, 70, 12, IPD_BRAILLE, 1), "╌╌"),
       "a series can be broken in colour, too");
    chart.coarser = 2;
    char *text = text_of(&chart, 70, 12, IPD_BRAILLE, 0);
    ok(filled(text, 40, " ") && !strstr(text, "⣿") && strchr(text, '#'),
       "lines can be in ASCII on a canvas with braille");
    chart.coarser = 1;
    ok(strstr(text_of(&chart, 70, 12, IPD_BRAILLE, 0), "▀") != NULL,
       "or in half blocks on a canvas with braille");
}

/* A million points and a summary of them: the same picture as from the points alone. */
static void test_million(void)
{
    enum { POINTS = 1000000, TIMES = 20 };
    double *at = malloc(POINTS * sizeof *at), *y = malloc(POINTS * sizeof *y);
    ipd_summary summary = {0};
    ipd_series s[3] = {{.name = "y", .x = {.array = at}, .y = {.array = y}, .count = POINTS},
                       {.name = "z", .x = {.array = at}, .y = {.array = y}, .count = POINTS},
                       {.name = "u", .x = {.array = at}, .y = {.array = y}, .count = POINTS}};
    ipd_chart chart = {.series = s, .series_count = 3, .y_kind = IPD_LOG};
    char *first;

    for (size_t i = 0; i < POINTS; i++) {
        at[i] = (double)i + 1;
        y[i] = i == 777777 ? 1e4 : i == 5000 ? -1 : i % 9999 == 5 ? NAN : 1 + (double)(i % 1000);
    }
    first = strdup(text_of(&chart, 200, 60, IPD_BRAILLE, 1));
    ok(ipd_summary_extend(&summary, &s[0].y, 3333) == 0 &&
           ipd_summary_extend(&summary, &s[0].y, POINTS) == 0,
       "a summary grows with its values");
    for (int k = 0; k < 3; k++)
        s[k].summary = &summary;
    ipd_canvas c;
    if (ipd_canvas_init(&c, 200, 60, IPD_BRAILLE, NULL) < 0)
        return;
    double began = ipd_seconds();
    for (int i = 0; i < TIMES; i++)
        ipd_chart_draw(&c, ipd_canvas_all(&c), &chart);
    ipd_canvas_free(&c);
    printf("# three curves of 10^6 points on 200 x 60: %.2f ms\n",
           (ipd_seconds() - began) / TIMES * 1e3);
    ok(strcmp(first, text_of(&chart, 200, 60, IPD_BRAILLE, 1)) == 0,
       "a summary changes nothing that is drawn");
    ok(strstr(first, "1e4") && strstr(first, "▼"),
       "a summary loses no peak and no value below the axis");
    int kept = ipd_extremes_of(&s[0].y, &summary, 5000, 5300).min == -1;
    y[5000] = 1;
    kept &= ipd_extremes_of(&s[0].y, &summary, 5000, 5300).min == -1;
    ok(kept && ipd_extremes_of(&s[0].y, &summary, 5000, 5301).min == 1,
       "the extremes of a range are computed once");
    ipd_summary_cut(&summary, 100000);
    ok(ipd_extremes_of(&s[0].y, &summary, 5000, 5300).min == 1,
       "after a cut they are computed again");
    ok(ipd_extremes_of(&s[0].y, &summary, 0, POINTS).max == 1e4,
       "values that the summary does not cover are read");
    free(first);
    free(at);
    free(y);
    ipd_summary_free(&summary);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    test_zoom();
    test_cursor_and_marks();
    test_legend();
    test_scatter();
    test_forms();
    test_million();
    test_text();
    test_ticks();
    test_holes();
    test_decimation();
    test_shared_cells();
    test_any_size();
    test_golden(5, 60, 12);
    test_golden(500, 38, 9);
    test_golden(500, 100, 20);
    return done();
}
