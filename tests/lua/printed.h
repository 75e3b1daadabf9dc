/* printed.h - a host of Lua that stores the printed results and errors in two buffers. */
#ifndef TESTS_LUA_PRINTED_H
#define TESTS_LUA_PRINTED_H

#include <stdio.h>
#include <string.h>

static char results[65536], errors[65536];

static void keep(char *to, const char *text)
{
    size_t n = strlen(to);
    snprintf(to + n, 65536 - n, "%s\n", text);
}

static void on_result(void *context, const char *text)
{
    (void)context;
    keep(results, text);
}

static void on_error(void *context, const char *text)
{
    (void)context;
    keep(errors, text);
}

#endif
