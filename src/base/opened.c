/* opened.c - see opened.h. */
#include "base/opened.h"

#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    bool is_watching, is_failed;
    void *tree; /* of <search.h>, of the same strings */
    char **paths;
    size_t count, room;
} opened;

void opened_watch(void)
{
    opened.is_watching = true;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void keep(const char *path)
{
    if (tfind(path, &opened.tree, compare) != NULL)
        return;
    char *copy = strdup(path);
    char **slot = copy != NULL ? GROW(opened.paths, opened.count, opened.room) : NULL;
    if (slot != NULL)
        *slot = copy;
    if (slot == NULL)
        free(copy);
    opened.is_failed |= slot == NULL || tsearch(copy, &opened.tree, compare) == NULL;
}

void opened_note(const char *path)
{
    if (!opened.is_watching)
        return;
    (void)pthread_mutex_lock(&lock);
    keep(path);
    (void)pthread_mutex_unlock(&lock);
}

static int compare_slots(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bool opened_each(void (*visit)(void *context, const char *path), void *context)
{
    if (opened.count > 0)
        qsort(opened.paths, opened.count, sizeof *opened.paths, compare_slots);
    for (size_t i = 0; i < opened.count; i++)
        visit(context, opened.paths[i]);
    return !opened.is_failed;
}
