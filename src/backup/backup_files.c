/*
 * backup_files.c - see backup_files.h.
 */
#include "backup/backup_files.h"

#include <inttypes.h>
#include <stdlib.h>

#include <walparse/datadir.h>

#include "base/grow.h"
#include "base/message.h"

#define FIRST_NORMAL_OID 16384

/* ---- where the catalogs lie ----------------------------------------------------------------- */

static int by_file(const void *x, const void *y)
{
    const wp_catalog_file *a = x, *b = y;
    if (a->db != b->db)
        return a->db < b->db ? -1 : 1;
    return (a->filenode > b->filenode) - (a->filenode < b->filenode);
}

bool backup_files_add_moved(backup_files *f, wp_catalog_file moved)
{
    if (moved.filenode == moved.catalog || moved.filenode == 0 || moved.catalog >= FIRST_NORMAL_OID)
        return true;
    for (size_t i = 0; i < f->nmoved; i++)
        if (by_file(&f->moved[i], &moved) == 0)
            return true;
    wp_catalog_file *slot = GROW(f->moved, f->nmoved, f->moved_room);
    if (!slot)
        return message_no_memory(f->message);
    *slot = moved;
    return true;
}

wp_catalog_file *backup_files_take_moved(backup_files *f, size_t *n)
{
    wp_catalog_file *moved = f->moved;
    *n = f->nmoved;
    if (f->nmoved > 0)
        qsort(moved, f->nmoved, sizeof *moved, by_file);
    f->moved = NULL;
    f->nmoved = f->moved_room = 0;
    return moved;
}

wp_oid backup_files_catalog(const backup_files *f, const place *at)
{
    for (size_t i = 0; i < f->nmoved; i++)
        if (f->moved[i].db == at->db && f->moved[i].filenode == at->node)
            return f->moved[i].catalog;
    return at->node;
}

/* ---- files ---------------------------------------------------------------------------------- */

const backup_file *backup_files_find(const backup_files *f, place at)
{
    for (size_t i = 0; i < f->nfiles; i++)
        if (place_is_same(&f->files[i].at, &at))
            return &f->files[i];
    return NULL;
}

/* A catalog of this kind (shared or not) may lie in this file. */
static bool is_catalog_file(const backup_files *f, const place *at)
{
    for (size_t i = 0; i < f->nfollowed; i++)
        if (f->followed[i] == at->node)
            return wp_catalog_is_shared(at->node) == (at->db == 0);
    for (size_t i = 0; i < f->nmoved; i++)
        if (f->moved[i].db == at->db && f->moved[i].filenode == at->node)
            return wp_catalog_is_followed(f->moved[i].catalog);
    return false;
}

bool backup_files_wants(const backup_files *f, const place *at)
{
    const bool is_of_use =
        place_is_small(at->kind) || (at->kind == PLACE_RELATION && is_catalog_file(f, at));
    if (!is_of_use)
        return false;
    return backup_files_find(f, *at) == NULL;
}

backup_file *backup_files_add(backup_files *f, place at, uint64_t size, const char *name)
{
    const bool is_small = at.kind != PLACE_RELATION;
    if ((is_small && size > SMALL_FILE_BYTES_MAX) || size > BACKUP_BYTES_MAX - f->bytes) {
        (void)message_fail(f->message, "\"%s\": %s of %" PRIu64 " bytes is larger than %s", f->path,
                           name, size,
                           is_small ? "it can be" : "the catalogs that this program reads");
        return NULL;
    }
    backup_file *slot = GROW(f->files, f->nfiles, f->files_room);
    uint8_t *bytes = slot ? malloc(size ? (size_t)size : 1) : NULL;
    if (!bytes) {
        (void)message_no_memory(f->message);
        if (slot)
            f->nfiles--;
        return NULL;
    }
    *slot = (backup_file){ at, bytes, (size_t)size };
    f->bytes += (size_t)size;
    return slot;
}

static int by_place(const void *x, const void *y)
{
    return place_compare(&((const backup_file *)x)->at, &((const backup_file *)y)->at);
}

void backup_files_sort(backup_files *f)
{
    if (f->nfiles > 0)
        qsort(f->files, f->nfiles, sizeof *f->files, by_place);
}

wp_view backup_file_view(const backup_file *f)
{
    return (wp_view){ f->bytes, f->len };
}

bool backup_files_fail(const backup_files *f, const char *name, const wp_error *err)
{
    return message_fail(f->message, "backup \"%s\", %s: %s", f->path, name, err->text);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool list_followed(backup_files *f)
{
    for (wp_oid oid = 1; oid < FIRST_NORMAL_OID; oid++) {
        if (!wp_catalog_is_followed(oid))
            continue;
        wp_oid *slot = GROW(f->followed, f->nfollowed, f->followed_room);
        if (!slot)
            return message_no_memory(f->message);
        *slot = oid;
    }
    return true;
}

bool backup_files_init(backup_files *f, const char *path, char message[MESSAGE_BYTES])
{
    *f = (backup_files){ .path = path, .message = message };
    return list_followed(f);
}

void backup_files_free(backup_files *f)
{
    for (size_t i = 0; i < f->nfiles; i++)
        free(f->files[i].bytes);
    free(f->files);
    free(f->followed);
    free(f->moved);
}
