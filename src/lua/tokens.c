/* tokens.c - cuts text into the tokens of Lua 5.4, as its manual defines them (section 3.1). */
#include "lua/tokens.h"

#include <string.h>

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_space(int c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The byte at this offset, 0 beyond the end. */
static int byte(const char *text, size_t size, size_t at)
{
    return at < size ? (unsigned char)text[at] : 0;
}

static int is_keyword(const char *word, size_t n)
{
    static const char words[] = " and break do else elseif end false for function goto if in local "
                                "nil not or repeat return then true until while ";
    for (const char *w = words + 1; *w; w += strcspn(w, " ") + 1)
        if (strcspn(w, " ") == n && !memcmp(w, word, n))
            return 1;
    return 0;
}

/* The end of the long string that begins at `at`, such as [==[ ]==]; 0 if none begins there. */
static size_t long_end(const char *text, size_t size, size_t at)
{
    size_t level = 0, i;
    while (byte(text, size, at + 1 + level) == '=')
        level++;
    if (byte(text, size, at) != '[' || byte(text, size, at + 1 + level) != '[')
        return 0;
    for (i = at + level + 2; i < size; i++) {
        size_t n = 0;
        while (text[i] == ']' && byte(text, size, i + 1 + n) == '=')
            n++;
        if (text[i] == ']' && n == level && byte(text, size, i + 1 + n) == ']')
            return i + n + 2;
    }
    return size;
}

static size_t string_end(const char *text, size_t size, size_t at)
{
    char quote = text[at++];
    while (at < size && text[at] != quote && text[at] != '\n' && text[at] != '\r') {
        if (text[at++] != '\\' || at == size)
            continue;
        if (text[at] == 'z') { /* skips white space, also line ends */
            at++;
            while (is_space(byte(text, size, at)))
                at++;
        } else {
            at += text[at] == '\r' && byte(text, size, at + 1) == '\n' ? 2 : 1;
        }
    }
    return at < size && text[at] == quote ? at + 1 : at;
}

static size_t number_end(const char *text, size_t size, size_t at)
{
    int hex = text[at] == '0' && (byte(text, size, at + 1) | 32) == 'x';
    for (at += hex ? 2 : 0;; at++) {
        int c = byte(text, size, at);
        if ((c | 32) == (hex ? 'p' : 'e')) {
            int sign = byte(text, size, at + 1);
            at += sign == '+' || sign == '-';
        } else if (!is_digit(c) && !is_letter(c) && c != '.') {
            return at;
        }
    }
}

static size_t operator_length(const char *text, size_t size, size_t at)
{
    static const char *const pairs[] = {"..", "==", "~=", "<=", ">=", "//", "::", "<<", ">>"};
    if (size - at >= 3 && !memcmp(text + at, "...", 3))
        return 3;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && size - at >= 2; i++)
        if (!memcmp(text + at, pairs[i], 2))
            return 2;
    return 1;
}

size_t ipd_token_at(const char *text, size_t size, size_t at, ipd_token *kind)
{
    size_t end = at;
    int c = byte(text, size, at), next = byte(text, size, at + 1);
    *kind = IPD_TOKEN_OTHER;
    if (at >= size)
        return 0;
    if (is_space(c)) {
        *kind = IPD_TOKEN_SPACE;
        while (is_space(byte(text, size, end)))
            end++;
    } else if (is_letter(c)) {
        while (is_letter(byte(text, size, end)) || is_digit(byte(text, size, end)))
            end++;
        *kind = is_keyword(text + at, end - at) ? IPD_TOKEN_KEYWORD : IPD_TOKEN_NAME;
    } else if (is_digit(c) || (c == '.' && is_digit(next))) {
        *kind = IPD_TOKEN_NUMBER;
        end = number_end(text, size, at);
    } else if (c == '-' && next == '-') {
        *kind = IPD_TOKEN_COMMENT;
        if (!(end = long_end(text, size, at + 2)))
            for (end = at + 2; end < size && text[end] != '\n' && text[end] != '\r';)
                end++;
    } else if (c == '"' || c == '\'') {
        *kind = IPD_TOKEN_STRING;
        end = string_end(text, size, at);
    } else if ((end = long_end(text, size, at))) {
        *kind = IPD_TOKEN_STRING;
    } else {
        *kind = c && strchr("([{", c)   ? IPD_TOKEN_OPEN
                : c && strchr(")]}", c) ? IPD_TOKEN_CLOSE
                                        : IPD_TOKEN_OTHER;
        end = at + operator_length(text, size, at);
    }
    return end - at;
}
