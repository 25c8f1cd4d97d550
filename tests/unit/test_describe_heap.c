/*
 * test_describe_heap.c - rows that come, change and go, in the words of each major's tool.
 *
 * What the words are comes from access/rmgrdesc/heapdesc.c of the majors named, from what the tools of 9.5 to 19 print for
 * WAL of servers, from what servers of 10 to 14 log while they replay it, and from pg_walinspect of 15 to 18; where bytes lie,
 * from access/heapam_xlog.h.
 */
#include "describe_case.h"

#define INSERT 0x00
#define DELETE 0x10
#define UPDATE 0x20
#define TRUNCATE 0x30
#define HOT_UPDATE 0x40
#define CONFIRM 0x50
#define LOCK 0x60
#define INPLACE 0x70
#define INIT 0x80

#define ROW    \
    "80030000" \
    "0B00" /* xmax 896, offset 11 */
#define NEW_ROW \
    "00000000"  \
    "0C00"

// clang-format off
static const describe_case cases[] = {
    { "INSERT, 9.5", "9.5", INSERT, "020008", NULL, "INSERT off 2" },
    { "INSERT, 11", "11", INSERT, "020008", NULL, "INSERT off 2" },
    { "INSERT, 12", "12", INSERT, "02000C", NULL, "INSERT off 2 flags 0x0C" },
    { "INSERT, 16", "16", INSERT, "FFFF0C", NULL, "INSERT off: 65535, flags: 0x0C" },
    { "INSERT on a fresh page", "19", INSERT | INIT, "010000", NULL, "INSERT+INIT off: 1, flags: 0x00" },
    { "INSERT without an offset", "15", INSERT, "01", NULL, NULL },
    { "INSERT without flags", "15", INSERT, "0100", NULL, NULL },

    { "DELETE, 9.6", "9.6", DELETE, ROW "10" "00", NULL, "DELETE off 11 KEYS_UPDATED " },
    { "DELETE, 11, no infobits", "11", DELETE, ROW "00" "00", NULL, "DELETE off 11 " },
    { "DELETE, 15", "15", DELETE, ROW "10" "08", NULL, "DELETE off 11 flags 0x08 KEYS_UPDATED " },
    { "DELETE, 17", "17", DELETE, ROW "10" "04", NULL, "DELETE xmax: 896, off: 11, infobits: [KEYS_UPDATED], flags: 0x04" },
    { "DELETE, 19, not decoded", "19", DELETE, ROW "00" "20", NULL, "DELETE xmax: 896, off: 11, infobits: [], flags: 0x20" },
    { "DELETE with a bit it has not: told by its operation", "17", DELETE | INIT, ROW "00" "00", NULL,
      "UNKNOWN xmax: 896, off: 11, infobits: [], flags: 0x00" },

    { "UPDATE, 9.5", "9.5", UPDATE, ROW "10" "00" NEW_ROW, NULL, "UPDATE off 11 xmax 896 KEYS_UPDATED ; new off 12 xmax 0" },
    { "HOT_UPDATE, 10", "10", HOT_UPDATE, ROW "00" "60" NEW_ROW, NULL, "HOT_UPDATE off 11 xmax 896 ; new off 12 xmax 0" },
    { "HOT_UPDATE, 13", "13", HOT_UPDATE, ROW "00" "60" NEW_ROW, NULL,
      "HOT_UPDATE off 11 xmax 896 flags 0x60 ; new off 12 xmax 0" },
    { "HOT_UPDATE on a fresh page", "14", HOT_UPDATE | INIT, ROW "1F" "00" NEW_ROW, NULL,
      "HOT_UPDATE+INIT off 11 xmax 896 flags 0x00 IS_MULTI LOCK_ONLY EXCL_LOCK KEYSHR_LOCK KEYS_UPDATED ; new off 12 xmax 0" },
    { "UPDATE, 16, every infobit", "16", UPDATE | INIT, ROW "FF" "00" "FFFFFFFF" "0C00", NULL,
      "UPDATE+INIT old_xmax: 896, old_off: 11, old_infobits: [IS_MULTI, LOCK_ONLY, EXCL_LOCK, KEYSHR_LOCK, KEYS_UPDATED], "
      "flags: 0x00, new_xmax: 4294967295, new_off: 12" },
    { "HOT_UPDATE, 18", "18", HOT_UPDATE, ROW "05" "20" NEW_ROW, NULL,
      "HOT_UPDATE old_xmax: 896, old_off: 11, old_infobits: [IS_MULTI, EXCL_LOCK], flags: 0x20, new_xmax: 0, new_off: 12" },
    { "UPDATE without the new offset", "18", UPDATE, ROW "05" "20" "00000000", NULL, NULL },

    { "TRUNCATE, before there was any", "10", TRUNCATE, "05000000" "00000000" "00000000", NULL, "UNKNOWN " },
    { "TRUNCATE, 11", "11", TRUNCATE, "05000000" "02000000" "03000000" "00400000" "01400000", NULL,
      "TRUNCATE cascade restart_seqs nrelids 2 relids 16384 16385" },
    { "TRUNCATE, 15, no flag", "15", TRUNCATE, "05000000" "01000000" "00000000" "00400000", NULL,
      "TRUNCATE nrelids 1 relids 16384" },
    { "TRUNCATE, 17, both flags", "17", TRUNCATE, "05000000" "02000000" "03000000" "00400000" "01400000", NULL,
      "TRUNCATE flags: [CASCADE, RESTART_SEQS], nrelids: 2, relids: [16384, 16385]" },
    { "TRUNCATE, 19, of nothing", "19", TRUNCATE, "05000000" "00000000" "02000000", NULL,
      "TRUNCATE flags: [RESTART_SEQS], nrelids: 0, relids: []" },
    { "TRUNCATE of more than there are", "19", TRUNCATE, "05000000" "02000000" "00000000" "00400000", NULL, NULL },
    { "TRUNCATE of four billion", "11", TRUNCATE, "05000000" "FFFFFFFF" "00000000" "00400000", NULL, NULL },

    { "HEAP_CONFIRM, 9.5", "9.5", CONFIRM, "5A00", NULL, "HEAP_CONFIRM off 90" },
    { "HEAP_CONFIRM, 19", "19", CONFIRM, "5A00", NULL, "HEAP_CONFIRM off: 90" },

    { "LOCK, 9.5", "9.5", LOCK, ROW "02", NULL, "LOCK off 11: xid 896 LOCK_ONLY " },
    { "LOCK, 9.6", "9.6", LOCK, ROW "06" "01", NULL, "LOCK off 11: xid 896: flags 1 LOCK_ONLY EXCL_LOCK " },
    { "LOCK, 11, flags in decimal", "11", LOCK, ROW "06" "0C", NULL, "LOCK off 11: xid 896: flags 12 LOCK_ONLY EXCL_LOCK " },
    { "LOCK, 12", "12", LOCK, ROW "06" "01", NULL, "LOCK off 11: xid 896: flags 0x01 LOCK_ONLY EXCL_LOCK " },
    { "LOCK, 16", "16", LOCK, ROW "06" "01", NULL, "LOCK xmax: 896, off: 11, infobits: [LOCK_ONLY, EXCL_LOCK], flags: 0x01" },

    { "INPLACE, 9.5", "9.5", INPLACE, "0400", "0102", "INPLACE off 4" },
    { "INPLACE, 17", "17", INPLACE, "0400", "0102", "INPLACE off: 4" },
    { "INPLACE, 18, no messages", "18", INPLACE, "0400" "0000" "00400000" "7F060000" "01000000" "00000000", NULL, "INPLACE off: 4" },
    { "INPLACE, 18, messages and init file", "18", INPLACE,
      "0400" "0000" "00400000" "7F060000" "01000000" "02000000" "39000000" "00400000" "11223344" "00000000"
      "FE000000" "00400000" "7C0A0000" "00000000", NULL,
      "INPLACE off: 4; relcache init file inval dbid 16384 tsid 1663; inval msgs: catcache 57 relcache 2684" },
    { "INPLACE with fewer messages than it says", "18", INPLACE,
      "0400" "0000" "00400000" "7F060000" "01000000" "02000000" "39000000" "00400000" "11223344" "00000000", NULL, NULL },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_heap, wpi_identify_heap, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_heap", cases, check);
}
