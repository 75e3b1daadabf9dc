/* complete.c - `ipdlam complete -- WORD...`: what can stand in place of the last word, for the shells.
 *
 * One candidate a line, with a tab and what it is, where that is known; nothing where files are
 * meant. Commands, options and verbs come from the help that people see, the rest from the tables that it
 * is made of, so that nothing is written twice.
 */
#include "base/text.h"
#include "cli/cli.h"
#include "data/dataset.h"
#include "run/history.h"
#include "run/settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RUNS = 30 };

static const char *current; /* the word to complete */

static void offer(const char *word, const char *about)
{
    if (strncmp(word, current, strlen(current)))
        return;
    printf("%s", word);
    if (about && *about)
        printf("\t%s", about);
    putchar('\n');
}

static void offer_all(const char *const *words)
{
    for (; words && *words; words++)
        offer(*words, NULL);
}

/* The help of a command ("": of the program); NULL where it cannot be had. The name is one of ours. */
static FILE *open_help(const char *command)
{
    char line[96];
    if (strspn(command, "abcdefghijklmnopqrstuvwxyz") != strlen(command) || strlen(command) > 32)
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

/* The options of a command, "  --name VALUE   what it is"; a long one has this in the next line. */
static void offer_options(const char *command)
{
    char line[512], name[64] = "";
    FILE *help = open_help(command);
    while (help && fgets(line, sizeof line, help)) {
        char *at = line + strspn(line, " ");
        if (at - line > 24 && *name) {
            at[strcspn(at, "\n")] = 0;
            offer(name, at);
            *name = 0;
            continue;
        }
        if (!strncmp(at, "-h, ", 4))
            at += 4;
        if (at == line || strncmp(at, "--", 2))
            continue;
        size_t length = 2 + strspn(at + 2, "abcdefghijklmnopqrstuvwxyz0123456789-");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        char *text = about(at + length);
        if (text) {
            offer(name, text);
            *name = 0;
        }
    }
    if (help)
        pclose(help);
}

/* The verbs of a command, from "ipdlam runs show ID" in the lines of its usage. */
static void offer_verbs(const char *command)
{
    char line[512], begin[64];
    FILE *help = open_help(command);
    snprintf(begin, sizeof begin, "ipdlam %s ", command);
    while (help && fgets(line, sizeof line, help)) {
        const char *at = strstr(line, begin);
        char verb[32];
        if (!at && line[0] == '\n')
            break;
        if (!at)
            continue;
        at += strlen(begin);
        at += *at == '[';
        snprintf(verb, sizeof verb, "%.*s", (int)strspn(at, "abcdefghijklmnopqrstuvwxyz"), at);
        if (*verb)
            offer(verb, NULL);
    }
    if (help)
        pclose(help);
}

static void offer_commands(void)
{
    char line[512];
    FILE *help = open_help("");
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

static int offer_run(void *context, const ipd_history_run *run)
{
    char id[24], text[400];
    (void)context;
    snprintf(id, sizeof id, "%ld", run->id);
    snprintf(text, sizeof text, "%s, %s, %s", run->name, run->dataset, run->status);
    offer(id, text);
    return 0;
}

static void offer_runs(void)
{
    char path[4096];
    ipd_history *h = NULL;
    ipd_error e;
    offer("last", "the newest run");
    if (ipd_history_path(path, sizeof path, &e) == 0 && ipd_history_open(&h, path, 0, &e) == 0)
        ipd_history_runs(h, RUNS, offer_run, NULL, &e);
    ipd_history_close(h);
}

/* The values of an option; 0 where it has none that are known. */
static int offer_values(const char *option)
{
    static const char *const sets[] = {"test", "train", NULL};
    char name[64];
    snprintf(name, sizeof name, "%s", option + 2);
    if (!strcmp(name, "data")) {
        offer_all(ipd_dataset_names());
        return 1;
    }
    if (!strcmp(name, "set")) {
        offer_all(sets);
        return 1;
    }
    if (!strcmp(name, "resume")) {
        offer_runs();
        return 1;
    }
    for (char *c = name; *c; c++)
        if (*c == '-')
            *c = '_';
    const ipd_setting *s = ipd_setting_find(name);
    if (!s || !s->choices)
        return 0;
    offer_all(s->choices());
    return 1;
}

/* Words that are no options; `place` is 1 for the first after the command. */
static void offer_operands(const char *command, int place)
{
    int has_verbs = !strcmp(command, "runs") || !strcmp(command, "data");
    if (has_verbs && place == 1)
        offer_verbs(command);
    else if (!strcmp(command, "runs"))
        offer_runs();
    else if (!strcmp(command, "data"))
        offer_all(ipd_dataset_names());
    else if (!strcmp(command, "presets"))
        offer_all(ipd_preset_names());
}

int ipd_cli_complete(int argc, char **argv)
{
    char **words = argv + 1;
    int count = argc - 1, place = 1;
    if (count && !strcmp(*words, "--"))
        words++, count--;
    if (!count)
        return IPD_EXIT_USAGE;
    current = words[count - 1];
    if (count == 1) {
        if (*current == '-')
            offer_options("");
        else
            offer_commands();
        return IPD_EXIT_DONE;
    }
    const char *command = words[0], *before = words[count - 2];
    if (!strncmp(before, "--", 2) && offer_values(before))
        return IPD_EXIT_DONE;
    for (int i = 1; i < count - 1; i++)
        place += words[i][0] != '-' && (words[i - 1][0] != '-' || i == 1);
    if (*current == '-')
        offer_options(command);
    else
        offer_operands(command, place);
    return IPD_EXIT_DONE;
}
