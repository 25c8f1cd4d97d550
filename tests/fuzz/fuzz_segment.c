/*
 * fuzz_segment.c - pages of any bytes through the mapper and the reducer, in odd pieces.
 *
 * Input: two bytes of choices, then pages.
 *
 *     byte 0   server (fuzz_choose_server)
 *     byte 1   bit 0  make the page headers right
 *              bit 1  also the records: what is continued, the back link, the checksum
 *              bit 2  small pages and segments, so that many boundaries are crossed
 *              bit 3  catalogs that have moved; temporary tables are told
 *              bits 4 to 7: size of the pieces fed
 *
 * With the records made right, everything behind the checksum is within reach: the fuzzer is free to
 * change lengths and payloads. However the bytes are cut into pieces, the facts must be the same.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "wal_builder.h"

#define INPUT_BYTES_MAX 131072
#define FIRST_SEGMENT 3u
#define RECORD_MAX 60000u

enum { FIX_PAGES = 1, FIX_RECORDS = 2, SMALL = 4, MOVED = 8 };

typedef struct input {
    fuzz_server server;
    unsigned choices;
    wp_segment_info info; /* of the first segment */
    uint8_t *bytes;
    size_t len;
} input;

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* ---- making things right ---- */

static size_t header_bytes(const input *in, size_t page)
{
    const size_t plain = in->server.max_align == 8 ? 24 : 20;
    return page % in->info.segment_size == 0 ? plain + 16 : plain;
}

static void fix_page(const input *in, size_t page)
{
    uint8_t *at = in->bytes + page;
    const bool is_first = page % in->info.segment_size == 0;
    set_u16(at, in->info.profile->page_magic);
    at[2] = (uint8_t)((at[2] & 0x0D) | (is_first ? 0x02 : 0));
    at[3] = 0;
    set_u64(at + 8, in->info.start_lsn + page);
    if (!is_first)
        return;
    uint8_t *more = at + header_bytes(in, page) - 16;
    set_u64(more, in->info.system_identifier);
    set_u32(more + 8, in->info.segment_size);
    set_u32(more + 12, in->info.page_size);
}

static void fix_pages(const input *in)
{
    for (size_t page = 0; page + header_bytes(in, page) <= in->len; page += in->info.page_size)
        fix_page(in, page);
}

/* Where the bytes of a record lie; the same walk reads and writes them. */
typedef struct pieces {
    size_t at[72], len[72];
    unsigned n;
    bool is_overwritten;
    size_t end;
} pieces;

static void set_continued(const input *in, size_t page, uint32_t left)
{
    uint8_t *at = in->bytes + page;
    at[2] = (uint8_t)(left > 0 ? at[2] | 0x01 : at[2] & ~0x01);
    set_u32(at + 16, left);
}

/* False: the record goes on behind the input, or over too many pages. */
static bool walk_record(const input *in, size_t start, uint32_t total, pieces *out)
{
    const size_t page_size = in->info.page_size;
    size_t pos = start;
    uint32_t left = total;
    *out = (pieces){ .n = 0 };
    while (left > 0 && out->n < sizeof out->at / sizeof out->at[0]) {
        if (pos % page_size == 0) {
            if (pos + header_bytes(in, pos) > in->len)
                return false;
            if (in->bytes[pos + 2] & 0x08) {
                set_continued(in, pos, 0);
                out->is_overwritten = true;
                out->end = pos;
                return true;
            }
            set_continued(in, pos, left);
            pos += header_bytes(in, pos);
        }
        const size_t room = page_size - pos % page_size;
        const size_t n = left < room ? left : room;
        if (pos + n > in->len)
            return false;
        out->at[out->n] = pos;
        out->len[out->n++] = n;
        pos += n;
        left -= (uint32_t)n;
    }
    out->end = pos;
    return left == 0;
}

static void fix_record(const input *in, const pieces *where, uint32_t total, wp_lsn prev)
{
    static uint8_t record[RECORD_MAX];
    size_t have = 0;
    for (unsigned i = 0; i < where->n; i++) {
        memcpy(record + have, in->bytes + where->at[i], where->len[i]);
        have += where->len[i];
    }
    set_u64(record + 8, prev);
    wal_reseal(record, total);
    have = 0;
    for (unsigned i = 0; i < where->n; i++) {
        memcpy(in->bytes + where->at[i], record + have, where->len[i]);
        have += where->len[i];
    }
}

/* Behind what the first page continues, if that is on this page. */
static size_t first_record(const input *in)
{
    const size_t head = header_bytes(in, 0);
    if (in->len < head || !(in->bytes[2] & 0x01))
        return 0;
    const uint32_t left = get_u32(in->bytes + 16);
    if (left > 0 && left < in->info.page_size - head)
        return head + left;
    set_continued(in, 0, 0);
    return 0;
}

static void fix_records(const input *in)
{
    const size_t align = in->server.max_align;
    size_t pos = first_record(in);
    wp_lsn prev = in->info.start_lsn - 64;
    for (;;) {
        pos = (pos + align - 1) / align * align;
        if (pos % in->info.page_size == 0) {
            if (pos + header_bytes(in, pos) > in->len)
                return;
            set_continued(in, pos, 0);
            pos += header_bytes(in, pos);
        }
        if (pos + 24 > in->len)
            return;
        const uint32_t total = get_u32(in->bytes + pos);
        pieces where;
        if (total < 24 || total > RECORD_MAX || !walk_record(in, pos, total, &where))
            return;
        if (!where.is_overwritten) {
            fix_record(in, &where, total, prev);
            prev = in->info.start_lsn + pos;
        }
        pos = where.end;
    }
}

/* ---- reading ---- */

static void must(wp_status status)
{
    if (status < 0 && status != WP_ERR_NOMEM)
        abort();
}

static void map_segment(const input *in, size_t from, size_t piece, wp_facts *facts)
{
    wp_mapper_config config = { .segment = in->info };
    config.segment.start_lsn += from;
    if (in->choices & MOVED) {
        config.moved = fuzz_moved;
        config.nmoved = fuzz_nmoved;
    }
    /* One for all inputs: making it anew is slow, and nothing may be left of the input before. */
    static wp_mapper *mapper;
    wp_error err;
    must(mapper ? wp_mapper_reset(mapper, &config, &err) : wp_mapper_new(&config, &mapper, &err));
    for (size_t pos = from; pos < in->len && !wp_mapper_is_done(mapper);) {
        const size_t n = piece && piece < in->len - pos ? piece : in->len - pos;
        uint8_t *copy = malloc(n);
        if (!copy)
            break;
        memcpy(copy, in->bytes + pos, n);
        must(wp_mapper_feed(mapper, (wp_view){ copy, n }, facts, &err));
        free(copy);
        pos += n;
    }
    must(wp_mapper_finish(mapper, facts, &err));
}

static void map_all_segments(const input *in, size_t piece, wp_facts *facts)
{
    for (size_t from = 0; from < in->len; from += in->info.segment_size)
        map_segment(in, from, piece, facts);
}

/* The first segment's header as it is, or the one that would be there. */
static bool find_geometry(input *in)
{
    wp_error err;
    if (!(in->choices & (FIX_PAGES | FIX_RECORDS)))
        return wp_segment_probe((wp_view){ in->bytes, in->len }, &in->info, &err) == WP_OK;
    const bool small = in->choices & SMALL;
    in->info = (wp_segment_info){ .profile = in->server.profile,
                                  .system_identifier = WAL_SYSTEM_ID,
                                  .page_tli = 1,
                                  .page_size = small ? 1024 : WAL_PAGE_BYTES,
                                  .segment_size = small ? 8192 : WP_SEGMENT_SIZE_MIN,
                                  .max_align = in->server.max_align };
    in->info.start_lsn = (wp_lsn)FIRST_SEGMENT * in->info.segment_size;
    fix_pages(in);
    if (in->choices & FIX_RECORDS)
        fix_records(in);
    return true;
}

static void read_input(input *in)
{
    static const size_t piece_sizes[] = { 7,    64,   200,  333,   512,   1000,  1024,  4095,
                                          8191, 8192, 8193, 12288, 16384, 20000, 65536, 100000 };
    if (!find_geometry(in))
        return;
    in->server.profile = in->info.profile;
    in->server.max_align = in->info.max_align;
    wp_facts whole = { 0 }, parts = { 0 };
    map_all_segments(in, 0, &whole);
    map_all_segments(in, piece_sizes[in->choices >> 4], &parts);
    if (whole.len != parts.len
        || (whole.len > 0 && memcmp(whole.bytes, parts.bytes, whole.len) != 0))
        abort();
    wp_facts_free(&parts);
    fuzz_reduce(&whole, in->server, in->choices & MOVED);
    wp_facts_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2 + 64 || size > INPUT_BYTES_MAX)
        return 0;
    input in = { .server = fuzz_choose_server(data[0]), .choices = data[1], .len = size - 2 };
    in.bytes = malloc(in.len);
    if (!in.bytes)
        return 0;
    memcpy(in.bytes, data + 2, in.len);
    read_input(&in);
    free(in.bytes);
    return 0;
}
