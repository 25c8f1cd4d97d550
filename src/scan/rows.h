/*
 * rows.h - how many rows an event touched, in words.
 */
#ifndef PITR_FIND_ROWS_H
#define PITR_FIND_ROWS_H

#include <walparse/walparse.h>

#include "base/text.h"

/* Appends " (300 rows)", or " (at least 300 rows)"; nothing where the event has no row count. */
void rows_add(text *out, const wp_event *event);
void rows_add_count(text *out, uint64_t rows, bool may_miss_rows);

#endif
