#include "tui/help_topics.h"
#include "tui/keys.h"

#include <stdio.h>

void ipd_help_topics_add(ipd_lua *lua)
{
    char usage[128], text[512];

    for (const ipd_key *k = ipd_keys; k->name; k++) {
        snprintf(usage, sizeof usage, "key %s%s%s%s%s%s", k->name, k->also ? " or " : "",
                 k->also ? k->also : "", k->context ? ", " : "", k->context ? k->context : "",
                 k->context ? ":" : "");
        snprintf(text, sizeof text, "%s%s%s", k->help, k->lua ? "\nat the prompt: " : "",
                 k->lua ? k->lua : "");
        ipd_lua_add_topic(lua, k->name, usage, text);
        if (k->also)
            ipd_lua_add_topic(lua, k->also, usage, text);
    }
}
