/* keyboard.h - where keys go: those of the table to the workbench, the rest to Readline, a paste as one
 * piece, the mouse's reports to the workbench. Control sequences that nobody knows go nowhere, as a whole. Main thread. */
#ifndef IPD_TUI_TERMINAL_KEYBOARD_H
#define IPD_TUI_TERMINAL_KEYBOARD_H

#include "tui/view/view.h"

#include <stddef.h>

typedef struct ipd_keyboard {
    void *context;
    int (*key)(void *context, int code); /* as in keys.h; 1: taken, 0: the prompt's */
    void (*typing)(void *context);       /* a key goes to the prompt */
    void (*mouse)(void *context, const ipd_mouse *mouse);
    unsigned long keys; /* taken so far; a paste counts as one, a sequence too */
    /* Bytes read and not yet taken: bytes[from] ... bytes[to - 1]. Between two calls these are the beginning of a
     * sequence or of a paste. */
    char *bytes;
    size_t from, to, size;
    size_t held; /* so many of them came before the last look at the terminal */
    int waits;   /* 1: more bytes must come before any can be taken */
    int escaped; /* 1: they begin with an Escape that came alone; the next key may belong to it */
    int in_paste;
    size_t searched; /* so many bytes of the paste have no mark of its end */
} ipd_keyboard;

/* Takes all keys that wait; 1 where there were any. */
int ipd_keyboard_read(ipd_keyboard *k);
/* The same as if a key had been pressed, by its code of keys.h; as if text had been typed. */
void ipd_keyboard_press(ipd_keyboard *k, int code);
void ipd_keyboard_type(ipd_keyboard *k, const char *text);
/* Forgets an Escape that waits for the next key, and the beginning of a sequence. */
void ipd_keyboard_forget(ipd_keyboard *k);
void ipd_keyboard_free(ipd_keyboard *k);

#endif
