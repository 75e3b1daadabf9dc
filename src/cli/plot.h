/* plot.h - makes the series of a figure from the rows of CSV files. */
#ifndef IPD_CLI_PLOT_H
#define IPD_CLI_PLOT_H

#include "plot/csv.h"
#include "plot/figure.h"

enum { IPD_PLOT_MAX_BY = 8 };

/* The columns to draw. */
typedef struct ipd_plot_choice {
    const char *x, *y;               /* x = "seconds" means the time since the run's start */
    const char *by[IPD_PLOT_MAX_BY]; /* one series per combination of values in these columns */
    int by_count;
    const char *prefix; /* of the series' names, or NULL */
} ipd_plot_choice;

/* Appends the chosen series to the array *series of *count elements, which is reallocated. Rows of
 * a series with the same iteration (without that column: the same x) are averaged; the band is the
 * mean plus and minus one standard deviation. Rows without a finite x are skipped. The caller frees
 * the array with ipd_plot_free. */
int ipd_plot_series(const ipd_csv *t, const char *path, const ipd_plot_choice *choice,
                    ipd_figure_series **series, int *count, ipd_error *e);
/* Returns 1 if at least one y is a number. */
int ipd_plot_has_values(const ipd_figure_series *series);
void ipd_plot_free_series(ipd_figure_series *series); /* frees the members of one series */
void ipd_plot_free(ipd_figure_series *series, int count);

#endif
