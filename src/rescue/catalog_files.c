/* catalog_files.c - see catalog_files.h. */
#include "rescue/catalog_files.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/catalog_rows.h"

bool dictionary_needs_add(dictionary_needs *to, const wp_locator *file)
{
    for (size_t i = 0; i < to->count; i++)
        if (memcmp(&to->items[i], file, sizeof *file) == 0)
            return true;
    wp_locator *item = GROW(to->items, to->count, to->room);
    if (item != NULL)
        *item = *file;
    return item != NULL;
}

/* ---- maps ----------------------------------------------------------------------------------- */

static bool parse_map(wp_view bytes, wp_oid db, catalog_map *out, char message[512])
{
    wp_error err;
    out->is_known = bytes.bytes != NULL;
    out->count = 0;
    return !out->is_known || wp_relmap_parse(bytes, out->entries, &out->count, &err) >= 0
           || message_fail(message, "pg_filenode.map of the database with OID %u: %s", db,
                           err.text);
}

bool catalog_map_of_backup(const heap *h, wp_oid spc, wp_oid db, catalog_map *out,
                           char message[512])
{
    const wp_view none = { NULL, 0 };
    return parse_map(h->base != NULL ? backup_blocks_map(h->base, spc, db) : none, db, out,
                     message);
}

bool catalog_map_now(const heap *h, wp_oid spc, wp_oid db, catalog_map *out, char message[512])
{
    wp_view bytes;
    if (!wp_redo_relmap(h->redo, spc, db, &bytes) && h->base != NULL)
        return message_fail(message,
                            "the database with OID %u was copied as files after the base backup "
                            "began, and the WAL does not have them; take a later base backup",
                            db);
    return bytes.bytes != NULL ? parse_map(bytes, db, out, message)
                               : catalog_map_of_backup(h, spc, db, out, message);
}

wp_oid catalog_map_file(const catalog_map *map, wp_oid catalog)
{
    if (!map->is_known)
        return catalog < FIXED_OIDS_END ? catalog : 0;
    for (size_t i = 0; i < map->count; i++)
        if (map->entries[i].catalog == catalog)
            return map->entries[i].filenode;
    return 0;
}

/* ---- catalogs of a backup ------------------------------------------------------------------- */

bool catalog_is_wanted(wp_oid oid)
{
    static const wp_oid others[] = {
        1214, /* pg_shdepend */
        2613, /* pg_largeobject */
        2619, /* pg_statistic */
        2840, /* its TOAST table */
        2995, /* pg_largeobject_metadata */
        3429, /* pg_statistic_ext_data */
        3430, /* its TOAST table */
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i] == oid)
            return false;
    return oid < FIXED_OIDS_END;
}

static bool is_table(char kind)
{
    return kind == 'r' || kind == 't';
}

/* Indexes have no rows. */
static bool is_wanted_table(const wp_system_relation *r)
{
    const size_t len = strlen(r->name);
    return catalog_is_wanted(r->oid) && (len < 6 || strcmp(r->name + len - 6, "_index") != 0);
}

/* Each in the file of its OID, where initdb makes it: no other relation ever has that file. */
static bool add_first_files(const heap *h, wp_oid spc, wp_oid db, dictionary_needs *out)
{
    const wp_system_relation *it = NULL;
    while ((it = wp_profile_system_relation_after(h->profile, it ? it->oid : 0)) != NULL) {
        const wp_locator file = { it->is_shared ? GLOBAL_TABLESPACE : spc, it->is_shared ? 0 : db,
                                  it->oid };
        if (is_wanted_table(it) && !dictionary_needs_add(out, &file))
            return false;
    }
    return true;
}

bool catalog_map_add_files(const heap *h, const catalog_map *map, wp_oid spc, wp_oid db,
                           dictionary_needs *out)
{
    for (size_t i = 0; i < map->count; i++) {
        const wp_system_relation *r =
            wp_profile_system_relation(h->profile, map->entries[i].catalog);
        const wp_locator file = { spc, db, map->entries[i].filenode };
        if (r != NULL && is_wanted_table(r) && !dictionary_needs_add(out, &file))
            return false;
    }
    return true;
}

/* What a search for catalogs' files goes by. */
typedef struct finder {
    const heap *heap;
    wp_value_config config;
    catalog_layout layout; /* of pg_class */
    wp_oid spc, db;
    catalog_map own, shared;
    dictionary_needs *out;
} finder;

static bool add_file_of(const finder *f, const catalog_row *row)
{
    const wp_oid oid = catalog_row_oid(row, "oid");
    const bool is_shared = catalog_row_number(row, "relisshared") != 0;
    if (oid == 0 || !catalog_is_wanted(oid) || !is_table(catalog_row_char(row, "relkind")))
        return true;
    const wp_oid spc = catalog_row_oid(row, "reltablespace");
    wp_locator file = { is_shared  ? GLOBAL_TABLESPACE
                        : spc != 0 ? spc
                                   : f->spc,
                        is_shared ? 0 : f->db, catalog_row_oid(row, "relfilenode") };
    if (file.rel == 0)
        file.rel = catalog_map_file(is_shared ? &f->shared : &f->own, oid);
    return file.rel == 0 || dictionary_needs_add(f->out, &file);
}

/* All rows of a page, dead ones too: which of them are in force is not known before the replay. */
static bool add_files_of_page(const finder *f, const uint8_t *page)
{
    uint16_t item = 0;
    wp_view tuple;
    const wp_view bytes = { page, f->heap->block_bytes };
    while (wp_page_next_row(bytes, &item, &tuple)) {
        wp_datum datums[CATALOG_COLUMNS_MAX];
        catalog_row row;
        if (catalog_row_of(&f->config, &f->layout, tuple, datums, &row) && !add_file_of(f, &row))
            return false;
    }
    return true;
}

static bool add_files_of_class(const finder *f, const wp_locator *class, char message[512])
{
    uint8_t *page = malloc(f->heap->block_bytes);
    bool is_good = page != NULL || message_no_memory(message);
    const uint32_t blocks = is_good ? backup_blocks_count(f->heap->base, class) : 0;
    for (uint32_t block = 0; is_good && block < blocks; block++) {
        const backup_block_status status =
            backup_blocks_read(f->heap->base, class, block, page, message);
        is_good = status != BACKUP_BLOCK_FAILED;
        if (status == BACKUP_BLOCK_READ && !add_files_of_page(f, page))
            is_good = message_no_memory(message);
    }
    free(page);
    return is_good;
}

bool dictionary_catalog_files(const heap *h, wp_oid db_spc, wp_oid db, dictionary_needs *out,
                              char message[512])
{
    finder f = { .heap = h,
                 .config = { .profile = h->profile, .max_align = h->max_align },
                 .spc = db_spc,
                 .db = db,
                 .out = out };
    catalog_layout_known(h->profile, PG_CLASS, &f.layout);
    if (!catalog_map_of_backup(h, db_spc, db, &f.own, message)
        || !catalog_map_of_backup(h, GLOBAL_TABLESPACE, 0, &f.shared, message))
        return false;
    if (!add_first_files(h, db_spc, db, out) || !catalog_map_add_files(h, &f.own, db_spc, db, out)
        || !catalog_map_add_files(h, &f.shared, GLOBAL_TABLESPACE, 0, out))
        return message_no_memory(message);
    const wp_locator class = { db_spc, db, catalog_map_file(&f.own, PG_CLASS) };
    return h->base == NULL || class.rel == 0 || add_files_of_class(&f, &class, message);
}
