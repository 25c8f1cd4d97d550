/*
 * infer_scratch.h - what one transaction is known to have touched while its events are worked out, and what was
 * found in it.
 */
#ifndef WPI_INFER_SCRATCH_H
#define WPI_INFER_SCRATCH_H

#include "format/catalogs.h"
#include "infer/infer.h"
#include "base/table.h"
#include "base/texts.h"

/* A relation, schema, function ... as this transaction left it. */
typedef struct wpi_subject {
    wp_oid catalog, db, oid;
    bool is_created, is_deleted, is_transient, is_rewritten;
    wp_lsn truncated_lsn;  /* 0: it was not */
    wp_lsn lsn;            /* of the deciding record */
    wp_lsn created_lsn;    /* where its row came */
    wp_lsn removed_lsn;    /* where replay takes its directory away, 0: it has none, or keeps it */
    const wpi_row *before; /* first known version: what it was when the transaction met it */
    const wpi_row *after;  /* last version it made */
    wp_oid owner;          /* table of an index or owned sequence */
    bool is_dead_index;    /* pg_index.indislive was false when the row went */
    bool is_member;        /* it came or went as a member of an extension */
    bool is_internal;      /* ... as a part of another object, without which it cannot be */
    bool is_rebuilt;       /* a constraint that went and came again under its name */
    wp_oid constraint;     /* of an index: the one it was made for, if that came or went */
    uint32_t next;         /* index + 1 of the next in a list of the same key; unused otherwise */
} wpi_subject;

/* From lsn on a file was this subject's. */
typedef struct wpi_tenure {
    wp_lsn lsn;
    uint32_t subject; /* its number */
    uint32_t earlier; /* number + 1 of the one before, 0: none */
} wpi_tenure;

/* A row of pg_class or pg_attribute got another content. */
typedef struct wpi_alteration {
    wp_lsn lsn;
    const wpi_row *old; /* NULL: unknown, of a column */
    const wpi_row *new;
    const wpi_row *relation; /* of a column: its table then; NULL: unknown */
    wp_oid oid;              /* of the relation; 0: unknown */
} wpi_alteration;

/* One object that went depended on another: a row of pg_depend that went with it. */
typedef struct wpi_edge {
    wp_oid db;
    wp_oid catalog, oid;
    int32_t sub; /* column, 0: the whole */
    wp_oid ref_catalog, ref_oid;
    char kind;     /* deptype; 0: not a row, but what follows from one */
    uint32_t next; /* number + 1 of the next of the same object */
} wpi_edge;

/* Row counts of one file, or another event about to be told. */
typedef struct wpi_finding {
    wp_event_kind kind;
    wp_lsn lsn;
    wp_oid db, oid;     /* oid 0: unknown */
    const wpi_row *row; /* NULL: unknown */
    char relkind;       /* then, where it is certain all the same; else 0 */
    wpi_object *object; /* whose text may be cached; NULL: none */
    const wpi_row
        *part; /* trigger, policy, rule, constraint of the relation; NULL: it is the thing itself */
    wp_locator locator;
    wp_lsn stop_lsn; /* 0: the end of the transaction */
    uint64_t rows;
    bool has_rows, may_miss_rows, may_be_catalog;
    uint32_t order;           /* among findings of one record */
    const wpi_row *old, *new; /* of what was altered; see wpi_alteration */
    uint32_t taken_by;        /* number + 1 of the finding that took it along, 0: none */
    uint32_t took;            /* how many it took along */
} wpi_finding;

/* Rows of a catalog that were changed, and whose content is not in the WAL read. */
typedef struct wpi_hidden {
    wp_oid catalog, db;
    unsigned changes; /* bits of infer_hidden.c */
    uint32_t deletes;
    bool is_uncounted; /* there may be more of them */
} wpi_hidden;

/* More than there are catalogs that are followed: a transaction is in one database. */
#define WPI_HIDDEN_MAX 16

struct wpi_infer {
    wp_reducer_config config;
    const wp_profile *profile;
    wpi_catalog *catalog;
    wpi_texts texts;
    wpi_table invalidated; /* (db, 0, 0) -> LSN from which on replay leaves it unusable */
    uint64_t unnamed;      /* transactions that dropped more than is told */
    wp_lsn first_unnamed;  /* the end of the first of them */

    /* Scratch of one transaction. */
    wpi_subject *subjects;
    uint32_t nsubjects, subjects_room;
    wpi_table by_oid;  /* (catalog, db, oid) -> subject number + 1 */
    wpi_table by_file; /* (db, filenode, 0) -> number + 1 of its last tenure */
    wpi_tenure *tenures;
    uint32_t ntenures, tenures_room;
    wpi_table transient_files;  /* (db, filenode, 0): made for a transient table */
    wpi_table new_files;        /* (db, filenode, 0): made by this transaction */
    wpi_table row_findings;     /* (kind, db, oid) -> number + 1 of the finding of its rows */
    wpi_table told_drops;       /* (db, relation, 0): of those whose rows are unknown */
    wpi_table gone_constraints; /* (db, table, hash of name) -> subject number + 1 */
    wpi_finding *findings;
    uint32_t nfindings, findings_room;
    wpi_alteration *alterations;
    uint32_t nalterations, alterations_room;
    wpi_table new_columns; /* (db, relation, attnum): added by this transaction */
    wpi_edge *edges;
    uint32_t nedges, edges_room;
    uint32_t unknown_deletes; /* pg_class rows that went and are not known */
    uint32_t unknown_types;   /* the same of pg_type */
    uint32_t unknown_rules;   /* the same of pg_rewrite */
    uint32_t told_types;      /* of pg_type, that went with told_drops for certain */
    bool has_certain_table;   /* of those that went, one was a table for certain */
    wpi_hidden hidden[WPI_HIDDEN_MAX];
    uint32_t nhidden;
    wp_lsn hidden_lsn; /* of the first */
    bool has_new_index;
    bool may_miss_works;  /* there may be more of them in WAL that was not read */
    bool may_be_catalogs; /* it changed some: files of which nothing is known may be theirs */
    wp_object_name told_db, told_nsp; /* names last looked up for this transaction */
    wp_name_source told_db_from, told_nsp_from;
    wp_oid told_nsp_db;
    bool out_of_memory;
};

static inline bool wpi_is_index_kind(char relkind)
{
    return relkind == 'i' || relkind == 'I';
}

/* The key of a file in the tables by file. */
static inline wpi_key wpi_scratch_file(wp_oid db, wp_oid filenode)
{
    return (wpi_key){ db, filenode, 0 };
}

static inline wp_locator wpi_locator_of(const wpi_row *row)
{
    return (wp_locator){ row->spc, row->db, row->filenode };
}

/* Number 0 must not be put. Out of memory is noted in `in`. */
void wpi_put_number(wpi_infer *in, wpi_table *table, wpi_key key, uint32_t number);
/* FNV-1a. */
uint32_t wpi_hash_name(const char *name);
/* NULL: the transaction did not touch it. */
wpi_subject *wpi_find_subject(const wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid);
/* NULL: out of memory. The pointer is good until the next call. */
wpi_subject *wpi_need_subject(wpi_infer *in, wp_oid catalog, wp_oid db, wp_oid oid);
/* The subject's row says from here on that this is its file. */
void wpi_add_tenure(wpi_infer *in, const wpi_subject *s, wp_oid filenode, wp_lsn lsn);
/* Whose file this was at lsn, as far as the transaction says; at UINT64_MAX: as it left it. NULL: it does not. */
wpi_subject *wpi_tenant(const wpi_infer *in, wp_oid db, wp_oid filenode, wp_lsn lsn);
/* The first of those the transaction names; NULL: it names none. */
wpi_subject *wpi_first_tenant(const wpi_infer *in, wp_oid db, wp_oid filenode);
void wpi_add_finding(wpi_infer *in, wpi_finding f);
void wpi_add_alteration(wpi_infer *in, wpi_alteration a);
void wpi_add_edge(wpi_infer *in, wpi_edge edge);
/* Empties it for the next transaction. */
void wpi_forget_scratch(wpi_infer *in);
void wpi_free_scratch(wpi_infer *in);

#endif
