/*
 * backup.c - see backup.h.
 *
 *   read      folder or tar   -> files that are wanted, by place (tablespace, database, file node)
 *   follow    maps, pg_class  -> files that catalogs have moved to; when there are such, read again
 *   seed      pages           -> facts
 */
#include "backup/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/backup_label.h"
#include "backup/backup_folder.h"
#include "backup/backup_pages.h"
#include "backup/backup_tars.h"
#include "backup/plain_file.h"
#include "base/message.h"

/* A place found by pg_class may need another reading, and that by a map one before. */
#define READS_MAX 3
/* Of a backup_manifest only both ends are of use. */
#define MANIFEST_END_BYTES ((size_t)64 << 10)

typedef struct loader {
    wp_lsn wal_start;
    backup *out;
    char *message;
    backup_tars tars; /* none: a folder */
    backup_files files;
    backup_pages pages;
} loader;

static bool read_files(loader *l)
{
    return l->tars.n > 0 ? backup_tars_read(&l->tars, &l->files) : backup_folder_read(&l->files);
}

/* ---- small files ---------------------------------------------------------------------------- */

static const backup_file *need_file(loader *l, place_kind kind, const char *name, const char *why)
{
    const backup_file *got = backup_files_find(&l->files, (place){ .kind = kind });
    if (!got)
        (void)message_fail(l->message, "backup \"%s\" has no %s: %s", l->out->path, name, why);
    return got;
}

static bool read_version(loader *l)
{
    const backup_file *got = need_file(l, PLACE_VERSION, "PG_VERSION",
                                       "it is not a data directory and holds no base.tar");
    if (!got)
        return false;
    char major[8] = "";
    memcpy(major, got->bytes, got->len < sizeof major ? got->len : sizeof major - 1);
    major[strcspn(major, "\r\n")] = '\0';
    l->out->profile = wp_profile_by_major(major);
    return l->out->profile
           || message_fail(l->message,
                           "backup \"%s\" is one of PostgreSQL \"%s\", which is not supported",
                           l->out->path, major);
}

static bool read_label(loader *l)
{
    const backup_file *got = need_file(l, PLACE_LABEL, "backup_label",
                                       "it is not a base backup, or was started already");
    wp_error err;
    if (!got)
        return false;
    if (wp_backup_label_parse(backup_file_view(got), &l->out->label, &err) < 0)
        return backup_files_fail(&l->files, "backup_label", &err);
    if (l->out->label.timeline == 0)
        return message_fail(l->message, "backup \"%s\", backup_label: it tells no timeline",
                            l->out->path);
    return !l->out->label.is_incremental
           || message_fail(l->message,
                           "backup \"%s\" is incremental: combine it with those before it "
                           "(pg_combinebackup)",
                           l->out->path);
}

static bool read_control(loader *l)
{
    const backup_file *got = need_file(l, PLACE_CONTROL, "global/pg_control", "it is not whole");
    wp_control control;
    wp_error err;
    if (!got)
        return false;
    if (wp_control_parse(l->out->profile, backup_file_view(got), &control, &err) < 0)
        return backup_files_fail(&l->files, "global/pg_control", &err);
    l->out->system_identifier = control.system_identifier;
    l->out->settings = control.settings;
    l->pages.block_bytes = control.block_bytes;
    l->pages.blocks_per_file = control.blocks_per_file;
    /* The end of a backup that a standby gave is written nowhere else. */
    if (l->out->label.is_from_standby)
        l->out->stop_lsn = control.min_recovery;
    return true;
}

/* The manifest lies beside a base.tar, or in the folder. It may be missing. */
static bool read_manifest(loader *l)
{
    char *folder = l->tars.n > 0 ? backup_tars_folder(&l->tars) : strdup(l->out->path);
    char *path = NULL;
    uint8_t *bytes = malloc(MANIFEST_END_BYTES);
    bool is_good = folder && bytes && asprintf(&path, "%s/backup_manifest", folder) >= 0;
    if (!is_good)
        (void)message_no_memory(l->message);
    const int fd = is_good ? plain_file_open(path) : -1;
    struct stat st;
    size_t len;
    wp_backup_manifest end = { 0 };
    if (fd >= 0 && fstat(fd, &st) == 0) {
        const off_t at =
            st.st_size > (off_t)MANIFEST_END_BYTES ? st.st_size - (off_t)MANIFEST_END_BYTES : 0;
        is_good = plain_file_read(fd, bytes, MANIFEST_END_BYTES, at, &len)
                  || message_fail(l->message, "cannot read \"%s\": %s", path, strerror(errno));
        if (is_good)
            wp_backup_manifest_parse((wp_view){ bytes, len }, &end);
    }
    if (end.end_lsn > l->out->label.start_lsn)
        l->out->stop_lsn = end.end_lsn;
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    free(path);
    free(folder);
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool load(loader *l)
{
    backup *out = l->out;
    if (!backup_files_init(&l->files, out->path, l->message)
        || !backup_tars_find(out->path, &l->tars, l->message) || !read_files(l) || !read_version(l)
        || !read_label(l) || !read_control(l) || !read_manifest(l)
        || !backup_tars_check_tablespaces(&l->tars, &l->files))
        return false;
    l->pages.files = &l->files;
    l->pages.profile = out->profile;
    for (int reads = 1;; reads++) {
        const size_t before = l->files.nmoved;
        if (!backup_pages_follow(&l->pages))
            return false;
        if (l->files.nmoved == before || reads > READS_MAX)
            break;
        if (!read_files(l))
            return false;
    }
    const wp_lsn start = out->label.start_lsn;
    const wp_lsn latest = start > l->wal_start ? start : l->wal_start;
    return backup_pages_check(&l->pages) && backup_pages_seed(&l->pages, start, latest, &out->seed);
}

bool backup_open(const char *path, wp_lsn wal_start, backup *out, char message[MESSAGE_BYTES])
{
    *out = (backup){ .path = path };
    loader l = { .wal_start = wal_start, .out = out, .message = message };
    const bool is_good = load(&l);
    backup_files_free(&l.files);
    backup_tars_free(&l.tars);
    return is_good;
}

bool backup_begin(const char *path, wp_lsn *start, wp_tli *tli, char message[MESSAGE_BYTES])
{
    char ignored[MESSAGE_BYTES];
    label_file found;
    backup base = { 0 };
    bool is_good = backup_label_read(path, &found, ignored);
    if (!is_good) {
        is_good = backup_open(path, 0, &base, message);
        found.label = base.label;
        backup_free(&base);
    }
    *start = is_good ? found.label.start_lsn : 0;
    *tli = is_good ? found.label.timeline : 0;
    return is_good;
}

bool backup_fits(const backup *base, const archive *wal, char message[MESSAGE_BYTES])
{
    if (base->profile != wal->info.profile)
        return message_fail(
            message,
            "backup \"%s\" is one of PostgreSQL %s, and the WAL is of %s: give the backup "
            "of this cluster",
            base->path, base->profile->major, wal->info.profile->major);
    if (base->system_identifier == wal->info.system_identifier)
        return true;
    return message_fail(message,
                        "backup \"%s\" is of another cluster (system identifier %" PRIu64
                        ", the WAL has %" PRIu64 ")",
                        base->path, base->system_identifier, wal->info.system_identifier);
}

void backup_free(backup *base)
{
    wp_facts_free(&base->seed.pages);
    free((void *)(uintptr_t)base->seed.moved);
    *base = (backup){ 0 };
}
