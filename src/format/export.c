/* export.c - see export.h. */
#include "format/export.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void ipd_number_text(double x, char to[IPD_NUMBER_TEXT])
{
    /* printf would show the meaningless sign of a NaN. */
    if (isnan(x)) {
        strcpy(to, "nan");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(to, IPD_NUMBER_TEXT, "%.*g", digits, x);
        if (strtod(to, NULL) == x)
            return;
    }
}

/* 1 if the field has columns of a fixed name in CSV, and is an entry of its own in JSON. */
static int has_columns(const ipd_field *f)
{
    return f->extent != IPD_BY_METRIC && strcmp(f->name, "metric_names") != 0;
}

/* All classes share one column, since later records of a run can have more classes than the
 * first. */
static int columns_of(const ipd_field *f, int L)
{
    return f->extent == IPD_BY_CLASS ? 1 : ipd_field_count(f, L);
}

int ipd_csv_header(FILE *to, int L, const char *metrics)
{
    char column[64], metric[IPD_METRIC_NAME];
    const char *comma = "";
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; has_columns(f) && i < columns_of(f, L); i++) {
            ipd_field_column(f, L, i, column, sizeof column);
            fprintf(to, "%s%s", comma, f->extent == IPD_BY_CLASS ? f->name : column);
            comma = ",";
        }
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(metrics, i, metric); i++) {
        fputc(',', to);
        ipd_csv_string(to, metric);
    }
    fputc('\n', to);
    return ferror(to) ? -1 : 0;
}

void ipd_csv_string(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void write_number(FILE *to, double x)
{
    char number[IPD_NUMBER_TEXT];
    if (isnan(x))
        return;
    ipd_number_text(x, number);
    fputs(number, to);
}

/* "0.5 1 nan 0.25" */
static void write_classes(FILE *to, const ipd_field *f, const ipd_record *record)
{
    char number[IPD_NUMBER_TEXT];
    for (int i = 0; i < ipd_field_classes(f, record); i++) {
        ipd_number_text(ipd_field_value(f, record, i), number);
        fprintf(to, "%s%s", i ? " " : "", number);
    }
}

int ipd_csv_record(FILE *to, const ipd_record *record, const char *metrics)
{
    char metric[IPD_METRIC_NAME];
    const char *comma = "";
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; has_columns(f) && i < columns_of(f, record->L); i++) {
            fputs(comma, to);
            comma = ",";
            if (f->kind == IPD_STRING)
                ipd_csv_string(to, ipd_field_string(f, record));
            else if (f->extent == IPD_BY_CLASS)
                write_classes(to, f, record);
            else
                write_number(to, ipd_field_value(f, record, i));
        }
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(metrics, i, metric); i++) {
        int at = ipd_metric_find(record->metric_names, metric);
        fputc(',', to);
        write_number(to, at < 0 ? NAN : record->metric[at]);
    }
    fputc('\n', to);
    return ferror(to) ? -1 : 0;
}

int ipd_json_string(FILE *to, const char *text)
{
    json_t *string = json_string(text);
    if (!string) /* not UTF-8 */
        string = json_string("?");
    int failed = !string || json_dumpf(string, to, JSON_ENCODE_ANY);
    json_decref(string);
    return failed || ferror(to) ? -1 : 0;
}

int ipd_json_number(FILE *to, double x)
{
    char number[IPD_NUMBER_TEXT];
    if (isfinite(x))
        ipd_number_text(x, number);
    else
        strcpy(number, "null");
    fputs(number, to);
    return ferror(to) ? -1 : 0;
}

static void write_metrics(FILE *to, const ipd_record *record)
{
    char name[IPD_METRIC_NAME];
    fputc('{', to);
    for (int i = 0; i < IPD_MAX_METRICS && ipd_metric_name(record->metric_names, i, name); i++) {
        fputs(i ? ", " : "", to);
        ipd_json_string(to, name);
        fputs(": ", to);
        ipd_json_number(to, record->metric[i]);
    }
    fputc('}', to);
}

void ipd_json_field(FILE *to, const ipd_field *f, const ipd_record *record)
{
    int L = record->L, count = ipd_field_count(f, L);
    if (f->extent == IPD_SCALAR) {
        if (f->kind == IPD_STRING)
            ipd_json_string(to, ipd_field_string(f, record));
        else if (f->kind == IPD_BOOL)
            fputs(ipd_field_value(f, record, 0) != 0 ? "true" : "false", to);
        else
            ipd_json_number(to, ipd_field_value(f, record, 0));
        return;
    }
    if (f->extent == IPD_BY_METRIC) {
        write_metrics(to, record);
        return;
    }
    if (f->extent == IPD_BY_CLASS)
        count = ipd_field_classes(f, record);
    fputc(f->extent == IPD_BY_BLOCK ? '{' : '[', to);
    for (int i = 0; i < count; i++) {
        char column[64];
        if (i)
            fputs(", ", to);
        if (f->extent == IPD_BY_BLOCK) {
            ipd_field_column(f, L, i, column, sizeof column);
            fprintf(to, "\"%s\": ", column + strlen(f->column) + 1);
        }
        ipd_json_number(to, ipd_field_value(f, record, i));
    }
    fputc(f->extent == IPD_BY_BLOCK ? '}' : ']', to);
}

int ipd_json_record(FILE *to, const ipd_record *record)
{
    const char *comma = "{";
    for (const ipd_field *f = ipd_record_fields; f->name; f++) {
        if (!strcmp(f->name, "metric_names"))
            continue;
        fprintf(to, "%s\"%s\": ", comma, f->name);
        ipd_json_field(to, f, record);
        comma = ", ";
    }
    fputc('}', to);
    return ferror(to) ? -1 : 0;
}
