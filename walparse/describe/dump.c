/* dump.c - which records are wanted, and what becomes of them: see <walparse/dump.h>. */
#include <walparse/dump.h>

#include <assert.h>

#include "describe/describe.h"
#include "describe/filter.h"
#include "describe/members.h"

static bool (*const writers[])(const wpi_record *record, wpi_text *out) = {
    [WP_DUMP_LINES] = wpi_put_line,
    [WP_DUMP_JSON] = wpi_put_json,
    [WP_DUMP_CSV] = wpi_put_csv,
};

/* The line is written into the facts themselves, after room for the head, which is filled in when its length is known. */
static wp_status add_text(const wp_dump *dump, const wpi_record *parts, wp_facts *facts,
                          bool *is_good)
{
    wpi_text out = {
        .start = (char *)facts->bytes, .len = facts->len, .room = facts->room, .dump = dump
    };
    const size_t begin = facts->len;
    const wp_fact_text blank = { 0 };
    wpi_put_bytes(&out, &blank, sizeof blank);
    *is_good = writers[dump->format](parts, &out);
    const uint64_t text_bytes = out.len - begin - sizeof blank;
    static const char padding[8];
    wpi_put_bytes(&out, padding, -text_bytes & 7);
    facts->bytes = (uint8_t *)out.start;
    facts->room = out.room;
    if (out.out_of_memory || out.len - begin > UINT32_MAX)
        return WP_ERR_NOMEM;
    if (!*is_good)
        return WP_OK;
    wp_fact_text *fact = (wp_fact_text *)(void *)(facts->bytes + begin);
    fact->fact = (wp_fact){ .size = (uint32_t)(out.len - begin),
                            .kind = WP_FACT_TEXT,
                            .xid = parts->xid,
                            .lsn = parts->lsn };
    fact->end_lsn = parts->end_lsn;
    fact->text_bytes = text_bytes;
    facts->len = out.len;
    return WP_OK;
}

wp_status wp_dump_record(const wp_dump *dump, const wp_record *record, wp_facts *facts)
{
    assert(dump->format < sizeof writers / sizeof *writers);
    wpi_record parts;
    bool is_wanted, is_good;
    wp_status status = wpi_filter_take(&dump->filter, record, &parts, &is_wanted, facts);
    if (status < 0 || !is_wanted)
        return status;
    status = add_text(dump, &parts, facts, &is_good);
    return status < 0 || is_good ? status : wpi_filter_damage(record, WP_DAMAGE_PAYLOAD, facts);
}
