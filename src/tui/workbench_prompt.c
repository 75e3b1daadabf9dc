/* workbench_prompt.c - connects the prompt to Lua and the terminal; shows errors and help. */
#include "tui/terminal/terminal.h"
#include "tui/workbench_private.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef ipd_workbench workbench;

static int is_incomplete(void *context, const char *text)
{
    workbench *w = context;
    return *text != '/' && ipd_lua_incomplete(w->lua, text);
}

static void complete(void *context, const char *line, int point, ipd_lua_completions *to)
{
    workbench *w = context;
    ipd_lua_complete(w->lua, line, point, to);
}

static char *signature(void *context, const char *line, int point)
{
    workbench *w = context;
    return ipd_lua_signature(w->lua, line, point);
}

/* --- the terminal, for an editor --- */

static int leave(void *context)
{
    (void)context;
    ipd_terminal_leave();
    return ipd_terminal_fd();
}

static void come_back(void *context)
{
    workbench *w = context;
    int width, height;

    ipd_terminal_come_back();
    ipd_terminal_size(&width, &height);
    ipd_prompt_resize(width, height);
    w->dirty = 1;
}

static void failed(void *context, const ipd_error *e)
{
    ipd_workbench_say_error(context, e);
}

void ipd_workbench_prompt_init(workbench *w, ipd_prompt_host *host)
{
    host->context = w;
    host->incomplete = is_incomplete;
    host->complete = complete;
    host->signature = signature;
    host->leave = leave;
    host->come_back = come_back;
    host->failed = failed;
}

/* --- messages in the output --- */

void ipd_workbench_say_error(workbench *w, const ipd_error *e)
{
    ipd_output_say(w->output, IPD_TEXT_ERROR, e->text);
}

void ipd_workbench_say_help(workbench *w, ipd_text_kind kind, const char *text)
{
    size_t lines = 1;

    for (const char *c = text; *c; c++)
        lines += *c == '\n' && c[1];
    ipd_output_say(w->output, kind, text);
    w->help_lines = lines;
}

/* --- help for a name --- */

static int is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '.' || c == ':';
}

/* The name at or before the cursor, such as "run:set" in "run:set{ delta"; "" if there is none. */
static void name_at_cursor(const ipd_typed *t, char *to, size_t size)
{
    size_t end = t->point, begin;

    while (end > 0 && strchr(" ({", t->line[end - 1]) && !is_name(t->line[end]))
        end--;
    begin = end;
    while (begin > 0 && is_name(t->line[begin - 1]))
        begin--;
    while (is_name(t->line[end]))
        end++;
    snprintf(to, size, "%.*s", (int)(end - begin), t->line + begin);
}

int ipd_workbench_help_on_name(workbench *w)
{
    char name[128];

    ipd_prompt_work(); /* put pending keys into the line first */
    ipd_typed typed = ipd_prompt_typed();
    name_at_cursor(&typed, name, sizeof name);
    char *text = *name ? ipd_lua_help(w->lua, name) : NULL;
    if (!text)
        return 0;
    ipd_workbench_say_help(w, IPD_TEXT_NOTICE, text);
    free(text);
    return 1;
}
