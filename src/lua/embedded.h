/* embedded.h - the Lua files compiled into the program: scripts/embed makes embedded.c from
 * lua/. */
#ifndef IPD_LUA_EMBEDDED_H
#define IPD_LUA_EMBEDDED_H

#include <stddef.h>

typedef struct ipd_lua_file {
    const char *name, *text;
    size_t size; /* of the text, without its final zero */
} ipd_lua_file;

extern const ipd_lua_file ipd_lua_files[]; /* up to one without a name, in the order of loading;
                                        * method.lua, the last one, is for states apart */

#endif
