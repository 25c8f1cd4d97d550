/*
 * members.h - a record as members with names: those of pg_walinspect's pg_get_wal_records_info() of 16, as an object of JSON or a
 * row of CSV, newline included.
 */
#ifndef WPI_MEMBERS_H
#define WPI_MEMBERS_H

#include "describe/text.h"
#include "format/record.h"

/* False: the record's content contradicts itself, and what was put is to be cut off. */
bool wpi_put_json(const wpi_record *record, wpi_text *out);
bool wpi_put_csv(const wpi_record *record, wpi_text *out);

#endif
