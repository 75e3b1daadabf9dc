/* keyboard.h - dispatches input: keys of the table and the mouse go to the workbench, the rest to
 * Readline, a paste as a whole. Unbound control sequences are dropped whole. Main thread. */
#ifndef IPD_TUI_TERMINAL_KEYBOARD_H
#define IPD_TUI_TERMINAL_KEYBOARD_H

#include "tui/view/view.h"

#include <stddef.h>

typedef struct ipd_keyboard {
    void *context;
    int (*key)(void *context, int code); /* a code of keys.h; returns 0 if it is for the prompt */
    void (*typing)(void *context);       /* called before a key goes to the prompt */
    void (*mouse)(void *context, const ipd_mouse *mouse);
    unsigned long keys; /* delivered so far; a paste or a sequence counts as one */
    /* Bytes read but not delivered: bytes[from] ... bytes[to - 1]. Between two calls these are the
     * beginning of a sequence or of a paste. */
    char *bytes;
    size_t from, to, size;
    size_t held;     /* number of these that came before the last read */
    int waits;       /* 1: none can be delivered until more bytes come */
    int escaped;     /* 1: the first is a lone Escape, which may form a key with the next byte */
    int in_paste;    /* 1: they belong to a paste */
    size_t searched; /* bytes of the paste already searched for its end */
} ipd_keyboard;

/* Delivers all pending keys; returns 1 if there were any. */
int ipd_keyboard_read(ipd_keyboard *k);
/* Act as if a key had been pressed (by its code of keys.h) or text had been typed. */
void ipd_keyboard_press(ipd_keyboard *k, int code);
void ipd_keyboard_type(ipd_keyboard *k, const char *text);
/* Drops an Escape that waits for the next key, and an incomplete sequence. */
void ipd_keyboard_forget(ipd_keyboard *k);
void ipd_keyboard_free(ipd_keyboard *k);

#endif
