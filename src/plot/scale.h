/* scale.h - from values to places on an axis, and the ticks that name them. Any thread. */
#ifndef IPD_PLOT_SCALE_H
#define IPD_PLOT_SCALE_H

#include <stddef.h>

typedef enum ipd_scale_kind { IPD_LINEAR, IPD_LOG } ipd_scale_kind;

typedef struct ipd_scale {
    ipd_scale_kind kind;
    double low, high; /* low < high; both positive on a log axis */
} ipd_scale;

/* An axis for values from low to high, widened a little where they are equal or (log) not
 * positive; its ends are finite. low or high not finite: nothing is known, 0 ... 1 or 1 ... 10. Every
 * axis is made here, also one whose ends are given: for the others no tick may be found. */
ipd_scale ipd_scale_fit(ipd_scale_kind kind, double low, double high);
/* Moves both ends out by a share of the axis, as far as doubles go. */
void ipd_scale_widen(ipd_scale *s, double share);

/* 0 at low, 1 at high, beyond them from -1e6 to 1e6; NaN for a value without a place: one that is
 * not finite, or (log) not positive. */
double ipd_scale_place(const ipd_scale *s, double value);
/* The value at a place from 0 to 1. */
double ipd_scale_value(const ipd_scale *s, double place);

typedef struct ipd_tick {
    double value;
    char label[24];
} ipd_tick;
enum { IPD_MAX_TICKS = 16 };

/* At most `max` (and IPD_MAX_TICKS) ticks within the axis at round values: 1, 2 or 5 times a power
 * of ten; on a log axis of several decades, powers of ten. `integers`: only whole numbers.
 * `percent`: labels are in percent. Returns how many. */
int ipd_scale_ticks(const ipd_scale *s, int max, int integers, int percent, ipd_tick *ticks);

/* A number in few characters: "62.3", "1.21e4", "0.168", "3e-7"; "nan", "inf". digits: significant,
 * 1 ... 12. */
void ipd_short_number(char *to, size_t size, double value, int digits);

#endif
