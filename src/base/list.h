/* list.h - a growing array; elements are plain values. */
#ifndef IPD_BASE_LIST_H
#define IPD_BASE_LIST_H

#include <stddef.h>

typedef struct ipd_list {
    void *items;
    size_t count, capacity;
} ipd_list;

/* Adds a copy of one item; 0, or -1 if memory runs out. */
int ipd_list_add(ipd_list *list, const void *item, size_t size);
/* Adds copies of `count` items, or none. */
int ipd_list_add_all(ipd_list *list, const void *items, size_t count, size_t size);

/* Returns the array, reallocated if it has no space for one more item. If memory runs out, returns
 * NULL, and the array stays as it is. */
void *ipd_list_grow(void *items, size_t count, size_t *capacity, size_t size);

#endif
