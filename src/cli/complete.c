/* complete.c - `ipdlam complete -- WORD...`: lists completions of the last word, for shells.
 *
 * Prints one candidate per line, followed by a tab and its summary if there is one; nothing if a
 * file name is expected. Commands, verbs and options come from the same tables as --help.
 */
#include "cli/cli.h"
#include "cli/options.h"
#include "cli/runs/runs.h"
#include "data/dataset.h"
#include "history/query.h"
#include "settings/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { RUNS = 30 };
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.,+@%/"

static const char *current; /* the word to complete */
static char before[512];    /* the part of it that is not completed: "--data=", "phi," */

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

/* Moves the first `length` bytes of the word to `before`. */
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

static int (*help_on)(int argc, char **argv);
static const char *verb_of_runs; /* only its options are offered; NULL: all options */

/* Offers a verb or an option, if the current word can be one. */
static void offer_row(const char *word, const char *summary)
{
    if ((*word == '-') != (*current == '-'))
        return;
    if (*word == '-' && verb_of_runs && !ipd_runs_has_option(verb_of_runs, word + 2))
        return;
    offer(word, summary);
}

/* Offers the verbs and options of the program (NULL), of a command, or of a verb such as "data",
 * "info". */
static void offer_help(const char *command, const char *verb)
{
    char *words[] = {"help", (char *)command, (char *)verb, NULL};
    help_on(command ? verb ? 3 : 2 : 1, words);
}

/* Offers a run's number, and its name if that needs no quotes in a shell. */
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

static void offer_fields(void)
{
    for (const ipd_field *f = ipd_record_fields; f->name; f++)
        if (f->extent == IPD_SCALAR && f->kind != IPD_STRING)
            offer(f->name, f->help);
}

/* Offers the values of an option. Returns 0 if they are not known. */
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
    else if (!strcmp(name, "sort")) {
        keep(*current == '-'); /* -NAME sorts the largest first */
        offer_all(ipd_history_names());
    } else if (!strcmp(name, "field"))
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

/* The context of the current word, from the words before it. */
typedef struct place {
    const char *command, *verb, *option, *history;
    int operands; /* after the command, before this word */
} place;

static place find_place(char **words, int count)
{
    place p = {.command = words[0], .verb = ""};
    for (int i = 1; i < count - 1; i++) {
        int is_option = words[i][0] == '-';
        ipd_error unread;
        if (!strcmp(words[i], "--method") && i + 1 < count - 1) /* its settings are options */
            ipd_method_get(words[i + 1], &unread);
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

/* Offers words that are not options. */
static void offer_operands(const place *p)
{
    int runs = !strcmp(p->command, "runs"), data = !strcmp(p->command, "data");
    if ((runs || data) && p->operands == 0)
        offer_help(p->command, NULL);
    else if (runs && ipd_runs_operand_is_run(p->verb, p->operands))
        offer_runs(p->history);
    else if (data)
        offer_all(ipd_dataset_names());
    else if (!strcmp(p->command, "presets"))
        offer_all(ipd_preset_names());
}

static void offer_options(const place *p)
{
    verb_of_runs = !strcmp(p->command, "runs") ? p->verb : NULL;
    if (*p->command == '-') /* the workbench has no name */
        offer_help("workbench", NULL);
    else
        offer_help(p->command, !strcmp(p->command, "data") && *p->verb ? p->verb : NULL);
}

int ipd_cli_complete(int argc, char **argv, int (*help)(int argc, char **argv))
{
    char **words = argv + 1;
    const char *equals;
    int count = argc - 1;
    help_on = help;
    ipd_options_each = offer_row;
    if (count && !strcmp(*words, "--"))
        words++, count--;
    if (!count)
        return IPD_EXIT_USAGE;
    current = words[count - 1];
    /* bash splits "--data=dig" into three words; other shells do not. */
    if (count > 2 && !strcmp(words[count - 2], "=")) {
        words[count - 2] = words[count - 1];
        count--;
    } else if (count > 1 && !strcmp(current, "=")) {
        current = "";
    } else if (!strncmp(current, "--", 2) && (equals = strchr(current, '='))) {
        char option[64];
        snprintf(option, sizeof option, "%.*s", (int)(equals - current), current);
        place p = find_place(words, count);
        keep((size_t)(equals + 1 - current));
        offer_values(option, p.history);
        return IPD_EXIT_DONE;
    }
    place p = find_place(words, count);
    if (p.option && offer_values(p.option, p.history))
        return IPD_EXIT_DONE;
    if (count == 1)
        offer_help(NULL, NULL);
    if (*current == '-')
        offer_options(&p);
    else if (count > 1 && *p.command != '-')
        offer_operands(&p);
    return IPD_EXIT_DONE;
}
