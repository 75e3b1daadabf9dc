/* sequence.h - finds the end of a control sequence by ECMA-48: keys other than characters, and
 * replies of the terminal. Independent of terminals and bindings. Any thread. */
#ifndef IPD_TUI_TERMINAL_SEQUENCE_H
#define IPD_TUI_TERMINAL_SEQUENCE_H

#include <stddef.h>

typedef enum ipd_sequence {
    IPD_SEQUENCE_NONE,  /* Escape, followed by a separate key: length is 1 */
    IPD_SEQUENCE_MORE,  /* an incomplete sequence; length is that of the bytes given */
    IPD_SEQUENCE_WHOLE, /* length is that of the sequence */
    IPD_SEQUENCE_BROKEN /* an incomplete sequence, then a byte, at length, outside it */
} ipd_sequence;

/* Maximum length of a sequence, so that one without an end does not swallow everything typed. */
enum { IPD_SEQUENCE_CSI_MAX = 64, IPD_SEQUENCE_STRING_MAX = 4096 };

/* Scans count >= 1 bytes, the first of which is Escape. 1 <= *length <= count. A prefix of bytes
 * gives MORE or the same result. CSI, SS3, OSC, DCS and APC are known, and also a mouse report of
 * the old kind (CSI M and three bytes) and a function key of the Linux console (CSI [ and a
 * letter). */
ipd_sequence ipd_sequence_scan(const char *bytes, size_t count, size_t *length);

#endif
