/*
 * record_cutter.c - cuts records out of real segments, for the fuzzers to start from: the shortest of each type.
 *
 *   record_cutter NUMBER OUT SEGMENT...
 *
 * NUMBER is that of the server (fuzz_choose_server()). Writes OUT-MANAGER files of records, one after another.
 */
#include <walparse/walparse.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/record_head.h"

/* Longer ones are left out: nearly all of it is images of pages. */
#define RECORD_BYTES_MAX 1200

static struct {
    uint8_t bytes[RECORD_BYTES_MAX];
    size_t len;
} shortest[WP_RMGR_COUNT][256];

static bool keep(void *context, const wp_record *record, wp_facts *facts)
{
    (void)context, (void)facts;
    const uint8_t *bytes = record->bytes.bytes;
    const size_t len = record->bytes.len;
    const uint8_t rmid = wpi_record_rmid(bytes), info = wpi_record_info(bytes);
    if (len <= RECORD_BYTES_MAX
        && (shortest[rmid][info].len == 0 || len < shortest[rmid][info].len)) {
        memcpy(shortest[rmid][info].bytes, bytes, len);
        shortest[rmid][info].len = len;
    }
    return true;
}

static bool read_segment(const char *path)
{
    static uint8_t bytes[16 << 20];
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    const size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    wp_error err;
    wp_mapper_config config = { .on_record = keep };
    wp_mapper *mapper = NULL;
    wp_facts facts = { 0 };
    const bool is_good = wp_segment_probe((wp_view){ bytes, len }, &config.segment, &err) == WP_OK
                         && wp_mapper_new(&config, &mapper, &err) >= 0
                         && wp_mapper_feed(mapper, (wp_view){ bytes, len }, &facts, &err) >= 0;
    wp_facts_free(&facts);
    wp_mapper_free(mapper);
    return is_good;
}

static bool write_manager(const char *out, char server, uint8_t rmid)
{
    char path[1000], name[WP_RMGR_NAME_BYTES];
    snprintf(path, sizeof path, "%s-%s", out, wp_rmgr_name(rmid, name));
    FILE *f = fopen(path, "wb");
    if (!f)
        return false;
    fputc(server, f);
    for (unsigned info = 0; info < 256; info++)
        fwrite(shortest[rmid][info].bytes, 1, shortest[rmid][info].len, f);
    return fclose(f) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    for (int i = 3; i < argc; i++)
        if (!read_segment(argv[i]))
            return 1;
    for (unsigned rmid = 0; rmid < WP_RMGR_COUNT; rmid++) {
        bool has_any = false;
        for (unsigned info = 0; info < 256; info++)
            has_any = has_any || shortest[rmid][info].len > 0;
        if (has_any && !write_manager(argv[2], (char)atoi(argv[1]), (uint8_t)rmid))
            return 1;
    }
    return 0;
}
