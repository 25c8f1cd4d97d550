/*
 * ddl.c - in which order a relation is made anew.
 */
#include "rescue/ddl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rescue/ddl_constant.h"
#include "rescue/ddl_state.h"

ddl *ddl_new(dictionary *d, const heap *h)
{
    ddl *made = calloc(1, sizeof *made);
    if (made) {
        made->dictionary = d;
        made->heap = h;
        made->make_table = ddl_make_table;
    }
    return made;
}

void ddl_free(ddl *d)
{
    if (!d)
        return;
    ddl_catalogs_free(&d->catalogs);
    text_list_free(&d->schemas);
    free(d->types.items);
    free(d->sequences.items);
    free(d->tables.items);
    free(d->expected.items);
    free(d);
}

void ddl_restart(ddl *d)
{
    text_list_free(&d->schemas);
    d->types.count = 0;
    d->sequences.count = 0;
    d->tables.count = 0;
    d->expected.count = 0;
}

bool ddl_expect(ddl *d, wp_oid relation)
{
    bool is_new;
    return ddl_oids_add(&d->expected, relation, &is_new);
}

/* ---- what stands before all ---- */

/* Encodings of servers, by number (mb/pg_wchar.h, enum pg_enc): those that only clients may have are none of a database. */
static const char *encoding_name(int32_t encoding)
{
    static const char *const names[] = {
        "SQL_ASCII", "EUC_JP",        "EUC_CN",     "EUC_KR",     "EUC_TW",     "EUC_JIS_2004",
        "UTF8",      "MULE_INTERNAL", "LATIN1",     "LATIN2",     "LATIN3",     "LATIN4",
        "LATIN5",    "LATIN6",        "LATIN7",     "LATIN8",     "LATIN9",     "LATIN10",
        "WIN1256",   "WIN1258",       "WIN866",     "WIN874",     "KOI8R",      "WIN1251",
        "WIN1252",   "ISO_8859_5",    "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "WIN1250",
        "WIN1253",   "WIN1254",       "WIN1255",    "WIN1257",    "KOI8U",
    };
    return encoding >= 0 && encoding < (int32_t)(sizeof names / sizeof *names) ? names[encoding]
                                                                               : NULL;
}

void ddl_preamble(const dictionary_database *db, text *out)
{
    const char *encoding = encoding_name(db->encoding);
    if (encoding)
        text_addf(out, "SET client_encoding = '%s';\n", encoding);
    text_add(out, "SET standard_conforming_strings = on;\n"
                  "SET check_function_bodies = off;\n"
                  "SET xmloption = content;\n"
                  "SET client_min_messages = warning;\n"
                  "SET row_security = off;\n"
                  "SET search_path = '';\n"
                  "SET default_tablespace = '';\n"
                  "SET TimeZone = 'UTC';\n"
                  "SET DateStyle = 'ISO';\n"
                  "SET IntervalStyle = 'postgres';\n"
                  "SET extra_float_digits = 3;\n\n");
}

/* ---- one relation ---- */

static ddl_work work_on(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                        ddl_gaps *gaps, char *message)
{
    const char *schema = dictionary_schema(d->dictionary, r->schema);
    const bool has_new_schema = o->schema && schema && strcmp(o->schema, schema) != 0;
    const bool has_new_name = o->name && strcmp(o->name, r->name) != 0;
    return (ddl_work){ .d = d,
                       .r = r,
                       .o = o,
                       .out = out,
                       .gaps = gaps,
                       .message = message,
                       .is_renamed = has_new_schema || has_new_name,
                       .schema = o->schema ? o->schema
                                 : schema  ? schema
                                           : "public",
                       .name = o->name ? o->name : r->name };
}

bool ddl_before_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                     ddl_gaps *gaps, char message[512])
{
    ddl_work w = work_on(d, r, o, out, gaps, message);
    if (!ddl_catalogs_read(&d->catalogs, d->dictionary, message))
        return false;
    return (ddl_oids_have(&d->tables, r->oid) || ddl_make_table(&w))
           && (!out->failed || ddl_out_of_memory(&w));
}

/* What is no statement of its own: told, not made. */
static void tell_the_rest(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->named.count; i++) {
        const ddl_named *n = &c->named.items[i];
        if (n->relation == w->r->oid && strcmp(n->name, "_RETURN") != 0)
            ddl_gap(w, "%s %s", n->what, n->name);
    }
    const ddl_class *class = ddl_class_of(c, w->r->oid);
    if (class && class->has_row_security)
        ddl_gap(w, "row level security of %s: it is not enabled", w->r->name);
    if (class && class->has_privileges)
        ddl_gap(w, "privileges (GRANT) on %s", w->r->name);
}

bool ddl_after_rows(ddl *d, const dictionary_relation *r, const ddl_options *o, text *out,
                    ddl_gaps *gaps, char message[512])
{
    ddl_work w = work_on(d, r, o, out, gaps, message);
    if (!ddl_catalogs_read(&d->catalogs, d->dictionary, message) || !ddl_finish_own_sequences(&w)
        || !ddl_make_constraints(&w) || !ddl_make_indexes(&w))
        return false;
    ddl_finish_columns(&w);
    ddl_make_comments(&w);
    tell_the_rest(&w);
    return !out->failed || ddl_out_of_memory(&w);
}

/* ---- files ---- */

static bool add_file(const ddl_work *w, wp_oid sequence, dictionary_needs *out)
{
    const dictionary_relation *s = dictionary_relation_of(w->d->dictionary, sequence);
    return !s || s->kind != 'S' || s->file.rel == 0 || dictionary_needs_add(out, &s->file);
}

/* Those of the sequences that an expression names. */
static bool add_files_of(const ddl_work *w, const char *tree, dictionary_needs *out)
{
    wp_oid sequence;
    bool is_good = true;
    while (is_good && ddl_constant_next_relation(&tree, &sequence))
        is_good = add_file(w, sequence, out);
    return is_good;
}

bool ddl_files(ddl *d, const dictionary_relation *r, dictionary_needs *out, char message[512])
{
    static const ddl_options none = { 0 };
    ddl_work w = work_on(d, r, &none, NULL, NULL, message);
    const ddl_catalogs *c = &d->catalogs;
    if (!ddl_catalogs_read_links(&d->catalogs, d->dictionary, message))
        return false;
    bool is_good = true;
    for (size_t i = 0; is_good && i < c->owned.count; i++)
        if (c->owned.items[i].relation == r->oid)
            is_good = add_file(&w, c->owned.items[i].sequence, out);
    for (size_t i = 0; is_good && i < c->defaults.count; i++)
        if (c->defaults.items[i].relation == r->oid)
            is_good = add_files_of(&w, c->defaults.items[i].tree, out);
    for (size_t i = 0; is_good && i < c->domains.count; i++)
        is_good = add_files_of(&w, c->domains.items[i].tree, out);
    return is_good || ddl_out_of_memory(&w);
}

/* ---- the key ---- */

static bool is_key(const dictionary_relation *r, const ddl_index *x, bool *is_not_null)
{
    int64_t number;
    const char *at = x->keys ? x->keys : "";
    *is_not_null = true;
    for (int i = 0; i < x->nkeys; i++) {
        if (!ddl_next_number(&at, &number) || number <= 0 || (size_t)number > r->ncolumns)
            return false;
        *is_not_null &= r->details[number - 1].is_not_null;
    }
    return x->is_unique && x->is_valid && !x->predicate && x->is_immediate && x->nkeys > 0;
}

/* How good a key an index is; 0: it is none. */
static int rank(const dictionary_relation *r, const ddl_index *x)
{
    bool is_not_null;
    if (x->relation != r->oid || !is_key(r, x, &is_not_null))
        return 0;
    return x->is_primary ? 3 : x->is_replica_identity ? 2 : is_not_null ? 1 : 0;
}

bool ddl_key(ddl *d, const dictionary_relation *r, size_t *columns, size_t room, size_t *n,
             char message[512])
{
    *n = 0;
    if (!ddl_catalogs_read(&d->catalogs, d->dictionary, message))
        return false;
    const ddl_index *best = NULL;
    int best_rank = 0;
    for (size_t i = 0; i < d->catalogs.indexes.count; i++) {
        const ddl_index *x = &d->catalogs.indexes.items[i];
        const int its_rank = rank(r, x);
        if (its_rank > best_rank || (its_rank && its_rank == best_rank && x->oid < best->oid)) {
            best = x;
            best_rank = its_rank;
        }
    }
    if (!best || (size_t)best->nkeys > room)
        return true;
    const char *at = best->keys;
    int64_t number;
    while (*n < (size_t)best->nkeys && ddl_next_number(&at, &number))
        columns[(*n)++] = (size_t)number - 1;
    return true;
}
