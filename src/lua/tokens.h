/* tokens.h - cuts text into the tokens of Lua 5.4. The text need not be valid: a line may still be
 * being typed. Any thread. */
#ifndef IPD_LUA_TOKENS_H
#define IPD_LUA_TOKENS_H

#include <stddef.h>

typedef enum ipd_token {
    IPD_TOKEN_SPACE,
    IPD_TOKEN_NAME,
    IPD_TOKEN_KEYWORD,
    IPD_TOKEN_NUMBER,
    IPD_TOKEN_STRING, /* with quotes or long brackets; an open one ends with the line or text */
    IPD_TOKEN_COMMENT,
    IPD_TOKEN_OPEN,  /* one of ( [ { */
    IPD_TOKEN_CLOSE, /* one of ) ] } */
    IPD_TOKEN_OTHER  /* an operator, or a byte that no token begins with */
} ipd_token;

/* Sets *kind to the kind of the token that begins at text[at] and returns its length in bytes; 0
 * only at the end of the text. */
size_t ipd_token_at(const char *text, size_t size, size_t at, ipd_token *kind);

#endif
