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

int ipd_list_add_all(ipd_list *list, const void *items, size_t count, size_t size)
{
    if (count > list->capacity - list->count) {
        size_t more = list->capacity ? 2 * list->capacity : 16;
        more = more < list->count + count ? list->count + count : more;
        void *larger = realloc(list->items, more * size);
        if (!larger)
            return -1;
        list->items = larger;
        list->capacity = more;
    }
    if (count)
        memcpy((char *)list->items + list->count * size, items, count * size);
    list->count += count;
    return 0;
}

int ipd_list_add(ipd_list *list, const void *item, size_t size)
{
    return ipd_list_add_all(list, item, 1, size);
}
