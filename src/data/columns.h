/* columns.h - the columns of a table: names, what is in them, and what each is for. */
#ifndef IPD_DATA_COLUMNS_H
#define IPD_DATA_COLUMNS_H

#include "data/cells.h"
#include "data/reading.h"

typedef enum ipd_role { IPD_ROLE_NONE, IPD_ROLE_INPUT, IPD_ROLE_TARGET, IPD_ROLE_SPLIT } ipd_role;

typedef struct ipd_table_column {
    char *name;
    ipd_role role;
    int is_text;          /* 1: a category; its values are names */
    ipd_names values;     /* of a category in use: sorted, or those of the saved weights */
    size_t first, inputs; /* the inputs that it becomes */
    /* What the scan found. */
    size_t numbers, texts, missing;
    size_t text_line, missing_line; /* the first */
    char text[48];
    double min, max, sum;
    int unnamed, counts; /* counts: holds 0, 1, 2 ... or 1, 2, 3 ... */
} ipd_table_column;

typedef struct ipd_table {
    const char *path;
    char *memory;     /* of the file; owned */
    ipd_space *space; /* that holds it, or NULL; borrowed */
    const char *text; /* the file without its byte order mark */
    size_t length;
    char separator, decimal;
    int header;
    size_t rows;
    ipd_table_column *columns;
    size_t count;
} ipd_table;

/* Reads the file, finds the form, and scans all cells. On failure nothing is owned. */
int ipd_table_scan(ipd_table *t, const ipd_reading *r, ipd_error *e);
/* Decides what each column is for. r->old or the options choose. */
int ipd_table_choose(ipd_table *t, ipd_reading *r, ipd_error *e);
/* A position before the first row of values. */
ipd_cells ipd_table_rows(const ipd_table *t);
/* Publishes, now and then, how far a step is. */
int ipd_table_report(const ipd_table *t, const ipd_reading *r, const ipd_cells *c, const char *step,
                     ipd_error *e);
void ipd_table_free(ipd_table *t);

#endif
