/* prompt.h - the prompt: Readline edits the line, but gets its keys from this module, and a view
 * draws the line. One per process, main thread. */
#ifndef IPD_TUI_PROMPT_PROMPT_H
#define IPD_TUI_PROMPT_PROMPT_H

#include "tui/model/model.h"
#include "tui/prompt/complete.h"

#include <stddef.h>

typedef struct ipd_prompt_host {
    void *context;
    /* Called with a complete submission: one line, or all lines of a chunk. */
    void (*submit)(void *context, const char *text);
    void (*echo)(void *context, const char *prompt, const char *line); /* a line was entered */
    void (*end)(void *context);                                        /* C-d on an empty line */
    int (*incomplete)(void *context, const char *text); /* 1: more lines must follow */
    ipd_prompt_complete_fn *complete;
    char *(*signature)(void *context, const char *line, int point); /* as ipd_lua_signature */
    /* Called when Readline needs a byte and there is none. Waits for keys and calls
     * ipd_prompt_push; returns 0 if it cannot wait. */
    int (*wait)(void *context);
    /* Called before and after an editor has the terminal; leave returns the terminal's
     * descriptor. */
    int (*leave)(void *context);
    void (*come_back)(void *context);
    void (*failed)(void *context, const ipd_error *e); /* a Readline command failed */
} ipd_prompt_host;

/* Prepares Readline. Call it before the screen begins. -1 and *e on failure. */
int ipd_prompt_prepare(const ipd_prompt_host *host, ipd_error *e);
/* Starts editing. Call it after the screen has begun. */
void ipd_prompt_start(void);
void ipd_prompt_stop(void);

/* Adds the bytes of whole keys: complete characters and escape sequences. */
void ipd_prompt_push(const char *bytes, size_t count);
/* Inserts pasted text at the cursor as one change; Enter submits its lines together. */
void ipd_prompt_paste(const char *text, size_t count);
/* Passes pushed bytes to Readline and submits complete input. Returns 1 if the line may have
 * changed. */
int ipd_prompt_work(void);
/* Echoes and submits a line of the program; the line being typed stays. */
void ipd_prompt_enter(const char *line);
/* 1: Readline gets no input, and pastes must wait; 0: it gets input. Returns the previous value. */
int ipd_prompt_hold(int on);
int ipd_prompt_is_held(void);
void ipd_prompt_hide_matches(void); /* closes the list of completions */
void ipd_prompt_drop_ahead(void);   /* drops pushed bytes that Readline has not read */
int ipd_prompt_has_input(void);     /* 1 while pushed bytes wait */
/* Drops the line, the chunk and input typed ahead, for C-c. Returns 1 if there was any. */
int ipd_prompt_clear(void);
/* Tells Readline the screen's size. */
void ipd_prompt_resize(int width, int height);
/* 1 if Readline would wait for another key after Escape and do nothing else. Like
 * ipd_prompt_binds, first passes pushed bytes to Readline. */
int ipd_prompt_waits_after_escape(void);
/* 1 if Readline binds these bytes, a whole sequence. */
int ipd_prompt_binds(const char *bytes, size_t count);
/* 1 if Readline binds Escape and this character; digits, its arguments, do not count. */
int ipd_prompt_binds_meta(int character);

/* The line to draw; valid until the next call of a function of this file. */
ipd_typed ipd_prompt_typed(void);
/* The completions to list, with a line of help on each ("": none). Returns their number. Valid
 * until the next call that changes the line. */
size_t ipd_prompt_matches(char *const **matches, char *const **notes);

/* A line of help on the call being typed, or NULL; valid until the next call. */
const char *ipd_prompt_signature(void);

#endif
