/* table.c - reads samples from a table of text. See reading.h and columns.h. */
#include "base/text.h"
#include "data/columns.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_VALUES = 256, MAX_NAMES = IPD_MAX_LABELS, ENOUGH_ROWS = 20 };

/* Fails with "FILE, line 3, column 5 (age): read "x", which is WHAT. REMEDY". */
static int fail_at(const ipd_table *t, const ipd_cells *c, ipd_error *e, const char *what,
                   const char *remedy)
{
    char cell[48], name[48];
    snprintf(cell, sizeof cell, "%.*s", c->length < 40 ? (int)c->length : 40, c->cell);
    snprintf(name, sizeof name, "%.40s", t->columns[c->column - 1].name);
    return ipd_fail(e, IPD_EFORMAT,
                    "%.200s, line %zu, column %zu (%s): read \"%s\", which is %s. %s",
                    t->files[c->file].path, c->line, c->column, name, cell, what, remedy);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The position of a cell's text among sorted or old names; -1 if it is not there. */
static long find_name(const ipd_names *names, const ipd_cells *c, int sorted)
{
    char text[256], *key = text;
    if (c->length >= sizeof text)
        return -1;
    memcpy(text, c->cell, c->length);
    text[c->length] = 0;
    if (!sorted)
        return ipd_names_find(names, text);
    char **found = names->count
                       ? bsearch(&key, names->item, names->count, sizeof *names->item, by_name)
                       : NULL;
    return found ? (long)(found - names->item) : -1;
}

/* Adds the text of a cell at its place in the order. */
static int add_name(ipd_names *names, const ipd_cells *c, ipd_error *e)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", (int)c->length, c->cell);
    if (ipd_names_add(names, text, e))
        return -1;
    char *new = names->item[names->count - 1];
    size_t at = names->count - 1;
    for (; at > 0 && strcmp(names->item[at - 1], new) > 0; at--)
        names->item[at] = names->item[at - 1];
    names->item[at] = new;
    return 0;
}

/* Fails because a category has too many different texts. */
static int fail_many(const ipd_table *t, const ipd_cells *c, int is_target, ipd_error *e)
{
    char what[64], remedy[128];
    const char *name = t->columns[c->column - 1].name, *quote = strpbrk(name, " \t'$&") ? "\"" : "";
    snprintf(what, sizeof what, "different text number %d of the column",
             is_target ? MAX_NAMES + 1 : MAX_VALUES + 1);
    snprintf(remedy, sizeof remedy, "Leave the column out with --drop %s%.80s%s", quote, name,
             quote);
    return fail_at(t, c, e, what, remedy);
}

/* Collects the different texts of the columns that are categories and in use. */
static int collect(ipd_table *t, const ipd_reading *r, ipd_error *e)
{
    ipd_cells c = ipd_table_rows(t);
    int needed = 0, failed = 0, more = 0;
    for (size_t i = 0; i < t->count; i++)
        needed |= t->columns[i].is_text && t->columns[i].role && !t->columns[i].values.count;
    while (needed && !failed && (more = ipd_table_next(t, &c, e)) == 1) {
        ipd_table_column *column = &t->columns[c.column - 1];
        int is_target = column->role == IPD_ROLE_TARGET;
        if (c.last && ipd_table_report(t, r, &c, "names", e)) {
            failed = 1;
            break;
        }
        if (!column->is_text || !(is_target || (column->role == IPD_ROLE_INPUT && !r->old)) ||
            ipd_cells_is_missing(c.cell, c.length) || find_name(&column->values, &c, 1) >= 0)
            continue;
        if (c.length > 200)
            failed = fail_at(t, &c, e, "longer than 200 bytes", "Leave the column out with --drop");
        else if (column->values.count == (size_t)(is_target ? MAX_NAMES : MAX_VALUES))
            failed = fail_many(t, &c, is_target, e);
        else
            failed = add_name(&column->values, &c, e);
    }
    ipd_cells_free(&c);
    return failed || more < 0 ? -1 : 0;
}

/* Numbers the inputs of the input columns, and fills in the columns of the encoding. */
static int lay_out(ipd_table *t, ipd_reading *r, ipd_error *e)
{
    ipd_encoding *encoding = r->d->encoding;
    size_t at = 0, targets = 0, kept = 0;
    for (size_t i = 0; i < t->count; i++) {
        ipd_table_column *c = &t->columns[i];
        targets += c->role == IPD_ROLE_TARGET;
        if (c->role != IPD_ROLE_INPUT)
            continue;
        if (!r->old || !r->old->column_count) {
            c->first = at;
            c->inputs = c->is_text ? c->values.count : 1;
        }
        at += c->inputs;
        kept++;
    }
    if (!at)
        return ipd_fail(e, IPD_EUSAGE, "%s: no column is left as an input", t->path);
    r->d->inputs = at;
    r->outputs = targets;
    /* Before cells are read with a wrong meaning. If the columns are known, the checks below say more. */
    if (r->old && !r->old->column_count && ipd_reading_check_inputs(r, e))
        return -1;
    if (!(encoding->columns = ipd_allocate(kept, sizeof *encoding->columns, e)))
        return -1;
    /* In the order of the inputs, which with saved weights need not be that of the file. */
    for (size_t first = 0, before = SIZE_MAX; encoding->column_count < kept;) {
        if (before == encoding->column_count)
            return ipd_fail(
                e, IPD_EUSAGE,
                "%s: a column that is an input of the network is used otherwise. Choose "
                "the label with --label",
                t->path);
        before = encoding->column_count;
        for (size_t i = 0; i < t->count; i++) {
            ipd_table_column *c = &t->columns[i];
            if (c->role != IPD_ROLE_INPUT || c->first != first)
                continue;
            ipd_encoding_column *to = &encoding->columns[encoding->column_count++];
            if (!(to->name = strdup(c->name)))
                return ipd_fail(e, IPD_EMEMORY, "out of memory");
            for (size_t k = 0; k < c->values.count; k++)
                if (ipd_names_add(&to->values, c->values.item[k], e))
                    return -1;
            first += c->inputs;
            if (!c->inputs) /* a category without any value */
                return ipd_fail(e, IPD_EFORMAT,
                                "%s: column %s has no values. Leave it out with --drop", t->path,
                                c->name);
        }
    }
    return 0;
}

/* The destination of the row at hand. */
typedef struct row {
    ipd_reading *r;
    const ipd_table *t;
    float *x;
    double *y;        /* targets that are numbers; NULL: names, or none */
    ipd_label *label; /* the target that is a name; NULL: numbers, or none */
    uint8_t *part;
    int drop;
    size_t target; /* the next output */
} row;

static int read_missing(row *to, const ipd_table_column *column, const ipd_cells *c, ipd_error *e)
{
    const char *rule = to->r->o->words[IPD_DATA_MISSING];
    if (!strcmp(rule, "drop")) {
        to->drop = 1;
        return 0;
    }
    if (column->role == IPD_ROLE_TARGET)
        return fail_at(to->t, c, e, "no label", "Leave such rows out with --missing drop");
    if (column->role == IPD_ROLE_INPUT &&
        (!strcmp(rule, "mean") || (to->r->old && to->r->old->fill))) {
        for (size_t i = 0; i < column->inputs; i++)
            to->x[column->first + i] = column->is_text ? 0 : NAN;
        return 0;
    }
    return fail_at(
        to->t, c, e, "a missing value",
        to->r->only_inputs
            ? "Write a value: the training samples missed none"
            : "Leave such rows out with --missing drop, or use the mean of the column with "
              "--missing mean");
}

static int read_part(row *to, const ipd_cells *c, ipd_error *e)
{
    static const struct {
        const char *word;
        uint8_t part;
    } words[] = {{"train", IPD_PART_TRAIN},      {"training", IPD_PART_TRAIN},
                 {"test", IPD_PART_TEST},        {"validation", IPD_PART_VALIDATION},
                 {"valid", IPD_PART_VALIDATION}, {"val", IPD_PART_VALIDATION},
                 {"dev", IPD_PART_VALIDATION}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i].word) == c->length && !strncasecmp(words[i].word, c->cell, c->length)) {
            *to->part = words[i].part;
            return 0;
        }
    return fail_at(to->t, c, e, "no part of a split", "Write train, validation or test");
}

static int read_name(row *to, const ipd_table_column *column, const ipd_cells *c, ipd_error *e)
{
    int is_target = column->role == IPD_ROLE_TARGET;
    const ipd_encoding *old = to->r->old;
    const ipd_names *names = is_target && old ? &old->classes : &column->values;
    long at = find_name(names, c, !old);
    if (at < 0)
        return fail_at(to->t, c, e,
                       is_target ? "not a class seen in training"
                                 : "not a value of this column in training",
                       "Correct the cell");
    if (is_target)
        *to->label = (ipd_label)at;
    else
        for (size_t i = 0; i < column->inputs; i++)
            to->x[column->first + i] = (size_t)at == i;
    return 0;
}

static int read_cell(row *to, const ipd_cells *c, ipd_error *e)
{
    const ipd_table_column *column = &to->t->columns[c->column - 1];
    double x;
    if (column->role == IPD_ROLE_NONE)
        return 0;
    int missing = ipd_cells_is_missing(c->cell, c->length);
    if (column->role == IPD_ROLE_SPLIT && !missing)
        return read_part(to, c, e);
    if (missing)
        return read_missing(to, column, c, e);
    if (column->role == IPD_ROLE_TARGET ? to->label != NULL : column->is_text)
        return read_name(to, column, c, e);
    if (ipd_cells_number(c->cell, c->length, to->t->decimal, &x) || fabs(x) > 3.4e38)
        return fail_at(to->t, c, e, "not a number",
                       to->r->only_inputs
                           ? "Correct the cell"
                           : "Correct the cell, or leave the column out with --drop");
    if (column->role == IPD_ROLE_TARGET)
        to->y[to->target++] = x;
    else
        to->x[column->first] = (float)x;
    return 0;
}

static int fill_rows(row *to, ipd_table *t, ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    ipd_cells c = ipd_table_rows(t);
    size_t n = 0;
    int more = 0, failed = 0;
    while (!failed && (more = ipd_table_next(t, &c, e)) == 1) {
        if (c.column == 1) {
            to->x = d->train.X.data + n * d->inputs;
            to->y = r->targets[0] ? r->targets[0] + n * r->outputs : NULL;
            to->label = d->train.labels ? d->train.labels + n : NULL;
            to->part = r->parts ? r->parts + n : NULL;
            to->drop = 0;
            to->target = 0;
        }
        failed = (!to->drop && read_cell(to, &c, e)) ||
                 (c.last && ipd_table_report(t, r, &c, "reading", e));
        n += c.last && !to->drop;
    }
    ipd_cells_free(&c);
    if (failed || more < 0)
        return -1;
    if (!n)
        return ipd_fail(e, IPD_EFORMAT, "%s: every row has a missing value", t->path);
    if (n < t->rows)
        ipd_reading_warn(r, "%zu of %zu rows have missing values and are left out", t->rows - n,
                         t->rows);
    d->train.X.cols = n;
    return 0;
}

/* Fails if most rows have a class of their own: the texts are then names, dates, or numbers in an
 * unknown form. Passes if the user has chosen the kind of target. */
static int check_classes(const ipd_table *t, const ipd_table_column *target, const ipd_reading *r,
                         ipd_error *e)
{
    size_t rows = target->texts + target->numbers;
    if (r->old || *r->o->words[IPD_DATA_TARGET] || rows < ENOUGH_ROWS ||
        2 * target->values.count <= rows)
        return 0;
    return ipd_fail(
        e, IPD_EFORMAT,
        "%s: column %td (%.60s) has %zu different texts in %zu rows, such as \"%.40s\", "
        "which are too many for classes. Write numbers without separators of thousands "
        "and without units, or choose another column with --label",
        t->path, target - t->columns + 1, target->name, target->values.count, rows, target->text);
}

/* Allocates the samples and fills them in. */
static int fill(ipd_table *t, ipd_reading *r, ipd_error *e)
{
    ipd_dataset *d = r->d;
    const ipd_table_column *target = NULL;
    int has_split = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (t->columns[i].role == IPD_ROLE_TARGET && (!target || t->columns[i].is_text))
            target = &t->columns[i];
        has_split |= t->columns[i].role == IPD_ROLE_SPLIT;
    }
    if (target && target->is_text && r->outputs > 1)
        return ipd_fail(e, IPD_EUSAGE, "%s: column %s holds names, so it must be the only label",
                        t->path, target->name);
    if ((target && target->is_text && check_classes(t, target, r, e)) ||
        ipd_space_matrix(d->space, &d->train.X, d->inputs, t->rows, e) ||
        (has_split && !(r->parts = ipd_space_allocate(d->space, t->rows, 1, e))))
        return -1;
    int names = target && (target->is_text || (r->old && r->old->target == IPD_TARGET_CLASSES &&
                                               r->old->classes.count));
    if (names &&
        !(d->train.labels = ipd_space_allocate(d->space, t->rows, sizeof *d->train.labels, e)))
        return -1;
    if (target && !names &&
        !(r->targets[0] =
              ipd_space_allocate(d->space, r->outputs * t->rows, sizeof **r->targets, e)))
        return -1;
    const ipd_names *classes = r->old ? &r->old->classes : target ? &target->values : NULL;
    for (size_t i = 0; classes && i < classes->count && names; i++)
        if (ipd_names_add(&d->encoding->classes, classes->item[i], e))
            return -1;
    for (size_t i = 0; i < t->count && !names; i++)
        if (t->columns[i].role == IPD_ROLE_TARGET &&
            ipd_names_add(&r->output_names, t->columns[i].name, e))
            return -1;
    d->classes = names ? d->encoding->classes.count : r->outputs;
    row to = {.r = r, .t = t};
    return fill_rows(&to, t, r, e);
}

static void warn(ipd_reading *r, const ipd_table *t)
{
    for (size_t i = 0; i < t->count; i++) {
        const ipd_table_column *c = &t->columns[i];
        if (c->role != IPD_ROLE_INPUT)
            continue;
        if (c->counts && t->rows > 2)
            ipd_reading_warn(r, "column %zu (%.40s) counts the rows, and is used as an input",
                             i + 1, c->name);
        if (!c->is_text && c->min == c->max)
            ipd_reading_warn(r, "column %zu (%.40s) has the same value in every row", i + 1,
                             c->name);
        if (!c->is_text && fabs(c->sum / (double)c->numbers) > 1e5 * (c->max - c->min))
            ipd_reading_warn(r,
                             "column %zu (%.40s) varies little about %.4g: floats lose its digits",
                             i + 1, c->name, c->sum / (double)c->numbers);
        if (c->missing && !strcmp(r->o->words[IPD_DATA_MISSING], "mean"))
            ipd_reading_warn(r, "column %zu (%.40s): %zu missing values become the mean", i + 1,
                             c->name, c->missing);
    }
}

int ipd_read_table(ipd_reading *r, ipd_error *e)
{
    ipd_table t;
    if (ipd_table_scan(&t, r, e))
        return -1;
    r->natural = IPD_SCALE_STANDARD;
    int failed =
        ipd_table_choose(&t, r, e) || collect(&t, r, e) || lay_out(&t, r, e) || fill(&t, r, e);
    if (!failed)
        warn(r, &t);
    ipd_table_free(&t);
    return failed ? -1 : 0;
}
