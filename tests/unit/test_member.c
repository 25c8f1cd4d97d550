/*
 * test_member.c - members of a tar archive through their paths, in any order, plain and packed.
 */
#include <stdio.h>

#include "cases.h"
#include "folder.h"
#include "file/input.h"
#include "file/member.h"
#include "file/tar.h"

#define MEMBERS 4
/* More than is kept of a member. */
#define MEMBER_BYTES (MEMBER_KEPT_BYTES + MEMBER_KEPT_BYTES / 2 + 100)
#define PADDED_BYTES ((MEMBER_BYTES + 511) / 512 * 512)

/* What member n has at a position: nothing that repeats with any power of two. */
static uint8_t byte_at(size_t n, size_t at)
{
    return (uint8_t)((at * 2654435761u >> 13) + n * 31);
}

static void put_header(blob *b, size_t n)
{
    uint8_t block[TAR_BLOCK_BYTES] = { 0 };
    unsigned sum = 0;
    (void)snprintf((char *)block, 100, "pg_wal/00000001000000000000000%zu", n);
    (void)snprintf((char *)block + 124, 12, "%011zo", (size_t)MEMBER_BYTES);
    static const uint8_t magic[8] = { 'u', 's', 't', 'a', 'r', 0, '0', '0' };
    memcpy(block + 257, magic, sizeof magic);
    block[156] = '0';
    memset(block + 148, ' ', 8);
    for (size_t i = 0; i < sizeof block; i++)
        sum += block[i];
    (void)snprintf((char *)block + 148, 8, "%06o", sum);
    put_raw(b, block, sizeof block);
}

static blob make_tar(void)
{
    blob b = { 0 };
    uint8_t *content = malloc(PADDED_BYTES);
    assert_non_null(content);
    for (size_t n = 0; n < MEMBERS; n++) {
        put_header(&b, n);
        for (size_t i = 0; i < PADDED_BYTES; i++)
            content[i] = i < MEMBER_BYTES ? byte_at(n, i) : 0;
        put_raw(&b, content, PADDED_BYTES);
    }
    free(content);
    put_zeros(&b, 1024);
    return b;
}

/* Reads up to `most` bytes of member n and compares them. */
static input *check(const char *path, size_t n, size_t most, bool is_head, input *in)
{
    char message[512];
    wp_view got = { 0 };
    size_t at = 0;
    in = is_head ? input_open_head(path, in, message) : input_open(path, in, message);
    if (!in)
        fail_msg("%s", message);
    while (at < most) {
        if (!input_read(in, &got, message))
            fail_msg("%s", message);
        if (got.len == 0)
            break;
        for (size_t i = 0; i < got.len; i += 7)
            if (got.bytes[i] != byte_at(n, at + i))
                fail_msg("member %zu differs at %zu", n, at + i);
        at += got.len;
    }
    assert_false(input_is_cut(in));
    if (most >= MEMBER_BYTES)
        assert_int_equal(at, MEMBER_BYTES);
    return in;
}

typedef struct order_case {
    const char *name;
    bool is_packed;
    const char *steps; /* a digit: all of that member; h and a digit: its first bytes */
} order_case;

static const order_case order_cases[] = {
    { "as a scan reads them", false, "0h11h22h33" },
    { "as a scan reads them, packed", true, "0h11h22h33" },
    { "some left out", false, "02" },
    { "some left out, packed", true, "02" },
    { "back and forth", false, "31302h0" },
    { "back and forth, packed", true, "31302h0" },
    { "the same again, packed", true, "h2h222" },
};

static void reads_in_order(void **state)
{
    const order_case *row = *state;
    folder f = folder_new();
    blob tar_bytes = make_tar(), packed = { 0 };
    char *paths[MEMBERS] = { 0 }, archive[128], message[512];
    size_t n = 0;
    put_gzip(&packed, view_of(&tar_bytes));
    put_file(&f, "x.tar", view_of(row->is_packed ? &packed : &tar_bytes));
    (void)snprintf(archive, sizeof archive, "%s", in_folder(&f, "x.tar"));
    tar *t = tar_open(archive, message);
    tar_member m;
    for (; tar_next(t, &m, message) == TAR_MEMBER; n++)
        paths[n] = tar_path_make(archive, &m);
    assert_int_equal(n, MEMBERS);
    assert_int_equal(tar_is_packed(t), row->is_packed);
    tar_close(t);
    input *in = NULL;
    for (const char *at = row->steps; *at; at++) {
        const bool is_head = *at == 'h';
        at += is_head;
        n = (size_t)(*at - '0');
        in = check(paths[n], n, is_head ? 300000 : SIZE_MAX, is_head, in);
        assert_int_equal(input_is_compressed(in), row->is_packed);
    }
    input_free(in);
    for (size_t i = 0; i < MEMBERS; i++)
        free(paths[i]);
    blob_free(&tar_bytes);
    blob_free(&packed);
    folder_remove(&f);
}

static void refuses_what_has_changed(void **state)
{
    (void)state;
    folder f = folder_new();
    char path[200], message[512] = "";
    put_text(&f, "x.tar", "no tar archive any more");
    (void)snprintf(path, sizeof path, "%s:m@512", in_folder(&f, "x.tar"));
    assert_null(input_open(path, NULL, message));
    assert_non_null(strstr(message, "is not the archive any more"));
    (void)snprintf(path, sizeof path, "%s:m@18446744073709551615", in_folder(&f, "x.tar"));
    assert_null(input_open(path, NULL, message));
    (void)snprintf(path, sizeof path, "%s:m@", in_folder(&f, "x.tar"));
    assert_null(input_open(path, NULL, message));
    assert_non_null(strstr(message, "cannot open"));
    folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(refuses_what_has_changed) };
    return RUN_CASES("order", order_cases, reads_in_order)
           + cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
