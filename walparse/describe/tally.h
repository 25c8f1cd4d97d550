/*
 * tally.h - what a record adds to statistics.
 */
#ifndef WPI_TALLY_H
#define WPI_TALLY_H

#include "decode/facts.h"
#include "format/record.h"

/* Adds a WP_FACT_TALLY, and one for the images of each further file. WP_ERR_NOMEM. */
wp_status wpi_tally_add(const wpi_record *parts, wp_facts *facts);

#endif
