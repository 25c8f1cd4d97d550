/*
 * render_page.c - the parts of the page that are there to be checked: see render.h. Lists have a limit, and say what they leave out.
 */
#include "command/report/render.h"

#include <inttypes.h>
#include <string.h>

#include "base/plural.h"
#include "base/time_text.h"
#include "command/render_biography.h"
#include "command/report/html.h"
#include "scan/rows.h"
#include "scan/unexpected.h"
#include "search/match_lines.h"

#define PROBLEMS_SHOWN 50
#define BACKUPS_SHOWN 20
#define FILES_SHOWN 20
#define BIOGRAPHY_LINES 40
#define TIMELINES_SHOWN 50
#define WINDOWS_SHOWN 20 /* of each backup */
#define NOTES_SHOWN 50
/* Of the line of a record: that of a commit has all that it dropped. */
#define LINE_COLUMNS 8000

static void add_more(uint64_t total, uint64_t shown, const char *what, text *out)
{
    if (total > shown)
        text_addf(out, "<p class=\"note\">and %" PRIu64 " more %s</p>\n", total - shown, what);
}

static void add_time(wp_time time, text *out)
{
    char local[TIMEPARSE_TEXT_BYTES];
    html_text(out, time == WP_TIME_UNKNOWN ? "" : time_text_local(time, local));
}

static void add_lsn(wp_lsn lsn, text *out)
{
    char chars[WP_LSN_TEXT_BYTES];
    text_add(out, lsn != 0 ? wp_lsn_format(lsn, chars) : "");
}

/* ---- the transaction ------------------------------------------------------------------------ */

void page_biography(const report_document *d, text *out)
{
    text told = { 0 };
    if (!d->has_biography)
        return;
    html_section("transaction", "All that the transaction did", out);
    biography_story(&d->biography, d->target->archive, BIOGRAPHY_LINES, &told);
    text_add(out, "<pre tabindex=\"0\">");
    html_lines(out, text_chars(&told));
    text_add(out, "</pre>\n</section>\n");
    out->failed = out->failed || told.failed;
    text_free(&told);
}

/* ---- other events --------------------------------------------------------------------------- */

static void add_event_row(const event_match *match, bool is_here, text *out)
{
    text words = { 0 };
    text_add(&words, match->has_event ? match->event.text : "");
    if (match->has_event) {
        rows_add(&words, &match->event);
        match_add_database(&words, &match->event);
    }
    text_addf(out, "<tr%s><td class=\"time\">", is_here ? " class=\"here\"" : "");
    add_time(match->xact.time, out);
    text_addf(out, "</td><td class=\"num\">%u</td><td class=\"mono\">", match->xact.xid);
    add_lsn(match->xact.lsn, out);
    text_add(out, "</td><td class=\"wide\">");
    html_text(out, text_chars(&words));
    text_add(out, is_here ? " \xE2\x80\x94 this incident</td></tr>\n" : "</td></tr>\n");
    out->failed = out->failed || words.failed;
    text_free(&words);
}

void page_others(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    const uint64_t total = s->near.nbefore + s->near.nafter;
    html_section("others", "Other destructive events", out);
    if (s->damages_total > 0)
        text_add(out, "<p><strong>Not all WAL could be read: there may be more.</strong></p>\n");
    if (total == 0) {
        text_add(
            out,
            "<p>No other transaction in the WAL that was read dropped or truncated anything, or deleted or "
            "updated 1000 rows or more.</p>\n</section>\n");
        return;
    }
    text_addf(out,
              "<p>Others dropped, truncated, or deleted or updated 1000 rows or more: %" PRIu64
              " before the incident, %" PRIu64
              " after it. What was done before it stays done.</p>\n",
              s->near.nbefore, s->near.nafter);
    add_more(s->near.nbefore, survey_before(s), "earlier", out);
    text_add(out, "<div class=\"scroll\"><table><tr><th>committed (local time)</th><th "
                  "class=\"num\">xid</th><th>LSN</th><th>event</th></tr>\n");
    for (size_t i = 0; i < survey_before(s); i++)
        add_event_row(survey_before_at(s, i), false, out);
    if (d->target->found->has_xact)
        add_event_row(&d->target->found->event, true, out);
    for (size_t i = 0; i < survey_after(s); i++)
        add_event_row(&s->near.after[i], false, out);
    text_add(out, "</table></div>\n");
    add_more(s->near.nafter, survey_after(s), "later", out);
    text_add(out, "</section>\n");
}

/* ---- the archive ---------------------------------------------------------------------------- */

static void add_window(const verify_window *w, text *out)
{
    text line = { 0 };
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES], time[TIMEPARSE_TEXT_BYTES];
    if (!w->is_usable) {
        text_addf(&line, "along timeline %u: no recovery: %s", w->tli, w->reason);
    } else {
        text_addf(&line, "along timeline %u: from %s", w->tli, wp_lsn_format(w->from_lsn, from));
        if (w->from_time != WP_TIME_UNKNOWN)
            text_addf(&line, " (%s)", time_text_local(w->from_time, time));
        if (w->last.lsn != 0)
            text_addf(&line, " to the last commit at %s (%s)", wp_lsn_format(w->last.lsn, until),
                      time_text_local(w->last.time, time));
        else
            text_addf(&line, ", no commit up to %s", wp_lsn_format(w->end_lsn, until));
        if (w->reason[0] != '\0')
            text_addf(&line, "; then %s", w->reason);
    }
    text_add(out, "<br>");
    html_text(out, text_chars(&line));
    text_free(&line);
}

static void add_windows(const verification *v, size_t of, text *out)
{
    size_t total = 0;
    for (size_t i = 0; i < v->nwindows; i++)
        if (v->windows[i].backup == of && ++total <= WINDOWS_SHOWN)
            add_window(&v->windows[i], out);
    if (total > WINDOWS_SHOWN)
        text_addf(out, "<br>and along %zu more timelines", total - WINDOWS_SHOWN);
}

static void add_backups(const verification *v, text *out)
{
    text_add(out, "<h3>Base backups</h3>\n");
    if (v->nbackups == 0)
        text_add(out, "<p>None is known: no .backup file here, no --backup. WAL alone cannot be "
                      "restored.</p>\n");
    const size_t first = v->nbackups > BACKUPS_SHOWN ? v->nbackups - BACKUPS_SHOWN : 0;
    if (first > 0)
        text_addf(out, "<p class=\"note\">and %zu older ones</p>\n", first);
    text_add(out, v->nbackups > 0 ? "<ul>\n" : "");
    for (size_t i = first; i < v->nbackups; i++) {
        const verify_backup *one = &v->backups[i];
        char lsn[WP_LSN_TEXT_BYTES];
        text_add(out, "<li>");
        html_textf(out, "'%s' of %s: from %s on timeline %u", one->label.label, one->path,
                   wp_lsn_format(one->label.start_lsn, lsn), one->label.timeline);
        add_windows(v, i, out);
        text_add(out, "</li>\n");
    }
    text_add(out, v->nbackups > 0 ? "</ul>\n" : "");
}

static void add_problems(const verification *v, text *out)
{
    size_t shown = 0;
    if (v->problems_total > 0)
        text_add(out, "<h3>Problems</h3>\n<ul>\n");
    for (; shown < v->nproblems && shown < PROBLEMS_SHOWN; shown++) {
        const verify_problem *one = &v->problems[shown];
        text_add(out, "<li>");
        html_textf(out, "%s: %s", verify_kind_name(one->kind), one->text);
        text_add(out, "</li>\n");
    }
    if (v->problems_total > 0)
        text_add(out, "</ul>\n");
    add_more(v->problems_total, shown, "problems: see pitr-find verify", out);
}

static void add_timelines(const verification *v, text *out)
{
    text_add(out,
             "<div class=\"scroll\"><table><tr><th>timeline</th><th class=\"num\">segments</th><th>"
             "from</th><th>to</th><th class=\"num\">commits</th><th>last commit (local "
             "time)</th></tr>\n");
    const size_t first = v->ntimelines > TIMELINES_SHOWN ? v->ntimelines - TIMELINES_SHOWN : 0;
    for (size_t i = first; i < v->ntimelines; i++) {
        const verify_timeline *t = &v->timelines[i];
        text_addf(out, "<tr><td>%u</td><td class=\"num\">%zu</td><td class=\"mono\">", t->tli,
                  t->segments);
        add_lsn(t->start_lsn, out);
        text_add(out, "</td><td class=\"mono\">");
        add_lsn(t->end_lsn, out);
        text_addf(out, "</td><td class=\"num\">%" PRIu64 "</td><td class=\"time\">", t->commits);
        add_time(t->last.lsn != 0 ? t->last.time : WP_TIME_UNKNOWN, out);
        text_add(out, "</td></tr>\n");
    }
    text_add(out, "</table></div>\n");
    add_more(v->ntimelines, v->ntimelines - first, "timelines before these", out);
}

void page_archive(const report_document *d, text *out)
{
    const verification *v = &d->verification;
    html_section("archive", "Health of the archive", out);
    if (v->problems_total == 0)
        text_addf(out, "<p><strong>Whole.</strong> All WAL of every timeline was read, with all "
                       "checksums.</p>\n");
    else
        text_addf(out,
                  "<p><strong>Not whole: %" PRIu64
                  " problem%s.</strong> All WAL of every timeline was "
                  "read, with all checksums.</p>\n",
                  v->problems_total, plural(v->problems_total));
    add_timelines(v, out);
    add_problems(v, out);
    add_backups(v, out);
    size_t notes = 0;
    for (; notes < v->notes.count && notes < NOTES_SHOWN; notes++) {
        text_add(out, "<p class=\"note\">");
        html_text(out, v->notes.items[notes]);
        text_add(out, "</p>\n");
    }
    add_more(v->notes.count, notes, "notes: see pitr-find verify", out);
    text_add(out, "</section>\n");
}

/* ---- evidence ------------------------------------------------------------------------------- */

/* As hexdump -C has it. */
static void add_hex(const evidence_record *one, text *out)
{
    for (size_t at = 0; at < one->nbytes; at += 16) {
        const size_t n = one->nbytes - at < 16 ? one->nbytes - at : 16;
        char chars[17] = "";
        text_addf(out, "%04zx  ", at);
        for (size_t i = 0; i < 16; i++) {
            if (i < n)
                text_addf(out, "%02x ", one->bytes[at + i]);
            else
                text_add(out, "   ");
            text_add(out, i == 7 ? " " : "");
        }
        for (size_t i = 0; i < n; i++) {
            const uint8_t byte = one->bytes[at + i];
            chars[i] = byte >= 0x20 && byte < 0x7F ? (char)byte : '.';
        }
        text_add(out, " ");
        html_text(out, chars);
        text_add(out, "\n");
    }
    if (one->bytes_total > one->nbytes)
        text_addf(out, "and %u more bytes\n", one->bytes_total - one->nbytes);
}

static void add_line(const char *line, text *out)
{
    const size_t len = strlen(line), shown = text_fitting(line, len, LINE_COLUMNS);
    text part = { 0 };
    text_add_bytes(&part, line, shown);
    html_text(out, text_chars(&part));
    if (len > shown)
        text_addf(out, " ... and %zu more characters: see pitr-find dump", len - shown);
    out->failed = out->failed || part.failed;
    text_free(&part);
}

static void add_record(const evidence_record *one, text *out)
{
    text_add(out, "<details><summary class=\"mono\">");
    add_line(one->line, out);
    text_add(out, "</summary>\n<p class=\"note\">");
    html_textf(out, "%s, byte %" PRIu64 " of the segment, %u byte%s long",
               one->path != NULL ? one->path : "no file", one->offset, one->bytes_total,
               plural(one->bytes_total));
    text_add(out, "</p>\n<pre tabindex=\"0\">");
    add_hex(one, out);
    text_add(out, "</pre></details>\n");
}

void page_evidence(const report_document *d, text *out)
{
    const evidence *e = &d->evidence;
    html_section("evidence", "Evidence: the records", out);
    text_addf(out,
              "<p>%" PRIu64
              " record%s in the WAL, as pg_waldump prints %s. Open one for the file it lies "
              "in and its bytes.</p>\n",
              e->total, plural(e->total), e->total == 1 ? "it" : "them");
    for (size_t i = 0; i < e->count; i++) {
        if (i == EVIDENCE_FIRST && e->total > e->count)
            add_more(e->total, e->count, "records between", out);
        add_record(&e->items[i], out);
    }
    text_add(out, "</section>\n");
}

/* ---- what was not read ---------------------------------------------------------------------- */

static void add_unexpected(const report_document *d, text *out)
{
    text_list lines = { 0 };
    unexpected_warn(&d->survey.unexpected, d->target->archive->info.profile, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        text_add(out, "<li>");
        html_text(out, lines.items[i]);
        text_add(out, "</li>\n");
    }
    text_list_free(&lines);
}

void page_unread(const report_document *d, text *out)
{
    const survey *s = &d->survey;
    html_section("unread", "What was not read", out);
    if (s->damages_total == 0 && s->unexpected.total == 0) {
        text_add(out, "<p>All WAL from <code>");
        add_lsn(s->start_lsn, out);
        text_add(out, "</code> to <code>");
        add_lsn(s->end_lsn, out);
        text_add(out,
                 "</code> was read; none is missing or damaged, and each record is of a kind that "
                 "its major writes.</p>\n</section>\n");
        return;
    }
    text_add(out, "<ul>\n");
    for (size_t i = 0; i < s->ndamages; i++) {
        text_add(out, "<li>");
        html_text(out, s->damages[i].text);
        text_add(out, "</li>\n");
    }
    add_unexpected(d, out);
    text_add(out, "</ul>\n");
    add_more(s->damages_total, s->ndamages, "places", out);
    if (s->timeless > 0)
        text_addf(out,
                  "<p>%" PRIu64 " transaction%s ended at a time that no calendar has: not in the "
                  "timeline.</p>\n",
                  s->timeless, plural(s->timeless));
    text_add(out, "</section>\n");
}

/* ---- inputs --------------------------------------------------------------------------------- */

void page_footer(const report_document *d, text *out)
{
    const input_list *list = &d->inputs;
    html_section("inputs", "What this report was made of", out);
    text_addf(
        out,
        "<p>%zu file%s, %" PRIu64 " bytes. The SHA-256 of each is in manifest.json beside this "
        "report; <code>pitr-find report --verify manifest.json SOURCE</code> says whether they are "
        "still the same.</p>\n<div class=\"scroll\"><table><tr><th>kind</th><th>file</th><th "
        "class=\"num\">bytes</th><th>SHA-256</th></tr>\n",
        list->count, plural(list->count), input_list_bytes(list));
    size_t shown = 0;
    for (; shown < list->count && shown < FILES_SHOWN; shown++) {
        const input_file *one = &list->items[shown];
        char hex[SHA256_TEXT_BYTES];
        text_addf(out, "<tr><td>%s</td><td class=\"wide\">", input_kind_word(one->kind));
        html_text(out, one->path);
        text_addf(out, "</td><td class=\"num\">%" PRIu64 "</td><td class=\"mono\">%s</td></tr>\n",
                  one->size, sha256_text(one->digest, hex));
    }
    text_add(out, "</table></div>\n");
    add_more(list->count, shown, "files", out);
    text_addf(out, "</section>\n<footer>Made by pitr-find %s, libwalparse %s.</footer>\n",
              PITR_FIND_VERSION, wp_version());
}
