/*
 * moved_catalogs.c - the files catalogs moved to, see moved_catalogs.h.
 */
#include "infer/moved_catalogs.h"

#include <stdlib.h>
#include <string.h>

#include "format/catalogs.h"

/* An index of pg_index: stands for whatever is a catalog's and not followed; its rows are no user's. */
#define UNFOLLOWED_CATALOG 2678

static int compare_files(const wp_catalog_file *x, wp_oid db, wp_oid filenode)
{
    if (x->db != db)
        return x->db < db ? -1 : 1;
    return (x->filenode > filenode) - (x->filenode < filenode);
}

static size_t position(const wpi_moved *moved, wp_oid db, wp_oid filenode)
{
    size_t lo = 0, hi = moved->nfiles;
    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        if (compare_files(&moved->files[mid], db, filenode) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool wpi_moved_has(const wpi_moved *moved, wp_oid db, wp_oid filenode)
{
    const size_t at = position(moved, db, filenode);
    return at < moved->nfiles && compare_files(&moved->files[at], db, filenode) == 0;
}

void wpi_moved_note(wpi_moved *moved, wp_oid db, wp_oid filenode, wp_oid catalog)
{
    if (catalog >= WPI_FIRST_NORMAL_OID || filenode == 0 || filenode == catalog)
        return;
    if (wpi_is_shared_catalog(catalog))
        db = 0;
    if (wpi_moved_has(moved, db, filenode))
        return;
    const size_t at = position(moved, db, filenode);
    if (moved->nfiles == moved->room) {
        const size_t room = moved->room ? moved->room * 2 : 8;
        wp_catalog_file *grown = realloc(moved->files, room * sizeof *grown);
        if (!grown) {
            moved->out_of_memory = true;
            return;
        }
        moved->files = grown;
        moved->room = room;
    }
    memmove(moved->files + at + 1, moved->files + at, (moved->nfiles - at) * sizeof *moved->files);
    moved->files[at] = (wp_catalog_file){ db, filenode, catalog };
    moved->nfiles++;
    if (wpi_is_tracked_catalog(catalog))
        moved->is_followed = true;
}

void wpi_moved_expect(wpi_moved *moved, wp_oid db, wp_oid filenode, wp_oid catalog)
{
    const bool was_followed = moved->is_followed;
    wpi_moved_note(moved, db, filenode, catalog);
    moved->is_followed = was_followed;
}

void wpi_moved_forget(wpi_moved *moved, wp_oid db, wp_oid filenode)
{
    size_t kept = 0;
    for (size_t i = 0; i < moved->nfiles; i++) {
        const wp_catalog_file file = moved->files[i];
        if (file.db != db || (filenode && file.filenode != filenode))
            moved->files[kept++] = file;
    }
    moved->nfiles = kept;
}

void wpi_moved_save(const wpi_moved *moved, wpi_saver *s)
{
    wpi_save_number(s, moved->is_followed);
    wpi_save_number(s, moved->nfiles);
    wpi_save(s, moved->files, moved->nfiles * sizeof *moved->files);
}

void wpi_moved_load(wpi_moved *moved, wpi_loader *l)
{
    const bool is_followed = wpi_load_number(l) != 0;
    for (size_t n = wpi_load_count(l, sizeof *moved->files); n > 0 && !l->failed; n--) {
        wp_catalog_file file;
        wpi_load(l, &file, sizeof file);
        wpi_moved_note(moved, file.db, file.filenode, file.catalog);
    }
    moved->is_followed = is_followed;
}

/* The catalog a transaction locked before all else and changed; 0: it began with something else. */
static wp_oid first_locked_catalog(const wpi_work *works, size_t n, const wp_fact_xact *fact)
{
    size_t i = 0;
    while (i < n && works[i].kind != WPI_WORK_LOCKED)
        i++;
    const wp_oid oid = i < n && works[i].of.relation.db == fact->db ? works[i].of.relation.oid : 0;
    if (oid >= WPI_FIRST_NORMAL_OID || wpi_is_shared_catalog(oid))
        return 0;
    for (uint32_t k = 0; oid && k < fact->nrelcache; k++)
        if (wp_fact_xact_relcache(fact)[k] == oid)
            return oid;
    return 0;
}

/* Files of a catalog: its own one is made before those of its toast and indexes, so its number is the lowest. */
static void note_lowest_file(wpi_moved *moved, wp_oid db, wp_oid lowest, wp_oid filenode,
                             wp_oid catalog)
{
    if (filenode >= WPI_FIRST_NORMAL_OID)
        wpi_moved_note(moved, db, filenode, filenode == lowest ? catalog : UNFOLLOWED_CATALOG);
}

/*
 * VACUUM FULL, CLUSTER and REINDEX of a catalog lock it first, and make as many files as they remove. So the
 * move is seen even where the page of pg_class that says so was shown before the WAL begins.
 */
void wpi_moved_commit(wpi_moved *moved, const wpi_work *works, size_t n, const wp_fact_xact *fact)
{
    const wp_oid catalog = fact->nrels ? first_locked_catalog(works, n, fact) : 0;
    if (catalog == 0)
        return;
    wp_oid made = 0, removed = 0;
    uint32_t nmade = 0;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_FILE_CREATED && works[i].of.file.db == fact->db) {
            made = made == 0 || works[i].of.file.rel < made ? works[i].of.file.rel : made;
            nmade++;
        }
    if (nmade != fact->nrels)
        return;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_FILE_CREATED && works[i].of.file.db == fact->db)
            note_lowest_file(moved, fact->db, made, works[i].of.file.rel, catalog);
    const wp_locator *rels = wp_fact_xact_rels(fact);
    for (uint32_t i = 0; i < fact->nrels; i++)
        removed = removed == 0 || rels[i].rel < removed ? rels[i].rel : removed;
    for (uint32_t i = 0; i < fact->nrels; i++)
        note_lowest_file(moved, fact->db, removed, rels[i].rel, catalog);
}
