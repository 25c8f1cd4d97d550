/*
 * log_sessions.c - see log_sessions.h.
 *
 * A server logs a statement (log_statement) before its transaction has an id: that line has the id 0, and the virtual id
 * "3/45" of the transaction. Lines of a later statement, or of a message, have both. After the end it is "3/0".
 */
#include "server_log/log_sessions.h"

#include <stdlib.h>
#include <string.h>

#include "server_log/log_words.h"

/* After the commit record a session is still busy with its end. */
#define END_SLACK INT64_C(1000000)

/* ---- small things ---------------------------------------------------------------------------- */

/* Owned; NULL for what is empty. */
static char *text_of(wp_view view)
{
    return view.len > 0 ? strndup((const char *)view.bytes, view.len) : NULL;
}

static wp_view view_of(const char *chars)
{
    return (wp_view){ (const uint8_t *)chars, strlen(chars) };
}

static void set_text(char **to, wp_view view)
{
    free(*to);
    *to = text_of(view);
}

/* "3/45": in a transaction; "3/0": in none. */
static bool is_in_xact(wp_view virtual_xid)
{
    return virtual_xid.len > 2
           && !(virtual_xid.bytes[virtual_xid.len - 1] == '0'
                && virtual_xid.bytes[virtual_xid.len - 2] == '/');
}

static void free_who(who_suspect *who)
{
    char *const all[] = { who->user,       who->database,    who->application, who->client,
                          who->session_id, who->virtual_xid, who->statement,   who->file,
                          who->proof_file, who->reason };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        free(all[i]);
    *who = (who_suspect){ 0 };
}

bool log_sessions_start(const who_question *q, log_sessions *out)
{
    *out = (log_sessions){ .question = q };
    const bool has_table = log_session_table_start(&out->table);
    out->traces = calloc(LOG_TRACES_MAX, sizeof *out->traces);
    for (size_t i = 0; i < q->nevents && i < WHO_EVENTS_MAX; i++)
        out->ndeeds += log_deed_of(q->events[i], &out->deeds[out->ndeeds]);
    return has_table && out->traces != NULL;
}

void log_sessions_free(log_sessions *s)
{
    for (size_t i = 0; i < s->ntraces; i++)
        free_who(&s->traces[i].who);
    free(s->traces);
    log_session_table_free(&s->table);
    *s = (log_sessions){ 0 };
}

/* ---- traces ---------------------------------------------------------------------------------- */

/* The oldest that no line with the id is of makes room. */
static log_trace *new_trace(log_sessions *s, const char *key)
{
    size_t at = s->ntraces;
    if (at == LOG_TRACES_MAX) {
        for (at = 0; at < LOG_TRACES_MAX && !s->traces[at].is_over; at++)
            ;
        for (size_t i = 0; i < LOG_TRACES_MAX && at == LOG_TRACES_MAX; i++)
            at = s->traces[i].has_xid ? at : i;
        if (at == LOG_TRACES_MAX)
            at = 0;
        s->forgotten += !s->traces[at].is_over;
        free_who(&s->traces[at].who);
        memmove(&s->traces[at], &s->traces[at + 1], (LOG_TRACES_MAX - at - 1) * sizeof *s->traces);
        at = LOG_TRACES_MAX - 1;
        s->ntraces--;
    }
    log_trace *trace = &s->traces[at];
    *trace = (log_trace){ .deed = s->ndeeds };
    memcpy(trace->key, key, LOG_KEY_BYTES);
    s->ntraces++;
    return trace;
}

/* Who is known by the session as much as by the entry. */
static void name_trace(log_trace *trace, const log_session *one, const log_entry *e)
{
    who_suspect *who = &trace->who;
    set_text(&who->user, view_of(one->user));
    set_text(&who->database, view_of(one->database));
    set_text(&who->application, view_of(one->application));
    set_text(&who->client, view_of(one->client));
    if (e->session.len > 0)
        set_text(&who->session_id, e->session);
    if (e->virtual_xid.len > 0 && is_in_xact(e->virtual_xid))
        set_text(&who->virtual_xid, e->virtual_xid);
    who->pid = e->pid;
    trace->tells_xid |= e->tells_xid;
}

static void place_trace(log_trace *trace, const log_entry *e, const char *file, uint64_t line)
{
    trace->who.time = e->time;
    trace->who.line = line;
    free(trace->who.file);
    trace->who.file = strdup(file);
}

static bool has_virtual_xid(const log_trace *trace, wp_view virtual_xid)
{
    return trace->who.virtual_xid != NULL && log_view_is(virtual_xid, trace->who.virtual_xid);
}

/* The session's last that is not over; NULL: none. */
static log_trace *trace_of(log_sessions *s, const char *key)
{
    for (size_t i = s->ntraces; i > 0; i--) {
        log_trace *trace = &s->traces[i - 1];
        if (!trace->is_over && strcmp(trace->key, key) == 0)
            return trace;
    }
    return NULL;
}

/* The same statement, as it is told again beside an error. */
static bool is_same_statement(const log_trace *trace, wp_view sql)
{
    const char *own = trace->who.statement;
    if (own == NULL || sql.len == 0)
        return false;
    const size_t len = strlen(own), n = len < sql.len ? len : sql.len;
    return memcmp(own, sql.bytes, n) == 0 && (len == sql.len || trace->who.is_statement_cut);
}

static bool is_ours(const who_question *q, uint64_t xid)
{
    bool is_one = xid == q->xid;
    for (size_t i = 0; i < q->nsubxids && !is_one; i++)
        is_one = xid == q->subxids[i];
    return is_one;
}

/* ---- what shows that a trace is not the transaction ------------------------------------------- */

/* An entry of the same session, after those of the trace. Of one with the id only what the ids say counts. */
static bool is_refuted(const log_sessions *s, const log_trace *trace, const log_entry *e,
                       const log_statement *statement, bool has_statement)
{
    const who_question *q = s->question;
    const bool is_before = e->time + e->resolution <= q->commit_time;
    const bool is_after = e->time > q->commit_time + END_SLACK;
    const bool tells_virtual = trace->who.virtual_xid != NULL && e->virtual_xid.len > 0;
    if (q->is_prepared || e->is_doubtful || e->time < trace->who.time
        || (e->xid != 0 && is_ours(q, e->xid)))
        return false;
    if (tells_virtual && !has_virtual_xid(trace, e->virtual_xid))
        return is_before;
    if (tells_virtual && is_after && e->tells_xid)
        return true;
    if (e->xid != 0 && (is_before || tells_virtual))
        return true;
    if (is_before && log_view_after(e->message, "disconnection: ").bytes != NULL)
        return true;
    if (!has_statement || statement->has_duration || trace->has_xid || q->is_rolled_back)
        return false;
    const bool rolls_back = log_statement_ends(statement) == LOG_ROLLS_BACK;
    if (rolls_back && trace->is_in_block && !trace->commits)
        return true;
    return is_before && (trace->commits || rolls_back);
}

/* The statement failed: its error is told with it, in csv and json in the same entry, in stderr in the next. */
static bool has_failed(const log_trace *trace, const log_session *one, const log_entry *e)
{
    const bool is_of_error = one->has_error && log_severity_is_statement(e->severity);
    const wp_view sql = is_of_error ? e->message : e->query;
    if (trace->has_end || one->line != trace->who.line
        || (trace->who.virtual_xid != NULL && e->virtual_xid.len > 0
            && !has_virtual_xid(trace, e->virtual_xid)))
        return false;
    return (is_of_error || log_severity_is_error(e->severity)) && is_same_statement(trace, sql);
}

static void note_end(log_trace *trace, const log_entry *e, const log_statement *statement,
                     bool has_statement)
{
    if (!trace->commits && has_statement && log_statement_ends(statement) == LOG_COMMITS) {
        trace->commits = true;
        trace->commits_at = e->time;
    }
    trace->has_end |= statement->has_duration && !has_statement;
}

/* ---- what makes a trace ---------------------------------------------------------------------- */

/* The session's last statement is the transaction's, if it was logged under the same virtual id. */
static void adopt_statement(log_trace *trace, const log_session *one, const log_entry *e)
{
    if (!one->has_statement)
        return;
    const bool is_same =
        one->virtual_xid[0] != '\0' && log_view_is(e->virtual_xid, one->virtual_xid);
    if (!is_same && one->virtual_xid[0] != '\0')
        return;
    trace->is_pinned = is_same && !one->is_doubtful;
    set_text(&trace->who.statement, view_of(one->statement));
    trace->who.is_statement_cut = one->is_statement_cut;
    trace->who.time = one->time;
    trace->who.line = one->line;
    free(trace->who.file);
    trace->who.file = one->file != NULL ? strdup(one->file) : NULL;
}

/* A line has the transaction's id. */
static log_trace *take_proof(log_sessions *s, const log_session *one, const log_entry *e,
                             const char *file, uint64_t line)
{
    const who_question *q = s->question;
    const char *database = q->database;
    if (database != NULL && one->database[0] != '\0' && strcmp(database, one->database) != 0) {
        s->wrong_database++;
        memcpy(s->wrong_name, one->database, sizeof s->wrong_name);
        return NULL;
    }
    log_trace *trace = trace_of(s, one->key);
    if (trace != NULL && !trace->has_xid && trace->who.virtual_xid != NULL && e->virtual_xid.len > 0
        && !has_virtual_xid(trace, e->virtual_xid))
        trace = NULL;
    if (trace == NULL) {
        trace = new_trace(s, one->key);
        place_trace(trace, e, file, line);
        adopt_statement(trace, one, e);
    } else if (!trace->has_xid) {
        trace->is_pinned = !trace->is_doubtful && has_virtual_xid(trace, e->virtual_xid);
        trace->is_doubtful = false; /* it was of the statement's line alone */
    }
    if (trace->who.proof_file == NULL) {
        trace->who.proof_file = strdup(file);
        trace->who.proof_line = line;
    }
    trace->has_xid = true;
    trace->is_doubtful |= e->is_doubtful;
    trace->has_database |= e->database.len > 0 || e->session.len > 0;
    trace->last_time = e->time;
    name_trace(trace, one, e);
    return trace;
}

static size_t deed_of(const log_sessions *s, const log_statement *statement)
{
    size_t deed = 0;
    while (deed < s->ndeeds && !log_statement_does(statement, &s->deeds[deed]))
        deed++;
    return deed;
}

/* Could the transaction of a statement have ended at the commit? */
static bool fits_commit(const who_question *q, const log_entry *e, const log_statement *statement)
{
    const wp_time start = e->time - statement->duration;
    if (start > q->commit_time + 1000)
        return false;
    if (!statement->has_duration || q->is_prepared)
        return true;
    if (e->virtual_xid.len > 0
        && !is_in_xact(e->virtual_xid)) /* its end was that of the statement */
        return e->time + e->resolution > q->commit_time;
    return true;
}

static void set_statement(log_trace *trace, const log_statement *statement, const log_entry *e,
                          const char *file, uint64_t line, size_t deed)
{
    const wp_view sql = statement->sql.len > 0 ? statement->sql : statement->command;
    const size_t n = sql.len < WHO_STATEMENT_BYTES ? sql.len : WHO_STATEMENT_BYTES;
    set_text(&trace->who.statement, (wp_view){ sql.bytes, n });
    trace->who.is_statement_cut = n < sql.len;
    trace->deed = deed;
    place_trace(trace, e, file, line);
}

/* One that is told twice, by log_statement and by pgaudit, or in a copy of the log, is counted once. */
static void count_statement(log_trace *trace, const log_statement *statement)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < statement->sql.len; i++)
        hash = (hash ^ statement->sql.bytes[i]) * UINT64_C(1099511628211);
    const bool is_counted = trace->who.statements > 0
                            && (statement->sql.len == 0 || hash == trace->last_statement
                                || is_same_statement(trace, statement->sql));
    trace->who.statements += !is_counted;
    trace->last_statement = hash;
}

static void note_block(log_session *one, const log_statement *statement)
{
    const log_end what = log_statement_ends(statement);
    if (what != LOG_ENDS_NOTHING)
        one->is_in_block = what == LOG_BEGINS;
}

/* proof: the trace of the transaction, where this line has its id. */
static void take_statement(log_sessions *s, log_session *one, log_trace *proof, const log_entry *e,
                           const log_statement *statement, const char *file, uint64_t line)
{
    const who_question *q = s->question;
    const size_t deed = deed_of(s, statement);
    const bool is_database =
        q->database == NULL || one->database[0] == '\0' || strcmp(q->database, one->database) == 0;
    s->statements++;
    s->own_statements += is_database;
    if (proof != NULL) {
        if (deed < proof->deed
            || (proof->who.statement == NULL
                && log_statement_ends(statement) == LOG_ENDS_NOTHING)) {
            proof->who.statements = 0;
            set_statement(proof, statement, e, file, line, deed);
            proof->is_pinned = true;
        }
        if (deed < s->ndeeds && deed == proof->deed) {
            count_statement(proof, statement);
            proof->is_undone = false;
        }
        proof->is_undone |= log_statement_undoes(statement);
    } else if (deed < s->ndeeds && is_database && fits_commit(q, e, statement)) {
        log_trace *trace = trace_of(s, one->key);
        const bool is_same = trace != NULL
                             && (trace->who.virtual_xid == NULL || e->virtual_xid.len == 0
                                 || has_virtual_xid(trace, e->virtual_xid));
        if (is_same && trace->has_xid && e->time > q->commit_time)
            return;
        if (!is_same)
            trace = new_trace(s, one->key);
        if (!is_same || trace->who.virtual_xid == NULL || deed < trace->deed)
            trace->who.statements = 0;
        if (!is_same || deed < trace->deed || (!trace->has_xid && deed == trace->deed)) {
            set_statement(trace, statement, e, file, line, deed);
            trace->is_pinned =
                trace->has_xid && !e->is_doubtful && has_virtual_xid(trace, e->virtual_xid);
            trace->is_doubtful |= e->is_doubtful;
            trace->has_end = statement->has_duration;
            trace->who.time = e->time - statement->duration;
        }
        if (deed == trace->deed)
            count_statement(trace, statement);
        trace->is_in_block = one->is_in_block;
        if (!trace->has_xid)
            name_trace(trace, one, e);
    }
    note_block(one, statement);
    one->is_doubtful = e->is_doubtful;
    one->has_statement = log_statement_ends(statement) == LOG_ENDS_NOTHING;
    one->is_statement_cut = statement->sql.len >= sizeof one->statement;
    log_view_copy(one->statement, sizeof one->statement, statement->sql);
    log_view_copy(one->virtual_xid, sizeof one->virtual_xid, e->virtual_xid);
    one->time = e->time;
    one->file = file;
    one->line = line;
}

/* What an entry says of the transaction that its session was in. */
static void follow_trace(log_sessions *s, log_trace *trace, const log_session *one,
                         const log_entry *e, const log_statement *statement, bool has_statement)
{
    if (is_refuted(s, trace, e, statement, has_statement)) {
        trace->is_over = true;
        s->contradicted += trace->has_xid;
    } else if (!s->question->is_rolled_back && has_failed(trace, one, e)) {
        trace->is_over = !trace->has_xid;
        trace->deed = s->ndeeds;
        set_text(&trace->who.statement, (wp_view){ NULL, 0 });
    } else {
        note_end(trace, e, statement, has_statement);
    }
}

/* ---- entries --------------------------------------------------------------------------------- */

void log_sessions_take(log_sessions *s, const log_entry *e, const char *file, uint64_t line)
{
    const who_question *q = s->question;
    char key[LOG_KEY_BYTES];
    log_statement statement;
    const bool is_ours_by_number = e->xid != 0 && is_ours(q, e->xid);
    if (e->time == WP_TIME_UNKNOWN || e->is_helper || !log_session_key(e, key))
        return;
    const bool is_near =
        e->time >= q->commit_time - LOG_BEFORE && e->time <= q->commit_time + LOG_AFTER;
    const bool has_our_xid = is_ours_by_number && is_near && e->time <= q->commit_time + END_SLACK;
    if (is_ours_by_number && !has_our_xid) {
        s->wrong_time++;
        s->wrong_moment = e->time;
    }
    if (!is_near)
        return;
    s->entries++;
    s->tells_xid |= e->tells_xid;
    s->lacks_xid |= !e->tells_xid;
    log_session *one = log_session_of(&s->table, key);
    log_session_learn(one, e);
    const bool has_statement = log_statement_of(e, &statement);
    log_trace *trace = trace_of(s, key);
    if (trace != NULL)
        follow_trace(s, trace, one, e, &statement, has_statement);
    log_trace *proof = has_our_xid ? take_proof(s, one, e, file, line) : NULL;
    if (has_statement)
        take_statement(s, one, proof, e, &statement, file, line);
    one->has_error = log_severity_is_error(e->severity) || (one->has_error && !has_statement);
}
