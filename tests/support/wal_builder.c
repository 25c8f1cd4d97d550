/*
 * wal_builder.c - pages, records and continuation; what is in the records is in wal_records.c.
 *
 * Nothing here shares code with the library, the table of layouts (profile.h) excepted, so a mistake
 * in one is no mistake in the other.
 */
#include "wal_builder.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTRECORD 0x0001
#define LONG_HEADER 0x0002
#define BKP_REMOVABLE 0x0004 /* until 18 */
#define OVERWRITE_CONTRECORD_18 0x0008
#define OVERWRITE_CONTRECORD_19 0x0004

struct wal_builder {
    wal_config config;
    const wp_profile *profile;
    int version;
    blob out;
    size_t zeros_to; /* from out.len up to this offset lie zeros already */
    wp_lsn start, last, end;
    wal_fault fault;
};

/* ---- checksum: CRC-32C bit by bit, through a table made on first use ---- */

static uint32_t crc_of_byte(uint32_t value)
{
    for (int bit = 0; bit < 8; bit++)
        value = value & 1 ? value >> 1 ^ UINT32_C(0x82F63B78) : value >> 1;
    return value;
}

static uint32_t crc_on(uint32_t state, const uint8_t *at, size_t len)
{
    static uint32_t table[256];
    if (table[1] == 0)
        for (uint32_t i = 0; i < 256; i++)
            table[i] = crc_of_byte(i);
    for (size_t i = 0; i < len; i++)
        state = table[(state ^ at[i]) & 0xFF] ^ state >> 8;
    return state;
}

uint32_t wal_crc32c(const uint8_t *at, size_t len)
{
    return ~crc_on(UINT32_MAX, at, len);
}

void wal_reseal(uint8_t *record, size_t len)
{
    assert(len >= 24);
    const uint32_t body = crc_on(UINT32_MAX, record + 24, len - 24);
    set_u32(record + 20, ~crc_on(body, record, 20));
}

/* ---- the builder ---- */

/* What the builder freed last leaves to the next one: an empty run of bytes, zeros up to zeros_to. */
static struct {
    blob out;
    size_t zeros_to;
} spare;

static int version_number(const char *major)
{
    if (strcmp(major, "9.5") == 0)
        return 905;
    if (strcmp(major, "9.6") == 0)
        return 906;
    return 100 * (int)strtol(major, NULL, 10);
}

wal_builder *wal_new_with(const wal_config *config)
{
    wal_builder *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->out = spare.out;
    w->zeros_to = spare.zeros_to;
    spare.out = (blob){ 0 };
    spare.zeros_to = 0; /* of another builder at the same time */
    w->config = *config;
    if (w->config.max_align == 0)
        w->config.max_align = 8;
    if (w->config.segment_size == 0)
        w->config.segment_size = UINT32_C(1) << 20;
    if (w->config.segment == 0)
        w->config.segment = 1;
    if (w->config.tli == 0)
        w->config.tli = 1;
    if (w->config.system_id == 0)
        w->config.system_id = WAL_SYSTEM_ID;
    w->profile = wp_profile_by_major(config->major);
    if (!w->profile) {
        fprintf(stderr, "# no profile for PostgreSQL %s\n", config->major);
        abort();
    }
    w->version = version_number(config->major);
    w->start = (wp_lsn)w->config.segment * w->config.segment_size;
    return w;
}

wal_builder *wal_new(const char *major)
{
    return wal_new_with(&(wal_config){ .major = major });
}

/* Keeps the memory for the next builder: under AddressSanitizer fresh megabytes cost far more than the tests. */
static void recycle(wal_builder *w)
{
    blob_free(&spare.out);
    if (w->out.len > 0)
        memset(w->out.at, 0, w->out.len);
    spare.zeros_to = w->out.len > w->zeros_to ? w->out.len : w->zeros_to;
    spare.out = w->out;
    spare.out.len = 0;
}

void wal_free(wal_builder *w)
{
    if (!w)
        return;
    recycle(w);
    free(w);
}

const wp_profile *wal_profile(const wal_builder *w)
{
    return w->profile;
}

int wal_version(const wal_builder *w)
{
    return w->version;
}

uint8_t wal_max_align(const wal_builder *w)
{
    return w->config.max_align;
}

uint32_t wal_segment_size(const wal_builder *w)
{
    return w->config.segment_size;
}

wp_segment_info wal_info(const wal_builder *w, size_t i)
{
    return (wp_segment_info){
        .profile = w->profile,
        .system_identifier = w->config.system_id,
        .start_lsn = w->start + (wp_lsn)i * w->config.segment_size,
        .page_tli = w->config.tli,
        .segment_size = w->config.segment_size,
        .page_size = WAL_PAGE_BYTES,
        .max_align = w->config.max_align,
    };
}

size_t wal_segments(const wal_builder *w)
{
    return (w->out.len + w->config.segment_size - 1) / w->config.segment_size;
}

/* The bytes from one offset to another, zeros where nothing was written. */
static wp_view stretch(wal_builder *w, size_t from, size_t to)
{
    const size_t len = w->out.len;
    if (to > len && to > w->zeros_to) {
        w->out.len = len > w->zeros_to ? len : w->zeros_to;
        put_zeros(&w->out, to - w->out.len);
        w->zeros_to = to;
    }
    w->out.len = len;
    return (wp_view){ w->out.at + from, to - from };
}

wp_view wal_segment(wal_builder *w, size_t i)
{
    const size_t size = w->config.segment_size;
    assert(i < wal_segments(w));
    return stretch(w, i * size, (i + 1) * size);
}

wp_view wal_written(wal_builder *w)
{
    return stretch(w, 0, (w->out.len + WAL_PAGE_BYTES - 1) / WAL_PAGE_BYTES * WAL_PAGE_BYTES);
}

wp_lsn wal_start(const wal_builder *w)
{
    return w->start;
}

static wp_lsn position(const wal_builder *w)
{
    return w->start + w->out.len;
}

static wp_lsn aligned(const wal_builder *w, wp_lsn lsn)
{
    return (lsn + w->config.max_align - 1) & ~(wp_lsn)(w->config.max_align - 1);
}

static uint32_t page_header_bytes(const wal_builder *w, wp_lsn page)
{
    const bool first = page % w->config.segment_size == 0;
    if (w->config.max_align == 4)
        return first ? 36 : 20;
    return first ? 40 : 24;
}

static bool at_page_start(wp_lsn lsn)
{
    return lsn % WAL_PAGE_BYTES == 0;
}

wp_lsn wal_next(const wal_builder *w)
{
    const wp_lsn at = aligned(w, position(w));
    return at_page_start(at) ? at + page_header_bytes(w, at) : at;
}

wp_lsn wal_last(const wal_builder *w)
{
    return w->last;
}

wp_lsn wal_end(const wal_builder *w)
{
    return w->end;
}

uint8_t *wal_at(wal_builder *w, wp_lsn lsn)
{
    assert(lsn >= w->start && lsn < position(w));
    return w->out.at + (lsn - w->start);
}

void wal_break(wal_builder *w, wal_fault fault)
{
    w->fault = fault;
}

static bool breaks(wal_builder *w, wal_fault fault)
{
    if (w->fault != fault)
        return false;
    w->fault = WAL_FAULT_NONE;
    return true;
}

/* ---- pages ---- */

/* rem_len > 0: the page goes on with a record. */
static void begin_page(wal_builder *w, uint32_t rem_len, uint16_t flags)
{
    const wp_lsn page = position(w);
    assert(at_page_start(page));
    const bool first = page % w->config.segment_size == 0;
    if (w->version < 1900)
        flags |= BKP_REMOVABLE;
    if (first)
        flags |= LONG_HEADER;
    if (rem_len > 0 && !breaks(w, WAL_FAULT_NOT_CONTINUED))
        flags |= CONTRECORD;
    if (breaks(w, WAL_FAULT_PAGE_FLAGS))
        flags |= 0x0400;
    if (rem_len > 0 && breaks(w, WAL_FAULT_REM_LEN))
        rem_len++;
    put_u16(&w->out, breaks(w, WAL_FAULT_MAGIC) ? 0xD000 : w->profile->page_magic);
    put_u16(&w->out, flags);
    put_u32(&w->out, w->config.tli);
    put_u64(&w->out, breaks(w, WAL_FAULT_PAGE_ADDRESS) ? page + WAL_PAGE_BYTES : page);
    put_u32(&w->out, rem_len);
    put_align(&w->out, w->config.max_align);
    if (first) {
        put_u64(&w->out, w->config.system_id + (breaks(w, WAL_FAULT_SYSTEM_ID) ? 1 : 0));
        put_u32(&w->out, w->config.segment_size);
        put_u32(&w->out, WAL_PAGE_BYTES);
    }
    assert(position(w) == page + page_header_bytes(w, page));
}

/* Brings the position to where a record may begin. */
static void begin_record(wal_builder *w)
{
    put_zeros(&w->out, aligned(w, position(w)) - position(w));
    if (at_page_start(position(w)))
        begin_page(w, 0, 0);
}

static size_t room_on_page(const wal_builder *w)
{
    return WAL_PAGE_BYTES - position(w) % WAL_PAGE_BYTES;
}

wp_lsn wal_put_bytes(wal_builder *w, wp_view record)
{
    begin_record(w);
    const wp_lsn start = position(w);
    size_t done = 0;
    while (done < record.len) {
        if (at_page_start(position(w)))
            begin_page(w, (uint32_t)(record.len - done), 0);
        const size_t room = room_on_page(w), left = record.len - done;
        const size_t n = left < room ? left : room;
        put_raw(&w->out, record.bytes + done, n);
        done += n;
    }
    w->last = start;
    w->end = aligned(w, position(w));
    return start;
}

/* ---- records ---- */

blob wal_pglz(wp_view raw)
{
    blob out = { 0 };
    size_t at = 0;
    while (at < raw.len) {
        uint8_t items[8 * 3];
        size_t len = 0;
        uint8_t control = 0;
        for (int item = 0; item < 8 && at < raw.len; item++) {
            size_t run = 0;
            while (at > 0 && run < 273 && at + run < raw.len
                   && raw.bytes[at + run] == raw.bytes[at - 1])
                run++;
            if (run < 3) {
                items[len++] = raw.bytes[at++];
                continue;
            }
            control |= (uint8_t)(1 << item);
            items[len++] = (uint8_t)(run >= 18 ? 0x0F : run - 3);
            items[len++] = 1; /* the byte before */
            if (run >= 18)
                items[len++] = (uint8_t)(run - 18);
            at += run;
        }
        put_u8(&out, control);
        put_raw(&out, items, len);
    }
    return out;
}

/* One sequence of literals: the smallest thing that is a valid LZ4 block. */
static blob lz4_literals(wp_view raw)
{
    blob out = { 0 };
    assert(raw.len >= 15);
    put_u8(&out, 0xF0);
    size_t left = raw.len - 15;
    for (; left >= 255; left -= 255)
        put_u8(&out, 255);
    put_u8(&out, (uint8_t)left);
    put_view(&out, raw);
    return out;
}

/* A frame of one raw block, its size said in the header. */
static blob zstd_raw(wp_view raw)
{
    blob out = { 0 };
    put_u32(&out, 0xFD2FB528);
    if (raw.len < 256) {
        put_u8(&out, 0x20);
        put_u8(&out, (uint8_t)raw.len);
    } else {
        put_u8(&out, 0x60);
        put_u16(&out, (uint16_t)(raw.len - 256));
    }
    const uint32_t header = (uint32_t)raw.len << 3 | 1;
    put_u16(&out, (uint16_t)header);
    put_u8(&out, (uint8_t)(header >> 16));
    put_view(&out, raw);
    return out;
}

typedef struct stored_image {
    blob content;
    uint16_t hole_offset, hole_length;
    uint8_t info;
    bool is_packed;
} stored_image;

static stored_image store_image(const wal_builder *w, const wal_block *block)
{
    const wp_profile *p = w->profile;
    stored_image image = { .info = block->for_check ? 0 : p->image_apply };
    const uint8_t *page = block->page;
    if (block->packing != WAL_IMAGE_WHOLE) {
        const uint16_t lower = (uint16_t)(page[12] | page[13] << 8);
        const uint16_t upper = (uint16_t)(page[14] | page[15] << 8);
        if (lower >= 24 && lower < upper && upper <= WAL_PAGE_BYTES) {
            image.hole_offset = lower;
            image.hole_length = (uint16_t)(upper - lower);
            image.info |= 0x01;
        }
    }
    blob rest = { 0 };
    put_raw(&rest, page, image.hole_offset);
    put_raw(&rest, page + image.hole_offset + image.hole_length,
            WAL_PAGE_BYTES - image.hole_offset - image.hole_length);
    image.content = rest;
    image.is_packed = block->packing >= WAL_IMAGE_PGLZ;
    if (!image.is_packed)
        return image;
    const bool can_choose = p->image_lz4 != 0 && p->image_zstd != 0;
    if (block->packing == WAL_IMAGE_LZ4 && can_choose) {
        image.content = lz4_literals(view_of(&rest));
        image.info |= p->image_lz4;
    } else if (block->packing == WAL_IMAGE_ZSTD && can_choose) {
        image.content = zstd_raw(view_of(&rest));
        image.info |= p->image_zstd;
    } else {
        image.content = wal_pglz(view_of(&rest));
        image.info |= p->image_pglz;
    }
    blob_free(&rest);
    return image;
}

static void put_block(const wal_builder *w, const wal_block *block, blob *heads, blob *content)
{
    uint8_t flags = block->fork;
    stored_image image = { 0 };
    if (block->page)
        image = store_image(w, block);
    flags |= (uint8_t)(block->page ? 0x10 : 0);
    flags |= (uint8_t)(block->data.bytes ? 0x20 : 0);
    flags |= (uint8_t)(block->will_init ? 0x40 : 0);
    flags |= (uint8_t)(block->same_rel ? 0x80 : 0);
    put_u8(heads, block->id);
    put_u8(heads, flags);
    put_u16(heads, (uint16_t)block->data.len);
    if (block->page) {
        put_u16(heads, (uint16_t)image.content.len);
        put_u16(heads, image.hole_offset);
        put_u8(heads, image.info);
        if (image.is_packed && image.hole_length > 0)
            put_u16(heads, image.hole_length);
    }
    if (!block->same_rel)
        put_locator(heads, block->locator);
    put_u32(heads, block->number);
    put_view(content, view_of(&image.content));
    put_view(content, block->data);
    blob_free(&image.content);
}

blob wal_record_bytes(const wal_builder *w, const wal_record *record, wp_lsn prev)
{
    blob out = { 0 }, content = { 0 };
    put_u32(&out, 0);
    put_u32(&out, record->xid);
    put_u64(&out, prev);
    put_u8(&out, record->info);
    put_u8(&out, record->rmid);
    put_zeros(&out, 6);
    for (unsigned i = 0; i < record->nblocks; i++)
        put_block(w, &record->blocks[i], &out, &content);
    if (record->origin != 0) {
        put_u8(&out, 253);
        put_u16(&out, record->origin);
    }
    if (record->toplevel_xid != 0 && w->profile->has_toplevel_xid) {
        put_u8(&out, 252);
        put_u32(&out, record->toplevel_xid);
    }
    if (record->main.len > 255) {
        put_u8(&out, 254);
        put_u32(&out, (uint32_t)record->main.len);
    } else if (record->main.len > 0) {
        put_u8(&out, 255);
        put_u8(&out, (uint8_t)record->main.len);
    }
    put_view(&out, view_of(&content));
    put_view(&out, record->main);
    blob_free(&content);
    set_u32(out.at, (uint32_t)out.len);
    wal_reseal(out.at, out.len);
    return out;
}

static void break_record(wal_builder *w, blob *record)
{
    if (breaks(w, WAL_FAULT_PREV)) {
        set_u64(record->at + 8, w->last + w->config.max_align);
        wal_reseal(record->at, record->len);
    }
    if (breaks(w, WAL_FAULT_RMGR)) {
        record->at[17] = 100;
        wal_reseal(record->at, record->len);
    }
    if (breaks(w, WAL_FAULT_CRC))
        record->at[20] ^= 1;
    if (breaks(w, WAL_FAULT_LENGTH))
        set_u32(record->at, 23);
}

wp_lsn wal_put(wal_builder *w, const wal_record *record)
{
    blob b = wal_record_bytes(w, record, w->last);
    break_record(w, &b);
    const wp_lsn at = wal_put_bytes(w, view_of(&b));
    blob_free(&b);
    return at;
}

wp_lsn wal_filler(wal_builder *w, uint32_t total_bytes)
{
    if (total_bytes == 24)
        return wal_put(w, &(wal_record){ .rmid = WP_RMGR_XLOG, .info = 0x20 });
    /* Built by hand: a record may also say a short length the long way, to come out at any size. */
    assert(total_bytes >= 27);
    blob b = { 0 };
    put_u32(&b, total_bytes);
    put_u32(&b, 0);
    put_u64(&b, w->last);
    put_u8(&b, 0x20);
    put_u8(&b, WP_RMGR_XLOG);
    put_zeros(&b, 6);
    if (total_bytes - 26 <= 255) {
        put_u8(&b, 255);
        put_u8(&b, (uint8_t)(total_bytes - 26));
    } else {
        put_u8(&b, 254);
        put_u32(&b, total_bytes - 29);
    }
    put_zeros(&b, total_bytes - b.len);
    wal_reseal(b.at, b.len);
    break_record(w, &b);
    const wp_lsn at = wal_put_bytes(w, view_of(&b));
    blob_free(&b);
    return at;
}

/* Record bytes, page headers not counted, that lie between two positions. */
static uint64_t record_bytes_between(const wal_builder *w, wp_lsn from, wp_lsn to)
{
    uint64_t n = to - from;
    for (wp_lsn page = (from / WAL_PAGE_BYTES + 1) * WAL_PAGE_BYTES; page < to;
         page += WAL_PAGE_BYTES)
        n -= page_header_bytes(w, page);
    return n;
}

void wal_fill_to(wal_builder *w, wp_lsn lsn)
{
    while (wal_next(w) < lsn) {
        begin_record(w);
        const uint64_t left = record_bytes_between(w, position(w), lsn);
        assert(left >= 24 && left % w->config.max_align == 0);
        wal_filler(w, left > 100000 ? 65536 : left > 6000 ? 2048 : (uint32_t)left);
    }
    assert(wal_next(w) == lsn);
}

/* ---- ends and breaks of the WAL ---- */

/* A segment used four segments ago, full of commits from `offset` on. */
static wal_builder *older_segment(const wal_builder *w, size_t segment, size_t offset)
{
    wal_config config = w->config;
    const uint32_t number = w->config.segment + (uint32_t)segment;
    assert(number > 4);
    config.segment = number - 4;
    wal_builder *old = wal_new_with(&config);
    wal_fill_to(old, old->start + offset);
    while (old->out.len < config.segment_size)
        wal_commit(old, &(wal_xact){ .xid = 600, .time = WAL_NOON });
    return old;
}

static void copy_older(wal_builder *w, size_t from, size_t records_from)
{
    const size_t size = w->config.segment_size;
    const size_t segment = (w->out.len - 1) / size;
    wal_builder *old = older_segment(w, segment, records_from);
    put_zeros(&w->out, segment * size + from - w->out.len);
    put_raw(&w->out, old->out.at + from, size - from);
    wal_free(old);
}

void wal_recycled_tail(wal_builder *w)
{
    const size_t size = w->config.segment_size;
    const size_t page = ((w->out.len - 1) % size / WAL_PAGE_BYTES + 1) * WAL_PAGE_BYTES;
    assert(page < size);
    copy_older(w, page, 256);
}

void wal_recycled_rest(wal_builder *w)
{
    const wp_lsn next = wal_next(w);
    const size_t at = (size_t)(next % w->config.segment_size);
    copy_older(w, at, at);
}

static wp_lsn put_first_part(wal_builder *w, const wal_record *record)
{
    blob b = wal_record_bytes(w, record, w->last);
    begin_record(w);
    const wp_lsn start = position(w);
    assert(b.len > room_on_page(w));
    put_raw(&w->out, b.at, room_on_page(w));
    blob_free(&b);
    return start;
}

wp_lsn wal_put_cut(wal_builder *w, const wal_record *record)
{
    return put_first_part(w, record);
}

wp_lsn wal_put_overwritten(wal_builder *w, const wal_record *record)
{
    const wp_lsn start = put_first_part(w, record);
    begin_page(w, 0, w->version >= 1900 ? OVERWRITE_CONTRECORD_19 : OVERWRITE_CONTRECORD_18);
    blob main = { 0 };
    put_u64(&main, start);
    put_u64(&main, (uint64_t)WAL_NOON);
    wal_put(w, &(wal_record){ .rmid = WP_RMGR_XLOG, .info = 0xD0, .main = view_of(&main) });
    blob_free(&main);
    return start;
}

wp_lsn wal_switch(wal_builder *w)
{
    const wp_lsn at = wal_put(w, &(wal_record){ .rmid = WP_RMGR_XLOG, .info = 0x40 });
    const size_t size = w->config.segment_size;
    const size_t until = ((size_t)(w->last - w->start) / size + 1) * size;
    if (w->out.len > until)
        return at; /* the record itself crossed into the next segment */
    if (w->version <= 1000) {
        put_zeros(&w->out, (WAL_PAGE_BYTES - w->out.len % WAL_PAGE_BYTES) % WAL_PAGE_BYTES);
        while (w->out.len < until) {
            begin_page(w, 0, 0);
            put_zeros(&w->out, room_on_page(w));
        }
    }
    put_zeros(&w->out, until - w->out.len);
    w->end = w->start + until;
    return at;
}
