/*
 * infer_tell.c - what was found becomes events: in order, with names and text.
 */
#include "infer/infer_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog/external_names.h"

/* Words, and up to four names: of the schema, the object, and what it was and became. */
#define TEXT_BYTES (80 + 4 * WP_QUOTED_BYTES)

/* The object's name, with its schema where it has one. Returns the end. */
static char *write_object(const wpi_infer *in, const wp_event *event, char *p)
{
    if (event->object.name && wp_event_kind_has_schema(event->kind)) {
        if (event->schema.name)
            p += wp_quote_ident(in->profile, event->schema.name, p);
        else
            p += snprintf(p, 16, "[%u]", event->schema.oid);
        *p++ = '.';
    }
    if (event->object.name)
        return p + wp_quote_ident(in->profile, event->object.name, p);
    if (event->object.oid)
        return p + snprintf(p, 16, "[%u]", event->object.oid);
    return p + snprintf(p, 32, "[filenode %u]", event->locator.rel);
}

/*
 * Three forms: DROP TABLE object; ALTER TABLE object DROP CONSTRAINT part; DROP TRIGGER part ON object.
 * Fills in name_at and name_end.
 */
static void write_text(wpi_infer *in, const wpi_finding *f, wp_event *event, char out[TEXT_BYTES])
{
    const char *verb = wp_event_kind_verb(event->kind);
    const char *rest = wp_event_kind_name(event->kind) + strlen(verb);
    const bool is_part_first = f->part && *rest == '\0';
    char *p = out + snprintf(out, TEXT_BYTES, "%s ", verb);
    if (is_part_first) {
        p += wp_quote_ident(in->profile, f->part->name, p);
        p += snprintf(p, 8, " ON ");
    }
    event->name_at = (uint32_t)(p - out);
    char *end = p = write_object(in, event, p);
    if (f->part && !is_part_first) {
        p += snprintf(p, 40, "%s ", rest);
        p += wp_quote_ident(in->profile, f->part->name, p);
    } else if (f->new) {
        p += wpi_write_alteration(in, f, p);
    }
    if (p > end)
        event->name_end = (uint32_t)(end - out);
}

/* Index of a row-count kind among an object's cached texts; -1: not one of those. */
static int cache_index(wp_event_kind kind)
{
    switch (kind) {
    case WP_EVENT_DELETE:
        return 0;
    case WP_EVENT_UPDATE:
        return 1;
    case WP_EVENT_INSERT:
        return 2;
    default:
        return -1;
    }
}

/* Fills in text and text_id, by the cache when the object has one. scratch: for a text not numbered. */
static void set_text(wpi_infer *in, const wpi_finding *f, wp_event *event, char scratch[TEXT_BYTES])
{
    const int slot = f->object ? cache_index(f->kind) : -1;
    const uint32_t generation = wpi_catalog_generation(in->catalog);
    if (slot >= 0 && f->object->text_generation != generation) {
        f->object->text_generation = generation;
        for (size_t i = 0; i < 3; i++)
            f->object->text_ids[i] = WP_NO_TEXT_ID;
    }
    event->text_id = slot >= 0 ? f->object->text_ids[slot] : WP_NO_TEXT_ID;
    event->name_at = (uint32_t)strlen(wp_event_kind_verb(event->kind)) + 1;
    if (event->text_id == WP_NO_TEXT_ID) {
        write_text(in, f, event, scratch);
        event->text_id = wpi_texts_number(&in->texts, scratch, WP_TEXTS_MAX);
        if (slot >= 0)
            f->object->text_ids[slot] = event->text_id;
    }
    event->text = event->text_id == WP_NO_TEXT_ID ? scratch : in->texts.texts[event->text_id];
}

static const char *database_name(const wpi_infer *in, wp_oid db, wp_name_source *from)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_DATABASE, 0, db);
    return wpi_name_of(object ? &object->row : NULL, wp_profile_fixed_database(in->profile, db),
                       from);
}

/* Remembers what could not be named, in case the WAL shows it later. */
static void note_misses(wpi_infer *in, const wpi_finding *f, const wp_event *event)
{
    if (in->config.is_live)
        return; /* there is no other run */
    if (!event->database.name && event->database.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_DATABASE, 0, event->database.oid);
    if (!event->schema.name && event->schema.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_NAMESPACE, f->db, event->schema.oid);
    if (!event->object.name && f->has_rows)
        wpi_catalog_miss_file(in->catalog, &f->locator);
    else if (!event->object.name && event->object.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_CLASS, f->db, event->object.oid);
}

/* Names a relation that neither the WAL nor a backup does. */
static void set_known_relation(const wpi_row *row, wp_event *event)
{
    event->object = (wp_object_name){ row->oid, row->name };
    event->object_from = WP_NAME_FROM_SERVER;
    event->relkind = row->kind;
    event->schema = (wp_object_name){ row->nsp, wpi_fixed_schema_name(row->nsp) };
    event->schema_from = WP_NAME_FIXED;
}

/* Asks what was said elsewhere, last of all. False: rows of something that no rows are told of. */
static bool ask_known(const wpi_infer *in, const wpi_finding *f, wp_event *event)
{
    const wp_external_names *known = in->config.external_names;
    const wpi_row *row = NULL;
    if (!event->object.name && wp_event_kind_names_relation(f->kind))
        row = f->oid ? wpi_external_object(known, WPI_PG_CLASS, f->db, f->oid)
                     : wpi_external_file(known, &f->locator);
    if (row && f->has_rows && row->kind != 'r')
        return false;
    if (row)
        set_known_relation(row, event);
    const wp_oid nsp = event->schema.oid, db = event->database.oid;
    if (!event->schema.name && (row = wpi_external_object(known, WPI_PG_NAMESPACE, f->db, nsp))) {
        event->schema.name = row->name;
        event->schema_from = WP_NAME_FROM_SERVER;
    }
    if (!event->database.name && (row = wpi_external_object(known, WPI_PG_DATABASE, 0, db))) {
        event->database.name = row->name;
        event->database_from = WP_NAME_FROM_SERVER;
    }
    if (wp_event_kind_is_database(f->kind) && !event->object.name && event->database.name) {
        event->object = event->database;
        event->object_from = event->database_from;
    }
    return true;
}

static void tell(wpi_infer *in, uint32_t number, const wp_xact_end *end)
{
    const wpi_finding *f = &in->findings[number];
    char scratch[TEXT_BYTES];
    const wpi_row *row = f->row;
    wp_event event = { .kind = f->kind,
                       .locator = f->locator,
                       .has_rows = f->has_rows,
                       .may_miss_rows = f->may_miss_rows,
                       .may_be_catalog = f->may_be_catalog,
                       .rows = f->rows,
                       .lsn = f->lsn,
                       .xact = end,
                       .stop_lsn = f->stop_lsn ? f->stop_lsn : end->lsn,
                       .number = number,
                       .taken_by = f->taken_by ? f->taken_by - 1 : number,
                       .took = f->took };
    if (in->told_db.oid != f->db || f->db == 0)
        in->told_db = (wp_object_name){ f->db, database_name(in, f->db, &in->told_db_from) };
    event.database = in->told_db;
    event.database_from = in->told_db_from;
    event.object = (wp_object_name){ f->oid, wpi_name_of(row, NULL, &event.object_from) };
    if (wp_event_kind_is_database(f->kind) && event.object.name) {
        event.database = event.object;
        event.database_from = event.object_from;
    }
    if (row && wp_event_kind_has_schema(f->kind)) {
        if (in->told_nsp.oid != row->nsp || in->told_nsp_db != f->db || in->nsubjects) {
            in->told_nsp = (wp_object_name){ row->nsp, wpi_schema_name(in, f->db, row->nsp, f->lsn,
                                                                       &in->told_nsp_from) };
            in->told_nsp_db = f->db;
        }
        event.schema = in->told_nsp;
        event.schema_from = in->told_nsp_from;
        event.is_temporary = row->persistence == 't';
    }
    event.relkind = row && row->catalog == WPI_PG_CLASS ? row->kind : f->relkind;
    note_misses(in, f, &event);
    if (in->config.external_names && !ask_known(in, f, &event))
        return;
    set_text(in, f, &event, scratch);
    in->config.callbacks.on_event(in->config.callbacks.context, &event);
}

static int compare_findings(const void *x, const void *y)
{
    const wpi_finding *a = x, *b = y;
    if (a->lsn != b->lsn)
        return a->lsn < b->lsn ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void sort_findings(wpi_finding *findings, size_t n)
{
    if (n > WPI_FEW) {
        qsort(findings, n, sizeof *findings, compare_findings);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const wpi_finding f = findings[i];
        size_t at = i;
        for (; at > 0 && compare_findings(&findings[at - 1], &f) > 0; at--)
            findings[at] = findings[at - 1];
        findings[at] = f;
    }
}

void wpi_sort_findings(wpi_infer *in)
{
    sort_findings(in->findings, in->nfindings);
}

void wpi_tell_all(wpi_infer *in, const wp_xact_end *end)
{
    in->told_db = in->told_nsp = (wp_object_name){ 0, NULL };
    for (uint32_t i = 0; i < in->nfindings; i++)
        tell(in, i, end);
}
