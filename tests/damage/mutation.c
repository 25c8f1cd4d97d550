/* mutation.c - see mutation.h. */
#include "mutation.h"

#include <stdlib.h>
#include <string.h>

#include "wal_builder.h"

#define RECORD_HEADER_BYTES 24u
#define CONTINUED 0x01u
#define RUN_MAX 12u

/* ---- chance ------------------------------------------------------------------------------------ */

typedef struct dice {
    uint64_t state;
} dice;

/* splitmix64 */
static uint64_t throw_dice(dice *d)
{
    uint64_t z = d->state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static size_t below(dice *d, size_t n)
{
    return n ? (size_t)(throw_dice(d) % n) : 0;
}

/* Small ones are more frequent. */
static size_t some_length(dice *d, size_t max)
{
    const size_t n = (size_t)1 << below(d, 15), len = 1 + below(d, n);
    return len < max ? len : max;
}

/* ---- bytes ------------------------------------------------------------------------------------- */

typedef struct change {
    const specimen *of;
    const specimen_file *file;
    blob *bytes;
    dice *d;
} change;

/* Mostly where records are. */
static size_t some_place(const change *c)
{
    const size_t used = c->file->used && c->file->used <= c->bytes->len && below(c->d, 8) > 0
                            ? c->file->used
                            : c->bytes->len;
    return below(c->d, used);
}

static size_t some_page(const change *c)
{
    return c->of->page_size ? some_place(c) / c->of->page_size * c->of->page_size : 0;
}

static size_t room_at(const change *c, size_t at)
{
    return c->bytes->len - at;
}

static void flip_bit(const change *c)
{
    c->bytes->at[some_place(c)] ^= (uint8_t)(1u << below(c->d, 8));
}

static void set_byte(const change *c)
{
    static const uint8_t values[] = { 0, 1, 0x7F, 0x80, 0xFE, 0xFF };
    c->bytes->at[some_place(c)] =
        below(c->d, 2) ? values[below(c->d, sizeof values)] : (uint8_t)throw_dice(c->d);
}

static void fill(const change *c, bool is_noise, uint8_t value)
{
    const size_t at = some_place(c), len = some_length(c->d, room_at(c, at));
    for (size_t i = 0; i < len; i++)
        c->bytes->at[at + i] = is_noise ? (uint8_t)throw_dice(c->d) : value;
}

static void fill_zeros(const change *c)
{
    fill(c, false, 0);
}

static void fill_noise(const change *c)
{
    fill(c, true, 0);
}

static void fill_ones(const change *c)
{
    fill(c, false, 0xFF);
}

static void copy_range(const change *c)
{
    const size_t from = some_place(c), to = some_place(c);
    const size_t room = room_at(c, from > to ? from : to);
    memmove(c->bytes->at + to, c->bytes->at + from, some_length(c->d, room));
}

static void swap_ranges(const change *c)
{
    size_t a = some_place(c), b = some_place(c);
    if (a > b) {
        const size_t other = a;
        a = b;
        b = other;
    }
    const size_t len = some_length(c->d, b - a < room_at(c, b) ? b - a : room_at(c, b));
    for (size_t i = 0; i < len && b > a; i++) {
        const uint8_t byte = c->bytes->at[a + i];
        c->bytes->at[a + i] = c->bytes->at[b + i];
        c->bytes->at[b + i] = byte;
    }
}

static void insert_bytes(const change *c)
{
    const size_t at = some_place(c), len = some_length(c->d, 9000), behind = room_at(c, at);
    put_zeros(c->bytes, len);
    memmove(c->bytes->at + at + len, c->bytes->at + at, behind);
    /* Half the time its size stays. */
    if (below(c->d, 2))
        c->bytes->len -= len;
}

static void delete_bytes(const change *c)
{
    const size_t at = some_place(c), len = some_length(c->d, room_at(c, at));
    memmove(c->bytes->at + at, c->bytes->at + at + len, room_at(c, at) - len);
    memset(c->bytes->at + c->bytes->len - len, 0, len);
    if (below(c->d, 2))
        c->bytes->len -= len;
}

static void cut(const change *c)
{
    c->bytes->len = some_place(c);
}

static void lengthen(const change *c)
{
    put_zeros(c->bytes, some_length(c->d, SIZE_MAX));
}

static void zero_page(const change *c)
{
    const size_t at = some_page(c), room = room_at(c, at);
    memset(c->bytes->at + at, 0, c->of->page_size < room ? c->of->page_size : room);
}

static void swap_pages(const change *c)
{
    const size_t a = some_page(c), b = some_page(c), size = c->of->page_size;
    if (b + size > c->bytes->len || a + size > c->bytes->len)
        return;
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = c->bytes->at[a + i];
        c->bytes->at[a + i] = c->bytes->at[b + i];
        c->bytes->at[b + i] = byte;
    }
}

static void page_header(const change *c)
{
    const size_t at = some_page(c) + below(c->d, 24);
    if (at < c->bytes->len)
        c->bytes->at[at] ^= (uint8_t)(1u << below(c->d, 8));
}

/* The same place of another file. */
static void from_another(const change *c)
{
    const specimen_file *other = &c->of->files[below(c->d, c->of->nfiles)];
    const size_t at = some_page(c);
    if (at >= other->len)
        return;
    const size_t room = room_at(c, at) < other->len - at ? room_at(c, at) : other->len - at;
    memcpy(c->bytes->at + at, other->bytes + at, below(c->d, 4) ? some_length(c->d, room) : room);
}

/* To the end of the file. */
static void zero_rest(const change *c)
{
    const size_t at = some_place(c);
    memset(c->bytes->at + at, 0, room_at(c, at));
}

/* A field of a record's header: length, transaction, back link, kind, checksum. */
static void record_header(const change *c)
{
    const specimen *s = c->of;
    if (s->nrecords == 0)
        return;
    const size_t begin = (size_t)(c->file->bytes - s->wal.at);
    for (unsigned tries = 0; tries < 50; tries++) {
        const size_t at =
            s->records[below(c->d, s->nrecords)].at + below(c->d, RECORD_HEADER_BYTES);
        if (at < begin || at >= begin + c->bytes->len)
            continue;
        c->bytes->at[at - begin] ^= (uint8_t)(1u << below(c->d, 8));
        return;
    }
}

static const struct {
    const char *what;
    void (*make)(const change *c);
    unsigned weight;
} byte_changes[] = {
    { "a bit", flip_bit, 12 },
    { "a byte", set_byte, 8 },
    { "zeros", fill_zeros, 6 },
    { "noise", fill_noise, 4 },
    { "ones", fill_ones, 2 },
    { "a range copied", copy_range, 6 },
    { "ranges swapped", swap_ranges, 5 },
    { "bytes inserted", insert_bytes, 3 },
    { "bytes deleted", delete_bytes, 3 },
    { "cut", cut, 5 },
    { "lengthened", lengthen, 2 },
    { "a page zeroed", zero_page, 4 },
    { "pages swapped", swap_pages, 4 },
    { "a page header", page_header, 8 },
    { "of another file", from_another, 4 },
    { "zeros to the end", zero_rest, 4 },
    { "a record's header", record_header, 10 },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Its row, by weight. */
static size_t some_byte_change(dice *d)
{
    size_t total = 0, i = 0;
    for (size_t k = 0; k < COUNT(byte_changes); k++)
        total += byte_changes[k].weight;
    for (size_t at = below(d, total); at >= byte_changes[i].weight; i++)
        at -= byte_changes[i].weight;
    return i;
}

static void change_bytes(mutation *m, const specimen *s, dice *d)
{
    m->file = below(d, s->nfiles);
    const specimen_file *file = &s->files[m->file];
    blob *bytes = &m->bytes[m->file];
    put_raw(bytes, file->bytes, file->len);
    const change c = { .of = s, .file = file, .bytes = bytes, .d = d };
    for (size_t times = below(d, 8) > 0 ? 1 : 1 + below(d, 4); times > 0 && bytes->len > 0;
         times--) {
        const size_t i = some_byte_change(d);
        m->what = byte_changes[i].what;
        byte_changes[i].make(&c);
    }
}

/* ---- records ----------------------------------------------------------------------------------- */

/* A run of records that is laid anew, to the same length. */
typedef struct run {
    const specimen *of;
    uint8_t *wal;    /* of->wal, to be changed */
    size_t first, n; /* of of->records */
    blob records[RUN_MAX];
    size_t nrecords; /* now */
} run;

static size_t aligned(const specimen *s, size_t len)
{
    return (len + s->align - 1) / s->align * s->align;
}

static void set_continued(uint8_t *page, uint32_t left)
{
    page[2] = (uint8_t)(left > 0 ? page[2] | CONTINUED : page[2] & ~CONTINUED);
    set_u32(page + 16, left);
}

/* A page header on the way is made right. Returns where the next byte goes. */
static size_t enter_page(const run *r, size_t at, uint32_t left)
{
    if (at % r->of->page_size != 0)
        return at;
    set_continued(r->wal + at, left);
    return at + specimen_header(r->of, at);
}

static size_t lay(const run *r, size_t at, blob *record, uint64_t *prev)
{
    at = enter_page(r, at, 0);
    set_u64(record->at + 8, *prev);
    wal_reseal(record->at, record->len);
    *prev = r->of->start_lsn + at;
    for (size_t done = 0; done < record->len;) {
        at = enter_page(r, at, (uint32_t)(record->len - done));
        const size_t room = r->of->page_size - at % r->of->page_size, left = record->len - done;
        const size_t n = left < room ? left : room;
        memcpy(r->wal + at, record->at + done, n);
        at += n;
        done += n;
    }
    const size_t end = aligned(r->of, at);
    memset(r->wal + at, 0, end - at);
    return end;
}

static void take_record(const specimen *s, size_t i, blob *out)
{
    out->len = 0;
    put_zeros(out, s->records[i].len);
    specimen_take(s, &s->records[i], s->wal.at, out->at);
}

static void lay_all(run *r)
{
    const specimen *s = r->of;
    size_t at = s->records[r->first].at;
    uint64_t prev;
    memcpy(&prev, r->records[0].at + 8, sizeof prev);
    if (r->first > 0)
        prev = s->start_lsn + s->records[r->first - 1].at;
    for (size_t i = 0; i < r->nrecords; i++)
        at = lay(r, at, &r->records[i], &prev);
    const size_t next = r->first + r->n;
    if (next >= s->nrecords)
        return;
    /* Where a switch lies between, the next one begins elsewhere, but it points back all the same. */
    blob behind = { 0 };
    take_record(s, next, &behind);
    (void)lay(r, s->records[next].at, &behind, &prev);
    blob_free(&behind);
}

/* XLOG NOOP: one piece of main data, or nothing. */
static void make_noop(blob *record, size_t len)
{
    record->len = 0;
    put_u32(record, (uint32_t)len);
    put_zeros(record, 12);
    put_u8(record, 0x20);
    put_zeros(record, 7);
    if (len > RECORD_HEADER_BYTES + 2 + 255) {
        put_u8(record, 254);
        put_u32(record, (uint32_t)(len - RECORD_HEADER_BYTES - 5));
    } else if (len > RECORD_HEADER_BYTES) {
        put_u8(record, 255);
        put_u8(record, (uint8_t)(len - RECORD_HEADER_BYTES - 2));
    }
    put_zeros(record, len - record->len);
}

static void bits_of_payload(run *r, dice *d)
{
    blob *b = &r->records[0];
    if (b->len > RECORD_HEADER_BYTES)
        for (size_t times = 1 + below(d, 6); times > 0; times--)
            b->at[RECORD_HEADER_BYTES + below(d, b->len - RECORD_HEADER_BYTES)] ^=
                (uint8_t)(1u << below(d, 8));
}

/* The heads of blocks and data come first: sizes, ids, flags. */
static void bytes_of_heads(run *r, dice *d)
{
    static const uint8_t values[] = { 0, 1, 2, 0x7F, 0x80, 0xFC, 0xFD, 0xFE, 0xFF };
    blob *b = &r->records[0];
    const size_t room = b->len - RECORD_HEADER_BYTES, heads = room < 60 ? room : 60;
    for (size_t times = 1 + below(d, 3); heads > 0 && times > 0; times--)
        b->at[RECORD_HEADER_BYTES + below(d, heads)] =
            below(d, 2) ? values[below(d, COUNT(values))] : (uint8_t)throw_dice(d);
}

static void kind_of_record(run *r, dice *d)
{
    r->records[0].at[16 + below(d, 2)] = (uint8_t)(below(d, 2) ? throw_dice(d) : below(d, 24));
}

static void another_transaction(run *r, dice *d)
{
    const specimen *s = r->of;
    uint8_t head[RECORD_HEADER_BYTES];
    specimen_record other = s->records[below(d, s->nrecords)];
    other.len = RECORD_HEADER_BYTES;
    specimen_take(s, &other, s->wal.at, head);
    memcpy(r->records[0].at + 4, head + 4, 4);
}

static void removed(run *r, dice *d)
{
    const size_t i = below(d, r->nrecords);
    make_noop(&r->records[i], aligned(r->of, r->records[i].len));
}

static void reordered(run *r, dice *d)
{
    for (size_t i = r->nrecords - 1; i > 0; i--) {
        const size_t k = below(d, i + 1);
        const blob other = r->records[i];
        r->records[i] = r->records[k];
        r->records[k] = other;
    }
}

/* In the place of another that is at least as long. */
static void repeated(run *r, dice *d)
{
    const size_t i = below(d, r->nrecords), k = below(d, r->nrecords);
    const size_t need = aligned(r->of, r->records[i].len), have = aligned(r->of, r->records[k].len);
    if (i == k || need > have || (have > need && have - need < RECORD_HEADER_BYTES + 8))
        return;
    blob *copy = &r->records[k];
    copy->len = 0;
    put_raw(copy, r->records[i].at, r->records[i].len);
    if (have > need)
        make_noop(&r->records[r->nrecords++], have - need);
}

/* Its length says something else, and the next one begins there. */
static void cut_record(run *r, dice *d)
{
    blob *b = &r->records[0];
    const size_t have = aligned(r->of, b->len), len = RECORD_HEADER_BYTES + below(d, b->len - 23);
    const size_t need = aligned(r->of, len);
    if (have - need < RECORD_HEADER_BYTES + 8)
        return;
    b->len = len;
    set_u32(b->at, (uint32_t)len);
    make_noop(&r->records[r->nrecords++], have - need);
}

static const struct {
    const char *what;
    void (*make)(run *r, dice *d);
} record_changes[] = {
    { "bits of a record", bits_of_payload },
    { "heads within a record", bytes_of_heads },
    { "the kind of a record", kind_of_record },
    { "another transaction", another_transaction },
    { "a record removed", removed },
    { "records reordered", reordered },
    { "a record repeated", repeated },
    { "a record cut", cut_record },
};

/* The files that differ now. */
static void keep_changed(mutation *m, const specimen *s, const uint8_t *wal)
{
    for (size_t i = 0; i < s->nfiles; i++) {
        const specimen_file *file = &s->files[i];
        const uint8_t *now = wal + (file->bytes - s->wal.at);
        if (!file->is_segment || memcmp(now, file->bytes, file->len) == 0)
            continue;
        put_raw(&m->bytes[i], now, file->len);
        m->file = i;
    }
}

/* `wal` is of->wal as it was, and is so again afterwards. */
static void change_run(mutation *m, const specimen *s, uint8_t *wal, dice *d)
{
    run r = { .of = s, .wal = wal, .first = below(d, s->nrecords), .n = 2 + below(d, RUN_MAX - 3) };
    /* A switch ends a run: what is behind it lies in the next segment. */
    for (size_t i = 0; i < r.n; i++) {
        const size_t at = r.first + i;
        if (at + 1 >= s->nrecords || s->records[at].end != s->records[at + 1].at) {
            const bool is_page = at + 1 < s->nrecords && s->records[at].end % s->page_size == 0
                                 && s->records[at + 1].at - s->records[at].end <= 40;
            if (!is_page)
                r.n = i + 1;
        }
        take_record(s, at, &r.records[r.nrecords++]);
    }
    const size_t i = below(d, COUNT(record_changes));
    m->what = record_changes[i].what;
    record_changes[i].make(&r, d);
    lay_all(&r);
    for (size_t k = 0; k < RUN_MAX; k++)
        blob_free(&r.records[k]);
}

static void change_records(mutation *m, const specimen *s, dice *d)
{
    uint8_t *wal = malloc(s->wal.len);
    if (!wal)
        abort();
    memcpy(wal, s->wal.at, s->wal.len);
    change_run(m, s, wal, d);
    keep_changed(m, s, wal);
    free(wal);
}

/* ---- both -------------------------------------------------------------------------------------- */

void mutation_make(mutation *m, const specimen *s, uint64_t number, mutation_kind kind)
{
    dice d = { number };
    for (size_t i = 0; i < SPECIMEN_FILES_MAX; i++)
        m->bytes[i].len = 0;
    m->kind = kind;
    m->what = "nothing";
    m->file = 0;
    if (kind == MUTATION_OF_BYTES)
        change_bytes(m, s, &d);
    else
        change_records(m, s, &d);
}

void mutation_free(mutation *m)
{
    for (size_t i = 0; i < SPECIMEN_FILES_MAX; i++)
        blob_free(&m->bytes[i]);
}

/* Up to the end of which record nothing has changed: in the file. Not one run of segments: as it says. */
static size_t last_sound_end(const specimen *s, const specimen_file *file, size_t changed)
{
    const size_t begin = s->wal.len ? (size_t)(file->bytes - s->wal.at) : 0;
    size_t end = 0;
    if (s->nrecords == 0)
        return changed;
    for (size_t i = 0; i < s->nrecords && s->records[i].end <= begin + changed; i++)
        end = s->records[i].end;
    return end > begin ? end - begin : 0;
}

bool mutation_is_end(const mutation *m, const specimen *s)
{
    const specimen_file *file = &s->files[m->file];
    const blob *now = &m->bytes[m->file];
    size_t changed = 0;
    if (now->len != file->len)
        return false;
    while (changed < now->len && now->at[changed] == file->bytes[changed])
        changed++;
    size_t at = last_sound_end(s, file, changed);
    if (at == 0)
        return false;
    /* The header of a page on which nothing follows may be there. */
    if (s->page_size && at % s->page_size == 0 && at < now->len && now->at[at])
        at += 24;
    while (at < now->len && now->at[at] == 0)
        at++;
    return at >= now->len;
}
