/* confusion.c - the test samples by label and answer, and the worst wrong answers. */
#include "tui/view/tiles.h"
#include "tui/view/view.h"

#include <stdio.h>

enum { MAX_WORST = 64, MAX_CLASSES = 32 };

static int is_there(const ipd_model *m)
{
    return m->probe && m->probe->what & IPD_PROBE_TEST && m->probe->confusion && m->data &&
           m->probe->samples == m->data->test.X.cols;
}

/* The selected cell; -1: none, all wrong answers are shown. */
static int chosen(const ipd_model *m)
{
    int classes = is_there(m) ? (int)m->probe->classes : 0;
    return m->images.cell < classes * classes ? m->images.cell - 1 : -1;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    size_t right = 0;

    if (!is_there(m)) {
        snprintf(to, size, "confusion");
        return;
    }
    for (size_t k = 0; k < m->probe->classes; k++)
        right += m->probe->confusion[k * m->probe->classes + k];
    const char *form =
        width < 40 ? "confusion · %zu of %zu wrong"
        : width < 96
            ? "confusion · label ↓ answer → · %zu of %zu wrong"
            : "confusion · label ↓ answer → · %zu of %zu test samples wrong · before iteration %d";
    snprintf(to, size, form, m->probe->samples - right, m->probe->samples,
             m->probe->place.iteration);
}

static int width_of_cell(const ipd_probe *probe)
{
    uint32_t max = 0;
    int width = 2;

    for (size_t i = 0; i < probe->classes * probe->classes; i++)
        max = probe->confusion[i] > max ? probe->confusion[i] : max;
    for (; max >= 10; max /= 10)
        width++;
    return width;
}

/* The number in a cell: the count, or the percentage of the label's samples. */
static uint32_t shown(const ipd_probe *probe, int y, int x, int percent)
{
    uint32_t sum = 0, count = probe->confusion[y * (int)probe->classes + x];

    for (size_t k = 0; k < probe->classes && percent; k++)
        sum += probe->confusion[(size_t)y * probe->classes + k];
    return sum ? (100 * count + sum / 2) / sum : count;
}

static void draw_matrix(const ipd_model *m, ipd_canvas *c, ipd_area in)
{
    const ipd_probe *probe = m->probe;
    int classes = (int)probe->classes, cell = width_of_cell(probe), at = chosen(m);
    int percent = 6 + classes * cell > in.width;
    int focused = m->focus == &ipd_view_confusion;
    char text[32];

    cell = percent ? 3 : cell;
    ipd_canvas_text(c, in.x, in.y, 6, IPD_INK_FAINT, 0, percent ? "in %" : "l↓ a→");
    for (int k = 0; k < classes; k++) {
        snprintf(text, sizeof text, "%d", k);
        ipd_canvas_text_right(c, in.x + 6 + k * cell, in.y, cell, IPD_INK_KEY, 0, text);
    }
    for (int y = 0; y < classes && y + 1 < in.height; y++) {
        int more = y + 2 == in.height && y + 1 < classes;
        snprintf(text, sizeof text, "%d%s", y, more ? "…" : "");
        ipd_canvas_text_right(c, in.x, in.y + 1 + y, 4, IPD_INK_KEY, 0, text);
        for (int x = 0; x < classes && 6 + (x + 1) * cell <= in.width; x++) {
            uint32_t count = probe->confusion[y * classes + x];
            snprintf(text, sizeof text, count ? "%u" : "·", shown(probe, y, x, percent));
            int lit = focused && at == y * classes + x;
            ipd_canvas_text_right(c, in.x + 6 + x * cell, in.y + 1 + y, cell,
                                  x == y  ? IPD_INK_GOOD
                                  : count ? IPD_INK_BAD
                                          : IPD_INK_FAINT,
                                  lit ? IPD_REVERSE : 0, text);
        }
    }
}

/* Finds the wrong answers with the largest margins, in the selected cell or in all cells, in
 * descending order. Returns their number, at most `max`. */
static int find_worst(const ipd_model *m, size_t worst[MAX_WORST], int max)
{
    const ipd_probe *probe = m->probe;
    const ipd_label *labels = m->data->test.labels;
    int count = 0, at = chosen(m);

    max = max > MAX_WORST ? MAX_WORST : max;
    for (size_t n = 0; n < probe->samples && max > 0; n++) {
        int cell = (int)(labels[n] * probe->classes + probe->answers[n]);
        if (at >= 0 ? cell != at : labels[n] == probe->answers[n])
            continue;
        int i = count < max ? count++ : max;
        while (i > 0 && probe->margins[worst[i - 1]] < probe->margins[n]) {
            if (i < max)
                worst[i] = worst[i - 1];
            i--;
        }
        if (i < max)
            worst[i] = n;
    }
    return count;
}

static void draw_worst(const ipd_model *m, ipd_canvas *c, ipd_area in)
{
    size_t worst[MAX_WORST];
    ipd_image shape = {.width = (int)m->data->width, .height = (int)m->data->height};
    int count = find_worst(m, worst, MAX_WORST);

    if (!count) {
        ipd_canvas_text(c, in.x, in.y, in.width, IPD_INK_FAINT, 0, "no such sample");
        return;
    }
    ipd_tiling t = ipd_tiles_fit(in, &shape, 1, (size_t)count, m->images.finer);
    for (int i = 0; i < count && i < t.across * t.down; i++)
        ipd_sample_draw(m, c, ipd_tile_area(&t, in, i), &m->data->test, worst[i], t.shrink,
                        m->probe->answers[worst[i]]);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    m->probe_wanted |= IPD_PROBE_TEST;
    if (!is_there(m)) {
        ipd_view_say(c, in,
                     m->data && m->data->values ? "the targets are values, not classes"
                     : m->has_run               ? "waits for the next block"
                                                : "no run");
        return;
    }
    int width = 6 + (int)m->probe->classes * width_of_cell(m->probe);
    int height = 1 + (int)m->probe->classes;
    ipd_area matrix = in, worst = in;
    if (in.width >= width + 16) { /* samples beside the matrix */
        worst.x += width + 3;
        worst.width -= width + 3;
    } else { /* samples below it */
        worst.y += height + 1;
        worst.height -= height + 1;
    }
    if (m->probe->classes > MAX_CLASSES)
        ipd_view_say(c, in, "too many classes");
    else
        draw_matrix(m, c, matrix);
    if (worst.height >= 4 && worst.width >= 8)
        draw_worst(m, c, worst);
}

static int key(ipd_model *m, int code)
{
    int classes = is_there(m) ? (int)m->probe->classes : 0, at = chosen(m);

    if (!classes)
        return 0;
    int x = at < 0 ? 0 : at % classes, y = at < 0 ? 0 : at / classes;
    switch (code) {
    case IPD_KEY_LEFT:
        x = x > 0 ? x - 1 : 0;
        break;
    case IPD_KEY_RIGHT:
        x = x < classes - 1 ? x + 1 : x;
        break;
    case IPD_KEY_UP:
        y = y > 0 ? y - 1 : 0;
        break;
    case IPD_KEY_DOWN:
        y = y < classes - 1 ? y + 1 : y;
        break;
    case 'c':
        m->images.cell = 0;
        return 1;
    default:
        return 0;
    }
    m->images.cell = 1 + y * classes + x;
    return 1;
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area in)
{
    if (e->kind != IPD_MOUSE_PRESS || !is_there(m))
        return 0;
    int classes = (int)m->probe->classes, cell = width_of_cell(m->probe);
    cell = 6 + classes * cell > in.width ? 3 : cell; /* as in draw_matrix */
    int x = (e->x - in.x - 6) / cell, y = e->y - in.y - 1;
    if (e->x < in.x + 6 || x >= classes || y < 0 || y >= classes)
        return 0;
    m->images.cell = 1 + y * classes + x;
    return 1;
}

const ipd_view ipd_view_confusion = {
    .name = "confusion", .framed = 1, .title = title, .draw = draw, .key = key, .mouse = mouse};
