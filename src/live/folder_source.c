/*
 * folder_source.c - see folder_source.h.
 *
 *     record | record | record | record | half a record, zeros, or old WAL
 *                     ^ handed          ^ limit
 *
 * Bytes are handed out up to a limit. Where they end, a walk over records looks for the next limit: the end of the last whole
 * one. Where there is none and the segment is known to be complete (later WAL is there, or an archive has all its bytes),
 * its end is the limit, and what cannot be read there is damage.
 */
#include "live/folder_source.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include <walparse/walparse.h>

#include "archive/archive_open.h"
#include "archive/live_wal.h"
#include "archive/timeline_file.h"
#include "archive/timeline_history.h"
#include "file/probe.h"
#include "live/folder_files.h"
#include "live/wal_file.h"

/* A segment that is missing, or too short, while later ones are there: so long an archiver may take for it. */
#define PATIENCE_MS 10000
/* A folder that cannot be read may be so for a moment. */
#define FAILING_MS 2000
#define WAIT_MS 1000

typedef struct folder_source {
    live_source source;
    char *folder;
    folder_files files;
    wal_file reader;
    prober prober;
    wp_segment_info info;
    char *good_path; /* the file that was last seen to hold its segment */
    bool is_live;    /* a pg_wal: files are used again, and the newest one is being written to */

    wp_tli tli;
    wp_lsn handed, limit;
    char *limit_path; /* read the bytes up to limit from this file; NULL: from the segment's own */
    bool is_padded;   /* zeros stand for what the file lacks up to the limit */
    wp_walk walk;     /* at `limit` */
    bool is_lost;     /* no walk: what was read last is damaged */

    wp_tli next_tli; /* of a timeline that branches off at `fork`; 0: none is known */
    wp_lsn fork;

    wp_lsn waiting_at; /* something is missing there, since: */
    int64_t waiting_since;
    int64_t failing_since; /* 0: the folder can be read */
    bool is_away;          /* and that was told */
    bool has_failed, has_news;
    char failure[MESSAGE_BYTES];
} folder_source;

/* What a step of the work ends with; the rest are those of live_status. */
typedef enum step {
    STEP_ON,   /* something was found: go on */
    STEP_IDLE, /* nothing to do until there is news */
    STEP_TOLD  /* *status has what to tell */
} step;

typedef struct telling {
    live_status status;
    live_chunk *out;
    char *message;
} telling;

static wp_lsn segment_of(const folder_source *s, wp_lsn lsn)
{
    return lsn & ~(wp_lsn)(s->info.segment_size - 1);
}

static wp_lsn segment_end(const folder_source *s)
{
    return segment_of(s, s->handed) + s->info.segment_size;
}

static step tell(telling *t, live_status status, wp_lsn at, wp_tli tli)
{
    t->status = status;
    t->out->at = at;
    t->out->tli = tli;
    return STEP_TOLD;
}

static step fail(folder_source *s, telling *t)
{
    s->has_failed = true;
    memcpy(s->failure, t->message, sizeof s->failure);
    return tell(t, LIVE_FAILED, s->handed, s->tli);
}

static void start_walk(folder_source *s)
{
    wp_walk_begin(&s->walk, &s->info, s->handed);
    s->is_lost = false;
}

static void limit_at(folder_source *s, wp_lsn limit, const char *path, bool is_padded)
{
    free(s->limit_path);
    s->limit_path = path != NULL ? strdup(path) : NULL;
    s->limit = limit;
    s->is_padded = is_padded;
}

/* ---- files ---------------------------------------------------------------------------------- */

typedef enum fit { FIT_GOOD, FIT_OTHER, FIT_STRANGER } fit;

/* Does a file hold the segment that it is named after? Once it does, it always does. */
static fit first_page(folder_source *s, const folder_file *file)
{
    char ignored[MESSAGE_BYTES];
    probe_result seen;
    if (s->good_path != NULL && strcmp(s->good_path, file->path) == 0)
        return FIT_GOOD;
    if (!probe_head(&s->prober, file->path, &seen, ignored) || seen.verdict != PROBE_SEGMENT)
        return FIT_OTHER;
    if (seen.info.system_identifier != s->info.system_identifier)
        return FIT_STRANGER;
    if (seen.info.start_lsn != file->start || seen.info.segment_size != s->info.segment_size
        || seen.info.profile != s->info.profile)
        return FIT_OTHER;
    free(s->good_path);
    s->good_path = strdup(file->path);
    return FIT_GOOD;
}

/* The best file of a segment that holds it; NULL: none does. *stranger: one of another cluster is there. */
static const folder_file *good_file(folder_source *s, wp_tli tli, wp_lsn start,
                                    const folder_file **stranger)
{
    size_t n = 0;
    const folder_file *file = folder_files_find(&s->files, tli, start, &n);
    for (size_t i = 0; i < n; i++) {
        const fit is = first_page(s, &file[i]);
        if (is == FIT_GOOD)
            return &file[i];
        if (is == FIT_STRANGER && stranger != NULL)
            *stranger = &file[i];
    }
    return NULL;
}

/* The first segment after the one that is read that is really there. */
static const folder_file *good_after(folder_source *s, wp_lsn after)
{
    const folder_file *file = NULL;
    while ((file = folder_files_after(&s->files, s->tli, after)) != NULL) {
        const folder_file *good = good_file(s, s->tli, file->start, NULL);
        if (good != NULL)
            return good;
        after = file->start;
    }
    return NULL;
}

/* So long for what is missing at this place? */
static bool has_waited(folder_source *s)
{
    const int64_t now = folder_now_ms();
    if (s->waiting_at != s->handed)
        s->waiting_since = now;
    s->waiting_at = s->handed;
    return now - s->waiting_since >= PATIENCE_MS;
}

/* Is there later WAL? Of the many files that a server has made ready only the next one is looked into, if it is there. */
static bool is_passed(folder_source *s, wp_lsn next)
{
    size_t n = 0;
    if (s->is_live && folder_files_find(&s->files, s->tli, next, &n) != NULL)
        return good_file(s, s->tli, next, NULL) != NULL;
    return good_after(s, next - 1) != NULL;
}

/* Is nothing changed any more in the segment that is read from this file? */
static bool is_complete(folder_source *s, const folder_file *file, char message[MESSAGE_BYTES])
{
    const bool is_full = wal_file_has(&s->reader, file->path, s->info.segment_size, message);
    if (is_full && !s->is_live && !file->is_partial)
        return true;
    return is_passed(s, file->start + s->info.segment_size) && (is_full || has_waited(s));
}

/* ---- what is missing ------------------------------------------------------------------------ */

static step pass_gap(folder_source *s, const folder_file *there, telling *t)
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    (void)message_fail(t->message, "the WAL from %s to %s %s", wp_lsn_format(s->handed, from),
                       wp_lsn_format(there->start, until),
                       s->is_live ? "was removed before it was read" : "is missing");
    s->handed = there->start;
    limit_at(s, s->handed, NULL, false);
    start_walk(s);
    s->waiting_at = 0;
    return tell(t, LIVE_GAP, s->handed, s->tli);
}

/* The segment is not there. A server's own folder lacks what was removed, an archive what is late. */
static step try_gap(folder_source *s, telling *t)
{
    const folder_file *there = good_after(s, segment_of(s, s->handed));
    if (there == NULL)
        return STEP_IDLE;
    return s->is_live || has_waited(s) ? pass_gap(s, there, t) : STEP_IDLE;
}

/* ---- handing out ---------------------------------------------------------------------------- */

/* The walk goes along where it did not go ahead. */
static void walk_along(folder_source *s, wp_view bytes)
{
    if (s->is_lost || s->walk.at != s->handed)
        return;
    if (wp_walk_on(&s->walk, bytes) == WP_WALK_STOP)
        s->is_lost = true;
}

static step hand_out_bytes(folder_source *s, wp_view bytes, telling *t)
{
    walk_along(s, bytes);
    t->out->bytes = bytes;
    const wp_lsn at = s->handed;
    s->handed += bytes.len;
    const bool is_end = s->handed == segment_of(s, s->handed);
    if (is_end && (s->is_lost || s->walk.at != s->handed))
        start_walk(s);
    s->waiting_at = 0;
    return tell(t, LIVE_WAL, at, s->tli);
}

/* The file that has what was found to be sound: it may be another one by now. */
static wal_file_status read_sound(folder_source *s, size_t most, wp_view *bytes,
                                  char message[MESSAGE_BYTES])
{
    const wp_lsn start = segment_of(s, s->handed);
    const folder_file *file = s->limit_path == NULL ? good_file(s, s->tli, start, NULL) : NULL;
    const char *path = file != NULL ? file->path : s->limit_path;
    if (path == NULL)
        return WAL_FILE_GONE;
    return wal_file_read(&s->reader, path, s->handed - start, most, bytes, message);
}

static step hand_out(folder_source *s, telling *t)
{
    static const uint8_t zeros[WAL_FILE_WINDOW_BYTES];
    const size_t most = (size_t)(s->limit - s->handed);
    wp_view bytes = { 0 };
    switch (read_sound(s, most, &bytes, t->message)) {
    case WAL_FILE_READ:
        return hand_out_bytes(s, bytes, t);
    case WAL_FILE_FAILED:
        return fail(s, t);
    case WAL_FILE_END:
        if (!s->is_padded)
            break;
        return hand_out_bytes(s, (wp_view){ zeros, most < sizeof zeros ? most : sizeof zeros }, t);
    case WAL_FILE_GONE:
        break;
    }
    /* It was renamed, removed or used again: once the list knows, another one has it, or none. */
    size_t n = 0;
    const bool is_listed =
        folder_files_find(&s->files, s->tli, segment_of(s, s->handed), &n) != NULL;
    if (!is_listed && !s->files.is_stale)
        return try_gap(s, t);
    s->files.is_stale = true;
    return STEP_IDLE;
}

/* ---- how far is it sound -------------------------------------------------------------------- */

/*
 * Walks on in a file until a record ends after what was handed out, or up to `until`. False: nothing was found. *end is that of
 * the walk.
 */
static bool walk_ahead(folder_source *s, const char *path, wp_lsn until, wp_walk *walk,
                       wp_walk_end *end, char message[MESSAGE_BYTES])
{
    const wp_lsn start = segment_of(s, s->handed);
    wp_view bytes = { 0 };
    *walk = s->walk;
    *end = WP_WALK_MORE;
    while (*end == WP_WALK_MORE && walk->at < start + s->info.segment_size
           && !(walk->sound > s->handed && walk->sound >= until)) {
        const wp_lsn before = walk->at;
        if (wal_file_read(&s->reader, path, walk->at - start,
                          (size_t)(start + s->info.segment_size - walk->at), &bytes, message)
            != WAL_FILE_READ)
            break;
        *end = wp_walk_on(walk, bytes);
        if (walk->at == before)
            break;
    }
    return walk->sound > s->handed;
}

static step read_on(folder_source *s, const folder_file *file, telling *t)
{
    wp_walk walk;
    wp_walk_end end = WP_WALK_STOP;
    if (!s->is_lost && walk_ahead(s, file->path, 0, &walk, &end, t->message)) {
        s->walk = walk;
        wp_walk_back(&s->walk);
        limit_at(s, walk.sound, NULL, end == WP_WALK_SWITCH);
        return STEP_ON;
    }
    if (!is_complete(s, file, t->message))
        return STEP_IDLE;
    limit_at(s, segment_end(s), NULL, true);
    return STEP_ON;
}

/* ---- timelines ------------------------------------------------------------------------------ */

/* The latest timeline whose history has the one that is read. */
static void find_fork(folder_source *s)
{
    char ignored[MESSAGE_BYTES];
    wp_tli latest = s->tli;
    s->next_tli = 0;
    for (size_t i = 0; i < s->files.nhistories; i++) {
        const folder_file *file = &s->files.histories[i];
        timeline_history history;
        if (file->tli <= latest
            || timeline_read(&s->prober, file->path, file->tli, &history, ignored) != TIMELINE_READ)
            continue;
        const int at = timeline_history_find(&history, s->tli);
        if (at >= 0 && (size_t)at + 1 < history.nspans) {
            latest = file->tli;
            s->next_tli = history.spans[at + 1].tli;
            s->fork = history.spans[at].end;
        }
        timeline_free(&history);
    }
}

static step turn(folder_source *s, telling *t)
{
    const wp_lsn fork = s->fork;
    char at[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    t->message[0] = '\0';
    if (fork < s->handed)
        (void)message_fail(t->message,
                           "timeline %u branches off timeline %u at %s: what was told from there "
                           "to %s is not of its history",
                           (unsigned)s->next_tli, (unsigned)s->tli, wp_lsn_format(fork, at),
                           wp_lsn_format(s->handed, until));
    s->tli = s->next_tli;
    s->next_tli = 0;
    s->handed = segment_of(s, fork);
    limit_at(s, s->handed, NULL, false);
    start_walk(s);
    return tell(t, LIVE_TIMELINE, fork, s->tli);
}

/* Nothing more comes on this timeline: is there another one that goes on, and is its WAL there? */
static step try_fork(folder_source *s, telling *t)
{
    wp_walk walk;
    wp_walk_end end;
    find_fork(s);
    if (s->next_tli == 0)
        return STEP_IDLE;
    const folder_file *file = good_file(s, s->next_tli, segment_of(s, s->fork), NULL);
    if (file == NULL) {
        s->files.is_stale |= s->fork < segment_of(s, s->handed); /* it is not listed */
        return STEP_IDLE;
    }
    if (s->fork <= s->handed)
        return turn(s, t);
    if (segment_of(s, s->handed) != segment_of(s, s->fork))
        return STEP_IDLE;
    /* Its first file begins with what its parent wrote to that segment. */
    if (!s->is_lost
        && !(walk_ahead(s, file->path, s->fork, &walk, &end, t->message) && walk.sound >= s->fork))
        return STEP_IDLE;
    limit_at(s, s->fork, file->path, false);
    s->walk.at = s->walk.sound = s->fork;
    return STEP_ON;
}

/* ---- one look ------------------------------------------------------------------------------- */

static step tell_away(folder_source *s, telling *t)
{
    const int64_t now = folder_now_ms();
    if (s->failing_since == 0)
        s->failing_since = now;
    if (s->is_away || now - s->failing_since < FAILING_MS)
        return STEP_IDLE;
    s->is_away = true;
    return tell(t, LIVE_LOST, s->handed, s->tli);
}

static bool tells_back(folder_source *s, telling *t)
{
    const bool was_away = s->is_away;
    s->failing_since = 0;
    s->is_away = false;
    if (was_away) {
        (void)message_fail(t->message, "\"%.300s\" can be read again", s->folder);
        (void)tell(t, LIVE_BACK, s->handed, s->tli);
    }
    return was_away;
}

/* STEP_ON: the list is as good as it can be now. */
static step list(folder_source *s, telling *t)
{
    const wp_lsn from = segment_of(s, s->handed);
    const wp_lsn lowest = s->next_tli != 0 && s->fork < from ? segment_of(s, s->fork) : from;
    if (!folder_files_refresh(&s->files, lowest, t->message))
        return tell_away(s, t);
    return tells_back(s, t) ? STEP_TOLD : STEP_ON;
}

static step look(folder_source *s, telling *t)
{
    const folder_file *stranger = NULL;
    const step is_listed = list(s, t);
    if (is_listed != STEP_ON)
        return is_listed;
    if (s->next_tli != 0 && s->fork == s->handed)
        return try_fork(s, t);
    const folder_file *file = good_file(s, s->tli, segment_of(s, s->handed), &stranger);
    if (file == NULL && stranger != NULL) {
        (void)message_fail(t->message, "\"%.300s\" is of another cluster (system identifier)",
                           stranger->path);
        return fail(s, t);
    }
    step is = file != NULL ? read_on(s, file, t) : STEP_IDLE;
    if (is == STEP_IDLE)
        is = try_fork(s, t);
    return is == STEP_IDLE && file == NULL ? try_gap(s, t) : is;
}

static step go_on(folder_source *s, telling *t)
{
    for (;;) {
        const bool is_sound = s->handed < s->limit;
        step is = is_sound ? hand_out(s, t) : look(s, t);
        if (is == STEP_IDLE && is_sound && s->files.is_stale) {
            is = list(s, t);
            if (is == STEP_ON && s->files.is_stale)
                is = STEP_IDLE;
        }
        if (is != STEP_ON)
            return is;
    }
}

/* ---- the interface -------------------------------------------------------------------------- */

static live_status next(live_source *source, int timeout_ms, live_chunk *out,
                        char message[MESSAGE_BYTES])
{
    folder_source *s = (void *)source;
    telling t = { .out = out, .message = message };
    const int64_t until = folder_now_ms() + timeout_ms;
    *out = (live_chunk){ .at = s->handed, .tli = s->tli };
    if (s->has_failed) {
        memcpy(message, s->failure, sizeof s->failure);
        return LIVE_FAILED;
    }
    for (;;) {
        s->has_news |= folder_files_has_news(&s->files);
        if (s->has_news && go_on(s, &t) == STEP_TOLD) {
            out->server_end = s->limit;
            return t.status;
        }
        s->has_news = s->files.is_stale; /* to be listed a little later */
        const int64_t left = timeout_ms < 0 ? WAIT_MS : until - folder_now_ms();
        if (left <= 0)
            break;
        struct pollfd notes = { .fd = s->files.notes, .events = POLLIN };
        (void)poll(&notes, 1, (int)(left < WAIT_MS ? left : WAIT_MS));
    }
    out->server_end = s->limit;
    return LIVE_IDLE;
}

static int descriptor(const live_source *source)
{
    return ((const folder_source *)(const void *)source)->files.notes;
}

/* Nothing in the folder waits for us. */
static void confirm(live_source *source, wp_lsn lsn)
{
    (void)source;
    (void)lsn;
}

static void free_source(live_source *source)
{
    folder_source *s = (void *)source;
    folder_files_close(&s->files);
    wal_file_free(&s->reader);
    probe_free(&s->prober);
    free(s->limit_path);
    free(s->good_path);
    free(s->folder);
    free(s);
}

static const live_source_functions functions = {
    .next = next, .fd = descriptor, .confirm = confirm, .free = free_source
};

/* ---- the beginning -------------------------------------------------------------------------- */

/* Goes to the end of what there is. */
static bool find_end(folder_source *s, char message[MESSAGE_BYTES])
{
    live_chunk chunk;
    telling t = { .out = &chunk, .message = message };
    step is = STEP_ON;
    while (is != STEP_IDLE) {
        is = go_on(s, &t);
        if (is == STEP_TOLD && t.status == LIVE_FAILED)
            return false;
    }
    s->source.from = s->handed;
    s->source.from_tli = s->tli;
    return true;
}

static wp_tli timeline_at(const archive *wal, wp_lsn lsn)
{
    const timeline_history *h = &wal->history;
    for (size_t i = 0; i < h->nspans; i++)
        if (lsn >= h->spans[i].begin && lsn < h->spans[i].end)
            return h->spans[i].tli;
    return wal->timeline;
}

static bool begin(folder_source *s, const folder_source_config *config, const archive *wal,
                  char message[MESSAGE_BYTES])
{
    const archive_segment *last = &wal->segments[wal->nsegments - 1];
    const wp_lsn from = config->from != 0 ? config->from : last->start_lsn;
    char asked[WP_LSN_TEXT_BYTES], first[WP_LSN_TEXT_BYTES];
    s->info = wal->info;
    s->is_live = live_has_newest(wal);
    s->tli = config->from_tli != 0 ? config->from_tli : timeline_at(wal, from);
    s->handed = s->limit = segment_of(s, from);
    if (s->handed < wal->segments[0].start_lsn)
        return message_fail(message,
                            "the WAL from %s on is not in \"%.200s\": what is there begins at %s",
                            wp_lsn_format(from, asked), s->folder,
                            wp_lsn_format(wal->segments[0].start_lsn, first));
    s->source = (live_source){ .functions = &functions,
                               .from = from,
                               .from_tli = s->tli,
                               .segment_bytes = s->info.segment_size,
                               .system_identifier = s->info.system_identifier };
    folder_files_open(&s->files, s->folder, s->info.segment_size);
    s->has_news = true;
    start_walk(s);
    if (config->from != 0)
        return true;
    if (!find_end(s, message))
        return false;
    /* Read again from the start of its segment: what comes may belong to what is there. */
    s->handed = s->limit = segment_of(s, s->source.from);
    limit_at(s, s->handed, NULL, false);
    start_walk(s);
    s->has_news = true;
    return true;
}

bool folder_source_open(const folder_source_config *config, live_source **out,
                        char message[MESSAGE_BYTES])
{
    folder_source *s = calloc(1, sizeof *s);
    archive wal;
    *out = NULL;
    if (s == NULL)
        return message_no_memory(message);
    s->files.notes = s->reader.fd = -1;
    s->folder = strdup(config->folder);
    if (s->folder == NULL) {
        free_source(&s->source);
        return message_no_memory(message);
    }
    char *folders[] = { s->folder };
    const archive_limits limits = { .system_id = config->system_identifier };
    const bool is_good =
        archive_open(folders, 1, &limits, &wal, message) && begin(s, config, &wal, message);
    archive_free(&wal);
    if (is_good)
        *out = &s->source;
    else
        free_source(&s->source);
    return is_good;
}
