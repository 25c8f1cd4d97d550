/*
 * watch.c - reads what comes, and tells it, until something ends the watch. See watch.h.
 */
#include "command/watch/watch.h"

#include "base/message.h"
#include "base/result.h"
#include "command/watch/notify.h"
#include "command/watch/watching.h"

/* So many pieces of WAL are read before anything else gets its turn. */
#define PIECES 16
#define WAIT_MS 1000
/* The first page of a segment says whose it is: that is known after so many bytes, before any record. */
#define HEAD_BYTES 40

/* ---- what the source says ------------------------------------------------------------------- */

static bool feed_part(watching *w, const live_chunk *chunk)
{
    char message[MESSAGE_BYTES];
    if (!follow_feed(w->follow, chunk, message)) {
        if (!w->is_failed && !w->is_over) /* else it was told to stop */
            (void)message_fail(w->message, "%s", message);
        return w->is_over || watching_fail(w);
    }
    w->counts.wal_bytes += chunk->bytes.len;
    return true;
}

/* The place to begin is saved before anything is told from there on: what was told before would be told again. */
static bool feed_up_to_first_save(watching *w, live_chunk *chunk)
{
    live_chunk part = *chunk;
    const wp_lsn from = w->source->from;
    const uint64_t wanted = from > chunk->at + HEAD_BYTES ? from - chunk->at : HEAD_BYTES;
    if (wanted < part.bytes.len)
        part.bytes.len = (size_t)wanted;
    chunk->at += part.bytes.len;
    chunk->bytes.bytes += part.bytes.len;
    chunk->bytes.len -= part.bytes.len;
    if (!feed_part(w, &part))
        return false;
    watching_save(w, false);
    return !w->is_failed;
}

static bool feed(watching *w, live_chunk *chunk)
{
    if (!w->has_begun && follow_timeline(w->follow) != chunk->tli
        && w->lines_until.tli < chunk->tli) /* as follow_begin() does */
        w->lines_until.tli = chunk->tli;
    if (!w->has_begun && !follow_begin(w->follow, chunk->at, chunk->tli, w->message))
        return watching_fail(w);
    w->has_begun = true;
    if (w->state != NULL && state_is_new(w->state) && !feed_up_to_first_save(w, chunk))
        return false;
    return chunk->bytes.len == 0 || feed_part(w, chunk);
}

static bool go_to_timeline(watching *w, const live_chunk *chunk)
{
    char at[WP_LSN_TEXT_BYTES];
    log_story("pitr-find: timeline %u ends at %s: going on along timeline %u",
              (unsigned)w->counts.timeline, wp_lsn_format(chunk->at, at), (unsigned)chunk->tli);
    return follow_fork(w->follow, chunk->at, chunk->tli, w->message) || watching_fail(w);
}

static bool pass_gap(watching *w, const live_chunk *chunk)
{
    log_warning("%s", w->message);
    w->is_in_doubt = true;
    w->is_told_once = true;
    const bool is_good = follow_begin(w->follow, chunk->at, chunk->tli, w->message);
    w->is_told_once = false;
    return is_good || watching_fail(w);
}

static void note_place(watching *w, const live_chunk *chunk)
{
    if (chunk->server_end != 0)
        w->counts.server_end = chunk->server_end;
    if (!w->has_begun)
        return;
    w->counts.position = follow_position(w->follow);
    w->counts.timeline = follow_timeline(w->follow);
}

/* Is all read that --to-lsn asks for? A record that begins before it may end after it. */
static bool is_at_end(const watching *w)
{
    const wp_lsn to = w->options->to_lsn, at = w->counts.position;
    return to != 0 && at >= to
           && (w->counts.server_end <= at || at - to > w->source->segment_bytes);
}

/* Takes one thing that happened. False: there was nothing. */
static bool take(watching *w)
{
    live_chunk chunk;
    const live_status status = live_source_next(w->source, 0, &chunk, w->message);
    switch (status) {
    case LIVE_WAL:
        (void)feed(w, &chunk);
        break;
    case LIVE_TIMELINE:
        (void)go_to_timeline(w, &chunk);
        break;
    case LIVE_GAP:
        (void)pass_gap(w, &chunk);
        break;
    case LIVE_LOST:
        log_warning("%s", w->message);
        w->counts.losses++;
        w->counts.is_connected = false;
        break;
    case LIVE_BACK:
        log_warning("%s", w->message);
        w->counts.is_connected = true;
        break;
    case LIVE_FAILED:
        (void)watching_fail(w);
        break;
    case LIVE_IDLE:
        break;
    }
    note_place(w, &chunk);
    return status != LIVE_IDLE;
}

/* ---- the loop ------------------------------------------------------------------------------- */

static bool is_hook_behind(const watching *w)
{
    return (w->hook != NULL && hook_waiting(w->hook) >= HOOK_QUEUE_SOFT)
           || watching_waits_to_save(w);
}

static void watch(watching *w)
{
    while (!w->is_over && !w->is_failed) {
        const bool reads = !is_hook_behind(w);
        bool has_more = reads;
        for (int i = 0; has_more && i < PIECES && !w->is_failed; i++)
            has_more = take(w);
        w->is_over |= is_at_end(w);
        watching_save(w, false);
        if (!w->is_over && !w->is_failed)
            watching_wait(w, reads, has_more ? 0 : WAIT_MS);
    }
}

static exit_code end(watching *w)
{
    notify_send("STOPPING=1");
    const bool was_failed = w->is_failed;
    char message[MESSAGE_BYTES];
    (void)message_fail(message, "%s", w->message);
    if (was_failed)
        log_error("%s", message);
    watching_finish(w);
    watching_save(w, true);
    if (w->is_failed)
        return was_failed ? EXIT_TROUBLE : result_trouble(w->message);
    return w->is_in_doubt || follow_is_in_doubt(w->follow) ? EXIT_DOUBT : EXIT_FOUND;
}

exit_code watch_run(const options *o)
{
    watching w;
    exit_code code = EXIT_TROUBLE;
    if (watching_open(&w, o) && watching_catch_signals(&w)) {
        notify_send("READY=1");
        watch(&w);
        code = end(&w);
    } else {
        log_error("%s", w.message);
    }
    watching_close(&w);
    return code;
}
