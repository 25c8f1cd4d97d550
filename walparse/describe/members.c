/*
 * members.c - see members.h. Mirrors contrib/pg_walinspect/pg_walinspect.c, GetWALRecordInfo, and
 * access/rmgrdesc/xlogdesc.c, XLogRecGetBlockRefInfo with detailed_format.
 */
#include "describe/members.h"

#include "describe/describe.h"
#include "describe/digits.h"
#include "describe/record_time.h"

/* Names, words and numbers before the type, and between it and the description. */
#define PLACE_CHARS_MAX 256
/* Words and numbers of a block and its image. */
#define BLOCK_CHARS_MAX 256

/* Length of the UTF-8 character at p, of at most len bytes; 0: it is none. */
static size_t utf8_len(const uint8_t *p, size_t len)
{
    static const struct {
        uint8_t low, high, first_low, first_high,
            len; /* of the first byte, and what the second may be */
    } kinds[] = {
        { 0x00, 0x7F, 0x00, 0x00, 1 }, { 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 },
        { 0xE1, 0xEC, 0x80, 0xBF, 3 }, { 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 },
        { 0xF0, 0xF0, 0x90, 0xBF, 4 }, { 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
    };
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (p[0] < kinds[k].low || p[0] > kinds[k].high)
            continue;
        const size_t n = kinds[k].len;
        if (n > len || (n > 1 && (p[1] < kinds[k].first_low || p[1] > kinds[k].first_high)))
            return 0;
        for (size_t i = 2; i < n; i++)
            if ((p[i] & 0xC0) != 0x80)
                return 0;
        return n;
    }
    return 0;
}

static bool is_plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static size_t plain_run(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && is_plain((uint8_t)text[n]))
        n++;
    return n;
}

/* One character that is not plain. Returns the bytes it has. */
static size_t put_json_char(wpi_text *out, const uint8_t *p, size_t len)
{
    const size_t n = utf8_len(p, len);
    if (n == 0) {
        wpi_put(out, "\xEF\xBF\xBD"); /* the replacement character */
        return 1;
    }
    if (n > 1) {
        wpi_put_bytes(out, p, n);
    } else if (*p == '"' || *p == '\\') {
        wpi_put_char(out, '\\');
        wpi_put_char(out, (char)*p);
    } else {
        wpi_put(out, "\\u");
        wpi_put_lower_hex(out, *p, 4);
    }
    return n;
}

/*
 * Makes a string of JSON of what was put from `from` on. Nearly always nothing has to be spelled out: then the quotes are all that is
 * added.
 */
static void quote_json(wpi_text *out, size_t from)
{
    if (out->out_of_memory)
        return;
    const size_t len = out->len - from;
    const size_t plain = plain_run(out->start + from, len);
    if (plain == len) {
        wpi_put(out, "\"\"");
        if (out->out_of_memory)
            return;
        memmove(out->start + from + 1, out->start + from, len);
        out->start[from] = '"';
        return;
    }
    /* What was put moves to the end of the buffer, and is read from there. */
    const size_t room = 2 + 6 * len;
    if (!wpi_text_reserve(out, room))
        return;
    out->len = from;
    memmove(out->start + from + room, out->start + from, len);
    const size_t source = from + room;
    wpi_put_char(out, '"');
    for (size_t at = 0; at < len;) {
        const size_t n = plain_run(out->start + source + at, len - at);
        memmove(out->start + out->len, out->start + source + at, n);
        out->len += n;
        at += n;
        if (at < len) {
            uint8_t next[4];
            const size_t left = len - at < sizeof next ? len - at : sizeof next;
            memcpy(next, out->start + source + at, left);
            at += put_json_char(out, next, left);
        }
    }
    wpi_put_char(out, '"');
}

/* The same for a field of CSV (RFC 4180): quotes are doubled; other bytes stay as they are. */
static void quote_csv(wpi_text *out, size_t from)
{
    if (out->out_of_memory)
        return;
    size_t quotes = 0;
    bool is_needed = false;
    for (size_t i = from; i < out->len; i++) {
        const char c = out->start[i];
        quotes += c == '"';
        is_needed = is_needed || c == '"' || c == ',' || c == '\n' || c == '\r';
    }
    const size_t len = out->len - from, added = quotes + 2;
    if (!is_needed || !wpi_text_reserve(out, added))
        return;
    char *to = out->start + from + len + added;
    *--to = '"';
    for (size_t i = len; i-- > 0;) {
        const char c = out->start[from + i];
        *--to = c;
        if (c == '"')
            *--to = '"';
    }
    *--to = '"';
    out->len += added;
}

static const char *method_of(const wp_profile *profile, uint8_t info)
{
    if (profile->image_pglz & info)
        return "pglz";
    if (profile->image_lz4 & info)
        return "lz4";
    return profile->image_zstd & info ? "zstd" : "unknown";
}

static char *add_image(char *at, const wpi_record *record, const wpi_image *image,
                       uint32_t block_size)
{
    const wp_profile *profile = record->profile;
    const uint8_t methods =
        (uint8_t)(profile->image_pglz | profile->image_lz4 | profile->image_zstd);
    const uint32_t stored = (uint32_t)image->bytes.len;
    const bool is_packed = image->info & methods, has_hole = image->info & WPI_IMAGE_HAS_HOLE;
    const uint32_t hole = is_packed ? image->hole_length : has_hole ? block_size - stored : 0;
    at = wpi_add(at, " (FPW");
    if (profile->image_apply && !(image->info & profile->image_apply))
        at = wpi_add(at, " for WAL verification");
    at = wpi_add_u32(wpi_add(at, "); hole: offset: "), image->hole_offset);
    at = wpi_add_u32(wpi_add(at, ", length: "), hole);
    if (!is_packed)
        return at;
    at = wpi_add_u32(wpi_add(at, ", compression saved: "), block_size - hole - stored);
    return wpi_add(wpi_add(at, ", method: "), method_of(profile, image->info));
}

/* pg_walinspect puts the blank before every reference but that of block 0, the first one or not. */
static void put_blocks(const wpi_record *record, wpi_text *out)
{
    char *start = wpi_text_reserve(out, record->nblocks * BLOCK_CHARS_MAX);
    if (!start)
        return;
    char *at = start;
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wpi_block *block = &record->blocks[i];
        const wp_locator *file = &block->locator;
        at = wpi_add_u32(wpi_add(at, block->id > 0 ? " blkref #" : "blkref #"), block->id);
        at = wpi_add_locator(wpi_add(at, ": rel "), file->spc, file->db, file->rel);
        at = wpi_add(wpi_add(at, " fork "), wpi_fork_name(block->fork));
        at = wpi_add_u32(wpi_add(at, " blk "), block->number);
        if (block->has_image)
            at = add_image(at, record, &block->image, out->dump->block_size);
    }
    out->len += (size_t)(at - start);
}

static void put_json_string(const char *value, wpi_text *out)
{
    const size_t from = out->len;
    wpi_put(out, value ? value : "null");
    if (value)
        quote_json(out, from);
}

static void put_json_relations(const wpi_record *record, wpi_text *out)
{
    const wp_dump *dump = out->dump;
    const char *separator = "";
    wpi_put(out, ",\"relations\":[");
    for (unsigned i = 0; i < record->nblocks; i++) {
        wp_file_name name = { 0 };
        if (wpi_is_file_before(record, i))
            continue;
        dump->name_file(dump->name_context, &record->blocks[i].locator, record->lsn, &name);
        wpi_put(out, separator);
        wpi_put(out, "{\"file\":\"");
        wpi_put_locator(out, &record->blocks[i].locator);
        wpi_put(out, "\",\"name\":");
        put_json_string(name.relation, out);
        wpi_put(out, ",\"toast_of\":");
        put_json_string(name.toast_of, out);
        wpi_put(out, ",\"database\":");
        put_json_string(name.database, out);
        wpi_put_char(out, '}');
        separator = ",";
    }
    wpi_put_char(out, ']');
}

static void put_csv_names(const wpi_record *record, wpi_text *out)
{
    wpi_put_char(out, ',');
    const size_t from = out->len;
    wpi_put_names(record, out);
    quote_csv(out, from);
}

/* ---- the members ---- */

typedef enum member {
    LSN,
    END_LSN,
    PREV_LSN,
    XID,
    RMGR,
    TYPE,
    TOT_LEN,
    MAIN_LEN,
    FPI_LEN,
    DESC,
    BLOCK_REF,
    TIME,
    END,
} member;

typedef struct form {
    struct {
        const char *text;
        size_t len;
    } before[END + 1]; /* each member, and the end */
    void (*quote)(wpi_text *out, size_t from);
    const char *mark; /* around a time */
    const char *none;
    void (*put_names)(const wpi_record *record, wpi_text *out); /* where they are asked for */
} form;

// clang-format off
#define BEFORE(text) { text, sizeof(text) - 1 }

static const form json = {
    .before = {
        [LSN] = BEFORE("{\"lsn\":\""),
        [END_LSN] = BEFORE("\",\"end_lsn\":\""),
        [PREV_LSN] = BEFORE("\",\"prev_lsn\":\""),
        [XID] = BEFORE("\",\"xid\":"),
        [RMGR] = BEFORE(",\"rmgr\":\""),
        [TYPE] = BEFORE("\",\"type\":\""),
        [TOT_LEN] = BEFORE("\",\"tot_len\":"),
        [MAIN_LEN] = BEFORE(",\"main_len\":"),
        [FPI_LEN] = BEFORE(",\"fpi_len\":"),
        [DESC] = BEFORE(",\"desc\":"),
        [BLOCK_REF] = BEFORE(",\"block_ref\":"),
        [TIME] = BEFORE(",\"time\":"),
        [END] = BEFORE("}\n"),
    },
    .quote = quote_json,
    .mark = "\"",
    .none = "null",
    .put_names = put_json_relations,
};

static const form csv = {
    .before = {
        [LSN] = BEFORE(""),
        [END_LSN] = BEFORE(","),
        [PREV_LSN] = BEFORE(","),
        [XID] = BEFORE(","),
        [RMGR] = BEFORE(","),
        [TYPE] = BEFORE(","),
        [TOT_LEN] = BEFORE(","),
        [MAIN_LEN] = BEFORE(","),
        [FPI_LEN] = BEFORE(","),
        [DESC] = BEFORE(","),
        [BLOCK_REF] = BEFORE(","),
        [TIME] = BEFORE(","),
        [END] = BEFORE("\n"),
    },
    .quote = quote_csv,
    .mark = "",
    .none = "",
    .put_names = put_csv_names,
};
// clang-format on

static char *add_before(char *at, const form *as, member next)
{
    return wpi_add_bytes(at, as->before[next].text, as->before[next].len);
}

static void put_before(wpi_text *out, const form *as, member next)
{
    wpi_put_bytes(out, as->before[next].text, as->before[next].len);
}

/* Up to the manager. */
static void put_place(const wpi_record *record, const form *as, wpi_text *out)
{
    char name[WP_RMGR_NAME_BYTES];
    char *start = wpi_text_reserve(out, PLACE_CHARS_MAX);
    if (!start)
        return;
    char *at = wpi_add_lsn(add_before(start, as, LSN), record->lsn);
    at = wpi_add_lsn(add_before(at, as, END_LSN), record->end_lsn);
    at = wpi_add_lsn(add_before(at, as, PREV_LSN), record->prev);
    at = wpi_add_u32(add_before(at, as, XID), record->xid);
    at = wpi_add(add_before(at, as, RMGR), wp_rmgr_name(record->rmid, name));
    out->len += (size_t)(at - start);
}

static void put_lengths(const wpi_record *record, const form *as, wpi_text *out)
{
    char *start = wpi_text_reserve(out, PLACE_CHARS_MAX);
    if (!start)
        return;
    char *at = wpi_add_u32(add_before(start, as, TOT_LEN), record->total_bytes);
    at = wpi_add_u32(add_before(at, as, MAIN_LEN), (uint32_t)record->main.len);
    at = wpi_add_u32(add_before(at, as, FPI_LEN), wpi_image_bytes(record));
    out->len += (size_t)(at - start);
}

/* ISO 8601, UTC. */
static void put_time(const wpi_record *record, const form *as, wpi_text *out)
{
    char chars[WP_TIME_TEXT_BYTES];
    const wp_time time = wpi_record_time(record);
    if (time == WP_TIME_UNKNOWN) {
        wpi_put(out, as->none);
        return;
    }
    wpi_put(out, as->mark);
    wpi_put(out, wp_time_format(time, chars));
    wpi_put(out, as->mark);
}

static bool put_members(const wpi_record *record, const form *as, wpi_text *out)
{
    put_place(record, as, out);
    put_before(out, as, TYPE);
    wpi_put_operation(record, out);
    put_lengths(record, as, out);
    put_before(out, as, DESC);
    size_t from = out->len;
    if (!wpi_put_details(record, out))
        return false;
    as->quote(out, from);
    put_before(out, as, BLOCK_REF);
    from = out->len;
    put_blocks(record, out);
    if (record->nblocks > 0)
        as->quote(out, from);
    else
        wpi_put(out, as->none);
    put_before(out, as, TIME);
    put_time(record, as, out);
    if (out->dump->name_file)
        as->put_names(record, out);
    put_before(out, as, END);
    return true;
}

bool wpi_put_json(const wpi_record *record, wpi_text *out)
{
    return put_members(record, &json, out);
}

bool wpi_put_csv(const wpi_record *record, wpi_text *out)
{
    return put_members(record, &csv, out);
}
