/*
 * tell.c - see tell.h.
 */
#include "tell.h"

#include <inttypes.h>
#include <string.h>

#include "log.h"
#include "timeparse.h"
#include "filename.h"
#include "warnings.h"

/* So many other matches, and other things the transaction did, are told. */
#define LINES_MAX 20

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* "2026-11-22 10:48:05.074335+00 (11:48:05 CET)". */
static void add_time(text *out, wp_time time)
{
    char utc[WP_TIME_TEXT_BYTES], local[TIMEPARSE_TEXT_BYTES];
    text_add(out, wp_time_format(time, utc));
    timeparse_local(time, local);
    const size_t len = strlen(local);
    if (len > 4 && strcmp(local + len - 4, " UTC") != 0)
        text_addf(out, " (%s)", local);
}

static void add_rows(text *out, bool has_rows, uint64_t rows)
{
    if (has_rows)
        text_addf(out, " (%" PRIu64 " row%s)", rows, plural(rows));
}

static void add_database(text *out, const wp_event *event)
{
    if (wp_event_kind_is_database(event->kind))
        return;
    if (event->database.name != NULL)
        text_addf(out, " in database %s", event->database.name);
    else if (event->database.oid != 0)
        text_addf(out, " in database [%u]", event->database.oid);
}

/* Prints what was put together, and empties it. */
static void tell(const char *label, text *line)
{
    log_story("  %-12s%s", label, text_chars(line));
    text_clear(line);
}

/* ---- the transaction ---------------------------------------------------------------------- */

/* "DROP SCHEMA doomed, and with it 12 tables, 3 views". */
static void add_incident(text *line, const deeds *all, const deeds_incident *incident)
{
    text_addf(line, "%s, and with it ", deeds_text(all, incident->at));
    deeds_add_counts(line, incident);
}

/* The incident that the event found is, or is a part of; NULL: it stands alone. */
static const deeds_incident *incident_of(const search_result *found)
{
    return found->event.has_event ? deeds_incident_of(&found->deeds, found->event.event.taken_by)
                                  : NULL;
}

static void tell_headline(const report *r, text *line)
{
    const event_view view = pick_view(&r->found->event);
    text_add(line, render_event_text(&view));
    if (view.event != NULL) {
        add_rows(line, view.event->has_rows, view.event->rows);
        add_database(line, view.event);
    }
    const deeds_incident *incident = incident_of(r->found);
    if (incident != NULL && incident->number == r->found->event.event.number) {
        text_add(line, ", and with it ");
        deeds_add_counts(line, incident);
    }
    log_headline("found %s", text_chars(line));
    text_clear(line);
}

static void tell_xact(const report *r, text *line)
{
    static const char *const ends[] = {
        [WP_XACT_COMMIT] = "committed",
        [WP_XACT_ABORT] = "rolled back",
        [WP_XACT_COMMIT_PREPARED] = "committed by COMMIT PREPARED",
        [WP_XACT_ABORT_PREPARED] = "rolled back by ROLLBACK PREPARED",
    };
    const event_view view = pick_view(&r->found->event);
    char lsn[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    add_time(line, view.xact->time);
    tell("when", line);
    text_addf(line, "transaction %u, %s at %s in %s (timeline %u)", view.xact->xid,
              ends[view.xact->op], wp_lsn_format(view.xact->lsn, lsn),
              render_segment(r->archive, &view, segment), view.tli);
    tell("by", line);
    if (r->found->asked_subxid != 0) {
        text_addf(line, "%u is a subtransaction of it: the top-level transaction counts",
                  r->found->asked_subxid);
        tell("", line);
    }
    if (view.xact->gid != NULL) {
        text_addf(line, "prepared as '%s'", view.xact->gid);
        tell("", line);
    }
}

static void tell_rest(uint64_t rest, text *line)
{
    if (rest == 0)
        return;
    text_addf(line, "... and %" PRIu64 " more", rest);
    tell("", line);
}

/* What else fell with what was found. */
static void tell_incident(const report *r, text *line)
{
    const deeds *all = &r->found->deeds;
    const pick *event = &r->found->event;
    const deeds_incident *incident = incident_of(r->found);
    uint64_t lines = 0;
    if (incident == NULL)
        return;
    const bool is_part = event->event.number != incident->number;
    if (is_part) {
        add_incident(line, all, incident);
        tell("fell with", line);
    }
    for (size_t i = 0; i < all->count && lines < LINES_MAX; i++) {
        const deed *one = &all->items[i];
        if (one->taken_by != incident->number || one->number == incident->number
            || one->number == event->event.number)
            continue;
        text_add(line, deeds_text(all, one->at));
        tell(lines == 0 ? "with it" : "", line);
        lines++;
    }
    if (lines > 0)
        tell_rest(incident->total - lines - is_part, line);
}

/* What the transaction did beside. */
static void tell_deeds(const report *r, text *line)
{
    const deeds *all = &r->found->deeds;
    const pick *event = &r->found->event;
    const deeds_incident *own = incident_of(r->found);
    uint64_t told = own != NULL ? own->total + 1 : event->has_event;
    size_t lines = 0;
    for (size_t i = 0; i < all->count && lines < LINES_MAX; i++) {
        const deed *one = &all->items[i];
        if (one->taken_by != one->number
            || (event->has_event && one->number == event->event.taken_by))
            continue;
        const deeds_incident *incident = deeds_incident_of(all, one->number);
        if (incident != NULL)
            add_incident(line, all, incident);
        else
            text_add(line, deeds_text(all, one->at));
        add_rows(line, one->has_rows, one->rows);
        tell(lines == 0 ? "also did" : "", line);
        lines++;
        told += 1 + (incident != NULL ? incident->total : 0);
    }
    if (lines > 0 && all->total > told)
        tell_rest(all->total - told, line);
}

/* ---- the target --------------------------------------------------------------------------- */

static void tell_side(const report *r, text *line)
{
    if (r->found->boundary.is_at_once && r->target.inclusive)
        text_add(line, "stops right after that one, the last to commit before it");
    else
        text_addf(line, "stops right %s it", r->target.inclusive ? "after" : "before");
}

static void tell_target(const report *r, text *line)
{
    const target *t = &r->target;
    text_addf(line, "recovery_target_%s = %s, inclusive = %s: ", target_kind_name(t->kind),
              t->value, t->inclusive ? "true" : "false");
    if (!t->exact)
        text_add(line, "not exact, see below");
    else if (r->found->has_xact)
        tell_side(r, line);
    else
        text_add(line, "stops right before the record there");
    tell("target", line);
}

static void tell_balance(const report *r, text *line)
{
    const target_stop *stop = &r->target.stop;
    if (r->target.reach != TARGET_REACHED)
        return;
    if (stop->last_xid != 0) {
        text_addf(line, "everything up to transaction %u, committed ", stop->last_xid);
        add_time(line, stop->last_time);
    } else {
        text_add(line, "what was committed before this WAL begins");
    }
    tell("keeps", line);
    const uint64_t lost = r->found->commits - stop->commits;
    text_addf(line, "%" PRIu64 " transaction%s", lost, plural(lost));
    const bool is_among = r->found->has_xact && r->target.exact && !r->target.inclusive
                          && (r->found->event.xact.op == WP_XACT_COMMIT
                              || r->found->event.xact.op == WP_XACT_COMMIT_PREPARED);
    if (is_among && lost > 1)
        text_addf(line, ": this one and %" PRIu64 " after it", lost - 1);
    else if (is_among)
        text_add(line, ": this one");
    tell("loses", line);
}

/* ---- other matches ------------------------------------------------------------------------ */

static void tell_match(const pick *match, text *line)
{
    char time[WP_TIME_TEXT_BYTES];
    text_addf(line, "%5" PRIu64 "  %s  xid %u  %s", match->number,
              wp_time_format(match->xact.time, time), match->xact.xid, match->event.text);
    add_rows(line, match->event.has_rows, match->event.rows);
    add_database(line, &match->event);
    log_story("  %s", text_chars(line));
    text_clear(line);
}

void tell_matches(const search_result *found)
{
    const picks *list = &found->picks;
    const size_t lines = list->count < LINES_MAX + 1 ? list->count : LINES_MAX + 1;
    const size_t first = list->keeps_latest ? list->count - lines : 0;
    text line = { 0 };
    uint64_t told = 0;
    for (size_t i = first; i < first + lines && told < LINES_MAX; i++) {
        const pick *match = picks_at(list, i);
        if (match->number == found->event.number)
            continue;
        tell_match(match, &line);
        told++;
    }
    const uint64_t others = list->total - (found->event.number != 0 ? 1 : 0);
    if (others > told)
        log_story("         ... and %" PRIu64 " more", others - told);
    text_free(&line);
}

static void tell_all_matches(const report *r, text *line)
{
    const uint64_t total = r->found->picks.total;
    if (total < 2)
        return;
    text_addf(line, "%" PRIu64 ", this is number %" PRIu64 " (--pick N takes another):", total,
              r->found->event.number);
    tell("matches", line);
    tell_matches(r->found);
}

/* ---- hints -------------------------------------------------------------------------------- */

static bool is_locking(const pick *event)
{
    return event->has_event && wp_event_kind_locks(event->event.kind);
}

static void tell_pause(const report *r, text *line)
{
    char action[32];
    options_word(OPT_ACTION, r->options->action, action);
    if (strcmp(action, "pause") != 0)
        return;
    if (r->found->boundary.is_at_once) {
        text_add(line,
                 "replay removes its files at once and not at the commit: the target lies before "
                 "the record that does so");
        tell("note", line);
    } else if (r->found->has_xact && !r->target.inclusive && is_locking(&r->found->event)) {
        text_addf(
            line,
            "while the server pauses there, the transaction still locks the object: it can be "
            "read after SELECT %s_replay_resume(), which ends recovery",
            r->archive->info.profile->recovery.wal_directory);
        tell("note", line);
    }
    if (!r->archive->info.profile->recovery.has_lsn_target) {
        text_add(line,
                 "majors before 10 pause only with hot_standby = on, and it is off by default");
        tell("note", line);
    }
}

/* "'nightly' of /backups/base: from 0/2000028 to 0/2000130 on timeline 1, started 2026-11-22 10:00:00 CET". */
static void add_backup(text *line, const wp_backup_label *label, wp_lsn stop, const char *path)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_add(line, "'");
    text_add_visible(line, label->label);
    text_addf(line, "' of %s: from %s", path, wp_lsn_format(label->start_lsn, lsn));
    if (stop != 0)
        text_addf(line, " to %s", wp_lsn_format(stop, lsn));
    text_addf(line, " on timeline %u, started ", label->timeline);
    if (label->start_time != WP_TIME_UNKNOWN)
        add_time(line, label->start_time);
    else
        text_add_visible(line, label->start_time_text);
}

static void tell_archive_backup(const char *label, const archive_backup *one, text *line)
{
    if (one == NULL)
        return;
    add_backup(line, &one->label, one->label.stop_lsn, filename_base(one->path));
    tell(label, line);
}

static void tell_backup(const report *r, text *line)
{
    const archive_backup *too_new, *best = warnings_backup_for(r, &too_new);
    if (r->base != NULL) {
        add_backup(line, &r->base->label, r->backup_stop, r->base->path);
        tell("backup", line);
    }
    if (r->base != NULL && !r->is_refused)
        return;
    tell_archive_backup("restore", best, line);
    tell_archive_backup("too new", too_new, line);
}

static void tell_next(const report *r, text *line)
{
    const wp_recovery_traits *recovery = &r->archive->info.profile->recovery;
    const archive_backup *too_new;
    const bool is_known =
        (r->base != NULL && !r->is_refused) || warnings_backup_for(r, &too_new) != NULL;
    text_addf(line, "restore %s, put the lines into %s",
              is_known ? "that base backup" : "a base backup from before this moment",
              recovery->conf_file);
    if (recovery->has_signal_file)
        text_add(line, ", create an empty recovery.signal");
    text_add(line, ", start the server");
    tell("next", line);
}

void tell_found(const report *r)
{
    text line = { 0 };
    if (r->found->has_xact) {
        tell_headline(r, &line);
        tell_xact(r, &line);
        tell_incident(r, &line);
        tell_deeds(r, &line);
    } else {
        log_headline("%s is in this WAL", r->target.value);
    }
    tell_target(r, &line);
    tell_balance(r, &line);
    tell_all_matches(r, &line);
    tell_backup(r, &line);
    tell_pause(r, &line);
    for (size_t i = 0; i < r->warnings->count; i++)
        log_warning("%s", r->warnings->items[i]);
    tell_next(r, &line);
    text_free(&line);
}

void tell_zones(const options *o)
{
    const struct {
        option_id id;
        const option_time *value;
    } times[] = { { OPT_BEFORE_TIME, &o->before_time },
                  { OPT_SINCE, &o->since },
                  { OPT_UNTIL, &o->until } };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        if (!o->given[times[i].id] || !times[i].value->is_local)
            continue;
        char zone[TIMEPARSE_TEXT_BYTES], utc[WP_TIME_TEXT_BYTES];
        log_story("pitr-find: --%s has no offset: read in the local zone (%s), it is %s",
                  option_table[times[i].id].name, timeparse_zone(times[i].value->time, zone),
                  wp_time_format(times[i].value->time, utc));
    }
}
