/*
 * time_zone.h - time zones by name, from the tz database of the system.
 */
#ifndef PITR_FIND_TIME_ZONE_H
#define PITR_FIND_TIME_ZONE_H

#include <stdbool.h>

#define ZONE_NAME_BYTES 64

/* Is it in the database, in this spelling? What could be a path out of there is no name. */
bool zone_is_known(const char *name);

/* The zone that was set before. */
typedef struct zone_before {
    char *name; /* NULL: none */
} zone_before;

/*
 * Makes a zone the local one until zone_leave(). TZ belongs to the process, so this is for the time before there are
 * threads. False, and nothing is changed: out of memory.
 */
bool zone_enter(const char *name, zone_before *before);
void zone_leave(zone_before *before);

#endif
