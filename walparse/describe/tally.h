/*
 * tally.h - what a record adds to statistics.
 */
#ifndef WPI_TALLY_H
#define WPI_TALLY_H

#include "decode/facts.h"
#include "format/record.h"

/* Why the record has an image of a block that has one. */
wp_image_cause wpi_image_cause(const wpi_record *record, const wpi_block *block);

/* Adds a WP_FACT_TALLY, and one for the images of each further file. WP_ERR_NOMEM. */
wp_status wpi_tally_add(const wpi_record *parts, wp_facts *facts);

#endif
