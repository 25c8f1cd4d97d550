/*
 * stream_connect.c - see stream_connect.h.
 *
 *   session -> major -> IDENTIFY_SYSTEM -> size of segments -> slot -> place -> timeline -> START_REPLICATION
 */
#ifdef WITH_LIBPQ

#include "live/stream_connect.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <walparse/profile.h>
#include <walparse/segment.h>

#define SERVER "the server"

/* What an attempt knows. */
typedef struct attempt {
    const stream_goal *goal;
    stream_link *link;
    const wp_profile *profile;
    replication_identity server;
    bool is_sync;    /* synchronous_standby_names would take this session for a standby */
    wp_lsn slot_lsn; /* where the slot that was named stands; 0: it has no place, or is new */
    char *message;
} attempt;

/* An error of the server, or of the connection to it. */
static stream_outcome fail_asked(const attempt *a)
{
    return stream_judge(a->link->session, a->goal->position, a->message);
}

__attribute__((format(printf, 3, 4))) static stream_outcome refuse(stream_outcome outcome,
                                                                   char message[MESSAGE_BYTES],
                                                                   const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(message, MESSAGE_BYTES, format, args);
    va_end(args);
    return outcome;
}

/* ---- which server it is --------------------------------------------------------------------- */

static stream_outcome open_session(attempt *a)
{
    const session_config config = { .conninfo = a->goal->config->conninfo,
                                    .option = a->goal->config->option,
                                    .server = SERVER,
                                    .is_replication = true };
    if (!session_start(&config, &a->link->session, a->message))
        return STREAM_NEVER;
    session_state state;
    do
        state = session_connect(a->link->session, 1000, a->message);
    while (state == SESSION_WAITING);
    return state == SESSION_READY ? STREAM_RUNS : fail_asked(a);
}

static stream_outcome check_server(attempt *a)
{
    const int version = session_server_version(a->link->session);
    a->profile = wp_profile_by_server_version(version);
    if (a->profile == NULL)
        return refuse(STREAM_NEVER, a->message,
                      SERVER " is of PostgreSQL %d.%d, whose WAL this program "
                             "cannot read",
                      version / 10000, version / 100 % 100);
    if (!replication_identify(a->link->session, &a->server, a->message))
        return fail_asked(a);
    a->link->system_identifier = a->server.system_identifier;
    a->link->server_end = a->server.end;
    const uint64_t wanted = a->goal->system_identifier;
    if (wanted == 0 || wanted == a->server.system_identifier)
        return STREAM_RUNS;
    return refuse(STREAM_NEVER, a->message,
                  SERVER " is of another cluster: its system identifier is %" PRIu64
                         ", that of the WAL read before is %" PRIu64,
                  a->server.system_identifier, wanted);
}

/* A size as SHOW prints it: "16MB". 0: none that segments have. */
static uint32_t segment_bytes_of(const char *shown)
{
    char *unit;
    const unsigned long n = strtoul(shown, &unit, 10);
    const unsigned shift = strcmp(unit, "MB") == 0 ? 20 : strcmp(unit, "GB") == 0 ? 30 : 0;
    const uint64_t bytes = n <= 1024 ? (uint64_t)n << shift : 0;
    const bool is_good =
        bytes >= WP_SEGMENT_SIZE_MIN && bytes <= WP_SEGMENT_SIZE_MAX && (bytes & (bytes - 1)) == 0;
    return is_good ? (uint32_t)bytes : 0;
}

static stream_outcome find_segment_size(attempt *a)
{
    a->link->segment_bytes = UINT32_C(16) << 20;
    if (a->profile->replication.has_show) {
        text shown = { 0 };
        const bool is_told =
            replication_show(a->link->session, "wal_segment_size", &shown, a->message);
        a->link->segment_bytes = segment_bytes_of(text_chars(&shown));
        text_free(&shown);
        if (!is_told)
            return fail_asked(a);
    }
    const uint32_t wanted = a->goal->segment_bytes;
    if (a->link->segment_bytes == 0 || (wanted != 0 && a->link->segment_bytes != wanted))
        return refuse(STREAM_NEVER, a->message, "%s",
                      a->link->segment_bytes == 0
                          ? SERVER " does not say how large its segments are"
                          : "the size of segments has changed: start again");
    return STREAM_RUNS;
}

/* ---- slots ---------------------------------------------------------------------------------- */

static bool take_slot(void *context, const session_row *row, char message[MESSAGE_BYTES])
{
    (void)message;
    replication_slot *out = context;
    const char *type = session_value(row, 0), *lsn = session_value(row, 1);
    const char *wal_status = session_value(row, 2);
    out->exists = true;
    out->is_lost = wal_status != NULL && strcmp(wal_status, "lost") == 0;
    out->is_physical = type != NULL && strcmp(type, "physical") == 0;
    if (lsn != NULL)
        (void)wp_lsn_parse(lsn, &out->restart_lsn);
    return true;
}

/* What READ_REPLICATION_SLOT does not tell, or is not there to tell, takes a session that is none of replication. */
static bool read_slot_by_sql(attempt *a, replication_slot *out)
{
    const char *name = a->goal->config->slot;
    const session_config config = { .conninfo = a->goal->config->conninfo,
                                    .option = a->goal->config->option,
                                    .server = SERVER };
    session *s;
    char sql[WP_NAME_BYTES + 160], why[MESSAGE_BYTES];
    (void)snprintf(sql, sizeof sql,
                   "SELECT slot_type, restart_lsn, to_jsonb(s) ->> 'wal_status'"
                   " FROM pg_catalog.pg_replication_slots s WHERE slot_name = '%s'",
                   name);
    *out = (replication_slot){ 0 };
    bool is_good = session_open(&config, &s, why);
    if (is_good) {
        is_good = session_ask(s, sql, take_slot, out, why);
        session_close(s);
    }
    return is_good
           || message_fail(a->message, "cannot ask where slot %s stands, give --from-lsn: %s", name,
                           why);
}

static stream_outcome create_slot(attempt *a)
{
    const char *name = a->goal->config->slot;
    if (replication_create_slot(a->link->session, name, false,
                                a->profile->replication.has_reserve_wal, a->message))
        return STREAM_RUNS;
    const bool exists = strcmp(session_sqlstate(a->link->session), "42710") == 0;
    return exists ? STREAM_RUNS : fail_asked(a);
}

/* The slot that was named. */
static stream_outcome find_named_slot(attempt *a)
{
    const stream_config *config = a->goal->config;
    const bool can_read = a->profile->replication.has_read_slot;
    const bool needs_place = a->goal->is_first && config->from_lsn == 0;
    replication_slot slot = { 0 };
    if (!replication_is_slot_name(config->slot))
        return refuse(STREAM_NEVER, a->message,
                      "--slot: a slot's name has lower-case letters, digits and _");
    if (!can_read && !needs_place)
        return config->create_slot ? create_slot(a) : STREAM_RUNS;
    if (can_read && !replication_read_slot(a->link->session, config->slot, &slot, a->message)) {
        if (strcmp(session_sqlstate(a->link->session), "0A000") != 0)
            return fail_asked(a);
        slot.exists = true; /* it is refused for a logical one */
    }
    const bool is_told = can_read && (slot.restart_lsn != 0 || !slot.exists || !slot.is_physical);
    if (!is_told && needs_place && !read_slot_by_sql(a, &slot))
        return STREAM_AGAIN;
    if (!slot.exists && config->create_slot)
        return create_slot(a);
    if (!slot.exists)
        return refuse(STREAM_NEVER, a->message, "there is no slot %s: make it with --create-slot",
                      config->slot);
    if (!slot.is_physical)
        return refuse(STREAM_NEVER, a->message,
                      "slot %s is one of logical replication: name a physical one", config->slot);
    if (slot.is_lost)
        return refuse(
            STREAM_NEVER, a->message,
            "slot %s is lost: the WAL it held is removed; read that in the archive, drop the "
            "slot, and make it anew",
            config->slot);
    a->slot_lsn = slot.restart_lsn;
    return STREAM_RUNS;
}

/* One that goes with the session. Without it the stream runs, too; only nothing holds its WAL while it is slow. */
static stream_outcome make_temporary_slot(attempt *a)
{
    char *name = a->link->temporary_slot;
    if (!a->profile->replication.has_temporary_slots)
        return STREAM_RUNS;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(name, WP_NAME_BYTES, "pitr_find_%d_%08lx", (int)getpid(),
                   (unsigned long)now.tv_nsec);
    if (replication_create_slot(a->link->session, name, true, true, a->message))
        return STREAM_RUNS;
    name[0] = '\0';
    return session_sqlstate(a->link->session)[0] != '\0' ? STREAM_RUNS : fail_asked(a);
}

static stream_outcome find_slot(attempt *a)
{
    return a->goal->config->slot != NULL ? find_named_slot(a) : make_temporary_slot(a);
}

/* ---- place and timeline --------------------------------------------------------------------- */

static wp_lsn first_position(const attempt *a)
{
    const wp_lsn from = a->goal->config->from_lsn;
    return from != 0 ? from : a->slot_lsn != 0 ? a->slot_lsn : a->server.end;
}

static stream_outcome choose_position(attempt *a)
{
    a->link->position = a->goal->is_first ? first_position(a) : a->goal->position;
    return STREAM_RUNS;
}

static void leave_timeline(stream_link *link, replication_switch end)
{
    link->ended = end;
    link->tli = end.next;
    link->position = end.at;
}

/* The timeline of the history on which reading is to go on. */
static stream_outcome choose_span(attempt *a, const timeline_history *history)
{
    const wp_lsn position = a->link->position;
    const wp_tli tli = a->goal->tli;
    for (size_t i = history->nspans; i > 0; i--) {
        const timeline_span *span = &history->spans[i - 1];
        if (tli == 0 ? span->begin > position : span->tli != tli)
            continue;
        a->link->tli = span->tli;
        if (span->end < position) /* a standby was promoted that had not received all */
            leave_timeline(a->link, (replication_switch){ span->end, span[1].tli });
        return STREAM_RUNS;
    }
    return refuse(STREAM_AGAIN, a->message,
                  SERVER
                  " is on timeline %u, and timeline %u, which was read, is none of its history",
                  (unsigned)a->server.tli, (unsigned)tli);
}

static stream_outcome choose_timeline(attempt *a)
{
    timeline_history history = { 0 };
    timeline_span whole = { .tli = a->server.tli, .end = UINT64_MAX };
    const timeline_history alone = { &whole, 1 };
    if (a->server.tli == 1)
        return choose_span(a, &alone);
    if (replication_history(a->link->session, a->server.tli, &history, a->message)) {
        const stream_outcome outcome = choose_span(a, &history);
        timeline_free(&history);
        return outcome;
    }
    /* Somebody took the file away. */
    const bool is_missing = strcmp(session_sqlstate(a->link->session), "58P01") == 0;
    return is_missing ? choose_span(a, &alone) : fail_asked(a);
}

static stream_outcome check_end(attempt *a)
{
    char end[WP_LSN_TEXT_BYTES], position[WP_LSN_TEXT_BYTES];
    if (a->link->position <= a->server.end)
        return STREAM_RUNS;
    return refuse(STREAM_AGAIN, a->message,
                  SERVER "'s WAL ends at %s, before %s, where reading is to go on",
                  wp_lsn_format(a->server.end, end), wp_lsn_format(a->link->position, position));
}

/* ---- the stream ----------------------------------------------------------------------------- */

/* From the start of the segment of link->position. Where the timeline ends right there, the next one. */
static stream_outcome start_stream(const stream_goal *goal, stream_link *link,
                                   char message[MESSAGE_BYTES])
{
    const char *slot = link->temporary_slot[0] != '\0' ? link->temporary_slot : goal->config->slot;
    for (int i = 0; i < 2; i++) {
        replication_switch end;
        const wp_lsn at = link->position - link->position % link->segment_bytes;
        if (!replication_start(link->session, slot, at, link->tli, &end, message))
            return stream_judge(link->session, link->position, message);
        if (end.next == 0)
            return STREAM_RUNS;
        if (end.at != link->position || link->ended.next != 0 || end.next <= link->tli)
            break;
        leave_timeline(link, end);
    }
    return refuse(STREAM_AGAIN, message, SERVER " ends timeline %u where it does not end",
                  (unsigned)link->tli);
}

static stream_outcome run(attempt *a)
{
    stream_outcome (*const steps[])(attempt *) = { open_session, check_server,    find_segment_size,
                                                   find_slot,    choose_position, choose_timeline,
                                                   check_end };
    stream_outcome outcome = STREAM_RUNS;
    for (size_t i = 0; i < sizeof steps / sizeof *steps && outcome == STREAM_RUNS; i++)
        outcome = steps[i](a);
    return outcome == STREAM_RUNS ? start_stream(a->goal, a->link, a->message) : outcome;
}

stream_outcome stream_connect(const stream_goal *goal, stream_link *out,
                              char message[MESSAGE_BYTES])
{
    *out = (stream_link){ 0 };
    attempt a = { .goal = goal, .link = out, .message = message };
    const stream_outcome outcome = run(&a);
    if (outcome == STREAM_RUNS)
        return outcome;
    out->is_slot_active =
        out->session != NULL && strcmp(session_sqlstate(out->session), "55006") == 0;
    stream_link_close(out);
    return outcome;
}

static stream_outcome follow_switch(const stream_goal *goal, stream_link *link,
                                    char message[MESSAGE_BYTES])
{
    replication_switch end;
    link->ended = (replication_switch){ 0 };
    if (!replication_finish(link->session, &end, message))
        return stream_judge(link->session, goal->position, message);
    if (end.at > goal->position || end.next <= link->tli)
        return refuse(STREAM_NEVER, message, SERVER " ends timeline %u before its end",
                      (unsigned)link->tli);
    leave_timeline(link, end);
    return start_stream(goal, link, message);
}

stream_outcome stream_continue(const stream_goal *goal, stream_link *link,
                               char message[MESSAGE_BYTES])
{
    const stream_outcome outcome = follow_switch(goal, link, message);
    if (outcome != STREAM_RUNS)
        stream_link_close(link);
    return outcome;
}

void stream_link_close(stream_link *link)
{
    session_close(link->session);
    link->session = NULL;
}

#endif
