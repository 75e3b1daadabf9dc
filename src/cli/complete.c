/* complete.c - `ipdlam complete -- WORD...`: what can stand in place of the last word, for the shells.
 *
 * One candidate a line, with a tab and what it is, where that is known; nothing where files are
 * meant. Commands, options and verbs come from the help that people see, the rest from the tables that it
 * is made of, so that nothing is written twice.
 */
#include "base/text.h"
#include "cli/cli.h"
#include "cli/runs/runs.h"
#include "data/dataset.h"
#include "history/query.h"
#include "settings/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS = 30 };
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,+@%/"

static const char *current; /* the word to complete */
static char before[512];    /* what of it stays: "--data=", "phi," */

static void offer(const char *word, const char *about)
{
    if (strncmp(word, current, strlen(current)))
        return;
    printf("%s%s", before, word);
    if (about && *about)
        printf("\t%s", about);
    putchar('\n');
}

static void offer_all(const char *const *words)
{
    for (; words && *words; words++)
        offer(*words, NULL);
}

/* Moves the first `length` bytes of the word to what stays. */
static void keep(size_t length)
{
    size_t used = strlen(before);
    if (used + length >= sizeof before)
        return;
    memcpy(before + used, current, length);
    before[used + length] = 0;
    current += length;
}

/* In a list only what follows the last comma is completed. */
static void keep_list(void)
{
    const char *comma = strrchr(current, ',');
    if (comma)
        keep((size_t)(comma + 1 - current));
}

/* The help of a command ("": of the program; "data info": of a verb); NULL where it cannot be had. The shell sees
 * nothing but letters, dashes and blanks. */
static FILE *open_help(const char *command)
{
    char line[128];
    if (strspn(command, "abcdefghijklmnopqrstuvwxyz -") != strlen(command) || strlen(command) > 48)
        return NULL;
    snprintf(line, sizeof line, "exec /proc/%ld/exe %s --help 2> /dev/null", (long)getpid(),
             command);
    return popen(line, "r");
}

/* What is said of a word: behind two blanks or more. */
static char *about(char *at)
{
    at[strcspn(at, "\n")] = 0;
    at = strstr(at, "  ");
    return at ? at + strspn(at, " ") : NULL;
}

/* The options of a command, "  --name VALUE   what it is"; a long one has this in the next line. Of a verb of runs only those
 * that it has. */
static void offer_options(const char *command, const char *verb)
{
    char line[512], name[64] = "", other[64] = "";
    FILE *help = open_help(command);
    while (help && fgets(line, sizeof line, help)) {
        char *at = line + strspn(line, " ");
        if (at - line > 24 && *name) {
            at[strcspn(at, "\n")] = 0;
            offer(name, at);
            if (*other)
                offer(other, at);
            *name = *other = 0;
            continue;
        }
        if (!strncmp(at, "-h, ", 4))
            at += 4;
        if (at == line || strncmp(at, "--", 2))
            continue;
        size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        *other = 0;
        if (!strncmp(at + length, ", --", 4)) /* a switch: "--audit, --no-audit" */
            snprintf(other, sizeof other, "%.*s", (int)strcspn(at + length + 2, " \n"),
                     at + length + 2);
        char *text = about(at + length);
        if (text && (strcmp(command, "runs") || ipd_runs_has_option(verb, name + 2))) {
            offer(name, text);
            if (*other)
                offer(other, text);
        }
        if (text)
            *name = 0;
    }
    if (help)
        pclose(help);
}

/* Every setting is an option, by its name with dashes. */
static void offer_settings(void)
{
    for (const ipd_setting *s = ipd_settings_table; s->name; s++) {
        char name[64];
        snprintf(name, sizeof name, "--%s", s->name);
        for (char *c = name; *c; c++)
            if (*c == '_')
                *c = '-';
        if (strcmp(s->name, "rho")) /* rho_init, for what is running */
            offer(name, s->help);
    }
}

/* The commands of the program, or the verbs of a command: "  list   what it does". */
static void offer_commands(const char *command)
{
    char line[512];
    FILE *help = open_help(command);
    while (help && fgets(line, sizeof line, help)) {
        char word[32];
        int length = 0;
        if (strncmp(line, "  ", 2) || !islower((unsigned char)line[2]))
            continue;
        length = (int)strspn(line + 2, "abcdefghijklmnopqrstuvwxyz");
        snprintf(word, sizeof word, "%.*s", length, line + 2);
        offer(word, about(line + 2 + length));
    }
    if (help)
        pclose(help);
}

/* A run's number, and its name where a shell needs no quotes for it. */
static int offer_run(void *context, const ipd_history_run *run)
{
    char id[24], text[400];
    (void)context;
    snprintf(id, sizeof id, "%ld", run->id);
    snprintf(text, sizeof text, "%s, %s, %s", run->name, run->dataset, run->status);
    offer(id, text);
    snprintf(text, sizeof text, "%ld, %s, %s", run->id, run->dataset, run->status);
    if (isalpha((unsigned char)*run->name) && !run->name[strspn(run->name, PLAIN)])
        offer(run->name, text);
    return 0;
}

static void offer_runs(const char *history)
{
    char path[4096];
    ipd_history *h = NULL;
    ipd_error e;
    offer("last", "the newest run");
    if (!history && ipd_history_path(path, sizeof path, &e))
        return;
    if (ipd_history_open(&h, history ? history : path, 0, &e) == 0)
        ipd_history_runs(h, RUNS, offer_run, NULL, &e);
    ipd_history_close(h);
}

/* What runs are sorted by; after a dash, from the largest. */
static void offer_sorts(void)
{
    const char *name;
    if (*current == '-')
        keep(1);
    for (size_t i = 0; (name = ipd_history_names(NULL, i)); i++)
        offer(name, NULL);
}

static void offer_fields(void)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (f->extent == IPD_SCALAR && f->kind != IPD_STRING)
            offer(f->name, f->help);
}

/* The values of an option; 0 where it has none that are known. */
static int offer_values(const char *option, const char *history)
{
    static const char *const sets[] = {"test", "train", NULL};
    char name[64];
    snprintf(name, sizeof name, "%s", option + 2);
    if (!strcmp(name, "resume")) {
        offer_runs(history);
        return 1;
    }
    keep_list();
    if (!strcmp(name, "data"))
        offer_all(ipd_dataset_names());
    else if (!strcmp(name, "set"))
        offer_all(sets);
    else if (!strcmp(name, "status"))
        offer_all(ipd_history_states);
    else if (!strcmp(name, "sort"))
        offer_sorts();
    else if (!strcmp(name, "field"))
        offer_fields();
    else {
        for (char *c = name; *c; c++)
            if (*c == '-')
                *c = '_';
        const ipd_setting *s = ipd_setting_find(name);
        if (!s || !s->choices)
            return 0;
        offer_all(s->choices());
    }
    return 1;
}

/* The words before the one to complete: what they say of it. */
typedef struct place {
    const char *command, *verb, *option, *history;
    int operands; /* after the command, before this word */
} place;

static place look(char **words, int count)
{
    place p = {.command = words[0], .verb = ""};
    for (int i = 1; i < count - 1; i++) {
        int is_option = words[i][0] == '-';
        if (!strcmp(words[i], "--history") && i + 1 < count - 1)
            p.history = words[i + 1];
        if (!strncmp(words[i], "--history=", 10))
            p.history = words[i] + 10;
        if (is_option || (words[i - 1][0] == '-' && i > 1))
            continue;
        if (p.operands++ == 0)
            p.verb = words[i];
    }
    p.option = count > 1 && !strncmp(words[count - 2], "--", 2) ? words[count - 2] : NULL;
    return p;
}

/* Words that are no options. */
static void offer_operands(const place *p)
{
    int has_verbs = !strcmp(p->command, "runs") || !strcmp(p->command, "data");
    if (has_verbs && p->operands == 0)
        offer_commands(p->command);
    else if (!strcmp(p->command, "runs") && ipd_runs_takes_run(p->verb, p->operands))
        offer_runs(p->history);
    else if (!strcmp(p->command, "data"))
        offer_all(ipd_dataset_names());
    else if (!strcmp(p->command, "presets"))
        offer_all(ipd_preset_names());
}

static void offer_options_at(const place *p)
{
    char command[64];
    snprintf(command, sizeof command, "%.30s%s%.30s", p->command,
             !strcmp(p->command, "data") && *p->verb ? " " : "",
             !strcmp(p->command, "data") ? p->verb : "");
    if (*p->command == '-') { /* the workbench, which has no name */
        offer_options("--no-init", "");
        offer_settings();
        return;
    }
    offer_options(command, p->verb);
    if (!strcmp(p->command, "sweep"))
        offer_settings();
}

int ipd_cli_complete(int argc, char **argv)
{
    char **words = argv + 1;
    const char *equals;
    int count = argc - 1;
    if (count && !strcmp(*words, "--"))
        words++, count--;
    if (!count)
        return IPD_EXIT_USAGE;
    current = words[count - 1];
    /* bash takes "--data=dig" for three words, others for one. */
    if (count > 2 && !strcmp(words[count - 2], "=")) {
        words[count - 2] = words[count - 1];
        count--;
    } else if (count > 1 && !strcmp(current, "=")) {
        current = "";
    } else if (!strncmp(current, "--", 2) && (equals = strchr(current, '='))) {
        char option[64];
        snprintf(option, sizeof option, "%.*s", (int)(equals - current), current);
        place p = look(words, count);
        keep((size_t)(equals + 1 - current));
        offer_values(option, p.history);
        return IPD_EXIT_DONE;
    }
    place p = look(words, count);
    if (p.option && offer_values(p.option, p.history))
        return IPD_EXIT_DONE;
    if (count == 1 && *current != '-') {
        offer_commands("");
    } else if (count == 1) {
        offer("--version", "show the version");
        p.command = current;
        offer_options_at(&p);
    } else if (*current == '-') {
        offer_options_at(&p);
    } else if (*p.command != '-') {
        offer_operands(&p);
    }
    return IPD_EXIT_DONE;
}
