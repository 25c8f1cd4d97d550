/* extract.c - see extract.h. */
#include "rescue/extract.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/grow.h"
#include "base/message.h"

#define GLOBAL_TABLESPACE 1664
#define DEFAULT_TABLESPACE 1663
/* Objects below are made by initdb. */
#define FIRST_NORMAL_OID 16384
/* Each pass learns of files by catalogs that the one before it did not follow: chains are short. */
#define PASSES_MAX 8

typedef struct job {
    const extract_config *config;
    extract *out;
    char *message;
} job;

/* ---- which files ---------------------------------------------------------------------------- */

static bool is_catalog_of(const extract *e, const wp_locator *file)
{
    if (file->rel >= FIRST_NORMAL_OID)
        return false;
    if (file->db == 0)
        return file->spc == GLOBAL_TABLESPACE;
    for (size_t i = 0; i < e->ndatabases; i++)
        if (e->databases[i].oid == file->db)
            return true;
    return false;
}

static bool is_followed(void *context, const wp_locator *file)
{
    const extract *e = context;
    return is_catalog_of(e, file) || file_set_has(&e->files, file);
}

/* Takes what is needed and not followed yet, and has the backup make it ready. *more: there was something. */
static bool follow(job *j, const dictionary_needs *needs, bool *more)
{
    dictionary_needs fresh = { 0 };
    bool is_good = true;
    for (size_t i = 0; is_good && i < needs->count; i++) {
        if (is_followed(j->out, &needs->items[i]))
            continue;
        is_good = dictionary_needs_add(&fresh, &needs->items[i])
                  && file_set_add(&j->out->files, &needs->items[i]);
    }
    *more = fresh.count > 0;
    if (!is_good)
        (void)message_no_memory(j->message);
    else if (*more && j->config->base != NULL)
        is_good = backup_blocks_fetch(
            j->config->base, &(backup_wants){ .files = fresh.items, .nfiles = fresh.count },
            j->message);
    free(fresh.items);
    return is_good;
}

/* ---- dictionaries --------------------------------------------------------------------------- */

static void forget_dictionaries(extract *e)
{
    for (size_t i = 0; i < e->ndatabases; i++) {
        dictionary_free(e->databases[i].dictionary);
        e->databases[i].dictionary = NULL;
        e->databases[i].row = NULL;
    }
    free(e->rows);
    e->rows = NULL;
    e->nrows = 0;
    e->catalogs = (heap_sums){ 0 };
}

static void forget(extract *e)
{
    forget_dictionaries(e);
    replay_free(&e->replay);
}

/* Without a backup pg_database is seldom known. */
static void stand_in(extract_database *db)
{
    db->unknown = (dictionary_database){ .oid = db->oid, .tablespace = db->spc, .encoding = -1 };
    (void)snprintf(db->unknown.name, sizeof db->unknown.name, "[%u]", db->oid);
    db->row = &db->unknown;
}

/* Without a backup pg_database may lack one that is there: what is it called, and how is it encoded? */
static bool add_unknown_databases(extract *e)
{
    dictionary_database *rows = realloc(e->rows, (e->nrows + e->ndatabases + 1) * sizeof *e->rows);
    if (rows == NULL)
        return false;
    e->rows = rows;
    for (size_t i = 0; i < e->ndatabases; i++) {
        size_t r = 0;
        while (r < e->nrows && rows[r].oid != e->databases[i].oid)
            r++;
        if (r == e->nrows)
            rows[e->nrows++] = (dictionary_database){ .oid = e->databases[i].oid,
                                                      .tablespace = e->databases[i].spc,
                                                      .encoding = -1 };
    }
    return true;
}

static bool read_dictionaries(job *j, dictionary_needs *needs)
{
    extract *e = j->out;
    const heap *h = &e->replay.heap;
    if (!dictionary_databases(h, is_followed, e, needs, &e->rows, &e->nrows, &e->catalogs,
                              j->message))
        return false;
    if (h->base == NULL && !add_unknown_databases(e))
        return message_no_memory(j->message);
    for (size_t i = 0; i < e->ndatabases; i++) {
        extract_database *db = &e->databases[i];
        for (size_t r = 0; r < e->nrows; r++)
            if (e->rows[r].oid == db->oid) {
                db->row = &e->rows[r];
                db->spc = db->row->tablespace;
            }
        if (db->row == NULL && h->base == NULL)
            stand_in(db);
        if (db->row != NULL
            && !dictionary_read(h, db->spc, db->oid, is_followed, e, needs, &db->dictionary,
                                &e->catalogs, j->message))
            return false;
    }
    return true;
}

static bool replay_until(job *j, wp_lsn until)
{
    extract *e = j->out;
    const replay_config config = { .wal = j->config->wal,
                                   .base = j->config->base,
                                   .until = until,
                                   .memory_bytes = j->config->memory_bytes,
                                   .show_progress = j->config->show_progress,
                                   .wants = is_followed,
                                   .context = e };
    forget(e);
    return replay_run(&config, &e->replay, j->message);
}

/* ---- passes --------------------------------------------------------------------------------- */

/* The catalogs as they lie in the backup, which was copied while the server wrote: they need not even fit together. */
static bool guess(job *j)
{
    extract *e = j->out;
    char ignored[MESSAGE_BYTES];
    char *const message = j->message;
    dictionary_needs needs = { 0 };
    bool more = true, is_good = replay_until(j, 0);
    for (size_t i = 0; is_good && i < e->ndatabases; i++)
        is_good = dictionary_catalog_files(&e->replay.heap, e->databases[i].spc,
                                           e->databases[i].oid, &needs, j->message);
    is_good = is_good && follow(j, &needs, &more);
    for (int i = 0; is_good && i < PASSES_MAX; i++) {
        needs.count = 0;
        j->message = ignored;
        const bool is_read =
            replay_until(j, 0) && read_dictionaries(j, &needs)
            && (needs.count > 0
                || j->config->resolve(j->config->context, e, false, &needs, ignored));
        j->message = message;
        if (!is_read)
            break;
        is_good = follow(j, &needs, &more);
        if (!more)
            break;
    }
    free(needs.items);
    return is_good;
}

/* Has the backup make the catalogs of the databases ready. */
static bool fetch_catalogs(const job *j, size_t first)
{
    const extract *e = j->out;
    if (j->config->base == NULL || first == e->ndatabases)
        return true;
    wp_oid *dbs = calloc(e->ndatabases - first, sizeof *dbs);
    if (dbs == NULL)
        return message_no_memory(j->message);
    for (size_t i = first; i < e->ndatabases; i++)
        dbs[i - first] = e->databases[i].oid;
    const backup_wants wants = { .catalogs = dbs, .ncatalogs = e->ndatabases - first };
    const bool is_good = backup_blocks_fetch(j->config->base, &wants, j->message);
    free(dbs);
    return is_good;
}

static bool pass(job *j, bool *more)
{
    extract *e = j->out;
    dictionary_needs needs = { 0 };
    const size_t ndatabases = e->ndatabases;
    bool is_good = replay_until(j, j->config->until) && read_dictionaries(j, &needs);
    e->passes++;
    if (is_good && needs.count == 0)
        is_good = j->config->resolve(j->config->context, e, true, &needs, j->message);
    is_good = is_good && follow(j, &needs, more);
    is_good = is_good && fetch_catalogs(j, ndatabases);
    *more = *more || e->ndatabases > ndatabases;
    free(needs.items);
    return is_good;
}

bool extract_add_database(extract *e, wp_oid db)
{
    for (size_t i = 0; i < e->ndatabases; i++)
        if (e->databases[i].oid == db)
            return true;
    extract_database *slot = GROW(e->databases, e->ndatabases, e->databases_room);
    if (slot != NULL)
        *slot = (extract_database){ .spc = DEFAULT_TABLESPACE, .oid = db };
    return slot != NULL;
}

static bool add_databases(job *j, const wp_oid *dbs, size_t ndbs)
{
    extract *e = j->out;
    size_t known = 0;
    const wp_locator *places =
        j->config->base != NULL ? backup_blocks_databases(j->config->base, &known) : NULL;
    for (size_t i = 0; i < ndbs; i++) {
        if (!extract_add_database(e, dbs[i]))
            return message_no_memory(j->message);
        for (size_t k = 0; k < known; k++)
            if (places[k].db == dbs[i])
                e->databases[e->ndatabases - 1].spc = places[k].spc;
    }
    return true;
}

bool extract_run(const extract_config *config, const wp_oid *dbs, size_t ndbs, extract *out,
                 char message[MESSAGE_BYTES])
{
    *out = (extract){ 0 };
    job j = { .config = config, .out = out, .message = message };
    if (!add_databases(&j, dbs, ndbs) || !fetch_catalogs(&j, 0)
        || (config->base != NULL && !guess(&j)))
        return false;
    for (int i = 0; i < PASSES_MAX; i++) {
        bool more = false;
        if (!pass(&j, &more))
            return false;
        if (!more)
            return true;
    }
    return message_fail(message, "catalogs seem to move without end: is the WAL damaged?");
}

heap_sums extract_catalog_sums(const extract *e)
{
    heap_sums all = e->catalogs;
    for (size_t i = 0; i < e->ndatabases; i++)
        if (e->databases[i].dictionary != NULL)
            heap_sums_add(&all, dictionary_sums(e->databases[i].dictionary));
    return all;
}

void extract_free(extract *e)
{
    forget(e);
    free(e->databases);
    file_set_free(&e->files);
    *e = (extract){ 0 };
}
