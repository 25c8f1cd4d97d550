/*
 * switch_wal.c - see switch_wal.h.
 *
 * A restore point is written first: a segment without a record in it is not ended. The point is then looked for in the
 * file, so that it is certain whose file that is.
 */
#include "command/check/switch_wal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "archive/archive_open.h"
#include "base/message.h"
#include "scan/scan.h"

#define LOOK_AGAIN_MS 200
/* Before 15 the server's statistics come a while after what they count. */
#define STATISTICS_LATE_S 3

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void wait_a_moment(void)
{
    struct timespec moment = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
    while (nanosleep(&moment, &moment) != 0 && errno == EINTR) {
    }
}

/* ---- the server ----------------------------------------------------------------------------- */

typedef struct mark {
    char name[WP_NAME_BYTES]; /* of the restore point; "": none could be made */
    wp_lsn point_end;
    wp_lsn end; /* where the segment was ended */
} mark;

static bool refuse(switch_result *out, const answer *told)
{
    out->outcome = SWITCH_REFUSED;
    out->lacks_right = told->lacks_right;
    (void)message_fail(out->why, "%s", told->why);
    return true;
}

/* Who may switch need not be allowed to make a restore point: then the id of a transaction makes a record. */
static bool write_record(session *s, mark *m, char message[MESSAGE_BYTES])
{
    struct timespec now;
    char sql[160];
    answer told = { 0 };
    clock_gettime(CLOCK_REALTIME, &now);
    (void)snprintf(m->name, sizeof m->name, "pitr-find check %" PRId64 ".%06ld %d",
                   (int64_t)now.tv_sec, now.tv_nsec / 1000, (int)getpid());
    (void)snprintf(sql, sizeof sql, "SELECT pg_create_restore_point('%s')", m->name);
    bool is_good = answer_ask(s, sql, &told, message);
    m->point_end = answer_lsn(&told, 0, 0);
    if (is_good && m->point_end == 0) {
        m->name[0] = '\0';
        is_good = answer_ask(s, "SELECT txid_current()", &told, message);
    }
    answer_free(&told);
    return is_good;
}

static bool end_segment(session *s, const server_facts *f, mark *m, switch_result *out,
                        char message[MESSAGE_BYTES])
{
    answer told = { 0 };
    const bool is_good = answer_ask(
        s, f->has_wal_names ? "SELECT pg_switch_wal()" : "SELECT pg_switch_xlog()", &told, message);
    m->end = answer_lsn(&told, 0, 0);
    if (is_good && m->end == 0)
        (void)refuse(out, &told);
    answer_free(&told);
    return is_good;
}

/* ---- the archive ---------------------------------------------------------------------------- */

typedef struct look {
    const switch_order *order;
    uint64_t system_id;
    const mark *mark;
    wp_tli tli;
    wp_lsn start, end; /* of the segment */
    bool has_point;
    char why[MESSAGE_BYTES]; /* it is not there yet */
} look;

static void on_fact(void *context, const wp_fact *fact)
{
    look *l = context;
    const wp_fact_restore_point *point = (const void *)fact;
    if (fact->kind == WP_FACT_RESTORE_POINT && point->end_lsn == l->mark->point_end
        && strncmp(point->name, l->mark->name, sizeof point->name) == 0)
        l->has_point = true;
}

static bool reads_whole(look *l, const archive *view)
{
    const bool wants_point =
        l->mark->name[0] != '\0' && l->mark->point_end > l->start && l->mark->point_end <= l->end;
    scan_result result;
    const scan_config config = { .jobs = 1,
                                 .skip_dml = true,
                                 .read_all = true,
                                 .callbacks = { .context = l, .on_fact = on_fact } };
    if (scan_once(view, &config, &result, l->why) == SCAN_FAILED)
        return false;
    if (result.ndamages > 0)
        return message_fail(l->why, "its file cannot be read: %s", result.damages[0].text);
    if (result.end_lsn < l->mark->end)
        return message_fail(l->why, "its file ends early");
    return !wants_point || l->has_point
           || message_fail(l->why, "its file is of another server: the restore point that was just "
                                   "made is not in it");
}

static bool is_in_archive(look *l)
{
    const archive_limits limits = {
        .timeline = l->tli, .from_lsn = l->start, .to_lsn = l->end - 1, .system_id = l->system_id
    };
    char *const *sources;
    memcpy(&sources, &l->order->archives, sizeof sources);
    archive wal;
    bool is_good = archive_open(sources, l->order->narchives, &limits, &wal, l->why);
    if (!is_good && wal.is_out_of_range)
        (void)message_fail(l->why, "it is not there");
    if (is_good) {
        archive view = wal;
        while (view.nsegments > 0 && view.segments->start_lsn < l->start) {
            view.segments++;
            view.nsegments--;
        }
        view.nsegments = view.nsegments > 0 && view.segments->start_lsn == l->start
                         && !view.segments->is_partial && view.segments->tli == l->tli;
        is_good =
            view.nsegments == 1 ? reads_whole(l, &view) : message_fail(l->why, "it is not there");
    }
    archive_free(&wal);
    return is_good;
}

/* Does the server say that it archived it, or a later one? */
static bool is_archived(session *s, const switch_result *out, bool *is_there,
                        char message[MESSAGE_BYTES])
{
    answer told = { 0 };
    const bool is_good =
        answer_ask(s, "SELECT last_archived_wal FROM pg_stat_archiver", &told, message);
    const char *last = answer_value(&told, 0, 0);
    *is_there = last != NULL && strspn(last, "0123456789ABCDEF") >= strlen(out->segment)
                && strcmp(last, out->segment) >= 0;
    answer_free(&told);
    return is_good;
}

/* So that what is asked afterwards tells of it. */
static bool wait_for_statistics(session *s, const switch_result *out, char message[MESSAGE_BYTES])
{
    const double begin = now_seconds();
    bool is_there = false;
    while (now_seconds() - begin < STATISTICS_LATE_S) {
        if (!is_archived(s, out, &is_there, message))
            return false;
        if (is_there)
            break;
        wait_a_moment();
    }
    return true;
}

static bool wait_for_file(session *s, const server_facts *f, const switch_order *order,
                          const mark *m, switch_result *out, char message[MESSAGE_BYTES])
{
    const double begin = now_seconds();
    look l = { .order = order, .system_id = f->system_identifier, .mark = m, .tli = f->tli };
    l.start = (m->end - 1) / f->segment_size * f->segment_size;
    l.end = l.start + f->segment_size;
    (void)wp_segment_name_format(f->tli, l.start, f->segment_size, out->segment);
    out->is_by_server = order->narchives == 0;
    for (;;) {
        bool is_there = false;
        if (!out->is_by_server)
            is_there = is_in_archive(&l);
        else if (!is_archived(s, out, &is_there, message))
            return false;
        out->seconds = now_seconds() - begin;
        if (is_there) {
            out->outcome = SWITCH_SEEN;
            return wait_for_statistics(s, out, message);
        }
        if (out->seconds >= (double)order->timeout_s)
            break;
        wait_a_moment();
    }
    out->outcome = SWITCH_LATE;
    (void)message_fail(out->why, "%s", out->is_by_server ? "the server did not archive it" : l.why);
    return true;
}

bool switch_wal(session *s, const server_facts *f, const switch_order *order, switch_result *out,
                char message[MESSAGE_BYTES])
{
    mark m = { 0 };
    *out = (switch_result){ 0 };
    if (f->segment_size == 0 || f->tli == 0) {
        out->outcome = SWITCH_REFUSED;
        (void)message_fail(out->why, "the server does not tell where it is in its WAL");
        return true;
    }
    if (!write_record(s, &m, message) || !end_segment(s, f, &m, out, message))
        return false;
    return m.end == 0 || wait_for_file(s, f, order, &m, out, message);
}
