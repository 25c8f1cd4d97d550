/*
 * server.c - see server.h.
 *
 *   conninfo -> one session in the first database: major, system identifier, databases
 *            -> one session in each database: schemas, relations
 *
 * A query is sent and waited for with poll(), so that a server that stops answering is given up. Rows are taken one by
 * one, and counted, so that no answer fills the memory.
 */
#include "backup/server.h"

#include "base/message.h"

#ifdef WITH_LIBPQ

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/grow.h"
#include "backup/libpq.h"

#define CONNECT_SECONDS 5
/* The server's own limit is below ours, so that mostly it is the one to end a query. */
#define STATEMENT_SECONDS 10
#define ANSWER_SECONDS 15
/* A server that talks more is not listened to. */
#define NOTICES_MAX 5

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
    wp_external_names *external_names;
    size_t names, bytes;
    unsigned notices;
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
    return message_fail(
        a->message, "--dsn is not a connection string: give words like \"host=db1 dbname=shop\" "
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

/* A notice of the server: a warning like others, not written to the terminal as it comes. */
static void take_notice(void *arg, const char *said)
{
    asker *a = arg;
    if (a->notices++ >= NOTICES_MAX)
        return;
    text line = { 0 };
    describe(a, said, &line);
    text_list_addf(a->warnings, "the server of --dsn says: %.*s", MESSAGE_BYTES, text_chars(&line));
    text_free(&line);
}

/* ---- sessions ------------------------------------------------------------------------------- */

#define KEYWORDS_MAX 128

/* Where nobody names a database, libpq would take the user's name. */
static const char *default_database(const asker *a)
{
    const char *other_timelines[] = { given_value(a, "dbname"), getenv("PGDATABASE"),
                                      given_value(a, "service"), getenv("PGSERVICE") };
    for (size_t i = 0; i < sizeof other_timelines / sizeof *other_timelines; i++)
        if (other_timelines[i] != NULL && other_timelines[i][0] != '\0')
            return NULL;
    return "postgres";
}

/* Begins to connect. database NULL: the one of the connection string. Never NULL but without memory. */
static PGconn *start_connecting(const asker *a, const char *database)
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
    keywords[n] = "client_encoding"; /* names as they lie in the catalogs, like those of the WAL */
    values[n++] = "SQL_ASCII";
    keywords[n] = "fallback_application_name";
    values[n++] = "pitr-find";
    keywords[n] = values[n] = NULL;
    return pq.PQconnectStartParams(keywords, values, 0);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* As libpq reads it: 0 and less is for ever. */
static int64_t connect_ms(const asker *a)
{
    const char *given = given_value(a, "connect_timeout");
    if (given == NULL)
        given = getenv("PGCONNECT_TIMEOUT");
    const long seconds = given != NULL ? strtol(given, NULL, 10) : CONNECT_SECONDS;
    return seconds > 0 && seconds < INT32_MAX ? seconds * INT64_C(1000) : INT64_C(86400000);
}

/* Waits until the connection is made. False with a line in message. */
static bool finish_connecting(asker *a, PGconn *session)
{
    static const char failure[] = "cannot connect to the server of --dsn";
    const int64_t deadline = now_ms() + connect_ms(a);
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    if (pq.PQstatus(session) == CONNECTION_BAD)
        state = PGRES_POLLING_FAILED;
    while (state == PGRES_POLLING_WRITING || state == PGRES_POLLING_READING) {
        struct pollfd fd = { .fd = pq.PQsocket(session),
                             .events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT };
        const int64_t left = deadline - now_ms();
        const int n = left > 0 ? poll(&fd, 1, (int)left) : 0;
        if (n == 0)
            return message_fail(a->message, "%s: timeout expired", failure);
        if (n > 0)
            state = pq.PQconnectPoll(session);
        else if (errno != EINTR)
            return message_fail(a->message, "%s: %s", failure, strerror(errno));
    }
    return state == PGRES_POLLING_OK || fail_said(a, failure, pq.PQerrorMessage(session));
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

/* Takes one row of an answer. False with a line in message. */
typedef bool take_row(asker *a, const PGresult *row, void *to);

/* Room for one row more? */
static bool count_row(asker *a, const PGresult *row)
{
    a->names++;
    for (int i = 0; i < pq.PQnfields(row); i++)
        a->bytes += (size_t)pq.PQgetlength(row, 0, i);
    return (a->names <= SERVER_NAMES_MAX && a->bytes <= SERVER_BYTES_MAX)
           || message_fail(a->message,
                           "the server of --dsn has more than %d names, or %d MB of them: leave "
                           "--dsn out",
                           SERVER_NAMES_MAX, (int)(SERVER_BYTES_MAX >> 20));
}

typedef enum answer_state { ANSWER_MORE, ANSWER_END, ANSWER_REFUSED, ANSWER_FAILED } answer_state;

/* The next result of a query, once it is there: a row, or the end of a statement. */
static answer_state take_result(asker *a, PGconn *session, take_row *take, void *to)
{
    PGresult *result = pq.PQgetResult(session);
    if (result == NULL)
        return ANSWER_END;
    const ExecStatusType status = pq.PQresultStatus(result);
    answer_state state = ANSWER_MORE;
    if (status == PGRES_SINGLE_TUPLE)
        state = count_row(a, result) && take(a, result, to) ? ANSWER_MORE : ANSWER_REFUSED;
    else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        state = ANSWER_FAILED;
    pq.PQclear(result);
    return state;
}

/* Asks, and hands over each row of the answer; without `take` there are no rows. False with a line in message. */
static bool ask(asker *a, PGconn *session, const char *sql, take_row *take, void *to)
{
    const int64_t deadline = now_ms() + ANSWER_SECONDS * INT64_C(1000);
    bool is_in_time = true;
    answer_state state = ANSWER_FAILED;
    if (pq.PQsendQuery(session, sql) == 1 && (take == NULL || pq.PQsetSingleRowMode(session) == 1))
        state = ANSWER_MORE;
    while (state == ANSWER_MORE && (is_in_time = wait_for_answer(session, deadline)))
        state = take_result(a, session, take, to);
    if (state == ANSWER_END || state == ANSWER_REFUSED)
        return state == ANSWER_END;
    if (!is_in_time && pq.PQstatus(session) == CONNECTION_OK)
        return message_fail(a->message, "the server of --dsn gives no answer in %d s",
                            ANSWER_SECONDS);
    return fail_said(a, "the server of --dsn fails", pq.PQerrorMessage(session));
}

/* A session that can only read; NULL with a line in message. */
static PGconn *open_session(asker *a, const char *database)
{
    PGconn *session = start_connecting(a, database);
    if (session == NULL) {
        (void)message_no_memory(a->message);
        return NULL;
    }
    pq.PQsetNoticeProcessor(session, take_notice, a);
    if (finish_connecting(a, session)
        && (pq.PQsetnonblocking(session, 1) == 0
            || fail_said(a, "the server of --dsn fails", pq.PQerrorMessage(session)))
        && ask(a, session, session_sql, NULL, NULL))
        return session;
    pq.PQfinish(session);
    return NULL;
}

/* ---- which server it is --------------------------------------------------------------------- */

static bool take_system(asker *a, const PGresult *row, void *to)
{
    (void)a;
    *(uint64_t *)to = strtoull(pq.PQgetvalue(row, 0, 0), NULL, 10);
    return true;
}

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
    uint64_t system = 0;
    if (!ask(a, session, system_sql, take_system, &system))
        return false;
    if (system == a->wal->info.system_identifier)
        return true;
    return message_fail(a->message,
                        "the server of --dsn is of another cluster (system identifier %" PRIu64
                        ", the WAL has %" PRIu64 ")",
                        system, a->wal->info.system_identifier);
}

/* ---- names ---------------------------------------------------------------------------------- */

static wp_oid oid_at(const PGresult *row, int column)
{
    return (wp_oid)strtoul(pq.PQgetvalue(row, 0, column), NULL, 10);
}

static bool is_added(asker *a, wp_status status, const wp_error *err)
{
    return status >= 0 || message_fail(a->message, "the server of --dsn: %s", err->text);
}

static bool take_schema(asker *a, const PGresult *row, void *to)
{
    const wp_oid *db = to;
    wp_error err;
    return is_added(a,
                    wp_external_names_add_schema(a->external_names, *db, oid_at(row, 0),
                                                 pq.PQgetvalue(row, 0, 1), &err),
                    &err);
}

static bool take_relation(asker *a, const PGresult *row, void *to)
{
    const wp_oid *db = to;
    wp_error err;
    const wp_external_relation relation = { .db = *db,
                                            .oid = oid_at(row, 0),
                                            .schema = oid_at(row, 1),
                                            .filenode = oid_at(row, 2),
                                            .tablespace = oid_at(row, 3),
                                            .relkind = pq.PQgetvalue(row, 0, 4)[0],
                                            .name = pq.PQgetvalue(row, 0, 5) };
    return is_added(a, wp_external_names_add_relation(a->external_names, &relation, &err), &err);
}

typedef struct database {
    wp_oid oid;
    char *name;
    bool is_open; /* to us */
} database;

typedef struct database_list {
    database *items;
    size_t count, room;
} database_list;

static bool take_database(asker *a, const PGresult *row, void *to)
{
    database_list *list = to;
    wp_error err;
    database *one = GROW(list->items, list->count, list->room);
    if (one == NULL)
        return message_no_memory(a->message);
    *one = (database){ oid_at(row, 0), strdup(pq.PQgetvalue(row, 0, 1)),
                       pq.PQgetvalue(row, 0, 2)[0] == 't' };
    if (one->name == NULL)
        return message_no_memory(a->message);
    return is_added(a, wp_external_names_add_database(a->external_names, one->oid, one->name, &err),
                    &err);
}

/* One database. A refusal is no reason to do without the others. */
static bool ask_database(asker *a, database *db)
{
    PGconn *session = open_session(a, db->name);
    if (session == NULL) {
        text_list_addf(a->warnings, "no names from database %s: %s", db->name, a->message);
        return true;
    }
    const bool is_good = ask(a, session, schemas_sql, take_schema, &db->oid)
                         && ask(a, session, relations_sql, take_relation, &db->oid);
    pq.PQfinish(session);
    return is_good;
}

static bool ask_databases(asker *a)
{
    database_list list = { 0 };
    PGconn *session = open_session(a, NULL);
    if (session == NULL)
        return false;
    bool is_good = check_server(a, session) && ask(a, session, databases_sql, take_database, &list);
    pq.PQfinish(session);
    for (size_t i = 0; i < list.count; i++) {
        is_good = is_good && (!list.items[i].is_open || ask_database(a, &list.items[i]));
        free(list.items[i].name);
    }
    free(list.items);
    return is_good;
}

static bool ask_all(asker *a, const char *conninfo)
{
    wp_error err;
    if (wp_external_names_new(&a->external_names, &err) < 0)
        return message_no_memory(a->message);
    return read_conninfo(a, conninfo) && ask_databases(a);
}

bool server_names(const char *conninfo, const archive *wal, wp_external_names **out,
                  text_list *warnings, char message[MESSAGE_BYTES])
{
    asker a = { .wal = wal, .warnings = warnings, .message = message };
    *out = NULL;
    if (!libpq_load(&pq, message))
        return false;
    const bool is_good = ask_all(&a, conninfo);
    pq.PQconninfoFree(a.given);
    *out = a.external_names;
    return is_good;
}

#else

bool server_names(const char *conninfo, const archive *wal, wp_external_names **out,
                  text_list *warnings, char message[MESSAGE_BYTES])
{
    (void)conninfo;
    (void)wal;
    (void)warnings;
    *out = NULL;
    return message_fail(
        message, "this pitr-find was built without --dsn: install libpq-dev and build it again");
}

#endif
