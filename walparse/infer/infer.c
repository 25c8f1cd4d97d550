/*
 * infer.c - the rules that turn a committed transaction's traces into events: from its works to its
 * events, by the parts in infer_*.c.
 */
#include "infer/infer_parts.h"

#include <stdlib.h>

/* ---- a transaction ------------------------------------------------------------------------ */

static void apply(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const wpi_subject *s = &in->subjects[i];
        if (!s->after)
            continue;
        if (s->is_deleted && s->catalog == WPI_PG_DATABASE)
            (void)wpi_table_take(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
        if (s->is_deleted)
            wpi_catalog_commit_drop(in->catalog, s->after);
        else if (!wpi_catalog_commit_row(in->catalog, s->after))
            in->out_of_memory = true;
        else if (s->catalog == WPI_PG_CLASS && s->is_created && s->owner)
            wpi_catalog_commit_owner(in->catalog, s->db, s->oid, s->owner);
    }
}

bool wpi_infer_commit(wpi_infer *in, const wpi_work *works, size_t n, bool may_miss_works,
                      uint32_t unseen, const wp_fact_xact *fact, const wp_xact_end *end)
{
    in->may_miss_works = may_miss_works;
    in->may_be_catalogs = fact->changed != 0;
    const bool has_ddl = wpi_read_works(in, works, n);
    if (in->config.callbacks.on_event && !in->out_of_memory) {
        if (has_ddl) {
            wpi_note_truncations(in, fact, end);
            wpi_note_truncated_roots(in, works, n, fact);
            wpi_find_ddl(in);
            wpi_find_composite_types(in, works, n);
            wpi_find_unknown_drops(in, works, n, fact);
            wpi_find_alterations(in, works, n, fact);
        }
        wpi_find_rows(in, works, n);
        wpi_sort_findings(in);
        if (has_ddl)
            wpi_find_incidents(in, works, n);
        wpi_tell_all(in, end);
        wpi_note_unseen(in, unseen, fact->db, end->lsn);
        wpi_tell_hidden(in, fact, end);
        if (may_miss_works)
            wpi_tell_unseen_rows(in, works, n, fact->db, end);
    }
    if (has_ddl)
        apply(in);
    if (has_ddl || in->nfindings || in->nhidden)
        wpi_forget_scratch(in);
    return !in->out_of_memory;
}

bool wpi_infer_invalidated(wpi_infer *in, wp_oid db, wp_lsn lsn)
{
    const wpi_key key = { db, 0, 0 };
    return wpi_table_get(&in->invalidated, key) != NULL
           || wpi_table_put(&in->invalidated, key, (void *)(uintptr_t)lsn);
}

uint64_t wpi_infer_unnamed(const wpi_infer *in, wp_lsn *first)
{
    *first = in->first_unnamed;
    return in->unnamed;
}

/* Numbers are to save work for texts that come again: those of a day's many tables do not. */
#define TEXTS_KEPT 65536

bool wpi_infer_forget_texts(wpi_infer *in)
{
    if (in->texts.n < TEXTS_KEPT)
        return false;
    wpi_texts_free(&in->texts);
    wpi_catalog_forget_texts(in->catalog);
    return true;
}

void wpi_infer_save(const wpi_infer *in, wpi_saver *s)
{
    size_t at = 0;
    wpi_save_number(s, in->unnamed);
    wpi_save_number(s, in->first_unnamed);
    wpi_save_number(s, in->invalidated.used);
    for (wpi_key key; wpi_table_next_key(&in->invalidated, &at, &key);) {
        wpi_save(s, &key, sizeof key);
        wpi_save_number(s, (uintptr_t)wpi_table_get(&in->invalidated, key));
    }
}

void wpi_infer_load(wpi_infer *in, wpi_loader *l)
{
    in->unnamed = wpi_load_number(l);
    in->first_unnamed = wpi_load_number(l);
    for (size_t n = wpi_load_count(l, sizeof(wpi_key)); n > 0 && !l->failed; n--) {
        wpi_key key;
        wpi_load(l, &key, sizeof key);
        const wp_lsn lsn = wpi_load_number(l);
        l->failed = l->failed || lsn == 0 || !wpi_infer_invalidated(in, key.a, lsn);
    }
}

wpi_infer *wpi_infer_new(const wp_reducer_config *config, wpi_catalog *catalog)
{
    wpi_infer *in = calloc(1, sizeof *in);
    if (in) {
        in->config = *config;
        in->profile = config->profile;
        in->catalog = catalog;
    }
    return in;
}

void wpi_infer_free(wpi_infer *in)
{
    if (!in)
        return;
    wpi_free_scratch(in);
    wpi_table_free(&in->invalidated);
    wpi_texts_free(&in->texts);
    free(in);
}
