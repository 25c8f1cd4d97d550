/*
 * names.c - see names.h.
 *
 *   conninfo -> one session in the first database: major, system identifier, databases
 *            -> one session in each database: schemas, relations
 *
 * Rows are taken one by one, and counted, so that no answer fills the memory.
 */
#include "server/names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "server/session.h"

static const char system_sql[] = "SELECT system_identifier FROM pg_catalog.pg_control_system()";

static const char databases_sql[] =
    "SELECT oid, datname, (datallowconn AND datconnlimit <> -2"
    " AND pg_catalog.has_database_privilege(oid, 'CONNECT')) FROM pg_catalog.pg_database"
    " ORDER BY oid LIMIT 100000";

static const char schemas_sql[] = "SELECT oid, nspname FROM pg_catalog.pg_namespace LIMIT 1000001";

static const char relations_sql[] =
    "SELECT oid, relnamespace, relfilenode, reltablespace, relkind, relname FROM pg_catalog.pg_class"
    " WHERE oid >= 16384 AND relpersistence <> 't' LIMIT 1000001";

/* Those that VACUUM FULL or CLUSTER gave another file. */
static const char catalog_files_sql[] =
    "SELECT oid, pg_catalog.pg_relation_filenode(oid), relisshared FROM pg_catalog.pg_class"
    " WHERE oid < 16384 AND relkind = 'r' AND pg_catalog.pg_relation_filenode(oid) <> oid"
    " LIMIT 10000";

typedef struct asker {
    const char *conninfo;
    const wp_profile *profile; /* of the WAL; NULL: not known */
    uint64_t system_identifier;
    wp_external_names *external_names;
    size_t names, bytes;
    text_list *warnings;
    text_list notices; /* in all sessions */
    char *message;
} asker;

/* database NULL: the one of the connection string. NULL with a line in message. */
static session *open_session(asker *a, const char *database)
{
    const session_config config = { .conninfo = a->conninfo,
                                    .option = "--dsn",
                                    .server = "the server of --dsn",
                                    .database = database,
                                    .notices = &a->notices };
    session *s;
    return session_open(&config, &s, a->message) ? s : NULL;
}

/* Room for one row more? */
static bool count_row(asker *a, const session_row *row, char message[MESSAGE_BYTES])
{
    a->names++;
    for (int i = 0; i < session_columns(row); i++)
        a->bytes += (size_t)session_length(row, i);
    return (a->names <= SERVER_NAMES_MAX && a->bytes <= SERVER_BYTES_MAX)
           || message_fail(message,
                           "the server of --dsn has more than %d names, or %d MB of them: leave "
                           "--dsn out",
                           SERVER_NAMES_MAX, (int)(SERVER_BYTES_MAX >> 20));
}

static const char *value_at(const session_row *row, int column)
{
    const char *value = session_value(row, column);
    return value != NULL ? value : "";
}

static wp_oid oid_at(const session_row *row, int column)
{
    return (wp_oid)strtoul(value_at(row, column), NULL, 10);
}

/* ---- which server it is --------------------------------------------------------------------- */

static bool take_system(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    (void)message;
    *(uint64_t *)context = strtoull(value_at(row, 0), NULL, 10);
    return true;
}

static bool check_server(asker *a, session *s)
{
    const wp_profile *server = wp_profile_by_server_version(session_server_version(s));
    if (server == NULL || (a->profile != NULL && server != a->profile))
        return message_fail(a->message,
                            "the server of --dsn is PostgreSQL %s, and the WAL is of %s: give a "
                            "server of this cluster",
                            server != NULL ? server->major : "of another major",
                            a->profile != NULL ? a->profile->major : "9.5 to 19");
    if (!server->has_control_functions)
        return message_fail(a->message,
                            "a server of PostgreSQL %s cannot tell which cluster it "
                            "is: --dsn needs a later one",
                            server->major);
    uint64_t system = 0;
    if (!session_ask(s, system_sql, take_system, &system, a->message))
        return false;
    if (system == a->system_identifier)
        return true;
    return message_fail(a->message,
                        "the server of --dsn is of another cluster (system identifier %" PRIu64
                        ", the WAL has %" PRIu64 ")",
                        system, a->system_identifier);
}

/* ---- names ---------------------------------------------------------------------------------- */

/* Of one database. */
typedef struct asked {
    asker *asker;
    wp_oid db;
} asked;

static bool is_added(wp_status status, const wp_error *err, char message[MESSAGE_BYTES])
{
    return status >= 0 || message_fail(message, "the server of --dsn: %s", err->text);
}

static bool take_schema(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    const asked *of = context;
    wp_error err;
    return count_row(of->asker, row, message)
           && is_added(wp_external_names_add_schema(of->asker->external_names, of->db,
                                                    oid_at(row, 0), value_at(row, 1), &err),
                       &err, message);
}

static bool take_relation(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    const asked *of = context;
    wp_error err;
    const wp_external_relation relation = { .db = of->db,
                                            .oid = oid_at(row, 0),
                                            .schema = oid_at(row, 1),
                                            .filenode = oid_at(row, 2),
                                            .tablespace = oid_at(row, 3),
                                            .relkind = value_at(row, 4)[0],
                                            .name = value_at(row, 5) };
    return count_row(of->asker, row, message)
           && is_added(wp_external_names_add_relation(of->asker->external_names, &relation, &err),
                       &err, message);
}

static bool take_catalog_file(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    const asked *of = context;
    wp_error err;
    const bool is_shared = value_at(row, 2)[0] == 't';
    return is_added(wp_external_names_add_catalog_file(of->asker->external_names,
                                                       is_shared ? 0 : of->db, oid_at(row, 1),
                                                       oid_at(row, 0), &err),
                    &err, message);
}

typedef struct database {
    wp_oid oid;
    char *name;
    bool is_open; /* to us */
} database;

typedef struct database_list {
    asker *asker;
    database *items;
    size_t count, room;
} database_list;

static bool take_database(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    database_list *list = context;
    wp_error err;
    if (!count_row(list->asker, row, message))
        return false;
    database *one = GROW(list->items, list->count, list->room);
    if (one == NULL)
        return message_no_memory(message);
    *one = (database){ oid_at(row, 0), strdup(value_at(row, 1)), value_at(row, 2)[0] == 't' };
    if (one->name == NULL)
        return message_no_memory(message);
    return is_added(
        wp_external_names_add_database(list->asker->external_names, one->oid, one->name, &err),
        &err, message);
}

/* One database. A refusal is no reason to do without the others. */
static bool ask_database(asker *a, const database *db)
{
    session *s = open_session(a, db->name);
    if (s == NULL) {
        text_list_addf(a->warnings, "no names from database %s: %s", db->name, a->message);
        return true;
    }
    asked of = { a, db->oid };
    const bool is_good = session_ask(s, schemas_sql, take_schema, &of, a->message)
                         && session_ask(s, relations_sql, take_relation, &of, a->message);
    /* Who may not ask that can do without: a stream says which catalogs it misses. */
    if (is_good)
        (void)session_ask(s, catalog_files_sql, take_catalog_file, &of, a->message);
    session_close(s);
    return is_good;
}

static bool ask_databases(asker *a)
{
    database_list list = { .asker = a };
    session *s = open_session(a, NULL);
    if (s == NULL)
        return false;
    bool is_good =
        check_server(a, s) && session_ask(s, databases_sql, take_database, &list, a->message);
    session_close(s);
    for (size_t i = 0; i < list.count; i++) {
        is_good = is_good && (!list.items[i].is_open || ask_database(a, &list.items[i]));
        free(list.items[i].name);
    }
    free(list.items);
    return is_good;
}

bool server_names(const char *conninfo, const wp_profile *profile, uint64_t system_identifier,
                  wp_external_names **out, text_list *warnings, char message[MESSAGE_BYTES])
{
    asker a = { .conninfo = conninfo,
                .profile = profile,
                .system_identifier = system_identifier,
                .warnings = warnings,
                .message = message };
    wp_error err;
    *out = NULL;
    if (!session_is_possible("--dsn", message))
        return false;
    if (wp_external_names_new(&a.external_names, &err) < 0)
        return message_no_memory(message);
    *out = a.external_names;
    const bool is_good = ask_databases(&a);
    for (size_t i = 0; i < a.notices.count; i++)
        text_list_addf(warnings, "%s", a.notices.items[i]);
    text_list_free(&a.notices);
    return is_good;
}
