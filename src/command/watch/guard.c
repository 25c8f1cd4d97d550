/*
 * guard.c - see guard.h.
 *
 *   WATCHING --an incident--> SETTLING --it stands still, in time--> HELD --it goes on--> WATCHING
 *                             (asked to pause)  \--too late--> WATCHING
 *
 * A restart ends a pause. Where the standby comes back with a recovery target, people follow the recipe; where it comes back
 * without one, and had none before, it is asked again.
 */
#include "command/watch/guard.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/grow.h"
#include "base/message.h"
#include "command/watch/guard_event.h"
#include "command/watch/guard_words.h"
#include "command/watch/standby.h"

/* Incidents beyond are not told of singly; the first one is what the standby is held for. */
#define INCIDENTS_MAX 100
#define LOOK_MS 100       /* while it is not known where the standby stands still */
#define HURRY_MS 3000     /* and for so long after that, for it may pause yet */
#define HELD_MS 1000      /* while it is held */
#define WATCHING_MS 10000 /* so that a lost standby is found out before it is needed */
#define SETTLED_MS 200    /* replay that does not move for so long pauses, or waits for a commit */
#define OPEN_MS 3000      /* nothing is certain for so long: that is told */
#define GUARD_ANSWER_SECONDS 3 /* the server's own limit is below that (standby.c) */
#define RETRY_MS 250
#define RETRY_MAX_MS 5000
#define RETRY_MAX_URGENT_MS 1000 /* while there is an incident */

typedef enum guard_phase { GUARD_WATCHING, GUARD_SETTLING, GUARD_HELD } guard_phase;

typedef struct guard_case {
    guard_incident incident;
    bool is_told;
} guard_case;

struct guard {
    guard_config config;
    session_config connection;
    compiled_pattern *pattern;
    session *session; /* NULL: none */
    bool is_connected, was_lost;
    standby_about about;
    guard_look look;
    int64_t clock_ahead_ms;

    guard_phase phase;
    guard_case *cases; /* in the order of their commits */
    size_t count, room;
    bool has_seen_target;              /* since it is held */
    bool is_open_told, is_paused_told; /* of the first case */
    bool is_promotion_told;
    int64_t asked_at, still_since, next_at, retry_ms;
    wp_lsn still_at;
};

__attribute__((format(printf, 2, 3))) static void tell(guard *g, const char *format, ...)
{
    char line[2 * MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    g->config.on_line(g->config.context, line);
}

/* ---- the connection ------------------------------------------------------------------------- */

static int64_t wall_clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return ((int64_t)now.tv_sec - 946684800) * 1000000 + now.tv_nsec / 1000;
}

static bool look(guard *g, char message[MESSAGE_BYTES])
{
    const int64_t before = wall_clock_us();
    if (!standby_ask_look(g->session, &g->about, &g->look, message))
        return false;
    g->clock_ahead_ms = (g->look.clock - (before + wall_clock_us()) / 2) / 1000;
    return true;
}

static bool check_about(const guard *g, const standby_about *about, char message[MESSAGE_BYTES])
{
    const uint64_t want = g->config.system_identifier;
    if (want != 0 && about->system_identifier != want)
        return message_fail(
            message,
            "the server of --guard is of another cluster (system identifier %" PRIu64
            ", the WAL has %" PRIu64 ")",
            about->system_identifier, want);
    if (!about->may_pause && !g->config.is_dry_run)
        return message_fail(
            message,
            "user %s may not pause the standby of --guard: on its primary, in the database it connects to, do "
            "GRANT EXECUTE ON FUNCTION pg_wal_replay_pause() TO %s",
            about->user, about->user);
    return true;
}

/* Is there a verdict that is not told yet? Then it takes a moment more. */
bool guard_is_busy(const guard *g)
{
    return g->count > 0 && g->phase != GUARD_HELD;
}

static void disconnect(guard *g)
{
    session_close(g->session);
    g->session = NULL;
    g->is_connected = false;
}

/* The connection is there: what is at its other end? */
static bool take_connection(guard *g, char message[MESSAGE_BYTES])
{
    standby_about about;
    if (!standby_prepare(g->session, message) || !standby_ask_about(g->session, &about, message))
        return false;
    const bool is_good = check_about(g, &about, message);
    standby_about_free(is_good ? &g->about : &about);
    if (is_good)
        g->about = about;
    return is_good && look(g, message);
}

static void lose(guard *g, int64_t now_ms, const char *message)
{
    disconnect(g);
    if (!g->was_lost)
        tell(g, "guard: the standby is lost, and is tried again: %s", message);
    g->was_lost = true;
    g->next_at = now_ms + g->retry_ms;
    const int64_t max = g->count > 0 ? RETRY_MAX_URGENT_MS : RETRY_MAX_MS;
    g->retry_ms = g->retry_ms * 2 < max ? g->retry_ms * 2 : max;
}

/* ---- incidents ------------------------------------------------------------------------------ */

static void drop_cases(guard *g, size_t n)
{
    for (size_t i = 0; i < n; i++)
        guard_incident_free(&g->cases[i].incident);
    for (size_t i = n; i < g->count; i++)
        g->cases[i - n] = g->cases[i];
    g->count -= n;
}

static void begin_watching(guard *g)
{
    g->phase = GUARD_WATCHING;
    g->has_seen_target = g->is_open_told = g->is_paused_told = false;
}

/* Nothing is held any more. What has been told of is done with. */
static void let_go(guard *g)
{
    size_t n = 0;
    while (n < g->count && g->cases[n].is_told)
        n++;
    drop_cases(g, n);
    begin_watching(g);
}

bool guard_add(guard *g, guard_incident *incident, char message[MESSAGE_BYTES])
{
    guard_case *last = g->count > 0 ? &g->cases[g->count - 1] : NULL;
    g->next_at = 0;
    if (last != NULL && guard_incident_is_same(&last->incident, incident)) {
        const bool is_good = guard_incident_merge(&last->incident, incident);
        guard_incident_free(incident);
        return is_good || message_no_memory(message);
    }
    if (g->count >= INCIDENTS_MAX) { /* the earliest ones count */
        guard_incident_free(incident);
        return true;
    }
    guard_case *one = GROW(g->cases, g->count, g->room);
    if (one == NULL) {
        guard_incident_free(incident);
        return message_no_memory(message);
    }
    *one = (guard_case){ .incident = *incident };
    *incident = (guard_incident){ 0 };
    return true;
}

bool guard_on_event(guard *g, const struct live_event *event, char message[MESSAGE_BYTES])
{
    guard_incident incident = { 0 };
    bool matches = false;
    if (!guard_event_matches(event, g->pattern, g->config.rows, &matches, message))
        return false;
    if (!matches)
        return true;
    if (guard_event_incident(event, g->about.profile, &incident))
        return guard_add(g, &incident, message);
    guard_incident_free(&incident);
    return message_no_memory(message);
}

/* ---- reports -------------------------------------------------------------------------------- */

static bool report(guard *g, guard_case *one, guard_report_kind kind, guard_verdict verdict,
                   int64_t now_ms, char message[MESSAGE_BYTES])
{
    const bool is_asked = !g->config.is_dry_run && g->phase != GUARD_WATCHING;
    const guard_report r = { .kind = kind,
                             .incident = &one->incident,
                             .about = &g->about,
                             .look = &g->look,
                             .verdict = verdict,
                             .is_dry_run = g->config.is_dry_run,
                             .asked_ms = is_asked ? now_ms - g->asked_at : -1,
                             .clock_ahead_ms = g->clock_ahead_ms };
    text lines = { 0 }, json = { 0 };
    guard_report_lines(&r, &lines);
    guard_report_json(&r, &json);
    const bool is_good = !lines.failed && !json.failed;
    if (is_good)
        g->config.on_report(g->config.context, text_chars(&lines), text_chars(&json));
    text_free(&lines);
    text_free(&json);
    if (kind != GUARD_REPORT_OPEN)
        one->is_told = true;
    return is_good || message_no_memory(message);
}

/* Without having moved for so long. */
static int64_t still_ms(const guard *g, int64_t now_ms)
{
    return now_ms - g->still_since;
}

static void note_still(guard *g, int64_t now_ms)
{
    if (g->look.replayed != g->still_at || g->still_since < g->asked_at)
        g->still_since = now_ms;
    g->still_at = g->look.replayed;
}

/* ---- what each phase does ------------------------------------------------------------------- */

typedef enum guard_done { GUARD_DONE, GUARD_LOST, GUARD_OUT_OF_MEMORY } guard_done;

static guard_done done_if(bool is_good)
{
    return is_good ? GUARD_DONE : GUARD_OUT_OF_MEMORY;
}

/* Only questions: what would be so, were the pause asked for now? */
static guard_done step_dry(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (!look(g, message))
        return GUARD_LOST;
    while (g->count > 0) {
        guard_look asked = g->look;
        if (asked.pause == GUARD_NOT_PAUSED)
            asked.pause = GUARD_PAUSE_ASKED;
        const guard_verdict verdict = guard_judge(&g->cases[0].incident.bounds, &asked, 0);
        if (!report(g, &g->cases[0], GUARD_REPORT_VERDICT, verdict, now_ms, message))
            return GUARD_OUT_OF_MEMORY;
        drop_cases(g, 1);
    }
    g->next_at = now_ms + WATCHING_MS;
    return GUARD_DONE;
}

static guard_done ask_pause(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (!standby_ask_pause(g->session, g->cases[0].incident.bounds.end, message))
        return GUARD_LOST;
    g->phase = GUARD_SETTLING;
    g->asked_at = g->still_since = now_ms;
    g->still_at = 0;
    g->next_at = now_ms;
    return GUARD_DONE;
}

static guard_done step_watching(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (g->count > 0)
        return g->config.is_dry_run ? step_dry(g, now_ms, message) : ask_pause(g, now_ms, message);
    if (!look(g, message))
        return GUARD_LOST;
    if (!g->look.is_in_recovery && !g->is_promotion_told)
        tell(
            g,
            "guard: the server of --guard is a standby no more: it was promoted, and guards nothing");
    g->is_promotion_told = !g->look.is_in_recovery;
    g->next_at = now_ms + WATCHING_MS;
    return GUARD_DONE;
}

static guard_done step_settling(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (!look(g, message))
        return GUARD_LOST;
    note_still(g, now_ms);
    guard_case *first = &g->cases[0];
    const guard_verdict v = guard_judge(&first->incident.bounds, &g->look, still_ms(g, now_ms));
    if (v.answer != GUARD_TOO_LATE && g->look.pause == GUARD_NOT_PAUSED
        && !standby_ask_pause(g->session, first->incident.bounds.end, message))
        return GUARD_LOST;
    const bool is_still = g->look.pause == GUARD_PAUSED || still_ms(g, now_ms) >= SETTLED_MS;
    g->next_at = now_ms + LOOK_MS;
    bool is_good = true;
    if (v.answer == GUARD_TOO_LATE) {
        is_good = report(g, first, GUARD_REPORT_VERDICT, v, now_ms, message);
        drop_cases(g, 1);
        begin_watching(g);
    } else if (v.answer == GUARD_IN_TIME && is_still) {
        is_good = report(g, first, GUARD_REPORT_VERDICT, v, now_ms, message);
        g->is_paused_told = g->look.pause == GUARD_PAUSED;
        g->phase = GUARD_HELD;
    } else if (now_ms - g->asked_at >= OPEN_MS && !g->is_open_told) {
        is_good = report(g, first, GUARD_REPORT_OPEN, v, now_ms, message);
        g->is_open_told = true;
    }
    return done_if(is_good);
}

/* Those that came while it is held. */
static bool report_others(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    for (size_t i = 1; i < g->count; i++) {
        guard_case *one = &g->cases[i];
        if (one->is_told)
            continue;
        const guard_verdict v = guard_judge(&one->incident.bounds, &g->look, still_ms(g, now_ms));
        if (!report(g, one, GUARD_REPORT_ALSO, v, now_ms, message))
            return false;
    }
    return true;
}

/* Is the standby held no more? Then that is told. */
static bool is_let_go(guard *g)
{
    char lsn[WP_LSN_TEXT_BYTES];
    wp_lsn_format(g->look.replayed, lsn);
    g->is_promotion_told = !g->look.is_in_recovery;
    if (!g->look.is_in_recovery)
        tell(g, "guard: the server of --guard is a standby no more: it was promoted");
    else if (g->look.pause == GUARD_NOT_PAUSED && !g->about.has_target)
        tell(g, "guard: the standby goes on from %s: it is held no more", lsn);
    else if (g->look.replayed > g->cases[0].incident.bounds.end)
        tell(g, "guard: the standby has replayed to %s, past what it was held for", lsn);
    else
        return false;
    let_go(g);
    return true;
}

static bool report_paused(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    guard_case *first = &g->cases[0];
    if (g->look.pause != GUARD_PAUSED || g->is_paused_told)
        return true;
    g->is_paused_told = true;
    return report(g, first, GUARD_REPORT_PAUSED,
                  guard_judge(&first->incident.bounds, &g->look, still_ms(g, now_ms)), now_ms,
                  message);
}

static guard_done step_held(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (!look(g, message))
        return GUARD_LOST;
    note_still(g, now_ms);
    g->next_at = now_ms + (now_ms - g->asked_at < HURRY_MS ? LOOK_MS : HELD_MS);
    if (is_let_go(g))
        return GUARD_DONE;
    return done_if(report_paused(g, now_ms, message) && report_others(g, now_ms, message));
}

/* ---- connecting again ----------------------------------------------------------------------- */

static void take_restart(guard *g)
{
    char lsn[WP_LSN_TEXT_BYTES];
    wp_lsn_format(g->look.replayed, lsn);
    if (g->about.has_target) {
        tell(g, "guard: the standby was restarted with a recovery target, and stands at %s", lsn);
        g->has_seen_target = true;
        g->is_paused_told = true;
    } else if (g->has_seen_target || !g->about.knows_settings) {
        tell(
            g,
            "guard: the standby was restarted, which ended the pause, and goes on from %s: it is held no more",
            lsn);
        let_go(g);
    } else {
        tell(g, "guard: the standby was restarted, which ended the pause at %s: it is asked again",
             lsn);
        for (size_t i = 0; i < g->count; i++)
            g->cases[i].is_told = false;
        begin_watching(g);
    }
}

static guard_done step_connecting(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    if (g->session == NULL && !session_start(&g->connection, &g->session, message))
        return GUARD_LOST;
    const session_state state = session_connect(g->session, 0, message);
    g->next_at = now_ms + LOOK_MS;
    if (state == SESSION_WAITING)
        return GUARD_DONE;
    const wp_time started = g->about.started;
    if (state == SESSION_FAILED || !take_connection(g, message))
        return GUARD_LOST;
    g->is_connected = true;
    g->was_lost = false;
    g->retry_ms = RETRY_MS;
    g->next_at = now_ms;
    tell(g, "guard: the standby is there again");
    if (g->about.started != started && g->phase != GUARD_WATCHING)
        take_restart(g);
    return GUARD_DONE;
}

bool guard_step(guard *g, int64_t now_ms, char message[MESSAGE_BYTES])
{
    guard_done done = GUARD_DONE;
    /* What is asked may follow at once: the pause, then a look. */
    for (int i = 0; i < 4 && done == GUARD_DONE && now_ms >= g->next_at; i++) {
        if (!g->is_connected)
            done = step_connecting(g, now_ms, message);
        else if (g->phase == GUARD_WATCHING)
            done = step_watching(g, now_ms, message);
        else if (g->phase == GUARD_SETTLING)
            done = step_settling(g, now_ms, message);
        else
            done = step_held(g, now_ms, message);
    }
    if (done == GUARD_LOST)
        lose(g, now_ms, message);
    return done != GUARD_OUT_OF_MEMORY;
}

int guard_wait_ms(const guard *g, int64_t now_ms)
{
    const int64_t left = g->next_at - now_ms;
    return left <= 0 ? 0 : left < WATCHING_MS ? (int)left : WATCHING_MS;
}

/* ---- the start ------------------------------------------------------------------------------ */

static bool start(guard *g, text_list *notes, char message[MESSAGE_BYTES])
{
    if (g->config.pattern != NULL && (g->pattern = pattern_new(g->config.pattern, message)) == NULL)
        return false;
    if (!session_open(&g->connection, &g->session, message) || !take_connection(g, message))
        return false;
    if (!g->look.is_in_recovery)
        return message_fail(message,
                            "the server of --guard is no standby: pg_is_in_recovery() is false");
    g->is_connected = true;
    guard_note_start(&g->about, &g->look, g->clock_ahead_ms, notes);
    return true;
}

bool guard_new(const char *conninfo, const guard_config *config, guard **out, text_list *notes,
               char message[MESSAGE_BYTES])
{
    *out = NULL;
    guard *g = calloc(1, sizeof *g);
    if (g == NULL)
        return message_no_memory(message);
    g->config = *config;
    g->connection = (session_config){ .conninfo = conninfo,
                                      .option = "--guard",
                                      .server = "the standby of --guard",
                                      .answer_seconds = GUARD_ANSWER_SECONDS };
    g->retry_ms = RETRY_MS;
    if (!start(g, notes, message)) {
        guard_free(g);
        return false;
    }
    *out = g;
    return true;
}

void guard_free(guard *g)
{
    if (g == NULL)
        return;
    drop_cases(g, g->count);
    free(g->cases);
    pattern_free(g->pattern);
    standby_about_free(&g->about);
    session_close(g->session);
    free(g);
}
