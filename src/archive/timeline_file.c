/*
 * timeline_file.c - reads timeline history files, see timeline_file.h.
 *
 * As the server does: empty lines and lines that begin with # are skipped, what follows the LSN is for
 * people. The server searches positions from the newest timeline down, so a later line overrules what
 * earlier ones say of the WAL after it.
 */
#include "archive/timeline_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "file/probe.h"

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
    at = read_tli(at, end, &out->tli);
    if (!at || at == end || !is_blank(*at))
        return false;
    at = skip_blanks(at, end);
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

/*
 * Closes the open span where an ancestor ends and opens the next one there. A recovery may end before the fork of a
 * timeline that it followed: nothing of that one is in the history then.
 */
static void add_ancestor(timeline_history *history, const timeline_span *ancestor, wp_tli last)
{
    history->spans[history->nspans - 1].tli = ancestor->tli;
    while (history->spans[history->nspans - 1].begin > ancestor->end)
        history->nspans--;
    timeline_span *left = &history->spans[history->nspans - 1];
    left->end = ancestor->end;
    (void)snprintf(left->reason, sizeof left->reason, "%s", ancestor->reason);
    history->spans[history->nspans++] =
        (timeline_span){ .tli = last, .begin = ancestor->end, .end = UINT64_MAX };
}

/* Numbers rise; positions need not. */
static bool read_ancestor(const char *at, const char *end, wp_tli before, wp_tli last,
                          timeline_span *out)
{
    return read_line(at, end, out) && out->tli > before && out->tli < last && out->end != 0;
}

static bool parse_lines(wp_view text, wp_tli tli, timeline_history *out, char *message)
{
    const char *at = text.len > 0 ? (const char *)text.bytes : "";
    const char *const end = at + text.len;
    wp_tli before = 0;
    for (size_t number = 1; at < end; number++) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        const char *const stop = line_end ? line_end : end;
        const char *const first = skip_blanks(at, stop);
        timeline_span ancestor = { 0 };
        const bool is_line = first < stop && *first != '#';
        if (is_line && !read_ancestor(first, stop, before, tli, &ancestor))
            return message_fail(message, "line %zu is not an ancestor of timeline %u", number,
                                (unsigned)tli);
        if (is_line)
            add_ancestor(out, &ancestor, tli);
        before = is_line ? ancestor.tli : before;
        at = stop + (line_end != NULL);
    }
    return before != 0 || message_fail(message, "it names no ancestor");
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

timeline_answer timeline_read(prober *p, const char *path, wp_tli tli, timeline_history *out,
                              char message[MESSAGE_BYTES])
{
    size_t len = 0;
    bool is_damaged = false;
    timeline_answer answer = TIMELINE_FAILED;
    uint8_t *bytes = malloc(TIMELINE_FILE_BYTES_MAX);
    if (!bytes)
        (void)message_no_memory(message);
    else if (probe_bytes(p, path, bytes, TIMELINE_FILE_BYTES_MAX, &len, &is_damaged, message))
        answer = timeline_parse((wp_view){ bytes, len }, tli, out, message) ? TIMELINE_READ
                                                                            : TIMELINE_BAD;
    if (is_damaged) { /* as those of the parser, the line is one about the file */
        answer = TIMELINE_BAD;
        (void)message_fail(message, "its compressed data is cut short or damaged");
    }
    free(bytes);
    return answer;
}

void timeline_free(timeline_history *history)
{
    free(history->spans);
    *history = (timeline_history){ 0 };
}

wp_tli timeline_latest(wp_tli from, timeline_has_file *has_file, const void *context)
{
    while (from < UINT32_MAX && has_file(context, from + 1))
        from++;
    return from;
}
