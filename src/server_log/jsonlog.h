/*
 * jsonlog.h - an entry of a jsonlog, an object a line. src/backend/utils/error/jsonlog.c, from 15 on.
 */
#ifndef PITR_FIND_JSONLOG_H
#define PITR_FIND_JSONLOG_H

#include "server_log/log_entry.h"
#include "server_log/log_time.h"

/* Reads an entry, whose bytes are changed. False: it is none. is_cut: its end may be missing. */
bool jsonlog_read(log_clock *clock, uint8_t *bytes, size_t len, bool is_cut, log_entry *out);

#endif
