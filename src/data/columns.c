/* columns.c - finds out what a table holds. See columns.h. */
#include "data/columns.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A column is a category if more than TEXTS_IN_TEN of ten cells with a value are text. */
enum { MAX_COLUMNS = 100000, TEXTS_IN_TEN = 1 };

void ipd_table_free(ipd_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        free(t->columns[i].name);
        ipd_names_free(&t->columns[i].values);
    }
    free(t->columns);
    for (size_t i = 0; i < t->file_count; i++)
        ipd_space_free(t->space, t->files[i].memory);
    free(t->files);
    *t = (ipd_table){0};
}

/* "," if the first 64 KiB have more numbers like 3,14 than like 3.14. */
static char guess_decimal(const ipd_table *t)
{
    const ipd_table_file *f = t->files;
    size_t commas = 0, points = 0, end = f->length < 1 << 16 ? f->length : 1 << 16;
    if (t->separator == ',')
        return '.';
    for (size_t i = 1; i + 1 < end; i++) {
        int inside =
            isdigit((unsigned char)f->text[i - 1]) && isdigit((unsigned char)f->text[i + 1]);
        commas += inside && f->text[i] == ',';
        points += inside && f->text[i] == '.';
    }
    return commas > points ? ',' : '.';
}

static int choose_form(ipd_table *t, const ipd_dataset_options *o, ipd_error *e)
{
    const char *word = o->words[IPD_DATA_SEPARATOR], *decimal = o->words[IPD_DATA_DECIMAL];
    t->separator = !*word ? ipd_cells_guess(t->files->text, t->files->length)
                   : !strcmp(word, "tab") || *word == '\t' ? '\t'
                                                           : *word;
    if (*word && strcmp(word, "tab") &&
        (word[1] || isalnum((unsigned char)*word) || strchr("\"\r\n", *word)))
        return ipd_fail(e, IPD_EUSAGE,
                        "--separator must be one character such as ; or tab, not \"%.20s\"", word);
    if (*decimal && strcmp(decimal, ".") && strcmp(decimal, ","))
        return ipd_fail(e, IPD_EUSAGE, "--decimal must be \".\" or \",\", not \"%.20s\"", decimal);
    t->decimal = *decimal ? *decimal : guess_decimal(t);
    if (t->decimal == t->separator)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s: the separator and the decimal point are both \"%c\". "
                        "Choose another with --separator or --decimal",
                        t->path, t->decimal);
    return 0;
}

/* Whether the first row names the columns: none of its cells is a number. */
static int guess_header(const ipd_table *t, const ipd_encoding *old, ipd_error *e)
{
    ipd_cells c = ipd_table_cells(t, 0);
    double x;
    int numbers = 0, known = 0, more;
    while ((more = ipd_cells_next(&c, e)) == 1) {
        char name[256];
        int is_number = ipd_cells_number(c.cell, c.length, t->decimal, &x) == 0;
        numbers += is_number;
        snprintf(name, sizeof name, "%.*s", c.length < 255 ? (int)c.length : 255, c.cell);
        for (size_t i = 0; old && !is_number && i < old->column_count; i++)
            known += !strcmp(old->columns[i].name, name);
        if (c.last)
            break;
    }
    ipd_cells_free(&c);
    if (more < 0)
        return ipd_table_fail(t, 0, e);
    return old && old->column_count ? known > 0 : !numbers;
}

static int add_column(ipd_table *t, const char *name, size_t length, ipd_error *e)
{
    char number[24];
    if (t->count == MAX_COLUMNS)
        return ipd_fail(e, IPD_EFORMAT, "%s: has more than %d columns", t->path, MAX_COLUMNS);
    if ((t->count & (t->count - 1)) == 0) {
        ipd_table_column *more = realloc(t->columns, (t->count ? 2 * t->count : 1) * sizeof *more);
        if (!more)
            return ipd_fail(e, IPD_EMEMORY, "out of memory");
        t->columns = more;
    }
    ipd_table_column *c = &t->columns[t->count];
    *c = (ipd_table_column){.min = INFINITY, .max = -INFINITY, .unnamed = !length, .counts = 1};
    snprintf(number, sizeof number, "%zu", t->count + 1);
    c->name = length ? strndup(name, length) : strdup(number);
    if (!c->name)
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    ipd_make_line(c->name);
    t->count++;
    return 0;
}

/* Reads the names, or numbers the columns of the first row. */
static int read_names(ipd_table *t, ipd_error *e)
{
    int header = t->files->header;
    ipd_cells c = ipd_table_cells(t, 0);
    int more = 0, failed = 0;
    while (!failed && (more = ipd_cells_next(&c, e)) == 1) {
        failed = add_column(t, header ? c.cell : "", header ? c.length : 0, e);
        if (!header && !failed)
            t->columns[t->count - 1].unnamed = t->columns[t->count - 1].counts = 0;
        if (c.last)
            break;
    }
    ipd_cells_free(&c);
    if (failed)
        return -1;
    if (more < 0)
        return ipd_table_fail(t, 0, e);
    for (size_t i = 0; i < t->count && t->count <= 4096; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(t->columns[i].name, t->columns[k].name))
                return ipd_fail(
                    e, IPD_EFORMAT,
                    "%s, line 1, column %zu: is called \"%.60s\" like column %zu. Give each its "
                    "own name",
                    t->path, i + 1, t->columns[i].name, k + 1);
    return 0;
}

static void scan_cell(ipd_table *t, const ipd_cells *c)
{
    ipd_table_column *column = &t->columns[c->column - 1];
    double x;
    if (ipd_cells_number(c->cell, c->length, t->decimal, &x) == 0) {
        column->numbers++;
        column->min = fmin(column->min, x);
        column->max = fmax(column->max, x);
        column->sum += x;
        column->counts = column->counts && (x == (double)t->rows || x == (double)t->rows + 1);
    } else if (ipd_cells_is_missing(c->cell, c->length)) {
        column->missing++;
        column->counts = 0;
    } else {
        if (!column->texts++) {
            snprintf(column->text, sizeof column->text, "%.*s",
                     c->length < sizeof column->text ? (int)c->length
                                                     : (int)sizeof column->text - 1,
                     c->cell);
            ipd_make_line(column->text);
        }
        column->counts = 0;
    }
}

int ipd_table_report(const ipd_table *t, const ipd_reading *r, const ipd_cells *c, const char *step,
                     ipd_error *e)
{
    const ipd_table_file *f = &t->files[c->file];
    return c->line % 4096
               ? 0
               : ipd_data_report(
                     r->progress, step,
                     (double)(c->at - f->text + (ptrdiff_t)f->before) / (double)t->length, e);
}

/* Fails because a row has another number of cells than the first. */
static int fail_cells(const ipd_table *t, const ipd_cells *c, ipd_error *e)
{
    char of[256] = "";
    if (c->file)
        snprintf(of, sizeof of, " of %.200s", t->path);
    return ipd_fail(e, IPD_EFORMAT,
                    "%.300s, line %zu, column %zu: has %s%zu cells, but line 1%s has %zu. Correct "
                    "the line, or choose the separator with --separator",
                    t->files[c->file].path, c->line, c->column,
                    c->column > t->count ? "at least " : "", c->column, of, t->count);
}

static int scan_rows(ipd_table *t, const ipd_reading *r, ipd_error *e)
{
    ipd_cells c = ipd_table_rows(t);
    int more, failed = 0;
    while (!failed && (more = ipd_table_next(t, &c, e)) == 1) {
        if (c.column > t->count || (c.last && c.column < t->count)) {
            failed = fail_cells(t, &c, e);
            break;
        }
        scan_cell(t, &c);
        t->rows += (size_t)c.last;
        failed = c.last && ipd_table_report(t, r, &c, "scanning", e);
    }
    ipd_cells_free(&c);
    return failed || more < 0 ? -1 : 0;
}

/* Finds the columns and scans all rows. */
static int scan_all(ipd_table *t, const ipd_reading *r, ipd_error *e)
{
    const char *header = r->o->words[IPD_DATA_HEADER];
    int named = *header ? !strcmp(header, "yes") : guess_header(t, r->old, e);
    if (named >= 0)
        t->files->header = named;
    if (named < 0 || read_names(t, e) || ipd_table_check_files(t, *header != 0, e) ||
        scan_rows(t, r, e))
        return -1;
    return t->rows ? 0
                   : ipd_fail(e, IPD_EFORMAT, "%s: has no rows%s", t->path,
                              named && t->count ? ", only a line of names" : "");
}

int ipd_table_scan(ipd_table *t, const ipd_reading *r, ipd_error *e)
{
    *t = (ipd_table){.path = r->path, .space = r->d->space};
    int failed = ipd_table_open(t, r, e) || choose_form(t, r->o, e) || scan_all(t, r, e);
    for (size_t i = 0; i < t->count && !failed; i++) {
        ipd_table_column *c = &t->columns[i];
        c->is_text = 10 * c->texts > (c->texts + c->numbers) * TEXTS_IN_TEN;
    }
    if (failed)
        ipd_table_free(t);
    return failed ? -1 : 0;
}

/* Roles. */

static ipd_table_column *find(const ipd_table *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (!strcmp(t->columns[i].name, name))
            return &t->columns[i];
    return NULL;
}

static int fail_column(const ipd_table *t, const char *name, ipd_error *e)
{
    ipd_nearest near = {.word = name};
    for (size_t i = 0; i < t->count; i++)
        ipd_nearest_try(&near, t->columns[i].name);
    return ipd_fail(e, IPD_EUSAGE, "%s: has no column \"%.60s\"%s%.60s%s", t->path, name,
                    near.best ? ". Did you mean \"" : ". `ipdlam data info` lists its columns",
                    near.best ? near.best : "", near.best ? "\"?" : "");
}

/* Sets the role of the columns in a list of names. */
static int set_roles(ipd_table *t, const char *list, ipd_role role, ipd_error *e)
{
    char name[IPD_DATA_WORD];
    while (ipd_data_list_next(&list, name, sizeof name)) {
        ipd_table_column *c = find(t, name);
        if (!c)
            return fail_column(t, name, e);
        c->role = role;
    }
    return 0;
}

/* Makes the columns of saved weights the inputs. */
static int choose_old(ipd_table *t, const ipd_encoding *old, ipd_error *e)
{
    size_t at = 0;
    if (!old->column_count) {
        for (size_t i = 0; i < t->count; i++)
            t->columns[i].role = IPD_ROLE_INPUT;
        return 0;
    }
    int by_place =
        !t->files->header && t->count == old->column_count && !find(t, old->columns->name);
    for (size_t k = 0; k < old->column_count; k++) {
        const ipd_encoding_column *from = &old->columns[k];
        ipd_table_column *c = by_place ? &t->columns[k] : find(t, from->name);
        if (!c && !t->files->header)
            return ipd_fail(
                e, IPD_EUSAGE,
                "%s, line 1, column %zu: has %zu values without names, but the network has "
                "%zu columns, \"%.60s\" first. Give one value per column, or name them in "
                "the first line",
                t->path, t->count, t->count, old->column_count, old->columns->name);
        if (!c)
            return fail_column(t, from->name, e);
        char *name = by_place ? strdup(from->name) : NULL;
        if (by_place && !name)
            return ipd_fail(e, IPD_EMEMORY, "out of memory");
        if (name) {
            free(c->name);
            c->name = name;
        }
        c->role = IPD_ROLE_INPUT;
        c->is_text = from->values.count != 0;
        for (size_t i = 0; i < from->values.count; i++)
            if (ipd_names_add(&c->values, from->values.item[i], e))
                return -1;
        c->first = at;
        c->inputs = from->values.count ? from->values.count : 1;
        at += c->inputs;
    }
    return 0;
}

/* Makes the column the label. Remembers its name for saved weights, if it can be an option. */
static int set_label(ipd_reading *r, ipd_table_column *c, ipd_error *e)
{
    c->role = IPD_ROLE_TARGET;
    if (!strchr(c->name, ',') && strlen(c->name) < IPD_DATA_WORD && !(r->label = strdup(c->name)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory");
    return 0;
}

/* Finds the label: the columns named in the options, else one with a usual name, else the last one.
 * Inputs of saved weights are never labels. */
static int choose_label(ipd_table *t, ipd_reading *r, ipd_error *e)
{
    static const char *const usual[] = {"label", "class", "target", "y", NULL};
    const char *label = r->o->words[IPD_DATA_LABEL];
    if (*label)
        return set_roles(t, label, IPD_ROLE_TARGET, e);
    for (int i = 0; usual[i]; i++) {
        ipd_table_column *c = find(t, usual[i]);
        if (c && !c->inputs)
            return set_label(r, c, e);
    }
    if (!strcmp(r->o->words[IPD_DATA_TARGET], "inputs"))
        return 0;
    for (size_t i = t->count; i-- > 0;)
        if (t->columns[i].role == IPD_ROLE_INPUT && !t->columns[i].inputs)
            return set_label(r, &t->columns[i], e);
    return r->old ? ipd_fail(e, IPD_EUSAGE,
                             "%s: every column is an input of the network, and none is left as the "
                             "label",
                             t->path)
                  : 0;
}

int ipd_table_choose(ipd_table *t, ipd_reading *r, ipd_error *e)
{
    const ipd_dataset_options *o = r->o;
    const char *columns = o->words[IPD_DATA_COLUMNS];
    if (r->old && choose_old(t, r->old, e))
        return -1;
    if (!r->old) {
        for (size_t i = 0; i < t->count && !*columns; i++)
            t->columns[i].role = IPD_ROLE_INPUT;
        if (set_roles(t, columns, IPD_ROLE_INPUT, e) ||
            set_roles(t, o->words[IPD_DATA_DROP], IPD_ROLE_NONE, e))
            return -1;
        if (t->columns[0].unnamed && t->columns[0].counts && t->rows > 2 && !*columns) {
            t->columns[0].role = IPD_ROLE_NONE;
            ipd_reading_warn(r, "column 1 has no name and counts the rows: it is left out");
        }
    }
    if (r->only_inputs)
        return 0;
    if (set_roles(t, o->words[IPD_DATA_SPLIT_COLUMN], IPD_ROLE_SPLIT, e))
        return -1;
    if (r->old && !*o->words[IPD_DATA_LABEL] && r->old->target == IPD_TARGET_INPUTS)
        return 0;
    if (r->old && !*o->words[IPD_DATA_LABEL]) { /* the first usual name, or the last other column */
        for (size_t i = 0; i < t->count; i++)
            if (t->columns[i].role == IPD_ROLE_NONE)
                t->columns[i].role = IPD_ROLE_INPUT;
        int failed = choose_label(t, r, e);
        for (size_t i = 0; i < t->count; i++)
            if (t->columns[i].role == IPD_ROLE_INPUT && !t->columns[i].inputs &&
                r->old->column_count)
                t->columns[i].role = IPD_ROLE_NONE;
        return failed;
    }
    return choose_label(t, r, e);
}
