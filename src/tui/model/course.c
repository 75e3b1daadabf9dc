/* course.c - the course of the distributions: the quantiles of the probes since the view is
 * shown. */
#include "tui/model/course.h"

#include <math.h>

enum { MAX_POINTS = 1024 };

/* The end of iteration k is k, the end of its batch i of n is k - 1 + i/n. */
static double place_of(const ipd_place *at)
{
    return at->iteration - 1 +
           (at->batches > 1 ? (double)(at->batch - 1) / (double)at->batches : 0);
}

/* Keeps every second point. */
static void thin(ipd_list *course)
{
    ipd_course_point *points = course->items;
    for (size_t i = 0; 2 * i + 1 < course->count; i++)
        points[i] = points[2 * i + 1];
    course->count /= 2;
}

void ipd_course_forget(ipd_model *m)
{
    m->spread.course.count = 0;
}

void ipd_course_note(ipd_model *m)
{
    ipd_spread_state *s = &m->spread;
    const ipd_probe *probe = m->probe;
    if (!probe || !(probe->what & IPD_PROBE_SPREADS))
        return;
    if (s->layer != probe->layer)
        s->course.count = 0;
    s->layer = probe->layer;
    ipd_course_point point = {.x = place_of(&probe->place)};
    for (int i = 0; i < IPD_SPREADS; i++)
        for (int q = 0; q < IPD_QUANTILES; q++)
            point.quantile[i][q] = probe->spreads[i].count ? probe->spreads[i].quantile[q] : NAN;
    const ipd_course_point *points = s->course.items;
    while (s->course.count && points[s->course.count - 1].x >= point.x)
        s->course.count--; /* the same probe as before, or the run went back */
    if (s->course.count == MAX_POINTS)
        thin(&s->course);
    ipd_list_add(&s->course, &point, sizeof point); /* if memory runs out, the course has a gap */
}
