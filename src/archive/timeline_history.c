/* timeline_history.c - see timeline_history.h. */
#include "archive/timeline_history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"

bool timeline_history_has_file(const segment_files *s, wp_tli tli)
{
    for (size_t i = 0; i < s->found.nhistories; i++)
        if (s->found.histories[i].tli == tli)
            return true;
    return false;
}

int timeline_history_find(const timeline_history *history, wp_tli tli)
{
    for (size_t i = 0; i < history->nspans; i++)
        if (history->spans[i].tli == tli)
            return (int)i;
    return -1;
}

/* The first of a timeline's files that is one; without any, *complaint is about the first. */
static bool read_histories(segment_files *s, wp_tli tli, timeline_history *out, bool *is_read,
                           char **complaint, char *message)
{
    char why[MESSAGE_BYTES];
    *is_read = false;
    for (size_t i = 0; !*is_read && i < s->found.nhistories; i++) {
        const find_history *file = &s->found.histories[i];
        if (file->tli != tli)
            continue;
        const timeline_answer answer = timeline_read(&s->prober, file->path, tli, out, why);
        if (answer == TIMELINE_FAILED)
            return message_fail(message, "%s", why);
        *is_read = answer == TIMELINE_READ;
        if (!*is_read && !*complaint
            && asprintf(complaint, "\"%s\" is ignored: %s", file->path, why) < 0) {
            *complaint = NULL;
            return message_no_memory(message);
        }
    }
    if (*is_read) {
        free(*complaint);
        *complaint = NULL;
    }
    return true;
}

/* A timeline whose first segment is not before that of a newer one is hidden by it. */
static void add_span(timeline_history *history, wp_tli tli, wp_lsn begin)
{
    while (history->nspans > 0 && history->spans[history->nspans - 1].begin >= begin)
        history->nspans--;
    if (history->nspans > 0)
        history->spans[history->nspans - 1].end = begin;
    history->spans[history->nspans++] =
        (timeline_span){ .tli = tli, .begin = begin, .end = UINT64_MAX };
}

/* The newest timeline before one that has a history file. */
static wp_tli newest_told(const segment_files *s, wp_tli before)
{
    wp_tli newest = 0;
    for (size_t i = 0; i < s->found.nhistories; i++)
        if (s->found.histories[i].tli < before && s->found.histories[i].tli > newest)
            newest = s->found.histories[i].tli;
    return newest;
}

/* Begins with the history of the newest older timeline that has a file, and goes on with the segments. */
static bool guess_history(segment_files *s, wp_tli followed, timeline_history *out, char *message)
{
    timeline_history told = { 0 };
    bool is_told = false;
    char *ignored = NULL;
    wp_tli last = newest_told(s, followed);
    if (last != 0 && !read_histories(s, last, &told, &is_told, &ignored, message))
        return false;
    free(ignored);
    *out = (timeline_history){ .spans = calloc(told.nspans + s->nfiles + 1, sizeof *out->spans),
                               .nspans = told.nspans };
    if (out->spans && is_told)
        memcpy(out->spans, told.spans, told.nspans * sizeof *told.spans);
    timeline_free(&told);
    if (!out->spans)
        return message_no_memory(message);
    last = is_told ? last : 0;
    for (size_t i = 0; i < s->nfiles && s->files[i].name.tli <= followed; i++) {
        const segment_file *file = &s->files[i];
        if (!segment_files_counts(file) || file->name.tli <= last)
            continue;
        last = file->name.tli;
        add_span(out, last, file->start_lsn);
    }
    return true;
}

bool timeline_history_of(segment_files *s, wp_tli tli, timeline_history *out, bool *is_from_file,
                         char **complaint, char message[MESSAGE_BYTES])
{
    *complaint = NULL;
    return read_histories(s, tli, out, is_from_file, complaint, message)
           && (*is_from_file || guess_history(s, tli, out, message));
}

/* ---- copies --------------------------------------------------------------------------------- */

static int by_tli(const void *a, const void *b)
{
    const find_history *const x = *(const find_history *const *)a;
    const find_history *const y = *(const find_history *const *)b;
    return x->tli != y->tli ? (x->tli > y->tli) - (x->tli < y->tli) : (x > y) - (x < y);
}

static bool are_alike(const timeline_history *a, const timeline_history *b)
{
    bool is_alike = a->nspans == b->nspans;
    for (size_t i = 0; is_alike && i < a->nspans; i++)
        is_alike = a->spans[i].tli == b->spans[i].tli && a->spans[i].end == b->spans[i].end;
    return is_alike;
}

/* One that is no history has nothing. */
static bool read_spans(segment_files *s, const find_history *file, timeline_history *out,
                       char *message)
{
    char why[MESSAGE_BYTES];
    return timeline_read(&s->prober, file->path, file->tli, out, why) != TIMELINE_FAILED
           || message_fail(message, "%s", why);
}

/* What people wrote into one is no difference. */
static bool compare(segment_files *s, const find_history *a, const find_history *b, bool *is_alike,
                    char *message)
{
    timeline_history first = { 0 }, second = { 0 };
    const bool is_good = read_spans(s, a, &first, message) && read_spans(s, b, &second, message);
    *is_alike = is_good && are_alike(&first, &second);
    timeline_free(&first);
    timeline_free(&second);
    return is_good;
}

bool timeline_history_each_conflict(segment_files *s, timeline_history_pair *call, void *context,
                                    char message[MESSAGE_BYTES])
{
    const size_t n = s->found.nhistories;
    const find_history **sorted = calloc(n + 1, sizeof *sorted);
    bool is_good = sorted != NULL || message_no_memory(message);
    for (size_t i = 0; is_good && i < n; i++)
        sorted[i] = &s->found.histories[i];
    if (is_good && n > 1)
        qsort(sorted, n, sizeof *sorted, by_tli);
    for (size_t i = 1, first = 0; is_good && i < n; i++) {
        bool is_alike = true;
        if (sorted[i]->tli != sorted[first]->tli)
            first = i;
        else
            is_good = compare(s, sorted[first], sorted[i], &is_alike, message);
        if (is_good && !is_alike)
            is_good = call(context, sorted[first], sorted[i]);
    }
    free(sorted);
    return is_good;
}

bool timeline_history_each_unreadable(segment_files *s, timeline_history_unreadable *call,
                                      void *context)
{
    bool is_good = true;
    for (size_t i = 0; is_good && i < s->found.nhistories; i++) {
        const find_history *file = &s->found.histories[i];
        timeline_history history = { 0 };
        char why[MESSAGE_BYTES];
        if (timeline_read(&s->prober, file->path, file->tli, &history, why) != TIMELINE_READ)
            is_good = call(context, file, why);
        timeline_free(&history);
    }
    return is_good;
}
