/*
 * follow.c - see follow.h.
 *
 *     bytes -> mapper of the segment -> facts -> reducer -> filter -> on_event
 *
 * A record that runs over the end of its segment belongs to that segment's mapper: it gets the bytes that follow, too,
 * until the record is whole, and what the next mapper finds meanwhile is held back.
 */
#include "live/follow.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "live/follow_tell.h"

static bool is_failed(const follow *f)
{
    return f->is_stopped || f->failure != NULL;
}

static bool fail(follow *f, char message[MESSAGE_BYTES])
{
    f->is_broken = true;
    if (f->failure != NULL)
        return message_fail(message, "%s", f->failure);
    message[0] = '\0';
    return false;
}

static bool fail_memory(follow *f, char message[MESSAGE_BYTES])
{
    f->is_broken = true;
    return message_no_memory(message);
}

static bool fail_library(follow *f, const wp_error *err, char message[MESSAGE_BYTES])
{
    f->is_broken = true;
    return message_fail(message, "%s", err->text);
}

/* ---- reducing ------------------------------------------------------------------------------- */

static bool add(follow *f, const wp_facts *facts, char message[MESSAGE_BYTES])
{
    wp_error err;
    if (wp_reducer_add(f->reducer, facts, &err) < 0)
        return fail_library(f, &err, message);
    return !is_failed(f) || fail(f, message);
}

/* Adds the catalogs of the backup in front of the first fact from its place on. *rest: what is left to be added. */
static bool add_seed(follow *f, const wp_facts *facts, wp_facts *rest, char message[MESSAGE_BYTES])
{
    const scan_seed *seed = f->config.seed;
    size_t pos = 0, before = 0;
    const wp_fact *fact;
    while ((fact = wp_facts_next(facts, &pos)) != NULL && fact->lsn < seed->lsn)
        before = pos;
    const wp_facts head = { .bytes = facts->bytes, .len = before };
    *rest = (wp_facts){ .bytes = facts->bytes + before, .len = facts->len - before };
    if (!add(f, &head, message) || fact == NULL)
        return !f->is_broken;
    f->is_seeded = true;
    if (!add(f, &seed->pages, message))
        return false;
    if (f->began_at > seed->lsn)
        wp_reducer_after_gap(f->reducer);
    return true;
}

/* Hands on what was found, and empties the list. Facts of bytes that were known already are not news. */
static bool reduce(follow *f, wp_facts *facts, bool is_news, char message[MESSAGE_BYTES])
{
    wp_facts rest = *facts;
    bool is_good = true;
    if (is_news && facts->len > 0) {
        if (!f->is_seeded)
            is_good = add_seed(f, facts, &rest, message);
        is_good = is_good && add(f, &rest, message);
    }
    wp_facts_clear(facts);
    return is_good;
}

/* ---- segments ------------------------------------------------------------------------------- */

/* The head of a segment says whose it is. One that is damaged is taken for what should be there. */
static bool look_at_head(follow *f, char message[MESSAGE_BYTES])
{
    wp_segment_info info;
    wp_error err;
    char lsn[WP_LSN_TEXT_BYTES];
    const wp_status status = wp_segment_probe((wp_view){ f->head, f->head_bytes }, &info, &err);
    wp_lsn_format(f->segment_start, lsn);
    if (status != WP_OK && f->reducer == NULL) {
        f->is_broken = true;
        return message_fail(message, "no WAL of PostgreSQL at %s: %s", lsn,
                            status == WP_END ? "nothing but zeros" : err.text);
    }
    if (status != WP_OK)
        return true;
    const uint64_t wanted =
        f->reducer != NULL ? f->info.system_identifier : f->config.system_identifier;
    if ((wanted != 0 && info.system_identifier != wanted)
        || (f->reducer != NULL
            && (info.profile != f->info.profile || info.segment_size != f->info.segment_size
                || info.page_size != f->info.page_size))) {
        f->is_broken = true;
        return message_fail(
            message, "the WAL at %s is of another cluster: system identifier %llu, not %llu", lsn,
            (unsigned long long)info.system_identifier, (unsigned long long)wanted);
    }
    if (f->reducer != NULL)
        return true;
    if (f->segment_start % info.segment_size != 0) {
        f->is_broken = true;
        return message_fail(message, "%s is not where a segment of %u bytes begins", lsn,
                            info.segment_size);
    }
    f->info = info;
    return follow_make_reducer(f, message);
}

/* Copies the list of moved catalogs as it is now. */
static bool copy_moved(const follow *f, segment_reader *own)
{
    size_t n = 0;
    const wp_catalog_file *moved = wp_reducer_moved(f->reducer, &n);
    wp_catalog_file *copy = realloc(own->moved, (n + 1) * sizeof *copy);
    if (copy == NULL)
        return false;
    own->moved = copy;
    own->nmoved = n;
    if (n > 0)
        memcpy(copy, moved, n * sizeof *copy);
    return true;
}

/* A mapper has read a row of pg_class: where that names a file that a catalog will move to, it must know before it reads on. */
static void on_class(void *context, wp_facts *facts)
{
    follow *f = context;
    size_t n = 0;
    if (f->is_broken || facts != &f->facts || !f->is_news || !reduce(f, facts, true, f->message))
        return;
    const wp_catalog_file *moved = wp_reducer_moved(f->reducer, &n);
    segment_reader *readers[] = { f->has_tail ? &f->tail : NULL, f->is_mapping ? &f->own : NULL };
    for (size_t i = 0; i < 2; i++) {
        segment_reader *one = readers[i];
        if (one == NULL
            || (one->nmoved == n && (n == 0 || memcmp(one->moved, moved, n * sizeof *moved) == 0)))
            continue;
        if (!copy_moved(f, one)) {
            (void)fail_memory(f, f->message);
            return;
        }
        wp_mapper_set_moved(one->mapper, one->moved, n);
    }
}

static bool start_mapper(follow *f, char message[MESSAGE_BYTES])
{
    wp_error err;
    if (!look_at_head(f, message))
        return false;
    segment_reader *own = &f->own;
    if (!copy_moved(f, own))
        return fail_memory(f, message);
    wp_mapper_config config = { .segment = f->info,
                                .moved = own->moved,
                                .nmoved = own->nmoved,
                                .tli = f->tli,
                                .is_live = true,
                                .on_class = on_class,
                                .context = f };
    config.segment.start_lsn = f->segment_start;
    const wp_status status = own->mapper != NULL ? wp_mapper_reset(own->mapper, &config, &err)
                                                 : wp_mapper_new(&config, &own->mapper, &err);
    if (status < 0)
        return fail_library(f, &err, message);
    f->is_mapping = true;
    return true;
}

/* Adds what a mapper makes of bytes to facts. *is_done: it needs no more of them. */
static bool map(follow *f, wp_mapper *mapper, wp_view bytes, wp_facts *facts, bool *is_done,
                char message[MESSAGE_BYTES])
{
    wp_error err;
    if (wp_mapper_feed(mapper, bytes, facts, &err) < 0)
        return fail_library(f, &err, message);
    if (f->is_broken) /* inside on_class() */
        return false;
    *is_done = wp_mapper_is_done(mapper);
    if (*is_done && wp_mapper_finish(mapper, facts, &err) < 0)
        return fail_library(f, &err, message);
    return true;
}

/* The record that runs over the end of an earlier segment. */
static bool feed_tail(follow *f, wp_view bytes, char message[MESSAGE_BYTES])
{
    bool is_done = false;
    if (!map(f, f->tail.mapper, bytes, &f->facts, &is_done, message))
        return false;
    f->has_tail = !is_done;
    return true;
}

static bool feed_mapper(follow *f, wp_view bytes, char message[MESSAGE_BYTES])
{
    bool is_done = false;
    if (!map(f, f->own.mapper, bytes, f->has_tail ? &f->held : &f->facts, &is_done, message))
        return false;
    f->is_mapping = !is_done;
    f->is_through = is_done;
    return true;
}

/* The head of a segment is collected until it says whose it is. */
static bool feed_head(follow *f, wp_view *bytes, char message[MESSAGE_BYTES])
{
    const size_t missing = sizeof f->head - f->head_bytes;
    const size_t n = bytes->len < missing ? bytes->len : missing;
    memcpy(f->head + f->head_bytes, bytes->bytes, n);
    f->head_bytes += n;
    bytes->bytes += n;
    bytes->len -= n;
    if (f->head_bytes < sizeof f->head)
        return true;
    return start_mapper(f, message) && feed_mapper(f, (wp_view){ f->head, f->head_bytes }, message);
}

/* Bytes of one segment. */
static bool feed_part(follow *f, wp_view bytes, bool is_news, char message[MESSAGE_BYTES])
{
    f->position += bytes.len;
    f->is_news = is_news;
    f->message = message;
    if (f->has_tail && !feed_tail(f, bytes, message))
        return false;
    if (!f->is_mapping && !f->is_through && !feed_head(f, &bytes, message))
        return false;
    if (f->is_mapping && bytes.len > 0 && !feed_mapper(f, bytes, message))
        return false;
    if (!reduce(f, &f->facts, is_news, message)
        || (!f->has_tail && !reduce(f, &f->held, is_news, message)))
        return false;
    if (is_news)
        follow_look(f);
    return true;
}

/* The next segment begins. A record that goes on into it stays with its mapper. */
static void end_segment(follow *f)
{
    if (f->is_mapping && !f->has_tail) {
        const segment_reader spare = f->tail;
        f->tail = f->own;
        f->own = spare;
        f->tail_start = f->segment_start;
        f->has_tail = true;
    }
    f->is_mapping = f->is_through = false;
    f->head_bytes = 0;
    f->segment_start = f->position;
}

static wp_lsn segment_of(const follow *f, wp_lsn lsn)
{
    return lsn - lsn % f->info.segment_size;
}

/* How many bytes from here on are of one segment, and of one kind: known already or not. */
static size_t part_of(const follow *f, size_t len)
{
    uint64_t n = len;
    if (f->reducer == NULL)
        return len < sizeof f->head - f->head_bytes ? len : sizeof f->head - f->head_bytes;
    const uint64_t left = f->info.segment_size - f->position % f->info.segment_size;
    n = left < n ? left : n;
    if (f->position < f->known_until && f->known_until - f->position < n)
        n = f->known_until - f->position;
    return (size_t)n;
}

/* ---- public --------------------------------------------------------------------------------- */

bool follow_feed(follow *f, const live_chunk *chunk, char message[MESSAGE_BYTES])
{
    wp_view left = chunk->bytes;
    if (f->is_broken)
        return message_fail(message, "WAL is not read any more");
    if (chunk->at != f->position && !follow_begin(f, chunk->at, chunk->tli, message))
        return false;
    while (left.len > 0) {
        const bool is_start = f->reducer != NULL && f->position != f->segment_start
                              && f->position % f->info.segment_size == 0;
        if (is_start)
            end_segment(f);
        const wp_view part = { left.bytes, part_of(f, left.len) };
        left.bytes += part.len;
        left.len -= part.len;
        if (!feed_part(f, part, f->position >= f->known_until, message))
            return false;
    }
    return true;
}

/* Forgets what is half read. */
static void restart_at(follow *f, wp_lsn at, wp_tli tli)
{
    f->position = f->segment_start = at;
    f->tli = tli;
    f->head_bytes = 0;
    f->is_mapping = f->is_through = f->has_tail = false;
    wp_facts_clear(&f->held);
}

bool follow_begin(follow *f, wp_lsn at, wp_tli tli, char message[MESSAGE_BYTES])
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (f->reducer == NULL) {
        f->began_at = at;
        restart_at(f, at, tli);
        return true;
    }
    if (f->is_loaded && at == f->segment_start) {
        f->is_loaded = false;
        if (f->tli != tli && f->told.tli < tli) /* what was told lies on its way, too */
            f->told.tli = tli;
        restart_at(f, at, tli);
        return true;
    }
    if (at % f->info.segment_size != 0 || at < f->position) {
        f->is_broken = true;
        return message_fail(message, "WAL comes from %s on, not from %s", wp_lsn_format(at, from),
                            wp_lsn_format(f->position, until));
    }
    follow_trouble(f, "WAL from %s to %s is missing", wp_lsn_format(f->position, from),
                   wp_lsn_format(at, until));
    wp_reducer_after_gap(f->reducer);
    restart_at(f, at, tli);
    return true;
}

/* What the new timeline does from there on is told, whatever was told of the one that is left. */
static void leave_early(follow *f, wp_lsn ended_at, wp_lsn read_to, wp_tli tli)
{
    char from[WP_LSN_TEXT_BYTES], until[WP_LSN_TEXT_BYTES];
    if (f->config.tell_from > ended_at)
        f->config.tell_from = ended_at;
    follow_trouble(
        f,
        "timeline %u leaves the one before at %s, which was read up to %s: what was told between is not on it",
        tli, wp_lsn_format(ended_at, from), wp_lsn_format(read_to, until));
}

bool follow_fork(follow *f, wp_lsn ended_at, wp_tli tli, char message[MESSAGE_BYTES])
{
    if (f->reducer == NULL)
        return follow_begin(f, ended_at, tli, message);
    /* What was saved may lie further than what was read again. */
    const wp_lsn read_to = f->position > f->known_until ? f->position : f->known_until;
    /* Saved on the timeline that begins here, a watch knows its way up to there. */
    const bool was_here = f->known_tli == tli;
    const wp_lsn told_to = f->told.tli < tli ? f->told.lsn : 0;
    if (!was_here && (read_to > ended_at || told_to >= ended_at))
        leave_early(f, ended_at, read_to > told_to ? read_to : told_to, tli);
    const wp_lsn known = read_to < ended_at || was_here ? read_to : ended_at;
    if (segment_of(f, ended_at) > f->position)
        return follow_begin(f, segment_of(f, ended_at), tli, message);
    f->known_until = known;
    f->known_tli = tli;
    restart_at(f, segment_of(f, ended_at), tli);
    return true;
}

wp_lsn follow_position(const follow *f)
{
    return f->position;
}

wp_tli follow_timeline(const follow *f)
{
    return f->tli;
}

follow_told follow_last_told(const follow *f)
{
    return f->told;
}

const wp_segment_info *follow_info(const follow *f)
{
    return f->reducer != NULL ? &f->info : NULL;
}

bool follow_is_in_doubt(const follow *f)
{
    return f->is_in_doubt;
}

wp_lsn follow_restart_lsn(const follow *f)
{
    return f->has_tail ? f->tail_start : f->segment_start;
}

wp_lsn follow_oldest_lsn(const follow *f)
{
    const wp_lsn here = follow_restart_lsn(f);
    const wp_lsn oldest = f->reducer != NULL ? wp_reducer_oldest_lsn(f->reducer) : 0;
    return oldest != 0 && oldest < here ? segment_of(f, oldest) : here;
}

bool follow_new(const follow_config *config, follow **out, char message[MESSAGE_BYTES])
{
    follow *f = calloc(1, sizeof *f);
    *out = NULL;
    if (f == NULL)
        return message_no_memory(message);
    f->config = *config;
    f->told = config->told;
    f->is_seeded = config->seed == NULL;
    if (!follow_set_filter(f, message)) {
        free(f);
        return false;
    }
    if (config->saved.len > 0 && !follow_load(f, config->saved, message)) {
        follow_free(f);
        return false;
    }
    *out = f;
    return true;
}

void follow_free(follow *f)
{
    if (f == NULL)
        return;
    wp_mapper_free(f->own.mapper);
    wp_mapper_free(f->tail.mapper);
    wp_reducer_free(f->reducer);
    wp_external_names_free(f->names);
    wp_facts_free(&f->facts);
    wp_facts_free(&f->held);
    filter_free(&f->filter);
    free(f->own.moved);
    free(f->tail.moved);
    free(f);
}
