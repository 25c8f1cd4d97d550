/* other_timelines.c - see other_timelines.h. */
#include "search/other_timelines.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "archive/archive_open.h"

bool other_timelines_open(const question *q, const other_timelines_branch *one, archive *out,
                          char message[MESSAGE_BYTES])
{
    const archive_limits limits = question_limits(q, one->tli);
    if (!archive_open(q->sources, q->nsources, &limits, out, message))
        return false;
    out->own_lsn = one->from;
    return true;
}

/* ---- looking -------------------------------------------------------------------------------- */

typedef struct look {
    const question *question;
    other_timelines_branch *branch;
    bool stop; /* what there is to know is known */
} look;

static void on_xact_end(void *context, const wp_xact_end *end)
{
    look *l = context;
    other_timelines_branch *one = l->branch;
    if (end->lsn < one->from || l->stop || !question_has_in_range(l->question, end->lsn, end->time))
        return;
    one->has_commits |= end->op == WP_XACT_COMMIT || end->op == WP_XACT_COMMIT_PREPARED;
    if (one->match == 0 && question_means(l->question, end))
        one->match = end->lsn;
    l->stop = one->has_commits && (one->match != 0 || !question_is_by_place(l->question));
}

static void on_fact(void *context, const wp_fact *fact)
{
    look *l = context;
    const char *name = l->question->restore_point;
    if (fact->kind != WP_FACT_RESTORE_POINT || name == NULL || fact->lsn < l->branch->from
        || l->branch->match != 0)
        return;
    const wp_fact_restore_point *point = (const void *)fact;
    if (strcmp(point->name, name) == 0
        && question_has_in_range(l->question, fact->lsn, point->time))
        l->branch->match = fact->lsn;
}

/* The segments from the branch's own WAL on, and no others. A view: what it points to is the archive's. */
static archive own_part(const archive *wal, wp_lsn from)
{
    archive view = *wal;
    while (view.nsegments > 0 && view.segments[0].start_lsn + view.info.segment_size <= from) {
        view.segments++;
        view.nsegments--;
    }
    return view;
}

static bool look_through(const question *q, const archive *wal, other_timelines_branch *one,
                         char message[MESSAGE_BYTES])
{
    const archive view = own_part(wal, one->from);
    look l = { .question = q, .branch = one };
    scan_result result;
    if (view.nsegments == 0)
        return true;
    const scan_config config = {
        .jobs = q->jobs,
        .skip_dml = true,
        .callbacks = { .context = &l, .on_xact_end = on_xact_end, .on_fact = on_fact },
        .stop = &l.stop
    };
    /* Names are not wanted, so that some were learnt late is no reason to look again. */
    return scan_once(&view, &config, &result, message) != SCAN_FAILED;
}

static bool look_at(const question *q, const branch *from, other_timelines *out,
                    char message[MESSAGE_BYTES])
{
    other_timelines_branch one = { .tli = from->tli,
                                   .from = from->own,
                                   .diverges = from->diverges };
    archive wal;
    /* Nothing of it in the range asked for is no failure. */
    if (!other_timelines_open(q, &one, &wal, message))
        return wal.is_out_of_range;
    const bool is_good = look_through(q, &wal, &one, message);
    archive_free(&wal);
    if (is_good && (one.has_commits || one.match != 0))
        out->items[out->count++] = one;
    return is_good;
}

bool other_timelines_look(const question *q, const archive *wal, other_timelines *out,
                          char message[MESSAGE_BYTES])
{
    *out = (other_timelines){ 0 };
    if (q->has_timeline)
        return true;
    out->items = calloc(wal->timeline_tree.count + 1, sizeof *out->items);
    if (out->items == NULL)
        return message_no_memory(message);
    for (size_t i = wal->timeline_tree.count; i-- > 0;) {
        const branch *one = &wal->timeline_tree.items[i];
        if (one->has_segments && one->own != UINT64_MAX && !look_at(q, one, out, message))
            return false;
    }
    return true;
}

/* ---- telling -------------------------------------------------------------------------------- */

static void warn_of_match(const question *q, const other_timelines_branch *one, text_list *out)
{
    const wp_xid xid = question_xid(q);
    const unsigned tli = one->tli;
    char lsn[WP_LSN_TEXT_BYTES];
    if (q->kind == QUESTION_RESTORE_POINT)
        text_list_addf(
            out,
            "timeline %u has a restore point of that name too, at %s: --timeline %u takes "
            "that one",
            tli, wp_lsn_format(one->match, lsn), tli);
    else if (q->kind == QUESTION_LSN)
        text_list_addf(out, "%s is on timeline %u too: --timeline %u takes that one",
                       wp_lsn_format(q->lsn, lsn), tli, tli);
    else if (q->kind == QUESTION_TIME)
        text_list_addf(out,
                       "timeline %u was in use then too: --timeline %u takes the transaction that "
                       "ends at %s there",
                       tli, tli, wp_lsn_format(one->match, lsn));
    else
        text_list_addf(
            out,
            "timeline %u has a transaction %u too, which ends at %s: --timeline %u takes "
            "that one",
            tli, xid, wp_lsn_format(one->match, lsn), tli);
}

static void warn_of_branch(const question *q, const archive *wal, const other_timelines_branch *one,
                           wp_lsn lsn, text_list *out)
{
    char from[WP_LSN_TEXT_BYTES];
    if (question_is_by_place(q)) {
        if (one->match != 0 && lsn >= one->diverges)
            warn_of_match(q, one, out);
        return;
    }
    text_list_addf(
        out,
        "timeline %u goes on past %s and was not searched: --timeline %u (this is timeline %u)",
        one->tli, wp_lsn_format(one->from, from), one->tli, wal->timeline);
}

void other_timelines_warn(const question *q, const archive *wal, const other_timelines *all,
                          wp_lsn lsn, text_list *out)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].tli != wal->timeline)
            warn_of_branch(q, wal, &all->items[i], lsn, out);
}

void other_timelines_free(other_timelines *all)
{
    free(all->items);
    *all = (other_timelines){ 0 };
}
