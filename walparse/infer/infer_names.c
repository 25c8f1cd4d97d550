/*
 * infer_names.c - what names say: those that PostgreSQL itself gives, and the one a schema had at a moment.
 */
#include "infer/infer_names.h"

#include <stdlib.h>
#include <string.h>

wp_oid wpi_rewritten_oid(const wp_profile *profile, const wpi_row *row)
{
    if (profile->catalog.relrewrite_at >= 0)
        return row->rewrite;
    static const char prefix[] = "pg_temp_";
    if (strncmp(row->name, prefix, sizeof prefix - 1) != 0)
        return 0;
    const char *digits = row->name + sizeof prefix - 1;
    return digits[strspn(digits, "0123456789")] == '\0' ? (wp_oid)strtoul(digits, NULL, 10) : 0;
}

bool wpi_is_reindex_name(const char *name, const char *suffix)
{
    const size_t len = strlen(suffix);
    const char *at = NULL;
    for (const char *p = name; (p = strstr(p, suffix)); p++)
        at = p;
    return at && at[len + strspn(at + len, "0123456789")] == '\0';
}

const char *wpi_fixed_schema_name(wp_oid oid)
{
    switch (oid) {
    case WPI_NSP_PG_CATALOG:
        return "pg_catalog";
    case WPI_NSP_PG_TOAST:
        return "pg_toast";
    case WPI_NSP_PUBLIC:
        return "public";
    default:
        return NULL;
    }
}

const char *wpi_name_of(const wpi_row *row, const char *fixed, wp_name_source *from)
{
    *from = row ? (wp_name_source)row->source : WP_NAME_FIXED;
    return row ? row->name : fixed;
}

const char *wpi_schema_name(const wpi_infer *in, wp_oid db, wp_oid oid, wp_lsn lsn,
                            wp_name_source *from)
{
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_NAMESPACE, db, oid);
    if (s && s->before && s->after) {
        const bool is_after = s->is_created || s->is_deleted || lsn >= s->lsn;
        return wpi_name_of(is_after ? s->after : s->before, NULL, from);
    }
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_NAMESPACE, db, oid);
    return wpi_name_of(object ? &object->row : NULL, wpi_fixed_schema_name(oid), from);
}
