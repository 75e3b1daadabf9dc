/* scale.h - maps values to places on an axis and chooses its ticks. Any thread. */
#ifndef IPD_PLOT_SCALE_H
#define IPD_PLOT_SCALE_H

#include <stddef.h>

typedef enum ipd_scale_kind { IPD_LINEAR, IPD_LOG } ipd_scale_kind;

typedef struct ipd_scale {
    ipd_scale_kind kind;
    double low, high; /* low < high; both positive on a log axis */
} ipd_scale;

/* Makes an axis with finite ends for values from low to high, widened a little if they are equal or
 * (log) not positive. If low or high is not finite, it is 0 ... 1, or 1 ... 10 on a log axis. Every
 * axis must be made here, even with given ends: others may have no ticks. */
ipd_scale ipd_scale_fit(ipd_scale_kind kind, double low, double high);
/* Moves both ends outwards by a share of the axis, within the range of doubles. */
void ipd_scale_widen(ipd_scale *s, double share);

/* Returns 0 at low, 1 at high, and from -1e6 to 1e6 beyond; NaN for a value that is not finite, or
 * (log) not positive. */
double ipd_scale_place(const ipd_scale *s, double value);
/* The value at a place from 0 to 1. */
double ipd_scale_value(const ipd_scale *s, double place);

typedef struct ipd_tick {
    double value;
    char label[24];
} ipd_tick;
enum { IPD_MAX_TICKS = 16 };

/* Finds ticks within the axis, at most `max` (and IPD_MAX_TICKS), at round values: 1, 2 or 5 times
 * a power of ten; on a log axis of several decades, powers of ten. `integers`: only whole numbers.
 * `percent`: labels in percent. Returns their number. */
int ipd_scale_ticks(const ipd_scale *s, int max, int integers, int percent, ipd_tick *ticks);

/* A number in few characters: "62.3", "1.21e4", "0.168", "3e-7"; "nan", "inf". digits: significant,
 * 1 ... 12. */
void ipd_short_number(char *to, size_t size, double value, int digits);

#endif
