/*
 * test_codec.c - every packed form of a real segment gives that segment; whatever is cut off or changed
 * gives less of it, never a crash. The files in tests/fixtures/codecs were made by the formats' own tools.
 */
#include <stdio.h>

#define ZLIB_CONST
#include <zlib.h>

#include "cases.h"
#include "codec/packing.h"
#include "folder.h"
#include "file/input.h"

#define FIXTURES "tests/fixtures/"
#define SEGMENT_BYTES 1048576u

/* ---- files ---------------------------------------------------------------------------------- */

static blob load(const char *path)
{
    FILE *f = fopen(path, "rb");
    blob b = { 0 };
    uint8_t piece[4096];
    assert_non_null(f);
    for (size_t n; (n = fread(piece, 1, sizeof piece, f)) > 0;)
        put_raw(&b, piece, n);
    fclose(f);
    return b;
}

static blob load_packed(const char *name)
{
    char path[200];
    snprintf(path, sizeof path, FIXTURES "codecs/%s", name);
    return load(path);
}

/* The segment, by zlib alone. */
static const blob *segment(void)
{
    static blob b;
    if (b.len > 0)
        return &b;
    gzFile f = gzopen(FIXTURES "demo/wal/00000001000000000000000D.gz", "rb");
    uint8_t piece[4096];
    assert_non_null(f);
    for (int n; (n = gzread(f, piece, sizeof piece)) > 0;)
        put_raw(&b, piece, (size_t)n);
    gzclose(f);
    assert_int_equal(b.len, SEGMENT_BYTES);
    return &b;
}

/* What a file gives. */
typedef struct reading {
    bool is_open, is_read, is_cut, is_damaged;
    blob bytes;
    char message[512];
} reading;

/* A damaged stream may hold more than a segment: no more than this is read of it. */
#define READ_MAX ((size_t)SEGMENT_BYTES * 2)

static input *read_file(const char *path, input *reuse, reading *out)
{
    *out = (reading){ 0 };
    input *in = input_open(path, reuse, out->message);
    out->is_open = out->is_read = in != NULL;
    while (out->is_read && out->bytes.len < READ_MAX) {
        wp_view window;
        out->is_read = input_read(in, &window, out->message);
        if (!out->is_read || window.len == 0)
            break;
        assert_true(window.len <= INPUT_WINDOW_BYTES);
        put_view(&out->bytes, window);
    }
    if (in) {
        out->is_cut = input_is_cut(in);
        out->is_damaged = input_is_damaged(in);
    }
    return in;
}

static bool is_prefix(const blob *of, const blob *whole)
{
    return of->len <= whole->len && (of->len == 0 || memcmp(of->at, whole->at, of->len) == 0);
}

/* ---- every form of the segment -------------------------------------------------------------- */

typedef struct form {
    const char *name; /* of the fixture */
    bool is_checked;  /* has a checksum over its content */
} form;

static const form forms[] = {
    { "one.gz", true },
    { "many.gz", true },
    { "zlib", true },
    { "one.lz4", true },
    { "small-linked-blocks.lz4", false },
    { "block-checksums.lz4", true },
    { "many.lz4", true },
    { "one.zst", true },
    { "no-size.zst", true },
    { "no-checksum.zst", false },
    { "many.zst", true },
    { "pzstd.zst", true },
    { "one.bz2", true },
    { "many.bz2", true },
    { "one.xz", true },
    { "many.xz", true },
    { "one.lzma", false },
    { "one.br", false },
    { "one.snappy", true },
    { "many.snappy", true },
};

/* zlib streams have no tool of their own; pg_rman writes them through zlib as well. */
static blob make_zlib(void)
{
    blob b = { 0 };
    uLongf len = compressBound(SEGMENT_BYTES);
    uint8_t *out = malloc(len);
    assert_non_null(out);
    assert_int_equal(compress(out, &len, segment()->at, SEGMENT_BYTES), Z_OK);
    put_raw(&b, out, len);
    free(out);
    return b;
}

/* The file of a packing that is one stream; NULL: none. */
static const char *fixture_of(const packing *row)
{
    if (row == packing_at(PACKING_ZLIB))
        return "zlib";
    for (size_t i = 0; row->suffixes[0] && i < COUNT(forms); i++)
        if (strncmp(forms[i].name, "one.", 4) == 0
            && strcmp(forms[i].name + 3, row->suffixes[0]) == 0)
            return forms[i].name;
    return NULL;
}

static blob packed_form(const form *f)
{
    return strcmp(f->name, "zlib") == 0 ? make_zlib() : load_packed(f->name);
}

/* A build without the library says so, and that is all it can do. */
static bool is_left_out(const char *path)
{
    reading got;
    input_free(read_file(path, NULL, &got));
    blob_free(&got.bytes);
    const bool is_left_out = !got.is_open && strstr(got.message, "which this build does not read");
    if (is_left_out)
        print_message("# left out of this build\n");
    return is_left_out;
}

static void gives_the_segment(void **state)
{
    const form *row = *state;
    folder f = folder_new();
    blob packed = packed_form(row);
    put_file(&f, row->name, view_of(&packed));
    const char *path = in_folder(&f, row->name);
    const bool is_there = !is_left_out(path);
    input *in = NULL;
    /* Twice, so that a state that is used again is seen as well. */
    for (int i = 0; is_there && i < 2; i++) {
        reading got;
        in = read_file(path, in, &got);
        assert_true(got.is_open && got.is_read);
        assert_false(got.is_cut);
        assert_int_equal(got.bytes.len, SEGMENT_BYTES);
        assert_memory_equal(got.bytes.at, segment()->at, SEGMENT_BYTES);
        assert_true(input_is_compressed(in));
        blob_free(&got.bytes);
    }
    input_free(in);
    blob_free(&packed);
    folder_remove(&f);
    if (!is_there)
        skip();
}

static void cut_gives_a_prefix(void **state)
{
    const form *row = *state;
    folder f = folder_new();
    blob packed = packed_form(row);
    input *in = NULL;
    size_t last = 0;
    put_file(&f, row->name, view_of(&packed));
    const bool is_there = !is_left_out(in_folder(&f, row->name));
    for (size_t len = 997; is_there && len < packed.len; len += 997) {
        reading got;
        put_file(&f, row->name, (wp_view){ packed.at, len });
        in = read_file(in_folder(&f, row->name), in, &got);
        assert_true(got.is_open && got.is_read);
        assert_true(is_prefix(&got.bytes, segment()));
        /* A file may end where one of its streams does; else there is something missing. */
        assert_true(got.is_cut || got.bytes.len > 0);
        assert_false(got.is_damaged);
        assert_true(got.bytes.len >= last);
        last = got.bytes.len;
        blob_free(&got.bytes);
    }
    input_free(in);
    blob_free(&packed);
    folder_remove(&f);
    if (!is_there)
        skip();
}

static void flipped_is_noticed(void **state)
{
    const form *row = *state;
    folder f = folder_new();
    blob packed = packed_form(row);
    input *in = NULL;
    put_file(&f, row->name, view_of(&packed));
    const bool is_there = !is_left_out(in_folder(&f, row->name));
    for (size_t at = 0; is_there && at < packed.len; at += at < 12 ? 1 : 1999) {
        reading got;
        packed.at[at] ^= (uint8_t)(1 << at % 8);
        put_file(&f, row->name, view_of(&packed));
        packed.at[at] ^= (uint8_t)(1 << at % 8);
        in = read_file(in_folder(&f, row->name), in, &got);
        assert_true(got.is_read || got.message[0] != '\0');
        /* Where only the magic is hit, it is no packed file any more, and is read as what it is. */
        const bool is_plain = got.is_read && !input_is_compressed(in);
        if (row->is_checked && got.is_read && !got.is_cut && !is_plain && got.bytes.len < READ_MAX
            && !is_prefix(&got.bytes, segment()))
            fail_msg("a flip of byte %zu gives %zu other bytes", at, got.bytes.len);
        blob_free(&got.bytes);
    }
    input_free(in);
    blob_free(&packed);
    folder_remove(&f);
    if (!is_there)
        skip();
}

/* ---- the codecs alone ----------------------------------------------------------------------- */

typedef struct codec_case {
    const char *name; /* of the fixture */
    const codec *codec;
} codec_case;

static const codec_case codec_cases[] = {
    { "one.gz", &codec_gzip_zlib },
    { "zlib", &codec_zlib_zlib },
    { "one.snappy", &codec_snappy },
#ifdef WITH_ISAL
    { "one.gz", &codec_gzip_isal },
    { "zlib", &codec_zlib_isal },
#endif
#ifdef WITH_LZ4
    { "small-linked-blocks.lz4", &codec_lz4 },
#endif
#ifdef WITH_ZSTD
    { "one.zst", &codec_zstd },
#endif
#ifdef WITH_BZ2
    { "one.bz2", &codec_bzip2 },
#endif
#ifdef WITH_LZMA
    { "one.xz", &codec_xz },
    { "one.lzma", &codec_lzma },
#endif
#ifdef WITH_BROTLI
    { "one.br", &codec_brotli },
#endif
};

#ifdef WITH_ISAL
static const codec *const zlib_by_isal = &codec_zlib_isal;
#else
static const codec *const zlib_by_isal;
#endif

/* Sizes of the pieces that go in, and of the room for what comes out. */
static const size_t pieces[][2] = {
    { 1, 65536 }, { 65536, 7 }, { 13, 1000 }, { 1u << 20, 1u << 21 }
};

/* Feeds a stream piece by piece. Rubbish is put behind it: none of that may be taken. */
static codec_status feed(const codec *c, void *codec_state, wp_view packed, const size_t sizes[2],
                         uint8_t *out, size_t *out_len, size_t *taken)
{
    codec_io io = { 0 };
    codec_status status = CODEC_OK;
    size_t in_at = 0;
    *out_len = 0;
    while (status == CODEC_OK && *out_len <= SEGMENT_BYTES) {
        const size_t left = packed.len - in_at, in_len = left < sizes[0] ? left : sizes[0];
        const size_t room =
            sizes[1] < SEGMENT_BYTES + 1 - *out_len ? sizes[1] : SEGMENT_BYTES + 1 - *out_len;
        io.in = packed.bytes + in_at;
        io.in_len = in_len;
        io.out = out + *out_len;
        io.out_room = room;
        status = c->step(codec_state, &io);
        assert_true(io.in_len <= in_len && io.out_room <= room);
        in_at += in_len - io.in_len;
        *out_len += room - io.out_room;
        if (io.in_len == in_len && io.out_room == room)
            break;
    }
    *taken = in_at;
    return status;
}

static void in_pieces(void **state)
{
    const codec_case *row = *state;
    const form as_form = { .name = row->name };
    blob packed = packed_form(&as_form);
    const size_t len = packed.len;
    uint8_t *out = malloc(SEGMENT_BYTES + 1);
    void *codec_state = row->codec->open();
    assert_non_null(out);
    assert_non_null(codec_state);
    const bool has_end = row->codec != &codec_snappy;
    if (has_end)
        put_raw(&packed, "rubbish rubbish rubbish rubbish", 31);
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t out_len, taken;
        assert_true(row->codec->begin(codec_state));
        const codec_status status =
            feed(row->codec, codec_state, view_of(&packed), pieces[i], out, &out_len, &taken);
        assert_int_equal(status, has_end ? CODEC_END : CODEC_OK);
        /* ISA-L may take what follows a zlib stream, too. Nothing does. */
        if (row->codec != zlib_by_isal)
            assert_int_equal(taken, len);
        assert_int_equal(out_len, SEGMENT_BYTES);
        assert_memory_equal(out, segment()->at, SEGMENT_BYTES);
    }
    row->codec->close(codec_state);
    free(out);
    blob_free(&packed);
}

/* ---- what is refused ------------------------------------------------------------------------ */

typedef struct refused_case {
    const char *name; /* of the fixture */
    const char *words;
} refused_case;

static const refused_case refused_cases[] = {
    { "old.lz4",
      "is lz4-compressed in the old form, which this program does not read: unpack it first" },
    { "window-of-256-MB.zst", "is zstd-compressed and needs more than 128 MB of memory" },
    { "dictionary-of-192-MB.xz", "is xz-compressed and needs more than 128 MB of memory" },
};

static void is_refused(void **state)
{
    const refused_case *row = *state;
    folder f = folder_new();
    blob packed = load_packed(row->name);
    put_file(&f, row->name, view_of(&packed));
    const bool is_there = !is_left_out(in_folder(&f, row->name));
    reading got = { 0 };
    if (is_there) {
        input_free(read_file(in_folder(&f, row->name), NULL, &got));
        assert_false(got.is_read);
        assert_non_null(strstr(got.message, row->words));
        assert_non_null(strstr(got.message, row->name));
        assert_int_equal(got.bytes.len, 0);
    }
    blob_free(&packed);
    folder_remove(&f);
    if (!is_there)
        skip();
}

/* ---- the table ------------------------------------------------------------------------------ */

static void every_row_has_a_way_out(void **state)
{
    (void)state;
    for (packing_id id = PACKING_PLAIN + 1; packing_at(id); id++) {
        const packing *row = packing_at(id);
        assert_int_equal(packing_id_of(row), id);
        assert_non_null(row->name);
        assert_true(row->magics[0].len > 0 || row->suffixes[0] != NULL);
        assert_true((row->advice != NULL) != (row->command != NULL));
        assert_true(!row->advice || (!row->codec && !row->package));
        assert_true(row->advice || row->codec || row->package);
        for (size_t i = 0; i < PACKING_MAGICS; i++) {
            const packing_magic *m = &row->magics[i];
            assert_true(m->len <= sizeof m->bytes && m->offset + m->len <= PACKING_HEAD_BYTES);
            assert_false(m->len >= 2 && m->offset == 0
                         && packing_looks_like_wal((wp_view){ m->bytes, m->len }));
        }
    }
    assert_null(packing_at(PACKINGS));
    assert_int_equal(packing_id_of(NULL), PACKING_PLAIN);
}

/* No magic hides another one, and each ending is of one row alone. */
static void every_row_is_found(void **state)
{
    (void)state;
    const char *suffix, *other;
    packing_id of, of_other;
    for (packing_id id = PACKING_PLAIN + 1; packing_at(id); id++)
        for (size_t i = 0; i < PACKING_MAGICS && packing_at(id)->magics[i].len > 0; i++) {
            const packing_magic *m = &packing_at(id)->magics[i];
            uint8_t head[PACKING_HEAD_BYTES] = { 0 };
            memcpy(head + m->offset, m->bytes, m->len);
            const wp_view view = { head, m->offset + m->len };
            assert_ptr_equal(packing_detect(view, ""), packing_at(id));
            assert_int_equal(packing_magic_len(packing_at(id), view), m->len);
            assert_null(packing_detect((wp_view){ head, view.len - 1 }, ""));
        }
    for (size_t i = 0; (suffix = packing_suffix(i, &of)); i++) {
        const bool is_compressed = packing_at(of)->is_compressed;
        assert_true(i < 32); /* restore_command.h counts them in a word */
        assert_int_equal(packing_suffix_len(suffix, is_compressed), strlen(suffix));
        assert_int_equal(packing_suffix_len(suffix, !is_compressed), 0);
        for (size_t k = 0; k < i && (other = packing_suffix(k, &of_other)); k++)
            assert_string_not_equal(suffix, other);
    }
}

static bool is_installed(const char *command)
{
    char script[100];
    snprintf(script, sizeof script, "command -v %s >/dev/null", command);
    return system(script) == 0; // NOLINT(cert-env33-c)
}

/* Gives a file to the command of its row; both ends are named by the environment. */
static void unpack_by_command(const folder *f, const packing *row)
{
    char script[100];
    snprintf(script, sizeof script, "%sc <\"$packed\" >\"$unpacked\"", row->command);
    setenv("packed", in_folder(f, "packed"), 1);
    setenv("unpacked", in_folder(f, "unpacked"), 1);
    assert_int_equal(system(script), 0); // NOLINT(cert-env33-c)
    blob unpacked = load(in_folder(f, "unpacked"));
    assert_int_equal(unpacked.len, SEGMENT_BYTES);
    assert_memory_equal(unpacked.at, segment()->at, SEGMENT_BYTES);
    blob_free(&unpacked);
}

/* What a server is told to unpack a file by does so. */
static void commands_unpack(void **state)
{
    (void)state;
    folder f = folder_new();
    for (packing_id id = PACKING_PLAIN + 1; packing_at(id); id++) {
        const packing *row = packing_at(id);
        if (!row->is_compressed || !row->command)
            continue;
        const form as_form = { .name = fixture_of(row) };
        assert_non_null(as_form.name);
        blob packed = packed_form(&as_form);
        assert_ptr_equal(packing_detect(view_of(&packed), as_form.name), row);
        put_file(&f, "packed", view_of(&packed));
        if (is_installed(row->command))
            unpack_by_command(&f, row);
        else
            print_message("# not installed: %s\n", row->command);
        blob_free(&packed);
    }
    folder_remove(&f);
}

static void assert_named_in(const char *path, const char *words)
{
    blob text = load(path);
    put_raw(&text, "", 1);
    if (!strstr((const char *)text.at, words))
        fail_msg("%s does not name %s", path, words);
    blob_free(&text);
}

static void documents_name_every_row(void **state)
{
    (void)state;
    for (packing_id id = PACKING_PLAIN + 1; packing_at(id); id++) {
        const packing *row = packing_at(id);
        char words[100];
        if (row->package) {
            snprintf(words, sizeof words, "need %s ", row->package);
            assert_named_in("tools/install-deps", words);
        }
        if (!row->is_compressed || !row->command)
            continue;
        snprintf(words, sizeof words, "| `%sc` |", row->command);
        assert_named_in("docs/archives.md", words);
        for (size_t i = 0; i < PACKING_SUFFIXES && row->suffixes[i]; i++) {
            snprintf(words, sizeof words, "`%s`", row->suffixes[i]);
            assert_named_in("docs/archives.md", words);
        }
    }
}

/* Brotli has no magic: the name decides, unless the file is a segment after all. */
static void brotli_by_name(void **state)
{
    (void)state;
    const uint8_t noise[40] = { 0x0B, 0xD0, 0x80, 1, 2, 3 };
    const wp_view head = { noise, sizeof noise };
    const packing *got = packing_detect(head, "/a/00000001000000000000000D.br");
    assert_non_null(got);
    assert_string_equal(got->name, "brotli-compressed");
    assert_ptr_equal(packing_detect(head, "/a/00000001000000000000000D.br.partial"), got);
    assert_ptr_equal(packing_detect(head, "00000002.history.br"), got);
    assert_null(packing_detect(head, "/a/00000001000000000000000D"));
    assert_null(packing_detect(head, "/a.br/x"));
    assert_null(packing_detect(view_of(segment()), "/a/00000001000000000000000D.br"));
    assert_null(packing_detect((wp_view){ noise, 0 }, "x.br"));
}

/* A stream that holds far more than a segment hands out no more than is asked for. */
static void a_bomb_is_read_in_windows(void **state)
{
    (void)state;
    folder f = folder_new();
    blob zeros = { 0 }, packed = { 0 };
    put_zeros(&zeros, 4u << 20);
    put_gzip(&packed, view_of(&zeros));
    const size_t one = packed.len;
    for (int i = 1; i < 1000; i++) {
        uint8_t again[8192];
        assert_true(one <= sizeof again);
        memcpy(again, packed.at, one);
        put_raw(&packed, again, one);
    }
    put_file(&f, "bomb.gz", view_of(&packed));
    char message[512];
    input *in = input_open_head(in_folder(&f, "bomb.gz"), NULL, message);
    assert_non_null(in);
    size_t window_max = INPUT_HEAD_BYTES;
    for (int i = 0; i < 10; i++) {
        wp_view window;
        assert_true(input_read(in, &window, message));
        assert_int_equal(window.len, window_max);
        window_max = window_max < INPUT_WINDOW_BYTES ? window_max * 2 : window_max;
    }
    input_free(in);
    blob_free(&zeros);
    blob_free(&packed);
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_way_out), cmocka_unit_test(every_row_is_found),
        cmocka_unit_test(commands_unpack),         cmocka_unit_test(documents_name_every_row),
        cmocka_unit_test(brotli_by_name),          cmocka_unit_test(a_bomb_is_read_in_windows),
    };
    return RUN_CASES("gives the segment", forms, gives_the_segment)
           + RUN_CASES("cut", forms, cut_gives_a_prefix)
           + RUN_CASES("flipped", forms, flipped_is_noticed)
           + RUN_CASES("in pieces", codec_cases, in_pieces)
           + RUN_CASES("refused", refused_cases, is_refused)
           + cmocka_run_group_tests_name("codecs", tests, NULL, NULL);
}
