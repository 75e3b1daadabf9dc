/* The views and their places, drawn from made-up records into a canvas and compared as text. */
#include "lua/core/host.h"
#include "plot/glyph.h"
#include "tests/golden.h"
#include "tui/help_topics.h"
#include "tui/model/keys.h"
#include "tui/pane/layout.h"
#include "tui/view/typed.h"

#include <locale.h>
#include <math.h>

enum { MOST = 400 };

/* Plain arithmetic: the same on every machine. */
static void make_record(ipd_record *r, int k)
{
    static double fall;

    ipd_record_init(r, 3);
    fall = k == 1 ? 12100 : fall * 0.55 + 1;
    r->iteration = k;
    r->seconds = 0.25;
    r->gflop = 10.5;
    r->rho = 1 + 0.1 * k;
    r->phi = fall;
    r->train_accuracy = 0.976 - 0.25 / k;
    r->test_accuracy = 0.95 - 0.2 / k;
    for (int l = 1; l <= 3; l++) {
        r->linear_gap_by_layer[l] = 85.0 * l / k;
        r->activation_gap_by_layer[l] = l < 3 ? 0.0123 * l / k : NAN;
        r->moved_W[l] = l < 3 ? 1.4e-6 * k : 27.3 * k;
        r->forward_gap[l] = l < 3 ? 0.0123 * l : 0.87;
        ipd_block z = {'z', l}, W = {'W', l}, a = {'a', l};
        r->change_by_block[ipd_block_index(z, 3)] = -658.0 / l / k;
        r->change_by_block[ipd_block_index(W, 3)] = l == 2 ? 0.5 : -17.9 / k;
        r->seconds_by_block[ipd_block_index(z, 3)] = 0.001 * l;
        r->seconds_by_block[ipd_block_index(W, 3)] = 0.0475;
        if (l < 3) {
            r->change_by_block[ipd_block_index(a, 3)] = -0.00221 * l;
            r->seconds_by_block[ipd_block_index(a, 3)] = 1.234;
        }
    }
}

static void make_model(ipd_model *m, int iterations)
{
    static const size_t widths[] = {784, 300, 300, 10};

    memset(m, 0, sizeof *m);
    m->output = ipd_scrollback_new(NULL);
    m->typed = (ipd_typed){"\1\033[1m\2> ", "run:step(10)", 12};
    ipd_records records = {0};
    for (int k = 1; k <= iterations; k++) {
        ipd_record record;
        make_record(&record, k);
        if (ipd_records_add(&records, &record))
            exit(1);
    }
    ipd_model_update_records(m, &records);
    ipd_records_free(&records);
    if (iterations < 0)
        return;
    m->has_run = 1;
    strcpy(m->run_name, "digits-300-300-ipdlam-1");
    strcpy(m->dataset, "digits");
    strcpy(m->status_text, "paused");
    m->status = IPD_PAUSED;
    ipd_settings_init(&m->settings);
    m->settings.rho = 1.25;
    m->L = 3;
    ipd_method_order(&ipd_method_ipdlam, &m->order, "nested_reverse", 3, NULL);
    memcpy(m->widths, widths, sizeof widths);
    m->place = (ipd_place){iterations + 1, 3, 47, 1, {'W', 3}};
    m->recent_count = 2;
    m->recent[0] = (ipd_block_report){{iterations + 1, 2, 47, 1, {'W', 1}}, 12.5, -0.25, 0.0015};
    m->recent[1] = (ipd_block_report){{iterations + 1, 3, 47, 1, {'z', 3}}, 11, -1.5, 0.00025};
    const char *text =
        "\036Brun:set{ delta = 0.3 }\n\036A\036Cat iteration 2, batch 3 of 47, before "
        "W3\n\036Aprinted: 1\n50%\r100%\n\036Dan error\n\036A";
    ipd_scrollback_write(m->output, text, strlen(text));
}

static void free_model(ipd_model *m)
{
    ipd_scrollback_free(m->output);
    ipd_model_free(m);
}

static char *text_of(ipd_model *m, int width, int height, ipd_charset set, int monochrome)
{
    static char text[1 << 18];
    ipd_canvas c;
    FILE *f = fmemopen(text, sizeof text, "w");

    text[0] = 0;
    if (ipd_canvas_init(&c, width, height, set, NULL) == 0) {
        c.monochrome = monochrome;
        ipd_layout_draw(m, &c);
        ipd_canvas_print(&c, f, 0);
    }
    ipd_canvas_free(&c);
    fclose(f);
    return text;
}

static void test_golden(void)
{
    static const struct {
        int width, height, iterations;
    } sizes[] = {{40, 12, 5}, {80, 24, 5}, {80, 24, 300}, {200, 60, 40}, {80, 24, 0}, {80, 24, -1}};
    static const struct {
        const char *name;
        ipd_charset set;
        int monochrome;
    } forms[] = {{"utf8", IPD_BRAILLE, 0}, {"monochrome", IPD_BRAILLE, 1}, {"ascii", IPD_ASCII, 1}};
    ipd_model m;
    char name[64];

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        make_model(&m, sizes[s].iterations);
        for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
            snprintf(name, sizeof name, "screen_%dx%d_%d_%s", sizes[s].width, sizes[s].height,
                     sizes[s].iterations, forms[i].name);
            golden("tests/tui/golden", name,
                   text_of(&m, sizes[s].width, sizes[s].height, forms[i].set, forms[i].monochrome));
        }
        free_model(&m);
    }
    make_model(&m, 5);
    m.help = 1;
    golden("tests/tui/golden", "help_80x24_utf8", text_of(&m, 80, 24, IPD_BRAILLE, 0));
    golden("tests/tui/golden", "help_40x12_ascii", text_of(&m, 40, 12, IPD_ASCII, 1));
    m.help = 0;
    static char *matches[] = {"run:pause(", "run:set(", "run:start(", "run:step(",
                              "run:step_block("};
    m.matches = matches;
    m.match_count = 5;
    golden("tests/tui/golden", "completions_80x24_utf8", text_of(&m, 80, 24, IPD_BRAILLE, 0));
    free_model(&m);
}

/* Checks that every pane is within the screen and that no two overlap. */
static int is_tiling(ipd_pane *const *placed, int count, int width, int height)
{
    for (int i = 0; i < count; i++) {
        ipd_area a = placed[i]->area;
        if (a.x < 0 || a.y < 0 || a.width < 1 || a.height < 1 || a.x + a.width > width ||
            a.y + a.height > height)
            return 0;
        for (int k = 0; k < i; k++) {
            ipd_area b = placed[k]->area;
            if (a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height &&
                b.y < a.y + a.height)
                return 0;
        }
    }
    return 1;
}

static void test_every_size(void)
{
    ipd_pane *placed[IPD_MAX_PANES];
    ipd_model m;
    int bad = 0, without_prompt = 0;

    make_model(&m, 40);
    for (int width = 1; width <= 220; width += width < 90 ? 1 : 7)
        for (int height = 1; height <= 70; height++) {
            ipd_pane *root = ipd_layout_place(&m, width, height);
            int count = root ? ipd_pane_leaves(root, placed, IPD_MAX_PANES) : 0;
            bad += !is_tiling(placed, count, width, height);
            m.cursor_x = -1;
            text_of(&m, width, height, (ipd_charset)(height % 3), width & 1);
            without_prompt += root && (m.cursor_x < 0 || m.cursor_x >= width || m.cursor_y < 0 ||
                                       m.cursor_y >= height);
        }
    ok(bad == 0, "panes stay within the screen and apart from each other (%d do not)", bad);
    ok(without_prompt == 0, "the cursor is on every screen that is large enough (%d without)",
       without_prompt);
    free_model(&m);
}

/* One letter per column of a typed line: its ink, in capitals where it is underlined. */
static const char *inks_of(const char *line, size_t point, int monochrome)
{
    static char to[64];
    static const char letters[IPD_INK_COUNT] = {[IPD_INK_TEXT] = '.',
                                                [IPD_INK_FAINT] = 'c',
                                                [IPD_INK_KEY] = 'k',
                                                [IPD_INK_GOOD] = 's',
                                                [IPD_INK_WARNING] = 'n'};
    ipd_typed t = {"", line, point};
    ipd_canvas c;

    if (ipd_canvas_init(&c, 60, 1, IPD_BRAILLE, NULL) < 0)
        return "";
    c.monochrome = monochrome;
    ipd_typed_draw(&t, &c, ipd_canvas_all(&c), 0);
    for (int x = 0; x < 60; x++)
        to[x] = c.cells[x].attributes & IPD_UNDERLINE ? '^' : letters[c.cells[x].ink];
    to[strlen(line)] = 0;
    ipd_canvas_free(&c);
    return to;
}

static void has_inks(const char *line, size_t point, int monochrome, const char *expected)
{
    const char *inks = inks_of(line, point, monochrome);

    if (!ok(strcmp(inks, expected) == 0, "the colours of %s", line))
        printf("# %s\n# %s\n", line, inks);
}

static void test_colours(void)
{
    has_inks("if x then f(1, 'a') end -- no", 0, 0, "kk...kkkk...n..sss..kkk.ccccc");
    has_inks("f(g[1])", 7, 0, ".^..n.^");
    has_inks("f(g[1])", 6, 0, "...^n^.");
    has_inks("f(g[1])", 1, 0, ".^..n.^");
    has_inks("f(']')", 6, 0, ".^sss^");
    has_inks("f(g]", 4, 0, "....");
    has_inks("x = 'open", 3, 0, "....sssss");
    has_inks("if f(1)", 7, 1, "....^.^");
    has_inks(":set delta 0.3", 3, 0, "..............");
    has_inks("/if (x)", 7, 0, ".......");
}

static void test_typed(void)
{
    ipd_typed t = {"> ", "abc", 3};
    ipd_typed_extent e = ipd_typed_measure(&t, 10, 0);

    ok(e.rows == 1 && e.cursor_row == 0 && e.cursor_x == 5, "the cursor is after the text");
    t.line = "12345678";
    t.point = 8;
    e = ipd_typed_measure(&t, 10, 0);
    ok(e.rows == 2 && e.cursor_row == 1 && e.cursor_x == 0,
       "after a full row the cursor is in the next one");
    t.line = "Φ\n漢字";
    t.point = 2;
    e = ipd_typed_measure(&t, 10, 0);
    ok(e.rows == 2 && e.cursor_row == 0 && e.cursor_x == 3,
       "the cursor counts characters, not bytes");
    t.point = strlen(t.line);
    e = ipd_typed_measure(&t, 10, 0);
    ok(e.cursor_row == 1 && e.cursor_x == 4, "the cursor counts two columns for a wide character");
    t.prompt = "\1\033[31m\2>\1\033[0m\2 ";
    t.line = "\001x";
    t.point = 1;
    e = ipd_typed_measure(&t, 10, 0);
    ok(e.cursor_x == 4, "invisible parts of the prompt have no columns, ^A has two");
}

/* The last row that the scrollback draws. */
static void read_last(ipd_scrollback *s, char *to, size_t size)
{
    ipd_canvas c;
    int back = 0, x = 0;
    to[0] = 0;
    if (ipd_canvas_init(&c, (int)size - 1, 1, IPD_BRAILLE, NULL))
        return;
    ipd_scrollback_draw(s, &c, ipd_canvas_all(&c), &back);
    for (; x < c.width && c.cells[x].code; x++)
        to[x] = (char)c.cells[x].code;
    to[x] = 0;
    while (x && to[x - 1] == ' ')
        to[--x] = 0;
    ipd_canvas_free(&c);
}

static void test_scrollback(void)
{
    ipd_scrollback *s = ipd_scrollback_new(NULL);
    ipd_canvas c;
    char line[64], last[64];
    int back = 0;

    for (int i = 0; i < 12000; i++) {
        snprintf(line, sizeof line, "line %d\n", i);
        ipd_scrollback_write(s, line, strlen(line));
    }
    read_last(s, last, sizeof last);
    ok(strcmp(last, "line 11999") == 0, "the newest line is kept: %s", last);
    back = 1000000;
    if (ipd_canvas_init(&c, 20, 4, IPD_BRAILLE, NULL) == 0) {
        ipd_scrollback_draw(s, &c, ipd_canvas_all(&c), &back);
        ok(back == IPD_SCROLLBACK_LINES - 4, "scrolling back ends at the oldest line: %d", back);
        ok(c.cells[5].code == '7' && c.cells[6].code == '0', "the oldest line is line 7000");
        ipd_canvas_free(&c);
    }
    const char *progress = "10 %\r20 %\r\033[1;31m30\033[0m %\033]0;title\a";
    ipd_scrollback_write(s, progress, strlen(progress));
    read_last(s, last, sizeof last);
    ok(strcmp(last, "30 %") == 0, "CR overwrites a line, and escapes are dropped: %s", last);
    ipd_scrollback_free(s);
}

/* Returns 1 if every word on the canvas is a word of the text, or a piece of a word that is longer
 * than a row. */
static int has_whole_words(const ipd_canvas *c, const char *text)
{
    char row[1024], *word, *next, all[16384];

    snprintf(all, sizeof all, " %s ", text);
    for (char *end = all; *end; end++)
        *end = *end == '\n' ? ' ' : *end;
    for (int y = 0; y < c->height; y++) {
        size_t n = 0;
        for (int x = 0; x < c->width; x++) {
            const ipd_cell *cell = &c->cells[y * c->width + x];
            n += ipd_utf8_encode(row + n, cell->code);
            n += cell->mark ? ipd_utf8_encode(row + n, cell->mark) : 0;
        }
        for (word = strtok_r(row, " ", &next); word; word = strtok_r(NULL, " ", &next)) {
            char whole[1100];
            snprintf(whole, sizeof whole, " %s ", word);
            if (!strstr(all, whole) && (int)strlen(word) < c->width / 2) {
                printf("# %d columns: \"%s\" of %.60s\n", c->width, word, text);
                return 0;
            }
        }
    }
    return 1;
}

/* At every width, lines of help and of sentences break between words. */
static void test_words(void)
{
    static const int widths[] = {38, 78, 118, 198};
    static const char *const sentences[] = {
        ("iteration 31: phi 145.275 = loss 145.1 + regularizer 0 + rho/2 (linear_gap 0.06223 + "
         "activation_gap 0.1705)"),
        "_12 = at iteration 14, batch 117 of 118, before W2",
        "prompt:1: order = x is none of: nested_reverse, increase, reverse"};
    ipd_lua_host host = {.context = NULL};
    ipd_lua_completions topics = {0};
    ipd_lua *lua;
    ipd_error e;
    int bad = 0, count = 0;

    if (ipd_lua_open(&lua, &host, &e))
        return;
    ipd_help_topics_add(lua);
    ipd_lua_complete(lua, "?", 1, &topics);
    for (size_t i = 0; i < topics.count + 3; i++) {
        char *text = i < topics.count
                         ? ipd_lua_help(lua, topics.words[i] + strspn(topics.words[i], "?"))
                         : strdup(sentences[i - topics.count]);
        for (int k = 0; text && k < 4; k++) {
            ipd_canvas c;
            int back = 0;
            ipd_scrollback *s = ipd_scrollback_new(NULL);
            ipd_scrollback_write(s, text, strlen(text));
            if (ipd_canvas_init(&c, widths[k], 400, IPD_BRAILLE, NULL) == 0) {
                ipd_scrollback_draw(s, &c, ipd_canvas_all(&c), &back);
                bad += !has_whole_words(&c, text);
                ipd_canvas_free(&c);
            }
            ipd_scrollback_free(s);
        }
        count += text != NULL;
        free(text);
    }
    ok(count > 150 && !bad, "the output breaks lines at words (%d of %d texts do not)", bad, count);
    ipd_lua_completions_free(&topics);
    ipd_lua_close(lua);
}

static void test_keys(void)
{
    int actions[IPD_ACT_COUNT] = {0};

    for (const ipd_key *k = ipd_keys; k->name; k++) {
        const ipd_key *found = ipd_key_find(ipd_key_code(k->name), k->context);
        actions[k->action]++;
        ok(k->help && *k->help, "%s has a line of help", k->name);
        ok(ipd_key_code(k->name) >= 0 && (k->action == IPD_ACT_ELSEWHERE || found == k),
           "%s is found where it holds", k->name);
        if (k->also)
            ok(ipd_key_find(ipd_key_code(k->also), k->context) == k,
               "%s is found as the second key", k->also);
    }
    for (int i = IPD_ACT_VIEW + 1; i < IPD_ACT_COUNT; i++)
        ok(actions[i] >= 1, "action %d has a line in the table of keys", i);
    ok(!ipd_key_find('a', NULL) && !ipd_key_find(IPD_KEY_ESCAPE, NULL),
       "letters are for the prompt");
}

static void test_focus(void)
{
    ipd_model m;
    ipd_mouse press = {IPD_MOUSE_PRESS, 60, 5};
    int steps = 0, objective = 0;

    make_model(&m, 5);
    ok(!m.focus, "the prompt has the focus at first");
    do {
        ipd_layout_focus_next(&m, 1, 80, 24);
        objective += m.focus == &ipd_view_objective;
        steps++;
    } while (m.focus && steps < 20);
    ok(steps == 4 && objective == 1,
       "the focus goes through three panes and back to the prompt (%d steps)", steps);
    ok(ipd_layout_mouse(&m, 80, 24, &press) && m.focus == &ipd_view_accuracy,
       "a click gives it to the pane under it");
    golden("tests/tui/golden", "focus_80x24_utf8", text_of(&m, 80, 24, IPD_BRAILLE, 0));
    golden("tests/tui/golden", "focus_80x24_ascii", text_of(&m, 80, 24, IPD_ASCII, 1));
    press.y = 20;
    ok(ipd_layout_mouse(&m, 80, 24, &press) && !m.focus,
       "a click on the console focuses the prompt");
    m.focus = &ipd_view_blocks;
    text_of(&m, 80, 24, IPD_BRAILLE, 0);
    ok(!m.focus, "a view that is not on the screen loses it");
    free_model(&m);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    test_typed();
    test_colours();
    test_scrollback();
    test_words();
    test_keys();
    test_focus();
    test_every_size();
    test_golden();
    return done();
}
