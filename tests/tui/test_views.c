/* Every view by itself, drawn from made-up records, changes, weights and samples, and compared as
 * text: in the sizes that it must handle, in UTF-8, in ASCII and without colour. With the name of a
 * view and a size it shows that view in colour; with a number, that many sets of random numbers in
 * all views. */
#include "base/random.h"
#include "base/text.h"
#include "plot/glyph.h"
#include "plot/scale.h"
#include "run/probe.h"
#include "tests/golden.h"
#include "tests/plot/doubles.h"
#include "tui/view/curves.h"
#include "tui/view/curves_axis.h"
#include "tui/view/marks.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>

enum { MOST = 400, L = 3, SIDE = 28, TEST = 60, CLASSES = 10 };

static ipd_record records[MOST], others[MOST];
static ipd_log_entry entries[8];
static float pixels[TEST * SIDE * SIDE], margins[TEST], weights[30 * SIDE * SIDE];
static ipd_label labels[TEST], answers[TEST];
static uint32_t confusion[CLASSES * CLASSES];
static ipd_probe probe;
static ipd_dataset data;
static char last_setting[64], last_value[512], last_line[256];

/* The views that draw a run. The others are parts of the whole screen and are tested in
 * tests/tui/test_layout.c. */
static const ipd_view *const views[] = {
    &ipd_view_objective, &ipd_view_accuracy,   &ipd_view_gaps,    &ipd_view_moved,
    &ipd_view_steps,     &ipd_view_parameters, &ipd_view_metrics, &ipd_view_changes,
    &ipd_view_order,     &ipd_view_events,     &ipd_view_weights, &ipd_view_samples,
    &ipd_view_confusion, &ipd_view_runs,       &ipd_view_layers,  &ipd_view_blocks,
    &ipd_view_settings,  &ipd_view_tree,       &ipd_view_values,  &ipd_view_distribution};
enum { VIEWS = sizeof views / sizeof *views };

/* The records in columns; freed by the next call. */
static const ipd_records *columns_of(const ipd_record *from, int count)
{
    static ipd_records columns;
    ipd_records_free(&columns);
    for (int i = 0; i < count; i++)
        if (ipd_records_add(&columns, &from[i]))
            exit(1);
    return &columns;
}

static const ipd_log_entry *entry_of_array(const void *source, size_t index)
{
    (void)source;
    return &entries[index];
}

/* Plain arithmetic: the same on every machine. */
static void make_record(ipd_record *r, int k, double *fall, double rate)
{
    ipd_record_init(r, L);
    *fall = k == 1 ? 12100 : *fall * rate + 0.05;
    r->iteration = k;
    r->seconds = 0.25 + 0.0001 * k;
    r->rho = k < 30 ? 1 + 0.1 * k : 4;
    r->delta = k < 12 ? 1 : 0.3;
    r->alpha = r->beta = r->gamma = 0.7;
    r->loss = *fall * 0.8;
    r->linear_gap = *fall * 0.3 / r->rho;
    r->activation_gap = *fall * 0.1 / r->rho;
    r->regularizer = 0;
    r->phi = *fall;
    r->train_accuracy = 0.976 - 0.25 / k;
    r->test_accuracy = 0.95 - 0.2 / k - (k > 20 ? 0.0005 * (k - 20) : 0);
    r->auxiliary_accuracy = 1 - 0.06 / k;
    strcpy(r->method, "ipdlam");
    for (int l = 1; l <= L; l++) {
        r->linear_gap_by_layer[l] = *fall * 0.1 * l / r->rho;
        r->activation_gap_by_layer[l] = l < L ? *fall * 0.05 * l / r->rho : NAN;
        r->moved_W[l] = 0.01 * l * k;
        r->step_z[l] = *fall / l;
        r->step_W[l] = *fall * 0.01 / l;
        r->step_b[l] = *fall * 0.0002 / l;
        r->step_a[l] = l < L ? *fall * 0.3 / l : NAN;
        ipd_block z = {'z', l}, W = {'W', l}, a = {'a', l};
        r->change_by_block[ipd_block_index(z, L)] = -658.0 / l / k;
        r->change_by_block[ipd_block_index(W, L)] = l == 2 ? 0.5 : -17.9 / k;
        if (l < L)
            r->change_by_block[ipd_block_index(a, L)] = -0.00221 * l;
    }
}

static void add_entry(size_t i, int iteration, const char *block, const char *text)
{
    entries[i].place = (ipd_place){iteration, 7, 47, 1, {0, 0}};
    ipd_block_parse(&entries[i].place.block, block, L);
    snprintf(entries[i].text, sizeof entries[i].text, "%s", text);
}

static void make_samples(void)
{
    for (int n = 0; n < TEST; n++) {
        labels[n] = (ipd_label)(n % CLASSES);
        answers[n] = n % 7 == 3 ? (ipd_label)((n / 7) % CLASSES) : labels[n];
        margins[n] = answers[n] == labels[n] ? 0 : (float)(n % 5) / 4 + 0.1F;
        confusion[labels[n] * CLASSES + answers[n]] += 1;
        for (int y = 0; y < SIDE; y++)
            for (int x = 0; x < SIDE; x++) /* a ring, thicker by label */
                pixels[(n * SIDE + y) * SIDE + x] =
                    abs((x - 14) * (x - 14) + (y - 14) * (y - 14) - 90) < 20 + 8 * (n % CLASSES)
                        ? 1
                        : 0;
    }
    for (int i = 0; i < 30 * SIDE * SIDE; i++) {
        int x = i / 30 % SIDE, y = i / 30 / SIDE;
        weights[i] = (float)((x - 14) * (i % 30 - 15) + (y - 14) * (i % 5 - 2)) / 1000;
    }
    data = (ipd_dataset){
        .name = "digits", .width = SIDE, .height = SIDE, .inputs = SIDE * SIDE, .classes = CLASSES};
    data.test = (ipd_samples){{SIDE * SIDE, TEST, pixels}, .labels = labels};
    data.train = (ipd_samples){{SIDE * SIDE, TEST / 2, pixels}, .labels = labels};
    probe = (ipd_probe){.what = IPD_PROBE_TEST | IPD_PROBE_WEIGHTS | IPD_PROBE_SPREADS,
                        .place = {41, 1, 47, 1, {'z', 3}},
                        .layer = 1,
                        .W = {30, SIDE * SIDE, weights},
                        .samples = TEST,
                        .classes = CLASSES,
                        .answers = answers,
                        .margins = margins,
                        .confusion = confusion};
    ipd_distribution *d = &probe.spreads[IPD_SPREAD_W];
    *d = (ipd_distribution){
        30 * SIDE * SIDE, 20000, 1000, -0.3F, 0.2F, {-0.2F, -0.1F, 0, 0.05F, 0.15F}, {0}};
    for (int i = 0; i < IPD_BINS; i++)
        d->bins[i] = (unsigned)(i < 40 ? 25 * i : 1000 - 40 * (i - 39));
}

static int set(void *context, const char *name, const char *value, ipd_error *e)
{
    (void)context;
    (void)e;
    snprintf(last_setting, sizeof last_setting, "%s", name);
    snprintf(last_value, sizeof last_value, "%s", value);
    return 0;
}

static int lua(void *context, const char *line, ipd_error *e)
{
    (void)context;
    (void)e;
    snprintf(last_line, sizeof last_line, "%s", line);
    return 0;
}

static int edit(void *context, ipd_run_edit what, const ipd_run_row *run, const char *text,
                ipd_error *e)
{
    (void)context;
    (void)e;
    snprintf(last_line, sizeof last_line, "edit %d of %s: %s", what, run ? run->name : "", text);
    return 0;
}

static void say(void *context, ipd_text_kind kind, const char *text)
{
    (void)context;
    (void)kind;
    snprintf(last_line, sizeof last_line, "%s", text);
}

static void make_runs(ipd_run_list *l)
{
    static const char *const names[] = {"run 2", "digits-300-300-ipdlam-139",
                                        "sweep 3 of 12, a name that is long", "run 9"};
    l->items = calloc(4, sizeof *l->items);
    for (int i = 0; i < 4 && l->items; i++, l->count++, l->all++) {
        ipd_run_row *r = &l->items[i];
        r->id = i ? 140 - i : 0;
        snprintf(r->name, sizeof r->name, "%s", names[i]);
        snprintf(r->status, sizeof r->status, "%s",
                 i == 3 ? "diverged at iteration 7"
                 : i    ? "finished"
                        : "paused");
        strcpy(r->dataset, "digits");
        strcpy(r->shape, "784-300-300-10");
        r->iterations = 40 * (i + 1);
        r->phi = i == 3 ? NAN : 0.0123 * (i + 1);
        r->test = i == 3 ? NAN : 0.95 - 0.01 * i;
        r->best = 0.96;
        r->number = i < 2 ? (unsigned long)(2 - i) : 0;
        r->shown = i == 0;
    }
}

static void make_model(ipd_model *m, int iterations)
{
    static const size_t widths[] = {784, 300, 300, 10};
    double fall = 0, other = 0;

    memset(m, 0, sizeof *m);
    for (int k = 1; k <= iterations; k++) {
        make_record(&records[k - 1], k, &fall, k < 12 ? 0.75 : 0.6);
        make_record(&others[k - 1], k, &other, 0.75);
    }
    m->has_run = 1;
    strcpy(m->run_name, "run 2");
    strcpy(m->dataset, "digits");
    m->status = IPD_PAUSED;
    ipd_settings_init(&m->settings);
    strcpy(m->settings.freeze, "W1");
    m->L = L;
    memcpy(m->widths, widths, sizeof widths);
    ipd_method_order(&ipd_method_ipdlam, &m->order, "nested_reverse", L, NULL);
    ipd_model_update_records(m, columns_of(records, iterations));
    m->place = (ipd_place){iterations + 1, 3, 47, 1, {'W', 3}};
    m->recent_count = 2;
    m->recent[0] = (ipd_block_report){{iterations + 1, 2, 47, 1, {'a', 2}}, 12.5, 0.25, 0.0015};
    m->recent[1] = (ipd_block_report){{iterations + 1, 3, 47, 1, {'z', 3}}, 11, -1.5, 0.00025};
    add_entry(0, 12, "W3", "set delta = 0.3");
    add_entry(1, 12, "a2", "set order = increase");
    add_entry(2, 20, "W2", "audit: W2 is not the minimiser of its subproblem: residual 3.2");
    add_entry(3, 30, "z1", "set rho_growth = 1, alpha = 0.5, beta = 0.5");
    m->log = entry_of_array;
    m->log_count = 4;
    static const ipd_future_info paths[] = {{.number = 1,
                                             .iterations = 40,
                                             .phi = 43.86,
                                             .test = 0.967,
                                             .validation = NAN,
                                             .set = "delta = 0.3, order = increase"},
                                            {.number = 2,
                                             .parent = 1,
                                             .shared = 12,
                                             .iterations = 29,
                                             .phi = 52.9,
                                             .test = 0.91,
                                             .validation = NAN,
                                             .set = "delta = 0.7",
                                             .here = 1},
                                            {.number = 3,
                                             .parent = 2,
                                             .shared = 5,
                                             .iterations = 8,
                                             .phi = NAN,
                                             .test = NAN,
                                             .validation = 0.5,
                                             .set = "switch adam: lr = 0.001"},
                                            {.number = 4,
                                             .parent = 1,
                                             .shared = 3,
                                             .iterations = 3,
                                             .phi = 61,
                                             .test = 0.88,
                                             .validation = NAN}};
    ipd_list_add_all(&m->futures, paths, 4, sizeof *paths);
    m->data = &data;
    m->probe = &probe;
    make_runs(&m->runs);
    m->actions.set = set;
    m->actions.lua = lua;
    m->actions.edit = edit;
    m->actions.say = say;
}

static void add_overlay(ipd_model *m)
{
    ipd_overlay *o = ipd_overlay_add(&m->overlays, &(ipd_overlay){.name = "run 1", .number = 1});

    if (o)
        ipd_columns_follow(&o->columns, &o->records, columns_of(others, (int)m->records.count));
}

static void draw(ipd_model *m, const ipd_view *v, int width, int height, ipd_charset set_,
                 int colours, FILE *f, int ansi)
{
    ipd_canvas c;
    char title[256];

    if (ipd_canvas_init(&c, width, height, set_, NULL) < 0)
        return;
    c.monochrome = !colours;
    c.colours = colours;
    snprintf(title, sizeof title, "%s", v->name);
    if (v->title)
        v->title(m, width - 6, title, sizeof title);
    ipd_area inside = ipd_canvas_box(&c, ipd_canvas_all(&c), title, IPD_INK_FRAME);
    int used = 5 + ipd_text_columns(title, set_ == IPD_ASCII); /* as the layout does it */
    if (v->edge && width - used - 2 > 0)
        v->edge(m, &c, (ipd_area){used, 0, width - used - 2, 1});
    v->draw(m, &c, inside);
    ipd_canvas_print(&c, f, ansi);
    ipd_canvas_free(&c);
}

static void test_golden(void)
{
    static const int sizes[][2] = {{40, 12}, {80, 24}, {200, 60}};
    static const struct {
        ipd_charset set;
        int colours;
        const char *name;
    } forms[] = {
        {IPD_BRAILLE, 256, "UTF-8"}, {IPD_ASCII, 0, "ASCII"}, {IPD_BRAILLE, 0, "monochrome"}};
    static char text[1 << 18];
    char name[64];
    ipd_model m;

    for (int v = 0; v < VIEWS; v++) {
        FILE *f = fmemopen(text, sizeof text, "w");
        make_model(&m, 40);
        m.focus = views[v];
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
            for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
                fprintf(f, "%d x %d, %s\n", sizes[s][0], sizes[s][1], forms[i].name);
                draw(&m, views[v], sizes[s][0], sizes[s][1], forms[i].set, forms[i].colours, f, 0);
            }
        fclose(f);
        snprintf(name, sizeof name, "view_%s", views[v]->name);
        golden("tests/tui/golden", name, text);
        ipd_model_free(&m);
    }
}

/* Draws views in every size without run, records or probe, and with many layers. */
static void test_any_state(void)
{
    static char text[1 << 20];
    ipd_model m;

    for (int state = 0; state < 4; state++) {
        make_model(&m, state == 3 ? 300 : state == 2 ? 1 : 0);
        if (state == 0) {
            ipd_model_free(&m);
            m = (ipd_model){0};
        }
        if (state == 1)
            m.probe = NULL, m.log_count = 0;
        if (state == 3) {
            add_overlay(&m);
            m.chart.difference = 1;
            m.chart.cursor = 12;
        }
        for (int v = 0; v < VIEWS; v++)
            for (int width = 3; width < 210; width += 11)
                for (int height = 3; height < 64; height += 3) {
                    FILE *f = fmemopen(text, sizeof text, "w");
                    m.focus = v & 1 ? views[v] : NULL;
                    draw(&m, views[v], width, height, (ipd_charset)(height % 3),
                         width & 1 ? 256 : 0, f, 0);
                    fclose(f);
                }
        ipd_model_free(&m);
    }
    ok(1, "every view is drawn in every size, with and without data");
}

/* Records of any doubles. */
static void fill_records(ipd_record *to, size_t count)
{
    static double values[IPD_MAX_LAYERS + 1 + IPD_MAX_BLOCKS];

    for (size_t i = 0; i < count; i++)
        for (const ipd_field *f = ipd_record_fields; f->name; f++) {
            int n = f->kind == IPD_DOUBLE ? ipd_field_count(f, L) : 0;
            fill(values, (size_t)n);
            for (int k = 0; k < n; k++)
                ipd_field_put(f, &to[i], k, values[k]);
        }
}

static void test_any_numbers(int sets)
{
    static char text[1 << 18];
    ipd_model m;

    ipd_random_seed(&random_state, 5, 0);
    for (int set_ = 0; set_ < sets; set_++) {
        make_model(&m, 1 + one_of(60));
        fill_records(records, m.records.count);
        fill_records(others, m.records.count);
        ipd_model_update_records(&m, columns_of(records, (int)m.records.count));
        add_overlay(&m);
        m.chart = (ipd_chart_state){.x_log = one_of(2),
                                    .y_flipped = one_of(2) ? ~0U : 0,
                                    .cursor = one_of(2) ? one_of(70) : 0,
                                    .difference = one_of(2),
                                    .without_overlays = one_of(3) == 0,
                                    .parts = one_of(3) - 1};
        for (int i = 0; i < 2; i++)
            m.recent[i].phi = number(one_of(9)), m.recent[i].change = number(one_of(9));
        for (size_t i = 0; i < m.runs.count; i++)
            m.runs.items[i].phi = number(one_of(9)), m.runs.items[i].test = number(one_of(9));
        for (int v = 0; v < VIEWS; v++) {
            FILE *f = fmemopen(text, sizeof text, "w");
            draw(&m, views[v], 20 + one_of(120), 5 + one_of(40), (ipd_charset)one_of(3), 0, f, 0);
            fclose(f);
        }
        ipd_model_free(&m);
    }
    ok(1, "every view is drawn from random numbers, %d times", sets);
}

static char *text_of(ipd_model *m, const ipd_view *v, int width, int height)
{
    static char text[1 << 18];
    FILE *f = fmemopen(text, sizeof text, "w");

    draw(m, v, width, height, IPD_BRAILLE, 0, f, 0);
    fclose(f);
    return text;
}

/* Every key of a view must change the screen or send something to the run. */
static void test_keys(void)
{
    ipd_model m;

    for (const ipd_key *k = ipd_keys; k->name; k++) {
        const ipd_view *view = NULL;
        for (int v = 0; v < VIEWS && k->context && k->action == IPD_ACT_VIEW && !view; v++)
            if (views[v]->key && strcmp(ipd_view_context(views[v]), k->context) == 0)
                view = views[v];
        if (!view || !strcmp(k->context, "settings"))
            continue;
        make_model(&m, 300);
        add_overlay(&m);
        ipd_overlay_add(&m.overlays, &(ipd_overlay){.name = "run 0", .number = 9});
        m.focus = view;
        m.chart.cursor = 100;
        m.chart.low = 20;
        m.chart.high = 200;
        m.order_selected = m.event_selected = m.runs.selected = 1;
        m.images = (ipd_image_state){.layer = 2, .first_row = 2, .first_sample = 5, .cell = 25};
        m.values = (ipd_values_state){.first = 1, .selected = 1, .count = 2, .columns = 9};
        last_setting[0] = last_line[0] = 0;
        char *before = strdup(text_of(&m, view, 100, 40));
        ipd_model old = m;
        int taken = view->key(&m, ipd_key_code(k->name));
        ok(taken && (memcmp(&old, &m, sizeof m) != 0 || *last_setting || *last_line ||
                     strcmp(before, text_of(&m, view, 100, 40)) != 0),
           "%s: %s does something", k->context, k->name);
        free(before);
        ipd_model_free(&m);
    }
}

/* Sends keys to the pane of settings; these two are functions of the number. */
static void press_all(ipd_model *m, const char *keys)
{
    for (; *keys; keys++)
        ipd_view_settings.key(m, *keys == '!'   ? IPD_KEY_ENTER
                                 : *keys == '<' ? IPD_KEY_BACKSPACE
                                 : *keys == 'v' ? IPD_KEY_DOWN
                                                : *keys);
}

/* Opening the editor of a number does not set it; typing its last digit again gives the same
 * bits. */
static void test_probing(void)
{
    ipd_model m;
    ipd_random r;
    int set = 0, wrong = 0, down = 5; /* to rho */
    double now, *rho = &m.settings.rho;

    make_model(&m, 5);
    m.focus = &ipd_view_settings;
    m.settings.rho_max = 1e12;
    ipd_random_seed(&r, 11, 3);
    for (int i = 0; i < down; i++)
        press_all(&m, "v");
    for (int i = 0; i < 500; i++) {
        *rho = i == 0 ? 1.123456789 : exp(20 * ipd_random_normal(&r));
        *last_setting = 0;
        press_all(&m, "!!");
        set += *last_setting != 0;
        char text[IPD_SETTING_TEXT], again[4] = "<";
        ipd_settings_get(&m.settings, ipd_setting_find("rho"), text, sizeof text);
        again[1] = text[strlen(text) - 1];
        press_all(&m, "!");
        press_all(&m, again);
        press_all(&m, "!");
        wrong += strcmp(last_setting, "rho") || ipd_text_to_double(last_value, &now) || now != *rho;
    }
    ok(!set, "Enter twice does not set the value again (%d of 500 did)", set);
    ok(!wrong, "the editor has all digits of a value (%d of 500 had not)", wrong);
    press_all(&m, "vvv+");
    ok(!strcmp(last_setting, "rho_schedule") && !strcmp(last_value, "constant"),
       "Right chooses the next schedule: %s = %s", last_setting, last_value);
    for (int i = 0; i < down + 3; i++)
        ipd_view_settings.key(&m, IPD_KEY_UP);
    ipd_model_free(&m);
}

/* The pane lists the settings that the method uses and that can change. */
static void test_listed(void)
{
    ipd_model m;

    make_model(&m, 5);
    m.focus = &ipd_view_settings;
    for (const char *const *method = ipd_method_names(); *method; method++) {
        int wrong = 0;
        snprintf(m.settings.method, sizeof m.settings.method, "%s", *method);
        const char *text = text_of(&m, &ipd_view_settings, 100, 40);
        for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
            char row[40], chosen[40];
            snprintf(row, sizeof row, "│ %s ", s->name);
            snprintf(chosen, sizeof chosen, "│▶%s ", s->name);
            int fixed = s->when == IPD_AT_START || s->alias;
            int listed = strstr(text, row) || strstr(text, chosen);
            if (listed != (!fixed && ipd_settings_use(&m.settings, s))) {
                printf("# %s\n", s->name);
                wrong++;
            }
        }
        ok(!wrong && strlen(text) > 500, "the settings of %s are listed", *method);
    }
    ipd_model_free(&m);
}

/* adam has an eps of its own: its place is not filled with -1, nor is what is edited there. */
static void test_unset(void)
{
    ipd_model m;

    make_model(&m, 5);
    m.focus = &ipd_view_settings;
    strcpy(m.settings.method, "adam");
    m.settings.lr = 0.25;
    m.settings.eps = -1;
    press_all(&m, "vvvvvvvvvv");
    const char *text = text_of(&m, &ipd_view_settings, 100, 20);
    ok(strstr(text, "eps        - ") && strstr(text, "lr         0.25"),
       "a value that is left to the method is shown as nothing");
    press_all(&m, "!");
    ok(!strstr(text_of(&m, &ipd_view_settings, 100, 20), "eps        -1"),
       "also where it is edited");
    ipd_view_settings.key(&m, IPD_KEY_ESCAPE);
    for (int i = 0; i < 10; i++)
        ipd_view_settings.key(&m, IPD_KEY_UP);
    ipd_model_free(&m);
}

static void test_charts(void)
{
    ipd_model none = {0};
    ok(strstr(text_of(&none, &ipd_view_steps, 40, 6), "no values yet") &&
           strstr(text_of(&none, &ipd_view_metrics, 40, 6), ":chart FIELD"),
       "a chart without curves says so; that of metrics says how to get one");
    ipd_model m;

    make_model(&m, 40);
    ipd_view_accuracy.key(&m, IPD_KEY_LEFT);
    ok(m.chart.cursor == 40, "Left first puts the cursor at the newest iteration");
    ipd_view_objective.key(&m, IPD_KEY_LEFT);
    ok(m.chart.cursor == 39, "all charts have the same cursor");
    ipd_view_gaps.key(&m, 'M');
    ok(m.chart.cursor == 30, "M moves the cursor to the previous change");
    ipd_view_gaps.key(&m, 'M');
    ok(m.chart.cursor == 12, "M skips findings of the audit");
    ok(strstr(text_of(&m, &ipd_view_gaps, 80, 24), "1 delta = 0.3; order = increase") != NULL,
       "what was changed there is told");
    ok(strstr(text_of(&m, &ipd_view_accuracy, 80, 24), "train 95.5%") != NULL,
       "the legend tells the values there");
    const char *gaps = text_of(&m, &ipd_view_gaps, 50, 24);
    char value[24];
    ipd_short_number(value, sizeof value, records[11].linear_gap_by_layer[3], 4);
    ok(strstr(gaps, value) && strstr(gaps, "act 2 ") && strstr(gaps, "lin 1 "),
       "of all curves, in several rows: %s", value);
    ipd_view_gaps.key(&m, 'f');
    double low, high;
    make_record(&records[40], 41, &(double){1}, 0.5);
    for (int i = 0; i < 20; i++)
        records[40 + i] = records[40], records[40 + i].iteration = 41 + i;
    ipd_model_update_records(&m, columns_of(records, 60));
    ipd_axis_range(&m, &low, &high);
    ok(low == 11 && high == 60, "a chart that follows shows the newest iterations: %g ... %g", low,
       high);
    ipd_view_gaps.key(&m, '0');
    ipd_view_gaps.key(&m, '+');
    ipd_axis_range(&m, &low, &high);
    ok(low <= 12 && high >= 12 && high - low < 31, "zooming keeps the cursor visible: %g ... %g",
       low, high);
    ipd_mouse press = {IPD_MOUSE_PRESS, 79, 5};
    ok(ipd_view_accuracy.mouse(&m, &press, (ipd_area){1, 1, 79, 22}) && m.chart.cursor == (int)high,
       "a click puts the cursor there");
    ipd_model_free(&m);
}

static void test_comparison(void)
{
    ipd_model m;

    make_model(&m, 40);
    add_overlay(&m);
    const char *text = text_of(&m, &ipd_view_objective, 100, 30);
    ok(strstr(text, " run 1 ") != NULL, "the legend has the name of an overlay");
    m.chart.difference = 1;
    text = text_of(&m, &ipd_view_objective, 100, 30);
    ok(strstr(text, "run 2 − run 1") != NULL, "the difference is drawn");
    m.chart.cursor = 30;
    text = text_of(&m, &ipd_view_objective, 60, 9);
    ok(strstr(text, "(-") && strstr(text, "run 1 "),
       "a low chart has the difference in the legend");
    m.chart.cursor = 12;
    text = text_of(&m, &ipd_view_objective, 60, 9);
    ok(strstr(text, "1 delta = 0.3; order = increase") != NULL,
       "a low chart has the change at the cursor");
    m.chart.cursor = 0;
    ipd_model_update_records(&m, columns_of(records, 11)); /* until then nothing differs */
    ok(!strstr(text_of(&m, &ipd_view_objective, 100, 30), "run 2 − run 1"),
       "runs that are the same have no difference");
    ipd_model_update_records(&m, columns_of(records, 40));
    ipd_overlay_remove(&m.overlays, ipd_overlay_find(&m.overlays, 1, 0));
    ok(!ipd_overlay_find(&m.overlays, 1, 0), "an overlay can be removed");
    ipd_overlay of = {.name = "run 2"};
    for (of.number = 1; of.number <= 24; of.number++) {
        ipd_overlay *o = ipd_overlay_add(&m.overlays, &of);
        ipd_columns_follow(&o->columns, &o->records, columns_of(&others[5], 1));
    }
    ok(m.overlays.count == 24, "runs with the same name can be drawn together");
    text = text_of(&m, &ipd_view_accuracy, 200, 30);
    ok(strstr(text, "1: run 2") && strstr(text, "4: run 2"),
       "overlays with the same name have their numbers in the legend");
    of.number = 1;
    ok(ipd_overlay_add(&m.overlays, &of) && m.overlays.count == 24,
       "adding an overlay again replaces it");
    ipd_model_free(&m);
}

static void test_order(void)
{
    ipd_model m;

    make_model(&m, 40);
    m.order_selected = 0;
    ipd_view_order.key(&m, IPD_KEY_S_RIGHT);
    ok(!strcmp(last_setting, "order") && !strcmp(last_value, "W3 z3 a2 z2 W2 a1 z1 W1"),
       "S-Right moves the block: %s", last_value);
    ipd_view_order.key(&m, 'f');
    ok(!strcmp(last_setting, "freeze") && !strcmp(last_value, "W3 W1"), "f freezes the block: %s",
       last_value);
    m.order_selected = 7;
    ipd_view_order.key(&m, 'f');
    ok(!strcmp(last_value, ""), "f unfreezes a frozen block: '%s'", last_value);
    ipd_model_free(&m);
}

/* Enter goes to the chosen path: at first the one that the run is on, then by the rows of the
 * tree. */
static void test_tree(void)
{
    ipd_model m;

    make_model(&m, 40);
    m.focus = &ipd_view_tree;
    last_line[0] = 0;
    ipd_view_tree.key(&m, IPD_KEY_DOWN);
    ipd_view_tree.key(&m, IPD_KEY_ENTER);
    ok(!strcmp(last_line, "run:go(3)"), "Down and Enter go to the path below the run's path: %s",
       last_line);
    for (int i = 0; i < 9; i++)
        ipd_view_tree.key(&m, IPD_KEY_UP);
    ipd_view_tree.key(&m, IPD_KEY_ENTER);
    ok(!strcmp(last_line, "run:go(1)"), "Up stops at the first path: %s", last_line);
    ipd_model_free(&m);
}

static void test_words(void)
{
    ipd_model m = {.lua_busy = 1};
    char title[80];

    ok(strstr(text_of(&m, &ipd_view_objective, 80, 14), "no run yet: Lua is at work") != NULL,
       "while Lua opens the first run, the chart says so");
    m.lua_busy = 0;
    ok(strstr(text_of(&m, &ipd_view_objective, 80, 14), "no run: type") != NULL,
       "without a run the chart says how to make one");
    m.output_back = 1;
    ipd_view_console.title(&m, 80, title, sizeof title);
    ok(!strcmp(title, "Lua · 1 row back, PageDown returns"), "%s", title);
    m.focus = &ipd_view_objective;
    ok(strstr(text_of(&m, &ipd_view_help, 80, 40), "\"seconds\"… by iterations") != NULL,
       "a long line of Lua in the help is cut");
    m.has_run = 1;
    ipd_settings_init(&m.settings);
    strcpy(m.settings.method, "relaxed_am");
    ok(strstr(text_of(&m, &ipd_view_events, 80, 8), "run:set{ rho = 2 }") != NULL,
       "the events name a setting of the method");
    strcpy(m.settings.method, "adam");
    ok(strstr(text_of(&m, &ipd_view_events, 80, 8), "run:set{ lr = 0.01 }") != NULL,
       "the events name a setting of an optimizer");
    ipd_model_free(&m);
}

int main(int argc, char **argv)
{
    ipd_model m;

    setlocale(LC_CTYPE, "C.UTF-8");
    make_samples();
    if (argc > 3) {
        make_model(&m, 40);
        if (argc > 4) {
            add_overlay(&m);
            m.chart.difference = m.chart.cursor = 14;
        }
        for (int v = 0; v < VIEWS; v++)
            if (!strcmp(views[v]->name, argv[1])) {
                m.focus = views[v];
                draw(&m, views[v], atoi(argv[2]), atoi(argv[3]), IPD_BRAILLE, 256, stdout, 1);
            }
        ipd_model_free(&m);
        return 0;
    }
    test_words();
    test_tree();
    test_charts();
    test_comparison();
    test_order();
    test_keys();
    test_probing();
    test_listed();
    test_unset();
    test_any_state();
    test_any_numbers(argc == 2 ? atoi(argv[1]) : some_of(200));
    test_golden();
    return done();
}
