/* table_files.c - the files of a table, and its rows in their order. See columns.h. */
#include "data/columns.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of the given text with a final NUL. */
static char *copy_text(const ipd_reading *r, size_t *length, ipd_error *e)
{
    char *copy = ipd_space_allocate(r->d->space, r->length + 1, 1, e);
    if (copy)
        memcpy(copy, r->text, r->length);
    *length = r->length;
    return copy;
}

static int open_file(ipd_table *t, ipd_table_file *f, const char *path, const ipd_reading *r,
                     ipd_error *e)
{
    f->path = path;
    f->before = t->length;
    f->memory = r->text ? copy_text(r, &f->length, e)
                        : ipd_read_unpacked(t->space, path, &f->length, r->progress, e);
    if (!f->memory)
        return -1;
    f->text = f->length > 2 ? ipd_text_begin(f->memory) : f->memory;
    f->length -= (size_t)(f->text - f->memory);
    t->length += f->length;
    if (f->length > 3 && !f->text[0] && !f->text[1])
        return ipd_fail(e, IPD_EFORMAT, "%s: is one IDX file. Name the folder that holds the four",
                        path);
    const char *zero = memchr(f->text, 0, f->length);
    return zero ? ipd_fail(e, IPD_EFORMAT,
                           "%s: is neither text, an array of NumPy, safetensors nor IDX: byte %td "
                           "is NUL. Save tables as UTF-8",
                           path, zero - f->memory + 1)
                : 0;
}

int ipd_table_open(ipd_table *t, const ipd_reading *r, ipd_error *e)
{
    size_t count = 1;
    while (r->more && r->more[count - 1])
        count++;
    if (!(t->files = ipd_allocate(count, sizeof *t->files, e)))
        return -1;
    for (size_t i = 0; i < count; i++) {
        t->file_count++;
        if (open_file(t, &t->files[i], i ? r->more[i - 1] : r->path, r, e))
            return -1;
    }
    return 0;
}

ipd_cells ipd_table_cells(const ipd_table *t, size_t file)
{
    const ipd_table_file *f = &t->files[file];
    return (ipd_cells){
        .at = f->text, .end = f->text + f->length, .separator = t->separator, .file = file};
}

int ipd_table_fail(const ipd_table *t, size_t file, ipd_error *e)
{
    if (!e)
        return -1;
    ipd_error cell = *e;
    return ipd_fail(e, cell.code, "%.300s, %s", t->files[file].path, cell.text);
}

/* Skips the names at the beginning of a file. */
static void skip_header(const ipd_table *t, ipd_cells *c)
{
    ipd_error e;
    while (t->files[c->file].header && ipd_cells_next(c, &e) == 1 && !c->last)
        ;
}

ipd_cells ipd_table_rows(const ipd_table *t)
{
    ipd_cells c = ipd_table_cells(t, 0);
    skip_header(t, &c);
    return c;
}

int ipd_table_next(const ipd_table *t, ipd_cells *c, ipd_error *e)
{
    for (;;) {
        int more = ipd_cells_next(c, e);
        if (more < 0)
            return ipd_table_fail(t, c->file, e);
        if (more || c->file + 1 == t->file_count)
            return more;
        ipd_cells next = ipd_table_cells(t, c->file + 1);
        next.buffer = c->buffer;
        next.size = c->size;
        *c = next;
        skip_header(t, c);
    }
}

/* 1 if the cell holds the name of its column. */
static int is_name(const ipd_table *t, const ipd_cells *c)
{
    char *name = c->column > t->count ? NULL : strndup(c->cell, c->length);
    if (name)
        ipd_make_line(name);
    const ipd_table_column *column = name ? &t->columns[c->column - 1] : NULL;
    int is = column && (*name ? !strcmp(name, column->name) : column->unnamed);
    free(name);
    return is;
}

static int check_file(ipd_table *t, size_t i, int named, ipd_error *e)
{
    ipd_cells c = ipd_table_cells(t, i);
    size_t line = 0, differs = 0, numbers = 0;
    char found[48] = "";
    double x;
    int more;
    while ((more = ipd_cells_next(&c, e)) == 1) {
        line = c.line;
        numbers += ipd_cells_number(c.cell, c.length, t->decimal, &x) == 0;
        if (!differs && !is_name(t, &c)) {
            differs = c.column;
            snprintf(found, sizeof found, "%.*s", c.length < 40 ? (int)c.length : 40, c.cell);
        }
        if (c.last)
            break;
    }
    if (!differs && c.column < t->count)
        differs = c.column + 1;
    ipd_cells_free(&c);
    if (more < 0)
        return ipd_table_fail(t, i, e);
    t->files[i].header = !differs;
    if (!line || !differs || (numbers && !named)) /* empty, with a header, or values */
        return 0;
    ipd_make_line(found);
    return ipd_fail(e, IPD_EFORMAT,
                    "%.200s, line %zu, column %zu: the header has \"%s\", but that of %.200s has "
                    "\"%.40s\". All files need the same columns",
                    t->files[i].path, line, differs, found, t->path,
                    differs <= t->count ? t->columns[differs - 1].name : "");
}

int ipd_table_check_files(ipd_table *t, int named, ipd_error *e)
{
    for (size_t i = 1; i < t->file_count && t->files->header; i++)
        if (check_file(t, i, named, e))
            return -1;
    return 0;
}
