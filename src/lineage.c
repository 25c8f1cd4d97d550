/* lineage.c - see lineage.h. */
#include "lineage.h"

#include <stdio.h>
#include <stdlib.h>

#include "message.h"

static const find_history *find_history_file(const shelf *s, wp_tli tli)
{
    for (size_t i = 0; i < s->found.nhistories; i++)
        if (s->found.histories[i].tli == tli)
            return &s->found.histories[i];
    return NULL;
}

bool lineage_has_file(const shelf *s, wp_tli tli)
{
    return find_history_file(s, tli) != NULL;
}

int lineage_find(const timeline_history *history, wp_tli tli)
{
    for (size_t i = 0; i < history->nspans; i++)
        if (history->spans[i].tli == tli)
            return (int)i;
    return -1;
}

/* Reads and parses a history file; *is_read false with a complaint when its text is none. */
static bool read_history(shelf *s, const find_history *file, timeline_history *out, bool *is_read,
                         char **complaint, char *message)
{
    size_t len = 0;
    bool is_compressed = false;
    uint8_t *text = malloc(TIMELINE_FILE_BYTES_MAX);
    if (!text)
        return message_no_memory(message);
    char why[MESSAGE_BYTES];
    const bool is_good = probe_bytes(&s->prober, file->path, text, TIMELINE_FILE_BYTES_MAX, &len,
                                     &is_compressed, message);
    *is_read = is_good && timeline_parse((wp_view){ text, len }, file->tli, out, why);
    free(text);
    if (is_good && !*is_read && asprintf(complaint, "\"%s\" is ignored: %s", file->path, why) < 0) {
        *complaint = NULL;
        return message_no_memory(message);
    }
    return is_good;
}

/* A timeline whose first segment is not behind that of a newer one is hidden by it. */
static void add_span(timeline_history *history, wp_tli tli, wp_lsn begin)
{
    while (history->nspans > 0 && history->spans[history->nspans - 1].begin >= begin)
        history->nspans--;
    if (history->nspans > 0)
        history->spans[history->nspans - 1].end = begin;
    history->spans[history->nspans++] =
        (timeline_span){ .tli = tli, .begin = begin, .end = UINT64_MAX };
}

static bool guess_history(const shelf *s, wp_tli followed, timeline_history *out, char *message)
{
    *out = (timeline_history){ .spans = calloc(s->nfiles + 1, sizeof *out->spans) };
    if (!out->spans)
        return message_no_memory(message);
    wp_tli last = 0;
    for (size_t i = 0; i < s->nfiles && s->files[i].name.tli <= followed; i++) {
        const shelf_file *file = &s->files[i];
        if (file->state == SHELF_BAD || file->name.tli == last)
            continue;
        last = file->name.tli;
        add_span(out, last, file->start_lsn);
    }
    return true;
}

bool lineage_of(shelf *s, wp_tli tli, timeline_history *out, bool *is_from_file, char **complaint,
                char message[MESSAGE_BYTES])
{
    *complaint = NULL;
    *is_from_file = false;
    const find_history *file = find_history_file(s, tli);
    if (file && !read_history(s, file, out, is_from_file, complaint, message))
        return false;
    return *is_from_file || guess_history(s, tli, out, message);
}
