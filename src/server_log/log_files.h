/*
 * log_files.h - the files of a server's log: those that were named, and those in folders that were, by their time.
 */
#ifndef PITR_FIND_LOG_FILES_H
#define PITR_FIND_LOG_FILES_H

#include "base/text.h"
#include "server_log/log_reader.h"

/* So many files are looked at. */
#define LOG_FILES_MAX 10000

typedef struct log_file {
    char *path;
    log_layout layout;
    uint64_t start;        /* it was read from there on (log_seek.h) */
    uint64_t lines_before; /* of a file that was not read from its beginning; 0: not counted yet */
} log_file;

typedef struct log_files {
    log_file *items; /* by the time of their first entry; those without one first */
    size_t count, room;
} log_files;

/*
 * Of folders those files that look like logs, not those of folders in them; one that may be a log and cannot be read is warned about.
 * prefix: NULL: it is guessed. False with one line in message: a path cannot be read, is no log, or its prefix has to be given;
 * a folder has none. Free in any case.
 */
bool log_files_list(log_reader *reader, const char *const *paths, size_t npaths,
                    const log_prefix *prefix, log_files *out, text_list *warnings,
                    char message[512]);
/* Which one has that path, borrowed of its item? NULL: none. */
log_file *log_files_of(log_files *files, const char *path);
/* Is all of it before the time, by the beginning of the next one of that name but for numbers? */
bool log_files_is_before(const log_files *files, size_t index, wp_time time);
void log_files_free(log_files *files);

#endif
