/*
 * search.c - see search.h.
 *
 * The reducer hands over a transaction's events, then its end. So a match waits for the end of its
 * transaction: only there is the history of all transactions before it complete.
 */
#include "search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filter.h"
#include "log.h"
#include "message.h"
#include "timeparse.h"

/* Each pass may learn of catalogs that moved; more passes than there are tracked catalogs learn nothing. */
#define PASSES_MAX 32

/* A database that could not be removed stays unusable, maybe for long: so many are remembered. */
#define AT_ONCE_KEPT 64

typedef struct finder {
    const options *options;
    const archive *archive;
    const backup *base;      /* NULL: none */
    const search_sink *sink; /* NULL: `target` */
    search_result *out;
    filter filter;
    bool inclusive; /* stop behind, not before */
    bool skips_dml;
    bool met_dml_name; /* a name was met that a match may begin in: DML is needed after all */
    bool stop;
    const char *failure; /* one line, or NULL */

    /* What follows starts anew with each pass. */
    target_history history;
    bool is_found;      /* out->boundary holds */
    bool is_waiting;    /* out->event was set in the transaction whose end comes next */
    wp_lsn matched_lsn; /* of the last transaction that had a match */
    deeds deeds;        /* of the transaction whose end comes next */
    search_prepared_list prepared;
    target_stop
        at_once[AT_ONCE_KEPT]; /* the latest places before records that act at once: a ring */
    size_t nat_once;
    wp_lsn last_record;
    wp_lsn cached_from, cached_until; /* all of it is on cached_tli */
    wp_tli cached_tli;
} finder;

static void fail(finder *f, const char *failure)
{
    f->failure = failure;
    f->stop = true;
}

/* ---- timelines ---------------------------------------------------------------------------- */

/* The last segment that starts at an LSN or before; NULL: none does. */
static const archive_segment *segment_of(const archive *wal, wp_lsn lsn)
{
    size_t low = 0, high = wal->nsegments;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (wal->segments[middle].start_lsn <= lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &wal->segments[low - 1] : NULL;
}

wp_tli search_timeline(const archive *wal, wp_lsn lsn)
{
    const archive_segment *segment = segment_of(wal, lsn);
    return segment != NULL ? segment->tli : wal->timeline;
}

static wp_tli timeline_of(finder *f, wp_lsn lsn)
{
    if (lsn < f->cached_from || lsn >= f->cached_until) {
        f->cached_from = lsn & ~(wp_lsn)(f->archive->info.segment_size - 1);
        f->cached_until = f->cached_from + f->archive->info.segment_size;
        f->cached_tli = search_timeline(f->archive, lsn);
    }
    return f->cached_tli;
}

/* ---- prepared transactions ---------------------------------------------------------------- */

static void prepared_add(search_prepared_list *list, wp_xid xid, const char *gid)
{
    if (list->count == SEARCH_PREPARED_MAX)
        return;
    if (list->count == list->room) {
        const size_t room = list->room > 0 ? list->room * 2 : 8;
        search_prepared *items = realloc(list->items, room * sizeof *items);
        if (items == NULL)
            return;
        list->items = items;
        list->room = room;
    }
    search_prepared *added = &list->items[list->count++];
    added->xid = xid;
    snprintf(added->gid, sizeof added->gid, "%s", gid);
}

static void prepared_remove(search_prepared_list *list, wp_xid xid)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].xid == xid) {
            memmove(&list->items[i], &list->items[i + 1],
                    (list->count - i - 1) * sizeof *list->items);
            list->count--;
            return;
        }
    }
}

static bool is_prepared_end(const wp_xact_end *end)
{
    return end->op == WP_XACT_COMMIT_PREPARED || end->op == WP_XACT_ABORT_PREPARED;
}

/* What is in doubt where recovery stops: right before (or behind) this end. */
static void set_in_doubt(finder *f, const wp_xact_end *end)
{
    search_prepared_list *doubt = &f->out->in_doubt;
    doubt->count = 0;
    for (size_t i = 0; i < f->prepared.count; i++)
        prepared_add(doubt, f->prepared.items[i].xid, f->prepared.items[i].gid);
    if (end == NULL || !is_prepared_end(end))
        return;
    prepared_remove(doubt, end->xid);
    if (!f->inclusive && end->gid != NULL)
        prepared_add(doubt, end->xid, end->gid);
}

/* ---- choosing ----------------------------------------------------------------------------- */

static bool is_by_pattern(const options *o)
{
    return o->given[OPT_BEFORE] || o->given[OPT_AFTER];
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
    if (o->given[OPT_BEFORE_TIME])
        return end->time != WP_TIME_UNKNOWN && end->time >= o->before_time.time;
    if (o->given[OPT_BEFORE_LSN])
        return end->lsn >= o->before_lsn;
    const wp_xid xid = asked_xid(o);
    return end->xid == xid || has_subxid(end, xid);
}

/* Of what a transaction did, the gravest is shown: kinds of events are in that order. */
static bool tells_more(const finder *f, const wp_event *event)
{
    return !f->is_waiting || event->kind < f->out->event.event.kind;
}

static void choose(finder *f, const event_view *view, uint64_t number)
{
    if (!pick_set(&f->out->event, view, number))
        fail(f, "out of memory");
    f->is_waiting = true;
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
    if (!picks_add(&f->out->picks, view))
        fail(f, "out of memory");
    if (is_chosen(&f->options->pick, f->out->picks.total))
        choose(f, view, f->out->picks.total);
}

/* False unless the filter lets it pass. */
static bool passes_filter(finder *f, const wp_event *event)
{
    const query_answer answer = filter_match(&f->filter, event);
    if (answer == QUERY_FAILED)
        fail(f, filter_failure(&f->filter));
    return answer == QUERY_YES;
}

/* ---- callbacks ---------------------------------------------------------------------------- */

static void on_event(void *context, const wp_event *event)
{
    finder *f = context;
    if (f->stop)
        return;
    const event_view view = { event, event->xact, timeline_of(f, event->xact->lsn) };
    if (f->sink != NULL) {
        if (!passes_filter(f, event))
            return;
        f->out->picks.total++;
        if (!f->sink->add(f->sink->context, &view))
            fail(f, "cannot write a temporary file: is there room in TMPDIR?");
        return;
    }
    deeds_add(&f->deeds, event);
    if (is_by_pattern(f->options)) {
        if (passes_filter(f, event))
            take_match(f, &view);
    } else if (!f->is_found && is_asked_for(f->options, event->xact) && tells_more(f, event)) {
        choose(f, &view, 1);
    }
}

/* Where replay stood before the record at lsn, if that is one that acts at once; else NULL. */
static const target_stop *stop_at_once(const finder *f, wp_lsn lsn)
{
    for (size_t i = 0; i < AT_ONCE_KEPT && i < f->nat_once; i++) {
        if (f->at_once[i].lsn == lsn)
            return &f->at_once[i];
    }
    return NULL;
}

/* The chosen event's transaction ends here. */
static void settle(finder *f, const wp_xact_end *end)
{
    search_result *out = f->out;
    const target_stop *at_once =
        f->inclusive || !out->event.has_event ? NULL : stop_at_once(f, out->event.event.stop_lsn);
    if (f->options->given[OPT_BEFORE_LSN])
        target_boundary_at_lsn(&f->history, f->options->before_lsn, end, &out->boundary);
    else if (at_once != NULL)
        target_boundary_at_once(&f->history, at_once, &out->boundary);
    else
        target_boundary_at_xact(&f->history, end, f->inclusive, &out->boundary);
    const bool by_xid = f->options->given[OPT_BEFORE_XID] || f->options->given[OPT_AFTER_XID];
    if (by_xid && end->xid != asked_xid(f->options))
        out->asked_subxid = asked_xid(f->options);
    set_in_doubt(f, end);

    const deeds spare = out->deeds;
    out->deeds = f->deeds;
    f->deeds = spare;
    f->is_found = true;
    f->is_waiting = false;
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    finder *f = context;
    if (f->stop)
        return;
    if (f->is_found)
        target_boundary_pass(&f->out->boundary, &f->history, end);
    const bool by_position = f->sink == NULL && !is_by_pattern(f->options);
    if (by_position && !f->is_found && !f->is_waiting && is_asked_for(f->options, end)) {
        const event_view view = { NULL, end, timeline_of(f, end->lsn) };
        choose(f, &view, 1);
    }
    if (f->is_waiting)
        settle(f, end);
    target_history_add(&f->history, end);
    if (is_prepared_end(end))
        prepared_remove(&f->prepared, end->xid);
    deeds_clear(&f->deeds);
}

static void on_name(void *context, const char *quoted)
{
    finder *f = context;
    if (f->stop || !f->skips_dml || f->filter.text == NULL
        || !query_may_begin_in_name(f->filter.text, quoted))
        return;
    f->met_dml_name = true;
    f->stop = true;
}

static void on_at_once(void *context, wp_lsn lsn)
{
    finder *f = context;
    f->at_once[f->nat_once++ % AT_ONCE_KEPT] = target_stop_before(&f->history, lsn);
}

static void on_fact(void *context, const wp_fact *fact)
{
    finder *f = context;
    if (fact->kind == WP_FACT_PREPARE) {
        const char *gid = wp_fact_xact_gid((const wp_fact_xact *)(const void *)fact);
        if (gid != NULL)
            prepared_add(&f->prepared, fact->xid, gid);
    } else if (fact->kind == WP_FACT_SEGMENT_END) {
        const wp_fact_end *end = (const wp_fact_end *)(const void *)fact;
        if (end->last_record > f->last_record)
            f->last_record = end->last_record;
    } else if (fact->kind == WP_FACT_BACKUP_END && f->base != NULL) {
        const wp_fact_backup_end *end = (const wp_fact_backup_end *)(const void *)fact;
        if (end->start == f->base->label.start_lsn)
            f->out->backup_end = end->end_lsn;
    }
}

/* ---- passes ------------------------------------------------------------------------------- */

static bool restart(finder *f)
{
    search_result *out = f->out;
    filter_restart(&f->filter);
    f->history.commits = 0;
    f->history.last_xid = 0;
    f->history.last_time = 0;
    f->history.nstairs = 0;
    f->stop = f->met_dml_name = f->is_found = f->is_waiting = false;
    f->matched_lsn = f->last_record = f->cached_until = 0;
    f->nat_once = 0;
    f->prepared.count = 0;
    deeds_clear(&f->deeds);
    deeds_clear(&out->deeds);
    picks_free(&out->picks);
    out->picks.keeps_latest = f->options->pick.rule == PICK_LAST;
    out->matched_xacts = 0;
    out->asked_subxid = 0;
    out->backup_end = 0;
    out->in_doubt.count = 0;
    return f->sink == NULL || f->sink->restart(f->sink->context);
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
                           .show_progress = log_is_live(),
                           .callbacks = { .context = f,
                                          .on_event = on_event,
                                          .on_xact_end = on_xact_end,
                                          .on_name = on_name,
                                          .on_at_once = on_at_once,
                                          .on_fact = on_fact },
                           .stop = &f->stop };
    for (int pass = 0; pass < PASSES_MAX; pass++) {
        if (!restart(f)) {
            message_fail(message, "cannot write a temporary file: is there room in TMPDIR?");
            return SEARCH_FAILED;
        }
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
        else if (outcome == SCAN_DONE)
            return SEARCH_DONE;
    }
    message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
    return SEARCH_FAILED;
}

static search_status run(finder *f, const char *pattern, char message[512])
{
    search_result *out = f->out;
    if (!filter_init(&f->filter, f->options, pattern, message))
        return SEARCH_FAILED;
    f->skips_dml = f->options->given[OPT_BEFORE_LSN] || filter_spares_dml(&f->filter);
    out->scanner = scan_new(f->archive, f->base != NULL ? &f->base->seed : NULL);
    search_status status = SEARCH_FAILED;
    if (out->scanner == NULL)
        message_no_memory(message);
    else
        status = scan_passes(f, message);
    out->commits = f->history.commits;
    out->last_xid = f->history.last_xid;
    out->last_time = f->history.last_time;
    out->met_nameless_database = f->filter.met_nameless_database;
    filter_free(&f->filter);
    return status;
}

/* ---- nothing found ------------------------------------------------------------------------ */

static void describe_range(const search_result *out, char buf[160])
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    snprintf(buf, 160, "%llu committed transaction%s between %s and %s",
             (unsigned long long)out->commits, out->commits == 1 ? "" : "s",
             wp_lsn_format(out->scan.start_lsn, from), wp_lsn_format(out->scan.end_lsn, until));
}

typedef struct doubt {
    wp_xid xid;
    char gid[200];
} doubt;

static void look_at_prepared(void *context, wp_xid xid, const char *gid)
{
    doubt *search = context;
    if (xid == search->xid)
        snprintf(search->gid, sizeof search->gid, "%s", gid != NULL ? gid : "?");
}

static void say_no_such_xid(const finder *f, char message[512])
{
    char range[160];
    describe_range(f->out, range);
    doubt search = { .xid = asked_xid(f->options) };
    if (f->out->scan.reducer != NULL)
        wp_reducer_each_prepared(f->out->scan.reducer, look_at_prepared, &search);
    if (search.gid[0] != '\0')
        message_fail(message, "transaction %u is prepared as '%s' and has not ended in this WAL",
                     search.xid, search.gid);
    else
        message_fail(message, "transaction %u does not end in this WAL: there are %s", search.xid,
                     range);
}

static void say_not_that_late(const finder *f, char message[512])
{
    char last[WP_TIME_TEXT_BYTES], asked[WP_TIME_TEXT_BYTES];
    if (f->history.nstairs == 0) {
        message_fail(message, "no transaction ends in this WAL");
        return;
    }
    const wp_time latest = f->history.stairs[(f->history.nstairs - 1) % TARGET_STAIRS].time;
    message_fail(message, "no transaction ends at %s or later: the last one ends at %s",
                 wp_time_format(f->options->before_time.time, asked), wp_time_format(latest, last));
}

static void say_no_match(const finder *f, char message[512])
{
    const options *o = f->options;
    char range[160];
    describe_range(f->out, range);
    if (f->out->picks.total > 0)
        message_fail(message, "there is no match number %llu, only %llu",
                     (unsigned long long)o->pick.number, (unsigned long long)f->out->picks.total);
    else
        message_fail(message, "nothing matches \"%.200s\" in %s",
                     o->given[OPT_BEFORE] ? o->before : o->after, range);
}

static search_status say_nothing(const finder *f, char message[512])
{
    const options *o = f->options;
    if (is_by_pattern(o))
        say_no_match(f, message);
    else if (o->given[OPT_BEFORE_TIME])
        say_not_that_late(f, message);
    else
        say_no_such_xid(f, message);
    return SEARCH_NOTHING;
}

/* A position needs no transaction, but it has to lie in the WAL. */
static search_status settle_lsn(finder *f, char message[512])
{
    const wp_lsn asked = f->options->before_lsn;
    const wp_lsn end = f->out->scan.end_lsn;
    char lsn[WP_LSN_TEXT_BYTES], limit[WP_LSN_TEXT_BYTES];
    const bool is_beyond = f->last_record != 0 ? asked > f->last_record : asked >= end;
    if (is_beyond || asked < f->out->scan.start_lsn) {
        message_fail(message, "%s is not in this WAL, which %s at %s", wp_lsn_format(asked, lsn),
                     is_beyond ? "ends" : "begins",
                     wp_lsn_format(is_beyond ? end : f->out->scan.start_lsn, limit));
        return SEARCH_NOTHING;
    }
    if (!f->is_found) {
        target_boundary_at_lsn(&f->history, asked, NULL, &f->out->boundary);
        set_in_doubt(f, NULL);
    }
    return SEARCH_DONE;
}

/* ---- entry points ------------------------------------------------------------------------- */

static search_status conclude(finder *f, char message[512])
{
    if (f->options->given[OPT_BEFORE_LSN])
        return settle_lsn(f, message);
    f->out->has_xact = f->is_found;
    return f->is_found ? SEARCH_DONE : say_nothing(f, message);
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
    return f;
}

static void finder_free(finder *f)
{
    free(f->prepared.items);
    deeds_free(&f->deeds);
    free(f);
}

search_status search_target(const options *o, const archive *wal, const backup *base,
                            search_result *out, char message[512])
{
    finder *f = finder_new(o, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    search_status status = run(f, o->before != NULL ? o->before : o->after, message);
    if (status == SEARCH_DONE)
        status = conclude(f, message);
    finder_free(f);
    return status;
}

search_status search_events(const options *o, const archive *wal, const backup *base,
                            const search_sink *sink, search_result *out, char message[512])
{
    finder *f = finder_new(o, wal, base, out);
    if (f == NULL) {
        message_no_memory(message);
        return SEARCH_FAILED;
    }
    f->sink = sink;
    search_status status = run(f, o->regex, message);
    if (status == SEARCH_DONE && out->picks.total == 0) {
        char range[160];
        describe_range(out, range);
        message_fail(message, "no event%s in %s", o->regex != NULL ? " matches" : "", range);
        status = SEARCH_NOTHING;
    }
    finder_free(f);
    return status;
}

void search_free(search_result *result)
{
    pick_free(&result->event);
    picks_free(&result->picks);
    deeds_free(&result->deeds);
    free(result->in_doubt.items);
    scan_free(result->scanner);
    *result = (search_result){ 0 };
}
