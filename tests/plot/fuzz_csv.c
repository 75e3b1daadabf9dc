/* fuzz_csv.c - arbitrary bytes as a CSV file: read, and drawn as `ipdlam plot` draws it. */
#include "cli/plot.h"
#include "plot/csv.h"
#include "tests/fuzz.h"

#include <math.h>

/* Draws the second column over the first, a series per value of the third. */
static void draw(const ipd_csv *t)
{
    ipd_figure_series *series = NULL;
    char text[4096];
    int count = 0;
    ipd_error e = {0};
    ipd_plot_choice choice = {.x = t->name[0], .y = t->name[t->columns > 1]};

    if (t->columns > 2) {
        choice.by[0] = t->name[2];
        choice.by_count = 1;
    }
    int failed = ipd_plot_series(t, "fuzz", &choice, &series, &count, &e);
    if (failed)
        fuzz_check_error(&e, "fuzz");
    const ipd_panel panel = {.series = series, .series_count = count, .y_kind = IPD_LOG};
    const ipd_figure figure = {.panels = &panel, .panel_count = 1};
    FILE *to = fmemopen(text, sizeof text, "w");
    if (!failed && to && count < 8)
        ipd_figure_text(to, &figure, 40, 8, IPD_ASCII, 0, &e);
    if (to)
        fclose(to);
    ipd_plot_free(series, count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    ipd_error e = {0};
    ipd_csv t;
    double value;

    int failed = ipd_csv_parse(&t, text, "fuzz", &e);
    if (failed)
        fuzz_check_error(&e, "fuzz");
    fuzz_check(failed || t.columns);
    for (size_t i = 0; !failed && i < t.rows * t.columns; i++) {
        const char *cell = ipd_csv_cell(&t, i / t.columns, i % t.columns);
        fuzz_check(cell >= t.text && cell + strlen(cell) <= t.text + length);
        ipd_csv_number(&t, i / t.columns, i % t.columns, &value);
    }
    for (size_t i = 0; !failed && i < t.columns; i++)
        fuzz_check(ipd_csv_column(&t, t.name[i]) >= 0);
    if (!failed)
        draw(&t);
    fuzz_taken += !failed;
    ipd_csv_free(&t);
    return 0;
}

#ifndef IPD_LIBFUZZER
/* All cells of a text, rows in braces: "{a|b}{1|2}". */
static const char *cells_of(const char *text)
{
    static char all[512];
    ipd_error e = {0};
    ipd_csv t;
    size_t at = 0;

    if (ipd_csv_parse(&t, strdup(text), "t.csv", &e)) {
        snprintf(all, sizeof all, "%s", e.text);
    } else {
        for (size_t i = 0; i < t.columns; i++)
            at += (size_t)snprintf(all + at, sizeof all - at, "%c%s", i ? '|' : '{', t.name[i]);
        for (size_t i = 0; i < t.rows * t.columns; i++)
            at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i % t.columns ? "|" : "}{",
                                   t.cell[i]);
        snprintf(all + at, sizeof all - at, "}");
    }
    ipd_csv_free(&t);
    return all;
}

static void test_cells(void)
{
    static const struct {
        const char *text, *cells, *what;
    } cases[] = {
        {"a,b\n1,2\n", "{a|b}{1|2}", "two lines"},
        {"\"a\",b\r\n1,2\r\n\r\n3,4", "{a|b}{1|2}{3|4}", "CRLF"},
        {"\n \t\n\r\na,b\n\n1,2\n  \n", "{a|b}{1|2}", "blank lines"},
        {"a\r1\r\r2\r", "{a}{1}{2}", "CR alone"},
        {" a , \"b\" \n 1 ,\" 2 \"\n", "{a|b}{1| 2 }", "blanks around cells, not in quotes"},
        {"a,b\n\"1,5\",\"say \"\"x\"\"\"\n", "{a|b}{1,5|say \"x\"}", "commas and quotes in quotes"},
        {"a,b\r\n\"x\r\ny\r\",\"\"\r\n", "{a|b}{x\r\ny\r|}", "lines in quotes, nothing in quotes"},
        {"a,b\n,\n", "{a|b}{|}", "empty cells"},
        {"a,b\nx\"y\",2\n", "{a|b}{x\"y\"|2}", "quotes within a cell"},
        {"a,\033[31mb\n1,2\n", "{a|?[31mb}{1|2}", "no control characters in names"},
        {"a,b\n\"x\ny\",1\n\n1,2,3\n", "t.csv, line 5: has 3 cells, but the first line names 2",
         "a long row, by its line"},
        {"a,b\n1\n", "t.csv, line 2: has 1 cell, but the first line names 2", "a short row"},
        {"a\n1\n\"x\ny", "t.csv, line 3: a quoted cell does not end", "an open quote"},
        {"\n\n", "t.csv: is empty. The first line must name the columns", "nothing"}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *cells = cells_of(cases[i].text);
        ok(!strcmp(cells, cases[i].cells), "%s", cases[i].what);
        if (strcmp(cells, cases[i].cells))
            printf("# %s\n", cells);
    }
}

static void test_numbers(void)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"", NAN},           {"NaN", NAN},          {"-nan", NAN},         {"NA", NAN},
        {"n/a", NAN},        {"#N/A", NAN},         {"NULL", NAN},         {"None", NAN},
        {"Inf", INFINITY},   {"-Inf", -INFINITY},   {"+inf", INFINITY},    {"Infinity", INFINITY},
        {"1e400", INFINITY}, {"-1e400", -INFINITY}, {"1e-400", 0},         {"+1.5", 1.5},
        {"True", 1},         {"FALSE", 0},          {"4.9e-324", 4.9e-324}};
    static const char *const texts[] = {"x", "1x", "-", "+", "1 2", "nanx", "1,5"};
    char text[64];
    double value = 0;
    ipd_csv t;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, "a,b\n%s,\"%s \"\n", cases[i].text, cases[i].text);
        int failed =
            ipd_csv_parse(&t, strdup(text), "t.csv", NULL) || ipd_csv_number(&t, 0, 0, &value);
        ok(!failed && (isnan(cases[i].value) ? isnan(value) : value == cases[i].value),
           "'%s' is %g", cases[i].text, value);
        ipd_csv_free(&t);
    }
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        snprintf(text, sizeof text, "a\n\"%s\"\n", texts[i]);
        ok(!ipd_csv_parse(&t, strdup(text), "t.csv", NULL) && ipd_csv_number(&t, 0, 0, &value),
           "'%s' is no number", texts[i]);
        ipd_csv_free(&t);
    }
}

int main(void)
{
    test_cells();
    test_numbers();
    fuzz_replay("tests/plot/corpus_csv", ",,\n\n\r\"\"  -+.e019nN\xEF\xBB\xBF", some_of(2000), 10);
    return done();
}
#endif
