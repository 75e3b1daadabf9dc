/* glyph.h - characters: UTF-8, their width in cells, and their ASCII replacements. Any thread. */
#ifndef IPD_PLOT_GLYPH_H
#define IPD_PLOT_GLYPH_H

#include <stddef.h>
#include <stdint.h>

/* Decodes one character of text[0 .. length), length > 0; returns its bytes, at least 1. Invalid
 * UTF-8 is U+FFFD and takes one byte. */
size_t ipd_utf8_decode(const char *text, size_t length, uint32_t *code);
/* Encodes one character (at most 4 bytes and a final NUL); returns its bytes. */
size_t ipd_utf8_encode(char to[5], uint32_t code);

/* Columns of a character: 2 (wide), 1, 0 (combining) or -1 (control), by the locale; 1 for a
 * character that the locale does not know. */
int ipd_glyph_width(uint32_t code);

/* Columns of text on a canvas (ascii: on one that shows only ASCII). */
int ipd_text_columns(const char *text, int ascii);

/* Copies text to to[0 .. size), at most `columns` columns of it. A longer text has "…" in place of
 * a part before its middle; its end, where names of runs have a number, stays. */
void ipd_text_middle(char *to, size_t size, const char *text, int columns, int ascii);

/* Return the columns of the first character of text, as it is or replaced by ASCII, and set *bytes
 * to its bytes in text. For ipd_text_rows. */
int ipd_glyph_columns(const char *text, size_t length, size_t *bytes);
int ipd_glyph_columns_ascii(const char *text, size_t length, size_t *bytes);

/* The ASCII replacement of a character: "Phi", "rho", "...", or "?". */
const char *ipd_glyph_ascii(uint32_t code);

#endif
