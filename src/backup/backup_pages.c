/*
 * backup_pages.c - see backup_pages.h.
 */
#include "backup/backup_pages.h"

#include <stdio.h>
#include <stdlib.h>

#include <walparse/datadir.h>

#include "base/message.h"

#define PG_CLASS 1259

/* ---- where the catalogs lie ----------------------------------------------------------------- */

static bool follow_map(const backup_pages *p, const backup_file *map)
{
    wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX];
    size_t n;
    wp_error err;
    char name[64];
    if (wp_relmap_parse(backup_file_view(map), entries, &n, &err) < 0) {
        (void)snprintf(name, sizeof name, "pg_filenode.map of database %u", map->at.db);
        return backup_files_fail(p->files, map->at.db ? name : "global/pg_filenode.map", &err);
    }
    for (size_t i = 0; i < n; i++)
        if (!backup_files_add_moved(
                p->files, (wp_catalog_file){ map->at.db, entries[i].filenode, entries[i].catalog }))
            return false;
    return true;
}

/* The n-th page of a file; false past its end. */
static bool page_at(const backup_pages *p, const backup_file *f, uint32_t n, wp_view *out)
{
    const size_t at = (size_t)n * p->block_bytes;
    *out = (wp_view){ f->bytes + at, p->block_bytes };
    return at + p->block_bytes <= f->len;
}

#define ROWS_PER_PAGE_MAX 64

static bool follow_class(const backup_pages *p, const backup_file *f)
{
    wp_catalog_file found[ROWS_PER_PAGE_MAX];
    wp_view page;
    for (uint32_t n = 0; page_at(p, f, n, &page); n++) {
        const size_t count =
            wp_page_catalog_files(p->profile, f->at.db, page, found, ROWS_PER_PAGE_MAX);
        for (size_t i = 0; i < count; i++)
            if (!wp_catalog_is_shared(found[i].catalog)
                && !backup_files_add_moved(p->files, found[i]))
                return false;
    }
    return true;
}

bool backup_pages_follow(const backup_pages *p)
{
    const backup_files *files = p->files;
    for (size_t i = 0; i < files->nfiles; i++)
        if (files->files[i].at.kind == PLACE_MAP && !follow_map(p, &files->files[i]))
            return false;
    for (size_t i = 0; i < files->nfiles; i++) {
        const backup_file *f = &files->files[i];
        if (f->at.kind == PLACE_RELATION && f->at.db
            && backup_files_catalog(files, &f->at) == PG_CLASS && !follow_class(p, f))
            return false;
    }
    return true;
}

/* ---- whether they are all there -------------------------------------------------------------- */

static bool has_catalog(const backup_pages *p, const place *map, wp_oid catalog)
{
    const backup_files *files = p->files;
    for (size_t i = 0; i < files->nfiles; i++) {
        const place *at = &files->files[i].at;
        if (at->kind == PLACE_RELATION && at->db == map->db && at->spc == map->spc
            && backup_files_catalog(files, at) == catalog)
            return true;
    }
    return false;
}

bool backup_pages_check(const backup_pages *p)
{
    const backup_files *files = p->files;
    if (!backup_files_find(files, (place){ .kind = PLACE_MAP, .spc = GLOBAL_TABLESPACE }))
        return message_fail(files->message,
                            "backup \"%s\" has no global/pg_filenode.map: it is not whole",
                            files->path);
    for (size_t i = 0; i < files->nfiles; i++) {
        const place *at = &files->files[i].at;
        for (size_t c = 0; at->kind == PLACE_MAP && c < files->nfollowed; c++)
            if (wp_catalog_is_shared(files->followed[c]) == (at->db == 0)
                && !has_catalog(p, at, files->followed[c]))
                return message_fail(
                    files->message,
                    "backup \"%s\" lacks the file of catalog %u in database %u: it is not whole",
                    files->path, files->followed[c], at->db);
    }
    return true;
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool is_zero(wp_view page)
{
    for (size_t i = 0; i < page.len; i++)
        if (page.bytes[i])
            return false;
    return true;
}

static bool add_pages(const backup_pages *p, const backup_file *f, wp_lsn start, wp_lsn latest,
                      wp_facts *out)
{
    wp_file_page page = { .lsn = start,
                          .locator = { f->at.spc, f->at.db, f->at.node },
                          .catalog = backup_files_catalog(p->files, &f->at) };
    wp_error err;
    for (uint32_t n = 0; page_at(p, f, n, &page.bytes); n++) {
        wp_lsn lsn;
        page.block = f->at.part * p->blocks_per_file + n;
        if (!wp_page_lsn(page.bytes, &lsn)) {
            if (is_zero(page.bytes))
                continue;
            return message_fail(p->files->message,
                                "backup \"%s\": block %u of file %u of database %u is not a page",
                                p->files->path, page.block, f->at.node, f->at.db);
        }
        if (lsn <= latest && wp_facts_add_page(out, &page, &err) < 0)
            return message_no_memory(p->files->message);
    }
    return true;
}

bool backup_pages_seed(const backup_pages *p, wp_lsn start, wp_lsn latest, scan_seed *out)
{
    backup_files *files = p->files;
    backup_files_sort(files);
    for (size_t i = 0; i < files->nfiles; i++) {
        backup_file *f = &files->files[i];
        if (f->at.kind == PLACE_RELATION
            && wp_catalog_is_followed(backup_files_catalog(files, &f->at))
            && !add_pages(p, f, start, latest, &out->pages))
            return false;
        free(f->bytes);
        f->bytes = NULL;
    }
    out->lsn = start;
    out->moved = backup_files_take_moved(files, &out->nmoved);
    return true;
}
