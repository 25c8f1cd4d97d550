/*
 * datadir.h - files of a data directory, as a base backup holds them: bytes in, values out.
 *
 * What a base backup knows about names lies in the pages of a few catalogs. wp_facts_add_page() makes
 * facts of them, which a reducer takes where the backup starts.
 */
#ifndef WALPARSE_DATADIR_H
#define WALPARSE_DATADIR_H

#include <walparse/fact.h>
#include <walparse/mapper.h>
#include <walparse/profile.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Settings that a hot standby must not have lower; -1: the major does not record it. */
typedef struct wp_control_settings {
    int32_t max_connections, max_worker_processes, max_wal_senders, max_prepared_xacts,
        max_locks_per_xact;
} wp_control_settings;

/* What is of use in global/pg_control. */
typedef struct wp_control {
    uint64_t system_identifier;
    uint32_t catalog_version; /* of the folders in tablespaces: PG_15_202209061 */
    uint8_t max_align;        /* 8, or 4 for 32-bit x86 servers */
    wp_lsn checkpoint;        /* the latest one: without a backup_label replay starts with it */
    wp_lsn min_recovery;      /* of a standby: where it becomes consistent; 0: none */
    uint32_t block_bytes;     /* BLCKSZ */
    uint32_t blocks_per_file; /* of a relation, before .1 begins */
    uint32_t segment_size;    /* of WAL */
    uint32_t
        checksum_version; /* data_checksum_version: 0 without checksums, 1 with them; others: on the way (19) */
    wp_control_settings settings;
} wp_control;

/**
 * Reads a pg_control of the major that PG_VERSION names. WP_ERR_VERSION: it is another major's;
 * WP_ERR_DAMAGE: too short, the checksum does not fit, or impossible sizes.
 */
WP_API wp_status wp_control_parse(const wp_profile *profile, wp_view bytes, wp_control *out,
                                  wp_error *err);

#define WP_RELMAP_ENTRIES_MAX 64

/** Reads a pg_filenode.map: which file a mapped catalog lies in. WP_ERR_DAMAGE when it is none. */
WP_API wp_status wp_relmap_parse(wp_view bytes, wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX],
                                 size_t *count, wp_error *err);

/* Room for a backup's label; the server allows 1024 bytes. */
#define WP_BACKUP_LABEL_BYTES 1025

/* A backup_label, or the .backup history file that is archived when a backup ends. */
typedef struct wp_backup_label {
    wp_lsn start_lsn, checkpoint_lsn;
    wp_lsn stop_lsn; /* 0: not known, as in every backup_label */
    wp_tli timeline; /* from the file's name where the version writes no number */
    bool is_from_standby;
    bool is_incremental;
    wp_time start_time; /* WP_TIME_UNKNOWN when its zone is an abbreviation with several meanings */
    wp_time stop_time;  /* the same, and when it is not known, as in every backup_label */
    char start_time_text[WP_NAME_BYTES]; /* as it stands there */
    char label[WP_BACKUP_LABEL_BYTES];
} wp_backup_label;

/** WP_ERR_DAMAGE when the text has no START WAL LOCATION, or one that cannot be read. */
WP_API wp_status wp_backup_label_parse(wp_view text, wp_backup_label *out, wp_error *err);

/* What is of use in a backup_manifest; 0: not there. */
typedef struct wp_backup_manifest {
    uint64_t system_identifier; /* from version 2 (PostgreSQL 17) on */
    wp_lsn end_lsn;             /* of the WAL the backup needs */
} wp_backup_manifest;

/** Looks for both in any stretch of a manifest: the first stands at its head, the other at its end. */
WP_API void wp_backup_manifest_parse(wp_view text, wp_backup_manifest *out);

/** CRC-32C, as a backup_manifest has it of files (its bytes from the lowest to the highest). 0 at first, then goes on from the result before. */
WP_API uint32_t wp_crc32c(uint32_t crc, wp_view bytes);

/** Does the reducer follow the rows of this catalog? */
WP_API bool wp_catalog_is_followed(wp_oid catalog);
/** Is it one of the catalogs that all databases share? */
WP_API bool wp_catalog_is_shared(wp_oid catalog);

/** LSN of the last change of a page of a relation. False when the bytes are no page (a new one is zeros). */
WP_API bool wp_page_lsn(wp_view page, wp_lsn *out);

/**
 * The files that the rows on a page of pg_class give for followed catalogs, dead rows too. Returns how
 * many, at most room.
 */
WP_API size_t wp_page_catalog_files(const wp_profile *profile, wp_oid db, wp_view page,
                                    wp_catalog_file *out, size_t room);

/* A page of a catalog, read from a file. */
typedef struct wp_file_page {
    wp_lsn lsn; /* as of when */
    wp_locator locator;
    wp_oid catalog;
    uint32_t block;
    wp_view bytes;
} wp_file_page;

/** Adds a WP_FACT_CATALOG_PAGE. WP_ERR_NOMEM. */
WP_API wp_status wp_facts_add_page(wp_facts *facts, const wp_file_page *page, wp_error *err);

#ifdef __cplusplus
}
#endif
#endif
