/* keys.h - the one table of keys: what is drawn as help, dispatched, and documented in
 * ipdlam-workbench(1). A test holds the three together. */
#ifndef IPD_TUI_KEYS_H
#define IPD_TUI_KEYS_H

typedef enum ipd_action {
    IPD_ACT_ELSEWHERE, /* the prompt or the terminal does it */
    IPD_ACT_HELP,
    IPD_ACT_RUN,
    IPD_ACT_ITERATION,
    IPD_ACT_BLOCK,
    IPD_ACT_BACK,
    IPD_ACT_FORWARD,
    IPD_ACT_REDRAW
} ipd_action;

typedef struct ipd_key {
    const char *name; /* "F5", "C-l", "PageUp" */
    const char
        *also; /* for terminals without it: "M-g" is Alt and g, or Escape and then g; or NULL */
    ipd_action action;
    const char *hint; /* one word for the bottom line, or NULL */
    const char *lua;  /* the same at the prompt, or NULL */
    const char *help; /* one line */
} ipd_key;

extern const ipd_key ipd_keys[]; /* ends with a NULL name */

enum { IPD_META = 1 << 20 };

/* The action of a curses key code, a control character, or IPD_META | character. */
ipd_action ipd_key_action(int code);

#endif
