/*
 * stats.c - records summed up as they come. Mirrors access/transam/xlogstats.c, XLogRecStoreStats.
 *
 * A record is added to the last fact, where that is a sum: one fact a record would cost more than reading it. Any other
 * fact in between begins a new sum, so that facts stay in the order of the WAL.
 */
#include "decode/decode.h"
#include "describe/describe.h"
#include "describe/filter.h"
#include "describe/record_time.h"
#include "describe/tally.h"

#define USECS_PER_MINUTE INT64_C(60000000)

/* The first part after this LSN. */
static wp_lsn next_part(const wp_stats *stats, wp_lsn lsn)
{
    size_t low = 0, high = stats->nparts;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (stats->parts[middle] > lsn)
            high = middle;
        else
            low = middle + 1;
    }
    return low < stats->nparts ? stats->parts[low] : UINT64_MAX;
}

static wp_fact_stats *add_fact(const wp_stats *stats, const wp_record *record, wp_facts *facts)
{
    wpi_builder out = { .facts = facts };
    wp_fact_stats *fact = wpi_fact_add(&out, WP_FACT_STATS, sizeof *fact, record->lsn, 0);
    if (!fact)
        return NULL;
    fact->until = next_part(stats, record->lsn);
    fact->last_commit = WP_TIME_UNKNOWN;
    facts->open_at = facts->len - sizeof *fact;
    return fact;
}

/* The one that the record is added to. NULL: memory is out. */
static wp_fact_stats *open_fact(const wp_stats *stats, const wp_record *record, wp_facts *facts)
{
    wp_fact_stats *last = (void *)wpi_fact_open(facts, WP_FACT_STATS);
    return last && record->lsn < last->until ? last : add_fact(stats, record, facts);
}

/* ---- groups ---- */

static unsigned hash_of(const wp_stats_group *key)
{
    const uint32_t mixed = (key->file.rel * 31 + key->file.db) * 31 + key->xid
                           + ((uint32_t)key->rmid << 4 | key->info >> 4) + key->cause;
    return mixed * UINT32_C(0x9E3779B1) >> 25; /* below WP_STATS_INDEX_SIZE */
}

static bool is_same_file(const wp_locator *a, const wp_locator *b)
{
    return a->rel == b->rel && a->db == b->db && a->spc == b->spc;
}

static bool has_key(const wp_stats_group *group, const wp_stats_group *key)
{
    return group->rmid == key->rmid && group->info == key->info && group->xid == key->xid
           && group->cause == key->cause && is_same_file(&group->file, &key->file);
}

/* NULL: there is no room for it. */
static wp_stats_group *add_group(wp_fact_stats *to, const wp_stats_group *key)
{
    if (to->ngroups == WP_STATS_GROUPS_MAX)
        return NULL;
    wp_stats_group *group = &to->groups[to->ngroups++];
    *group = (wp_stats_group){ .file = key->file,
                               .xid = key->xid,
                               .rmid = key->rmid,
                               .info = key->info,
                               .cause = key->cause,
                               .last_commit = WP_TIME_UNKNOWN };
    return group;
}

static wp_stats_group *group_with_key(wp_fact_stats *to, const wp_stats_group *key)
{
    unsigned at = hash_of(key);
    for (; to->index[at] != 0; at = (at + 1) % WP_STATS_INDEX_SIZE) {
        wp_stats_group *group = &to->groups[to->index[at] - 1];
        if (has_key(group, key))
            return group;
    }
    wp_stats_group *group = add_group(to, key);
    if (group)
        to->index[at] = (uint8_t)to->ngroups;
    return group;
}

/* The last group goes on until a commit gives it its minute. */
static wp_stats_group *group_without_time(wp_fact_stats *to, const wp_stats_group *key)
{
    wp_stats_group *last = to->ngroups > 0 ? &to->groups[to->ngroups - 1] : NULL;
    return last && last->last_commit == WP_TIME_UNKNOWN ? last : add_group(to, key);
}

static void sum_up(wp_stats_group *to, const wp_stats_group *from)
{
    to->records += from->records;
    to->record_bytes += from->record_bytes;
    to->image_bytes += from->image_bytes;
    if (from->last_commit > to->last_commit) /* unknown is below all */
        to->last_commit = from->last_commit;
}

static int64_t minute_of(wp_time time)
{
    return time / USECS_PER_MINUTE - (time % USECS_PER_MINUTE < 0);
}

/* Groups of the same minute that follow one another become one. */
static void join_minutes(wp_fact_stats *stats)
{
    if (stats->ngroups < 2)
        return;
    wp_stats_group *last = &stats->groups[stats->ngroups - 1];
    if (minute_of(last->last_commit) != minute_of(last[-1].last_commit))
        return;
    sum_up(&last[-1], last);
    stats->ngroups--;
}

static wp_stats_group *group_of(const wp_stats *stats, wp_fact_stats *to,
                                const wp_stats_group *share)
{
    return stats->by == WP_STATS_BY_MINUTE ? group_without_time(to, share)
                                           : group_with_key(to, share);
}

/* The share has the key of its group. */
static wp_status add_share(const wp_stats *stats, const wp_record *record,
                           const wp_stats_group *share, wp_facts *facts)
{
    wp_fact_stats *to = open_fact(stats, record, facts);
    wp_stats_group *group = to ? group_of(stats, to, share) : NULL;
    if (to && !group) {
        to = add_fact(stats, record, facts);
        group = to ? group_of(stats, to, share) : NULL;
    }
    if (!group)
        return WP_ERR_NOMEM;
    sum_up(group, share);
    if (share->record_bytes + share->image_bytes > 0)
        to->end_lsn = record->end_lsn;
    if (share->last_commit > to->last_commit)
        to->last_commit = share->last_commit;
    if (stats->by == WP_STATS_BY_MINUTE && share->last_commit != WP_TIME_UNKNOWN)
        join_minutes(to);
    return WP_OK;
}

/* ---- records ---- */

/* When a transaction committed with the record; else WP_TIME_UNKNOWN. */
static wp_time commit_time(const wpi_record *record)
{
    const uint8_t op = record->info & WPI_XACT_OP_MASK;
    const bool is_commit = op == WPI_XACT_COMMIT || op == WPI_XACT_COMMIT_PREPARED;
    return record->rmid == WP_RMGR_XACT && is_commit ? wpi_record_time(record) : WP_TIME_UNKNOWN;
}

/* A commit that is not wanted tells the time of records that are. */
static wp_status add_time(const wp_stats *stats, const wp_record *record, wp_facts *facts)
{
    if (!wpi_filter_has_lsn(&stats->filter, record->lsn)
        || wpi_record_rmid(record->bytes.bytes) != WP_RMGR_XACT)
        return WP_OK;
    wpi_record parts;
    if (!wpi_record_of(record, &parts))
        return WP_OK;
    const wp_stats_group share = { .last_commit = commit_time(&parts) };
    if (share.last_commit == WP_TIME_UNKNOWN)
        return WP_OK;
    if (stats->by == WP_STATS_BY_MINUTE)
        return add_share(stats, record, &share, facts);
    wp_fact_stats *to = open_fact(stats, record, facts);
    if (!to)
        return WP_ERR_NOMEM;
    if (share.last_commit > to->last_commit)
        to->last_commit = share.last_commit;
    return WP_OK;
}

/* The share without what groups do not have in common. */
static wp_status add_part(const wp_stats *stats, const wp_record *record, wp_stats_group share,
                          wp_facts *facts)
{
    if (stats->by == WP_STATS_BY_FILE)
        share.cause = WP_IMAGE_NONE;
    else
        share.file = (wp_locator){ 0, 0, 0 };
    return add_share(stats, record, &share, facts);
}

/*
 * An image counts for its own file and cause. The record counts for the file of its first block, and for the cause of the first image of
 * that file: that is the share given.
 */
static wp_status add_images_apart(const wp_stats *stats, const wp_record *record,
                                  const wpi_record *parts, wp_stats_group share, wp_facts *facts)
{
    wp_stats_group others[WPI_BLOCKS_MAX];
    unsigned nothers = 0;
    if (parts->nblocks > 0)
        share.file = parts->blocks[0].locator;
    for (unsigned i = 0; i < parts->nblocks; i++) {
        const wpi_block *block = &parts->blocks[i];
        if (!block->has_image)
            continue;
        const uint8_t cause = (uint8_t)wpi_image_cause(parts, block);
        if (is_same_file(&share.file, &block->locator)
            && (share.cause == WP_IMAGE_NONE || share.cause == cause)) {
            share.cause = cause;
            continue;
        }
        share.image_bytes -= block->image.bytes.len;
        others[nothers++] = (wp_stats_group){ .file = block->locator,
                                              .cause = cause,
                                              .image_bytes = block->image.bytes.len,
                                              .last_commit = WP_TIME_UNKNOWN };
    }
    wp_status status = add_part(stats, record, share, facts);
    for (unsigned i = 0; i < nothers && status >= 0; i++)
        if (others[i].image_bytes > 0)
            status = add_part(stats, record, others[i], facts);
    return status;
}

wp_status wp_stats_record(const wp_stats *stats, const wp_record *record, wp_facts *facts)
{
    wpi_record parts;
    bool is_wanted;
    const wp_status status = wpi_filter_take(&stats->filter, record, &parts, &is_wanted, facts);
    if (status < 0)
        return status;
    if (!is_wanted)
        return add_time(stats, record, facts);
    const uint32_t image_bytes = wpi_image_bytes(&parts);
    wp_stats_group share = { .last_commit = commit_time(&parts),
                             .records = 1,
                             .record_bytes = parts.total_bytes - image_bytes,
                             .image_bytes = image_bytes };
    switch (stats->by) {
    case WP_STATS_BY_FILE:
    case WP_STATS_BY_IMAGE:
        return add_images_apart(stats, record, &parts, share, facts);
    case WP_STATS_BY_TYPE:
        share.rmid = parts.rmid;
        share.info = parts.info & WPI_INFO_OP_MASK;
        break;
    case WP_STATS_BY_XID:
        share.xid = parts.xid;
        break;
    case WP_STATS_BY_MINUTE:
    case WP_STATS_TOGETHER:
        break;
    }
    return add_share(stats, record, &share, facts);
}
