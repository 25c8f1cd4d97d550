/* who_words.c - see who_words.h. */
#include "server_log/who_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* Of a statement, for people. */
#define STATEMENT_COLUMNS 300

/* ---- JSON ------------------------------------------------------------------------------------ */

static void add_certainty(text *out, const char *key, who_certainty certainty)
{
    text_addf(out, "\"%s\":\"%s\"", key, who_certainty_word(certainty));
}

static void add_suspect(const who_suspect *who, text *out)
{
    const struct {
        const char *key, *value;
    } texts[] = {
        { "reason", who->reason },           { "user", who->user },
        { "database", who->database },       { "application", who->application },
        { "client", who->client },           { "session_id", who->session_id },
        { "virtual_xid", who->virtual_xid },
    };
    text_add(out, "{");
    add_certainty(out, "certainty", who->certainty);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        text_add(out, ",");
        json_string(out, texts[i].key, texts[i].value);
    }
    text_add(out, ",");
    json_number(out, "pid", who->pid);
    text_add(out, ",");
    json_time(out, "time", who->time);
    text_add(out, ",");
    json_string(out, "statement", who->statement);
    text_add(out, ",");
    add_certainty(out, "statement_certainty", who->statement_certainty);
    text_addf(out, ",\"statement_is_cut\":%s,\"statements\":%" PRIu64 ",",
              who->is_statement_cut ? "true" : "false", who->statements);
    json_string(out, "file", who->file);
    text_add(out, ",");
    json_number(out, "line", who->line);
    text_add(out, ",");
    json_string(out, "xid_file", who->proof_file);
    text_add(out, ",");
    json_number(out, "xid_line", who->proof_line);
    text_add(out, "}");
}

void who_json(const who_answer *answer, text *out)
{
    text_add(out, "{");
    add_certainty(out, "certainty", answer->certainty);
    text_add(out, ",");
    json_string(out, "reason", answer->reason);
    text_addf(out, ",\"total\":%" PRIu64 ",\"sessions\":[", answer->total);
    for (size_t i = 0; i < answer->count; i++) {
        text_add(out, i > 0 ? "," : "");
        add_suspect(&answer->items[i], out);
    }
    text_add(out, "]}");
}

/* ---- for people ------------------------------------------------------------------------------ */

static void add_part(text *line, const char *what, const char *value, const char *quote)
{
    if (value == NULL)
        return;
    text_addf(line, "%s%s%s", line->len > 0 ? ", " : "", what, quote);
    text_add(line, value);
    text_add(line, quote);
}

static void keep(text *line, text_list *out)
{
    text_list_addf(out, "%s", text_chars(line));
    text_clear(line);
}

static void add_place(text *line, const char *file, uint64_t line_number)
{
    if (file != NULL)
        text_addf(line, " (%s:%" PRIu64 ")", file, line_number);
}

/* On one line, and no more of it than can be read at a glance. */
static void add_statement(text *line, const who_suspect *who)
{
    size_t columns = 0;
    const char *at = who->statement;
    for (; *at != '\0' && columns < STATEMENT_COLUMNS; at++) {
        const bool is_blank = strchr(" \t\r\n", *at) != NULL;
        if (is_blank && (columns == 0 || strchr(" \t\r\n", at[1]) != NULL))
            continue;
        text_add_bytes(line, is_blank ? " " : at, 1);
        columns += ((unsigned char)*at & 0xC0) != 0x80;
    }
    while (((unsigned char)*at & 0xC0) == 0x80) /* the rest of a character */
        text_add_bytes(line, at++, 1);
    if (*at != '\0' || who->is_statement_cut)
        text_add(line, " ...");
}

static void add_session(const who_suspect *who, text_list *out)
{
    text line = { 0 };
    char pid[24];
    (void)snprintf(pid, sizeof pid, "%" PRIu64, who->pid);
    add_part(&line, "user ", who->user, "\"");
    add_part(&line, "database ", who->database, "\"");
    add_part(&line, "application ", who->application, "\"");
    add_part(&line, "from ", who->client, "");
    add_part(&line, "session ", who->session_id, "");
    add_part(&line, "pid ", who->pid != 0 ? pid : NULL, "");
    keep(&line, out);
    text_addf(&line, "%s: %s", who_certainty_word(who->certainty), who->reason);
    if (who->proof_file != NULL)
        add_place(&line, who->proof_file, who->proof_line);
    keep(&line, out);
    if (who->statement != NULL) {
        text_addf(&line,
                  "statement%s: ", who->statement_certainty < who->certainty ? ", likely" : "");
        add_statement(&line, who);
        add_place(&line, who->file, who->line);
        keep(&line, out);
    }
    text_free(&line);
}

void who_lines(const who_answer *answer, text_list *out)
{
    if (answer->count == 0)
        text_list_addf(out, "not known: %s", answer->reason != NULL ? answer->reason : "");
    else if (answer->total > 1)
        text_list_addf(out, "%" PRIu64 " sessions may have done it%s", answer->total,
                       answer->total > answer->count ? ", of which are told:" : ":");
    for (size_t i = 0; i < answer->count; i++)
        add_session(&answer->items[i], out);
}
