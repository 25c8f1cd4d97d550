/*
 * test_input.c - plain and gzip files give their bytes, what is not read is named. The other packed
 * formats are in test_codec.c.
 */
#include <unistd.h>

#include "cases.h"
#include "folder.h"
#include "file/input.h"

#define CONTENT_BYTES 300000u /* more than two windows */

/* Bytes that deflate makes smaller, but not by much. */
static blob content(size_t len)
{
    blob b = { 0 };
    uint32_t x = 12345;
    for (size_t i = 0; i < len; i++) {
        x = x * 1664525 + 1013904223;
        put_u8(&b, (uint8_t)(x >> 28));
    }
    return b;
}

/* What a file gives until its end. */
typedef struct reading {
    bool is_open, is_cut, is_compressed;
    size_t nreads, first_len, largest_len;
    bool has_short_middle; /* a window before the last one was not full */
    blob bytes;
    char message[512];
} reading;

static void note_window(reading *r, wp_view window)
{
    r->has_short_middle |= r->nreads > 0 && r->largest_len == INPUT_WINDOW_BYTES
                           && r->bytes.len % INPUT_WINDOW_BYTES != 0;
    r->first_len = r->nreads == 0 ? window.len : r->first_len;
    r->largest_len = window.len > r->largest_len ? window.len : r->largest_len;
    r->nreads++;
    put_raw(&r->bytes, window.bytes, window.len);
}

static input *read_with(const char *path, bool as_head, input *reuse, reading *out)
{
    *out = (reading){ 0 };
    input *in = as_head ? input_open_head(path, reuse, out->message)
                        : input_open(path, reuse, out->message);
    out->is_open = in != NULL;
    wp_view window = { 0 };
    while (in && input_read(in, &window, out->message) && window.len > 0)
        note_window(out, window);
    if (in) {
        out->is_cut = input_is_cut(in);
        out->is_compressed = input_is_compressed(in);
    }
    return in;
}

static reading read_file(const char *path)
{
    reading got;
    input_free(read_with(path, false, NULL, &got));
    return got;
}

/* ---- gzip ----------------------------------------------------------------------------------- */

typedef enum packing {
    PLAIN,
    ONE,
    EMPTY_FIRST,
    THREE,
    GARBAGE,
    PADDED,
    CUT,
    FLIPPED,
    NO_TRAILER
} packing;

static blob pack(packing how, wp_view v)
{
    blob b = { 0 };
    const size_t third = v.len / 3;
    switch (how) {
    case PLAIN:
        put_view(&b, v);
        break;
    case EMPTY_FIRST:
        put_gzip(&b, (wp_view){ v.bytes, 0 });
        put_gzip(&b, v);
        break;
    case THREE:
        put_gzip(&b, (wp_view){ v.bytes, third });
        put_gzip(&b, (wp_view){ v.bytes + third, third });
        put_gzip(&b, (wp_view){ v.bytes + 2 * third, v.len - 2 * third });
        break;
    default:
        put_gzip(&b, v);
        break;
    }
    switch (how) {
    case GARBAGE:
        put_raw(&b, "rubbish behind the end", 22);
        break;
    case PADDED:
        put_zeros(&b, 4096);
        break;
    case CUT:
        b.len = b.len * 2 / 3;
        break;
    case NO_TRAILER:
        b.len -= 8;
        break;
    case FLIPPED:
        b.at[b.len / 2] ^= 0x40;
        break;
    default:
        break;
    }
    return b;
}

typedef struct gzip_case {
    const char *name;
    packing how;
    size_t len;
    bool is_cut;
    size_t at_least; /* bytes that must come out when it is cut */
} gzip_case;

static const gzip_case gzip_cases[] = {
    { "plain file", PLAIN, CONTENT_BYTES, false, 0 },
    { "plain file of exactly two windows", PLAIN, 2 * INPUT_WINDOW_BYTES, false, 0 },
    { "empty file", PLAIN, 0, false, 0 },
    { "one gzip member", ONE, CONTENT_BYTES, false, 0 },
    { "gzip of nothing", ONE, 0, false, 0 },
    { "gzip of exactly one window", ONE, INPUT_WINDOW_BYTES, false, 0 },
    { "an empty member first, as pg_basebackup writes", EMPTY_FIRST, CONTENT_BYTES, false, 0 },
    { "three members", THREE, CONTENT_BYTES, false, 0 },
    { "garbage behind the last member", GARBAGE, CONTENT_BYTES, false, 0 },
    { "zeros behind the last member", PADDED, CONTENT_BYTES, false, 0 },
    { "a stream that ends early", CUT, CONTENT_BYTES, true, CONTENT_BYTES / 2 },
    { "a stream without its trailer", NO_TRAILER, CONTENT_BYTES, true, CONTENT_BYTES },
    { "a flipped bit", FLIPPED, CONTENT_BYTES, true, CONTENT_BYTES / 4 },
};

static void unpacks(void **state)
{
    const gzip_case *row = *state;
    folder f = folder_new();
    blob wanted = content(row->len), packed = pack(row->how, view_of(&wanted));
    put_file(&f, "file", view_of(&packed));
    for (int as_head = 0; as_head < 2; as_head++) {
        reading got;
        input_free(read_with(in_folder(&f, "file"), as_head, NULL, &got));
        assert_true(got.is_open);
        assert_int_equal(got.is_cut, row->is_cut);
        assert_int_equal(got.is_compressed, row->how != PLAIN);
        assert_true(got.largest_len <= INPUT_WINDOW_BYTES);
        assert_false(!as_head && got.has_short_middle);
        assert_true(got.first_len <= (as_head ? INPUT_HEAD_BYTES : INPUT_WINDOW_BYTES));
        if (row->is_cut)
            assert_in_range(got.bytes.len, row->at_least, wanted.len);
        else
            assert_int_equal(got.bytes.len, wanted.len);
        /* After a flipped bit the bytes may be wrong: the records' own checksums find that. */
        if (got.bytes.len > 0 && row->how != FLIPPED)
            assert_memory_equal(got.bytes.at, wanted.at, got.bytes.len);
        blob_free(&got.bytes);
    }
    blob_free(&wanted);
    blob_free(&packed);
    folder_remove(&f);
}

/* Every length a gzip file can be cut at: never a failure, never a wrong byte. */
static void gzip_cut_anywhere(void **state)
{
    (void)state;
    folder f = folder_new();
    blob wanted = content(500), packed = pack(ONE, view_of(&wanted));
    input *in = NULL;
    for (size_t len = 3; len < packed.len; len++) {
        reading got;
        put_file(&f, "file", (wp_view){ packed.at, len });
        in = read_with(in_folder(&f, "file"), false, in, &got);
        assert_true(got.is_open && got.is_cut && got.bytes.len <= wanted.len);
        if (got.bytes.len > 0)
            assert_memory_equal(got.bytes.at, wanted.at, got.bytes.len);
        blob_free(&got.bytes);
    }
    input_free(in);
    blob_free(&wanted);
    blob_free(&packed);
    folder_remove(&f);
}

/* ---- what is not read ----------------------------------------------------------------------- */

typedef struct refused_case {
    const char *name;
    const char *bytes;
    size_t len, offset;
    const char *words; /* in the message */
} refused_case;

#define MAGIC(text) text, sizeof(text) - 1, 0

static const refused_case refused_cases[] = {
    { "lz4 in the old form", MAGIC("\x02\x21\x4C\x18"),
      "in the old form, which this program does not read" },
    { "lzop", MAGIC("\x89LZO\0\r\n\x1A\n"), "lzop-compressed" },
    { "compress", MAGIC("\x1F\x9D\x90"),
      "compressed by compress(1), which this program does not read: unpack it first (gzip -d)" },
    { "tar", "ustar", 5, 257, "a tar archive" },
    { "OpenSSL", MAGIC("Salted__"), "encrypted (OpenSSL)" },
    { "age", MAGIC("age-encryption.org/v1\n"), "encrypted (age)" },
    { "age with armour", MAGIC("-----BEGIN AGE ENCRYPTED FILE-----\n"), "encrypted (age)" },
    { "pghoard", MAGIC("pghoa1\1\0"), "encrypted (pghoard)" },
    { "WAL-G with a key of Yandex Cloud", MAGIC("yckms\0\0\1"), "fetch it with wal-g wal-fetch" },
    { "the same in an envelope", MAGIC("envelope-yc-kms\0"), "fetch it with wal-g wal-fetch" },
    { "OpenPGP with armour", MAGIC("-----BEGIN PGP MESSAGE-----\n"), "encrypted (OpenPGP)" },
    { "OpenPGP, for a public key", MAGIC("\x85\x01\x0C"), "encrypted (OpenPGP)" },
    { "OpenPGP, for a password", MAGIC("\x8C\x0D\x04"), "encrypted (OpenPGP)" },
};

static void refuses(void **state)
{
    const refused_case *row = *state;
    folder f = folder_new();
    blob b = { 0 };
    put_zeros(&b, row->offset);
    put_raw(&b, row->bytes, row->len);
    put_zeros(&b, 1000);
    put_file(&f, "000000010000000000000001", view_of(&b));
    const reading got = read_file(in_folder(&f, "000000010000000000000001"));
    assert_false(got.is_open);
    assert_non_null(strstr(got.message, row->words));
    assert_non_null(strstr(got.message, "000000010000000000000001"));
    assert_null(strchr(got.message, '\n'));
    blob_free(&b);
    folder_remove(&f);
}

/* A name that says packed and bytes of no known format: damage, and the reader is told. */
static void packed_by_name_only(void **state)
{
    (void)state;
    static const struct {
        const char *name, *bytes;
        bool is_damaged;
    } rows[] = {
        { "000000010000000000000001.gz", "noise noise noise", true },
        { "000000010000000000000001-0123456789abcdef0123456789abcdef01234567.lz4", "noise", true },
        { "000000010000000000000001.gz.aes", "noise noise noise", true },
        { "000000010000000000000001", "noise noise noise", false },
        { "000000010000000000000001.gz", "\x10\xD1 like a page", false },
        { "000000010000000000000001.gz.partial", "", false },
    };
    folder f = folder_new();
    for (size_t i = 0; i < COUNT(rows); i++) {
        char message[512];
        wp_view got;
        put_text(&f, rows[i].name, rows[i].bytes);
        input *in = input_open(in_folder(&f, rows[i].name), NULL, message);
        assert_non_null(in);
        assert_true(input_read(in, &got, message));
        assert_int_equal(input_is_damaged(in), rows[i].is_damaged);
        assert_int_equal(input_is_cut(in), rows[i].is_damaged);
        assert_false(input_is_compressed(in));
        input_free(in);
    }
    folder_remove(&f);
}

/* Frames to be skipped and then neither lz4 nor zstd: nothing of it is handed out. */
static void frames_before_noise(void **state)
{
    (void)state;
    folder f = folder_new();
    put_file(&f, "file", (wp_view){ (const uint8_t *)"\x5F\x2A\x4D\x18\2\0\0\0abnoise", 15 });
    reading got;
    input *in = read_with(in_folder(&f, "file"), false, NULL, &got);
    assert_true(got.is_open && got.is_cut && input_is_damaged(in));
    assert_int_equal(got.bytes.len, 0);
    input_free(in);
    folder_remove(&f);
}

/* Whatever the low byte of a page magic is: it is never taken for a packed stream. */
static void page_magics_are_plain(void **state)
{
    (void)state;
    folder f = folder_new();
    input *in = NULL;
    for (unsigned low = 0; low < 256; low++) {
        const uint8_t head[40] = { (uint8_t)low, low % 2 ? 0xD0 : 0xD1, 7 };
        reading got;
        put_file(&f, "file", (wp_view){ head, sizeof head });
        in = read_with(in_folder(&f, "file"), false, in, &got);
        assert_true(got.is_open && !got.is_compressed);
        assert_int_equal(got.bytes.len, sizeof head);
        blob_free(&got.bytes);
    }
    input_free(in);
    folder_remove(&f);
}

static void unreadable_files_are_named(void **state)
{
    (void)state;
    folder f = folder_new();
    put_subfolder(&f, "sub");
    reading got = read_file(in_folder(&f, "not-there"));
    assert_false(got.is_open);
    assert_non_null(strstr(got.message, "not-there\": No such file"));
    got = read_file(in_folder(&f, "sub"));
    assert_false(got.is_open);
    assert_non_null(strstr(got.message, "Is a directory"));
    folder_remove(&f);
}

/* One input after another in the same buffers: nothing of the one before shines through. */
static void reuse_forgets(void **state)
{
    (void)state;
    static const packing order[] = { ONE, PLAIN, CUT, ONE, GARBAGE, PLAIN, THREE };
    folder f = folder_new();
    input *in = NULL;
    for (size_t i = 0; i < COUNT(order); i++) {
        blob wanted = content(150000 + i), packed = pack(order[i], view_of(&wanted));
        put_file(&f, "file", view_of(&packed));
        reading got;
        in = read_with(in_folder(&f, "file"), i % 2, input_recycle(in), &got);
        assert_int_equal(got.is_cut, order[i] == CUT);
        if (order[i] != CUT)
            assert_int_equal(got.bytes.len, wanted.len);
        assert_memory_equal(got.bytes.at, wanted.at, got.bytes.len);
        blob_free(&got.bytes);
        blob_free(&wanted);
        blob_free(&packed);
    }
    input_free(in);
    folder_remove(&f);
}

/* All bytes again after the first read, and no way back after the second. */
static void rewinds_after_one_read(void **state)
{
    (void)state;
    static const packing order[] = { PLAIN, ONE, PADDED };
    folder f = folder_new();
    for (size_t i = 0; i < COUNT(order); i++) {
        char message[512];
        blob wanted = content(150000), packed = pack(order[i], view_of(&wanted));
        put_file(&f, "file", view_of(&packed));
        input *in = input_open_head(in_folder(&f, "file"), NULL, message);
        reading got = { 0 };
        wp_view window;
        assert_non_null(in);
        assert_true(input_read(in, &window, message) && window.len == INPUT_HEAD_BYTES);
        assert_true(input_rewind(in) && input_rewind(in));
        while (input_read(in, &window, message) && window.len > 0)
            note_window(&got, window);
        assert_int_equal(got.bytes.len, wanted.len);
        assert_memory_equal(got.bytes.at, wanted.at, got.bytes.len);
        assert_false(input_rewind(in));
        input_free(in);
        blob_free(&got.bytes);
        blob_free(&wanted);
        blob_free(&packed);
    }
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewinds_after_one_read), cmocka_unit_test(gzip_cut_anywhere),
        cmocka_unit_test(packed_by_name_only),    cmocka_unit_test(frames_before_noise),
        cmocka_unit_test(page_magics_are_plain),  cmocka_unit_test(unreadable_files_are_named),
        cmocka_unit_test(reuse_forgets),
    };
    return RUN_CASES("input", gzip_cases, unpacks) + RUN_CASES("refused", refused_cases, refuses)
           + cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
