/*
 * needs.h - the settings that WAL and a backup demand of the server that recovers.
 */
#ifndef PITR_FIND_NEEDS_H
#define PITR_FIND_NEEDS_H

#include <walparse/walparse.h>

/* Raises the settings that recovery needs to what a server's pg_control says. */
void needs_lift(int32_t needs[WP_LIMITS], const wp_control_settings *found);

#endif
