/* keys.h - the table of keys for dispatch, the help and ipdlam-workbench(1); a test compares them.
 * ip.keys binds other keys to actions. Main thread. */
#ifndef IPD_TUI_MODEL_KEYS_H
#define IPD_TUI_MODEL_KEYS_H

#include "base/error.h"

typedef enum ipd_action {
    IPD_ACT_ELSEWHERE, /* handled by the prompt or the terminal */
    IPD_ACT_VIEW,      /* handled by the focused view: ipd_view.key */
    IPD_ACT_HELP,
    IPD_ACT_RUN,
    IPD_ACT_ITERATION,
    IPD_ACT_BLOCK,
    IPD_ACT_KIND,
    IPD_ACT_BATCH,
    IPD_ACT_REWIND,
    IPD_ACT_BACK_BLOCK,
    IPD_ACT_BACK_BATCH,
    IPD_ACT_REDO,
    IPD_ACT_UNTIL,
    IPD_ACT_SETTINGS,
    IPD_ACT_UNDO,
    IPD_ACT_FOCUS,
    IPD_ACT_FOCUS_BACK,
    IPD_ACT_PROMPT,
    IPD_ACT_LAYOUT, /* M-1 ... M-9: the digit is the layout's number */
    IPD_ACT_ZOOM,
    IPD_ACT_NARROWER,
    IPD_ACT_WIDER,
    IPD_ACT_LOWER,
    IPD_ACT_TALLER,
    IPD_ACT_RESTORE,
    IPD_ACT_BACK,
    IPD_ACT_FORWARD,
    IPD_ACT_CLEAR,
    IPD_ACT_COPY,
    IPD_ACT_COUNT
} ipd_action;

/* Codes of keys that are not characters. They are those of curses, which few files include. */
enum {
    IPD_KEY_DOWN = 0402,
    IPD_KEY_UP = 0403,
    IPD_KEY_LEFT = 0404,
    IPD_KEY_RIGHT = 0405,
    IPD_KEY_HOME = 0406,
    IPD_KEY_BACKSPACE = 0407,
    IPD_KEY_F0 = 0410,
    IPD_KEY_DELETE = 0512,
    IPD_KEY_PAGE_DOWN = 0522,
    IPD_KEY_PAGE_UP = 0523,
    IPD_KEY_BACK_TAB = 0541,
    IPD_KEY_END = 0550,
    IPD_KEY_S_LEFT = 0611,
    IPD_KEY_S_RIGHT = 0622,
    IPD_KEY_ENTER = '\r',
    IPD_KEY_ESCAPE = 033
};

typedef struct ipd_key {
    const char *context; /* NULL: everywhere; "pane": any focused pane; else ipd_view.context */
    const char *name;    /* "F5", "S-F5", "C-l", "PageUp", "+", "M-1..9"; "": no key */
    const char *also;    /* a second key, for terminals that lack the first, or NULL; "M-g" is Alt
                            and g, or Escape and then g */
    ipd_action action;
    const char *hint; /* a word for the bottom line, or NULL */
    const char *lua;  /* the equivalent Lua, or NULL */
    const char *help; /* one line */
} ipd_key;

/* The table. A row whose name is NULL ends it. */
extern ipd_key ipd_keys[];
enum { IPD_KEY_ROWS = 256 };
/* 1 for rows whose keys the user has bound; these go before Readline's. */
extern unsigned char ipd_keys_bound[IPD_KEY_ROWS];

/* The name of an action that ip.keys can bind, from index 0; NULL after the last. */
const char *ipd_key_action(int index);
/* The row of an action; NULL and *e, which suggests the nearest name, if it is unknown. */
ipd_key *ipd_key_of_action(const char *action, ipd_error *e);
/* The first key of an action, as messages name it; if it has none now, `lua`. */
const char *ipd_key_or(ipd_action action, const char *lua);
/* -1 and *e if the row cannot have this key: it is unknown, or the prompt or the terminal needs
 * it. */
int ipd_key_check(const ipd_key *row, const char *name, ipd_error *e);
/* Binds one or two keys to the row; NULL for none. Checks nothing. Other rows of the same context
 * lose these keys. */
void ipd_key_bind(ipd_key *row, const char *name, const char *also);

enum { IPD_META = 1 << 20 };

/* The code of a key by its name: a character, a control character, one of the codes above, or
 * IPD_META | character; -1 if the name is unknown. */
int ipd_key_code(const char *name);
/* The row of a key. Searches the context of the focused view, then "pane", then the rows for
 * everywhere; the former two only if a view has the focus (context not NULL). NULL if the key
 * belongs to the prompt. */
const ipd_key *ipd_key_find(int code, const char *context);

#endif
