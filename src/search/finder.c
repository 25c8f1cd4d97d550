/*
 * finder.c - see finder.h.
 *
 * The reducer hands over a transaction's events, then its end. So a match waits for the end of its
 * transaction: only there is the history of all transactions before it complete.
 */
#include "search/finder.h"

#include <stdlib.h>
#include <string.h>

#include "recovery/needs.h"

void finder_fail(finder *f, const char *failure)
{
    f->failure = failure;
    f->pass.stop = true;
}

/* ---- timelines ---------------------------------------------------------------------------- */

static wp_tli timeline_of(const finder *f, wp_lsn lsn)
{
    return archive_timeline(f->archive, lsn);
}

/* ---- choosing ----------------------------------------------------------------------------- */

/* Of what a transaction did, the gravest is shown: kinds of events are in that order. */
static bool tells_more(const finder *f, const wp_event *event)
{
    return !f->pass.is_waiting || event->kind < f->out->event.event.kind;
}

/* Of what may be meant, only what comes after the last match can be that; and none of one transaction matters. */
static void forget_maybes(finder *f, wp_lsn lsn)
{
    if (f->question->pick.rule == PICK_LAST)
        matches_clear(&f->out->maybe);
    else
        matches_drop(&f->out->maybe, lsn);
}

static void choose(finder *f, const event_view *view, uint64_t number)
{
    f->out->guesses =
        f->question->kind == QUESTION_PATTERN && filter_guesses_kind(&f->filter, view->event);
    f->out->maybe_catalogs =
        f->question->kind == QUESTION_PATTERN && filter_takes_catalog(&f->filter, view->event);
    if (!event_match_set(&f->out->event, view, number))
        finder_fail(f, "out of memory");
    f->pass.is_waiting = true;
    forget_maybes(f, view->xact->lsn);
}

/*
 * An event that may be meant makes what is chosen doubtful, unless it is of the same transaction, or comes after the
 * first, or the one with the number, that was asked for.
 */
static void note_maybe(finder *f, const event_view *view)
{
    const pick_rule rule = f->question->pick.rule;
    const bool is_chosen = f->sink == NULL && (f->pass.is_found || f->pass.is_waiting);
    if (is_chosen
        && (rule == PICK_FIRST || rule == PICK_NUMBER || f->out->event.xact.lsn == view->xact->lsn))
        return;
    if (!matches_add(&f->out->maybe, view))
        finder_fail(f, "out of memory");
}

static bool is_chosen(const question_pick *wanted, uint64_t number)
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
    if (view->xact->lsn != f->pass.matched_lsn)
        f->out->matched_xacts++;
    f->pass.matched_lsn = view->xact->lsn;
    if (!matches_add(&f->out->matches, view))
        finder_fail(f, "out of memory");
    if (is_chosen(&f->question->pick, f->out->matches.total))
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
        finder_fail(f, filter_failure(&f->filter));
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
    if (f->out->matches.total == 0 && !f->pass.stop
        && !nearest_add(&f->out->near, view, text_matches,
                        filter_leaves_out(&f->filter, view->event)))
        finder_fail(f, "out of memory");
}

/* ---- callbacks ---------------------------------------------------------------------------- */

static void on_event(void *context, const wp_event *event)
{
    finder *f = context;
    if (f->pass.stop)
        return;
    const event_view view = { event, event->xact, timeline_of(f, event->xact->lsn) };
    if (question_stops_before(f->question) && !series_add_event(&f->pass.series, &view))
        finder_fail(f, "out of memory");
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
            finder_fail(f, "cannot write a temporary file: is there room in TMPDIR?");
        return;
    }
    xact_summary_add(&f->pass.xact_summary, event);
    if (f->question->kind == QUESTION_PATTERN) {
        if (passes_filter(f, &view))
            take_match(f, &view);
        else
            note_miss(f, &view);
    } else if (question_is_by_position(f->question) && !f->pass.is_found
               && question_means(f->question, event->xact)) {
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
    return f->sink == NULL && (end->began_before || f->pass.is_found || f->pass.is_waiting);
}

/* One word for each transaction will do. */
static void on_possible(void *context, const wp_event *event)
{
    finder *f = context;
    const matches *maybe = &f->out->maybe;
    const event_match *last = maybe->count > 0 ? matches_at(maybe, maybe->count - 1) : NULL;
    const bool is_told = last != NULL && last->xact.lsn == event->xact->lsn;
    if (f->pass.stop || is_told || event->xact->lsn < f->archive->own_lsn
        || question_is_by_place(f->question) || !is_worth_a_word(f, event))
        return;
    const event_view view = { event, event->xact, timeline_of(f, event->xact->lsn) };
    const pattern_answer answer = filter_match(&f->filter, event);
    if (answer == PATTERN_MAYBE || answer == PATTERN_YES)
        note_maybe(f, &view);
    else if (answer == PATTERN_FAILED)
        finder_fail(f, filter_failure(&f->filter));
}

static void keep_xids(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    wp_xid *xids = realloc(out->xids, ((size_t)end->nsubxids + 1) * sizeof *xids);
    if (xids == NULL) {
        finder_fail(f, "out of memory");
        return;
    }
    xids[0] = end->xid;
    if (end->nsubxids > 0)
        memcpy(xids + 1, end->subxids, end->nsubxids * sizeof *xids);
    out->xids = xids;
    out->nxids = (size_t)end->nsubxids + 1;
}

/* The chosen event's transaction ends here. */
static void settle(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    out->end_before = f->pass.last_end;
    out->end_before_time = f->pass.last_end_time;
    out->place = finder_place(f, end);
    out->lock_place = finder_lock_place(f);
    if (f->question->kind == QUESTION_XID && end->xid != question_xid(f->question))
        out->asked_subxid = question_xid(f->question);
    keep_xids(f, end);

    const xact_summary spare = out->xact_summary;
    out->xact_summary = f->pass.xact_summary;
    f->pass.xact_summary = spare;
    f->pass.is_found = true;
    f->pass.is_waiting = false;
    out->tells_cut = end->is_cut;
    if (question_stops_before(f->question)
        && !series_look(&f->pass.series, end, f->pass.commits, &out->before))
        finder_fail(f, "out of memory");
    finder_aim(f, true);
}

static void note_end(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    around_add_end(&out->around, end);
    if (end->xid != 0 && (out->oldest_xid == 0 || (int32_t)(end->xid - out->oldest_xid) < 0))
        out->oldest_xid = end->xid;
    f->pass.last_end = end->lsn;
    f->pass.last_end_time = end->time;
    if (out->latest_time == WP_TIME_UNKNOWN || end->time > out->latest_time)
        out->latest_time = end->time;
    if (end->time != WP_TIME_UNKNOWN
        && (out->earliest_time == WP_TIME_UNKNOWN || end->time < out->earliest_time))
        out->earliest_time = end->time;
    if (end->op != WP_XACT_COMMIT && end->op != WP_XACT_COMMIT_PREPARED)
        return;
    f->pass.commits += question_has_in_range(f->question, end->lsn, end->time);
    if (end->is_cut)
        return;
    f->pass.last_commit = *end;
    f->pass.last_commit.gid = NULL;
    f->pass.last_commit.subxids = NULL;
    f->pass.last_commit.nsubxids = 0;
    if (f->question->kind != QUESTION_TIME || !f->pass.is_found || end->time >= f->question->time)
        return;
    if (out->earlier_after++ == 0 || end->time < out->least_earlier)
        out->least_earlier = end->time;
    out->last_earlier = f->pass.last_commit;
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    finder *f = context;
    if (f->pass.stop)
        return;
    const bool is_own = end->lsn >= f->archive->own_lsn;
    if (question_is_by_position(f->question) && is_own && !f->pass.is_found && !f->pass.is_waiting
        && question_means(f->question, end)) {
        const event_view view = { NULL, end, timeline_of(f, end->lsn) };
        choose(f, &view, 1);
    }
    if (f->pass.is_waiting)
        settle(f, end);
    if (f->sink != NULL && f->sink->end != NULL)
        f->sink->end(f->sink->context, end);
    if (f->out->stop_window != NULL && !stop_window_add_end(f->out->stop_window, end))
        finder_fail(f, "out of memory");
    series_add_end(&f->pass.series, f->pass.commits);
    note_end(f, end);
    xact_summary_clear(&f->pass.xact_summary);
}

static void on_name(void *context, const char *quoted)
{
    finder *f = context;
    if (f->pass.stop || !f->skips_dml || f->filter.text == NULL
        || !pattern_may_begin_in_name(f->filter.text, quoted))
        return;
    f->pass.met_dml_name = true;
    f->pass.stop = true;
}

static void on_nontransactional(void *context, wp_lsn lsn)
{
    finder *f = context;
    f->pass.places[f->pass.nplaces++ % NONTRANSACTIONAL_KEPT] =
        (struct nontransactional_place){ lsn, f->pass.last_commit };
}

/* A restore point of the name asked for. */
static void take_point(finder *f, const wp_fact_restore_point *point)
{
    search_points *points = &f->out->points;
    if (!question_has_in_range(f->question, point->fact.lsn, point->time))
        return;
    if (f->base != NULL && point->fact.lsn < f->base->label.start_lsn) {
        points->before_backup = point->end_lsn;
        return;
    }
    if (points->total < SEARCH_POINTS_MAX)
        points->items[points->total] = *point;
    points->total++;
    /* Without a word a server takes the first. */
    const question_pick first = { .rule = PICK_FIRST };
    if (!is_chosen(f->question->has_pick ? &f->question->pick : &first, points->total))
        return;
    points->chosen = *point;
    points->number = points->total;
    f->out->place = target_at_restore_point(point, &f->pass.last_commit);
    f->pass.is_found = true;
    finder_aim(f, true);
}

static void note_segment_end(finder *f, const wp_fact_end *end)
{
    if (end->last_record > f->pass.last_record)
        f->pass.last_record = end->last_record;
    if (end->fact.op == WP_END_RECORD_CUT && end->fact.lsn == f->question->lsn) {
        f->pass.cut_lsn = end->fact.lsn;
        f->pass.cut_last = f->pass.last_record;
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
    if (f->sink != NULL && f->sink->fact != NULL)
        f->sink->fact(f->sink->context, fact);
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_RECORD:
        if (f->pass.asked.fact.lsn == 0)
            f->pass.asked = *(const wp_fact_record *)it;
        break;
    case WP_FACT_RESTORE_POINT:
        if (f->question->kind == QUESTION_RESTORE_POINT
            && strcmp(((const wp_fact_restore_point *)it)->name, f->question->restore_point) == 0)
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
        finder_fail(f, "out of memory");
}

static void on_damage(void *context, const scan_damage *damage)
{
    finder *f = context;
    around_add_damage(&f->out->around, damage->from);
}

void finder_listen(finder *f, scan_config *config)
{
    config->callbacks = (wp_callbacks){ .context = f,
                                        .on_event = on_event,
                                        .on_possible = on_possible,
                                        .on_xact_end = on_xact_end,
                                        .on_name = on_name,
                                        .on_nontransactional = on_nontransactional,
                                        .on_fact = on_fact };
    config->on_damage = on_damage;
    config->stop = &f->pass.stop;
}
