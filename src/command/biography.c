/*
 * biography.c - see biography.h.
 *
 * The first passes (family.c) find which transaction ids are meant. The next one takes what their records say. Where other ids may be
 * subtransactions that the WAL does not name, one more looks at those. The last one is a search for events, as `events`
 * makes it.
 */
#include "command/biography.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"
#include "base/plural.h"
#include "base/result.h"
#include "command/read_records.h"
#include "command/record_pass.h"
#include "search/doubt.h"
#include "search/event_text.h"
#include "search/other_timelines.h"
#include "search/search.h"
#include "search/search_warnings.h"

typedef struct gathering {
    biography *out;
    uint64_t limit;
    bool is_failed; /* memory is out */
    bool is_after_end;
    const archive *wal;
    uint32_t *file_of; /* a hash table of files: their place and 1; 0: free */
    size_t file_slots;
} gathering;

/* ---- files ---------------------------------------------------------------------------------- */

static size_t slot_of(const gathering *g, const wp_locator *file)
{
    const uint64_t mixed = (file->rel * UINT64_C(0x9E3779B97F4A7C15))
                           ^ (file->db * UINT64_C(0xC2B2AE3D27D4EB4F)) ^ file->spc;
    return (size_t)(mixed ^ mixed >> 29) & (g->file_slots - 1);
}

static bool is_same(const wp_locator *a, const wp_locator *b)
{
    return a->rel == b->rel && a->db == b->db && a->spc == b->spc;
}

/* NULL: there are too many, or memory is out. */
static biography_file *file_at(gathering *g, const wp_locator *file, wp_lsn lsn)
{
    biography *out = g->out;
    size_t slot = slot_of(g, file);
    for (; g->file_of[slot] != 0; slot = (slot + 1) & (g->file_slots - 1))
        if (is_same(&out->files[g->file_of[slot] - 1].file, file))
            return &out->files[g->file_of[slot] - 1];
    if (out->nfiles == BIOGRAPHY_ITEMS_MAX) {
        out->is_cut = true;
        return NULL;
    }
    biography_file *added = GROW(out->files, out->nfiles, out->files_room);
    if (added == NULL) {
        g->is_failed = true;
        return NULL;
    }
    *added = (biography_file){ .file = *file, .first_lsn = lsn };
    g->file_of[slot] = (uint32_t)out->nfiles;
    return added;
}

static int compare_files(const void *a, const void *b)
{
    const biography_file *x = a, *y = b;
    if (x->is_unlogged != y->is_unlogged)
        return x->is_unlogged ? -1 : 1;
    if (x->size.bytes != y->size.bytes)
        return x->size.bytes < y->size.bytes ? 1 : -1;
    return (x->first_lsn > y->first_lsn) - (x->first_lsn < y->first_lsn);
}

/* ---- its own records ------------------------------------------------------------------------ */

static void add_size(biography_size *to, const wp_fact_tally *fact)
{
    to->records += fact->is_whole;
    to->bytes += (uint64_t)fact->record_bytes + fact->image_bytes;
    to->image_bytes += fact->image_bytes;
}

/* The place in the family of a member's id; of COMMIT PREPARED, which bears none, that of the transaction. */
static size_t place_of(const gathering *g, wp_xid xid)
{
    const family *all = &g->out->family;
    const family_member *member = family_member_of(all, xid != 0 ? xid : all->top);
    return (size_t)(member - all->members);
}

static void take_tally(gathering *g, const wp_fact_tally *fact)
{
    biography *out = g->out;
    biography_part *part = &out->parts[place_of(g, fact->fact.xid)];
    if (out->first_lsn == 0)
        out->first_lsn = fact->fact.lsn;
    out->last_lsn = fact->fact.lsn;
    if (part->first_lsn == 0)
        part->first_lsn = fact->fact.lsn;
    add_size(&part->size, fact);
    add_size(&out->size, fact);
    if (fact->file.rel == 0)
        return;
    if (out->db == 0)
        out->db = fact->file.db;
    biography_file *file = file_at(g, &fact->file, fact->fact.lsn);
    if (file != NULL)
        add_size(&file->size, fact);
}

static void take_rows(gathering *g, const wp_fact_dml *fact)
{
    const fate became = g->out->family.members[place_of(g, fact->fact.xid)].fate;
    biography_file *file = file_at(g, &fact->locator, fact->fact.lsn);
    if (file == NULL)
        return;
    file->rows[became][ROWS_INSERTED] += fact->inserted;
    file->rows[became][ROWS_UPDATED] += fact->updated;
    file->rows[became][ROWS_DELETED] += fact->deleted;
}

/* Room for one more item; NULL: none is kept. */
#define KEEP(g, list)                         \
    ((g)->out->n##list == BIOGRAPHY_ITEMS_MAX \
         ? ((g)->out->is_cut = true, NULL)    \
         : GROW((g)->out->list, (g)->out->n##list, (g)->out->list##_room))

static void keep_storage(gathering *g, biography_storage one)
{
    biography_storage *place = KEEP(g, storage);
    if (place != NULL)
        *place = one;
    else
        g->is_failed |= !g->out->is_cut;
}

static void take_storage(gathering *g, const wp_fact_storage *fact, bool is_new)
{
    keep_storage(g, (biography_storage){ .what = is_new ? STORAGE_CREATED : STORAGE_TRUNCATED,
                                         .lsn = fact->fact.lsn,
                                         .xid = fact->fact.xid,
                                         .file = fact->locator,
                                         .fork = is_new ? fact->fact.op : 0,
                                         .blocks = fact->block });
}

static void take_database(gathering *g, const wp_fact_database *fact, storage_what what)
{
    for (uint32_t i = 0; i < fact->ntablespaces; i++)
        keep_storage(
            g, (biography_storage){ .what = what,
                                    .lsn = fact->fact.lsn,
                                    .xid = fact->fact.xid,
                                    .file = { .spc = fact->tablespaces[i], .db = fact->db } });
}

static void take_tablespace(gathering *g, const wp_fact_tablespace *fact, storage_what what)
{
    keep_storage(g, (biography_storage){ .what = what,
                                         .lsn = fact->fact.lsn,
                                         .xid = fact->fact.xid,
                                         .file = { .spc = fact->tablespace } });
}

static void take_lock(gathering *g, const wp_fact_lock *fact)
{
    biography_lock *place = KEEP(g, locks);
    if (place != NULL)
        *place = (biography_lock){ fact->fact.lsn, fact->fact.xid, fact->db, fact->rel };
    else
        g->is_failed |= !g->out->is_cut;
}

static void take_message(gathering *g, const wp_fact_message *fact)
{
    biography_message *place = KEEP(g, messages);
    if (place == NULL) {
        g->is_failed |= !g->out->is_cut;
        return;
    }
    *place = (biography_message){ .lsn = fact->fact.lsn,
                                  .xid = fact->fact.xid,
                                  .bytes = fact->message_bytes,
                                  .is_transactional = fact->fact.op != 0 };
    memcpy(place->prefix, fact->prefix, sizeof place->prefix);
}

static void keep_gid(gathering *g, const wp_fact_xact *fact)
{
    const char *gid = wp_fact_xact_gid(fact);
    if (gid == NULL || g->out->gid != NULL)
        return;
    g->out->gid = strdup(gid);
    g->is_failed |= g->out->gid == NULL;
}

/* Of its end, or of the rollback of one of its subtransactions. */
static void take_own_end(gathering *g, const wp_fact_xact *fact)
{
    biography *out = g->out;
    const wp_locator *rels = wp_fact_xact_rels(fact);
    for (uint32_t i = 0; i < fact->nrels; i++)
        keep_storage(g, (biography_storage){ .what = STORAGE_DROPPED,
                                             .lsn = fact->fact.lsn,
                                             .xid = fact->fact.xid,
                                             .file = rels[i] });
    if (fact->fact.xid != out->family.top)
        return;
    out->end_time = fact->time;
    out->end_end_lsn = fact->end_lsn;
    if (fact->db != 0)
        out->db = fact->db;
    keep_gid(g, fact);
    g->is_after_end = true;
}

static void take_more(gathering *g, const wp_fact_xact_more *fact)
{
    biography *out = g->out;
    if (fact->fact.xid != out->family.top || fact->fact.lsn == out->family.prepare_lsn)
        return;
    out->has_origin = fact->origin != 0 || fact->origin_lsn != 0;
    out->origin = fact->origin;
    out->origin_lsn = fact->origin_lsn;
    out->origin_time = fact->origin_time;
    memcpy(out->invals, fact->invals, sizeof out->invals);
}

static void take_prepare(gathering *g, const wp_fact_xact *fact)
{
    g->out->is_prepared = true;
    g->out->prepare_time = fact->time;
    g->out->db = fact->db;
    keep_gid(g, fact);
}

/* ---- others --------------------------------------------------------------------------------- */

static void take_commit_of_other(gathering *g, const wp_fact_xact *fact)
{
    biography *out = g->out;
    const biography_commit one = { fact->fact.xid, fact->fact.lsn, fact->time };
    if (out->commits++ == 0)
        out->first_commit = one;
    out->last_commit = one;
    if (out->nlisted >= g->limit)
        return;
    biography_commit *place = GROW(out->listed, out->nlisted, out->listed_room);
    g->is_failed |= place == NULL;
    if (place != NULL)
        *place = one;
}

static void take_end_of_other(gathering *g, const wp_fact_xact *fact)
{
    const bool is_commit =
        fact->fact.op == WP_XACT_COMMIT || fact->fact.op == WP_XACT_COMMIT_PREPARED;
    biography *out = g->out;
    if (out->first_lsn == 0)
        out->time_before = fact->time;
    else if (is_commit && !g->is_after_end)
        take_commit_of_other(g, fact);
}

static void take_end(gathering *g, const wp_fact_xact *fact)
{
    if (family_member_of(&g->out->family, fact->fact.xid) != NULL)
        take_own_end(g, fact);
    else
        take_end_of_other(g, fact);
}

static void take_segment_end(gathering *g, const wp_fact_end *fact)
{
    biography *out = g->out;
    if (!fact->cuts_xact_end)
        return;
    const bool is_own = fact->fact.xid == out->family.top && !out->family.has_end;
    if (is_own) {
        out->cut_lsn = fact->fact.lsn;
        out->cut_op = (wp_xact_op)fact->cut_op;
    }
}

static bool take_fact(void *context, const wp_fact *fact)
{
    gathering *g = context;
    const void *it = fact;
    possible_parts_take(&g->out->possible, fact);
    g->is_failed |= g->out->possible.is_failed;
    switch ((wp_fact_kind)fact->kind) {
    case WP_FACT_TALLY:
        take_tally(g, it);
        break;
    case WP_FACT_DML:
        take_rows(g, it);
        break;
    case WP_FACT_LOCK:
        take_lock(g, it);
        break;
    case WP_FACT_STORAGE_CREATE:
    case WP_FACT_STORAGE_TRUNCATE:
        take_storage(g, it, fact->kind == WP_FACT_STORAGE_CREATE);
        break;
    case WP_FACT_DATABASE_CREATE:
    case WP_FACT_DATABASE_DROP:
        take_database(g, it,
                      fact->kind == WP_FACT_DATABASE_CREATE ? STORAGE_DATABASE_CREATED
                                                            : STORAGE_DATABASE_DROPPED);
        break;
    case WP_FACT_TABLESPACE_CREATE:
    case WP_FACT_TABLESPACE_DROP:
        take_tablespace(g, it,
                        fact->kind == WP_FACT_TABLESPACE_CREATE ? STORAGE_TABLESPACE_CREATED
                                                                : STORAGE_TABLESPACE_DROPPED);
        break;
    case WP_FACT_LOGICAL_MESSAGE:
        take_message(g, it);
        break;
    case WP_FACT_XACT_END:
        take_end(g, it);
        break;
    case WP_FACT_XACT_MORE:
        take_more(g, it);
        break;
    case WP_FACT_PREPARE:
        if (fact->xid == g->out->family.top)
            take_prepare(g, it);
        break;
    case WP_FACT_CHECKPOINT:
    case WP_FACT_END_OF_RECOVERY:
        g->is_after_end |= fact->lsn == g->out->family.lost_lsn;
        break;
    case WP_FACT_SEGMENT_END:
        take_segment_end(g, it);
        break;
    default:
        break;
    }
    return !g->is_failed && !(g->is_after_end && fact->kind == WP_FACT_SEGMENT_END);
}

/* ---- passes --------------------------------------------------------------------------------- */

/* What is damaged before its beginning or after its end hides nothing of it. */
static question question_about(const question *q, const family *of)
{
    question own = *q;
    own.range = (question_range){ .from_lsn = of->not_before, .to_lsn = family_bound(of) };
    return own;
}

static exit_code read_records_of(gathering *g, const question *q)
{
    wp_record_filter filter = family_filter(&g->out->family);
    const question own = question_about(q, &g->out->family);
    const record_reader reader = { .on_record = record_pass_decode,
                                   .record_context = &filter,
                                   .take = take_fact,
                                   .context = g,
                                   .takes_all = true };
    return read_records(&own, g->wal, &reader);
}

/* ---- events --------------------------------------------------------------------------------- */

static bool restart_events(void *context, const archive *wal)
{
    gathering *g = context;
    (void)wal;
    for (size_t i = 0; i < g->out->nevents; i++) {
        text_free(&g->out->events[i].json);
        text_free(&g->out->events[i].words);
    }
    g->out->nevents = 0;
    free(g->out->tablespace_name);
    g->out->tablespace_name = NULL;
    return true;
}

static bool keep_tablespace(biography *out, const wp_event *event)
{
    const bool is_meant =
        event->kind == WP_EVENT_CREATE_TABLESPACE || event->kind == WP_EVENT_DROP_TABLESPACE;
    if (!is_meant || event->object.name == NULL || out->tablespace_name != NULL)
        return true;
    out->tablespace = event->object.oid;
    out->tablespace_name = strdup(event->object.name);
    return out->tablespace_name != NULL;
}

static bool makes_file(const wp_event *event)
{
    const wp_event_kind kind = event->kind;
    if (event->relkind == 'p')
        return false;
    return kind == WP_EVENT_CREATE_TABLE || kind == WP_EVENT_CREATE_MATERIALIZED_VIEW
           || kind == WP_EVENT_TRUNCATE || kind == WP_EVENT_REWRITE_TABLE
           || kind == WP_EVENT_REWRITE_MATERIALIZED_VIEW;
}

static bool add_event(void *context, const event_view *view)
{
    gathering *g = context;
    const wp_event *event = view->event;
    if (event == NULL || view->xact->xid != g->out->family.top)
        return true;
    biography_event *place = GROW(g->out->events, g->out->nevents, g->out->events_room);
    if (place == NULL)
        return false;
    *place = (biography_event){ .has_rows = event->has_rows,
                                .may_miss_rows = event->may_miss_rows,
                                .rows = event->rows,
                                .kind = event->kind,
                                .is_taken = event->taken_by != event->number,
                                .makes_file = makes_file(event),
                                .db = event->database.oid,
                                .rel = event->object.oid,
                                .lsn = event->lsn };
    if (event->kind == WP_EVENT_CREATE_TABLE || event->kind == WP_EVENT_CREATE_MATERIALIZED_VIEW)
        place->file = event->locator;
    event_json(g->wal->info.segment_size, view, &place->json);
    text_add(&place->words, event->text);
    return !place->json.failed && !place->words.failed && keep_tablespace(g->out, event);
}

static void tell_warnings(const question *q, const archive *wal, const search_result *found)
{
    text_list warnings = { 0 };
    search_warnings(q, wal, found, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
}

/* What `events` says of it. Damage was told already where code is EXIT_DOUBT. */
static exit_code find_events(gathering *g, const question *q, const sources *from, exit_code code)
{
    char message[MESSAGE_BYTES];
    question own = *q;
    search_result found;
    own.kind = QUESTION_LIST;
    own.range =
        (question_range){ .from_lsn = g->out->family.end_lsn, .to_lsn = g->out->family.end_lsn };
    const search_sink sink = { .context = g, .restart = restart_events, .add = add_event };
    const search_status status =
        search_events(&own, from->wal, from->base, from->external_names, &sink, &found, message);
    if (status == SEARCH_FAILED)
        code = result_trouble(message);
    else if (doubt_of_search(&own, from->wal, &found)) {
        if (code != EXIT_DOUBT)
            tell_warnings(&own, from->wal, &found);
        code = EXIT_DOUBT;
    }
    search_free(&found);
    return code;
}

/* ---- wal_level minimal ------------------------------------------------------------------------ */

/*
 * Servers log an AccessExclusiveLock, and with COMMIT the invalidations, from wal_level replica on, and who makes a file has both. (A
 * sequence may do without the lock, and a prepared transaction has the invalidations.) So has 9.5 with wal_level archive neither.
 */
static bool is_minimal(const biography *b)
{
    const bool is_commit = b->family.has_end && b->family.end_op == WP_XACT_COMMIT;
    return b->nlocks == 0 && (is_commit ? biography_invals(b) == 0 : b->family.not_before != 0);
}

/* Of relations of the system that only the map names the kind is not known: their indexes are all called so. */
static bool has_no_rows(const biography *b, const wp_locator *file, wp_lsn lsn)
{
    static const char index[] = "_index";
    const char relkind = relation_names_kind_of_file(b->names, file, lsn);
    const char *name = relation_names_of_file(b->names, file, lsn);
    const size_t len = name != NULL ? strlen(name) : 0;
    if (relkind != '\0')
        return relkind == 'i' || relkind == 'S';
    return len > sizeof index && strncmp(name, "pg_", 3) == 0
           && strcmp(name + len - (sizeof index - 1), index) == 0;
}

static void mark_file(biography *out, biography_file *file)
{
    out->nunlogged += !file->is_unlogged;
    file->is_unlogged = true;
}

static bool mark_stored(gathering *g, const biography_storage *one)
{
    if (one->what != STORAGE_CREATED || one->fork != 0 || has_no_rows(g->out, &one->file, one->lsn))
        return true;
    biography_file *file = file_at(g, &one->file, one->lsn);
    if (file != NULL)
        mark_file(g->out, file);
    return !g->is_failed;
}

/* Catalogs lie in the tablespace of their database. */
static wp_oid tablespace_of(const biography *b, wp_oid db)
{
    for (size_t i = 0; i < b->nfiles; i++) {
        const wp_locator *file = &b->files[i].file;
        const char *name =
            file->db == db ? relation_names_of_file(b->names, file, b->files[i].first_lsn) : NULL;
        if (name != NULL && strcmp(name, "pg_catalog.pg_class") == 0)
            return file->spc;
    }
    return 0;
}

static bool has_rows_of(const biography_file *file)
{
    for (int i = 0; i < FATES; i++)
        for (int k = 0; k < ROW_OPS; k++)
            if (file->rows[i][k] != 0)
                return true;
    return false;
}

/* Is it a file of that relation, or of its TOAST table? */
static bool is_of(const biography *b, const biography_file *one, const char *relation)
{
    const char *name = relation_names_of_file(b->names, &one->file, one->first_lsn);
    const char *toasted = relation_names_of_toasted(b->names, &one->file, one->first_lsn);
    return relation != NULL && one->file.rel != 0
           && ((name != NULL && strcmp(name, relation) == 0)
               || (toasted != NULL && strcmp(toasted, relation) == 0))
           && !has_no_rows(b, &one->file, one->first_lsn);
}

/* Before it has an id, a transaction makes a file without one: a record that is nobody's. Its event tells. */
static bool mark_told(gathering *g, const biography_event *event)
{
    biography *out = g->out;
    const char *name = relation_names_of_oid(out->names, event->db, event->rel, event->lsn);
    wp_locator made = event->file;
    bool is_marked = false;
    if (made.spc == 0)
        made.spc = tablespace_of(out, made.db);
    if (made.rel != 0 && made.spc != 0) {
        biography_file *file = file_at(g, &made, event->lsn);
        if (file != NULL)
            mark_file(out, file);
        is_marked = file != NULL;
    }
    for (size_t i = 0; i < out->nfiles; i++) {
        biography_file *one = &out->files[i];
        if (!is_of(out, one, name))
            continue;
        if (!has_rows_of(one))
            mark_file(out, one);
        is_marked |= one->is_unlogged;
    }
    out->nunlogged += !is_marked;
    return !g->is_failed;
}

/* Of a file that the same transaction made, such a server logs pages or nothing, and up to 12 a part of the rows. */
static bool mark_unlogged(gathering *g, char message[MESSAGE_BYTES])
{
    biography *out = g->out;
    bool is_good = true;
    if (!is_minimal(out))
        return true;
    for (size_t i = 0; i < out->nstorage && is_good; i++)
        is_good = mark_stored(g, &out->storage[i]);
    for (size_t i = 0; i < out->nevents && is_good; i++)
        if (out->events[i].makes_file)
            is_good = mark_told(g, &out->events[i]);
    return is_good || message_no_memory(message);
}

/* ---- all of it ------------------------------------------------------------------------------ */

uint64_t biography_invals(const biography *b)
{
    uint64_t sum = 0;
    for (int i = 0; i < WP_INVAL_KINDS; i++)
        sum += b->invals[i];
    return sum;
}

bool biography_may_be_part(const biography *b)
{
    return !biography_is_commit(b) && !b->is_prepared && !b->family.is_assigned
           && (!b->family.has_end || b->family.end_op == WP_XACT_ABORT);
}

static bool start(gathering *g, char message[MESSAGE_BYTES])
{
    g->file_slots = 2 * BIOGRAPHY_ITEMS_MAX;
    g->file_of = calloc(g->file_slots, sizeof *g->file_of);
    g->out->parts = calloc(g->out->family.count, sizeof *g->out->parts);
    return (g->file_of != NULL && g->out->parts != NULL) || message_no_memory(message);
}

/* Ids repeat on timelines that are not followed. */
static bool tell_other_timelines(const biography *b, const question *q, const archive *wal,
                                 char message[MESSAGE_BYTES])
{
    question own = *q;
    other_timelines others = { 0 };
    text_list warnings = { 0 };
    const bool is_found = b->size.records > 0;
    const wp_lsn end = b->family.has_end ? b->family.end_lsn : b->family.wal_end;
    own.kind = is_found ? QUESTION_XID : QUESTION_LIST;
    own.xid = b->family.top;
    const bool is_good = other_timelines_look(&own, wal, &others, message);
    if (is_good)
        other_timelines_warn(&own, wal, &others, end, &warnings);
    for (size_t i = 0; i < warnings.count; i++)
        log_warning("%s", warnings.items[i]);
    text_list_free(&warnings);
    other_timelines_free(&others);
    return is_good;
}

static exit_code tell_nothing(const biography *b, const archive *wal, exit_code code)
{
    char first[WP_LSN_TEXT_BYTES], end[WP_LSN_TEXT_BYTES];
    const family *of = &b->family;
    log_story(
        "pitr-find: no record of transaction %u along timeline %u: this WAL begins at %s and ends at %s",
        b->asked, wal->timeline, wp_lsn_format(b->family.wal_start, first),
        wp_lsn_format(b->family.wal_end, end));
    if (of->last_next != 0 && !wp_xid_precedes(b->asked, of->last_next))
        log_story("pitr-find: the next transaction id to be given, where it is told last, is %u",
                  of->last_next);
    else if (of->first_next != 0 && wp_xid_precedes(b->asked, of->first_next))
        log_story(
            "pitr-find: when this WAL begins, ids below %u had been given: it may have ended before",
            of->first_next);
    else
        log_story("pitr-find: a transaction that writes nothing has no record");
    return code == EXIT_FOUND ? EXIT_NOTHING : code;
}

static exit_code warn_of_doubt(const biography *b, exit_code code)
{
    char lsn[WP_LSN_TEXT_BYTES];
    if (!biography_has_beginning(b))
        log_warning(
            "the transaction may have begun before this WAL, which begins at %s: what it did there is not told",
            wp_lsn_format(b->family.wal_start, lsn));
    if (b->cut_lsn != 0)
        log_warning("the record that ends it begins at %s and goes on in WAL that is not here",
                    wp_lsn_format(b->cut_lsn, lsn));
    const bool may_have_parts = possible_parts_warn(&b->possible);
    if (b->is_cut)
        log_warning("there is more than is told: the first %zu locks, files and messages are",
                    BIOGRAPHY_ITEMS_MAX);
    if (b->nunlogged > 0)
        log_warning("wal_level was minimal: how many rows came into %zu new file%s is not known, "
                    "for the WAL need not have them",
                    b->nunlogged, plural(b->nunlogged));
    const bool is_doubtful = !biography_has_beginning(b) || b->cut_lsn != 0 || may_have_parts
                             || b->is_cut || b->nunlogged > 0;
    return is_doubtful ? EXIT_DOUBT : code;
}

/* Its end may be where not all could be read; else nothing of it was kept. */
static void settle_lost(biography *b)
{
    if (b->family.lost_lsn == 0 || b->is_doubtful)
        return;
    for (size_t i = 0; i < b->family.count; i++)
        b->family.members[i].fate = FATE_ROLLED_BACK;
    for (size_t i = 0; i < b->nfiles; i++) {
        int64_t(*rows)[ROW_OPS] = b->files[i].rows;
        for (row_op op = 0; op < ROW_OPS; op++) {
            rows[FATE_ROLLED_BACK][op] += rows[FATE_UNKNOWN][op];
            rows[FATE_UNKNOWN][op] = 0;
        }
    }
}

/* May what its files and locks are called be wrong? Says why. */
static bool tell_doubtful_names(const biography *b)
{
    for (size_t i = 0; i < b->nfiles; i++)
        (void)relation_names_of_file(b->names, &b->files[i].file, b->files[i].first_lsn);
    for (size_t i = 0; i < b->nlocks; i++)
        (void)relation_names_of_oid(b->names, b->locks[i].db, b->locks[i].rel, b->locks[i].lsn);
    return relation_names_tell_doubts(b->names, UINT64_MAX);
}

static exit_code gather(gathering *g, const question *q, const sources *from)
{
    biography *out = g->out;
    char message[MESSAGE_BYTES];
    if (!family_find(from->wal, out->asked, q->jobs, &out->family, message) || !start(g, message))
        return result_trouble(message);
    exit_code code = read_records_of(g, q);
    if (code == EXIT_TROUBLE)
        return code;
    out->is_doubtful = code == EXIT_DOUBT;
    settle_lost(out);
    if (g->is_failed) {
        message_no_memory(message);
        return result_trouble(message);
    }
    if (!tell_other_timelines(out, q, from->wal, message))
        return result_trouble(message);
    if (out->size.records == 0)
        return tell_nothing(out, from->wal, code);
    if (!possible_parts_weigh(&out->possible, from->wal, q->jobs, message)
        || !relation_names_read(q, from, &out->names, message))
        return result_trouble(message);
    if (biography_is_commit(out))
        code = find_events(g, q, from, code);
    if (code != EXIT_TROUBLE && !mark_unlogged(g, message))
        return result_trouble(message);
    if (out->nfiles > 0)
        qsort(out->files, out->nfiles, sizeof *out->files, compare_files);
    if (code == EXIT_FOUND && tell_doubtful_names(out))
        code = EXIT_DOUBT;
    return code == EXIT_TROUBLE ? code : warn_of_doubt(out, code);
}

exit_code biography_gather(const question *q, const sources *from, wp_xid xid, uint64_t limit,
                           biography *out)
{
    gathering g = { .out = out, .limit = limit, .wal = from->wal };
    *out = (biography){ .asked = xid,
                        .possible = { .of = &out->family },
                        .end_time = WP_TIME_UNKNOWN,
                        .time_before = WP_TIME_UNKNOWN,
                        .prepare_time = WP_TIME_UNKNOWN,
                        .origin_time = WP_TIME_UNKNOWN };
    const exit_code code = gather(&g, q, from);
    free(g.file_of);
    return code;
}

void biography_free(biography *b)
{
    for (size_t i = 0; i < b->nevents; i++) {
        text_free(&b->events[i].json);
        text_free(&b->events[i].words);
    }
    relation_names_free(b->names);
    free(b->events);
    free(b->parts);
    free(b->gid);
    free(b->tablespace_name);
    free(b->files);
    free(b->storage);
    free(b->locks);
    free(b->messages);
    free(b->listed);
    possible_parts_free(&b->possible);
    family_free(&b->family);
}
