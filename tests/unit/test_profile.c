/*
 * test_profile.c - the table of versions: complete, in order, and right where servers can be asked.
 *
 * Offsets of columns were worked out from pg_attribute (attlen, attalign) of servers 10 to 18.
 */
#include <walparse/profile.h>

#include "cases.h"

typedef struct magic_case {
    const char *name; /* of the major */
    uint16_t magic;
} magic_case;

/* Bytes 0 and 1 of segments written by each. */
static const magic_case magic_cases[] = {
    { "9.5", 0xD087 }, { "9.6", 0xD093 }, { "10", 0xD097 }, { "11", 0xD098 },
    { "12", 0xD101 },  { "13", 0xD106 },  { "14", 0xD10D }, { "15", 0xD110 },
    { "16", 0xD113 },  { "17", 0xD116 },  { "18", 0xD118 }, { "19", 0xD121 },
};

static void magic_and_name_agree(void **state)
{
    const magic_case *row = *state;
    const wp_profile *profile = wp_profile_by_magic(row->magic);
    assert_non_null(profile);
    assert_string_equal(profile->major, row->name);
    assert_ptr_equal(wp_profile_by_major(row->name), profile);
    assert_ptr_equal(wp_profile_at((size_t)(row - magic_cases)), profile);
}

typedef struct column_case {
    const char *name;
    size_t at; /* of the column's number in the layout */
    int16_t want[COUNT(magic_cases)];
} column_case;

#define COLUMN(column) #column, offsetof(wp_catalog_layout, column##_at)

// clang-format off
static const column_case column_cases[] = {
    /*                          9.5  9.6   10   11   12   13   14   15   16   17   18   19 */
    { COLUMN(relname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(relnamespace),   {  64,  64,  64,  64,  68,  68,  68,  68,  68,  68,  68,  68 } },
    { COLUMN(relfilenode),    {  84,  84,  84,  84,  88,  88,  88,  88,  88,  88,  88,  88 } },
    { COLUMN(reltablespace),  {  88,  88,  88,  88,  92,  92,  92,  92,  92,  92,  92,  92 } },
    { COLUMN(reltoastrelid),  { 104, 104, 104, 104, 108, 108, 108, 108, 108, 108, 112, 112 } },
    { COLUMN(relpersistence), { 110, 110, 110, 110, 114, 114, 114, 114, 114, 114, 118, 118 } },
    { COLUMN(relkind),        { 111, 111, 111, 111, 115, 115, 115, 115, 115, 115, 119, 119 } },
    { COLUMN(relispartition), {  -1,  -1, 125, 124, 127, 127, 127, 127, 127, 127, 131, 131 } },
    { COLUMN(relrewrite),     {  -1,  -1,  -1, 128, 128, 128, 128, 128, 128, 128, 132, 132 } },
    { COLUMN(nspname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(datname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(dattablespace),  { 220, 220, 220, 220, 224, 224, 224,  92,  92,  92,  92,  92 } },
    { COLUMN(typcategory),    {  76,  76,  76,  76,  80,  80,  80,  80,  80,  80,  80,  80 } },
    { COLUMN(proname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(pronamespace),   {  64,  64,  64,  64,  68,  68,  68,  68,  68,  68,  68,  68 } },
    { COLUMN(prokind),        {  -1,  -1,  -1,  92,  96,  96,  96,  96,  96,  96,  96,  96 } },
    { COLUMN(proisagg),       {  92,  92,  92,  -1,  -1,  -1,  -1,  -1,  -1,  -1,  -1,  -1 } },
    { COLUMN(tgrelid),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(tgparentid),     {  -1,  -1,  -1,  -1,  -1,   8,   8,   8,   8,   8,   8,   8 } },
    { COLUMN(tgname),         {   4,   4,   4,   4,   8,  12,  12,  12,  12,  12,  12,  12 } },
    { COLUMN(tgisinternal),   {  75,  75,  75,  75,  79,  83,  83,  83,  83,  83,  83,  83 } },
    { COLUMN(polname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(polrelid),       {  64,  64,  64,  64,  68,  68,  68,  68,  68,  68,  68,  68 } },
    { COLUMN(conname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(contype),        {  68,  68,  68,  68,  72,  72,  72,  72,  72,  72,  72,  72 } },
    { COLUMN(conrelid),       {  72,  72,  72,  72,  76,  76,  76,  76,  76,  76,  80,  80 } },
    { COLUMN(conindid),       {  80,  80,  80,  80,  84,  84,  84,  84,  84,  84,  88,  88 } },
    { COLUMN(conparentid),    {  -1,  -1,  -1,  84,  88,  88,  88,  88,  88,  88,  92,  92 } },
    { COLUMN(typname),        {   0,   0,   0,   0,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(typnamespace),   {  64,  64,  64,  64,  68,  68,  68,  68,  68,  68,  68,  68 } },
    { COLUMN(typtype),        {  75,  75,  75,  75,  79,  79,  79,  79,  79,  79,  79,  79 } },
    { COLUMN(typrelid),       {  80,  80,  80,  80,  84,  84,  84,  84,  84,  84,  84,  84 } },
    { COLUMN(indrelid),       {   4,   4,   4,   4,   4,   4,   4,   4,   4,   4,   4,   4 } },
    { COLUMN(indislive),      {  18,  18,  18,  20,  20,  20,  20,  21,  21,  21,  21,  21 } },
    { COLUMN(attnum),         {  78,  78,  78,  78,  78,  78,  78,  78,  74,  74,  74,  74 } },
    { COLUMN(attisdropped),   {  97,  97,  98,  99, 100, 100, 101, 101,  95,  95,  91,  91 } },
};
// clang-format on

static void column_offsets(void **state)
{
    const column_case *row = *state;
    for (size_t i = 0; i < COUNT(row->want); i++) {
        int16_t got;
        memcpy(&got, (const char *)&wp_profile_at(i)->catalog + row->at, sizeof got);
        if (got != row->want[i])
            fail_msg("%s: offset %d, not %d", wp_profile_at(i)->major, got, row->want[i]);
    }
}

static void table_is_whole(void **state)
{
    (void)state;
    assert_null(wp_profile_at(COUNT(magic_cases)));
    assert_null(wp_profile_at(SIZE_MAX));
    for (size_t i = 0; wp_profile_at(i); i++) {
        const wp_profile *p = wp_profile_at(i);
        assert_true(i == 0 || wp_profile_at(i - 1)->page_magic < p->page_magic);
        assert_non_null(p->recovery.conf_file);
        assert_non_null(p->recovery.wal_directory);
        /* The gid is either announced or in the header, and statistics have both counts or none. */
        assert_int_equal(p->prepare.gidlen_at < 0, p->prepare.gid_at >= 0);
        assert_int_equal(p->prepare.ncommitstats_at < 0, p->stats_item_bytes == 0);
        assert_int_equal(p->image_apply & (p->image_pglz | p->image_lz4 | p->image_zstd), 0);
        assert_int_not_equal(p->database_drop_op, p->database_wal_log_op);
    }
}

static void unknown_is_refused(void **state)
{
    (void)state;
    assert_null(wp_profile_by_magic(0));
    assert_null(wp_profile_by_magic(0xD07E));
    assert_null(wp_profile_by_magic(0x18D1));
    assert_null(wp_profile_by_major("9.4"));
    assert_null(wp_profile_by_major("20"));
    assert_null(wp_profile_by_major("1"));
    assert_null(wp_profile_by_major("15.18"));
    assert_null(wp_profile_by_major(""));
}

static void server_versions_name_majors(void **state)
{
    (void)state;
    assert_ptr_equal(wp_profile_by_server_version(90525), wp_profile_by_major("9.5"));
    assert_ptr_equal(wp_profile_by_server_version(90624), wp_profile_by_major("9.6"));
    assert_ptr_equal(wp_profile_by_server_version(100023), wp_profile_by_major("10"));
    assert_ptr_equal(wp_profile_by_server_version(180004), wp_profile_by_major("18"));
    assert_null(wp_profile_by_server_version(90426));
    assert_ptr_equal(wp_profile_by_server_version(190000), wp_profile_by_major("19"));
    assert_null(wp_profile_by_server_version(200000));
    assert_null(wp_profile_by_server_version(0));
    assert_null(wp_profile_by_server_version(-1));
}

typedef struct cache_case {
    const char *name;
    wp_watched which;
    uint8_t want[COUNT(magic_cases)];
} cache_case;

/*
 * Read off the commits of servers: a message about a row with an oid carries the hash of that oid, and the cache
 * where the hashes of all rows made or dropped are is the catalog's. Attributes have no oid: there it is the cache
 * that is named when they were changed, and never else.
 */
// clang-format off
static const cache_case cache_cases[] = {
    /*                                         9.5 9.6  10  11  12  13  14  15  16  17  18  19 */
    { "pg_class",      WP_WATCHED_CLASS,      { 54, 45, 50, 50, 50, 50, 51, 55, 55, 55, 57, 65 } },
    { "pg_attribute",  WP_WATCHED_ATTRIBUTE,  {  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7 } },
    { "pg_type",       WP_WATCHED_TYPE,       { 72, 63, 74, 74, 75, 75, 76, 80, 80, 80, 82, 90 } },
    { "pg_proc",       WP_WATCHED_PROC,       { 51, 42, 43, 43, 43, 43, 43, 45, 45, 45, 47, 47 } },
    { "pg_namespace",  WP_WATCHED_NAMESPACE,  { 36, 36, 36, 36, 36, 36, 36, 36, 36, 36, 38, 38 } },
    { "pg_constraint", WP_WATCHED_CONSTRAINT, { 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19, 19 } },
    { "pg_authid",     WP_WATCHED_AUTHID,     { 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11 } },
    { "pg_depend",     WP_WATCHED_DEPEND,     {  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0 } },
};
// clang-format on

static void cache_numbers(void **state)
{
    const cache_case *row = *state;
    for (size_t i = 0; i < COUNT(magic_cases); i++)
        assert_int_equal(wp_profile_at(i)->caches[row->which], row->want[i]);
}

int main(void)
{
    const struct CMUnitTest rest[] = { cmocka_unit_test(table_is_whole),
                                       cmocka_unit_test(unknown_is_refused),
                                       cmocka_unit_test(server_versions_name_majors) };
    return RUN_CASES("magic", magic_cases, magic_and_name_agree)
           + RUN_CASES("column", column_cases, column_offsets)
           + RUN_CASES("cache", cache_cases, cache_numbers)
           + cmocka_run_group_tests_name("table", rest, NULL, NULL);
}
