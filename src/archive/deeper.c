/* deeper.c - see deeper.h. */
#include "archive/deeper.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file/filename.h"
#include "base/grow.h"
#include "archive/layout.h"
#include "base/message.h"

#define LEVELS 8
#define FOLDERS_MAX 20000

typedef struct names {
    char **names;
    size_t n, room;
} names;

typedef struct search {
    deeper *out;
    size_t folders; /* looked into */
    char *message;
} search;

/* ---- what was found ------------------------------------------------------------------------- */

/* "0000000100000016": archivers put the segments of one log file into a folder of that name. */
static bool is_log_folder(const char *name)
{
    return strlen(name) == 16 && name[strspn(name, "0123456789ABCDEFabcdef")] == '\0';
}

/* The SOURCE that a folder with segments belongs to. NULL: no memory. */
static char *source_of(const char *folder, bool *is_data)
{
    char ignored[MESSAGE_BYTES];
    wal_layout own = { 0 };
    const char *base = filename_base(folder);
    const bool is_known = layout_of(folder, &own, ignored) && own.kind != LAYOUT_PLAIN && own.home;
    char *source;
    *is_data = is_known && own.kind == LAYOUT_DATA_DIRECTORY;
    if (is_known)
        source = strdup(own.home);
    else if (is_log_folder(base) && base > folder + 1)
        source = strndup(folder, (size_t)(base - folder) - 1);
    else
        source = strdup(folder);
    layout_free(&own);
    return source;
}

static bool add_source(search *s, const char *folder)
{
    deeper *out = s->out;
    bool is_data = false;
    char *source = source_of(folder, &is_data);
    if (!source)
        return message_no_memory(s->message);
    size_t i = 0;
    while (i < out->count && strcmp(out->paths[i], source) != 0)
        i++;
    if (i == DEEPER_MAX)
        out->has_more = true;
    if (i < out->count || i == DEEPER_MAX) {
        free(source);
        return true;
    }
    out->are_data[out->count] = is_data;
    out->paths[out->count++] = source;
    return true;
}

/* Where there is an archive, WAL inside of base backups is not what is looked for. */
static void drop_data_directories(deeper *out)
{
    size_t kept = 0;
    bool has_archive = false;
    for (size_t i = 0; i < out->count; i++)
        has_archive |= !out->are_data[i];
    for (size_t i = 0; has_archive && i < out->count; i++) {
        if (out->are_data[i])
            free(out->paths[i]);
        else
            out->paths[kept++] = out->paths[i];
    }
    out->count = has_archive ? kept : out->count;
}

/* ---- folders -------------------------------------------------------------------------------- */

static bool add_folder(search *s, const char *folder, const char *name, names *subs)
{
    char *path = NULL;
    struct stat st;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    if (asprintf(&path, "%s%s%s", folder, slash, name) < 0)
        return message_no_memory(s->message);
    if (lstat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        free(path);
        return true;
    }
    char **slot = GROW(subs->names, subs->n, subs->room);
    if (!slot) {
        free(path);
        return message_no_memory(s->message);
    }
    *slot = path;
    return true;
}

/* The folder's sub-folders, unless it has segments itself. */
static bool read_folder(search *s, const char *folder, bool *has_segments, names *subs)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return message_fail(s->message, "cannot open \"%s\": %s", folder, strerror(errno));
    bool is_good = true;
    for (const struct dirent *entry; is_good && !*has_segments && (entry = readdir(dir));) {
        const bool may_be_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (entry->d_name[0] == '.' || strcmp(entry->d_name, "lost+found") == 0)
            continue;
        *has_segments =
            entry->d_type != DT_DIR && filename_parse(entry->d_name).kind == FILENAME_SEGMENT;
        if (may_be_folder && !*has_segments)
            is_good = add_folder(s, folder, entry->d_name, subs);
    }
    (void)closedir(dir);
    return is_good;
}

static bool is_wal_folder(const char *path)
{
    const char *base = filename_base(path);
    return strcmp(base, "pg_wal") == 0 || strcmp(base, "pg_xlog") == 0;
}

/* A data directory has its WAL in one place. */
static void keep_wal_folders(names *subs)
{
    size_t kept = 0;
    bool has_one = false;
    for (size_t i = 0; i < subs->n; i++)
        has_one |= is_wal_folder(subs->names[i]);
    for (size_t i = 0; has_one && i < subs->n; i++) {
        if (is_wal_folder(subs->names[i]))
            subs->names[kept++] = subs->names[i];
        else
            free(subs->names[i]);
    }
    subs->n = has_one ? kept : subs->n;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool look(search *s, const char *folder, unsigned levels)
{
    names subs = { 0 };
    bool has_segments = false;
    if (s->folders++ == FOLDERS_MAX)
        return message_fail(s->message,
                            "no WAL segments in \"%s\" itself, and too many folders below: name "
                            "the one that holds the WAL",
                            folder);
    bool is_good = read_folder(s, folder, &has_segments, &subs);
    if (is_good && has_segments)
        is_good = add_source(s, folder);
    keep_wal_folders(&subs);
    if (subs.n > 0)
        qsort(subs.names, subs.n, sizeof *subs.names, by_name);
    for (size_t i = 0; is_good && !has_segments && levels > 0 && i < subs.n; i++)
        is_good = look(s, subs.names[i], levels - 1);
    for (size_t i = 0; i < subs.n; i++)
        free(subs.names[i]);
    free(subs.names);
    return is_good;
}

bool deeper_look(const char *folder, deeper *out, char message[MESSAGE_BYTES])
{
    search s = { .out = out, .message = message };
    *out = (deeper){ .count = 0 };
    const bool is_good = look(&s, folder, LEVELS);
    drop_data_directories(out);
    return is_good;
}

void deeper_free(deeper *d)
{
    for (size_t i = 0; i < d->count; i++)
        free(d->paths[i]);
    *d = (deeper){ .count = 0 };
}
