/*
 * stream_attempt.h - an attempt to get a stream of WAL running, in a thread of its own: looking up a name alone may take half a
 * minute, and who watches has other things to do.
 */
#ifndef PITR_FIND_STREAM_ATTEMPT_H
#define PITR_FIND_STREAM_ATTEMPT_H

#ifdef WITH_LIBPQ

#include "live/stream_connect.h"

typedef struct stream_attempt stream_attempt;

/* False with one line in message: no memory, no descriptors. config is copied. */
bool stream_attempt_new(const stream_config *config, stream_attempt **out,
                        char message[MESSAGE_BYTES]);

/* With strings that live as long as the attempt and each session that it made. */
const stream_config *stream_attempt_config(const stream_attempt *attempt);

/*
 * Begins; none may be going on. A link with a session goes on along the next timeline (stream_continue()), and that session is
 * the attempt's meanwhile. False with one line in message: no thread; the link is the caller's still.
 */
bool stream_attempt_start(stream_attempt *attempt, const stream_goal *goal, const stream_link *link,
                          char message[MESSAGE_BYTES]);

/* Readable once the attempt has come to its end. */
int stream_attempt_fd(const stream_attempt *attempt);

/* False: it goes on still. Else what came of it; the link is the caller's. */
bool stream_attempt_end(stream_attempt *attempt, stream_outcome *outcome, stream_link *link,
                        char message[MESSAGE_BYTES]);

/* One that goes on is waited for, two seconds; then it is left to itself. NULL is fine. */
void stream_attempt_free(stream_attempt *attempt);

#endif
#endif
