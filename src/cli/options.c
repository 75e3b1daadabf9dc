/* options.c - see options.h. */
#include "cli/options.h"
#include "base/text.h"
#include "net/network.h"

#include <stdlib.h>
#include <string.h>

struct candidates {
    const ipd_options *options;
    size_t count; /* in the table */
};

static const char *candidate(void *context, size_t index)
{
    const struct candidates *c = context;
    const ipd_options *o = c->options;
    if (index < c->count)
        return o->table[index].name;
    index -= c->count;
    if (index == 0)
        return "help";
    return o->names ? o->names(o->context, index - 1) : NULL;
}

static int unknown(const ipd_options *o, const char *name, ipd_error *e)
{
    struct candidates c = {o, 0};
    while (o->table[c.count].name)
        c.count++;
    const char *near = ipd_text_nearest(name, candidate, &c);
    char word[64], meant[64];
    snprintf(word, sizeof word, "--%.60s", name);
    snprintf(meant, sizeof meant, "--%.60s", near ? near : "");
    return ipd_fail_unknown(e, "option", word, near ? meant : NULL, "--help lists the options.");
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

static int names_file(const ipd_option *o)
{
    return strstr(o->value, "FILE") || !strcmp(o->value, "FOLDER") || !strcmp(o->value, "DIR");
}

static int take(const ipd_option *o, const char *value, ipd_error *e)
{
    switch (o->kind) {
    case IPD_OPTION_FLAG:
        *(int *)o->to = 1;
        return 0;
    case IPD_OPTION_TEXT:
        if (!*value && names_file(o))
            return ipd_fail(e, IPD_EUSAGE, "--%s: the file name is empty. Name a %s", o->name,
                            strstr(o->value, "FILE") ? "file" : "folder");
        *(const char **)o->to = value;
        return 0;
    case IPD_OPTION_COUNT: {
        long n;
        if (ipd_text_to_long(value, &n) || (double)n < o->min || (double)n > o->max)
            return out_of_range(o, value, e);
        *(long *)o->to = n;
        return 0;
    }
    default: {
        double x;
        if (ipd_text_to_double(value, &x) || x < o->min || x > o->max)
            return out_of_range(o, value, e);
        *(double *)o->to = x;
        return 0;
    }
    }
}

/* Takes option `name`; returns how many further words it used, or -1. */
static int take_option(const ipd_options *o, const char *name, const char *value, const char *next,
                       ipd_error *e)
{
    for (const ipd_option *t = o->table; t->name; t++) {
        if (strcmp(t->name, name))
            continue;
        if (t->kind == IPD_OPTION_FLAG) {
            if (value)
                return ipd_fail(e, IPD_EUSAGE, "--%s takes no value", name);
            return take(t, NULL, e);
        }
        const char *given = value ? value : next;
        if (!given)
            return ipd_fail(e, IPD_EUSAGE, "--%s needs a value: --%s %s", name, name, t->value);
        return take(t, given, e) ? -1 : !value;
    }
    int used = o->other ? o->other(o->context, name, value, next, e) : IPD_OPTION_UNKNOWN;
    return used == IPD_OPTION_UNKNOWN ? unknown(o, name, e) : used;
}

/* Takes argv[i]; returns how many further words it used, -1 and *e, or -2 for --help. */
static int take_word(const ipd_options *o, const char *word, const char *next, ipd_error *e)
{
    char name[64];
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word - 2) : strlen(word + 2);
    if (length >= sizeof name)
        return ipd_fail_unknown(e, "option", word, NULL, "--help lists the options.");
    memcpy(name, word + 2, length);
    name[length] = 0;
    if (!strcmp(name, "help") && !equals)
        return -2;
    return take_option(o, name, equals ? equals + 1 : NULL, next, e);
}

static int parse(const ipd_options *o, int argc, char **argv, ipd_error *e)
{
    int operands_only = 0;
    if (o->first)
        *o->first = argc;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (o->first && (operands_only || word[0] != '-' || !word[1])) {
            *o->first = i;
            return 0;
        }
        if (!operands_only && !strcmp(word, "--")) {
            operands_only = 1;
        } else if (!operands_only && word[0] == '-' && word[1] == '-') {
            int used = take_word(o, word, i + 1 < argc ? argv[i + 1] : NULL, e);
            if (used < 0)
                return used == -2 ? 1 : -1;
            i += used;
        } else if (!operands_only && !strcmp(word, "-h")) {
            return 1;
        } else if (!operands_only && word[0] == '-' && word[1]) {
            return ipd_fail_unknown(e, "option", word, NULL,
                                    "Options begin with two dashes; --help lists them.");
        } else {
            int used = o->other ? o->other(o->context, NULL, word, NULL, e) : IPD_OPTION_UNKNOWN;
            if (used == IPD_OPTION_UNKNOWN)
                return ipd_fail(e, IPD_EUSAGE,
                                "unexpected argument \"%.60s\". --help shows the usage", word);
            if (used < 0)
                return -1;
        }
    }
    return 0;
}

int ipd_options_parse(const ipd_options *o, int argc, char **argv, ipd_error *e)
{
    int asked = parse(o, argc, argv, e);
    if (asked > 0 && o->usage) {
        printf("Usage: ipdlam %s\n\n", o->usage);
        ipd_options_help(stdout, o->table);
        if (o->after)
            printf("\n%s\n", o->after);
        else
            printf("\nSee ipdlam-%.*s(1).\n", (int)strcspn(o->usage, " "), o->usage);
    }
    return asked;
}

void ipd_options_help_line(FILE *to, const char *name, const char *value, const char *help)
{
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", name, value ? " " : "", value ? value : "");
    if (strlen(left) > 24)
        fprintf(to, "  %s\n  %-24s  %s\n", left, "", help);
    else
        fprintf(to, "  %-24s  %s\n", left, help);
}

void ipd_options_help(FILE *to, const ipd_option *table)
{
    for (const ipd_option *o = table; o->name; o++)
        ipd_options_help_line(to, o->name, o->value, o->help);
    ipd_options_help_line(to, "help", NULL, "show this help");
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
        long width = strtol(at, NULL, 10); /* LONG_MAX for what is more */
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
