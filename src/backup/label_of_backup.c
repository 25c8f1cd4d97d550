/*
 * label_of_backup.c - see label_of_backup.h.
 */
#include "backup/label_of_backup.h"

#include <stdio.h>

#include "backup/source.h"
#include "base/message.h"

bool label_of_backup(const char *path, label_file *out, char message[MESSAGE_BYTES])
{
    const wanted_files nothing = { 0 };
    backup_files files;
    backup_parts parts;
    backup_about about = { 0 };
    parts_init(&parts, path);
    bool is_good = backup_files_init(&files, path, message);
    source *from = is_good ? source_open(path, message) : NULL;
    const reading r = { .whole = &files, .wanted = &nothing, .parts = &parts, .message = message };
    is_good = from && from->read(from, &r) && source_about(from, &files, &about, &parts.bytes_read);
    out->label = about.label;
    out->label.stop_lsn = about.stop_lsn;
    (void)snprintf(out->path, sizeof out->path, "%s", path);
    if (from)
        from->free(from);
    parts_free(&parts);
    backup_files_free(&files);
    return is_good;
}
