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

int ipd_csv_header(FILE *to, int L)
{
    char column[64];
    const char *comma = "";
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, L); i++) {
            ipd_field_column(f, L, i, column, sizeof column);
            fprintf(to, "%s%s", comma, column);
            comma = ",";
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

int ipd_csv_record(FILE *to, const ipd_record *record)
{
    char number[IPD_NUMBER_TEXT];
    const char *comma = "";
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        for (int i = 0; i < ipd_field_count(f, record->L); i++) {
            fputs(comma, to);
            comma = ",";
            if (f->kind == IPD_STRING) {
                ipd_csv_string(to, ipd_field_string(f, record));
                continue;
            }
            double x = ipd_field_value(f, record, i);
            if (isnan(x))
                continue;
            ipd_number_text(x, number);
            fputs(number, to);
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
        fprintf(to, "%s\"%s\": ", comma, f->name);
        ipd_json_field(to, f, record);
        comma = ", ";
    }
    fputc('}', to);
    return ferror(to) ? -1 : 0;
}
