/* terminal.h - the terminal: taken over, given back, stopped, resized, read. One for the process,
 * main thread. Nothing is read before ipd_terminal_start and nothing is left changed after
 * ipd_terminal_stop, whatever happened in between. */
#ifndef IPD_TUI_TERMINAL_TERMINAL_H
#define IPD_TUI_TERMINAL_TERMINAL_H

#include "base/error.h"

#include <stddef.h>

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

/* Bytes that wait, as they are. Returns their number, 0 where there are none. */
size_t ipd_terminal_read(char *to, size_t size);
/* Waits until bytes are there, as long as a key's may take that belong together (ESCDELAY, 25 ms). 1 where some are. */
int ipd_terminal_wait(void);
/* The code of the key that sends these bytes; 0: of none; -1: these begin what some key sends. */
int ipd_terminal_key_of(const char *bytes);
int ipd_terminal_is_mouse(int code); /* 1: the beginning of a report of the mouse */
/* The bytes that the key of a curses code sends ("" for none), in a buffer of size bytes. */
void ipd_terminal_key_bytes(int code, char *to, unsigned long size);

#endif
