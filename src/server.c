/*
 * server.c - see server.h.
 *
 *   conninfo -> one session in the first database: major, system identifier, databases
 *            -> one session in each database: schemas, relations
 *
 * A query is sent and waited for with poll(), so that a server that stops answering is given up.
 */
#include "server.h"

#include "message.h"

#ifdef WITH_LIBPQ

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libpq.h"

#define CONNECT_SECONDS "5"
/* The server's own limit is below ours, so that mostly it is the one to end a query. */
#define STATEMENT_SECONDS 10
#define ANSWER_SECONDS 15

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

static const char session_sql[] =
    "SET default_transaction_read_only = on; SET statement_timeout = '" STRING(
        STATEMENT_SECONDS) "s'; SET lock_timeout = '2s'; SET search_path = pg_catalog";

static const char system_sql[] = "SELECT system_identifier FROM pg_catalog.pg_control_system()";

static const char databases_sql[] =
    "SELECT oid, datname, (datallowconn AND datconnlimit <> -2"
    " AND pg_catalog.has_database_privilege(oid, 'CONNECT')) FROM pg_catalog.pg_database"
    " ORDER BY oid LIMIT 100000";

static const char schemas_sql[] = "SELECT oid, nspname FROM pg_catalog.pg_namespace LIMIT 1000001";

static const char relations_sql[] =
    "SELECT oid, relnamespace, relfilenode, reltablespace, relkind, relname FROM pg_catalog.pg_class"
    " WHERE oid >= 16384 AND relpersistence <> 't' LIMIT 1000001";

static libpq pq;

typedef struct asker {
    PQconninfoOption *given; /* as the connection string says */
    const archive *wal;
    wp_known *known;
    size_t names;
    text_list *warnings;
    char *message;
} asker;

/* ---- the connection string ------------------------------------------------------------------ */

static const char *given_value(const asker *a, const char *keyword)
{
    for (const PQconninfoOption *o = a->given; o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0 && o->val != NULL && o->val[0] != '\0')
            return o->val;
    return NULL;
}

/* What libpq says about a string it cannot read would repeat parts of it. */
static bool read_conninfo(asker *a, const char *conninfo)
{
    char *why = NULL;
    a->given = pq.PQconninfoParse(conninfo, &why);
    pq.PQfreemem(why);
    const char *port = a->given != NULL ? given_value(a, "port") : NULL;
    if (a->given != NULL && (port == NULL || port[strspn(port, "0123456789, ")] == '\0'))
        return true;
    return message_fail(a->message,
                        "--dsn is no connection string: give words like \"host=db1 dbname=shop\" "
                        "or postgresql://user@db1/shop");
}

/* Length of a secret that begins here, 0: none does. */
static size_t secret_at(const asker *a, const char *at)
{
    const char *secrets[] = { given_value(a, "password"), given_value(a, "sslpassword") };
    size_t hidden = 0;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const size_t len = secrets[i] != NULL ? strlen(secrets[i]) : 0;
        if (len > hidden && strncmp(at, secrets[i], len) == 0)
            hidden = len;
    }
    return hidden;
}

/* In one line, with nothing in it that is secret. */
static void describe(const asker *a, const char *said, text *out)
{
    for (const char *at = said; *at != '\0';) {
        const size_t blanks = strspn(at, " \t\r\n");
        const size_t hidden = secret_at(a, at);
        if (hidden > 0) {
            text_add(out, "***");
            at += hidden;
        } else if (blanks > 0) {
            const bool is_inside = out->len > 0 && at[blanks] != '\0';
            text_add(out, !is_inside ? "" : memchr(at, '\n', blanks) != NULL ? "; " : " ");
            at += blanks;
        } else {
            text_add_bytes(out, at++, 1);
        }
    }
}

static bool fail_said(asker *a, const char *what, const char *said)
{
    text line = { 0 };
    describe(a, said, &line);
    (void)message_fail(a->message, "%s: %s", what, text_chars(&line));
    text_free(&line);
    return false;
}

/* ---- sessions ------------------------------------------------------------------------------- */

#define KEYWORDS_MAX 128

/* Where nobody names a database, libpq would take the user's name. */
static const char *default_database(const asker *a)
{
    const char *elsewhere[] = { given_value(a, "dbname"), getenv("PGDATABASE"),
                                given_value(a, "service"), getenv("PGSERVICE") };
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (elsewhere[i] != NULL && elsewhere[i][0] != '\0')
            return NULL;
    return "postgres";
}

/* database NULL: the one of the connection string. Never NULL but without memory. */
static PGconn *connect_to(const asker *a, const char *database)
{
    const char *keywords[KEYWORDS_MAX + 5], *values[KEYWORDS_MAX + 5];
    size_t n = 0;
    for (const PQconninfoOption *o = a->given; o->keyword != NULL && n < KEYWORDS_MAX; o++) {
        if (o->val == NULL)
            continue;
        keywords[n] = o->keyword;
        values[n++] = o->val;
    }
    /* Of two the last one counts. */
    if (database == NULL)
        database = default_database(a);
    if (database != NULL) {
        keywords[n] = "dbname";
        values[n++] = database;
    }
    if (given_value(a, "connect_timeout") == NULL && getenv("PGCONNECT_TIMEOUT") == NULL) {
        keywords[n] = "connect_timeout";
        values[n++] = CONNECT_SECONDS;
    }
    keywords[n] = "client_encoding"; /* names as they lie in the catalogs, like those of the WAL */
    values[n++] = "SQL_ASCII";
    keywords[n] = "fallback_application_name";
    values[n++] = "pitr-find";
    keywords[n] = values[n] = NULL;
    return pq.PQconnectdbParams(keywords, values, 0);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False: no answer in time, or the connection broke. */
static bool wait_for_answer(PGconn *session, int64_t deadline)
{
    int unsent;
    while ((unsent = pq.PQflush(session)) > 0 || (unsent == 0 && pq.PQisBusy(session))) {
        struct pollfd fd = { .fd = pq.PQsocket(session),
                             .events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN) };
        const int64_t left = deadline - now_ms();
        if (left <= 0 || (poll(&fd, 1, (int)left) < 0 && errno != EINTR))
            return false;
        if ((fd.revents & ~POLLOUT) != 0 && !pq.PQconsumeInput(session))
            return false;
    }
    return unsent == 0;
}

/* The last answer to one or more statements; NULL with a line in message. Free with PQclear(). */
static PGresult *ask(asker *a, PGconn *session, const char *sql)
{
    const int64_t deadline = now_ms() + ANSWER_SECONDS * INT64_C(1000);
    PGresult *last = NULL;
    bool is_good = pq.PQsendQuery(session, sql) == 1;
    bool is_in_time = true;
    while (is_good && (is_in_time = wait_for_answer(session, deadline))) {
        PGresult *next = pq.PQgetResult(session);
        if (next == NULL)
            break;
        pq.PQclear(last);
        last = next;
        const ExecStatusType status = pq.PQresultStatus(next);
        is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    }
    if (is_good && is_in_time && last != NULL)
        return last;
    if (is_good && !is_in_time && pq.PQstatus(session) == CONNECTION_OK)
        (void)message_fail(a->message, "the server of --dsn gives no answer in %d s",
                           ANSWER_SECONDS);
    else
        (void)fail_said(a, "the server of --dsn fails", pq.PQerrorMessage(session));
    pq.PQclear(last);
    return NULL;
}

/* A session that can only read; NULL with a line in message. */
static PGconn *open_session(asker *a, const char *database)
{
    PGconn *session = connect_to(a, database);
    if (session == NULL) {
        (void)message_no_memory(a->message);
        return NULL;
    }
    PGresult *set = NULL;
    if (pq.PQstatus(session) != CONNECTION_OK)
        (void)fail_said(a, "cannot connect to the server of --dsn", pq.PQerrorMessage(session));
    else if (pq.PQsetnonblocking(session, 1) != 0)
        (void)fail_said(a, "the server of --dsn fails", pq.PQerrorMessage(session));
    else
        set = ask(a, session, session_sql);
    if (set == NULL) {
        pq.PQfinish(session);
        return NULL;
    }
    pq.PQclear(set);
    return session;
}

/* ---- which server it is --------------------------------------------------------------------- */

static bool check_server(asker *a, PGconn *session)
{
    const wp_profile *wal = a->wal->info.profile;
    const wp_profile *server = wp_profile_by_server_version(pq.PQserverVersion(session));
    if (server != wal)
        return message_fail(a->message,
                            "the server of --dsn is PostgreSQL %s, and the WAL is of %s: give a "
                            "server of this cluster",
                            server != NULL ? server->major : "of another major", wal->major);
    if (!wal->has_control_functions)
        return message_fail(a->message,
                            "a server of PostgreSQL %s cannot tell which cluster it "
                            "is: --dsn needs a later one",
                            wal->major);
    PGresult *answer = ask(a, session, system_sql);
    if (answer == NULL)
        return false;
    const bool has_row = pq.PQntuples(answer) == 1 && pq.PQnfields(answer) == 1;
    const uint64_t system = has_row ? strtoull(pq.PQgetvalue(answer, 0, 0), NULL, 10) : 0;
    pq.PQclear(answer);
    if (system == a->wal->info.system_identifier)
        return true;
    return message_fail(a->message,
                        "the server of --dsn is of another cluster (system identifier %" PRIu64
                        ", the WAL has %" PRIu64 ")",
                        system, a->wal->info.system_identifier);
}

/* ---- names ---------------------------------------------------------------------------------- */

static wp_oid oid_at(const PGresult *answer, int row, int column)
{
    return (wp_oid)strtoul(pq.PQgetvalue(answer, row, column), NULL, 10);
}

/* Room for so many more names? */
static bool count_names(asker *a, int n)
{
    a->names += (size_t)n;
    return a->names <= SERVER_NAMES_MAX
           || message_fail(a->message,
                           "the server of --dsn has more than %d names: leave --dsn out",
                           SERVER_NAMES_MAX);
}

static bool is_added(asker *a, wp_status status, const wp_error *err)
{
    return status >= 0 || message_fail(a->message, "the server of --dsn: %s", err->text);
}

static bool add_schemas(asker *a, PGconn *session, wp_oid db)
{
    PGresult *answer = ask(a, session, schemas_sql);
    wp_error err;
    bool is_good = answer != NULL && count_names(a, pq.PQntuples(answer));
    for (int i = 0; is_good && i < pq.PQntuples(answer); i++)
        is_good = is_added(a,
                           wp_known_add_schema(a->known, db, oid_at(answer, i, 0),
                                               pq.PQgetvalue(answer, i, 1), &err),
                           &err);
    pq.PQclear(answer);
    return is_good;
}

static bool add_relations(asker *a, PGconn *session, wp_oid db)
{
    PGresult *answer = ask(a, session, relations_sql);
    wp_error err;
    bool is_good = answer != NULL && count_names(a, pq.PQntuples(answer));
    for (int i = 0; is_good && i < pq.PQntuples(answer); i++) {
        const wp_known_relation relation = { .db = db,
                                             .oid = oid_at(answer, i, 0),
                                             .schema = oid_at(answer, i, 1),
                                             .filenode = oid_at(answer, i, 2),
                                             .tablespace = oid_at(answer, i, 3),
                                             .relkind = pq.PQgetvalue(answer, i, 4)[0],
                                             .name = pq.PQgetvalue(answer, i, 5) };
        is_good = is_added(a, wp_known_add_relation(a->known, &relation, &err), &err);
    }
    pq.PQclear(answer);
    return is_good;
}

/* One database. A refusal is no reason to do without the others. */
static bool add_database(asker *a, wp_oid db, const char *name)
{
    PGconn *session = open_session(a, name);
    if (session == NULL) {
        text_list_addf(a->warnings, "no names from database %s: %s", name, a->message);
        return true;
    }
    const bool is_good = add_schemas(a, session, db) && add_relations(a, session, db);
    pq.PQfinish(session);
    return is_good;
}

static bool add_databases(asker *a, const PGresult *answer)
{
    wp_error err;
    if (!count_names(a, pq.PQntuples(answer)))
        return false;
    for (int i = 0; i < pq.PQntuples(answer); i++) {
        const wp_oid db = oid_at(answer, i, 0);
        const char *name = pq.PQgetvalue(answer, i, 1);
        if (!is_added(a, wp_known_add_database(a->known, db, name, &err), &err))
            return false;
        if (pq.PQgetvalue(answer, i, 2)[0] == 't' && !add_database(a, db, name))
            return false;
    }
    return true;
}

static bool ask_all(asker *a, const char *conninfo)
{
    wp_error err;
    if (wp_known_new(&a->known, &err) < 0)
        return message_no_memory(a->message);
    if (!read_conninfo(a, conninfo))
        return false;
    PGconn *session = open_session(a, NULL);
    if (session == NULL)
        return false;
    PGresult *databases = check_server(a, session) ? ask(a, session, databases_sql) : NULL;
    pq.PQfinish(session);
    const bool is_good = databases != NULL && add_databases(a, databases);
    pq.PQclear(databases);
    return is_good;
}

bool server_names(const char *conninfo, const archive *wal, wp_known **out, text_list *warnings,
                  char message[MESSAGE_BYTES])
{
    asker a = { .wal = wal, .warnings = warnings, .message = message };
    *out = NULL;
    if (!libpq_load(&pq, message))
        return false;
    const bool is_good = ask_all(&a, conninfo);
    pq.PQconninfoFree(a.given);
    *out = a.known;
    return is_good;
}

#else

bool server_names(const char *conninfo, const archive *wal, wp_known **out, text_list *warnings,
                  char message[MESSAGE_BYTES])
{
    (void)conninfo;
    (void)wal;
    (void)warnings;
    *out = NULL;
    return message_fail(
        message, "this pitr-find was built without --dsn: install libpq-dev and build it again");
}

#endif
