/* options.c - parsing and listing the options of a command; see options.h. */
#include "cli/options.h"
#include "base/text.h"
#include "cli/cli.h"
#include "net/network.h"

#include <stdlib.h>
#include <string.h>

void (*ipd_options_each)(const char *word, const char *summary);

enum { MAX_ROWS = 160 };

/* Option 0, 1, ... of a command: those of the table, then --help, then the settings. Returns 0
 * after the last one. */
static int row_at(const ipd_options *o, size_t index, ipd_option_row *row)
{
    static const ipd_option help = {"help", NULL, "show this help", IPD_OPTION_FLAG, NULL, 0, 0};
    size_t count = 0;
    while (o->table[count].name)
        count++;
    if (index > count)
        return o->settings && ipd_setting_row_at(index - count - 1, row);
    const ipd_option *option = index < count ? &o->table[index] : &help;
    snprintf(row->name, sizeof row->name, "%s", option->name);
    snprintf(row->help, sizeof row->help, "%s", option->help);
    row->value = option->value;
    row->is_setting = row->is_switch = 0;
    return 1;
}

static int unknown(const ipd_options *o, const char *name, ipd_error *e)
{
    ipd_option_row rows[MAX_ROWS];
    ipd_nearest near = {.word = name};
    for (size_t i = 0; i < MAX_ROWS && row_at(o, i, &rows[i]); i++)
        ipd_nearest_try(&near, rows[i].name);
    char word[64], meant[64];
    snprintf(word, sizeof word, "--%.60s", name);
    snprintf(meant, sizeof meant, "--%.60s", near.best ? near.best : "");
    near.word = word;
    near.best = near.best ? meant : NULL;
    return ipd_fail_unknown(e, "option", &near, "--help lists the options.");
}

static int out_of_range(const ipd_option *o, const char *value, ipd_error *e)
{
    const char *what = o->kind == IPD_OPTION_COUNT ? "whole number" : "number";
    if (o->max < 1e15)
        return ipd_fail(e, IPD_EUSAGE, "--%s must be a %s from %.15g to %.15g, not \"%.60s\"",
                        o->name, what, o->min, o->max, value);
    return ipd_fail(e, IPD_EUSAGE, "--%s must be a %s of at least %.15g, not \"%.60s\"", o->name,
                    what, o->min, value);
}

static int store_list(const ipd_option *o, const char *value, ipd_error *e)
{
    const char **list = o->to;
    int count = 0;
    while (list[count])
        count++;
    if (count == IPD_OPTION_LIST_MAX)
        return ipd_fail(e, IPD_EUSAGE, "--%s is given more than %d times", o->name,
                        IPD_OPTION_LIST_MAX);
    list[count] = value;
    return 0;
}

static int store(const ipd_option *o, const char *value, ipd_error *e)
{
    double x = 0;
    long n = 0;
    const char *file = strstr(o->value, "FILE");
    if (!*value && (file || !strcmp(o->value, "FOLDER") || !strcmp(o->value, "DIR")))
        return ipd_fail(e, IPD_EUSAGE, "--%s: the file name is empty. Name a %s", o->name,
                        file ? "file" : "folder");
    switch (o->kind) {
    case IPD_OPTION_LIST:
        return store_list(o, value, e);
    case IPD_OPTION_COUNT:
        if (ipd_text_to_long(value, &n) || (double)n < o->min || (double)n > o->max)
            return out_of_range(o, value, e);
        *(long *)o->to = n;
        return 0;
    case IPD_OPTION_NUMBER:
        if (ipd_text_to_double(value, &x) || x < o->min || x > o->max)
            return out_of_range(o, value, e);
        *(double *)o->to = x;
        return 0;
    default:
        *(const char **)o->to = value;
        return 0;
    }
}

/* Stores option `name`. Returns the number of further arguments used, or -1 and *e. */
static int parse_option(const ipd_options *o, const char *name, const char *value, const char *next,
                        ipd_error *e)
{
    const ipd_option *t = o->table;
    while (t->name && strcmp(t->name, name))
        t++;
    if (!t->name) {
        int used =
            o->settings ? ipd_given_parse(o->settings, name, value, next, e) : IPD_NO_SETTING;
        return used == IPD_NO_SETTING ? unknown(o, name, e) : used;
    }
    if (t->kind == IPD_OPTION_FLAG) {
        if (value)
            return ipd_fail(e, IPD_EUSAGE, "--%s takes no value", name);
        *(int *)t->to = 1;
        return 0;
    }
    if (!value && !next)
        return ipd_fail(e, IPD_EUSAGE, "--%s needs a value: --%s %s", name, name, t->value);
    return store(t, value ? value : next, e) ? -1 : !value;
}

/* Parses an argument that begins with "--". Returns the number of further arguments used, -1 and
 * *e, or -2 for --help. */
static int parse_word(const ipd_options *o, const char *word, const char *next, ipd_error *e)
{
    char name[64];
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
    if (length >= sizeof name)
        return ipd_fail_unknown(e, "option", &(ipd_nearest){.word = word},
                                "--help lists the options.");
    memcpy(name, word + 2, length);
    name[length] = 0;
    if (!strcmp(name, "help") && !equals)
        return -2;
    return parse_option(o, name, equals ? equals + 1 : NULL, next, e);
}

/* 1 if -o stands for an option. */
static int has_output(const ipd_options *o)
{
    for (const ipd_option *t = o->table; t->name; t++)
        if (!strcmp(t->name, "output"))
            return 1;
    return 0;
}

static int parse(const ipd_options *o, int argc, char **argv, ipd_error *e)
{
    int operands_only = 0, operands = 0;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (operands_only || word[0] != '-' || !word[1]) {
            if (!o->operands || (o->max_operands && operands == o->max_operands))
                return ipd_fail(e, IPD_EUSAGE,
                                "unexpected argument \"%.60s\". --help shows the usage", word);
            argv[++operands] = argv[i];
            operands_only |= o->ends_at_first;
        } else if (!strcmp(word, "--")) {
            operands_only = 1;
        } else if (!strcmp(word, "-h")) {
            return 1;
        } else if (word[1] == '-' || (!strcmp(word, "-o") && has_output(o))) {
            int used = parse_word(o, word[1] == 'o' ? "--output" : word,
                                  i + 1 < argc ? argv[i + 1] : NULL, e);
            if (used < 0)
                return used == -2 ? 1 : -1;
            i += used;
        } else {
            return ipd_fail_unknown(e, "option", &(ipd_nearest){.word = word},
                                    "Options begin with two dashes; --help lists them.");
        }
    }
    if (o->operands)
        *o->operands = operands;
    return 0;
}

static int check_json(const ipd_options *o, ipd_error *e)
{
    int forms = 0;
    for (const ipd_option *t = o->table; t->name; t++)
        if (!strcmp(t->name, "json") || !strcmp(t->name, "jsonl"))
            forms += *(const int *)t->to;
    return forms > 1 ? ipd_fail(e, IPD_EUSAGE, "--json and --jsonl exclude each other") : 0;
}

int ipd_options_parse(const ipd_options *o, int argc, char **argv)
{
    ipd_error e;
    int asked = parse(o, argc, argv, &e);
    if (asked < 0 || (!asked && check_json(o, &e)))
        return ipd_cli_error(o->name, &e);
    if (!asked)
        return -1;
    ipd_options_help(o);
    return IPD_EXIT_DONE;
}

static void show_row(const ipd_option_row *r)
{
    char left[96];
    if (r->is_switch)
        snprintf(left, sizeof left, "--%s, --no-%s", r->name, r->name);
    else
        snprintf(left, sizeof left, "--%s%s%s", r->name, r->value ? " " : "",
                 r->value ? r->value : "");
    if (strlen(left) > 24)
        printf("  %s\n  %-24s  %s\n", left, "", r->help);
    else
        printf("  %-24s  %s\n", left, r->help);
}

/* Passes an option to completion; a switch as "--audit" and "--no-audit". */
static void pass_row(const ipd_option_row *r)
{
    char word[48];
    for (int no = 0; no <= r->is_switch; no++) {
        snprintf(word, sizeof word, "--%s%s", no ? "no-" : "", r->name);
        ipd_options_each(word, r->help);
    }
}

static const ipd_command *verb_at(const ipd_options *o, size_t index)
{
    size_t size = o->verb_size ? o->verb_size : sizeof(ipd_command);
    return (const void *)((const char *)o->verbs + index * size);
}

/* Writes the text before a verb's summary in --help. Returns its length. */
static int verb_text(const ipd_command *c, char *to, size_t size)
{
    return snprintf(to, size, "%s%s%s", c->name, *c->operands ? " " : "", c->operands);
}

static void show_verbs(const ipd_options *o)
{
    char left[40];
    int width = 0;
    for (size_t i = 0; verb_at(o, i)->name; i++) {
        int length = verb_text(verb_at(o, i), left, sizeof left);
        width = length > width ? length : width;
    }
    printf("%s:\n", *o->name ? "Verbs" : "Commands");
    for (size_t i = 0; verb_at(o, i)->name; i++) {
        verb_text(verb_at(o, i), left, sizeof left);
        printf("  %-*s  %s\n", width, left, verb_at(o, i)->summary);
    }
    printf("\nOptions:\n");
}

/* Returns 1 if the setting is in the list of settings in --help. Completion offers all settings. */
static int shows_setting(const ipd_options *o, const char *name)
{
    if (o->settings_title && !strcmp(name, "preset"))
        printf("\n%s\n", o->settings_title);
    return o->settings_title != NULL;
}

void ipd_options_help(const ipd_options *o)
{
    ipd_option_row row;
    if (ipd_options_each) {
        for (size_t i = 0; o->verbs && verb_at(o, i)->name; i++)
            ipd_options_each(verb_at(o, i)->name, verb_at(o, i)->summary);
        for (size_t i = 0; row_at(o, i, &row); i++)
            pass_row(&row);
        return;
    }
    printf("Usage: ipdlam%s%s%s\n\n", *o->name ? " " : "", o->name, o->usage);
    if (o->verbs)
        show_verbs(o);
    for (size_t i = 0; row_at(o, i, &row); i++)
        if (!row.is_setting || shows_setting(o, row.name))
            show_row(&row);
    for (const ipd_preset *p = o->settings_title ? ipd_presets : &(ipd_preset){0}; p->name; p++)
        printf("%s  %-8s  %s\n", p == ipd_presets ? "\nPresets:\n" : "", p->name, p->summary);
    if (o->after)
        printf("\n%s\n", o->after);
    else
        printf("\nSee ipdlam-%.*s(1).\n", (int)strcspn(o->name, " "), o->name);
}

int ipd_command_run(const ipd_command *commands, const char *of, int argc, char **argv)
{
    const char *names[32] = {NULL};
    ipd_error e;
    for (int i = 0; commands[i].name && i < 31; i++) {
        names[i] = commands[i].name;
        if (!strcmp(names[i], argv[0]))
            return commands[i].run(argc, argv);
    }
    if (ipd_options_each) /* completion of an unknown command */
        return IPD_EXIT_USAGE;
    ipd_fail_unknown_in(&e, *of ? "verb" : "command", argv[0], names);
    return ipd_cli_error(of, &e);
}

int ipd_options_widths(const char *text, size_t *widths, int *count, ipd_error *e)
{
    enum { WIDEST = 1000000 };
    const char *at = text;
    *count = 0;
    if (!strcmp(at, "none"))
        return 0;
    for (;;) {
        size_t length = strcspn(at, ","), digits = strspn(at + (*at == '-'), "0123456789");
        long width = strtol(at, NULL, 10); /* LONG_MAX on overflow */
        if (!digits || digits + (*at == '-') != length)
            return ipd_fail(
                e, IPD_EUSAGE,
                "--layers must be a list of widths such as 1500,1500 (or none), not \"%.60s\"",
                text);
        if (width < 1 || width > WIDEST)
            return ipd_fail(e, IPD_EUSAGE, "--layers: width %.*s is out of range. Use 1 to %d",
                            length < 30 ? (int)length : 30, at, WIDEST);
        if (*count == IPD_MAX_LAYERS - 1)
            return ipd_fail(e, IPD_EUSAGE, "--layers names more than %d hidden layers",
                            IPD_MAX_LAYERS - 1);
        widths[(*count)++] = (size_t)width;
        at += length;
        if (!*at++)
            return 0;
    }
}
