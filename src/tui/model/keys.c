#include "tui/model/keys.h"
#include "base/text.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

_Static_assert(IPD_KEY_DOWN == KEY_DOWN && IPD_KEY_UP == KEY_UP && IPD_KEY_LEFT == KEY_LEFT &&
                   IPD_KEY_RIGHT == KEY_RIGHT && IPD_KEY_HOME == KEY_HOME &&
                   IPD_KEY_BACKSPACE == KEY_BACKSPACE && IPD_KEY_F0 == KEY_F0 &&
                   IPD_KEY_DELETE == KEY_DC && IPD_KEY_PAGE_DOWN == KEY_NPAGE &&
                   IPD_KEY_PAGE_UP == KEY_PPAGE && IPD_KEY_BACK_TAB == KEY_BTAB &&
                   IPD_KEY_END == KEY_END && IPD_KEY_S_LEFT == KEY_SLEFT &&
                   IPD_KEY_S_RIGHT == KEY_SRIGHT,
               "the codes are those of curses");

/* The keys with Alt are unbound in Readline. */
ipd_key ipd_keys[] = {
    {NULL, "F1", "M-h", IPD_ACT_HELP, "help", NULL, "show or hide this help"},
    {NULL, "F5", "M-g", IPD_ACT_RUN, "run", "run:start(), run:pause()",
     "continue training, or pause"},
    {NULL, "F10", "M-s", IPD_ACT_ITERATION, "iteration", "run:step()", "train for one iteration"},
    {NULL, "F11", "M-k", IPD_ACT_BLOCK, "block", "run:step_block()", "update one block"},
    {NULL, "F12", "M-x", IPD_ACT_REWIND, "back", "run:rewind(-1)", "go back one iteration"},
    {NULL, "F7", "M-i", IPD_ACT_KIND, NULL, "run:step_kind()",
     "update all blocks of the next kind"},
    {NULL, "F8", "M-j", IPD_ACT_BATCH, NULL, "run:step_batch()", "finish the mini-batch"},
    {NULL, "S-F12", "M-m", IPD_ACT_REDO, NULL, "run:redo()", "undo the last move back"},
    {NULL, "S-F11", "M-,", IPD_ACT_BACK_BLOCK, NULL, "run:back_block()", "go back one block"},
    {NULL, "S-F8", "M-%", IPD_ACT_BACK_BATCH, NULL, "run:back_batch()", "go back one mini-batch"},
    {NULL, "F9", "M-q", IPD_ACT_UNTIL, NULL, "run:step_until(f)",
     "type the condition to train until"},
    {NULL, "F2", "M-e", IPD_ACT_SETTINGS, NULL, "run:set{ }", "go to the settings"},
    {NULL, "F3", "M-a", IPD_ACT_UNDO, NULL, "run:undo()", "undo the last change"},
    {NULL, "F6", "M-o", IPD_ACT_FOCUS, "focus", NULL, "go to the next pane, or the prompt"},
    {NULL, "S-Tab", NULL, IPD_ACT_FOCUS_BACK, NULL, NULL, "go to the pane before"},
    {NULL, "M-1..9", NULL, IPD_ACT_LAYOUT, NULL, "ip.layout(\"charts\")", "show layout 1, 2, ..."},
    {NULL, "F4", "M-w", IPD_ACT_ZOOM, NULL, NULL, "zoom or unzoom the focused pane"},
    {NULL, "PageUp", "M-v", IPD_ACT_BACK, NULL, NULL, "scroll the output back"},
    {NULL, "PageDown", "M-z", IPD_ACT_FORWARD, NULL, NULL, "scroll the output forward"},
    {NULL, "C-l", NULL, IPD_ACT_CLEAR, NULL, NULL, "clear the output, redraw the screen"},
    {NULL, "Tab", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "complete the word, or list matches"},
    {NULL, "/", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "/text searches the output"},
    {NULL, "Enter", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "run the line, or ask for more"},
    {NULL, "C-c", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "stop Lua or a jump, or clear the line"},
    {NULL, "C-z", NULL, IPD_ACT_ELSEWHERE, NULL, NULL, "back to the shell; fg returns"},
    {NULL, "C-d", NULL, IPD_ACT_ELSEWHERE, "leave", "quit()", "leave, on an empty line"},
    {"settings", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the previous setting"},
    {"settings", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the next setting"},
    {"settings", "Left", "-", IPD_ACT_VIEW, "less", NULL, "a smaller value, the previous choice"},
    {"settings", "Right", "+", IPD_ACT_VIEW, "more", NULL, "a larger value, the next choice"},
    {"settings", "Enter", NULL, IPD_ACT_VIEW, "edit", "run:set{ delta = 0.3 }",
     "edit the value; Enter sets it"},
    {"pane", "<", NULL, IPD_ACT_NARROWER, NULL, NULL, "make the pane narrower"},
    {"pane", ">", NULL, IPD_ACT_WIDER, NULL, NULL, "make the pane wider"},
    {"pane", "{", NULL, IPD_ACT_LOWER, NULL, NULL, "make the pane lower"},
    {"pane", "}", NULL, IPD_ACT_TALLER, NULL, NULL, "make the pane taller"},
    {"pane", "C", NULL, IPD_ACT_COPY, NULL, "ip.copy()", "copy the pane's text to the clipboard"},
    {"pane", "=", NULL, IPD_ACT_RESTORE, NULL, NULL, "restore the sizes of the layout"},
    {"chart", "Left", NULL, IPD_ACT_VIEW, "cursor", NULL, "cursor: the values of one iteration"},
    {"chart", "Right", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the next iteration"},
    {"chart", "S-Left", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor ten iterations back"},
    {"chart", "S-Right", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor ten iterations forward"},
    {"chart", "Home", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the first iteration"},
    {"chart", "End", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the newest iteration"},
    {"chart", "R", NULL, IPD_ACT_VIEW, "rewind", "run:rewind(k)", "rewind to the cursor"},
    {"chart", "B", NULL, IPD_ACT_VIEW, "branch", "run:branch(k)", "branch from the cursor"},
    {"chart", "m", NULL, IPD_ACT_VIEW, "changes", NULL, "cursor to the next change"},
    {"chart", "M", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the previous change"},
    {"chart", "c", NULL, IPD_ACT_VIEW, "newest", NULL, "no cursor: the newest values"},
    {"chart", "+", NULL, IPD_ACT_VIEW, "zoom", NULL, "see half as many iterations"},
    {"chart", "-", NULL, IPD_ACT_VIEW, NULL, NULL, "see twice as many iterations"},
    {"chart", "h", NULL, IPD_ACT_VIEW, NULL, NULL, "see earlier iterations"},
    {"chart", "l", NULL, IPD_ACT_VIEW, NULL, NULL, "see later iterations"},
    {"chart", "0", NULL, IPD_ACT_VIEW, NULL, NULL, "see all iterations"},
    {"chart", "f", NULL, IPD_ACT_VIEW, NULL, NULL, "follow the newest iteration, or stop"},
    {"chart", "x", NULL, IPD_ACT_VIEW, NULL, NULL, "the x axis logarithmic, or linear"},
    {"chart", "y", NULL, IPD_ACT_VIEW, NULL, NULL, "values on a log axis, or linear"},
    {"chart", "s", NULL, IPD_ACT_VIEW, "smooth", "ip.chart{ smooth = 0.9 }",
     "smooth the curves more, or not"},
    {"chart", "X", NULL, IPD_ACT_VIEW, NULL, "ip.chart{ x = \"seconds\" }",
     "by iterations, batches, seconds, ..."},
    {"chart", "Y", NULL, IPD_ACT_VIEW, NULL, NULL, "keep the range of values, or fit it"},
    {"chart", "F", NULL, IPD_ACT_VIEW, NULL, "ip.chart{ save = \"chart.svg\" }",
     "write the chart to chart.svg"},
    {"chart", "b", NULL, IPD_ACT_VIEW, NULL, NULL, "lines of braille, blocks or ASCII"},
    {"chart", "p", NULL, IPD_ACT_VIEW, NULL, NULL, "show or hide the objective's parts"},
    {"chart", "o", NULL, IPD_ACT_VIEW, NULL, "ip.overlay(run)", "show or hide overlays"},
    {"chart", "d", NULL, IPD_ACT_VIEW, "difference", "ip.compare{run, other}",
     "show the difference to the overlay"},
    {"order", "Left", NULL, IPD_ACT_VIEW, "choose", NULL, "choose the previous block"},
    {"order", "Right", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the next block"},
    {"order", "S-Left", "h", IPD_ACT_VIEW, "move", "run.order = {...}",
     "move the block to the left"},
    {"order", "S-Right", "l", IPD_ACT_VIEW, NULL, "run.order = {...}",
     "move the block to the right"},
    {"order", "f", NULL, IPD_ACT_VIEW, "freeze", "run.freeze = \"W1\"",
     "freeze or unfreeze the block"},
    {"events", "Up", NULL, IPD_ACT_VIEW, "choose", NULL, "choose a later event"},
    {"events", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose an earlier event"},
    {"events", "Enter", NULL, IPD_ACT_VIEW, "cursor", NULL, "put the charts' cursor there"},
    {"events", "R", NULL, IPD_ACT_VIEW, "rewind", "run:rewind(k)",
     "rewind to before its iteration"},
    {"events", "B", NULL, IPD_ACT_VIEW, "branch", "run:branch(k)", "branch before its iteration"},
    {"tree", "Up", NULL, IPD_ACT_VIEW, "choose", NULL, "choose the path above"},
    {"tree", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the path below"},
    {"tree", "o", NULL, IPD_ACT_VIEW, "draw", "run:draw_path(path)",
     "draw the path beside the run"},
    {"tree", "A", NULL, IPD_ACT_VIEW, NULL, "run:draw_path()",
     "draw all other paths, faint, or hide them"},
    {"tree", "Enter", NULL, IPD_ACT_VIEW, "go", "run:go(path)", "go to the end of the path"},
    {"watch", "Up", NULL, IPD_ACT_VIEW, "choose", NULL, "choose the row above"},
    {"watch", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the row below"},
    {"watch", "Enter", NULL, IPD_ACT_VIEW, "on/off", "run:toggle_break(n)",
     "switch the breakpoint off or on"},
    {"watch", "d", "Delete", IPD_ACT_VIEW, "delete", "run:clear_breaks(n)",
     "remove the breakpoint or expression"},
    {"weights", "Left", "PageUp", IPD_ACT_VIEW, NULL, NULL, "the previous page of rows"},
    {"weights", "Right", "PageDown", IPD_ACT_VIEW, "page", NULL, "the next page of rows"},
    {"weights", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "the previous layer"},
    {"weights", "Down", NULL, IPD_ACT_VIEW, "layer", NULL, "the next layer"},
    {"weights", "+", NULL, IPD_ACT_VIEW, "larger", NULL, "larger pictures"},
    {"weights", "-", NULL, IPD_ACT_VIEW, NULL, NULL, "smaller pictures"},
    {"distribution", "Left", NULL, IPD_ACT_VIEW, NULL, NULL,
     "the variable before: W, z, a, the gaps"},
    {"distribution", "Right", NULL, IPD_ACT_VIEW, "variable", NULL, "the next variable"},
    {"distribution", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "the previous layer"},
    {"distribution", "Down", NULL, IPD_ACT_VIEW, "layer", NULL, "the next layer"},
    {"samples", "Left", "PageUp", IPD_ACT_VIEW, NULL, NULL, "the previous page of samples"},
    {"samples", "Right", "PageDown", IPD_ACT_VIEW, "page", NULL, "the next page of samples"},
    {"samples", "t", NULL, IPD_ACT_VIEW, "training", NULL, "training or test samples"},
    {"samples", "+", NULL, IPD_ACT_VIEW, "larger", NULL, "larger pictures"},
    {"samples", "-", NULL, IPD_ACT_VIEW, NULL, NULL, "smaller pictures"},
    {"confusion", "Left", NULL, IPD_ACT_VIEW, "choose", NULL, "choose another answer"},
    {"confusion", "Right", NULL, IPD_ACT_VIEW, NULL, NULL, "choose another answer"},
    {"confusion", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "choose another label"},
    {"confusion", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose another label"},
    {"confusion", "c", NULL, IPD_ACT_VIEW, "all", NULL, "all wrong answers"},
    {"runs", "Up", NULL, IPD_ACT_VIEW, "choose", NULL, "choose the run above"},
    {"runs", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the run below"},
    {"runs", "Enter", NULL, IPD_ACT_VIEW, "curves", "ip.overlay(run)",
     "show or hide its curves in charts"},
    {"runs", "A", NULL, IPD_ACT_VIEW, "all", NULL, "show or hide the curves of all runs here"},
    {"runs", "/", NULL, IPD_ACT_VIEW, "filter", NULL, "show runs that match an expression"},
    {"runs", "p", NULL, IPD_ACT_VIEW, "pin", NULL, "keep its curves, whatever run is shown"},
    {"runs", "o", NULL, IPD_ACT_VIEW, "show", "run = ip.resume(id)",
     "show the run; continue an old one"},
    {"runs", "a", NULL, IPD_ACT_VIEW, NULL, "run = ip.again(id)",
     "repeat an old run from its start"},
    {"runs", "s", NULL, IPD_ACT_VIEW, "sort", NULL, "sort by another column"},
    {"runs", "S", NULL, IPD_ACT_VIEW, NULL, NULL, "reverse the order"},
    {"runs", "n", NULL, IPD_ACT_VIEW, "name", "run.name = \"long batches\"", "edit its name"},
    {"runs", "t", NULL, IPD_ACT_VIEW, "tags", "run:tag(\"good\")", "edit its tags"},
    {"runs", "N", NULL, IPD_ACT_VIEW, "note", "run:note(text)", "edit its note"},
    {"runs", "d", "Delete", IPD_ACT_VIEW, "delete", NULL, "remove it when the workbench ends"},
    {"runs", "u", NULL, IPD_ACT_VIEW, "undo", NULL, "take back the last edit or removal"},
    {"runs", "r", NULL, IPD_ACT_VIEW, NULL, NULL, "read the history again"},
    {"values", "Up", NULL, IPD_ACT_VIEW, "choose", NULL, "choose the run above"},
    {"values", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "choose the run below"},
    {"values", "Left", NULL, IPD_ACT_VIEW, "cursor", NULL, "cursor: the values of one iteration"},
    {"values", "Right", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the next iteration"},
    {"values", "S-Left", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor ten iterations back"},
    {"values", "S-Right", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor ten iterations forward"},
    {"values", "Home", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the first iteration"},
    {"values", "End", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the newest iteration"},
    {"values", "m", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the next change"},
    {"values", "M", NULL, IPD_ACT_VIEW, NULL, NULL, "cursor to the previous change"},
    {"values", "c", NULL, IPD_ACT_VIEW, "newest", NULL, "no cursor: the newest values"},
    {"values", "s", NULL, IPD_ACT_VIEW, "sort", NULL, "sort by another column"},
    {"values", "S", NULL, IPD_ACT_VIEW, NULL, NULL, "reverse the order"},
    {"values", "h", NULL, IPD_ACT_VIEW, NULL, NULL, "see the columns to the left"},
    {"values", "l", NULL, IPD_ACT_VIEW, "columns", NULL, "see the columns to the right"},
    {"values", "d", "Delete", IPD_ACT_VIEW, "remove", NULL, "remove the run from the charts"},
    {"console", "n", NULL, IPD_ACT_VIEW, "below", NULL, "the next match, below"},
    {"console", "N", NULL, IPD_ACT_VIEW, "above", NULL, "the next match, above"},
    {"console", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "scroll a row back"},
    {"console", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "scroll a row forward"},
    {"console", "Escape", NULL, IPD_ACT_VIEW, NULL, NULL, "end the search"},
    {"pane", "Escape", NULL, IPD_ACT_PROMPT, "prompt", NULL, "back to the prompt"},
    {"help", "Up", NULL, IPD_ACT_VIEW, NULL, NULL, "scroll the help back"},
    {"help", "Down", NULL, IPD_ACT_VIEW, NULL, NULL, "scroll the help forward"},
    {"help", "PageUp", NULL, IPD_ACT_VIEW, NULL, NULL, "a page back"},
    {"help", "PageDown", NULL, IPD_ACT_VIEW, NULL, NULL, "a page forward"},
    {"help", "Home", NULL, IPD_ACT_VIEW, NULL, NULL, "the beginning of the help"},
    {"help", "End", NULL, IPD_ACT_VIEW, NULL, NULL, "the end of the help"},
    {"help", "/", NULL, IPD_ACT_VIEW, NULL, NULL, "search the help; Enter, then n or N"},
    {"help", "n", NULL, IPD_ACT_VIEW, NULL, NULL, "the next match"},
    {"help", "N", NULL, IPD_ACT_VIEW, NULL, NULL, "the previous match"},
    {"help", "Escape", NULL, IPD_ACT_VIEW, NULL, NULL, "hide the help"},
    {NULL, NULL, NULL, IPD_ACT_ELSEWHERE, NULL, NULL, NULL},
};

_Static_assert(sizeof ipd_keys / sizeof *ipd_keys <= IPD_KEY_ROWS, "there is room for all rows");
unsigned char ipd_keys_bound[IPD_KEY_ROWS];

/* The names of keys that are not characters. */
static const struct {
    const char *name;
    int code;
} named[] = {{"Escape", IPD_KEY_ESCAPE},
             {"Enter", IPD_KEY_ENTER},
             {"Tab", '\t'},
             {"Space", ' '},
             {"Left", IPD_KEY_LEFT},
             {"Right", IPD_KEY_RIGHT},
             {"Up", IPD_KEY_UP},
             {"Down", IPD_KEY_DOWN},
             {"Home", IPD_KEY_HOME},
             {"End", IPD_KEY_END},
             {"PageUp", IPD_KEY_PAGE_UP},
             {"PageDown", IPD_KEY_PAGE_DOWN},
             {"S-Left", IPD_KEY_S_LEFT},
             {"S-Right", IPD_KEY_S_RIGHT},
             {"Backspace", IPD_KEY_BACKSPACE},
             {"Delete", IPD_KEY_DELETE},
             {"S-Tab", IPD_KEY_BACK_TAB}};

const char *ipd_key_or(ipd_action action, const char *lua)
{
    const ipd_key *k = ipd_keys;

    while (k->name && k->action != action)
        k++;
    return k->name && *k->name ? k->name : lua;
}

int ipd_key_code(const char *name)
{
    long number;

    if (!name[0])
        return -1;
    if (!name[1])
        return (unsigned char)name[0];
    if (name[0] == 'F' && ipd_text_to_long(name + 1, &number) == 0)
        return number >= 1 && number <= 24 ? IPD_KEY_F0 + (int)number : -1;
    if (strncmp(name, "S-F", 3) == 0 && ipd_text_to_long(name + 3, &number) == 0)
        return number >= 1 && number <= 12 ? IPD_KEY_F0 + 12 + (int)number : -1;
    if (strncmp(name, "M-", 2) == 0 && name[2] && (!name[3] || name[3] == '.'))
        return IPD_META | (unsigned char)name[2];
    if (strncmp(name, "C-", 2) == 0 && name[2] && !name[3])
        return name[2] & 0x1F;
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (strcmp(name, named[i].name) == 0)
            return named[i].code;
    return -1;
}

/* 1 if `code` is the key `name`; "M-1..9" names nine keys. */
static int matches(int code, const char *name)
{
    size_t n = strlen(name);
    int first;

    if (n < 4 || strncmp(name + n - 3, "..", 2) != 0)
        return code == ipd_key_code(name);
    first = ipd_key_code(name);
    return code >= first && code <= (first & IPD_META) + name[n - 1];
}

static const ipd_key *find_bound(int code, const char *context, int bound)
{
    for (const ipd_key *k = ipd_keys; k->name; k++)
        if (ipd_keys_bound[k - ipd_keys] == bound && k->action != IPD_ACT_ELSEWHERE &&
            (context ? k->context && strcmp(k->context, context) == 0 : !k->context) &&
            (matches(code, k->name) || (k->also && code == ipd_key_code(k->also))))
            return k;
    return NULL;
}

static const ipd_key *find_in(int code, const char *context)
{
    const ipd_key *own = find_bound(code, context, 1);
    return own ? own : find_bound(code, context, 0);
}

const ipd_key *ipd_key_find(int code, const char *context)
{
    const ipd_key *key = NULL;

    if (context && !(key = find_in(code, context)))
        key = find_in(code, "pane");
    return key ? key : find_in(code, NULL);
}
