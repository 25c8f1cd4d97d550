/*
 * story.h - tells people on stderr what was found and what a restore to the target means.
 */
#ifndef PITR_FIND_STORY_H
#define PITR_FIND_STORY_H

#include "command/target/render.h"
#include "command/target/write_settings.h"

void tell_found(const report *r);

/* What --write has done. */
void tell_written(const report *r, const settle_plan *plan);

/* Which zone times without an offset were read in. */
void tell_zones(const options *o);

#endif
