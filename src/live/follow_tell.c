/* follow_tell.c - see follow_tell.h. */
#include "live/follow_tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "scan/damage_words.h"
#include "search/statement.h"

#define LINE_BYTES 600

void follow_trouble(follow *f, const char *format, ...)
{
    char line[LINE_BYTES];
    va_list args;
    f->is_in_doubt = true;
    if (f->config.callbacks.on_trouble == NULL)
        return;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    f->config.callbacks.on_trouble(f->config.callbacks.context, line);
}

bool follow_set_filter(follow *f, char message[MESSAGE_BYTES])
{
    const char *pattern = f->config.pattern;
    text meant = { 0 };
    const bool is_statement = pattern != NULL && statement_pattern(pattern, &meant);
    const bool is_good = filter_init(&f->filter, f->config.question,
                                     is_statement ? text_chars(&meant) : pattern, message);
    text_free(&meant);
    return is_good;
}

/* ---- events --------------------------------------------------------------------------------- */

bool live_is_destructive(const wp_event *event)
{
    return event->kind <= WP_EVENT_UPDATE && !event->is_temporary;
}

static bool is_failed(const follow *f)
{
    return f->is_stopped || f->failure != NULL;
}

/* Was it told before, or is it from before what is to be told? */
static bool is_old(const follow *f, wp_lsn commit_lsn, uint32_t number)
{
    return commit_lsn < f->config.tell_from
           || follow_is_told(f->told, (follow_told){ commit_lsn, number, f->tli });
}

/* PATTERN_MAYBE, too, where only the name of its database is not known. */
static pattern_answer match(follow *f, const wp_event *event)
{
    const uint64_t before = f->filter.unnamed_databases;
    const pattern_answer answer = filter_match(&f->filter, event);
    return answer == PATTERN_NO && f->filter.unnamed_databases > before ? PATTERN_MAYBE : answer;
}

static target_place place_of(const follow *f, const wp_event *event)
{
    static const wp_xact_end unknown = { .time = WP_TIME_UNKNOWN };
    if (event->stop_lsn == event->xact->lsn)
        return target_before_xact(event->xact);
    for (size_t i = 0; i < FOLLOW_PLACES && i < f->nplaces; i++) {
        if (f->places[i].lsn == event->stop_lsn)
            return target_before_nontransactional(event->stop_lsn, &f->places[i].last);
    }
    return target_before_nontransactional(event->stop_lsn, &unknown);
}

static void set_target(const follow *f, const wp_event *event, live_event *out)
{
    const bool by_lsn = f->info.profile->recovery.has_lsn_target;
    out->place = place_of(f, event);
    out->has_target =
        target_make(&out->place, by_lsn ? TARGET_LSN : TARGET_XID, NULL, NULL, &out->target);
    out->lock_lsn = wp_reducer_first_lock(f->reducer, event->database.oid, event->object.oid);
    if (by_lsn && out->place.choice != TARGET_BEFORE_NONTRANSACTIONAL)
        out->inspectable_lsn = out->lock_lsn;
}

static void on_event(void *context, const wp_event *event)
{
    follow *f = context;
    const uint32_t number = event->number + 1;
    if (is_failed(f) || is_old(f, event->xact->lsn, number))
        return;
    const pattern_answer answer = match(f, event);
    if (answer == PATTERN_FAILED)
        f->failure = filter_failure(&f->filter);
    if (answer == PATTERN_NO || answer == PATTERN_FAILED)
        return;
    live_event told = { .view = { .event = event, .xact = event->xact, .tli = f->tli },
                        .number = number,
                        .is_destructive = live_is_destructive(event),
                        .is_maybe = answer == PATTERN_MAYBE,
                        .database = event->database.name };
    set_target(f, event, &told);
    f->is_in_doubt |= told.is_maybe;
    if (!f->config.callbacks.on_event(f->config.callbacks.context, &told))
        f->is_stopped = true;
    else
        f->told = (follow_told){ event->xact->lsn, number, f->tli };
}

/* One word for each transaction will do. Of rows that it touched before the WAL nothing is said: their events have a mark. */
static void on_possible(void *context, const wp_event *event)
{
    follow *f = context;
    const wp_xact_end *end = event->xact;
    const bool is_rows_only = event->may_miss_rows || (end->began_before && event->lsn == end->lsn);
    if (is_failed(f) || is_rows_only || end->lsn == f->possible_lsn
        || end->lsn < f->config.tell_from
        || follow_is_told(f->told, (follow_told){ end->lsn + 1, 0, f->tli }))
        return;
    const pattern_answer answer = match(f, event);
    if (answer == PATTERN_NO)
        return;
    char lsn[WP_LSN_TEXT_BYTES], time[WP_TIME_TEXT_BYTES];
    text words = { 0 };
    f->possible_lsn = end->lsn;
    text_add_visible(&words, event->text);
    follow_trouble(
        f,
        "transaction %u, committed at %s (%s), may have done more than is told, as %.200s: "
        "the names of what it changed are not in the WAL read",
        end->xid, wp_lsn_format(end->lsn, lsn), wp_time_format(end->time, time),
        text_chars(&words));
    text_free(&words);
}

static void on_xact_end(void *context, const wp_xact_end *end)
{
    follow *f = context;
    if (end->op != WP_XACT_COMMIT && end->op != WP_XACT_COMMIT_PREPARED)
        return;
    f->last_commit = *end;
    f->last_commit.gid = NULL;
    f->last_commit.subxids = NULL;
    f->last_commit.nsubxids = 0;
    if (!is_failed(f) && f->config.callbacks.on_commit != NULL && end->lsn >= f->config.tell_from)
        f->config.callbacks.on_commit(f->config.callbacks.context, end);
}

static void on_nontransactional(void *context, wp_lsn lsn)
{
    follow *f = context;
    f->places[f->nplaces++ % FOLLOW_PLACES] = (struct follow_place){ lsn, f->last_commit };
}

/* ---- trouble -------------------------------------------------------------------------------- */

static void tell_damage(follow *f, const wp_fact_damage *fact)
{
    char words[DAMAGE_WORDS_BYTES], from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    damage_words(fact, words);
    if (fact->until != 0)
        follow_trouble(f, "WAL at %s cannot be read: %s; reading goes on at %s",
                       wp_lsn_format(fact->fact.lsn, from), words,
                       wp_lsn_format(fact->until, until));
    else
        follow_trouble(f, "WAL at %s cannot be read to the end of its segment: %s",
                       wp_lsn_format(fact->fact.lsn, from), words);
}

/* A segment is followed by another one: all of it has to be records. */
static void tell_end(follow *f, const wp_fact_end *fact)
{
    char lsn[WP_LSN_TEXT_BYTES];
    const wp_end_reason reason = (wp_end_reason)fact->fact.op;
    if (reason != WP_END_FULL && reason != WP_END_SWITCH && reason != WP_END_DAMAGE)
        follow_trouble(f, "the WAL of a segment ends at %s, before the segment does",
                       wp_lsn_format(fact->fact.lsn, lsn));
}

static void on_fact(void *context, const wp_fact *fact)
{
    follow *f = context;
    const void *it = fact;
    if (fact->kind == WP_FACT_DAMAGE)
        tell_damage(f, it);
    else if (fact->kind == WP_FACT_SEGMENT_END)
        tell_end(f, it);
}

wp_callbacks follow_listen(follow *f)
{
    return (wp_callbacks){ .context = f,
                           .on_event = on_event,
                           .on_possible = on_possible,
                           .on_xact_end = on_xact_end,
                           .on_nontransactional = on_nontransactional,
                           .on_fact = on_fact };
}

bool follow_make_reducer(follow *f, char message[MESSAGE_BYTES])
{
    wp_reducer_config config = { .profile = f->info.profile,
                                 .max_align = f->info.max_align,
                                 .include_temporary = f->config.question->include_temporary,
                                 .is_live = true,
                                 .moved = f->config.seed != NULL ? f->config.seed->moved : NULL,
                                 .nmoved = f->config.seed != NULL ? f->config.seed->nmoved : 0,
                                 .external_names =
                                     f->names != NULL ? f->names : f->config.external_names,
                                 .callbacks = follow_listen(f) };
    wp_error err;
    if (wp_reducer_new(&config, &f->reducer, &err) >= 0)
        return true;
    f->is_broken = true;
    return message_fail(message, "%s", err.text);
}

/* ---- what is missed ------------------------------------------------------------------------- */

static void tell_lost(follow *f)
{
    size_t n = 0;
    const wp_lost_catalog *lost = wp_reducer_lost(f->reducer, &n);
    for (; f->nlost < n; f->nlost++) {
        const wp_lost_catalog *one = &lost[f->nlost];
        const char *database = wp_reducer_database_name(f->reducer, one->db);
        char lsn[WP_LSN_TEXT_BYTES];
        follow_trouble(
            f,
            "%s%s%.64s %s not where it is looked for, as the commit at %s shows: what is done "
            "there is not told",
            one->name, database != NULL ? " of database " : "", database != NULL ? database : "",
            one->is_certain ? "is" : "may be", wp_lsn_format(one->lsn, lsn));
    }
}

static void tell_warnings(follow *f)
{
    static const struct {
        unsigned bit;
        const char *words;
    } rows[] = {
        { WP_WARN_NAMES_FORGOTTEN,
          "there are more names than memory is kept for: some may be missing" },
        { WP_WARN_XACTS_FORGOTTEN,
          "open transactions have done more than memory is kept for: some of it is not told" },
        { WP_WARN_CATALOG_MOVED,
          "a system catalog got another file (VACUUM FULL or CLUSTER) before it was looked for there: "
          "names of what changed meanwhile may be missing" },
    };
    const unsigned news = wp_reducer_warnings(f->reducer) & ~f->warnings;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (news & rows[i].bit)
            follow_trouble(f, "%s", rows[i].words);
    }
    f->warnings |= news;
}

void follow_look(follow *f)
{
    if (wp_reducer_tidy(f->reducer))
        filter_restart(&f->filter);
    tell_warnings(f);
    tell_lost(f);
}
