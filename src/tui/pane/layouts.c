#include "tui/pane/layouts.h"
#include "base/file.h"
#include "base/path.h"
#include "base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 32, SIZES = 3, NAME = 24 };

/* A layout for screens of this size or larger. */
typedef struct size {
    int width, height;
    ipd_pane *tree;
    char *defined; /* the tree as it was defined */
    int changed;   /* 1: resized by hand or defined by the user, so it must be saved */
} size;

typedef struct layout {
    char name[NAME + 1];
    size sizes[SIZES]; /* ascending */
    int count;
} layout;

struct ipd_layouts {
    layout all[MOST];
    int count, current; /* current: index */
    int touched;        /* 1: something has changed since the file was read or written */
    size *shown;        /* that ipd_layouts_tree chose last; NULL: none */
    ipd_pane *zoomed;   /* the tree of the view `zoom` */
    const ipd_view *zoom;
    char *kept; /* lines of the file with errors, to be written back; or NULL */
};

/* The trees name views of view.c. The first layout is shown at the start. */
static const struct {
    const char *name;
    int width, height;
    const char *tree;
} built_in[] = {
    {"auto", 20, 5, "rows(status, columns:9(objective, accuracy), layers, console:7, keys)"},
    {"auto", 132, 36,
     "rows(status, columns:3(rows(objective, accuracy), rows(layers, order, settings, "
     "blocks)), "
     "console:2, keys)"},
    {"auto", 180, 50,
     "rows(status, columns:3(rows:3(objective, accuracy), rows:2(gaps, parameters), "
     "rows:4(layers, order, settings, changes:2, blocks:2, events)), console:1, keys)"},
    {"charts", 20, 5, "rows(status, rows:4(objective, accuracy), console:1, keys)"},
    {"charts", 100, 20, "rows(status, columns:4(objective, accuracy), console:1, keys)"},
    {"charts", 150, 40,
     "rows(status, rows:4(columns(objective, accuracy, gaps), columns(moved, steps, parameters, "
     "metrics)), "
     "console:1, keys)"},
    {"blocks", 20, 5, "rows(status, order, layers, blocks:2, console:2, keys)"},
    {"blocks", 100, 30, "rows(status, order, layers, columns:3(changes, blocks), console:1, keys)"},
    {"settings", 20, 5, "rows(status, settings, objective:2, console:1, keys)"},
    {"prompt", 20, 5, "rows(status, console, keys)"},
    {"pictures", 20, 5, "rows(status, weights:3, console:1, keys)"},
    {"pictures", 76, 20, "rows(status, columns:9(weights, samples), console:2, keys)"},
    {"distribution", 20, 5, "rows(status, distribution:9, console:2, keys)"},
    {"distribution", 110, 30,
     "rows(status, columns:9(distribution:3, rows:2(objective, gaps)), console:2, keys)"},
    {"confusion", 20, 5, "rows(status, confusion:9, console:2, keys)"},
    {"runs", 20, 5, "rows(status, runs:2, events:1, console:1, keys)"},
    {"runs", 120, 30, "rows(status, columns:3(runs:3, objective:2), events:1, console:1, keys)"},
    {"tree", 20, 5, "rows(status, objective:2, tree:2, console:1, keys)"},
    {"tree", 120, 30,
     "rows(status, columns:3(objective, accuracy), columns:2(tree:3, events:2), console:1, keys)"},
    {"values", 20, 5, "rows(status, objective:2, values:2, console:1, keys)"},
    {"values", 110, 30, "rows(status, columns:3(objective, accuracy), values:2, console:1, keys)"},
    {"watch", 20, 5, "rows(status, layers, watch:2, console:3, keys)"},
    {"watch", 110, 30,
     "rows(status, columns:3(objective, blocks), layers, watch:2, console:2, keys)"},
    {"boundary", 20, 5, "rows(status, boundary:9, console:2, keys)"},
    {"boundary", 110, 30,
     "rows(status, columns:9(boundary:3, rows:2(objective, accuracy)), console:2, keys)"},
};

static layout *find(ipd_layouts *l, const char *name)
{
    for (int i = 0; i < l->count; i++)
        if (strcmp(l->all[i].name, name) == 0)
            return &l->all[i];
    return NULL;
}

static layout *find_or_add(ipd_layouts *l, const char *name, ipd_error *e)
{
    layout *one = find(l, name);
    size_t n = strlen(name);

    if (one)
        return one;
    for (size_t i = 0; i < n; i++)
        if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
            n = 0;
    if (!n || n > NAME) {
        ipd_fail(
            e, IPD_EUSAGE,
            "\"%.40s\" is not a name of a layout. Use up to %d letters, digits, \"-\" and \"_\"",
            name, NAME);
        return NULL;
    }
    if (l->count == MOST) {
        ipd_fail(e, IPD_EUSAGE, "there are already %d layouts. Redefine one of them", MOST);
        return NULL;
    }
    one = &l->all[l->count++];
    strcpy(one->name, name);
    return one;
}

static void forget(ipd_layouts *l, layout *one)
{
    for (int i = 0; i < one->count; i++) {
        l->shown = l->shown == &one->sizes[i] ? NULL : l->shown;
        ipd_pane_free(one->sizes[i].tree);
        free(one->sizes[i].defined);
    }
    one->count = 0;
}

static int add_size(layout *one, int width, int height, const char *tree, int changed, ipd_error *e)
{
    ipd_pane *parsed;

    if (ipd_pane_parse(&parsed, tree, e) < 0)
        return -1;
    char *defined = strdup(tree);
    if (!defined) {
        ipd_pane_free(parsed);
        return ipd_fail(e, IPD_EMEMORY, "no memory for a layout");
    }
    one->sizes[one->count++] = (size){width, height, parsed, defined, changed};
    return 0;
}

ipd_layouts *ipd_layouts_new(ipd_error *e)
{
    ipd_layouts *l = calloc(1, sizeof *l);

    if (!l) {
        ipd_fail(e, IPD_EMEMORY, "no memory for layouts");
        return NULL;
    }
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        layout *one = find_or_add(l, built_in[i].name, e);
        if (!one ||
            add_size(one, built_in[i].width, built_in[i].height, built_in[i].tree, 0, e) < 0) {
            ipd_layouts_free(l);
            return NULL;
        }
    }
    return l;
}

void ipd_layouts_free(ipd_layouts *l)
{
    if (!l)
        return;
    for (int i = 0; i < l->count; i++)
        forget(l, &l->all[i]);
    ipd_pane_free(l->zoomed);
    free(l->kept);
    free(l);
}

/* The tree of one large view with the prompt below it. NULL if memory runs out. */
static ipd_pane *zoomed_tree(ipd_layouts *l, const ipd_view *zoom)
{
    char text[128];
    ipd_error e;

    if (l->zoomed && l->zoom == zoom)
        return l->zoomed;
    ipd_pane_free(l->zoomed);
    l->zoom = zoom;
    snprintf(text, sizeof text, "rows(status, %s:5, console:1, keys)", zoom->name);
    if (ipd_pane_parse(&l->zoomed, zoom == &ipd_view_console ? "rows(status, console, keys)" : text,
                       &e) < 0)
        l->zoomed = NULL;
    return l->zoomed;
}

ipd_pane *ipd_layouts_tree(ipd_layouts *l, const ipd_view *zoom, int width, int height)
{
    layout *one = &l->all[l->current];
    size *best = NULL;

    if (width < 20 || height < 5)
        return NULL;
    if (zoom && zoomed_tree(l, zoom))
        return l->zoomed;
    for (int i = 0; i < one->count; i++)
        if (!best || (one->sizes[i].width <= width && one->sizes[i].height <= height))
            best = &one->sizes[i];
    l->shown = best;
    return best ? best->tree : NULL;
}

int ipd_layouts_define(ipd_layouts *l, const char *name, const char *tree, ipd_error *e)
{
    ipd_pane *trial;

    if (ipd_pane_parse(&trial, tree, e) < 0)
        return -1;
    ipd_pane_free(trial);
    layout *one = find_or_add(l, name, e);
    if (!one)
        return -1;
    forget(l, one);
    l->touched = 1;
    return add_size(one, 0, 0, tree, 1, e);
}

int ipd_layouts_choose(ipd_layouts *l, const char *name, ipd_error *e)
{
    layout *one = find(l, name);
    ipd_nearest near = {.word = name};

    if (one)
        return ipd_layouts_choose_number(l, (int)(one - l->all) + 1, e);
    for (int i = 0; i < l->count; i++)
        ipd_nearest_try(&near, l->all[i].name);
    return ipd_fail_unknown(e, "layout", &near, "ip.layout() lists the layouts.");
}

int ipd_layouts_choose_number(ipd_layouts *l, int number, ipd_error *e)
{
    if (number < 1 || number > l->count)
        return ipd_fail(e, IPD_EUSAGE, "layout %d not found: layouts are 1 to %d", number,
                        l->count);
    l->touched |= l->current != number - 1;
    l->current = number - 1;
    return 0;
}

const char *ipd_layouts_name(const ipd_layouts *l, int number)
{
    return number >= 1 && number <= l->count ? l->all[number - 1].name : NULL;
}

int ipd_layouts_current(const ipd_layouts *l)
{
    return l->current + 1;
}

void ipd_layouts_touch(ipd_layouts *l)
{
    if (l->shown)
        l->shown->changed = l->touched = 1;
}

void ipd_layouts_restore(ipd_layouts *l)
{
    layout *one = &l->all[l->current];

    for (int i = 0; i < one->count; i++) {
        ipd_pane *again;
        ipd_error e;
        if (ipd_pane_parse(&again, one->sizes[i].defined, &e) < 0)
            continue;
        ipd_pane_free(one->sizes[i].tree);
        one->sizes[i].tree = again;
        l->touched = 1;
        if (one->sizes[i].width > 0) /* built in: nothing to save */
            one->sizes[i].changed = 0;
    }
}

/* --- the file --- */

/* Reads the tree of a layout or of one of its sizes. Returns 1 if the layout or the size is
 * unknown, as of another version. */
static int read_tree(ipd_layouts *l, char *key, const char *tree, ipd_error *e)
{
    int width = 0, height = 0, end = 0;
    char *at = strchr(key, '@');

    if (!at)
        return ipd_layouts_define(l, key, tree, e);
    if (sscanf(at + 1, "%5dx%5d%n", &width, &height, &end) != 2 || at[1 + end] || width < 1 ||
        height < 1)
        return ipd_fail(e, IPD_EFORMAT, "\"%.40s\" is not NAME@WIDTHxHEIGHT", key);
    *at = 0;
    layout *one = find(l, key);
    for (int i = 0; one && i < one->count; i++) {
        size *s = &one->sizes[i];
        ipd_pane *again;
        if (s->width != width || s->height != height)
            continue;
        if (ipd_pane_parse(&again, tree, e) < 0)
            return -1;
        ipd_pane_free(s->tree);
        s->tree = again;
        s->changed = 1;
        return 0;
    }
    return 1;
}

static char *trim(char *text)
{
    size_t n = strlen(text);

    while (n && isspace((unsigned char)text[n - 1]))
        text[--n] = 0;
    return text + strspn(text, " \t");
}

/* Reads a trimmed line, which it modifies. Returns 1 as read_tree does. */
static int read_line(ipd_layouts *l, char *line, ipd_error *e)
{
    char *value = strchr(line, '=');

    if (!*line || *line == '#')
        return 0;
    if (!value && strncmp(line, "show ", 5) == 0) /* a layout can have the name "show" */
        return ipd_layouts_choose(l, line + 5, e);
    if (!value)
        return ipd_fail(e, IPD_EFORMAT, "\"%.40s\" is neither NAME = TREE nor show NAME", line);
    *value++ = 0;
    return read_tree(l, trim(line), value, e);
}

/* Keeps a line for the next writing; if memory runs out, the line is lost. */
static void keep(ipd_layouts *l, const char *line)
{
    size_t before = l->kept ? strlen(l->kept) : 0;
    char *more = realloc(l->kept, before + strlen(line) + 2);

    if (!more)
        return;
    sprintf(more + before, "%s\n", line);
    l->kept = more;
}

int ipd_layouts_load(ipd_layouts *l, ipd_error *e)
{
    char path[4096];
    int number = 1, failed = 0;
    ipd_error wrong;

    if (ipd_path_home(path, sizeof path, IPD_CONFIG_HOME, "layouts", e) < 0)
        return -1;
    if (!ipd_path_exists(path))
        return 0;
    char *text = ipd_file_text(path, 1 << 20, 0, e), *rest = text, *line;
    if (!text)
        return -1;
    for (; (line = strsep(&rest, "\n")); number++) {
        char *copy = strdup(trim(line));
        int result = copy ? read_line(l, copy, &wrong) : 0;
        if (result < 0 && !failed)
            failed = ipd_fail(e, IPD_EFORMAT, "%.200s, line %d: %.300s", path, number, wrong.text);
        if (result)
            keep(l, line);
        free(copy);
    }
    free(text);
    l->touched = 0;
    return failed;
}

static void write_all(const ipd_layouts *l, FILE *f)
{
    char tree[IPD_PANE_TEXT];

    fputs("# Layouts of ipdlam's workbench. The program writes this file when a layout was "
          "changed. See ipdlam-workbench(1).\n",
          f);
    for (int i = 0; i < l->count; i++)
        for (int k = 0; k < l->all[i].count; k++) {
            const size *s = &l->all[i].sizes[k];
            if (!s->changed)
                continue;
            ipd_pane_print(s->tree, tree, sizeof tree);
            if (s->width)
                fprintf(f, "%s@%dx%d = %s\n", l->all[i].name, s->width, s->height, tree);
            else
                fprintf(f, "%s = %s\n", l->all[i].name, tree);
        }
    if (l->kept)
        fputs(l->kept, f);
    fprintf(f, "show %s\n", l->all[l->current].name);
}

int ipd_layouts_save(ipd_layouts *l, ipd_error *e)
{
    char path[4096];
    ipd_new_file f;

    if (!l->touched)
        return 0;
    if (ipd_path_home(path, sizeof path, IPD_CONFIG_HOME, "layouts", e) < 0 ||
        ipd_path_make_parent(path, e) < 0 || ipd_new_file_open(&f, path, e) < 0)
        return -1;
    write_all(l, f.stream);
    l->touched = 0;
    return ipd_new_file_commit(&f, e);
}
