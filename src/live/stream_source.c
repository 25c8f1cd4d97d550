/*
 * stream_source.c - see stream_source.h.
 *
 *            stream_source_open()
 *                   |
 *                   v   connection lost                time is over
 *     +-------> STREAMING ---------------> WAITING <------------------+
 *     |             | end of the timeline     | time to try again     |
 *     | it runs     v                         v                       |
 *     +-------- ATTEMPTING <------------------+ ----- not now --------+
 *
 * From each of them to FAILED. What is received in a stream that began anew and was handed out before is thrown away.
 */
#include "live/stream_source.h"

#ifdef WITH_LIBPQ

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "live/stream_attempt.h"

#define UPDATE_MS 10000
#define UPDATE_AGAIN_MS 100 /* while an earlier one is not sent yet */
#define SILENCE_MS 30000
#define DELAY_MS_MIN 1000
#define DELAY_MS_MAX 30000
#define STEPS_MAX 1000
/* A slot that another session has: one that was killed is gone soon. */
#define SLOT_TRIES 50
#define SLOT_TRY_MS 200
/* So much of what was handed out last is compared with what comes again. */
#define TAIL_BYTES 1024

typedef enum stream_state { STREAMING, ATTEMPTING, WAITING, FAILED } stream_state;

typedef struct stream_source {
    live_source base;
    stream_state state;
    stream_attempt *attempt;
    int silence_ms;
    wp_lsn position; /* all before is handed out */
    wp_tli tli;
    wp_lsn server_end, confirmed;
    replication_switch ended; /* next above 0: to be told */
    bool is_lost;             /* and that was told */
    int64_t retry_at, delay_ms;
    char message[MESSAGE_BYTES]; /* of FAILED */
    uint8_t tail[TAIL_BYTES];    /* the bytes before position */
    size_t tail_len;
    /* of the stream that runs */
    stream_link link;
    wp_lsn stream_at; /* of its next byte */
    wp_lsn safe_told;
    replication_message received;
    int64_t update_at, heard_at, asked_at; /* asked_at 0: not asked */
} stream_source;

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static wp_lsn segment_start(const stream_source *s, wp_lsn lsn)
{
    return lsn - lsn % s->base.segment_bytes;
}

/* ---- changes of state ----------------------------------------------------------------------- */

static void close_link(stream_source *s)
{
    replication_release(&s->received);
    stream_link_close(&s->link);
}

static live_status fail(stream_source *s, char message[MESSAGE_BYTES])
{
    close_link(s);
    s->state = FAILED;
    memcpy(s->message, message, MESSAGE_BYTES);
    return LIVE_FAILED;
}

static void wait_to_retry(stream_source *s)
{
    s->state = WAITING;
    s->retry_at = now_ms() + s->delay_ms;
    s->delay_ms = s->delay_ms * 2 < DELAY_MS_MAX ? s->delay_ms * 2 : DELAY_MS_MAX;
}

/* message: why. */
static live_status lose(stream_source *s, char message[MESSAGE_BYTES])
{
    char why[MESSAGE_BYTES];
    memcpy(why, message, sizeof why);
    close_link(s);
    wait_to_retry(s);
    if (s->is_lost)
        return LIVE_IDLE;
    s->is_lost = true;
    (void)message_fail(message, "%s; trying again", why);
    return LIVE_LOST;
}

/* A stream runs from the start of the segment of link->position. */
static void take_link(stream_source *s, const stream_link *link)
{
    const int64_t now = now_ms();
    s->state = STREAMING;
    s->link = *link;
    s->stream_at = segment_start(s, link->position);
    s->safe_told = 0;
    s->server_end = link->server_end > s->server_end ? link->server_end : s->server_end;
    s->update_at = s->heard_at = now;
    s->asked_at = 0;
}

static live_status start_attempt(stream_source *s, char message[MESSAGE_BYTES])
{
    const stream_goal goal = { .system_identifier = s->base.system_identifier,
                               .segment_bytes = s->base.segment_bytes,
                               .position = s->position,
                               .tli = s->tli };
    if (!stream_attempt_start(s->attempt, &goal, &s->link, message))
        return lose(s, message);
    s->link = (stream_link){ 0 };
    s->state = ATTEMPTING;
    return LIVE_IDLE;
}

static live_status end_attempt(stream_source *s, char message[MESSAGE_BYTES])
{
    stream_outcome outcome;
    stream_link link;
    if (!stream_attempt_end(s->attempt, &outcome, &link, message))
        return LIVE_IDLE;
    s->ended = link.ended;
    if (outcome == STREAM_NEVER)
        return fail(s, message);
    if (outcome == STREAM_AGAIN)
        return lose(s, message);
    take_link(s, &link);
    if (!s->is_lost)
        return LIVE_IDLE;
    s->is_lost = false;
    char lsn[WP_LSN_TEXT_BYTES];
    (void)message_fail(message, "connected again: going on at %s", wp_lsn_format(s->position, lsn));
    return LIVE_BACK;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

/* Of bytes that come again: are they what they were, as far as we still know? */
static bool are_same(const stream_source *s, wp_lsn at, wp_view bytes)
{
    const wp_lsn tail_at = s->position - s->tail_len;
    const wp_lsn begin = at > tail_at ? at : tail_at;
    const wp_lsn end = at + bytes.len < s->position ? at + bytes.len : s->position;
    return begin >= end
           || memcmp(bytes.bytes + (begin - at), s->tail + (begin - tail_at), (size_t)(end - begin))
                  == 0;
}

static void keep_tail(stream_source *s, wp_view bytes)
{
    const size_t new_len = bytes.len < TAIL_BYTES ? bytes.len : TAIL_BYTES;
    const size_t room = TAIL_BYTES - new_len;
    const size_t old_len = s->tail_len < room ? s->tail_len : room;
    memmove(s->tail, s->tail + (s->tail_len - old_len), old_len);
    memcpy(s->tail + old_len, bytes.bytes + (bytes.len - new_len), new_len);
    s->tail_len = old_len + new_len;
}

/* WAL that was received. LIVE_IDLE: all of it was handed out before. */
static live_status take_wal(stream_source *s, live_chunk *out, char message[MESSAGE_BYTES])
{
    wp_view bytes = s->received.bytes;
    const wp_lsn at = s->stream_at;
    char got[WP_LSN_TEXT_BYTES], want[WP_LSN_TEXT_BYTES];
    if (s->received.at != at || at > UINT64_MAX - bytes.len) {
        (void)message_fail(message, "the server sends WAL from %s on, where %s is next",
                           wp_lsn_format(s->received.at, got), wp_lsn_format(at, want));
        return fail(s, message);
    }
    if (!are_same(s, at, bytes)) {
        (void)message_fail(
            message,
            "the server's WAL before %s is not what it was when it was read: was the "
            "server restored? begin anew",
            wp_lsn_format(s->position, want));
        return fail(s, message);
    }
    s->stream_at += bytes.len;
    if (s->stream_at <= s->position)
        return LIVE_IDLE;
    const size_t old = s->position > at ? (size_t)(s->position - at) : 0;
    bytes = (wp_view){ bytes.bytes + old, bytes.len - old };
    keep_tail(s, bytes);
    out->at = s->position;
    out->bytes = bytes;
    s->position = s->stream_at;
    return LIVE_WAL;
}

/* ---- what the server is told ---------------------------------------------------------------- */

/* All before is not needed any more; 0: nothing is said of that. */
static wp_lsn safe_lsn(const stream_source *s)
{
    if (s->link.temporary_slot[0] != '\0') /* nothing outlives this session */
        return segment_start(s, s->position);
    return stream_attempt_config(s->attempt)->slot != NULL ? s->confirmed : 0;
}

/*
 * What is safe moves the slot, and is taken back at once: a server that shuts down waits for a session until what is safe
 * there is all of its WAL, and one that has told something safe may count as a synchronous standby.
 */
static void update(stream_source *s, bool asks)
{
    session *to = s->link.session;
    const wp_lsn safe = safe_lsn(s);
    bool is_taken = true;
    if (safe != s->safe_told) {
        is_taken = replication_update(to, s->stream_at, safe, false);
        s->safe_told = is_taken ? safe : s->safe_told;
    }
    is_taken = is_taken && replication_update(to, s->stream_at, 0, asks);
    s->update_at = now_ms() + (is_taken ? UPDATE_MS : UPDATE_AGAIN_MS);
}

/* Nothing came: is the server still there? */
static live_status mind_silence(stream_source *s, char message[MESSAGE_BYTES])
{
    const int64_t now = now_ms();
    if (s->asked_at == 0 && now - s->heard_at >= s->silence_ms) {
        s->asked_at = now;
        update(s, true);
    }
    if (s->asked_at == 0 || now - s->asked_at < s->silence_ms)
        return LIVE_IDLE;
    (void)message_fail(message, "the server says nothing for %d s",
                       (int)((now - s->heard_at) / 1000));
    return lose(s, message);
}

/* ---- one step ------------------------------------------------------------------------------- */

static live_status take_message(stream_source *s, replication_kind kind, live_chunk *out,
                                char message[MESSAGE_BYTES])
{
    if (kind == REPLICATION_END)
        return start_attempt(s, message);
    if (kind == REPLICATION_BAD
        || (kind == REPLICATION_LOST
            && stream_judge(s->link.session, s->position, message) == STREAM_NEVER))
        return fail(s, message);
    if (kind == REPLICATION_LOST)
        return lose(s, message);
    s->heard_at = now_ms();
    s->asked_at = 0;
    s->delay_ms = DELAY_MS_MIN;
    s->server_end = s->received.server_end;
    s->update_at =
        s->received.wants_reply && s->update_at > s->heard_at ? s->heard_at : s->update_at;
    return kind == REPLICATION_WAL ? take_wal(s, out, message) : LIVE_IDLE;
}

/* Of a stream that runs. *is_through: nothing more is there now. */
static live_status stream(stream_source *s, live_chunk *out, bool *is_through,
                          char message[MESSAGE_BYTES])
{
    if (now_ms() >= s->update_at)
        update(s, false);
    replication_release(&s->received);
    const replication_kind kind = replication_receive(s->link.session, &s->received, message);
    *is_through = kind == REPLICATION_NOTHING;
    if (kind == REPLICATION_NOTHING)
        return mind_silence(s, message);
    return take_message(s, kind, out, message);
}

/* The timeline ended where reading stands, or before, and the stream runs on the next one, or will. */
static live_status tell_timeline(stream_source *s, live_chunk *out, char message[MESSAGE_BYTES])
{
    char end[WP_LSN_TEXT_BYTES], position[WP_LSN_TEXT_BYTES];
    message[0] = '\0';
    if (s->ended.at < s->position)
        (void)message_fail(
            message,
            "the server left timeline %u at %s, before %s, up to which it was read: what lies between is "
            "lost",
            (unsigned)s->tli, wp_lsn_format(s->ended.at, end),
            wp_lsn_format(s->position, position));
    out->at = s->ended.at;
    s->tli = s->ended.next;
    s->position = segment_start(s, s->ended.at);
    s->tail_len = 0;
    s->ended = (replication_switch){ 0 };
    return LIVE_TIMELINE;
}

static live_status step(stream_source *s, live_chunk *out, bool *is_through,
                        char message[MESSAGE_BYTES])
{
    *is_through = true;
    if (s->ended.next != 0)
        return tell_timeline(s, out, message);
    switch (s->state) {
    case STREAMING:
        return stream(s, out, is_through, message);
    case ATTEMPTING: {
        const live_status status = end_attempt(s, message);
        *is_through = s->state == ATTEMPTING || s->state == WAITING;
        return status;
    }
    case WAITING:
        return now_ms() >= s->retry_at ? start_attempt(s, message) : LIVE_IDLE;
    case FAILED:
        break;
    }
    memcpy(message, s->message, MESSAGE_BYTES);
    return LIVE_FAILED;
}

static int source_fd(const live_source *source)
{
    const stream_source *s = (const stream_source *)source;
    return s->state == STREAMING    ? session_socket(s->link.session)
           : s->state == ATTEMPTING ? stream_attempt_fd(s->attempt)
                                    : -1;
}

/* Milliseconds until something is to be done without a word of the server. */
static int64_t due_in(const stream_source *s, int64_t now)
{
    if (s->state == WAITING)
        return s->retry_at - now;
    if (s->state != STREAMING)
        return INT_MAX;
    const int64_t silence = (s->asked_at != 0 ? s->asked_at : s->heard_at) + s->silence_ms;
    return (silence < s->update_at ? silence : s->update_at) - now;
}

static void wait_for_more(const stream_source *s, int64_t left_ms)
{
    const int64_t due = due_in(s, now_ms());
    const int64_t most = left_ms < due ? left_ms : due;
    struct pollfd fd = { .fd = source_fd(&s->base), .events = POLLIN };
    if (most > 0)
        (void)poll(&fd, 1, (int)(most < INT_MAX ? most : INT_MAX));
}

static live_status source_next(live_source *source, int timeout_ms, live_chunk *out,
                               char message[MESSAGE_BYTES])
{
    stream_source *s = (stream_source *)source;
    const int64_t until = timeout_ms < 0 ? INT64_MAX : now_ms() + timeout_ms;
    live_status status = LIVE_IDLE;
    bool is_through = false, is_late = false;
    /* What libpq has read already does not make the socket readable: all of it is taken, within limits. */
    for (int steps = 0; status == LIVE_IDLE && steps < STEPS_MAX && !(is_through && is_late);
         steps++) {
        if (is_through)
            wait_for_more(s, timeout_ms < 0 ? INT_MAX : until - now_ms());
        *out = (live_chunk){ .at = s->position };
        status = step(s, out, &is_through, message);
        is_late = now_ms() >= until;
    }
    out->tli = s->tli;
    out->server_end = s->server_end;
    return status;
}

static void source_confirm(live_source *source, wp_lsn lsn)
{
    stream_source *s = (stream_source *)source;
    s->confirmed = lsn > s->confirmed ? lsn : s->confirmed;
}

static void source_free(live_source *source)
{
    stream_source *s = (stream_source *)source;
    if (s->state == STREAMING)
        update(s, false);
    close_link(s);
    stream_attempt_free(s->attempt);
    free(s);
}

/* ---- the beginning -------------------------------------------------------------------------- */

static bool connect_first(stream_source *s, const stream_config *config, stream_link *link,
                          char message[MESSAGE_BYTES])
{
    const stream_goal goal = { .config = stream_attempt_config(s->attempt),
                               .is_first = true,
                               .system_identifier = config->system_identifier,
                               .tli = config->from_tli };
    stream_outcome outcome = STREAM_AGAIN;
    for (int tries = 0; tries < SLOT_TRIES && outcome != STREAM_RUNS; tries++) {
        if (tries > 0)
            (void)poll(NULL, 0, SLOT_TRY_MS);
        outcome = stream_connect(&goal, link, message);
        if (outcome != STREAM_RUNS && !link->is_slot_active)
            return false;
    }
    return outcome == STREAM_RUNS;
}

bool stream_source_open(const stream_config *config, live_source **out, char message[MESSAGE_BYTES])
{
    static const live_source_functions functions = { source_next, source_fd, source_confirm,
                                                     source_free };
    *out = NULL;
    stream_source *s = calloc(1, sizeof *s);
    if (s == NULL)
        return message_no_memory(message);
    s->delay_ms = DELAY_MS_MIN;
    s->silence_ms = config->silence_ms > 0 ? config->silence_ms : SILENCE_MS;
    stream_link link;
    if (!stream_attempt_new(config, &s->attempt, message)
        || !connect_first(s, config, &link, message)) {
        stream_attempt_free(s->attempt);
        free(s);
        return false;
    }
    s->base = (live_source){ .functions = &functions,
                             .from = link.position,
                             .from_tli = link.tli,
                             .segment_bytes = link.segment_bytes,
                             .system_identifier = link.system_identifier };
    s->position = segment_start(s, link.position);
    s->tli = link.tli;
    s->ended = link.ended;
    take_link(s, &link);
    *out = &s->base;
    return true;
}

#else

#include "server/session.h"

bool stream_source_open(const stream_config *config, live_source **out, char message[MESSAGE_BYTES])
{
    *out = NULL;
    return session_is_possible(config->option, message);
}

#endif
