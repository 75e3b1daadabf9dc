/* number.c - settings that are numbers: finding a setting, reading a number and checking its
 * range. */
#include "base/text.h"
#include "format/export.h"
#include "settings/private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ipd_setting *ipd_setting_find(const char *name)
{
    for (const ipd_setting *s = ipd_settings_table; s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

int ipd_setting_is_number(const ipd_setting *s)
{
    return s->kind == IPD_SET_NUMBER || s->kind == IPD_SET_COUNT || s->kind == IPD_SET_SWITCH;
}

void ipd_setting_range(const ipd_setting *s, char *to, size_t size)
{
    char max_text[32];
    snprintf(max_text, sizeof max_text, "%g", s->max);
    int below = strtod(max_text, NULL) > s->max; /* 1 - 1e-12 means below 1 */
    snprintf(to, size, "%s%g to %s%s", s->open_min ? "more than " : "", s->min,
             below ? "less than " : "", max_text);
}

static int out_of_range(const ipd_setting *s, const char *value, ipd_error *e)
{
    char range[80];
    ipd_setting_range(s, range, sizeof range);
    return ipd_fail(e, IPD_EUSAGE, "%s = %.40s is out of range. Use %s", s->name, value, range);
}

/* Returns 1 for a number that is too large for a double: "1e400". */
static int is_huge(const char *value)
{
    char *end;
    double x = strtod(value, &end);
    return strpbrk(value, "0123456789") && !*end && isinf(x);
}

int ipd_setting_read_number(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    double x = 0;
    if (is_huge(value))
        return out_of_range(s, value, e);
    if (ipd_text_to_double(value, &x)) {
        const char *word = s->choices ? s->choices()[0] : NULL;
        return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is not a number%s%s", s->name, value,
                        word ? ", nor " : "", word ? word : "");
    }
    if (x < s->min || x > s->max || (s->open_min && x <= s->min))
        return out_of_range(s, value, e);
    x += 0.; /* makes -0 positive: JSON would read it back as the integer 0 */
    memcpy(at, &x, sizeof x);
    return 0;
}

int ipd_setting_read_count(void *at, const ipd_setting *s, const char *value, ipd_error *e)
{
    long n;
    double x;
    if (ipd_text_to_long(value, &n)) {
        /* A count may be written as 512.0, as Lua writes computed numbers. */
        if (is_huge(value) || (!ipd_text_to_double(value, &x) && fabs(x) > 9e15))
            return out_of_range(s, value, e);
        if (ipd_text_to_double(value, &x) || x != floor(x))
            return ipd_fail(e, IPD_EUSAGE, "%s = '%.40s' is not a whole number", s->name, value);
        n = (long)x;
    }
    if ((double)n < s->min || (double)n > s->max)
        return out_of_range(s, value, e);
    memcpy(at, &n, sizeof n);
    return 0;
}

double ipd_value_number(const ipd_setting *setting, const ipd_value *value)
{
    return setting->kind == IPD_SET_NUMBER  ? value->number
           : setting->kind == IPD_SET_COUNT ? (double)value->count
                                            : value->on;
}

int ipd_value_of_number(const ipd_setting *setting, double x, ipd_value *value, ipd_error *e)
{
    char text[IPD_NUMBER_TEXT];
    int is_switch = setting->kind == IPD_SET_SWITCH;
    double min = is_switch ? 0 : setting->min, max = is_switch ? 1 : setting->max;
    if (!(x >= min && x <= max) || (setting->open_min && x <= min) ||
        (setting->kind != IPD_SET_NUMBER && x != floor(x))) {
        ipd_number_text(x, text);
        return out_of_range(setting, text, e);
    }
    if (setting->kind == IPD_SET_NUMBER)
        value->number = x;
    else if (is_switch)
        value->on = x != 0;
    else
        value->count = (long)x;
    return 0;
}
