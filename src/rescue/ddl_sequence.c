/*
 * ddl_sequence.c - sequences of a table's columns, and those that its defaults name.
 *
 * A sequence's state is the only row of its file. Its WAL runs ahead by up to 32 values: a server that is restored goes on there, too.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "rescue/ddl_constant.h"
#include "rescue/ddl_state.h"

#define TYPE_INT8 20

/* ---- the row ---- */

typedef struct state {
    const ddl *d;
    const dictionary_relation *r;
    ddl_sequence is; /* of pg_sequence; before 10 of the row */
    int64_t last_value;
    bool is_called, has_row, has_parameters;
} state;

/* A column of the row, by name. */
static int64_t number_of(const dictionary_relation *r, const wp_datum *datums, const char *name,
                         int64_t otherwise)
{
    for (size_t i = 0; i < r->ncolumns; i++) {
        const wp_datum *v = &datums[i];
        if (strcmp(r->details[i].name, name) != 0 || v->kind != WP_DATUM_PLAIN || v->bytes.len > 8)
            continue;
        uint64_t number = 0;
        for (size_t j = 0; j < v->bytes.len; j++)
            number |= (uint64_t)v->bytes.bytes[j] << 8 * j;
        return (int64_t)number;
    }
    return otherwise;
}

static bool take_row(void *context, const heap_row *row)
{
    state *s = context;
    const dictionary_relation *r = s->r;
    const wp_value_config config = ddl_value_config(s->d);
    wp_datum *datums = calloc(r->ncolumns + 1, sizeof *datums);
    if (datums
        && wp_tuple_deform(&config, row->tuple, r->columns, r->ncolumns, datums) == WP_VALUE_OK) {
        s->has_row = true;
        s->last_value = number_of(r, datums, "last_value", 1);
        s->is_called = number_of(r, datums, "is_called", 0) != 0;
        if (number_of(r, datums, "increment_by", 0) != 0) {
            s->has_parameters = true;
            s->is = (ddl_sequence){ .oid = r->oid,
                                    .type = TYPE_INT8,
                                    .start = number_of(r, datums, "start_value", 1),
                                    .increment = number_of(r, datums, "increment_by", 1),
                                    .max = number_of(r, datums, "max_value", INT64_MAX),
                                    .min = number_of(r, datums, "min_value", 1),
                                    .cache = number_of(r, datums, "cache_value", 1),
                                    .is_cycled = number_of(r, datums, "is_cycled", 0) != 0 };
        }
    }
    free(datums);
    return false;
}

/* The columns of all sequences, in one reading of the catalog. */
static bool learn_sequences(const ddl_work *w)
{
    size_t count, n = 0;
    const dictionary_relation *all = dictionary_relations(w->d->dictionary, &count);
    wp_oid *sequences = calloc(count + 1, sizeof *sequences);
    if (!sequences)
        return message_no_memory(w->message);
    for (size_t i = 0; i < count; i++)
        if (all[i].kind == 'S')
            sequences[n++] = all[i].oid;
    const bool is_good = dictionary_learn(w->d->dictionary, sequences, n, w->message);
    free(sequences);
    return is_good;
}

/* Reads a sequence's state. False with one line in message. */
static bool read_state(ddl_work *w, wp_oid sequence, state *out)
{
    const ddl_catalogs *c = &w->d->catalogs;
    *out = (state){ .d = w->d, .r = dictionary_relation_of(w->d->dictionary, sequence) };
    if (!out->r)
        return true;
    if (!out->r->columns && !learn_sequences(w))
        return false;
    out->r = dictionary_relation_of(w->d->dictionary, sequence);
    heap_sums sums = { 0 };
    if (out->r->columns && out->r->file.rel && out->r->persistence != 'u'
        && !heap_rows(w->d->heap, &out->r->file, take_row, out, &sums, w->message))
        return false;
    for (size_t i = 0; i < c->sequences.count; i++) {
        if (c->sequences.items[i].oid != sequence)
            continue;
        out->is = c->sequences.items[i];
        out->has_parameters = true;
    }
    return true;
}

/* ---- SQL ---- */

static void add_parameters(const state *s, text *out)
{
    if (!s->has_parameters)
        return;
    text_addf(out,
              " START WITH %" PRId64 " INCREMENT BY %" PRId64 " MINVALUE %" PRId64
              " MAXVALUE %" PRId64 " CACHE %" PRId64 "%s",
              s->is.start, s->is.increment, s->is.min, s->is.max, s->is.cache,
              s->is.is_cycled ? " CYCLE" : "");
}

static void add_type(ddl_work *w, const state *s, text *out)
{
    if (!s->has_parameters || s->is.type == TYPE_INT8)
        return;
    text_add(out, " AS ");
    if (!dictionary_add_type(w->d->dictionary, s->is.type, -1, out))
        text_add(out, "bigint");
}

static void add_setval(const state *s, const text *name, text *out)
{
    quote_literal((wp_view){ (const uint8_t *)text_chars(name), name->len }, out);
    text_addf(out, ", %" PRId64 ", %s)", s->last_value, s->is_called ? "true" : "false");
}

/* Is it a sequence of a column of the new table? It has an internal one where it is an identity column. */
static bool is_own(const ddl_work *w, const ddl_owned *o, char kind)
{
    const dictionary_relation *s = dictionary_relation_of(w->d->dictionary, o->sequence);
    return o->relation == w->r->oid && o->kind == kind && s && s->kind == 'S'
           && ddl_column_of(w, o->column);
}

static bool make_own(ddl_work *w, wp_oid sequence)
{
    state s;
    text name = { 0 };
    bool is_new = true;
    if (!w->is_renamed && !ddl_oids_add(&w->d->sequences, sequence, &is_new))
        return ddl_out_of_memory(w);
    if (!is_new) /* by the default of another table */
        return true;
    if (!read_state(w, sequence, &s))
        return false;
    const char *schema = dictionary_schema(w->d->dictionary, s.r->schema);
    if (!w->is_renamed && schema && !ddl_make_schema(w, schema))
        return false;
    if (ddl_add_sequence_name(w, sequence, &name)) {
        text_addf(w->out, "CREATE SEQUENCE %s", text_chars(&name));
        add_type(w, &s, w->out);
        add_parameters(&s, w->out);
        text_add(w->out, ";\n");
    }
    text_free(&name);
    return true;
}

bool ddl_make_own_sequences(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->owned.count; i++)
        if (is_own(w, &c->owned.items[i], 'a') && !make_own(w, c->owned.items[i].sequence))
            return false;
    return true;
}

/* One that others may use, too, and that may be there still: then it stays as it is. */
static bool make_shared(ddl_work *w, wp_oid sequence)
{
    bool is_new;
    state s;
    const ddl_owned *owner = ddl_owner_of(w, sequence);
    if (owner && owner->kind == 'a' && ddl_column_of(w, owner->column))
        return true;
    if (!ddl_oids_add(&w->d->sequences, sequence, &is_new))
        return ddl_out_of_memory(w);
    if (!is_new)
        return true;
    if (!read_state(w, sequence, &s))
        return false;
    const char *schema = dictionary_schema(w->d->dictionary, s.r->schema);
    if (schema && !ddl_make_schema(w, schema))
        return false;
    text name = { 0 }, body = { 0 };
    if (ddl_add_sequence_name(w, sequence, &name)) {
        text_addf(&body, "CREATE SEQUENCE %s", text_chars(&name));
        add_type(w, &s, &body);
        add_parameters(&s, &body);
        text_add(&body, ";\n");
        if (s.has_row) {
            text_add(&body, "PERFORM pg_catalog.setval(");
            add_setval(&s, &name, &body);
            text_add(&body, ";\n");
        } else {
            ddl_gap(w, "value of sequence %s: its row is not there", s.r->name);
        }
        char tag[24] = "$ddl$";
        for (unsigned i = 1; strstr(text_chars(&body), tag); i++)
            snprintf(tag, sizeof tag, "$ddl%u$", i);
        text_addf(w->out, "DO %s BEGIN\n%sEXCEPTION WHEN duplicate_table THEN NULL;\nEND %s;\n",
                  tag, text_chars(&body), tag);
    }
    text_free(&name);
    text_free(&body);
    return true;
}

bool ddl_make_sequences_of(ddl_work *w, const char *tree)
{
    wp_oid sequence;
    bool is_good = true;
    while (is_good && ddl_constant_next_relation(&tree, &sequence)) {
        const dictionary_relation *s = dictionary_relation_of(w->d->dictionary, sequence);
        is_good = !s || s->kind != 'S' || make_shared(w, sequence);
    }
    return is_good;
}

/* ---- identity columns ---- */

static wp_oid identity_of(const ddl_work *w, int16_t column)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->owned.count; i++)
        if (c->owned.items[i].column == column && is_own(w, &c->owned.items[i], 'i'))
            return c->owned.items[i].sequence;
    return 0;
}

bool ddl_add_identity(ddl_work *w, const dictionary_column *column, text *out)
{
    state s;
    const wp_oid sequence = identity_of(w, column->number);
    if (!sequence) {
        ddl_gap(w, "identity of column %s: its sequence is that of the partitioned table",
                column->name);
        return true;
    }
    if (!read_state(w, sequence, &s))
        return false;
    text_addf(out, " GENERATED %s AS IDENTITY", column->identity == 'a' ? "ALWAYS" : "BY DEFAULT");
    text_add(out, " (SEQUENCE NAME ");
    ddl_add_sequence_name(w, sequence, out);
    add_parameters(&s, out);
    text_add(out, ")");
    return true;
}

/* ---- after the rows ---- */

static bool finish(ddl_work *w, const ddl_owned *o)
{
    state s;
    text name = { 0 }, table = { 0 };
    const dictionary_column *column = ddl_column_of(w, o->column);
    if (!read_state(w, o->sequence, &s))
        return false;
    ddl_add_table(w, &table);
    const bool has_name = ddl_add_sequence_name(w, o->sequence, &name);
    if (has_name && o->kind == 'a') {
        text_addf(w->out, "ALTER SEQUENCE %s OWNED BY %s.", text_chars(&name), text_chars(&table));
        quote_identifier(column->name, w->out);
        text_add(w->out, ";\n");
    }
    if (has_name && s.has_row) {
        text_add(w->out, "SELECT pg_catalog.setval(");
        add_setval(&s, &name, w->out);
        text_add(w->out, ";\n");
    } else {
        ddl_gap(w, "value of sequence %s: %s", s.r->name,
                s.r->persistence == 'u' ? "it is unlogged" : "its row is not there");
    }
    text_free(&name);
    text_free(&table);
    return true;
}

bool ddl_finish_own_sequences(ddl_work *w)
{
    const ddl_catalogs *c = &w->d->catalogs;
    for (size_t i = 0; i < c->owned.count; i++) {
        const ddl_owned *o = &c->owned.items[i];
        if ((is_own(w, o, 'a') || is_own(w, o, 'i')) && !finish(w, o))
            return false;
    }
    return true;
}
