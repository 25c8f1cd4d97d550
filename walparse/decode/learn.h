/*
 * learn.h - what a sound record tells: nothing, rows to count, or facts.
 */
#ifndef WPI_LEARN_H
#define WPI_LEARN_H

#include <walparse/mapper.h>

#include "decode/decode_heap.h"
#include "decode/dml.h"
#include "decode/shape.h"
#include "format/record.h"

/* Enough of a record to decide what to do with it: header, first block header with its image header. */
#define WPI_HEAD_BYTES 64

typedef struct wpi_learner {
    const wp_profile *profile;
    wpi_catalog_files catalogs;
    uint32_t page_size;
    uint8_t max_align;
    bool skip_dml;
    wpi_builder out;       /* its counts are the learner's own */
    wp_mapper_stats stats; /* over all segments; the mapper counts records in it, too */

    wpi_dml dml;
    wpi_shapes shapes;
    uint16_t told_odd[WP_RMGR_BUILTIN_MAX + 1][WPI_SHAPE_OPS]; /* bits: oddities told of the kind */
    wpi_record record;
    uint8_t image_page[WPI_BLOCK_BYTES_MAX];
} wpi_learner;

/* l is zeroed. False: out of memory. */
bool wpi_learner_init(wpi_learner *l);
void wpi_learner_fini(wpi_learner *l);
/* A segment begins. */
void wpi_learner_reset(wpi_learner *l, const wp_mapper_config *config);
/* Where facts go from here on. */
void wpi_learner_write_to(wpi_learner *l, wp_facts *facts);

/* A whole record. */
void wpi_learn(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *rec, uint32_t len);
/* Must all of a record be at hand to learn from it? len: how much is, WPI_HEAD_BYTES or all of it. */
bool wpi_needs_content(const wpi_learner *l, const uint8_t *head, size_t len);
/* A record whose content was not kept: one that needs it was too long to be, and counts as damage. */
void wpi_learn_head(wpi_learner *l, wp_lsn lsn, wp_lsn end_lsn, const uint8_t *head, size_t len);

#endif
