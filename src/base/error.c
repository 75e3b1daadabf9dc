/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void ipd_make_line(char *text)
{
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];
        /* C1 control characters, such as CSI, have two bytes in UTF-8. */
        int of_two = c == 0xC2 && next >= 0x80 && next < 0xA0;
        if (of_two)
            *text++ = '?';
        if (of_two || c < ' ' || c == 127)
            *text = '?';
    }
}

int ipd_fail(ipd_error *e, ipd_code code, const char *format, ...)
{
    va_list ap;
    if (!e)
        return -1;
    e->code = code;
    va_start(ap, format);
    vsnprintf(e->text, sizeof e->text, format, ap);
    va_end(ap);
    ipd_make_line(e->text);
    return -1;
}

int ipd_fail_in(ipd_error *e, const char *prefix_format, ...)
{
    char old[sizeof e->text], prefix[sizeof e->text];
    va_list ap;
    if (!e)
        return -1;
    memcpy(old, e->text, sizeof old);
    va_start(ap, prefix_format);
    vsnprintf(prefix, sizeof prefix, prefix_format, ap);
    va_end(ap);
    snprintf(e->text, sizeof e->text, "%.200s: %.270s", prefix, old);
    ipd_make_line(e->text);
    return -1;
}
