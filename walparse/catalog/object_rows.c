/*
 * object_rows.c - see object_rows.h. All that is used lies in the fixed columns, before anything wide.
 */
#include "catalog/object_rows.h"

#include "format/catalogs.h"
#include "catalog/columns.h"

/* The kind is that of prokind, also where the version has no such column: f, p, a, w. */
static bool parse_proc(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->nsp = wpi_column_u32(columns, l->pronamespace_at);
    if (l->prokind_at >= 0)
        row->kind = wpi_column_char(columns, l->prokind_at);
    else if (l->proisagg_at < (int)columns.len)
        row->kind = wpi_column_char(columns, l->proisagg_at) ? 'a' : 'f';
    return row->kind && wpi_column_name(columns, l->proname_at, row->name);
}

static bool parse_trigger(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->owner = wpi_column_u32(columns, l->tgrelid_at);
    row->parent = wpi_column_u32(columns, l->tgparentid_at);
    row->is_internal = wpi_column_char(columns, l->tgisinternal_at) != '\0';
    return row->owner && wpi_column_name(columns, l->tgname_at, row->name);
}

static bool parse_policy(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->owner = wpi_column_u32(columns, l->polrelid_at);
    return row->owner && wpi_column_name(columns, l->polname_at, row->name);
}

/* The rule that a view consists of has this name, which no other rule may have. */
static bool parse_rewrite(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    const bool is_row = parse_policy(l, columns, row);
    row->is_internal = is_row && strcmp(row->name, "_RETURN") == 0;
    return is_row;
}

/* Constraints of domains belong to no table: owner 0. */
static bool parse_constraint(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->owner = wpi_column_u32(columns, l->conrelid_at);
    row->parent = wpi_column_u32(columns, l->conparentid_at);
    row->kind = wpi_column_char(columns, l->contype_at);
    if (row->kind == 'p' || row->kind == 'u' || row->kind == 'x')
        row->index = wpi_column_u32(columns, l->conindid_at);
    return row->kind && wpi_column_name(columns, l->conname_at, row->name);
}

bool wpi_parse_object(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    switch (row->catalog) {
    case WPI_PG_PROC:
        return parse_proc(l, columns, row);
    case WPI_PG_TRIGGER:
        return parse_trigger(l, columns, row);
    case WPI_PG_POLICY:
        return parse_policy(l, columns, row);
    case WPI_PG_REWRITE:
        return parse_rewrite(l, columns, row);
    case WPI_PG_CONSTRAINT:
        return parse_constraint(l, columns, row);
    default:
        return false;
    }
}
