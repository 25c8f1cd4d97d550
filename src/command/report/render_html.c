/*
 * render_html.c - the page of a report: see render.h. Plain HTML in one file: nothing is loaded, nothing runs.
 *
 * The first screen says what happened, what to do, and how far that can be trusted; the rest is there to be checked.
 */
#include "command/report/render.h"

#include <inttypes.h>
#include <string.h>

#include "base/time_text.h"
#include "command/report/html.h"

#define DOUBTS_SHOWN 100

/* ---- head ----------------------------------------------------------------------------------- */

static void add_base64(const uint8_t *bytes, size_t len, text *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < len; i += 3) {
        const size_t n = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)bytes[i] << 16;
        bits |= n > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        bits |= n > 2 ? bytes[i + 2] : 0;
        const char chars[] = { digits[bits >> 18], digits[bits >> 12 & 63],
                               n > 1 ? digits[bits >> 6 & 63] : '=',
                               n > 2 ? digits[bits & 63] : '=' };
        text_add_bytes(out, chars, sizeof chars);
    }
}

/* Only this style counts, and nothing else may be loaded or run. */
static void add_policy(text *out)
{
    uint8_t digest[SHA256_BYTES];
    char message[512];
    if (!sha256_of(report_style, strlen(report_style), digest, message)) {
        out->failed = true;
        return;
    }
    text_add(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                  "style-src 'sha256-");
    add_base64(digest, sizeof digest, out);
    text_add(out, "'; base-uri 'none'; form-action 'none'\">\n");
}

static void add_head(const report_document *d, text *out)
{
    text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    add_policy(out);
    text_add(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                  "<meta name=\"color-scheme\" content=\"light dark\">\n"
                  "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    html_textf(out, "Incident: %s", d->headline);
    text_addf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n", report_style);
}

/* ---- lines of the story --------------------------------------------------------------------- */

/* What the story says under a label, its further lines too. False: nothing. */
static bool add_told(const report_document *d, const char *label, text *out)
{
    const report_lines *story = &d->story;
    bool is_in = false, has_any = false;
    for (size_t i = 0; i < story->count; i++) {
        const report_line *one = &story->items[i];
        if (one->label[0] != '\0')
            is_in = strcmp(one->label, label) == 0;
        if (!is_in)
            continue;
        text_add(out, has_any ? "<br>" : "");
        html_text(out, one->line);
        has_any = true;
    }
    return has_any;
}

static void add_fact(const report_document *d, const char *title, const char *label,
                     const char *otherwise, text *out)
{
    text_addf(out, "<div><dt>%s</dt><dd>", title);
    if (!add_told(d, label, out))
        html_text(out, otherwise);
    text_add(out, "</dd></div>\n");
}

/* ---- first screen --------------------------------------------------------------------------- */

/* Others may be meant. */
static void add_choice(const report_document *d, text *out)
{
    const search_result *found = d->target->found;
    const uint64_t total = found->matches.total > 1 ? found->matches.total : found->points.total;
    const uint64_t number = found->matches.total > 1 ? found->event.number : found->points.number;
    if (total > 1)
        text_addf(out,
                  "<p class=\"sub\"><strong>%" PRIu64 " match, this is number %" PRIu64
                  "</strong>: <a href=\"#story\">is it the one that is meant?</a></p>\n",
                  total, number);
}

static void add_title(const report_document *d, text *out)
{
    const report *r = d->target;
    text line = { 0 };
    const wp_time time = report_incident_time(d);
    text_add(out, "<header>\n<p class=\"kicker\">");
    html_textf(out,
               "Incident report \xC2\xB7 PostgreSQL %s \xC2\xB7 cluster %" PRIu64
               " \xC2\xB7 timeline %u",
               r->archive->info.profile->major, r->archive->info.system_identifier, r->timeline);
    text_add(out, "</p>\n<h1>");
    html_text(out, d->headline);
    text_add(out, "</h1>\n<p class=\"sub\">");
    if (r->found->has_xact)
        text_addf(&line, "transaction %u, ", r->found->event.xact.xid);
    if (time != WP_TIME_UNKNOWN)
        time_text_add(&line, time);
    html_text(out, text_chars(&line));
    text_add(out, "</p>\n");
    add_choice(d, out);
    page_who_in_short(d, out);
    text_add(out, "</header>\n");
    out->failed = out->failed || line.failed;
    text_free(&line);
}

/* "It stops right before the transaction ends." */
static void add_stop(const report_document *d, text *out)
{
    static const char *const words[] = {
        [TARGET_RIGHT_BEFORE] = "Recovery is to stop right before it.",
        [TARGET_RIGHT_AFTER] = "Recovery is to stop right after it.",
        [TARGET_BEFORE_NONTRANSACTIONAL] =
            "Recovery is to stop before the record that removes the files, which acts at once.",
        [TARGET_BEFORE_LOCK] =
            "Recovery is to stop before the transaction locks the object, so that it can be read.",
    };
    const report *r = d->target;
    text_add(out,
             r->found->points.number != 0 ? words[TARGET_RIGHT_AFTER] : words[r->place->choice]);
    text_add(out, " ");
}

static const char *verdict_class(report_verdict verdict)
{
    return verdict == VERDICT_EXACT ? "exact" : verdict == VERDICT_IN_DOUBT ? "doubt" : "not";
}

static void add_where_to(const report_document *d, text *out)
{
    const wp_recovery_traits *recovery = &d->target->archive->info.profile->recovery;
    text_add(out, "<p class=\"note\">");
    if (recovery->has_signal_file)
        html_textf(out,
                   "Append these lines to %s of the restored data directory, and create an empty "
                   "recovery.signal beside it. One click selects them all.",
                   recovery->conf_file);
    else
        html_textf(
            out,
            "Put these lines into %s in the restored data directory. One click selects them all.",
            recovery->conf_file);
    text_add(out, "</p>\n");
}

static void add_verdict(const report_document *d, text *out)
{
    static const char *const marks[] = { [VERDICT_EXACT] = "\xE2\x9C\x93",
                                         [VERDICT_IN_DOUBT] = "?",
                                         [VERDICT_NOT_EXACT] = "!",
                                         [VERDICT_UNREACHABLE] = "\xE2\x9C\x95" };
    const report_verdict verdict = report_verdict_of(d);
    text settings = { 0 };
    report_settings(d, &settings);
    text_addf(out,
              "<div class=\"verdict %s\" id=\"target\">\n<p class=\"state\"><span "
              "aria-hidden=\"true\">%s</span> Recovery target: %s</p>\n<p>",
              verdict_class(verdict), marks[verdict], report_verdict_word(verdict));
    add_stop(d, out);
    html_text(out, report_verdict_sentence(verdict));
    text_add(out, "</p>\n");
    if (verdict == VERDICT_UNREACHABLE) {
        text_add(out, "<p><strong>");
        html_text(out, text_chars(&d->why_not));
        text_add(out, "</strong></p>\n");
    }
    text_add(out, "<pre class=\"settings\" tabindex=\"0\">");
    html_lines(out, text_chars(&settings));
    text_add(out, "</pre>\n");
    add_where_to(d, out);
    text_add(out, "<dl class=\"facts\">\n");
    add_fact(d, "This target loses", "loses", "not known: no server stops there", out);
    add_fact(d, "It keeps", "keeps", "not known: no server stops there", out);
    add_fact(d, "Restorable from this archive", "restorable",
             "not known: name a base backup with --backup", out);
    text_add(out, "</dl>\n</div>\n");
    out->failed = out->failed || settings.failed;
    text_free(&settings);
}

static void add_list(const text_list *list, text *out)
{
    for (size_t i = 0; i < list->count; i++) {
        text_add(out, "<li>");
        html_text(out, list->items[i]);
        text_add(out, "</li>\n");
    }
}

/* What stands in the story under a label, as an item of its own. */
static void add_told_item(const report_document *d, const char *title, const char *label, text *out)
{
    text told = { 0 };
    if (add_told(d, label, &told))
        text_addf(out, "<br><strong>%s:</strong> %s\n", title, text_chars(&told));
    out->failed = out->failed || told.failed;
    text_free(&told);
}

static void add_end_of_recovery(const report_document *d, text *out)
{
    const char *wal = d->target->archive->info.profile->recovery.wal_directory;
    char action[32];
    render_action(d->target, action);
    text_add(out, "<li>Start the server. It replays the WAL up to the target and ");
    if (strcmp(action, "pause") == 0)
        html_textf(out,
                   "pauses there: look at the data while it does, then end recovery with "
                   "SELECT %s_replay_resume().",
                   wal);
    else
        html_textf(out, "then does what recovery_target_action says: %s.", action);
    text_add(out, "</li>\n");
}

static void add_recipe(const report_document *d, text *out)
{
    const wp_recovery_traits *recovery = &d->target->archive->info.profile->recovery;
    text_add(
        out,
        "<ol class=\"steps\">\n<li>Restore a base backup from before this moment into a new and "
        "empty folder.");
    add_told_item(d, "Given", "backup", out);
    add_told_item(d, "This one", "restore", out);
    add_told_item(d, "With", "with", out);
    add_told_item(d, "Too new for this target", "too new", out);
    text_add(out, "</li>\n<li>");
    html_textf(out, "Put the lines above into its %s", recovery->conf_file);
    text_add(out, recovery->has_signal_file
                      ? ", and create an empty recovery.signal beside it.</li>\n"
                      : ".</li>\n");
    text_add(out, "<li>Go through the list below.</li>\n");
    add_end_of_recovery(d, out);
    text_add(out, "</ol>\n");
}

static void add_next(const report_document *d, text *out)
{
    html_section("next", "What to do", out);
    if (d->obstacle.count > 0) {
        text_add(out, "<div class=\"box bad\"><b>Before any server is started:</b><ul>\n");
        add_list(&d->obstacle, out);
        text_add(out, "</ul></div>\n<h3>When a restore gets there</h3>\n");
    }
    add_recipe(d, out);
    text_add(out, "<h3>Before the first start of a restored server</h3>\n<ul class=\"steps\">\n");
    add_list(&d->trial, out);
    text_add(out, "</ul>\n</section>\n");
}

static void add_doubts(const report_document *d, text *out)
{
    if (d->unread.count == 0)
        return;
    html_section("doubt", "Not certain", out);
    text_add(out, "<div class=\"box warn\"><ul>\n");
    size_t shown = 0;
    for (; shown < d->unread.count && shown < DOUBTS_SHOWN; shown++) {
        text_add(out, "<li>");
        html_text(out, d->unread.items[shown].line);
        text_add(out, "</li>\n");
    }
    if (d->unread.count > shown)
        text_addf(out, "<li>and %zu more</li>\n", d->unread.count - shown);
    text_add(out, "</ul></div>\n</section>\n");
}

static void add_nav(const report_document *d, text *out)
{
    text_add(out, "<nav aria-label=\"parts of this report\">");
    if (d->unread.count > 0)
        text_add(out, "<a href=\"#doubt\">Not certain</a>");
    text_add(
        out,
        "<a href=\"#next\">What to do</a><a href=\"#who\">Who did it</a><a href=\"#timeline\">Timeline</a><a href=\"#story\">Story</a>");
    if (d->has_biography)
        text_add(out, "<a href=\"#transaction\">Transaction</a>");
    text_add(out, "<a href=\"#others\">Other events</a><a href=\"#archive\">Archive</a><a "
                  "href=\"#evidence\">Evidence</a><a href=\"#unread\">What was not read</a><a "
                  "href=\"#inputs\">Inputs</a></nav>\n");
}

/* ---- timeline and story --------------------------------------------------------------------- */

static void add_timeline(const report_document *d, text *out)
{
    html_section("timeline", "Timeline", out);
    report_svg(d, out);
    if (d->survey.nbuckets > 0) {
        text_add(
            out,
            "<p class=\"note\">What lies after the target is shaded: it is lost. Red among the "
            "DDL events: they drop, truncate, or delete or update many rows.</p>\n");
        text_add(out, "<details><summary>The same in numbers</summary>\n");
        report_svg_numbers(d, out);
        text_add(out, "</details>\n");
    }
    text_add(out, "</section>\n");
}

/* All but what stands elsewhere. */
static bool is_elsewhere(const char *label)
{
    static const char *const elsewhere[] = { "next", "trial" };
    for (size_t i = 0; i < sizeof elsewhere / sizeof *elsewhere; i++)
        if (strcmp(elsewhere[i], label) == 0)
            return true;
    return false;
}

static void add_story(const report_document *d, text *out)
{
    const char *label = "";
    html_section("story", "Story", out);
    text_add(out, "<dl class=\"story\">\n");
    for (size_t i = 0; i < d->story.count; i++) {
        const report_line *one = &d->story.items[i];
        if (one->label[0] != '\0')
            label = one->label;
        if (is_elsewhere(label))
            continue;
        if (one->label[0] != '\0') {
            text_add(out, "<dt>");
            html_text(out, one->label);
            text_add(out, "</dt>");
        }
        text_add(out, "<dd>");
        html_text(out, one->line);
        text_add(out, "</dd>\n");
    }
    text_add(out, "</dl>\n</section>\n");
}

void report_html(const report_document *d, text *out)
{
    add_head(d, out);
    add_title(d, out);
    add_verdict(d, out);
    add_nav(d, out);
    add_doubts(d, out);
    add_next(d, out);
    page_who(d, out);
    add_timeline(d, out);
    add_story(d, out);
    page_biography(d, out);
    page_others(d, out);
    page_archive(d, out);
    page_evidence(d, out);
    page_unread(d, out);
    page_footer(d, out);
    text_add(out, "</main>\n</body>\n</html>\n");
}
