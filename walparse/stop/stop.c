/*
 * stop.c - see stop.h. Mirrors recoveryStopsBefore(), recoveryStopsAfter() and the end of the replay loop
 * in access/transam/xlogrecovery.c (xlog.c before 15).
 *
 * Whether the backup is consistent at the stop is known only when its end has been seen. That may come after the
 * stop, so it is judged when all has passed.
 */
#include <walparse/stop.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <walparse/profile.h>

#include "base/fail.h"

struct wp_stop {
    wp_stop_config config;
    wp_stop_result result;
    bool is_over;    /* nothing more is applied, but for what belongs to the record at `through` */
    bool is_reached; /* by the target */
    wp_lsn through;  /* the last record applied, when is_over */
    wp_lsn backup_record; /* start of the backup's BACKUP_END */
    wp_lsn segment_last;  /* last record of the segments so far */
    wp_lsn wal_end;
    wp_lsn latest_lsn; /* of the records met so far, from the start on */
    wp_time old_time;  /* latest commit before the start */
    wp_stop_prepared prepared[WP_STOP_PREPARED_MAX];
    size_t nprepared;
    wp_xid later[WP_STOP_PREPARED_MAX]; /* prepared after the stop, and not ended yet */
    size_t nlater;
    bool has_more_later;
};

static bool is_commit(const wp_xact_end *end)
{
    return end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED;
}

/* ---- prepared transactions ------------------------------------------------------------------ */

static void prepared_add(wp_stop *s, wp_xid xid, const char *gid)
{
    if (s->nprepared == WP_STOP_PREPARED_MAX) {
        s->result.has_more_in_doubt = true;
        return;
    }
    wp_stop_prepared *added = &s->prepared[s->nprepared++];
    added->xid = xid;
    (void)snprintf(added->gid, sizeof added->gid, "%s", gid);
}

static void prepared_remove(wp_stop *s, wp_xid xid)
{
    for (size_t i = 0; i < s->nprepared; i++) {
        if (s->prepared[i].xid != xid)
            continue;
        memmove(&s->prepared[i], &s->prepared[i + 1], (s->nprepared - i - 1) * sizeof *s->prepared);
        s->nprepared--;
        return;
    }
}

/* ---- stopping ------------------------------------------------------------------------------- */

/* Recovery ends at this record. */
static void end_at(wp_stop *s, wp_lsn lsn, wp_lsn end_lsn, bool is_applied)
{
    s->is_over = true;
    s->through = is_applied ? lsn : 0;
    s->result.lsn = lsn;
    s->result.next_lsn = is_applied ? end_lsn : lsn;
    s->result.read_lsn = end_lsn;
    s->result.is_applied = is_applied;
}

static void stop_at(wp_stop *s, wp_lsn lsn, wp_lsn end_lsn, bool is_applied)
{
    if (s->is_over) { /* where the WAL has a hole, replay does not get here */
        if (s->result.gap && !s->is_reached && !s->result.after_gap)
            s->result.after_gap = lsn;
        return;
    }
    end_at(s, lsn, end_lsn, is_applied);
    s->is_reached = true;
    s->result.outcome = WP_STOP_STOPS;
}

/*
 * A record starts here. Whatever the caller has not shown, a target by LSN stops at the first that is
 * there or after.
 */
static void pass_record(wp_stop *s, wp_lsn lsn, wp_lsn end_lsn)
{
    if (lsn < s->config.start)
        return;
    if (lsn > s->latest_lsn)
        s->latest_lsn = lsn;
    if (s->config.kind == WP_STOP_AT_LSN && !s->is_reached && lsn >= s->config.lsn)
        stop_at(s, lsn, end_lsn, s->config.inclusive);
}

/* Whether a target by time leaves this moment out. */
static bool is_later(const wp_stop_config *config, wp_time time)
{
    return config->inclusive ? time > config->time : time >= config->time;
}

static bool is_subxid(const wp_xact_end *end, wp_xid xid)
{
    for (uint32_t i = 0; i < end->nsubxids; i++)
        if (end->subxids[i] == xid)
            return true;
    return false;
}

/* Older than the backup: in it already. */
static void add_old_end(wp_stop *s, const wp_xact_end *end)
{
    if (s->config.kind == WP_STOP_AT_XID && end->xid == s->config.xid)
        s->result.before_start = end->lsn;
    if (s->config.kind == WP_STOP_AT_TIME && is_commit(end) && is_later(&s->config, end->time))
        s->result.later_in_backup++;
    if (is_commit(end)) {
        s->result.old_xid = end->xid;
        s->result.old_time = end->time;
        if (s->old_time == WP_TIME_UNKNOWN || end->time > s->old_time)
            s->old_time = end->time;
    }
    prepared_remove(s, end->xid);
}

static void apply(wp_stop *s, const wp_xact_end *end)
{
    prepared_remove(s, end->xid);
    if (!is_commit(end))
        return;
    s->result.kept++;
    s->result.last_xid = end->xid;
    s->result.last_time = end->time;
    s->result.last_commit_lsn = end->lsn;
}

/* The record that recovery stops at ends a transaction. */
static void note_xact(wp_stop *s, const wp_xact_end *end)
{
    s->result.has_xact = true;
    s->result.op = end->op;
    s->result.xid = end->xid;
    s->result.time = end->time;
}

static void note_later(wp_stop *s, wp_xid xid)
{
    if (s->nlater < WP_STOP_PREPARED_MAX)
        s->later[s->nlater++] = xid;
    else
        s->has_more_later = true;
}

/* True when the transaction was prepared after the stop. */
static bool take_later(wp_stop *s, wp_xid xid)
{
    for (size_t i = 0; i < s->nlater; i++) {
        if (s->later[i] != xid)
            continue;
        s->later[i] = s->later[--s->nlater];
        return true;
    }
    return s->has_more_later;
}

static bool is_in_doubt(const wp_stop *s, wp_xid xid)
{
    for (size_t i = 0; i < s->nprepared; i++)
        if (s->prepared[i].xid == xid)
            return true;
    return false;
}

/* What ends after the stop, and was prepared before the WAL begins, is in doubt there. */
static void note_old_prepared(wp_stop *s, const wp_xact_end *end)
{
    const bool is_prepared =
        end->op == WP_XACT_COMMIT_PREPARED || end->op == WP_XACT_ABORT_PREPARED;
    if (is_prepared && !is_in_doubt(s, end->xid) && !take_later(s, end->xid))
        prepared_add(s, end->xid, end->gid ? end->gid : "");
}

static void lose(wp_stop *s, const wp_xact_end *end)
{
    note_old_prepared(s, end);
    if (!is_commit(end))
        return;
    s->result.lost++;
    if (s->is_reached && s->config.kind == WP_STOP_AT_TIME && !is_later(&s->config, end->time))
        s->result.earlier_after++;
}

static bool stops_before(const wp_stop *s, const wp_xact_end *end)
{
    if (s->config.kind == WP_STOP_AT_TIME)
        return is_later(&s->config, end->time);
    return s->config.kind == WP_STOP_AT_XID && !s->config.inclusive && end->xid == s->config.xid;
}

static bool stops_after(const wp_stop *s, const wp_xact_end *end)
{
    return s->config.kind == WP_STOP_AT_XID && s->config.inclusive && end->xid == s->config.xid;
}

void wp_stop_add_end(wp_stop *s, const wp_xact_end *end)
{
    if (end->is_cut) { /* no server gets the whole record: it is never a stop, nor applied */
        s->result.lost += is_commit(end) && end->lsn >= s->config.start;
        return;
    }
    if (end->lsn < s->config.start) {
        add_old_end(s, end);
        return;
    }
    if (s->result.latest_time == WP_TIME_UNKNOWN || end->time > s->result.latest_time)
        s->result.latest_time = end->time;
    if (s->config.kind == WP_STOP_AT_XID && end->xid != s->config.xid
        && is_subxid(end, s->config.xid) && is_commit(end))
        s->result.subxid_of = end->xid;
    pass_record(s, end->lsn, end->end_lsn);
    if (stops_before(s, end))
        stop_at(s, end->lsn, end->end_lsn, false);
    else if (stops_after(s, end))
        stop_at(s, end->lsn, end->end_lsn, true);
    if (s->is_reached && end->lsn == s->result.lsn)
        note_xact(s, end);
    if (s->is_over && end->lsn != s->through)
        lose(s, end);
    else
        apply(s, end);
}

/* ---- other facts ---------------------------------------------------------------------------- */

static void add_record(wp_stop *s, const wp_fact_record *fact)
{
    if (s->config.kind != WP_STOP_AT_LSN || s->is_reached || fact->fact.lsn < s->config.lsn
        || fact->fact.lsn < s->config.start)
        return;
    stop_at(s, fact->fact.lsn, fact->end_lsn, s->config.inclusive);
    if (!s->is_reached)
        return;
    s->result.has_record = true;
    s->result.rmid = fact->rmid;
    s->result.info = fact->info;
}

static void add_restore_point(wp_stop *s, const wp_fact_restore_point *fact)
{
    if (s->config.kind != WP_STOP_AT_NAME || strcmp(fact->name, s->config.name) != 0)
        return;
    if (fact->fact.lsn < s->config.start) {
        s->result.before_start = fact->fact.lsn;
        return;
    }
    s->result.same_names++;
    if (s->is_reached)
        return;
    stop_at(s, fact->fact.lsn, fact->end_lsn, true);
    if (s->is_reached)
        s->result.time = fact->time;
}

static void add_backup_end(wp_stop *s, const wp_fact_backup_end *fact)
{
    if (fact->start != s->config.start || fact->fact.lsn < s->config.start)
        return;
    s->backup_record = fact->fact.lsn;
    s->result.backup_end = fact->end_lsn;
    if (s->config.kind == WP_STOP_IMMEDIATE && !s->is_reached)
        stop_at(s, fact->fact.lsn, fact->end_lsn, true);
}

static void add_parameters(wp_stop *s, const wp_fact_parameters *fact)
{
    if (s->is_over || fact->fact.lsn < s->config.start)
        return;
    const wp_recovery_traits *traits = &s->config.profile->recovery;
    const int32_t primary[WP_LIMITS] = {
        [WP_LIMIT_CONNECTIONS] = fact->max_connections,
        [WP_LIMIT_WORKER_PROCESSES] = fact->max_worker_processes,
        [WP_LIMIT_WAL_SENDERS] = fact->max_wal_senders,
        [WP_LIMIT_PREPARED_XACTS] = fact->max_prepared_xacts,
        [WP_LIMIT_LOCKS_PER_XACT] = fact->max_locks_per_xact,
    };
    if (fact->wal_level == 0) {
        s->result.minimal_lsn = fact->fact.lsn;
        const bool is_fatal = traits->minimal_wal_is_fatal || s->config.hot_standby;
        if (is_fatal && !s->config.is_after_gaps) {
            end_at(s, fact->fact.lsn, fact->fact.lsn, false);
            s->result.outcome = WP_STOP_FATAL_MINIMAL;
            return;
        }
    }
    for (int i = 0; s->config.hot_standby && i < WP_LIMITS; i++) {
        if (s->config.limits[i] == 0 || s->config.limits[i] >= primary[i])
            continue;
        const bool is_serving = s->config.backup != WP_BACKUP_PRIMARY || s->backup_record;
        end_at(s, fact->fact.lsn, fact->fact.lsn, false);
        s->result.outcome =
            traits->low_setting_pauses && is_serving ? WP_STOP_PAUSES_LOW : WP_STOP_FATAL_LOW;
        s->result.low = (wp_stop_limit)i;
        s->result.low_value = s->config.limits[i];
        s->result.low_wanted = primary[i];
        return;
    }
}

static void add_prepare(wp_stop *s, const wp_fact_xact *fact)
{
    if (s->is_over && fact->fact.lsn != s->through) {
        note_later(s, fact->fact.xid);
        return;
    }
    const char *gid = wp_fact_xact_gid(fact);
    prepared_add(s, fact->fact.xid, gid ? gid : "");
}

/* Replay does not get past this place. */
static void break_off(wp_stop *s, wp_lsn lsn)
{
    if (s->is_over || lsn < s->config.start || s->config.is_after_gaps)
        return;
    end_at(s, lsn, lsn, false);
    s->result.gap = lsn;
    s->result.outcome = WP_STOP_ENDS;
}

static bool is_unreadable(const wp_fact_damage *fact)
{
    return fact->fact.op != WP_DAMAGE_BLOCKS && fact->fact.op != WP_DAMAGE_PAYLOAD;
}

bool wp_stop_heeds(const wp_fact *fact)
{
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_RECORD:
    case WP_FACT_RESTORE_POINT:
    case WP_FACT_BACKUP_END:
    case WP_FACT_PARAMETERS:
    case WP_FACT_PREPARE:
    case WP_FACT_CHECKPOINT:
    case WP_FACT_FIRST_RECORD:
    case WP_FACT_DAMAGE:
    case WP_FACT_SEGMENT_END:
        return true;
    default:
        return false;
    }
}

/* Byte after the record that a fact tells of; 0: it does not say, or is of no single record. */
static wp_lsn end_of(const wp_fact *fact)
{
    const void *it = fact;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_RESTORE_POINT:
        return ((const wp_fact_restore_point *)it)->end_lsn;
    case WP_FACT_BACKUP_END:
        return ((const wp_fact_backup_end *)it)->end_lsn;
    case WP_FACT_PREPARE:
        return ((const wp_fact_xact *)it)->end_lsn;
    case WP_FACT_PARAMETERS:
    case WP_FACT_CHECKPOINT:
        return fact->lsn;
    default:
        return 0;
    }
}

void wp_stop_add_fact(wp_stop *s, const wp_fact *fact)
{
    const void *it = fact;
    const wp_lsn end_lsn = end_of(fact);
    if (end_lsn)
        pass_record(s, fact->lsn, end_lsn);
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_RECORD:
        add_record(s, it);
        break;
    case WP_FACT_RESTORE_POINT:
        add_restore_point(s, it);
        break;
    case WP_FACT_BACKUP_END:
        add_backup_end(s, it);
        break;
    case WP_FACT_PARAMETERS:
        add_parameters(s, it);
        break;
    case WP_FACT_PREPARE:
        add_prepare(s, it);
        break;
    case WP_FACT_CHECKPOINT: {
        const wp_fact_checkpoint *checkpoint = it;
        if (checkpoint->redo == s->config.start)
            s->result.backup_time = checkpoint->time;
        break;
    }
    case WP_FACT_FIRST_RECORD:
        if (s->segment_last && ((const wp_fact_first *)it)->prev != s->segment_last)
            break_off(s, s->wal_end);
        break;
    case WP_FACT_DAMAGE:
        if (is_unreadable(it))
            break_off(s, fact->lsn);
        break;
    case WP_FACT_SEGMENT_END: {
        const wp_fact_end *end = it;
        if (end->last_record)
            s->segment_last = end->last_record;
        s->wal_end = fact->lsn;
        break;
    }
    default:
        break;
    }
}

/* ---- the end -------------------------------------------------------------------------------- */

static bool is_consistent(const wp_stop *s)
{
    if (s->backup_record)
        return s->backup_record < s->result.lsn
               || (s->backup_record == s->result.lsn && s->result.is_applied);
    if (s->config.consistent)
        return s->result.next_lsn >= s->config.consistent;
    return s->config.backup != WP_BACKUP_PRIMARY;
}

/* The WAL is through, and nothing has stopped recovery. */
static wp_stop_outcome outcome_at_end(const wp_stop *s)
{
    if (s->config.is_standby)
        return WP_STOP_WAITS;
    if (s->config.kind != WP_STOP_AT_END && s->config.profile->recovery.missed_target_is_fatal)
        return WP_STOP_FATAL_NEVER;
    return is_consistent(s) ? WP_STOP_ENDS : WP_STOP_FATAL_BACKUP_CUT;
}

const wp_stop_result *wp_stop_finish(wp_stop *s)
{
    wp_stop_result *r = &s->result;
    if (!s->is_over) {
        r->lsn = r->next_lsn = r->read_lsn = s->wal_end;
        r->outcome = WP_STOP_ENDS;
    }
    r->last_record = s->segment_last;
    if (s->is_reached && !is_consistent(s))
        r->outcome = WP_STOP_FATAL_EARLY;
    else if (!s->is_reached && r->outcome == WP_STOP_ENDS)
        r->outcome = outcome_at_end(s);
    r->in_doubt = s->prepared;
    r->nin_doubt = s->nprepared;
    for (size_t i = 0; s->config.kind == WP_STOP_AT_XID && i < s->nprepared; i++)
        r->is_prepared |= s->prepared[i].xid == s->config.xid;
    return r;
}

wp_status wp_stop_new(const wp_stop_config *config, wp_stop **out, wp_error *err)
{
    if (!config->profile)
        return wpi_fail(err, WP_ERR_USAGE, 0, "a stop simulator needs a profile");
    wp_stop *s = calloc(1, sizeof *s);
    if (!s)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    s->config = *config;
    s->result.backup_time = s->result.latest_time = s->result.last_time = WP_TIME_UNKNOWN;
    s->result.time = s->result.old_time = s->old_time = WP_TIME_UNKNOWN;
    *out = s;
    return WP_OK;
}

/* May a record that has passed be where this target stops? */
static bool may_have_passed(const wp_stop *s, const wp_stop_config *config)
{
    switch (config->kind) {
    case WP_STOP_AT_LSN:
        return s->latest_lsn >= config->lsn;
    case WP_STOP_AT_TIME:
        return s->result.latest_time != WP_TIME_UNKNOWN && is_later(config, s->result.latest_time);
    default:
        return false;
    }
}

wp_status wp_stop_fork(const wp_stop *s, const wp_stop_config *config, wp_stop **out, wp_error *err)
{
    if (s->config.kind != WP_STOP_AT_END)
        return wpi_fail(err, WP_ERR_USAGE, 0, "only a run without a target can be forked");
    if (may_have_passed(s, config))
        return WP_END;
    wp_stop *fork = malloc(sizeof *fork);
    if (!fork)
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    *fork = *s;
    fork->config = *config;
    if (config->kind == WP_STOP_AT_TIME && s->old_time != WP_TIME_UNKNOWN)
        fork->result.later_in_backup = is_later(config, s->old_time) ? 1 : 0;
    *out = fork;
    return WP_OK;
}

wp_lsn wp_stop_watch_lsn(const wp_stop_config *config)
{
    if (config->kind != WP_STOP_AT_LSN)
        return 0;
    const wp_lsn first = config->lsn > config->start ? config->lsn : config->start;
    return first ? first : 1;
}

bool wp_stop_is_reached(const wp_stop *s)
{
    return s->is_reached;
}

wp_lsn wp_stop_last_commit(const wp_stop *s)
{
    return s->result.last_commit_lsn;
}

void wp_stop_free(wp_stop *s)
{
    free(s);
}
