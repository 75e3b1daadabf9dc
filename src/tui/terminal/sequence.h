/* sequence.h - finds the end of a control sequence by ECMA-48: a key that is not a character, or a
 * reply of the terminal. Independent of terminals and bindings. Any thread. */
#ifndef IPD_TUI_TERMINAL_SEQUENCE_H
#define IPD_TUI_TERMINAL_SEQUENCE_H

#include <stddef.h>

typedef enum ipd_sequence {
    IPD_SEQUENCE_NONE,  /* an Escape and a separate key; *length is 1 */
    IPD_SEQUENCE_MORE,  /* an incomplete sequence; *length is count */
    IPD_SEQUENCE_WHOLE, /* a sequence of *length bytes */
    IPD_SEQUENCE_BROKEN /* *length bytes of a sequence, then a byte that cannot be part of it */
} ipd_sequence;

/* Maximum length of a sequence: one without an end must not swallow everything typed. */
enum { IPD_SEQUENCE_CSI_MAX = 64, IPD_SEQUENCE_STRING_MAX = 4096 };

/* Scans count >= 1 bytes, the first of which is Escape. 1 <= *length <= count. A shorter prefix of
 * the same bytes gives MORE or the same result. Knows CSI, SS3, OSC, DCS and APC, and also mouse
 * reports of the old kind (CSI M and three bytes) and function keys of the Linux console (CSI [ and
 * a letter). */
ipd_sequence ipd_sequence_scan(const char *bytes, size_t count, size_t *length);

#endif
