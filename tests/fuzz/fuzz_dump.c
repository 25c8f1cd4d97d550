/*
 * fuzz_dump.c - records of any content, described in every form.
 *
 * Input: a byte that chooses the server, then records, one after another, each as long as its length field says; the last one as long as
 * there are bytes. A line of JSON must be one line, without a control character in it.
 */
#include <stdlib.h>
#include <string.h>

#include "format/record.h"
#include "fuzz.h"

#define INPUT_BYTES_MAX 65536

static void check_json(const wp_fact_text *fact)
{
    const uint8_t *text = (const void *)(fact + 1);
    for (uint64_t i = 0; i + 1 < fact->text_bytes; i++)
        if (text[i] < 0x20)
            abort();
    if (fact->text_bytes < 2 || text[fact->text_bytes - 1] != '\n')
        abort();
}

static void dump_all(const wp_record *record)
{
    wp_facts facts = { 0 };
    for (int format = WP_DUMP_LINES; format <= WP_DUMP_CSV; format++) {
        const wp_dump dump = { .format = (wp_dump_format)format, .block_size = 8192 };
        wp_facts_clear(&facts);
        if (wp_dump_record(&dump, record, &facts) < 0)
            abort();
        size_t pos = 0;
        const wp_fact *fact = wp_facts_next(&facts, &pos);
        if (!fact || wp_facts_next(&facts, &pos))
            abort(); /* text, or damage */
        if (fact->kind == WP_FACT_TEXT && format == WP_DUMP_JSON)
            check_json((const void *)fact);
    }
    const wp_record_filter all = { 0 };
    if (wp_tally_record(&all, record, &facts) < 0 || wp_record_facts(&all, record, &facts) < 0)
        abort();
    for (int by = WP_STATS_BY_TYPE; by <= WP_STATS_TOGETHER; by++) {
        const wp_stats stats = { .by = (wp_stats_by)by };
        if (wp_stats_record(&stats, record, &facts) < 0)
            abort();
    }
    wp_facts_free(&facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > INPUT_BYTES_MAX)
        return 0;
    const fuzz_server server = fuzz_choose_server(data[0]);
    wp_record record = { .profile = server.profile, .max_align = server.max_align };
    record.lsn = 0x1000028;
    for (size_t at = 1; size - at >= WPI_RECORD_HEADER_BYTES;) {
        size_t len = wpi_u32(data + at);
        if (len < WPI_RECORD_HEADER_BYTES || len > size - at)
            len = size - at;
        uint8_t *bytes = malloc(len); /* exactly as much, for the sanitizer */
        if (!bytes)
            return 0;
        memcpy(bytes, data + at, len);
        for (size_t i = 0; i < 4; i++)
            bytes[i] = (uint8_t)(len >> 8 * i);
        record.end_lsn = record.lsn + len;
        record.bytes = (wp_view){ bytes, len };
        dump_all(&record);
        free(bytes);
        at += len;
    }
    return 0;
}
