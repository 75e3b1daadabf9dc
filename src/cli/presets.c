/* presets.c - `ipdlam presets`: shows the settings of each preset and the choices that its source
 * leaves open. */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/json_output.h"
#include "cli/machine.h"
#include "cli/options.h"
#include "format/export.h"
#include "settings/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct presets {
    ipd_json_output json;
    const ipd_preset *only; /* NULL: all */
    int width;              /* of the text */
};

static void print_labelled(const char *label, const char *text, int indent, int width)
{
    printf("%*s%s", indent, "", label);
    ipd_text_wrap(stdout, text, indent + (int)strlen(label), indent + (int)strlen(label), width);
}

static void print_settings(const ipd_preset *p, int width)
{
    char all[4096] = "", value[512];
    size_t at = 0;
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        if (!ipd_setting_is_first(s) || !ipd_settings_use(&p->settings, s) ||
            !strcmp(s->name, "preset"))
            continue;
        ipd_settings_get(&p->settings, s, value, sizeof value);
        if (ipd_setting_is_unset(s, strtod(value, NULL))) {
            if (strcmp(s->name, "batch"))
                continue; /* the method's default */
            strcpy(value, "512 (128 on the digits)");
        }
        int n = snprintf(all + at, sizeof all - at, "%s%s%c=%c%s", at ? ", " : "", s->name,
                         IPD_TEXT_TIED, IPD_TEXT_TIED, value);
        at += (size_t)n < sizeof all - at ? (size_t)n : 0;
    }
    print_labelled("Settings: ", all, 2, width);
}

static void print_choice(const ipd_choice *c, const char *of, int width)
{
    char what[256];
    snprintf(what, sizeof what, "%s%s%s%s", c->what, *of ? " (" : "", of, *of ? ")" : "");
    print_labelled("- ", what, 2, width);
    print_labelled("source: ", c->source, 4, width);
    print_labelled("here:   ", c->here, 4, width);
}

static void print_preset(const ipd_preset *p, int width)
{
    printf("%s: ", p->name);
    ipd_text_wrap(stdout, p->summary, (int)strlen(p->name) + 2, 2, width);
    print_labelled("Source: ", p->source, 2, width);
    print_settings(p, width);
    print_labelled("Objective (FV) shown as: ", ipd_preset_objective(p), 2, width);
}

static int has_choice(const ipd_preset *p, const ipd_choice *choice)
{
    const ipd_choice *c;
    for (int i = 0; (c = ipd_preset_choice(p, i)); i++)
        if (c == choice)
            return 1;
    return 0;
}

/* Prints each choice once, with the presets that it concerns. */
static void print_all_choices(int width)
{
    const ipd_choice *c;
    printf("Choices that the sources leave open, and presets concerned:\n");
    for (const ipd_preset *p = ipd_presets; p->name; p++)
        for (int i = 0; (c = ipd_preset_choice(p, i)); i++) {
            char of[128] = "";
            int seen = 0;
            for (const ipd_preset *q = ipd_presets; q->name; q++) {
                size_t at = strlen(of);
                if (!has_choice(q, c))
                    continue;
                seen = seen || q < p;
                snprintf(of + at, sizeof of - at, "%s%s", at ? ", " : "", q->name);
            }
            if (!seen)
                print_choice(c, of, width);
        }
}

static void print_one(const ipd_preset *p, int width)
{
    const ipd_choice *c;
    print_preset(p, width);
    printf("\nChoices that the source leaves open:\n");
    for (int i = 0; (c = ipd_preset_choice(p, i)); i++)
        print_choice(c, "", width);
}

/* The width of a preset's column; 0 for the last one, which needs no padding. */
static int width_of(const ipd_preset *p)
{
    return p[1].name ? 16 : 0;
}

/* Prints a table of the settings in which the presets differ. */
static void print_table(void)
{
    static const char *const rows[] = {"method",     "order",   "alpha", "delta", "rho_init",
                                       "rho_growth", "rho_max", "batch", "inner", "shuffle"};
    char value[512];
    printf("%-12s", "");
    for (const ipd_preset *p = ipd_presets; p->name; p++)
        printf("%-*s", width_of(p), p->name);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        printf("\n%-12s", !strcmp(rows[i], "alpha") ? "inertia" : rows[i]);
        for (const ipd_preset *p = ipd_presets; p->name; p++) {
            const ipd_setting *setting = ipd_setting_find(rows[i]);
            ipd_settings_get(&p->settings, setting, value, sizeof value);
            if (!ipd_setting_is_text(setting, value) &&
                setting->kind == IPD_SET_NUMBER) /* 1e+09, not 1000000000 */
                ipd_number_text(strtod(value, NULL), value);
            int full = !strcmp(rows[i], "batch") && p->settings.batch == 0;
            int by_data = !strcmp(rows[i], "batch") && p->settings.batch < 0;
            printf("%-*s", width_of(p), full ? "full" : by_data ? "512, digits 128" : value);
        }
    }
    printf("\n%-12s", "FV shown as");
    for (const ipd_preset *p = ipd_presets; p->name; p++)
        printf("%-*s", width_of(p), ipd_preset_objective(p));
    printf("\n");
}

static void print_json(const ipd_preset *p)
{
    const ipd_choice *c;
    const char *comma = "";
    char value[512];
    const char *const texts[][2] = {{"name", p->name},
                                    {"summary", p->summary},
                                    {"source", p->source},
                                    {"objective", ipd_preset_objective(p)}};
    printf("{");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        printf("%s\"%s\": ", i ? ", " : "", texts[i][0]);
        ipd_json_string(stdout, texts[i][1]);
    }
    printf(", \"settings\": {");
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        /* Their values are printed as alpha, beta, gamma and rho_init. */
        if (!strcmp(s->name, "inertia") || !strcmp(s->name, "rho") || s->own)
            continue;
        ipd_settings_get(&p->settings, s, value, sizeof value);
        printf("%s\"%s\": ", comma, s->name);
        comma = ", ";
        ipd_setting_json(stdout, s, value);
    }
    printf("}, \"choices\": [");
    for (int i = 0; (c = ipd_preset_choice(p, i)); i++) {
        printf("%s{\"what\": ", i ? ", " : "");
        ipd_json_string(stdout, c->what);
        printf(", \"source\": ");
        ipd_json_string(stdout, c->source);
        printf(", \"here\": ");
        ipd_json_string(stdout, c->here);
        printf("}");
    }
    printf("]}");
}

/* Prints an array of all presets. */
static void print_all_json(struct presets *p)
{
    if (p->only) {
        print_json(p->only);
        putchar('\n');
        return;
    }
    for (const ipd_preset *one = ipd_presets; one->name; one++) {
        ipd_json_item(&p->json);
        print_json(one);
        ipd_json_end_item(&p->json);
    }
    ipd_json_close(&p->json);
}

int ipd_cli_presets(int argc, char **argv)
{
    struct presets p = {0};
    int operands = 0;
    const ipd_option table[] = {IPD_OPTION_JSON_PER(p.json, "preset"), {0}};
    const ipd_options options = {.name = "presets",
                                 .usage =
                                     " [NAME] [--json | --jsonl]\n\nLists all presets, or one: its "
                                     "settings, their source, and every choice that the "
                                     "source\nleaves open, with the choice of this program.",
                                 .table = table,
                                 .operands = &operands,
                                 .max_operands = 1};
    ipd_error e;
    int code = ipd_options_parse(&options, argc, argv);
    if (code >= 0)
        return code;
    if (operands && !(p.only = ipd_preset_find(argv[1]))) {
        ipd_fail_unknown_in(&e, "preset", argv[1], ipd_preset_names());
        return ipd_cli_error("presets", &e);
    }
    p.width = ipd_terminal_width(STDOUT_FILENO, 96);
    p.width = p.width < 40 ? 40 : p.width > 96 ? 96 : p.width;
    if (ipd_json_asked(&p.json)) {
        print_all_json(&p);
        return IPD_EXIT_DONE;
    }
    if (p.only) {
        print_one(p.only, p.width);
        return IPD_EXIT_DONE;
    }
    print_table();
    for (const ipd_preset *one = ipd_presets; one->name; one++) {
        putchar('\n');
        print_preset(one, p.width);
    }
    putchar('\n');
    print_all_choices(p.width);
    return IPD_EXIT_DONE;
}
