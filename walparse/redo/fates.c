/*
 * fates.c - how transactions ended: two bits of each, in pages as those of pg_xact. Mirrors access/transam/clog.c and transam.c.
 *
 * A page begins with what the WAL has told. When somebody asks, what the backup's page says of the others is added, once: it does not
 * change any more, unless the WAL begins the page anew.
 */
#include "redo/fates.h"

#include <stdlib.h>

#include "base/fail.h"
#include "base/table.h"
#include "decode/decode.h"

#define XIDS_PER_BYTE 4
#define BITS_PER_XID 2
#define XID_BITS 3U
#define FIRST_NORMAL_XID 3

/* storage/standbydefs.h */
#define RUNNING_XACTS 0x10
#define RUNNING_NEXT_AT 12
#define RUNNING_OLDEST_AT 16

/* What the bits say. A subtransaction that is about to commit with its transaction has not ended. */
enum { BITS_NOT_ENDED, BITS_COMMITTED, BITS_ABORTED, BITS_SUB_COMMITTED };

typedef struct fate_page {
    bool was_asked; /* the backup, or it is not to be asked */
    bool is_known;  /* who has no bits has not ended */
    bool is_blank;  /* the backup's page has no bits at all */
    uint8_t bits[]; /* block_bytes */
} fate_page;

struct wp_fates {
    uint32_t block_bytes;
    wp_xid
        oldest; /* who began before it has ended before the first list of transactions in progress; 0: none was told */
    wp_xid next;     /* of that list: the first that had not begun */
    wpi_table pages; /* of fate_page, by the number of the page of pg_xact */
    wp_facts facts;  /* of the record at hand */
    wpi_multixacts multixacts;
};

wp_status wp_fates_new(const wp_profile *profile, uint32_t block_bytes, wp_fates **out,
                       wp_error *err)
{
    if (!profile || block_bytes < 1024 || block_bytes > WPI_BLOCK_BYTES_MAX
        || (block_bytes & (block_bytes - 1)) != 0)
        return wpi_fail(err, WP_ERR_USAGE, 0, "the settings make no sense");
    wp_fates *fates = calloc(1, sizeof *fates);
    if (!fates)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    fates->block_bytes = block_bytes;
    fates->multixacts = (wpi_multixacts){ .profile = profile, .block_bytes = block_bytes };
    *out = fates;
    return WP_OK;
}

void wp_fates_free(wp_fates *fates)
{
    if (!fates)
        return;
    size_t at = 0;
    for (fate_page *page; (page = wpi_table_next(&fates->pages, &at));)
        free(page);
    wpi_table_free(&fates->pages);
    wp_facts_free(&fates->facts);
    wpi_multixacts_free(&fates->multixacts);
    free(fates);
}

wpi_multixacts *wpi_fates_multixacts(wp_fates *fates)
{
    return &fates->multixacts;
}

static uint32_t xids_per_page(const wp_fates *fates)
{
    return fates->block_bytes * XIDS_PER_BYTE;
}

/* NULL: out of memory. */
static fate_page *page_of(wp_fates *fates, uint32_t number)
{
    const wpi_key key = { number, 0, 0 };
    fate_page *page = wpi_table_get(&fates->pages, key);
    if (page)
        return page;
    page = calloc(1, sizeof *page + fates->block_bytes);
    if (page && !wpi_table_put(&fates->pages, key, page)) {
        free(page);
        page = NULL;
    }
    return page;
}

static unsigned bits_of(const uint8_t *bits, uint32_t at)
{
    return (unsigned)bits[at / XIDS_PER_BYTE] >> at % XIDS_PER_BYTE * BITS_PER_XID & XID_BITS;
}

static void set_bits(uint8_t *bits, uint32_t at, unsigned to)
{
    const unsigned shift = at % XIDS_PER_BYTE * BITS_PER_XID;
    uint8_t *p = bits + at / XIDS_PER_BYTE;
    *p = (uint8_t)((*p & ~(XID_BITS << shift)) | to << shift);
}

/* ---- records ------------------------------------------------------------------------------- */

/* False: out of memory. */
static bool note_end(wp_fates *fates, wp_xid xid, bool is_commit)
{
    if (xid < FIRST_NORMAL_XID)
        return true;
    fate_page *page = page_of(fates, xid / xids_per_page(fates));
    if (page)
        set_bits(page->bits, xid % xids_per_page(fates), is_commit ? BITS_COMMITTED : BITS_ABORTED);
    return page;
}

static bool note_ends(wp_fates *fates, const wp_fact_xact *fact)
{
    const bool is_commit =
        fact->fact.op == WP_XACT_COMMIT || fact->fact.op == WP_XACT_COMMIT_PREPARED;
    bool ok = note_end(fates, fact->fact.xid, is_commit);
    for (uint32_t i = 0; ok && i < fact->nsubxacts; i++)
        ok = note_end(fates, wp_fact_xact_subxids(fact)[i], is_commit);
    return ok;
}

static bool is_end(const wpi_record *record)
{
    switch (record->info & WPI_XACT_OP_MASK) {
    case WPI_XACT_COMMIT:
    case WPI_XACT_ABORT:
    case WPI_XACT_COMMIT_PREPARED:
    case WPI_XACT_ABORT_PREPARED:
        return true;
    default:
        return false;
    }
}

static wp_status take_xact(wp_fates *fates, const wpi_record *record)
{
    if (!is_end(record))
        return WP_OK;
    wpi_builder builder = { .facts = &fates->facts };
    wp_facts_clear(&fates->facts);
    if (!wpi_decode_xact(record, &builder))
        return WP_ERR_DAMAGE;
    if (builder.out_of_memory)
        return WP_ERR_NOMEM;
    size_t at = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&fates->facts, &at));)
        if (!note_ends(fates, (const wp_fact_xact *)(const void *)fact))
            return WP_ERR_NOMEM;
    return WP_OK;
}

/* ZEROPAGE: i32 page; from 17 on i64. Its xids are used anew. */
static wp_status take_clog(wp_fates *fates, const wpi_record *record)
{
    if ((record->info & WPI_INFO_OP_MASK) != 0)
        return WP_OK;
    if (record->main.len < 4)
        return WP_ERR_DAMAGE;
    fate_page *page = page_of(fates, wpi_u32(record->main.bytes));
    if (!page)
        return WP_ERR_NOMEM;
    memset(page->bits, 0, fates->block_bytes);
    page->was_asked = page->is_known = true;
    page->is_blank = false;
    return WP_OK;
}

/* RUNNING_XACTS: i32 transactions, i32 subtransactions, bool, u32 next, u32 oldest in progress. The first one counts. */
static wp_status take_running(wp_fates *fates, const wpi_record *record)
{
    if ((record->info & WPI_INFO_OP_MASK) != RUNNING_XACTS || fates->oldest != 0)
        return WP_OK;
    if (record->main.len < RUNNING_OLDEST_AT + 4)
        return WP_ERR_DAMAGE;
    fates->next = wpi_u32(record->main.bytes + RUNNING_NEXT_AT);
    fates->oldest = wpi_u32(record->main.bytes + RUNNING_OLDEST_AT);
    return WP_OK;
}

static wp_status take(wp_fates *fates, const wpi_record *record)
{
    switch (record->rmid) {
    case WP_RMGR_XACT:
        return take_xact(fates, record);
    case WP_RMGR_CLOG:
        return take_clog(fates, record);
    default:
        return take_running(fates, record);
    }
}

wp_status wp_fates_record(wp_fates *fates, const wp_record *record, wp_error *err)
{
    const uint8_t rmid = wpi_record_rmid(record->bytes.bytes);
    if (rmid == WP_RMGR_MULTIXACT)
        wpi_multixacts_forget(&fates->multixacts);
    if (rmid != WP_RMGR_XACT && rmid != WP_RMGR_CLOG && rmid != WP_RMGR_STANDBY)
        return WP_OK;
    wpi_record parts;
    wp_status status = WP_ERR_DAMAGE;
    if (wpi_record_of(record, &parts))
        status = take(fates, &parts);
    if (status >= 0)
        return WP_OK;
    char text[WP_LSN_TEXT_BYTES];
    if (status == WP_ERR_DAMAGE)
        return wpi_fail(err, status, record->lsn, "the record at %s contradicts itself",
                        wp_lsn_format(record->lsn, text));
    return wpi_fail(err, status, record->lsn, "out of memory");
}

/* ---- questions ----------------------------------------------------------------------------- */

static void add_backup(fate_page *page, const uint8_t *backup, uint32_t xids)
{
    for (uint32_t at = 0; at < xids; at++)
        if (bits_of(page->bits, at) == BITS_NOT_ENDED)
            set_bits(page->bits, at, bits_of(backup, at));
}

/* page NULL: it is made where the backup has it, so that xids of noise take no memory. */
static wp_status ask_backup(wp_fates *fates, wp_redo *redo, uint32_t number, fate_page **page,
                            wp_error *err)
{
    const wp_locator file = { .spc = WP_REDO_LOG_TABLESPACE, .rel = WP_REDO_XACT };
    wp_page of_backup;
    const wp_status status = wp_redo_page(redo, &file, number, &of_backup, err);
    if (status < 0)
        return status;
    const bool is_known = of_backup.state == WP_PAGE_KNOWN;
    if (!*page && is_known)
        *page = page_of(fates, number);
    if (!*page)
        return is_known ? wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory") : WP_OK;
    (*page)->was_asked = true;
    (*page)->is_known = is_known;
    if (!is_known)
        return WP_OK;
    const uint8_t *bytes = of_backup.bytes;
    (*page)->is_blank = bytes[0] == 0 && memcmp(bytes, bytes + 1, fates->block_bytes - 1) == 0;
    add_backup(*page, bytes, xids_per_page(fates));
    return WP_OK;
}

/* Of all who began on that page none has ended, says the backup: zeros are what is left of it. */
static bool is_lost(const wp_fates *fates, const fate_page *page, wp_xid xid)
{
    return page->is_blank && fates->oldest != 0 && wp_xid_precedes(xid, fates->oldest);
}

/* The WAL has all that it did. */
static bool began_since(const wp_fates *fates, wp_xid xid)
{
    return fates->oldest != 0 && !wp_xid_precedes(xid, fates->next);
}

bool wpi_fates_are_apart(const wp_fates *fates, wp_xid earlier, wp_xid later)
{
    return fates->oldest != 0 && wp_xid_precedes(earlier, fates->oldest)
           && began_since(fates, later);
}

wp_status wp_fates_of(wp_fates *fates, wp_redo *redo, wp_xid xid, wp_xid_fate *out, wp_error *err)
{
    if (xid < FIRST_NORMAL_XID) {
        *out = xid == 0 ? WP_XID_ABORTED : WP_XID_COMMITTED;
        return WP_OK;
    }
    const uint32_t per_page = xids_per_page(fates), number = xid / per_page;
    fate_page *page = wpi_table_get(&fates->pages, (wpi_key){ number, 0, 0 });
    if (!page || !page->was_asked) {
        const wp_status status = ask_backup(fates, redo, number, &page, err);
        if (status < 0)
            return status;
    }
    if (!page) {
        *out = WP_XID_UNKNOWN;
        return WP_OK;
    }
    switch (bits_of(page->bits, xid % per_page)) {
    case BITS_COMMITTED:
        *out = WP_XID_COMMITTED;
        break;
    case BITS_ABORTED:
        *out = WP_XID_ABORTED;
        break;
    default:
        *out = (page->is_known && !is_lost(fates, page, xid)) || began_since(fates, xid)
                   ? WP_XID_NOT_ENDED
                   : WP_XID_UNKNOWN;
        break;
    }
    return WP_OK;
}
