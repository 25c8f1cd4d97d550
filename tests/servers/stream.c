/*
 * stream.c - a stream of WAL, written to segment files to be compared with the server's own.
 *
 *     stream [from=LSN] [to=LSN] [tli=N] [system=N] [slot=NAME] [create] [confirm] [times] [silence=MS] CONNINFO FOLDER
 *
 * Ends at `to` with status 0, on a signal, or with 2 where the source fails. Prints a line for all that is no WAL; with `times` also for
 * each chunk: its end, and the time in microseconds since 1970. confirm: all before the segment that is read is not needed.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <walparse/segment.h>

#include "live/stream_source.h"

static struct {
    const char *folder;
    wp_lsn to;
    bool confirms, has_times;
    wp_tli tli; /* of the open file */
    wp_lsn start;
    int fd;
} run = { .fd = -1 };

static void stop(const char *what)
{
    perror(what);
    exit(1);
}

static wp_lsn lsn_of(const char *chars)
{
    wp_lsn lsn;
    if (!wp_lsn_parse(chars, &lsn))
        exit(1);
    return lsn;
}

/* Bytes of one segment. */
static void put(const live_chunk *chunk, uint32_t segment_bytes)
{
    const wp_lsn start = chunk->at - chunk->at % segment_bytes;
    if (run.fd < 0 || start != run.start || chunk->tli != run.tli) {
        char path[4096], name[WP_SEGMENT_NAME_BYTES];
        if (run.fd >= 0)
            close(run.fd);
        wp_segment_name_format(chunk->tli, chunk->at, segment_bytes, name);
        (void)snprintf(path, sizeof path, "%s/%s", run.folder, name);
        run.fd = open(path, O_WRONLY | O_CREAT, 0644);
        if (run.fd < 0)
            stop(path);
        run.start = start;
        run.tli = chunk->tli;
    }
    const off_t at = (off_t)(chunk->at - start);
    if (pwrite(run.fd, chunk->bytes.bytes, chunk->bytes.len, at) != (ssize_t)chunk->bytes.len)
        stop("write");
}

static void put_all(live_chunk chunk, uint32_t segment_bytes)
{
    while (chunk.bytes.len > 0) {
        live_chunk part = chunk;
        const size_t room = segment_bytes - chunk.at % segment_bytes;
        part.bytes.len = chunk.bytes.len < room ? chunk.bytes.len : room;
        put(&part, segment_bytes);
        chunk.at += part.bytes.len;
        chunk.bytes.bytes += part.bytes.len;
        chunk.bytes.len -= part.bytes.len;
    }
}

static void take_wal(live_source *source, const live_chunk *chunk, wp_lsn *next)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (chunk->at != *next) {
        printf("jump\n");
        exit(1);
    }
    *next += chunk->bytes.len;
    if (run.has_times)
        printf("%" PRIu64 " %lld\n", *next, (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
    put_all(*chunk, source->segment_bytes);
    if (run.confirms)
        live_source_confirm(source, *next - *next % source->segment_bytes);
}

static int follow(live_source *source)
{
    char lsn[WP_LSN_TEXT_BYTES], message[MESSAGE_BYTES];
    wp_lsn next = source->from - source->from % source->segment_bytes;
    live_chunk chunk;
    while (run.to == 0 || next < run.to) {
        const live_status status = live_source_next(source, 1000, &chunk, message);
        switch (status) {
        case LIVE_WAL:
            take_wal(source, &chunk, &next);
            break;
        case LIVE_GAP:
        case LIVE_IDLE:
            break;
        case LIVE_TIMELINE:
            printf("timeline %u at %s, read to %" PRIu64 "%s%s\n", (unsigned)chunk.tli,
                   wp_lsn_format(chunk.at, lsn), next, message[0] != '\0' ? ": " : "", message);
            next = chunk.at - chunk.at % source->segment_bytes;
            break;
        case LIVE_LOST:
        case LIVE_BACK:
        case LIVE_FAILED:
            printf("%s: %s\n",
                   status == LIVE_LOST   ? "lost"
                   : status == LIVE_BACK ? "back"
                                         : "failed",
                   message);
            if (status == LIVE_FAILED)
                return 2;
        }
    }
    return 0;
}

static bool take_option(stream_config *config, const char *arg)
{
    const char *value = strchr(arg, '=');
    value = value != NULL ? value + 1 : "";
    if (strncmp(arg, "from=", 5) == 0)
        config->from_lsn = lsn_of(value);
    else if (strncmp(arg, "to=", 3) == 0)
        run.to = lsn_of(value);
    else if (strncmp(arg, "tli=", 4) == 0)
        config->from_tli = (wp_tli)strtoul(value, NULL, 10);
    else if (strncmp(arg, "system=", 7) == 0)
        config->system_identifier = strtoull(value, NULL, 10);
    else if (strncmp(arg, "slot=", 5) == 0)
        config->slot = value;
    else if (strncmp(arg, "silence=", 8) == 0)
        config->silence_ms = (int)strtol(value, NULL, 10);
    else if (strcmp(arg, "create") == 0)
        config->create_slot = true;
    else if (strcmp(arg, "confirm") == 0)
        run.confirms = true;
    else if (strcmp(arg, "times") == 0)
        run.has_times = true;
    else
        return false;
    return true;
}

int main(int argc, char **argv)
{
    stream_config config = { .option = "CONNINFO" };
    char message[MESSAGE_BYTES], lsn[WP_LSN_TEXT_BYTES];
    int arg = 1;
    while (arg < argc && take_option(&config, argv[arg]))
        arg++;
    if (argc - arg != 2)
        return 1;
    config.conninfo = argv[arg];
    run.folder = argv[arg + 1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    live_source *source;
    if (!stream_source_open(&config, &source, message)) {
        printf("failed: %s\n", message);
        return 2;
    }
    printf("begin %s on %u, segments of %u, system %" PRIu64 "\n", wp_lsn_format(source->from, lsn),
           (unsigned)source->from_tli, (unsigned)source->segment_bytes, source->system_identifier);
    const int status = follow(source);
    live_source_free(source);
    if (run.fd >= 0)
        close(run.fd);
    return status;
}
