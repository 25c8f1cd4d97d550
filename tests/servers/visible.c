/*
 * visible.c - which rows are there, against a server: after the replay of a backup and its WAL up to an LSN they are those that a
 * transaction saw which began at that LSN.
 *
 *     visible BACKUP START-LSN END-LSN WANTED SEGMENT...
 *
 * WANTED has for each table a line `file TABLESPACE DATABASE FILENODE NAME`, and then one for each row that was seen, in the order of
 * their places: `(BLOCK,ITEM)`, and what a transaction did to it that had not ended: `deleted`, `replaced`, `moved`, or `removed`: any of
 * them; else nothing. BACKUP is a data directory as it was copied. $REDO_CHECKSUMS, $REDO_MEMORY: see replay.h. $VISIBLE_SINCE: an xid; those
 * before it that have not ended died with the server.
 *
 * Prints what differs and counts; exit status 1 when a row is missing, is not one of them, or is in doubt.
 */
#include <walparse/visible.h>

#include "redo/page.h"

#include "replay.h"

#define SHOWN_MAX 20

static wp_redo *redo;
static wp_fates *fates;
static wp_lsn start, end;
static wp_xid since;

static uint64_t tables, rows, removed, unhinted, by_updaters, differing;

static void tell(const char *table, wp_row_place at, const char *what)
{
    if (differing++ < SHOWN_MAX)
        printf("%s (%u,%u): %s\n", table, at.block, at.item, what);
}

/* ---- replay ---------------------------------------------------------------------------------- */

static void begin(const wp_segment_info *info)
{
    redo = new_redo(info);
    if (wp_fates_new(info->profile, BLOCK_BYTES, &fates, NULL) < 0)
        exit(2);
}

static bool on_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context, (void)facts;
    wp_error err;
    if (record->lsn < start || record->lsn >= end)
        return true;
    if (wp_redo_record(redo, record, &err) < 0 || wp_fates_record(fates, record, &err) < 0) {
        puts(err.text);
        exit(2);
    }
    return true;
}

/* ---- a table --------------------------------------------------------------------------------- */

typedef enum mark { KEPT, DELETED, REPLACED, MOVED, REMOVED } mark;
static const char *const marks[] = { "", "deleted", "replaced", "moved", "removed" };

typedef struct wanted_row {
    wp_row_place at;
    mark mark;
} wanted_row;

static struct {
    wp_locator file;
    char name[128];
    wanted_row *rows;
    size_t count, room, next; /* next: the first one that we have not come to */
} table;

static mark mark_of(const wp_row_verdict *verdict)
{
    if (!verdict->remover || wp_xid_precedes(verdict->remover, since))
        return KEPT;
    return verdict->is_moved ? MOVED : verdict->is_replaced ? REPLACED : DELETED;
}

static bool is_before(wp_row_place a, wp_row_place b)
{
    return a.block < b.block || (a.block == b.block && a.item < b.item);
}

static void note_kind(wp_view tuple)
{
    const uint16_t infomask = wpi_u16(tuple.bytes + WPI_ROW_INFOMASK_AT);
    const bool is_told = infomask & (WPI_XMIN_COMMITTED | WPI_XMIN_INVALID);
    const bool is_updated = infomask & WPI_XMAX_IS_MULTI && !(infomask & WPI_XMAX_INVALID)
                            && !wpi_row_is_only_locked(infomask);
    unhinted += !is_told;
    by_updaters += is_updated;
}

static void compare_row(wp_row_place at, wp_view tuple)
{
    wp_row_verdict verdict;
    wp_error err;
    note_kind(tuple);
    if (wp_row_judge(fates, redo, tuple, at, &verdict, &err) < 0) {
        puts(err.text);
        exit(2);
    }
    if (verdict.state == WP_ROW_IN_DOUBT)
        tell(table.name, at, "in doubt");
    if (verdict.state != WP_ROW_THERE)
        return;
    rows++;
    removed += mark_of(&verdict) != KEPT;
    for (; table.next < table.count && is_before(table.rows[table.next].at, at); table.next++)
        tell(table.name, table.rows[table.next].at, "missing");
    const wanted_row *wanted = &table.rows[table.next];
    if (table.next == table.count || is_before(at, wanted->at)) {
        tell(table.name, at, "one too many");
        return;
    }
    table.next++;
    const mark ours = mark_of(&verdict);
    if (ours == wanted->mark || (wanted->mark == REMOVED && ours != KEPT))
        return;
    char what[64];
    snprintf(what, sizeof what, "'%s', and is '%s'", marks[ours], marks[wanted->mark]);
    tell(table.name, at, what);
}

static void compare_block(uint32_t block)
{
    static uint8_t copy[BLOCK_BYTES];
    wp_page page;
    if (wp_redo_page(redo, &table.file, block, &page, NULL) < 0)
        exit(2);
    if (page.state == WP_PAGE_ABSENT)
        return;
    if (page.state != WP_PAGE_KNOWN) {
        tell(table.name, (wp_row_place){ block, 0 }, "the page is not known");
        return;
    }
    memcpy(copy, page.bytes, BLOCK_BYTES);
    uint16_t item = 0;
    for (wp_view tuple; wp_page_next_row((wp_view){ copy, BLOCK_BYTES }, &item, &tuple);)
        compare_row((wp_row_place){ block, item }, tuple);
}

static uint32_t blocks_in_backup(const wp_locator *file)
{
    static uint8_t page[BLOCK_BYTES];
    char path[512];
    uint32_t block = 0;
    path_of(file, 0, path, sizeof path);
    if (access(path, F_OK) != 0)
        return WP_REDO_NO_FILE;
    while (read_backup(NULL, file, block, page) == WP_OK)
        block++;
    return block;
}

static void compare_table(void)
{
    if (table.name[0] == '\0')
        return;
    bool may_have_more;
    const uint32_t blocks =
        wp_redo_blocks(redo, &table.file, blocks_in_backup(&table.file), &may_have_more);
    for (uint32_t block = 0; block < blocks; block++)
        compare_block(block);
    for (; table.next < table.count; table.next++)
        tell(table.name, table.rows[table.next].at, "missing");
    if (may_have_more)
        tell(table.name, (wp_row_place){ blocks, 0 }, "there may be more");
    tables++;
}

/* ---- what the server saw ----------------------------------------------------------------------- */

/* The number after as many other characters. */
static uint32_t take_number(char **at, size_t others)
{
    return (uint32_t)strtoul(*at + strnlen(*at, others), at, 10);
}

static void add_row(char *line)
{
    wanted_row row = { 0 };
    char *at = line;
    row.at.block = take_number(&at, 1);
    row.at.item = (uint16_t)take_number(&at, 1);
    const char *word = at + strspn(at, ") ");
    if (line[0] != '(' || row.at.item == 0) {
        printf("not understood: %s\n", line);
        exit(2);
    }
    while (row.mark < REMOVED && strcmp(marks[row.mark], word) != 0)
        row.mark++;
    if (table.count == table.room) {
        table.room = table.room ? table.room * 2 : 1024;
        table.rows = realloc(table.rows, table.room * sizeof *table.rows);
        if (!table.rows)
            exit(2);
    }
    table.rows[table.count++] = row;
}

static void compare_all(const char *path)
{
    FILE *f = fopen(path, "r");
    char line[512];
    if (!f) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "file ", 5) != 0) {
            add_row(line);
            continue;
        }
        compare_table();
        char *at = line + 4;
        table.file.spc = take_number(&at, 1);
        table.file.db = take_number(&at, 1);
        table.file.rel = take_number(&at, 1);
        snprintf(table.name, sizeof table.name, "%s", at + strspn(at, " "));
        table.count = table.next = 0;
    }
    compare_table();
    fclose(f);
}

int main(int argc, char **argv)
{
    if (argc < 6 || !wp_lsn_parse(argv[2], &start) || !wp_lsn_parse(argv[3], &end)) {
        fputs("usage: visible BACKUP START-LSN END-LSN WANTED SEGMENT...\n", stderr);
        return 2;
    }
    const char *xid = getenv("VISIBLE_SINCE");
    since = xid ? (wp_xid)strtoul(xid, NULL, 10) : 0;
    backup = argv[1];
    read_segments(argv + 5, (size_t)argc - 5, begin, on_record);
    if (!redo)
        return 2;
    compare_all(argv[4]);
    printf(
        "rows %llu of %llu tables, about to go %llu, without a hint %llu, judged by a multixact %llu, "
        "differing %llu\n",
        (unsigned long long)rows, (unsigned long long)tables, (unsigned long long)removed,
        (unsigned long long)unhinted, (unsigned long long)by_updaters,
        (unsigned long long)differing);
    wp_fates_free(fates);
    wp_redo_free(redo);
    free(table.rows);
    return differing > 0;
}
