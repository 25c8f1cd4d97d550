/*
 * log_reader.h - the entries of one file of a server's log, one after the other. It may be packed.
 *
 * No more is held of it than an entry: of longer ones the beginning.
 */
#ifndef PITR_FIND_LOG_READER_H
#define PITR_FIND_LOG_READER_H

#include "server_log/log_entry.h"
#include "server_log/log_prefix.h"

/* So much of a line and of an entry is kept. */
#define LOG_ENTRY_BYTES_MAX ((size_t)1 << 20)
/* So much of the beginning of a file tells its format. */
#define LOG_HEAD_BYTES ((size_t)64 << 10)

typedef enum log_format { LOG_OTHER, LOG_CSV, LOG_JSON, LOG_STDERR } log_format;

/* How a file is to be read. */
typedef struct log_layout {
    log_format format;
    log_prefix prefix; /* LOG_STDERR */
    bool is_guessed;   /* the prefix */
    bool is_unclear;   /* LOG_OTHER: its lines begin with a time, as those of a stderr log do */
    wp_time
        first_time; /* of its beginning; WP_TIME_UNKNOWN: no entry there has a time that is known */
} log_layout;

/* What the beginning of a file says of its format. prefix: NULL: it is guessed. */
void log_layout_of(wp_view head, const log_prefix *prefix, log_layout *out);

typedef struct log_reader log_reader;

log_reader *log_reader_new(void); /* NULL: no memory */

/* The beginning of a file, borrowed until the next call. */
bool log_reader_head(log_reader *r, const char *path, wp_view *out, char message[512]);

/* Both are borrowed until the next call. False with one line in message. */
bool log_reader_open(log_reader *r, const char *path, const log_layout *layout, char message[512]);

typedef enum log_status { LOG_ENTRY, LOG_NO_ENTRY, LOG_END, LOG_FAILED } log_status;

/*
 * The next entry, borrowed until the next call. LOG_NO_ENTRY: some lines are none. An entry that is torn at the end of the file,
 * or that is too long, is given as far as it is there.
 */
log_status log_reader_next(log_reader *r, log_entry *out, char message[512]);

/* Of the entry that was read last, from 1; after log_reader_go_to() counted from the first line that is read there. */
uint64_t log_reader_line(const log_reader *r);

/*
 * Goes to the first line that begins after an offset of a file that was opened. *is_there false: the file is packed, and
 * nothing was done. False with one line in message: a read error.
 */
bool log_reader_go_to(log_reader *r, uint64_t at, bool *is_there, char message[512]);
/* How many lines end before an offset of a file. */
bool log_reader_count_lines(log_reader *r, const char *path, uint64_t until, uint64_t *out,
                            char message[512]);
/* The file ends in a packed stream that is cut or damaged. */
bool log_reader_is_cut(const log_reader *r);

void log_reader_free(log_reader *r); /* NULL is fine */

#endif
