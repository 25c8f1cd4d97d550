/* rows.c - see rows.h. */
#include "scan/rows.h"

#include <inttypes.h>

void rows_add_count(text *out, uint64_t rows, bool may_miss_rows)
{
    text_addf(out, " (%s%" PRIu64 " row%s)", may_miss_rows ? "at least " : "", rows,
              rows == 1 ? "" : "s");
}

void rows_add(text *out, const wp_event *event)
{
    if (event->has_rows)
        rows_add_count(out, event->rows, event->may_miss_rows);
}
