/* figure_cairo.c - figures as SVG, PDF and PNG; compiled if cairo is available.
 *
 * All lengths are points (1/72 inch). Colours are those of Okabe and Ito, which colour-blind
 * readers can distinguish; dashes and marks distinguish series without colour.
 */
#include "base/text.h"
#include "plot/figure.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 8, DASHES = 4, FORMS = 4, FEW = 26 };
static const double colours[COLOURS][3] = {
    {0.000, 0.447, 0.698}, /* blue */
    {0.835, 0.369, 0.000}, /* vermilion */
    {0.000, 0.620, 0.451}, /* green */
    {0.800, 0.475, 0.655}, /* purple */
    {0.902, 0.624, 0.000}, /* orange */
    {0.337, 0.706, 0.914}, /* sky */
    {0.150, 0.150, 0.150}, /* black */
    {0.580, 0.580, 0.580}, /* grey */
};
static const double TEXT = 8, SMALL = 7, TITLE = 9.5, PNG_SCALE = 3;

/* One entry of the legend: a name and the style of its series. */
typedef struct entry {
    const ipd_figure_series *series; /* the first with this name */
    int colour, dash;                /* from 0 */
    double width;                    /* of the entry */
} entry;

typedef struct drawing {
    cairo_t *c;
    const ipd_figure *figure;
    entry *entries;
    int entry_count;
    int columns, rows;
    double width, height; /* of a panel */
    double top, legend;   /* height of the title, of the legend */
} drawing;

typedef struct box {
    double x, y, width, height;
} box;

static void font(cairo_t *c, double size, int bold)
{
    cairo_select_font_face(c, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, size);
}

static double text_width(cairo_t *c, const char *text)
{
    cairo_text_extents_t t;
    cairo_text_extents(c, text, &t);
    return t.x_advance;
}

static void show(cairo_t *c, double x, double y, const char *text)
{
    cairo_move_to(c, x, y);
    cairo_show_text(c, text);
}

static void draw_line(cairo_t *c, double x0, double y0, double x1, double y1)
{
    cairo_move_to(c, x0, y0);
    cairo_line_to(c, x1, y1);
    cairo_stroke(c);
}

/* Draws a label of an axis if `draw`, "1e-4" as a power of ten. Returns its width. */
static double label(cairo_t *c, const char *text, double x, double y, int draw)
{
    const char *exponent = strncmp(text, "1e", 2) ? NULL : text + 2;
    if (!exponent) {
        if (draw)
            show(c, x, y, text);
        return text_width(c, text);
    }
    double base = text_width(c, "10");
    if (draw)
        show(c, x, y, "10");
    cairo_set_font_size(c, SMALL * 0.75);
    char minus[16];
    snprintf(minus, sizeof minus, "%s%s", *exponent == '-' ? "\xE2\x88\x92" : "",
             exponent + (*exponent == '-'));
    double width = base + text_width(c, minus);
    if (draw)
        show(c, x + base, y - 3, minus);
    cairo_set_font_size(c, SMALL);
    return width;
}

static void set_colour(cairo_t *c, int colour, double alpha)
{
    const double *rgb = colours[colour % COLOURS];
    cairo_set_source_rgba(c, rgb[0], rgb[1], rgb[2], alpha);
}

static void set_grey(cairo_t *c, double grey)
{
    cairo_set_source_rgb(c, grey, grey, grey);
}

static void set_dash(cairo_t *c, int dash)
{
    static const double lengths[DASHES][4] = {{0}, {4.5, 2}, {1.2, 1.8}, {5, 1.8, 1.2, 1.8}};
    static const int counts[DASHES] = {0, 2, 2, 4};
    cairo_set_dash(c, lengths[dash % DASHES], counts[dash % DASHES], 0);
}

/* A mark of the given form: circle, square, triangle, diamond. */
static void mark(cairo_t *c, double x, double y, int form, double r)
{
    cairo_new_path(c);
    switch (form % FORMS) {
    case 0:
        cairo_arc(c, x, y, r, 0, 2 * M_PI);
        break;
    case 1:
        cairo_rectangle(c, x - 0.88 * r, y - 0.88 * r, 1.76 * r, 1.76 * r);
        break;
    case 2:
        cairo_move_to(c, x, y - 1.2 * r);
        cairo_line_to(c, x + 1.1 * r, y + 0.8 * r);
        cairo_line_to(c, x - 1.1 * r, y + 0.8 * r);
        break;
    default:
        cairo_move_to(c, x, y - 1.25 * r);
        cairo_line_to(c, x + 1.25 * r, y);
        cairo_line_to(c, x, y + 1.25 * r);
        cairo_line_to(c, x - 1.25 * r, y);
    }
    cairo_close_path(c);
    cairo_fill(c);
}

static int has_marks(const ipd_figure_series *s)
{
    return s->marks > 0 || (s->marks < 0 && s->count <= FEW) || !s->line;
}

/* The entry of a series, NULL before it is collected. */
static const entry *entry_of(const drawing *d, const ipd_figure_series *s)
{
    for (int i = 0; i < d->entry_count; i++)
        if (!strcmp(d->entries[i].series->name, s->name))
            return &d->entries[i];
    return NULL;
}

/* One entry per name, in the order of appearance. */
static int collect(drawing *d, ipd_error *e)
{
    int max = 0;
    for (int i = 0; i < d->figure->panel_count; i++)
        max += d->figure->panels[i].series_count;
    if (!(d->entries = calloc((size_t)max + 1, sizeof *d->entries)))
        return ipd_fail(e, IPD_EMEMORY, "no memory for a figure of %d series", max);
    for (int i = 0; i < d->figure->panel_count; i++)
        for (int k = 0; k < d->figure->panels[i].series_count; k++) {
            const ipd_figure_series *s = &d->figure->panels[i].series[k];
            if (entry_of(d, s))
                continue;
            entry *n = &d->entries[d->entry_count];
            n->series = s;
            n->colour = s->colour ? s->colour - 1 : d->entry_count;
            n->dash = s->dash ? s->dash - 1 : n->colour / COLOURS;
            d->entry_count++;
        }
    return 0;
}

/* The sizes of all parts; needs fonts, hence a cairo context. */
static void measure(drawing *d)
{
    const ipd_figure *f = d->figure;
    d->columns = f->columns ? f->columns : f->panel_count < 2 ? 1 : 2;
    d->rows = (f->panel_count + d->columns - 1) / d->columns;
    d->width = f->width > 0 ? f->width : 252;
    d->height = f->height > 0 ? f->height : 180;
    d->top = f->title ? TITLE + 10 : 4;
    font(d->c, TEXT, 0);
    int lines = d->entry_count > 0 && (d->entry_count > 1 || *d->entries->series->name);
    double x = 10, all = d->columns * d->width;
    for (int i = 0; i < d->entry_count; i++) {
        d->entries[i].width = 22 + text_width(d->c, d->entries[i].series->name) + 10;
        if (x > 10 && x + d->entries[i].width > all - 6) {
            lines++;
            x = 10;
        }
        x += d->entries[i].width;
    }
    d->legend = lines ? lines * (TEXT + 4) + 6 : 0;
}

static void draw_sample(cairo_t *c, const entry *n, double x, double y)
{
    const ipd_figure_series *s = n->series;
    set_colour(c, n->colour, 1);
    if (s->line) {
        cairo_set_line_width(c, 1.4);
        set_dash(c, n->dash);
        draw_line(c, x, y, x + 18, y);
        set_dash(c, 0);
    }
    if (has_marks(s))
        mark(c, x + 9, y, n->colour, 2.2);
}

static void draw_legend(const drawing *d)
{
    cairo_t *c = d->c;
    double all = d->columns * d->width, x = 10, y = d->top + d->rows * d->height + TEXT;
    if (!d->legend)
        return;
    font(c, TEXT, 0);
    for (int i = 0; i < d->entry_count; i++) {
        const entry *n = &d->entries[i];
        if (x > 10 && x + n->width > all - 6) {
            x = 10;
            y += TEXT + 4;
        }
        draw_sample(c, n, x, y - TEXT * 0.33);
        set_grey(c, 0.1);
        show(c, x + 22, y, n->series->name);
        x += n->width;
    }
}

/* Clamps a place to cairo's fixed-point range, for any size of a panel. */
static double near(double place)
{
    return fmin(fmax(place, -500), 500);
}

static double at_x(const box *b, const ipd_scale *s, double value)
{
    return b->x + near(ipd_scale_place(s, value)) * b->width;
}

static double at_y(const box *b, const ipd_scale *s, double value)
{
    return b->y + (1 - near(ipd_scale_place(s, value))) * b->height;
}

static void draw_spread(cairo_t *c, const box *b, const ipd_scale *x, const ipd_scale *y,
                        const ipd_figure_series *s, int colour)
{
    for (size_t first = 0; first < s->count;) {
        size_t end = first;
        while (end < s->count && isfinite(ipd_scale_place(x, s->x[end])) &&
               isfinite(ipd_scale_place(y, s->low[end])) &&
               isfinite(ipd_scale_place(y, s->high[end])))
            end++;
        cairo_new_path(c);
        for (size_t i = first; i < end; i++)
            cairo_line_to(c, at_x(b, x, s->x[i]), at_y(b, y, s->high[i]));
        for (size_t i = end; i > first; i--)
            cairo_line_to(c, at_x(b, x, s->x[i - 1]), at_y(b, y, s->low[i - 1]));
        cairo_close_path(c);
        set_colour(c, colour, 0.18);
        cairo_fill(c);
        first = end + 1;
    }
}

/* A small arrow at the edge, for a value beyond the axis. */
static void draw_arrow(cairo_t *c, const box *b, double x, int up)
{
    double y = up ? b->y + 1 : b->y + b->height - 1, down = up ? 5 : -5;
    cairo_new_path(c);
    cairo_move_to(c, x, y);
    cairo_line_to(c, x + 2.6, y + down);
    cairo_line_to(c, x - 2.6, y + down);
    cairo_close_path(c);
    cairo_fill(c);
}

/* The place of a value of y; infinite if the value is infinite or, on a log axis, not positive. */
static double place_of(const ipd_scale *s, double value)
{
    if (isnan(value))
        return NAN;
    if (isinf(value))
        return value > 0 ? INFINITY : -INFINITY;
    return s->kind == IPD_LOG && value <= 0 ? -INFINITY : ipd_scale_place(s, value);
}

static void draw_series(cairo_t *c, const box *b, const ipd_scale *x, const ipd_scale *y,
                        const ipd_figure_series *s, const entry *n)
{
    int open = 0;
    set_colour(c, n->colour, 1);
    cairo_set_line_width(c, 1.4);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_new_path(c);
    for (size_t i = 0; i < s->count && s->line; i++) {
        double px = ipd_scale_place(x, s->x[i]), py = place_of(y, s->y[i]);
        if (!isfinite(px) || !isfinite(py)) {
            open = 0;
            continue;
        }
        (open ? cairo_line_to : cairo_move_to)(c, at_x(b, x, s->x[i]), at_y(b, y, s->y[i]));
        open = 1;
    }
    set_dash(c, n->dash);
    cairo_stroke(c);
    set_dash(c, 0);
    if (s->tag && s->count) {
        double at = at_x(b, x, s->x[0]);
        int flips = at + 3 + text_width(c, s->tag) > b->x + b->width;
        label(c, s->tag, flips ? at - 3 - text_width(c, s->tag) : at + 3, b->y + SMALL, 1);
    }
    for (size_t i = 0; i < s->count; i++) {
        double px = ipd_scale_place(x, s->x[i]), py = place_of(y, s->y[i]);
        if (!isfinite(px) || px < -1e-9 || px > 1 + 1e-9 || isnan(py))
            continue;
        if (py > 1 + 1e-9 || py < -1e-9)
            draw_arrow(c, b, b->x + px * b->width, py > 1);
        else if (has_marks(s))
            mark(c, b->x + px * b->width, b->y + (1 - py) * b->height, n->colour, 2.2);
    }
}

static void draw_axes(cairo_t *c, const box *b, const ipd_scale *x, const ipd_tick *x_ticks,
                      int x_count, const ipd_scale *y, const ipd_tick *y_ticks, int y_count)
{
    font(c, SMALL, 0);
    cairo_set_line_width(c, 0.5);
    for (int i = 0; i < y_count; i++) {
        double place = at_y(b, y, y_ticks[i].value);
        set_grey(c, 0.88);
        draw_line(c, b->x, place, b->x + b->width, place);
        set_grey(c, 0.2);
        double width = label(c, y_ticks[i].label, 0, 0, 0);
        label(c, y_ticks[i].label, b->x - 4 - width, place + SMALL * 0.36, 1);
    }
    for (int i = 0; i < x_count; i++) {
        double place = at_x(b, x, x_ticks[i].value);
        set_grey(c, 0.4);
        draw_line(c, place, b->y + b->height, place, b->y + b->height + 2.5);
        set_grey(c, 0.2);
        double width = label(c, x_ticks[i].label, 0, 0, 0);
        label(c, x_ticks[i].label, place - width / 2, b->y + b->height + SMALL + 4, 1);
    }
    set_grey(c, 0.4);
    cairo_set_line_width(c, 0.7);
    cairo_move_to(c, b->x, b->y);
    cairo_line_to(c, b->x, b->y + b->height);
    cairo_line_to(c, b->x + b->width, b->y + b->height);
    cairo_stroke(c);
}

static void draw_names(cairo_t *c, const ipd_panel *p, const box *all, const box *b)
{
    set_grey(c, 0.1);
    if (p->title) {
        font(c, TEXT, 1);
        show(c, b->x, all->y + TEXT + 2, p->title);
    }
    font(c, TEXT, 0);
    if (p->x_label) {
        double width = text_width(c, p->x_label);
        show(c, b->x + (b->width - width) / 2, b->y + b->height + SMALL + TEXT + 8, p->x_label);
    }
    if (p->y_label) {
        double width = text_width(c, p->y_label);
        cairo_save(c);
        cairo_translate(c, all->x + TEXT + 2, b->y + (b->height + width) / 2);
        cairo_rotate(c, -M_PI / 2);
        show(c, 0, 0, p->y_label);
        cairo_restore(c);
    }
}

static void draw_panel(const drawing *d, const ipd_panel *p, box all)
{
    cairo_t *c = d->c;
    ipd_scale x, y;
    ipd_tick x_ticks[IPD_MAX_TICKS], y_ticks[IPD_MAX_TICKS];
    double widest = 0;

    ipd_figure_scales(p, &x, &y);
    int y_count =
        ipd_scale_ticks(&y, (int)fmin(8, fmax(3, all.height / 28)), 0, p->percent, y_ticks);
    font(c, SMALL, 0);
    for (int i = 0; i < y_count; i++)
        widest = fmax(widest, label(c, y_ticks[i].label, 0, 0, 0));
    double left = widest + 6 + (p->y_label ? TEXT + 6 : 4), top = p->title ? TEXT + 8 : 6;
    double bottom = SMALL + 8 + (p->x_label ? TEXT + 5 : 0);
    box b = {all.x + left, all.y + top, all.width - left - 12, all.height - top - bottom};
    int x_count = ipd_scale_ticks(&x, (int)fmin(9, fmax(3, b.width / 32)), p->x_whole, 0, x_ticks);
    draw_axes(c, &b, &x, x_ticks, x_count, &y, y_ticks, y_count);
    draw_names(c, p, &all, &b);
    cairo_save(c);
    cairo_rectangle(c, b.x - 2.5, b.y - 2.5, b.width + 5, b.height + 5);
    cairo_clip(c);
    for (int k = 0; k < p->series_count; k++)
        if (p->series[k].low && p->series[k].high)
            draw_spread(c, &b, &x, &y, &p->series[k], entry_of(d, &p->series[k])->colour);
    for (int k = 0; k < p->series_count; k++)
        draw_series(c, &b, &x, &y, &p->series[k], entry_of(d, &p->series[k]));
    cairo_restore(c);
}

static void draw_all(const drawing *d)
{
    set_grey(d->c, 1);
    cairo_paint(d->c);
    if (d->figure->title) {
        font(d->c, TITLE, 1);
        set_grey(d->c, 0);
        show(d->c, 10, TITLE + 5, d->figure->title);
    }
    for (int i = 0; i < d->figure->panel_count; i++)
        draw_panel(d, &d->figure->panels[i],
                   (box){i % d->columns * d->width + 4,
                         d->top + (double)(i / d->columns) * d->height, d->width - 4, d->height});
    draw_legend(d);
}

static cairo_status_t put(void *to, const unsigned char *data, unsigned int length)
{
    return fwrite(data, 1, length, to) == length ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static cairo_surface_t *open_surface(ipd_figure_form form, FILE *to, double width, double height)
{
    cairo_surface_t *s = NULL;
    switch (form) {
    case IPD_FORM_SVG:
        s = cairo_svg_surface_create_for_stream(put, to, width, height);
        cairo_svg_surface_set_document_unit(s, CAIRO_SVG_UNIT_PT);
        return s;
    case IPD_FORM_PDF:
        s = cairo_pdf_surface_create_for_stream(put, to, width, height);
        cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
        return s;
    default:
        s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * PNG_SCALE),
                                       (int)ceil(height * PNG_SCALE));
        cairo_surface_set_device_scale(s, PNG_SCALE, PNG_SCALE);
        return s;
    }
}

/* Writes an SVG without the number that cairo gives each surface: nothing uses it, and it would
 * change the bytes. */
static int put_svg(FILE *to, const char *text, size_t size)
{
    static const char id[] = "<g id=\"surface";
    const char *at = memmem(text, size, id, sizeof id - 1);
    const char *end = at ? memchr(at, '>', size - (size_t)(at - text)) : NULL;
    if (!end)
        return fwrite(text, 1, size, to) != size;
    size_t before = (size_t)(at - text), after = size - (size_t)(end - text);
    return fwrite(text, 1, before, to) != before || fputs("<g", to) == EOF ||
           fwrite(end, 1, after, to) != after;
}

/* Draws to the stream, after measure(). */
static cairo_status_t draw_form(drawing *d, ipd_figure_form form, FILE *to)
{
    cairo_surface_t *s =
        open_surface(form, to, d->columns * d->width, d->top + d->rows * d->height + d->legend);
    d->c = cairo_create(s);
    draw_all(d);
    cairo_status_t status = cairo_status(d->c);
    cairo_destroy(d->c);
    if (status == CAIRO_STATUS_SUCCESS && form == IPD_FORM_PNG)
        status = cairo_surface_write_to_png_stream(s, put, to);
    cairo_surface_finish(s);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(s);
    cairo_surface_destroy(s);
    return status;
}

int ipd_figure_draw(const ipd_figure *f, ipd_figure_form form, FILE *to, ipd_error *e)
{
    drawing d = {.figure = f};
    char *text = NULL;
    size_t size = 0;
    if (collect(&d, e))
        return -1;
    /* A surface is created with its size, which depends on the fonts: measure on another
     * surface. */
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1);
    d.c = cairo_create(s);
    measure(&d);
    cairo_destroy(d.c);
    cairo_surface_destroy(s);

    FILE *memory = form == IPD_FORM_SVG ? open_memstream(&text, &size) : NULL;
    cairo_status_t status = CAIRO_STATUS_NO_MEMORY;
    if (form != IPD_FORM_SVG || memory)
        status = draw_form(&d, form, memory ? memory : to);
    if (memory && ipd_text_close(memory, &text))
        status = CAIRO_STATUS_NO_MEMORY;
    else if (memory && put_svg(to, text, size))
        status = CAIRO_STATUS_WRITE_ERROR;
    free(text);
    free(d.entries);
    return status == CAIRO_STATUS_SUCCESS ? 0
                                          : ipd_fail(e, IPD_EIO, "the figure cannot be written: %s",
                                                     cairo_status_to_string(status));
}
