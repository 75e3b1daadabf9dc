/* keyboard.h - where keys go: those of the table to the workbench, the rest to Readline, a paste as one
 * piece, the mouse's reports to the workbench. Main thread. */
#ifndef IPD_TUI_KEYBOARD_H
#define IPD_TUI_KEYBOARD_H

#include "tui/view.h"

#include <stddef.h>

typedef struct ipd_keyboard {
    void *context;
    int (*key)(void *context, int code); /* as in keys.h; 1: taken, 0: the prompt's */
    void (*mouse)(void *context, const ipd_mouse *mouse);
    unsigned long keys; /* taken so far; a paste counts as one */
    char *paste;        /* bytes of a paste that has not ended, or NULL */
    size_t paste_length, paste_size;
    char *late; /* bytes that were read with the end of a paste and are still to be taken */
    size_t late_from, late_to;
    int escaped; /* Escape alone was pressed where Readline waits for what follows */
    char sequence
        [24]; /* what follows, where that is the rest of a key's escape sequence; "": nothing */
    char report[32]; /* of the mouse, "0;12;7M", as far as it has come */
    int report_length, in_report;
} ipd_keyboard;

/* Takes all keys that wait; 1 where there were any. */
int ipd_keyboard_read(ipd_keyboard *k);
/* The same as if a key had been pressed, by its code of keys.h; as if text had been typed. */
void ipd_keyboard_press(ipd_keyboard *k, int code);
void ipd_keyboard_type(ipd_keyboard *k, const char *text);
/* Forgets an Escape that waits for the next key. */
void ipd_keyboard_forget(ipd_keyboard *k);
void ipd_keyboard_free(ipd_keyboard *k);

#endif
