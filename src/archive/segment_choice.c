/* segment_choice.c - see segment_choice.h. */
#include "archive/segment_choice.h"

#include <stdlib.h>

#include "archive/timeline_history.h"
#include "base/message.h"

/* ---- files into positions ------------------------------------------------------------------- */

#define ORDER(a, b) ((a) < (b) ? -1 : (a) > (b))

/* The newest timeline's copy is best: it begins with what it took over. The order of segment_files does the rest. */
static int by_position(const void *a, const void *b)
{
    const segment_file *const x = ((const candidate *)a)->at, *const y = ((const candidate *)b)->at;
    const int by_start = ORDER(x->start_lsn, y->start_lsn);
    const int by_tli = ORDER(y->name.tli, x->name.tli);
    return by_start ? by_start : by_tli ? by_tli : ORDER(x, y);
}

static bool is_in_history(const segment_choice *all, const segment_file *file)
{
    const int at = timeline_history_find(all->history, file->name.tli);
    if (at < 0 || (file->state == SEGMENT_FILE_BAD && file->holds == SEGMENT_FILE_HOLDS_STRANGER))
        return false;
    const timeline_span *span = &all->history->spans[at];
    return file->start_lsn < span->end
           && file->start_lsn + all->segment_files->info.segment_size > span->begin;
}

static void group(segment_choice *all, size_t nfiles)
{
    for (size_t i = 0; i < nfiles; i++) {
        position *last = all->n ? &all->list[all->n - 1] : NULL;
        if (last && last->start_lsn == all->files[i].at->start_lsn)
            last->nfiles++;
        else
            all->list[all->n++] = (position){ .start_lsn = all->files[i].at->start_lsn,
                                              .files = &all->files[i],
                                              .nfiles = 1 };
    }
}

bool segment_choice_build(segment_files *files_, const timeline_history *history,
                          segment_choice *out, char message[MESSAGE_BYTES])
{
    *out = (segment_choice){ .segment_files = files_, .history = history };
    out->files = calloc(files_->nfiles, sizeof *out->files);
    out->list = calloc(files_->nfiles, sizeof *out->list);
    if (!out->files || !out->list)
        return message_no_memory(message);
    size_t n = 0;
    for (size_t i = 0; i < files_->nfiles; i++)
        if (is_in_history(out, &files_->files[i]))
            out->files[n++].at = &files_->files[i];
    qsort(out->files, n, sizeof *out->files, by_position);
    group(out, n);
    return true;
}

wp_lsn segment_choice_end(const segment_choice *all, const position *one)
{
    const int at = timeline_history_find(all->history, one->files[0].at->name.tli);
    const wp_lsn fork = all->history->spans[at].end;
    const wp_lsn end = one->start_lsn + all->segment_files->info.segment_size;
    return end < fork ? end : fork;
}

/* ---- what is really there ------------------------------------------------------------------- */

/* A good file may be read for a bad one of the same timeline, but not a .partial for a full one. */
static bool stands_for(const segment_file *good, const segment_file *bad)
{
    return good->name.tli == bad->name.tli
           && (bad->found->name.is_partial || !good->found->name.is_partial);
}

/* The files before the n-th are bad, and that one is good. */
static void take(position *one, size_t n)
{
    for (size_t i = 0; !one->spoilt && i < n; i++)
        if (!stands_for(one->files[n].at, one->files[i].at))
            one->spoilt = one->files[i].at;
    one->has_lesser |= n > 0;
    one->files += n;
    one->nfiles -= n;
}

bool segment_choice_decide(segment_choice *all, position *one, char message[MESSAGE_BYTES])
{
    for (size_t i = 0; !one->is_bad && i < one->nfiles; i++) {
        if (!segment_files_examine(all->segment_files, one->files[i].at, message))
            return false;
        if (one->files[i].at->state == SEGMENT_FILE_GOOD) {
            take(one, i);
            return true;
        }
    }
    one->is_bad = true;
    return true;
}

static bool are_neighbours(const segment_choice *all, const position *a, const position *b)
{
    return !a->is_bad && b->start_lsn - a->start_lsn == all->segment_files->info.segment_size;
}

/* One way: settles what does not touch the last position kept, forwards or backwards. */
static bool decide_forwards(segment_choice *all, size_t first, size_t until, char *message)
{
    const position *kept = NULL;
    for (size_t i = first; i < until; i++) {
        position *one = &all->list[i];
        if (!(kept && are_neighbours(all, kept, one)) && !segment_choice_decide(all, one, message))
            return false;
        if (!one->is_bad)
            kept = one;
    }
    return true;
}

static bool decide_backwards(segment_choice *all, size_t first, size_t until, char *message)
{
    const position *kept = NULL;
    for (size_t i = until; i-- > first;) {
        position *one = &all->list[i];
        if (!(kept && are_neighbours(all, one, kept)) && !segment_choice_decide(all, one, message))
            return false;
        if (!one->is_bad)
            kept = one;
    }
    return true;
}

/* Nothing but what a server makes ready for later? */
static bool has_leftovers_only(const position *one)
{
    for (size_t i = 0; i < one->nfiles; i++)
        if (one->files[i].at->state != SEGMENT_FILE_BAD
            || one->files[i].at->holds != SEGMENT_FILE_HOLDS_LEFTOVER)
            return false;
    return one->is_bad;
}

bool segment_choice_decide_edges(segment_choice *all, size_t first, size_t *until,
                                 char message[MESSAGE_BYTES])
{
    if (!decide_forwards(all, first, *until, message)
        || !decide_backwards(all, first, all->n, message))
        return false;
    size_t end = all->n;
    while (end > first && has_leftovers_only(&all->list[end - 1]))
        end--;
    if (end == first || end == all->n)
        return true;
    all->leftover = all->list[end];
    all->n = end;
    *until = *until < end ? *until : end;
    return true;
}

/* ---- by time -------------------------------------------------------------------------------- */

/* Commit times run backwards a little between sessions. */
#define TIME_MARGIN ((wp_time)5 * 60 * 1000000)
#define SEGMENT_MARGIN 1

/* The first commit in position i or after it, and before `until`: its position and time; none: *at = until. */
static bool first_commit(segment_choice *all, size_t i, size_t until, size_t *at, wp_time *time,
                         char *message)
{
    *time = WP_TIME_UNKNOWN;
    for (; i < until && *time == WP_TIME_UNKNOWN; i += *time == WP_TIME_UNKNOWN) {
        position *one = &all->list[i];
        if (!segment_choice_decide(all, one, message))
            return false;
        if (one->is_bad)
            continue;
        const wp_segment_info info = segment_files_info(all->segment_files, one->files[0].at);
        if (!probe_first_commit(&all->segment_files->prober, one->files[0].at->found->path, &info,
                                time, message))
            return false;
    }
    *at = i;
    return true;
}

/*
 * The first position in [low, high] whose first commit is later than a time; high: none. Positions
 * without a commit count as the next one that has some.
 */
static bool first_later(segment_choice *all, wp_time time, size_t low, size_t high, size_t *out,
                        char *message)
{
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        size_t at;
        wp_time found;
        if (!first_commit(all, middle, high, &at, &found, message))
            return false;
        if (found == WP_TIME_UNKNOWN || found > time)
            high = middle;
        else
            low = at + 1;
    }
    *out = low;
    return true;
}

/*
 * The same, looking nearby first: what it opens on its way is read later anyway, but for the last few.
 */
static bool first_later_near(segment_choice *all, wp_time time, size_t low, size_t high,
                             size_t *out, char *message)
{
    for (size_t step = 1; low + step < high; step *= 2) {
        size_t at;
        wp_time found;
        if (!first_commit(all, low + step, high, &at, &found, message))
            return false;
        if (found == WP_TIME_UNKNOWN || found > time) {
            high = low + step;
            break;
        }
        low = at + 1;
    }
    return first_later(all, time, low, high, out, message);
}

/* Times that would leave the range of wp_time by the margin are no limit. */
static wp_time minus_margin(wp_time time)
{
    return time < INT64_MIN + TIME_MARGIN ? INT64_MIN : time - TIME_MARGIN;
}

static wp_time plus_margin(wp_time time)
{
    return time > INT64_MAX - TIME_MARGIN ? INT64_MAX : time + TIME_MARGIN;
}

bool segment_choice_narrow_by_time(segment_choice *all, wp_time since, wp_time until_time,
                                   size_t *first, size_t *until, char message[MESSAGE_BYTES])
{
    size_t begin = *first, end = *until;
    if (since != INT64_MIN) {
        if (!first_later(all, minus_margin(since), begin, end, &begin, message))
            return false;
        /* The segment before holds commits up to that one's first; one more for the margin. */
        const size_t back = 1 + SEGMENT_MARGIN;
        begin = begin - *first > back ? begin - back : *first;
    }
    if (until_time != INT64_MAX) {
        if (!first_later_near(all, plus_margin(until_time), begin, end, &end, message))
            return false;
        end = end + SEGMENT_MARGIN < *until ? end + SEGMENT_MARGIN : *until;
    }
    *first = begin;
    *until = end;
    return true;
}

void segment_choice_free(segment_choice *all)
{
    free(all->files);
    free(all->list);
    *all = (segment_choice){ 0 };
}
