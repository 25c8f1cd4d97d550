/*
 * test_follow.c - events of WAL as it comes, in whatever pieces, against those of `events` over the whole of it, which other
 * suites hold against what the servers said.
 */
#include <stdio.h>
#include <unistd.h>

#include "archive/archive_open.h"
#include "archive/timeline_history.h"
#include "cases.h"
#include "file/input.h"
#include "live/follow.h"
#include "search/event_text.h"
#include "search/search.h"
#include "search/statement.h"

/* A generator of one's own: the same pieces on every machine. */
static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* ---- lists of events ---------------------------------------------------------------------------- */

typedef struct list {
    const archive *wal;
    text_list lines;
} list;

static void add_line(list *to, const event_view *view)
{
    text line = { 0 };
    event_json(to->wal->info.segment_size, view, &line);
    assert_false(line.failed);
    text_list_addf(&to->lines, "%s", text_chars(&line));
    text_free(&line);
}

static bool restart_list(void *context, const archive *from)
{
    list *to = context;
    to->wal = from;
    text_list_free(&to->lines);
    to->lines = (text_list){ 0 };
    return true;
}

static bool add_to_list(void *context, const event_view *view)
{
    add_line(context, view);
    return true;
}

static bool on_event(void *context, const live_event *event)
{
    add_line(context, &event->view);
    return true;
}

static void on_trouble(void *context, const char *line)
{
    (void)context;
    if (getenv("SHOW_TROUBLE"))
        print_message("# %s\n", line);
}

static void list_events(const question *q, const archive *wal, list *out)
{
    search_result found;
    char message[512] = "";
    const search_sink sink = { .context = out, .restart = restart_list, .add = add_to_list };
    const search_status status = search_events(q, wal, NULL, NULL, &sink, &found, message);
    if (status == SEARCH_FAILED)
        fail_msg("%s", message);
    search_free(&found);
}

/* ---- restarts --------------------------------------------------------------------------------- */

static bool add_bytes(void *context, const void *bytes, size_t n)
{
    text_add_bytes(context, bytes, n);
    return !((text *)context)->failed;
}

/* ---- feeding ------------------------------------------------------------------------------------ */

typedef struct feeder {
    follow *f;
    uint32_t seed;
    size_t piece; /* most bytes at a time */
    const follow_config *config;
    unsigned restarts; /* one in so many pieces ends the process; 0: none */
    text saved;        /* by the last that could be */
    follow_told told;  /* by then */
    unsigned nrestarts;
    bool reads_on; /* on a timeline that is left, after the place where that happens */
    bool
        is_killed; /* there; what was saved is from before that place, what was told from after it */
} feeder;

static void feed(feeder *to, wp_lsn at, wp_tli tli, wp_view bytes);

/* A new process goes on with what was saved. Returns where it reads from; 0: none was saved, or from other bytes than are here. */
static wp_lsn restart(feeder *to, wp_lsn first, wp_tli tli)
{
    char message[512] = "";
    follow *next = NULL;
    follow_config config = *to->config;
    if (to->saved.len == 0)
        return 0;
    config.saved = (wp_view){ (const uint8_t *)to->saved.bytes, to->saved.len };
    config.told = follow_last_told(to->f);
    if (!follow_new(&config, &next, message))
        fail_msg("%s", message);
    const wp_lsn from = follow_restart_lsn(next);
    if (from < first || follow_timeline(next) != tli) {
        follow_free(next);
        return 0;
    }
    assert_true(follow_begin(next, from, tli, message));
    follow_free(to->f);
    to->f = next;
    to->nrestarts++;
    return from;
}

/* Sometimes it is saved, and sometimes what was told since then is told by a new process from what was saved. */
static void maybe_save(feeder *to)
{
    if (to->restarts == 0 || draw(&to->seed) % to->restarts != 0 || !follow_can_save(to->f))
        return;
    text_clear(&to->saved);
    assert_true(follow_save(to->f, add_bytes, &to->saved));
}

static void feed(feeder *to, wp_lsn at, wp_tli tli, wp_view bytes)
{
    char message[512] = "";
    const wp_view all = bytes;
    const wp_lsn first = at;
    unsigned left = to->restarts > 0 ? 4 : 0;
    while (bytes.len > 0) {
        if (left > 0 && draw(&to->seed) % to->restarts == 0) {
            left--;
            const wp_lsn from = restart(to, first, tli);
            if (from != 0) {
                at = from;
                bytes = (wp_view){ all.bytes + (from - first), all.len - (size_t)(from - first) };
            }
        }
        size_t n = 1 + draw(&to->seed) % to->piece;
        n = n < bytes.len ? n : bytes.len;
        const live_chunk chunk = { .at = at, .bytes = { bytes.bytes, n }, .tli = tli };
        if (!follow_feed(to->f, &chunk, message))
            fail_msg("%s", message);
        at += n;
        bytes.bytes += n;
        bytes.len -= n;
        maybe_save(to);
    }
}

/* A file up to an LSN. False: it is not there. */
static bool feed_file(feeder *to, const char *path, wp_lsn start, wp_lsn end, wp_tli tli)
{
    char message[512];
    wp_view window;
    text all = { 0 };
    input *in = input_open(path, NULL, message);
    if (!in)
        return false;
    while (all.len < end - start && input_read(in, &window, message) && window.len > 0)
        text_add_bytes(&all, (const char *)window.bytes, window.len);
    input_free(in);
    const size_t len = all.len < end - start ? all.len : (size_t)(end - start);
    feed(to, start, tli, (wp_view){ (const uint8_t *)all.bytes, len });
    text_free(&all);
    return true;
}

/* The older timeline's file, up to where the newer one leaves it. */
static void feed_fork(feeder *to, const archive *wal, const archive_segment *old,
                      const archive_segment *new)
{
    char message[512] = "", name[WP_SEGMENT_NAME_BYTES], path[512];
    const int span = timeline_history_find(&wal->history, old->tli);
    assert_true(span >= 0);
    const wp_lsn fork = wal->history.spans[span].end;
    const char *slash = strrchr(old->path, '/');
    assert_non_null(slash);
    wp_segment_name_format(old->tli, new->start_lsn, wal->info.segment_size, name);
    (void)snprintf(path, sizeof path, "%.*s/%s.gz", (int)(slash - old->path), old->path, name);
    if (to->is_killed && follow_can_save(to->f))
        assert_true(follow_save(to->f, add_bytes, &to->saved));
    if (fork > new->start_lsn)
        (void)feed_file(to, path, new->start_lsn,
                        to->reads_on ? new->start_lsn + wal->info.segment_size : fork, old->tli);
    if (to->is_killed && to->saved.len > 0) {
        const wp_lsn from = restart(to, old->start_lsn, old->tli);
        assert_int_equal(from, old->start_lsn);
        assert_true(feed_file(to, old->path, from, old->end_lsn, old->tli));
        if (fork > new->start_lsn)
            (void)feed_file(to, path, new->start_lsn, fork, old->tli);
        text_clear(&to->saved);
    }
    if (!follow_fork(to->f, fork, new->tli, message))
        fail_msg("%s", message);
}

static void feed_archive(feeder *to, const archive *wal)
{
    char message[512] = "";
    for (size_t i = 0; i < wal->nsegments; i++) {
        const archive_segment *one = &wal->segments[i];
        if (i == 0)
            assert_true(follow_begin(to->f, one->start_lsn, one->tli, message));
        else if (one->tli != one[-1].tli)
            feed_fork(to, wal, &one[-1], one);
        assert_true(feed_file(to, one->path, one->start_lsn, one->end_lsn, one->tli));
    }
}

/* ---- WAL of servers ----------------------------------------------------------------------------- */

typedef struct server_wal {
    const char *name;
} server_wal;

static const server_wal server_wals[] = {
    { "demo" },         { "pg9.5" },        { "pg9.6" },        { "pg10" },
    { "pg11" },         { "pg12" },         { "pg13" },         { "pg14" },
    { "pg15" },         { "pg16" },         { "pg17" },         { "pg18" },
    { "pg18.6" },       { "pg16-i386" },    { "pg18-i386" },    { "pg15-lz4" },
    { "pg15-zstd" },    { "pg15-stops" },   { "pg12-stops" },   { "pg15-crossing" },
    { "pg10-logical" }, { "pg15-logical" }, { "pg18-logical" }, { "timelines12" },
    { "timelines17" },
};

/* Its third database is a copy of one whose catalogs had moved before: where they lie is told after their rows. */
static bool learns_late(const server_wal *row)
{
    return strcmp(row->name, "pg18") == 0;
}

/* Every server has a schema public: that the WAL shows it, too, is then not known. */
static void forget_source_of_public(char *line)
{
    static const char known[] = "\"name\":\"public\",\"name_source\":\"wal\"";
    for (char *at = line; (at = strstr(at, known)) != NULL; at++) {
        char *source = at + strlen(known) - strlen("\"wal\"");
        memmove(source, source + 1, strlen(source));
        memcpy(source, "null", 4);
    }
}

static void check_same(const list *want, const list *got)
{
    for (size_t i = 0; i < want->lines.count || i < got->lines.count; i++) {
        const char *a = i < want->lines.count ? want->lines.items[i] : "nothing";
        const char *b = i < got->lines.count ? got->lines.items[i] : "nothing";
        if (strcmp(a, b) != 0)
            fail_msg("event %zu of %zu:\n  %s\n  %s", i, want->lines.count, a, b);
    }
}

static void same_events(void **state)
{
    static const size_t pieces[] = { 100000, 2000, 150, 300000, 70000 };
    static const unsigned restarts[] = { 0, 0, 0, 3, 12 };
    const server_wal *row = *state;
    char folder[128], message[512] = "";
    char *sources[] = { folder };
    (void)snprintf(folder, sizeof folder, "tests/fixtures/%s/wal", row->name);
    archive wal;
    if (!archive_open(sources, 1, &(archive_limits){ 0 }, &wal, message))
        fail_msg("%s", message);
    const question q = { .kind = QUESTION_LIST, .jobs = 1, .sources = sources, .nsources = 1 };
    list want = { 0 };
    list_events(&q, &wal, &want);
    for (size_t i = 0; learns_late(row) && i < want.lines.count; i++)
        forget_source_of_public(want.lines.items[i]);
    assert_true(want.lines.count > 0);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        list got = { .wal = &wal };
        feeder to = { .seed = 3 + (uint32_t)i, .piece = pieces[i] };
        unsigned nrestarts = 0;
        const follow_config config = {
            .question = &q,
            .callbacks = { .context = &got, .on_event = on_event, .on_trouble = on_trouble }
        };
        to.config = &config;
        to.restarts = restarts[i];
        assert_true(follow_new(&config, &to.f, message));
        feed_archive(&to, &wal);
        for (size_t k = 0; learns_late(row) && k < got.lines.count; k++)
            forget_source_of_public(got.lines.items[k]);
        check_same(&want, &got);
        follow_free(to.f);
        text_free(&to.saved);
        text_list_free(&got.lines);
        nrestarts += to.nrestarts;
        assert_true(restarts[i] == 0 || nrestarts > 0);
    }
    text_list_free(&want.lines);
    archive_free(&wal);
}

/* ---- timelines that are left early ---------------------------------------------------------------- */

/* A standby that had not received all was promoted: what it does is told, whatever was told before. Returns how much was told. */
static size_t leave_early(const archive *wal, const question *q, const list *want, bool is_killed)
{
    char message[512] = "";
    list got = { .wal = wal };
    const follow_config config = {
        .question = q,
        .callbacks = { .context = &got, .on_event = on_event, .on_trouble = on_trouble }
    };
    feeder to = {
        .seed = 5, .piece = 5000, .config = &config, .reads_on = true, .is_killed = is_killed
    };
    assert_true(follow_new(&config, &to.f, message));
    feed_archive(&to, wal);
    size_t at = 0;
    for (size_t i = 0; i < want->lines.count; i++) {
        while (at < got.lines.count && strcmp(got.lines.items[at], want->lines.items[i]) != 0)
            at++;
        if (at++ == got.lines.count)
            fail_msg("event %zu of %zu is not told%s:\n  %s", i, want->lines.count,
                     is_killed ? " after a restart" : "", want->lines.items[i]);
    }
    const size_t count = got.lines.count;
    assert_true(count > want->lines.count);
    assert_int_equal(to.nrestarts > 0, is_killed);
    follow_free(to.f);
    text_free(&to.saved);
    text_list_free(&got.lines);
    return count;
}

static void left_early(void **state)
{
    const server_wal *row = *state;
    char folder[128], message[512] = "";
    char *sources[] = { folder };
    (void)snprintf(folder, sizeof folder, "tests/fixtures/%s/wal", row->name);
    archive wal;
    assert_true(archive_open(sources, 1, &(archive_limits){ 0 }, &wal, message));
    const question q = { .kind = QUESTION_LIST, .jobs = 1, .sources = sources, .nsources = 1 };
    list want = { 0 };
    list_events(&q, &wal, &want);
    const size_t count = leave_early(&wal, &q, &want, false);
    assert_int_equal(leave_early(&wal, &q, &want, true), count);
    text_list_free(&want.lines);
    archive_free(&wal);
}

static const server_wal left_wals[] = { { "timelines12" }, { "timelines17" } };

/* ---- targets ------------------------------------------------------------------------------------- */

/* What came with an event. */
typedef struct told {
    char text[256], value[64];
    bool has_target, is_inclusive, is_nontransactional;
    wp_lsn inspectable_lsn;
} told;

#define TOLD_MAX 1000

typedef struct told_list {
    told items[TOLD_MAX];
    size_t count;
} told_list;

static bool keep_target(void *context, const live_event *event)
{
    told_list *all = context;
    if (!event->is_destructive || all->count == TOLD_MAX)
        return true;
    told *one = &all->items[all->count++];
    (void)snprintf(one->text, sizeof one->text, "%s", event->view.event->text);
    (void)snprintf(one->value, sizeof one->value, "%s", event->target.value);
    one->has_target = event->has_target;
    one->is_inclusive = event->target.inclusive;
    one->is_nontransactional = event->place.choice == TARGET_BEFORE_NONTRANSACTIONAL;
    one->inspectable_lsn = event->inspectable_lsn;
    return true;
}

static bool is_only_one(const told_list *all, const told *one)
{
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++)
        n += strcmp(all->items[i].text, one->text) == 0;
    return n == 1;
}

/* Right before it, as `target` has it. */
static void check_target(const archive *wal, const told *one)
{
    char message[512] = "";
    search_result found;
    text pattern = { 0 };
    target want;
    statement_exact(one->text, &pattern);
    const question q = { .kind = QUESTION_PATTERN, .pattern = text_chars(&pattern), .jobs = 1 };
    if (search_target(&q, wal, NULL, NULL, &found, message) != SEARCH_DONE)
        fail_msg("%s: %s", one->text, message);
    const target_kind kind = search_kind(&q, wal);
    const bool has_target = target_make(&found.place, kind, NULL, NULL, &want);
    assert_int_equal(one->has_target, has_target);
    if (has_target && strcmp(one->value, want.value) != 0)
        fail_msg("%s: told %s, and target says %s", one->text, one->value, want.value);
    assert_int_equal(one->is_inclusive, has_target && want.inclusive);
    if (kind == TARGET_LSN && one->inspectable_lsn != found.lock_place.lsn)
        fail_msg("%s: inspectable at %llX, and target says %llX", one->text,
                 (unsigned long long)one->inspectable_lsn,
                 (unsigned long long)found.lock_place.lsn);
    search_free(&found);
    text_free(&pattern);
}

static const server_wal target_wals[] = { { "pg9.6" }, { "pg10" }, { "pg14" }, { "pg18" } };

#define CHECKED_MAX 25

static void same_targets(void **state)
{
    static told_list all;
    const server_wal *row = *state;
    char folder[128], message[512] = "";
    char *sources[] = { folder };
    (void)snprintf(folder, sizeof folder, "tests/fixtures/%s/wal", row->name);
    archive wal;
    assert_true(archive_open(sources, 1, &(archive_limits){ 0 }, &wal, message));
    const question q = { .kind = QUESTION_LIST, .jobs = 1 };
    const follow_config config = { .question = &q,
                                   .callbacks = { .context = &all, .on_event = keep_target } };
    feeder to = { .seed = 9, .piece = 5000, .config = &config };
    all.count = 0;
    assert_true(follow_new(&config, &to.f, message));
    feed_archive(&to, &wal);
    follow_free(to.f);
    size_t nchecked = 0, nontransactional = 0, inspectable = 0;
    for (size_t i = 0; i < all.count; i++) {
        const told *one = &all.items[i];
        const bool is_wanted = one->is_nontransactional || nchecked < CHECKED_MAX;
        if (!is_wanted || !is_only_one(&all, one))
            continue;
        check_target(&wal, one);
        nchecked++;
        nontransactional += one->is_nontransactional;
        inspectable += one->inspectable_lsn != 0;
    }
    assert_true(nchecked >= 20 && nontransactional > 0);
    assert_true(inspectable > 0 || strcmp(row->name, "pg9.6") == 0);
    archive_free(&wal);
}

/* ---- catalogs that had moved before ------------------------------------------------------------ */

static void count_lost(void *context, const char *line)
{
    unsigned *lost = context;
    *lost += strstr(line, "not where it is looked for") != NULL;
}

static bool ignore_event(void *context, const live_event *event)
{
    (void)context;
    (void)event;
    return true;
}

/* How many catalogs are missed when reading begins at the n-th segment. */
static unsigned lost_from(const archive *wal, size_t first, const wp_external_names *names)
{
    char message[512] = "";
    unsigned lost = 0;
    const question q = { .kind = QUESTION_LIST, .jobs = 1 };
    const follow_config config = {
        .question = &q,
        .external_names = names,
        .callbacks = { .context = &lost, .on_event = ignore_event, .on_trouble = count_lost }
    };
    archive rest = *wal;
    feeder to = { .seed = 5, .piece = 50000, .config = &config };
    rest.segments += first;
    rest.nsegments -= first;
    assert_true(follow_new(&config, &to.f, message));
    feed_archive(&to, &rest);
    follow_free(to.f);
    return lost;
}

/* The WAL read begins after VACUUM FULL of catalogs: what a server says of their files helps. */
static void moved_before(void **state)
{
    (void)state;
    char folder[] = "tests/fixtures/pg15/wal", message[512] = "";
    char *sources[] = { folder };
    archive wal;
    scan_result result;
    wp_external_names *names = NULL;
    wp_error err;
    assert_true(archive_open(sources, 1, &(archive_limits){ 0 }, &wal, message));
    scan *s = scan_new(&wal, NULL);
    assert_non_null(s);
    const scan_config config = { .jobs = 1 };
    while (scan_run(s, &config, &result, message) == SCAN_AGAIN)
        ;
    assert_int_equal(wp_external_names_new(&names, &err), WP_OK);
    size_t n = 0;
    const wp_catalog_file *moved = wp_reducer_moved(result.reducer, &n);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(wp_external_names_add_catalog_file(names, moved[i].db, moved[i].filenode,
                                                            moved[i].catalog, &err),
                         WP_OK);
    scan_free(s);
    const size_t last = wal.nsegments - 1;
    assert_true(lost_from(&wal, last, NULL) > 0);
    assert_int_equal(lost_from(&wal, last, names), 0);
    wp_external_names_free(names);
    archive_free(&wal);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(moved_before) };
    return RUN_CASES("servers", server_wals, same_events)
           + RUN_CASES("left early", left_wals, left_early)
           + RUN_CASES("targets", target_wals, same_targets)
           + cmocka_run_group_tests_name("catalogs", tests, NULL, NULL);
}
