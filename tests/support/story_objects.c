/*
 * story_objects.c - see story_objects.h.
 */
#include "story_objects.h"

#include <assert.h>
#include <string.h>

/* Enough for the fixed columns of all of them. */
#define FIXED_BYTES 160
#define MORE_BYTES_MAX 7000

typedef struct columns {
    uint8_t at[FIXED_BYTES + MORE_BYTES_MAX];
    size_t len;
} columns;

static void set_oid(columns *c, int16_t at, wp_oid oid)
{
    for (int i = 0; at >= 0 && i < 4; i++)
        c->at[at + i] = (uint8_t)(oid >> 8 * i);
}

static void set_char(columns *c, int16_t at, char value)
{
    if (at >= 0)
        c->at[at] = (uint8_t)value;
}

static void set_name(columns *c, int16_t at, const char *name)
{
    assert(strlen(name) < WP_NAME_BYTES);
    memcpy(c->at + at, name, strlen(name));
}

static void fill_proc(columns *c, const wp_catalog_layout *l, const object *o)
{
    set_name(c, l->proname_at, o->name);
    set_oid(c, l->pronamespace_at, o->nsp ? o->nsp : 2200);
    set_char(c, l->prokind_at, o->kind ? o->kind : 'f');
    set_char(c, l->proisagg_at, o->kind == 'a');
}

static void fill_type(columns *c, const wp_catalog_layout *l, const object *o)
{
    set_name(c, l->typname_at, o->name);
    set_oid(c, l->typnamespace_at, o->nsp ? o->nsp : 2200);
    set_char(c, l->typtype_at, o->kind ? o->kind : 'b');
    set_char(c, l->typcategory_at, o->is_internal ? 'A' : 'U');
    set_oid(c, l->typrelid_at, o->table);
}

static void fill_trigger(columns *c, const wp_catalog_layout *l, const object *o)
{
    set_name(c, l->tgname_at, o->name);
    set_oid(c, l->tgrelid_at, o->table);
    set_oid(c, l->tgparentid_at, o->parent);
    set_char(c, l->tgisinternal_at, (char)o->is_internal);
}

static void fill_constraint(columns *c, const wp_catalog_layout *l, const object *o)
{
    set_name(c, l->conname_at, o->name);
    set_char(c, l->contype_at, o->kind ? o->kind : 'c');
    set_oid(c, l->conrelid_at, o->table);
    set_oid(c, l->conindid_at, o->index);
    set_oid(c, l->conparentid_at, o->parent);
}

static wp_view fill(story *s, const object *o, columns *c)
{
    const wp_catalog_layout *l = &wal_profile(story_wal(s))->catalog;
    memset(c->at, 0, sizeof c->at);
    assert(o->more <= MORE_BYTES_MAX);
    c->len = FIXED_BYTES + o->more;
    for (size_t i = 0; i < o->more; i++)
        c->at[FIXED_BYTES + i] = (uint8_t)(i * 7 + o->oid);
    if (!l->oid_in_header)
        set_oid(c, 0, o->oid);
    switch (o->catalog) {
    case PG_PROC:
        fill_proc(c, l, o);
        break;
    case PG_TYPE:
        fill_type(c, l, o);
        break;
    case PG_TRIGGER:
        fill_trigger(c, l, o);
        break;
    case PG_CONSTRAINT:
        fill_constraint(c, l, o);
        break;
    case PG_POLICY:
    case PG_REWRITE:
        set_name(c, l->polname_at, o->name);
        set_oid(c, l->polrelid_at, o->table);
        break;
    default:
        set_name(c, l->nspname_at, o->name);
        break;
    }
    return (wp_view){ c->at, c->len };
}

void object_insert(story *s, const object *o)
{
    columns c;
    raw_insert(s, o->catalog, o->oid, fill(s, o, &c));
}

void object_update(story *s, const object *o)
{
    columns c;
    raw_update(s, o->catalog, o->oid, fill(s, o, &c));
}

void object_delete(story *s, const object *o)
{
    raw_delete(s, o->catalog, o->oid);
}
