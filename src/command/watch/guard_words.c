/* guard_words.c - see guard_words.h. */
#include "command/watch/guard_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/time_text.h"
#include "command/watch/guard_recipe.h"

/* Clocks that differ by more are spoken of. */
#define CLOCKS_DIFFER_MS 1000

char *guard_span(int64_t ms, char buf[GUARD_SPAN_BYTES])
{
    const int64_t s = ms / 1000;
    if (s < 120)
        snprintf(buf, GUARD_SPAN_BYTES, "%" PRId64 ".%d s", s, (int)(ms % 1000 / 100));
    else if (s < 7200)
        snprintf(buf, GUARD_SPAN_BYTES, "%" PRId64 " min %d s", s / 60, (int)(s % 60));
    else
        snprintf(buf, GUARD_SPAN_BYTES, "%" PRId64 " h %d min", s / 3600, (int)(s / 60 % 60));
    return buf;
}

/* ---- parts ---------------------------------------------------------------------------------- */

static void add_subject(const guard_incident *incident, text *out)
{
    if (incident->count > 0)
        text_add_visible(out, incident->objects[0].event);
    else
        text_add(out, "the transaction");
    const size_t others = (incident->count > 0 ? incident->count - 1 : 0) + incident->more;
    if (others > 0)
        text_addf(out, " and %zu more", others);
    text_add(out, " in database ");
    text_add_visible(out, incident->database != NULL ? incident->database : "(name not known)");
    text_addf(out, " (transaction %" PRIu32 ")", incident->xid);
}

static void add_too_late(const guard_report *r, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES], span[GUARD_SPAN_BYTES];
    const guard_bounds *bounds = &r->incident->bounds;
    text_add(out, "too late, because ");
    if (!r->look->is_in_recovery) {
        text_add(out, "the server of --guard is a standby no more: it was promoted");
        return;
    }
    text_addf(out, "the standby has replayed to %s, past ", wp_lsn_format(r->look->replayed, lsn));
    if (!bounds->is_delayed)
        text_addf(out,
                  "%s, where this acts at once: recovery_min_apply_delay holds back commits only",
                  wp_lsn_format(bounds->end, lsn));
    else if (r->look->delay_ms == 0)
        text_addf(out, "the commit at %s: it has no recovery_min_apply_delay",
                  wp_lsn_format(bounds->end, lsn));
    else if (r->verdict.has_left && r->verdict.left_ms < 0)
        text_addf(out, "the commit at %s, which was due %s ago", wp_lsn_format(bounds->end, lsn),
                  guard_span(-r->verdict.left_ms, span));
    else
        text_addf(out, "the commit at %s", wp_lsn_format(bounds->end, lsn));
}

static void add_in_time(const guard_report *r, text *out)
{
    char span[GUARD_SPAN_BYTES];
    text_add(out, r->is_dry_run ? "it would be in time" : "in time");
    if (r->verdict.has_left && r->verdict.left_ms > 0)
        text_addf(out, ": %s left", guard_span(r->verdict.left_ms, span));
}

static void add_place(const guard_report *r, text *out)
{
    char at[WP_LSN_TEXT_BYTES], lock[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES];
    const guard_bounds *bounds = &r->incident->bounds;
    wp_lsn_format(r->look->replayed, at);
    wp_lsn_format(bounds->lock, lock);
    wp_lsn_format(bounds->end, end);
    if (r->verdict.place == GUARD_BEFORE_END)
        text_addf(
            out,
            "  place       %s, between its lock at %s and its %s at %s: all rows are there, and locked\n",
            at, lock, bounds->is_delayed ? "commit" : "end", end);
    else if (r->verdict.place == GUARD_PLACE_UNKNOWN)
        text_addf(out, "  place       %s, before %s; where it was locked is not known\n", at, end);
    else if (bounds->locks)
        text_addf(out, "  place       %s, before its lock at %s\n", at, lock);
    else
        text_addf(out, "  place       %s, before %s; it locks nothing against reading\n", at, end);
}

/* How long the standby keeps away from the end, and by what. */
static void add_hold(const guard_report *r, text *out)
{
    char span[GUARD_SPAN_BYTES];
    if (r->is_dry_run)
        text_add(out, "  pause       not asked for: --dry-run\n");
    else if (r->look->pause == GUARD_PAUSED)
        text_addf(out, "  pause       it has paused, %s after it was asked\n",
                  guard_span(r->asked_ms, span));
    else if (r->verdict.has_left && r->verdict.left_ms > 0)
        text_addf(
            out, "  pause       it was asked in time: it stays where it is%s\n",
            r->look->tells_paused
                ? ", and says so when its wait for a commit is over (\"paused\"; \"pause requested\" before)"
                : " (before 14 it never tells more than that it was asked)");
    else
        text_add(out, "  pause       it was asked, and has not moved since\n");
    if (!r->is_dry_run)
        text_add(
            out,
            "  beware      a restart ends the pause; until all is saved, neither restart it (but as below) nor "
            "call pg_wal_replay_resume()\n");
}

static void add_clock(const guard_report *r, text *out)
{
    char span[GUARD_SPAN_BYTES];
    if (r->clock_ahead_ms > CLOCKS_DIFFER_MS || r->clock_ahead_ms < -CLOCKS_DIFFER_MS)
        text_addf(
            out,
            "  clock       the standby's is %s %s this host's; what is left goes by the standby's, as the standby "
            "does\n",
            guard_span(llabs(r->clock_ahead_ms), span),
            r->clock_ahead_ms > 0 ? "ahead of" : "behind");
}

/* The lines of a step begin with two blanks, its commands with six. */
static void add_step(const guard_step *step, text *out)
{
    text_addf(out, "  %-11s %s:\n", step->name, text_chars(&step->words));
    for (const char *at = text_chars(&step->commands); *at != '\0';) {
        const size_t len = strcspn(at, "\n");
        text_add(out, "      ");
        text_add_bytes(out, at, len);
        text_add(out, "\n");
        at += len + (at[len] == '\n');
    }
}

static bool steps_failed(const guard_recipe *recipe)
{
    bool failed = false;
    for (size_t i = 0; i < recipe->count; i++)
        failed = failed || recipe->steps[i].words.failed || recipe->steps[i].commands.failed;
    return failed;
}

static void add_recipe(const guard_report *r, text *out)
{
    guard_recipe recipe = { 0 };
    guard_recipe_make(r->incident, r->about, r->look, r->verdict.place, &recipe);
    for (size_t i = 0; i < recipe.count; i++)
        add_step(&recipe.steps[i], out);
    out->failed = out->failed || steps_failed(&recipe);
    guard_recipe_free(&recipe);
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void add_verdict(const guard_report *r, text *out)
{
    text_addf(out, "guard%s: ", r->is_dry_run ? " (dry run)" : "");
    if (r->verdict.answer == GUARD_TOO_LATE)
        add_too_late(r, out);
    else if (r->verdict.answer == GUARD_IN_TIME)
        add_in_time(r, out);
    else
        text_add(out, r->is_dry_run ? "whether it would be in time is not certain"
                                    : "not known yet whether the pause comes in time");
    text_add(out, ": ");
    add_subject(r->incident, out);
    text_add(out, "\n");
}

static void add_details(const guard_report *r, text *out)
{
    char time[WP_TIME_TEXT_BYTES], lsn[WP_LSN_TEXT_BYTES];
    text_addf(out, "  committed   %s at %s\n",
              wp_time_format(r->incident->bounds.commit_time, time),
              wp_lsn_format(r->incident->commit, lsn));
    if (r->verdict.answer == GUARD_TOO_LATE) {
        add_clock(r, out);
        text_add(
            out,
            r->look->pause == GUARD_NOT_PAUSED
                ? "  pause       not asked for: it would save nothing\n"
                : "  pause       it pauses after that: SELECT pg_wal_replay_resume() lets it go on\n");
        text_add(
            out,
            "  next        a base backup and WAL still have it: see pitr-find target and pitr-find rescue\n");
        return;
    }
    add_place(r, out);
    add_hold(r, out);
    add_clock(r, out);
    if (r->verdict.answer == GUARD_IN_TIME)
        add_recipe(r, out);
}

void guard_report_lines(const guard_report *r, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES], span[GUARD_SPAN_BYTES];
    if (r->kind == GUARD_REPORT_PAUSED) {
        text_addf(out, "guard: the standby has paused at %s, %s after it was asked\n",
                  wp_lsn_format(r->look->replayed, lsn), guard_span(r->asked_ms, span));
        return;
    }
    if (r->kind == GUARD_REPORT_ALSO) {
        text_add(out, "guard: also ");
        add_subject(r->incident, out);
        text_addf(out, r->verdict.answer == GUARD_TOO_LATE
                           ? ": replayed already\n"
                           : ": not replayed either, with the same pause\n");
        return;
    }
    add_verdict(r, out);
    add_details(r, out);
}

void guard_note_start(const standby_about *about, const guard_look *at, int64_t clock_ahead_ms,
                      text_list *notes)
{
    char span[GUARD_SPAN_BYTES];
    if (at->delay_ms > 0)
        text_list_addf(notes,
                       "guard: the standby applies commits %s late (recovery_min_apply_delay)",
                       guard_span(at->delay_ms, span));
    else if (at->delay_ms == 0)
        text_list_addf(
            notes,
            "warning: the standby of --guard has no recovery_min_apply_delay: no pause can come in time");
    else
        text_list_addf(
            notes,
            "warning: user %s may not read recovery.conf of the standby of --guard: its delay, and how much "
            "time is left, is not known (it takes a superuser)",
            about->user);
    if (at->pause != GUARD_NOT_PAUSED)
        text_list_addf(notes, "warning: replay of the standby of --guard is paused already");
    if (clock_ahead_ms > CLOCKS_DIFFER_MS || clock_ahead_ms < -CLOCKS_DIFFER_MS)
        text_list_addf(notes, "warning: the clock of the standby of --guard is %s %s this host's",
                       guard_span(llabs(clock_ahead_ms), span),
                       clock_ahead_ms > 0 ? "ahead of" : "behind");
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void json_span(text *out, const char *key, bool is_known, int64_t ms)
{
    if (is_known)
        text_addf(out, "\"%s\":%s%" PRId64 ".%03d", key, ms < 0 ? "-" : "",
                  (int64_t)llabs(ms) / 1000, (int)(llabs(ms) % 1000));
    else
        text_addf(out, "\"%s\":null", key);
}

static void json_events(const guard_incident *incident, text *out)
{
    text_add(out, "\"events\":[");
    for (size_t i = 0; i < incident->count; i++) {
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, incident->objects[i].event);
    }
    text_addf(out, "],\"more_events\":%zu,", incident->more);
}

static void json_settings(const guard_report *r, text *out)
{
    const wp_lsn exact = guard_exact_lsn(r->incident);
    if (exact == 0 || r->verdict.answer != GUARD_IN_TIME) {
        text_add(out, "\"settings\":null,");
        return;
    }
    guard_setting settings[GUARD_SETTINGS];
    guard_settings(r->incident, exact, "pause", settings);
    text_add(out, "\"settings\":{");
    for (size_t i = 0; i < GUARD_SETTINGS; i++)
        text_addf(out, "%s\"%s\":\"%s\"", i > 0 ? "," : "", settings[i].name, settings[i].value);
    text_add(out, "},");
}

static void json_commands(const text *commands, text *out)
{
    text_add(out, "\"commands\":[");
    for (const char *at = text_chars(commands); *at != '\0';) {
        const size_t len = strcspn(at, "\n");
        text line = { 0 };
        text_add(out, at != text_chars(commands) ? "," : "");
        text_add_bytes(&line, at, len);
        text_add_json(out, text_chars(&line));
        out->failed = out->failed || line.failed;
        text_free(&line);
        at += len + (at[len] == '\n');
    }
    text_add(out, "]");
}

static void json_recipe(const guard_report *r, text *out)
{
    guard_recipe recipe = { 0 };
    if (r->kind == GUARD_REPORT_VERDICT && r->verdict.answer == GUARD_IN_TIME)
        guard_recipe_make(r->incident, r->about, r->look, r->verdict.place, &recipe);
    text_add(out, "\"recipe\":[");
    for (size_t i = 0; i < recipe.count; i++) {
        text_addf(out, "%s{\"step\":\"%s\",\"words\":", i > 0 ? "," : "", recipe.steps[i].name);
        text_add_json(out, text_chars(&recipe.steps[i].words));
        text_add(out, ",");
        json_commands(&recipe.steps[i].commands, out);
        text_add(out, "}");
    }
    text_add(out, "]");
    out->failed = out->failed || steps_failed(&recipe);
    guard_recipe_free(&recipe);
}

void guard_report_json(const guard_report *r, text *out)
{
    static const char *const kinds[] = { "verdict", "also", "paused", "open" };
    static const char *const answers[] = { "in_time", "too_late", "not_known" };
    static const char *const places[] = { "before_lock", "before_end", "after", "not_known" };
    static const char *const pauses[] = { "not_paused", "pause_requested", "paused" };
    const guard_incident *incident = r->incident;
    text_addf(out, "{\"guard\":{\"report\":\"%s\",", kinds[r->kind]);
    json_string(out, "id", incident->id);
    text_add(out, ",");
    json_events(incident, out);
    text_add_json_member(out, "database", incident->database);
    text_addf(out, ",\"xid\":%" PRIu32 ",\"timeline\":%" PRIu32 ",", incident->xid, incident->tli);
    json_time(out, "time", incident->bounds.commit_time);
    text_add(out, ",");
    json_lsn(out, "commit_lsn", incident->commit);
    text_add(out, ",");
    json_lsn(out, "end_lsn", incident->bounds.end);
    text_add(out, ",");
    json_lsn(out, "lock_lsn", incident->bounds.lock);
    text_add(out, ",");
    json_lsn(out, "inspectable_lsn", incident->inspectable);
    text_addf(out, ",\"dry_run\":%s,\"verdict\":\"%s\",\"place\":\"%s\",\"state\":\"%s\",",
              r->is_dry_run ? "true" : "false", answers[r->verdict.answer],
              places[r->verdict.place], pauses[r->look->pause]);
    json_lsn(out, "replayed_lsn", r->look->replayed);
    text_add(out, ",");
    json_lsn(out, "min_recovery_lsn", r->look->min_recovery);
    text_add(out, ",");
    json_span(out, "left_s", r->verdict.has_left, r->verdict.left_ms);
    text_add(out, ",");
    json_span(out, "delay_s", r->look->delay_ms >= 0, r->look->delay_ms);
    text_add(out, ",");
    json_span(out, "asked_s", r->asked_ms >= 0, r->asked_ms);
    text_add(out, ",");
    json_span(out, "clock_ahead_s", true, r->clock_ahead_ms);
    text_add(out, ",");
    json_settings(r, out);
    json_recipe(r, out);
    text_add(out, "}}");
}
