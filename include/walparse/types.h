/*
 * types.h - the small values everything else is made of.
 *
 * Names are PostgreSQL's: LSN, transaction id, OID, timeline, relation file locator.
 * Distinct roles have distinct names; all of them are plain integers, so they print and compare.
 */
#ifndef WALPARSE_TYPES_H
#define WALPARSE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define WP_API __attribute__((visibility("default")))
#else
#define WP_API
#endif

typedef uint64_t wp_lsn; /* byte position in the WAL; 0 is never a valid record */
typedef uint32_t wp_xid; /* transaction id, 0 = none */
typedef uint32_t wp_oid; /* object id, 0 = none */
typedef uint32_t wp_tli; /* timeline id, 0 = none */
typedef int64_t wp_time; /* microseconds since 2000-01-01 00:00:00 UTC, as in commit records */

/* The value of a wp_time that is not known. */
#define WP_TIME_UNKNOWN INT64_MIN

/* A run of bytes owned by somebody else. */
typedef struct wp_view {
    const uint8_t *bytes;
    size_t len;
} wp_view;

/* Which file a block belongs to: tablespace, database (0 = shared), relfilenode. */
typedef struct wp_locator {
    wp_oid spc, db, rel;
} wp_locator;

/* PostgreSQL's NAMEDATALEN: names in catalogs are NUL-padded to this many bytes. */
#define WP_NAME_BYTES 64

/* Room for any text wp_lsn_format() writes, NUL included. */
#define WP_LSN_TEXT_BYTES 18
/* Room for any text wp_time_format() writes, NUL included. */
#define WP_TIME_TEXT_BYTES 40

/** Writes an LSN as PostgreSQL prints it ("16/B374D848") into buf and returns buf. */
WP_API char *wp_lsn_format(wp_lsn lsn, char buf[WP_LSN_TEXT_BYTES]);

/**
 * Reads "X/X" (1 to 8 hex digits each, leading zeros accepted, nothing around it).
 * Returns false and leaves *out alone when the text is anything else.
 */
WP_API bool wp_lsn_parse(const char *text, wp_lsn *out);

/**
 * Writes a time as ISO 8601 UTC with microseconds ("2026-11-22T10:48:05.074335Z").
 * A time outside the years 1 to 9999 (damaged input) is written as "unknown".
 */
WP_API char *wp_time_format(wp_time time, char buf[WP_TIME_TEXT_BYTES]);

/** The same moment as PostgreSQL's settings want it: "2026-11-22 10:48:05.074335+00". */
WP_API char *wp_time_format_setting(wp_time time, char buf[WP_TIME_TEXT_BYTES]);

/** Transaction ids wrap around: true when a is older than b (modulo 2^31, as the server compares). */
WP_API bool wp_xid_precedes(wp_xid a, wp_xid b);

#ifdef __cplusplus
}
#endif
#endif
