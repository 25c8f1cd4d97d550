/*
 * duration.h - spans of time as people write and read them: "7d", "3 h 12 min".
 */
#ifndef PITR_FIND_DURATION_H
#define PITR_FIND_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#define DURATION_TEXT_BYTES 32

/* Reads a whole number and a unit of PostgreSQL: s, min, h or d; above 0 and up to 100 years. False: it is none. */
bool duration_parse(const char *chars, int64_t *seconds);

/* With two units at most. Returns buf. */
char *duration_text(int64_t seconds, char buf[DURATION_TEXT_BYTES]);

#endif
