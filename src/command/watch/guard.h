/*
 * guard.h - a delayed standby that is paused before it replays what must not be lost.
 *
 *     guard_new(conninfo, &config, &g, warnings, message)     at the start: is it a standby that can be paused?
 *     guard_on_event(g, event, message)                       each event, as it is told
 *     guard_step(g, now_ms, message)                          right after that, and then as often as guard_wait_ms() says
 *
 * The pause is the only thing that is ever asked of the standby, apart from questions: it is never promoted, resumed or
 * written to. What has become of an incident goes to config.on_report.
 */
#ifndef PITR_FIND_GUARD_H
#define PITR_FIND_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include <walparse/walparse.h>

#include "base/text.h"
#include "command/watch/guard_incident.h"

#define GUARD_ROWS_DEFAULT 1000

typedef struct guard guard;

typedef struct guard_config {
    void *context;
    /* A line for people (without a newline): the standby is lost, found again, or goes on. */
    void (*on_line)(void *context, const char *line);
    /* About an incident. lines: for people, each with its newline; json: the same as one object {"guard":{...}}. */
    void (*on_report)(void *context, const char *lines, const char *json);
    const char *pattern; /* --on; NULL: what is destructive */
    uint64_t rows; /* a DELETE or UPDATE of fewer rows does not count, where there is no pattern */
    bool is_dry_run;            /* only questions */
    uint64_t system_identifier; /* of the cluster that the WAL is of; 0: not known */
} guard_config;

/*
 * Connects and waits until it is known whether that is a standby of the cluster that can be paused. What it has to say of that at the start is
 * added to notes, in lines for people: its delay, and what is not as it should be. conninfo and config's strings are borrowed until
 * guard_free(). False with one line in message: no guard with that.
 */
bool guard_new(const char *conninfo, const guard_config *config, guard **out, text_list *notes,
               char message[512]);

/*
 * What the standby must not replay, taken over; the same transaction again adds its objects. False with one line in message: out of
 * memory.
 */
bool guard_add(guard *g, guard_incident *incident, char message[512]);

struct live_event;
/* The same for an event, where it matches; does not wait. False with one line in message: out of memory, or the pattern fails. */
bool guard_on_event(guard *g, const struct live_event *event, char message[512]);

/*
 * Goes on with what there is to do: pause, ask, report, connect again. Each question takes three seconds at most. now_ms:
 * of a clock that does not step (CLOCK_MONOTONIC). False with one line in message: out of memory.
 */
bool guard_step(guard *g, int64_t now_ms, char message[512]);

/* Milliseconds from now_ms on in which guard_step() has nothing to do. */
int guard_wait_ms(const guard *g, int64_t now_ms);

/* Is there an incident of which nothing is told yet? Who ends the watch gives it some seconds more. */
bool guard_is_busy(const guard *g);

/* NULL is fine. */
void guard_free(guard *g);

#endif
