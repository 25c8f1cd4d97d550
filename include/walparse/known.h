/*
 * known.h - names from elsewhere: what a server says its objects are called.
 *
 * They are the names of the moment somebody asked, and the WAL is older. So a reducer falls back on them
 * only where neither the WAL nor a base backup has a name.
 */
#ifndef WALPARSE_KNOWN_H
#define WALPARSE_KNOWN_H

#include <walparse/status.h>
#include <walparse/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wp_known wp_known;

/* A relation, as pg_class has it. */
typedef struct wp_known_relation {
    wp_oid db, oid, schema;
    wp_oid filenode, tablespace; /* filenode 0: it has no file; tablespace 0: the database's own */
    char relkind;
    const char *name; /* copied */
} wp_known_relation;

/** An empty collection; free it with wp_known_free(). WP_ERR_NOMEM. */
WP_API wp_status wp_known_new(wp_known **out, wp_error *err);

/** Adds a name; of two for one object the last counts. WP_ERR_NOMEM, WP_ERR_USAGE: the name is too long. */
WP_API wp_status wp_known_add_relation(wp_known *known, const wp_known_relation *relation,
                                       wp_error *err);
WP_API wp_status wp_known_add_schema(wp_known *known, wp_oid db, wp_oid oid, const char *name,
                                     wp_error *err);
WP_API wp_status wp_known_add_database(wp_known *known, wp_oid oid, const char *name,
                                       wp_error *err);

/** NULL is fine. */
WP_API void wp_known_free(wp_known *known);

#ifdef __cplusplus
}
#endif
#endif
