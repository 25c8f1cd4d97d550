/*
 * ledger.c - see ledger.h.
 *
 * An account is open from an id's first record to its end. That of a subtransaction becomes a part of another's when a record says so: an
 * assignment, a PREPARE, an end. They are summed up when the whole ends, for till then it is not known what becomes of
 * the rows. A rolled-back one that nothing names yet waits: an assignment may still come, for the server writes one for 64
 * subtransactions. What becomes of them is as in family.c.
 */
#include "command/xact/ledger.h"

#include <stdlib.h>

#include "base/grow.h"

#define PG_CLASS 1259U /* its OID */
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

static void add_rows(ledger_rows *to, const ledger_rows *from)
{
    to->inserted += from->inserted;
    to->updated += from->updated;
    to->deleted += from->deleted;
}

static void sum_up(ledger_row *to, const ledger_row *from)
{
    to->records += from->records;
    to->bytes += from->bytes;
    to->image_bytes += from->image_bytes;
    to->nameless += from->nameless;
    for (fate became = 0; became < FATES; became++)
        add_rows(&to->rows[became], &from->rows[became]);
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
    l->late += !row->begins_here;
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

/* ---- where WAL is not enough ---------------------------------------------------------------- */

static void take_next(ledger *l, wp_xid next, wp_lsn place)
{
    ledger_next *last = l->nnexts > 0 ? &l->nexts[l->nnexts - 1] : NULL;
    if (next == 0 || place < l->start_lsn)
        return;
    if (last != NULL && last->next == next) {
        last->place = place > last->place ? place : last->place;
        return;
    }
    last = GROW(l->nexts, l->nnexts, l->nexts_room);
    l->is_failed |= last == NULL;
    if (last != NULL)
        *last = (ledger_next){ next, place };
}

/* The last place known before which it had no record; 0: none is. */
static wp_lsn not_before(const ledger *l, wp_xid xid)
{
    for (size_t i = l->nnexts; i > 0; i--)
        if (!wp_xid_precedes(xid, l->nexts[i - 1].next))
            return l->nexts[i - 1].place;
    return 0;
}

static bool begins_here(const ledger *l, wp_xid xid)
{
    return l->nnexts > 0 && !wp_xid_precedes(xid, l->nexts[0].next);
}

/* May its end be in WAL that could not be read? That may be wrong from the start of a segment on. */
static bool may_miss_end(const ledger *l, wp_xid xid)
{
    const wp_lsn from = not_before(l, xid) & ~((wp_lsn)l->segment_size - 1);
    return l->unread_until > from;
}

void ledger_miss(ledger *l, wp_lsn until)
{
    l->unread_until = until > l->unread_until ? until : l->unread_until;
}

/* ---- wholes and parts ----------------------------------------------------------------------- */

static void close_waiting(ledger *l);

/* The account of an id, opened when there is none. NULL: it is forgotten, or memory is out. */
static ledger_row *account(ledger *l, wp_xid xid)
{
    ledger_row *known = xid >= FAMILY_FIRST_XID ? find(l, xid) : NULL;
    if (known != NULL || xid < FAMILY_FIRST_XID)
        return known;
    if (l->nopen == LEDGER_OPEN_MAX)
        close_waiting(l);
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

static ledger_row *whole_of(const ledger *l, ledger_row *row)
{
    while (row->top != 0)
        row = find(l, row->top);
    return row;
}

/* That which xid is a part of, or it itself, becomes a part of top's. */
static void join(ledger *l, wp_xid xid, wp_xid top)
{
    if (account(l, xid) == NULL || account(l, top) == NULL)
        return;
    ledger_row *part = find(l, xid), *to = find(l, top);
    if (part == NULL || to == NULL)
        return;
    part = whole_of(l, part);
    to = whole_of(l, to);
    if (part == to)
        return;
    part->top = to->xid;
    part->next_part = to->first_part;
    to->first_part = part->xid;
}

/* A part is summed up in the whole. */
static void fold(ledger_row *to, ledger_row *part, bool is_known, bool is_rolled_back)
{
    to->wrote_class |= part->wrote_class && part->fate == FATE_KEPT;
    fate became = part->fate;
    if (is_rolled_back || (is_known && became != FATE_KEPT))
        became = FATE_ROLLED_BACK;
    if (part->first_lsn != 0 && (to->first_lsn == 0 || part->first_lsn < to->first_lsn))
        to->first_lsn = part->first_lsn;
    if (part->last_lsn > to->last_lsn)
        to->last_lsn = part->last_lsn;
    if (became != FATE_UNKNOWN) {
        add_rows(&part->rows[became], &part->rows[FATE_UNKNOWN]);
        part->rows[FATE_UNKNOWN] = (ledger_rows){ 0 };
    }
    part->nsubxacts = 1;
    sum_up(to, part);
}

/* Takes out an account and its parts, and sums them up by what became of the whole. */
static ledger_row take_whole(ledger *l, ledger_row *row, ledger_end end)
{
    const bool is_commit = end == LEDGER_COMMIT || end == LEDGER_COMMIT_PREPARED;
    const bool is_known = end != LEDGER_NONE && end != LEDGER_PREPARED;
    ledger_row whole = take_out(l, row);
    wp_xid next = whole.first_part;
    if (is_known) {
        whole.rows[is_commit ? FATE_KEPT : FATE_ROLLED_BACK] = whole.rows[FATE_UNKNOWN];
        whole.rows[FATE_UNKNOWN] = (ledger_rows){ 0 };
    }
    while (next != 0) {
        ledger_row part = take_out(l, find(l, next));
        next = part.next_part;
        /* Its own parts come next. */
        while (part.first_part != 0) {
            ledger_row *inner = find(l, part.first_part);
            part.first_part = inner->next_part;
            inner->next_part = next;
            next = inner->xid;
        }
        fold(&whole, &part, is_known, is_known && !is_commit);
    }
    whole.end = end;
    whole.begins_here = begins_here(l, whole.xid);
    return whole;
}

static void close_row(ledger *l, ledger_row *open, ledger_end end, wp_lsn lsn, wp_time time)
{
    ledger_row row = take_whole(l, open, end);
    row.end_lsn = lsn;
    row.time = time;
    if (!question_has_in_range(l->question, lsn, time))
        return;
    l->minimal += row.wrote_class && row.lacks_invals;
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

/* The ids of the accounts that are no part of another: taking one out moves others. Free it. NULL: memory is out. */
static wp_xid *list_wholes(ledger *l, size_t *count)
{
    wp_xid *xids = malloc((l->nopen + 1) * sizeof *xids);
    *count = 0;
    l->is_failed |= xids == NULL;
    for (size_t i = 0; xids != NULL && i < l->slots; i++)
        if (l->open[i].xid != 0 && l->open[i].top == 0)
            xids[(*count)++] = l->open[i].xid;
    return xids;
}

/* What was rolled back, and waits for an assignment, waits no longer. */
static void close_waiting(ledger *l)
{
    size_t count;
    wp_xid *xids = list_wholes(l, &count);
    for (size_t i = 0; i < count; i++) {
        ledger_row *row = find(l, xids[i]);
        if (row->is_rolled_back)
            close_row(l, row, LEDGER_ROLLBACK, row->end_lsn, row->time);
    }
    free(xids);
}

/* ---- facts ---------------------------------------------------------------------------------- */

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

static uint64_t size_of(int64_t rows)
{
    return rows < 0 ? 0 : (uint64_t)rows;
}

static void take_rows(ledger *l, const wp_fact_dml *fact)
{
    wp_oid relation = fact->locator.rel;
    const bool is_known =
        l->names == NULL || relation < RELATION_NAMES_FIRST_NORMAL_OID
        || relation_names_relation_of_file(l->names, &fact->locator, fact->fact.lsn, &relation);
    ledger_row *row = relation >= RELATION_NAMES_FIRST_NORMAL_OID || relation == PG_CLASS
                          ? account(l, fact->fact.xid)
                          : NULL;
    if (row != NULL && relation == PG_CLASS)
        row->wrote_class |= fact->inserted + fact->updated > 0;
    if (row == NULL || relation == PG_CLASS)
        return;
    const ledger_rows rows = { fact->inserted, fact->updated, fact->deleted };
    add_rows(&row->rows[FATE_UNKNOWN], &rows);
    if (!is_known)
        row->nameless += size_of(rows.inserted) + size_of(rows.updated) + size_of(rows.deleted);
}

static void take_rollback(ledger *l, const wp_fact_xact *fact)
{
    ledger_row *row = account(l, fact->fact.xid);
    if (row == NULL)
        return;
    row->fate = FATE_ROLLED_BACK;
    row->is_rolled_back = true;
    row->end_lsn = fact->fact.lsn;
    row->time = fact->time;
}

static void take_end(ledger *l, const wp_fact_xact *fact)
{
    const wp_xid xid = fact->fact.xid;
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    const wp_xact_op op = (wp_xact_op)fact->fact.op;
    const bool is_commit = op == WP_XACT_COMMIT || op == WP_XACT_COMMIT_PREPARED;
    for (uint32_t i = 0; i < fact->nsubxacts; i++) {
        ledger_row *part = find(l, subxids[i]);
        if (part == NULL || part->top == 0)
            join(l, subxids[i], xid);
        else /* it was assigned to the whole before: so is this one */
            join(l, xid, subxids[i]);
        part = find(l, subxids[i]);
        if (part != NULL)
            part->fate = is_commit ? FATE_KEPT : FATE_ROLLED_BACK;
    }
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
    row->lacks_invals = op == WP_XACT_COMMIT && fact->ninvals == 0;
    if (op == WP_XACT_ABORT && row->end != LEDGER_PREPARED)
        take_rollback(l, fact);
    else
        close_row(l, row, (ledger_end)op, fact->fact.lsn, fact->time);
}

static void take_prepare(ledger *l, const wp_fact_xact *fact)
{
    const wp_xid *subxids = wp_fact_xact_subxids(fact);
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        join(l, subxids[i], fact->fact.xid);
    ledger_row *row = account(l, fact->fact.xid);
    if (row != NULL)
        row->end = LEDGER_PREPARED;
}

static void take_assignment(ledger *l, const wp_fact_assignment *fact)
{
    for (uint32_t i = 0; i < fact->nsubxacts; i++)
        join(l, fact->subxids[i], fact->fact.xid);
}

/* Nobody lives through it but who is prepared. */
static void lose_all(ledger *l, wp_lsn lsn, wp_time time)
{
    size_t count;
    close_waiting(l);
    wp_xid *xids = list_wholes(l, &count);
    for (size_t i = 0; i < count; i++) {
        ledger_row *row = find(l, xids[i]);
        if (row->end == LEDGER_PREPARED)
            continue;
        const bool is_lost = !may_miss_end(l, row->xid);
        ledger_row one = take_whole(l, row, is_lost ? LEDGER_LOST : LEDGER_NONE);
        one.end_lsn = is_lost ? lsn : 0;
        if (one.records > 0 && question_has_in_range(l->question, lsn, time))
            add_row(l, &one);
    }
    free(xids);
}

static void take_checkpoint(ledger *l, const wp_fact_checkpoint *checkpoint)
{
    const bool is_checkpoint = checkpoint->fact.kind == WP_FACT_CHECKPOINT;
    if (is_checkpoint)
        take_next(l, checkpoint->next_xid, checkpoint->redo);
    if (!is_checkpoint || checkpoint->fact.op == 0)
        lose_all(l, checkpoint->fact.lsn, checkpoint->time);
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
    case WP_FACT_RUNNING_XACTS:
        take_next(l, ((const wp_fact_running *)it)->next_xid, fact->lsn);
        break;
    case WP_FACT_CHECKPOINT:
    case WP_FACT_END_OF_RECOVERY:
        take_checkpoint(l, it);
        break;
    case WP_FACT_FIRST_RECORD:
        if (l->start_lsn == 0)
            l->start_lsn = fact->lsn;
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

bool ledger_start(const question *q, const relation_names *names, uint32_t segment_size,
                  uint64_t limit, ledger *out)
{
    *out = (ledger){ .question = q,
                     .names = names,
                     .segment_size = segment_size,
                     .limit = limit,
                     .slots = FIRST_SLOTS };
    out->open = calloc(out->slots, sizeof *out->open);
    return out->open != NULL;
}

bool ledger_finish(ledger *l)
{
    size_t count;
    close_waiting(l);
    wp_xid *xids = list_wholes(l, &count);
    for (size_t i = 0; i < count; i++) {
        ledger_row *row = find(l, xids[i]);
        const ledger_row one = take_whole(l, row, row->end);
        add_unended(l, &one);
    }
    free(xids);
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
    free(l->nexts);
    *l = (ledger){ 0 };
}
