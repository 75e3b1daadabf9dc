/* commands.h - Readline commands added by the prompts, with the names for an inputrc:
 *
 *     edit-and-execute-command  C-x C-e, vi mode v: edits the text in $VISUAL or $EDITOR, runs it
 *     insert-newline            M-Enter: a newline in the text, which stays one submission
 *     previous-line-or-history, next-line-or-history   arrows: between the lines of the text, then
 *                               through the history
 *
 * Main thread. */
#ifndef IPD_TUI_PROMPT_COMMANDS_H
#define IPD_TUI_PROMPT_COMMANDS_H

#include "base/error.h"

#include <stddef.h>

typedef struct ipd_prompt_commands {
    void *context;
    /* Called before and after the editor has the terminal; leave returns its descriptor. */
    int (*leave)(void *context);
    void (*come_back)(void *context);
    void (*failed)(void *context, const ipd_error *e);
    /* Returns the earlier lines of this submission, or NULL; taken: they are now in the text. */
    const char *(*before)(void *context);
    void (*taken)(void *context);
} ipd_prompt_commands;

/* Adds the commands and binds their keys. Must be called before rl_initialize, so that an inputrc
 * can change the bindings. */
void ipd_prompt_commands_add(const ipd_prompt_commands *c);

/* Must be called with the next byte before Readline reads it. Readline 8.2 crashes if a prefix such
 * as C-x ends a search of the history and no command has the rest (C-r C-x C-v): it jumps into a
 * frame that no longer exists. This call ends the search first and keeps the line found. */
void ipd_prompt_commands_before(unsigned char byte);

/* 1 if Readline binds these bytes, a whole sequence, to a command or a macro. */
int ipd_prompt_commands_bind(const char *bytes, size_t count);
/* 1 if Readline would only wait for the next key after Escape. */
int ipd_prompt_commands_wait_after_escape(void);

#endif
