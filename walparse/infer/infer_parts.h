/*
 * infer_parts.h - the parts of the rules. Only the files infer*.c include this. Each calls only files above it:
 *
 *   infer_scratch.c    one transaction: what it touched, and what was found in it
 *   infer_names.c      what names say
 *   infer_accounted.c  which rows that nobody saw went with what is known to have gone
 *   infer_hidden.c     changes of rows that are not in the WAL -> what may have been done
 *   infer_works.c      works -> subjects: each object as the transaction met and left it
 *   infer_objects.c    subjects of other catalogs -> findings
 *   infer_relations.c  subjects of pg_class -> findings
 *   infer_alter.c      what was altered -> findings
 *   infer_rows.c       row counts -> findings
 *   infer_incident.c   which finding took which along
 *   infer_tell.c       findings -> events, in order and with names
 *   infer.c            one transaction from its works to its events
 */
#ifndef WPI_INFER_PARTS_H
#define WPI_INFER_PARTS_H

#include "infer/infer_names.h"
#include "infer/infer_scratch.h"

/* What can become of a relation; WP_EVENT_KINDS where that cannot. */
typedef struct wpi_relation_kinds {
    char relkind;
    wp_event_kind drop, create, rename, set_schema, drop_column, rename_column, rewrite;
} wpi_relation_kinds;

/* So many things are sorted by insertion and kept on the stack: most transactions do no more. */
enum { WPI_FEW = 16 };

/* True when there is anything but row counts. */
bool wpi_read_works(wpi_infer *in, const wpi_work *works, size_t n);
/* Did a schema or an extension go? What does not depend on each other goes in any order with it. */
bool wpi_drops_container(const wpi_work *works, size_t n);
/* Which of the relations that got another file were emptied by that, and not rewritten. */
void wpi_note_truncations(wpi_infer *in, const wp_fact_xact *fact, const wp_xact_end *end);
/* Which partitioned tables were, after that: they have no files, and leave a lock only. */
void wpi_note_truncated_roots(wpi_infer *in, const wpi_work *works, size_t n,
                              const wp_fact_xact *fact);
/* Did another relation have the file that this one got, or get the one it had? */
bool wpi_is_swapped(const wpi_infer *in, wp_oid db, wp_oid oid, wp_oid old_file, wp_oid new_file);
/* What became of the relations, and of all other objects. */
void wpi_find_ddl(wpi_infer *in);
/* The kinds of events that relations of a relkind have; NULL: none. */
const wpi_relation_kinds *wpi_relation_kinds_of(char relkind);
void wpi_find_alterations(wpi_infer *in, const wpi_work *works, size_t n, const wp_fact_xact *fact);
/* What comes after the name in the text of something altered; returns its length. */
size_t wpi_write_alteration(wpi_infer *in, const wpi_finding *f, char *out);
/* Fills in taken_by and took of the findings, which are in their final order. */
void wpi_find_incidents(wpi_infer *in, const wpi_work *works, size_t n);
/* pg_class rows that went and whose content is not in the WAL read. */
void wpi_find_unknown_drops(wpi_infer *in, const wpi_work *works, size_t n,
                            const wp_fact_xact *fact);
/* True when the subject is of a catalog other than pg_class: what there is to find is found. */
bool wpi_find_object(wpi_infer *in, const wpi_subject *s);
/*
 * Types of rows that went, and whose relation's row nobody saw: a table goes after the type of its rows, a composite
 * type after its relation. Those that may be composite types are hidden deletes.
 */
void wpi_find_composite_types(wpi_infer *in, const wpi_work *works, size_t n);
void wpi_find_rows(wpi_infer *in, const wpi_work *works, size_t n);
/* Puts the findings into the order of their records. */
void wpi_sort_findings(wpi_infer *in);
/* A catalog row was changed: its content may not be in the WAL read. Before note_row() learns of it. */
void wpi_note_hidden(wpi_infer *in, const wpi_work *work);
/* Of such rows of these catalogs (wpi_watched_bit) only the commit tells. lsn: where it is. */
void wpi_note_unseen(wpi_infer *in, uint32_t catalogs, wp_oid db, wp_lsn lsn);
/* Rows went from a file of which nothing is known: it may be that of a catalog which no commit names. */
void wpi_note_unknown_file(wpi_infer *in, wp_oid db, wp_lsn lsn);
/* A row went that is known, and whose relation, which is not, may have gone or stayed. */
void wpi_add_hidden_delete(wpi_infer *in, wp_oid catalog, wp_oid db, wp_lsn lsn);
/*
 * Rows of pg_type that went, and that no relation or type whose own row is known accounts for. Those of told_drops,
 * told_types, are among them.
 */
uint32_t wpi_spare_types(wpi_infer *in);
/* Did all rows of this catalog that nobody saw go with relations that are known to have gone? */
bool wpi_is_accounted(wpi_infer *in, const wpi_hidden *hidden, const wp_fact_xact *fact);
/* Calls on_possible for each kind of thing that changes of such rows may have been. */
void wpi_tell_hidden(wpi_infer *in, const wp_fact_xact *fact, const wp_xact_end *end);
/* The same for what it may have done to rows before the WAL. db: that of the transaction, 0 where not known. */
void wpi_tell_unseen_rows(wpi_infer *in, const wpi_work *works, size_t n, wp_oid db,
                          const wp_xact_end *end);
/* Calls on_event for each finding. */
void wpi_tell_all(wpi_infer *in, const wp_xact_end *end);

#endif
