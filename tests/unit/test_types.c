/*
 * test_types.c - LSNs, times and transaction ids as text and in order.
 *
 * Expected times are the server's: SELECT timestamptz '2000-01-01+00' + N * interval '1 us'.
 */
#include <stdio.h>

#include <walparse/types.h>
#include <walparse/walparse.h>

#include "cases.h"

#define LSN_UNTOUCHED UINT64_C(0xABCD)

typedef struct lsn_case {
    const char *name, *text;
    bool is_good;
    wp_lsn lsn;
    const char *printed; /* NULL: as text */
} lsn_case;

static const lsn_case lsn_cases[] = {
    { "usual", "16/B374D848", true, UINT64_C(0x16B374D848), NULL },
    { "zero", "0/0", true, 0, NULL },
    { "largest", "FFFFFFFF/FFFFFFFF", true, UINT64_MAX, NULL },
    { "low half keeps no zeros", "1/F", true, UINT64_C(0x10000000F), NULL },
    { "lower case is read", "16/b374d848", true, UINT64_C(0x16B374D848), "16/B374D848" },
    { "leading zeros are read", "00000016/0000000F", true, UINT64_C(0x160000000F), "16/F" },
    { "empty", "", false, 0, NULL },
    { "no slash", "16B374D848", false, 0, NULL },
    { "no high half", "/B374D848", false, 0, NULL },
    { "no low half", "16/", false, 0, NULL },
    { "nine digits before", "000000016/0", false, 0, NULL },
    { "nine digits behind", "16/0B374D848", false, 0, NULL },
    { "space before", " 16/0", false, 0, NULL },
    { "space behind", "16/0 ", false, 0, NULL },
    { "second slash", "16/0/0", false, 0, NULL },
    { "prefix 0x", "0x16/0", false, 0, NULL },
    { "sign", "-16/0", false, 0, NULL },
    { "letter behind F", "1G/0", false, 0, NULL },
};

static void lsn_round_trip(void **state)
{
    const lsn_case *row = *state;
    wp_lsn lsn = LSN_UNTOUCHED;
    assert_int_equal(wp_lsn_parse(row->text, &lsn), row->is_good);
    assert_true(lsn == (row->is_good ? row->lsn : LSN_UNTOUCHED));
    if (!row->is_good)
        return;
    char buf[WP_LSN_TEXT_BYTES];
    assert_ptr_equal(wp_lsn_format(row->lsn, buf), buf);
    assert_string_equal(buf, row->printed ? row->printed : row->text);
}

typedef struct time_case {
    const char *name;
    wp_time time;
    const char *day, *clock; /* NULL: unknown */
} time_case;

static const time_case time_cases[] = {
    { "the epoch", 0, "2000-01-01", "00:00:00.000000" },
    { "one microsecond before it", -1, "1999-12-31", "23:59:59.999999" },
    { "the example of the header", INT64_C(848659685074335), "2026-11-22", "10:48:05.074335" },
    { "leap day of 2000", INT64_C(5097600000000), "2000-02-29", "00:00:00.000000" },
    { "day behind it", INT64_C(5184000000000), "2000-03-01", "00:00:00.000000" },
    { "last day of a leap year", INT64_C(31622399999999), "2000-12-31", "23:59:59.999999" },
    { "first day behind it", INT64_C(31622400000000), "2001-01-01", "00:00:00.000000" },
    { "last of 2003", INT64_C(126230399000000), "2003-12-31", "23:59:59.000000" },
    { "first of 2004", INT64_C(126230400000000), "2004-01-01", "00:00:00.000000" },
    { "2100 has no leap day", INT64_C(3160857600000000), "2100-03-01", "00:00:00.000000" },
    { "the day before", INT64_C(3160771200000000), "2100-02-28", "00:00:00.000000" },
    { "leap day of 1600", INT64_C(-12617683200000000), "1600-02-29", "00:00:00.000000" },
    { "1900 has no leap day", INT64_C(-3150662400000000), "1900-02-28", "00:00:00.000000" },
    { "the day after", INT64_C(-3150576000000000), "1900-03-01", "00:00:00.000000" },
    { "Unix epoch", INT64_C(-946684800000000), "1970-01-01", "00:00:00.000000" },
    { "first of year 1", INT64_C(-63082281600000000), "0001-01-01", "00:00:00.000000" },
    { "one microsecond before it", INT64_C(-63082281600000001), NULL, NULL },
    { "last of 9999", INT64_C(252455615999999999), "9999-12-31", "23:59:59.999999" },
    { "one microsecond behind it", INT64_C(252455616000000000), NULL, NULL },
    { "not known", WP_TIME_UNKNOWN, NULL, NULL },
    { "largest", INT64_MAX, NULL, NULL },
};

static void time_text(void **state)
{
    const time_case *row = *state;
    char buf[WP_TIME_TEXT_BYTES], iso[64] = "unknown", setting[64] = "unknown";
    if (row->day) {
        (void)snprintf(iso, sizeof iso, "%sT%sZ", row->day, row->clock);
        (void)snprintf(setting, sizeof setting, "%s %s+00", row->day, row->clock);
    }
    assert_ptr_equal(wp_time_format(row->time, buf), buf);
    assert_string_equal(buf, iso);
    assert_ptr_equal(wp_time_format_setting(row->time, buf), buf);
    assert_string_equal(buf, setting);
}

typedef struct xid_case {
    const char *name;
    wp_xid a, b;
    bool precedes;
} xid_case;

static const xid_case xid_cases[] = {
    { "smaller", 3, 4, true },
    { "equal", 4, 4, false },
    { "greater", 5, 4, false },
    { "over the wrap", UINT32_MAX, 3, true },
    { "back over the wrap", 3, UINT32_MAX, false },
    { "just under half the circle", 10, 10 + 0x7FFFFFFFu, true },
    { "just over half the circle", 10, 10 + 0x80000001u, false },
    { "half the circle, as the server's int32 difference", 10, 10 + 0x80000000u, true },
};

static void xid_order(void **state)
{
    const xid_case *row = *state;
    assert_int_equal(wp_xid_precedes(row->a, row->b), row->precedes);
}

/* Every value of the enum, so a new one without a name is noticed. */
static const struct status_case {
    const char *name;
    wp_status status;
} status_cases[] = {
    { "ok", WP_OK },
    { "end", WP_END },
    { "out of memory", WP_ERR_NOMEM },
    { "not WAL", WP_ERR_NOT_WAL },
    { "unknown version", WP_ERR_VERSION },
    { "other byte order", WP_ERR_BYTEORDER },
    { "impossible geometry", WP_ERR_GEOMETRY },
    { "damage", WP_ERR_DAMAGE },
    { "limit reached", WP_ERR_LIMIT },
    { "wrong usage", WP_ERR_USAGE },
    { "unknown status", (wp_status)-99 },
};

static void status_names(void **state)
{
    const struct status_case *row = *state;
    assert_string_equal(wp_status_name(row->status), row->name);
}

typedef struct rmgr_case {
    const char *name;
    uint8_t id;
} rmgr_case;

/* As pg_waldump --rmgr=list prints them. */
static const rmgr_case rmgr_cases[] = {
    { "XLOG", 0 },         { "Transaction", 1 },
    { "Storage", 2 },      { "CLOG", 3 },
    { "Database", 4 },     { "Tablespace", 5 },
    { "MultiXact", 6 },    { "RelMap", 7 },
    { "Standby", 8 },      { "Heap2", 9 },
    { "Heap", 10 },        { "Btree", 11 },
    { "Hash", 12 },        { "Gin", 13 },
    { "Gist", 14 },        { "Sequence", 15 },
    { "SPGist", 16 },      { "BRIN", 17 },
    { "CommitTs", 18 },    { "ReplicationOrigin", 19 },
    { "Generic", 20 },     { "LogicalMessage", 21 },
    { "XLOG2", 22 },       { "unknown023", 23 },
    { "unknown127", 127 }, { "custom128", 128 },
    { "custom255", 255 },
};

static void rmgr_names(void **state)
{
    const rmgr_case *row = *state;
    char buf[WP_RMGR_NAME_BYTES];
    assert_ptr_equal(wp_rmgr_name(row->id, buf), buf);
    assert_string_equal(buf, row->name);
}

static void version_is_the_builds(void **state)
{
    (void)state;
    assert_string_equal(wp_version(), WP_VERSION_STRING);
}

int main(void)
{
    const struct CMUnitTest rest[] = { cmocka_unit_test(version_is_the_builds) };
    return RUN_CASES("lsn", lsn_cases, lsn_round_trip) + RUN_CASES("time", time_cases, time_text)
           + RUN_CASES("xid", xid_cases, xid_order)
           + RUN_CASES("status", status_cases, status_names)
           + RUN_CASES("rmgr", rmgr_cases, rmgr_names)
           + cmocka_run_group_tests_name("version", rest, NULL, NULL);
}
