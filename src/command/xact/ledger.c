/*
 * ledger.c - see ledger.h.
 *
 * An account is open from an id's first record to its end. A subtransaction's goes into that of its transaction when the end of that names it, or
 * when it is rolled back and an assignment named it. A rolled-back one that none named yet waits: an assignment may still
 * come, for the server writes one for 64 subtransactions.
 */
#include "command/xact/ledger.h"

#include <stdlib.h>

#include "base/grow.h"

/* Below that are the files of system catalogs, as they were made. FirstNormalObjectId in access/transam.h. */
#define FIRST_NORMAL_FILE 16384
/* Smaller ones, of initdb, are no transactions: FirstNormalTransactionId there. */
#define FIRST_XID 3
#define FIRST_SLOTS ((size_t)1 << 10)

/* ---- open accounts -------------------------------------------------------------------------- */

static size_t slot_of(const ledger *l, wp_xid xid)
{
    return (xid * UINT32_C(2654435769)) & (l->slots - 1);
}

static ledger_row *find(const ledger *l, wp_xid xid)
{
    for (size_t at = slot_of(l, xid); l->open[at].xid != 0; at = (at + 1) & (l->slots - 1))
        if (l->open[at].xid == xid)
            return &l->open[at];
    return NULL;
}

static void put(ledger *l, const ledger_row *row)
{
    size_t at = slot_of(l, row->xid);
    while (l->open[at].xid != 0)
        at = (at + 1) & (l->slots - 1);
    l->open[at] = *row;
}

static bool grow(ledger *l)
{
    ledger_row *const old = l->open;
    const size_t nold = l->slots;
    ledger_row *larger = calloc(nold * 2, sizeof *larger);
    if (larger == NULL) {
        l->is_failed = true;
        return false;
    }
    l->open = larger;
    l->slots = nold * 2;
    for (size_t i = 0; i < nold; i++)
        if (old[i].xid != 0)
            put(l, &old[i]);
    free(old);
    return true;
}

/* Takes it out, and moves up those that a search would not find any more. */
static ledger_row take_out(ledger *l, ledger_row *row)
{
    const ledger_row taken = *row;
    const size_t mask = l->slots - 1;
    size_t hole = (size_t)(row - l->open);
    for (size_t at = (hole + 1) & mask; l->open[at].xid != 0; at = (at + 1) & mask) {
        const size_t home = slot_of(l, l->open[at].xid);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            l->open[hole] = l->open[at];
            hole = at;
        }
    }
    l->open[hole] = (ledger_row){ 0 };
    l->nopen--;
    return taken;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static bool is_smaller(const ledger_row *a, const ledger_row *b)
{
    return a->bytes != b->bytes ? a->bytes < b->bytes : a->first_lsn > b->first_lsn;
}

static void sum_up(ledger_row *to, const ledger_row *from)
{
    to->records += from->records;
    to->bytes += from->bytes;
    to->image_bytes += from->image_bytes;
    to->inserted += from->inserted;
    to->updated += from->updated;
    to->deleted += from->deleted;
    to->nsubxacts += from->nsubxacts;
}

static void sift_down(ledger_row *heap, size_t count, ledger_row row)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && is_smaller(&heap[child + 1], &heap[child]))
            child++;
        if (!is_smaller(&heap[child], &row))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = row;
}

static void sift_up(ledger_row *heap, size_t at, ledger_row row)
{
    while (at > 0 && is_smaller(&row, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = row;
}

static void add_row(ledger *l, const ledger_row *row)
{
    const size_t most =
        l->limit != 0 && l->limit < LEDGER_ROWS_MAX ? (size_t)l->limit : LEDGER_ROWS_MAX;
    sum_up(&l->sum, row);
    l->sum.xid++;
    if (l->nrows < most) {
        if (GROW(l->rows, l->nrows, l->rows_room) == NULL)
            l->is_failed = true;
        else
            sift_up(l->rows, l->nrows - 1, *row);
        return;
    }
    l->rest.xid++;
    if (is_smaller(row, &l->rows[0])) {
        sum_up(&l->rest, row);
        return;
    }
    sum_up(&l->rest, &l->rows[0]);
    sift_down(l->rows, l->nrows, *row);
}

static void close_row(ledger *l, ledger_row row, ledger_end end, wp_lsn lsn, wp_time time)
{
    row.end = end;
    row.end_lsn = lsn;
    row.time = time;
    if (question_has_in_range(l->question, lsn, time))
        add_row(l, &row);
}

/* It would end after this WAL. */
static void add_unended(ledger *l, const ledger_row *row)
{
    const question_range *range = &l->question->range;
    const bool reaches_end =
        !range->has_until && (range->to_lsn == 0 || range->to_lsn >= l->end_lsn);
    if (reaches_end && row->records > 0)
        add_row(l, row);
}

/* ---- facts ---------------------------------------------------------------------------------- */

/* What was rolled back, and waits for an assignment, waits no longer. */
static void flush_rolled_back(ledger *l)
{
    for (size_t i = 0; i < l->slots;) {
        ledger_row *row = &l->open[i];
        if (row->xid == 0 || !row->is_rolled_back) {
            i++;
            continue;
        }
        const ledger_row one = take_out(l, row); /* another may be here now */
        close_row(l, one, LEDGER_ROLLBACK, one.end_lsn, one.time);
    }
}

/* The account of an id, opened when there is none. NULL: it is forgotten, or memory is out. */
static ledger_row *account(ledger *l, wp_xid xid)
{
    ledger_row *known = xid >= FIRST_XID ? find(l, xid) : NULL;
    if (known != NULL || xid < FIRST_XID)
        return known;
    if (l->nopen == LEDGER_OPEN_MAX)
        flush_rolled_back(l);
    if (l->nopen == LEDGER_OPEN_MAX) {
        l->is_full = true;
        return NULL;
    }
    if (2 * (l->nopen + 1) > l->slots && !grow(l))
        return NULL;
    const ledger_row added = { .xid = xid, .end = LEDGER_NONE, .time = WP_TIME_UNKNOWN };
    put(l, &added);
    l->nopen++;
    return find(l, xid);
}

static void take_tally(ledger *l, const wp_fact_tally *fact)
{
    if (fact->fact.xid == 0) {
        l->nameless_lsn = fact->fact.lsn;
        l->nameless_bytes = fact->record_bytes + fact->image_bytes;
        return;
    }
    ledger_row *row = account(l, fact->fact.xid);
    if (row == NULL)
        return;
    if (row->first_lsn == 0)
        row->first_lsn = fact->fact.lsn;
    row->last_lsn = fact->fact.lsn;
    row->records += fact->is_whole;
    row->bytes += (uint64_t)fact->record_bytes + fact->image_bytes;
    row->image_bytes += fact->image_bytes;
}

static void take_rows(ledger *l, const wp_fact_dml *fact)
{
    ledger_row *row = fact->locator.rel >= FIRST_NORMAL_FILE ? account(l, fact->fact.xid) : NULL;
    if (row == NULL)
        return;
    row->inserted += fact->inserted;
    row->updated += fact->updated;
    row->deleted += fact->deleted;
}

/* A subtransaction becomes part of its transaction. */
static void merge(ledger *l, wp_xid xid, wp_xid top, bool is_kept)
{
    ledger_row *row = find(l, xid);
    const ledger_row part = row != NULL ? take_out(l, row) : (ledger_row){ 0 };
    ledger_row *to = account(l, top);
    if (to == NULL)
        return;
    if (part.first_lsn != 0 && (to->first_lsn == 0 || part.first_lsn < to->first_lsn))
        to->first_lsn = part.first_lsn;
    if (part.last_lsn > to->last_lsn)
        to->last_lsn = part.last_lsn;
    to->records += part.records;
    to->bytes += part.bytes;
    to->image_bytes += part.image_bytes;
    to->nsubxacts += 1 + part.nsubxacts;
    if (!is_kept)
        return;
    to->inserted += part.inserted;
    to->updated += part.updated;
    to->deleted += part.deleted;
}

/* Of a subtransaction: its transaction is known, or may be told later. */
static void take_rollback(ledger *l, const wp_fact_xact *fact)
{
    ledger_row *row = account(l, fact->fact.xid);
    if (row == NULL)
        return;
    if (row->top != 0) {
        merge(l, row->xid, row->top, false);
        return;
    }
    row->is_rolled_back = true;
    row->end_lsn = fact->fact.lsn;
    row->time = fact->time;
}

static void take_end(ledger *l, const wp_fact_xact *fact)
{
    const wp_xid xid = fact->fact.xid;
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    const wp_xact_op op = (wp_xact_op)fact->fact.op;
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        merge(l, subxids[i], xid, true);
    ledger_row *row = account(l, xid);
    if (row == NULL)
        return;
    if (l->nameless_lsn == fact->fact.lsn) { /* the record of a prepared one bears no id */
        row->records++;
        row->bytes += l->nameless_bytes;
        row->last_lsn = fact->fact.lsn;
        if (row->first_lsn == 0)
            row->first_lsn = fact->fact.lsn;
    }
    if (op == WP_XACT_ABORT && row->end != LEDGER_PREPARED)
        take_rollback(l, fact);
    else
        close_row(l, take_out(l, row), (ledger_end)op, fact->fact.lsn, fact->time);
}

static void take_prepare(ledger *l, const wp_fact_xact *fact)
{
    ledger_row *row = account(l, fact->fact.xid);
    if (row != NULL)
        row->end = LEDGER_PREPARED;
}

static void take_assignment(ledger *l, const wp_fact_assignment *fact)
{
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        ledger_row *row = account(l, fact->subxids[i]);
        if (row != NULL && row->is_rolled_back)
            merge(l, row->xid, fact->fact.xid, false);
        else if (row != NULL)
            row->top = fact->fact.xid;
    }
}

/* Assigned subtransactions that have no end go into their transactions. */
static void merge_assigned(ledger *l)
{
    wp_xid *xids = malloc((l->nopen + 1) * sizeof *xids);
    size_t count = 0;
    if (xids == NULL) {
        l->is_failed = true;
        return;
    }
    for (size_t i = 0; i < l->slots; i++)
        if (l->open[i].xid != 0 && l->open[i].top != 0)
            xids[count++] = l->open[i].xid;
    for (size_t i = 0; i < count; i++) {
        const ledger_row *row = find(l, xids[i]);
        if (row != NULL && row->top != row->xid)
            merge(l, row->xid, row->top, true);
    }
    free(xids);
}

/* Nobody lives through it but who is prepared. */
static void lose_all(ledger *l, wp_lsn lsn, wp_time time)
{
    merge_assigned(l);
    flush_rolled_back(l);
    for (size_t i = 0; i < l->slots;) {
        ledger_row *row = &l->open[i];
        if (row->xid == 0 || row->end == LEDGER_PREPARED) {
            i++;
            continue;
        }
        ledger_row one = take_out(l, row);
        one.end = LEDGER_LOST;
        one.end_lsn = lsn;
        if (one.records > 0 && question_has_in_range(l->question, lsn, time))
            add_row(l, &one);
    }
}

bool ledger_take(ledger *l, const wp_fact *fact)
{
    const void *it = fact;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_TALLY:
        take_tally(l, it);
        break;
    case WP_FACT_DML:
        take_rows(l, it);
        break;
    case WP_FACT_XACT_END:
        take_end(l, it);
        break;
    case WP_FACT_PREPARE:
        take_prepare(l, it);
        break;
    case WP_FACT_ASSIGNMENT:
        take_assignment(l, it);
        break;
    case WP_FACT_CHECKPOINT:
    case WP_FACT_END_OF_RECOVERY:
        if (fact->kind == WP_FACT_END_OF_RECOVERY || fact->op == 0)
            lose_all(l, fact->lsn, ((const wp_fact_checkpoint *)it)->time);
        break;
    case WP_FACT_SEGMENT_END:
        l->end_lsn = fact->lsn;
        break;
    default:
        break;
    }
    return !l->is_failed;
}

/* ---- all of them ---------------------------------------------------------------------------- */

bool ledger_start(const question *q, uint64_t limit, ledger *out)
{
    *out = (ledger){ .question = q, .limit = limit, .slots = FIRST_SLOTS };
    out->open = calloc(out->slots, sizeof *out->open);
    return out->open != NULL;
}

bool ledger_finish(ledger *l)
{
    merge_assigned(l);
    flush_rolled_back(l);
    for (size_t i = 0; i < l->slots; i++)
        if (l->open[i].xid != 0)
            add_unended(l, &l->open[i]);
    for (size_t left = l->nrows; left > 1; left--) {
        const ledger_row last = l->rows[left - 1];
        l->rows[left - 1] = l->rows[0];
        sift_down(l->rows, left - 1, last);
    }
    return !l->is_failed;
}

void ledger_free(ledger *l)
{
    free(l->open);
    free(l->rows);
    *l = (ledger){ 0 };
}
