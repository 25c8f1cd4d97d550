/*
 * test_server_log.c - the parts that a server's log is read with: times, columns, prefixes, statements. Lines are as servers of
 * 10 to 18 write them.
 */
#include <stdio.h>

#include "cases.h"
#include "server_log/csvlog.h"
#include "server_log/jsonlog.h"
#include "server_log/log_prefix.h"
#include "server_log/log_statement.h"

static wp_view view(const char *chars)
{
    return (wp_view){ (const uint8_t *)chars, strlen(chars) };
}

static void is_text(wp_view got, const char *want)
{
    if (got.len != strlen(want) || (got.len > 0 && memcmp(got.bytes, want, got.len) != 0))
        fail_msg("got %.*s, want %s", (int)got.len, (const char *)got.bytes, want);
}

/* ---- times ----------------------------------------------------------------------------------- */

typedef struct time_case {
    const char *name, *text;
    size_t used;
    const char *time;
} time_case;

// clang-format off
static const time_case times[] = {
    { "UTC", "2026-11-22 10:48:05.074 UTC,", 27, "2026-11-22T10:48:05.074000Z" },
    { "seconds", "2026-11-22 10:48:05 GMT [", 23, "2026-11-22T10:48:05.000000Z" },
    { "an abbreviation", "2026-11-22 11:48:05.074 CET ", 27, "2026-11-22T10:48:05.074000Z" },
    { "in summer", "2026-07-22 12:48:05.074 CEST:", 28, "2026-07-22T10:48:05.074000Z" },
    { "hours", "2026-11-22 13:48:05.074 +03:10.0.0.7(5432):", 27, "2026-11-22T10:48:05.074000Z" },
    { "hours and minutes", "2026-11-22 07:18:05.074 -0330]", 29, "2026-11-22T10:48:05.074000Z" },
    { "a leap day", "2024-02-29 00:00:00 UTC ", 23, "2024-02-29T00:00:00.000000Z" },
    { "an abbreviation of several zones", "2026-11-22 10:48:05.074 IST ", 27, "unknown" },
    { "no such zone", "2026-11-22 10:48:05.074 XQZ ", 27, "unknown" },
    { "no zone", "2026-11-22 10:48:05.074 ", 0, "" },
    { "no time", "2026-11-22 10:48 UTC, and more of it", 0, "" },
    { "a month too many", "2026-13-22 10:48:05 UTC ", 0, "" },
    { "letters", "2026-1a-22 10:48:05 UTC ", 0, "" },
    { "cut", "2026-11-22 10:48:05", 0, "" },
};
// clang-format on

static void reads_times(void **state)
{
    const time_case *row = *state;
    log_clock clock = { 0 };
    wp_time time = 0, resolution = 0;
    wp_view zone;
    char chars[WP_TIME_TEXT_BYTES];
    assert_int_equal(log_time_read(&clock, view(row->text), &time, &resolution, &zone), row->used);
    if (row->used == 0)
        return;
    assert_string_equal(time == WP_TIME_UNKNOWN ? "unknown" : wp_time_format(time, chars),
                        row->time);
    assert_int_equal(resolution,
                     strchr(row->text, '.') != NULL && row->text[19] == '.' ? 1000 : 1000000);
}

static void reads_epochs(void **state)
{
    (void)state;
    wp_time time = 0, resolution = 0;
    char chars[WP_TIME_TEXT_BYTES];
    assert_int_equal(log_time_read_epoch(view("1795344485.074 "), &time, &resolution), 14);
    assert_string_equal(wp_time_format(time, chars), "2026-11-22T10:48:05.074000Z");
    assert_int_equal(log_time_read_epoch(view("1795344485 "), &time, &resolution), 0);
    assert_int_equal(log_time_read_epoch(view("17953"), &time, &resolution), 0);
}

/* A zone is learnt once: another one after it is not taken for it. */
static void learns_each_zone(void **state)
{
    (void)state;
    log_clock clock = { 0 };
    wp_time cet = 0, utc = 0, again = 0, resolution;
    wp_view zone;
    log_time_read(&clock, view("2026-11-22 11:48:05 CET "), &cet, &resolution, &zone);
    log_time_read(&clock, view("2026-11-22 10:48:05 UTC "), &utc, &resolution, &zone);
    log_time_read(&clock, view("2026-11-22 12:48:05 CEST "), &again, &resolution, &zone);
    assert_int_equal(cet, utc);
    assert_int_equal(again, utc);
}

/* ---- csvlog ---------------------------------------------------------------------------------- */

#define CSV_BEGIN                                                                                    \
    "2026-11-22 10:48:05.074 UTC,\"ana\",\"shop\",6699,\"10.0.0.7:54321\",6741c2f0.1a2b,3,\"idle\"," \
    "2026-11-22 10:40:00 UTC,3/45,1234,LOG,00000,"
#define CSV_23 ",,,,,,,,,\"psql\""

typedef struct csv_case {
    const char *name, *line;
    bool is_cut, is_one;
    const char *message;
} csv_case;

// clang-format off
static const csv_case lines[] = {
    { "of 9.5 to 12", CSV_BEGIN "\"statement: DROP TABLE orders;\"" CSV_23 "\n", false, true, "statement: DROP TABLE orders;" },
    { "of 13", CSV_BEGIN "\"m\"" CSV_23 ",\"client backend\"\n", false, true, "m" },
    { "of 14 on", CSV_BEGIN "\"m\"" CSV_23 ",\"client backend\",,0\n", false, true, "m" },
    { "quotes, commas and lines", CSV_BEGIN "\"a \"\"b\"\",\nc\"" CSV_23 "\n", false, true, "a \"b\",\nc" },
    { "by Windows", CSV_BEGIN "\"m\"" CSV_23 "\r\n", false, true, "m" },
    { "22 columns", CSV_BEGIN "\"m\",,,,,,,,\"psql\"\n", false, false, "" },
    { "25 columns", CSV_BEGIN "\"m\"" CSV_23 ",a,b\n", false, false, "" },
    { "27 columns", CSV_BEGIN "\"m\"" CSV_23 ",a,b,c,d\n", false, false, "" },
    { "an open quote", CSV_BEGIN "\"m\n", false, false, "" },
    { "cut in its message", CSV_BEGIN "\"statement: DR", true, true, "statement: DR" },
    { "cut before it", "2026-11-22 10:48:05.074 UTC,\"ana\",\"sh", true, false, "" },
    { "something after a quote", CSV_BEGIN "\"m\"x" CSV_23 "\n", false, false, "" },
    { "no process", "2026-11-22 10:48:05.074 UTC,\"ana\",\"shop\",x,\"\",6741c2f0.1a2b,3,\"idle\",2026-11-22 10:40:00 UTC,3/45,1234,LOG,00000,\"m\"" CSV_23 "\n", false, false, "" },
    { "nothing", "\n", false, false, "" },
};
// clang-format on

static void reads_csv(void **state)
{
    const csv_case *row = *state;
    log_clock clock = { 0 };
    log_entry entry;
    const size_t len = strlen(row->line);
    uint8_t *bytes = malloc(len);
    memcpy(bytes, row->line, len);
    assert_int_equal(csvlog_read(&clock, bytes, len, row->is_cut, &entry), row->is_one);
    if (row->is_one) {
        is_text(entry.message, row->message);
        is_text(entry.user, "ana");
        is_text(entry.database, "shop");
        is_text(entry.client, "10.0.0.7");
        is_text(entry.session, "6741c2f0.1a2b");
        is_text(entry.virtual_xid, "3/45");
        is_text(entry.application, row->is_cut ? "" : "psql");
        assert_int_equal(entry.pid, 6699);
        assert_int_equal(entry.xid, 1234);
    }
    free(bytes);
}

/* A line in an open field begins an entry where, as a part of the field, it would break it. */
static void finds_the_next_entry(void **state)
{
    (void)state;
    assert_true(csvlog_begins_anew(view("2026-11-22 10:48:05.074 UTC,\"ana\",\"shop\",1,")));
    assert_false(
        csvlog_begins_anew(view("2026-11-22 10:48:05.074 UTC,\"\"ana\"\",\"\"shop\"\",1,")));
    assert_false(csvlog_begins_anew(view("2026-11-22 10:48:05.074 UTC,,,1,,")));
    assert_false(csvlog_begins_anew(view("2026-11-22 10:48:05.074 UTC,\",,,,\"psql\"")));
    assert_false(csvlog_begins_anew(view("FROM orders WHERE note = \"ana\"")));
}

/* ---- jsonlog --------------------------------------------------------------------------------- */

typedef struct json_case {
    const char *name, *line;
    bool is_cut, is_one;
    const char *message;
} json_case;

#define JSON(message)                                                                                        \
    "{\"timestamp\":\"2026-11-22 10:48:05.074 UTC\",\"user\":\"ana\",\"dbname\":\"shop\",\"pid\":6699,"      \
    "\"remote_host\":\"10.0.0.7\",\"remote_port\":54321,\"session_id\":\"6741c2f0.1a2b\",\"vxid\":\"3/45\"," \
    "\"txid\":1234,\"error_severity\":\"LOG\",\"application_name\":\"psql\",\"message\":\"" message          \
    "\""

// clang-format off
static const json_case objects[] = {
    { "as it is", JSON("statement: DROP TABLE orders;") ",\"query_id\":0}\n", false, true, "statement: DROP TABLE orders;" },
    { "escapes", JSON("a \\\"b\\\"\\n\\t\\u0001\\\\ c") "}", false, true, "a \"b\"\n\t\001\\ c" },
    { "blanks, and something new in it", JSON("m") " , \"new\" : { \"a\" : [ 1 , {\"b\":\"}\"} ] } }", false, true, "m" },
    { "cut in its message", "{\"timestamp\":\"2026-11-22 10:48:05.074 UTC\",\"user\":\"ana\",\"dbname\":\"shop\",\"pid\":6699,\"remote_host\":\"10.0.0.7\",\"session_id\":\"6741c2f0.1a2b\",\"vxid\":\"3/45\",\"txid\":1234,\"application_name\":\"psql\",\"message\":\"stat", true, true, "stat" },
    { "torn", JSON("m"), false, false, "" },
    { "a bad escape", JSON("\\q") "}", false, false, "" },
    { "a process that is no number", "{\"timestamp\":\"2026-11-22 10:48:05.074 UTC\",\"pid\":\"x\"}", false, false, "" },
    { "no time", "{\"pid\":1}", false, false, "" },
    { "nested too deeply", JSON("m") ",\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}", false, false, "" },
    { "an array", "[]", false, false, "" },
};
// clang-format on

static void reads_json(void **state)
{
    const json_case *row = *state;
    log_clock clock = { 0 };
    log_entry entry;
    const size_t len = strlen(row->line);
    uint8_t *bytes = malloc(len);
    memcpy(bytes, row->line, len);
    assert_int_equal(jsonlog_read(&clock, bytes, len, row->is_cut, &entry), row->is_one);
    if (row->is_one) {
        is_text(entry.message, row->message);
        is_text(entry.user, "ana");
        is_text(entry.database, "shop");
        is_text(entry.client, "10.0.0.7");
        is_text(entry.application, "psql");
        assert_int_equal(entry.pid, 6699);
        assert_int_equal(entry.xid, 1234);
    }
    free(bytes);
}

/* ---- stderr ---------------------------------------------------------------------------------- */

typedef struct prefix_case {
    const char *name, *prefix, *line;
    const char *
        want; /* user|database|application|client|pid|xid|session|virtual id|severity|message; NULL: it is none */
    bool is_doubtful;
} prefix_case;

#define AT "2026-11-22 10:48:05.074 UTC"

// clang-format off
static const prefix_case prefixes[] = {
    { "the default", "%m [%p] ", AT " [66] LOG:  statement: x", "||||66|0|||LOG|statement: x", false },
    { "lines that continue", "%m [%p] ", AT " [66] LOG:  statement: a\n\tb\n\t\tc\n", "||||66|0|||LOG|statement: a\nb\n\tc", false },
    { "pgBadger's", "%t [%p]: user=%u,db=%d,app=%a,client=%h ", "2026-11-22 10:48:05 UTC [66]: user=ana,db=shop,app=psql,client=10.0.0.7 LOG:  x", "ana|shop|psql|10.0.0.7|66|0|||LOG|x", false },
    { "of Amazon", "%t:%r:%u@%d:[%p]:", "2026-11-22 10:48:05 UTC:10.0.0.7(54321):ana@shop:[66]:STATEMENT:  x", "ana|shop||10.0.0.7|66|0|||STATEMENT|x", false },
    { "of Amazon, of no session", "%t:%r:%u@%d:[%p]:", "2026-11-22 10:48:05 UTC::@:[66]:LOG:  x", "||||66|0|||LOG|x", false },
    { "of Aurora", "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:", AT ":10.0.0.7(5):ana@shop:[66]:3:00000:2026-11-22 10:40:00 UTC:3/45:1234:6741c2f0.42:psql:LOG:  x", "ana|shop|psql|10.0.0.7|66|1234|6741c2f0.42|3/45|LOG|x", false },
    { "%q of a session", "%m [%p] %q%u@%d ", AT " [66] ana@shop ERROR:  x", "ana|shop|||66|0|||ERROR|x", false },
    { "%q of no session", "%m [%p] %q%u@%d ", AT " [66] LOG:  x", "||||66|0|||LOG|x", false },
    { "ids", "%m %p %x %v %c ", AT " 66 1234 3/45 6741c2f0.42 LOG:  x", "||||66|1234|6741c2f0.42|3/45|LOG|x", false },
    { "no virtual id", "%m %p %x %v %c ", AT " 66 0  6741c2f0.42 LOG:  x", "||||66|0|6741c2f0.42||LOG|x", false },
    { "padded", "%m [%8p] %-8u|%x ", AT " [      66] ana     |7 LOG:  x", "ana||||66|7|||LOG|x", false },
    { "a percent sign", "%m %%%p ", AT " %66 LOG:  x", "||||66|0|||LOG|x", false },
    { "an escape that no server knows", "%m %y[%p] ", AT " [66] LOG:  x", "||||66|0|||LOG|x", false },
    { "milliseconds since 1970", "%n %p ", "1795344485.074 66 LOG:  x", "||||66|0|||LOG|x", false },
    { "unknown", "%m [%p] %u@%d ", AT " [66] [unknown]@[unknown] LOG:  x", "||||66|0|||LOG|x", false },
    { "a name with a blank", "%m [%p] %u@%d ", AT " [66] eve o@shop LOG:  x", "eve o|shop|||66|0|||LOG|x", false },
    { "in German", "%m [%p] ", AT " [66] FEHLER:  x", "||||66|0|||FEHLER|x", false },
    { "an application like a prefix", "%m [%p] app=%a,client=%h,xid=%x ", AT " [66] app=a,client=1.1.1.1,xid=7 LOG:  y,client=[local],xid=0 LOG:  x", "||a|1.1.1.1|66|7|||LOG|y,client=[local],xid=0 LOG:  x", true },
    { "an application like a name", "%m [%p] %u@%d %a ", AT " [66] ana@shop psql zoe LOG:  x", "ana|shop|psql zoe||66|0|||LOG|x", true },
    { "a statement like a severity", "%m [%p] %u@%d ", AT " [66] ana@shop LOG:  statement: SELECT ' LOG:  x'", "ana|shop|||66|0|||LOG|statement: SELECT ' LOG:  x'", true },
    { "another prefix", "%m [%p] ", AT " <66> LOG:  x", NULL, false },
    { "no severity", "%m [%p] ", AT " [66] x", NULL, false },
    { "no number", "%m [%p] ", AT " [x] LOG:  x", NULL, false },
    { "no time", "%m [%p] ", "x [66] LOG:  x", NULL, false },
};
// clang-format on

static void add_part(char *to, wp_view part)
{
    sprintf(to + strlen(to), "%s%.*s", to[0] != '\0' ? "|" : "!", (int)part.len,
            part.len > 0 ? (const char *)part.bytes : "");
}

static void reads_prefixes(void **state)
{
    const prefix_case *row = *state;
    log_prefix *prefix = malloc(sizeof *prefix);
    log_clock clock = { 0 };
    log_entry e;
    char message[512], got[1024] = "", number[32];
    assert_true(log_prefix_parse(row->prefix, prefix, message));
    const size_t len = strlen(row->line);
    uint8_t *bytes = malloc(len);
    memcpy(bytes, row->line, len);
    assert_int_equal(log_prefix_read(prefix, &clock, bytes, len, &e), row->want != NULL);
    if (row->want != NULL) {
        const wp_view parts[] = { e.user, e.database, e.application, e.client };
        const wp_view more[] = { e.session, e.virtual_xid, e.severity, e.message };
        for (size_t i = 0; i < COUNT(parts); i++)
            add_part(got, parts[i]);
        sprintf(number, "%d", (int)e.pid);
        add_part(got, view(number));
        sprintf(number, "%d", (int)e.xid);
        add_part(got, view(number));
        for (size_t i = 0; i < COUNT(more); i++)
            add_part(got, more[i]);
        assert_string_equal(got + 1, row->want);
        assert_int_equal(e.is_doubtful, row->is_doubtful);
    }
    free(bytes);
    free(prefix);
}

typedef struct guess_case {
    const char *name, *lines, *want; /* NULL: none */
} guess_case;

// clang-format off
static const guess_case guesses[] = {
    { "the default", AT " [66] LOG:  a\n" AT " [67] LOG:  b\n", "%m [%p] " },
    { "Debian's", AT " [66] LOG:  a\n" AT " [67] ana@shop LOG:  b\n\tand more\n", "%m [%p] %q%u@%d " },
    { "pgBadger's", "2026-11-22 10:48:05 UTC [66]: user=ana,db=shop,app=psql,client=[local] LOG:  a\n", "%t [%p]: user=%u,db=%d,app=%a,client=%h " },
    { "pgBadger's of old", "2026-11-22 10:48:05 UTC [66]: [3-1] user=ana,db=shop LOG:  a\n", "%t [%p]: [%l-1] user=%u,db=%d " },
    { "of Amazon", "2026-11-22 10:48:05 UTC:10.0.0.7(5):ana@shop:[66]:LOG:  a\n2026-11-22 10:48:05 UTC::@:[9]:LOG:  b\n", "%t:%r:%u@%d:[%p]:" },
    { "numbers that may be anything", AT " [66] [7] [8] ana@shop LOG:  a\n", NULL },
    { "one of two does not fit", AT " [66] LOG:  a\n" AT " 66 ana LOG:  b\n", NULL },
    { "no log", "one\ntwo\n", NULL },
    { "nothing", "", NULL },
};
// clang-format on

static void guesses_prefixes(void **state)
{
    const guess_case *row = *state;
    log_prefix *prefix = malloc(sizeof *prefix);
    size_t n = 0;
    assert_int_equal(log_prefix_guess(view(row->lines), prefix, &n), row->want != NULL);
    if (row->want != NULL)
        assert_string_equal(prefix->text, row->want);
    free(prefix);
}

static void refuses_prefixes(void **state)
{
    (void)state;
    log_prefix *prefix = malloc(sizeof *prefix);
    char message[512], text[600];
    assert_false(log_prefix_parse("[%p] ", prefix, message));
    assert_non_null(strstr(message, "%m"));
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_false(log_prefix_parse(text, prefix, message));
    for (size_t i = 0; i < 240; i += 3)
        memcpy(text + i, "%mx", 4);
    assert_false(log_prefix_parse(text, prefix, message));
    free(prefix);
}

/* ---- statements ------------------------------------------------------------------------------ */

typedef struct statement_case {
    const char *name, *message, *event;
    bool does;
} statement_case;

#define DROP "DROP TABLE public.orders"

// clang-format off
static const statement_case statements[] = {
    { "log_statement", "statement: DROP TABLE orders;", DROP, true },
    { "its schema", "statement: drop table if exists public . orders cascade", DROP, true },
    { "another schema", "statement: DROP TABLE sales.orders", DROP, false },
    { "another table", "statement: DROP TABLE orders2", DROP, false },
    { "several", "statement: DROP TABLE a, b.orders, public.orders", DROP, true },
    { "quoted", "statement: DROP TABLE \"orders\"", DROP, true },
    { "quoted in another case", "statement: DROP TABLE \"Orders\"", DROP, false },
    { "in another case", "statement: DROP TABLE Orders", DROP, true },
    { "of a name with quotes", "statement: DROP TABLE \"a \"\"b\"", "DROP TABLE public.\"a \"\"b\"", true },
    { "of a name in capitals", "statement: DROP TABLE Orders", "DROP TABLE public.\"Orders\"", false },
    { "another verb", "statement: SELECT * FROM orders", DROP, false },
    { "the name before the verb", "statement: SELECT orders, 'DROP'", DROP, false },
    { "in a comment", "statement: SELECT 1 /* DROP TABLE orders */ -- DROP TABLE orders", DROP, false },
    { "after a comment", "statement: /* a /* b */ c */ DROP -- x\n TABLE orders", DROP, true },
    { "in a string", "statement: SELECT 'DROP TABLE orders'", DROP, false },
    { "the second of a string", "statement: SELECT 1; DROP TABLE orders", DROP, true },
    { "extended protocol", "execute <unnamed>: DROP TABLE orders", DROP, true },
    { "a prepared statement", "execute S_1/C_2: DROP TABLE orders", DROP, true },
    { "how long it took", "duration: 12.345 ms  statement: DROP TABLE orders", DROP, true },
    { "extended, and how long it took", "duration: 12.345 ms  execute <unnamed>: DROP TABLE orders", DROP, true },
    /* As PostgreSQL's translations of 15 have them (postgres-15.mo). */
    { "in German", "Anweisung: DROP TABLE orders", DROP, true },
    { "in Spanish", "sentencia: DROP TABLE orders", DROP, true },
    { "in French", "instruction : DROP TABLE orders", DROP, true },
    { "in Italian", "istruzione: DROP TABLE orders", DROP, true },
    { "in Japanese", "文: DROP TABLE orders", DROP, true },
    { "in Korean", "명령 구문: DROP TABLE orders", DROP, true },
    { "in Russian", "оператор: DROP TABLE orders", DROP, true },
    { "in Swedish", "sats: DROP TABLE orders", DROP, true },
    { "in Chinese", "语句: DROP TABLE orders", DROP, true },
    { "in Spanish, extended", "ejecutar <unnamed>: DROP TABLE orders", DROP, true },
    { "in Spanish, with its time", "duración: 12.345 ms  sentencia: DROP TABLE orders", DROP, true },
    { "in French, with its time", "durée : 12.345 ms, instruction : DROP TABLE orders", DROP, true },
    { "in Japanese, with its time", "期間: 12.345 ミリ秒  文: DROP TABLE orders", DROP, true },
    { "in Russian, with its time", "продолжительность: 12.345 мс, оператор: DROP TABLE orders", DROP, true },
    { "in Chinese, with its time", "执行时间: 12.345 ms 语句: DROP TABLE orders", DROP, true },
    { "binding is not doing", "duration: 12.345 ms  bind <unnamed>: DROP TABLE orders", DROP, false },
    { "auto_explain", "duration: 1.000 ms  plan:\nQuery Text: DELETE FROM orders\nDelete on orders", "DELETE FROM public.orders", true },
    { "pgaudit", "AUDIT: SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders,\"DROP TABLE \"\"orders\"\";\",<not logged>", DROP, true },
    { "pgaudit without the statement", "AUDIT: SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders,<not logged>,<not logged>", DROP, true },
    { "pgaudit of another table", "AUDIT: SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders2,<not logged>,<not logged>", DROP, false },
    { "pgaudit, cut", "AUDIT: SESSION,1,1,DDL,DROP", DROP, false },
    { "TRUNCATE", "statement: TRUNCATE orders, x", "TRUNCATE TABLE public.orders", true },
    { "MERGE", "statement: MERGE INTO orders USING s ON true WHEN MATCHED THEN DELETE", "DELETE FROM public.orders", true },
    { "in WITH", "statement: WITH gone AS (DELETE FROM orders RETURNING *) SELECT 1", "DELETE FROM public.orders", true },
    { "COPY", "statement: COPY orders FROM STDIN", "INSERT INTO public.orders", true },
    { "a schema", "statement: DROP SCHEMA doomed CASCADE", "DROP SCHEMA doomed", true },
    { "a database", "statement: DROP DATABASE shop", "DROP DATABASE shop", true },
    { "a column", "statement: ALTER TABLE orders DROP COLUMN a", "ALTER TABLE public.orders DROP COLUMN a", true },
    { "an unknown schema", "statement: DROP TABLE orders", "DROP TABLE [2200].orders", true },
    { "an unknown schema, and one is said", "statement: DROP TABLE x.orders", "DROP TABLE [2200].orders", true },
    { "an unknown name", "statement: DROP TABLE orders", "DROP TABLE public.[16399]", false },
    { "nothing known", "statement: DROP TABLE orders", "DROP TABLE [16399]", false },
    { "an open quote", "statement: DROP TABLE \"orders", DROP, true },
    { "an open string", "statement: DROP '", DROP, false },
    { "an open comment", "statement: DROP /*", DROP, false },
    { "a message", "could not receive data from client: DROP TABLE orders", DROP, false },
};
// clang-format on

static void reads_statements(void **state)
{
    const statement_case *row = *state;
    char *bytes = strdup(row->message);
    const log_entry entry = { .message = view(bytes) };
    log_statement statement;
    log_deed deed;
    const bool does = log_deed_of(row->event, &deed) && log_statement_of(&entry, &statement)
                      && log_statement_does(&statement, &deed);
    assert_int_equal(does, row->does);
    free(bytes);
}

static void reads_durations(void **state)
{
    (void)state;
    log_statement statement;
    log_entry entry = { .message = view("duration: 12.345 ms") };
    assert_false(log_statement_of(&entry, &statement));
    assert_true(statement.has_duration);
    assert_int_equal(statement.duration, 12345);
    entry.message = view("duration: 12 ms");
    assert_false(log_statement_of(&entry, &statement));
    assert_false(statement.has_duration);
}

static void knows_what_ends_a_transaction(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        log_end want;
    } rows[] = {
        { "BEGIN", LOG_BEGINS },
        { "start transaction read write", LOG_BEGINS },
        { "COMMIT;", LOG_COMMITS },
        { "END", LOG_COMMITS },
        { "rollback", LOG_ROLLS_BACK },
        { "ABORT", LOG_ROLLS_BACK },
        { "ROLLBACK TO s", LOG_ENDS_NOTHING },
        { "ROLLBACK TRANSACTION TO SAVEPOINT s", LOG_ENDS_NOTHING },
        { "COMMIT PREPARED 'x'", LOG_ENDS_NOTHING },
        { "DROP TABLE \"commit\"", LOG_ENDS_NOTHING },
        { "\"rollback\"", LOG_ENDS_NOTHING },
        { "", LOG_ENDS_NOTHING },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const log_statement statement = { .sql = view(rows[i].sql) };
        if (log_statement_ends(&statement) != rows[i].want)
            fail_msg("%s", rows[i].sql);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_epochs),         cmocka_unit_test(learns_each_zone),
        cmocka_unit_test(finds_the_next_entry), cmocka_unit_test(refuses_prefixes),
        cmocka_unit_test(reads_durations),      cmocka_unit_test(knows_what_ends_a_transaction),
    };
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("server log", tests, NULL, NULL)
           + run_cases("times", times, sizeof *times, COUNT(times), reads_times)
           + run_cases("csvlog", lines, sizeof *lines, COUNT(lines), reads_csv)
           + run_cases("jsonlog", objects, sizeof *objects, COUNT(objects), reads_json)
           + run_cases("prefixes", prefixes, sizeof *prefixes, COUNT(prefixes), reads_prefixes)
           + run_cases("guesses", guesses, sizeof *guesses, COUNT(guesses), guesses_prefixes)
           + run_cases("statements", statements, sizeof *statements, COUNT(statements),
                       reads_statements);
}
