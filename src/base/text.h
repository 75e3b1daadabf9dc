/* text.h - helpers for text that people read and write. */
#ifndef IPD_BASE_TEXT_H
#define IPD_BASE_TEXT_H

#include "base/error.h"

#include <stddef.h>
#include <stdio.h>

/* Finds the candidate nearest to `word` by edit distance (a swap of neighbouring letters counts
 * one): begin with {.word = ...} and try one candidate after the other. `best` is borrowed; NULL:
 * none is near enough, since fewer than half of the letters may differ. */
typedef struct ipd_nearest {
    const char *word, *best;
    int limit; /* maximum distance of the next best */
} ipd_nearest;

void ipd_nearest_try(ipd_nearest *n, const char *candidate);
ipd_nearest ipd_nearest_in(const char *word, const char *const *words); /* NULL-terminated */

/* Reports an unknown name: "unknown KIND 'WORD'. Did you mean 'BEST'?" or, if none is near,
 * "unknown KIND 'WORD'. OTHERWISE", where `otherwise` is a sentence that says where to find the
 * names. IPD_EUSAGE; returns -1. */
int ipd_fail_unknown(ipd_error *e, const char *kind, const ipd_nearest *n, const char *otherwise);
/* The same for a NULL-terminated array, which is listed if none is near. */
int ipd_fail_unknown_in(ipd_error *e, const char *kind, const char *name, const char *const *words);

/* The index of the word in a NULL-terminated array; -1 if it is not there. */
int ipd_text_index(const char *word, const char *const *words);

/* 1 if the text ends in `suffix`. */
int ipd_text_has_suffix(const char *text, const char *suffix);

/* The first place of `what` in the text, or NULL; case matters only if `what` has capitals. NULL if
 * `what` is empty. */
const char *ipd_text_search(const char *text, const char *what);

/* The text after a UTF-8 byte order mark, if it has one. */
const char *ipd_text_begin(const char *text);

/* Writes `length` bytes of text as a string of Lua, in quotes. */
void ipd_text_lua(FILE *to, const char *text, size_t length);

/* Parses a number that is the whole string: 0, or -1 if it is not one. "1e-3" and "5" are doubles;
 * "nan" and "inf" are rejected. */
int ipd_text_to_double(const char *text, double *value);
int ipd_text_to_long(const char *text, long *value);

/* Writes a duration in at most 9 characters: "0.8s", "42s", "3m07s", "2h05m", "3d04h". */
void ipd_text_duration(char *to, size_t size, double seconds);

/* Closes a stream of open_memstream with buffer *text: 0, or -1 if memory ran out at any time.
 * (glibc's fclose succeeds without a text if its last allocation fails.) The caller frees *text in
 * either case. */
int ipd_text_close(FILE *stream, char **text);

/* Breaks one line of text into rows. Rows end at spaces, which belong to no row; only a word longer
 * than a row is broken. Set text, length and the widths, zero the rest, and call ipd_text_next_row
 * until it returns 0. */
typedef struct ipd_text_rows {
    const char *text; /* the remaining text; borrowed */
    size_t length;    /* in bytes */
    int first, rest;  /* widths of the first row and of the others; at least 1 */
    /* Returns the columns of the first character of text and, in *bytes, its length (1 ... length).
     * NULL: each UTF-8 character takes one column. */
    int (*columns)(const char *text, size_t length, size_t *bytes);
    int row; /* rows so far */
} ipd_text_rows;

/* Gets the next row: *bytes bytes at *row. Returns 0 after the last. An empty line has one row. */
int ipd_text_next_row(ipd_text_rows *r, const char **row, size_t *bytes);
/* Indentation of the rows after the first: that of the line itself, or 2 if it has none. In a list
 * of names and explanations it is the column of the explanation, if `width` has room for that. */
int ipd_text_hang(const char *text, size_t length, int width);

/* Prints lines of text as rows of at most `width` columns, each with a newline. columns: as in
 * ipd_text_rows. */
void ipd_text_print(FILE *to, const char *text, int width,
                    int (*columns)(const char *text, size_t length, size_t *bytes));

/* Prints words in lines of at most `width` characters, each with a newline: the first begins at
 * column `at`, the others at `indent`. No line breaks at IPD_TEXT_TIED, which is printed as a
 * space. */
#define IPD_TEXT_TIED '\x01'
void ipd_text_wrap(FILE *to, const char *text, int at, int indent, int width);

#endif
