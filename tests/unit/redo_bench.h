/*
 * redo_bench.h - a redo with a backup of a few blocks in memory, and records for it.
 */
#ifndef TEST_REDO_BENCH_H
#define TEST_REDO_BENCH_H

#include <walparse/redo.h>

#include "hex.h"
#include "redo/page.h"
#include "wal_builder.h"

#include "cases.h"

#define BENCH_BLOCKS 200
#define BENCH_BYTES 8192u

typedef struct bench {
    wal_builder *w;
    wp_redo *redo;
    wp_redo_config config;
    uint32_t in_backup; /* blocks */
    uint8_t backup[BENCH_BLOCKS][BENCH_BYTES];
    uint8_t scratch[BENCH_BLOCKS][BENCH_BYTES];
    wp_status scratch_fails; /* 0: it does not */
    wp_lsn lsn;              /* of the record before the next one */
    wp_lsn prev;             /* what the next one has as xl_prev */
    unsigned reads;          /* of the backup */
} bench;

static const wp_locator bench_file = { 1663, 5, 16384 };

static inline wp_status bench_read_backup(void *context, const wp_locator *file, uint32_t block,
                                          uint8_t *page)
{
    bench *b = context;
    assert_int_equal(file->rel, bench_file.rel);
    if (block >= b->in_backup)
        return WP_END;
    b->reads++;
    memcpy(page, b->backup[block], BENCH_BYTES);
    return WP_OK;
}

static inline wp_status bench_write_scratch(void *context, uint64_t slot, const uint8_t *page)
{
    bench *b = context;
    assert_true(slot < BENCH_BLOCKS);
    memcpy(b->scratch[slot], page, BENCH_BYTES);
    return b->scratch_fails;
}

static inline wp_status bench_read_scratch(void *context, uint64_t slot, uint8_t *page)
{
    bench *b = context;
    assert_true(slot < BENCH_BLOCKS);
    memcpy(page, b->scratch[slot], BENCH_BYTES);
    return b->scratch_fails;
}

static inline bool bench_wants(void *context, const wp_locator *file)
{
    (void)context;
    return file->rel == bench_file.rel;
}

/* Its redo is made by bench_start(), so that the config may be changed before. */
static inline bench *bench_new(const char *major)
{
    bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->w = wal_new(major);
    b->lsn = 0x1000000;
    b->config = (wp_redo_config){ .profile = wal_profile(b->w),
                                  .max_align = 8,
                                  .block_bytes = BENCH_BYTES,
                                  .memory_bytes = 1 << 20,
                                  .wants = bench_wants,
                                  .read_backup = bench_read_backup,
                                  .write_scratch = bench_write_scratch,
                                  .read_scratch = bench_read_scratch,
                                  .context = b };
    return b;
}

static inline void bench_start(bench *b)
{
    wp_error err;
    assert_int_equal(wp_redo_new(&b->config, &b->redo, &err), WP_OK);
}

static inline void bench_free(bench *b)
{
    wp_redo_free(b->redo);
    wal_free(b->w);
    free(b);
}

static inline wpi_redo_page bench_page(bench *b, uint32_t block)
{
    return (wpi_redo_page){ b->backup[block], BENCH_BYTES, 8 };
}

/* Applies a record at the next LSN. */
static inline wp_status bench_apply(bench *b, const wal_record *record)
{
    blob bytes = wal_record_bytes(b->w, record, b->prev);
    uint8_t *exact = malloc(bytes.len); /* for the sanitizer */
    assert_non_null(exact);
    memcpy(exact, bytes.at, bytes.len);
    b->lsn += 0x10000;
    b->prev = b->lsn;
    const wp_record whole = { .profile = b->config.profile,
                              .lsn = b->lsn,
                              .end_lsn = b->lsn + ((bytes.len + 7) & ~7UL),
                              .max_align = 8,
                              .bytes = { exact, bytes.len } };
    wp_error err;
    const wp_status status = wp_redo_record(b->redo, &whole, &err);
    free(exact);
    blob_free(&bytes);
    return status;
}

static inline wp_page bench_see(bench *b, uint32_t block)
{
    wp_page page;
    wp_error err;
    assert_int_equal(wp_redo_page(b->redo, &bench_file, block, &page, &err), WP_OK);
    return page;
}

#endif
