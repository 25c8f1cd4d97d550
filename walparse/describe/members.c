/*
 * members.c - see members.h. Mirrors contrib/pg_walinspect/pg_walinspect.c, GetWALRecordInfo, and
 * access/rmgrdesc/xlogdesc.c, XLogRecGetBlockRefInfo with detailed_format.
 */
#include "describe/members.h"

#include "describe/describe.h"
#include "describe/record_time.h"

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

static void put_image(const wpi_record *record, const wpi_image *image, wpi_text *out)
{
    const wp_profile *profile = record->profile;
    const uint8_t methods =
        (uint8_t)(profile->image_pglz | profile->image_lz4 | profile->image_zstd);
    const uint32_t block_size = out->dump->block_size;
    const uint32_t stored = (uint32_t)image->bytes.len;
    const bool is_packed = image->info & methods, has_hole = image->info & WPI_IMAGE_HAS_HOLE;
    const uint32_t hole = is_packed ? image->hole_length : has_hole ? block_size - stored : 0;
    wpi_put(out, " (FPW");
    if (profile->image_apply && !(image->info & profile->image_apply))
        wpi_put(out, " for WAL verification");
    wpi_put(out, "); hole: offset: ");
    wpi_put_u32(out, image->hole_offset);
    wpi_put(out, ", length: ");
    wpi_put_u32(out, hole);
    if (!is_packed)
        return;
    wpi_put(out, ", compression saved: ");
    wpi_put_u32(out, block_size - hole - stored);
    wpi_put(out, ", method: ");
    wpi_put(out, method_of(profile, image->info));
}

/* pg_walinspect puts the blank before every reference but that of block 0, the first one or not. */
static void put_blocks(const wpi_record *record, wpi_text *out)
{
    for (unsigned i = 0; i < record->nblocks; i++) {
        const wpi_block *block = &record->blocks[i];
        wpi_put(out, block->id > 0 ? " blkref #" : "blkref #");
        wpi_put_u32(out, block->id);
        wpi_put(out, ": rel ");
        wpi_put_locator(out, &block->locator);
        wpi_put(out, " fork ");
        wpi_put(out, wpi_fork_name(block->fork));
        wpi_put(out, " blk ");
        wpi_put_u32(out, block->number);
        if (block->has_image)
            put_image(record, &block->image, out);
    }
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

/* ISO 8601, UTC, between two of these marks; nothing where the record bears no time. */
static bool put_time(const wpi_record *record, const char *mark, wpi_text *out)
{
    char chars[WP_TIME_TEXT_BYTES];
    const wp_time time = wpi_record_time(record);
    if (time == WP_TIME_UNKNOWN)
        return false;
    wpi_put(out, mark);
    wpi_put(out, wp_time_format(time, chars));
    wpi_put(out, mark);
    return true;
}

bool wpi_put_json(const wpi_record *record, wpi_text *out)
{
    char name[WP_RMGR_NAME_BYTES];
    wpi_put(out, "{\"lsn\":\"");
    wpi_put_lsn(out, record->lsn);
    wpi_put(out, "\",\"end_lsn\":\"");
    wpi_put_lsn(out, record->end_lsn);
    wpi_put(out, "\",\"prev_lsn\":\"");
    wpi_put_lsn(out, record->prev);
    wpi_put(out, "\",\"xid\":");
    wpi_put_u32(out, record->xid);
    wpi_put(out, ",\"rmgr\":\"");
    wpi_put(out, wp_rmgr_name(record->rmid, name));
    wpi_put(out, "\",\"type\":\"");
    wpi_put_operation(record, out);
    wpi_put(out, "\",\"tot_len\":");
    wpi_put_u32(out, record->total_bytes);
    wpi_put(out, ",\"main_len\":");
    wpi_put_u32(out, (uint32_t)record->main.len);
    wpi_put(out, ",\"fpi_len\":");
    wpi_put_u32(out, wpi_image_bytes(record));
    wpi_put(out, ",\"desc\":");
    size_t from = out->len;
    if (!wpi_put_details(record, out))
        return false;
    quote_json(out, from);
    wpi_put(out, ",\"block_ref\":");
    from = out->len;
    put_blocks(record, out);
    if (record->nblocks > 0)
        quote_json(out, from);
    else
        wpi_put(out, "null");
    wpi_put(out, ",\"time\":");
    if (!put_time(record, "\"", out))
        wpi_put(out, "null");
    if (out->dump->name_file)
        put_json_relations(record, out);
    wpi_put(out, "}\n");
    return true;
}

bool wpi_put_csv(const wpi_record *record, wpi_text *out)
{
    char name[WP_RMGR_NAME_BYTES];
    wpi_put_lsn(out, record->lsn);
    wpi_put_char(out, ',');
    wpi_put_lsn(out, record->end_lsn);
    wpi_put_char(out, ',');
    wpi_put_lsn(out, record->prev);
    wpi_put_char(out, ',');
    wpi_put_u32(out, record->xid);
    wpi_put_char(out, ',');
    wpi_put(out, wp_rmgr_name(record->rmid, name));
    wpi_put_char(out, ',');
    wpi_put_operation(record, out);
    wpi_put_char(out, ',');
    wpi_put_u32(out, record->total_bytes);
    wpi_put_char(out, ',');
    wpi_put_u32(out, (uint32_t)record->main.len);
    wpi_put_char(out, ',');
    wpi_put_u32(out, wpi_image_bytes(record));
    wpi_put_char(out, ',');
    size_t from = out->len;
    if (!wpi_put_details(record, out))
        return false;
    quote_csv(out, from);
    wpi_put_char(out, ',');
    from = out->len;
    put_blocks(record, out);
    quote_csv(out, from);
    wpi_put_char(out, ',');
    (void)put_time(record, "", out);
    if (out->dump->name_file) {
        wpi_put_char(out, ',');
        from = out->len;
        wpi_put_names(record, out);
        quote_csv(out, from);
    }
    wpi_put_char(out, '\n');
    return true;
}
