/* blocks.c - the latest block updates, newest first. */
#include "plot/scale.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    (void)m;
    snprintf(to, size, "latest blocks");
}

/* Draws the relative change of the objective as a bar, on a log scale of eight decades. */
static void draw_bar(ipd_canvas *c, int x, int y, int width, double change, double phi)
{
    double share = phi > 0 ? fabs(change) / phi : 0;
    int cells = share > 0 ? (int)lround((log10(share) + 8) / 8 * width) : 0;

    for (int i = 0; i < cells && i < width; i++)
        ipd_canvas_put(c, x + i, y, c->charset == IPD_ASCII ? '=' : 0x2500,
                       change > 0 ? IPD_INK_WARNING : IPD_INK_SERIES_1, 0);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    char text[40], block[8];

    ipd_canvas_text_right(c, in.x, in.y, 9, IPD_INK_FAINT, 0, "iteration");
    ipd_canvas_text_right(c, in.x + 9, in.y, 7, IPD_INK_FAINT, 0, "batch");
    ipd_canvas_text_right(c, in.x + 16, in.y, 7, IPD_INK_FAINT, 0, "block");
    const int has_phi = ipd_model_has_blocks(m->settings.method);
    ipd_canvas_text_right(c, in.x + 23, in.y, 11, IPD_INK_FAINT, 0, has_phi ? "Φ" : "loss");
    ipd_canvas_text_right(c, in.x + 34, in.y, 11, IPD_INK_FAINT, 0, has_phi ? "ΔΦ" : "Δloss");
    ipd_canvas_text_right(c, in.x + 45, in.y, 11, IPD_INK_FAINT, 0, "time");
    for (int row = 1; row < in.height && (size_t)row <= m->recent_count; row++) {
        const ipd_block_report *r = &m->recent[m->recent_count - (size_t)row];
        int y = in.y + row;
        snprintf(text, sizeof text, "%d", r->at.iteration);
        ipd_canvas_text_right(c, in.x, y, 9, IPD_INK_TEXT, 0, text);
        snprintf(text, sizeof text, "%d", r->at.batch);
        ipd_canvas_text_right(c, in.x + 9, y, 7, IPD_INK_TEXT, 0, text);
        ipd_block_text(r->at.block, block);
        ipd_canvas_text_right(c, in.x + 16, y, 7, IPD_INK_KEY, 0, block);
        int step = r->at.block.kind == IPD_STEP; /* has the mean loss of the batch */
        int measured = !step && ipd_model_measures_blocks(m);
        strcpy(text, step == has_phi ? (step ? "loss " : "Φ ") : ""); /* before a switch */
        ipd_short_number(text + strlen(text), sizeof text - 8, r->phi, 4);
        if (isnan(r->phi) && !ipd_model_measures_blocks(m))
            strcpy(text, "–");
        ipd_canvas_text_right(c, in.x + 23, y, 11, IPD_INK_TEXT, 0, text);
        ipd_short_number(text, sizeof text, r->change, 3);
        if (isnan(r->change) && !measured)
            strcpy(text, "–");
        ipd_canvas_text_right(c, in.x + 34, y, 11, r->change > 0 ? IPD_INK_WARNING : IPD_INK_TEXT,
                              0, text);
        snprintf(text, sizeof text, "%.2f ms", r->seconds * 1e3);
        ipd_canvas_text_right(c, in.x + 45, y, 11, IPD_INK_FAINT, 0, text);
        if (in.width > 64)
            draw_bar(c, in.x + 58, y, in.width - 60, r->change, r->phi);
    }
}

const ipd_view ipd_view_blocks = {.name = "blocks", .framed = 1, .title = title, .draw = draw};
