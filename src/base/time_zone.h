/*
 * time_zone.h - time zones by name, from the tz database of the system.
 */
#ifndef PITR_FIND_TIME_ZONE_H
#define PITR_FIND_TIME_ZONE_H

#include <stdbool.h>

#define ZONE_NAME_BYTES 64

/* Is it in the database, in this spelling? What could be a path out of there is no name. */
bool time_zone_is_known(const char *name);

/* The zone that was set before. */
typedef struct time_zone_before {
    char *name; /* NULL: none */
} time_zone_before;

/*
 * Makes a zone the local one until time_zone_leave(). TZ belongs to the process, so this is for the time before there are
 * threads. False, and nothing is changed: out of memory.
 */
bool time_zone_enter(const char *name, time_zone_before *before);
void time_zone_leave(time_zone_before *before);

#endif
