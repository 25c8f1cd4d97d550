/* archive.c - see archive.h. */
#include "archive/archive.h"

#include <stdlib.h>

#include "archive/clusters.h"
#include "base/message.h"
#include "file/probe.h"

bool archive_fail_clusters(const archive *a, char message[MESSAGE_BYTES])
{
    if (a->segment_fetcher)
        return message_fail(message, "the command gives segments of several clusters");
    clusters all = { 0 };
    prober prober_ = { 0 };
    bool is_read = true;
    for (size_t i = 0; is_read && i < a->nsegments; i++) {
        probe_result got;
        is_read = probe_head(&prober_, a->segments[i].path, &got, message);
        if (is_read && got.verdict == PROBE_SEGMENT)
            clusters_add(&all, a->segments[i].tli, &got.info);
    }
    probe_free(&prober_);
    return is_read && clusters_fail(&all, message);
}

const archive_segment *archive_segment_of(const archive *a, wp_lsn lsn)
{
    size_t low = 0, high = a->nsegments;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (a->segments[middle].start_lsn <= lsn)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? &a->segments[low - 1] : NULL;
}

wp_tli archive_timeline(const archive *a, wp_lsn lsn)
{
    const archive_segment *segment = archive_segment_of(a, lsn);
    if (!segment)
        return a->timeline;
    size_t i = 0;
    while (i + 1 < a->history.nspans && lsn >= a->history.spans[i].end)
        i++;
    const wp_tli on = a->history.nspans ? a->history.spans[i].tli : segment->tli;
    for (size_t n = 0; on < segment->tli && n < a->nolder; n++)
        if (a->older[n].tli == on && a->older[n].start_lsn == segment->start_lsn)
            return on;
    return segment->tli;
}

static void free_strings(char **strings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(strings[i]);
    free(strings);
}

void archive_free(archive *a)
{
    if (a->close_remote != NULL)
        a->close_remote(a);
    for (size_t i = 0; i < a->nsegments; i++) {
        free(a->segments[i].path);
        free(a->segments[i].spoilt);
    }
    free(a->segments);
    free(a->following.path);
    free(a->following.spoilt);
    free(a->leftover.path);
    free(a->leftover.why);
    free(a->complaint);
    free(a->gaps);
    free(a->timelines);
    free(a->older);
    free(a->lineage);
    timeline_free(&a->history);
    timeline_tree_free(&a->timeline_tree);
    for (size_t i = 0; i < a->nbackups; i++)
        free(a->backups[i].path);
    free(a->backups);
    layout_free(&a->layout);
    free_strings(a->directories, a->ndirectories);
    free_strings(a->warnings, a->nwarnings);
    *a = (archive){ 0 };
}
