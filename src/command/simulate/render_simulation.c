/*
 * render_simulation.c - the result of `simulate` as text and as JSON.
 */
#include "command/simulate/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
static const char *const levels[] = {
    [FINDING_NOTE] = "note",
    [FINDING_WARNING] = "warning",
    [FINDING_ELSEWHERE] = "wrong",
    [FINDING_FATAL] = "fatal",
};

static const char *const outcomes[] = {
    [WP_STOP_STOPS] = "stops",
    [WP_STOP_ENDS] = "ends",
    [WP_STOP_WAITS] = "waits",
    [WP_STOP_PAUSES_LOW] = "pauses",
    [WP_STOP_FATAL_EARLY] = "fatal",
    [WP_STOP_FATAL_NEVER] = "fatal",
    [WP_STOP_FATAL_BACKUP_CUT] = "fatal",
    [WP_STOP_FATAL_LOW] = "fatal",
    [WP_STOP_FATAL_MINIMAL] = "fatal",
};

static const char *const ends[] = {
    [WP_XACT_COMMIT] = "COMMIT",
    [WP_XACT_ABORT] = "ABORT",
    [WP_XACT_COMMIT_PREPARED] = "COMMIT PREPARED",
    [WP_XACT_ABORT_PREPARED] = "ROLLBACK PREPARED",
};

/* "refused" when the server does not even begin. */
static const char *outcome_word(const simulation *s)
{
    return s->result != NULL ? outcomes[s->result->outcome] : "refused";
}

/* What lies at the stop: an end of a transaction, a restore point ... */
static void add_record_words(const simulation *s, text *out)
{
    const wp_stop_result *r = s->result;
    char name[WP_RMGR_NAME_BYTES];
    if (r->has_xact)
        text_addf(out, "%s of transaction %u", ends[r->op], r->xid);
    else if (s->config.kind == WP_STOP_AT_NAME)
        text_add(out, "restore point");
    else if (s->config.kind == WP_STOP_IMMEDIATE)
        text_add(out, "end of the backup");
    else if (r->has_record)
        text_addf(out, "record of %s", wp_rmgr_name(r->rmid, name));
    else
        text_add(out, "record");
}

/* ---- text ----------------------------------------------------------------------------------- */

static void add_word(text *out, const char *word)
{
    text_addf(out, "  %-12s", word);
}

static void add_settings(const simulation *s, text *out)
{
    text_addf(out, "PostgreSQL %s, ", s->profile->major);
    if (s->recovery.target == NULL) {
        text_add(out, "no recovery target");
    } else {
        text_addf(out, "%s = ", s->recovery.target);
        text_add_conf(out, s->recovery.value);
        if (s->config.kind == WP_STOP_AT_LSN || s->config.kind == WP_STOP_AT_XID
            || s->config.kind == WP_STOP_AT_TIME)
            text_addf(out, ", inclusive = %s", s->config.inclusive ? "true" : "false");
    }
    if (s->timeline != 0)
        text_addf(out, ", along timeline %u", s->timeline);
    text_add(out, "\n");
}

static void add_xact(text *out, const char *word, const simulated_xact *xact)
{
    const char *deed = text_chars(&xact->lines);
    for (size_t i = 0; i < xact->count; i++, deed += strlen(deed) + 1) {
        add_word(out, i == 0 ? word : "");
        text_add_visible(out, deed);
        text_add(out, "\n");
    }
    if (xact->total > xact->count) {
        add_word(out, "");
        text_addf(out, "... and %" PRIu64 " more\n", xact->total - xact->count);
    }
}

static void add_stop(const simulation *s, text *out)
{
    const wp_stop_result *r = s->result;
    char reason[WP_STOP_TEXT_BYTES], a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES],
        time[WP_TIME_TEXT_BYTES];
    if (r->outcome == WP_STOP_STOPS) {
        add_word(out, "stops");
        text_add_visible(out, wp_stop_reason(&s->config, r, reason));
        text_add(out, "\n");
    }
    if (r->outcome == WP_STOP_STOPS || r->outcome == WP_STOP_FATAL_EARLY) {
        add_word(out, "at");
        add_record_words(s, out);
        text_addf(out, " at %s: %s, and nothing from %s on\n", wp_lsn_format(r->lsn, a),
                  r->is_applied ? "applied" : "not applied", wp_lsn_format(r->next_lsn, b));
        if (r->has_xact) {
            add_word(out, "");
            text_addf(out, "it ended %s\n", wp_time_format(r->time, time));
        }
    } else if (r->outcome == WP_STOP_ENDS || r->outcome == WP_STOP_WAITS) {
        add_word(out, r->outcome == WP_STOP_ENDS ? "ends" : "waits");
        text_addf(out, "where the WAL ends, at %s\n", wp_lsn_format(r->next_lsn, a));
    } else if (r->outcome == WP_STOP_PAUSES_LOW) {
        add_word(out, "pauses");
        text_addf(out, "at a change of parameters, at %s\n", wp_lsn_format(r->lsn, a));
    }
}

/* What cannot be read after the stop may hold more transactions. */
static bool may_lose_more(const simulation *s)
{
    return s->scan != NULL
           && scan_is_damaged_after(s->scan, s->result->next_lsn, s->archive->info.segment_size);
}

static void add_balance(const simulation *s, text *out)
{
    const wp_stop_result *r = s->result;
    char time[WP_TIME_TEXT_BYTES];
    add_word(out, "keeps");
    text_addf(out, "%" PRIu64 " transaction%s since the backup began", r->kept,
              r->kept == 1 ? "" : "s");
    if (r->last_xid != 0)
        text_addf(out, ", the last one %u, committed %s", r->last_xid,
                  wp_time_format(r->last_time, time));
    text_add(out, "\n");
    add_word(out, "loses");
    text_addf(out, "%s%" PRIu64 " transaction%s\n", may_lose_more(s) ? "at least " : "", r->lost,
              r->lost == 1 ? "" : "s");
    for (size_t i = 0; i < r->nin_doubt; i++) {
        add_word(out, i == 0 ? "in doubt" : "");
        text_addf(out, "transaction %u, with its locks: ROLLBACK PREPARED ", r->in_doubt[i].xid);
        text_add(out, "'");
        for (const char *c = r->in_doubt[i].gid; *c != '\0'; c++) {
            const char one[3] = { *c, *c == '\'' ? *c : '\0', '\0' };
            text_add_visible(out, one);
        }
        text_add(out, "'\n");
    }
    if (r->has_more_in_doubt) {
        add_word(out, "");
        text_add(out, "... and more\n");
    }
}

static void add_backup(const simulation *s, text *out)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (!s->has_backup)
        return;
    add_word(out, "backup");
    text_addf(out, "starts at %s on timeline %u", wp_lsn_format(s->start, lsn),
              s->backup.label.timeline);
    if (s->result->backup_end != 0)
        text_addf(out, ", ends at %s", wp_lsn_format(s->result->backup_end, lsn));
    text_add(out, " (");
    text_add_visible(out, s->backup.path);
    text_add(out, ")\n");
}

static void add_findings_text(const simulation *s, text *out)
{
    for (size_t i = 0; i < s->findings.count; i++) {
        add_word(out, levels[s->findings.items[i].level]);
        text_add_visible(out, s->findings.items[i].text);
        text_add(out, "\n");
    }
}

static void render_text(const simulation *s, text *out)
{
    char buf[WP_STOP_TEXT_BYTES];
    const char *fatal = simulation_fatal(s, buf);
    add_settings(s, out);
    if (fatal[0] != '\0') {
        add_word(out, "FATAL");
        text_add_visible(out, fatal);
        text_add(out, "\n");
    }
    if (s->result != NULL) {
        const bool is_served = s->result->outcome <= WP_STOP_ENDS;
        add_stop(s, out);
        if (is_served) {
            add_word(out, "then");
            text_addf(out, "the server %s\n",
                      s->result->outcome == WP_STOP_ENDS ? recovery_then_words[RECOVERY_PROMOTES]
                                                         : recovery_then_words[s->recovery.then]);
            add_balance(s, out);
            if (s->is_last_at_stop)
                add_xact(out, "applied", &s->last);
            add_xact(out, "not applied", &s->next);
        }
        add_backup(s, out);
    }
    add_findings_text(s, out);
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static void add_xid(text *out, const char *key, wp_xid xid)
{
    if (xid == 0)
        text_addf(out, "\"%s\":null", key);
    else
        text_addf(out, "\"%s\":%u", key, xid);
}

static void add_xact_json(text *out, const char *key, const simulated_xact *xact)
{
    const char *deed = text_chars(&xact->lines);
    text_addf(out, "\"%s\":[", key);
    for (size_t i = 0; i < xact->count; i++, deed += strlen(deed) + 1) {
        text_add(out, i > 0 ? "," : "");
        text_add_json(out, deed);
    }
    text_add(out, "]");
}

static void add_stop_json(const simulation *s, text *out)
{
    const wp_stop_result *r = s->result;
    char reason[WP_STOP_TEXT_BYTES], name[WP_RMGR_NAME_BYTES];
    static const simulated_xact none;
    text_add(out, "\"stop\":{");
    json_lsn(out, "record_lsn",
             r->outcome == WP_STOP_ENDS || r->outcome == WP_STOP_WAITS ? 0 : r->lsn);
    text_addf(out, ",\"applied\":%s,", r->is_applied ? "true" : "false");
    json_lsn(out, "stops_before_lsn", r->next_lsn);
    text_add(out, ",");
    json_string(out, "record",
                r->has_xact     ? ends[r->op]
                : r->has_record ? wp_rmgr_name(r->rmid, name)
                                : NULL);
    text_add(out, ",");
    add_xid(out, "xid", r->has_xact ? r->xid : 0);
    text_add(out, ",");
    json_time(out, "time", r->has_xact ? r->time : WP_TIME_UNKNOWN);
    text_add(out, ",");
    json_string(out, "reason", wp_stop_reason(&s->config, r, reason));
    text_add(out, "},\n ");
    text_addf(out, "\"keeps\":{\"transactions\":%" PRIu64 ",", r->kept);
    add_xid(out, "last_xid", r->last_xid);
    text_add(out, ",");
    json_time(out, "last_commit_time", r->last_time);
    text_addf(out, "},\"loses\":{\"transactions\":%" PRIu64 "},\n ", r->lost);
    add_xact_json(out, "applied_at_stop", s->is_last_at_stop ? &s->last : &none);
    text_add(out, ",");
    add_xact_json(out, "not_applied", &s->next);
    text_add(out, ",\n \"in_doubt\":[");
    for (size_t i = 0; i < r->nin_doubt; i++) {
        text_addf(out, "%s{\"xid\":%u,", i > 0 ? "," : "", r->in_doubt[i].xid);
        json_string(out, "gid", r->in_doubt[i].gid);
        text_add(out, "}");
    }
    text_add(out, "],\n ");
}

static void add_backup_json(const simulation *s, text *out)
{
    text_add(out, "\"backup\":");
    if (s->result == NULL) {
        text_add(out, "null,\n ");
        return;
    }
    text_add(out, "{");
    json_string(out, "label", s->has_backup ? s->backup.path : NULL);
    text_addf(out, ",\"assumed\":%s,", s->has_backup ? "false" : "true");
    json_lsn(out, "start_lsn", s->start);
    text_add(out, ",");
    json_lsn(out, "stop_lsn", s->result->backup_end);
    text_add(out, "},\n ");
}

static void add_target_json(const simulation *s, text *out)
{
    text_add(out, "\"target\":{");
    json_string(out, "setting", s->recovery.target);
    text_add(out, ",");
    json_string(out, "value", s->recovery.value);
    text_addf(out,
              ",\"inclusive\":%s,\"timeline\":", s->recovery.stop.inclusive ? "true" : "false");
    if (s->timeline != 0)
        text_addf(out, "%u},\n ", s->timeline);
    else
        text_add(out, "null},\n ");
}

static void render_json_object(const simulation *s, text *out)
{
    char buf[WP_STOP_TEXT_BYTES];
    const bool is_served = s->result != NULL && s->result->outcome == WP_STOP_STOPS;
    const bool is_ended = s->result != NULL && s->result->outcome == WP_STOP_ENDS;
    text_addf(out, "{\"tool\":\"pitr-find\",\"version\":\"%s\",\"major\":%s,\n ", PITR_FIND_VERSION,
              s->profile->major);
    add_target_json(s, out);
    text_addf(out, "\"outcome\":\"%s\",\"as_asked\":%s,", outcome_word(s),
              simulation_is_as_asked(s) ? "true" : "false");
    json_string(out, "fatal", simulation_fatal(s, buf));
    text_add(out, ",");
    json_string(out, "then",
                is_ended    ? recovery_then_words[RECOVERY_PROMOTES]
                : is_served ? recovery_then_words[s->recovery.then]
                            : NULL);
    text_add(out, ",\n ");
    if (s->result != NULL)
        add_stop_json(s, out);
    add_backup_json(s, out);
    text_add(out, "\"findings\":[");
    for (size_t i = 0; i < s->findings.count; i++) {
        const finding *one = &s->findings.items[i];
        text_addf(out, "%s\n  {\"level\":\"%s\",\"rule\":\"%s\",", i > 0 ? "," : "",
                  levels[one->level], one->rule);
        json_string(out, "text", one->text);
        text_add(out, "}");
    }
    text_add(out, "]}\n");
}

void (*const render_simulation[SIMULATE_FORMATS])(const simulation *s, text *out) = {
    [SIMULATE_TEXT] = render_text,
    [SIMULATE_JSON] = render_json_object,
};
