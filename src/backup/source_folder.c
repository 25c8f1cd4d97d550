/*
 * source_folder.c - a base backup as pg_basebackup leaves it in a folder. Tablespaces are links in pg_tblspc, or lie where tablespace_map
 * says.
 */
#include "backup/source.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <walparse/datadir.h>
#include <walparse/redo.h>

#include "backup/plain_file.h"
#include "backup/unpack.h"
#include "base/message.h"
#include "codec/packing.h"
#include "file/tar.h"

typedef struct folder_source {
    source base;
    const reading *now; /* the reading that is going on */
    backup_files *small;
    char *beside;     /* has folders of tablespaces, too; NULL: nothing has */
    stream *in;       /* for files that are packed, NULL until there is one */
    char *map;        /* tablespace_map, NULL: there is none */
    bool has_version; /* the tablespace that is looked at has a folder of this one */
} folder_source;

/* ---- files ---------------------------------------------------------------------------------- */

static bool take_part(const folder_source *s, const place *at, const char *path, uint64_t size)
{
    backup_part one = { .at = *at, .size = size };
    return parts_add_file(s->now->parts, path, &one.file, s->now->message)
           && parts_add(s->now->parts, &one, s->now->message);
}

/* What a file is that is packed on its own, by the rest of its name: "base/5/16384.zstd". */
static place place_of_packed(const char *name)
{
    const char *suffix;
    packing_id id;
    char bare[TAR_NAME_BYTES];
    const size_t len = strlen(name);
    for (size_t i = 1; len < sizeof bare && (suffix = packing_suffix(i, &id)); i++) {
        const size_t less = strlen(suffix);
        if (less == 0 || less >= len || strcmp(name + len - less, suffix) != 0)
            continue;
        memcpy(bare, name, len - less);
        bare[len - less] = '\0';
        const place at = place_of(bare, 0);
        if (at.kind != PLACE_OTHER)
            return at;
    }
    return (place){ 0 };
}

static bool take_packed(folder_source *s, const char *path, const place *at)
{
    const packed_file f = {
        .path = path, .packed_bytes = UNPACK_NOT_TOLD, .bytes = UNPACK_NOT_TOLD, .is_packed = true
    };
    const source_use use = source_use_of(s->now, at);
    if (use == SOURCE_SKIP || use == SOURCE_FAILED)
        return use == SOURCE_SKIP;
    if (!s->in && !(s->in = stream_new()))
        return message_no_memory(s->now->message);
    const bool is_good = use == SOURCE_WHOLE ? unpack_whole(&f, at, s->in, s->now)
                                             : unpack_part(&f, at, s->in, s->now);
    stream_close(s->in);
    return is_good;
}

/* Takes a file if it is of use. name: as below the data directory. */
static bool take_file(folder_source *s, const char *path, const char *name)
{
    const place at = place_of(name, 0);
    if (at.kind == PLACE_OTHER) {
        const place packed = place_of_packed(name);
        return packed.kind == PLACE_OTHER || take_packed(s, path, &packed);
    }
    const source_use use = source_use_of(s->now, &at);
    if (use == SOURCE_SKIP || use == SOURCE_FAILED)
        return use == SOURCE_SKIP;
    const int fd = plain_file_open(path);
    struct stat st;
    if (fd < 0)
        return errno == ENOENT
               || message_fail(s->now->message, "cannot open \"%s\": %s", path, strerror(errno));
    bool is_good =
        fstat(fd, &st) == 0
        || message_fail(s->now->message, "cannot read \"%s\": %s", path, strerror(errno));
    if (is_good && !S_ISREG(st.st_mode))
        is_good = message_fail(s->now->message, "\"%s\" is not a file", path);
    if (is_good)
        is_good = use == SOURCE_WHOLE
                      ? source_take_whole(s->now, &at, name, path, 0, (uint64_t)st.st_size)
                      : take_part(s, &at, path, (uint64_t)st.st_size);
    (void)close(fd);
    return is_good;
}

/* The same for a file that may be packed, or not be there. */
static bool take_named(folder_source *s, const char *path, const char *name, bool *is_there)
{
    struct stat st;
    const char *suffix;
    packing_id id;
    bool is_good = true;
    *is_there = false;
    for (size_t i = 0; is_good && !*is_there && (suffix = packing_suffix(i, &id)); i++) {
        char *packed_path = NULL, *packed_name = NULL;
        if (asprintf(&packed_path, "%s%s", path, suffix) < 0)
            packed_path = NULL;
        if (asprintf(&packed_name, "%s%s", name, suffix) < 0)
            packed_name = NULL;
        is_good = packed_path && packed_name;
        *is_there = is_good && stat(packed_path, &st) == 0;
        if (!is_good)
            (void)message_no_memory(s->now->message);
        else if (*is_there)
            is_good = take_file(s, packed_path, packed_name);
        free(packed_path);
        free(packed_name);
    }
    return is_good;
}

/* ---- folders -------------------------------------------------------------------------------- */

/* path: of an entry; name: as below the data directory. */
typedef bool visit_entry(folder_source *s, const char *path, const char *name);

static bool visit_all(folder_source *s, DIR *dir, const char *path, const char *name,
                      visit_entry *visit)
{
    bool is_good = true;
    for (const struct dirent *entry; is_good && (errno = 0, entry = readdir(dir));) {
        char *below = NULL, *called = NULL;
        if (entry->d_name[0] == '.')
            continue;
        if (asprintf(&below, "%s/%s", path, entry->d_name) < 0)
            below = NULL;
        if (asprintf(&called, "%s/%s", name, entry->d_name) < 0)
            called = NULL;
        is_good = below && called ? visit(s, below, called) : message_no_memory(s->now->message);
        free(below);
        free(called);
    }
    return (is_good && errno == 0)
           || (is_good
               && message_fail(s->now->message, "cannot read \"%s\": %s", path, strerror(errno)));
}

/* Calls back with the entries of a folder but for hidden ones. *is_there: it exists. */
static bool each_entry(folder_source *s, const char *path, const char *name, visit_entry *visit,
                       bool *is_there)
{
    DIR *dir = opendir(path);
    *is_there = dir || errno != ENOENT;
    if (!dir)
        return !*is_there
               || message_fail(s->now->message, "cannot open \"%s\": %s", path, strerror(errno));
    const bool is_good = visit_all(s, dir, path, name, visit);
    (void)closedir(dir);
    return is_good;
}

/* Takes what is of use of the files of a folder. */
static bool take_files(folder_source *s, const char *path, const char *name)
{
    bool is_there;
    return each_entry(s, path, name, take_file, &is_there);
}

/* The parts of one relation of a database's folder. */
static bool take_relation(folder_source *s, const char *path, const char *name, wp_oid node)
{
    bool is_good = true, is_there = true;
    for (uint32_t part = 0; is_good && is_there; part++) {
        char file[32], *below = NULL, *called = NULL;
        (void)snprintf(file, sizeof file, part ? "%u.%u" : "%u", node, part);
        if (asprintf(&below, "%s/%s", path, file) < 0)
            below = NULL;
        if (asprintf(&called, "%s/%s", name, file) < 0)
            called = NULL;
        is_good = below && called ? take_named(s, below, called, &is_there)
                                  : message_no_memory(s->now->message);
        free(below);
        free(called);
    }
    return is_good;
}

/* By their numbers: the folder may have very many files. */
static bool take_catalogs(folder_source *s, const char *path, const char *name, wp_oid db)
{
    const backup_files *files = s->now->whole;
    for (size_t i = 0; i < files->nfollowed; i++)
        if (wp_catalog_is_shared(files->followed[i]) == (db == 0)
            && !take_relation(s, path, name, files->followed[i]))
            return false;
    for (size_t i = 0; i < files->nmoved; i++)
        if (files->moved[i].db == db && !take_relation(s, path, name, files->moved[i].filenode))
            return false;
    return true;
}

/* The folder of a database: its map, and its files if there may be wanted ones. */
static bool take_database(folder_source *s, const char *path, const char *name)
{
    char *map = NULL, *called = NULL;
    bool has_map = false;
    if (asprintf(&map, "%s/pg_filenode.map", path) < 0)
        map = NULL;
    if (asprintf(&called, "%s/pg_filenode.map", name) < 0)
        called = NULL;
    const place at = called ? place_of(called, 0) : (place){ 0 };
    bool is_good = map && called ? at.kind != PLACE_MAP || take_named(s, map, called, &has_map)
                                 : message_no_memory(s->now->message);
    free(map);
    free(called);
    if (!is_good || at.kind != PLACE_MAP)
        return is_good;
    if (s->now->takes_catalogs)
        return !has_map || take_catalogs(s, path, name, at.db);
    return !wanted_has_database(s->now->wanted, at.spc, at.db) || take_files(s, path, name);
}

static bool is_version_folder(const folder_source *s, const char *name)
{
    const char *last = strrchr(name, '/') + 1;
    const char *version = strrchr(last, '_');
    const uint32_t wanted = s->now->wanted ? s->now->wanted->catalog_version : 0;
    return strncmp(last, "PG_", 3) == 0
           && (!wanted || (version && strtoul(version + 1, NULL, 10) == wanted));
}

static bool visit_version(folder_source *s, const char *path, const char *name)
{
    bool is_there;
    if (!is_version_folder(s, name))
        return true;
    s->has_version = true;
    return each_entry(s, path, name, take_database, &is_there);
}

/* ---- tablespaces ---------------------------------------------------------------------------- */

/* Where tablespace_map says that it lies, to be freed; NULL: it does not tell. */
static char *mapped_path(const folder_source *s, wp_oid spc)
{
    for (const char *line = s->map; line && *line;) {
        const size_t len = strcspn(line, "\n");
        const char *at = line;
        wp_oid named;
        if (place_skip_number(&at, &named) && named == spc && *at == ' ')
            return strndup(at + 1, len - (size_t)(at + 1 - line));
        line += len + (line[len] == '\n');
    }
    return NULL;
}

static bool take_tablespace(folder_source *s, wp_oid spc)
{
    char name[64], *path = NULL;
    bool is_there = false;
    (void)snprintf(name, sizeof name, "pg_tblspc/%u", spc);
    if (!s->now->whole && !wanted_has_tablespace(s->now->wanted, spc))
        return true;
    if (asprintf(&path, "%s/%s", s->base.folder, name) < 0)
        return message_no_memory(s->now->message);
    char *mapped = mapped_path(s, spc);
    s->has_version = false;
    bool is_good = each_entry(s, path, name, visit_version, &is_there);
    if (is_good && !s->has_version && mapped)
        is_good = each_entry(s, mapped, name, visit_version, &is_there);
    if (is_good && !s->has_version && s->beside) {
        char *aside = NULL;
        is_good = asprintf(&aside, "%s/%u", s->beside, spc) >= 0
                      ? each_entry(s, aside, name, visit_version, &is_there)
                      : message_no_memory(s->now->message);
        free(aside);
    }
    if (is_good && !s->has_version) {
        (void)snprintf(s->base.missing, sizeof s->base.missing,
                       "backup \"%.200s\" lacks tablespace %u: nothing of it is in \"%.200s\"",
                       s->base.folder, spc, mapped ? mapped : path);
        if (s->now->takes_catalogs || wanted_names_tablespace(s->now->wanted, spc))
            is_good = message_fail(s->now->message, "%s", s->base.missing);
    }
    free(path);
    free(mapped);
    return is_good;
}

static bool visit_tablespace(folder_source *s, const char *path, const char *name)
{
    const char *at = strrchr(name, '/') + 1;
    wp_oid spc;
    (void)path;
    return !place_skip_number(&at, &spc) || *at || take_tablespace(s, spc);
}

static bool is_in_pg_tblspc(const folder_source *s, wp_oid spc)
{
    char *path = NULL;
    struct stat st;
    const bool is_there =
        asprintf(&path, "%s/pg_tblspc/%u", s->base.folder, spc) >= 0 && lstat(path, &st) == 0;
    free(path);
    return is_there;
}

/* One that neither pg_tblspc nor tablespace_map knows. */
static bool visit_beside(folder_source *s, const char *path, const char *name)
{
    const char *at = strrchr(name, '/') + 1;
    wp_oid spc;
    (void)path;
    if (!place_skip_number(&at, &spc) || *at || is_in_pg_tblspc(s, spc))
        return true;
    char *mapped = mapped_path(s, spc);
    const bool is_known = mapped;
    free(mapped);
    return is_known || take_tablespace(s, spc);
}

/* Those that only tablespace_map knows. */
static bool take_mapped(folder_source *s)
{
    for (const char *line = s->map; line && *line;) {
        const size_t len = strcspn(line, "\n");
        const char *at = line;
        wp_oid spc;
        if (place_skip_number(&at, &spc) && *at == ' ' && !is_in_pg_tblspc(s, spc)
            && !take_tablespace(s, spc))
            return false;
        line += len + (line[len] == '\n');
    }
    return true;
}

static bool keep_map(folder_source *s)
{
    const backup_file *got = backup_files_find(s->small, (place){ .kind = PLACE_TABLESPACES });
    if (!got || s->map)
        return true;
    s->map = strndup((const char *)got->bytes, got->len);
    return s->map || message_no_memory(s->now->message);
}
/* ---- the whole ------------------------------------------------------------------------------ */

/* A file or folder of the data directory, by its name there. */
static bool visit_named(folder_source *s, const char *name, visit_entry *visit)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", s->base.folder, name) < 0)
        return message_no_memory(s->now->message);
    const bool is_good = visit(s, path, name);
    free(path);
    return is_good;
}

/* One that must be there. */
static bool visit_folder(folder_source *s, const char *path, const char *name, visit_entry *visit)
{
    bool is_there = false;
    return each_entry(s, path, name, visit, &is_there)
           && (is_there
               || message_fail(s->now->message, "cannot open \"%s\": %s", path, strerror(ENOENT)));
}

static bool visit_databases(folder_source *s, const char *path, const char *name)
{
    return visit_folder(s, path, name, take_database);
}

static bool visit_tablespaces(folder_source *s, const char *path, const char *name)
{
    return visit_folder(s, path, name, visit_tablespace) && take_mapped(s)
           && (!s->beside || visit_folder(s, s->beside, name, visit_beside));
}

static bool visit_small(folder_source *s, const char *path, const char *name)
{
    bool is_there;
    return take_named(s, path, name, &is_there);
}

static bool read_small(folder_source *s)
{
    static const char *const names[] = { "PG_VERSION", "backup_label", "global/pg_control",
                                         "tablespace_map" };
    bool is_good = true;
    for (size_t i = 0; is_good && i < sizeof names / sizeof *names; i++)
        is_good = visit_named(s, names[i], visit_small);
    return is_good && keep_map(s);
}

static bool read_logs(folder_source *s)
{
    static const struct {
        const char *name;
        wp_oid log;
    } logs[] = { { "pg_xact", WP_REDO_XACT },
                 { "pg_clog", WP_REDO_XACT },
                 { "pg_multixact/offsets", WP_REDO_MULTIXACT_OFFSETS },
                 { "pg_multixact/members", WP_REDO_MULTIXACT_MEMBERS } };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++)
        if (!s->now->takes_catalogs && wanted_has_log(s->now->wanted, logs[i].log)
            && !visit_named(s, logs[i].name, take_files))
            return false;
    return true;
}

static bool folder_read(source *base, const reading *r)
{
    folder_source *s = (folder_source *)base;
    s->now = r;
    if (r->whole)
        s->small = r->whole;
    if (r->whole && !read_small(s))
        return false;
    if (r->whole && !backup_files_find(s->small, (place){ .kind = PLACE_VERSION }))
        return true; /* complained about later */
    return read_logs(s) && visit_named(s, "global", take_database)
           && visit_named(s, "base", visit_databases)
           && visit_named(s, "pg_tblspc", visit_tablespaces);
}

static void folder_free(source *base)
{
    folder_source *s = (folder_source *)base;
    free(s->map);
    free(s->beside);
    stream_free(s->in);
    free(s->base.folder);
    free(s);
}

source *source_folder_open(const char *path, const char *beside, char message[MESSAGE_BYTES])
{
    folder_source *s = calloc(1, sizeof *s);
    if (!s) {
        (void)message_no_memory(message);
        return NULL;
    }
    s->base.read = folder_read;
    s->base.free = folder_free;
    s->base.folder = strdup(path);
    s->beside = beside ? strdup(beside) : NULL;
    if (s->base.folder && (!beside || s->beside))
        return &s->base;
    (void)message_no_memory(message);
    folder_free(&s->base);
    return NULL;
}
