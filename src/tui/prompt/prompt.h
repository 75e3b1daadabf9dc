/* prompt.h - Readline, drawn by us: it edits, we read the keys and show the line. One for the
 * process, main thread. */
#ifndef IPD_TUI_PROMPT_PROMPT_H
#define IPD_TUI_PROMPT_PROMPT_H

#include "tui/model/model.h"
#include "tui/prompt/complete.h"

#include <stddef.h>

typedef struct ipd_prompt_host {
    void *context;
    /* A whole submission: one line, or all lines of a chunk that took several. */
    void (*submit)(void *context, const char *text);
    void (*echo)(void *context, const char *prompt, const char *line); /* a line was entered */
    void (*end)(void *context);                                        /* C-d on an empty line */
    int (*incomplete)(void *context, const char *text);
    ipd_prompt_complete_fn *complete;
    char *(*signature)(void *context, const char *line, int point); /* as ipd_lua_signature */
    /* Readline wants a byte and there is none: wait for keys and ipd_prompt_push them; 0 where that
     * is not possible. */
    int (*wait)(void *context);
    /* The terminal for an editor: leaves it, returns its descriptor; takes it again. */
    int (*leave)(void *context);
    void (*come_back)(void *context);
    void (*failed)(void *context, const ipd_error *e); /* one of Readline's commands */
} ipd_prompt_host;

/* Prepares Readline: before the screen begins. */
int ipd_prompt_prepare(const ipd_prompt_host *host, ipd_error *e);
/* Begins to edit: after the screen has begun. */
void ipd_prompt_start(void);
void ipd_prompt_stop(void);

/* Adds the bytes of whole keys: complete characters, complete escape sequences. */
void ipd_prompt_push(const char *bytes, size_t count);
/* Inserts pasted text at the cursor, as one change; its lines are run together on Enter. */
void ipd_prompt_paste(const char *text, size_t count);
/* Lets Readline have what was pushed, and hands over what was entered. Returns 1 where something
 * may look different now. */
int ipd_prompt_work(void);
/* Hands over a line of the program's own as if it had been typed at an empty prompt. */
void ipd_prompt_enter(const char *line);
/* 1: from now on Readline gets nothing, and pastes are not to be given; 0: it does. Returns what was before. */
int ipd_prompt_hold(int on);
int ipd_prompt_is_held(void);
void ipd_prompt_hide_matches(void); /* takes the list of completions away */
void ipd_prompt_drop_ahead(void);   /* forgets what was pushed and Readline does not have yet */
int ipd_prompt_has_input(void);     /* 1 while pushed bytes wait */
/* C-c: drops the line, the chunk and what was typed ahead. 1 where there was anything. */
int ipd_prompt_clear(void);
/* Tells Readline the screen's size. */
void ipd_prompt_resize(int width, int height);
/* 1 where Readline would do nothing at Escape but wait for the next key, which it begins. */
int ipd_prompt_waits_after_escape(void);
/* 1 where Readline binds these bytes, a whole sequence. */
int ipd_prompt_binds(const char *bytes, size_t count);
/* 1 where Readline has a binding of its own for Escape and then the character. */
int ipd_prompt_binds_meta(int character);

/* The line as it is to be drawn; valid until the next call to a function of this file. */
ipd_typed ipd_prompt_typed(void);
/* Completions to be listed, and a line of help on each ("": none): count of them, or 0. */
size_t ipd_prompt_matches(char *const **matches, char *const **notes);

/* One line on the call that is being typed, or NULL. */
const char *ipd_prompt_signature(void);

#endif
