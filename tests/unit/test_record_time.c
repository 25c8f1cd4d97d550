/*
 * test_record_time.c - which records bear a time, and where.
 *
 * Times of real records are compared with what pg_waldump says of them in tests/cli/dump.sh; those of checkpoints are decoded in
 * test_decode_misc.c.
 */
#include "describe/record_time.h"

#include "hex.h"
#include "wal_builder.h"

#include "cases.h"

typedef struct time_case {
    const char *name;
    uint8_t rmid, info;
    const char *main; /* in hex */
    wp_time want;
} time_case;

/* access/xact.h, access/xlog_internal.h, access/transam/twophase.c */
static const time_case cases[] = {
    { "commit", WP_RMGR_XACT, 0x00, "0807060504030201", 0x0102030405060708 },
    { "commit with more", WP_RMGR_XACT, 0x80, "080706050403020105000000", 0x0102030405060708 },
    { "commit, cut", WP_RMGR_XACT, 0x00, "08070605040302", WP_TIME_UNKNOWN },
    { "prepare", WP_RMGR_XACT, 0x10, "11111111222222223333333344444444080706050403020155",
      0x0102030405060708 },
    { "prepare, cut", WP_RMGR_XACT, 0x10, "11111111222222223333333344444444080706050403",
      WP_TIME_UNKNOWN },
    { "rollback", WP_RMGR_XACT, 0x20, "0807060504030201", 0x0102030405060708 },
    { "commit prepared", WP_RMGR_XACT, 0x30, "0807060504030201", 0x0102030405060708 },
    { "rollback prepared", WP_RMGR_XACT, 0x40, "0807060504030201", 0x0102030405060708 },
    { "assignment", WP_RMGR_XACT, 0x50, "0807060504030201", WP_TIME_UNKNOWN },
    { "invalidations", WP_RMGR_XACT, 0x60, "0807060504030201", WP_TIME_UNKNOWN },
    { "restore point", WP_RMGR_XLOG, 0x70, "0807060504030201", 0x0102030405060708 },
    { "end of recovery", WP_RMGR_XLOG, 0x90, "0807060504030201", 0x0102030405060708 },
    { "overwritten", WP_RMGR_XLOG, 0xD0, "11111111222222220807060504030201", 0x0102030405060708 },
    { "checkpoint, cut", WP_RMGR_XLOG, 0x10, "0807060504030201", WP_TIME_UNKNOWN },
    { "next OID", WP_RMGR_XLOG, 0x30, "0807060504030201", WP_TIME_UNKNOWN },
    { "insertion", WP_RMGR_HEAP, 0x00, "0807060504030201", WP_TIME_UNKNOWN },
    { "of an extension", 128, 0x00, "0807060504030201", WP_TIME_UNKNOWN },
};

static void tells_time(void **state)
{
    const time_case *row = *state;
    blob main = { 0 };
    put_hex(&main, row->main);
    const wpi_record record = { .profile = wp_profile_by_major("15"),
                                .rmid = row->rmid,
                                .info = row->info,
                                .max_align = 8,
                                .main = view_of(&main) };
    assert_true(wpi_record_time(&record) == row->want);
    blob_free(&main);
}

int main(void)
{
    return RUN_CASES("record_time", cases, tells_time);
}
