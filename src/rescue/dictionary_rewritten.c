/*
 * dictionary_rewritten.c - tables that a transaction which has not ended gives another file.
 */
#include <stdlib.h>

#include "base/message.h"
#include "rescue/dictionary_state.h"

typedef struct search {
    const dictionary *d;
    const catalog_layout *layout;
    wp_locator file; /* of pg_class */
    const dictionary_relation *relation;
    const wp_xid *xids;
    size_t nxids;
    bool is_rewritten, has_failed;
    char *message;
} search;

static bool is_of_transaction(const search *s, wp_xid xid)
{
    for (size_t i = 0; i < s->nxids; i++)
        if (s->xids[i] == xid)
            return true;
    return false;
}

/* What no row can be made of has no number either. */
static wp_oid number_of(const search *s, wp_view tuple, const char *column)
{
    wp_datum datums[CATALOG_COLUMNS_MAX];
    catalog_row row;
    return catalog_row_of(&s->d->config, s->layout, tuple, datums, &row)
               ? catalog_row_oid(&row, column)
               : 0;
}

static bool take_row(void *context, const heap_row *row)
{
    search *s = context;
    heap_newest newest;
    if (number_of(s, row->tuple, "oid") != s->relation->oid)
        return true;
    if (!is_of_transaction(s, row->remover) || !row->is_replaced)
        return false;
    s->has_failed = !heap_find_newest(s->d->heap, &s->file, row, &newest, s->message);
    s->is_rewritten =
        !s->has_failed
        && (!newest.is_known || number_of(s, newest.tuple, "relfilenode") != s->relation->file.rel);
    free(newest.page);
    return false;
}

bool dictionary_is_rewritten(const dictionary *d, const dictionary_relation *r, const wp_xid *xids,
                             size_t nxids, bool *out, char message[MESSAGE_BYTES])
{
    const wp_locator class = { d->spc, d->db, catalog_map_file(&d->own, PG_CLASS) };
    search s = { .d = d,
                 .layout = dictionary_layout(d, PG_CLASS),
                 .file = class,
                 .relation = r,
                 .xids = xids,
                 .nxids = nxids,
                 .message = message };
    heap_sums ignored = { 0 }; /* the dictionary has them already */
    const bool is_good =
        heap_rows(d->heap, &s.file, take_row, &s, &ignored, message) && !s.has_failed;
    *out = s.is_rewritten;
    return is_good;
}
