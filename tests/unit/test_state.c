/*
 * test_state.c - what a watch knows, over restarts: nothing is missed and nothing told twice wherever it is killed; a file that is
 * torn, damaged or foreign is refused in one line.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "cases.h"
#include "folder.h"
#include "live/state.h"
#include "wal_builder.h"

#define DB 16384u
#define XACTS 400

static char path[256], lines[256];
static wal_builder *wal;

/* ---- the WAL: each transaction commits one table ------------------------------------------------- */

static void build(void)
{
    wal = wal_new_with(&(wal_config){ .major = "15" });
    for (wp_xid xid = 700; xid < 700 + XACTS; xid++) {
        const wal_heap table = { .xid = xid, .locator = { 1663, DB, 20000 + xid }, .offset = 1 };
        const wal_tuple tuple = wal_any_tuple();
        wal_heap_insert(wal, &table, &tuple);
        wal_filler(wal, 7000);
        wal_commit(wal, &(wal_xact){ .xid = xid, .time = WAL_NOON + xid });
    }
}

/* ---- a watch ---------------------------------------------------------------------------------------- */

typedef struct watch {
    state *state;
    follow *f;
    state_note note;
    int fd;
    unsigned steps_left; /* then it is killed */
} watch;

static void step(watch *w)
{
    if (w->steps_left-- == 0)
        (void)raise(SIGKILL);
}

static bool on_event(void *context, const live_event *event)
{
    watch *w = context;
    char line[64], message[512];
    const int len = snprintf(line, sizeof line, "%u %u\n", event->view.xact->xid, event->number);
    step(w);
    if (write(w->fd, line, 3) != 3)
        return false;
    step(w);
    if (write(w->fd, line + 3, (size_t)len - 3) != len - 3)
        return false;
    step(w);
    w->note.told = (follow_told){ event->view.xact->lsn, event->number, event->view.tli };
    w->note.output_bytes += (uint64_t)len;
    const bool is_noted = state_add_note(w->state, &w->note, message);
    step(w);
    return is_noted;
}

/* Runs until all is told, or it is killed. */
static int run(unsigned steps)
{
    static const question everything = { .kind = QUESTION_LIST, .jobs = 1 };
    watch w = { .steps_left = steps };
    char message[512] = "";
    if (!state_open(path, &w.state, message))
        return 10;
    w.note = state_noted(w.state);
    w.fd = open(lines, O_RDWR | O_CREAT | O_APPEND, 0600);
    if (w.fd < 0 || ftruncate(w.fd, (off_t)w.note.output_bytes) != 0)
        return 11;
    const follow_config config = { .question = &everything,
                                   .saved = state_saved(w.state),
                                   .told = w.note.told,
                                   .callbacks = { .context = &w, .on_event = on_event } };
    if (!follow_new(&config, &w.f, message))
        return 12;
    const wp_view all = wal_written(wal);
    const wp_lsn start = wal_start(wal);
    wp_lsn at = state_is_new(w.state) ? start : follow_restart_lsn(w.f);
    if (!follow_begin(w.f, at, 1, message))
        return 13;
    while (at < start + all.len) {
        const size_t left = (size_t)(start + all.len - at), n = left < 30011 ? left : 30011;
        const live_chunk chunk = { .at = at, .bytes = { all.bytes + (at - start), n }, .tli = 1 };
        if (!follow_feed(w.f, &chunk, message))
            return 14;
        at += n;
        step(&w);
        const bool is_time = at / 30011 % 7 == 0 || state_is_new(w.state);
        if (is_time && follow_can_save(w.f) && !state_save(w.state, w.f, &w.note, message))
            return 15;
        step(&w);
    }
    follow_free(w.f);
    state_free(w.state);
    return 0;
}

static void forget_files(void)
{
    (void)unlink(path);
    (void)unlink(lines);
}

static void check_lines(void)
{
    FILE *file = fopen(lines, "r");
    assert_non_null(file);
    unsigned xid, number;
    for (unsigned i = 0; i < XACTS; i++) {
        assert_int_equal(fscanf(file, "%u %u", &xid, &number), 2);
        assert_int_equal(xid, 700 + i);
        assert_int_equal(number, 1);
    }
    assert_int_equal(fscanf(file, "%u", &xid), -1);
    fclose(file);
}

/* A child that is killed after so many steps. True: it was; false: it came to the end. */
static bool run_and_kill(unsigned steps)
{
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(run(steps));
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return true;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return false;
}

/* Whatever it is killed at, again and again: each event is there once, in order. */
static void killed_anywhere(void **state_)
{
    (void)state_;
    static const unsigned every[] = { 1000000, 401, 211, 150 };
    for (size_t i = 0; i < COUNT(every); i++) {
        unsigned kills = 0;
        forget_files();
        while (run_and_kill(every[i] + kills % 7) && kills < 500)
            kills++;
        assert_true(kills < 500 && (i == 0 || kills > 3));
        check_lines();
    }
}

/* ---- names ------------------------------------------------------------------------------------- */

static bool add_bytes(void *context, const void *bytes, size_t n)
{
    text_add_bytes(context, bytes, n);
    return !((text *)context)->failed;
}

static bool keep_text(void *context, const live_event *event)
{
    text *to = context;
    text_clear(to);
    text_addf(to, "%s", event->view.event->text);
    return true;
}

static void feed_to(follow *f, wp_lsn from, wp_lsn until)
{
    char message[512] = "";
    const wp_view all = wal_written(wal);
    const wp_lsn start = wal_start(wal);
    const live_chunk chunk = { .at = from,
                               .bytes = { all.bytes + (from - start), (size_t)(until - from) },
                               .tli = 1 };
    if (!follow_feed(f, &chunk, message))
        fail_msg("%s", message);
}

/* What a server said at the first start is known after a restart, when that may have dropped it. */
static void names_are_kept(void **state_)
{
    (void)state_;
    static const question everything = { .kind = QUESTION_LIST, .jobs = 1 };
    const wp_lsn start = wal_start(wal), end = start + wal_written(wal).len;
    const wp_lsn half = start + (end - start) / 2 + 12345;
    wp_error err;
    char message[512] = "";
    text event = { 0 }, saved = { 0 };
    wp_external_names *names = NULL;
    assert_int_equal(wp_external_names_new(&names, &err), WP_OK);
    for (wp_xid xid = 700; xid < 700 + XACTS; xid++) {
        const wp_external_relation table = { .db = DB,
                                             .oid = 20000 + xid,
                                             .schema = 2200,
                                             .filenode = 20000 + xid,
                                             .relkind = 'r',
                                             .name = "long_gone" };
        assert_int_equal(wp_external_names_add_relation(names, &table, &err), WP_OK);
    }
    follow_config config = { .question = &everything,
                             .external_names = names,
                             .callbacks = { .context = &event, .on_event = keep_text } };
    follow *f = NULL;
    assert_true(follow_new(&config, &f, message));
    assert_true(follow_begin(f, start, 1, message));
    feed_to(f, start, half);
    assert_string_equal(text_chars(&event), "INSERT INTO public.long_gone");
    assert_true(follow_save(f, add_bytes, &saved));
    follow_free(f);
    wp_external_names_free(names);

    text_clear(&event);
    config.external_names = NULL;
    config.saved = (wp_view){ (const uint8_t *)saved.bytes, saved.len };
    assert_true(follow_new(&config, &f, message));
    const wp_lsn from = follow_restart_lsn(f);
    assert_true(from <= half && follow_begin(f, from, 1, message));
    feed_to(f, from, half);
    assert_string_equal(text_chars(&event), "");
    feed_to(f, half, end);
    assert_string_equal(text_chars(&event), "INSERT INTO public.long_gone");
    follow_free(f);
    text_free(&event);
    text_free(&saved);
}

/* ---- the file ------------------------------------------------------------------------------------------ */

static uint8_t *slurp(size_t *len)
{
    struct stat st;
    const int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size), st.st_size);
    *len = (size_t)st.st_size;
    close(fd);
    return bytes;
}

static void put(const uint8_t *bytes, size_t len)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
}

/* "": it opens, and is of no more than what it held. */
static void open_it(char message[512], state_note *note)
{
    state *s = NULL;
    message[0] = '\0';
    *note = (state_note){ .output_bytes = UINT64_MAX };
    if (!state_open(path, &s, message)) {
        assert_true(message[0] != '\0');
        return;
    }
    *note = state_noted(s);
    state_free(s);
}

static void torn_or_damaged(void **state_)
{
    (void)state_;
    char message[512];
    state_note whole, note;
    forget_files();
    assert_false(run_and_kill(1000000));
    size_t len;
    uint8_t *bytes = slurp(&len);
    open_it(message, &whole);
    assert_string_equal(message, "");
    assert_true(whole.told.lsn > 0);
    unsigned refused = 0, shorter = 0;
    for (size_t cut = len - 1; cut > 0; cut -= cut > 4000 ? cut / 9 : cut > 400 ? 7 : 1) {
        put(bytes, cut);
        open_it(message, &note);
        refused += message[0] != '\0';
        shorter += message[0] == '\0';
        assert_true(message[0] != '\0' || note.told.lsn <= whole.told.lsn);
    }
    assert_true(refused > 10 && shorter > 0);
    for (size_t at = 0; at < len; at += 1 + len / 3000) {
        bytes[at] ^= 0x10;
        put(bytes, len);
        open_it(message, &note);
        assert_true(message[0] != '\0');
        bytes[at] ^= 0x10;
    }
    put(bytes, len);
    open_it(message, &note);
    assert_string_equal(message, "");
    put((const uint8_t *)"something else, and long enough to be one", 40);
    open_it(message, &note);
    assert_non_null(strstr(message, "no state file"));
    free(bytes);
}

static void one_process_at_a_time(void **state_)
{
    (void)state_;
    char message[512];
    state *first = NULL, *second = NULL;
    forget_files();
    assert_true(state_open(path, &first, message));
    assert_false(state_open(path, &second, message));
    assert_non_null(strstr(message, "in use"));
    state_free(first);
    assert_true(state_open(path, &second, message));
    state_free(second);
}

/* A file may be no longer than it is: neither a note nor a new state can be written, and what was there stays. */
static void full_disk(void **state_)
{
    (void)state_;
    forget_files();
    assert_false(run_and_kill(1000000));
    size_t len, after;
    uint8_t *bytes = slurp(&len);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        state *s = NULL;
        char message[512];
        const struct rlimit limit = { len + 10, len + 10 };
        (void)signal(SIGXFSZ, SIG_IGN);
        if (!state_open(path, &s, message) || setrlimit(RLIMIT_FSIZE, &limit) != 0)
            _exit(1);
        const state_note note = state_noted(s);
        _exit(state_add_note(s, &note, message) || strstr(message, "cannot write") == NULL ? 2 : 0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    uint8_t *now = slurp(&after);
    assert_int_equal(after, len);
    assert_memory_equal(now, bytes, len);
    free(now);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_anywhere), cmocka_unit_test(names_are_kept),
        cmocka_unit_test(torn_or_damaged), cmocka_unit_test(one_process_at_a_time),
        cmocka_unit_test(full_disk),
    };
    const folder own = folder_new();
    (void)snprintf(path, sizeof path, "%s", in_folder(&own, "state"));
    (void)snprintf(lines, sizeof lines, "%s", in_folder(&own, "lines"));
    build();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    wal_free(wal);
    folder_remove(&own);
    return failed;
}
