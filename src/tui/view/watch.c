/* watch.c - the watch expressions with their values at the last stop, and the run's breakpoints. */
#include "plot/glyph.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A row of m->watches: "w<tab>1<tab>EXPRESSION<tab>VALUE" or "b<tab>1<tab>on<tab>CONDITION". */
typedef struct row {
    int is_break;
    long number;
    char first[256], second[512];
} row;

/* Reads a row; returns 0 if there is none. */
static int read_row(const ipd_model *m, int index, row *r)
{
    const char *at = m->watches ? m->watches : "";
    char kind;

    for (; index > 0 && (at = strchr(at, '\n')); index--)
        at++;
    *r = (row){0};
    if (!at ||
        sscanf(at, "%c\t%ld\t%255[^\t\n]\t%511[^\n]", &kind, &r->number, r->first, r->second) < 3)
        return 0;
    r->is_break = kind == 'b';
    return 1;
}

static int count_rows(const ipd_model *m)
{
    row r;
    int count = 0;

    while (read_row(m, count, &r))
        count++;
    return count;
}

static int selected(const ipd_model *m, int count)
{
    return m->watch_selected >= count ? count - 1 : m->watch_selected;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)m;
    (void)width;
    snprintf(to, size, "watch · at the last stop");
}

static void draw_row(ipd_canvas *c, ipd_area in, const row *r, int chosen)
{
    int x = in.x + 1, right = in.x + in.width, ascii = c->charset == IPD_ASCII;
    int on = r->is_break && !strcmp(r->first, "on"), reverse = chosen ? IPD_REVERSE : 0;
    ipd_ink ink = r->is_break && !on ? IPD_INK_FAINT : IPD_INK_TEXT;

    if (r->is_break) {
        x += ipd_canvas_textf(c, x, in.y, right - x, on ? IPD_INK_BAD : IPD_INK_FAINT, IPD_BOLD,
                              "%s %ld",
                              on      ? (ascii ? "*" : "●")
                              : ascii ? "o"
                                      : "○",
                              r->number) +
             1;
        x += ipd_canvas_text_cut(c, x, in.y, right - x, ink, reverse, r->second) + 2;
        if (!on && x < right)
            ipd_canvas_text_cut(c, x, in.y, right - x, IPD_INK_FAINT, 0, "off");
        return;
    }
    x += ipd_canvas_text_cut(c, x, in.y, right - x, IPD_INK_FAINT, reverse, r->first);
    x += ipd_canvas_text(c, x, in.y, right - x, IPD_INK_FAINT, 0, " = ");
    if (x < right)
        ipd_canvas_text_cut(c, x, in.y, right - x,
                            strncmp(r->second, "error: ", 7) ? IPD_INK_TEXT : IPD_INK_BAD, 0,
                            r->second);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    int count = count_rows(m), at = selected(m, count), first = ipd_view_first(at, in.height);
    row r;

    m->watch_wanted = 1;
    if (!count)
        ipd_view_say(c, in, "nothing to watch. Type :watch run.W[2]:norm() or :break m.phi < 10");
    for (int i = first; i < count && i - first < in.height; i++)
        if (read_row(m, i, &r))
            draw_row(c, (ipd_area){in.x, in.y + i - first, in.width, 1}, &r,
                     m->focus == &ipd_view_watch && i == at);
}

static int key(ipd_model *m, int code)
{
    int count = count_rows(m), at = selected(m, count);
    char line[64];
    row r;

    if (!read_row(m, at < 0 ? 0 : at, &r))
        return 1; /* there is nothing to choose */
    switch (code) {
    case IPD_KEY_UP:
    case IPD_KEY_DOWN:
        at += code == IPD_KEY_DOWN ? 1 : -1;
        m->watch_selected = at < 0 ? 0 : at >= count ? count - 1 : at;
        return 1;
    case IPD_KEY_ENTER:
        if (!r.is_break)
            return 1;
        snprintf(line, sizeof line, "run:toggle_break(%ld)", r.number);
        ipd_act_lua(m, line, NULL);
        return 1;
    case 'd':
    case IPD_KEY_DELETE:
        snprintf(line, sizeof line, r.is_break ? "run:clear_breaks(%ld)" : "ip.unwatch(%ld)",
                 r.number);
        ipd_act_lua(m, line, NULL);
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int count = count_rows(m), at = ipd_view_first(selected(m, count), in.height) + e->y - in.y;

    if (e->kind != IPD_MOUSE_PRESS || at < 0 || at >= count)
        return 0;
    m->watch_selected = at;
    return 1;
}

const ipd_view ipd_view_watch = {.name = "watch",
                                 .framed = 1,
                                 .title = title,
                                 .draw = draw,
                                 .key = key,
                                 .mouse = mouse,
                                 .wheel = {IPD_KEY_UP, IPD_KEY_DOWN}};
