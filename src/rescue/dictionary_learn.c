/*
 * dictionary_learn.c - columns of relations, and of the composite types that they are made of.
 */
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "rescue/dictionary_state.h"

/* One scan of pg_attribute for the relations in d->learnt[first..]. */
typedef struct learner {
    dictionary *d;
    size_t first;
    char *message;
    bool has_failed; /* with a message */
} learner;

void dictionary_free_learnt(dictionary_learnt *l)
{
    for (size_t i = 0; l->missing != NULL && i < l->ncolumns; i++)
        wp_text_free(&l->missing[i]);
    free(l->missing);
    free(l->columns);
    free(l->details);
    free(l->is_there);
}

static bool is_wanted(const dictionary *d, wp_oid relation)
{
    for (size_t i = 0; i < d->nlearnt; i++)
        if (d->learnt[i].relation == relation)
            return true;
    return false;
}

/* Adds a relation to those that the next scan looks for. */
static bool want(learner *to, wp_oid oid)
{
    dictionary *d = to->d;
    const dictionary_relation *r = dictionary_relation_of(d, oid);
    if (r == NULL)
        return message_fail(to->message, "pg_class has no row of OID %u", oid);
    if (r->columns != NULL || is_wanted(d, oid))
        return true;
    dictionary_learnt *l = GROW(d->learnt, d->nlearnt, d->learnt_room);
    if (l == NULL)
        return message_no_memory(to->message);
    const size_t room = r->ncolumns ? r->ncolumns : 1;
    *l = (dictionary_learnt){ .relation = oid,
                              .ncolumns = r->ncolumns,
                              .columns = calloc(room, sizeof *l->columns),
                              .details = calloc(room, sizeof *l->details),
                              .missing = calloc(room, sizeof *l->missing),
                              .is_there = calloc(room, sizeof *l->is_there) };
    return (l->columns != NULL && l->details != NULL && l->missing != NULL && l->is_there != NULL)
           || message_no_memory(to->message);
}

/* ---- a row of pg_attribute ------------------------------------------------------------------ */

static dictionary_learnt *find_learnt(const learner *to, wp_oid relation)
{
    size_t low = to->first, high = to->d->nlearnt;
    while (low < high) {
        const size_t mid = low + (high - low) / 2;
        dictionary_learnt *at = &to->d->learnt[mid];
        if (at->relation == relation)
            return at;
        if (at->relation < relation)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}

static bool take_missing(learner *to, const catalog_row *row, wp_text *bytes, wp_view *out)
{
    const wp_datum *value = catalog_row_number(row, "atthasmissing") != 0
                                ? catalog_row_datum(row, "attmissingval")
                                : NULL;
    if (value == NULL)
        return true;
    const wp_value_status status = wp_datum_unpack(row->config, value, bytes);
    if (status != WP_VALUE_OK)
        return message_fail(to->message, "attmissingval of a column of OID %u: %s",
                            catalog_row_oid(row, "attrelid"), wp_value_status_text(status));
    *out = (wp_view){ bytes->bytes, bytes->len };
    return true;
}

static bool take_column(void *context, const catalog_row *row)
{
    learner *to = context;
    const int64_t number = catalog_row_number(row, "attnum");
    dictionary_learnt *l = number > 0 ? find_learnt(to, catalog_row_oid(row, "attrelid")) : NULL;
    if (l == NULL)
        return true;
    const size_t i = (size_t)number - 1;
    if (i >= l->ncolumns || l->is_there[i]) {
        to->has_failed = true;
        return message_fail(to->message,
                            i >= l->ncolumns
                                ? "pg_attribute has a column %zu of OID %u: it has fewer"
                                : "pg_attribute has two rows of column %zu of OID %u",
                            i + 1, l->relation);
    }
    l->is_there[i] = true;
    l->columns[i] = (wp_column){ .typid = catalog_row_oid(row, "atttypid"),
                                 .typlen = (int16_t)catalog_row_number(row, "attlen"),
                                 .align = catalog_row_char(row, "attalign"),
                                 .is_dropped = catalog_row_number(row, "attisdropped") != 0 };
    dictionary_column *detail = &l->details[i];
    catalog_row_name(row, "attname", detail->name);
    detail->number = (int16_t)number;
    detail->typmod = (int32_t)catalog_row_number(row, "atttypmod");
    detail->collation = catalog_row_oid(row, "attcollation");
    detail->is_not_null = catalog_row_number(row, "attnotnull") != 0;
    detail->has_default = catalog_row_number(row, "atthasdef") != 0;
    detail->identity = catalog_row_char(row, "attidentity");
    detail->generated = catalog_row_char(row, "attgenerated");
    to->has_failed = !take_missing(to, row, &l->missing[i], &l->columns[i].missing);
    return !to->has_failed;
}

/* ---- scans ---------------------------------------------------------------------------------- */

static int compare_learnt(const void *one, const void *other)
{
    const wp_oid a = ((const dictionary_learnt *)one)->relation;
    const wp_oid b = ((const dictionary_learnt *)other)->relation;
    return (a > b) - (a < b);
}

static bool scan(learner *to)
{
    dictionary *d = to->d;
    qsort(d->learnt + to->first, d->nlearnt - to->first, sizeof *d->learnt, compare_learnt);
    const catalog_file attributes = { .heap = d->heap,
                                      .config = &d->config,
                                      .layout = dictionary_layout(d, PG_ATTRIBUTE),
                                      .file = { d->spc, d->db,
                                                catalog_map_file(&d->own, PG_ATTRIBUTE) } };
    heap_sums known = { 0 }; /* dictionary_read() has told of them */
    return catalog_rows(&attributes, take_column, to, &known, to->message) && !to->has_failed;
}

/* Has each relation all its columns? */
static bool check_whole(const learner *to)
{
    for (size_t n = to->first; n < to->d->nlearnt; n++) {
        const dictionary_learnt *l = &to->d->learnt[n];
        for (size_t i = 0; i < l->ncolumns; i++)
            if (!l->is_there[i])
                return message_fail(to->message, "pg_attribute has no row of column %zu of OID %u",
                                    i + 1, l->relation);
    }
    return true;
}

/* Gives what was learnt to the relation, and to its type. */
static void hand_over(const dictionary *d, const dictionary_learnt *l)
{
    dictionary_relation *r = dictionary_find_relation(d, l->relation);
    r->columns = l->columns;
    r->details = l->details;
    dictionary_type *type = dictionary_find_type(d, r->type);
    if (type != NULL && type->relation == r->oid) {
        type->type.columns = l->columns;
        type->type.ncolumns = l->ncolumns;
    }
}

/* The type that values of this one consist of, down to one that is made of no single other; NULL: it is not there. */
static const dictionary_type *innermost(const dictionary *d, wp_oid typid)
{
    const dictionary_type *t = dictionary_type_of(d, typid);
    for (size_t depth = 0; t != NULL && depth < 64; depth++) {
        const wp_oid inner = t->type.kind == 'b'                   ? t->type.element
                             : strchr("drm", t->type.kind) != NULL ? t->type.base
                                                                   : 0;
        if (inner == 0)
            return t;
        t = dictionary_type_of(d, inner);
    }
    return NULL;
}

/* Composite types among the columns of those from first to end. */
static bool want_inner(learner *to, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        for (size_t c = 0; c < to->d->learnt[i].ncolumns; c++) {
            const wp_column *column = &to->d->learnt[i].columns[c];
            const dictionary_type *t = column->is_dropped ? NULL : innermost(to->d, column->typid);
            if (t != NULL && t->type.kind == 'c' && !want(to, t->relation))
                return false;
        }
    return true;
}

/* What is wanted now, and then what that is made of. */
static bool learn_next(learner *to)
{
    dictionary *d = to->d;
    const size_t first = to->first, end = d->nlearnt;
    if (!scan(to) || !check_whole(to))
        return false;
    for (size_t i = first; i < end; i++)
        hand_over(d, &d->learnt[i]);
    to->first = end;
    return want_inner(to, first, end);
}

bool dictionary_learn(dictionary *d, const wp_oid *relations, size_t n, char message[512])
{
    learner to = { .d = d, .first = d->nlearnt, .message = message };
    bool is_good = true;
    for (size_t i = 0; is_good && i < n; i++)
        is_good = want(&to, relations[i]);
    while (is_good && to.first < d->nlearnt)
        is_good = learn_next(&to);
    while (d->nlearnt > to.first) /* of a failure */
        dictionary_free_learnt(&d->learnt[--d->nlearnt]);
    return is_good;
}
