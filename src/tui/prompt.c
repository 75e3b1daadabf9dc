#include "tui/prompt.h"
#include "plot/glyph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

static const char first_prompt[] = "> ", next_prompt[] = ">> ";

static ipd_prompt_host host;
static FILE *nowhere; /* what Readline itself would print */

static char *ring; /* bytes pushed and not yet read */
static size_t ring_from, ring_to, ring_size;

static char *entered; /* a line that Readline has just ended */
static int ended;     /* C-d */
static char *chunk;   /* the lines of an incomplete submission so far, or NULL */
static char **matches;
static size_t match_count;
static int touched, installed;

static int read_byte(FILE *ignored)
{
    (void)ignored;
    while (ring_from == ring_to)
        if (!host.wait || !host.wait(host.context))
            return '\a'; /* C-g: whatever wanted another key is given up */
    return (unsigned char)ring[ring_from++];
}

static int has_input(void)
{
    return ring_from < ring_to;
}

static void touch(void)
{
    touched = 1;
}

/* Readline is in the middle of a longjmp's reach here: only take the line. */
static void take_line(char *line)
{
    if (line)
        entered = line;
    else
        ended = 1;
}

static void forget_matches(void)
{
    for (size_t i = 0; i < match_count; i++)
        free(matches[i]);
    free(matches);
    matches = NULL;
    match_count = 0;
}

static void show_matches(char **list, int count, int longest)
{
    (void)longest;
    forget_matches();
    matches = calloc((size_t)count, sizeof *matches);
    for (int i = 0; matches && i < count; i++)
        if ((matches[match_count] = strdup(list[i + 1])))
            match_count++;
    touched = 1;
}

/* Our completions replace the line from their own start on, Readline's its word from `start` on. */
static char *for_readline(const char *match, int ours, int start)
{
    if (ours < start) {
        size_t cut = (size_t)(start - ours), n = strlen(match);
        return strdup(match + (cut < n ? cut : n));
    }
    char *whole = malloc((size_t)(ours - start) + strlen(match) + 1);
    if (whole) {
        memcpy(whole, rl_line_buffer + start, (size_t)(ours - start));
        strcpy(whole + (ours - start), match);
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

static char **complete(const char *word, int start, int end)
{
    int ours = start;
    size_t count = 0, kept = 0;

    (void)word;
    rl_attempted_completion_over = 1; /* no names of files instead */
    rl_completion_append_character = 0;
    char **list = host.complete ? host.complete(host.context, rl_line_buffer, end, &ours) : NULL;
    while (list && list[count])
        count++;
    char **result = count ? calloc(count + 2, sizeof *result) : NULL;
    for (size_t i = 0; i < count; i++) {
        char *match = result ? for_readline(list[i], ours, start) : NULL;
        if (match)
            result[1 + kept++] = match;
        free(list[i]);
    }
    free(list);
    if (!kept || !(result[0] = common_beginning(result + 1, kept))) {
        for (size_t i = 0; i < kept; i++)
            free(result[1 + i]);
        free(result);
        return NULL;
    }
    if (kept == 1) {
        free(result[1]);
        result[1] = NULL;
    }
    return result;
}

static void set_hooks(void)
{
    rl_readline_name = "ipdlam";
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    rl_prep_term_function = NULL;
    rl_deprep_term_function = NULL;
    rl_instream = nowhere;
    rl_outstream = nowhere;
    rl_getc_function = read_byte;
    rl_input_available_hook = has_input;
    rl_redisplay_function = touch;
    rl_attempted_completion_function = complete;
    rl_completion_display_matches_hook = show_matches;
    rl_completion_query_items = -1;
    rl_completer_word_break_characters = " \t\n\"'`@$><=;|&{}()[]#+-*/^%~,";
    rl_completer_quote_characters = "";
}

int ipd_prompt_prepare(const ipd_prompt_host *h, ipd_error *e)
{
    host = *h;
    nowhere = fopen("/dev/null", "r+e");
    if (!nowhere)
        return ipd_fail(e, IPD_EIO, "/dev/null cannot be opened: the prompt needs it");
    set_hooks();
    rl_variable_bind("show-all-if-ambiguous", "on"); /* a pop-up is cheap; inputrc may differ */
    rl_initialize();
    rl_variable_bind("bell-style", "none");
    rl_variable_bind("show-mode-in-prompt", "off");
    rl_variable_bind("enable-bracketed-paste", "off");
    rl_variable_bind("horizontal-scroll-mode", "off");
    rl_tty_set_echoing(0);
    return 0;
}

void ipd_prompt_start(void)
{
    rl_callback_handler_install(first_prompt, take_line);
    installed = touched = 1;
}

void ipd_prompt_stop(void)
{
    if (installed)
        rl_callback_handler_remove();
    installed = 0;
    forget_matches();
    free(ring);
    free(entered);
    free(chunk);
    ring = entered = chunk = NULL;
    ring_from = ring_to = ring_size = 0;
    if (nowhere) {
        rl_instream = stdin;
        rl_outstream = stdout;
        fclose(nowhere);
        nowhere = NULL;
    }
}

void ipd_prompt_push(const char *bytes, size_t count)
{
    if (ring_from == ring_to)
        ring_from = ring_to = 0;
    if (ring_to + count > ring_size) {
        size_t size = (ring_to + count) * 2 + 256;
        char *larger = realloc(ring, size);
        if (!larger)
            return; /* a key is lost, the program is not */
        ring = larger;
        ring_size = size;
    }
    memcpy(ring + ring_to, bytes, count);
    ring_to += count;
}

int ipd_prompt_has_input(void)
{
    return has_input();
}

void ipd_prompt_paste(const char *text, size_t count)
{
    char *copy = malloc(count + 1);
    size_t n = 0;

    if (!copy)
        return;
    for (size_t i = 0; i < count; i++) {
        char c = text[i] == '\r' ? '\n' : text[i]; /* terminals send Enter for a line's end */
        if (c && !(c == '\n' && text[i] == '\n' && i && text[i - 1] == '\r'))
            copy[n++] = c;
    }
    copy[n] = 0;
    forget_matches();
    if (RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MOREINPUT |
                   RL_STATE_NUMERICARG)) {
        ipd_prompt_push(copy, strcspn(copy, "\n"));
    } else {
        rl_begin_undo_group();
        rl_insert_text(copy);
        rl_end_undo_group();
    }
    free(copy);
    touched = 1;
}

/* What was entered is complete, or the prompt asks for more. */
static void hand_over(char *line)
{
    size_t before = chunk ? strlen(chunk) + 1 : 0;
    char *whole = malloc(before + strlen(line) + 1);

    host.echo(host.context, chunk ? next_prompt : first_prompt, line);
    if (whole) {
        if (chunk) {
            memcpy(whole, chunk, before - 1);
            whole[before - 1] = '\n';
        }
        strcpy(whole + before, line);
        free(chunk);
        chunk = whole;
        if (host.incomplete(host.context, chunk)) {
            rl_set_prompt(next_prompt);
        } else {
            chunk = NULL;
            rl_set_prompt(first_prompt);
            host.submit(host.context, whole);
            free(whole);
        }
    }
    free(line);
    touched = 1;
}

int ipd_prompt_work(void)
{
    while (installed && has_input() && !ended) {
        forget_matches();
        rl_callback_read_char();
        touched = 1;
        if (entered) {
            char *line = entered;
            entered = NULL;
            hand_over(line);
        }
    }
    if (ended) {
        ended = 0;
        if (chunk)
            ipd_prompt_clear();
        else
            host.end(host.context);
    }
    int was_touched = touched;
    touched = 0;
    return was_touched;
}

int ipd_prompt_clear(void)
{
    int anything = chunk || rl_end > 0 || RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH);

    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_replace_line("", 1);
    rl_point = rl_mark = 0;
    ring_from = ring_to = 0;
    forget_matches();
    free(chunk);
    chunk = NULL;
    rl_set_prompt(first_prompt);
    touched = 1;
    return anything;
}

void ipd_prompt_resize(int width, int height)
{
    rl_set_screen_size(height, width);
    touched = 1;
}

int ipd_prompt_binds_meta(int character)
{
    char keys[3] = {'\033', (char)character, 0};
    int type = ISFUNC;

    return rl_function_of_keyseq(keys, NULL, &type) != NULL;
}

ipd_typed ipd_prompt_typed(void)
{
    return (ipd_typed){rl_display_prompt ? rl_display_prompt : "",
                       rl_line_buffer ? rl_line_buffer : "", (size_t)rl_point};
}

size_t ipd_prompt_matches(char *const **list)
{
    *list = matches;
    return match_count;
}
