/*
 * xact_ends.h - what happens where a transaction ends or is prepared.
 */
#ifndef WPI_XACT_ENDS_H
#define WPI_XACT_ENDS_H

#include "infer/reducer_state.h"

/* COMMIT, ROLLBACK, COMMIT PREPARED, ROLLBACK PREPARED: calls the reducer's callbacks and forgets the transaction. */
void wpi_xact_ends(wp_reducer *reducer, const wp_fact_xact *fact);
/* The header of a COMMIT was the last there is. What its transaction did is known but for subtransactions. */
void wpi_xact_ends_cut(wp_reducer *reducer, const wp_fact_end *fact);
/* PREPARE TRANSACTION: it and its subtransactions wait for COMMIT PREPARED or ROLLBACK PREPARED. */
void wpi_xact_is_prepared(wp_reducer *reducer, const wp_fact_xact *fact);

#endif
