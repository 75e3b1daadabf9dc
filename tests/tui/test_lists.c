/* Views that are lists: their order and the row under a click; names of overlays; hints. */
#include "tests/tap.h"
#include "tui/view/view.h"

#include <math.h>
#include <string.h>

enum { RUNS = 12 };

/* Draws a view in this area without a box. */
static void draw(ipd_model *m, const ipd_view *v, ipd_area in)
{
    ipd_canvas c;

    if (ipd_canvas_init(&c, in.x + in.width, in.y + in.height, IPD_ASCII, NULL) < 0)
        exit(1);
    v->draw(m, &c, in);
    ipd_canvas_free(&c);
}

/* Presses the mouse on a row of the area. Returns 1 if the view uses that. */
static int click(ipd_model *m, const ipd_view *v, ipd_area in, int column, int row)
{
    ipd_mouse press = {.x = in.x + column, .y = in.y + row};

    m->focus = v;
    return v->mouse(m, &press, in);
}

static void make_runs(ipd_run_list *l)
{
    l->items = calloc(RUNS, sizeof *l->items);
    for (int i = 0; i < RUNS && l->items; i++) {
        ipd_run_row *r = &l->items[i];
        r->id = i + 1;
        snprintf(r->name, sizeof r->name, "run %d", i + 1);
        r->phi = i % 3 ? i : NAN;
        r->test = i % 4 ? i / 100.0 : NAN;
        l->all++;
    }
    ipd_run_list_arrange(l);
}

/* 1 if the values fall from row to row, or rise with `rises`, and runs without one follow. */
static int is_sorted(const ipd_run_list *l, int by_phi, int rises)
{
    int good = 1;

    for (size_t i = 1; i < l->count; i++) {
        double above = by_phi ? l->items[i - 1].phi : l->items[i - 1].test;
        double value = by_phi ? l->items[i].phi : l->items[i].test;
        good &= isnan(value) || (rises ? above <= value : above >= value);
    }
    return good;
}

static void test_sort(void)
{
    ipd_run_list l = {0};

    make_runs(&l);
    for (l.backwards = 0; l.backwards < 2; l.backwards++) {
        l.sort = IPD_SORT_PHI;
        ipd_run_list_arrange(&l);
        ok(is_sorted(&l, 1, !l.backwards), "runs by Phi%s: those without it are last",
           l.backwards ? ", reversed" : "");
        l.sort = IPD_SORT_TEST;
        ipd_run_list_arrange(&l);
        ok(is_sorted(&l, 0, l.backwards), "runs by accuracy%s: those without it are last",
           l.backwards ? ", reversed" : "");
    }
    l.sort = IPD_SORT_NUMBER;
    l.backwards = 0;
    ipd_run_list_arrange(&l);
    ok(l.items[0].id == RUNS && l.items[RUNS - 1].id == 1, "runs by number: the newest is first");
    ipd_run_list_free(&l);
}

static void test_clicks_on_runs(void)
{
    ipd_area in = {3, 2, 60, 7}; /* the heads and six rows */
    ipd_model m = {.focus = &ipd_view_runs};

    make_runs(&m.runs);
    m.runs.selected = 6;
    draw(&m, &ipd_view_runs, in);
    ok(click(&m, &ipd_view_runs, in, 4, 1) && m.runs.selected == 1,
       "a click chooses the run in a table that has scrolled by one row: %zu", m.runs.selected);
    m.runs.selected = RUNS - 1;
    draw(&m, &ipd_view_runs, in);
    ok(click(&m, &ipd_view_runs, in, 4, 2) && m.runs.selected == RUNS - 5,
       "also if it has scrolled to its end: %zu", m.runs.selected);
    m.focus = NULL;
    m.runs.selected = RUNS - 1;
    draw(&m, &ipd_view_runs, in);
    ok(click(&m, &ipd_view_runs, in, 4, 2) && m.runs.selected == 1,
       "and from its first row if another pane had the focus: %zu", m.runs.selected);
    strcpy(m.runs.filter, "run");
    draw(&m, &ipd_view_runs, in);
    ok(!click(&m, &ipd_view_runs, in, 4, 6) && m.runs.selected == 1,
       "a click on the filter chooses no run");
    ipd_model_free(&m);
}

static void test_clicks_on_values(void)
{
    ipd_area in = {0, 0, 80, 5}; /* the heads and four rows */
    ipd_model m = {.focus = &ipd_view_values, .values.selected = RUNS - 1};
    ipd_overlay of = {.name = "run"};

    for (of.number = 1; of.number <= RUNS; of.number++)
        if (!ipd_overlay_add(&m.overlays, &of))
            exit(1);
    draw(&m, &ipd_view_values, in);
    ok(click(&m, &ipd_view_values, in, 4, 1) && m.values.selected == RUNS - 4,
       "a click chooses the row in a table of values that has scrolled: %d", m.values.selected);
    ipd_model_free(&m);
}

static void test_clicks_on_watches(void)
{
    ipd_area in = {0, 0, 40, 2};
    ipd_model m = {.focus = &ipd_view_watch,
                   .watches = "w\t1\trun.rho\t0.1\nw\t2\trun.nu\t1\nb\t1\ton\tm.phi < 1\n",
                   .watch_selected = 2};

    draw(&m, &ipd_view_watch, in);
    ok(click(&m, &ipd_view_watch, in, 4, 0) && m.watch_selected == 1,
       "a click chooses the row of a list of watches that has scrolled: %d", m.watch_selected);
    m.watch_selected = 0;
    in.height = 9;
    draw(&m, &ipd_view_watch, in);
    ok(!click(&m, &ipd_view_watch, in, 4, 3) && m.watch_selected == 0,
       "a click below the list chooses nothing");
    m.watches = NULL;
}

static const ipd_log_entry *entry_of(const void *source, size_t index)
{
    static const ipd_log_entry entry = {.text = "set delta = 0.3"};

    (void)source;
    (void)index;
    return &entry;
}

static void test_clicks_on_events(void)
{
    ipd_area in = {1, 1, 60, 4};
    ipd_model m = {.log = entry_of, .log_count = 20, .event_selected = 10};

    draw(&m, &ipd_view_events, in);
    ok(click(&m, &ipd_view_events, in, 4, 1) && m.event_selected == 1,
       "a click chooses the event that is shown without the focus: %d", m.event_selected);
    m.event_selected = 10;
    draw(&m, &ipd_view_events, in);
    ok(click(&m, &ipd_view_events, in, 4, 0) && m.event_selected == 7, "and with it: %d",
       m.event_selected);
}

static void test_clicks_on_blocks(void)
{
    ipd_area in = {1, 1, 18, 1}; /* three of eight blocks */
    ipd_model m = {.has_run = 1, .focus = &ipd_view_order, .order_selected = 4};

    ipd_settings_init(&m.settings);
    ipd_method_order(&ipd_method_ipdlam, &m.order, "nested_reverse", 3, NULL);
    draw(&m, &ipd_view_order, in);
    ok(click(&m, &ipd_view_order, in, 13, 0) && m.order_selected == 5,
       "a click chooses the block in an order that has scrolled: %d", m.order_selected);
}

static void test_names(void)
{
    char room[IPD_OVERLAY_LABEL];
    const char *name = "the name of a run that is longer than fifty bytes: 55";
    ipd_overlays o = {0};
    ipd_overlay of = {.number = 1, .before = 1};

    ipd_overlay_name_before(of.name, name);
    ok(ipd_overlay_add(&o, &of) && !strcmp(ipd_overlay_label(&o, 0, name, 0, room), "before"),
       "a run with a long name has its curve before a rewind");
    ok(strcmp(ipd_overlay_label(&o, 0, "the name", 0, room), "before") != 0,
       "the run on the screen does not have that of a run whose name begins alike");
    ipd_overlays_free(&o);
}

static void test_hints(void)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ipd_model m = {.has_run = 1, .status = IPD_DIVERGED};
    ipd_error e;
    ipd_canvas c;

    ipd_settings_init(&m.settings);
    ipd_key_bind(ipd_key_of_action("back", &e), "F9", NULL);
    if (!to || ipd_canvas_init(&c, 60, 20, IPD_ASCII, NULL) < 0)
        exit(1);
    ipd_view_objective.draw(&m, &c, ipd_canvas_all(&c));
    ipd_canvas_print(&c, to, 0);
    fclose(to);
    ok(text && strstr(text, "F9 goes back to the start") && strstr(text, "F2 changes inertia"),
       "hints name the keys that ip.keys has bound");
    ipd_canvas_free(&c);
    free(text);
}

/* The text of a view in an area of this size, with two empty rows below; the caller frees it. */
static char *text_of(ipd_model *m, const ipd_view *v, int width, int height)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ipd_canvas c;

    if (!to || ipd_canvas_init(&c, width, height + 2, IPD_ASCII, NULL) < 0)
        exit(1);
    v->draw(m, &c, (ipd_area){0, 0, width, height});
    ipd_canvas_print(&c, to, 0);
    fclose(to);
    ipd_canvas_free(&c);
    return text;
}

static void test_small(void)
{
    ipd_model m = {.has_run = 1, .status = IPD_PAUSED};
    ipd_block_report recent = {
        {.iteration = 1, .batch = 7, .block = {.kind = IPD_STEP}}, 1.034e38, NAN, 0.001};

    ipd_settings_init(&m.settings);
    char *text = text_of(&m, &ipd_view_objective, 50, 3);
    ok(strstr(text, " runs") && !strstr(text, "preset"), "hints end where their pane ends");
    free(text);
    strcpy(m.settings.method, "sgd");
    m.recent[0] = recent;
    m.recent_count = 1;
    text = text_of(&m, &ipd_view_blocks, 60, 3);
    ok(strstr(text, " 1.034e38 ") || strstr(text, " 1.034e+38 "),
       "a large loss of a step is not cut");
    free(text);
}

int main(void)
{
    test_sort();
    test_clicks_on_runs();
    test_clicks_on_values();
    test_clicks_on_watches();
    test_clicks_on_events();
    test_clicks_on_blocks();
    test_names();
    test_hints();
    test_small();
    return done();
}
