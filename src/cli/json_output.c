/* json_output.c - separators and brackets of JSON output; see json_output.h. */
#include "cli/json_output.h"

static FILE *stream(const ipd_json_output *o)
{
    return o->to ? o->to : stdout;
}

int ipd_json_asked(const ipd_json_output *o)
{
    return o->whole || o->by_line;
}

void ipd_json_begin(ipd_json_output *o)
{
    if (o->whole && !o->begun)
        fputc('[', stream(o));
    o->begun = 1;
}

void ipd_json_item(ipd_json_output *o)
{
    if (!ipd_json_asked(o))
        return;
    ipd_json_begin(o);
    if (o->whole)
        fputs(o->count ? ",\n" : "\n", stream(o));
    o->count++;
}

void ipd_json_end_item(ipd_json_output *o)
{
    if (o->by_line)
        fputc('\n', stream(o));
}

void ipd_json_close(ipd_json_output *o)
{
    if (o->whole && o->begun)
        fputs(o->count ? "\n]\n" : "]\n", stream(o));
    o->begun = 0;
}
