/*
 * render_stats.c - see render_stats.h. The form of pg_waldump --stats mirrors bin/pg_waldump/pg_waldump.c,
 * XLogDumpDisplayStats.
 */
#include "command/stats/render_stats.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "command/stats/group_names.h"

#define NAME_BYTES 80
#define NO_KEY UINT64_MAX

/* The names of --by, in the order of totals_by. */
static const char *const columns[] = { "manager", "record",  "relation",   "database", "xid",
                                       "minute",  "segment", "checkpoint", "image" };

/* Of wp_image_cause. */
static const char *const causes[] = { "none",        "first change",      "hint bits",
                                      "whole pages", "consistency check", "unknown" };

/* ---- names of groups ------------------------------------------------------------------------ */

static void name_record(const totals *from, const totals_key *key, char name[NAME_BYTES])
{
    char manager[WP_RMGR_NAME_BYTES];
    const uint8_t rmid = (uint8_t)key->high, info = (uint8_t)(key->low << 4);
    const char *type = wp_record_type(from->wal->info.profile, rmid, info);
    (void)wp_rmgr_name(rmid, manager);
    if (type != NULL)
        (void)snprintf(name, NAME_BYTES, "%s/%s", manager, type);
    else
        (void)snprintf(name, NAME_BYTES, "%s/UNKNOWN (%x)", manager, info);
}

static void name_minute(const totals_key *key, char name[NAME_BYTES])
{
    char time[WP_TIME_TEXT_BYTES];
    const int64_t minute = (int64_t)(key->high - (UINT64_C(1) << 63));
    (void)wp_time_format((wp_time)(minute * INT64_C(60000000)), time);
    const size_t len = strcspn(time, ":");
    if (time[len] == ':')
        (void)snprintf(name, NAME_BYTES, "%.*sZ", (int)len + 3, time);
    else
        (void)snprintf(name, NAME_BYTES, "%s", time);
}

static void name_segment(const totals *from, const totals_key *key, char name[NAME_BYTES])
{
    const uint32_t size = from->wal->info.segment_size;
    const archive_segment *segment = archive_segment_of(from->wal, key->high * size);
    (void)wp_segment_name_format(segment != NULL ? segment->tli : from->wal->timeline,
                                 key->high * size, size, name);
}

static const char *name_of(const totals *from, const totals_group *group, char name[NAME_BYTES])
{
    const totals_key *key = &group->key;
    const bool has_none = key->high == NO_KEY && key->low == NO_KEY;
    if (has_none) {
        (void)snprintf(name, NAME_BYTES, "none");
        return name;
    }
    switch (from->by) {
    case BY_MANAGER:
        (void)wp_rmgr_name((uint8_t)key->high, name);
        break;
    case BY_RECORD:
        name_record(from, key, name);
        break;
    case BY_RELATION:
        (void)snprintf(name, NAME_BYTES, "%" PRIu64 "/%" PRIu64 "/%" PRIu64, key->low >> 32,
                       key->high, key->low & UINT32_MAX);
        break;
    case BY_DATABASE:
    case BY_XID:
        (void)snprintf(name, NAME_BYTES, "%" PRIu64, key->high);
        break;
    case BY_MINUTE:
        name_minute(key, name);
        break;
    case BY_SEGMENT:
        name_segment(from, key, name);
        break;
    case BY_CHECKPOINT:
        (void)snprintf(name, NAME_BYTES, "%" PRIX32 "/%" PRIX32, (uint32_t)(key->high >> 32),
                       (uint32_t)key->high);
        break;
    case BY_IMAGE:
        (void)snprintf(name, NAME_BYTES, "%s", causes[key->high]);
        break;
    }
    return name;
}

/* Of a group of BY_CHECKPOINT; nothing is known where it is none. */
static checkpoint_stretch stretch_of(const totals *from, const totals_group *group)
{
    const checkpoint *at = NULL;
    if (from->by == BY_CHECKPOINT && group->key.high != NO_KEY)
        at = checkpoints_of(from->checkpoints, group->key.high);
    return at != NULL ? checkpoints_stretch(from->checkpoints, at) : (checkpoint_stretch){ 0 };
}

/* Of relations that no record names first, there are images only. */
static bool has_any(const totals_group *group)
{
    return totals_bytes(group) > 0;
}

static size_t told(const totals *from, uint64_t limit)
{
    return limit != 0 && limit < from->ngroups ? (size_t)limit : from->ngroups;
}

/* What is not told one by one. */
static totals_group others(const totals *from, uint64_t limit)
{
    totals_group sum = from->rest;
    sum.key.high = NO_KEY;
    for (size_t i = told(from, limit); i < from->ngroups; i++) {
        sum.records += from->groups[i]->records;
        sum.record_bytes += from->groups[i]->record_bytes;
        sum.image_bytes += from->groups[i]->image_bytes;
        if (from->groups[i]->last_commit > sum.last_commit)
            sum.last_commit = from->groups[i]->last_commit;
    }
    return sum;
}

/* ---- pg_waldump ------------------------------------------------------------------------------ */

static double percent(uint64_t part, uint64_t whole)
{
    return whole != 0 ? 100.0 * (double)part / (double)whole : 0.0;
}

static void add_waldump_row(const totals *from, const char *name, const totals_group *group,
                            text *out)
{
    const totals_group *sum = &from->sum;
    const uint64_t bytes = totals_bytes(group);
    text_addf(out,
              "%-27s %20" PRIu64 " (%6.02f) %20" PRIu64 " (%6.02f) %20" PRIu64
              " (%6.02f) %20" PRIu64 " (%6.02f)\n",
              name, group->records, percent(group->records, sum->records), group->record_bytes,
              percent(group->record_bytes, sum->record_bytes), group->image_bytes,
              percent(group->image_bytes, sum->image_bytes), bytes,
              percent(bytes, totals_bytes(sum)));
}

/* Every manager has a row, also one without records; those of extensions only with. */
static void add_waldump_managers(const totals *from, text *out)
{
    const wp_profile *profile = from->wal->info.profile;
    size_t at = 0;
    for (unsigned rmid = 0; rmid < WP_RMGR_COUNT; rmid++) {
        const bool is_there = at < from->ngroups && from->groups[at]->key.high == rmid;
        if (!is_there && rmid > profile->max_builtin_rmgr)
            continue;
        char name[WP_RMGR_NAME_BYTES];
        const totals_group none = { 0 };
        add_waldump_row(from, wp_rmgr_name((uint8_t)rmid, name),
                        is_there ? from->groups[at] : &none, out);
        at += is_there;
    }
}

static void add_percent(text *out, uint64_t part, uint64_t whole)
{
    char share[32];
    (void)snprintf(share, sizeof share, "[%.02f%%]", percent(part, whole));
    text_addf(out, " %-9s", share);
}

static void render_waldump(const totals *from, uint64_t limit, text *out)
{
    static const char line[] = "--------";
    const totals_group *sum = &from->sum;
    const uint64_t bytes = totals_bytes(sum);
    const wp_profile *profile = from->wal->info.profile;
    (void)limit;
    if (profile->dump.stats_tell_range) {
        if (sum->records == 0)
            return;
        const int digits = profile->dump.pads_lsns ? 8 : 1; /* of an LSN's second half */
        text_addf(out, "WAL statistics between %X/%0*X and %X/%0*X:\n",
                  (unsigned)(from->start_lsn >> 32), digits, (unsigned)from->start_lsn,
                  (unsigned)(from->end_lsn >> 32), digits, (unsigned)from->end_lsn);
    }
    text_addf(out, "%-27s %20s %8s %20s %8s %20s %8s %20s %8s\n", "Type", "N", "(%)", "Record size",
              "(%)", "FPI size", "(%)", "Combined size", "(%)");
    text_addf(out, "%-27s %20s %8s %20s %8s %20s %8s %20s %8s\n", "----", "-", "---", "-----------",
              "---", "--------", "---", "-------------", "---");
    if (from->by == BY_MANAGER)
        add_waldump_managers(from, out);
    for (size_t i = 0; from->by == BY_RECORD && i < from->ngroups; i++) {
        char name[NAME_BYTES];
        add_waldump_row(from, name_of(from, from->groups[i], name), from->groups[i], out);
    }
    text_addf(out, "%-27s %20s %8s %20s %8s %20s %8s %20s\n", "", line, "", line, "", line, "",
              line);
    text_addf(out, "%-27s %20" PRIu64 " %-9s%20" PRIu64, "Total", sum->records, "",
              sum->record_bytes);
    add_percent(out, sum->record_bytes, bytes);
    text_addf(out, "%20" PRIu64, sum->image_bytes);
    add_percent(out, sum->image_bytes, bytes);
    text_addf(out, "%20" PRIu64 " %-6s\n", bytes, "[100%]");
}

/* ---- the others ------------------------------------------------------------------------------ */

typedef void add_row(const totals *from, const char *name, const totals_group *group, text *out);

/* Those that are told one by one, and the others as one. */
static void add_rows(const totals *from, uint64_t limit, add_row *add, text *out)
{
    const totals_group left = others(from, limit);
    for (size_t i = 0; i < told(from, limit); i++) {
        char name[NAME_BYTES];
        add(from, name_of(from, from->groups[i], name), from->groups[i], out);
    }
    if (has_any(&left))
        add(from, "others", &left, out);
}

static void add_stretch(const totals *from, const totals_group *group, text *out)
{
    const checkpoint_stretch stretch = stretch_of(from, group);
    char distance[24] = "-", seconds[24] = "-";
    if (stretch.has_distance)
        (void)snprintf(distance, sizeof distance, "%" PRIu64, stretch.distance);
    if (stretch.has_seconds)
        (void)snprintf(seconds, sizeof seconds, "%" PRIu64, stretch.seconds);
    text_addf(out, " %16s %8s", distance, seconds);
}

static void add_table_row(const totals *from, const char *name, const totals_group *group,
                          text *out)
{
    const double share = percent(totals_bytes(group), totals_bytes(&from->sum));
    text_addf(out, "%-32s %12" PRIu64 " %16" PRIu64 " %16" PRIu64 " %7.2f", name, group->records,
              totals_bytes(group), group->image_bytes, share);
    const int bar = group != &from->sum ? (int)(share * GROUP_NAMES_BAR_COLUMNS / 100 + 0.5) : 0;
    if (from->by == BY_CHECKPOINT)
        add_stretch(from, group, out);
    if (from->by == BY_SEGMENT || from->by == BY_MINUTE) {
        char time[WP_TIME_TEXT_BYTES];
        text_addf(out, "  %*s", bar > 0 ? -27 : 0,
                  group->last_commit == WP_TIME_UNKNOWN ? "-"
                                                        : wp_time_format(group->last_commit, time));
    }
    if (bar > 0)
        text_addf(out, "  %.*s", bar, "####################");
    group_names_add_table(from, group, bar, out);
    text_add(out, "\n");
}

/* How far the checkpoints whose stretches lie in the range are apart. */
typedef struct apart {
    uint64_t stretches, distance; /* sums */
    uint64_t timed, seconds;
    bool may_be_rarer; /* one ends by a checkpoint that was not a shutdown's */
} apart;

static apart how_far_apart(const totals *from)
{
    const checkpoints *all = from->checkpoints;
    apart out = { 0 };
    for (size_t i = 0; i + 1 < all->count; i++) {
        const checkpoint *one = &all->items[i], *next = one + 1;
        const checkpoint_stretch stretch = checkpoints_stretch(all, one);
        const bool is_in_range = one->redo >= from->range.from_lsn
                                 && (from->range.to_lsn == 0 || next->redo <= from->range.to_lsn);
        if (!is_in_range || !stretch.has_distance)
            continue;
        out.stretches++;
        out.distance += stretch.distance;
        out.timed += stretch.has_seconds;
        out.seconds += stretch.seconds;
        out.may_be_rarer = out.may_be_rarer || next->is_online;
    }
    return out;
}

/* What images cost, and what makes them fewer, where that does. */
static void advise(const totals *from, text *out)
{
    const apart between = how_far_apart(from);
    uint64_t by_checkpoints = 0; /* bytes */
    for (size_t i = 0; i < from->ngroups; i++)
        if (from->groups[i]->key.high == WP_IMAGE_FIRST_CHANGE
            || from->groups[i]->key.high == WP_IMAGE_HINT)
            by_checkpoints += from->groups[i]->image_bytes;
    text_addf(out, "\nPage images are %.2f %% of the WAL counted",
              percent(from->sum.image_bytes, totals_bytes(&from->sum)));
    if (between.stretches > 0)
        text_addf(out, ". A checkpoint comes every %" PRIu64 " bytes",
                  between.distance / between.stretches);
    if (between.timed > 0)
        text_addf(out, ", or %.0f seconds", (double)between.seconds / (double)between.timed);
    if (between.stretches > 0)
        text_add(out, ", on average");
    if (by_checkpoints > 0 && between.may_be_rarer)
        text_add(out, ": with a higher max_wal_size and checkpoint_timeout pages are logged in "
                      "full less often");
    text_add(out, ".\n");
}

static void render_table(const totals *from, uint64_t limit, text *out)
{
    const bool has_time = from->by == BY_SEGMENT || from->by == BY_MINUTE;
    text_addf(out, "%-32s %12s %16s %16s %7s%s%s", columns[from->by], "records", "bytes",
              "image bytes", "share", has_time ? "  " : "", has_time ? "last commit" : "");
    if (from->by == BY_CHECKPOINT)
        text_addf(out, " %16s %8s", "distance", "seconds");
    group_names_add_table_head(from, out);
    text_add(out, "\n");
    add_rows(from, limit, add_table_row, out);
    add_table_row(from, "all", &from->sum, out);
    if (from->by == BY_IMAGE && from->sum.records > 0)
        advise(from, out);
}

static void add_number(bool is_known, uint64_t number, const char *unknown, text *out)
{
    if (is_known)
        text_addf(out, "%" PRIu64, number);
    else
        text_add(out, unknown);
}

static void add_json_row(const totals *from, const char *name, const totals_group *group, text *out)
{
    char time[WP_TIME_TEXT_BYTES];
    const bool has_time = group->last_commit != WP_TIME_UNKNOWN;
    text_addf(out,
              "{\"%s\":\"%s\",\"records\":%" PRIu64 ",\"bytes\":%" PRIu64
              ",\"record_bytes\":%" PRIu64 ",\"image_bytes\":%" PRIu64 ",\"last_commit\":%s%s%s",
              columns[from->by], name, group->records, totals_bytes(group), group->record_bytes,
              group->image_bytes, has_time ? "\"" : "",
              has_time ? wp_time_format(group->last_commit, time) : "null", has_time ? "\"" : "");
    if (from->by == BY_CHECKPOINT) {
        const checkpoint_stretch stretch = stretch_of(from, group);
        text_add(out, ",\"distance\":");
        add_number(stretch.has_distance, stretch.distance, "null", out);
        text_add(out, ",\"seconds\":");
        add_number(stretch.has_seconds, stretch.seconds, "null", out);
    }
    group_names_add_json(from, group, out);
    text_add(out, "}\n");
}

static void render_json(const totals *from, uint64_t limit, text *out)
{
    add_rows(from, limit, add_json_row, out);
}

static void add_csv_row(const totals *from, const char *name, const totals_group *group, text *out)
{
    char time[WP_TIME_TEXT_BYTES];
    text_addf(out, "%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%s", name, group->records,
              totals_bytes(group), group->record_bytes, group->image_bytes,
              group->last_commit == WP_TIME_UNKNOWN ? ""
                                                    : wp_time_format(group->last_commit, time));
    if (from->by == BY_CHECKPOINT) {
        const checkpoint_stretch stretch = stretch_of(from, group);
        text_add(out, ",");
        add_number(stretch.has_distance, stretch.distance, "", out);
        text_add(out, ",");
        add_number(stretch.has_seconds, stretch.seconds, "", out);
    }
    group_names_add_csv(from, group, out);
    text_add(out, "\n");
}

static void render_csv(const totals *from, uint64_t limit, text *out)
{
    text_addf(out, "%s,records,bytes,record_bytes,image_bytes,last_commit%s", columns[from->by],
              from->by == BY_CHECKPOINT ? ",distance,seconds" : "");
    group_names_add_csv_head(from, out);
    text_add(out, "\n");
    add_rows(from, limit, add_csv_row, out);
}

/* ---- Prometheus ------------------------------------------------------------------------------ */

#define UNIX_2000 INT64_C(946684800)
#define USECS_PER_SEC INT64_C(1000000)

static uint64_t records_of(const totals_group *group)
{
    return group->records;
}

static uint64_t record_bytes_of(const totals_group *group)
{
    return group->record_bytes;
}

static uint64_t image_bytes_of(const totals_group *group)
{
    return group->image_bytes;
}

static void add_stretch_metrics(const totals *from, uint64_t limit, text *out)
{
    static const char *const heads[] = {
        "# HELP pitr_find_checkpoint_distance_bytes WAL from a redo point to the next one.\n"
        "# TYPE pitr_find_checkpoint_distance_bytes gauge\n",
        "# HELP pitr_find_checkpoint_seconds Time from the beginning of a checkpoint to that of "
        "the next one.\n"
        "# TYPE pitr_find_checkpoint_seconds gauge\n",
    };
    static const char *const names[] = { "distance_bytes", "seconds" };
    for (size_t m = 0; from->by == BY_CHECKPOINT && m < 2; m++) {
        text_add(out, heads[m]);
        for (size_t i = 0; i < told(from, limit); i++) {
            char name[NAME_BYTES];
            const checkpoint_stretch stretch = stretch_of(from, from->groups[i]);
            if (m == 0 ? stretch.has_distance : stretch.has_seconds)
                text_addf(out, "pitr_find_checkpoint_%s{checkpoint=\"%s\"} %" PRIu64 "\n", names[m],
                          name_of(from, from->groups[i], name),
                          m == 0 ? stretch.distance : stretch.seconds);
        }
    }
}

static void render_prometheus(const totals *from, uint64_t limit, text *out)
{
    static const struct {
        const char *name, *help;
        uint64_t (*value)(const totals_group *group);
    } metrics[] = {
        { "pitr_find_wal_records", "Records of the WAL that was read.", records_of },
        { "pitr_find_wal_record_bytes", "Bytes of these records without page images.",
          record_bytes_of },
        { "pitr_find_wal_image_bytes", "Bytes of page images in these records.", image_bytes_of },
    };
    const totals_group left = others(from, limit);
    for (size_t m = 0; m < sizeof metrics / sizeof *metrics; m++) {
        text_addf(out, "# HELP %s %s\n# TYPE %s gauge\n", metrics[m].name, metrics[m].help,
                  metrics[m].name);
        for (size_t i = 0; i < told(from, limit); i++) {
            char name[NAME_BYTES];
            text_addf(out, "%s{%s=\"%s\"", metrics[m].name, columns[from->by],
                      name_of(from, from->groups[i], name));
            group_names_add_labels(from, from->groups[i], out);
            text_addf(out, "} %" PRIu64 "\n", metrics[m].value(from->groups[i]));
        }
        if (has_any(&left))
            text_addf(out, "%s{%s=\"others\"} %" PRIu64 "\n", metrics[m].name, columns[from->by],
                      metrics[m].value(&left));
    }
    add_stretch_metrics(from, limit, out);
    if (from->sum.last_commit == WP_TIME_UNKNOWN)
        return;
    const int64_t seconds = from->sum.last_commit / USECS_PER_SEC + UNIX_2000;
    text_addf(
        out,
        "# HELP pitr_find_last_commit_timestamp_seconds Time of the last commit in this WAL.\n"
        "# TYPE pitr_find_last_commit_timestamp_seconds gauge\n"
        "pitr_find_last_commit_timestamp_seconds %" PRId64 "\n",
        seconds);
}

render_totals *const render_stats[] = {
    render_table, render_waldump, render_json, render_csv, render_prometheus,
};
