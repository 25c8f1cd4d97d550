/*
 * redo.c - page redo against the after-images of a server: after each record our page and the server's image of it are the same,
 * masked as the server masks them.
 *
 *     redo BACKUP START-LSN SEGMENT...
 *
 * $REDO_FINAL: a data directory as it is after the last record: the pages of pg_multixact, and those of all tables, are compared with
 * its files, too. A page that is not there when a record changes it is a fault then only if it lacks at the end: its
 * file may have been cut or dropped before the backup copied it. Recovery forgives that (access/transam/xlogutils.c, forget_invalid_pages()).
 * $REDO_CHECKSUMS: the pages of the backup have checksums.
 * $REDO_MEMORY: bytes of pages to be held, so that others go to a scratch file; default 64 MB.
 *
 * The WAL is that of a server with wal_consistency_checking = 'heap,heap2,sequence': each of its records of tables has an image of each block it
 * touched that is not to be applied. BACKUP is a data directory as it was copied; - : none, and only pages that the WAL has whole
 * are compared.
 * Of images that are applied, which servers before 10 have alone, all rows are compared but those that the record tells of.
 * Prints counts; exit status 1 when an image differs, or a page became damaged.
 *
 * The mask is stricter than the server's own (bufmask.c, heap_mask()): of infomask only the four hint bits and COMBOCID are left
 * out, where it leaves out all that tells of xmin and xmax; and whether all rows are visible counts.
 */
#include <dirent.h>

#include "format/record.h"
#include "redo/page.h"

#include "replay.h"

#define SHOWN_MAX 20
#define HINTS 0x0F00

static wp_redo *redo;
static wp_lsn start;
static uint64_t compared[3][16], differing, newer, unknown, damaged, not_there, records;
static int failures;

/* ---- comparing ----------------------------------------------------------------------------- */

static bool is_speculative(const uint8_t *row)
{
    return wpi_u16(row + WPI_ROW_CTID_AT + 4) == 0xFFFE;
}

static void mask(uint8_t *bytes, uint32_t block, uint8_t max_align)
{
    const wpi_redo_page page = { bytes, BLOCK_BYTES, max_align };
    memset(bytes, 0, 10); /* LSN, checksum */
    wpi_put_u16_at(bytes + 10, wpi_u16(bytes + 10) & WPI_PAGE_ALL_VISIBLE);
    wpi_put_u32_at(bytes + 20, 0); /* prune xid */
    const uint16_t lower = wpi_u16(bytes + 12), upper = wpi_u16(bytes + 14);
    if (lower > upper || upper > BLOCK_BYTES)
        return;
    memset(bytes + lower, 0, (size_t)upper - lower);
    for (uint16_t n = 1; n <= wpi_redo_page_pointers(&page); n++) {
        const wpi_pointer p = wpi_redo_page_pointer(&page, n);
        if (p.len == 0 || p.off + p.len > BLOCK_BYTES)
            continue;
        uint8_t *row = bytes + p.off;
        if (p.kind == WPI_POINTER_ROW) {
            const bool is_frozen = (wpi_u16(row + WPI_ROW_INFOMASK_AT) & 0x0300) == 0x0300;
            wpi_row_change_infomask(row, HINTS | WPI_COMBO_CID, is_frozen ? 0x0300 : 0);
            wpi_put_u32_at(row + WPI_ROW_CID_AT, 0);
            if (is_speculative(row))
                wpi_row_set_ctid(row, block, n);
        }
        for (size_t i = p.len; i % max_align != 0; i++)
            row[i] = 0;
    }
}

static void tell_difference(const wpi_record *record, const wpi_block *block, const uint8_t *ours,
                            const uint8_t *theirs)
{
    if (failures++ >= SHOWN_MAX)
        return;
    char lsn[WP_LSN_TEXT_BYTES];
    size_t at = 0, bytes = 0;
    for (size_t i = BLOCK_BYTES; i-- > 0;)
        if (ours[i] != theirs[i])
            at = i, bytes++;
    printf(
        "%s rmgr %u info %02X: file %u/%u/%u block %u differs at %zu (%zu bytes): %02X%02X%02X%02X, "
        "the server has %02X%02X%02X%02X; lower %u %u upper %u %u\n",
        wp_lsn_format(record->lsn, lsn), record->rmid, record->info, block->locator.spc,
        block->locator.db, block->locator.rel, block->number, at, bytes, ours[at & ~3UL],
        ours[(at & ~3UL) + 1], ours[(at & ~3UL) + 2], ours[(at & ~3UL) + 3], theirs[at & ~3UL],
        theirs[(at & ~3UL) + 1], theirs[(at & ~3UL) + 2], theirs[(at & ~3UL) + 3],
        wpi_u16(ours + 12), wpi_u16(theirs + 12), wpi_u16(ours + 14), wpi_u16(theirs + 14));
}

/* A page that is not there may be of a file that is dropped or cut later: compare_files() tells whether it is missed then. */
static bool is_judged_at_the_end(const wp_page *page)
{
    return page->fault == WP_FAULT_NO_PAGE && getenv("REDO_FINAL") != NULL;
}

static void tell_damage(const wpi_record *record, const wpi_block *block, const wp_page *page)
{
    if (is_judged_at_the_end(page)) {
        not_there++;
        return;
    }
    damaged++;
    if (failures++ >= SHOWN_MAX)
        return;
    char lsn[WP_LSN_TEXT_BYTES], fault_lsn[WP_LSN_TEXT_BYTES];
    printf("%s rmgr %u info %02X: file %u/%u/%u block %u: state %d, %s (since %s)\n",
           wp_lsn_format(record->lsn, lsn), record->rmid, record->info, block->locator.spc,
           block->locator.db, block->locator.rel, block->number, page->state,
           wp_page_fault_text(page->fault), wp_lsn_format(page->fault_lsn, fault_lsn));
}

static void compare(const wpi_record *record, const wpi_block *block)
{
    static uint8_t ours[BLOCK_BYTES], theirs[BLOCK_BYTES];
    wp_page page;
    if (wp_redo_page(redo, &block->locator, block->number, &page, NULL) < 0)
        exit(2);
    if (page.state == WP_PAGE_UNKNOWN) {
        unknown++;
        return;
    }
    if (page.state != WP_PAGE_KNOWN) {
        tell_damage(record, block, &page);
        return;
    }
    memcpy(ours, page.bytes, BLOCK_BYTES);
    const wpi_redo_page redone = { ours, BLOCK_BYTES, record->max_align };
    if (wpi_redo_page_lsn(&redone) > record->end_lsn) {
        newer++;
        return;
    }
    if (wpi_image_restore(record->profile, &block->image, theirs, BLOCK_BYTES) < 0) {
        puts("an image cannot be restored");
        exit(2);
    }
    mask(ours, block->number, record->max_align);
    mask(theirs, block->number, record->max_align);
    compared[record->rmid == WP_RMGR_HEAP    ? 0
             : record->rmid == WP_RMGR_HEAP2 ? 1
                                             : 2][record->info >> 4 & 0x0F]++;
    if (memcmp(ours, theirs, BLOCK_BYTES) != 0) {
        differing++;
        tell_difference(record, block, ours, theirs);
    }
}

/* ---- images that are applied ---------------------------------------------------------------- */

/* Our pages before the record, of blocks that its images replace. */
static struct {
    bool is_there;
    uint8_t bytes[BLOCK_BYTES];
} before[WPI_BLOCKS_MAX];
static uint64_t replaced_compared;

static bool is_applied(const wpi_record *record, const wpi_block *block)
{
    const uint8_t apply = record->profile->image_apply;
    return block->has_image && block->fork == WPI_FORK_MAIN
           && (apply == 0 || (block->image.info & apply));
}

/* The line pointers that a record of one row changes, in *numbers; false: it may change any. */
static bool touched(const wpi_record *record, uint16_t numbers[2])
{
    const uint8_t *main = record->main.bytes;
    const uint8_t op = record->info & 0x70;
    numbers[0] = numbers[1] = 0;
    if (record->rmid == WP_RMGR_XLOG)
        return op == (0xA0 & 0x70); /* FPI_FOR_HINT: none */
    if (record->rmid == WP_RMGR_HEAP2) {
        numbers[0] = wpi_u16(main + 4);
        return op == 0x60; /* LOCK_UPDATED */
    }
    if (record->rmid != WP_RMGR_HEAP || (record->info & 0x80))
        return false;
    const bool is_update = op == 0x20 || op == 0x40;
    numbers[0] = wpi_u16(op == 0x10 || op == 0x60 || is_update ? main + 4 : main);
    numbers[1] = is_update ? wpi_u16(main + 12) : 0;
    return op != 0x30;
}

static void keep_pages(const wpi_record *record)
{
    uint16_t numbers[2];
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wpi_block *block = &record->blocks[i];
        before[i].is_there = false;
        if (!is_applied(record, block) || !touched(record, numbers))
            continue;
        wp_page page;
        if (wp_redo_page(redo, &block->locator, block->number, &page, NULL) < 0)
            exit(2);
        before[i].is_there = page.state == WP_PAGE_KNOWN;
        if (before[i].is_there)
            memcpy(before[i].bytes, page.bytes, BLOCK_BYTES);
    }
}

/* All rows but those of the record are in the image as we had them. */
static bool are_neighbours_same(const wpi_redo_page *ours, const wpi_redo_page *theirs,
                                const uint16_t numbers[2])
{
    for (uint16_t n = 1; n <= wpi_redo_page_pointers(theirs); n++) {
        if (n == numbers[0] || n == numbers[1])
            continue;
        if (n > wpi_redo_page_pointers(ours))
            return false;
        const wpi_pointer a = wpi_redo_page_pointer(ours, n), b = wpi_redo_page_pointer(theirs, n);
        if (a.kind != b.kind || a.off != b.off || a.len != b.len
            || (a.len > 0 && memcmp(ours->bytes + a.off, theirs->bytes + b.off, a.len) != 0))
            return false;
    }
    return true;
}

static void compare_replaced(const wpi_record *record, unsigned i)
{
    static uint8_t image[BLOCK_BYTES];
    const wpi_block *block = &record->blocks[i];
    uint16_t numbers[2];
    (void)touched(record, numbers);
    const wpi_redo_page ours = { before[i].bytes, BLOCK_BYTES, record->max_align };
    const wpi_redo_page theirs = { image, BLOCK_BYTES, record->max_align };
    if (wpi_redo_page_lsn(&ours) >= record->end_lsn || !wpi_redo_page_is_sound(&ours)
        || wpi_image_restore(record->profile, &block->image, image, BLOCK_BYTES) < 0
        || !wpi_redo_page_is_sound(&theirs))
        return; /* of an index */
    if (wpi_u16(ours.bytes + 16) != BLOCK_BYTES)
        return;
    mask(before[i].bytes, block->number, record->max_align);
    mask(image, block->number, record->max_align);
    replaced_compared++;
    if (!are_neighbours_same(&ours, &theirs, numbers)) {
        differing++;
        tell_difference(record, block, before[i].bytes, image);
    }
}

static bool on_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context, (void)facts;
    if (record->lsn < start)
        return true;
    wp_error err;
    records++;
    wpi_record parts;
    if (!wpi_record_of(record, &parts))
        exit(2);
    keep_pages(&parts);
    if (wp_redo_record(redo, record, &err) < 0) {
        puts(err.text);
        exit(2);
    }
    for (unsigned i = 0; i < parts.nblocks; i++)
        if (before[i].is_there)
            compare_replaced(&parts, i);
    if (parts.rmid != WP_RMGR_HEAP && parts.rmid != WP_RMGR_HEAP2 && parts.rmid != WP_RMGR_SEQUENCE)
        return true;
    for (unsigned i = 0; i < parts.nblocks; i++) {
        const wpi_block *block = &parts.blocks[i];
        if (block->has_image && block->fork == WPI_FORK_MAIN && !is_applied(&parts, block))
            compare(&parts, block);
    }
    return true;
}

/* ---- the logs of multixacts ---------------------------------------------------------------- */

/*
 * Is it the server's page? Minor releases before those of November 2025 do not have yet where the members of the next multixact begin:
 * one word of zeros.
 */
static bool is_same_log(const uint8_t *ours, const uint8_t *theirs)
{
    unsigned later = 0;
    for (size_t at = 0; at < BLOCK_BYTES; at += 4) {
        if (memcmp(ours + at, theirs + at, 4) == 0)
            continue;
        if (wpi_u32(theirs + at) != 0)
            return false;
        later++;
    }
    return later <= 1;
}

static bool is_of_log(wp_redo_log log, uint32_t block, const uint8_t *page)
{
    const wp_locator file = { .spc = WP_REDO_LOG_TABLESPACE, .rel = log };
    wp_page ours;
    if (wp_redo_page(redo, &file, block, &ours, NULL) < 0)
        exit(2);
    return ours.state == WP_PAGE_KNOWN && is_same_log(ours.bytes, page);
}

/* One page more than there is, of zeros or not there, ends it. */
static void compare_logs(const char *data_directory)
{
    uint8_t page[BLOCK_BYTES];
    backup = data_directory;
    for (int log = WP_REDO_MULTIXACT_OFFSETS; log <= WP_REDO_MULTIXACT_MEMBERS; log++) {
        const wp_locator file = { .spc = WP_REDO_LOG_TABLESPACE, .rel = (wp_oid)log };
        uint32_t block = 0, bad = 0;
        for (; read_backup(NULL, &file, block, page) == WP_OK; block++)
            bad += !is_of_log((wp_redo_log)log, block, page);
        printf("log %d: %u pages, %u of them not as the server's\n", log, block, bad);
        differing += bad;
    }
}

/* ---- files at the end ----------------------------------------------------------------------- */

static uint64_t final_pages, final_differing, final_unknown;

static void tell_final(const wp_locator *file, uint32_t block, const char *what)
{
    final_differing++;
    if (failures++ < SHOWN_MAX)
        printf("at the end: file %u/%u/%u block %u: %s\n", file->spc, file->db, file->rel, block,
               what);
}

static bool is_zero(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, BLOCK_BYTES - 1) == 0;
}

/* Only pages of tables: those of sequences and indexes have a special space. */
static void compare_page(const wp_locator *file, uint32_t block, uint8_t *theirs, uint8_t max_align)
{
    static uint8_t ours[BLOCK_BYTES];
    if (!is_zero(theirs) && wpi_u16(theirs + 16) != BLOCK_BYTES)
        return;
    wp_page page;
    if (wp_redo_page(redo, file, block, &page, NULL) < 0)
        exit(2);
    final_pages++;
    if (page.state == WP_PAGE_UNKNOWN) {
        final_unknown++;
        return;
    }
    if (page.state == WP_PAGE_ABSENT && is_zero(theirs))
        return;
    if (page.state != WP_PAGE_KNOWN) {
        tell_final(file, block, page.state == WP_PAGE_ABSENT ? "we have none" : "ours is damaged");
        return;
    }
    memcpy(ours, page.bytes, BLOCK_BYTES);
    mask(ours, block, max_align);
    mask(theirs, block, max_align);
    if (memcmp(ours, theirs, BLOCK_BYTES) != 0)
        tell_final(file, block, "differs");
}

static void compare_file(const char *path, const wp_locator *file, uint8_t max_align)
{
    size_t len = 0;
    uint8_t *bytes = read_file(path, &len);
    const uint32_t blocks = (uint32_t)(len / BLOCK_BYTES);
    const bool is_table = len >= BLOCK_BYTES && wpi_u16(bytes + 16) == BLOCK_BYTES;
    for (uint32_t block = 0; is_table && block < blocks; block++)
        compare_page(file, block, bytes + (size_t)block * BLOCK_BYTES, max_align);
    wp_page page;
    if (is_table && wp_redo_page(redo, file, blocks, &page, NULL) >= 0
        && page.state == WP_PAGE_KNOWN)
        tell_final(file, blocks, "the server has none");
    free(bytes);
}

/* The files of a folder whose names are numbers; files beyond 1 GB are left out. */
static void compare_folder(const char *folder, wp_locator file, uint8_t max_align)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[1024], *end;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        file.rel = (wp_oid)strtoul(entry->d_name, &end, 10);
        if (*end == '\0' && file.rel > 0)
            compare_file(path, &file, max_align);
    }
    closedir(dir);
}

static void compare_files(const char *data_directory, uint8_t max_align)
{
    char folder[512];
    snprintf(folder, sizeof folder, "%s/global", data_directory);
    compare_folder(folder, (wp_locator){ .spc = 1664 }, max_align);
    snprintf(folder, sizeof folder, "%s/base", data_directory);
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const wp_oid db = (wp_oid)strtoul(entry->d_name, NULL, 10);
        snprintf(folder, sizeof folder, "%s/base/%u", data_directory, db);
        if (db > 0)
            compare_folder(folder, (wp_locator){ .spc = 1663, .db = db }, max_align);
    }
    closedir(dir);
    printf("at the end: %llu pages of tables, %llu of them not known, %llu not as the server's\n",
           (unsigned long long)final_pages, (unsigned long long)final_unknown,
           (unsigned long long)final_differing);
    differing += final_differing;
}

/* ---- what it comes to ----------------------------------------------------------------------- */

static void print_counts(void)
{
    static const char *const names[] = { "heap", "heap2", "sequence" };
    uint64_t total = 0;
    for (size_t m = 0; m < 3; m++)
        for (size_t op = 0; op < 16; op++)
            if (compared[m][op] > 0) {
                printf("%s %02zX %llu\n", names[m], op << 4, (unsigned long long)compared[m][op]);
                total += compared[m][op];
            }
    const wp_redo_counts *c = wp_redo_statistics(redo);
    printf(
        "records %llu, changed %llu, replaced %llu, newer %llu, unknown %llu, damaged %llu, spilled %llu\n",
        (unsigned long long)records, (unsigned long long)c->changed,
        (unsigned long long)c->replaced, (unsigned long long)c->newer,
        (unsigned long long)c->unknown, (unsigned long long)c->damaged,
        (unsigned long long)c->spilled);
    printf("images that were applied compared %llu\n", (unsigned long long)replaced_compared);
    printf("images compared %llu, differing %llu; newer %llu, not known %llu, damaged %llu, "
           "not there %llu\n",
           (unsigned long long)total, (unsigned long long)differing, (unsigned long long)newer,
           (unsigned long long)unknown, (unsigned long long)damaged, (unsigned long long)not_there);
}

static void begin(const wp_segment_info *info)
{
    redo = new_redo(info);
}

int main(int argc, char **argv)
{
    if (argc < 4 || !wp_lsn_parse(argv[2], &start)) {
        fputs("usage: redo BACKUP START-LSN SEGMENT...\n", stderr);
        return 2;
    }
    backup = strcmp(argv[1], "-") != 0 ? argv[1] : NULL;
    read_segments(argv + 3, (size_t)argc - 3, begin, on_record);
    if (getenv("REDO_FINAL")) {
        compare_files(getenv("REDO_FINAL"), 8);
        compare_logs(getenv("REDO_FINAL"));
    }
    print_counts();
    wp_redo_free(redo);
    return differing + damaged > 0;
}
