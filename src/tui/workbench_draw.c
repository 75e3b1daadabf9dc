/* workbench_draw.c - a frame of the screen. */
#include "base/clock.h"
#include "base/machine.h"
#include "base/parallel.h"
#include "tui/pane/layout.h"
#include "tui/terminal/screen.h"
#include "tui/terminal/terminal.h"
#include "tui/workbench_private.h"

#include <stdio.h>

typedef ipd_workbench workbench;

int ipd_workbench_is_idle(workbench *w)
{
    return w->activity == IPD_LUA_IDLE && !ipd_prompt_has_input() &&
           !ipd_output_pending(w->output) && !ipd_stepping_busy(&w->stepping) &&
           !ipd_controller_busy(&w->controller);
}

static void make_note(workbench *w)
{
    w->model.note[0] = 0;
    if (!w->testing)
        return;
    w->drawn_idle = ipd_workbench_is_idle(w);
    snprintf(w->model.note, sizeof w->model.note, "keys %lu frame %lu %s", w->keyboard.keys,
             w->frames, w->drawn_idle ? "idle" : "busy");
}

void ipd_workbench_draw(workbench *w)
{
    int width, height, back = w->model.output_back;

    double began = ipd_thread_seconds();

    ipd_terminal_size(&width, &height);
    if (w->canvas.width != width || w->canvas.height != height) {
        ipd_canvas_free(&w->canvas);
        if (ipd_canvas_init(&w->canvas, width, height, (ipd_charset)w->charset, NULL) < 0)
            return; /* out of memory: the next frame tries again */
        w->canvas.monochrome = w->monochrome;
        w->canvas.colours = ipd_screen_colours();
    }
    w->frames++;
    w->drawn_output = ipd_scrollback_version(w->model.output);
    w->model.steps_waiting = ipd_stepping_waiting(&w->stepping);
    w->model.lua_busy = w->activity != IPD_LUA_IDLE;
    w->model.typed = ipd_prompt_typed();
    w->model.match_count = ipd_prompt_matches(&w->model.matches, &w->model.notes);
    w->model.signature = ipd_prompt_signature();
    if (w->help_lines && !ipd_output_pending(w->output)) {
        w->model.output_top = w->help_lines;
        w->help_lines = 0;
    }
    make_note(w);
    if (!w->testing) { /* tests compare screens of other machines */
        w->model.memory = ipd_machine_status("VmRSS:");
        w->model.cores = ipd_threads_ready() ? ipd_threads() : 0;
    }
    ipd_workbench_before_frame(w);
    ipd_layout_draw(&w->model, &w->canvas);
    ipd_screen_show(&w->canvas, w->model.cursor_x, w->model.cursor_y);
    w->last_frame = ipd_seconds();
    w->dirty = back != w->model.output_back; /* the title shows how far the view is scrolled */
    w->pressed = w->news = 0;
    ipd_workbench_after_frame(w);
    w->frame_took = ipd_thread_seconds() - began;
}
