/*
 * test_visible.c - how transactions ended, and which rows are there. What the verdicts must be is what HeapTupleSatisfiesMVCC() does with a
 * snapshot that is taken at that LSN; tests/servers/visible.sh holds them against servers.
 */
#include <walparse/visible.h>

#include "redo_bench.h"

#define LOG_BLOCKS 3

/* A redo with logs of a backup, and fates; both are given each record. */
typedef struct court {
    bench *b;
    wp_fates *fates;
    uint32_t block_bytes;
    bool has[4][LOG_BLOCKS];
    uint8_t logs[4][LOG_BLOCKS][2 * BENCH_BYTES];
} court;

static wp_status read_log(void *context, const wp_locator *file, uint32_t block, uint8_t *page)
{
    const court *c = context;
    assert_int_equal(file->spc, WP_REDO_LOG_TABLESPACE);
    if (block >= LOG_BLOCKS || !c->has[file->rel][block])
        return WP_END;
    memcpy(page, c->logs[file->rel][block], c->block_bytes);
    return WP_OK;
}

static court *court_of(const char *major, uint32_t block_bytes)
{
    court *c = calloc(1, sizeof *c);
    assert_non_null(c);
    c->b = bench_new(major);
    c->block_bytes = block_bytes;
    c->b->config.block_bytes = block_bytes;
    c->b->config.wants = NULL;
    c->b->config.read_backup = read_log;
    c->b->config.write_scratch = NULL;
    c->b->config.read_scratch = NULL;
    c->b->config.context = c;
    bench_start(c->b);
    assert_int_equal(wp_fates_new(c->b->config.profile, block_bytes, &c->fates, NULL), WP_OK);
    c->has[WP_REDO_XACT][0] = true;
    return c;
}

static void court_free(court *c)
{
    wp_fates_free(c->fates);
    bench_free(c->b);
    free(c);
}

static wp_status tell_bytes(court *c, const uint8_t *bytes, size_t len)
{
    uint8_t *exact = malloc(len); /* for the sanitizer */
    assert_non_null(exact);
    memcpy(exact, bytes, len);
    const wp_record record = { .profile = c->b->config.profile,
                               .lsn = 0x1000,
                               .end_lsn = 0x2000,
                               .max_align = wal_max_align(c->b->w),
                               .bytes = { exact, len } };
    wp_error err;
    const wp_status status = wp_fates_record(c->fates, &record, &err);
    free(exact);
    return status;
}

/* The record that starts at lsn in the WAL of the builder. */
static void tell(court *c, wp_lsn lsn)
{
    const uint8_t *bytes = wal_at(c->b->w, lsn);
    assert_int_equal(tell_bytes(c, bytes, wpi_u32(bytes)), WP_OK);
}

/* A record of a log, to the redo, too. */
static void tell_log(court *c, uint8_t rmid, uint8_t info, const char *hex)
{
    blob main = { 0 };
    put_hex(&main, hex);
    const wal_record record = { .rmid = rmid, .info = info, .main = view_of(&main) };
    assert_int_equal(bench_apply(c->b, &record), WP_OK);
    blob bytes = wal_record_bytes(c->b->w, &record, 0);
    assert_int_equal(tell_bytes(c, bytes.at, bytes.len), WP_OK);
    blob_free(&bytes);
    blob_free(&main);
}

static wp_xid_fate fate_of(court *c, wp_xid xid)
{
    wp_xid_fate fate = WP_XID_UNKNOWN;
    assert_int_equal(wp_fates_of(c->fates, c->b->redo, xid, &fate, NULL), WP_OK);
    return fate;
}

/* ---- fates ---------------------------------------------------------------------------------- */

static const char *const majors[] = { "9.5", "9.6", "10", "11", "12", "13",
                                      "14",  "15",  "16", "17", "18", "19" };

static void ends_are_told_by_the_wal(void **state)
{
    (void)state;
    static const wp_xid subxids[] = { 701, 70000 };
    for (size_t i = 0; i < COUNT(majors); i++) {
        now_on(&(wal_config){ .major = majors[i] });
        court *c = court_of(majors[i], BENCH_BYTES);
        wal_builder *w = c->b->w;
        tell(c, wal_commit(w, &(wal_xact){ .xid = 700, .subxids = subxids, .nsubxids = 2 }));
        tell(c,
             wal_abort(w, &(wal_xact){ .xid = 710, .subxids = (wp_xid[]){ 711 }, .nsubxids = 1 }));
        tell(c, wal_prepare(w, &(wal_xact){ .xid = 720,
                                            .gid = "one",
                                            .subxids = (wp_xid[]){ 721 },
                                            .nsubxids = 1 }));
        assert_int_equal(fate_of(c, 720), WP_XID_NOT_ENDED);
        assert_int_equal(fate_of(c, 721), WP_XID_NOT_ENDED);
        tell(c, wal_commit_prepared(w, &(wal_xact){ .xid = 720,
                                                    .gid = "one",
                                                    .subxids = (wp_xid[]){ 721 },
                                                    .nsubxids = 1 }));
        tell(c, wal_abort_prepared(w, &(wal_xact){ .xid = 730, .gid = "two" }));
        assert_int_equal(fate_of(c, 700), WP_XID_COMMITTED);
        assert_int_equal(fate_of(c, 701), WP_XID_COMMITTED);
        assert_int_equal(fate_of(c, 70000), WP_XID_COMMITTED);
        assert_int_equal(fate_of(c, 702), WP_XID_NOT_ENDED);
        assert_int_equal(fate_of(c, 70001), WP_XID_UNKNOWN);
        assert_int_equal(fate_of(c, 710), WP_XID_ABORTED);
        assert_int_equal(fate_of(c, 711), WP_XID_ABORTED);
        assert_int_equal(fate_of(c, 720), WP_XID_COMMITTED);
        assert_int_equal(fate_of(c, 721), WP_XID_COMMITTED);
        assert_int_equal(fate_of(c, 730), WP_XID_ABORTED);
        court_free(c);
    }
    now_on(NULL);
}

/* Xids 700 to 703, from the low bits up: in progress, committed, aborted, committed if its transaction does. */
#define FOUR_ENDS 0xE4

static void the_backup_tells_of_the_others(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    assert_int_equal(fate_of(c, 699), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 700), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 701), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 702), WP_XID_ABORTED);
    assert_int_equal(fate_of(c, 703), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 32768), WP_XID_UNKNOWN); /* the page is not there */
    assert_int_equal(fate_of(c, UINT32_MAX), WP_XID_UNKNOWN);
    court_free(c);
}

static void the_wal_wins(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 700 }));
    tell(c, wal_abort(c->b->w, &(wal_xact){ .xid = 701 }));
    assert_int_equal(fate_of(c, 700), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 701), WP_XID_ABORTED);
    assert_int_equal(fate_of(c, 702), WP_XID_ABORTED);
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 702 }));
    tell(c, wal_abort(c->b->w, &(wal_xact){ .xid = 703 }));
    assert_int_equal(fate_of(c, 702), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 703), WP_XID_ABORTED);
    court_free(c);
}

/* A list of those in progress is in the WAL of each checkpoint; who is older has ended, and somebody's end is on any page of pg_xact by then. */
static void zeros_of_the_backup_tell_nothing_of_the_old(void **state)
{
    (void)state;
    static const wp_xid running[] = { 700 };
    court *c = court_of("15", BENCH_BYTES);
    assert_int_equal(fate_of(c, 699), WP_XID_NOT_ENDED);
    tell(c, wal_running_xacts(c->b->w, 702, 700, running, COUNT(running)));
    tell(c, wal_running_xacts(c->b->w, 720, 710, running, COUNT(running)));
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 698 }));
    assert_int_equal(fate_of(c, 698), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 699), WP_XID_UNKNOWN);
    assert_int_equal(fate_of(c, 700), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 705), WP_XID_NOT_ENDED);
    court_free(c);

    c = court_of("15", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][0] = 0x40; /* of xid 3 */
    tell(c, wal_running_xacts(c->b->w, 702, 700, running, COUNT(running)));
    assert_int_equal(fate_of(c, 699), WP_XID_NOT_ENDED); /* the server died meanwhile */
    court_free(c);
}

static void xids_begin_anew(void **state)
{
    (void)state;
    court *c = court_of("17", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 700 }));
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 32768 }));
    assert_int_equal(fate_of(c, 701), WP_XID_COMMITTED);
    tell_log(c, WP_RMGR_CLOG, 0x00, "0000000000000000");
    for (wp_xid xid = 700; xid < 704; xid++)
        assert_int_equal(fate_of(c, xid), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 32768), WP_XID_COMMITTED);
    tell(c, wal_abort(c->b->w, &(wal_xact){ .xid = 700 }));
    assert_int_equal(fate_of(c, 700), WP_XID_ABORTED);

    /* A page of which the backup knows nothing. */
    assert_int_equal(fate_of(c, 65536), WP_XID_UNKNOWN);
    tell_log(c, WP_RMGR_CLOG, 0x00, "0200000000000000");
    assert_int_equal(fate_of(c, 65536), WP_XID_NOT_ENDED);
    /* TRUNCATE begins nothing anew. */
    tell_log(c, WP_RMGR_CLOG, 0x10, "01000000000000000000000000000000");
    assert_int_equal(fate_of(c, 32768), WP_XID_COMMITTED);
    court_free(c);
}

static void three_xids_are_nobodys(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    assert_int_equal(fate_of(c, 0), WP_XID_ABORTED);
    assert_int_equal(fate_of(c, 1), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 2), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 3), WP_XID_NOT_ENDED);
    tell(c, wal_abort(c->b->w, &(wal_xact){ .xid = 0 }));
    court_free(c);
}

static void other_blocks_have_other_pages(void **state)
{
    (void)state;
    court *c = court_of("15", 2 * BENCH_BYTES);
    c->has[WP_REDO_XACT][1] = true;
    c->logs[WP_REDO_XACT][0][9000] = 0x01;
    c->logs[WP_REDO_XACT][1][0] = 0x02;
    assert_int_equal(fate_of(c, 36000), WP_XID_COMMITTED);
    assert_int_equal(fate_of(c, 65536), WP_XID_ABORTED);
    assert_int_equal(fate_of(c, 131072), WP_XID_UNKNOWN);
    court_free(c);
}

static void what_makes_no_sense_is_refused(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    wp_fates *fates = NULL;
    assert_int_equal(wp_fates_new(c->b->config.profile, 1000, &fates, NULL), WP_ERR_USAGE);
    assert_int_equal(wp_fates_new(NULL, BENCH_BYTES, &fates, NULL), WP_ERR_USAGE);
    assert_null(fates);
    wp_fates_free(fates);

    /* Two subtransactions are announced, one is there. */
    blob main = { 0 };
    put_hex(&main, "0000000000000000"
                   "02000000"
                   "02000000"
                   "BD020000");
    const wal_record commit = {
        .rmid = WP_RMGR_XACT, .info = 0x80, .xid = 700, .main = view_of(&main)
    };
    blob bytes = wal_record_bytes(c->b->w, &commit, 0);
    assert_int_equal(tell_bytes(c, bytes.at, bytes.len), WP_ERR_DAMAGE);
    assert_int_equal(fate_of(c, 700), WP_XID_NOT_ENDED);
    blob_free(&bytes);
    main.len = 3;
    const wal_record zero = { .rmid = WP_RMGR_CLOG, .main = view_of(&main) };
    bytes = wal_record_bytes(c->b->w, &zero, 0);
    assert_int_equal(tell_bytes(c, bytes.at, bytes.len), WP_ERR_DAMAGE);
    blob_free(&bytes);
    blob_free(&main);
    court_free(c);
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define IN_PROGRESS 700
#define COMMITTED 701
#define ABORTED 702
#define UNTOLD 800000

#define LOCK_ONLY 0x0080
#define KEYSHR 0x0010
#define EXCL 0x0040
#define XMIN_C 0x0100
#define XMIN_I 0x0200
#define XMAX_C 0x0400
#define XMAX_I 0x0800
#define MULTI 0x1000
#define MOVED_OFF 0x4000
#define MOVED_IN 0x8000

static const wp_row_place place = { 7, 3 };

/* A row that is its own newest version. */
static void fill_row(uint8_t row[24], wp_xid xmin, wp_xid xmax, uint16_t infomask)
{
    memset(row, 0, 24);
    wpi_put_u32_at(row + WPI_ROW_XMIN_AT, xmin);
    wpi_put_u32_at(row + WPI_ROW_XMAX_AT, xmax);
    wpi_put_u16_at(row + WPI_ROW_INFOMASK_AT, infomask);
    row[WPI_ROW_HOFF_AT] = 24;
    wpi_row_set_ctid(row, place.block, place.item);
}

static wp_row_verdict judge(court *c, const uint8_t *row, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1); /* for the sanitizer */
    assert_non_null(exact);
    memcpy(exact, row, len);
    wp_row_verdict verdict;
    assert_int_equal(
        wp_row_judge(c->fates, c->b->redo, (wp_view){ exact, len }, place, &verdict, NULL), WP_OK);
    free(exact);
    return verdict;
}

typedef struct row_case {
    const char *name;
    wp_xid xmin, xmax;
    uint16_t infomask;
    wp_row_state state;
    wp_row_doubt doubt;
    wp_xid remover; /* or of the doubt */
    wp_xid xvac;
} row_case;

#define THERE .state = WP_ROW_THERE
#define NOT_THERE .state = WP_ROW_NOT_THERE
#define MAKER .state = WP_ROW_IN_DOUBT, .doubt = WP_ROW_DOUBT_MAKER
#define REMOVER .state = WP_ROW_IN_DOUBT, .doubt = WP_ROW_DOUBT_REMOVER

static const row_case row_cases[] = {
    { "no hint, committed", COMMITTED, 0, XMAX_I, THERE },
    { "no hint, in progress", IN_PROGRESS, 0, XMAX_I, NOT_THERE },
    { "no hint, aborted", ABORTED, 0, XMAX_I, NOT_THERE },
    { "no hint, nobody knows", UNTOLD, 0, XMAX_I, MAKER, .remover = UNTOLD },
    { "taken back", 0, 0, 0, NOT_THERE },
    { "bootstrap", 1, 0, XMAX_I, THERE },
    { "frozen by its xid", 2, 0, XMAX_I, THERE },
    { "frozen by its hints", UNTOLD, 0, XMIN_C | XMIN_I | XMAX_I, THERE },
    { "committed by its hint", UNTOLD, 0, XMIN_C | XMAX_I, THERE },
    { "aborted by its hint", UNTOLD, 0, XMIN_I | XMAX_I, NOT_THERE },
    { "never removed, without a hint", COMMITTED, 0, 0, THERE },
    { "removed", COMMITTED, COMMITTED, 0, NOT_THERE },
    { "removed, by its hint", COMMITTED, UNTOLD, XMAX_C, NOT_THERE },
    { "removal aborted", COMMITTED, ABORTED, 0, THERE },
    { "removal aborted, by its hint", COMMITTED, UNTOLD, XMAX_I, THERE },
    { "being removed", COMMITTED, IN_PROGRESS, 0, THERE, .remover = IN_PROGRESS },
    { "being removed, frozen", UNTOLD, IN_PROGRESS, XMIN_C | XMIN_I, THERE,
      .remover = IN_PROGRESS },
    { "removed by whom nobody knows", COMMITTED, UNTOLD, 0, REMOVER, .remover = UNTOLD },
    { "made and removed by one in progress", IN_PROGRESS, IN_PROGRESS, 0, NOT_THERE,
      .remover = IN_PROGRESS },
    { "in progress, removed by whom nobody knows", IN_PROGRESS, UNTOLD, 0, NOT_THERE },
    { "aborted, removed by whom nobody knows", ABORTED, UNTOLD, 0, NOT_THERE },
    { "made by whom nobody knows, and removed", UNTOLD, COMMITTED, 0, NOT_THERE },
    { "made by whom nobody knows, not removed", UNTOLD, ABORTED, 0, MAKER, .remover = UNTOLD },
    { "locked for update", COMMITTED, COMMITTED, LOCK_ONLY | EXCL, THERE },
    { "locked for key share", COMMITTED, IN_PROGRESS, LOCK_ONLY | KEYSHR, THERE },
    { "locked, with a hint", COMMITTED, COMMITTED, LOCK_ONLY | EXCL | XMAX_C, THERE },
    { "locked by 9.2", COMMITTED, COMMITTED, EXCL, THERE },
    { "locked by many", COMMITTED, 5, MULTI | LOCK_ONLY | EXCL | KEYSHR, THERE },
    { "locked by many of 9.2", COMMITTED, 5, MULTI | LOCK_ONLY, THERE },
    { "deleted, and not only locked", COMMITTED, COMMITTED, KEYSHR | EXCL, NOT_THERE },
    { "moved away", UNTOLD, 0, MOVED_OFF | XMAX_I, NOT_THERE, .xvac = COMMITTED },
    { "moved away, aborted", UNTOLD, 0, MOVED_OFF | XMAX_I, THERE, .xvac = ABORTED },
    { "moved away, in progress", UNTOLD, 0, MOVED_OFF | XMAX_I, THERE, .xvac = IN_PROGRESS },
    { "moved to here", UNTOLD, 0, MOVED_IN | XMAX_I, THERE, .xvac = COMMITTED },
    { "moved to here, aborted", UNTOLD, 0, MOVED_IN | XMAX_I, NOT_THERE, .xvac = ABORTED },
    { "moved to here, in progress", UNTOLD, 0, MOVED_IN | XMAX_I, NOT_THERE, .xvac = IN_PROGRESS },
    { "moved to here by whom nobody knows", COMMITTED, 0, MOVED_IN | XMAX_I, MAKER, UNTOLD,
      UNTOLD },
    { "moved away by whom nobody knows", COMMITTED, 0, MOVED_OFF | XMAX_I, MAKER, .remover = UNTOLD,
      .xvac = UNTOLD },
    { "moved to here, with a hint", UNTOLD, 0, MOVED_IN | XMIN_C | XMAX_I, THERE, .xvac = ABORTED },
};

static void check_row(void **state)
{
    const row_case *row = *state;
    court *c = court_of("15", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    uint8_t bytes[24];
    fill_row(bytes, row->xmin, row->xmax, row->infomask);
    wpi_put_u32_at(bytes + WPI_ROW_CID_AT, row->xvac);
    const wp_row_verdict verdict = judge(c, bytes, sizeof bytes);
    assert_int_equal(verdict.state, row->state);
    assert_int_equal(verdict.doubt, row->doubt);
    const bool is_in_doubt = row->state == WP_ROW_IN_DOUBT;
    assert_int_equal(verdict.xid, is_in_doubt ? row->remover : 0);
    assert_int_equal(verdict.remover, is_in_doubt ? 0 : row->remover);
    assert_false(verdict.is_replaced);
    assert_false(verdict.is_moved);
    court_free(c);
}

static void a_row_in_doubt_may_be_about_to_go(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    uint8_t row[24];
    fill_row(row, UNTOLD, IN_PROGRESS, 0);
    const wp_row_verdict verdict = judge(c, row, sizeof row);
    assert_int_equal(verdict.state, WP_ROW_IN_DOUBT);
    assert_int_equal(verdict.xid, UNTOLD);
    assert_int_equal(verdict.remover, IN_PROGRESS);
    court_free(c);
}

static void a_newer_version_is_told(void **state)
{
    (void)state;
    static const struct {
        uint32_t block;
        uint16_t item;
        bool is_replaced, is_moved;
    } cases[] = {
        { 7, 3, false, false },
        { 7, 4, true, false },
        { 8, 3, true, false },
        { 0x00010007, 3, true, false },
        { UINT32_MAX, 0xFFFD, true, true }, /* to another partition */
        { 12, 0xFFFE, false, false },       /* the token of a row put in on trial */
    };
    court *c = court_of("15", BENCH_BYTES);
    uint8_t row[24];
    for (size_t i = 0; i < COUNT(cases); i++) {
        fill_row(row, 2, IN_PROGRESS, 0);
        wpi_row_set_ctid(row, cases[i].block, cases[i].item);
        wp_row_verdict verdict = judge(c, row, sizeof row);
        assert_int_equal(verdict.remover, IN_PROGRESS);
        assert_int_equal(verdict.is_replaced, cases[i].is_replaced);
        assert_int_equal(verdict.is_moved, cases[i].is_moved);
        if (cases[i].is_replaced && !cases[i].is_moved) {
            assert_int_equal(verdict.newer.block, cases[i].block);
            assert_int_equal(verdict.newer.item, cases[i].item);
        }
        /* Who took it back replaced nothing. */
        fill_row(row, 2, ABORTED, XMAX_I);
        wpi_row_set_ctid(row, cases[i].block, cases[i].item);
        verdict = judge(c, row, sizeof row);
        assert_int_equal(verdict.state, WP_ROW_THERE);
        assert_int_equal(verdict.remover, 0);
        assert_false(verdict.is_replaced);
    }
    court_free(c);
}

static void a_row_without_a_header_is_in_doubt(void **state)
{
    (void)state;
    court *c = court_of("15", BENCH_BYTES);
    uint8_t row[24];
    fill_row(row, 2, 0, XMAX_I);
    assert_int_equal(judge(c, row, 24).state, WP_ROW_THERE);
    for (size_t len = 0; len < 24; len++)
        assert_int_equal(judge(c, row, len).doubt, WP_ROW_DOUBT_HEADER);
    row[WPI_ROW_HOFF_AT] = 22;
    assert_int_equal(judge(c, row, 24).doubt, WP_ROW_DOUBT_HEADER);
    row[WPI_ROW_HOFF_AT] = 25;
    assert_int_equal(judge(c, row, 24).state, WP_ROW_IN_DOUBT);
    court_free(c);
}

/* ---- multixacts -------------------------------------------------------------------------------- */

static void put_member(court *c, uint32_t number, uint8_t status, wp_xid xid)
{
    uint8_t *page = c->logs[WP_REDO_MULTIXACT_MEMBERS][number / 1636];
    uint8_t *group = page + (size_t)(number % 1636 / 4) * 20;
    group[number % 4] = status;
    wpi_put_u32_at(group + 4 + (size_t)(number % 4) * 4, xid);
}

static void put_offset(court *c, uint32_t multi, uint32_t first)
{
    wpi_put_u32_at(c->logs[WP_REDO_MULTIXACT_OFFSETS][multi / 2048] + (size_t)(multi % 2048) * 4,
                   first);
}

/* Multixacts of a backup of 15; of their pages, each log has the first. */
static court *with_multixacts(void)
{
    court *c = court_of("15", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    c->has[WP_REDO_MULTIXACT_OFFSETS][0] = c->has[WP_REDO_MULTIXACT_MEMBERS][0] = true;
    return c;
}

static wp_row_verdict judge_multi(court *c, wp_xid multi)
{
    uint8_t row[24];
    fill_row(row, 2, multi, MULTI);
    return judge(c, row, sizeof row);
}

static void the_updating_member_decides(void **state)
{
    (void)state;
    static const wp_xid updaters[] = { IN_PROGRESS, COMMITTED, ABORTED, UNTOLD };
    court *c = with_multixacts();
    uint32_t number = 1;
    for (uint32_t i = 0; i < 4; i++) {
        put_offset(c, 1 + i, number);
        put_member(c, number++, 0, COMMITTED);
        put_member(c, number++, 3, COMMITTED);
        put_member(c, number++, i % 2 ? 4 : 5, updaters[i]);
        put_member(c, number++, 1, COMMITTED);
    }
    put_offset(c, 5, number);
    put_member(c, number++, 2, COMMITTED);
    put_offset(c, 6, number);

    wp_row_verdict verdict = judge_multi(c, 1);
    assert_int_equal(verdict.state, WP_ROW_THERE);
    assert_int_equal(verdict.remover, IN_PROGRESS);
    assert_int_equal(judge_multi(c, 2).state, WP_ROW_NOT_THERE);
    verdict = judge_multi(c, 3);
    assert_int_equal(verdict.state, WP_ROW_THERE);
    assert_int_equal(verdict.remover, 0);
    verdict = judge_multi(c, 4);
    assert_int_equal(verdict.state, WP_ROW_IN_DOUBT);
    assert_int_equal(verdict.doubt, WP_ROW_DOUBT_REMOVER);
    assert_int_equal(verdict.xid, UNTOLD);
    /* All of them lock it. */
    verdict = judge_multi(c, 5);
    assert_int_equal(verdict.state, WP_ROW_THERE);
    assert_int_equal(verdict.remover, 0);
    assert_int_equal(judge_multi(c, 0).state, WP_ROW_THERE);
    court_free(c);
}

static void check_unknown(court *c, wp_xid multi)
{
    const wp_row_verdict verdict = judge_multi(c, multi);
    assert_int_equal(verdict.state, WP_ROW_IN_DOUBT);
    assert_int_equal(verdict.doubt, WP_ROW_DOUBT_MULTIXACT);
    assert_int_equal(verdict.xid, multi);
}

/* Where the next one begins is not written yet: it ends at the first place without a member. */
static void the_last_one_ends_where_members_end(void **state)
{
    (void)state;
    court *c = with_multixacts();
    put_offset(c, 9, 1633);
    put_member(c, 1633, 0, COMMITTED);
    assert_int_equal(judge_multi(c, 9).state, WP_ROW_THERE);
    court_free(c);

    c = with_multixacts();
    put_offset(c, 2047,
               1634); /* the page of the next one is not there; nor is that of the members after */
    put_member(c, 1634, 0, COMMITTED);
    put_member(c, 1635, 1, COMMITTED);
    assert_int_equal(judge_multi(c, 2047).state, WP_ROW_THERE);
    court_free(c);

    c = with_multixacts();
    put_offset(c, 9, 1635);
    put_member(c, 1635, 1, COMMITTED);
    c->has[WP_REDO_MULTIXACT_MEMBERS][1] = true;
    put_member(c, 1636, 5, COMMITTED);
    assert_int_equal(judge_multi(c, 9).state, WP_ROW_NOT_THERE);
    court_free(c);
}

static void what_the_logs_lack_is_not_made_up(void **state)
{
    (void)state;
    court *c = with_multixacts();
    check_unknown(c, 5);    /* no offset */
    check_unknown(c, 2048); /* no page of offsets */
    put_offset(c, 5, 1636); /* no page of members */
    put_offset(c, 6, 1637);
    check_unknown(c, 5);
    court_free(c);

    c = with_multixacts();
    put_offset(c, 10, 20);
    put_offset(c, 11, 22);
    put_member(c, 20, 0, COMMITTED);
    check_unknown(c, 10); /* of its two members one is there */
    court_free(c);

    c = with_multixacts();
    put_offset(c, 10, 20);
    check_unknown(c, 10); /* a place of no member */
    court_free(c);

    c = with_multixacts();
    put_offset(c, 10, 20);
    put_member(c, 20, 6, COMMITTED); /* no such status */
    check_unknown(c, 10);
    court_free(c);
}

/* Before 19 places are counted modulo 2^32, and place 0 has no member. */
static void places_begin_anew(void **state)
{
    (void)state;
    court *c = with_multixacts();
    tell_log(c, WP_RMGR_MULTIXACT, 0x00, "00000000");
    tell_log(c, WP_RMGR_MULTIXACT, 0x10, "00000000");
    tell_log(c, WP_RMGR_MULTIXACT, 0x10, "050F2800"); /* page 2625285: 2^32 / 1636 */
    /* 1: places 2^32-2 and -1; the next one begins at 1. */
    tell_log(c, WP_RMGR_MULTIXACT, 0x20,
             "01000000"
             "FEFFFFFF"
             "02000000"
             "BD020000"
             "00000000"
             "BD020000"
             "01000000");
    tell_log(c, WP_RMGR_MULTIXACT, 0x20,
             "02000000"
             "01000000"
             "01000000"
             "BD020000"
             "05000000");
    wp_row_verdict verdict = judge_multi(c, 1);
    assert_int_equal(verdict.state, WP_ROW_THERE);
    assert_int_equal(judge_multi(c, 2).state, WP_ROW_NOT_THERE);
    court_free(c);
}

/* What was asked for once changes by the WAL. */
static void records_change_multixacts(void **state)
{
    (void)state;
    court *c = with_multixacts();
    check_unknown(c, 1);
    tell_log(c, WP_RMGR_MULTIXACT, 0x20,
             "01000000"
             "01000000"
             "02000000"
             "BD020000"
             "00000000"
             "BC020000"
             "04000000");
    const wp_row_verdict verdict = judge_multi(c, 1);
    assert_int_equal(verdict.state, WP_ROW_THERE);
    assert_int_equal(verdict.remover, IN_PROGRESS);
    court_free(c);
}

static void places_are_wider_in_19(void **state)
{
    (void)state;
    court *c = court_of("19", BENCH_BYTES);
    c->logs[WP_REDO_XACT][0][175] = FOUR_ENDS;
    tell_log(c, WP_RMGR_MULTIXACT, 0x00, "0000000000000000");
    tell_log(c, WP_RMGR_MULTIXACT, 0x10, "050F280000000000");
    /* Places 2^32-1 and 2^32: on one page. */
    tell_log(c, WP_RMGR_MULTIXACT, 0x20,
             "05000000"
             "00000000"
             "FFFFFFFF00000000"
             "02000000"
             "BD020000"
             "00000000"
             "BD020000"
             "05000000");
    assert_int_equal(judge_multi(c, 5).state, WP_ROW_NOT_THERE);
    court_free(c);
}

/* ---- the rows of a page -------------------------------------------------------------------------- */

static void rows_are_those_with_a_place(void **state)
{
    (void)state;
    uint8_t bytes[BENCH_BYTES], row[24];
    wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
    wpi_redo_page_init(&page);
    uint16_t item = 0;
    wp_view tuple;
    assert_false(wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple));
    for (uint16_t number = 1; number <= 6; number++) {
        fill_row(row, number, 0, 0);
        assert_int_equal(wpi_redo_page_add(&page, number, row, sizeof row), WP_FAULT_NONE);
    }
    assert_int_equal(wpi_redo_page_set_pointer(&page, 1, WPI_POINTER_REDIRECT, 2), WP_FAULT_NONE);
    assert_int_equal(wpi_redo_page_set_pointer(&page, 3, WPI_POINTER_DEAD, 0), WP_FAULT_NONE);
    assert_int_equal(wpi_redo_page_set_pointer(&page, 4, WPI_POINTER_UNUSED, 0), WP_FAULT_NONE);
    static const uint16_t expected[] = { 2, 5, 6 };
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_true(wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple));
        assert_int_equal(item, expected[i]);
        assert_int_equal(tuple.len, 24);
        assert_int_equal(wpi_u32(tuple.bytes), expected[i]);
    }
    assert_false(wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple));
}

static void a_row_outside_is_in_doubt(void **state)
{
    (void)state;
    static const wpi_pointer pointers[] = {
        { .off = 8170, .len = 24, .kind = WPI_POINTER_ROW }, /* beyond the page */
        { .off = 8000, .len = 24, .kind = WPI_POINTER_ROW }, /* among what is free */
        { .off = 0, .len = 24, .kind = WPI_POINTER_ROW },    /* the header */
        { .off = 0x7FFF, .len = 0x7FFF, .kind = WPI_POINTER_ROW },
    };
    for (size_t i = 0; i < COUNT(pointers); i++) {
        uint8_t *bytes = calloc(1, BENCH_BYTES);
        assert_non_null(bytes);
        uint8_t row[24];
        wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
        wpi_redo_page_init(&page);
        fill_row(row, 2, 0, XMAX_I);
        assert_int_equal(wpi_redo_page_add(&page, 1, row, sizeof row), WP_FAULT_NONE);
        wpi_put_u32_at(bytes + 24, pointers[i].off | (uint32_t)pointers[i].kind << 15
                                       | (uint32_t)pointers[i].len << 17);
        uint16_t item = 0;
        wp_view tuple;
        assert_true(wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple));
        assert_int_equal(item, 1);
        assert_int_equal(tuple.len, 0);
        assert_false(wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple));
        court *c = court_of("15", BENCH_BYTES);
        assert_int_equal(judge(c, tuple.bytes, tuple.len).doubt, WP_ROW_DOUBT_HEADER);
        court_free(c);
        free(bytes);
    }
}

/* A page with two rows of 40 bytes; what is changed of it: flags 10, lower 12, upper 14, special 16, size 18, line pointers 24, 28. */
static void a_page_of_a_table_has_rows_of_their_own(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint32_t value;
        bool is_wide, is_of_table;
    } changes[] = {
        { 10, 0x0004, false, true },
        { 12, 20, false, false },
        { 12, 24, false, true }, /* nothing tells */
        { 12, 30, false, false },
        { 12, 8170, false, false },
        { 14, 8193, false, false },
        { 16, 8184, false, false },
        { 18, 0x2003, false, false },
        { 18, 0x1004, false, false },
        { 24, 8152U | 1U << 15 | 40U << 17, true, true },
        { 24, 8112U | 1U << 15 | 40U << 17, true, false }, /* the other row */
        { 24, 8144U | 1U << 15 | 40U << 17, true, false }, /* a part of it */
        { 24, 8150U | 1U << 15 | 40U << 17, true, false }, /* not aligned */
        { 24, 8152U | 40U << 17, true, false },            /* what is not used has no bytes */
        { 24, 8152U | 3U << 15 | 40U << 17, true, false }, /* nor has what is dead */
        { 24, 3U << 15, true, true },
        { 24, 2U | 2U << 15, true, true }, /* leads to the other one */
        { 24, 8180U | 1U << 15 | 40U << 17, true,
          true }, /* outside: the row is in doubt, not the page */
    };
    uint8_t row[40] = { 0 };
    for (size_t i = 0; i < COUNT(changes); i++) {
        uint8_t bytes[BENCH_BYTES];
        wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
        wpi_redo_page_init(&page);
        fill_row(row, 2, 0, XMAX_I);
        for (uint16_t number = 1; number <= 2; number++)
            assert_int_equal(wpi_redo_page_add(&page, number, row, sizeof row), WP_FAULT_NONE);
        assert_true(wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8));
        if (changes[i].is_wide)
            wpi_put_u32_at(bytes + changes[i].at, changes[i].value);
        else
            wpi_put_u16_at(bytes + changes[i].at, (uint16_t)changes[i].value);
        if (wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8) != changes[i].is_of_table)
            fail_msg("change %zu", i);
    }
    uint8_t bytes[BENCH_BYTES];
    wpi_redo_page page = { bytes, BENCH_BYTES, 8 };
    wpi_redo_page_init_special(&page, 4);
    assert_false(wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8));
    wpi_put_u32_at(bytes + 8184, 0x1717); /* of a sequence */
    assert_true(wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8));
    memset(bytes, 0, sizeof bytes); /* new, as an image may have it */
    assert_true(wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8));
    bytes[BENCH_BYTES - 1] = 1;
    assert_false(wp_page_is_of_table((wp_view){ bytes, BENCH_BYTES }, 8));
    assert_false(wp_page_is_of_table((wp_view){ row, sizeof row }, 8));
    assert_false(wp_page_is_of_table((wp_view){ row, 0 }, 8));
}

static void what_is_no_page_has_no_rows(void **state)
{
    (void)state;
    uint8_t *bytes = malloc(BENCH_BYTES);
    assert_non_null(bytes);
    memset(bytes, 0xFF, BENCH_BYTES);
    uint16_t item = 0;
    wp_view tuple;
    for (size_t len = 0; len < 24; len++)
        assert_false(wp_page_next_row((wp_view){ bytes, len }, &item, &tuple));
    unsigned n = 0;
    while (wp_page_next_row((wp_view){ bytes, BENCH_BYTES }, &item, &tuple))
        n++;
    assert_int_equal(n, 0); /* line pointers of all ones are dead */
    assert_int_equal(item, (BENCH_BYTES - 24) / 4);
    free(bytes);
}

/* ---- without pg_xact ------------------------------------------------------------------------- */

/* Of a row that somebody removed after all who were older had ended: its maker had committed, or the remover had not seen it. */
static void who_removed_a_row_had_seen_it(void **state)
{
    (void)state;
    static const wp_xid running[] = { 700 };
    static const struct {
        wp_xid xmin, xmax;
        uint16_t infomask;
        wp_row_state state;
        wp_row_doubt doubt;
    } rows[] = {
        { 699, 710, 0, WP_ROW_THERE, WP_ROW_DOUBT_NONE },     /* in progress */
        { 699, 711, 0, WP_ROW_NOT_THERE, WP_ROW_DOUBT_NONE }, /* committed */
        { 699, 712, 0, WP_ROW_THERE, WP_ROW_DOUBT_NONE },     /* aborted */
        { 699, 0, XMAX_I, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER },
        { 699, 710, XMAX_I, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER },
        { 699, 710, LOCK_ONLY | EXCL, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER },
        { 700, 710, 0, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER }, /* may be of one family */
        { 701, 710, 0, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER },
        { 699, 701, 0, WP_ROW_IN_DOUBT, WP_ROW_DOUBT_MAKER },
        { 699, 710, XMIN_I, WP_ROW_NOT_THERE, WP_ROW_DOUBT_NONE },
        { 702, 702, 0, WP_ROW_NOT_THERE, WP_ROW_DOUBT_NONE }, /* its own */
    };
    court *c = court_of("15", BENCH_BYTES);
    c->has[WP_REDO_XACT][0] = false;
    assert_int_equal(fate_of(c, 710), WP_XID_UNKNOWN);
    tell(c, wal_running_xacts(c->b->w, 702, 700, running, COUNT(running)));
    tell(c, wal_commit(c->b->w, &(wal_xact){ .xid = 711 }));
    tell(c, wal_abort(c->b->w, &(wal_xact){ .xid = 712 }));
    assert_int_equal(fate_of(c, 701), WP_XID_UNKNOWN);
    assert_int_equal(fate_of(c, 702), WP_XID_NOT_ENDED);
    assert_int_equal(fate_of(c, 710), WP_XID_NOT_ENDED);
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t row[24];
        fill_row(row, rows[i].xmin, rows[i].xmax, rows[i].infomask);
        const wp_row_verdict verdict = judge(c, row, sizeof row);
        assert_int_equal(verdict.state, rows[i].state);
        assert_int_equal(verdict.doubt, rows[i].doubt);
    }
    court_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_told_by_the_wal),
        cmocka_unit_test(the_backup_tells_of_the_others),
        cmocka_unit_test(zeros_of_the_backup_tell_nothing_of_the_old),
        cmocka_unit_test(the_wal_wins),
        cmocka_unit_test(xids_begin_anew),
        cmocka_unit_test(three_xids_are_nobodys),
        cmocka_unit_test(other_blocks_have_other_pages),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(a_row_in_doubt_may_be_about_to_go),
        cmocka_unit_test(a_newer_version_is_told),
        cmocka_unit_test(a_row_without_a_header_is_in_doubt),
        cmocka_unit_test(the_updating_member_decides),
        cmocka_unit_test(the_last_one_ends_where_members_end),
        cmocka_unit_test(what_the_logs_lack_is_not_made_up),
        cmocka_unit_test(places_begin_anew),
        cmocka_unit_test(records_change_multixacts),
        cmocka_unit_test(places_are_wider_in_19),
        cmocka_unit_test(rows_are_those_with_a_place),
        cmocka_unit_test(a_row_outside_is_in_doubt),
        cmocka_unit_test(a_page_of_a_table_has_rows_of_their_own),
        cmocka_unit_test(what_is_no_page_has_no_rows),
        cmocka_unit_test(who_removed_a_row_had_seen_it),
    };
    const int failed = cmocka_run_group_tests_name("visible", tests, NULL, NULL);
    return failed | RUN_CASES("visible rows", row_cases, check_row);
}
