/*
 * fuzz_value.c - values and rows of any content, of any type, with catalogs that may contradict themselves.
 *
 * Input: a byte that chooses the server, one that chooses the type, one that chooses how the bytes are stored, then the bytes: of the value, or of
 * a row of columns of that type and others.
 */
#include <stdlib.h>
#include <string.h>

#include <walparse/value.h>

#include "fuzz.h"

#define INPUT_BYTES_MAX 65536
#define TEXT_BYTES_MAX ((size_t)1 << 20)
#define COLUMNS 6

static const wp_oid oids[] = {
#define TYPE(oid, array, ...) oid, array,
#define RANGE TYPE
#define MULTIRANGE TYPE
#include "value/types.def"
#undef TYPE
#undef RANGE
#undef MULTIRANGE
    /* Those of `made`. */
    20000, 20001, 20002, 20003, 20004, 20005, 20006, 20007, 20008, 20009, 20010, 20011
};
#define OIDS (sizeof oids / sizeof oids[0])

/* A row of rows of itself whose missing values are rows of itself without a column. */
static const uint8_t missing_row[] = { 1, 0, 0, 0, 0, 0,    0, 0, 0x2A, 0x4E, 0, 0, 1,  0, 0,
                                       0, 1, 0, 0, 0, 0x60, 0, 0, 0,    0,    0, 0, 0,  0, 0,
                                       0, 0, 0, 0, 0, 0,    0, 0, 0,    0,    0, 0, 24, 0 };
static const wp_column columns[] = {
    { .typid = 23, .typlen = 4, .align = 'i' },
    { .typid = 25, .typlen = -1, .align = 'i' },
    { .typid = 20000, .typlen = -1, .align = 'd', .missing = { missing_row, sizeof missing_row } },
    { .typid = 1700, .typlen = -1, .align = 'i', .is_dropped = true },
    { .typid = 20000, .typlen = -1, .align = 'd', .missing = { missing_row, sizeof missing_row } },
    { .typid = 2275, .typlen = -2, .align = 'c' },
};

static const wp_type made[] = {
    { .kind = 'c',
      .typlen = -1,
      .align = 'd',
      .delim = ',',
      .columns = columns,
      .ncolumns = COLUMNS },
    { .kind = 'b', .typlen = -1, .align = 'd', .delim = ',', .element = 20000 },
    { .kind = 'e', .typlen = 4, .align = 'i', .delim = ',' },
    { .kind = 'b', .typlen = -1, .align = 'i', .delim = ',', .element = 20002 },
    { .kind = 'd', .typlen = -1, .align = 'i', .delim = ',', .base = 20004 }, /* of itself */
    { .kind = 'd', .typlen = -1, .align = 'i', .delim = ',', .base = 25 },
    { .kind = 'r', .typlen = -1, .align = 'i', .delim = ',', .base = 25 },
    { .kind = 'm', .typlen = -1, .align = 'i', .delim = ',', .base = 20006 },
    { .kind = 'r', .typlen = -1, .align = 'd', .delim = ',', .base = 20008 }, /* of itself */
    { .kind = 'b', .typlen = -1, .align = 'i', .delim = ',' },                /* of an extension */
    { .kind = 'b', .typlen = -1, .align = 'x', .delim = ';', .element = 20010 },
    { .kind = 'b', .typlen = 0, .align = 'i', .delim = '\0', .element = 23 },
};

static const wp_type *find_type(void *context, wp_oid typid)
{
    (void)context;
    const size_t n = sizeof made / sizeof made[0];
    return typid >= 20000 && typid - 20000 < n ? &made[typid - 20000] : NULL;
}

static bool find_name(void *context, wp_oid typid, wp_oid oid, wp_view *name)
{
    (void)context;
    *name = (wp_view){ (const uint8_t *)"a \"name\"", 1 + oid % 8 };
    return (typid + oid) % 3 > 0;
}

static void print(const wp_value_config *config, wp_oid typid, const wp_datum *datum)
{
    wp_text text = { 0 }, line = { 0 };
    const wp_value_status status = wp_value_text(config, typid, datum, &text);
    if (text.len > config->text_bytes_max || (status != WP_VALUE_OK && text.len != 0))
        abort();
    if (status == WP_VALUE_OK && typid < 20000 && !wp_value_has_decoder(config, typid))
        abort();
    if (wp_copy_escape((wp_view){ text.bytes, text.len }, &line) == WP_VALUE_OK
        && line.len < text.len)
        abort();
    wp_text_free(&line);
    wp_text_free(&text);
    if (datum->raw_bytes <= TEXT_BYTES_MAX && wp_datum_unpack(config, datum, &text) == WP_VALUE_OK
        && text.len != (datum->kind == WP_DATUM_PLAIN ? datum->bytes.len : datum->raw_bytes))
        abort();
    wp_text_free(&text);
}

static void print_row(const wp_value_config *config, wp_oid typid, wp_view row, uint8_t choice)
{
    wp_column own[COLUMNS];
    wp_datum datums[COLUMNS];
    memcpy(own, columns, sizeof own);
    own[1].typid = typid;
    own[1].typlen = choice & 1 ? -1 : (int16_t)(choice >> 4);
    if (wp_tuple_deform(config, row, own, COLUMNS, datums) != WP_VALUE_OK)
        return;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (datums[i].kind == WP_DATUM_EXTERNAL
            && wp_datum_of_chunks(&datums[i], row, &datums[i]) != WP_VALUE_OK)
            continue;
        if (datums[i].kind != WP_DATUM_NULL)
            print(config, own[i].typid, &datums[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 3 || size > INPUT_BYTES_MAX)
        return 0;
    const fuzz_server server = fuzz_choose_server(data[0]);
    const wp_value_config config = { .profile = server.profile,
                                     .max_align = server.max_align,
                                     .lc_monetary_is_c = data[2] != 0xFF,
                                     .text_bytes_max = TEXT_BYTES_MAX,
                                     .type = find_type,
                                     .enum_label = find_name,
                                     .object_name = data[2] == 0xFE ? NULL : find_name };
    const wp_oid typid = oids[data[1] % OIDS];
    uint8_t *const bytes = malloc(size - 3 + (size == 3)); /* exactly as much, for the sanitizer */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 3, size - 3);
    const wp_view view = { bytes, size - 3 };
    wp_datum datum = { .kind = WP_DATUM_PLAIN, .bytes = view };
    switch (data[2] % 4) {
    case 0:
    case 1:
        print(&config, typid, &datum);
        break;
    case 2: {
        /* As the chunks of a packed value, twenty times as long. */
        const wp_datum external = { .kind = WP_DATUM_EXTERNAL,
                                    .raw_bytes = (uint32_t)size * 20,
                                    .external_bytes = (uint32_t)(size - 3) };
        if (size >= 7) {
            for (size_t i = 0; i < 4; i++)
                bytes[i] = (uint8_t)(external.raw_bytes >> 8 * i);
            bytes[3] = (uint8_t)(bytes[3] | (data[2] & 4 ? 0x40 : 0));
        }
        if (wp_datum_of_chunks(&external, view, &datum) == WP_VALUE_OK)
            print(&config, typid, &datum);
        break;
    }
    default:
        print_row(&config, typid, view, data[2]);
    }
    free(bytes);
    return 0;
}
