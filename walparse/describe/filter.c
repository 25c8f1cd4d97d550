/* filter.c - see filter.h. */
#include "describe/filter.h"

#include <stdlib.h>

#include "decode/facts.h"

static int compare_xids(const void *a, const void *b)
{
    const wp_xid x = *(const wp_xid *)a, y = *(const wp_xid *)b;
    return (x > y) - (x < y);
}

static int compare_lsns(const void *a, const void *b)
{
    const wp_lsn x = *(const wp_lsn *)a, y = *(const wp_lsn *)b;
    return (x > y) - (x < y);
}

static bool is_of_xact(const wp_record_filter *filter, const wp_record *record)
{
    const wp_xid xid = wpi_record_xid(record->bytes.bytes);
    return bsearch(&xid, filter->xids, filter->nxids, sizeof xid, compare_xids) != NULL
           || (filter->nlsns > 0
               && bsearch(&record->lsn, filter->lsns, filter->nlsns, sizeof record->lsn,
                          compare_lsns)
                      != NULL);
}

bool wpi_filter_has_lsn(const wp_record_filter *filter, wp_lsn lsn)
{
    return lsn >= filter->from_lsn && (!filter->to_lsn || lsn <= filter->to_lsn);
}

/* What the header tells. */
static bool lets_head_through(const wp_record_filter *filter, const wp_record *record)
{
    const uint8_t *header = record->bytes.bytes;
    return wpi_filter_has_lsn(filter, record->lsn)
           && (!filter->has_rmgrs || filter->rmgrs[wpi_record_rmid(header)])
           && (!filter->of_xacts || wpi_record_xid(header) != 0
               || wpi_record_rmid(header) == WP_RMGR_XACT)
           && (!filter->xids || is_of_xact(filter, record));
}

/* By what the same file number in two tablespaces has in common. */
static int compare_files(const void *a, const void *b)
{
    const wp_locator *x = a, *y = b;
    if (x->db != y->db)
        return x->db < y->db ? -1 : 1;
    return (x->rel > y->rel) - (x->rel < y->rel);
}

static bool has_file(const wp_record_filter *filter, const wp_locator *file)
{
    const wp_locator *first = filter->relations, *end = first + filter->nrelations;
    const wp_locator *at = bsearch(file, first, filter->nrelations, sizeof *first, compare_files);
    if (!at)
        return false;
    while (at > first && compare_files(at - 1, file) == 0)
        at--;
    while (at < end && compare_files(at, file) == 0 && at->spc != 0 && at->spc != file->spc)
        at++;
    return at < end && compare_files(at, file) == 0;
}

static bool is_file_meant(const wp_record_filter *filter, const wp_locator *file)
{
    return has_file(filter, file) || has_file(filter, &(wp_locator){ .rel = file->rel });
}

static bool is_place_meant(const wp_record_filter *filter, const wpi_block *block)
{
    return (!filter->has_fork || filter->fork == block->fork)
           && (!filter->has_block || filter->block == block->number);
}

static bool is_block_meant(const wp_record_filter *filter, const wpi_block *block)
{
    return (!filter->relations || is_file_meant(filter, &block->locator))
           && is_place_meant(filter, block);
}

static void tell_other_files(const wp_record_filter *filter, const wpi_record *record)
{
    for (unsigned i = 0; i < record->nblocks; i++)
        if (is_place_meant(filter, &record->blocks[i]))
            filter->on_other_file(filter->other_file_context, &record->blocks[i].locator,
                                  record->lsn);
}

static bool lets_blocks_through(const wp_record_filter *filter, const wpi_record *record)
{
    bool is_meant = !filter->relations && !filter->has_fork && !filter->has_block;
    bool has_image = !filter->with_image;
    if (is_meant && has_image)
        return true;
    for (unsigned i = 0; i < record->nblocks; i++) {
        is_meant = is_meant || is_block_meant(filter, &record->blocks[i]);
        has_image = has_image || record->blocks[i].has_image;
    }
    if (!is_meant && has_image && filter->on_other_file)
        tell_other_files(filter, record);
    return is_meant && has_image;
}

wp_status wpi_filter_damage(const wp_record *record, wp_damage what, wp_facts *facts)
{
    wpi_builder out = { .facts = facts };
    wpi_damage_add(&out,
                   (wpi_damage){ .what = what, .lsn = record->lsn, .until = record->end_lsn });
    return out.out_of_memory ? WP_ERR_NOMEM : WP_OK;
}

wp_status wpi_filter_take(const wp_record_filter *filter, const wp_record *record,
                          wpi_record *parts, bool *is_wanted, wp_facts *facts)
{
    *is_wanted = false;
    if (!lets_head_through(filter, record))
        return WP_OK;
    if (!wpi_record_of(record, parts))
        return wpi_filter_damage(record, WP_DAMAGE_BLOCKS, facts);
    *is_wanted = lets_blocks_through(filter, parts);
    return WP_OK;
}
