/*
 * decode_xact.c - ends of transactions, prepared transactions, and which subtransaction is whose.
 *
 * Mirrors access/rmgrdesc/xactdesc.c (ParseCommitRecord and its sisters), access/xact.h, and the
 * state data of access/transam/twophase.c.
 */
#include <string.h>

#include "format/catalogs.h"
#include "decode/decode.h"
#include "decode/dml.h"

/* Bits of xinfo: which parts follow. */
#define XINFO_DBINFO 0x0001u
#define XINFO_SUBXACTS 0x0002u
#define XINFO_RELS 0x0004u
#define XINFO_INVALS 0x0008u
#define XINFO_TWOPHASE 0x0010u
#define XINFO_ORIGIN 0x0020u
#define XINFO_AE_LOCKS 0x0040u /* no part: only says that exclusive locks were logged */
#define XINFO_GID 0x0080u
#define XINFO_DROPPED_STATS 0x0100u
#define XINFO_NO_PART 0xE0000000u /* the bits from 29 up only inform */

#define LOCATOR_BYTES 12
#define INVAL_BYTES 16

/* Kinds of statistics and of invalidation messages that speak of one relation. */
#define STATS_KIND_RELATION 2
#define INVAL_RELCACHE (-2)
#define INVAL_SNAPSHOT (-5) /* names a catalog without a cache */

/* A run of equal items inside the record. */
typedef struct items {
    const uint8_t *bytes;
    uint32_t count;
} items;

/* What a record says about one transaction; views into the record. */
typedef struct xact_parts {
    wp_xid xid;
    wp_time time;
    uint32_t xinfo;
    wp_oid db;
    items subxacts, rels, stats, invals;
    wp_view gid; /* without its NUL; bytes NULL: none */
    wp_lsn origin_lsn;
    wp_time origin_time;
} xact_parts;

static items take_items(wpi_cursor *c, size_t item_bytes)
{
    items got;
    got.bytes = wpi_take_array(c, item_bytes, &got.count);
    return got;
}

static wp_locator locator_at(const uint8_t *p)
{
    return (wp_locator){ .spc = wpi_u32(p), .db = wpi_u32(p + 4), .rel = wpi_u32(p + 8) };
}

/* The bytes up to a NUL, which is taken too. No NUL is an overrun. */
static wp_view take_string(wpi_cursor *c)
{
    const uint8_t *start = c->pos;
    const uint8_t *nul = wpi_left(c) ? memchr(start, 0, wpi_left(c)) : NULL;
    if (!nul) {
        c->overrun = true;
        return (wp_view){ 0 };
    }
    c->pos = nul + 1;
    return (wp_view){ start, (size_t)(nul - start) };
}

/*
 * The oid a statistics item names, 0 when it is not that of a relation. Object ids wider than an
 * oid have their low half first.
 */
static wp_oid stats_relation(const uint8_t *item)
{
    return wpi_u32(item) == STATS_KIND_RELATION ? wpi_u32(item + 8) : 0;
}

/* The relation a message is about, 0 when it is no relcache message of db (or shared). */
static wp_oid inval_relation(const uint8_t *message, wp_oid db)
{
    const wp_oid of_db = wpi_u32(message + 4);
    if ((int8_t)message[0] != INVAL_RELCACHE || (of_db != db && of_db != 0))
        return 0;
    return wpi_u32(message + 8);
}

/* The bit of the catalog that a message of db, or about what is shared, says was changed; 0: none that is watched. */
static uint32_t inval_catalog(const uint8_t *message, wp_oid db, const wp_profile *profile)
{
    const int8_t id = (int8_t)message[0];
    const wp_oid of_db = wpi_u32(message + 4);
    if (of_db != db && of_db != 0)
        return 0;
    if (id == INVAL_SNAPSHOT)
        return wpi_u32(message + 8) == WPI_PG_DEPEND ? 1u << WP_WATCHED_DEPEND : 0;
    for (unsigned i = 0; id > 0 && i < WP_WATCHED_CATALOGS; i++)
        if (profile->caches[i] == id)
            return 1u << i;
    return 0;
}

static uint32_t changed_catalogs(const xact_parts *parts, const wp_profile *profile)
{
    uint32_t changed = 0;
    for (size_t i = 0; i < parts->invals.count; i++)
        changed |= inval_catalog(parts->invals.bytes + i * INVAL_BYTES, parts->db, profile);
    return changed;
}

static uint32_t count_stats(const xact_parts *parts, size_t item_bytes)
{
    uint32_t n = 0;
    for (size_t i = 0; i < parts->stats.count; i++)
        n += stats_relation(parts->stats.bytes + i * item_bytes) != 0;
    return n;
}

static uint32_t count_relcache(const xact_parts *parts)
{
    uint32_t n = 0;
    for (size_t i = 0; i < parts->invals.count; i++)
        n += inval_relation(parts->invals.bytes + i * INVAL_BYTES, parts->db) != 0;
    return n;
}

/* A transaction ends: its row counts so far come first, so that a reducer has them in hand. Aborted, they are nobody's. */
static void tell_counts(const xact_parts *parts, bool is_abort, wpi_builder *out)
{
    wpi_dml *const counts = out->counts;
    wpi_builder *const to = is_abort ? NULL : out;
    if (!counts || wpi_dml_is_empty(counts))
        return;
    wpi_dml_flush_xid(counts, parts->xid, to);
    for (size_t i = 0; i < parts->subxacts.count; i++)
        wpi_dml_flush_xid(counts, wpi_u32(parts->subxacts.bytes + i * sizeof(wp_xid)), to);
}

/* The arrays at the end of a fact, in the order fact.h gives. */
static void write_arrays(const xact_parts *parts, size_t stats_bytes, wp_fact_xact *fact)
{
    wp_locator *rel = (wp_locator *)(void *)(fact + 1);
    for (size_t i = 0; i < parts->rels.count; i++)
        *rel++ = locator_at(parts->rels.bytes + i * LOCATOR_BYTES);

    uint32_t *id = (uint32_t *)(void *)rel;
    for (size_t i = 0; i < parts->subxacts.count; i++)
        *id++ = wpi_u32(parts->subxacts.bytes + i * sizeof(wp_xid));
    for (size_t i = 0; i < parts->stats.count; i++) {
        const wp_oid oid = stats_relation(parts->stats.bytes + i * stats_bytes);
        if (oid)
            *id++ = oid;
    }
    for (size_t i = 0; i < parts->invals.count; i++) {
        const wp_oid oid = inval_relation(parts->invals.bytes + i * INVAL_BYTES, parts->db);
        if (oid)
            *id++ = oid;
    }
    if (parts->gid.len > 0)
        memcpy(id, parts->gid.bytes, parts->gid.len); /* its NUL is there: a fact starts zeroed */
}

/* Mirrors SharedInvalidationMessage of storage/sinval.h: ids of caches are not negative. */
static wp_inval_kind inval_kind(const uint8_t *message)
{
    const int id = (int8_t)message[0];
    if (id >= 0)
        return WP_INVAL_CATCACHE;
    return -id < WP_INVAL_OTHER ? (wp_inval_kind)-id : WP_INVAL_OTHER;
}

static void add_more(const wpi_record *record, wp_xact_op op, const xact_parts *parts,
                     wpi_builder *out)
{
    wp_fact_xact_more *fact =
        wpi_fact_add(out, WP_FACT_XACT_MORE, sizeof *fact, record->lsn, parts->xid);
    if (!fact)
        return;
    fact->fact.op = (uint8_t)op;
    fact->origin = record->origin;
    fact->origin_lsn = parts->origin_lsn;
    fact->origin_time = parts->origin_time;
    for (size_t i = 0; i < parts->invals.count; i++)
        fact->invals[inval_kind(parts->invals.bytes + i * INVAL_BYTES)]++;
}

/* Writes what the parts say as a fact. */
static void add_xact_fact(const wpi_record *record, wp_fact_kind kind, wp_xact_op op,
                          const xact_parts *parts, wpi_builder *out)
{
    tell_counts(parts, op == WP_XACT_ABORT || op == WP_XACT_ABORT_PREPARED, out);
    const size_t stats_bytes = record->profile->stats_item_bytes;
    const uint32_t nstats = count_stats(parts, stats_bytes);
    const uint32_t nrelcache = count_relcache(parts);
    const uint32_t gid_bytes = parts->gid.bytes ? (uint32_t)parts->gid.len + 1 : 0;
    const size_t bytes = sizeof(wp_fact_xact) + parts->rels.count * sizeof(wp_locator)
                         + parts->subxacts.count * sizeof(wp_xid)
                         + ((size_t)nstats + nrelcache) * sizeof(wp_oid) + gid_bytes;

    wp_fact_xact *fact = wpi_fact_add(out, kind, bytes, record->lsn, parts->xid);
    if (!fact)
        return;
    fact->fact.op = (uint8_t)op;
    fact->end_lsn = record->end_lsn;
    fact->prev_lsn = record->prev;
    fact->time = parts->time;
    fact->xinfo = parts->xinfo;
    fact->db = parts->db;
    fact->nrels = parts->rels.count;
    fact->nsubxacts = parts->subxacts.count;
    fact->nstats = nstats;
    fact->nrelcache = nrelcache;
    fact->gid_bytes = gid_bytes;
    fact->ninvals = parts->invals.count;
    fact->origin = record->origin;
    fact->changed = changed_catalogs(parts, record->profile);
    write_arrays(parts, stats_bytes, fact);
    if (out->tells_more)
        add_more(record, op, parts, out);
}

/* Bits of xinfo whose parts this version is known to write, or that announce none. */
static uint32_t known_xinfo(const wp_profile *profile)
{
    uint32_t known = XINFO_DBINFO | XINFO_SUBXACTS | XINFO_RELS | XINFO_INVALS | XINFO_TWOPHASE
                     | XINFO_ORIGIN | XINFO_AE_LOCKS | XINFO_NO_PART;
    if (profile->xact_has_gid)
        known |= XINFO_GID;
    if (profile->stats_item_bytes)
        known |= XINFO_DROPPED_STATS;
    return known;
}

/* COMMIT, ABORT, the same of prepared ones: parts in this order, each when its bit is set. */
static bool decode_end(const wpi_record *record, wp_xact_op op, wpi_builder *out)
{
    const wp_profile *profile = record->profile;
    const bool is_commit = op == WP_XACT_COMMIT || op == WP_XACT_COMMIT_PREPARED;
    wpi_cursor c = wpi_cursor_of(record->main);
    xact_parts parts = { .xid = record->xid,
                         .time = (wp_time)wpi_take_u64(&c),
                         .origin_time = WP_TIME_UNKNOWN };
    if (record->info & WPI_XACT_HAS_INFO)
        parts.xinfo = wpi_take_u32(&c);

    uint32_t has = parts.xinfo;
    if ((has & ~known_xinfo(profile)) != 0)
        return false; /* a part of unknown length */
    if (!is_commit)
        has &= ~XINFO_INVALS;
    if (!is_commit && !profile->abort_has_dbinfo)
        has &= ~(XINFO_DBINFO | XINFO_ORIGIN);

    if (has & XINFO_DBINFO) {
        parts.db = wpi_take_u32(&c);
        (void)wpi_take_u32(&c); /* the database's tablespace */
    }
    if (has & XINFO_SUBXACTS)
        parts.subxacts = take_items(&c, sizeof(wp_xid));
    if (has & XINFO_RELS)
        parts.rels = take_items(&c, LOCATOR_BYTES);
    if (has & XINFO_DROPPED_STATS)
        parts.stats = take_items(&c, profile->stats_item_bytes);
    if (has & XINFO_INVALS)
        parts.invals = take_items(&c, INVAL_BYTES);
    if (has & XINFO_TWOPHASE)
        parts.xid = wpi_take_u32(&c);
    if (has & XINFO_GID)
        parts.gid = take_string(&c);
    if (has & XINFO_ORIGIN) {
        parts.origin_lsn = wpi_take_u64(&c);
        parts.origin_time = (wp_time)wpi_take_u64(&c);
    }
    if (c.overrun)
        return false;
    wpi_note_rest(out, wpi_left(&c));
    add_xact_fact(record, WP_FACT_XACT_END, op, &parts, out);
    return true;
}

/* Where the fields of the PREPARE header lie that never moved. */
enum {
    PREPARE_XID = 8,
    PREPARE_DB = 12,
    PREPARE_TIME = 16,
    PREPARE_NSUBXACTS = 28,
    PREPARE_NCOMMITRELS = 32,
    PREPARE_NABORTRELS = 36
};

#define GID_BYTES_MAX 200 /* GIDSIZE, NUL included */

/* Items whose count stands in the header: padded to the alignment after them. */
static items take_counted(wpi_cursor *c, uint32_t count, size_t item_bytes, size_t align)
{
    if (count > INT32_MAX || count > wpi_left(c) / item_bytes) {
        c->overrun = true;
        return (items){ 0 };
    }
    const items got = { wpi_take(c, count * item_bytes), count };
    wpi_align(c, align);
    return got;
}

/* The gid within a field of the given size that must hold its NUL. */
static bool gid_within(const uint8_t *bytes, size_t room, wp_view *out)
{
    const uint8_t *nul = memchr(bytes, 0, room);
    if (!nul)
        return false;
    *out = (wp_view){ bytes, (size_t)(nul - bytes) };
    return true;
}

/*
 * PREPARE: a header, then the gid (where the header does not hold it), subxids, files to remove at
 * commit, files to remove at abort, statistics likewise, invalidation messages; each padded. The
 * two-phase records that follow tell nothing wanted.
 */
static bool decode_prepare(const wpi_record *record, wpi_builder *out)
{
    const wp_profile *profile = record->profile;
    const wp_prepare_layout *layout = &profile->prepare;
    const size_t align = record->max_align;
    wpi_cursor c = wpi_cursor_of(record->main);
    const uint8_t *header = wpi_take(&c, (size_t)layout->header_bytes);
    if (!header)
        return false;
    xact_parts parts = { .xid = wpi_u32(header + PREPARE_XID),
                         .db = wpi_u32(header + PREPARE_DB),
                         .time = (wp_time)wpi_u64(header + PREPARE_TIME),
                         .origin_time = WP_TIME_UNKNOWN };

    if (layout->gidlen_at >= 0) {
        const uint16_t room = wpi_u16(header + layout->gidlen_at);
        const items gid = take_counted(&c, room, 1, align);
        if (c.overrun || room > GID_BYTES_MAX || !gid_within(gid.bytes, room, &parts.gid))
            return false;
    } else if (!gid_within(header + layout->gid_at, GID_BYTES_MAX, &parts.gid)) {
        return false;
    }
    parts.subxacts = take_counted(&c, wpi_u32(header + PREPARE_NSUBXACTS), sizeof(wp_xid), align);
    parts.rels = take_counted(&c, wpi_u32(header + PREPARE_NCOMMITRELS), LOCATOR_BYTES, align);
    (void)take_counted(&c, wpi_u32(header + PREPARE_NABORTRELS), LOCATOR_BYTES, align);
    if (layout->ncommitstats_at >= 0) {
        const uint8_t *counts = header + layout->ncommitstats_at;
        parts.stats = take_counted(&c, wpi_u32(counts), profile->stats_item_bytes, align);
        (void)take_counted(&c, wpi_u32(counts + 4), profile->stats_item_bytes, align);
    }
    parts.invals = take_counted(&c, wpi_u32(header + layout->ninvalmsgs_at), INVAL_BYTES, align);
    if (c.overrun)
        return false;
    add_xact_fact(record, WP_FACT_PREPARE, 0, &parts, out);
    return true;
}

static bool decode_assignment(const wpi_record *record, wpi_builder *out)
{
    wpi_cursor c = wpi_cursor_of(record->main);
    const wp_xid top = wpi_take_u32(&c);
    const items subxacts = take_items(&c, sizeof(wp_xid));
    if (c.overrun)
        return false;
    wp_fact_assignment *fact = wpi_fact_add(
        out, WP_FACT_ASSIGNMENT, sizeof(wp_fact_assignment) + subxacts.count * sizeof(wp_xid),
        record->lsn, top);
    if (!fact)
        return true;
    fact->nsubxacts = subxacts.count;
    for (size_t i = 0; i < subxacts.count; i++)
        fact->subxids[i] = wpi_u32(subxacts.bytes + i * sizeof(wp_xid));
    return true;
}

bool wpi_decode_xact(const wpi_record *record, wpi_builder *out)
{
    switch (record->info & WPI_XACT_OP_MASK) {
    case WPI_XACT_COMMIT:
        return decode_end(record, WP_XACT_COMMIT, out);
    case WPI_XACT_ABORT:
        return decode_end(record, WP_XACT_ABORT, out);
    case WPI_XACT_COMMIT_PREPARED:
        return decode_end(record, WP_XACT_COMMIT_PREPARED, out);
    case WPI_XACT_ABORT_PREPARED:
        return decode_end(record, WP_XACT_ABORT_PREPARED, out);
    case WPI_XACT_PREPARE:
        return decode_prepare(record, out);
    case WPI_XACT_ASSIGNMENT:
        return decode_assignment(record, out);
    default:
        return true; /* INVALIDATIONS: all of them come again in the commit */
    }
}
