/*
 * listen.h - metrics over HTTP (libmicrohttpd), on the caller's own thread: GET /metrics and GET /healthz, nothing else.
 */
#ifndef PITR_FIND_LISTEN_H
#define PITR_FIND_LISTEN_H

#include "base/message.h"
#include "command/watch/watch_metrics.h"

typedef struct listener listener;

/* Was this program built with the library? False with the line that says what is missing. */
bool listener_is_possible(char message[MESSAGE_BYTES]);

/*
 * Listens on "ADDRESS:PORT", "[ADDRESS]:PORT" or "localhost:PORT"; ":PORT" is 127.0.0.1. What it tells is read from counts, which is borrowed until
 * listener_free(). False with one line in message.
 */
bool listener_new(const char *where, const watch_counts *counts, listener **out,
                  char message[MESSAGE_BYTES]);

/* To poll for reading; when it is ready, or the time is over, call listener_step(). */
int listener_fd(const listener *l);
/* Milliseconds; -1: no limit. */
int listener_wait_ms(const listener *l);
void listener_step(listener *l);

/* NULL is fine. */
void listener_free(listener *l);

#endif
