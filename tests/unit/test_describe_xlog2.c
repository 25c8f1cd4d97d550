/*
 * test_describe_xlog2.c - changes of the data checksums, in the words of 19's tool.
 *
 * What the words are comes from access/rmgrdesc/xlogdesc.c of 19.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "CHECKSUMS off", "19", 0x00, "00000000", NULL,
      "CHECKSUMS off" },
    { "CHECKSUMS on", "19", 0x00, "01000000", NULL,
      "CHECKSUMS on" },
    { "CHECKSUMS off, on its way", "19", 0x00, "02000000", NULL,
      "CHECKSUMS inprogress-off" },
    { "CHECKSUMS on, on its way", "19", 0x00, "03000000", NULL,
      "CHECKSUMS inprogress-on" },
    { "CHECKSUMS unknown", "19", 0x00, "04000000", NULL,
      "CHECKSUMS ?" },
    { "0x10", "19", 0x10, "", NULL,
      "UNKNOWN " },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_xlog2, wpi_identify_xlog2, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_xlog2", cases, check);
}
