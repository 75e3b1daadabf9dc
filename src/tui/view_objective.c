/* view_objective.c - the penalty objective by iteration, on a log axis. */
#include "plot/chart.h"
#include "plot/glyph.h"
#include "tui/view.h"

#include <math.h>
#include <stdio.h>

/* "objective Φ · run 1 · digits 784-300-10", or less where that does not fit. */
static void title(const ipd_model *m, int width, char *to, size_t size)
{
    char shape[128] = "";
    size_t used = 0;

    for (int l = 0; m->has_run && l <= m->L && used < sizeof shape - 24; l++)
        used += (size_t)snprintf(shape + used, sizeof shape - used, "%s%zu", l ? "-" : "",
                                 m->widths[l]);
    snprintf(to, size, "objective Φ · %s · %s %s", m->run_name, m->dataset, shape);
    if (!m->has_run)
        snprintf(to, size, "objective Φ");
    else if (ipd_text_columns(to, 0) > width)
        snprintf(to, size, "Φ · %s · %s %s", m->run_name, m->dataset, shape);
}

/* The classical optimizers have no Phi: their records are shown by the loss of the forward pass. The
 * first and the last of the two series that there are. */
static void what_exists(const double *phi, size_t count, int *first, int *last)
{
    int with = count == 0, without = 0;
    for (size_t i = 0; i < count; i++) {
        with |= !isnan(phi[i]);
        without |= isnan(phi[i]);
    }
    *first = with ? 0 : 1;
    *last = without;
}

static void draw(ipd_model *m, ipd_canvas *c, ipd_area inside)
{
    const double *k = ipd_model_column(m, "iteration");
    ipd_series series[] = {
        {.name = "Φ", .x = k, .y = ipd_model_column(m, "phi"), .ink = IPD_INK_SERIES_1},
        {.name = "loss",
         .x = k,
         .y = ipd_model_column(m, "forward_loss"),
         .ink = (ipd_ink)(IPD_INK_SERIES_1 + 1)}};
    int first, last;
    ipd_chart chart = {.x_label = "iteration", .y_kind = IPD_LOG, .x_whole = 1, .x_reach = 10};

    size_t count = k && series[0].y && series[1].y ? m->record_count : 0;
    what_exists(series[0].y, count, &first, &last);
    series[0].count = series[1].count = count;
    chart.series = series + first;
    chart.series_count = last - first + 1;
    chart.legend = last > 0;
    if (count) {
        ipd_chart_draw(c, inside, &chart);
        return;
    }
    static const char *const ready[] = {"F5 runs", "F10 does one iteration", "F11 does one block"};
    static const char *const empty[] = {"no run: type", "run = ip.run{ data = \"digits\" }", ""};
    for (int i = 0; i < 3; i++) {
        const char *text = m->has_run ? ready[i] : empty[i];
        int x = inside.width > 30 ? (inside.width - 30) / 2 : 0;
        ipd_canvas_text(c, inside.x + x, inside.y + inside.height / 2 - 1 + i, inside.width - x,
                        IPD_INK_FAINT, 0, text);
    }
}

const ipd_view ipd_view_objective = {
    .name = "objective", .framed = 1, .title = title, .draw = draw};
