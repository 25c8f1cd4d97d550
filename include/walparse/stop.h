/*
 * stop.h - where a server that recovers with given settings would really stop.
 *
 * The replay loop of the server, without the replay: it is fed what passes in a reducer's callbacks, in
 * LSN order, and says at which record recovery ends, whether that record is applied, and what is kept,
 * lost and in doubt there. Memory does not grow with the WAL.
 *
 *     wp_stop_new(&config, &stop, &err);
 *     mapper_config.watch_lsn = wp_stop_watch_lsn(&config);
 *     ... on_xact_end: wp_stop_add_end(stop, end);  on_fact: wp_stop_add_fact(stop, fact);
 *     const wp_stop_result *result = wp_stop_finish(stop);
 *
 * The rules hold for 9.5 to 19: a target by LSN stops at the first record that starts there or later; by
 * transaction id at the record that ends that transaction, as a top-level one or by a rollback of its
 * own; by time before the first record, in WAL order, that ends any transaction later; by name right
 * after the restore point. What majors do differently is in the profile.
 */
#ifndef WALPARSE_STOP_H
#define WALPARSE_STOP_H

#include <walparse/event.h>

#ifdef __cplusplus
extern "C" {
#endif

struct wp_profile;

typedef enum wp_stop_kind {
    WP_STOP_AT_END, /* no target: to the end of the WAL */
    WP_STOP_AT_LSN,
    WP_STOP_AT_XID,
    WP_STOP_AT_TIME,
    WP_STOP_AT_NAME,
    WP_STOP_IMMEDIATE
} wp_stop_kind;

/* Settings of the restored server that must not be lower than the primary's; 0: not known. */
typedef enum wp_stop_limit {
    WP_LIMIT_CONNECTIONS,
    WP_LIMIT_WORKER_PROCESSES,
    WP_LIMIT_WAL_SENDERS,
    WP_LIMIT_PREPARED_XACTS,
    WP_LIMIT_LOCKS_PER_XACT,
    WP_LIMITS
} wp_stop_limit;

typedef enum wp_backup_kind {
    WP_BACKUP_ASSUMED, /* nothing is known of the backup but, by guess, where it starts */
    WP_BACKUP_PRIMARY, /* consistent once its BACKUP_END record is applied */
    WP_BACKUP_STANDBY  /* its end is not in the WAL: taken to be consistent */
} wp_backup_kind;

typedef struct wp_stop_config {
    const struct wp_profile *profile;
    wp_stop_kind kind;
    wp_lsn lsn;
    wp_xid xid;
    wp_time time;
    char name[WP_NAME_BYTES];
    bool inclusive;
    bool is_standby; /* at the end of the WAL the server waits for more */
    bool hot_standby;
    int32_t limits[WP_LIMITS];
    wp_lsn start; /* redo position of the backup: replay begins here; 0: with the first record */
    wp_backup_kind backup;
    wp_lsn consistent; /* where the backup is, when something else than the WAL tells; 0: nothing */
    bool
        is_after_gaps; /* the backup is not known: where WAL is missing, it is taken to be one after that */
} wp_stop_config;

typedef enum wp_stop_outcome {
    WP_STOP_STOPS,
    WP_STOP_ENDS,       /* recovery ends where the WAL ends, and the server goes into service */
    WP_STOP_WAITS,      /* a standby waits there for more WAL */
    WP_STOP_PAUSES_LOW, /* pauses at a parameter change: a setting is too low (14 on) */
    /* From here on the server refuses to go on: see wp_stop_fatal(). */
    WP_STOP_FATAL_EARLY,      /* stops before the backup is consistent */
    WP_STOP_FATAL_NEVER,      /* the WAL ends before the target (13 on) */
    WP_STOP_FATAL_BACKUP_CUT, /* the WAL ends before the backup does */
    WP_STOP_FATAL_LOW,        /* a setting is lower than the primary's */
    WP_STOP_FATAL_MINIMAL     /* WAL of wal_level minimal (14 on, and with hot standby) */
} wp_stop_outcome;

/* A transaction that is prepared and not ended. */
typedef struct wp_stop_prepared {
    wp_xid xid;
    char gid[200];
} wp_stop_prepared;

/* So many prepared transactions are followed. */
#define WP_STOP_PREPARED_MAX 256

typedef struct wp_stop_result {
    wp_stop_outcome outcome;
    wp_lsn lsn;      /* the record it stops at; without one, where the WAL ends */
    wp_lsn next_lsn; /* nothing from here on is applied */
    wp_lsn read_lsn; /* to stop there, it reads up to here */
    bool is_applied; /* that record is */
    bool has_xact;   /* a transaction ends there; what follows holds */
    wp_xact_op op;
    wp_xid xid;
    wp_time time;
    bool has_record; /* an LSN was watched for: what record it is */
    uint8_t rmid, info;

    uint64_t kept, lost; /* commits from the backup's start on: applied, and not */
    wp_xid last_xid;     /* of the last commit applied; 0: none was */
    wp_time last_time;
    wp_lsn last_commit_lsn;
    wp_xid
        old_xid; /* of the last commit before the start, which the backup holds; 0: none was met */
    wp_time old_time;
    const wp_stop_prepared *in_doubt; /* borrowed */
    size_t nin_doubt;
    bool has_more_in_doubt;

    /* What explains a surprise. 0, false or WP_TIME_UNKNOWN: nothing of the kind was met. */
    wp_lsn backup_end;        /* byte after the backup's BACKUP_END record */
    wp_time backup_time;      /* of the checkpoint that the backup starts from, whole seconds */
    wp_xid subxid_of;         /* the xid is a committed subtransaction of this one */
    wp_lsn before_start;      /* what the target names is here, older than the backup */
    uint64_t later_in_backup; /* commits before the backup's start that a target by time excludes;
                                 of a fork: 1 when there are any */
    uint64_t earlier_after;   /* commits after the stop that a target by time includes */
    uint64_t same_names;      /* restore points of that name, from the start on */
    wp_lsn after_gap;         /* it would stop here, but replay does not get that far */
    wp_lsn gap;               /* replay ends here, although there is WAL after it */
    wp_time latest_time;      /* latest end of a transaction, from the start on */
    wp_lsn last_record;       /* the last one of the WAL */
    bool is_prepared;         /* the xid is prepared, and never ended */
    wp_stop_limit low;        /* which setting is too low, its value, and the primary's */
    int32_t low_value, low_wanted;
    wp_lsn
        minimal_lsn; /* the last record that says that wal_level is minimal: data may be missing (13 and older) */
} wp_stop_result;

typedef struct wp_stop wp_stop;

/** Free it with wp_stop_free(). WP_ERR_NOMEM. */
WP_API wp_status wp_stop_new(const wp_stop_config *config, wp_stop **out, wp_error *err);

/** What the mappers' watch_lsn must be, 0 when nothing is to be watched for. */
WP_API wp_lsn wp_stop_watch_lsn(const wp_stop_config *config);

/**
 * A copy that goes on from here with another target. WP_END, and nothing is made, when a record that has
 * passed may be where that target stops: only a run from the start can tell. That is known of targets by LSN
 * and by time; of one by transaction id or name the caller must know that it has not passed. stop must have no
 * target. WP_ERR_NOMEM.
 */
WP_API wp_status wp_stop_fork(const wp_stop *stop, const wp_stop_config *config, wp_stop **out,
                              wp_error *err);

/** False for facts that wp_stop_add_fact() does nothing with. */
WP_API bool wp_stop_heeds(const wp_fact *fact);

/** A transaction ended. */
WP_API void wp_stop_add_end(wp_stop *stop, const wp_xact_end *end);

/** Any other fact. */
WP_API void wp_stop_add_fact(wp_stop *stop, const wp_fact *fact);

/** True once a record was met that recovery stops at. */
WP_API bool wp_stop_is_reached(const wp_stop *stop);

/** Position of the last commit applied so far; 0: none. */
WP_API wp_lsn wp_stop_last_commit(const wp_stop *stop);

/** The WAL is through. Borrowed until wp_stop_free(). */
WP_API const wp_stop_result *wp_stop_finish(wp_stop *stop);

/** NULL is fine. */
WP_API void wp_stop_free(wp_stop *stop);

/* Room for any text wp_stop_reason() and wp_stop_fatal() write, NUL included. */
#define WP_STOP_TEXT_BYTES 256

/**
 * Why recovery stopped, in the words of the new timeline's history file; times are UTC. Returns buf, empty
 * when the server does not get as far as writing one.
 */
WP_API char *wp_stop_reason(const wp_stop_config *config, const wp_stop_result *result,
                            char buf[WP_STOP_TEXT_BYTES]);

/** The FATAL message of the server's log. Returns buf, empty when there is none. */
WP_API char *wp_stop_fatal(const wp_stop_config *config, const wp_stop_result *result,
                           char buf[WP_STOP_TEXT_BYTES]);

/** "max_connections" ... Never NULL. */
WP_API const char *wp_stop_limit_name(wp_stop_limit limit);

/** A server's transaction id as its configuration reads it: see wp_xid_setting_parse(). */
typedef enum wp_number_form {
    WP_NUMBER_DECIMAL,
    WP_NUMBER_HEX,
    WP_NUMBER_OCTAL,
    WP_NUMBER_NONE /* no digit: read as 0 */
} wp_number_form;

typedef struct wp_xid_setting {
    wp_xid xid;          /* the low 32 bits of the number */
    uint64_t number;     /* all of it */
    wp_number_form form; /* a leading 0 makes it octal, 0x hexadecimal */
    bool is_negative;
    const char *rest; /* what is ignored after the number; points into the text */
} wp_xid_setting;

/** Reads recovery_target_xid as servers do (strtoul, base 0). False: out of range, which is FATAL. */
WP_API bool wp_xid_setting_parse(const char *text, wp_xid_setting *out);

#ifdef __cplusplus
}
#endif
#endif
