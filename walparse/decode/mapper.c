/*
 * mapper.c - walks the pages of one segment, joins and checks its records, and has them decoded.
 *
 * Mirrors access/transam/xlogreader.c in what it accepts. The walk is by page:
 *
 *     page header | rest of a record begun earlier | record | record | ... | first part of the next one
 *
 * A record that lies on one page is looked at in place. One that crosses a page boundary is copied only
 * when something is learnt from its content; of all others the checksum is taken piece by piece.
 *
 * What cannot be read is first only remembered (`trouble`): when a later page of the segment is valid it
 * was damage, and reading goes on there; when none is, it was the end. That end is as it should be only where
 * nothing but zeros and old pages follows.
 */
#include <walparse/mapper.h>

#include <stdlib.h>

#include "base/crc32c.h"
#include "base/fail.h"
#include "decode/decode.h"
#include "decode/learn.h"
#include "format/catalogs.h"
#include "format/page.h"

#define CRC_START UINT32_C(0xFFFFFFFF)

/* A record that goes on beyond the page it began on. */
typedef struct joining {
    bool active;
    bool keep; /* its bytes are collected; otherwise only checksummed */
    bool is_classified;
    wp_lsn lsn;
    uint32_t total, done; /* bytes: of the record; seen so far */
    uint32_t crc;         /* state over the bytes from the header's end on (not keep) */
    uint32_t have;        /* bytes in buffer */
    uint8_t *buffer;
    size_t room;
} joining;

typedef struct trouble {
    bool active;
    wp_end_reason end; /* what it is if nothing valid follows */
    wp_damage damage;  /* what it is if something does */
    wp_lsn lsn;
    uint32_t expected, found;
    bool cuts_record; /* the one in wp_mapper.join begins at lsn, and has not all its bytes */
    wp_lsn prev;      /* the record before that one */
} trouble;

struct wp_mapper {
    wp_mapper_config config;
    const wp_profile *profile;
    wpi_page_rules page;
    wpi_crc32c_fn crc32c;
    wp_lsn segment_end;

    wp_lsn page_lsn; /* of the page that comes next */
    wp_lsn next_lsn; /* where the next record begins */
    wp_lsn prev;     /* last whole record, 0: not known */
    wp_lsn last_record;
    wp_tli page_tli;  /* of the last page; 0: none yet */
    wp_lsn watch_lsn; /* UINT64_MAX: nothing is watched for, or it was met */
    uint64_t records;
    bool has_entered; /* the first record of the segment, or of a stretch after damage, was found */
    bool has_first;   /* WP_FACT_FIRST_RECORD is out */
    bool was_switched, is_done;
    bool has_wrong_tli; /* of a page, and it was told */
    bool is_input_cut;  /* it ends inside a page */
    joining join;
    trouble trouble;

    wpi_learner learner;
    uint8_t partial_page[WPI_PAGE_BYTES_MAX]; /* a page that is coming in pieces */
    size_t partial_bytes;
    uint32_t looked_at; /* is_live: of that page, bytes that are done with; 0: it was not begun */
};

static wp_lsn align_up(const wp_mapper *m, wp_lsn lsn)
{
    const wp_lsn mask = (wp_lsn)m->config.segment.max_align - 1;
    return (lsn + mask) & ~mask;
}

static void set_trouble(wp_mapper *m, trouble what)
{
    what.active = true;
    what.prev = m->prev;
    m->trouble = what;
    m->join.active = false;
    m->has_entered = false;
    m->prev = 0;
}

static void report_damage(wp_mapper *m, const trouble *what, wp_lsn until)
{
    wpi_damage_add(&m->learner.out, (wpi_damage){ .what = what->damage,
                                                  .lsn = what->lsn,
                                                  .until = until,
                                                  .expected = what->expected,
                                                  .found = what->found });
}

/* ---- whole records ------------------------------------------------------------------------ */

static bool is_valid_rmgr(const wp_mapper *m, uint8_t rmid)
{
    return rmid <= m->profile->max_builtin_rmgr
           || (rmid >= WP_RMGR_CUSTOM_MIN && m->profile->has_custom_rmgrs);
}

/* Checks what the 24-byte header says about itself. Sets trouble and returns false when it is wrong. */
static bool check_header(wp_mapper *m, wp_lsn lsn, const uint8_t *rec)
{
    const wp_lsn prev = wpi_record_prev(rec);
    if (!is_valid_rmgr(m, wpi_record_rmid(rec))) {
        set_trouble(m, (trouble){ .lsn = lsn,
                                  .end = WP_END_DAMAGE,
                                  .damage = WP_DAMAGE_RMGR,
                                  .found = wpi_record_rmid(rec) });
        return false;
    }
    if (m->prev ? prev != m->prev : prev >= lsn) {
        /* A valid record of an earlier use of the file points far back: that is the end, not damage. */
        set_trouble(m, (trouble){ .lsn = lsn,
                                  .end = prev < m->prev ? WP_END_RECYCLED : WP_END_DAMAGE,
                                  .damage = WP_DAMAGE_PREV_LINK,
                                  .expected = (uint32_t)m->prev,
                                  .found = (uint32_t)prev });
        return false;
    }
    return true;
}

/* State over what follows the header, of which len bytes (the header's too) are at hand. */
static uint32_t content_crc(const wp_mapper *m, const uint8_t *rec, uint32_t len)
{
    if (m->config.skip_crc)
        return 0;
    return m->crc32c(CRC_START, rec + WPI_RECORD_HEADER_BYTES, len - WPI_RECORD_HEADER_BYTES);
}

/* state: as content_crc() has it. */
static bool check_crc(wp_mapper *m, wp_lsn lsn, const uint8_t *header, uint32_t state)
{
    const uint32_t crc = ~m->crc32c(state, header, WPI_RECORD_CRC_AT);
    const uint32_t stored = wpi_record_crc(header);
    if (crc == stored || m->config.skip_crc)
        return true;
    set_trouble(m, (trouble){ .lsn = lsn,
                              .end = WP_END_DAMAGE,
                              .damage = WP_DAMAGE_CRC,
                              .expected = stored,
                              .found = crc });
    return false;
}

/* The record that was watched for. */
static void report_record(wp_mapper *m, wp_lsn lsn, const uint8_t *header)
{
    m->watch_lsn = UINT64_MAX;
    wp_fact_record *fact =
        wpi_fact_add(&m->learner.out, WP_FACT_RECORD, sizeof *fact, lsn, wpi_record_xid(header));
    if (!fact)
        return;
    fact->end_lsn = m->next_lsn;
    fact->prev = wpi_record_prev(header);
    fact->rmid = wpi_record_rmid(header);
    fact->info = wpi_record_info(header);
}

/* Book-keeping of a record that passed all checks. */
static void accept(wp_mapper *m, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *header, uint32_t total)
{
    if (!m->has_first) {
        wp_fact_first *first = wpi_fact_add(&m->learner.out, WP_FACT_FIRST_RECORD, sizeof *first,
                                            lsn, wpi_record_xid(header));
        if (first)
            first->prev = wpi_record_prev(header);
        m->has_first = true;
    }
    m->prev = m->last_record = lsn;
    m->next_lsn = end_lsn;
    m->records++;
    m->learner.stats.records[wpi_record_rmid(header)]++;
    m->learner.stats.record_bytes += total;
    if (wpi_record_rmid(header) == WP_RMGR_XLOG
        && (wpi_record_info(header) & WPI_INFO_OP_MASK) == WPI_XLOG_SWITCH) {
        m->was_switched = m->is_done = true;
        m->next_lsn = m->segment_end;
    }
    if (lsn >= m->watch_lsn)
        report_record(m, lsn, header);
}

/* Is there a fact of pg_class among those from `from` on? */
static bool tells_of_class(const wp_facts *facts, size_t from)
{
    for (const wp_fact *fact; (fact = wp_facts_next(facts, &from));) {
        const void *it = fact;
        const bool is_class = fact->kind == WP_FACT_CATALOG_PAGE
                                  ? ((const wp_fact_page *)it)->catalog == WPI_PG_CLASS
                              : fact->kind == WP_FACT_CATALOG_TUPLE
                                  ? ((const wp_fact_tuple *)it)->catalog == WPI_PG_CLASS
                                  : fact->kind == WP_FACT_RELMAP;
        if (is_class)
            return true;
    }
    return false;
}

static void learn(wp_mapper *m, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *rec, uint32_t total)
{
    wp_facts *facts = m->learner.out.facts;
    const size_t before = facts->len;
    wpi_learn(&m->learner, lsn, end_lsn, rec, total);
    if (m->config.on_class && facts->len > before && tells_of_class(facts, before))
        m->config.on_class(m->config.context, facts);
}

/* What a record is good for. */
static void use(wp_mapper *m, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *rec, uint32_t total)
{
    if (!m->config.on_record) {
        learn(m, lsn, end_lsn, rec, total);
        return;
    }
    const wp_record record = { .profile = m->profile,
                               .lsn = lsn,
                               .end_lsn = m->next_lsn,
                               .max_align = m->config.segment.max_align,
                               .bytes = { rec, total } };
    if (!m->config.on_record(m->config.context, &record, m->learner.out.facts))
        m->learner.out.out_of_memory = true;
}

/* The same of one that was joined and whose content was not kept. */
static void use_head(wp_mapper *m, wp_lsn end_lsn)
{
    const joining *j = &m->join;
    if (!m->config.on_record) {
        wpi_learn_head(&m->learner, j->lsn, end_lsn, j->buffer, j->have);
        return;
    }
    const trouble too_long = { .lsn = j->lsn, .damage = WP_DAMAGE_LENGTH, .found = j->total };
    report_damage(m, &too_long, end_lsn);
}

static bool is_sound(const wp_mapper *m, const uint8_t *rec, uint32_t total)
{
    const uint32_t state =
        m->crc32c(CRC_START, rec + WPI_RECORD_HEADER_BYTES, total - WPI_RECORD_HEADER_BYTES);
    return ~m->crc32c(state, rec, WPI_RECORD_CRC_AT) == wpi_record_crc(rec);
}

/* A record that lies on one page. False: trouble. */
static bool take_whole(wp_mapper *m, wp_lsn lsn, const uint8_t *rec, uint32_t total)
{
    if (!check_header(m, lsn, rec)) {
        if (m->trouble.end == WP_END_RECYCLED && !is_sound(m, rec, total))
            m->trouble.end = WP_END_DAMAGE; /* an old record would be whole */
        return false;
    }
    if (!check_crc(m, lsn, rec, content_crc(m, rec, total)))
        return false;
    const wp_lsn end_lsn = align_up(m, lsn + total);
    accept(m, lsn, end_lsn, rec, total);
    use(m, lsn, end_lsn, rec, total);
    return true;
}

/* ---- records that cross pages ------------------------------------------------------------- */

static bool join_reserve(wp_mapper *m, size_t bytes)
{
    joining *j = &m->join;
    if (bytes <= j->room)
        return true;
    size_t room = j->room ? j->room : WPI_PAGE_BYTES_MAX;
    while (room < bytes)
        room *= 2;
    uint8_t *grown = realloc(j->buffer, room);
    if (!grown) {
        m->learner.out.out_of_memory = true;
        return false;
    }
    j->buffer = grown;
    j->room = room;
    return true;
}

static bool join_append(wp_mapper *m, const uint8_t *bytes, uint32_t n)
{
    joining *j = &m->join;
    if (!join_reserve(m, (size_t)j->have + n))
        return false;
    memcpy(j->buffer + j->have, bytes, n);
    j->have += n;
    return true;
}

/* With the head at hand: check the header, and decide whether to keep the content. */
static bool join_classify(wp_mapper *m)
{
    joining *j = &m->join;
    if (!check_header(m, j->lsn, j->buffer))
        return false;
    j->keep = (m->config.on_record || wpi_needs_content(&m->learner, j->buffer, j->have))
              && j->total <= WP_RECORD_DECODE_MAX;
    j->is_classified = true;
    if (!j->keep)
        j->crc = content_crc(m, j->buffer, j->have);
    return true;
}

/* Adds the next n bytes of the record. False: trouble, or out of memory. */
static bool join_add(wp_mapper *m, const uint8_t *bytes, uint32_t n)
{
    joining *j = &m->join;
    if (n == 0)
        return true;
    j->done += n;
    if (!j->is_classified) {
        const uint32_t wanted = j->total < WPI_HEAD_BYTES ? j->total : WPI_HEAD_BYTES;
        const uint32_t part = wanted - j->have < n ? wanted - j->have : n;
        if (!join_append(m, bytes, part))
            return false;
        bytes += part;
        n -= part;
        if (j->have < wanted)
            return true;
        if (!join_classify(m))
            return false;
    }
    if (j->keep)
        return join_append(m, bytes, n);
    if (!m->config.skip_crc)
        j->crc = m->crc32c(j->crc, bytes, n);
    return true;
}

/* The record is whole: end_lsn is the aligned position after it. */
static bool join_finish(wp_mapper *m, wp_lsn end_lsn)
{
    joining *j = &m->join;
    const uint32_t state = j->keep ? content_crc(m, j->buffer, j->total) : j->crc;
    if (!check_crc(m, j->lsn, j->buffer, state))
        return false;
    j->active = false;
    accept(m, j->lsn, end_lsn, j->buffer, j->total);
    if (j->keep)
        use(m, j->lsn, end_lsn, j->buffer, j->total);
    else
        use_head(m, end_lsn);
    return true;
}

static bool join_begin(wp_mapper *m, wp_lsn lsn, uint32_t total, const uint8_t *bytes, uint32_t n)
{
    joining *j = &m->join;
    j->active = true;
    j->is_classified = j->keep = false;
    j->lsn = lsn;
    j->total = total;
    j->done = j->have = 0;
    return join_add(m, bytes, n);
}

/* ---- pages -------------------------------------------------------------------------------- */

/* How much of a page there is. */
typedef struct extent {
    uint32_t
        limit; /* bytes; less than a page where the rest is still to come, or at the end of the input */
    bool waits; /* for the rest: what is not whole is left for later */
} extent;

/*
 * Records from pos on, to the end of the page's bytes. Returns the position after what was taken; the page's size where
 * nothing else on it is to be looked at.
 */
static uint32_t take_records(wp_mapper *m, const uint8_t *page, uint32_t pos, extent there)
{
    const uint32_t page_size = m->config.segment.page_size, limit = there.limit;
    while (pos < limit && !m->is_done) {
        const wp_lsn lsn = m->page_lsn + pos;
        m->next_lsn = lsn;
        const uint32_t avail = limit - pos;
        if (avail < 4)
            return pos;
        const uint32_t total = wpi_record_total(page + pos);
        if (total < WPI_RECORD_HEADER_BYTES || total > WP_RECORD_MAX) {
            if (there.waits)
                return pos;
            const bool is_end = total == 0 && wpi_is_all_zero(page + pos, avail);
            set_trouble(m, (trouble){ .lsn = lsn,
                                      .end = is_end ? WP_END_ZEROS : WP_END_DAMAGE,
                                      .damage = WP_DAMAGE_LENGTH,
                                      .found = total });
            return page_size;
        }
        if (total > avail) {
            if (there.waits && total <= page_size - pos)
                return pos;
            return join_begin(m, lsn, total, page + pos, avail) ? limit : page_size;
        }
        if (!take_whole(m, lsn, page + pos, total))
            return page_size;
        pos = (uint32_t)(align_up(m, lsn + total) - m->page_lsn);
    }
    if (!m->is_done && pos >= page_size)
        m->next_lsn = m->page_lsn + page_size;
    return pos;
}

/*
 * The page goes on, from pos, with the record being joined. Returns the position after what was taken; the page's size
 * where nothing else on it is to be looked at.
 */
static uint32_t continue_join(wp_mapper *m, const uint8_t *page, uint32_t pos, extent there)
{
    const uint32_t page_size = m->config.segment.page_size;
    const uint32_t need = m->join.total - m->join.done;
    const uint32_t room = there.limit - pos;
    const uint32_t n = need < room ? need : room;
    if (!join_add(m, page + pos, n))
        return page_size;
    if (n < need)
        return there.waits ? pos + n : page_size;
    const wp_lsn end_lsn = align_up(m, m->page_lsn + pos + n);
    return join_finish(m, end_lsn) ? (uint32_t)(end_lsn - m->page_lsn) : page_size;
}

/* What of a page, from pos on, is the rest of a record begun earlier, and then records. Returns as the two above. */
static uint32_t take_content(wp_mapper *m, const uint8_t *page, uint32_t pos, extent there)
{
    if (m->join.active) {
        pos = continue_join(m, page, pos, there);
        if (m->join.active || m->trouble.active)
            return pos;
    }
    return m->page_lsn < m->segment_end ? take_records(m, page, pos, there) : pos;
}

/* Where the first record that begins on this page lies; page size when none does. */
static uint32_t entry_position(const wp_mapper *m, const wpi_page_header *header)
{
    const uint32_t page_size = m->config.segment.page_size;
    if (!header->is_contrecord || header->is_overwrite)
        return header->bytes;
    if (header->rem_len > page_size - header->bytes)
        return page_size;
    return (uint32_t)(align_up(m, m->page_lsn + header->bytes + header->rem_len) - m->page_lsn);
}

/* What was taken for the end of the WAL is not, for something follows. */
static void doubt_end(wp_mapper *m)
{
    trouble *t = &m->trouble;
    if (t->active && t->end != WP_END_DAMAGE) {
        t->end = WP_END_DAMAGE;
        t->damage = WP_DAMAGE_AFTER_END;
        t->expected = t->found = 0;
    }
}

/* Returns where records begin on the page; its size: none does. */
static uint32_t enter(wp_mapper *m, const wpi_page_header *header, uint32_t limit)
{
    const uint32_t pos = entry_position(m, header);
    if (pos >= limit) {
        doubt_end(m);
        return m->config.segment.page_size;
    }
    if (m->trouble.active) {
        report_damage(m, &m->trouble, m->page_lsn + pos);
        m->trouble.active = false;
    }
    m->has_entered = true;
    return pos;
}

/* A page that is none: remember why, or when already looking for a way back in, go on looking. */
static void take_bad_page(wp_mapper *m, wpi_page_fault fault, uint32_t found)
{
    if (m->trouble.active) {
        if (fault == WPI_PAGE_BAD)
            doubt_end(m);
        return;
    }
    static const wp_end_reason ends[] = {
        [WPI_PAGE_ZERO] = WP_END_ZEROS,
        [WPI_PAGE_STALE] = WP_END_RECYCLED,
        [WPI_PAGE_BAD] = WP_END_DAMAGE,
    };
    const bool cuts = m->join.active;
    set_trouble(m, (trouble){ .lsn = cuts ? m->join.lsn : m->page_lsn,
                              .end = cuts && fault != WPI_PAGE_BAD ? WP_END_TORN : ends[fault],
                              .cuts_record = cuts,
                              .damage = WP_DAMAGE_PAGE_HEADER,
                              .expected = m->profile->page_magic,
                              .found = found });
}

/* A server gets no further than a page of a timeline that is not in its history, or older than the one before. */
static void check_timeline(wp_mapper *m, wp_tli tli)
{
    const wp_mapper_config *config = &m->config;
    bool is_right = config->tli == 0 || tli <= config->tli;
    if (config->lineage) {
        is_right = false;
        for (size_t i = 0; i < config->nlineage; i++)
            is_right |= config->lineage[i] == tli;
    }
    is_right &= tli >= m->page_tli;
    if (is_right)
        m->page_tli = tli;
    if (is_right || m->has_wrong_tli)
        return;
    m->has_wrong_tli = true;
    const trouble what = { .damage = WP_DAMAGE_TIMELINE,
                           .lsn = m->page_lsn,
                           .expected = m->page_tli > config->tli ? m->page_tli : config->tli,
                           .found = tli };
    report_damage(m, &what, m->page_lsn + 1);
}

/* After a crash, a page begins with the record that says which one before it is void. */
static bool has_overwrite_record(const uint8_t *page, const wpi_page_header *header, uint32_t limit)
{
    const uint8_t *rec = page + header->bytes;
    return !header->is_contrecord && limit - header->bytes >= WPI_RECORD_HEADER_BYTES
           && wpi_record_rmid(rec) == WP_RMGR_XLOG
           && (wpi_record_info(rec) & WPI_INFO_OP_MASK) == WPI_XLOG_OVERWRITE_CONTRECORD;
}

/* A page that voids the record being joined does so in vain when nothing on it says which. */
static void check_overwrite(wp_mapper *m, const uint8_t *page, wpi_page_header *header,
                            uint32_t limit)
{
    if (!m->join.active || !header->is_overwrite || has_overwrite_record(page, header, limit))
        return;
    header->is_overwrite = false;
    set_trouble(m, (trouble){ .lsn = m->join.lsn,
                              .end = WP_END_DAMAGE,
                              .damage = WP_DAMAGE_CONTRECORD,
                              .expected = m->join.total - m->join.done,
                              .found = header->rem_len });
}

/*
 * What the walk is at, from one page to the next:
 *
 *                 a record begins here               a record goes on past the page
 *     SEEKING -------------------------> READING ------------------------------------> JOINING
 *        ^                                | ^                                           |  |
 *        +---------- trouble -------------+ +--- it is whole, or a page voids it -------+  |
 *        +------------------------------ trouble ------------------------------------------+
 *
 * It begins with SEEKING. Trouble is a page or record that is none, or a page that does not go on where the one before
 * ended; what kind it was stands in m->trouble until a way back in is found. The walk ends (is_done) after a SWITCH, and at the
 * end of the segment unless a record goes on there.
 */
typedef enum walk { SEEKING, READING, JOINING } walk;

static walk walk_of(const wp_mapper *m)
{
    if (m->join.active)
        return JOINING;
    return m->has_entered ? READING : SEEKING;
}

/* Does the page go on where the one before ended: with the rest of a record, or with none? */
static bool goes_on(const wp_mapper *m, const wpi_page_header *header)
{
    if (m->join.active)
        return header->is_contrecord && header->rem_len == m->join.total - m->join.done;
    return !header->is_contrecord || header->is_overwrite;
}

/* If not, that is trouble. */
static void check_follows(wp_mapper *m, const wpi_page_header *header)
{
    const bool is_joining = m->join.active;
    if (!goes_on(m, header))
        set_trouble(m, (trouble){ .lsn = is_joining ? m->join.lsn : m->page_lsn,
                                  .end = WP_END_DAMAGE,
                                  .damage = WP_DAMAGE_CONTRECORD,
                                  .expected = is_joining ? m->join.total - m->join.done : 0,
                                  .found = header->is_contrecord ? header->rem_len : 0 });
}

/*
 * Holds a page's header against what came before. Of a page beyond the segment only the rest of a record that began
 * in it is wanted. Returns where its content begins; the page's size where nothing on it is to be looked at.
 */
static uint32_t begin_page(wp_mapper *m, const uint8_t *page, wpi_page_header *header,
                           uint32_t limit)
{
    const bool is_in_segment = m->page_lsn < m->segment_end;
    if (is_in_segment)
        check_timeline(m, header->tli);
    check_overwrite(m, page, header, limit);
    if (header->is_overwrite)
        m->join.active = false; /* a crash cut that record short: this page starts afresh */
    if (walk_of(m) != SEEKING)
        check_follows(m, header);
    if (walk_of(m) != SEEKING)
        return header->bytes;
    return is_in_segment ? enter(m, header, limit) : m->config.segment.page_size;
}

static void end_page(wp_mapper *m)
{
    m->looked_at = 0;
    m->page_lsn += m->config.segment.page_size;
    if (m->page_lsn >= m->segment_end && !m->join.active)
        m->is_done = true;
}

/* limit: how many bytes of the page there are; less than a page only at the end of the input. */
static void take_page(wp_mapper *m, const uint8_t *page, uint32_t limit)
{
    uint32_t pos = m->looked_at;
    m->is_input_cut = limit < m->config.segment.page_size;
    if (pos == 0) {
        wpi_page_header header;
        const wpi_page_fault fault = wpi_page_check(&m->page, page, limit, m->page_lsn, &header);
        if (fault == WPI_PAGE_GOOD)
            pos = begin_page(m, page, &header, limit);
        else
            take_bad_page(m, fault, header.magic);
    }
    if (pos != 0 && pos < limit)
        (void)take_content(m, page, pos, (extent){ limit, false });
    end_page(m);
}

/* ---- a page that is still coming ------------------------------------------------------------ */

/* Is what has come enough to tell of the page what the whole of it would? */
static bool can_begin(const wp_mapper *m, const wpi_page_header *header, uint32_t limit)
{
    if (limit < header->bytes)
        return false;
    if (header->is_overwrite) /* its first record counts */
        return !header->is_contrecord && limit >= header->bytes + WPI_RECORD_HEADER_BYTES;
    const bool is_entered = walk_of(m) != SEEKING && goes_on(m, header);
    return is_entered || entry_position(m, header) < limit;
}

/* Takes what is whole of a page of which there are limit bytes so far. */
static void look_at_page(wp_mapper *m, const uint8_t *page, uint32_t limit)
{
    if (m->looked_at == 0) {
        wpi_page_header header;
        if (wpi_page_check(&m->page, page, limit, m->page_lsn, &header) != WPI_PAGE_GOOD
            || !can_begin(m, &header, limit))
            return;
        m->looked_at = begin_page(m, page, &header, limit);
    }
    if (m->looked_at < limit)
        m->looked_at = take_content(m, page, m->looked_at, (extent){ limit, true });
    if (m->page_lsn >= m->segment_end && !m->join.active)
        m->is_done = true;
}

/* ---- public ------------------------------------------------------------------------------- */

wp_status wp_mapper_reset(wp_mapper *m, const wp_mapper_config *config, wp_error *err)
{
    const wp_segment_info *info = &config->segment;
    if (!info->profile || info->page_size > WPI_PAGE_BYTES_MAX || info->page_size < 1024
        || info->segment_size % info->page_size != 0
        || (info->max_align != 8 && info->max_align != 4))
        return wpi_fail(err, WP_ERR_USAGE, info->start_lsn, "mapper needs a probed segment");
    m->config = *config;
    m->profile = info->profile;
    m->page = (wpi_page_rules){ .info = *info };
    wpi_learner_reset(&m->learner, config);
    m->segment_end = info->start_lsn + info->segment_size;
    m->page_lsn = m->next_lsn = info->start_lsn;
    m->prev = m->last_record = 0;
    m->watch_lsn = config->watch_lsn ? config->watch_lsn : UINT64_MAX;
    m->records = 0;
    m->page_tli = 0;
    m->has_entered = m->has_first = m->was_switched = m->is_done = false;
    m->has_wrong_tli = m->is_input_cut = false;
    m->join.active = false;
    m->trouble.active = false;
    m->partial_bytes = 0;
    m->looked_at = 0;
    return WP_OK;
}

wp_status wp_mapper_new(const wp_mapper_config *config, wp_mapper **out, wp_error *err)
{
    wp_mapper *m = calloc(1, sizeof *m);
    if (!m || !wpi_learner_init(&m->learner)) {
        free(m);
        return wpi_fail(err, WP_ERR_NOMEM, 0, "out of memory");
    }
    m->crc32c = wpi_crc32c_choose();
    const wp_status status = wp_mapper_reset(m, config, err);
    if (status < 0) {
        wp_mapper_free(m);
        return status;
    }
    *out = m;
    return WP_OK;
}

static wp_status mapper_status(const wp_mapper *m, wp_error *err)
{
    if (m->learner.out.out_of_memory || m->learner.dml.out_of_memory)
        return wpi_fail(err, WP_ERR_NOMEM, m->page_lsn, "out of memory");
    return m->is_done ? WP_END : WP_OK;
}

wp_status wp_mapper_feed(wp_mapper *m, wp_view bytes, wp_facts *facts, wp_error *err)
{
    const uint32_t page_size = m->config.segment.page_size;
    const uint8_t *p = bytes.bytes;
    size_t left = bytes.len;
    wpi_learner_write_to(&m->learner, facts);
    while (left && !m->is_done && !m->learner.out.out_of_memory) {
        if (m->partial_bytes == 0 && left >= page_size) {
            take_page(m, p, page_size);
            p += page_size;
            left -= page_size;
            continue;
        }
        const size_t missing = page_size - m->partial_bytes;
        const size_t n = left < missing ? left : missing;
        memcpy(m->partial_page + m->partial_bytes, p, n);
        m->partial_bytes += n;
        p += n;
        left -= n;
        if (m->partial_bytes == page_size) {
            m->partial_bytes = 0;
            take_page(m, m->partial_page, page_size);
        }
    }
    if (m->config.is_live && m->partial_bytes > 0 && !m->is_done)
        look_at_page(m, m->partial_page, (uint32_t)m->partial_bytes);
    return mapper_status(m, err);
}

static wp_end_reason end_reason(const wp_mapper *m)
{
    if (m->was_switched)
        return WP_END_SWITCH;
    if (m->trouble.active)
        return m->trouble.end;
    if (m->page_lsn < m->segment_end || m->is_input_cut)
        return WP_END_INPUT;
    return m->join.active ? WP_END_RECORD_CUT : WP_END_FULL;
}

/* The record that goes on in bytes nobody has: does it end a transaction? */
static void tell_cut(const wp_mapper *m, wp_fact_end *end)
{
    const joining *j = &m->join;
    const trouble *t = &m->trouble;
    const bool is_cut = t->active ? t->cuts_record && t->end == WP_END_TORN : j->active;
    const wp_lsn prev = t->active ? t->prev : m->prev;
    /* Its checksum cannot be told, but that it points to the record before. */
    if (!is_cut || j->have < WPI_RECORD_HEADER_BYTES || wpi_record_rmid(j->buffer) != WP_RMGR_XACT
        || prev == 0 || wpi_record_prev(j->buffer) != prev)
        return;
    switch (wpi_record_info(j->buffer) & WPI_XACT_OP_MASK) {
    case WPI_XACT_COMMIT:
        end->cut_op = WP_XACT_COMMIT;
        break;
    case WPI_XACT_ABORT:
        end->cut_op = WP_XACT_ABORT;
        break;
    case WPI_XACT_COMMIT_PREPARED:
        end->cut_op = WP_XACT_COMMIT_PREPARED;
        break;
    case WPI_XACT_ABORT_PREPARED:
        end->cut_op = WP_XACT_ABORT_PREPARED;
        break;
    default:
        return;
    }
    end->cuts_xact_end = 1;
    end->fact.xid = wpi_record_xid(j->buffer);
}

wp_status wp_mapper_finish(wp_mapper *m, wp_facts *facts, wp_error *err)
{
    wpi_learner_write_to(&m->learner, facts);
    const bool is_page = m->partial_bytes >= WPI_PAGE_HEADER_BYTES_MAX || m->looked_at != 0;
    if (is_page && !m->is_done)
        take_page(m, m->partial_page, (uint32_t)m->partial_bytes);
    m->partial_bytes = 0;
    wpi_dml_flush_all(&m->learner.dml, &m->learner.out);
    const wp_end_reason reason = end_reason(m);
    if (reason == WP_END_DAMAGE)
        report_damage(m, &m->trouble, 0);
    const wp_lsn lsn = m->trouble.active ? m->trouble.lsn
                       : m->join.active  ? m->join.lsn
                                         : m->next_lsn;
    wp_fact_end *end = wpi_fact_add(&m->learner.out, WP_FACT_SEGMENT_END, sizeof *end, lsn, 0);
    if (end) {
        end->fact.op = (uint8_t)reason;
        end->last_record = m->last_record;
        end->records = m->records;
        tell_cut(m, end);
    }
    const wp_status status = mapper_status(m, err);
    m->is_done = true;
    return status < 0 ? status : WP_OK;
}

void wp_mapper_set_moved(wp_mapper *m, const wp_catalog_file *moved, size_t nmoved)
{
    m->config.moved = moved;
    m->config.nmoved = nmoved;
    m->learner.catalogs = (wpi_catalog_files){ moved, nmoved };
}

bool wp_mapper_is_done(const wp_mapper *m)
{
    return m->is_done;
}

wp_lsn wp_mapper_position(const wp_mapper *m)
{
    return m->page_lsn + m->partial_bytes;
}

const wp_mapper_stats *wp_mapper_statistics(const wp_mapper *m)
{
    return &m->learner.stats;
}

void wp_mapper_free(wp_mapper *m)
{
    if (!m)
        return;
    wpi_learner_fini(&m->learner);
    free(m->join.buffer);
    free(m);
}
