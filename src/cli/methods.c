/* methods.c - `ipdlam methods`: the training methods, built in and from files. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/options.h"
#include "format/export.h"
#include "lua/method.h"
#include "settings/settings.h"
#include "solver/written.h"

#include <stdio.h>
#include <string.h>

static void print_json(const ipd_method *m)
{
    printf("{\"name\": ");
    ipd_json_string(stdout, m->name);
    printf(", \"summary\": ");
    ipd_json_string(stdout, m->summary);
    printf(", \"source\": ");
    ipd_json_string(stdout, m->written ? m->written->source : "");
    printf(", \"file\": %s, \"uses\": ", m->written ? "true" : "false");
    ipd_json_string(stdout, m->uses ? m->uses : "");
    printf(", \"settings\": {");
    for (const ipd_own_setting *x = m->own; x && *x->name; x++) {
        printf("%s\"%s\": {\"default\": ", x == m->own ? "" : ", ", x->name);
        ipd_json_number(stdout, x->start);
        printf(", \"min\": ");
        ipd_json_number(stdout, x->min);
        printf(", \"max\": ");
        ipd_json_number(stdout, x->max);
        printf(", \"help\": ");
        ipd_json_string(stdout, x->help);
        printf("}");
    }
    printf("}}");
}

static void print_one(const ipd_method *m)
{
    printf("%s: %s\n", m->name, m->summary);
    if (m->written && *m->written->source)
        printf("  Source: %s\n", m->written->source);
    printf("  Uses: %s\n", m->uses ? m->uses : "");
    for (const ipd_own_setting *x = m->own; x && *x->name; x++)
        printf("  %-14s  %s (default %g, %g to %g)\n", x->name, x->help, x->start, x->min, x->max);
}

int ipd_cli_methods(int argc, char **argv)
{
    int operands = 0;
    ipd_json_output json = {0};
    const ipd_option table[] = {IPD_OPTION_JSON_PER(json, "method"), {0}};
    const ipd_options options = {
        .name = "methods",
        .usage = " [NAME] [--json | --jsonl]\n\nLists the training methods, built in and from the "
                 "folders of methods, or one of them,\nby its name or file: its settings, with "
                 "default and range. See ipdlam-method(7).",
        .table = table,
        .operands = &operands,
        .max_operands = 1};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    const ipd_method *only = operands ? ipd_method_get(argv[1], &e) : NULL;
    if (operands && !only)
        return ipd_cli_error("methods", &e);
    if (!only)
        ipd_lua_methods_find();
    if (only && ipd_json_asked(&json)) {
        print_json(only);
        putchar('\n');
        return IPD_EXIT_DONE;
    }
    if (only) {
        print_one(only);
        return IPD_EXIT_DONE;
    }
    ipd_json_begin(&json);
    for (const char *const *name = ipd_method_names(); *name; name++) {
        const ipd_method *m = ipd_method_find(*name);
        if (ipd_json_asked(&json)) {
            ipd_json_item(&json);
            print_json(m);
            ipd_json_end_item(&json);
        } else {
            printf("%-20s  %s\n", m->name, m->summary);
        }
    }
    ipd_json_close(&json);
    return IPD_EXIT_DONE;
}
