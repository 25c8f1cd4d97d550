/*
 * hook.h - the command of --exec: run for one event after the other, in order, and never waited for.
 *
 * It is started without a shell, in a process group of its own. Standard input is a file with the event as JSON, standard output
 * goes to our standard error. What takes too long gets a SIGTERM, and a SIGKILL five seconds later.
 */
#ifndef PITR_FIND_HOOK_H
#define PITR_FIND_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/message.h"

/* With as many events waiting no more WAL is read. */
#define HOOK_QUEUE_SOFT 256
/* And so many at most wait, whatever one transaction did. */
#define HOOK_QUEUE_MAX 4096
#define HOOK_KILL_MS 5000

typedef struct hook hook;

typedef struct hook_config {
    char *const *argv; /* ends with NULL; borrowed */
    int64_t limit_ms;
} hook_config;

/* Where an event stands, as the state keeps it. */
typedef struct hook_place {
    uint64_t lsn; /* of the record that committed it */
    uint32_t number, tli;
} hook_place;

typedef struct hook_counts {
    uint64_t run,
        failed; /* of those that ended; failed: of these, with another status than 0, or by a signal */
} hook_counts;

/* NULL: no memory. Free with hook_free(), which leaves a running one alone. */
hook *hook_new(const hook_config *config);
void hook_free(hook *h);

/*
 * Takes an event into the queue: its JSON, variables "NAME=value" for the environment (a list that ends with NULL), and its id
 * for messages. All is copied. False: no memory.
 */
bool hook_add(hook *h, const char *json, size_t json_bytes, char *const *variables, const char *id,
              hook_place place);

/* Goes on: sees whether the running one has ended, ends it in time, starts the next. now_ms: of a clock that only goes forward. */
void hook_step(hook *h, int64_t now_ms);

/* Milliseconds until hook_step() has something to do but for a SIGCHLD; -1: nothing. */
int hook_wait_ms(const hook *h, int64_t now_ms);

/* Events that wait, and the one that is being run. */
size_t hook_waiting(const hook *h);
/* The last event up to which all hooks have ended; lsn 0: none has. */
hook_place hook_done(const hook *h);
hook_counts hook_counted(const hook *h);

/* No further one is started; the one that is running gets so long at most. */
void hook_end(hook *h, int64_t now_ms, int64_t limit_ms);
bool hook_is_running(const hook *h);

#endif
