/*
 * fates.h - what visible.c asks beside how transactions ended.
 */
#ifndef WPI_REDO_FATES_H
#define WPI_REDO_FATES_H

#include <walparse/visible.h>

#include "redo/multixact.h"

/* Forgets by itself what records change. */
wpi_multixacts *wpi_fates_multixacts(wp_fates *fates);

/*
 * Had one transaction ended before the other one, with which it shares no family, began? By the first list of those in progress that the WAL
 * has. False: that is not known.
 */
bool wpi_fates_are_apart(const wp_fates *fates, wp_xid earlier, wp_xid later);

#endif
