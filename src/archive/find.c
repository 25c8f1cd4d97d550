/* find.c - see find.h. */
#include "archive/find.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/deeper.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/tar.h"
#include "base/text.h"

#define SUBFOLDER_LEVELS 2

/* So many folders beside segments are looked into. */
#define FOLDERS_BESIDE_MAX 64

typedef struct walk {
    find_list *list;
    size_t source;
    char *message;
    bool is_layout; /* folders are those that an archiver has for WAL, and it names no others */
} walk;

typedef struct names {
    char **names;
    size_t n, room;
} names;

/* What a folder has beside files of WAL. */
typedef struct others {
    names folders;
    names wal_tars, base_tars; /* as pg_basebackup names them; the former hold nothing but WAL */
} others;

static const char *const wal_folders[] = { "pg_wal", "pg_xlog" };
static const char *const ignored_folders[] = { "archive_status", "summaries", "lost+found" };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_one_of(const char *name, const char *const *words, size_t nwords)
{
    for (size_t i = 0; i < nwords; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

/* ---- the list ------------------------------------------------------------------------------- */

/* Takes over the directory's name, also when it is known already. */
static bool add_directory(find_list *list, char *directory)
{
    for (size_t i = list->ndirectories; directory && i-- > 0;)
        if (strcmp(list->directories[i], directory) == 0) {
            free(directory);
            return true;
        }
    char **slot =
        directory ? GROW(list->directories, list->ndirectories, list->directories_room) : NULL;
    if (!slot) {
        free(directory);
        return false;
    }
    *slot = directory;
    return true;
}

static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    return slash == path ? strdup("/") : strndup(path, (size_t)(slash - path));
}

/* Takes over the path. */
static bool add_segment(walk *w, char *path, filename name)
{
    find_list *list = w->list;
    find_file *slot = path ? GROW(list->files, list->nfiles, list->files_room) : NULL;
    if (!slot) {
        free(path);
        return message_no_memory(w->message);
    }
    *slot = (find_file){ path, name, w->source, list->nfiles };
    return true;
}

/* Takes over the path. */
static bool add_history(walk *w, char *path, wp_tli tli)
{
    find_list *list = w->list;
    find_history *slot =
        path ? GROW(list->histories, list->nhistories, list->histories_room) : NULL;
    if (!slot) {
        free(path);
        return message_no_memory(w->message);
    }
    *slot = (find_history){ path, tli };
    return true;
}

/* Takes over the path. */
static bool add_backup(walk *w, char *path)
{
    find_list *list = w->list;
    char **slot = path ? GROW(list->backups, list->nbackups, list->backups_room) : NULL;
    if (!slot) {
        free(path);
        return message_no_memory(w->message);
    }
    *slot = path;
    return true;
}

/* What is no reason to stop, but should be said. */
__attribute__((format(printf, 2, 3))) static void note(walk *w, const char *format, ...)
{
    find_list *list = w->list;
    char *line = NULL, **slot = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&line, format, args) < 0)
        line = NULL;
    va_end(args);
    bool is_known = false;
    for (size_t i = 0; line && i < list->nnotes; i++)
        is_known |= strcmp(list->notes[i], line) == 0;
    if (line && !is_known && list->nnotes < FIND_NOTES_MAX)
        slot = GROW(list->notes, list->nnotes, list->notes_room);
    if (slot)
        *slot = line;
    else
        free(line);
    list->nunsaid += !slot && !is_known;
}

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    const size_t len = strlen(folder);
    const char *slash = len > 0 && folder[len - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* File type of a path (S_IFMT bits); 0 with a line in message when that cannot be told. */
static mode_t type_of(const char *path, char *message)
{
    struct stat st;
    if (stat(path, &st) == 0)
        return st.st_mode & S_IFMT;
    (void)message_fail(message, "cannot open \"%s\": %s", path, strerror(errno));
    return 0;
}

/* The same for an entry of a folder, where most file systems tell it for free. Takes over the path on failure. */
static mode_t entry_type(const struct dirent *entry, const char *path, char *message)
{
    switch (entry->d_type) {
    case DT_REG:
        return S_IFREG;
    case DT_DIR:
        return S_IFDIR;
    default:
        return type_of(path, message);
    }
}

static bool add_entry(walk *w, const struct dirent *entry, char *path, filename name)
{
    const mode_t type = path ? entry_type(entry, path, w->message) : 0;
    if (path && type == S_IFREG)
        return name.kind == FILENAME_SEGMENT ? add_segment(w, path, name)
                                             : add_history(w, path, name.segment.tli);
    if (!path)
        (void)message_no_memory(w->message);
    else if (type)
        (void)message_fail(w->message, "\"%s\" is named like WAL but is not a file: move it away",
                           path);
    free(path);
    return false;
}

/* "pg_wal.tar", "pg_wal.tar.gz" */
static bool is_tar_of(const char *name, const char *stem)
{
    const size_t len = strlen(stem);
    if (strncmp(name, stem, len) != 0 || strncmp(name + len, ".tar", 4) != 0)
        return false;
    return name[len + 4] == '\0' || name[len + 4] == '.';
}

static bool add_name(walk *w, names *to, char *path)
{
    char **slot = path ? GROW(to->names, to->n, to->room) : NULL;
    if (slot)
        *slot = path;
    else
        free(path);
    return slot || message_no_memory(w->message);
}

/* Remembers an entry that may be a folder to look into. */
static bool add_subfolder(walk *w, const char *folder, const struct dirent *entry, names *subs)
{
    if (is_one_of(entry->d_name, ignored_folders, COUNT(ignored_folders))
        || (entry->d_type != DT_DIR && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN))
        return true;
    char *path = join(folder, entry->d_name);
    if (!path)
        return message_no_memory(w->message);
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return add_name(w, subs, path);
    free(path);
    return true;
}

static bool add_other(walk *w, const char *folder, const struct dirent *entry, others *rest)
{
    if (is_tar_of(entry->d_name, "pg_wal") || is_tar_of(entry->d_name, "pg_xlog"))
        return add_name(w, &rest->wal_tars, join(folder, entry->d_name));
    if (is_tar_of(entry->d_name, "base"))
        return add_name(w, &rest->base_tars, join(folder, entry->d_name));
    if (!strays_add(&w->list->strays, folder, entry->d_name))
        return message_no_memory(w->message);
    return add_subfolder(w, folder, entry, &rest->folders);
}

static bool take_entry(walk *w, const char *folder, const struct dirent *entry, others *rest)
{
    if (entry->d_name[0] == '.')
        return true;
    const filename name = filename_parse(entry->d_name);
    switch (name.kind) {
    case FILENAME_SEGMENT:
    case FILENAME_HISTORY:
        return add_entry(w, entry, join(folder, entry->d_name), name);
    case FILENAME_OTHER:
        return add_other(w, folder, entry, rest);
    case FILENAME_BACKUP:
        return add_backup(w, join(folder, entry->d_name));
    }
    return true;
}

static bool read_folder(walk *w, const char *folder, others *rest)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return message_fail(w->message, "cannot open \"%s\": %s", folder, strerror(errno));
    bool is_good = true;
    errno = 0;
    for (const struct dirent *entry; is_good && (entry = readdir(dir)); errno = 0)
        is_good = take_entry(w, folder, entry, rest);
    if (is_good && errno)
        is_good = message_fail(w->message, "cannot read \"%s\": %s", folder, strerror(errno));
    (void)closedir(dir);
    return is_good;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool walk_folder(walk *w, const char *folder, unsigned levels);

/* A data directory has its WAL in one place; the other folders of one are many and hold none. */
static bool walk_subfolders(walk *w, names *subs, unsigned levels)
{
    bool is_data_directory = false;
    for (size_t i = 0; i < subs->n; i++)
        is_data_directory |=
            is_one_of(filename_base(subs->names[i]), wal_folders, COUNT(wal_folders));
    if (subs->n > 0)
        qsort(subs->names, subs->n, sizeof *subs->names, by_name);
    for (size_t i = 0; i < subs->n; i++) {
        if (is_data_directory
            && !is_one_of(filename_base(subs->names[i]), wal_folders, COUNT(wal_folders)))
            continue;
        if (!walk_folder(w, subs->names[i], levels - 1))
            return false;
    }
    return true;
}

static bool take_tars(walk *w, names *tars);

static void free_names(names *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->names[i]);
    free(all->names);
}

/* Folders beside segments are not walked, but WAL may go on there. */
static bool look_beside(walk *w, const names *folders)
{
    bool is_good = true;
    for (size_t i = 0; is_good && i < folders->n && i < FOLDERS_BESIDE_MAX; i++)
        is_good = strays_look_into(&w->list->strays, folders->names[i]);
    return is_good || message_no_memory(w->message);
}

/* The direct entries, and those of sub-folders so many levels down where these are no segments. */
static bool walk_folder(walk *w, const char *folder, unsigned levels)
{
    const size_t nbefore = w->list->nfiles;
    others rest = { 0 };
    bool is_good = read_folder(w, folder, &rest);
    names *tars = rest.wal_tars.n ? &rest.wal_tars : &rest.base_tars;
    if (is_good && w->list->nfiles > nbefore)
        is_good = (add_directory(w->list, strdup(folder)) || message_no_memory(w->message))
                  && (w->is_layout || look_beside(w, &rest.folders));
    else if (is_good && levels == SUBFOLDER_LEVELS && tars->n > 0)
        is_good = take_tars(w, tars);
    else if (is_good && levels > 0)
        is_good = walk_subfolders(w, &rest.folders, levels);
    free_names(&rest.folders);
    free_names(&rest.wal_tars);
    free_names(&rest.base_tars);
    return is_good;
}

/* ---- tar archives --------------------------------------------------------------------------- */

/* Takes over what the layout holds. */
static bool add_layout(find_list *list, wal_layout *own)
{
    bool is_known = false;
    for (size_t i = 0; i < list->nlayouts; i++)
        is_known |= layout_is_same(&list->layouts[i], own);
    wal_layout *slot = is_known ? NULL : GROW(list->layouts, list->nlayouts, list->layouts_room);
    if (slot)
        *slot = *own;
    else
        layout_free(own);
    return slot || is_known;
}

/* With its slash, as tar has it. NULL: no memory. */
static char *folder_of(const tar_member *m)
{
    char *folder = NULL;
    const int len = (int)(filename_base(m->name) - m->name);
    return asprintf(&folder, "%s%.*s", m->has_dot ? "./" : "", len, m->name) < 0 ? NULL : folder;
}

/* What tar -x must be told before a segment's name: the member's folder. */
static bool add_tar_layout(walk *w, const char *path, const tar_member *m)
{
    wal_layout own = {
        .kind = LAYOUT_TAR, .root = realpath(path, NULL), .home = strdup(path), .name = folder_of(m)
    };
    if (own.root && own.home && own.name)
        return add_layout(w->list, &own) || message_no_memory(w->message);
    layout_free(&own);
    return message_no_memory(w->message);
}

/* A tar archive whose members are listed. */
typedef struct listing {
    tar *tar;
    const char *path;
    size_t nsegments;
    wp_segment_name last;
    char *folder; /* of the first segment */
    bool is_unordered, is_uneven;
} listing;

static bool take_segment(walk *w, listing *l, const tar_member *m, char *path, filename name)
{
    const wp_segment_name *last = &l->last, *here = &name.segment;
    if (l->nsegments == 0 && !add_tar_layout(w, l->path, m)) {
        free(path);
        return false;
    }
    l->is_unordered |=
        l->nsegments > 0 && last->tli == here->tli
        && (last->log > here->log || (last->log == here->log && last->seg > here->seg));
    l->last = *here;
    l->nsegments++;
    return add_segment(w, path, name);
}

/* tar is told one folder, and hands over all members of a name. */
static bool note_folder(walk *w, listing *l, const tar_member *m)
{
    char *folder = folder_of(m);
    if (!folder)
        return message_no_memory(w->message);
    if (!l->folder)
        l->folder = folder;
    l->is_uneven |= strcmp(l->folder, folder) != 0;
    if (l->folder != folder)
        free(folder);
    return true;
}

static void note_histories(const walk *w, listing *l, wp_tli tli)
{
    const size_t len = strlen(l->path);
    for (size_t i = 0; i < w->list->nhistories; i++) {
        const find_history *one = &w->list->histories[i];
        l->is_uneven |=
            one->tli == tli && strncmp(one->path, l->path, len) == 0 && one->path[len] == ':';
    }
}

static void note_uneven(walk *w, const listing *l)
{
    for (size_t i = 0; l->is_uneven && i < w->list->nlayouts; i++) {
        wal_layout *one = &w->list->layouts[i];
        one->is_uneven |= one->kind == LAYOUT_TAR && strcmp(one->home, l->path) == 0;
    }
}

static bool take_member(walk *w, listing *l, const tar_member *m)
{
    const filename name = filename_parse(filename_base(m->name));
    if (!m->is_file || name.kind == FILENAME_OTHER || name.is_packed || strchr(m->name, ':'))
        return true;
    if (name.kind != FILENAME_BACKUP && !note_folder(w, l, m))
        return false;
    if (name.kind == FILENAME_HISTORY)
        note_histories(w, l, name.segment.tli);
    char *path = tar_path_make(l->path, m);
    if (name.kind == FILENAME_HISTORY)
        return add_history(w, path, name.segment.tli);
    if (name.kind == FILENAME_BACKUP)
        return add_backup(w, path);
    return take_segment(w, l, m, path, name);
}

/* The first that breaks off is a place where reading ends. */
static void note_tar(walk *w, const listing *l, bool is_cut)
{
    char *complaint = w->list->complaint;
    if (is_cut && *complaint == '\0')
        memcpy(complaint, w->message, MESSAGE_BYTES);
    else if (is_cut && strcmp(complaint, w->message) != 0)
        note(w, "%s", w->message);
    if (l->is_unordered && tar_is_packed(l->tar))
        note(w,
             "the WAL in \"%.300s\" is not in order, so the archive is unpacked again and again: "
             "unpack it first where that takes long",
             l->path);
}

/* One that breaks off gives what it holds. */
static bool take_tar(walk *w, const char *path)
{
    listing l = { .tar = tar_open(path, w->message), .path = path };
    tar_member m;
    tar_step step = TAR_MEMBER;
    bool is_good = l.tar != NULL;
    while (is_good && (step = tar_next(l.tar, &m, w->message)) == TAR_MEMBER)
        is_good = take_member(w, &l, &m);
    if (is_good)
        note_tar(w, &l, step == TAR_FAILED);
    is_good = is_good && (step == TAR_END || l.nsegments > 0);
    l.is_uneven |= is_good && step == TAR_END && tar_is_packed(l.tar) && tar_has_rest(l.tar);
    note_uneven(w, &l);
    free(l.folder);
    tar_close(l.tar);
    return is_good
           && (l.nsegments == 0 || add_directory(w->list, directory_of(path))
               || message_no_memory(w->message));
}

static bool take_tars(walk *w, names *tars)
{
    qsort(tars->names, tars->n, sizeof *tars->names, by_name);
    for (size_t i = 0; i < tars->n; i++)
        if (!take_tar(w, tars->names[i]))
            return false;
    return true;
}

/* A file under a name of its own. */
static bool is_tar(const char *path)
{
    char ignored[MESSAGE_BYTES];
    tar_member m;
    tar *t = tar_open(path, ignored);
    const bool is = t && tar_next(t, &m, ignored) == TAR_MEMBER;
    tar_close(t);
    return is;
}

static bool take_tar_source(walk *w, const char *path)
{
    const size_t nbefore = w->list->nfiles;
    return take_tar(w, path)
           && (w->list->nfiles > nbefore
               || message_fail(w->message, "no WAL segments in the tar archive \"%s\"", path));
}

/* ---- sources -------------------------------------------------------------------------------- */

static bool walk_layout(walk *w, wal_layout *own)
{
    bool is_good = true;
    w->is_layout = true;
    for (size_t i = 0; is_good && i < own->nfolders; i++)
        is_good = walk_folder(w, own->folders[i], 0);
    w->is_layout = false;
    return (add_layout(w->list, own) || message_no_memory(w->message)) && is_good;
}

static bool fail_empty(const char *folder, const char *what, char *message)
{
    return message_fail(
        message,
        "no WAL segments in \"%s\"%s (names of 24 hex digits, also .partial, or packed as .gz, .zst ...)",
        folder, what);
}

static bool take_folder(walk *w, const char *folder);

/* The archive that lies further below; several are the error that lists them. */
static bool take_deeper(walk *w, const char *folder)
{
    deeper below;
    bool is_good = deeper_look(folder, &below, w->message);
    if (is_good && below.count == 0) {
        is_good = fail_empty(folder, "", w->message);
    } else if (is_good && below.count == 1 && strcmp(below.paths[0], folder) != 0) {
        note(w, "there is no WAL in \"%.150s\" itself: read is \"%.300s\"", folder, below.paths[0]);
        is_good = take_folder(w, below.paths[0]);
    } else if (is_good) {
        text all = { 0 };
        for (size_t i = 0; i < below.count; i++)
            text_addf(&all, "%s\"%s\"", i > 0 ? ", " : "", below.paths[i]);
        is_good = message_fail(w->message,
                               "no WAL in \"%.100s\" itself, but further below: name one of %s%s",
                               folder, text_chars(&all), below.has_more ? " ..." : "");
        text_free(&all);
    }
    deeper_free(&below);
    return is_good;
}

/* Does a folder hold the other, or is it that? */
static bool is_below(const char *folder, const char *path)
{
    char *outer = realpath(folder, NULL), *inner = realpath(path, NULL);
    const size_t len = outer ? strlen(outer) : 0;
    const bool is = outer && inner && strncmp(inner, outer, len) == 0
                    && (inner[len] == '\0' || inner[len] == '/');
    free(outer);
    free(inner);
    return is;
}

/* Is what a path below holds in the list? */
static bool is_listed(const find_list *list, const char *path)
{
    bool is = false;
    for (size_t i = 0; !is && i < list->ndirectories; i++)
        is = is_below(path, list->directories[i]);
    return is;
}

/* Where WAL lies at several depths, what is too deep is said to be left out. What cannot be looked into is none of that. */
static void note_deeper(walk *w, const char *folder)
{
    deeper below;
    char ignored[MESSAGE_BYTES];
    (void)deeper_look(folder, &below, ignored);
    bool has_unread = false;
    for (size_t i = 0; i < below.count; i++) {
        if (is_listed(w->list, below.paths[i]))
            continue;
        has_unread = true;
        note(w, "there is WAL in \"%.400s\", too, which is not read: name it as a SOURCE",
             below.paths[i]);
    }
    if (has_unread && below.has_more)
        note(w, "there may be more WAL below \"%.400s\", which is not read", folder);
    deeper_free(&below);
}

/* Segments lie in the folder itself. */
static bool is_direct(const find_list *list, const char *folder)
{
    bool is = false;
    for (size_t i = 0; i < list->ndirectories; i++)
        is |= strcmp(list->directories[i], folder) == 0;
    return is;
}

static bool take_folder(walk *w, const char *folder)
{
    if (is_one_of(filename_base(folder), ignored_folders, COUNT(ignored_folders)))
        return true;
    const size_t nbefore = w->list->nfiles;
    wal_layout own;
    char what[200] = "";
    if (!layout_of(folder, &own, w->message)) {
        layout_free(&own);
        return false;
    }
    const bool is_plain = own.kind == LAYOUT_PLAIN;
    const size_t nlayouts = w->list->nlayouts;
    if (!is_plain)
        (void)snprintf(what, sizeof what, ", which is a %s", layout_title(own.kind));
    if (!(is_plain ? walk_folder(w, folder, SUBFOLDER_LEVELS) : walk_layout(w, &own)))
        return false;
    if (is_plain && w->list->nfiles == nbefore)
        return take_deeper(w, folder);
    if (is_plain && !is_direct(w->list, folder))
        note_deeper(w, folder);
    w->list->has_plain |= is_plain && w->list->nlayouts == nlayouts;
    return w->list->nfiles > nbefore || fail_empty(folder, what, w->message);
}

/* `pitr-find /wal_archive/...*` hands over all there is: what belongs into an archive is no error. */
static bool take_file(walk *w, const char *path)
{
    const filename name = filename_parse(filename_base(path));
    if (name.kind == FILENAME_OTHER && is_tar(path))
        return take_tar_source(w, path);
    w->list->has_plain |= name.kind == FILENAME_SEGMENT || name.kind == FILENAME_OTHER;
    if (name.kind == FILENAME_BACKUP)
        return add_backup(w, strdup(path));
    if (name.kind == FILENAME_HISTORY)
        return add_history(w, strdup(path), name.segment.tli)
               && (add_directory(w->list, directory_of(path)) || message_no_memory(w->message));
    return add_segment(w, strdup(path), name)
           && (add_directory(w->list, directory_of(path)) || message_no_memory(w->message));
}

static bool take_source(walk *w, const char *source)
{
    const mode_t type = type_of(source, w->message);
    switch (type) {
    case 0:
        return false;
    case S_IFDIR:
        return take_folder(w, source);
    case S_IFREG:
        return take_file(w, source);
    default:
        return message_fail(w->message, "\"%s\" is neither a file nor a folder", source);
    }
}

static int by_order(const void *a, const void *b)
{
    const find_file *const x = a, *const y = b;
    const int by_path = x->source == y->source ? strcmp(x->path, y->path) : 0;
    return by_path ? by_path : x->order < y->order ? -1 : x->order > y->order;
}

bool find_sources(char *const *sources, size_t nsources, find_list *out,
                  char message[MESSAGE_BYTES])
{
    *out = (find_list){ 0 };
    for (size_t i = 0; i < nsources; i++) {
        walk w = { .list = out, .source = i, .message = message };
        const size_t first = out->nfiles;
        if (!take_source(&w, sources[i]))
            return false;
        /* Folders come in no order of their own. */
        if (out->nfiles > first)
            qsort(out->files + first, out->nfiles - first, sizeof *out->files, by_order);
    }
    for (size_t i = 0; i < out->nfiles; i++)
        out->files[i].order = i;
    return out->nfiles > 0 || message_fail(message, "no WAL segment among the sources");
}

void find_free(find_list *list)
{
    for (size_t i = 0; i < list->nfiles; i++)
        free(list->files[i].path);
    for (size_t i = 0; i < list->nhistories; i++)
        free(list->histories[i].path);
    for (size_t i = 0; i < list->ndirectories; i++)
        free(list->directories[i]);
    for (size_t i = 0; i < list->nbackups; i++)
        free(list->backups[i]);
    for (size_t i = 0; i < list->nlayouts; i++)
        layout_free(&list->layouts[i]);
    for (size_t i = 0; i < list->nnotes; i++)
        free(list->notes[i]);
    strays_free(&list->strays);
    free(list->notes);
    free(list->layouts);
    free(list->backups);
    free(list->files);
    free(list->histories);
    free(list->directories);
    *list = (find_list){ 0 };
}
