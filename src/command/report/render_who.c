/* render_who.c - who did it, as the server's log says: see render.h. How certain that is comes first. */
#include "command/report/render.h"

#include <inttypes.h>

#include "base/plural.h"
#include "base/time_text.h"
#include "command/report/html.h"

static void begin(const char *title, text *out)
{
    text_addf(out, "<dt>%s</dt><dd>", title);
}

static void add_item(const char *title, const char *value, text *out)
{
    if (value == NULL || *value == '\0')
        return;
    begin(title, out);
    html_text(out, value);
    text_add(out, "</dd>\n");
}

static void add_place(const char *title, const char *file, uint64_t line, text *out)
{
    if (file == NULL)
        return;
    begin(title, out);
    html_textf(out, "%s, line %" PRIu64, file, line);
    text_add(out, "</dd>\n");
}

static void add_statement(const who_suspect *who, text *out)
{
    if (who->statement == NULL)
        return;
    text_addf(out, "<p>Its statement, %s:</p>\n<pre tabindex=\"0\">",
              who_certainty_word(who->statement_certainty));
    html_lines(out, who->statement);
    text_add(out, who->is_statement_cut ? "... it goes on\n</pre>\n" : "</pre>\n");
}

static void add_suspect(const who_suspect *who, text *out)
{
    char pid[24] = "", local[TIMEPARSE_TEXT_BYTES];
    if (who->pid != 0)
        (void)snprintf(pid, sizeof pid, "%" PRIu64, who->pid);
    text_addf(out, "<h3>%s</h3>\n<dl class=\"story\">\n",
              who->certainty == WHO_PROVEN ? "Proven" : "Likely");
    add_item("user", who->user, out);
    add_item("database", who->database, out);
    add_item("application", who->application, out);
    add_item("client", who->client, out);
    add_item("session", who->session_id, out);
    add_item("process", pid, out);
    add_item("virtual xid", who->virtual_xid, out);
    if (who->time != WP_TIME_UNKNOWN)
        add_item("logged", time_text_local(who->time, local), out);
    add_item("because", who->reason, out);
    add_place("by", who->file, who->line, out);
    add_place("xid", who->proof_file, who->proof_line, out);
    text_add(out, "</dl>\n");
    add_statement(who, out);
}

void page_who_in_short(const report_document *d, text *out)
{
    const who_answer *who = d->target->who;
    if (who == NULL)
        return;
    text_add(out, "<p class=\"sub\">");
    if (who->count == 0) {
        text_add(out, "who did it: not known");
    } else {
        const who_suspect *one = &who->items[0];
        html_textf(out, "by user \"%s\"", one->user != NULL ? one->user : "?");
        if (one->application != NULL)
            html_textf(out, ", application \"%s\"", one->application);
        if (one->client != NULL)
            html_textf(out, ", from %s", one->client);
        text_add(out,
                 who->certainty == WHO_PROVEN ? " (proven by the log)" : " (likely, by the log)");
        if (who->total > 1)
            text_addf(out, ", or %" PRIu64 " other%s", who->total - 1, plural(who->total - 1));
    }
    text_add(out, "</p>\n");
}

void page_who(const report_document *d, text *out)
{
    const who_answer *who = d->target->who;
    html_section("who", "Who did it", out);
    if (who == NULL) {
        text_add(out,
                 d->target->found->has_xact
                     ? "<p>Nobody was asked: WAL has no names of users. Name the server's log with "
                       "<code>--log</code>.</p>\n</section>\n"
                     : "<p>No transaction was asked for.</p>\n</section>\n");
        return;
    }
    if (who->count == 0) {
        text_add(out, "<p>Not known: ");
        html_text(out, who->reason != NULL ? who->reason : "the log says nothing of it");
        text_add(out, "</p>\n");
    }
    for (size_t i = 0; i < who->count; i++)
        add_suspect(&who->items[i], out);
    if (who->total > who->count)
        text_addf(out, "<p class=\"note\">and %" PRIu64 " more session%s may have done it</p>\n",
                  who->total - who->count, plural(who->total - who->count));
    text_add(out, "</section>\n");
}
