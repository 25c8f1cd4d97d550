/*
 * fates.h - what visible.c asks beside how transactions ended.
 */
#ifndef WPI_REDO_FATES_H
#define WPI_REDO_FATES_H

#include <walparse/visible.h>

#include "redo/multixact.h"

/* Forgets by itself what records change. */
wpi_multixacts *wpi_fates_multixacts(wp_fates *fates);

#endif
