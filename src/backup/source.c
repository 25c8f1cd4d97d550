/*
 * source.c - see source.h.
 */
#include "backup/source.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "backup/plain_file.h"
#include "base/message.h"

static bool has_whole(const backup_files *files, const place *at)
{
    for (size_t i = 0; i < files->nfiles; i++)
        if (place_is_same(&files->files[i].at, at)
            && files->files[i].at.catalog_version == at->catalog_version)
            return true;
    return false;
}

source_use source_use_of(const reading *r, const place *at)
{
    if (r->takes_catalogs)
        return backup_files_wants(r->whole, at) ? SOURCE_WHOLE : SOURCE_SKIP;
    if (place_is_small(at->kind))
        return r->whole && !has_whole(r->whole, at) ? SOURCE_WHOLE : SOURCE_SKIP;
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

bool source_take_whole(const reading *r, const place *at, const char *name, const char *path,
                       uint64_t offset, uint64_t bytes)
{
    backup_file *got = backup_files_add(r->whole, *at, bytes, name);
    if (!got)
        return false;
    const int fd = plain_file_open(path);
    size_t len = 0;
    bool is_good =
        fd >= 0 || message_fail(r->message, "cannot open \"%s\": %s", path, strerror(errno));
    if (is_good && !plain_file_read(fd, got->bytes, got->len, (off_t)offset, &len))
        is_good = message_fail(r->message, "cannot read \"%s\": %s", path, strerror(errno));
    if (is_good && len < got->len)
        is_good =
            message_fail(r->message, "\"%s\" is shorter than it was, or than is said of it", path);
    r->parts->bytes_read += len;
    if (fd >= 0)
        (void)close(fd);
    return is_good;
}

/* A label that the layout keeps elsewhere. */
static bool add_label(const source *s, backup_files *files)
{
    const place at = { .kind = PLACE_LABEL };
    const size_t len = strlen(s->label);
    if (len == 0 || backup_files_find(files, at))
        return true;
    const backup_file *got = backup_files_add(files, at, len, "backup_label");
    if (got)
        memcpy(got->bytes, s->label, len);
    return got;
}

bool source_about(const source *s, backup_files *files, backup_about *out, uint64_t *bytes_read)
{
    uint64_t manifest_bytes = 0;
    const bool is_good = add_label(s, files)
                         && backup_about_read(files, s->folder, out, &manifest_bytes)
                         && (!s->check || s->check(s, files));
    *bytes_read += manifest_bytes;
    if (is_good && out->stop_lsn == 0 && s->stop_lsn > out->label.start_lsn)
        out->stop_lsn = s->stop_lsn;
    return is_good;
}
