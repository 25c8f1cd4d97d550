/*
 * wal_builder.h - writes WAL as a server of any major would, byte for byte, for tests.
 *
 * A builder lays records one behind the other, with the page headers, checksums, back links, alignment
 * and continuation that belong there, from the start of a segment on. Its CRC-32C is its own. It may
 * be told to break one thing at a time.
 *
 *     wal_builder *w = wal_new("15");
 *     wp_lsn at = wal_commit(w, &(wal_xact){ .xid = 700, .time = 1 });
 *     wp_view segment = wal_segment(w, 0);
 *     wal_free(w);
 */
#ifndef TEST_WAL_BUILDER_H
#define TEST_WAL_BUILDER_H

#include <walparse/event.h>
#include <walparse/profile.h>
#include <walparse/rmgr.h>
#include <walparse/segment.h>

#include "blob.h"

#define WAL_PAGE_BYTES 8192u
#define WAL_SYSTEM_ID UINT64_C(7300000000000000001)
/* 2026-11-22 10:00:00 UTC. */
#define WAL_NOON INT64_C(848656800000000)

typedef struct wal_config {
    const char *major;     /* "9.5" ... "19" */
    uint8_t max_align;     /* 0: 8 */
    uint32_t segment_size; /* 0: 1 MB */
    uint32_t segment;      /* number of the first segment built; 0: 1 */
    wp_tli tli;            /* 0: 1 */
    uint64_t system_id;    /* 0: WAL_SYSTEM_ID */
} wal_config;

typedef struct wal_builder wal_builder;

/* A builder for 1 MB segments of a 64-bit server. */
wal_builder *wal_new(const char *major);
wal_builder *wal_new_with(const wal_config *config);
void wal_free(wal_builder *w);

const wp_profile *wal_profile(const wal_builder *w);
/* A number to compare majors by: 905, 906, 1000 ... 1900. */
int wal_version(const wal_builder *w);
uint8_t wal_max_align(const wal_builder *w);
uint32_t wal_segment_size(const wal_builder *w);
/* What wp_segment_probe() must find out about segment i. */
wp_segment_info wal_info(const wal_builder *w, size_t i);

/* Segments begun so far, and their bytes, zeros up to the full size. Borrowed until the next record. */
size_t wal_segments(const wal_builder *w);
wp_view wal_segment(wal_builder *w, size_t i);
/* Everything written, up to the end of the last page begun. */
wp_view wal_written(wal_builder *w);
wp_lsn wal_start(const wal_builder *w);
/* Where the next record will begin. */
wp_lsn wal_next(const wal_builder *w);
/* Start of the record put last; 0 = none. */
wp_lsn wal_last(const wal_builder *w);
/* Byte behind the record put last, aligned: pg_walinspect's end_lsn. */
wp_lsn wal_end(const wal_builder *w);
/* The byte at an LSN that has been written, to be changed at will. */
uint8_t *wal_at(wal_builder *w, wp_lsn lsn);

/* ---- records ---- */

typedef enum wal_packing {
    WAL_IMAGE_NONE,
    WAL_IMAGE_WHOLE, /* all 8192 bytes */
    WAL_IMAGE_HOLE,  /* less the free space */
    WAL_IMAGE_PGLZ,  /* less the free space, packed */
    WAL_IMAGE_LZ4,   /* from 15 on */
    WAL_IMAGE_ZSTD   /* from 15 on */
} wal_packing;

typedef struct wal_block {
    uint8_t id, fork;
    wp_locator locator;
    uint32_t number;
    bool same_rel, will_init;
    wp_view data; /* bytes NULL: no data */
    const uint8_t *page;
    wal_packing packing;
    bool for_check; /* an image that redo does not apply (10 on) */
} wal_block;

typedef struct wal_record {
    uint8_t rmid, info;
    wp_xid xid;
    unsigned nblocks;
    wal_block blocks[4];
    wp_view main;
    wp_xid toplevel_xid; /* from 14 on */
    uint16_t origin;
} wal_record;

/* The bytes of a record alone, checksummed. */
blob wal_record_bytes(const wal_builder *w, const wal_record *record, wp_lsn prev);
/* Makes the checksum of a record's bytes right again. */
void wal_reseal(uint8_t *record, size_t len);
/* Appends a record, returns where it starts. */
wp_lsn wal_put(wal_builder *w, const wal_record *record);
/* Appends bytes as they are as the next record. */
wp_lsn wal_put_bytes(wal_builder *w, wp_view record);
/* A NOOP record of total_bytes (24, or 26 and more). */
wp_lsn wal_filler(wal_builder *w, uint32_t total_bytes);
/* Fillers until the next record begins at lsn, which must be reachable (aligned, no page header). */
void wal_fill_to(wal_builder *w, wp_lsn lsn);

uint32_t wal_crc32c(const uint8_t *at, size_t len);
/* A pglz stream of raw: literals, and copies where a byte repeats. */
blob wal_pglz(wp_view raw);

/* ---- things to break ---- */

typedef enum wal_fault {
    WAL_FAULT_NONE,
    WAL_FAULT_PREV,         /* xl_prev of the next record */
    WAL_FAULT_CRC,          /* xl_crc of the next record */
    WAL_FAULT_LENGTH,       /* xl_tot_len of the next record: 23 */
    WAL_FAULT_RMGR,         /* xl_rmid of the next record: 100 */
    WAL_FAULT_MAGIC,        /* of the next page */
    WAL_FAULT_PAGE_ADDRESS, /* of the next page */
    WAL_FAULT_PAGE_FLAGS,   /* of the next page: an unknown bit */
    WAL_FAULT_SYSTEM_ID,    /* of the next segment */
    WAL_FAULT_REM_LEN,      /* of the next continued page */
    WAL_FAULT_NOT_CONTINUED /* the next continued page does not say so */
} wal_fault;

/* Breaks one thing, once. */
void wal_break(wal_builder *w, wal_fault fault);

/* Fills the segment from the next page on with pages and records of an older segment. */
void wal_recycled_tail(wal_builder *w);
/* The same from the next record on, within the page, as a receiver leaves it. */
void wal_recycled_rest(wal_builder *w);
/* A crash: the record is cut at its first page end, its tail replaced by OVERWRITE_CONTRECORD. */
wp_lsn wal_put_overwritten(wal_builder *w, const wal_record *record);
/* A crash with nothing after it: the record is there up to its first page end only. */
wp_lsn wal_put_cut(wal_builder *w, const wal_record *record);
/* XLOG_SWITCH and the padding of this major; the next record begins in the next segment. */
wp_lsn wal_switch(wal_builder *w);

/* ---- transaction records ---- */

typedef struct wal_xact {
    wp_xid xid;
    wp_time time;
    wp_oid db; /* 0: no dbinfo unless relations or invalidations need one */
    const wp_xid *subxids;
    uint32_t nsubxids;
    const wp_locator *rels;
    uint32_t nrels;
    const wp_oid *stats; /* relations whose statistics go (written from 15 on) */
    uint32_t nstats;
    const wp_oid *relcache; /* relations to invalidate (commits and prepares only) */
    uint32_t nrelcache;
    const char *gid; /* of a prepared transaction; PREPARE, and at logical what ends it */
    bool log_gid;    /* wal_level logical */
    bool has_origin;
    const wp_oid *locks; /* PREPARE: relations locked AccessExclusive */
    uint32_t nlocks;
    uint32_t more_xinfo; /* bits without payload */
} wal_xact;

wp_lsn wal_commit(wal_builder *w, const wal_xact *xact);
wp_lsn wal_abort(wal_builder *w, const wal_xact *xact);
wp_lsn wal_prepare(wal_builder *w, const wal_xact *xact);
wp_lsn wal_commit_prepared(wal_builder *w, const wal_xact *xact);
wp_lsn wal_abort_prepared(wal_builder *w, const wal_xact *xact);
wp_lsn wal_assignment(wal_builder *w, wp_xid top, const wp_xid *subxids, uint32_t n);

/* ---- heap records ---- */

typedef struct wal_tuple {
    uint16_t infomask2, infomask;
    uint8_t hoff;
    wp_view body; /* from byte 23 of the tuple: null bitmap, padding, oid, columns */
} wal_tuple;

/* Where a heap record works and which image goes with it. */
typedef struct wal_heap {
    wp_xid xid, toplevel_xid;
    wp_locator locator;
    uint32_t block;
    uint16_t offset;
    uint8_t flags;
    const uint8_t *page; /* after the change; NULL: no image */
    wal_packing packing;
    bool keep_data; /* data in spite of the image (wal_level logical) */
    bool init;      /* first tuple on a fresh page */
    bool
        clears_map; /* the pages were all-visible: minors of 17 on register pages of the map as well */
} wal_heap;

wp_lsn wal_heap_insert(wal_builder *w, const wal_heap *at, const wal_tuple *tuple);
/* xl_heap_delete */
wp_lsn wal_heap_delete(wal_builder *w, const wal_heap *at);
/*
 * `at` is the new row; (old_block, old_offset) the old one, of which prefix and suffix bytes (of the
 * columns) are left out of `tuple`'s body here.
 */
wp_lsn wal_heap_update(wal_builder *w, const wal_heap *at, bool hot, uint32_t old_block,
                       uint16_t old_offset, const wal_tuple *tuple, uint16_t prefix,
                       uint16_t suffix);
wp_lsn wal_heap_inplace(wal_builder *w, const wal_heap *at, wp_view columns);
wp_lsn wal_heap_multi_insert(wal_builder *w, const wal_heap *at, const uint16_t *offsets,
                             const wal_tuple *tuples, uint16_t n);
/* Line pointers that hold nothing any more: CLEAN, PRUNE or PRUNE_VACUUM_CLEANUP. */
wp_lsn wal_heap_prune(wal_builder *w, const wal_heap *at, const uint16_t *unused, uint16_t n);
wp_lsn wal_heap_truncate(wal_builder *w, wp_xid xid, wp_oid db, const wp_oid *rels, uint32_t n,
                         uint8_t flags);
/* A small row of two integers, for tables whose content does not matter. */
wal_tuple wal_any_tuple(void);

/* ---- the other resource managers ---- */

wp_lsn wal_lock(wal_builder *w, wp_xid record_xid, wp_xid holder, wp_oid db, wp_oid rel);
wp_lsn wal_running_xacts(wal_builder *w, wp_xid next, wp_xid oldest, const wp_xid *xids,
                         uint32_t n);
wp_lsn wal_storage_create(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t fork);
wp_lsn wal_storage_truncate(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t blocks);
wp_lsn wal_checkpoint(wal_builder *w, bool online, wp_xid next_xid);
wp_lsn wal_end_of_recovery(wal_builder *w, wp_tli tli, wp_tli previous);
wp_lsn wal_restore_point(wal_builder *w, const char *name, wp_time time);
wp_lsn wal_backup_end(wal_builder *w, wp_lsn start);
wp_lsn wal_parameters(wal_builder *w, int32_t max_connections, int32_t wal_level);
wp_lsn wal_full_page_writes(wal_builder *w, bool on);
wp_lsn wal_relmap(wal_builder *w, wp_xid xid, wp_oid db, wp_oid catalog, wp_oid filenode);
wp_lsn wal_message(wal_builder *w, wp_xid xid, wp_oid db, const char *prefix, wp_view text);
wp_lsn wal_database_create(wal_builder *w, wp_xid xid, wp_oid db, wp_oid tablespace, bool logged);
wp_lsn wal_database_drop(wal_builder *w, wp_xid xid, wp_oid db, wp_oid tablespace);
wp_lsn wal_tablespace_create(wal_builder *w, wp_xid xid, wp_oid tablespace, const char *path);
wp_lsn wal_tablespace_drop(wal_builder *w, wp_xid xid, wp_oid tablespace);
/* An image of one page alone (XLOG FPI). */
wp_lsn wal_image(wal_builder *w, wp_xid xid, wp_locator locator, uint32_t block,
                 const uint8_t *page, wal_packing packing);

#endif
