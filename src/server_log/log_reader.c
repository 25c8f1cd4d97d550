/*
 * log_reader.c - see log_reader.h.
 *
 * Lines are cut out of a buffer that windows of the file are added to. The line after an entry tells where it ends, so one
 * line is always read ahead.
 */
#include "server_log/log_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "file/stream.h"
#include "server_log/csvlog.h"
#include "server_log/jsonlog.h"

#define BUFFER_BYTES (LOG_ENTRY_BYTES_MAX + STREAM_WINDOW_BYTES)

struct log_reader {
    stream *stream;
    const log_layout *layout;
    log_clock clock;
    uint8_t *buffer; /* BUFFER_BYTES */
    size_t at, len;  /* what is left of it is buffer[at .. len) */
    bool is_at_end;
    wp_view line; /* read ahead; len 0: there is none */
    bool is_line_cut;
    bool has_odd_quotes;        /* the rest of the last line, which was passed over */
    uint64_t lines, entry_line; /* read so far, the one ahead among them */
    uint8_t *entry;             /* LOG_ENTRY_BYTES_MAX + 1 */
    size_t entry_len;
    bool is_entry_cut;
};

log_reader *log_reader_new(void)
{
    log_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return NULL;
    r->stream = stream_new();
    r->buffer = malloc(BUFFER_BYTES);
    r->entry = malloc(LOG_ENTRY_BYTES_MAX + 1);
    if (r->stream != NULL && r->buffer != NULL && r->entry != NULL)
        return r;
    log_reader_free(r);
    return NULL;
}

void log_reader_free(log_reader *r)
{
    if (r == NULL)
        return;
    stream_free(r->stream);
    free(r->buffer);
    free(r->entry);
    free(r);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* Adds a window, for which there must be room. */
static bool add_window(log_reader *r, char message[MESSAGE_BYTES])
{
    wp_view window;
    if (!stream_read(r->stream, &window, message))
        return false;
    r->is_at_end = window.len == 0;
    memcpy(r->buffer + r->len, window.bytes, window.len);
    r->len += window.len;
    return true;
}

static void compact(log_reader *r)
{
    memmove(r->buffer, r->buffer + r->at, r->len - r->at);
    r->len -= r->at;
    r->at = 0;
}

/* Passes over the rest of a line that is too long. */
static bool skip_line(log_reader *r, char message[MESSAGE_BYTES])
{
    for (;;) {
        const uint8_t *start = r->buffer + r->at;
        const uint8_t *newline = memchr(start, '\n', r->len - r->at);
        const size_t n = newline != NULL ? (size_t)(newline - start) + 1 : r->len - r->at;
        r->has_odd_quotes = csvlog_is_open((wp_view){ start, n }, r->has_odd_quotes);
        if (newline != NULL) {
            r->at += n;
            return true;
        }
        r->at = r->len = 0;
        if (r->is_at_end)
            return true;
        if (!add_window(r, message))
            return false;
    }
}

/* The next line with its newline; len 0: there is none. */
static bool next_line(log_reader *r, char message[MESSAGE_BYTES])
{
    size_t looked = 0;
    r->is_line_cut = false;
    for (;;) {
        const uint8_t *start = r->buffer + r->at;
        const uint8_t *newline = memchr(start + looked, '\n', r->len - r->at - looked);
        if (newline != NULL || r->is_at_end) {
            r->line.bytes = start;
            r->line.len = newline != NULL ? (size_t)(newline - start) + 1 : r->len - r->at;
            r->is_line_cut = newline == NULL;
            r->at += r->line.len;
            break;
        }
        looked = r->len - r->at;
        if (looked >= LOG_ENTRY_BYTES_MAX) {
            /* The line stays at the front of the buffer until the next call, which passes over its rest. */
            compact(r);
            r->line = (wp_view){ r->buffer, LOG_ENTRY_BYTES_MAX };
            r->at = r->line.len;
            r->is_line_cut = true;
            break;
        }
        if (r->len + STREAM_WINDOW_BYTES > BUFFER_BYTES)
            compact(r);
        if (!add_window(r, message))
            return false;
    }
    r->lines += r->line.len > 0;
    return true;
}

/* Puts the line that was read ahead to the entry, and reads the next one ahead. */
static bool take_line(log_reader *r, char message[MESSAGE_BYTES])
{
    const size_t room = LOG_ENTRY_BYTES_MAX - r->entry_len;
    const size_t n = r->line.len < room ? r->line.len : room;
    const bool is_too_long = r->is_line_cut && !(r->is_at_end && r->at == r->len);
    memcpy(r->entry + r->entry_len, r->line.bytes, n);
    r->entry_len += n;
    r->is_entry_cut |= n < r->line.len || r->is_line_cut;
    r->has_odd_quotes = false;
    if (is_too_long && !skip_line(r, message))
        return false;
    return next_line(r, message);
}

/* ---- entries --------------------------------------------------------------------------------- */

/* A field of csv in quotes goes on in the next line; that of an entry which is too long is followed, too. */
static bool take_csv(log_reader *r, char message[MESSAGE_BYTES])
{
    bool is_open = csvlog_is_open(r->line, false);
    if (!take_line(r, message))
        return false;
    is_open ^= r->has_odd_quotes;
    while (is_open && r->line.len > 0 && !csvlog_begins_anew(r->line)) {
        is_open = csvlog_is_open(r->line, is_open);
        if (!take_line(r, message))
            return false;
        is_open ^= r->has_odd_quotes;
    }
    return true;
}

static bool take_stderr(log_reader *r, char message[MESSAGE_BYTES])
{
    if (!take_line(r, message))
        return false;
    while (r->line.len > 0 && r->line.bytes[0] == '\t') {
        if (!take_line(r, message))
            return false;
    }
    return true;
}

log_status log_reader_next(log_reader *r, log_entry *out, char message[MESSAGE_BYTES])
{
    bool is_one = false;
    if (r->line.len == 0)
        return LOG_END;
    r->entry_len = 0;
    r->is_entry_cut = false;
    r->entry_line = r->lines;
    const bool is_read = r->layout->format == LOG_CSV      ? take_csv(r, message)
                         : r->layout->format == LOG_STDERR ? take_stderr(r, message)
                                                           : take_line(r, message);
    if (!is_read)
        return LOG_FAILED;
    if (r->layout->format == LOG_CSV)
        is_one = csvlog_read(&r->clock, r->entry, r->entry_len, r->is_entry_cut, out);
    else if (r->layout->format == LOG_JSON)
        is_one = jsonlog_read(&r->clock, r->entry, r->entry_len, r->is_entry_cut, out);
    else
        is_one = log_prefix_read(&r->layout->prefix, &r->clock, r->entry, r->entry_len, out);
    out->format = "ocjs"[r->layout->format];
    return is_one ? LOG_ENTRY : LOG_NO_ENTRY;
}

bool log_reader_open(log_reader *r, const char *path, const log_layout *layout,
                     char message[MESSAGE_BYTES])
{
    r->layout = layout;
    r->clock = (log_clock){ 0 };
    r->at = r->len = 0;
    r->is_at_end = false;
    r->lines = 0;
    return stream_open(r->stream, path, STREAM_WINDOW_BYTES, false, message)
           && next_line(r, message);
}

bool log_reader_go_to(log_reader *r, uint64_t at, bool *is_there, char message[MESSAGE_BYTES])
{
    if (!stream_seek(r->stream, at, is_there, message))
        return false;
    if (!*is_there)
        return true;
    r->at = r->len = 0;
    r->is_at_end = false;
    r->lines = 0;
    return (at == 0 || skip_line(r, message)) && next_line(r, message);
}

bool log_reader_count_lines(log_reader *r, const char *path, uint64_t until, uint64_t *out,
                            char message[MESSAGE_BYTES])
{
    wp_view window = { NULL, 1 };
    *out = 0;
    if (!stream_open(r->stream, path, STREAM_WINDOW_BYTES, false, message))
        return false;
    while (until > 0 && window.len > 0) {
        if (!stream_read(r->stream, &window, message))
            return false;
        const size_t n = window.len < until ? window.len : (size_t)until;
        const uint8_t *at = window.bytes, *end = at + n;
        while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
            ++*out;
            at++;
        }
        until -= n;
    }
    return true;
}

uint64_t log_reader_line(const log_reader *r)
{
    return r->entry_line;
}

bool log_reader_is_cut(const log_reader *r)
{
    return stream_is_cut(r->stream);
}

/* ---- formats --------------------------------------------------------------------------------- */

bool log_reader_head(log_reader *r, const char *path, wp_view *out, char message[MESSAGE_BYTES])
{
    r->at = r->len = 0;
    r->is_at_end = false;
    if (!stream_open(r->stream, path, STREAM_WINDOW_BYTES, false, message))
        return false;
    while (r->len < LOG_HEAD_BYTES && !r->is_at_end) {
        if (!add_window(r, message))
            return false;
    }
    *out = (wp_view){ r->buffer, r->len < LOG_HEAD_BYTES ? r->len : LOG_HEAD_BYTES };
    return true;
}

/* The first line that is an entry of a format; those before it may be torn. */
static bool has_entry(wp_view head, bool (*read)(log_clock *, uint8_t *, size_t, bool, log_entry *),
                      wp_time *time)
{
    log_clock clock = { 0 };
    log_entry entry;
    size_t at = 0;
    for (int tried = 0; tried < 50 && at < head.len; tried++) {
        const uint8_t *start = head.bytes + at, *newline = memchr(start, '\n', head.len - at);
        const size_t len = newline != NULL ? (size_t)(newline - start) + 1 : head.len - at;
        uint8_t *copy = malloc(len);
        if (copy == NULL)
            return false;
        memcpy(copy, start, len);
        const bool is_one =
            read(&clock, copy, len, newline == NULL, &entry)
            || (read == csvlog_read && csvlog_is_open((wp_view){ start, len }, false)
                && csvlog_read(&clock, memcpy(copy, start, len), len, true, &entry));
        free(copy);
        if (is_one) {
            *time = entry.time;
            return true;
        }
        at += len;
    }
    return false;
}

/* Do most lines hold a time near their beginning? */
static bool has_times(wp_view head)
{
    log_clock clock = { 0 };
    size_t lines = 0, timed = 0;
    for (size_t at = 0; at < head.len && lines < 50; lines++) {
        const uint8_t *start = head.bytes + at, *newline = memchr(start, '\n', head.len - at);
        const size_t len = newline != NULL ? (size_t)(newline - start) : head.len - at;
        at += len + 1;
        for (size_t i = 0; i < 40 && i + 21 < len; i++) {
            wp_time time, resolution;
            wp_view zone;
            if (log_time_read(&clock, (wp_view){ start + i, len - i }, &time, &resolution, &zone)
                > 0) {
                timed++;
                break;
            }
        }
    }
    return timed > 0 && timed * 2 >= lines;
}

/* Of the first entry of a stderr log. */
static wp_time first_stderr_time(wp_view head, const log_prefix *prefix)
{
    log_clock clock = { 0 };
    log_entry entry;
    uint8_t line[1024];
    for (size_t at = 0; at < head.len;) {
        const uint8_t *start = head.bytes + at, *newline = memchr(start, '\n', head.len - at);
        const size_t len = newline != NULL ? (size_t)(newline - start) : head.len - at;
        const size_t n = len < sizeof line ? len : sizeof line;
        at += len + 1;
        memcpy(line, start, n);
        if (log_prefix_read(prefix, &clock, line, n, &entry) && entry.time != WP_TIME_UNKNOWN)
            return entry.time;
    }
    return WP_TIME_UNKNOWN;
}

void log_layout_of(wp_view head, const log_prefix *prefix, log_layout *out)
{
    size_t lines;
    *out = (log_layout){ .first_time = WP_TIME_UNKNOWN };
    if (has_entry(head, csvlog_read, &out->first_time)) {
        out->format = LOG_CSV;
    } else if (head.len > 0 && head.bytes[0] == '{'
               && has_entry(head, jsonlog_read, &out->first_time)) {
        out->format = LOG_JSON;
    } else if (has_times(head) || prefix != NULL) {
        out->is_guessed = prefix == NULL;
        if (prefix != NULL)
            out->prefix = *prefix;
        else if (!log_prefix_guess(head, &out->prefix, &lines))
            out->is_unclear = true;
        if (!out->is_unclear)
            out->first_time = first_stderr_time(head, &out->prefix);
        if (!out->is_unclear && (out->first_time != WP_TIME_UNKNOWN || out->is_guessed))
            out->format = LOG_STDERR;
        else
            out->is_unclear = true;
    }
}
