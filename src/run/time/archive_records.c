/* archive_records.c - the records of a run in an archive, one entry per field. */
#include "base/text.h"
#include "run/time/state.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_lines(ipd_archive *ar, const ipd_records *records, const ipd_field *f,
                        const char *name)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    for (size_t i = 0; to && i < records->count; i++) {
        char line[IPD_FINDING_TEXT];
        ipd_records_string(records, f, i, line);
        fprintf(to, "%s\n", line);
    }
    if (!to || ipd_text_close(to, &text))
        ipd_archive_refuse(ar, "out of memory for an archive");
    else
        ipd_archive_text(ar, text, size + 1, "%s", name);
    free(text);
}

static int has_classes(const ipd_records *records, int column)
{
    for (size_t i = 0; i < records->count; i++)
        for (int c = 0; c < IPD_RECALLS; c++)
            if (!isnan(ipd_records_at(records, column + c, i)))
                return 1;
    return 0;
}

static void write_field(ipd_archive *ar, const ipd_records *records, const ipd_field *f,
                        const char *prefix)
{
    char name[IPD_ENTRY_NAME];
    size_t each = (size_t)ipd_field_count(f, records->L), count = records->count * each;
    int column = ipd_records_column(records, f, 0);
    snprintf(name, sizeof name, "%s.%s", prefix, f->name);
    if (f->extent == IPD_BY_CLASS && !has_classes(records, column))
        return;
    if (f->kind == IPD_STRING) {
        write_lines(ar, records, f, name);
        return;
    }
    double *to = ipd_archive_in_place(ar, count, name);
    for (size_t i = 0; i < count && to; i++)
        to[i] = ipd_records_at(records, column + (int)(i % each), i / each);
}

/* One field of all records in an archive: a fixed number of values per record, or a line of text
 * per record. */
typedef struct stored_field {
    const double *values;
    char *text, *line; /* a copy, and its next line */
} stored_field;

/* Returns an empty column if the version that wrote the archive did not have the field. */
static stored_field find_field(ipd_archive *ar, const ipd_field *f, size_t records, int L,
                               const char *prefix)
{
    char name[IPD_ENTRY_NAME];
    ipd_error e;
    snprintf(name, sizeof name, "%s.%s", prefix, f->name);
    const ipd_entry *x = ipd_archive_find(ar, name);
    if (!x)
        return (stored_field){0};
    if (f->kind != IPD_STRING)
        return (stored_field){
            .values = ipd_archive_in_place(ar, records * (size_t)ipd_field_count(f, L), name)};
    char *text = ipd_allocate(x->bytes + 1, 1, &e);
    if (text)
        ipd_archive_text(ar, text, x->bytes + 1, "%s", name);
    else
        ipd_archive_refuse(ar, "%s", e.text);
    return (stored_field){.text = text, .line = text};
}

static void read_field(ipd_archive *ar, stored_field *from, const ipd_field *f, size_t row,
                       ipd_record *to)
{
    int each = ipd_field_count(f, to->L);
    for (int i = 0; from->values && i < each; i++)
        ipd_field_put(f, to, i, from->values[row * (size_t)each + (size_t)i]);
    if (!from->line)
        return;
    char *end = strchr(from->line, '\n');
    if (!end || (size_t)(end - from->line) >= f->size) {
        ipd_archive_refuse(ar, "'%s' of the records does not have one line per record", f->name);
        return;
    }
    memcpy((char *)to + f->offset, from->line, (size_t)(end - from->line));
    from->line = end + 1;
}

static void read_records(ipd_archive *ar, ipd_records *records, size_t count, int L,
                         const char *name)
{
    size_t fields = 0;
    ipd_error e;
    while (ipd_record_fields[fields].name)
        fields++;
    stored_field *from = ipd_allocate(fields, sizeof *from, &e);
    if (!from)
        ipd_archive_refuse(ar, "%s", e.text);
    for (size_t k = 0; k < fields && from; k++)
        from[k] = find_field(ar, &ipd_record_fields[k], count, L, name);
    for (size_t i = 0; i < count && !ipd_archive_result(ar, NULL); i++) {
        ipd_record record;
        ipd_record_init(&record, L);
        for (size_t k = 0; k < fields; k++)
            read_field(ar, &from[k], &ipd_record_fields[k], i, &record);
        if (ipd_records_add(records, &record))
            ipd_archive_refuse(ar, "out of memory for the records");
    }
    for (size_t k = 0; k < fields && from; k++)
        free(from[k].text);
    free(from);
}

void ipd_archive_records(ipd_archive *ar, ipd_records *records, size_t count, int L,
                         const char *name)
{
    if (ipd_archive_reading(ar)) {
        read_records(ar, records, count, L, name);
        return;
    }
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        write_field(ar, records, f, name);
}
