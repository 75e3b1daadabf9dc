/* cells.h - reads the cells of a table of text: CSV, TSV and their relatives (RFC 4180). */
#ifndef IPD_DATA_CELLS_H
#define IPD_DATA_CELLS_H

#include "base/error.h"

#include <stddef.h>

enum { IPD_CELL_MAX = 1 << 16 }; /* maximum bytes of a cell */

/* A position in a text. Set text, end and separator; zero the rest. */
typedef struct ipd_cells {
    const char *at, *end;
    char separator;
    size_t line, column; /* of the cell last read, from 1; column counts cells */
    size_t file;         /* for the caller: the file that is read */
    size_t next_line;    /* private: lines before `at` */
    int last;            /* 1: the cell was the last of its row */
    int started;
    const char *cell; /* the cell: `length` bytes without quotes and blanks around; no final NUL */
    size_t length;
    int quoted;   /* 1: the cell had quotes */
    char *buffer; /* cells with quotes are copied here; owned */
    size_t size;
} ipd_cells;

/* Reads the next cell; skips blank lines. Returns 1, 0 at the end of the text, or -1 and *e (a
 * quote that does not end, or a cell that is too long). */
int ipd_cells_next(ipd_cells *c, ipd_error *e);
void ipd_cells_free(ipd_cells *c);

/* The separator that the first lines suggest: , ; tab or |. */
char ipd_cells_guess(const char *text, size_t length);

/* Reads a number that is the whole cell, with this decimal point. Returns 0, or -1 if the cell is
 * not a finite number. */
int ipd_cells_number(const char *cell, size_t length, char decimal, double *value);

/* 1 for an empty cell and for NA, N/A, NaN, null, none, -, ?, in any case. */
int ipd_cells_is_missing(const char *cell, size_t length);

#endif
