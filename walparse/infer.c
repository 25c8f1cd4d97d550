/*
 * infer.c - the rules that turn a committed transaction's traces into events.
 *
 * All of them look at catalog rows, never at unlinked files: DROP, TRUNCATE, VACUUM FULL, CLUSTER,
 * REINDEX, REFRESH and a rewriting ALTER TABLE all unlink files at commit.
 *
 *   dropped     its pg_class row was deleted, and not made by this same transaction
 *   truncated   its pg_class row points to a new file in the same tablespace, and that file did not
 *               first belong to a transient table of this transaction (then it was a rewrite);
 *               or the WAL says TRUNCATE (wal_level logical);
 *               or a file made by this transaction was emptied
 *   folded      toast; an index of a dropped table; a sequence owned by a column of a dropped table
 */
#include "infer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogs.h"
#include "names.h"
#include "table.h"
#include "texts.h"

/* A relation or schema as this transaction left it. */
typedef struct subject {
    wp_oid catalog, db, oid;
    bool is_created, is_deleted, is_truncated, is_transient;
    wp_lsn lsn;            /* of the deciding record */
    wp_lsn removed_lsn;    /* where replay takes its directory away, 0: it has none, or keeps it */
    const wpi_row *before; /* first known version: what it was when the transaction met it */
    const wpi_row *after;  /* last version it made */
    wp_oid owner;          /* table of an index or owned sequence */
    bool is_dead_index;    /* pg_index.indislive was false when the row went */
    uint32_t next;         /* index + 1 of the next in a list of the same key; unused otherwise */
} subject;

/* Row counts of one file, or another event about to be told. */
typedef struct finding {
    wp_event_kind kind;
    wp_lsn lsn;
    wp_oid db, oid;     /* oid 0: unknown */
    const wpi_row *row; /* NULL: unknown */
    wpi_object *object; /* whose text may be cached; NULL: none */
    wp_locator locator;
    wp_lsn stop_lsn; /* 0: the end of the transaction */
    uint64_t rows;
    bool has_rows;
    uint32_t order; /* among findings of one record */
} finding;

/* So many things are sorted by insertion and kept on the stack: most transactions do no more. */
enum { FEW = 16 };

struct wpi_infer {
    wp_reducer_config config;
    const wp_profile *profile;
    wpi_catalog *catalog;
    wpi_texts texts;
    wpi_table invalidated; /* (db, 0, 0) -> LSN from which on replay leaves it unusable */

    /* Scratch of one transaction. */
    subject *subjects;
    uint32_t nsubjects, subjects_room;
    wpi_table by_oid;  /* (catalog, db, oid) -> subject number + 1 */
    wpi_table by_file; /* (db, filenode, 0) -> subject number + 1, as the transaction left it */
    wpi_table transient_files; /* (db, filenode, 0): made for a transient table */
    wpi_table new_files;       /* (db, filenode, 0): made by this transaction */
    finding *findings;
    uint32_t nfindings, findings_room;
    uint32_t unknown_deletes; /* pg_class rows that went and are not known */
    bool has_new_index;
    wp_object_name told_db, told_nsp; /* names last looked up for this transaction */
    wp_oid told_nsp_db;
    bool out_of_memory;
};

/* ---- scratch ------------------------------------------------------------------------------ */

static void *grow(wpi_infer *in, void *array, uint32_t used, uint32_t *room, size_t item)
{
    if (used < *room)
        return array;
    const uint32_t more = *room ? *room * 2 : 32;
    void *grown = realloc(array, more * item);
    if (!grown) {
        in->out_of_memory = true;
        return NULL;
    }
    *room = more;
    return grown;
}

static void put(wpi_infer *in, wpi_table *table, wpi_key key, uint32_t number)
{
    if (!wpi_table_put(table, key, (void *)(uintptr_t)number))
        in->out_of_memory = true;
}

static subject *find_subject(const wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid)
{
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_oid, (wpi_key){ catalog, db, oid });
    return n ? &in->subjects[n - 1] : NULL;
}

/* NULL: out of memory. The pointer is good until the next call. */
static subject *need_subject(wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid)
{
    subject *s = find_subject(in, catalog, db, oid);
    if (s)
        return s;
    subject *grown = grow(in, in->subjects, in->nsubjects, &in->subjects_room, sizeof *grown);
    if (!grown)
        return NULL;
    in->subjects = grown;
    s = &in->subjects[in->nsubjects++];
    *s = (subject){ .catalog = catalog, .db = db, .oid = oid };
    put(in, &in->by_oid, (wpi_key){ catalog, db, oid }, in->nsubjects);
    return s;
}

static void add_finding(wpi_infer *in, finding f)
{
    finding *grown = grow(in, in->findings, in->nfindings, &in->findings_room, sizeof *grown);
    if (!grown)
        return;
    in->findings = grown;
    f.order = in->nfindings;
    in->findings[in->nfindings++] = f;
}

static void forget_scratch(wpi_infer *in)
{
    in->nsubjects = in->nfindings = in->unknown_deletes = 0;
    in->has_new_index = false;
    wpi_table_clear(&in->by_oid);
    wpi_table_clear(&in->by_file);
    wpi_table_clear(&in->transient_files);
    wpi_table_clear(&in->new_files);
}

/* ---- reading the works -------------------------------------------------------------------- */

/* VACUUM FULL and its like build the new file as that of a table named after the old one's oid. */
static bool is_transient_row(const wpi_infer *in, const wpi_row *row)
{
    if (in->profile->catalog.relrewrite_at >= 0)
        return row->rewrite != 0;
    static const char prefix[] = "pg_temp_";
    if (strncmp(row->name, prefix, sizeof prefix - 1) != 0)
        return false;
    const char *digits = row->name + sizeof prefix - 1;
    return *digits && digits[strspn(digits, "0123456789")] == '\0';
}

static bool is_index_kind(char relkind)
{
    return relkind == 'i' || relkind == 'I';
}

static wpi_key file_key(wp_oid db, wp_oid filenode)
{
    return (wpi_key){ db, filenode, 0 };
}

static void note_class_insert(wpi_infer *in, const wpi_work *work, const wpi_row *new)
{
    subject *s = need_subject(in, WPI_PG_CLASS, new->db, new->oid);
    if (!s)
        return;
    s->is_created = true;
    s->is_deleted = false;
    s->lsn = work->lsn;
    s->before = s->after = new;
    s->is_transient = is_transient_row(in, new);
    in->has_new_index = in->has_new_index || is_index_kind(new->kind);
    const uint32_t number = (uint32_t)(s - in->subjects) + 1;
    if (new->filenode)
        put(in, &in->by_file, file_key(new->db, new->filenode), number);
    if (s->is_transient && new->filenode)
        put(in, &in->transient_files, file_key(new->db, new->filenode), number);
}

/* The row before an update: as the record shows it, as this transaction left it, or as committed. */
static const wpi_row *row_before(const wpi_infer *in, const wpi_change *rows, const subject *s)
{
    if (rows->has_old)
        return &rows->old;
    if (s->after)
        return s->after;
    const wpi_object *object = wpi_catalog_object(in->catalog, s->catalog, s->db, s->oid);
    return object ? &object->row : NULL;
}

/* Does the update give a table an empty new file? */
static bool is_truncation(const wpi_infer *in, const wpi_row *old, const wpi_row *new)
{
    if (new->kind != 'r' || new->filenode == 0)
        return false;
    const wpi_key file = file_key(new->db, new->filenode);
    if (wpi_table_get(&in->transient_files, file))
        return false;
    if (!old)
        return wpi_table_get(&in->new_files, file) != NULL;
    return old->filenode != new->filenode && old->spc == new->spc;
}

static void note_class_update(wpi_infer *in, const wpi_work *work, const wpi_change *rows)
{
    const wpi_row *new = &rows->new;
    subject *s = need_subject(in, WPI_PG_CLASS, new->db, new->oid);
    if (!s)
        return;
    const wpi_row *old = row_before(in, rows, s);
    if (!s->is_created && !s->is_truncated && is_truncation(in, old, new)) {
        s->is_truncated = true;
        s->lsn = work->lsn;
    }
    if (!s->before)
        s->before = old ? old : new;
    s->after = new;
    if (new->filenode)
        put(in, &in->by_file, file_key(new->db, new->filenode), (uint32_t)(s - in->subjects) + 1);
}

static void note_class_delete(wpi_infer *in, const wpi_work *work, const wpi_change *rows)
{
    if (!rows->has_old) {
        in->unknown_deletes++;
        return;
    }
    subject *s = need_subject(in, WPI_PG_CLASS, rows->old.db, rows->old.oid);
    if (!s)
        return;
    s->is_deleted = true;
    s->lsn = work->lsn;
    s->after = &rows->old; /* the name at the end is the one it is known by */
    if (!s->before)
        s->before = &rows->old;
}

/* What has a name and no more that matters: schemas, databases, tablespaces, roles, extensions. */
static void note_named(wpi_infer *in, const wpi_work *work, const wpi_row_change *change)
{
    const wpi_row *row = change->rows.has_new ? &change->rows.new : &change->rows.old;
    if (!change->rows.has_new && !change->rows.has_old)
        return;
    subject *s = need_subject(in, change->catalog, change->db, row->oid);
    if (!s)
        return;
    s->is_created = s->is_created || work->kind == WPI_WORK_INSERTED;
    s->is_deleted = work->kind == WPI_WORK_DELETED;
    s->lsn = work->lsn;
    if (!s->before)
        s->before = change->rows.has_old ? &change->rows.old : row;
    s->after = row;
}

static bool is_owned_by_table(const wpi_row *depend)
{
    return depend->classid == WPI_PG_CLASS && depend->refclassid == WPI_PG_CLASS
           && (depend->kind == 'a' || depend->kind == 'i');
}

static void note_owner(wpi_infer *in, const wpi_row_change *change)
{
    if (!change->rows.has_old)
        return;
    const wpi_row *row = &change->rows.old;
    if (change->catalog == WPI_PG_DEPEND && !is_owned_by_table(row))
        return;
    subject *s = need_subject(in, WPI_PG_CLASS, row->db, row->oid);
    if (!s)
        return;
    s->owner = row->owner;
    if (change->catalog == WPI_PG_INDEX)
        s->is_dead_index = !row->is_live;
}

static void note_row(wpi_infer *in, const wpi_work *work)
{
    const wpi_row_change *change = work->of.row;
    switch (change->catalog) {
    case WPI_PG_CLASS:
        if (work->kind == WPI_WORK_DELETED)
            note_class_delete(in, work, &change->rows);
        else if (change->rows.has_new && work->kind == WPI_WORK_INSERTED)
            note_class_insert(in, work, &change->rows.new);
        else if (change->rows.has_new)
            note_class_update(in, work, &change->rows);
        break;
    case WPI_PG_NAMESPACE:
    case WPI_PG_DATABASE:
    case WPI_PG_TABLESPACE:
    case WPI_PG_AUTHID:
    case WPI_PG_EXTENSION:
        note_named(in, work, change);
        break;
    case WPI_PG_INDEX:
    case WPI_PG_DEPEND:
        if (work->kind == WPI_WORK_DELETED)
            note_owner(in, change);
        break;
    default:
        break;
    }
}

/* TRUNCATE of a file this transaction made empties it in place. */
static void note_emptied(wpi_infer *in, const wpi_work *work)
{
    const wp_locator *file = &work->of.file;
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_file, file_key(file->db, file->rel));
    subject *s = n ? &in->subjects[n - 1] : NULL;
    if (!s || s->is_created || !s->after || s->after->kind != 'r'
        || !wpi_table_get(&in->new_files, file_key(file->db, file->rel)))
        return;
    if (!s->is_truncated)
        s->lsn = work->lsn;
    s->is_truncated = true;
}

static void note_truncated(wpi_infer *in, const wpi_work *work)
{
    subject *s = need_subject(in, WPI_PG_CLASS, work->of.relation.db, work->of.relation.oid);
    if (!s || s->is_created)
        return;
    if (!s->is_truncated)
        s->lsn = work->lsn;
    s->is_truncated = true;
    if (!s->before) {
        const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, s->db, s->oid);
        s->before = object ? &object->row : NULL;
    }
}

/* A directory goes while the record is replayed, not when the transaction commits. */
static void note_removed(wpi_infer *in, const wpi_work *work, wp_oid catalog)
{
    subject *s = need_subject(in, catalog, 0, work->of.relation.oid);
    if (s && !s->removed_lsn)
        s->removed_lsn = work->lsn;
}

static bool is_row_work(const wpi_work *work)
{
    return work->kind == WPI_WORK_INSERTED || work->kind == WPI_WORK_UPDATED
           || work->kind == WPI_WORK_DELETED;
}

/* True when there is anything but row counts. */
static bool read_works(wpi_infer *in, const wpi_work *works, size_t n)
{
    bool has_ddl = false;
    for (size_t i = 0; i < n && !in->out_of_memory; i++) {
        const wpi_work *work = &works[i];
        has_ddl = has_ddl || work->kind != WPI_WORK_DML;
        if (is_row_work(work))
            note_row(in, work);
        else if (work->kind == WPI_WORK_FILE_CREATED)
            put(in, &in->new_files, file_key(work->of.file.db, work->of.file.rel), 1);
        else if (work->kind == WPI_WORK_FILE_EMPTIED)
            note_emptied(in, work);
        else if (work->kind == WPI_WORK_TRUNCATED)
            note_truncated(in, work);
        else if (work->kind == WPI_WORK_DATABASE_REMOVED)
            note_removed(in, work, WPI_PG_DATABASE);
        else if (work->kind == WPI_WORK_TABLESPACE_REMOVED)
            note_removed(in, work, WPI_PG_TABLESPACE);
    }
    return has_ddl;
}

/* ---- dropped and truncated ---------------------------------------------------------------- */

typedef struct drop_rule {
    char relkind;
    wp_event_kind kind;
} drop_rule;

static const drop_rule drop_rules[] = {
    { 'r', WP_EVENT_DROP_TABLE },
    { 'p', WP_EVENT_DROP_TABLE },
    { 'i', WP_EVENT_DROP_INDEX },
    { 'I', WP_EVENT_DROP_INDEX },
    { 'S', WP_EVENT_DROP_SEQUENCE },
    { 'v', WP_EVENT_DROP_VIEW },
    { 'm', WP_EVENT_DROP_MATERIALIZED_VIEW },
    { 'f', WP_EVENT_DROP_FOREIGN_TABLE },
};

static const drop_rule *drop_rule_of(char relkind)
{
    for (size_t i = 0; i < sizeof drop_rules / sizeof drop_rules[0]; i++)
        if (drop_rules[i].relkind == relkind)
            return &drop_rules[i];
    return NULL;
}

/* REINDEX CONCURRENTLY drops the old index under this name once the new one has taken its place. */
static bool is_reindex_leftover(const subject *s)
{
    if (!s->is_dead_index)
        return false;
    const char *at = NULL;
    for (const char *p = s->after->name; (p = strstr(p, "_ccold")); p++)
        at = p;
    return at && at[6 + strspn(at + 6, "0123456789")] == '\0';
}

/* ALTER TABLE that changes a column's type makes its indexes anew, under the same names. */
static bool is_rebuilt_index(const wpi_infer *in, const subject *s)
{
    if (!in->has_new_index || !is_index_kind(s->after->kind))
        return false;
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const subject *other = &in->subjects[i];
        if (other->is_created && !other->is_deleted && other->db == s->db
            && is_index_kind(other->after->kind) && other->after->nsp == s->after->nsp
            && strcmp(other->after->name, s->after->name) == 0)
            return true;
    }
    return false;
}

static bool is_folded(const wpi_infer *in, const subject *s)
{
    if (s->after->kind == 't' || s->after->nsp == WPI_NSP_PG_TOAST)
        return true;
    if (s->owner == 0 || !strchr("iIS", s->after->kind))
        return false;
    const subject *owner = find_subject(in, WPI_PG_CLASS, s->db, s->owner);
    return owner && owner->is_deleted;
}

static wp_locator locator_of(const wpi_row *row)
{
    return (wp_locator){ row->spc, row->db, row->filenode };
}

static void find_drop(wpi_infer *in, const subject *s)
{
    const drop_rule *rule = drop_rule_of(s->after->kind);
    const bool is_hidden = s->is_created || s->after->persistence == 't';
    if (!rule || s->oid < WPI_FIRST_NORMAL_OID || is_folded(in, s) || is_reindex_leftover(s)
        || is_rebuilt_index(in, s) || s->is_transient
        || (is_hidden && !in->config.include_temporary))
        return;
    add_finding(in, (finding){ .kind = rule->kind,
                               .lsn = s->lsn,
                               .db = s->db,
                               .oid = s->oid,
                               .row = s->after,
                               .locator = locator_of(s->after) });
}

static void find_truncate(wpi_infer *in, const subject *s)
{
    const wpi_row *row = s->before;
    if (s->oid < WPI_FIRST_NORMAL_OID
        || (row && row->persistence == 't' && !in->config.include_temporary))
        return;
    add_finding(in, (finding){ .kind = WP_EVENT_TRUNCATE,
                               .lsn = s->lsn,
                               .db = s->db,
                               .oid = s->oid,
                               .row = row,
                               .locator = row ? locator_of(row) : (wp_locator){ 0, 0, 0 } });
}

static bool is_temporary_schema(const wpi_row *row)
{
    return strncmp(row->name, "pg_temp_", 8) == 0 || strncmp(row->name, "pg_toast_temp_", 14) == 0;
}

static void find_schema_drop(wpi_infer *in, const subject *s)
{
    if ((s->is_created || is_temporary_schema(s->after)) && !in->config.include_temporary)
        return;
    add_finding(in, (finding){ .kind = WP_EVENT_DROP_SCHEMA,
                               .lsn = s->lsn,
                               .db = s->db,
                               .oid = s->oid,
                               .row = s->after });
}

static void find_named_drop(wpi_infer *in, const subject *s, wp_event_kind kind)
{
    if (s->is_created && !in->config.include_temporary)
        return;
    const uintptr_t invalid = (uintptr_t)wpi_table_get(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
    const bool is_database = kind == WP_EVENT_DROP_DATABASE;
    add_finding(in,
                (finding){ .kind = kind,
                           .lsn = s->lsn ? s->lsn : s->removed_lsn,
                           .db = is_database ? s->oid : s->db,
                           .oid = s->oid,
                           .row = s->after,
                           .stop_lsn = is_database && invalid ? (wp_lsn)invalid : s->removed_lsn });
}

/* True when the subject is one that has a name only, and is gone. */
static bool find_named(wpi_infer *in, const subject *s)
{
    switch (s->catalog) {
    case WPI_PG_NAMESPACE:
        if (s->is_deleted)
            find_schema_drop(in, s);
        return true;
    case WPI_PG_DATABASE:
        if (s->removed_lsn)
            find_named_drop(in, s, WP_EVENT_DROP_DATABASE);
        return true;
    case WPI_PG_TABLESPACE:
        if (s->removed_lsn)
            find_named_drop(in, s, WP_EVENT_DROP_TABLESPACE);
        return true;
    case WPI_PG_AUTHID:
        if (s->is_deleted)
            find_named_drop(in, s, WP_EVENT_DROP_ROLE);
        return true;
    case WPI_PG_EXTENSION:
        if (s->is_deleted)
            find_named_drop(in, s, WP_EVENT_DROP_EXTENSION);
        return true;
    default:
        return false;
    }
}

static void find_ddl(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const subject *s = &in->subjects[i];
        if (find_named(in, s) || s->catalog != WPI_PG_CLASS)
            continue;
        if (s->is_truncated)
            find_truncate(in, s);
        if (s->is_deleted)
            find_drop(in, s);
    }
}

/* ---- a drop whose row nobody saw ---------------------------------------------------------- */

static bool contains(const wp_oid *oids, uint32_t n, wp_oid oid)
{
    for (uint32_t i = 0; i < n; i++)
        if (oids[i] == oid)
            return true;
    return false;
}

/* Could this be one of the unknown ones? It must have gone or been invalidated, and be none we know. */
static bool may_be_unknown(const wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid)
{
    const subject *s = find_subject(in, WPI_PG_CLASS, db, oid);
    if (oid < WPI_FIRST_NORMAL_OID || (s && (s->is_deleted || s->is_created || s->after)))
        return false;
    if (in->profile->stats_item_bytes)
        return contains(wp_fact_xact_stats(fact), fact->nstats, oid);
    return contains(wp_fact_xact_relcache(fact), fact->nrelcache, oid);
}

static void find_unknown(wpi_infer *in, const wp_fact_xact *fact, wp_oid db, wp_oid oid, wp_lsn lsn)
{
    wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, db, oid);
    const drop_rule *rule = object ? drop_rule_of(object->row.kind) : NULL;
    if (object && (!rule || object->row.persistence == 't'))
        return;
    add_finding(in, (finding){ .kind = rule ? rule->kind : WP_EVENT_DROP_TABLE,
                               .lsn = lsn,
                               .db = db,
                               .oid = oid,
                               .row = object ? &object->row : NULL,
                               .locator = { 0, fact->db, 0 } });
}

/*
 * pg_class rows went whose content is not in the WAL read. The first relation locked is the one the
 * statement named; what was locked after it cannot be told from its indexes and toast.
 */
static void find_unknown_drops(wpi_infer *in, const wpi_work *works, size_t n,
                               const wp_fact_xact *fact)
{
    if (in->unknown_deletes == 0 || (fact->nrels == 0 && fact->nstats == 0))
        return;
    for (size_t i = 0; i < n; i++) {
        const wp_oid db = works[i].of.relation.db, oid = works[i].of.relation.oid;
        if (works[i].kind == WPI_WORK_LOCKED && may_be_unknown(in, fact, db, oid)) {
            find_unknown(in, fact, db, oid, works[i].lsn);
            return;
        }
    }
    for (uint32_t i = 0; i < fact->nstats; i++) {
        const wp_oid oid = wp_fact_xact_stats(fact)[i];
        if (may_be_unknown(in, fact, fact->db, oid)) {
            find_unknown(in, fact, fact->db, oid, fact->fact.lsn);
            return;
        }
    }
}

/* ---- row counts --------------------------------------------------------------------------- */

/* What a file is, as far as its rows are concerned. */
typedef struct file_owner {
    const wpi_row *row; /* NULL: unknown */
    wpi_object *object;
    bool is_hidden;    /* no row counts are told for it */
    bool is_rewritten; /* filled by a rewrite: rows put in are old rows */
} file_owner;

static file_owner owner_of_file(const wpi_infer *in, const wp_locator *locator)
{
    file_owner owner = { 0 };
    const wpi_key key = file_key(locator->db, locator->rel);
    owner.is_rewritten = wpi_table_get(&in->transient_files, key) != NULL;
    wpi_object *object = wpi_catalog_by_file(in->catalog, locator);
    const uintptr_t n = (uintptr_t)wpi_table_get(&in->by_file, key);
    const subject *s = n ? &in->subjects[n - 1] : NULL;
    if (s && (s->is_created || !object)) {
        owner.row = s->before && !s->is_created ? s->before : s->after;
        owner.is_hidden =
            s->is_transient || (s->is_created && s->is_deleted && !in->config.include_temporary);
    } else if (object) {
        owner.row = &object->row;
        owner.object = object;
    }
    if (owner.row)
        owner.is_hidden = owner.is_hidden || !strchr("rp", owner.row->kind)
                          || owner.row->oid < WPI_FIRST_NORMAL_OID;
    return owner;
}

static void find_rows_of(wpi_infer *in, const wpi_work *sum)
{
    const file_owner owner = owner_of_file(in, &sum->of.dml.locator);
    if (owner.is_hidden)
        return;
    finding f = { .lsn = sum->lsn,
                  .db = sum->of.dml.locator.db,
                  .row = owner.row,
                  .oid = owner.row ? owner.row->oid : 0,
                  .object = owner.object,
                  .locator = sum->of.dml.locator,
                  .has_rows = true };
    const struct {
        wp_event_kind kind;
        int64_t rows;
    } counts[] = { { WP_EVENT_DELETE, sum->of.dml.deleted },
                   { WP_EVENT_UPDATE, sum->of.dml.updated },
                   { WP_EVENT_INSERT, owner.is_rewritten ? 0 : sum->of.dml.inserted } };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        if (counts[i].rows > 0) {
            f.kind = counts[i].kind;
            f.rows = (uint64_t)counts[i].rows;
            add_finding(in, f);
        }
}

static bool same_locator(const wp_locator *x, const wp_locator *y)
{
    return x->rel == y->rel && x->db == y->db && x->spc == y->spc;
}

static int compare_dml(const void *x, const void *y)
{
    const wpi_work *a = x, *b = y;
    const wp_locator *l = &a->of.dml.locator, *r = &b->of.dml.locator;
    if (l->db != r->db)
        return l->db < r->db ? -1 : 1;
    if (l->rel != r->rel)
        return l->rel < r->rel ? -1 : 1;
    if (l->spc != r->spc)
        return l->spc < r->spc ? -1 : 1;
    return (a->lsn > b->lsn) - (a->lsn < b->lsn);
}

/* Most transactions touch few files: for those, sorting by insertion is cheapest. */
static void sort_dml(wpi_work *dml, size_t n)
{
    if (n > FEW) {
        qsort(dml, n, sizeof *dml, compare_dml);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const wpi_work work = dml[i];
        size_t at = i;
        for (; at > 0 && compare_dml(&dml[at - 1], &work) > 0; at--)
            dml[at] = dml[at - 1];
        dml[at] = work;
    }
}

/* Sums per file, from sorted works. */
static void find_sorted_rows(wpi_infer *in, const wpi_work *dml, size_t n)
{
    for (size_t i = 0; i < n;) {
        wpi_work sum = dml[i++];
        for (; i < n && same_locator(&dml[i].of.dml.locator, &sum.of.dml.locator); i++) {
            sum.of.dml.inserted += dml[i].of.dml.inserted;
            sum.of.dml.updated += dml[i].of.dml.updated;
            sum.of.dml.deleted += dml[i].of.dml.deleted;
        }
        find_rows_of(in, &sum);
    }
}

static void find_rows(wpi_infer *in, const wpi_work *works, size_t n)
{
    wpi_work few[FEW], *dml = few;
    size_t ndml = 0;
    for (size_t i = 0; i < n; i++)
        ndml += works[i].kind == WPI_WORK_DML;
    if (ndml > FEW && !(dml = malloc(ndml * sizeof *dml))) {
        in->out_of_memory = true;
        return;
    }
    ndml = 0;
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_DML)
            dml[ndml++] = works[i];
    sort_dml(dml, ndml);
    find_sorted_rows(in, dml, ndml);
    if (dml != few)
        free(dml);
}

/* ---- telling ------------------------------------------------------------------------------ */

static const char *fixed_schema_name(wp_oid oid)
{
    switch (oid) {
    case WPI_NSP_PG_CATALOG:
        return "pg_catalog";
    case WPI_NSP_PG_TOAST:
        return "pg_toast";
    case WPI_NSP_PUBLIC:
        return "public";
    default:
        return NULL;
    }
}

/* The name a schema has at lsn, which this same transaction may have given it. */
static const char *schema_name(const wpi_infer *in, wp_oid db, wp_oid oid, wp_lsn lsn)
{
    const subject *s = find_subject(in, WPI_PG_NAMESPACE, db, oid);
    if (s && s->before && s->after) {
        const bool is_after = s->is_created || s->is_deleted || lsn >= s->lsn;
        return is_after ? s->after->name : s->before->name;
    }
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_NAMESPACE, db, oid);
    return object ? object->row.name : fixed_schema_name(oid);
}

#define TEXT_BYTES (32 + 2 * WPI_QUOTED_BYTES)

static void write_text(const wpi_infer *in, const wp_event *event, char out[TEXT_BYTES])
{
    const char *verb = wp_event_kind_name(event->kind);
    char *p = out + snprintf(out, TEXT_BYTES, "%s ", verb);
    if (event->object.name && wp_event_kind_has_schema(event->kind)) {
        if (event->schema.name)
            p += wpi_quote_ident(in->profile, event->schema.name, p);
        else
            p += snprintf(p, 16, "[%u]", event->schema.oid);
        *p++ = '.';
    }
    if (event->object.name)
        (void)wpi_quote_ident(in->profile, event->object.name, p);
    else if (event->object.oid)
        (void)snprintf(p, 16, "[%u]", event->object.oid);
    else
        (void)snprintf(p, 32, "[filenode %u]", event->locator.rel);
}

/* Index of a row-count kind among an object's cached texts; -1: not one of those. */
static int cache_index(wp_event_kind kind)
{
    return kind >= WP_EVENT_DELETE && kind <= WP_EVENT_INSERT ? (int)(kind - WP_EVENT_DELETE) : -1;
}

/* Fills in text and text_id, by the cache when the object has one. scratch: for a text not numbered. */
static void set_text(wpi_infer *in, const finding *f, wp_event *event, char scratch[TEXT_BYTES])
{
    const int slot = f->object ? cache_index(f->kind) : -1;
    const uint32_t generation = wpi_catalog_generation(in->catalog);
    if (slot >= 0 && f->object->text_generation != generation) {
        f->object->text_generation = generation;
        for (size_t i = 0; i < 3; i++)
            f->object->text_ids[i] = WP_NO_TEXT_ID;
    }
    event->text_id = slot >= 0 ? f->object->text_ids[slot] : WP_NO_TEXT_ID;
    if (event->text_id == WP_NO_TEXT_ID) {
        write_text(in, event, scratch);
        event->text_id = wpi_texts_number(&in->texts, scratch, WP_TEXTS_MAX);
        if (slot >= 0)
            f->object->text_ids[slot] = event->text_id;
    }
    event->text = event->text_id == WP_NO_TEXT_ID ? scratch : in->texts.texts[event->text_id];
}

static const char *database_name(const wpi_infer *in, wp_oid db)
{
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_DATABASE, 0, db);
    return object ? object->row.name : wp_profile_fixed_database(in->profile, db);
}

/* Remembers what could not be named, in case the WAL shows it later. */
static void note_misses(wpi_infer *in, const finding *f, const wp_event *event)
{
    if (!event->database.name && event->database.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_DATABASE, 0, event->database.oid);
    if (!event->schema.name && event->schema.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_NAMESPACE, f->db, event->schema.oid);
    if (!event->object.name && f->has_rows)
        wpi_catalog_miss_file(in->catalog, &f->locator);
    else if (!event->object.name && event->object.oid)
        wpi_catalog_miss(in->catalog, WPI_PG_CLASS, f->db, event->object.oid);
}

static void tell(wpi_infer *in, const finding *f, const wp_xact_end *end)
{
    char scratch[TEXT_BYTES];
    const wpi_row *row = f->row;
    wp_event event = { .kind = f->kind,
                       .locator = f->locator,
                       .has_rows = f->has_rows,
                       .rows = f->rows,
                       .lsn = f->lsn,
                       .xact = end,
                       .stop_lsn = f->stop_lsn ? f->stop_lsn : end->lsn };
    if (in->told_db.oid != f->db || f->db == 0)
        in->told_db = (wp_object_name){ f->db, database_name(in, f->db) };
    event.database = in->told_db;
    event.object = (wp_object_name){ f->oid, row ? row->name : NULL };
    if (f->kind == WP_EVENT_DROP_DATABASE)
        event.database = event.object.name ? event.object : event.database;
    if (row && wp_event_kind_has_schema(f->kind)) {
        if (in->told_nsp.oid != row->nsp || in->told_nsp_db != f->db || in->nsubjects) {
            in->told_nsp = (wp_object_name){ row->nsp, schema_name(in, f->db, row->nsp, f->lsn) };
            in->told_nsp_db = f->db;
        }
        event.schema = in->told_nsp;
        event.relkind = row->kind;
        event.is_temporary = row->persistence == 't';
    }
    note_misses(in, f, &event);
    set_text(in, f, &event, scratch);
    in->config.callbacks.on_event(in->config.callbacks.context, &event);
}

static int compare_findings(const void *x, const void *y)
{
    const finding *a = x, *b = y;
    if (a->lsn != b->lsn)
        return a->lsn < b->lsn ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static void sort_findings(finding *findings, size_t n)
{
    if (n > FEW) {
        qsort(findings, n, sizeof *findings, compare_findings);
        return;
    }
    for (size_t i = 1; i < n; i++) {
        const finding f = findings[i];
        size_t at = i;
        for (; at > 0 && compare_findings(&findings[at - 1], &f) > 0; at--)
            findings[at] = findings[at - 1];
        findings[at] = f;
    }
}

static void tell_all(wpi_infer *in, const wp_xact_end *end)
{
    in->told_db = in->told_nsp = (wp_object_name){ 0, NULL };
    sort_findings(in->findings, in->nfindings);
    for (uint32_t i = 0; i < in->nfindings; i++)
        tell(in, &in->findings[i], end);
}

/* ---- afterwards --------------------------------------------------------------------------- */

static void apply(wpi_infer *in)
{
    for (uint32_t i = 0; i < in->nsubjects; i++) {
        const subject *s = &in->subjects[i];
        if (!s->after)
            continue;
        if (s->is_deleted && s->catalog == WPI_PG_DATABASE)
            (void)wpi_table_take(&in->invalidated, (wpi_key){ s->oid, 0, 0 });
        if (s->is_deleted)
            wpi_catalog_commit_drop(in->catalog, s->after);
        else if (!wpi_catalog_commit_row(in->catalog, s->after))
            in->out_of_memory = true;
    }
}

bool wpi_infer_commit(wpi_infer *in, const wpi_work *works, size_t n, const wp_fact_xact *fact,
                      const wp_xact_end *end)
{
    const bool has_ddl = read_works(in, works, n);
    if (in->config.callbacks.on_event && !in->out_of_memory) {
        if (has_ddl) {
            find_ddl(in);
            find_unknown_drops(in, works, n, fact);
        }
        find_rows(in, works, n);
        tell_all(in, end);
    }
    if (has_ddl)
        apply(in);
    if (has_ddl || in->nfindings)
        forget_scratch(in);
    return !in->out_of_memory;
}

bool wpi_infer_invalidated(wpi_infer *in, wp_oid db, wp_lsn lsn)
{
    const wpi_key key = { db, 0, 0 };
    return wpi_table_get(&in->invalidated, key) != NULL
           || wpi_table_put(&in->invalidated, key, (void *)(uintptr_t)lsn);
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
    free(in->subjects);
    free(in->findings);
    wpi_table_free(&in->invalidated);
    wpi_table_free(&in->by_oid);
    wpi_table_free(&in->by_file);
    wpi_table_free(&in->transient_files);
    wpi_table_free(&in->new_files);
    wpi_texts_free(&in->texts);
    free(in);
}
