/*
 * pending.h - transactions that are prepared at the target, and stay prepared after recovery, with their locks.
 *
 * Of others nobody knows whether they are to be committed. The one that the target is to stop before is: COMMIT
 * PREPARED would do in the restored server what recovery was stopped before.
 */
#ifndef PITR_FIND_PENDING_H
#define PITR_FIND_PENDING_H

#include "target/render.h"

/* Is the transaction that was found prepared at the target, and committed later? */
bool pending_is_own(const report *r);

/* What to do with that one, a line for people. Only where it is. */
void pending_explain(const report *r, text *out);

/* All of them. */
void pending_warn(const report *r, text_list *out);

#endif
