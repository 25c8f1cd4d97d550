/*
 * dictionary_databases.c - rows of pg_database, which needs no dictionary of a database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/catalog_files.h"
#include "rescue/catalog_rows.h"

/* pg_database.datconnlimit, DATCONNLIMIT_INVALID_DB */
#define CONNLIMIT_INVALID (-2)

typedef struct taken {
    dictionary_database *items;
    size_t count, room;
    bool has_failed;
} taken;

static void take_text(const catalog_row *row, const char *column, char *out, size_t room)
{
    wp_text chars = { 0 };
    out[0] = '\0';
    if (catalog_row_text(row, column, &chars))
        snprintf(out, room, "%.*s", (int)chars.len, (const char *)chars.bytes);
    wp_text_free(&chars);
}

static bool take_database(void *context, const catalog_row *row)
{
    taken *to = context;
    dictionary_database *db = GROW(to->items, to->count, to->room);
    to->has_failed = db == NULL;
    if (db == NULL)
        return false;
    memset(db, 0, sizeof *db);
    db->oid = catalog_row_oid(row, "oid");
    db->tablespace = catalog_row_oid(row, "dattablespace");
    db->encoding = (int32_t)catalog_row_number(row, "encoding");
    db->is_invalid = catalog_row_number(row, "datconnlimit") == CONNLIMIT_INVALID;
    catalog_row_name(row, "datname", db->name);
    take_text(row, "datcollate", db->collate, sizeof db->collate);
    take_text(row, "datctype", db->ctype, sizeof db->ctype);
    return true;
}

bool dictionary_databases(const heap *h, bool (*is_followed)(void *context, const wp_locator *file),
                          void *context, dictionary_needs *needs, dictionary_database **out,
                          size_t *count, heap_sums *sums, char message[512])
{
    const wp_value_config config = { .profile = h->profile, .max_align = h->max_align };
    catalog_layout layout;
    catalog_map map;
    taken to = { 0 };
    heap_sums read = { 0 };
    *out = NULL;
    *count = 0;
    catalog_layout_known(h->profile, PG_DATABASE, &layout);
    if (!catalog_map_now(h, GLOBAL_TABLESPACE, 0, &map, message))
        return false;
    const catalog_file file = {
        .heap = h,
        .config = &config,
        .layout = &layout,
        .file = { GLOBAL_TABLESPACE, 0, catalog_map_file(&map, PG_DATABASE) },
    };
    if (file.file.rel == 0)
        return message_fail(message, "the shared pg_filenode.map has no pg_database");
    if (!is_followed(context, &file.file))
        return dictionary_needs_add(needs, &file.file) || message_no_memory(message);
    const bool is_read = catalog_rows(&file, take_database, &to, &read, message);
    heap_sums_add(sums, &read);
    if (!is_read || to.has_failed) {
        free(to.items);
        return is_read ? message_no_memory(message) : false;
    }
    if (to.count == 0 && heap_sums_are_certain(&read))
        return message_fail(message, "pg_database has no row at that place: the backup is damaged");
    *out = to.items;
    *count = to.count;
    return true;
}
