/*
 * stats.c - `stats`: how much of the WAL is what. See stats.h.
 *
 * Worker threads sum up each segment (walparse/describe/stats.c), the calling thread all of them.
 */
#include "command/stats/stats.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/message.h"
#include "base/result.h"
#include "command/read_records.h"
#include "command/record_filter.h"
#include "command/stats/group_names.h"
#include "command/stats/render_stats.h"
#include "command/time_window.h"

static const char advice[] = "stats takes no pattern: see pitr-find stats --help";

/* Options of its own. */
typedef struct stats_options {
    filter_options filter;
    unsigned by;    /* totals_by */
    uint64_t limit; /* 0: all */
} stats_options;

/* Of all worker threads. */
typedef struct counter {
    wp_stats stats;
    _Atomic wp_lsn
        first_lsn; /* where the first record of the range starts, wanted or not; UINT64_MAX: none */
} counter;

typedef struct counting {
    totals totals;
    checkpoints checkpoints;
    wal_reach reach;
    wp_lsn *redo_points; /* of them, BY_CHECKPOINT */
    bool is_failed;      /* memory is out */
} counting;

static bool count_record(void *context, const wp_record *record, wp_facts *facts)
{
    counter *c = context;
    wp_lsn first = atomic_load_explicit(&c->first_lsn, memory_order_relaxed);
    while (record->lsn < first && record->lsn >= c->stats.filter.from_lsn
           && !atomic_compare_exchange_weak(&c->first_lsn, &first, record->lsn)) {
    }
    return wp_stats_record(&c->stats, record, facts) >= 0;
}

static bool add_fact(void *context, const wp_fact *fact)
{
    counting *c = context;
    c->is_failed = !totals_add(&c->totals, (const void *)fact);
    return !c->is_failed;
}

/* Parts of the WAL in its order, the rest the largest first. */
static bool is_by_size(totals_by by)
{
    return by == BY_RELATION || by == BY_DATABASE || by == BY_XID || by == BY_IMAGE;
}

static exit_code print_totals(const options *o, const question *q, const archive *wal, counting *c,
                              exit_code code)
{
    const stats_options *own = (const void *)o->own;
    char message[MESSAGE_BYTES];
    text out = { 0 };
    if (c->is_failed || !totals_sort(&c->totals, is_by_size(c->totals.by))) {
        message_no_memory(message);
        return result_trouble(message);
    }
    render_stats[o->format](&c->totals, own->limit, &out);
    if (!result_print(&out))
        return EXIT_TROUBLE;
    if (c->totals.sum.records > 0)
        return code;
    wal_reach_tell_nothing(&c->reach, wal, q, "no such record");
    return code == EXIT_FOUND ? EXIT_NOTHING : code;
}

/* Why images are there is told to people with how far checkpoints are apart. */
static bool needs_checkpoints(const options *o, const counting *c)
{
    return c->totals.by == BY_CHECKPOINT
           || (c->totals.by == BY_IMAGE && o->format == STATS_FORMAT_TABLE);
}

/* No sum goes from one checkpoint into the next. */
static bool part_at_redo_points(wp_stats *stats, counting *c)
{
    const checkpoints *all = &c->checkpoints;
    c->redo_points = malloc((all->count + 1) * sizeof *c->redo_points);
    if (c->redo_points == NULL)
        return false;
    for (size_t i = 0; i < all->count; i++)
        c->redo_points[i] = all->items[i].redo;
    stats->parts = c->redo_points;
    stats->nparts = all->count;
    return true;
}

static exit_code read_and_count(const options *o, const question *q, const archive *wal,
                                const record_reader *reader, wp_stats *stats, counting *c)
{
    char message[MESSAGE_BYTES];
    c->totals.checkpoints = &c->checkpoints;
    c->totals.range = q->range;
    if (needs_checkpoints(o, c) && !checkpoints_find(wal, q->jobs, &c->checkpoints, message))
        return result_trouble(message);
    if (c->totals.by == BY_CHECKPOINT && !part_at_redo_points(stats, c)) {
        message_no_memory(message);
        return result_trouble(message);
    }
    return read_records(q, wal, reader);
}

/* What cannot be read within the range is told where it is read. */
static exit_code tell_hidden_checkpoints(const counting *c, wp_lsn first_lsn, exit_code code)
{
    const checkpoint *at = c->totals.by == BY_CHECKPOINT && c->totals.sum.records > 0
                               ? checkpoints_of(&c->checkpoints, first_lsn)
                               : NULL;
    if (code == EXIT_TROUBLE || at == NULL || at->open_from == 0 || at->open_from >= first_lsn)
        return code;
    char redo[WP_LSN_TEXT_BYTES], from[WP_LSN_TEXT_BYTES];
    log_warning(
        "WAL from %s on cannot be read, or is missing, before the range: records that are counted for "
        "the checkpoint from %s may be of a later one",
        wp_lsn_format(at->open_from, from), wp_lsn_format(at->redo, redo));
    return EXIT_DOUBT;
}

static exit_code sum_up(const options *o, const question *q, const sources *from)
{
    const stats_options *own = (const void *)o->own;
    counter each = { .stats.by = totals_parts((totals_by)own->by), .first_lsn = UINT64_MAX };
    record_filter filter = { 0 };
    counting c = { .totals = totals_start((totals_by)own->by, from->wal) };
    const record_reader reader = { .on_record = count_record,
                                   .record_context = &each,
                                   .take = add_fact,
                                   .context = &c,
                                   .reach = &c.reach };
    exit_code code =
        record_filter_make(o, q, from, group_names_are_told((totals_by)own->by), &filter);
    if (code == EXIT_FOUND) {
        c.totals.names = filter.names;
        c.totals.names_at = q->range.to_lsn != 0 ? q->range.to_lsn : UINT64_MAX;
        each.stats.filter = filter.wanted;
        code = read_and_count(o, q, from->wal, &reader, &each.stats, &c);
        if (c.totals.sum.records > 0)
            c.totals.start_lsn = each.first_lsn;
        code = tell_hidden_checkpoints(&c, each.first_lsn, code);
        if (code != EXIT_TROUBLE)
            code =
                record_filter_status(&filter, UINT64_MAX, print_totals(o, q, from->wal, &c, code));
    }
    totals_free(&c.totals);
    checkpoints_free(&c.checkpoints);
    free(c.redo_points);
    record_filter_free(&filter);
    return code;
}

static bool check(const options *o, const command_line *line)
{
    const stats_options *own = (const void *)o->own;
    if (o->format == STATS_FORMAT_WALDUMP && own->by > BY_RECORD)
        return message_fail(line->message,
                            "--format waldump goes with --by manager and --by record");
    if (o->format == STATS_FORMAT_WALDUMP && own->limit != 0)
        return message_fail(line->message, "--format waldump has all lines: it takes no --limit");
    return record_filter_check(o, group_names_are_told((totals_by)own->by), line);
}

/* The record of a checkpoint lies after the redo point where its records begin. */
static exit_code run_by_checkpoint(const options *o)
{
    options in_window = *o;
    bool is_doubtful;
    const exit_code code = time_window_narrow(&in_window, &is_doubtful);
    return code == EXIT_FOUND
               ? time_window_status(with_sources(&in_window, advice, sum_up), is_doubtful)
               : code;
}

static exit_code run(const options *o)
{
    const stats_options *own = (const void *)o->own;
    if (own->by == BY_CHECKPOINT)
        return run_by_checkpoint(o);
    return record_filter_with_sources(o, false, advice, sum_up);
}

/* ---- the command ---------------------------------------------------------------------------- */

// clang-format off
static const option_row by_row = { .name = "by", .arg = "WHAT", .type = OPTION_WORD,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(stats_options, by),
    .words = "manager record relation database xid minute segment checkpoint image",
    .help = "what to sum up by: manager (the default), record (manager and\ntype), relation (its file), database, xid, minute, segment,\ncheckpoint (from one redo point to the next) or image (why\npage images are there)" };
static const option_row limit_row = { .name = "limit", .letter = 'n', .arg = "N", .type = OPTION_NUMBER,
    .group = GROUP_OUTPUT, .is_own = true, .at = offsetof(stats_options, limit), .max = UINT64_MAX,
    .help = "only the first N lines, and the rest as one" };

static const option_use takes[] = {
    TAKES_RECORD_FILTER
    { .row = &option_table[OPT_TIMELINE] },
    { .row = &by_row },
    { .row = &limit_row },
    { .row = &option_table[OPT_FORMAT], .words = STATS_FORMATS,
      .help = "table (the default), waldump (as pg_waldump --stats prints\nit), json (an object a line), csv or prometheus" },
    { .row = &option_table[OPT_FROM_COMMAND] },
    TAKES_NAMES
    TAKES_TO_READ
    { .row = &option_table[OPT_JOBS] },
    TAKES_ALWAYS
};

const command stats_command = {
    .name = "stats",
    .usage = "stats [OPTION]... SOURCE...",
    .summary = "sum up the WAL: by manager, record type, relation, transaction, minute ...",
    .help = "Counts records and their bytes, with full-page images apart, and sums them up: by resource manager,\n"
            "record type, relation, database, transaction, minute, segment or checkpoint, or by what caused the\n"
            "images. Relations and databases are told by number and, where it is known, by name, the largest\n"
            "first.",
    .exits = "Exit status: 0 printed, 1 no such record, 2 wrong usage or unreadable input, 3 printed or not, a\n"
             "gap or damage was passed over, a segment is there twice with other content, a name may be an\n"
             "old one, or more records may be of the transaction of --xid.\n",
    .takes = takes,
    .check = check,
    .run = run,
    .trouble = EXIT_TROUBLE,
};
// clang-format on
