/* workbench_say.c - what is written to the console: answers, errors, the lines that were typed. */
#include "base/text.h"
#include "tui/prompt/history.h"
#include "tui/workbench_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef ipd_workbench workbench;

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

void ipd_workbench_submit(workbench *w, const char *text)
{
    ipd_error e;

    w->model.output_back = 0;
    w->help_lines = w->model.output_top = 0; /* what comes now is what is read */
    if (ipd_prompt_history_add(text, &e) < 0)
        ipd_workbench_say_error(w, &e);
    if (text[strspn(text, " \t\n")] && ipd_lua_submit(w->lua, text, "=prompt", &e) < 0)
        ipd_workbench_say_error(w, &e);
    w->asked_help = text[strspn(text, " \t")] == '?';
    if (w->activity == IPD_LUA_IDLE)
        w->activity = IPD_LUA_BUSY;
}

/* A line's end in it begins a line of its own, as in what took several lines to type. */
void ipd_workbench_echo(workbench *w, const char *prompt, const char *line)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);

    for (int n; to && line; prompt = ">> ", line = line[n] ? line + n + 1 : NULL) {
        n = (int)strcspn(line, "\n");
        fprintf(to, "%s%.*s%s", prompt, n, line, line[n] ? "\n" : "");
    }
    if (to && !ipd_text_close(to, &text))
        ipd_output_say(w->output, IPD_TEXT_ECHO, text);
    free(text);
}
