/*
 * type_name.c - types as format_type() prints them: utils/adt/format_type.c, and the typmodout functions of the server's own types.
 */
#include <string.h>

#include "rescue/dictionary_state.h"

/* A modifier of characters or digits counts the four bytes of a varlena's header, too. */
#define HEADER_BYTES 4

/* utils/timestamp.h, utils/datetime.h: INTERVAL_MASK() of MONTH, YEAR ...; INTERVAL_FULL_RANGE, INTERVAL_FULL_PRECISION. */
#define YEAR (1 << 2)
#define MONTH (1 << 1)
#define DAY (1 << 3)
#define HOUR (1 << 10)
#define MINUTE (1 << 11)
#define SECOND (1 << 12)
#define FULL_PRECISION 0xFFFF

typedef void add_modifiers(int32_t typmod, text *out);

/* bit(3) */
static void add_plain(int32_t typmod, text *out)
{
    if (typmod >= 0)
        text_addf(out, "(%d)", typmod);
}

static void add_characters(int32_t typmod, text *out)
{
    if (typmod > HEADER_BYTES)
        text_addf(out, "(%d)", typmod - HEADER_BYTES);
}

/* The scale is 11 bits with a sign (before 15: up to 1000). */
static void add_precision_scale(int32_t typmod, text *out)
{
    if (typmod < HEADER_BYTES)
        return;
    const int32_t both = typmod - HEADER_BYTES;
    text_addf(out, "(%d,%d)", both >> 16 & 0xFFFF, ((both & 0x7FF) ^ 0x400) - 0x400);
}

static void add_without_zone(int32_t typmod, text *out)
{
    add_plain(typmod, out);
    text_add(out, " without time zone");
}

static void add_with_zone(int32_t typmod, text *out)
{
    add_plain(typmod, out);
    text_add(out, " with time zone");
}

static void add_interval(int32_t typmod, text *out)
{
    static const struct {
        int32_t fields;
        const char *words;
    } ranges[] = {
        { YEAR, " year" },
        { MONTH, " month" },
        { DAY, " day" },
        { HOUR, " hour" },
        { MINUTE, " minute" },
        { SECOND, " second" },
        { YEAR | MONTH, " year to month" },
        { DAY | HOUR, " day to hour" },
        { DAY | HOUR | MINUTE, " day to minute" },
        { DAY | HOUR | MINUTE | SECOND, " day to second" },
        { HOUR | MINUTE, " hour to minute" },
        { HOUR | MINUTE | SECOND, " hour to second" },
        { MINUTE | SECOND, " minute to second" },
    };
    if (typmod < 0)
        return;
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (ranges[i].fields == (typmod >> 16 & 0x7FFF))
            text_add(out, ranges[i].words);
    if ((typmod & 0xFFFF) != FULL_PRECISION)
        text_addf(out, "(%d)", typmod & 0xFFFF);
}

/* Types that SQL calls otherwise than pg_type. */
typedef struct sql_type {
    wp_oid oid;
    const char *name;
    add_modifiers *modifiers;
    bool
        needs_modifier; /* to be told to have none: the name means one with (1) then, so it is called as in pg_type */
} sql_type;

static const sql_type sql_types[] = {
    { 16, "boolean", NULL, false },
    { 20, "bigint", NULL, false },
    { 21, "smallint", NULL, false },
    { 23, "integer", NULL, false },
    { 114, "json", NULL, false }, /* a key word since 17 */
    { 700, "real", NULL, false },
    { 701, "double precision", NULL, false },
    { 1042, "character", add_characters, true },
    { 1043, "character varying", add_characters, false },
    { 1083, "time", add_without_zone, false },
    { 1114, "timestamp", add_without_zone, false },
    { 1184, "timestamp", add_with_zone, false },
    { 1186, "interval", add_interval, false },
    { 1266, "time", add_with_zone, false },
    { 1560, "bit", add_plain, true },
    { 1562, "bit varying", add_plain, false },
    { 1700, "numeric", add_precision_scale, false },
};

/* What is printed, and how. */
typedef struct question {
    const dictionary *d;
    int32_t typmod;
    bool is_regtype; /* modifiers are not asked for */
} question;

static const sql_type *find_sql_type(const question *q, wp_oid oid)
{
    for (size_t i = 0; i < sizeof sql_types / sizeof sql_types[0]; i++)
        if (sql_types[i].oid == oid)
            return sql_types[i].needs_modifier && q->typmod < 0 && !q->is_regtype ? NULL
                                                                                  : &sql_types[i];
    return NULL;
}

static void quote(const question *q, const char *name, text *out)
{
    if (q->is_regtype)
        quote_identifier_as(q->d->heap->profile, name, out);
    else
        quote_identifier(name, out);
}

/* Not an array. */
static bool add_type(const question *q, const dictionary_type *t, text *out)
{
    const sql_type *sql = find_sql_type(q, t->oid);
    if (sql != NULL) {
        text_add(out, sql->name);
        if (sql->modifiers != NULL)
            sql->modifiers(q->typmod, out);
        return true;
    }
    if (q->typmod >= 0 && t->modifiers_out != 0)
        return false; /* by a function of an extension */
    const char *schema = dictionary_schema(q->d, t->schema);
    if (schema == NULL)
        return false;
    if (t->schema != SCHEMA_PG_CATALOG) {
        quote(q, schema, out);
        text_add(out, ".");
    }
    quote(q, t->name, out);
    add_plain(q->typmod, out);
    return true;
}

static bool answer(const question *q, wp_oid typid, text *out)
{
    const dictionary_type *t = dictionary_type_of(q->d, typid);
    const bool is_array = t != NULL && t->type.element != 0; /* also record[], a pseudo-type */
    if (is_array)
        t = dictionary_type_of(q->d, t->type.element);
    if (t == NULL || !add_type(q, t, out))
        return false;
    if (is_array)
        text_add(out, "[]");
    return true;
}

bool dictionary_add_type(const dictionary *d, wp_oid typid, int32_t typmod, text *out)
{
    const question q = { .d = d, .typmod = typmod };
    return answer(&q, typid, out);
}

bool dictionary_add_regtype(const dictionary *d, wp_oid typid, text *out)
{
    const question q = { .d = d, .typmod = -1, .is_regtype = true };
    return answer(&q, typid, out);
}
