/*
 * time_text.h - moments as people write and read them.
 */
#ifndef PITR_FIND_TIME_TEXT_H
#define PITR_FIND_TIME_TEXT_H

#include <walparse/types.h>

#include "base/text.h"

#define TIMEPARSE_TEXT_BYTES 64

/*
 * Reads ISO 8601: a date, then "T" or a blank and HH:MM[:SS[.ffffff]], then "Z", "UTC", an offset
 * ("+02", "+02:00", "+0200"), the name of a zone ("Europe/Madrid"), or an abbreviation that means one offset only ("CET").
 * With none of them the moment is in the local zone and *is_local is set; and with an abbreviation that means something
 * only there ("IST").
 * A local moment that never was, or was twice (clocks set back), is refused. For the time
 * before there are threads: a zone's name changes TZ for a moment. On failure returns false
 * with one line in message.
 */
bool timeparse(const char *chars, wp_time *out, bool *is_local, char message[512]);

/* "2026-11-22 11:48:05.074335 CET", in the local zone; "" for a time no calendar has. Returns buf. */
char *time_text_local(wp_time time, char buf[TIMEPARSE_TEXT_BYTES]);

/* "2026-11-22T10:48:05.074335Z (2026-11-22 11:48:05.074335 CET)"; the second only where it is not UTC, too. */
void time_text_add(text *out, wp_time time);

/* The local zone at a moment: "CET, UTC+01:00". Returns buf. */
char *time_text_zone(wp_time time, char buf[TIMEPARSE_TEXT_BYTES]);

#endif
