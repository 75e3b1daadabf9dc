/* Charts of several runs in the workbench: legends and differences of one iteration, phi never
 * beside a loss, runs without records, and what a change of run leaves of the cursor. */
#include "plot/glyph.h"
#include "plot/scale.h"
#include "tests/run/plan.h"
#include "tui/view/curves.h"
#include "tui/view/difference.h"
#include "tui/view/marks.h"

#include <locale.h>

static ipd_dataset *data;

static ipd_run *make_run(const char *name, int iterations, const char *const *pairs)
{
    static const size_t hidden[] = {5};
    ipd_run_options options = {.hidden = hidden, .hidden_count = 1, .name = name};
    ipd_settings s;
    ipd_run *run;
    ipd_error e;
    ipd_settings_init(&s);
    for (const char *const *p = pairs; p && *p; p += 2)
        if (ipd_settings_set(&s, p[0], p[1], &e))
            fatal(&e);
    if (ipd_run_open(&run, data, &s, &options, &e))
        fatal(&e);
    ipd_reply reply;
    ipd_ticket t = iterations ? ipd_run_step(run, iterations, &e) : 0;
    if (t)
        ipd_run_wait(run, t, &reply, &e); /* it may diverge */
    return run;
}

static void overlay(ipd_model *m, ipd_run *run)
{
    static unsigned long number;
    ipd_overlay of = {.number = ++number};
    snprintf(of.name, sizeof of.name, "%s", ipd_run_name(run));
    ipd_overlay *o = ipd_overlay_add(&m->overlays, &of);
    if (o)
        ipd_overlay_follow(o, run);
}

static char *text_of(ipd_model *m, const ipd_view *v, int width, int height)
{
    static char text[1 << 16];
    char title[200] = "";
    ipd_canvas c;
    FILE *to = fmemopen(text, sizeof text, "w");
    if (ipd_canvas_init(&c, width, height, IPD_BRAILLE, NULL))
        return text;
    c.monochrome = 1;
    if (v->title)
        v->title(m, width, title, sizeof title);
    v->draw(m, &c, ipd_canvas_all(&c));
    fprintf(to, "%s\n", title);
    ipd_canvas_print(&c, to, 0);
    ipd_canvas_free(&c);
    fclose(to);
    return text;
}

/* The entry of a curve in a legend: "Φ 341.5". */
static const char *entry(const char *name, double value)
{
    static char text[6][64];
    static int next;
    char *to = text[next++ % 6];
    size_t used = (size_t)snprintf(to, 64, "%s ", name);
    ipd_short_number(to + used, 64 - used, value, 4);
    return to;
}

static int has(const char *text, const char *what)
{
    if (strstr(text, what))
        return 1;
    printf("# no '%s' in\n# %.*s\n", what, (int)strcspn(text, "\n") + 200, text);
    return 0;
}

static double phi(ipd_run *run, int iteration)
{
    return ipd_run_record(run, (size_t)iteration - 1).phi;
}

static double loss(ipd_run *run, int iteration)
{
    return ipd_run_record(run, (size_t)iteration - 1).forward_loss;
}

static void test_one_iteration(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    char note[32], number[24];

    overlay(&m, less);
    m.chart.difference = 1;
    ipd_model_update(&m, more);
    const char *text = text_of(&m, &ipd_view_objective, 80, 9);
    ipd_short_number(number, sizeof number, phi(more, 2) - phi(less, 2), 3);
    snprintf(note, sizeof note, "(%s%s)", phi(more, 2) > phi(less, 2) ? "+" : "", number);
    ok(has(text, entry("Φ", phi(more, 2))) && has(text, entry("less", phi(less, 2))) &&
           has(text, note) && has(text, "at 2"),
       "legend and difference have the values of the last common iteration and name it");
    text = text_of(&m, &ipd_view_accuracy, 100, 20);
    ok(has(text, "at 2") && has(text, "z_L") && !strstr(text, "averaged"),
       "the legend of every chart names the iteration");
    m.chart.cursor = 4;
    text = text_of(&m, &ipd_view_objective, 80, 9);
    ok(has(text, entry("Φ", phi(more, 4))) && has(text, "less –") && has(text, "at 4") &&
           !strchr(text, '('),
       "a run that did not reach the cursor has a dash and no difference");
    text = text_of(&m, &ipd_view_objective, 80, 20);
    ok(has(text, "more − less") && has(text, "Φ –"),
       "a run that did not reach the cursor has no value below the chart");
    ipd_overlays_clear(&m.overlays, 1);
    overlay(&m, more);
    ipd_model_update(&m, less);
    m.chart.cursor = 4;
    text = text_of(&m, &ipd_view_objective, 80, 9);
    ok(has(text, "Φ –") && has(text, entry("more", phi(more, 4))) && !strchr(text, '('),
       "a run without a value has no difference");
    ipd_model_free(&m);
}

static void test_objective(ipd_run *more, ipd_run *less, ipd_run *adam)
{
    ipd_model m = {0};

    ipd_model_update(&m, adam);
    const char *text = text_of(&m, &ipd_view_objective, 80, 12);
    ok(!strncmp(text, "forward loss · adam", 15) && !strstr(text, "Φ"),
       "a run without Phi has a chart of its loss, with this title");
    overlay(&m, more);
    text = text_of(&m, &ipd_view_objective, 80, 12);
    ok(has(text, entry("forward loss", loss(adam, 3))) && has(text, entry("more", loss(more, 3))) &&
           !strstr(text, "Φ"),
       "beside a run without Phi, all runs have curves of the loss");
    text = text_of(&m, &ipd_view_accuracy, 100, 20);
    ok(has(text, "averaged") && !strstr(text, "z_L"),
       "a classical optimizer has curves of the accuracies that it has");
    m.chart.difference = 1;
    char number[24];
    ipd_short_number(number, sizeof number, loss(adam, 3) - loss(more, 3), 3);
    ok(has(text_of(&m, &ipd_view_objective, 80, 9), number),
       "the difference to a classical optimizer is that of the loss");
    ipd_overlays_clear(&m.overlays, 1);
    ipd_model_update(&m, more);
    overlay(&m, less);
    overlay(&m, adam);
    text = text_of(&m, &ipd_view_objective, 100, 12);
    ok(has(text, entry("forward loss", loss(more, 2))) && has(text, entry("less", loss(less, 2))) &&
           has(text, entry("adam", loss(adam, 2))) && !strstr(text, "Φ"),
       "one run without Phi among several: all have curves of the loss");
    m.chart.without_overlays = 1;
    text = text_of(&m, &ipd_view_objective, 100, 20);
    ok(!strncmp(text, "objective Φ", 10) && has(text, entry("Φ", phi(more, 5))),
       "without the classical optimizer a run has Phi again");
    ipd_model_free(&m);
}

static void test_diverged(ipd_run *more, ipd_run *wild, ipd_run *new)
{
    ipd_model m = {0};

    ipd_model_update(&m, wild);
    const char *text = text_of(&m, &ipd_view_objective, 60, 16);
    ok(has(text, "diverged in iteration 1") && has(text, "F12 goes back to the start") &&
           has(text, "F2 changes lr") && !strstr(text, "F5"),
       "a run that diverged in iteration 1 says so, and what to do");
    overlay(&m, more);
    text = text_of(&m, &ipd_view_objective, 60, 20);
    ok(has(text, "diverged in iteration 1") && has(text, "──b more "),
       "curves of other runs stay above the message of a diverged run");
    ipd_model_update(&m, new);
    text = text_of(&m, &ipd_view_objective, 60, 20);
    ok(has(text, "F5 runs") && has(text, "──b more "),
       "curves of other runs are drawn before the first iteration of a new run");
    ok(!strcmp(m.settings.preset, "default") && has(text, "add preset = \"fast\" to ip.run{ }"),
       "a new run with the preset default names the fast preset");
    strcpy(m.settings.preset, "fast");
    ok(!has(text_of(&m, &ipd_view_objective, 60, 20), "add preset"),
       "a new run with the preset fast does not name it");
    ipd_model_free(&m);
    m = (ipd_model){0};
    ipd_model_update(&m, more);
    ipd_records lost = {0};
    ipd_record r = ipd_run_record(more, 0);
    r.phi = r.forward_loss = NAN;
    if (ipd_records_add(&lost, &r))
        exit(99);
    ipd_model_update_records(&m, &lost);
    ok(has(text_of(&m, &ipd_view_objective, 38, 7), "diverged: the loss is not a number"),
       "a run whose only record is NaN has diverged, says the chart");
    m.settings.metrics_every = 2;
    ok(!strstr(text_of(&m, &ipd_view_objective, 38, 7), "diverged"),
       "a record without measured values does not count as diverged");
    ipd_records_free(&lost);
    ipd_model_free(&m);
}

/* Both runs get changes; `less` was rewound to its first iteration. */
static void test_marks(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    ipd_mark marks[IPD_MAX_MARKS];
    char text[64];

    change(more, "delta", "0.25");
    change(less, "beta", "0.5");
    overlay(&m, less);
    ipd_model_update(&m, more);
    ipd_changes_follow(&m.overlays.items[0], less);
    ok(ipd_marks_of_all(&m, marks) == 2 && !strcmp(marks[0].name, "b1") &&
           !strcmp(marks[1].name, "1") && marks[0].iteration == 2 && marks[1].iteration == 6,
       "changes of runs drawn together have marks");
    ipd_mark_text(&m, &marks[0], text, sizeof text);
    ok(!strcmp(text, "beta = 0.5"), "a mark has the text of its change");
    const char *screen = text_of(&m, &ipd_view_objective, 80, 14);
    ok(has(screen, "b1") && has(screen, "1 delta = 0.25") && !strstr(screen, "beta = "),
       "marks of all runs are on the axis, texts of the run on the screen below the chart");
    m.chart.cursor = 2;
    ok(has(text_of(&m, &ipd_view_objective, 80, 14), "b1 beta = 0.5"),
       "the text of another run's mark is shown at the cursor");
    m.chart.cursor = 0;
    ipd_curves_cursor_key(&m, 'm');
    ok(m.chart.cursor == 2, "m moves the cursor to another run's mark");
    ok(!strstr(text_of(&m, &ipd_view_gaps, 80, 14), "b1"),
       "a chart that draws no other runs has no marks of them");
    m.chart.without_overlays = 1;
    ok(ipd_marks_of_all(&m, marks) == 1, "hidden runs have no marks");
    m.chart.without_overlays = 0;
    change(less, "delta", "0.25"); /* in the same iteration as beta */
    ipd_changes_follow(&m.overlays.items[0], less);
    ipd_log_entry *entries = m.overlays.items[0].changes.items;
    ok(m.overlays.items[0].changes.count == 2, "the changes of an overlay follow its run");
    entries[0].place.iteration = 1;
    entries[1].place.iteration = 6;
    ok(ipd_marks_of_all(&m, marks) == 2 && !strcmp(marks[1].name, "1"),
       "a change that a branch shares with its parent has one mark");
    ipd_model_free(&m);
}

static void test_cursor(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    ipd_error e;

    ipd_model_update(&m, more);
    m.chart.cursor = 2;
    m.chart.low = 3;
    m.chart.high = 5;
    ipd_model_update(&m, more);
    ok(m.chart.cursor == 2 && m.chart.low == 3, "cursor and range stay with their run");
    ipd_model_update(&m, less);
    ok(m.chart.cursor == 0, "a cursor does not move to another run");
    ok(m.chart.low == 0 && m.chart.high == 0,
       "a run does not keep a visible range that it has not reached");
    m.chart.cursor = 2;
    wait_for(less, ipd_run_rewind(less, 1, &e), &e);
    ipd_model_update(&m, less);
    ok(m.chart.cursor == 0, "a rewind to before the cursor removes it");
    ipd_model_free(&m);
}

static void test_smoothing(ipd_run *more)
{
    ipd_model m = {0};
    double average = 0, weight = 0;

    ipd_model_update(&m, more);
    m.chart.smoothing = 0.6;
    m.chart.cursor = 5;
    for (int k = 1; k <= 5; k++) {
        average = 0.6 * average + 0.4 * phi(more, k);
        weight = 0.6 * weight + 0.4;
    }
    const char *text = text_of(&m, &ipd_view_objective, 80, 9);
    ok(has(text, entry("Φ", average / weight)) && has(text, "EMA 0.6"),
       "a smoothed curve has the moving average, and its weight in the legend");
    for (int k = 0; k < 3; k++)
        ipd_curves_key(&m, 's', 1);
    ok(m.chart.smoothing == 0 &&
           has(text_of(&m, &ipd_view_objective, 80, 9), entry("Φ", phi(more, 5))),
       "s smooths more and more, then not at all");
    ipd_model_free(&m);
}

static double sum_of(ipd_run *run, double (*value)(const ipd_record *), int iterations)
{
    double sum = 0;
    for (int k = 0; k < iterations; k++) {
        ipd_record r = ipd_run_record(run, (size_t)k);
        sum += value(&r);
    }
    return sum;
}

static double seconds(const ipd_record *r)
{
    return r->seconds;
}

static double samples(const ipd_record *r)
{
    return r->samples;
}

static void test_axes(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    char words[48];

    ipd_model_update(&m, more);
    m.chart.x_quantity = IPD_X_SECONDS;
    m.chart.cursor = 3;
    snprintf(words, sizeof words, "at %.4g s, it 3", sum_of(more, seconds, 3));
    const char *text = text_of(&m, &ipd_view_objective, 80, 12);
    ok(has(text, words) && has(text, entry("Φ", phi(more, 3))),
       "the cursor has the seconds and the iteration");
    m.chart.x_quantity = IPD_X_SAMPLES;
    snprintf(words, sizeof words, "at %.0f, it 3", sum_of(more, samples, 3));
    ok(has(text_of(&m, &ipd_view_objective, 80, 12), words),
       "the cursor has the samples and the iteration");
    overlay(&m, less);
    text = text_of(&m, &ipd_view_objective, 80, 12);
    ok(has(text, "less –"), "a run that ended before the cursor's seconds has no value");
    m.chart.cursor = 2;
    ok(has(text_of(&m, &ipd_view_objective, 80, 12), entry("less", phi(less, 2))),
       "a run that reached the cursor's samples has a value");
    for (int k = 0; k < 3; k++)
        ipd_curves_key(&m, 'X', 1);
    ok(m.chart.x_quantity == IPD_X_ITERATION, "the key X goes through the axes");
    ipd_model_free(&m);
}

static double at(const ipd_values *v, size_t i)
{
    return ipd_value_at(v, i);
}

static void test_difference(ipd_run *more, ipd_run *less)
{
    const double x[] = {1, 2.5, 4, 7}, y[] = {10, 20, 30, 40}, x2[] = {2, 3, 6}, y2[] = {1, 3, NAN};
    const ipd_series one = {.x = {.array = x}, .y = {.array = y}, .count = 4};
    const ipd_series two = {.x = {.array = x2}, .y = {.array = y2}, .count = 3};
    ipd_difference d = {0};
    char text[32];

    ipd_difference_add(&d, &one, &two);
    const ipd_series *s = &d.series[0];
    ok(s->count == 2 && at(&s->x, 0) == 2.5 && at(&s->y, 0) == 18 && isnan(at(&s->y, 1)),
       "a difference interpolates the other run, only within its range");
    ipd_difference_text(&d, 0, 2.5, 0, text, sizeof text);
    ok(!strcmp(text, "(+18)") || !strcmp(text, "(+18.0)"),
       "a difference by seconds has its value in the legend");
    ipd_difference_free(&d);
    ipd_model m = {.chart = {.difference = 1, .x_quantity = IPD_X_GFLOP}};
    overlay(&m, less);
    ipd_model_update(&m, more);
    ok(has(text_of(&m, &ipd_view_objective, 80, 20), "more − less"),
       "the axis of Gflop has the difference, too");
    ipd_model_free(&m);
}

static void test_fixed_range(ipd_run *more)
{
    ipd_model m = {0};

    ipd_model_update(&m, more);
    ipd_curves_key(&m, 'Y', 1);
    text_of(&m, &ipd_view_objective, 80, 12);
    double low = m.chart.y_range[0][0], high = m.chart.y_range[0][1];
    m.chart.low = 4;
    m.chart.high = 5;
    text_of(&m, &ipd_view_objective, 80, 12);
    ok(low < high && m.chart.y_range[0][0] == low && m.chart.y_range[0][1] == high,
       "a fixed range of values stays when the chart is zoomed");
    ipd_curves_key(&m, 'y', 1);
    ok(!m.chart.y_fixed, "a log axis does not keep the fixed range of a linear one");
    ipd_model_free(&m);
}

static void test_fields(ipd_run *more)
{
    ipd_model m = {0};

    ipd_model_update(&m, more);
    strcpy(m.chart.fields[0], "moved_W");
    m.chart.cursor = 5;
    ipd_record last = ipd_run_record(more, 4);
    const char *text = text_of(&m, &ipd_view_metrics, 30, 16);
    ok(has(text, entry("moved_W_1", last.moved_W[1])) &&
           has(text, entry("moved_W_2", last.moved_W[2])),
       "a field by layer has a curve per layer");
    ipd_model_free(&m);
}

/* The ink of each letter in a legend of the view, as "──b"; -1: there is none, or there are
 * several. Also counts the cells of curves in *others whose ink is of none of them. */
static void find_inks(ipd_model *m, const ipd_view *v, int inks[26], int *others)
{
    ipd_canvas c;

    for (int i = 0; i < 26; i++)
        inks[i] = -1;
    *others = 0;
    if (ipd_canvas_init(&c, 120, 30, IPD_BRAILLE, NULL))
        return;
    v->draw(m, &c, ipd_canvas_all(&c));
    for (int i = 1; i < 120 * 30; i++) {
        const ipd_cell *cell = &c.cells[i], *line = cell - 1;
        int k = (int)cell->code - 'a', sample = line->code == 0x2500 || line->code == 0x254c;
        if (k >= 0 && k < 26 && sample && line->ink == cell->ink)
            inks[k] = inks[k] < 0 || inks[k] == cell->ink ? cell->ink : -2;
    }
    for (int i = 0, known; i < 120 * 30; i++, *others += !known) {
        known = c.cells[i].code <= 0x2800 || c.cells[i].code > 0x28ff;
        for (int k = 0; k < 26; k++)
            known |= c.cells[i].ink == inks[k];
    }
    ipd_canvas_free(&c);
}

/* Each run has one colour and letter in all charts, also if another run is put on the screen. */
static void test_colours(ipd_run *more, ipd_run *less, ipd_run *adam)
{
    ipd_model m = {0};
    int objective[26], accuracy[26], moved[26], others[3];

    ipd_overlays_show(&m.overlays, 7, 0);
    ipd_model_update(&m, more);
    overlay(&m, less);
    overlay(&m, adam);
    find_inks(&m, &ipd_view_objective, objective, &others[0]);
    find_inks(&m, &ipd_view_accuracy, accuracy, &others[1]);
    find_inks(&m, &ipd_view_moved, moved, &others[2]);
    int same = objective[0] >= 0 && objective[3] < 0 && !others[0] && !others[1] && !others[2];
    for (int k = 0; k < 3; k++)
        same &= objective[k] == (int)ipd_slot_ink(k) && accuracy[k] == objective[k] &&
                moved[k] == objective[k];
    ok(same, "a run has one colour in all charts: %d %d %d, %d %d %d", objective[0], objective[1],
       objective[2], accuracy[0], accuracy[1], accuracy[2]);
    /* adam is put on the screen, and the run that was there becomes an overlay */
    unsigned long number = m.overlays.items[1].number;
    ipd_overlays_show(&m.overlays, number, 0);
    ipd_overlay_remove(&m.overlays, ipd_overlay_find(&m.overlays, number, 0));
    ipd_overlay *former = ipd_overlay_add(&m.overlays, &(ipd_overlay){.name = "more", .number = 7});
    ipd_overlay_follow(former, more);
    ok(m.overlays.own == 2 && former->slot == 0 && m.overlays.items[0].slot == 1,
       "a run keeps its slot on the screen and as an overlay");
    ipd_overlay of = m.overlays.items[0];
    ipd_overlays_clear(&m.overlays, 1);
    ipd_overlay_add(&m.overlays, &of);
    former = ipd_overlay_add(&m.overlays, &(ipd_overlay){.name = "more", .number = 7});
    ok(former->slot == 0 && m.overlays.items[0].slot == 1,
       "a removed run gets its slot again when it is drawn again");
    ipd_model_free(&m);
}

/* The row of the table of values that begins with a letter. */
static const char *row_of(const char *text, char letter)
{
    static char row[400];
    const char *at = strchr(text, '\n');

    for (; at && at[1]; at = strchr(at + 1, '\n'))
        if (at[1] == letter && at[2] == ' ') {
            snprintf(row, sizeof row, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
            return row;
        }
    return "";
}

static int starts_with(const char *text, const char *letters)
{
    const char *at = strchr(text, '\n'); /* after the title and the heads */

    for (at = at ? strchr(at + 1, '\n') : NULL; at && *letters; at = strchr(at + 1, '\n'))
        if (at[1] != *letters++)
            return 0;
    return 1;
}

static void test_values(ipd_run *more, ipd_run *less, ipd_run *adam)
{
    ipd_model m = {0};
    char number[24];

    ipd_model_update(&m, more);
    overlay(&m, less);
    overlay(&m, adam);
    const char *text = text_of(&m, &ipd_view_values, 150, 8);
    ok(!strncmp(text, "values\n", 7) && has(row_of(text, 'a'), " 2 ") &&
           has(row_of(text, 'b'), " 2 ") && has(row_of(text, 'c'), " 2 "),
       "without a cursor the table has values of the last common iteration");
    m.chart.cursor = 3;
    text = text_of(&m, &ipd_view_values, 150, 8);
    ipd_short_number(number, sizeof number, phi(more, 3), 4);
    int same = has(text, "at iteration 3") && has(row_of(text, 'a'), number);
    ipd_short_number(number, sizeof number, loss(adam, 3), 4);
    ok(same && has(row_of(text, 'c'), number) && has(row_of(text, 'b'), "less") &&
           has(row_of(text, 'b'), "– "),
       "with a cursor the table has values of its iteration, and dashes for a shorter run");
    ipd_short_number(number, sizeof number,
                     ipd_run_record(more, 2).rho / 2 * ipd_run_record(more, 2).linear_gap, 4);
    ok(has(row_of(text, 'a'), number), "the table has the gaps times rho/2");
    m.chart.cursor = 2;
    for (int k = 0; k < 4; k++)
        ipd_view_values.key(&m, 's');
    int rising = ipd_run_record(more, 1).test_accuracy <= ipd_run_record(less, 1).test_accuracy;
    text = text_of(&m, &ipd_view_values, 150, 8);
    ok(has(text, "by test") && strcspn(text, "a") > 0 &&
           (strstr(text, "\na more") < strstr(text, "\nb less")) == rising,
       "s sorts by the next column");
    ipd_view_values.key(&m, 's');
    ipd_view_values.key(&m, 's');
    ipd_view_values.key(&m, 'S');
    m.chart.cursor = 5;
    ok(starts_with(text_of(&m, &ipd_view_values, 150, 8), "a"),
       "a run without a value is last, also in reversed order");
    ipd_view_values.key(&m, IPD_KEY_DOWN);
    ipd_view_values.key(&m, 'd');
    ok(m.overlays.count == 1, "d removes the chosen run from the charts");
    ipd_view_values.key(&m, IPD_KEY_LEFT);
    ok(m.chart.cursor == 4, "Left moves the cursor of the charts");
    text_of(&m, &ipd_view_values, 40, 8);
    ipd_view_values.key(&m, 'l');
    text = text_of(&m, &ipd_view_values, 40, 8);
    ok(!strstr(text, "Φ") && has(text, " it") && has(text, "test"),
       "l shows columns further to the right");
    ipd_model_free(&m);
}

/* Twelve runs: a legend of names and values in a chart of a screen of 120 x 40; in less room,
 * letters and values at the cursor. */
static void test_twelve(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    char all[64];
    int named = 1, brief = 1;

    ipd_model_update(&m, more);
    m.chart.cursor = 2;
    for (int k = 0; k < 11; k++)
        overlay(&m, less);
    const char *text = text_of(&m, &ipd_view_objective, 58, 17);
    for (int k = 0; k < 11 && named; k++) {
        snprintf(all, sizeof all, "%c %lu: %s", 'b' + k, m.overlays.items[k].number,
                 entry("less", phi(less, 2)));
        named = has(text, all);
    }
    ok(named && has(text, "at 2") && has(text, "└"),
       "the legend of twelve runs has all names and values, and the chart its axes");
    text = text_of(&m, &ipd_view_objective, 38, 14);
    for (int k = 0; k < 11 && brief; k++) {
        snprintf(all, sizeof all, "%c", 'b' + k);
        brief = has(text, entry(all, phi(less, 2)));
    }
    ok(brief && has(text, "at 2") && !strstr(text, "less"),
       "in less room letters stand for the names");
    ipd_model_free(&m);
}

/* After Z the letters repeat; every run has a curve and a row. */
static void test_eighty(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};

    ipd_model_update(&m, more);
    for (int k = 0; k < 80; k++)
        overlay(&m, less);
    int slots = 1;
    for (int k = 0; k < 80; k++)
        slots &= m.overlays.items[k].slot == k + 1;
    ok(slots && ipd_slot_letter(25) == 'z' && ipd_slot_letter(26) == 'A' &&
           ipd_slot_letter(52) == 'a',
       "eighty runs have slots of their own");
    const char *text = text_of(&m, &ipd_view_values, 100, 90);
    int rows = 0;
    for (const char *at = text; (at = strstr(at, ": less")); at++)
        rows++;
    ok(rows == 80, "and rows");
    m.chart.smoothing = 0.5;
    text = text_of(&m, &ipd_view_objective, 190, 60);
    rows = 0;
    for (const char *at = text; (at = strstr(at, ": less")); at++)
        rows++;
    ok(rows == 80, "and names in the legend, also smoothed (%d)", rows);
    ipd_model_free(&m);
}

/* Metrics of two runs match by name, not by their index. */
static void test_metrics(ipd_run *more, ipd_run *less)
{
    ipd_model m = {0};
    ipd_records mine = {0}, others = {0};
    ipd_error e;

    ipd_model_update(&m, more);
    overlay(&m, less);
    for (int k = 0; k < 2; k++) {
        ipd_record own = ipd_run_record(more, (size_t)k), other = ipd_run_record(less, (size_t)k);
        if (ipd_metric_put(&own, "norm", 11 + k, &e) ||
            ipd_metric_put(&other, "other", 71 + k, &e) ||
            ipd_metric_put(&other, "norm", 31 + k, &e) || ipd_records_add(&mine, &own) ||
            ipd_records_add(&others, &other))
            fatal(&e);
    }
    ipd_model_update_records(&m, &mine);
    ipd_columns_follow(&m.overlays.items[0].columns, &m.overlays.items[0].records, &others);
    strcpy(m.chart.fields[0], "norm");
    const char *text = text_of(&m, &ipd_view_metrics, 34, 16);
    ok(has(text, "norm 12") && has(text, "less 32") && !strstr(text, "72"),
       "a metric of another run is found by its name");
    text = text_of(&m, &ipd_view_values, 200, 8);
    ok(has(row_of(text, 'a'), " 12.0") && has(row_of(text, 'b'), " 32.0"),
       "also in the table of values");
    ipd_records_free(&mine);
    ipd_records_free(&others);
    ipd_model_free(&m);
}

int main(void)
{
    static const char *const less_settings[] = {"delta", "0.5", NULL};
    static const char *const adam_settings[] = {"method", "adam", "average_weights", "0.1", NULL};
    static const char *const wild_settings[] = {"method", "sgd", "lr", "1e6", "batch", "5", NULL};

    setlocale(LC_CTYPE, "C.UTF-8");
    ipd_threads_set(1, NULL);
    data = open_data("digits", 60, 20);
    ipd_run *more = make_run("more", 5, NULL), *less = make_run("less", 2, less_settings);
    ipd_run *adam = make_run("adam", 3, adam_settings), *new = make_run("new", 0, NULL);
    ipd_run *wild = make_run("wild", 1, wild_settings);
    test_one_iteration(more, less);
    test_objective(more, less, adam);
    ok(ipd_run_get_status(wild) == IPD_DIVERGED && !ipd_run_record_count(wild), "it diverges");
    test_diverged(more, wild, new);
    test_smoothing(more);
    test_axes(more, less);
    test_difference(more, less);
    test_fixed_range(more);
    test_fields(more);
    test_colours(more, less, adam);
    test_values(more, less, adam);
    test_metrics(more, less);
    test_twelve(more, less);
    test_eighty(more, less);
    test_cursor(more, less);
    test_marks(more, less);
    ipd_run *const all[] = {more, less, adam, wild, new};
    for (int i = 0; i < 5; i++)
        ipd_run_free(all[i]);
    ipd_dataset_unref(data);
    return done();
}
