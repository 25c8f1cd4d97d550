/*
 * test_stream_source.c - a source of live WAL holds out against what servers may say: hostile ones, others, and those that come
 * back.
 */
#include <stdio.h>
#include <time.h>

#include "cases.h"
#include "base/text.h"
#include "fake_server.h"
#include "folder.h"
#include "live/stream_source.h"

#define END                  \
    {                        \
        .action = FAKE_CLOSE \
    }
#define WAL(at, count, fill)                                            \
    {                                                                   \
        .action = FAKE_WAL, .lsn = (at), .len = (count), .byte = (fill) \
    }
#define RAW(bytes)                                                    \
    {                                                                 \
        .action = FAKE_RAW, .text = (bytes), .len = sizeof(bytes) - 1 \
    }
#define SWITCH(at, next)                                \
    {                                                   \
        .action = FAKE_END, .lsn = (at), .text = (next) \
    }
#define EIGHT "\0\0\0\0\0\0\0\0"

typedef struct stream_case {
    const char *name;
    fake_connection connections[3]; /* those whose `is_used` is set */
    size_t nconnections;
    const char *says[5]; /* lines, each by its beginning; * stands for any characters */
    wp_lsn from;
    int silence_ms;
} stream_case;

// clang-format off
static const stream_case cases[] = {
    { "WAL that goes on", { { .steps = { WAL(0x500000, 100, 'a'), WAL(0x500064, 50, 'b') } } }, 1,
      { "wal 0/500000 100", "wal 0/500064 50", "lost the connection is lost: server closed the connection unexpectedly; trying again\n" }, 0, 0 },
    { "a place in the middle of a segment", { { .steps = { WAL(0x400000, 100, 'a') } } }, 1, { "wal 0/400000 100" }, 0x401234, 0 },
    { "a gap", { { .steps = { WAL(0x500000, 100, 'a'), WAL(0x500065, 10, 'b') } } }, 1,
      { "wal 0/500000 100", "failed the server sends WAL from 0/500065 on, where 0/500064 is next" }, 0, 0 },
    { "bytes twice", { { .steps = { WAL(0x500000, 100, 'a'), WAL(0x500000, 100, 'a') } } }, 1,
      { "wal 0/500000 100", "failed the server sends WAL from 0/500000 on, where 0/500064 is next" }, 0, 0 },
    { "another place than asked for", { { .steps = { WAL(0x600000, 100, 'a') } } }, 1,
      { "failed the server sends WAL from 0/600000 on, where 0/500000 is next" }, 0, 0 },
    { "more WAL than there are places", { { .end = "FFFFFFFF/FFFFFFFF", .steps = { WAL(0xFFFFFFFFFFF00000, 0x100001, 'a') } } }, 1,
      { "failed the server sends WAL from FFFFFFFF/FFF00000 on, where FFFFFFFF/FFF00000 is next" }, 0, 0 },
    { "a header without WAL", { { .steps = { RAW("w" EIGHT EIGHT EIGHT) } } }, 1,
      { "failed the server sends a message of 25 bytes and type 0x77, which is none" }, 0, 0 },
    { "half a header", { { .steps = { RAW("w" EIGHT) } } }, 1, { "failed the server sends a message of 9 bytes and type 0x77" }, 0, 0 },
    { "a keepalive that is short", { { .steps = { RAW("k" EIGHT EIGHT) } } }, 1, { "failed the server sends a message of 17 bytes and type 0x6b" }, 0, 0 },
    { "a keepalive that is long", { { .steps = { RAW("k" EIGHT EIGHT "\0\0") } } }, 1, { "failed the server sends a message of 19 bytes and type 0x6b" }, 0, 0 },
    { "another message", { { .steps = { RAW("s" EIGHT EIGHT "\0") } } }, 1, { "failed the server sends a message of 18 bytes and type 0x73" }, 0, 0 },
    { "an empty message, which is skipped", { { .steps = { RAW(""), WAL(0x500000, 10, 'a') } } }, 1, { "wal 0/500000 10" }, 0, 0 },
    { "a message that is large", { { .steps = { WAL(0x500000, (16 << 20) - 24, 'a') } } }, 1, { "failed the server sends a message of 16777217 bytes" }, 0, 0 },
    { "a reply that is asked for",
      { { .steps = { WAL(0x500000, 100, 'a'), { .action = FAKE_KEEPALIVE, .lsn = 0x500064, .len = 1 },
                     { .action = FAKE_UPDATE, .lsn = 0x500064 }, WAL(0x500064, 10, 'a') } } }, 1,
      { "wal 0/500000 100", "wal 0/500064 10" }, 0, 0 },
    { "a server that says nothing", { { .steps = { { .action = FAKE_UPDATE, .lsn = 0x500000, .len = 1 }, { .action = FAKE_WAIT } } } }, 1,
      { "lost the server says nothing for * s; trying again" }, 0, 300 },
    { "WAL that is removed", { { .steps = { { .action = FAKE_ERROR, .sqlstate = "58P01", .text = "weg" } } } }, 1,
      { "failed the server has removed the WAL from 0/500000 on: read it in the archive" }, 0, 0 },
    { "a server that shuts down", { { .steps = { { .action = FAKE_SHUT_DOWN } } } }, 1, { "lost the server ends the stream: it shuts down; trying again" }, 0, 0 },

    { "a connection that is made again",
      { { .steps = { WAL(0x500000, 100, 'a') } }, { .end = "0/600000", .steps = { WAL(0x500000, 60, 'a'), WAL(0x50003C, 60, 'a') } } }, 2,
      { "wal 0/500000 100", "lost", "back connected again: going on at 0/500064", "wal 0/500064 20" }, 0, 0 },
    { "other WAL than before", { { .steps = { WAL(0x500000, 100, 'a') } }, { .end = "0/600000", .steps = { WAL(0x500000, 60, 'a'), WAL(0x50003C, 60, 'b') } } }, 2,
      { "wal", "lost", "back", "failed the server's WAL before 0/500064 is not what it was when it was read" }, 0, 0 },
    { "another cluster", { { .steps = { WAL(0x500000, 100, 'a') } }, { .system = "8" } }, 2,
      { "wal", "lost", "failed the server is of another cluster: its system identifier is 8, that of the WAL read before is 7" }, 0, 0 },
    { "another size of segments", { { .steps = { WAL(0x500000, 100, 'a') } }, { .segment_size = "2MB" } }, 2,
      { "wal", "lost", "failed the size of segments has changed" }, 0, 0 },
    { "a password that is changed", { { .steps = { WAL(0x500000, 100, 'a') } }, { .refusal = "falsch", .sqlstate = "28P01" } }, 2,
      { "wal", "lost", "failed cannot connect to the server: *falsch; give the right password in" }, 0, 0 },
    { "all senders in use for a while",
      { { .steps = { WAL(0x500000, 100, 'a') } }, { .refusal = "max_wal_senders (currently 1)", .sqlstate = "53300" }, { .end = "0/600000", .steps = { WAL(0x500000, 120, 'a') } } }, 3,
      { "wal", "lost", "back", "wal 0/500064 20" }, 0, 0 },

    { "the next timeline", { { .steps = { WAL(0x500000, 100, 'a'), SWITCH(0x500064, "2"), WAL(0x500000, 120, 'b') } } }, 1,
      { "wal 0/500000 100", "timeline 2 at 0/500064\n", "wal 0/500000 120" }, 0, 0 },
    { "the same timeline next", { { .steps = { WAL(0x500000, 100, 'a'), SWITCH(0x500064, "1") } } }, 1,
      { "wal", "failed the server ends timeline 1 before its end" }, 0, 0 },
    { "a timeline that ends late", { { .steps = { WAL(0x500000, 100, 'a'), SWITCH(0x500065, "2") } } }, 1,
      { "wal", "failed the server ends timeline 1 before its end" }, 0, 0 },
    { "a timeline that ended before", { { .steps = { WAL(0x500000, 100, 'a'), SWITCH(0x500032, "2"), WAL(0x500000, 70, 'a') } } }, 1,
      { "wal", "timeline 2 at 0/500032 the server left timeline 1 at 0/500032, before 0/500064, up to which it was read", "wal 0/500000 70" }, 0, 0 },
    { "no next timeline", { { .steps = { WAL(0x500000, 100, 'a'), SWITCH(0x500064, "x") } } }, 1,
      { "wal", "lost the server does not say which timeline goes on" }, 0, 0 },
    { "a standby that lost WAL",
      { { .steps = { WAL(0x500000, 100, 'a') } }, { .tli = "2", .end = "0/500050", .history = "1\t0/500032\tpromoted\n", .steps = { WAL(0x500000, 120, 'b') } } }, 2,
      { "wal", "lost", "back", "timeline 2 at 0/500032 the server left timeline 1", "wal 0/500000 120" }, 0, 0 },
    { "a history that is none", { { .tli = "2", .history = "rubbish" } }, 1, { "failed the server's history of timeline 2 is none: line 1" }, 0, 0 },

    { "9.4", { { .version = "9.4.26" } }, 1, { "failed the server is of PostgreSQL 9.4, whose WAL this program cannot read" }, 0, 0 },
    { "25", { { .version = "25.1" } }, 1, { "failed the server is of PostgreSQL 25" }, 0, 0 },
    { "segments of 3 MB", { { .segment_size = "3MB" } }, 1, { "failed the server does not say how large its segments are" }, 0, 0 },
    { "segments of 2 GB", { { .segment_size = "2GB" } }, 1, { "failed the server does not say how large its segments are" }, 0, 0 },
    { "segments of nothing", { { .segment_size = "" } }, 1, { "failed the server does not say how large its segments are" }, 0, 0 },
    { "no system identifier", { { .system = "7x" } }, 1, { "failed the server's answer to IDENTIFY_SYSTEM is none" }, 0, 0 },
    { "timeline 0", { { .tli = "0" } }, 1, { "failed the server's answer to IDENTIFY_SYSTEM is none" }, 0, 0 },
    { "no LSN", { { .end = "nowhere" } }, 1, { "failed the server's answer to IDENTIFY_SYSTEM is none" }, 0, 0 },
    { "a place after the end", { { .end = "0/500000" } }, 1, { "failed the server's WAL ends at 0/500000, before 0/500001" }, 0x500001, 0 },
    { "SSL wanted", { { .refusal = "no pg_hba.conf entry for replication connection from host \"1.2.3.4\", user \"x\", no encryption", .sqlstate = "28000" } }, 1,
      { "failed cannot connect to the server: *no encryption; give sslmode=require if the server wants SSL" }, 0, 0 },
    { "wal_level minimal", { { .refusal = "max_wal_senders (currently 0)", .sqlstate = "53300" } }, 1,
      { "failed *; set max_wal_senders = 10 and wal_level = replica, and restart the server" }, 0, 0 },
    { "a secret", { { .refusal = "you said s3cr3t!", .sqlstate = "28000" } }, 1, { "failed cannot connect to the server: *you said ***!\n" }, 0, 0 },
};
// clang-format on

static bool has_no_libpq(void)
{
    const stream_config config = { .option = "SOURCE", .conninfo = "x" };
    char message[MESSAGE_BYTES];
    live_source *source;
    return !stream_source_open(&config, &source, message)
           && strstr(message, "built without") != NULL;
}

/* Does the line begin so? A * in what is wanted stands for any characters. */
static bool begins(const char *line, const char *want)
{
    const char *star = strstr(want, "*");
    if (star == NULL || strncmp(star, "***", 3) == 0)
        star = want + strlen(want);
    const size_t len = (size_t)(star - want);
    if (strncmp(line, want, len) != 0)
        return false;
    if (*star == '\0')
        return true;
    for (line += len; *line != '\0'; line++)
        if (begins(line, star + 1))
            return true;
    return false;
}

static void add_line(text *out, live_status status, const live_chunk *chunk, const char *message)
{
    char lsn[WP_LSN_TEXT_BYTES];
    wp_lsn_format(chunk->at, lsn);
    text_clear(out);
    if (status == LIVE_WAL)
        text_addf(out, "wal %s %zu\n", lsn, chunk->bytes.len);
    else if (status == LIVE_TIMELINE)
        text_addf(out, "timeline %u at %s%s%s\n", (unsigned)chunk->tli, lsn,
                  message[0] != '\0' ? " " : "", message);
    else
        text_addf(out, "%s %s\n",
                  status == LIVE_LOST   ? "lost"
                  : status == LIVE_BACK ? "back"
                                        : "failed",
                  message);
}

/* The next line, within 20 s. */
static void next_line(live_source *source, text *out)
{
    char message[MESSAGE_BYTES];
    live_chunk chunk;
    live_status status = LIVE_IDLE;
    for (int i = 0; status == LIVE_IDLE && i < 200; i++)
        status = live_source_next(source, 100, &chunk, message);
    if (status == LIVE_IDLE)
        fail_msg("nothing comes after '%s'", text_chars(out));
    add_line(out, status, &chunk, message);
}

static void streams(void **state)
{
    const stream_case *row = *state;
    if (has_no_libpq())
        skip();
    const folder f = folder_new();
    text conninfo = { 0 }, line = { 0 };
    char message[MESSAGE_BYTES];
    text_addf(&conninfo, "host=%s port=5432 user=x password=s3cr3t", f.path);
    fake_server *server = fake_server_new(&f, row->connections, row->nconnections);
    const stream_config config = { .option = "SOURCE",
                                   .conninfo = text_chars(&conninfo),
                                   .from_lsn = row->from,
                                   .silence_ms = row->silence_ms };
    live_source *source;
    if (!stream_source_open(&config, &source, message))
        text_addf(&line, "failed %s\n", message);
    for (size_t i = 0; i < COUNT(row->says) && row->says[i] != NULL; i++) {
        if (source != NULL)
            next_line(source, &line);
        if (!begins(text_chars(&line), row->says[i]))
            fail_msg("line %zu: got '%s', want '%s'", i, text_chars(&line), row->says[i]);
    }
    live_source_free(source);
    assert_true(fake_server_free(server));
    text_free(&conninfo);
    text_free(&line);
    folder_remove(&f);
}

int main(void)
{
    return RUN_CASES("streams", cases, streams);
}
