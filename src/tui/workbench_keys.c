/* workbench_keys.c - the actions of keys and of views. */
#include "report/describe.h"
#include "tui/pane/layout.h"
#include "tui/prompt/prompt.h"
#include "tui/terminal/signals.h"
#include "tui/terminal/terminal.h"
#include "tui/workbench_private.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

typedef ipd_workbench workbench;

void ipd_workbench_going_back(void *context, ipd_run *run, long iteration)
{
    workbench *w = context;
    ipd_lua_curves curves = ipd_workbench_curves(run, ipd_lua_current_number(w->lua));
    char left[300];

    ipd_workbench_rewinding(w, &curves, iteration);
    ipd_describe_left(run, iteration, left, sizeof left);
    snprintf(w->left, sizeof w->left, "%s: %s returns", left,
             ipd_key_or(IPD_ACT_REDO, "run:redo()"));
}

void ipd_workbench_went_back(void *context)
{
    workbench *w = context;

    ipd_output_say(w->output, IPD_TEXT_NOTICE, w->left);
}

/* Reports a queued step back, which is not visible otherwise. */
static void say_queued(workbench *w, int steps)
{
    char text[96];

    snprintf(text, sizeof text, "goes back after %d more step%s; C-c cancels the steps that wait",
             steps, steps == 1 ? "" : "s");
    ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
}

static void say_steps(workbench *w)
{
    char text[96];

    snprintf(text, sizeof text, "Lua steps this run: %s pauses it and ends the line",
             ipd_key_or(IPD_ACT_RUN, "C-c"));
    ipd_output_say(w->output, IPD_TEXT_ERROR, text);
}

static void move_run(workbench *w, ipd_action action)
{
    ipd_run *run = ipd_lua_current_run(w->lua);
    ipd_error e;

    if (ipd_lua_steps(w->lua, run) && action == IPD_ACT_RUN) {
        if (ipd_lua_pause(w->lua, run, &e) < 0)
            ipd_workbench_say_error(w, &e);
        else
            ipd_prompt_drop_ahead(); /* the lines typed ahead belong to what was paused */
    } else if (ipd_lua_steps(w->lua, run))
        say_steps(w);
    else if ((!run || w->key_line) && w->activity != IPD_LUA_IDLE && w->early_count < IPD_MAX_EARLY)
        w->early[w->early_count++] = action;
    else if (ipd_stepping_act(&w->stepping, run, action, &e) < 0)
        ipd_workbench_say_error(w, &e);
    else if (action == IPD_ACT_REWIND && ipd_stepping_waiting(&w->stepping) > 0)
        say_queued(w, ipd_stepping_waiting(&w->stepping));
}

void ipd_workbench_early_keys(workbench *w)
{
    int count = w->early_count;

    w->key_line &= w->activity != IPD_LUA_IDLE;
    if (!count || w->key_line || (w->activity != IPD_LUA_IDLE && !ipd_lua_current_run(w->lua)))
        return;
    w->early_count = 0;
    for (int i = 0; i < count; i++)
        move_run(w, w->early[i]);
}

static void focus_next(workbench *w, int step)
{
    int width, height;

    ipd_terminal_size(&width, &height);
    ipd_layout_focus_next(&w->model, step, width, height);
}

void ipd_workbench_keep_layouts(workbench *w)
{
    ipd_error e;

    if (ipd_layouts_save(w->model.layouts, &e) < 0)
        ipd_workbench_say_error(w, &e);
    w->dirty = 1;
}

static void choose_layout(workbench *w, int number)
{
    ipd_error e;

    w->model.zoom = NULL;
    w->settings_large = 0;
    if (ipd_layouts_choose_number(w->model.layouts, number, &e) < 0)
        ipd_workbench_say_error(w, &e);
    else
        ipd_workbench_keep_layouts(w);
}

static void zoom(workbench *w)
{
    const ipd_view *view = w->model.focus ? w->model.focus : &ipd_view_console;

    w->model.zoom = w->model.zoom ? NULL : view;
    w->settings_large = 0;
}

/* Resizes the focused pane by hand. */
static void resize_pane(workbench *w, ipd_action action)
{
    int width, height, columns = action == IPD_ACT_NARROWER || action == IPD_ACT_WIDER;
    int cells = action == IPD_ACT_WIDER || action == IPD_ACT_TALLER ? 1 : -1;

    ipd_terminal_size(&width, &height);
    ipd_pane *root = w->model.zoom ? NULL : ipd_layout_place(&w->model, width, height);
    if (root && w->model.focus &&
        ipd_pane_resize(root, w->model.focus, columns, columns ? 2 * cells : cells))
        ipd_layouts_touch(w->model.layouts);
}

/* Scrolls the output by pages, which overlap by a row. */
static void scroll_output(workbench *w, int pages)
{
    if (pages > 0)
        ipd_scrollback_hide(w->model.output, 0);
    w->model.output_back += pages * (w->model.output_rows > 1 ? w->model.output_rows - 1 : 1);
    if (w->model.output_back < 0)
        w->model.output_back = 0;
}

/* Returns to the prompt; unzooms the settings if F2 zoomed them. */
static void leave_pane(workbench *w)
{
    w->model.focus = NULL;
    if (w->settings_large && w->model.zoom == &ipd_view_settings)
        w->model.zoom = NULL;
    w->settings_large = 0;
}

/* Focuses the settings pane. If the layout has none, it is zoomed, and the same key or Escape
 * closes it. */
static void show_settings(workbench *w)
{
    int width, height;

    ipd_terminal_size(&width, &height);
    if (w->settings_large && w->model.focus == &ipd_view_settings) {
        leave_pane(w);
        return;
    }
    if (ipd_layout_focus(&w->model, &ipd_view_settings, width, height))
        return;
    w->settings_large = 1;
    w->model.zoom = w->model.focus = &ipd_view_settings;
}

void ipd_workbench_show(workbench *w, const ipd_view *view)
{
    int width, height;
    const ipd_view *focus = w->model.focus;

    ipd_terminal_size(&width, &height);
    if (!ipd_layout_focus(&w->model, view, width, height))
        w->model.zoom = view;
    w->model.focus = focus; /* the user may be typing the next line */
    w->dirty = 1;
}

/* The user types the rest of the condition. */
static const char until[] = "run:step_until(function(m) return m.phi < ";

static void act(void *context, ipd_action action, int code)
{
    workbench *w = context;
    ipd_error e;

    switch (action) {
    case IPD_ACT_LAYOUT:
        choose_layout(w, (code & 0xFF) - '0');
        break;
    case IPD_ACT_ZOOM:
        zoom(w);
        break;
    case IPD_ACT_NARROWER:
    case IPD_ACT_WIDER:
    case IPD_ACT_LOWER:
    case IPD_ACT_TALLER:
        resize_pane(w, action);
        break;
    case IPD_ACT_RESTORE:
        ipd_layouts_restore(w->model.layouts);
        break;
    case IPD_ACT_FOCUS:
        focus_next(w, 1);
        break;
    case IPD_ACT_FOCUS_BACK:
        focus_next(w, -1);
        break;
    case IPD_ACT_PROMPT:
        leave_pane(w);
        break;
    case IPD_ACT_HELP:
        w->model.help_top = w->model.help_typing = 0;
        w->model.help_search[0] = 0;
        w->model.help = !w->model.help && !ipd_workbench_help_on_name(w);
        break;
    case IPD_ACT_RUN:
    case IPD_ACT_ITERATION:
    case IPD_ACT_BLOCK:
    case IPD_ACT_KIND:
    case IPD_ACT_BATCH:
    case IPD_ACT_REWIND:
    case IPD_ACT_BACK_BLOCK:
    case IPD_ACT_BACK_BATCH:
    case IPD_ACT_REDO:
        move_run(w, action);
        break;
    case IPD_ACT_UNTIL:
        w->model.focus = NULL;
        ipd_prompt_paste(until, strlen(until));
        break;
    case IPD_ACT_SETTINGS:
        show_settings(w);
        break;
    case IPD_ACT_UNDO:
        if (ipd_controller_undo(&w->controller, ipd_lua_current_run(w->lua), &e) < 0)
            ipd_workbench_say_error(w, &e);
        break;
    case IPD_ACT_BACK:
        scroll_output(w, 1);
        break;
    case IPD_ACT_FORWARD:
        scroll_output(w, -1);
        break;
    case IPD_ACT_COPY:
        ipd_workbench_copy_pane(w);
        break;
    case IPD_ACT_CLEAR:
        w->model.output_back = 0;
        ipd_scrollback_hide(w->model.output, 1);
        ipd_terminal_refresh(0);
        break;
    case IPD_ACT_ELSEWHERE:
    case IPD_ACT_VIEW:
    case IPD_ACT_COUNT:
        break;
    }
    w->dirty = 1;
}

/* 1 if Readline binds the key: Alt and a character, or at the prompt Shift-Tab. */
static int is_for_readline(const workbench *w, int code)
{
    return code & IPD_META            ? ipd_prompt_binds_meta(code & 0xFF)
           : code == IPD_KEY_BACK_TAB ? !w->model.focus && ipd_prompt_binds("\033[Z", 3)
                                      : 0;
}

/* Handles a key of the table for the focused view; returns 0 if the key belongs to the prompt. */
static int on_key(void *context, int code)
{
    workbench *w = context;
    const ipd_view *focus = w->model.focus;

    w->model.output_note[0] = 0;
    if (w->model.editing && focus && focus->key && focus->key(&w->model, code)) {
        w->dirty = 1;
        return 1;
    }
    if (w->model.help && w->model.help_typing && ipd_view_help.key(&w->model, code)) {
        w->dirty = 1;
        return 1;
    }
    if (w->model.help) {
        const ipd_key *row = ipd_key_find(code, ipd_view_help.name);
        w->dirty = 1;
        if (row && row->context && row->action == IPD_ACT_VIEW)
            return ipd_view_help.key(&w->model, code);
        if (!row || row->context) /* the key is for the prompt, which must be visible */
            w->model.help = 0;
    }
    const ipd_key *key = ipd_key_find(code, focus ? ipd_view_context(focus) : NULL);

    if (key && key->action == IPD_ACT_VIEW && focus->key && focus->key(&w->model, code)) {
        w->dirty = 1;
        return 1;
    }
    const int of_view = key && key->action == IPD_ACT_VIEW;
    if (of_view) /* the view did not use it, such as a chart without values */
        key = ipd_key_find(code, NULL);
    if (key && (ipd_keys_bound[key - ipd_keys] || !is_for_readline(w, code))) {
        ipd_prompt_hide_matches(); /* they cover the panes */
        act(w, key->action, code);
        return 1;
    }
    return of_view;
}

static void on_typing(void *context)
{
    workbench *w = context;

    w->dirty |= w->model.focus != NULL;
    if (w->model.focus == &ipd_view_console)
        ipd_console_leave(&w->model);
    w->model.focus = NULL;
}

static void on_mouse(void *context, const ipd_mouse *mouse)
{
    workbench *w = context;
    int width, height;

    ipd_terminal_size(&width, &height);
    if (ipd_layout_mouse(&w->model, width, height, mouse))
        w->dirty = 1;
}

/* --- actions of views --- */

static int set_setting(void *context, const char *name, const char *value, ipd_error *e)
{
    workbench *w = context;

    w->dirty = 1;
    return ipd_controller_set(&w->controller, ipd_lua_current_run(w->lua), name, value, e);
}

static int do_lua(void *context, const char *line, ipd_error *e)
{
    workbench *w = context;

    (void)e;
    ipd_prompt_enter(line);
    w->key_line = 1;
    return 0;
}

static void say(void *context, ipd_text_kind kind, const char *text)
{
    workbench *w = context;

    ipd_output_say(w->output, kind, text);
    w->dirty = 1;
}

void ipd_workbench_keys_init(workbench *w)
{
    w->keyboard =
        (ipd_keyboard){.context = w, .key = on_key, .typing = on_typing, .mouse = on_mouse};
    w->model.actions = (ipd_actions){
        .context = w, .set = set_setting, .lua = do_lua, .edit = ipd_workbench_edit, .say = say};
}

int ipd_workbench_wait_for_keys(void *context)
{
    workbench *w = context;
    struct pollfd fds[2] = {{.fd = ipd_terminal_fd(), .events = POLLIN},
                            {.fd = ipd_signals_fd(), .events = POLLIN}};

    ipd_workbench_draw(w);
    if (ipd_signals_pending() || poll(fds, 2, -1) < 0 || fds[1].revents ||
        fds[0].revents & (POLLHUP | POLLERR))
        return 0;
    if (ipd_keyboard_read(&w->keyboard))
        w->dirty = 1;
    return 1;
}
