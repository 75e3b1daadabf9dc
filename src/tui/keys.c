#include "tui/keys.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>

/* The keys with Alt are those that Readline leaves free. */
const ipd_key ipd_keys[] = {
    {"F1", "M-h", IPD_ACT_HELP, "help", NULL, "show this help, or hide it"},
    {"F5", "M-g", IPD_ACT_RUN, "run", "run:start(), run:pause()", "go on training, or pause"},
    {"F10", "M-s", IPD_ACT_ITERATION, "iteration", "run:step()", "train for one iteration"},
    {"F11", "M-k", IPD_ACT_BLOCK, "block", "run:step_block()", "update one block"},
    {"PageUp", "M-v", IPD_ACT_BACK, NULL, NULL, "scroll the output back"},
    {"PageDown", "M-z", IPD_ACT_FORWARD, NULL, NULL, "scroll the output forward"},
    {"C-l", NULL, IPD_ACT_REDRAW, NULL, NULL, "draw the screen anew"},
    {"Tab", NULL, IPD_ACT_ELSEWHERE, "complete", NULL, "complete the word, or list what fits"},
    {"Enter", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "run the line, or ask for the rest"},
    {"C-c", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "stop Lua, or clear the line"},
    {"C-z", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "back to the shell; fg returns"},
    {"C-d", NULL, IPD_ACT_ELSEWHERE, "leave", "quit()", "leave, on an empty line"},
    {NULL, NULL, IPD_ACT_ELSEWHERE, NULL, NULL, NULL},
};

static int code_of(const char *name)
{
    if (name[0] == 'F' && name[1] >= '1' && name[1] <= '9')
        return KEY_F(atoi(name + 1));
    if (strncmp(name, "M-", 2) == 0)
        return IPD_META | (unsigned char)name[2];
    if (strncmp(name, "C-", 2) == 0)
        return name[2] & 0x1F;
    if (strcmp(name, "PageUp") == 0)
        return KEY_PPAGE;
    if (strcmp(name, "PageDown") == 0)
        return KEY_NPAGE;
    return -1;
}

ipd_action ipd_key_action(int code)
{
    for (const ipd_key *k = ipd_keys; k->name; k++)
        if (k->action != IPD_ACT_ELSEWHERE &&
            (code == code_of(k->name) || (k->also && code == code_of(k->also))))
            return k->action;
    return IPD_ACT_ELSEWHERE;
}
