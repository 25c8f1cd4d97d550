/*
 * render_prometheus.c - what a verification found out, as metrics for the textfile collector of node_exporter. What each
 * means stands in docs/manual/metrics.md.
 */
#include "command/verify/verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/metrics.h"
#include "verification/reach.h"

typedef struct page {
    const verification *v;
    metrics metrics;
    char system[24];
    verify_reach *reaches; /* by timeline */
} page;

/* What each sample of an archive has. */
#define ARCHIVE_LABELS(p)                    \
    { "archive", (p)->v->input.sources[0] }, \
    {                                        \
        "system_identifier", (p)->system     \
    }

static void add_up(metrics *m, const char *source, bool is_up)
{
    const metrics_label label = { "archive", source };
    metrics_family(m, "pitr_archive_up", METRICS_GAUGE,
                   "1: the archive was read to its end, 0: it could not be.");
    metrics_sample_integer(m, &label, 1, is_up);
}

static void add_info(page *p)
{
    const metrics_label labels[] = { ARCHIVE_LABELS(p),
                                     { "major", p->v->info.profile->major },
                                     { "version", PITR_FIND_VERSION } };
    metrics_family(&p->metrics, "pitr_archive_info", METRICS_INFO,
                   "Major of the server that wrote the WAL, version of pitr-find.");
    metrics_sample_integer(&p->metrics, labels, 4, 1);
}

static void add_problems(page *p)
{
    uint64_t counts[VERIFY_KINDS + 1] = { 0 };
    counts[VERIFY_KINDS] = p->v->problems_total - p->v->nproblems;
    for (size_t i = 0; i < p->v->nproblems; i++)
        counts[p->v->problems[i].kind]++;
    metrics_family(&p->metrics, "pitr_archive_problems", METRICS_GAUGE,
                   "Problems by kind; unlisted: more than verify lists.");
    for (size_t i = 0; i <= VERIFY_KINDS; i++) {
        const metrics_label labels[] = {
            ARCHIVE_LABELS(p),
            { "kind", i < VERIFY_KINDS ? verify_kind_name((verify_kind)i) : "unlisted" }
        };
        metrics_sample_integer(&p->metrics, labels, 3, counts[i]);
    }
}

/* ---- a sample a timeline -------------------------------------------------------------------- */

typedef struct sample_place {
    page *page;
    const verify_timeline *t;
    const verify_reach *reach;
    const metrics_label *labels;
    size_t nlabels;
} sample_place;

static void add_integer(const sample_place *at, uint64_t value)
{
    metrics_sample_integer(&at->page->metrics, at->labels, at->nlabels, value);
}

static void add_time(const sample_place *at, wp_time time)
{
    metrics_sample_time(&at->page->metrics, at->labels, at->nlabels, time);
}

static void add_is_latest(const sample_place *at)
{
    add_integer(at, at->t == &at->page->v->timelines[at->page->v->ntimelines - 1]);
}

static void add_segments(const sample_place *at)
{
    add_integer(at, at->t->segments);
}

static void add_bytes(const sample_place *at)
{
    add_integer(at, (uint64_t)at->t->segments * at->page->v->info.segment_size);
}

static void add_damaged(const sample_place *at)
{
    uint64_t n = 0;
    for (size_t i = 0; i < at->page->v->nsegments; i++) {
        const verify_segment *one = &at->page->v->segments[i];
        n += one->tli == at->t->tli && one->is_damaged;
    }
    add_integer(at, n);
}

static void add_end_lsn(const sample_place *at)
{
    if (at->t->end_lsn != 0)
        add_integer(at, at->t->end_lsn);
}

/* The last one that a restore to this timeline's end has. */
static const verify_commit *last_commit(const verify_timeline *t)
{
    return t->commits > 0 ? &t->last : &t->before_fork;
}

static void add_last_commit_lsn(const sample_place *at)
{
    if (last_commit(at->t)->lsn != 0)
        add_integer(at, last_commit(at->t)->lsn);
}

static void add_last_commit_time(const sample_place *at)
{
    if (last_commit(at->t)->lsn != 0)
        add_time(at, last_commit(at->t)->time);
}

static void add_backups(const sample_place *at)
{
    add_integer(at, at->reach->backups);
}

static void add_usable(const sample_place *at)
{
    add_integer(at, at->reach->usable);
}

static void add_newest_start(const sample_place *at)
{
    add_time(at, at->reach->newest_start);
}

static void add_earliest(const sample_place *at)
{
    add_time(at, at->reach->earliest);
}

static void add_latest(const sample_place *at)
{
    add_time(at, at->reach->latest);
}

/* 0 where there is no usable backup, none where nobody knows the times. */
static void add_window(const sample_place *at)
{
    const verify_reach *reach = at->reach;
    const bool is_known = reach->earliest != WP_TIME_UNKNOWN && reach->latest != WP_TIME_UNKNOWN;
    const int64_t span =
        is_known && reach->latest > reach->earliest ? reach->latest - reach->earliest : 0;
    if (is_known || reach->usable == 0)
        metrics_sample_span(&at->page->metrics, at->labels, at->nlabels, span);
}

static const struct {
    const char *name, *help;
    void (*add)(const sample_place *at);
} families[] = {
    { "pitr_archive_timeline_is_latest",
      "1: the timeline with the highest number, 0: an older one.", add_is_latest },
    { "pitr_archive_segments", "Segments of the timeline's own.", add_segments },
    { "pitr_archive_segments_damaged", "Segments in which WAL cannot be read.", add_damaged },
    { "pitr_archive_wal_bytes", "WAL in these segments, unpacked.", add_bytes },
    { "pitr_archive_end_lsn", "Where the last record ends, as a number of bytes.", add_end_lsn },
    { "pitr_archive_last_commit_lsn", "Where the last commit is, as a number of bytes.",
      add_last_commit_lsn },
    { "pitr_archive_last_commit_timestamp_seconds", "When the last commit was.",
      add_last_commit_time },
    { "pitr_archive_backups", "Base backups known that lie on the timeline's history.",
      add_backups },
    { "pitr_archive_backups_usable", "Those of them that can be restored with this archive.",
      add_usable },
    { "pitr_archive_newest_usable_backup_start_timestamp_seconds",
      "When the newest usable base backup began.", add_newest_start },
    { "pitr_archive_restorable_earliest_timestamp_seconds",
      "The first moment from which on any can be restored to, up to the latest.", add_earliest },
    { "pitr_archive_restorable_latest_timestamp_seconds",
      "The last commit that can be restored to.", add_latest },
    { "pitr_archive_window_seconds",
      "From the earliest to the latest of these; 0: no usable backup.", add_window },
};

static void add_timelines(page *p, size_t family)
{
    metrics_family(&p->metrics, families[family].name, METRICS_GAUGE, families[family].help);
    for (size_t i = 0; i < p->v->ntimelines; i++) {
        char tli[12];
        (void)snprintf(tli, sizeof tli, "%u", p->v->timelines[i].tli);
        const metrics_label labels[] = { ARCHIVE_LABELS(p), { "timeline", tli } };
        const sample_place at = { p, &p->v->timelines[i], &p->reaches[i], labels, 3 };
        families[family].add(&at);
    }
}

void render_verify_metrics(const verification *v, text *out)
{
    page p = { .v = v,
               .metrics = { .out = out, .format = METRICS_PROMETHEUS },
               .reaches = calloc(v->ntimelines + 1, sizeof *p.reaches) };
    if (p.reaches == NULL) {
        out->failed = true;
        return;
    }
    (void)snprintf(p.system, sizeof p.system, "%" PRIu64, v->info.system_identifier);
    for (size_t i = 0; i < v->ntimelines; i++)
        p.reaches[i] = verify_reach_of(v, &v->timelines[i]);
    add_up(&p.metrics, v->input.sources[0], true);
    add_info(&p);
    add_problems(&p);
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        add_timelines(&p, i);
    metrics_end(&p.metrics);
    free(p.reaches);
}

void render_verify_down(const char *source, text *out)
{
    metrics m = { .out = out, .format = METRICS_PROMETHEUS };
    add_up(&m, source, false);
    metrics_end(&m);
}
