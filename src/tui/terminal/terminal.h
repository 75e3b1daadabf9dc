/* terminal.h - opens, releases, suspends, resizes and reads the terminal. One per process, main
 * thread. Nothing is read before ipd_terminal_start; ipd_terminal_stop always restores the
 * terminal. */
#ifndef IPD_TUI_TERMINAL_TERMINAL_H
#define IPD_TUI_TERMINAL_TERMINAL_H

#include "base/error.h"

#include <stddef.h>

/* Returns 0 if a screen is possible: descriptors 0 and 1 are a terminal whose cursor can move.
 * Otherwise -1 and *e. */
int ipd_terminal_suits(ipd_error *e);
/* Opens the terminal and saves its modes. */
int ipd_terminal_open(ipd_error *e);
/* Begins the screen. Initialise Readline before: rl_initialize replaces the terminal data of
 * curses. -1 and *e on failure. */
int ipd_terminal_start(ipd_error *e);
/* Ends the screen and restores the terminal. Can be called twice. */
void ipd_terminal_stop(void);

int ipd_terminal_fd(void);
void ipd_terminal_size(int *width, int *height);
/* Reads the size of the terminal again. */
void ipd_terminal_resize(void);
/* Release the terminal for a while, and take it back. */
void ipd_terminal_leave(void);
void ipd_terminal_come_back(void);
/* Releases the terminal, stops the process, and takes the terminal back when it continues. */
void ipd_terminal_suspend(void);
/* Redraws everything in the next frame; with `modes` also sets the terminal's modes again. */
void ipd_terminal_refresh(int modes);

/* Switches mouse reports on or off (on by default). Without them the terminal selects text with the
 * mouse. Can be called before ipd_terminal_start. */
void ipd_terminal_mouse(int on);

/* Reads pending bytes unchanged. Returns their number, 0 if there are none. */
size_t ipd_terminal_read(char *to, size_t size);
/* Waits for the next byte of a key, at most ESCDELAY (25 ms). Returns 1 if there are bytes. */
int ipd_terminal_wait(void);
/* The curses code of the key with these bytes; 0: none; -1: they are the beginning of a key. */
int ipd_terminal_key_of(const char *bytes);
/* 1 if the code is that of the beginning of a mouse report. */
int ipd_terminal_is_mouse(int code);
/* Writes the bytes of a key by its curses code; "" for none. `to` has `size` bytes. */
void ipd_terminal_key_bytes(int code, char *to, unsigned long size);

#endif
