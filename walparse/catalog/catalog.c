/*
 * catalog.c - follows catalog pages and the objects they describe.
 *
 * With full_page_writes the first change of a page after a checkpoint carries the page, so whatever a
 * later record of that cycle points at is known from here (design.md: names from WAL alone). A row that
 * an UPDATE shortens to what changed is put together again from the old row, which lies on the same page.
 */
#include "catalog/catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <walparse/reducer.h>

#include "format/catalogs.h"
#include "base/cursor.h"
#include "catalog/rows.h"
#include "base/table.h"

#define PAGE_HEADER_BYTES 24
#define TUPLE_HEADER_BYTES 23
#define TUPLE_BYTES_MAX 32768
#define OFFSETS_MAX 2048 /* line pointers on the largest page there is, and some */

#define LP_NORMAL 1

#define INFOMASK_HAS_OID 0x0008
#define INFOMASK_XMAX_LOCK_ONLY 0x0080
#define INFOMASK_XMIN_COMMITTED 0x0100
#define INFOMASK_XMIN_INVALID 0x0200
#define INFOMASK_XMIN_FROZEN 0x0300
#define INFOMASK_XMAX_COMMITTED 0x0400
#define INFOMASK_XMAX_INVALID 0x0800
#define INFOMASK_XMAX_IS_MULTI 0x1000

/* A row on a page: its user part, and the oid where the version keeps that in the header. */
typedef struct tuple {
    wp_oid header_oid;
    uint16_t bytes;
    uint8_t source; /* wp_name_source */
    uint8_t data[];
} tuple;

typedef struct page {
    wpi_key key;
    bool has_columns;  /* of pg_attribute */
    uint16_t noffsets; /* room in tuples */
    tuple **tuples;    /* by line pointer - 1 */
} page;

struct wpi_catalog {
    const wp_profile *profile;
    wpi_table pages;   /* (db, filenode, block) -> page */
    wpi_table objects; /* (catalog, db, oid) -> wpi_object */
    wpi_table files;   /* (db, filenode, 0) -> wpi_object of pg_class */
    wpi_table misses;  /* (catalog, db, oid), or (0, db, filenode): asked for and not known */
    wpi_row *answers;
    size_t nanswers, answers_room;
    wpi_table rolled_back;        /* transactions: a set of their ids */
    wpi_table rolled_back_before; /* the same, that came before those */
    wp_xid horizon;               /* 0: not known */
    wp_xid told_from;      /* ends of this transaction and later ones are known; 0: of none */
    uint64_t bytes;        /* of pages, tuples and objects */
    uint64_t column_bytes; /* those of them that are rows of pg_attribute */
    uint32_t generation;
    bool has_forgotten;
    wpi_on_row on_row;
    void *on_row_context;
    wpi_on_object on_object;
    void *on_object_context;
};

/* ---- rows --------------------------------------------------------------------------------- */

/* False: the bytes are no row of that catalog. */
static bool parse_row(const wpi_catalog *c, wp_oid catalog, wp_oid db, const tuple *t, wpi_row *row)
{
    *row = (wpi_row){ .catalog = catalog, .db = db, .oid = t->header_oid, .source = t->source };
    return wpi_parse_row(&c->profile->catalog, (wp_view){ t->data, t->bytes }, row);
}

static void announce(const wpi_catalog *c, const wpi_row *row)
{
    if (c->on_row)
        c->on_row(c->on_row_context, row);
}

/* ---- objects ------------------------------------------------------------------------------ */

static bool is_object_catalog(wp_oid catalog)
{
    return catalog == WPI_PG_CLASS || catalog == WPI_PG_NAMESPACE || catalog == WPI_PG_DATABASE;
}

static wpi_key object_key(const wpi_row *row)
{
    return (wpi_key){ row->catalog, row->db, row->oid };
}

static wpi_key file_key(const wpi_row *row)
{
    return (wpi_key){ row->db, row->filenode, 0 };
}

static bool has_room(wpi_catalog *c, size_t bytes)
{
    if (c->bytes + bytes <= WP_CATALOG_BYTES_MAX) {
        c->bytes += bytes;
        return true;
    }
    c->has_forgotten = true;
    return false;
}

/* Columns are many and matter least: they have a limit of their own. */
static bool has_room_on(wpi_catalog *c, const page *p, size_t bytes)
{
    if (p->has_columns && c->column_bytes + bytes > WP_COLUMN_BYTES_MAX) {
        c->has_forgotten = true;
        return false;
    }
    if (!has_room(c, bytes))
        return false;
    c->column_bytes += p->has_columns ? bytes : 0;
    return true;
}

static void unlink_file(wpi_catalog *c, const wpi_object *object)
{
    if (object->row.catalog == WPI_PG_CLASS && object->row.filenode
        && wpi_table_get(&c->files, file_key(&object->row)) == object)
        (void)wpi_table_take(&c->files, file_key(&object->row));
}

/* Does a row say of its object what another one says? */
static bool says_the_same(const wpi_row *a, const wpi_row *b)
{
    return a->oid == b->oid && a->nsp == b->nsp && a->filenode == b->filenode && a->spc == b->spc
           && strcmp(a->name, b->name) == 0;
}

/* before: the row that it takes the place of; NULL: none is known. */
static void tell_object(const wpi_catalog *c, const wpi_row *row, const wpi_row *before,
                        bool is_committed)
{
    if (c->on_object && !(before && says_the_same(row, before)))
        c->on_object(c->on_object_context, row, is_committed);
}

static bool set_object(wpi_catalog *c, const wpi_row *row, wpi_trust trust)
{
    wpi_object *object = wpi_table_get(&c->objects, object_key(row));
    const wp_oid owner = object && !row->owner ? object->row.owner : row->owner;
    const bool is_same_name = object && strcmp(object->row.name, row->name) == 0;
    const uint8_t source =
        is_same_name && object->row.source < row->source ? object->row.source : row->source;
    tell_object(c, row, object ? &object->row : NULL, true);
    if (!object) {
        if (!has_room(c, sizeof *object))
            return true;
        object = calloc(1, sizeof *object);
        if (!object || !wpi_table_put(&c->objects, object_key(row), object)) {
            free(object);
            return false;
        }
    } else {
        unlink_file(c, object);
    }
    if (row->catalog == WPI_PG_NAMESPACE && strcmp(object->row.name, row->name) != 0)
        c->generation++;
    object->row = *row;
    object->row.owner = owner;
    object->row.source = source;
    object->trust = trust;
    object->text_generation = 0;
    if (row->catalog == WPI_PG_CLASS && row->filenode)
        return wpi_table_put(&c->files, file_key(row), object);
    return true;
}

static bool learn_object(wpi_catalog *c, const wpi_row *row, wpi_trust trust)
{
    const wpi_object *known = wpi_table_get(&c->objects, object_key(row));
    return known && known->trust > trust ? true : set_object(c, row, trust);
}

bool wpi_catalog_commit_row(wpi_catalog *c, const wpi_row *row)
{
    return is_object_catalog(row->catalog) ? set_object(c, row, WPI_TRUST_FULL) : true;
}

void wpi_catalog_commit_owner(wpi_catalog *c, wp_oid db, wp_oid oid, wp_oid owner)
{
    wpi_object *object = wpi_catalog_object(c, WPI_PG_CLASS, db, oid);
    if (object)
        object->row.owner = owner;
}

void wpi_catalog_commit_drop(wpi_catalog *c, const wpi_row *row)
{
    wpi_object *object = wpi_table_get(&c->objects, object_key(row));
    if (!object)
        return;
    if (row->catalog == WPI_PG_NAMESPACE)
        c->generation++;
    unlink_file(c, object);
    (void)wpi_table_take(&c->objects, object_key(row));
    c->bytes -= sizeof *object;
    free(object);
}

wpi_object *wpi_catalog_object(const wpi_catalog *c, wp_oid which, wp_oid db, wp_oid oid)
{
    return wpi_table_get(&c->objects, (wpi_key){ which, db, oid });
}

wpi_object *wpi_catalog_by_file(const wpi_catalog *c, const wp_locator *locator)
{
    wpi_object *object = wpi_table_get(&c->files, (wpi_key){ locator->db, locator->rel, 0 });
    if (object && object->row.spc && object->row.spc != locator->spc)
        return NULL;
    return object;
}

/* ---- earlier rows ------------------------------------------------------------------------- */

static void note_miss(wpi_catalog *c, wpi_key key)
{
    if (!wpi_table_get(&c->misses, key) && has_room(c, sizeof(wpi_table_slot)))
        (void)wpi_table_put(&c->misses, key, c);
}

void wpi_catalog_miss(wpi_catalog *c, wp_oid which, wp_oid db, wp_oid oid)
{
    note_miss(c, (wpi_key){ which, db, oid });
}

void wpi_catalog_miss_file(wpi_catalog *c, const wp_locator *locator)
{
    note_miss(c, (wpi_key){ 0, locator->db, locator->rel });
}

void wpi_catalog_set_horizon(wpi_catalog *c, wp_xid xid)
{
    c->horizon = xid;
}

static bool is_rolled_back(const wpi_catalog *c, wp_xid xid)
{
    const wpi_key key = { xid, 0, 0 };
    return wpi_table_get(&c->rolled_back, key) || wpi_table_get(&c->rolled_back_before, key);
}

void wpi_catalog_rolled_back(wpi_catalog *c, wp_xid xid)
{
    if (!is_rolled_back(c, xid) && has_room(c, sizeof(wpi_table_slot)))
        (void)wpi_table_put(&c->rolled_back, (wpi_key){ xid, 0, 0 }, c);
}

const wpi_row *wpi_catalog_answers(const wpi_catalog *c, size_t *count)
{
    *count = c->nanswers;
    return c->answers;
}

/* False: out of memory. */
static bool answer(wpi_catalog *c, const wpi_row *row)
{
    const wpi_key file = { 0, row->db, row->filenode };
    const bool by_oid = wpi_table_take(&c->misses, object_key(row)) != NULL;
    const bool by_file = row->catalog == WPI_PG_CLASS && wpi_table_take(&c->misses, file) != NULL;
    if (!by_oid && !by_file)
        return true;
    if (c->nanswers == c->answers_room) {
        const size_t room = c->answers_room ? c->answers_room * 2 : 16;
        wpi_row *grown = realloc(c->answers, room * sizeof *grown);
        if (!grown)
            return false;
        c->answers = grown;
        c->answers_room = room;
    }
    c->answers[c->nanswers++] = *row;
    return true;
}

/* ---- pages -------------------------------------------------------------------------------- */

static void drop_tuple(wpi_catalog *c, page *p, uint16_t offset)
{
    if (offset == 0 || offset > p->noffsets || !p->tuples[offset - 1])
        return;
    const size_t bytes = sizeof(tuple) + p->tuples[offset - 1]->bytes;
    c->bytes -= bytes;
    c->column_bytes -= p->has_columns ? bytes : 0;
    free(p->tuples[offset - 1]);
    p->tuples[offset - 1] = NULL;
}

static void drop_page(wpi_catalog *c, page *p)
{
    for (uint16_t i = 1; i <= p->noffsets; i++)
        drop_tuple(c, p, i);
    c->bytes -= sizeof *p + p->noffsets * sizeof *p->tuples;
    free(p->tuples);
    free(p);
}

static wpi_key page_key(const wp_locator *locator, uint32_t block)
{
    return (wpi_key){ locator->db, locator->rel, block };
}

/* The page, made if need be. NULL: no memory, or no room (*no_memory tells). */
static page *need_page(wpi_catalog *c, wp_oid catalog, const wp_locator *locator, uint32_t block,
                       bool *no_memory)
{
    const wpi_key key = page_key(locator, block);
    page *p = wpi_table_get(&c->pages, key);
    if (p || !has_room(c, sizeof *p))
        return p;
    p = calloc(1, sizeof *p);
    if (!p || !wpi_table_put(&c->pages, key, p)) {
        free(p);
        *no_memory = true;
        return NULL;
    }
    p->key = key;
    p->has_columns = catalog == WPI_PG_ATTRIBUTE;
    return p;
}

static bool reserve_offset(wpi_catalog *c, page *p, uint16_t offset, bool *no_memory)
{
    if (offset == 0 || offset > OFFSETS_MAX)
        return false;
    if (offset <= p->noffsets)
        return true;
    const uint16_t room = (uint16_t)((offset + 31) & ~31);
    if (!has_room(c, (size_t)(room - p->noffsets) * sizeof *p->tuples))
        return false;
    tuple **grown = realloc(p->tuples, room * sizeof *grown);
    if (!grown) {
        *no_memory = true;
        return false;
    }
    memset(grown + p->noffsets, 0, (size_t)(room - p->noffsets) * sizeof *grown);
    p->tuples = grown;
    p->noffsets = room;
    return true;
}

/* Puts a row at its place. Takes over t, whatever comes of it. False: out of memory. */
static bool put_tuple(wpi_catalog *c, wp_oid catalog, const wp_locator *locator, uint32_t block,
                      uint16_t offset, tuple *t)
{
    bool no_memory = false;
    page *p = need_page(c, catalog, locator, block, &no_memory);
    if (!p || !reserve_offset(c, p, offset, &no_memory)
        || !has_room_on(c, p, sizeof *t + t->bytes)) {
        free(t);
        return !no_memory;
    }
    drop_tuple(c, p, offset);
    p->tuples[offset - 1] = t;
    return true;
}

static tuple *tuple_on(const page *p, uint16_t offset)
{
    return offset && offset <= p->noffsets ? p->tuples[offset - 1] : NULL;
}

static tuple *get_tuple(const wpi_catalog *c, const wp_locator *locator, uint32_t block,
                        uint16_t offset)
{
    const page *p = wpi_table_get(&c->pages, page_key(locator, block));
    return p ? tuple_on(p, offset) : NULL;
}

static tuple *new_tuple(size_t bytes)
{
    if (bytes > TUPLE_BYTES_MAX)
        return NULL;
    tuple *t = malloc(sizeof *t + bytes);
    if (t) {
        t->header_oid = 0;
        t->source = WP_NAME_FROM_WAL;
        t->bytes = (uint16_t)bytes;
    }
    return t;
}

/* ---- page images -------------------------------------------------------------------------- */

/* One tuple of a page image, header and all. */
typedef struct page_item {
    uint16_t offset;
    const uint8_t *bytes;
    uint16_t len, infomask;
    uint8_t hoff;
    wp_xid xmin, xmax;
} page_item;

/* Looks at line pointer number `offset`; false when it holds no row, or nonsense. */
static bool page_item_at(const wp_fact_page *fact, uint16_t offset, page_item *item)
{
    const uint32_t lp = wpi_u32(fact->page + PAGE_HEADER_BYTES + 4 * (size_t)(offset - 1));
    const uint32_t at = lp & 0x7FFF, len = lp >> 17;
    if ((lp >> 15 & 3) != LP_NORMAL || len < TUPLE_HEADER_BYTES || at < PAGE_HEADER_BYTES
        || at + len > fact->bytes)
        return false;
    const uint8_t *t = fact->page + at;
    *item = (page_item){ .offset = offset,
                         .bytes = t,
                         .len = (uint16_t)len,
                         .infomask = wpi_u16(t + 20),
                         .hoff = t[22],
                         .xmin = wpi_u32(t),
                         .xmax = wpi_u32(t + 4) };
    return item->hoff >= TUPLE_HEADER_BYTES && item->hoff <= len;
}

static wp_oid header_oid(const page_item *item)
{
    const bool has = (item->infomask & INFOMASK_HAS_OID) && item->hoff >= TUPLE_HEADER_BYTES + 4;
    return has ? wpi_u32(item->bytes + item->hoff - 4) : 0;
}

static wp_view columns_of_item(const page_item *item)
{
    return (wp_view){ item->bytes + item->hoff, (size_t)(item->len - item->hoff) };
}

static tuple *tuple_of_item(const page_item *item)
{
    const wp_view columns = columns_of_item(item);
    tuple *t = new_tuple(columns.len);
    if (!t)
        return NULL;
    memcpy(t->data, columns.bytes, columns.len);
    t->header_oid = header_oid(item);
    return t;
}

/* False: the bytes are no row of that catalog. */
static bool row_of_item(const wpi_catalog *c, const wp_fact_page *fact, const page_item *item,
                        wpi_row *row)
{
    *row = (wpi_row){ .catalog = fact->catalog, .db = fact->locator.db, .oid = header_oid(item) };
    return wpi_parse_row(&c->profile->catalog, columns_of_item(item), row);
}

static uint16_t page_items(const wp_fact_page *fact)
{
    const uint32_t lower = wpi_u16(fact->page + 12);
    if (lower < PAGE_HEADER_BYTES || lower > fact->bytes)
        return 0;
    const uint32_t n = (lower - PAGE_HEADER_BYTES) / 4;
    return (uint16_t)(n < OFFSETS_MAX ? n : OFFSETS_MAX);
}

static bool is_hinted(const page_item *item)
{
    return item->infomask & INFOMASK_XMIN_COMMITTED;
}

/* The transaction that removed the row, if its end is what decides. 0: nothing is removed, or a hint says how it ended. */
static wp_xid unhinted_remover(const wpi_catalog *c, const page_item *item)
{
    const uint16_t known = INFOMASK_XMAX_INVALID | INFOMASK_XMAX_LOCK_ONLY | INFOMASK_XMAX_COMMITTED
                           | INFOMASK_XMAX_IS_MULTI;
    return (item->infomask & known) || is_rolled_back(c, item->xmax) ? 0 : item->xmax;
}

/*
 * How far a row found on a page may be believed to be the one in force. A row of a running transaction
 * is not: what that did is applied when it commits. Nor is one that its own transaction has taken back, whatever became of that.
 */
static wpi_trust judge(const wpi_catalog *c, const page_item *item, wpi_is_running is_running,
                       const void *context)
{
    const uint16_t mask = item->infomask;
    if (!is_hinted(item)
        && ((mask & INFOMASK_XMIN_INVALID) || is_running(context, item->xmin)
            || is_rolled_back(c, item->xmin)))
        return WPI_TRUST_NONE;
    const wp_xid remover = unhinted_remover(c, item);
    const bool is_removed = (mask & INFOMASK_XMAX_COMMITTED)
                            && !(mask & (INFOMASK_XMAX_INVALID | INFOMASK_XMAX_LOCK_ONLY))
                            && item->xmax != 0;
    if (is_removed || (remover && remover == item->xmin))
        return WPI_TRUST_NONE;
    if (remover && !is_running(context, remover)) {
        const bool is_told = c->told_from && !wp_xid_precedes(remover, c->told_from);
        return is_told ? WPI_TRUST_NONE : WPI_TRUST_OLD;
    }
    return is_hinted(item) ? WPI_TRUST_FULL : WPI_TRUST_UNHINTED;
}

/* Ids wrap around: none is compared with one that is further away. */
#define TOLD_XIDS_MAX (UINT32_C(1) << 30)

void wpi_catalog_note_told(wpi_catalog *c, wp_xid xid)
{
    if (xid == 0 || c->told_from == 0)
        c->told_from = xid;
    else if (xid - c->told_from > TOLD_XIDS_MAX && !wp_xid_precedes(xid, c->told_from))
        c->told_from = xid - TOLD_XIDS_MAX;
}

/* Was the row there before the WAL read begins? */
static bool is_original(const wpi_catalog *c, const page_item *item)
{
    if ((item->infomask & INFOMASK_XMIN_FROZEN) == INFOMASK_XMIN_FROZEN)
        return true;
    return c->horizon && wp_xid_precedes(item->xmin, c->horizon);
}

/* Line pointers of a page. */
typedef struct offset_set {
    uint8_t bits[OFFSETS_MAX / 8 + 1];
} offset_set;

static void add_offset(offset_set *set, uint16_t offset)
{
    set->bits[offset / 8] |= (uint8_t)(1 << offset % 8);
}

static bool has_offset(const offset_set *set, uint16_t offset)
{
    return set->bits[offset / 8] >> offset % 8 & 1;
}

/* The version of a row that took its place, on the same page; false: there is none, or it is elsewhere. */
static bool next_version(const wp_fact_page *fact, const page_item *item, page_item *next)
{
    const uint32_t block = (uint32_t)wpi_u16(item->bytes + 12) << 16 | wpi_u16(item->bytes + 14);
    const uint16_t offset = wpi_u16(item->bytes + 16);
    return block == fact->block && offset >= 1 && offset <= page_items(fact)
           && page_item_at(fact, offset, next) && next->xmin == item->xmax;
}

/*
 * Two versions of a row say different things, and neither the WAL read nor a hint tells how the transaction between them
 * ended: nobody knows which of them is in force.
 */
static bool are_contested(const wpi_catalog *c, const wp_fact_page *fact, const page_item *old,
                          const page_item *next)
{
    const wp_xid xid = unhinted_remover(c, old);
    const bool is_told = c->horizon && !wp_xid_precedes(xid, c->horizon);
    wpi_row before, after;
    return xid && !is_hinted(next) && !is_told && row_of_item(c, fact, old, &before)
           && row_of_item(c, fact, next, &after) && before.oid == after.oid
           && !says_the_same(&before, &after);
}

static void find_contested(const wpi_catalog *c, const wp_fact_page *fact,
                           wpi_is_running is_running, const void *context, offset_set *out)
{
    page_item item, next;
    for (uint16_t n = page_items(fact), offset = 1; offset <= n; offset++)
        if (page_item_at(fact, offset, &item) && next_version(fact, &item, &next)
            && !is_running(context, item.xmax) && are_contested(c, fact, &item, &next)) {
            add_offset(out, offset);
            add_offset(out, next.offset);
        }
}

/* A row of a page image: what it tells about its object. False: out of memory. */
static bool learn_item(wpi_catalog *c, const page_item *item, const wpi_row *row,
                       wpi_is_running is_running, const void *context)
{
    const wpi_trust trust = judge(c, item, is_running, context);
    if (trust == WPI_TRUST_NONE)
        return true;
    if (trust > WPI_TRUST_OLD && c->misses.used && is_original(c, item) && !answer(c, row))
        return false;
    return learn_object(c, row, trust);
}

static bool same_tuple(const tuple *x, const tuple *y)
{
    return x && x->bytes == y->bytes && x->header_oid == y->header_oid
           && memcmp(x->data, y->data, x->bytes) == 0;
}

/*
 * The system's own functions, types ... are many, and nothing is told of them. Columns of its tables, and
 * those every table has, are never dropped or renamed.
 */
static bool is_of_use(const wpi_row *row)
{
    switch (row->catalog) {
    case WPI_PG_ATTRIBUTE:
        return row->sub > 0 && row->oid >= WPI_FIRST_NORMAL_OID;
    case WPI_PG_TYPE:
    case WPI_PG_PROC:
    case WPI_PG_CONSTRAINT:
    case WPI_PG_REWRITE:
    case WPI_PG_TRIGGER:
    case WPI_PG_POLICY:
        return row->oid >= WPI_FIRST_NORMAL_OID;
    default:
        return true;
    }
}

/* A row of a page image goes to its place, unless it is of no use. False: out of memory. */
static bool add_item(wpi_catalog *c, page *p, const wp_fact_page *fact, const page_item *item,
                     const offset_set *contested, wpi_is_running is_running, const void *context)
{
    tuple *t = tuple_of_item(item);
    if (!t)
        return false;
    const tuple *known = tuple_on(p, item->offset);
    const bool is_known = same_tuple(known, t);
    if (fact->fact.flags & WP_PAGE_FROM_BACKUP)
        t->source = is_known ? known->source : WP_NAME_FROM_BACKUP;
    wpi_row row;
    if (parse_row(c, fact->catalog, fact->locator.db, t, &row)) {
        if (!is_of_use(&row)) {
            drop_tuple(c, p, item->offset);
            free(t);
            return true;
        }
        if (!is_known)
            announce(c, &row);
        if (is_object_catalog(row.catalog) && !has_offset(contested, item->offset)
            && !learn_item(c, item, &row, is_running, context)) {
            free(t);
            return false;
        }
    }
    return put_tuple(c, fact->catalog, &fact->locator, fact->block, item->offset, t);
}

/* A page image replaces what was known of the page. */
bool wpi_catalog_add_page(wpi_catalog *c, const wp_fact_page *fact, wpi_is_running is_running,
                          const void *context)
{
    bool no_memory = false;
    page *p = need_page(c, fact->catalog, &fact->locator, fact->block, &no_memory);
    if (!p)
        return !no_memory;
    const uint16_t n = page_items(fact);
    offset_set contested = { { 0 } };
    if (is_object_catalog(fact->catalog))
        find_contested(c, fact, is_running, context, &contested);
    for (uint16_t offset = 1; offset <= p->noffsets || offset <= n; offset++) {
        page_item item;
        if (offset > n || !page_item_at(fact, offset, &item))
            drop_tuple(c, p, offset);
        else if (!add_item(c, p, fact, &item, &contested, is_running, context))
            return false;
    }
    return true;
}

/* ---- row records -------------------------------------------------------------------------- */

/* Puts the row of an INSERT or UPDATE together. NULL: not enough is known, or no memory. */
static tuple *build_tuple(const wp_fact_tuple *fact, const tuple *old)
{
    const size_t skip = (size_t)(fact->hoff - TUPLE_HEADER_BYTES);
    if (fact->hoff < TUPLE_HEADER_BYTES || skip > fact->bytes)
        return NULL;
    if ((fact->prefix || fact->suffix)
        && (!old || (size_t)fact->prefix + fact->suffix > old->bytes))
        return NULL;
    const size_t middle = fact->bytes - skip;
    tuple *t = new_tuple(fact->prefix + middle + fact->suffix);
    if (!t)
        return NULL;
    if (fact->prefix || fact->suffix)
        t->source = old->source; /* what did not change, like a name mostly, is still from there */
    if (fact->prefix)
        memcpy(t->data, old->data, fact->prefix);
    memcpy(t->data + fact->prefix, fact->data + skip, middle);
    if (fact->suffix)
        memcpy(t->data + fact->prefix + middle, old->data + old->bytes - fact->suffix,
               fact->suffix);
    if ((fact->infomask & INFOMASK_HAS_OID) && skip >= 4)
        t->header_oid = wpi_u32(fact->data + skip - 4);
    return t;
}

/* The whole user part is in the record; only an oid in the header has to come from the old row. */
static tuple *build_inplace(const wpi_catalog *c, const wp_fact_tuple *fact, const tuple *old)
{
    if (!old && c->profile->catalog.oid_in_header)
        return NULL;
    tuple *t = new_tuple(fact->bytes);
    if (!t)
        return NULL;
    memcpy(t->data, fact->data, fact->bytes);
    t->header_oid = old ? old->header_oid : 0;
    return t;
}

/* The name a column gets when it is dropped. */
static void dropped_name(int column, char out[WP_NAME_BYTES])
{
    memset(out, 0, WP_NAME_BYTES);
    snprintf(out, WP_NAME_BYTES, "........pg.dropped.%d........", column);
}

/*
 * An UPDATE of pg_attribute whose old row nobody saw. What changes when a column is dropped lies between
 * the first bytes and the last, which are not in the record: then the number of the column can be told.
 */
static bool parse_dropped_column(const wpi_catalog *c, const wp_fact_tuple *fact, wpi_row *row)
{
    const wp_catalog_layout *l = &c->profile->catalog;
    const size_t skip = (size_t)(fact->hoff - TUPLE_HEADER_BYTES);
    if (fact->catalog != WPI_PG_ATTRIBUTE || fact->hoff < TUPLE_HEADER_BYTES || skip > fact->bytes
        || fact->prefix < WPI_ATTNAME_AT || fact->prefix > l->attnum_at)
        return false;
    const size_t from = fact->prefix, until = from + fact->bytes - skip;
    if (until <= (size_t)l->attisdropped_at || until < WPI_ATTNAME_AT + WP_NAME_BYTES)
        return false;
    const uint8_t *middle = fact->data + skip;
    char name[WP_NAME_BYTES];
    *row = (wpi_row){ .catalog = fact->catalog, .db = fact->locator.db };
    row->sub = (int16_t)wpi_u16(middle + ((size_t)l->attnum_at - from));
    row->is_dropped = middle[(size_t)l->attisdropped_at - from] != 0;
    dropped_name(row->sub, name);
    const size_t known = from - WPI_ATTNAME_AT;
    return row->is_dropped && row->sub > 0 && known < WP_NAME_BYTES
           && memcmp(middle, name + known, WP_NAME_BYTES - known) == 0;
}

/* The row that an UPDATE, DELETE or in-place update found. NULL: there was none, or it is not known. */
static const tuple *row_before(const wpi_catalog *c, const wp_fact_tuple *fact)
{
    switch ((wp_tuple_op)fact->fact.op) {
    case WP_TUPLE_INSERT:
        return NULL;
    case WP_TUPLE_UPDATE:
        return get_tuple(c, &fact->locator, fact->old_block, fact->old_offset);
    default:
        return get_tuple(c, &fact->locator, fact->block, fact->offset);
    }
}

/* Something is there that is not known, or not needed. */
static void forget_place(wpi_catalog *c, const wp_fact_tuple *fact)
{
    page *p = wpi_table_get(&c->pages, page_key(&fact->locator, fact->block));
    if (p)
        drop_tuple(c, p, fact->offset);
}

/* An in-place update shows a row in force, but maybe one that its own transaction still is to commit. */
static bool learn_in_force(wpi_catalog *c, const wp_fact_tuple *fact, const wpi_row *row)
{
    const bool is_news = fact->fact.op == WP_TUPLE_INPLACE && is_object_catalog(row->catalog)
                         && !wpi_table_get(&c->objects, object_key(row));
    return !is_news || set_object(c, row, WPI_TRUST_OLD);
}

/* The row that the record leaves is in the record itself, maybe but for what the old one has. */
static bool add_new_row(wpi_catalog *c, const wp_fact_tuple *fact, const tuple *old,
                        wpi_change *out)
{
    tuple *t =
        fact->fact.op == WP_TUPLE_INPLACE ? build_inplace(c, fact, old) : build_tuple(fact, old);
    if (!t) {
        forget_place(c, fact);
        out->has_new = fact->fact.op == WP_TUPLE_UPDATE && parse_dropped_column(c, fact, &out->new);
        return true;
    }
    out->has_new = parse_row(c, fact->catalog, fact->locator.db, t, &out->new);
    if (out->has_new) {
        announce(c, &out->new);
        if (is_object_catalog(fact->catalog) && fact->fact.op != WP_TUPLE_INPLACE)
            tell_object(c, &out->new, out->has_old ? &out->old : NULL, false);
        const bool is_learnt = learn_in_force(c, fact, &out->new);
        if (!is_learnt || !is_of_use(&out->new)) {
            if (is_learnt)
                forget_place(c, fact);
            free(t);
            return is_learnt;
        }
    }
    return put_tuple(c, fact->catalog, &fact->locator, fact->block, fact->offset, t);
}

bool wpi_catalog_add_tuple(wpi_catalog *c, const wp_fact_tuple *fact, wpi_change *out)
{
    const wp_oid db = fact->locator.db;
    const tuple *old = row_before(c, fact);
    out->has_old = old && parse_row(c, fact->catalog, db, old, &out->old);
    out->has_new = false;
    if (fact->fact.op == WP_TUPLE_DELETE)
        return true;
    if (!(fact->fact.flags & WP_TUPLE_ON_PAGE))
        return add_new_row(c, fact, old, out);
    const tuple *there = get_tuple(c, &fact->locator, fact->block, fact->offset);
    out->has_new = there && parse_row(c, fact->catalog, db, there, &out->new);
    return true;
}

void wpi_catalog_prune(wpi_catalog *c, const wp_fact_prune *fact)
{
    page *p = wpi_table_get(&c->pages, page_key(&fact->locator, fact->block));
    for (uint32_t i = 0; p && i < fact->noffsets; i++)
        drop_tuple(c, p, fact->offsets[i]);
}

/* ---- the whole ---------------------------------------------------------------------------- */

wpi_catalog *wpi_catalog_new(const wp_profile *profile)
{
    wpi_catalog *c = calloc(1, sizeof *c);
    if (c) {
        c->profile = profile;
        c->generation = 1;
    }
    return c;
}

void wpi_catalog_on_row(wpi_catalog *c, wpi_on_row on_row, void *context)
{
    c->on_row = on_row;
    c->on_row_context = context;
}

void wpi_catalog_on_object(wpi_catalog *c, wpi_on_object on_object, void *context)
{
    c->on_object = on_object;
    c->on_object_context = context;
}

static void forget_pages(wpi_catalog *c)
{
    size_t at = 0;
    for (page *p; (p = wpi_table_next(&c->pages, &at));)
        drop_page(c, p);
    wpi_table_clear(&c->pages);
}

void wpi_catalog_after_gap(wpi_catalog *c)
{
    forget_pages(c);
    size_t at = 0;
    for (wpi_object *object; (object = wpi_table_next(&c->objects, &at));)
        object->trust = WPI_TRUST_OLD;
}

/* ---- forgetting --------------------------------------------------------------------------- */

/* Drops the pages of a file, or of a database: filenode 0. */
static void forget_pages_of(wpi_catalog *c, wp_oid db, wp_oid filenode)
{
    wpi_table kept = { 0 };
    size_t at = 0;
    bool is_good = true;
    for (page *p; is_good && (p = wpi_table_next(&c->pages, &at));)
        if (p->key.a != db || (filenode && p->key.b != filenode))
            is_good = wpi_table_put(&kept, p->key, p);
    if (!is_good) { /* there is no memory to forget with: it stays */
        wpi_table_free(&kept);
        return;
    }
    at = 0;
    for (page *p; (p = wpi_table_next(&c->pages, &at));)
        if (p->key.a == db && (!filenode || p->key.b == filenode))
            drop_page(c, p);
    wpi_table_free(&c->pages);
    c->pages = kept;
}

void wpi_catalog_forget_file(wpi_catalog *c, wp_oid db, wp_oid filenode)
{
    forget_pages_of(c, db, filenode);
}

void wpi_catalog_forget_database(wpi_catalog *c, wp_oid db)
{
    forget_pages_of(c, db, 0);
    wpi_table old = c->objects;
    size_t at = 0;
    c->objects = (wpi_table){ 0 };
    for (wpi_object *object; (object = wpi_table_next(&old, &at));) {
        const bool is_kept =
            object->row.db != db && wpi_table_put(&c->objects, object_key(&object->row), object);
        if (is_kept)
            continue;
        unlink_file(c, object);
        c->bytes -= sizeof *object;
        free(object);
    }
    wpi_table_free(&old);
    c->generation++;
}

/* So many may be remembered twice. */
#define ROLLED_BACK_MAX 65536

void wpi_catalog_forget_old(wpi_catalog *c)
{
    if (c->rolled_back.used < ROLLED_BACK_MAX)
        return;
    c->bytes -= c->rolled_back_before.used * sizeof(wpi_table_slot);
    wpi_table_free(&c->rolled_back_before);
    c->rolled_back_before = c->rolled_back;
    c->rolled_back = (wpi_table){ 0 };
}

void wpi_catalog_forget_texts(wpi_catalog *c)
{
    c->generation++;
}

/* ---- saving ------------------------------------------------------------------------------- */

static void save_tuple(wpi_saver *s, uint16_t offset, const tuple *t)
{
    wpi_save(s, &offset, sizeof offset);
    wpi_save(s, t, sizeof *t);
    wpi_save(s, t->data, t->bytes);
}

static void save_page(wpi_saver *s, const page *p)
{
    size_t n = 0;
    for (uint16_t i = 0; i < p->noffsets; i++)
        n += p->tuples[i] != NULL;
    wpi_save(s, &p->key, sizeof p->key);
    wpi_save_number(s, p->has_columns);
    wpi_save_number(s, n);
    for (uint16_t i = 0; i < p->noffsets; i++)
        if (p->tuples[i])
            save_tuple(s, (uint16_t)(i + 1), p->tuples[i]);
}

static void save_set(wpi_saver *s, const wpi_table *set)
{
    size_t at = 0;
    wpi_save_number(s, set->used);
    for (wpi_key key; wpi_table_next_key(set, &at, &key);)
        wpi_save(s, &key, sizeof key);
}

void wpi_catalog_save(const wpi_catalog *c, wpi_saver *s)
{
    size_t at = 0;
    wpi_save_number(s, c->pages.used);
    for (const page *p; (p = wpi_table_next(&c->pages, &at));)
        save_page(s, p);
    at = 0;
    wpi_save_number(s, c->objects.used);
    for (const wpi_object *object; (object = wpi_table_next(&c->objects, &at));) {
        wpi_save(s, &object->row, sizeof object->row);
        wpi_save_number(s, object->trust);
    }
    save_set(s, &c->misses);
    save_set(s, &c->rolled_back);
    save_set(s, &c->rolled_back_before);
    wpi_save_number(s, c->horizon);
    wpi_save_number(s, c->told_from);
    wpi_save_number(s, c->has_forgotten);
}

/* A row of the page to its place. False: there is no memory, or it cannot be. */
static bool load_tuple(wpi_catalog *c, wpi_loader *l, const page *p)
{
    bool no_memory = false;
    uint16_t offset;
    tuple head;
    wpi_load(l, &offset, sizeof offset);
    wpi_load(l, &head, sizeof head);
    const uint8_t *data = wpi_load_view(l, head.bytes);
    tuple *t = data ? new_tuple(head.bytes) : NULL;
    if (!t)
        return false;
    t->header_oid = head.header_oid;
    t->source = head.source;
    memcpy(t->data, data, head.bytes);
    page *to = wpi_table_get(&c->pages, p->key);
    if (!to || !reserve_offset(c, to, offset, &no_memory)
        || !has_room_on(c, to, sizeof *t + t->bytes)) {
        free(t);
        return false;
    }
    drop_tuple(c, to, offset);
    to->tuples[offset - 1] = t;
    return true;
}

static bool load_page(wpi_catalog *c, wpi_loader *l)
{
    bool no_memory = false;
    page head = { 0 };
    wpi_load(l, &head.key, sizeof head.key);
    head.has_columns = wpi_load_number(l) != 0;
    const wp_locator locator = { 0, head.key.a, head.key.b };
    size_t n = wpi_load_count(l, sizeof(tuple));
    if (l->failed
        || !need_page(c, head.has_columns ? WPI_PG_ATTRIBUTE : 0, &locator, head.key.c, &no_memory))
        return false;
    while (n > 0 && load_tuple(c, l, &head))
        n--;
    return n == 0;
}

static bool load_object(wpi_catalog *c, wpi_loader *l)
{
    wpi_row row;
    wpi_load(l, &row, sizeof row);
    const uint64_t trust = wpi_load_number(l);
    const bool is_good = !l->failed && is_object_catalog(row.catalog) && trust <= WPI_TRUST_FULL
                         && memchr(row.name, '\0', sizeof row.name);
    return is_good && set_object(c, &row, (wpi_trust)trust);
}

static bool load_set(wpi_catalog *c, wpi_loader *l, wpi_table *set)
{
    size_t n = wpi_load_count(l, sizeof(wpi_key));
    for (; n > 0 && !l->failed; n--) {
        wpi_key key;
        wpi_load(l, &key, sizeof key);
        if (l->failed || !has_room(c, sizeof(wpi_table_slot)) || !wpi_table_put(set, key, c))
            return false;
    }
    return !l->failed;
}

void wpi_catalog_load(wpi_catalog *c, wpi_loader *l)
{
    bool is_good = true;
    for (size_t n = wpi_load_count(l, sizeof(wpi_key)); is_good && n > 0; n--)
        is_good = load_page(c, l);
    for (size_t n = is_good ? wpi_load_count(l, sizeof(wpi_row)) : 0; is_good && n > 0; n--)
        is_good = load_object(c, l);
    is_good = is_good && load_set(c, l, &c->misses) && load_set(c, l, &c->rolled_back)
              && load_set(c, l, &c->rolled_back_before);
    l->failed = l->failed || !is_good;
    c->horizon = (wp_xid)wpi_load_number(l);
    c->told_from = (wp_xid)wpi_load_number(l);
    c->has_forgotten = wpi_load_number(l) != 0;
}

uint32_t wpi_catalog_generation(const wpi_catalog *c)
{
    return c->generation;
}

bool wpi_catalog_has_forgotten(const wpi_catalog *c)
{
    return c->has_forgotten;
}

void wpi_catalog_free(wpi_catalog *c)
{
    if (!c)
        return;
    forget_pages(c);
    size_t at = 0;
    for (wpi_object *object; (object = wpi_table_next(&c->objects, &at));)
        free(object);
    wpi_table_free(&c->pages);
    wpi_table_free(&c->objects);
    wpi_table_free(&c->files);
    wpi_table_free(&c->misses);
    wpi_table_free(&c->rolled_back);
    wpi_table_free(&c->rolled_back_before);
    free(c->answers);
    free(c);
}
