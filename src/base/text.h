/* text.h - small helpers for words that people read and write. */
#ifndef IPD_BASE_TEXT_H
#define IPD_BASE_TEXT_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

/* The candidate nearest to `word` by edit distance (letters swapped count one), or NULL where
 * none is near enough to be meant: fewer than half of the letters may differ. `next` yields candidates 0, 1, ... and NULL at the end. */
const char *ipd_text_nearest(const char *word, const char *(*next)(void *context, size_t index),
                             void *context);

/* The same over an array of strings that ends with NULL. */
const char *ipd_text_nearest_in(const char *word, const char *const *words);

/* ipd_fail_unknown over such an array: names the nearest, or all where none is near. */
int ipd_fail_unknown_in(ipd_error *e, const char *kind, const char *name, const char *const *words);

/* The text behind a byte order mark of UTF-8, if it begins with one. */
const char *ipd_text_begin(const char *text);

/* Whole-string numbers: 0, or -1 where the text is not one number (and nothing else).
 * "1e-3" is a double, "5" either; "nan" and "inf" are not numbers here. */
int ipd_text_to_double(const char *text, double *value);
int ipd_text_to_long(const char *text, long *value);

/* Writes a duration in at most 9 characters: "0.8s", "42s", "3m07s", "2h05m", "3d04h". */
void ipd_text_duration(char *to, size_t size, double seconds);

/* Ends a stream of open_memstream, whose text is *text: 0, or -1 where memory ran out on the way. glibc's fclose alone
 * succeeds without a text where its last allocation fails. The caller frees *text in either case. */
int ipd_text_close(FILE *stream, char **text);

/* The rows of one line of text. Rows end at spaces, which are not part of any row; only a word that is longer than a row is
 * broken. Set text, length and the widths, zero the rest, and call ipd_text_next_row until it returns 0. */
typedef struct ipd_text_rows {
    const char *text; /* what is left; borrowed */
    size_t length;    /* in bytes */
    int first, rest;  /* columns of the first row, of the others; at least 1 */
    /* Columns of the character that text begins with, and its bytes (1 ... length); NULL: each character of UTF-8 takes
     * one column. */
    int (*columns)(const char *text, size_t length, size_t *bytes);
    int row; /* rows so far */
} ipd_text_rows;

/* Takes the next row: bytes of it from *row on. An empty line has one row. */
int ipd_text_next_row(ipd_text_rows *r, const char **row, size_t *bytes);
/* Columns by which the rows after the first are indented: as the line itself, or by 2 where that is not; in a list of
 * names and explanations, as far as the explanation where `width` has room for that. */
int ipd_text_hang(const char *text, size_t length, int width);

/* Prints lines of text as rows of at most `width` columns, each with its end. columns: as in ipd_text_rows. */
void ipd_text_print(FILE *to, const char *text, int width,
                    int (*columns)(const char *text, size_t length, size_t *bytes));

/* Prints words in lines of at most `width` characters, the last with its end: the first begins at column `at`, the
 * others at `indent`. No line ends at IPD_TEXT_TIED, which is printed as a space. */
#define IPD_TEXT_TIED '\x01'
void ipd_text_wrap(FILE *to, const char *text, int at, int indent, int width);

#endif
