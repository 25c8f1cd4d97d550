/* session.c - see session.h. */
#include "server/session.h"

#include "base/message.h"

#ifdef WITH_LIBPQ

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

#define LIMITS_SQL                      \
    "SET statement_timeout = '" STRING( \
        SESSION_STATEMENT_SECONDS) "s'; SET lock_timeout = '2s'; SET search_path = pg_catalog"

static const char read_only_sql[] = "SET default_transaction_read_only = on; " LIMITS_SQL;
static const char writing_sql[] = LIMITS_SQL;

static libpq pq;

/* With the NUL. */
#define SQLSTATE_BYTES 6

struct session {
    session_config config;
    PQconninfoOption *given; /* as the connection string says */
    PGconn *connection;
    int64_t deadline; /* of connecting */
    PostgresPollingStatusType polling;
    char sqlstate[SQLSTATE_BYTES];
};

struct session_row {
    const PGresult *result;
};

/* ---- the connection string ------------------------------------------------------------------ */

static const char *given_value(const session *s, const char *keyword)
{
    for (const PQconninfoOption *o = s->given; o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0 && o->val != NULL && o->val[0] != '\0')
            return o->val;
    return NULL;
}

/* "postgresql://user:pass@word@db1/": libpq takes the host to be "word@db1", and tells it when it finds none of that name. */
static bool has_secret_in_host(const session *s)
{
    const char *host = given_value(s, "host");
    return strncasecmp(s->config.conninfo, "postgres", strlen("postgres")) == 0 && host != NULL
           && host[0] != '/' && host[0] != '@' && strchr(host, '@') != NULL;
}

/* What libpq says about a string it cannot read would repeat parts of it. */
static bool read_conninfo(session *s, char message[MESSAGE_BYTES])
{
    char *why = NULL;
    s->given = pq.PQconninfoParse(s->config.conninfo, &why);
    pq.PQfreemem(why);
    const char *port = s->given != NULL ? given_value(s, "port") : NULL;
    if (s->given != NULL && has_secret_in_host(s))
        return message_fail(message,
                            "%s has an @ in the name of its host: write one in a password as %%40",
                            s->config.option);
    if (s->given != NULL && (port == NULL || port[strspn(port, "0123456789, ")] == '\0'))
        return true;
    return message_fail(message,
                        "%s is not a connection string: give words like \"host=db1 dbname=shop\" "
                        "or postgresql://user@db1/shop",
                        s->config.option);
}

/* Length of a secret that begins here, 0: none does. */
static size_t secret_at(const session *s, const char *at)
{
    const char *secrets[] = { given_value(s, "password"), given_value(s, "sslpassword") };
    size_t hidden = 0;
    for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++) {
        const size_t len = secrets[i] != NULL ? strlen(secrets[i]) : 0;
        if (len > hidden && strncmp(at, secrets[i], len) == 0)
            hidden = len;
    }
    return hidden;
}

/* In one line, with nothing in it that is secret. */
static void describe(const session *s, const char *said, text *out)
{
    for (const char *at = said; *at != '\0';) {
        const size_t blanks = strspn(at, " \t\r\n");
        const size_t hidden = secret_at(s, at);
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

bool session_fail_said(const session *s, const char *what, const char *said,
                       char message[MESSAGE_BYTES])
{
    text line = { 0 };
    describe(s, said, &line);
    (void)message_fail(message, "%s: %s", what, text_chars(&line));
    text_free(&line);
    return false;
}

static bool fail_server(const session *s, const char *does, const char *said,
                        char message[MESSAGE_BYTES])
{
    text what = { 0 };
    text_addf(&what, "%s %s", s->config.server, does);
    (void)session_fail_said(s, text_chars(&what), said, message);
    text_free(&what);
    return false;
}

/* The SQLSTATE in a line "FATAL:  28P01: password ...", NULL: there is none. */
static const char *find_sqlstate(const char *line, size_t len)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const size_t state = SQLSTATE_BYTES - 1;
    for (size_t i = 0; i + 3 + state + 2 <= len; i++)
        if (memcmp(line + i, ":  ", 3) == 0 && strspn(line + i + 3, digits) == state
            && memcmp(line + i + 3 + state, ": ", 2) == 0)
            return line + i + 3;
    return NULL;
}

/*
 * Until a connection is made there is no result with an SQLSTATE: only errors in all words have it. It is taken out, as is the
 * place in the server's source.
 */
static void take_sqlstate(const char *said, text *plain, char out[SQLSTATE_BYTES])
{
    while (*said != '\0') {
        const size_t len = strcspn(said, "\n");
        const size_t next = len + (said[len] != '\0');
        const char *state = find_sqlstate(said, len);
        if (state != NULL) {
            memcpy(out, state, SQLSTATE_BYTES - 1);
            text_add_bytes(plain, said, (size_t)(state - said));
            state += SQLSTATE_BYTES + 1;
            text_add_bytes(plain, state, (size_t)(said + next - state));
        } else if (strncmp(said, "LOCATION:", 9) != 0) {
            text_add_bytes(plain, said, next);
        }
        said += next;
    }
}

/* A notice of the server: a warning like others, not written to the terminal as it comes. */
static void take_notice(void *arg, const char *said)
{
    const session *s = arg;
    if (s->config.notices == NULL || s->config.notices->count >= SESSION_NOTICES_MAX)
        return;
    text plain = { 0 }, line = { 0 };
    char sqlstate[SQLSTATE_BYTES];
    if (s->polling == PGRES_POLLING_OK)
        text_add(&plain, said);
    else
        take_sqlstate(said, &plain, sqlstate);
    describe(s, text_chars(&plain), &line);
    text_list_addf(s->config.notices, "%s says: %.*s", s->config.server, MESSAGE_BYTES,
                   text_chars(&line));
    text_free(&line);
    text_free(&plain);
}

/* ---- connecting ----------------------------------------------------------------------------- */

#define KEYWORDS_MAX 128

/* Where nobody names a database, libpq would take the user's name. */
static const char *default_database(const session *s)
{
    const char *named[] = { given_value(s, "dbname"), getenv("PGDATABASE"),
                            given_value(s, "service"), getenv("PGSERVICE") };
    for (size_t i = 0; i < sizeof named / sizeof *named; i++)
        if (named[i] != NULL && named[i][0] != '\0')
            return NULL;
    return s->config.is_replication ? "replication" : "postgres";
}

/* Begins to connect. NULL: out of memory. */
static PGconn *start_connecting(const session *s)
{
    const char *keywords[KEYWORDS_MAX + 6], *values[KEYWORDS_MAX + 6];
    size_t n = 0;
    for (const PQconninfoOption *o = s->given; o->keyword != NULL && n < KEYWORDS_MAX; o++) {
        if (o->val == NULL)
            continue;
        keywords[n] = o->keyword;
        values[n++] = o->val;
    }
    /* Of two the last one counts. */
    const char *database = s->config.database != NULL ? s->config.database : default_database(s);
    if (database != NULL) {
        keywords[n] = "dbname";
        values[n++] = database;
    }
    if (s->config.is_replication) {
        keywords[n] = "replication";
        values[n++] = "true";
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
static int64_t connect_ms(const session *s)
{
    const char *given = given_value(s, "connect_timeout");
    if (given == NULL)
        given = getenv("PGCONNECT_TIMEOUT");
    const long seconds = given != NULL ? strtol(given, NULL, 10) : SESSION_CONNECT_SECONDS;
    return seconds > 0 && seconds < INT32_MAX ? seconds * INT64_C(1000) : INT64_C(86400000);
}

/* Loaded once: sessions of other threads use it. */
bool session_is_possible(const char *option, char message[MESSAGE_BYTES])
{
    static bool is_loaded;
    is_loaded = is_loaded || libpq_load(&pq, option, message);
    return is_loaded;
}

bool session_start(const session_config *config, session **out, char message[MESSAGE_BYTES])
{
    *out = NULL;
    if (!session_is_possible(config->option, message))
        return false;
    session *s = calloc(1, sizeof *s);
    if (s == NULL)
        return message_no_memory(message);
    *out = s;
    s->config = *config;
    if (!read_conninfo(s, message))
        return false;
    s->connection = start_connecting(s);
    if (s->connection == NULL)
        return message_no_memory(message);
    pq.PQsetNoticeProcessor(s->connection, take_notice, s);
    (void)pq.PQsetErrorVerbosity(s->connection, PQERRORS_VERBOSE); /* until it is connected */
    s->deadline = now_ms() + connect_ms(s);
    s->polling =
        pq.PQstatus(s->connection) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
    return true;
}

static session_state fail_connecting(session *s, const char *said, char message[MESSAGE_BYTES])
{
    text what = { 0 }, plain = { 0 };
    take_sqlstate(said, &plain, s->sqlstate);
    text_addf(&what, "cannot connect to %s", s->config.server);
    (void)session_fail_said(s, text_chars(&what), text_chars(&plain), message);
    text_free(&what);
    text_free(&plain);
    return SESSION_FAILED;
}

/* The connection is made: what each session begins with. */
static session_state make_settings(session *s, char message[MESSAGE_BYTES])
{
    (void)pq.PQsetErrorVerbosity(s->connection, PQERRORS_DEFAULT);
    if (pq.PQsetnonblocking(s->connection, 1) != 0) {
        (void)fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
        return SESSION_FAILED;
    }
    const bool is_good =
        s->config.is_replication
        || session_ask(s, s->config.may_write ? writing_sql : read_only_sql, NULL, NULL, message);
    return is_good ? SESSION_READY : SESSION_FAILED;
}

session_state session_connect(session *s, int timeout_ms, char message[MESSAGE_BYTES])
{
    const int64_t until = now_ms() + timeout_ms;
    while (s->polling == PGRES_POLLING_WRITING || s->polling == PGRES_POLLING_READING) {
        struct pollfd fd = { .fd = pq.PQsocket(s->connection),
                             .events = s->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT };
        const int64_t now = now_ms();
        if (now >= s->deadline)
            return fail_connecting(s, "timeout expired", message);
        int64_t left = until < s->deadline ? until - now : s->deadline - now;
        left = left > 0 ? left : 0;
        const int n = poll(&fd, 1, (int)left);
        if (n == 0 && now_ms() >= until && until < s->deadline)
            return SESSION_WAITING;
        if (n > 0)
            s->polling = pq.PQconnectPoll(s->connection);
        else if (n < 0 && errno != EINTR)
            return fail_connecting(s, strerror(errno), message);
    }
    return s->polling == PGRES_POLLING_OK
               ? make_settings(s, message)
               : fail_connecting(s, pq.PQerrorMessage(s->connection), message);
}

bool session_open(const session_config *config, session **out, char message[MESSAGE_BYTES])
{
    bool is_good = session_start(config, out, message);
    if (is_good) {
        session_state state;
        do
            state = session_connect(*out, 1000, message);
        while (state == SESSION_WAITING);
        is_good = state == SESSION_READY;
    }
    if (is_good)
        return true;
    session_close(*out);
    *out = NULL;
    return false;
}

/* ---- asking --------------------------------------------------------------------------------- */

const char *session_value(const session_row *row, int column)
{
    if (column < 0 || column >= pq.PQnfields(row->result) || pq.PQgetisnull(row->result, 0, column))
        return NULL;
    return pq.PQgetvalue(row->result, 0, column);
}

int session_length(const session_row *row, int column)
{
    return session_value(row, column) != NULL ? pq.PQgetlength(row->result, 0, column) : 0;
}

int session_columns(const session_row *row)
{
    return pq.PQnfields(row->result);
}

/* False: no answer in time, or the connection broke. */
static bool wait_for_answer(PGconn *connection, int64_t deadline)
{
    int unsent;
    while ((unsent = pq.PQflush(connection)) > 0 || (unsent == 0 && pq.PQisBusy(connection))) {
        struct pollfd fd = { .fd = pq.PQsocket(connection),
                             .events = (short)(unsent > 0 ? POLLIN | POLLOUT : POLLIN) };
        const int64_t left = deadline - now_ms();
        if (left <= 0 || (poll(&fd, 1, (int)left) < 0 && errno != EINTR))
            return false;
        if ((fd.revents & ~POLLOUT) != 0 && !pq.PQconsumeInput(connection))
            return false;
    }
    return unsent == 0;
}

static int answer_seconds(const session *s)
{
    return s->config.answer_seconds > 0 ? s->config.answer_seconds : SESSION_ANSWER_SECONDS;
}

/* Always false. */
static bool fail_waiting(session *s, char message[MESSAGE_BYTES])
{
    if (pq.PQstatus(s->connection) != CONNECTION_OK)
        return fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
    return message_fail(message, "%s gives no answer in %d s", s->config.server, answer_seconds(s));
}

typedef enum answer_state { ANSWER_MORE, ANSWER_END, ANSWER_REFUSED, ANSWER_FAILED } answer_state;

static void keep_sqlstate(session *s, const PGresult *result)
{
    const char *state = pq.PQresultErrorField(result, PG_DIAG_SQLSTATE);
    s->sqlstate[0] = '\0';
    if (state != NULL && strlen(state) == sizeof s->sqlstate - 1)
        memcpy(s->sqlstate, state, sizeof s->sqlstate);
}

bool session_send(session *s, const char *sql, char message[MESSAGE_BYTES])
{
    s->sqlstate[0] = '\0';
    return pq.PQsendQuery(s->connection, sql) == 1
           || fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
}

bool session_result(session *s, PGresult **out, char message[MESSAGE_BYTES])
{
    *out = NULL;
    const int64_t deadline = now_ms() + answer_seconds(s) * INT64_C(1000);
    if (!wait_for_answer(s->connection, deadline))
        return fail_waiting(s, message);
    PGresult *result = pq.PQgetResult(s->connection);
    const ExecStatusType status = result != NULL ? pq.PQresultStatus(result) : PGRES_COMMAND_OK;
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
        keep_sqlstate(s, result);
        pq.PQclear(result);
        return fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
    }
    *out = result;
    return true;
}

/* The next result of a query, once it is there: a row, or the end of a statement. */
static answer_state take_result(session *s, session_take *take, void *context,
                                char message[MESSAGE_BYTES])
{
    PGresult *result = pq.PQgetResult(s->connection);
    if (result == NULL)
        return ANSWER_END;
    const ExecStatusType status = pq.PQresultStatus(result);
    answer_state state = ANSWER_MORE;
    const session_row row = { result };
    if (status == PGRES_SINGLE_TUPLE && take != NULL)
        state = take(context, &row, message) ? ANSWER_MORE : ANSWER_REFUSED;
    else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        state = ANSWER_FAILED;
    if (state == ANSWER_FAILED) {
        keep_sqlstate(s, result);
        (void)fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
    }
    pq.PQclear(result);
    return state;
}

/* What is left of an answer is thrown away, so that the session can be asked again. */
static void drain(session *s, int64_t deadline)
{
    PGresult *result;
    while (wait_for_answer(s->connection, deadline)
           && (result = pq.PQgetResult(s->connection)) != NULL)
        pq.PQclear(result);
}

bool session_ask(session *s, const char *sql, session_take *take, void *context,
                 char message[MESSAGE_BYTES])
{
    const int64_t deadline = now_ms() + answer_seconds(s) * INT64_C(1000);
    s->sqlstate[0] = '\0';
    if (pq.PQsendQuery(s->connection, sql) != 1
        || (take != NULL && pq.PQsetSingleRowMode(s->connection) != 1))
        return fail_server(s, "fails", pq.PQerrorMessage(s->connection), message);
    answer_state state = ANSWER_MORE;
    while (state == ANSWER_MORE) {
        if (!wait_for_answer(s->connection, deadline))
            return fail_waiting(s, message);
        state = take_result(s, take, context, message);
    }
    if (state == ANSWER_FAILED)
        drain(s, deadline);
    return state == ANSWER_END;
}

/* ---- the rest ------------------------------------------------------------------------------- */

int session_server_version(const session *s)
{
    return pq.PQserverVersion(s->connection);
}

const char *session_sqlstate(const session *s)
{
    return s->sqlstate;
}

int session_socket(const session *s)
{
    return s->connection != NULL ? pq.PQsocket(s->connection) : -1;
}

PGconn *session_connection(session *s)
{
    return s->connection;
}

const libpq *session_libpq(void)
{
    return &pq;
}

void session_close(session *s)
{
    if (s == NULL)
        return;
    if (s->connection != NULL)
        pq.PQfinish(s->connection);
    if (s->given != NULL)
        pq.PQconninfoFree(s->given);
    free(s);
}

#else

/* Without libpq no session is ever made. */

bool session_is_possible(const char *option, char message[MESSAGE_BYTES])
{
    return message_fail(message,
                        "this pitr-find was built without %s: install libpq-dev and build it again",
                        option);
}

bool session_start(const session_config *config, session **out, char message[MESSAGE_BYTES])
{
    *out = NULL;
    return session_is_possible(config->option, message);
}

bool session_open(const session_config *config, session **out, char message[MESSAGE_BYTES])
{
    return session_start(config, out, message);
}

session_state session_connect(session *s, int timeout_ms, char message[MESSAGE_BYTES])
{
    (void)s, (void)timeout_ms, (void)message;
    return SESSION_FAILED;
}

bool session_ask(session *s, const char *sql, session_take *take, void *context,
                 char message[MESSAGE_BYTES])
{
    (void)s, (void)sql, (void)take, (void)context, (void)message;
    return false;
}

const char *session_value(const session_row *row, int column)
{
    (void)row, (void)column;
    return NULL;
}

int session_length(const session_row *row, int column)
{
    (void)row, (void)column;
    return 0;
}

int session_columns(const session_row *row)
{
    (void)row;
    return 0;
}

int session_server_version(const session *s)
{
    (void)s;
    return 0;
}

const char *session_sqlstate(const session *s)
{
    (void)s;
    return "";
}

int session_socket(const session *s)
{
    (void)s;
    return -1;
}

bool session_fail_said(const session *s, const char *what, const char *said,
                       char message[MESSAGE_BYTES])
{
    (void)s;
    return message_fail(message, "%s: %s", what, said);
}

void session_close(session *s)
{
    (void)s;
}

#endif
