/*
 * backup.c - see backup.h.
 *
 *   read      folder, archives -> files that are wanted, by place (tablespace, database, file node)
 *   follow    maps, pg_class  -> files that catalogs have moved to; when there are such, read again
 *   seed      pages           -> facts
 */
#include "backup/backup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/backup_pages.h"
#include "backup/label_of_backup.h"
#include "backup/source.h"
#include "base/message.h"

/* A place found by pg_class may need another reading, and that by a map one before. */
#define READS_MAX 3

typedef struct loader {
    wp_lsn wal_start;
    backup *out;
    char *message;
    source *source;
    backup_parts parts; /* none are taken: all files are read whole */
    backup_files files;
    backup_pages pages;
} loader;

static bool read_files(loader *l)
{
    const reading r = {
        .whole = &l->files, .takes_catalogs = true, .parts = &l->parts, .message = l->message
    };
    return l->source->read(l->source, &r);
}

/* ---- small files ---------------------------------------------------------------------------- */

static bool read_about(loader *l)
{
    backup_about about = { 0 };
    const bool is_good = source_about(l->source, &l->files, &about, &l->parts.bytes_read);
    backup *out = l->out;
    out->profile = about.profile;
    out->label = about.label;
    out->stop_lsn = about.stop_lsn;
    out->system_identifier = about.control.system_identifier;
    out->settings = about.control.settings;
    l->pages.block_bytes = about.control.block_bytes;
    l->pages.blocks_per_file = about.control.blocks_per_file;
    return is_good;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool load(loader *l)
{
    backup *out = l->out;
    if (!backup_files_init(&l->files, out->path, l->message)
        || !(l->source = source_open(out->path, l->message)) || !read_files(l) || !read_about(l))
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
    parts_init(&l.parts, path);
    const bool is_good = load(&l);
    backup_files_free(&l.files);
    parts_free(&l.parts);
    if (l.source)
        l.source->free(l.source);
    return is_good;
}

bool backup_begin(const char *path, wp_lsn *start, wp_tli *tli, char message[MESSAGE_BYTES])
{
    char ignored[MESSAGE_BYTES];
    label_file found;
    const bool is_good =
        backup_label_read(path, &found, ignored) || label_of_backup(path, &found, message);
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
