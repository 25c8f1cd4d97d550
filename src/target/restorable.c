/* restorable.c - see restorable.h. */
#include "target/restorable.h"

const archive_backup *restorable_backup_for(const report *r, const archive_backup **too_new)
{
    const archive_backup *best = NULL;
    *too_new = NULL;
    for (size_t i = 0; i < r->archive->nbackups; i++) {
        const archive_backup *one = &r->archive->backups[i];
        if (!one->is_usable || one->label.stop_lsn == 0)
            continue;
        if (one->label.stop_lsn <= target_position(r->place, &r->target))
            best = one;
        else if (*too_new == NULL)
            *too_new = one;
    }
    return best;
}

wp_lsn restorable_start(const report *r)
{
    const archive_backup *too_new;
    if (r->base != NULL)
        return r->base->label.start_lsn;
    const archive_backup *best = restorable_backup_for(r, &too_new);
    return best != NULL ? best->label.start_lsn : 0;
}

const scan_damage *restorable_damage(const report *r, size_t *at)
{
    const scan_result *seen = &r->found->scan;
    const size_t listed = seen->ndamages < SCAN_DAMAGES_MAX ? seen->ndamages : SCAN_DAMAGES_MAX;
    const wp_lsn start = restorable_start(r);
    while (*at < listed) {
        const scan_damage *one = &seen->damages[(*at)++];
        /* Where reading goes on again before the backup starts, a damage is of no importance. */
        const wp_lsn after = scan_damage_end(one->from, one->until, r->archive->info.segment_size);
        if (one->barrier < target_position(r->place, &r->target) && after > start)
            return one;
    }
    return NULL;
}

wp_lsn restorable_way_out(const report *r)
{
    const scan_damage *one;
    wp_lsn after = 0;
    for (size_t i = 0; (one = restorable_damage(r, &i)) != NULL;)
        after = scan_damage_end(one->from, one->until, r->archive->info.segment_size);
    return after < target_position(r->place, &r->target) ? after : 0;
}

wp_lsn restorable_barrier(const report *r)
{
    const scan_damage *one;
    wp_lsn last = 0;
    for (size_t at = 0; (one = restorable_damage(r, &at)) != NULL;)
        last = one->barrier > last ? one->barrier : last;
    return last;
}

bool restorable_is_too_new(const report *r)
{
    if (!r->is_refused)
        return false;
    const wp_lsn at = target_position(r->place, &r->target), start = r->base->label.start_lsn;
    const bool misses_wal = start < r->archive->first_lsn || restorable_barrier(r) != 0;
    return at <= start || at < r->backup_stop || !misses_wal;
}

/* Was the WAL from there on to the target looked at, all of it? */
static bool was_read(const report *r, wp_lsn start)
{
    const scan_result *seen = &r->found->scan;
    const bool all_listed =
        seen->ndamages <= SCAN_DAMAGES_MAX
        || seen->damages[SCAN_DAMAGES_MAX - 1].barrier >= target_position(r->place, &r->target);
    return all_listed && start >= seen->start_lsn;
}

const branch *restorable_without_history(const report *r)
{
    const branch *one = timeline_tree_find(&r->archive->timeline_tree, r->timeline);
    return r->timeline != 1 && one != NULL && !one->has_history ? one : NULL;
}

bool restorable_is_minimal(const report *r)
{
    const wp_lsn start = restorable_start(r);
    return start != 0 && r->target.is_known && r->target.stop.minimal_lsn >= start;
}

restorable restorable_judge(const report *r)
{
    const wp_lsn start = restorable_start(r);
    const bool misses_wal = start != 0 && start < r->archive->first_lsn;
    if (r->is_refused || misses_wal || restorable_without_history(r) != NULL
        || restorable_barrier(r) != 0)
        return RESTORABLE_NO;
    if (r->base != NULL && start >= r->found->scan.start_lsn
        && archive_timeline(r->archive, start) != r->base->label.timeline)
        return RESTORABLE_NO;
    const bool has_conflict = r->archive->nconflicts > 0;
    if (start == 0 || has_conflict || !target_stops(&r->target) || !was_read(r, start)
        || restorable_is_minimal(r))
        return RESTORABLE_UNKNOWN;
    /* Without the record that ends the backup the server refuses. */
    return r->base == NULL || r->backup_stop != 0 ? RESTORABLE_YES : RESTORABLE_UNKNOWN;
}
