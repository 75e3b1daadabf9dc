/* commands.h - Readline's commands that the prompts add, by the names that an inputrc can bind:
 *
 *     edit-and-execute-command  C-x C-e, in vi mode v: the text in $VISUAL or $EDITOR, then it is run
 *     insert-newline            M-Enter: a line's end in the text, which stays one submission
 *     previous-line-or-history, next-line-or-history   the arrows: within a text of several lines its lines
 *
 * Main thread. */
#ifndef IPD_TUI_PROMPT_COMMANDS_H
#define IPD_TUI_PROMPT_COMMANDS_H

#include "base/error.h"

#include <stddef.h>

typedef struct ipd_prompt_commands {
    void *context;
    /* Before and after the editor has the terminal; leave returns a descriptor of the terminal. */
    int (*leave)(void *context);
    void (*come_back)(void *context);
    void (*failed)(void *context, const ipd_error *e);
    /* What was typed before the line at hand and belongs to it, or NULL; taken: it is in the text now. */
    const char *(*before)(void *context);
    void (*taken)(void *context);
} ipd_prompt_commands;

/* Adds the commands and binds their keys: before rl_initialize, so that an inputrc may bind otherwise. */
void ipd_prompt_commands_add(const ipd_prompt_commands *c);

/* To be called with the next byte before Readline reads it. Readline 8.2 jumps into a frame that is gone where a
 * prefix such as C-x ends a search of the history and no command has the rest (C-r C-x C-v): the search is ended
 * here, with what it found. */
void ipd_prompt_commands_before(unsigned char byte);

/* 1 where Readline's commands or macros have these bytes, a whole sequence. */
int ipd_prompt_commands_bind(const char *bytes, size_t count);
/* 1 where Readline would do nothing at Escape but wait for the next key, which it begins. */
int ipd_prompt_commands_wait_after_escape(void);

#endif
