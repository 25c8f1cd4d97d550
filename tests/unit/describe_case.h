/*
 * describe_case.h - rows that say how a record is described.
 *
 * Each row is tried as it is, in each of its majors, and cut short everywhere: what is missing must be noticed, or not be needed.
 */
#ifndef TEST_DESCRIBE_CASE_H
#define TEST_DESCRIBE_CASE_H

#include "describe/describe.h"
#include "hex.h"

#include "cases.h"

typedef struct describe_case {
    const char *name;
    const char
        *major; /* "15", "9.5 to 19"; with -i386 where 64-bit numbers are aligned to 4 bytes */
    uint8_t info;
    const char *main; /* in hex */
    const char
        *data; /* of block 0, in hex; "image 05": an image with that bimg_info; NULL: no block 0 */
    const char *want; /* with the operation; NULL: the record is shorter than it says */
} describe_case;

typedef struct described {
    wpi_describer describe;
    wpi_identifier identify;
    bool goes_on; /* how much there is, only its length says */
} described;

/* Bytes that end where their memory ends. */
static inline wp_view exact_copy(wp_view from, size_t len)
{
    uint8_t *bytes = malloc(len ? len : 1);
    assert_non_null(bytes);
    memcpy(bytes, from.bytes ? (const void *)from.bytes : "", len);
    return (wp_view){ bytes, len };
}

static inline void free_copy(wp_view copy)
{
    void *bytes;
    memcpy(&bytes, &copy.bytes, sizeof bytes);
    free(bytes);
}

/* A row at a server: what is described there. */
typedef struct described_at {
    const described *by;
    const describe_case *row;
    wal_config server;
    wp_view main, data;
} described_at;

static inline bool has_image(const describe_case *row)
{
    return row->data && strncmp(row->data, "image ", 6) == 0;
}

/* The row's record, cut to these lengths, into *out, which the caller frees; false: refused. */
static inline bool describe_cut(const described_at *at, size_t main_len, size_t data_len,
                                wpi_text *out)
{
    const wp_profile *profile = wp_profile_by_major(at->server.major);
    const wp_view main = exact_copy(at->main, main_len), data = exact_copy(at->data, data_len);
    wpi_record record = { .profile = profile, .info = at->row->info, .main = main };
    record.max_align = at->server.max_align;
    if (at->row->data) {
        record.nblocks = 1;
        record.blocks[0] = (wpi_block){ .has_data = data.len > 0, .data = data };
    }
    if (has_image(at->row)) {
        record.blocks[0].has_image = true;
        record.blocks[0].image.info = (uint8_t)strtoul(at->row->data + 6, NULL, 16);
    }
    const char *operation = at->by->identify(profile, at->row->info);
    wpi_put(out, operation ? operation : "UNKNOWN");
    wpi_put_char(out, ' ');
    const bool is_good = at->by->describe(&record, out);
    wpi_put_char(out, '\0');
    free_copy(main);
    free_copy(data);
    return is_good;
}

/* Cut to these lengths the record is refused, or says the same. */
static inline void check_cut(const described_at *at, size_t main_len, size_t data_len)
{
    wpi_text text = { 0 };
    const bool is_good = describe_cut(at, main_len, data_len, &text);
    const bool may_differ = at->by->goes_on || (data_len == 0 && at->data.len > 0);
    if (is_good && !may_differ && at->row->want && strcmp(text.start, at->row->want) != 0)
        fail_msg("%s, cut to %zu and %zu bytes: %s", at->row->name, main_len, data_len, text.start);
    free(text.start);
}

static inline void check_described_at(const described_at *at)
{
    wpi_text text = { 0 };
    now_on(&at->server);
    const bool is_good = describe_cut(at, at->main.len, at->data.len, &text);
    if (is_good != (at->row->want != NULL))
        fail_msg("%s: %s: %s", at->row->name, is_good ? "taken" : "refused", text.start);
    if (at->row->want)
        assert_string_equal(text.start, at->row->want);
    free(text.start);
    for (size_t len = 0; len < at->main.len; len++)
        check_cut(at, len, at->data.len);
    for (size_t len = 0; len < at->data.len; len++)
        check_cut(at, at->main.len, len);
}

/* The major a text begins with. */
static inline const wp_profile *major_at(const char *text)
{
    char major[8] = "";
    const size_t len = strspn(text, "0123456789.");
    assert_true(len < sizeof major);
    memcpy(major, text, len);
    const wp_profile *profile = wp_profile_by_major(major);
    assert_non_null(profile);
    return profile;
}

/* The row in each of its majors. */
static inline void check_described(const described *by, const describe_case *row)
{
    blob main = { 0 }, data = { 0 };
    put_hex(&main, row->main);
    put_hex(&data, row->data && !has_image(row) ? row->data : "");
    const char *to = strstr(row->major, " to ");
    const wp_profile *first = major_at(row->major), *last = to ? major_at(to + 4) : first;
    assert_true(first->version <= last->version);
    const wp_profile *profile;
    for (size_t i = 0; (profile = wp_profile_at(i)); i++) {
        described_at at = { .by = by, .row = row, .main = view_of(&main), .data = view_of(&data) };
        at.server.major = profile->major;
        at.server.max_align = strstr(row->major, "-i386") ? 4 : 8;
        if (profile->version >= first->version && profile->version <= last->version)
            check_described_at(&at);
    }
    now_on(NULL);
    blob_free(&main);
    blob_free(&data);
}

#endif
