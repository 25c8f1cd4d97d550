/*
 * datadir.c - pg_control, pg_filenode.map, backup_label, backup_manifest and pages of catalogs.
 *
 * Mirrors catalog/pg_control.h, utils/cache/relmapper.c and access/transam/xlogbackup.c:
 *
 *   pg_control       u64 system identifier, u32 version, u32 catalog version, u32 state, i64 time,
 *                    u64 checkpoint, ... u32 maxAlign, f64 1234567.0,
 *                    u32 BLCKSZ, u32 RELSEG_SIZE, [u32 SLRU pages], u32 XLOG_BLCKSZ, u32 WAL segment size
 *                    ... u32 data_checksum_version, ... u32 crc
 *   pg_filenode.map  u32 magic, i32 n, {u32 catalog, u32 file}[62, or from 16 on 64], u32 crc
 *   backup_label     lines of "KEY: value"; a .backup history file has the STOP lines as well
 */
#include <walparse/datadir.h>

#include <string.h>

#include "format/catalogs.h"
#include "base/crc32c.h"
#include "base/cursor.h"
#include "decode/facts.h"
#include "base/fail.h"

#define RELMAP_MAGIC 0x592717
#define RELMAP_HEADER_BYTES 8
#define PAGE_HEADER_BYTES 24
#define PAGE_LAYOUT_VERSION 4
#define TUPLE_HEADER_BYTES 23
#define LP_NORMAL 1

static uint32_t crc32c(const uint8_t *bytes, size_t len)
{
    return ~wpi_crc32c_choose()(UINT32_MAX, bytes, len);
}

/* ---- pg_control --------------------------------------------------------------------------- */

static bool crc_fits(wp_view bytes, size_t at)
{
    return at > 0 && bytes.len >= at + 4 && crc32c(bytes.bytes, at) == wpi_u32(bytes.bytes + at);
}

static bool is_power_of_two(uint32_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

/*
 * The settings lie in front of maxAlign, four bytes each, with a bool padded to four after them:
 * MaxConnections, max_worker_processes, (max_wal_senders,) max_prepared_xacts, max_locks_per_xact, bool.
 */
static wp_control_settings take_settings(const wp_profile *profile, const uint8_t *max_align)
{
    const uint8_t *at = max_align - (profile->parameters_have_wal_senders ? 24 : 20);
    wp_control_settings got = { .max_connections = (int32_t)wpi_u32(at),
                                .max_worker_processes = (int32_t)wpi_u32(at + 4),
                                .max_wal_senders = -1 };
    at += 8;
    if (profile->parameters_have_wal_senders) {
        got.max_wal_senders = (int32_t)wpi_u32(at);
        at += 4;
    }
    got.max_prepared_xacts = (int32_t)wpi_u32(at);
    got.max_locks_per_xact = (int32_t)wpi_u32(at + 4);
    return got;
}

wp_status wp_control_parse(const wp_profile *profile, wp_view bytes, wp_control *out, wp_error *err)
{
    if (bytes.len < 16)
        return wpi_fail(err, WP_ERR_DAMAGE, 0, "pg_control has %zu bytes only", bytes.len);
    const uint32_t version = wpi_u32(bytes.bytes + 8);
    const bool is_old = version == profile->control_version_old && version != 0;
    if (version != profile->control_version && !is_old)
        return wpi_fail(err, WP_ERR_VERSION, 0,
                        "pg_control has version %u, not the %u of PostgreSQL %s", version,
                        profile->control_version, profile->major);
    const size_t less = is_old ? sizeof(uint32_t) : 0;
    const bool is_64 = crc_fits(bytes, (size_t)profile->control.crc_at - less);
    if (!is_64
        && (profile->control_32.crc_at == 0
            || !crc_fits(bytes, (size_t)profile->control_32.crc_at - less)))
        return wpi_fail(err, WP_ERR_DAMAGE, 0, "the checksum of pg_control is wrong");
    const wp_control_layout *at = is_64 ? &profile->control : &profile->control_32;
    const size_t align = is_64 ? 8 : 4;
    const size_t float_at = ((size_t)at->max_align_at + 4 + align - 1) & ~(align - 1);
    const uint8_t *sizes = bytes.bytes + float_at + 8;
    const size_t checkpoint_at = (20 + align - 1) / align * align + 8; /* after state and time */
    *out = (wp_control){ .system_identifier = wpi_u64(bytes.bytes),
                         .catalog_version = wpi_u32(bytes.bytes + 12),
                         .max_align = (uint8_t)align,
                         .checkpoint = wpi_u64(bytes.bytes + checkpoint_at),
                         .min_recovery = wpi_u64(bytes.bytes + at->min_recovery_at),
                         .block_bytes = wpi_u32(sizes),
                         .blocks_per_file = wpi_u32(sizes + 4),
                         .segment_size = wpi_u32(sizes + (at->has_slru_size ? 16 : 12)),
                         .checksum_version = wpi_u32(bytes.bytes + at->checksum_version_at - less),
                         .settings = take_settings(profile, bytes.bytes + at->max_align_at) };
    if (!is_power_of_two(out->block_bytes) || out->block_bytes < 1024 || out->block_bytes > 32768
        || out->blocks_per_file == 0)
        return wpi_fail(err, WP_ERR_DAMAGE, 0,
                        "pg_control has impossible sizes: %u-byte blocks, %u a file",
                        out->block_bytes, out->blocks_per_file);
    return WP_OK;
}

/* ---- pg_filenode.map ---------------------------------------------------------------------- */

wp_status wp_relmap_parse(wp_view bytes, wp_relmap_entry entries[WP_RELMAP_ENTRIES_MAX],
                          size_t *count, wp_error *err)
{
    static const struct {
        size_t file_bytes, room;
    } layouts[] = { { 512, 62 }, { 524, 64 } };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        const size_t crc_at = RELMAP_HEADER_BYTES + 8 * layouts[i].room;
        if (bytes.len != layouts[i].file_bytes)
            continue;
        const uint32_t n = wpi_u32(bytes.bytes + 4);
        if (wpi_u32(bytes.bytes) != RELMAP_MAGIC || n > layouts[i].room || !crc_fits(bytes, crc_at))
            break;
        for (uint32_t e = 0; e < n; e++) {
            const uint8_t *at = bytes.bytes + RELMAP_HEADER_BYTES + 8 * (size_t)e;
            entries[e] = (wp_relmap_entry){ wpi_u32(at), wpi_u32(at + 4) };
        }
        *count = n;
        return WP_OK;
    }
    return wpi_fail(err, WP_ERR_DAMAGE, 0, "its size, count or checksum is wrong");
}

/* ---- backup_label ------------------------------------------------------------------------- */

typedef struct span {
    const char *at, *end;
} span;

static bool starts_with(span *s, const char *word)
{
    const size_t len = strlen(word);
    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return false;
    s->at += len;
    return true;
}

static void copy_span(span s, char *out, size_t room)
{
    size_t len = (size_t)(s.end - s.at);
    if (len >= room)
        len = room - 1;
    memcpy(out, s.at, len);
    out[len] = '\0';
}

static bool take_lsn(span *s, wp_lsn *out)
{
    char word[WP_LSN_TEXT_BYTES];
    const char *at = s->at;
    while (at < s->end && *at != ' ' && *at != '"' && *at != ',')
        at++;
    if ((size_t)(at - s->at) >= sizeof word)
        return false;
    copy_span((span){ s->at, at }, word, sizeof word);
    s->at = at;
    return wp_lsn_parse(word, out) && *out != 0;
}

/* Decimal digits: at least `least`, at most `most`. */
static bool take_number(span *s, size_t least, size_t most, uint64_t *out)
{
    size_t n = 0;
    *out = 0;
    for (; n < most && s->at < s->end && *s->at >= '0' && *s->at <= '9'; n++, s->at++)
        *out = *out * 10 + (uint64_t)(*s->at - '0');
    return n >= least;
}

/* Days from 2000-01-01 to a day of the Gregorian calendar. */
static int64_t days_since_2000(int64_t year, int64_t month, int64_t day)
{
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t m = month <= 2 ? month + 9 : month - 3;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 730425;
}

/*
 * Abbreviations that since 2015 have one meaning in the tz database, in minutes east of Greenwich. Not CST, CDT, IST,
 * PST, KST, which have several, and not AST, which servers of 2016 wrote in Arabia, too.
 */
// clang-format off
static const struct {
    const char *name;
    int minutes;
} zones[] = {
    { "UTC", 0 },     { "GMT", 0 },     { "WET", 0 },     { "WEST", 60 },   { "BST", 60 },    { "CET", 60 },
    { "CEST", 120 },  { "MET", 60 },    { "MEST", 120 },  { "EET", 120 },   { "EEST", 180 },  { "MSK", 180 },
    { "IDT", 180 },   { "WAT", 60 },    { "CAT", 120 },   { "SAST", 120 },  { "EAT", 180 },   { "PKT", 300 },
    { "WIB", 420 },   { "HKT", 480 },   { "AWST", 480 },  { "JST", 540 },   { "ACST", 570 },  { "ACDT", 630 },
    { "AEST", 600 },  { "AEDT", 660 },  { "NZST", 720 },  { "NZDT", 780 },  { "NST", -210 },  { "NDT", -150 },
    { "EST", -300 },  { "EDT", -240 },  { "MST", -420 },  { "MDT", -360 },  { "PDT", -420 },  { "AKST", -540 },
    { "AKDT", -480 }, { "HST", -600 },
};
// clang-format on

/* One of these, or an offset such as "+02", "-0330", "+05:30", in seconds east of Greenwich. */
static bool take_zone(span *s, int64_t *seconds)
{
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        span rest = *s;
        *seconds = zones[i].minutes * INT64_C(60);
        if (starts_with(&rest, zones[i].name) && rest.at == rest.end)
            return true;
    }
    const bool is_west = starts_with(s, "-");
    uint64_t hours = 0, minutes = 0;
    if ((!is_west && !starts_with(s, "+")) || !take_number(s, 2, 2, &hours))
        return false;
    (void)starts_with(s, ":");
    if (s->at < s->end && !take_number(s, 2, 2, &minutes))
        return false;
    *seconds = (int64_t)(hours * 3600 + minutes * 60) * (is_west ? -1 : 1);
    return s->at == s->end;
}

/* "2026-11-22 10:48:05 UTC". */
static wp_time parse_time(span s)
{
    uint64_t part[6];
    static const char *const behind[] = { "-", "-", " ", ":", ":", " " };
    for (size_t i = 0; i < 6; i++)
        if (!take_number(&s, i == 0 ? 4 : 2, i == 0 ? 4 : 2, &part[i])
            || !starts_with(&s, behind[i]))
            return WP_TIME_UNKNOWN;
    int64_t east = 0;
    if (!take_zone(&s, &east) || part[1] < 1 || part[1] > 12 || part[2] < 1 || part[2] > 31
        || part[3] > 23 || part[4] > 59 || part[5] > 60)
        return WP_TIME_UNKNOWN;
    const int64_t days = days_since_2000((int64_t)part[0], (int64_t)part[1], (int64_t)part[2]);
    const int64_t seconds = (int64_t)(part[3] * 3600 + part[4] * 60 + part[5]);
    return (days * 86400 + seconds - east) * INT64_C(1000000);
}

/* "(file 000000020000000000000005)": the timeline is in the name. */
static wp_tli tli_of_file(span s)
{
    char name[WP_SEGMENT_NAME_BYTES];
    wp_segment_name parsed;
    if (!starts_with(&s, " (file ") || s.end - s.at < WP_SEGMENT_NAME_CHARS)
        return 0;
    copy_span((span){ s.at, s.at + WP_SEGMENT_NAME_CHARS }, name, sizeof name);
    return wp_segment_name_parse(name, &parsed) ? parsed.tli : 0;
}

/* False: a line that is known but makes no sense. */
static bool take_label_line(span line, wp_backup_label *out)
{
    uint64_t number;
    if (starts_with(&line, "START WAL LOCATION: ")) {
        if (!take_lsn(&line, &out->start_lsn))
            return false;
        out->timeline = out->timeline ? out->timeline : tli_of_file(line);
    } else if (starts_with(&line, "STOP WAL LOCATION: ")) {
        return take_lsn(&line, &out->stop_lsn);
    } else if (starts_with(&line, "CHECKPOINT LOCATION: ")) {
        return take_lsn(&line, &out->checkpoint_lsn);
    } else if (starts_with(&line, "BACKUP FROM: ")) {
        out->is_from_standby = starts_with(&line, "standby");
    } else if (starts_with(&line, "START TIME: ")) {
        out->start_time = parse_time(line);
        copy_span(line, out->start_time_text, sizeof out->start_time_text);
    } else if (starts_with(&line, "STOP TIME: ")) {
        out->stop_time = parse_time(line);
    } else if (starts_with(&line, "LABEL: ")) {
        copy_span(line, out->label, sizeof out->label);
    } else if (starts_with(&line, "START TIMELINE: ")) {
        if (!take_number(&line, 1, 10, &number) || number == 0 || number > UINT32_MAX)
            return false;
        out->timeline = (wp_tli)number;
    } else if (starts_with(&line, "INCREMENTAL FROM LSN: ")) {
        out->is_incremental = true;
    }
    return true;
}

wp_status wp_backup_label_parse(wp_view text, wp_backup_label *out, wp_error *err)
{
    wp_backup_label got = { .start_time = WP_TIME_UNKNOWN, .stop_time = WP_TIME_UNKNOWN };
    const char *at = (const char *)text.bytes, *const end = at + text.len;
    while (at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        span line = { at, feed ? feed : end };
        at = feed ? feed + 1 : end;
        if (line.end > line.at && line.end[-1] == '\r')
            line.end--;
        if (!take_label_line(line, &got)) {
            char shown[80];
            copy_span(line, shown, sizeof shown);
            return wpi_fail(err, WP_ERR_DAMAGE, 0, "cannot read the line \"%s\"", shown);
        }
    }
    if (!got.start_lsn)
        return wpi_fail(err, WP_ERR_DAMAGE, 0, "it has no START WAL LOCATION");
    *out = got;
    return WP_OK;
}

/* ---- backup_manifest ---------------------------------------------------------------------- */

/* After the next "key": in s, blanks skipped. */
static bool find_key(span *s, const char *key)
{
    const size_t len = strlen(key);
    for (const char *at = s->at; (size_t)(s->end - at) > len; at++) {
        at = memchr(at, key[0], (size_t)(s->end - at) - len);
        if (!at)
            return false;
        if (memcmp(at, key, len) != 0)
            continue;
        at += len;
        while (at < s->end && (*at == ' ' || *at == ':'))
            at++;
        s->at = at;
        return true;
    }
    return false;
}

void wp_backup_manifest_parse(wp_view text, wp_backup_manifest *out)
{
    const char *at = (const char *)text.bytes;
    span s = { at, at + text.len };
    uint64_t number;
    *out = (wp_backup_manifest){ 0 };
    if (find_key(&s, "\"System-Identifier\"") && take_number(&s, 1, 20, &number))
        out->system_identifier = number;
    s.at = at;
    if (!find_key(&s, "\"WAL-Ranges\""))
        return;
    wp_lsn lsn;
    while (find_key(&s, "\"End-LSN\"") && starts_with(&s, "\"") && take_lsn(&s, &lsn))
        out->end_lsn = lsn > out->end_lsn ? lsn : out->end_lsn;
}

/* ---- catalogs ----------------------------------------------------------------------------- */

bool wp_catalog_is_followed(wp_oid catalog)
{
    return wpi_is_tracked_catalog(catalog);
}

bool wp_catalog_is_shared(wp_oid catalog)
{
    return wpi_is_shared_catalog(catalog);
}

bool wp_page_lsn(wp_view page, wp_lsn *out)
{
    if (page.len < PAGE_HEADER_BYTES
        || wpi_u16(page.bytes + 18) != (uint16_t)(page.len | PAGE_LAYOUT_VERSION))
        return false;
    *out = (wp_lsn)wpi_u32(page.bytes) << 32 | wpi_u32(page.bytes + 4);
    return true;
}

/* The row at a line pointer of a page of pg_class; false when there is none. */
static bool class_row(const wp_profile *profile, wp_view page, size_t pointer_at,
                      wp_catalog_file *out)
{
    const uint32_t lp = wpi_u32(page.bytes + pointer_at);
    const size_t at = lp & 0x7FFF, len = lp >> 17;
    if ((lp >> 15 & 3) != LP_NORMAL || len < TUPLE_HEADER_BYTES || at + len > page.len)
        return false;
    const uint8_t *tuple = page.bytes + at;
    const size_t hoff = tuple[22];
    const wp_catalog_layout *layout = &profile->catalog;
    if (hoff < TUPLE_HEADER_BYTES + 4 || hoff + (size_t)layout->relfilenode_at + 4 > len)
        return false;
    out->catalog = wpi_u32(layout->oid_in_header ? tuple + hoff - 4 : tuple + hoff);
    out->filenode = wpi_u32(tuple + hoff + layout->relfilenode_at);
    return out->filenode != 0;
}

size_t wp_page_catalog_files(const wp_profile *profile, wp_oid db, wp_view page,
                             wp_catalog_file *out, size_t room)
{
    wp_lsn lsn;
    if (!wp_page_lsn(page, &lsn))
        return 0;
    const size_t lower = wpi_u16(page.bytes + 12);
    size_t n = 0;
    for (size_t at = PAGE_HEADER_BYTES; at + 4 <= lower && at + 4 <= page.len && n < room;
         at += 4) {
        wp_catalog_file row = { .db = db };
        if (class_row(profile, page, at, &row) && wpi_is_tracked_catalog(row.catalog))
            out[n++] = row;
    }
    return n;
}

uint32_t wp_crc32c(uint32_t crc, wp_view bytes)
{
    return ~wpi_crc32c_choose()(~crc, bytes.bytes, bytes.len);
}

wp_status wp_facts_add_page(wp_facts *facts, const wp_file_page *page, wp_error *err)
{
    wpi_builder out = { .facts = facts };
    wp_fact_page *fact =
        wpi_fact_add(&out, WP_FACT_CATALOG_PAGE, sizeof *fact + page->bytes.len, page->lsn, 0);
    if (!fact)
        return wpi_fail(err, WP_ERR_NOMEM, page->lsn, "out of memory");
    fact->fact.flags = WP_PAGE_FROM_BACKUP;
    fact->locator = page->locator;
    fact->block = page->block;
    fact->catalog = page->catalog;
    fact->bytes = (uint32_t)page->bytes.len;
    memcpy(fact->page, page->bytes.bytes, page->bytes.len);
    return WP_OK;
}
