/*
 * toast.c - see toast.h. Chunks as access/common/toast_internals.c writes them, and heap_fetch_toast_slice() reads them.
 */
#include "rescue/toast.h"

#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/message.h"

#define CACHED_PAGES 16
#define CHUNK_COLUMNS 3

/* Chunks of one value that follow each other on one page, in line pointers and numbers. */
typedef struct chunk_run {
    wp_oid value;
    uint32_t seq; /* of the first one */
    uint32_t block;
    uint16_t item, count;
} chunk_run;

typedef struct cached_page {
    bool is_used;
    uint32_t block;
    uint8_t *bytes;
} cached_page;

struct toast {
    const heap *heap;
    wp_locator file;
    wp_value_config values;
    bool is_indexed, no_memory;
    chunk_run *runs; /* sorted by value and seq once all are there */
    size_t count, room;
    heap_sums sums;
    cached_page pages[CACHED_PAGES];
};

/* A chunk as a row has it. */
typedef struct chunk {
    wp_oid value;
    uint32_t seq;
    wp_view data;
} chunk;

static uint32_t get_u32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool read_chunk(const toast *t, wp_view tuple, chunk *out)
{
    static const wp_column columns[CHUNK_COLUMNS] = { { .typid = 26, .typlen = 4, .align = 'i' },
                                                      { .typid = 23, .typlen = 4, .align = 'i' },
                                                      { .typid = 17, .typlen = -1, .align = 'i' } };
    wp_datum datums[CHUNK_COLUMNS];
    if (wp_tuple_deform(&t->values, tuple, columns, CHUNK_COLUMNS, datums) != WP_VALUE_OK)
        return false;
    for (size_t i = 0; i < CHUNK_COLUMNS; i++)
        if (datums[i].kind != WP_DATUM_PLAIN)
            return false;
    *out =
        (chunk){ get_u32(datums[0].bytes.bytes), get_u32(datums[1].bytes.bytes), datums[2].bytes };
    return true;
}

/* ---- the index ------------------------------------------------------------------------------ */

static bool follows(const chunk_run *run, const chunk *c, const heap_row *row)
{
    return run->value == c->value && run->seq + run->count == c->seq && run->block == row->block
           && run->item + run->count == row->item;
}

static bool take_row(void *context, const heap_row *row)
{
    toast *const t = context;
    chunk c;
    if (!read_chunk(t, row->tuple, &c))
        return true;
    if (t->count > 0 && follows(&t->runs[t->count - 1], &c, row)) {
        t->runs[t->count - 1].count++;
        return true;
    }
    chunk_run *const run = GROW(t->runs, t->count, t->room);
    if (!run) {
        t->no_memory = true;
        return false;
    }
    *run = (chunk_run){ c.value, c.seq, row->block, row->item, 1 };
    return true;
}

static int compare_runs(const void *a, const void *b)
{
    const chunk_run *const x = a, *const y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* A table that was only ever added to is in order. */
static bool is_sorted(const toast *t)
{
    for (size_t i = 1; i < t->count; i++)
        if (compare_runs(&t->runs[i - 1], &t->runs[i]) > 0)
            return false;
    return true;
}

static bool make_index(toast *t, char message[MESSAGE_BYTES])
{
    if (!heap_rows(t->heap, &t->file, take_row, t, &t->sums, message))
        return false;
    if (t->no_memory)
        return message_no_memory(message);
    if (!is_sorted(t))
        qsort(t->runs, t->count, sizeof *t->runs, compare_runs);
    t->is_indexed = true;
    return true;
}

/* The first run of a value, or of the next one. */
static size_t first_run(const toast *t, wp_oid value)
{
    size_t low = 0, high = t->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (t->runs[middle].value < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- chunks --------------------------------------------------------------------------------- */

/* The page of a block; bytes NULL: it is not known. False with one line in message. */
static bool page_of(toast *t, uint32_t block, wp_view *out, char message[MESSAGE_BYTES])
{
    cached_page *const cached = &t->pages[block % CACHED_PAGES];
    *out = (wp_view){ 0 };
    if (!cached->is_used || cached->block != block) {
        wp_page page;
        wp_error err;
        if (wp_redo_page(t->heap->redo, &t->file, block, &page, &err) < 0)
            return message_fail(message, "%s", err.text);
        if (page.state != WP_PAGE_KNOWN)
            return true;
        if (!cached->bytes)
            cached->bytes = malloc(t->heap->block_bytes);
        if (!cached->bytes)
            return message_no_memory(message);
        memcpy(cached->bytes, page.bytes, t->heap->block_bytes);
        cached->block = block;
        cached->is_used = true;
    }
    *out = (wp_view){ cached->bytes, t->heap->block_bytes };
    return true;
}

static bool append(wp_text *to, wp_view bytes)
{
    if (to->room - to->len < bytes.len) {
        const size_t room = 2 * to->room > to->len + bytes.len ? 2 * to->room : to->len + bytes.len;
        uint8_t *const moved = realloc(to->bytes, room);
        if (!moved)
            return false;
        to->bytes = moved;
        to->room = room;
    }
    if (bytes.len > 0)
        memcpy(to->bytes + to->len, bytes.bytes, bytes.len);
    to->len += bytes.len;
    return true;
}

/* A value that is being put together. */
typedef struct assembly {
    wp_oid value;
    uint32_t next_seq;
    size_t
        chunk_bytes; /* of the first one: all are as long, but the last one, which may be shorter */
    bool is_last_seen;
    size_t bytes; /* as the pointer says */
    wp_text *room;
} assembly;

static toast_status add_run(toast *t, const chunk_run *run, assembly *a,
                            char message[MESSAGE_BYTES])
{
    wp_view page;
    if (run->seq != a->next_seq)
        return TOAST_MISSING;
    if (!page_of(t, run->block, &page, message))
        return TOAST_FAILED;
    for (uint16_t i = 0; i < run->count; i++, a->next_seq++) {
        uint16_t item = (uint16_t)(run->item + i - 1);
        wp_view tuple;
        chunk c;
        if (!page.bytes || !wp_page_next_row(page, &item, &tuple) || item != run->item + i
            || !read_chunk(t, tuple, &c) || c.value != a->value || c.seq != a->next_seq)
            return TOAST_MISSING;
        if (a->next_seq == 0)
            a->chunk_bytes = c.data.len;
        if (a->is_last_seen || c.data.len > a->chunk_bytes || c.data.len == 0
            || c.data.len > a->bytes - a->room->len)
            return TOAST_MISSING;
        a->is_last_seen = c.data.len < a->chunk_bytes;
        if (!append(a->room, c.data)) {
            (void)message_no_memory(message);
            return TOAST_FAILED;
        }
    }
    return TOAST_FOUND;
}

toast *toast_new(const heap *h, const wp_locator *file)
{
    toast *const t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->heap = h;
    t->file = *file;
    t->values = (wp_value_config){ .profile = h->profile, .max_align = h->max_align };
    return t;
}

toast_status toast_read(toast *t, const wp_datum *external, wp_text *room, wp_datum *out,
                        char message[MESSAGE_BYTES])
{
    if (!t->is_indexed && !make_index(t, message))
        return TOAST_FAILED;
    room->len = 0;
    assembly a = { .value = external->value_oid, .bytes = external->external_bytes, .room = room };
    for (size_t i = first_run(t, a.value); i < t->count && t->runs[i].value == a.value; i++) {
        const toast_status status = add_run(t, &t->runs[i], &a, message);
        if (status != TOAST_FOUND)
            return status;
    }
    const wp_view chunks = { room->bytes, room->len };
    return wp_datum_of_chunks(external, chunks, out) == WP_VALUE_OK ? TOAST_FOUND : TOAST_MISSING;
}

const heap_sums *toast_sums(const toast *t)
{
    return &t->sums;
}

void toast_free(toast *t)
{
    if (!t)
        return;
    for (size_t i = 0; i < CACHED_PAGES; i++)
        free(t->pages[i].bytes);
    free(t->runs);
    free(t);
}
