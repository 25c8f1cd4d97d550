/*
 * findings.c - what is remarkable about where recovery would stop, and what explains it.
 */
#include "command/simulate/simulate.h"

#include <inttypes.h>
#include <string.h>

#include "file/filename.h"
#include "base/plural.h"

static void add_time_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    char a[WP_TIME_TEXT_BYTES], b[WP_TIME_TEXT_BYTES];
    if (s->config.kind != WP_STOP_AT_TIME)
        return;
    wp_time_format(s->config.time, a);
    const bool is_older = r->later_in_backup > 0
                          || (r->backup_time != WP_TIME_UNKNOWN && s->config.time < r->backup_time);
    if (is_older && r->outcome == WP_STOP_STOPS)
        findings_add(
            &s->findings, FINDING_ELSEWHERE, "older-than-backup",
            "%s is older than the backup, and the server does not notice: what was committed "
            "up to the end of the backup is there; take an older backup",
            a);
    else if (is_older)
        findings_add(&s->findings, FINDING_WARNING, "older-than-backup",
                     "%s is older than the backup: take an older one", a);
    if (r->outcome != WP_STOP_STOPS && r->latest_time != WP_TIME_UNKNOWN
        && s->config.time >= r->latest_time && !r->gap)
        findings_add(
            &s->findings, FINDING_WARNING, "idle-tail",
            "no transaction ends after %s: the last one in this WAL is of %s; to recover all "
            "of it leave the target out",
            a, wp_time_format(r->latest_time, b));
    if (r->earlier_after > 0)
        findings_add(&s->findings, FINDING_WARNING, "times-out-of-order",
                     "%" PRIu64
                     " transaction%s after the stop bear%s an earlier time than the target "
                     "and %s lost all the same",
                     r->earlier_after, plural(r->earlier_after), r->earlier_after == 1 ? "s" : "",
                     r->earlier_after == 1 ? "is" : "are");
}

static void add_xid_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    char lsn[WP_LSN_TEXT_BYTES];
    if (s->config.kind != WP_STOP_AT_XID)
        return;
    if (r->subxid_of != 0)
        findings_add(&s->findings, FINDING_WARNING, "subtransaction",
                     "%u is a subtransaction of %u, and never matches: use %u", s->config.xid,
                     r->subxid_of, r->subxid_of);
    if (r->is_prepared && r->outcome != WP_STOP_STOPS)
        findings_add(&s->findings, FINDING_WARNING, "prepared",
                     "transaction %u is prepared and does not end in this WAL", s->config.xid);
    if (r->before_start != 0 && r->outcome != WP_STOP_STOPS)
        findings_add(&s->findings, FINDING_WARNING, "before-backup",
                     "transaction %u ended at %s, before the backup starts: take an older backup",
                     s->config.xid, wp_lsn_format(r->before_start, lsn));
    if (r->outcome == WP_STOP_STOPS && (r->op == WP_XACT_ABORT || r->op == WP_XACT_ABORT_PREPARED))
        findings_add(&s->findings, FINDING_NOTE, "rolled-back",
                     "transaction %u was rolled back: the server stops at its end all the same",
                     s->config.xid);
}

static void add_name_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    char lsn[WP_LSN_TEXT_BYTES];
    if (s->config.kind != WP_STOP_AT_NAME)
        return;
    if (r->before_start != 0 && r->outcome != WP_STOP_STOPS)
        findings_add(
            &s->findings, FINDING_WARNING, "before-backup",
            "the restore point \"%s\" is at %s, before the backup starts: take an older backup",
            s->config.name, wp_lsn_format(r->before_start, lsn));
    if (r->same_names > 1)
        findings_add(&s->findings, FINDING_WARNING, "several-restore-points",
                     "%" PRIu64 " restore points have that name: the first one counts",
                     r->same_names);
}

static void add_lsn_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    char a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES];
    if (s->config.kind != WP_STOP_AT_LSN)
        return;
    if (r->outcome != WP_STOP_STOPS && s->config.lsn > r->last_record && !r->gap)
        findings_add(&s->findings, FINDING_WARNING, "beyond-the-end",
                     "no record starts at %s or later: the last one starts at %s",
                     wp_lsn_format(s->config.lsn, a), wp_lsn_format(r->last_record, b));
    if (r->outcome == WP_STOP_STOPS && r->lsn != s->config.lsn)
        findings_add(&s->findings, FINDING_NOTE, "no-record-there",
                     "no record starts at %s: the next one does at %s",
                     wp_lsn_format(s->config.lsn, a), wp_lsn_format(r->lsn, b));
}

static bool takes_away(const char *deed)
{
    return strncmp(deed, "DROP ", 5) == 0 || strncmp(deed, "TRUNCATE ", 9) == 0;
}

/* The inclusive default keeps the DROP. */
static void add_kept_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    const char *deed = text_chars(&s->last.lines);
    const bool is_at_record = r->is_applied && r->has_xact && r->last_commit_lsn == r->lsn;
    const bool is_at_time = s->config.kind == WP_STOP_AT_TIME && s->config.inclusive && r->kept > 0
                            && r->last_time == s->config.time;
    s->is_last_at_stop = r->outcome == WP_STOP_STOPS && (is_at_record || is_at_time);
    for (size_t i = 0; s->is_last_at_stop && i < s->last.count; i++, deed += strlen(deed) + 1)
        if (takes_away(deed))
            findings_add(
                &s->findings, FINDING_WARNING, "keeps-the-drop",
                "%.200s is applied: to stop before it set recovery_target_inclusive = 'off'", deed);
}

static void add_end_findings(simulation *s)
{
    const wp_stop_result *r = s->result;
    char lsn[WP_LSN_TEXT_BYTES];
    if (r->gap)
        findings_add(&s->findings, FINDING_WARNING, "gap",
                     "replay ends at %s: what follows is missing or damaged%s",
                     wp_lsn_format(r->gap, lsn),
                     r->after_gap ? ", and the target is after it" : "");
    if (r->outcome == WP_STOP_FATAL_EARLY && r->backup_end)
        findings_add(
            &s->findings, FINDING_WARNING, "before-backup-end",
            "the backup is consistent from %s on: take an older one, or a target after that",
            wp_lsn_format(r->backup_end, lsn));
    else if (r->outcome == WP_STOP_FATAL_EARLY)
        findings_add(&s->findings, FINDING_WARNING, "before-backup-end",
                     "the end of this backup is not in the WAL up to the target");
    if (r->outcome == WP_STOP_ENDS && s->config.kind != WP_STOP_AT_END)
        findings_add(
            &s->findings, FINDING_ELSEWHERE, "never-reached",
            "the target is never reached, and PostgreSQL %s goes into service at the end of "
            "the WAL as if nothing was wrong",
            s->profile->major);
    if (r->outcome == WP_STOP_PAUSES_LOW || r->outcome == WP_STOP_FATAL_LOW)
        findings_add(&s->findings, FINDING_WARNING, "setting-too-low",
                     "%s = %d is lower than the primary's %d: recovery %s there",
                     wp_stop_limit_name(r->low), r->low_value, r->low_wanted,
                     r->outcome == WP_STOP_PAUSES_LOW ? "pauses" : "ends");
    if (r->minimal_lsn != 0)
        findings_add(&s->findings, FINDING_WARNING, "minimal-wal",
                     "wal_level was minimal for a while: data may be missing");
    if (s->config.kind == WP_STOP_IMMEDIATE && r->outcome != WP_STOP_STOPS && !s->has_backup)
        findings_add(
            &s->findings, FINDING_WARNING, "no-backup-end",
            "no backup that starts there ends in this WAL: --backup tells which one is meant");
}

/* A server never asks for a .partial file. */
static void add_partial_findings(simulation *s, const archive *wal)
{
    char name[WP_SEGMENT_NAME_BYTES];
    for (size_t i = 0; i < wal->nsegments; i++) {
        const archive_segment *segment = &wal->segments[i];
        if (segment->is_partial && segment->start_lsn < s->result->read_lsn)
            findings_add(
                &s->findings, FINDING_WARNING, "partial",
                "recovery needs %s, and there is only %s: copy it to the name without .partial",
                wp_segment_name_format(segment->tli, segment->start_lsn, wal->info.segment_size,
                                       name),
                filename_base(segment->path));
    }
}

void simulation_add_findings(simulation *s, const archive *wal)
{
    add_time_findings(s);
    add_xid_findings(s);
    add_name_findings(s);
    add_lsn_findings(s);
    add_kept_findings(s);
    add_end_findings(s);
    add_partial_findings(s, wal);
}
