/*
 * event_text.h - an event as text: its statement, the file it is in, and as JSON.
 */
#ifndef PITR_FIND_EVENT_TEXT_H
#define PITR_FIND_EVENT_TEXT_H

#include "base/text.h"
#include "search/matches.h"

/* "DROP TABLE public.orders", or words for a transaction without events. Borrowed. */
const char *event_text(const event_view *view);

/* Name of the segment file that holds the start of the record that ended the transaction. */
const char *event_segment(uint32_t segment_size, const event_view *view,
                          char buf[WP_SEGMENT_NAME_BYTES]);

/* A JSON object, without a newline. */
void event_json(uint32_t segment_size, const event_view *view, text *out);
/* The same without its braces. */
void event_json_members(uint32_t segment_size, const event_view *view, text *out);

#endif
