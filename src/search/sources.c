/* sources.c - see sources.h. */
#include "search/sources.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "archive/backup_label.h"
#include "server/names.h"
#include "base/message.h"
#include "file/filename.h"

static bool open_archive(const question *q, archive *out, char message[MESSAGE_BYTES])
{
    archive_limits limits = question_limits(q, q->timeline);
    limits.command = q->from_command;
    if (limits.command != NULL && q->nsources == 0 && q->backup != NULL
        && !backup_begin(q->backup, &limits.begin_lsn, &limits.begin_tli, message))
        return false;
    return archive_open(q->sources, q->nsources, &limits, out, message);
}

/* The backup's label must be the one in the directory it was restored to. */
static bool is_restored_from(const data_directory *into, const backup *base,
                             char message[MESSAGE_BYTES])
{
    label_file there;
    char start[WP_LSN_TEXT_BYTES], wanted[WP_LSN_TEXT_BYTES];
    if (!into->has_label)
        return true;
    if (!backup_label_read(into->path, &there, message))
        return false;
    return there.label.start_lsn == base->label.start_lsn
           || message_fail(
               message, "\"%s\" was restored from another backup: it starts at %s, --backup at %s",
               into->path, wp_lsn_format(there.label.start_lsn, start),
               wp_lsn_format(base->label.start_lsn, wanted));
}

/* NULL: none. */
static const char *backup_path(const question *q, const sources *from)
{
    if (q->backup != NULL || from->into == NULL || !from->into->has_label)
        return q->backup;
    return from->into->path;
}

static bool open_backup(const char *path, sources *out, char message[MESSAGE_BYTES])
{
    backup *base = &out->own.base;
    if (!backup_open(path, out->wal->segments[0].start_lsn, base, message)
        || !backup_fits(base, out->wal, message)
        || (out->into != NULL && !is_restored_from(out->into, base, message)))
        return false;
    out->base = base;
    return true;
}

bool sources_open(const question *q, const char *into, sources *out, char message[MESSAGE_BYTES])
{
    *out = (sources){ .own.into.fd = -1 };
    out->warnings = &out->own.warnings;
    if (!open_archive(q, &out->own.wal, message))
        return false;
    out->wal = &out->own.wal;
    if (into != NULL && !data_directory_open(into, out->wal, &out->own.into, message))
        return false;
    out->into = into != NULL ? &out->own.into : NULL;
    const char *path = backup_path(q, out);
    if (path != NULL && !open_backup(path, out, message))
        return false;
    if (q->dsn != NULL
        && !server_names(q->dsn, out->wal->info.profile, out->wal->info.system_identifier,
                         &out->own.external_names, &out->own.warnings, message))
        return false;
    out->external_names = out->own.external_names;
    return true;
}

void sources_free(sources *from)
{
    wp_external_names_free(from->own.external_names);
    backup_free(&from->own.base);
    data_directory_close(&from->own.into);
    text_list_free(&from->own.warnings);
    archive_free(&from->own.wal);
}

const char *sources_stray_word(const question *q)
{
    for (size_t i = 0; i < q->nsources; i++)
        if (strchr(q->sources[i], '/') == NULL && access(q->sources[i], F_OK) != 0
            && errno == ENOENT && filename_parse(q->sources[i]).kind == FILENAME_OTHER)
            return q->sources[i];
    return NULL;
}
