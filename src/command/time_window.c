/*
 * time_window.c - see time_window.h.
 *
 * The ends of transactions, PREPARE, shutdown checkpoints and ends of recovery bear the time at which they were written. (A checkpoint of a
 * running server bears the time at which it began, minutes before it was written: it proves nothing.)
 *
 *     time        10:00       10:05       10:20       10:30
 *     LSN     ------|-----------|-----------|-----------|------
 *     --since 10:03  [==========================================
 *     --until 10:25 ====================================]
 */
#include "command/time_window.h"

#include <stdio.h>
#include <unistd.h>

#include "archive/backup_label.h"
#include "base/message.h"
#include "base/result.h"
#include "base/time_text.h"
#include "cli/options_question.h"
#include "scan/scan.h"
#include "search/sources.h"

#define SECOND ((wp_time)1000000)

typedef struct time_window {
    const question_range *times;
    wp_lsn last;              /* the last record with a time so far; 0: none */
    wp_time earliest, latest; /* of all of them */
    bool has_since, has_until;
    wp_lsn from; /* has_since: records that start here or later */
    wp_lsn to;   /* has_until: records that start here or earlier; 0: to the end */
} time_window;

static bool decode_record(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context;
    return wp_xact_facts(record, facts) >= 0 && wp_timeline_facts(record, facts) >= 0;
}

/* It was written between these two, both included. False: it does not say. */
static bool time_of(const wp_fact *fact, wp_time *from, wp_time *until)
{
    switch (fact->kind) {
    case WP_FACT_XACT_END:
    case WP_FACT_PREPARE:
        *from = *until = ((const wp_fact_xact *)(const void *)fact)->time;
        break;
    case WP_FACT_END_OF_RECOVERY:
        *from = *until = ((const wp_fact_checkpoint *)(const void *)fact)->time;
        break;
    case WP_FACT_CHECKPOINT: /* in whole seconds */
        *from = ((const wp_fact_checkpoint *)(const void *)fact)->time;
        *until = *from + SECOND - 1;
        break;
    default:
        return false;
    }
    return *from != WP_TIME_UNKNOWN;
}

static void take_fact(void *context, const wp_fact *fact)
{
    time_window *w = context;
    wp_time from, until;
    if (!time_of(fact, &from, &until))
        return;
    if (w->last == 0 || from < w->earliest)
        w->earliest = from;
    if (w->last == 0 || from > w->latest)
        w->latest = from;
    if (!w->has_since && until >= w->times->since) {
        w->has_since = true;
        w->from = w->last == 0 ? 0 : w->last + 1;
    }
    if (w->has_until && w->to == 0)
        w->to = fact->lsn - 1;
    if (from <= w->times->until) {
        w->has_until = true;
        w->to = 0;
    }
    w->last = fact->lsn;
}

static exit_code tell_nothing(const time_window *w, bool is_doubtful)
{
    text line = { 0 };
    text_add(&line, "no record lies between --since and --until: ");
    if (w->last == 0) {
        text_add(&line, "no record of this WAL bears a time");
    } else {
        text_add(&line, "the times in this WAL go from ");
        time_text_add(&line, w->earliest);
        text_add(&line, " to ");
        time_text_add(&line, w->latest);
    }
    log_headline("%s", text_chars(&line));
    text_free(&line);
    if (is_doubtful)
        log_warning("some of the WAL could not be read: see pitr-find verify");
    return is_doubtful ? EXIT_DOUBT : EXIT_NOTHING;
}

static exit_code narrow(const time_window *w, bool is_doubtful, options *o)
{
    const bool is_empty = (o->given[OPT_SINCE] && !w->has_since)
                          || (o->given[OPT_UNTIL] && !w->has_until) || w->last == 0;
    if (is_empty)
        return tell_nothing(w, is_doubtful);
    const wp_lsn from = o->given[OPT_SINCE] ? w->from : 0;
    const wp_lsn to = o->given[OPT_UNTIL] ? w->to : 0;
    if (from > o->from_lsn)
        o->from_lsn = from;
    if (to != 0 && (o->to_lsn == 0 || to < o->to_lsn))
        o->to_lsn = to;
    o->given[OPT_SINCE] = o->given[OPT_UNTIL] = false;
    if (o->to_lsn == 0 || o->from_lsn <= o->to_lsn)
        return EXIT_FOUND;
    char a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES];
    log_headline(
        "no record is left: by the times and LSNs asked for it starts at %s or later, and at "
        "%s or earlier",
        wp_lsn_format(o->from_lsn, a), wp_lsn_format(o->to_lsn, b));
    return is_doubtful ? EXIT_DOUBT : EXIT_NOTHING;
}

static exit_code read_times(const question *q, const archive *wal, options *o)
{
    char message[MESSAGE_BYTES];
    scan_result seen;
    time_window w = { .times = &q->range };
    const scan_config config = { .jobs = q->jobs,
                                 .show_progress = !isatty(STDOUT_FILENO),
                                 .callbacks = { .context = &w, .on_fact = take_fact },
                                 .on_record = decode_record };
    scan *s = scan_new(wal, NULL);
    if (s == NULL) {
        message_no_memory(message);
        return result_trouble(message);
    }
    const scan_outcome outcome = scan_run(s, &config, &seen, message);
    scan_free(s);
    return outcome == SCAN_FAILED ? result_trouble(message) : narrow(&w, seen.ndamages > 0, o);
}

exit_code time_window_narrow(options *o)
{
    const question q = options_question(o);
    if ((!q.range.has_since && !q.range.has_until) || sources_stray_word(&q) != NULL)
        return EXIT_FOUND;
    char message[MESSAGE_BYTES];
    archive wal;
    /* Where one begins or ends may be told outside the range of LSNs. */
    archive_limits limits = { .timeline = q.timeline,
                              .system_id = q.system_id,
                              .command = q.from_command };
    if (limits.command != NULL) {
        limits.from_lsn = q.range.from_lsn;
        limits.to_lsn = q.range.to_lsn;
    }
    options_tell_zones(o);
    if (limits.command != NULL && q.nsources == 0 && q.backup != NULL
        && !backup_begin(q.backup, &limits.begin_lsn, &limits.begin_tli, message))
        return result_trouble(message);
    if (!archive_open(q.sources, q.nsources, &limits, &wal, message))
        return result_trouble(message);
    const exit_code code = read_times(&q, &wal, o);
    archive_free(&wal);
    return code;
}
