/*
 * about.c - see about.h.
 */
#include "backup/about.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup/backup_files.h"
#include "backup/plain_file.h"
#include "base/message.h"

/* Of a backup_manifest only both ends are of use. */
#define MANIFEST_END_BYTES ((size_t)64 << 10)

static const backup_file *need_file(const backup_files *files, place_kind kind, const char *name,
                                    const char *why)
{
    const backup_file *got = backup_files_find(files, (place){ .kind = kind });
    if (!got)
        (void)message_fail(files->message, "backup \"%s\" has no %s: %s", files->path, name, why);
    return got;
}

static bool read_version(const backup_files *files, backup_about *out)
{
    const backup_file *got = need_file(files, PLACE_VERSION, "PG_VERSION",
                                       "it is not a data directory and holds no base.tar");
    if (!got)
        return false;
    char major[8] = "";
    memcpy(major, got->bytes, got->len < sizeof major ? got->len : sizeof major - 1);
    major[strcspn(major, "\r\n")] = '\0';
    out->profile = wp_profile_by_major(major);
    return out->profile
           || message_fail(files->message,
                           "backup \"%s\" is one of PostgreSQL \"%s\", which is not supported",
                           files->path, major);
}

static bool read_label(const backup_files *files, backup_about *out)
{
    const backup_file *got = need_file(files, PLACE_LABEL, "backup_label",
                                       "it is not a base backup, or was started already");
    wp_error err;
    if (!got)
        return false;
    if (wp_backup_label_parse(backup_file_view(got), &out->label, &err) < 0)
        return backup_files_fail(files, "backup_label", &err);
    if (out->label.timeline == 0)
        return message_fail(files->message, "backup \"%s\", backup_label: it tells no timeline",
                            files->path);
    return !out->label.is_incremental
           || message_fail(files->message,
                           "backup \"%s\" is incremental: combine it with those before it "
                           "(pg_combinebackup)",
                           files->path);
}

static bool read_control(const backup_files *files, backup_about *out)
{
    const backup_file *got =
        need_file(files, PLACE_CONTROL, "global/pg_control", "it is not whole");
    wp_error err;
    if (!got)
        return false;
    if (wp_control_parse(out->profile, backup_file_view(got), &out->control, &err) < 0)
        return backup_files_fail(files, "global/pg_control", &err);
    out->has_checksums = out->control.checksum_version == 1;
    /* The end of a backup that a standby gave is written nowhere else. */
    if (out->label.is_from_standby)
        out->stop_lsn = out->control.min_recovery;
    return true;
}

static bool read_manifest(const backup_files *files, const char *folder, backup_about *out,
                          uint64_t *manifest_bytes)
{
    char *path = NULL;
    uint8_t *bytes = malloc(MANIFEST_END_BYTES);
    bool is_good = bytes && asprintf(&path, "%s/backup_manifest", folder) >= 0;
    if (!is_good)
        (void)message_no_memory(files->message);
    const int fd = is_good ? plain_file_open(path) : -1;
    struct stat st;
    size_t len = 0;
    wp_backup_manifest end = { 0 };
    if (fd >= 0 && fstat(fd, &st) == 0) {
        const off_t at =
            st.st_size > (off_t)MANIFEST_END_BYTES ? st.st_size - (off_t)MANIFEST_END_BYTES : 0;
        is_good = plain_file_read(fd, bytes, MANIFEST_END_BYTES, at, &len)
                  || message_fail(files->message, "cannot read \"%s\": %s", path, strerror(errno));
        if (is_good)
            wp_backup_manifest_parse((wp_view){ bytes, len }, &end);
    }
    if (end.end_lsn > out->label.start_lsn)
        out->stop_lsn = end.end_lsn;
    *manifest_bytes = len;
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    free(path);
    return is_good;
}

bool backup_about_read(const backup_files *files, const char *folder, backup_about *out,
                       uint64_t *manifest_bytes)
{
    *out = (backup_about){ 0 };
    *manifest_bytes = 0;
    return read_version(files, out) && read_label(files, out) && read_control(files, out)
           && read_manifest(files, folder, out, manifest_bytes);
}
