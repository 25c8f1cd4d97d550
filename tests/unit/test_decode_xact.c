/*
 * test_decode_xact.c - ends of transactions and prepared ones, of every major.
 *
 * The records of the first table are main data that real servers wrote; the words beside them are
 * those of pg_walinspect where the server has it (15 on), else what the statements were. The others
 * are built part by part.
 */
#include <stdio.h>

#include "decode/decode.h"

#include "hex.h"

#include "cases.h"

#define COMMIT 0x80
#define ABORT 0xA0
#define COMMIT_PREPARED 0xB0
#define ABORT_PREPARED 0xC0
#define PREPARE 0x10
#define ASSIGNMENT 0x50

#define LSN UINT64_C(0x16B374D848)
#define END_LSN UINT64_C(0x16B374D900)

static wpi_record record_of(const char *major, uint8_t max_align, uint8_t info, wp_xid xid,
                            wp_view main)
{
    return (wpi_record){ .profile = wp_profile_by_major(major),
                         .lsn = LSN,
                         .end_lsn = END_LSN,
                         .xid = xid,
                         .info = info,
                         .rmid = WP_RMGR_XACT,
                         .max_align = max_align,
                         .main = main };
}

/* The only fact of a buffer. */
static const wp_fact *only_fact(const wp_facts *facts)
{
    size_t pos = 0;
    const wp_fact *fact = wp_facts_next(facts, &pos);
    assert_non_null(fact);
    assert_null(wp_facts_next(facts, &pos));
    assert_int_equal(fact->size % 8, 0);
    assert_true(fact->lsn == LSN);
    return fact;
}

static void add(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(char *text, const char *format, ...)
{
    const size_t len = strlen(text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text + len, 1024 - len, format, args);
    va_end(args);
}

/* In the words of pg_walinspect; parts that are not there are left out. */
static void describe(const wp_fact_xact *fact, char text[1024])
{
    static const char *const ends[] = { "COMMIT", "ABORT", "COMMIT_PREPARED", "ABORT_PREPARED" };
    char time[WP_TIME_TEXT_BYTES];
    text[0] = '\0';
    const bool is_prepare = fact->fact.kind == WP_FACT_PREPARE;
    add(text, "%s %u: %s", is_prepare ? "PREPARE" : ends[fact->fact.op], fact->fact.xid,
        wp_time_format_setting(fact->time, time));
    if (fact->db)
        add(text, "; db %u", fact->db);
    for (uint32_t i = 0; i < fact->nrels; i++) {
        const wp_locator *rel = &wp_fact_xact_rels(fact)[i];
        add(text, "%s %u/%u/%u", i ? "" : "; rels", rel->spc, rel->db, rel->rel);
    }
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        add(text, "%s %u", i ? "" : "; subxacts", wp_fact_xact_subxids(fact)[i]);
    for (uint32_t i = 0; i < fact->nstats; i++)
        add(text, "%s %u", i ? "" : "; stats", wp_fact_xact_stats(fact)[i]);
    for (uint32_t i = 0; i < fact->nrelcache; i++)
        add(text, "%s %u", i ? "" : "; relcache", wp_fact_xact_relcache(fact)[i]);
    if (fact->ninvals)
        add(text, "; inval msgs %u", fact->ninvals);
    if (wp_fact_xact_gid(fact))
        add(text, "; gid %s", wp_fact_xact_gid(fact));
}

static const char *const watched[] = {
    [WP_WATCHED_CLASS] = "pg_class",         [WP_WATCHED_ATTRIBUTE] = "pg_attribute",
    [WP_WATCHED_TYPE] = "pg_type",           [WP_WATCHED_PROC] = "pg_proc",
    [WP_WATCHED_NAMESPACE] = "pg_namespace", [WP_WATCHED_CONSTRAINT] = "pg_constraint",
    [WP_WATCHED_AUTHID] = "pg_authid",       [WP_WATCHED_DEPEND] = "pg_depend",
};

/* What its messages say it changed. */
static void describe_changes(const wp_fact_xact *fact, char text[1024])
{
    for (unsigned i = 0; i < WP_WATCHED_CATALOGS; i++)
        if (fact->changed >> i & 1)
            add(text, "; changes %s", watched[i]);
}

typedef struct real_case {
    const char *name;
    const char *major;
    uint8_t max_align, info;
    wp_xid xid;
    const char *hex;
    const char *says;
} real_case;

#define LONG_GID                                   \
    "a much longer global transaction identifier " \
    "..................................................."

static const real_case real_cases[] = {
    { "TRUNCATE of 9.5", "9.5", 8, 0x80, 671,
      "d56de8e1da0303000d000000004000007f060000010000007f06000000400000014000000300000036f14d6b"
      "004000004b4b517a2556000035f14d6b00400000eb44d0e925560000fe040000004000000140000025560000",
      "COMMIT 671: 2026-11-22 11:52:37.991893+00; db 16384; rels 1663/16384/16385; relcache 16385"
      "; inval msgs 3; changes pg_class" },
    { "abort of CREATE TABLE, 9.5", "9.5", 8, 0xA0, 719,
      "1b6aebe1da03030004000000040000007f06000000400000ac4000007f06000000400000ab4000007f060000"
      "00400000aa4000007f06000000400000a9400000",
      "ABORT 719: 2026-11-22 11:52:38.187547+00; rels 1663/16384/16556 1663/16384/16555"
      " 1663/16384/16554 1663/16384/16553" },
    { "ROLLBACK PREPARED, 9.5", "9.5", 8, 0xC0, 0,
      "2eb4ebe1da0303001200000001000000df020000de020000",
      "ABORT_PREPARED 734: 2026-11-22 11:52:38.206510+00; subxacts 735" },
    { "COMMIT PREPARED, 10", "10", 8, 0xB0, 0, "7e8596d2e2030300510000008c3200007f060000c0020000",
      "COMMIT_PREPARED 704: 2026-11-22 21:21:00.704126+00; db 12940" },
    { "PREPARE, 10", "10", 8, 0x10, 704,
      "3345f957c4000000c00200008c320000328596d2e20303000a00000000000000000000000000000000000000"
      "00000300673300680000000014000000010000008c3200000e40000000000000000000010300000000000000"
      "1400000001000000c00200000000000000000000000004010700000000000000380000000200000001000000"
      "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "0e400000000000000000000000000000",
      "PREPARE 704: 2026-11-22 21:21:00.704050+00; db 12940; gid g3" },
    { "PREPARE, 11", "11", 8, 0x10, 717,
      "3445f957d4000000cd020000223300007d1ae9d2e20303000a00000000000000000000000000000000000000"
      "0002030000000000000000000000000000000000673300b00000000014000000017f0000223300000e400000"
      "0000000000000001030000000000000014000000017f0000cd02000000000000000000000000040107000000"
      "0000000038000000020000000100000000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000000e400000000000000000000000000000",
      "PREPARE 717: 2026-11-22 21:21:06.116221+00; db 13090; gid g3" },
    { "COMMIT PREPARED, 11", "11", 8, 0xB0, 0,
      "c91ae9d2e2030300d1000000223300007f060000cd020000673300",
      "COMMIT_PREPARED 717: 2026-11-22 21:21:06.116297+00; db 13090; gid g3" },
    { "ROLLBACK PREPARED, 11", "11", 8, 0xC0, 0,
      "a318e9d2e2030300d5000000223300007f060000010000007f060000223300002b400000cc02000061206d75"
      "6368206c6f6e67657220676c6f62616c207472616e73616374696f6e206964656e746966696572202e2e2e2e"
      "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e"
      "2e2e2e00",
      "ABORT_PREPARED 716: 2026-11-22 21:21:06.115747+00; db 13090; rels 1663/13090/16427"
      "; gid " LONG_GID },
    { "DROP FUNCTION, 15", "15", 8, 0x80, 879,
      "bb6eeed3e203030009010000050000007f0600000100000003000000050000003a400000030000002d000000"
      "05000000b302a108485600002c00000005000000aebb356148560000fbb06a8205000000300a0000ff7f0000",
      "COMMIT 879: 2026-11-22 21:21:23.242683+00; db 5; inval msgs 3; changes pg_proc"
      "; changes pg_depend" },
    { "ROLLBACK PREPARED, 15", "15", 8, 0xC1, 0,
      "8c4eeed3e203030054010000010000007f060000050000002740000001000000020000000500000027400000"
      "68030000",
      "ABORT_PREPARED 872: 2026-11-22 21:21:23.234444+00; rels 1663/5/16423; stats 16423" },
    { "PREPARE, 15", "15", 8, 0x10, 873,
      "3445f957dc0000006903000005000000b24feed3e20303000a00000000000000000000000000000000000000"
      "00000000000000000003030000000000000000000000000000000000673300000000000014000000017f0000"
      "050000000c400000000000000000000103000000a409000014000000017f0000690300000000000000000000"
      "0000050107000000010000003800000002000000010000000000000000000000000000000000000000000000"
      "0000000000000000000000000000000000000000000000000c400000000000000000000000000000",
      "PREPARE 873: 2026-11-22 21:21:23.234738+00; db 5; gid g3" },
    { "ROLLBACK PREPARED, 18", "18", 8, 0xC1, 0,
      "6e8fabd4e2030300d5010000050000007f060000010000007f06000005000000294000000100000002000000"
      "0500000029400000000000008403000061206d756368206c6f6e67657220676c6f62616c207472616e736163"
      "74696f6e206964656e746966696572202e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e"
      "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e00",
      "ABORT_PREPARED 900: 2026-11-22 21:21:35.637358+00; db 5; rels 1663/5/16425; stats 16425"
      "; gid " LONG_GID },
    { "PREPARE, 17 of 32-bit x86", "17", 4, 0x10, 887,
      "3445f957d00000007703000005000000ea0a2cd5e20303000a00000000000000000000000000000000000000"
      "00000000000000000099030000000000000000000000000000000000673300b41400000001af000077030000"
      "000000000000000000000501070000001400000001360000050000000c400000000000000000000103000000"
      "3800000002000000010000000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000000c400000000003000000000000000000",
      "PREPARE 887: 2026-11-22 21:21:44.057578+00; db 5; gid g3" },
    { "ROLLBACK PREPARED, 17 of 32-bit x86", "17", 4, 0xC1, 0,
      "30082cd5e2030300d5010000050000007f060000010000007f06000005000000274000000100000002000000"
      "05000000274000007603000061206d756368206c6f6e67657220676c6f62616c207472616e73616374696f6e"
      "206964656e746966696572202e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e"
      "2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e00",
      "ABORT_PREPARED 886: 2026-11-22 21:21:44.056880+00; db 5; rels 1663/5/16423; stats 16423"
      "; gid " LONG_GID },
};

static void real_record(void **state)
{
    const real_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->hex);
    const wpi_record record =
        record_of(row->major, row->max_align, row->info, row->xid, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    const wp_fact_xact *fact = (const void *)only_fact(&facts);
    assert_true(fact->end_lsn == END_LSN);
    char text[1024];
    describe(fact, text);
    describe_changes(fact, text);
    assert_string_equal(text, row->says);

    /* Without memory there is no fact, and that is no damage. */
    wp_facts_clear(&facts);
    out.out_of_memory = true;
    assert_true(wpi_decode_xact(&record, &out));
    assert_int_equal(facts.len, 0);
    wp_facts_free(&facts);
    blob_free(&main);
}

/* Parts of a COMMIT or ABORT, written when their bit is set in xinfo. */
enum {
    DBINFO = 0x1,
    SUBXACTS = 0x2,
    RELS = 0x4,
    INVALS = 0x8,
    TWOPHASE = 0x10,
    ORIGIN = 0x20,
    AE_LOCKS = 0x40,
    GID = 0x80,
    STATS = 0x100
};

static void put_inval(blob *b, int8_t id, wp_oid db, wp_oid oid)
{
    put_u8(b, (uint8_t)id);
    put_raw(b, "\x5A\x5A\x5A", 3); /* padding is not cleared by servers */
    put_u32(b, db);
    put_u32(b, oid);
    put_u32(b, 0x5A5A5A5A);
}

/* One message of each kind; only two are of relations of database 5. */
static void put_invals(blob *b, uint32_t count)
{
    if (count == 0)
        return;
    put_inval(b, 55, 5, 16999); /* catalog cache */
    put_inval(b, -1, 5, 16998); /* whole catalog */
    put_inval(b, -2, 5, 16400); /* relation */
    put_inval(b, -2, 6, 16997); /* of another database */
    put_inval(b, -2, 5, 0);     /* all relations */
    put_inval(b, -2, 0, 1262);  /* shared relation */
    put_inval(b, -5, 5, 2608);  /* snapshot */
}
#define INVAL_COUNT 7

/* A version that has none gets an item of 15, to be refused. */
static void put_stats(blob *b, const wp_profile *profile, int32_t kind, wp_oid oid)
{
    put_u32(b, (uint32_t)kind);
    put_u32(b, 5);
    put_u32(b, oid);
    if (profile->stats_item_bytes > 12)
        put_zeros(b, profile->stats_item_bytes - 12u);
}

static void put_rels(blob *b)
{
    put_locator(b, (wp_locator){ 1663, 5, 16400 });
    put_locator(b, (wp_locator){ 16390, 5, 16403 });
}

static void put_end(blob *b, const wp_profile *profile, uint8_t info, uint32_t xinfo)
{
    put_u64(b, UINT64_C(848659685074335));
    if (!(info & 0x80))
        return;
    put_u32(b, xinfo);
    if (xinfo & DBINFO) {
        put_u32(b, 5);
        put_u32(b, 1663);
    }
    if (xinfo & SUBXACTS) {
        put_u32(b, 2);
        put_u32(b, 899);
        put_u32(b, 901);
    }
    if (xinfo & RELS) {
        put_u32(b, 2);
        put_rels(b);
    }
    if (xinfo & STATS) {
        put_u32(b, 3);
        put_stats(b, profile, 2, 16400);
        put_stats(b, profile, 3, 16996);
        put_stats(b, profile, 2, 16403);
    }
    if (xinfo & INVALS) {
        put_u32(b, INVAL_COUNT);
        put_invals(b, INVAL_COUNT);
    }
    if (xinfo & TWOPHASE)
        put_u32(b, 898);
    if (xinfo & GID)
        put_raw(b, "my gid", 7);
    if (xinfo & ORIGIN)
        put_zeros(b, 16);
}

typedef struct built_case {
    const char *name;
    const char *major;
    uint8_t info;
    uint32_t xinfo;
    const char *says; /* NULL: refused */
} built_case;

#define AT ": 2026-11-22 10:48:05.074335+00"
#define TWO_RELS "; rels 1663/5/16400 16390/5/16403"

static const built_case built_cases[] = {
    { "no xinfo", "15", 0x00, 0, "COMMIT 700" AT },
    { "flag bit in info", "15", 0x01, 0, "COMMIT 700" AT },
    { "xinfo of nothing", "15", COMMIT, 0, "COMMIT 700" AT },
    { "bits that only inform", "15", COMMIT, 0xE0000000u | AE_LOCKS, "COMMIT 700" AT },
    { "every part of 9.5", "9.5", COMMIT, 0x3F & ~TWOPHASE,
      "COMMIT 700" AT "; db 5" TWO_RELS "; subxacts 899 901; relcache 16400 1262; inval msgs 7" },
    { "every part of 10", "10", COMMIT_PREPARED, 0x7F,
      "COMMIT_PREPARED 898" AT "; db 5" TWO_RELS
      "; subxacts 899 901; relcache 16400 1262; inval msgs 7" },
    { "every part of 11", "11", COMMIT_PREPARED, 0xFF,
      "COMMIT_PREPARED 898" AT "; db 5" TWO_RELS
      "; subxacts 899 901; relcache 16400 1262; inval msgs 7; gid my gid" },
    { "every part of 15", "15", COMMIT_PREPARED, 0x1FF,
      "COMMIT_PREPARED 898" AT "; db 5" TWO_RELS
      "; subxacts 899 901; stats 16400 16403; relcache 16400 1262; inval msgs 7; gid my gid" },
    { "every part of 18", "18", COMMIT_PREPARED, 0x1FF,
      "COMMIT_PREPARED 898" AT "; db 5" TWO_RELS
      "; subxacts 899 901; stats 16400 16403; relcache 16400 1262; inval msgs 7; gid my gid" },
    { "abort of 18", "18", ABORT_PREPARED, 0x1FF & ~INVALS,
      "ABORT_PREPARED 898" AT "; db 5" TWO_RELS
      "; subxacts 899 901; stats 16400 16403; gid my gid" },
    { "abort of 10", "10", ABORT, SUBXACTS | RELS, "ABORT 700" AT TWO_RELS "; subxacts 899 901" },
    { "gid unknown in 10", "10", COMMIT, GID, NULL },
    { "statistics unknown in 14", "14", COMMIT, STATS, NULL },
    { "bit 9 unknown", "18", COMMIT, 0x200, NULL },
    { "bit 28 unknown", "18", COMMIT, 0x10000000, NULL },
};

static void built_record(void **state)
{
    const built_case *row = *state;
    const wp_profile *profile = wp_profile_by_major(row->major);
    blob main = { 0 };
    put_end(&main, profile, row->info, row->xinfo);
    const wpi_record record = record_of(row->major, 8, row->info, 700, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_int_equal(wpi_decode_xact(&record, &out), row->says != NULL);
    if (row->says) {
        char text[1024];
        describe((const void *)only_fact(&facts), text);
        assert_string_equal(text, row->says);
    } else {
        assert_int_equal(facts.len, 0);
    }
    wp_facts_free(&facts);
    blob_free(&main);
}

/* Aborts before 11 carry neither database nor origin, whatever the bits say. */
static void old_abort_has_no_dbinfo(void **state)
{
    (void)state;
    blob main = { 0 };
    put_end(&main, wp_profile_by_major("10"), ABORT, 0);
    set_u32(main.at + 8, DBINFO | SUBXACTS | ORIGIN);
    put_u32(&main, 1);
    put_u32(&main, 899);
    const wpi_record record = record_of("10", 8, ABORT, 700, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    char text[1024];
    describe((const void *)only_fact(&facts), text);
    assert_string_equal(text, "ABORT 700" AT "; subxacts 899");
    wp_facts_free(&facts);
    blob_free(&main);
}

/* ---- PREPARE ---- */

/* As the server writes its state file: every piece padded. */
static void put_prepare(blob *b, const wp_profile *profile, size_t align, const char *gid)
{
    const wp_prepare_layout *layout = &profile->prepare;
    const size_t gid_bytes = strlen(gid) + 1;
    put_zeros(b, (size_t)layout->header_bytes);
    set_u32(b->at, 0x57F94534);
    set_u32(b->at + 8, 898);
    set_u32(b->at + 12, 5);
    set_u64(b->at + 16, UINT64_C(848659685074335));
    set_u32(b->at + 24, 10);
    set_u32(b->at + 28, 2); /* subxacts */
    set_u32(b->at + 32, 2); /* rels at commit */
    set_u32(b->at + 36, 1); /* rels at abort */
    set_u32(b->at + layout->ninvalmsgs_at, INVAL_COUNT);
    if (layout->gidlen_at >= 0)
        set_u16(b->at + layout->gidlen_at, (uint16_t)gid_bytes);
    else
        memcpy(b->at + layout->gid_at, gid, gid_bytes);
    if (layout->gidlen_at >= 0) {
        put_raw(b, gid, gid_bytes);
        put_align(b, align);
    }
    put_u32(b, 899);
    put_u32(b, 901);
    put_align(b, align);
    put_rels(b);
    put_align(b, align);
    put_locator(b, (wp_locator){ 1663, 5, 16995 });
    put_align(b, align);
    if (layout->ncommitstats_at >= 0) {
        set_u32(b->at + layout->ncommitstats_at, 3);
        set_u32(b->at + layout->ncommitstats_at + 4, 1);
        put_stats(b, profile, 2, 16400);
        put_stats(b, profile, 3, 16996);
        put_stats(b, profile, 2, 16403);
        put_align(b, align);
        put_stats(b, profile, 2, 16995);
        put_align(b, align);
    }
    put_invals(b, INVAL_COUNT);
    put_align(b, align);
}

typedef struct prepare_case {
    const char *name;
    const char *major;
    uint8_t max_align;
    const char *gid;
} prepare_case;

#define GID_OF_199                                                           \
    "0123456789012345678901234567890123456789012345678901234567890123456789" \
    "0123456789012345678901234567890123456789012345678901234567890123456789" \
    "01234567890123456789012345678901234567890123456789012345678"

static const prepare_case prepare_cases[] = {
    { "9.5", "9.5", 8, "gid-drop" },
    { "9.6", "9.6", 8, "gid-drop" },
    { "10", "10", 8, "gid-drop" },
    { "11", "11", 8, "gid-drop" },
    { "14", "14", 8, "gid-drop" },
    { "15", "15", 8, "gid-drop" },
    { "18", "18", 8, "gid-drop" },
    { "15 of 32-bit x86", "15", 4, "gid-drop" },
    { "18 of 32-bit x86", "18", 4, "g3" },
    { "longest gid", "18", 8, GID_OF_199 },
    { "longest gid of 9.5", "9.5", 8, GID_OF_199 },
};

static void prepare_is_read(void **state)
{
    const prepare_case *row = *state;
    const wp_profile *profile = wp_profile_by_major(row->major);
    blob main = { 0 };
    put_prepare(&main, profile, row->max_align, row->gid);
    const size_t known = main.len;
    put_zeros(&main, 40); /* two-phase records: not read */
    wpi_record record = record_of(row->major, row->max_align, PREPARE, 898, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    char text[1024], want[1024];
    describe((const void *)only_fact(&facts), text);
    (void)snprintf(want, sizeof want,
                   "PREPARE 898" AT "; db 5" TWO_RELS "; subxacts 899 901%s"
                   "; relcache 16400 1262; inval msgs 7; gid %s",
                   profile->stats_item_bytes ? "; stats 16400 16403" : "", row->gid);
    assert_string_equal(text, want);

    for (size_t len = 0; len < known; len++) {
        uint8_t *cut = malloc(len ? len : 1);
        assert_non_null(cut);
        memcpy(cut, main.at, len);
        record.main = (wp_view){ cut, len };
        wp_facts_clear(&facts);
        if (wpi_decode_xact(&record, &out) || facts.len)
            fail_msg("accepted %zu of %zu bytes", len, known);
        free(cut);
    }
    wp_facts_free(&facts);
    blob_free(&main);
}

/* One field of a good PREPARE of 15 made impossible. */
typedef struct wrong_case {
    const char *name;
    size_t at;
    uint32_t value;
} wrong_case;

static const wrong_case wrong_cases[] = {
    { "negative subxact count", 28, UINT32_MAX },
    { "huge rel count", 32, 0x7FFFFFFF },
    { "count times 12 wraps to little", 32, 0x15555556 },
    { "negative abort rel count", 36, 0x80000000 },
    { "huge statistics count", 40, 0x7FFFFFFF },
    { "negative abort statistics count", 44, UINT32_MAX },
    { "count times 16 wraps to nothing", 48, 0x10000000 },
    { "gid without room for its NUL", 52, 8u << 16 },
    { "no gid at all", 52, 0 },
    { "gid longer than the server allows", 52, 201u << 16 },
};

static void wrong_prepare_is_refused(void **state)
{
    const wrong_case *row = *state;
    blob main = { 0 };
    put_prepare(&main, wp_profile_by_major("15"), 8, "gid-drop");
    put_zeros(&main, 400);
    set_u32(main.at + row->at, row->value);
    const wpi_record record = record_of("15", 8, PREPARE, 898, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_false(wpi_decode_xact(&record, &out));
    assert_int_equal(facts.len, 0);
    wp_facts_free(&facts);
    blob_free(&main);
}

/* ---- what holds for every major ---- */

/* Bits of xinfo that announce parts in a COMMIT_PREPARED of this major. */
static uint32_t every_part(const wp_profile *profile)
{
    return 0x7Fu | (profile->xact_has_gid ? GID : 0u) | (profile->stats_item_bytes ? STATS : 0u);
}

/* In a block of its exact size each, so that a read behind it is seen. */
static void each_prefix_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; wp_profile_at(i); i++) {
        const wp_profile *profile = wp_profile_at(i);
        blob main = { 0 };
        put_end(&main, profile, COMMIT_PREPARED, every_part(profile));
        for (size_t len = 0; len <= main.len; len++) {
            uint8_t *cut = malloc(len ? len : 1);
            assert_non_null(cut);
            memcpy(cut, main.at, len);
            const wpi_record record =
                record_of(profile->major, 8, COMMIT_PREPARED, 0, (wp_view){ cut, len });
            wp_facts facts = { 0 };
            wpi_builder out = { .facts = &facts };
            if (wpi_decode_xact(&record, &out) != (len == main.len))
                fail_msg("%s: %zu of %zu bytes", profile->major, len, main.len);
            assert_int_equal(facts.len > 0, len == main.len);
            wp_facts_free(&facts);
            free(cut);
        }
        blob_free(&main);
    }
}

static void counts_are_bounded(void **state)
{
    (void)state;
    static const struct {
        uint32_t part, item;
    } parts[] = { { SUBXACTS, 4 }, { RELS, 12 }, { STATS, 12 }, { INVALS, 16 } };
    for (size_t i = 0; i < COUNT(parts); i++) {
        const uint32_t wrong[] = { 100 / parts[i].item + 1, 0x7FFFFFFF, 0x80000000, UINT32_MAX,
                                   (uint32_t)(UINT64_C(0x100000000) / parts[i].item) + 1 };
        for (size_t k = 0; k < COUNT(wrong); k++) {
            blob main = { 0 };
            put_u64(&main, 0);
            put_u32(&main, parts[i].part);
            put_u32(&main, wrong[k]);
            put_zeros(&main, 100);
            const wpi_record record = record_of("15", 8, COMMIT, 700, view_of(&main));
            wp_facts facts = { 0 };
            wpi_builder out = { .facts = &facts };
            if (wpi_decode_xact(&record, &out))
                fail_msg("part %x, count %u", parts[i].part, wrong[k]);
            assert_int_equal(facts.len, 0);
            wp_facts_free(&facts);
            blob_free(&main);
        }
    }
}

/* A count of nothing is fine, and what follows the known parts is padding. */
static void empty_and_trailing(void **state)
{
    (void)state;
    blob main = { 0 };
    put_u64(&main, UINT64_C(848659685074335));
    put_u32(&main, SUBXACTS | RELS);
    put_u32(&main, 0);
    put_u32(&main, 0);
    put_zeros(&main, 3);
    const wpi_record record = record_of("15", 8, COMMIT, 700, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    char text[1024];
    describe((const void *)only_fact(&facts), text);
    assert_string_equal(text, "COMMIT 700" AT);
    wp_facts_free(&facts);
    blob_free(&main);
}

/* xtop 760: subxacts: 761, as a server 18 wrote it. */
static void assignment(void **state)
{
    (void)state;
    blob main = { 0 };
    put_hex(&main, "f802000001000000f9020000");
    wpi_record record = record_of("18", 8, ASSIGNMENT, 761, view_of(&main));
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    const wp_fact_assignment *fact = (const void *)only_fact(&facts);
    assert_int_equal(fact->fact.kind, WP_FACT_ASSIGNMENT);
    assert_int_equal(fact->fact.xid, 760);
    assert_int_equal(fact->nsubxacts, 1);
    assert_int_equal(fact->subxids[0], 761);
    wp_facts_clear(&facts);
    record.main.len--;
    assert_false(wpi_decode_xact(&record, &out));
    assert_int_equal(facts.len, 0);
    wp_facts_free(&facts);
    blob_free(&main);
}

/* Their messages come again in the commit. */
static void invalidations_say_nothing(void **state)
{
    (void)state;
    const wpi_record record = record_of("18", 8, 0x60, 761, (wp_view){ (const uint8_t *)"", 0 });
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    assert_true(wpi_decode_xact(&record, &out));
    assert_int_equal(facts.len, 0);
}

int main(void)
{
    const struct CMUnitTest rest[] = {
        cmocka_unit_test(old_abort_has_no_dbinfo),
        cmocka_unit_test(each_prefix_is_refused),
        cmocka_unit_test(counts_are_bounded),
        cmocka_unit_test(empty_and_trailing),
        cmocka_unit_test(assignment),
        cmocka_unit_test(invalidations_say_nothing),
    };
    return RUN_CASES("real", real_cases, real_record)
           + RUN_CASES("built", built_cases, built_record)
           + RUN_CASES("prepare", prepare_cases, prepare_is_read)
           + RUN_CASES("wrong", wrong_cases, wrong_prepare_is_refused)
           + cmocka_run_group_tests_name("every", rest, NULL, NULL);
}
