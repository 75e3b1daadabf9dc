/* columns.h - the columns of a table: their names, contents and roles. */
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
    size_t first, inputs; /* the range of inputs that it becomes */
    /* Found by the scan: numbers of cells, the first text, range and sum of the numbers. */
    size_t numbers, texts, missing;
    char text[48];
    double min, max, sum;
    int unnamed; /* 1: the header has no name for it */
    int counts;  /* 1: it counts the rows, from 0 or from 1 */
} ipd_table_column;

/* A file of the table. The rows of each file follow those of the file before. */
typedef struct ipd_table_file {
    const char *path;
    char *memory;     /* owned */
    const char *text; /* without the byte order mark */
    size_t length;
    size_t before; /* total length of the files before it */
    int header;    /* 1: the first row has the names of the columns */
} ipd_table_file;

typedef struct ipd_table {
    const char *path; /* of the first file */
    ipd_space *space; /* that holds the files, or NULL; borrowed */
    ipd_table_file *files;
    size_t file_count;
    size_t length; /* of all files */
    char separator, decimal;
    size_t rows;
    ipd_table_column *columns;
    size_t count;
} ipd_table;

/* Reads the files, finds separator and header, and scans all cells. On failure *t owns nothing. */
int ipd_table_scan(ipd_table *t, const ipd_reading *r, ipd_error *e);
/* Sets the columns' roles, by r->old or the options. */
int ipd_table_choose(ipd_table *t, ipd_reading *r, ipd_error *e);
/* table_files.c: reads the files of r into t->files. */
int ipd_table_open(ipd_table *t, const ipd_reading *r, ipd_error *e);
/* A position at the beginning of a file. */
ipd_cells ipd_table_cells(const ipd_table *t, size_t file);
/* Sets `header` of the files after the first. Fails if the first row of one has other names;
 * numbers in it make it a row of values, unless `named` says that every file has names. */
int ipd_table_check_files(ipd_table *t, int named, ipd_error *e);
/* Puts the file before "line 3, column 2: ..." in *e. Returns -1. */
int ipd_table_fail(const ipd_table *t, size_t file, ipd_error *e);
/* A position before the first row of values. */
ipd_cells ipd_table_rows(const ipd_table *t);
/* ipd_cells_next, through all files without their headers. */
int ipd_table_next(const ipd_table *t, ipd_cells *c, ipd_error *e);
/* Reports the progress of a step, about every 4096 lines. -1 and *e if the user stops it. */
int ipd_table_report(const ipd_table *t, const ipd_reading *r, const ipd_cells *c, const char *step,
                     ipd_error *e);
void ipd_table_free(ipd_table *t);

#endif
