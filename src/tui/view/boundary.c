/* boundary.c - for data with two inputs: the answer of the network over the plane, and the training
 * samples. */
#include "tui/view/view.h"

#include <math.h>
#include <stdio.h>

static int is_plane(const ipd_model *m)
{
    return m->data && m->data->inputs == 2;
}

static int is_there(const ipd_model *m)
{
    return m->probe && m->probe->what & IPD_PROBE_PLANE && m->probe->plane.data;
}

static void title(const ipd_model *m, int width, char *to, size_t size)
{
    (void)width;
    if (is_plane(m) && is_there(m))
        snprintf(to, size, "boundary · before iteration %d", m->probe->place.iteration);
    else
        snprintf(to, size, "boundary");
}

/* The answer of the network at grid point (x, y): a class, or for targets that are values 0 ... 5
 * from low to high. */
static size_t answer_at(const ipd_model *m, int x, int y)
{
    const ipd_probe *p = m->probe;
    const float *z = p->plane.data + (size_t)(y * IPD_PLANE_WIDTH + x) * p->plane.rows;
    if (!m->data->values)
        return ipd_argmax(z, p->plane.rows);
    double share = (double)(z[0] - p->plane_low) / (double)(p->plane_high - p->plane_low);
    return share > 0 ? (size_t)fmin(5, share * 6) : 0;
}

static void draw_samples(const ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static const char marks[] = "oxv+*#";
    const ipd_samples *s = &m->data->train;
    const ipd_probe *p = m->probe;
    ipd_inputs X = ipd_samples_inputs(s);
    size_t step = X.cols / 2000 + 1;
    for (size_t n = 0; n < s->X.cols; n += step) {
        float buffer[2];
        const float *at = ipd_inputs_at(&X, n, buffer);
        double u = (at[0] - p->corner[0]) / p->side[0], v = (at[1] - p->corner[1]) / p->side[1];
        int x = (int)(u * in.width), y = (int)((1 - v) * in.height);
        size_t label = s->labels ? s->labels[n] : 0;
        if (x < 0 || x >= in.width || y < 0 || y >= in.height)
            continue;
        ipd_canvas_put(c, in.x + x, in.y + y, (uint32_t)marks[label % 6],
                       s->labels ? (ipd_ink)(IPD_INK_SERIES_1 + label % 6) : IPD_INK_TEXT,
                       IPD_BOLD);
    }
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area in)
{
    static const char fills[] = ".:-=+%";
    if (!is_plane(m)) {
        ipd_view_say(c, in, m->data ? "the boundary is drawn for data with two inputs" : "no run");
        return;
    }
    m->probe_wanted |= IPD_PROBE_PLANE;
    if (!is_there(m)) {
        ipd_view_say(c, in, m->has_run ? "waits for the next block" : "no run");
        return;
    }
    for (int y = 0; y < in.height; y++)
        for (int x = 0; x < in.width; x++) {
            int gx = (2 * x + 1) * IPD_PLANE_WIDTH / (2 * in.width);
            int gy = IPD_PLANE_HEIGHT - 1 - (2 * y + 1) * IPD_PLANE_HEIGHT / (2 * in.height);
            size_t answer = answer_at(m, gx, gy);
            ipd_canvas_put(c, in.x + x, in.y + y, (uint32_t)fills[answer % 6],
                           (ipd_ink)(IPD_INK_SERIES_1 + answer % 6), 0);
        }
    draw_samples(m, c, in);
}

const ipd_view ipd_view_boundary = {.name = "boundary", .framed = 1, .title = title, .draw = draw};
