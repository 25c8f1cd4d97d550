/*
 * warnings.c - see warnings.h.
 */
#include "command/target/warnings.h"

#include <inttypes.h>
#include <stdio.h>

#include "command/target/pending.h"
#include "command/target/restorable.h"
#include "scan/rows.h"
#include "scan/unexpected.h"

/* So many events without a name are named. */
#define MAYBE_SHOWN 3

/* The OID of that catalog, as everywhere. */
#define PG_DATABASE 1262

/* Microseconds. Commits side by side differ by less; a clock is set back by more. */
#define CLOCK_STEP UINT64_C(1000000)

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void warn_of_damage(const search_result *found, text_list *out)
{
    const scan_result *seen = &found->scan;
    const size_t listed = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    for (size_t i = 0; i < listed; i++)
        text_list_addf(out, "%s: what was done there is not known", seen->damages[i].text);
    if (seen->ndamages > listed)
        text_list_addf(out, "%zu more places could not be read", seen->ndamages - listed);
}

/* A server's recovery ends where WAL cannot be read. */
static void warn_of_barrier(const report *r, text_list *out)
{
    const wp_lsn at = restorable_barrier(r);
    char lsn[WP_LSN_TEXT_BYTES];
    if (at == 0)
        return;
    wp_lsn_format(at, lsn);
    if (restorable_start(r) != 0)
        text_list_addf(
            out, "recovery from this backup cannot get past %s, and the target lies after it", lsn);
    else
        text_list_addf(out,
                       "recovery cannot get past %s: the target can be reached only from a base "
                       "backup that was taken after it",
                       lsn);
}

/* The archive ends inside a record that ends a transaction. */
static void warn_of_cut(const archive *wal, const search_result *found, text_list *out)
{
    const scan_cut *cut = &found->scan.cut;
    char lsn[WP_LSN_TEXT_BYTES], next[WP_SEGMENT_NAME_BYTES], xact[32] = "a prepared transaction";
    if (cut->lsn == 0)
        return;
    const uint32_t size = wal->info.segment_size;
    (void)wp_segment_name_format(cut->tli, (cut->lsn | (size - 1)) + 1, size, next);
    if (cut->xid != 0)
        (void)snprintf(xact, sizeof xact, "transaction %u", cut->xid);
    text_list_addf(
        out,
        "the record at %s, with which %s ends, goes on in %s, which is not here: %s, and a "
        "recovery without a target stops before it",
        wp_lsn_format(cut->lsn, lsn), xact, cut->is_inside ? "the rest of its segment" : next,
        found->tells_cut
            ? "whether it was written whole is not known, nor what its subtransactions did"
            : "what that transaction did is not told");
}

/* " of database shop", after the name of a catalog. */
static void name_place(const scan_lost *lost, char out[WP_NAME_BYTES + 32])
{
    out[0] = '\0';
    if (lost->database[0] != '\0')
        (void)snprintf(out, WP_NAME_BYTES + 32, " of database %s", lost->database);
    else if (lost->what.db != 0)
        (void)snprintf(out, WP_NAME_BYTES + 32, " of database [%u]", lost->what.db);
}

/* The transaction may have begun before the WAL. */
static void warn_of_maybe_lost(const scan_lost *lost, text_list *out)
{
    char lsn[WP_LSN_TEXT_BYTES], place[WP_NAME_BYTES + 32];
    name_place(lost, place);
    if (lost->what.catalog == PG_DATABASE) {
        text_list_addf(
            out,
            "transaction %u, which ended at %s, dropped a database, and what it changed in "
            "pg_database before is not in this WAL: it began before this WAL, or pg_database was "
            "moved before. A target right before that DROP DATABASE may leave the database "
            "unusable: give --backup with a base backup, or more of the older WAL",
            lost->what.xid, wp_lsn_format(lost->what.lsn, lsn));
        return;
    }
    text_list_addf(
        out,
        "transaction %u, which ended at %s, removed files, and what it changed in %s%s "
        "is not in this WAL: it began before this WAL, or that catalog was moved before. "
        "What it dropped or emptied is not told: give more of the older WAL, or --backup "
        "with a base backup",
        lost->what.xid, wp_lsn_format(lost->what.lsn, lsn), lost->what.name, place);
}

/* All those of one database, of which `first` is the first. */
static void warn_of_moved(const scan_lost *first, const scan_lost *end, text_list *out)
{
    char lsn[WP_LSN_TEXT_BYTES], place[WP_NAME_BYTES + 32];
    text names = { 0 };
    size_t n = 0;
    for (const scan_lost *one = first; one < end; one++)
        if (one->what.is_certain && one->what.db == first->what.db)
            text_addf(&names, "%s%s", n++ > 0 ? ", " : "", one->what.name);
    name_place(first, place);
    text_list_addf(out,
                   "system catalog%s %s%s: in another file than this WAL tells, so it was moved "
                   "before, by VACUUM FULL or CLUSTER (transaction %u, which ended at %s, changed "
                   "it). What was created, altered or dropped is told wrong or not at all: give "
                   "--backup with a base backup, or more of the older WAL; --dsn does not help",
                   plural(n), text_chars(&names), place, first->what.xid,
                   wp_lsn_format(first->what.lsn, lsn));
    text_free(&names);
}

/* Something like VACUUM FULL moved a catalog, and the WAL that says where to is not here. */
static void warn_of_lost(const search_result *found, text_list *out)
{
    const scan_lost *lost = found->scan.lost, *end = lost + found->scan.nlost;
    for (const scan_lost *one = lost; one < end; one++) {
        const scan_lost *before = lost;
        while (before < one && !(before->what.is_certain && before->what.db == one->what.db))
            before++;
        if (!one->what.is_certain)
            warn_of_maybe_lost(one, out);
        else if (before == one)
            warn_of_moved(one, end, out);
    }
}

/* Their rows in the catalogs are not in this WAL. */
static void warn_of_unnamed(const search_result *found, text_list *out)
{
    const scan_result *seen = &found->scan;
    char lsn[WP_LSN_TEXT_BYTES];
    if (seen->unnamed > 0)
        text_list_addf(
            out,
            "%" PRIu64
            " transaction%s, the first of which ended at %s, dropped more tables, views or "
            "types than can be told: what they were is not in this WAL. Give --backup with "
            "a base backup, or more of the older WAL",
            seen->unnamed, plural(seen->unnamed), wp_lsn_format(seen->first_unnamed, lsn));
}

static void warn_of_databases(const options *o, const search_result *found, text_list *out)
{
    text name = { 0 };
    for (const char *at = o->database; *at != '\0'; at++) {
        text_add_bytes(&name, at, 1);
        if (*at == '\'')
            text_add(&name, "'");
    }
    text_list_addf(out,
                   "%" PRIu64
                   " event%s of databases without a name might be meant: give --backup, or the OID "
                   "of the database; the server tells it: SELECT oid FROM pg_database WHERE "
                   "datname = '%s';",
                   found->unnamed_databases, plural(found->unnamed_databases), text_chars(&name));
    text_free(&name);
}

static void warn_of_limits(const options *o, const search_result *found, text_list *out)
{
    if (found->scan.warnings & WP_WARN_NAMES_FORGOTTEN)
        text_list_addf(out, "more names than memory allows: some are shown as OIDs");
    if (found->scan.warnings & WP_WARN_XACTS_FORGOTTEN)
        text_list_addf(
            out,
            "more unfinished transactions than memory allows: some of what they did is missing");
    if (found->rowless > 0)
        text_list_addf(out,
                       "%" PRIu64 " TRUNCATE/DROP event%s no row count and %s hidden by --min-rows",
                       found->rowless, found->rowless == 1 ? " has" : "s have",
                       found->rowless == 1 ? "is" : "are");
    if (found->unnamed_databases > 0)
        warn_of_databases(o, found, out);
}

static void warn_of_guesses(const search_result *found, text_list *out)
{
    if (found->guesses > 0)
        text_list_addf(out,
                       "%" PRIu64
                       " event%s told as DROP TABLE, and what went is not in this WAL: it may have "
                       "been a view, an index, another relation or a type, or a table was written "
                       "anew. --backup or older WAL as one more SOURCE may tell",
                       found->guesses, found->guesses == 1 ? " is" : "s are");
}

static void warn_of_maybe_catalogs(const search_result *found, text_list *out)
{
    if (found->maybe_catalogs > 0)
        text_list_addf(
            out,
            "%" PRIu64
            " event%s rows of a file that nothing in this WAL tells of, in a transaction that "
            "changed system catalogs: it may be a catalog that VACUUM FULL moved before. "
            "--backup or older WAL as one more SOURCE may tell",
            found->maybe_catalogs, found->maybe_catalogs == 1 ? " is of" : "s are of");
}

/* Why it is not known whether an event is meant. */
typedef enum maybe_reason {
    LACKS_NAME,
    LACKS_ROWS,
    IS_POSSIBLE, /* what tells it may be before the WAL */
    IS_BEHIND_DAMAGE,
    BEGAN_BEFORE,
    MAYBE_REASONS
} maybe_reason;

static const struct maybe_words {
    const char *one, *many; /* before the list */
    const char *help;       /* after it */
} maybe_words[MAYBE_REASONS] = {
    [LACKS_NAME] = { "event lacks its name and may be meant",
                     "events lack their names and may be meant",
                     "--backup, --dsn, or older WAL as one more SOURCE may tell the name" },
    [LACKS_ROWS] = { "event may have more rows than this WAL shows and may be meant",
                     "events may have more rows than this WAL shows and may be meant",
                     "Older WAL as one more SOURCE may tell the row" },
    [IS_POSSIBLE] = { "transaction changed system catalogs, and this WAL begins too late to show "
                      "what: it may have been",
                      "transactions changed system catalogs, and this WAL begins too late to show "
                      "what: it may have been",
                      "--backup with a base backup, or older WAL as one more SOURCE, may tell what "
                      "they did" },
    [IS_BEHIND_DAMAGE] = { "transaction changed system catalogs, and WAL is missing or damaged "
                           "before it, so what it did is not known: it may have been",
                           "transactions changed system catalogs, and WAL is missing or damaged "
                           "before them, so what they did is not known: it may have been",
                           "That WAL as one more SOURCE, or --backup with a base backup, may tell; "
                           "to stop before " },
    [BEGAN_BEFORE] = { "transaction may have begun before this WAL, and what it did to rows before "
                       "is not told: it may have been",
                       "transactions may have begun before this WAL, and what they did to rows "
                       "before is not told: it may have been",
                       "Older WAL as one more SOURCE may tell" },
};

static bool is_behind_damage(const search_result *found, const pick *one)
{
    return found->scan.ndamages > 0 && found->scan.damages[0].from < one->xact.lsn;
}

static maybe_reason reason_of(const options *o, const search_result *found, const pick *one)
{
    const wp_event *event = &one->event;
    if (event->is_possible)
        return event->may_miss_rows           ? BEGAN_BEFORE
               : is_behind_damage(found, one) ? IS_BEHIND_DAMAGE
                                              : IS_POSSIBLE;
    return o->given[OPT_MIN_ROWS] && event->has_rows && event->rows < o->min_rows ? LACKS_ROWS
                                                                                  : LACKS_NAME;
}

static void add_maybe(const pick *one, maybe_reason reason, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "%s%s", out->len > 0 ? "; " : "",
              one->event.is_possible ? wp_event_kind_name(one->event.kind) : one->event.text);
    if (reason == LACKS_ROWS)
        rows_add(out, &one->event);
    text_addf(out, " at %s, transaction %u", wp_lsn_format(one->xact.lsn, lsn), one->xact.xid);
}

/* Tells how many there are for one reason, and names the first or the latest few of them. */
static void warn_of_maybe(const options *o, const search_result *found, maybe_reason reason,
                          text_list *out)
{
    const picks *maybe = &found->maybe;
    wp_xid first_xid = 0;
    size_t total = 0, seen = 0;
    text which = { 0 };
    for (size_t i = 0; i < maybe->count; i++)
        total += reason_of(o, found, picks_at(maybe, i)) == reason;
    const size_t shown = total < MAYBE_SHOWN ? total : MAYBE_SHOWN;
    const size_t first = maybe->keeps_latest ? total - shown : 0;
    for (size_t i = 0; i < maybe->count; i++) {
        const pick *one = picks_at(maybe, i);
        if (reason_of(o, found, one) != reason)
            continue;
        if (seen >= first && seen < first + shown)
            add_maybe(one, reason, &which);
        first_xid = seen == 0 ? one->xact.xid : first_xid;
        seen++;
    }
    if (total > shown)
        text_addf(&which, "; and %zu more", total - shown);
    const struct maybe_words *words = &maybe_words[reason];
    char end[64] = "";
    if (reason == IS_BEHIND_DAMAGE)
        (void)snprintf(end, sizeof end, "%s: --before-xid %u",
                       total == 1 ? "it" : "the first of them", first_xid);
    else if (reason < IS_POSSIBLE)
        (void)snprintf(end, sizeof end, "%s", plural(total));
    if (total > 0)
        text_list_addf(out, "%zu %s%s %s. %s%s", total, total == 1 ? words->one : words->many,
                       reason < IS_POSSIBLE ? ":" : "", text_chars(&which), words->help, end);
    text_free(&which);
}

static void warn_of_maybes(const options *o, const search_result *found, text_list *out)
{
    for (int reason = LACKS_NAME; reason < MAYBE_REASONS; reason++)
        warn_of_maybe(o, found, (maybe_reason)reason, out);
}

/* They ran before the WAL begins, or where some is missing. */
static void warn_of_missed_rows(const search_result *found, text_list *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (found->part_counted > 0)
        text_list_addf(
            out,
            "%" PRIu64
            " transaction%s, the first of which ended at %s, may have begun before this WAL or the "
            "last gap in it: only the rows in this WAL are counted, so there are \"at least\" so "
            "many. Older WAL as one more SOURCE may tell the rest",
            found->part_counted, plural(found->part_counted),
            wp_lsn_format(found->first_part_counted, lsn));
}

/* A command is asked for what was asked for, and no more. */
static void warn_of_start(const options *o, const archive *wal, const search_result *found,
                          text_list *out)
{
    char from[WP_LSN_TEXT_BYTES];
    if (wal->remote == NULL || !o->given[OPT_FROM_LSN] || found->unnamed == 0)
        return;
    text_list_addf(out,
                   "%" PRIu64
                   " of the events have an OID where a name was told before %s, which was "
                   "not fetched: an earlier --from-lsn, or --backup, may tell it",
                   found->unnamed, wp_lsn_format(wal->first_lsn, from));
}

/* Without a history file a timeline's parent is a guess, and the WAL may know better; and better than the file. */
static void warn_of_guess(const archive *wal, const search_result *found, text_list *out)
{
    for (size_t i = 0; found->has_wrong_guess && i < found->forks.count; i++) {
        const fork_place *seen = &found->forks.items[i];
        text line = { 0 };
        if (forks_contradict(seen, branches_find(&wal->branches, seen->tli)))
            forks_explain(&found->forks, seen, &wal->branches, &line);
        if (line.len > 0)
            text_list_addf(out, "%s", text_chars(&line));
        text_free(&line);
    }
}

void warnings_of_search(const options *o, const archive *wal, const search_result *found,
                        text_list *out)
{
    for (size_t i = 0; i < wal->nwarnings; i++)
        text_list_addf(out, "%s", wal->warnings[i]);
    warn_of_guess(wal, found, out);
    warn_of_damage(found, out);
    unexpected_warn(&found->scan.unexpected, wal->info.profile, out);
    warn_of_cut(wal, found, out);
    warn_of_lost(found, out);
    warn_of_unnamed(found, out);
    warn_of_limits(o, found, out);
    warn_of_guesses(found, out);
    warn_of_maybe_catalogs(found, out);
    warn_of_maybes(o, found, out);
    warn_of_missed_rows(found, out);
    warn_of_start(o, wal, found, out);
    const uint64_t xid = o->given[OPT_BEFORE_XID] ? o->before_xid : o->after_xid;
    if (xid > UINT32_MAX)
        text_list_addf(
            out, "transaction %" PRIu64 " counts with its epoch: WAL and recovery know it as %u",
            xid, (wp_xid)xid);
}

/* Where the kind asked for is not exact, another may be. */
static const char *exact_kind(const report *r)
{
    if (r->has_target[TARGET_LSN] && r->targets[TARGET_LSN].exact)
        return "; --target lsn is exact";
    return r->has_target[TARGET_XID] && r->targets[TARGET_XID].exact ? "; --target xid is exact"
                                                                     : "";
}

/* Nothing stops recovery: what the server does then. */
static void warn_of_no_stop(const report *r, text_list *out)
{
    const target *t = &r->target;
    const wp_stop_config config = { .profile = r->archive->info.profile };
    char fatal[WP_STOP_TEXT_BYTES];
    if (t->stop.gap != 0)
        return; /* the damage is told, and that the target lies behind it */
    wp_stop_fatal(&config, &t->stop, fatal);
    text_list_addf(
        out, "not exact: %s%s%s, so recovery would not stop, and the server would %s%s%s%s",
        t->kind == TARGET_TIME ? "no transaction ends later than " : "nothing in this WAL is at ",
        t->value, t->kind == TARGET_TIME ? " in this WAL" : "",
        fatal[0] != '\0' ? "end with \"" : "go into service at the end of the WAL", fatal,
        fatal[0] != '\0' ? "\"" : "", exact_kind(r));
}

/* A position where no record begins. */
static void warn_of_inside(const report *r, text_list *out)
{
    const wp_stop_result *stop = &r->target.stop;
    char lsn[WP_LSN_TEXT_BYTES], inside[WP_LSN_TEXT_BYTES], next[WP_LSN_TEXT_BYTES];
    char commit[64] = "";
    if (stop->last_xid != 0 && stop->last_commit_lsn == r->place->inside)
        snprintf(commit, sizeof commit, " (the commit of transaction %u)", stop->last_xid);
    text_list_addf(
        out,
        "not exact: %s lies inside the record at %s%s: that record is kept, and recovery "
        "stops before the next, at %s; --before-lsn %s stops before it",
        wp_lsn_format(r->place->lsn, lsn), wp_lsn_format(r->place->inside, inside), commit,
        wp_lsn_format(r->place->right, next), inside);
}

/* Commits behind the place that by the clock were before the moment asked for. */
static void warn_of_clock(const report *r, text_list *out)
{
    const search_result *found = r->found;
    char lsn[WP_LSN_TEXT_BYTES], asked[WP_TIME_TEXT_BYTES], first[WP_TIME_TEXT_BYTES];
    if (found->earlier_behind == 0)
        return;
    text why = { 0 };
    const uint64_t seconds =
        ((uint64_t)found->event.xact.time - (uint64_t)found->least_earlier) / CLOCK_STEP;
    if (seconds > 0)
        text_addf(&why, "the clock ran backwards, by %" PRIu64 " second%s or more", seconds,
                  plural(seconds));
    else
        text_add(&why, "transactions that ended side by side are not in the order of the clock");
    text_list_addf(
        out,
        "%s: the WAL first comes to %s at %s, with transaction %u of %s, and after that %" PRIu64
        " transaction%s committed earlier by the clock, which this target loses; the last of them "
        "is %u: --after-xid %u keeps them all",
        text_chars(&why), wp_time_format(r->options->before_time.time, asked),
        wp_lsn_format(found->event.xact.lsn, lsn), found->event.xact.xid,
        wp_time_format(found->event.xact.time, first), found->earlier_behind,
        plural(found->earlier_behind), found->last_earlier.xid, found->last_earlier.xid);
    text_free(&why);
}

/* The transaction that the moment asked for is right before may be one that cannot be read. */
static void warn_of_unread_moment(const report *r, text_list *out)
{
    const search_result *found = r->found;
    const wp_xact_end *xact = &found->event.xact;
    const wp_time moment = r->options->before_time.time;
    char asked[WP_TIME_TEXT_BYTES], before[WP_TIME_TEXT_BYTES], next[WP_TIME_TEXT_BYTES];
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    const uint32_t size = r->archive->info.segment_size;
    if (!r->options->given[OPT_BEFORE_TIME] || !found->has_xact || xact->time == moment)
        return;
    const scan_damage *one = scan_damage_in(&found->scan, found->end_before, xact->lsn, size);
    if (one == NULL)
        return;
    text why = { 0 };
    text_addf(&why,
              "%s may lie in WAL that cannot be read (%s to %s): ", wp_time_format(moment, asked),
              wp_lsn_format(one->from, from),
              wp_lsn_format(scan_damage_end(one->from, one->until, size), until));
    if (found->end_before != 0)
        text_addf(&why, "the last transaction read before that ended at %s, ",
                  wp_time_format(found->end_before_time, before));
    text_addf(
        &why,
        "the next one that can be read ended at %s; this target stops before that one, and keeps what "
        "was done in between",
        wp_time_format(xact->time, next));
    text_list_addf(out, "%s", text_chars(&why));
    text_free(&why);
}

/* A target that stops elsewhere: where, and at what price. */
static void warn_of_inexact(const report *r, text_list *out)
{
    const target *t = &r->target;
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->is_refused)
        return; /* then it does not matter where it would stop */
    if (!target_stops(t)) {
        warn_of_no_stop(r, out);
        return;
    }
    wp_lsn_format(t->stop.next_lsn, lsn);
    if (r->place->inside != 0 && t->kind == TARGET_LSN) {
        warn_of_inside(r, out);
        return;
    }
    if (r->is_early)
        text_list_addf(out,
                       "%" PRIu64
                       " transaction%s that committed between the lock at %s and the end of the "
                       "transaction %s lost: that is the price of --inspectable",
                       t->costs, plural(t->costs), lsn, t->costs == 1 ? "is" : "are");
    else if (t->costs > 0)
        text_list_addf(out,
                       "not exact: recovery would stop before %s already, and lose %" PRIu64
                       " transaction%s more%s",
                       lsn, t->costs, plural(t->costs), exact_kind(r));
    else if (t->lets_through > 0)
        text_list_addf(out,
                       "not exact: recovery would stop before %s only, and let %" PRIu64
                       " transaction%s more through%s",
                       lsn, t->lets_through, plural(t->lets_through), exact_kind(r));
    else
        text_list_addf(
            out, "not exact: recovery would stop before %s, with the same transactions committed%s",
            lsn, exact_kind(r));
}

/* The server does not get the whole of the record that it should stop before. */
static void warn_of_previous(const report *r, text_list *out)
{
    const target_place *place = r->place;
    const uint32_t size = r->archive->info.segment_size;
    char lsn[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    if (!place->is_by_previous || r->target.kind != TARGET_LSN)
        return;
    const wp_lsn next = (place->right | (size - 1)) + 1;
    text_list_addf(
        out,
        "the record at %s goes on in %s, which a restore does not get: a target there would "
        "never be reached, so it is the record before, inclusive",
        wp_lsn_format(place->right, lsn), wp_segment_name_format(r->timeline, next, size, segment));
}

/* A server takes the first restore point of a name that it meets. */
static void warn_of_points(const report *r, text_list *out)
{
    const search_points *points = &r->found->points;
    if (points->total > 1)
        text_list_addf(out,
                       "%" PRIu64 " restore points have that name, this is number %" PRIu64
                       ": by name a server stops at the first one after the start of its backup%s",
                       points->total, points->number,
                       r->target.kind == TARGET_NAME ? ""
                                                     : "; this target does not depend on that");
}

static void warn_of_rollback(const report *r, text_list *out)
{
    const wp_xact_end *xact = &r->found->event.xact;
    if (r->found->has_xact && (xact->op == WP_XACT_ABORT || xact->op == WP_XACT_ABORT_PREPARED))
        text_list_addf(out, "transaction %u was rolled back: what it did never took effect",
                       xact->xid);
}

static void warn_of_minimal(const report *r, text_list *out)
{
    if (r->target.is_known && r->target.stop.was_minimal)
        text_list_addf(out,
                       "wal_level was minimal before the target: only a base backup taken after "
                       "that can be restored");
}

/* A server never asks for a .partial file. */
static void warn_of_partial(const report *r, text_list *out)
{
    const wp_lsn lsn = target_position(r->place, &r->target);
    for (size_t i = 0; !r->serves_partial && i < r->archive->nsegments; i++) {
        const archive_segment *segment = &r->archive->segments[i];
        if (!segment->is_partial || segment->start_lsn > lsn)
            continue;
        char name[WP_SEGMENT_NAME_BYTES];
        text_list_addf(
            out, "recovery needs %s, and there is only %s: copy it to the name without .partial",
            wp_segment_name_format(segment->tli, segment->start_lsn, r->archive->info.segment_size,
                                   name),
            segment->path);
    }
}

/* ---- the base backup ---------------------------------------------------------------------- */

static void warn_of_backup_end(const report *r, text_list *out)
{
    const wp_lsn start = r->base->label.start_lsn, stop = r->backup_stop,
                 at = target_position(r->place, &r->target);
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES], target_at[WP_LSN_TEXT_BYTES];
    wp_lsn_format(start, from);
    wp_lsn_format(r->target.kind == TARGET_LSN ? r->place->lsn : at, target_at);
    if (at <= start)
        text_list_addf(
            out,
            "the backup is newer than the target: it starts at %s, and the target is at %s; "
            "restore an older one",
            from, target_at);
    else if (stop == 0)
        text_list_addf(
            out,
            "where the backup that starts at %s becomes consistent is not in this WAL: a server "
            "refuses a target before that",
            from);
    else if (at < stop)
        text_list_addf(
            out,
            "the target at %s lies before %s, where the backup becomes consistent: the server would "
            "refuse (\"requested recovery stop point is before consistent recovery point\"); "
            "restore an older backup",
            target_at, wp_lsn_format(stop, until));
}

static void warn_of_backup(const report *r, text_list *out)
{
    const wp_backup_label *label = &r->base->label;
    char from[WP_LSN_TEXT_BYTES], first[WP_LSN_TEXT_BYTES];
    warn_of_backup_end(r, out);
    if (label->start_lsn < r->archive->first_lsn) {
        text_list_addf(
            out, "recovery from this backup needs the WAL from %s on, and the archive begins at %s",
            wp_lsn_format(label->start_lsn, from), wp_lsn_format(r->archive->first_lsn, first));
        return;
    }
    const wp_tli tli = archive_timeline(r->archive, label->start_lsn);
    if (label->start_lsn >= r->archive->segments[0].start_lsn && tli != label->timeline)
        text_list_addf(
            out,
            "the backup is on timeline %u, and the history of timeline %u is on timeline %u at %s: "
            "it does not lead to the target",
            label->timeline, r->timeline, tli, wp_lsn_format(label->start_lsn, from));
}

const archive_backup *warnings_backup_for(const report *r, const archive_backup **too_new)
{
    const archive_backup *best = NULL;
    *too_new = NULL;
    for (size_t i = 0; i < r->archive->nbackups; i++) {
        const archive_backup *one = &r->archive->backups[i];
        if (!one->is_usable || one->label.stop_lsn == 0)
            continue;
        if (one->label.stop_lsn <= target_position(r->place, &r->target))
            best = one;
        else if (*too_new == NULL)
            *too_new = one;
    }
    return best;
}

static void warn_of_no_history(const report *r, text_list *out)
{
    const branch *one = restorable_without_history(r);
    text lines = { 0 };
    if (one == NULL)
        return;
    if (one->has_bad_history)
        text_list_addf(
            out,
            "what is in %08X.history is no history: a server that is sent to timeline %u "
            "does not start",
            one->tli, one->tli);
    else
        text_list_addf(out,
                       "there is no %08X.history, and without it the server refuses (\"recovery "
                       "target timeline %u does not exist\")",
                       one->tli, one->tli);
    if (forks_write(&r->found->forks, &r->archive->branches, one->tli, &lines))
        text_list_addf(out, "the WAL tells what belongs in that file: printf '%s' > %08X.history",
                       text_chars(&lines), one->tli);
    else
        text_list_addf(
            out, "what belongs in that file is for each ancestor, oldest first, one line: its "
                 "number, a tab, the LSN where the next one left it; the WAL read here does "
                 "not tell");
    text_free(&lines);
}

static void warn_of_no_backup(const report *r, text_list *out)
{
    const archive_backup *too_new;
    const bool has_none =
        r->base == NULL && warnings_backup_for(r, &too_new) == NULL && too_new != NULL;
    if (has_none && r->found->earlier_behind > 0)
        text_list_addf(out, "the base backups known here were taken after that place in the WAL: "
                            "which one fits depends on the place that is meant");
    else if (has_none)
        text_list_addf(
            out, "every base backup with a history file in this archive is too new for the target: "
                 "an older one is needed, and the WAL from its start on");
}

void warnings_of_inexact(const report *r, text_list *out)
{
    if (r->is_refused)
        warn_of_backup_end(r, out);
    else if (!target_stops(&r->target) && r->target.stop.gap != 0)
        warn_of_barrier(r, out);
    else
        warn_of_inexact(r, out);
}

void warnings_of_target(const report *r, text_list *out)
{
    if (r->base != NULL)
        warn_of_backup(r, out);
    warn_of_clock(r, out);
    warn_of_unread_moment(r, out);
    warn_of_no_backup(r, out);
    warn_of_no_history(r, out);
    if (!r->target.exact) {
        warn_of_inexact(r, out);
    }
    warn_of_previous(r, out);
    warn_of_points(r, out);
    warn_of_minimal(r, out);
    warn_of_barrier(r, out);
    warn_of_rollback(r, out);
    pending_warn(r, out);
    warn_of_partial(r, out);
}
