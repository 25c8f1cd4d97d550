/*
 * render_conf.c - a target as lines of the server's configuration.
 */
#include "target/render.h"

#include <string.h>

#include "target/obstacle.h"
#include "target/pending.h"
#include "scan/rows.h"
#include "target/trial.h"
#include "target/warnings.h"
#include "search/event_text.h"

static void add_place(const report *r, text *out)
{
    const wp_profile *profile = r->archive->info.profile;
    text_addf(out, "# pitr-find %s, PostgreSQL %s: ", PITR_FIND_VERSION, profile->major);
    if (r->options->write != NULL) {
        text_add(out, "--write puts these lines into ");
        text_add_visible(out, r->options->write);
        text_addf(out, "/%s%s\n", profile->recovery.conf_file,
                  profile->recovery.has_signal_file ? ", and an empty recovery.signal beside it"
                                                    : "");
    } else if (profile->recovery.has_signal_file)
        text_addf(out, "append these lines to %s and create an empty recovery.signal beside it\n",
                  profile->recovery.conf_file);
    else
        text_addf(out, "put these lines into %s in the data directory\n",
                  profile->recovery.conf_file);
}

/* Who reads no more than these lines must not start a server that goes into service elsewhere than at the target. */
static void add_obstacle(const report *r, text *line)
{
    text_add(line, "NOT RESTORABLE YET, do not start a server: ");
    obstacle_explain(r, line);
    if (obstacle_is_silent(r))
        text_addf(line, "; PostgreSQL %s would go into service there without an error",
                  r->archive->info.profile->major);
}

/* A comment ends at a newline: what comes from the WAL is made visible first. */
static void add_comment(text *out, const text *line)
{
    text_add(out, "# ");
    text_add_visible(out, text_chars(line));
    text_add(out, "\n");
}

static void add_event(const report *r, text *line)
{
    const event_view view = event_match_view(&r->found->event);
    text_addf(line, "stops right %s: %s",
              r->found->place.choice == TARGET_RIGHT_AFTER ? "after" : "before", event_text(&view));
    if (view.event == NULL)
        return;
    rows_add(line, view.event);
    if (wp_event_kind_is_database(view.event->kind))
        return;
    if (view.event->database.name != NULL)
        text_addf(line, " in database %s", view.event->database.name);
    else if (view.event->database.oid != 0)
        text_addf(line, " in database [%u]", view.event->database.oid);
}

static void add_xact(const report *r, text *line)
{
    const event_view view = event_match_view(&r->found->event);
    char time[WP_TIME_TEXT_BYTES], lsn[WP_LSN_TEXT_BYTES], segment[WP_SEGMENT_NAME_BYTES];
    wp_lsn_format(view.xact->lsn, lsn);
    event_segment(r->archive->info.segment_size, &view, segment);
    if (view.xact->is_cut)
        text_addf(line,
                  "transaction %u, whose commit record begins at %s in %s on timeline %u and is "
                  "not whole",
                  view.xact->xid, lsn, segment, view.tli);
    else
        text_addf(line, "transaction %u, ended %s at %s in %s on timeline %u", view.xact->xid,
                  wp_time_format(view.xact->time, time), lsn, segment, view.tli);
    if (view.xact->gid != NULL)
        text_addf(line, ", prepared as %s", view.xact->gid);
}

/* The file is read without the story: it says itself why its target is not exact. */
static void add_inexact(const report *r, text *out)
{
    static const char word[] = "not exact: ";
    text_list why = { 0 };
    warnings_of_inexact(r, &why);
    for (size_t i = 0; i < why.count; i++) {
        text line = { 0 };
        const bool has_word = strncmp(why.items[i], word, sizeof word - 1) == 0;
        text_addf(&line, "%s%s", has_word ? "" : word, why.items[i]);
        add_comment(out, &line);
        out->failed = out->failed || line.failed;
        text_free(&line);
    }
    if (why.count == 0)
        text_add(out, "# not exact: see the warnings\n");
    text_list_free(&why);
}

/* Where it stops, when that was asked for by its LSN. */
static wp_lsn record_of(const target_place *place)
{
    return place->is_by_previous || place->inside != 0 ? place->right : place->lsn;
}

static void add_trial(const report *r, text *out)
{
    text_list steps = { 0 };
    trial_steps(r, &steps);
    text_add(out, "# before the first start of a trial server:\n");
    for (size_t i = 0; i < steps.count; i++)
        text_addf(out, "# - %s\n", steps.items[i]);
    text_list_free(&steps);
}

void render_conf_story(const report *r, text *out)
{
    text line = { 0 };
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->restorable == RESTORABLE_NO) {
        add_obstacle(r, &line);
        add_comment(out, &line);
        text_clear(&line);
    }
    if (r->found->has_xact) {
        add_event(r, &line);
        add_comment(out, &line);
        text_clear(&line);
        add_xact(r, &line);
    } else if (r->found->points.number != 0) {
        text_addf(&line, "stops right after the restore point \"%s\" at %s", r->found->place.name,
                  wp_lsn_format(r->found->points.chosen.end_lsn, lsn));
    } else {
        text_addf(&line, "stops right before the record at %s",
                  wp_lsn_format(record_of(&r->found->place), lsn));
    }
    add_comment(out, &line);
    if (r->place->choice == TARGET_BEFORE_LOCK) {
        text_clear(&line);
        text_addf(&line, "earlier than that: before the transaction locks the object, at %s",
                  wp_lsn_format(r->place->right, lsn));
        add_comment(out, &line);
    }
    if (!r->target.exact)
        add_inexact(r, out);
    if (pending_is_own(r)) {
        text_clear(&line);
        pending_explain(r, &line);
        add_comment(out, &line);
    }
    out->failed = out->failed || line.failed;
    text_free(&line);
    add_trial(r, out);
}

void render_conf_setting(const char *name, const char *value, text *out)
{
    text_addf(out, "%s = ", name);
    text_add_conf(out, value);
    text_add(out, "\n");
}

void render_conf(const report *r, text *out)
{
    render_setting settings[RENDER_SETTINGS_MAX];
    const size_t n = render_settings(r, &r->target, settings);
    add_place(r, out);
    render_conf_story(r, out);
    for (size_t i = 0; i < n; i++)
        render_conf_setting(settings[i].name, render_value(&settings[i]), out);
}
