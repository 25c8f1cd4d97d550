/* stream_judge.c - what errors of the server mean for a stream of WAL, see stream_connect.h. */
#ifdef WITH_LIBPQ

#include "live/stream_connect.h"

#include <string.h>

/* By SQLSTATE (PostgreSQL's errcodes.txt): the words of messages are those of the server's language. */
static const struct {
    const char *sqlstate;
    const char *word; /* that the line has, too: what no language translates */
    stream_outcome outcome;
    const char *advice;
} rows[] = {
    { "", "no password supplied", STREAM_NEVER, "give it in ~/.pgpass or PGPASSWORD" },
    { "28P01", "", STREAM_NEVER, "give the right password in ~/.pgpass or PGPASSWORD" },
    { "28000", "[local]", STREAM_NEVER,
      "add a line to pg_hba.conf: local replication USER scram-sha-256" },
    { "28000", "no encryption", STREAM_NEVER,
      "give sslmode=require if the server wants SSL, or add a line to pg_hba.conf: host replication "
      "USER ADDRESS scram-sha-256" },
    { "28000", "SSL off", STREAM_NEVER,
      "give sslmode=require if the server wants SSL, or add a line to pg_hba.conf: host replication "
      "USER ADDRESS scram-sha-256" },
    { "28000", "pg_hba.conf", STREAM_NEVER,
      "add a line to pg_hba.conf: host replication USER ADDRESS scram-sha-256" },
    { "28000", "", STREAM_NEVER, "" },
    { "42501", "", STREAM_NEVER, "give the user the right: ALTER ROLE ... REPLICATION" },
    { "53300", " 0)", STREAM_AGAIN,
      "set max_wal_senders = 10 and wal_level = replica, and restart the server" },
    { "53300", "max_wal_senders", STREAM_AGAIN, "raise max_wal_senders" },
    { "42704", "", STREAM_NEVER, "make the slot with --create-slot" },
    { "55006", "", STREAM_AGAIN, "end that session, or name another slot" },
    { "55000", "", STREAM_NEVER,
      "the WAL it held is removed: read that in the archive, drop the slot, and make it anew" },
    { "53400", "", STREAM_AGAIN, "raise max_replication_slots" },
};

static void add_advice(char message[MESSAGE_BYTES], const char *advice)
{
    char said[MESSAGE_BYTES];
    memcpy(said, message, sizeof said);
    (void)message_fail(message, "%s; %s", said, advice);
}

stream_outcome stream_judge(const session *s, wp_lsn position, char message[MESSAGE_BYTES])
{
    const char *sqlstate = session_sqlstate(s);
    if (strcmp(sqlstate, "58P01") == 0) {
        char lsn[WP_LSN_TEXT_BYTES];
        (void)message_fail(
            message,
            "the server has removed the WAL from %s on: read it in the archive (give "
            "its folder as SOURCE), or begin later with --from-lsn",
            wp_lsn_format(position, lsn));
        return STREAM_NEVER;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(sqlstate, rows[i].sqlstate) == 0 && strstr(message, rows[i].word) != NULL) {
            if (rows[i].advice[0] != '\0')
                add_advice(message, rows[i].advice);
            return rows[i].outcome;
        }
    return STREAM_AGAIN;
}

#endif
