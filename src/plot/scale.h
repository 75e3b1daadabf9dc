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
 * positive. Values that are not finite mean "nothing is known" and give 0 ... 1 or 1 ... 10. */
ipd_scale ipd_scale_fit(ipd_scale_kind kind, double low, double high);

/* 0 at low, 1 at high; beyond them outside of that; NaN for what has no place (NaN, or a value that
 * is not positive on a log axis). */
double ipd_scale_place(const ipd_scale *s, double value);

typedef struct ipd_tick {
    double value;
    char label[16];
} ipd_tick;
enum { IPD_MAX_TICKS = 16 };

/* At most `most` (and IPD_MAX_TICKS) ticks within the axis at round values: 1, 2 or 5 times a power
 * of ten; on a log axis of several decades, powers of ten. `integers`: only whole numbers.
 * `percent`: labels are in percent. Returns how many. */
int ipd_scale_ticks(const ipd_scale *s, int most, int integers, int percent, ipd_tick *ticks);

/* A number in few characters: "62.3", "1.21e4", "0.168", "3e-7"; "nan", "inf". digits: significant,
 * 1 ... 9. */
void ipd_short_number(char *to, size_t size, double value, int digits);

#endif
