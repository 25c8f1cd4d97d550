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
#include "archive/timeline_forks.h"
#include "base/message.h"
#include "base/plural.h"
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
    forks forks;
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
    forks_note(&w->forks, fact);
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

/* Does a history file say otherwise than the WAL does? */
static bool is_forked_elsewhere(const time_window *w, const archive *wal)
{
    bool is = false;
    for (size_t i = 0; !is && i < w->forks.count; i++)
        is = forks_contradict(&w->forks.items[i],
                              timeline_tree_find(&wal->timeline_tree, w->forks.items[i].tli));
    return is;
}

/* What the records with times were read from. */
typedef struct time_source {
    const archive *wal;
    const scan_result *seen;
    bool is_ambiguous; /* other files, or another history, may be the right ones */
} time_source;

static bool is_whole(const time_source *from)
{
    return from->seen->ndamages == 0 && !from->is_ambiguous;
}

static exit_code tell_nothing(const time_window *w, const time_source *read)
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
    if (is_whole(read))
        return EXIT_NOTHING;
    log_warning("some of the WAL could not be read: see pitr-find verify");
    return EXIT_DOUBT;
}

/* Of the places that could not be read those that end at `until` or before, or begin after `after`. The first one, or NULL. */
static const scan_damage *damages_outside(const time_source *read, wp_lsn until, wp_lsn after,
                                          size_t *count)
{
    const scan_result *seen = read->seen;
    const size_t listed = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    const scan_damage *first = NULL, *last = NULL;
    *count = 0;
    for (size_t i = 0; i < listed; i++) {
        const scan_damage *damage = last = &seen->damages[i];
        const wp_lsn end =
            scan_damage_end(damage->from, damage->until, read->wal->info.segment_size);
        if (end > until && damage->from <= after)
            continue;
        first = first != NULL ? first : damage;
        ++*count;
    }
    /* Those that are not listed lie after the last one. */
    if (seen->ndamages > listed && (after != UINT64_MAX || last->from < until)) {
        first = first != NULL ? first : last;
        *count += seen->ndamages - listed;
    }
    return first;
}

static bool tell_damages(const time_source *read, const char *edge, wp_lsn at, wp_lsn until,
                         wp_lsn after)
{
    size_t count;
    char lsn[WP_LSN_TEXT_BYTES], more[48] = "";
    const scan_damage *first = damages_outside(read, until, after, &count);
    if (first == NULL)
        return false;
    if (count > 1)
        (void)snprintf(more, sizeof more, "; %zu more place%s", count - 1, plural(count - 1));
    log_warning("%s %s: a record that could not be read there may bear a time that lies in the "
                "window: %s%s",
                edge, wp_lsn_format(at, lsn), first->text, more);
    return true;
}

/* May an edge lie elsewhere? w has those that the times give, and not the LSNs that were asked for. */
static bool tell_doubt(const time_window *w, const time_source *read)
{
    const wp_lsn segment_mask = ~((wp_lsn)read->wal->info.segment_size - 1);
    bool is_doubtful = false;
    /* What is damaged in the segment that the window begins in is told with its records. */
    if (w->from != 0)
        is_doubtful |= tell_damages(read, "the window may begin before", w->from,
                                    w->from & segment_mask, UINT64_MAX);
    if (w->to != 0)
        is_doubtful |= tell_damages(read, "the window may end after", w->to, 0, w->to);
    if ((w->from == 0 && w->to == 0) || !read->is_ambiguous)
        return is_doubtful;
    log_warning("the window may begin or end elsewhere: which files, or which history, its times "
                "are to be read from cannot be told: see pitr-find verify");
    return true;
}

static exit_code narrow(time_window *w, const time_source *read, options *o, bool *is_doubtful)
{
    const bool is_empty = (o->given[OPT_SINCE] && !w->has_since)
                          || (o->given[OPT_UNTIL] && !w->has_until) || w->last == 0;
    if (is_empty)
        return tell_nothing(w, read);
    w->from = o->given[OPT_SINCE] ? w->from : 0;
    w->to = o->given[OPT_UNTIL] ? w->to : 0;
    const bool is_from = w->from > o->from_lsn;
    const bool is_to = w->to != 0 && (o->to_lsn == 0 || w->to < o->to_lsn);
    o->from_lsn = is_from ? w->from : o->from_lsn;
    o->to_lsn = is_to ? w->to : o->to_lsn;
    w->from = is_from ? w->from : 0;
    w->to = is_to ? w->to : 0;
    o->given[OPT_SINCE] = o->given[OPT_UNTIL] = false;
    *is_doubtful = tell_doubt(w, read);
    if (o->to_lsn == 0 || o->from_lsn <= o->to_lsn)
        return EXIT_FOUND;
    char a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES];
    log_headline(
        "no record is left: by the times and LSNs asked for it starts at %s or later, and at "
        "%s or earlier",
        wp_lsn_format(o->from_lsn, a), wp_lsn_format(o->to_lsn, b));
    return is_whole(read) ? EXIT_NOTHING : EXIT_DOUBT;
}

static exit_code read_times(const question *q, const archive *wal, options *o, bool *is_doubtful)
{
    char message[MESSAGE_BYTES];
    scan_result seen;
    time_window w = { .times = &q->range };
    const scan_config config = { .jobs = q->jobs,
                                 .show_progress = !isatty(STDOUT_FILENO),
                                 .callbacks = { .context = &w, .on_fact = take_fact },
                                 .on_record = decode_record };
    const scan_outcome outcome = scan_once(wal, &config, &seen, message);
    if (outcome == SCAN_FAILED)
        return result_trouble(message);
    const time_source read = { .wal = wal,
                               .seen = &seen,
                               .is_ambiguous =
                                   wal->nconflicts > 0 || is_forked_elsewhere(&w, wal) };
    return narrow(&w, &read, o, is_doubtful);
}

exit_code time_window_narrow(options *o, bool *is_doubtful)
{
    *is_doubtful = false;
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
    const exit_code code = read_times(&q, &wal, o, is_doubtful);
    archive_free(&wal);
    return code;
}
