/* Charts as text, and the parts they are made of. */
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
    ipd_series s = {"Φ", x, phi, count, IPD_INK_SERIES_1};
    ipd_series t[2] = {{"train", x, train, count, IPD_INK_SERIES_1 + 1},
                       {"test", x, test, count, IPD_INK_SERIES_1 + 2}};
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
    ipd_series s = {"y", x, y, 7, IPD_INK_SERIES_1};
    ipd_chart chart = {.y_kind = IPD_LOG, .series = &s, .series_count = 1};

    make_data(7);
    const char *text = text_of(&chart, 60, 12, IPD_ASCII, 0);
    ok(count_of(text, "*") == 3 && count_of(text, "^") == 1 && count_of(text, "v") == 2,
       "NaN leaves a gap, what has no place on a log axis is an arrow");
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
    ipd_series s = {"y", x, phi, MOST, IPD_INK_SERIES_1};
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
    ipd_series s[2] = {{"a", x, same, 3, IPD_INK_SERIES_1},
                       {"b", x, same, 3, IPD_INK_SERIES_1 + 1}};
    ipd_chart chart = {.series = s, .series_count = 2};
    ipd_canvas c;
    int mixed = 0, other = 0;

    make_data(3);
    ok(ipd_canvas_init(&c, 40, 10, IPD_BRAILLE, NULL) == 0, "a canvas");
    ipd_chart_draw(&c, ipd_canvas_all(&c), &chart);
    for (int i = 0; i < 400; i++) {
        mixed += c.cells[i].ink == IPD_INK_MIXED;
        other += c.cells[i].ink >= IPD_INK_SERIES_1;
    }
    ok(mixed > 30 && other == 0, "series that coincide are neither's colour");
    ipd_canvas_free(&c);
}

static void test_any_size(void)
{
    ipd_series s = {"Φ", x, phi, 40, IPD_INK_SERIES_1};
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

static int ticks_are(ipd_scale_kind kind, double low, double high, int most, const char *expected)
{
    ipd_scale s = ipd_scale_fit(kind, low, high);
    ipd_tick ticks[IPD_MAX_TICKS];
    char text[256] = "";
    int n = ipd_scale_ticks(&s, most, 0, 0, ticks);

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
    ok(ipd_utf8_decode("\xed\xa0\x80", 3, &code) == 1 && code == 0xFFFD, "so is a surrogate");
    ok(ipd_utf8_decode("\xe2\xa0", 2, &code) == 1 && code == 0xFFFD, "and half a character");
    ok(ipd_text_columns("Φ ρ", 0) == 3 && ipd_text_columns("Φ ρ", 1) == 7, "columns of text");
    if (ipd_canvas_init(&c, 12, 3, IPD_BRAILLE, NULL) == 0) {
        ok(ipd_canvas_text(&c, 8, 0, 4, IPD_INK_TEXT, 0, "ab\tcdef") == 4, "text is clipped");
        ok(c.cells[10].code == ' ', "control characters are blanks");
        ipd_canvas_text(&c, -2, 1, 20, IPD_INK_TEXT, 0, "left and right of the canvas");
        ok(c.cells[12].code == 'f', "text may begin outside");
        ipd_canvas_put(&c, 0, 99, 'x', IPD_INK_TEXT, 0);
        ipd_canvas_free(&c);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
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
