/*
 * search.c - see search.h.
 *
 * The reducer hands over a transaction's events, then its end. So a match waits for the end of its
 * transaction: only there is the history of all transactions before it complete.
 */
#include "search/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "search/filter.h"
#include "base/log.h"
#include "base/message.h"
#include "search/no_match.h"
#include "search/statement.h"
#include "base/time_text.h"
#include "recovery/needs.h"

/* Each pass may learn of catalogs that moved; more passes than there are tracked catalogs learn nothing. */
#define PASSES_MAX 32

/* A database that could not be removed stays unusable, maybe for long: so many are remembered. */
#define AT_ONCE_KEPT 64

/* The long one. What is no further from the start of a page is its first record. */
#define PAGE_HEADER_BYTES_MAX 40

typedef struct finder {
    const options *options;
    const archive *archive;
    const backup *base;      /* NULL: none */
    const wp_known *known;   /* NULL: none */
    const search_sink *sink; /* NULL: `target` */
    search_result *out;
    filter filter;
    bool inclusive; /* stop behind, not before */
    wp_stop_config base_config;
    bool skips_dml;
    bool met_dml_name; /* a name was met that a match may begin in: DML is needed after all */
    bool stop;
    const char *failure; /* one line, or NULL */

    /* What follows starts anew with each pass. */
    uint64_t commits;
    wp_xact_end last_commit;   /* xid 0: none yet; without gid and subtransactions */
    bool is_found;             /* out->place holds */
    bool is_waiting;           /* out->event was set in the transaction whose end comes next */
    wp_lsn matched_lsn;        /* of the last transaction that had a match */
    xact_summary xact_summary; /* of the transaction whose end comes next */
    series series;             /* what was destroyed so far */
    struct place_at_once {
        wp_lsn lsn;
        wp_xact_end last;    /* the last commit before it */
    } at_once[AT_ONCE_KEPT]; /* the latest places before records that act at once: a ring */
    size_t nat_once;
    wp_lsn last_record;
    wp_lsn last_end; /* of a transaction; 0: none yet */
    wp_time last_end_time;
    wp_fact_record asked; /* the first record at --before-lsn or behind it; its LSN 0: none yet */
    wp_lsn cut_lsn,
        cut_last; /* a record at --before-lsn that is not whole, and the one before it */
} finder;

static void fail(finder *f, const char *failure)
{
    f->failure = failure;
    f->stop = true;
}

/* ---- timelines ---------------------------------------------------------------------------- */

static wp_tli timeline_of(const finder *f, wp_lsn lsn)
{
    return archive_timeline(f->archive, lsn);
}

/* ---- choosing ----------------------------------------------------------------------------- */

static bool is_by_pattern(const options *o)
{
    return o->given[OPT_BEFORE] || o->given[OPT_AFTER];
}

static bool is_by_position(const finder *f)
{
    return f->sink == NULL && !is_by_pattern(f->options) && !f->options->given[OPT_RESTORE_POINT];
}

/* Is the target in front of something that was not meant? */
static bool is_before(const finder *f)
{
    return f->sink == NULL && !f->inclusive && !f->options->given[OPT_RESTORE_POINT];
}

static wp_xid asked_xid(const options *o)
{
    return (wp_xid)(o->given[OPT_BEFORE_XID] ? o->before_xid : o->after_xid);
}

static bool has_subxid(const wp_xact_end *end, wp_xid xid)
{
    for (uint32_t i = 0; i < end->nsubxids; i++) {
        if (end->subxids[i] == xid)
            return true;
    }
    return false;
}

/* Is this the transaction that a position asks for? */
static bool is_asked_for(const options *o, const wp_xact_end *end)
{
    if (!o->given[OPT_BEFORE_LSN] && !filter_has_in_range(o, end->lsn, end->time))
        return false;
    if (o->given[OPT_BEFORE_TIME])
        return end->time != WP_TIME_UNKNOWN && end->time >= o->before_time.time;
    if (o->given[OPT_BEFORE_LSN]) /* a position needs no transaction */
        return end->lsn >= o->before_lsn && !end->is_cut;
    const wp_xid xid = asked_xid(o);
    return end->xid == xid || has_subxid(end, xid);
}

/* Of what a transaction did, the gravest is shown: kinds of events are in that order. */
static bool tells_more(const finder *f, const wp_event *event)
{
    return !f->is_waiting || event->kind < f->out->event.event.kind;
}

/* Of what may be meant, only what comes after the last match can be that; and none of one transaction matters. */
static void forget_maybes(finder *f, wp_lsn lsn)
{
    if (f->options->pick.rule == PICK_LAST)
        matches_clear(&f->out->maybe);
    else
        matches_drop(&f->out->maybe, lsn);
}

static void choose(finder *f, const event_view *view, uint64_t number)
{
    f->out->guesses = is_by_pattern(f->options) && filter_guesses_kind(&f->filter, view->event);
    f->out->maybe_catalogs =
        is_by_pattern(f->options) && filter_takes_catalog(&f->filter, view->event);
    if (!event_match_set(&f->out->event, view, number))
        fail(f, "out of memory");
    f->is_waiting = true;
    forget_maybes(f, view->xact->lsn);
}

/*
 * An event that may be meant makes what is chosen doubtful, unless it is of the same transaction, or comes after the
 * first, or the one with the number, that was asked for.
 */
static void note_maybe(finder *f, const event_view *view)
{
    const pick_rule rule = f->options->pick.rule;
    const bool is_chosen = f->sink == NULL && (f->is_found || f->is_waiting);
    if (is_chosen
        && (rule == PICK_FIRST || rule == PICK_NUMBER || f->out->event.xact.lsn == view->xact->lsn))
        return;
    if (!matches_add(&f->out->maybe, view))
        fail(f, "out of memory");
}

static bool is_chosen(const option_pick *wanted, uint64_t number)
{
    switch (wanted->rule) {
    case PICK_LAST:
        return true;
    case PICK_NUMBER:
        return number == wanted->number;
    case PICK_FIRST:
    case PICK_UNIQUE:
        break;
    }
    return number == 1;
}

static void take_match(finder *f, const event_view *view)
{
    if (view->xact->lsn != f->matched_lsn)
        f->out->matched_xacts++;
    f->matched_lsn = view->xact->lsn;
    if (!matches_add(&f->out->matches, view))
        fail(f, "out of memory");
    if (is_chosen(&f->options->pick, f->out->matches.total))
        choose(f, view, f->out->matches.total);
}

static bool has_unnamed_part(const wp_event *event)
{
    return (event->database.oid != 0 && event->database.name == NULL)
           || (event->schema.oid != 0 && event->schema.name == NULL)
           || (event->object.oid != 0 && event->object.name == NULL);
}

/* It is told, and its rows are not all counted. */
static void note_missed_rows(finder *f, const wp_event *event)
{
    search_result *out = f->out;
    const wp_lsn lsn = event->xact->lsn;
    if (!event->may_miss_rows || lsn == out->last_part_counted)
        return;
    if (out->part_counted++ == 0)
        out->first_part_counted = lsn;
    out->last_part_counted = lsn;
}

/* False unless the filter lets it pass. */
static bool passes_filter(finder *f, const event_view *view)
{
    const wp_event *event = view->event;
    const pattern_answer answer = filter_match(&f->filter, event);
    if (answer == PATTERN_MAYBE)
        note_maybe(f, view);
    if (answer == PATTERN_FAILED)
        fail(f, filter_failure(&f->filter));
    f->out->unnamed += answer == PATTERN_YES && has_unnamed_part(event);
    if (answer == PATTERN_YES)
        note_missed_rows(f, event);
    return answer == PATTERN_YES;
}

/* What comes near is told where nothing matches. */
static void note_miss(finder *f, const event_view *view)
{
    const bool text_matches =
        f->filter.text == NULL
        || pattern_match(f->filter.text, view->event->text_id, view->event->text) == PATTERN_YES;
    if (f->out->matches.total == 0 && !f->stop
        && !nearest_add(&f->out->near, view, text_matches,
                        filter_leaves_out(&f->filter, view->event)))
        fail(f, "out of memory");
}

/* ---- callbacks ---------------------------------------------------------------------------- */

static void on_event(void *context, const wp_event *event)
{
    finder *f = context;
    if (f->stop)
        return;
    const event_view view = { event, event->xact, timeline_of(f, event->xact->lsn) };
    if (is_before(f) && !series_add_event(&f->series, &view))
        fail(f, "out of memory");
    if (event->xact->lsn < f->archive->own_lsn)
        return;
    if (f->sink != NULL) {
        if (!passes_filter(f, &view)) {
            note_miss(f, &view);
            return;
        }
        f->out->matches.total++;
        f->out->tells_cut |= event->xact->is_cut;
        f->out->guesses += filter_guesses_kind(&f->filter, event);
        f->out->maybe_catalogs += filter_takes_catalog(&f->filter, event);
        if (!f->sink->add(f->sink->context, &view))
            fail(f, "cannot write a temporary file: is there room in TMPDIR?");
        return;
    }
    xact_summary_add(&f->xact_summary, event);
    if (is_by_pattern(f->options)) {
        if (passes_filter(f, &view))
            take_match(f, &view);
        else
            note_miss(f, &view);
    } else if (is_by_position(f) && !f->is_found && is_asked_for(f->options, event->xact)) {
        note_missed_rows(f, event);
        if (tells_more(f, event))
            choose(f, &view, 1);
    }
}

/*
 * Of what a transaction may have done before the WAL, only its end is there: that it began there is known, or it could be
 * newer than what is chosen. A list of events has what this WAL tells.
 */
static bool is_worth_a_word(const finder *f, const wp_event *event)
{
    const wp_xact_end *end = event->xact;
    if (!event->may_miss_rows && !(end->began_before && event->lsn == end->lsn))
        return true;
    return f->sink == NULL && (end->began_before || f->is_found || f->is_waiting);
}

/* One word for each transaction will do. */
static void on_possible(void *context, const wp_event *event)
{
    finder *f = context;
    const matches *maybe = &f->out->maybe;
    const event_match *last = maybe->count > 0 ? matches_at(maybe, maybe->count - 1) : NULL;
    const bool is_told = last != NULL && last->xact.lsn == event->xact->lsn;
    if (f->stop || is_told || event->xact->lsn < f->archive->own_lsn
        || (f->sink == NULL && !is_by_pattern(f->options)) || !is_worth_a_word(f, event))
        return;
    const event_view view = { event, event->xact, timeline_of(f, event->xact->lsn) };
    const pattern_answer answer = filter_match(&f->filter, event);
    if (answer == PATTERN_MAYBE || answer == PATTERN_YES)
        note_maybe(f, &view);
    else if (answer == PATTERN_FAILED)
        fail(f, filter_failure(&f->filter));
}

/* The place before the record at lsn that acts at once. */
static target_place before_at_once(const finder *f, wp_lsn lsn)
{
    static const wp_xact_end unknown = { .time = WP_TIME_UNKNOWN };
    for (size_t i = 0; i < AT_ONCE_KEPT && i < f->nat_once; i++) {
        if (f->at_once[i].lsn == lsn)
            return target_at_once(lsn, &f->at_once[i].last);
    }
    return target_at_once(lsn, &unknown);
}

/* The segment file that an LSN lies in; NULL: it is not here. */
static const archive_segment *file_of(const archive *wal, wp_lsn lsn)
{
    const archive_segment *segment = archive_segment_of(wal, lsn);
    if (wal->following.path != NULL && lsn >= wal->following.start_lsn)
        segment = &wal->following;
    return segment != NULL && lsn < segment->end_lsn ? segment : NULL;
}

/* A server that restores does not get the end of this record: it asks for no .partial file. */
static bool is_out_of_reach(const archive *wal, const wp_xact_end *end)
{
    if (end->is_cut)
        return true;
    const archive_segment *first = file_of(wal, end->lsn), *last = file_of(wal, end->end_lsn - 1);
    return last != first && (last == NULL || last->is_partial)
           && (first == NULL || !first->is_partial);
}

/* The header of a page is inside no record, when one begins right behind it. */
static bool is_inside(const finder *f)
{
    const wp_lsn asked = f->options->before_lsn, next = f->asked.fact.lsn;
    const wp_lsn on_page = next % f->archive->info.page_size;
    return asked < next && (on_page > PAGE_HEADER_BYTES_MAX || asked < next - on_page);
}

/* Before --before-lsn; end: the first end of a transaction from there on, NULL: none. */
static target_place place_at_lsn(const finder *f, const wp_xact_end *end)
{
    const wp_lsn asked = f->options->before_lsn;
    if (f->asked.fact.lsn == 0)
        return target_before_lsn(asked, end != NULL ? end->lsn : asked,
                                 end != NULL ? end->end_lsn : asked, end);
    target_place place = target_before_lsn(asked, f->asked.fact.lsn, f->asked.end_lsn, end);
    place.inside = is_inside(f) ? f->asked.prev : 0;
    return place;
}

static target_place place_of(const finder *f, const wp_xact_end *end)
{
    const event_match *event = &f->out->event;
    if (f->inclusive)
        return target_behind_xact(end);
    if (f->options->given[OPT_BEFORE_LSN])
        return place_at_lsn(f, end);
    if (event->has_event && event->event.stop_lsn != end->lsn)
        return before_at_once(f, event->event.stop_lsn);
    target_place place = target_before_xact(end);
    if (is_out_of_reach(f->archive, end))
        target_by_previous(&place, end->prev_lsn);
    return place;
}

/* Where the transaction that ends here first locks what the event is about. */
static target_place lock_place_of(const finder *f)
{
    const event_match *event = &f->out->event;
    const target_place none = { .right = 0 };
    if (!event->has_event || f->inclusive || f->out->place.is_at_once)
        return none;
    const wp_lsn lock = wp_reducer_first_lock(f->out->scan.reducer, event->event.database.oid,
                                              event->event.object.oid);
    return lock != 0 ? target_before_lock(lock) : none;
}

static void set_target(const finder *f, unsigned index, const target_place *place, target_kind kind,
                       stop_window_target *out)
{
    *out = (stop_window_target){ .config = f->base_config };
    if (place->right == 0 || !target_config(place, kind, &f->base_config, &out->config)) {
        out->config.kind = WP_STOP_AT_END;
        return;
    }
    if (kind == TARGET_LSN) {
        out->record = place->record;
        out->record_end = place->record_end;
    }
    /* The first one of that name counts. */
    out->is_far_back = index == TARGET_NAME && f->out->points.number > 1;
}

/* From here on these are the targets. */
static void aim(finder *f, bool is_first_pass)
{
    stop_window_target targets[SEARCH_TARGETS];
    for (unsigned i = 0; i < TARGET_KINDS; i++)
        set_target(f, i, &f->out->place, (target_kind)i, &targets[i]);
    set_target(f, SEARCH_AT_LOCK, &f->out->lock_place, TARGET_LSN, &targets[SEARCH_AT_LOCK]);
    for (size_t i = 0; !is_first_pass && i < SEARCH_TARGETS; i++)
        targets[i].is_far_back = false;
    stop_window_aim(f->out->stop_window, targets, SEARCH_TARGETS);
}

/* The chosen event's transaction ends here. */
static void settle(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    out->end_before = f->last_end;
    out->end_before_time = f->last_end_time;
    out->place = place_of(f, end);
    out->lock_place = lock_place_of(f);
    const bool by_xid = f->options->given[OPT_BEFORE_XID] || f->options->given[OPT_AFTER_XID];
    if (by_xid && end->xid != asked_xid(f->options))
        out->asked_subxid = asked_xid(f->options);

    const xact_summary spare = out->xact_summary;
    out->xact_summary = f->xact_summary;
    f->xact_summary = spare;
    f->is_found = true;
    f->is_waiting = false;
    out->tells_cut = end->is_cut;
    if (is_before(f) && !series_look(&f->series, end, f->commits, &out->before))
        fail(f, "out of memory");
    aim(f, true);
}

static void note_end(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    around_add_end(&out->around, end);
    if (end->xid != 0 && (out->oldest_xid == 0 || (int32_t)(end->xid - out->oldest_xid) < 0))
        out->oldest_xid = end->xid;
    f->last_end = end->lsn;
    f->last_end_time = end->time;
    if (out->latest_time == WP_TIME_UNKNOWN || end->time > out->latest_time)
        out->latest_time = end->time;
    if (end->time != WP_TIME_UNKNOWN
        && (out->earliest_time == WP_TIME_UNKNOWN || end->time < out->earliest_time))
        out->earliest_time = end->time;
    if (end->op != WP_XACT_COMMIT && end->op != WP_XACT_COMMIT_PREPARED)
        return;
    f->commits += filter_has_in_range(f->options, end->lsn, end->time);
    if (end->is_cut)
        return;
    f->last_commit = *end;
    f->last_commit.gid = NULL;
    f->last_commit.subxids = NULL;
    f->last_commit.nsubxids = 0;
    if (!f->options->given[OPT_BEFORE_TIME] || !f->is_found
        || end->time >= f->options->before_time.time)
        return;
    if (out->earlier_behind++ == 0 || end->time < out->least_earlier)
        out->least_earlier = end->time;
    out->last_earlier = f->last_commit;
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    finder *f = context;
    if (f->stop)
        return;
    const bool is_own = end->lsn >= f->archive->own_lsn;
    if (is_by_position(f) && is_own && !f->is_found && !f->is_waiting
        && is_asked_for(f->options, end)) {
        const event_view view = { NULL, end, timeline_of(f, end->lsn) };
        choose(f, &view, 1);
    }
    if (f->is_waiting)
        settle(f, end);
    if (f->out->stop_window != NULL && !stop_window_add_end(f->out->stop_window, end))
        fail(f, "out of memory");
    series_add_end(&f->series, f->commits);
    note_end(f, end);
    xact_summary_clear(&f->xact_summary);
}

static void on_name(void *context, const char *quoted)
{
    finder *f = context;
    if (f->stop || !f->skips_dml || f->filter.text == NULL
        || !pattern_may_begin_in_name(f->filter.text, quoted))
        return;
    f->met_dml_name = true;
    f->stop = true;
}

static void on_at_once(void *context, wp_lsn lsn)
{
    finder *f = context;
    f->at_once[f->nat_once++ % AT_ONCE_KEPT] = (struct place_at_once){ lsn, f->last_commit };
}

/* A restore point of the name asked for. */
static void take_point(finder *f, const wp_fact_restore_point *point)
{
    search_points *points = &f->out->points;
    if (!filter_has_in_range(f->options, point->fact.lsn, point->time))
        return;
    if (f->base != NULL && point->fact.lsn < f->base->label.start_lsn) {
        points->before_backup = point->fact.lsn;
        return;
    }
    if (points->total < SEARCH_POINTS_MAX)
        points->items[points->total] = *point;
    points->total++;
    /* Without a word a server takes the first. */
    const option_pick first = { .rule = PICK_FIRST };
    if (!is_chosen(f->options->given[OPT_PICK] ? &f->options->pick : &first, points->total))
        return;
    points->chosen = *point;
    points->number = points->total;
    f->out->place = target_at_restore_point(point, &f->last_commit);
    f->is_found = true;
    aim(f, true);
}

static void note_segment_end(finder *f, const wp_fact_end *end)
{
    if (end->last_record > f->last_record)
        f->last_record = end->last_record;
    if (end->fact.op == WP_END_RECORD_CUT && end->fact.lsn == f->options->before_lsn) {
        f->cut_lsn = end->fact.lsn;
        f->cut_last = f->last_record;
    }
}

static void note_parameters(finder *f, const wp_fact_parameters *fact)
{
    needs_lift(f->out->needs,
               &(wp_control_settings){ fact->max_connections, fact->max_worker_processes,
                                       fact->max_wal_senders, fact->max_prepared_xacts,
                                       fact->max_locks_per_xact });
}

static void note_fork(finder *f, const wp_fact *fact)
{
    const size_t before = f->out->forks.count;
    forks_note(&f->out->forks, fact);
    if (f->out->forks.count == before)
        return;
    const fork_place *seen = &f->out->forks.items[before];
    f->out->has_wrong_guess |=
        forks_contradict(seen, timeline_tree_find(&f->archive->timeline_tree, seen->tli));
}

static void on_fact(void *context, const wp_fact *fact)
{
    finder *f = context;
    const void *it = fact;
    note_fork(f, fact);
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_RECORD:
        if (f->asked.fact.lsn == 0)
            f->asked = *(const wp_fact_record *)it;
        break;
    case WP_FACT_RESTORE_POINT:
        if (f->options->given[OPT_RESTORE_POINT]
            && strcmp(((const wp_fact_restore_point *)it)->name, f->options->restore_point) == 0)
            take_point(f, it);
        break;
    case WP_FACT_SEGMENT_END:
        note_segment_end(f, it);
        break;
    case WP_FACT_BACKUP_END:
        if (f->base != NULL && ((const wp_fact_backup_end *)it)->start == f->base->label.start_lsn)
            f->out->backup_end = ((const wp_fact_backup_end *)it)->end_lsn;
        break;
    case WP_FACT_PARAMETERS:
        note_parameters(f, it);
        break;
    default:
        break;
    }
    if (f->out->stop_window != NULL && !stop_window_add_fact(f->out->stop_window, fact))
        fail(f, "out of memory");
}

static void on_damage(void *context, const scan_damage *damage)
{
    finder *f = context;
    around_add_damage(&f->out->around, damage->from);
}

/* ---- the server that is restored ---------------------------------------------------------- */

wp_lsn search_backup_stop(const backup *base, const archive *wal)
{
    if (base == NULL || base->stop_lsn != 0)
        return base != NULL ? base->stop_lsn : 0;
    for (size_t i = 0; i < wal->nbackups; i++) {
        if (wal->backups[i].label.start_lsn == base->label.start_lsn)
            return wal->backups[i].label.stop_lsn;
    }
    return 0;
}

/* What of the restored server is known whatever the target. */
static wp_stop_config base_config(const archive *wal, const backup *base)
{
    wp_stop_config config = { .profile = wal->info.profile };
    if (base == NULL) {
        config.is_behind_gaps = true;
        return config;
    }
    config.start = base->label.start_lsn;
    config.consistent = search_backup_stop(base, wal);
    /* Where the WAL read begins behind the backup's start, the end of the backup may be in what is not read. */
    if (wal->segments[0].start_lsn <= config.start)
        config.backup = base->label.is_from_standby ? WP_BACKUP_STANDBY : WP_BACKUP_PRIMARY;
    return config;
}

/* ---- passes ------------------------------------------------------------------------------- */

static bool restart(finder *f, char message[512])
{
    search_result *out = f->out;
    filter_restart(&f->filter);
    f->commits = 0;
    f->last_commit = (wp_xact_end){ .time = WP_TIME_UNKNOWN };
    f->out->latest_time = f->out->earliest_time = WP_TIME_UNKNOWN;
    series_clear(&f->series);
    out->before.count = 0;
    out->earlier_behind = 0;
    f->stop = f->met_dml_name = f->is_found = f->is_waiting = false;
    out->tells_cut = false;
    f->matched_lsn = f->last_record = f->last_end = 0;
    f->nat_once = 0;
    f->asked = (wp_fact_record){ .end_lsn = 0 };
    f->cut_lsn = f->cut_last = 0;
    xact_summary_clear(&f->xact_summary);
    xact_summary_clear(&out->xact_summary);
    nearest_restart(&out->near);
    matches_free(&out->matches);
    matches_free(&out->maybe);
    out->matches.keeps_latest = out->maybe.keeps_latest = f->options->pick.rule == PICK_LAST;
    out->matched_xacts = 0;
    out->asked_subxid = out->oldest_xid = 0;
    out->backup_end = 0;
    out->points = (search_points){ .total = 0 };
    out->forks.count = 0;
    around_clear(&out->around);
    out->has_wrong_guess = false;
    out->unnamed = out->guesses = out->maybe_catalogs = out->part_counted = 0;
    out->last_part_counted = 0;
    if (out->stop_window != NULL && !stop_window_restart(out->stop_window))
        return message_no_memory(message);
    return f->sink == NULL || f->sink->restart(f->sink->context, f->archive)
           || message_fail(message, "cannot write a temporary file: is there room in TMPDIR?");
}

static unsigned thread_count(const options *o)
{
    if (o->jobs > 0)
        return (unsigned)o->jobs;
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? (unsigned)cores : 1;
}

static search_status scan_passes(finder *f, char message[512])
{
    scan_config config = { .jobs = thread_count(f->options),
                           .include_temporary = f->options->include_temp,
                           .tells_cut_ends = true,
                           .known = f->known,
                           .show_progress = log_is_live(),
                           .watch_lsn = f->options->before_lsn,
                           .callbacks = { .context = f,
                                          .on_event = on_event,
                                          .on_possible = on_possible,
                                          .on_xact_end = on_xact_end,
                                          .on_name = on_name,
                                          .on_at_once = on_at_once,
                                          .on_fact = on_fact },
                           .stop = &f->stop,
                           .on_damage = on_damage };
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        if (!restart(f, message))
            return SEARCH_FAILED;
        config.skip_dml = f->skips_dml;
        const scan_outcome outcome = scan_run(f->out->scanner, &config, &f->out->scan, message);
        if (outcome == SCAN_FAILED)
            return SEARCH_FAILED;
        if (f->failure != NULL) {
            message_fail(message, "%s", f->failure);
            return SEARCH_FAILED;
        }
        if (f->met_dml_name)
            f->skips_dml = false;
        else if (outcome == SCAN_DONE && !filter_learn(&f->filter, f->out->scan.reducer))
            return SEARCH_DONE;
    }
    message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
    return SEARCH_FAILED;
}

static void note_range(const finder *f)
{
    const options *o = f->options;
    search_result *out = f->out;
    out->range_from = out->scan.start_lsn;
    out->range_until = out->scan.end_lsn;
    if (o->given[OPT_FROM_LSN] && o->from_lsn > out->range_from)
        out->range_from = o->from_lsn;
    if (o->given[OPT_TO_LSN] && o->to_lsn < out->range_until)
        out->range_until = o->to_lsn;
}

static search_status run(finder *f, const char *pattern, char message[512])
{
    search_result *out = f->out;
    text meant = { 0 };
    const bool is_statement = pattern != NULL && statement_pattern(pattern, &meant);
    const bool is_good =
        filter_init(&f->filter, f->options, is_statement ? text_chars(&meant) : pattern, message);
    text_free(&meant);
    if (!is_good)
        return SEARCH_FAILED;
    nearest_init(&out->near, pattern);
    f->skips_dml = f->options->given[OPT_BEFORE_LSN] || f->options->given[OPT_RESTORE_POINT]
                   || filter_spares_dml(&f->filter);
    out->scanner = scan_new(f->archive, f->base != NULL ? &f->base->seed : NULL);
    search_status status = SEARCH_FAILED;
    if (out->scanner == NULL)
        message_no_memory(message);
    else
        status = scan_passes(f, message);
    out->commits = f->commits;
    out->rowless = f->filter.rowless;
    note_range(f);
    out->unnamed_databases = f->filter.unnamed_databases;
    filter_free(&f->filter);
    return status;
}

/* ---- what was found ------------------------------------------------------------------------- */

/* A position needs no transaction, but it has to lie in the WAL. */
static search_status decide_lsn(finder *f, char message[512])
{
    const wp_lsn asked = f->options->before_lsn;
    const wp_lsn end = f->out->scan.end_lsn;
    char lsn[WP_LSN_TEXT_BYTES], limit[WP_LSN_TEXT_BYTES];
    if (f->cut_lsn != 0 && f->cut_last != 0) {
        f->out->place = target_behind_last(f->cut_last, f->cut_lsn);
        aim(f, true);
        return SEARCH_DONE;
    }
    const bool is_beyond = f->last_record != 0 ? asked > f->last_record : asked >= end;
    if (is_beyond || asked < f->out->scan.start_lsn || asked < f->archive->own_lsn) {
        message_fail(message, "%s is not in this WAL, which %s at %s", wp_lsn_format(asked, lsn),
                     is_beyond ? "ends" : "begins",
                     wp_lsn_format(is_beyond ? end : f->out->scan.start_lsn, limit));
        return SEARCH_NOTHING;
    }
    if (!f->is_found) {
        f->out->place = place_at_lsn(f, NULL);
        aim(f, true);
    }
    return SEARCH_DONE;
}

/* ---- where recovery would stop ------------------------------------------------------------ */

target_kind search_kind(const options *o, const archive *wal)
{
    if (o->given[OPT_TARGET])
        return (target_kind)o->target;
    if (o->given[OPT_RESTORE_POINT])
        return TARGET_NAME;
    return wal->info.profile->recovery.has_lsn_target ? TARGET_LSN : TARGET_XID;
}

const wp_stop_result *search_stop(const search_result *found, unsigned index)
{
    return found->stop_window != NULL ? stop_window_result(found->stop_window, index) : NULL;
}

static void pass_end(void *context, const wp_xact_end *end)
{
    finder *f = context;
    if (!stop_window_add_end(f->out->stop_window, end))
        fail(f, "out of memory");
}

static void pass_fact(void *context, const wp_fact *fact)
{
    finder *f = context;
    if (!stop_window_add_fact(f->out->stop_window, fact))
        fail(f, "out of memory");
}

/* Does something that is going to be printed stop further back than was looked? */
static bool is_far_back(const finder *f)
{
    static const wp_stop_config none;
    const options *o = f->options;
    wp_stop_config config;
    for (unsigned i = 0; i < TARGET_KINDS; i++) {
        const bool is_wanted =
            i == TARGET_LSN || i == search_kind(o, f->archive) || o->format == FORMAT_JSON;
        if (is_wanted && search_stop(f->out, i) == NULL
            && target_config(&f->out->place, (target_kind)i, &none, &config))
            return true;
    }
    return o->inspectable && f->out->lock_place.right != 0
           && search_stop(f->out, SEARCH_AT_LOCK) == NULL;
}

/* Once more through the WAL, with targets that are known from the start. */
static bool pass_again(finder *f, char message[512])
{
    scan_result ignored;
    const scan_config config = {
        .jobs = thread_count(f->options),
        .skip_dml = true,
        .show_progress = log_is_live(),
        .callbacks = { .context = f, .on_xact_end = pass_end, .on_fact = pass_fact },
        .stop = &f->stop
    };
    if (!stop_window_restart(f->out->stop_window))
        return message_no_memory(message);
    aim(f, false);
    if (scan_run(f->out->scanner, &config, &ignored, message) == SCAN_FAILED)
        return false;
    f->out->scan.reducer = ignored.reducer;
    if (f->failure != NULL)
        return message_fail(message, "%s", f->failure);
    return stop_window_finish(f->out->stop_window) || message_no_memory(message);
}

static bool foresee(finder *f, char message[512])
{
    if (!stop_window_finish(f->out->stop_window))
        return message_no_memory(message);
    return !is_far_back(f) || pass_again(f, message);
}

/* ---- entry points ------------------------------------------------------------------------- */

/* Before the first end of a transaction, nobody knows what is there: older WAL has that moment. */
static bool is_too_early(const finder *f, char message[512])
{
    const options *o = f->options;
    const uint32_t size = f->archive->info.segment_size;
    char asked[WP_TIME_TEXT_BYTES], first[WP_TIME_TEXT_BYTES];
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (!o->given[OPT_BEFORE_TIME] || o->before_time.time >= f->out->earliest_time)
        return false;
    const scan_damage *unread =
        scan_damage_in(&f->out->scan, f->out->scan.start_lsn, f->out->event.xact.lsn, size);
    if (unread != NULL)
        return !message_fail(
            message,
            "%s is before the first transaction that can be read here, which ended at %s; before that "
            "%s to %s cannot be read: the moment lies there, or in older WAL",
            wp_time_format(o->before_time.time, asked),
            wp_time_format(f->out->earliest_time, first), wp_lsn_format(unread->from, from),
            wp_lsn_format(scan_damage_end(unread->from, unread->until, size), until));
    return !message_fail(
        message,
        "%s is before this WAL begins: the first transaction in it ends at %s; name a SOURCE with "
        "the WAL of that moment (--before-xid %u stops before the first one here)",
        wp_time_format(o->before_time.time, asked), wp_time_format(f->out->earliest_time, first),
        f->out->event.xact.xid);
}

static search_status conclude(finder *f, char message[512])
{
    if (f->options->given[OPT_BEFORE_LSN])
        return decide_lsn(f, message);
    f->out->has_xact = f->is_found && !f->options->given[OPT_RESTORE_POINT];
    if (f->is_found && !is_too_early(f, message))
        return SEARCH_DONE;
    if (f->is_found)
        return SEARCH_NOTHING;
    no_match_message(f->options, f->base, f->out, message);
    return SEARCH_NOTHING;
}

static finder *finder_new(const options *o, const archive *wal, const backup *base,
                          search_result *out)
{
    finder *f = calloc(1, sizeof *f);
    *out = (search_result){ 0 };
    if (f == NULL)
        return NULL;
    f->options = o;
    f->archive = wal;
    f->base = base;
    f->out = out;
    f->inclusive = o->given[OPT_AFTER] || o->given[OPT_AFTER_XID];
    f->base_config = base_config(wal, base);
    return f;
}

static void finder_free(finder *f)
{
    series_free(&f->series);
    xact_summary_free(&f->xact_summary);
    free(f);
}

search_status search_target(const options *o, const archive *wal, const backup *base,
                            const wp_known *known, search_result *out, char message[512])
{
    finder *f = finder_new(o, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    f->known = known;
    out->stop_window = stop_window_new(&f->base_config);
    search_status status = SEARCH_FAILED;
    if (out->stop_window == NULL)
        message_no_memory(message);
    else
        status = run(f, o->before != NULL ? o->before : o->after, message);
    if (status == SEARCH_DONE)
        status = conclude(f, message);
    if (status == SEARCH_DONE && !foresee(f, message))
        status = SEARCH_FAILED;
    finder_free(f);
    return status;
}

search_status search_events(const options *o, const archive *wal, const backup *base,
                            const wp_known *known, const search_sink *sink, search_result *out,
                            char message[512])
{
    finder *f = finder_new(o, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    f->known = known;
    f->sink = sink;
    search_status status = run(f, o->regex, message);
    if (status == SEARCH_DONE && out->matches.total == 0) {
        char range[NO_MATCH_RANGE_BYTES];
        no_match_range(o, out, range);
        message_fail(message, "no event%s%s in %s", o->regex != NULL ? " matches" : "",
                     out->maybe.total > 0 ? " for certain" : "", range);
        status = SEARCH_NOTHING;
    }
    finder_free(f);
    return status;
}

void search_free(search_result *result)
{
    event_match_free(&result->event);
    matches_free(&result->matches);
    matches_free(&result->maybe);
    nearest_free(&result->near);
    xact_summary_free(&result->xact_summary);
    series_before_free(&result->before);
    stop_window_free(result->stop_window);
    scan_free(result->scanner);
    *result = (search_result){ 0 };
}
