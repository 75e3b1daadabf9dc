/* weights.c - the rows of W_l as pictures: those of W_1 have the shape of the samples. Blue is negative, orange
 * positive; white is three times the layer's root mean square. */
#include "plot/glyph.h"
#include "plot/image.h"
#include "tui/view/tiles.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>

static int layer_of(const ipd_model *m)
{
    int l = m->images.layer;
    return l < 1 ? 1 : l > m->L ? m->L : l;
}

static int is_there(const ipd_model *m)
{
    return m->probe && m->probe->what & IPD_PROBE_WEIGHTS && m->probe->W.data &&
           m->probe->layer == layer_of(m);
}

/* Near-square, or that of the samples. */
static void shape_of(const ipd_model *m, ipd_image *image)
{
    size_t inputs = m->probe->W.cols;
    int width = (int)ceil(sqrt((double)inputs));

    if (layer_of(m) == 1 && m->data && m->data->width * m->data->height == inputs)
        width = (int)m->data->width;
    image->width = width;
    image->height = (int)((inputs + (size_t)width - 1) / (size_t)width);
    image->count = inputs;
}

static double root_mean_square(const ipd_matrix *W)
{
    double sum = 0;
    size_t n = W->rows * W->cols;

    for (size_t i = 0; i < n; i++)
        sum += (double)W->data[i] * W->data[i];
    return sqrt(sum / (double)(n ? n : 1));
}

static int first_of(const ipd_model *m, int rows)
{
    int first = m->images.first_row;
    return first < 0 ? 0 : first >= rows ? (rows ? rows - 1 : 0) : first;
}

/* As much as fits: no number is cut. */
static void write_title(const ipd_model *m, int width, char *to, size_t size)
{
    int rows = (int)m->probe->W.rows, first = first_of(m, rows) + 1;
    int last = first + (m->images.rows_shown > 0 ? m->images.rows_shown : 1) - 1;

    last = last > rows ? rows : last;
    snprintf(to, size, "weights W%d · rows %d–%d of %d · before iteration %d", layer_of(m), first,
             last, rows, m->probe->place.iteration);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "weights W%d · %d–%d of %d", layer_of(m), first, last, rows);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "weights W%d", layer_of(m));
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    if (is_there(m))
        write_title(m, width, to, size);
    else
        snprintf(to, size, "weights");
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    m->probe_wanted |= IPD_PROBE_WEIGHTS;
    m->probe_layer = layer_of(m);
    if (!is_there(m)) {
        ipd_canvas_text(c, in.x + 1, in.y, in.width - 1, IPD_INK_FAINT, 0,
                        m->has_run ? "waits for the next block" : "no run");
        return;
    }
    const ipd_matrix *W = &m->probe->W;
    ipd_image image = {.stride = W->rows, .is_signed = 1, .high = 3 * root_mean_square(W)};
    shape_of(m, &image);
    ipd_tiling t = ipd_tiles_fit(in, &image, 1, W->rows, m->images.finer);
    m->images.rows_shown = t.across * t.down;
    int first = first_of(m, (int)W->rows);
    for (int i = 0; i < t.across * t.down && first + i < (int)W->rows; i++) {
        image.values = W->data + first + i;
        ipd_image_draw(c, ipd_tile_area(&t, in, i), &image, t.shrink);
    }
}

static int key(ipd_model *m, int code)
{
    int page = m->images.rows_shown > 0 ? m->images.rows_shown : 1;
    int rows = is_there(m) ? (int)m->probe->W.rows : 0, first = first_of(m, rows);

    switch (code) {
    case IPD_KEY_PAGE_DOWN:
    case IPD_KEY_RIGHT:
        m->images.first_row = first + page < rows ? first + page : first;
        return 1;
    case IPD_KEY_PAGE_UP:
    case IPD_KEY_LEFT:
        m->images.first_row = first > page ? first - page : 0;
        return 1;
    case IPD_KEY_UP:
    case IPD_KEY_DOWN:
        m->images.layer = layer_of(m) + (code == IPD_KEY_DOWN ? 1 : -1);
        m->images.layer = layer_of(m);
        m->images.first_row = 0;
        return 1;
    case '+':
    case '-':
        m->images.finer += code == '+' ? 1 : -1;
        return 1;
    default:
        return 0;
    }
}

static int mouse(ipd_model *m, const ipd_mouse *e, ipd_area inside)
{
    (void)inside;
    if (e->kind != IPD_MOUSE_WHEEL_UP && e->kind != IPD_MOUSE_WHEEL_DOWN)
        return 0;
    return key(m, e->kind == IPD_MOUSE_WHEEL_UP ? IPD_KEY_PAGE_UP : IPD_KEY_PAGE_DOWN);
}

const ipd_view ipd_view_weights = {
    .name = "weights", .framed = 1, .title = title, .draw = draw, .key = key, .mouse = mouse};
