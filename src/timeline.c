/*
 * timeline.c - reads timeline history files, see timeline.h.
 *
 * As the server does: empty lines and lines that begin with # are skipped, what follows the LSN is for
 * people.
 */
#include "timeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is_blank(*at))
        at++;
    return at;
}

/* A decimal number up to 2^32 - 1, above 0. */
static const char *read_tli(const char *at, const char *end, wp_tli *out)
{
    uint64_t n = 0;
    for (; at < end && *at >= '0' && *at <= '9' && n <= UINT32_MAX; at++)
        n = n * 10 + (uint64_t)(*at - '0');
    if (n == 0 || n > UINT32_MAX)
        return NULL;
    *out = (wp_tli)n;
    return at;
}

static bool read_lsn(const char *at, const char *end, wp_lsn *out)
{
    char word[WP_LSN_TEXT_BYTES];
    size_t n = 0;
    while (at + n < end && !is_blank(at[n]))
        n++;
    if (n >= sizeof word)
        return false;
    memcpy(word, at, n);
    word[n] = '\0';
    return wp_lsn_parse(word, out);
}

/* One line into its ancestor, the LSN where that ends, and the rest. */
static bool read_line(const char *at, const char *end, timeline_span *out)
{
    const char *behind = read_tli(at, end, &out->tli);
    if (!behind || behind == end || !is_blank(*behind))
        return false;
    at = skip_blanks(behind, end);
    if (!read_lsn(at, end, &out->end))
        return false;
    while (at < end && !is_blank(*at))
        at++;
    at = skip_blanks(at, end);
    while (end > at && is_blank(end[-1]))
        end--;
    const size_t len = (size_t)(end - at);
    (void)snprintf(out->reason, sizeof out->reason, "%.*s",
                   (int)(len < sizeof out->reason ? len : sizeof out->reason - 1), at);
    return true;
}

static size_t count_lines(wp_view text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.bytes[i] == '\n';
    return n;
}

/* Closes the last span where an ancestor ends and opens the next one there. */
static bool add_ancestor(timeline_history *history, const timeline_span *ancestor, wp_tli last)
{
    timeline_span *open = &history->spans[history->nspans - 1];
    const wp_tli before = history->nspans > 1 ? open[-1].tli : 0;
    if (ancestor->tli <= before || ancestor->tli >= last || ancestor->end < open->begin
        || ancestor->end == 0)
        return false;
    const wp_lsn begin = open->begin;
    *open = *ancestor;
    open->begin = begin;
    history->spans[history->nspans++] =
        (timeline_span){ .tli = last, .begin = ancestor->end, .end = UINT64_MAX };
    return true;
}

static bool parse_lines(wp_view text, wp_tli tli, timeline_history *out, char *message)
{
    const char *at = text.len > 0 ? (const char *)text.bytes : "";
    const char *const end = at + text.len;
    for (size_t number = 1; at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = line_end ? line_end : end;
        const char *const first = skip_blanks(at, stop);
        timeline_span ancestor = { 0 };
        if (first < stop && *first != '#'
            && !(read_line(first, stop, &ancestor) && add_ancestor(out, &ancestor, tli)))
            return message_fail(message, "line %zu is no ancestor of timeline %u", number,
                                (unsigned)tli);
        at = stop + (line_end != NULL);
    }
    return out->nspans > 1 || message_fail(message, "it names no ancestor");
}

bool timeline_parse(wp_view text, wp_tli tli, timeline_history *out, char message[MESSAGE_BYTES])
{
    timeline_history history = { .nspans = 1 };
    history.spans = calloc(count_lines(text) + 1, sizeof *history.spans);
    if (!history.spans)
        return message_no_memory(message);
    history.spans[0] = (timeline_span){ .tli = tli, .end = UINT64_MAX };
    if (!parse_lines(text, tli, &history, message)) {
        timeline_free(&history);
        return false;
    }
    *out = history;
    return true;
}

void timeline_free(timeline_history *history)
{
    free(history->spans);
    *history = (timeline_history){ 0 };
}
