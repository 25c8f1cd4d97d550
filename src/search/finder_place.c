/* finder_place.c - where to stop for what was found. See finder.h. */
#include "search/finder.h"

/* The long one. What is no further from the start of a page is its first record. */
#define PAGE_HEADER_BYTES_MAX 40

/* The place before the nontransactional record at lsn. */
static target_place before_nontransactional(const finder *f, wp_lsn lsn)
{
    static const wp_xact_end unknown = { .time = WP_TIME_UNKNOWN };
    for (size_t i = 0; i < NONTRANSACTIONAL_KEPT && i < f->pass.nplaces; i++) {
        if (f->pass.places[i].lsn == lsn)
            return target_before_nontransactional(lsn, &f->pass.places[i].last);
    }
    return target_before_nontransactional(lsn, &unknown);
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

/* The header of a page is inside no record, when one begins right after it. */
static bool is_inside(const finder *f)
{
    const wp_lsn asked = f->question->lsn, next = f->pass.asked.fact.lsn;
    const wp_lsn on_page = next % f->archive->info.page_size;
    return asked < next && (on_page > PAGE_HEADER_BYTES_MAX || asked < next - on_page);
}

/* Before --before-lsn; end: the first end of a transaction from there on, NULL: none. */
target_place finder_place_at_lsn(const finder *f, const wp_xact_end *end)
{
    const wp_lsn asked = f->question->lsn;
    if (f->pass.asked.fact.lsn == 0)
        return target_before_lsn(asked, end != NULL ? end->lsn : asked,
                                 end != NULL ? end->end_lsn : asked, end);
    target_place place =
        target_before_lsn(asked, f->pass.asked.fact.lsn, f->pass.asked.end_lsn, end);
    place.inside = is_inside(f) ? f->pass.asked.prev : 0;
    return place;
}

target_place finder_place(const finder *f, const wp_xact_end *end)
{
    const event_match *event = &f->out->event;
    if (f->question->is_after)
        return target_after_xact(end);
    if (f->question->kind == QUESTION_LSN)
        return finder_place_at_lsn(f, end);
    if (event->has_event && event->event.stop_lsn != end->lsn)
        return before_nontransactional(f, event->event.stop_lsn);
    target_place place = target_before_xact(end);
    if (is_out_of_reach(f->archive, end))
        target_by_previous(&place, end->prev_lsn);
    return place;
}

/* Where the transaction that ends here first locks what the event is about. */
target_place finder_lock_place(const finder *f)
{
    const event_match *event = &f->out->event;
    const target_place none = { .right = 0 };
    if (!event->has_event || f->question->is_after
        || f->out->place.choice == TARGET_BEFORE_NONTRANSACTIONAL)
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
void finder_aim(finder *f, bool is_first_pass)
{
    stop_window_target targets[SEARCH_TARGETS];
    for (unsigned i = 0; i < TARGET_KINDS; i++)
        set_target(f, i, &f->out->place, (target_kind)i, &targets[i]);
    set_target(f, SEARCH_AT_LOCK, &f->out->lock_place, TARGET_LSN, &targets[SEARCH_AT_LOCK]);
    for (size_t i = 0; !is_first_pass && i < SEARCH_TARGETS; i++)
        targets[i].is_far_back = false;
    stop_window_aim(f->out->stop_window, targets, SEARCH_TARGETS);
}
