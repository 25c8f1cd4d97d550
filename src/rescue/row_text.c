/*
 * row_text.c - see row_text.h.
 *
 * Names of objects are those of utils/adt/regproc.c when search_path is empty, as pg_dump sets it: with their schema, but for those of
 * pg_catalog.
 */
#include "rescue/row_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"

#define HEAP_ACCESS_METHOD 2
#define PG_CATALOG 11
#define PG_AUTHID 1260
#define TYPES_MAX 10000 /* that a column's type is made of */

enum {
    BYTEAOID = 17,
    REGPROC = 24,
    REGPROCEDURE = 2202,
    REGOPER = 2203,
    REGOPERATOR = 2204,
    REGCLASS = 2205,
    REGTYPE = 2206,
    REGCONFIG = 3734,
    REGDICTIONARY = 3769,
    REGNAMESPACE = 4089,
    REGROLE = 4096,
    REGCOLLATION = 4191
};

typedef struct role {
    wp_oid oid;
    char name[WP_NAME_BYTES];
} role;

/* A column that is written. */
typedef struct column {
    size_t at; /* in the relation's columns */
    bool is_raw;
    size_t start, end; /* of the row's value in the text */
} column;

struct row_text {
    dictionary *dictionary;
    const dictionary_relation *relation;
    wp_value_config values;
    column *columns;
    row_column *written;
    row_field *fields;
    size_t count;
    wp_datum *datums; /* of all columns of the relation */
    wp_text text;     /* of the row's values, one after the other */
    wp_text raw;      /* a value's bytes */
    wp_text chunks;
    toast *toast;
    bool needs_roles, no_memory;
    role *roles;
    size_t nroles, roles_room;
    text name; /* of the object that was asked for last */
    row_text_sums sums;
};

/* ---- what the library asks ------------------------------------------------------------------ */

/* A composite type whose columns are not learnt is not known. */
static const wp_type *find_type(void *context, wp_oid typid)
{
    const row_text *const t = context;
    const dictionary_type *const type = dictionary_type_of(t->dictionary, typid);
    return type && (type->type.kind != 'c' || type->type.columns) ? &type->type : NULL;
}

static bool find_label(void *context, wp_oid typid, wp_oid value, wp_view *label)
{
    const row_text *const t = context;
    return dictionary_label(t->dictionary, typid, value, label);
}

static bool add_role(const row_text *t, wp_oid oid, text *out)
{
    for (size_t i = 0; i < t->nroles; i++) {
        if (t->roles[i].oid == oid) {
            quote_identifier_as(t->values.profile, t->roles[i].name, out);
            return true;
        }
    }
    return false;
}

static bool add_schema(const row_text *t, wp_oid oid, text *out)
{
    const char *const name = dictionary_schema(t->dictionary, oid);
    if (name)
        quote_identifier_as(t->values.profile, name, out);
    return name != NULL;
}

static bool add_relation(const row_text *t, wp_oid oid, text *out)
{
    const dictionary_relation *const r = dictionary_relation_of(t->dictionary, oid);
    if (!r)
        return false;
    if (r->schema != PG_CATALOG && add_schema(t, r->schema, out))
        text_add(out, ".");
    quote_identifier_as(t->values.profile, r->name, out);
    return true;
}

/* Only of types that can_name_objects() has let through. */
static bool find_name(void *context, wp_oid typid, wp_oid object, wp_view *name)
{
    row_text *const t = context;
    bool is_there;
    text_clear(&t->name);
    switch (typid) {
    case REGCLASS:
        is_there = add_relation(t, object, &t->name);
        break;
    case REGTYPE:
        is_there = dictionary_add_regtype(t->dictionary, object, &t->name);
        break;
    case REGNAMESPACE:
        is_there = add_schema(t, object, &t->name);
        break;
    default:
        is_there = add_role(t, object, &t->name);
        break;
    }
    t->no_memory = t->no_memory || t->name.failed;
    *name = (wp_view){ (const uint8_t *)text_chars(&t->name), t->name.len };
    return is_there;
}

/* ---- columns -------------------------------------------------------------------------------- */

/* Can names of objects in values of this type be told? Of functions, operators and text search objects they cannot. */
static bool can_name_objects(row_text *t, wp_oid typid, unsigned *types_left)
{
    switch (typid) {
    case REGPROC:
    case REGPROCEDURE:
    case REGOPER:
    case REGOPERATOR:
    case REGCONFIG:
    case REGDICTIONARY:
    case REGCOLLATION:
        return false;
    case REGROLE:
        t->needs_roles = true;
        return true;
    default:
        break;
    }
    const dictionary_type *const type = dictionary_type_of(t->dictionary, typid);
    if (*types_left == 0)
        return false;
    --*types_left;
    if (!type)
        return true;
    if (type->type.base && !can_name_objects(t, type->type.base, types_left))
        return false;
    if (type->type.element && !can_name_objects(t, type->type.element, types_left))
        return false;
    for (size_t i = 0; i < type->type.ncolumns; i++)
        if (!type->type.columns[i].is_dropped
            && !can_name_objects(t, type->type.columns[i].typid, types_left))
            return false;
    return true;
}

static wp_oid base_type(const dictionary *d, wp_oid typid)
{
    const dictionary_type *type = dictionary_type_of(d, typid);
    for (unsigned i = 0; i < TYPES_MAX && type && type->type.kind == 'd'; i++) {
        typid = type->type.base;
        type = dictionary_type_of(d, typid);
    }
    return typid;
}

static bool is_written(const dictionary_relation *r, size_t i)
{
    return !r->columns[i].is_dropped && !r->details[i].generated;
}

bool row_text_has_column(const dictionary_relation *relation, const char *name)
{
    for (size_t i = 0; i < relation->ncolumns; i++)
        if (is_written(relation, i) && strcmp(relation->details[i].name, name) == 0)
            return true;
    return false;
}

static bool is_skipped(const row_text_config *config, const char *name)
{
    for (size_t i = 0; i < config->nskipped; i++)
        if (strcmp(config->skipped[i], name) == 0)
            return true;
    return false;
}

static bool refuse_column(const row_text *t, size_t at, char message[MESSAGE_BYTES])
{
    text name = { 0 }, type = { 0 }, word = { 0 };
    const dictionary_column *const details = &t->relation->details[at];
    const wp_oid typid = t->relation->columns[at].typid;
    text_add_visible(&name, details->name);
    text_add_word(&word, details->name);
    if (!dictionary_add_type(t->dictionary, typid, details->typmod, &type))
        text_addf(&type, "%" PRIu32, typid);
    (void)message_fail(
        message,
        "column %s of %s: values of type %s cannot be printed; --skip-column %s leaves "
        "it out, --raw prints the bytes",
        text_chars(&name), t->relation->name, text_chars(&type), text_chars(&word));
    text_free(&name);
    text_free(&type);
    text_free(&word);
    return false;
}

static bool add_column(row_text *t, const row_text_config *config, size_t at,
                       char message[MESSAGE_BYTES])
{
    const wp_column *const c = &t->relation->columns[at];
    const dictionary_column *const details = &t->relation->details[at];
    unsigned types_left = TYPES_MAX;
    const bool has_decoder =
        can_name_objects(t, c->typid, &types_left) && wp_value_has_decoder(&t->values, c->typid);
    if (!has_decoder && !config->is_raw)
        return refuse_column(t, at, message);
    t->columns[t->count] = (column){ .at = at, .is_raw = !has_decoder };
    t->written[t->count] =
        (row_column){ .name = details->name,
                      .base_type = has_decoder ? base_type(t->dictionary, c->typid) : BYTEAOID,
                      .is_identity_always = details->identity == 'a' };
    t->count++;
    return true;
}

static bool take_role(void *context, const catalog_row *row)
{
    row_text *const t = context;
    wp_text name = { 0 };
    role *const r = GROW(t->roles, t->nroles, t->roles_room);
    if (!r) {
        t->no_memory = true;
        return false;
    }
    *r = (role){ .oid = (wp_oid)catalog_row_number(row, "oid") };
    if (catalog_row_text(row, "rolname", &name) && name.len < sizeof r->name)
        memcpy(r->name, name.bytes, name.len);
    else
        t->nroles--;
    wp_text_free(&name);
    return true;
}

static bool make_columns(row_text *t, const row_text_config *config, char message[MESSAGE_BYTES])
{
    const dictionary_relation *const r = config->relation;
    const size_t n = r->ncolumns + 1;
    size_t skipped = 0;
    t->columns = calloc(n, sizeof *t->columns);
    t->written = calloc(n, sizeof *t->written);
    t->fields = calloc(n, sizeof *t->fields);
    t->datums = calloc(n, sizeof *t->datums);
    if (!t->columns || !t->written || !t->fields || !t->datums)
        return message_no_memory(message);
    for (size_t i = 0; i < r->ncolumns; i++) {
        if (!is_written(r, i))
            continue;
        if (is_skipped(config, r->details[i].name))
            skipped++;
        else if (!add_column(t, config, i, message))
            return false;
    }
    if (skipped > 0 && t->count == 0)
        return message_fail(message, "--skip-column leaves no column of %s", r->name);
    if (!t->needs_roles)
        return true;
    if (!dictionary_catalog(t->dictionary, PG_AUTHID, take_role, t, message))
        return false;
    return !t->no_memory || message_no_memory(message);
}

static bool make_toast(row_text *t, const heap *h, char message[MESSAGE_BYTES])
{
    const dictionary_relation *const toasts =
        t->relation->toast ? dictionary_relation_of(t->dictionary, t->relation->toast) : NULL;
    if (!toasts || toasts->file.rel == 0)
        return true;
    t->toast = toast_new(h, &toasts->file);
    return t->toast || message_no_memory(message);
}

/* Before 12 tables have no access method. */
static bool check_access_method(const dictionary_relation *r, char message[MESSAGE_BYTES])
{
    return r->access_method == 0 || r->access_method == HEAP_ACCESS_METHOD
           || message_fail(message,
                           "%s is stored by the access method with OID %" PRIu32
                           ": only rows of heap can be read",
                           r->name, r->access_method);
}

bool row_text_new(const row_text_config *config, row_text **out, char message[MESSAGE_BYTES])
{
    row_text *const t = *out = calloc(1, sizeof *t);
    if (!t)
        return message_no_memory(message);
    t->dictionary = config->dictionary;
    t->relation = config->relation;
    t->values = (wp_value_config){ .profile = config->heap->profile,
                                   .max_align = config->heap->max_align,
                                   .lc_monetary_is_c = config->lc_monetary_is_c,
                                   .type = find_type,
                                   .enum_label = find_label,
                                   .object_name = find_name,
                                   .context = t };
    return check_access_method(config->relation, message) && make_columns(t, config, message)
           && make_toast(t, config->heap, message);
}

const row_column *row_text_columns(const row_text *t, size_t *count)
{
    *count = t->count;
    return t->written;
}

bool row_text_set_key(row_text *t, const size_t *columns, size_t n)
{
    size_t found = 0;
    for (size_t i = 0; i < t->count; i++) {
        t->written[i].is_key = false;
        for (size_t k = 0; k < n; k++)
            t->written[i].is_key = t->written[i].is_key || columns[k] == t->columns[i].at;
        found += t->written[i].is_key;
    }
    return found == n;
}

/* ---- rows ----------------------------------------------------------------------------------- */

/* Why a row is not handed out. name NULL: the row as a whole. */
static __attribute__((format(printf, 4, 5))) row_text_status doubt(row_text *t, const heap_row *row,
                                                                   const char *name,
                                                                   const char *format, ...)
{
    if (t->sums.first[0])
        return ROW_TEXT_DOUBTFUL;
    text out = { 0 };
    char why[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    text_addf(&out, "block %" PRIu32 ", item %u", row->block, (unsigned)row->item);
    if (name) {
        text_add(&out, ", column ");
        text_add_visible(&out, name);
    }
    text_addf(&out, ": %s", why);
    (void)snprintf(t->sums.first, sizeof t->sums.first, "%s", text_chars(&out));
    text_free(&out);
    return ROW_TEXT_DOUBTFUL;
}

static void add_hex(const wp_text *bytes, uint8_t *to)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes->len; i++) {
        *to++ = (uint8_t)digits[bytes->bytes[i] >> 4];
        *to++ = (uint8_t)digits[bytes->bytes[i] & 15];
    }
}

static wp_value_status print_raw(row_text *t, const wp_datum *datum)
{
    t->raw.len = 0;
    const wp_value_status status = wp_datum_unpack(&t->values, datum, &t->raw);
    if (status != WP_VALUE_OK)
        return status;
    const size_t needed = t->text.len + 2 + 2 * t->raw.len;
    if (needed > t->text.room) {
        uint8_t *const moved = realloc(t->text.bytes, 2 * needed);
        if (!moved)
            return WP_VALUE_NO_MEMORY;
        t->text.bytes = moved;
        t->text.room = 2 * needed;
    }
    uint8_t *const to = t->text.bytes + t->text.len;
    to[0] = '\\';
    to[1] = 'x';
    add_hex(&t->raw, to + 2);
    t->text.len = needed;
    return WP_VALUE_OK;
}

/* Reads an external value; others are as they are. */
static row_text_status fetch(row_text *t, const heap_row *row, const char *name, wp_datum *datum,
                             char message[MESSAGE_BYTES])
{
    if (datum->kind != WP_DATUM_EXTERNAL)
        return ROW_TEXT_GOOD;
    toast_status status = TOAST_MISSING;
    const wp_oid value = datum->value_oid;
    if (t->toast && datum->toast_oid == t->relation->toast)
        status = toast_read(t->toast, datum, &t->chunks, datum, message);
    if (status == TOAST_FAILED)
        return ROW_TEXT_FAILED;
    if (status == TOAST_FOUND)
        return ROW_TEXT_GOOD;
    t->sums.missing_chunks++;
    return doubt(t, row, name, "chunks of value %" PRIu32 " are not in the TOAST table", value);
}

static row_text_status print_column(row_text *t, const heap_row *row, column *c,
                                    char message[MESSAGE_BYTES])
{
    wp_datum datum = t->datums[c->at];
    const char *const name = t->relation->details[c->at].name;
    c->start = c->end = t->text.len;
    if (datum.kind == WP_DATUM_NULL)
        return ROW_TEXT_GOOD;
    const row_text_status fetched = fetch(t, row, name, &datum, message);
    if (fetched != ROW_TEXT_GOOD)
        return fetched;
    const wp_value_status status =
        c->is_raw ? print_raw(t, &datum)
                  : wp_value_text(&t->values, t->relation->columns[c->at].typid, &datum, &t->text);
    c->end = t->text.len;
    if (status == WP_VALUE_NO_MEMORY || t->no_memory) {
        (void)message_no_memory(message);
        return ROW_TEXT_FAILED;
    }
    if (status == WP_VALUE_OK)
        return ROW_TEXT_GOOD;
    t->sums.damaged_values++;
    return doubt(t, row, name, "%s", wp_value_status_text(status));
}

row_text_status row_text_row(row_text *t, const heap_row *row, const row_field **fields,
                             char message[MESSAGE_BYTES])
{
    const dictionary_relation *const r = t->relation;
    *fields = NULL;
    const wp_value_status deformed =
        wp_tuple_deform(&t->values, row->tuple, r->columns, r->ncolumns, t->datums);
    if (deformed != WP_VALUE_OK) {
        t->sums.damaged_values++;
        return doubt(t, row, NULL, "%s", wp_value_status_text(deformed));
    }
    t->text.len = 0;
    for (size_t i = 0; i < t->count; i++) {
        const row_text_status status = print_column(t, row, &t->columns[i], message);
        if (status != ROW_TEXT_GOOD)
            return status;
    }
    for (size_t i = 0; i < t->count; i++) {
        const column *const c = &t->columns[i];
        t->fields[i] = (row_field){ .is_null = t->datums[c->at].kind == WP_DATUM_NULL };
        if (c->end > c->start)
            t->fields[i].text = (wp_view){ t->text.bytes + c->start, c->end - c->start };
    }
    *fields = t->fields;
    return ROW_TEXT_GOOD;
}

static bool is_same_datum(const wp_datum *a, const wp_datum *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == WP_DATUM_NULL)
        return true;
    if (a->kind == WP_DATUM_EXTERNAL)
        return a->value_oid == b->value_oid && a->toast_oid == b->toast_oid;
    return a->raw_bytes == b->raw_bytes && a->bytes.len == b->bytes.len
           && (a->bytes.len == 0 || memcmp(a->bytes.bytes, b->bytes.bytes, a->bytes.len) == 0);
}

row_text_status row_text_check_key(row_text *t, const heap_row *row, const heap_newest *newest,
                                   char message[MESSAGE_BYTES])
{
    const dictionary_relation *const r = t->relation;
    const char *why = newest->is_moved ? "its newer version is in another partition"
                                       : "its newer version is not known";
    bool is_same = newest->is_known && !newest->is_moved && !newest->is_removed;
    if (is_same) {
        wp_datum *const old = calloc(2 * r->ncolumns + 1, sizeof *old);
        if (!old) {
            (void)message_no_memory(message);
            return ROW_TEXT_FAILED;
        }
        wp_datum *const new = old + r->ncolumns;
        why = "its key was changed";
        is_same =
            wp_tuple_deform(&t->values, row->tuple, r->columns, r->ncolumns, old) == WP_VALUE_OK
            && wp_tuple_deform(&t->values, newest->tuple, r->columns, r->ncolumns, new)
                   == WP_VALUE_OK;
        for (size_t i = 0; is_same && i < t->count; i++) {
            const size_t at = t->columns[i].at;
            is_same = !t->written[i].is_key || is_same_datum(&old[at], &new[at]);
        }
        free(old);
    }
    if (is_same)
        return ROW_TEXT_GOOD;
    return doubt(t, row, NULL, "%s", why);
}

const row_text_sums *row_text_counts(const row_text *t)
{
    return &t->sums;
}

const heap_sums *row_text_toast_sums(const row_text *t)
{
    return t->toast ? toast_sums(t->toast) : NULL;
}

void row_text_free(row_text *t)
{
    if (!t)
        return;
    toast_free(t->toast);
    free(t->columns);
    free(t->written);
    free(t->fields);
    free(t->datums);
    free(t->roles);
    text_free(&t->name);
    wp_text_free(&t->text);
    wp_text_free(&t->raw);
    wp_text_free(&t->chunks);
    free(t);
}
