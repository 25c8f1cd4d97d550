/*
 * external_names.h - names from outside the WAL: what a server says its objects are called.
 *
 * They are the names of the moment somebody asked, and the WAL is older. So a reducer falls back on them
 * only where neither the WAL nor a base backup has a name.
 */
#ifndef WALPARSE_EXTERNAL_NAMES_H
#define WALPARSE_EXTERNAL_NAMES_H

#include <walparse/status.h>
#include <walparse/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wp_external_names wp_external_names;

#define WP_EXTERNAL_FILES_MAX 1000000

/* A relation, as pg_class has it. */
typedef struct wp_external_relation {
    wp_oid db, oid, schema;
    wp_oid filenode, tablespace; /* filenode 0: it has no file; tablespace 0: the database's own */
    char relkind;
    const char *name; /* copied */
} wp_external_relation;

/** An empty collection; free it with wp_external_names_free(). WP_ERR_NOMEM. */
WP_API wp_status wp_external_names_new(wp_external_names **out, wp_error *err);

/** Adds a name; of two for one object the last counts. WP_ERR_NOMEM, WP_ERR_USAGE: the name is too long. */
WP_API wp_status wp_external_names_add_relation(wp_external_names *names,
                                                const wp_external_relation *relation,
                                                wp_error *err);
WP_API wp_status wp_external_names_add_schema(wp_external_names *names, wp_oid db, wp_oid oid,
                                              const char *name, wp_error *err);
WP_API wp_status wp_external_names_add_database(wp_external_names *names, wp_oid oid,
                                                const char *name, wp_error *err);

/**
 * Adds the file that a catalog of a database (0: shared) lies in now. Only a live reducer asks for it (wp_reducer_config.is_live).
 * WP_ERR_NOMEM; WP_ERR_LIMIT: there are WP_EXTERNAL_FILES_MAX of them.
 */
WP_API wp_status wp_external_names_add_catalog_file(wp_external_names *names, wp_oid db,
                                                    wp_oid filenode, wp_oid catalog, wp_error *err);

/** Adds all names of another collection, but of objects that this one has already. from may be NULL. WP_ERR_NOMEM. */
WP_API wp_status wp_external_names_add_all(wp_external_names *names, const wp_external_names *from,
                                           wp_error *err);

/**
 * Writes all names, which may be NULL: none. write: false ends it (WP_ERR_LIMIT). The other one adds them from the beginning of
 * saved, which it moves on. WP_ERR_VERSION: another version of this library has written it; WP_ERR_DAMAGE, WP_ERR_NOMEM.
 */
WP_API wp_status wp_external_names_save(const wp_external_names *names,
                                        bool (*write)(void *context, const void *bytes, size_t n),
                                        void *context, wp_error *err);
WP_API wp_status wp_external_names_load(wp_external_names *names, wp_view *saved, wp_error *err);

/** NULL is fine. */
WP_API void wp_external_names_free(wp_external_names *names);

#ifdef __cplusplus
}
#endif
#endif
