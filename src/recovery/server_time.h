/*
 * server_time.h - recovery_target_time as servers read it.
 *
 * A server takes many more spellings than this; those that are not understood here are said to be so, never
 * guessed at.
 */
#ifndef PITR_FIND_SERVER_TIME_H
#define PITR_FIND_SERVER_TIME_H

#include <walparse/profile.h>

typedef enum servertime_verdict {
    SERVERTIME_GOOD,
    SERVERTIME_REFUSED, /* the server does not start with it */
    SERVERTIME_UNCLEAR  /* it may be fine, but what it means is not known here */
} servertime_verdict;

/* What should be said about a value. */
typedef enum servertime_note {
    SERVERTIME_NO_ZONE = 0x1,      /* read in the server's zone */
    SERVERTIME_ABBREVIATION = 0x2, /* a zone's abbreviation, or Z */
    SERVERTIME_WORD = 0x4,         /* now, today, infinity ... */
    SERVERTIME_NOT_A_ZONE = 0x8    /* there is no such zone */
} servertime_note;

typedef struct servertime {
    servertime_verdict verdict;
    unsigned notes; /* bits of servertime_note */
    wp_time time;   /* when GOOD */
    char zone[64];  /* as it was written */
} servertime;

/*
 * Reads a value. time_zone_setting is the server's TimeZone, NULL: not known, and the local zone stands in for it.
 * Changes TZ for a moment: not for threads.
 */
servertime servertime_read(const wp_recovery_traits *traits, const char *value,
                           const char *time_zone_setting);

#endif
