/* console.c - the output, with the prompt below it. */
#include "tui/view/typed.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    if (*m->output_note)
        snprintf(to, size, "Lua · %s", m->output_note);
    else if (*m->output_search && !m->found_all)
        snprintf(to, size, "Lua · '%.40s' not found", m->output_search);
    else if (m->focus == &ipd_view_console)
        snprintf(to, size, "Lua · '%.40s' %d of %d · n below, N above, Escape", m->output_search,
                 m->found_place, m->found_all);
    else if (m->output_back > 0)
        snprintf(to, size, "Lua · %d row%s back, PageDown returns", m->output_back,
                 m->output_back == 1 ? "" : "s");
    else
        snprintf(to, size, "Lua%s", m->lua_busy ? " · at work, C-c stops it" : "");
}

/* The prompt takes as many rows as it needs, at most half of the pane. */
static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    ipd_area output = in, prompt = in;

    if (m->typed.prompt) {
        ipd_typed_extent extent = ipd_typed_measure(&m->typed, in.width, c->charset == IPD_ASCII);
        int max = (in.height + 1) / 2, first = 0;
        prompt.height = extent.rows < max ? extent.rows : max;
        if (extent.cursor_row >= prompt.height)
            first = extent.cursor_row - prompt.height + 1;
        prompt.y = in.y + in.height - prompt.height;
        output.height = in.height - prompt.height;
        if (m->output && m->output_top) { /* a help text that is longer than the pane */
            int rows = ipd_scrollback_rows(m->output, m->output_top, in.width, m->ascii);
            m->output_back = rows > output.height ? rows - output.height : 0;
            m->output_top = 0;
        }
        if (m->output && m->output_goto) {
            int below = ipd_scrollback_below(m->output, m->output_found, in.width, m->ascii);
            m->output_back = below > output.height / 2 ? below - output.height / 2 : 0;
            m->output_goto = 0;
        }
        /* Until the pane is full, the prompt follows the text, as in a terminal. */
        m->output_rows = output.height;
        int used = m->output ? ipd_scrollback_draw(m->output, c, output, &m->output_back) : 0;
        if (used < output.height) {
            ipd_canvas_clear(c, in);
            prompt.y = in.y + used;
            output.height = used;
            if (used)
                ipd_scrollback_draw(m->output, c, output, &m->output_back);
        }
        ipd_canvas_highlight(c, output, m->output_search);
        ipd_typed_draw(&m->typed, c, prompt, first);
        m->cursor_x = prompt.x + extent.cursor_x;
        m->cursor_y = prompt.y + extent.cursor_row - first;
        m->prompt_end = prompt.y + prompt.height;
    } else if (m->output) {
        ipd_scrollback_draw(m->output, c, output, &m->output_back);
    }
}

int ipd_console_search(ipd_model *m, const char *text)
{
    if (*text)
        snprintf(m->output_sought, sizeof m->output_sought, "%s", text);
    memcpy(m->output_search, m->output_sought, sizeof m->output_search);
    if (!m->output || !*m->output_search)
        return 0;
    m->output_found =
        ipd_scrollback_find(m->output, m->output_search, 0, -1, &m->found_place, &m->found_all);
    m->output_goto = m->output_found != 0;
    if (m->output_goto)
        ipd_scrollback_hide(m->output, 0);
    return m->output_goto;
}

void ipd_console_leave(ipd_model *m)
{
    if (m->output_found)
        m->output_back = 0;
    m->output_search[0] = 0;
    m->output_found = 0;
    m->output_goto = 0;
}

static int key(ipd_model *m, int code)
{
    int step = code == 'N' ? -1 : 1;

    switch (code) {
    case 'n':
    case 'N':
        m->output_found = ipd_scrollback_find(m->output, m->output_search, m->output_found, step,
                                              &m->found_place, &m->found_all);
        if (!m->output_found) /* begin again at the other end */
            m->output_found = ipd_scrollback_find(m->output, m->output_search, 0, step,
                                                  &m->found_place, &m->found_all);
        m->output_goto = m->output_found != 0;
        return 1;
    case IPD_KEY_UP:
        ipd_scrollback_hide(m->output, 0);
        m->output_back++;
        return 1;
    case IPD_KEY_DOWN:
        m->output_back -= m->output_back > 0;
        return 1;
    case IPD_KEY_ESCAPE:
        m->focus = NULL;
        ipd_console_leave(m);
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    int rows = in.height > 6 ? 3 : 1;

    if (e->kind != IPD_MOUSE_WHEEL_UP && e->kind != IPD_MOUSE_WHEEL_DOWN)
        return 0;
    if (e->kind == IPD_MOUSE_WHEEL_UP)
        ipd_scrollback_hide(m->output, 0);
    m->output_back += e->kind == IPD_MOUSE_WHEEL_UP ? rows : -rows;
    m->output_back = m->output_back < 0 ? 0 : m->output_back;
    return 1;
}

const ipd_view ipd_view_console = {
    .name = "console", .framed = 1, .title = title, .draw = draw, .key = key, .mouse = mouse};
