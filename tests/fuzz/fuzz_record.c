/*
 * fuzz_record.c - one record of any bytes through the record reader, every decoder and the reducer.
 *
 * Input: a byte that chooses the server, then the record. Its length field is made right, or nearly all
 * inputs would end there; there is no checksum at this level.
 */
#include <stdlib.h>
#include <string.h>

#include "decode/decode.h"
#include "decode/decode_heap.h"
#include "fuzz.h"

#define RECORD_BYTES_MAX 65536

static const wpi_decoder decoders[] = {
    wpi_decode_xact,     wpi_decode_xlog,       wpi_decode_smgr,
    wpi_decode_database, wpi_decode_tablespace, wpi_decode_relmap,
    wpi_decode_standby,  wpi_decode_message,    wpi_decode_heap_truncate,
};

static void decode_all(const wpi_record *record, wpi_builder *out)
{
    static uint8_t page[WPI_BLOCK_BYTES_MAX];
    const wpi_catalog_files files = { .moved = fuzz_moved, .nmoved = fuzz_nmoved };
    for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
        (void)decoders[i](record, out);
    (void)wpi_decode_catalog(record, &files, 8192, page, out);
    int64_t deleted = 0, inserted = 0;
    (void)wpi_count_delete(record, &deleted, &inserted);
    (void)wpi_count_multi_insert(record, &inserted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 + WPI_RECORD_HEADER_BYTES || size > RECORD_BYTES_MAX)
        return 0;
    const fuzz_server server = fuzz_choose_server(data[0]);
    const size_t len = size - 1;
    uint8_t *bytes = malloc(len); /* exactly as much, for the sanitizer */
    if (!bytes)
        return 0;
    memcpy(bytes, data + 1, len);
    for (size_t i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(len >> 8 * i);

    static wpi_record record;
    record.profile = server.profile;
    record.max_align = server.max_align;
    record.lsn = 0x1000028;
    record.end_lsn = record.lsn + len;
    wp_facts facts = { 0 };
    wpi_builder out = { .facts = &facts };
    if (wpi_record_decode((wp_view){ bytes, len }, &record)) {
        decode_all(&record, &out);
        free(bytes); /* facts hold copies, not views */
        bytes = NULL;
        fuzz_reduce(&facts, server, false);
    }
    free(bytes);
    wp_facts_free(&facts);
    return 0;
}
