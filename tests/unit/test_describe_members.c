/*
 * test_describe_members.c - a record as members with names.
 *
 * Values are those of pg_get_wal_records_info() of real servers of 15 and 18, but where a row says that it follows
 * access/rmgrdesc/xlogdesc.c; how they are quoted is RFC 8259's and RFC 4180's.
 */
#include "describe/members.h"

#include "record_case.h"

#define BLOCKS_MAX 3

typedef struct members_case {
    const char *name, *major;
    uint8_t rmid, info;
    const char *main; /* in hex */
    wp_xid xid;
    wp_lsn lsn, end_lsn, prev;
    uint32_t total;
    wpi_block blocks[BLOCKS_MAX];
    unsigned nblocks;
    const char *json, *csv; /* NULL: the record contradicts itself */
} members_case;

// clang-format off
#define NO_BLOCK { { .id = 0 } }, 0
#define REL(rel_) .locator = { 1663, 5, rel_ }
#define IMAGE(bytes_, info_, ...) .has_image = true, .image = { .bytes = { NULL, bytes_ }, .info = info_, __VA_ARGS__ }

static const members_case cases[] = {
    { "no block", "18", WP_RMGR_XLOG, 0x30, "10470000", 1, 0x10000A0, 0x10000C0, 0x1000028, 30, NO_BLOCK,
      "{\"lsn\":\"0/10000A0\",\"end_lsn\":\"0/10000C0\",\"prev_lsn\":\"0/1000028\",\"xid\":1,\"rmgr\":\"XLOG\",\"type\":\"NEXTOID\","
      "\"tot_len\":30,\"main_len\":4,\"fpi_len\":0,\"desc\":\"18192\",\"block_ref\":null,\"time\":null}\n",
      "0/10000A0,0/10000C0,0/1000028,1,XLOG,NEXTOID,30,4,0,18192,,\n" },
    { "references begin with another block than 0", "15", WP_RMGR_HASH, 0x90, "0001", 768, 0xEE6F98, 0xEE7090, 0xEE6F58, 242,
      { { .id = 1, REL(16435), .number = 1 } }, 1,
      "{\"lsn\":\"0/EE6F98\",\"end_lsn\":\"0/EE7090\",\"prev_lsn\":\"0/EE6F58\",\"xid\":768,\"rmgr\":\"Hash\",\"type\":\"DELETE\","
      "\"tot_len\":242,\"main_len\":2,\"fpi_len\":0,\"desc\":\"clear_dead_marking F, is_primary T\","
      "\"block_ref\":\" blkref #1: rel 1663/5/16435 fork main blk 1\",\"time\":null}\n",
      "0/EE6F98,0/EE7090,0/EE6F58,768,Hash,DELETE,242,2,0,\"clear_dead_marking F, is_primary T\", blkref #1: rel 1663/5/16435 fork main blk 1,\n" },
    { "an image with a hole, and a block", "18", WP_RMGR_XLOG, 0xB0, "", 641, 0x802680, 0x802710, 0x802638, 137,
      { { .id = 0, .locator = { 1663, 1, 13346 }, IMAGE(88, 0x03, .hole_offset = 72) }, { .id = 2, REL(16500), .fork = 2, .number = 7 } }, 2,
      "{\"lsn\":\"0/802680\",\"end_lsn\":\"0/802710\",\"prev_lsn\":\"0/802638\",\"xid\":641,\"rmgr\":\"XLOG\",\"type\":\"FPI\","
      "\"tot_len\":137,\"main_len\":0,\"fpi_len\":88,\"desc\":\"\","
      "\"block_ref\":\"blkref #0: rel 1663/1/13346 fork main blk 0 (FPW); hole: offset: 72, length: 8104 blkref #2: rel 1663/5/16500 fork vm blk 7\",\"time\":null}\n",
      "0/802680,0/802710,0/802638,641,XLOG,FPI,137,0,88,,"
      "\"blkref #0: rel 1663/1/13346 fork main blk 0 (FPW); hole: offset: 72, length: 8104 blkref #2: rel 1663/5/16500 fork vm blk 7\",\n" },
    { "a packed image", "15", WP_RMGR_HEAP, 0x00, "020001", 724, 0x5F4B88, 0x5F4C40, 0x5F4B68, 179,
      { { .id = 0, REL(3079), IMAGE(123, 0x07, .hole_offset = 32, .hole_length = 7936) } }, 1,
      "{\"lsn\":\"0/5F4B88\",\"end_lsn\":\"0/5F4C40\",\"prev_lsn\":\"0/5F4B68\",\"xid\":724,\"rmgr\":\"Heap\",\"type\":\"INSERT\","
      "\"tot_len\":179,\"main_len\":3,\"fpi_len\":123,\"desc\":\"off 2 flags 0x01\","
      "\"block_ref\":\"blkref #0: rel 1663/5/3079 fork main blk 0 (FPW); hole: offset: 32, length: 7936, compression saved: 133, method: pglz\",\"time\":null}\n",
      "0/5F4B88,0/5F4C40,0/5F4B68,724,Heap,INSERT,179,3,123,off 2 flags 0x01,"
      "\"blkref #0: rel 1663/5/3079 fork main blk 0 (FPW); hole: offset: 32, length: 7936, compression saved: 133, method: pglz\",\n" },
    { "an image that is not applied, after xlogdesc.c", "15", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0x60, 0, 1024,
      { { .id = 0, REL(3079), IMAGE(1000, 0x10, .hole_length = 3000) } }, 1,
      "{\"lsn\":\"0/28\",\"end_lsn\":\"0/60\",\"prev_lsn\":\"0/0\",\"xid\":0,\"rmgr\":\"XLOG\",\"type\":\"FPI\","
      "\"tot_len\":1024,\"main_len\":0,\"fpi_len\":1000,\"desc\":\"\","
      "\"block_ref\":\"blkref #0: rel 1663/5/3079 fork main blk 0 (FPW for WAL verification); hole: offset: 0, length: 3000, compression saved: 4192, method: zstd\",\"time\":null}\n",
      "0/28,0/60,0/0,0,XLOG,FPI,1024,0,1000,,"
      "\"blkref #0: rel 1663/5/3079 fork main blk 0 (FPW for WAL verification); hole: offset: 0, length: 3000, compression saved: 4192, method: zstd\",\n" },
    { "what is to be quoted: bytes that are no UTF-8, too", "18", WP_RMGR_XLOG, 0x70, "000000000000000061202262225C20632C0AC3A9FF000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
      0, 0x28, 0x90, 0, 98, NO_BLOCK,
      "{\"lsn\":\"0/28\",\"end_lsn\":\"0/90\",\"prev_lsn\":\"0/0\",\"xid\":0,\"rmgr\":\"XLOG\",\"type\":\"RESTORE_POINT\","
      "\"tot_len\":98,\"main_len\":72,\"fpi_len\":0,\"desc\":\"a \\\"b\\\"\\\\ c,\\u000a\xC3\xA9\xEF\xBF\xBD\",\"block_ref\":null,\"time\":\"2000-01-01T00:00:00.000000Z\"}\n",
      "0/28,0/90,0/0,0,XLOG,RESTORE_POINT,98,72,0,\"a \"\"b\"\"\\ c,\n\xC3\xA9\xFF\",,2000-01-01T00:00:00.000000Z\n" },
    { "shorter than it says", "15", WP_RMGR_XLOG, 0x30, "000000", 0, 0x28, 0x48, 0, 29, NO_BLOCK, NULL, NULL },
};
// clang-format on

static void check(void **state)
{
    const members_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->main);
    wpi_record record = { RECORD_OF(row, main), .end_lsn = row->end_lsn };
    memcpy(record.blocks, row->blocks, sizeof row->blocks);
    check_put(wpi_put_json, &record, row->json);
    check_put(wpi_put_csv, &record, row->csv);
    blob_free(&main);
}

int main(void)
{
    return RUN_CASES("describe_members", cases, check);
}
