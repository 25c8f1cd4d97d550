/*
 * backup_folder.c - see backup_folder.h.
 */
#include "backup/backup_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <walparse/datadir.h>

#include "backup/plain_file.h"
#include "base/message.h"
#include "file/tar.h"

/* Reads one file of a folder if it is wanted. *is_there: it exists, and has been read. */
static bool read_file(backup_files *b, const char *name, place at, bool *is_there)
{
    *is_there = backup_files_find(b, at) != NULL;
    if (!backup_files_wants(b, &at))
        return true;
    char *path = NULL;
    if (asprintf(&path, "%s/%s", b->path, name) < 0)
        return message_no_memory(b->message);
    const int fd = plain_file_open(path);
    struct stat st;
    bool is_good = fd >= 0 && fstat(fd, &st) == 0;
    *is_there = fd >= 0 || errno != ENOENT;
    backup_file *got = NULL;
    if (!is_good)
        is_good =
            !*is_there || message_fail(b->message, "cannot open \"%s\": %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        is_good = message_fail(b->message, "\"%s\" is not a file", path);
    else
        is_good = (got = backup_files_add(b, at, (uint64_t)st.st_size, name)) != NULL;
    if (got && !plain_file_read(fd, got->bytes, got->len, 0, &got->len))
        is_good = message_fail(b->message, "cannot read \"%s\": %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return is_good;
}

typedef bool visit_entry(backup_files *b, const char *folder, const char *entry);

/* Calls back with the entries of a folder of the backup, but for hidden ones. */
static bool each_entry(backup_files *b, const char *folder, visit_entry *visit)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", b->path, folder) < 0)
        return message_no_memory(b->message);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        (void)message_fail(b->message, "cannot open \"%s\": %s", path, strerror(errno));
        free(path);
        return false;
    }
    bool is_good = true;
    for (const struct dirent *entry; is_good && (errno = 0, entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            is_good = visit(b, folder, entry->d_name);
    if (is_good && errno)
        is_good = message_fail(b->message, "cannot read \"%s\": %s", path, strerror(errno));
    (void)closedir(dir);
    free(path);
    return is_good;
}

/* The parts of one relation, in folder "base/5" say. */
static bool read_relation(backup_files *b, const char *folder, wp_oid node)
{
    bool is_there = true;
    for (uint32_t part = 0; is_there; part++) {
        char name[TAR_NAME_BYTES];
        if (part == 0)
            (void)snprintf(name, sizeof name, "%s/%u", folder, node);
        else
            (void)snprintf(name, sizeof name, "%s/%u.%u", folder, node, part);
        if (!read_file(b, name, place_of(name, 0), &is_there))
            return false;
    }
    return true;
}

/* The folder of a database, if it is the one that holds its catalogs; or global. */
static bool read_database(backup_files *b, const char *folder)
{
    char map[TAR_NAME_BYTES];
    bool is_there;
    (void)snprintf(map, sizeof map, "%s/pg_filenode.map", folder);
    const place at = place_of(map, 0);
    if (at.kind != PLACE_MAP)
        return true;
    if (!read_file(b, map, at, &is_there))
        return false;
    for (size_t i = 0; is_there && i < b->nfollowed; i++)
        if (wp_catalog_is_shared(b->followed[i]) == (at.db == 0)
            && !read_relation(b, folder, b->followed[i]))
            return false;
    for (size_t i = 0; is_there && i < b->nmoved; i++)
        if (b->moved[i].db == at.db && !read_relation(b, folder, b->moved[i].filenode))
            return false;
    return true;
}

static bool visit_database(backup_files *b, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return entry[strspn(entry, "0123456789")] != '\0' || read_database(b, path);
}

static bool visit_version(backup_files *b, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return strncmp(entry, "PG_", 3) != 0 || each_entry(b, path, visit_database);
}

static bool visit_tablespace(backup_files *b, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return entry[strspn(entry, "0123456789")] != '\0' || each_entry(b, path, visit_version);
}

bool backup_folder_read(backup_files *b)
{
    static const char *const names[] = { "PG_VERSION", "backup_label", "global/pg_control" };
    bool is_there;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!read_file(b, names[i], place_of(names[i], 0), &is_there))
            return false;
    if (!backup_files_find(b, (place){ .kind = PLACE_VERSION }))
        return true; /* complained about later */
    return read_database(b, "global") && each_entry(b, "base", visit_database)
           && each_entry(b, "pg_tblspc", visit_tablespace);
}
