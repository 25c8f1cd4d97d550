/*
 * test_describe_brin.c - BRIN indexes, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/brindesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "create index", "9.5 to 19", 0x00, "800000000100", NULL, "CREATE_INDEX v1 pagesPerRange 128" },
    { "insert", "9.5 to 19", 0x10, "00010000800000000300", NULL, "INSERT heapBlk 256 pagesPerRange 128 offnum 3" },
    { "insert, new page", "9.5 to 19", 0x90, "00010000800000000300", NULL,
      "INSERT+INIT heapBlk 256 pagesPerRange 128 offnum 3" },
    { "update", "9.5 to 19", 0x20, "0400000000010000800000000300", NULL,
      "UPDATE heapBlk 256 pagesPerRange 128 old offnum 4, new offnum 3" },
    { "update, new page", "9.6 to 18", 0xA0, "0400000000010000800000000300", NULL,
      "UPDATE+INIT heapBlk 256 pagesPerRange 128 old offnum 4, new offnum 3" },
    { "update on the page", "9.5 to 19", 0x30, "0300", NULL, "SAMEPAGE_UPDATE offnum 3" },
    { "map extended", "9.5 to 19", 0x40, "07000000", NULL, "REVMAP_EXTEND targetBlk 7" },
    { "no desummarizing yet", "9.5 to 9.6", 0x50, "", NULL, "UNKNOWN " },
    { "desummarize", "10 to 19", 0x50, "80000000000100000200", NULL,
      "DESUMMARIZE pagesPerRange 128, heapBlk 256, page offset 2" },
    { "described, but not named", "15", 0xB0, "0300", NULL, "UNKNOWN offnum 3" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_brin, wpi_identify_brin, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_brin", cases, check);
}
