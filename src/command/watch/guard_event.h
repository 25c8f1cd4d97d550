/*
 * guard_event.h - which events a standby is paused for, and what it must not replay then.
 */
#ifndef PITR_FIND_GUARD_EVENT_H
#define PITR_FIND_GUARD_EVENT_H

#include "command/watch/guard_incident.h"
#include "search/pattern.h"

struct live_event;

/*
 * pattern NULL: what takes permanent objects or rows away, a DELETE or UPDATE where it has so many rows, or nobody knows how many. False with
 * one line in message: the pattern fails.
 */
bool guard_event_matches(const struct live_event *event, compiled_pattern *pattern, uint64_t rows,
                         bool *out, char message[512]);

/* False: out of memory. Free *out with guard_incident_free() in any case. */
bool guard_event_incident(const struct live_event *event, const wp_profile *profile,
                          guard_incident *out);

#endif
