/* figure.c - figures as characters, and the choice of the format; see figure.h. */
#include "plot/figure.h"
#include "base/file.h"
#include "config.h"
#include "plot/chart.h"

#include <math.h>
#include <string.h>
#include <strings.h>

enum { PART = IPD_SERIES_INKS }; /* series per chart: more would share their inks */

/* 1 if x ascends, as charts require. */
static int ascends(const ipd_figure_series *s)
{
    for (size_t i = 0; i < s->count; i++)
        if (!isfinite(s->x[i]) || (i && s->x[i] < s->x[i - 1]))
            return 0;
    return 1;
}

static ipd_series to_series(const ipd_figure_series *s, int ink)
{
    return (ipd_series){.name = s->name ? s->name : "",
                        .x = {.array = s->x},
                        .y = {.array = s->y},
                        .count = s->count,
                        .scatter = !s->line || !ascends(s),
                        .no_line = !s->line,
                        .marks = s->marks > 0               ? 1
                                 : s->marks < 0 || !s->line ? 0
                                                            : -1,
                        .ink = (ipd_ink)(IPD_INK_SERIES_1 + ink % IPD_SERIES_INKS)};
}

/* Prints one chart, with as many series as it can hold. */
static int print_part(FILE *to, const ipd_panel *p, int first, int count, int width, int height,
                      ipd_charset charset, int colour, ipd_error *e)
{
    ipd_series series[PART] = {0};
    for (int k = 0; k < count; k++)
        series[k] = to_series(&p->series[first + k], first + k);
    ipd_chart chart = {.title = p->title ? p->title : p->y_label,
                       .x_label = p->x_label,
                       .x_kind = p->x_kind,
                       .y_kind = p->y_kind,
                       .x_whole = p->x_whole,
                       .percent = p->percent,
                       .x_low = p->x.low,
                       .x_high = p->x.high,
                       .y_low = p->y.low,
                       .y_high = p->y.high,
                       .series = series,
                       .series_count = count,
                       .legend = 1};
    return ipd_chart_text(to, &chart, width, height, charset, colour, e);
}

int ipd_figure_text(FILE *to, const ipd_figure *f, int width, int height, ipd_charset charset,
                    int colour, ipd_error *e)
{
    if (f->title)
        fprintf(to, "%s\n\n", f->title);
    for (int i = 0; i < f->panel_count; i++) {
        const ipd_panel *p = &f->panels[i];
        int first = 0;
        do {
            int count = p->series_count - first < PART ? p->series_count - first : PART;
            if (print_part(to, p, first, count, width, height, charset, colour, e))
                return -1;
            first += count;
            if (first < p->series_count || i + 1 < f->panel_count)
                fputc('\n', to);
        } while (first < p->series_count);
    }
    return 0;
}

int ipd_figure_has_cairo(void)
{
#ifdef HAVE_CAIRO
    return 1;
#else
    return 0;
#endif
}

/* The form given by the end of the name (an ipd_figure_form); -1 and *e if it cannot be written. */
static int form_of(const char *path, ipd_error *e)
{
    static const char *const ends[] = {".svg", ".pdf", ".png", ".txt"};
    const char *end = strrchr(path, '.');
    int form = 0;
    if (!*path)
        return ipd_fail(e, IPD_EUSAGE, "the file name is empty. Name a file");
    if (!strcmp(path, "-"))
        return IPD_FORM_TEXT; /* on standard output */
    while (form <= IPD_FORM_TEXT && (!end || strcasecmp(end, ends[form])))
        form++;
    if (form > IPD_FORM_TEXT)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: the name of a figure must end in .svg, .pdf, .png or .txt", path);
    if (form < IPD_FORM_TEXT && !ipd_figure_has_cairo())
        return ipd_fail(e, IPD_ESTATE,
                        "%s: this ipdlam was built without cairo, which draws SVG, PDF and PNG. "
                        "Install libcairo2-dev and build it again, or write a .txt",
                        path);
    return form;
}

int ipd_figure_check(const char *path, ipd_error *e)
{
    return form_of(path, e) < 0 ? -1 : 0;
}

int ipd_figure_write(const ipd_figure *f, const char *path, ipd_error *e)
{
    int form = form_of(path, e);
    if (form < 0)
        return -1;
    ipd_new_file file;
    if (ipd_new_file_open(&file, path, e))
        return -1;
    int failed = form == IPD_FORM_TEXT ? ipd_figure_text(file.stream, f, 78, 18, IPD_BRAILLE, 0, e)
                                       : ipd_figure_draw(f, (ipd_figure_form)form, file.stream, e);
    if (failed) {
        ipd_new_file_abandon(&file);
        return -1;
    }
    return ipd_new_file_commit(&file, e);
}

#ifndef HAVE_CAIRO
int ipd_figure_draw(const ipd_figure *f, ipd_figure_form form, FILE *to, ipd_error *e)
{
    (void)f, (void)form, (void)to;
    return ipd_fail(e, IPD_ESTATE, "this ipdlam was built without cairo");
}
#endif
