/*
 * test_describe_database.c - databases, as pg_waldump prints them. Texts of 10 to 18, but for records of 32-bit
 * servers, are what the server's rm_desc makes of these bytes; others follow access/rmgrdesc/dbasedesc.c of their
 * majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "create", "9.5 to 11", 0x00, "104000007f0600000100000080060000", NULL, "CREATE copy dir 1/1664 to 16400/1663" },
    { "create", "12 to 14", 0x00, "104000007f0600000100000080060000", NULL, "CREATE copy dir 1664/1 to 1663/16400" },
    { "create", "15 to 19", 0x00, "104000007f0600000100000080060000", NULL,
      "CREATE_FILE_COPY copy dir 1664/1 to 1663/16400" },
    { "create by WAL", "15 to 19", 0x10, "104000007f060000", NULL, "CREATE_WAL_LOG create dir 1663/16400" },
    { "drop", "9.5 to 11", 0x10, "104000007f060000", NULL, "DROP dir 16400/1663" },
    { "drop", "12", 0x10, "104000007f060000", NULL, "DROP dir 1663/16400" },
    { "drop", "13 to 14", 0x10, "10400000020000007f06000074400000", NULL, "DROP dir 1663/16400 16500/16400" },
    { "drop", "15 to 19", 0x20, "10400000010000007f060000", NULL, "DROP dir 1663/16400" },
    { "drop of more than there are", "18", 0x20, "10400000ffffff7f7f060000", NULL, NULL },
    { "drop of fewer than none", "18", 0x20, "10400000ffffffff7f060000", NULL, NULL },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_database, wpi_identify_database, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_database", cases, check);
}
