/* dump.c - which records are wanted, and what becomes of them: see <walparse/dump.h>. */
#include <walparse/dump.h>

#include <assert.h>
#include <string.h>

#include "decode/facts.h"
#include "describe/describe.h"
#include "describe/filter.h"
#include "describe/members.h"

static bool (*const writers[])(const wpi_record *record, wpi_text *out) = {
    [WP_DUMP_LINES] = wpi_put_line,
    [WP_DUMP_JSON] = wpi_put_json,
    [WP_DUMP_CSV] = wpi_put_csv,
};

/* Text of this many bytes is not added to. */
#define JOINED_BYTES_MAX (1U << 20)

/* The text that a line may be added to; NULL: none. */
static const wp_fact_text *open_text(const wp_dump *dump, const wp_facts *facts)
{
    const wp_fact *last = dump->joins_lines ? wpi_fact_open(facts, WP_FACT_TEXT) : NULL;
    return last && last->size < JOINED_BYTES_MAX ? (const void *)last : NULL;
}

/* Its lengths are filled in when they are known. */
static void put_fact_head(const wpi_record *parts, wpi_text *out)
{
    const wp_fact_text head = { .fact = {
                                    .kind = WP_FACT_TEXT, .xid = parts->xid, .lsn = parts->lsn } };
    wpi_put_bytes(out, &head, sizeof head);
}

/* The line is written into the facts themselves, after room for the head, whose lengths are filled in when they are known. */
static wp_status add_text(const wp_dump *dump, const wpi_record *parts, wp_facts *facts,
                          bool *is_good)
{
    const wp_fact_text *open = open_text(dump, facts);
    const size_t begin = open ? facts->open_at : facts->len;
    wpi_text out = { .start = (char *)facts->bytes,
                     .len = begin,
                     .room = facts->room,
                     .dump = dump,
                     .files = facts->files };
    if (open)
        out.len += sizeof *open + open->text_bytes;
    else
        put_fact_head(parts, &out);
    *is_good = writers[dump->format](parts, &out);
    const uint64_t text_bytes = out.len - begin - sizeof *open;
    static const char padding[8];
    wpi_put_bytes(&out, padding, sizeof padding);
    out.len = begin + sizeof *open + ((text_bytes + 7) & ~(uint64_t)7);
    facts->bytes = (uint8_t *)out.start;
    facts->room = out.room;
    if (out.out_of_memory || out.len - begin > UINT32_MAX)
        return WP_ERR_NOMEM;
    if (!*is_good)
        return WP_OK;
    wp_fact_text *fact = (wp_fact_text *)(void *)(facts->bytes + begin);
    fact->fact.size = (uint32_t)(out.len - begin);
    fact->end_lsn = parts->end_lsn;
    fact->text_bytes = text_bytes;
    facts->len = out.len;
    facts->open_at = begin;
    return WP_OK;
}

static wp_status add_images(const wpi_record *parts, wp_facts *facts)
{
    wpi_builder out = { .facts = facts };
    for (unsigned i = 0; i < parts->nblocks; i++) {
        const wpi_block *block = &parts->blocks[i];
        const wpi_image *image = &block->image;
        if (!block->has_image)
            continue;
        wp_fact_image *fact = wpi_fact_add(&out, WP_FACT_IMAGE, sizeof *fact + image->bytes.len,
                                           parts->lsn, parts->xid);
        if (!fact)
            return WP_ERR_NOMEM;
        fact->locator = block->locator;
        fact->block = block->number;
        fact->bytes = (uint32_t)image->bytes.len;
        fact->hole_offset = image->hole_offset;
        fact->hole_length = image->hole_length;
        fact->info = image->info;
        fact->fork = block->fork;
        if (image->bytes.len > 0)
            memcpy(fact->stored, image->bytes.bytes, image->bytes.len);
    }
    return WP_OK;
}

wp_status wp_image_restore(const wp_profile *profile, const wp_fact_image *fact, uint8_t *page,
                           size_t page_bytes)
{
    const wpi_image image = { .bytes = { fact->stored, fact->bytes },
                              .hole_offset = fact->hole_offset,
                              .hole_length = fact->hole_length,
                              .info = fact->info };
    return wpi_image_restore(profile, &image, page, page_bytes);
}

/* The images and the text; neither where the content contradicts itself. */
static wp_status add_record(const wp_dump *dump, const wpi_record *parts, wp_facts *facts,
                            bool *is_good)
{
    const size_t begin = facts->len;
    wp_status status = dump->with_images ? add_images(parts, facts) : WP_OK;
    if (status < 0)
        return status;
    status = add_text(dump, parts, facts, is_good);
    if (status >= 0 && !*is_good)
        facts->len = begin;
    return status;
}

wp_status wp_dump_record(const wp_dump *dump, const wp_record *record, wp_facts *facts)
{
    assert(dump->format < sizeof writers / sizeof *writers);
    wpi_record parts;
    bool is_wanted, is_good;
    wp_status status = wpi_filter_take(&dump->filter, record, &parts, &is_wanted, facts);
    if (status < 0 || !is_wanted)
        return status;
    status = add_record(dump, &parts, facts, &is_good);
    return status < 0 || is_good ? status : wpi_filter_damage(record, WP_DAMAGE_PAYLOAD, facts);
}
