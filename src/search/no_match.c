/*
 * no_match.c - see no_match.h.
 */
#include "search/no_match.h"

#include <stdio.h>
#include <string.h>

#include "search/doubt.h"
#include "scan/ending.h"
#include "archive/live_wal.h"
#include "base/log.h"
#include "scan/rows.h"
#include "base/spelling.h"
#include "search/statement.h"
#include "search/match_lines.h"
#include "base/time_text.h"

#define TIMELINES_TOLD 8

/* The times that narrow the search, in words; the LSNs are in the range. */
static const char *times_words(const question *q)
{
    static const char *const words[2][2] = {
        { "", " (those after --until are not counted)" },
        { " (those before --since are not counted)",
          " (those before --since and after --until are not counted)" },
    };
    return words[q->range.has_since][q->range.has_until];
}

void no_match_range(const question *q, const search_result *found, char buf[NO_MATCH_RANGE_BYTES])
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    snprintf(buf, NO_MATCH_RANGE_BYTES, "%llu committed transaction%s between %s and %s%s",
             (unsigned long long)found->commits, found->commits == 1 ? "" : "s",
             wp_lsn_format(found->range_from, from), wp_lsn_format(found->range_until, until),
             times_words(q));
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

static void say_no_such_xid(const question *q, const search_result *found,
                            char message[MESSAGE_BYTES])
{
    char range[NO_MATCH_RANGE_BYTES];
    no_match_range(q, found, range);
    doubt search = { .xid = question_xid(q) };
    if (found->scan.reducer != NULL)
        wp_reducer_each_prepared(found->scan.reducer, look_at_prepared, &search);
    if (search.gid[0] != '\0')
        message_fail(message, "transaction %u is prepared as '%s' and has not ended in this WAL",
                     search.xid, search.gid);
    else
        message_fail(message, "transaction %u does not end in this WAL: there are %s", search.xid,
                     range);
}

static void say_not_that_late(const question *q, const search_result *found,
                              char message[MESSAGE_BYTES])
{
    char last[WP_TIME_TEXT_BYTES], asked[WP_TIME_TEXT_BYTES];
    if (found->latest_time == WP_TIME_UNKNOWN) {
        message_fail(message, "no transaction ends in this WAL");
        return;
    }
    message_fail(message, "no transaction ends at %s or later: the last one ends at %s",
                 wp_time_format(q->time, asked), wp_time_format(found->latest_time, last));
}

static void say_no_match(const question *q, const search_result *found, char message[MESSAGE_BYTES])
{
    char range[NO_MATCH_RANGE_BYTES];
    no_match_range(q, found, range);
    if (found->matches.total > 0)
        message_fail(message, "there is no match number %llu, only %llu",
                     (unsigned long long)q->pick.number, (unsigned long long)found->matches.total);
    else
        message_fail(message, "nothing matches \"%.200s\"%s in %s", q->pattern,
                     found->maybe.total > 0 ? " for certain" : "", range);
}

static void say_no_such_point(const question *q, const backup *base, const search_result *found,
                              char message[MESSAGE_BYTES])
{
    const search_points *points = &found->points;
    const char *name = q->restore_point;
    char lsn[WP_LSN_TEXT_BYTES], start[WP_LSN_TEXT_BYTES], range[NO_MATCH_RANGE_BYTES];
    no_match_range(q, found, range);
    if (points->total > 0)
        message_fail(message, "there is no restore point \"%.63s\" number %llu, only %llu", name,
                     (unsigned long long)q->pick.number, (unsigned long long)points->total);
    else if (points->before_backup != 0)
        message_fail(message,
                     "the restore point \"%.63s\" is at %s, and the backup starts after it, at %s: "
                     "take an older backup",
                     name, wp_lsn_format(points->before_backup, lsn),
                     wp_lsn_format(base->label.start_lsn, start));
    else
        message_fail(message, "no restore point \"%.63s\" in %s", name, range);
}

void no_match_message(const question *q, const backup *base, const search_result *found,
                      char message[MESSAGE_BYTES])
{
    if (q->kind == QUESTION_RESTORE_POINT)
        say_no_such_point(q, base, found, message);
    else if (q->kind == QUESTION_PATTERN)
        say_no_match(q, found, message);
    else if (q->kind == QUESTION_TIME)
        say_not_that_late(q, found, message);
    else
        say_no_such_xid(q, found, message);
}

/* ---- the first words ------------------------------------------------------------------------ */

/* ", after 2026-11-22T10:48:05.074335Z and before 2026-11-22T10:49:01.000000Z" */
static void add_times(const struct around_one *at, text *line)
{
    if (at->before != WP_TIME_UNKNOWN) {
        text_add(line, ", after ");
        time_text_add(line, at->before);
    }
    if (at->after == WP_TIME_UNKNOWN)
        return;
    text_add(line, at->before != WP_TIME_UNKNOWN ? " and before " : ", before ");
    time_text_add(line, at->after);
}

static bool may_hide(const question *q, const search_result *found, size_t i, bool is_missing)
{
    const scan_damage *one = &found->scan.damages[i];
    return (one->path == NULL) == is_missing && doubt_of_damage(q, one);
}

/* Places of one sort. Returns how many there are. */
static size_t tell_places(const question *q, const search_result *found, bool is_missing,
                          text *line)
{
    const scan_result *seen = &found->scan;
    size_t n = 0;
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++) {
        if (!may_hide(q, found, i, is_missing) || n++ >= AROUND_MAX)
            continue;
        text_add(line, seen->damages[i].text);
        if (i < found->around.count)
            add_times(&found->around.items[i], line);
        story_line(n > 1 ? "" : is_missing ? "missing" : "damaged", line);
    }
    if (n > AROUND_MAX) {
        text_addf(line, "and %zu more, see the warnings", n - AROUND_MAX);
        story_line("", line);
    }
    return n;
}

static void tell_damage(const question *q, const search_result *found)
{
    text line = { 0 };
    const size_t nmissing = tell_places(q, found, true, &line);
    const size_t ndamaged = tell_places(q, found, false, &line);
    const bool is_one = nmissing + ndamaged == 1;
    /* Of two files the one of the first SOURCE is read. */
    text_addf(&line, "first find %s%s, then name %s as %s SOURCE, and run this again",
              ndamaged > 0 ? "a good copy of " : "", is_one ? "that file" : "those files",
              is_one ? "its folder" : "their folder", ndamaged > 0 ? "the first" : "one more");
    story_line("next", &line);
    text_free(&line);
}

void no_match_head(const question *q, const search_result *found, bool is_in_doubt,
                   const char *message)
{
    const char *how = doubt_hiding(q, found);
    text line = { 0 };
    /* A place that is not in this WAL is in no gap of it. */
    if (!is_in_doubt || q->kind == QUESTION_LSN || found->has_xact) {
        log_headline("%s", message);
        return;
    }
    if (how != NULL) {
        log_headline("not found, but WAL is %s here, and it may be in there", how);
        tell_damage(q, found);
    } else {
        log_headline("not found, but that is not certain: see the warnings below");
    }
    text_add(&line, message);
    story_line("searched", &line);
    text_free(&line);
}

/* ---- what helps ----------------------------------------------------------------------------- */

/* "--database and --since", of bits of narrowing. */
static void add_options(unsigned bits, text *out)
{
    const char *word = "";
    for (unsigned which = 0; which < NARROWINGS; which++) {
        if ((bits >> which & 1) == 0)
            continue;
        text_addf(out, "%s--%s", word, narrowing_option((narrowing)which));
        word = " and ";
    }
}

/* The name of the database that an event is in; NULL: it is in none, or that has no name. */
static const char *database_name(const search_result *found, const wp_event *event)
{
    if (wp_event_kind_is_database(event->kind) || event->database.oid == 0)
        return NULL;
    return event->database.name != NULL
               ? event->database.name
               : wp_reducer_database_name(found->scan.reducer, event->database.oid);
}

/* " --database shop", by its OID where it has no name. */
static void add_database(const search_result *found, const wp_event *event, text *line)
{
    const char *name = database_name(found, event);
    text_add(line, " --database ");
    if (name != NULL)
        text_add_word(line, name);
    else
        text_addf(line, "%u", event->database.oid);
}

static const char *search_words(const question *q)
{
    return q->kind == QUESTION_LIST ? "pitr-find events " : q->is_after ? "--after " : "--before ";
}

/* What must be changed so that a search has it: the database, and options that must go. */
static void tell_how(const question *q, const search_result *found, const struct nearest_one *one,
                     text *line)
{
    const wp_event *event = &one->pick.event;
    const bool has_database = !wp_event_kind_is_database(event->kind) && event->database.oid != 0;
    const bool is_matching = one->how == NEAREST_LEFT_OUT;
    const bool is_other = has_database && (one->left_out >> NARROW_DATABASE & 1) != 0;
    const unsigned without = one->left_out & ~(is_other ? 1U << NARROW_DATABASE : 0);
    if (is_matching) {
        text_add(line, "it matches, and is left out by ");
        add_options(one->left_out, line);
        text_add(line, ": run this again");
    } else {
        text pattern = { 0 };
        statement_exact(event->text, &pattern);
        text_addf(line, "find it with %s", search_words(q));
        text_add_shell(line, text_chars(&pattern));
        text_free(&pattern);
    }
    if (is_matching && is_other)
        text_add(line, " with");
    if (is_other || (!is_matching && has_database && found->near.ndatabases > 1))
        add_database(found, event, line);
    if (without != 0) {
        text_add(line, is_matching && !is_other ? " without " : ", without ");
        add_options(without, line);
    }
    story_line("", line);
}

static void tell_near(const question *q, const search_result *found, const struct nearest_one *one,
                      const char *label, text *line)
{
    const wp_event *event = &one->pick.event;
    text_add(line, event->text);
    rows_add(line, event);
    const char *database = database_name(found, event);
    if (database != NULL)
        text_addf(line, " in database %s", database);
    text_add(line, " at ");
    time_text_add(line, one->pick.xact.time);
    text_addf(line, ", transaction %u", one->pick.xact.xid);
    story_line(label, line);
    tell_how(q, found, one, line);
}

/* A schema that the pattern names, and no event does. */
static void tell_schema(const search_result *found, text *line)
{
    const nearest *near = &found->near;
    if (near->schema[0] == '\0' || near->has_schema || found->matches.total > 0)
        return;
    text_addf(line, "no event here is of a schema called \"%s\"", near->schema);
    if (near->like_schema[0] != '\0')
        text_addf(line, ": do you mean %s?", near->like_schema);
    else if (near->has_nameless_schema)
        text_add(line, "; some schemas have no name here: --backup may tell them");
    story_line("schema", line);
}

/* May --database mean it? */
static bool may_be_database(const question *q, wp_oid oid, const char *name)
{
    char digits[16];
    snprintf(digits, sizeof digits, "%u", oid);
    return q->database == NULL || strcmp(q->database, digits) == 0
           || (name != NULL ? strcmp(q->database, name) == 0
                            : q->database[strspn(q->database, "0123456789")] != '\0');
}

/* "shop, app": those in which something was done; and which of them may be meant. */
static void tell_databases(const question *q, const search_result *found, text *line)
{
    const nearest *near = &found->near;
    bool is_there = false; /* the one that is asked for, or it may be */
    spelling meant = { .word = q->database, .len = q->database != NULL ? strlen(q->database) : 0 };
    for (size_t i = 0; i < near->ndatabases; i++) {
        const char *name = wp_reducer_database_name(found->scan.reducer, near->databases[i]);
        text_add(line, i > 0 ? ", " : "");
        if (name == NULL)
            text_addf(line, "[%u]", near->databases[i]);
        else
            text_add(line, name);
        is_there |= may_be_database(q, near->databases[i], name);
        if (name != NULL && q->database != NULL)
            spelling_try(&meant, name);
    }
    if (line->len == 0)
        return;
    if (q->database != NULL && !is_there && near->ndatabases < NEAREST_DATABASES_MAX)
        text_addf(line, "; nothing was done here in one called \"%s\"", q->database);
    if (meant.best != NULL && meant.distance > 0)
        text_addf(line, ": do you mean --database %s?", meant.best);
    story_line("databases", line);
}

static bool is_limited(const question *q)
{
    return q->range.has_until || q->range.to_lsn != 0;
}

/* Where this WAL ends by the clock. */
static void tell_end(const question *q, const search_result *found, text *line)
{
    char lsn[WP_LSN_TEXT_BYTES];
    text_addf(line, "at %s%s", wp_lsn_format(found->scan.end_lsn, lsn),
              is_limited(q) ? ", as far as was searched" : "");
    text inside = { 0 };
    if (ending_words(&found->scan, found->latest_time, true, &inside))
        text_addf(line, ": %s", text_chars(&inside));
    else if (found->latest_time != WP_TIME_UNKNOWN) {
        text_add(line, "; the last transaction ended at ");
        time_text_add(line, found->latest_time);
    }
    text_free(&inside);
    story_line("WAL ends", line);
}

/* A number that is too high: which there are. */
static void tell_numbers(const search_result *found, text *line)
{
    text_add(line, "choose one of these with --pick:");
    story_line("next", line);
    if (found->points.total > 0)
        match_lines_tell_points(found, 0);
    else
        match_lines_tell(found, 0);
}

/* Is what was asked for before this WAL, for certain? */
static bool is_before_all(const question *q, const search_result *found)
{
    return (q->kind == QUESTION_TIME && q->time < found->latest_time)
           || (q->kind == QUESTION_LSN && q->lsn < found->scan.start_lsn);
}

/* A transaction that had begun before all that end here may have ended before this WAL. */
static bool may_be_before(const question *q, const search_result *found)
{
    return q->kind == QUESTION_XID && found->oldest_xid != 0
           && (int32_t)(question_xid(q) - found->oldest_xid) < 0;
}

/* Where to look for it: older WAL, younger WAL. */
static void tell_where(const question *q, const archive *wal, const search_result *found,
                       text *line)
{
    const bool is_older = is_before_all(q, found);
    if (live_is_all(wal) && q->kind != QUESTION_TIME)
        text_add(line, "this is a server's pg_wal: older WAL lies in its archive; give that folder "
                       "as well");
    else if (is_older && q->kind == QUESTION_LSN)
        text_add(line, "name the folder with the WAL of that place as one more SOURCE");
    else if (may_be_before(q, found))
        text_addf(line,
                  "if it ended before this WAL, in which %u is the oldest transaction that ends, "
                  "name a folder with older WAL as one more SOURCE",
                  found->oldest_xid);
    if (line->len > 0)
        story_line("next", line);
    if (is_limited(q) || is_older || live_has_newest(wal))
        return;
    text_add(
        line,
        "if it happened later, its WAL may still lie in pg_wal of the server, not archived yet: "
        "name that folder as one more SOURCE");
    story_line("next", line);
}

/* What a command could fetch of timelines that were left is not known, so nothing has looked there. */
static void tell_timelines(const question *q, const archive *wal, text *line)
{
    const timeline_tree *all = &wal->timeline_tree;
    if (wal->remote == NULL || q->has_timeline)
        return;
    for (size_t i = all->count; i-- > 0 && all->count - i <= TIMELINES_TOLD;)
        if (all->items[i].tli != wal->timeline)
            text_addf(line, "%s--timeline %u", line->len > 0 ? ", " : "", all->items[i].tli);
    if (line->len == 0)
        return;
    text_addf(line,
              "%s: other timelines than %u were not searched where they go on past their forks",
              all->count > TIMELINES_TOLD ? " ..." : "", wal->timeline);
    story_line("timelines", line);
}

/* Of events less near than the first only those that still bear the name, or one like it. */
static bool is_worth_telling(const nearest *near, size_t i)
{
    const nearness best = near->best[0].how, how = near->best[i].how;
    if (best == NEAREST_LEFT_OUT || how == NEAREST_SAME_VERB)
        return how == best;
    return how <= NEAREST_LIKE_NAME;
}

void no_match_tell(const question *q, const archive *wal, const search_result *found)
{
    text line = { 0 };
    for (size_t i = 0; found->matches.total == 0 && i < found->near.count; i++)
        if (is_worth_telling(&found->near, i))
            tell_near(q, found, &found->near.best[i], i == 0 ? "nearest" : "", &line);
    tell_schema(found, &line);
    tell_databases(q, found, &line);
    tell_timelines(q, wal, &line);
    tell_end(q, found, &line);
    if (found->matches.total > 0 || found->points.total > 0)
        tell_numbers(found, &line);
    else
        tell_where(q, wal, found, &line);
    text_free(&line);
}
