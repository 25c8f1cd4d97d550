/*
 * ddl_types.c - CREATE TYPE and CREATE DOMAIN of what columns are made of: each after those that it needs, and once.
 *
 * Each stands in a block that goes on where the type is there already, as it is in the database that a table was dropped from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl_state.h"

/* The statement in a block of its own that lets the type be there. */
static void add_block(ddl_work *w, const text *statement)
{
    char tag[24] = "$ddl$";
    for (unsigned i = 1; strstr(text_chars(statement), tag); i++)
        snprintf(tag, sizeof tag, "$ddl%u$", i);
    text_addf(
        w->out,
        "DO %s BEGIN\n%s;\nEXCEPTION WHEN duplicate_object OR duplicate_table THEN NULL;\nEND %s;\n",
        tag, text_chars(statement), tag);
    w->out->failed |= statement->failed;
}

static void add_type_name(ddl_work *w, const dictionary_type *t, text *out)
{
    const char *schema = dictionary_schema(w->d->dictionary, t->schema);
    ddl_add_qualified(schema ? schema : "public", t->name, out);
}

static bool make_enum(ddl_work *w, const dictionary_type *t, text *out)
{
    text_add(out, "CREATE TYPE ");
    add_type_name(w, t, out);
    text_add(out, " AS ENUM (");
    const char *between = "";
    for (size_t i = 0; i < w->d->catalogs.labels.count; i++) {
        const ddl_label *l = &w->d->catalogs.labels.items[i];
        if (l->type != t->oid)
            continue;
        text_add(out, between);
        quote_literal((wp_view){ (const uint8_t *)l->name, strlen(l->name) }, out);
        between = ", ";
    }
    text_add(out, ")");
    return true;
}

/* ---- domains ---- */

static bool add_domain_default(ddl_work *w, const dictionary_type *t, text *out)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->domains.count; i++) {
        const ddl_domain *domain = &c->domains.items[i];
        if (domain->type != t->oid || !domain->tree)
            continue;
        text told = { 0 };
        char why[160];
        if (!ddl_make_sequences_of(w, domain->tree))
            return false;
        if (ddl_add_expression(w, domain->tree, &told, why))
            text_addf(out, " DEFAULT %s", text_chars(&told));
        else
            ddl_gap(w, "default of domain %s: %s", t->name, why);
        text_free(&told);
    }
    return true;
}

static void add_domain_check(ddl_work *w, const dictionary_type *t, const ddl_constraint *k,
                             text *out)
{
    text told = { 0 };
    char why[160];
    if (k->is_not_valid)
        ddl_gap(w, "constraint %s of domain %s: it is NOT VALID", k->name, t->name);
    else if (!ddl_add_expression(w, k->tree, &told, why))
        ddl_gap(w, "constraint %s of domain %s: %s", k->name, t->name, why);
    else {
        text_add(out, " CONSTRAINT ");
        quote_identifier(k->name, out);
        text_addf(out, " CHECK (%s)", text_chars(&told));
    }
    text_free(&told);
}

static bool make_domain(ddl_work *w, const dictionary_type *t, text *out)
{
    if (!ddl_make_type(w, t->type.base))
        return false;
    w->domain = t->name;
    text_add(out, "CREATE DOMAIN ");
    add_type_name(w, t, out);
    text_add(out, " AS ");
    bool is_good = dictionary_add_type(w->d->dictionary, t->type.base, t->typmod, out);
    ddl_add_collation(w, t->collation, t->type.base, t->name, out);
    is_good = is_good && add_domain_default(w, t, out);
    if (t->is_not_null)
        text_add(out, " NOT NULL");
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->constraints.count; i++)
        if (c->constraints.items[i].type == t->oid && c->constraints.items[i].kind == 'c')
            add_domain_check(w, t, &c->constraints.items[i], out);
    w->domain = NULL;
    return is_good;
}

/* ---- composites ---- */

/* A table of the same file, whose rows are a type then. */
static bool make_expected(ddl_work *w, const dictionary_relation *r)
{
    const char *schema = dictionary_schema(w->d->dictionary, r->schema);
    ddl_options o = *w->o;
    o.schema = o.name = NULL;
    ddl_work other = { .d = w->d,
                       .r = r,
                       .o = &o,
                       .out = w->out,
                       .gaps = w->gaps,
                       .message = w->message,
                       .schema = schema ? schema : "public",
                       .name = r->name };
    return ddl_oids_have(&w->d->tables, r->oid) || w->d->make_table(&other);
}

static bool make_composite(ddl_work *w, const dictionary_type *t, text *out)
{
    const dictionary_relation *r = dictionary_relation_of(w->d->dictionary, t->relation);
    if (r && !r->columns && !dictionary_learn(w->d->dictionary, &t->relation, 1, w->message))
        return false;
    r = dictionary_relation_of(w->d->dictionary, t->relation);
    if (!r || (!r->columns && r->ncolumns > 0)) {
        ddl_gap(w, "type %s: its columns are not there", t->name);
        text_clear(out);
        return true;
    }
    if (r->kind != 'c' && ddl_oids_have(&w->d->expected, r->oid))
        return make_expected(w, r);
    if (r->kind != 'c')
        ddl_gap(w, "table %s, whose rows are a type: it is a type of its own now", t->name);
    for (size_t i = 0; i < r->ncolumns; i++)
        if (!r->columns[i].is_dropped && !ddl_make_type(w, r->columns[i].typid))
            return false;
    text_add(out, "CREATE TYPE ");
    add_type_name(w, t, out);
    text_add(out, " AS (");
    bool is_good = true;
    const char *between = "";
    for (size_t i = 0; i < r->ncolumns; i++) {
        if (r->columns[i].is_dropped)
            continue;
        text_add(out, between);
        quote_identifier(r->details[i].name, out);
        text_add(out, " ");
        is_good &=
            dictionary_add_type(w->d->dictionary, r->columns[i].typid, r->details[i].typmod, out);
        ddl_add_collation(w, r->details[i].collation, r->columns[i].typid, t->name, out);
        between = ", ";
    }
    text_add(out, ")");
    return is_good;
}

/* ---- ranges ---- */

static const ddl_range *range_of(const ddl_catalogs *c, wp_oid type)
{
    for (size_t i = 0; i < c->ranges.count; i++)
        if (c->ranges.items[i].type == type)
            return &c->ranges.items[i];
    return NULL;
}

/* An object of the server itself: ", KEY = name". False: it is another's. */
static bool add_builtin(const ddl_object *o, const char *key, text *out)
{
    if (!o || o->oid >= FIRST_NORMAL_OID)
        return false;
    text_addf(out, ", %s = ", key);
    ddl_add_qualified("pg_catalog", o->name, out);
    return true;
}

static bool make_range(ddl_work *w, const dictionary_type *t, text *out)
{
    const ddl_catalogs *c = &w->d->catalogs;
    const ddl_range *range = range_of(c, t->oid);
    if (!range) {
        ddl_gap(w, "type %s: it is not in pg_range", t->name);
        return true;
    }
    if (!ddl_make_type(w, range->subtype))
        return false;
    text_add(out, "CREATE TYPE ");
    add_type_name(w, t, out);
    text_add(out, " AS RANGE (SUBTYPE = ");
    const bool is_good = dictionary_add_type(w->d->dictionary, range->subtype, -1, out);
    const ddl_object *class = ddl_object_of(c->opclasses.items, c->opclasses.count, range->opclass);
    if (class && !class->is_default && !add_builtin(class, "SUBTYPE_OPCLASS", out))
        ddl_gap(w, "operator class %s of type %s", class->name, t->name);
    const dictionary_type *subtype = dictionary_type_of(w->d->dictionary, range->subtype);
    const ddl_object *collation =
        ddl_object_of(c->collations.items, c->collations.count, range->collation);
    if (range->collation && subtype && subtype->collation != range->collation
        && !add_builtin(collation, "COLLATION", out))
        ddl_gap(w, "collation of type %s", t->name);
    if (range->difference
        && !add_builtin(ddl_object_of(c->functions.items, c->functions.count, range->difference),
                        "SUBTYPE_DIFF", out))
        ddl_gap(w, "SUBTYPE_DIFF of type %s", t->name);
    if (range->canonical)
        ddl_gap(w, "CANONICAL function of type %s", t->name);
    const dictionary_type *multi = dictionary_type_of(w->d->dictionary, range->multirange);
    if (multi) {
        text_add(out, ", MULTIRANGE_TYPE_NAME = ");
        add_type_name(w, multi, out);
        bool is_new;
        if (!ddl_oids_add(&w->d->types, multi->oid, &is_new))
            return ddl_out_of_memory(w);
    }
    text_add(out, ")");
    return is_good;
}

/* ---- all of them ---- */

static bool tell_member(ddl_work *w, const dictionary_type *t, bool *is_member)
{
    const ddl_catalogs *c = &w->d->catalogs;
    *is_member = false;
    for (size_t i = 0; i < c->members.count && !*is_member; i++) {
        if (c->members.items[i].type != t->oid)
            continue;
        *is_member = true;
        const ddl_object *extension =
            ddl_object_of(c->extensions.items, c->extensions.count, c->members.items[i].extension);
        ddl_gap(w, "type %s: it is part of extension %s, which must be there", t->name,
                extension ? extension->name : "[unknown]");
    }
    return true;
}

static bool make_it(ddl_work *w, const dictionary_type *t, text *out)
{
    switch (t->type.kind) {
    case 'e':
        return make_enum(w, t, out);
    case 'd':
        return make_domain(w, t, out);
    case 'c':
        return make_composite(w, t, out);
    case 'r':
        return make_range(w, t, out);
    case 'm':
        return ddl_make_type(w, t->type.base);
    default:
        ddl_gap(w, "type %s: it is of its own kind, and must be there", t->name);
        return true;
    }
}

bool ddl_make_type(ddl_work *w, wp_oid type)
{
    const dictionary_type *t = dictionary_type_of(w->d->dictionary, type);
    if (!t) {
        snprintf(w->message, 512, "type %u is not in pg_type", type);
        return false;
    }
    bool is_new, is_member;
    if (type < FIRST_NORMAL_OID)
        return true;
    if (!ddl_oids_add(&w->d->types, type, &is_new))
        return ddl_out_of_memory(w);
    if (!is_new)
        return true;
    if (t->type.kind == 'b' && t->type.element) {
        const dictionary_type *element = dictionary_type_of(w->d->dictionary, t->type.element);
        if (element && element->array == type)
            return ddl_make_type(w, t->type.element);
    }
    if (!tell_member(w, t, &is_member) || is_member)
        return true;
    const char *schema = dictionary_schema(w->d->dictionary, t->schema);
    if (!ddl_make_schema(w, schema ? schema : "public"))
        return false;
    text statement = { 0 };
    *w->message = '\0';
    const bool is_good = make_it(w, t, &statement) && !statement.failed;
    if (is_good && statement.len > 0)
        add_block(w, &statement);
    text_free(&statement);
    if (!is_good && !*w->message)
        snprintf(w->message, 512, "type %s is made of one that is not in pg_type", t->name);
    return is_good;
}
