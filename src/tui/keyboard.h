/* keyboard.h - where keys go: those of the table to the workbench, the rest to Readline, a paste as one
 * piece. Main thread. */
#ifndef IPD_TUI_KEYBOARD_H
#define IPD_TUI_KEYBOARD_H

#include "tui/keys.h"

#include <stddef.h>

typedef struct ipd_keyboard {
    void *context;
    void (*act)(void *context, ipd_action action); /* a key of the table was pressed */
    unsigned long keys;                            /* taken so far; a paste counts as one */
    char *paste; /* bytes of a paste that has not ended, or NULL */
    size_t paste_length, paste_size;
} ipd_keyboard;

/* Takes all keys that wait; 1 where there were any. */
int ipd_keyboard_read(ipd_keyboard *k);
void ipd_keyboard_free(ipd_keyboard *k);

#endif
