/*
 * rmgr.h - the resource managers and the record types this library learns from.
 *
 * Ids and names are PostgreSQL's (access/rmgrlist.h); they never change once given.
 */
#ifndef WALPARSE_RMGR_H
#define WALPARSE_RMGR_H

#include <walparse/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wp_rmgr {
    WP_RMGR_XLOG = 0,
    WP_RMGR_XACT = 1,
    WP_RMGR_SMGR = 2,
    WP_RMGR_CLOG = 3,
    WP_RMGR_DATABASE = 4,
    WP_RMGR_TABLESPACE = 5,
    WP_RMGR_MULTIXACT = 6,
    WP_RMGR_RELMAP = 7,
    WP_RMGR_STANDBY = 8,
    WP_RMGR_HEAP2 = 9,
    WP_RMGR_HEAP = 10,
    WP_RMGR_BTREE = 11,
    WP_RMGR_HASH = 12,
    WP_RMGR_GIN = 13,
    WP_RMGR_GIST = 14,
    WP_RMGR_SEQUENCE = 15,
    WP_RMGR_SPGIST = 16,
    WP_RMGR_BRIN = 17,
    WP_RMGR_COMMIT_TS = 18,
    WP_RMGR_REPLICATION_ORIGIN = 19,
    WP_RMGR_GENERIC = 20,
    WP_RMGR_LOGICAL_MESSAGE = 21,
    WP_RMGR_XLOG2 = 22,
    WP_RMGR_BUILTIN_MAX = WP_RMGR_XLOG2,
    WP_RMGR_CUSTOM_MIN = 128
} wp_rmgr;

/* Ids are one byte. */
#define WP_RMGR_COUNT 256
/* Room for any name wp_rmgr_name() writes, NUL included. */
#define WP_RMGR_NAME_BYTES 24

/** Name as pg_waldump prints it ("Transaction", "custom129"), written into buf; returns buf. */
WP_API const char *wp_rmgr_name(uint8_t rmid, char buf[WP_RMGR_NAME_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
