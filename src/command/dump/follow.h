/*
 * follow.h - records as they are written: goes on where the WAL ended, as `tail -f` does.
 */
#ifndef PITR_FIND_FOLLOW_H
#define PITR_FIND_FOLLOW_H

#include "archive/archive.h"
#include "base/log.h"
#include "search/question.h"

typedef struct follower {
    wp_dump *what; /* from filter.from_lsn on */
    /* What it makes of records, in WAL order, each once. False: no more is wanted. */
    bool (*take)(void *context, const wp_fact *fact);
    /* The archive, opened anew, that the next of them are of; borrowed until the next call. */
    void (*turn_to)(void *context, const archive *wal);
    void *context;
} follower;

/*
 * Follows the sources of a question until take() wants no more, the record of --to-lsn is passed, SIGINT or SIGTERM comes, or nobody reads stdout
 * any more; stdout is flushed whenever all there is has been read. first: the archive as it was opened at the start. EXIT_FOUND; EXIT_DOUBT: some WAL
 * could not be read, or was removed before it was; EXIT_TROUBLE, after the line of an error.
 */
exit_code follow_records(const question *q, const archive *first, const follower *out);

#endif
