/* commands.h - Readline commands of the prompts, by their names in an inputrc. Main thread.
 *
 *     edit-and-execute-command  C-x C-e, v in vi mode: edit the text in $VISUAL or $EDITOR, run it
 *     insert-newline            M-Enter: insert a newline; the text stays one submission
 *     previous-line-or-history  Up: to the line above in the text, or back in the history
 *     next-line-or-history      Down: to the line below, or forward in the history
 */
#ifndef IPD_TUI_PROMPT_COMMANDS_H
#define IPD_TUI_PROMPT_COMMANDS_H

#include "base/error.h"

#include <stddef.h>

typedef struct ipd_prompt_commands {
    void *context;
    /* Called before and after the editor has the terminal; leave returns the terminal's
     * descriptor. */
    int (*leave)(void *context);
    void (*come_back)(void *context);
    void (*failed)(void *context, const ipd_error *e);
    /* Returns the earlier lines of this submission, or NULL. */
    const char *(*before)(void *context);
    /* Called when the editor's text has replaced these lines. */
    void (*taken)(void *context);
} ipd_prompt_commands;

/* Adds the commands and binds their keys. Call it before rl_initialize, so that an inputrc can
 * change the bindings. */
void ipd_prompt_commands_add(const ipd_prompt_commands *c);

/* Call this with the next byte before Readline reads it. Readline 8.2 crashes if a prefix such as
 * C-x ends a search of the history and no command has the rest (C-r C-x C-v): it jumps into a stack
 * frame that no longer exists. This function ends the search first and keeps the line found. */
void ipd_prompt_commands_before(unsigned char byte);

/* 1 if Readline binds these bytes, a whole sequence, to a command or a macro. */
int ipd_prompt_commands_bind(const char *bytes, size_t count);
/* 1 if Readline would wait for another key after Escape and do nothing else. */
int ipd_prompt_commands_wait_after_escape(void);

#endif
