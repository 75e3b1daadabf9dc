/* plot.c - `ipdlam plot`: draws columns of CSV files as a chart of characters or as a figure. */
#include "cli/plot.h"
#include "cli/cli.h"
#include "cli/machine.h"
#include "cli/options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_FILES = 64, MAX_PANELS = 16 };

typedef struct plot {
    char **files;
    int file_count;
    const char *x, *y, *by, *title, *output;
    int log_x, log_y;
    long width, height, columns;
    char *words; /* copies of y and by, split at commas */
    ipd_csv tables[MAX_FILES];
    ipd_panel panels[MAX_PANELS];
    int panel_count;
} plot;

/* Splits a list at its commas, in place. Returns the number of words, or -1 and *e. */
static int cut(char *text, const char **words, int max, const char *option, ipd_error *e)
{
    int count = 0;
    for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
        if (count == max)
            return ipd_fail(e, IPD_EUSAGE, "--%s names more than %d columns", option, max);
        words[count++] = word;
    }
    return count ? count : ipd_fail(e, IPD_EUSAGE, "--%s names no column", option);
}

static int ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && !strcmp(text + n - m, end);
}

/* The file's name without folder and extension. */
static const char *short_name(const char *path, char *to, size_t size)
{
    const char *slash = strrchr(path, '/');
    snprintf(to, size, "%s", slash ? slash + 1 : path);
    char *dot = strrchr(to, '.');
    if (dot && dot > to)
        *dot = 0;
    return to;
}

/* The prefix of the names of a file's series: the file's name, or its path if another file has the
 * same name. */
static const char *prefix_of(const plot *p, int file, char *to, size_t size)
{
    char other[256];

    short_name(p->files[file], to, size);
    for (int i = 0; i < p->file_count; i++)
        if (i != file && !strcmp(short_name(p->files[i], other, sizeof other), to))
            return p->files[file];
    return to;
}

/* Returns 1 if the accuracies in the file are R², not fractions: its column `measure` says so, or
 * it has root mean squared errors. */
static int has_values(const ipd_csv *t)
{
    static const char *const names[] = {"measure", "train_rmse", "test_rmse", "validation_rmse"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        long column = ipd_csv_column(t, names[i]);
        for (size_t row = 0; row < t->rows && column >= 0; row++) {
            double x;
            if (i ? !ipd_csv_number(t, row, (size_t)column, &x) && isfinite(x)
                  : !strcmp(ipd_csv_cell(t, row, (size_t)column), "R2"))
                return 1;
        }
    }
    return 0;
}

/* Reads the series of column c->y of all files into a panel, including series without values. */
static int read_panel(plot *p, ipd_panel *panel, const ipd_plot_choice *c, ipd_error *e)
{
    ipd_figure_series *series = NULL;
    int count = 0, failed = 0, percent = ends_with(c->y, "accuracy");
    char name[256];

    for (int i = 0; i < p->file_count && !failed; i++) {
        ipd_plot_choice choice = *c;
        percent = percent && !has_values(&p->tables[i]);
        if (p->file_count > 1)
            choice.prefix = prefix_of(p, i, name, sizeof name);
        /* The table of a sweep has a column with the names of its runs. */
        if (!p->by && ipd_csv_column(&p->tables[i], "run") >= 0) {
            choice.by[0] = "run";
            choice.by_count = 1;
        }
        failed = ipd_plot_series(&p->tables[i], p->files[i], &choice, &series, &count, e);
    }
    *panel = (ipd_panel){.title = c->y,
                         .x_label = c->x,
                         .x_kind = p->log_x ? IPD_LOG : IPD_LINEAR,
                         .y_kind = p->log_y ? IPD_LOG : IPD_LINEAR,
                         .x_whole = !strcmp(c->x, "iteration"),
                         .percent = percent,
                         .series = series,
                         .series_count = count};
    return failed;
}

static int all_have_values(const ipd_panel *panel)
{
    for (int i = 0; i < panel->series_count; i++)
        if (!ipd_plot_has_values(&panel->series[i]))
            return 0;
    return 1;
}

static int all_have_column(const plot *p, const char *name)
{
    for (int i = 0; i < p->file_count; i++)
        if (ipd_csv_column(&p->tables[i], name) < 0)
            return 0;
    return 1;
}

/* Removes series without values, with a warning; fails if no series remains. */
static int remove_empty(const plot *p, ipd_panel *panel, ipd_error *e)
{
    ipd_figure_series *series = (ipd_figure_series *)panel->series;
    int kept = 0, forward = !strcmp(panel->title, "phi") && all_have_column(p, "forward_loss");

    for (int i = 0; i < panel->series_count; i++)
        kept += ipd_plot_has_values(&series[i]);
    if (!kept)
        return ipd_fail(e, IPD_EFORMAT, "%s: column %s has no values%s", p->files[0], panel->title,
                        forward ? ". Use --y forward_loss." : "");
    kept = 0;
    for (int i = 0; i < panel->series_count; i++) {
        if (ipd_plot_has_values(&series[i])) {
            series[kept++] = series[i];
            continue;
        }
        fprintf(stderr, "ipdlam plot: %s has no %s%s\n", series[i].name, panel->title,
                forward ? ". --y forward_loss draws every run." : "");
        ipd_plot_free_series(&series[i]);
    }
    panel->series_count = kept;
    return 0;
}

/* Makes a panel. Without --y the column is phi if every run has it, otherwise forward_loss. */
static int make_panel(plot *p, ipd_plot_choice *c, int by_default, ipd_error *e)
{
    ipd_panel *panel = &p->panels[p->panel_count++];

    if (by_default && ipd_csv_column(&p->tables[0], c->y) < 0 && all_have_column(p, "forward_loss"))
        c->y = "forward_loss";
    if (read_panel(p, panel, c, e))
        return -1;
    if (by_default && !all_have_values(panel) && all_have_column(p, "forward_loss")) {
        ipd_plot_free((ipd_figure_series *)panel->series, panel->series_count);
        c->y = "forward_loss";
        if (read_panel(p, panel, c, e))
            return -1;
    }
    return remove_empty(p, panel, e);
}

static int make_figure(plot *p, ipd_error *e)
{
    const char *columns[MAX_PANELS];
    const char *y = p->y ? p->y : "phi";
    ipd_plot_choice choice = {.x = p->x};
    char *by = NULL;
    size_t length = strlen(y) + 1, by_length = p->by ? strlen(p->by) + 1 : 0;
    if (!(p->words = malloc(length + by_length)))
        return ipd_fail(e, IPD_EMEMORY, "not enough memory for the names of the columns");
    memcpy(p->words, y, length);
    if (p->by)
        by = memcpy(p->words + length, p->by, by_length);
    int count = cut(p->words, columns, MAX_PANELS, "y", e);
    if (count < 0)
        return -1;
    if (by && (choice.by_count = cut(by, choice.by, IPD_PLOT_MAX_BY, "by", e)) < 0)
        return -1;
    for (int i = 0; i < p->file_count; i++)
        if (ipd_csv_read(&p->tables[i], p->files[i], e))
            return -1;
    for (int i = 0; i < count; i++) {
        choice.y = columns[i];
        if (make_panel(p, &choice, !p->y, e))
            return -1;
    }
    return 0;
}

static int show(const plot *p, ipd_error *e)
{
    ipd_figure f = {.title = p->title,
                    .panels = p->panels,
                    .panel_count = p->panel_count,
                    .columns = (int)p->columns};
    if (p->output) {
        f.width = (double)p->width;
        f.height = (double)p->height;
        return ipd_figure_write(&f, p->output, e);
    }
    int width = ipd_terminal_width(STDOUT_FILENO, 72);
    width = p->width ? (int)p->width : width > 100 ? 100 : width;
    return ipd_figure_text(stdout, &f, width, p->height ? (int)p->height : 16,
                           ipd_charset_of_locale(), isatty(STDOUT_FILENO) && !getenv("NO_COLOR"),
                           e);
}

int ipd_cli_plot(int argc, char **argv)
{
    static plot p;
    ipd_error e;
    p = (plot){.x = "iteration", .files = argv + 1};
    const ipd_option table[] = {
        IPD_OPTION("x", "COLUMN", &p.x,
                   "column of the x axis (default iteration; seconds: since a run's start)"),
        IPD_OPTION(
            "y", "COLUMN,...", &p.y,
            "columns to draw, a panel each (default phi, or forward_loss if a run has no phi)"),
        IPD_OPTION("by", "COLUMN,...", &p.by,
                   "columns whose values make the series (default: run, if there is one)"),
        IPD_OPTION("log-x", NULL, &p.log_x, "use a logarithmic x axis"),
        IPD_OPTION("log-y", NULL, &p.log_y, "use logarithmic y axes"),
        IPD_OPTION("title", "TEXT", &p.title, "title above the figure"),
        IPD_OPTION("output", "FILE", &p.output, "write a figure: .svg, .pdf, .png or .txt"),
        IPD_OPTION_IN("columns", "N", &p.columns, 1, 16,
                      "panels per row of a figure (default: up to 2)"),
        IPD_OPTION_IN("width", "N", &p.width, 20, 4000,
                      "width of a panel: columns of characters, or points in a figure"),
        IPD_OPTION_IN("height", "N", &p.height, 4, 4000,
                      "height of a panel: lines, or points in a figure"),
        {0}};
    const ipd_options options = {
        .name = "plot",
        .usage = " FILE... [OPTION...]\n\nDraws columns of CSV files, as written by train "
                 "--csv and sweep (- for standard\ninput), as a chart of characters, or as a "
                 "figure with --output. Rows of one series\nwith the same iteration, such as those "
                 "of several seeds, are averaged.",
        .table = table,
        .operands = &p.file_count,
        .max_operands = MAX_FILES};
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    int failed = !p.file_count ? ipd_fail(&e, IPD_EUSAGE,
                                          "name a file: ipdlam plot FILE.csv draws phi of a run")
                               : make_figure(&p, &e) || show(&p, &e);
    code = failed ? ipd_cli_error("plot", &e) : IPD_EXIT_DONE;
    for (int i = 0; i < p.panel_count; i++)
        ipd_plot_free((ipd_figure_series *)p.panels[i].series, p.panels[i].series_count);
    for (int i = 0; i < MAX_FILES; i++)
        ipd_csv_free(&p.tables[i]);
    free(p.words);
    return code;
}
