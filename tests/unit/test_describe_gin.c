/*
 * test_describe_gin.c - GIN indexes, as pg_waldump prints them. GIN's records of 10 to 18 were also compared with
 * what servers say of theirs; the rows follow access/rmgrdesc/gindesc.c.
 */
#include "describe_case.h"

// clang-format off
static const describe_case cases[] = {
    { "create index", "9.5 to 11", 0x00, "", NULL, "CREATE_INDEX " },
    { "no create index", "12", 0x00, "", NULL, "UNKNOWN " },
    { "posting tree", "9.5 to 19", 0x10, "", NULL, "CREATE_PTREE " },
    { "entry", "9.5 to 19", 0x20, "0200", "050000", "INSERT isdata: F isleaf: T isdelete: F" },
    { "entry deleted", "9.6 to 18", 0x20, "0200", "050001", "INSERT isdata: F isleaf: T isdelete: T" },
    { "entry of an inner page", "10", 0x20, "00000000080001000900", "050000",
      "INSERT isdata: F isleaf: F children: 8/65545 isdelete: F" },
    { "posting item", "9.5 to 19", 0x20, "01000000080001000900", "030001000500020006000700",
      "INSERT isdata: T isleaf: F children: 8/65545 pitem: 65541-131078/7" },
    { "posting list", "9.5 to 19", 0x20, "0300", "040000040200000000000000000000000000030104020000000000000300aaaaaa0005030000000000000000",
      "INSERT isdata: T isleaf: T 4 segments: 0 (add 2 items) 3 (delete) 4 (insert) 5 (replace)" },
    { "unknown action", "15", 0x20, "0300", "030001010209",
      "INSERT isdata: T isleaf: T 3 segments: 1 (delete) 2 unknown action 9 ???" },
    { "image", "9.5 to 9.6", 0x20, "0300", "image 01", "INSERT isdata: T isleaf: T (full page image)" },
    { "image", "10 to 14", 0x20, "0300", "image 05", "INSERT isdata: T isleaf: T (full page image)" },
    { "image", "15 to 19", 0x20, "0300", "image 03", "INSERT isdata: T isleaf: T (full page image)" },
    { "image that is not applied", "10 to 14", 0x20, "0300", "image 01",
      "INSERT isdata: T isleaf: T (full page image, for WAL verification)" },
    { "image that is not applied", "15 to 19", 0x20, "0300", "image 05",
      "INSERT isdata: T isleaf: T (full page image, for WAL verification)" },
    { "no block", "15", 0x20, "0200", NULL, NULL },
    { "more segments than there are", "15", 0x20, "0300", "ffff0101", NULL },
    { "items that are cut short", "15", 0x90, "", "01000104ffff000000000000", NULL },
    { "split of the root", "9.5 to 19", 0x30, "0100000002000000030000000400000005000000060000000700", NULL,
      "SPLIT isrootsplit: T isdata: T isleaf: T" },
    { "split", "9.6 to 18", 0x30, "0100000002000000030000000400000005000000060000000000", NULL,
      "SPLIT isrootsplit: F isdata: F isleaf: F" },
    { "vacuum", "9.5 to 19", 0x40, "", NULL, "VACUUM_PAGE " },
    { "vacuum of a posting page", "9.5 to 19", 0x90, "", "040000040200000000000000000000000000030104020000000000000300aaaaaa0005030000000000000000",
      "VACUUM_DATA_LEAF_PAGE  4 segments: 0 (add 2 items) 3 (delete) 4 (insert) 5 (replace)" },
    { "vacuum of a posting page, image", "9.5 to 9.6", 0x90, "", "image 01",
      "VACUUM_DATA_LEAF_PAGE  (full page image)" },
    { "vacuum of a posting page, image", "15", 0x90, "", "image 01",
      "VACUUM_DATA_LEAF_PAGE  (full page image, for WAL verification)" },
    { "page deleted", "9.5 to 19", 0x50, "", NULL, "DELETE_PAGE " },
    { "meta page updated", "9.5 to 19", 0x60, "", NULL, "UPDATE_META_PAGE " },
    { "list page", "9.5 to 19", 0x70, "", NULL, "INSERT_LISTPAGE " },
    { "list pages deleted", "9.5 to 19", 0x80, "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003000000", NULL,
      "DELETE_LISTPAGE ndeleted: 3" },
    { "list pages deleted, 32-bit", "9.5 to 19-i386", 0x80, "00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000003000000", NULL,
      "DELETE_LISTPAGE ndeleted: 3" },
};
// clang-format on

static void check(void **state)
{
    check_described(&(described){ wpi_describe_gin, wpi_identify_gin, false }, *state);
}

int main(void)
{
    return RUN_CASES("describe_gin", cases, check);
}
