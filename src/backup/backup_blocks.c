/*
 * backup_blocks.c - see backup_blocks.h.
 */
#include "backup/backup_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "backup/source.h"
#include "base/grow.h"
#include "base/message.h"

struct backup_blocks {
    const char *path;
    source *source;
    backup_files small;
    backup_about about;
    backup_parts parts;
    wanted_files fetched; /* all that was asked for */
    wp_locator *databases;
    size_t ndatabases, databases_room;
    wp_lsn stop;      /* no page is newer; 0: not known */
    backup_part last; /* the one that was read last; size 0: none */
};

/* ---- maps ----------------------------------------------------------------------------------- */

/* Not one of the folder of another version in the same tablespace. */
static bool is_of_this_version(const backup_blocks *b, const place *at)
{
    return !at->catalog_version || at->catalog_version == b->about.control.catalog_version;
}

static bool add_map(backup_blocks *b, const backup_file *map, char *message)
{
    wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
    size_t n;
    wp_error err;
    if (wp_relmap_parse(backup_file_view(map), entries, &n, &err) < 0)
        return message_fail(message, "backup \"%s\", pg_filenode.map of database %u: %s", b->path,
                            map->at.db, err.text);
    const wp_locator at = { map->at.spc, map->at.db, 0 };
    wp_locator *slot = at.db ? GROW(b->databases, b->ndatabases, b->databases_room) : b->databases;
    if (at.db && !slot)
        return message_no_memory(message);
    if (at.db)
        *slot = at;
    for (size_t i = 0; i < n; i++)
        if (!wanted_add_mapped(&b->fetched, &(wp_locator){ at.spc, at.db, entries[i].filenode }))
            return message_no_memory(message);
    return true;
}

static int by_database(const void *x, const void *y)
{
    const wp_locator *a = x, *b = y;
    return (a->db > b->db) - (a->db < b->db);
}

static bool add_maps(backup_blocks *b, char *message)
{
    for (size_t i = 0; i < b->small.nfiles; i++) {
        const backup_file *f = &b->small.files[i];
        if (f->at.kind == PLACE_MAP && is_of_this_version(b, &f->at) && !add_map(b, f, message))
            return false;
    }
    if (b->ndatabases > 0)
        qsort(b->databases, b->ndatabases, sizeof *b->databases, by_database);
    wanted_sort(&b->fetched);
    return backup_blocks_map(b, GLOBAL_TABLESPACE, 0).bytes
           || message_fail(message, "backup \"%s\" has no global/pg_filenode.map: it is not whole",
                           b->path);
}

/* ---- making ready --------------------------------------------------------------------------- */

static bool add_wants(wanted_files *to, const backup_wants *wants)
{
    for (size_t i = 0; i < wants->nfiles; i++)
        if (!wanted_add_file(to, &wants->files[i]))
            return false;
    for (size_t i = 0; i < wants->ncatalogs; i++)
        if (!wanted_add_catalogs(to, wants->catalogs[i]))
            return false;
    wanted_sort(to);
    return true;
}

/* Catalogs whose database may lie in a tablespace that could not be read are not said to be absent. */
static bool check_catalogs(const backup_blocks *b, const backup_wants *wants, char *message)
{
    for (size_t i = 0; i < wants->ncatalogs; i++) {
        const wp_oid db = wants->catalogs[i];
        bool is_there = db == 0 || b->source->missing[0] == '\0';
        for (size_t d = 0; !is_there && d < b->ndatabases; d++)
            is_there = b->databases[d].db == db;
        if (!is_there)
            return message_fail(message, "%s", b->source->missing);
    }
    return true;
}

/* Reads what is wanted; asked: the maps are known, and what was fetched before. */
static bool read_wanted(backup_blocks *b, const wanted_files *w, char *message)
{
    const reading r = { .wanted = w, .parts = &b->parts, .message = message };
    return b->source->read(b->source, &r) && parts_sort(&b->parts, message);
}

bool backup_blocks_fetch(backup_blocks *b, const backup_wants *wants, char message[MESSAGE_BYTES])
{
    /* Only what was not asked for before: an archive is not read through for nothing. */
    wanted_files fresh = { .catalog_version = b->about.control.catalog_version };
    bool is_good = check_catalogs(b, wants, message);
    bool has_memory = true;
    b->last.size = 0;
    for (size_t i = 0; i < wants->nfiles; i++)
        if (!wanted_has_file(&b->fetched, &wants->files[i]))
            has_memory &= wanted_add_file(&fresh, &wants->files[i]);
    for (size_t i = 0; i < wants->ncatalogs; i++)
        if (!wanted_has_catalogs(&b->fetched, wants->catalogs[i]))
            has_memory &= wanted_add_catalogs(&fresh, wants->catalogs[i]);
    for (size_t i = 0; fresh.ncatalogs > 0 && i < b->fetched.nmapped; i++)
        has_memory &= wanted_add_mapped(&fresh, &b->fetched.mapped[i]);
    wanted_sort(&fresh);
    if (!has_memory)
        is_good = message_no_memory(message);
    if (is_good && fresh.n + fresh.ncatalogs > 0)
        is_good = read_wanted(b, &fresh, message)
                  && (add_wants(&b->fetched, wants) || message_no_memory(message));
    wanted_free(&fresh);
    return is_good;
}

/* Catalogs of the first wants that lie in files which only their maps name, and were passed over. */
static bool fetch_mapped(backup_blocks *b, char *message)
{
    wanted_files left = { .catalog_version = b->about.control.catalog_version };
    bool is_good = true;
    for (size_t i = 0; is_good && i < b->fetched.nmapped; i++) {
        const wp_locator *at = &b->fetched.mapped[i];
        const place first = {
            .kind = PLACE_RELATION, .spc = at->spc, .db = at->db, .node = at->rel
        };
        if (wanted_has_file(&b->fetched, at) && !parts_find(&b->parts, &first))
            is_good = wanted_add_file(&left, at) || message_no_memory(message);
    }
    wanted_sort(&left);
    if (is_good && left.n > 0)
        is_good = read_wanted(b, &left, message);
    wanted_free(&left);
    return is_good;
}

/* ---- opening -------------------------------------------------------------------------------- */

static void drop_other_versions(backup_blocks *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->parts.n; i++)
        if (is_of_this_version(b, &b->parts.items[i].at))
            b->parts.items[kept++] = b->parts.items[i];
    b->parts.n = kept;
}

static bool load(backup_blocks *b, const backup_wants *wants, char *message)
{
    if (!backup_files_init(&b->small, b->path, message)
        || !(b->source = source_open(b->path, message)))
        return false;
    if (wants && !add_wants(&b->fetched, wants))
        return message_no_memory(message);
    const reading first = {
        .whole = &b->small, .wanted = &b->fetched, .parts = &b->parts, .message = message
    };
    if (!b->source->read(b->source, &first)
        || !source_about(b->source, &b->small, &b->about, &b->parts.bytes_read))
        return false;
    b->stop = b->about.stop_lsn;
    b->fetched.catalog_version = b->about.control.catalog_version;
    drop_other_versions(b);
    return parts_sort(&b->parts, message) && add_maps(b, message)
           && (!wants || check_catalogs(b, wants, message)) && fetch_mapped(b, message);
}

bool backup_blocks_open(const char *path, const backup_wants *wants, backup_blocks **out,
                        char message[MESSAGE_BYTES])
{
    backup_blocks *b = calloc(1, sizeof *b);
    *out = b;
    if (!b)
        return message_no_memory(message);
    b->path = path;
    parts_init(&b->parts, path);
    const bool is_good = load(b, wants, message);
    b->small.message = NULL;
    return is_good;
}

void backup_blocks_free(backup_blocks *b)
{
    if (!b)
        return;
    if (b->source)
        b->source->free(b->source);
    backup_files_free(&b->small);
    parts_free(&b->parts);
    wanted_free(&b->fetched);
    free(b->databases);
    free(b);
}

/* ---- questions ------------------------------------------------------------------------------ */

void backup_blocks_set_stop(backup_blocks *b, wp_lsn stop)
{
    b->stop = stop;
}

const backup_about *backup_blocks_about(const backup_blocks *b)
{
    return &b->about;
}

const wp_locator *backup_blocks_databases(const backup_blocks *b, size_t *count)
{
    *count = b->ndatabases;
    return b->databases;
}

wp_view backup_blocks_map(const backup_blocks *b, wp_oid spc, wp_oid db)
{
    for (size_t i = 0; i < b->small.nfiles; i++) {
        const backup_file *f = &b->small.files[i];
        if (f->at.kind == PLACE_MAP && f->at.spc == spc && f->at.db == db
            && is_of_this_version(b, &f->at))
            return backup_file_view(f);
    }
    return (wp_view){ 0 };
}

bool backup_blocks_check(backup_blocks *b, manifest_check *out, char message[MESSAGE_BYTES])
{
    return manifest_check_parts(b->source->folder, &b->parts, out, message);
}

uint64_t backup_blocks_bytes_read(const backup_blocks *b)
{
    return b->parts.bytes_read;
}

static place place_of_file(const wp_locator *file, uint32_t part)
{
    if (file->spc == WP_REDO_LOG_TABLESPACE)
        return (place){ .kind = PLACE_LOG, .node = file->rel, .part = part };
    return (place){ PLACE_RELATION, file->spc, file->db, file->rel, part, 0 };
}

bool backup_blocks_has(const backup_blocks *b, const wp_locator *file)
{
    const place at = place_of_file(file, 0);
    return parts_find(&b->parts, &at) != NULL;
}

uint32_t backup_blocks_count(const backup_blocks *b, const wp_locator *file)
{
    const wp_control *c = &b->about.control;
    const uint32_t parts_max = UINT32_MAX / c->blocks_per_file;
    if (file->spc == WP_REDO_LOG_TABLESPACE)
        return 0;
    /* Like the server: where a part is not full, those after it do not count. */
    for (uint32_t n = 0; n < parts_max; n++) {
        const place at = place_of_file(file, n);
        const backup_part *one = parts_find(&b->parts, &at);
        const uint64_t blocks = one ? one->size / c->block_bytes : 0;
        if (blocks < c->blocks_per_file)
            return n * c->blocks_per_file + (uint32_t)blocks;
    }
    return parts_max * c->blocks_per_file;
}

bool backup_blocks_has_rest(const backup_blocks *b, const wp_locator *file)
{
    const wp_control *c = &b->about.control;
    if (file->spc == WP_REDO_LOG_TABLESPACE)
        return false;
    const uint32_t count = backup_blocks_count(b, file);
    const place last = place_of_file(file, count / c->blocks_per_file);
    if (count > 0 && count % c->blocks_per_file == 0 && !parts_find(&b->parts, &last))
        return true;
    for (size_t i = 0; i < b->parts.sorted; i++) {
        const backup_part *one = &b->parts.items[i];
        place at = one->at;
        at.part = last.part;
        if (one->size == 0 || one->at.part < last.part || !place_is_same(&at, &last))
            continue;
        if (one->at.part > last.part || one->size % c->block_bytes != 0)
            return true;
    }
    return false;
}

/* ---- blocks --------------------------------------------------------------------------------- */

/* The part in which a block lies; NULL: there is none. */
static const backup_part *part_with(backup_blocks *b, const wp_locator *file, uint32_t block,
                                    uint64_t *offset)
{
    const bool is_log = file->spc == WP_REDO_LOG_TABLESPACE;
    const wp_control *c = &b->about.control;
    const uint32_t blocks_per_part = is_log ? PLACE_LOG_BLOCKS : c->blocks_per_file;
    const place at = place_of_file(file, block / blocks_per_part);
    *offset = (uint64_t)(block % blocks_per_part) * c->block_bytes;
    if (b->last.size == 0 || !place_is_same(&b->last.at, &at)) {
        const backup_part *found = parts_find(&b->parts, &at);
        if (!found || (!is_log && at.part > 0 && backup_blocks_count(b, file) <= block))
            return NULL;
        b->last = *found;
    }
    return *offset + c->block_bytes <= b->last.size ? &b->last : NULL;
}

/* Links in pg_tblspc, and tablespace_map, may lead to tablespaces of a server that went on. */
static bool check_age(const backup_blocks *b, const wp_locator *file, uint32_t block,
                      const uint8_t *page, char *message)
{
    wp_lsn lsn;
    char changed[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES];
    const wp_view bytes = { page, b->about.control.block_bytes };
    if (b->stop == 0 || file->spc == WP_REDO_LOG_TABLESPACE || !wp_page_lsn(bytes, &lsn)
        || lsn <= b->stop)
        return true;
    return message_fail(message,
                        "block %u of file %u of database %u was changed at %s, and backup \"%s\" "
                        "ends at %s: it is none of the backup's%s",
                        block, file->rel, file->db, wp_lsn_format(lsn, changed), b->path,
                        wp_lsn_format(b->stop, end),
                        file->spc == DEFAULT_TABLESPACE || file->spc == GLOBAL_TABLESPACE
                            ? ""
                            : " (does its pg_tblspc lead to a tablespace in use?)");
}

backup_block_status backup_blocks_read(backup_blocks *b, const wp_locator *file, uint32_t block,
                                       uint8_t *page, char message[MESSAGE_BYTES])
{
    uint64_t offset;
    size_t got;
    const backup_part *one = part_with(b, file, block, &offset);
    if (!one && wanted_has_file(&b->fetched, file))
        return BACKUP_BLOCK_ABSENT;
    if (!one) {
        (void)message_fail(message, "file %u of database %u was not fetched from backup \"%s\"",
                           file->rel, file->db, b->path);
        return BACKUP_BLOCK_FAILED;
    }
    const size_t len = b->about.control.block_bytes;
    return parts_read(&b->parts, one, offset, page, len, &got, message)
                   && check_age(b, file, block, page, message)
               ? BACKUP_BLOCK_READ
               : BACKUP_BLOCK_FAILED;
}
