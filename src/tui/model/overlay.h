/* overlay.h - other runs whose curves the charts show beside those of the run on the screen: shares of their
 * records. Main thread. */
#ifndef IPD_TUI_MODEL_OVERLAY_H
#define IPD_TUI_MODEL_OVERLAY_H

#include "run/run.h"
#include "tui/model/columns.h"

typedef struct ipd_overlay {
    char name[64];
    long id;              /* in the history; 0 without */
    unsigned long number; /* in the session; 0: a run of the history */
    int before;           /* 1: the run as it was before it went back; 0: it is followed */
    ipd_records records;
    ipd_columns columns;
} ipd_overlay;

enum { IPD_MAX_OVERLAYS = 4 };

typedef struct ipd_overlays {
    ipd_overlay items[IPD_MAX_OVERLAYS];
    int count;
} ipd_overlays;

/* The overlay of a run, by its number in the session, else in the history; NULL where there is none. */
ipd_overlay *ipd_overlay_find(const ipd_overlays *o, unsigned long number, long id);
/* Adds one without records and says which run it is of, in place of the one that is there of this run (before it went
 * back, or not); NULL where there are IPD_MAX_OVERLAYS already. */
ipd_overlay *ipd_overlay_add(ipd_overlays *o, const ipd_overlay *of);
/* Its name; one that is not the only one of its name, the run on the screen included, has its number with it. */
const char *ipd_overlay_label(const ipd_overlays *o, int index, const char *shown, char to[96]);
/* Takes over the name and the records of its run as of its last poll. */
void ipd_overlay_follow(ipd_overlay *o, const ipd_run *run);
/* Takes one away. */
void ipd_overlay_remove(ipd_overlays *o, ipd_overlay *one);
void ipd_overlays_clear(ipd_overlays *o);

#endif
