/*
 * fact.h - the small things a segment proves.
 *
 * The mapper (mapper.h) turns the bytes of one segment into a list of facts; the reducer (reducer.h)
 * reads the lists of all segments in LSN order and works out what transactions did. A fact says
 * nothing but what the bytes say; it is a pure function of them.
 *
 * Facts lie one after the other in a wp_facts buffer, each starting with a wp_fact whose size is a
 * multiple of 8. Arrays follow their struct inside the same fact.
 */
#ifndef WALPARSE_FACT_H
#define WALPARSE_FACT_H

#include <walparse/status.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wp_fact_kind {
    WP_FACT_FIRST_RECORD = 1, /* wp_fact_first */
    WP_FACT_SEGMENT_END,      /* wp_fact_end: where and why reading this segment ended */
    WP_FACT_DAMAGE,     /* wp_fact_damage: bytes that cannot be read, reading went on after them */
    WP_FACT_UNEXPECTED, /* wp_fact_unexpected: a record unlike what its major is known to write */
    WP_FACT_XACT_END,   /* wp_fact_xact: commit, abort, and the same of a prepared one */
    WP_FACT_PREPARE,    /* wp_fact_xact */
    WP_FACT_ASSIGNMENT, /* wp_fact_assignment */
    WP_FACT_RUNNING_XACTS,     /* wp_fact_running */
    WP_FACT_DML,               /* wp_fact_dml: rows touched in one file by one xid */
    WP_FACT_CATALOG_PAGE,      /* wp_fact_page: a whole page of a tracked catalog */
    WP_FACT_CATALOG_TUPLE,     /* wp_fact_tuple: a row of a tracked catalog came, changed or went */
    WP_FACT_CATALOG_PRUNE,     /* wp_fact_prune: line pointers of a tracked catalog freed */
    WP_FACT_LOCK,              /* wp_fact_lock: AccessExclusiveLock held */
    WP_FACT_STORAGE_CREATE,    /* wp_fact_storage */
    WP_FACT_STORAGE_TRUNCATE,  /* wp_fact_storage */
    WP_FACT_HEAP_TRUNCATE,     /* wp_fact_heap_truncate: TRUNCATE spelt out (wal_level logical) */
    WP_FACT_DATABASE_CREATE,   /* wp_fact_database */
    WP_FACT_DATABASE_DROP,     /* wp_fact_database */
    WP_FACT_TABLESPACE_CREATE, /* wp_fact_tablespace */
    WP_FACT_TABLESPACE_DROP,   /* wp_fact_tablespace */
    WP_FACT_RELMAP,            /* wp_fact_relmap */
    WP_FACT_CHECKPOINT,        /* wp_fact_checkpoint */
    WP_FACT_END_OF_RECOVERY,   /* wp_fact_checkpoint: tli, previous tli, time */
    WP_FACT_RESTORE_POINT,     /* wp_fact_restore_point */
    WP_FACT_BACKUP_END,        /* wp_fact_backup_end */
    WP_FACT_PARAMETERS,        /* wp_fact_parameters */
    WP_FACT_FULL_PAGE_WRITES,  /* wp_fact_switch: the setting changed */
    WP_FACT_LOGICAL_MESSAGE,   /* wp_fact_message */
    WP_FACT_OVERWRITTEN,       /* wp_fact_overwritten: a record that a crash cut short is void */
    WP_FACT_RECORD,    /* wp_fact_record: the first one at or after wp_mapper_config.watch_lsn */
    WP_FACT_TEXT,      /* wp_fact_text: a record as text (wp_dump_record()) */
    WP_FACT_TALLY,     /* wp_fact_tally: what a record counts (wp_tally_record()) */
    WP_FACT_IMAGE,     /* wp_fact_image: a full-page image in a record (wp_dump_record()) */
    WP_FACT_XACT_MORE, /* wp_fact_xact_more: the rest of an end or PREPARE (wp_record_facts()) */
    WP_FACT_STATS      /* wp_fact_stats: records summed up (wp_stats_record()) */
} wp_fact_kind;

/* Start of every fact. */
typedef struct wp_fact {
    uint32_t size; /* bytes, this struct and what follows; a multiple of 8 */
    uint8_t kind;  /* wp_fact_kind */
    uint8_t op;    /* what of that kind, see the structs */
    uint16_t flags;
    wp_xid xid; /* of the record: may be a subtransaction's; 0 = none */
    uint32_t reserved;
    wp_lsn lsn; /* start of the record */
} wp_fact;

typedef struct wp_fact_first {
    wp_fact fact; /* lsn: the first record that begins in the segment */
    wp_lsn prev;  /* its xl_prev: the record before, in an earlier segment */
} wp_fact_first;

typedef enum wp_end_reason {
    WP_END_FULL,   /* the last record runs up to, or over, the end of the segment */
    WP_END_SWITCH, /* XLOG_SWITCH: the rest is padding */
    WP_END_ZEROS,  /* zeros after a whole record; zeros or old content to the end of the segment */
    WP_END_RECYCLED, /* the same, and it begins with a page or record of an earlier use of the file */
    WP_END_TORN,     /* the same, and the last record does not get to its end */
    WP_END_INPUT,    /* the bytes handed over ended */
    WP_END_RECORD_CUT, /* the last record goes on in a segment that was not handed over */
    WP_END_DAMAGE      /* the last bytes cannot be read */
} wp_end_reason;

typedef struct wp_fact_end {
    wp_fact fact;       /* lsn: where the next record begins or should begin; op: wp_end_reason */
    wp_lsn last_record; /* start of the last whole record, 0 = none */
    uint64_t records;   /* whole records that begin in this segment */
    /* 1: the record at lsn ends transaction fact.xid (0: a prepared one), and its rest is not there. */
    uint8_t cuts_xact_end;
    uint8_t cut_op; /* wp_xact_op */
    uint8_t reserved[6];
} wp_fact_end;

typedef enum wp_damage {
    WP_DAMAGE_PAGE_HEADER = 1, /* magic, flags, address or system identifier wrong */
    WP_DAMAGE_LENGTH,          /* impossible record length */
    WP_DAMAGE_RMGR,            /* impossible resource manager */
    WP_DAMAGE_CRC,             /* checksum does not fit */
    WP_DAMAGE_PREV_LINK,       /* xl_prev does not point to the record before */
    WP_DAMAGE_CONTRECORD,      /* a continued record does not go on as announced */
    WP_DAMAGE_TIMELINE,  /* a page of a timeline that it cannot be of; reading goes on within it */
    WP_DAMAGE_AFTER_END, /* WAL ends as it should, but then comes what is neither zeros nor old */
    WP_DAMAGE_BLOCKS,    /* block headers contradict the record's length */
    WP_DAMAGE_PAYLOAD /* content shorter than its own counts say, or an image that does not unpack */
} wp_damage;

typedef struct wp_fact_damage {
    wp_fact fact;             /* lsn: first unreadable position; op: wp_damage */
    wp_lsn until;             /* reading went on here; 0: not in this segment */
    uint32_t expected, found; /* meaning by op, 0 where none */
} wp_fact_damage;

/* What of a sound record no known release of its major writes. */
typedef enum wp_oddity {
    WP_ODD_KIND = 1,   /* the operation; value: xl_info */
    WP_ODD_INFO,       /* bits of xl_info; value: those bits */
    WP_ODD_BLOCK,      /* a block; value: its id */
    WP_ODD_NO_BLOCK,   /* a block is not there; value: its id */
    WP_ODD_FORK,       /* the fork of a block; value: its id */
    WP_ODD_BLOCK_DATA, /* data of a block, or that it is made afresh; value: its id */
    WP_ODD_FLAGS,      /* flags in the main data; value: the bits that are not known */
    WP_ODD_LENGTH,     /* length of the main data; value: bytes */
    WP_ODD_REST,       /* bytes after the last part that is announced; value: how many */
    WP_ODD_IMAGE       /* a page image that cannot be unpacked here; value: its flags */
} wp_oddity;

/*
 * A record that may mean something else than it was taken for: a new minor release may have changed it. Of each
 * kind of record and oddity only the first one of a segment is told.
 */
typedef struct wp_fact_unexpected {
    wp_fact fact; /* op: wp_oddity */
    uint32_t value;
    uint8_t rmid, info;
    char operation[34]; /* "HOT_UPDATE"; empty: not known */
} wp_fact_unexpected;

/* Operations of WP_FACT_XACT_END. */
typedef enum wp_xact_op {
    WP_XACT_COMMIT,
    WP_XACT_ABORT,
    WP_XACT_COMMIT_PREPARED,
    WP_XACT_ABORT_PREPARED
} wp_xact_op;

/*
 * A transaction ended or was prepared. fact.xid is the top-level xid, for prepared transactions too.
 * After the struct: locators[nrels], then subxids[nsubxacts], stats_oids[nstats] (relations whose
 * statistics were dropped), relcache_oids[nrelcache], then gid bytes with a NUL (gid_bytes, 0 = no gid).
 * For PREPARE the rels are those to be removed at its commit.
 */
typedef struct wp_fact_xact {
    wp_fact fact;
    wp_lsn end_lsn;  /* aligned byte after the record, as pg_walinspect's end_lsn */
    wp_lsn prev_lsn; /* start of the record before */
    wp_time time;
    uint32_t xinfo;
    wp_oid db;
    uint32_t nrels, nsubxacts, nstats, nrelcache, gid_bytes, ninvals;
    uint32_t changed; /* bit 1 << wp_watched: its messages say that it changed that catalog */
    uint32_t origin;  /* of replication: pg_replication_origin.roident; 0: none */
} wp_fact_xact;

WP_API const wp_locator *wp_fact_xact_rels(const wp_fact_xact *fact);
WP_API const wp_xid *wp_fact_xact_subxids(const wp_fact_xact *fact);
WP_API const wp_oid *wp_fact_xact_stats(const wp_fact_xact *fact);
WP_API const wp_oid *wp_fact_xact_relcache(const wp_fact_xact *fact);
/** NUL-terminated, or NULL when the record has none. */
WP_API const char *wp_fact_xact_gid(const wp_fact_xact *fact);

/* What an invalidation message is about. */
typedef enum wp_inval_kind {
    WP_INVAL_CATCACHE,
    WP_INVAL_CATALOG,
    WP_INVAL_RELCACHE,
    WP_INVAL_SMGR,
    WP_INVAL_RELMAP,
    WP_INVAL_SNAPSHOT,
    WP_INVAL_RELSYNC,
    WP_INVAL_OTHER,
    WP_INVAL_KINDS
} wp_inval_kind;

/* What else the record of the WP_FACT_XACT_END or WP_FACT_PREPARE before it says. */
typedef struct wp_fact_xact_more {
    wp_fact fact;        /* op: as there */
    wp_lsn origin_lsn;   /* where it ended on the server it was replicated from; 0: not said */
    wp_time origin_time; /* when; WP_TIME_UNKNOWN: not said */
    uint32_t origin;     /* of replication: pg_replication_origin.roident; 0: none */
    uint32_t invals[WP_INVAL_KINDS]; /* messages of each kind */
} wp_fact_xact_more;

/* fact.xid is the top-level xid; subxids[nsubxacts] follow. */
typedef struct wp_fact_assignment {
    wp_fact fact;
    uint32_t nsubxacts, reserved;
    wp_xid subxids[];
} wp_fact_assignment;

typedef struct wp_fact_running {
    wp_fact fact;
    wp_xid next_xid, oldest_running, latest_completed;
    uint32_t overflowed;
} wp_fact_running;

/* Rows touched, summed over a stretch of the segment. fact.lsn is that of the first of them. */
typedef struct wp_fact_dml {
    wp_fact fact;
    wp_locator locator;
    uint32_t reserved;
    int64_t inserted, updated,
        deleted; /* inserted may be negative: speculative inserts taken back */
} wp_fact_dml;

/* Bit of wp_fact.flags in a wp_fact_page. */
#define WP_PAGE_FROM_BACKUP 0x1 /* read from a file, not from the WAL */

typedef struct wp_fact_page {
    wp_fact fact; /* op: unused */
    wp_locator locator;
    uint32_t block;
    uint32_t catalog; /* OID of the catalog the file belongs to */
    uint32_t bytes;   /* length of the page */
    uint8_t page[];
} wp_fact_page;

typedef enum wp_tuple_op {
    WP_TUPLE_INSERT,
    WP_TUPLE_UPDATE,
    WP_TUPLE_DELETE,
    WP_TUPLE_INPLACE
} wp_tuple_op;

/* Bits of wp_fact.flags in a wp_fact_tuple. */
#define WP_TUPLE_ON_PAGE 0x1 /* no bytes here: the row is in the page fact just before this one */
#define WP_TUPLE_PREFIX 0x2  /* prefix bytes are those of the old row */
#define WP_TUPLE_SUFFIX 0x4  /* suffix bytes are those of the old row */

/*
 * A catalog row. UPDATE: (block, offset) is the new row, (old_block, old_offset) the old one.
 * data holds, for INSERT and UPDATE, the row from its null bitmap on (byte 23 of a heap tuple; user
 * part from hoff - 23 on), less prefix and suffix; for INPLACE the whole user part.
 */
typedef struct wp_fact_tuple {
    wp_fact fact; /* op: wp_tuple_op */
    wp_locator locator;
    uint32_t catalog;
    uint32_t block, old_block;
    uint16_t offset, old_offset;
    uint16_t infomask, infomask2;
    uint16_t prefix, suffix;
    uint16_t hoff;
    uint16_t bytes;
    uint8_t data[];
} wp_fact_tuple;

/* Line pointers that no longer hold a row. */
typedef struct wp_fact_prune {
    wp_fact fact;
    wp_locator locator;
    uint32_t catalog;
    uint32_t block;
    uint32_t noffsets;
    uint16_t offsets[];
} wp_fact_prune;

typedef struct wp_fact_lock {
    wp_fact fact; /* xid: the entry's, not the record's */
    wp_oid db, rel;
} wp_fact_lock;

typedef struct wp_fact_storage {
    wp_fact fact; /* op: fork number for CREATE; for TRUNCATE flags, 0 before 9.6 */
    wp_locator locator;
    uint32_t block; /* TRUNCATE: new length in blocks */
} wp_fact_storage;

typedef struct wp_fact_heap_truncate {
    wp_fact fact; /* op: 1 CASCADE, 2 RESTART IDENTITY */
    wp_oid db;
    uint32_t nrels;
    wp_oid rels[];
} wp_fact_heap_truncate;

/* op of the database facts: 0 files copied, 1 pages logged (CREATE_WAL_LOG). */
typedef struct wp_fact_database {
    wp_fact fact;
    wp_oid db;
    uint32_t ntablespaces;
    wp_oid tablespaces[];
} wp_fact_database;

typedef struct wp_fact_tablespace {
    wp_fact fact;
    wp_oid tablespace;
    uint32_t reserved;
} wp_fact_tablespace;

typedef struct wp_relmap_entry {
    wp_oid catalog, filenode;
} wp_relmap_entry;

typedef struct wp_fact_relmap {
    wp_fact fact;
    wp_oid db; /* 0: the shared map */
    uint32_t nentries;
    wp_relmap_entry entries[];
} wp_fact_relmap;

/* op of WP_FACT_CHECKPOINT: 0 shutdown, 1 online. */
typedef struct wp_fact_checkpoint {
    wp_fact fact;
    wp_lsn redo;
    wp_time time;
    wp_tli tli, previous_tli;
    wp_xid next_xid, oldest_active_xid;
    uint32_t next_epoch; /* of next_xid */
    uint8_t full_page_writes;
    uint8_t reserved[3];
} wp_fact_checkpoint;

typedef struct wp_fact_restore_point {
    wp_fact fact;
    wp_time time;
    wp_lsn end_lsn; /* byte after this record */
    char name[WP_NAME_BYTES];
} wp_fact_restore_point;

typedef struct wp_fact_backup_end {
    wp_fact fact;
    wp_lsn start, end_lsn; /* redo position the backup starts from; byte after this record */
} wp_fact_backup_end;

typedef struct wp_fact_parameters {
    wp_fact fact;
    int32_t max_connections, max_worker_processes,
        max_wal_senders; /* wal_senders -1: not recorded */
    int32_t max_prepared_xacts, max_locks_per_xact, wal_level;
    uint8_t wal_log_hints, track_commit_timestamp;
    uint8_t reserved[6];
} wp_fact_parameters;

typedef struct wp_fact_switch {
    wp_fact fact; /* op: the new value */
} wp_fact_switch;

typedef struct wp_fact_message {
    wp_fact fact; /* op: 1 transactional */
    wp_oid db;
    uint32_t message_bytes;     /* saturated */
    char prefix[WP_NAME_BYTES]; /* cut to 63 bytes, NUL-terminated */
} wp_fact_message;

typedef struct wp_fact_overwritten {
    wp_fact fact;
    wp_lsn overwritten;
    wp_time time;
} wp_fact_overwritten;

/* The first record of its segment that starts at an LSN or later; comes before what else it tells. */
typedef struct wp_fact_record {
    wp_fact fact;
    wp_lsn end_lsn; /* aligned byte after the record; of XLOG_SWITCH the end of the segment */
    wp_lsn prev;    /* start of the record before */
    uint8_t rmid, info;
    uint8_t reserved[6];
} wp_fact_record;

/* Why a page image is in a record, as far as the record's type proves it. */
typedef enum wp_image_cause {
    WP_IMAGE_NONE, /* there is no image */
    /* The page had not changed since the redo point of the last checkpoint, and full_page_writes was on, or a backup ran. */
    WP_IMAGE_FIRST_CHANGE,
    WP_IMAGE_HINT,   /* the same of a page that got hint bits only: XLOG FPI_FOR_HINT */
    WP_IMAGE_WHOLE,  /* records that always have their pages in full: XLOG FPI and others */
    WP_IMAGE_CHECK,  /* redo does not apply it: it is there for wal_consistency_checking */
    WP_IMAGE_UNKNOWN /* records that may have it for either reason: Generic, those of extensions */
} wp_image_cause;

/* Bytes of a record as pg_waldump --stats counts them. */
typedef struct wp_fact_tally {
    wp_fact fact;
    wp_lsn end_lsn;        /* of the record: the aligned byte after it */
    uint32_t record_bytes; /* without images of pages */
    uint32_t image_bytes;  /* of the file */
    wp_locator file;       /* of its first block; all zero: it has none */
    uint8_t rmid, info;
    /* 0: no further record, but images of another file or cause in the one before. */
    uint8_t is_whole;
    uint8_t
        cause; /* wp_image_cause of its images: those with another one are in a fact of their own */
} wp_fact_tally;

/* Records that have in common what wp_stats.by says. Bytes are those of pg_waldump --stats. */
typedef struct wp_stats_group {
    wp_locator file;    /* by file: all zero: they have no block */
    wp_xid xid;         /* by xid */
    uint8_t rmid, info; /* by type; of info, the high four bits */
    uint8_t cause;      /* by image: wp_image_cause */
    uint8_t reserved[5];
    wp_time last_commit; /* with one of them; WP_TIME_UNKNOWN: none */
    uint64_t records;
    uint64_t record_bytes; /* without images of pages */
    uint64_t image_bytes;  /* by file: of its pages, in records of other files, too */
} wp_stats_group;

#define WP_STATS_GROUPS_MAX 64
#define WP_STATS_INDEX_SIZE 128

/* Records that follow one another; its LSN is that of the first. */
typedef struct wp_fact_stats {
    wp_fact fact;
    wp_lsn until;        /* none starts there or later: wp_stats.parts */
    wp_lsn end_lsn;      /* the aligned byte after the last one that counts; 0: none does */
    wp_time last_commit; /* of all commits, counted or not; WP_TIME_UNKNOWN: none */
    uint64_t ngroups;
    uint8_t
        index[WP_STATS_INDEX_SIZE]; /* for the library: which group has a hash, counted from 1 */
    wp_stats_group groups[WP_STATS_GROUPS_MAX]; /* in the order of their first records */
} wp_fact_stats;

/* The text follows the struct. Of several records (wp_dump.joins_lines), xid and LSN are those of the first. */
typedef struct wp_fact_text {
    wp_fact fact;
    wp_lsn end_lsn;      /* of the last record: the aligned byte after it */
    uint64_t text_bytes; /* not NUL-terminated */
} wp_fact_text;

/*
 * A full-page image as the record has it: maybe packed, and without its hole. wp_image_restore() makes the page of it. fork: 0 main, 1 fsm,
 * 2 vm, 3 init; what is greater no server writes.
 */
typedef struct wp_fact_image {
    wp_fact fact;
    wp_locator locator;
    uint32_t block;
    uint32_t bytes; /* of stored */
    uint16_t hole_offset, hole_length;
    uint8_t info; /* bimg_info */
    uint8_t fork;
    uint8_t reserved[2];
    uint8_t stored[];
} wp_fact_image;

#define WP_FILE_TEXTS 4

/* For the library: a file, and the text it was told by. */
typedef struct wp_file_text {
    wp_locator file;
    uint32_t len; /* 0: none yet */
    char chars[32];
} wp_file_text;

/* A growing list of facts. Start with all zero; keep the buffer by emptying it with wp_facts_clear(). */
typedef struct wp_facts {
    uint8_t *bytes;
    size_t len, room;
    size_t
        open_at; /* for the library: where a fact begins that may go on while it is the last one */
    wp_file_text files[WP_FILE_TEXTS]; /* for the library, too: by the file's number, modulo */
} wp_facts;

/** The fact at *pos, moving *pos past it; NULL at the end. */
WP_API const wp_fact *wp_facts_next(const wp_facts *facts, size_t *pos);
/** Forgets the facts, keeps the memory. */
WP_API void wp_facts_clear(wp_facts *facts);
/** Frees the memory; the struct may be used again. */
WP_API void wp_facts_free(wp_facts *facts);

#ifdef __cplusplus
}
#endif
#endif
