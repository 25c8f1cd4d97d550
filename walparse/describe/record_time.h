/*
 * record_time.h - the time that a record bears.
 */
#ifndef WPI_RECORD_TIME_H
#define WPI_RECORD_TIME_H

#include "format/record.h"

/*
 * When it was written, by the server's clock; of a checkpoint when that began. WP_TIME_UNKNOWN: it bears none, or is too short for it.
 */
wp_time wpi_record_time(const wpi_record *record);

#endif
