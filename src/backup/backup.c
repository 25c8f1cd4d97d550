/*
 * backup.c - see backup.h.
 *
 *   walk      folder or tar   -> files that are wanted, by place (tablespace, database, file node)
 *   resolve   maps, pg_class  -> files that catalogs have moved to; when there are such, walk again
 *   finish    pages           -> facts
 *
 * A base backup is copied while the server writes. Only pages that were last changed before it starts are
 * taken: they show what was there at the start. One that was changed later is in the WAL as well, whole,
 * with its first change, since full_page_writes is in force while a backup runs. Where that WAL is not
 * read, pages that were last changed before the WAL that is read will do: they show names of some time before.
 */
#include "backup/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/backup_label.h"
#include "base/grow.h"
#include "base/message.h"
#include "file/filename.h"
#include "file/tar.h"

#define DEFAULT_TABLESPACE 1663
#define GLOBAL_TABLESPACE 1664
#define PG_CLASS 1259
#define FIRST_NORMAL_OID 16384
/* A place found by pg_class may need another walk, and that by a map one before. */
#define WALKS_MAX 3
/* Of a backup_manifest only both ends are of use. */
#define MANIFEST_END_BYTES ((size_t)64 << 10)
#define SMALL_FILE_BYTES_MAX ((uint64_t)64 << 10)

typedef enum place_kind {
    PLACE_OTHER,
    PLACE_VERSION,
    PLACE_LABEL,
    PLACE_CONTROL,
    PLACE_TABLESPACES, /* tablespace_map */
    PLACE_MAP,
    PLACE_RELATION
} place_kind;

/* What a file of a data directory is. */
typedef struct place {
    place_kind kind;
    wp_oid spc, db; /* MAP and RELATION */
    wp_oid node;    /* RELATION: file node ... */
    uint32_t part;  /* ... and number of the .1, .2 ... */
} place;

typedef struct file {
    place at;
    uint8_t *bytes;
    size_t len;
} file;

typedef struct loader {
    const char *path;
    wp_lsn wal_start;
    backup *out;
    char *message;
    wp_oid *followed; /* catalogs */
    size_t nfollowed, followed_room;
    file *files;
    size_t nfiles, files_room;
    size_t bytes; /* of all files */
    wp_catalog_file *moved;
    size_t nmoved, moved_room;
    uint32_t blocks_per_file, block_bytes;
    char **tars; /* base.tar first, then OID.tar; none: a folder */
    size_t ntars, tars_room;
} loader;

/* ---- places --------------------------------------------------------------------------------- */

/* A number without leading zero, moving *at past it. */
static bool skip_number(const char **at, wp_oid *out)
{
    uint64_t n = 0;
    const char *start = *at;
    for (; **at >= '0' && **at <= '9' && n <= UINT32_MAX; ++*at)
        n = n * 10 + (uint64_t)(**at - '0');
    *out = (wp_oid)n;
    return *at > start && *start != '0' && n <= UINT32_MAX;
}

static bool skip_word(const char **at, const char *word)
{
    const size_t len = strlen(word);
    if (strncmp(*at, word, len) != 0)
        return false;
    *at += len;
    return true;
}

/* "PG_15_202209061/" */
static bool skip_version_folder(const char **at)
{
    if (!skip_word(at, "PG_"))
        return false;
    const char *slash = strchr(*at, '/');
    *at = slash ? slash + 1 : *at;
    return slash != NULL;
}

/* A file in the folder of a database, or in global. */
static place place_in(wp_oid spc, wp_oid db, const char *name)
{
    place out = { .kind = PLACE_RELATION, .spc = spc, .db = db };
    if (strcmp(name, "pg_filenode.map") == 0)
        out.kind = PLACE_MAP;
    else if (!skip_number(&name, &out.node)
             || (*name == '.' && (name++, !skip_number(&name, &out.part))) || *name)
        out.kind = PLACE_OTHER; /* other forks, temporary files */
    return out;
}

/* spc: tablespace of the tar archive; 0: the main one, or a folder. */
static place place_of(const char *name, wp_oid spc)
{
    static const struct {
        const char *name;
        place_kind kind;
    } fixed[] = { { "PG_VERSION", PLACE_VERSION },
                  { "backup_label", PLACE_LABEL },
                  { "global/pg_control", PLACE_CONTROL },
                  { "tablespace_map", PLACE_TABLESPACES } };
    wp_oid db = 0;
    for (size_t i = 0; !spc && i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i].name) == 0)
            return (place){ .kind = fixed[i].kind };
    if (!spc && skip_word(&name, "global/"))
        return place_in(GLOBAL_TABLESPACE, 0, name);
    const bool is_base = !spc && skip_word(&name, "base/");
    if (is_base)
        spc = DEFAULT_TABLESPACE;
    else if (!spc
             && (!skip_word(&name, "pg_tblspc/") || !skip_number(&name, &spc) || *name++ != '/'))
        return (place){ 0 };
    if (!is_base && !skip_version_folder(&name))
        return (place){ 0 };
    return skip_number(&name, &db) && *name == '/' ? place_in(spc, db, name + 1) : (place){ 0 };
}

static bool is_same_place(const place *x, const place *y)
{
    return x->kind == y->kind && x->spc == y->spc && x->db == y->db && x->node == y->node
           && x->part == y->part;
}

static const file *find_file(const loader *l, place at)
{
    for (size_t i = 0; i < l->nfiles; i++)
        if (is_same_place(&l->files[i].at, &at))
            return &l->files[i];
    return NULL;
}

/* A catalog of this kind (shared or not) may lie in this file. */
static bool is_catalog_file(const loader *l, const place *at)
{
    for (size_t i = 0; i < l->nfollowed; i++)
        if (l->followed[i] == at->node)
            return wp_catalog_is_shared(at->node) == (at->db == 0);
    for (size_t i = 0; i < l->nmoved; i++)
        if (l->moved[i].db == at->db && l->moved[i].filenode == at->node)
            return wp_catalog_is_followed(l->moved[i].catalog);
    return false;
}

static bool is_wanted(const loader *l, const place *at)
{
    if (at->kind == PLACE_OTHER || (at->kind == PLACE_RELATION && !is_catalog_file(l, at)))
        return false;
    return find_file(l, *at) == NULL;
}

/* ---- reading files -------------------------------------------------------------------------- */

/* Makes room for a file of so many bytes. NULL: it is too large, or memory is out. */
static file *add_file(loader *l, place at, uint64_t size, const char *name)
{
    const bool is_small = at.kind != PLACE_RELATION;
    if ((is_small && size > SMALL_FILE_BYTES_MAX) || size > BACKUP_BYTES_MAX - l->bytes) {
        (void)message_fail(l->message, "\"%s\": %s of %" PRIu64 " bytes is larger than %s", l->path,
                           name, size, is_small ? "it can be" : "the catalogs this program reads");
        return NULL;
    }
    file *slot = GROW(l->files, l->nfiles, l->files_room);
    uint8_t *bytes = slot ? malloc(size ? (size_t)size : 1) : NULL;
    if (!bytes) {
        (void)message_no_memory(l->message);
        if (slot)
            l->nfiles--;
        return NULL;
    }
    *slot = (file){ at, bytes, (size_t)size };
    l->bytes += (size_t)size;
    return slot;
}

/* Up to `room` bytes from a position. */
static bool read_at(int fd, uint8_t *buf, size_t room, off_t at, size_t *len)
{
    for (*len = 0; *len < room;) {
        const ssize_t n = pread(fd, buf + *len, room - *len, at + (off_t)*len);
        if (n < 0 && errno != EINTR)
            return false;
        if (n == 0)
            break;
        *len += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* A pipe is not waited for. */
static int open_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* Reads one file of a folder if it is wanted. *is_there: it exists, and has been read. */
static bool read_file(loader *l, const char *name, place at, bool *is_there)
{
    *is_there = find_file(l, at) != NULL;
    if (!is_wanted(l, &at))
        return true;
    char *path = NULL;
    if (asprintf(&path, "%s/%s", l->path, name) < 0)
        return message_no_memory(l->message);
    const int fd = open_file(path);
    struct stat st;
    bool is_good = fd >= 0 && fstat(fd, &st) == 0;
    *is_there = fd >= 0 || errno != ENOENT;
    file *got = NULL;
    if (!is_good)
        is_good =
            !*is_there || message_fail(l->message, "cannot open \"%s\": %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        is_good = message_fail(l->message, "\"%s\" is not a file", path);
    else
        is_good = (got = add_file(l, at, (uint64_t)st.st_size, name)) != NULL;
    if (got && !read_at(fd, got->bytes, got->len, 0, &got->len))
        is_good = message_fail(l->message, "cannot read \"%s\": %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    free(path);
    return is_good;
}

/* ---- a folder ------------------------------------------------------------------------------- */

typedef bool visit_entry(loader *l, const char *folder, const char *entry);

/* Calls back with the entries of a folder of the backup, but for hidden ones. */
static bool each_entry(loader *l, const char *folder, visit_entry *visit)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", l->path, folder) < 0)
        return message_no_memory(l->message);
    DIR *dir = opendir(path);
    if (dir == NULL) {
        (void)message_fail(l->message, "cannot open \"%s\": %s", path, strerror(errno));
        free(path);
        return false;
    }
    bool is_good = true;
    for (const struct dirent *entry; is_good && (errno = 0, entry = readdir(dir));)
        if (entry->d_name[0] != '.')
            is_good = visit(l, folder, entry->d_name);
    if (is_good && errno)
        is_good = message_fail(l->message, "cannot read \"%s\": %s", path, strerror(errno));
    (void)closedir(dir);
    free(path);
    return is_good;
}

/* The parts of one relation, in folder "base/5" say. */
static bool read_relation(loader *l, const char *folder, wp_oid node)
{
    bool is_there = true;
    for (uint32_t part = 0; is_there; part++) {
        char name[TAR_NAME_BYTES];
        if (part == 0)
            (void)snprintf(name, sizeof name, "%s/%u", folder, node);
        else
            (void)snprintf(name, sizeof name, "%s/%u.%u", folder, node, part);
        if (!read_file(l, name, place_of(name, 0), &is_there))
            return false;
    }
    return true;
}

/* The folder of a database, if it is the one that holds its catalogs; or global. */
static bool read_database(loader *l, const char *folder)
{
    char map[TAR_NAME_BYTES];
    bool is_there;
    (void)snprintf(map, sizeof map, "%s/pg_filenode.map", folder);
    const place at = place_of(map, 0);
    if (at.kind != PLACE_MAP)
        return true;
    if (!read_file(l, map, at, &is_there))
        return false;
    for (size_t i = 0; is_there && i < l->nfollowed; i++)
        if (wp_catalog_is_shared(l->followed[i]) == (at.db == 0)
            && !read_relation(l, folder, l->followed[i]))
            return false;
    for (size_t i = 0; is_there && i < l->nmoved; i++)
        if (l->moved[i].db == at.db && !read_relation(l, folder, l->moved[i].filenode))
            return false;
    return true;
}

static bool visit_database(loader *l, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return entry[strspn(entry, "0123456789")] != '\0' || read_database(l, path);
}

static bool visit_version(loader *l, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return strncmp(entry, "PG_", 3) != 0 || each_entry(l, path, visit_database);
}

static bool visit_tablespace(loader *l, const char *folder, const char *entry)
{
    char path[TAR_NAME_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", folder, entry);
    return entry[strspn(entry, "0123456789")] != '\0' || each_entry(l, path, visit_version);
}

static bool walk_folder(loader *l)
{
    static const char *const names[] = { "PG_VERSION", "backup_label", "global/pg_control" };
    bool is_there;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!read_file(l, names[i], place_of(names[i], 0), &is_there))
            return false;
    if (!find_file(l, (place){ .kind = PLACE_VERSION }))
        return true; /* complained about later */
    return read_database(l, "global") && each_entry(l, "base", visit_database)
           && each_entry(l, "pg_tblspc", visit_tablespace);
}

/* ---- tar archives --------------------------------------------------------------------------- */

/* Tablespace whose archive this is: "16385.tar.gz"; 0: the main one. */
static wp_oid tablespace_of(const char *path)
{
    const char *name = filename_base(path);
    wp_oid spc = 0;
    return skip_number(&name, &spc) && strncmp(name, ".tar", 4) == 0 ? spc : 0;
}

static bool walk_tar(loader *l, const char *path)
{
    tar *t = tar_open(path, l->message);
    tar_member member;
    tar_step step = t ? TAR_MEMBER : TAR_FAILED;
    while (step == TAR_MEMBER && (step = tar_next(t, &member, l->message)) == TAR_MEMBER) {
        const place at = place_of(member.name, tablespace_of(path));
        if (!member.is_file || !is_wanted(l, &at))
            continue;
        const file *got = add_file(l, at, member.size, member.name);
        if (!got || !tar_read(t, got->bytes, got->len, l->message))
            step = TAR_FAILED;
    }
    tar_close(t);
    return step == TAR_END;
}

static bool walk(loader *l)
{
    if (l->ntars == 0)
        return walk_folder(l);
    for (size_t i = 0; i < l->ntars; i++)
        if (!walk_tar(l, l->tars[i]))
            return false;
    return true;
}

/* ---- which form it has ---------------------------------------------------------------------- */

/* Takes over the path. */
static bool add_tar(loader *l, char *path)
{
    char **slot = path ? GROW(l->tars, l->ntars, l->tars_room) : NULL;
    if (!slot) {
        free(path);
        return message_no_memory(l->message);
    }
    *slot = path;
    return true;
}

static bool is_base_tar(const char *name)
{
    return strncmp(name, "base.tar", 8) == 0;
}

/* base.tar* (unless one is known) and OID.tar* of a folder. */
static bool find_tars(loader *l, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return message_fail(l->message, "cannot open \"%s\": %s", folder, strerror(errno));
    bool is_good = true, has_base = l->ntars > 0;
    for (const struct dirent *entry; is_good && (entry = readdir(dir));) {
        const bool is_base = !has_base && is_base_tar(entry->d_name);
        char *path = NULL;
        if (!is_base && tablespace_of(entry->d_name) == 0)
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            path = NULL;
        is_good = add_tar(l, path);
        has_base |= is_base;
        if (is_good && is_base) { /* a folder has no order: it goes first */
            l->tars[l->ntars - 1] = l->tars[0];
            l->tars[0] = path;
        }
    }
    (void)closedir(dir);
    return is_good;
}

static bool exists(const char *folder, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return false;
    struct stat st;
    const bool is_there = stat(path, &st) == 0;
    free(path);
    return is_there;
}

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return !slash          ? strdup(".")
           : slash == path ? strdup("/")
                           : strndup(path, (size_t)(slash - path));
}

static bool find_form(loader *l)
{
    struct stat st;
    if (stat(l->path, &st) != 0)
        return message_fail(l->message, "cannot open backup \"%s\": %s", l->path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return exists(l->path, "PG_VERSION") || find_tars(l, l->path);
    if (!add_tar(l, strdup(l->path)))
        return false;
    if (!is_base_tar(filename_base(l->path)))
        return true;
    char *folder = folder_of(l->path);
    const bool is_good = folder ? find_tars(l, folder) : message_no_memory(l->message);
    free(folder);
    return is_good;
}

/* ---- small files ---------------------------------------------------------------------------- */

static wp_view view_of(const file *f)
{
    return (wp_view){ f->bytes, f->len };
}

static const file *need_file(loader *l, place_kind kind, const char *name, const char *why)
{
    const file *got = find_file(l, (place){ .kind = kind });
    if (!got)
        (void)message_fail(l->message, "backup \"%s\" has no %s: %s", l->path, name, why);
    return got;
}

static bool fail_file(loader *l, const char *name, const wp_error *err)
{
    return message_fail(l->message, "backup \"%s\", %s: %s", l->path, name, err->text);
}

static bool read_version(loader *l)
{
    const file *got =
        need_file(l, PLACE_VERSION, "PG_VERSION", "it is no data directory and holds no base.tar");
    if (!got)
        return false;
    char major[8] = "";
    memcpy(major, got->bytes, got->len < sizeof major ? got->len : sizeof major - 1);
    major[strcspn(major, "\r\n")] = '\0';
    l->out->profile = wp_profile_by_major(major);
    return l->out->profile
           || message_fail(l->message,
                           "backup \"%s\" is one of PostgreSQL \"%s\", which is not supported",
                           l->path, major);
}

static bool read_label(loader *l)
{
    const file *got =
        need_file(l, PLACE_LABEL, "backup_label", "it is no base backup, or was started already");
    wp_error err;
    if (!got)
        return false;
    if (wp_backup_label_parse(view_of(got), &l->out->label, &err) < 0)
        return fail_file(l, "backup_label", &err);
    if (l->out->label.timeline == 0)
        return message_fail(l->message, "backup \"%s\", backup_label: it tells no timeline",
                            l->path);
    return !l->out->label.is_incremental
           || message_fail(l->message,
                           "backup \"%s\" is incremental: combine it with those before it "
                           "(pg_combinebackup)",
                           l->path);
}

static bool read_control(loader *l)
{
    const file *got = need_file(l, PLACE_CONTROL, "global/pg_control", "it is not whole");
    wp_control control;
    wp_error err;
    if (!got)
        return false;
    if (wp_control_parse(l->out->profile, view_of(got), &control, &err) < 0)
        return fail_file(l, "global/pg_control", &err);
    l->out->system_identifier = control.system_identifier;
    l->out->settings = control.settings;
    l->block_bytes = control.block_bytes;
    l->blocks_per_file = control.blocks_per_file;
    /* The end of a backup that a standby gave is written nowhere else. */
    if (l->out->label.is_from_standby)
        l->out->stop_lsn = control.min_recovery;
    return true;
}

/* The manifest lies beside a base.tar, or in the folder. It may be missing. */
static bool read_manifest(loader *l)
{
    char *folder = l->ntars > 0 ? folder_of(l->tars[0]) : strdup(l->path);
    char *path = NULL;
    uint8_t *bytes = malloc(MANIFEST_END_BYTES);
    bool is_good = folder && bytes && asprintf(&path, "%s/backup_manifest", folder) >= 0;
    if (!is_good)
        (void)message_no_memory(l->message);
    const int fd = is_good ? open_file(path) : -1;
    struct stat st;
    size_t len;
    wp_backup_manifest end = { 0 };
    if (fd >= 0 && fstat(fd, &st) == 0) {
        const off_t at =
            st.st_size > (off_t)MANIFEST_END_BYTES ? st.st_size - (off_t)MANIFEST_END_BYTES : 0;
        is_good = read_at(fd, bytes, MANIFEST_END_BYTES, at, &len)
                  || message_fail(l->message, "cannot read \"%s\": %s", path, strerror(errno));
        if (is_good)
            wp_backup_manifest_parse((wp_view){ bytes, len }, &end);
    }
    if (end.end_lsn > l->out->label.start_lsn)
        l->out->stop_lsn = end.end_lsn;
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    free(path);
    free(folder);
    return is_good;
}

/* "16385 /srv/fast" a line: each of them has an archive of its own. */
static bool check_tablespaces(loader *l)
{
    const file *got = l->ntars > 0 ? find_file(l, (place){ .kind = PLACE_TABLESPACES }) : NULL;
    char text[SMALL_FILE_BYTES_MAX + 1] = "";
    if (got)
        memcpy(text, got->bytes, got->len);
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        const char *at = line;
        wp_oid spc = 0;
        bool is_there = !skip_number(&at, &spc) || *at != ' ';
        for (size_t i = 1; i < l->ntars; i++)
            is_there |= tablespace_of(l->tars[i]) == spc;
        for (size_t i = 0; i < l->nfiles; i++)
            is_there |= l->files[i].at.spc == spc;
        if (!is_there)
            return message_fail(
                l->message, "backup \"%s\" has a tablespace %u, and there is no %u.tar beside it",
                l->path, spc, spc);
    }
    return true;
}

/* ---- where the catalogs lie ----------------------------------------------------------------- */

static int by_file(const void *x, const void *y)
{
    const wp_catalog_file *a = x, *b = y;
    if (a->db != b->db)
        return a->db < b->db ? -1 : 1;
    return (a->filenode > b->filenode) - (a->filenode < b->filenode);
}

static bool add_moved(loader *l, wp_catalog_file moved)
{
    if (moved.filenode == moved.catalog || moved.filenode == 0 || moved.catalog >= FIRST_NORMAL_OID)
        return true;
    for (size_t i = 0; i < l->nmoved; i++)
        if (by_file(&l->moved[i], &moved) == 0)
            return true;
    wp_catalog_file *slot = GROW(l->moved, l->nmoved, l->moved_room);
    if (!slot)
        return message_no_memory(l->message);
    *slot = moved;
    return true;
}

static bool resolve_map(loader *l, const file *map)
{
    wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
    size_t n;
    wp_error err;
    char name[64];
    if (wp_relmap_parse(view_of(map), entries, &n, &err) < 0) {
        (void)snprintf(name, sizeof name, "pg_filenode.map of database %u", map->at.db);
        return fail_file(l, map->at.db ? name : "global/pg_filenode.map", &err);
    }
    for (size_t i = 0; i < n; i++)
        if (!add_moved(l, (wp_catalog_file){ map->at.db, entries[i].filenode, entries[i].catalog }))
            return false;
    return true;
}

/* The catalog in a file; 0: none that is followed, or it has moved away from there. */
static wp_oid catalog_in(const loader *l, const place *at)
{
    for (size_t i = 0; i < l->nmoved; i++)
        if (l->moved[i].db == at->db && l->moved[i].filenode == at->node)
            return l->moved[i].catalog;
    return at->node;
}

/* The n-th page of a file; false past its end. */
static bool page_at(const loader *l, const file *f, uint32_t n, wp_view *out)
{
    const size_t at = (size_t)n * l->block_bytes;
    *out = (wp_view){ f->bytes + at, l->block_bytes };
    return at + l->block_bytes <= f->len;
}

#define ROWS_PER_PAGE_MAX 64

static bool resolve_class(loader *l, const file *f)
{
    wp_catalog_file found[ROWS_PER_PAGE_MAX];
    wp_view page;
    for (uint32_t n = 0; page_at(l, f, n, &page); n++) {
        const size_t count =
            wp_page_catalog_files(l->out->profile, f->at.db, page, found, ROWS_PER_PAGE_MAX);
        for (size_t i = 0; i < count; i++)
            if (!wp_catalog_is_shared(found[i].catalog) && !add_moved(l, found[i]))
                return false;
    }
    return true;
}

/* Learns where catalogs have moved to. */
static bool resolve(loader *l)
{
    for (size_t i = 0; i < l->nfiles; i++)
        if (l->files[i].at.kind == PLACE_MAP && !resolve_map(l, &l->files[i]))
            return false;
    for (size_t i = 0; i < l->nfiles; i++) {
        const file *f = &l->files[i];
        if (f->at.kind == PLACE_RELATION && f->at.db && catalog_in(l, &f->at) == PG_CLASS
            && !resolve_class(l, f))
            return false;
    }
    return true;
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool has_catalog(const loader *l, const place *map, wp_oid catalog)
{
    for (size_t i = 0; i < l->nfiles; i++) {
        const place *at = &l->files[i].at;
        if (at->kind == PLACE_RELATION && at->db == map->db && at->spc == map->spc
            && catalog_in(l, at) == catalog)
            return true;
    }
    return false;
}

/* Every database has all the catalogs. */
static bool check_catalogs(loader *l)
{
    if (!find_file(l, (place){ .kind = PLACE_MAP, .spc = GLOBAL_TABLESPACE }))
        return message_fail(
            l->message, "backup \"%s\" has no global/pg_filenode.map: it is not whole", l->path);
    for (size_t i = 0; i < l->nfiles; i++) {
        const place *at = &l->files[i].at;
        for (size_t c = 0; at->kind == PLACE_MAP && c < l->nfollowed; c++)
            if (wp_catalog_is_shared(l->followed[c]) == (at->db == 0)
                && !has_catalog(l, at, l->followed[c]))
                return message_fail(
                    l->message,
                    "backup \"%s\" lacks the file of catalog %u in database %u: it is not whole",
                    l->path, l->followed[c], at->db);
    }
    return true;
}

static bool is_zero(wp_view page)
{
    for (size_t i = 0; i < page.len; i++)
        if (page.bytes[i])
            return false;
    return true;
}

static bool add_pages(loader *l, const file *f)
{
    const wp_lsn start = l->out->label.start_lsn;
    const wp_lsn latest = start > l->wal_start ? start : l->wal_start;
    wp_file_page page = { .lsn = start,
                          .locator = { f->at.spc, f->at.db, f->at.node },
                          .catalog = catalog_in(l, &f->at) };
    wp_error err;
    for (uint32_t n = 0; page_at(l, f, n, &page.bytes); n++) {
        wp_lsn lsn;
        page.block = f->at.part * l->blocks_per_file + n;
        if (!wp_page_lsn(page.bytes, &lsn)) {
            if (is_zero(page.bytes))
                continue;
            return message_fail(l->message,
                                "backup \"%s\": block %u of file %u of database %u is no page",
                                l->path, page.block, f->at.node, f->at.db);
        }
        if (lsn <= latest && wp_facts_add_page(&l->out->seed.pages, &page, &err) < 0)
            return message_no_memory(l->message);
    }
    return true;
}

static int by_place(const void *x, const void *y)
{
    const place *a = &((const file *)x)->at, *b = &((const file *)y)->at;
    if (a->db != b->db)
        return a->db < b->db ? -1 : 1;
    if (a->node != b->node)
        return a->node < b->node ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

/* In an order of their own, whatever that of the folders was. */
static bool finish(loader *l)
{
    if (l->nfiles > 0)
        qsort(l->files, l->nfiles, sizeof *l->files, by_place);
    for (size_t i = 0; i < l->nfiles; i++) {
        file *f = &l->files[i];
        if (f->at.kind == PLACE_RELATION && wp_catalog_is_followed(catalog_in(l, &f->at))
            && !add_pages(l, f))
            return false;
        free(f->bytes);
        f->bytes = NULL;
    }
    if (l->nmoved > 0)
        qsort(l->moved, l->nmoved, sizeof *l->moved, by_file);
    l->out->seed.lsn = l->out->label.start_lsn;
    l->out->seed.moved = l->moved;
    l->out->seed.nmoved = l->nmoved;
    l->moved = NULL;
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static bool list_followed(loader *l)
{
    for (wp_oid oid = 1; oid < FIRST_NORMAL_OID; oid++) {
        if (!wp_catalog_is_followed(oid))
            continue;
        wp_oid *slot = GROW(l->followed, l->nfollowed, l->followed_room);
        if (!slot)
            return message_no_memory(l->message);
        *slot = oid;
    }
    return true;
}

static bool load(loader *l)
{
    if (!list_followed(l) || !find_form(l) || !walk(l) || !read_version(l) || !read_label(l)
        || !read_control(l) || !read_manifest(l) || !check_tablespaces(l))
        return false;
    for (int walks = 1;; walks++) {
        const size_t before = l->nmoved;
        if (!resolve(l))
            return false;
        if (l->nmoved == before || walks > WALKS_MAX)
            break;
        if (!walk(l))
            return false;
    }
    return check_catalogs(l) && finish(l);
}

bool backup_open(const char *path, wp_lsn wal_start, backup *out, char message[MESSAGE_BYTES])
{
    *out = (backup){ .path = path };
    loader l = { .path = path, .wal_start = wal_start, .out = out, .message = message };
    const bool is_good = load(&l);
    for (size_t i = 0; i < l.nfiles; i++)
        free(l.files[i].bytes);
    for (size_t i = 0; i < l.ntars; i++)
        free(l.tars[i]);
    free(l.files);
    free(l.tars);
    free(l.followed);
    free(l.moved);
    return is_good;
}

bool backup_begin(const char *path, wp_lsn *start, wp_tli *tli, char message[MESSAGE_BYTES])
{
    char ignored[MESSAGE_BYTES];
    label_file found;
    backup base = { 0 };
    bool is_good = backup_label_read(path, &found, ignored);
    if (!is_good) {
        is_good = backup_open(path, 0, &base, message);
        found.label = base.label;
        backup_free(&base);
    }
    *start = is_good ? found.label.start_lsn : 0;
    *tli = is_good ? found.label.timeline : 0;
    return is_good;
}

bool backup_fits(const backup *base, const archive *wal, char message[MESSAGE_BYTES])
{
    if (base->profile != wal->info.profile)
        return message_fail(
            message,
            "backup \"%s\" is one of PostgreSQL %s, and the WAL is of %s: give the backup "
            "of this cluster",
            base->path, base->profile->major, wal->info.profile->major);
    if (base->system_identifier == wal->info.system_identifier)
        return true;
    return message_fail(message,
                        "backup \"%s\" is of another cluster (system identifier %" PRIu64
                        ", the WAL has %" PRIu64 ")",
                        base->path, base->system_identifier, wal->info.system_identifier);
}

void backup_free(backup *base)
{
    wp_facts_free(&base->seed.pages);
    free((void *)(uintptr_t)base->seed.moved);
    *base = (backup){ 0 };
}
