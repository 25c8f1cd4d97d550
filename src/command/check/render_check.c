/* render_check.c - verdicts for people, as one JSON object, and for Nagios. See check.h. */
#include "command/check/check.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/plural.h"

#define COLUMNS 80
#define INDENT 10 /* of what belongs to a verdict */
#define LABEL 8

/* ---- for people ----------------------------------------------------------------------------- */

/* Words from a column on, in lines that fit. */
static void add_wrapped(text *out, const char *words, size_t indent, size_t column)
{
    while (*words != '\0') {
        const size_t word = strcspn(words, " "), columns = text_columns(words, word);
        if (column > indent && column + 1 + columns > COLUMNS) {
            text_addf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            text_add(out, " ");
            column++;
        }
        text_add_bytes(out, words, word);
        column += columns;
        words += word + strspn(words + word, " ");
    }
    text_add(out, "\n");
}

static void add_visible_wrapped(text *out, const char *words, size_t indent, size_t column)
{
    text visible = { 0 };
    text_add_visible(&visible, words);
    add_wrapped(out, text_chars(&visible), indent, column);
    out->failed |= visible.failed;
    text_free(&visible);
}

static void add_label(text *out, const char *label)
{
    text_addf(out, "%*s%-*s", INDENT, "", LABEL, label);
}

/* "name: what", and of "name is off" no more than that. */
static void add_words(text *out, const verdict *one)
{
    const char *name = check_topic_name(one->topic), *what = text_chars(&one->what);
    if (strncmp(what, name, strlen(name)) != 0)
        text_addf(out, "%s: ", name);
    text_add_visible(out, what);
}

/* What is all right takes one line. */
static void add_line(text *out, const char *words)
{
    const size_t len = strlen(words), room = COLUMNS - INDENT;
    const bool fits = text_columns(words, len) <= room;
    text_add_bytes(out, words, fits ? len : text_fitting(words, len, room - 3));
    text_add(out, fits ? "\n" : "...\n");
}

static void add_verdict(text *out, const verdict *one)
{
    text words = { 0 };
    text_addf(out, "%-*s", INDENT, verdict_level_name(one->level));
    add_words(&words, one);
    if (one->level == VERDICT_OK)
        add_line(out, text_chars(&words));
    else
        add_wrapped(out, text_chars(&words), INDENT, INDENT);
    text_free(&words);
    if (one->why.len > 0) {
        add_label(out, "why");
        add_wrapped(out, text_chars(&one->why), INDENT + LABEL, INDENT + LABEL);
    }
    for (size_t i = 0; i < one->change.count; i++) {
        add_label(out, i == 0 ? "change" : "");
        text_add_visible(out, one->change.items[i]);
        text_add(out, "\n");
    }
}

static const char *version_of(const check *c)
{
    const char *version = answer_value(&c->server.answers[ASK_SERVER], 0, 0);
    return version != NULL ? version : "?";
}

static void add_server(const check *c, text *out)
{
    const server_facts *f = &c->server;
    text words = { 0 };
    text_addf(&words, "PostgreSQL %s", version_of(c));
    if (f->system_identifier != 0)
        text_addf(&words, ", cluster %" PRIu64, f->system_identifier);
    if (f->tli != 0)
        text_addf(&words, ", timeline %u", f->tli);
    text_addf(&words, "%s, asked as %s%s", f->in_recovery ? ", a standby" : "", f->user,
              f->is_superuser ? " (superuser)" : "");
    text_addf(out, "%-*s", INDENT, "server");
    add_visible_wrapped(out, text_chars(&words), INDENT, INDENT);
    text_free(&words);
}

/* "1 critical, 2 warnings": of what is not all right; "" where all is. */
static void add_counts(const check *c, text *out)
{
    static const char *const plurals[VERDICT_LEVELS] = {
        [VERDICT_WARNING] = "warnings",
    };
    for (int level = VERDICT_CRITICAL; level > VERDICT_NOTE; level--) {
        const size_t n = verdicts_count(&c->found, (verdict_level)level);
        if (n == 0)
            continue;
        const char *name = verdict_level_name((verdict_level)level);
        text_addf(out, "%s%zu %s", out->len > 0 ? ", " : "", n,
                  n > 1 && plurals[level] != NULL ? plurals[level] : name);
    }
}

static void add_result(const check *c, text *out)
{
    text counts = { 0 };
    const size_t fine = verdicts_count(&c->found, VERDICT_OK),
                 notes = verdicts_count(&c->found, VERDICT_NOTE);
    add_counts(c, &counts);
    text_addf(out, "%-*s%s%s%zu ok", INDENT, "result", text_chars(&counts),
              counts.len > 0 ? ", " : "", fine);
    if (notes > 0)
        text_addf(out, ", %zu note%s", notes, plural(notes));
    text_add(out, "\n");
    text_free(&counts);
}

void render_check_table(const check *c, text *out)
{
    add_server(c, out);
    for (size_t i = 0; i < c->found.count; i++)
        add_verdict(out, &c->found.items[i]);
    add_result(c, out);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static const struct {
    const char *name; /* for Nagios */
    const char *key;  /* for JSON */
    const char *unit; /* of Nagios */
    int decimals;
} metric_rows[METRICS] = {
    [METRIC_BACKUP_AGE] = { "backup_age", "backup_age_seconds", "s", 0 },
    [METRIC_WINDOW] = { "window", "window_seconds", "s", 0 },
    [METRIC_ARCHIVE_AGE] = { "archive_age", "archive_age_seconds", "s", 0 },
    [METRIC_ARCHIVE_WAITING] = { "archive_waiting", "archive_waiting_segments", "", 0 },
    [METRIC_ARCHIVE_LAG] = { "archive_lag", "archive_lag_bytes", "B", 0 },
    [METRIC_SLOT_WAL] = { "slot_wal", "slot_wal_bytes", "B", 0 },
    [METRIC_SWITCH] = { "switch", "switch_seconds", "s", 3 },
    [METRIC_CLOCK_OFFSET] = { "clock_offset", "clock_offset_seconds", "s", 3 },
};

/* The worst level that counts. */
static verdict_level worst(const check *c)
{
    for (int level = VERDICT_CRITICAL; level > VERDICT_NOTE; level--)
        if (verdicts_count(&c->found, (verdict_level)level) > 0)
            return (verdict_level)level;
    return VERDICT_OK;
}

static void json_verdict(const verdict *one, text *out)
{
    text_addf(out, "{\"name\":\"%s\",\"level\":\"%s\",", check_topic_name(one->topic),
              verdict_level_name(one->level));
    json_string(out, "what", text_chars(&one->what));
    text_add(out, ",");
    json_string(out, "why", text_chars(&one->why));
    text_add(out, ",\"change\":[");
    for (size_t i = 0; i < one->change.count; i++) {
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, one->change.items[i]);
    }
    text_add(out, "]}");
}

static void json_server(const check *c, text *out)
{
    const server_facts *f = &c->server;
    text id = { 0 };
    if (f->system_identifier != 0)
        text_addf(&id, "%" PRIu64, f->system_identifier);
    text_add(out, "\"server\":{");
    json_string(out, "version", version_of(c));
    text_add(out, ",");
    json_string(out, "system_identifier", text_chars(&id));
    text_add(out, ",");
    json_number(out, "timeline", f->tli);
    text_addf(out, ",\"in_recovery\":%s,", f->in_recovery ? "true" : "false");
    json_string(out, "user", f->user);
    text_addf(out, ",\"superuser\":%s,", f->is_superuser ? "true" : "false");
    json_lsn(out, "lsn", f->lsn);
    text_add(out, ",");
    json_time(out, "time", f->clock);
    text_add(out, "}");
    text_free(&id);
}

void render_check_json(const check *c, text *out)
{
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\"status\":\"%s\",\n ",
              PITR_FIND_VERSION, verdict_level_name(worst(c)));
    json_server(c, out);
    text_add(out, ",\n \"metrics\":{");
    for (int i = 0; i < METRICS; i++) {
        text_addf(out, "%s\"%s\":", i > 0 ? "," : "", metric_rows[i].key);
        if (c->has_metric[i])
            text_addf(out, "%.*f", metric_rows[i].decimals, c->metrics[i]);
        else
            text_add(out, "null");
    }
    text_add(out, "},\n \"findings\":[");
    for (size_t i = 0; i < c->found.count; i++) {
        text_add(out, i > 0 ? ",\n  " : "\n  ");
        json_verdict(&c->found.items[i], out);
    }
    text_add(out, "]}\n");
}

/* ---- Nagios --------------------------------------------------------------------------------- */

/* In one line, without the bar that begins performance data. */
static void add_plugin_words(text *out, const verdict *one)
{
    text words = { 0 };
    add_words(&words, one);
    for (const char *at = text_chars(&words); *at != '\0'; at++)
        text_add_bytes(out, *at == '|' ? "/" : at, 1);
    out->failed |= words.failed;
    text_free(&words);
}

static void add_performance(const check *c, text *out)
{
    bool is_first = true;
    for (int i = 0; i < METRICS; i++) {
        if (!c->has_metric[i])
            continue;
        text_addf(out, "%s%s=%.*f%s", is_first ? " | " : " ", metric_rows[i].name,
                  metric_rows[i].decimals, c->metrics[i], metric_rows[i].unit);
        is_first = false;
        if (i == METRIC_BACKUP_AGE)
            text_addf(out, ";%" PRId64, c->max_backup_age);
        if (i == METRIC_ARCHIVE_AGE)
            text_addf(out, ";%" PRId64, c->max_archive_lag);
    }
    text_add(out, "\n");
}

void render_check_nagios(const check *c, text *out)
{
    static const char *const states[VERDICT_LEVELS] = {
        [VERDICT_OK] = "OK",
        [VERDICT_UNKNOWN] = "UNKNOWN",
        [VERDICT_WARNING] = "WARNING",
        [VERDICT_CRITICAL] = "CRITICAL",
    };
    const verdict_level level = worst(c);
    text counts = { 0 };
    text_addf(out, "PITR %s - ", states[level]);
    add_counts(c, &counts);
    if (level == VERDICT_OK) {
        text_addf(out, "%zu ok", verdicts_count(&c->found, VERDICT_OK));
    } else {
        text_addf(out, "%s: ", text_chars(&counts));
        add_plugin_words(out, &c->found.items[0]);
    }
    add_performance(c, out);
    text_free(&counts);
    for (size_t i = 0; i < c->found.count; i++) {
        const verdict *one = &c->found.items[i];
        text_addf(out, "%s ", verdict_level_name(one->level));
        add_plugin_words(out, one);
        text_add(out, "\n");
    }
}
