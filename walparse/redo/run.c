/*
 * run.c - see run.h. Mirrors XLogReadBufferForRedoExtended() of access/transam/xlogutils.c.
 */
#include "redo/run.h"

wpi_stored_file *wpi_run_file(wpi_run *run, const wp_locator *locator)
{
    wpi_stored_file *file = NULL;
    if (run->status >= 0)
        run->status = wpi_store_file(run->store, locator, &file);
    return run->status < 0 ? NULL : file;
}

/* A page of a wanted file; NULL: it is not wanted, or the run has failed. */
static wpi_stored *stored_at(wpi_run *run, const wp_locator *locator, uint32_t block)
{
    wpi_stored_file *file = wpi_run_file(run, locator);
    wpi_stored *stored = NULL;
    if (file)
        run->status = wpi_store_page(run->store, file, block, &stored);
    return run->status < 0 ? NULL : stored;
}

/*
 * Before 13, COPY puts rows without a record beside those that have one, in a file of its own transaction while wal_level is minimal.
 */
static bool may_get_rows_unseen(const wpi_run *run, const wpi_stored_file *file)
{
    return run->store->is_minimal && file->is_untold
           && wpi_is_of_versions(run->record->profile, (wpi_versions){ ALWAYS, 1300 });
}

/* A page that the record has whole: its bytes are to be filled in. NULL: the file is not wanted, the page is not known all the same, or the run has failed. */
static wpi_stored *renewed_at(wpi_run *run, const wp_locator *locator, uint32_t block)
{
    wpi_stored_file *file = wpi_run_file(run, locator);
    wpi_stored *stored = NULL;
    if (file)
        run->status = wpi_store_renew(run->store, file, block, &stored);
    if (run->status < 0 || !stored)
        return NULL;
    if (!may_get_rows_unseen(run, file))
        return stored;
    run->store->counts.unknown++;
    wpi_store_lose(run->store, stored);
    return NULL;
}

static void damage(wpi_run *run, wpi_stored *stored, wp_page_fault fault)
{
    run->store->counts.damaged++;
    wpi_store_damage(run->store, stored, fault, run->record->lsn);
}

static bool is_restored(const wpi_run *run, uint8_t id)
{
    return run->restored & UINT64_C(1) << id;
}

/* A block that the record's data is to change; NULL: there is none of that id in the main fork, or its image is all. */
static const wpi_block *block_left(const wpi_run *run, uint8_t id)
{
    const wpi_block *block = wpi_record_block(run->record, id);
    return block && block->fork == WPI_FORK_MAIN && !is_restored(run, id) ? block : NULL;
}

/* Pages that nothing can be done with now: counts them. */
static bool is_usable(wpi_run *run, wpi_stored *stored)
{
    wp_redo_counts *counts = &run->store->counts;
    switch ((wp_page_state)stored->state) {
    case WP_PAGE_KNOWN:
        return true;
    case WP_PAGE_ABSENT:
        damage(run, stored, WP_FAULT_NO_PAGE);
        return false;
    case WP_PAGE_UNKNOWN:
        wpi_store_reach(stored);
        counts->unknown++;
        return false;
    case WP_PAGE_DAMAGED:
        counts->damaged++;
        return false;
    }
    return false;
}

wpi_stored *wpi_run_page(wpi_run *run, uint8_t id)
{
    const wpi_block *block = block_left(run, id);
    wpi_stored *stored = block ? stored_at(run, &block->locator, block->number) : NULL;
    if (!stored || !is_usable(run, stored))
        return NULL;
    if (wpi_redo_page_lsn(&stored->page) >= run->record->end_lsn) {
        run->store->counts.newer++;
        return NULL;
    }
    if (!wpi_redo_page_is_sound(&stored->page)) {
        damage(run, stored, WP_FAULT_HEADER);
        return NULL;
    }
    return stored;
}

wpi_stored *wpi_run_new_page(wpi_run *run, uint8_t id)
{
    const wpi_block *block = block_left(run, id);
    wpi_stored *stored = block ? renewed_at(run, &block->locator, block->number) : NULL;
    if (stored)
        wpi_redo_page_init(&stored->page);
    return stored;
}

void wpi_run_done(wpi_run *run, wpi_stored *stored, wp_page_fault fault)
{
    if (fault != WP_FAULT_NONE) {
        damage(run, stored, fault);
        return;
    }
    wpi_redo_page_set_lsn(&stored->page, run->record->end_lsn);
    stored->is_changed = true;
    run->store->counts.changed++;
}

static wp_locator place_of(wp_redo_log log)
{
    return (wp_locator){ .spc = WP_REDO_LOG_TABLESPACE, .rel = log };
}

wpi_stored *wpi_run_log_page(wpi_run *run, wp_redo_log log, uint32_t block)
{
    const wp_locator locator = place_of(log);
    wpi_stored *stored = stored_at(run, &locator, block);
    if (!stored || !is_usable(run, stored))
        return NULL;
    stored->is_changed = true;
    return stored;
}

wpi_stored *wpi_run_new_log_page(wpi_run *run, wp_redo_log log, uint32_t block)
{
    const wp_locator locator = place_of(log);
    wpi_stored *stored = renewed_at(run, &locator, block);
    if (stored)
        memset(stored->page.bytes, 0, stored->page.size);
    return stored;
}

static void restore(wpi_run *run, const wpi_block *block, wpi_stored *stored)
{
    const wpi_record *record = run->record;
    const wp_status status =
        wpi_image_restore(record->profile, &block->image, stored->page.bytes, stored->page.size);
    if (status < 0) {
        damage(run, stored, status == WP_ERR_LIMIT ? WP_FAULT_PACKING : WP_FAULT_IMAGE);
        return;
    }
    if (!wpi_redo_page_is_new(&stored->page))
        wpi_redo_page_set_lsn(&stored->page, record->end_lsn);
    run->store->counts.replaced++;
}

static bool is_image_applied(const wpi_record *record, const wpi_block *block)
{
    const uint8_t apply = record->profile->image_apply;
    return block->has_image && (apply == 0 || (block->image.info & apply));
}

void wpi_run_images(wpi_run *run)
{
    for (unsigned i = 0; i < run->record->nblocks && run->status >= 0; i++) {
        const wpi_block *block = &run->record->blocks[i];
        if (block->fork != WPI_FORK_MAIN || !is_image_applied(run->record, block))
            continue;
        run->restored |= UINT64_C(1) << block->id;
        wpi_stored *stored = renewed_at(run, &block->locator, block->number);
        if (stored)
            restore(run, block, stored);
    }
}

/* Of the record's i-th block; NULL: an image has replaced it, or there is nothing to do. */
static wpi_stored *page_left(wpi_run *run, unsigned i)
{
    const wpi_block *block = block_left(run, run->record->blocks[i].id);
    return block ? stored_at(run, &block->locator, block->number) : NULL;
}

void wpi_run_lose(wpi_run *run)
{
    for (unsigned i = 0; i < run->record->nblocks && run->status >= 0; i++) {
        wpi_stored *stored = page_left(run, i);
        if (!stored)
            continue;
        run->store->counts.unknown++;
        wpi_store_lose(run->store, stored);
    }
}

void wpi_run_damage(wpi_run *run, wp_page_fault fault)
{
    for (unsigned i = 0; i < run->record->nblocks && run->status >= 0; i++) {
        wpi_stored *stored = page_left(run, i);
        if (stored)
            damage(run, stored, fault);
    }
}
