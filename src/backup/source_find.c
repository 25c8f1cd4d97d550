/*
 * source_find.c - which layout a backup has.
 *
 *   PG_VERSION                         a folder as pg_basebackup -F plain leaves it
 *   base.tar*, OID.tar*                pg_basebackup -F tar
 *   backup.manifest                    pgBackRest
 *   tar_partitions/part_N.tar*         WAL-G
 *   data/, data/base.tar*, OID/        Barman, pgmoneta (files packed one by one)
 *   data.tar*, data_NNNN.tar*, OID*    barman-cloud
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archiver_catalog_text.h"
#include "backup/backup_info.h"
#include "backup/source.h"
#include "base/grow.h"
#include "base/message.h"
#include "base/opened.h"
#include "file/filename.h"

/* Larger ones are of versions that list all files there. */
#define SENTINEL_BYTES ((size_t)1 << 20)

static bool holds(const char *folder, const char *name)
{
    char *path = NULL;
    struct stat st;
    const bool is_there = asprintf(&path, "%s/%s", folder, name) >= 0 && stat(path, &st) == 0;
    free(path);
    return is_there;
}

/* Is there a file of this name, or one that begins with it and a dot? */
static bool holds_packed(const char *folder, const char *name)
{
    DIR *dir = opendir(folder);
    bool is_there = false;
    const size_t len = strlen(name);
    for (const struct dirent *entry; dir && !is_there && (entry = readdir(dir));)
        is_there = strncmp(entry->d_name, name, len) == 0
                   && (entry->d_name[len] == '\0' || entry->d_name[len] == '.');
    if (dir)
        (void)closedir(dir);
    return is_there;
}

/* ---- archives ------------------------------------------------------------------------------- */

/* "part_003.tar.lz4" after "part_": 3; "data.tar" after "data": 0, "data_0001.tar": 1. False: another file. */
static bool part_number(const char *name, const char *prefix, unsigned long *out)
{
    const size_t len = strlen(prefix);
    if (strncmp(name, prefix, len) != 0)
        return false;
    name += len;
    name += *name == '_';
    char *end;
    *out = strtoul(name, &end, 10);
    return strncmp(end, ".tar", 4) == 0;
}

/* Archives of a folder that are named like that. *last, *n: the highest number, and how many there are. */
static bool add_parts(backup_tars *t, const char *folder, const char *prefix, unsigned long *last,
                      unsigned long *n, char *message)
{
    DIR *dir = opendir(folder);
    bool is_good = dir || message_fail(message, "cannot open \"%s\": %s", folder, strerror(errno));
    *last = *n = 0;
    for (const struct dirent *entry; is_good && dir && (entry = readdir(dir));) {
        unsigned long number;
        char *path = NULL;
        if (!part_number(entry->d_name, prefix, &number))
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            path = NULL;
        is_good = backup_tars_add(t, path, message);
        *last = number > *last ? number : *last;
        ++*n;
    }
    if (dir)
        (void)closedir(dir);
    return is_good;
}

static source *open_parts(backup_tars *tars, const char *folder, bool is_good, char *message)
{
    source *out = is_good ? source_tars_open(tars, folder, false, message) : NULL;
    if (!out)
        backup_tars_free(tars);
    return out;
}

/* base_SEGMENT_backup_stop_sentinel.json beside the folder. False with one line in message: it is of a delta. */
static bool read_sentinel(const char *path, wp_lsn *stop, char *message)
{
    char *name = NULL, from[256];
    uint8_t *text = malloc(SENTINEL_BYTES);
    const bool has_memory = text && asprintf(&name, "%s_backup_stop_sentinel.json", path) >= 0;
    FILE *f = has_memory ? fopen(name, "r") : NULL;
    const wp_view object = { text, f ? fread(text, 1, SENTINEL_BYTES, f) : 0 };
    if (f) {
        opened_note(name);
        (void)fclose(f);
    }
    /* An LSN is a number there. */
    if (!archiver_catalog_json_get(object, "FinishLSN", from, sizeof from)
        || !archiver_catalog_number(from, stop))
        *stop = 0;
    const bool is_delta = strstr(filename_base(path), "_D_")
                          || (archiver_catalog_json_get(object, "DeltaFrom", from, sizeof from)
                              && strcmp(from, "null") != 0);
    free(text);
    free(name);
    if (!has_memory)
        return message_no_memory(message);
    return !is_delta
           || message_fail(message,
                           "backup \"%s\" is a delta of WAL-G: restore it with wal-g backup-fetch, "
                           "and give the restored folder",
                           path);
}

static source *open_walg(const char *path, char *message)
{
    backup_tars tars = { 0 };
    char *folder = NULL;
    unsigned long last, n, control;
    wp_lsn stop;
    if (!read_sentinel(path, &stop, message))
        return NULL;
    if (asprintf(&folder, "%s/tar_partitions", path) < 0) {
        (void)message_no_memory(message);
        return NULL;
    }
    bool is_good = add_parts(&tars, folder, "part", &last, &n, message);
    if (is_good && (n == 0 || n != last))
        is_good =
            message_fail(message,
                         "\"%s\" has %lu files part_N.tar, and the last one is number %lu: it "
                         "is not whole",
                         folder, n, last);
    is_good = is_good && add_parts(&tars, folder, "pg_control", &last, &control, message);
    source *out = open_parts(&tars, folder, is_good, message);
    if (out)
        out->stop_lsn = stop;
    free(folder);
    return out;
}

/* "data_0002.tar" needs a "data_0001.tar". */
static bool check_numbers(const backup_tars *t, char *message)
{
    for (size_t i = 0; i < t->n; i++) {
        const char *name = filename_base(t->paths[i]), *end = strchr(name, '_');
        const size_t len = end ? (size_t)(end - name) : 0;
        const unsigned long number = end ? strtoul(end + 1, NULL, 10) : 0;
        bool is_there = number == 0;
        for (size_t k = 0; !is_there && k < t->n; k++) {
            const char *other = filename_base(t->paths[k]);
            is_there = strncmp(other, name, len) == 0
                       && (other[len] == '_'   ? strtoul(other + len + 1, NULL, 10) == number - 1
                           : other[len] == '.' ? number == 1
                                               : false);
        }
        if (!is_there)
            return message_fail(message, "\"%s\" is there, and the archive before it is not",
                                t->paths[i]);
    }
    return true;
}

/* data.tar and its further parts, and those of tablespaces. */
static source *open_barman_cloud(const char *path, char *message)
{
    backup_tars tars = { 0 };
    unsigned long last, n;
    const bool is_good = add_parts(&tars, path, "data", &last, &n, message)
                         && backup_tars_add_tablespaces(&tars, path, message)
                         && check_numbers(&tars, message);
    return open_parts(&tars, path, is_good, message);
}

/* ---- folders -------------------------------------------------------------------------------- */

static source *open_folder_or_tars(const char *path, const char *beside, char *message)
{
    backup_tars tars;
    source *out = NULL;
    if (holds_packed(path, "PG_VERSION"))
        return source_folder_open(path, beside, message);
    if (!backup_tars_find(path, &tars, message))
        return NULL;
    if (tars.n == 0)
        return source_folder_open(path, beside, message);
    char *folder = backup_tars_folder(&tars);
    if (folder)
        out = source_tars_open(&tars, folder, true, message);
    else
        (void)message_no_memory(message);
    free(folder);
    if (!out)
        backup_tars_free(&tars);
    return out;
}

/* Of Barman and pgmoneta: what they have of the server lies in data. */
static source *open_data(const char *path, char *message)
{
    backup_info info;
    char *data = NULL;
    backup_info_read(path, &info);
    if (!backup_info_is_done(&info)) {
        (void)message_fail(message, "backup \"%s\" did not end well: its status is %s", path,
                           info.status);
        return NULL;
    }
    if (asprintf(&data, "%s/data", path) < 0) {
        (void)message_no_memory(message);
        return NULL;
    }
    source *out = open_folder_or_tars(data, path, message);
    free(data);
    return out;
}

/* path has no slash at its end. */
static source *open_layout(const char *path, char *message)
{
    const bool is_probackup = holds(path, "backup.control"), is_rman = holds(path, "backup.ini");
    source *out;
    if (holds(path, "database") && (is_probackup || is_rman)) {
        (void)message_fail(message,
                           "backup \"%s\" is one of %s, whose files this program does not read: "
                           "restore it, and give the restored folder",
                           path, is_probackup ? "pg_probackup" : "pg_rman");
        return NULL;
    }
    if (holds(path, "backup.info") && holds(path, "backup.info.copy")) {
        (void)message_fail(message,
                           "\"%s\" has all backups of a pgBackRest stanza: give one of them, as "
                           "\"%s/latest\"",
                           path, path);
        return NULL;
    }
    if (holds(path, "PG_VERSION") || holds_packed(path, "base"))
        return open_folder_or_tars(path, NULL, message);
    if (holds(path, "tar_partitions"))
        return open_walg(path, message);
    if (holds(path, "data"))
        out = open_data(path, message);
    else if (holds(path, "backup.manifest") || holds(path, "backup.manifest.copy"))
        return source_pgbackrest_open(path, message);
    else if (holds_packed(path, "data"))
        out = open_barman_cloud(path, message);
    else
        return open_folder_or_tars(path, NULL, message);
    if (out) {
        backup_info info;
        backup_info_read(path, &info);
        out->stop_lsn = info.stop_lsn;
        memcpy(out->label, info.label, sizeof out->label);
    }
    return out;
}

source *source_open(const char *path, char message[MESSAGE_BYTES])
{
    char *trimmed = strdup(path);
    source *out = NULL;
    for (size_t len = trimmed ? strlen(trimmed) : 0; len > 1 && trimmed[len - 1] == '/'; len--)
        trimmed[len - 1] = '\0';
    if (trimmed)
        out = open_layout(trimmed, message);
    else
        (void)message_no_memory(message);
    free(trimmed);
    return out;
}
