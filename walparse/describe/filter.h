/*
 * filter.h - records that are wanted, taken apart.
 */
#ifndef WPI_FILTER_H
#define WPI_FILTER_H

#include <walparse/dump.h>

#include "format/record.h"

/*
 * Takes a record apart into *parts where the filter lets it through, which *is_wanted says. One whose block headers contradict its length is not
 * wanted, and is added to the facts as damage. WP_ERR_NOMEM.
 */
wp_status wpi_filter_take(const wp_record_filter *filter, const wp_record *record,
                          wpi_record *parts, bool *is_wanted, wp_facts *facts);

/* Does the filter let records that start there through, if nothing else is against it? */
bool wpi_filter_has_lsn(const wp_record_filter *filter, wp_lsn lsn);

/* The record as WP_FACT_DAMAGE. */
wp_status wpi_filter_damage(const wp_record *record, wp_damage what, wp_facts *facts);

#endif
