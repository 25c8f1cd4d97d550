/*
 * external_names.c - names from outside the WAL, see <walparse/external_names.h>.
 */
#include "catalog/external_names.h"

#include <stdlib.h>
#include <string.h>

#include "format/catalogs.h"
#include "base/fail.h"
#include "base/saved.h"
#include "base/table.h"

struct wp_external_names {
    wpi_table objects; /* (catalog, db, oid) -> wpi_row */
    wpi_table files;   /* (db, filenode, 0) -> wpi_row of pg_class */
    wp_catalog_file *catalog_files;
    size_t ncatalog_files, catalog_files_room;
};

wp_status wp_external_names_new(wp_external_names **out, wp_error *err)
{
    wp_external_names *names = calloc(1, sizeof *names);
    if (!names)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    *out = names;
    return WP_OK;
}

/* The row of an object, made if need be. NULL: out of memory. */
static wpi_row *need_row(wp_external_names *names, wpi_key key)
{
    wpi_row *row = wpi_table_get(&names->objects, key);
    if (row)
        return row;
    row = calloc(1, sizeof *row);
    if (row && !wpi_table_put(&names->objects, key, row)) {
        free(row);
        row = NULL;
    }
    return row;
}

/* row: all but its name. */
static wp_status add(wp_external_names *names, const wpi_row *row, const char *name, wp_error *err)
{
    const size_t len = strlen(name);
    if (len >= WP_NAME_BYTES || len == 0)
        return wpi_fail(err, WP_ERR_USAGE, 0, "a name of %zu bytes", len);
    const wpi_key file = { row->db, row->filenode, 0 };
    wpi_row *kept = need_row(names, (wpi_key){ row->catalog, row->db, row->oid });
    if (!kept || (row->filenode && !wpi_table_put(&names->files, file, kept)))
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    *kept = *row;
    kept->source = WP_NAME_FROM_SERVER;
    memcpy(kept->name, name, len + 1);
    return WP_OK;
}

wp_status wp_external_names_add_relation(wp_external_names *names,
                                         const wp_external_relation *relation, wp_error *err)
{
    const wpi_row row = { .catalog = WPI_PG_CLASS,
                          .db = relation->db,
                          .oid = relation->oid,
                          .nsp = relation->schema,
                          .filenode = relation->filenode,
                          .spc = relation->tablespace,
                          .kind = relation->relkind };
    return add(names, &row, relation->name, err);
}

wp_status wp_external_names_add_schema(wp_external_names *names, wp_oid db, wp_oid oid,
                                       const char *name, wp_error *err)
{
    return add(names, &(wpi_row){ .catalog = WPI_PG_NAMESPACE, .db = db, .oid = oid }, name, err);
}

wp_status wp_external_names_add_database(wp_external_names *names, wp_oid oid, const char *name,
                                         wp_error *err)
{
    return add(names, &(wpi_row){ .catalog = WPI_PG_DATABASE, .oid = oid }, name, err);
}

const wpi_row *wpi_external_object(const wp_external_names *names, wp_oid which, wp_oid db,
                                   wp_oid oid)
{
    return names ? wpi_table_get(&names->objects, (wpi_key){ which, db, oid }) : NULL;
}

/* A file that an object has left for another one is its no more. */
const wpi_row *wpi_external_file(const wp_external_names *names, const wp_locator *locator)
{
    const wpi_row *row =
        names ? wpi_table_get(&names->files, (wpi_key){ locator->db, locator->rel, 0 }) : NULL;
    const bool is_its = row && row->filenode == locator->rel;
    return is_its && (!row->spc || row->spc == locator->spc) ? row : NULL;
}

void wpi_external_names_each(const wp_external_names *names, wpi_on_row visit, void *context)
{
    size_t at = 0;
    for (const wpi_row *row; names && (row = wpi_table_next(&names->objects, &at));)
        visit(context, row);
}

wp_status wp_external_names_add_catalog_file(wp_external_names *names, wp_oid db, wp_oid filenode,
                                             wp_oid catalog, wp_error *err)
{
    if (names->ncatalog_files == WP_EXTERNAL_FILES_MAX)
        return wpi_fail(err, WP_ERR_LIMIT, 0, "too many files of catalogs");
    if (names->ncatalog_files == names->catalog_files_room) {
        const size_t room = names->catalog_files_room ? names->catalog_files_room * 2 : 64;
        wp_catalog_file *grown = realloc(names->catalog_files, room * sizeof *grown);
        if (!grown)
            return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
        names->catalog_files = grown;
        names->catalog_files_room = room;
    }
    names->catalog_files[names->ncatalog_files++] = (wp_catalog_file){ db, filenode, catalog };
    return WP_OK;
}

const wp_catalog_file *wpi_external_catalog_files(const wp_external_names *names, size_t *count)
{
    *count = names ? names->ncatalog_files : 0;
    return names ? names->catalog_files : NULL;
}

wp_status wp_external_names_add_all(wp_external_names *names, const wp_external_names *from,
                                    wp_error *err)
{
    size_t at = 0;
    for (const wpi_row *row; from && (row = wpi_table_next(&from->objects, &at));) {
        const bool is_there = wpi_external_object(names, row->catalog, row->db, row->oid) != NULL;
        const wp_status status = is_there ? WP_OK : add(names, row, row->name, err);
        if (status < 0)
            return status;
    }
    for (size_t i = 0; from && i < from->ncatalog_files; i++) {
        const wp_catalog_file *file = &from->catalog_files[i];
        const wp_status status =
            wp_external_names_add_catalog_file(names, file->db, file->filenode, file->catalog, err);
        if (status < 0)
            return status;
    }
    return WP_OK;
}

wp_status wp_external_names_save(const wp_external_names *names,
                                 bool (*write)(void *context, const void *bytes, size_t n),
                                 void *context, wp_error *err)
{
    wpi_saver s = { write, context, false };
    size_t at = 0;
    wpi_save_number(&s, sizeof(wpi_row));
    wpi_save_number(&s, names ? names->objects.used : 0);
    for (const wpi_row *row; names && (row = wpi_table_next(&names->objects, &at));)
        wpi_save(&s, row, sizeof *row);
    return s.failed ? wpi_fail(err, WP_ERR_LIMIT, 0, "it cannot be written") : WP_OK;
}

static bool is_row(const wpi_row *row)
{
    const bool is_followed = row->catalog == WPI_PG_CLASS || row->catalog == WPI_PG_NAMESPACE
                             || row->catalog == WPI_PG_DATABASE;
    return is_followed && memchr(row->name, '\0', sizeof row->name) != NULL;
}

wp_status wp_external_names_load(wp_external_names *names, wp_view *saved, wp_error *err)
{
    wpi_loader l = { .at = saved->bytes, .left = saved->len };
    if (wpi_load_number(&l) != sizeof(wpi_row))
        return wpi_fail(err, WP_ERR_VERSION, 0, "another version of this program has written it");
    for (size_t n = wpi_load_count(&l, sizeof(wpi_row)); n > 0; n--) {
        wpi_row row;
        wpi_load(&l, &row, sizeof row);
        if (l.failed || !is_row(&row))
            return wpi_fail(err, WP_ERR_DAMAGE, 0, "it contradicts itself");
        const wp_status status = add(names, &row, row.name, err);
        if (status < 0)
            return status;
    }
    *saved = (wp_view){ l.at, l.left };
    return l.failed ? wpi_fail(err, WP_ERR_DAMAGE, 0, "it contradicts itself") : WP_OK;
}

void wp_external_names_free(wp_external_names *names)
{
    if (!names)
        return;
    size_t at = 0;
    for (wpi_row *row; (row = wpi_table_next(&names->objects, &at));)
        free(row);
    wpi_table_free(&names->objects);
    wpi_table_free(&names->files);
    free(names->catalog_files);
    free(names);
}
