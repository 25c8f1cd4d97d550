/*
 * infer_objects.c - the rules about objects of other catalogs than pg_class.
 */
#include "infer_parts.h"

#include <string.h>

static bool is_temporary_schema(const wpi_row *row)
{
    return strncmp(row->name, "pg_temp_", 8) == 0 || strncmp(row->name, "pg_toast_temp_", 14) == 0;
}

static void find_schema_drop(wpi_infer *in, const wpi_subject *s)
{
    if ((s->is_created || is_temporary_schema(s->after)) && !in->config.include_temporary)
        return;
    wpi_add_finding(in, (wpi_finding){ .kind = WP_EVENT_DROP_SCHEMA,
                                       .lsn = s->lsn,
                                       .db = s->db,
                                       .oid = s->oid,
                                       .row = s->after });
}

static void find_named_drop(wpi_infer *in, const wpi_subject *s, wp_event_kind kind)
{
    if (s->is_created && !in->config.include_temporary)
        return;
    const uintptr_t invalid = (uintptr_t)wpi_table_get(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
    const bool is_database = kind == WP_EVENT_DROP_DATABASE;
    wpi_add_finding(
        in, (wpi_finding){ .kind = kind,
                           .lsn = s->lsn ? s->lsn : s->removed_lsn,
                           .db = is_database ? s->oid : s->db,
                           .oid = s->oid,
                           .row = s->after,
                           .stop_lsn = is_database && invalid ? (wp_lsn)invalid : s->removed_lsn });
}

/* True when the subject is one that has a name only, and is gone. */
bool wpi_find_object(wpi_infer *in, const wpi_subject *s)
{
    switch (s->catalog) {
    case WPI_PG_NAMESPACE:
        if (s->is_deleted)
            find_schema_drop(in, s);
        return true;
    case WPI_PG_DATABASE:
        if (s->removed_lsn)
            find_named_drop(in, s, WP_EVENT_DROP_DATABASE);
        return true;
    case WPI_PG_TABLESPACE:
        if (s->removed_lsn)
            find_named_drop(in, s, WP_EVENT_DROP_TABLESPACE);
        return true;
    case WPI_PG_AUTHID:
        if (s->is_deleted)
            find_named_drop(in, s, WP_EVENT_DROP_ROLE);
        return true;
    case WPI_PG_EXTENSION:
        if (s->is_deleted)
            find_named_drop(in, s, WP_EVENT_DROP_EXTENSION);
        return true;
    default:
        return false;
    }
}
