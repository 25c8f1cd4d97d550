/*
 * story.c - statements as the WAL shows them.
 */
#include "story.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PG_TABLESPACE 1213u
#define PG_TYPE 1247u
#define PG_ATTRIBUTE 1249u
#define PG_CLASS 1259u
#define PG_AUTHID 1260u
#define PG_DATABASE 1262u
#define PG_DEPEND 2608u
#define PG_INDEX 2610u
#define PG_NAMESPACE 2615u

#define PAGE_BYTES WAL_PAGE_BYTES
#define MAX_PAGES 64
#define MAX_ROWS 2048
#define MAX_LEVELS 6
#define MAX_XACTS 8
#define MAX_LIST 128
#define TUPLE_HEADER 23u
#define INFOMASK_DEAD 0x0800 /* xmax invalid */
#define INFOMASK_NULLS 0x0001
#define INFOMASK_OID 0x0008

typedef struct heap_page {
    wp_locator locator;
    uint32_t block;
    bool was_imaged; /* since the last checkpoint */
    uint8_t at[PAGE_BYTES];
} heap_page;

/* A version of a row: where it lies, and whether it is the one to be found now. */
typedef struct row {
    wp_oid db, catalog, key;
    size_t page;
    uint16_t offset;
    bool is_current;
} row;

typedef struct undo {
    size_t row;
    bool was_current;
} undo;

/* What a transaction, or a savepoint in it, has done so far. */
typedef struct level {
    wp_xid xid;
    wp_locator gone[MAX_LIST], made[MAX_LIST];
    wp_oid stats[MAX_LIST], relcache[MAX_LIST], locks[MAX_LIST];
    wp_xid subxids[MAX_LIST];
    undo undo[MAX_LIST];
    uint32_t ngone, nmade, nstats, nrelcache, nlocks, nsubxids, nundo;
} level;

typedef struct xact {
    bool is_open;
    char gid[64]; /* prepared when not empty */
    unsigned nlevels;
    level levels[MAX_LEVELS];
} xact;

struct story {
    story_options options;
    wal_builder *wal;
    wp_time time;
    heap_page *pages;
    size_t npages;
    row *rows;
    size_t nrows;
    xact *xacts;
    xact *now;
    wp_oid class_filenode; /* 0: pg_class has not moved */
};

/* ---- the story itself ---- */

static void *must(void *p)
{
    if (!p)
        abort();
    return p;
}

/* What the story freed last leaves to the next one, in which no transaction is open: under AddressSanitizer fresh
   memory costs more than a story. */
static struct {
    heap_page *pages;
    row *rows;
    xact *xacts;
} spare;

story *story_new(const story_options *options)
{
    story *s = must(calloc(1, sizeof *s));
    s->options = *options;
    if (s->options.db == 0)
        s->options.db = STORY_DB;
    s->wal = wal_new_with(&options->wal);
    s->time = WAL_NOON;
    s->pages = spare.pages ? spare.pages : must(malloc(MAX_PAGES * sizeof *s->pages));
    s->rows = spare.rows ? spare.rows : must(malloc(MAX_ROWS * sizeof *s->rows));
    s->xacts = spare.xacts ? spare.xacts : must(calloc(MAX_XACTS, sizeof *s->xacts));
    memset(&spare, 0, sizeof spare);
    checkpoint(s);
    return s;
}

void story_free(story *s)
{
    if (!s)
        return;
    wal_free(s->wal);
    free(spare.pages);
    free(spare.rows);
    free(spare.xacts);
    for (size_t i = 0; i < MAX_XACTS; i++)
        s->xacts[i].is_open = false;
    spare.pages = s->pages;
    spare.rows = s->rows;
    spare.xacts = s->xacts;
    free(s);
}

wal_builder *story_wal(story *s)
{
    return s->wal;
}

wp_oid story_db(const story *s)
{
    return s->options.db;
}

void in_database(story *s, wp_oid db)
{
    s->options.db = db;
}

void story_time(story *s, wp_time time)
{
    s->time = time;
}

static bool is_logical(const story *s)
{
    return s->options.level == LEVEL_LOGICAL;
}

static bool is_minimal(const story *s)
{
    return s->options.level == LEVEL_MINIMAL;
}

void checkpoint(story *s)
{
    for (size_t i = 0; i < s->npages; i++)
        s->pages[i].was_imaged = false;
    wal_checkpoint(s->wal, true, 690);
}

/* ---- transactions ---- */

static level *innermost(const story *s)
{
    assert(s->now && s->now->nlevels > 0);
    return &s->now->levels[s->now->nlevels - 1];
}

wp_xid current_xid(const story *s)
{
    return innermost(s)->xid;
}

static wp_xid toplevel_of_savepoint(const story *s)
{
    return is_logical(s) && s->now->nlevels > 1 ? s->now->levels[0].xid : 0;
}

static xact *find_xact(story *s, wp_xid xid)
{
    for (size_t i = 0; i < MAX_XACTS; i++)
        if (s->xacts[i].is_open && s->xacts[i].levels[0].xid == xid)
            return &s->xacts[i];
    return NULL;
}

void begin(story *s, wp_xid xid)
{
    size_t i = 0;
    while (i < MAX_XACTS && s->xacts[i].is_open)
        i++;
    assert(i < MAX_XACTS);
    s->now = &s->xacts[i];
    s->now->is_open = true;
    s->now->gid[0] = '\0';
    s->now->nlevels = 1;
    s->now->levels[0] = (level){ .xid = xid };
}

void switch_to(story *s, wp_xid xid)
{
    s->now = find_xact(s, xid);
    assert(s->now);
}

void savepoint(story *s, wp_xid subxid)
{
    assert(s->now->nlevels < MAX_LEVELS);
    s->now->nlevels++;
    *innermost(s) = (level){ .xid = subxid };
    if (is_logical(s))
        wal_assignment(s->wal, s->now->levels[0].xid, &subxid, 1);
}

#define APPEND(to, nto, from, nfrom)                             \
    do {                                                         \
        assert((nto) + (nfrom) <= MAX_LIST);                     \
        memcpy((to) + (nto), (from), (nfrom) * sizeof(from)[0]); \
        (nto) += (nfrom);                                        \
    } while (0)

void release(story *s)
{
    const level *from = innermost(s);
    s->now->nlevels--;
    level *to = innermost(s);
    APPEND(to->gone, to->ngone, from->gone, from->ngone);
    APPEND(to->made, to->nmade, from->made, from->nmade);
    APPEND(to->stats, to->nstats, from->stats, from->nstats);
    APPEND(to->relcache, to->nrelcache, from->relcache, from->nrelcache);
    APPEND(to->locks, to->nlocks, from->locks, from->nlocks);
    APPEND(to->undo, to->nundo, from->undo, from->nundo);
    APPEND(to->subxids, to->nsubxids, (&from->xid), 1);
    APPEND(to->subxids, to->nsubxids, from->subxids, from->nsubxids);
}

/* Rows are again what they were. */
static void take_back(story *s, const level *of)
{
    for (uint32_t i = of->nundo; i-- > 0;)
        s->rows[of->undo[i].row].is_current = of->undo[i].was_current;
}

static wal_xact abort_record(story *s, const level *of)
{
    return (wal_xact){ .xid = of->xid,
                       .time = s->time,
                       .subxids = of->subxids,
                       .nsubxids = of->nsubxids,
                       .rels = of->made,
                       .nrels = of->nmade };
}

void rollback_to(story *s)
{
    assert(s->now->nlevels > 1);
    const level *gone = innermost(s);
    const wal_xact record = abort_record(s, gone);
    wal_abort(s->wal, &record);
    take_back(s, gone);
    s->now->nlevels--;
}

static wal_xact commit_record(story *s, const level *of)
{
    const bool needs_db = is_logical(s) || (!is_minimal(s) && of->nrelcache > 0);
    wal_xact record = { .xid = of->xid,
                        .time = s->time,
                        .db = needs_db || of->nstats > 0 ? s->options.db : 0,
                        .subxids = of->subxids,
                        .nsubxids = of->nsubxids,
                        .rels = of->gone,
                        .nrels = of->ngone,
                        .stats = of->stats,
                        .nstats = of->nstats,
                        .relcache = of->relcache,
                        .nrelcache = is_minimal(s) ? 0 : of->nrelcache,
                        .locks = of->locks,
                        .nlocks = of->nlocks,
                        .log_gid = is_logical(s) };
    if (of->nlocks > 0 && wal_version(s->wal) >= 1000)
        record.more_xinfo = 0x40;
    s->time += 1000000;
    return record;
}

static void close_xact(story *s)
{
    s->now->is_open = false;
    s->now = NULL;
}

wp_lsn commit(story *s)
{
    while (s->now->nlevels > 1)
        release(s);
    const wal_xact record = commit_record(s, innermost(s));
    close_xact(s);
    return wal_commit(s->wal, &record);
}

wp_lsn rollback(story *s)
{
    while (s->now->nlevels > 1)
        release(s);
    const level *of = innermost(s);
    const wal_xact record = abort_record(s, of);
    take_back(s, of);
    close_xact(s);
    return wal_abort(s->wal, &record);
}

wp_lsn prepare(story *s, const char *gid)
{
    while (s->now->nlevels > 1)
        release(s);
    wal_xact record = commit_record(s, innermost(s));
    record.gid = gid;
    record.db = s->options.db;
    snprintf(s->now->gid, sizeof s->now->gid, "%s", gid);
    s->now = NULL;
    return wal_prepare(s->wal, &record);
}

static void switch_to_prepared(story *s, const char *gid)
{
    for (size_t i = 0; i < MAX_XACTS; i++)
        if (s->xacts[i].is_open && strcmp(s->xacts[i].gid, gid) == 0)
            s->now = &s->xacts[i];
    assert(s->now);
}

wp_lsn commit_prepared(story *s, const char *gid)
{
    switch_to_prepared(s, gid);
    wal_xact record = commit_record(s, innermost(s));
    record.gid = gid;
    close_xact(s);
    return wal_commit_prepared(s->wal, &record);
}

wp_lsn rollback_prepared(story *s, const char *gid)
{
    switch_to_prepared(s, gid);
    wal_xact record = abort_record(s, innermost(s));
    record.gid = gid;
    record.log_gid = is_logical(s);
    take_back(s, innermost(s));
    close_xact(s);
    return wal_abort_prepared(s->wal, &record);
}

/* ---- heap pages of catalogs ---- */

static uint16_t get_u16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static uint32_t get_u32(const uint8_t *at)
{
    return get_u16(at) | (uint32_t)get_u16(at + 2) << 16;
}

static void page_clear(heap_page *page, wp_locator locator, uint32_t block)
{
    *page = (heap_page){ .locator = locator, .block = block };
    set_u16(page->at + 12, 24);
    set_u16(page->at + 14, PAGE_BYTES);
    set_u16(page->at + 16, PAGE_BYTES);
    set_u16(page->at + 18, 0x2004);
}

static uint16_t page_items(const heap_page *page)
{
    return (uint16_t)((get_u16(page->at + 12) - 24) / 4);
}

/* Where the line pointer of that number lies. */
static size_t item_at(uint16_t offset)
{
    return 24 + ((size_t)offset - 1) * 4;
}

static uint8_t *page_tuple(heap_page *page, uint16_t offset, uint16_t *len)
{
    assert(offset >= 1 && offset <= page_items(page));
    const uint32_t item = get_u32(page->at + item_at(offset));
    assert((item >> 15 & 3) == 1);
    *len = (uint16_t)(item >> 17);
    return page->at + (item & 0x7FFF);
}

/* A line pointer that a prune left unused, else a new one. */
static uint16_t free_offset(const heap_page *page)
{
    const uint16_t n = page_items(page);
    for (uint16_t i = 1; i <= n; i++)
        if (get_u32(page->at + item_at(i)) == 0)
            return i;
    return (uint16_t)(n + 1);
}

/* Puts a tuple on the page; 0 when it does not fit. */
static uint16_t page_add(heap_page *page, wp_xid xid, const wal_tuple *tuple)
{
    const size_t len = TUPLE_HEADER + tuple->body.len;
    const size_t room = (len + 7) & ~(size_t)7;
    const uint16_t lower = get_u16(page->at + 12), upper = get_u16(page->at + 14);
    if ((size_t)(upper - lower) < room + 4)
        return 0;
    const uint16_t offset = free_offset(page), start = (uint16_t)(upper - room);
    if (offset > page_items(page))
        set_u16(page->at + 12, (uint16_t)(lower + 4));
    set_u16(page->at + 14, start);
    set_u32(page->at + item_at(offset), start | UINT32_C(1) << 15 | (uint32_t)len << 17);
    uint8_t *t = page->at + start;
    memset(t, 0, TUPLE_HEADER);
    set_u32(t, xid);
    set_u16(t + 12, (uint16_t)(page->block >> 16));
    set_u16(t + 14, (uint16_t)page->block);
    set_u16(t + 16, offset);
    set_u16(t + 18, tuple->infomask2);
    set_u16(t + 20, tuple->infomask);
    t[22] = tuple->hoff;
    memcpy(t + TUPLE_HEADER, tuple->body.bytes, tuple->body.len);
    return offset;
}

static void page_kill(heap_page *page, uint16_t offset, wp_xid xid)
{
    uint16_t len;
    uint8_t *t = page_tuple(page, offset, &len);
    set_u32(t + 4, xid);
    set_u16(t + 20, (uint16_t)(get_u16(t + 20) & ~INFOMASK_DEAD));
}

static wp_locator catalog_file(const story *s, wp_oid catalog)
{
    if (catalog == PG_DATABASE || catalog == PG_AUTHID || catalog == PG_TABLESPACE)
        return (wp_locator){ 1664, 0, catalog };
    if (catalog == PG_CLASS && s->class_filenode != 0)
        return (wp_locator){ 1663, s->options.db, s->class_filenode };
    return (wp_locator){ 1663, s->options.db, catalog };
}

static bool same_file(wp_locator a, wp_locator b)
{
    return a.spc == b.spc && a.db == b.db && a.rel == b.rel;
}

/* The last page of a catalog, or one more behind it. */
static size_t catalog_page(story *s, wp_oid catalog, bool another)
{
    const wp_locator file = catalog_file(s, catalog);
    uint32_t blocks = 0;
    for (size_t i = s->npages; i-- > 0;)
        if (same_file(s->pages[i].locator, file)) {
            if (!another)
                return i;
            blocks++;
        }
    assert(s->npages < MAX_PAGES);
    page_clear(&s->pages[s->npages], file, blocks);
    return s->npages++;
}

/* Where a record works, with the image that full_page_writes asks for. Call it after the change. */
static wal_heap heap_at(story *s, size_t page, uint16_t offset, bool init)
{
    heap_page *p = &s->pages[page];
    wal_heap at = { .xid = current_xid(s),
                    .toplevel_xid = toplevel_of_savepoint(s),
                    .locator = p->locator,
                    .block = p->block,
                    .offset = offset,
                    .init = init,
                    .clears_map = offset % 2 == 1 && !init };
    if (s->options.images != WAL_IMAGE_NONE && !p->was_imaged && !init) {
        at.page = p->at;
        at.packing = s->options.images;
    }
    p->was_imaged = true;
    return at;
}

static void set_current(story *s, size_t row_index, bool is_current)
{
    level *to = innermost(s);
    assert(to->nundo < MAX_LIST);
    to->undo[to->nundo++] = (undo){ row_index, s->rows[row_index].is_current };
    s->rows[row_index].is_current = is_current;
}

static void add_row(story *s, wp_oid catalog, wp_oid key, size_t page, uint16_t offset)
{
    assert(s->nrows < MAX_ROWS);
    s->rows[s->nrows] = (row){ s->options.db, catalog, key, page, offset, false };
    set_current(s, s->nrows++, true);
}

static size_t find_row(const story *s, wp_oid catalog, wp_oid key)
{
    for (size_t i = s->nrows; i-- > 0;)
        if (s->rows[i].is_current && s->rows[i].catalog == catalog && s->rows[i].key == key
            && (s->rows[i].db == s->options.db || catalog == PG_DATABASE))
            return i;
    fprintf(stderr, "# no row %u in catalog %u\n", key, catalog);
    abort();
}

/* ---- catalog rows ---- */

/* A row as it lies on a page from byte 23 on. oid 0: the catalog has no oid, or it is a column. */
static blob tuple_body(const story *s, wp_oid oid, uint16_t natts, bool has_nulls,
                       const blob *columns, wal_tuple *out)
{
    const size_t align = wal_max_align(s->wal);
    const size_t bitmap = has_nulls ? (natts + 7u) / 8 : 0;
    const size_t hoff = (TUPLE_HEADER + bitmap + (oid ? 4 : 0) + align - 1) / align * align;
    blob body = { 0 };
    for (size_t i = 0; i < bitmap; i++)
        put_u8(&body, i + 1 < bitmap ? 0xFF : 0x01);
    put_zeros(&body, hoff - TUPLE_HEADER - body.len);
    if (oid)
        set_u32(body.at + body.len - 4, oid);
    put_view(&body, view_of(columns));
    *out = (wal_tuple){ .infomask2 = natts,
                        .infomask = (uint16_t)(INFOMASK_DEAD | (has_nulls ? INFOMASK_NULLS : 0)
                                               | (oid ? INFOMASK_OID : 0)),
                        .hoff = (uint8_t)hoff,
                        .body = view_of(&body) };
    return body;
}

typedef struct catalog_row {
    wp_oid catalog, key;
    bool has_oid, has_nulls;
    uint16_t natts;
    blob columns;
} catalog_row;

static blob row_body(const story *s, const catalog_row *r, wal_tuple *tuple)
{
    const bool in_header = r->has_oid && wal_profile(s->wal)->catalog.oid_in_header;
    return tuple_body(s, in_header ? r->key : 0, r->natts, r->has_nulls, &r->columns, tuple);
}

/* Finds room on the last page or on a new one. */
static uint16_t place(story *s, const catalog_row *r, const wal_tuple *tuple, size_t *page,
                      bool *init)
{
    *page = catalog_page(s, r->catalog, false);
    uint16_t offset = page_add(&s->pages[*page], current_xid(s), tuple);
    if (offset == 0) {
        *page = catalog_page(s, r->catalog, true);
        offset = page_add(&s->pages[*page], current_xid(s), tuple);
        assert(offset != 0);
    }
    *init = offset == 1 && page_items(&s->pages[*page]) == 1;
    return offset;
}

static void insert_row(story *s, catalog_row r)
{
    wal_tuple tuple;
    blob body = row_body(s, &r, &tuple);
    size_t page;
    bool init;
    const uint16_t offset = place(s, &r, &tuple, &page, &init);
    const wal_heap at = heap_at(s, page, offset, init);
    wal_heap_insert(s->wal, &at, &tuple);
    add_row(s, r.catalog, r.key, page, offset);
    blob_free(&body);
    blob_free(&r.columns);
}

static void delete_row(story *s, wp_oid catalog, wp_oid key)
{
    const size_t i = find_row(s, catalog, key);
    const row *r = &s->rows[i];
    page_kill(&s->pages[r->page], r->offset, current_xid(s));
    const wal_heap at = heap_at(s, r->page, r->offset, false);
    wal_heap_delete(s->wal, &at);
    set_current(s, i, false);
}

static uint16_t common_start(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t i = 0;
    while (i < n && a[i] == b[i])
        i++;
    return i >= 3 ? (uint16_t)i : 0;
}

static uint16_t common_end(const uint8_t *a, size_t alen, const uint8_t *b, size_t blen,
                           size_t most)
{
    size_t i = 0;
    while (i < most && a[alen - 1 - i] == b[blen - 1 - i])
        i++;
    return i >= 3 ? (uint16_t)i : 0;
}

static void update_row(story *s, catalog_row r)
{
    const size_t old_index = find_row(s, r.catalog, r.key);
    const row old = s->rows[old_index];
    wal_tuple tuple;
    blob body = row_body(s, &r, &tuple);
    tuple.infomask |= 0x2000;

    heap_page *old_page = &s->pages[old.page];
    uint16_t old_len;
    const uint8_t *t = page_tuple(old_page, old.offset, &old_len);
    blob before = { 0 };
    put_raw(&before, t + t[22], (size_t)old_len - t[22]);

    page_kill(old_page, old.offset, current_xid(s));
    size_t page = old.page;
    bool init = false;
    uint16_t offset = page_add(old_page, current_xid(s), &tuple);
    if (offset == 0)
        offset = place(s, &r, &tuple, &page, &init);
    const wal_heap at = heap_at(s, page, offset, init);

    uint16_t prefix = 0, suffix = 0;
    if (page == old.page && !at.page) {
        const size_t n = before.len < r.columns.len ? before.len : r.columns.len;
        prefix = common_start(before.at, r.columns.at, n);
        suffix = common_end(before.at, before.len, r.columns.at, r.columns.len, n - prefix);
    }
    wal_heap_update(s->wal, &at, page == old.page, s->pages[old.page].block, old.offset, &tuple,
                    prefix, suffix);
    set_current(s, old_index, false);
    add_row(s, r.catalog, r.key, page, offset);
    blob_free(&before);
    blob_free(&body);
    blob_free(&r.columns);
}

static void inplace_row(story *s, catalog_row r)
{
    const row *old = &s->rows[find_row(s, r.catalog, r.key)];
    uint16_t len;
    uint8_t *t = page_tuple(&s->pages[old->page], old->offset, &len);
    assert((size_t)len - t[22] == r.columns.len);
    memcpy(t + t[22], r.columns.at, r.columns.len);
    wal_heap at = heap_at(s, old->page, old->offset, false);
    at.clears_map = false; /* in place, a row stays as visible as it was */
    wal_heap_inplace(s->wal, &at, view_of(&r.columns));
    blob_free(&r.columns);
}

static catalog_row raw_row(wp_oid catalog, wp_oid oid, wp_view columns)
{
    blob b = { 0 };
    put_raw(&b, columns.bytes, columns.len);
    return (catalog_row){ catalog, oid, true, true, 20, b };
}

void raw_insert(story *s, wp_oid catalog, wp_oid oid, wp_view columns)
{
    insert_row(s, raw_row(catalog, oid, columns));
}

void raw_update(story *s, wp_oid catalog, wp_oid oid, wp_view columns)
{
    update_row(s, raw_row(catalog, oid, columns));
}

void raw_delete(story *s, wp_oid catalog, wp_oid oid)
{
    delete_row(s, catalog, oid);
}

/* ---- what is in the rows ---- */

bool has_file(const relation *r)
{
    return r->kind == 0 || strchr("rimtS", r->kind) != NULL;
}

static wp_oid filenode_of(const relation *r)
{
    if (!has_file(r))
        return 0;
    return r->filenode ? r->filenode : r->oid;
}

wp_locator file_of(const story *s, const relation *r)
{
    return (wp_locator){ r->tablespace ? r->tablespace : 1663, s->options.db, filenode_of(r) };
}

/* Columns of a row that are all zero but for what is set by offset. */
static blob blank_columns(size_t len)
{
    blob b = { 0 };
    put_zeros(&b, len);
    return b;
}

static void set_name(blob *b, int16_t at, const char *name)
{
    assert(strlen(name) < WP_NAME_BYTES);
    memcpy(b->at + at, name, strlen(name));
}

static catalog_row class_row(const story *s, const relation *r)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    /* relfrozenxid and relminmxid end the fixed columns. */
    const size_t len = at->relrewrite_at >= 0 ? (size_t)at->relrewrite_at + 12 : 136;
    blob b = blank_columns(len);
    if (!at->oid_in_header)
        set_u32(b.at, r->oid);
    set_name(&b, at->relname_at, r->name);
    set_u32(b.at + at->relnamespace_at, r->nsp ? r->nsp : 2200);
    set_u32(b.at + at->relnamespace_at + 4, r->rowtype);
    set_u32(b.at + at->relfilenode_at, filenode_of(r));
    set_u32(b.at + at->reltablespace_at, r->tablespace);
    set_u32(b.at + at->reltoastrelid_at, r->toast);
    b.at[at->relpersistence_at] = (uint8_t)(r->persistence ? r->persistence : 'p');
    b.at[at->relkind_at] = (uint8_t)(r->kind ? r->kind : 'r');
    if (at->relispartition_at >= 0)
        b.at[at->relispartition_at] = r->is_partition;
    if (at->relrewrite_at >= 0)
        set_u32(b.at + at->relrewrite_at, r->rewrites);
    return (catalog_row){ PG_CLASS, r->oid, true, true, 33, b };
}

void class_insert(story *s, const relation *r)
{
    insert_row(s, class_row(s, r));
    invalidate(s, r->oid);
}

void class_update(story *s, const relation *r)
{
    update_row(s, class_row(s, r));
    invalidate(s, r->oid);
}

void class_inplace(story *s, const relation *r)
{
    inplace_row(s, class_row(s, r));
}

void class_delete(story *s, const relation *r)
{
    delete_row(s, PG_CLASS, r->oid);
    invalidate(s, r->oid);
    level *to = innermost(s);
    assert(to->nstats < MAX_LIST);
    to->stats[to->nstats++] = r->oid;
}

void class_multi_insert(story *s, const relation *const *rels, uint16_t n)
{
    wal_tuple tuples[16];
    blob bodies[16];
    uint16_t offsets[16];
    size_t page = 0;
    bool init = false;
    assert(n > 0 && n <= 16);
    for (uint16_t i = 0; i < n; i++) {
        catalog_row r = class_row(s, rels[i]);
        bodies[i] = row_body(s, &r, &tuples[i]);
        bool is_first;
        const size_t last_page = page;
        offsets[i] = place(s, &r, &tuples[i], &page, &is_first);
        assert(i == 0 || page == last_page);
        init = init || is_first;
        blob_free(&r.columns);
    }
    const wal_heap at = heap_at(s, page, offsets[0], init);
    wal_heap_multi_insert(s->wal, &at, offsets, tuples, n);
    for (uint16_t i = 0; i < n; i++) {
        add_row(s, PG_CLASS, rels[i]->oid, page, offsets[i]);
        invalidate(s, rels[i]->oid);
        blob_free(&bodies[i]);
    }
}

static catalog_row index_row(const story *s, const relation *r)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    blob b = blank_columns((size_t)at->indislive_at + 30);
    set_u32(b.at, r->oid);
    set_u32(b.at + at->indrelid_at, r->indexed);
    b.at[at->indislive_at] = !r->is_dying;
    return (catalog_row){ PG_INDEX, r->oid, false, true, 20, b };
}

void index_insert(story *s, const relation *index)
{
    insert_row(s, index_row(s, index));
}

void index_update(story *s, const relation *index)
{
    update_row(s, index_row(s, index));
}

void index_delete(story *s, const relation *index)
{
    delete_row(s, PG_INDEX, index->oid);
}

static void insert_depend(story *s, wp_oid key, const uint32_t fields[6], char deptype)
{
    blob b = { 0 };
    for (size_t i = 0; i < 6; i++)
        put_u32(&b, fields[i]);
    put_u8(&b, (uint8_t)deptype);
    insert_row(s, (catalog_row){ PG_DEPEND, key, false, false, 7, b });
}

/* "sequence goes when the table goes": deptype a. */
void depend_insert(story *s, const relation *sequence)
{
    const uint32_t fields[] = { PG_CLASS, sequence->oid, 0, PG_CLASS, sequence->owner_table, 1 };
    insert_depend(s, sequence->oid, fields, 'a');
}

/* Rows of a story are found by one number. */
static wp_oid depend_key(wp_oid oid, uint32_t sub, wp_oid on)
{
    return (oid * 2654435761u) ^ (on << 7) ^ sub;
}

void depends(story *s, wp_oid catalog, wp_oid oid, uint32_t sub, wp_oid on_catalog, wp_oid on,
             char deptype)
{
    const uint32_t fields[] = { catalog, oid, sub, on_catalog, on, 0 };
    insert_depend(s, depend_key(oid, sub, on), fields, deptype);
}

void depends_no_more(story *s, wp_oid oid, uint32_t sub, wp_oid on)
{
    delete_row(s, PG_DEPEND, depend_key(oid, sub, on));
}

static catalog_row column_row(const story *s, const relation *r, uint16_t number, const char *name)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    blob b = blank_columns((size_t)at->attisdropped_at + 12);
    set_u32(b.at, r->oid);
    set_name(&b, 4, name);
    set_u32(b.at + 68, 23); /* atttypid */
    set_u16(b.at + at->attnum_at, number);
    b.at[at->attisdropped_at + 1] = 1; /* attislocal */
    return (catalog_row){ PG_ATTRIBUTE, r->oid * 2048 + number, false, true, 25, b };
}

void column_insert(story *s, const relation *r, uint16_t number, const char *name)
{
    insert_row(s, column_row(s, r, number, name));
    invalidate(s, r->oid);
}

void column_rename(story *s, const relation *r, uint16_t number, const char *name)
{
    lock(s, r->oid);
    update_row(s, column_row(s, r, number, name));
    invalidate(s, r->oid);
}

void column_drop(story *s, const relation *r, uint16_t number)
{
    char name[40];
    snprintf(name, sizeof name, "........pg.dropped.%u........", number);
    catalog_row dropped = column_row(s, r, number, name);
    set_u32(dropped.columns.at + 68, 0);
    dropped.columns.at[wal_profile(s->wal)->catalog.attisdropped_at] = 1;
    lock(s, r->oid);
    update_row(s, dropped);
    invalidate(s, r->oid);
}

void depend_delete(story *s, const relation *sequence)
{
    delete_row(s, PG_DEPEND, sequence->oid);
}

void type_insert(story *s, const relation *r)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    blob b = blank_columns((size_t)at->typrelid_at + 60);
    if (!at->oid_in_header)
        set_u32(b.at, r->rowtype);
    set_name(&b, at->typname_at, r->name);
    set_u32(b.at + at->typnamespace_at, r->nsp ? r->nsp : 2200);
    b.at[at->typtype_at] = 'c';
    set_u32(b.at + at->typrelid_at, r->oid);
    insert_row(s, (catalog_row){ PG_TYPE, r->rowtype, true, true, 30, b });
}

void type_delete(story *s, const relation *r)
{
    delete_row(s, PG_TYPE, r->rowtype);
}

static catalog_row namespace_row(const story *s, wp_oid oid, const char *name)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    blob b = blank_columns((size_t)at->nspname_at + 68);
    if (!at->oid_in_header)
        set_u32(b.at, oid);
    set_name(&b, at->nspname_at, name);
    set_u32(b.at + at->nspname_at + 64, 10);
    return (catalog_row){ PG_NAMESPACE, oid, true, true, 4, b };
}

void create_schema(story *s, wp_oid oid, const char *name)
{
    insert_row(s, namespace_row(s, oid, name));
}

void rename_schema(story *s, wp_oid oid, const char *name)
{
    update_row(s, namespace_row(s, oid, name));
}

void drop_schema(story *s, wp_oid oid)
{
    delete_row(s, PG_NAMESPACE, oid);
}

void database_insert(story *s, wp_oid db, const char *name)
{
    const wp_catalog_layout *at = &wal_profile(s->wal)->catalog;
    blob b = blank_columns((size_t)at->dattablespace_at + 4 + 130);
    if (!at->oid_in_header)
        set_u32(b.at, db);
    set_name(&b, at->datname_at, name);
    set_u32(b.at + at->dattablespace_at, 1663);
    insert_row(s, (catalog_row){ PG_DATABASE, db, true, true, 14, b });
}

void database_delete(story *s, wp_oid db)
{
    delete_row(s, PG_DATABASE, db);
}

void prune_class_page_of(story *s, const relation *r)
{
    const row *at = &s->rows[find_row(s, PG_CLASS, r->oid)];
    heap_page *page = &s->pages[at->page];
    uint16_t unused[256], n = 0;
    for (size_t i = 0; i < s->nrows; i++) {
        const row *other = &s->rows[i];
        if (other->page != at->page || other->is_current || n == 256)
            continue;
        uint8_t *item = page->at + item_at(other->offset);
        if (get_u32(item) == 0)
            continue;
        bool is_reused = false;
        for (size_t j = i + 1; j < s->nrows; j++)
            is_reused |= s->rows[j].page == at->page && s->rows[j].offset == other->offset;
        if (is_reused)
            continue;
        set_u32(item, 0);
        unused[n++] = other->offset;
    }
    const wal_heap where = heap_at(s, at->page, 0, false);
    wal_heap_prune(s->wal, &where, unused, n);
}

void move_pg_class(story *s, wp_oid filenode)
{
    const wp_locator old = catalog_file(s, PG_CLASS);
    s->class_filenode = filenode;
    const wp_locator new = catalog_file(s, PG_CLASS);
    create_file(s, new);
    for (size_t i = 0; i < s->npages; i++) {
        heap_page *page = &s->pages[i];
        if (!same_file(page->locator, old))
            continue;
        page->locator = new;
        page->was_imaged = true;
        wal_image(s->wal, current_xid(s), new, page->block, page->at, WAL_IMAGE_HOLE);
    }
    unlink_at_commit(s, old);
    wal_relmap(s->wal, current_xid(s), s->options.db, PG_CLASS, filenode);
}

/* ---- pieces of statements ---- */

void lock(story *s, wp_oid rel)
{
    level *to = innermost(s);
    assert(to->nlocks < MAX_LIST);
    to->locks[to->nlocks++] = rel;
    if (is_minimal(s))
        return;
    /* Before 10 the record bore no xid, and the top-level one held the lock. */
    if (wal_version(s->wal) < 1000)
        wal_lock(s->wal, 0, s->now->levels[0].xid, s->options.db, rel);
    else
        wal_lock(s->wal, current_xid(s), current_xid(s), s->options.db, rel);
}

static void create_file_as(story *s, wp_locator locator, wp_xid xid)
{
    level *to = innermost(s);
    assert(to->nmade < MAX_LIST);
    to->made[to->nmade++] = locator;
    wal_storage_create(s->wal, xid, locator, 0);
}

void create_file(story *s, wp_locator locator)
{
    create_file_as(s, locator, current_xid(s));
}

void unlink_at_commit(story *s, wp_locator locator)
{
    level *to = innermost(s);
    assert(to->ngone < MAX_LIST);
    to->gone[to->ngone++] = locator;
}

void invalidate(story *s, wp_oid rel)
{
    level *to = innermost(s);
    for (uint32_t i = 0; i < to->nrelcache; i++)
        if (to->relcache[i] == rel)
            return;
    assert(to->nrelcache < MAX_LIST);
    to->relcache[to->nrelcache++] = rel;
}

/* ---- statements ---- */

static bool is_temp(const relation *r)
{
    return r->persistence == 't';
}

void create(story *s, relation *r)
{
    r->filenode = filenode_of(r);
    /* Files of temporary tables are not WAL-logged. */
    const bool has_logged_file = has_file(r) && !is_temp(r);
    const bool lock_first = wal_version(s->wal) >= 1200 && !is_minimal(s);
    if (lock_first)
        lock(s, r->oid);
    if (has_logged_file && lock_first && r->kind != 'i')
        create_file(s, file_of(s, r));
    else if (has_logged_file)
        create_file_as(s, file_of(s, r), 0);
    if (r->rowtype)
        type_insert(s, r);
    class_insert(s, r);
    if (!lock_first)
        lock(s, r->oid);
    if (r->indexed)
        index_insert(s, r);
    if (r->owner_table)
        depend_insert(s, r);
}

void drop(story *s, const relation *r)
{
    lock(s, r->oid);
    if (r->rowtype)
        type_delete(s, r);
    if (r->indexed)
        index_delete(s, r);
    class_delete(s, r);
    if (r->owner_table)
        depend_delete(s, r);
    if (has_file(r) && !is_temp(r))
        unlink_at_commit(s, file_of(s, r));
}

void rename_to(story *s, relation *r, const char *name)
{
    lock(s, r->oid);
    r->name = name;
    class_update(s, r);
}

void set_schema(story *s, relation *r, wp_oid nsp)
{
    lock(s, r->oid);
    r->nsp = nsp;
    class_update(s, r);
}

void new_file(story *s, relation *r, wp_oid filenode)
{
    lock(s, r->oid);
    const wp_locator old = file_of(s, r);
    r->filenode = filenode;
    create_file(s, file_of(s, r));
    unlink_at_commit(s, old);
    class_update(s, r);
}

void log_truncate(story *s, const relation *r)
{
    if (is_logical(s) && wal_profile(s->wal)->has_heap_truncate)
        wal_heap_truncate(s->wal, current_xid(s), s->options.db, &r->oid, 1, 0);
}

void swap_files(story *s, relation *a, relation *b)
{
    lock(s, a->oid);
    const wp_oid filenode = filenode_of(a);
    a->filenode = filenode_of(b);
    b->filenode = filenode;
    class_update(s, a);
    class_update(s, b);
}

void rewrite(story *s, relation *r, wp_oid transient_oid)
{
    rewrite_with_rows(s, r, transient_oid, 0);
}

void rewrite_with_rows(story *s, relation *r, wp_oid transient_oid, unsigned rows)
{
    char name[32];
    snprintf(name, sizeof name, "pg_temp_%u", r->oid);
    relation transient = { .oid = transient_oid,
                           .name = name,
                           .nsp = r->nsp,
                           .kind = r->kind == 'm' ? 'm' : 'r',
                           .filenode = transient_oid,
                           .rewrites = r->oid };
    lock(s, r->oid);
    create_file(s, file_of(s, &transient));
    class_insert(s, &transient);
    if (rows)
        insert_rows(s, &transient, rows);
    const wp_locator old = file_of(s, r);
    transient.filenode = filenode_of(r);
    r->filenode = transient_oid;
    class_update(s, r);
    class_update(s, &transient);
    class_delete(s, &transient);
    unlink_at_commit(s, old);
}

void set_tablespace(story *s, relation *r, wp_oid tablespace, wp_oid filenode)
{
    uint8_t page[PAGE_BYTES];
    heap_page blank;
    page_clear(&blank, file_of(s, r), 0);
    memcpy(page, blank.at, sizeof page);
    lock(s, r->oid);
    const wp_locator old = file_of(s, r);
    r->tablespace = tablespace;
    r->filenode = filenode;
    create_file(s, file_of(s, r));
    wal_image(s->wal, current_xid(s), file_of(s, r), 0, page, WAL_IMAGE_HOLE);
    unlink_at_commit(s, old);
    class_update(s, r);
}

/* ---- rows of tables whose content does not matter ---- */

static wal_heap table_at(const story *s, const relation *r, unsigned i)
{
    return (wal_heap){ .xid = current_xid(s),
                       .toplevel_xid = toplevel_of_savepoint(s),
                       .locator = file_of(s, r),
                       .block = i / 100,
                       .offset = (uint16_t)(i % 100 + 1) };
}

void insert_rows(story *s, const relation *r, unsigned n)
{
    const wal_tuple tuple = wal_any_tuple();
    for (unsigned i = 0; i < n; i++) {
        wal_heap at = table_at(s, r, i);
        at.init = at.offset == 1;
        wal_heap_insert(s->wal, &at, &tuple);
    }
}

void multi_insert_rows(story *s, const relation *r, uint16_t n)
{
    wal_tuple tuples[64];
    uint16_t offsets[64];
    assert(n <= 64);
    for (uint16_t i = 0; i < n; i++) {
        tuples[i] = wal_any_tuple();
        offsets[i] = (uint16_t)(i + 1);
    }
    const wal_heap at = table_at(s, r, 0);
    wal_heap_multi_insert(s->wal, &at, offsets, tuples, n);
}

void update_rows(story *s, const relation *r, unsigned n)
{
    const wal_tuple tuple = wal_any_tuple();
    for (unsigned i = 0; i < n; i++) {
        const wal_heap at = table_at(s, r, i + 100);
        wal_heap_update(s->wal, &at, i % 2 == 0, i % 2 == 0 ? at.block : 0, 1, &tuple, 0, 0);
    }
}

void delete_rows(story *s, const relation *r, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        const wal_heap at = table_at(s, r, i);
        wal_heap_delete(s->wal, &at);
    }
}

void speculative_row(story *s, const relation *r)
{
    const wal_tuple tuple = wal_any_tuple();
    wal_heap at = table_at(s, r, 5);
    at.flags = 0x04;
    wal_heap_insert(s->wal, &at, &tuple);
    at.flags = 0x08;
    wal_heap_delete(s->wal, &at);
}

/* ---- a table with all that hangs on one ---- */

void full_table_init(full_table *t, wp_oid oid, const char *name)
{
    memset(t, 0, sizeof *t);
    snprintf(t->names[0], sizeof t->names[0], "pg_toast_%u", oid);
    snprintf(t->names[1], sizeof t->names[1], "pg_toast_%u_index", oid);
    snprintf(t->names[2], sizeof t->names[2], "%s_pkey", name);
    snprintf(t->names[3], sizeof t->names[3], "%s_id_seq", name);
    t->table = (relation){ .oid = oid, .name = name, .toast = oid + 1, .rowtype = oid + 5 };
    t->toast = (relation){ .oid = oid + 1, .name = t->names[0], .nsp = 99, .kind = 't' };
    t->toast_index = (relation){
        .oid = oid + 2, .name = t->names[1], .nsp = 99, .kind = 'i', .indexed = oid + 1
    };
    t->pkey = (relation){ .oid = oid + 3, .name = t->names[2], .kind = 'i', .indexed = oid };
    t->sequence =
        (relation){ .oid = oid + 4, .name = t->names[3], .kind = 'S', .owner_table = oid };
}

void create_full(story *s, full_table *t)
{
    /* As servers do: the sequence first, the toast table is entered into the table's row afterwards. */
    create(s, &t->sequence);
    const wp_oid toast = t->table.toast;
    t->table.toast = 0;
    create(s, &t->table);
    create(s, &t->toast);
    create(s, &t->toast_index);
    t->table.toast = toast;
    class_update(s, &t->table);
    create(s, &t->pkey);
}

void drop_full(story *s, const full_table *t)
{
    drop(s, &t->toast_index);
    drop(s, &t->toast);
    drop(s, &t->pkey);
    drop(s, &t->table);
    drop(s, &t->sequence);
}

void truncate_full(story *s, full_table *t, wp_oid from)
{
    new_file(s, &t->table, from);
    new_file(s, &t->toast, from + 1);
    new_file(s, &t->toast_index, from + 2);
    new_file(s, &t->pkey, from + 3);
    log_truncate(s, &t->table);
}

void rewrite_full(story *s, full_table *t, wp_oid from)
{
    /* The transient table has a toast table of its own; the contents of both are swapped. */
    rewrite(s, &t->table, from);
    rewrite(s, &t->toast, from + 1);
    new_file(s, &t->toast_index, from + 2);
    new_file(s, &t->pkey, from + 3);
}
