/*
 * learn.c - what a sound record tells: most of them nothing, which their first bytes say.
 */
#include "decode/learn.h"

#include <assert.h>
#include <string.h>

#include "decode/decode.h"
#include "format/catalogs.h"

/* What a record is to us. */
typedef enum interest { IGNORE, COUNT, DECODE } interest;

/* Rows of users come, change or go. */
static bool has_rows(bool is_heap2, uint8_t op)
{
    if (is_heap2)
        return op == WPI_HEAP2_MULTI_INSERT;
    return op == WPI_HEAP_INSERT || op == WPI_HEAP_UPDATE || op == WPI_HEAP_HOT_UPDATE
           || op == WPI_HEAP_DELETE;
}

static interest heap_interest(const wpi_learner *l, const uint8_t *rec, size_t len,
                              wp_locator *locator)
{
    const uint8_t op = wpi_record_info(rec) & WPI_HEAP_OP_MASK;
    const bool is_heap2 = wpi_record_rmid(rec) == WP_RMGR_HEAP2;
    if (!wpi_record_first_locator(l->profile, rec, len, locator))
        return !is_heap2 && op == WPI_HEAP_TRUNCATE ? DECODE : IGNORE;
    if (locator->rel < WPI_FIRST_NORMAL_OID || l->catalogs.nmoved) {
        if (wpi_catalog_of(&l->catalogs, locator))
            return DECODE;
        if (locator->rel < WPI_FIRST_NORMAL_OID)
            return IGNORE;
    }
    if (!has_rows(is_heap2, op))
        return wpi_shape_of(&l->shapes, wpi_record_rmid(rec), op)->name ? IGNORE : DECODE;
    if (l->skip_dml)
        return IGNORE;
    return wpi_record_begins_with_main(rec) ? COUNT : DECODE;
}

static bool is_page_image_op(uint8_t op)
{
    return op == 0xA0 || op == 0xB0 || op == 0xC0; /* FPI_FOR_HINT, FPI, FPI_MULTI */
}

/* len: how much of the record is at hand, at least WPI_HEAD_BYTES or all of it. */
static interest classify(const wpi_learner *l, const uint8_t *rec, size_t len, wp_locator *locator)
{
    switch (wpi_record_rmid(rec)) {
    case WP_RMGR_HEAP:
    case WP_RMGR_HEAP2:
        return heap_interest(l, rec, len, locator);
    case WP_RMGR_XLOG:
        if (!is_page_image_op(wpi_record_info(rec) & WPI_INFO_OP_MASK))
            return DECODE;
        return wpi_record_first_locator(l->profile, rec, len, locator)
                       && wpi_catalog_of(&l->catalogs, locator)
                   ? DECODE
                   : IGNORE;
    case WP_RMGR_XACT:
    case WP_RMGR_SMGR:
    case WP_RMGR_DATABASE:
    case WP_RMGR_TABLESPACE:
    case WP_RMGR_RELMAP:
    case WP_RMGR_STANDBY:
    case WP_RMGR_LOGICAL_MESSAGE:
        return DECODE;
    default:
        return IGNORE;
    }
}

/* INSERT and UPDATE: one row each, the operation code says it all. */
static void count_simple(wpi_learner *l, wp_lsn lsn, const uint8_t *rec, const wp_locator *locator)
{
    wpi_dml_entry *entry = wpi_dml_at(&l->dml, wpi_record_xid(rec), locator, lsn, &l->out);
    if (!entry)
        return;
    if ((wpi_record_info(rec) & WPI_HEAP_OP_MASK) == WPI_HEAP_INSERT)
        entry->inserted++;
    else
        entry->updated++;
}

static bool decode_record(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *rec,
                          uint32_t len)
{
    l->record.profile = l->profile;
    l->record.lsn = lsn;
    l->record.end_lsn = end_lsn;
    l->record.max_align = l->max_align;
    return wpi_record_decode((wp_view){ rec, len }, &l->record);
}

static bool count_decoded(wpi_learner *l, const wp_locator *locator)
{
    int64_t inserted = 0, deleted = 0;
    const bool is_good = l->record.rmid == WP_RMGR_HEAP2
                             ? wpi_count_multi_insert(&l->record, &inserted)
                             : wpi_count_delete(&l->record, &deleted, &inserted);
    if (!is_good)
        return false;
    wpi_dml_entry *entry = wpi_dml_at(&l->dml, l->record.xid, locator, l->record.lsn, &l->out);
    if (entry) {
        entry->inserted += inserted;
        entry->deleted += deleted;
    }
    return true;
}

static bool decode_xact(wpi_learner *l)
{
    if (!wpi_decode_xact(&l->record, &l->out))
        return false;
    const uint8_t op = l->record.info & WPI_XACT_OP_MASK;
    l->stats.commits += op == WPI_XACT_COMMIT || op == WPI_XACT_COMMIT_PREPARED;
    l->stats.aborts += op == WPI_XACT_ABORT || op == WPI_XACT_ABORT_PREPARED;
    return true;
}

static const wpi_decoder decoders[] = {
    [WP_RMGR_SMGR] = wpi_decode_smgr,
    [WP_RMGR_DATABASE] = wpi_decode_database,
    [WP_RMGR_TABLESPACE] = wpi_decode_tablespace,
    [WP_RMGR_RELMAP] = wpi_decode_relmap,
    [WP_RMGR_STANDBY] = wpi_decode_standby,
    [WP_RMGR_LOGICAL_MESSAGE] = wpi_decode_message,
};

/* A relation may get another file: rows counted so far are not of the same table as those to come. */
static bool is_class_update(const wpi_learner *l)
{
    const uint8_t op = l->record.info & WPI_HEAP_OP_MASK;
    return (op == WPI_HEAP_UPDATE || op == WPI_HEAP_HOT_UPDATE) && l->record.nblocks
           && wpi_catalog_of(&l->catalogs, &l->record.blocks[0].locator) == WPI_PG_CLASS;
}

static bool decode_payload(wpi_learner *l)
{
    const uint8_t rmid = l->record.rmid;
    switch (rmid) {
    case WP_RMGR_XACT:
        return decode_xact(l);
    case WP_RMGR_XLOG: {
        const uint8_t op = l->record.info & WPI_INFO_OP_MASK;
        if (is_page_image_op(op))
            break;
        if (op == WPI_XLOG_CHECKPOINT_SHUTDOWN || op == WPI_XLOG_END_OF_RECOVERY)
            wpi_dml_flush_all(&l->dml, &l->out); /* from here on the same xids may be other ones */
        return wpi_decode_xlog(&l->record, &l->out);
    }
    case WP_RMGR_HEAP:
        if ((l->record.info & WPI_HEAP_OP_MASK) == WPI_HEAP_TRUNCATE)
            return wpi_decode_heap_truncate(&l->record, &l->out);
        if (is_class_update(l))
            wpi_dml_flush_xid(&l->dml, l->record.xid, &l->out);
        break;
    case WP_RMGR_HEAP2:
        break;
    default:
        return decoders[rmid](&l->record, &l->out);
    }
    return wpi_decode_catalog(&l->record, &l->catalogs, l->page_size, l->image_page, &l->out);
}

/* The record itself is sound, so reading goes on after it. */
static void report_bad_payload(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, wp_damage damage)
{
    wpi_damage_add(&l->out, (wpi_damage){ .what = damage, .lsn = lsn, .until = end_lsn });
}

/* The record is sound and unlike what it should be: said once of each kind of record and oddity. */
static void report_unexpected(wpi_learner *l, wpi_oddity odd)
{
    const wpi_record *record = &l->record;
    const wpi_shape *shape = wpi_shape_of(&l->shapes, record->rmid, record->info);
    const size_t place = (size_t)(shape - l->shapes.of[record->rmid]);
    uint16_t *told = &l->told_odd[record->rmid][place];
    if (*told & 1u << odd.what)
        return;
    wp_fact_unexpected *fact =
        wpi_fact_add(&l->out, WP_FACT_UNEXPECTED, sizeof *fact, record->lsn, record->xid);
    if (!fact)
        return;
    *told = (uint16_t)(*told | 1u << odd.what);
    fact->fact.op = (uint8_t)odd.what;
    fact->value = odd.value;
    fact->rmid = record->rmid;
    fact->info = record->info;
    if (shape->name)
        memcpy(fact->operation, shape->name, strlen(shape->name));
}

static bool is_content_needed(interest what, const uint8_t *rec)
{
    if (what != COUNT)
        return what == DECODE;
    const uint8_t op = wpi_record_info(rec) & WPI_HEAP_OP_MASK;
    return wpi_record_rmid(rec) == WP_RMGR_HEAP2 || op == WPI_HEAP_DELETE;
}

void wpi_learn(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *rec, uint32_t len)
{
    assert(len == wpi_record_total(rec)); /* half a record may tell something else */
    wp_locator locator;
    const interest what = classify(l, rec, len, &locator);
    if (what == IGNORE)
        return;
    if (!is_content_needed(what, rec)) {
        count_simple(l, lsn, rec, &locator);
        return;
    }
    if (!decode_record(l, lsn, end_lsn, rec, len)) {
        report_bad_payload(l, lsn, end_lsn, WP_DAMAGE_BLOCKS);
        return;
    }
    const wpi_shape *shape = wpi_shape_of(&l->shapes, l->record.rmid, l->record.info);
    const wpi_oddity odd = wpi_shape_check(shape, &l->record);
    if (odd.what != 0)
        report_unexpected(l, odd);
    l->out.odd = (wpi_oddity){ 0 };
    if (what == COUNT ? !count_decoded(l, &locator) : !decode_payload(l))
        report_bad_payload(l, lsn, end_lsn, WP_DAMAGE_PAYLOAD);
    if (l->out.odd.what != 0)
        report_unexpected(l, l->out.odd);
}

bool wpi_needs_content(const wpi_learner *l, const uint8_t *head, size_t len)
{
    assert(len >= WPI_HEAD_BYTES || len == wpi_record_total(head));
    wp_locator locator;
    return is_content_needed(classify(l, head, len, &locator), head);
}

void wpi_learn_head(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *head, size_t len)
{
    wp_locator locator;
    const interest what = classify(l, head, len, &locator);
    if (what == COUNT && !is_content_needed(what, head))
        count_simple(l, lsn, head, &locator);
    else if (what != IGNORE && wpi_record_rmid(head) != WP_RMGR_LOGICAL_MESSAGE)
        report_bad_payload(l, lsn, end_lsn, WP_DAMAGE_LENGTH);
}

bool wpi_learner_init(wpi_learner *l)
{
    return wpi_dml_init(&l->dml);
}

void wpi_learner_fini(wpi_learner *l)
{
    wpi_dml_fini(&l->dml);
}

void wpi_learner_reset(wpi_learner *l, const wp_mapper_config *config)
{
    const wp_segment_info *info = &config->segment;
    l->profile = info->profile;
    l->page_size = info->page_size;
    l->max_align = info->max_align;
    l->skip_dml = config->skip_dml;
    l->catalogs = (wpi_catalog_files){ config->moved, config->nmoved };
    if (l->shapes.profile != l->profile)
        wpi_shapes_fill(&l->shapes, l->profile);
    memset(l->told_odd, 0, sizeof l->told_odd);
    wpi_dml_clear(&l->dml);
}

void wpi_learner_write_to(wpi_learner *l, wp_facts *facts)
{
    l->out = (wpi_builder){ .facts = facts, .counts = &l->dml };
}
