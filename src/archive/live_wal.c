/* live_wal.c - see live_wal.h. */
#include "archive/live_wal.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/archive.h"

/* Is the folder, the first len bytes of a path, called so? */
static bool is_called(const char *path, size_t len, const char *name)
{
    const size_t n = strlen(name);
    return len >= n && memcmp(path + len - n, name, n) == 0
           && (len == n || path[len - n - 1] == '/');
}

bool live_has_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    const size_t len = slash ? (size_t)(slash - path) : 0;
    if (slash && (is_called(path, len, "pg_wal") || is_called(path, len, "pg_xlog")))
        return true;
    char notes[PATH_MAX];
    struct stat st;
    const int n =
        snprintf(notes, sizeof notes, "%.*s%sarchive_status", (int)len, path, slash ? "/" : "");
    return n > 0 && (size_t)n < sizeof notes && stat(notes, &st) == 0 && S_ISDIR(st.st_mode);
}

/* (Of a remote archive, paths are but names.) */
bool live_has_newest(const archive *wal)
{
    return wal->remote == NULL && wal->nsegments > 0
           && live_has_file(wal->segments[wal->nsegments - 1].path);
}

bool live_is_all(const archive *wal)
{
    if (wal->remote != NULL)
        return false;
    for (size_t i = 0; i < wal->nsegments; i++)
        if (!live_has_file(wal->segments[i].path))
            return false;
    return wal->nsegments > 0;
}
