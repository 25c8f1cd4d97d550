/*
 * grow.h - arrays that grow at their end.
 */
#ifndef PITR_FIND_GROW_H
#define PITR_FIND_GROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A pointer to the new last item of an array (items, count, room), uninitialised; NULL: no memory. */
#define GROW(items, count, room) \
    (grow_array(&(items), (count), &(room), sizeof *(items)) ? &(items)[(count)++] : NULL)

/*
 * Makes room for one item more in the array that *items (a pointer to an object pointer) points to.
 * False when memory is out, and then nothing has changed.
 */
static inline bool grow_array(void *items, size_t n, size_t *room, size_t item_bytes)
{
    if (n < *room)
        return true;
    void *array;
    memcpy(&array, items, sizeof array);
    const size_t wanted = *room ? *room * 2 : 16;
    void *moved = wanted > SIZE_MAX / item_bytes ? NULL : realloc(array, wanted * item_bytes);
    if (!moved)
        return false;
    memcpy(items, &moved, sizeof moved);
    *room = wanted;
    return true;
}

#endif
