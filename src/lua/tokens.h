/* tokens.h - cuts text into the tokens of Lua 5.4. It also cuts text that is no Lua, such as a line that is still typed. Any thread. */
#ifndef IPD_LUA_TOKENS_H
#define IPD_LUA_TOKENS_H

#include <stddef.h>

typedef enum ipd_token {
    IPD_TOKEN_SPACE,
    IPD_TOKEN_NAME,
    IPD_TOKEN_KEYWORD,
    IPD_TOKEN_NUMBER,
    IPD_TOKEN_STRING, /* with its quotes or long brackets; up to the end of the line or text if it has no end */
    IPD_TOKEN_COMMENT,
    IPD_TOKEN_OPEN,  /* one of ( [ { */
    IPD_TOKEN_CLOSE, /* one of ) ] } */
    IPD_TOKEN_OTHER  /* an operator, or a byte that no token begins with */
} ipd_token;

/* The token that begins at text[at]; *kind is what it is. Returns its length in bytes, 0 only at the end of the text. */
size_t ipd_token_at(const char *text, size_t size, size_t at, ipd_token *kind);

#endif
