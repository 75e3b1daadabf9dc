/* view_settings.c - the settings in force. */
#include "plot/glyph.h"
#include "tui/view.h"

#include <stdio.h>
#include <string.h>

static const char *const by_block[] = {"alpha", "beta",       "gamma",   "delta",
                                       "rho",   "rho_growth", "rho_max", "order",
                                       "batch", "inner",      "shuffle", "seed"};
static const char *const by_gradient[] = {"method", "lr",    "momentum", "nesterov",
                                          "beta1",  "beta2", "eps",      "smoothing",
                                          "decay",  "batch", "shuffle",  "seed"};
enum { SHOWN = sizeof by_block / sizeof *by_block, CELL = 26 };

static int per_row(int width)
{
    return width / CELL > 0 ? width / CELL : 1;
}

static int rows(const ipd_model *m, int width)
{
    (void)m;
    return (SHOWN + per_row(width) - 1) / per_row(width);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    char value[64], number[600];
    int across = per_row(in.width), cell = in.width / across;

    if (!m->has_run)
        return;
    const char *const *shown = ipd_model_has_blocks(m->settings.method) ? by_block : by_gradient;
    for (int i = 0; i < SHOWN; i++) {
        const ipd_setting *s = ipd_setting_find(shown[i]);
        const char *label = shown[i];
        int x = in.x + i % across * cell, y = in.y + i / across;
        if (!s || y >= in.y + in.height)
            continue;
        if (!strcmp(label, "rho_growth") && strcmp(m->settings.rho_schedule, "geometric")) {
            s = ipd_setting_find("rho_schedule"); /* nothing grows then */
            label = "schedule";
        }
        ipd_settings_get(&m->settings, s, number, sizeof number);
        snprintf(value, sizeof value, "%.60s", number);
        if (s->kind == IPD_SET_NUMBER) { /* all digits are for files */
            double d = 0;
            if (sscanf(number, "%lf", &d) == 1)
                snprintf(value, sizeof value, "%.6g", d);
        }
        ipd_canvas_text(c, x + 1, y, cell - 2, IPD_INK_FAINT, 0, label);
        ipd_canvas_text(c, x + 12, y, cell - 12, IPD_INK_TEXT, 0, value);
    }
}

const ipd_view ipd_view_settings = {.name = "settings", .framed = 1, .rows = rows, .draw = draw};
