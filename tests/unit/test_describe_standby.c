/*
 * test_describe_standby.c - locks, running transactions and invalidations, in the words of each major's tool.
 *
 * What the words are: standby_desc of servers of 10 to 18, called with such bytes; of 9.5, 9.6 and 19 standbydesc.c.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "LOCK", "15", 0x00, "02000000F50200000500000079410000F6020000050000007A410000", NULL,
      "LOCK xid 757 db 5 rel 16761 xid 758 db 5 rel 16762 " },
    { "LOCK of none", "9.5", 0x00, "00000000", NULL,
      "LOCK " },
    { "LOCK with fewer than it says", "15", 0x00, "03000000F50200000500000079410000", NULL,
      NULL },
    { "LOCK, a negative count", "15", 0x00, "FFFFFFFF", NULL,
      NULL },
    { "RUNNING_XACTS", "15", 0x10, "000000000000000000EEEEEE200300000C0300001F030000", NULL,
      "RUNNING_XACTS nextXid 800 latestCompletedXid 799 oldestRunningXid 780" },
    { "RUNNING_XACTS, 9.5, all", "9.5", 0x10, "020000000100000001EEEEEE200300000C0300001F0300000C0300000D0300000E030000", NULL,
      "RUNNING_XACTS nextXid 800 latestCompletedXid 799 oldestRunningXid 780; 2 xacts: 780 781; subxid ovf" },
    { "RUNNING_XACTS, 15, all", "15", 0x10, "020000000100000001EEEEEE200300000C0300001F0300000C0300000D0300000E030000", NULL,
      "RUNNING_XACTS nextXid 800 latestCompletedXid 799 oldestRunningXid 780; 2 xacts: 780 781; subxid ovf" },
    { "RUNNING_XACTS, 16, all", "16", 0x10, "020000000100000001EEEEEE200300000C0300001F0300000C0300000D0300000E030000", NULL,
      "RUNNING_XACTS nextXid 800 latestCompletedXid 799 oldestRunningXid 780; 2 xacts: 780 781; subxid overflowed; 1 subxacts: 782" },
    { "RUNNING_XACTS, 19, subtransactions", "19", 0x10, "000000000200000000EEEEEE200300000C0300001F0300000C0300000D030000", NULL,
      "RUNNING_XACTS nextXid 800 latestCompletedXid 799 oldestRunningXid 780; 2 subxacts: 780 781" },
    { "RUNNING_XACTS with fewer than it says", "15", 0x10, "000000000100000000EEEEEE200300000C0300001F030000", NULL,
      NULL },
    { "RUNNING_XACTS, a negative count", "15", 0x10, "FFFFFFFF0100000000EEEEEE200300000C0300001F030000", NULL,
      NULL },
    { "0x20, 9.5", "9.5", 0x20, "050000007F0600000000000000000000", NULL,
      "UNKNOWN " },
    { "INVALIDATIONS, 12, none", "12", 0x20, "050000007F06000001EEEEEE00000000", NULL,
      "INVALIDATIONS ; relcache init file inval dbid 5 tsid 1663; inval msgs:" },
    { "INVALIDATIONS, 9.6, none", "9.6", 0x20, "050000007F0600000000000000000000", NULL,
      "INVALIDATIONS ; inval msgs:" },
    { "INVALIDATIONS, 13, none", "13", 0x20, "050000007F0600000100000000000000", NULL,
      "INVALIDATIONS " },
    { "INVALIDATIONS, every message", "18", 0x20, "050000007F060000010000000A000000000000000500000001000000000000007F000000050000000100000000000000"
      "FF00000005000000EB04000000000000FE000000050000000040000000000000FD000000050000000100000000000000"
      "FC000000050000000100000000000000FB00000005000000300A000000000000FA000000050000000140000000000000"
      "F900000005000000010000000000000080000000050000000100000000000000", NULL,
      "INVALIDATIONS ; relcache init file inval dbid 5 tsid 1663; inval msgs: catcache 0 catcache 127 catalog 1259 relcache 16384 smgr relmap db 5 snapshot 2608 relsync 16385 unrecognized id -7 unrecognized id -128" },
    { "INVALIDATIONS, 17, messages it has not", "17", 0x20, "050000007F0600000000000002000000FA000000050000000140000000000000FC000000050000000100000000000000", NULL,
      "INVALIDATIONS ; inval msgs: unrecognized id -6 relmap db 5" },
    { "INVALIDATIONS with fewer than it says", "15", 0x20, "050000007F060000000000000200000000000000050000000100000000000000", NULL,
      NULL },
    { "0x30", "15", 0x30, "", NULL,
      "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_standby, wpi_identify_standby, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_standby", cases, check);
}
