#include "tui/prompt/prompt.h"
#include "tui/prompt/commands.h"
#include "tui/prompt/complete.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/readline.h>

static const char first_prompt[] = "> ", next_prompt[] = ">> ";

static ipd_prompt_host host;
static FILE *nowhere; /* discards Readline's own output */

static char *queue; /* bytes pushed; those from queue_from on are not read yet */
static size_t queue_from, queue_to, queue_size;

static char *entered;           /* a complete line from Readline */
static int ended;               /* 1: C-d */
static char *chunk;             /* the lines of an incomplete submission so far, or NULL */
static char **matches, **notes; /* completions to list, and a line of help on each */
static size_t match_count;
static char *signature;    /* of the call being typed, or NULL */
static char *signature_of; /* the line and the cursor that it belongs to */
static int signature_point;
static int touched, installed;
static int shows_mode;      /* 1: the inputrc asks for the mode in the prompt */
static char with_mode[128]; /* the prompt with the mode */

static int read_byte(FILE *ignored)
{
    (void)ignored;
    while (queue_from == queue_to)
        if (!host.wait || !host.wait(host.context))
            return '\a'; /* C-g: cancels the command that waits for a key */
    return (unsigned char)queue[queue_from++];
}

int ipd_prompt_has_input(void)
{
    return queue_from < queue_to;
}

static void touch(void)
{
    touched = 1;
}

/* Readline may leave this callback by longjmp, so only store the line. */
static void take_line(char *line)
{
    if (line)
        entered = line;
    else
        ended = 1;
}

void ipd_prompt_hide_matches(void)
{
    for (size_t i = 0; i < match_count; i++) {
        free(matches[i]);
        free(notes[i]);
    }
    free(matches);
    free(notes);
    matches = notes = NULL;
    match_count = 0;
}

static void show_matches(char **list, int count, int longest)
{
    (void)longest;
    ipd_prompt_hide_matches();
    matches = calloc((size_t)count, sizeof *matches);
    notes = calloc((size_t)count, sizeof *notes);
    for (int i = 0; matches && notes && i < count; i++) {
        matches[match_count] = strdup(list[i + 1]);
        notes[match_count] = strdup(ipd_prompt_note(list[i + 1]));
        if (matches[match_count] && notes[match_count]) {
            match_count++;
        } else {
            free(matches[match_count]);
            free(notes[match_count]);
        }
    }
    touched = 1;
}

static int leave(void *context)
{
    (void)context;
    return host.leave(host.context);
}

static void come_back(void *context)
{
    (void)context;
    host.come_back(host.context);
    touched = 1;
}

static void failed(void *context, const ipd_error *e)
{
    (void)context;
    host.failed(host.context, e);
}

static const char *before(void *context)
{
    (void)context;
    return chunk;
}

static void taken(void *context)
{
    (void)context;
    free(chunk);
    chunk = NULL;
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
    rl_input_available_hook = ipd_prompt_has_input;
    rl_redisplay_function = touch;
    ipd_prompt_complete_with(host.complete, host.context);
    rl_completion_display_matches_hook = show_matches;
    rl_completion_query_items = -1;
}

int ipd_prompt_prepare(const ipd_prompt_host *h, ipd_error *e)
{
    host = *h;
    nowhere = fopen("/dev/null", "r+e");
    if (!nowhere)
        return ipd_fail(e, IPD_EIO, "cannot open /dev/null, which the prompt needs");
    set_hooks();
    ipd_prompt_commands_add(&(ipd_prompt_commands){.leave = leave,
                                                   .come_back = come_back,
                                                   .failed = failed,
                                                   .before = before,
                                                   .taken = taken});
    rl_variable_bind("show-all-if-ambiguous", "on"); /* an inputrc overrides this */
    rl_initialize();
    const char *mode = rl_variable_value("show-mode-in-prompt"); /* prompt_shown draws the mode */
    shows_mode = mode && strcmp(mode, "on") == 0;
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
    ipd_prompt_hide_matches();
    ipd_prompt_complete_free();
    free(queue);
    free(entered);
    free(chunk);
    free(signature);
    free(signature_of);
    queue = entered = chunk = signature = signature_of = NULL;
    queue_from = queue_to = queue_size = 0;
    if (nowhere) {
        rl_instream = stdin;
        rl_outstream = stdout;
        fclose(nowhere);
        nowhere = NULL;
    }
}

void ipd_prompt_push(const char *bytes, size_t count)
{
    if (queue_from == queue_to)
        queue_from = queue_to = 0;
    if (queue_to + count > queue_size) {
        size_t size = (queue_to + count) * 2 + 256;
        char *larger = realloc(queue, size);
        if (!larger)
            return; /* the key is lost */
        queue = larger;
        queue_size = size;
    }
    memcpy(queue + queue_to, bytes, count);
    queue_to += count;
}

void ipd_prompt_paste(const char *text, size_t count)
{
    char *copy = malloc(count + 1);
    size_t n = 0;

    if (!copy)
        return;
    for (size_t i = 0; i < count; i++) {
        char c = text[i] == '\r' ? '\n' : text[i]; /* terminals send CR for a newline */
        if (c && !(c == '\n' && text[i] == '\n' && i && text[i - 1] == '\r'))
            copy[n++] = c;
    }
    copy[n] = 0;
    ipd_prompt_hide_matches();
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

/* Submits the input if it is complete, or asks for more. */
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

void ipd_prompt_enter(const char *line)
{
    host.echo(host.context, first_prompt, line);
    host.submit(host.context, line);
}

static int inside; /* 1: Readline is reading a key */
static int held;   /* see ipd_prompt_hold */

int ipd_prompt_hold(int on)
{
    int before = held;

    held = on;
    return before;
}

void ipd_prompt_drop_ahead(void)
{
    queue_from = queue_to = 0;
}

int ipd_prompt_is_held(void)
{
    return held;
}

int ipd_prompt_work(void)
{
    if (inside || held)
        return 0;
    while (installed && ipd_prompt_has_input() && !ended) {
        ipd_prompt_hide_matches();
        ipd_prompt_commands_before((unsigned char)queue[queue_from]);
        inside = 1;
        rl_callback_read_char();
        inside = 0;
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
    if (rl_editing_mode == 0) /* vi: every line begins in insertion mode */
        rl_vi_insertion_mode(1, 'i');
    ipd_prompt_drop_ahead();
    ipd_prompt_hide_matches();
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

int ipd_prompt_waits_after_escape(void)
{
    if (inside || held)
        return 0;
    ipd_prompt_work(); /* earlier keys come first */
    return ipd_prompt_commands_wait_after_escape();
}

int ipd_prompt_binds(const char *bytes, size_t count)
{
    ipd_prompt_work();
    return ipd_prompt_commands_bind(bytes, count);
}

int ipd_prompt_binds_meta(int character)
{
    char keys[3] = {'\033', (char)character, 0};
    int type = ISFUNC;

    rl_command_func_t *bound = rl_function_of_keyseq(keys, NULL, &type);
    return bound && bound != rl_digit_argument; /* M-1 ...: C-u and M-- also give arguments */
}

/* The prompt; begins with the editing mode if the inputrc asks for it. */
static const char *prompt_shown(void)
{
    const char *prompt = rl_display_prompt ? rl_display_prompt : "";

    if (!shows_mode || prompt != rl_prompt)
        return prompt;
    const char *mode =
        rl_variable_value(rl_editing_mode == 1                    ? "emacs-mode-string"
                          : rl_get_keymap() == vi_movement_keymap ? "vi-cmd-mode-string"
                                                                  : "vi-ins-mode-string");
    snprintf(with_mode, sizeof with_mode, "%s%s", mode ? mode : "", prompt);
    return with_mode;
}

ipd_typed ipd_prompt_typed(void)
{
    return (ipd_typed){prompt_shown(), rl_line_buffer ? rl_line_buffer : "", (size_t)rl_point};
}

size_t ipd_prompt_matches(char *const **list, char *const **notes_of_these)
{
    *list = matches;
    *notes_of_these = notes;
    return match_count;
}

/* Asks the host only if the line or the cursor has changed. */
const char *ipd_prompt_signature(void)
{
    int same = signature_of && !strcmp(signature_of, rl_line_buffer) && signature_point == rl_point;

    if (!installed || !host.signature)
        return NULL;
    if (!same) {
        free(signature);
        free(signature_of);
        signature_of = strdup(rl_line_buffer);
        signature_point = rl_point;
        signature = rl_end ? host.signature(host.context, rl_line_buffer, rl_point) : NULL;
    }
    return signature;
}
