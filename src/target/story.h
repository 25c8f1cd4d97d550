/*
 * story.h - tells people on stderr what was found and what a restore to the target means.
 */
#ifndef PITR_FIND_STORY_H
#define PITR_FIND_STORY_H

#include "target/render.h"
#include "target/write_settings.h"

void story_found(const report *r);

/* What --write has done. */
void story_written(const report *r, const write_plan *plan);

#endif
