/*
 * render_stats.h - sums as text, one function a word of --format.
 */
#ifndef PITR_FIND_RENDER_STATS_H
#define PITR_FIND_RENDER_STATS_H

#include "base/text.h"
#include "command/stats/totals.h"

#define STATS_FORMATS "table waldump json csv prometheus"
#define STATS_FORMAT_TABLE 0
#define STATS_FORMAT_WALDUMP 1

/* limit: groups told; 0: all. */
typedef void render_totals(const totals *from, uint64_t limit, text *out);
extern render_totals *const render_stats[];

#endif
