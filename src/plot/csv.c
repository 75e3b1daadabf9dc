/* csv.c - see csv.h. */
#include "plot/csv.h"
#include "base/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int read_all(char **text, size_t *size, const char *path, ipd_error *e)
{
    FILE *from = strcmp(path, "-") ? fopen(path, "rb") : stdin;
    size_t room = 1 << 16, n = 0, got;
    if (!from)
        return ipd_fail(e, IPD_EIO, "%s: cannot be read: %s", path, strerror(errno));
    *text = malloc(room);
    while (*text && (got = fread(*text + n, 1, room - n - 1, from)) > 0) {
        n += got;
        if (n + 1 == room) {
            char *more = realloc(*text, room *= 2);
            if (!more) {
                free(*text);
                *text = NULL;
                break;
            }
            *text = more;
        }
    }
    int failed = ferror(from), reason = errno;
    if (from != stdin)
        fclose(from);
    if (!*text)
        return ipd_fail(e, IPD_EMEMORY, "%s: no memory to read it", path);
    if (failed)
        return ipd_fail(e, IPD_EIO, "%s: cannot be read: %s", path, strerror(reason));
    if (memchr(*text, 0, n))
        return ipd_fail(e, IPD_EFORMAT, "%s: is not text: a CSV file is expected", path);
    (*text)[n] = 0;
    *size = n;
    return 0;
}

/* Ends the cell at *at and returns it, unquoted in place; *at goes to the next cell, and *end is 1 where
 * this was the last of its line. NULL where a quote is not closed. */
static char *take_cell(char **at, int *end)
{
    char *from = *at, *to = from, *cell = from;
    int quoted = *from == '"';
    from += quoted;
    while (*from && (quoted || (*from != ',' && *from != '\n'))) {
        if (quoted && from[0] == '"') {
            if (from[1] != '"') {
                from++;
                quoted = 0;
                continue;
            }
            from++;
        }
        *to++ = *from++;
    }
    if (quoted)
        return NULL;
    *end = *from != ',';
    *at = *from ? from + 1 : from;
    if (*end && to > cell && to[-1] == '\r')
        to--;
    *to = 0;
    return cell;
}

/* Appends to the array of texts, which has room for a power of two of them, at least 256. */
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

static int read_line(ipd_csv *t, char **at, const char *path, size_t line, size_t *cells,
                     ipd_error *e)
{
    int end = 0;
    size_t count = 0;
    while (!end) {
        char *cell = take_cell(at, &end);
        if (!cell)
            return ipd_fail(e, IPD_EFORMAT, "%s, line %zu: a quoted cell does not end", path, line);
        int failed = line == 1 ? add(&t->name, &t->columns, cell) : add(&t->cell, cells, cell);
        if (failed)
            return ipd_fail(e, IPD_EMEMORY, "%s: no memory for its cells", path);
        count++;
    }
    if (line > 1 && count != t->columns)
        return ipd_fail(e, IPD_EFORMAT, "%s, line %zu: has %zu cells, the first line %zu names",
                        path, line, count, t->columns);
    return 0;
}

int ipd_csv_read(ipd_csv *t, const char *path, ipd_error *e)
{
    size_t size = 0, cells = 0, line = 1;
    *t = (ipd_csv){0};
    if (read_all(&t->text, &size, path, e))
        return -1;
    for (char *at = t->text; *at; line++)
        if (line > 1 && *at == '\n')
            at++;
        else if (read_line(t, &at, path, line, &cells, e))
            return -1;
    if (!t->columns)
        return ipd_fail(e, IPD_EFORMAT, "%s: is empty: a first line with names is expected", path);
    t->rows = cells / t->columns;
    return 0;
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
    const char *text = ipd_csv_cell(t, row, column);
    static const struct {
        const char *text;
        double value;
    } words[] = {{"", NAN},           {"nan", NAN}, {"-nan", NAN}, {"inf", INFINITY},
                 {"-inf", -INFINITY}, {"true", 1},  {"false", 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(text, words[i].text)) {
            *value = words[i].value;
            return 0;
        }
    return ipd_text_to_double(text, value);
}
