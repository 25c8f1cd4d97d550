/*
 * told_event.h - one event as `watch` tells it: its lines in a table, its object in JSON, the variables of a hook.
 */
#ifndef PITR_FIND_TOLD_EVENT_H
#define PITR_FIND_TOLD_EVENT_H

#include "base/text.h"
#include "live/follow.h"

#define TOLD_ID_BYTES 64
/* Variables of a hook, and the NULL after them. */
#define TOLD_VARIABLES 12

/* "1/0/16B3740/1": timeline, LSN of the record that committed it, its number in the transaction. */
const char *told_id(const live_event *event, char buf[TOLD_ID_BYTES]);

/* A JSON object, without a newline. */
void told_json(uint32_t segment_size, const live_event *event, text *out);

/* The indented lines after a row of the table; nothing where the event takes nothing away. */
void told_target_lines(const live_event *event, text *out);

/* "PITR_EVENT=...", and so on, each to be freed. False: no memory; what there is is to be freed all the same. */
bool told_variables(const live_event *event, char *out[TOLD_VARIABLES]);

#endif
