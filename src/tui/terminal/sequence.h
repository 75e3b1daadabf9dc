/* sequence.h - where a control sequence ends, by ECMA-48: what keys beyond the characters send, and what a terminal
 * answers. Knows no terminal and no binding. Any thread. */
#ifndef IPD_TUI_TERMINAL_SEQUENCE_H
#define IPD_TUI_TERMINAL_SEQUENCE_H

#include <stddef.h>

typedef enum ipd_sequence {
    IPD_SEQUENCE_NONE,  /* Escape, and then a key of its own: length is 1 */
    IPD_SEQUENCE_MORE,  /* the beginning of one; length is that of the bytes given */
    IPD_SEQUENCE_WHOLE, /* length is that of the sequence */
    IPD_SEQUENCE_BROKEN /* the beginning of one, and then a byte, at length, that cannot be part of it */
} ipd_sequence;

/* More bytes than these belong to no sequence. A limit, so that one that never ends does not swallow all that is typed. */
enum { IPD_SEQUENCE_CSI_MAX = 64, IPD_SEQUENCE_STRING_MAX = 4096 };

/* Looks at count bytes, count >= 1, the first of which is Escape. *length is at least 1 and at most count. A prefix of
 * bytes gives MORE or the same answer. CSI, SS3, OSC, DCS and APC are known; a mouse report of the old kind
 * (CSI M and three bytes) and a function key of the Linux console (CSI [ and a letter) are, too. */
ipd_sequence ipd_sequence_scan(const char *bytes, size_t count, size_t *length);

#endif
