/*
 * timeline_file.h - timeline history files: which timeline branched off which, and where.
 *
 * A file TTTTTTTT.history holds the whole ancestry of timeline T, one line per ancestor, oldest first:
 * its number in decimal, the LSN where the next one begins, a reason. These LSNs may fall: a second
 * recovery that follows timeline 2 and ends before its fork leaves "1 higher", "2 lower".
 */
#ifndef PITR_FIND_TIMELINE_FILE_H
#define PITR_FIND_TIMELINE_FILE_H

#include <walparse/types.h>

/* A history file larger than this is none: a line has some 60 bytes. */
#define TIMELINE_FILE_BYTES_MAX ((size_t)256 << 10)

/* Longer reasons are cut. */
#define TIMELINE_REASON_BYTES 100

/* A timeline and the stretch of it that belongs to a history: [begin, end). */
typedef struct timeline_span {
    wp_tli tli;
    wp_lsn begin, end;                  /* 0 and UINT64_MAX: open */
    char reason[TIMELINE_REASON_BYTES]; /* why it was left at its end, as the file says */
} timeline_span;

/* Ancestry of one timeline, as far as it contributes WAL: spans[nspans - 1] is the timeline itself. */
typedef struct timeline_history {
    timeline_span *spans; /* rising tli, each beginning where the one before ends */
    size_t nspans;
} timeline_history;

/*
 * Reads the text of the history file of a timeline. False with one line in message when it is none:
 * no ancestor, numbers out of order, no LSN. Free with timeline_free().
 */
bool timeline_parse(wp_view text, wp_tli tli, timeline_history *out, char message[512]);

struct prober;

typedef enum timeline_answer {
    TIMELINE_READ,
    TIMELINE_BAD,   /* the file can be read, and its text is no history */
    TIMELINE_FAILED /* it cannot be read or unpacked, or there is no memory */
} timeline_answer;

/*
 * Reads the history file of a timeline, packed or not. BAD and FAILED come with one line in message, without the
 * path where it is BAD. *out is set where it is READ alone; free with timeline_free().
 */
timeline_answer timeline_read(struct prober *prober, const char *path, wp_tli tli,
                              timeline_history *out, char message[512]);

void timeline_free(timeline_history *history);

/* Has a timeline a history file? */
typedef bool timeline_has_file(const void *context, wp_tli tli);

/*
 * What a server finds that looks for the latest timeline, as findNewestTimeLine() does: it goes up from its own,
 * number by number, as long as there is a history file.
 */
wp_tli timeline_latest(wp_tli from, timeline_has_file *has_file, const void *context);

#endif
