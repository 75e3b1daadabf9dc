/* method.h - training methods from Lua files. */
#ifndef IPD_LUA_METHOD_H
#define IPD_LUA_METHOD_H

/* From now on methods can be named by file (ipd_method_get) and read from texts. Call it once,
 * before other threads start. */
void ipd_lua_methods_begin(void);
/* Reads the methods in the user's folder and in the installed one, for lists; faulty files are left
 * out. */
void ipd_lua_methods_find(void);

#endif
