/*
 * story.c - see story.h.
 */
#include "target/story.h"

#include <inttypes.h>
#include <string.h>

#include "target/again.h"
#include "target/archiver.h"
#include "scan/ending.h"
#include "base/log.h"
#include "base/time_text.h"
#include "file/filename.h"
#include "target/obstacle.h"
#include "target/pending.h"
#include "target/restorable.h"
#include "scan/rows.h"
#include "server_log/who_words.h"
#include "target/timeline_story.h"
#include "target/trial.h"
#include "target/warnings.h"
#include "search/event_text.h"
#include "base/plural.h"
#include "search/match_lines.h"

/* ---- the transaction ---------------------------------------------------------------------- */

/* "DROP SCHEMA doomed, and with it 12 tables, 3 views". */
static void add_incident(text *line, const xact_summary *all, const xact_summary_incident *incident)
{
    text_addf(line, "%s, and with it ", xact_summary_text(all, incident->at));
    xact_summary_add_counts(line, incident);
}

/* The incident that the event found is, or is a part of; NULL: it stands alone. */
static const xact_summary_incident *incident_of(const search_result *found)
{
    return found->event.has_event
               ? xact_summary_incident_of(&found->xact_summary, found->event.event.taken_by)
               : NULL;
}

static void tell_headline(const report *r, text *line)
{
    const event_view view = event_match_view(&r->found->event);
    text_add(line, event_text(&view));
    if (view.event != NULL) {
        rows_add(line, view.event);
        match_add_database(line, view.event);
    }
    const xact_summary_incident *incident = incident_of(r->found);
    if (incident != NULL && incident->number == r->found->event.event.number) {
        text_add(line, ", and with it ");
        xact_summary_add_counts(line, incident);
    }
    log_headline("found %s", text_chars(line));
    text_clear(line);
}

/* "object", "schema and database": the names of an event that come from one source; false: none. */
static bool add_names_from(text *out, const wp_event *event, wp_name_source from)
{
    const struct {
        const char *what;
        bool is_it;
    } names[] = {
        { "object", event->object.name != NULL && event->object_from == from },
        { "schema", event->schema.name != NULL && event->schema_from == from },
        { "database", event->database.name != NULL && event->database_from == from
                          && event->kind != WP_EVENT_DROP_DATABASE },
    };
    const char *word = "";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!names[i].is_it)
            continue;
        text_addf(out, "%s%s", word, names[i].what);
        word = " and ";
    }
    return *word != '\0';
}

/* Names that the WAL does not hold, and who gave them. */
static void tell_name_sources(const report *r, text *line)
{
    const event_view view = event_match_view(&r->found->event);
    if (view.event == NULL)
        return;
    if (add_names_from(line, view.event, WP_NAME_FROM_BACKUP)) {
        text_add(line, ": from the base backup");
        story_line("names", line);
    }
    if (add_names_from(line, view.event, WP_NAME_FROM_SERVER)) {
        text_add(line, ": from the server, as it is called there now");
        story_line("names", line);
    }
}

static void tell_xact(const report *r, text *line)
{
    static const char *const ends[] = {
        [WP_XACT_COMMIT] = "committed",
        [WP_XACT_ABORT] = "rolled back",
        [WP_XACT_COMMIT_PREPARED] = "committed by COMMIT PREPARED",
        [WP_XACT_ABORT_PREPARED] = "rolled back by ROLLBACK PREPARED",
    };
    const event_view view = event_match_view(&r->found->event);
    char lsn[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    time_text_add(line, view.xact->time);
    story_line("when", line);
    text_addf(line, "transaction %u, %s at %s in %s (timeline %u)", view.xact->xid,
              view.xact->is_cut ? "by the head of its commit record" : ends[view.xact->op],
              wp_lsn_format(view.xact->lsn, lsn),
              event_segment(r->archive->info.segment_size, &view, segment), view.tli);
    story_line("by", line);
    if (r->found->asked_subxid != 0) {
        text_addf(line, "%u is a subtransaction of it: the top-level transaction counts",
                  r->found->asked_subxid);
        story_line("", line);
    }
    if (view.xact->gid != NULL) {
        text_addf(line, "prepared as '%s'", view.xact->gid);
        story_line("", line);
    }
}

/* It came from another server, and so did whoever did it. */
static void tell_origin(const report *r, text *line)
{
    const uint32_t origin = r->found->event.xact.origin;
    if (origin == 0)
        return;
    text_addf(
        line,
        "replication applied it, from origin %u: whoever did it did it on the other server (its "
        "name: SELECT roname FROM pg_replication_origin WHERE roident = %u)",
        origin, origin);
    story_line("origin", line);
}

/* What the server's log says of it. */
static void tell_who(const report *r, text *line)
{
    text_list lines = { 0 };
    if (r->who == NULL)
        return;
    who_lines(r->who, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        text_add(line, lines.items[i]);
        story_line(i == 0 ? "who" : "", line);
    }
    text_list_free(&lines);
}

static void tell_rest(uint64_t rest, text *line)
{
    if (rest == 0)
        return;
    text_addf(line, "... and %" PRIu64 " more", rest);
    story_line("", line);
}

/* What else fell with what was found. */
static void tell_incident(const report *r, text *line)
{
    const xact_summary *all = &r->found->xact_summary;
    const event_match *event = &r->found->event;
    const xact_summary_incident *incident = incident_of(r->found);
    uint64_t lines = 0;
    if (incident == NULL)
        return;
    const bool is_part = event->event.number != incident->number;
    if (is_part) {
        add_incident(line, all, incident);
        story_line("fell with", line);
    }
    for (size_t i = 0; i < all->count && lines < MATCH_LINES_MAX; i++) {
        const deed *one = &all->items[i];
        if (one->taken_by != incident->number || one->number == incident->number
            || one->number == event->event.number)
            continue;
        text_add(line, xact_summary_text(all, one->at));
        story_line(lines == 0 ? "with it" : "", line);
        lines++;
    }
    if (lines > 0)
        tell_rest(incident->total - lines - is_part, line);
}

/* What the transaction did beside. */
static void tell_xact_summary(const report *r, text *line)
{
    const xact_summary *all = &r->found->xact_summary;
    const event_match *event = &r->found->event;
    const xact_summary_incident *own = incident_of(r->found);
    uint64_t told = own != NULL ? own->total + 1 : event->has_event;
    size_t lines = 0;
    for (size_t i = 0; i < all->count && lines < MATCH_LINES_MAX; i++) {
        const deed *one = &all->items[i];
        if (one->taken_by != one->number
            || (event->has_event && one->number == event->event.taken_by))
            continue;
        const xact_summary_incident *incident = xact_summary_incident_of(all, one->number);
        if (incident != NULL)
            add_incident(line, all, incident);
        else
            text_add(line, xact_summary_text(all, one->at));
        if (one->has_rows)
            rows_add_count(line, one->rows, one->may_miss_rows);
        story_line(lines == 0 ? "also did" : "", line);
        lines++;
        told += 1 + (incident != NULL ? incident->total : 0);
    }
    if (lines > 0 && all->total > told)
        tell_rest(all->total - told, line);
}

/* Merging and splitting partitions drops the old ones in the transaction that makes the new ones and fills them. */
static void tell_partitions(const report *r, text *line)
{
    static const char made[] = "CREATE TABLE ";
    const xact_summary *all = &r->found->xact_summary;
    const event_match *event = &r->found->event;
    if (!r->archive->info.profile->has_partition_merge || !event->has_event
        || event->event.kind != WP_EVENT_DROP_TABLE)
        return;
    for (size_t i = 0; i < all->count; i++) {
        const char *did = xact_summary_text(all, all->items[i].at);
        if (strncmp(did, made, sizeof made - 1) != 0)
            continue;
        text_addf(
            line,
            "ALTER TABLE ... MERGE PARTITIONS or SPLIT PARTITION looks like this in the WAL, and loses "
            "no row: first look for the rows in %s",
            did + sizeof made - 1);
        story_line("note", line);
        return;
    }
}

/* ---- the target --------------------------------------------------------------------------- */

static void tell_side(const report *r, text *line)
{
    const target_place *place = r->place;
    if (r->found->points.number != 0)
        text_add(line, "stops right after it");
    else if (r->place->choice == TARGET_BEFORE_LOCK)
        text_add(line, "stops before it locks the object");
    else if (place->choice == TARGET_BEFORE_NONTRANSACTIONAL && r->target.inclusive)
        text_add(line, "stops right after that one, the last to commit before it");
    else if (!r->found->has_xact)
        text_add(line, "stops right before the record there");
    else
        text_addf(line, "stops right %s it",
                  place->choice == TARGET_RIGHT_AFTER ? "after" : "before");
}

static void tell_target(const report *r, text *line)
{
    const target *t = &r->target;
    text_addf(line, "recovery_target_%s = ", target_kind_name(t->kind));
    text_add_visible(line, t->value);
    if (t->kind != TARGET_NAME)
        text_addf(line, ", inclusive = %s", t->inclusive ? "true" : "false");
    text_add(line, ": ");
    if (t->exact)
        tell_side(r, line);
    else
        text_add(line, "not exact, see below");
    story_line("target", line);
}

/* What is lost, the transaction that was asked for among it. */
static void tell_lost(const report *r, text *line)
{
    const uint64_t lost = r->target.stop.lost;
    const uint32_t size = r->archive->info.segment_size;
    const bool may_be_more =
        scan_is_damaged_after(&r->found->scan, target_position(r->place, &r->target), size);
    text_addf(line, "%s%" PRIu64 " transaction%s", may_be_more ? "at least " : "", lost,
              plural(lost));
    const wp_xact_op op = r->found->event.xact.op;
    const bool is_among = r->found->has_xact && r->place->choice != TARGET_RIGHT_AFTER
                          && (op == WP_XACT_COMMIT || op == WP_XACT_COMMIT_PREPARED)
                          && (r->target.exact || r->place->choice == TARGET_BEFORE_LOCK);
    const bool is_first = r->place->choice != TARGET_BEFORE_NONTRANSACTIONAL
                          && r->place->choice != TARGET_BEFORE_LOCK;
    if (is_among && lost > 1)
        text_addf(line,
                  is_first ? ": this one and %" PRIu64 " after it"
                           : ": this one and %" PRIu64 " others",
                  lost - 1);
    else if (is_among)
        text_add(line, ": this one");
    story_line("loses", line);
}

/* What cannot be read before the target is kept too, where a server gets to the target at all. */
static void add_unread(const report *r, text *line)
{
    const wp_lsn last = r->target.stop.last_commit_lsn, start = restorable_start(r);
    if (scan_damage_in(&r->found->scan, last > start ? last : start,
                       target_position(r->place, &r->target), r->archive->info.segment_size)
        != NULL)
        text_add(line, ", and what is in the WAL after it that cannot be read");
}

static void tell_balance(const report *r, text *line)
{
    const wp_stop_result *stop = &r->target.stop;
    if (!target_stops(&r->target))
        return;
    if (stop->last_xid != 0) {
        text_addf(line, "everything up to transaction %u, committed ", stop->last_xid);
        time_text_add(line, stop->last_time);
    } else if (stop->old_xid != 0) {
        text_addf(line, "what the backup holds, up to transaction %u, committed ", stop->old_xid);
        time_text_add(line, stop->old_time);
    } else {
        text_add(line, "what was committed before this WAL begins");
    }
    add_unread(r, line);
    story_line("keeps", line);
    tell_lost(r, line);
}

/* ---- other matches ------------------------------------------------------------------------ */

static void tell_all_matches(const report *r, text *line)
{
    const uint64_t total = r->found->matches.total;
    if (total < 2)
        return;
    text_addf(line, "%" PRIu64 ", this is number %" PRIu64 " (--pick N takes another):", total,
              r->found->event.number);
    story_line("matches", line);
    match_lines_tell(r->found, r->found->event.number);
}

/* ---- shortly before ----------------------------------------------------------------------- */

static void tell_member(const series_member *one, text *line)
{
    char time[WP_TIME_TEXT_BYTES];
    const event_match *event = &one->gravest;
    text_addf(line, "%s  xid %u  %s", wp_time_format(event->xact.time, time), event->xact.xid,
              event->event.text);
    rows_add(line, &event->event);
    match_add_database(line, &event->event);
    if (one->events > 1)
        text_addf(line, ", and %" PRIu64 " more", one->events - 1);
    story_line("", line);
}

/* How to undo that, too, and at what price. */
static void tell_earlier(const report *r, text *line)
{
    const question_range *range = &r->question->range;
    const series_before *before = &r->found->before;
    /* Commits are counted as far as they are there, and in the range asked for. */
    const bool is_known = r->target.exact && r->found->scan.ndamages == 0 && !range->has_since
                          && !range->has_until && range->from_lsn == 0 && range->to_lsn == 0;
    text_addf(line, "to go back before %s",
              before->has_more    ? "the first of these"
              : before->count > 1 ? "all of them"
                                  : "that, too");
    if (is_known)
        text_addf(line, ", which loses %" PRIu64 " transaction%s more", before->commits,
                  plural(before->commits));
    text_add(line, ", run instead:");
    story_line("", line);
    again_before_xid(r, before->start.gravest.xact.xid, line);
    story_line("", line);
}

/* What others destroyed right before: it stays destroyed. */
static void tell_before(const report *r, text *line)
{
    const series_before *before = &r->found->before;
    if (before->count == 0)
        return;
    text_addf(line,
              "%s%" PRIu64
              " other transaction%s dropped, truncated or deleted shortly before: this target "
              "does not undo that",
              before->has_more ? "at least " : "", before->count, plural(before->count));
    story_line("before it", line);
    tell_member(&before->start, line);
    tell_rest(before->count - 1 - before->ntold, line);
    for (size_t i = 0; i < before->ntold; i++)
        tell_member(&before->told[i], line);
    tell_earlier(r, line);
}

/* ---- restore points ----------------------------------------------------------------------- */

static void tell_point(const report *r, text *line)
{
    const search_points *points = &r->found->points;
    const wp_lsn lsn = points->chosen.fact.lsn;
    char at[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    text_add(line, "restore point \"");
    text_add_visible(line, r->found->place.name);
    text_add(line, "\"");
    log_headline("found %s", text_chars(line));
    text_clear(line);
    time_text_add(line, points->chosen.time);
    story_line("when", line);
    text_addf(line, "%s in %s (timeline %u)", wp_lsn_format(points->chosen.end_lsn, at),
              wp_segment_name_format(r->timeline, lsn, r->archive->info.segment_size, segment),
              r->timeline);
    story_line("at", line);
}

static void tell_other_points(const report *r, text *line)
{
    const search_points *points = &r->found->points;
    if (points->total < 2)
        return;
    text_addf(line,
              "%" PRIu64 ", this is number %" PRIu64 " (--pick N takes another):", points->total,
              points->number);
    story_line("of the name", line);
    match_lines_tell_points(r->found, points->number);
}

/* ---- hints -------------------------------------------------------------------------------- */

static bool is_locking(const event_match *event)
{
    return event->has_event && wp_event_kind_locks(event->event.kind);
}

/* There is an earlier place, where nothing is locked. */
static void tell_inspectable(const report *r, text *line)
{
    const wp_stop_result *early = search_stop(r->found, SEARCH_AT_LOCK);
    const wp_stop_result *right = search_stop(r->found, TARGET_LSN);
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->found->lock_place.right == 0 || !r->has_target[TARGET_LSN])
        return;
    text_addf(line, "--inspectable stops before that lock, at %s",
              wp_lsn_format(r->found->lock_place.right, lsn));
    if (early != NULL && right != NULL && early->outcome == WP_STOP_STOPS
        && right->outcome == WP_STOP_STOPS && early->kept < right->kept)
        text_addf(line, ", and loses %" PRIu64 " transaction%s more", right->kept - early->kept,
                  plural(right->kept - early->kept));
    else if (early != NULL)
        text_add(line, ", and loses nothing more");
    story_line("", line);
}

static void tell_pause(const report *r, text *line)
{
    char action[32];
    render_action(r, action);
    if (strcmp(action, "pause") != 0)
        return;
    if (r->place->choice == TARGET_BEFORE_NONTRANSACTIONAL) {
        text_add(line,
                 "replay removes its files at once and not at the commit: the target lies before "
                 "the record that does so");
        story_line("note", line);
    } else if (r->place->choice == TARGET_BEFORE_LOCK) {
        text_add(line,
                 "while the server pauses there, the object can be read: the transaction has not "
                 "locked it yet");
        story_line("note", line);
    } else if (r->question->is_inspectable) {
        text_add(line, "the transaction takes no lock that keeps the object from being read: "
                       "--inspectable changes nothing");
        story_line("note", line);
    } else if (pending_is_own(r) && is_locking(&r->found->event)) {
        text_add(line, "the transaction still locks the object while the server pauses there, and "
                       "after that, too");
        story_line("note", line);
        tell_inspectable(r, line);
    } else if (r->found->has_xact && r->place->choice != TARGET_RIGHT_AFTER
               && is_locking(&r->found->event)) {
        text_addf(
            line,
            "while the server pauses there, the transaction still locks the object: it can be "
            "read after SELECT %s_replay_resume(), which ends recovery",
            r->archive->info.profile->recovery.wal_directory);
        story_line("note", line);
        tell_inspectable(r, line);
    }
    if (!r->archive->info.profile->recovery.has_lsn_target) {
        text_add(line,
                 "majors before 10 pause only with hot_standby = on, and it is off by default");
        story_line("note", line);
    }
}

/* "from 0/2000028 to 0/2000130 on timeline 1, started 2026-11-22 10:00:00 CET" */
static void add_extent(text *line, const wp_backup_label *label, wp_lsn stop)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(line, "from %s", wp_lsn_format(label->start_lsn, lsn));
    if (stop != 0)
        text_addf(line, " to %s", wp_lsn_format(stop, lsn));
    text_addf(line, " on timeline %u, started ", label->timeline);
    if (label->start_time != WP_TIME_UNKNOWN)
        time_text_add(line, label->start_time);
    else
        text_add_visible(line, label->start_time_text);
}

/* "'nightly' of /backups/base: from 0/2000028 to 0/2000130 on timeline 1, started 2026-11-22 10:00:00 CET". */
static void add_backup(text *line, const wp_backup_label *label, wp_lsn stop, const char *path)
{
    text_add(line, "'");
    text_add_visible(line, label->label);
    text_addf(line, "' of %s: ", path);
    add_extent(line, label, stop);
}

/* "20261122-104805F: from ..." */
static void tell_catalogued(const char *label, const archive_backup *one, text *line)
{
    text_add_visible(line, one->id);
    text_add(line, ": ");
    add_extent(line, &one->label, one->label.stop_lsn);
    story_line(label, line);
}

/* How the archiver is told to restore the one to be restored. */
static void tell_use(const report *r, const archive_backup *best, text *line)
{
    if (best == NULL || best->id[0] == '\0' || r->archive->layout.kind == LAYOUT_PLAIN)
        return;
    layout_tell_use(&r->archive->layout, best->id, line);
    if (line->len == 0)
        return;
    char buf[32];
    const char *format = archiver_format_of(r->archive->layout.kind, buf);
    const bool is_asked = archiver_has_format((target_format)r->options->format);
    if (format != NULL && !is_asked)
        text_addf(line, ", and the settings; --format %s prints it with the target", format);
    else if (format == NULL)
        text_add(line, ", and the settings");
    story_line("with", line);
}

static void tell_archive_backup(const char *label, const archive_backup *one, text *line)
{
    if (one == NULL)
        return;
    if (one->id[0] != '\0') {
        tell_catalogued(label, one, line);
        return;
    }
    add_backup(line, &one->label, one->label.stop_lsn, filename_base(one->path));
    story_line(label, line);
}

static void tell_backup(const report *r, text *line)
{
    const archive_backup *too_new, *best = restorable_backup_for(r, &too_new);
    if (r->base != NULL) {
        add_backup(line, &r->base->label, r->backup_stop, r->base->path);
        story_line("backup", line);
    }
    if (r->base != NULL && !r->is_refused)
        return;
    tell_archive_backup("restore", best, line);
    tell_use(r, best, line);
    if (r->found->earlier_after == 0) /* else the clock is to blame, see below */
        tell_archive_backup("too new", too_new, line);
}

/* Whose archive it is, where that is known. */
static void tell_layout(const report *r, text *line)
{
    if (r->archive->layout.kind == LAYOUT_PLAIN)
        return;
    layout_describe(&r->archive->layout, line);
    story_line("archive", line);
}

/* That it was found is one thing. */
static void tell_restorable(const report *r, text *line)
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (r->restorable == RESTORABLE_UNKNOWN)
        return;
    if (r->restorable == RESTORABLE_NO)
        text_add(line, restorable_is_too_new(r) ? "no: this backup is too new"
                                                : "not from this archive as it is, see below");
    else
        text_addf(line, "yes: this archive is whole from %s, where that backup starts, to %s",
                  wp_lsn_format(restorable_start(r), from),
                  wp_lsn_format(r->target.stop.lsn, until));
    story_line("restorable", line);
}

/* Frees them. */
static void tell_all(const char *label, text_list *lines, text *line)
{
    for (size_t i = 0; i < lines->count; i++) {
        text_add(line, lines->items[i]);
        story_line(i == 0 ? label : "", line);
    }
    text_list_free(lines);
}

static void tell_timelines(const report *r, text *line)
{
    text_list lines = { 0 };
    timeline_story(r, &lines);
    tell_all("timelines", &lines, line);
}

/* Before a restored server is started. */
static void tell_trial(const report *r, text *line)
{
    text_list steps = { 0 };
    trial_steps(r, &steps);
    tell_all("trial", &steps, line);
}

/* A server that is started now does not get to the target. */
static void tell_obstacle(const report *r, text *line)
{
    text_list steps = { 0 };
    obstacle_steps(r, &steps);
    tell_all("next", &steps, line);
}

static void tell_next(const report *r, text *line)
{
    if (r->options->write != NULL)
        return; /* told when it is done */
    if (r->restorable == RESTORABLE_NO) {
        tell_obstacle(r, line);
        return;
    }
    if (archiver_has_format((target_format)r->options->format)) {
        text_add(line,
                 "run the command that is printed: it restores that base backup into $PGDATA, a "
                 "new and empty directory, with this target; do what 'trial' says, then start "
                 "the server");
        story_line("next", line);
        tell_trial(r, line);
        return;
    }
    const wp_recovery_traits *recovery = &r->archive->info.profile->recovery;
    const archive_backup *too_new;
    const bool is_known = r->base != NULL || restorable_backup_for(r, &too_new) != NULL;
    text_addf(line, "restore %s, put the lines into %s",
              is_known ? "that base backup" : "a base backup from before this moment",
              recovery->conf_file);
    if (recovery->has_signal_file)
        text_add(line, ", create an empty recovery.signal");
    text_add(line, ", do what 'trial' says, then start the server");
    story_line("next", line);
    tell_trial(r, line);
}

static void tell_end(const report *r, text *line)
{
    if (ending_words(&r->found->scan, r->found->latest_time, true, line))
        story_line("note", line);
}

void story_found(const report *r)
{
    text line = { 0 };
    if (r->found->has_xact) {
        tell_headline(r, &line);
        tell_name_sources(r, &line);
        tell_xact(r, &line);
        tell_origin(r, &line);
        tell_who(r, &line);
        tell_incident(r, &line);
        tell_xact_summary(r, &line);
        tell_partitions(r, &line);
    } else if (r->found->points.number != 0) {
        tell_point(r, &line);
    } else {
        char lsn[WP_LSN_TEXT_BYTES];
        log_headline("%s is in this WAL", wp_lsn_format(r->question->lsn, lsn));
    }
    tell_target(r, &line);
    tell_balance(r, &line);
    tell_all_matches(r, &line);
    tell_before(r, &line);
    tell_layout(r, &line);
    tell_other_points(r, &line);
    tell_backup(r, &line);
    tell_restorable(r, &line);
    tell_timelines(r, &line);
    tell_pause(r, &line);
    tell_end(r, &line);
    for (size_t i = 0; i < r->warnings->count; i++)
        log_warning("%s", r->warnings->items[i]);
    tell_next(r, &line);
    text_free(&line);
}

void story_written(const report *r, const write_plan *plan)
{
    text line = { 0 };
    for (size_t i = 0; i < plan->nfiles; i++) {
        text_addf(&line, "%s/%s", r->options->write, plan->files[i].name);
        story_line(i == 0 ? "written" : "", &line);
    }
    for (size_t i = 0; i < plan->changes.count; i++) {
        text_add(&line, plan->changes.items[i]);
        story_line(i == 0 ? "changed" : "", &line);
    }
    if (r->restorable == RESTORABLE_NO) {
        tell_obstacle(r, &line);
    } else {
        text_addf(&line, "do what 'trial' says, then start the server on %s", r->options->write);
        story_line("next", &line);
        tell_trial(r, &line);
    }
    text_free(&line);
}
