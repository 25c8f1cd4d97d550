/*
 * source.h - WAL of a running server as it comes, from wherever it comes.
 *
 * What a source hands out is contiguous: bytes go on where the last ones ended. They begin at the start of a segment, at the
 * beginning and again after LIVE_TIMELINE and LIVE_GAP. A source never waits longer than it is told to, and what it holds is bounded.
 *
 *     live_chunk chunk;
 *     char message[MESSAGE_BYTES];
 *     while ((status = live_source_next(source, 1000, &chunk, message)) != LIVE_FAILED)
 *         ...
 */
#ifndef PITR_FIND_LIVE_SOURCE_H
#define PITR_FIND_LIVE_SOURCE_H

#include <walparse/types.h>

#include "base/message.h"

typedef enum live_status {
    LIVE_WAL,  /* out->bytes has some */
    LIVE_IDLE, /* nothing came within the time given; out->server_end may have moved */
    /*
     * The timeline ended at out->at, up to which all was handed out; out->tli is the next one, which goes on from the
     * start of the segment that holds out->at: those bytes come again, as they lie there.
     */
    LIVE_TIMELINE,
    /*
     * The WAL up to out->at is not there any more, or never came: it goes on there, at the start of a segment; with a line
     * for people.
     */
    LIVE_GAP,
    LIVE_LOST, /* the connection is gone, and the source tries again by itself; once a loss, with a line for people */
    LIVE_BACK, /* it is there again, and goes on at the byte where it stopped; with a line for people */
    LIVE_FAILED /* for good, with one line that says why; so is every call from now on */
} live_status;

typedef struct live_chunk {
    wp_lsn at;         /* of the first byte; of the end, where nothing came */
    wp_view bytes;     /* borrowed until the next call */
    wp_tli tli;        /* timeline they are read from */
    wp_lsn server_end; /* what the server has flushed, as it last said; 0: it said nothing yet */
} live_chunk;

typedef struct live_source live_source;

typedef struct live_source_functions {
    live_status (*next)(live_source *source, int timeout_ms, live_chunk *out,
                        char message[MESSAGE_BYTES]);
    int (*fd)(const live_source *source);
    void (*confirm)(live_source *source, wp_lsn lsn);
    void (*free)(live_source *source);
} live_source_functions;

/* What all sources have in front; a source's own struct begins with it. Set when it was made, constant since. */
struct live_source {
    const live_source_functions *functions;
    /* What was asked for: an LSN, a slot's place, or where the server was. Handed out is all from its segment's start on,
     * or from before that. */
    wp_lsn from;
    wp_tli from_tli;            /* timeline that `from` is read on */
    uint32_t segment_bytes;     /* size of a segment; 0: only the WAL itself tells */
    uint64_t system_identifier; /* of the cluster; 0: only the WAL itself tells */
};

/*
 * The next thing that happens, waiting for it at most so many milliseconds (0: not at all; less: for ever). Call it once a second at
 * least, and when the descriptor below is readable: it is here that the server is answered. message has a line after
 * LIVE_GAP, LIVE_LOST, LIVE_BACK and LIVE_FAILED, and after LIVE_TIMELINE where out->at lies before what was handed out
 * already (else it is empty).
 */
static inline live_status live_source_next(live_source *source, int timeout_ms, live_chunk *out,
                                           char message[MESSAGE_BYTES])
{
    return source->functions->next(source, timeout_ms, out, message);
}

/* To poll for reading; it may be another one after each call. -1: there is none now. */
static inline int live_source_fd(const live_source *source)
{
    return source->functions->fd(source);
}

/* WAL before lsn is not needed any more, even after a restart of this program: what holds it for us may let it go. */
static inline void live_source_confirm(live_source *source, wp_lsn lsn)
{
    source->functions->confirm(source, lsn);
}

/* NULL is fine. */
static inline void live_source_free(live_source *source)
{
    if (source != NULL)
        source->functions->free(source);
}

#endif
