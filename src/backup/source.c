/*
 * source.c - see source.h.
 */
#include "backup/source.h"

#include "base/message.h"

static bool has_small(const backup_files *small, const place *at)
{
    for (size_t i = 0; i < small->nfiles; i++)
        if (place_is_same(&small->files[i].at, at)
            && small->files[i].at.catalog_version == at->catalog_version)
            return true;
    return false;
}

source_use source_use_of(const reading *r, const place *at)
{
    if (place_is_small(at->kind))
        return r->small && !has_small(r->small, at) ? SOURCE_SMALL : SOURCE_SKIP;
    if (!wanted_has(r->wanted, at) || parts_find(r->parts, at))
        return SOURCE_SKIP;
    if (at->kind != PLACE_INCREMENT)
        return SOURCE_PART;
    (void)message_fail(r->message,
                       "backup \"%s\" has only increments of file %u of database %u: combine it "
                       "with those before it (pg_combinebackup)",
                       r->parts->backup, at->node, at->db);
    return SOURCE_FAILED;
}
