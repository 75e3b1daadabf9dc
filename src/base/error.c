/* error.c - see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What a file or an argument holds may be quoted: one line stays one, and no terminal is told anything. */
static void make_line(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 127)
            *text = '?';
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
    make_line(e->text);
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
    make_line(e->text);
    return -1;
}

int ipd_fail_unknown(ipd_error *e, const char *kind, const char *name, const char *near,
                     const char *otherwise)
{
    if (near)
        return ipd_fail(e, IPD_EUSAGE, "unknown %.40s '%.60s'. Did you mean '%.60s'?", kind, name,
                        near);
    return ipd_fail(e, IPD_EUSAGE, "unknown %.40s '%.60s'. %s", kind, name, otherwise);
}
