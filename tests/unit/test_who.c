/*
 * test_who.c - who did it, by logs of a few lines: what proves it, what is likely, and what is not it. The transaction is always
 * 1234, DROP TABLE public.orders in database shop, committed at 10:48:05.100 UTC.
 */
#include <stdio.h>

#include "cases.h"
#include "folder.h"
#include "server_log/who.h"

#define COMMIT_TIME INT64_C(848659685100000) /* 2026-11-22 10:48:05.1 UTC */

/* A line of a csvlog: time after 10:48 (or before), user, database, process, virtual id, id, severity, message, the statement of an error. */
#define LINE_OF(clock, user, db, pid, vxid, xid, severity, message, query)                      \
    "2026-11-22 " clock " UTC,\"" user "\",\"" db "\"," pid ",\"10.0.0.7:54321\",6741c2f0." pid \
    ",3,\"idle\",2026-11-22 10:40:00 UTC," vxid "," xid "," severity ",00000,\"" message        \
    "\",,,,,,\"" query "\",,,\"psql\"\n"
#define ANA(clock, vxid, xid, message) \
    LINE_OF(clock, "ana", "shop", "66", vxid, xid, "LOG", message, "")
#define BOB(clock, vxid, xid, message) \
    LINE_OF(clock, "bob", "shop", "77", vxid, xid, "LOG", message, "")
#define DROP "statement: DROP TABLE orders;"
#define FIRST ANA("10:00:00.000", "3/1", "0", "statement: SELECT 1")
#define LAST BOB("10:52:00.000", "9/99", "0", "statement: SELECT 2")

typedef struct who_case {
    const char *name, *lines;
    const char
        *want; /* certainty, then the users and the certainty of the statement; reason after ": " */
    const char *prefix;
    bool is_prepared, is_rolled_back, is_nameless, has_no_database;
} who_case;

// clang-format off
static const who_case cases[] = {
    /* proven */
    { "a statement with the id", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) LAST, "proven ana proven", .prefix = NULL },
    { "pinned by a COMMIT", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.099", "3/45", "1234", "statement: COMMIT") LAST, "proven ana proven", .prefix = NULL },
    { "of a subtransaction's id", FIRST ANA("10:48:05.090", "3/45", "1240", DROP) LAST, "proven ana proven", .prefix = NULL },
    { "pgaudit, when it is done", FIRST ANA("10:48:05.090", "3/45", "1234", "AUDIT: SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders,\"\"drop table orders\"\",<none>") LAST, "proven ana proven", .prefix = NULL },
    { "pgaudit, and the statement before", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.090", "3/45", "1234", "AUDIT: SESSION,1,1,DDL,DROP TABLE,TABLE,public.orders,<not logged>,<none>") LAST, "proven ana proven", .prefix = NULL },
    { "by a function", FIRST ANA("10:48:05.080", "3/45", "0", "statement: SELECT f()") ANA("10:48:05.090", "3/45", "1234", "done") LAST, "proven ana likely", .prefix = NULL },
    { "two statements that may have done it", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) ANA("10:48:05.091", "3/45", "1234", "statement: SET search_path = b") ANA("10:48:05.092", "3/45", "1234", "statement: DROP TABLE x, orders") LAST, "proven ana likely", .prefix = NULL },
    { "and did something else", FIRST ANA("10:48:05.080", "3/45", "0", "statement: INSERT INTO done VALUES (1)") ANA("10:48:05.090", "3/45", "1234", DROP) ANA("10:48:05.091", "3/45", "1234", "statement: INSERT INTO done VALUES (2)") LAST, "proven ana proven", .prefix = NULL },
    { "others did something else", FIRST BOB("10:48:05.080", "4/7", "0", "statement: INSERT INTO done VALUES (1)") ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.081", "3/45", "0", "statement: INSERT INTO done VALUES (1)") LAST, "likely ana likely: DROP of orders", .prefix = NULL },
    { "the id alone", FIRST ANA("10:48:05.090", "3/45", "1234", "done") LAST, "proven ana unknown", .prefix = NULL },
    { "others beside it", FIRST BOB("10:48:05.091", "4/7", "0", DROP) ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.099", "3/45", "1234", "statement: COMMIT") LAST, "proven ana proven", .prefix = NULL },
    { "the next transaction of the session", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) ANA("10:48:05.101", "3/46", "1235", "statement: COMMIT") LAST, "proven ana proven", .prefix = NULL },
    { "a failed one of the same words after it", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) ANA("10:48:06.000", "3/46", "0", DROP) LINE_OF("10:48:06.001", "ana", "shop", "66", "3/46", "0", "ERROR", "no such table", "DROP TABLE orders;") LAST, "proven ana proven", .prefix = NULL },
    { "it failed, and a function did it", FIRST ANA("10:48:05.070", "3/45", "1234", DROP) LINE_OF("10:48:05.071", "ana", "shop", "66", "3/45", "1234", "ERROR", "not now", "DROP TABLE orders;") ANA("10:48:05.080", "3/45", "1234", "statement: ROLLBACK TO s") ANA("10:48:05.090", "3/45", "1234", "statement: SELECT f()") LAST, "proven ana likely", .prefix = NULL },
    { "waiting for a standby", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) ANA("10:48:25.000", "3/45", "1234", "canceling the wait for synchronous replication") LAST, "proven ana proven", .prefix = NULL },
    { "rolled back", FIRST ANA("10:48:05.080", "3/45", "1234", DROP) ANA("10:48:05.099", "3/45", "1234", "statement: ROLLBACK") LAST, "proven ana proven", .is_rolled_back = true },

    /* the id, and yet not proven */
    { "the WAL names no database", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) LAST, "likely ana likely: --backup", .has_no_database = true },
    { "another database", FIRST LINE_OF("10:48:05.090", "ana", "shop2", "66", "3/45", "1234", "LOG", DROP, "") LAST, "unknown: in database \"shop2\"", .prefix = NULL },
    { "two sessions have it", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) BOB("10:48:05.091", "4/7", "1234", DROP) LAST, "likely bob ana likely: another session", .prefix = NULL },
    { "after the commit", FIRST ANA("10:48:09.000", "3/45", "1234", "done") LAST, "unknown: does not fit", .prefix = NULL },
    { "a day before", ANA("10:00:00.000", "3/45", "1234", "done") LAST, "likely ana unknown: 48 min before", .prefix = NULL },
    { "another transaction came before the commit", FIRST ANA("10:40:00.000", "3/45", "1234", DROP) ANA("10:41:00.000", "3/46", "0", "statement: SELECT 1") LAST, "unknown: log of this server", .prefix = NULL },
    { "the session had ended", FIRST ANA("10:40:00.000", "3/45", "1234", DROP) ANA("10:41:00.000", "", "0", "disconnection: session time: 0:00:01.000") LAST, "unknown: log of this server", .prefix = NULL },
    { "prepared", FIRST ANA("10:40:00.000", "3/45", "1234", DROP) ANA("10:41:00.000", "3/46", "0", "statement: SELECT 1") LAST, "proven ana proven: COMMIT PREPARED", .is_prepared = true },

    /* likely */
    { "a statement alone", FIRST ANA("10:48:05.090", "3/45", "0", DROP) LAST, "likely ana likely: 0.01 s before the commit; the line has no transaction id", .prefix = NULL },
    { "how long it took, around the commit", FIRST ANA("10:48:05.110", "3/0", "0", "duration: 20.000 ms  statement: DROP TABLE orders;") LAST, "likely ana likely: 0.01 s before", .prefix = NULL },
    { "two statements", FIRST ANA("10:48:05.080", "3/45", "0", DROP) BOB("10:48:05.090", "4/7", "0", DROP) LAST, "likely bob ana likely", .prefix = NULL },
    { "long before", FIRST ANA("10:18:05.000", "3/45", "0", DROP) LAST, "likely ana likely: 30 min before", .prefix = NULL },

    /* not it */
    { "another id", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.099", "3/45", "1233", "statement: COMMIT") LAST, "unknown: none by its words", .prefix = NULL },
    { "another virtual id before the commit", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.090", "3/46", "0", "statement: SELECT 1") LAST, "unknown", .prefix = NULL },
    { "in no transaction before the commit", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.090", "3/0", "0", "duration: 1.000 ms") LAST, "unknown", .prefix = NULL },
    { "the same transaction long after", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:15.000", "3/45", "0", "statement: SELECT 1") LAST, "unknown", .prefix = NULL },
    { "it failed", FIRST ANA("10:48:05.080", "3/45", "0", DROP) LINE_OF("10:48:05.081", "ana", "shop", "66", "3/45", "0", "ERROR", "not now", "DROP TABLE orders;") LAST, "unknown", .prefix = NULL },
    { "it failed, in Spanish", FIRST ANA("10:48:05.080", "3/45", "0", "sentencia: DROP TABLE orders;") LINE_OF("10:48:05.081", "ana", "shop", "66", "3/45", "0", "ERROR", "ahora no", "DROP TABLE orders;") LAST, "unknown", .prefix = NULL },
    { "it failed, in German, with a hint between", "2026-11-22 10:00:00.000 UTC [1] LOG:  x\n2026-11-22 10:48:05.090 UTC [66] ana@shop LOG:  Anweisung: DROP TABLE orders;\n2026-11-22 10:48:05.091 UTC [66] ana@shop FEHLER:  nicht jetzt\n2026-11-22 10:48:05.091 UTC [66] ana@shop TIPP:  x\n2026-11-22 10:48:05.091 UTC [66] ana@shop ANWEISUNG:  DROP TABLE orders;\n2026-11-22 10:52:00.000 UTC [1] LOG:  x\n", "unknown: none by its words", .prefix = NULL },
    { "rolled back before", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.090", "3/45", "0", "statement: ROLLBACK") LAST, "unknown", .prefix = NULL },
    { "the session had ended before", FIRST ANA("10:48:05.080", "3/45", "0", DROP) ANA("10:48:05.090", "", "0", "disconnection: session time: 0:00:01.000") LAST, "unknown", .prefix = NULL },
    { "after it", FIRST ANA("10:48:05.200", "3/45", "0", DROP) LAST, "unknown", .prefix = NULL },
    { "it was over before", FIRST ANA("10:48:05.090", "3/0", "0", "duration: 20.000 ms  statement: DROP TABLE orders;") LAST, "unknown", .prefix = NULL },
    { "it began after", FIRST ANA("10:48:05.210", "3/0", "0", "duration: 20.000 ms  statement: DROP TABLE orders;") LAST, "unknown", .prefix = NULL },
    { "in another database", FIRST LINE_OF("10:48:05.090", "ana", "shop2", "66", "3/45", "0", "LOG", DROP, "") LAST, "unknown", .prefix = NULL },
    { "two days before", "2026-11-20 10:00:00.000 UTC,\"ana\",\"shop\",66,\"10.0.0.7:5\",6741c2f0.66,3,\"idle\",2026-11-20 10:00:00 UTC,3/45,1234,LOG,00000,\"statement: DROP TABLE orders;\",,,,,,,,,\"psql\"\n" LAST, "unknown: does not fit", .prefix = NULL },

    /* why nobody */
    { "another time", ANA("10:00:00.000", "3/1", "0", DROP) ANA("10:01:00.000", "3/2", "0", "statement: SELECT 1"), "unknown: the log goes from 2026-11-22T10:00:00.000000Z to 2026-11-22T10:01:00.000000Z", .prefix = NULL },
    { "no statements", ANA("10:00:00.000", "3/1", "0", "x") ANA("10:52:00.000", "3/2", "0", "y"), "unknown: no statement is logged", .prefix = NULL },
    { "none in that database", LINE_OF("10:00:00.000", "ana", "x", "66", "3/1", "0", "LOG", DROP, "") LINE_OF("10:52:00.000", "ana", "x", "66", "3/1", "0", "LOG", DROP, ""), "unknown: no statement is logged in database \"shop\"", .prefix = NULL },
    { "its name is not known", FIRST ANA("10:48:05.090", "3/45", "0", DROP) LAST, "unknown: does not name what it did", .is_nameless = true },
    { "its name is not known, the id is", FIRST ANA("10:48:05.090", "3/45", "1234", DROP) LAST, "proven ana likely", .is_nameless = true },

    /* stderr */
    { "stderr without ids", "2026-11-22 10:00:00.000 UTC [1] LOG:  x\n2026-11-22 10:48:05.090 UTC [66] ana@shop LOG:  statement: DROP TABLE orders;\n2026-11-22 10:52:00.000 UTC [1] LOG:  x\n", "likely ana likely: add %x to log_line_prefix", .prefix = NULL },
    { "stderr, an error in two entries", "2026-11-22 10:00:00.000 UTC [1] LOG:  x\n2026-11-22 10:48:05.090 UTC [66] ana@shop LOG:  statement: DROP TABLE\n\torders;\n2026-11-22 10:48:05.091 UTC [66] ana@shop ERROR:  not now\n2026-11-22 10:48:05.091 UTC [66] ana@shop STATEMENT:  DROP TABLE\n\torders;\n2026-11-22 10:52:00.000 UTC [1] LOG:  x\n", "unknown: none by its words", .prefix = NULL },
    { "stderr, rolled back in the second of the commit", "2026-11-22 10:00:00 UTC [1]: user=,db=,app=,client= LOG:  x\n2026-11-22 10:48:05 UTC [66]: user=ana,db=shop,app=a,client=h LOG:  statement: BEGIN\n2026-11-22 10:48:05 UTC [66]: user=ana,db=shop,app=a,client=h LOG:  statement: DROP TABLE orders\n2026-11-22 10:48:05 UTC [66]: user=ana,db=shop,app=a,client=h LOG:  statement: ROLLBACK\n2026-11-22 10:52:00 UTC [1]: user=,db=,app=,client= LOG:  x\n", "unknown: none by its words", .prefix = NULL },
    { "stderr, who by log_connections", "2026-11-22 10:00:00.000 UTC [66] 0 LOG:  connection received: host=10.0.0.7 port=5\n2026-11-22 10:00:00.001 UTC [66] 0 LOG:  connection authorized: user=ana b database=shop application_name=psql SSL enabled (protocol=TLSv1.3)\n2026-11-22 10:48:05.090 UTC [66] 1234 LOG:  statement: DROP TABLE orders;\n2026-11-22 10:52:00.000 UTC [1] 0 LOG:  x\n", "likely ana b likely: add %d to log_line_prefix", .prefix = "%m [%p] %x " },
    { "stderr, the session's id and log_connections", "2026-11-22 10:00:00.000 UTC [66.1] 0 LOG:  connection received: host=10.0.0.7 port=5\n2026-11-22 10:00:00.001 UTC [66.1] 0 LOG:  connection authorized: user=ana database=shop\n2026-11-22 10:48:05.090 UTC [66.1] 1234 LOG:  statement: DROP TABLE orders;\n2026-11-22 10:52:00.000 UTC [1.1] 0 LOG:  x\n", "proven ana proven", .prefix = "%m [%c] %x " },
    { "stderr, a process whose number was another's", "2026-11-22 10:00:00.001 UTC [66] LOG:  connection authorized: user=zoe database=shop\n2026-11-22 10:48:00.000 UTC [66] LOG:  connection received: host=10.0.0.9 port=5\n2026-11-22 10:48:05.090 UTC [66] LOG:  statement: DROP TABLE orders;\n2026-11-22 10:52:00.000 UTC [1] LOG:  x\n", "likely none likely", .prefix = "%m [%p] " },
    { "stderr, in two ways", "2026-11-22 10:00:00.000 UTC [1] app=,xid=0 LOG:  x\n2026-11-22 10:48:05.090 UTC [66] app=a,xid=1234 LOG:  statement: DROP TABLE orders;,xid=0 LOG:  x\n2026-11-22 10:52:00.000 UTC [1] app=,xid=0 LOG:  x\n", "likely none likely: database", .prefix = "%m [%p] app=%a,xid=%x " },
    { "stderr, in two ways, with a database", "2026-11-22 10:00:00.000 UTC [1] app=,xid=0 shop LOG:  x\n2026-11-22 10:48:05.090 UTC [66] app=a,xid=1234 shop LOG:  statement: DROP TABLE orders;,xid=0 shop LOG:  x\n2026-11-22 10:52:00.000 UTC [1] app=,xid=0 shop LOG:  x\n", "likely none likely: in more than one way", .prefix = "%m [%p] app=%a,xid=%x %d " },
};
// clang-format on

static void add(char *to, const char *word)
{
    sprintf(to + strlen(to), "%s%s", to[0] != '\0' ? " " : "", word);
}

static who_answer ask(const who_case *row, const char *const *paths, size_t npaths)
{
    static const wp_xid subxids[] = { 1240, 1241 };
    const who_config config = { paths, npaths, row->prefix };
    who_question q = { .xid = 1234,
                       .subxids = subxids,
                       .nsubxids = COUNT(subxids),
                       .commit_time = COMMIT_TIME,
                       .is_prepared = row->is_prepared,
                       .is_rolled_back = row->is_rolled_back,
                       .database = row->has_no_database ? NULL : "shop",
                       .events = { row->is_nameless ? "DROP TABLE [16399]"
                                                    : "DROP TABLE public.orders",
                                   "INSERT INTO public.done" },
                       .nevents = row->is_nameless ? 1 : 2 };
    text_list warnings = { 0 };
    char message[512] = "";
    who_answer answer;
    if (!who_ask(&config, &q, &answer, &warnings, message))
        fail_msg("%s", message);
    text_list_free(&warnings);
    return answer;
}

static void hold(const who_case *row, const who_answer *answer)
{
    char got[1024] = "";
    const char *colon = strstr(row->want, ": ");
    const size_t len = colon != NULL ? (size_t)(colon - row->want) : strlen(row->want);
    const char *reason = answer->count > 0 ? answer->items[0].reason : answer->reason;
    add(got, who_certainty_word(answer->certainty));
    for (size_t i = 0; i < answer->count; i++)
        add(got, answer->items[i].user != NULL ? answer->items[i].user : "none");
    if (answer->count > 0)
        add(got, who_certainty_word(answer->items[0].statement_certainty));
    if (strlen(got) != len || strncmp(got, row->want, len) != 0)
        fail_msg("got %s (%s), want %s", got, reason, row->want);
    if (colon != NULL && strstr(reason, colon + 2) == NULL)
        fail_msg("got %s, want %s", reason, colon + 2);
}

static void tells_who(void **state)
{
    const who_case *row = *state;
    folder f = folder_new();
    put_text(&f, "log", row->lines);
    const char *const path = in_folder(&f, "log");
    who_answer answer = ask(row, &path, 1);
    hold(row, &answer);
    who_free(&answer);
    folder_remove(&f);
}

/* Given twice, under two names, and split in two: the answer is the same. */
static void tells_the_same_of_copies(void **state)
{
    const who_case *row = *state;
    folder f = folder_new();
    blob packed = { 0 };
    const size_t len = strlen(row->lines);
    size_t cut = len / 2;
    put_text(&f, "a", row->lines);
    put_gzip(&packed, (wp_view){ (const uint8_t *)row->lines, len });
    put_file(&f, "logs/copy", view_of(&packed));
    while (cut < len && (row->lines[cut - 1] != '\n' || row->lines[cut] == '\t'))
        cut++;
    put_file(&f, "split/z", (wp_view){ (const uint8_t *)row->lines, cut });
    put_file(&f, "split/a", (wp_view){ (const uint8_t *)row->lines + cut, len - cut });
    const char *paths[] = { in_folder(&f, "a"), in_folder(&f, "logs") };
    who_answer answer = ask(row, paths, 2);
    hold(row, &answer);
    who_free(&answer);
    paths[0] = in_folder(&f, "split");
    answer = ask(row, paths, 1);
    hold(row, &answer);
    who_free(&answer);
    blob_free(&packed);
    folder_remove(&f);
}

int main(void)
{
    setenv("TZ", "UTC", 1);
    return run_cases("who", cases, sizeof *cases, COUNT(cases), tells_who)
           + run_cases("who, of copies", cases, sizeof *cases, COUNT(cases),
                       tells_the_same_of_copies);
}
