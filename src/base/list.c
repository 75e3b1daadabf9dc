/* list.c - see list.h. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void *items = realloc(list->items, room * size);
        if (!items)
            return -1;
        list->items = items;
        list->room = room;
    }
    memcpy((char *)list->items + list->count++ * size, item, size);
    return 0;
}
