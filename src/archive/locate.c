/* locate.c - see locate.h. */
#include "archive/locate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archiver_catalog.h"
#include "archive/find.h"
#include "base/grow.h"
#include "codec/keyring.h"
#include "codec/packing.h"
#include "archive/layout.h"
#include "archive/live_wal.h"
#include "base/message.h"

/* Timeline and high half of the position: archivers make a folder for each, of a few thousand files at most. */
#define LOG_FOLDER_CHARS 16

typedef struct search {
    const char *name; /* without suffixes */
    size_t len;
    filename wanted;
    located_list *out;
    char *message;
} search;

/* ---- the list ------------------------------------------------------------------------------- */

static bool is_listed(const located_list *list, const char *path)
{
    struct stat a, b;
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->files[i].path, path) == 0
            || (stat(list->files[i].path, &a) == 0 && stat(path, &b) == 0 && a.st_dev == b.st_dev
                && a.st_ino == b.st_ino))
            return true;
    return false;
}

/* Takes over the path. The same file by two ways counts once. */
static bool add(search *s, char *path, bool is_partial)
{
    if (!path)
        return message_no_memory(s->message);
    if (is_listed(s->out, path)) {
        free(path);
        return true;
    }
    located *slot = GROW(s->out->files, s->out->count, s->out->room);
    if (!slot) {
        free(path);
        return message_no_memory(s->message);
    }
    *slot = (located){ .path = path, .is_partial = is_partial, .is_live = live_has_file(path) };
    return true;
}

/* Is it the file asked for, whatever it is packed in? */
static bool is_wanted(const search *s, const char *base)
{
    return strncmp(base, s->name, s->len) == 0 && filename_parse(base).kind == s->wanted.kind;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    const size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* ---- folders -------------------------------------------------------------------------------- */

static bool try_name(search *s, const char *folder, const char *suffix)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s%s", folder, s->name, suffix) < 0)
        return message_no_memory(s->message);
    if (access(path, F_OK) == 0)
        return add(s, path, false);
    free(path);
    return true;
}

/* Tries the names a file may have; *.partial and encrypted ones are left to those who list the folder. */
static bool try_names(search *s, const char *folder)
{
    const char *suffix;
    packing_id of;
    for (size_t i = 0; (suffix = packing_suffix(i, &of)); i++)
        if ((of == PACKING_PLAIN || packing_at(of)->is_compressed) && !try_name(s, folder, suffix))
            return false;
    return try_name(s, folder, FILENAME_BARE_DOT);
}

static bool list_folder(search *s, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir && errno == ENOENT)
        return true;
    if (!dir)
        return message_fail(s->message, "cannot open \"%s\": %s", folder, strerror(errno));
    bool is_good = true;
    errno = 0;
    for (const struct dirent *entry; is_good && (entry = readdir(dir)); errno = 0)
        if (is_wanted(s, entry->d_name))
            is_good = add(s, join(folder, entry->d_name), filename_parse(entry->d_name).is_partial);
    if (is_good && errno)
        is_good = message_fail(s->message, "cannot read \"%s\": %s", folder, strerror(errno));
    (void)closedir(dir);
    return is_good;
}

static bool is_log_folder(const char *folder)
{
    const char *base = filename_base(folder);
    return strlen(base) == LOG_FOLDER_CHARS && strspn(base, "0123456789ABCDEF") == LOG_FOLDER_CHARS;
}

/* A folder that may have the file itself, or the folder it is in. */
static bool look_into(search *s, const char *folder)
{
    if (is_log_folder(folder))
        return strncmp(filename_base(folder), s->name, LOG_FOLDER_CHARS) != 0
               || list_folder(s, folder);
    if (!try_names(s, folder))
        return false;
    if (s->wanted.kind == FILENAME_HISTORY)
        return true;
    char below[LOG_FOLDER_CHARS + 1];
    (void)snprintf(below, sizeof below, "%s", s->name);
    char *path = join(folder, below);
    const bool is_good = path ? list_folder(s, path) : message_no_memory(s->message);
    free(path);
    return is_good;
}

/* ---- sources -------------------------------------------------------------------------------- */

/* The passphrase that WAL is encrypted with may stand there, encrypted with the one that was given. */
static bool read_keys(const wal_layout *layout, char *message)
{
    if (keyring_count() == 0)
        return true;
    prober prober_ = { 0 };
    catalogue all = { 0 };
    const bool is_good = archiver_catalog_read(layout, &prober_, &all, message);
    archiver_catalog_free(&all);
    probe_free(&prober_);
    return is_good;
}

static bool look_into_source(search *s, const char *source)
{
    struct stat st;
    if (stat(source, &st) != 0)
        return message_fail(s->message, "cannot open \"%s\": %s", source, strerror(errno));
    if (!S_ISDIR(st.st_mode))
        return !is_wanted(s, filename_base(source))
               || add(s, strdup(source), filename_parse(filename_base(source)).is_partial);
    const size_t nbefore = s->out->count;
    if (!look_into(s, source))
        return false;
    if (s->out->count > nbefore && keyring_count() == 0)
        return true; /* asking for the layout reads the folder */
    wal_layout layout;
    bool is_good = layout_of(source, &layout, s->message);
    if (is_good && layout.kind != LAYOUT_PLAIN)
        is_good = read_keys(&layout, s->message);
    for (size_t i = 0; is_good && layout.kind != LAYOUT_PLAIN && i < layout.nfolders; i++)
        is_good = look_into(s, layout.folders[i]);
    layout_free(&layout);
    return is_good;
}

static bool is_segment(const search *s, const filename *name)
{
    const wp_segment_name *a = &name->segment, *b = &s->wanted.segment;
    return s->wanted.kind == FILENAME_SEGMENT && name->kind == FILENAME_SEGMENT && a->tli == b->tli
           && a->log == b->log && a->seg == b->seg;
}

/* The way of all other commands, which reads all folders. */
static bool look_everywhere(search *s, char *const *sources, size_t nsources)
{
    find_list all;
    bool is_good = find_sources(sources, nsources, &all, s->message);
    for (size_t i = 0; is_good && i < all.nfiles; i++)
        if (is_segment(s, &all.files[i].name))
            is_good = add(s, strdup(all.files[i].path), all.files[i].name.is_partial);
    for (size_t i = 0; is_good && i < all.nhistories; i++)
        if (s->wanted.kind == FILENAME_HISTORY && all.histories[i].tli == s->wanted.segment.tli)
            is_good = add(s, strdup(all.histories[i].path), false);
    for (size_t i = 0; is_good && i < all.nbackups; i++)
        if (s->wanted.kind == FILENAME_BACKUP && strstr(all.backups[i], s->name))
            is_good = add(s, strdup(all.backups[i]), false);
    find_free(&all);
    return is_good;
}

static void put_partial_last(located_list *list)
{
    for (size_t i = 1; i < list->count; i++)
        for (size_t j = i; j > 0 && list->files[j - 1].is_partial && !list->files[j].is_partial;
             j--) {
            const located moved = list->files[j];
            list->files[j] = list->files[j - 1];
            list->files[j - 1] = moved;
        }
}

bool locate(const char *name, char *const *sources, size_t nsources, located_list *out,
            char message[MESSAGE_BYTES])
{
    *out = (located_list){ 0 };
    search s = { .name = name,
                 .len = strlen(name),
                 .wanted = filename_parse(name),
                 .out = out,
                 .message = message };
    for (size_t i = 0; i < nsources; i++)
        if (!look_into_source(&s, sources[i]))
            return false;
    if (out->count == 0 && !look_everywhere(&s, sources, nsources))
        return false;
    put_partial_last(out);
    return true;
}

void located_free(located_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->files[i].path);
    free(list->files);
    *list = (located_list){ 0 };
}
