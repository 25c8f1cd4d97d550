/*
 * decode.h - records in, facts out: one decoder per resource manager we learn from.
 *
 * A decoder sees a whole, checksummed record and still trusts no count in it. It returns false when the
 * payload is shorter than it says, which the mapper reports as damage; WP_ERR_NOMEM is sticky in the
 * builder.
 */
#ifndef WPI_DECODE_H
#define WPI_DECODE_H

#include <walparse/mapper.h>

#include "decode/facts.h"
#include "format/record.h"

typedef bool (*wpi_decoder)(const wpi_record *record, wpi_builder *out);

bool wpi_decode_xact(const wpi_record *record, wpi_builder *out);
bool wpi_decode_xlog(const wpi_record *record, wpi_builder *out);
bool wpi_decode_smgr(const wpi_record *record, wpi_builder *out);
bool wpi_decode_database(const wpi_record *record, wpi_builder *out);
bool wpi_decode_tablespace(const wpi_record *record, wpi_builder *out);
bool wpi_decode_relmap(const wpi_record *record, wpi_builder *out);
bool wpi_decode_standby(const wpi_record *record, wpi_builder *out);
bool wpi_decode_message(const wpi_record *record, wpi_builder *out);
/* Non-catalog part of heap: TRUNCATE of wal_level logical. */
bool wpi_decode_heap_truncate(const wpi_record *record, wpi_builder *out);

/* Of a record that names the transaction of its subtransaction: WP_FACT_ASSIGNMENT. */
void wpi_add_toplevel(const wpi_record *record, wpi_builder *out);

/* Operation codes shared by the mapper's fast path and the decoders. */
#define WPI_XACT_OP_MASK 0x70
#define WPI_XACT_COMMIT 0x00
#define WPI_XACT_PREPARE 0x10
#define WPI_XACT_ABORT 0x20
#define WPI_XACT_COMMIT_PREPARED 0x30
#define WPI_XACT_ABORT_PREPARED 0x40
#define WPI_XACT_ASSIGNMENT 0x50
#define WPI_XACT_HAS_INFO 0x80
#define WPI_XLOG_CHECKPOINT_SHUTDOWN 0x00
#define WPI_XLOG_CHECKPOINT_ONLINE 0x10
#define WPI_XLOG_SWITCH 0x40
#define WPI_XLOG_OVERWRITE_CONTRECORD 0xD0
#define WPI_XLOG_END_OF_RECOVERY 0x90
#define WPI_STANDBY_LOCK 0x00

#endif
