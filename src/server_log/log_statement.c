/*
 * log_statement.c - see log_statement.h. src/backend/tcop/postgres.c: errdetail and messages of exec_simple_query(),
 * exec_execute_message(), check_log_duration(); pgaudit.c: log_audit_event().
 */
#include "server_log/log_statement.h"

#include <stdio.h>
#include <string.h>

#include "server_log/log_words.h"

/* ---- the message ----------------------------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c + ('a' - 'A')) : c;
}

static wp_view trimmed(wp_view view)
{
    while (view.len > 0 && is_blank(view.bytes[0])) {
        view.bytes++;
        view.len--;
    }
    return view;
}

/* "12.345 ms": microseconds. What follows is left in rest. */
static bool take_duration(wp_view *rest, wp_time *out)
{
    wp_time whole = 0, fraction = 0;
    size_t n = 0;
    for (; n < rest->len && n < 15 && rest->bytes[n] >= '0' && rest->bytes[n] <= '9'; n++)
        whole = whole * 10 + (rest->bytes[n] - '0');
    if (n == 0 || n + 4 > rest->len || rest->bytes[n] != '.')
        return false;
    n++;
    for (int digit = 0; digit < 3; digit++, n++) {
        if (n >= rest->len || rest->bytes[n] < '0' || rest->bytes[n] > '9')
            return false;
        fraction = fraction * 10 + (rest->bytes[n] - '0');
    }
    const wp_view unit = log_words_after(LOG_WORDS_MS, (wp_view){ rest->bytes + n, rest->len - n });
    if (unit.bytes == NULL)
        return false;
    *rest = trimmed(unit);
    if (rest->len > 0 && rest->bytes[0] == ',') /* in French and Russian */
        *rest = trimmed((wp_view){ rest->bytes + 1, rest->len - 1 });
    *out = whole * 1000 + fraction;
    return true;
}

/* A field of CSV, unquoted where it lies. False: there is none. */
static bool take_field(wp_view *rest, wp_view *out)
{
    size_t at = 0, to = 0;
    uint8_t *bytes = (uint8_t *)(uintptr_t)rest->bytes;
    if (rest->len == 0)
        return false;
    const bool is_quoted = bytes[0] == '"';
    for (at = is_quoted; at < rest->len; at++) {
        if (is_quoted && bytes[at] == '"') {
            if (at + 1 >= rest->len || bytes[at + 1] != '"')
                break;
            at++;
        } else if (!is_quoted && bytes[at] == ',') {
            break;
        }
        bytes[to++] = bytes[at];
    }
    at += is_quoted && at < rest->len;
    *out = (wp_view){ bytes, to };
    at += at < rest->len;
    *rest = (wp_view){ bytes + at, rest->len - at };
    return true;
}

/* "SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders,"DROP TABLE orders;",<not logged>" */
static bool read_audit(wp_view rest, log_statement *out)
{
    wp_view field[8];
    for (size_t i = 0; i < sizeof field / sizeof *field; i++) {
        if (!take_field(&rest, &field[i]))
            return false;
    }
    out->command = field[4];
    out->object = field[6];
    out->sql = field[7];
    if (out->sql.len > 0 && out->sql.bytes[0] == '<') /* <not logged>, <previously logged> */
        out->sql.len = 0;
    return true;
}

/* "execute <unnamed>: ", "execute fetch from s1/c1: ". The name of a prepared statement may hold a colon: it is then a part of the text. */
static bool take_execute(wp_view rest, wp_view *sql)
{
    for (size_t i = 0; i + 1 < rest.len && i < 300; i++) {
        if (rest.bytes[i] == ':' && rest.bytes[i + 1] == ' ') {
            *sql = (wp_view){ rest.bytes + i + 2, rest.len - i - 2 };
            return true;
        }
    }
    return false;
}

bool log_statement_of(const log_entry *entry, log_statement *out)
{
    wp_view rest = entry->message, after;
    *out = (log_statement){ .duration = 0 };
    after = log_words_after(LOG_WORDS_DURATION, rest);
    if (after.bytes != NULL) {
        if (!take_duration(&after, &out->duration))
            return false;
        out->has_duration = true;
        rest = after;
    }
    if ((after = log_words_after(LOG_WORDS_STATEMENT, rest)).bytes != NULL) {
        out->sql = after;
        return true;
    }
    if ((after = log_words_after(LOG_WORDS_EXECUTE, rest)).bytes != NULL)
        return take_execute(after, &out->sql);
    if ((after = log_view_after(rest, "plan:")).bytes != NULL) {
        after = log_view_after(trimmed(after), "Query Text: ");
        out->sql = after;
        return after.bytes != NULL;
    }
    if ((after = log_view_after(rest, "AUDIT: ")).bytes != NULL)
        return read_audit(after, out);
    return false;
}

/* ---- words of SQL ---------------------------------------------------------------------------- */

typedef struct sql_word {
    wp_view chars; /* without quotes, but with those that are doubled inside */
    bool is_quoted;
} sql_word;

static bool is_name_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'
           || c == '$' || c >= 0x80;
}

/* Passes over blanks and comments. */
static size_t skip_space(wp_view sql, size_t at)
{
    while (at < sql.len) {
        if (is_blank(sql.bytes[at])) {
            at++;
        } else if (at + 1 < sql.len && sql.bytes[at] == '-' && sql.bytes[at + 1] == '-') {
            while (at < sql.len && sql.bytes[at] != '\n')
                at++;
        } else if (at + 1 < sql.len && sql.bytes[at] == '/' && sql.bytes[at + 1] == '*') {
            int depth = 0;
            do {
                const bool opens =
                    at + 1 < sql.len && sql.bytes[at] == '/' && sql.bytes[at + 1] == '*';
                const bool closes =
                    at + 1 < sql.len && sql.bytes[at] == '*' && sql.bytes[at + 1] == '/';
                depth += opens - closes;
                at += opens || closes ? 2 : 1;
            } while (depth > 0 && at < sql.len);
        } else {
            break;
        }
    }
    return at < sql.len ? at : sql.len;
}

/* The next name or keyword, from *at on. What is between them is passed over. False: there is none. */
static bool next_word(wp_view sql, size_t *at, sql_word *out)
{
    for (*at = skip_space(sql, *at); *at < sql.len; *at = skip_space(sql, *at + 1)) {
        const uint8_t c = sql.bytes[*at];
        const size_t start = *at;
        if (c == '"' || c == '\'') {
            size_t end = start + 1;
            while (end < sql.len
                   && (sql.bytes[end] != c || (end + 1 < sql.len && sql.bytes[end + 1] == c)))
                end += sql.bytes[end] == c ? 2 : 1;
            *at = end;
            if (c == '\'')
                continue;
            end = end < sql.len ? end : sql.len;
            *out = (sql_word){ { sql.bytes + start + 1, end - start - 1 }, true };
            *at = end < sql.len ? end + 1 : end;
            return true;
        }
        if (is_name_char(c)) {
            while (*at < sql.len && is_name_char(sql.bytes[*at]))
                ++*at;
            *out = (sql_word){ { sql.bytes + start, *at - start }, false };
            return true;
        }
    }
    return false;
}

/* A keyword or a name without quotes is of any case. */
static bool word_is(const sql_word *word, const char *chars, bool is_name)
{
    size_t at = 0;
    if (word->is_quoted && !is_name)
        return false;
    for (size_t i = 0; i < word->chars.len; i++) {
        const uint8_t c = word->chars.bytes[i], want = (uint8_t)chars[at];
        if (want == '\0' || (word->is_quoted ? c != want : lower(c) != lower(want))
            || (is_name && !word->is_quoted && want != lower(want)))
            return false;
        at++;
        i += word->is_quoted && c == '"';
    }
    return chars[at] == '\0';
}

/* ---- deeds ----------------------------------------------------------------------------------- */

static void copy_word(char *to, size_t room, const sql_word *word)
{
    size_t n = 0;
    for (size_t i = 0; i < word->chars.len && n + 1 < room; i++) {
        to[n++] = (char)word->chars.bytes[i];
        i += word->is_quoted && word->chars.bytes[i] == '"';
    }
    to[n] = '\0';
}

static bool is_keyword(const sql_word *word)
{
    for (size_t i = 0; i < word->chars.len; i++) {
        if (word->chars.bytes[i] < 'A' || word->chars.bytes[i] > 'Z')
            return false;
    }
    return !word->is_quoted;
}

/* "[16399]" stands for a name that the WAL does not have. */
static bool is_nameless(wp_view event, const sql_word *word)
{
    return word->chars.bytes > event.bytes && word->chars.bytes[-1] == '[';
}

bool log_deed_of(const char *event_text, log_deed *out)
{
    const wp_view event = { (const uint8_t *)event_text, strlen(event_text) };
    size_t at = 0;
    sql_word word;
    *out = (log_deed){ 0 };
    if (!next_word(event, &at, &word) || !is_keyword(&word) || word.chars.len >= sizeof out->verb)
        return false;
    copy_word(out->verb, sizeof out->verb, &word);
    do {
        if (!next_word(event, &at, &word))
            return false;
    } while (is_keyword(&word));
    bool is_known = !is_nameless(event, &word);
    if (is_known)
        copy_word(out->name, sizeof out->name, &word);
    else if (at < event.len && event.bytes[at] == ']')
        at++;
    if (at < event.len && event.bytes[at] == '.' && next_word(event, &at, &word)) {
        memcpy(out->schema, out->name, sizeof out->schema);
        is_known = !is_nameless(event, &word);
        copy_word(out->name, sizeof out->name, &word);
    }
    return is_known;
}

/* Is the object's name there, and if a schema is too, its own? */
static bool names_object(wp_view sql, size_t at, const log_deed *deed)
{
    sql_word word, before = { 0 };
    bool is_qualified = false;
    while (next_word(sql, &at, &word)) {
        const bool is_other =
            is_qualified && deed->schema[0] != '\0' && !word_is(&before, deed->schema, true);
        if (word_is(&word, deed->name, true) && !is_other)
            return true;
        is_qualified = at < sql.len && sql.bytes[at] == '.';
        before = word;
    }
    return false;
}

/* Statements that do what another verb says; they name the object after their first word. */
static bool does_by_another_word(const sql_word *first, const char *verb)
{
    static const struct {
        const char *statement, *verb;
    } others[] = {
        { "copy", "INSERT" },    { "merge", "INSERT" },    { "merge", "UPDATE" },
        { "merge", "DELETE" },   { "insert", "UPDATE" },   { "refresh", "REWRITE" },
        { "vacuum", "REWRITE" }, { "cluster", "REWRITE" }, { "alter", "REWRITE" },
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (word_is(first, others[i].statement, false) && strcmp(others[i].verb, verb) == 0)
            return true;
    }
    return false;
}

bool log_statement_does(const log_statement *statement, const log_deed *deed)
{
    size_t at = 0;
    sql_word word;
    if (next_word(statement->command, &at, &word) && word_is(&word, deed->verb, false)
        && names_object(statement->object, 0, deed))
        return true;
    at = 0;
    if (next_word(statement->sql, &at, &word) && does_by_another_word(&word, deed->verb))
        return names_object(statement->sql, at, deed);
    for (at = 0; next_word(statement->sql, &at, &word);) {
        if (word_is(&word, deed->verb, false))
            return names_object(statement->sql, at, deed);
    }
    return false;
}

log_end log_statement_ends(const log_statement *statement)
{
    static const struct {
        const char *word;
        log_end what;
    } words[] = {
        { "begin", LOG_BEGINS }, { "start", LOG_BEGINS },        { "commit", LOG_COMMITS },
        { "end", LOG_COMMITS },  { "rollback", LOG_ROLLS_BACK }, { "abort", LOG_ROLLS_BACK },
    };
    size_t at = 0;
    sql_word first, next;
    if (!next_word(statement->sql, &at, &first))
        return LOG_ENDS_NOTHING;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (!word_is(&first, words[i].word, false))
            continue;
        /* ROLLBACK TO a savepoint ends nothing; COMMIT PREPARED nothing of this session's. */
        while (next_word(statement->sql, &at, &next)) {
            if (word_is(&next, "to", false) || word_is(&next, "prepared", false))
                return LOG_ENDS_NOTHING;
        }
        return words[i].what;
    }
    return LOG_ENDS_NOTHING;
}

bool log_statement_undoes(const log_statement *statement)
{
    size_t at = 0;
    sql_word word;
    bool is_one = next_word(statement->sql, &at, &word) && word_is(&word, "rollback", false);
    while (is_one && next_word(statement->sql, &at, &word)) {
        if (word_is(&word, "to", false))
            return true;
        is_one = word_is(&word, "work", false) || word_is(&word, "transaction", false);
    }
    return false;
}
