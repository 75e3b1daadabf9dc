/* bindings.c - binds other keys to actions. */
#include "base/text.h"
#include "tui/model/keys.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST = 16 };

static const struct {
    const char *name;
    ipd_action action;
} actions[] = {{"help", IPD_ACT_HELP},
               {"run", IPD_ACT_RUN},
               {"iteration", IPD_ACT_ITERATION},
               {"block", IPD_ACT_BLOCK},
               {"back", IPD_ACT_REWIND},
               {"kind", IPD_ACT_KIND},
               {"batch", IPD_ACT_BATCH},
               {"redo", IPD_ACT_REDO},
               {"back_block", IPD_ACT_BACK_BLOCK},
               {"back_batch", IPD_ACT_BACK_BATCH},
               {"step_until", IPD_ACT_UNTIL},
               {"settings", IPD_ACT_SETTINGS},
               {"undo", IPD_ACT_UNDO},
               {"focus", IPD_ACT_FOCUS},
               {"focus_back", IPD_ACT_FOCUS_BACK},
               {"zoom", IPD_ACT_ZOOM},
               {"scroll_back", IPD_ACT_BACK},
               {"scroll_forward", IPD_ACT_FORWARD},
               {"clear", IPD_ACT_CLEAR},
               {"narrower", IPD_ACT_NARROWER},
               {"wider", IPD_ACT_WIDER},
               {"lower", IPD_ACT_LOWER},
               {"taller", IPD_ACT_TALLER},
               {"copy", IPD_ACT_COPY},
               {"restore", IPD_ACT_RESTORE},
               {"prompt", IPD_ACT_PROMPT}};
enum { ACTIONS = sizeof actions / sizeof *actions };

const char *ipd_key_action(int index)
{
    return index < ACTIONS ? actions[index].name : NULL;
}

ipd_key *ipd_key_of_action(const char *action, ipd_error *e)
{
    ipd_nearest near = {.word = action};

    for (int i = 0; i < ACTIONS; i++) {
        ipd_nearest_try(&near, actions[i].name);
        if (strcmp(actions[i].name, action))
            continue;
        for (ipd_key *k = ipd_keys; k->name; k++)
            if (k->action == actions[i].action)
                return k;
    }
    ipd_fail_unknown(e, "action", &near, "ip.keys() lists the actions with their keys.");
    return NULL;
}

static int fail_unknown(const char *name, ipd_error *e)
{
    static const char *const names[] = {
        "Escape", "Enter", "Tab",    "Space",    "Left",   "Right",   "Up",        "Down",
        "Home",   "End",   "PageUp", "PageDown", "S-Left", "S-Right", "Backspace", "Delete",
        "S-Tab",  "S-F1",  "S-F12",  "F1",       "F12",    NULL};
    ipd_nearest near = ipd_nearest_in(name, names);

    return ipd_fail_unknown(e, "key", &near,
                            "Keys are F1 to F24, S-F1 to S-F12, PageUp, S-Tab, M-x (Alt), C-x "
                            "(Control), and characters for the keys of a pane.");
}

int ipd_key_check(const ipd_key *row, const char *name, ipd_error *e)
{
    int code = strlen(name) < LONGEST ? ipd_key_code(name) : -1;
    int typed = code == ' ' || code == IPD_KEY_BACKSPACE || code == IPD_KEY_DELETE ||
                code == IPD_KEY_LEFT || code == IPD_KEY_RIGHT || code == IPD_KEY_UP ||
                code == IPD_KEY_DOWN || code == IPD_KEY_HOME || code == IPD_KEY_END ||
                code == IPD_KEY_ESCAPE || (code > ' ' && code <= 0xFF);

    if (code < 0)
        return fail_unknown(name, e);
    if (code < ' ' && code != IPD_KEY_ESCAPE && strchr("\003\004\b\t\n\r\021\023\032\034", code))
        return ipd_fail(e, IPD_EUSAGE, "%s belongs to the terminal or the prompt. Use another key",
                        name);
    if (typed && !row->context)
        return ipd_fail(e, IPD_EUSAGE,
                        "%s belongs to the prompt. Use a function key, or one with Alt (M-x) or "
                        "Control (C-x)",
                        name);
    return 0;
}

static int is_same(const char *x, const char *y)
{
    return x && *x && ipd_key_code(x) == ipd_key_code(y);
}

/* Takes a key from the other rows of the context. */
static void take(const ipd_key *row, const char *name)
{
    for (ipd_key *k = ipd_keys; k->name && *name; k++) {
        if (k == row || k->action == IPD_ACT_VIEW || k->action == IPD_ACT_ELSEWHERE ||
            k->action == IPD_ACT_LAYOUT || !k->context != !row->context)
            continue;
        if (is_same(k->also, name))
            k->also = NULL;
        if (is_same(k->name, name)) {
            k->name = k->also ? k->also : "";
            k->also = NULL;
        }
    }
}

void ipd_key_bind(ipd_key *row, const char *name, const char *also)
{
    static char names[IPD_KEY_ROWS][2][LONGEST];
    size_t at = (size_t)(row - ipd_keys);

    char(*own)[LONGEST] = names[at];
    snprintf(own[0], LONGEST, "%s", name ? name : "");
    snprintf(own[1], LONGEST, "%s", also ? also : "");
    take(row, own[0]);
    take(row, own[1]);
    row->name = own[0];
    row->also = *own[1] ? own[1] : NULL;
    ipd_keys_bound[at] = 1;
}
