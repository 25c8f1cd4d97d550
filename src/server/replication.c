/* replication.c - see replication.h. */
#ifdef WITH_LIBPQ

#include "server/replication.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/message.h"

/* ---- numbers that are told as text -------------------------------------------------------- */

static bool read_number(const char *chars, uint64_t max, uint64_t *out)
{
    if (chars == NULL || chars[0] < '0' || chars[0] > '9')
        return false;
    char *end;
    errno = 0;
    const unsigned long long n = strtoull(chars, &end, 10);
    if (errno != 0 || *end != '\0' || n == 0 || n > max)
        return false;
    *out = n;
    return true;
}

static bool read_tli(const char *chars, wp_tli *out)
{
    uint64_t n;
    if (!read_number(chars, UINT32_MAX, &n))
        return false;
    *out = (wp_tli)n;
    return true;
}

static bool read_lsn(const char *chars, wp_lsn *out)
{
    return chars != NULL && wp_lsn_parse(chars, out);
}

static bool fail_answer(const char *command, char message[MESSAGE_BYTES])
{
    return message_fail(message, "the server's answer to %s is none: is it PostgreSQL?", command);
}

/* ---- commands ------------------------------------------------------------------------------- */

typedef struct identity_asked {
    replication_identity *out;
    bool is_told;
} identity_asked;

static bool take_identity(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    identity_asked *asked = context;
    replication_identity *out = asked->out;
    asked->is_told = read_number(session_value(row, 0), UINT64_MAX, &out->system_identifier)
                     && read_tli(session_value(row, 1), &out->tli)
                     && read_lsn(session_value(row, 2), &out->end);
    return asked->is_told || fail_answer("IDENTIFY_SYSTEM", message);
}

bool replication_identify(session *s, replication_identity *out, char message[MESSAGE_BYTES])
{
    identity_asked asked = { .out = out };
    *out = (replication_identity){ 0 };
    return session_ask(s, "IDENTIFY_SYSTEM", take_identity, &asked, message)
           && (asked.is_told || fail_answer("IDENTIFY_SYSTEM", message));
}

static bool take_setting(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    const char *value = session_value(row, 0);
    if (value == NULL)
        return fail_answer("SHOW", message);
    text_add(context, value);
    return true;
}

bool replication_show(session *s, const char *setting, text *out, char message[MESSAGE_BYTES])
{
    char command[100];
    (void)snprintf(command, sizeof command, "SHOW %s", setting);
    return session_ask(s, command, take_setting, out, message)
           && (!out->failed || message_no_memory(message));
}

typedef struct history_asked {
    timeline_history *out;
    wp_tli tli;
} history_asked;

static bool take_history(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    const history_asked *asked = context;
    const char *bytes = session_value(row, 1);
    const int len = session_length(row, 1);
    if (bytes == NULL || len <= 0 || (size_t)len > TIMELINE_FILE_BYTES_MAX
        || asked->out->spans != NULL)
        return fail_answer("TIMELINE_HISTORY", message);
    const wp_view view = { (const uint8_t *)bytes, (size_t)len };
    char why[MESSAGE_BYTES];
    return timeline_parse(view, asked->tli, asked->out, why)
           || message_fail(message, "the server's history of timeline %u is none: %s",
                           (unsigned)asked->tli, why);
}

bool replication_history(session *s, wp_tli tli, timeline_history *out, char message[MESSAGE_BYTES])
{
    char command[40];
    (void)snprintf(command, sizeof command, "TIMELINE_HISTORY %u", (unsigned)tli);
    *out = (timeline_history){ 0 };
    history_asked asked = { out, tli };
    if (session_ask(s, command, take_history, &asked, message)
        && (out->spans != NULL || fail_answer("TIMELINE_HISTORY", message)))
        return true;
    timeline_free(out);
    return false;
}

bool replication_is_slot_name(const char *name)
{
    const size_t len = strlen(name);
    return len > 0 && len < WP_NAME_BYTES
           && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool take_slot(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    replication_slot *out = context;
    const char *type = session_value(row, 0), *lsn = session_value(row, 1);
    const char *tli = session_value(row, 2);
    out->exists = type != NULL;
    out->is_physical = type != NULL && strcmp(type, "physical") == 0;
    return ((lsn == NULL || read_lsn(lsn, &out->restart_lsn))
            && (tli == NULL || read_tli(tli, &out->restart_tli)))
           || fail_answer("READ_REPLICATION_SLOT", message);
}

bool replication_read_slot(session *s, const char *name, replication_slot *out,
                           char message[MESSAGE_BYTES])
{
    char command[WP_NAME_BYTES + 40];
    (void)snprintf(command, sizeof command, "READ_REPLICATION_SLOT \"%s\"", name);
    *out = (replication_slot){ 0 };
    return session_ask(s, command, take_slot, out, message);
}

static bool take_nothing(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    (void)context, (void)row, (void)message;
    return true;
}

bool replication_create_slot(session *s, const char *name, bool is_temporary, bool reserves_wal,
                             char message[MESSAGE_BYTES])
{
    char command[WP_NAME_BYTES + 80];
    (void)snprintf(command, sizeof command, "CREATE_REPLICATION_SLOT \"%s\"%s PHYSICAL%s", name,
                   is_temporary ? " TEMPORARY" : "", reserves_wal ? " RESERVE_WAL" : "");
    return session_ask(s, command, take_nothing, NULL, message);
}

/* ---- begin and end of a stream -------------------------------------------------------------- */

/* The row that follows the end of a timeline: the next one, and where it begins. */
static bool read_switch(const PGresult *result, replication_switch *out,
                        char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    if (pq->PQntuples(result) == 1 && pq->PQnfields(result) == 2
        && read_tli(pq->PQgetvalue(result, 0, 0), &out->next)
        && read_lsn(pq->PQgetvalue(result, 0, 1), &out->at))
        return true;
    return message_fail(message, "the server does not say which timeline goes on where one ended");
}

/* Takes all results there are. */
static bool take_switch(session *s, replication_switch *out, char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    PGresult *result;
    bool is_good = true;
    while ((is_good = is_good && session_result(s, &result, message)) && result != NULL) {
        const ExecStatusType status = pq->PQresultStatus(result);
        if (status == PGRES_TUPLES_OK && out->next == 0)
            is_good = read_switch(result, out, message);
        else if (status != PGRES_COMMAND_OK)
            is_good = fail_answer("START_REPLICATION", message);
        pq->PQclear(result);
    }
    return is_good;
}

bool replication_start(session *s, const char *slot, wp_lsn at, wp_tli tli, replication_switch *end,
                       char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    char command[WP_NAME_BYTES + 100], lsn[WP_LSN_TEXT_BYTES];
    (void)snprintf(command, sizeof command, "START_REPLICATION %s%s%sPHYSICAL %s TIMELINE %u",
                   slot != NULL ? "SLOT \"" : "", slot != NULL ? slot : "",
                   slot != NULL ? "\" " : "", wp_lsn_format(at, lsn), (unsigned)tli);
    *end = (replication_switch){ 0 };
    PGresult *result;
    if (!session_send(s, command, message) || !session_result(s, &result, message))
        return false;
    if (result == NULL)
        return fail_answer("START_REPLICATION", message);
    const ExecStatusType status = pq->PQresultStatus(result);
    bool is_good = true;
    if (status == PGRES_TUPLES_OK)
        is_good = read_switch(result, end, message) && take_switch(s, end, message);
    else if (status != PGRES_COPY_BOTH)
        is_good = fail_answer("START_REPLICATION", message);
    pq->PQclear(result);
    return is_good;
}

bool replication_finish(session *s, replication_switch *out, char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    PGconn *connection = session_connection(s);
    *out = (replication_switch){ 0 };
    if (pq->PQputCopyEnd(connection, NULL) != 1)
        return session_fail_said(s, "the stream of WAL ends badly", pq->PQerrorMessage(connection),
                                 message);
    return take_switch(s, out, message)
           && (out->next != 0
               || message_fail(message,
                               "the server does not say which timeline goes on where one ended"));
}

/* ---- messages of a stream ------------------------------------------------------------------- */

enum { WAL_HEADER_BYTES = 1 + 8 + 8 + 8, KEEPALIVE_BYTES = 1 + 8 + 8 + 1 };

static uint64_t u64_at(const uint8_t *at)
{
    uint64_t n = 0;
    for (size_t i = 0; i < 8; i++)
        n = n << 8 | at[i];
    return n;
}

static replication_kind read_message(wp_view in, replication_message *out,
                                     char message[MESSAGE_BYTES])
{
    if (in.len > WAL_HEADER_BYTES && in.len <= REPLICATION_MESSAGE_BYTES_MAX
        && in.bytes[0] == 'w') {
        out->at = u64_at(in.bytes + 1);
        out->server_end = u64_at(in.bytes + 9);
        out->bytes = (wp_view){ in.bytes + WAL_HEADER_BYTES, in.len - WAL_HEADER_BYTES };
        return REPLICATION_WAL;
    }
    if (in.len == KEEPALIVE_BYTES && in.bytes[0] == 'k') {
        out->server_end = u64_at(in.bytes + 1);
        out->wants_reply = in.bytes[17] != 0;
        return REPLICATION_KEEPALIVE;
    }
    (void)message_fail(
        message,
        "the server sends a message of %zu bytes and type 0x%02x, which is none of a stream "
        "of WAL",
        in.len, in.len > 0 ? (unsigned)in.bytes[0] : 0);
    return REPLICATION_BAD;
}

/* The stream is over: why? */
static replication_kind read_end(session *s, char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    PGresult *result;
    if (!session_result(s, &result, message))
        return REPLICATION_LOST;
    const ExecStatusType status = result != NULL ? pq->PQresultStatus(result) : PGRES_COMMAND_OK;
    pq->PQclear(result);
    if (status == PGRES_COPY_IN)
        return REPLICATION_END;
    (void)message_fail(message, "the server ends the stream: it shuts down");
    return REPLICATION_LOST;
}

/* The first line says what happened; what libpq guesses of it follows. */
static replication_kind read_loss(session *s, char message[MESSAGE_BYTES])
{
    const char *said = session_libpq()->PQerrorMessage(session_connection(s));
    text line = { 0 };
    text_add_bytes(&line, said, strcspn(said, "\n"));
    (void)session_fail_said(s, "the connection is lost", text_chars(&line), message);
    text_free(&line);
    return REPLICATION_LOST;
}

replication_kind replication_receive(session *s, replication_message *out,
                                     char message[MESSAGE_BYTES])
{
    const libpq *pq = session_libpq();
    PGconn *connection = session_connection(s);
    *out = (replication_message){ 0 };
    int len = pq->PQgetCopyData(connection, &out->buffer, 1);
    if (len == 0) {
        /* Where the connection is gone, what came before can still be taken. */
        const bool is_there = pq->PQconsumeInput(connection) == 1;
        len = pq->PQgetCopyData(connection, &out->buffer, 1);
        if (len == 0 && is_there)
            return REPLICATION_NOTHING;
    }
    if (len > 0)
        return read_message((wp_view){ (const uint8_t *)out->buffer, (size_t)len }, out, message);
    if (len == -1)
        return read_end(s, message);
    return read_loss(s, message);
}

void replication_release(replication_message *message)
{
    if (message->buffer != NULL)
        session_libpq()->PQfreemem(message->buffer);
    *message = (replication_message){ 0 };
}

/* ---- status updates ------------------------------------------------------------------------- */

static uint8_t *put_u64(uint8_t *at, uint64_t n)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(n >> shift);
    return at;
}

/* Microseconds since 2000. */
static uint64_t server_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)(((int64_t)now.tv_sec - INT64_C(946684800)) * 1000000 + now.tv_nsec / 1000);
}

bool replication_update(session *s, wp_lsn received, wp_lsn safe, bool asks)
{
    const libpq *pq = session_libpq();
    PGconn *connection = session_connection(s);
    uint8_t bytes[1 + 8 + 8 + 8 + 8 + 1] = { 'r' };
    uint8_t *end = put_u64(bytes + 1, received);
    end = put_u64(end, safe);
    end = put_u64(end, 0); /* nothing is replayed */
    end = put_u64(end, server_time());
    *end = asks;
    return pq->PQflush(connection) == 0
           && pq->PQputCopyData(connection, (const char *)bytes, sizeof bytes) == 1
           && pq->PQflush(connection) >= 0;
}

#endif
