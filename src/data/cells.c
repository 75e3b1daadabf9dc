/* cells.c - see cells.h. */
#include "data/cells.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void ipd_cells_free(ipd_cells *c)
{
    free(c->buffer);
    c->buffer = NULL;
}

static int is_blank(const ipd_cells *c, char x)
{
    return (x == ' ' || x == '\t') && x != c->separator;
}

static void skip_end_of_line(ipd_cells *c)
{
    if (c->at < c->end && *c->at == '\r')
        c->at++;
    if (c->at < c->end && *c->at == '\n')
        c->at++;
    c->next_line++;
}

static void skip_blank_lines(ipd_cells *c)
{
    for (;;) {
        const char *at = c->at;
        while (at < c->end && is_blank(c, *at))
            at++;
        if (at == c->end) {
            c->at = at;
            return;
        }
        if (*at != '\n' && *at != '\r')
            return;
        c->at = at;
        skip_end_of_line(c);
    }
}

/* Copies a quoted cell without its quotes; c->at is behind the opening quote. */
static int read_quoted(ipd_cells *c, ipd_error *e)
{
    size_t n = 0;
    c->quoted = 1;
    for (;; c->at++) {
        if (c->at == c->end)
            return ipd_fail(e, IPD_EFORMAT, "line %zu, column %zu: a quoted cell does not end",
                            c->line, c->column);
        if (*c->at == '"' && (c->at + 1 == c->end || c->at[1] != '"'))
            break;
        c->at += *c->at == '"'; /* a doubled quote is one */
        c->next_line += *c->at == '\n';
        if (n >= IPD_CELL_MAX)
            return ipd_fail(e, IPD_EFORMAT, "line %zu, column %zu: a cell has more than %d bytes",
                            c->line, c->column, IPD_CELL_MAX);
        if (n == c->size) {
            size_t size = c->size ? 2 * c->size : 256;
            char *more = realloc(c->buffer, size);
            if (!more)
                return ipd_fail(e, IPD_EMEMORY, "out of memory");
            c->buffer = more;
            c->size = size;
        }
        c->buffer[n++] = *c->at;
    }
    c->at++;
    while (c->at < c->end && is_blank(c, *c->at))
        c->at++;
    if (c->at < c->end && *c->at != c->separator && *c->at != '\n' && *c->at != '\r')
        return ipd_fail(e, IPD_EFORMAT, "line %zu, column %zu: text follows a quoted cell", c->line,
                        c->column);
    c->cell = n ? c->buffer : "";
    c->length = n;
    return 0;
}

static int read_plain(ipd_cells *c, ipd_error *e)
{
    const char *from = c->at, *to;
    c->quoted = 0;
    while (c->at < c->end && *c->at != c->separator && *c->at != '\n' && *c->at != '\r')
        c->at++;
    for (to = c->at; to > from && is_blank(c, to[-1]);)
        to--;
    c->cell = from;
    c->length = (size_t)(to - from);
    if (c->length > IPD_CELL_MAX)
        return ipd_fail(e, IPD_EFORMAT, "line %zu, column %zu: a cell has more than %d bytes",
                        c->line, c->column, IPD_CELL_MAX);
    return 0;
}

int ipd_cells_next(ipd_cells *c, ipd_error *e)
{
    if (!c->started || c->last) {
        skip_blank_lines(c);
        if (c->at == c->end)
            return 0;
        c->line = c->next_line + 1;
        c->column = 0;
        c->started = 1;
    }
    c->column++;
    while (c->at < c->end && is_blank(c, *c->at))
        c->at++;
    if (c->at < c->end && *c->at == '"' ? (c->at++, read_quoted(c, e)) : read_plain(c, e))
        return -1;
    c->last = c->at == c->end || *c->at != c->separator;
    if (!c->last)
        c->at++;
    else
        skip_end_of_line(c);
    return 1;
}

char ipd_cells_guess(const char *text, size_t length)
{
    static const char separators[] = "\t;,|";
    const char *end = memchr(text, '\n', length);
    size_t counts[4] = {0}, first = end ? (size_t)(end - text) : length;
    int quoted = 0, best = 2;
    for (size_t i = 0; i < first; i++) {
        quoted ^= text[i] == '"';
        for (int k = 0; k < 4 && !quoted; k++)
            counts[k] += text[i] == separators[k];
    }
    for (int k = 0; k < 4; k++) /* tab and semicolon come first: commas may be decimal points */
        if (counts[k] && (best == 2 ? k < 2 || !counts[2] : 0))
            best = k;
    return separators[best];
}

/* Whole numbers of up to 15 digits, which most tables consist of. */
static int read_whole(const char *cell, size_t length, double *value)
{
    size_t i = length && *cell == '-';
    int64_t n = 0;
    if (length == i || length > 15)
        return -1;
    for (size_t k = i; k < length; k++) {
        if (!isdigit((unsigned char)cell[k]))
            return -1;
        n = 10 * n + cell[k] - '0';
    }
    *value = (double)(i ? -n : n);
    return 0;
}

int ipd_cells_number(const char *cell, size_t length, char decimal, double *value)
{
    char text[64], *end;
    if (read_whole(cell, length, value) == 0)
        return 0;
    if (!length || length >= sizeof text)
        return -1;
    for (size_t i = 0; i < length; i++) {
        char x = cell[i];
        if (!isdigit((unsigned char)x) && !strchr("+-eE", x) && x != decimal)
            return -1;
        text[i] = (char)(x == decimal ? '.' : x);
    }
    text[length] = 0;
    double x = strtod(text, &end);
    if (end != text + length || !isfinite(x))
        return -1;
    *value = x;
    return 0;
}

int ipd_cells_is_missing(const char *cell, size_t length)
{
    static const char *const words[] = {"na", "n/a", "#n/a", "nan", "null", "none", "-", "?"};
    if (!length)
        return 1;
    for (size_t i = 0; i < sizeof words / sizeof *words && length < 5; i++)
        if (strlen(words[i]) == length && !strncasecmp(cell, words[i], length))
            return 1;
    return 0;
}
