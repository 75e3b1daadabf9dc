#include "plot/scale.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

ipd_scale ipd_scale_fit(ipd_scale_kind kind, double low, double high)
{
    ipd_scale s = {kind, low, high};

    if (!isfinite(low) || !isfinite(high) || low > high) {
        s.low = kind == IPD_LOG ? 1 : 0;
        s.high = kind == IPD_LOG ? 10 : 1;
        return s;
    }
    if (kind == IPD_LOG) {
        if (s.high <= 0)
            return (ipd_scale){kind, 1, 10};
        if (s.low <= 0)
            s.low = s.high / 1e3;
        if (s.high / s.low < 1.02) {
            s.low /= 1.5;
            s.high *= 1.5;
        }
        return s;
    }
    double least = fmax(fabs(low), fabs(high)) * 1e-9;
    if (high - low <= least) {
        double half = fmax(fabs(low) * 0.05, least > 0 ? least : 0.5);
        s.low = low - half;
        s.high = high + half;
    }
    return s;
}

double ipd_scale_place(const ipd_scale *s, double value)
{
    if (isnan(value))
        return NAN;
    if (s->kind == IPD_LOG)
        return value > 0 ? log(value / s->low) / log(s->high / s->low) : NAN;
    return (value - s->low) / (s->high - s->low);
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

/* Power of ten without the rounding of pow, for labels. */
static double ten_to(int exponent)
{
    double value = 1;
    for (int i = 0; i < (exponent < 0 ? -exponent : exponent); i++)
        value *= 10;
    return exponent < 0 ? 1 / value : value;
}

static void label(ipd_tick *t, double value, double step, int percent)
{
    double shown = percent ? value * 100 : value;
    double size = percent ? step * 100 : step;
    int decimals = size > 0 ? (int)ceil(-log10(size) - 1e-9) : 0;

    t->value = value;
    if (shown != 0 && (fabs(shown) >= 1e5 || (fabs(shown) < 1e-3 && size < 1e-3)))
        ipd_short_number(t->label, sizeof t->label, shown,
                         (int)fmin(6, fmax(1, floor(log10(fabs(shown))) + decimals + 1)));
    else
        snprintf(t->label, sizeof t->label, "%.*f%s",
                 decimals < 0 ? 0 : (decimals > 6 ? 6 : decimals), shown, percent ? "%" : "");
}

static int linear_ticks(const ipd_scale *s, int most, int integers, int percent, ipd_tick *ticks)
{
    double span = s->high - s->low;
    int exponent = (int)floor(log10(span / most));
    static const int factors[] = {1, 2, 5, 10, 20, 50};

    for (size_t f = 0; f < sizeof factors / sizeof *factors; f++) {
        double step = factors[f] * ten_to(exponent);
        if (integers && step < 1)
            continue;
        double first = ceil(s->low / step - 1e-9), last = floor(s->high / step + 1e-9);
        if (last - first + 1 > most)
            continue;
        int count = 0;
        for (double k = first; k <= last; k++)
            label(&ticks[count++], k * step == 0 ? 0 : k * step, step, percent);
        if (count || f + 1 == sizeof factors / sizeof *factors)
            return count;
    }
    return 0;
}

static int decade_ticks(const ipd_scale *s, int most, ipd_tick *ticks)
{
    int first = (int)ceil(log10(s->low) - 1e-9), last = (int)floor(log10(s->high) + 1e-9);
    int stride = 1, count = 0;

    while ((last - first) / stride + 1 > most)
        stride++;
    /* Where powers of ten are skipped, 10^0 stays. */
    int start = first + ((-first) % stride + stride) % stride;
    for (int k = start; k <= last && count < most; k += stride) {
        ticks[count].value = ten_to(k);
        ipd_short_number(ticks[count].label, sizeof ticks[count].label, ten_to(k), 1);
        count++;
    }
    return count;
}

/* 1, 2, 5 times powers of ten, for axes of about one to two decades. */
static int half_decade_ticks(const ipd_scale *s, int most, ipd_tick *ticks)
{
    static const int factors[] = {1, 2, 5};
    int first = (int)floor(log10(s->low)), last = (int)floor(log10(s->high) + 1e-9), count = 0;

    for (int k = first; k <= last; k++)
        for (int f = 0; f < 3; f++) {
            double value = factors[f] * ten_to(k);
            if (value < s->low * (1 - 1e-9) || value > s->high * (1 + 1e-9))
                continue;
            if (count == most)
                return -1;
            ticks[count].value = value;
            ipd_short_number(ticks[count].label, sizeof ticks[count].label, value, 1);
            count++;
        }
    return count;
}

int ipd_scale_ticks(const ipd_scale *s, int most, int integers, int percent, ipd_tick *ticks)
{
    if (most > IPD_MAX_TICKS)
        most = IPD_MAX_TICKS;
    if (most < 1)
        return 0;
    if (s->kind == IPD_LOG) {
        double decades = log10(s->high / s->low);
        int count = decades > 0.7 ? half_decade_ticks(s, most, ticks) : -1;
        if (count >= 2)
            return count;
        if (decades >= 1) {
            count = decade_ticks(s, most, ticks);
            if (count >= 2 || (count >= 1 && most < 2))
                return count;
        }
    }
    return linear_ticks(s, most, integers, percent, ticks);
}
