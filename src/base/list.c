/* list.c - see list.h. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

void *ipd_list_grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t more = *capacity ? 2 * *capacity : 16;
    void *larger = count < *capacity ? items : realloc(items, more * size);
    *capacity = count < *capacity || !larger ? *capacity : more;
    return larger;
}

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    void *items = ipd_list_grow(list->items, list->count, &list->capacity, size);
    if (!items)
        return -1;
    list->items = items;
    memcpy((char *)list->items + list->count++ * size, item, size);
    return 0;
}
