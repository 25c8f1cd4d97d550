/*
 * rows.c - see rows.h. All that is used lies in the fixed columns, before anything wide.
 */
#include "catalog/rows.h"

#include "catalog/columns.h"
#include "format/catalogs.h"

#define ATTRELID_AT 0

static bool parse_class(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->nsp = wpi_column_u32(columns, l->relnamespace_at);
    row->filenode = wpi_column_u32(columns, l->relfilenode_at);
    row->spc = wpi_column_u32(columns, l->reltablespace_at);
    row->rewrite = wpi_column_u32(columns, l->relrewrite_at);
    row->kind = wpi_column_char(columns, l->relkind_at);
    row->persistence = wpi_column_char(columns, l->relpersistence_at);
    return row->kind && wpi_column_name(columns, l->relname_at, row->name);
}

static bool parse_type(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->nsp = wpi_column_u32(columns, l->typnamespace_at);
    row->owner = wpi_column_u32(columns, l->typrelid_at);
    row->kind = wpi_column_char(columns, l->typtype_at);
    const bool is_row = row->kind && wpi_column_name(columns, l->typname_at, row->name);
    const bool is_array = wpi_column_char(columns, l->typcategory_at) == 'A' && row->name[0] == '_';
    row->is_internal = is_row && (is_array || row->kind == 'm');
    return is_row;
}

static bool parse_index(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    row->oid = wpi_column_u32(columns, 0);
    row->owner = wpi_column_u32(columns, l->indrelid_at);
    row->is_live = wpi_column_char(columns, l->indislive_at) != '\0';
    return row->oid && row->owner;
}

static bool parse_depend(wp_view columns, wpi_row *row)
{
    row->classid = wpi_column_u32(columns, 0);
    row->oid = wpi_column_u32(columns, 4);
    row->sub = (int32_t)wpi_column_u32(columns, 8);
    row->refclassid = wpi_column_u32(columns, 12);
    row->owner = wpi_column_u32(columns, 16);
    row->kind = wpi_column_char(columns, 24);
    return row->kind != '\0';
}

static bool parse_attribute(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    if (l->attisdropped_at >= (int)columns.len)
        return false;
    row->oid = wpi_column_u32(columns, ATTRELID_AT);
    row->sub = (int16_t)wpi_u16(columns.bytes + l->attnum_at);
    row->is_dropped = wpi_column_char(columns, l->attisdropped_at) != '\0';
    return row->oid && wpi_column_name(columns, WPI_ATTNAME_AT, row->name);
}

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

/* Of functions, triggers, policies, rules and constraints. */
static bool parse_object(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
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

bool wpi_parse_row(const wp_catalog_layout *l, wp_view columns, wpi_row *row)
{
    if (!l->oid_in_header)
        row->oid = wpi_column_u32(columns, 0);
    switch (row->catalog) {
    case WPI_PG_CLASS:
        return row->oid && parse_class(l, columns, row);
    case WPI_PG_TYPE:
        return row->oid && parse_type(l, columns, row);
    case WPI_PG_NAMESPACE:
    case WPI_PG_EXTENSION:
    case WPI_PG_TABLESPACE:
    case WPI_PG_AUTHID:
        return row->oid && wpi_column_name(columns, l->nspname_at, row->name);
    case WPI_PG_DATABASE:
        row->is_invalid =
            (int32_t)wpi_column_u32(columns, l->datconnlimit_at) == WPI_CONNLIMIT_INVALID;
        return row->oid && wpi_column_name(columns, l->datname_at, row->name);
    case WPI_PG_INDEX:
        return parse_index(l, columns, row);
    case WPI_PG_DEPEND:
        return parse_depend(columns, row);
    case WPI_PG_ATTRIBUTE:
        return parse_attribute(l, columns, row);
    default:
        return row->oid && parse_object(l, columns, row);
    }
}
