/* timeline_tree.c - see timeline_tree.h. */
#include "archive/timeline_tree.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/grow.h"
#include "archive/timeline_history.h"
#include "base/message.h"
#include "file/filename.h"

static branch *find(const timeline_tree *all, wp_tli tli)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].tli == tli)
            return &all->items[i];
    return NULL;
}

const branch *timeline_tree_find(const timeline_tree *all, wp_tli tli)
{
    return find(all, tli);
}

branch *timeline_tree_add(timeline_tree *all, wp_tli tli)
{
    branch *slot = find(all, tli);
    if (slot)
        return slot;
    slot = GROW(all->items, all->count, all->room);
    if (slot)
        *slot = (branch){ .tli = tli, .own = UINT64_MAX, .diverges = UINT64_MAX };
    return slot;
}

/* before: the one it left, as the history file of `by` has it. A guess proves nothing. */
static void compare(branch *one, const timeline_span *before, wp_tli by)
{
    if (one->told_by == 0 || by == 0 || one->contradicted.by != 0
        || (one->parent == before->tli && one->begin == before->end))
        return;
    one->contradicted.by = by;
    one->contradicted.parent = before->tli;
    one->contradicted.begin = before->end;
}

const char *timeline_tree_file(const timeline_tree *all, wp_tli tli, char name[BRANCH_FILE_BYTES])
{
    const branch *one = find(all, tli);
    if (one && one->file[0] != '\0')
        return one->file;
    (void)snprintf(name, BRANCH_FILE_BYTES, "%08X.history", (unsigned)tli);
    return name;
}

bool timeline_tree_explain(const timeline_tree *all, const branch *one,
                           char line[BRANCHES_LINE_BYTES])
{
    char begin[WP_LSN_TEXT_BYTES], other[WP_LSN_TEXT_BYTES];
    char name[BRANCH_FILE_BYTES], other_name[BRANCH_FILE_BYTES];
    if (one->contradicted.by == 0)
        return false;
    (void)snprintf(line, BRANCHES_LINE_BYTES,
                   "%s says that timeline %u left timeline %u at %s, and %s that it left timeline "
                   "%u at %s: one of them is of another server, was edited, or is cut short. Move "
                   "that away, put the right one there, and search again",
                   timeline_tree_file(all, one->told_by, name), one->tli, one->parent,
                   wp_lsn_format(one->begin, begin),
                   timeline_tree_file(all, one->contradicted.by, other_name),
                   one->contradicted.parent, wp_lsn_format(one->contradicted.begin, other));
    return true;
}

/* What a history says of each timeline in it. A history file comes before a guess, and the longest first. */
static bool add_history(timeline_tree *all, const timeline_history *history, bool is_from_file)
{
    const wp_tli by = is_from_file ? history->spans[history->nspans - 1].tli : 0;
    for (size_t i = 0; i < history->nspans; i++) {
        branch *one = timeline_tree_add(all, history->spans[i].tli);
        if (!one)
            return false;
        if (i == 0)
            continue;
        if (one->parent != 0) {
            compare(one, &history->spans[i - 1], by);
            continue;
        }
        one->parent = history->spans[i - 1].tli;
        one->begin = history->spans[i].begin;
        one->told_by = by;
        (void)snprintf(one->reason, sizeof one->reason, "%s", history->spans[i - 1].reason);
    }
    return true;
}

/* Where a history and the followed one part: UINT64_MAX when one is the beginning of the other. */
static wp_lsn parting(const timeline_history *a, const timeline_history *b)
{
    wp_lsn at = UINT64_MAX;
    for (size_t i = 0; i < a->nspans && i < b->nspans && a->spans[i].tli == b->spans[i].tli; i++) {
        at = a->spans[i].end < b->spans[i].end ? a->spans[i].end : b->spans[i].end;
        if (a->spans[i].end != b->spans[i].end)
            return at;
    }
    return at == UINT64_MAX && a->nspans > 0 && b->nspans > 0 && a->spans[0].tli != b->spans[0].tli
               ? 0
               : at;
}

static bool add_timeline(timeline_tree *all, segment_files *s, const timeline_history *followed,
                         wp_tli tli, char *message)
{
    timeline_history history = { 0 };
    char *complaint = NULL;
    const find_history *file = NULL;
    if (!timeline_history_of(s, tli, &history, &file, &complaint, message))
        return false;
    const bool is_from_file = file != NULL;
    free(complaint); /* whoever follows that timeline is told */
    bool is_good = add_history(all, &history, is_from_file);
    branch *one = is_good ? find(all, tli) : NULL;
    if (one) {
        one->has_history = is_from_file;
        file = is_from_file ? file : timeline_history_file(s, tli);
        one->has_bad_history = !is_from_file && file != NULL;
        (void)snprintf(one->file, sizeof one->file, "%s", file ? filename_base(file->path) : "");
        if (!one->is_followed) {
            one->diverges = parting(&history, followed);
            one->own = one->begin;
        }
    }
    timeline_free(&history);
    return is_good || message_no_memory(message);
}

/* The followed history knows best of its own. */
static bool add_followed(timeline_tree *all, const timeline_history *followed, bool is_from_file)
{
    if (!add_history(all, followed, is_from_file))
        return false;
    for (size_t i = 0; i < followed->nspans; i++) {
        branch *one = find(all, followed->spans[i].tli);
        one->is_followed = true;
        one->own = one->diverges = followed->spans[i].end;
    }
    return true;
}

static int by_tli(const void *a, const void *b)
{
    const wp_tli x = ((const branch *)a)->tli, y = ((const branch *)b)->tli;
    return (x > y) - (x < y);
}

void timeline_tree_sort(timeline_tree *all)
{
    if (all->count > 0)
        qsort(all->items, all->count, sizeof *all->items, by_tli);
}

bool timeline_tree_build(segment_files *s, const timeline_history *followed, timeline_tree *out,
                         char message[MESSAGE_BYTES])
{
    *out = (timeline_tree){ 0 };
    const bool is_from_file =
        followed->nspans > 0
        && timeline_history_file(s, followed->spans[followed->nspans - 1].tli) != NULL;
    bool is_good = add_followed(out, followed, is_from_file) || message_no_memory(message);
    wp_tli last = 0;
    for (size_t i = 0; is_good && i < s->nfiles; i++) {
        const wp_tli tli = s->files[i].name.tli;
        if (!segment_files_counts(&s->files[i]) || tli == last)
            continue;
        last = tli;
        if (!find(out, tli))
            is_good = add_timeline(out, s, followed, tli, message);
        branch *one = is_good ? find(out, tli) : NULL;
        if (one)
            one->has_segments = true;
    }
    for (size_t i = 0; is_good && i < s->found.nhistories; i++)
        is_good = add_timeline(out, s, followed, s->found.histories[i].tli, message);
    timeline_tree_sort(out);
    return is_good;
}

static bool has_history(const void *all, wp_tli tli)
{
    const branch *one = timeline_tree_find(all, tli);
    return one && one->has_history;
}

wp_tli timeline_tree_latest(const timeline_tree *all, wp_tli from)
{
    return timeline_latest(from, has_history, all);
}

void timeline_tree_free(timeline_tree *all)
{
    free(all->items);
    *all = (timeline_tree){ 0 };
}
