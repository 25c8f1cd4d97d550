/*
 * run.c - WAL that was built, read by the library.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_include)
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h> /* its macros do nothing where there is no AddressSanitizer */
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#endif

/* A copy of a piece, in memory of which a sanitizer sees nothing else: neither one read too many nor a read after
   drop_piece. It is the same memory each time, for fresh megabytes cost far more there than what is done with them. */
static struct {
    uint8_t *at;
    size_t room;
} piece_memory;

static uint8_t *copy_piece(wp_view piece)
{
    if (piece.len > piece_memory.room) {
        free(piece_memory.at);
        piece_memory.at = malloc(piece.len);
        if (!piece_memory.at)
            abort();
        piece_memory.room = piece.len;
        ASAN_POISON_MEMORY_REGION(piece_memory.at, piece_memory.room);
    }
    ASAN_UNPOISON_MEMORY_REGION(piece_memory.at, piece.len);
    memcpy(piece_memory.at, piece.bytes, piece.len);
    return piece_memory.at;
}

static void drop_piece(size_t len)
{
    ASAN_POISON_MEMORY_REGION(piece_memory.at, len);
}

static wp_status feed(wp_mapper *mapper, wp_view all, size_t piece, wp_facts *facts)
{
    wp_error err = { 0 };
    wp_status status = WP_OK;
    while (all.len > 0 && !wp_mapper_is_done(mapper) && status >= 0) {
        const size_t n = piece && piece < all.len ? piece : all.len;
        const uint8_t *copy = copy_piece((wp_view){ all.bytes, n });
        status = wp_mapper_feed(mapper, (wp_view){ copy, n }, facts, &err);
        drop_piece(n);
        all.bytes += n;
        all.len -= n;
    }
    if (status < 0)
        fprintf(stderr, "# feed: %s\n", err.text);
    return status;
}

static void map_one(const wp_segment_info *info, wp_view bytes, const run_options *options,
                    mapped *out)
{
    const wp_mapper_config config = { .segment = *info,
                                      .moved = options->moved,
                                      .nmoved = options->nmoved,
                                      .watch_lsn = options->watch_lsn,
                                      .tli = options->tli };
    wp_mapper *mapper = NULL;
    wp_error err = { 0 };
    wp_status status = wp_mapper_new(&config, &mapper, &err);
    if (status >= 0)
        status = feed(mapper, bytes, options->piece, &out->facts);
    if (status >= 0)
        status = wp_mapper_finish(mapper, &out->facts, &err);
    if (status < 0 && out->status >= 0)
        out->status = status;
    if (mapper) {
        const wp_mapper_stats *stats = wp_mapper_statistics(mapper);
        for (size_t i = 0; i < WP_RMGR_COUNT; i++)
            out->stats.records[i] += stats->records[i];
        out->stats.record_bytes += stats->record_bytes;
        out->stats.commits += stats->commits;
        out->stats.aborts += stats->aborts;
    }
    wp_mapper_free(mapper);
}

mapped map_bytes(const wp_segment_info *info, wp_view bytes, const run_options *options)
{
    mapped out = { .status = WP_OK };
    map_one(info, bytes, options, &out);
    return out;
}

mapped map_all(wal_builder *w, const run_options *options)
{
    mapped out = { .status = WP_OK };
    const size_t n = wal_segments(w);
    for (size_t i = options->skip_segments; i < n; i++) {
        const wp_segment_info info = wal_info(w, i);
        const size_t from = i * wal_segment_size(w);
        wp_view all = i + 1 < n ? wal_written(w) : wal_segment(w, i);
        if (i + 1 < n) {
            all.bytes += from;
            all.len -= from;
        }
        map_one(&info, all, options, &out);
    }
    return out;
}

void mapped_free(mapped *m)
{
    wp_facts_free(&m->facts);
}

const wp_fact *nth_fact_of(const mapped *m, wp_fact_kind kind, size_t n)
{
    size_t pos = 0;
    for (const wp_fact *fact; (fact = wp_facts_next(&m->facts, &pos)) != NULL;)
        if (fact->kind == kind && n-- == 0)
            return fact;
    return NULL;
}

const wp_fact *fact_of(const mapped *m, wp_fact_kind kind)
{
    return nth_fact_of(m, kind, 0);
}

size_t count_facts(const mapped *m, wp_fact_kind kind)
{
    size_t n = 0;
    while (nth_fact_of(m, kind, n))
        n++;
    return n;
}

const wp_fact_end *segment_end(const mapped *m)
{
    return (const wp_fact_end *)(const void *)fact_of(m, WP_FACT_SEGMENT_END);
}

/* ---- events ---- */

typedef struct lines {
    blob text;
    const run_options *options;
} lines;

static void add_line(void *context, const wp_event *event)
{
    lines *to = context;
    if (!to->options->with_creates && strncmp(wp_event_kind_name(event->kind), "CREATE ", 7) == 0)
        return;
    char head[160], tail[32] = "", by[32] = "";
    int n = snprintf(head, sizeof head, "%s%u ", to->text.len ? "\n" : "", event->xact->xid);
    if (to->options->with_databases)
        n += snprintf(head + n, sizeof head - (size_t)n,
                      "%s: ", event->database.name ? event->database.name : "?");
    if (event->has_rows)
        snprintf(tail, sizeof tail, " x%llu", (unsigned long long)event->rows);
    put_raw(&to->text, head, (size_t)n);
    put_raw(&to->text, event->text, strlen(event->text));
    put_raw(&to->text, tail, strlen(tail));
    if (to->options->with_incidents && event->taken_by != event->number)
        snprintf(by, sizeof by, " (by %u)", event->taken_by);
    put_raw(&to->text, by, strlen(by));
}

static void add_possible(void *context, const wp_event *event)
{
    lines *to = context;
    if (event->may_miss_rows)
        return;
    char head[40];
    const int n =
        snprintf(head, sizeof head, "%s%u maybe ", to->text.len ? "\n" : "", event->xact->xid);
    put_raw(&to->text, head, (size_t)n);
    put_raw(&to->text, event->text, strlen(event->text));
}

static wp_reducer *reduce(const wp_facts *facts, const wal_builder *w, const run_options *options,
                          lines *out)
{
    const wp_reducer_config config = {
        .profile = wal_profile(w),
        .max_align = wal_max_align(w),
        .include_temporary = options->include_temporary,
        .moved = options->moved,
        .nmoved = options->nmoved,
        .callbacks = { .context = out,
                       .on_event = add_line,
                       .on_possible = options->with_possible ? add_possible : NULL }
    };
    wp_reducer *reducer = NULL;
    wp_error err = { 0 };
    if (wp_reducer_new(&config, &reducer, &err) < 0 || wp_reducer_add(reducer, facts, &err) < 0) {
        fprintf(stderr, "# reduce: %s\n", err.text);
        abort();
    }
    return reducer;
}

static char *as_text(lines *from)
{
    put_u8(&from->text, 0);
    return (char *)from->text.at;
}

char *events_of_facts(const wp_facts *facts, const wal_builder *w, const run_options *options)
{
    lines out = { .options = options };
    wp_reducer_free(reduce(facts, w, options, &out));
    return as_text(&out);
}

char *events_of(wal_builder *w, const run_options *options)
{
    run_options with = *options;
    wp_catalog_file moved[16];
    for (int round = 0;; round++) {
        lines out = { .options = &with };
        mapped m = map_all(w, &with);
        wp_reducer *reducer = reduce(&m.facts, w, &with, &out);
        size_t n = 0;
        const wp_catalog_file *found = wp_reducer_moved(reducer, &n);
        const bool again = n > with.nmoved && n <= 16 && round < 3;
        if (again) {
            memcpy(moved, found, n * sizeof *found);
            with.moved = moved;
            with.nmoved = n;
        }
        wp_reducer_free(reducer);
        mapped_free(&m);
        if (!again)
            return as_text(&out);
        blob_free(&out.text);
    }
}

/* ---- servers ---- */

const wal_config *each_server(size_t i)
{
    static const wal_config servers[] = {
        { .major = "9.5" },
        { .major = "9.6" },
        { .major = "10" },
        { .major = "11" },
        { .major = "12" },
        { .major = "13" },
        { .major = "14" },
        { .major = "15" },
        { .major = "16" },
        { .major = "17" },
        { .major = "18" },
        { .major = "19" },
        { .major = "15", .max_align = 4 },
        { .major = "16", .max_align = 4 },
        { .major = "17", .max_align = 4 },
        { .major = "18", .max_align = 4 },
        { .major = "19", .max_align = 4 },
    };
    return i < sizeof servers / sizeof servers[0] ? &servers[i] : NULL;
}

const char *server_name(const wal_config *config, char buf[16])
{
    snprintf(buf, 16, "%s%s", config->major, config->max_align == 4 ? " i386" : "");
    return buf;
}

static char noted[16];

void now_on(const wal_config *config)
{
    noted[0] = '\0';
    if (config)
        server_name(config, noted);
}

const char *noted_server(void)
{
    return noted;
}
