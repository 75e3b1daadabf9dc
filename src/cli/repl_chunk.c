/* repl_chunk.c - collects lines to a chunk, submits it to Lua and executes it; see repl.h. */
#include "base/text.h"
#include "cli/lua_host.h"
#include "cli/machine.h"
#include "cli/repl.h"
#include "plot/glyph.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Lines are wrapped only on a terminal, and not for screen readers (announce). */
void ipd_repl_print(const ipd_repl *r, FILE *to, const char *text)
{
    int width = r->announces || !isatty(fileno(to)) ? 0 : ipd_terminal_width(fileno(to), 0) - 1;

    if (width > 0)
        ipd_text_print(to, text, width, ipd_glyph_columns);
    else
        fprintf(to, "%s\n", text);
}

void ipd_repl_error(void *context, const char *text)
{
    ipd_repl *r = context;
    r->failed = 1;
    ipd_cli_hide_progress();
    fflush(stdout);
    ipd_repl_print(r, stderr, text);
}

int ipd_repl_add_line(ipd_repl *r, const char *line)
{
    size_t old = r->chunk ? strlen(r->chunk) : 0, n = strlen(line);
    char *chunk = realloc(r->chunk, old + n + 2);
    if (!chunk)
        return -1;
    if (old)
        chunk[old++] = '\n';
    memcpy(chunk + old, line, n + 1);
    r->chunk = chunk;
    return 0;
}

void ipd_repl_drop_chunk(ipd_repl *r)
{
    free(r->chunk);
    r->chunk = NULL;
}

int ipd_repl_submit(ipd_repl *r)
{
    ipd_error e;
    r->interrupts = 0;
    if (ipd_lua_submit(r->lua, r->chunk, NULL, &e)) {
        ipd_repl_error(r, e.text);
        return -1;
    }
    ipd_repl_drop_chunk(r);
    r->executing = 1;
    return 0;
}

void ipd_repl_wait(ipd_repl *r, int input, int timeout_ms, int *input_ready)
{
    struct pollfd p[] = {{r->wake[0], POLLIN, 0}, {input ? STDIN_FILENO : -1, POLLIN, 0}};
    char drained[64];
    if (ipd_lua_poll(r->lua, p, 2, timeout_ms) < 0)
        return;
    while (p[0].revents && read(r->wake[0], drained, sizeof drained) > 0)
        ;
    if (input_ready)
        *input_ready = p[1].revents != 0;
}

void ipd_repl_execute(ipd_repl *r)
{
    ipd_lua_activity now = ipd_lua_step(r->lua, 50);
    if (now == IPD_LUA_IDLE || r->quit) {
        ipd_cli_hide_progress();
        if (r->announces)
            ipd_announce(&r->announcer, ipd_lua_current_run(r->lua), stdout);
        r->executing = 0;
        return;
    }
    if (r->announces)
        ipd_announce(&r->announcer, ipd_lua_current_run(r->lua), stdout);
    else
        ipd_cli_show_progress(r->lua);
    if (now == IPD_LUA_WAITING)
        ipd_repl_wait(r, 0, 100, NULL);
}
