/*
 * describe_xact.c - ends of transactions, prepared ones, and which subtransaction is whose. Mirrors
 * access/rmgrdesc/xactdesc.c; layouts from access/xact.h and access/transam/twophase.c.
 */
#include "base/cursor.h"
#include "describe/describe.h"
#include "describe/inval.h"

#define OP_MASK 0x70
#define COMMIT 0x00
#define PREPARE 0x10
#define ABORT 0x20
#define COMMIT_PREPARED 0x30
#define ABORT_PREPARED 0x40
#define ASSIGNMENT 0x50
#define INVALIDATION 0x60 /* 14 on */
#define HAS_INFO 0x80

/* Bits of xinfo: which parts follow, and what a commit asks for. */
#define XINFO_DBINFO 0x0001u
#define XINFO_SUBXACTS 0x0002u
#define XINFO_RELS 0x0004u
#define XINFO_INVALS 0x0008u
#define XINFO_TWOPHASE 0x0010u
#define XINFO_ORIGIN 0x0020u
#define XINFO_GID 0x0080u
#define XINFO_DROPPED_STATS 0x0100u
#define XINFO_APPLY_FEEDBACK 0x20000000u
#define XINFO_INIT_FILE 0x40000000u
#define XINFO_SYNC 0x80000000u

#define LOCATOR_BYTES 12
#define GID_BYTES_MAX 200 /* GIDSIZE, NUL included */

/* A run of equal items inside the record. */
typedef struct items {
    const uint8_t *bytes;
    uint32_t count;
} items;

/* What is told of a transaction's end, and in which order the record has it. */
typedef struct xact_end {
    wp_time time;
    uint32_t xinfo;
    items subxacts, rels, stats;
    wpi_invals invals;
    wp_xid prepared; /* 0: none */
    wp_lsn origin_lsn;
    wp_time origin_time;
} xact_end;

static items take_items(wpi_cursor *c, size_t item_bytes)
{
    items got;
    got.bytes = wpi_take_array(c, item_bytes, &got.count);
    return got;
}

static void skip_gid(wpi_cursor *c)
{
    const uint8_t *nul = wpi_left(c) ? memchr(c->pos, 0, wpi_left(c)) : NULL;
    if (nul)
        c->pos = nul + 1;
    else
        c->overrun = true;
}

/* False: the record is shorter than it says. Bits no major's tool knows are none's parts. */
static bool take_end(const wpi_record *record, bool is_commit, xact_end *out)
{
    const wp_profile *profile = record->profile;
    const bool is_whole = is_commit || profile->abort_has_dbinfo;
    wpi_cursor c = wpi_cursor_of(record->main);
    *out = (xact_end){ .time = (wp_time)wpi_take_u64(&c) };
    const uint32_t has = out->xinfo = record->info & HAS_INFO ? wpi_take_u32(&c) : 0;
    if (has & XINFO_DBINFO && is_whole) {
        out->invals.db = wpi_take_u32(&c);
        out->invals.tablespace = wpi_take_u32(&c);
    }
    if (has & XINFO_SUBXACTS)
        out->subxacts = take_items(&c, sizeof(wp_xid));
    if (has & XINFO_RELS)
        out->rels = take_items(&c, LOCATOR_BYTES);
    if (has & XINFO_DROPPED_STATS && profile->stats_item_bytes)
        out->stats = take_items(&c, profile->stats_item_bytes);
    if (has & XINFO_INVALS && is_commit) {
        out->invals.messages = wpi_take_array(&c, WPI_INVAL_BYTES, &out->invals.count);
        out->invals.has_init_file = has & XINFO_INIT_FILE;
    }
    if (has & XINFO_TWOPHASE) {
        out->prepared = wpi_take_u32(&c);
        if (has & XINFO_GID && profile->xact_has_gid)
            skip_gid(&c);
    }
    if (has & XINFO_ORIGIN && is_whole) {
        out->origin_lsn = wpi_take_u64(&c);
        out->origin_time = (wp_time)wpi_take_u64(&c);
    }
    return !c.overrun;
}

/* "; rels: base/5/16567 base/5/16571"; nothing when there is none. */
static void put_rels(wpi_text *out, const wp_profile *profile, const char *title, items rels)
{
    if (!rels.count)
        return;
    wpi_put(out, title);
    for (uint32_t i = 0; i < rels.count; i++) {
        const uint8_t *rel = rels.bytes + (size_t)i * LOCATOR_BYTES;
        const wp_locator locator = { wpi_u32(rel), wpi_u32(rel + 4), wpi_u32(rel + 8) };
        wpi_put_char(out, ' ');
        wpi_put_path(out, profile, &locator, WPI_FORK_MAIN);
    }
}

static void put_xids(wpi_text *out, items xids)
{
    for (uint32_t i = 0; i < xids.count; i++) {
        wpi_put_char(out, ' ');
        wpi_put_u32(out, wpi_u32(xids.bytes + i * sizeof(wp_xid)));
    }
}

static void put_subxacts(wpi_text *out, items subxacts)
{
    if (!subxacts.count)
        return;
    wpi_put(out, "; subxacts:");
    put_xids(out, subxacts);
}

/* Each: u32 kind, database, and an object id of what is left: u32, or u64 with its low half first. */
static void put_stats(wpi_text *out, const wp_profile *profile, const char *title, items stats)
{
    if (!stats.count)
        return;
    wpi_put(out, title);
    for (uint32_t i = 0; i < stats.count; i++) {
        const uint8_t *item = stats.bytes + (size_t)i * profile->stats_item_bytes;
        wpi_put_char(out, ' ');
        wpi_put_i32(out, (int32_t)wpi_u32(item));
        wpi_put_char(out, '/');
        wpi_put_u32(out, wpi_u32(item + 4));
        wpi_put_char(out, '/');
        if (profile->stats_item_bytes == 16)
            wpi_put_u64(out, wpi_u64(item + 8));
        else
            wpi_put_u32(out, wpi_u32(item + 8));
    }
}

static void put_origin(wpi_text *out, const wpi_record *record, wp_lsn lsn, wp_time time)
{
    wpi_put(out, "; origin: node ");
    wpi_put_u32(out, record->origin);
    wpi_put(out, ", lsn ");
    wpi_put_lsn_of(out, record->profile, lsn);
    wpi_put(out, ", at ");
    wpi_put_time(out, time);
}

/* COMMIT, ABORT, the same of prepared ones. */
static bool describe_end(const wpi_record *record, bool is_commit, wpi_text *out)
{
    const wp_profile *profile = record->profile;
    xact_end end;
    if (!take_end(record, is_commit, &end))
        return false;
    if (end.prepared) {
        wpi_put_u32(out, end.prepared);
        wpi_put(out, ": ");
    }
    wpi_put_time(out, end.time);
    put_rels(out, profile, "; rels:", end.rels);
    put_subxacts(out, end.subxacts);
    if (!is_commit) {
        /* The tools leave it out up to 14. */
        if (end.xinfo & XINFO_ORIGIN && profile->dump.tells_origins)
            put_origin(out, record, end.origin_lsn, end.origin_time);
        put_stats(out, profile, "; dropped stats:", end.stats);
        return true;
    }
    put_stats(out, profile, "; dropped stats:", end.stats);
    wpi_put_invals(out, profile, &end.invals);
    if (end.xinfo & XINFO_APPLY_FEEDBACK && profile->dump.tells_origins)
        wpi_put(out, "; apply_feedback");
    if (end.xinfo & XINFO_SYNC)
        wpi_put(out, "; sync");
    if (end.xinfo & XINFO_ORIGIN)
        put_origin(out, record, end.origin_lsn, end.origin_time);
    return true;
}

/* Where the fields of the PREPARE header lie that never moved, and those that moved with ninvalmsgs. */
enum {
    PREPARE_DB = 12,
    PREPARE_TIME = 16,
    PREPARE_NSUBXACTS = 28,
    PREPARE_NCOMMITRELS = 32,
    PREPARE_NABORTRELS = 36,
    INVALMSGS_TO_INIT_FILE = 4,
    INVALMSGS_TO_ORIGIN = 8
};

/* So many items, padded to a multiple of align. A negative count is more than there can be. */
static items take_padded(wpi_cursor *c, uint32_t count, size_t item_bytes, size_t align)
{
    if (count > wpi_left(c) / item_bytes) {
        c->overrun = true;
        return (items){ 0 };
    }
    const items got = { wpi_take(c, count * item_bytes), count };
    wpi_align(c, align);
    return got;
}

/*
 * Header, gid, subxids, files to remove at commit, files to remove at abort, statistics likewise, invalidation
 * messages; each padded. The tools up to 12 tell nothing of it.
 */
static bool describe_prepare(const wpi_record *record, wpi_text *out)
{
    const wp_profile *profile = record->profile;
    const wp_prepare_layout *layout = &profile->prepare;
    const size_t align = record->max_align;
    if (!profile->dump.tells_prepare)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    const uint8_t *header = wpi_take(&c, (size_t)layout->header_bytes);
    if (!header)
        return false;
    const uint8_t *counts = header + layout->ninvalmsgs_at;
    const uint16_t gid_bytes = wpi_u16(header + layout->gidlen_at);
    const items gid = take_padded(&c, gid_bytes, 1, align);
    const items subxacts =
        take_padded(&c, wpi_u32(header + PREPARE_NSUBXACTS), sizeof(wp_xid), align);
    const items rels = take_padded(&c, wpi_u32(header + PREPARE_NCOMMITRELS), LOCATOR_BYTES, align);
    const items abort_rels =
        take_padded(&c, wpi_u32(header + PREPARE_NABORTRELS), LOCATOR_BYTES, align);
    items stats = { 0 }, abort_stats = { 0 };
    if (layout->ncommitstats_at >= 0) {
        const uint8_t *nstats = header + layout->ncommitstats_at;
        stats = take_padded(&c, wpi_u32(nstats), profile->stats_item_bytes, align);
        abort_stats = take_padded(&c, wpi_u32(nstats + 4), profile->stats_item_bytes, align);
    }
    const items messages = take_padded(&c, wpi_u32(counts), WPI_INVAL_BYTES, align);
    const uint8_t *nul = c.overrun || !gid_bytes ? NULL : memchr(gid.bytes, 0, gid_bytes);
    if (!nul || gid_bytes > GID_BYTES_MAX)
        return false;

    wpi_put(out, "gid ");
    wpi_put_bytes(out, gid.bytes, (size_t)(nul - gid.bytes));
    wpi_put(out, ": ");
    wpi_put_time(out, (wp_time)wpi_u64(header + PREPARE_TIME));
    put_rels(out, profile, "; rels(commit):", rels);
    put_rels(out, profile, "; rels(abort):", abort_rels);
    put_stats(out, profile, "; commit dropped stats:", stats);
    put_stats(out, profile, "; abort dropped stats:", abort_stats);
    put_subxacts(out, subxacts);
    const wpi_invals invals = { .has_init_file = counts[INVALMSGS_TO_INIT_FILE] != 0,
                                .db = wpi_u32(header + PREPARE_DB),
                                .messages = messages.bytes,
                                .count = messages.count };
    wpi_put_invals(out, profile, &invals);
    if (record->origin && profile->dump.tells_origins)
        put_origin(out, record, wpi_u64(counts + INVALMSGS_TO_ORIGIN),
                   (wp_time)wpi_u64(counts + INVALMSGS_TO_ORIGIN + 8));
    return true;
}

static bool describe_assignment(const wpi_record *record, wpi_text *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_put(out, "xtop ");
    wpi_put_u32(out, wpi_take_u32(&c));
    wpi_put(out, ": subxacts:");
    put_xids(out, take_items(&c, sizeof(wp_xid)));
    return !c.overrun;
}

static bool describe_invalidation(const wpi_record *record, wpi_text *out)
{
    if (!record->profile->dump.tells_xact_invals)
        return true;
    wpi_cursor c = wpi_cursor_of(record->main);
    wpi_invals invals = { .count = 0 };
    invals.messages = wpi_take_array(&c, WPI_INVAL_BYTES, &invals.count);
    wpi_put_invals(out, record->profile, &invals);
    return !c.overrun;
}

bool wpi_describe_xact(const wpi_record *record, wpi_text *out)
{
    switch (record->info & OP_MASK) {
    case COMMIT:
    case COMMIT_PREPARED:
        return describe_end(record, true, out);
    case ABORT:
    case ABORT_PREPARED:
        return describe_end(record, false, out);
    case PREPARE:
        return describe_prepare(record, out);
    case ASSIGNMENT:
        return describe_assignment(record, out);
    case INVALIDATION:
        return describe_invalidation(record, out);
    default:
        return true;
    }
}

const char *wpi_identify_xact(const wp_profile *profile, uint8_t info)
{
    static const char *const names[] = { "COMMIT",         "PREPARE",
                                         "ABORT",          "COMMIT_PREPARED",
                                         "ABORT_PREPARED", "ASSIGNMENT",
                                         "INVALIDATION",   NULL };
    const uint8_t op = info & OP_MASK;
    return op == INVALIDATION && !profile->dump.tells_xact_invals ? NULL : names[op >> 4];
}
