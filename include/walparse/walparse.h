/*
 * walparse.h - libwalparse: what PostgreSQL's write-ahead log says was done.
 *
 * The library is pure: it is handed bytes and hands back facts (mapper.h), then events (reducer.h). It
 * opens no file, prints nothing and keeps no global state, so mappers may run on as many threads as
 * there are segments, each with its own wp_mapper; the reducer is fed by one thread, in LSN order.
 *
 * Beside these: records as text and sums (dump.h), pages of tables as records make them (redo.h), which of their rows are there
 * (visible.h), values of rows as text (value.h), where a server stops (stop.h), how far WAL that is still being written is sound (walk.h).
 *
 * Ownership, for all of it: what a call hands out is borrowed until the next call on the same object;
 * what you must free came through a pointer-to-pointer and has a _free named after its type, and
 * _free(NULL) is fine.
 *
 * Complete use, for one segment in memory:
 *
 *     static void print(void *context, const wp_event *event) { puts(event->text); }
 *
 *     wp_error err;
 *     wp_mapper_config map = { 0 };
 *     if (wp_segment_probe((wp_view){ bytes, len }, &map.segment, &err) != WP_OK) return;
 *     wp_reducer_config reduce = { .profile = map.segment.profile,
 *                                  .max_align = map.segment.max_align,
 *                                  .callbacks = { .on_event = print } };
 *     wp_mapper *mapper = NULL;
 *     wp_reducer *reducer = NULL;
 *     wp_facts facts = { 0 };
 *     if (wp_mapper_new(&map, &mapper, &err) == WP_OK && wp_reducer_new(&reduce, &reducer, &err) == WP_OK
 *         && wp_mapper_feed(mapper, (wp_view){ bytes, len }, &facts, &err) >= 0
 *         && wp_mapper_finish(mapper, &facts, &err) >= 0)
 *         wp_reducer_add(reducer, &facts, &err);
 *     wp_facts_free(&facts);
 *     wp_reducer_free(reducer);
 *     wp_mapper_free(mapper);
 */
#ifndef WALPARSE_H
#define WALPARSE_H

#include <walparse/datadir.h>
#include <walparse/dump.h>
#include <walparse/event.h>
#include <walparse/fact.h>
#include <walparse/external_names.h>
#include <walparse/mapper.h>
#include <walparse/profile.h>
#include <walparse/redo.h>
#include <walparse/reducer.h>
#include <walparse/rmgr.h>
#include <walparse/segment.h>
#include <walparse/status.h>
#include <walparse/stop.h>
#include <walparse/types.h>
#include <walparse/value.h>
#include <walparse/visible.h>
#include <walparse/walk.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Version of the library, "0.1.0". */
WP_API const char *wp_version(void);

#ifdef __cplusplus
}
#endif
#endif
