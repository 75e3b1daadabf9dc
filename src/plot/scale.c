#include "plot/scale.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DIGITS = 12 }; /* of a label; an axis is never shorter than 1e-9 of its ends */
/* Shorter linear axes are widened: their steps would lose digits as subnormal numbers. */
static const double MIN_SPAN = 1e-300;
static const double FAR = 1e6; /* the place of all values farther out */

static double within(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

static ipd_scale fit_log(double low, double high)
{
    int subnormal = low < MIN_SPAN; /* few digits: at least a decade, so that there are ticks */
    double min = subnormal ? 10 : 1.02, factor = subnormal ? 10 : 1.5;

    if (high <= 0)
        return (ipd_scale){IPD_LOG, 1, 10};
    if (low <= 0)
        low = fmax(high / 1e3, DBL_TRUE_MIN);
    if (high / low < min) {
        low = fmax(low / factor, DBL_TRUE_MIN);
        high = fmin(high * factor, DBL_MAX);
    }
    return (ipd_scale){IPD_LOG, low, high};
}

ipd_scale ipd_scale_fit(ipd_scale_kind kind, double low, double high)
{
    if (!isfinite(low) || !isfinite(high) || low > high)
        return (ipd_scale){kind, kind == IPD_LOG ? 1 : 0, kind == IPD_LOG ? 10 : 1};
    if (kind == IPD_LOG)
        return fit_log(low, high);
    double size = fmax(fabs(low), fabs(high)), min = fmax(size * 1e-9, MIN_SPAN);
    if (high - low <= min) {
        double half = size > 0 ? fmax(fabs(low) * 0.05, min) : 0.5;
        low = fmax(low - half, -DBL_MAX);
        high = fmin(high + half, DBL_MAX);
    }
    return (ipd_scale){kind, low, high};
}

void ipd_scale_widen(ipd_scale *s, double share)
{
    if (s->kind == IPD_LOG) {
        double all = s->high / s->low;
        double room = isfinite(all) ? pow(all, share) : exp(share * (log(s->high) - log(s->low)));
        s->low = fmax(s->low / room, DBL_TRUE_MIN);
        s->high = fmin(s->high * room, DBL_MAX);
        return;
    }
    double room = share * s->high - share * s->low;
    s->low = fmax(s->low - room, -DBL_MAX);
    s->high = fmin(s->high + room, DBL_MAX);
}

double ipd_scale_place(const ipd_scale *s, double value)
{
    double place;

    if (!isfinite(value) || (s->kind == IPD_LOG && value <= 0))
        return NAN;
    /* The difference or the ratio of the ends may be infinite. */
    if (s->kind == IPD_LOG) {
        double all = s->high / s->low;
        place = isfinite(all) ? log(value / s->low) / log(all)
                              : (log(value) - log(s->low)) / (log(s->high) - log(s->low));
    } else {
        double all = s->high - s->low;
        place = isfinite(all) ? (value - s->low) / all
                              : (value / 4 - s->low / 4) / (s->high / 4 - s->low / 4);
    }
    return within(place, -FAR, FAR);
}

double ipd_scale_value(const ipd_scale *s, double place)
{
    double all = s->kind == IPD_LOG ? s->high / s->low : s->high - s->low, value;

    if (s->kind == IPD_LOG)
        value = isfinite(all) ? s->low * pow(all, place)
                              : exp((1 - place) * log(s->low) + place * log(s->high));
    else
        value = isfinite(all) ? s->low + place * all : (1 - place) * s->low + place * s->high;
    return within(value, s->low, s->high);
}

void ipd_short_number(char *to, size_t size, double value, int digits)
{
    char text[40];

    if (!isfinite(value)) {
        snprintf(to, size, "%s", isnan(value) ? "nan" : value < 0 ? "-inf" : "inf");
        return;
    }
    double magnitude = fabs(value);
    if (magnitude != 0 && (magnitude >= 9999.5 || magnitude < 1e-3)) {
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
        char *exponent = strchr(text, 'e');
        char sign = exponent[1];
        const char *number = exponent + 2 + (exponent[2] == '0');
        char tail[8];
        snprintf(tail, sizeof tail, "e%s%s", sign == '-' ? "-" : "", number);
        snprintf(exponent, sizeof text - (size_t)(exponent - text), "%s", tail);
        snprintf(to, size, "%s", text);
        return;
    }
    int whole = magnitude < 1 ? 1 : (int)floor(log10(magnitude)) + 1;
    int lead = magnitude > 0 && magnitude < 1 ? (int)-floor(log10(magnitude)) : 0;
    int decimals = lead ? digits + lead - 1 : digits - whole;
    snprintf(to, size, "%.*f", decimals > 0 ? decimals : 0, value);
}

/* factor 10^exponent, rounded once; 0 or infinite beyond the range of doubles. */
static double decimal(int factor, int exponent)
{
    double power = 1; /* exact up to 10^22 */
    char text[24];

    if (abs(exponent) <= 22) {
        for (int i = 0; i < abs(exponent); i++)
            power *= 10;
        return exponent < 0 ? factor / power : factor * power;
    }
    snprintf(text, sizeof text, "%de%d", factor, exponent);
    return strtod(text, NULL);
}

/* largest: the largest magnitude on the axis, whose form all labels have. */
static void label(ipd_tick *t, double value, double step, double largest, int percent)
{
    double shown = percent ? value * 100 : value, size = percent ? step * 100 : step;
    int decimals = (int)within(ceil(-log10(size) - 1e-9), -400, 400);
    int magnitude = shown != 0 ? (int)within(floor(log10(fabs(shown))), -400, 400) : 0;

    t->value = value;
    if (shown != 0 &&
        ((percent ? largest * 100 : largest) >= 1e5 || (fabs(shown) < 1e-3 && size < 1e-3)))
        ipd_short_number(t->label, sizeof t->label, shown,
                         (int)within(magnitude + decimals + 1, 1, MAX_DIGITS));
    else if (shown == 0 && size < 1e-3) /* next to numbers with exponents */
        strcpy(t->label, "0");
    else
        snprintf(t->label, sizeof t->label, "%.*f", (int)within(decimals, 0, MAX_DIGITS), shown);
    if (percent)
        strcat(t->label, "%");
}

/* The multiples of step; -1 if there are more than `max`. */
static int ticks_of_step(const ipd_scale *s, double step, int max, int percent, ipd_tick *ticks)
{
    double first = ceil(s->low / step - 1e-9), last = floor(s->high / step + 1e-9);
    double largest = fmax(fabs(first), fabs(last)) * step;
    int count = 0;

    if (!(last - first + 1 <= max))
        return -1;
    /* Beyond 2^53, neighbouring whole numbers may be equal. */
    for (int i = 0; i <= last - first; i++) {
        double value = (first + i) * step;
        double place = ipd_scale_place(s, value);
        int has_place = place >= -1e-6 && place <= 1 + 1e-6; /* rounding is of the size of a step */
        if (has_place && (count == 0 || value > ticks[count - 1].value))
            label(&ticks[count++], value == 0 ? 0 : value, step, largest, percent);
    }
    return count;
}

static int linear_ticks(const ipd_scale *s, int max, int integers, int percent, ipd_tick *ticks)
{
    static const int factors[] = {1, 2, 5, 10, 20, 50};
    double size = s->high / max - s->low / max;
    int count = 0;

    if (!(size > 0))
        return 0;
    int exponent = isfinite(size) ? (int)floor(log10(size)) : DBL_MAX_10_EXP;
    exponent = integers && exponent < 0 ? 0 : exponent;
    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
        double step = decimal(factors[f], exponent);
        if (!isfinite(step))
            break;
        if (step <= 0 || (integers && step < 1))
            continue;
        count = ticks_of_step(s, step, max, percent, ticks);
        if (count > 0)
            return count;
    }
    return 0;
}

/* Labels of 1, 2 or 5 times a power of ten need one digit. */
static void round_tick(ipd_tick *t, double value, int percent)
{
    t->value = value;
    ipd_short_number(t->label, sizeof t->label, percent ? value * 100 : value, 1);
    if (percent)
        strcat(t->label, "%");
}

static int decade_ticks(const ipd_scale *s, int max, int percent, ipd_tick *ticks)
{
    int first = (int)ceil(log10(s->low) - 1e-9), last = (int)floor(log10(s->high) + 1e-9);
    int stride = 1, count = 0;

    while ((last - first) / stride + 1 > max)
        stride++;
    /* If powers of ten are skipped, 10^0 stays. */
    int start = first + ((-first) % stride + stride) % stride;
    for (int k = start; k <= last && count < max; k += stride)
        round_tick(&ticks[count++], decimal(1, k), percent);
    return count;
}

/* 1, 2, 5 times powers of ten, for axes of about one to two decades. */
static int half_decade_ticks(const ipd_scale *s, int max, int percent, ipd_tick *ticks)
{
    static const int factors[] = {1, 2, 5};
    int first = (int)floor(log10(s->low)), last = (int)floor(log10(s->high) + 1e-9), count = 0;

    if (last - first > max)
        return -1;
    for (int k = first; k <= last; k++)
        for (int f = 0; f < 3; f++) {
            double value = decimal(factors[f], k);
            if (value < s->low * (1 - 1e-9) || value > s->high * (1 + 1e-9) || !isfinite(value))
                continue;
            if (count == max)
                return -1;
            round_tick(&ticks[count++], value, percent);
        }
    return count;
}

int ipd_scale_ticks(const ipd_scale *s, int max, int integers, int percent, ipd_tick *ticks)
{
    if (max > IPD_MAX_TICKS)
        max = IPD_MAX_TICKS;
    if (max < 1)
        return 0;
    if (s->kind == IPD_LOG) {
        double decades = log10(s->high) - log10(s->low);
        int count = decades > 0.7 ? half_decade_ticks(s, max, percent, ticks) : -1;
        if (count >= 2)
            return count;
        if (decades >= 1) {
            count = decade_ticks(s, max, percent, ticks);
            if (count >= 2 || (count >= 1 && max < 2))
                return count;
        }
    }
    return linear_ticks(s, max, integers, percent, ticks);
}
