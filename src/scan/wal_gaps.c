/* wal_gaps.c - see wal_gaps.h. */
#include "scan/wal_gaps.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "file/filename.h"
#include "archive/live_wal.h"
#include "archive/segment_fetcher.h"
#include "scan/damage_words.h"
#include "scan/unexpected.h"

static const archive_segment *segment_at(const wal_gaps *c)
{
    return &c->archive->segments[c->at];
}

static bool is_last(const wal_gaps *c)
{
    return c->archive->segment_fetcher
               ? !segment_fetcher_has(c->archive->segment_fetcher, c->at + 1)
               : c->at + 1 == c->archive->nsegments;
}

/* Does the list go on where this segment should end? */
static bool has_neighbour(const wal_gaps *c)
{
    return !is_last(c) && segment_at(c)->end_lsn == segment_at(c)[1].start_lsn;
}

static void keep(wal_gaps *c, const scan_damage *damage)
{
    scan_result *out = c->out;
    c->has_damage = true;
    if (out->ndamages++ < SCAN_DAMAGES_MAX)
        out->damages[out->ndamages - 1] = *damage;
    if (c->config->on_damage)
        c->config->on_damage(c->config->callbacks.context, damage);
}

__attribute__((format(printf, 5, 6))) static void add(wal_gaps *c, wp_lsn from, wp_lsn until,
                                                      const char *path, const char *format, ...)
{
    scan_damage damage = { .from = from, .until = until, .barrier = from, .path = path };
    va_list args;
    va_start(args, format);
    (void)vsnprintf(damage.text, sizeof damage.text, format, args);
    va_end(args);
    keep(c, &damage);
}

/* A line about this segment's file: WHAT at LSN in FILE. */
static void add_here(wal_gaps *c, wp_lsn from, wp_lsn until, const char *what)
{
    char lsn[WP_LSN_TEXT_BYTES];
    const char *path = segment_at(c)->path;
    add(c, from, until, path, "%s at %s in %s", what, wp_lsn_format(from, lsn),
        filename_base(path));
}

/* ---- missing segments ----------------------------------------------------------------------- */

/* "; the COMMIT of transaction 898 at 0/BFFFF0 goes on there", or nothing. */
static void cut_words(const scan_cut *cut, char *out, size_t room)
{
    static const char *const ops[] = {
        [WP_XACT_COMMIT] = "COMMIT",
        [WP_XACT_ABORT] = "ROLLBACK",
        [WP_XACT_COMMIT_PREPARED] = "COMMIT PREPARED",
        [WP_XACT_ABORT_PREPARED] = "ROLLBACK PREPARED",
    };
    char lsn[WP_LSN_TEXT_BYTES];
    *out = '\0';
    if (cut->lsn == 0)
        return;
    (void)wp_lsn_format(cut->lsn, lsn);
    const char *how = cut->is_inside ? "is incomplete" : "goes on there";
    if (cut->xid != 0)
        (void)snprintf(out, room, "; the %s of transaction %u at %s %s", ops[cut->op], cut->xid,
                       lsn, how);
    else
        (void)snprintf(out, room, "; a %s at %s %s", ops[cut->op], lsn, how);
}

static void add_gap(wal_gaps *c, wp_tli tli, wp_lsn from, wp_lsn until)
{
    const uint32_t size = c->archive->info.segment_size;
    const uint64_t n = (until - from + size - 1) / size;
    char first[WP_SEGMENT_NAME_BYTES], last[WP_SEGMENT_NAME_BYTES];
    char a[WP_LSN_TEXT_BYTES], b[WP_LSN_TEXT_BYTES];
    (void)wp_segment_name_format(tli, from, size, first);
    (void)wp_segment_name_format(tli, until - 1, size, last);
    (void)wp_lsn_format(from, a);
    (void)wp_lsn_format(until, b);
    char cut[100];
    cut_words(&c->cut, cut, sizeof cut);
    if (n == 1)
        add(c, from, until, NULL, "segment %s is missing (%s to %s)%s", first, a, b, cut);
    else
        add(c, from, until, NULL, "%" PRIu64 " segments are missing: %s to %s (%s to %s)%s", n,
            first, last, a, b, cut);
}

wal_gaps wal_gaps_start(const archive *archive_, const scan_config *config, scan_result *out)
{
    return (wal_gaps){ .archive = archive_, .config = config, .out = out };
}

wp_lsn scan_damage_end(wp_lsn from, wp_lsn until, uint32_t segment_size)
{
    if (until == 0)
        return (from | (segment_size - 1)) + 1;
    return until > from ? until : from + 1;
}

const scan_damage *scan_damage_in(const scan_result *seen, wp_lsn from, wp_lsn until,
                                  uint32_t segment_size)
{
    for (size_t i = 0; i < seen->ndamages && i < SCAN_DAMAGES_MAX; i++) {
        const scan_damage *one = &seen->damages[i];
        if (one->from < until && scan_damage_end(one->from, one->until, segment_size) > from)
            return one;
    }
    return NULL;
}

bool scan_is_damaged_after(const scan_result *seen, wp_lsn from, uint32_t segment_size)
{
    return seen->ndamages > SCAN_DAMAGES_MAX
           || scan_damage_in(seen, from, UINT64_MAX, segment_size) != NULL;
}

void wal_gaps_segment(wal_gaps *c, size_t segment)
{
    c->at = segment;
    if (segment > 0) {
        const archive_segment *here = segment_at(c);
        if (here[-1].end_lsn != here->start_lsn) {
            add_gap(c, here->tli, here[-1].end_lsn, here->start_lsn);
            c->last_record = 0;
        }
    }
    c->has_damage = false;
    c->cut = (scan_cut){ 0 };
}

/* ---- damage inside a segment ---------------------------------------------------------------- */

static void note_damage(wal_gaps *c, const wp_fact_damage *fact)
{
    char words[DAMAGE_WORDS_BYTES];
    damage_words(fact, words);
    add_here(c, fact->fact.lsn, fact->until, words);
}

/* The first record of a segment names the last one before it. */
static void note_first(wal_gaps *c, const wp_fact_first *fact)
{
    const bool is_after_damage = c->has_damage;
    if (is_after_damage || c->last_record == 0 || fact->prev == c->last_record)
        return;
    char here[WP_LSN_TEXT_BYTES], prev[WP_LSN_TEXT_BYTES], last[WP_LSN_TEXT_BYTES];
    const char *path = segment_at(c)->path;
    add(c, fact->fact.lsn, fact->fact.lsn, path,
        "%s does not follow the segment before: its record at %s names %s as the one before, not %s",
        filename_base(path), wp_lsn_format(fact->fact.lsn, here), wp_lsn_format(fact->prev, prev),
        wp_lsn_format(c->last_record, last));
}

// clang-format off
/* Why reading a segment ended: is it as it should be, with and without a segment that follows? */
static const struct {
    bool is_good_inside, is_good_at_end;
    const char *text;
} ends[] = {
    [WP_END_FULL]       = { true,  true,  NULL },
    [WP_END_SWITCH]     = { true,  true,  NULL },
    [WP_END_ZEROS]      = { false, true,  "zeros instead of records" },
    [WP_END_RECYCLED]   = { false, true,  "old content of a recycled file" },
    [WP_END_TORN]       = { false, false, "incomplete record" },
    [WP_END_INPUT]      = { false, true,  "the file ends early," },
    [WP_END_RECORD_CUT] = { false, true,  "record that does not go on in the next segment" },
    [WP_END_DAMAGE]     = { false, false, "unreadable record" },
};
// clang-format on

/* What an archiver took over is whole; a server, and who receives from it, may be about to write the rest. */
static bool is_good_last_end(const archive_segment *last, uint8_t reason)
{
    if (reason == WP_END_TORN)
        return last->is_partial || (last->path && live_has_file(last->path));
    if (last->holds_whole && !last->is_partial && !ends[reason].is_good_inside)
        return reason == WP_END_RECORD_CUT;
    return ends[reason].is_good_at_end;
}

static bool is_good_end(const wal_gaps *c, const wp_fact_end *fact)
{
    const uint8_t reason = fact->fact.op;
    if (reason >= sizeof ends / sizeof *ends)
        return false;
    /* Read up to where the next timeline branched off. */
    const archive_segment *here = segment_at(c);
    const wp_lsn whole = here->start_lsn + c->archive->info.segment_size;
    if (here->end_lsn < whole && fact->fact.lsn >= here->end_lsn)
        return true;
    if (is_last(c) && !c->archive->following.path)
        return is_good_last_end(here, reason);
    /* Where the next segment is missing, a record that would go on there is no further damage. */
    return ends[reason].is_good_inside || (reason == WP_END_RECORD_CUT && !has_neighbour(c));
}

/* A record that ends a transaction and is cut: what its header says. */
static void note_cut(wal_gaps *c, const wp_fact_end *fact)
{
    const bool is_inside = fact->fact.op != WP_END_RECORD_CUT;
    if (fact->cuts_xact_end && (is_inside || !has_neighbour(c)))
        c->cut = (scan_cut){ .lsn = fact->fact.lsn,
                             .xid = fact->fact.xid,
                             .op = (wp_xact_op)fact->cut_op,
                             .tli = segment_at(c)->tli,
                             .is_inside = is_inside };
    c->out->cut = c->cut;
}

/* No segment that follows tells that something is missing: where and when it ends is all that does. */
static void note_open_end(wal_gaps *c, const wp_fact_end *fact)
{
    const archive_segment *here = segment_at(c);
    const bool is_read_whole = here->end_lsn - here->start_lsn == c->archive->info.segment_size;
    c->out->ends_inside[0] = '\0';
    if (!c->ends_with_segment && is_read_whole && is_last(c) && !c->archive->following.path
        && is_good_end(c, fact))
        (void)wp_segment_name_format(here->tli, here->start_lsn, c->archive->info.segment_size,
                                     c->out->ends_inside);
}

static const char *end_words(uint8_t reason)
{
    return reason < sizeof ends / sizeof *ends ? ends[reason].text : "unreadable record";
}

/* Is it read only up to where the history leaves its timeline? */
static bool is_left(const wal_gaps *c, const wp_fact_end *fact)
{
    const archive_segment *here = segment_at(c);
    return fact->fact.op == WP_END_INPUT
           && here->end_lsn - here->start_lsn < c->archive->info.segment_size;
}

/* No server leaves a timeline inside a record: a history that says so is wrong. */
static void add_left(wal_gaps *c, wp_lsn lsn)
{
    const wp_lsn end = segment_at(c)->end_lsn;
    char what[100], left[WP_LSN_TEXT_BYTES];
    (void)snprintf(what, sizeof what, "record that goes on past %s, where its timeline is left,",
                   wp_lsn_format(end, left));
    add_here(c, lsn, end, what);
}

static void note_end(wal_gaps *c, const wp_fact_end *fact)
{
    note_cut(c, fact);
    c->ends_with_segment = fact->fact.op == WP_END_FULL || fact->fact.op == WP_END_SWITCH
                           || fact->fact.op == WP_END_RECORD_CUT;
    if (fact->fact.lsn > c->out->end_lsn)
        c->out->end_lsn = fact->fact.lsn;
    if (fact->last_record)
        c->last_record = fact->last_record;
    note_open_end(c, fact);
    if (is_good_end(c, fact))
        return;
    /* The next first record cannot be checked against a record nobody has seen. */
    c->last_record = 0;
    /* What cannot be read has a fact of its own, with numbers. */
    if (fact->fact.op == WP_END_DAMAGE && c->has_damage)
        return;
    if (is_left(c, fact))
        add_left(c, fact->fact.lsn);
    else
        add_here(c, fact->fact.lsn, 0, end_words(fact->fact.op));
    if (c->out->ndamages > SCAN_DAMAGES_MAX)
        return;
    scan_damage *damage = &c->out->damages[c->out->ndamages - 1];
    const size_t len = strlen(damage->text);
    cut_words(&c->cut, damage->text + len, sizeof damage->text - len);
}

void wal_gaps_fact(wal_gaps *c, const wp_fact *fact)
{
    const void *any = fact;
    switch (fact->kind) {
    case WP_FACT_FIRST_RECORD:
        note_first(c, any);
        break;
    case WP_FACT_DAMAGE:
        note_damage(c, any);
        break;
    case WP_FACT_UNEXPECTED:
        unexpected_note(&c->out->unexpected, any);
        break;
    case WP_FACT_SEGMENT_END:
        note_end(c, any);
        break;
    default:
        break;
    }
}

/* What it holds can be found, and not be restored. */
static void add_file(wal_gaps *c, const char *what, const char *advice)
{
    const archive_segment *here = segment_at(c);
    char lsn[WP_LSN_TEXT_BYTES];
    scan_damage damage = { .from = c->out->end_lsn,
                           .barrier = here->start_lsn,
                           .path = here->path };
    if (damage.from < here->start_lsn)
        damage.from = here->start_lsn;
    (void)snprintf(damage.text, sizeof damage.text,
                   "%s %s: %s. What may follow %s in it cannot be read", filename_base(here->path),
                   what, advice, wp_lsn_format(damage.from, lsn));
    keep(c, &damage);
}

static void add_refused_file(wal_gaps *c, const char *what)
{
    add_file(c, what, "a server refuses it, copy it again");
}

static void add_no_segment(wal_gaps *c, const char *holds)
{
    char what[HOLDS_BYTES + 24];
    (void)snprintf(what, sizeof what, "is not a segment (%s)", holds);
    add_refused_file(c, what);
}

/* How the file is explains what was just reported, and a server does not take such a file at all. */
static void explain_damage(wal_gaps *c, const segment_end *end)
{
    if (c->out->ndamages > SCAN_DAMAGES_MAX)
        return;
    scan_damage *damage = &c->out->damages[c->out->ndamages - 1];
    const size_t len = strlen(damage->text);
    if (end->holds[0])
        (void)snprintf(damage->text + len, sizeof damage->text - len, " (%s)", end->holds);
    else if (end->is_cut)
        (void)snprintf(damage->text + len, sizeof damage->text - len,
                       " (its compressed data is cut short or damaged)");
    damage->barrier = segment_at(c)->start_lsn;
}

/* After the last segment: what makes one doubt that the WAL ends there. */
static void note_what_follows(wal_gaps *c)
{
    const archive *a = c->archive;
    const archive_leftover *left = &a->leftover;
    if (left->path && !left->is_expected && c->ends_with_segment)
        add(c, segment_at(c)->end_lsn, left->start_lsn + a->info.segment_size, left->path,
            "%s, and the segment before it has WAL to its end: more should follow", left->why);
    if (a->complaint)
        add(c, c->out->end_lsn, 0, a->directories[0], "%s", a->complaint);
}

/* What was received so far is all that a .partial file promises. */
void wal_gaps_segment_end(wal_gaps *c, const segment_end *end)
{
    const archive_segment *here = segment_at(c);
    const bool is_partial = here->is_partial;
    if ((end->is_cut || end->is_short || end->holds[0]) && c->has_damage)
        explain_damage(c, end);
    else if (end->holds[0])
        add_no_segment(c, end->holds);
    else if (end->is_cut && !is_partial)
        add_refused_file(c, "has compressed data that is cut short or damaged");
    else if (end->is_short)
        add_refused_file(c, "does not have the size of a segment");
    c->out->has_rest |= end->has_rest;
    if (end->has_changed)
        add_file(c, "was changed while it was read", "run this again");
    if (here->spoilt)
        add(c, here->end_lsn, here->end_lsn, here->path, "%s", here->spoilt);
    if (is_last(c))
        note_what_follows(c);
}
