/*
 * wanted.c - see wanted.h.
 */
#include "backup/wanted.h"

#include <stdlib.h>

#include <walparse/redo.h>

#include "base/grow.h"

#define FIRST_NORMAL_OID 16384

void wanted_free(wanted_files *w)
{
    free(w->files);
    free(w->catalogs);
    free(w->mapped);
    *w = (wanted_files){ 0 };
}

bool wanted_add_file(wanted_files *w, const wp_locator *file)
{
    wp_locator *slot = GROW(w->files, w->n, w->room);
    if (slot)
        *slot = *file;
    return slot;
}

bool wanted_add_mapped(wanted_files *w, const wp_locator *file)
{
    wp_locator *slot = GROW(w->mapped, w->nmapped, w->mapped_room);
    if (slot)
        *slot = *file;
    return slot;
}

bool wanted_add_catalogs(wanted_files *w, wp_oid db)
{
    wp_oid *slot = GROW(w->catalogs, w->ncatalogs, w->catalogs_room);
    if (slot)
        *slot = db;
    return slot;
}

/* ---- order ---------------------------------------------------------------------------------- */

static int by_locator(const void *x, const void *y)
{
    const wp_locator *a = x, *b = y;
    if (a->spc != b->spc)
        return a->spc < b->spc ? -1 : 1;
    if (a->db != b->db)
        return a->db < b->db ? -1 : 1;
    return (a->rel > b->rel) - (a->rel < b->rel);
}

static int by_oid(const void *x, const void *y)
{
    const wp_oid a = *(const wp_oid *)x, b = *(const wp_oid *)y;
    return (a > b) - (a < b);
}

static size_t sort_locators(wp_locator *items, size_t n)
{
    size_t kept = 0;
    if (n > 0)
        qsort(items, n, sizeof *items, by_locator);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_locator(&items[i], &items[kept - 1]) != 0)
            items[kept++] = items[i];
    return kept;
}

void wanted_sort(wanted_files *w)
{
    w->n = sort_locators(w->files, w->n);
    w->nmapped = sort_locators(w->mapped, w->nmapped);
    size_t kept = 0;
    if (w->ncatalogs > 0)
        qsort(w->catalogs, w->ncatalogs, sizeof *w->catalogs, by_oid);
    for (size_t i = 0; i < w->ncatalogs; i++)
        if (i == 0 || w->catalogs[i] != w->catalogs[kept - 1])
            w->catalogs[kept++] = w->catalogs[i];
    w->ncatalogs = kept;
}

/* ---- questions ------------------------------------------------------------------------------ */

static bool has_locator(const wp_locator *items, size_t n, const wp_locator *one)
{
    return n > 0 && bsearch(one, items, n, sizeof *items, by_locator) != NULL;
}

/* Does the first one not before `from` lie in the same tablespace, or database of it? */
static bool has_from(const wanted_files *w, const wp_locator *from, bool is_database)
{
    size_t low = 0, high = w->n;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        if (by_locator(&w->files[mid], from) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low < w->n && w->files[low].spc == from->spc
           && (!is_database || w->files[low].db == from->db);
}

bool wanted_has_catalogs(const wanted_files *w, wp_oid db)
{
    return w->ncatalogs > 0
           && bsearch(&db, w->catalogs, w->ncatalogs, sizeof *w->catalogs, by_oid) != NULL;
}

bool wanted_has_file(const wanted_files *w, const wp_locator *file)
{
    if (has_locator(w->files, w->n, file))
        return true;
    return file->spc != WP_REDO_LOG_TABLESPACE && wanted_has_catalogs(w, file->db)
           && (file->rel < FIRST_NORMAL_OID || has_locator(w->mapped, w->nmapped, file));
}

bool wanted_has(const wanted_files *w, const place *at)
{
    if (at->kind == PLACE_LOG)
        return wanted_has_log(w, at->node);
    if (at->kind != PLACE_RELATION && at->kind != PLACE_INCREMENT)
        return false;
    if (at->catalog_version && w->catalog_version && at->catalog_version != w->catalog_version)
        return false;
    return wanted_has_file(w, &(wp_locator){ at->spc, at->db, at->node });
}

bool wanted_has_database(const wanted_files *w, wp_oid spc, wp_oid db)
{
    return wanted_has_catalogs(w, db) || has_from(w, &(wp_locator){ spc, db, 0 }, true);
}

bool wanted_has_tablespace(const wanted_files *w, wp_oid spc)
{
    return w->ncatalogs > 0 || wanted_names_tablespace(w, spc);
}

bool wanted_names_tablespace(const wanted_files *w, wp_oid spc)
{
    return has_from(w, &(wp_locator){ spc, 0, 0 }, false);
}

bool wanted_has_log(const wanted_files *w, wp_oid log)
{
    return has_locator(w->files, w->n, &(wp_locator){ WP_REDO_LOG_TABLESPACE, 0, log });
}
