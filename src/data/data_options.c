/* data_options.c - see data_options.h. */
#include "data/data_options.h"

#include "base/path.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static const char *const targets[] = {"classes", "values", "inputs", NULL};
static const char *const scales[] = {"none", "unit", "standard", "pixel", NULL};
static const char *const missing[] = {"refuse", "drop", "mean", NULL};
static const char *const splits[] = {"stratified", "random", "last", NULL};
static const char *const yes_no[] = {"yes", "no", NULL};

const ipd_data_option ipd_data_option_table[IPD_DATA_WORDS] = {
    [IPD_DATA_LABEL] = {"label", "NAME,...",
                        "column of the class, or columns of the values, to learn (default: label, "
                        "class, target or y, or else the last)",
                        NULL},
    [IPD_DATA_TARGET] = {"target", "KIND",
                         "what to learn: classes, values, or inputs, an autoencoder (default: by "
                         "the labels)",
                         targets},
    [IPD_DATA_SCALE] = {"scale", "KIND",
                        "scale of the inputs: none, unit (0 to 1), standard (mean 0, deviation 1) "
                        "or pixel (/255)",
                        scales},
    [IPD_DATA_COLUMNS] = {"columns", "NAME,...", "use only these columns as inputs", NULL},
    [IPD_DATA_DROP] = {"drop", "NAME,...", "leave these columns out", NULL},
    [IPD_DATA_MISSING] = {"missing", "RULE",
                          "cells without a value: refuse (default), drop the row, or mean",
                          missing},
    [IPD_DATA_SPLIT] =
        {"split", "KIND",
         "how to choose test samples: stratified, random or last (default by target)", splits},
    [IPD_DATA_SPLIT_COLUMN] = {"split-column", "NAME", "column that says train, validation or test",
                               NULL},
    [IPD_DATA_HEADER] = {"header", "yes|no", "whether the first line names the columns", yes_no},
    [IPD_DATA_SEPARATOR] = {"separator", "C", "character between cells, or tab", NULL},
    [IPD_DATA_DECIMAL] = {"decimal", "C", "decimal point: \".\" or \",\"", NULL},
    [IPD_DATA_IMAGE] = {"image", "WxH", "inputs are images of this size; PNG are scaled to it",
                        NULL},
    [IPD_DATA_COLOUR] = {"colour", "yes|no", "read PNG in colour (default no)", yes_no},
    [IPD_DATA_TEST_FILE] = {"test-file", "FILE", "file of the same form with the test samples",
                            NULL}};

/* Reads a whole number, or with `percent` a share. */
static int set_number(size_t *count, double *percent, const char *name, const char *value,
                      ipd_error *e)
{
    char number[32];
    size_t length = strlen(value), is_percent = percent && length && value[length - 1] == '%';
    double share = 0;
    long n = 0;
    snprintf(number, sizeof number, "%.*s", (int)(length - is_percent), value);
    if (length - is_percent >= sizeof number ||
        (is_percent ? ipd_text_to_double(number, &share) || !(share > 0 && share < 100)
                    : ipd_text_to_long(number, &n) || n < 0))
        return ipd_fail(e, IPD_EUSAGE,
                        percent ? "%s must be a number of samples such as 5000, or a percentage "
                                  "such as 10%%, not \"%.40s\""
                                : "%s must be a whole number, not \"%.40s\"",
                        name, value);
    *count = (size_t)n;
    if (percent)
        *percent = share;
    return 0;
}

static int set_seed(ipd_dataset_options *o, const char *value, ipd_error *e)
{
    size_t seed;
    if (set_number(&seed, NULL, "seed", value, e))
        return -1;
    o->seed = seed;
    return 0;
}

static int fail_unknown(const char *name, ipd_error *e)
{
    static const char *const numbers[] = {"train", "test", "validation", "held_out", "seed"};
    ipd_nearest near = {.word = name};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ipd_nearest_try(&near, numbers[i]);
    for (int i = 0; i < IPD_DATA_WORDS; i++)
        ipd_nearest_try(&near, ipd_data_option_table[i].name);
    return ipd_fail_unknown(e, "option of data", &near, "See ipdlam-data(1).");
}

/* Whether the value of `test` is a file: it is not a number and looks like a path. */
static int is_test_file(const char *value)
{
    size_t length = strspn(value, "0123456789.%");
    return value[length] && (strpbrk(value, "./") || ipd_path_exists(value));
}

int ipd_data_options_set(ipd_dataset_options *o, const char *name, const char *value, ipd_error *e)
{
    char dashed[32];
    if (!strcmp(name, "test") && is_test_file(value))
        name = "test_file";
    if (!strcmp(name, "train"))
        return set_number(&o->train, NULL, name, value, e);
    if (!strcmp(name, "test"))
        return set_number(&o->test, &o->test_percent, name, value, e);
    if (!strcmp(name, "validation"))
        return set_number(&o->validation, &o->validation_percent, name, value, e);
    if (!strcmp(name, "held_out"))
        return set_number(&o->held_out, NULL, name, value, e);
    if (!strcmp(name, "seed"))
        return set_seed(o, value, e);
    snprintf(dashed, sizeof dashed, "%s", name); /* Lua writes split_column */
    for (char *c = dashed; *c; c++)
        *c = *c == '_' ? '-' : *c;
    for (int i = 0; i < IPD_DATA_WORDS; i++) {
        const ipd_data_option *x = &ipd_data_option_table[i];
        if (strcmp(x->name, dashed))
            continue;
        if (strlen(value) >= IPD_DATA_WORD)
            return ipd_fail(e, IPD_EUSAGE, "%s is too long. Use at most %d characters", name,
                            IPD_DATA_WORD - 1);
        if (x->choices && ipd_text_index(value, x->choices) < 0)
            return ipd_fail_unknown_in(e, x->name, value, x->choices);
        strcpy(o->words[i], value);
        return 0;
    }
    return fail_unknown(name, e);
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

static int is_escape(const char *at)
{
    return at[0] == '%' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
}

/* Decodes in place. */
static void decode(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++)
        if (is_escape(at)) {
            *to++ = (char)(hex(at[1]) * 16 + hex(at[2]));
            at += 2;
        } else {
            *to++ = *at;
        }
    *to = 0;
}

int ipd_data_options_parse(ipd_dataset_options *o, const char *name, char *path, size_t size,
                           ipd_error *e)
{
    const char *mark = ipd_path_exists(name) ? NULL : strchr(name, '?');
    size_t length = mark ? (size_t)(mark - name) : strlen(name);
    if (length >= size)
        return ipd_path_too_long(name, size, IPD_EUSAGE, e);
    memcpy(path, name, length);
    path[length] = 0;
    char *copy = mark ? strdup(mark + 1) : NULL, *rest = copy, *word;
    int failed = mark && !copy ? ipd_fail(e, IPD_EMEMORY, "out of memory") : 0;
    while (!failed && (word = strsep(&rest, "&")))
        if (*word) {
            char *value = strchr(word, '=');
            if (!value) {
                failed = ipd_fail(e, IPD_EUSAGE,
                                  "%.200s: \"%.40s\" is not an option. Write "
                                  "FILE?name=value&name=value",
                                  path, word);
                break;
            }
            *value++ = 0;
            decode(value);
            failed = ipd_data_options_set(o, word, value, e);
        }
    free(copy);
    return failed;
}

const char *ipd_data_options_words(const ipd_dataset_options *o)
{
    for (int i = 0; i < IPD_DATA_WORDS; i++)
        if (*o->words[i])
            return ipd_data_option_table[i].name;
    return NULL;
}

int ipd_data_options_matter(const ipd_dataset_options *o)
{
    return ipd_data_options_words(o) || o->test_percent > 0;
}

static void encode(FILE *to, const char *text)
{
    for (; *text; text++)
        if (strchr("&?,", *text) || is_escape(text) || (unsigned char)*text < ' ')
            fprintf(to, "%%%02X", (unsigned char)*text);
        else
            fputc(*text, to);
}

int ipd_data_options_name(const ipd_dataset_options *o, const char *path, char *to, size_t size)
{
    const char *mark = "";
    FILE *f = fmemopen(to, size, "w");
    if (!f)
        return -1;
    if (path)
        fprintf(f, "%s?", path);
    for (int i = 0; i < IPD_DATA_WORDS; i++)
        if (*o->words[i]) {
            fprintf(f, "%s%s=", mark, ipd_data_option_table[i].name);
            encode(f, o->words[i]);
            mark = "&";
        }
    const struct {
        const char *name, *unit;
        double value;
    } numbers[] = {{"train", "", (double)o->train},
                   {"test", "", (double)o->test},
                   {"test", "%", o->test_percent},
                   {"validation", "", (double)o->validation},
                   {"validation", "%", o->validation_percent},
                   {"held_out", "", (double)o->held_out},
                   {"seed", "", (double)o->seed}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i].value > 0) {
            fprintf(f, "%s%s=%.15g%s", mark, numbers[i].name, numbers[i].value, numbers[i].unit);
            mark = "&";
        }
    long length = ftell(f);
    int failed = ferror(f) || length < 0 || (size_t)length + 1 >= size;
    failed |= fclose(f);
    if (!failed)
        to[length] = 0;
    return failed ? -1 : 0;
}

int ipd_data_list_next(const char **list, char *name, size_t size)
{
    const char *from = *list + strspn(*list, " ,"), *end = strchr(from, ',');
    if (!*from)
        return 0;
    size_t length = end ? (size_t)(end - from) : strlen(from);
    *list = from + length;
    while (length && from[length - 1] == ' ')
        length--;
    snprintf(name, size, "%.*s", (int)length, from);
    return 1;
}
