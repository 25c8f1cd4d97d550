/*
 * mapper.h - segment bytes in, facts out.
 *
 * A mapper reads one segment. It is fed: bytes come in pieces of any size (whole pages are fastest,
 * 128 to 256 KiB is best), from wherever the caller has them. When the segment is through and its last
 * record goes on in the next one, the caller goes on feeding the next segment's bytes until the mapper
 * is done. A record belongs to the segment in which it starts.
 *
 *     wp_mapper_new(&config, &mapper, &err);
 *     while (!wp_mapper_is_done(mapper) && (n = read(fd, buf, sizeof buf)) > 0)
 *         wp_mapper_feed(mapper, (wp_view){ buf, n }, &facts, &err);
 *     wp_mapper_finish(mapper, &facts, &err);
 *
 * Memory: the facts, one page, and the one record that crosses a page boundary - and of that only the
 * head when nothing is learnt from it. Damage is a fact, not a failure: reading goes on at the next page
 * that can be entered.
 */
#ifndef WALPARSE_MAPPER_H
#define WALPARSE_MAPPER_H

#include <walparse/fact.h>
#include <walparse/rmgr.h>
#include <walparse/segment.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A record that facts are made of may be this long; a longer one is checked but not decoded. */
#define WP_RECORD_DECODE_MAX (UINT32_C(256) << 20)
/* A record may be this long at all (the server's own limit is 1020 MiB). */
#define WP_RECORD_MAX (UINT32_C(1) << 30)

/*
 * A catalog that has moved to another file: VACUUM FULL or CLUSTER gave it a new relfilenode.
 * Files whose relfilenode equals the catalog's OID are known without this.
 */
typedef struct wp_catalog_file {
    wp_oid db; /* 0: a shared catalog */
    wp_oid filenode;
    wp_oid catalog; /* OID of the catalog in this file */
} wp_catalog_file;

/* A whole record whose checksum is right. */
typedef struct wp_record {
    const struct wp_profile *profile;
    wp_lsn lsn,
        end_lsn; /* where it starts; the aligned byte after it, of XLOG_SWITCH the end of the segment */
    uint8_t max_align; /* 8, or 4 for 32-bit x86 servers */
    wp_view bytes;     /* borrowed for the call; header included */
} wp_record;

typedef struct wp_mapper_config {
    wp_segment_info segment;      /* from wp_segment_probe() of the segment's head */
    const wp_catalog_file *moved; /* borrowed for the mapper's life; sorted by (db, filenode) */
    size_t nmoved;
    bool skip_dml; /* leave out WP_FACT_DML */
    bool skip_crc; /* for measurements only */
    wp_tli tli;    /* of the segment's name: no page may be of a later timeline; 0: not known */
    const wp_tli *lineage; /* borrowed, rising: those that pages may be of; NULL: any up to tli */
    size_t nlineage;
    /*
     * WAL of a running server: wp_mapper_feed() adds the facts of every record whose last byte has come, and does not
     * wait for the rest of its page. The facts, and their order, are the same.
     */
    bool is_live;
    /*
     * is_live: called after each record that tells something of pg_class, with the facts so far, which it may take away. What
     * they tell of catalogs can be told the mapper, by wp_mapper_set_moved(), before it reads the next record. NULL: none.
     */
    void (*on_class)(void *context, wp_facts *facts);
    wp_lsn
        watch_lsn; /* tell the first record that starts here or later (WP_FACT_RECORD); 0: none */
    /*
     * Is handed every record, in LSN order, in place of learning from it, and adds to the facts what it makes of it. The
     * other facts are then only those of the walk: first record, damage, end. False: memory is out. NULL: none. A record
     * longer than WP_RECORD_DECODE_MAX is left out, as damage.
     */
    bool (*on_record)(void *context, const wp_record *record, wp_facts *facts);
    void *context;
} wp_mapper_config;

/* Counts of whole, valid records. */
typedef struct wp_mapper_stats {
    uint64_t records[WP_RMGR_COUNT];
    uint64_t record_bytes;
    uint64_t commits, aborts; /* COMMIT and COMMIT_PREPARED; ABORT and ABORT_PREPARED */
} wp_mapper_stats;

typedef struct wp_mapper wp_mapper;

/** Makes a mapper; free it with wp_mapper_free(). WP_ERR_NOMEM, WP_ERR_USAGE. */
WP_API wp_status wp_mapper_new(const wp_mapper_config *config, wp_mapper **out, wp_error *err);

/** Starts over with another segment, keeping buffers. Statistics are kept and added to. */
WP_API wp_status wp_mapper_reset(wp_mapper *mapper, const wp_mapper_config *config, wp_error *err);

/**
 * Takes the next bytes, adds facts. WP_END once the segment's records are complete (further bytes are
 * ignored); WP_ERR_NOMEM, WP_ERR_LIMIT end the run.
 */
WP_API wp_status wp_mapper_feed(wp_mapper *mapper, wp_view bytes, wp_facts *facts, wp_error *err);

/** Replaces the list of moved catalogs: borrowed until the next one, or for the mapper's life. */
WP_API void wp_mapper_set_moved(wp_mapper *mapper, const wp_catalog_file *moved, size_t nmoved);

/** No more bytes: adds the facts still held back and the WP_FACT_SEGMENT_END. Call it once. */
WP_API wp_status wp_mapper_finish(wp_mapper *mapper, wp_facts *facts, wp_error *err);

/** True when no further byte can change the facts. */
WP_API bool wp_mapper_is_done(const wp_mapper *mapper);

/** Position after the last byte taken. */
WP_API wp_lsn wp_mapper_position(const wp_mapper *mapper);

/** Borrowed; grows as bytes are fed. */
WP_API const wp_mapper_stats *wp_mapper_statistics(const wp_mapper *mapper);

/** NULL is fine. */
WP_API void wp_mapper_free(wp_mapper *mapper);

#ifdef __cplusplus
}
#endif
#endif
