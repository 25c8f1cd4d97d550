/*
 * warnings.h - what should be known about recovering to a target, one line each.
 */
#ifndef PITR_FIND_WARNINGS_H
#define PITR_FIND_WARNINGS_H

#include "target/render.h"

/* About recovering to the target. */
void warnings_of_target(const report *r, text_list *out);

/* Those of them that say why a target is not exact. */
void warnings_of_inexact(const report *r, text_list *out);

#endif
