/*
 * dump.h - what single records say: as text, the lines that pg_waldump of the server's major prints for them; as sums; as
 * facts; and their page images.
 *
 * For wp_mapper_config.on_record:
 *
 *     static bool dump(void *context, const wp_record *record, wp_facts *facts)
 *     {
 *         return wp_dump_record(context, record, facts) >= 0;
 *     }
 *
 * The facts then have a WP_FACT_TEXT for each record that the filter lets through, in LSN order, and between them what
 * could not be read.
 */
#ifndef WALPARSE_DUMP_H
#define WALPARSE_DUMP_H

#include <walparse/mapper.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A zone at a moment. */
typedef struct wp_zone {
    int32_t offset;        /* seconds east of Greenwich */
    char abbreviation[16]; /* NUL-terminated */
} wp_zone;

/* Which records are wanted: those that every part of it lets through. All zero: all. */
typedef struct wp_record_filter {
    wp_lsn from_lsn, to_lsn; /* they start there, or between them; 0: not limited */
    bool has_rmgrs;
    bool rmgrs[WP_RMGR_COUNT];
    const wp_xid *xids; /* rising, borrowed; NULL: any */
    size_t nxids;
    const wp_lsn *
        lsns; /* rising, borrowed: records that start there are wanted as if they bore one of the xids */
    size_t nlsns;
    bool of_xacts; /* only records that bear a transaction id, or are of the Transaction manager */
    /*
     * One block of the record is of all that is asked for here. Files rise by db, rel and spc, and are borrowed; spc 0 is
     * whichever, spc 0 with db 0 whichever database. NULL: any file.
     */
    const wp_locator *relations;
    size_t nrelations;
    bool has_fork, has_block;
    uint8_t fork; /* 0 main, 1 fsm, 2 vm, 3 init */
    uint32_t block;
    bool with_image; /* a block has a full-page image */
    /*
     * Is told the file of each block that would be meant if the file were one of relations, of records that are not wanted for
     * that. May be called on any thread. NULL: nobody asks.
     */
    void (*on_other_file)(void *context, const wp_locator *file, wp_lsn lsn);
    void *other_file_context;
} wp_record_filter;

/* What the relation of a file is called; each NULL: it is not known, or there is none. Borrowed as long as the dump is used. */
typedef struct wp_file_name {
    const char *relation; /* public.orders */
    const char *toast_of; /* of a TOAST table or its index: the table it belongs to */
    const char *database;
} wp_file_name;

typedef enum wp_dump_format {
    WP_DUMP_LINES, /* of pg_waldump */
    WP_DUMP_JSON,  /* an object a line, with the members of pg_walinspect, and its time */
    WP_DUMP_CSV    /* the same as a row; the names of the columns are WP_DUMP_CSV_HEAD */
} wp_dump_format;

#define WP_DUMP_CSV_HEAD \
    "lsn,end_lsn,prev_lsn,xid,rmgr,type,tot_len,main_len,fpi_len,desc,block_ref,time\n"
#define WP_DUMP_CSV_HEAD_NAMES \
    "lsn,end_lsn,prev_lsn,xid,rmgr,type,tot_len,main_len,fpi_len,desc,block_ref,time,relations\n"

typedef struct wp_dump {
    wp_dump_format format;
    uint32_t block_size; /* bytes, BLCKSZ: the holes of images are told with it */
    bool joins_lines;    /* records that follow one another may share a WP_FACT_TEXT */
    bool with_images;    /* before its text, each image of the record as WP_FACT_IMAGE */
    wp_record_filter filter;
    /* Which zone times are told in; unix_seconds count from 1970, UTC. May be called on any thread. NULL: UTC. */
    void (*zone_at)(void *context, int64_t unix_seconds, wp_zone *out);
    void *zone_context;
    /*
     * Names the files of the record's blocks, as they were called at lsn: then each record tells them after all else, in a line or a
     * row as "; rel 1663/16384/16392 is public.orders", in JSON as `relations`. May be called on any thread. NULL: nobody does.
     */
    void (*name_file)(void *context, const wp_locator *file, wp_lsn lsn, wp_file_name *out);
    void *name_context;
} wp_dump;

/**
 * Adds the record as a WP_FACT_TEXT, its newline included, where the filter lets it through. A record whose content
 * contradicts itself is added as WP_FACT_DAMAGE. WP_ERR_NOMEM. The dump may be used by several threads at a time.
 */
WP_API wp_status wp_dump_record(const wp_dump *dump, const wp_record *record, wp_facts *facts);

/**
 * The page of an image into page, which has room for page_bytes (BLCKSZ, at most 32768): unpacked, its hole filled with zeros, else as it
 * is stored; so its LSN is that of the change before. WP_ERR_DAMAGE: it contradicts itself, or does not unpack to exactly one page;
 * WP_ERR_LIMIT: packed by a method that is not known here, or that this build lacks. Then the content of page is undefined.
 */
WP_API wp_status wp_image_restore(const struct wp_profile *profile, const wp_fact_image *image,
                                  uint8_t *page, size_t page_bytes);

/**
 * Adds what the record counts in statistics as WP_FACT_TALLY, where the filter lets it through; images of further files and causes as facts
 * of their own. As wp_dump_record() else.
 */
WP_API wp_status wp_tally_record(const wp_record_filter *filter, const wp_record *record,
                                 wp_facts *facts);

typedef enum wp_stats_by {
    WP_STATS_BY_TYPE,  /* and manager */
    WP_STATS_BY_FILE,  /* of the first block; an image counts for its own file */
    WP_STATS_BY_IMAGE, /* why there is one */
    WP_STATS_BY_XID,
    WP_STATS_BY_MINUTE, /* of the commit at which a group ends; the last group may have none. A minute may be told more than once */
    WP_STATS_TOGETHER
} wp_stats_by;

typedef struct wp_stats {
    wp_stats_by by;
    wp_record_filter filter;
    const wp_lsn *parts; /* rising, borrowed: no sum has records on both sides of one of them */
    size_t nparts;
} wp_stats;

/**
 * Counts the record, where the filter lets it through, in the WP_FACT_STATS that the facts end with, or adds one. Of a commit between the
 * filter's LSNs that it does not let through, only the time is taken. As wp_dump_record() else.
 */
WP_API wp_status wp_stats_record(const wp_stats *stats, const wp_record *record, wp_facts *facts);

/**
 * Adds all that a single record says. Of every record: ends of transactions, PREPAREs and assignments, running transactions,
 * checkpoints and ends of recovery. Of those that the filter lets through, first a WP_FACT_TALLY as wp_tally_record() has it, and then rows (WP_FACT_DML, of catalogs too), locks, files, databases, tablespaces, the relation map and logical
 * messages. A WP_FACT_XACT_MORE follows each end and PREPARE. No row of a catalog is taken apart. What contradicts itself is
 * added as WP_FACT_DAMAGE. WP_ERR_NOMEM. The filter may be used by several threads at a time.
 */
WP_API wp_status wp_record_facts(const wp_record_filter *filter, const wp_record *record,
                                 wp_facts *facts);

/**
 * Adds what the record says of transaction ids that belong together, of subtransactions and prepared transactions: WP_FACT_XACT_END,
 * WP_FACT_PREPARE, WP_FACT_ASSIGNMENT. What contradicts itself says nothing. WP_ERR_NOMEM.
 */
WP_API wp_status wp_xact_facts(const wp_record *record, wp_facts *facts);

/**
 * Adds what the record says of the timeline that begins there: WP_FACT_CHECKPOINT of a shutdown, WP_FACT_END_OF_RECOVERY. What
 * contradicts itself says nothing. WP_ERR_NOMEM.
 */
WP_API wp_status wp_timeline_facts(const wp_record *record, wp_facts *facts);

/**
 * Adds what the record of a checkpoint says: WP_FACT_CHECKPOINT. What contradicts itself says nothing. WP_ERR_NOMEM.
 */
WP_API wp_status wp_checkpoint_facts(const wp_record *record, wp_facts *facts);

/**
 * The record's type as pg_waldump names it ("COMMIT"), NULL where it knows none. Static. info: xl_info, of which the low four bits do not count.
 */
WP_API const char *wp_record_type(const struct wp_profile *profile, uint8_t rmid, uint8_t info);

#ifdef __cplusplus
}
#endif
#endif
