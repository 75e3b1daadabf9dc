#include "plot/csv.h"
#include "base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_BYTES = 1 << 30 };

/* The position in a text. */
typedef struct reader {
    char *at;
    size_t line; /* from 1 */
    const char *name;
} reader;

/* Ends the cell and returns it, unquoted in place; unquoted cells lose the blanks around them.
 * *end: 1 for the last cell of a line. NULL if a quote is not closed. */
static char *take_cell(reader *r, int *end)
{
    char *from = r->at + strspn(r->at, " \t"), *cell = from, *to = from, *kept = from;
    int quoted = 0;

    if (*from == '"')
        quoted = 1, from++;
    while (*from && (quoted || !strchr(",\r\n", *from))) {
        if (quoted && *from == '"' && from[1] != '"') {
            quoted = 0;
            from++;
            kept = to;
            continue;
        }
        from += quoted && *from == '"'; /* a doubled quote is one */
        r->line += quoted && *from == '\n';
        *to++ = *from;
        if (quoted || !strchr(" \t", *from))
            kept = to;
        from++;
    }
    if (quoted)
        return NULL;
    *end = *from != ',';
    if (*from == '\r' && from[1] == '\n')
        from++;
    r->line += *from && *end;
    r->at = *from ? from + 1 : from;
    *kept = 0;
    return cell;
}

/* Appends to the array of texts, whose capacity is a power of two, at least 256. */
static int add(const char ***list, size_t *count, const char *text)
{
    if (!*list || (*count >= 256 && !(*count & (*count - 1)))) {
        const char **bigger = realloc(*list, (*count ? 2 * *count : 256) * sizeof *bigger);
        if (!bigger)
            return -1;
        *list = bigger;
    }
    (*list)[(*count)++] = text;
    return 0;
}

/* Reads one row; the first has the names. */
static int read_row(ipd_csv *t, reader *r, size_t *cells, ipd_error *e)
{
    int end = 0, names = !t->columns;
    size_t count = 0, line = r->line;

    while (!end) {
        char *cell = take_cell(r, &end);
        if (!cell)
            return ipd_fail(e, IPD_EFORMAT, "%s, line %zu: a quoted cell does not end", r->name,
                            line);
        if (names)
            ipd_make_line(cell); /* names are shown on terminals */
        if (names ? add(&t->name, &t->columns, cell) : add(&t->cell, cells, cell))
            return ipd_fail(e, IPD_EMEMORY, "%s: not enough memory for its cells", r->name);
        count++;
    }
    if (count != t->columns)
        return ipd_fail(e, IPD_EFORMAT,
                        "%s, line %zu: has %zu cell%s, but the first line names %zu", r->name, line,
                        count, count > 1 ? "s" : "", t->columns);
    return 0;
}

static void skip_blank_lines(reader *r)
{
    for (;;) {
        char *end = r->at + strspn(r->at, " \t");
        if (*end && *end != '\n' && *end != '\r')
            return;
        r->line += *end != 0;
        r->at = end + (end[0] == '\r' && end[1] == '\n') + (*end != 0);
        if (!*end)
            return;
    }
}

int ipd_csv_parse(ipd_csv *t, char *text, const char *name, ipd_error *e)
{
    reader r = {text, 1, name};
    size_t cells = 0;

    *t = (ipd_csv){.text = text};
    for (skip_blank_lines(&r); *r.at; skip_blank_lines(&r))
        if (read_row(t, &r, &cells, e))
            return -1;
    if (!t->columns)
        return ipd_fail(e, IPD_EFORMAT, "%s: is empty. The first line must name the columns", name);
    t->rows = cells / t->columns;
    return 0;
}

int ipd_csv_read(ipd_csv *t, const char *path, ipd_error *e)
{
    char *text = ipd_file_text(path, MAX_BYTES, 1, e);

    *t = (ipd_csv){0};
    return text ? ipd_csv_parse(t, text, path, e) : -1;
}

void ipd_csv_free(ipd_csv *t)
{
    free(t->text);
    free(t->name);
    free(t->cell);
    *t = (ipd_csv){0};
}

long ipd_csv_column(const ipd_csv *t, const char *name)
{
    for (size_t i = 0; i < t->columns; i++)
        if (!strcmp(t->name[i], name))
            return (long)i;
    return -1;
}

const char *ipd_csv_cell(const ipd_csv *t, size_t row, size_t column)
{
    return t->cell[row * t->columns + column];
}

int ipd_csv_number(const ipd_csv *t, size_t row, size_t column, double *value)
{
    static const char *const missing[] = {"", "na", "n/a", "#n/a", "null", "none"};
    const char *text = ipd_csv_cell(t, row, column);
    char *end;
    int truth = !strcasecmp(text, "true");

    *value = NAN;
    for (size_t i = 0; i < sizeof missing / sizeof *missing; i++)
        if (!strcasecmp(text, missing[i]))
            return 0;
    if (truth || !strcasecmp(text, "false")) {
        *value = truth;
        return 0;
    }
    /* Also "NaN", "-inf" and "Infinity". Numbers beyond doubles are infinite or 0, as elsewhere. */
    double x = strtod(text, &end);
    if (end == text || end[strspn(end, " \t")])
        return -1;
    *value = x;
    return 0;
}
