/* workbench_copy.c - ip.copy, the clipboard of the terminal (OSC 52), and ip.log, a file of the
 * output. */
#include "base/text.h"
#include "tui/terminal/terminal.h"
#include "tui/workbench_private.h"

#include <errno.h>
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST = 74994 }; /* bytes: xterm accepts a sequence of 100000 bytes, which is in base64 */

/* Writes base64. */
static void encode(FILE *to, const char *text, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        unsigned long v = 0;
        for (size_t k = 0; k < 3; k++)
            v = v << 8 | (i + k < n ? (unsigned char)text[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            putc(i + k <= n ? digits[v >> (18 - 6 * k) & 63] : '=', to);
    }
}

/* Sends the text to the terminal, which may ignore it. */
static int copy(const char *text, ipd_error *e)
{
    char *bytes = NULL;
    size_t size, n = strlen(text), done = 0;
    FILE *to;

    if (!n)
        return ipd_fail(e, IPD_ESTATE, "nothing to copy");
    if (n > MOST)
        return ipd_fail(e, IPD_EUSAGE,
                        "%zu bytes are too many for the clipboard of a terminal, whose limit is "
                        "%d. Write them to a file: :log FILE",
                        n, MOST);
    if (!(to = open_memstream(&bytes, &size)))
        return ipd_fail(e, IPD_EMEMORY, "out of memory for a copy");
    fputs("\033]52;c;", to);
    encode(to, text, n);
    fputs("\a", to);
    if (ipd_text_close(to, &bytes)) {
        free(bytes);
        return ipd_fail(e, IPD_EMEMORY, "out of memory for a copy");
    }
    while (done < size) {
        ssize_t wrote = write(ipd_terminal_fd(), bytes + done, size - done);
        if (wrote < 0 && errno != EINTR)
            break;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    free(bytes);
    return done == size ? 0 : ipd_fail(e, IPD_EIO, "the terminal: %s", strerror(errno));
}

static void say_copied(ipd_workbench *w, const char *text)
{
    char said[64];
    size_t lines = 0;

    for (const char *c = text; *c; c++)
        lines += *c == '\n' || !c[1];
    snprintf(said, sizeof said, "%zu line%s sent to the terminal's clipboard", lines,
             lines == 1 ? "" : "s");
    if (w->model.output_back)
        snprintf(w->model.output_note, sizeof w->model.output_note, "%s", said);
    else
        ipd_output_say(w->output, IPD_TEXT_NOTICE, said);
}

/* The inside of a pane as text, without blanks at the ends; free() it. NULL if memory runs out. */
static char *text_of(const ipd_canvas *c, ipd_area a)
{
    ipd_canvas part;
    char *text = NULL;
    size_t size;
    FILE *to;

    if (a.width < 1 || a.height < 1 || ipd_canvas_init(&part, a.width, a.height, c->charset, NULL))
        return NULL;
    for (int y = 0; y < a.height; y++)
        memcpy(part.cells + y * a.width, c->cells + (a.y + y) * c->width + a.x,
               (size_t)a.width * sizeof *part.cells);
    if ((to = open_memstream(&text, &size))) {
        ipd_canvas_print(&part, to, 0);
        if (ipd_text_close(to, &text)) {
            free(text);
            text = NULL;
        }
    }
    ipd_canvas_free(&part);
    for (size_t n = text ? strlen(text) : 0; n > 1 && text[n - 1] == '\n' && text[n - 2] == '\n';)
        text[--n] = 0;
    return text;
}

void ipd_workbench_copy_pane(ipd_workbench *w)
{
    ipd_pane *leaves[IPD_MAX_PANES], *root;
    int width, height;
    char *text = NULL;
    ipd_error e = {0};

    ipd_terminal_size(&width, &height);
    root = ipd_layout_place(&w->model, width, height);
    int count = root ? ipd_pane_leaves(root, leaves, IPD_MAX_PANES) : 0;
    for (int i = 0; i < count && !text; i++) {
        ipd_area a = leaves[i]->area;
        if (leaves[i]->view == w->model.focus && a.x + a.width <= w->canvas.width &&
            a.y + a.height <= w->canvas.height)
            text = text_of(&w->canvas, (ipd_area){a.x + 1, a.y + 1, a.width - 2, a.height - 2});
    }
    if (!text || copy(text, &e))
        ipd_workbench_say_error(w, text ? &e : (ipd_fail(&e, IPD_ESTATE, "nothing to copy"), &e));
    else
        say_copied(w, text);
    free(text);
}

/* ip.copy(), ip.copy(text) */
static int copy_text(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    ipd_error e;

    if (lua_isnoneornil(L, 1)) {
        ipd_output_wait(w->output);
        char *text = ipd_scrollback_last(w->model.output);
        lua_settop(L, 0);
        lua_pushstring(L, text ? text : "");
        free(text);
    }
    const char *text = luaL_tolstring(L, 1, NULL);
    if (copy(text, &e))
        return luaL_error(L, "%s", e.text);
    say_copied(w, text);
    return 0;
}

/* ip.log(path) -> path, or nil and a message; ip.log(false); ip.log() -> the path, or nil */
static int log_output(lua_State *L)
{
    ipd_workbench *w = ipd_workbench_of(L);
    ipd_error e;
    if (lua_isnoneornil(L, 1)) {
        char *now = ipd_scrollback_log_path(w->model.output);
        lua_pushstring(L, now);
        free(now);
        return 1;
    }
    const char *path = lua_isboolean(L, 1) && !lua_toboolean(L, 1) ? NULL : luaL_checkstring(L, 1);

    if (ipd_scrollback_log(w->model.output, path, &e)) {
        lua_pushnil(L);
        lua_pushstring(L, e.text);
        return 2;
    }
    if (path)
        lua_settop(L, 1);
    return path != NULL;
}

void ipd_workbench_copy_open(ipd_workbench *w)
{
    ipd_lua_register(w->lua, "copy", copy_text, w);
    ipd_lua_register(w->lua, "log", log_output, w);
}
