/* weights.c - the rows of W_l as pictures; those of W_1 have the shape of the samples. Blue is
 * negative, orange positive; the scale ends at three times the layer's root mean square. */
#include "plot/glyph.h"
#include "plot/image.h"
#include "tui/view/tiles.h"
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>

static int is_there(const ipd_model *m)
{
    return m->probe && m->probe->what & IPD_PROBE_WEIGHTS && m->probe->W.data &&
           m->probe->layer == ipd_model_layer(m);
}

/* Sets the shape of a picture: that of the samples for W_1, nearly a square for other layers. */
static void shape_of(const ipd_model *m, ipd_image *image)
{
    size_t inputs = m->probe->W.cols;
    int width = (int)ceil(sqrt((double)inputs));

    if (ipd_model_layer(m) == 1 && m->data && m->data->width * m->data->height == inputs)
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

static size_t first_of(const ipd_model *m, size_t rows)
{
    return m->images.first_row < rows ? m->images.first_row : rows ? rows - 1 : 0;
}

/* Writes as many parts of the title as fit; numbers are never cut. */
static void write_title(const ipd_model *m, int width, char *to, size_t size)
{
    size_t rows = m->probe->W.rows, first = first_of(m, rows) + 1;
    size_t last = first + (m->images.rows_shown > 0 ? (size_t)m->images.rows_shown : 1) - 1;

    last = last > rows ? rows : last;
    snprintf(to, size, "weights W%d · rows %zu–%zu of %zu · before iteration %d",
             ipd_model_layer(m), first, last, rows, m->probe->place.iteration);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "weights W%d · %zu–%zu of %zu", ipd_model_layer(m), first, last, rows);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "weights W%d", ipd_model_layer(m));
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
    m->probe_layer = ipd_model_layer(m);
    if (!is_there(m)) {
        ipd_view_say(c, in, m->has_run ? "waits for the next block" : "no run");
        return;
    }
    const ipd_matrix *W = &m->probe->W;
    ipd_image image = {.stride = W->rows, .is_signed = 1, .high = 3 * root_mean_square(W)};
    shape_of(m, &image);
    ipd_tiling t = ipd_tiles_fit(in, &image, 1, W->rows, m->images.finer);
    m->images.rows_shown = t.across * t.down;
    size_t first = first_of(m, W->rows);
    for (int i = 0; i < t.across * t.down && first + (size_t)i < W->rows; i++) {
        image.values = W->data + first + i;
        ipd_image_draw(c, ipd_tile_area(&t, in, i), &image, t.shrink);
    }
}

static int key(ipd_model *m, int code)
{
    ipd_image_state *i = &m->images;
    size_t rows = is_there(m) ? m->probe->W.rows : 0;

    i->first_row = first_of(m, rows);
    if (code != IPD_KEY_UP && code != IPD_KEY_DOWN)
        return ipd_tiles_key(code, &i->first_row, i->rows_shown, rows, &i->finer);
    i->layer = ipd_model_layer(m) + (code == IPD_KEY_DOWN ? 1 : -1);
    i->layer = ipd_model_layer(m);
    i->first_row = 0;
    return 1;
}

const ipd_view ipd_view_weights = {.name = "weights",
                                   .framed = 1,
                                   .title = title,
                                   .draw = draw,
                                   .key = key,
                                   .wheel = {IPD_KEY_PAGE_UP, IPD_KEY_PAGE_DOWN}};
