/* embedded.h - the Lua files compiled into the program: scripts/embed makes embedded.c from
 * lua/. */
#ifndef IPD_LUA_EMBEDDED_H
#define IPD_LUA_EMBEDDED_H

#include <stddef.h>

typedef struct ipd_lua_file {
    const char *name, *text;
    size_t size; /* of the text, without its final zero */
} ipd_lua_file;

/* The files in the order in which they are loaded, except the last one, method.lua, which is loaded
 * into the Lua states of methods. Ends with an entry without a name. */
extern const ipd_lua_file ipd_lua_files[];

#endif
