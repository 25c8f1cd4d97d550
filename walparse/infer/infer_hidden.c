/*
 * infer_hidden.c - what a transaction may have done besides what is told.
 *
 * DELETE and UPDATE of a catalog row name its place only. Where the page of that place was never seen - the WAL begins
 * after the last image of it - what the row was is not known, but what such a change of that catalog can mean is. Rows
 * that go with a relation that is told mean nothing of their own: which may be such, infer_accounted.c says.
 *
 * A transaction that began before the WAL may have changed rows of any table there.
 */
#include "infer/astray.h"
#include "infer/infer_parts.h"

#include <stdio.h>
#include <string.h>

enum { HIDDEN_DELETE = 1, HIDDEN_UPDATE = 2 };

/* What a change of a row that nobody saw can mean. */
typedef struct meaning {
    wp_oid catalog;
    unsigned change;
    bool goes_with_relation; /* when that goes, its rows in this catalog go, too */
    bool needs_new_file;     /* the transaction must have made one */
    wp_event_kind first, last;
} meaning;

// clang-format off
static const meaning meanings[] = {
    { WPI_PG_CLASS,      HIDDEN_DELETE, true,  false, WP_EVENT_DROP_TABLE, WP_EVENT_DROP_PROPERTY_GRAPH },
    { WPI_PG_NAMESPACE,  HIDDEN_DELETE, false, false, WP_EVENT_DROP_SCHEMA, WP_EVENT_DROP_SCHEMA },
    { WPI_PG_EXTENSION,  HIDDEN_DELETE, false, false, WP_EVENT_DROP_EXTENSION, WP_EVENT_DROP_EXTENSION },
    { WPI_PG_AUTHID,     HIDDEN_DELETE, false, false, WP_EVENT_DROP_ROLE, WP_EVENT_DROP_ROLE },
    { WPI_PG_PROC,       HIDDEN_DELETE, false, false, WP_EVENT_DROP_FUNCTION, WP_EVENT_DROP_AGGREGATE },
    { WPI_PG_TYPE,       HIDDEN_DELETE, true,  false, WP_EVENT_DROP_TYPE, WP_EVENT_DROP_TYPE },
    { WPI_PG_TRIGGER,    HIDDEN_DELETE, true,  false, WP_EVENT_DROP_TRIGGER, WP_EVENT_DROP_TRIGGER },
    { WPI_PG_POLICY,     HIDDEN_DELETE, true,  false, WP_EVENT_DROP_POLICY, WP_EVENT_DROP_POLICY },
    { WPI_PG_REWRITE,    HIDDEN_DELETE, true,  false, WP_EVENT_DROP_RULE, WP_EVENT_DROP_RULE },
    { WPI_PG_CONSTRAINT, HIDDEN_DELETE, true,  false, WP_EVENT_TABLE_DROP_CONSTRAINT, WP_EVENT_FOREIGN_TABLE_DROP_CONSTRAINT },
    { WPI_PG_CLASS,      HIDDEN_UPDATE, false, false, WP_EVENT_TABLE_SET_SCHEMA, WP_EVENT_PROPERTY_GRAPH_RENAME },
    { WPI_PG_ATTRIBUTE,  HIDDEN_UPDATE, false, false, WP_EVENT_TABLE_DROP_COLUMN, WP_EVENT_FOREIGN_TABLE_DROP_COLUMN },
    { WPI_PG_ATTRIBUTE,  HIDDEN_UPDATE, false, false, WP_EVENT_TABLE_RENAME_COLUMN, WP_EVENT_FOREIGN_TABLE_RENAME_COLUMN },
    { WPI_PG_CLASS,      HIDDEN_UPDATE, false, true,  WP_EVENT_TRUNCATE, WP_EVENT_TRUNCATE },
    { WPI_PG_CLASS,      HIDDEN_UPDATE, false, true,  WP_EVENT_REWRITE_TABLE, WP_EVENT_REWRITE_MATERIALIZED_VIEW },
};
// clang-format on

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool wpi_means_something(wp_oid catalog, unsigned op)
{
    const unsigned change = op == WP_TUPLE_DELETE   ? HIDDEN_DELETE
                            : op == WP_TUPLE_UPDATE ? HIDDEN_UPDATE
                                                    : 0;
    bool means = false;
    for (size_t i = 0; i < COUNT(meanings); i++)
        means = means || (meanings[i].catalog == catalog && meanings[i].change == change);
    return means;
}

/* ---- noticing ----------------------------------------------------------------------------- */

static bool is_unread_update(const wpi_infer *in, const wpi_change *rows, const wpi_row_change *of)
{
    if (!rows->has_new)
        return true;
    if (rows->has_old || of->catalog != WPI_PG_CLASS || rows->new.oid < WPI_FIRST_NORMAL_OID)
        return false;
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, rows->new.db, rows->new.oid);
    return !(s && s->after)
           && !wpi_catalog_object(in->catalog, WPI_PG_CLASS, rows->new.db, rows->new.oid);
}

static wpi_hidden *need_hidden(wpi_infer *in, wp_oid catalog, wp_oid db)
{
    for (uint32_t i = 0; i < in->nhidden; i++)
        if (in->hidden[i].catalog == catalog && in->hidden[i].db == db)
            return &in->hidden[i];
    if (in->nhidden == WPI_HIDDEN_MAX)
        return NULL;
    in->hidden[in->nhidden] = (wpi_hidden){ .catalog = catalog, .db = db };
    return &in->hidden[in->nhidden++];
}

static wpi_hidden *add(wpi_infer *in, wp_oid catalog, wp_oid db, unsigned bits, wp_lsn lsn)
{
    if (in->nhidden == 0 || lsn < in->hidden_lsn)
        in->hidden_lsn = lsn;
    wpi_hidden *hidden = need_hidden(in, catalog, db);
    if (hidden)
        hidden->changes |= bits;
    return hidden;
}

/* How many rows is not known. */
static void add_uncounted(wpi_infer *in, wp_oid catalog, wp_oid db, unsigned bits, wp_lsn lsn)
{
    wpi_hidden *hidden = add(in, catalog, db, bits, lsn);
    if (hidden)
        hidden->is_uncounted = true;
}

void wpi_note_hidden(wpi_infer *in, const wpi_work *work)
{
    const wpi_row_change *change = work->of.row;
    if (work->kind == WPI_WORK_DELETED && !change->rows.has_old)
        wpi_add_hidden_delete(in, change->catalog, change->db, work->lsn);
    else if (work->kind == WPI_WORK_UPDATED && is_unread_update(in, &change->rows, change))
        (void)add(in, change->catalog, change->db, HIDDEN_UPDATE, work->lsn);
}

void wpi_add_hidden_delete(wpi_infer *in, wp_oid catalog, wp_oid db, wp_lsn lsn)
{
    wpi_hidden *hidden = add(in, catalog, db, HIDDEN_DELETE, lsn);
    if (hidden)
        hidden->deletes++;
}

/* No commit names them. DEPEND goes for all of them: what is dropped leaves rows there. */
static const wp_oid unnamed_catalogs[] = { WPI_PG_TRIGGER, WPI_PG_POLICY, WPI_PG_REWRITE,
                                           WPI_PG_EXTENSION };

void wpi_note_unknown_file(wpi_infer *in, wp_oid db, wp_lsn lsn)
{
    for (size_t i = 0; i < COUNT(unnamed_catalogs); i++)
        add_uncounted(in, unnamed_catalogs[i], db, HIDDEN_DELETE, lsn);
}

void wpi_note_unseen(wpi_infer *in, uint32_t catalogs, wp_oid db, wp_lsn lsn)
{
    for (unsigned i = 0; i < WP_WATCHED_CATALOGS; i++) {
        const wp_oid catalog = wpi_watched_catalog(i);
        if (!(catalogs & wpi_watched_bit(catalog)))
            continue;
        if (catalog == WPI_PG_DEPEND)
            wpi_note_unknown_file(in, db, lsn);
        else
            add_uncounted(in, catalog, wpi_is_shared_catalog(catalog) ? 0 : db,
                          HIDDEN_DELETE | HIDDEN_UPDATE, lsn);
    }
}

/* ---- telling ------------------------------------------------------------------------------ */

/* Did a relation go for certain? In initdb, which follows no types, all are made and removed as one. */
static bool has_gone_relation(const wpi_infer *in)
{
    if (in->has_certain_table)
        return true;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (s->catalog == WPI_PG_CLASS && s->is_deleted
            && (!s->is_created || s->oid < WPI_FIRST_NORMAL_OID))
            return true;
    }
    return false;
}

/* VACUUM FULL and its like of a system catalog change the rows of that catalog and its indexes. */
static bool rewrites_catalog(const wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (s->is_transient && wpi_rewritten_oid(in->profile, s->before) != 0
            && wpi_rewritten_oid(in->profile, s->before) < WPI_FIRST_NORMAL_OID)
            return true;
    }
    return false;
}

/* Names stand in brackets where they are not known. */
static void write_text(wp_event *event, char *out, size_t size)
{
    const char *verb = wp_event_kind_verb(event->kind);
    const char *rest = wp_event_kind_name(event->kind) + strlen(verb);
    const bool is_part = event->kind >= WP_EVENT_DROP_TRIGGER && event->kind <= WP_EVENT_DROP_RULE;
    const char *to = strstr(rest, "COLUMN") && strstr(rest, "RENAME") ? " TO [?]" : "";
    (void)snprintf(out, size, "%s %s[?]%s%s%s", verb, is_part ? "[?] ON " : "", rest,
                   *rest ? " [?]" : "", to);
    event->name_at = (uint32_t)(strlen(verb) + 1 + (is_part ? strlen("[?] ON ") : 0));
    event->name_end = *rest ? event->name_at + 3 : 0;
}

static void tell(wpi_infer *in, wp_oid db, wp_lsn lsn, wp_event_kind kind, const wp_xact_end *end)
{
    char text[120];
    const wpi_object *database = wpi_catalog_object(in->catalog, WPI_PG_DATABASE, 0, db);
    wp_event event = { .kind = kind,
                       .text_id = WP_NO_TEXT_ID,
                       .text = text,
                       .is_possible = true,
                       .may_miss_rows = kind == WP_EVENT_DELETE || kind == WP_EVENT_UPDATE
                                        || kind == WP_EVENT_INSERT,
                       .database = { db, database ? database->row.name
                                                  : wp_profile_fixed_database(in->profile, db) },
                       .lsn = lsn,
                       .stop_lsn = end->lsn,
                       .xact = end };
    write_text(&event, text, sizeof text);
    in->config.callbacks.on_possible(in->config.callbacks.context, &event);
}

static void tell_meanings(wpi_infer *in, const wpi_hidden *hidden, unsigned change,
                          bool goes_with_others, const wp_xact_end *end)
{
    for (size_t i = 0; i < COUNT(meanings); i++) {
        const meaning *m = &meanings[i];
        if (m->catalog != hidden->catalog || m->change != change
            || (goes_with_others && m->goes_with_relation)
            || (m->needs_new_file && !in->new_files.used))
            continue;
        for (int kind = (int)m->first; kind <= (int)m->last; kind++)
            tell(in, hidden->db, in->hidden_lsn, (wp_event_kind)kind, end);
    }
}

void wpi_tell_unseen_rows(wpi_infer *in, const wpi_work *works, size_t n, wp_oid db,
                          const wp_xact_end *end)
{
    static const wp_event_kind kinds[] = { WP_EVENT_DELETE, WP_EVENT_UPDATE, WP_EVENT_INSERT };
    for (size_t i = 0; db == 0 && i < n; i++)
        if (works[i].kind == WPI_WORK_DML)
            db = works[i].of.dml.locator.db;
    for (size_t i = 0; in->config.callbacks.on_possible && i < COUNT(kinds); i++)
        tell(in, db, end->lsn, kinds[i], end);
}

/* The rows of pg_class: those of indexes, toast and sequences, or of relations that are told. */
static bool goes_with_others(wpi_infer *in, const wpi_hidden *hidden, const wp_fact_xact *fact)
{
    const bool has_gone = has_gone_relation(in);
    if (hidden->catalog == WPI_PG_CLASS)
        return has_gone || in->told_drops.used > 0;
    return has_gone && wpi_is_accounted(in, hidden, fact);
}

void wpi_tell_hidden(wpi_infer *in, const wp_fact_xact *fact, const wp_xact_end *end)
{
    if (!in->config.callbacks.on_possible)
        return;
    for (uint32_t i = 0; i < in->nhidden; i++) {
        const wpi_hidden *hidden = &in->hidden[i];
        if (hidden->changes & HIDDEN_DELETE)
            tell_meanings(in, hidden, HIDDEN_DELETE, goes_with_others(in, hidden, fact), end);
        if ((hidden->changes & HIDDEN_UPDATE) && !rewrites_catalog(in))
            tell_meanings(in, hidden, HIDDEN_UPDATE, false, end);
    }
}
