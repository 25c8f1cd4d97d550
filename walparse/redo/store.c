/*
 * store.c - see store.h. Which page leaves the memory is chosen as the server's buffers are: a hand goes round and takes the first
 * page that was not used since it last came by.
 */
#include "redo/store.h"

#include <stdlib.h>

#include "redo/checksum.h"

#define HELD_MIN 64

static void let_go(wpi_store *store, wpi_stored *stored)
{
    if (!stored->page.bytes)
        return;
    free(stored->page.bytes);
    stored->page.bytes = NULL;
    wpi_stored *last = store->held[--store->nheld];
    store->held[stored->place] = last;
    last->place = stored->place;
}

void wpi_store_free(wpi_store *store)
{
    size_t at = 0;
    for (wpi_stored_file *file; (file = wpi_table_next(&store->files, &at));) {
        size_t page_at = 0;
        for (wpi_stored *stored; (stored = wpi_table_next(&file->pages, &page_at));) {
            free(stored->page.bytes);
            free(stored);
        }
        wpi_table_free(&file->pages);
        free(file);
    }
    wpi_table_free(&store->files);
    at = 0;
    for (wpi_relmap *map; (map = wpi_table_next(&store->relmaps, &at));)
        free(map);
    wpi_table_free(&store->relmaps);
    wpi_table_free(&store->copies);
    free(store->held);
}

static wpi_key file_key(const wp_locator *locator)
{
    return (wpi_key){ locator->spc, locator->db, locator->rel };
}

const wpi_stored_file *wpi_store_known_file(const wpi_store *store, const wp_locator *locator,
                                            wpi_stored_file *untouched)
{
    const wp_redo_config *config = &store->config;
    const wpi_stored_file *file = wpi_table_get(&store->files, file_key(locator));
    if (file || (config->wants && !config->wants(config->context, locator)))
        return file;
    const wpi_key folder = { locator->spc, locator->db, 0 };
    *untouched = (wpi_stored_file){ .locator = *locator,
                                    .is_untold = wpi_table_get(&store->copies, folder) != NULL };
    return untouched;
}

wp_status wpi_store_file(wpi_store *store, const wp_locator *locator, wpi_stored_file **out)
{
    *out = wpi_table_get(&store->files, file_key(locator));
    wpi_stored_file untouched;
    if (*out || !wpi_store_known_file(store, locator, &untouched))
        return WP_OK;
    wpi_stored_file *file = malloc(sizeof *file);
    if (!file)
        return WP_ERR_NOMEM;
    *file = untouched;
    if (!wpi_table_put(&store->files, file_key(locator), file)) {
        free(file);
        return WP_ERR_NOMEM;
    }
    *out = file;
    return WP_OK;
}

/* ---- memory -------------------------------------------------------------------------------- */

static wp_status spill(wpi_store *store, wpi_stored *stored)
{
    const wp_redo_config *config = &store->config;
    if (stored->is_changed) {
        if (!config->write_scratch)
            return WP_ERR_LIMIT;
        const uint64_t slot = stored->has_slot ? stored->slot : store->nslots;
        const wp_status status = config->write_scratch(config->context, slot, stored->page.bytes);
        if (status < 0)
            return status;
        if (!stored->has_slot)
            store->nslots++;
        stored->has_slot = true;
        stored->slot = slot;
        stored->is_changed = false;
        store->counts.spilled++;
    }
    let_go(store, stored);
    return WP_OK;
}

/* Takes one page out of memory; those of this call stay. */
static wp_status make_room(wpi_store *store)
{
    for (size_t looked = 0; looked < 2 * store->held_max; looked++) {
        store->hand = (store->hand + 1) % store->nheld;
        wpi_stored *stored = store->held[store->hand];
        if (stored->pinned_by == store->call)
            continue;
        if (!stored->was_used)
            return spill(store, stored);
        stored->was_used = false;
    }
    return WP_ERR_LIMIT;
}

static bool grow_held(wpi_store *store)
{
    if (store->nheld < store->held_room)
        return true;
    const size_t room = store->held_room ? store->held_room * 2 : HELD_MIN;
    wpi_stored **grown = realloc(store->held, room * sizeof(wpi_stored *));
    if (!grown)
        return false;
    store->held = grown;
    store->held_room = room;
    return true;
}

/* Gives the page its bytes. */
static wp_status take_hold(wpi_store *store, wpi_stored *stored)
{
    if (!stored->page.bytes) {
        if (store->nheld >= store->held_max) {
            const wp_status status = make_room(store);
            if (status < 0)
                return status;
        }
        if (!grow_held(store))
            return WP_ERR_NOMEM;
        stored->page.bytes = malloc(store->config.block_bytes);
        if (!stored->page.bytes)
            return WP_ERR_NOMEM;
        stored->place = store->nheld;
        store->held[store->nheld++] = stored;
    }
    stored->was_used = true;
    stored->pinned_by = store->call;
    return WP_OK;
}

/* ---- pages --------------------------------------------------------------------------------- */

static bool is_zero(const uint8_t *bytes, size_t len)
{
    return bytes[0] == 0 && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static wp_status entry_of(wpi_store *store, wpi_stored_file *file, uint32_t block, wpi_stored **out)
{
    const wpi_key key = { block, 0, 0 };
    wpi_stored *stored = wpi_table_get(&file->pages, key);
    if (!stored) {
        stored = calloc(1, sizeof *stored);
        if (!stored)
            return WP_ERR_NOMEM;
        stored->file = file;
        stored->block = block;
        stored->page.size = store->config.block_bytes;
        stored->page.max_align = store->config.max_align;
        if (!wpi_table_put(&file->pages, key, stored)) {
            free(stored);
            return WP_ERR_NOMEM;
        }
    }
    *out = stored;
    return WP_OK;
}

void wpi_store_reach(wpi_stored *stored)
{
    if (stored->block >= stored->file->end)
        stored->file->end = stored->block + 1;
}

void wpi_store_damage(wpi_store *store, wpi_stored *stored, wp_page_fault fault, wp_lsn lsn)
{
    let_go(store, stored);
    wpi_store_reach(stored);
    stored->state = WP_PAGE_DAMAGED;
    stored->fault = (uint8_t)fault;
    stored->fault_lsn = lsn;
    stored->is_loaded = true;
    stored->is_changed = false;
}

/* Is the backup to be asked for the page? If not, *state is what is known of it. */
static bool is_of_backup(const wpi_store *store, const wpi_stored_file *file, uint32_t block,
                         wp_page_state *state)
{
    const bool is_cut = file->is_cut && block >= file->cut;
    *state = is_cut ? WP_PAGE_ABSENT : WP_PAGE_UNKNOWN;
    return !is_cut && !file->is_untold && store->config.read_backup;
}

/* Would the server read the page? */
static wp_page_fault fault_in_backup(const wp_redo_config *config, uint8_t *bytes, uint32_t block)
{
    const wpi_redo_page page = { bytes, config->block_bytes, config->max_align };
    if (config->has_checksums && !wpi_page_checksum_is_right(bytes, config->block_bytes, block))
        return WP_FAULT_CHECKSUM;
    return wpi_redo_page_is_readable(&page) ? WP_FAULT_NONE : WP_FAULT_HEADER;
}

static wp_status read_backup(const wpi_store *store, const wpi_stored_file *file, uint32_t block,
                             uint8_t *bytes, wp_page *out)
{
    const wp_redo_config *config = &store->config;
    const wp_status status = config->read_backup(config->context, &file->locator, block, bytes);
    const bool is_log = file->locator.spc == WP_REDO_LOG_TABLESPACE;
    *out = (wp_page){ .state = WP_PAGE_ABSENT };
    if (status < 0)
        return status;
    if (status == WP_END)
        return WP_OK;
    if (!is_log && is_zero(bytes, config->block_bytes))
        return WP_OK;
    if (!is_log)
        out->fault = fault_in_backup(config, bytes, block);
    out->state = out->fault == WP_FAULT_NONE ? WP_PAGE_KNOWN : WP_PAGE_DAMAGED;
    return WP_OK;
}

/* Asks the backup for a page. */
static wp_status load(wpi_store *store, wpi_stored *stored)
{
    wp_page page = { 0 };
    if (is_of_backup(store, stored->file, stored->block, &page.state)) {
        wp_status status = take_hold(store, stored);
        if (status == WP_OK)
            status = read_backup(store, stored->file, stored->block, stored->page.bytes, &page);
        if (status < 0 || page.state != WP_PAGE_KNOWN)
            let_go(store, stored);
        if (status < 0)
            return status;
    }
    stored->state = (uint8_t)page.state;
    stored->fault = (uint8_t)page.fault;
    stored->is_loaded = true;
    return WP_OK;
}

wp_status wpi_store_look(wpi_store *store, wpi_stored_file *file, uint32_t block, uint8_t *bytes,
                         wp_page *out)
{
    *out = (wp_page){ .state = WP_PAGE_UNKNOWN };
    wpi_stored *stored = wpi_table_get(&file->pages, (wpi_key){ block, 0, 0 });
    if (stored) {
        const wp_status status = wpi_store_page(store, file, block, &stored);
        if (status < 0)
            return status;
        out->state = (wp_page_state)stored->state;
        out->fault = (wp_page_fault)stored->fault;
        out->fault_lsn = stored->fault_lsn;
        out->bytes = stored->page.bytes;
        return WP_OK;
    }
    if (!is_of_backup(store, file, block, &out->state))
        return WP_OK;
    const wp_status status = read_backup(store, file, block, bytes, out);
    if (status == WP_OK && out->state == WP_PAGE_KNOWN)
        out->bytes = bytes;
    return status;
}

/* Bytes that were in memory before. */
static wp_status load_again(wpi_store *store, wpi_stored *stored)
{
    const wp_redo_config *config = &store->config;
    wp_status status = take_hold(store, stored);
    if (status < 0)
        return status;
    if (stored->has_slot)
        status = config->read_scratch(config->context, stored->slot, stored->page.bytes);
    else
        status = config->read_backup(config->context, &stored->file->locator, stored->block,
                                     stored->page.bytes);
    if (status == WP_OK)
        return WP_OK;
    let_go(store, stored);
    return status < 0 ? status : WP_ERR_USAGE; /* it was there the first time */
}

wp_status wpi_store_page(wpi_store *store, wpi_stored_file *file, uint32_t block, wpi_stored **out)
{
    wpi_stored *stored = NULL;
    wp_status status = entry_of(store, file, block, &stored);
    if (status < 0)
        return status;
    if (!stored->is_loaded)
        status = load(store, stored);
    else if (stored->state == WP_PAGE_KNOWN && !stored->page.bytes)
        status = load_again(store, stored);
    else if (stored->page.bytes)
        status = take_hold(store, stored);
    *out = stored;
    return status;
}

wp_status wpi_store_renew(wpi_store *store, wpi_stored_file *file, uint32_t block, wpi_stored **out)
{
    wpi_stored *stored = NULL;
    wp_status status = entry_of(store, file, block, &stored);
    if (status == WP_OK)
        status = take_hold(store, stored);
    if (status < 0)
        return status;
    stored->state = WP_PAGE_KNOWN;
    stored->fault = WP_FAULT_NONE;
    stored->fault_lsn = 0;
    stored->is_loaded = stored->is_changed = true;
    wpi_store_reach(stored);
    *out = stored;
    return WP_OK;
}

static void set_state(wpi_store *store, wpi_stored *stored, wp_page_state state)
{
    let_go(store, stored);
    stored->state = (uint8_t)state;
    stored->fault = WP_FAULT_NONE;
    stored->fault_lsn = 0;
    stored->is_loaded = true;
    stored->is_changed = false;
}

void wpi_store_lose(wpi_store *store, wpi_stored *stored)
{
    set_state(store, stored, WP_PAGE_UNKNOWN);
    wpi_store_reach(stored);
}

/* From a block on nothing is left of what was known: state is what is known now. */
static void forget(wpi_store *store, wpi_stored_file *file, uint32_t block, wp_page_state state)
{
    size_t at = 0;
    for (wpi_stored *stored; (stored = wpi_table_next(&file->pages, &at));)
        if (stored->block >= block)
            set_state(store, stored, state);
}

static void forget_file(wpi_store *store, wpi_stored_file *file)
{
    forget(store, file, 0, WP_PAGE_UNKNOWN);
    file->is_untold = true;
    file->is_cut = false;
    file->end = 0;
}

bool wpi_store_copy(wpi_store *store, wp_oid spc, wp_oid db)
{
    const wpi_key folder = { spc, db, 0 };
    if (!wpi_table_put(&store->copies, folder, store))
        return false;
    wpi_relmap *map = wpi_table_get(&store->relmaps, folder);
    if (map)
        map->is_told = false;
    size_t at = 0;
    for (wpi_stored_file *file; (file = wpi_table_next(&store->files, &at));) {
        if (file->locator.spc == spc && file->locator.db == db)
            forget_file(store, file);
    }
    return true;
}

void wpi_store_create(wpi_store *store, wpi_stored_file *file)
{
    wpi_store_cut(store, file, 0);
    if (store->is_minimal)
        forget_file(store, file);
}

void wpi_store_cut(wpi_store *store, wpi_stored_file *file, uint32_t block)
{
    const bool may_grow_unseen = store->is_minimal && file->is_untold;
    forget(store, file, block, may_grow_unseen ? WP_PAGE_UNKNOWN : WP_PAGE_ABSENT);
    if (!may_grow_unseen) {
        file->cut = file->is_cut && file->cut < block ? file->cut : block;
        file->is_cut = true;
    }
    if (file->end > block)
        file->end = block;
}
