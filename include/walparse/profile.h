/*
 * profile.h - what differs from one major version of PostgreSQL to the next.
 *
 * One row per major, chosen by the magic number of WAL pages. Code asks a property, never a number.
 * Offsets named *_at are bytes; -1 means that the version has no such thing.
 */
#ifndef WALPARSE_PROFILE_H
#define WALPARSE_PROFILE_H

#include <walparse/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Meanings of the Heap2 operation codes 0x10, 0x20 and 0x30. */
typedef enum wp_heap2_ops {
    WP_HEAP2_CLEAN,       /* 9.5 to 13: CLEAN, FREEZE_PAGE, CLEANUP_INFO */
    WP_HEAP2_PRUNE,       /* 14 to 16: PRUNE, VACUUM, FREEZE_PAGE */
    WP_HEAP2_PRUNE_FREEZE /* 17 on: one record for pruning and freezing */
} wp_heap2_ops;

/* Where columns of pg_class and friends lie in the user part of a row. */
typedef struct wp_catalog_layout {
    bool oid_in_header; /* the oid lies before the user part (t_hoff - 4), not in column 1 */
    int16_t relname_at, relnamespace_at, relfilenode_at, reltablespace_at, reltoastrelid_at;
    int16_t relpersistence_at, relkind_at, relispartition_at, relrewrite_at;
    int16_t nspname_at; /* and the names of extensions, tablespaces and roles */
    int16_t datname_at, datconnlimit_at, dattablespace_at;
    int16_t typcategory_at;
    int16_t proname_at, pronamespace_at, prokind_at, proisagg_at;
    int16_t tgrelid_at, tgparentid_at, tgname_at, tgisinternal_at;
    int16_t polname_at, polrelid_at; /* and rulename, ev_class of pg_rewrite */
    int16_t conname_at, contype_at, conrelid_at, conindid_at, conparentid_at;
    int16_t typname_at, typnamespace_at, typtype_at, typrelid_at;
    int16_t indrelid_at, indislive_at;
    int16_t attnum_at, attisdropped_at; /* attrelid and attname come first, everywhere */
} wp_catalog_layout;

/* Where the parts of a PREPARE record lie. */
typedef struct wp_prepare_layout {
    int16_t header_bytes;
    int16_t ncommitstats_at, ninvalmsgs_at;
    int16_t gidlen_at; /* -1: the gid is a fixed array at gid_at */
    int16_t gid_at;    /* -1: the gid follows the header */
} wp_prepare_layout;

/*
 * The catalogs whose changes invalidation messages tell of. A transaction that names one of them in its commit has
 * changed a row of it.
 */
typedef enum wp_watched {
    WP_WATCHED_CLASS,
    WP_WATCHED_ATTRIBUTE,
    WP_WATCHED_TYPE,
    WP_WATCHED_PROC,
    WP_WATCHED_NAMESPACE,
    WP_WATCHED_CONSTRAINT,
    WP_WATCHED_AUTHID,
    WP_WATCHED_DEPEND, /* has no cache: its messages name it */
    WP_WATCHED_CATALOGS
} wp_watched;

/* Where the parts of global/pg_control lie; 0: not known. */
typedef struct wp_control_layout {
    int16_t min_recovery_at;
    int16_t max_align_at; /* followed by floatFormat, then the sizes */
    bool has_slru_size;   /* a fourth size lies before the WAL's two */
    int16_t checksum_version_at;
    int16_t crc_at; /* checksum of all before */
} wp_control_layout;

/* Where a restored server reads its recovery settings. */
typedef struct wp_recovery_traits {
    const char *conf_file;           /* "recovery.conf" or "postgresql.auto.conf" */
    bool has_signal_file;            /* an empty recovery.signal starts recovery */
    bool has_lsn_target;             /* recovery_target_lsn exists */
    const char *wal_directory;       /* "pg_wal" or "pg_xlog" */
    bool targets_exclude_each_other; /* two of them are FATAL; else the last line counts */
    bool empty_unsets;               /* an empty value is as good as none */
    bool default_is_latest_timeline; /* else the backup's */
    bool has_current_timeline;       /* the word is known; else read as a number, and as latest */
    bool time_must_be_date;          /* now, today, infinity ... are refused */
    bool time_needs_full_zone;       /* Z and abbreviations are refused */
    bool hot_standby_by_default;
    bool pause_needs_asking; /* without hot standby: asked for it shuts down, else it promotes */
    bool missed_target_is_fatal; /* else the server promotes at the end of the WAL */
    bool low_setting_pauses;     /* a setting lower than the primary's: pause instead of FATAL */
    bool
        minimal_wal_is_fatal; /* WAL of wal_level minimal; else a warning, and fatal to hot standby */
    bool quotes_settings;     /* its messages put the names of settings into quotes */
    bool xid_is_checked; /* recovery_target_xid must be a number, and one that transactions have */
    bool lacks_subscriptions;      /* of logical replication */
    bool tells_paused;             /* whether replay has paused, not only that it was asked to */
    const char *standby_wal_level; /* that hot standby needs at least; NULL: "replica" */
} wp_recovery_traits;

/* What pg_waldump of the major says otherwise than others, where it is not the words of a record type. */
typedef struct wp_dump_traits {
    bool
        has_words_of_9_5; /* archive and hot_standby, epoch/xid, unknown messages, relmap without database */
    bool has_standby_invals;     /* Standby INVALIDATIONS is known */
    bool has_relsync_invals;     /* messages of that kind are known */
    bool tells_empty_invals;     /* Standby INVALIDATIONS without any message has its title */
    bool tells_prepare;          /* PREPARE is described */
    bool tells_xact_invals;      /* Transaction INVALIDATION is known */
    bool tells_origins;          /* of aborts and PREPARE, too; and apply_feedback */
    bool tells_running_subxacts; /* of RUNNING_XACTS */
    bool tells_checksums;        /* of checkpoints */
    bool formats_doubles;        /* NaN and Infinity are PostgreSQL's words, not the C library's */
    bool pads_lsns;              /* the second half of an LSN has eight digits */
    bool stats_tell_range;       /* --stats begins with the first and last LSN */
    bool
        stats_join_xact_ends; /* ends of transactions are one type with and without further parts */
} wp_dump_traits;

/* What COPY prints otherwise than in other majors. */
typedef struct wp_value_traits {
    bool float_is_shortest;      /* floats have as few digits as tell them, else 18 and 9 */
    bool char_is_octal;          /* "char" above 127 is \ooo, else the byte */
    bool has_infinite_intervals; /* infinity and -infinity */
} wp_value_traits;

/* Which commands of the replication protocol the server knows. */
typedef struct wp_replication_traits {
    bool has_reserve_wal; /* CREATE_REPLICATION_SLOT ... RESERVE_WAL */
    bool has_show; /* SHOW; before, a segment has 16 MB unless the server was built otherwise */
    bool has_temporary_slots; /* CREATE_REPLICATION_SLOT ... TEMPORARY */
    bool has_read_slot;       /* READ_REPLICATION_SLOT */
} wp_replication_traits;

typedef struct wp_profile {
    const char *major; /* "9.5", "10" ... */
    uint16_t version;  /* PG_VERSION_NUM / 100: 905, 906, 1000 ... */
    uint16_t page_magic;
    uint16_t page_flags;     /* that the header of a page may have */
    uint16_t page_overwrite; /* the one for what replaces a record that a crash cut short */

    uint8_t max_builtin_rmgr;
    bool has_custom_rmgrs; /* resource managers 128 to 255 */

    uint8_t image_apply; /* bit of bimg_info; 0: every image is applied */
    uint8_t image_pglz, image_lz4, image_zstd;
    bool has_toplevel_xid; /* fragment id 252 */

    bool abort_has_dbinfo;    /* aborts carry dbinfo and origin when their bits are set */
    bool xact_has_gid;        /* xinfo bit 7 announces a gid */
    uint8_t stats_item_bytes; /* dropped statistics: 0 = none */
    wp_prepare_layout prepare;

    wp_heap2_ops heap2_ops;
    uint8_t prune_flags_at; /* in the record for pruning and freezing */
    bool has_heap_truncate;
    bool
        compacts_by_pointer; /* rows are moved together in order of their line pointers, else as they lie */
    bool prune_drops_pointers;      /* and takes away the free line pointers at the end */
    uint8_t multixact_offset_bytes; /* a place in the list of all members: 4 or 8 bytes */
    uint8_t database_drop_op;       /* info of Database DROP */
    uint8_t database_wal_log_op;    /* info of Database CREATE_WAL_LOG, 0xFF = none */
    bool database_drop_is_array;    /* db, n, tablespaces[n] */
    bool smgr_truncate_has_flags;

    bool checkpoint_full_next_xid; /* next xid is one u64 */
    bool checkpoint_has_wal_level;
    bool checkpoint_has_logical; /* logicalDecodingEnabled, and 64-bit MultiXact offsets */
    bool parameters_have_wal_senders;
    bool end_of_recovery_has_wal_level;

    bool has_partition_merge; /* ALTER TABLE ... MERGE PARTITIONS, SPLIT PARTITION */
    uint8_t keyword_set; /* which words quote_ident quotes: the set grew in 13, 16, 17 and 19 */
    bool has_fixed_database_oids; /* template0 = 4, postgres = 5 from initdb on */
    bool
        has_control_functions; /* pg_control_system() and the like: it tells its system identifier */
    bool
        archives_by_one_only; /* with archive_command and archive_library both set it archives nothing */
    uint32_t catalog_version; /* that the folders of tablespaces are named after */
    wp_catalog_layout catalog;
    bool only_tables_have_types;         /* and views: not toast, not sequences */
    uint8_t caches[WP_WATCHED_CATALOGS]; /* a cache of each, as messages number it; 0: none */
    uint16_t control_version;            /* pg_control_version */
    uint16_t control_version_old; /* of betas, whose checksum lies four bytes before; 0: none */
    wp_control_layout control;    /* where 64-bit fields are aligned to 8 bytes */
    wp_control_layout control_32; /* the same of 32-bit x86 servers */
    wp_recovery_traits recovery;
    wp_dump_traits dump;
    wp_value_traits value;
    wp_replication_traits replication;
} wp_profile;

/** The row for a page magic in this machine's byte order; NULL when no supported major has it. */
WP_API const wp_profile *wp_profile_by_magic(uint16_t magic);

/** The row for a major named "9.5", "10" ...; NULL when it is not supported. */
WP_API const wp_profile *wp_profile_by_major(const char *major);

/** The row for what a server calls its server_version_num (90603, 150004); NULL when it is not supported. */
WP_API const wp_profile *wp_profile_by_server_version(int number);

/** The major that a page magic was used for before it was released; NULL: none. *is_beta: by betas, too. */
WP_API const char *wp_profile_unreleased(uint16_t magic, bool *is_beta);

/** The rows in rising order of version: index from 0; NULL past the end. */
WP_API const wp_profile *wp_profile_at(size_t index);

/**
 * Name of a database whose OID initdb fixes (template1, from 15 on template0 and postgres); NULL for
 * all others.
 */
WP_API const char *wp_profile_fixed_database(const wp_profile *profile, wp_oid db);

/* Room for any quoted name: each of 63 bytes doubled, two quotes, NUL. */
#define WP_QUOTED_BYTES (2 * (WP_NAME_BYTES - 1) + 3)

/**
 * Writes an identifier as quote_ident() of the major does, in quotes where it must be, and a NUL, and returns its length. out has room for the
 * name with each byte doubled and three more: WP_QUOTED_BYTES for one out of a catalog.
 */
WP_API size_t wp_quote_ident(const wp_profile *profile, const char *name, char *out);

/* A table, an index, a TOAST table or the index of one whose OID is fixed. */
typedef struct wp_system_relation {
    wp_oid oid;
    bool is_shared;   /* by all databases: it lies in tablespace pg_global */
    const char *name; /* pg_catalog.pg_class, pg_toast.pg_toast_2619 */
} wp_system_relation;

/**
 * The one with this OID; NULL: the major has none. A file of that number in its database (tablespace pg_global, if it is
 * shared) is always one of it: initdb makes each in a file of its OID (catalog/heap.c, heap_create), and all numbers that
 * are given to files later are higher than any OID here, after a wraparound, too (access/transam/varsup.c, GetNewObjectId).
 * It may have moved to another file since.
 */
WP_API const wp_system_relation *wp_profile_system_relation(const wp_profile *profile, wp_oid oid);

/** The first that has a higher OID, so 0 begins; NULL: there are no more. */
WP_API const wp_system_relation *wp_profile_system_relation_after(const wp_profile *profile,
                                                                  wp_oid oid);

#ifdef __cplusplus
}
#endif
#endif
