#include "tui/prompt/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

static ipd_prompt_complete_fn *ask;
static void *ask_context;
static ipd_lua_completions last; /* of the latest completion, converted by for_readline */

/* Converts a completion: ours replaces the line from byte `ours` on, Readline's from byte
 * `start`. */
static char *for_readline(const char *word, int ours, int start)
{
    size_t cut = ours < start ? (size_t)(start - ours) : 0, n = strlen(word);
    size_t front = ours > start ? (size_t)(ours - start) : 0;
    char *whole = malloc(front + n + 1);

    cut = cut < n ? cut : n;
    if (whole) {
        memcpy(whole, rl_line_buffer + start, front);
        strcpy(whole + front, word + cut);
    }
    return whole;
}

static char *common_beginning(char *const *list, size_t count)
{
    size_t n = strlen(list[0]);

    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < n; k++)
            if (list[i][k] != list[0][k])
                n = k;
    return strndup(list[0], n);
}

/* The array that Readline frees: the common beginning, then the matches. */
static char **matches_of(const ipd_lua_completions *c)
{
    char **result = calloc(c->count + 2, sizeof *result);
    int whole = result && (result[0] = common_beginning(c->words, c->count));

    for (size_t i = 0; whole && i < c->count && c->count > 1; i++)
        whole = (result[1 + i] = strdup(c->words[i])) != NULL;
    if (!whole) {
        for (size_t i = 0; result && i <= c->count; i++)
            free(result[i]);
        free(result);
        return NULL;
    }
    return result;
}

static char **complete(const char *word, int start, int end)
{
    (void)word;
    rl_attempted_completion_over = 1; /* our completions have file names where they make sense */
    rl_completion_append_character = 0;
    rl_completion_suppress_append = 1;
    ipd_lua_completions_free(&last);
    ask(ask_context, rl_line_buffer, end, &last);
    for (size_t i = 0; i < last.count; i++) {
        char *match = for_readline(last.words[i], last.start, start);
        if (!match) {
            ipd_lua_completions_free(&last);
            return NULL;
        }
        free(last.words[i]);
        last.words[i] = match;
    }
    return last.count ? matches_of(&last) : NULL;
}

void ipd_prompt_complete_with(ipd_prompt_complete_fn *f, void *context)
{
    ask = f;
    ask_context = context;
    rl_attempted_completion_function = complete;
    rl_basic_quote_characters = ""; /* Readline must not add a quote */
    rl_completer_quote_characters = "";
    rl_completer_word_break_characters = " \t\n\"'`@$><=;|&{}()[]#+-*/^%~,";
}

const char *ipd_prompt_note(const char *match)
{
    for (size_t i = 0; i < last.count; i++)
        if (!strcmp(last.words[i], match))
            return last.notes[i];
    return "";
}

void ipd_prompt_print_matches(char **matches, int count, int longest)
{
    int height, width, noted = 0;

    rl_get_screen_size(&height, &width);
    for (int i = 1; i <= count; i++)
        noted += *ipd_prompt_note(matches[i]) != 0;
    if (!noted || count > height - 2 || longest + 20 > width) {
        rl_display_match_list(matches, count, longest);
        rl_forced_update_display();
        return;
    }
    fputc('\n', rl_outstream);
    for (int i = 1; i <= count; i++)
        fprintf(rl_outstream, "%-*s  %.*s\n", longest, matches[i], width - longest - 3,
                ipd_prompt_note(matches[i]));
    rl_forced_update_display();
}

void ipd_prompt_complete_free(void)
{
    ipd_lua_completions_free(&last);
}
