/*
 * parts.c - see parts.h.
 */
#include "backup/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backup/plain_file.h"
#include "base/grow.h"
#include "base/message.h"
#include "base/temporary.h"

void parts_init(backup_parts *p, const char *backup)
{
    *p = (backup_parts){ .backup = backup, .scratch_fd = -1 };
    for (size_t i = 0; i < PARTS_OPEN_MAX; i++)
        p->open[i].fd = -1;
}

void parts_free(backup_parts *p)
{
    for (size_t i = 0; i < PARTS_OPEN_MAX; i++)
        if (p->open[i].fd >= 0)
            (void)close(p->open[i].fd);
    if (p->scratch_fd >= 0)
        (void)close(p->scratch_fd);
    temporary_drop(p->scratch);
    for (size_t i = 0; i < p->nfiles; i++)
        free(p->files[i]);
    free(p->files);
    free(p->items);
}

/* ---- which there are ------------------------------------------------------------------------ */

bool parts_add_file(backup_parts *p, const char *path, uint32_t *file, char message[MESSAGE_BYTES])
{
    char *copy = p->nfiles < UINT32_MAX ? strdup(path) : NULL;
    char **slot = copy ? GROW(p->files, p->nfiles, p->files_room) : NULL;
    if (!slot) {
        free(copy);
        return message_no_memory(message);
    }
    *slot = copy;
    *file = (uint32_t)(p->nfiles - 1);
    return true;
}

bool parts_add(backup_parts *p, const backup_part *one, char message[MESSAGE_BYTES])
{
    backup_part *slot = GROW(p->items, p->n, p->room);
    if (!slot)
        return message_no_memory(message);
    *slot = *one;
    return true;
}

static int by_place(const void *x, const void *y)
{
    const place *a = &((const backup_part *)x)->at, *b = &((const backup_part *)y)->at;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->spc != b->spc)
        return a->spc < b->spc ? -1 : 1;
    return place_compare(a, b);
}

bool parts_sort(backup_parts *p, char message[MESSAGE_BYTES])
{
    if (p->n > 0)
        qsort(p->items, p->n, sizeof *p->items, by_place);
    for (size_t i = 1; i < p->n; i++) {
        const place *at = &p->items[i].at;
        if (place_is_same(at, &p->items[i - 1].at))
            return message_fail(message,
                                "backup \"%s\" holds part %u of file %u of database %u twice",
                                p->backup, at->part, at->node, at->db);
    }
    p->sorted = p->n;
    return true;
}

const backup_part *parts_find(const backup_parts *p, const place *at)
{
    const backup_part key = { .at = *at };
    return p->sorted > 0 ? bsearch(&key, p->items, p->sorted, sizeof *p->items, by_place) : NULL;
}

/* ---- their bytes ---------------------------------------------------------------------------- */

static int open_file(backup_parts *p, uint32_t file, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; i < PARTS_OPEN_MAX; i++)
        if (p->open[i].fd >= 0 && p->open[i].file == file)
            return p->open[i].fd;
    const int fd = plain_file_open(p->files[file]);
    if (fd < 0) {
        (void)message_fail(message, "cannot open \"%s\": %s", p->files[file], strerror(errno));
        return -1;
    }
    const size_t slot = p->next_open;
    p->next_open = (slot + 1) % PARTS_OPEN_MAX;
    if (p->open[slot].fd >= 0)
        (void)close(p->open[slot].fd);
    p->open[slot].file = file;
    p->open[slot].fd = fd;
    return fd;
}

bool parts_read(backup_parts *p, const backup_part *one, uint64_t at, uint8_t *buf, size_t len,
                size_t *got, char message[MESSAGE_BYTES])
{
    *got = 0;
    if (at >= one->size)
        return true;
    len = one->size - at < len ? (size_t)(one->size - at) : len;
    const bool is_scratch = p->scratch && one->file == p->scratch_file;
    const int fd = is_scratch ? p->scratch_fd : open_file(p, one->file, message);
    if (fd < 0)
        return false;
    if (!plain_file_read(fd, buf, len, (off_t)(one->offset + at), got))
        return message_fail(message, "cannot read \"%s\": %s", p->files[one->file],
                            strerror(errno));
    if (!is_scratch)
        p->bytes_read += *got;
    return *got == len
           || message_fail(message, "\"%s\" is shorter than it was, or than is said of it",
                           p->files[one->file]);
}

/* ---- the scratch file ----------------------------------------------------------------------- */

static bool open_scratch(backup_parts *p, char message[MESSAGE_BYTES])
{
    const char *folder = getenv("TMPDIR");
    char *beside = NULL;
    if (p->scratch)
        return true;
    if (asprintf(&beside, "%s/blocks", folder && *folder ? folder : "/tmp") < 0)
        return message_no_memory(message);
    p->scratch_fd = temporary_file(beside, &p->scratch, message);
    free(beside);
    return p->scratch_fd >= 0 && parts_add_file(p, p->scratch, &p->scratch_file, message);
}

bool parts_scratch_begin(backup_parts *p, const place *at, backup_part *out,
                         char message[MESSAGE_BYTES])
{
    if (!open_scratch(p, message))
        return false;
    *out = (backup_part){ .at = *at, .file = p->scratch_file, .offset = p->scratch_bytes };
    return true;
}

bool parts_scratch_write(backup_parts *p, backup_part *one, const void *bytes, size_t len,
                         char message[MESSAGE_BYTES])
{
    const uint8_t *at = bytes;
    for (size_t left = len; left > 0;) {
        const ssize_t n = pwrite(p->scratch_fd, at, left, (off_t)p->scratch_bytes);
        if (n < 0 && errno != EINTR)
            return message_fail(message, "cannot write \"%s\": %s", p->scratch, strerror(errno));
        if (n <= 0)
            continue;
        at += n;
        left -= (size_t)n;
        p->scratch_bytes += (uint64_t)n;
    }
    one->size += len;
    return true;
}
