/* settings.c - the current settings, and the keys that change them. */
#include "base/text.h"
#include "plot/glyph.h"
#include "tui/view/field.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    USUAL = 12,  /* number of settings that the pane wants to show */
    LISTED = 64, /* maximum number of settings */
    CELL = 26,   /* columns of a setting with its value */
    HELP = 36    /* columns before the help, if each setting has a row */
};

/* State of the view; there is one screen. */
static const ipd_setting *list[LISTED];
static int count, chosen;    /* chosen: index */
static ipd_field_text typed; /* the value being edited */
static char complaint[512];  /* why a value was refused, or "" */

/* Lists the settings that the run's method uses and that can change. Returns the chosen one, or
 * NULL. */
static const ipd_setting *find(const ipd_model *m)
{
    count = 0;
    for (const ipd_setting *s = ipd_settings_table; s->name && m->has_run && count < LISTED; s++)
        if (s->when != IPD_AT_START && !s->alias && ipd_settings_use(&m->settings, s))
            list[count++] = s;
    chosen = chosen < count || !count ? chosen : count - 1;
    return count ? list[chosen] : NULL;
}

static int per_row(int width)
{
    return width / CELL > 0 ? width / CELL : 1;
}

/* The settings in columns from top to bottom; those that do not fit are on further pages. */
typedef struct grid {
    int across, rows; /* columns of settings, and their rows */
    int cell;         /* width of a column */
    int first, last;  /* the page has the settings first ... last - 1 */
} grid;

static grid grid_of(const ipd_model *m, ipd_area in)
{
    int focused = m->focus == &ipd_view_settings;
    grid g = {.rows = in.height};

    find(m);
    g.across = focused && in.height >= count ? 1 : per_row(in.width);
    g.cell = in.width / g.across;
    if (g.rows * g.across >= count)
        g.rows = (count + g.across - 1) / g.across;
    int page = g.rows * g.across > 0 ? g.rows * g.across : 1;
    g.first = focused ? chosen / page * page : 0;
    g.last = g.first + page < count ? g.first + page : count;
    return g;
}

static int rows(const ipd_model *m, int width)
{
    (void)m;
    return (USUAL + per_row(width) - 1) / per_row(width);
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    const ipd_setting *s = find(m);

    (void)width;
    if (m->focus != &ipd_view_settings || !s)
        snprintf(to, size, "settings");
    else if (m->editing)
        snprintf(to, size, "settings · %s: Enter sets it, Escape cancels", s->name);
    else
        snprintf(to, size, "settings · %s", *complaint ? complaint : s->help);
}

/* Writes a value with six digits; the editor has all digits. */
static void shown_text(const ipd_model *m, const ipd_setting *s, char *to, size_t size)
{
    double d;

    ipd_settings_get(&m->settings, s, to, size);
    if (ipd_setting_is_unset(s, strtod(to, NULL)))
        snprintf(to, size, "-");
    else if (s->kind == IPD_SET_NUMBER && sscanf(to, "%lf", &d) == 1)
        snprintf(to, size, "%.6g", d);
}

/* The end of a text that fills at most `width` columns. */
static const char *end_of(const char *text, int width)
{
    while (ipd_text_columns(text, 0) > width)
        do
            text++;
        while ((*text & 0xC0) == 0x80); /* within a character of UTF-8 */
    return text;
}

static void draw_one(const ipd_model *m, ipd_canvas *c, int i, int x, int y, int cell)
{
    int is_chosen = m->focus == &ipd_view_settings && i == chosen;
    const ipd_setting *s = list[i];
    char value[IPD_SETTING_TEXT + 1];

    shown_text(m, s, value, sizeof value);
    if (is_chosen && m->editing)
        snprintf(value, sizeof value, typed.untouched ? "%.*s" : "%.*s_", (int)sizeof value - 2,
                 typed.text);
    if (is_chosen)
        ipd_canvas_text(c, x, y, 1, IPD_INK_KEY, IPD_BOLD, c->charset == IPD_ASCII ? ">" : "▶");
    ipd_canvas_text(c, x + 1, y, cell - 2, is_chosen ? IPD_INK_KEY : IPD_INK_FAINT, 0, s->name);
    int at = ipd_text_columns(s->name, 0) + 2 > 12 ? ipd_text_columns(s->name, 0) + 2 : 12;
    ipd_canvas_text(c, x + at, y, cell - at, is_chosen && m->editing ? IPD_INK_KEY : IPD_INK_TEXT,
                    !is_chosen || !m->editing ? 0
                    : typed.untouched         ? IPD_REVERSE
                                              : IPD_UNDERLINE,
                    is_chosen && m->editing ? end_of(value, cell - at) : value);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    grid g = grid_of(m, in);
    for (int i = g.first; i < g.last; i++) {
        int x = in.x + (i - g.first) / g.rows * g.cell, y = in.y + (i - g.first) % g.rows;
        int helped = g.across == 1 && g.cell >= HELP + 24;
        draw_one(m, c, i, x, y, helped ? HELP : g.cell);
        if (helped)
            ipd_canvas_text_cut(c, x + HELP, y, g.cell - HELP - 1, IPD_INK_FAINT, 0, list[i]->help);
    }
}

/* --- keys --- */

static void set(ipd_model *m, const char *name, const char *value)
{
    ipd_error e;

    complaint[0] = 0;
    if (ipd_act_set(m, name, value, &e) < 0) {
        snprintf(complaint, sizeof complaint, "%s", e.text);
        ipd_act_say(m, IPD_TEXT_ERROR, e.text);
    }
}

/* The next number above or below in the series 0.1, 0.2, 0.5, 1, 2, 5, 10, ... */
static double next_step(double value, int up)
{
    static const double steps[] = {1, 2, 5, 10};
    double size = fabs(value), decade, best;
    int grows = value >= 0 ? up : !up;

    if (size == 0)
        return up ? 0.1 : 0;
    decade = pow(10, floor(log10(size) + 1e-9));
    best = grows ? decade * 10 : decade / 2;
    for (int i = 0; i < 4; i++) {
        double step = decade * steps[i];
        if (grows && step > size * (1 + 1e-9) && step < best)
            best = step;
        if (!grows && step < size * (1 - 1e-9) && step > best)
            best = step;
    }
    return value >= 0 ? best : -best;
}

/* The next value of a setting above or below. Inertias and fractions change by 0.1. */
static double next_number(const ipd_setting *s, double value, int up)
{
    int tenths = strcmp(s->name, "alpha") == 0 || strcmp(s->name, "beta") == 0 ||
                 strcmp(s->name, "gamma") == 0 || strcmp(s->name, "inertia") == 0 ||
                 strcmp(s->name, "l1_ratio") == 0 || strcmp(s->name, "momentum") == 0;
    double next = next_step(value, up);

    if (tenths)
        next = (up ? floor(value * 10 + 1e-6) + 1 : ceil(value * 10 - 1e-6) - 1) / 10;
    else if (strcmp(s->name, "rho_growth") == 0)
        next = value + (up ? 0.01 : -0.01);
    return next < s->min ? s->min : next > s->max ? s->max : next;
}

/* Sets the next value of a setting above or below, or its next or previous choice. */
static void change(ipd_model *m, const ipd_setting *s, int up)
{
    char value[IPD_SETTING_TEXT], text[64];

    ipd_settings_get(&m->settings, s, value, sizeof value);
    if (s->kind == IPD_SET_SWITCH) {
        set(m, s->name, strcmp(value, "true") == 0 ? "false" : "true");
        return;
    }
    int numbers = s->kind == IPD_SET_NUMBERS && !strchr(value, ',');
    if (s->kind == IPD_SET_NUMBER || s->kind == IPD_SET_COUNT || numbers) {
        double now = strtod(value, NULL), next = next_number(s, now, up);
        if (s->kind == IPD_SET_COUNT)
            next = up ? fmax(round(next), now + 1) : fmin(round(next), now - 1);
        snprintf(text, sizeof text, "%.15g", next);
        set(m, s->name, text);
        return;
    }
    if (!s->choices) {
        snprintf(complaint, sizeof complaint, "%s has no list of values: press Enter to edit it",
                 s->name);
        return;
    }
    const char *const *choices = s->choices();
    int at = ipd_text_index(value, choices), n = 0;
    while (choices[n])
        n++;
    if (n)
        set(m, s->name, choices[(at + (up ? 1 : n - 1) + (at < 0 && !up)) % n]);
}

static int edit(ipd_model *m, const ipd_setting *s, int code)
{
    int untouched = typed.untouched;
    ipd_field_event event = ipd_field_key(&typed, code);

    m->editing = event == IPD_FIELD_UNUSED || event == IPD_FIELD_CHANGED;
    if (event == IPD_FIELD_ENTERED && !untouched) /* an untouched value stays exactly as it was */
        set(m, s->name, typed.text);
    return event != IPD_FIELD_UNUSED;
}

static int key(ipd_model *m, int code)
{
    const ipd_setting *s = find(m);
    char value[IPD_SETTING_TEXT];

    if (!s)
        return 0;
    if (m->editing)
        return edit(m, s, code);
    complaint[0] = 0;
    switch (code) {
    case IPD_KEY_UP:
        chosen = (chosen + count - 1) % count;
        return 1;
    case IPD_KEY_DOWN:
        chosen = (chosen + 1) % count;
        return 1;
    case IPD_KEY_LEFT:
    case '-':
        change(m, s, 0);
        return 1;
    case IPD_KEY_RIGHT:
    case '+':
        change(m, s, 1);
        return 1;
    case IPD_KEY_ENTER:
        ipd_settings_get(&m->settings, s, value, sizeof value);
        if (ipd_setting_is_unset(s, strtod(value, NULL)))
            value[0] = 0;
        ipd_field_start(&typed, value, sizeof value - 1);
        m->editing = typed.untouched = 1;
        return 1;
    default:
        return 0;
    }
}

/* A click chooses the setting under it; the wheel changes the chosen one. */
static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    if (e->kind == IPD_MOUSE_PRESS && in.width > 0) {
        grid g = grid_of(m, in);
        int column = (e->x - in.x) / g.cell;
        int i = g.first + (column < g.across ? column : g.across - 1) * g.rows + e->y - in.y;
        chosen = i < g.last && e->y - in.y < g.rows ? i : chosen;
        m->editing = complaint[0] = 0;
        return 1;
    }
    const ipd_setting *s = find(m);
    if (m->focus != &ipd_view_settings || !s ||
        (e->kind != IPD_MOUSE_WHEEL_UP && e->kind != IPD_MOUSE_WHEEL_DOWN))
        return 0;
    change(m, s, e->kind == IPD_MOUSE_WHEEL_UP);
    return 1;
}

const ipd_view ipd_view_settings = {.name = "settings",
                                    .framed = 1,
                                    .title = title,
                                    .rows = rows,
                                    .draw = draw,
                                    .key = key,
                                    .mouse = mouse};
