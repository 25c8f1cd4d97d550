/*
 * wal_records.c - what is in the records: payloads laid out as each major does.
 */
#include <assert.h>
#include <string.h>

#include "wal_builder.h"

static wp_lsn put_main(wal_builder *w, uint8_t rmid, uint8_t info, wp_xid xid, blob *main)
{
    const wp_lsn at =
        wal_put(w, &(wal_record){ .rmid = rmid, .info = info, .xid = xid, .main = view_of(main) });
    blob_free(main);
    return at;
}

/* ---- transactions ---- */

static bool writes_stats(const wal_builder *w, const wal_xact *xact)
{
    return xact->nstats > 0 && wal_profile(w)->stats_item_bytes > 0;
}

/* pg_class rows are the only statistics told here: kind 2. */
static void put_stats(const wal_builder *w, blob *b, const wal_xact *xact)
{
    for (uint32_t i = 0; i < xact->nstats; i++) {
        put_u32(b, 2);
        put_u32(b, xact->db);
        put_u32(b, xact->stats[i]);
        if (wal_profile(w)->stats_item_bytes == 16)
            put_u32(b, 0);
    }
}

static void put_rels(blob *b, const wp_locator *rels, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        put_locator(b, rels[i]);
}

/* One catcache message first, as there always is one, then the relations. */
static uint32_t inval_count(const wal_xact *xact)
{
    return xact->nrelcache > 0 ? xact->nrelcache + 1 : 0;
}

static void put_invals(blob *b, const wal_xact *xact)
{
    if (xact->nrelcache == 0)
        return;
    put_u32(b, 50);
    put_u32(b, xact->db);
    put_u32(b, 0x1234ABCD);
    put_u32(b, 0xDDDDDDDD);
    for (uint32_t i = 0; i < xact->nrelcache; i++) {
        put_u32(b, 0xDDDDDDFE); /* -2, then three bytes that mean nothing */
        put_u32(b, xact->db);
        put_u32(b, xact->relcache[i]);
        put_u32(b, 0xDDDDDDDD);
    }
}

enum {
    HAS_DBINFO = 0x1,
    HAS_SUBXACTS = 0x2,
    HAS_RELS = 0x4,
    HAS_INVALS = 0x8,
    HAS_TWOPHASE = 0x10,
    HAS_ORIGIN = 0x20,
    HAS_AE_LOCKS = 0x40,
    HAS_GID = 0x80,
    HAS_STATS = 0x100
};

static uint32_t xinfo_of(const wal_builder *w, const wal_xact *xact, bool is_commit,
                         bool is_prepared)
{
    const wp_profile *p = wal_profile(w);
    const bool whole = is_commit || p->abort_has_dbinfo;
    uint32_t xinfo = xact->more_xinfo;
    if (xact->db != 0 && whole)
        xinfo |= HAS_DBINFO;
    if (xact->nsubxids > 0)
        xinfo |= HAS_SUBXACTS;
    if (xact->nrels > 0)
        xinfo |= HAS_RELS;
    if (writes_stats(w, xact))
        xinfo |= HAS_STATS;
    if (xact->nrelcache > 0 && is_commit)
        xinfo |= HAS_INVALS;
    if (is_prepared)
        xinfo |= HAS_TWOPHASE;
    if (is_prepared && xact->gid && xact->log_gid && p->xact_has_gid)
        xinfo |= HAS_GID;
    if (xact->has_origin && whole)
        xinfo |= HAS_ORIGIN;
    return xinfo;
}

static wp_lsn put_xact_end(wal_builder *w, uint8_t op, const wal_xact *xact, bool is_commit,
                           bool is_prepared)
{
    const uint32_t xinfo = xinfo_of(w, xact, is_commit, is_prepared);
    blob b = { 0 };
    put_u64(&b, (uint64_t)xact->time);
    if (xinfo != 0)
        put_u32(&b, xinfo);
    if (xinfo & HAS_DBINFO) {
        put_u32(&b, xact->db);
        put_u32(&b, 1663);
    }
    if (xinfo & HAS_SUBXACTS) {
        put_u32(&b, xact->nsubxids);
        for (uint32_t i = 0; i < xact->nsubxids; i++)
            put_u32(&b, xact->subxids[i]);
    }
    if (xinfo & HAS_RELS) {
        put_u32(&b, xact->nrels);
        put_rels(&b, xact->rels, xact->nrels);
    }
    if (xinfo & HAS_STATS) {
        put_u32(&b, xact->nstats);
        put_stats(w, &b, xact);
    }
    if (xinfo & HAS_INVALS) {
        put_u32(&b, inval_count(xact));
        put_invals(&b, xact);
    }
    if (xinfo & HAS_TWOPHASE)
        put_u32(&b, xact->xid);
    if (xinfo & HAS_GID)
        put_raw(&b, xact->gid, strlen(xact->gid) + 1);
    if (xinfo & HAS_ORIGIN) {
        put_u64(&b, 0x1122334455667788);
        put_u64(&b, (uint64_t)xact->time);
    }
    const bool marks_files = wal_version(w) >= 1400 && xact->nrels > 0;
    const uint8_t info = (uint8_t)(op | (xinfo != 0 ? 0x80 : 0) | (marks_files ? 0x01 : 0));
    return put_main(w, WP_RMGR_XACT, info, is_prepared ? 0 : xact->xid, &b);
}

wp_lsn wal_commit(wal_builder *w, const wal_xact *xact)
{
    return put_xact_end(w, 0x00, xact, true, false);
}

wp_lsn wal_abort(wal_builder *w, const wal_xact *xact)
{
    return put_xact_end(w, 0x20, xact, false, false);
}

wp_lsn wal_commit_prepared(wal_builder *w, const wal_xact *xact)
{
    return put_xact_end(w, 0x30, xact, true, true);
}

wp_lsn wal_abort_prepared(wal_builder *w, const wal_xact *xact)
{
    return put_xact_end(w, 0x40, xact, false, true);
}

/* Two-phase records: locks (resource manager 1), then the end mark. */
static void put_twophase_records(const wal_builder *w, blob *b, const wal_xact *xact)
{
    const size_t align = wal_max_align(w);
    for (uint32_t i = 0; i < xact->nlocks; i++) {
        put_u32(b, 20);
        put_u32(b, 1);
        put_align(b, align);
        put_u32(b, xact->db);
        put_u32(b, xact->locks[i]);
        put_u32(b, 0);
        put_u32(b, 0x01000000); /* field 4, lock type 0: relation, method 1 */
        put_u32(b, 8);          /* AccessExclusiveLock */
        put_align(b, align);
    }
    put_zeros(b, 8);
    put_align(b, align);
}

wp_lsn wal_prepare(wal_builder *w, const wal_xact *xact)
{
    const wp_profile *p = wal_profile(w);
    const wp_prepare_layout *at = &p->prepare;
    const size_t align = wal_max_align(w);
    const char *gid = xact->gid ? xact->gid : "";
    blob b = { 0 };
    put_zeros(&b, (size_t)at->header_bytes);
    if (at->gid_at >= 0)
        memcpy(b.at + at->gid_at, gid, strlen(gid));
    else
        put_raw(&b, gid, strlen(gid) + 1);
    put_align(&b, align);
    for (uint32_t i = 0; i < xact->nsubxids; i++)
        put_u32(&b, xact->subxids[i]);
    put_align(&b, align);
    put_rels(&b, xact->rels, xact->nrels);
    put_align(&b, align);
    if (writes_stats(w, xact))
        put_stats(w, &b, xact);
    put_align(&b, align);
    put_invals(&b, xact);
    put_align(&b, align);
    put_twophase_records(w, &b, xact);

    const int version = wal_version(w);
    set_u32(b.at, 0x57F94531u + (version < 906 ? 1 : version < 1100 ? 2 : 3));
    set_u32(b.at + 4, (uint32_t)b.len + 4);
    set_u32(b.at + 8, xact->xid);
    set_u32(b.at + 12, xact->db);
    set_u64(b.at + 16, (uint64_t)xact->time);
    set_u32(b.at + 24, 10);
    set_u32(b.at + 28, xact->nsubxids);
    set_u32(b.at + 32, xact->nrels);
    if (at->ncommitstats_at >= 0 && writes_stats(w, xact))
        set_u32(b.at + at->ncommitstats_at, xact->nstats);
    set_u32(b.at + at->ninvalmsgs_at, inval_count(xact));
    if (at->gidlen_at >= 0)
        set_u16(b.at + at->gidlen_at, (uint16_t)(strlen(gid) + 1));
    return put_main(w, WP_RMGR_XACT, 0x10, xact->xid, &b);
}

wp_lsn wal_assignment(wal_builder *w, wp_xid top, const wp_xid *subxids, uint32_t n)
{
    blob b = { 0 };
    put_u32(&b, top);
    put_u32(&b, n);
    for (uint32_t i = 0; i < n; i++)
        put_u32(&b, subxids[i]);
    return put_main(w, WP_RMGR_XACT, 0x50, subxids[n - 1], &b);
}

/* ---- heap ---- */

static void put_tuple_header(blob *b, const wal_tuple *tuple)
{
    put_u16(b, tuple->infomask2);
    put_u16(b, tuple->infomask);
    put_u8(b, tuple->hoff);
}

/* The first block of a heap record: data goes unless an image makes it needless. */
static wal_block heap_block(const wal_heap *at, const blob *data)
{
    wal_block block = { .locator = at->locator,
                        .number = at->block,
                        .page = at->page,
                        .packing = at->packing,
                        .will_init = at->init };
    if (data && data->len > 0 && (!at->page || at->keep_data))
        block.data = view_of(data);
    return block;
}

/* A page of the visibility map, as minors from 17.11 and 18.5 on register it where they clear its bits. */
static void add_map_block(const wal_builder *w, const wal_heap *at, uint8_t id, wal_record *record)
{
    if (at->clears_map && wal_version(w) >= 1700)
        record->blocks[record->nblocks++] =
            (wal_block){ .id = id, .fork = 2, .same_rel = true, .number = 0 };
}

static wp_lsn put_heap(wal_builder *w, uint8_t rmid, uint8_t op, const wal_heap *at, blob *data,
                       blob *main)
{
    wal_record record = { .rmid = rmid,
                          .info = (uint8_t)(op | (at->init ? 0x80 : 0)),
                          .xid = at->xid,
                          .toplevel_xid = at->toplevel_xid,
                          .nblocks = 1,
                          .blocks = { heap_block(at, data) },
                          .main = view_of(main) };
    add_map_block(w, at, 1, &record);
    const wp_lsn lsn = wal_put(w, &record);
    blob_free(main);
    blob_free(data);
    return lsn;
}

wp_lsn wal_heap_insert(wal_builder *w, const wal_heap *at, const wal_tuple *tuple)
{
    blob data = { 0 }, main = { 0 };
    put_tuple_header(&data, tuple);
    put_view(&data, tuple->body);
    put_u16(&main, at->offset);
    put_u8(&main, at->flags);
    return put_heap(w, WP_RMGR_HEAP, 0x00, at, &data, &main);
}

wp_lsn wal_heap_delete(wal_builder *w, const wal_heap *at)
{
    blob data = { 0 }, main = { 0 };
    put_u32(&main, at->xid);
    put_u16(&main, at->offset);
    put_u8(&main, 0x10);
    put_u8(&main, at->flags);
    return put_heap(w, WP_RMGR_HEAP, 0x10, at, &data, &main);
}

wp_lsn wal_heap_update(wal_builder *w, const wal_heap *at, bool hot, uint32_t old_block,
                       uint16_t old_offset, const wal_tuple *tuple, uint16_t prefix,
                       uint16_t suffix)
{
    const size_t before_columns = (size_t)tuple->hoff - 23;
    const size_t columns = tuple->body.len - before_columns;
    assert(prefix + suffix <= columns);
    blob data = { 0 }, main = { 0 };
    if (prefix > 0)
        put_u16(&data, prefix);
    if (suffix > 0)
        put_u16(&data, suffix);
    put_tuple_header(&data, tuple);
    put_raw(&data, tuple->body.bytes, before_columns);
    put_raw(&data, tuple->body.bytes + before_columns + prefix, columns - prefix - suffix);

    put_u32(&main, at->xid);
    put_u16(&main, old_offset);
    put_u8(&main, 0x10);
    put_u8(&main, (uint8_t)(at->flags | (prefix > 0 ? 0x20 : 0) | (suffix > 0 ? 0x40 : 0)));
    put_u32(&main, 0);
    put_u16(&main, at->offset);

    wal_record record = { .rmid = WP_RMGR_HEAP,
                          .info = (uint8_t)((hot ? 0x40 : 0x20) | (at->init ? 0x80 : 0)),
                          .xid = at->xid,
                          .toplevel_xid = at->toplevel_xid,
                          .nblocks = 1,
                          .blocks = { heap_block(at, &data) },
                          .main = view_of(&main) };
    if (old_block != at->block) {
        record.nblocks = 2;
        record.blocks[1] = (wal_block){ .id = 1, .same_rel = true, .number = old_block };
        add_map_block(w, at, 2, &record);
    }
    add_map_block(w, at, 3, &record);
    const wp_lsn lsn = wal_put(w, &record);
    blob_free(&main);
    blob_free(&data);
    return lsn;
}

wp_lsn wal_heap_inplace(wal_builder *w, const wal_heap *at, wp_view columns)
{
    blob data = { 0 }, main = { 0 };
    put_view(&data, columns);
    put_u16(&main, at->offset);
    if (wal_version(w) >= 1800) { /* carries invalidation messages, none here */
        put_u16(&main, 0);
        put_u32(&main, at->locator.db);
        put_u32(&main, at->locator.spc);
        put_zeros(&main, 4);
        put_u32(&main, 0);
    }
    return put_heap(w, WP_RMGR_HEAP, 0x70, at, &data, &main);
}

wp_lsn wal_heap_multi_insert(wal_builder *w, const wal_heap *at, const uint16_t *offsets,
                             const wal_tuple *tuples, uint16_t n)
{
    blob data = { 0 }, main = { 0 };
    for (uint16_t i = 0; i < n; i++) {
        put_align(&data, 2);
        put_u16(&data, (uint16_t)tuples[i].body.len);
        put_tuple_header(&data, &tuples[i]);
        put_view(&data, tuples[i].body);
    }
    put_u8(&main, at->flags);
    put_u8(&main, 0);
    put_u16(&main, n);
    if (!at->init)
        for (uint16_t i = 0; i < n; i++)
            put_u16(&main, offsets[i]);
    return put_heap(w, WP_RMGR_HEAP2, 0x50, at, &data, &main);
}

wp_lsn wal_heap_prune(wal_builder *w, const wal_heap *at, const uint16_t *unused, uint16_t n)
{
    blob data = { 0 }, main = { 0 };
    const wp_heap2_ops ops = wal_profile(w)->heap2_ops;
    if (ops == WP_HEAP2_PRUNE_FREEZE) {
        if (wal_version(w) < 1900)
            put_u8(&main, 0xA5); /* never set by the server */
        put_u8(&main, 0x88);     /* conflict xid, unused line pointers */
        if (wal_version(w) >= 1900)
            put_u8(&main, 0x03); /* and bits of the visibility map */
        put_u32(&main, at->xid);
        put_u16(&data, n);
    } else {
        put_u32(&main, at->xid);
        put_u16(&main, 0);
        put_u16(&main, 0);
        if (wal_version(w) >= 1600)
            put_u8(&main, 1);
    }
    for (uint16_t i = 0; i < n; i++)
        put_u16(&data, unused[i]);
    return put_heap(w, WP_RMGR_HEAP2, ops == WP_HEAP2_PRUNE_FREEZE ? 0x30 : 0x10, at, &data, &main);
}

wp_lsn wal_heap_truncate(wal_builder *w, wp_xid xid, wp_oid db, const wp_oid *rels, uint32_t n,
                         uint8_t flags)
{
    blob main = { 0 };
    put_u32(&main, db);
    put_u32(&main, n);
    put_u32(&main, flags);
    for (uint32_t i = 0; i < n; i++)
        put_u32(&main, rels[i]);
    return put_main(w, WP_RMGR_HEAP, 0x30, xid, &main);
}

wal_tuple wal_any_tuple(void)
{
    static const uint8_t body[9] = { 0, 42, 0, 0, 0, 7, 0, 0, 0 };
    return (
        wal_tuple){ .infomask2 = 2, .infomask = 0x0800, .hoff = 24, .body = { body, sizeof body } };
}

/* ---- the others ---- */

wp_lsn wal_lock(wal_builder *w, wp_xid record_xid, wp_xid holder, wp_oid db, wp_oid rel)
{
    blob main = { 0 };
    put_u32(&main, 1);
    put_u32(&main, holder);
    put_u32(&main, db);
    put_u32(&main, rel);
    return put_main(w, WP_RMGR_STANDBY, 0x00, record_xid, &main);
}

wp_lsn wal_running_xacts(wal_builder *w, wp_xid next, wp_xid oldest, const wp_xid *xids, uint32_t n)
{
    blob main = { 0 };
    put_u32(&main, n);
    put_u32(&main, 0);
    put_u32(&main, 0);
    put_u32(&main, next);
    put_u32(&main, oldest);
    put_u32(&main, next - 1);
    for (uint32_t i = 0; i < n; i++)
        put_u32(&main, xids[i]);
    return put_main(w, WP_RMGR_STANDBY, 0x10, 0, &main);
}

wp_lsn wal_storage_create(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t fork)
{
    blob main = { 0 };
    put_locator(&main, locator);
    put_u32(&main, fork);
    return put_main(w, WP_RMGR_SMGR, 0x11, xid, &main);
}

wp_lsn wal_storage_truncate(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t blocks)
{
    blob main = { 0 };
    put_u32(&main, blocks);
    put_locator(&main, locator);
    if (wal_version(w) >= 906)
        put_u32(&main, 7);
    return put_main(w, WP_RMGR_SMGR, 0x21, xid, &main);
}

wp_lsn wal_checkpoint(wal_builder *w, bool online, wp_xid next_xid)
{
    const int version = wal_version(w);
    const size_t align = wal_max_align(w);
    const wp_tli tli = wal_info(w, 0).page_tli;
    wp_lsn redo = wal_next(w);
    if (online && wal_profile(w)->checkpoint_has_wal_level) {
        blob level = { 0 };
        put_u32(&level, 1);
        if (version >= 1900)
            put_u32(&level, 0); /* state of checksums */
        redo = put_main(w, WP_RMGR_XLOG, 0xE0, 0, &level);
    }
    blob main = { 0 };
    put_u64(&main, redo);
    put_u32(&main, tli);
    put_u32(&main, tli);
    put_u8(&main, 1);
    put_align(&main, 4);
    if (wal_profile(w)->checkpoint_has_wal_level)
        put_u32(&main, 1);
    if (version >= 1900) {
        put_u8(&main, 0); /* logicalDecodingEnabled, and what lies behind it */
        while (main.len % align != 0)
            put_u8(&main, 0xA5);
    }
    if (version >= 1200)
        put_align(&main, align);
    if (wal_profile(w)->checkpoint_full_next_xid) {
        put_u64(&main, next_xid);
    } else {
        put_u32(&main, 0);
        put_u32(&main, next_xid);
    }
    put_u32(&main, 24576); /* next oid */
    for (uint32_t i = 0; i < (version >= 1900 ? 7 : 6); i++)
        put_u32(&main, 1 + i);
    put_align(&main, align);
    put_u64(&main, (uint64_t)(WAL_NOON / 1000000 + 946684800)); /* Unix seconds */
    put_u32(&main, 0);
    put_u32(&main, 0);
    put_u32(&main, online ? next_xid : 0);
    if (version >= 1900)
        put_u32(&main, 0); /* state of checksums */
    put_align(&main, align);
    return put_main(w, WP_RMGR_XLOG, online ? 0x10 : 0x00, 0, &main);
}

wp_lsn wal_end_of_recovery(wal_builder *w, wp_tli tli, wp_tli previous)
{
    blob main = { 0 };
    put_u64(&main, (uint64_t)WAL_NOON);
    put_u32(&main, tli);
    put_u32(&main, previous);
    if (wal_profile(w)->end_of_recovery_has_wal_level) {
        put_u32(&main, 1);
        put_align(&main, wal_max_align(w));
    }
    return put_main(w, WP_RMGR_XLOG, 0x90, 0, &main);
}

wp_lsn wal_restore_point(wal_builder *w, const char *name, wp_time time)
{
    blob main = { 0 };
    put_u64(&main, (uint64_t)time);
    put_name(&main, name);
    return put_main(w, WP_RMGR_XLOG, 0x70, 0, &main);
}

wp_lsn wal_backup_end(wal_builder *w, wp_lsn start)
{
    blob main = { 0 };
    put_u64(&main, start);
    return put_main(w, WP_RMGR_XLOG, 0x50, 0, &main);
}

wp_lsn wal_parameters(wal_builder *w, int32_t max_connections, int32_t wal_level)
{
    blob main = { 0 };
    put_u32(&main, (uint32_t)max_connections);
    put_u32(&main, 8);
    if (wal_profile(w)->parameters_have_wal_senders)
        put_u32(&main, 10);
    put_u32(&main, 5);
    put_u32(&main, 64);
    put_u32(&main, (uint32_t)wal_level);
    put_u8(&main, 1);
    put_u8(&main, 0);
    put_align(&main, 4);
    return put_main(w, WP_RMGR_XLOG, 0x60, 0, &main);
}

wp_lsn wal_full_page_writes(wal_builder *w, bool on)
{
    blob main = { 0 };
    put_u8(&main, on);
    return put_main(w, WP_RMGR_XLOG, 0x80, 0, &main);
}

wp_lsn wal_relmap(wal_builder *w, wp_xid xid, wp_oid db, wp_oid catalog, wp_oid filenode)
{
    const uint32_t slots = wal_version(w) >= 1600 ? 64 : 62;
    blob map = { 0 }, main = { 0 };
    put_u32(&map, 0x592717);
    put_u32(&map, 1);
    put_u32(&map, catalog);
    put_u32(&map, filenode);
    put_zeros(&map, (size_t)(slots - 1) * 8);
    put_u32(&map, wal_crc32c(map.at, map.len));
    if (slots == 62)
        put_u32(&map, 0);
    put_u32(&main, db);
    put_u32(&main, db == 0 ? 1664 : 1663);
    put_u32(&main, (uint32_t)map.len);
    put_view(&main, view_of(&map));
    blob_free(&map);
    return put_main(w, WP_RMGR_RELMAP, 0x00, xid, &main);
}

wp_lsn wal_message(wal_builder *w, wp_xid xid, wp_oid db, const char *prefix, wp_view text)
{
    blob main = { 0 };
    put_u32(&main, db);
    put_u8(&main, xid != 0);
    put_align(&main, 8);
    if (wal_max_align(w) == 8) {
        put_u64(&main, strlen(prefix) + 1);
        put_u64(&main, text.len);
    } else {
        put_u32(&main, (uint32_t)strlen(prefix) + 1);
        put_u32(&main, (uint32_t)text.len);
    }
    put_raw(&main, prefix, strlen(prefix) + 1);
    put_view(&main, text);
    return put_main(w, WP_RMGR_LOGICAL_MESSAGE, 0x00, xid, &main);
}

wp_lsn wal_database_create(wal_builder *w, wp_xid xid, wp_oid db, wp_oid tablespace, bool logged)
{
    blob main = { 0 };
    put_u32(&main, db);
    put_u32(&main, tablespace);
    if (logged && wal_profile(w)->database_wal_log_op != 0xFF)
        return put_main(w, WP_RMGR_DATABASE, wal_profile(w)->database_wal_log_op, xid, &main);
    put_u32(&main, 1);
    put_u32(&main, tablespace);
    return put_main(w, WP_RMGR_DATABASE, 0x00, xid, &main);
}

wp_lsn wal_database_drop(wal_builder *w, wp_xid xid, wp_oid db, wp_oid tablespace)
{
    blob main = { 0 };
    put_u32(&main, db);
    if (wal_profile(w)->database_drop_is_array)
        put_u32(&main, 1);
    put_u32(&main, tablespace);
    return put_main(w, WP_RMGR_DATABASE, wal_profile(w)->database_drop_op, xid, &main);
}

wp_lsn wal_tablespace_create(wal_builder *w, wp_xid xid, wp_oid tablespace, const char *path)
{
    blob main = { 0 };
    put_u32(&main, tablespace);
    put_raw(&main, path, strlen(path) + 1);
    return put_main(w, WP_RMGR_TABLESPACE, 0x00, xid, &main);
}

wp_lsn wal_tablespace_drop(wal_builder *w, wp_xid xid, wp_oid tablespace)
{
    blob main = { 0 };
    put_u32(&main, tablespace);
    return put_main(w, WP_RMGR_TABLESPACE, 0x10, xid, &main);
}

wp_lsn wal_image(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t block,
                 const uint8_t *page, wal_packing packing)
{
    return wal_put(
        w, &(wal_record){
               .rmid = WP_RMGR_XLOG,
               .info = 0xB0,
               .xid = xid,
               .nblocks = 1,
               .blocks = {
                   { .locator = locator, .number = block, .page = page, .packing = packing } } });
}
