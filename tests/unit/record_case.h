/*
 * record_case.h - rows that say what a whole record is put as, whatever the format.
 */
#ifndef TEST_RECORD_CASE_H
#define TEST_RECORD_CASE_H

#include "describe/describe.h"
#include "hex.h"

#include "cases.h"

/* Of a wpi_record, what rows have in members of these names; main_data: a blob. */
#define RECORD_OF(row, main_data)                                                           \
    .profile = wp_profile_by_major((row)->major), .rmid = (row)->rmid, .info = (row)->info, \
    .xid = (row)->xid, .lsn = (row)->lsn, .prev = (row)->prev, .total_bytes = (row)->total, \
    .max_align = 8, .main = view_of(&(main_data)), .nblocks = (row)->nblocks

/* want NULL: the record is refused. */
static inline void check_put(bool (*put)(const wpi_record *, wpi_text *), const wpi_record *record,
                             const char *want)
{
    const wp_dump pages = { .block_size = 8192 };
    wpi_text text = { .dump = &pages };
    assert_int_equal(put(record, &text), want != NULL);
    wpi_put_char(&text, '\0');
    if (want)
        assert_string_equal(text.start, want);
    free(text.start);
}

#endif
