/* replay.h - replays keys from a file: `ipdlam --keys FILE`, for tests and bug reports. Main
 * thread.
 *
 * The file has one command per line; each waits until the screen shows the result of the previous
 * one. "key F5 M-s Enter" presses keys by their names in ipdlam-workbench(1), "type TEXT" types,
 * "wait TEXT" waits until the screen shows the text, "screen PATH" writes the screen as text. Blank
 * lines and lines that begin with # are skipped. */
#ifndef IPD_TUI_REPLAY_H
#define IPD_TUI_REPLAY_H

#include "plot/canvas.h"
#include "tui/terminal/keyboard.h"

typedef struct ipd_replay {
    char *text; /* the file; a NUL ends each line */
    char *at;   /* the next line, within text */
    char *end;  /* the end of text */
} ipd_replay;

/* Reads and checks a file. -1 and *e, which names the line, on failure. Free with
 * ipd_replay_close. */
int ipd_replay_open(ipd_replay *r, const char *path, ipd_error *e);
void ipd_replay_close(ipd_replay *r); /* accepts a zeroed one */
/* 1 while there are commands left. */
int ipd_replay_pending(const ipd_replay *r);
/* Runs the next command; the canvas holds the screen. Returns 1 if it is done, 0 if it waits, -1
 * and *e if a screen could not be written (the command is skipped). */
int ipd_replay_step(ipd_replay *r, ipd_keyboard *k, const ipd_canvas *c, ipd_error *e);

#endif
