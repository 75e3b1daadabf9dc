/* figure.h - figures of one or several panels: SVG, PDF and PNG through cairo, or characters.
 *
 *     ipd_figure_series s = {.name = "alpha = 0.7", .x = k, .y = fv, .count = n, .line = 1};
 *     ipd_panel panel = {.title = "MNIST", .x_label = "epoch", .y_kind = IPD_LOG, .series = &s,
 *                        .series_count = 1};
 *     ipd_figure figure = {.title = "Figure 1", .panels = &panel, .panel_count = 1};
 *     ipd_figure_write(&figure, "fig1.svg", &e);
 *
 * The same figure with the same fonts gives the same bytes: files have no date.
 */
#ifndef IPD_PLOT_FIGURE_H
#define IPD_PLOT_FIGURE_H

#include "plot/canvas.h"
#include "plot/scale.h"

/* One line of a panel; borrows all arrays. Series of the same name share a colour and one entry of
 * the legend, over all panels. A value that is not finite or (log) not positive leaves a gap;
 * values that are infinite or beyond the axis have an arrow at the edge. */
typedef struct ipd_figure_series {
    const char *name;
    const double *x, *y;      /* count of each */
    const double *low, *high; /* shaded from low to high, count of each; NULL: nothing */
    size_t count;
    int line;        /* 1: points are joined */
    int marks;       /* 1: on each point; -1: if there are few points */
    int colour;      /* 1, 2, ...; 0: by the order of names */
    int dash;        /* 1 solid, 2 dashed, 3 dotted, 4 both; 0: changes when colours repeat */
    const char *tag; /* beside the upper end of a vertical line; NULL: nothing */
} ipd_figure_series;

/* The ends of an axis; the data determine them unless low < high. */
typedef struct ipd_figure_range {
    double low, high;
} ipd_figure_range;

typedef struct ipd_panel {
    const char *title, *x_label, *y_label; /* or NULL */
    ipd_scale_kind x_kind, y_kind;
    int x_whole; /* 1: ticks of x are whole numbers */
    int percent; /* 1: y holds fractions, shown in percent */
    ipd_figure_range x, y;
    const ipd_figure_series *series;
    int series_count;
} ipd_panel;

typedef struct ipd_figure {
    const char *title; /* or NULL */
    const ipd_panel *panels;
    int panel_count;
    int columns;          /* panels in a row; 0: up to two */
    double width, height; /* of a panel, in points; 0: 252, the column of a paper, and 180 */
} ipd_figure;

/* Writes the figure to a file, in the format given by the end of its name: .svg, .pdf, .png, or
 * .txt for characters. The file is complete or unchanged. IPD_EUSAGE for another end; IPD_ESTATE if
 * the program was built without cairo. Any thread. */
int ipd_figure_write(const ipd_figure *f, const char *path, ipd_error *e);
/* Returns 0 if this file can be written, else -1 and *e. To be called before long work. */
int ipd_figure_check(const char *path, ipd_error *e);

/* 1 if SVG, PDF and PNG can be written. */
int ipd_figure_has_cairo(void);

/* Writes every panel as a chart of characters, one below the other, each `height` lines of at most
 * `width` columns. Spreads are omitted; a panel with more series than a chart can hold becomes
 * several charts. Any thread. */
int ipd_figure_text(FILE *to, const ipd_figure *f, int width, int height, ipd_charset charset,
                    int colour, ipd_error *e);

/* Within src/plot: the forms of a file; and figure_cairo.c, which draws to a stream in all but the
 * last. */
typedef enum ipd_figure_form {
    IPD_FORM_SVG,
    IPD_FORM_PDF,
    IPD_FORM_PNG,
    IPD_FORM_TEXT
} ipd_figure_form;
int ipd_figure_draw(const ipd_figure *f, ipd_figure_form form, FILE *to, ipd_error *e);

/* The axes of a panel, y widened a little. */
void ipd_figure_scales(const ipd_panel *p, ipd_scale *x, ipd_scale *y);

#endif
