/* curves_keys.c - the keys of the charts: cursor, zoom, pan, axes. */
#include "tui/view/curves.h"
#include "tui/view/curves_axis.h"
#include "tui/view/marks.h"

#include <math.h>

/* The visible range of iterations. */
static void bounds(const ipd_model *m, double *low, double *high)
{
    ipd_axis_range(m, low, high);
    if (*low >= *high) {
        *low = 1;
        *high = fmax(ipd_model_newest(m), 2);
    }
}

/* Shows the iterations low ... high, moved into the existing ones; all if the range has no
 * fewer. */
static void show(ipd_model *m, double low, double high)
{
    double width = fmax(high - low, 4), end = fmax(ipd_model_newest(m), 2);

    if (width >= end - 1) {
        m->chart.low = m->chart.high = 0;
        return;
    }
    low = fmin(fmax(low, 1), end - width);
    m->chart.low = low;
    m->chart.high = low + width;
}

/* Moves the cursor, and the visible range if the cursor would leave it. */
static void put_cursor(ipd_model *m, int iteration)
{
    double low, high;
    int end = ipd_model_newest(m);

    m->chart.cursor = iteration < 1 ? 1 : iteration > end ? end : iteration;
    bounds(m, &low, &high);
    if (m->chart.cursor >= low && m->chart.cursor <= high)
        return;
    m->chart.follow = 0;
    show(m, m->chart.cursor - (high - low) / 2, m->chart.cursor + (high - low) / 2);
}

static void zoom(ipd_model *m, double factor)
{
    double low, high, about;

    bounds(m, &low, &high);
    about = m->chart.follow                                     ? high
            : m->chart.cursor >= low && m->chart.cursor <= high ? m->chart.cursor
                                                                : (low + high) / 2;
    show(m, about - (about - low) * factor, about + (high - about) * factor);
}

static void pan(ipd_model *m, double share)
{
    double low, high;

    bounds(m, &low, &high);
    m->chart.follow = 0;
    show(m, low + share * (high - low), high + share * (high - low));
}

/* Starts or stops following the newest iterations. If all are visible, zooms in to the newest. */
static void follow(ipd_model *m)
{
    enum { NEWEST = 50 };

    m->chart.follow = !m->chart.follow;
    if (m->chart.follow && m->chart.low >= m->chart.high) {
        m->chart.low = 1;
        m->chart.high = NEWEST;
    }
}

/* Moves the cursor to the next mark, or the previous one; wraps around at the ends. */
static void to_mark(ipd_model *m, int step)
{
    ipd_mark marks[IPD_MAX_MARKS];
    int count = ipd_marks_of_all(m, marks), best = -1;

    for (int i = 0; i < count; i++)
        if (step > 0 ? marks[i].iteration > m->chart.cursor && best < 0
                     : marks[i].iteration < m->chart.cursor)
            best = i;
    if (best < 0 && count)
        best = step > 0 ? 0 : count - 1;
    if (best >= 0)
        put_cursor(m, marks[best].iteration);
}

int ipd_curves_cursor_key(ipd_model *m, int code)
{
    int at = m->chart.cursor ? m->chart.cursor : ipd_model_newest(m), first = !m->chart.cursor;

    switch (code) {
    case IPD_KEY_LEFT:
        put_cursor(m, first ? at : at - 1);
        return 1;
    case IPD_KEY_RIGHT:
        put_cursor(m, at + 1);
        return 1;
    case IPD_KEY_S_LEFT:
        put_cursor(m, at - 10);
        return 1;
    case IPD_KEY_S_RIGHT:
        put_cursor(m, at + 10);
        return 1;
    case IPD_KEY_HOME:
        put_cursor(m, 1);
        return 1;
    case IPD_KEY_END:
        put_cursor(m, ipd_model_newest(m));
        return 1;
    case 'm':
        to_mark(m, 1);
        return 1;
    case 'M':
        to_mark(m, -1);
        return 1;
    case 'c':
        m->chart.cursor = 0;
        return 1;
    default:
        return 0;
    }
}

static int travel_key(ipd_model *m, int code)
{
    if (code == 'B') {
        ipd_model_branch(m, m->chart.cursor ? m->chart.cursor : (int)m->records.count);
        return 1;
    }
    if (code != 'R')
        return 0;
    if (m->chart.cursor)
        ipd_model_rewind(m, m->chart.cursor);
    else
        ipd_act_say(m, IPD_TEXT_NOTICE,
                    "move the cursor to an iteration first: Left, Right or a click, then R");
    return 1;
}

static void smooth(ipd_chart_state *s)
{
    static const double weights[] = {0, 0.6, 0.9, 0.97};
    enum { COUNT = sizeof weights / sizeof *weights };
    int k = 0;

    while (k < COUNT && s->smoothing >= weights[k])
        k++;
    s->smoothing = weights[k % COUNT];
}

static void fix_values(ipd_chart_state *s, unsigned bit)
{
    s->y_fixed ^= bit;
    for (int k = 0; k < IPD_CHARTS; k++)
        if (bit == 1U << k)
            s->y_range[k][0] = s->y_range[k][1] = 0; /* the next frame sets it */
}

static int look_key(ipd_model *m, int code, unsigned bit)
{
    ipd_chart_state *s = &m->chart;

    switch (code) {
    case 'F':
        ipd_act_lua(m, "ip.chart{ save = \"chart.svg\" }", NULL);
        return 1;
    case 's':
        smooth(s);
        return 1;
    case 'X':
        s->x_quantity = ipd_axis_next(s->x_quantity);
        return 1;
    case 'Y':
        fix_values(s, bit);
        return 1;
    case 'x':
        s->x_log = !s->x_log;
        return 1;
    case 'y':
        s->y_flipped ^= bit;
        if (s->y_fixed & bit) /* a log axis cannot have a range that includes 0 */
            fix_values(s, bit);
        return 1;
    case 'b':
        s->coarser = (s->coarser + 1) % (m->ascii ? 1 : 3);
        return 1;
    case 'p':
        s->parts = s->parts > 0 ? -1 : 1;
        return 1;
    case 'o':
        s->without_overlays = !s->without_overlays;
        return 1;
    case 'd':
        s->difference = !s->difference;
        return 1;
    default:
        return 0;
    }
}

int ipd_curves_key(ipd_model *m, int code, unsigned bit)
{
    m->chart.last = bit;
    if (!m->records.count)
        return 0;
    switch (code) {
    case '+':
        zoom(m, 0.5);
        return 1;
    case '-':
        zoom(m, 2);
        return 1;
    case 'h':
        pan(m, -0.25);
        return 1;
    case 'l':
        pan(m, 0.25);
        return 1;
    case '0':
        m->chart.low = m->chart.high = 0;
        m->chart.follow = 0;
        return 1;
    case 'f':
        follow(m);
        return 1;
    default:
        return ipd_curves_cursor_key(m, code) || travel_key(m, code) || look_key(m, code, bit);
    }
}
