/* samples.c - the samples as pictures with their labels; a wrong answer follows the label of a test
 * sample. Other data are shown as rows of a table. */
#include "plot/glyph.h"
#include "plot/image.h"
#include "tui/view/tiles.h"
#include "tui/view/view.h"

#include <stdio.h>
#include <string.h>

static const ipd_samples *set_of(const ipd_model *m)
{
    return m->images.training ? &m->data->train : &m->data->test;
}

static size_t first_of(const ipd_model *m)
{
    size_t count = set_of(m)->X.cols;
    return m->images.first_sample < count ? m->images.first_sample : 0;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    snprintf(to, size, "samples");
    if (!m->data)
        return;
    size_t all = set_of(m)->X.cols, first = first_of(m) + 1, last = all;
    const char *which = m->images.training ? "training" : "test";
    if (m->images.samples_shown > 0 && first + (size_t)m->images.samples_shown - 1 < all)
        last = first + (size_t)m->images.samples_shown - 1;
    snprintf(to, size, "samples · %s · %s %zu–%zu of %zu", m->data->name, which, first, last, all);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "%s %zu–%zu of %zu", which, first, last, all);
    if (ipd_text_columns(to, m->ascii) > width)
        snprintf(to, size, "samples");
}

void ipd_sample_draw(const ipd_model *m, ipd_canvas *c, ipd_area tile, const ipd_samples *set,
                     size_t n, int shrink, int answer)
{
    ipd_inputs X = ipd_samples_inputs(set);
    float *pixels = malloc(X.rows * sizeof *pixels);
    if (!pixels)
        return;
    ipd_image image = {.values = ipd_inputs_at(&X, n, pixels),
                       .width = (int)m->data->width,
                       .height = (int)m->data->height,
                       .stride = 1,
                       .high = 1};
    int rows = ipd_image_rows(&image, shrink);
    char label[32], text[80];

    ipd_image_draw(c, tile, &image, shrink);
    free(pixels);
    if (tile.height <= rows)
        return;
    if (set->labels)
        ipd_dataset_class_name(m->data, set->labels[n], label, sizeof label);
    else
        snprintf(label, sizeof label, set->Y.data ? "%zu" : "→", n + 1);
    int wrong = set->labels && answer >= 0 && answer != (int)set->labels[n];
    snprintf(text, sizeof text, "%s", label);
    if (wrong) {
        char answered[32];
        ipd_dataset_class_name(m->data, (size_t)answer, answered, sizeof answered);
        snprintf(text, sizeof text, "%s → %s", label, answered);
    }
    ipd_canvas_text(c, tile.x, tile.y + rows, tile.width, wrong ? IPD_INK_BAD : IPD_INK_FAINT, 0,
                    text);
}

/* Draws one sample per row: number, label or target value, inputs. */
static void draw_rows(ipd_model *m, ipd_canvas *c, ipd_area in, const ipd_samples *set)
{
    size_t first = first_of(m);
    ipd_inputs X = ipd_samples_inputs(set);
    float *buffer = malloc(X.rows * sizeof *buffer);
    m->images.samples_shown = in.height;
    for (int i = 0; i < in.height && buffer && first + (size_t)i < set->X.cols; i++) {
        size_t n = first + (size_t)i;
        const float *x = ipd_inputs_at(&X, n, buffer);
        char text[512], label[64] = "";
        if (set->labels)
            ipd_dataset_class_name(m->data, set->labels[n], label, sizeof label);
        else
            snprintf(label, sizeof label, "%.4g", (double)set->Y.data[n * set->Y.rows]);
        int at = snprintf(text, sizeof text, "%6zu  %-12.12s", n + 1, label);
        for (size_t k = 0; k < X.rows && at < in.width && at < (int)sizeof text - 16; k++)
            at += snprintf(text + at, sizeof text - (size_t)at, " %8.3g", (double)x[k]);
        ipd_canvas_text(c, in.x, in.y + i, in.width, IPD_INK_FAINT, 0, text);
    }
    free(buffer);
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    if (!m->data) {
        ipd_view_say(c, in, "no run");
        return;
    }
    if (!m->images.training)
        m->probe_wanted |= IPD_PROBE_TEST;
    const ipd_samples *set = set_of(m);
    int answered = !m->images.training && m->probe && m->probe->what & IPD_PROBE_TEST &&
                   m->probe->samples == set->X.cols && m->probe->answers;
    /* With an autoencoder each sample is followed by its reconstruction. */
    ipd_samples rebuilt = {.X = m->probe && !m->images.training ? m->probe->outputs
                                                                : (ipd_matrix){0}};
    int pairs = rebuilt.X.cols == set->X.cols && rebuilt.X.rows == m->data->inputs;
    if (!ipd_dataset_has_images(m->data)) {
        draw_rows(m, c, in, set);
        return;
    }
    ipd_image shape = {.width = (int)m->data->width, .height = (int)m->data->height};
    ipd_tiling t = ipd_tiles_fit(in, &shape, 1, set->X.cols, m->images.finer);
    if (pairs && t.across > 1) /* keep pairs in a row */
        t.across -= t.across % 2;
    size_t first = first_of(m);
    m->images.samples_shown = t.across * t.down / (pairs ? 2 : 1);
    for (int i = 0; i < t.across * t.down; i++) {
        size_t n = first + (size_t)(pairs ? i / 2 : i);
        if (n >= set->X.cols)
            break;
        ipd_sample_draw(m, c, ipd_tile_area(&t, in, i), pairs && i % 2 ? &rebuilt : set, n,
                        t.shrink, answered ? (int)m->probe->answers[n] : -1);
    }
}

static int key(ipd_model *m, int code)
{
    ipd_image_state *i = &m->images;

    if (!m->data)
        return 0;
    i->first_sample = first_of(m);
    if (code != 't')
        return ipd_tiles_key(code, &i->first_sample, i->samples_shown, set_of(m)->X.cols,
                             &i->finer);
    i->training = !i->training;
    i->first_sample = 0;
    return 1;
}

const ipd_view ipd_view_samples = {.name = "samples",
                                   .framed = 1,
                                   .title = title,
                                   .draw = draw,
                                   .key = key,
                                   .wheel = {IPD_KEY_PAGE_UP, IPD_KEY_PAGE_DOWN}};
