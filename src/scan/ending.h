/*
 * ending.h - that the WAL ends inside a segment, in words.
 */
#ifndef PITR_FIND_ENDING_H
#define PITR_FIND_ENDING_H

#include "scan/scan.h"
#include "base/text.h"

/*
 * "the WAL here ends inside segment 000000010000000000000016, at 2026-11-22T10:48:05.074335Z". last: when its last
 * transaction ended; WP_TIME_UNKNOWN: none did. is_local: followed by the local time. False, and no words: it does not
 * end inside one.
 */
bool ending_words(const scan_result *result, wp_time last, bool is_local, text *out);

#endif
