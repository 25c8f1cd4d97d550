/* inputs.c - see inputs.h. */
#include "command/report/inputs.h"

#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/find.h"
#include "base/grow.h"
#include "base/message.h"
#include "base/opened.h"
#include "file/tar.h"

const char *input_kind_word(input_kind kind)
{
    static const char *const words[INPUT_KINDS] = {
        [INPUT_WAL] = "wal",
        [INPUT_HISTORY] = "history",
        [INPUT_BACKUP_HISTORY] = "backup history",
        [INPUT_BACKUP] = "backup",
        [INPUT_LOG] = "log",
        [INPUT_OTHER] = "other",
    };
    return words[kind];
}

bool input_add_root(input_list *list, const char *option, const char *path,
                    char message[MESSAGE_BYTES])
{
    if (list->nroots == INPUT_ROOTS_MAX)
        return message_fail(message, "a report is of %d SOURCEs and other paths at most",
                            INPUT_ROOTS_MAX);
    list->roots[list->nroots++] = (input_root){ option, path };
    return true;
}

/* ---- where it lies -------------------------------------------------------------------------- */

/* The rest of the path after a root, without slashes between; NULL: it does not lie there. */
static const char *below(const char *root, const char *path)
{
    size_t len = strlen(root);
    while (len > 1 && root[len - 1] == '/')
        len--;
    if (strncmp(path, root, len) != 0 || (path[len] != '\0' && path[len] != '/' && len != 1))
        return NULL;
    const char *rest = path + len;
    if (*rest == '\0') {
        const char *slash = strrchr(path, '/');
        return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
    }
    return rest + strspn(rest, "/");
}

/* The SOURCEs come first among the roots. */
static const char *place(const input_list *list, const char *path, size_t *root)
{
    for (*root = 0; *root < list->nroots; ++*root) {
        const char *name = below(list->roots[*root].path, path);
        if (name != NULL)
            return name;
    }
    *root = SIZE_MAX;
    return path;
}

static input_kind kind_of(const input_list *list, size_t root)
{
    if (root != SIZE_MAX && strcmp(list->roots[root].option, "backup") == 0)
        return INPUT_BACKUP;
    if (root != SIZE_MAX && strcmp(list->roots[root].option, "log") == 0)
        return INPUT_LOG;
    return INPUT_OTHER;
}

static bool add(input_list *list, input_kind kind, const char *path)
{
    char archive[PATH_MAX];
    uint64_t header_at;
    if (tar_path_split(path, archive, &header_at))
        path = archive;
    input_file *slot = GROW(list->items, list->count, list->room);
    if (slot == NULL)
        return false;
    *slot = (input_file){ .kind = kind, .path = strdup(path) };
    if (slot->path == NULL)
        return false;
    const char *name = place(list, slot->path, &slot->root);
    if (kind == INPUT_OTHER)
        slot->kind = kind_of(list, slot->root);
    slot->name = strdup(name);
    return slot->name != NULL;
}

/* ---- which ---------------------------------------------------------------------------------- */

static bool add_found(input_list *list, const find_list *found)
{
    bool is_good = true;
    for (size_t i = 0; i < found->nfiles && is_good; i++)
        is_good = add(list, INPUT_WAL, found->files[i].path);
    for (size_t i = 0; i < found->nhistories && is_good; i++)
        is_good = add(list, INPUT_HISTORY, found->histories[i].path);
    for (size_t i = 0; i < found->nbackups && is_good; i++)
        is_good = add(list, INPUT_BACKUP_HISTORY, found->backups[i]);
    return is_good;
}

static bool find_in_sources(input_list *list, char message[MESSAGE_BYTES])
{
    char *sources[INPUT_ROOTS_MAX];
    size_t n = 0;
    find_list found = { 0 };
    for (size_t i = 0; i < list->nroots; i++)
        if (strcmp(list->roots[i].option, "source") == 0)
            sources[n++] = (char *)(uintptr_t)list->roots[i].path;
    const bool is_good = find_sources(sources, n, &found, message)
                         && (add_found(list, &found) || message_no_memory(message));
    find_free(&found);
    return is_good;
}

typedef struct adding {
    input_list *list;
    bool is_failed;
} adding;

static void add_opened(void *context, const char *path)
{
    adding *a = context;
    a->is_failed |= !add(a->list, INPUT_OTHER, path);
}

static int by_place(const void *a, const void *b)
{
    const input_file *x = a, *y = b;
    if (x->root != y->root)
        return x->root < y->root ? -1 : 1;
    const int order = strcmp(x->name, y->name);
    return order != 0 ? order : (int)x->kind - (int)y->kind; /* what is known of it comes first */
}

static void free_file(input_file *one)
{
    free(one->path);
    free(one->name);
}

/* Each file once. */
static void drop_doubles(input_list *list)
{
    size_t n = 0;
    if (list->count > 0)
        qsort(list->items, list->count, sizeof *list->items, by_place);
    for (size_t i = 0; i < list->count; i++) {
        input_file *one = &list->items[i];
        if (n > 0 && list->items[n - 1].root == one->root
            && strcmp(list->items[n - 1].name, one->name) == 0)
            free_file(one);
        else
            list->items[n++] = *one;
    }
    list->count = n;
}

bool input_list_find(input_list *list, bool adds_opened, char message[MESSAGE_BYTES])
{
    adding a = { .list = list };
    if (!find_in_sources(list, message))
        return false;
    if (adds_opened && (!opened_each(add_opened, &a) || a.is_failed))
        return message_no_memory(message);
    drop_doubles(list);
    return true;
}

bool input_list_digest(input_list *list, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < list->count; i++) {
        input_file *one = &list->items[i];
        if (!sha256_of_file(one->path, one->digest, &one->size, message))
            return false;
    }
    return true;
}

uint64_t input_list_bytes(const input_list *list)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < list->count; i++)
        sum += list->items[i].size;
    return sum;
}

void input_list_free(input_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free_file(&list->items[i]);
    free(list->items);
    *list = (input_list){ 0 };
}
