/*
 * tally.c - what a record adds to statistics. Mirrors access/transam/xlogstats.c, XLogRecStoreStats; why it has images, access/transam/xloginsert.c,
 * XLogRecordAssemble.
 */
#include "decode/decode.h"
#include "describe/describe.h"
#include "describe/filter.h"
#include "describe/tally.h"

#define XLOG_FPI_FOR_HINT 0xA0

/* Those that have every page that they change in full (REGBUF_FORCE_IMAGE). */
static const struct {
    uint8_t rmid, op;
} whole_pages[] = {
    { WP_RMGR_XLOG, 0xB0 }, /* FPI */
    { WP_RMGR_GIN, 0x30 },  /* SPLIT */
    { WP_RMGR_GIN, 0x40 },  /* VACUUM_PAGE */
    { WP_RMGR_HASH, 0x50 }, /* SPLIT_PAGE */
};

wp_image_cause wpi_image_cause(const wpi_record *record, const wpi_block *block)
{
    const uint8_t apply = record->profile->image_apply, op = record->info & WPI_INFO_OP_MASK;
    if (apply != 0 && (block->image.info & apply) == 0)
        return WP_IMAGE_CHECK;
    if (record->rmid == WP_RMGR_GENERIC || record->rmid > record->profile->max_builtin_rmgr)
        return WP_IMAGE_UNKNOWN;
    if (record->rmid == WP_RMGR_XLOG && op == XLOG_FPI_FOR_HINT)
        return WP_IMAGE_HINT;
    for (size_t i = 0; i < sizeof whole_pages / sizeof *whole_pages; i++)
        if (whole_pages[i].rmid == record->rmid && whole_pages[i].op == op)
            return WP_IMAGE_WHOLE;
    return WP_IMAGE_FIRST_CHANGE;
}

/* Does the image go into this fact? */
static bool takes(const wp_fact_tally *fact, const wpi_block *block, wp_image_cause cause)
{
    const wp_locator *a = &fact->file, *b = &block->locator;
    return a->spc == b->spc && a->db == b->db && a->rel == b->rel
           && (fact->cause == WP_IMAGE_NONE || fact->cause == cause);
}

static wp_fact_tally *add(const wpi_record *record, wpi_builder *out)
{
    wp_fact_tally *fact = wpi_fact_add(out, WP_FACT_TALLY, sizeof *fact, record->lsn, record->xid);
    if (fact) {
        fact->end_lsn = record->end_lsn;
        fact->rmid = record->rmid;
        fact->info = record->info;
    }
    return fact;
}

wp_status wpi_tally_add(const wpi_record *parts, wp_facts *facts)
{
    wpi_builder out = { .facts = facts };
    wp_fact_tally *whole = add(parts, &out);
    if (!whole)
        return WP_ERR_NOMEM;
    whole->record_bytes = parts->total_bytes - wpi_image_bytes(parts);
    whole->is_whole = 1;
    if (parts->nblocks > 0)
        whole->file = parts->blocks[0].locator;
    const size_t at = (size_t)((uint8_t *)whole - facts->bytes);
    for (unsigned i = 0; i < parts->nblocks; i++) {
        const wpi_block *block = &parts->blocks[i];
        if (!block->has_image)
            continue;
        const wp_image_cause cause = wpi_image_cause(parts, block);
        wp_fact_tally *fact = (wp_fact_tally *)(void *)(facts->bytes + at);
        if (!takes(fact, block, cause))
            fact = add(parts, &out);
        if (!fact)
            return WP_ERR_NOMEM;
        if (!fact->is_whole)
            fact->file = block->locator;
        fact->cause = (uint8_t)cause;
        fact->image_bytes += (uint32_t)block->image.bytes.len;
    }
    return WP_OK;
}

wp_status wp_tally_record(const wp_record_filter *filter, const wp_record *record, wp_facts *facts)
{
    wpi_record parts;
    bool is_wanted;
    const wp_status status = wpi_filter_take(filter, record, &parts, &is_wanted, facts);
    if (status < 0)
        return status;
    return is_wanted ? wpi_tally_add(&parts, facts) : WP_OK;
}
