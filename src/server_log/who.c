/* who.c - see who.h. */
#include "server_log/who.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/plural.h"
#include "base/time_text.h"
#include "server_log/log_seek.h"
#include "server_log/log_sessions.h"

/* Entries of many processes are in order but for moments: so many too late in a row, and the rest is too late as well. */
#define LATE_ENTRIES 2000
#define EARLY (INT64_C(600) * 1000000)
/* So near to the commit the last line with the id must be, where no statement says that it is the one. */
#define NEAR_COMMIT (INT64_C(600) * 1000000)
/* A COMMIT that is logged takes no longer: deferred constraints are looked at before it is done. */
#define COMMIT_TAKES (INT64_C(60) * 1000000)

typedef struct search {
    const who_question *question;
    log_sessions sessions;
    log_files files;
    wp_time first, last; /* of all entries read; WP_TIME_UNKNOWN: none had a time */
    uint64_t entries, others, zoneless;
    char zone[LOG_ZONE_BYTES];
    text_list *warnings;
} search;

const char *who_certainty_word(who_certainty certainty)
{
    static const char *const words[] = {
        [WHO_UNKNOWN] = "unknown", [WHO_LIKELY] = "likely", [WHO_PROVEN] = "proven"
    };
    return words[certainty];
}

/* ---- reading --------------------------------------------------------------------------------- */

static void note_time(search *s, const log_entry *e)
{
    s->entries++;
    if (e->time == WP_TIME_UNKNOWN) {
        const size_t n = e->zone.len < LOG_ZONE_BYTES ? e->zone.len : LOG_ZONE_BYTES - 1;
        s->zoneless++;
        if (n > 0)
            memcpy(s->zone, e->zone.bytes, n);
        s->zone[n] = '\0';
        return;
    }
    if (s->first == WP_TIME_UNKNOWN || e->time < s->first)
        s->first = e->time;
    if (s->last == WP_TIME_UNKNOWN || e->time > s->last)
        s->last = e->time;
}

static bool read_file(search *s, log_reader *reader, log_file *file, char message[MESSAGE_BYTES])
{
    const wp_time until = s->question->commit_time + LOG_AFTER;
    log_entry entry;
    log_status status;
    unsigned late = 0;
    const wp_time from = s->question->commit_time - LOG_BEFORE - EARLY;
    if (!log_reader_open(reader, file->path, &file->layout, message)
        || !log_seek(reader, file, from, &file->start, message))
        return false;
    if (file->start > 0 && (s->first == WP_TIME_UNKNOWN || file->layout.first_time < s->first))
        s->first = file->layout.first_time;
    while (late < LATE_ENTRIES && (status = log_reader_next(reader, &entry, message)) != LOG_END) {
        if (status == LOG_FAILED)
            return false;
        if (status == LOG_NO_ENTRY) {
            s->others++;
            continue;
        }
        note_time(s, &entry);
        late = entry.time != WP_TIME_UNKNOWN && entry.time > until ? late + 1 : 0;
        log_sessions_take(&s->sessions, &entry, file->path, log_reader_line(reader));
    }
    if (late < LATE_ENTRIES && log_reader_is_cut(reader))
        text_list_addf(s->warnings, "\"%s\" ends early: it is cut or damaged", file->path);
    return true;
}

static bool read_all(search *s, log_reader *reader, char message[MESSAGE_BYTES])
{
    const wp_time until = s->question->commit_time + LOG_AFTER;
    for (size_t i = 0; i < s->files.count; i++) {
        log_file *file = &s->files.items[i];
        const wp_time first = file->layout.first_time;
        if (first != WP_TIME_UNKNOWN && first > until) { /* as are those after it */
            if (s->first == WP_TIME_UNKNOWN)
                s->first = s->last = first;
            break;
        }
        if (log_files_is_before(&s->files, i, until - LOG_AFTER - LOG_BEFORE - EARLY)) {
            if (s->first == WP_TIME_UNKNOWN || first < s->first)
                s->first = s->last = first;
            continue;
        }
        if (!read_file(s, reader, file, message))
            return false;
    }
    return true;
}

/* ---- the verdict ----------------------------------------------------------------------------- */

/* "0.2 s", "3 min". */
static void add_span(text *out, wp_time span)
{
    const wp_time seconds = span / 1000000;
    if (span < 10000)
        text_add(out, "less than 0.01 s");
    else if (seconds < 120)
        text_addf(out, "%d.%02d s", (int)seconds, (int)(span % 1000000 / 10000));
    else if (seconds < 7200)
        text_addf(out, "%d min", (int)(seconds / 60));
    else
        text_addf(out, "%d h", (int)(seconds / 3600));
}

static void add_distance(text *out, const search *s, wp_time time)
{
    const wp_time before = s->question->commit_time - time;
    add_span(out, before < 0 ? 0 : before);
    text_add(out, " before the commit");
}

/* Is the statement that did it told for certain? */
static bool does_it(const search *s, const log_trace *trace, uint64_t statements)
{
    return trace->is_pinned && trace->deed < s->sessions.ndeeds && statements <= 1;
}

/* Another cluster may have had that id a while before, in a database of that name. */
static void add_late_doubt(text *out, const search *s, const log_trace *trace)
{
    text_add(out, "but the last one is of ");
    add_distance(out, s, trace->last_time);
}

/* And had it end there. */
static void add_early_doubt(text *out, const search *s, const log_trace *trace)
{
    text_add(out, "but its COMMIT was logged ");
    add_distance(out, s, trace->commits_at);
    text_add(out, ": is it the log of this server?");
}

/* Why a line with the transaction's id does not prove it; false: it does. */
static bool add_doubt(text *out, const search *s, const log_trace *trace, const who_suspect *who,
                      bool is_alone)
{
    if (s->question->database == NULL)
        text_add(out, "but the WAL does not name the transaction's database: --backup and --dsn "
                      "give names");
    else if (who->database == NULL || !trace->has_database)
        text_add(out, "but no database: add %d to log_line_prefix");
    else if (trace->is_doubtful)
        text_add(out, "but can be read in more than one way: a name in it looks like a part of "
                      "log_line_prefix");
    else if (!is_alone)
        text_add(out, "but lines of another session have it too: are these logs of one server?");
    else if (trace->commits && !s->question->is_prepared
             && s->question->commit_time - trace->commits_at > COMMIT_TAKES)
        add_early_doubt(out, s, trace);
    else if (!does_it(s, trace, 1) && s->question->commit_time - trace->last_time > NEAR_COMMIT)
        add_late_doubt(out, s, trace);
    else
        return false;
    return true;
}

static void judge_by_xid(const search *s, const log_trace *trace, bool is_alone, who_suspect *out)
{
    text reason = { 0 };
    text_addf(&reason, "the log line has transaction id %u", s->question->xid);
    text doubt = { 0 };
    const bool is_doubted = add_doubt(&doubt, s, trace, out, is_alone);
    if (is_doubted)
        text_addf(&reason, ", %s", text_chars(&doubt));
    out->certainty = is_doubted ? WHO_LIKELY : WHO_PROVEN;
    if (s->question->is_prepared)
        text_add(&reason, "; it was prepared, and COMMIT PREPARED may be of another session");
    out->statement_certainty = out->statement == NULL ? WHO_UNKNOWN
                               : does_it(s, trace, out->statements) && !trace->is_undone
                                   ? out->certainty
                                   : WHO_LIKELY;
    out->reason = reason.failed ? NULL : strdup(text_chars(&reason));
    text_free(&doubt);
    text_free(&reason);
}

static void judge_by_words(const search *s, const log_trace *trace, who_suspect *out)
{
    const log_deed *deed = &s->sessions.deeds[trace->deed];
    text reason = { 0 };
    text_addf(&reason, "%s of %s was logged by that session ", deed->verb, deed->name);
    add_distance(&reason, s, out->time);
    if (trace->is_doubtful)
        text_add(&reason, "; that line can be read in more than one way");
    if (trace->tells_xid)
        text_add(&reason, "; the line has no transaction id: a server logs a statement before it "
                          "gives one, and no later line of the transaction was logged");
    else
        text_add(&reason, "; the log has no transaction ids: add %x to log_line_prefix");
    out->certainty = out->statement_certainty = WHO_LIKELY;
    out->reason = reason.failed ? NULL : strdup(text_chars(&reason));
    text_free(&reason);
}

/* The same entry in logs of two formats, or in two copies of one log. */
static bool is_repeated(const log_trace *one, const log_trace *other)
{
    const wp_time apart = one->who.time - other->who.time;
    return one->who.pid == other->who.pid && apart < 1000000 && apart > -1000000
           && (one->who.statement == NULL || other->who.statement == NULL
               || strcmp(one->who.statement, other->who.statement) == 0);
}

static wp_time distance(const search *s, const log_trace *trace)
{
    const wp_time apart = s->question->commit_time - trace->who.time;
    return apart < 0 ? -apart : apart;
}

/* Leaves the traces that may be it at the front, the likeliest first. */
static size_t choose(search *s, bool *has_xid)
{
    log_trace *traces = s->sessions.traces;
    size_t best_deed = s->sessions.ndeeds, n = 0;
    *has_xid = false;
    for (size_t i = 0; i < s->sessions.ntraces; i++) {
        if (traces[i].is_over)
            continue;
        *has_xid |= traces[i].has_xid;
        if (traces[i].deed < best_deed)
            best_deed = traces[i].deed;
    }
    for (size_t i = 0; i < s->sessions.ntraces; i++) {
        log_trace one = traces[i];
        bool is_one = !one.is_over && (*has_xid ? one.has_xid : one.deed == best_deed);
        size_t at = n;
        for (size_t k = 0; k < n && is_one; k++) {
            if (is_repeated(&traces[k], &one))
                is_one = false;
        }
        if (!is_one)
            continue;
        while (at > 0 && distance(s, &one) <= distance(s, &traces[at - 1]))
            at--;
        memmove(&traces[at + 1], &traces[at], (i - at) * sizeof *traces);
        traces[at] = one;
        n++;
    }
    return n;
}

static void add_range(text *out, const search *s)
{
    char first[WP_TIME_TEXT_BYTES], last[WP_TIME_TEXT_BYTES], commit[WP_TIME_TEXT_BYTES];
    text_addf(out, "the log goes from %s to %s, and the transaction committed at %s",
              wp_time_format(s->first, first), wp_time_format(s->last, last),
              wp_time_format(s->question->commit_time, commit));
}

/* Nobody is found: why. */
static void explain_nothing(const search *s, text *out)
{
    const log_sessions *seen = &s->sessions;
    const who_question *q = s->question;
    char time[WP_TIME_TEXT_BYTES];
    if (s->entries == 0)
        text_add(out, "the log has no entry");
    else if (s->first == WP_TIME_UNKNOWN)
        text_addf(out,
                  "the log's times are in a zone \"%s\", which is not known here or means several "
                  "offsets: set TZ to the log's zone, as TZ=Asia/Kolkata",
                  s->zone);
    else if (q->commit_time < s->first || q->commit_time > s->last)
        add_range(out, s);
    else if (seen->wrong_database > 0)
        text_addf(out,
                  "the log has transaction id %u in database \"%s\", and the transaction was in "
                  "\"%s\": is it the log of this server?",
                  q->xid, seen->wrong_name, q->database);
    else if (seen->wrong_time > 0)
        text_addf(out, "the log has transaction id %u at %s, which does not fit the commit at %s",
                  q->xid, wp_time_format(seen->wrong_moment, time),
                  wp_time_format(q->commit_time, time));
    else if (seen->contradicted > 0)
        text_addf(out,
                  "the log has transaction id %u, of a session that was done with it before the "
                  "commit: is it the log of this server?",
                  q->xid);
    else if (seen->ndeeds == 0)
        text_add(out, "no line has the transaction's id, and the WAL does not name what it did: "
                      "--backup and --dsn give names");
    else if (seen->statements == 0)
        text_add(out,
                 "no statement is logged at that time: log_statement = ddl or mod, or pgaudit, "
                 "has a server log who does this");
    else if (seen->own_statements == 0)
        text_addf(out, "no statement is logged in database \"%s\" at that time", q->database);
    else
        text_addf(out,
                  "%llu statement%s logged at that time, and none by its words is of the "
                  "transaction",
                  (unsigned long long)seen->own_statements,
                  seen->own_statements == 1 ? " is" : "s are");
}

/* The number of a line in a file that was not read from its beginning. */
static bool number_line(search *s, log_reader *reader, const char *path, uint64_t *line,
                        char message[MESSAGE_BYTES])
{
    log_file *file = path != NULL ? log_files_of(&s->files, path) : NULL;
    if (file == NULL || file->start == 0)
        return true;
    if (file->lines_before == 0) {
        if (!log_reader_count_lines(reader, path, file->start, &file->lines_before, message))
            return false;
        file->lines_before++; /* the one that was passed over there */
    }
    *line += file->lines_before;
    return true;
}

static bool give_verdict(search *s, log_reader *reader, who_answer *out,
                         char message[MESSAGE_BYTES])
{
    bool has_xid;
    const size_t n = choose(s, &has_xid);
    out->total = n + (n > 0 && !has_xid ? s->sessions.forgotten : 0);
    for (size_t i = 0; i < n && out->count < WHO_SUSPECTS_MAX; i++) {
        log_trace *trace = &s->sessions.traces[i];
        who_suspect *who = &out->items[out->count++];
        *who = trace->who;
        trace->who = (who_suspect){ 0 };
        if (has_xid)
            judge_by_xid(s, trace, n == 1, who);
        else
            judge_by_words(s, trace, who);
        if (who->certainty > out->certainty)
            out->certainty = who->certainty;
        if (who->reason == NULL)
            return message_no_memory(message);
        if (!number_line(s, reader, who->file, &who->line, message)
            || !number_line(s, reader, who->proof_file, &who->proof_line, message))
            return false;
    }
    if (n > 0)
        return true;
    text reason = { 0 };
    explain_nothing(s, &reason);
    out->reason = reason.failed ? NULL : strdup(text_chars(&reason));
    text_free(&reason);
    return out->reason != NULL || message_no_memory(message);
}

static void warn(const search *s)
{
    if (s->others * 20 > s->entries)
        text_list_addf(
            s->warnings,
            "%llu line%s of the log %s no entries, and were passed over: is it the right "
            "log_line_prefix?",
            (unsigned long long)s->others, plural(s->others), s->others == 1 ? "is" : "are");
    if (s->zoneless > 0 && s->first != WP_TIME_UNKNOWN)
        text_list_addf(s->warnings,
                       "%llu log entr%s passed over: the zone \"%s\" is not known here or means "
                       "several offsets; set TZ to the log's zone",
                       (unsigned long long)s->zoneless, s->zoneless == 1 ? "y is" : "ies are",
                       s->zone);
    for (size_t i = 0; i < s->files.count; i++) {
        const log_layout *layout = &s->files.items[i].layout;
        if (layout->format == LOG_STDERR && layout->is_guessed) {
            text_list_addf(s->warnings,
                           "log_line_prefix of \"%s\" is taken for '%s', which its lines fit: "
                           "--log-line-prefix says it for certain",
                           s->files.items[i].path, layout->prefix.text);
            break;
        }
    }
}

bool who_ask(const who_config *config, const who_question *q, who_answer *out, text_list *warnings,
             char message[MESSAGE_BYTES])
{
    search s = {
        .question = q, .first = WP_TIME_UNKNOWN, .last = WP_TIME_UNKNOWN, .warnings = warnings
    };
    log_prefix prefix;
    *out = (who_answer){ 0 };
    if (q->commit_time == WP_TIME_UNKNOWN) {
        out->reason = strdup("it is not known when the transaction ended");
        return out->reason != NULL || message_no_memory(message);
    }
    if (config->prefix != NULL && !log_prefix_parse(config->prefix, &prefix, message))
        return false;
    log_reader *reader = log_reader_new();
    bool is_good = reader != NULL && log_sessions_start(q, &s.sessions);
    if (!is_good)
        message_no_memory(message);
    is_good =
        is_good
        && log_files_list(reader, config->logs, config->nlogs,
                          config->prefix != NULL ? &prefix : NULL, &s.files, warnings, message)
        && read_all(&s, reader, message) && give_verdict(&s, reader, out, message);
    if (is_good)
        warn(&s);
    log_sessions_free(&s.sessions);
    log_files_free(&s.files);
    log_reader_free(reader);
    return is_good;
}

void who_free(who_answer *answer)
{
    for (size_t i = 0; i < answer->count; i++) {
        const who_suspect *who = &answer->items[i];
        char *const all[] = { who->user,       who->database,    who->application, who->client,
                              who->session_id, who->virtual_xid, who->statement,   who->file,
                              who->proof_file, who->reason };
        for (size_t k = 0; k < sizeof all / sizeof *all; k++)
            free(all[k]);
    }
    free(answer->reason);
    *answer = (who_answer){ 0 };
}
