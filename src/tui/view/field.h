/* field.h - a line of text that the user edits in a pane. Main thread. */
#ifndef IPD_TUI_VIEW_FIELD_H
#define IPD_TUI_VIEW_FIELD_H

#include <stddef.h>

enum { IPD_FIELD = 1024 };

typedef struct ipd_field_text {
    char text[IPD_FIELD];
    size_t max;    /* bytes that may be typed; at most IPD_FIELD - 1 */
    int untouched; /* 1: typing replaces the text */
} ipd_field_text;

typedef enum ipd_field_event {
    IPD_FIELD_UNUSED, /* the key is not for the field */
    IPD_FIELD_CHANGED,
    IPD_FIELD_ENTERED,
    IPD_FIELD_LEFT /* Escape */
} ipd_field_event;

/* Starts with a text, cut to `max` bytes. */
void ipd_field_start(ipd_field_text *f, const char *text, size_t max);
/* Handles a key; typed text comes byte by byte. C-u removes everything, Backspace one character. */
ipd_field_event ipd_field_key(ipd_field_text *f, int code);

#endif
