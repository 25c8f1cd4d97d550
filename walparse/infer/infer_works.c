/*
 * infer_works.c - reads a transaction's works: what became of each object it touched.
 */
#include "infer/infer_parts.h"

#include <stdlib.h>
#include <string.h>

static bool is_transient_row(const wpi_infer *in, const wpi_row *row)
{
    return wpi_rewritten_oid(in->profile, row) != 0;
}

static void note_class_insert(wpi_infer *in, const wpi_work *work, const wpi_row *new)
{
    wpi_subject *s = wpi_need_subject(in, WPI_PG_CLASS, new->db, new->oid);
    if (!s)
        return;
    s->is_created = true;
    s->is_deleted = false;
    s->lsn = s->created_lsn = work->lsn;
    s->before = s->after = new;
    s->is_transient = is_transient_row(in, new);
    in->has_new_index = in->has_new_index || wpi_is_index_kind(new->kind);
    if (new->filenode)
        wpi_add_tenure(in, s, new->filenode, work->lsn);
    if (s->is_transient && new->filenode)
        wpi_put_number(in, &in->transient_files, wpi_scratch_file(new->db, new->filenode), 1);
}

/* The row before an update: as the record shows it, as this transaction left it, or as committed. */
static const wpi_row *row_before(const wpi_infer *in, const wpi_change *rows, const wpi_subject *s)
{
    if (rows->has_old)
        return &rows->old;
    if (s->after)
        return s->after;
    const wpi_object *object = wpi_catalog_object(in->catalog, s->catalog, s->db, s->oid);
    return object ? &object->row : NULL;
}

/* The name, the schema or the file: what is told of a relation that was there before. */
static bool is_alteration(const wpi_row *old, const wpi_row *new)
{
    return old->filenode != new->filenode || old->nsp != new->nsp
           || strcmp(old->name, new->name) != 0;
}

/* Made by this transaction, and not to write rows anew. */
static bool is_new_table_file(const wpi_infer *in, const wpi_row *row)
{
    const wpi_key file = wpi_scratch_file(row->db, row->filenode);
    return row->filenode && wpi_table_get(&in->new_files, file)
           && !wpi_table_get(&in->transient_files, file);
}

static void note_class_update(wpi_infer *in, const wpi_work *work, const wpi_change *rows)
{
    const wpi_row *new = &rows->new;
    wpi_subject *s = wpi_need_subject(in, WPI_PG_CLASS, new->db, new->oid);
    if (!s)
        return;
    const wpi_row *old = row_before(in, rows, s);
    if (!old && !s->truncated_lsn && new->kind == 'r' && is_new_table_file(in, new))
        s->truncated_lsn = work->lsn;
    if (old && !s->is_created && is_alteration(old, new))
        wpi_add_alteration(in, (wpi_alteration){ work->lsn, old, new, old, new->oid });
    if (!s->before)
        s->before = old ? old : new;
    s->after = new;
    if (new->filenode)
        wpi_add_tenure(in, s, new->filenode, work->lsn);
}

static void note_class_delete(wpi_infer *in, const wpi_work *work, const wpi_change *rows)
{
    if (!rows->has_old) {
        in->unknown_deletes++;
        return;
    }
    wpi_subject *s = wpi_need_subject(in, WPI_PG_CLASS, rows->old.db, rows->old.oid);
    if (!s)
        return;
    s->is_deleted = true;
    s->lsn = work->lsn;
    s->after = &rows->old; /* the name at the end is the one it is known by */
    if (!s->before)
        s->before = &rows->old;
}

/* Its index goes with it; and ALTER TABLE that changes a column's type makes it anew. */
static void note_constraint(wpi_infer *in, const wpi_work *work, const wpi_row *row)
{
    wpi_subject *s = wpi_find_subject(in, WPI_PG_CONSTRAINT, row->db, row->oid);
    const wpi_key key = { row->db, row->owner, wpi_hash_name(row->name) };
    if (s && row->owner && work->kind == WPI_WORK_DELETED) {
        wpi_put_number(in, &in->gone_constraints, key, (uint32_t)(s - in->subjects) + 1);
    } else if (s && row->owner && work->kind == WPI_WORK_INSERTED) {
        const uintptr_t n = (uintptr_t)wpi_table_get(&in->gone_constraints, key);
        wpi_subject *gone = n ? &in->subjects[n - 1] : NULL;
        if (gone && strcmp(gone->after->name, row->name) == 0)
            s->is_rebuilt = gone->is_rebuilt = true;
    }
    wpi_subject *index =
        row->index ? wpi_need_subject(in, WPI_PG_CLASS, row->db, row->index) : NULL;
    if (index && work->kind != WPI_WORK_UPDATED)
        index->constraint = row->oid;
}

/* What has a row and no file: schemas, databases, roles, functions, triggers ... */
static void note_object(wpi_infer *in, const wpi_work *work, const wpi_row_change *change)
{
    const wpi_row *row = change->rows.has_new ? &change->rows.new : &change->rows.old;
    if (!change->rows.has_new && !change->rows.has_old)
        return;
    wpi_subject *s = wpi_need_subject(in, change->catalog, change->db, row->oid);
    if (!s)
        return;
    if (work->kind == WPI_WORK_INSERTED) {
        s->is_created = true;
        s->created_lsn = work->lsn;
    }
    s->is_deleted = work->kind == WPI_WORK_DELETED;
    s->lsn = work->lsn;
    if (!s->before)
        s->before = change->rows.has_old ? &change->rows.old : row;
    s->after = row;
    if (change->catalog == WPI_PG_CONSTRAINT)
        note_constraint(in, work, row);
}

static bool is_owned_by_table(const wpi_row *depend)
{
    return depend->classid == WPI_PG_CLASS && depend->refclassid == WPI_PG_CLASS
           && (depend->kind == 'a' || depend->kind == 'i');
}

/* Is it about an object that may belong to another one: not a column, a default, a cast ...? */
static bool is_of_object(const wpi_row *depend)
{
    switch (depend->classid) {
    case WPI_PG_TYPE:
    case WPI_PG_PROC:
    case WPI_PG_CLASS:
    case WPI_PG_CONSTRAINT:
    case WPI_PG_REWRITE:
    case WPI_PG_TRIGGER:
    case WPI_PG_POLICY:
        return true;
    default:
        return false;
    }
}

/*
 * A dependency came or went, with the object that has it. Members of an extension are told as little as
 * what is part of another object: i; or, of a partition's trigger, of that of its parent: I, P and S.
 */
static void note_dependency(wpi_infer *in, const wpi_row_change *change)
{
    const wpi_row *row = change->rows.has_new ? &change->rows.new : &change->rows.old;
    if (!(change->rows.has_new || change->rows.has_old) || !is_of_object(row))
        return;
    const bool is_member = row->kind == 'e' && row->refclassid == WPI_PG_EXTENSION;
    const bool is_copy = row->classid == WPI_PG_TRIGGER && strchr("IPS", row->kind);
    const bool is_internal = row->classid != WPI_PG_CLASS && (row->kind == 'i' || is_copy);
    if (!is_member && !is_internal)
        return;
    wpi_subject *s = wpi_need_subject(in, row->classid, row->db, row->oid);
    if (!s)
        return;
    s->is_member = s->is_member || is_member;
    s->is_internal = s->is_internal || is_internal;
}

static void note_edge(wpi_infer *in, const wpi_row *depend)
{
    wpi_add_edge(in, (wpi_edge){ .db = depend->db,
                                 .catalog = depend->classid,
                                 .oid = depend->oid,
                                 .sub = depend->sub,
                                 .ref_catalog = depend->refclassid,
                                 .ref_oid = depend->owner,
                                 .kind = depend->kind });
    /* A view's rule is a part of the view: what that depends on, the view does. */
    if (depend->classid == WPI_PG_REWRITE && depend->refclassid == WPI_PG_CLASS
        && depend->kind == 'i')
        wpi_add_edge(in, (wpi_edge){ .db = depend->db,
                                     .catalog = WPI_PG_CLASS,
                                     .oid = depend->owner,
                                     .ref_catalog = WPI_PG_REWRITE,
                                     .ref_oid = depend->oid });
}

/* A row that came tells as much as one that goes. */
static void note_owner(wpi_infer *in, const wpi_row_change *change, wpi_work_kind kind)
{
    const bool is_gone = kind == WPI_WORK_DELETED;
    if (is_gone ? !change->rows.has_old : !change->rows.has_new)
        return;
    const wpi_row *row = is_gone ? &change->rows.old : &change->rows.new;
    if (is_gone && change->catalog == WPI_PG_DEPEND)
        note_edge(in, row);
    if (change->catalog == WPI_PG_DEPEND && !is_owned_by_table(row))
        return;
    wpi_subject *s = wpi_need_subject(in, WPI_PG_CLASS, row->db, row->oid);
    if (!s)
        return;
    s->owner = row->owner;
    if (is_gone && change->catalog == WPI_PG_INDEX)
        s->is_dead_index = !row->is_live;
}

/* A column was added, dropped or renamed. */
static void note_column(wpi_infer *in, const wpi_work *work, const wpi_change *rows)
{
    const wpi_row *new = &rows->new;
    if (work->kind == WPI_WORK_INSERTED) {
        wpi_put_number(in, &in->new_columns, (wpi_key){ new->db, new->oid, (uint32_t) new->sub },
                       1);
        return;
    }
    const wpi_subject *s = wpi_find_subject(in, WPI_PG_CLASS, new->db, new->oid);
    if ((s && s->is_created)
        || wpi_table_get(&in->new_columns, (wpi_key){ new->db, new->oid, (uint32_t) new->sub }))
        return;
    const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, new->db, new->oid);
    const wpi_row *relation = s && s->after ? s->after : object ? &object->row : NULL;
    wpi_add_alteration(in, (wpi_alteration){ work->lsn, rows->has_old ? &rows->old : NULL, new,
                                             relation, new->oid });
}

static void note_row(wpi_infer *in, const wpi_work *work)
{
    const wpi_row_change *change = work->of.row;
    wpi_note_hidden(in, work);
    if (work->kind == WPI_WORK_DELETED && !change->rows.has_old) {
        in->unknown_types += change->catalog == WPI_PG_TYPE;
        in->unknown_rules += change->catalog == WPI_PG_REWRITE;
    }
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
    case WPI_PG_TYPE:
    case WPI_PG_PROC:
    case WPI_PG_CONSTRAINT:
    case WPI_PG_REWRITE:
    case WPI_PG_TRIGGER:
    case WPI_PG_POLICY:
        note_object(in, work, change);
        break;
    case WPI_PG_DEPEND:
        note_dependency(in, change);
        note_owner(in, change, work->kind);
        break;
    case WPI_PG_INDEX:
        note_owner(in, change, work->kind);
        break;
    case WPI_PG_ATTRIBUTE:
        if (change->rows.has_new)
            note_column(in, work, &change->rows);
        break;
    default:
        break;
    }
}

/* TRUNCATE of a file this transaction made empties it in place. */
static void note_emptied(wpi_infer *in, const wpi_work *work)
{
    const wp_locator *file = &work->of.file;
    wpi_subject *s = wpi_tenant(in, file->db, file->rel, work->lsn);
    if (!s || s->is_created || !s->after || s->after->kind != 'r'
        || !wpi_table_get(&in->new_files, wpi_scratch_file(file->db, file->rel)))
        return;
    if (!s->truncated_lsn)
        s->truncated_lsn = work->lsn;
}

static void note_truncated(wpi_infer *in, const wpi_work *work)
{
    wpi_subject *s =
        wpi_need_subject(in, WPI_PG_CLASS, work->of.relation.db, work->of.relation.oid);
    if (!s || s->is_created)
        return;
    if (!s->truncated_lsn)
        s->truncated_lsn = work->lsn;
    if (!s->before) {
        const wpi_object *object = wpi_catalog_object(in->catalog, WPI_PG_CLASS, s->db, s->oid);
        s->before = object ? &object->row : NULL;
    }
}

/* A directory goes while the record is replayed, not when the transaction commits. */
static void note_removed(wpi_infer *in, const wpi_work *work, wp_oid catalog)
{
    wpi_subject *s = wpi_need_subject(in, catalog, 0, work->of.relation.oid);
    if (s && !s->removed_lsn)
        s->removed_lsn = work->lsn;
}

static bool is_row_work(const wpi_work *work)
{
    return work->kind == WPI_WORK_INSERTED || work->kind == WPI_WORK_UPDATED
           || work->kind == WPI_WORK_DELETED;
}

bool wpi_drops_container(const wpi_work *works, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (works[i].kind == WPI_WORK_DELETED
            && (works[i].of.row->catalog == WPI_PG_NAMESPACE
                || works[i].of.row->catalog == WPI_PG_EXTENSION))
            return true;
    return false;
}

/* True when there is anything but row counts. */
bool wpi_read_works(wpi_infer *in, const wpi_work *works, size_t n)
{
    bool has_ddl = false;
    for (size_t i = 0; i < n && !in->out_of_memory; i++) {
        const wpi_work *work = &works[i];
        has_ddl = has_ddl || work->kind != WPI_WORK_DML;
        if (is_row_work(work))
            note_row(in, work);
        else if (work->kind == WPI_WORK_FILE_CREATED)
            wpi_put_number(in, &in->new_files,
                           wpi_scratch_file(work->of.file.db, work->of.file.rel), 1);
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
