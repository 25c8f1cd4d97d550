/* probe.c - see probe.h. */
#include "file/probe.h"

#include <stdio.h>
#include <string.h>

#include "base/message.h"

static bool open_head(prober *p, const char *path, char message[MESSAGE_BYTES])
{
    p->in = input_open_head(path, p->in, message);
    return p->in != NULL;
}

static bool read_all(prober *p, uint8_t *buf, size_t room, size_t *len, char *message)
{
    *len = 0;
    while (*len < room) {
        wp_view got;
        if (!input_read(p->in, &got, message))
            return false;
        if (got.len == 0)
            break;
        const size_t n = got.len < room - *len ? got.len : room - *len;
        memcpy(buf + *len, got.bytes, n);
        *len += n;
    }
    return true;
}

bool probe_bytes(prober *p, const char *path, uint8_t *buf, size_t room, size_t *len,
                 bool *is_damaged, char message[MESSAGE_BYTES])
{
    *is_damaged = false;
    if (!open_head(p, path, message))
        return false;
    const bool is_read = read_all(p, buf, room, len, message);
    *is_damaged = is_read && (input_is_cut(p->in) || input_is_damaged(p->in));
    (void)input_recycle(p->in);
    if (*is_damaged)
        return message_fail(message, "\"%s\": its compressed data is cut short or damaged", path);
    return is_read;
}

bool probe_head(prober *p, const char *path, probe_result *out, char message[MESSAGE_BYTES])
{
    if (!open_head(p, path, message))
        return false;
    wp_view head;
    const bool is_read = input_read(p->in, &head, message);
    if (is_read) {
        *out = (probe_result){ .is_compressed = input_is_compressed(p->in),
                               .is_encrypted = input_is_encrypted(p->in) };
        const wp_status status = wp_segment_probe(head, &out->info, &out->err);
        out->verdict = status == WP_OK    ? PROBE_SEGMENT
                       : status == WP_END ? PROBE_UNUSED
                                          : PROBE_OTHER;
        (void)holds_words(head, input_is_damaged(p->in), out->holds);
        if (head.len == 0 && input_is_damaged(p->in)) {
            out->verdict = PROBE_OTHER;
            out->err = (wp_error){ .status = WP_ERR_NOT_WAL,
                                   .text = "its compressed data cannot be unpacked" };
        }
    }
    (void)input_recycle(p->in);
    return is_read;
}

/* Bytes of a file, the position in the WAL they should be of, and the size of pages there. */
typedef struct stretch {
    wp_view bytes;
    wp_lsn start;
    uint32_t page_size;
} stretch;

/* *out: are all bytes of the file so? file: where it begins. */
static bool is_all(prober *p, const char *path, stretch file, bool (*is_so)(const stretch *part),
                   bool *out, char message[MESSAGE_BYTES])
{
    *out = true;
    p->in = input_open(path, p->in, message);
    if (!p->in)
        return false;
    bool is_read;
    do {
        is_read = input_read(p->in, &file.bytes, message);
        *out = *out && (!is_read || is_so(&file));
        file.start += file.bytes.len;
    } while (is_read && *out && file.bytes.len > 0);
    return is_read;
}

static bool is_zero_part(const stretch *part)
{
    for (size_t i = 0; i < part->bytes.len; i++)
        if (part->bytes.bytes[i] != 0)
            return false;
    return true;
}

bool probe_is_zero(prober *p, const char *path, bool *is_zero, char message[MESSAGE_BYTES])
{
    const bool is_read = is_all(p, path, (stretch){ .start = 0 }, is_zero_part, is_zero, message);
    if (!p->in)
        return false;
    *is_zero &= is_read && !input_is_cut(p->in);
    (void)input_recycle(p->in);
    return is_read;
}

/* What a page's header says of its position; zeros say 0. Little-endian, as all WAL that is read. */
static wp_lsn page_address(const uint8_t *page)
{
    enum { AT = 8, BYTES = 8 };
    wp_lsn lsn = 0;
    for (int i = BYTES; i-- > 0;)
        lsn = lsn << 8 | page[AT + i];
    return lsn;
}

/* Pieces begin at pages: input_read() gives fewer bytes than asked for only before the end. */
static bool is_older_part(const stretch *part)
{
    for (size_t at = 0; at + WP_PROBE_BYTES <= part->bytes.len; at += part->page_size)
        if (page_address(part->bytes.bytes + at) >= part->start + at)
            return false;
    return true;
}

bool probe_is_older(prober *p, const char *path, wp_lsn start, uint32_t page_size, bool *is_older,
                    char message[MESSAGE_BYTES])
{
    const stretch file = { .start = start, .page_size = page_size };
    const bool is_read = is_all(p, path, file, is_older_part, is_older, message);
    if (p->in)
        (void)input_recycle(p->in);
    return is_read;
}

static bool prepare_mapper(prober *p, const wp_segment_info *segment, char *message)
{
    const wp_mapper_config config = { .segment = *segment, .skip_dml = true };
    wp_error err;
    const wp_status status = p->mapper ? wp_mapper_reset(p->mapper, &config, &err)
                                       : wp_mapper_new(&config, &p->mapper, &err);
    return status >= 0 || message_fail(message, "%s", err.text);
}

/* The time of the first transaction end among the facts, which are then forgotten. */
static wp_time take_time(wp_facts *facts)
{
    wp_time time = WP_TIME_UNKNOWN;
    size_t pos = 0;
    for (const wp_fact *fact; time == WP_TIME_UNKNOWN && (fact = wp_facts_next(facts, &pos));)
        if (fact->kind == WP_FACT_XACT_END)
            time = ((const wp_fact_xact *)(const void *)fact)->time;
    wp_facts_clear(facts);
    return time;
}

static bool find_commit(prober *p, size_t left, wp_time *out, char *message)
{
    *out = WP_TIME_UNKNOWN;
    while (*out == WP_TIME_UNKNOWN && left > 0 && !wp_mapper_is_done(p->mapper)) {
        wp_view got;
        wp_error err;
        if (!input_read(p->in, &got, message))
            return false;
        if (got.len == 0)
            break;
        got.len = got.len < left ? got.len : left;
        left -= got.len;
        if (wp_mapper_feed(p->mapper, got, &p->facts, &err) < 0)
            return message_fail(message, "%s", err.text);
        *out = take_time(&p->facts);
    }
    return true;
}

bool probe_first_commit(prober *p, const char *path, const wp_segment_info *segment, wp_time *out,
                        char message[MESSAGE_BYTES])
{
    if (!prepare_mapper(p, segment, message) || !open_head(p, path, message))
        return false;
    const bool is_read = find_commit(p, segment->segment_size, out, message);
    (void)input_recycle(p->in);
    return is_read;
}

void probe_free(prober *p)
{
    input_free(p->in);
    wp_mapper_free(p->mapper);
    wp_facts_free(&p->facts);
    *p = (prober){ 0 };
}
