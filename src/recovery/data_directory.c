/*
 * data_directory.c - see data_directory.h.
 *
 * Everything is done relative to the open directory. Its owner may be somebody else than who runs this (root),
 * so no symbolic link in it is followed when something is written.
 */
#include "recovery/data_directory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"

#define TEMPORARY_SUFFIX ".pitr-find.tmp"
#define NAME_BYTES 64

/* ---- reading -------------------------------------------------------------------------------- */

bool data_directory_has(const data_directory *dir, const char *name)
{
    struct stat st;
    return fstatat(dir->fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool fail_file(const data_directory *dir, const char *name, const char *why, char *message)
{
    if (*name == '/')
        return message_fail(message, "cannot read \"%s\": %s", name, why);
    return message_fail(message, "cannot read \"%s/%s\": %s", dir->path, name, why);
}

bool data_directory_read(const data_directory *dir, const char *name, bool follows_links, text *out,
                         bool *is_there, char message[MESSAGE_BYTES])
{
    const int fd =
        openat(dir->fd, name,
               O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | (follows_links ? 0 : O_NOFOLLOW));
    struct stat st;
    text_clear(out);
    *is_there = fd >= 0 || errno != ENOENT;
    if (!*is_there)
        return true;
    if (fd < 0)
        return fail_file(dir, name, strerror(errno), message);
    const char *why = NULL;
    if (fstat(fd, &st) != 0)
        why = strerror(errno);
    else if (!S_ISREG(st.st_mode))
        why = "it is not a file";
    char buf[8192];
    ssize_t n = 0;
    while (why == NULL && (n = read(fd, buf, sizeof buf)) != 0) {
        if (n > 0)
            text_add_bytes(out, buf, (size_t)n);
        else if (errno != EINTR)
            why = strerror(errno);
        if (out->len > DATADIR_FILE_BYTES_MAX)
            why = "it is too large";
    }
    (void)close(fd);
    if (why == NULL && out->failed)
        return message_no_memory(message);
    return why == NULL || fail_file(dir, name, why, message);
}

/* ---- what it is ----------------------------------------------------------------------------- */

static bool check_version(const data_directory *dir, const wp_profile *profile, char *message)
{
    text version = { 0 };
    bool is_there = false;
    bool is_good = data_directory_read(dir, "PG_VERSION", false, &version, &is_there, message);
    const char *line = text_chars(&version);
    const int len = (int)strcspn(line, "\r\n");
    if (is_good && !is_there)
        is_good = message_fail(
            message,
            "\"%s\" is not a data directory: it has no PG_VERSION; restore the base backup there",
            dir->path);
    else if (is_good
             && ((size_t)len != strlen(profile->major)
                 || strncmp(line, profile->major, (size_t)len) != 0))
        is_good = message_fail(
            message, "\"%s\" is a data directory of PostgreSQL %.*s, and the WAL is of %s",
            dir->path, len < 20 ? len : 20, line, profile->major);
    text_free(&version);
    return is_good;
}

static bool check_cluster(data_directory *dir, const archive *wal, char *message)
{
    text bytes = { 0 };
    bool is_there = false;
    wp_error err;
    bool is_good = data_directory_read(dir, "global/pg_control", false, &bytes, &is_there, message);
    const wp_view view = { (const uint8_t *)bytes.bytes, bytes.len };
    if (is_good && !is_there)
        is_good =
            message_fail(message, "\"%s\" has no global/pg_control: it is not whole", dir->path);
    else if (is_good && wp_control_parse(wal->info.profile, view, &dir->control, &err) < 0)
        is_good = message_fail(message, "\"%s/global/pg_control\": %s", dir->path, err.text);
    else if (is_good && dir->control.system_identifier != wal->info.system_identifier)
        is_good = message_fail(
            message,
            "\"%s\" is of another cluster (system identifier %" PRIu64 ", the WAL has %" PRIu64 ")",
            dir->path, dir->control.system_identifier, wal->info.system_identifier);
    text_free(&bytes);
    return is_good;
}

/* A postmaster's working directory is its data directory. True where that cannot be told. */
static bool may_work_here(const data_directory *dir, long pid)
{
    char cwd[64];
    struct stat there, here;
    (void)snprintf(cwd, sizeof cwd, "/proc/%ld/cwd", pid);
    if (stat(cwd, &there) != 0 || fstat(dir->fd, &here) != 0)
        return true;
    return there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

/* postmaster.pid: its first line is the process, negative for a server without a postmaster. */
static bool check_stopped(const data_directory *dir, char *message)
{
    text lock = { 0 };
    bool is_there = false;
    bool is_good = data_directory_read(dir, "postmaster.pid", false, &lock, &is_there, message);
    const long pid = labs(strtol(text_chars(&lock), NULL, 10));
    const bool is_alive = is_good && pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
    if (is_alive && may_work_here(dir, pid))
        is_good = message_fail(message, "a server runs in \"%s\" (process %ld): stop it first",
                               dir->path, pid);
    else if (is_alive)
        is_good =
            message_fail(message,
                         "\"%s/postmaster.pid\" is left from elsewhere and names process %ld, "
                         "which runs: no server starts with it; remove that file",
                         dir->path, pid);
    text_free(&lock);
    return is_good;
}

static bool check_owner(data_directory *dir, char *message)
{
    struct stat st;
    if (fstat(dir->fd, &st) != 0)
        return message_fail(message, "cannot read \"%s\": %s", dir->path, strerror(errno));
    dir->owner = st.st_uid;
    dir->group = st.st_gid;
    dir->file_mode = (st.st_mode & 0777) == 0750 ? 0640 : 0600; /* as the server makes them */
    if (geteuid() != 0 && geteuid() != st.st_uid)
        return message_fail(message,
                            "\"%s\" belongs to another user (%u): run as that user, or as root",
                            dir->path, (unsigned)st.st_uid);
    return true;
}

bool data_directory_open(const char *path, const archive *wal, data_directory *out,
                         char message[MESSAGE_BYTES])
{
    *out = (data_directory){ .path = path, .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
    if (out->fd < 0)
        return message_fail(message, "cannot open data directory \"%s\": %s", path,
                            strerror(errno));
    out->has_label = data_directory_has(out, "backup_label");
    return check_version(out, wal->info.profile, message) && check_cluster(out, wal, message)
           && check_owner(out, message) && check_stopped(out, message);
}

void data_directory_close(data_directory *dir)
{
    if (dir->fd >= 0)
        (void)close(dir->fd);
    dir->fd = -1;
}

/* ---- writing -------------------------------------------------------------------------------- */

static void temporary_name(const char *name, char out[NAME_BYTES])
{
    (void)snprintf(out, NAME_BYTES, "%s" TEMPORARY_SUFFIX, name);
}

static bool write_all(int fd, const text *content)
{
    for (size_t at = 0; at < content->len;) {
        const ssize_t n = write(fd, content->bytes + at, content->len - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* As root the file is given to whom the directory belongs. */
static bool set_owner(const data_directory *dir, int fd)
{
    return (geteuid() != 0 || fchown(fd, dir->owner, dir->group) == 0)
           && fchmod(fd, dir->file_mode) == 0;
}

static bool write_temporary(const data_directory *dir, const data_directory_file *file,
                            char *message)
{
    char name[NAME_BYTES];
    temporary_name(file->name, name);
    (void)unlinkat(dir->fd, name, 0); /* left by a run that was killed */
    const int fd =
        openat(dir->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return message_fail(message, "cannot write into \"%s\": %s; nothing was changed", dir->path,
                            strerror(errno));
    const bool is_good = write_all(fd, &file->content) && set_owner(dir, fd) && fsync(fd) == 0;
    if (!is_good)
        (void)message_fail(message, "cannot write \"%s/%s\": %s; nothing was changed", dir->path,
                           name, strerror(errno));
    return (close(fd) == 0 || !is_good
            || message_fail(message, "cannot write \"%s/%s\": %s; nothing was changed", dir->path,
                            name, strerror(errno)))
           && is_good;
}

static bool put_into_place(const data_directory *dir, const data_directory_file *file,
                           char *message)
{
    char name[NAME_BYTES];
    temporary_name(file->name, name);
    if (renameat(dir->fd, name, dir->fd, file->name) == 0 && fsync(dir->fd) == 0)
        return true;
    return message_fail(message, "cannot replace \"%s/%s\": %s", dir->path, file->name,
                        strerror(errno));
}

bool data_directory_write(const data_directory *dir, const data_directory_file *files, size_t n,
                          char message[MESSAGE_BYTES])
{
    bool is_good = true;
    for (size_t i = 0; is_good && i < n; i++)
        is_good = files[i].content.failed ? message_no_memory(message)
                                          : write_temporary(dir, &files[i], message);
    for (size_t i = 0; is_good && i < n; i++)
        is_good = put_into_place(dir, &files[i], message);
    for (size_t i = 0; !is_good && i < n; i++) {
        char name[NAME_BYTES];
        temporary_name(files[i].name, name);
        (void)unlinkat(dir->fd, name, 0);
    }
    return is_good;
}
