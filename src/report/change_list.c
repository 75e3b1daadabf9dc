/* change_list.c - see change_list.h. */
#include "report/change_list.h"
#include "base/list.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 5 }; /* this many consecutive changes of one setting become one item */

typedef struct ipd_listed_change {
    ipd_place place;
    char text[IPD_LOG_TEXT];
} change;

static int begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

void ipd_change_list_add(ipd_change_list *list, const ipd_place *place, const char *text)
{
    if (begins(text, IPD_LOG_AUDIT))
        return;
    change *items = ipd_list_grow(list->items, list->count, &list->capacity, sizeof *items);
    list->failed |= !items;
    if (!items)
        return;
    list->items = items;
    change *c = &list->items[list->count++];
    c->place = *place;
    snprintf(c->text, sizeof c->text, "%s", text);
}

/* The length of the name in "set delta = 0.3"; 0 unless exactly one setting is set. */
static size_t single_name(const change *c)
{
    const char *name = c->text + 4, *equals = strstr(c->text, " = ");

    if (!begins(c->text, "set ") || !equals || strstr(equals + 3, " = "))
        return 0;
    return (size_t)(equals - name);
}

/* The number of consecutive changes, from index i on, that set the same setting only. */
static size_t repeats(const ipd_change_list *list, size_t i)
{
    size_t length = single_name(&list->items[i]), count = 1;

    while (length && i + count < list->count && single_name(&list->items[i + count]) == length &&
           !strncmp(list->items[i].text, list->items[i + count].text, 4 + length))
        count++;
    return count;
}

static void write_change(FILE *to, const char *text)
{
    const char *colon = strstr(text, ": ");

    if (begins(text, "set "))
        fputs(text + 4, to);
    else if (begins(text, "switch ") && colon)
        fprintf(to, "switch to %.*s, %s", (int)(colon - text - 7), text + 7, colon + 2);
    else if (begins(text, "switch "))
        fprintf(to, "switch to %s", text + 7);
    else
        fputs(text, to);
}

char *ipd_change_list_text(const ipd_change_list *list)
{
    char *text = NULL, place[128];
    size_t size, count;
    FILE *to = list->failed ? NULL : open_memstream(&text, &size);

    if (!to)
        return NULL;
    for (size_t i = 0; i < list->count; i += count) {
        const change *c = &list->items[i], *last;
        count = repeats(list, i);
        fputs(i ? "; " : "", to);
        if (count >= MANY) {
            size_t length = single_name(c);
            last = &list->items[i + count - 1];
            fprintf(to, "%.*s %zu times, last %s", (int)length, c->text + 4, count,
                    last->text + 4 + length + 3);
        } else {
            write_change(to, c->text);
            for (count = 1; i + count < list->count &&
                            ipd_place_is_same(&c->place, &list->items[i + count].place) &&
                            repeats(list, i + count) < MANY;
                 count++) {
                fputs(", ", to);
                write_change(to, list->items[i + count].text);
            }
            last = c;
        }
        if (begins(last->text, IPD_LOG_WEIGHTS))
            continue; /* they have no place: given at the start */
        ipd_place_text(&last->place, place, sizeof place);
        fprintf(to, " at %s", place);
    }
    if (ipd_text_close(to, &text)) {
        free(text);
        return NULL;
    }
    return text;
}

void ipd_change_list_free(ipd_change_list *list)
{
    free(list->items);
    *list = (ipd_change_list){0};
}
