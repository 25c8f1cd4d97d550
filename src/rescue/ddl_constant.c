/*
 * ddl_constant.c - a Const node's datum to SQL. Mirrors get_const_expr() of utils/adt/ruleutils.c.
 *
 * A datum stands in the tree as it lies in memory: a varlena with its header, a value that is passed by value as all bytes of a Datum.
 */
#include "rescue/ddl_constant.h"

#include <stdlib.h>
#include <string.h>

#include "rescue/dictionary.h"

/* Types with a form of their own, or whose constants name an object (catalog/pg_type.dat). */
enum {
    TYPE_BOOL = 16,
    TYPE_INT4 = 23,
    TYPE_UNKNOWN = 705,
    TYPE_NUMERIC = 1700,
    TYPE_REGCLASS = 2205
};

/* regproc, regoper ...: their values are numbers of objects of this database. */
static bool names_objects(wp_oid type)
{
    static const wp_oid types[] = { 24,   2202, 2203, 2204, 2205, 2206,
                                    3734, 3769, 4089, 4096, 4191, 8326 };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (type == types[i])
            return true;
    return false;
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The value's own bytes. False: they are not there, or packed. */
static bool datum_bytes(ddl_node node, int64_t told, const uint8_t *bytes, size_t len, wp_view *out)
{
    const int64_t constlen = ddl_node_number_of(node, "constlen", 0);
    if (constlen > 0) { /* those that are passed by value fill a Datum */
        *out = (wp_view){ bytes, (size_t)constlen };
        return (size_t)constlen <= len;
    }
    if (told < 0 || (uint64_t)told != len)
        return false;
    if (constlen == -2) { /* a C string with its end */
        *out = (wp_view){ bytes, len - 1 };
        return len > 0 && bytes[len - 1] == '\0';
    }
    if (constlen != -1 || len == 0)
        return false;
    if (bytes[0] & 1) { /* a header of one byte; 1 alone points to TOAST */
        *out = (wp_view){ bytes + 1, len - 1 };
        return bytes[0] != 1 && (size_t)(bytes[0] >> 1) == len;
    }
    if (len < 4 || bytes[0] & 2)
        return false;
    *out = (wp_view){ bytes + 4, len - 4 };
    return u32(bytes) >> 2 == len;
}

static bool is_number_of(wp_view value, const char *chars)
{
    for (size_t i = 0; i < value.len; i++)
        if (!value.bytes[i] || !strchr(chars, value.bytes[i]))
            return false;
    return value.len > 0 && value.bytes[0] >= '0' && value.bytes[0] <= '9';
}

/* Would it be read as a numeric, and not as an integer? */
static bool has_fraction(wp_view value)
{
    return memchr(value.bytes, '.', value.len) || memchr(value.bytes, 'e', value.len);
}

static void add_bytes(ddl_printer *p, wp_view value)
{
    text_add_bytes(p->out, (const char *)value.bytes, value.len);
}

/* Prints the value; true where its type must follow. */
static bool add_value(ddl_printer *p, wp_oid type, int64_t typmod, wp_view value)
{
    switch (type) {
    case TYPE_BOOL:
        text_add(p->out, value.len == 1 && value.bytes[0] == 't' ? "true" : "false");
        return false;
    case TYPE_INT4:
        if (is_number_of(value, "0123456789")) {
            add_bytes(p, value);
            return false;
        }
        break;
    case TYPE_NUMERIC:
        if (is_number_of(value, "0123456789+-eE.") && has_fraction(value)) {
            add_bytes(p, value);
            return typmod >= 0;
        }
        break;
    default:
        break;
    }
    quote_literal(value, p->out);
    return true;
}

static bool add_type(ddl_printer *p, wp_oid type, int64_t typmod)
{
    text_add(p->out, "::");
    return p->names->type(p->names->context, type, (int32_t)typmod, p->out)
           || ddl_untold(p, "a type that is not known");
}

/* An object of this database, by name. */
static bool add_object(ddl_printer *p, wp_oid type, wp_view bytes)
{
    text name = { 0 };
    const bool is_good = type == TYPE_REGCLASS && bytes.len == 4
                         && p->names->relation(p->names->context, u32(bytes.bytes), &name)
                         && !name.failed;
    if (is_good)
        quote_literal((wp_view){ (const uint8_t *)text_chars(&name), name.len }, p->out);
    text_free(&name);
    return is_good || ddl_untold(p, "the number of an object");
}

static bool add_not_null(ddl_printer *p, ddl_node node, wp_oid type, int64_t typmod,
                         ddl_constant_form form)
{
    int64_t told;
    uint8_t *bytes;
    size_t len;
    if (!ddl_node_datum(ddl_node_field(node, "constvalue"), &told, &bytes, &len))
        return ddl_untold(p, "a constant that cannot be read");
    wp_datum datum = { .kind = WP_DATUM_PLAIN };
    wp_text value = { 0 };
    bool needs_type = true, is_good = datum_bytes(node, told, bytes, len, &datum.bytes);
    if (is_good && names_objects(type)) {
        is_good = add_object(p, type, datum.bytes);
    } else if (is_good && type == TYPE_UNKNOWN) { /* as it was written */
        quote_literal(datum.bytes, p->out);
        needs_type = false;
    } else if (is_good) {
        is_good = p->names->value(p->names->context, type, &datum, &value);
        if (is_good)
            needs_type = add_value(p, type, typmod, (wp_view){ value.bytes, value.len });
    }
    wp_text_free(&value);
    free(bytes);
    if (!is_good)
        return ddl_untold(p, "a constant of a type that cannot be told");
    return form == DDL_CONSTANT_BARE || !needs_type || add_type(p, type, typmod);
}

bool ddl_constant_add(ddl_printer *p, ddl_node node, ddl_constant_form form)
{
    const int64_t type = ddl_node_number_of(node, "consttype", 0);
    const int64_t typmod = ddl_node_number_of(node, "consttypmod", -1);
    if (!ddl_node_is(node, "CONST") || type <= 0 || type > UINT32_MAX || typmod < -1
        || typmod > INT32_MAX)
        return ddl_untold(p, "a constant that cannot be read");
    if (!ddl_node_is_true(node, "constisnull"))
        return add_not_null(p, node, (wp_oid)type, typmod, form);
    text_add(p->out, "NULL");
    return form == DDL_CONSTANT_BARE || add_type(p, (wp_oid)type, typmod);
}

bool ddl_constant_int4(ddl_node node, int32_t *out)
{
    int64_t told;
    uint8_t *bytes;
    size_t len;
    if (!ddl_node_is(node, "CONST") || ddl_node_number_of(node, "consttype", 0) != TYPE_INT4
        || ddl_node_is_true(node, "constisnull")
        || !ddl_node_datum(ddl_node_field(node, "constvalue"), &told, &bytes, &len))
        return false;
    const bool is_good = len >= 4;
    if (is_good)
        *out = (int32_t)u32(bytes);
    free(bytes);
    return is_good;
}

bool ddl_constant_next_relation(const char **at, wp_oid *relation)
{
    static const char start[] = "{CONST :consttype 2205 ";
    const char *found;
    while (*at && (found = strstr(*at, start))) {
        ddl_node rest = { found, found + strlen(found) }, node;
        int64_t told;
        uint8_t *bytes;
        size_t len;
        *at = found + sizeof start - 1;
        if (!ddl_node_next(&rest, &node)
            || !ddl_node_datum(ddl_node_field(node, "constvalue"), &told, &bytes, &len))
            continue;
        const bool is_good = len >= 4;
        if (is_good)
            *relation = u32(bytes);
        free(bytes);
        if (is_good)
            return true;
    }
    return false;
}
