/*
 * log_seek.h - where in a long log a time begins.
 */
#ifndef PITR_FIND_LOG_SEEK_H
#define PITR_FIND_LOG_SEEK_H

#include "server_log/log_files.h"

/* Shorter logs are read from their beginning. */
#define LOG_SEEK_BYTES_MIN ((uint64_t)16 << 20)

/*
 * Of a file that the reader has opened: leaves it at a place before which all entries are of before that time, as far as
 * entries follow each other. *start: the offset given to log_reader_go_to(); 0: it is at its beginning.
 */
bool log_seek(log_reader *r, const log_file *file, wp_time from, uint64_t *start,
              char message[512]);

#endif
