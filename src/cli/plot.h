/* plot.h - from the rows of CSV files to the series of a figure. */
#ifndef IPD_CLI_PLOT_H
#define IPD_CLI_PLOT_H

#include "plot/csv.h"
#include "plot/figure.h"

enum { IPD_PLOT_MAX_BY = 8 };

/* What to take from a file. */
typedef struct ipd_plot_choice {
    const char *x, *y;               /* columns; x = "seconds" is the time since a run's start */
    const char *by[IPD_PLOT_MAX_BY]; /* a series for each combination of their values */
    int by_count;
    const char *prefix; /* before the series' names, or NULL */
} ipd_plot_choice;

/* Appends the series of the choice to *series, which has *count of them (realloc). Rows of one series
 * with the same iteration (the same x, where there is no such column) are averaged: the spread is
 * one standard deviation to both sides. Rows without a finite x are left out. The caller frees with
 * ipd_plot_free. */
int ipd_plot_series(const ipd_csv *t, const char *path, const ipd_plot_choice *choice,
                    ipd_figure_series **series, int *count, ipd_error *e);
/* 1 where some y is a number. */
int ipd_plot_has_values(const ipd_figure_series *series);
void ipd_plot_free_series(ipd_figure_series *series); /* what one of them holds */
void ipd_plot_free(ipd_figure_series *series, int count);

#endif
