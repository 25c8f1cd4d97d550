/* output.c - see output.h. */
#include "command/report/output.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/message.h"
#include "base/temporary.h"

#define FILES_MAX 2
#define FOLDER_MODE 0700

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool is_there(const char *folder, const char *name)
{
    char *path = join(folder, name);
    const bool answer = path != NULL && access(path, F_OK) == 0;
    free(path);
    return answer;
}

bool output_check(const char *folder, const char *name, char message[MESSAGE_BYTES])
{
    static const char *const names[] = { "report.html", "report.json", "report.jsonl" };
    struct stat status;
    if (stat(folder, &status) != 0)
        return errno == ENOENT
               || message_fail(message, "cannot open \"%.300s\": %s", folder, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return message_fail(message, "\"%.300s\" is no folder", folder);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) != 0 && is_there(folder, names[i]))
            return message_fail(message, "\"%.300s\" has a report already, %s: name another folder",
                                folder, names[i]);
    return true;
}

/* Has the file these bytes? *is_there: there is one. */
static bool is_same(const char *path, const text *content, bool *is_there)
{
    FILE *file = fopen(path, "rb");
    *is_there = file != NULL || errno != ENOENT;
    if (file == NULL)
        return false;
    const char *at = text_chars(content);
    size_t left = content->len, n;
    char chunk[4096];
    bool same = true;
    while (same && (n = fread(chunk, 1, sizeof chunk, file)) > 0) {
        same = n <= left && memcmp(chunk, at, n) == 0;
        at += same ? n : 0;
        left -= same ? n : 0;
    }
    same = same && left == 0 && ferror(file) == 0;
    (void)fclose(file);
    return same;
}

static bool write_all(int fd, const text *content)
{
    const char *at = text_chars(content);
    for (size_t left = content->len; left > 0;) {
        const ssize_t n = write(fd, at, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        left -= (size_t)n;
    }
    return true;
}

/* Put into place when all of them are written. */
typedef struct pending {
    char *path, *temporary; /* temporary NULL: it is there as it should be */
    int fd;
} pending;

static bool prepare(const char *folder, const output_file *file, pending *out,
                    char message[MESSAGE_BYTES])
{
    bool there;
    out->path = join(folder, file->name);
    if (out->path == NULL)
        return message_no_memory(message);
    if (is_same(out->path, file->content, &there))
        return true;
    if (there)
        return message_fail(message,
                            "\"%.300s\" is there, and is another report: name another folder, or "
                            "remove it first",
                            out->path);
    out->fd = temporary_file(out->path, &out->temporary, message);
    if (out->fd < 0)
        return false;
    return write_all(out->fd, file->content)
           || message_fail(message, "cannot write \"%.300s\": %s", out->path, strerror(errno));
}

static bool keep(pending *one, char message[MESSAGE_BYTES])
{
    if (one->temporary == NULL)
        return true;
    char *temporary = one->temporary;
    one->temporary = NULL;
    return temporary_keep(temporary, one->fd, one->path, message);
}

bool output_write(const char *folder, const output_file *files, size_t nfiles,
                  char message[MESSAGE_BYTES])
{
    pending all[FILES_MAX] = { { .fd = -1 }, { .fd = -1 } };
    assert(nfiles <= FILES_MAX);
    const bool is_new = mkdir(folder, FOLDER_MODE) == 0;
    bool is_good = is_new || errno == EEXIST
                   || message_fail(message, "cannot make \"%.300s\": %s", folder, strerror(errno));
    for (size_t i = 0; i < nfiles && is_good; i++)
        is_good = prepare(folder, &files[i], &all[i], message);
    for (size_t i = 0; i < nfiles && is_good; i++)
        is_good = keep(&all[i], message);
    for (size_t i = 0; i < nfiles; i++) {
        temporary_drop(all[i].temporary);
        if (all[i].fd >= 0)
            (void)close(all[i].fd);
        free(all[i].path);
    }
    if (!is_good && is_new)
        (void)rmdir(folder); /* nothing where nothing could be written */
    return is_good;
}
