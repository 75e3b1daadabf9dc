/* log.c - the log in a run's journal; see log.h.
 *
 * Memory and archives use the same layout: numbers in one list and texts in another, in the order
 * of the entries. The texts of an entry are its method, note or variable, if any, then for each
 * changed setting its name, followed by the value if that is a text. The numbers of a write are the
 * rows and columns of its matrix, whose elements are in a third list.
 */
#include "run/time/log.h"
#include "base/vector.h"
#include "format/export.h"
#include "solver/variable.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Columns of an entry in an archive: number, parent, units, the six numbers of a place, kind,
 * values. */
enum { COLUMNS = 11 };

static int add_text(ipd_journal *j, const char *text)
{
    do
        if (ipd_list_add(&j->text, text, 1))
            return -1;
    while (*text++);
    return 0;
}

static int add_values(ipd_journal *j, const ipd_change *change)
{
    for (int i = 0; i < change->count; i++) {
        const ipd_setting *setting = change->items[i].setting;
        const ipd_value *value = &change->items[i].value;
        double x = ipd_setting_is_number(setting) ? ipd_value_number(setting, value) : 0;
        if (add_text(j, setting->name) ||
            (ipd_setting_is_number(setting) ? ipd_list_add(&j->numbers, &x, sizeof x)
                                            : add_text(j, value->text)))
            return -1;
    }
    return 0;
}

static int add_matrix(ipd_journal *j, const ipd_matrix *value)
{
    const double shape[] = {(double)value->rows, (double)value->cols};
    for (int i = 0; i < 2; i++)
        if (ipd_list_add(&j->numbers, &shape[i], sizeof shape[i]))
            return -1;
    return ipd_list_add_all(&j->floats, value->data, value->rows * value->cols, sizeof(float));
}

/* Removes the values of an entry, the last one, from the lists. */
static void cut_values(ipd_journal *j, const ipd_journal_entry *x)
{
    j->numbers.count = x->numbers_at;
    j->text.count = x->text_at;
    j->floats.count = x->floats_at;
}

/* Adds an entry. Only a write has a value, and only other kinds have a change; either may be
 * NULL. */
static int add(ipd_journal *j, const ipd_place *place, ipd_log_kind kind, const char *word,
               const ipd_change *change, const ipd_matrix *value)
{
    const ipd_journal_entry *last = j->log.items;
    const ipd_journal_entry new = {.number = j->all.count + 1,
                                   .parent = j->log.count ? last[j->log.count - 1].number : 0,
                                   .units = j->units,
                                   .place = *place,
                                   .kind = kind,
                                   .values = change ? change->count : 0,
                                   .numbers_at = j->numbers.count,
                                   .text_at = j->text.count,
                                   .floats_at = j->floats.count};
    if ((word && add_text(j, word)) || (change && add_values(j, change)) ||
        (value && add_matrix(j, value)) || ipd_list_add(&j->all, &new, sizeof new)) {
        cut_values(j, &new);
        return -1;
    }
    if (!ipd_list_add(&j->log, &new, sizeof new))
        return 0;
    cut_values(j, &new);
    j->all.count--;
    return -1;
}

int ipd_journal_add(ipd_journal *j, const ipd_place *place, ipd_log_kind kind, const char *word,
                    const ipd_change *change)
{
    return add(j, place, kind, word, change, NULL);
}

int ipd_journal_add_write(ipd_journal *j, const ipd_place *place, ipd_variable x,
                          const ipd_matrix *value)
{
    char text[IPD_VARIABLE_TEXT];
    ipd_variable_text(x, text);
    return add(j, place, IPD_LOG_WRITE, text, NULL, value);
}

void ipd_journal_withdraw(ipd_journal *j)
{
    const ipd_journal_entry *all = j->all.items;
    j->all.count--;
    j->log.count--;
    cut_values(j, &all[j->all.count]);
}

/* Returns an entry whose ..._at members are the ends of the values of *x. */
static ipd_journal_entry end_of(const ipd_journal *j, const ipd_journal_entry *x)
{
    const ipd_journal_entry *all = j->all.items;
    if (x->number < j->all.count)
        return all[x->number];
    return (ipd_journal_entry){
        .numbers_at = j->numbers.count, .text_at = j->text.count, .floats_at = j->floats.count};
}

/* Whether two parts of a list have the same bits. */
static int same_part(const ipd_list *list, size_t a, size_t a_end, size_t b, size_t b_end,
                     size_t size)
{
    const char *items = list->items;
    return a_end - a == b_end - b &&
           (a_end == a || !memcmp(items + a * size, items + b * size, (a_end - a) * size));
}

static int same_entry(const ipd_journal *j, const ipd_journal_entry *x, const ipd_journal_entry *y)
{
    ipd_journal_entry x_end = end_of(j, x), y_end = end_of(j, y);
    return x->parent == y->parent && x->units == y->units && x->kind == y->kind &&
           x->values == y->values &&
           same_part(&j->numbers, x->numbers_at, x_end.numbers_at, y->numbers_at, y_end.numbers_at,
                     sizeof(double)) &&
           same_part(&j->text, x->text_at, x_end.text_at, y->text_at, y_end.text_at, 1) &&
           same_part(&j->floats, x->floats_at, x_end.floats_at, y->floats_at, y_end.floats_at,
                     sizeof(float));
}

void ipd_journal_merge(ipd_journal *j)
{
    const ipd_journal_entry *all = j->all.items, *last = &all[j->all.count - 1];
    for (size_t i = last->parent; i + 1 < j->all.count; i++)
        if (same_entry(j, &all[i], last)) {
            ipd_journal_withdraw(j);
            ((ipd_journal_entry *)j->log.items)[j->log.count++] = all[i];
            return;
        }
}

int ipd_journal_copy(ipd_journal *to, const ipd_journal *from, const ipd_journal_entry *x)
{
    const ipd_journal_entry *last = to->log.items;
    ipd_journal_entry end = end_of(from, x), new = *x;
    new.number = to->all.count + 1;
    new.parent = to->log.count ? last[to->log.count - 1].number : 0;
    new.numbers_at = to->numbers.count;
    new.text_at = to->text.count;
    new.floats_at = to->floats.count;
    return ipd_list_add_all(&to->numbers, (double *)from->numbers.items + x->numbers_at,
                            end.numbers_at - x->numbers_at, sizeof(double)) ||
                   ipd_list_add_all(&to->text, (char *)from->text.items + x->text_at,
                                    end.text_at - x->text_at, 1) ||
                   ipd_list_add_all(&to->floats, (float *)from->floats.items + x->floats_at,
                                    end.floats_at - x->floats_at, sizeof(float)) ||
                   ipd_list_add(&to->all, &new, sizeof new) ||
                   ipd_list_add(&to->log, &new, sizeof new)
               ? -1
               : 0;
}

void ipd_journal_free(ipd_journal *j)
{
    ipd_records_free(&j->records);
    free(j->ends.items);
    free(j->log.items);
    free(j->all.items);
    free(j->numbers.items);
    free(j->text.items);
    free(j->floats.items);
}

/* A position in the lists of numbers, texts and elements. */
typedef struct cursor {
    size_t numbers, text, floats;
} cursor;

static const char *next_text(const ipd_journal *j, cursor *at)
{
    const char *text = (const char *)j->text.items + at->text;
    if (at->text >= j->text.count)
        return NULL;
    at->text += strlen(text) + 1;
    return text;
}

/* Reads a setting that is a list of numbers, stored as text. In older archives it may be a single
 * number: then the next text belongs to another value or entry and is not a valid list, and the
 * value is the next number. */
static int next_list(const ipd_journal *j, cursor *at, const ipd_setting *setting, ipd_value *value,
                     ipd_error *e)
{
    cursor behind = *at;
    const char *text = next_text(j, &behind);
    char number[IPD_NUMBER_TEXT];
    if (text && !ipd_value_read(setting, text, value, e)) {
        *at = behind;
        return 0;
    }
    if (at->numbers >= j->numbers.count)
        return text ? -1 : ipd_fail(e, IPD_EFORMAT, "%s has no value", setting->name);
    double x = ((const double *)j->numbers.items)[at->numbers++];
    ipd_number_text(x, number);
    return ipd_value_read(setting, x == 0 && setting->choices ? setting->choices()[0] : number,
                          value, e);
}

static int next_value(const ipd_journal *j, cursor *at, ipd_change *change, ipd_error *e)
{
    const char *name = next_text(j, at), *text;
    const ipd_setting *setting = name ? ipd_setting_find(name) : NULL;
    ipd_value *value = &change->items[change->count].value;
    if (!setting)
        return ipd_fail(e, IPD_EFORMAT, "unknown setting '%.40s'", name ? name : "");
    if (ipd_setting_is_number(setting)) {
        if (at->numbers >= j->numbers.count)
            return ipd_fail(e, IPD_EFORMAT, "%s has no value", name);
        if (ipd_value_of_number(setting, ((const double *)j->numbers.items)[at->numbers++], value,
                                e))
            return -1;
    } else if (setting->kind == IPD_SET_NUMBERS) {
        if (next_list(j, at, setting, value, e))
            return -1;
    } else {
        if (!(text = next_text(j, at)) || strlen(text) >= sizeof value->text)
            return ipd_fail(e, IPD_EFORMAT, "%s has no value", name);
        strcpy(value->text, text);
    }
    change->items[change->count++].setting = setting;
    return 0;
}

static int next_matrix(const ipd_journal *j, cursor *at, ipd_matrix *value, ipd_error *e)
{
    const double *shape = (const double *)j->numbers.items + at->numbers;
    size_t left = j->floats.count - at->floats;
    if (at->numbers + 2 > j->numbers.count || !(shape[0] >= 1 && shape[0] <= (double)left) ||
        !(shape[1] >= 1 && shape[0] * shape[1] <= (double)left))
        return ipd_fail(e, IPD_EFORMAT, "its matrix is missing");
    *value =
        (ipd_matrix){(size_t)shape[0], (size_t)shape[1], (float *)j->floats.items + at->floats};
    at->numbers += 2;
    at->floats += value->rows * value->cols;
    return 0;
}

/* Fails only for invalid archives. */
static int read_entry(const ipd_journal *j, const ipd_journal_entry *x, cursor *at,
                      const char **word, ipd_change *change, ipd_error *e)
{
    ipd_matrix value;
    *word = "";
    change->count = 0;
    if (x->kind != IPD_LOG_SET && !(*word = next_text(j, at)))
        return ipd_fail(e, IPD_EFORMAT, "its text is missing");
    if (x->kind == IPD_LOG_WRITE && next_matrix(j, at, &value, e))
        return -1;
    for (int i = 0; i < x->values; i++)
        if (next_value(j, at, change, e))
            return -1;
    return 0;
}

static ipd_log_kind read_whole(const ipd_journal *j, const ipd_journal_entry *x, const char **word,
                               ipd_change *change)
{
    cursor at = {x->numbers_at, x->text_at, x->floats_at};
    ipd_error e;
    read_entry(j, x, &at, word, change, &e);
    return x->kind;
}

ipd_log_kind ipd_journal_read(const ipd_journal *j, size_t index, const char **word,
                              ipd_change *change)
{
    return read_whole(j, (const ipd_journal_entry *)j->log.items + index, word, change);
}

static int read_write(const ipd_journal *j, const ipd_journal_entry *entry, ipd_variable *x,
                      ipd_matrix *value, ipd_error *e)
{
    cursor at = {entry->numbers_at, entry->text_at, entry->floats_at};
    const char *name = next_text(j, &at);
    if (ipd_variable_parse(x, name))
        return ipd_fail(e, IPD_EFORMAT, "unknown variable '%.40s'", name);
    return next_matrix(j, &at, value, e);
}

int ipd_journal_read_write(const ipd_journal *j, size_t index, ipd_variable *x, ipd_matrix *value,
                           ipd_error *e)
{
    return read_write(j, (const ipd_journal_entry *)j->log.items + index, x, value, e);
}

/* "W2: 5 x 4, norm 1.23" */
static void describe_write(const ipd_journal *j, const ipd_journal_entry *entry, const char *name,
                           char text[96])
{
    ipd_variable x;
    ipd_matrix m;
    ipd_error e;
    if (!read_write(j, entry, &x, &m, &e))
        snprintf(text, 96, "%.31s: %zu x %zu, norm %.6g", name, m.rows, m.cols,
                 sqrt(ipd_sum_squared(m.data, m.rows * m.cols)));
}

ipd_log_entry ipd_journal_show(const ipd_journal *j, size_t index)
{
    return ipd_journal_show_entry(j, (const ipd_journal_entry *)j->log.items + index);
}

ipd_log_entry ipd_journal_show_entry(const ipd_journal *j, const ipd_journal_entry *x)
{
    ipd_log_entry entry = {.place = x->place};
    const char *word;
    char text[96] = "";
    ipd_change change;
    ipd_log_kind kind = read_whole(j, x, &word, &change);
    if (kind == IPD_LOG_WRITE) {
        describe_write(j, x, word, text);
        word = text;
    }
    ipd_log_text(kind, word, &change, entry.text, sizeof entry.text);
    return entry;
}

/* Archives. */

int ipd_archive_list(ipd_archive *ar, ipd_list *list, size_t count, size_t size)
{
    ipd_error e;
    if (!(list->items = ipd_allocate(count + 1, size, &e))) {
        ipd_archive_refuse(ar, "%s", e.text);
        return -1;
    }
    list->count = list->capacity = count;
    return 0;
}

/* The number of elements of `name`.`part` in the archive; 0 if it has none. */
static size_t count_of(const ipd_archive *ar, const char *name, const char *part, size_t size)
{
    char full[IPD_ENTRY_NAME];
    snprintf(full, sizeof full, "%s.%s", name, part);
    const ipd_entry *x = ipd_archive_find(ar, full);
    return x ? x->bytes / size : 0;
}

int ipd_journal_place(const int64_t from[IPD_PLACE_COLUMNS], ipd_place *place)
{
    if ((from[4] && from[4] != IPD_W && (from[4] < 'a' || from[4] > 'z')) ||
        from[5] > IPD_MAX_LAYERS)
        return -1;
    *place = (ipd_place){(int)from[0],
                         (int)from[1],
                         (int)from[2],
                         (int)from[3],
                         {(ipd_block_kind)from[4], (int)from[5]}};
    return 0;
}

static void from_columns(ipd_archive *ar, ipd_list *log, const int64_t *from, const char *name)
{
    ipd_journal_entry *x = log->items;
    const ipd_journal_entry *first = x;
    for (size_t i = 0; i < log->count; i++, x++, from += COLUMNS) {
        if ((uint64_t)from[0] != i + 1 || (uint64_t)from[1] > i ||
            (from[1] && (uint64_t)from[2] < first[from[1] - 1].units) ||
            ipd_journal_place(from + 3, &x->place) || from[9] > IPD_LOG_WRITE ||
            from[10] > IPD_MAX_CHANGES) {
            ipd_archive_refuse(ar, "entry %zu of %s in the data is invalid", i + 1, name);
            return;
        }
        x->number = (unsigned long)from[0];
        x->parent = (unsigned long)from[1];
        x->units = (unsigned long)from[2];
        x->kind = (ipd_log_kind)from[9];
        x->values = (int)from[10];
    }
}

static void transfer_entries(ipd_archive *ar, ipd_list *log, const char *name)
{
    ipd_list columns = {0};
    if (ipd_archive_list(ar, &columns, log->count * COLUMNS, sizeof(int64_t)))
        return;
    int64_t *to = columns.items;
    const ipd_journal_entry *x = log->items;
    for (size_t i = 0; i < log->count; i++, to += COLUMNS) {
        const ipd_place *at = &x[i].place;
        const int64_t values[COLUMNS] = {(int64_t)x[i].number,
                                         (int64_t)x[i].parent,
                                         (int64_t)x[i].units,
                                         at->iteration,
                                         at->batch,
                                         at->batches,
                                         at->sweep,
                                         at->block.kind,
                                         at->block.layer,
                                         x[i].kind,
                                         x[i].values};
        memcpy(to, values, sizeof values);
    }
    ipd_archive_ints(ar, columns.items, columns.count, 0, INT_MAX, "%s.entries", name);
    if (ipd_archive_reading(ar) && !ipd_archive_result(ar, NULL))
        from_columns(ar, log, columns.items, name);
    free(columns.items);
}

/* In an archive each text is a line; in memory it ends in NUL. */
static void transfer_text(ipd_archive *ar, ipd_list *list, const char *name)
{
    ipd_list lines = {0};
    if (ipd_archive_list(ar, &lines, list->count, 1))
        return;
    char *text = lines.items, *own = list->items;
    for (size_t i = 0; i < list->count; i++)
        text[i] = own[i] ? own[i] : '\n';
    ipd_archive_text(ar, text, list->count + 1, "%s.text", name);
    for (size_t i = 0; i < list->count && ipd_archive_reading(ar); i++)
        own[i] = text[i] == '\n' ? 0 : text[i];
    if (list->count && own[list->count - 1])
        ipd_archive_refuse(ar, "the last line of %s.text in the data has no end", name);
    free(text);
}

/* Sets where the numbers and texts of each entry begin, and checks all values. */
static void check_entries(ipd_archive *ar, ipd_journal *j, const char *name)
{
    ipd_journal_entry *x = j->all.items;
    cursor at = {0};
    const char *word;
    ipd_change change;
    ipd_value value;
    ipd_variable variable;
    ipd_matrix matrix;
    ipd_error e;
    for (size_t i = 0; i < j->all.count; i++) {
        x[i].numbers_at = at.numbers;
        x[i].text_at = at.text;
        x[i].floats_at = at.floats;
        int bad = read_entry(j, &x[i], &at, &word, &change, &e);
        if (!bad && x[i].kind == IPD_LOG_WRITE)
            bad = read_write(j, &x[i], &variable, &matrix, &e);
        for (int n = 0; n < change.count && !bad; n++)
            bad = !ipd_setting_is_number(change.items[n].setting) &&
                  ipd_value_read(change.items[n].setting, change.items[n].value.text, &value, &e);
        if (bad || (x[i].kind == IPD_LOG_SWITCH && !ipd_method_find(word))) {
            ipd_archive_refuse(ar, "entry %zu of %s in the data is invalid: %.200s", i + 1, name,
                               bad ? e.text : "unknown method");
            return;
        }
    }
    if (at.numbers != j->numbers.count || at.text != j->text.count || at.floats != j->floats.count)
        ipd_archive_refuse(ar, "%s in the data has values that belong to no entry", name);
}

void ipd_journal_transfer(ipd_archive *ar, ipd_journal *j, const char *name)
{
    int reading = ipd_archive_reading(ar);
    if (reading &&
        (ipd_archive_list(ar, &j->all, count_of(ar, name, "entries", COLUMNS * sizeof(int64_t)),
                          sizeof(ipd_journal_entry)) ||
         ipd_archive_list(ar, &j->numbers, count_of(ar, name, "numbers", sizeof(double)),
                          sizeof(double)) ||
         ipd_archive_list(ar, &j->text, count_of(ar, name, "text", 1), 1) ||
         ipd_archive_list(ar, &j->floats, count_of(ar, name, "floats", sizeof(float)),
                          sizeof(float))))
        return;
    transfer_entries(ar, &j->all, name);
    ipd_archive_doubles(ar, j->numbers.items, j->numbers.count, "%s.numbers", name);
    transfer_text(ar, &j->text, name);
    if (j->floats.count)
        ipd_archive_floats(ar, j->floats.items, j->floats.count, "%s.floats", name);
    if (!reading || ipd_archive_result(ar, NULL))
        return;
    check_entries(ar, j, name);
    if (ipd_list_add_all(&j->log, j->all.items, j->all.count, sizeof(ipd_journal_entry)))
        ipd_archive_refuse(ar, "out of memory for the log");
}
