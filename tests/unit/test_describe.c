/*
 * test_describe.c - the line that all records have in common, and what of it depends on more than a record's data.
 *
 * What it is comes from bin/pg_waldump/pg_waldump.c, XLogDumpDisplayRecord, and from 15 on
 * access/rmgrdesc/xlogdesc.c, XLogRecGetBlockRefInfo; names of managers of extensions from rmgrdesc.c beside the first.
 */
#include "record_case.h"

#define BLOCKS_MAX 3

typedef struct line_case {
    const char *name, *major;
    uint8_t rmid, info;
    const char *main; /* in hex */
    wp_xid xid;
    wp_lsn lsn, prev;
    uint32_t total;
    uint16_t origin;
    wpi_block blocks[BLOCKS_MAX];
    unsigned nblocks;
    const char *want; /* NULL: the record contradicts itself */
} line_case;

// clang-format off
#define NO_BLOCK { { .id = 0 } }, 0
#define REL { 1663, 16384, 16392 }
/* Of so many bytes. */
#define IMAGE(bytes_, info_) .has_image = true, .image = { .bytes = { NULL, bytes_ }, .info = info_ }

static const line_case cases[] = {
    { "no block", "15", WP_RMGR_XLOG, 0x30, "00600000", 0, 0x177E218, 0x177E1F0, 30, 0, NO_BLOCK,
      "rmgr: XLOG        len (rec/tot):     30/    30, tx:          0, lsn: 0/0177E218, prev 0/0177E1F0, desc: NEXTOID 24576\n" },
    { "numbers wider than their columns", "15", WP_RMGR_XLOG, 0x30, "FFFFFFFF", 4294967295, UINT64_MAX, UINT64_C(0x1000000000), 12345678, 0, NO_BLOCK,
      "rmgr: XLOG        len (rec/tot): 12345678/12345678, tx: 4294967295, lsn: FFFFFFFF/FFFFFFFF, prev 10/00000000, desc: NEXTOID 4294967295\n" },
    { "a name longer than its column", "15", WP_RMGR_REPLICATION_ORIGIN, 0xF0, "", 0, 0x28, 0, 24, 0, NO_BLOCK,
      "rmgr: ReplicationOrigin len (rec/tot):     24/    24, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: UNKNOWN (f0) \n" },
    { "an operation that no one knows", "18", WP_RMGR_XLOG, 0xC5, "", 0, 0x28, 0, 24, 0, NO_BLOCK,
      "rmgr: XLOG        len (rec/tot):     24/    24, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: UNKNOWN (c0) \n" },
    { "the operation 0 of a manager of an extension", "15", 128, 0x00, "0102", 7, 0x28, 0, 28, 0, NO_BLOCK,
      "rmgr: custom128   len (rec/tot):     28/    28, tx:          7, lsn: 0/00000028, prev 0/00000000, desc: UNKNOWN (0) rmid: 128\n" },
    { "a manager of an extension, with a block", "17", 255, 0xA3, "", 7, 0x28, 0, 28, 0, { { .id = 0, .locator = REL, .number = 5 } }, 1,
      "rmgr: custom255   len (rec/tot):     28/    28, tx:          7, lsn: 0/00000028, prev 0/00000000, desc: UNKNOWN (a0) rmid: 255, blkref #0: rel 1663/16384/16392 blk 5\n" },
    { "forks", "15", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0, 100, 0,
      { { .id = 0, .locator = REL, .fork = 1, .number = 5 }, { .id = 2, .locator = REL, .fork = 2, .number = 0 }, { .id = 32, .locator = REL, .fork = 3, .number = 4294967295 } }, 3,
      "rmgr: XLOG        len (rec/tot):    100/   100, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: FPI , blkref #0: rel 1663/16384/16392 fork fsm blk 5, "
      "blkref #2: rel 1663/16384/16392 fork vm blk 0, blkref #32: rel 1663/16384/16392 fork init blk 4294967295\n" },
    { "all as long as can be", "19", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0, UINT32_MAX, 0,
      { { .id = 255, .locator = { UINT32_MAX, UINT32_MAX, UINT32_MAX }, .fork = 15, .number = UINT32_MAX, IMAGE(1, 0) } }, 1,
      "rmgr: XLOG        len (rec/tot): 4294967294/4294967295, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: FPI , "
      "blkref #255: rel 4294967295/4294967295/4294967295 fork unknown blk 4294967295 FPW for WAL verification\n" },
    { "images are not of its length", "15", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0, 8285, 0,
      { { .id = 0, .locator = REL, IMAGE(100, 0x02) }, { .id = 1, .locator = REL, .number = 1, IMAGE(8000, 0x00) } }, 2,
      "rmgr: XLOG        len (rec/tot):    185/  8285, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: FPI , "
      "blkref #0: rel 1663/16384/16392 blk 0 FPW, blkref #1: rel 1663/16384/16392 blk 1 FPW for WAL verification\n" },
    { "the bit of 14 for an image to be applied", "14", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0, 200, 0,
      { { .id = 0, .locator = REL, IMAGE(100, 0x04) }, { .id = 1, .locator = REL, IMAGE(10, 0x02) } }, 2,
      "rmgr: XLOG        len (rec/tot):     90/   200, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: FPI , "
      "blkref #0: rel 1663/16384/16392 blk 0 FPW, blkref #1: rel 1663/16384/16392 blk 0 FPW for WAL verification\n" },
    { "9.6 applies all images", "9.6", WP_RMGR_XLOG, 0xB0, "", 0, 0x28, 0, 200, 0, { { .id = 0, .locator = REL, IMAGE(100, 0x00) } }, 1,
      "rmgr: XLOG        len (rec/tot):    100/   200, tx:          0, lsn: 0/00000028, prev 0/00000000, desc: FPI , blkref #0: rel 1663/16384/16392 blk 0 FPW\n" },
    { "the origin of a commit", "15", WP_RMGR_XACT, 0x80, "F8E7D6C5B4A30200" "20000000" "AB00000000000000" "F8E7D6C5B4A30200", 7, 0x28, 0, 57, 65535, NO_BLOCK,
      "rmgr: Transaction len (rec/tot):     57/    57, tx:          7, lsn: 0/00000028, prev 0/00000000, desc: COMMIT 2023-07-17 22:06:02.057720 UTC; "
      "origin: node 65535, lsn 0/AB, at 2023-07-17 22:06:02.057720 UTC\n" },
    { "the origin of PREPARE, 14", "14", WP_RMGR_XACT, 0x10,
      "3445F957000000008403000005000000F8E7D6C5B4A302000A00000000000000000000000000000000000000000003000A00000001000000F8E7D6C5B4A302006162000000000000", 7, 0x28, 0, 99, 3, NO_BLOCK,
      "rmgr: Transaction len (rec/tot):     99/    99, tx:          7, lsn: 0/00000028, prev 0/00000000, desc: PREPARE gid ab: 2023-07-17 22:06:02.057720 UTC\n" },
    { "the origin of PREPARE, 19", "19", WP_RMGR_XACT, 0x10,
      "3445F957000000008403000005000000F8E7D6C5B4A302000A0000000000000000000000000000000000000000000000"
      "0000000000EE03000A00000001000000F8E7D6C5B4A302006162000000000000", 7, 0x28, 0, 99, 3, NO_BLOCK,
      "rmgr: Transaction len (rec/tot):     99/    99, tx:          7, lsn: 0/00000028, prev 0/00000000, desc: PREPARE gid ab: 2023-07-17 22:06:02.057720 UTC; "
      "origin: node 3, lsn 1/0000000A, at 2023-07-17 22:06:02.057720 UTC\n" },
    { "shorter than it says", "15", WP_RMGR_XLOG, 0x30, "000000", 0, 0x28, 0, 29, 0, NO_BLOCK, NULL },
};
// clang-format on

static void check(void **state)
{
    const line_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->main);
    wpi_record record = { RECORD_OF(row, main), .origin = row->origin };
    memcpy(record.blocks, row->blocks, sizeof row->blocks);
    check_put(wpi_put_line, &record, row->want);
    blob_free(&main);
}

int main(void)
{
    return RUN_CASES("describe", cases, check);
}
