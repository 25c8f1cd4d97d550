/*
 * biography.h - all that the WAL says of one transaction.
 */
#ifndef PITR_FIND_BIOGRAPHY_H
#define PITR_FIND_BIOGRAPHY_H

#include "base/log.h"
#include "command/possible_parts.h"
#include "search/relation_names.h"
#include "search/sources.h"
#include "server_log/who.h"

/* So many locks, files, messages and files with work are kept each; more are counted. */
#define BIOGRAPHY_ITEMS_MAX ((size_t)1 << 16)

typedef enum row_op { ROWS_INSERTED, ROWS_UPDATED, ROWS_DELETED, ROW_OPS } row_op;

typedef struct biography_size {
    uint64_t records, bytes, image_bytes; /* bytes: with those of images */
} biography_size;

/* What was done to one file. */
typedef struct biography_file {
    wp_locator file;
    wp_lsn first_lsn;
    biography_size size; /* of the records whose first block is of the file, and of its images */
    int64_t rows[FATES][ROW_OPS];
    bool is_unlogged; /* it made the file with wal_level minimal: its rows need not be in the WAL */
} biography_file;

typedef enum storage_what {
    STORAGE_CREATED,
    STORAGE_TRUNCATED,
    STORAGE_DROPPED, /* with the transaction's end */
    STORAGE_DATABASE_CREATED,
    STORAGE_DATABASE_DROPPED,
    STORAGE_TABLESPACE_CREATED,
    STORAGE_TABLESPACE_DROPPED
} storage_what;

typedef struct biography_storage {
    storage_what what;
    wp_lsn lsn;
    wp_xid xid;
    wp_locator file; /* of databases and tablespaces only what they are */
    uint8_t fork;
    uint32_t blocks; /* STORAGE_TRUNCATED: what is left */
} biography_storage;

typedef struct biography_lock {
    wp_lsn lsn;
    wp_xid xid;
    wp_oid db, rel;
} biography_lock;

typedef struct biography_message {
    wp_lsn lsn;
    wp_xid xid;
    uint32_t bytes;
    bool is_transactional;
    char prefix[WP_NAME_BYTES];
} biography_message;

/* Of a member of the family, at the same place. */
typedef struct biography_part {
    wp_lsn first_lsn; /* 0: no record */
    biography_size size;
} biography_part;

typedef struct biography_commit {
    wp_xid xid;
    wp_lsn lsn;
    wp_time time;
} biography_commit;

typedef struct biography_event {
    text json, words;
    bool has_rows, may_miss_rows;
    uint64_t rows;
    wp_event_kind kind;
    bool is_taken;   /* it fell with another object */
    bool makes_file; /* of a table, for rows */
    wp_oid db, rel;  /* of these */
    wp_locator file; /* of CREATE; rel 0: not known; spc 0: that of the database */
    wp_lsn lsn;
} biography_event;

typedef struct biography {
    family family;
    wp_xid asked;
    biography_part *parts; /* family.count */
    wp_lsn first_lsn, last_lsn;
    biography_size size;
    wp_oid db; /* 0: not known */
    wp_time end_time;
    wp_lsn end_end_lsn; /* after the record that ends it */
    wp_time
        time_before; /* of the last end of another before its first record; WP_TIME_UNKNOWN: none */
    bool is_prepared;
    wp_time prepare_time;
    char *gid; /* NULL: none */
    bool has_origin;
    uint32_t origin;
    wp_lsn origin_lsn;
    wp_time origin_time;
    uint32_t invals[WP_INVAL_KINDS];
    wp_lsn cut_lsn; /* of the record that ends it, and goes on in WAL that is not here; 0: none */
    wp_xact_op cut_op;

    biography_file
        *files; /* biography_gather() leaves them sorted: unlogged ones, then the largest first */
    size_t nfiles, files_room;
    biography_storage *storage;
    size_t nstorage, storage_room;
    biography_lock *locks;
    size_t nlocks, locks_room;
    biography_message *messages;
    size_t nmessages, messages_room;
    bool is_cut; /* there are more of them than BIOGRAPHY_ITEMS_MAX */

    uint64_t commits; /* of others, from its first record to its end */
    biography_commit first_commit, last_commit;
    biography_commit *listed; /* the first ones */
    size_t nlisted, listed_room;

    possible_parts possible; /* those that are left */

    biography_event *events; /* of a commit */
    size_t nevents, events_room;
    wp_oid tablespace; /* that it makes or drops, as its event has it; 0: none */
    char *tablespace_name;

    size_t nunlogged; /* files that are, whether they are known or not */

    bool is_doubtful; /* where it may have records, or its end, not all WAL could be read */
    relation_names *names;
    const who_answer *who; /* what the server's log says of it; borrowed; NULL: it is not asked */
} biography;

/*
 * Reads the archive several times. limit: so many commits of others are listed. EXIT_FOUND, EXIT_DOUBT; EXIT_NOTHING: no record of it;
 * EXIT_TROUBLE, after the line of an error. Free with biography_free() in any case.
 */
exit_code biography_gather(const question *q, const sources *from, wp_xid xid, uint64_t limit,
                           biography *out);

/* Did it begin in this WAL, for certain? */
static inline bool biography_has_beginning(const biography *b)
{
    return b->family.not_before != 0;
}

/* Of it, or of what it is told for, the WAL does not say that it is no subtransaction of another. */
bool biography_may_be_part(const biography *b);

static inline bool biography_is_commit(const biography *b)
{
    return family_is_commit(&b->family);
}

/* Invalidations of all kinds together. */
uint64_t biography_invals(const biography *b);

void biography_free(biography *b);

#endif
