/*
 * test_describe_message.c - messages for logical decoding, as pg_waldump prints them. Texts of 10 to 18, but for
 * records of 32-bit servers, are what the server's rm_desc makes of these bytes; others follow
 * access/rmgrdesc/logicalmsgdesc.c of their majors.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "size", "9.6 to 13", 0x00, "0500000001000000040000000000000005000000000000007072650068656c6c6f", NULL,
      "MESSAGE transactional message size 5 bytes" },
    { "size, at once", "9.6 to 13", 0x00, "05000000000000000400000000000000000000000000000070726500", NULL,
      "MESSAGE nontransactional message size 0 bytes" },
    { "size, 32-bit", "9.6-i386", 0x00, "050000000100000004000000050000007072650068656c6c6f", NULL,
      "MESSAGE transactional message size 5 bytes" },
    { "content", "14 to 19", 0x00, "0500000001000000040000000000000006000000000000007072650068656cff6c6f", NULL,
      "MESSAGE transactional, prefix \"pre\"; payload (6 bytes): 68 65 6C FF 6C 6F" },
    { "content, at once, empty", "14 to 18", 0x00, "05000000000000000100000000000000000000000000000000", NULL,
      "MESSAGE non-transactional, prefix \"\"; payload (0 bytes): " },
    { "content, 32-bit", "18-i386", 0x00, "050000000100000004000000010000007072650068", NULL,
      "MESSAGE transactional, prefix \"pre\"; payload (1 bytes): 68" },
    { "prefix without an end", "18", 0x00, "05000000010000000300000000000000050000000000000070726568656c6c6f", NULL,
      NULL },
    { "no prefix", "18", 0x00, "05000000010000000000000000000000050000000000000068656c6c6f", NULL, NULL },
    { "prefix longer than the record", "18", 0x00, "05000000010000000000000000000080000000000000000070726500", NULL,
      NULL },
    { "content longer than the record", "18", 0x00, "05000000010000000400000000000000000000000001000070726500", NULL,
      NULL },
    { "no such operation", "18", 0x10, "", NULL, "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_message, wpi_identify_message, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_message", cases, check);
}
