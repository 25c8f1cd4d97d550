/*
 * redo.h - pages of tables and sequences as they are at an LSN: blocks of a base backup and records in, pages out.
 *
 * The server's own redo, of the files that are wanted and no others, without a server:
 *
 *     wp_redo_new(&config, &redo, &err);
 *     for each record from the backup's redo point to the target, in LSN order:
 *         wp_redo_record(redo, &record, &err);
 *     wp_redo_page(redo, &file, block, &page, &err);
 *
 * The target must not be before the end of the base backup: pages of the backup are newer then, and known as they are.
 *
 * A page is BLCKSZ bytes, as in the file, but for its checksum, which is not taken anew, and for hints that servers set
 * without telling the WAL. The main fork is followed, no other: what records do to the free space map and the visibility
 * map is left out. A page that contradicts a record is marked as damaged until the WAL has it whole again. Files that are made while
 * wal_level is minimal are not known until the WAL has their pages whole.
 *
 * How transactions end is not looked at: a dropped file keeps its pages and its length, and so does one whose transaction was rolled
 * back. Nothing follows unlogged tables: their pages are those of the backup, whatever the server has.
 *
 * Memory: config.memory_bytes of pages, and 100 to 200 bytes for each page that was touched, of dropped and cut files, too; slots of the
 * scratch file are not used again for other pages. A call takes up to 100 KB of the stack.
 */
#ifndef WALPARSE_REDO_H
#define WALPARSE_REDO_H

#include <walparse/mapper.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The logs of transactions are kept as files of tablespace 0, which no relation has: db is 0 and rel one of these. Their pages have no
 * header and no LSN. Blocks are counted over all files of the folder, 32 to a file: block 33 is the second one of 0001.
 */
#define WP_REDO_LOG_TABLESPACE 0
typedef enum wp_redo_log {
    /*
     * pg_xact, before 10 pg_clog. Commits and aborts are not applied to its pages: of a transaction that ended after the page was backed
     * up they say that it is in progress. Ask the records themselves how it ended.
     */
    WP_REDO_XACT = 1,
    WP_REDO_MULTIXACT_OFFSETS, /* pg_multixact/offsets; 0: that multixact is not known */
    WP_REDO_MULTIXACT_MEMBERS  /* pg_multixact/members */
} wp_redo_log;

/* What is known of a page. */
typedef enum wp_page_state {
    WP_PAGE_ABSENT, /* the file has no such block yet, or one of zeros only */
    WP_PAGE_KNOWN, /* its bytes are those of the server, as redo.h says; not so those of WP_REDO_XACT */
    /*
     * The WAL did not have it whole, and there is no backup of it, or only of what was there before: its database was copied as files, or
     * the file is one made while wal_level was minimal.
     */
    WP_PAGE_UNKNOWN,
    WP_PAGE_DAMAGED /* it contradicts a record: see the fault */
} wp_page_state;

/* Why a page is damaged. */
typedef enum wp_page_fault {
    WP_FAULT_NONE,
    /* A record changes a page that is not there. No fault where the file is cut or dropped later: a backup may have it so already. */
    WP_FAULT_NO_PAGE,
    WP_FAULT_HEADER, /* the page's header contradicts itself; in the backup: no server reads the page */
    WP_FAULT_POINTER, /* a record's line pointer is none of the page's, or of the wrong kind */
    WP_FAULT_ROW,     /* a row lies outside the page's rows, or its header contradicts its length */
    WP_FAULT_IN_USE,  /* a row comes to a line pointer that has one */
    WP_FAULT_NO_ROOM, /* a row does not fit on the page */
    WP_FAULT_RECORD,  /* the record is too short, or contradicts itself */
    WP_FAULT_CHECKSUM, /* of the page in the backup: no record tells of it */
    WP_FAULT_IMAGE,    /* the page image does not unpack to one page */
    WP_FAULT_PACKING, /* the page image is packed by a method that this build lacks, or none that is known: no damage of the WAL */
    WP_FAULT_COUNT
} wp_page_fault;

typedef struct wp_page {
    wp_page_state state;
    wp_page_fault fault;  /* of a damaged page */
    wp_lsn fault_lsn;     /* start of the record that it contradicts, 0: none */
    const uint8_t *bytes; /* of a known page, else NULL; borrowed until the next call on the redo */
} wp_page;

typedef struct wp_redo_config {
    const struct wp_profile *profile;
    uint8_t max_align;    /* 8, or 4 for 32-bit x86 servers */
    uint32_t block_bytes; /* BLCKSZ */
    bool has_checksums;   /* of pages of the backup: data_checksum_version of pg_control is 1 */
    size_t memory_bytes;  /* of pages that are held; at least 64 blocks are */
    /*
     * Is this file wanted? Asked once a block of a record, until the answer is yes; of the logs, too. It must be yes for tables and
     * sequences only, and not of an access method of an extension: what records of indexes and extensions do to their pages is not
     * followed. It must not become yes later: records were missed then. NULL: all are; pages that such records change are not known.
     */
    bool (*wants)(void *context, const wp_locator *file);
    /*
     * Reads a block of the backup into page. WP_END: the file ends before it, or is not there. Negative: the call on the redo
     * fails with it. NULL: there is no backup.
     */
    wp_status (*read_backup)(void *context, const wp_locator *file, uint32_t block, uint8_t *page);
    /*
     * Pages beyond the memory: writes one to a slot of a scratch file, from 0 up, and reads it back. NULL: the
     * call that needs more memory ends with WP_ERR_LIMIT.
     */
    wp_status (*write_scratch)(void *context, uint64_t slot, const uint8_t *page);
    wp_status (*read_scratch)(void *context, uint64_t slot, uint8_t *page);
    void *context;
} wp_redo_config;

/* What became of the blocks of records, of wanted files. */
typedef struct wp_redo_counts {
    uint64_t changed;  /* the record's data was applied */
    uint64_t replaced; /* by the image of the record */
    uint64_t newer;    /* the page had the change already */
    uint64_t unknown;  /* the page was not known */
    uint64_t damaged;  /* the page became damaged, or was it before */
    uint64_t spilled;  /* pages written to the scratch file */
} wp_redo_counts;

typedef struct wp_redo wp_redo;

/** Free it with wp_redo_free(). The config is copied. WP_ERR_NOMEM, WP_ERR_USAGE. */
WP_API wp_status wp_redo_new(const wp_redo_config *config, wp_redo **out, wp_error *err);

/**
 * Applies a record. Each one must be given, of whatever manager: WP_ERR_USAGE when the record before it (xl_prev) is not the one that
 * was given last; nothing is applied then. WP_ERR_DAMAGE: it contradicts itself, and has no page that could be marked. WP_ERR_NOMEM,
 * WP_ERR_LIMIT and what the callbacks fail with end the run.
 */
WP_API wp_status wp_redo_record(wp_redo *redo, const wp_record *record, wp_error *err);

/** Is the record the one after that which was given last (xl_prev)? So is any, as long as none was given. */
WP_API bool wp_redo_follows(const wp_redo *redo, const wp_record *record);

/**
 * The page of a file's main fork as it is now, whether a record has touched it or not; one that none has is read, and not kept. A page
 * of a file that is not wanted is not known. Fails as wp_redo_record().
 */
WP_API wp_status wp_redo_page(wp_redo *redo, const wp_locator *file, uint32_t block, wp_page *out,
                              wp_error *err);

/* An empty file is one, too: the backup has it with 0 blocks. */
#define WP_REDO_NO_FILE UINT32_MAX

/**
 * Blocks of the file now, when in the backup it has as many. Among them may be some that are not known, or damaged; those after them
 * are absent. may_have_more: nothing tells how long the file is, and it has at least as many blocks. So it is with a file that is not
 * wanted, without a backup, and with one whose database was copied as files or that was made while wal_level was minimal, until the
 * WAL cuts it; and with one that the backup does not have (in_backup is WP_REDO_NO_FILE) and that the WAL has not made.
 */
WP_API uint32_t wp_redo_blocks(const wp_redo *redo, const wp_locator *file, uint32_t in_backup,
                               bool *may_have_more);

/**
 * The last map of a database's catalogs (pg_filenode.map) that the WAL had; that of the shared ones is of database 0 in tablespace 1664.
 * bytes NULL: it had none, and the backup's is right. False: nothing tells of it, the database was copied there as files, with the map
 * that its model had. Borrowed until the next record.
 */
WP_API bool wp_redo_relmap(const wp_redo *redo, wp_oid spc, wp_oid db, wp_view *map);

/** Borrowed; grows with records. */
WP_API const wp_redo_counts *wp_redo_statistics(const wp_redo *redo);

/** A fault in a few words ("no room for a row"). Never NULL. */
WP_API const char *wp_page_fault_text(wp_page_fault fault);

/** NULL is fine. */
WP_API void wp_redo_free(wp_redo *redo);

#ifdef __cplusplus
}
#endif
#endif
