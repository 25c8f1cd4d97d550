/*
 * csvlog.h - an entry of a csvlog. src/backend/utils/error/csvlog.c (elog.c before 15): the columns of 9.5 to 12 are the
 * first 23 of those of 13, which has one more, and of 14 and later, which have two more than that.
 */
#ifndef PITR_FIND_CSVLOG_H
#define PITR_FIND_CSVLOG_H

#include "server_log/log_entry.h"
#include "server_log/log_time.h"

/* Is a quoted field open after these bytes, when one was (or none) before them? */
bool csvlog_is_open(wp_view line, bool is_open);

/*
 * Does a line that comes while a quoted field is open begin an entry all the same? It does where, taken as a part of
 * the field, it would end it in a way that no server writes: the entry before it is torn.
 */
bool csvlog_begins_anew(wp_view line);

/* Reads an entry, whose bytes are changed. False: it is none. is_cut: its end may be missing. */
bool csvlog_read(log_clock *clock, uint8_t *bytes, size_t len, bool is_cut, log_entry *out);

#endif
