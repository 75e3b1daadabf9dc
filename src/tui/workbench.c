/* workbench.c - the main loop: Lua, keys, signals and frames. */
#include "tui/workbench.h"
#include "base/clock.h"
#include "base/ending.h"
#include "base/text.h"
#include "tui/help_topics.h"
#include "tui/prompt/history.h"
#include "tui/prompt/prompt.h"
#include "tui/terminal/screen.h"
#include "tui/terminal/signals.h"
#include "tui/terminal/terminal.h"
#include "tui/workbench_private.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICE_MS = 8, /* of Lua between two reads of the keyboard */
    DEAF = 3, /* C-c pressed this often, over more than a second, ends an unresponsive program */
    GATHER_MS =
        25,     /* between two polls of the runs, which may publish thousands of records per s */
    SOON_MS = 5 /* the same if a key or Lua waits for a run */
};

typedef ipd_workbench workbench;

static void on_result(void *context, const char *text)
{
    workbench *w = context;
    int help = w->asked_help;

    w->asked_help = 0;
    if (text && help)
        ipd_workbench_say_help(w, IPD_TEXT_RESULT, text);
    else if (text)
        ipd_output_say(w->output, IPD_TEXT_RESULT, text);
}

static void on_error(void *context, const char *text)
{
    workbench *w = context;
    ipd_output_say(w->output, IPD_TEXT_ERROR, text);
}

/* Warnings: failures of the history, findings of the audit. */
static void on_warning(void *context, const char *text)
{
    workbench *w = context;
    ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
    w->dirty = 1;
}

static void on_note(void *context, const char *text)
{
    workbench *w = context;
    ipd_output_say(w->output, IPD_TEXT_ECHO, text);
}

static void on_quit(void *context, int code)
{
    workbench *w = context;
    w->done = 1;
    w->code = code;
}

/* The time of the next frame in seconds; 0: there is nothing to draw. */
static double next_frame(const workbench *w)
{
    int ms = w->pressed ? IPD_ANSWER_MS : w->dirty ? IPD_FRAME_MS : w->news ? IPD_NEWS_MS : 0;
    double min = w->pressed || w->dirty ? 0 : fmin(IPD_NEWS_SHARE * w->frame_took, 1);

    return ms ? w->last_frame + fmax(ms * 1e-3, min) : 0;
}

static void draw_when_due(workbench *w)
{
    double when = next_frame(w);

    if (when > 0 && ipd_seconds() >= when)
        ipd_workbench_draw(w);
}

/* Updates the model from the run, sets w->news or w->dirty if it changed, and works on keys that
 * wait for the run. */
static void update_model(workbench *w)
{
    ipd_run *run = ipd_lua_current_run(w->lua);
    char answer[IPD_CONTROLLER_TEXT];
    ipd_place before = w->model.place;
    ipd_run_status status = w->model.status;
    size_t records = w->model.records.count;
    int had = w->model.has_run;
    const ipd_probe *probe = w->model.probe;
    const void *source = w->model.source;
    ipd_error e;

    if (ipd_scrollback_log_failed(w->model.output, &e))
        ipd_workbench_say_error(w, &e);
    ipd_model_update(&w->model, run);
    ipd_workbench_runs_update(w);
    if (probe != w->model.probe || had != w->model.has_run || source != w->model.source ||
        (run && status != w->model.status))
        w->dirty = 1;
    if (records != w->model.records.count ||
        (run && memcmp(&before, &w->model.place, sizeof before) != 0))
        *(status == IPD_RUNNING && !ipd_stepping_busy(&w->stepping) ? &w->news : &w->dirty) = 1;
    if (ipd_stepping_work(&w->stepping, run, &e) < 0)
        ipd_workbench_say_error(w, &e);
    if (w->rewinding) /* the curve of a rewind that has just been cancelled */
        ipd_workbench_runs_update(w);
    while (ipd_controller_work(&w->controller, run, answer, sizeof answer))
        ipd_output_say(w->output, IPD_TEXT_RESULT, answer);
    if (run && status != w->model.status &&
        (w->model.status == IPD_DIVERGED || w->model.status == IPD_FAILED))
        ipd_output_say(w->output, IPD_TEXT_ERROR, w->model.status_text);
}

/* C-c while Lua is idle: cancels the steps of keys, or clears the line. */
static void interrupt_keys(workbench *w)
{
    char text[80];
    int steps = ipd_stepping_cancel(&w->stepping), jump = ipd_stepping_stop_jump(&w->stepping);

    snprintf(text, sizeof text, "%d step%s cancelled", steps, steps == 1 ? "" : "s");
    if (steps) {
        ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
    } else if (!ipd_prompt_clear() && !jump) {
        snprintf(text, sizeof text, "C-d or quit() leaves; %s pauses training or continues it",
                 ipd_key_or(IPD_ACT_RUN, "run:pause()"));
        ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
    }
    w->dirty = 1;
}

/* Handles signals. Called in the loop, and while Lua cannot yield. */
static void take_signals(workbench *w)
{
    unsigned flags = ipd_signals_read();
    int width, height;

    w->unheard = 0;
    if (flags & IPD_SIGNAL_STOP) {
        double before = ipd_seconds();
        ipd_terminal_suspend();
        ipd_run_skip_clock(ipd_seconds() - before); /* the stop is no training time */
    } else if (flags & IPD_SIGNAL_CONTINUE)
        ipd_terminal_refresh(1);
    if (flags & IPD_SIGNAL_RESIZE)
        ipd_terminal_resize();
    if (flags & (IPD_SIGNAL_STOP | IPD_SIGNAL_CONTINUE | IPD_SIGNAL_RESIZE)) {
        ipd_terminal_size(&width, &height);
        ipd_prompt_resize(width, height);
        w->dirty = 1;
    }
    if (flags & IPD_SIGNAL_END)
        w->done = 1;
    if (flags & IPD_SIGNAL_INTERRUPT) {
        w->end_waits = 0;
        ipd_keyboard_forget(&w->keyboard);
    }
    /* The handler has interrupted a busy Lua already. */
    if (flags & IPD_SIGNAL_INTERRUPT && !w->lua_interrupted)
        interrupt_keys(w);
}

/* Called while Lua cannot yield. Keys of the workbench work; typed text waits, because Readline
 * would call Lua. */
static void on_repaint(void *context)
{
    workbench *w = context;
    int before = ipd_prompt_hold(1);

    take_signals(w);
    if (!before && ipd_keyboard_read(&w->keyboard))
        w->pressed = 1;
    ipd_prompt_hold(before);
    update_model(w);
    draw_when_due(w);
}

/* Submits a line that was typed or comes from a key: Lua, or the search "/text". */
static void on_submit(void *context, const char *text)
{
    workbench *w = context;
    ipd_error e;

    ipd_console_leave(&w->model);
    w->end_waits = 0;
    w->model.output_back = 0;
    w->help_lines = w->model.output_top = 0; /* show the new output from its end */
    if (ipd_prompt_history_add(text, &e) < 0)
        ipd_workbench_say_error(w, &e);
    if (*text == '/') {
        w->dirty = 1;
        if (ipd_console_search(&w->model, text + 1))
            w->model.focus = &ipd_view_console;
        return;
    }
    if (text[strspn(text, " \t\n")] && ipd_lua_submit(w->lua, text, NULL, &e) < 0)
        ipd_workbench_say_error(w, &e);
    w->watch_stale = 1;
    w->asked_help = text[strspn(text, " \t")] == '?';
    if (w->activity == IPD_LUA_IDLE)
        w->activity = IPD_LUA_BUSY;
}

/* Echoes a submission; several lines appear as if they had been typed one by one. */
static void on_echo(void *context, const char *prompt, const char *line)
{
    workbench *w = context;
    char *text = NULL;
    size_t size;

    if (*line == '/') /* the search would find its own echo */
        return;
    FILE *to = open_memstream(&text, &size);
    for (int n; to && line; prompt = ">> ", line = line[n] ? line + n + 1 : NULL) {
        n = (int)strcspn(line, "\n");
        fprintf(to, "%s%.*s%s", prompt, n, line, line[n] ? "\n" : "");
    }
    if (to && !ipd_text_close(to, &text))
        ipd_output_say(w->output, IPD_TEXT_ECHO, text);
    free(text);
}

/* C-d: leaves; if lines wait for Lua, when they have been run or C-d is pressed again. */
static void on_end(void *context)
{
    workbench *w = context;
    size_t waiting = w->activity == IPD_LUA_IDLE ? 0 : ipd_lua_waiting(w->lua);
    char text[128];

    if (!waiting || w->end_waits) {
        w->done = 1;
        return;
    }
    w->end_waits = 1;
    snprintf(text, sizeof text,
             "leaves after the %zu line%s typed ahead; C-d again leaves at once, C-c stays",
             waiting, waiting == 1 ? "" : "s");
    ipd_output_say(w->output, IPD_TEXT_NOTICE, text);
    w->dirty = 1;
}

/* --- the loop --- */

static int milliseconds_until(double when, double at)
{
    double ms = (when - at) * 1e3;

    return ms <= 0 ? 0 : ms > 1000 ? 1000 : (int)ms + 1;
}

/* The shorter of two timeouts; -1 is none. */
static int min(int x, int y)
{
    return x < 0 ? y : y < 0 ? x : x < y ? x : y;
}

/* The time of the next poll of the runs in seconds. */
static double next_poll(workbench *w)
{
    if (ipd_lua_is_asked(w->lua))
        return 0;
    return w->news_seen + (w->pressed || !ipd_workbench_is_idle(w) ? SOON_MS : GATHER_MS) * 1e-3;
}

/* Waits for something to do. */
static void wait(workbench *w)
{
    struct pollfd fds[] = {{.fd = ipd_terminal_fd(), .events = POLLIN},
                           {.fd = ipd_signals_fd(), .events = POLLIN},
                           {.fd = ipd_output_fd(w->output), .events = POLLIN}};
    enum { COUNT = sizeof fds / sizeof *fds };
    int timeout = -1, failed = 0, rang = 0;
    double at = ipd_seconds();

    if (w->activity == IPD_LUA_BUSY)
        timeout = 0;
    if (next_frame(w) > 0)
        timeout = min(timeout, milliseconds_until(next_frame(w), at));
    if (at < next_poll(w)) {
        timeout = min(timeout, milliseconds_until(next_poll(w), at));
        failed = poll(fds, COUNT, timeout) < 0;
    } else {
        rang = ipd_lua_poll(w->lua, fds, COUNT, timeout);
        failed = rang < 0;
    }
    if (failed)
        return;
    if (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL))
        ipd_ending_ask(SIGHUP); /* the terminal is gone; SIGHUP may come late or never */
    if (fds[2].revents) {
        ipd_output_seen(w->output);
        w->dirty = 1;
    }
    if (rang > 0)
        w->news_seen = ipd_seconds();
}

/* Runs the next command of --keys, once the screen shows the result of the previous one. */
static void replay(workbench *w)
{
    ipd_error e;

    if (!ipd_replay_pending(&w->replay) || next_frame(w) > 0 || !ipd_workbench_is_idle(w) ||
        w->early_count)
        return;
    if (ipd_replay_step(&w->replay, &w->keyboard, &w->canvas, &e) < 0)
        ipd_workbench_say_error(w, &e);
    w->pressed = 1; /* a waiting command checks again after the next frame */
}

static void loop(workbench *w)
{
    while (!w->done) {
        take_signals(w); /* C-c stays */
        w->done |= w->end_waits && w->activity == IPD_LUA_IDLE;
        if (ipd_keyboard_read(&w->keyboard))
            w->pressed = 1;
        ipd_lua_activity quiet = w->activity;
        if (ipd_prompt_work())
            w->pressed = 1;
        if (quiet == IPD_LUA_IDLE && w->activity != IPD_LUA_IDLE)
            ipd_workbench_draw(w); /* show the entered line, even if it is one long call */
        ipd_lua_activity before = w->activity;
        if (!w->done)
            w->activity = ipd_lua_step(w->lua, SLICE_MS);
        if (before != w->activity)
            w->dirty = 1;
        if (w->restores && w->activity == IPD_LUA_IDLE && w->model.has_run) {
            w->restores = 0;
            ipd_workbench_restore(w);
        }
        ipd_workbench_early_keys(w);
        ipd_workbench_watch(w);
        fflush(stdout); /* io.write does not flush */
        update_model(w);
        if (w->drawn_output != ipd_scrollback_version(w->model.output) ||
            (w->testing && w->drawn_idle != ipd_workbench_is_idle(w)))
            w->dirty = 1;
        draw_when_due(w);
        replay(w);
        if (!w->done)
            wait(w);
    }
}

/* Runs in a signal handler. */
static void interrupt_lua(void *context, int number)
{
    workbench *w = context;

    w->lua_interrupted = w->activity != IPD_LUA_IDLE;
    ipd_lua_interrupt(w->lua);
    if (number != SIGINT)
        return;
    /* Lua may be in one long call of a C function, which no hook interrupts. */
    double now = ipd_seconds();
    if (!w->unheard++)
        w->unheard_since = now;
    if (w->unheard >= DEAF && now - w->unheard_since > 1) {
        w->unheard = 0;
        ipd_ending_hurry(SIGINT);
    }
}

/* The order matters: see the comments in terminal.h. */
static int start(workbench *w, const ipd_workbench_options *options, ipd_error *e)
{
    ipd_lua_host lua_host = {.context = w,
                             .result = on_result,
                             .error = on_error,
                             .repaint = on_repaint,
                             .quit = on_quit,
                             .warning = on_warning,
                             .note = on_note,
                             .numbered = 1,
                             .overlay = ipd_workbench_overlay,
                             .rewinding = ipd_workbench_rewinding,
                             .watched = ipd_workbench_watched,
                             .history = options->history};
    ipd_prompt_host prompt_host = {.context = w,
                                   .submit = on_submit,
                                   .echo = on_echo,
                                   .end = on_end,
                                   .wait = ipd_workbench_wait_for_keys};
    ipd_error history;

    w->stepping.going_back = ipd_workbench_going_back;
    w->stepping.went_back = ipd_workbench_went_back;
    w->stepping.context = w;
    ipd_workbench_prompt_init(w, &prompt_host);
    if (options->keys && ipd_replay_open(&w->replay, options->keys, e) < 0)
        return -1;
    ipd_terminal_mouse(!options->no_mouse);
    if (ipd_terminal_suits(e) < 0 || ipd_terminal_open(e) < 0 || ipd_signals_start(e) < 0)
        return -1;
    if (!(w->model.output = ipd_scrollback_new(e)) ||
        !(w->output = ipd_output_start(w->model.output, e)) ||
        ipd_prompt_prepare(&prompt_host, e) < 0)
        return -1;
    if (ipd_prompt_history_load(&history) < 0)
        ipd_output_say(w->output, IPD_TEXT_NOTICE, history.text);
    if (!(w->model.layouts = ipd_layouts_new(e)))
        return -1;
    if (ipd_layouts_load(w->model.layouts, &history) < 0)
        ipd_output_say(w->output, IPD_TEXT_NOTICE, history.text);
    if (ipd_lua_open(&w->lua, &lua_host, e) < 0)
        return -1;
    ipd_workbench_lua_open(w);
    ipd_help_topics_add(w->lua);
    ipd_signals_on_interrupt(interrupt_lua, w);
    if (ipd_terminal_start(e) < 0)
        return -1;
    w->charset = ipd_charset_of_locale();
    w->monochrome = ipd_screen_start();
    w->testing = getenv("IPDLAM_TEST") != NULL;
    ipd_prompt_start();
    return 0;
}

/* Closes everything that start opened. Returns -1 if unsaved work is lost. */
static int stop(workbench *w)
{
    int failed = 0;
    ipd_error e;

    ipd_ending_heard();
    if (w->model.layouts) /* sizes changed by hand; there is no screen to report an error on */
        ipd_layouts_save(w->model.layouts, &e);
    ipd_prompt_stop();
    ipd_terminal_stop();
    ipd_output_stop(w->output);
    size_t length = 0;
    char *session = w->lua && w->started ? ipd_workbench_session(w, &length) : NULL;
    if (w->lua && w->started)
        failed = ipd_lua_end_runs(w->lua, ipd_ending_signal() ? IPD_LUA_SIGNALLED : IPD_LUA_LEFT,
                                  stderr);
    ipd_lua_close(w->lua); /* waits for the block in progress; the terminal is restored already */
    if (w->lua && w->started)
        ipd_workbench_remove_runs(w);
    ipd_workbench_keep_session(w, session, length); /* after the last checkpoint */
    free(session);
    ipd_signals_stop();
    ipd_model_free(&w->model);
    ipd_layouts_free(w->model.layouts);
    ipd_scrollback_free(w->model.output);
    ipd_canvas_free(&w->canvas);
    ipd_keyboard_free(&w->keyboard);
    ipd_replay_close(&w->replay);
    return failed;
}

int ipd_workbench_run(const ipd_workbench_options *options, int *code, ipd_error *e)
{
    workbench w = {
        .dirty = 1, .history = options->history, .restores = options->session && options->history};
    ipd_workbench_keys_init(&w);
    int failed = start(&w, options, e);

    if (!failed) {
        if (!options->no_init)
            ipd_lua_run_init(w.lua);
        ipd_lua_begin_globals(w.lua);
        w.started = 1;
        if (options->first_line) {
            w.activity = IPD_LUA_BUSY;
            on_echo(&w, "> ", options->first_line);
            if (w.restores)
                ipd_workbench_restore_globals(&w);
            ipd_workbench_draw(&w); /* opening a data set may take a second */
            if (ipd_lua_submit(w.lua, options->first_line, "=start", e) < 0)
                ipd_workbench_say_error(&w, e);
        }
        loop(&w);
    }
    int lost = stop(&w);
    if (!failed && ipd_ending_signal())
        ipd_ending_die(ipd_ending_signal());
    *code = lost && !w.code ? 1 : w.code;
    return failed;
}
