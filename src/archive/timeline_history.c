/* timeline_history.c - see timeline_history.h. */
#include "archive/timeline_history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "codec/packing.h"
#include "file/filename.h"

const find_history *timeline_history_file(const segment_files *s, wp_tli tli)
{
    for (size_t i = 0; i < s->found.nhistories; i++)
        if (s->found.histories[i].tli == tli)
            return &s->found.histories[i];
    return NULL;
}

int timeline_history_find(const timeline_history *history, wp_tli tli)
{
    for (size_t i = 0; i < history->nspans; i++)
        if (history->spans[i].tli == tli)
            return (int)i;
    return -1;
}

/* The first of a timeline's files that is one, else *used is NULL and *complaint about the first. */
static bool read_histories(segment_files *s, wp_tli tli, timeline_history *out,
                           const find_history **used, char **complaint, char *message)
{
    char why[MESSAGE_BYTES];
    *used = NULL;
    for (size_t i = 0; !*used && i < s->found.nhistories; i++) {
        const find_history *file = &s->found.histories[i];
        if (file->tli != tli)
            continue;
        const timeline_answer answer = timeline_read(&s->prober, file->path, tli, out, why);
        if (answer == TIMELINE_FAILED)
            return message_fail(message, "%s", why);
        *used = answer == TIMELINE_READ ? file : NULL;
        if (!*used && !*complaint
            && asprintf(complaint, "\"%s\" is ignored: %s", file->path, why) < 0) {
            *complaint = NULL;
            return message_no_memory(message);
        }
    }
    if (*used) {
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
    const find_history *told_by = NULL;
    char *ignored = NULL;
    wp_tli last = newest_told(s, followed);
    if (last != 0 && !read_histories(s, last, &told, &told_by, &ignored, message))
        return false;
    free(ignored);
    *out = (timeline_history){ .spans = calloc(told.nspans + s->nfiles + 1, sizeof *out->spans),
                               .nspans = told.nspans };
    if (out->spans && told_by)
        memcpy(out->spans, told.spans, told.nspans * sizeof *told.spans);
    timeline_free(&told);
    if (!out->spans)
        return message_no_memory(message);
    last = told_by ? last : 0;
    for (size_t i = 0; i < s->nfiles && s->files[i].name.tli <= followed; i++) {
        const segment_file *file = &s->files[i];
        if (!segment_files_counts(file) || file->name.tli <= last)
            continue;
        last = file->name.tli;
        add_span(out, last, file->start_lsn);
    }
    return true;
}

bool timeline_history_of(segment_files *s, wp_tli tli, timeline_history *out,
                         const find_history **file, char **complaint, char message[MESSAGE_BYTES])
{
    *complaint = NULL;
    return read_histories(s, tli, out, file, complaint, message)
           && (*file || guess_history(s, tli, out, message));
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

/* The first history of a timeline, to hold the next ones against. */
typedef struct reference {
    const find_history *file; /* NULL: none yet */
    timeline_history history;
} reference;

/* What people wrote into one is no difference, and one that is none becomes no reference. */
static bool compare(segment_files *s, reference *first, const find_history *file, bool *is_alike,
                    char *message)
{
    timeline_history history = { 0 };
    if (first->file && first->file->tli != file->tli) {
        timeline_free(&first->history);
        first->file = NULL;
    }
    if (!read_spans(s, file, &history, message))
        return false;
    *is_alike = history.nspans == 0 || !first->file || are_alike(&first->history, &history);
    if (history.nspans > 0 && !first->file)
        *first = (reference){ file, history };
    else
        timeline_free(&history);
    return true;
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
    reference first = { 0 };
    for (size_t i = 0; is_good && i < n; i++) {
        bool is_alike = true;
        is_good = compare(s, &first, sorted[i], &is_alike, message)
                  && (is_alike || call(context, first.file, sorted[i]));
    }
    timeline_free(&first.history);
    free(sorted);
    return is_good;
}

/* The first file of a timeline that is a history. */
static const find_history *find_good(segment_files *s, wp_tli tli)
{
    char why[MESSAGE_BYTES];
    for (size_t i = 0; i < s->found.nhistories; i++) {
        const find_history *file = &s->found.histories[i];
        timeline_history history = { 0 };
        const bool is_good =
            file->tli == tli
            && timeline_read(&s->prober, file->path, tli, &history, why) == TIMELINE_READ;
        timeline_free(&history);
        if (is_good)
            return file;
    }
    return NULL;
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
            is_good = call(context, file, why, find_good(s, file->tli));
        timeline_free(&history);
    }
    return is_good;
}

/* The place of a file's ending among those of packings; after them all where it has another. */
static size_t rank(const find_history *file)
{
    const char *base = filename_base(file->path), *suffix;
    const size_t stem = strlen("00000001.history");
    const char *ending = strlen(base) > stem ? base + stem : "";
    packing_id of;
    size_t i = 0;
    while ((suffix = packing_suffix(i, &of)) != NULL && strcmp(suffix, ending) != 0)
        i++;
    return i;
}

bool timeline_history_hides(const find_history *first, const find_history *second)
{
    const size_t folder = (size_t)(filename_base(first->path) - first->path);
    const bool are_together = folder == (size_t)(filename_base(second->path) - second->path)
                              && strncmp(first->path, second->path, folder) == 0;
    return are_together && rank(first) < rank(second);
}
