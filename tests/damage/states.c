/* states.c - see states.h. */
#include "states.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void give_up(const char *what)
{
    perror(what);
    exit(2);
}

/* Bytes without any order, the same each time. */
static void put_noise(blob *b, size_t len)
{
    uint64_t x = UINT64_C(88172645463325252);
    for (size_t i = 0; i < len; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        put_u8(b, (uint8_t)x);
    }
}

static void put_repeated(blob *b, const char *text, size_t len)
{
    const size_t n = strlen(text);
    for (size_t at = 0; at < len; at += n)
        put_raw(b, text, len - at < n ? len - at : n);
}

/* ---- all of it --------------------------------------------------------------------------------- */

static size_t bytes_of(const subject *s, long arg)
{
    return arg > 0 ? (size_t)arg : s->of->segment_size;
}

static void noise(subject *s, long arg)
{
    s->bytes.len = 0;
    put_noise(&s->bytes, bytes_of(s, arg));
}

static void text(subject *s, long arg)
{
    s->bytes.len = 0;
    put_repeated(&s->bytes, "2026-11-22 10:00:00 UTC LOG:  archive command failed\n",
                 bytes_of(s, arg));
}

static void error_page(subject *s, long arg)
{
    (void)arg;
    s->bytes.len = 0;
    put_repeated(&s->bytes,
                 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code>"
                 "<Message>The specified key does not exist.</Message></Error>",
                 131);
}

static void zeros(subject *s, long arg)
{
    s->bytes.len = 0;
    put_zeros(&s->bytes, bytes_of(s, arg));
}

static void nothing(subject *s, long arg)
{
    (void)arg;
    s->bytes.len = 0;
}

static void other_segment(subject *s, long arg)
{
    const specimen_file *from = s->file + (s->which == s->last ? -arg : arg);
    s->bytes.len = 0;
    put_raw(&s->bytes, from->bytes, from->len);
}

/* ---- its size ---------------------------------------------------------------------------------- */

static void cut_to(subject *s, long arg)
{
    if ((size_t)arg < s->bytes.len)
        s->bytes.len = (size_t)arg;
}

static void cut_off(subject *s, long arg)
{
    cut_to(s, (long)s->bytes.len - arg);
}

/* At a part of a hundred of what records take up. */
static void cut_used(subject *s, long arg)
{
    cut_to(s, (long)s->file->used * arg / 100);
}

static void add_zeros(subject *s, long arg)
{
    put_zeros(&s->bytes, (size_t)arg);
}

static void add_noise(subject *s, long arg)
{
    put_noise(&s->bytes, (size_t)arg);
}

static void double_it(subject *s, long arg)
{
    (void)arg;
    const blob once = s->bytes;
    s->bytes = (blob){ 0 };
    put_view(&s->bytes, view_of(&once));
    put_view(&s->bytes, view_of(&once));
    free(once.at);
}

static void insert_byte(subject *s, long arg)
{
    const size_t at = s->file->used / 2;
    put_u8(&s->bytes, 0);
    memmove(s->bytes.at + at + 1, s->bytes.at + at, s->bytes.len - at - 1);
    s->bytes.at[at] = (uint8_t)arg;
}

static void delete_byte(subject *s, long arg)
{
    const size_t at = s->file->used / 2;
    memmove(s->bytes.at + at, s->bytes.at + at + arg, s->bytes.len - at - (size_t)arg);
    s->bytes.len -= (size_t)arg;
}

/* As a transfer of text makes it. */
static void line_ends(subject *s, long arg)
{
    (void)arg;
    const blob before = s->bytes;
    s->bytes = (blob){ 0 };
    for (size_t i = 0; i < before.len; i++) {
        if (before.at[i] == '\n')
            put_u8(&s->bytes, '\r');
        put_u8(&s->bytes, before.at[i]);
    }
    free(before.at);
}

/* ---- page headers ------------------------------------------------------------------------------ */

/* The pages that have records: the first, one in the middle, the last. */
enum { FIRST_PAGE, MIDDLE_PAGE, LAST_PAGE };

static uint8_t *page_of(const subject *s, long which)
{
    const size_t size = s->of->page_size, pages = (s->file->used + size - 1) / size;
    const size_t page = which == FIRST_PAGE ? 0 : which == MIDDLE_PAGE ? pages / 2 : pages - 1;
    return s->bytes.at + page * size;
}

static void magic(subject *s, long arg)
{
    set_u16(page_of(s, arg), 0xD001);
}

static void no_magic(subject *s, long arg)
{
    set_u16(page_of(s, arg), 0);
}

static void flags(subject *s, long arg)
{
    page_of(s, arg)[3] |= 0x80;
}

/* Turns "this page continues a record" round. */
static void continued(subject *s, long arg)
{
    page_of(s, arg)[2] ^= 0x01;
}

static void timeline(subject *s, long arg)
{
    page_of(s, arg)[4]++;
}

static void older_timeline(subject *s, long arg)
{
    page_of(s, arg)[4]--;
}

static void every_timeline(subject *s, long arg)
{
    for (size_t at = 0; at < s->bytes.len; at += s->of->page_size)
        s->bytes.at[at + 4] = (uint8_t)arg;
}

/* A later page. */
static void address(subject *s, long arg)
{
    page_of(s, arg)[9] ^= 0x20;
    page_of(s, arg)[11] ^= 0x01;
}

static void system_identifier(subject *s, long arg)
{
    s->bytes.at[(s->of->align == 8 ? 24 : 20) + arg] ^= 0x55;
}

static void long_header_size(subject *s, long arg)
{
    s->bytes.at[(s->of->align == 8 ? 24 : 20) + 8 + 4 * arg + 2] ^= 0x30;
}

/* ---- pages ------------------------------------------------------------------------------------- */

static void zero_page(subject *s, long arg)
{
    memset(page_of(s, arg), 0, s->of->page_size);
}

static void rotate(subject *s, long arg)
{
    blob turned = { 0 };
    const size_t by = (size_t)arg * s->of->page_size;
    put_raw(&turned, s->bytes.at + by, s->bytes.len - by);
    put_raw(&turned, s->bytes.at, by);
    blob_free(&s->bytes);
    s->bytes = turned;
}

static void swap_pages(subject *s, long arg)
{
    const size_t size = s->of->page_size;
    uint8_t *a = s->bytes.at + (size_t)arg * size, *b = a + size;
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static void repeat_page(subject *s, long arg)
{
    uint8_t *page = page_of(s, arg);
    memcpy(page, page - s->of->page_size, s->of->page_size);
}

/* The record that begins at a part of a hundred of what records take up, or right before. */
static uint8_t *record_at(const subject *s, long arg)
{
    const specimen_record *r = s->of->records, *const end = r + s->of->nrecords;
    const size_t begin = (size_t)(s->file->bytes - s->of->wal.at),
                 about = begin + s->file->used * (size_t)arg / 100;
    while (r->at < begin)
        r++;
    while (r + 1 < end && r[1].at < about)
        r++;
    return s->bytes.at + (r->at - begin);
}

/* From within a record on, behind its length. */
static void zero_rest(subject *s, long arg)
{
    uint8_t *at = record_at(s, arg) + 4;
    memset(at, 0, (size_t)(s->bytes.at + s->bytes.len - at));
}

/* The transaction of a record. */
static void flip(subject *s, long arg)
{
    record_at(s, arg)[4] ^= 0x40;
}

static void noise_at(subject *s, long arg)
{
    blob some = { 0 };
    put_noise(&some, 600);
    memcpy(s->bytes.at + s->file->used * (size_t)arg / 100, some.at, some.len);
    blob_free(&some);
}

/* ---- what packs it ----------------------------------------------------------------------------- */

static void packed_part(subject *s, long arg)
{
    cut_to(s, (long)s->bytes.len * arg / 100);
}

/* Negative: counted from the end. */
static void packed_flip(subject *s, long arg)
{
    const size_t at = arg < 0 ? s->bytes.len - (size_t)-arg : (size_t)arg;
    if (at < s->bytes.len)
        s->bytes.at[at] ^= 0x10;
}

static void packed_flip_part(subject *s, long arg)
{
    s->bytes.at[s->bytes.len * (size_t)arg / 100] ^= 0x10;
}

static void packed_zero_part(subject *s, long arg)
{
    const size_t at = s->bytes.len * (size_t)arg / 100, left = s->bytes.len - at;
    memset(s->bytes.at + at, 0, left < 512 ? left : 512);
}

static void packed_again(subject *s, long arg)
{
    (void)arg;
    const blob once = s->bytes;
    s->bytes = (blob){ 0 };
    s->packed_by->pack(view_of(&once), &s->bytes);
    free(once.at);
}

static void packed_by_gzip_too(subject *s, long arg)
{
    (void)arg;
    const blob once = s->bytes;
    s->bytes = (blob){ 0 };
    packer_at(1)->pack(view_of(&once), &s->bytes);
    free(once.at);
}

/* ---- what stands in its place -------------------------------------------------------------------- */

static void no_file(subject *s, long arg)
{
    (void)s;
    (void)arg;
}

static void folder_there(subject *s, long arg)
{
    (void)arg;
    if (mkdir(s->path, 0700) != 0)
        give_up(s->path);
}

static void link_to_nothing(subject *s, long arg)
{
    (void)arg;
    if (symlink("/nowhere/at/all", s->path) != 0)
        give_up(s->path);
}

static void pipe_there(subject *s, long arg)
{
    (void)arg;
    if (mkfifo(s->path, 0600) != 0)
        give_up(s->path);
}

/* ---- under another name -------------------------------------------------------------------------- */

static void partial_with(subject *s, void (*make)(subject *s, long arg), long arg)
{
    make(s, arg);
    (void)strncat(s->name, ".partial", sizeof s->name - strlen(s->name) - 1);
}

static void partial_noise(subject *s, long arg)
{
    partial_with(s, noise, arg);
}

static void partial_text(subject *s, long arg)
{
    partial_with(s, text, arg);
}

static void partial_magic(subject *s, long arg)
{
    partial_with(s, magic, arg);
}

static void partial_flip(subject *s, long arg)
{
    partial_with(s, flip, arg);
}

/* ---- the table ----------------------------------------------------------------------------------- */

#define CONTENT STATE_OF_CONTENT
#define PACKED STATE_OF_PACKED
#define INSTEAD STATE_OF_FILE
#define DAMAGED STATE_DAMAGED
#define OTHER STATE_OTHER

// clang-format off
static const state states[] = {
    { "noise",                        CONTENT, noise,         0,         DAMAGED, ANYWHERE },
    { "some noise",                   CONTENT, noise,         100,       DAMAGED, ANYWHERE },
    { "text",                         CONTENT, text,          0,         DAMAGED, ANYWHERE },
    { "some text",                    CONTENT, text,          100,       DAMAGED, ANYWHERE },
    { "an error page",                CONTENT, error_page,    0,         DAMAGED, ANYWHERE },
    { "empty",                        CONTENT, nothing,       0,         DAMAGED, ANYWHERE },
    { "zeros",                        CONTENT, zeros,         0,         DAMAGED, ANYWHERE },
    { "some zeros",                   CONTENT, zeros,         8192,      DAMAGED, ANYWHERE },
    { "another segment",              CONTENT, other_segment, 1,         DAMAGED, ANYWHERE },
    { "one byte",                     CONTENT, cut_to,        1,         DAMAGED, ANYWHERE },
    { "cut in the first header",      CONTENT, cut_to,        23,        DAMAGED, ANYWHERE },
    { "cut behind the first header",  CONTENT, cut_to,        40,        DAMAGED, ANYWHERE },
    { "cut by one byte of a page",    CONTENT, cut_to,        8191,      DAMAGED, ANYWHERE },
    { "cut behind the first page",    CONTENT, cut_to,        8192,      DAMAGED, ANYWHERE },
    { "cut behind half a record",     CONTENT, cut_used,      50,        DAMAGED, ANYWHERE },
    { "cut behind the last record",   CONTENT, cut_used,      100,       DAMAGED, IN_NEWEST },
    { "without its last page",        CONTENT, cut_off,       8192,      DAMAGED, ANYWHERE },
    { "without its last byte",        CONTENT, cut_off,       1,         DAMAGED, ANYWHERE },
    { "a zero too many",              CONTENT, add_zeros,     1,         DAMAGED, ANYWHERE },
    { "a page of zeros too many",     CONTENT, add_zeros,     8192,      DAMAGED, ANYWHERE },
    { "noise behind it",              CONTENT, add_noise,     8192,      DAMAGED, ANYWHERE },
    { "twice",                        CONTENT, double_it,     0,         DAMAGED, ANYWHERE },
    { "a byte inserted",              CONTENT, insert_byte,   'x',       DAMAGED, ANYWHERE },
    { "a byte deleted",               CONTENT, delete_byte,   1,         DAMAGED, ANYWHERE },
    { "a page deleted",               CONTENT, delete_byte,   8192,      DAMAGED, ANYWHERE },
    { "sent as text",                 CONTENT, line_ends,     0,         DAMAGED, ANYWHERE },
    { "magic, first page",            CONTENT, magic,       FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "magic, middle page",           CONTENT, magic,       MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "magic, last page",             CONTENT, magic,       LAST_PAGE,   DAMAGED, ANYWHERE },
    { "no magic, first page",         CONTENT, no_magic,    FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "no magic, middle page",        CONTENT, no_magic,    MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "no magic, last page",          CONTENT, no_magic,    LAST_PAGE,   DAMAGED, ANYWHERE },
    { "flags, first page",            CONTENT, flags,       FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "flags, middle page",           CONTENT, flags,       MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "flags, last page",             CONTENT, flags,       LAST_PAGE,   DAMAGED, ANYWHERE },
    { "continued, first page",        CONTENT, continued,   FIRST_PAGE,  OTHER,   IN_MIDDLE | IN_NEWEST },
    { "continued, middle page",       CONTENT, continued,   MIDDLE_PAGE, OTHER,   ANYWHERE },
    { "continued, last page",         CONTENT, continued,   LAST_PAGE,   OTHER,   ANYWHERE },
    { "timeline, first page",         CONTENT, timeline,    FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "timeline, middle page",        CONTENT, timeline,    MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "timeline, last page",          CONTENT, timeline,    LAST_PAGE,   DAMAGED, ANYWHERE },
    { "timeline 0, first page",       CONTENT, older_timeline, FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "timeline 0, middle page",      CONTENT, older_timeline, MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "timeline 0, last page",        CONTENT, older_timeline, LAST_PAGE,   DAMAGED, ANYWHERE },
    { "another timeline",             CONTENT, every_timeline, 2,        DAMAGED, ANYWHERE },
    { "address, first page",          CONTENT, address,     FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "address, middle page",         CONTENT, address,     MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "address, last page",           CONTENT, address,     LAST_PAGE,   DAMAGED, ANYWHERE },
    { "another cluster",              CONTENT, system_identifier, 0,     DAMAGED, ANYWHERE },
    { "another segment size",         CONTENT, long_header_size,  0,     DAMAGED, ANYWHERE },
    { "another page size",            CONTENT, long_header_size,  1,     DAMAGED, ANYWHERE },
    { "first page zero",              CONTENT, zero_page,   FIRST_PAGE,  DAMAGED, ANYWHERE },
    { "middle page zero",             CONTENT, zero_page,   MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "last page zero",               CONTENT, zero_page,   LAST_PAGE,   DAMAGED, ANYWHERE },
    { "rotated by a page",            CONTENT, rotate,        1,         DAMAGED, ANYWHERE },
    { "rotated by half",              CONTENT, rotate,        64,        DAMAGED, ANYWHERE },
    { "first two pages swapped",      CONTENT, swap_pages,    0,         DAMAGED, ANYWHERE },
    { "two pages swapped",            CONTENT, swap_pages,    2,         DAMAGED, ANYWHERE },
    { "a page repeated",              CONTENT, repeat_page, MIDDLE_PAGE, DAMAGED, ANYWHERE },
    { "the last page repeated",       CONTENT, repeat_page, LAST_PAGE,   DAMAGED, ANYWHERE },
    { "zeros from within a record",   CONTENT, zero_rest,     50,        DAMAGED, ANYWHERE },
    { "zeros from within the first",  CONTENT, zero_rest,     0,         DAMAGED, ANYWHERE },
    { "zeros from within a late one", CONTENT, zero_rest,     99,        DAMAGED, ANYWHERE },
    { "zeros from within the last",   CONTENT, zero_rest,     100,       DAMAGED, IN_NEWEST },
    { "a bit of the first record",    CONTENT, flip,          2,         DAMAGED, ANYWHERE },
    { "a bit in the middle",          CONTENT, flip,          50,        DAMAGED, ANYWHERE },
    { "a bit late",                   CONTENT, flip,          99,        DAMAGED, ANYWHERE },
    { "a bit of the last record",     CONTENT, flip,          100,       DAMAGED, IN_NEWEST },
    { "noise within",                 CONTENT, noise_at,      30,        DAMAGED, ANYWHERE },
    { "partial: noise",               CONTENT, partial_noise, 0,         DAMAGED, IN_NEWEST },
    { "partial: some noise",          CONTENT, partial_noise, 5000,      DAMAGED, IN_NEWEST },
    { "partial: text",                CONTENT, partial_text,  0,         DAMAGED, IN_NEWEST },
    { "partial: some text",           CONTENT, partial_text,  500,       DAMAGED, IN_NEWEST },
    { "partial: magic, first page",   CONTENT, partial_magic, FIRST_PAGE,  DAMAGED, IN_NEWEST },
    { "partial: magic, middle page",  CONTENT, partial_magic, MIDDLE_PAGE, DAMAGED, IN_NEWEST },
    { "partial: a bit in the middle", CONTENT, partial_flip,  50,        DAMAGED, IN_NEWEST },

    { "packed: one byte",             PACKED,  cut_to,          1,       DAMAGED, ANYWHERE },
    { "packed: four bytes",           PACKED,  cut_to,          4,       DAMAGED, ANYWHERE },
    { "packed: its head",             PACKED,  cut_to,          12,      DAMAGED, ANYWHERE },
    { "packed: cut at a tenth",       PACKED,  packed_part,     10,      DAMAGED, ANYWHERE },
    { "packed: cut in the middle",    PACKED,  packed_part,     50,      DAMAGED, ANYWHERE },
    { "packed: cut near its end",     PACKED,  packed_part,     98,      DAMAGED, ANYWHERE },
    { "packed: eight bytes short",    PACKED,  cut_off,         8,       DAMAGED, ANYWHERE },
    { "packed: one byte short",       PACKED,  cut_off,         1,       DAMAGED, ANYWHERE },
    { "packed: byte 0",               PACKED,  packed_flip,     0,       OTHER,   ANYWHERE },
    { "packed: byte 1",               PACKED,  packed_flip,     1,       OTHER,   ANYWHERE },
    { "packed: byte 3",               PACKED,  packed_flip,     3,       OTHER,   ANYWHERE },
    { "packed: byte 6",               PACKED,  packed_flip,     6,       OTHER,   ANYWHERE },
    { "packed: byte 11",              PACKED,  packed_flip,     11,      OTHER,   ANYWHERE },
    { "packed: a bit early",          PACKED,  packed_flip_part, 20,     OTHER,   ANYWHERE },
    { "packed: a bit in the middle",  PACKED,  packed_flip_part, 50,     OTHER,   ANYWHERE },
    { "packed: a bit late",           PACKED,  packed_flip_part, 90,     OTHER,   ANYWHERE },
    { "packed: zeros in the middle",  PACKED,  packed_zero_part, 50,     OTHER,   ANYWHERE },
    { "packed: eighth last byte",     PACKED,  packed_flip,     -8,      OTHER,   ANYWHERE },
    { "packed: fourth last byte",     PACKED,  packed_flip,     -4,      OTHER,   ANYWHERE },
    { "packed: last byte",            PACKED,  packed_flip,     -1,      OTHER,   ANYWHERE },
    { "packed: a byte too many",      PACKED,  add_noise,       1,       OTHER,   ANYWHERE },
    { "packed: noise behind it",      PACKED,  add_noise,       100,     OTHER,   ANYWHERE },
    { "packed: zeros behind it",      PACKED,  add_zeros,       512,     OTHER,   ANYWHERE },
    { "packed: twice in one file",    PACKED,  double_it,       0,       DAMAGED, ANYWHERE },
    { "packed: packed twice",         PACKED,  packed_again,    0,       DAMAGED, ANYWHERE },
    { "packed: by gzip as well",      PACKED,  packed_by_gzip_too, 0,    DAMAGED, ANYWHERE },

    { "a folder",                     INSTEAD, folder_there,    0,       DAMAGED, ANYWHERE },
    { "a link to nothing",            INSTEAD, link_to_nothing, 0,       DAMAGED, ANYWHERE },
    { "a named pipe",                 INSTEAD, pipe_there,      0,       DAMAGED, ANYWHERE },
    { "gone",                         INSTEAD, no_file,         0,       STATE_GONE, IN_MIDDLE },
};
// clang-format on

const state *state_at(size_t i)
{
    return i < sizeof states / sizeof *states ? &states[i] : NULL;
}
