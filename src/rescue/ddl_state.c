/*
 * ddl_state.c - names, gaps, values and lists, for all parts of ddl.
 */
#include "rescue/ddl_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"

bool ddl_out_of_memory(ddl_work *w)
{
    snprintf(w->message, 512, "out of memory");
    return false;
}

bool ddl_oids_have(const ddl_oids *list, wp_oid oid)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i] == oid)
            return true;
    return false;
}

bool ddl_oids_add(ddl_oids *list, wp_oid oid, bool *is_new)
{
    *is_new = !ddl_oids_have(list, oid);
    if (!*is_new)
        return true;
    wp_oid *item = GROW(list->items, list->count, list->room);
    if (item)
        *item = oid;
    return item != NULL;
}

/* ---- gaps ---- */

static void add_gap(ddl_work *w, const char *line)
{
    text visible = { 0 };
    text_add_visible(&visible, line);
    text_addf(w->out, "-- not restored: %s\n", text_chars(&visible));
    text_list_addf(&w->gaps->lines, "%s", text_chars(&visible));
    text_free(&visible);
}

void ddl_gap(ddl_work *w, const char *format, ...)
{
    char line[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    add_gap(w, line);
}

void ddl_gap_statement(ddl_work *w, const char *what, const char *why, text *statement)
{
    text line = { 0 }, visible = { 0 };
    text_addf(&line, "%s: %s", what, why);
    text_add_visible(&visible, text_chars(statement));
    /* One with characters that are spelled out would be another statement. */
    if (statement->len > 0 && !statement->failed && visible.len == statement->len)
        text_addf(&line, ": %s;", statement->bytes);
    add_gap(w, text_chars(&line));
    text_free(&line);
    text_free(&visible);
    text_clear(statement);
}

/* ---- names ---- */

void ddl_add_qualified(const char *schema, const char *name, text *out)
{
    quote_identifier(schema, out);
    text_add(out, ".");
    quote_identifier(name, out);
}

void ddl_add_table(const ddl_work *w, text *out)
{
    ddl_add_qualified(w->schema, w->name, out);
}

bool ddl_is_skipped(const ddl_work *w, const dictionary_column *column)
{
    for (size_t i = 0; i < w->o->nskipped; i++)
        if (strcmp(w->o->skipped[i], column->name) == 0)
            return true;
    return false;
}

const dictionary_column *ddl_column_of(const ddl_work *w, int64_t number)
{
    if (number <= 0 || (uint64_t)number > w->r->ncolumns || !w->r->columns
        || w->r->columns[number - 1].is_dropped)
        return NULL;
    const dictionary_column *column = &w->r->details[number - 1];
    return ddl_is_skipped(w, column) ? NULL : column;
}

/* ---- values ---- */

static const wp_type *type_of(void *context, wp_oid typid)
{
    const dictionary_type *t = dictionary_type_of(context, typid);
    return t ? &t->type : NULL;
}

static bool label_of(void *context, wp_oid typid, wp_oid value, wp_view *label)
{
    return dictionary_label(context, typid, value, label);
}

wp_value_config ddl_value_config(const ddl *d)
{
    return (wp_value_config){ .profile = d->heap->profile,
                              .max_align = d->heap->max_align,
                              .text_bytes_max = 1 << 20,
                              .type = type_of,
                              .enum_label = label_of,
                              .context = d->dictionary };
}

bool ddl_value(const ddl *d, wp_oid type, const wp_datum *datum, wp_text *out)
{
    const wp_value_config config = ddl_value_config(d);
    return wp_value_text(&config, type, datum, out) == WP_VALUE_OK;
}

bool ddl_is_raw(const ddl_work *w, size_t position)
{
    const wp_value_config config = ddl_value_config(w->d);
    return w->o->is_raw && !wp_value_has_decoder(&config, w->r->columns[position].typid);
}

/* ---- schemas and sequences, by name ---- */

static bool is_made(const ddl *d, const char *schema)
{
    for (size_t i = 0; i < d->schemas.count; i++)
        if (strcmp(d->schemas.items[i], schema) == 0)
            return true;
    return false;
}

bool ddl_make_schema(ddl_work *w, const char *name)
{
    if (strcmp(name, "pg_catalog") == 0 || is_made(w->d, name))
        return true;
    /* It is everywhere but where it was dropped; CREATE SCHEMA needs a privilege even where there is nothing to do. */
    const bool is_public = strcmp(name, "public") == 0;
    text_add(w->out, is_public ? "DO $ddl$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace"
                                 " WHERE nspname = 'public') THEN CREATE SCHEMA "
                               : "CREATE SCHEMA IF NOT EXISTS ");
    quote_identifier(name, w->out);
    text_add(w->out, is_public ? "; END IF; END $ddl$;\n" : ";\n");
    const size_t count = w->d->schemas.count;
    text_list_addf(&w->d->schemas, "%s", name);
    return w->d->schemas.count > count || ddl_out_of_memory(w);
}

const ddl_owned *ddl_owner_of(const ddl_work *w, wp_oid sequence)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->owned.count; i++)
        if (c->owned.items[i].sequence == sequence && c->owned.items[i].relation == w->r->oid)
            return &c->owned.items[i];
    return NULL;
}

static bool is_within_character(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* A name for a sequence of a table that has a new name, as the server makes one: TABLE_COLUMN_seq in 63 bytes. */
static void add_new_name(const ddl_work *w, const char *column, text *out)
{
    size_t table = strlen(w->name), col = strlen(column);
    while (table + col + 5 > WP_NAME_BYTES - 1)
        *(table > col ? &table : &col) -= 1;
    while (table > 0 && is_within_character(w->name[table]))
        table--;
    while (col > 0 && is_within_character(column[col]))
        col--;
    char name[WP_NAME_BYTES];
    snprintf(name, sizeof name, "%.*s_%.*s_seq", (int)table, w->name, (int)col, column);
    ddl_add_qualified(w->schema, name, out);
}

bool ddl_add_sequence_name(const ddl_work *w, wp_oid sequence, text *out)
{
    const ddl_owned *owner = ddl_owner_of(w, sequence);
    const dictionary_column *column = owner ? ddl_column_of(w, owner->column) : NULL;
    if (column && w->is_renamed) {
        add_new_name(w, column->name, out);
        return true;
    }
    const dictionary_relation *s = dictionary_relation_of(w->d->dictionary, sequence);
    const char *schema = s ? dictionary_schema(w->d->dictionary, s->schema) : NULL;
    if (!schema)
        return false;
    ddl_add_qualified(schema, s->name, out);
    return true;
}

/* ---- lists in catalogs ---- */

bool ddl_next_number(const char **at, int64_t *out)
{
    const char *from = *at + strspn(*at, " {,");
    char *end;
    *out = strtoll(from, &end, 10);
    if (end == from)
        return false;
    *at = end;
    return true;
}

/* Takes the next element of an array's text: {a=1,"b=x y"}. */
static bool next_element(const char **at, text *element)
{
    const char *p = *at + strspn(*at, "{,");
    text_clear(element);
    if (*p == '\0' || *p == '}')
        return false;
    const bool is_quoted = *p == '"';
    for (p += is_quoted; *p && *p != (is_quoted ? '"' : ',') && (is_quoted || *p != '}'); p++) {
        if (*p == '\\' && p[1])
            p++;
        text_add_bytes(element, p, 1);
    }
    *at = p + (is_quoted && *p);
    return true;
}

void ddl_add_storage_options(const char *options, text *out)
{
    if (!options)
        return;
    text element = { 0 };
    const char *between = " WITH (";
    while (next_element(&options, &element)) {
        const char *is = element.len ? strchr(element.bytes, '=') : NULL;
        if (!is)
            continue;
        element.bytes[is - element.bytes] = '\0';
        text_add(out, between);
        quote_identifier(element.bytes, out);
        text_add(out, "=");
        quote_literal((wp_view){ (const uint8_t *)is + 1, strlen(is + 1) }, out);
        between = ", ";
    }
    if (*between == ',')
        text_add(out, ")");
    text_free(&element);
}
