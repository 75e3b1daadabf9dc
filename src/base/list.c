/* list.c - see list.h. */
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

void *ipd_list_room(void *items, size_t count, size_t *room, size_t size)
{
    size_t more = *room ? 2 * *room : 16;
    void *larger = count < *room ? items : realloc(items, more * size);
    *room = count < *room || !larger ? *room : more;
    return larger;
}

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    void *items = ipd_list_room(list->items, list->count, &list->room, size);
    if (!items)
        return -1;
    list->items = items;
    memcpy((char *)list->items + list->count++ * size, item, size);
    return 0;
}
