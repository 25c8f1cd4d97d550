/* totals.c - see totals.h. */
#include "command/stats/totals.h"

#include <search.h>
#include <stdlib.h>

#define USECS_PER_MINUTE INT64_C(60000000)
/* A key for what has no group of its own, after all others. */
#define NO_KEY UINT64_MAX

static int compare_keys(const void *a, const void *b)
{
    const totals_key *x = &((const totals_group *)a)->key, *y = &((const totals_group *)b)->key;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return (x->low > y->low) - (x->low < y->low);
}

static int compare_places(const void *a, const void *b)
{
    return compare_keys(*(totals_group *const *)a, *(totals_group *const *)b);
}

static int compare_sizes(const void *a, const void *b)
{
    const uint64_t x = totals_bytes(*(totals_group *const *)a);
    const uint64_t y = totals_bytes(*(totals_group *const *)b);
    if (x != y)
        return x < y ? 1 : -1;
    return compare_places(a, b);
}

/* Times before 2000 are negative: moved up, they rise as numbers without a sign. */
static uint64_t minute_of(wp_time time)
{
    int64_t minute = time / USECS_PER_MINUTE;
    if (time % USECS_PER_MINUTE < 0)
        minute--;
    return (uint64_t)minute + (UINT64_C(1) << 63);
}

/* pg_waldump of 14 and later counts ends of transactions as one type, with and without further parts. */
static uint64_t type_of(const totals *to, const wp_stats_group *from)
{
    const bool is_one =
        from->rmid == WP_RMGR_XACT && to->wal->info.profile->dump.stats_join_xact_ends;
    return (is_one ? from->info & 0x70U : from->info) >> 4;
}

/* Before the first redo point there is none. */
static totals_key key_of_checkpoint(const totals *to, wp_lsn lsn)
{
    const checkpoint *at = checkpoints_of(to->checkpoints, lsn);
    return at != NULL ? (totals_key){ at->redo, 0 } : (totals_key){ NO_KEY, NO_KEY };
}

/* lsn: of one of the records. */
static totals_key key_of(const totals *to, const wp_stats_group *from, wp_lsn lsn)
{
    const wp_locator *file = &from->file;
    const bool has_file = file->spc != 0 || file->db != 0 || file->rel != 0;
    switch (to->by) {
    case BY_MANAGER:
        return (totals_key){ from->rmid, 0 };
    case BY_RECORD:
        return (totals_key){ from->rmid, type_of(to, from) };
    case BY_RELATION:
        return has_file ? (totals_key){ file->db, (uint64_t)file->spc << 32 | file->rel }
                        : (totals_key){ NO_KEY, NO_KEY };
    case BY_DATABASE:
        return has_file ? (totals_key){ file->db, 0 } : (totals_key){ NO_KEY, NO_KEY };
    case BY_XID:
        return from->xid != 0 ? (totals_key){ from->xid, 0 } : (totals_key){ NO_KEY, NO_KEY };
    case BY_MINUTE:
        return (totals_key){ minute_of(from->last_commit), 0 };
    case BY_CHECKPOINT:
        return key_of_checkpoint(to, lsn);
    case BY_IMAGE:
        return from->cause != WP_IMAGE_NONE ? (totals_key){ from->cause, 0 }
                                            : (totals_key){ NO_KEY, NO_KEY };
    case BY_SEGMENT:
        break;
    }
    return (totals_key){ lsn / to->wal->info.segment_size, 0 };
}

static void sum_up(totals_group *to, const totals_group *from)
{
    to->records += from->records;
    to->record_bytes += from->record_bytes;
    to->image_bytes += from->image_bytes;
    if (from->last_commit != WP_TIME_UNKNOWN
        && (to->last_commit == WP_TIME_UNKNOWN || from->last_commit > to->last_commit))
        to->last_commit = from->last_commit;
}

static size_t place_of(const totals_key *key)
{
    return (key->high * 31 + key->low) % TOTALS_RECENT;
}

static bool add_to_group(totals *to, const totals_group *part)
{
    totals_group **recent = &to->recent[place_of(&part->key)];
    if (*recent != NULL && compare_keys(*recent, part) == 0) {
        sum_up(*recent, part);
        return true;
    }
    void **found = to->ngroups < TOTALS_GROUPS_MAX ? (void **)tsearch(part, &to->tree, compare_keys)
                                                   : (void **)tfind(part, &to->tree, compare_keys);
    if (found == NULL && to->ngroups < TOTALS_GROUPS_MAX)
        return false;
    if (found == NULL) {
        sum_up(&to->rest, part);
        return true;
    }
    if (*found == part) { /* it is new, and takes the place of the one on the stack */
        totals_group *group = malloc(sizeof *group);
        if (group == NULL) {
            tdelete(part, &to->tree, compare_keys);
            return false;
        }
        *group = *part;
        *found = group;
        *recent = group;
        to->ngroups++;
        return true;
    }
    *recent = *found;
    sum_up(*recent, part);
    return true;
}

wp_stats_by totals_parts(totals_by by)
{
    static const wp_stats_by parts[] = {
        [BY_MANAGER] = WP_STATS_BY_TYPE,  [BY_RECORD] = WP_STATS_BY_TYPE,
        [BY_RELATION] = WP_STATS_BY_FILE, [BY_DATABASE] = WP_STATS_BY_FILE,
        [BY_XID] = WP_STATS_BY_XID,       [BY_MINUTE] = WP_STATS_BY_MINUTE,
        [BY_SEGMENT] = WP_STATS_TOGETHER, [BY_CHECKPOINT] = WP_STATS_TOGETHER,
        [BY_IMAGE] = WP_STATS_BY_IMAGE,
    };
    return parts[by];
}

totals totals_start(totals_by by, const archive *wal)
{
    const totals_group nothing = { .last_commit = WP_TIME_UNKNOWN };
    return (totals){ .by = by, .wal = wal, .sum = nothing, .rest = nothing, .ahead = nothing };
}

static bool add_part(totals *to, const wp_stats_group *from, wp_lsn lsn)
{
    totals_group part = { .records = from->records,
                          .record_bytes = from->record_bytes,
                          .image_bytes = from->image_bytes,
                          .last_commit = from->last_commit };
    sum_up(&to->sum, &part);
    if (to->by == BY_MINUTE && from->last_commit == WP_TIME_UNKNOWN) {
        sum_up(&to->ahead, &part);
        return true;
    }
    part.key = key_of(to, from, lsn);
    if (to->by == BY_MINUTE) {
        sum_up(&part, &to->ahead);
        to->ahead = (totals_group){ .last_commit = WP_TIME_UNKNOWN };
    }
    return add_to_group(to, &part);
}

bool totals_add(totals *to, const wp_fact_stats *fact)
{
    const totals_group commits = { .last_commit = fact->last_commit };
    const wp_stats_group none = { .last_commit = fact->last_commit };
    sum_up(&to->sum, &commits);
    if (fact->end_lsn != 0)
        to->end_lsn = fact->end_lsn;
    for (uint64_t i = 0; i < fact->ngroups; i++)
        if (!add_part(to, &fact->groups[i], fact->fact.lsn))
            return false;
    return to->by != BY_SEGMENT || add_part(to, &none, fact->fact.lsn);
}

/* What comes after the last commit has no minute. */
static bool add_what_is_ahead(totals *to)
{
    totals_group last = to->ahead;
    last.key = (totals_key){ NO_KEY, NO_KEY };
    to->ahead = (totals_group){ .last_commit = WP_TIME_UNKNOWN };
    return last.records == 0 || add_to_group(to, &last);
}

bool totals_sort(totals *to, bool is_by_size)
{
    if (!add_what_is_ahead(to))
        return false;
    to->groups = malloc((to->ngroups + 1) * sizeof *to->groups);
    if (to->groups == NULL)
        return false;
    size_t kept = 0;
    while (to->tree != NULL) {
        totals_group *group = *(totals_group **)to->tree; /* the root */
        tdelete(group, &to->tree, compare_keys);
        if (totals_bytes(group) > 0)
            to->groups[kept++] = group;
        else
            free(group); /* a commit and nothing that was wanted */
    }
    to->ngroups = kept;
    qsort(to->groups, to->ngroups, sizeof(totals_group *),
          is_by_size ? compare_sizes : compare_places);
    return true;
}

void totals_free(totals *to)
{
    while (to->tree != NULL) {
        totals_group *group = *(totals_group **)to->tree;
        tdelete(group, &to->tree, compare_keys);
        free(group);
    }
    for (size_t i = 0; to->groups != NULL && i < to->ngroups; i++)
        free(to->groups[i]);
    free(to->groups);
    to->groups = NULL;
}
