#include "tui/view/field.h"
#include "tui/model/keys.h"

#include <stdio.h>
#include <string.h>

/* Removes the last UTF-8 character if it is incomplete. */
static void cut_incomplete(char *text)
{
    size_t n = strlen(text), after = 0;

    while (after < n && ((unsigned char)text[n - 1 - after] & 0xC0) == 0x80)
        after++;
    unsigned char first = after < n ? (unsigned char)text[n - 1 - after] : 0;
    size_t wanted = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0;
    if (after < n && after != wanted)
        text[n - 1 - after] = 0;
}

void ipd_field_start(ipd_field_text *f, const char *text, size_t max)
{
    f->max = max < IPD_FIELD - 1 ? max : IPD_FIELD - 1;
    snprintf(f->text, f->max + 1, "%s", text);
    cut_incomplete(f->text);
    f->untouched = 0;
}

ipd_field_event ipd_field_key(ipd_field_text *f, int code)
{
    size_t n = strlen(f->text);

    if (code == IPD_KEY_ESCAPE || code == IPD_KEY_ENTER || code == '\n') {
        cut_incomplete(f->text);
        return code == IPD_KEY_ESCAPE ? IPD_FIELD_LEFT : IPD_FIELD_ENTERED;
    }
    if (code == IPD_KEY_BACKSPACE || code == 127 || code == '\b') {
        while (n && (f->text[n - 1] & 0xC0) == 0x80)
            n--;
        f->text[n ? n - 1 : 0] = 0;
    } else if (code == ('U' & 0x1F)) {
        f->text[0] = 0;
    } else if (code >= ' ' && code < 256 && (f->untouched || n < f->max)) {
        n = f->untouched ? 0 : n;
        f->text[n] = (char)code;
        f->text[n + 1] = 0;
    } else if (code < ' ' || code >= 256) {
        return IPD_FIELD_UNUSED; /* F5 and the like */
    }
    f->untouched = 0;
    return IPD_FIELD_CHANGED;
}
