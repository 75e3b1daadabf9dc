/* replay.h - keys from a file, and screens into files: `ipdlam --keys FILE`, for tests and for reports of
 * mistakes. Main thread.
 *
 * A command a line, each after the screen shows what the one before did: "key F5 M-s Enter" presses keys by their names
 * in ipdlam-workbench(1), "type TEXT" types, "wait TEXT" waits until the screen shows it, "screen PATH" writes the
 * screen as text. Blank lines and lines that begin with # say nothing.
 */
#ifndef IPD_TUI_REPLAY_H
#define IPD_TUI_REPLAY_H

#include "plot/canvas.h"
#include "tui/terminal/keyboard.h"

typedef struct ipd_replay {
    char *text; /* the file, whose lines end in 0 */
    char *at;   /* the next line, within text */
    char *end;  /* behind the last one */
} ipd_replay;

/* Reads and checks a file: *e names the line that is wrong. Freed with ipd_replay_close. */
int ipd_replay_open(ipd_replay *r, const char *path, ipd_error *e);
void ipd_replay_close(ipd_replay *r); /* takes an empty one */
/* 1 while there are commands left. */
int ipd_replay_pending(const ipd_replay *r);
/* Does the next command, where the canvas is what the screen shows: 1 where it was done, 0 where it waits, -1 and *e
 * where a screen could not be written (it is passed over). */
int ipd_replay_step(ipd_replay *r, ipd_keyboard *k, const ipd_canvas *c, ipd_error *e);

#endif
