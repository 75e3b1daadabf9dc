/* Layouts: parsing, printing, placing, resizing, and their file. */
#include "tests/tap.h"
#include "tui/pane/layout.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void test_parse(void)
{
    static const struct {
        const char *tree, *error; /* error "": the tree is valid, and its text is the same */
    } cases[] = {
        {"rows(status, columns:9(objective, accuracy), layers, console:7, keys)", ""},
        {"columns(rows:3(objective, layers:2), rows(console))", ""},
        {"console", ""},
        {"rows(objective:3)", "the layout needs the view \"console\": it holds the prompt"},
        {"rows(objectve, console)", "unknown view 'objectve'. Did you mean 'objective'?"},
        {"rows(console, console)", "the view \"console\" is twice in the layout"},
        {"rows(console", "a \")\" is missing in the layout at \"\""},
        {"rows(console))", "the layout has text after its end: \")\""},
        {"rows(console:0)", "the share of console must be a number from 1 to 10000, not \"0)\""},
        {"rows()", "the layout needs a view, rows(...) or columns(...) at \")\""},
        {"rows", "rows in a layout needs panes: rows(status, console)"},
        {"rows(rows(rows(rows(rows(rows(rows(rows(rows(console)))))))))",
         "the layout is nested deeper than 8"},
    };
    char text[IPD_PANE_TEXT];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ipd_pane *root;
        ipd_error e;
        int failed = ipd_pane_parse(&root, cases[i].tree, &e) < 0;
        if (!failed)
            ipd_pane_print(root, text, sizeof text);
        const char *got = failed ? e.text : text;
        ok(strcmp(got, *cases[i].error ? cases[i].error : cases[i].tree) == 0, "%s: %s",
           cases[i].tree, got);
        ipd_pane_free(root);
    }
}

static const ipd_pane *pane_of(ipd_pane *root, const ipd_view *v)
{
    static ipd_pane *leaves[IPD_MAX_PANES];
    int count = ipd_pane_leaves(root, leaves, IPD_MAX_PANES);

    for (int i = 0; i < count; i++)
        if (leaves[i]->view == v)
            return leaves[i];
    return NULL;
}

static void test_resize(void)
{
    ipd_model m = {.layouts = ipd_layouts_new(NULL)};
    ipd_pane *root = ipd_layout_place(&m, 80, 24);
    int width = pane_of(root, &ipd_view_objective)->area.width;
    int height = pane_of(root, &ipd_view_objective)->area.height;
    int others = pane_of(root, &ipd_view_layers)->area.height;
    char before[IPD_PANE_TEXT], after[IPD_PANE_TEXT];

    ipd_pane_print(root, before, sizeof before);
    ok(ipd_pane_resize(root, &ipd_view_objective, 1, 4), "a pane becomes wider");
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_objective)->area.width == width + 4 &&
           pane_of(root, &ipd_view_accuracy)->area.width == 80 - width - 4,
       "at its neighbour's cost");
    ok(ipd_pane_resize(root, &ipd_view_accuracy, 1, 4), "the last pane grows to the left");
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_objective)->area.width == width,
       "the pane before loses the columns that the last one gains");
    ok(ipd_pane_resize(root, &ipd_view_objective, 0, 2), "a pane within columns becomes taller");
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_objective)->area.height == height + 2 &&
           pane_of(root, &ipd_view_layers)->area.height == others,
       "with its columns; the layers below have nothing to give, the console does");
    ok(!ipd_pane_resize(root, &ipd_view_console, 1, 1),
       "a pane that fills the width cannot be wider");
    while (ipd_pane_resize(root, &ipd_view_objective, 1, 5))
        root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_accuracy)->area.width == 30,
       "the neighbour keeps its minimum width");
    ipd_mouse press = {IPD_MOUSE_PRESS, 10, pane_of(root, &ipd_view_console)->area.y};
    ipd_mouse drag = {IPD_MOUSE_DRAG, 12, press.y - 2},
              release = {IPD_MOUSE_RELEASE, 12, press.y - 2};
    int rows = pane_of(root, &ipd_view_console)->area.height;
    ipd_layout_mouse(&m, 80, 24, &press);
    ipd_layout_mouse(&m, 80, 24, &drag);
    ipd_layout_mouse(&m, 80, 24, &release);
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_console)->area.height == rows + 2, "the mouse drags an edge");
    ipd_layout_mouse(&m, 80, 24, &drag);
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_console)->area.height == rows + 2,
       "after the release the mouse drags no edge");
    ipd_layouts_restore(m.layouts);
    ipd_pane_print(ipd_layout_place(&m, 80, 24), after, sizeof after);
    ok(strcmp(before, after) == 0, "= restores the sizes: %s", after);
    m.zoom = &ipd_view_layers;
    root = ipd_layout_place(&m, 80, 24);
    ok(pane_of(root, &ipd_view_layers)->area.height > 14 && pane_of(root, &ipd_view_console) &&
           !pane_of(root, &ipd_view_objective),
       "a zoomed pane is alone with the prompt");
    ipd_layouts_free(m.layouts);
}

static void write_file(const char *folder, const char *text)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/ipdlam", folder);
    if (system(NULL)) {
        char command[4200];
        snprintf(command, sizeof command, "mkdir -p '%s'", path);
        if (system(command))
            puts("# no folder");
    }
    snprintf(path, sizeof path, "%s/ipdlam/layouts", folder);
    FILE *f = fopen(path, "w");
    if (f) {
        fputs(text, f);
        fclose(f);
    }
}

static void test_file(void)
{
    char folder[] = "/tmp/ipdlam-panes-XXXXXX", command[128], text[IPD_PANE_TEXT];
    ipd_error e;

    if (!mkdtemp(folder))
        return;
    setenv("XDG_CONFIG_HOME", folder, 1);
    ipd_model m = {.layouts = ipd_layouts_new(NULL)};
    ok(ipd_layouts_load(m.layouts, &e) == 0 && ipd_layouts_save(m.layouts, &e) == 0,
       "no file is well");
    ok(ipd_layouts_define(m.layouts, "mine", "rows(layers, console)", &e) == 0 &&
           ipd_layouts_choose(m.layouts, "mine", &e) == 0 && ipd_layouts_save(m.layouts, &e) == 0,
       "one is defined and kept");
    ok(ipd_layouts_define(m.layouts, "no name", "console", &e) < 0, "%s", e.text);
    ok(ipd_layouts_choose(m.layouts, "mnie", &e) < 0 && strstr(e.text, "'mine'"), "%s", e.text);
    ipd_layouts_free(m.layouts);
    m.layouts = ipd_layouts_new(NULL);
    ipd_layouts_load(m.layouts, &e);
    ipd_pane_print(ipd_layout_place(&m, 80, 24), text, sizeof text);
    ok(strcmp(text, "rows(layers, console)") == 0, "a saved layout is loaded again: %s", text);
    ipd_layouts_free(m.layouts);
    snprintf(text, sizeof text, "%s/ipdlam/layouts", folder);
    m.layouts = ipd_layouts_new(NULL);
    ok(!remove(text) && !mkfifo(text, 0600) && ipd_layouts_load(m.layouts, &e) < 0 &&
           strstr(e.text, "not a regular file") && !remove(text),
       "a FIFO is not waited for: %s", e.text);
    ipd_layouts_free(m.layouts);
    write_file(folder, "\xEF\xBB\xBF# a comment\n\nnonsense\nbad = rows(nothing)\ngood = "
                       "rows(console, keys)\nshow good\n");
    m.layouts = ipd_layouts_new(NULL);
    ok(ipd_layouts_load(m.layouts, &e) < 0 && strstr(e.text, "line 3"), "a bad line is named: %s",
       e.text);
    ipd_pane_print(ipd_layout_place(&m, 80, 24), text, sizeof text);
    ok(strcmp(text, "rows(console, keys)") == 0, "the other lines of the file are used: %s", text);
    ok(!ipd_layouts_choose(m.layouts, "auto", &e) && !ipd_layouts_save(m.layouts, &e),
       "another is shown, and the file is written");
    ipd_layouts_free(m.layouts);
    m.layouts = ipd_layouts_new(NULL);
    ok(ipd_layouts_load(m.layouts, &e) < 0 && strstr(e.text, "\"nonsense\""),
       "a bad line stays in the file: %s", e.text);
    ipd_layouts_free(m.layouts);
    snprintf(command, sizeof command, "rm -r '%s'", folder);
    ok(system(command) == 0, "the folder of the test is removed");
}

int main(void)
{
    test_parse();
    test_resize();
    test_file();
    return done();
}
