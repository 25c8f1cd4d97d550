/*
 * test_stop.c - where a server stops. One history, written for every major, and what the replay loop of the
 * server makes of it for each kind of target, record by record.
 */
#include <stdio.h>

#include <walparse/stop.h>

#include "cases.h"

/* Records of the history, in order. */
typedef enum place {
    OLD,        /* commit of 700 */
    EARLY,      /* restore point, older than the backup */
    FILLER,     /* the backup starts here */
    CHECKPOINT, /* with redo here */
    BACKUP_END,
    FIRST,    /* commit of 701 */
    DROP,     /* commit of 702, with subtransaction 710 */
    ABORT,    /* of 703 */
    PREPARE,  /* of 704 */
    HERE,     /* restore point */
    LATE,     /* commit of 705, with an earlier time than DROP */
    PREPARED, /* COMMIT PREPARED of 704 */
    AGAIN,    /* restore point of the same name as HERE */
    LAST,     /* commit of 706 */
    PLACES,
    NOWHERE = PLACES
} place;

#define SECOND INT64_C(1000000)
#define AT(seconds) (WAL_NOON + (seconds)*SECOND)

typedef struct history {
    wal_builder *wal;
    wp_lsn at[PLACES];
    wp_lsn end[PLACES];
    wp_lsn start;
} history;

static void note(history *h, place which, wp_lsn lsn)
{
    h->at[which] = lsn;
    h->end[which] = wal_end(h->wal);
}

static void commit(history *h, place which, wp_xid xid, wp_time time)
{
    note(h, which, wal_commit(h->wal, &(wal_xact){ .xid = xid, .time = time }));
}

static history make_history(const wal_config *server)
{
    static const wp_xid subxid = 710;
    history h = { .wal = wal_new_with(server) };
    wal_builder *w = h.wal;
    commit(&h, OLD, 700, AT(-100));
    note(&h, EARLY, wal_restore_point(w, "early", AT(-90)));
    h.start = wal_next(w);
    note(&h, FILLER, wal_filler(w, 40));
    note(&h, CHECKPOINT, wal_checkpoint(w, false, 701));
    note(&h, BACKUP_END, wal_backup_end(w, h.start));
    commit(&h, FIRST, 701, AT(1));
    note(
        &h, DROP,
        wal_commit(w, &(wal_xact){ .xid = 702, .time = AT(2), .subxids = &subxid, .nsubxids = 1 }));
    note(&h, ABORT, wal_abort(w, &(wal_xact){ .xid = 703, .time = AT(3) }));
    note(&h, PREPARE, wal_prepare(w, &(wal_xact){ .xid = 704, .time = AT(3), .gid = "waiting" }));
    note(&h, HERE, wal_restore_point(w, "here", AT(3)));
    commit(&h, LATE, 705, WAL_NOON + SECOND + SECOND / 2);
    note(&h, PREPARED, wal_commit_prepared(w, &(wal_xact){ .xid = 704, .time = AT(5) }));
    note(&h, AGAIN, wal_restore_point(w, "here", AT(5)));
    commit(&h, LAST, 706, AT(6));
    return h;
}

/* ---- running ------------------------------------------------------------------------------ */

static void on_end(void *context, const wp_xact_end *end)
{
    wp_stop_add_end(context, end);
}

static void on_fact(void *context, const wp_fact *fact)
{
    wp_stop_add_fact(context, fact);
}

static wp_stop *run(wal_builder *w, const wp_stop_config *config)
{
    wp_stop *stop = NULL;
    wp_reducer *reducer = NULL;
    wp_error err;
    assert_int_equal(wp_stop_new(config, &stop, &err), WP_OK);
    const run_options options = { .watch_lsn = wp_stop_watch_lsn(config) };
    const wp_reducer_config reduce = {
        .profile = wal_profile(w),
        .max_align = wal_max_align(w),
        .callbacks = { .context = stop, .on_xact_end = on_end, .on_fact = on_fact }
    };
    mapped m = map_all(w, &options);
    assert_int_equal(m.status, WP_OK);
    assert_int_equal(wp_reducer_new(&reduce, &reducer, &err), WP_OK);
    assert_int_equal(wp_reducer_add(reducer, &m.facts, &err), WP_OK);
    wp_reducer_free(reducer);
    mapped_free(&m);
    return stop;
}

/* ---- one history, many targets ------------------------------------------------------------ */

/* FATAL from 13 on, the end of the WAL before. */
#define NEVER WP_STOP_FATAL_NEVER

typedef struct stop_case {
    const char *name;
    wp_stop_kind kind;
    place lsn; /* the target's, plus offset; NOWHERE: behind all */
    int offset;
    wp_xid xid;
    wp_time time;
    const char *point;
    bool inclusive;

    wp_stop_outcome outcome;
    place record; /* it stops at */
    bool is_applied;
    uint64_t kept, lost;
    size_t in_doubt;
    const char *reason; /* NULL: not looked at */
} stop_case;

// clang-format off
#define LSN(where, plus) .kind = WP_STOP_AT_LSN, .lsn = (where), .offset = (plus)
#define XID(n) .kind = WP_STOP_AT_XID, .xid = (n)
#define TIME(t) .kind = WP_STOP_AT_TIME, .time = (t)
#define NAME(n) .kind = WP_STOP_AT_NAME, .point = (n)
#define INCLUSIVE .inclusive = true
#define BEFORE(where) .outcome = WP_STOP_STOPS, .record = (where)
#define AFTER(where) .outcome = WP_STOP_STOPS, .record = (where), .is_applied = true

static const stop_case stop_cases[] = {
    { "lsn: before the commit", LSN(DROP, 0), BEFORE(DROP), .kept = 1, .lost = 4 },
    { "lsn: the commit is applied", LSN(DROP, 0), INCLUSIVE, AFTER(DROP), .kept = 2, .lost = 3 },
    { "lsn: one byte into the commit is the next record", LSN(DROP, 1), BEFORE(ABORT), .kept = 2, .lost = 3 },
    { "lsn: one byte in, inclusive", LSN(DROP, 1), INCLUSIVE, AFTER(ABORT), .kept = 2, .lost = 3 },
    { "lsn: PREPARE is applied", LSN(PREPARE, 0), INCLUSIVE, AFTER(PREPARE), .kept = 2, .lost = 3, .in_doubt = 1 },
    { "lsn: PREPARE is not applied", LSN(PREPARE, 0), BEFORE(PREPARE), .kept = 2, .lost = 3 },
    { "lsn: the end of the backup is applied", LSN(BACKUP_END, 0), INCLUSIVE, AFTER(BACKUP_END), .lost = 5 },
    { "lsn: right behind the end of the backup", LSN(BACKUP_END, 1), BEFORE(FIRST), .lost = 5 },
    { "lsn: before the end of the backup", LSN(BACKUP_END, 0), .outcome = WP_STOP_FATAL_EARLY, .record = BACKUP_END, .lost = 5 },
    { "lsn: at the backup's start", LSN(FILLER, 0), INCLUSIVE, .outcome = WP_STOP_FATAL_EARLY, .record = FILLER, .is_applied = true, .lost = 5 },
    { "lsn: older than the backup", LSN(OLD, 0), INCLUSIVE, .outcome = WP_STOP_FATAL_EARLY, .record = FILLER, .is_applied = true, .lost = 5 },
    { "lsn: the last record", LSN(LAST, 0), BEFORE(LAST), .kept = 4, .lost = 1 },
    { "lsn: behind the last record", LSN(LAST, 1), INCLUSIVE, .outcome = NEVER, .kept = 5, .reason = "before LSN 0/0" },

    { "xid: before", XID(702), BEFORE(DROP), .kept = 1, .lost = 4, .reason = "before transaction 702" },
    { "xid: after", XID(702), INCLUSIVE, AFTER(DROP), .kept = 2, .lost = 3, .reason = "after transaction 702" },
    { "xid: rolled back", XID(703), BEFORE(ABORT), .kept = 2, .lost = 3 },
    { "xid: rolled back, inclusive", XID(703), INCLUSIVE, AFTER(ABORT), .kept = 2, .lost = 3 },
    { "xid: prepared stops at COMMIT PREPARED", XID(704), BEFORE(PREPARED), .kept = 3, .lost = 2, .in_doubt = 1 },
    { "xid: prepared, inclusive", XID(704), INCLUSIVE, AFTER(PREPARED), .kept = 4, .lost = 1 },
    { "xid: a committed subtransaction never matches", XID(710), INCLUSIVE, .outcome = NEVER, .kept = 5, .reason = "before transaction 0" },
    { "xid: older than the backup", XID(700), .outcome = NEVER, .kept = 5 },
    { "xid: none such", XID(0), INCLUSIVE, .outcome = NEVER, .kept = 5 },

    { "time: equal, exclusive", TIME(AT(2)), BEFORE(DROP), .kept = 1, .lost = 4, .reason = "before 2026-11-22 10:00:02+00" },
    { "time: equal, inclusive", TIME(AT(2)), INCLUSIVE, BEFORE(ABORT), .kept = 2, .lost = 3 },
    { "time: in WAL order, not in order of time", TIME(AT(1) + SECOND * 7 / 10), INCLUSIVE, BEFORE(DROP), .kept = 1, .lost = 4 },
    { "time: one that only later-stamped ones follow", TIME(AT(3)), INCLUSIVE, BEFORE(PREPARED), .kept = 3, .lost = 2, .in_doubt = 1 },
    { "time: PREPARE never stops it", TIME(AT(3)), BEFORE(ABORT), .kept = 2, .lost = 3 },
    { "time: older than the backup", TIME(AT(-200)), INCLUSIVE, BEFORE(FIRST), .lost = 5 },
    { "time: equal to the last, exclusive", TIME(AT(6)), BEFORE(LAST), .kept = 4, .lost = 1 },
    { "time: equal to the last, inclusive", TIME(AT(6)), INCLUSIVE, .outcome = NEVER, .kept = 5, .reason = "before 2000-01-01 00:00:00+00" },

    { "name: the first of that name", NAME("here"), AFTER(HERE), .kept = 2, .lost = 3, .in_doubt = 1, .reason = "at restore point \"here\"" },
    { "name: older than the backup", NAME("early"), .outcome = NEVER, .kept = 5, .reason = "at restore point \"\"" },
    { "name: none such, case counts", NAME("HERE"), .outcome = NEVER, .kept = 5 },

    { "immediate", .kind = WP_STOP_IMMEDIATE, AFTER(BACKUP_END), .lost = 5, .reason = "reached consistency" },
    { "no target", .kind = WP_STOP_AT_END, .outcome = WP_STOP_ENDS, .record = NOWHERE, .kept = 5, .reason = "no recovery target specified" },
};
// clang-format on

static wp_stop_config config_of(const stop_case *row, const history *h)
{
    wp_stop_config config = { .profile = wal_profile(h->wal),
                              .kind = row->kind,
                              .xid = row->xid,
                              .time = row->time,
                              .inclusive = row->inclusive,
                              .start = h->start,
                              .backup = WP_BACKUP_PRIMARY };
    if (row->kind == WP_STOP_AT_LSN)
        config.lsn = h->at[row->lsn] + (wp_lsn)row->offset;
    if (row->point != NULL)
        snprintf(config.name, sizeof config.name, "%s", row->point);
    return config;
}

static void check_case(const stop_case *row, const wal_config *server)
{
    history h = make_history(server);
    const wp_stop_config config = config_of(row, &h);
    wp_stop *stop = run(h.wal, &config);
    const wp_stop_result *r = wp_stop_finish(stop);
    const bool is_never = row->outcome == NEVER;
    const bool is_fatal = wal_version(h.wal) >= 1300;
    char text[WP_STOP_TEXT_BYTES];
    assert_int_equal(r->outcome, is_never && !is_fatal ? WP_STOP_ENDS : row->outcome);
    if (is_never || row->outcome == WP_STOP_ENDS) {
        assert_int_equal(r->next_lsn, h.end[LAST]);
    } else {
        assert_int_equal(r->lsn, h.at[row->record]);
        assert_int_equal(r->is_applied, row->is_applied);
        assert_int_equal(r->next_lsn, row->is_applied ? h.end[row->record] : h.at[row->record]);
    }
    assert_int_equal(r->kept, row->kept);
    assert_int_equal(r->lost, row->lost);
    assert_int_equal(r->nin_doubt, row->in_doubt);
    if (row->in_doubt == 1) {
        assert_int_equal(r->in_doubt[0].xid, 704);
        assert_string_equal(r->in_doubt[0].gid, "waiting");
    }
    if (row->reason != NULL && r->outcome < WP_STOP_FATAL_EARLY)
        assert_string_equal(wp_stop_reason(&config, r, text), row->reason);
    if (r->outcome >= WP_STOP_FATAL_EARLY)
        assert_string_equal(wp_stop_reason(&config, r, text), "");
    wp_stop_free(stop);
    wal_free(h.wal);
}

static void stops_where_the_server_does(void **state)
{
    for (size_t i = 0; each_server(i); i++) {
        now_on(each_server(i));
        check_case(*state, each_server(i));
    }
    now_on(NULL);
}

/* ---- what explains it --------------------------------------------------------------------- */

static wp_stop_result result_of(const history *h, wp_stop_config config,
                                char fatal[WP_STOP_TEXT_BYTES])
{
    config.profile = wal_profile(h->wal);
    if (config.start == 0)
        config.start = h->start;
    wp_stop *stop = run(h->wal, &config);
    wp_stop_result result = *wp_stop_finish(stop);
    wp_stop_fatal(&config, &result, fatal);
    result.in_doubt = NULL;
    wp_stop_free(stop);
    return result;
}

static void tells_why(void **state)
{
    (void)state;
    history h = make_history(&(wal_config){ .major = "15" });
    char fatal[WP_STOP_TEXT_BYTES];
    wp_stop_result r =
        result_of(&h, (wp_stop_config){ XID(710), .backup = WP_BACKUP_PRIMARY }, fatal);
    assert_int_equal(r.subxid_of, 702);
    assert_string_equal(fatal, "recovery ended before configured recovery target was reached");
    assert_int_equal(r.latest_time, AT(6));
    assert_int_equal(r.last_record, h.at[LAST]);
    assert_int_equal(r.backup_end, h.end[BACKUP_END]);
    r = result_of(&h, (wp_stop_config){ XID(700), .backup = WP_BACKUP_PRIMARY }, fatal);
    assert_int_equal(r.before_start, h.at[OLD]);
    r = result_of(&h, (wp_stop_config){ .kind = WP_STOP_AT_NAME, .name = "early" }, fatal);
    assert_int_equal(r.before_start, h.at[EARLY]);
    r = result_of(&h, (wp_stop_config){ .kind = WP_STOP_AT_NAME, .name = "here" }, fatal);
    assert_int_equal(r.same_names, 2);
    r = result_of(&h, (wp_stop_config){ TIME(AT(-200)), INCLUSIVE }, fatal);
    assert_int_equal(r.later_in_backup, 1);
    r = result_of(&h, (wp_stop_config){ TIME(AT(2)), INCLUSIVE }, fatal);
    assert_int_equal(r.earlier_after, 1);
    (void)result_of(
        &h, (wp_stop_config){ .kind = WP_STOP_AT_LSN, .lsn = h.start, .backup = WP_BACKUP_PRIMARY },
        fatal);
    assert_string_equal(fatal, "requested recovery stop point is before consistent recovery point");
    wal_free(h.wal);
}

/* What is known of the backup decides what may be said of its consistency. */
static void backups(void **state)
{
    (void)state;
    history h = make_history(&(wal_config){ .major = "16" });
    char fatal[WP_STOP_TEXT_BYTES];
    /* The BACKUP_END of another backup is none. */
    wp_stop_config config = { XID(702), .start = h.at[CHECKPOINT], .backup = WP_BACKUP_PRIMARY };
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_FATAL_EARLY);
    config.backup = WP_BACKUP_STANDBY;
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_STOPS);
    config.backup = WP_BACKUP_ASSUMED;
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_STOPS);
    config = (wp_stop_config){ .kind = WP_STOP_AT_END,
                               .start = h.at[CHECKPOINT],
                               .backup = WP_BACKUP_PRIMARY };
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_FATAL_BACKUP_CUT);
    assert_string_equal(fatal, "WAL ends before end of online backup");
    config = (wp_stop_config){ XID(4), .is_standby = true, .backup = WP_BACKUP_PRIMARY };
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_WAITS);
    /* A guess is taken back when the backup turns out to end behind the stop. */
    config = (wp_stop_config){ .kind = WP_STOP_AT_LSN,
                               .lsn = h.at[FILLER],
                               .backup = WP_BACKUP_ASSUMED };
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_FATAL_EARLY);
    wal_free(h.wal);
}

/* A segment is missing: replay ends there, whatever the target. */
static void holes(void **state)
{
    (void)state;
    wal_builder *w = wal_new("14");
    const wp_lsn start = wal_next(w);
    wal_backup_end(w, start);
    wal_commit(w, &(wal_xact){ .xid = 701, .time = AT(1) });
    wal_switch(w);
    wal_commit(w, &(wal_xact){ .xid = 702, .time = AT(2) });
    wal_switch(w);
    const wp_lsn after = wal_commit(w, &(wal_xact){ .xid = 703, .time = AT(3) });
    const wp_stop_config config = {
        .profile = wal_profile(w), XID(703), .start = start, .backup = WP_BACKUP_PRIMARY
    };
    wp_stop *stop = NULL;
    wp_reducer *reducer = NULL;
    wp_error err;
    assert_int_equal(wp_stop_new(&config, &stop, &err), WP_OK);
    const wp_reducer_config reduce = {
        .profile = wal_profile(w),
        .max_align = 8,
        .callbacks = { .context = stop, .on_xact_end = on_end, .on_fact = on_fact }
    };
    assert_int_equal(wp_reducer_new(&reduce, &reducer, &err), WP_OK);
    for (size_t i = 0; i < 3; i += 2) {
        const wp_segment_info info = wal_info(w, i);
        mapped m = map_bytes(&info, wal_segment(w, i), &(run_options){ 0 });
        assert_int_equal(wp_reducer_add(reducer, &m.facts, &err), WP_OK);
        mapped_free(&m);
    }
    const wp_stop_result *r = wp_stop_finish(stop);
    assert_int_equal(r->outcome, WP_STOP_FATAL_NEVER);
    assert_int_equal(r->gap, wal_start(w) + wal_segment_size(w));
    assert_int_equal(r->after_gap, after);
    assert_int_equal(r->kept, 1);
    assert_int_equal(r->lost, 1);
    wp_reducer_free(reducer);
    wp_stop_free(stop);
    wal_free(w);
}

static wp_stop_result with_server(const char *major, int32_t connections, int32_t level,
                                  bool is_early, bool hot_standby, char fatal[WP_STOP_TEXT_BYTES])
{
    history h = { .wal = wal_new(major) };
    h.start = wal_next(h.wal);
    if (is_early)
        wal_parameters(h.wal, connections, level);
    wal_backup_end(h.wal, h.start);
    if (!is_early)
        wal_parameters(h.wal, connections, level);
    commit(&h, FIRST, 701, AT(1));
    const wp_stop_config config = { XID(701), .hot_standby = hot_standby,
                                    .backup = WP_BACKUP_PRIMARY,
                                    .limits = { [WP_LIMIT_CONNECTIONS] = 100 } };
    const wp_stop_result result = result_of(&h, config, fatal);
    wal_free(h.wal);
    return result;
}

static wp_stop_result with_parameters(const char *major, int32_t connections, int32_t level,
                                      bool is_early, char fatal[WP_STOP_TEXT_BYTES])
{
    return with_server(major, connections, level, is_early, true, fatal);
}

static void parameters(void **state)
{
    (void)state;
    char fatal[WP_STOP_TEXT_BYTES];
    assert_int_equal(with_parameters("13", 100, 1, false, fatal).outcome, WP_STOP_STOPS);
    assert_int_equal(with_parameters("13", 101, 1, false, fatal).outcome, WP_STOP_FATAL_LOW);
    assert_non_null(strstr(fatal, "max_connections = 100 is a lower setting"));
    assert_int_equal(with_parameters("14", 101, 1, false, fatal).outcome, WP_STOP_PAUSES_LOW);
    assert_int_equal(with_parameters("14", 101, 1, true, fatal).outcome, WP_STOP_FATAL_LOW);
    assert_string_equal(fatal, "recovery aborted because of insufficient parameter settings");
    assert_int_equal(with_parameters("14", 100, 0, false, fatal).outcome, WP_STOP_FATAL_MINIMAL);
    assert_string_equal(fatal,
                        "WAL was generated with wal_level=minimal, cannot continue recovering");
    assert_int_equal(with_parameters("17", 100, 0, false, fatal).outcome, WP_STOP_FATAL_MINIMAL);
    assert_string_equal(fatal,
                        "WAL was generated with \"wal_level=minimal\", cannot continue recovering");
    assert_int_equal(with_parameters("13", 100, 0, false, fatal).outcome, WP_STOP_FATAL_MINIMAL);
    assert_string_equal(fatal, "hot standby is not possible because wal_level was not set to "
                               "\"replica\" or higher on the master server");
    assert_int_equal(with_server("14", 100, 0, false, false, fatal).outcome, WP_STOP_FATAL_MINIMAL);
    const wp_stop_result r = with_server("13", 50, 0, false, false, fatal);
    assert_int_equal(r.outcome, WP_STOP_STOPS);
    assert_true(r.minimal_lsn != 0);
}

/* ---- forks -------------------------------------------------------------------------------- */

/* A run without a target, forked before the record at `from`, is as good as one with that target. */
static wp_status fork_at(wal_builder *w, const wp_stop_config *config, wp_lsn from, wp_stop **out)
{
    wp_stop_config base = *config;
    base.kind = WP_STOP_AT_END;
    wp_stop *trunk = NULL;
    wp_reducer *reducer = NULL;
    wp_error err;
    wp_status status = WP_OK;
    assert_int_equal(wp_stop_new(&base, &trunk, &err), WP_OK);
    const run_options options = { .watch_lsn = wp_stop_watch_lsn(config) };
    mapped m = map_all(w, &options);
    *out = NULL;
    size_t pos = 0;
    const wp_fact *fact;
    for (bool is_forked = false; (fact = wp_facts_next(&m.facts, &pos));) {
        if (fact->lsn >= from && !is_forked) {
            is_forked = true;
            status = wp_stop_fork(trunk, config, out, &err);
        }
        wp_stop *stop = *out ? *out : trunk;
        const wp_reducer_config reduce = {
            .profile = wal_profile(w),
            .max_align = wal_max_align(w),
            .callbacks = { .context = stop, .on_xact_end = on_end, .on_fact = on_fact }
        };
        assert_int_equal(wp_reducer_new(&reduce, &reducer, &err), WP_OK);
        const wp_facts one = { .bytes = (uint8_t *)(uintptr_t)fact, .len = fact->size };
        assert_int_equal(wp_reducer_add(reducer, &one, &err), WP_OK);
        wp_reducer_free(reducer);
    }
    mapped_free(&m);
    wp_stop_free(trunk);
    return status;
}

static void forks_stop_where_the_whole_run_does(void **state)
{
    (void)state;
    size_t forked = 0, late = 0;
    for (size_t i = 0; i < sizeof stop_cases / sizeof *stop_cases; i++) {
        for (place from = OLD; from < PLACES; from++) {
            history h = make_history(&(wal_config){ .major = "15" });
            const wp_stop_config config = config_of(&stop_cases[i], &h);
            wp_stop *whole = run(h.wal, &config), *fork = NULL;
            const wp_stop_result *want = wp_stop_finish(whole);
            /* One by xid or name must not have passed, which the caller knows. */
            const bool is_blind = config.kind != WP_STOP_AT_LSN && config.kind != WP_STOP_AT_TIME;
            const bool has_passed =
                want->outcome == WP_STOP_STOPS || want->outcome == WP_STOP_FATAL_EARLY
                    ? want->lsn < h.at[from]
                    : false;
            if (!is_blind || !has_passed) {
                if (fork_at(h.wal, &config, h.at[from], &fork) == WP_END) {
                    late++;
                    assert_true(has_passed);
                    assert_null(fork);
                } else {
                    forked++;
                    const wp_stop_result *got = wp_stop_finish(fork);
                    assert_int_equal(got->outcome, want->outcome);
                    assert_int_equal(got->next_lsn, want->next_lsn);
                    assert_int_equal(got->kept, want->kept);
                    assert_int_equal(got->lost, want->lost);
                    assert_int_equal(got->nin_doubt, want->nin_doubt);
                    assert_int_equal(got->later_in_backup > 0, want->later_in_backup > 0);
                }
            }
            wp_stop_free(fork);
            wp_stop_free(whole);
            wal_free(h.wal);
        }
    }
    assert_true(forked > 100 && late > 50);
    wp_stop *stop = NULL, *fork = NULL;
    wp_error err;
    const wp_stop_config aimed = { .profile = wp_profile_by_major("15"), XID(701) };
    assert_int_equal(wp_stop_new(&aimed, &stop, &err), WP_OK);
    assert_int_equal(wp_stop_fork(stop, &aimed, &fork, &err), WP_ERR_USAGE);
    wp_stop_free(stop);
}

/* Where the backup is consistent may be known from its manifest or its history file. */
static void consistent_by_other_means(void **state)
{
    (void)state;
    wal_builder *w = wal_new("16");
    char fatal[WP_STOP_TEXT_BYTES];
    history h = { .wal = w, .start = wal_next(w) };
    commit(&h, FIRST, 701, AT(1));
    commit(&h, DROP, 702, AT(2));
    commit(&h, LATE, 705, AT(3));
    wp_stop_config config = { XID(702), .start = h.start, .consistent = h.end[FIRST] };
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_STOPS);
    config.consistent = h.end[DROP];
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_FATAL_EARLY);
    config.inclusive = true;
    assert_int_equal(result_of(&h, config, fatal).outcome, WP_STOP_STOPS);
    /* What is older than the backup is in it. */
    config = (wp_stop_config){ XID(705), .start = h.at[DROP] };
    const wp_stop_result r = result_of(&h, config, fatal);
    assert_int_equal(r.old_xid, 701);
    assert_int_equal(r.old_time, AT(1));
    assert_int_equal(r.kept, 1);
    wal_free(w);
}

/* A transaction that was prepared before the WAL begins, and ends behind the stop, is in doubt there. */
static void prepared_before_the_wal(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    history h = { .wal = w };
    commit(&h, FIRST, 701, AT(1));
    wal_prepare(w, &(wal_xact){ .xid = 710, .time = AT(3), .gid = "late" });
    wal_commit_prepared(w, &(wal_xact){ .xid = 709, .time = AT(5), .gid = "old", .log_gid = true });
    wal_commit_prepared(w, &(wal_xact){ .xid = 710, .time = AT(6), .gid = "late" });
    const wp_stop_config config = { .profile = wal_profile(w), XID(701) };
    wp_stop *stop = run(w, &config);
    const wp_stop_result *r = wp_stop_finish(stop);
    assert_int_equal(r->nin_doubt, 1);
    assert_int_equal(r->in_doubt[0].xid, 709);
    assert_string_equal(r->in_doubt[0].gid, "old");
    wp_stop_free(stop);
    wal_free(w);
}

/* The backup is not known: one behind the hole is meant. */
static void after_gaps(void **state)
{
    (void)state;
    wal_builder *w = wal_new("14");
    history h = { .wal = w };
    commit(&h, FIRST, 701, AT(1));
    wal_parameters(w, 100, 0);
    wal_switch(w);
    commit(&h, DROP, 702, AT(2));
    wp_stop_config config = { .profile = wal_profile(w), XID(702), .is_after_gaps = true };
    wp_stop *stop = run(w, &config);
    const wp_fact_damage damage = { .fact = { .size = sizeof damage,
                                              .kind = WP_FACT_DAMAGE,
                                              .op = WP_DAMAGE_CRC,
                                              .lsn = h.end[FIRST] } };
    assert_int_equal(wp_stop_finish(stop)->outcome, WP_STOP_STOPS);
    assert_true(wp_stop_finish(stop)->minimal_lsn != 0);
    wp_stop_free(stop);
    config.kind = WP_STOP_AT_END;
    wp_error err;
    assert_int_equal(wp_stop_new(&config, &stop, &err), WP_OK);
    wp_stop_add_fact(stop, &damage.fact);
    assert_int_equal(wp_stop_finish(stop)->gap, 0);
    wp_stop_free(stop);
    wal_free(w);
}

/* ---- the record that is watched for ------------------------------------------------------- */

static void one_record_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; each_server(i); i++) {
        history h = make_history(each_server(i));
        for (place p = OLD; p < LAST; p++) {
            const run_options options = { .watch_lsn = h.at[p] + 1, .piece = 1000 };
            mapped m = map_all(h.wal, &options);
            assert_int_equal(count_facts(&m, WP_FACT_RECORD), 1);
            const wp_fact_record *fact = (const void *)fact_of(&m, WP_FACT_RECORD);
            /* A checkpoint of 17 on has a record before it. */
            assert_int_equal(fact->fact.lsn, h.end[p]);
            assert_int_equal(fact->end_lsn > fact->fact.lsn, 1);
            mapped_free(&m);
        }
        mapped none = map_all(h.wal, &(run_options){ .watch_lsn = 0 });
        assert_int_equal(count_facts(&none, WP_FACT_RECORD), 0);
        mapped_free(&none);
        wal_free(h.wal);
    }
}

/* It comes before what the record itself tells; and of a switch the rest of the segment belongs to it. */
static void it_comes_first(void **state)
{
    (void)state;
    wal_builder *w = wal_new("15");
    const wp_lsn lsn = wal_commit(w, &(wal_xact){ .xid = 700, .time = 1 });
    const wp_lsn last = wal_switch(w);
    mapped m = map_all(w, &(run_options){ .watch_lsn = lsn });
    size_t pos = 0;
    const wp_fact *fact = wp_facts_next(&m.facts, &pos);
    assert_int_equal(fact->kind, WP_FACT_FIRST_RECORD);
    fact = wp_facts_next(&m.facts, &pos);
    assert_int_equal(fact->kind, WP_FACT_RECORD);
    fact = wp_facts_next(&m.facts, &pos);
    assert_int_equal(fact->kind, WP_FACT_XACT_END);
    mapped_free(&m);
    m = map_all(w, &(run_options){ .watch_lsn = last });
    const wp_fact_record *record = (const void *)fact_of(&m, WP_FACT_RECORD);
    assert_int_equal(record->fact.lsn, last);
    assert_int_equal(record->end_lsn, wal_start(w) + wal_segment_size(w));
    mapped_free(&m);
    wal_free(w);
}

/* ---- an xid as a setting ------------------------------------------------------------------ */

typedef struct xid_case {
    const char *name; /* the text */
    bool is_refused;
    wp_xid xid;
    wp_number_form form;
    const char *rest;
} xid_case;

/* Expected: strtoul(text, &rest, 0) of the C library, cut to 32 bits. */
static const xid_case xid_cases[] = {
    { "898", false, 898, WP_NUMBER_DECIMAL, "" },
    { " 898", false, 898, WP_NUMBER_DECIMAL, "" },
    { "+898", false, 898, WP_NUMBER_DECIMAL, "" },
    { "0898", false, 0, WP_NUMBER_OCTAL, "898" },
    { "0777", false, 511, WP_NUMBER_OCTAL, "" },
    { "0729", false, 58, WP_NUMBER_OCTAL, "9" },
    { "0x2D9", false, 729, WP_NUMBER_HEX, "" },
    { "0Xff ", false, 255, WP_NUMBER_HEX, " " },
    { "0x", false, 0, WP_NUMBER_DECIMAL, "x" },
    { "0", false, 0, WP_NUMBER_DECIMAL, "" },
    { "", false, 0, WP_NUMBER_NONE, "" },
    { "abc", false, 0, WP_NUMBER_NONE, "abc" },
    { "0/161B5B8", false, 0, WP_NUMBER_DECIMAL, "/161B5B8" },
    { "16/B374D848", false, 16, WP_NUMBER_DECIMAL, "/B374D848" },
    { "898 abc", false, 898, WP_NUMBER_DECIMAL, " abc" },
    { "-1", false, UINT32_MAX, WP_NUMBER_DECIMAL, "" },
    { "4294968194", false, 898, WP_NUMBER_DECIMAL, "" },
    { "18446744073709551615", false, UINT32_MAX, WP_NUMBER_DECIMAL, "" },
    { "18446744073709551616", true, 0, WP_NUMBER_DECIMAL, "" },
};

static void xids_read_as_servers_do(void **state)
{
    const xid_case *row = *state;
    wp_xid_setting got;
    assert_int_equal(wp_xid_setting_parse(row->name, &got), !row->is_refused);
    if (row->is_refused)
        return;
    assert_int_equal(got.xid, row->xid);
    assert_string_equal(got.rest, row->rest);
    char *rest = NULL;
    assert_int_equal(got.xid, (wp_xid)strtoul(row->name, &rest, 0));
    assert_string_equal(got.rest, rest);
    assert_int_equal(got.form, row->form);
}

int main(void)
{
    const struct CMUnitTest rest[] = {
        cmocka_unit_test(tells_why),
        cmocka_unit_test(backups),
        cmocka_unit_test(holes),
        cmocka_unit_test(parameters),
        cmocka_unit_test(forks_stop_where_the_whole_run_does),
        cmocka_unit_test(consistent_by_other_means),
        cmocka_unit_test(prepared_before_the_wal),
        cmocka_unit_test(after_gaps),
        cmocka_unit_test(one_record_is_told),
        cmocka_unit_test(it_comes_first),
    };
    int failed = RUN_CASES("stops", stop_cases, stops_where_the_server_does);
    failed += RUN_CASES("xids", xid_cases, xids_read_as_servers_do);
    failed += cmocka_run_group_tests_name("stop", rest, NULL, NULL);
    return failed;
}
