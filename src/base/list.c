/* list.c - see list.h. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 16;
        void *items = realloc(list->items, capacity * size);
        if (!items)
            return -1;
        list->items = items;
        list->capacity = capacity;
    }
    memcpy((char *)list->items + list->count++ * size, item, size);
    return 0;
}
