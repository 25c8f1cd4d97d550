/*
 * redo.c - records to the functions that apply them: see <walparse/redo.h>.
 */
#include <walparse/redo.h>

#include <stdlib.h>

#include "base/fail.h"
#include "redo/run.h"

struct wp_redo {
    wpi_store store;
    wp_lsn last;                            /* start of the record before, 0: none yet */
    uint8_t looked_at[WPI_BLOCK_BYTES_MAX]; /* a page that is not kept */
};

#define PAGES_HELD_MIN 64

static const wpi_redo_ops *const managers[] = {
    [WP_RMGR_XLOG] = &wpi_redo_xlog,         [WP_RMGR_SMGR] = &wpi_redo_smgr,
    [WP_RMGR_CLOG] = &wpi_redo_clog,         [WP_RMGR_MULTIXACT] = &wpi_redo_multixact,
    [WP_RMGR_RELMAP] = &wpi_redo_relmap,     [WP_RMGR_HEAP2] = &wpi_redo_heap2,
    [WP_RMGR_HEAP] = &wpi_redo_heap,         [WP_RMGR_SEQUENCE] = &wpi_redo_sequence,
    [WP_RMGR_DATABASE] = &wpi_redo_database,
};

static bool is_valid(const wp_redo_config *config)
{
    const uint32_t block = config->block_bytes;
    return config->profile && (config->max_align == 4 || config->max_align == 8) && block >= 1024
           && block <= WPI_BLOCK_BYTES_MAX && (block & (block - 1)) == 0
           && !config->read_scratch == !config->write_scratch;
}

wp_status wp_redo_new(const wp_redo_config *config, wp_redo **out, wp_error *err)
{
    if (!is_valid(config))
        return wpi_fail(err, WP_ERR_USAGE, 0, "the settings of a redo make no sense");
    wp_redo *redo = calloc(1, sizeof *redo);
    if (!redo)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    redo->store.config = *config;
    redo->store.held_max = config->memory_bytes / config->block_bytes;
    if (redo->store.held_max < PAGES_HELD_MIN)
        redo->store.held_max = PAGES_HELD_MIN;
    *out = redo;
    return WP_OK;
}

void wp_redo_free(wp_redo *redo)
{
    if (!redo)
        return;
    wpi_store_free(&redo->store);
    free(redo);
}

static wp_status fail_with(wp_status status, wp_lsn lsn, wp_error *err)
{
    if (status >= 0)
        return WP_OK;
    char text[WP_LSN_TEXT_BYTES];
    if (status == WP_ERR_DAMAGE)
        return wpi_fail(err, status, lsn, "the record at %s contradicts itself",
                        wp_lsn_format(lsn, text));
    return wpi_fail(err, status, lsn, "redo ends at %s: %s", wp_lsn_format(lsn, text),
                    wp_status_name(status));
}

static wp_status fail_of_gap(wp_lsn lsn, wp_lsn prev, wp_error *err)
{
    char text[WP_LSN_TEXT_BYTES], prev_text[WP_LSN_TEXT_BYTES];
    return wpi_fail(err, WP_ERR_USAGE, lsn,
                    "the record at %s comes after the one at %s, which redo was not given last",
                    wp_lsn_format(lsn, text), wp_lsn_format(prev, prev_text));
}

/* ---- records ------------------------------------------------------------------------------- */

/* The manager's operation that a record is; NULL: none in this major. */
static const wpi_redo_op *find_op(const wpi_redo_ops *ops, const wp_profile *profile, uint8_t info)
{
    for (const wpi_redo_op *row = ops->rows; row < ops->rows + ops->nrows; row++)
        if (row->op == (info & ops->op_mask) && wpi_is_of_versions(profile, row->versions))
            return row;
    return NULL;
}

/* Records of tables and sequences change pages, whichever they are; of the other managers only those with a row do. */
static bool is_of_tables(uint8_t rmid)
{
    return rmid == WP_RMGR_HEAP || rmid == WP_RMGR_HEAP2 || rmid == WP_RMGR_SEQUENCE;
}

/* What it was to do is not known: its pages are damaged; one without a page cannot be passed over. */
static void refuse(wpi_run *run)
{
    if (run->record->nblocks == 0)
        run->status = WP_ERR_DAMAGE;
    else
        wpi_run_damage(run, WP_FAULT_RECORD);
}

static void change_page(wpi_run *run, const wpi_redo_op *op)
{
    wpi_stored *stored = wpi_run_page(run, 0);
    if (stored)
        wpi_run_done(run, stored, op->change(run->record, stored));
}

static void apply(wpi_run *run, const wpi_redo_op *op)
{
    wpi_run_images(run);
    if (run->status < 0)
        return;
    if (!op && !is_of_tables(run->record->rmid))
        wpi_run_lose(run);
    else if (!op || run->record->main.len < op->main_bytes)
        refuse(run);
    else if (op->change)
        change_page(run, op);
    else if (op->redo)
        op->redo(run);
}

bool wp_redo_follows(const wp_redo *redo, const wp_record *record)
{
    return redo->last == 0 || wpi_record_prev(record->bytes.bytes) == redo->last;
}

wp_status wp_redo_record(wp_redo *redo, const wp_record *record, wp_error *err)
{
    const uint8_t *head = record->bytes.bytes;
    if (!wp_redo_follows(redo, record))
        return fail_of_gap(record->lsn, wpi_record_prev(head), err);
    redo->last = record->lsn;
    const uint8_t rmid = wpi_record_rmid(head);
    const wpi_redo_ops *ops = rmid < sizeof managers / sizeof *managers ? managers[rmid] : NULL;
    const wpi_redo_op *op = ops ? find_op(ops, record->profile, wpi_record_info(head)) : NULL;
    if (!op && !is_of_tables(rmid) && redo->store.config.wants)
        return WP_OK; /* it changes no file that is wanted */

    wpi_record parts;
    if (!wpi_record_of(record, &parts))
        return fail_with(WP_ERR_DAMAGE, record->lsn, err);
    redo->store.call++;
    wpi_run run = { .store = &redo->store, .record = &parts };
    apply(&run, op);
    return fail_with(run.status, record->lsn, err);
}

/* ---- questions ----------------------------------------------------------------------------- */

wp_status wp_redo_page(wp_redo *redo, const wp_locator *locator, uint32_t block, wp_page *out,
                       wp_error *err)
{
    redo->store.call++;
    wpi_stored_file *file = NULL;
    wp_page page = { .state = WP_PAGE_UNKNOWN };
    wp_status status = wpi_store_file(&redo->store, locator, &file);
    if (status >= 0 && file)
        status = wpi_store_look(&redo->store, file, block, redo->looked_at, &page);
    if (status < 0)
        return fail_with(status, 0, err);
    *out = page;
    return WP_OK;
}

uint32_t wp_redo_blocks(const wp_redo *redo, const wp_locator *locator, uint32_t in_backup,
                        bool *may_have_more)
{
    const wpi_store *store = &redo->store;
    wpi_stored_file untouched;
    const wpi_stored_file *file = wpi_store_known_file(store, locator, &untouched);
    const bool is_missing = in_backup == WP_REDO_NO_FILE;
    *may_have_more =
        !file || (!file->is_cut && (file->is_untold || !store->config.read_backup || is_missing))
        || (is_missing && file->cut > 0);
    if (is_missing)
        in_backup = 0;
    if (!file)
        return 0;
    uint32_t kept = file->is_untold ? 0 : in_backup;
    if (file->is_cut && (file->is_untold || file->cut < in_backup))
        kept = file->cut;
    return kept > file->end ? kept : file->end;
}

bool wp_redo_relmap(const wp_redo *redo, wp_oid spc, wp_oid db, wp_view *out)
{
    const wpi_store *store = &redo->store;
    const wpi_relmap *map = wpi_table_get(&store->relmaps, (wpi_key){ spc, db, 0 });
    const bool is_told = map && map->is_told;
    *out = is_told ? (wp_view){ map->bytes, map->len } : (wp_view){ NULL, 0 };
    return is_told || !wpi_table_get(&store->copies, (wpi_key){ spc, db, 0 });
}

const wp_redo_counts *wp_redo_statistics(const wp_redo *redo)
{
    return &redo->store.counts;
}

const char *wp_page_fault_text(wp_page_fault fault)
{
    static const char *const texts[WP_FAULT_COUNT] = {
        [WP_FAULT_NONE] = "none",
        [WP_FAULT_NO_PAGE] = "the page is not there",
        [WP_FAULT_HEADER] = "the page header contradicts itself",
        [WP_FAULT_POINTER] = "no such line pointer",
        [WP_FAULT_ROW] = "a row contradicts its page",
        [WP_FAULT_IN_USE] = "the line pointer is in use",
        [WP_FAULT_NO_ROOM] = "no room for a row",
        [WP_FAULT_RECORD] = "the record contradicts itself",
        [WP_FAULT_CHECKSUM] = "the checksum of the page in the backup is wrong",
        [WP_FAULT_IMAGE] = "the page image contradicts itself",
        [WP_FAULT_PACKING] = "the page image is packed by a method that this build lacks",
    };
    return fault < WP_FAULT_COUNT ? texts[fault] : "unknown";
}
