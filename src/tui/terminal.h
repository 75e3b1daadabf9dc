/* terminal.h - the terminal: taken over, given back, stopped, resized, read. One for the process,
 * main thread. Nothing is read before ipd_terminal_start and nothing is left changed after
 * ipd_terminal_stop, whatever happened in between. */
#ifndef IPD_TUI_TERMINAL_H
#define IPD_TUI_TERMINAL_H

#include "base/error.h"

#include <stddef.h>

/* Codes beyond those of curses (which keeps 16 bits of them): both ends of a bracketed paste, and the beginning of
 * a report of the mouse, whose text follows as bytes. */
enum { IPD_KEY_PASTE_BEGIN = 0x7001, IPD_KEY_PASTE_END, IPD_KEY_MOUSE };

/* 0 where a screen is possible: 0 and 1 are terminals, and it can move its cursor. Otherwise -1 and
 * the reason. */
int ipd_terminal_suits(ipd_error *e);
/* Opens the terminal and remembers its modes. */
int ipd_terminal_open(ipd_error *e);
/* The screen begins. Readline must be initialised before: rl_initialize replaces what curses knows
 * of the terminal. */
int ipd_terminal_start(ipd_error *e);
/* The screen ends, the terminal is as before. Safe to call twice. */
void ipd_terminal_stop(void);

int ipd_terminal_fd(void);
void ipd_terminal_size(int *width, int *height);
/* Takes the terminal's size anew. */
void ipd_terminal_resize(void);
/* Gives the terminal back for a while, and takes it again. */
void ipd_terminal_leave(void);
void ipd_terminal_come_back(void);
/* Gives the terminal back, stops the process, and takes the terminal again when it goes on. */
void ipd_terminal_suspend(void);
/* Everything is drawn anew at the next frame; `modes`: the shell may have changed them. */
void ipd_terminal_refresh(int modes);

/* Whether the mouse is reported, where the terminal has one. Off, it selects text. On from the start. Also before
 * ipd_terminal_start. */
void ipd_terminal_mouse(int on);

/* The next key: a byte 0 ... 255, a curses KEY_ code or one of the above; -1 where there is none.
 */
int ipd_terminal_key(void);
/* Bytes that wait, as they are: quicker than a key at a time. Between two keys only. Returns their number. */
size_t ipd_terminal_read(char *to, size_t size);
/* The code of the key that sends these bytes; 0: of none; -1: these begin what some key sends. */
int ipd_terminal_key_of(const char *bytes);
/* The bytes that the key of a curses code sends ("" for none), in a buffer of size bytes. */
void ipd_terminal_key_bytes(int code, char *to, unsigned long size);

#endif
