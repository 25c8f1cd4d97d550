/*
 * timeline.c - reads timeline history files, see timeline.h.
 *
 * As the server does: empty lines and lines that begin with # are skipped, what follows the LSN is for
 * people.
 */
#include "timeline.h"

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

/* One line into its ancestor and the LSN where that ends. */
static bool read_line(const char *at, const char *end, wp_tli *tli, wp_lsn *switch_lsn)
{
    const char *behind = read_tli(at, end, tli);
    if (!behind || behind == end || !is_blank(*behind))
        return false;
    return read_lsn(skip_blanks(behind, end), end, switch_lsn);
}

static size_t count_lines(wp_view text)
{
    size_t n = 1;
    for (size_t i = 0; i < text.len; i++)
        n += text.bytes[i] == '\n';
    return n;
}

/* Closes the last span at an LSN and opens the next one there. */
static bool add_ancestor(timeline_history *history, wp_tli tli, wp_lsn switch_lsn, wp_tli last)
{
    timeline_span *open = &history->spans[history->nspans - 1];
    const wp_tli before = history->nspans > 1 ? open[-1].tli : 0;
    if (tli <= before || tli >= last || switch_lsn < open->begin || switch_lsn == 0)
        return false;
    *open = (timeline_span){ tli, open->begin, switch_lsn };
    history->spans[history->nspans++] = (timeline_span){ last, switch_lsn, UINT64_MAX };
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
        wp_tli parent = 0;
        wp_lsn switch_lsn = 0;
        if (first < stop && *first != '#'
            && !(read_line(first, stop, &parent, &switch_lsn)
                 && add_ancestor(out, parent, switch_lsn, tli)))
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
    history.spans[0] = (timeline_span){ tli, 0, UINT64_MAX };
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
