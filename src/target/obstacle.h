/*
 * obstacle.h - what keeps a server from the target where restorable.h says no, and what to do about it.
 *
 * Settings that are ready to be copied invite to start a server; before 13 one that cannot get to its target goes
 * into service without a word.
 */
#ifndef PITR_FIND_OBSTACLE_H
#define PITR_FIND_OBSTACLE_H

#include "target/render.h"

/* What is in the way, in one line. Only where the target is not restorable. */
void obstacle_explain(const report *r, text *out);

/* Would a server replay the WAL before that and go into service there, without an error? */
bool obstacle_is_silent(const report *r);

/* What to do before any server is started, one line each. */
void obstacle_steps(const report *r, text_list *out);

#endif
