/*
 * each_record.h - WAL of a builder read through, with a function that is called for each record.
 */
#ifndef TEST_EACH_RECORD_H
#define TEST_EACH_RECORD_H

#include <walparse/mapper.h>

#include "wal_builder.h"

#include "cases.h"

/* Adds to facts what the walk tells, and what on_record adds. */
static inline void read_each_record(wal_builder *w,
                                    bool (*on_record)(void *context, const wp_record *record,
                                                      wp_facts *facts),
                                    void *context, wp_facts *facts)
{
    wp_error err;
    const wp_mapper_config config = { .segment = wal_info(w, 0),
                                      .on_record = on_record,
                                      .context = context };
    wp_mapper *mapper = NULL;
    assert_int_equal(wp_mapper_new(&config, &mapper, &err), WP_OK);
    for (size_t i = 0; i < wal_segments(w) && !wp_mapper_is_done(mapper); i++)
        assert_true(wp_mapper_feed(mapper, wal_segment(w, i), facts, &err) >= 0);
    assert_int_equal(wp_mapper_finish(mapper, facts, &err), WP_OK);
    wp_mapper_free(mapper);
}

#endif
