/*
 * describe.h - records as pg_waldump of their major describes them: one file a resource manager.
 *
 * A description is written from a whole, checksummed record and still trusts no length in it: what is read goes
 * through a cursor, and what is not there reads as zero and is told by the false result. Nothing is then undone:
 * the caller cuts the text back and says that the record contradicts itself.
 *
 * Which majors a type of record is of stands in its row (ops.h), all other differences in the table of versions
 * (wp_dump_traits). Where the minor releases of a major differ, the newest counts.
 */
#ifndef WPI_DESCRIBE_H
#define WPI_DESCRIBE_H

#include "describe/text.h"
#include "format/record.h"

/* Appends what follows the name of the operation. False: the record is shorter than it says. */
typedef bool (*wpi_describer)(const wpi_record *record, wpi_text *out);
/* The operation's name, as rm_identify gives it for xl_info; NULL: none is known. */
typedef const char *(*wpi_identifier)(const wp_profile *profile, uint8_t info);

/* The line of pg_waldump, newline included. False: the record's content contradicts itself, and what was put is to be cut off. */
bool wpi_put_line(const wpi_record *record, wpi_text *out);
/* Has the record a block of that file before this one? */
bool wpi_is_file_before(const wpi_record *record, unsigned block);
/* "rel 1663/16384/16392 is public.orders" for each of its files with a name, with "; " between. Nothing where there is none. */
void wpi_put_names(const wpi_record *record, wpi_text *out);
/* Its parts. */
void wpi_put_operation(const wpi_record *record, wpi_text *out);
bool wpi_put_details(const wpi_record *record, wpi_text *out);
/* Bytes of page images: the rest of the record is what pg_waldump calls its length. */
uint32_t wpi_image_bytes(const wpi_record *record);
/* "main"; "unknown" where no fork has that number. */
const char *wpi_fork_name(uint8_t fork);

/* Of managers whose operations are all rows (ops.h). */
typedef struct wpi_ops wpi_ops;
extern const wpi_ops wpi_ops_brin;
extern const wpi_ops wpi_ops_btree;
extern const wpi_ops wpi_ops_clog;
extern const wpi_ops wpi_ops_commit_ts;
extern const wpi_ops wpi_ops_database;
extern const wpi_ops wpi_ops_gin;
extern const wpi_ops wpi_ops_gist;
extern const wpi_ops wpi_ops_hash;
extern const wpi_ops wpi_ops_heap;
extern const wpi_ops wpi_ops_heap2;
extern const wpi_ops wpi_ops_message;
extern const wpi_ops wpi_ops_multixact;
extern const wpi_ops wpi_ops_origin;
extern const wpi_ops wpi_ops_relmap;
extern const wpi_ops wpi_ops_sequence;
extern const wpi_ops wpi_ops_spgist;
extern const wpi_ops wpi_ops_tablespace;
extern const wpi_ops wpi_ops_xlog;

bool wpi_describe_xlog(const wpi_record *record, wpi_text *out);
bool wpi_describe_xact(const wpi_record *record, wpi_text *out);
bool wpi_describe_smgr(const wpi_record *record, wpi_text *out);
bool wpi_describe_clog(const wpi_record *record, wpi_text *out);
bool wpi_describe_database(const wpi_record *record, wpi_text *out);
bool wpi_describe_tablespace(const wpi_record *record, wpi_text *out);
bool wpi_describe_multixact(const wpi_record *record, wpi_text *out);
bool wpi_describe_relmap(const wpi_record *record, wpi_text *out);
bool wpi_describe_standby(const wpi_record *record, wpi_text *out);
bool wpi_describe_heap2(const wpi_record *record, wpi_text *out);
bool wpi_describe_heap(const wpi_record *record, wpi_text *out);
bool wpi_describe_btree(const wpi_record *record, wpi_text *out);
bool wpi_describe_hash(const wpi_record *record, wpi_text *out);
bool wpi_describe_gin(const wpi_record *record, wpi_text *out);
bool wpi_describe_gist(const wpi_record *record, wpi_text *out);
bool wpi_describe_sequence(const wpi_record *record, wpi_text *out);
bool wpi_describe_spgist(const wpi_record *record, wpi_text *out);
bool wpi_describe_brin(const wpi_record *record, wpi_text *out);
bool wpi_describe_commit_ts(const wpi_record *record, wpi_text *out);
bool wpi_describe_origin(const wpi_record *record, wpi_text *out);
bool wpi_describe_generic(const wpi_record *record, wpi_text *out);
bool wpi_describe_message(const wpi_record *record, wpi_text *out);
bool wpi_describe_xlog2(const wpi_record *record, wpi_text *out);

const char *wpi_identify_xlog(const wp_profile *profile, uint8_t info);
const char *wpi_identify_xact(const wp_profile *profile, uint8_t info);
const char *wpi_identify_smgr(const wp_profile *profile, uint8_t info);
const char *wpi_identify_clog(const wp_profile *profile, uint8_t info);
const char *wpi_identify_database(const wp_profile *profile, uint8_t info);
const char *wpi_identify_tablespace(const wp_profile *profile, uint8_t info);
const char *wpi_identify_multixact(const wp_profile *profile, uint8_t info);
const char *wpi_identify_relmap(const wp_profile *profile, uint8_t info);
const char *wpi_identify_standby(const wp_profile *profile, uint8_t info);
const char *wpi_identify_heap2(const wp_profile *profile, uint8_t info);
const char *wpi_identify_heap(const wp_profile *profile, uint8_t info);
const char *wpi_identify_btree(const wp_profile *profile, uint8_t info);
const char *wpi_identify_hash(const wp_profile *profile, uint8_t info);
const char *wpi_identify_gin(const wp_profile *profile, uint8_t info);
const char *wpi_identify_gist(const wp_profile *profile, uint8_t info);
const char *wpi_identify_sequence(const wp_profile *profile, uint8_t info);
const char *wpi_identify_spgist(const wp_profile *profile, uint8_t info);
const char *wpi_identify_brin(const wp_profile *profile, uint8_t info);
const char *wpi_identify_commit_ts(const wp_profile *profile, uint8_t info);
const char *wpi_identify_origin(const wp_profile *profile, uint8_t info);
const char *wpi_identify_generic(const wp_profile *profile, uint8_t info);
const char *wpi_identify_message(const wp_profile *profile, uint8_t info);
const char *wpi_identify_xlog2(const wp_profile *profile, uint8_t info);

#endif
