/*
 * trial.h - what keeps a trial restore from harming production, and from ending before it was looked at.
 *
 * A copy of a data directory takes itself for the server it was copied from: its port, its archive, its
 * subscriptions. The story and the comments of the settings carry the same list.
 */
#ifndef PITR_FIND_TRIAL_H
#define PITR_FIND_TRIAL_H

#include "target/render.h"

/* What to see to before the first start, one line each. */
void trial_steps(const report *r, text_list *out);

#endif
