/* search_warnings.c - see search_warnings.h. */
#include "search/search_warnings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/plural.h"
#include "scan/rows.h"
#include "scan/unexpected.h"

/* So many events without a name are named. */
#define MAYBE_SHOWN 3

/* The OID of that catalog, as everywhere. */
#define PG_DATABASE 1262

static void warn_of_damage(const search_result *found, text_list *out)
{
    const scan_result *seen = &found->scan;
    const size_t listed = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    for (size_t i = 0; i < listed; i++)
        text_list_addf(out, "%s: what was done there is not known", seen->damages[i].text);
    if (seen->ndamages > listed)
        text_list_addf(out, "%zu more places could not be read", seen->ndamages - listed);
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

static void warn_of_databases(const question *q, const search_result *found, text_list *out)
{
    text name = { 0 };
    for (const char *at = q->database; *at != '\0'; at++) {
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

static void warn_of_limits(const question *q, const search_result *found, text_list *out)
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
        warn_of_databases(q, found, out);
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
    IS_AFTER_DAMAGE,
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
    [IS_AFTER_DAMAGE] = { "transaction changed system catalogs, and WAL is missing or damaged "
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

static bool is_after_damage(const search_result *found, const event_match *one)
{
    return found->scan.ndamages > 0 && found->scan.damages[0].from < one->xact.lsn;
}

static maybe_reason reason_of(const question *q, const search_result *found, const event_match *one)
{
    const wp_event *event = &one->event;
    if (event->is_possible)
        return event->may_miss_rows          ? BEGAN_BEFORE
               : is_after_damage(found, one) ? IS_AFTER_DAMAGE
                                             : IS_POSSIBLE;
    return q->min_rows > 0 && event->has_rows && event->rows < q->min_rows ? LACKS_ROWS
                                                                           : LACKS_NAME;
}

static void add_maybe(const event_match *one, maybe_reason reason, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "%s%s", out->len > 0 ? "; " : "",
              one->event.is_possible ? wp_event_kind_name(one->event.kind) : one->event.text);
    if (reason == LACKS_ROWS)
        rows_add(out, &one->event);
    text_addf(out, " at %s, transaction %u", wp_lsn_format(one->xact.lsn, lsn), one->xact.xid);
}

/* Tells how many there are for one reason, and names the first or the latest few of them. */
static void warn_of_maybe(const question *q, const search_result *found, maybe_reason reason,
                          text_list *out)
{
    const matches *maybe = &found->maybe;
    wp_xid first_xid = 0;
    size_t total = 0, seen = 0;
    text which = { 0 };
    for (size_t i = 0; i < maybe->count; i++)
        total += reason_of(q, found, matches_at(maybe, i)) == reason;
    const size_t shown = total < MAYBE_SHOWN ? total : MAYBE_SHOWN;
    const size_t first = maybe->keeps_latest ? total - shown : 0;
    for (size_t i = 0; i < maybe->count; i++) {
        const event_match *one = matches_at(maybe, i);
        if (reason_of(q, found, one) != reason)
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
    if (reason == IS_AFTER_DAMAGE)
        (void)snprintf(end, sizeof end, "%s: --before-xid %u",
                       total == 1 ? "it" : "the first of them", first_xid);
    else if (reason < IS_POSSIBLE)
        (void)snprintf(end, sizeof end, "%s", plural(total));
    if (total > 0)
        text_list_addf(out, "%zu %s%s %s. %s%s", total, total == 1 ? words->one : words->many,
                       reason < IS_POSSIBLE ? ":" : "", text_chars(&which), words->help, end);
    text_free(&which);
}

static void warn_of_maybes(const question *q, const search_result *found, text_list *out)
{
    for (int reason = LACKS_NAME; reason < MAYBE_REASONS; reason++)
        warn_of_maybe(q, found, (maybe_reason)reason, out);
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
static void warn_of_start(const question *q, const archive *wal, const search_result *found,
                          text_list *out)
{
    char from[WP_LSN_TEXT_BYTES];
    if (wal->remote == NULL || q->range.from_lsn == 0 || found->unnamed == 0)
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
        if (forks_contradict(seen, timeline_tree_find(&wal->timeline_tree, seen->tli)))
            forks_explain(&found->forks, seen, &wal->timeline_tree, &line);
        if (line.len > 0)
            text_list_addf(out, "%s", text_chars(&line));
        text_free(&line);
    }
}

void search_warnings(const question *q, const archive *wal, const search_result *found,
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
    warn_of_limits(q, found, out);
    warn_of_guesses(found, out);
    warn_of_maybe_catalogs(found, out);
    warn_of_maybes(q, found, out);
    warn_of_missed_rows(found, out);
    warn_of_start(q, wal, found, out);
    if (q->xid > UINT32_MAX)
        text_list_addf(
            out, "transaction %" PRIu64 " counts with its epoch: WAL and recovery know it as %u",
            q->xid, question_xid(q));
}
